use alloc::vec::Vec;

use super::{allocate, not_negative};
use crate::error::{Error, Fault, Field};
use crate::quantity::{Count, Rupiah};

/// Bonus goods bought together (SP-5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// The units of each member in declared order; they sum to the units bought.
    pub units: Vec<Count>,
    /// What each member saves in rupiah: units × market price − contribution, signed.
    pub savings: Vec<Rupiah>,
    /// The savings together, in rupiah.
    pub saving: Rupiah,
}

impl Pool {
    /// Allots units by what the members contributed (SP-1), and tells what each saves against the market price.
    ///
    /// ```
    /// use loyalty_rules::funding::Pool;
    /// use loyalty_rules::quantity::{Count, Rupiah};
    ///
    /// let contributed = [300_000, 200_000, 100_000].map(|rupiah| Rupiah::new(rupiah).unwrap());
    /// let pool = Pool::allot(&contributed, Count::new(100)?, Rupiah::new(7_000)?)?;
    /// assert_eq!(pool.units.iter().map(|units| units.get()).collect::<Vec<_>>(), [50, 33, 17]);
    /// assert_eq!(pool.savings.iter().map(|saving| saving.get()).collect::<Vec<_>>(), [50_000, 31_000, 19_000]);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `bad_shares` if nothing is contributed; `out_of_range` for a negative amount, or if a saving leaves the domain.
    pub fn allot(contributions: &[Rupiah], units: Count, market_price: Rupiah) -> Result<Self, Error> {
        let market_price = not_negative(market_price, "market_price")?;
        if let Some(index) = contributions.iter().position(|contribution| *contribution < Rupiah::ZERO) {
            return Err(Fault::Negative.error().at(Field::entry("contributions", index)));
        }
        if contributions.iter().all(|contribution| contribution.is_zero()) {
            return Err(Fault::NothingContributed.error().at("contributions"));
        }
        let weights: Vec<u64> = contributions.iter().map(|contribution| contribution.get().unsigned_abs()).collect();
        // A count has the domain of an amount.
        let units = allocate(Rupiah::new(units.get())?, &weights)?;
        let saving = |(units, contribution): (&Rupiah, &Rupiah)| {
            let exact = i128::from(units.get()).wrapping_mul(market_price.get().into()).wrapping_sub(contribution.get().into());
            Rupiah::from_result(i64::try_from(exact).ok())
        };
        let savings = units.iter().zip(contributions).map(saving).collect::<Result<Vec<_>, _>>()?;
        let saving = savings.iter().try_fold(Rupiah::ZERO, |sum, saving| sum.checked_add(*saving))?;
        let units = units.iter().map(|units| Count::new(units.get())).collect::<Result<_, _>>()?;
        Ok(Self { units, savings, saving })
    }
}
