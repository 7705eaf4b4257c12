//! Floor 7: every operation by name, JSON in and JSON out (docs/operations.md).
//!
//! ```
//! use loyalty_rules::api;
//!
//! let answer = api::call("stopwatch.lucky_digit", br#"{"stopped_at": "2025-03-01T14:22:14+07:00"}"#);
//! assert_eq!(answer, br#"{"digit":4}"#);
//!
//! let refused = api::call("table.rate", br#"{"mechanism": "stopwatch", "margin_class": "below_15", "tier": "gold", "digit": 1}"#);
//! assert!(refused.starts_with(br#"{"error":"unknown_table","path":"tier","message":{"en":"#));
//! ```

mod account;
mod canonical;
mod document;
mod fields;
mod json;
mod operations;
mod reading;
mod refusal;
#[cfg(feature = "serde")]
mod stored;
mod wire;

#[cfg(feature = "schema")]
use alloc::format;
use alloc::string::String;
#[cfg(feature = "schema")]
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "schema")]
use self::json::Json;
use self::refusal::Path;
pub use self::refusal::Refusal;
#[cfg(feature = "schema")]
use self::wire::{Defs, Describe};
use crate::error::Fault;

/// One operation: its name, rules and summary, declared once for every surface.
pub struct Operation {
    /// The stable name, `group.verb`.
    pub name: &'static str,
    /// The ids of the rules it computes, separated by blanks.
    pub rules: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    #[cfg(feature = "schema")]
    describe: fn(&mut Defs) -> [String; 2],
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Every operation, by group.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    operations::GROUPS.iter().copied().flatten()
}

/// Answers one request: the answer object, or the error object
/// `{"error": kind, "path": …, "message": {"en": …, "id": …}}`. The same request gives the same bytes on every
/// machine.
pub fn call(operation: &str, request: &[u8]) -> Vec<u8> {
    answer(operation, request).unwrap_or_else(|refusal| refusal.to_json()).into_bytes()
}

/// The same, with a refusal apart.
///
/// # Errors
/// Whatever the operation refuses, `unknown_op` if there is none of that name.
pub fn answer(operation: &str, request: &[u8]) -> Result<String, Refusal> {
    let mut all = operations::RUNS.iter().copied().flatten();
    if let Some((_, run)) = all.find(|(name, _)| *name == operation) {
        return reading::run(*run, &json::parse(request)?);
    }
    let refused = Refusal::at(Fault::NoSuchOperation, &Path::Root);
    let group = operation.split('.').next().unwrap_or_default();
    let names = operations::RUNS.iter().copied().flatten().map(|(name, _)| *name);
    let mut alike = names.filter(|name| name.split('.').next() == Some(group)).peekable();
    Err(if alike.peek().is_some() { refused.with_words(&mut alike) } else { refused })
}

/// The JSON Schemas of every operation and of the program document, as file names and texts.
#[cfg(feature = "schema")]
pub fn schema_files() -> [(&'static str, String); 2] {
    const DIALECT: &str = "\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"";
    let mut defs = Defs::new();
    let operations: Vec<String> = operations()
        .map(|operation| {
            let [request, answer] = (operation.describe)(&mut defs);
            let about = [operation.name, operation.rules, operation.summary].map(|text| {
                let mut json = Json::default();
                json.text(text);
                json.into_string()
            });
            let [name, rules, summary] = about;
            format!("{name}:{{\"rules\":{rules},\"summary\":{summary},\"request\":{request},\"answer\":{answer}}}")
        })
        .collect();
    let operations = format!("{{{DIALECT},\"operations\":{{{}}},\"$defs\":{}}}", operations.join(","), object(&defs));

    let mut defs = Defs::new();
    let program = document::ProgramDocument::schema(&mut defs);
    let program = program.trim_matches(['{', '}']).to_string();
    let program = format!("{{{DIALECT},{program},\"$defs\":{}}}", object(&defs));
    [("operations.schema.json", operations), ("program.schema.json", program)]
}

#[cfg(feature = "schema")]
fn object(defs: &Defs) -> String {
    let entries: Vec<String> = defs.iter().map(|(name, schema)| format!("\"{name}\":{schema}")).collect();
    format!("{{{}}}", entries.join(","))
}
