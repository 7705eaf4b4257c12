//! The two calls of the library, and the names in their answers. What the names hold stays as it was written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The library's error object.
pub type Refused = String;

/// Answers one operation.
pub fn call(operation: &str, request: &str) -> Result<String, Refused> {
    loyalty_api::answer(operation, request.as_bytes()).map_err(|refusal| refusal.to_json())
}

/// The answer of `network.keys`.
#[derive(Deserialize)]
pub struct Keys {
    pub write: Vec<String>,
    pub read: Vec<String>,
}

/// The answer of `network.apply`.
#[derive(Deserialize)]
pub struct Applied<'a> {
    pub outcome: &'a str,
    #[serde(borrow)]
    pub states: BTreeMap<String, Option<&'a RawValue>>,
    pub facts: Vec<&'a RawValue>,
    pub out: Vec<&'a RawValue>,
    pub again: Vec<Again<'a>>,
}

/// An event that waited and may go now, with the time at which it is judged.
#[derive(Deserialize)]
pub struct Again<'a> {
    #[serde(borrow)]
    pub event: &'a RawValue,
    pub at: String,
}

/// What a host reads of an event: its name.
#[derive(Deserialize)]
pub struct Envelope {
    pub source: String,
    pub id: String,
}

/// A text as JSON.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// An object of states by key; `null` for an absent one.
pub fn states(states: &[(String, Option<String>)]) -> String {
    let entries: Vec<String> =
        states.iter().map(|(key, state)| format!("{}:{}", quoted(key), state.as_deref().unwrap_or("null"))).collect();
    format!("{{{}}}", entries.join(","))
}
