//! The stopwatch: lucky digit, claims and the hardened draw (section 4).

use crate::fields::{Answer, Fields, Fraction, Int, fraction, int, out, refuse};
use crate::sha256::{hex, hmac, sha256};
use crate::time::{read_moment, toward_zero};
use serde_json::{Value, json};

pub fn lucky_digit(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["stopped_at"])?;
    let stopped = read_moment(fields.text("stopped_at")?)?;
    // SW-2: the last digit of the second, so 60 gives 0.
    Ok(json!({ "digit": stopped.second % 10 }))
}

/// What a claim comes to (SW-4).
pub struct Claim {
    /// `None` when accepted.
    pub refusal: Option<&'static str>,
    pub difference_ms: Int,
    pub digit: usize,
}

/// Judges the three fields of a claim under a tolerance.
pub fn judge(fields: &Fields, tolerance_ms: &Int) -> Answer<Claim> {
    let started = read_moment(fields.text("started_at")?)?;
    let countdown = fields.signed("countdown_s")?;
    let stopped = read_moment(fields.text("stopped_at")?)?;
    let difference = stopped.instant() - started.instant() - fraction(&countdown);
    let size = if difference < fraction(&int(0)) { -&difference } else { difference.clone() };
    let tolerance = Fraction::new(tolerance_ms.clone(), int(1000));
    let refusal = if countdown < int(15) || countdown > int(25) {
        Some("countdown_out_of_range")
    } else if size > tolerance {
        Some("claim_mismatch")
    } else {
        None
    };
    Ok(Claim { refusal, difference_ms: toward_zero(&(difference * fraction(&int(1000)))), digit: (stopped.second % 10) as usize })
}

pub fn claim(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["started_at", "countdown_s", "stopped_at", "tolerance_ms"])?;
    let tolerance = fields.natural_or("tolerance_ms", 1000)?;
    let claim = judge(&fields, &tolerance)?;
    let accepted = claim.refusal.is_none();
    Ok(json!({
        "accepted": accepted,
        "reason": claim.refusal.unwrap_or("accepted"),
        "difference_ms": out(&claim.difference_ms)?,
        "digit": if accepted { json!(claim.digit) } else { Value::Null },
    }))
}

fn read_key(text: &str) -> Answer<Vec<u8>> {
    if text.len() % 2 != 0 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return refuse("bad_config");
    }
    let mut key = Vec::new();
    for start in (0..text.len()).step_by(2) {
        key.push(u8::from_str_radix(&text[start..start + 2], 16).expect("two hex digits"));
    }
    if key.len() < 16 {
        return refuse("bad_config");
    }
    Ok(key)
}

/// SW-6: the first byte below 250 of a keyed stream, modulo 10.
pub fn draw(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["key_hex", "receipt", "shop", "nonce"])?;
    let key = read_key(fields.text("key_hex")?)?;
    let mut parts = vec![fields.text("receipt")?, fields.text("shop")?];
    if let Some(nonce) = fields.text_if("nonce")? {
        parts.push(nonce);
    }
    let mut message = Vec::new();
    for part in parts {
        message.extend_from_slice(&(part.len() as u32).to_be_bytes());
        message.extend_from_slice(part.as_bytes());
    }
    let mut counter: u32 = 0;
    loop {
        let mut block = message.clone();
        block.extend_from_slice(&counter.to_be_bytes());
        for byte in hmac(&key, &block) {
            if byte < 250 {
                return Ok(json!({ "digit": byte % 10, "commitment": hex(&sha256(&key)) }));
            }
        }
        counter += 1;
    }
}
