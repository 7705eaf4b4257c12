use super::terms::Terms;
use crate::quantity::{Points, Rate, Rounding, Rupiah};
use crate::tables::{Column, Step};

/// What the core of an award reads, laid out for it: one row of rates a column. A row holds the standby rates
/// by the number of steps reached, and in its last place the column's own rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Core {
    rates: [[Rate; ROW]; 16],
    quotas: [Rupiah; 16],
    /// The least thousandths that reach each standby step; behind the last step a number nobody holds.
    steps_milli: [i64; 16],
    steps: [Step; 16],
    /// Whether there are more than seven steps.
    is_long: bool,
    rounding: Rounding,
}

const ROW: usize = 32;
const OWN_RATE: usize = ROW - 1;

impl Core {
    pub(super) fn new(terms: &Terms) -> Self {
        let mut standby = [Rate::ZERO; ROW];
        for (rate, step) in standby.iter_mut().skip(1).zip(terms.standby.steps()) {
            *rate = step.rate;
        }
        let mut core = Self {
            rates: [standby; 16],
            quotas: [Rupiah::ZERO; 16],
            steps_milli: [i64::MAX; 16],
            steps: [Step { from: Points::ZERO, rate: Rate::ZERO }; 16],
            is_long: terms.standby.steps().count() > 7,
            rounding: terms.rounding,
        };
        for ([.., rate], stated) in core.rates.iter_mut().zip(terms.table.rates()) {
            *rate = *stated;
        }
        for (quota, stated) in core.quotas.iter_mut().zip(terms.quota.all()) {
            *quota = *stated;
        }
        for (milli, reached_at) in core.steps_milli.iter_mut().zip(terms.standby.reached_at_milli()) {
            *milli = reached_at;
        }
        for (step, stated) in core.steps.iter_mut().zip(terms.standby.steps()) {
            *step = stated;
        }
        core
    }

    /// Whether the quota is met, the rate, and the value in rupiah; the amounts are zero or more.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "three values would be returned through memory")]
    pub(super) fn award(&self, total: Rupiah, base: Rupiah, column: Column, prior: Points) -> (bool, Rate, i64) {
        let column = usize::from(column.index()) % 16;
        let met_quota = total >= self.quotas.get(column).copied().unwrap_or_default();
        // Both places are at hand, so that choosing one is no branch to mispredict.
        let reached = self.reached(prior);
        let place = if met_quota { OWN_RATE } else { reached % ROW };
        let rate = self.rates.get(column).and_then(|row| row.get(place)).copied().unwrap_or_default();
        (met_quota, rate, self.rounding.of_magnitude(base.get(), rate))
    }

    /// The standby step that points reach.
    #[inline]
    pub(super) fn standby(&self, prior: Points) -> Option<Step> {
        self.steps.get(self.reached(prior).checked_sub(1)?).copied()
    }

    /// How many standby steps are reached: a binary search whose comparisons are added up instead of branched
    /// on.
    #[inline]
    fn reached(&self, prior: Points) -> usize {
        if self.is_long { self.reached_of_many(prior) } else { self.beyond(self.beyond(self.beyond(0, 4, prior), 2, prior), 1, prior) }
    }

    #[cold]
    #[inline(never)]
    fn reached_of_many(&self, prior: Points) -> usize {
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
