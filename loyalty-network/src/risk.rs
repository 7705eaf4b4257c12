use alloc::vec::Vec;
use core::cmp::Reverse;

use super::{NANOS_A_MINUTE, nanos};
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::quantity::{Count, Rate};
use loyalty_rules::sort;
use loyalty_rules::words;

words! {
    /// How likely a task is to be late (CD-5).
    #[derive(Default, PartialOrd, Ord)]
    pub enum TaskRisk {
        /// Nothing speaks for it.
        #[default]
        Low = "low",
        /// One reason does.
        Medium = "medium",
        /// Two reasons do, or it cannot be done in time.
        High = "high",
    }
}

words! {
    /// Why a task may be late (CD-5).
    pub enum TaskRiskReason {
        /// Its store completes too few of them.
        SeldomCompleted = "seldom_completed",
        /// Its store is on time too seldom.
        OftenLate = "often_late",
        /// Its store takes longer on average than is left.
        Slow = "slow",
        /// The staff has less free time than it takes.
        NoStaff = "no_staff",
        /// Less time is left than it takes.
        NoTime = "no_time",
        /// What it needs is not in stock.
        StockShort = "stock_short",
    }
}

/// An open task, with how its store did before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenTask<'a> {
    /// Its id.
    pub id: &'a str,
    /// When it should be done.
    pub deadline: CivilTime,
    /// The minutes it takes.
    pub minutes: Count,
    /// The share of tasks that its store completed.
    pub completion: Option<Rate>,
    /// The share of these that was on time.
    pub on_time: Option<Rate>,
    /// The mean minutes it took.
    pub mean_minutes: Option<Count>,
    /// The minutes that the staff has free until the deadline.
    pub staff_minutes: Count,
    /// Whether something it needs is short.
    pub stock_short: bool,
}

/// From when a task is looked at, and what is too little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RiskTerms {
    /// Now.
    pub now: CivilTime,
    /// Tasks due within so many minutes are looked at.
    pub ahead_minutes: Count,
    /// The least share completed.
    pub least_completion: Rate,
    /// The least share on time.
    pub least_on_time: Rate,
}

impl RiskTerms {
    /// The reasons why a task may be late, in the order of [`TaskRiskReason::ALL`].
    pub fn reasons(&self, task: &OpenTask<'_>) -> Vec<TaskRiskReason> {
        let left = task.deadline.nanos_since(&self.now).div_euclid(NANOS_A_MINUTE);
        let is_above = |minutes: Count| i128::from(minutes.get()) > left;
        let reasons = [
            (task.completion.is_some_and(|share| share < self.least_completion), TaskRiskReason::SeldomCompleted),
            (task.on_time.is_some_and(|share| share < self.least_on_time), TaskRiskReason::OftenLate),
            (task.mean_minutes.is_some_and(is_above), TaskRiskReason::Slow),
            (task.staff_minutes < task.minutes, TaskRiskReason::NoStaff),
            (is_above(task.minutes), TaskRiskReason::NoTime),
            (task.stock_short, TaskRiskReason::StockShort),
        ];
        reasons.into_iter().filter_map(|(holds, reason)| holds.then_some(reason)).collect()
    }

    /// The tasks that are past their deadline.
    pub fn past<'t, 'a>(&self, tasks: &'t [OpenTask<'a>]) -> impl Iterator<Item = &'t OpenTask<'a>> {
        tasks.iter().filter(|task| task.deadline.nanos_since(&self.now) < 0)
    }

    /// The tasks due from now on within the time ahead, by their place in the list: the risky first, then by deadline
    /// and id (CD-5).
    ///
    /// ```
    /// use loyalty_network::{OpenTask, RiskTerms, TaskRisk, TaskRiskReason};
    /// use loyalty_rules::quantity::{Count, Rate};
    ///
    /// let least = Rate::from_bp(8_000)?;
    /// let terms = RiskTerms {
    ///     now: "2025-03-01T08:00:00+07:00".parse()?,
    ///     ahead_minutes: Count::new(4_320)?,
    ///     least_completion: least,
    ///     least_on_time: least,
    /// };
    /// let shelf = OpenTask {
    ///     id: "shelf",
    ///     deadline: "2025-03-01T09:00:00+07:00".parse()?,
    ///     minutes: Count::new(45)?,
    ///     completion: Some(Rate::from_bp(9_000)?),
    ///     on_time: Some(Rate::from_bp(7_500)?), // below 80 %
    ///     mean_minutes: Some(Count::new(60)?),
    ///     staff_minutes: Count::new(45)?,
    ///     stock_short: false,
    /// };
    /// let later = OpenTask { id: "price", staff_minutes: Count::new(44)?, ..shelf };
    /// let [(1, TaskRisk::High, _), (0, TaskRisk::Medium, reasons)] = &terms.judge(&[shelf, later])[..] else { panic!() };
    /// assert_eq!(reasons[..], [TaskRiskReason::OftenLate]);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn judge(&self, tasks: &[OpenTask<'_>]) -> Vec<(usize, TaskRisk, Vec<TaskRiskReason>)> {
        let mut judged: Vec<_> = tasks
            .iter()
            .enumerate()
            .filter(|(_, task)| (0..=nanos(self.ahead_minutes)).contains(&task.deadline.nanos_since(&self.now)))
            .map(|(place, task)| (place, task, self.reasons(task)))
            .map(|(place, task, reasons)| (place, task, risk(&reasons), reasons))
            .collect();
        sort::by_key(&mut judged, |(_, task, risk, _)| (Reverse(*risk), task.deadline.instant_nanos(), task.id));
        judged.into_iter().map(|(place, _, risk, reasons)| (place, risk, reasons)).collect()
    }
}

/// The risk of reasons.
fn risk(reasons: &[TaskRiskReason]) -> TaskRisk {
    let cannot = |reason: &TaskRiskReason| matches!(reason, TaskRiskReason::NoStaff | TaskRiskReason::NoTime);
    match reasons {
        [] => TaskRisk::Low,
        [reason] if !cannot(reason) => TaskRisk::Medium,
        _ => TaskRisk::High,
    }
}
