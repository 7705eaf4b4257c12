use alloc::vec::Vec;

use super::cheapest::Cheapest;
use super::market::{Choice, Market};
use crate::simulate::draws::{Draw, Draws};
use loyalty_rules::quantity::Rate;

/// The people of the simulated days, each with the place that was drawn for the basket. All plans meet the same people.
pub(super) struct Sample<'a> {
    market: &'a Market<'a>,
    /// By day, by slot.
    days: Vec<[Vec<u32>; 10]>,
}

/// How good a plan is; the least is best. A plan that sells out on enough days misses none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Score {
    missed_days: i64,
    units_left: i64,
    vouchers: i128,
}

/// The most people that all searches look at, all plans and days together: a fraction of a second on one core.
const MOST_STEPS: usize = 40_000_000;
/// So many plans are all tried.
const FEW_PLANS: usize = 1_000;
/// Targets from the stock on, each a twentieth of it higher.
const TARGETS: usize = 20;

/// A choice as it meets people.
struct Offer {
    /// For each basket, where its places end and the units that it buys.
    baskets: Vec<(u32, i64)>,
    quota_units: i64,
    rate: Rate,
    /// Below the minimum purchase.
    standby: Rate,
}

impl<'a> Sample<'a> {
    pub(super) fn of(market: &'a Market<'a>) -> Self {
        let draws = Draws::of_run(market.plan.seed, 0);
        let places = u64::try_from(market.plan.baskets.len()).unwrap_or_default().wrapping_mul(10_000);
        let mut shoppers = 0_u64..;
        let mut day = || {
            market.footfall.map(|people| {
                let people = usize::try_from(people.get()).unwrap_or_default();
                let place = |shopper| u32::try_from(draws.below(shopper, Draw::Basket, places)).unwrap_or_default();
                shoppers.by_ref().take(people).map(place).collect()
            })
        };
        Self { market, days: (0..market.plan.days.get()).map(|_| day()).collect() }
    }

    /// The best of few plans. Of many the best that is found from the cheapest ones: a slot, or two, change as long as that
    /// helps. So many searches share the bound on people.
    pub(super) fn best(&self, cheapest: &Cheapest, searches: usize) -> (Vec<Choice>, Score) {
        let people = self.days.iter().flatten().fold(1_usize, |sum, people| sum.saturating_add(people.len()));
        let mut left = MOST_STEPS.checked_div(people.saturating_mul(searches)).unwrap_or_default();
        let count = cheapest.choices.iter().fold(1_usize, |count, slot| count.saturating_mul(slot.len()));
        if count <= left.min(FEW_PLANS) {
            let scored = all(&cheapest.choices).into_iter().filter(|plan| self.is_plan(plan)).map(|plan| (self.score(&plan), plan));
            if let Some((score, plan)) = scored.min_by_key(|(score, _)| *score) {
                return (plan, score);
            }
        }
        let mut plan = self.start(cheapest);
        let mut score = self.score(&plan);
        loop {
            let before = score;
            for change in changes(&cheapest.choices) {
                let changed = with(&plan, change);
                if changed == plan || !self.is_plan(&changed) {
                    continue;
                }
                if left == 0 {
                    return (plan, score);
                }
                left = left.saturating_sub(1);
                let its_score = self.score(&changed);
                if its_score < score {
                    (plan, score) = (changed, its_score);
                }
            }
            if score == before {
                return (plan, score);
            }
        }
    }

    /// The best of the cheapest plans for the stock and more; or the one for as much of the stock as is reached within the limit.
    fn start(&self, cheapest: &Cheapest) -> Vec<Choice> {
        let (stock, limit) = (self.market.stock(), self.market.limit.get());
        let target = |step: usize| stock.saturating_add(stock.saturating_mul(step).div_ceil(TARGETS));
        let is_reached = |target: &usize| cheapest.cost(*target) <= limit;
        let plans = (0..=TARGETS).map(target).filter(is_reached).map(|target| cheapest.plan(target));
        let best = plans.min_by_key(|plan| self.score(plan));
        // A target of nothing is always reached.
        best.unwrap_or_else(|| cheapest.plan((0..=stock).rev().find(is_reached).unwrap_or_default()))
    }

    /// Whether vouchers stay within the limit, and rates do not fall over the slots that are not held.
    fn is_plan(&self, choices: &[Choice]) -> bool {
        let cost = choices.iter().fold(0_i64, |sum, choice| sum.saturating_add(choice.cost));
        cost <= self.market.limit.get() && choices.iter().filter_map(|choice| choice.gives).map(|gives| gives.level).is_sorted()
    }

    fn score(&self, plan: &[Choice]) -> Score {
        let offers: Vec<Offer> = plan.iter().map(|choice| self.offer(choice)).collect();
        let mut score = Score { missed_days: 0, units_left: 0, vouchers: 0 };
        for day in &self.days {
            let mut left = self.market.plan.stock.units.get();
            for (people, offer) in day.iter().zip(&offers) {
                for place in people {
                    let wanted = offer.baskets.iter().find(|(end, _)| place < end).map_or(0, |(_, units)| *units);
                    let units = wanted.min(left);
                    left = left.wrapping_sub(units);
                    if units > 0 {
                        let rate = if units >= offer.quota_units { offer.rate } else { offer.standby };
                        score.vouchers = score.vouchers.wrapping_add(self.market.voucher(units, rate).into());
                    }
                }
            }
            score.units_left = score.units_left.wrapping_add(left);
            score.missed_days = score.missed_days.wrapping_add((left > 0).into());
        }
        if self.market.plan.is_enough(self.market.plan.days.get().wrapping_sub(score.missed_days)) {
            (score.missed_days, score.units_left) = (0, 0);
        }
        score
    }

    fn offer(&self, choice: &Choice) -> Offer {
        let mut end = 0_u32;
        let mut basket = |share: i128, units| {
            end = end.wrapping_add(u32::try_from(share).unwrap_or_default());
            (end, units)
        };
        let baskets = self.market.buyers(choice.gives).map(|buyer| basket(buyer.share, buyer.units)).collect();
        match choice.gives {
            Some(gives) => Offer { baskets, quota_units: gives.quota_units, rate: gives.rate, standby: self.market.standby },
            None => Offer { baskets, quota_units: 0, rate: Rate::ZERO, standby: Rate::ZERO },
        }
    }
}

/// Every plan, in the order of its slots' choices.
fn all(choices: &[Vec<Choice>]) -> Vec<Vec<Choice>> {
    let with_each = |plan: &Vec<Choice>, slot: &[Choice]| -> Vec<Vec<Choice>> {
        slot.iter().map(|choice| plan.iter().copied().chain([*choice]).collect()).collect()
    };
    let nothing = core::iter::once(Vec::new()).collect::<Vec<_>>();
    choices.iter().fold(nothing, |plans, slot| plans.iter().flat_map(|plan| with_each(plan, slot)).collect())
}

/// What a slot is changed to.
type Change = (usize, Choice);

/// Every change of one slot, written twice; then every change of two.
fn changes(choices: &[Vec<Choice>]) -> impl Iterator<Item = [Change; 2]> {
    let of = move |slot: usize| choices.get(slot).into_iter().flatten().map(move |choice| (slot, *choice));
    let slots = 0..choices.len();
    let ones = slots.clone().flat_map(of).map(|one| [one, one]);
    let pairs = slots.clone().flat_map(move |first| slots.clone().skip(first.saturating_add(1)).map(move |second| (first, second)));
    let twos = pairs.flat_map(move |(first, second)| of(first).flat_map(move |one| of(second).map(move |two| [one, two])));
    ones.chain(twos)
}

fn with(plan: &[Choice], change: [Change; 2]) -> Vec<Choice> {
    let changed =
        |(slot, before): (usize, &Choice)| change.iter().find(|(changed, _)| *changed == slot).map_or(*before, |(_, choice)| *choice);
    plan.iter().enumerate().map(changed).collect()
}
