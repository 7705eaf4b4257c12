use super::decide::{Counters, Shopper};
use crate::quantity::{Points, Rate, Rupiah};
use crate::tables::{Column, Digit, Judgement, Mechanism, Slot, TableName};
use crate::words::words;

words! {
    /// Why an award is what it is (AW-1): the first rung that stops it, or how it was earned.
    #[non_exhaustive]
    pub enum Reason {
        /// The merchant is suspended (GF-4).
        Suspended = "suspended",
        /// The merchant's deposit has not reached its requirement (GF-9).
        NotActive = "not_active",
        /// The program is paused.
        Paused = "paused",
        /// Nothing of the receipt can earn (AW-2).
        ZeroAmount = "zero_amount",
        /// Too few earlier purchases (AW-3).
        NotEligible = "not_eligible",
        /// Before opening or after closing (TA-2).
        OutsideWindow = "outside_window",
        /// The slot is held back (AW-4).
        SlotHeld = "slot_held",
        /// The quota is missed and the points held reach no standby rate (QT-2, SB-1).
        NoStandby = "no_standby",
        /// The quota is met and the stopwatch is not played yet (AW-1).
        PlayPending = "play_pending",
        /// A digit noted on paper, and the program does not accept it.
        NotedDigit = "noted_digit",
        /// The stopwatch claim does not hold (SW-4).
        ClaimRefused = "claim_refused",
        /// The first N of the slot are through and nothing else is given (AW-5).
        FirstN = "first_n",
        /// A release budget is spent (AW-6).
        BudgetSpent = "budget_spent",
        /// The guarantee fund would cover too little (GF-7).
        CoverShort = "cover_short",
        /// The table's rate (QT-1).
        Full = "full",
        /// The quota is missed; the rate is by the points held (QT-2).
        Standby = "standby",
        /// A new shopper's introductory rate (AW-3).
        Intro = "intro",
        /// After the first N: the standby rate (AW-5).
        FirstNStandby = "first_n_standby",
        /// After the first N: the rate of the first column (AW-5).
        FirstNFirstColumn = "first_n_first_column",
    }
}

impl Reason {
    /// Whether a voucher is given; a value that rounds to zero keeps its reason and issues nothing.
    pub const fn is_award(self) -> bool {
        matches!(self, Self::Full | Self::Standby | Self::Intro | Self::FirstNStandby | Self::FirstNFirstColumn)
    }

    /// The rules behind the reason, in the order they act; `table` is the rule of the mechanism.
    const fn rules(self, table: &'static str) -> [&'static str; 4] {
        match self {
            Self::Suspended => ["GF-4", "", "", ""],
            Self::NotActive => ["GF-9", "", "", ""],
            Self::Paused => ["AW-1", "", "", ""],
            Self::ZeroAmount => ["AW-2", "", "", ""],
            Self::NotEligible => ["AW-3", "", "", ""],
            Self::OutsideWindow => ["TA-2", "", "", ""],
            Self::SlotHeld => ["AW-4", "", "", ""],
            Self::NoStandby => ["QT-2", "SB-1", "", ""],
            Self::PlayPending | Self::NotedDigit => ["QT-1", "AW-1", "", ""],
            Self::ClaimRefused => ["QT-1", "SW-4", "", ""],
            Self::FirstN => ["QT-1", "AW-5", "", ""],
            Self::BudgetSpent | Self::CoverShort => ["", "", "", ""],
            Self::Full => ["QT-1", table, "CV-4", ""],
            Self::Standby => ["QT-2", "SB-1", "CV-4", ""],
            Self::Intro => ["QT-1", "AW-3", "CV-4", ""],
            Self::FirstNStandby => ["QT-1", "AW-5", "SB-1", "CV-4"],
            Self::FirstNFirstColumn => ["QT-1", "AW-5", table, "CV-4"],
        }
    }
}

words! {
    /// A limit that lowered a value.
    pub enum Cap {
        /// The most one receipt is given (AW-13).
        Receipt = "receipt_cap",
        /// The release budget of the day (AW-6).
        DayBudget = "day_budget",
        /// The release budget of the slot (AW-6).
        SlotBudget = "slot_budget",
    }
}

/// The limits that lowered a value, each at its turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    receipt: bool,
    day_budget: bool,
    slot_budget: bool,
}

impl Caps {
    pub(super) const NONE: Self = Self { receipt: false, day_budget: false, slot_budget: false };

    pub(super) const fn add(&mut self, cap: Cap) {
        match cap {
            Cap::Receipt => self.receipt = true,
            Cap::DayBudget => self.day_budget = true,
            Cap::SlotBudget => self.slot_budget = true,
        }
    }

    /// Whether a limit lowered the value.
    pub const fn holds(self, cap: Cap) -> bool {
        match cap {
            Cap::Receipt => self.receipt,
            Cap::DayBudget => self.day_budget,
            Cap::SlotBudget => self.slot_budget,
        }
    }

    /// The limits in the order they act.
    pub fn iter(self) -> impl Iterator<Item = Cap> {
        Cap::ALL.iter().copied().filter(move |cap| self.holds(*cap))
    }
}

/// The cell that gave the rate (CV-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A column of the rate table; no name for the merchant's own.
    Table {
        /// The printed table.
        name: Option<TableName>,
        /// What picks its column.
        mechanism: Mechanism,
        /// The column.
        column: Column,
    },
    /// A step of the standby schedule.
    Standby {
        /// The points from which it holds.
        from: Points,
    },
}

impl Cell {
    /// The digit of a stopwatch column.
    pub fn digit(self) -> Option<Digit> {
        match self {
            Self::Table { mechanism: Mechanism::Stopwatch, column, .. } => Digit::new(column.index().wrapping_add(1) % 10).ok(),
            _ => None,
        }
    }

    /// The slot of a time-auction column.
    pub fn slot(self) -> Option<Slot> {
        match self {
            Self::Table { mechanism: Mechanism::TimeAuction, column, .. } => Slot::new(column.index().wrapping_add(1)).ok(),
            _ => None,
        }
    }
}

/// What the rate stands on: a column of the table, or a standby step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ground {
    pub(super) rate: Rate,
    pub(super) is_table: bool,
    pub(super) column: Column,
    pub(super) standby_from: Points,
}

/// A decision with everything that led to it: what was given, why, and the state after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Award {
    pub(super) reason: Reason,
    pub(super) mechanism: Mechanism,
    pub(super) funded: bool,
    pub(super) rate: Rate,
    pub(super) base: Rupiah,
    pub(super) value: Rupiah,
    pub(super) points: Points,
    pub(super) caps: Caps,
    pub(super) table: Option<TableName>,
    pub(super) ground: Option<Ground>,
    pub(super) judgement: Option<Judgement>,
    pub(super) late: bool,
    pub(super) counters: Counters,
    pub(super) shopper: Shopper,
}

impl Award {
    /// Why.
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// The rate; 0 % for every stop but `budget_spent` and `cover_short`.
    pub const fn rate(&self) -> Rate {
        self.rate
    }

    /// What earns: the total less what was paid by voucher (AW-2), in rupiah.
    pub const fn base(&self) -> Rupiah {
        self.base
    }

    /// The voucher's value in rupiah.
    pub const fn value(&self) -> Rupiah {
        self.value
    }

    /// The value in points (VC-1).
    pub const fn points(&self) -> Points {
        self.points
    }

    /// The limits that lowered the value.
    pub const fn caps(&self) -> Caps {
        self.caps
    }

    /// The cell that gave the rate; `None` for a stop before the rate.
    pub fn cell(&self) -> Option<Cell> {
        self.ground.map(|ground| {
            if ground.is_table {
                Cell::Table { name: self.table, mechanism: self.mechanism, column: ground.column }
            } else {
                Cell::Standby { from: ground.standby_from }
            }
        })
    }

    /// The judged stopwatch claim, if the receipt carries one.
    pub const fn judgement(&self) -> Option<Judgement> {
        self.judgement
    }

    /// Whether the receipt was entered late.
    pub const fn is_late(&self) -> bool {
        self.late
    }

    /// The counters after this receipt (AW-7).
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// The shopper after this receipt (AW-7).
    pub const fn shopper(&self) -> Shopper {
        self.shopper
    }

    /// The ids of the rules behind the decision, in the order they acted (CV-6).
    pub fn rules(&self) -> impl Iterator<Item = &'static str> {
        let table = match self.mechanism {
            Mechanism::Stopwatch => "SW-3",
            Mechanism::TimeAuction => "TA-3",
        };
        let capped = |cap, rule| if self.caps.holds(cap) { rule } else { "" };
        let budget = if self.caps.holds(Cap::DayBudget) { "" } else { capped(Cap::SlotBudget, "AW-6") };
        let cover = if self.reason == Reason::CoverShort { "GF-7" } else { "" };
        let limits = [capped(Cap::Receipt, "AW-13"), capped(Cap::DayBudget, "AW-6"), budget, cover];
        let split = if self.funded && !self.value.is_zero() { "SP-1" } else { "" };
        self.reason.rules(table).into_iter().chain(limits).chain([split]).filter(|rule| !rule.is_empty())
    }
}
