//! A campaign: the stores that it is for, its tasks, the programs that it changes.

use crate::fault::Faults as _;
use crate::{FailedCondition, StockLevel, Store, StoreCondition, StoreTest, TargetFilter, TaskDone};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;
use loyalty_rules::api::canonical;
use loyalty_rules::api::document::ProgramDocument;
use loyalty_rules::api::json::{Json, Node};
use loyalty_rules::api::wire::{
    Amount, AsWritten, At, Defs, Describe, Path, Read, Refusal, Write, answer, distinct, operations, read, record,
};
use loyalty_rules::calendar::{CivilTime, Date};
use loyalty_rules::condition::Condition;
use loyalty_rules::error::{Fault, Field};
use loyalty_rules::quantity::{Count, Rate, Rupiah};
use loyalty_rules::sort;

operations! {
    "campaign.targets" ["CD-2"] "The stores that meet a campaign's conditions, and why the others do not.": targets, TargetsRequest => TargetsAnswer;
    "campaign.issue" ["CD-1 CD-2"] "A task for each store that meets its conditions.": issue, IssueRequest => IssueAnswer;
    "campaign.program" ["CD-1 AW-11"] "The program of a store under the changes in force.": program, ChangedProgramRequest => ChangedProgramAnswer;
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
    fn condition(&self, path: &Path<'_>, ranks: bool) -> Result<StoreCondition<'_>, Refusal> {
        fn texts(list: &[String]) -> Vec<&str> {
            list.iter().map(String::as_str).collect()
        }
        fn parts<'a>(parts: &'a [ConditionFields], list: &Path<'_>, ranks: bool) -> Result<Vec<StoreCondition<'a>>, Refusal> {
            parts.iter().enumerate().map(|(index, part)| part.condition(&list.entry(index), ranks)).collect()
        }
        if self.top_bp.is_some() && !ranks {
            return Err(Refusal::at(Fault::RankedAmong, &path.key("top_bp")));
        }
        let forms = [
            self.all.as_ref().map(|all| parts(all, &path.key("all"), ranks)).transpose()?.map(Condition::All),
            self.any.as_ref().map(|any| parts(any, &path.key("any"), ranks)).transpose()?.map(Condition::Any),
            self.not.as_ref().map(|part| part.condition(&path.key("not"), ranks)).transpose()?.map(|part| Condition::Not(Box::new(part))),
            self.area_class.as_ref().map(|classes| Condition::Test(StoreTest::AreaClass(texts(classes)))),
            self.region.as_ref().map(|regions| Condition::Test(StoreTest::Region(texts(regions)))),
            self.top_bp.map(StoreTest::TopShare).map(Condition::Test),
            self.stock_below_safety.as_deref().map(StoreTest::StockBelowSafety).map(Condition::Test),
            self.peak_within_minutes.map(StoreTest::PeakWithinMinutes).map(Condition::Test),
            self.done.as_ref().map(|done| Condition::Test(StoreTest::Done { kind: &done.kind, since: done.since })),
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
    sort::by_key(&mut judged, |(id, _)| *id);
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
    sort::ascending(&mut targets);
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
        json.raw(&canonical::bytes(&Node::Object(self.0.clone())));
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
