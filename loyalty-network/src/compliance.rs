use super::{NANOS_A_MINUTE, count, nanos, ratio};
use crate::fault::Faults as _;
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Count, Ratio};
use loyalty_rules::words;

words! {
    /// What a task needs to be looked at for (CD-5).
    pub enum TaskFlag {
        /// Open after its deadline.
        PastDue = "past_due",
        /// Open, and nothing heard for too long.
        Silent = "silent",
        /// Done with less evidence than wanted.
        EvidenceMissing = "evidence_missing",
    }
}

/// A task and what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuedTask {
    /// When it was issued.
    pub issued: CivilTime,
    /// When it should be done.
    pub deadline: CivilTime,
    /// When it was done; `None` while it is open.
    pub done: Option<CivilTime>,
    /// When the store last told anything.
    pub last_report: Option<CivilTime>,
    /// Pieces of evidence wanted.
    pub evidence_wanted: Count,
    /// Pieces of evidence given.
    pub evidence_given: Count,
}

impl IssuedTask {
    /// Refuses what cannot have happened by now.
    ///
    /// # Errors
    /// `bad_config` at `done` or `last_report`, if it lies before `issued` or after now.
    pub fn check(&self, now: &CivilTime) -> Result<(), Error> {
        for (time, field) in [(self.done, "done"), (self.last_report, "last_report")] {
            if time.is_some_and(|time| time.nanos_since(&self.issued) < 0 || now.nanos_since(&time) < 0) {
                return Err(Fault::NotWhileIssued.error().at(field));
            }
        }
        Ok(())
    }

    /// What the task needs to be looked at for (CD-5).
    ///
    /// ```
    /// use loyalty_network::{IssuedTask, TaskFlag};
    /// use loyalty_rules::quantity::Count;
    ///
    /// let task = IssuedTask {
    ///     issued: "2025-03-01T08:00:00+07:00".parse()?,
    ///     deadline: "2025-03-01T12:00:00+07:00".parse()?,
    ///     done: None,
    ///     last_report: Some("2025-03-01T11:30:00+07:00".parse()?),
    ///     evidence_wanted: Count::new(2)?,
    ///     evidence_given: Count::ZERO,
    /// };
    /// let flags = |now: &str| Ok::<_, loyalty_rules::Error>(task.flags(&now.parse()?, Count::new(120)?).collect::<Vec<_>>());
    /// assert_eq!(flags("2025-03-01T12:00:00+07:00")?, []);
    /// assert_eq!(flags("2025-03-01T13:30:00+07:00")?, [TaskFlag::PastDue, TaskFlag::Silent]);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn flags(&self, now: &CivilTime, silent_minutes: Count) -> impl Iterator<Item = TaskFlag> {
        let is_open = self.done.is_none();
        // A report never lies before the task was issued.
        let heard = self.last_report.unwrap_or(self.issued);
        let flags = [
            (is_open && now.nanos_since(&self.deadline) > 0, TaskFlag::PastDue),
            (is_open && now.nanos_since(&heard) >= nanos(silent_minutes), TaskFlag::Silent),
            (!is_open && !self.has_evidence(), TaskFlag::EvidenceMissing),
        ];
        flags.into_iter().filter_map(|(holds, flag)| holds.then_some(flag))
    }

    fn has_evidence(&self) -> bool {
        self.evidence_given >= self.evidence_wanted
    }
}

/// How tasks went (CD-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compliance {
    /// How many.
    pub tasks: Count,
    /// How many are done.
    pub completed: Count,
    /// Done ÷ all; `None` without tasks.
    pub completion: Option<Ratio>,
    /// Done by the deadline ÷ done; `None` if none is, as below.
    pub on_time: Option<Ratio>,
    /// Done with enough evidence ÷ done.
    pub evidence: Option<Ratio>,
    /// The mean of the whole minutes from issue to done.
    pub mean_minutes: Option<Count>,
}

impl Compliance {
    /// Sums up tasks, each figure truncated.
    ///
    /// ```
    /// use loyalty_network::{Compliance, IssuedTask};
    /// use loyalty_rules::quantity::Count;
    ///
    /// let open = IssuedTask {
    ///     issued: "2025-03-01T08:00:00+07:00".parse()?,
    ///     deadline: "2025-03-01T12:00:00+07:00".parse()?,
    ///     done: None,
    ///     last_report: None,
    ///     evidence_wanted: Count::ZERO,
    ///     evidence_given: Count::ZERO,
    /// };
    /// let done = IssuedTask { done: Some("2025-03-01T09:30:59+07:00".parse()?), ..open };
    /// let compliance = Compliance::of(&[open, done])?;
    /// assert_eq!(compliance.completion.map(|share| share.bp()), Some(5_000));
    /// assert_eq!(compliance.mean_minutes, Some(Count::new(90)?));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` for tasks done before they were issued.
    pub fn of<'t>(tasks: impl IntoIterator<Item = &'t IssuedTask>) -> Result<Self, Error> {
        let (mut all, mut completed, mut on_time, mut evidence, mut taken) = (0_usize, 0_usize, 0_usize, 0_usize, 0_i128);
        for task in tasks {
            all = all.wrapping_add(1);
            let Some(done) = task.done else { continue };
            completed = completed.wrapping_add(1);
            on_time = on_time.wrapping_add(usize::from(task.deadline.nanos_since(&done) >= 0));
            evidence = evidence.wrapping_add(usize::from(task.has_evidence()));
            // Ten thousand years are below 2⁷⁰ nanoseconds.
            taken = taken.wrapping_add(done.nanos_since(&task.issued));
        }
        let [all, completed, on_time, evidence] = [all, completed, on_time, evidence].map(count);
        Ok(Self {
            tasks: Count::from_result(all)?,
            completed: Count::from_result(completed)?,
            completion: ratio(completed, all)?,
            on_time: ratio(on_time, completed)?,
            evidence: ratio(evidence, completed)?,
            mean_minutes: taken.checked_div(completed.wrapping_mul(NANOS_A_MINUTE)).map(Count::from_result).transpose()?,
        })
    }
}
