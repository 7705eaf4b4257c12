//! The stopwatch (*Poin Voucher Stopwatch*): rates by lucky digit, columns 1 … 9, then 0.

use super::row::{
    MarginClass::{Below15, From15},
    Row,
};

/// Each with its number, which compiled programs name it by: a later row takes the next one of both files, and none changes.
#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    Row::stopwatch(1, Below15, "basic",    [200, 200, 200, 300, 300, 300, 400, 400, 400, 500]),
    Row::stopwatch(2, Below15, "standard", [200, 200, 300, 300, 400, 400, 500, 500, 600, 600]),
    Row::stopwatch(3, Below15, "plus",     [200, 300, 400, 500, 600, 700, 800, 900, 1000, 1100]),
    Row::stopwatch(4, From15,  "premium",  [400, 400, 400, 500, 500, 500, 600, 600, 600, 700]),
    Row::stopwatch(5, From15,  "elite",    [400, 400, 500, 500, 600, 600, 700, 700, 800, 800]),
    Row::stopwatch(6, From15,  "pro",      [400, 500, 600, 700, 800, 900, 1000, 1100, 1200, 1300]),
];
