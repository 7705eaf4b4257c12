use super::reason::Reason;
use super::terms::{Budget, Eligibility, FirstN, Slots, Terms};
use crate::error::Error;
use crate::quantity::{Count, PointValue, Points, Rate, Rounding, Rupiah};
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
    /// What each number of standby steps reached gives, and from [`COLUMNS`] on what each column gives.
    cells: [Given; 64],
    quotas: [Rupiah; 16],
    /// The least thousandths that reach each standby step; behind the last step a number nobody holds.
    steps_milli: [i64; 16],
    /// Whether points must be above a threshold instead of reaching it.
    pub(super) strict: bool,
    /// Whether values are whole rupiah, down, and at most seven steps are counted.
    is_plain: bool,
}

/// The settings that the ladder of AW-1 and its limits ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) mechanism: Mechanism,
    pub(super) exclude_voucher_paid: bool,
    pub(super) min_cover_bp: Count,
    pub(super) eligibility: Eligibility,
    pub(super) paused: bool,
    pub(super) accept_noted_digit: bool,
    pub(super) held_slots: Slots,
    pub(super) first_n: Option<FirstN>,
    pub(super) rounding: Rounding,
    pub(super) receipt_cap: Option<Rupiah>,
    pub(super) budget: Budget,
    pub(super) point_value: PointValue,
}

const COLUMNS: usize = 32;
/// Below it a product with a rate stays below 2⁶³.
const PRODUCT_FITS: u64 = 1 << 49;

/// A rate and the reason that gives it: full, standby, or none of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) rate: Rate,
    pub(super) reason: Reason,
}

const NOTHING: Given = Given { rate: Rate::ZERO, reason: Reason::NoStandby };

impl Kernel {
    pub(super) fn of_terms(terms: &Terms) -> Self {
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
            accept_noted_digit: terms.accept_noted_digit,
            held_slots: terms.held_slots,
            first_n: terms.first_n,
            rounding: terms.rounding,
            receipt_cap: terms.receipt_cap,
            budget: terms.budget,
            point_value: terms.point_value,
        };
        Self::of(settings, terms.table.rates(), terms.quota.all(), terms.standby.steps(), terms.standby.strict())
    }

    /// The kernel of these settings, ten rates and quotas, and at most 16 standby steps.
    pub(super) fn of(
        settings: Settings,
        rates: &[Rate; 10],
        quotas: &[Rupiah; 10],
        steps: impl Iterator<Item = Step>,
        strict: bool,
    ) -> Self {
        let mut kernel =
            Self { settings, cells: [NOTHING; 64], quotas: [Rupiah::ZERO; 16], steps_milli: [i64::MAX; 16], strict, is_plain: false };
        for (given, rate) in kernel.cells.iter_mut().skip(COLUMNS).zip(rates) {
            *given = Given { rate: *rate, reason: Reason::Full };
        }
        for (quota, stated) in kernel.quotas.iter_mut().zip(quotas) {
            *quota = *stated;
        }
        let mut count: usize = 0;
        for ((given, milli), step) in kernel.cells.iter_mut().skip(1).zip(&mut kernel.steps_milli).zip(steps) {
            let reason = if step.rate > Rate::ZERO { Reason::Standby } else { Reason::NoStandby };
            (*given, *milli) = (Given { rate: step.rate, reason }, step.from.milli().wrapping_add(strict.into()));
            count = count.wrapping_add(1);
        }
        kernel.is_plain = settings.rounding == Rounding::default() && count <= 7;
        kernel
    }

    /// Whether the quota is met, the rate in basis points, and the value in rupiah, for a plain program and an
    /// amount whose product fits.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "three values would be returned through memory")]
    pub(super) fn plain_award(&self, total: Rupiah, base: Rupiah, column: Column, prior: Points) -> Option<(bool, u64, i64)> {
        // A magnitude has no sign bit to reinterpret.
        let base = u64::from_ne_bytes(base.get().to_ne_bytes());
        if !self.is_plain || base >= PRODUCT_FITS {
            return None;
        }
        let met_quota = total >= self.quota(column);
        // Both places are at hand, so that choosing one is no branch to mispredict.
        let rate_bp = u64::from(self.given(column, met_quota, self.reached_of_seven(prior)).rate.bp());
        let value = base.wrapping_mul(rate_bp) / 10_000;
        Some((met_quota, rate_bp, i64::try_from(value).unwrap_or_default()))
    }

    /// What any program gives, and the standby step that the points reach, whether it counts or not.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "three values would be returned through memory")]
    pub(super) fn rated(&self, total: Rupiah, column: Column, prior: Points) -> (Given, Points) {
        let met_quota = total >= self.quota(column);
        let reached = if self.is_plain { self.reached_of_seven(prior) } else { self.reached(prior) };
        (self.given(column, met_quota, reached), self.from(reached))
    }

    /// The value in rupiah at a rate, before it is held against the domain; the base is zero or more.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is a product and a shift for nearly every program")]
    pub(super) fn value(&self, base: Rupiah, rate: Rate) -> i64 {
        let magnitude = u64::from_ne_bytes(base.get().to_ne_bytes());
        if self.is_plain && magnitude < PRODUCT_FITS {
            i64::try_from(magnitude.wrapping_mul(rate.bp().into()) / 10_000).unwrap_or_default()
        } else {
            self.settings.rounding.of_magnitude(base.get(), rate)
        }
    }

    /// The standby step that points reach, if any.
    pub(super) fn standby(&self, prior: Points) -> Option<Step> {
        let reached = self.reached(prior);
        self.cells.get(reached).filter(|_| reached > 0).map(|given| Step { from: self.from(reached), rate: given.rate })
    }

    /// The standby steps: the least thousandths that reach each, and what it gives.
    pub(super) fn steps(&self) -> impl Iterator<Item = (i64, Rate)> {
        let rates = self.cells.iter().skip(1).map(|given| given.rate);
        self.steps_milli.iter().copied().zip(rates).take_while(|(milli, _)| *milli < i64::MAX)
    }

    /// The threshold of a number of steps reached; zero for none.
    #[inline]
    fn from(&self, reached: usize) -> Points {
        let milli = self.steps_milli.get(reached.wrapping_sub(1)).copied().unwrap_or_default();
        Points::from_milli(milli.wrapping_sub(self.strict.into())).unwrap_or_default()
    }

    /// The rate of a column.
    #[inline]
    pub(super) fn rate(&self, column: Column) -> Rate {
        self.given(column, true, 0).rate
    }

    /// The earliest column of the smallest rate.
    pub(super) fn smallest_column(&self) -> Column {
        Column::all().min_by_key(|column| self.rate(*column)).unwrap_or_default()
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

    /// Whether quota, table and standby alone decide.
    pub(super) fn is_plain(&self) -> bool {
        let settings = &self.settings;
        !settings.paused
            && settings.eligibility == Eligibility::Everyone
            && settings.held_slots.is_empty()
            && settings.first_n.is_none()
            && [settings.receipt_cap, settings.budget.day, settings.budget.slot].iter().all(Option::is_none)
            && settings.min_cover_bp == Count::ZERO
            && settings.rounding == Rounding::default()
    }

    /// The quota of a column.
    #[inline]
    pub(super) fn quota(&self, column: Column) -> Rupiah {
        self.quotas.get(usize::from(column.index()) % 16).copied().unwrap_or_default()
    }

    #[inline]
    fn given(&self, column: Column, met_quota: bool, reached: usize) -> Given {
        let place = if met_quota { COLUMNS.wrapping_add(column.index().into()) } else { reached };
        self.cells.get(place % 64).copied().unwrap_or(NOTHING)
    }

    /// How many of at most seven standby steps are reached: a binary search whose comparisons are added up
    /// instead of branched on.
    #[inline]
    fn reached_of_seven(&self, prior: Points) -> usize {
        self.beyond(self.beyond(self.beyond(0, 4, prior), 2, prior), 1, prior)
    }

    /// How many standby steps are reached.
    #[cold]
    #[inline(never)]
    fn reached(&self, prior: Points) -> usize {
        [8, 4, 2, 1, 1].into_iter().fold(0, |reached, half| self.beyond(reached, half, prior))
    }

    /// `half` more steps reached, if the last of them is.
    #[inline]
    fn beyond(&self, reached: usize, half: usize, prior: Points) -> usize {
        let last = reached.wrapping_add(half).wrapping_sub(1) % 16;
        let step = self.steps_milli.get(last).copied().unwrap_or(i64::MAX);
        reached.wrapping_add(half.wrapping_mul(usize::from(prior.milli() >= step)))
    }
}
