use alloc::vec::Vec;

use super::program::Program;
use crate::error::Error;
use crate::funding::allocate;
use crate::quantity::{Count, Rupiah};

/// What one of several tills that cannot see each other may give (AW-5, AW-6); `None` where the program
/// states no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TillLimits {
    /// First-N places of a slot.
    pub first_n: Option<Count>,
    /// Rupiah a selling day.
    pub budget_day: Option<Rupiah>,
    /// Rupiah a slot.
    pub budget_slot: Option<Rupiah>,
}

impl Program {
    /// The share of each till in the program's limits, split by weights (SP-1), and the most that could be
    /// given above the limits if every till used them whole: (tills − 1) × limit. With the shares nothing is.
    ///
    /// ```
    /// use loyalty_rules::award::{Program, Terms};
    /// use loyalty_rules::quantity::Rupiah;
    /// use loyalty_rules::tables::TableName;
    ///
    /// let mut terms = Terms::new(TableName::parse("stopwatch/below_15/plus")?);
    /// terms.budget.day = Some(Rupiah::new(50_000)?);
    /// let (tills, above) = Program::new(terms)?.till_limits(&[1, 1, 1])?;
    /// assert_eq!(tills[0].budget_day, Some(Rupiah::new(16_667)?));
    /// assert_eq!(tills[2].budget_day, Some(Rupiah::new(16_666)?));
    /// assert_eq!(above.budget_day, Some(Rupiah::new(100_000)?));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `bad_shares` if there is no weight or all are zero; `out_of_range` if the bound leaves the domain.
    pub fn till_limits(&self, weights: &[u64]) -> Result<(Vec<TillLimits>, TillLimits), Error> {
        let terms = self.terms();
        let first_n = terms.first_n.map(|first| Rupiah::new(first.n.get())).transpose()?;
        let limits = [first_n, terms.budget.day, terms.budget.slot];
        // Weights are proved even where no limit is split.
        allocate(Rupiah::ZERO, weights)?;
        let mut tills: Vec<TillLimits> = weights.iter().map(|_| TillLimits::default()).collect();
        let mut above = TillLimits::default();
        let others = i64::try_from(weights.len()).unwrap_or(i64::MAX).saturating_sub(1);
        for (index, limit) in limits.into_iter().enumerate() {
            let Some(limit) = limit else { continue };
            for (till, part) in tills.iter_mut().zip(allocate(limit, weights)?) {
                till.set(index, part)?;
            }
            above.set(index, limit.checked_mul(others)?)?;
        }
        Ok((tills, above))
    }
}

impl TillLimits {
    fn set(&mut self, limit: usize, part: Rupiah) -> Result<(), Error> {
        match limit {
            0 => self.first_n = Some(Count::new(part.get())?),
            1 => self.budget_day = Some(part),
            _ => self.budget_slot = Some(part),
        }
        Ok(())
    }
}
