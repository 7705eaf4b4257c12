//! Every operation by name, JSON in and JSON out: those of `loyalty-rules`, and by feature those of the crates above it
//! (docs/operations.md).
//!
//! ```
//! let answer = loyalty_api::call("stopwatch.lucky_digit", br#"{"stopped_at": "2025-03-01T14:22:14+07:00"}"#);
//! assert_eq!(answer, br#"{"digit":4}"#);
//! ```
//!
//! | feature | operations |
//! |---|---|
//! | | what a till asks for: programs, awards, tables, splits, vouchers, words |
//! | `accounts` | points and their menus, ledgers of members, guarantee funds |
//! | `planning` | `plan.*` |
//! | `network` | `network.*`, `record.*`, `order.*`, `stock.*`, `campaign.*`, `territory.*`, `clearing.*`, `statement.*`, `consignment.*` |
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::string::String;
use alloc::vec::Vec;

use loyalty_rules::api;
pub use loyalty_rules::api::{Groups, Operation, Refusal};

loyalty_rules::all_operations! {
    /// The operations of each crate.
    OPERATIONS, RUNS:
    api::TILL, api::TILL_RUNS;
    #[cfg(feature = "accounts")]
    api::ACCOUNTS, api::ACCOUNTS_RUNS;
    #[cfg(feature = "planning")]
    loyalty_planning::OPERATIONS, loyalty_planning::RUNS;
    #[cfg(feature = "network")]
    loyalty_network::OPERATIONS, loyalty_network::RUNS;
}

/// Every operation, by crate and group.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    api::told(OPERATIONS)
}

/// Answers one request: the answer object, or the error object
/// `{"error": kind, "path": …, "message": {"en": …, "id": …}}`. The same request gives the same bytes on every machine.
pub fn call(operation: &str, request: &[u8]) -> Vec<u8> {
    api::call_among(RUNS, operation, request)
}

/// The same, with a refusal apart.
///
/// # Errors
/// Whatever the operation refuses, `unknown_op` if there is none of that name.
pub fn answer(operation: &str, request: &[u8]) -> Result<String, Refusal> {
    api::answer_among(RUNS, operation, request)
}

/// The JSON Schemas of every operation and of the program document, as file names and texts.
#[cfg(feature = "schema")]
pub fn schema_files() -> [(&'static str, String); 2] {
    api::schema_files(OPERATIONS)
}
