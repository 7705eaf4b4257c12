//! The operations of program.wasm.

use alloc::string::String;

use loyalty_rules::api::{Among, Refusal};

/// Answers one of the operations that a page asks for beside the calls of every receipt.
pub fn answer(name: &str, request: &[u8]) -> Result<String, Refusal> {
    const PICKED: Among<{ NAMES.len() }> = Among::of(NAMES).unwrap();
    PICKED.answer(name, request)
}

/// One a line: xtask makes the types of the facade from them.
const NAMES: [&str; 16] = [
    "program.check",
    "program.compile",
    "program.load",
    "program.hash",
    "award.decide",
    "award.quote",
    "award.explain",
    "award.reverse",
    "standby.rate",
    "auction.slot",
    "split.allocate",
    "split.reverse",
    "stopwatch.lucky_digit",
    "stopwatch.claim",
    "stopwatch.draw",
    "stopwatch.verify",
];
