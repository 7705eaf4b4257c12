#[cfg(feature = "alloc")]
use alloc::vec::Vec;

#[cfg(feature = "alloc")]
use super::offers::Offers;
use super::program::Program;
use super::terms::{Draw, Origin, Terms};
use crate::calendar::{SaleWindow, Validity};
use crate::quantity::{Rate, Ratio, Rupiah};
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
        /// The margin pays it only as long as the tax inside the price is taken for the shop's (SW-5, PL-1).
        MarginWithTax = "margin_with_tax",
        /// A paid voucher loses what is not used at once (VC-8).
        PurchasedSingleUse = "purchased_single_use",
        /// Offers before it take all of its goods (PT-9).
        OfferUnreachable = "offer_unreachable",
        /// No receipt can meet the condition of the offer (PT-9).
        OfferNeverOpen = "offer_never_open",
    }
}

/// The margin of the goods, as it is stated.
///
/// A voucher of r of the price costs more than the shop has of it if r > margin; with a tax t inside the price, of which the
/// margin was not cleared, already if r > 1 ÷ (1 + t) − (1 − margin).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margin {
    /// (price − cost) ÷ price.
    pub of_price: Ratio,
    /// The tax inside that price; zero if the margin is that of the price without tax.
    pub tax_inside: Rate,
}

impl Margin {
    /// Whether a rate in tenths of a basis point is above the margin as stated.
    fn is_below(self, tenth_bp: i64) -> bool {
        i128::from(tenth_bp) > i128::from(self.of_price.bp()).wrapping_mul(10)
    }

    /// Whether it is above what is left of the margin without the tax.
    fn is_below_without_tax(self, tenth_bp: i64) -> bool {
        const ALL: i128 = 10_000;
        let with_tax = i128::from(self.tax_inside.bp()).wrapping_add(ALL);
        let cost = ALL.wrapping_sub(self.of_price.bp().into()).wrapping_mul(10);
        let left = ALL.wrapping_mul(100_000).wrapping_sub(cost.wrapping_mul(with_tax));
        i128::from(tenth_bp).wrapping_mul(with_tax) > left
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
            Self::RateAboveMargin | Self::MarginWithTax => "mechanism",
            Self::PurchasedSingleUse => "single_use",
            Self::OfferUnreachable => "",
            Self::OfferNeverOpen => "when",
        }
    }

    /// Whether it holds for terms, sold at a margin if one is stated; what only offers can do holds for no terms.
    fn holds(self, terms: &Terms, margin: Option<Margin>) -> bool {
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
            Self::RateAboveMargin => margin.is_some_and(|margin| terms.reached_tenth_bp().is_none_or(|rate| margin.is_below(rate))),
            Self::MarginWithTax => margin.zip(terms.reached_tenth_bp()).is_some_and(|(margin, rate)| {
                margin.tax_inside != Rate::ZERO && !margin.is_below(rate) && margin.is_below_without_tax(rate)
            }),
            Self::PurchasedSingleUse => terms.origin == Origin::Purchased && terms.single_use,
            Self::OfferUnreachable | Self::OfferNeverOpen => false,
        }
    }
}

impl Terms {
    /// The rate that shoppers can get: of a digit that is drawn the mean rate, else the highest. None if it leaves the domain.
    fn reached_tenth_bp(&self) -> Option<i64> {
        match self.draw {
            Draw::Hardened { .. } => Some(self.table.uniform_tenth_bp().into()),
            Draw::Clock => self.highest_tenth_bp().ok(),
        }
    }

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
    /// use loyalty_rules::award::{Margin, Program, Terms, Warning};
    /// use loyalty_rules::calendar::{SaleWindow, Validity};
    /// use loyalty_rules::quantity::{Rate, Ratio, Rupiah};
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
    /// let margin = Margin { of_price: Ratio::from_bp(599)?, tax_inside: Rate::ZERO }; // the last slot gives 6 %
    /// assert!(program.warnings(Some(margin)).eq([Warning::DayBudgetBelowVoucher, Warning::RateAboveMargin]));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn warnings(&self, margin: Option<Margin>) -> impl Iterator<Item = Warning> {
        let terms = self.terms();
        Warning::ALL.iter().copied().filter(move |warning| warning.holds(terms, margin))
    }
}

#[cfg(feature = "alloc")]
impl Offers {
    /// What the terms can never do, and what they cost too much, each with the place of the offer that it is about. A setting of
    /// the whole receipt is warned of if it holds whatever the goods; a rate, if it holds for the goods of one offer.
    ///
    /// ```
    /// use loyalty_rules::award::{Earns, Goods, Label, Offer, Offers, Terms, Warning};
    /// use loyalty_rules::quantity::Rate;
    ///
    /// let of = |classes: &[&str]| {
    ///     let classes = classes.iter().map(|class| Label::new(class)).collect::<Result<_, _>>()?;
    ///     Ok::<_, loyalty_rules::Error>(Offer { id: None, goods: Goods { classes, ..Goods::default() }, when: None, earns: Earns::Nothing })
    /// };
    /// let offers = Offers::new(&Terms::flat(Rate::from_bp(500)?), vec![of(&["tobacco", "phone credit"])?, of(&["tobacco"])?])?;
    /// assert_eq!(offers.warnings(None), [(Some(1), Warning::OfferUnreachable)]); // the first takes all of it
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn warnings(&self, margin: Option<Margin>) -> Vec<(Option<usize>, Warning)> {
        let own = self.own().terms();
        let places = || self.iter().enumerate().map(|(place, (offer, _))| (place, offer));
        let all_terms = || [(None, own)].into_iter().chain(self.programs().map(|(place, program)| (Some(place), program.terms())));
        let mut warnings = Vec::new();
        for warning in Warning::ALL.iter().copied() {
            let holds = |terms: &Terms| warning.holds(terms, margin);
            match warning {
                Warning::ValidityTooShort | Warning::PurchasedSingleUse => warnings.extend(holds(own).then_some((None, warning))),
                Warning::DayBudgetBelowVoucher | Warning::StandbyAboveFull => {
                    warnings.extend(all_terms().all(|(_, terms)| holds(terms)).then_some((None, warning)));
                }
                Warning::SlotBudgetBelowVoucher => {
                    let mut with_slots = all_terms().filter(|(_, terms)| terms.budget.slot.is_some()).peekable();
                    let is_there = with_slots.peek().is_some();
                    warnings.extend((is_there && with_slots.all(|(_, terms)| holds(terms))).then_some((None, warning)));
                }
                Warning::RateAboveMargin | Warning::MarginWithTax => {
                    warnings.extend(all_terms().filter(|(_, terms)| holds(terms)).map(|(place, _)| (place, warning)));
                }
                Warning::OfferUnreachable => {
                    warnings.extend(places().filter(|(place, _)| self.is_unreachable(*place)).map(|(place, _)| (Some(place), warning)));
                }
                Warning::OfferNeverOpen => {
                    let never =
                        |offer: &super::Offer| offer.when.as_ref().is_some_and(|when| when.always(&|test| test.known(own)) == Some(false));
                    warnings.extend(places().filter(|(_, offer)| never(offer)).map(|(place, _)| (Some(place), warning)));
                }
            }
        }
        warnings
    }
}

/// Whether a selling day ends on its own date, so that the shop opens again on another.
fn closes_by_midnight(window: &SaleWindow) -> bool {
    const TENTHS_A_DAY: u32 = 864_000;
    let [.., length] = window.ends_tenths();
    window.open().seconds().wrapping_mul(10).wrapping_add(length) <= TENTHS_A_DAY && length < TENTHS_A_DAY
}
