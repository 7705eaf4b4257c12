//! Campaigns: whom a task is for, in what order it is done, by whom and where; the program that a change puts in force.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use crate::{
    CheckIn, Condition, EarlierTask, Experience, FactorWeight, FailedCondition, Geofence, Latitude, Longitude, Past, Place, Priorities,
    Shift, StaffTask, StockLevel, Store, TargetFilter, TaskDone, Unassigned, WaitingTask, Weights,
};
use loyalty_rules::api::canonical;
use loyalty_rules::api::document::ProgramDocument;
use loyalty_rules::api::json::{Json, Node};
use loyalty_rules::api::wire::{
    Amount, AsWritten, At, Defs, Describe, Path, Read, Refusal, Write, answer, distinct, operations, read, record, small,
};
use loyalty_rules::calendar::{CivilTime, Date};
use loyalty_rules::error::{Fault, Field};
use loyalty_rules::order;
use loyalty_rules::quantity::{Count, Rate, Ratio, Rupiah};

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
    "campaign.targets" ["CD-2"] "The stores that meet a campaign's conditions, and why the others do not.": targets, TargetsRequest => TargetsAnswer;
    "campaign.issue" ["CD-1 CD-2"] "A task for each store that meets its conditions.": issue, IssueRequest => IssueAnswer;
    "campaign.order" ["CD-3"] "Tasks by priority.": order, PriorityRequest => PriorityAnswer;
    "campaign.assign" ["CD-6"] "Who on shift does which task.": assign, AssignRequest => AssignAnswer;
    "campaign.check_in" ["CD-4"] "Whether somebody is at a store, and the checklist there.": check_in, CheckInRequest => CheckInAnswer;
    "campaign.program" ["CD-1 AW-11"] "The program of a store under the changes in force.": program, ChangedProgramRequest => ChangedProgramAnswer;
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
    /// What a store must be like: exactly one key.
    pub struct ConditionFields {
        /// Every one holds; true of none.
        all: Option<Vec<ConditionFields>>,
        /// Some one holds; false of none.
        any: Option<Vec<ConditionFields>>,
        /// It does not hold.
        not: Option<Box<ConditionFields>>,
        /// The store's area class is one of these.
        area_class: Option<Vec<String>>,
        /// The store's region is one of these.
        region: Option<Vec<String>>,
        /// The store is among this share of the candidates by performance, in basis points, rounded up; not in `among`.
        top_bp: Option<Rate>,
        /// The store has fewer units of this SKU than its safety level.
        stock_below_safety: Option<String>,
        /// The store's next peak begins within so many minutes.
        peak_within_minutes: Option<Count>,
        /// The store has done something of a kind.
        done: Option<DoneSince>,
    }
}

record! {
    /// Something done.
    pub struct DoneSince {
        /// Its kind.
        kind: String,
        /// The first date on which it counts; any if absent.
        since: Option<Date>,
    }
}

impl Read for Box<ConditionFields> {
    fn read(at: &At<'_>) -> Self {
        Self::new(ConditionFields::read(at))
    }
}

impl Write for Box<ConditionFields> {
    fn write(&self, json: &mut Json) {
        ConditionFields::write(self, json);
    }
}

impl Describe for Box<ConditionFields> {
    fn schema(defs: &mut Defs) -> String {
        ConditionFields::schema(defs)
    }
}

impl ConditionFields {
    /// The condition that stands at `path`; stores can be ranked in `where` alone.
    fn condition(&self, path: &Path<'_>, ranks: bool) -> Result<Condition<'_>, Refusal> {
        fn texts(list: &[String]) -> Vec<&str> {
            list.iter().map(String::as_str).collect()
        }
        fn parts<'a>(parts: &'a [ConditionFields], list: &Path<'_>, ranks: bool) -> Result<Vec<Condition<'a>>, Refusal> {
            parts.iter().enumerate().map(|(index, part)| part.condition(&list.entry(index), ranks)).collect()
        }
        if self.top_bp.is_some() && !ranks {
            return Err(Refusal::at(Fault::RankedAmong, &path.key("top_bp")));
        }
        let forms = [
            self.all.as_ref().map(|all| parts(all, &path.key("all"), ranks)).transpose()?.map(Condition::All),
            self.any.as_ref().map(|any| parts(any, &path.key("any"), ranks)).transpose()?.map(Condition::Any),
            self.not.as_ref().map(|part| part.condition(&path.key("not"), ranks)).transpose()?.map(|part| Condition::Not(Box::new(part))),
            self.area_class.as_ref().map(|classes| Condition::AreaClass(texts(classes))),
            self.region.as_ref().map(|regions| Condition::Region(texts(regions))),
            self.top_bp.map(Condition::TopShare),
            self.stock_below_safety.as_deref().map(Condition::StockBelowSafety),
            self.peak_within_minutes.map(Condition::PeakWithinMinutes),
            self.done.as_ref().map(|done| Condition::Done { kind: &done.kind, since: done.since }),
        ];
        let mut forms = forms.into_iter().flatten();
        forms.next().filter(|_| forms.next().is_none()).ok_or_else(|| Refusal::at(Fault::ConditionForm, path))
    }
}

record! {
    /// A store as conditions see it.
    pub struct StoreFields {
        /// Its id.
        id: String,
        /// The class of its area.
        area_class: Option<String>,
        /// Its region.
        region: Option<String>,
        /// Its sales of the last 30 days, in rupiah.
        performance: Amount = Amount(Rupiah::ZERO),
        /// Its stock, each SKU once.
        stock: Vec<StoreStock> = Vec::new(),
        /// When its next peak begins.
        peak_at: Option<CivilTime>,
        /// The tasks it has done.
        done: Vec<StoreDone> = Vec::new(),
    }
}

record! {
    /// How much a store has of an SKU.
    pub struct StoreStock {
        /// The SKU.
        sku: String,
        /// Units in the store.
        units: Count,
        /// Units below which the stock is short.
        safety: Count,
    }
}

record! {
    /// A task that a store has done.
    pub struct StoreDone {
        /// Its kind.
        kind: String,
        /// When.
        date: Date,
    }
}

impl StoreFields {
    /// The store that stands at `path`.
    fn store(&self, path: &Path<'_>) -> Result<Store<'_>, Refusal> {
        let mut skus = BTreeSet::new();
        if let Some(twice) = self.stock.iter().position(|level| !skus.insert(level.sku.as_str())) {
            return Err(Refusal::inside(Fault::NotDistinct.error().at(Field::within("stock", twice, "sku")), path));
        }
        Ok(Store {
            id: &self.id,
            area_class: self.area_class.as_deref(),
            region: self.region.as_deref(),
            performance: self.performance.0,
            stock: self.stock.iter().map(|level| StockLevel { sku: &level.sku, units: level.units, safety: level.safety }).collect(),
            peak_at: self.peak_at,
            done: self.done.iter().map(|done| TaskDone { kind: &done.kind, date: done.date }).collect(),
        })
    }
}

fn stores(fields: &[StoreFields]) -> Result<Vec<Store<'_>>, Refusal> {
    distinct("stores", "id", fields.iter().map(|store| store.id.as_str()))?;
    let list = Path::Root.key("stores");
    fields.iter().enumerate().map(|(index, store)| store.store(&list.entry(index))).collect()
}

/// The filter of the two conditions that stand at `path`.
fn filter<'a>(condition: &'a ConditionFields, among: Option<&'a ConditionFields>, path: &Path<'_>) -> Result<TargetFilter<'a>, Refusal> {
    let condition = condition.condition(&path.key("where"), true)?;
    let among = among.map(|among| among.condition(&path.key("among"), false)).transpose()?;
    TargetFilter::new(condition, among).map_err(|error| Refusal::inside(error, path))
}

record! {
    /// Stores, and which are wanted.
    pub struct TargetsRequest {
        /// The stores, each id once.
        stores: Vec<StoreFields>,
        /// What a target must be like.
        r#where: ConditionFields,
        /// Who the candidates are; all stores if absent.
        among: Option<ConditionFields>,
        /// Now.
        now: CivilTime,
    }
}

answer! {
    /// The targets.
    pub struct TargetsAnswer {
        /// The ids of the stores that meet the conditions, sorted.
        targets: Vec<String>,
        /// The others by id.
        left_out: Vec<LeftOut>,
    }
}

answer! {
    /// A store that is no target.
    pub struct LeftOut {
        /// Its id.
        id: String,
        /// The first condition that failed, by its path in the request.
        path: String,
    }
}

fn targets(request: &TargetsRequest) -> Result<TargetsAnswer, Refusal> {
    let stores = stores(&request.stores)?;
    let failed = filter(&request.r#where, request.among.as_ref(), &Path::Root)?.judge(&stores, &request.now);
    let mut judged: Vec<_> = stores.iter().map(|store| store.id).zip(failed).collect();
    order::sort_by_key(&mut judged, |(id, _)| *id);
    let (mut targets, mut left_out) = (Vec::new(), Vec::new());
    for (id, failed) in judged {
        match failed {
            None => targets.push(id.to_owned()),
            Some(failed) => left_out.push(LeftOut { id: id.to_owned(), path: path_of(&failed) }),
        }
    }
    Ok(TargetsAnswer { targets, left_out })
}

fn path_of(failed: &FailedCondition) -> String {
    let mut path = if failed.in_among { "among" } else { "where" }.to_owned();
    for place in &failed.places {
        // Writing to a `String` does not fail.
        let _ = write!(path, ".all[{place}]");
    }
    path
}

record! {
    /// A task, and the stores it may be for.
    pub struct IssueRequest {
        /// The task.
        task: CampaignTask,
        /// The stores, each id once.
        stores: Vec<StoreFields>,
        /// Now.
        now: CivilTime,
    }
}

record! {
    /// A task of a campaign.
    pub struct CampaignTask {
        /// Its id.
        id: String,
        /// Its kind.
        kind: String,
        /// What is to be done, one item or more.
        items: Vec<String>,
        /// What a store must be like.
        r#where: ConditionFields,
        /// Who the candidates are; all stores if absent.
        among: Option<ConditionFields>,
        /// When it should be done, after now.
        deadline: AsWritten,
        /// Pieces of evidence wanted.
        evidence: Count = Count::ZERO,
        /// The minutes it takes.
        minutes: Count = Count::ZERO,
    }
}

answer! {
    /// The tasks of a campaign.
    pub struct IssueAnswer {
        /// By store.
        tasks: Vec<StoreTask>,
    }
}

answer! {
    /// The task of a store.
    pub struct StoreTask {
        /// The id of the task, a colon and the id of the store.
        id: String,
        /// The id of the store.
        store: String,
        /// The kind of the task.
        kind: String,
        /// What is to be done.
        items: Vec<String>,
        /// When it should be done.
        deadline: AsWritten,
        /// Pieces of evidence wanted.
        evidence: Count,
        /// The minutes it takes.
        minutes: Count,
        /// Whole hours left.
        hours_left: Count,
    }
}

/// The most bytes of all tasks that are issued at once.
const MOST_TASKS: usize = 8 << 20;

/// The bytes of a text in JSON.
fn written(text: &str) -> usize {
    text.bytes().fold(0_usize, |sum, byte| {
        sum.saturating_add(match byte {
            0..b' ' => 6,
            b'"' | b'\\' => 2,
            _ => 1,
        })
    })
}

fn issue(request: &IssueRequest) -> Result<IssueAnswer, Refusal> {
    let IssueRequest { task, stores: fields, now } = request;
    let path = Path::Root.key("task");
    if task.items.is_empty() {
        return Err(Refusal::at(Fault::NothingToDo, &path.key("items")));
    }
    let hours_left = crate::hours_left(&task.deadline.0, now).map_err(|error| Refusal::inside(error, &path))?;
    let stores = stores(fields)?;
    let failed = filter(&task.r#where, task.among.as_ref(), &path)?.judge(&stores, now);
    let mut targets: Vec<_> = stores.iter().zip(failed).filter(|(_, failed)| failed.is_none()).map(|(store, _)| store.id).collect();
    order::sort(&mut targets);
    // Each store gets all of them.
    let items = task.items.iter().fold(0_usize, |sum, item| sum.saturating_add(written(item)).saturating_add(32));
    let each = [128, written(&task.id), written(&task.kind), items].into_iter().fold(0_usize, usize::saturating_add);
    if each.saturating_mul(targets.len()) > MOST_TASKS {
        return Err(Refusal::at(Fault::TasksTooLarge, &path.key("items")));
    }
    let task = |store: &str| StoreTask {
        id: [&task.id, store].join(":"),
        store: store.to_owned(),
        kind: task.kind.clone(),
        items: task.items.clone(),
        deadline: task.deadline,
        evidence: task.evidence,
        minutes: task.minutes,
        hours_left,
    };
    Ok(IssueAnswer { tasks: targets.into_iter().map(task).collect() })
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

record! {
    /// A program, and the changes that a campaign makes to it.
    pub struct ChangedProgramRequest {
        /// The program document.
        program: PartialDocument,
        /// The changes; later ones over earlier ones.
        changes: Vec<ProgramChange>,
        /// The id of the store.
        store: String,
        /// The instant.
        at: CivilTime,
    }
}

record! {
    /// A change of a program for some time.
    pub struct ProgramChange {
        /// Its id.
        id: String,
        /// Its first instant.
        from: CivilTime,
        /// Its end, that instant excluded.
        to: CivilTime,
        /// The ids of the stores it is for; all if empty.
        stores: Vec<String> = Vec::new(),
        /// The fields of the program document that it replaces as a whole; null removes one.
        set: PartialDocument,
    }
}

/// Some fields of a program document, as they were written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PartialDocument(Vec<(String, Node)>);

impl PartialDocument {
    /// Refuses a field that no program document has: read alone, without value, any other is absent.
    fn check_names(&self, path: &Path<'_>) -> Result<(), Refusal> {
        const REQUIRED: &str = "mechanism";
        let named = self.0.iter().filter(|(name, _)| name != REQUIRED).map(|(name, _)| (name.clone(), Node::Null));
        let required = (REQUIRED.to_owned(), Node::Text("stopwatch".to_owned()));
        read::<ProgramDocument>(&Node::Object(named.chain([required]).collect()), path).map(|_| ())
    }
}

impl Read for PartialDocument {
    fn read(at: &At<'_>) -> Self {
        if let Node::Object(fields) = at.node { Self(fields.clone()) } else { at.refuse(Fault::WantsObject, Self(Vec::new())) }
    }
}

impl Write for PartialDocument {
    fn write(&self, json: &mut Json) {
        json.raw(&canonical::text(&Node::Object(self.0.clone())));
    }
}

impl Describe for PartialDocument {
    fn schema(_: &mut Defs) -> String {
        "{\"type\":\"object\"}".to_owned()
    }
}

answer! {
    /// A program under changes.
    pub struct ChangedProgramAnswer {
        /// The program document in canonical form.
        program: ProgramDocument,
        /// The ids of the changes in force, in declared order.
        applied: Vec<String>,
    }
}

impl ProgramChange {
    fn is_in_force(&self, store: &String, at: &CivilTime) -> bool {
        let is_named = self.stores.is_empty() || self.stores.contains(store);
        is_named && at.nanos_since(&self.from) >= 0 && self.to.nanos_since(at) > 0
    }

    fn check(&self, path: &Path<'_>) -> Result<(), Refusal> {
        if self.to.nanos_since(&self.from) <= 0 {
            return Err(Refusal::at(Fault::ToNotAfterFrom, &path.key("to")));
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = self.stores.iter().position(|store| !seen.insert(store)) {
            return Err(Refusal::at(Fault::NotDistinct, &path.key("stores").entry(twice)));
        }
        self.set.check_names(&path.key("set"))
    }
}

fn program(request: &ChangedProgramRequest) -> Result<ChangedProgramAnswer, Refusal> {
    const PROGRAM: Path<'static> = Path::Key(&Path::Root, "program");
    let ChangedProgramRequest { program, changes, store, at } = request;
    distinct("changes", "id", changes.iter().map(|change| change.id.as_str()))?;
    program.check_names(&PROGRAM)?;
    let list = Path::Root.key("changes");
    // Each field with the change that it came from.
    let mut fields: BTreeMap<&str, (Option<usize>, &Node)> = program.0.iter().map(|(name, node)| (name.as_str(), (None, node))).collect();
    let mut applied = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        change.check(&list.entry(index))?;
        if change.is_in_force(store, at) {
            applied.push(change.id.clone());
            fields.extend(change.set.0.iter().map(|(name, node)| (name.as_str(), (Some(index), node))));
        }
    }
    let changed = Node::Object(fields.iter().map(|(name, (_, node))| ((*name).to_owned(), (*node).clone())).collect());
    let document = read::<ProgramDocument>(&changed, &Path::Root).and_then(|document| {
        let program = document.prove(&Path::Root)?;
        Ok(ProgramDocument::of(&program, document.carried))
    });
    let at_origin = |refused: Refusal| {
        let name = refused.path().split(['.', '[']).next().unwrap_or_default();
        match fields.get(name) {
            Some((Some(index), _)) => Refusal::at(refused.fault(), &list.entry(*index).key("set").key(refused.path())),
            _ => Refusal::at(refused.fault(), &PROGRAM.key(refused.path())),
        }
    };
    Ok(ChangedProgramAnswer { program: document.map_err(at_origin)?, applied })
}
