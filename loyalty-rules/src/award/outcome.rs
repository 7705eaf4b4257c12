use super::reason::{Cap, Caps, Reason};
use super::receipt::{Added, Shopper};
use crate::quantity::{Points, Rate};
use crate::tables::{Column, Digit, Judgement, Mechanism, Slot, TableName};

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

/// Declares the award: the numbers of the list, each told by its method, and what led to them.
macro_rules! award {
    ($($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        /// A decision with everything that led to it: what was given, why, and the state after it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Award {
            pub(super) reason: Reason,
            pub(super) mechanism: Mechanism,
            pub(super) funded: bool,
            $(pub(super) $name: $crate::of_kind!(type $kind),)*
            pub(super) caps: Caps,
            pub(super) table: Option<TableName>,
            pub(super) ground: Option<Ground>,
            pub(super) stands_in: &'static str,
            pub(super) judgement: Option<Judgement>,
            pub(super) late: bool,
            pub(super) added: Added,
            pub(super) shopper: Shopper,
        }

        impl Award {
            $(
                $(#[doc = $doc])*
                pub const fn $name(&self) -> $crate::of_kind!(type $kind) {
                    self.$name
                }
            )*
        }
    };
}
crate::fields!(award award);

impl Award {
    /// Why.
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// Whether steps of the purchase gave it, not a rate (PT-8).
    pub fn is_by_steps(&self) -> bool {
        self.mechanism == Mechanism::Points && self.ground.is_some_and(|ground| ground.is_table)
    }

    /// The limits that lowered the value.
    pub const fn caps(&self) -> Caps {
        self.caps
    }

    /// The cell that gave the rate; `None` for a stop before the rate, and for a rate that stands in no table (PT-8).
    pub fn cell(&self) -> Option<Cell> {
        self.ground.and_then(|ground| {
            if ground.is_table && !self.mechanism.has_columns() {
                return None;
            }
            Some(if ground.is_table {
                Cell::Table { name: self.table, mechanism: self.mechanism, column: ground.column }
            } else {
                Cell::Standby { from: ground.standby_from }
            })
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

    /// What this receipt adds to the counters (AW-7).
    pub const fn added(&self) -> &Added {
        &self.added
    }

    /// The shopper after this receipt (AW-7).
    pub const fn shopper(&self) -> Shopper {
        self.shopper
    }

    /// The ids of the rules behind the decision, in the order they acted (CV-6).
    ///
    /// ```
    /// use loyalty_rules::award::{Budget, Counters, FirstN, Latecomer, Merchant, Play, Program, Receipt, Shopper, Terms, decide};
    /// use loyalty_rules::quantity::{Count, Rupiah};
    /// use loyalty_rules::tables::{Slot, TableName};
    ///
    /// let mut terms = Terms::new(TableName::parse("time_auction/recommended/from_15/gold")?);
    /// terms.first_n = Some(FirstN { n: Count::ZERO.into(), then: Latecomer::FirstColumn });
    /// terms.budget = Budget { day: Some(Rupiah::ZERO), ..Budget::default() };
    /// let program = Program::new(terms)?;
    ///
    /// // All places of the slot are taken, so the first column's rate holds; and the day's budget is spent.
    /// let receipt = Receipt::new(Rupiah::new(100_000)?).with(Play::Slot(Slot::new(3)?));
    /// let award = decide(&program, &receipt, &Shopper::default(), &Merchant::default(), &Counters::default())?;
    /// assert_eq!(award.reason().name(), "budget_spent");
    /// assert!(award.rules().eq(["QT-1", "AW-5", "TA-3", "CV-4", "AW-6"]));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn rules(&self) -> impl Iterator<Item = &'static str> {
        self.rules_of_rate().chain(self.rules_of_limits()).filter(|rule| !rule.is_empty())
    }

    /// The ids up to the value; empty ones stand for none.
    pub(super) fn rules_of_rate(&self) -> impl Iterator<Item = &'static str> {
        let table = match self.mechanism {
            Mechanism::Stopwatch => "SW-3",
            Mechanism::TimeAuction => "TA-3",
            Mechanism::Flat => "PT-8",
            Mechanism::Points => "PT-1",
        };
        let value = if self.mechanism == Mechanism::Points { "VC-1" } else { "CV-4" };
        let is_table = self.ground.is_some_and(|ground| ground.is_table);
        self.reason.rules([table, value], is_table, self.stands_in).into_iter()
    }

    /// The ids from the limits on; empty ones stand for none.
    pub(super) fn rules_of_limits(&self) -> impl Iterator<Item = &'static str> {
        let capped = |cap, rule| if self.caps.holds(cap) { rule } else { "" };
        let budget = if self.caps.holds(Cap::DayBudget) { "" } else { capped(Cap::SlotBudget, "AW-6") };
        let cover = if self.reason == Reason::CoverShort { "GF-7" } else { "" };
        let split = if self.funded && !self.value.is_zero() { "SP-1" } else { "" };
        [capped(Cap::Receipt, "AW-13"), capped(Cap::DayBudget, "AW-6"), budget, cover, split].into_iter()
    }
}
