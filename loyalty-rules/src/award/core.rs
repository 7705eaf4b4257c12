use super::reason::Reason;
use super::terms::Terms;
use crate::quantity::{Points, Rate, Rounding, Rupiah};
use crate::tables::{Column, Step};

/// What the core of an award reads, laid out for it: one row a column. A row holds what each number of standby
/// steps reached gives, and in its last place what the column itself gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Core {
    rows: [[Given; ROW]; 16],
    quotas: [Rupiah; 16],
    /// The least thousandths that reach each standby step; behind the last step a number nobody holds.
    steps_milli: [i64; 16],
    /// The steps as stated, from the second place on; in the first no step.
    steps: [Step; 17],
    /// Whether values are whole rupiah, down, and at most seven steps are counted.
    is_plain: bool,
    rounding: Rounding,
}

const ROW: usize = 32;
const OWN_RATE: usize = ROW - 1;
/// Below it a product with a rate stays below 2⁶³.
const PRODUCT_FITS: u64 = 1 << 49;

/// A rate and the reason that gives it: full, standby, or none of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) rate: Rate,
    pub(super) reason: Reason,
}

const NOTHING: Given = Given { rate: Rate::ZERO, reason: Reason::NoStandby };

impl Core {
    pub(super) fn new(terms: &Terms) -> Self {
        let mut standby = [NOTHING; ROW];
        for (given, step) in standby.iter_mut().skip(1).zip(terms.standby.steps()) {
            let reason = if step.rate > Rate::ZERO { Reason::Standby } else { Reason::NoStandby };
            *given = Given { rate: step.rate, reason };
        }
        let mut core = Self {
            rows: [standby; 16],
            quotas: [Rupiah::ZERO; 16],
            steps_milli: [i64::MAX; 16],
            steps: [Step { from: Points::ZERO, rate: Rate::ZERO }; 17],
            is_plain: terms.rounding == Rounding::default() && terms.standby.steps().count() <= 7,
            rounding: terms.rounding,
        };
        for ([.., own], stated) in core.rows.iter_mut().zip(terms.table.rates()) {
            *own = Given { rate: *stated, reason: Reason::Full };
        }
        for (quota, stated) in core.quotas.iter_mut().zip(terms.quota.all()) {
            *quota = *stated;
        }
        for (milli, reached_at) in core.steps_milli.iter_mut().zip(terms.standby.reached_at_milli()) {
            *milli = reached_at;
        }
        for (step, stated) in core.steps.iter_mut().skip(1).zip(terms.standby.steps()) {
            *step = stated;
        }
        core
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
        let standby_from = self.steps.get(reached).map_or(Points::ZERO, |step| step.from);
        (self.given(column, met_quota, reached), standby_from)
    }

    /// The value in rupiah at a rate, before it is held against the domain; the base is zero or more.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is a product and a shift for nearly every program")]
    pub(super) fn value(&self, base: Rupiah, rate: Rate) -> i64 {
        let magnitude = u64::from_ne_bytes(base.get().to_ne_bytes());
        if self.is_plain && magnitude < PRODUCT_FITS {
            i64::try_from(magnitude.wrapping_mul(rate.bp().into()) / 10_000).unwrap_or_default()
        } else {
            self.rounding.of_magnitude(base.get(), rate)
        }
    }

    /// The standby step that points reach, if any.
    pub(super) fn standby(&self, prior: Points) -> Option<Step> {
        let reached = self.reached(prior);
        self.steps.get(reached).copied().filter(|_| reached > 0)
    }

    #[inline]
    fn quota(&self, column: Column) -> Rupiah {
        self.quotas.get(usize::from(column.index()) % 16).copied().unwrap_or_default()
    }

    #[inline]
    fn given(&self, column: Column, met_quota: bool, reached: usize) -> Given {
        let place = if met_quota { OWN_RATE } else { reached % ROW };
        self.rows.get(usize::from(column.index()) % 16).and_then(|row| row.get(place)).copied().unwrap_or(NOTHING)
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
