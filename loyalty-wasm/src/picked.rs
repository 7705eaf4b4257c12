//! The operations of program.wasm.

use alloc::string::String;

use loyalty_rules::api::{Among, Refusal};

/// Answers one of the operations that a page asks for beside the calls of every receipt.
pub fn answer(name: &str, request: &[u8]) -> Result<String, Refusal> {
    const PICKED: Among<{ NAMES.len() }> = Among::of(NAMES).unwrap();
    PICKED.answer(name, request)
}

/// One a line: xtask makes the types of the facade from them.
const NAMES: [&str; 12] = [
    "program.compile",
    "program.load",
    "program.kernel",
    "program.reverse",
    "award.quote",
    "award.explain",
    "split.allocate",
    "split.reverse",
    "stopwatch.lucky_digit",
    "stopwatch.claim",
    "stopwatch.draw",
    "stopwatch.verify",
];
