//! The operations by group: each declared once with its request, its answer and the call of its rule.

mod around;
pub mod award;
mod guarantee;
pub mod ledger;
mod money;
mod points;
mod program;
mod rewards;
mod split;
mod stopwatch;
mod tables;
mod text;
mod voucher;

use super::Operations;

/// The operations of the rules.
pub const OPERATIONS: Operations = crate::groups! {
    money,
    tables,
    stopwatch,
    award,
    around,
    split,
    guarantee,
    points,
    rewards,
    voucher,
    ledger,
    program,
    text,
};
