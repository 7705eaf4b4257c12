//! The network's operations over the published receipts: the stores' sales divided among sellers, a campaign for the
//! best of them, and a week of all tills in one record, with faults put in on purpose.

mod campaign;
mod field;
mod week;

use super::receipts;
use super::report::{number, prove};
use crate::sh::Outcome;

pub fn run() -> Outcome {
    let receipts = receipts::load()?;
    let count = |number: usize| i128::try_from(number).unwrap_or_default();
    say!("{}", receipts.source);
    say!("{} receipts; {} lines in the week that is recorded.\n", number(count(receipts.all.len())), number(count(receipts.week.len())));
    let field = field::run(&receipts.all)?;
    let campaign = campaign::run(&receipts.all)?;
    let week = week::run(&receipts)?;
    say!("━━ proved {}", "━".repeat(90));
    for (of, sums) in [("the field", field), ("the campaign", campaign), ("the week", week)] {
        prove(of, &sums)?;
    }
    Ok(())
}

/// A heading as wide as those of the receipts.
fn heading(name: &str) {
    say!("━━ {name} {}", "━".repeat(96_usize.saturating_sub(name.len())));
}

/// Made-up coordinates of a store, for the data name none: spread over Java by its number alone.
fn place(store: u32) -> serde_json::Value {
    let (north, east) = (store.wrapping_mul(2_654_435_761) >> 12, store.wrapping_mul(2_246_822_519) >> 12);
    let within = |number: u32, width: i64| (i64::from(number) * width) >> 20;
    serde_json::json!({"lat_e7": -80_000_000 + within(north, 15_000_000), "lon_e7": 1_060_000_000 + within(east, 80_000_000)})
}
