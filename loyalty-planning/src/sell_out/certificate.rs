use alloc::vec::Vec;

use super::SellOut;
use super::market::{Choice, Market};
use crate::{Baskets, DayStock, Mix, Simulation, rupiah};
use loyalty_rules::award::Program;
use loyalty_rules::error::Error;
use loyalty_rules::quantity::{Count, Rate, Ratio, Rupiah};
use loyalty_rules::sort;

/// What simulated days sold. Means are rounded toward zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SimulatedSales {
    /// Days that closed with nothing left.
    pub sold_out_days: Count,
    /// All days.
    pub days: Count,
    /// Thousandths of a unit left at closing, on average.
    pub units_left_milli: Count,
    /// What the units left cost, in rupiah, on average.
    pub left_cost: Rupiah,
    /// What was given.
    pub vouchers: VoucherCost,
    /// Sold × (price − cost) − vouchers − left × cost in rupiah, on average; negative for a loss.
    pub profit: Rupiah,
    /// What each slot sold.
    pub slots: [SoldInSlot; 10],
}

/// What a slot sold, on average.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SoldInSlot {
    /// Thousandths of a unit.
    pub units_milli: Count,
    /// The vouchers given, in rupiah.
    pub vouchers: Rupiah,
}

/// The vouchers of a day, in rupiah.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoucherCost {
    /// On average.
    pub mean: Rupiah,
    /// At the percentile of the plan.
    pub at_percentile: Rupiah,
    /// On the day that gave most.
    pub worst: Rupiah,
}

impl SellOut<'_> {
    /// The days of one run under a program, each person buying or not by chance.
    pub(super) fn simulate(&self, program: &Program, market: &Market<'_>, choices: &[Choice]) -> Result<SimulatedSales, Error> {
        let mut baskets: [Vec<_>; 10] = Default::default();
        for (baskets, choice) in baskets.iter_mut().zip(choices) {
            *baskets = market.weighted(choice)?;
        }
        let people = |bp: u16| Count::new(bp.into());
        let simulation = Simulation {
            seed: self.seed,
            runs: Count::new(1)?,
            days: self.days,
            program,
            shoppers_by_slot: self.footfall(),
            baskets: Baskets::BySlot(&baskets),
            mix: Mix {
                indifferent: people(Rate::WHOLE.bp().wrapping_sub(self.waits.bp()))?,
                waits: people(self.waits.bp())?,
                forces: Count::ZERO,
            },
            gives_up: self.gives_up,
            prior_points: self.prior_points,
            // What is left is valued at its exact cost below.
            stock: Some(DayStock { units: self.stock.units, price: self.stock.price, lost: Rate::ZERO }),
            margin: Ratio::ZERO,
            backing: None,
            min_cover_bp: Count::ZERO,
        };
        let simulated = simulation.run()?;
        let days = simulated.days;
        let mut vouchers: Vec<Rupiah> = days.iter().map(|day| day.vouchers).collect();
        sort::ascending(&mut vouchers);
        let last = vouchers.len().saturating_sub(1);
        let percentile = usize::try_from(self.percentile.get()).unwrap_or_default();
        let at = |place: usize| vouchers.get(place).copied().unwrap_or_default();
        // At most 366 days of numbers below 2⁵³, and products of theirs below 2¹⁰⁶.
        let sum = |numbers: &mut dyn Iterator<Item = i64>| numbers.fold(0_i128, |sum, number| sum.wrapping_add(number.into()));
        let left = sum(&mut days.iter().map(|day| day.units_left.get()));
        let given = sum(&mut vouchers.iter().map(|vouchers| vouchers.get()));
        let opened = sum(&mut days.iter().map(|_| self.stock.units.get()));
        let (price, cost) = (i128::from(self.stock.price.get()), i128::from(self.stock.cost.get()));
        let left_cost = left.wrapping_mul(cost);
        let gain = opened.wrapping_sub(left).wrapping_mul(price.wrapping_sub(cost));
        let mean = |sum: i128| sum.checked_div(self.days.get().into()).unwrap_or_default();
        let mut slots = [SoldInSlot::default(); 10];
        for (slot, totals) in slots.iter_mut().zip(simulated.slots) {
            slot.units_milli = Count::from_result(mean(i128::from(totals.units.get()).wrapping_mul(1_000)))?;
            slot.vouchers = rupiah(mean(totals.vouchers.get().into()))?;
        }
        Ok(SimulatedSales {
            slots,
            sold_out_days: Count::part(
                days.iter().filter(|day| day.units_left == Count::ZERO).fold(0, |days: i64, _| days.wrapping_add(1)),
            ),
            days: self.days,
            units_left_milli: Count::from_result(mean(left.wrapping_mul(1_000)))?,
            left_cost: rupiah(mean(left_cost))?,
            vouchers: VoucherCost { mean: rupiah(mean(given))?, at_percentile: at(percentile.wrapping_mul(last) / 100), worst: at(last) },
            profit: rupiah(mean(gain.wrapping_sub(given).wrapping_sub(left_cost)))?,
        })
    }
}
