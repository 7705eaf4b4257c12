//! How the tasks of campaigns go: compliance, risks, audits.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::{AuditRow, AuditShort, Compliance, IssuedTask, OpenTask, RiskTerms, TaskFlag, TaskRisk, TaskRiskReason};
use loyalty_rules::api::wire::{Path, Refusal, Whole, answer, distinct, operations, record};
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::quantity::{Count, Rate, Ratio};
use loyalty_rules::sort;

loyalty_rules::wire_words! {
    TaskFlag;
    TaskRisk;
    TaskRiskReason;
    AuditShort;
}

operations! {
    "campaign.compliance" ["CD-5"] "How tasks go, in all and by region, and which need to be looked at.": compliance, ComplianceRequest => ComplianceAnswer;
    "campaign.risk" ["CD-5"] "Which open tasks may be late, and why.": risk, RiskRequest => RiskAnswer;
    "campaign.audit" ["CD-5"] "How far rows are off their target, the worst first.": audit, AuditRequest => AuditAnswer;
}

record! {
    /// Tasks and what is known of them.
    pub struct ComplianceRequest {
        /// The tasks, each id once.
        tasks: Vec<IssuedTaskFields>,
        /// Now.
        now: CivilTime,
        /// An open task is silent after so many minutes without report.
        silent_minutes: Count = Count::new(120).unwrap_or_default(),
    }
}

record! {
    /// A task that was issued.
    pub struct IssuedTaskFields {
        /// Its id.
        id: String,
        /// The region of its store.
        region: String,
        /// When it was issued.
        issued: CivilTime,
        /// When it should be done.
        deadline: CivilTime,
        /// When it was done; absent while it is open.
        done: Option<CivilTime>,
        /// When the store last told anything.
        last_report: Option<CivilTime>,
        /// Pieces of evidence wanted.
        evidence_wanted: Count = Count::ZERO,
        /// Pieces of evidence given.
        evidence_given: Count = Count::ZERO,
    }
}

answer! {
    /// How tasks go.
    pub struct ComplianceAnswer {
        /// All tasks.
        all: ComplianceFigures,
        /// Those of each region, sorted.
        regions: Vec<ComplianceFigures>,
        /// What needs to be looked at, in the order of tasks.
        flags: Vec<FlaggedTask>,
    }
}

answer! {
    /// Tasks summed up, every figure truncated.
    pub struct ComplianceFigures {
        /// The region; absent for all tasks.
        [omit] region: Option<String>,
        /// How many.
        tasks: Count,
        /// How many are done.
        completed: Count,
        /// Done ÷ all in basis points; null without tasks.
        completion_bp: Option<Ratio>,
        /// Done by the deadline ÷ done in basis points; null if none is done, as below.
        on_time_bp: Option<Ratio>,
        /// Done with enough evidence ÷ done in basis points.
        evidence_bp: Option<Ratio>,
        /// The mean minutes from issue to done.
        mean_minutes: Option<Count>,
    }
}

impl ComplianceFigures {
    fn of<'t>(region: Option<&str>, tasks: impl IntoIterator<Item = &'t IssuedTask>) -> Result<Self, Refusal> {
        let Compliance { tasks, completed, completion, on_time, evidence, mean_minutes } = Compliance::of(tasks)?;
        let region = region.map(ToOwned::to_owned);
        Ok(Self { region, tasks, completed, completion_bp: completion, on_time_bp: on_time, evidence_bp: evidence, mean_minutes })
    }
}

answer! {
    /// A task that needs to be looked at.
    pub struct FlaggedTask {
        /// Its id.
        id: String,
        /// Why.
        flag: TaskFlag,
    }
}

fn compliance(request: &ComplianceRequest) -> Result<ComplianceAnswer, Refusal> {
    distinct("tasks", "id", request.tasks.iter().map(|task| task.id.as_str()))?;
    let (list, mut tasks) = (Path::Root.key("tasks"), Vec::new());
    let (mut regions, mut flags): (BTreeMap<&str, Vec<IssuedTask>>, _) = (BTreeMap::new(), Vec::new());
    for (index, fields) in request.tasks.iter().enumerate() {
        let IssuedTaskFields { issued, deadline, done, last_report, evidence_wanted, evidence_given, .. } = *fields;
        let task = IssuedTask { issued, deadline, done, last_report, evidence_wanted, evidence_given };
        task.check(&request.now).map_err(|error| Refusal::inside(error, &list.entry(index)))?;
        let flagged = task.flags(&request.now, request.silent_minutes);
        flags.extend(flagged.map(|flag| FlaggedTask { id: fields.id.clone(), flag }));
        regions.entry(&fields.region).or_default().push(task);
        tasks.push(task);
    }
    Ok(ComplianceAnswer {
        all: ComplianceFigures::of(None, &tasks)?,
        regions: regions.iter().map(|(region, tasks)| ComplianceFigures::of(Some(region), tasks)).collect::<Result<_, _>>()?,
        flags,
    })
}

record! {
    /// Open tasks.
    pub struct RiskRequest {
        /// The tasks, each id once.
        tasks: Vec<OpenTaskFields>,
        /// Now.
        now: CivilTime,
        /// Tasks due within so many minutes are judged.
        ahead_minutes: Count = Count::new(4_320).unwrap_or_default(),
        /// A store that completes less than this share is a risk, in basis points.
        least_completion_bp: Rate = Rate::from_bp(8_000).unwrap_or_default(),
        /// A store that is on time with less than this share is a risk, in basis points.
        least_on_time_bp: Rate = Rate::from_bp(8_000).unwrap_or_default(),
    }
}

record! {
    /// An open task.
    pub struct OpenTaskFields {
        /// Its id.
        id: String,
        /// When it should be done.
        deadline: CivilTime,
        /// The minutes it takes.
        minutes: Count,
        /// How its store did before.
        history: TaskHistory,
        /// The minutes that the staff has free until the deadline.
        staff_minutes: Count,
        /// Whether something it needs is short.
        stock_short: bool = false,
    }
}

impl OpenTaskFields {
    fn task(&self) -> OpenTask<'_> {
        OpenTask {
            id: &self.id,
            deadline: self.deadline,
            minutes: self.minutes,
            completion: self.history.completion_bp,
            on_time: self.history.on_time_bp,
            mean_minutes: self.history.mean_minutes,
            staff_minutes: self.staff_minutes,
            stock_short: self.stock_short,
        }
    }
}

record! {
    /// How a store did such tasks before; nothing speaks against it where a figure is absent.
    pub struct TaskHistory {
        /// The share completed, in basis points.
        completion_bp: Option<Rate>,
        /// The share of these on time, in basis points.
        on_time_bp: Option<Rate>,
        /// The mean minutes.
        mean_minutes: Option<Count>,
    }
}

answer! {
    /// Open tasks by risk.
    pub struct RiskAnswer {
        /// Those due within the time ahead: the risky first, then by deadline and id.
        tasks: Vec<RiskyTask>,
        /// The ids of those past their deadline, sorted.
        past: Vec<String>,
    }
}

answer! {
    /// An open task and its risk.
    pub struct RiskyTask {
        /// Its id.
        id: String,
        /// How likely it is to be late.
        risk: TaskRisk,
        /// Why.
        reasons: Vec<TaskRiskReason>,
    }
}

fn risk(request: &RiskRequest) -> Result<RiskAnswer, Refusal> {
    distinct("tasks", "id", request.tasks.iter().map(|task| task.id.as_str()))?;
    let tasks: Vec<_> = request.tasks.iter().map(OpenTaskFields::task).collect();
    let terms = RiskTerms {
        now: request.now,
        ahead_minutes: request.ahead_minutes,
        least_completion: request.least_completion_bp,
        least_on_time: request.least_on_time_bp,
    };
    let risky = terms.judge(&tasks).into_iter().filter_map(|(place, risk, reasons)| {
        let id = request.tasks.get(place)?.id.clone();
        Some(RiskyTask { id, risk, reasons })
    });
    let mut past: Vec<_> = terms.past(&tasks).map(|task| task.id.to_owned()).collect();
    sort::ascending(&mut past);
    Ok(RiskAnswer { tasks: risky.collect(), past })
}

record! {
    /// A target, and rows to hold against it.
    pub struct AuditRequest {
        /// What is wanted.
        target: AuditFigures,
        /// What was reached, each id once.
        rows: Vec<AuditRowFields>,
    }
}

record! {
    /// What is wanted, or was reached.
    pub struct AuditFigures {
        /// Handling time in minutes.
        minutes: Count,
        /// The share completed, in basis points.
        completion_bp: Rate,
        /// The share with complete evidence, in basis points.
        evidence_bp: Rate,
    }
}

impl AuditFigures {
    const fn row(&self) -> AuditRow {
        AuditRow { minutes: self.minutes, completion: self.completion_bp, evidence: self.evidence_bp }
    }
}

record! {
    /// What a row reached.
    pub struct AuditRowFields {
        /// Its id.
        id: String,
        [flat] figures: AuditFigures,
    }
}

answer! {
    /// The rows, the worst first.
    pub struct AuditAnswer {
        /// By how often they fall short, then by the larger gap in basis points, the gap in minutes, the id.
        rows: Vec<AuditedRow>,
    }
}

answer! {
    /// How far a row is off its target; above zero it falls short.
    pub struct AuditedRow {
        /// Its id.
        id: String,
        /// Minutes reached − wanted.
        minutes_gap: Whole,
        /// Completed, wanted − reached, in basis points.
        completion_gap_bp: Whole,
        /// With evidence, wanted − reached, in basis points.
        evidence_gap_bp: Whole,
        /// Where it falls short.
        short: Vec<AuditShort>,
    }
}

fn audit(request: &AuditRequest) -> Result<AuditAnswer, Refusal> {
    distinct("rows", "id", request.rows.iter().map(|row| row.id.as_str()))?;
    let rows: Vec<_> = request.rows.iter().map(|row| (row.id.as_str(), row.figures.row())).collect();
    let audited = crate::audit(&request.target.row(), &rows).into_iter().filter_map(|(place, gaps)| {
        let (id, _) = rows.get(place)?;
        Some(AuditedRow {
            id: (*id).to_owned(),
            minutes_gap: Whole(gaps.minutes),
            completion_gap_bp: Whole(gaps.completion_bp.into()),
            evidence_gap_bp: Whole(gaps.evidence_bp.into()),
            short: gaps.short().collect(),
        })
    });
    Ok(AuditAnswer { rows: audited.collect() })
}
