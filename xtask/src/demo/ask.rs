//! Operations by name, as a host calls them.

use loyalty_api as api;
use serde_json::Value;

use crate::sh::Outcome;

pub fn ask(op: &str, request: &Value) -> Outcome<Value> {
    let answer = api::call(op, request.to_string().as_bytes());
    let answer: Value = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
    if answer.get("error").is_some() { Err(format!("{op}: {answer}")) } else { Ok(answer) }
}

/// The entries of a list in an answer.
pub fn list<'a>(answer: &'a Value, field: &str) -> &'a [Value] {
    answer[field].as_array().map_or(&[], Vec::as_slice)
}

pub fn integer(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
