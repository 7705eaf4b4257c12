//! The exact texts of every refusal, in both languages: a changed wording is a decision, not an accident.

use std::fs;
use std::path::Path;

use loyalty_rules::error::Fault;
use serde_json::{Value, json};

#[test]
fn every_refusal_says_what_is_written_down() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../texts/refusals.json");
    let written: Vec<Value> = serde_json::from_str(&fs::read_to_string(file).expect("tests/texts/refusals.json")).expect("a list");
    let said: Vec<Value> = Fault::ALL
        .iter()
        .map(|fault| json!({"fault": format!("{fault:?}"), "error": fault.kind().name(), "en": fault.english(), "id": fault.indonesian()}))
        .collect();
    for fault in &said {
        assert!(written.contains(fault), "not in tests/texts/refusals.json: {fault}");
    }
    assert_eq!(written.len(), said.len(), "tests/texts/refusals.json holds a refusal that is gone");
}
