//! Any bytes as a request: the answer is one JSON object, an answer or a refusal of a known kind.
//!
//! The first byte picks the operation.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loyalty_api as api;
use loyalty_rules::Kind;
use serde_json::{Map, Value};

fuzz_target!(|input: &[u8]| {
    let Some((&pick, request)) = input.split_first() else { return };
    let Some(operation) = api::operations().nth(usize::from(pick) % api::operations().count()) else { return };
    let answer = api::call(operation.name, request);
    let answer: Map<String, Value> = serde_json::from_slice(&answer).expect("the answer is one JSON object");
    let Some(error) = answer.get("error") else { return };

    assert!(Kind::ALL.iter().any(|kind| kind.name() == error), "unknown kind {error}");
    assert_ne!(error, Kind::Internal.name(), "a bug");
    assert!(answer["path"].is_string());
    for language in ["en", "id"] {
        assert_ne!(answer["message"][language].as_str().unwrap_or_default(), "", "no text in {language}");
    }
    assert_eq!(answer.len(), 3, "error, path and message stand alone");
});
