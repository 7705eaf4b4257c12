//! Tasks: which comes first, who does it, whether somebody is there.

use crate::fault::Faults as _;
use crate::{
    CheckIn, EarlierTask, Experience, FactorWeight, Geofence, Latitude, Longitude, Past, Place, Priorities, Shift, StaffTask, Unassigned,
    WaitingTask, Weights,
};
use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use loyalty_rules::api::wire::{Path, Refusal, answer, distinct, operations, record, small};
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::error::Fault;
use loyalty_rules::quantity::{Count, Rate, Ratio};

loyalty_rules::wire_words! {
    CheckIn;
    Unassigned;
}

loyalty_rules::wire_integers! {
    Latitude: -900_000_000, 900_000_000, LatitudeOutOfRange, |number| small(number, Fault::LatitudeOutOfRange).and_then(Self::from_e7), |value| value.e7().into();
    Longitude: -1_800_000_000, 1_800_000_000, LongitudeOutOfRange, |number| small(number, Fault::LongitudeOutOfRange).and_then(Self::from_e7), |value| value.e7().into();
    FactorWeight: 0, 1_000_000, FactorWeightOutOfRange, |number| small(number, Fault::FactorWeightOutOfRange).and_then(Self::new), |value| value.get().into();
}

operations! {
    "campaign.order" ["CD-3"] "Tasks by priority.": order, PriorityRequest => PriorityAnswer;
    "campaign.assign" ["CD-6"] "Who on shift does which task.": assign, AssignRequest => AssignAnswer;
    "campaign.check_in" ["CD-4"] "Whether somebody is at a store, and the checklist there.": check_in, CheckInRequest => CheckInAnswer;
}

record! {
    /// A place on the earth.
    pub struct PlaceFields {
        /// Latitude in ten-millionths of a degree, north positive.
        lat_e7: Latitude,
        /// Longitude in ten-millionths of a degree, east positive.
        lon_e7: Longitude,
    }
}

impl PlaceFields {
    pub(super) const fn place(&self) -> Place {
        Place { lat: self.lat_e7, lon: self.lon_e7 }
    }
}

record! {
    /// Tasks to put in order.
    pub struct PriorityRequest {
        /// The tasks, each id once.
        tasks: Vec<WaitingFields>,
        /// How much each factor counts.
        weights: PriorityWeights,
        /// Now.
        now: CivilTime,
        /// A deadline becomes urgent within so many minutes.
        horizon_minutes: Count = Count::new(4_320).unwrap_or_default(),
    }
}

record! {
    /// A task that waits.
    pub struct WaitingFields {
        /// Its id.
        id: String,
        /// The id of its store.
        store: String,
        /// What it may bring, compared with the other tasks.
        potential: Count,
        /// When it should be done.
        deadline: CivilTime,
        /// The risk of running out of stock, in basis points.
        stock_risk_bp: Rate = Rate::ZERO,
    }
}

impl WaitingFields {
    fn task(&self) -> WaitingTask<'_> {
        let Self { id, store, potential, deadline, stock_risk_bp } = self;
        WaitingTask { id, store, potential: *potential, deadline: *deadline, stock_risk: *stock_risk_bp }
    }
}

record! {
    /// How much each factor of a priority counts, not all zero.
    pub struct PriorityWeights {
        /// What the task may bring.
        potential: FactorWeight,
        /// How near the deadline is.
        urgency: FactorWeight,
        /// The risk of running out of stock.
        stock: FactorWeight,
    }
}

answer! {
    /// Tasks in order.
    pub struct PriorityAnswer {
        /// The highest score first, then by store and id.
        order: Vec<ScoredTask>,
    }
}

answer! {
    /// A task and its score.
    pub struct ScoredTask {
        /// Its id.
        id: String,
        /// The id of its store.
        store: String,
        /// The weighted mean of the factors in basis points.
        score_bp: Rate,
        /// Its potential ÷ the highest in basis points.
        potential_bp: Rate,
        /// How near its deadline is, in basis points.
        urgency_bp: Rate,
        /// The risk of running out of stock, in basis points.
        stock_bp: Rate,
    }
}

fn order(request: &PriorityRequest) -> Result<PriorityAnswer, Refusal> {
    distinct("tasks", "id", request.tasks.iter().map(|task| task.id.as_str()))?;
    let PriorityWeights { potential, urgency, stock } = request.weights;
    let priorities = Priorities::new(Weights::new([potential, urgency, stock])?, request.now, request.horizon_minutes)?;
    let tasks: Vec<_> = request.tasks.iter().map(WaitingFields::task).collect();
    let scored = priorities.order(&tasks).into_iter().filter_map(|(place, priority)| {
        let WaitingTask { id, store, .. } = tasks.get(place)?;
        Some(ScoredTask {
            id: (*id).to_owned(),
            store: (*store).to_owned(),
            score_bp: priority.score,
            potential_bp: priority.potential,
            urgency_bp: priority.urgency,
            stock_bp: priority.stock,
        })
    });
    Ok(PriorityAnswer { order: scored.collect() })
}

record! {
    /// Tasks in order of priority, and the staff.
    pub struct AssignRequest {
        /// The tasks, each id once.
        tasks: Vec<StaffTaskFields>,
        /// The staff, each id once.
        staff: Vec<ShiftFields>,
        /// What was given to them before, each task once; it counts as theirs.
        earlier: Vec<EarlierFields> = Vec::new(),
        /// The instant for which tasks are given.
        at: CivilTime,
    }
}

record! {
    /// A task of a store.
    pub struct StaffTaskFields {
        /// Its id.
        id: String,
        /// The id of its store.
        store: String,
        /// The minutes it takes.
        minutes: Count = Count::ZERO,
    }
}

record! {
    /// A task that was given before.
    pub struct EarlierFields {
        /// The id of the task, none of `tasks`.
        task: String,
        /// The id of the person.
        staff: String,
        /// The minutes it still takes.
        minutes: Count = Count::ZERO,
    }
}

record! {
    /// Somebody's shift.
    pub struct ShiftFields {
        /// The person's id.
        id: String,
        /// The id of the store.
        store: String,
        /// The first instant of the shift.
        from: CivilTime,
        /// Its end, that instant excluded.
        to: CivilTime,
        /// The minutes that are free for tasks; any number if absent.
        minutes: Option<Count>,
    }
}

impl ShiftFields {
    fn shift(&self) -> Shift<'_> {
        let Self { id, store, from, to, minutes } = self;
        Shift { id, store, from: *from, to: *to, minutes: *minutes }
    }
}

answer! {
    /// Who does what.
    pub struct AssignAnswer {
        /// In the order of tasks.
        assigned: Vec<AssignedTask>,
        /// In the order of tasks.
        unassigned: Vec<UnassignedTask>,
    }
}

answer! {
    /// A task and who does it.
    pub struct AssignedTask {
        /// The id of the task.
        task: String,
        /// The id of the person.
        staff: String,
    }
}

answer! {
    /// A task that nobody does.
    pub struct UnassignedTask {
        /// The id of the task.
        task: String,
        /// Why.
        reason: Unassigned,
    }
}

fn assign(request: &AssignRequest) -> Result<AssignAnswer, Refusal> {
    distinct("tasks", "id", request.tasks.iter().map(|task| task.id.as_str()))?;
    distinct("staff", "id", request.staff.iter().map(|shift| shift.id.as_str()))?;
    distinct("earlier", "task", request.earlier.iter().map(|earlier| earlier.task.as_str()))?;
    let ids: BTreeSet<_> = request.tasks.iter().map(|task| task.id.as_str()).collect();
    if let Some(index) = request.earlier.iter().position(|earlier| ids.contains(earlier.task.as_str())) {
        return Err(Refusal::at(Fault::NotDistinct, &Path::Root.key("earlier").entry(index).key("task")));
    }
    let earlier: Vec<_> = request.earlier.iter().map(|earlier| EarlierTask { staff: &earlier.staff, minutes: earlier.minutes }).collect();
    let tasks: Vec<_> = request.tasks.iter().map(|task| StaffTask { store: &task.store, minutes: task.minutes }).collect();
    let staff: Vec<_> = request.staff.iter().map(ShiftFields::shift).collect();
    let (mut assigned, mut unassigned) = (Vec::new(), Vec::new());
    for (fields, assignment) in request.tasks.iter().zip(crate::assign(&tasks, &staff, &earlier, &request.at)?) {
        let task = fields.id.clone();
        match assignment.map(|place| staff.get(place)) {
            Ok(shift) => assigned.extend(shift.map(|shift| AssignedTask { task, staff: shift.id.to_owned() })),
            Err(reason) => unassigned.push(UnassignedTask { task, reason }),
        }
    }
    Ok(AssignAnswer { assigned, unassigned })
}

record! {
    /// Somebody who says to be at a store.
    pub struct CheckInRequest {
        /// The store's geofence.
        store: GeofenceFields,
        /// Where the person is.
        at: PlaceFields,
        /// The tasks to be done there, each id once.
        tasks: Vec<ChecklistTask> = Vec::new(),
        /// The tasks done before.
        history: Vec<PastTask> = Vec::new(),
    }
}

record! {
    /// A circle around a store.
    pub struct GeofenceFields {
        /// Its centre.
        place: PlaceFields,
        /// Its radius in metres, 1 … 100,000.
        radius_m: Count,
    }
}

record! {
    /// A task of a checklist.
    pub struct ChecklistTask {
        /// Its id.
        id: String,
        /// Its kind.
        kind: String,
        /// What is to be done.
        items: Vec<String>,
    }
}

record! {
    /// A task done before.
    pub struct PastTask {
        /// Its kind.
        kind: String,
        /// Whether it was done by its deadline.
        on_time: bool,
        /// Whether its evidence was complete.
        evidence_complete: bool,
        /// The minutes it took.
        minutes: Count,
    }
}

answer! {
    /// Whether somebody is at a store.
    pub struct CheckInAnswer {
        /// Inside its geofence or outside.
        reason: CheckIn,
        /// The great-circle distance from its centre in centimetres, truncated.
        distance_cm: Count,
        /// The tasks in declared order; empty outside.
        checklist: Vec<ChecklistEntry>,
    }
}

answer! {
    /// A task, and how tasks of its kind went before. Figures are truncated, and null if none was done.
    pub struct ChecklistEntry {
        /// Its id.
        id: String,
        /// Its kind.
        kind: String,
        /// What is to be done.
        items: Vec<String>,
        /// How many were done before.
        times_done: Count,
        /// The share done on time, in basis points.
        on_time_bp: Option<Ratio>,
        /// The share with complete evidence, in basis points.
        evidence_bp: Option<Ratio>,
        /// The mean minutes.
        mean_minutes: Option<Count>,
    }
}

fn check_in(request: &CheckInRequest) -> Result<CheckInAnswer, Refusal> {
    distinct("tasks", "id", request.tasks.iter().map(|task| task.id.as_str()))?;
    let fence = Geofence::new(request.store.place.place(), request.store.radius_m);
    let (reason, distance_cm) = fence.map_err(|error| Refusal::inside(error, &Path::Root.key("store")))?.check_in(request.at.place());
    let mut history: BTreeMap<&str, Vec<Past>> = BTreeMap::new();
    for past in &request.history {
        let PastTask { on_time, evidence_complete, minutes, .. } = *past;
        history.entry(&past.kind).or_default().push(Past { on_time, evidence_complete, minutes });
    }
    let entry = |task: &ChecklistTask| {
        let before = Experience::of(history.get(task.kind.as_str()).map_or(&[], Vec::as_slice))?;
        Ok(ChecklistEntry {
            id: task.id.clone(),
            kind: task.kind.clone(),
            items: task.items.clone(),
            times_done: before.times_done,
            on_time_bp: before.on_time,
            evidence_bp: before.evidence,
            mean_minutes: before.mean_minutes,
        })
    };
    let listed: &[ChecklistTask] = if reason == CheckIn::Inside { &request.tasks } else { &[] };
    Ok(CheckInAnswer {
        reason,
        distance_cm: Count::new(distance_cm.into())?,
        checklist: listed.iter().map(entry).collect::<Result<_, Refusal>>()?,
    })
}
