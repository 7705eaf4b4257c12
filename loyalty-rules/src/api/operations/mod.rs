//! The operations by group: each declared once with its request, its answer and the call of its rule.

pub mod award;
pub mod ledger;
mod money;
mod points;
mod program;
mod split;
mod tables;
mod text;
mod voucher;

crate::groups! {
    /// What a till asks for: programs, awards, tables, splits, vouchers, words.
    TILL, TILL_RUNS:
    money,
    tables::table,
    tables::stopwatch,
    award::decide,
    award::mixed,
    award::reverse,
    award::quote,
    award::make_up,
    split,
    voucher::token,
    voucher::redeem,
    program,
    text,
}

crate::groups! {
    /// What a shop keeps: awards in many, what its digits and vouchers show, points and their menus, ledgers, guarantee funds.
    ACCOUNTS, ACCOUNTS_RUNS:
    award::batch,
    award::tills,
    tables::draws,
    voucher::debt,
    points::earn,
    points::menu,
    points::gifts,
    points::bundles,
    ledger::account,
    ledger::transfer,
    ledger::offline,
    ledger::guarantee,
}
