//! Floor 6: every operation by name, JSON in and JSON out (docs/operations.md).
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
#![allow(
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "most of it is for the crates above alone, and hidden"
)]

mod account;
#[doc(hidden)]
pub mod canonical;
#[doc(hidden)]
pub mod document;
#[doc(hidden)]
pub mod fields;
#[doc(hidden)]
pub mod json;
#[doc(hidden)]
pub mod operations;
mod reading;
mod refusal;
#[cfg(feature = "serde")]
mod stored;
#[doc(hidden)]
pub mod wire;

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
use self::wire::Describe;
use self::wire::{Defs, Run};
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
    describe: Described,
}

/// What describes the request and the answer of an operation.
type Described = fn(&mut Defs) -> [String; 2];

impl Operation {
    /// An operation; what describes it is kept for the schemas alone.
    #[doc(hidden)]
    #[cfg_attr(not(feature = "schema"), expect(unused_variables, reason = "only the schemas need it"))]
    pub const fn new(name: &'static str, rules: &'static str, summary: &'static str, describe: Described) -> Self {
        Self {
            name,
            rules,
            summary,
            #[cfg(feature = "schema")]
            describe,
        }
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Operations by group, as they are told. What runs them stands apart, so that a library that only runs them holds no
/// summaries.
pub type Groups = &'static [&'static [Operation]];

/// What runs operations, by group.
#[doc(hidden)]
pub type Runs = &'static [&'static [Named]];

/// An operation's name, and what runs it.
#[doc(hidden)]
pub type Named = (&'static str, Run);

pub use self::operations::{ACCOUNTS, TILL};
#[doc(hidden)]
pub use self::operations::{ACCOUNTS_RUNS, TILL_RUNS};

crate::all_operations! {
    /// The operations of this crate. Those of the crates above are beside it: `loyalty_planning::OPERATIONS`,
    /// `loyalty_network::OPERATIONS`.
    OPERATIONS, RUNS:
    TILL, TILL_RUNS;
    ACCOUNTS, ACCOUNTS_RUNS;
}

/// Each operation of some groups.
pub fn told(among: &[Groups]) -> impl Iterator<Item = &'static Operation> {
    among.iter().copied().flatten().copied().flatten()
}

/// Every operation of this crate, by group.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    told(OPERATIONS)
}

/// Answers one request: the answer object, or the error object
/// `{"error": kind, "path": …, "message": {"en": …, "id": …}}`. The same request gives the same bytes on every
/// machine.
pub fn call(operation: &str, request: &[u8]) -> Vec<u8> {
    call_among(RUNS, operation, request)
}

/// The same, with a refusal apart.
///
/// # Errors
/// Whatever the operation refuses, `unknown_op` if there is none of that name.
pub fn answer(operation: &str, request: &[u8]) -> Result<String, Refusal> {
    answer_among(RUNS, operation, request)
}

/// Answers one request by the operations of several crates, as [`call`] does by those of this one.
#[doc(hidden)]
pub fn call_among(among: &[Runs], operation: &str, request: &[u8]) -> Vec<u8> {
    answer_among(among, operation, request).unwrap_or_else(|refusal| refusal.to_json()).into_bytes()
}

/// The same, with a refusal apart.
///
/// # Errors
/// Whatever the operation refuses, `unknown_op` if there is none of that name.
#[doc(hidden)]
pub fn answer_among(among: &[Runs], operation: &str, request: &[u8]) -> Result<String, Refusal> {
    let runs = || among.iter().copied().flatten().copied().flatten();
    if let Some((_, run)) = runs().find(|(name, _)| *name == operation) {
        return reading::run(*run, &json::parse(request)?);
    }
    let refused = Refusal::at(Fault::NoSuchOperation, &Path::Root);
    let group = operation.split('.').next().unwrap_or_default();
    let mut alike = runs().map(|(name, _)| *name).filter(|name| name.split('.').next() == Some(group)).peekable();
    Err(if alike.peek().is_some() { refused.with_words(&mut alike) } else { refused })
}

/// Declares operations by group: what is told of them and what runs them, of modules that declare some with [`operations`].
#[doc(hidden)]
#[macro_export]
macro_rules! groups {
    ($(#[doc = $doc:literal])* $told:ident, $runs:ident: $($($group:ident)::+,)*) => {
        $(#[doc = $doc])*
        pub const $told: $crate::api::Groups = &[$($($group)::+::OPERATIONS,)*];

        #[doc(hidden)]
        pub const $runs: $crate::api::Runs = &[$($($group)::+::RUNS,)*];
    };
}

/// Puts the operations of several parts together, a part a row: what is told of them and what runs them. The two are separate
/// constants, because a library that only runs operations then links no summaries.
#[doc(hidden)]
#[macro_export]
macro_rules! all_operations {
    ($(#[doc = $doc:literal])* $told:ident, $runs:ident: $($(#[cfg($feature:meta)])? $told_of_part:path, $runs_of_part:path;)*) => {
        $(#[doc = $doc])*
        pub const $told: &[$crate::api::Groups] = &[$($(#[cfg($feature)])? $told_of_part,)*];

        const $runs: &[$crate::api::Runs] = &[$($(#[cfg($feature)])? $runs_of_part,)*];
    };
}

/// Declares the operations of a group: name, rules, summary, function, request and answer.
#[doc(hidden)]
#[macro_export]
macro_rules! operations {
    ($($name:literal [$rules:literal] $summary:literal: $run:path, $request:ty => $answer:ty;)*) => {
        #[doc(hidden)]
        pub const OPERATIONS: &[$crate::api::Operation] = &[$(
            $crate::api::Operation::new($name, $rules, $summary, |defs| {
                [<$request as $crate::api::wire::Describe>::schema(defs), <$answer as $crate::api::wire::Describe>::schema(defs)]
            }),
        )*];

        #[doc(hidden)]
        pub const RUNS: &[$crate::api::Named] = &[$(
            ($name, |at, json| {
                let request = <$request as $crate::api::wire::Read>::read(at);
                at.accepted()?;
                let answer: $answer = $run(&request)?;
                $crate::api::wire::Write::write(&answer, json);
                Ok(())
            }),
        )*];
    };
}

/// The JSON Schemas of the operations of several crates and of the program document, as file names and texts.
#[cfg(feature = "schema")]
pub fn schema_files(among: &[Groups]) -> [(&'static str, String); 2] {
    const DIALECT: &str = "\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"";
    let mut defs = Defs::new();
    let operations: Vec<String> = told(among)
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
