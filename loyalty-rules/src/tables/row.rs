use crate::quantity::Ratio;
use crate::words::words;

words! {
    /// What decides the rate: what picks the column of a rate table, or terms without one (PT-8).
    pub enum Mechanism {
        /// A countdown ends on a lucky digit (*Poin Voucher Stopwatch*).
        Stopwatch = "stopwatch",
        /// The rate rises over ten slots of the selling day (*Poin Voucher Lelang Waktu*).
        TimeAuction = "time_auction",
        /// One rate for every purchase (BN-2, BN-3).
        Flat = "flat",
        /// Points for each full step of a purchase (*Program Poin Voucher*, PT-1).
        Points = "points",
    }
}

impl Mechanism {
    /// Whether it has the ten slots of a selling day.
    pub const fn has_slots(self) -> bool {
        matches!(self, Self::TimeAuction)
    }

    /// Whether a rate table with ten columns decides its rate.
    pub const fn has_columns(self) -> bool {
        matches!(self, Self::Stopwatch | Self::TimeAuction)
    }
}

words! {
    /// The edition of the time-auction tables; it is part of a table's name (DEC-4).
    #[derive(Default)]
    pub enum Edition {
        /// Six tiers, each with its own name.
        One = "one",
        /// The same rows as Silver, Gold, Platinum in each margin class.
        Two = "two",
        /// The safer revision, the default.
        #[default]
        Recommended = "recommended",
    }
}

words! {
    /// The margin class of a shop.
    pub enum MarginClass {
        /// A margin below 15 %.
        Below15 = "below_15",
        /// A margin of 15.00 % or more (DEC-3).
        From15 = "from_15",
    }
}

impl MarginClass {
    /// The class of a margin, which may be negative.
    pub const fn of(margin: Ratio) -> Self {
        if margin.bp() < 1_500 { Self::Below15 } else { Self::From15 }
    }
}

/// One printed row.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Row {
    pub(super) number: u8,
    pub(super) mechanism: Mechanism,
    pub(super) edition: Option<Edition>,
    pub(super) margin_class: MarginClass,
    pub(super) tier: &'static str,
    pub(super) rates_bp: [u16; 10],
}

impl Row {
    pub(super) const fn stopwatch(number: u8, margin_class: MarginClass, tier: &'static str, rates_bp: [u16; 10]) -> Self {
        Self { number, mechanism: Mechanism::Stopwatch, edition: None, margin_class, tier, rates_bp }
    }

    pub(super) const fn time_auction(
        number: u8,
        edition: Edition,
        margin_class: MarginClass,
        tier: &'static str,
        rates_bp: [u16; 10],
    ) -> Self {
        Self { number, mechanism: Mechanism::TimeAuction, edition: Some(edition), margin_class, tier, rates_bp }
    }
}
