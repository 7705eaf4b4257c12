//! The exact texts of every advice, in both languages, and how a refusal helps: a changed wording is a decision, not an
//! accident. `cargo xtask check` holds the texts of refusals to `tests/texts/refusals.json` in the same way.

use std::fs;
use std::path::Path;

use loyalty_naive::printed_tiers;
use loyalty_planning::{ReleaseReason, WeekAction, WeekFinding};
use loyalty_rules::award::Language;
use loyalty_rules::quantity::Mode;
use serde_json::{Value, json};

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

/// A refusal says where a text is no JSON, and which words would do.
#[test]
fn a_refusal_helps() {
    let message = |operation: &str, request: &[u8], language: &str| {
        let answer: serde_json::Value = serde_json::from_slice(&loyalty_api::call(operation, request)).expect("JSON");
        answer["message"][language].as_str().expect("a text").to_string()
    };
    let told = [
        ("{\n \"value\" 1}", "(line 2, column 10: expected a colon)", "(baris 2, kolom 10: seharusnya titik dua)"),
        (
            "{\"é\": 1 2}",
            "(line 1, column 9: expected a comma or the closing bracket)",
            "(baris 1, kolom 9: seharusnya koma atau kurung penutup)",
        ),
        ("{\"value\": 1} 2", "(line 1, column 14: expected the end of the text)", "(baris 1, kolom 14: seharusnya akhir teks)"),
        ("{\"value\": }", "(line 1, column 11: expected a value)", "(baris 1, kolom 11: seharusnya sebuah nilai)"),
        ("\u{feff}{\"value\": 1}", "remove the byte order mark", "hapus byte order mark itu"),
    ];
    for (request, en, id) in told {
        let found = [message("points.from_value", request.as_bytes(), "en"), message("points.from_value", request.as_bytes(), "id")];
        assert!(found[0].ends_with(en) && found[1].ends_with(id), "{request}: {found:?}");
    }
    let listed = |before: &str, words: &mut dyn Iterator<Item = &str>| format!("{before}{}", words.collect::<Vec<_>>().join(", "));
    let bytes = message("points.from_value", b"{\"value\": \"\xff\"}", "en");
    assert!(bytes.ends_with("(line 1, column 12: expected UTF-8)"), "{bytes}");
    let words = message("money.apply_rate", br#"{"amount": 1, "rate_bp": 1, "mode": "nearest"}"#, "en");
    assert!(words.ends_with(&listed("; one of: ", &mut Mode::ALL.iter().map(|mode| mode.name()))), "{words}");
    let tiers = message("table.stats", br#"{"mechanism": "stopwatch", "margin_class": "from_15", "tier": "gold"}"#, "id");
    assert!(tiers.ends_with(&listed("; salah satu dari: ", &mut printed_tiers(true, "", "from_15").into_iter())), "{tiers}");
    let operations = message("rate.read", b"{}", "en");
    assert!(operations.ends_with("; one of: rate.parse"), "{operations}");
}
