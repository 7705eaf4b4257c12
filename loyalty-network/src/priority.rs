use alloc::vec::Vec;
use core::cmp::Reverse;

use super::NANOS_A_MINUTE;
use super::weights::{Weights, of_highest, rate};
use crate::fault::Faults as _;
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Count, Rate};
use loyalty_rules::sort;

const NANOS_A_SECOND: i128 = 1_000_000_000;

/// The whole hours left to a deadline (CD-1).
///
/// ```
/// use loyalty_network::hours_left;
///
/// let now = "2025-03-01T08:00:00+07:00".parse()?;
/// assert_eq!(hours_left(&"2025-03-02T07:59:59+07:00".parse()?, &now)?.get(), 23);
/// assert_eq!(hours_left(&now, &now).unwrap_err().kind().name(), "bad_config");
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_config` at `deadline` unless it lies after now.
pub fn hours_left(deadline: &CivilTime, now: &CivilTime) -> Result<Count, Error> {
    let left = deadline.nanos_since(now);
    if left <= 0 { Err(Fault::DeadlineNotAfterNow.error().at("deadline")) } else { Count::from_result(left / (60 * NANOS_A_MINUTE)) }
}

/// A task that waits to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingTask<'a> {
    /// Its id.
    pub id: &'a str,
    /// The id of its store.
    pub store: &'a str,
    /// What it may bring, compared with the other tasks.
    pub potential: Count,
    /// When it should be done.
    pub deadline: CivilTime,
    /// The risk of running out of stock.
    pub stock_risk: Rate,
}

/// How tasks are ordered (CD-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priorities {
    weights: Weights,
    now: CivilTime,
    horizon_minutes: Count,
}

/// The score of a task and its factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priority {
    /// The weighted mean of potential, urgency and stock risk.
    pub score: Rate,
    /// Potential ÷ the highest potential.
    pub potential: Rate,
    /// How near the deadline is.
    pub urgency: Rate,
    /// The risk of running out of stock.
    pub stock: Rate,
}

impl Priorities {
    /// Priorities by the weights of potential, urgency and stock risk. A deadline becomes urgent within the horizon.
    ///
    /// # Errors
    /// `out_of_range` for a horizon of 0 minutes.
    pub fn new(weights: Weights, now: CivilTime, horizon_minutes: Count) -> Result<Self, Error> {
        if horizon_minutes == Count::ZERO {
            return Err(Fault::BelowOne.error().at("horizon_minutes"));
        }
        Ok(Self { weights, now, horizon_minutes })
    }

    /// The tasks by score, highest first, equal ones by store, then id (CD-3). Every factor is truncated:
    ///
    /// * potential ÷ the highest potential, 0 if that is 0;
    /// * urgency: 100 % from the deadline on, before it (horizon − left) ÷ horizon, not below 0, what is left rounded up to a
    ///   whole second.
    ///
    /// ```
    /// use loyalty_network::{FactorWeight, Priorities, WaitingTask, Weights};
    /// use loyalty_rules::quantity::{Count, Rate};
    ///
    /// let now = "2025-03-01T08:00:00+07:00".parse()?;
    /// let task = |id, potential, deadline: &str| {
    ///     let (potential, deadline) = (Count::new(potential)?, deadline.parse()?);
    ///     Ok::<_, loyalty_rules::Error>(WaitingTask { id, store: "toko-1", potential, deadline, stock_risk: Rate::ZERO })
    /// };
    /// let tasks = [task("shelf", 80, "2025-03-04T08:00:00+07:00")?, task("price", 40, "2025-03-01T20:00:00+07:00")?];
    ///
    /// let [even, none] = [FactorWeight::new(1)?, FactorWeight::new(0)?];
    /// let order = Priorities::new(Weights::new([even, even, none])?, now, Count::new(4_320)?)?.order(&tasks);
    /// let scores: Vec<_> = order.iter().map(|(place, priority)| (tasks[*place].id, priority.score.bp())).collect();
    /// assert_eq!(scores, [("price", 6_666), ("shelf", 5_000)]); // 60 of 72 hours are gone: 8,333
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// Each task is told by its place in the list.
    pub fn order(&self, tasks: &[WaitingTask<'_>]) -> Vec<(usize, Priority)> {
        let highest = tasks.iter().map(|task| task.potential.get()).max().unwrap_or_default();
        let priority = |task: &WaitingTask<'_>| {
            let (potential, urgency, stock) = (of_highest(task.potential.get(), highest), self.urgency(&task.deadline), task.stock_risk);
            Priority { score: self.weights.mean([potential, urgency, stock]), potential, urgency, stock }
        };
        let mut order: Vec<_> = tasks.iter().enumerate().map(|(place, task)| (place, task, priority(task))).collect();
        sort::by_key(&mut order, |(_, task, priority)| (Reverse(priority.score), task.store, task.id));
        order.into_iter().map(|(place, _, priority)| (place, priority)).collect()
    }

    fn urgency(&self, deadline: &CivilTime) -> Rate {
        // Below 2⁶⁰ seconds.
        let horizon = i128::from(self.horizon_minutes.get()).wrapping_mul(60);
        let left = deadline.nanos_since(&self.now).max(0);
        let left = left.wrapping_add(NANOS_A_SECOND - 1) / NANOS_A_SECOND;
        let gone = horizon.wrapping_sub(left).max(0).wrapping_mul(10_000).checked_div(horizon).unwrap_or_default();
        rate(u64::try_from(gone).unwrap_or_default())
    }
}
