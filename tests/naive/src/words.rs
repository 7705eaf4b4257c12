//! Numbers as people in Indonesia write and read them.
//!
//! Reading goes by writing: a text is good when it is exactly what would be
//! written for the number that its digits spell.

use crate::fields::{Answer, Fields, Int, LIMIT, int, out, refuse};
use serde_json::{Value, json};

/// What a request asks: a number to write, or a text to read.
enum Asked<'a> {
    Write(&'a Value),
    Read(&'a str),
}

fn asked<'a>(input: &'a Value, number: &str) -> Answer<Asked<'a>> {
    let fields = Fields::open(input, &[number, "text"])?;
    match (fields.get(number), fields.text_if("text")?) {
        (Some(_), Some(_)) => refuse("bad_config"),
        (Some(value), None) => Ok(Asked::Write(value)),
        (None, Some(text)) => Ok(Asked::Read(text)),
        (None, None) => refuse("missing_field"),
    }
}

/// Digits in groups of three, parted by points.
fn grouped(n: &Int) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// A whole part in letters, and after a comma the decimals without the zeros
/// at their end.
fn with_decimals(whole: String, rest: &Int, places: usize) -> String {
    let decimals = format!("{:0>places$}", rest.to_string());
    match decimals.trim_end_matches('0') {
        "" => whole,
        decimals => format!("{whole},{decimals}"),
    }
}

fn write_rupiah(n: &Int) -> String {
    if *n < int(0) { format!("-Rp{}", grouped(&-n)) } else { format!("Rp{}", grouped(n)) }
}

fn write_points(milli: &Int) -> String {
    if *milli < int(0) {
        return format!("-{}", write_points(&-milli));
    }
    format!("{} poin", with_decimals(grouped(&(milli / int(1000))), &(milli % int(1000)), 3))
}

fn write_rate(bp: &Int) -> String {
    format!("{}%", with_decimals((bp / int(100)).to_string(), &(bp % int(100)), 2))
}

/// The number whose digits stand in a text, with its decimals filled up to
/// `places`; whatever else stands there is judged by writing it again.
fn spelled(text: &str, places: usize) -> Answer<Int> {
    let (whole, decimals) = text.split_once(',').unwrap_or((text, ""));
    let only_digits = |part: &str| part.chars().filter(char::is_ascii_digit).collect::<String>();
    let decimals = only_digits(decimals);
    if decimals.len() > places {
        return refuse("bad_text");
    }
    let digits = format!("{}{decimals:0<places$}", only_digits(whole));
    let Ok(size) = digits.parse::<Int>() else {
        return refuse("bad_text");
    };
    Ok(if text.starts_with('-') { -size } else { size })
}

/// One of the three: its number's field, how it is written, how many decimals
/// it has and how far it goes.
fn answer(input: &Value, field: &str, write: fn(&Int) -> String, places: usize, least: i64, most: i64) -> Answer<Value> {
    match asked(input, field)? {
        Asked::Write(value) => {
            let n = crate::fields::between(value, least, most)?;
            Ok(json!({ "text": write(&n) }))
        }
        Asked::Read(text) => {
            let n = spelled(text, places)?;
            if write(&n) != text {
                return refuse("bad_text");
            }
            if n < int(least) || n > int(most) {
                return refuse("out_of_range");
            }
            Ok(json!({ field: out(&n)? }))
        }
    }
}

pub fn rupiah(input: &Value) -> Answer<Value> {
    answer(input, "value", write_rupiah, 0, -LIMIT, LIMIT)
}

pub fn points(input: &Value) -> Answer<Value> {
    answer(input, "points_milli", write_points, 3, -LIMIT, LIMIT)
}

pub fn rate(input: &Value) -> Answer<Value> {
    // "-1%" spells −1, whose writing must not be mistaken for it.
    if let Ok(Asked::Read(text)) = asked(input, "rate_bp") {
        if text.starts_with('-') {
            return refuse("bad_text");
        }
    }
    answer(input, "rate_bp", write_rate, 2, 0, 10_000)
}
