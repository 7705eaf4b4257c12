use super::ladder::{Ladder, Outcome, Row, Settings, Standing, TABLE_CELL, climb, rate_of, reason_of, stop, table, word};
use super::reason::Reason;
use super::receipt::{Merchant, Shopper};
use super::terms::{Budget, Draw, Eligibility, FirstN, SlotLimits, Terms};
use crate::error::{Error, Fault};
use crate::points::{Earned, PointsTerms, Rest};
use crate::quantity::{Count, One, Points, Rate, Rupiah};
use crate::tables::{Column, Mechanism, Step};

/// The kernel of a program: what decides a receipt once its column is known, without hours, parties and texts. Every
/// decision of a [`Program`](super::Program) is made by its kernel, which is laid out for it; alone it is for hosts that
/// have little room (AW-11).
///
/// ```
/// use loyalty_rules::award::{Batch, Counters, Kernel, Merchant, Play, Program, Receipt, Shopper, Terms};
/// use loyalty_rules::quantity::Rupiah;
/// use loyalty_rules::tables::{Digit, TableName};
///
/// let program = Program::new(Terms::new(TableName::parse("stopwatch/below_15/plus")?))?;
/// let kernel = Kernel::from_bytes(&program.kernel().to_bytes())?;
/// assert_eq!(kernel, *program.kernel());
///
/// let merchant = Merchant::default();
/// let receipt = Receipt::new(Rupiah::new(250_000)?).with(Play::Digit(Digit::new(5)?));
/// let row = Batch::new(&kernel, &merchant, Counters::default()).decide(&receipt, &Shopper::default())?;
/// assert_eq!(row.value.get(), 15_000);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    pub(super) settings: Settings,
    /// The settings as the ladder asks them.
    pub(super) ladder: Ladder<i64>,
    /// Whether the ladder is [`Ladder::PLAIN`], and rates decide.
    pub(super) is_plain: bool,
    /// What a total must be above at each place of a receipt, and the word given then: ten columns, then those of
    /// [`TablePlace`].
    places: [(i64, u32); 16],
    /// What points must be above for each standby step, and by how much the word below the quota rises then, modulo 2³².
    rises: [(i64, u32); 16],
    steps: u8,
    /// Whether points must be above a threshold instead of reaching it.
    pub(super) strict: bool,
    rates: [Rate; 10],
    quotas: [Rupiah; 10],
    /// The basic points program, if it decides (PT-8).
    pub(super) points: Option<PointsTerms>,
}

/// Where a receipt stands in the table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TablePlace {
    Column(Column),
    OutsideWindow,
    /// A stopwatch that was not played yet.
    NotPlayed,
    /// A digit on paper that the program does not accept.
    NotedDigit,
    /// A claim that does not hold.
    ClaimRefused,
}

impl TablePlace {
    /// The quota a receipt faces there; outside the window there is none.
    pub(super) fn quota(self, kernel: &Kernel) -> Rupiah {
        match self {
            Self::Column(column) => kernel.quota(column),
            Self::OutsideWindow => Rupiah::ZERO,
            Self::NotPlayed | Self::NotedDigit | Self::ClaimRefused => kernel.quota(Column::FIRST),
        }
    }

    /// Its place in the table of a kernel.
    #[inline]
    pub(super) fn index(self) -> usize {
        match self {
            Self::Column(column) => column.index().into(),
            Self::OutsideWindow => 10,
            Self::NotPlayed => 11,
            Self::NotedDigit => 12,
            Self::ClaimRefused => 13,
        }
    }
}

impl Kernel {
    pub(super) fn of_terms(terms: &Terms) -> Self {
        // Ten limits or one, the kernel holds ten; no limit in any slot is none.
        let first_n = terms.first_n.map(|first| FirstN { n: SlotLimits::by_slot(*first.n.all()), ..first });
        let slot = terms.budget.slot.map(|slots| SlotLimits::by_slot(*slots.all()));
        let settings = Settings {
            mechanism: terms.table.mechanism(),
            exclude_voucher_paid: terms.exclude_voucher_paid,
            min_cover_bp: terms.min_cover_bp,
            eligibility: match terms.eligibility {
                // Who is loyal without a purchase is everyone.
                Eligibility::Loyal { min_purchases: Count::ZERO, .. } => Eligibility::Everyone,
                eligibility => eligibility,
            },
            paused: terms.paused,
            // A hardened digit follows from the day's key, whenever it is entered (SW-6).
            accept_noted_digit: terms.accept_noted_digit || matches!(terms.draw, Draw::Hardened { .. }),
            held_slots: terms.held_slots,
            first_n: first_n.filter(|first| first.n.all().iter().any(Option::is_some)),
            rounding: terms.rounding,
            receipt_cap: terms.receipt_cap,
            budget: Budget { slot: slot.filter(|slots| slots.all().iter().any(Option::is_some)), ..terms.budget },
            point_value: terms.point_value,
        };
        let points = terms.points.filter(|_| settings.mechanism == Mechanism::Points).map(PointsTerms::without_empty_lists);
        Self::of(&settings, terms.table.rates(), terms.quota.all(), terms.standby.steps(), terms.standby.strict(), points)
    }

    /// The kernel of these settings, ten rates and quotas, and at most 16 standby steps.
    pub(super) fn of(
        settings: &Settings,
        rates: &[Rate; 10],
        quotas: &[Rupiah; 10],
        steps: impl Iterator<Item = Step>,
        strict: bool,
        points: Option<PointsTerms>,
    ) -> Self {
        let mut kernel = Self {
            settings: *settings,
            ladder: Ladder::PLAIN,
            is_plain: false,
            places: [(-1, stop(Reason::OutsideWindow)); 16],
            rises: [(i64::MAX, 0); 16],
            steps: 0,
            strict,
            rates: *rates,
            quotas: *quotas,
            points,
        };
        kernel.lay_out_places();
        let mut before = stop(Reason::NoStandby);
        for (rise, step) in kernel.rises.iter_mut().zip(steps) {
            kernel.steps = kernel.steps.wrapping_add(1);
            let reason = if step.rate > Rate::ZERO { Reason::Standby } else { Reason::NoStandby };
            let given = word(step.rate, reason, if step.rate > Rate::ZERO { kernel.steps } else { 0 });
            *rise = (step.from.milli().wrapping_sub(i64::from(!strict)), given.wrapping_sub(before));
            before = given;
        }
        kernel.ladder = Ladder::of(settings, rates);
        kernel.is_plain = kernel.ladder == Ladder::PLAIN && points.is_none();
        kernel
    }

    fn lay_out_places(&mut self) {
        let held = self.settings.held_slots;
        let columns = Column::all().map(|column| {
            if held.holds(column) {
                (-1, stop(Reason::SlotHeld))
            } else {
                let given = match self.settings.mechanism {
                    // The rate is in the points.
                    Mechanism::Points => word(Rate::ZERO, Reason::Full, TABLE_CELL),
                    _ => table(self.rate(column), Reason::Full, column),
                };
                (self.quota(column).get().wrapping_sub(1), given)
            }
        });
        // Without slots every column has the same quota.
        let quota = self.quota(Column::FIRST).get().wrapping_sub(1);
        let outside = [(-1, stop(Reason::OutsideWindow))];
        let unplayed = [Reason::PlayPending, Reason::NotedDigit, Reason::ClaimRefused].map(|reason| (quota, stop(reason)));
        let mut places = self.places;
        for (place, laid) in places.iter_mut().zip(columns.chain(outside).chain(unplayed)) {
            *place = laid;
        }
        self.places = places;
    }

    /// What a total must be above at a place, and the word given then.
    #[inline]
    pub(super) fn place(&self, place: TablePlace) -> (i64, u32) {
        self.places.get(place.index() % 16).copied().unwrap_or_default()
    }

    /// What points must be above for each standby step, and by how much the word below the quota rises then.
    #[inline]
    pub(super) fn rises(&self) -> &[(i64, u32)] {
        self.rises.get(..usize::from(self.steps)).unwrap_or_default()
    }

    /// What a merchant's standing does under this program.
    #[inline]
    pub(super) fn standing(&self, merchant: &Merchant) -> Standing<i64> {
        Standing::of(self.settings.paused, self.settings.min_cover_bp, merchant)
    }

    /// The standby rate of points held; 0 % if they reach no step (SB-1).
    pub fn standby(&self, prior: Points) -> Rate {
        let reached = self.steps().take_while(|step| prior.milli() >= step.from.milli().wrapping_add(self.strict.into()));
        reached.last().map_or(Rate::ZERO, |step| step.rate)
    }

    /// The standby steps, rising.
    pub(super) fn steps(&self) -> impl Iterator<Item = Step> {
        let mut word = stop(Reason::NoStandby);
        self.rises().iter().map(move |(above, rise)| {
            word = word.wrapping_add(*rise);
            let from = Points::from_milli(above.wrapping_add(i64::from(!self.strict))).unwrap_or_default();
            Step { from, rate: rate_of(word) }
        })
    }

    /// The threshold of a number of steps reached, one or more.
    pub(super) fn step_from(&self, reached: u8) -> Points {
        let above = self.rises.get(usize::from(reached.wrapping_sub(1))).map_or(0, |(above, _)| *above);
        Points::from_milli(above.wrapping_add(i64::from(!self.strict))).unwrap_or_default()
    }

    /// What earns of an amount of which vouchers paid a part, in rupiah (AW-2).
    #[inline]
    pub(super) fn base(&self, amount: Rupiah, paid_by_voucher: Rupiah) -> Rupiah {
        if self.settings.exclude_voucher_paid { amount.left_after(paid_by_voucher) } else { amount }
    }

    /// Whether what is short of a step of points is carried to the shopper's next purchase (PT-1).
    pub(super) fn carries(&self) -> bool {
        self.points.is_some_and(|points| points.rest == Rest::Carry)
    }

    /// The rate of a column.
    #[inline]
    pub(super) fn rate(&self, column: Column) -> Rate {
        self.rates.get(usize::from(column.index())).copied().unwrap_or_default()
    }

    /// The quota of a column.
    #[inline]
    pub(super) fn quota(&self, column: Column) -> Rupiah {
        self.quotas.get(usize::from(column.index())).copied().unwrap_or_default()
    }

    /// The rungs for one receipt. What is full under the basic points program is worth its points (PT-8).
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "an outcome would be returned through memory")]
    pub(super) fn climb(&self, standing: &Standing<i64>, row: &Row<One>, carried: Rupiah) -> Outcome<One> {
        let outcome = climb::<One>(&self.ladder, standing, self.rises(), row);
        match &self.points {
            None => outcome,
            Some(points) => self.worth_points(points, outcome, row, carried),
        }
    }

    #[inline(never)]
    fn worth_points(&self, points: &PointsTerms, outcome: Outcome<One>, row: &Row<One>, carried: Rupiah) -> Outcome<One> {
        if reason_of(u32::try_from(outcome.word).unwrap_or_default()) != Reason::Full {
            return outcome;
        }
        let earned = points.program().earn_of(Rupiah::part(row.total), Rupiah::part(row.base), carried);
        let value = earned.and_then(|earned| self.settings.point_value.value(earned.points));
        // What leaves the domain is refused unless a limit brings it back, as a value that was rounded up is.
        Outcome { value: value.map_or(i64::MAX, Rupiah::get), ..outcome }
    }

    /// What an award of `value` rupiah is in points, and the rest that the shopper carries on (PT-1). Under the basic points
    /// program a value that no limit lowered is exactly the points that were earned.
    ///
    /// # Errors
    /// `out_of_range` if they leave the domain.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it would be returned through memory")]
    pub(super) fn earned(&self, total: Rupiah, base: Rupiah, shopper: &Shopper, reason: Reason, value: Rupiah) -> Result<Earned, Error> {
        match &self.points {
            Some(points) if reason == Reason::Full => self.earned_points(points, [total, base], shopper.carried, value),
            _ => Ok(Earned { points: self.points(value)?, carried: shopper.carried }),
        }
    }

    #[inline(never)]
    fn earned_points(&self, points: &PointsTerms, [total, base]: [Rupiah; 2], carried: Rupiah, value: Rupiah) -> Result<Earned, Error> {
        let earned = points.program().earn_of(total, base, carried)?;
        // A value outside the domain was lowered by a limit.
        let is_whole = self.settings.point_value.value(earned.points) == Ok(value);
        Ok(if is_whole { earned } else { Earned { points: self.points(value)?, ..earned } })
    }

    /// Whether its receipts may be given as columns, which have no place for what a shopper carries (PT-1).
    ///
    /// # Errors
    /// `bad_config` for points whose rest is carried.
    pub fn check_columns(&self) -> Result<(), Error> {
        if self.carries() { Err(Fault::CarryWithoutPlace.error().at("program.points.rest")) } else { Ok(()) }
    }

    /// A value in points (VC-1).
    ///
    /// # Errors
    /// `out_of_range` if they leave the domain.
    pub fn points(&self, value: Rupiah) -> Result<Points, Error> {
        self.settings.point_value.points(value)
    }

    /// What picks the column.
    pub const fn mechanism(&self) -> Mechanism {
        self.settings.mechanism
    }
}
