//! Sending tasks into shops, and what becomes of them (CD-1 … CD-6).

use crate::canonical::program_document;
use crate::condition::{Filter, distinct, read_texts};
use crate::fields::{Answer, Fields, Fraction, Int, between, fraction, int, out, refuse};
use crate::place::read_place;
use crate::program::program_fields;
use crate::time::read_moment;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

fn instant(fields: &Fields, name: &str) -> Answer<Fraction> {
    Ok(read_moment(fields.text(name)?)?.instant())
}

fn instant_if(fields: &Fields, name: &str) -> Answer<Option<Fraction>> {
    Ok(fields.text_if(name)?.map(read_moment).transpose()?.map(|moment| moment.instant()))
}

fn zero() -> Fraction {
    fraction(&int(0))
}

fn minutes(count: &Int) -> Fraction {
    fraction(&(count * int(60)))
}

/// Ids are texts; no two of a list are alike.
fn distinct_ids(list: &[Value]) -> Answer<()> {
    distinct(list.iter().filter_map(|item| item["id"].as_str()))
}

/// part × 10,000 ÷ whole, truncated; nothing where the whole is nothing.
pub fn share_bp(part: &Int, whole: &Int) -> Option<Int> {
    if *whole == int(0) { None } else { Some(Fraction::new(part * int(10_000), whole.clone()).trunc().to_integer()) }
}

pub fn out_if(n: Option<Int>) -> Answer<Value> {
    n.map_or(Ok(Value::Null), |n| out(&n))
}

/// Weights that are not all zero, in the order of the names.
pub fn read_weights(value: &Value, names: [&str; 3]) -> Answer<[Int; 3]> {
    let fields = Fields::open(value, &names)?;
    let weight = |name: &str| between(fields.need(name)?, 0, 1_000_000);
    let weights = [weight(names[0])?, weight(names[1])?, weight(names[2])?];
    if weights.iter().all(|weight| *weight == int(0)) {
        return refuse("bad_config");
    }
    Ok(weights)
}

pub fn weighted_mean(weights: &[Int; 3], factors: &[&Int; 3]) -> Int {
    let sum: Int = (0..3).map(|k| &weights[k] * factors[k]).sum();
    Fraction::new(sum, weights.iter().sum()).trunc().to_integer()
}

/// CD-1.
pub fn issue(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["task", "stores", "now"])?;
    let now = instant(&fields, "now")?;
    let task = Fields::open(fields.need("task")?, &["id", "kind", "items", "where", "among", "deadline", "evidence", "minutes"])?;
    let (id, kind) = (task.text("id")?, task.text("kind")?);
    let items = read_texts(task.need("items")?)?;
    let filter = Filter::read(fields.need("stores")?, task.need("where")?, task.get("among"), &now)?;
    let left = instant(&task, "deadline")? - &now;
    let (evidence, work) = (task.natural_or("evidence", 0)?, task.natural_or("minutes", 0)?);
    if items.is_empty() || left <= zero() {
        return refuse("bad_config");
    }
    let hours_left = (left / fraction(&int(3600))).floor().to_integer();
    // Each item goes to each store.
    let written = |text: &str| -> usize {
        text.bytes()
            .map(|b| {
                if b < 0x20 {
                    6
                } else if b == b'"' || b == b'\\' {
                    2
                } else {
                    1
                }
            })
            .sum()
    };
    let each = 128 + written(id) + written(kind) + items.iter().map(|item| written(item) + 32).sum::<usize>();
    let stores = filter.sorted().into_iter().filter(|store| filter.against(store).is_none()).count();
    if each * stores > 8 << 20 {
        return refuse("too_large");
    }
    let mut tasks = Vec::new();
    for store in filter.sorted() {
        if filter.against(store).is_none() {
            tasks.push(json!({
                "id": format!("{id}:{}", store.id),
                "store": store.id,
                "kind": kind,
                "items": items,
                "deadline": task.text("deadline")?,
                "evidence": out(&evidence)?,
                "minutes": out(&work)?,
                "hours_left": out(&hours_left)?,
            }));
        }
    }
    Ok(json!({ "tasks": tasks }))
}

/// CD-3.
pub fn order(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["tasks", "weights", "now", "horizon_minutes"])?;
    let now = instant(&fields, "now")?;
    let weights = read_weights(fields.need("weights")?, ["potential", "urgency", "stock"])?;
    let horizon = if fields.has("horizon_minutes") { fields.positive("horizon_minutes")? } else { int(4320) } * int(60);
    let list = fields.list("tasks")?;
    let mut tasks = Vec::new();
    let mut highest = int(0);
    for item in list {
        let task = Fields::open(item, &["id", "store", "potential", "deadline", "stock_risk_bp"])?;
        let potential = task.natural("potential")?;
        highest = highest.max(potential.clone());
        tasks.push((task.text("id")?, task.text("store")?, potential, instant(&task, "deadline")?, task.rate_or("stock_risk_bp", 0)?));
    }
    distinct_ids(list)?;
    let mut order = Vec::new();
    for (id, store, potential, deadline, stock) in tasks {
        let potential = share_bp(&potential, &highest).unwrap_or(int(0));
        let urgency = if now >= deadline {
            int(10_000)
        } else {
            let left = (deadline - &now).ceil().to_integer();
            Fraction::new((&horizon - left).max(int(0)) * int(10_000), horizon.clone()).trunc().to_integer()
        };
        let score = weighted_mean(&weights, &[&potential, &urgency, &stock]);
        let answer = json!({
            "id": id,
            "store": store,
            "score_bp": out(&score)?,
            "potential_bp": out(&potential)?,
            "urgency_bp": out(&urgency)?,
            "stock_bp": out(&stock)?,
        });
        order.push((-score, store.as_bytes(), id.as_bytes(), answer));
    }
    order.sort_by(|a, b| (&a.0, a.1, a.2).cmp(&(&b.0, b.1, b.2)));
    let order: Vec<Value> = order.into_iter().map(|(_, _, _, answer)| answer).collect();
    Ok(json!({ "order": order }))
}

struct Member<'a> {
    id: &'a str,
    store: &'a str,
    on_shift: bool,
    /// `None` when there is no limit.
    free: Option<Int>,
    /// The minutes until the shift ends that no task fills yet.
    rest: Fraction,
    tasks: usize,
}

impl Member<'_> {
    fn give(&mut self, minutes: &Int) {
        self.tasks += 1;
        self.free = self.free.take().map(|free| free - minutes);
        self.rest -= fraction(minutes);
    }
}

/// CD-6.
pub fn assign(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["tasks", "staff", "earlier", "at"])?;
    let at = instant(&fields, "at")?;
    let mut tasks = Vec::new();
    for item in fields.list("tasks")? {
        let task = Fields::open(item, &["id", "store", "minutes"])?;
        tasks.push((task.text("id")?, task.text("store")?, task.natural_or("minutes", 0)?));
    }
    distinct_ids(fields.list("tasks")?)?;
    let mut staff = Vec::new();
    for item in fields.list("staff")? {
        let member = Fields::open(item, &["id", "store", "from", "to", "minutes"])?;
        let (from, to) = (instant(&member, "from")?, instant(&member, "to")?);
        if from >= to {
            return refuse("bad_config");
        }
        staff.push(Member {
            id: member.text("id")?,
            store: member.text("store")?,
            on_shift: from <= at && at < to,
            free: member.natural_if("minutes")?,
            rest: (to - &at) / fraction(&int(60)),
            tasks: 0,
        });
    }
    let earlier = fields.list_if("earlier")?.map_or(&[][..], Vec::as_slice);
    let mut given = BTreeSet::new();
    for item in earlier {
        let one = Fields::open(item, &["task", "staff", "minutes"])?;
        let (task, minutes) = (one.text("task")?, one.natural_or("minutes", 0)?);
        if !given.insert(task) || tasks.iter().any(|(id, ..)| *id == task) {
            return refuse("bad_config");
        }
        let id = one.text("staff")?;
        for member in &mut staff {
            if member.id == id {
                member.give(&minutes);
            }
        }
    }
    distinct_ids(fields.list("staff")?)?;

    let (mut assigned, mut unassigned) = (Vec::new(), Vec::new());
    for (id, store, minutes) in tasks {
        let there = |member: &Member| member.on_shift && member.store == store;
        let able = |member: &Member| {
            there(member) && member.free.as_ref().is_none_or(|free| *free >= minutes) && member.rest >= fraction(&minutes)
        };
        let anybody = staff.iter().any(there);
        let chosen = staff.iter_mut().filter(|member| able(member)).min_by_key(|member| (member.tasks, member.id.as_bytes()));
        match chosen {
            Some(member) => {
                member.give(&minutes);
                assigned.push(json!({ "task": id, "staff": member.id }));
            }
            None => {
                let reason = if anybody { "nobody_free" } else { "nobody_on_shift" };
                unassigned.push(json!({ "task": id, "reason": reason }));
            }
        }
    }
    Ok(json!({ "assigned": assigned, "unassigned": unassigned }))
}

struct Done<'a> {
    kind: &'a str,
    on_time: bool,
    evidence_complete: bool,
    minutes: Int,
}

fn needed_flag(fields: &Fields, name: &str) -> Answer<bool> {
    fields.need(name)?;
    fields.flag_or(name, false)
}

/// CD-4.
pub fn check_in(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["store", "at", "tasks", "history"])?;
    let store = Fields::open(fields.need("store")?, &["place", "radius_m"])?;
    let place = read_place(store.need("place")?)?;
    let radius_m = between(store.need("radius_m")?, 1, 100_000)?;
    let at = read_place(fields.need("at")?)?;
    let none = Vec::new();
    let mut history = Vec::new();
    for item in fields.list_if("history")?.unwrap_or(&none) {
        let done = Fields::open(item, &["kind", "on_time", "evidence_complete", "minutes"])?;
        history.push(Done {
            kind: done.text("kind")?,
            on_time: needed_flag(&done, "on_time")?,
            evidence_complete: needed_flag(&done, "evidence_complete")?,
            minutes: done.natural("minutes")?,
        });
    }
    let tasks = fields.list_if("tasks")?.unwrap_or(&none);
    let mut checklist = Vec::new();
    for item in tasks {
        let task = Fields::open(item, &["id", "kind", "items"])?;
        let (id, kind, items) = (task.text("id")?, task.text("kind")?, read_texts(task.need("items")?)?);
        let same: Vec<&Done> = history.iter().filter(|done| done.kind == kind).collect();
        let times = int(same.len() as i64);
        let on_time = same.iter().filter(|done| done.on_time).count();
        let complete = same.iter().filter(|done| done.evidence_complete).count();
        let minutes: Int = same.iter().map(|done| &done.minutes).sum();
        let mean = if same.is_empty() { None } else { Some(minutes / &times) };
        checklist.push(json!({
            "id": id,
            "kind": kind,
            "items": items,
            "times_done": out(&times)?,
            "on_time_bp": out_if(share_bp(&int(on_time as i64), &times))?,
            "evidence_bp": out_if(share_bp(&int(complete as i64), &times))?,
            "mean_minutes": out_if(mean)?,
        }));
    }
    distinct_ids(tasks)?;
    let distance_cm = place.distance_cm(&at);
    let inside = distance_cm <= radius_m * int(100);
    Ok(json!({
        "reason": if inside { "inside" } else { "outside" },
        "distance_cm": out(&distance_cm)?,
        "checklist": if inside { checklist } else { Vec::new() },
    }))
}

struct Task<'a> {
    id: &'a str,
    region: &'a str,
    issued: Fraction,
    deadline: Fraction,
    done: Option<Fraction>,
    last_report: Option<Fraction>,
    wanted: Int,
    given: Int,
}

fn figures(tasks: &[&Task]) -> Answer<Value> {
    let done: Vec<(&Task, &Fraction)> = tasks.iter().filter_map(|task| task.done.as_ref().map(|done| (*task, done))).collect();
    let (all, completed) = (int(tasks.len() as i64), int(done.len() as i64));
    let on_time = done.iter().filter(|(task, done)| **done <= task.deadline).count();
    let complete = done.iter().filter(|(task, _)| task.given >= task.wanted).count();
    let mut seconds = zero();
    for (task, done) in &done {
        seconds += *done - &task.issued;
    }
    let mean = if done.is_empty() { None } else { Some((seconds / minutes(&completed)).floor().to_integer()) };
    Ok(json!({
        "tasks": out(&all)?,
        "completed": out(&completed)?,
        "completion_bp": out_if(share_bp(&completed, &all))?,
        "on_time_bp": out_if(share_bp(&int(on_time as i64), &completed))?,
        "evidence_bp": out_if(share_bp(&int(complete as i64), &completed))?,
        "mean_minutes": out_if(mean)?,
    }))
}

/// CD-5.
pub fn compliance(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["tasks", "now", "silent_minutes"])?;
    let now = instant(&fields, "now")?;
    let silent = minutes(&fields.natural_or("silent_minutes", 120)?);
    let mut tasks = Vec::new();
    for item in fields.list("tasks")? {
        let names = ["id", "region", "issued", "deadline", "done", "last_report", "evidence_wanted", "evidence_given"];
        let inner = Fields::open(item, &names)?;
        let task = Task {
            id: inner.text("id")?,
            region: inner.text("region")?,
            issued: instant(&inner, "issued")?,
            deadline: instant(&inner, "deadline")?,
            done: instant_if(&inner, "done")?,
            last_report: instant_if(&inner, "last_report")?,
            wanted: inner.natural_or("evidence_wanted", 0)?,
            given: inner.natural_or("evidence_given", 0)?,
        };
        for time in [&task.done, &task.last_report].into_iter().flatten() {
            if *time < task.issued || *time > now {
                return refuse("bad_config");
            }
        }
        tasks.push(task);
    }
    distinct_ids(fields.list("tasks")?)?;

    let mut flags = Vec::new();
    for task in &tasks {
        let open = task.done.is_none();
        let heard = task.last_report.as_ref().unwrap_or(&task.issued);
        let mut flag = |holds: bool, flag: &str| {
            if holds {
                flags.push(json!({ "id": task.id, "flag": flag }));
            }
        };
        flag(open && now > task.deadline, "past_due");
        flag(open && &now - heard >= silent, "silent");
        flag(!open && task.given < task.wanted, "evidence_missing");
    }
    let mut names: Vec<&str> = tasks.iter().map(|task| task.region).collect();
    names.sort_unstable();
    names.dedup();
    let mut regions = Vec::new();
    for name in names {
        let there: Vec<&Task> = tasks.iter().filter(|task| task.region == name).collect();
        let mut region = figures(&there)?;
        region["region"] = json!(name);
        regions.push(region);
    }
    Ok(json!({ "all": figures(&tasks.iter().collect::<Vec<_>>())?, "regions": regions, "flags": flags }))
}

/// CD-5: what is likely to be missed.
pub fn risk(input: &Value) -> Answer<Value> {
    let names = ["tasks", "now", "ahead_minutes", "least_completion_bp", "least_on_time_bp"];
    let fields = Fields::open(input, &names)?;
    let now = instant(&fields, "now")?;
    let last = &now + minutes(&fields.natural_or("ahead_minutes", 4320)?);
    let least_completion = fields.rate_or("least_completion_bp", 8000)?;
    let least_on_time = fields.rate_or("least_on_time_bp", 8000)?;
    let (mut tasks, mut past) = (Vec::new(), Vec::new());
    for item in fields.list("tasks")? {
        let task = Fields::open(item, &["id", "deadline", "minutes", "history", "staff_minutes", "stock_short"])?;
        let (id, deadline, work) = (task.text("id")?, instant(&task, "deadline")?, task.natural("minutes")?);
        let history = Fields::open(task.need("history")?, &["completion_bp", "on_time_bp", "mean_minutes"])?;
        let completion = history.get("completion_bp").map(crate::fields::rate).transpose()?;
        let on_time = history.get("on_time_bp").map(crate::fields::rate).transpose()?;
        let mean = history.natural_if("mean_minutes")?;
        let staff = task.natural("staff_minutes")?;
        let stock_short = task.flag_or("stock_short", false)?;
        if deadline < now {
            past.push(id);
            continue;
        }
        if deadline > last {
            continue;
        }
        let left = ((&deadline - &now) / fraction(&int(60))).floor().to_integer();
        let reasons: Vec<&str> = [
            ("seldom_completed", completion.is_some_and(|bp| bp < least_completion)),
            ("often_late", on_time.is_some_and(|bp| bp < least_on_time)),
            ("slow", mean.is_some_and(|mean| mean > left)),
            ("no_staff", staff < work),
            ("no_time", work > left),
            ("stock_short", stock_short),
        ]
        .into_iter()
        .filter(|(_, holds)| *holds)
        .map(|(reason, _)| reason)
        .collect();
        let hopeless = reasons.contains(&"no_time") || reasons.contains(&"no_staff");
        let rank = if hopeless || reasons.len() >= 2 { 0 } else { 2 - reasons.len() };
        tasks.push((rank, deadline, id, reasons));
    }
    distinct_ids(fields.list("tasks")?)?;
    tasks.sort_by(|a, b| (a.0, &a.1, a.2.as_bytes()).cmp(&(b.0, &b.1, b.2.as_bytes())));
    past.sort_unstable();
    let tasks: Vec<Value> = tasks
        .into_iter()
        .map(|(rank, _, id, reasons)| json!({ "id": id, "risk": (["high", "medium", "low"][rank]), "reasons": reasons }))
        .collect();
    Ok(json!({ "tasks": tasks, "past": past }))
}

/// Minutes, completion, evidence.
fn read_figures(fields: &Fields) -> Answer<[Int; 3]> {
    Ok([fields.natural("minutes")?, fields.rate("completion_bp")?, fields.rate("evidence_bp")?])
}

/// CD-5: who falls short of the target, the furthest first.
pub fn audit(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["target", "rows"])?;
    let target = read_figures(&Fields::open(fields.need("target")?, &["minutes", "completion_bp", "evidence_bp"])?)?;
    let mut rows = Vec::new();
    for item in fields.list("rows")? {
        let row = Fields::open(item, &["id", "minutes", "completion_bp", "evidence_bp"])?;
        let id = row.text("id")?;
        let actual = read_figures(&row)?;
        let gaps = [&actual[0] - &target[0], &target[1] - &actual[1], &target[2] - &actual[2]];
        let short: Vec<&str> = (0..3).filter(|k| gaps[*k] > int(0)).map(|k| ["time", "completion", "evidence"][k]).collect();
        let answer = json!({
            "id": id,
            "minutes_gap": out(&gaps[0])?,
            "completion_gap_bp": out(&gaps[1])?,
            "evidence_gap_bp": out(&gaps[2])?,
            "short": short,
        });
        let [time, completion, evidence] = gaps;
        rows.push((int(-(short.len() as i64)), -completion.max(evidence), -time, id.as_bytes(), answer));
    }
    distinct_ids(fields.list("rows")?)?;
    rows.sort_by(|a, b| (&a.0, &a.1, &a.2, a.3).cmp(&(&b.0, &b.1, &b.2, b.3)));
    let rows: Vec<Value> = rows.into_iter().map(|(_, _, _, _, answer)| answer).collect();
    Ok(json!({ "rows": rows }))
}

/// CD-1: a program with the changes that hold at a store at a time.
pub fn program(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["program", "changes", "store", "at"])?;
    let at = instant(&fields, "at")?;
    let store = fields.text("store")?;
    let Some(mut document) = fields.need("program")?.as_object().cloned() else {
        return refuse("bad_type");
    };
    let mut applied = Vec::new();
    for item in fields.list("changes")? {
        let change = Fields::open(item, &["id", "from", "to", "stores", "set"])?;
        let id = change.text("id")?;
        let (from, to) = (instant(&change, "from")?, instant(&change, "to")?);
        let stores = change.get("stores").map(read_texts).transpose()?.unwrap_or_default();
        distinct(stores.iter().map(String::as_str))?;
        Fields::open(change.need("set")?, &program_fields())?;
        if from >= to {
            return refuse("bad_config");
        }
        let named = stores.is_empty() || stores.iter().any(|name| name == store);
        if from <= at && at < to && named {
            applied.push(id);
            let set: &Map<String, Value> = change.need("set")?.as_object().expect("opened above");
            for (name, value) in set {
                // A null is an absent field.
                document.insert(name.clone(), value.clone());
            }
        }
    }
    distinct_ids(fields.list("changes")?)?;
    Ok(json!({ "program": program_document(&Value::Object(document))?, "applied": applied }))
}
