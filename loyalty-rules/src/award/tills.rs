use alloc::vec;
use alloc::vec::Vec;

use super::program::Program;
use super::terms::SlotLimits;
use crate::error::{Error, Fault};
use crate::funding::allocate;
use crate::quantity::{Count, Rupiah};
use crate::tables::Column;

/// The most tills among which limits are shared: an answer may hold ten shares of two limits for each.
const MOST_TILLS: usize = 10_000;

/// What one of several tills that cannot see each other may give (AW-5, AW-6); `None` where the program
/// states no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TillLimits {
    /// First-N places by slot.
    pub first_n: Option<SlotLimits<Count>>,
    /// Rupiah a selling day.
    pub budget_day: Option<Rupiah>,
    /// Rupiah by slot.
    pub budget_slot: Option<SlotLimits<Rupiah>>,
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
    /// `bad_shares` if there is no weight or all are zero; `out_of_range` if the bound leaves the domain;
    /// `too_large` for more than 10,000 tills.
    pub fn till_limits(&self, weights: &[u64]) -> Result<(Vec<TillLimits>, TillLimits), Error> {
        let terms = self.terms();
        // Weights are proved even where no limit is split.
        allocate(Rupiah::ZERO, weights)?;
        if weights.len() > MOST_TILLS {
            return Err(Fault::TooManyTills.error().at("weights"));
        }
        let others = i64::try_from(weights.len()).unwrap_or(i64::MAX).saturating_sub(1);
        let mut tills: Vec<TillLimits> = weights.iter().map(|_| TillLimits::default()).collect();
        let mut above = TillLimits::default();
        if let Some(first) = terms.first_n {
            let n = first.n.try_map(|n| Rupiah::new(n.get()))?;
            for (till, part) in tills.iter_mut().zip(split(&n, weights)?) {
                till.first_n = Some(part.try_map(|n| Count::new(n.get()))?);
            }
            above.first_n = Some(n.try_map(|n| n.checked_mul(others).and_then(|n| Count::new(n.get())))?);
        }
        if let Some(day) = terms.budget.day {
            for (till, part) in tills.iter_mut().zip(allocate(day, weights)?) {
                till.budget_day = Some(part);
            }
            above.budget_day = Some(day.checked_mul(others)?);
        }
        if let Some(slots) = terms.budget.slot {
            for (till, part) in tills.iter_mut().zip(split(&slots, weights)?) {
                till.budget_slot = Some(part);
            }
            above.budget_slot = Some(slots.try_map(|slot| slot.checked_mul(others))?);
        }
        Ok((tills, above))
    }
}

/// The limits of each weight, split slot by slot.
fn split(limits: &SlotLimits<Rupiah>, weights: &[u64]) -> Result<Vec<SlotLimits<Rupiah>>, Error> {
    let mut shares = vec![*limits; weights.len()];
    for column in Column::all() {
        let Some(limit) = limits.of(column) else { continue };
        for (share, part) in shares.iter_mut().zip(allocate(limit, weights)?) {
            share.set(column, part);
        }
    }
    Ok(shares)
}
