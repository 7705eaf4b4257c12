//! The time auction (*Poin Voucher Lelang Waktu*): rates by slot, columns I … X.

use super::row::{
    Edition::{One, Recommended, Two},
    MarginClass::{Below15, From15},
    Row,
};

/// Each with its number, which compiled programs name it by: a later row takes the next one of both files, and none changes.
#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    Row::time_auction(7,  One, Below15, "bronze",    [350, 350, 350, 400, 400, 400, 450, 450, 450, 500]),
    Row::time_auction(8,  One, Below15, "silver",    [350, 350, 400, 400, 450, 450, 500, 500, 550, 550]),
    Row::time_auction(9,  One, Below15, "gold",      [350, 400, 450, 500, 550, 600, 650, 700, 750, 800]),
    Row::time_auction(10, One, From15,  "platinum",  [700, 700, 700, 800, 800, 800, 900, 900, 900, 1000]),
    Row::time_auction(11, One, From15,  "titanium",  [700, 700, 800, 800, 900, 900, 1000, 1000, 1100, 1100]),
    Row::time_auction(12, One, From15,  "palladium", [700, 800, 900, 1000, 1100, 1200, 1300, 1400, 1500, 1600]),

    Row::time_auction(13, Two, Below15, "silver",    [350, 350, 350, 400, 400, 400, 450, 450, 450, 500]),
    Row::time_auction(14, Two, Below15, "gold",      [350, 350, 400, 400, 450, 450, 500, 500, 550, 550]),
    Row::time_auction(15, Two, Below15, "platinum",  [350, 400, 450, 500, 550, 600, 650, 700, 750, 800]),
    Row::time_auction(16, Two, From15,  "silver",    [700, 700, 700, 800, 800, 800, 900, 900, 900, 1000]),
    Row::time_auction(17, Two, From15,  "gold",      [700, 700, 800, 800, 900, 900, 1000, 1000, 1100, 1100]),
    Row::time_auction(18, Two, From15,  "platinum",  [700, 800, 900, 1000, 1100, 1200, 1300, 1400, 1500, 1600]),

    Row::time_auction(19, Recommended, Below15, "silver",   [200, 200, 200, 250, 250, 250, 300, 300, 300, 350]),
    Row::time_auction(20, Recommended, Below15, "gold",     [200, 200, 250, 250, 300, 300, 350, 350, 400, 450]),
    Row::time_auction(21, Recommended, Below15, "platinum", [200, 250, 300, 350, 400, 450, 500, 550, 600, 650]),
    Row::time_auction(22, Recommended, From15,  "silver",   [300, 300, 300, 350, 350, 350, 400, 400, 400, 450]),
    Row::time_auction(23, Recommended, From15,  "gold",     [300, 300, 350, 350, 400, 400, 450, 500, 550, 600]),
    Row::time_auction(24, Recommended, From15,  "platinum", [300, 350, 400, 450, 500, 550, 600, 650, 700, 800]),
];
