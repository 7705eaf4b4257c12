//! What a text holds, as `serde_json` reads it: level by level, from the outermost. Shares nothing with the reader but the
//! names of its faults.

extern crate std;

use std::collections::BTreeSet;
use std::fmt;
use std::format;
use std::string::String;
use std::vec::Vec;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Fault;

/// A JSON value.
#[derive(Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Fraction,
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// A fault and its path.
pub type Refused = (Fault, String);

/// Reads one JSON object.
pub fn read(request: &[u8]) -> Result<Value, Refused> {
    let refused = |fault| (fault, String::new());
    if request.len() > 1_048_576 {
        return Err(refused(Fault::RequestTooLarge));
    }
    let text = std::str::from_utf8(request).map_err(|_| refused(Fault::NotJson))?;
    if text.starts_with('\u{feff}') {
        return Err(refused(Fault::ByteOrderMark));
    }
    let raw: &RawValue = serde_json::from_str(text).map_err(|_| refused(Fault::NotJson))?;
    if raw.get().starts_with('{') { value(raw, None, 32) } else { Err(refused(Fault::NotAnObject)) }
}

fn value(raw: &RawValue, path: Option<&str>, levels_left: u8) -> Result<Value, Refused> {
    let text = raw.get();
    let unreadable = |_| (Fault::NotJson, String::new());
    let inside = match levels_left.checked_sub(1) {
        None if text.starts_with(['{', '[']) => return Err((Fault::TooDeep, String::new())),
        left => left.unwrap_or_default(),
    };
    match text.as_bytes().first() {
        Some(b'{') => {
            let Entries(entries) = serde_json::from_str(text).map_err(unreadable)?;
            // The request itself has no path; the value under an empty key has an empty one.
            let of = |key: &str| path.map_or_else(|| String::from(key), |path| format!("{path}.{key}"));
            let (mut seen, mut twice) = (BTreeSet::new(), BTreeSet::new());
            for (key, _) in &entries {
                if !seen.insert(key) {
                    twice.insert(key);
                }
            }
            if let Some(key) = twice.first() {
                return Err((Fault::DuplicateKey, of(key)));
            }
            let entries = entries.iter().map(|(key, raw)| Ok((key.clone(), value(raw, Some(&of(key)), inside)?)));
            Ok(Value::Object(entries.collect::<Result<_, _>>()?))
        }
        Some(b'[') => {
            let entries: Vec<&RawValue> = serde_json::from_str(text).map_err(unreadable)?;
            let of = |index| format!("{}[{index}]", path.unwrap_or_default());
            let entries = entries.iter().enumerate().map(|(index, raw)| value(raw, Some(&of(index)), inside));
            Ok(Value::List(entries.collect::<Result<_, _>>()?))
        }
        Some(b'"') => serde_json::from_str(text).map(Value::Text).map_err(unreadable),
        Some(b'n') => Ok(Value::Null),
        Some(b't') => Ok(Value::Bool(true)),
        Some(b'f') => Ok(Value::Bool(false)),
        _ if text.contains(['.', 'e', 'E']) => Ok(Value::Fraction),
        _ => Ok(Value::Integer(text.parse().unwrap_or(if text.starts_with('-') { i128::MIN } else { i128::MAX }))),
    }
}

/// The entries of an object in written order, repeated keys included.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}
