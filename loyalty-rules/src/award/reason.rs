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
        /// The receipt lies before the program's start or after its end (AW-11).
        NotInForce = "not_in_force",
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
        /// The table, or what stands in for it, gives 0 % (AW-1).
        NoRate = "no_rate",
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

    /// Its place in [`Self::ALL`], by which columns tell it.
    ///
    /// ```
    /// use loyalty_rules::award::Reason;
    ///
    /// let reason = Reason::Standby;
    /// assert_eq!(Reason::ALL[usize::from(reason.place())], reason);
    /// ```
    #[expect(clippy::as_conversions, reason = "an enum without values is its own number, known when it is compiled")]
    pub const fn place(self) -> u8 {
        self as u8
    }

    /// The rules behind the reason, in the order they act; `table` and `value` are those of the mechanism,
    /// `is_table` whether the rate is the table's, `stands_in` the rule that put another in its place.
    pub(super) fn rules(self, [table, value]: [&'static str; 2], is_table: bool, stands_in: &'static str) -> [&'static str; 4] {
        match self {
            Self::Suspended => ["GF-4", "", "", ""],
            Self::NotActive => ["GF-9", "", "", ""],
            Self::Paused => ["AW-1", "", "", ""],
            Self::NotInForce => ["AW-11", "", "", ""],
            Self::ZeroAmount => ["AW-2", "", "", ""],
            Self::NotEligible => ["AW-3", "", "", ""],
            Self::OutsideWindow => ["TA-2", "", "", ""],
            Self::SlotHeld => ["AW-4", "", "", ""],
            Self::NoStandby => ["QT-2", "SB-1", "", ""],
            Self::PlayPending | Self::NotedDigit => ["QT-1", "AW-1", "", ""],
            Self::ClaimRefused => ["QT-1", "SW-4", "", ""],
            Self::NoRate => ["QT-1", stands_in, table, "AW-1"],
            Self::FirstN => ["QT-1", "AW-5", "", ""],
            // The limits that stop it follow behind what the rate stands on.
            Self::BudgetSpent | Self::CoverShort => {
                let before = match (stands_in, is_table) {
                    ("AW-3", _) => Self::Intro,
                    ("AW-5", true) => Self::FirstNFirstColumn,
                    ("AW-5", false) => Self::FirstNStandby,
                    (_, true) => Self::Full,
                    (_, false) => Self::Standby,
                };
                before.rules([table, value], is_table, stands_in)
            }
            Self::Full => ["QT-1", table, value, ""],
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
