//! The stopwatch (*Poin Voucher Stopwatch*): rates by lucky digit, columns 1 … 9, then 0.

use super::row::{
    MarginClass::{Below15, From15},
    Row,
};

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    Row::stopwatch(Below15, "basic",    [200, 200, 200, 300, 300, 300, 400, 400, 400, 500]),
    Row::stopwatch(Below15, "standard", [200, 200, 300, 300, 400, 400, 500, 500, 600, 600]),
    Row::stopwatch(Below15, "plus",     [200, 300, 400, 500, 600, 700, 800, 900, 1000, 1100]),
    Row::stopwatch(From15,  "premium",  [400, 400, 400, 500, 500, 500, 600, 600, 600, 700]),
    Row::stopwatch(From15,  "elite",    [400, 400, 500, 500, 600, 600, 700, 700, 800, 800]),
    Row::stopwatch(From15,  "pro",      [400, 500, 600, 700, 800, 900, 1000, 1100, 1200, 1300]),
];
