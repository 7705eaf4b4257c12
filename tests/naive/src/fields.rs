//! Reading the fields of a request.

use num_bigint::BigInt;
use num_rational::Ratio;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A whole number of any size.
pub type Int = BigInt;
/// An exact fraction.
pub type Fraction = Ratio<BigInt>;
/// A result, or the kind of the refusal.
pub type Answer<T> = Result<T, String>;

/// The largest magnitude of any number at the interface (CV-1).
pub const LIMIT: i64 = 9_007_199_254_740_991;

pub fn refuse<T>(kind: &str) -> Answer<T> {
    Err(kind.to_string())
}

pub fn int(n: i64) -> Int {
    Int::from(n)
}

pub fn fraction(n: &Int) -> Fraction {
    Fraction::from_integer(n.clone())
}

/// A result for the answer; one that leaves the domain is refused (CV-1).
pub fn out(n: &Int) -> Answer<Value> {
    if *n < int(-LIMIT) || *n > int(LIMIT) {
        return refuse("out_of_range");
    }
    let small = i64::try_from(n.clone()).expect("inside 53 bits");
    Ok(Value::from(small))
}

/// Several results for the answer.
pub fn out_list(numbers: &[Int]) -> Answer<Value> {
    let mut list = Vec::new();
    for n in numbers {
        list.push(out(n)?);
    }
    Ok(Value::Array(list))
}

/// One object of a request. `null` counts as an absent field.
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// Opens an object that may hold only the `known` fields.
    pub fn open(value: &'a Value, known: &[&str]) -> Answer<Self> {
        let Some(map) = value.as_object() else {
            return refuse("bad_type");
        };
        for key in map.keys() {
            if !known.contains(&key.as_str()) {
                return refuse("unknown_field");
            }
        }
        Ok(Self { map })
    }

    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn need(&self, name: &str) -> Answer<&'a Value> {
        self.get(name).ok_or_else(|| "missing_field".to_string())
    }

    /// A number of either sign.
    pub fn signed(&self, name: &str) -> Answer<Int> {
        number(self.need(name)?)
    }

    /// A number that must not be negative.
    pub fn natural(&self, name: &str) -> Answer<Int> {
        natural(self.need(name)?)
    }

    /// A number of at least one.
    pub fn positive(&self, name: &str) -> Answer<Int> {
        between(self.need(name)?, 1, LIMIT)
    }

    pub fn natural_or(&self, name: &str, default: i64) -> Answer<Int> {
        match self.get(name) {
            Some(value) => natural(value),
            None => Ok(int(default)),
        }
    }

    pub fn natural_if(&self, name: &str) -> Answer<Option<Int>> {
        self.get(name).map(natural).transpose()
    }

    pub fn rate(&self, name: &str) -> Answer<Int> {
        rate(self.need(name)?)
    }

    pub fn rate_or(&self, name: &str, default: i64) -> Answer<Int> {
        match self.get(name) {
            Some(value) => rate(value),
            None => Ok(int(default)),
        }
    }

    pub fn flag_or(&self, name: &str, default: bool) -> Answer<bool> {
        match self.get(name) {
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => refuse("bad_type"),
            None => Ok(default),
        }
    }

    pub fn text(&self, name: &str) -> Answer<&'a str> {
        text(self.need(name)?)
    }

    pub fn text_if(&self, name: &str) -> Answer<Option<&'a str>> {
        self.get(name).map(text).transpose()
    }

    /// A word out of a list; any other word is `bad_config`.
    pub fn word_or(&self, name: &str, words: &[&'static str], default: &'static str) -> Answer<&'static str> {
        let Some(given) = self.text_if(name)? else {
            return Ok(default);
        };
        for word in words {
            if *word == given {
                return Ok(word);
            }
        }
        refuse("bad_config")
    }

    /// A text whose length in bytes is 1 to `longest`.
    pub fn label_if(&self, name: &str, longest: usize) -> Answer<Option<&'a str>> {
        self.get(name).map(|value| label(value, longest)).transpose()
    }

    pub fn list(&self, name: &str) -> Answer<&'a Vec<Value>> {
        list(self.need(name)?)
    }

    pub fn list_if(&self, name: &str) -> Answer<Option<&'a Vec<Value>>> {
        self.get(name).map(list).transpose()
    }

    /// An object of names and amounts that are not negative.
    pub fn amounts(&self, name: &str) -> Answer<BTreeMap<String, Int>> {
        let Some(map) = self.need(name)?.as_object() else {
            return refuse("bad_type");
        };
        let mut amounts = BTreeMap::new();
        for (name, amount) in map {
            if amount.is_null() {
                return refuse("missing_field");
            }
            amounts.insert(name.clone(), natural(amount)?);
        }
        Ok(amounts)
    }

    /// A divisor: zero is a setting nobody can mean.
    pub fn divisor_or(&self, name: &str, default: i64) -> Answer<Int> {
        let number = self.natural_or(name, default)?;
        if number == int(0) {
            return refuse("bad_config");
        }
        Ok(number)
    }
}

pub fn number(value: &Value) -> Answer<Int> {
    let Value::Number(written) = value else {
        return refuse("bad_type");
    };
    let whole = if let Some(n) = written.as_i64() {
        Int::from(n)
    } else if let Some(n) = written.as_u64() {
        Int::from(n)
    } else {
        return refuse("bad_type");
    };
    if whole < int(-LIMIT) || whole > int(LIMIT) {
        return refuse("out_of_range");
    }
    Ok(whole)
}

pub fn natural(value: &Value) -> Answer<Int> {
    between(value, 0, LIMIT)
}

/// CV-2: a rate is 0 to 100 %.
pub fn rate(value: &Value) -> Answer<Int> {
    between(value, 0, 10_000)
}

pub fn between(value: &Value, least: i64, most: i64) -> Answer<Int> {
    let n = number(value)?;
    if n < int(least) || n > int(most) {
        return refuse("out_of_range");
    }
    Ok(n)
}

pub fn text(value: &Value) -> Answer<&str> {
    value.as_str().ok_or_else(|| "bad_type".to_string())
}

pub fn label(value: &Value, longest: usize) -> Answer<&str> {
    let given = text(value)?;
    if given.is_empty() || given.len() > longest {
        return refuse("bad_config");
    }
    Ok(given)
}

pub fn list(value: &Value) -> Answer<&Vec<Value>> {
    value.as_array().ok_or_else(|| "bad_type".to_string())
}
