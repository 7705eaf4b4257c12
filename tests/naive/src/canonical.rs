//! The canonical bytes of a program and of a decision (AW-10, AW-11).

use crate::auction::Window;
use crate::award::{Counters, Receipt, printed_steps, read_request};
use crate::fields::{Answer, Fields, Fraction, fraction, int, out, out_list};
use crate::program::{Program, read_program};
use crate::sha256::{hex, sha256};
use crate::time::{read_local, read_moment, read_offset, write_local, write_offset, write_time_of_day};
use serde_json::{Map, Value, json};

/// Canonical bytes: keys sorted by byte, no blanks, as few escapes as JSON
/// allows.
pub fn bytes(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
            let fields: Vec<String> = keys.into_iter().map(|key| format!("{}:{}", quoted(key), bytes(&map[key]))).collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(bytes).collect();
            format!("[{}]", items.join(","))
        }
        Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{8}' => quoted.push_str("\\b"),
            '\t' => quoted.push_str("\\t"),
            '\n' => quoted.push_str("\\n"),
            '\u{c}' => quoted.push_str("\\f"),
            '\r' => quoted.push_str("\\r"),
            control if control < ' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(control))),
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

fn hash(value: &Value) -> String {
    hex(&sha256(bytes(value).as_bytes()))
}

/// Copies a field unless it is absent or at its default.
fn copy(from: &Fields, to: &mut Map<String, Value>, name: &str, default: Value) {
    if let Some(value) = from.get(name) {
        if *value != default {
            to.insert(name.to_string(), value.clone());
        }
    }
}

/// An inner object without its fields at their defaults; `None` if it is not
/// given.
fn inner(from: &Fields, name: &str, fields: &[(&str, Value)]) -> Option<Map<String, Value>> {
    let known: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let given = Fields::open(from.get(name)?, &known).expect("a proved document");
    let mut map = Map::new();
    for (name, default) in fields {
        copy(&given, &mut map, name, default.clone());
    }
    Some(map)
}

/// The canonical document of a program.
///
/// # Errors
///
/// The kind of the refusal of a document that does not prove.
pub fn program_document(raw: &Value) -> Result<Value, String> {
    let program = read_program(raw)?;
    Ok(document(raw, &program))
}

fn document(raw: &Value, program: &Program) -> Value {
    let all: Vec<&str> = raw.as_object().expect("a proved document").keys().map(String::as_str).collect();
    let given = Fields::open(raw, &all).expect("its own keys");
    let mut map = Map::new();
    let none = Value::Null;

    // Fields that stand as they came, unless at their default.
    for name in [
        "id",
        "version",
        "mechanism",
        "rate_bp",
        "permit",
        "waiver",
        "receipt_cap",
        "bonus",
        "ceiling_bp",
        "parties",
        "max_share_bp",
        "grace_days",
        "reminder_days",
    ] {
        copy(&given, &mut map, name, none.clone());
    }
    copy(&given, &mut map, "make_up_minutes", none.clone());
    for name in ["paused", "accept_noted_digit", "single_use", "give_back"] {
        copy(&given, &mut map, name, json!(false));
    }
    copy(&given, &mut map, "exclude_voucher_paid", json!(true));
    copy(&given, &mut map, "tolerance_ms", json!(1000));
    copy(&given, &mut map, "point_value", json!(1000));
    copy(&given, &mut map, "min_redeem_purchase", json!(0));
    copy(&given, &mut map, "below_quota", json!("keep"));
    copy(&given, &mut map, "origin", json!("promotional"));
    copy(&given, &mut map, "quota", json!(0));
    // A cover of nothing asks for nothing.
    copy(&given, &mut map, "min_cover_bp", json!(0));

    // The table.
    if given.has("rates_bp") {
        copy(&given, &mut map, "rates_bp", none.clone());
        copy(&given, &mut map, "allow_falling", json!(false));
    } else {
        copy(&given, &mut map, "edition", json!("recommended"));
        copy(&given, &mut map, "margin_class", none.clone());
        copy(&given, &mut map, "tier", none.clone());
    }

    // Times.
    for name in ["from", "until"] {
        if let Some(text) = given.get(name).and_then(Value::as_str) {
            map.insert(name.to_string(), json!(write_local(read_local(text).expect("proved"))));
        }
    }
    if let Some(text) = given.get("utc_offset").and_then(Value::as_str) {
        map.insert("utc_offset".to_string(), json!(write_offset(read_offset(text).expect("proved"))));
    }
    if let Some(window) = &program.window {
        map.insert("window".to_string(), window_document(window));
    }

    // Objects that are left out when nothing is left in them.
    let rounding = [("unit", json!(1)), ("mode", json!("down"))];
    let droppable = [
        ("rounding", inner(&given, "rounding", &rounding)),
        ("budget", inner(&given, "budget", &[("day", none.clone()), ("slot", none.clone()), ("short", json!("cut"))])),
        ("draw", inner(&given, "draw", &[("kind", json!("clock")), ("key_id", none.clone())])),
        ("redemptions_per_month", inner(&given, "redemptions_per_month", &[("program", none.clone()), ("shopper", none.clone())])),
    ];
    for (name, object) in droppable {
        if let Some(object) = object.filter(|object| !object.is_empty()) {
            map.insert(name.to_string(), Value::Object(object));
        }
    }
    // Objects that say something by being there.
    let points = [
        ("per", none.clone()),
        ("points_per_step_milli", json!(1000)),
        ("rest", json!("drop")),
        ("multipliers_milli", none.clone()),
        ("stack", json!(false)),
        ("flat_milli", none.clone()),
        ("min_purchase", json!(0)),
    ];
    let guarantee =
        [("requirement", none.clone()), ("share_bp", json!(2000)), ("warning_interval_s", json!(86_400)), ("start_small", json!(0))];
    let standing = [
        ("first_n", inner(&given, "first_n", &[("n", none.clone()), ("then", json!("standby"))])),
        ("validity", inner(&given, "validity", &[("days", none.clone()), ("months", none.clone())])),
        ("cash_rounding", inner(&given, "cash_rounding", &rounding)),
        ("goods_split", inner(&given, "goods_split", &[("dated_skus", none.clone())])),
        ("points", inner(&given, "points", &points)),
        ("guarantee", inner(&given, "guarantee", &guarantee)),
    ];
    for (name, object) in standing {
        if let Some(object) = object {
            map.insert(name.to_string(), Value::Object(object));
        }
    }

    if let (Some(funding), Some(shares)) = (given.get("funding"), &program.funding) {
        let form = if funding.get("weights").is_some_and(|weights| !weights.is_null()) { "weights" } else { "shares_bp" };
        map.insert("funding".to_string(), json!({ form: out_list(shares).expect("small numbers") }));
    }
    if let Some(loyal) = &program.loyal {
        let mut object = json!({ "who": "loyal", "min_purchases": out(&loyal.min_purchases).expect("in the domain") });
        if loyal.intro {
            object["intro"] = json!(true);
        }
        map.insert("eligibility".to_string(), object);
    }
    let mut held = program.held_slots.clone();
    held.sort_unstable();
    held.dedup();
    if !held.is_empty() {
        map.insert("held_slots".to_string(), json!(held));
    }
    let mut standby = Map::new();
    if program.standby.strict {
        standby.insert("strict".to_string(), json!(true));
    }
    if program.standby.steps != printed_steps() {
        let mut steps = Vec::new();
        for (from, rate) in &program.standby.steps {
            steps.push(json!({ "from_points_milli": out(from).expect("in the domain"), "rate_bp": out(rate).expect("a rate") }));
        }
        standby.insert("steps".to_string(), json!(steps));
    }
    if !standby.is_empty() {
        map.insert("standby".to_string(), Value::Object(standby));
    }
    Value::Object(map)
}

/// Ten hours by their opening, another equal cut by both ends, all else by
/// its eleven boundaries.
fn window_document(window: &Window) -> Value {
    let length = &window.boundaries[10];
    let time = |since_open: &Fraction| {
        let second = (since_open + fraction(&int(window.open))).to_integer() % int(86_400);
        write_time_of_day(i64::try_from(second).expect("a day"))
    };
    let open = time(&fraction(&int(0)));
    let equal = (0..=10).all(|k| window.boundaries[k] == length * Fraction::new(int(k as i64), int(10)));
    if !equal {
        return json!({ "boundaries": window.boundaries.iter().map(time).collect::<Vec<_>>() });
    }
    if *length == fraction(&int(36_000)) {
        return json!({ "open": open });
    }
    json!({ "open": open, "close": time(length) })
}

/// AW-11.
pub fn program_hash(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["program"])?;
    Ok(json!({ "hash": hash(&program_document(fields.need("program")?)?) }))
}

/// AW-10 as far as this model goes: the decision's own hash takes the whole
/// answer of `award.decide`, of which the model gives a part.
pub fn award_hash(input: &Value) -> Answer<Value> {
    crate::award::decide(input)?;
    Ok(json!({ "program_hash": hash(&program_document(&input["program"])?) }))
}

/// Both hashes of a request, given the whole answer of `award.decide` to it.
///
/// # Errors
///
/// The kind of the refusal of the request.
pub fn decision_hash(input: &Value, result: &Value) -> Result<Value, String> {
    let request = read_request(input)?;
    let program_hash = hash(&document(&input["program"], &request.program));
    // The names of those who pay stand in the program's hash.
    let mut result = without_nulls(result);
    if let Some(fields) = result.as_object_mut() {
        fields.remove("parties");
    }
    let whole = json!({
        "counters": counters_document(&request.counters)?,
        "program": program_hash,
        "receipt": receipt_document(&input["receipt"], &request.receipt)?,
        "result": result,
    });
    Ok(json!({ "hash": hash(&whole), "program_hash": program_hash }))
}

fn counters_document(counters: &Counters) -> Answer<Value> {
    let mut document = json!({});
    if counters.released_today != int(0) {
        document["released_today"] = out(&counters.released_today)?;
    }
    for (name, counts) in [("awards_by_slot", &counters.awards_by_slot), ("released_by_slot", &counters.released_by_slot)] {
        if counts.iter().any(|count| *count != int(0)) {
            document[name] = out_list(counts)?;
        }
    }
    if let Some(day) = &counters.day {
        document["day"] = json!(day.write());
    }
    Ok(document)
}

fn receipt_document(raw: &Value, receipt: &Receipt) -> Answer<Value> {
    let mut document = receipt.written()?;
    if let Some(digit) = receipt.digit {
        document["digit"] = json!(digit);
    }
    if let Some(slot) = receipt.slot {
        document["slot"] = json!(slot);
    }
    if let Some(at) = &receipt.at {
        document["at"] = json!(at.write());
    }
    if receipt.claim.is_some() {
        let claim = &raw["claim"];
        let again = |name: &str| read_moment(claim[name].as_str().unwrap_or_default()).map(|moment| moment.write());
        document["claim"] = json!({
            "started_at": again("started_at")?,
            "countdown_s": claim["countdown_s"],
            "stopped_at": again("stopped_at")?,
        });
    }
    Ok(document)
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_nulls).collect()),
        other => other.clone(),
    }
}
