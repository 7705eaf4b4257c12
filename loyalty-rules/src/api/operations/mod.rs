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

crate::groups! {
    /// What a till asks for: programs, awards, tables, splits, vouchers, words.
    TILL, TILL_RUNS:
    money,
    tables,
    stopwatch,
    award,
    around,
    split,
    voucher,
    program,
    text,
}

crate::groups! {
    /// What a shop keeps: points and their menus, ledgers of members, guarantee funds.
    ACCOUNTS, ACCOUNTS_RUNS:
    points,
    rewards,
    ledger,
    guarantee,
}
