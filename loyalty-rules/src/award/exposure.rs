use super::program::Program;
use super::terms::Draw;
use crate::error::{Error, Fault};
use crate::funding::{not_negative, product_over};
use crate::quantity::{Count, Rupiah};

/// What a program can make a fund owe (GF-2, SW-5, AW-11). Amounts are rupiah.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The rate that shoppers get in tenths of a basis point: the row's highest, its mean if the draw is hardened, or what
    /// the basic points program gives of a step.
    pub rate_tenth_bp: u32,
    /// Shoppers × average × days × rate, rounded down once.
    pub by_rate: Rupiah,
    /// Day budget × days, if the program has a day budget.
    pub by_budget: Option<Rupiah>,
    /// The lesser of the two.
    pub exposure: Rupiah,
    /// The largest award of one receipt of the average.
    pub receipt: Rupiah,
}

impl Program {
    /// What so many shoppers a day with an average purchase can make the fund owe over a number of days.
    ///
    /// ```
    /// use loyalty_rules::award::{Program, Terms};
    /// use loyalty_rules::quantity::{Count, Rupiah};
    /// use loyalty_rules::tables::TableName;
    ///
    /// let program = Program::new(Terms::new(TableName::parse("time_auction/recommended/from_15/platinum")?))?;
    /// let exposure = program.exposure(Count::new(50)?, Rupiah::new(100_000)?, Count::new(1)?)?;
    /// assert_eq!(exposure.exposure.get(), 400_000); // 50 × Rp100,000 × 8 %
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` for a negative average, or if a result leaves the domain.
    pub fn exposure(&self, shoppers: Count, average: Rupiah, days: Count) -> Result<Exposure, Error> {
        let average = not_negative(average, "average")?;
        let terms = self.terms();
        let rate_tenth_bp = match terms.draw {
            Draw::Hardened { .. } => terms.table.uniform_tenth_bp(),
            Draw::Clock => u32::try_from(terms.highest_tenth_bp()?).map_err(|_| Fault::ResultOutsideDomain.error())?,
        };
        let [shoppers, amount, days] = [shoppers.get(), average.get(), days.get()].map(i128::from);
        let by_rate = product_over([shoppers, amount, days, rate_tenth_bp.into()], 100_000)?;
        let by_budget = terms.budget.day.map(|budget| product_over([budget.get().into(), days, 1, 1], 1)).transpose()?;
        let exposure = by_budget.map_or(by_rate, |by_budget| by_budget.min(by_rate));
        Ok(Exposure { rate_tenth_bp, by_rate, by_budget, exposure, receipt: self.largest_award(average)? })
    }
}
