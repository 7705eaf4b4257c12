use alloc::vec::Vec;
use core::cmp::Reverse;

use super::rupiah;
use crate::fault::Faults as _;
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::{Count, Rate, Ratio, Rupiah};
use loyalty_rules::sort;
use loyalty_rules::tables::RateTable;

/// A typical day without a program, and the table that is to change it (PL-5, PL-7).
///
/// Sales S and the part Q of them in receipts of the quota or more grow alike; the vouchers are Q × rate; the profit is
/// S × margin − vouchers − fixed cost.
///
/// ```
/// use loyalty_planning::{Assumed, TypicalDay};
/// use loyalty_rules::quantity::{Count, Rate, Ratio, Rupiah};
/// use loyalty_rules::tables::{RateTable, TableName};
///
/// let receipts = [200_000, 100_000].map(|amount| Rupiah::new(amount).unwrap());
/// let plus = RateTable::from(TableName::parse("stopwatch/below_15/plus")?); // 6.5 %, forced 11 %
/// let day = TypicalDay::new(&plus, &receipts, Ratio::from_bp(1_000)?, Rupiah::ZERO)?;
///
/// let assumed = Assumed { uplift_bp: Count::new(1_000)?, forcing: Rate::from_bp(5_000)?, quota: receipts[0] };
/// let sensed = day.sense(&assumed)?;
/// assert_eq!(sensed.vouchers.get(), 19_250); // 220,000 × 8.75 %
/// assert_eq!(sensed.net_profit.get(), 33_000 - 19_250);
/// assert_eq!(day.break_even(assumed.forcing, assumed.quota)?, Some(Ratio::from_bp(14_000)?)); // 17,500 ÷ (30,000 − 17,500)
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypicalDay {
    /// Tenths of a basis point.
    highest: i128,
    mean: i128,
    margin: Ratio,
    fixed_cost: Rupiah,
    /// The receipts from the largest on, each with the sum so far.
    descending: Vec<(Rupiah, i128)>,
    sales: i128,
}

/// What may come of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumed {
    /// By how much sales grow, in basis points.
    pub uplift_bp: Count,
    /// The share of shoppers who get the highest rate; the others get the mean.
    pub forcing: Rate,
    /// The minimum purchase in rupiah.
    pub quota: Rupiah,
}

/// What comes of it, in rupiah truncated toward zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sensed {
    /// The vouchers given.
    pub vouchers: Rupiah,
    /// Profit − vouchers − fixed cost.
    pub net_profit: Rupiah,
}

/// All combinations of assumptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// What comes of each.
    pub points: Vec<(Assumed, Sensed)>,
    /// The growth of sales that pays for each forcing and quota.
    pub break_even: Vec<(Rate, Rupiah, Option<Ratio>)>,
}

/// The most combinations of a grid.
const MOST_COMBINATIONS: usize = 10_000;
/// Rates are exact in billionths: tenths of a basis point by basis points.
const BILLION: i128 = 1_000_000_000;
/// Results are exact in parts of 10¹³: these by basis points of growth.
const WHOLE: i128 = 10_000 * BILLION;

impl TypicalDay {
    /// A day by its receipts, the margin of the goods, and what the program costs beside its vouchers.
    ///
    /// # Errors
    /// `bad_config` for receipts without a sum; `out_of_range` for a negative amount.
    pub fn new(table: &RateTable, receipts: &[Rupiah], margin: Ratio, fixed_cost: Rupiah) -> Result<Self, Error> {
        if let Some(index) = receipts.iter().position(|receipt| *receipt < Rupiah::ZERO) {
            return Err(Fault::Negative.error().at(Field::entry("receipts", index)));
        }
        if fixed_cost < Rupiah::ZERO {
            return Err(Fault::Negative.error().at("fixed_cost"));
        }
        let mut sorted = receipts.to_vec();
        sort::by_key(&mut sorted, |receipt| Reverse(*receipt));
        let (mut sales, mut descending) = (0_i128, Vec::new());
        for receipt in sorted {
            sales = sales.wrapping_add(receipt.get().into());
            descending.push((receipt, sales));
        }
        if sales == 0 {
            return Err(Fault::NoReceipts.error().at("receipts"));
        }
        let highest = i128::from(table.highest().bp()).wrapping_mul(10);
        Ok(Self { highest, mean: table.uniform_tenth_bp().into(), margin, fixed_cost, descending, sales })
    }

    /// What comes of assumptions.
    ///
    /// # Errors
    /// `out_of_range` if a result leaves the domain.
    pub fn sense(&self, assumed: &Assumed) -> Result<Sensed, Error> {
        // What leaves 128 bits is far above the domain; a profit that does brings the vouchers or the net profit out of it.
        let grown = i128::from(assumed.uplift_bp.get()).wrapping_add(10_000);
        let fixed = i128::from(self.fixed_cost.get()).wrapping_mul(WHOLE);
        let exact = || {
            let vouchers = self.cost(assumed.forcing, assumed.quota).checked_mul(grown)?;
            Some((vouchers, self.profit().checked_mul(grown)?.checked_sub(vouchers)?.checked_sub(fixed)?))
        };
        let (vouchers, net) = exact().ok_or(Fault::ResultOutsideDomain.error())?;
        Ok(Sensed { vouchers: rupiah(vouchers / WHOLE)?, net_profit: rupiah(net / WHOLE)? })
    }

    /// The least growth of sales at which the day earns what it earns without the program, rounded up; `None` if more sales
    /// bring no more.
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn break_even(&self, forcing: Rate, quota: Rupiah) -> Result<Option<Ratio>, Error> {
        let cost = self.cost(forcing, quota);
        let costs = cost.wrapping_add(i128::from(self.fixed_cost.get()).wrapping_mul(BILLION)).wrapping_mul(10_000);
        // A profit that left 128 bits pays every cost with the least growth, or none.
        let kept = self.profit().saturating_sub(cost);
        if costs == 0 {
            return Ok(Some(Ratio::ZERO));
        }
        if kept <= 0 {
            return Ok(None);
        }
        // Costs are above zero here, so this rounds up.
        let up = costs.wrapping_sub(1).checked_div(kept).unwrap_or_default().wrapping_add(1);
        Ratio::from_result(up).map(Some)
    }

    /// What comes of all combinations of assumptions, in the order of the lists; the first list is the outer one.
    ///
    /// # Errors
    /// `too_large` for more than 10,000 combinations; `out_of_range` if a result leaves the domain.
    pub fn grid(&self, uplifts_bp: &[Count], forcing: &[Rate], quotas: &[Rupiah]) -> Result<Grid, Error> {
        let break_evens = forcing.len().saturating_mul(quotas.len());
        if uplifts_bp.len().max(1).saturating_mul(break_evens) > MOST_COMBINATIONS {
            return Err(Fault::TooManyCombinations.error().at("uplifts_bp"));
        }
        // Without one of the lists nothing is combined, however long the others are.
        let forcing = if quotas.is_empty() { &[] } else { forcing };
        let pairs = || forcing.iter().flat_map(|forcing| quotas.iter().map(|quota| (*forcing, *quota)));
        let assumed =
            uplifts_bp.iter().flat_map(|uplift_bp| pairs().map(|(forcing, quota)| Assumed { uplift_bp: *uplift_bp, forcing, quota }));
        let points = assumed.map(|assumed| Ok((assumed, self.sense(&assumed)?)));
        let break_even = pairs().map(|(forcing, quota)| Ok((forcing, quota, self.break_even(forcing, quota)?)));
        Ok(Grid { points: points.collect::<Result<_, Error>>()?, break_even: break_even.collect::<Result<_, Error>>()? })
    }

    /// Sales × margin in billionths; what leaves 128 bits stays at their end.
    fn profit(&self) -> i128 {
        self.sales.saturating_mul(self.margin.bp().into()).saturating_mul(100_000)
    }

    /// What the vouchers cost without growth, in billionths; below 2¹⁰⁵, as all receipts of a request are below 2⁷⁵.
    fn cost(&self, forcing: Rate, quota: Rupiah) -> i128 {
        let rewarded = self.descending.partition_point(|(receipt, _)| *receipt >= quota);
        let rewarded = rewarded.checked_sub(1).and_then(|last| self.descending.get(last)).map_or(0, |(_, sum)| *sum);
        let forcing = i128::from(forcing.bp());
        let rate = forcing.wrapping_mul(self.highest).wrapping_add(self.mean.wrapping_mul(10_000_i128.wrapping_sub(forcing)));
        rewarded.wrapping_mul(rate)
    }
}
