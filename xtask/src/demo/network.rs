//! The network's operations over the published receipts: the stores' sales divided among sellers, and a campaign for the
//! best of them.

mod campaign;
mod field;

use super::receipts;
use super::report::{number, prove};
use crate::sh::Outcome;

pub fn run() -> Outcome {
    let receipts = receipts::load()?;
    say!("{}", receipts.source);
    say!("{} receipts.\n", number(i128::try_from(receipts.all.len()).unwrap_or_default()));
    let field = field::run(&receipts.all)?;
    let campaign = campaign::run(&receipts.all)?;
    say!("━━ proved {}", "━".repeat(90));
    for (of, sums) in [("the field", field), ("the campaign", campaign)] {
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
