use super::Baskets;
use super::shop::{Behaviour, Shop};
use crate::rupiah;
use loyalty_rules::award::{Budget, Counters, Merchant, Receipt, decide};
use loyalty_rules::quantity::{Count, Mode, Rate, Rounding, Rupiah};
use loyalty_rules::tables::{Column, Mechanism};

/// What all runs and days come to on average, in rupiah rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Sales.
    pub sales: Rupiah,
    /// The vouchers given.
    pub vouchers: Rupiah,
}

impl Shop<'_> {
    /// The expectation, as far as no receipt depends on another; `None` too where it does not fit 128 bits or the
    /// domain.
    pub(super) fn expected(&self) -> Option<Expected> {
        let terms = self.plan.program.terms();
        let Budget { day, slot, .. } = terms.budget;
        let is_limited = day.is_some() || slot.is_some() || terms.receipt_cap.is_some() || terms.first_n.is_some();
        let is_backed = self.plan.backing.is_some() || terms.min_cover_bp > Count::ZERO;
        // Steps of a purchase have no sum in closed form here.
        let has_steps = self.mechanism == Mechanism::Points;
        let baskets = match self.plan.baskets {
            Baskets::Between { from, to } => i128::from(to.get()).wrapping_sub(from.get().into()).wrapping_add(1),
            Baskets::List(list) => i128::try_from(list.len()).ok()?,
            Baskets::BySlot(_) => return None,
        };
        if is_limited || is_backed || has_steps || self.plan.stock.is_some() {
            return None;
        }
        let (mut sales, mut vouchers) = (0_i128, 0_i128);
        for (column, buyers) in Column::all().zip(self.buyers()).filter(|(_, buyers)| *buyers > 0) {
            let (of_sales, of_vouchers) = self.sums_at(column)?;
            sales = sales.checked_add(of_sales.checked_mul(buyers)?)?;
            vouchers = vouchers.checked_add(of_vouchers.checked_mul(buyers)?)?;
        }
        let days = i128::from(self.plan.runs.get()).wrapping_mul(self.plan.days.get().into());
        let weights = self.plan.mix.weights().iter().fold(0_i128, |sum, weight| sum.wrapping_add((*weight).into()));
        // Below 2⁵⁵ × 2¹⁷ × 2⁵⁴.
        let parts = weights.wrapping_mul(BUYER).wrapping_mul(baskets);
        let mean = |sum: i128| rupiah(sum.checked_mul(days)?.checked_div(parts)?).ok();
        Some(Expected { sales: mean(sales)?, vouchers: mean(vouchers)? })
    }

    /// Who buys at each column in a day, in parts of weight × [`BUYER`].
    fn buyers(&self) -> [i128; 10] {
        let [indifferent, waits, forces] = self.plan.mix.weights().map(i128::from);
        let mut buyers = [0_i128; 10];
        // 10⁷ shoppers × 2⁵⁵ × 10⁵ stay below 2⁹⁶.
        let mut add = |column: Column, shoppers: Count, weight: i128, part: i128| {
            if let Some(buyers) = buyers.get_mut(usize::from(column.index())) {
                *buyers = buyers.wrapping_add(i128::from(shoppers.get()).wrapping_mul(weight).wrapping_mul(part));
            }
        };
        for (own, shoppers) in Column::all().zip(self.plan.shoppers_by_slot) {
            match self.mechanism {
                Mechanism::TimeAuction => {
                    add(own, shoppers, indifferent.wrapping_add(forces), BUYER);
                    let stays = i128::from(10_000_u16.wrapping_sub(self.plan.gives_up.bp())).wrapping_mul(BUYER / 10_000);
                    match self.waits_for(own) {
                        Some(best) => add(best, shoppers, waits, stays),
                        None => add(own, shoppers, waits, BUYER),
                    }
                }
                Mechanism::Flat | Mechanism::Points => {
                    add(own, shoppers, indifferent.wrapping_add(waits).wrapping_add(forces), BUYER);
                }
                Mechanism::Stopwatch => {
                    Column::all().for_each(|column| add(column, shoppers, indifferent.wrapping_add(waits), BUYER / 10));
                    add(self.best.unwrap_or_default(), shoppers, forces, BUYER);
                }
            }
        }
        buyers
    }

    /// What all baskets, each once, sell for at a column, and what they are given.
    fn sums_at(&self, column: Column) -> Option<(i128, i128)> {
        let (mut sales, mut vouchers) = (0_i128, 0_i128);
        let mut add = |from: Rupiah, to: Rupiah| {
            let (from, to) = (from.get(), to.get());
            let quota = self.plan.program.terms().quota.of(column).get();
            for (from, to) in [(from, to.min(quota.wrapping_sub(1))), (from.max(quota), to)] {
                let (first, count) = (i128::from(from), i128::from(to).wrapping_sub(from.into()).wrapping_add(1));
                if count > 0 {
                    // Twice the sum is below 2¹⁰⁸.
                    let sum = first.wrapping_add(to.into()).wrapping_mul(count) / 2;
                    sales = sales.checked_add(sum)?;
                    vouchers =
                        vouchers.checked_add(sum_of_values(self.plan.program.terms().rounding, self.rate_at(column, to)?, first, count))?;
                }
            }
            Some(())
        };
        match self.plan.baskets {
            Baskets::Between { from, to } => add(from, to)?,
            Baskets::List(list) => list.iter().try_for_each(|basket| add(*basket, *basket))?,
            Baskets::BySlot(_) => return None,
        }
        Some((sales, vouchers))
    }

    /// The rate of every basket above zero on the same side of the quota.
    fn rate_at(&self, column: Column, basket: i64) -> Option<Rate> {
        let play = self.play(column, Behaviour::Indifferent, || column.digit());
        let receipt = Receipt::new(Rupiah::part(basket)).with(play);
        let award = decide(self.plan.program, &receipt, &self.shopper, &Merchant::default(), &Counters::default()).ok()?;
        Some(award.rate())
    }
}

/// One buyer: a multiple of the ten digits and of the parts that give up.
const BUYER: i128 = 100_000;

/// What the amounts `first`, `first` + 1, … , so many of them, are worth at a rate, each rounded by itself (CV-4).
/// Everything is zero or more, amounts and their count below 2⁵⁴.
fn sum_of_values(rounding: Rounding, rate: Rate, first: i128, count: i128) -> i128 {
    let unit = i128::from(rounding.unit.rupiah());
    let (rate, full) = (i128::from(rate.bp()), unit.wrapping_mul(10_000));
    let sum = |times: i128, plus: i128, full: i128| {
        let slope = rate.wrapping_mul(times);
        floor_sum(count, slope, slope.wrapping_mul(first).wrapping_add(plus), full)
    };
    let twice = full.wrapping_mul(2);
    let units = match rounding.mode {
        Mode::Down => sum(1, 0, full),
        Mode::Up => sum(1, full.wrapping_sub(1), full),
        Mode::HalfUp => sum(2, full, twice),
        Mode::HalfEven => {
            // Of the ties, those that rounding up leaves odd go down: amount × rate = half a unit and an even number
            // of units.
            let rest = twice.wrapping_sub(full / 2);
            let ties = sum(1, rest, twice).wrapping_sub(sum(1, rest.wrapping_sub(1), twice));
            sum(2, full, twice).wrapping_sub(ties)
        }
    };
    units.wrapping_mul(unit)
}

/// The sum of (slope × i + start) ÷ full, each rounded down, over i = 0 … count − 1; as the greatest common divisor is
/// found, slope and divisor change places until one is used up. The inputs are zero or more, the count below 2⁵⁴, the
/// slope below 2¹⁵ and the start below 2⁷⁰, so that the sum stays below 2¹¹³.
fn floor_sum(mut count: i128, mut slope: i128, mut start: i128, mut full: i128) -> i128 {
    let mut sum = 0_i128;
    while count > 0 && full > 0 {
        let divide = |number: i128| (number.checked_div(full).unwrap_or_default(), number.checked_rem(full).unwrap_or_default());
        let ((whole_slope, slope_rest), (whole_start, start_rest)) = (divide(slope), divide(start));
        let pairs = count.wrapping_mul(count.wrapping_sub(1)) / 2;
        sum = sum.wrapping_add(whole_slope.wrapping_mul(pairs)).wrapping_add(whole_start.wrapping_mul(count));
        (count, start) = divide(slope_rest.wrapping_mul(count).wrapping_add(start_rest));
        (slope, full) = (full, slope_rest);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use loyalty_rules::error::Error;
    use loyalty_rules::quantity::Unit;

    #[test]
    fn the_sum_of_a_range_is_that_of_its_amounts() -> Result<(), Error> {
        for (mode, unit) in Mode::ALL.iter().flat_map(|mode| Unit::ALL.map(|unit| (*mode, unit))) {
            for (first, count, bp) in
                [(0, 1, 9_999), (0, 300, 350), (12_345, 3_000, 1_250), (999_999, 2_500, 5_000), (7, 40_000, 10_000), (1, 900, 0)]
            {
                let (rounding, rate) = (Rounding { unit, mode }, Rate::from_bp(bp)?);
                let one_by_one = (first..first + count)
                    .try_fold(0, |sum, amount| Ok::<_, Error>(sum + i128::from(rounding.apply(Rupiah::new(amount)?, rate)?.get())))?;
                assert_eq!(sum_of_values(rounding, rate, first.into(), count.into()), one_by_one, "{rounding:?} {first} {count} {bp}");
            }
        }
        Ok(())
    }
}
