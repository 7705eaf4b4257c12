use super::program::Program;
use super::terms::{Draw, Origin, Terms};
use crate::calendar::{SaleWindow, Validity};
use crate::quantity::{Ratio, Rupiah};
use crate::tables::{Column, Mechanism};
use crate::words::words;

words! {
    /// Terms that are proved and still cannot do what they say, or cost more than they should (AW-11).
    #[non_exhaustive]
    pub enum Warning {
        /// A voucher of the last slot ends at midnight, and the shop does not open again before (VC-4).
        ValidityTooShort = "validity_too_short",
        /// The day's budget is less than the smallest voucher of a receipt that meets the quota (AW-6).
        DayBudgetBelowVoucher = "day_budget_below_voucher",
        /// So is the budget of a slot that is not held back.
        SlotBudgetBelowVoucher = "slot_budget_below_voucher",
        /// A standby voucher is worth more than any voucher of the table (QT-2).
        StandbyAboveFull = "standby_above_full",
        /// A shopper can get more than the margin (SW-5).
        RateAboveMargin = "rate_above_margin",
        /// A paid voucher loses what is not used at once (VC-8).
        PurchasedSingleUse = "purchased_single_use",
    }
}

impl Warning {
    /// The setting that it is about.
    pub const fn field(self) -> &'static str {
        match self {
            Self::ValidityTooShort => "validity.days",
            Self::DayBudgetBelowVoucher => "budget.day",
            Self::SlotBudgetBelowVoucher => "budget.slot",
            Self::StandbyAboveFull => "standby",
            Self::RateAboveMargin => "mechanism",
            Self::PurchasedSingleUse => "single_use",
        }
    }

    /// Whether it holds for terms, sold at a margin if one is stated.
    fn holds(self, terms: &Terms, margin: Option<Ratio>) -> bool {
        match self {
            Self::ValidityTooShort => terms.validity == Some(Validity::Days(1)) && terms.window.as_ref().is_some_and(closes_by_midnight),
            Self::DayBudgetBelowVoucher => {
                let least = Column::all().filter_map(|column| terms.least_voucher(column)).min();
                least.zip(terms.budget.day).is_some_and(|(least, day)| day < least)
            }
            Self::SlotBudgetBelowVoucher => terms.budget.slot.is_some_and(|slots| {
                Column::all().any(|column| slots.of(column).zip(terms.least_voucher(column)).is_some_and(|(limit, least)| limit < least))
            }),
            Self::StandbyAboveFull => {
                let standby = terms.standby.steps().map(|step| i64::from(step.rate.bp()).wrapping_mul(10)).max().unwrap_or_default();
                let has_quota = terms.quota.all().iter().any(|quota| !quota.is_zero());
                has_quota && terms.highest_tenth_bp().is_ok_and(|highest| standby > highest)
            }
            Self::RateAboveMargin => margin.is_some_and(|margin| {
                let rate = match terms.draw {
                    Draw::Hardened { .. } => Ok(i64::from(terms.table.uniform_tenth_bp())),
                    Draw::Clock => terms.highest_tenth_bp(),
                };
                rate.map_or(true, |rate| i128::from(rate) > i128::from(margin.bp()).wrapping_mul(10))
            }),
            Self::PurchasedSingleUse => terms.origin == Origin::Purchased && terms.single_use,
        }
    }
}

impl Terms {
    /// The smallest full voucher of a column, of a receipt that just meets its quota; none where nothing is given.
    fn least_voucher(&self, column: Column) -> Option<Rupiah> {
        let quota = self.quota.of(column);
        if quota.is_zero() || self.held_slots.holds(column) {
            return None;
        }
        let value = match &self.points {
            Some(points) if self.table.mechanism() == Mechanism::Points => {
                self.point_value.value(points.program().earn(quota, Rupiah::ZERO).ok()?.points).ok()?
            }
            _ => self.rounding.apply(quota, self.table.rate(column)).ok()?,
        };
        let value = self.receipt_cap.map_or(value, |cap| value.min(cap));
        Some(value).filter(|value| !value.is_zero())
    }
}

impl Program {
    /// What its terms can never do, and what they cost too much, each with its setting. A margin is judged if one is stated.
    ///
    /// ```
    /// use loyalty_rules::award::{Program, Terms, Warning};
    /// use loyalty_rules::calendar::{SaleWindow, Validity};
    /// use loyalty_rules::quantity::{Ratio, Rupiah};
    /// use loyalty_rules::tables::TableName;
    ///
    /// let mut terms = Terms::new(TableName::parse("time_auction/recommended/from_15/gold")?);
    /// terms.window = Some(SaleWindow::from_opening("07:00".parse()?));
    /// terms.validity = Some(Validity::Days(1)); // given at 16:59, it ends at midnight; the shop closes at 17:00
    /// assert!(Program::new(terms.clone())?.warnings(None).eq([Warning::ValidityTooShort]));
    ///
    /// terms.validity = Some(Validity::Days(2));
    /// terms.quota = Rupiah::new(100_000)?.into();
    /// terms.budget.day = Some(Rupiah::new(2_999)?); // 3 % of the quota is Rp3,000
    /// let program = Program::new(terms)?;
    /// assert!(program.warnings(None).eq([Warning::DayBudgetBelowVoucher]));
    /// let margin = Ratio::from_bp(599)?; // the last slot gives 6 %
    /// assert!(program.warnings(Some(margin)).eq([Warning::DayBudgetBelowVoucher, Warning::RateAboveMargin]));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn warnings(&self, margin: Option<Ratio>) -> impl Iterator<Item = Warning> {
        let terms = self.terms();
        Warning::ALL.iter().copied().filter(move |warning| warning.holds(terms, margin))
    }
}

/// Whether a selling day ends on its own date, so that the shop opens again on another.
fn closes_by_midnight(window: &SaleWindow) -> bool {
    const TENTHS_A_DAY: u32 = 864_000;
    let [.., length] = window.ends_tenths();
    window.open().seconds().wrapping_mul(10).wrapping_add(length) <= TENTHS_A_DAY && length < TENTHS_A_DAY
}
