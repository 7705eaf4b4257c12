use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::SellOut;
use crate::WeightedBasket;
use loyalty_rules::error::Error;
use loyalty_rules::quantity::{Count, DOMAIN_MAX, Rate, Rounding, Rupiah};
use loyalty_rules::tables::{Column, Schedule};

/// The most minimum purchases that are tried.
const MOST_QUOTAS: usize = 32;

/// A rate and a minimum purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gives {
    pub(super) rate: Rate,
    /// The place of the rate among those that rise from slot to slot.
    pub(super) level: usize,
    pub(super) quota_units: i64,
}

/// What a slot can do, what it sells on average, and what that costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// `None` when the slot is held.
    pub(super) gives: Option<Gives>,
    /// Parts of a unit, at most the greatest target.
    pub(super) parts: usize,
    /// Vouchers in rupiah, at most the limit.
    pub(super) cost: i64,
}

/// What one basket does under a choice.
pub(super) struct Buyer {
    /// Of the people who want it, in basis points.
    pub(super) share: i128,
    pub(super) units: i64,
    voucher: i64,
    is_full: bool,
}

/// A basket in units: what it buys, and what it buys at most to reach a minimum purchase.
#[derive(Clone, Copy)]
struct Reach {
    own: i64,
    most: i64,
}

/// A slot's vouchers on average, from which its limits follow.
#[derive(Clone, Copy, Default)]
pub(super) struct Guard {
    full: i128,
    cost: i128,
    greatest: i128,
}

/// Who comes by, what they buy, and what it may cost.
pub(super) struct Market<'a> {
    pub(super) plan: &'a SellOut<'a>,
    pub(super) footfall: [Count; 10],
    baskets: Vec<Reach>,
    /// Minimum purchases in units.
    quotas: BTreeSet<i64>,
    pub(super) standby: Rate,
    /// Parts of a unit in which plans are counted.
    parts: i64,
    pub(super) limit: Rupiah,
}

impl<'a> Market<'a> {
    pub(super) fn of(plan: &'a SellOut<'a>) -> Result<Self, Error> {
        let (units, price) = (plan.stock.units.get(), plan.stock.price.get());
        let worth = plan.stock.price.checked_mul(units).map_err(|refused| refused.at("stock.price"))?;
        let reach = |basket: &Rupiah| {
            let own = basket.get().checked_div(price).unwrap_or_default().min(units);
            let stretched = i128::from(basket.get()).wrapping_mul(10_000_i128.wrapping_add(plan.stretch.bp().into()));
            let most = stretched.checked_div(i128::from(price).wrapping_mul(10_000)).unwrap_or_default();
            Reach { own, most: i64::try_from(most).unwrap_or(i64::MAX).min(units) }
        };
        let baskets: Vec<Reach> = plan.baskets.iter().map(reach).collect();
        // Price × (100 % − least margin) − cost is below 2¹⁰⁸, by at most 2¹⁴ units.
        let kept = 10_000_i128.wrapping_sub(plan.min_margin.bp().into());
        let a_unit = i128::from(price).wrapping_mul(kept).wrapping_sub(i128::from(plan.stock.cost.get()).wrapping_mul(10_000));
        let affordable = a_unit.wrapping_mul(units.into()) / 10_000;
        let limit = affordable.clamp(0, worth.get().into()).min(plan.fund_free.map_or(i128::MAX, |free| free.get().into()));
        Ok(Self {
            plan,
            footfall: plan.footfall(),
            quotas: quotas(&baskets),
            baskets,
            standby: Schedule::default().rate(plan.prior_points),
            parts: super::MOST_UNITS.checked_div(units).unwrap_or(1),
            limit: Rupiah::from_result(i64::try_from(limit).ok())?,
        })
    }

    /// The stock in parts.
    pub(super) fn stock(&self) -> usize {
        usize::try_from(self.plan.stock.units.get().wrapping_mul(self.parts)).unwrap_or_default()
    }

    /// The greatest target: twice the stock.
    pub(super) fn most(&self) -> usize {
        self.stock().saturating_mul(2)
    }

    /// What so many units cost.
    pub(super) fn amount(&self, units: i64) -> Result<Rupiah, Error> {
        self.plan.stock.price.checked_mul(units)
    }

    /// Every slot held.
    pub(super) fn held_day(&self) -> Vec<Choice> {
        Column::all().filter_map(|column| self.choice(column, None)).collect()
    }

    /// What a slot can choose from: held, then by rate, then by minimum purchase. A choice above the limit is none.
    pub(super) fn choices(&self, column: Column, rates: &[Rate]) -> Vec<Choice> {
        // Where nobody comes by, nothing is sold or given, whatever the slot does.
        let rates = if self.people(column) == 0 { &[] } else { rates };
        let gives = rates
            .iter()
            .enumerate()
            .flat_map(|(level, rate)| self.quotas.iter().map(move |quota_units| Gives { rate: *rate, level, quota_units: *quota_units }));
        core::iter::once(None).chain(gives.map(Some)).filter_map(|gives| self.choice(column, gives)).collect()
    }

    fn choice(&self, column: Column, gives: Option<Gives>) -> Option<Choice> {
        let (units, vouchers) = self.buyers(gives).fold((0_i128, 0_i128), |(units, vouchers), buyer| {
            (
                units.wrapping_add(buyer.share.wrapping_mul(buyer.units.into())),
                vouchers.wrapping_add(buyer.share.wrapping_mul(buyer.voucher.into())),
            )
        });
        let cost = self.of_people(column, vouchers, Rounded::Up);
        let parts = self.of_people(column, units.wrapping_mul(self.parts.into()), Rounded::Down);
        let most = self.most();
        (cost <= self.limit.get().into()).then(|| Choice {
            gives,
            parts: usize::try_from(parts).unwrap_or(most).min(most),
            cost: i64::try_from(cost).unwrap_or_default(),
        })
    }

    /// Thousandths of a unit that a slot wants.
    pub(super) fn units_milli(&self, column: Column, choice: &Choice) -> Result<Count, Error> {
        let units = self.buyers(choice.gives).fold(0_i128, |sum, buyer| sum.wrapping_add(buyer.share.wrapping_mul(buyer.units.into())));
        Count::from_result(self.of_people(column, units.wrapping_mul(1_000), Rounded::Down))
    }

    pub(super) fn guard(&self, column: Column, choice: &Choice) -> Guard {
        let full = self.buyers(choice.gives).filter(|buyer| buyer.is_full).fold(0_i128, |sum, buyer| sum.wrapping_add(buyer.share));
        let greatest = self.buyers(choice.gives).map(|buyer| buyer.voucher).max().unwrap_or_default();
        Guard { full: self.of_people(column, full, Rounded::Up), cost: choice.cost.into(), greatest: greatest.into() }
    }

    /// The baskets of a slot by weight: who buys under a choice, and who does not.
    pub(super) fn weighted(&self, choice: &Choice) -> Result<Vec<WeightedBasket>, Error> {
        let (mut baskets, mut nobody) = (Vec::new(), 0_u32);
        for buyer in self.buyers(choice.gives) {
            let weight = u32::try_from(buyer.share).unwrap_or_default();
            nobody = nobody.wrapping_add(10_000).wrapping_sub(weight);
            baskets.push(WeightedBasket { amount: self.amount(buyer.units)?, weight });
        }
        baskets.push(WeightedBasket { amount: Rupiah::ZERO, weight: nobody });
        Ok(baskets)
    }

    pub(super) fn buyers(&self, gives: Option<Gives>) -> impl Iterator<Item = Buyer> {
        self.baskets.iter().map(move |basket| self.buyer(*basket, gives))
    }

    fn buyer(&self, basket: Reach, gives: Option<Gives>) -> Buyer {
        let Reach { own, most } = basket;
        let voucher = |units: i64, rate: Rate| self.voucher(units, rate);
        match gives {
            Some(gives) if most >= gives.quota_units => {
                let units = own.max(gives.quota_units);
                let voucher = voucher(units, gives.rate);
                Buyer { share: self.conversion(gives.rate), units, voucher, is_full: voucher > 0 }
            }
            Some(_) => Buyer { share: self.conversion(Rate::ZERO), units: own, voucher: voucher(own, self.standby), is_full: false },
            None => Buyer { share: self.conversion(Rate::ZERO), units: own, voucher: 0, is_full: false },
        }
    }

    /// The voucher for so many units, at most the stock: their amount is in the domain.
    pub(super) fn voucher(&self, units: i64, rate: Rate) -> i64 {
        Rounding::default().of_magnitude(self.plan.stock.price.get().wrapping_mul(units), rate)
    }

    fn conversion(&self, rate: Rate) -> i128 {
        let reached = self.plan.conversion.iter().rev().find(|step| step.rate <= rate);
        reached.map_or(0, |step| step.conversion.bp().into())
    }

    fn people(&self, column: Column) -> i64 {
        self.footfall.get(usize::from(column.index())).map_or(0, |people| people.get())
    }

    /// What all people of a slot come to: the sum over the baskets, in basis points, is below 2¹⁰⁰.
    fn of_people(&self, column: Column, sum: i128, rounded: Rounded) -> i128 {
        let whole = i128::try_from(self.baskets.len()).unwrap_or(1).wrapping_mul(10_000);
        let exact = sum.wrapping_mul(self.people(column).into());
        let up = match rounded {
            Rounded::Up => whole.wrapping_sub(1),
            Rounded::Down => 0,
        };
        exact.wrapping_add(up).checked_div(whole).unwrap_or_default()
    }
}

/// Minimum purchases that set people apart: what a basket buys, and all that it can be stretched to; if they are too many, the
/// furthest alone.
fn quotas(baskets: &[Reach]) -> BTreeSet<i64> {
    let mut quotas: BTreeSet<i64> = baskets.iter().flat_map(|basket| basket.own..=basket.most).collect();
    if quotas.len() > MOST_QUOTAS {
        quotas = baskets.iter().flat_map(|basket| [basket.own, basket.most]).collect();
    }
    quotas.remove(&0);
    quotas
}

#[derive(Clone, Copy)]
enum Rounded {
    Up,
    Down,
}

impl Guard {
    pub(super) fn add(&mut self, other: &Self) {
        self.full = self.full.wrapping_add(other.full);
        self.cost = self.cost.wrapping_add(other.cost);
        self.greatest = self.greatest.max(other.greatest);
    }

    /// The first N: three standard deviations above the mean, as each person decides alone.
    pub(super) fn places(&self) -> Count {
        Count::part(i64::try_from(above(self.full, 1)).unwrap_or(DOMAIN_MAX))
    }

    /// The same of vouchers, at most the limit.
    pub(super) fn budget(&self, limit: Rupiah) -> Rupiah {
        i64::try_from(above(self.cost, self.greatest)).map_or(limit, |budget| Rupiah::part(budget.min(limit.get())))
    }
}

/// mean + 3 × √(mean × greatest), the root rounded up: no sum of independent parts up to the greatest varies more. Both are
/// below 2⁵⁷.
fn above(mean: i128, greatest: i128) -> i128 {
    let square = mean.wrapping_mul(greatest);
    let root = square.isqrt();
    let up = i128::from(root.wrapping_mul(root) < square);
    mean.wrapping_add(root.wrapping_add(up).wrapping_mul(3))
}
