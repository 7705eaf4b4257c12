//! The exact texts of every refusal, in both languages: a changed wording is a decision, not an accident.

use std::fs;
use std::path::Path;

use loyalty_rules::award::Language;
use loyalty_rules::error::Fault;
use loyalty_rules::planning::{ReleaseReason, WeekAction, WeekFinding};
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

#[test]
fn every_advice_of_a_week_or_a_day_says_what_is_written_down() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../texts/planning.json");
    let written: Value = serde_json::from_str(&fs::read_to_string(file).expect("tests/texts/planning.json")).expect("an object");
    macro_rules! said {
        ($code:ident) => {
            Value::from_iter($code::ALL.iter().map(|code| {
                let [en, id] = [Language::English, Language::Indonesian].map(|language| code.text(language));
                (code.name(), json!({"en": en, "id": id}))
            }))
        };
    }
    assert_eq!(written, json!({"findings": said!(WeekFinding), "actions": said!(WeekAction), "release": said!(ReleaseReason)}));
}
