//! The stopwatch: lucky digit, claims and the hardened draw (section 4).

use crate::fields::{Answer, Fields, Fraction, Int, between, fraction, int, natural, out, refuse, text};
use crate::sha256::{hex, hmac, sha256};
use crate::tables::small;
use crate::time::{Moment, read_date, read_moment, toward_zero};
use serde_json::{Value, json};

pub fn lucky_digit(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["stopped_at"])?;
    let stopped = read_moment(fields.text("stopped_at")?)?;
    // SW-2: the last digit of the second, so 60 gives 0.
    Ok(json!({ "digit": stopped.second % 10 }))
}

/// What a claim comes to (SW-4).
#[derive(Clone)]
pub struct Claim {
    /// `None` when accepted.
    pub refusal: Option<&'static str>,
    pub difference_ms: Int,
    pub digit: usize,
    pub stopped: Moment,
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
    Ok(Claim { refusal, difference_ms: toward_zero(&(difference * fraction(&int(1000)))), digit: (stopped.second % 10) as usize, stopped })
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
    if key.len() < 16 || key.len() > 64 {
        return refuse("bad_config");
    }
    Ok(key)
}

/// SW-6: the first byte below 250 of a keyed stream, modulo 10.
pub fn draw(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["key_hex", "receipt", "shop", "nonce"])?;
    let key = read_key(fields.text("key_hex")?)?;
    let digit = drawn(&key, fields.text("receipt")?, fields.text("shop")?, fields.text_if("nonce")?);
    Ok(json!({ "digit": digit, "commitment": hex(&sha256(&key)) }))
}

fn drawn(key: &[u8], receipt: &str, shop: &str, nonce: Option<&str>) -> usize {
    let mut parts = vec![receipt, shop];
    parts.extend(nonce);
    let mut message = Vec::new();
    for part in parts {
        message.extend_from_slice(&(part.len() as u32).to_be_bytes());
        message.extend_from_slice(part.as_bytes());
    }
    let mut counter: u32 = 0;
    loop {
        let mut block = message.clone();
        block.extend_from_slice(&counter.to_be_bytes());
        for byte in hmac(key, &block) {
            if byte < 250 {
                return usize::from(byte % 10);
            }
        }
        counter += 1;
    }
}

/// Who promised what: the commitment's own shop, day and key, as bytes.
fn read_identity<'a>(fields: &Fields<'a>) -> Answer<[&'a str; 3]> {
    let day = fields.text("day")?;
    read_date(day)?;
    Ok([fields.text("shop")?, day, fields.text("key_id")?])
}

/// SW-6, commit and reveal: a day's draws repeated with the revealed key.
pub fn verify(input: &Value) -> Answer<Value> {
    let input = &crate::program::without_program(input, &[("key_id", "/draw/key_id", None)])?;
    let fields = Fields::open(input, &["published", "key_hex", "shop", "day", "key_id", "draws", "receipts"])?;
    let published = Fields::open(fields.need("published")?, &["commitment", "shop", "day", "key_id"])?;
    let commitment = published.text("commitment")?;
    if commitment.len() != 64 || !commitment.bytes().all(|b| b.is_ascii_hexdigit()) {
        return refuse("bad_config");
    }
    let promised = read_identity(&published)?;
    let key = read_key(fields.text("key_hex")?)?;
    let told = read_identity(&fields)?;
    let mut draws = Vec::new();
    for item in fields.list("draws")? {
        let draw = Fields::open(item, &["receipt", "nonce", "digit"])?;
        let digit = small(&between(draw.need("digit")?, 0, 9)?);
        draws.push((draw.text("receipt")?, draw.text_if("nonce")?, digit));
    }

    if told[0].len() * draws.len() > 64 << 20 {
        return refuse("too_large");
    }
    let commitment_holds = hex(&sha256(&key)) == commitment.to_lowercase() && promised == told;
    let mut wrong = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    let mut repeated: Vec<&str> = Vec::new();
    let mut counts = [0; 10];
    for (receipt, nonce, digit) in draws {
        if drawn(&key, receipt, told[0], nonce) != digit {
            wrong.push(receipt);
        }
        if seen.contains(&receipt) && !repeated.contains(&receipt) {
            repeated.push(receipt);
        }
        seen.push(receipt);
        counts[digit] += 1;
    }
    let mut valid = commitment_holds && wrong.is_empty() && repeated.is_empty();
    let mut answer = json!({
        "commitment_holds": commitment_holds,
        "wrong": wrong,
        "repeated": repeated,
        "counts": counts,
    });
    if let Some(items) = fields.list_if("receipts")? {
        let mut receipts = Vec::new();
        for item in items {
            receipts.push(text(item)?);
        }
        let without = |these: &[&str], those: &[&str]| -> Vec<String> {
            let mut left: Vec<String> = these.iter().filter(|one| !those.contains(one)).map(|one| one.to_string()).collect();
            left.sort();
            left.dedup();
            left
        };
        let (without_draw, without_receipt) = (without(&receipts, &seen), without(&seen, &receipts));
        valid = valid && without_draw.is_empty() && without_receipt.is_empty();
        answer["without_draw"] = json!(without_draw);
        answer["without_receipt"] = json!(without_receipt);
    }
    answer["valid"] = json!(valid);
    Ok(answer)
}

/// How far ten counts lie from equal ones.
pub fn statistics(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["counts"])?;
    let mut counts = Vec::new();
    for item in fields.list("counts")? {
        counts.push(natural(item)?);
    }
    if counts.len() != 10 {
        return refuse("bad_config");
    }
    let n: Int = counts.iter().sum();
    if n == int(0) {
        return Ok(json!({
            "plays": 0,
            "chi_square_milli": null,
            "uniform": "too_few",
            "zero_share_bp": null,
            "forcing": "too_few",
        }));
    }
    // Σ(cᵢ − n/10)² ÷ (n/10), as it is defined.
    let expected = Fraction::new(n.clone(), int(10));
    let mut chi_square = fraction(&int(0));
    for count in &counts {
        let off = fraction(count) - &expected;
        chi_square += &off * &off / &expected;
    }
    let thousand = fraction(&int(1000));
    let uniform = if n < int(50) {
        "too_few"
    } else if &chi_square * &thousand <= fraction(&int(16_919)) {
        "likely"
    } else if &chi_square * &thousand <= fraction(&int(27_877)) {
        "doubtful"
    } else {
        "unlikely"
    };
    // Three standard deviations of c₀, squared: 9 · n · 1/10 · 9/10.
    let above = fraction(&counts[0]) - &expected;
    let limit = Fraction::new(int(81) * &n, int(100));
    let forcing = if n < int(50) {
        "too_few"
    } else if above <= fraction(&int(0)) || &above * &above <= limit {
        "none"
    } else {
        "suspected"
    };
    Ok(json!({
        "plays": out(&n)?,
        "chi_square_milli": out(&toward_zero(&(chi_square * thousand)))?,
        "uniform": uniform,
        "zero_share_bp": out(&toward_zero(&Fraction::new(&counts[0] * int(10_000), n)))?,
        "forcing": forcing,
    }))
}
