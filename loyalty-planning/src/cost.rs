use crate::fault::Faults as _;
use alloc::{vec, vec::Vec};

use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::funding::{allocate, not_negative};
use loyalty_rules::quantity::{Count, Rate, Rounding, Rupiah};

/// What it takes to run a program.
///
/// ```
/// use loyalty_planning::RunningCostItems;
/// use loyalty_rules::quantity::{Count, Rate, Rupiah};
///
/// let items = RunningCostItems {
///     items: &[Rupiah::new(1_000_000)?, Rupiah::new(2_000_000)?],
///     sales: Rupiah::new(100_000_000)?,
///     rate_items: &[Rate::from_bp(200)?],
///     once: &[Rupiah::new(10_000_000)?],
///     merchants: Count::new(10)?,
/// };
/// let cost = items.cost()?;
/// assert_eq!((cost.total.get(), cost.once_total.get()), (5_000_000, 10_000_000));
/// assert!(cost.shares.iter().all(|share| share.get() == 500_000));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunningCostItems<'a> {
    /// Items a month, in rupiah.
    pub items: &'a [Rupiah],
    /// Sales a month, in rupiah.
    pub sales: Rupiah,
    /// Items that cost a rate of the sales; each is rounded down by itself (CV-4).
    pub rate_items: &'a [Rate],
    /// Items paid once, in rupiah.
    pub once: &'a [Rupiah],
    /// The merchants that share the month's cost, 1 … 10,000.
    pub merchants: Count,
}

/// The running cost of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningCost {
    /// The cost a month, in rupiah.
    pub total: Rupiah,
    /// What is paid once, in rupiah.
    pub once_total: Rupiah,
    /// Each merchant's share of the cost a month, in rupiah (SP-3).
    pub shares: Vec<Rupiah>,
}

impl RunningCostItems<'_> {
    /// The cost a month, what is paid once, and each merchant's share of the month (PL-15).
    ///
    /// # Errors
    /// `out_of_range` for a negative amount, for no merchant or more than 10,000, or if a sum leaves the domain.
    pub fn cost(&self) -> Result<RunningCost, Error> {
        let sales = not_negative(self.sales, "sales")?;
        let merchants = usize::try_from(self.merchants.get()).ok().filter(|merchants| (1..=10_000).contains(merchants));
        let merchants = merchants.ok_or(Fault::MerchantsOutOfRange.error().at("merchants"))?;
        let monthly = sum(self.items, "items")?;
        let rated = self.rate_items.iter().map(|rate| Rounding::default().apply(sales, *rate));
        let total = rated.into_iter().try_fold(monthly, |sum, item| sum.checked_add(item?))?;
        Ok(RunningCost { total, once_total: sum(self.once, "once")?, shares: allocate(total, &vec![1; merchants])? })
    }
}

fn sum(items: &[Rupiah], field: &'static str) -> Result<Rupiah, Error> {
    if let Some(index) = items.iter().position(|item| *item < Rupiah::ZERO) {
        return Err(Fault::Negative.error().at(Field::entry(field, index)));
    }
    items.iter().try_fold(Rupiah::ZERO, |sum, item| sum.checked_add(*item))
}

/// What a mechanism of chance has to set aside, both on the gross value of the prizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrizeProvisions {
    /// The welfare contribution, in rupiah rounded down.
    pub welfare: Rupiah,
    /// The final income tax, in rupiah rounded down.
    pub income_tax: Rupiah,
}

/// The provisions of a mechanism of chance (PL-17): prizes × rate, each (CV-4).
///
/// ```
/// use loyalty_planning::prize_provisions;
/// use loyalty_rules::quantity::{Rate, Rupiah};
///
/// let set_aside = prize_provisions(Rupiah::new(1_000_000)?, Rate::from_bp(1_000)?, Rate::from_bp(2_500)?)?;
/// assert_eq!((set_aside.welfare.get(), set_aside.income_tax.get()), (100_000, 250_000));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` for a negative value.
pub fn prize_provisions(prizes: Rupiah, welfare: Rate, tax: Rate) -> Result<PrizeProvisions, Error> {
    let prizes = not_negative(prizes, "prizes")?;
    let of_prizes = |rate| Rounding::default().apply(prizes, rate);
    Ok(PrizeProvisions { welfare: of_prizes(welfare)?, income_tax: of_prizes(tax)? })
}
