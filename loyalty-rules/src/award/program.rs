use super::kernel::Kernel;
use super::terms::{Draw, Eligibility, Terms};
use crate::calendar::Validity;
use crate::error::{Error, Fault};
use crate::quantity::{Mode, Rate, Rupiah};
use crate::tables::Mechanism;
use crate::words::words;

words! {
    /// Whether luck or skill can move the rate (SW-7).
    pub enum Nature {
        /// The time auction, a flat rate, points, quotas and standby.
        Deterministic = "deterministic",
        /// The clock stopwatch: a shopper who watches a clock picks the digit.
        Influenceable = "influenceable",
        /// The hardened draw.
        Chance = "chance",
    }
}

/// Proved terms; no rule reads any other.
///
/// ```
/// use loyalty_rules::award::{Program, Slots, Terms};
/// use loyalty_rules::quantity::Rupiah;
/// use loyalty_rules::tables::{Slot, TableName};
///
/// let mut terms = Terms::new(TableName::parse("stopwatch/from_15/pro")?);
/// terms.quota = Rupiah::new(200_000)?.into();
/// assert!(Program::new(terms.clone()).is_ok());
///
/// terms.held_slots = Slots::default().with(Slot::new(1)?); // a stopwatch has no slots
/// let refused = Program::new(terms).unwrap_err();
/// assert_eq!((refused.kind().name(), refused.field().to_string()), ("bad_config", "held_slots".into()));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    terms: Terms,
    kernel: Kernel,
}

impl Program {
    /// Proves terms (AW-11). Tables, schedules, windows and shares are proved by their own types; here it is
    /// proved that the settings agree with each other.
    ///
    /// # Errors
    /// `bad_config`, `outside_band` or `out_of_range`, at the setting that disagrees.
    pub fn new(terms: Terms) -> Result<Self, Error> {
        let refuse = |fault: Fault, field: &'static str| Err(fault.error().at(field));
        let mechanism = terms.table.mechanism();
        if !mechanism.has_slots() {
            if terms.quota.is_by_slot() {
                return refuse(Fault::SlotSettingWithoutSlots, "quota");
            }
            if terms.first_n.is_some() {
                return refuse(Fault::SlotSettingWithoutSlots, "first_n");
            }
            if !terms.held_slots.is_empty() {
                return refuse(Fault::SlotSettingWithoutSlots, "held_slots");
            }
            if terms.budget.slot.is_some() {
                return refuse(Fault::SlotSettingWithoutSlots, "budget.slot");
            }
        }
        if let Some(points) = &terms.points {
            points.check()?;
        }
        if mechanism == Mechanism::Points {
            if terms.points.is_none() {
                return refuse(Fault::Missing, "points");
            }
            if matches!(terms.eligibility, Eligibility::Loyal { intro: true, .. }) {
                return refuse(Fault::IntroOfPoints, "eligibility.intro");
            }
            if terms.make_up_minutes.is_some() {
                return refuse(Fault::MakeUpOfPoints, "make_up_minutes");
            }
            // What leaves the domain is above every rate.
            let highest = terms.highest_tenth_bp().unwrap_or(i64::MAX);
            let is_within = |most: Rate| highest <= i64::from(most.bp()).wrapping_mul(10);
            if terms.ceiling.is_some_and(|ceiling| !is_within(ceiling)) {
                return refuse(Fault::AboveCeiling, "ceiling_bp");
            }
            if let Some(bonus) = terms.bonus {
                let whole = u16::try_from(Mode::Up.divide(highest.into(), 10)).ok().and_then(|bp| Rate::from_bp(bp).ok());
                bonus.check(whole.unwrap_or(Rate::WHOLE)).map_err(|refused| refused.at("bonus"))?;
            }
        }
        for rate in terms.table.rates().iter().filter(|_| mechanism != Mechanism::Points) {
            if let Some(bonus) = terms.bonus {
                bonus.check(*rate).map_err(|refused| refused.at("bonus"))?;
            }
            if terms.ceiling.is_some_and(|ceiling| *rate > ceiling) {
                return refuse(Fault::AboveCeiling, "ceiling_bp");
            }
        }
        if matches!(terms.draw, Draw::Hardened { .. }) {
            if mechanism != Mechanism::Stopwatch {
                return refuse(Fault::HardenedNeedsStopwatch, "draw.kind");
            }
            if terms.licence.is_none() {
                return refuse(Fault::HardenedNeedsPermit, "permit");
            }
        }
        if terms.make_up_minutes.is_some_and(|minutes| !(1..=1_440).contains(&minutes)) {
            return refuse(Fault::MakeUpMinutesOutOfRange, "make_up_minutes");
        }
        if let Some(validity) = terms.validity {
            let field = if matches!(validity, Validity::Days(_)) { "validity.days" } else { "validity.months" };
            validity.check().map_err(|refused| refused.at(field))?;
        }
        for (days, field) in [(terms.grace_days, "grace_days"), (terms.reminder_days, "reminder_days")] {
            if days.is_some_and(|days| !(1..=36_500).contains(&days)) {
                return refuse(Fault::TermDaysOutOfRange, field);
            }
        }
        if terms.version.is_some_and(|version| version.get() == 0) {
            return refuse(Fault::MustNotBeZero, "version");
        }
        if terms.from.zip(terms.until).is_some_and(|(from, until)| until <= from) {
            return refuse(Fault::UntilNotAfterFrom, "until");
        }
        let amounts = [
            ("receipt_cap", terms.receipt_cap),
            ("budget.day", terms.budget.day),
            ("min_redeem_purchase", Some(terms.min_redeem_purchase)),
        ];
        for (field, amount) in amounts {
            if amount.is_some_and(|amount| amount.get() < 0) {
                return refuse(Fault::Negative, field);
            }
        }
        if let Some(limits) = terms.budget.slot {
            if let Some(slot) = limits.all().iter().position(|limit| limit.is_some_and(|limit| limit.get() < 0)) {
                let field = if limits.is_by_slot() { crate::error::Field::entry("budget.slot", slot) } else { "budget.slot".into() };
                return Err(Fault::Negative.error().at(field));
            }
        }
        if let Some(slot) = terms.quota.all().iter().position(|quota| quota.get() < 0) {
            let field = if terms.quota.is_by_slot() { crate::error::Field::entry("quota", slot) } else { "quota".into() };
            return Err(Fault::Negative.error().at(field));
        }
        Ok(Self { kernel: Kernel::of_terms(&terms), terms })
    }

    /// The proved terms.
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Whether what is short of a step of points is carried to the shopper's next purchase (PT-1).
    pub fn carries(&self) -> bool {
        self.kernel.carries()
    }

    /// Whether luck or skill can move the rate (SW-7).
    pub const fn nature(&self) -> Nature {
        match (self.terms.table.mechanism(), self.terms.draw) {
            (Mechanism::TimeAuction | Mechanism::Flat | Mechanism::Points, _) => Nature::Deterministic,
            (Mechanism::Stopwatch, Draw::Clock) => Nature::Influenceable,
            (Mechanism::Stopwatch, Draw::Hardened { .. }) => Nature::Chance,
        }
    }

    /// The most that one receipt of an amount can be given (AW-11), in rupiah: the highest rate of table and
    /// standby, or the points with the most that can have been carried; cut to the receipt cap and the budgets.
    ///
    /// # Errors
    /// `out_of_range` if rounding up leaves the domain.
    pub fn largest_award(&self, amount: Rupiah) -> Result<Rupiah, Error> {
        let terms = &self.terms;
        let standby = terms.standby.steps().map(|step| step.rate).max().unwrap_or_default();
        let value = match &self.kernel.points {
            None => terms.rounding.apply(amount, terms.table.highest().max(standby))?,
            Some(points) => {
                // The most that can have been carried is a rupiah short of a step.
                let carried = Rupiah::part(points.per.get().wrapping_sub(1));
                let earned = points.program().earn(amount, carried)?;
                terms.point_value.value(earned.points)?.max(terms.rounding.apply(amount, standby)?)
            }
        };
        // A slot without a budget leaves the slots out of it.
        let largest_slot =
            terms.budget.slot.and_then(|slots| slots.all().iter().try_fold(Rupiah::ZERO, |most, slot| Some(most.max((*slot)?))));
        let limits = [terms.receipt_cap, terms.budget.day, largest_slot];
        Ok(limits.into_iter().flatten().fold(value, Rupiah::min))
    }

    /// By how much a part of a receipt can be given more than the highest rate of it, in rupiah: rounding can rise by its unit, and
    /// what was carried can complete a step of points.
    #[cfg(feature = "alloc")]
    pub(super) fn above_rate(&self) -> Result<Rupiah, Error> {
        let rounding = self.terms.rounding;
        let step = self.kernel.points.as_ref().map_or(Ok(Rupiah::ZERO), |points| self.largest_award(points.per))?;
        if rounding.mode == Mode::Down { Ok(step) } else { step.checked_add(Rupiah::part(rounding.unit.rupiah())) }
    }

    /// The highest rate in tenths of a basis point: of the table, or what points give of a step (SW-5, PT-8).
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn highest_tenth_bp(&self) -> Result<i64, Error> {
        self.terms.highest_tenth_bp()
    }

    /// The most that a selling day can release (AW-11), in rupiah; `None` without a budget.
    pub fn largest_day(&self) -> Option<Rupiah> {
        let all_slots =
            self.terms.budget.slot.and_then(|slots| slots.all().iter().try_fold(Rupiah::ZERO, |sum, slot| sum.checked_add((*slot)?).ok()));
        match (self.terms.budget.day, all_slots) {
            (Some(day), Some(slots)) => Some(day.min(slots)),
            (day, slots) => day.or(slots),
        }
    }

    /// What decides its receipts once their column is known.
    #[inline]
    pub const fn kernel(&self) -> &Kernel {
        &self.kernel
    }
}
