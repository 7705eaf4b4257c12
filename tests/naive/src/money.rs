//! Money, rates in text, and points (CV-1 … CV-4, VC-1).

use crate::fields::{Answer, Fields, Fraction, Int, fraction, int, out, refuse};
use serde_json::{Value, json};

/// How a value is rounded (CV-4).
#[derive(Clone, PartialEq)]
pub struct Rounding {
    pub unit: Int,
    pub mode: &'static str,
}

/// The modes of a rounding, in the order of the rule.
pub const MODES: [&str; 4] = ["down", "up", "half_up", "half_even"];

/// Reads `unit` and `mode`, wherever they stand.
pub fn read_rounding(fields: &Fields) -> Answer<Rounding> {
    let unit = fields.natural_or("unit", 1)?;
    if ![1, 10, 50, 100, 500, 1000].map(int).contains(&unit) {
        return refuse("bad_config");
    }
    let mode = fields.word_or("mode", &MODES, "down")?;
    Ok(Rounding { unit, mode })
}

/// Reads a rounding object; without one, down to the rupiah.
pub fn read_rounding_object(value: Option<&Value>) -> Answer<Rounding> {
    match value {
        Some(value) => read_rounding(&Fields::open(value, &["unit", "mode"])?),
        None => Ok(Rounding { unit: int(1), mode: "down" }),
    }
}

/// CV-4: amount × rate, rounded once; a negative amount mirrors the positive.
pub fn value_of(amount: &Int, rate_bp: &Int, rounding: &Rounding) -> Int {
    if *amount < int(0) {
        return -value_of(&-amount, rate_bp, rounding);
    }
    let in_units = Fraction::new(amount * rate_bp, int(10_000) * &rounding.unit);
    let below = in_units.floor().to_integer();
    let rest = in_units - fraction(&below);
    let units = if raises(rounding.mode, &below, &rest) { below + int(1) } else { below };
    units * &rounding.unit
}

/// Whether a mode takes whole units and a rest below one to the next unit.
pub fn raises(mode: &str, units: &Int, rest: &Fraction) -> bool {
    let half = Fraction::new(int(1), int(2));
    let is_odd = units % int(2) == int(1);
    match mode {
        "down" => false,
        "up" => *rest > fraction(&int(0)),
        "half_up" => *rest >= half,
        "half_even" => *rest > half || (*rest == half && is_odd),
        _ => panic!("no mode: {mode}"),
    }
}

pub fn apply_rate(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["amount", "rate_bp", "unit", "mode"])?;
    let amount = fields.signed("amount")?;
    let rate_bp = fields.rate("rate_bp")?;
    let rounding = read_rounding(&fields)?;
    Ok(json!({ "value": out(&value_of(&amount, &rate_bp, &rounding))? }))
}

/// CV-2: digits, perhaps a point with one or two digits, a percent sign.
pub fn percent(text: &str) -> Answer<Int> {
    let Some(number) = text.strip_suffix('%') else {
        return refuse("bad_rate");
    };
    let (whole, decimals) = match number.split_once('.') {
        Some((whole, decimals)) => {
            if decimals.is_empty() || decimals.len() > 2 {
                return refuse("bad_rate");
            }
            (whole, decimals)
        }
        None => (number, ""),
    };
    if whole.is_empty() {
        return refuse("bad_rate");
    }
    for letter in whole.chars().chain(decimals.chars()) {
        if !letter.is_ascii_digit() {
            return refuse("bad_rate");
        }
    }
    let digits = format!("{whole}{decimals:0<2}");
    let basis_points: Int = digits.parse().expect("only digits");
    if basis_points > int(10_000) {
        return refuse("out_of_range");
    }
    Ok(basis_points)
}

pub fn rate_parse(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["text"])?;
    Ok(json!({ "rate_bp": out(&percent(fields.text("text")?)?)? }))
}

/// VC-1: what a value is in thousandths of a point, toward zero.
pub fn points_milli(value: &Int, point_value: &Int) -> Int {
    Fraction::new(value * int(1000), point_value.clone()).trunc().to_integer()
}

/// VC-1: what points are worth, toward zero.
pub fn value_of_points(milli: &Int, point_value: &Int) -> Int {
    Fraction::new(milli * point_value, int(1000)).trunc().to_integer()
}

pub fn points_from_value(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["value", "point_value"])?;
    let value = fields.signed("value")?;
    let point_value = fields.divisor_or("point_value", 1000)?;
    Ok(json!({ "points_milli": out(&points_milli(&value, &point_value))? }))
}

pub fn points_to_value(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["points_milli", "point_value"])?;
    let points = fields.signed("points_milli")?;
    let point_value = fields.divisor_or("point_value", 1000)?;
    let value = Fraction::new(points * point_value, int(1000)).trunc().to_integer();
    Ok(json!({ "value": out(&value)? }))
}
