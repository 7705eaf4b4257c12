//! The library and the second model side by side.

use super::{Tape, ask, for_tapes, kind, missing_from};
use serde_json::{Value, json};

/// Every place in a request: an object's field or a list's element.
fn places(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let here = format!("{pointer}/{key}");
                found.push(here.clone());
                places(inner, &here, found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                let here = format!("{pointer}/{index}");
                found.push(here.clone());
                places(inner, &here, found);
            }
        }
        _ => {}
    }
}

/// One fault, or something that may look like one.
pub fn inject(tape: &mut Tape, request: &mut Value) {
    let mut found = Vec::new();
    places(request, "", &mut found);
    if found.is_empty() {
        return;
    }
    let place = tape.of(&found);
    match tape.pick(5) {
        0 => {
            let (parent, field) = place.rsplit_once('/').unwrap();
            if let Some(Value::Object(map)) = request.pointer_mut(parent) {
                map.remove(field);
            }
        }
        1 => {
            if let Some(Value::Object(map)) = request.pointer_mut(&place) {
                map.insert("surplus".to_string(), json!(1));
            } else {
                request["surplus"] = json!(null);
            }
        }
        2 => {
            let wrong = tape.of(&[json!("a"), json!(7), json!(true), json!([]), json!({}), json!(1.5), json!(null)]);
            *request.pointer_mut(&place).unwrap() = wrong;
        }
        3 => {
            let target = request.pointer_mut(&place).unwrap();
            if target.is_number() {
                *target = tape.of(&[
                    json!(-1),
                    json!(0),
                    json!(10_001),
                    json!(9_007_199_254_740_992_i64),
                    json!(-9_007_199_254_740_992_i64),
                    json!(u64::MAX),
                ]);
            }
        }
        _ => {
            let target = request.pointer_mut(&place).unwrap();
            if let Value::String(text) = target {
                match tape.pick(3) {
                    0 => text.push('x'),
                    1 => text.clear(),
                    _ => *text = text.to_uppercase() + " ",
                }
            }
        }
    }
}

/// The model's answer, without what it does not answer for.
pub fn model(op: &str, request: &Value) -> Result<Value, String> {
    let mut answer = loyalty_naive::call(op, request)?;
    for &(of, field, _) in loyalty_naive::NOT_ANSWERED {
        if of == op {
            answer.as_object_mut().unwrap().remove(field);
        }
    }
    Ok(answer)
}

/// Compares both answers to one request.
pub fn compare(op: &str, request: &Value, same_kind: bool) -> Result<(), String> {
    let ours = ask(op, request);
    let verdict = match (model(op, request), kind(&ours)) {
        (Ok(wanted), None) => {
            let missing = missing_from(&ours, &wanted);
            if missing.is_empty() { None } else { Some(missing.join("; ")) }
        }
        (Ok(wanted), Some(_)) => Some(format!("the model answers {wanted}, the library {ours}")),
        (Err(wanted), None) => Some(format!("the model refuses ({wanted}), the library answers {ours}")),
        (Err(wanted), Some(found)) if same_kind && wanted != found => Some(format!("{wanted} wanted, {found} found at {}", ours["path"])),
        (Err(_), Some(_)) => None,
    };
    match verdict {
        None => Ok(()),
        Some(difference) => Err(format!("{op}\n  {request}\n  {difference}")),
    }
}

pub fn differ(op: &'static str, make: impl Fn(&mut Tape) -> Value) {
    for_tapes(|tape| {
        let mut request = make(tape);
        let sound = loyalty_naive::call(op, &request).is_ok();
        compare(op, &request, false)?;
        if tape.flag() {
            inject(tape, &mut request);
            compare(op, &request, sound)?;
        }
        Ok(())
    });
}
