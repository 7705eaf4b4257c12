//! Campaigns and territories: the library against the second model, and the
//! laws that hold whatever the figures are.

mod common;

use common::model::{compare, differ};
use common::{MAX, Tape, ask, ensure, for_tapes, kind, law, maybe, moment, program, receipt, total, whole};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

fn texts(value: &Value) -> Vec<&str> {
    list(value).iter().map(|item| item.as_str().unwrap()).collect()
}

fn column<'a>(rows: &'a Value, field: &str) -> Vec<&'a str> {
    list(rows).iter().map(|row| row[field].as_str().unwrap()).collect()
}

/// The answer, or what was refused.
fn answered(op: &str, request: &Value) -> Result<Value, String> {
    let answer = ask(op, request);
    if kind(&answer).is_some() { Err(format!("{op} refuses {request}: {answer}")) } else { Ok(answer) }
}

/// Ids of one letter or two, all different, in an order of their own.
fn ids(tape: &mut Tape, count: usize) -> Vec<String> {
    let mut letters: Vec<String> = ["a", "B", "c", "Z", "é", "", "aa", "d", "e", "f", "g", "h", "i", "j"].map(String::from).to_vec();
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(letters.remove(tape.pick(letters.len())));
    }
    ids
}

fn shuffled(tape: &mut Tape, values: &Value) -> Value {
    let mut rest = list(values).clone();
    let mut shuffled = Vec::new();
    while !rest.is_empty() {
        shuffled.push(rest.remove(tape.pick(rest.len())));
    }
    json!(shuffled)
}

/// 2025-03-01T08:00 +07:00 and some seconds, on one of several clocks.
fn instant(tape: &mut Tape, seconds: i64) -> String {
    let (offset, ahead) = tape.of(&[("+07:00", 7 * 60), ("+09:00", 9 * 60), ("+00:00", 0), ("-03:30", -210)]);
    let local = 10 * 86_400 + 3600 + seconds + ahead * 60;
    let (day, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    // The first of March is the eleventh of these days.
    let day = (day - 10).clamp(-20, 30);
    let date = if day < 0 { format!("2025-02-{:02}", 29 + day) } else { format!("2025-03-{:02}", 1 + day) };
    let part = if tape.once_in(6) { ".5" } else { "" };
    format!("{date}T{:02}:{:02}:{:02}{part}{offset}", second / 3600, second / 60 % 60, second % 60)
}

/// Seconds around now, often at an edge.
fn around(tape: &mut Tape, edges: &[i64]) -> i64 {
    if tape.flag() { tape.of(edges) + tape.of(&[0, 1, -1]) } else { tape.pick(500_000) as i64 - 200_000 }
}

// Places

fn place(tape: &mut Tape) -> (i64, i64) {
    match tape.pick(4) {
        0 => tape.of(&[
            (-61_753_924, 1_068_271_528),
            (0, 0),
            (900_000_000, 0),
            (-900_000_000, 1_234_567_890),
            (0, 1_800_000_000),
            (-170_000_000, -1_799_999_999),
            (61_753_924, -731_728_472),
        ]),
        1 => (-61_753_924 + tape.pick(2_000_000) as i64 - 1_000_000, 1_068_271_528 + tape.pick(2_000_000) as i64 - 1_000_000),
        _ => (tape.pick(1_800_000_001) as i64 - 900_000_000, tape.pick(3_600_000_001) as i64 - 1_800_000_000),
    }
}

fn beside(tape: &mut Tape, (lat, lon): (i64, i64)) -> (i64, i64) {
    let mut step = || tape.of(&[0, 1, -1, 89, 90, -91, 4497, -4498, 899_321, 500_000]);
    ((lat + step()).clamp(-900_000_000, 900_000_000), (lon + step()).clamp(-1_800_000_000, 1_800_000_000))
}

fn at((lat, lon): (i64, i64)) -> Value {
    json!({ "lat_e7": lat, "lon_e7": lon })
}

fn visit(from: (i64, i64), to: (i64, i64)) -> Value {
    json!({ "store": { "place": at(from), "radius_m": 100 }, "at": at(to) })
}

fn distance(from: (i64, i64), to: (i64, i64)) -> i128 {
    whole(&ask("campaign.check_in", &visit(from, to))["distance_cm"])
}

fn check_in_request(tape: &mut Tape) -> Value {
    let from = place(tape);
    let to = if tape.flag() { beside(tape, from) } else { place(tape) };
    let mut request = visit(from, to);
    let metres = loyalty_naive::call("campaign.check_in", &request).unwrap()["distance_cm"].as_i64().unwrap() / 100;
    request["store"]["radius_m"] = json!((metres + tape.of(&[0, 1, -1, 50])).clamp(1, 100_000));
    let kinds = ["display", "price", "new"];
    maybe(tape, &mut request, 2, "tasks", |t| {
        let count = t.pick(4);
        let tasks: Vec<Value> = ids(t, count).into_iter().map(|id| json!({ "id": id, "kind": t.of(&kinds), "items": ["x"] })).collect();
        json!(tasks)
    });
    maybe(tape, &mut request, 2, "history", |t| {
        let one =
            |t: &mut Tape| json!({ "kind": t.of(&kinds), "on_time": t.flag(), "evidence_complete": t.flag(), "minutes": t.everyday() });
        let count = t.pick(6);
        json!((0..count).map(|_| one(t)).collect::<Vec<_>>())
    });
    request
}

#[test]
fn campaign_check_in() {
    differ("campaign.check_in", check_in_request);
}

#[test]
fn a_distance_is_the_same_both_ways_and_none_to_itself() {
    for_tapes(|tape| {
        let (a, b) = (place(tape), place(tape));
        let there = distance(a, b);
        ensure(there == distance(b, a), &format!("{a:?} {b:?}: another way back"))?;
        ensure((0..=2_001_511_444).contains(&there), &format!("{a:?} {b:?}: {there} is beyond half the earth"))?;
        ensure(distance(a, a) == 0, &format!("{a:?} is away from itself"))
    });
}

/// Each of the two shorter ways loses less than a centimetre.
#[test]
fn a_detour_is_no_shorter() {
    for_tapes(|tape| {
        let a = place(tape);
        let (b, c) = if tape.flag() { (beside(tape, a), beside(tape, a)) } else { (place(tape), place(tape)) };
        let (straight, detour) = (distance(a, c), distance(a, b) + distance(b, c));
        ensure(straight <= detour + 2, &format!("{a:?} {b:?} {c:?}: {straight} against {detour}"))
    });
}

// Conditions

const REGIONS: [&str; 3] = ["Jakarta", "Surabaya", "J"];

fn condition(tape: &mut Tape, levels: usize, share: bool) -> Value {
    let parts = |tape: &mut Tape| {
        let count = tape.pick(4);
        json!((0..count).map(|_| condition(tape, levels - 1, share)).collect::<Vec<_>>())
    };
    match tape.pick(if levels > 1 { 10 } else { 6 }) {
        0 => json!({ "area_class": [tape.of(&["A", "B"])] }),
        1 => json!({ "region": (0..tape.pick(3)).map(|_| tape.of(&REGIONS)).collect::<Vec<_>>() }),
        2 => json!({ "stock_below_safety": tape.of(&["beras", "gula"]) }),
        3 => json!({ "peak_within_minutes": tape.of(&[120, 0, 60, 1, MAX]) }),
        4 => {
            let mut done = json!({ "kind": tape.of(&["display", "price"]) });
            maybe(tape, &mut done, 2, "since", |t| json!(t.of(&["2025-02-01", "2025-03-01"])));
            json!({ "done": done })
        }
        5 if share => json!({ "top_bp": tape.rate() }),
        5 => json!({ "all": [] }),
        6 | 7 => json!({ "all": parts(tape) }),
        8 => json!({ "any": parts(tape) }),
        _ => json!({ "not": condition(tape, levels - 1, share) }),
    }
}

fn store(tape: &mut Tape, id: &str) -> Value {
    let mut store = json!({ "id": id });
    let s = &mut store;
    maybe(tape, s, 2, "area_class", |t| json!(t.of(&["A", "B", "C"])));
    maybe(tape, s, 2, "region", |t| json!(t.of(&REGIONS)));
    maybe(tape, s, 2, "performance", |t| if t.flag() { json!(t.pick(3)) } else { json!(t.amount()) });
    maybe(tape, s, 2, "stock", |t| {
        let mut stock = vec![json!({ "sku": "beras", "units": t.pick(3), "safety": t.pick(3) })];
        if t.flag() {
            stock.push(json!({ "sku": "gula", "units": t.amount(), "safety": t.amount() }));
        }
        json!(stock)
    });
    maybe(tape, s, 2, "peak_at", |t| {
        let seconds = around(t, &[0, 60, 3600, 7200]);
        json!(instant(t, seconds))
    });
    maybe(tape, s, 2, "done", |t| {
        let one = |t: &mut Tape| json!({ "kind": t.of(&["display", "price"]), "date": t.of(&["2025-02-01", "2025-01-31", "2025-02-28"]) });
        json!((0..1 + t.pick(2)).map(|_| one(t)).collect::<Vec<_>>())
    });
    store
}

fn stores(tape: &mut Tape) -> Value {
    let count = tape.pick(7);
    json!(ids(tape, count).iter().map(|id| store(tape, id)).collect::<Vec<_>>())
}

fn now(tape: &mut Tape) -> String {
    instant(tape, 0)
}

fn targets_request(tape: &mut Tape) -> Value {
    let mut request = json!({ "stores": stores(tape), "where": condition(tape, 4, true), "now": now(tape) });
    maybe(tape, &mut request, 2, "among", |t| {
        let share = t.once_in(12);
        condition(t, 3, share)
    });
    request
}

#[test]
fn campaign_targets() {
    differ("campaign.targets", targets_request);
}

#[test]
fn every_store_is_a_target_or_left_out_at_a_place_of_the_request() {
    law("campaign.targets", targets_request, |request, answer| {
        let mut told = texts(&answer["targets"]);
        told.extend(column(&answer["left_out"], "id"));
        told.sort_unstable();
        let mut given = column(&request["stores"], "id");
        given.sort_unstable();
        ensure(told == given, "a store twice or not at all")?;
        for path in column(&answer["left_out"], "path") {
            let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
            ensure(request.pointer(&pointer).is_some_and(Value::is_object), &format!("no condition at {path}"))?;
        }
        Ok(())
    });
}

/// Two ways of saying one condition have the same targets.
fn same_targets(ways: impl Fn(&Value, &Value) -> Vec<(Value, Value)>) {
    for_tapes(|tape| {
        let request = targets_request(tape);
        let (p, q) = (condition(tape, 3, true), condition(tape, 3, true));
        for (one, other) in ways(&p, &q) {
            let mut sides = Vec::new();
            for side in [&one, &other] {
                let mut request = request.clone();
                request["where"] = side.clone();
                sides.push(ask("campaign.targets", &request));
            }
            let same = sides[0]["targets"] == sides[1]["targets"] && kind(&sides[0]) == kind(&sides[1]);
            ensure(same, &format!("{request}\n  {one}: {}\n  {other}: {}", sides[0], sides[1]))?;
        }
        Ok(())
    });
}

#[test]
fn de_morgan_holds() {
    same_targets(|p, q| {
        let (not_p, not_q) = (json!({ "not": p }), json!({ "not": q }));
        vec![
            (json!({ "not": { "all": [p, q] } }), json!({ "any": [not_p, not_q] })),
            (json!({ "not": { "any": [p, q] } }), json!({ "all": [not_p, not_q] })),
        ]
    });
}

#[test]
fn a_condition_twice_denied_or_alone_in_a_list_is_itself() {
    same_targets(|p, _| {
        vec![(p.clone(), json!({ "not": { "not": p } })), (p.clone(), json!({ "all": [p] })), (p.clone(), json!({ "any": [p] }))]
    });
}

#[test]
fn the_order_of_parts_and_repetition_do_not_matter() {
    same_targets(|p, q| {
        vec![
            (json!({ "all": [p, q] }), json!({ "all": [q, p, q] })),
            (json!({ "any": [p, q] }), json!({ "any": [q, p, q] })),
            (json!({ "all": [p, { "any": [p, q] }] }), p.clone()),
        ]
    });
}

#[test]
fn the_top_is_the_ceiling_of_the_share_and_grows_with_it() {
    for_tapes(|tape| {
        let mut request = json!({ "stores": stores(tape), "where": { "all": [] }, "now": now(tape) });
        maybe(tape, &mut request, 2, "among", |t| condition(t, 3, false));
        let candidates = answered("campaign.targets", &request)?["targets"].clone();
        let candidates: BTreeSet<&str> = texts(&candidates).into_iter().collect();
        let mut shares: Vec<i64> = (0..4).map(|_| tape.rate()).collect();
        shares.extend([0, 10_000]);
        shares.sort_unstable();
        let mut fewer: BTreeSet<String> = BTreeSet::new();
        for share in shares {
            request["where"] = json!({ "top_bp": share });
            let answer = answered("campaign.targets", &request)?;
            let top: BTreeSet<String> = texts(&answer["targets"]).into_iter().map(String::from).collect();
            let wanted = (candidates.len() * usize::try_from(share).unwrap()).div_ceil(10_000);
            ensure(top.len() == wanted, &format!("{wanted} of {} at {share}: {request} {answer}", candidates.len()))?;
            ensure(top.iter().all(|id| candidates.contains(id.as_str())), "one who is no candidate")?;
            ensure(fewer.is_subset(&top), "a larger share without one of the smaller")?;
            fewer = top;
        }
        Ok(())
    });
}

// Tasks

fn issue_request(tape: &mut Tape) -> Value {
    let seconds = around(tape, &[1, 3600, 7200, 86_400, 0]);
    let seconds = if tape.once_in(8) { seconds } else { seconds.abs() };
    let mut task = json!({
        "id": tape.of(&["T", "", "T:1"]),
        "kind": "display",
        "items": (0..1 + tape.pick(2)).map(|k| format!("{k}")).collect::<Vec<_>>(),
        "where": condition(tape, 3, true),
        "deadline": instant(tape, seconds),
    });
    maybe(tape, &mut task, 3, "among", |t| condition(t, 2, false));
    maybe(tape, &mut task, 2, "evidence", |t| json!(t.amount()));
    maybe(tape, &mut task, 2, "minutes", |t| json!(t.amount()));
    json!({ "task": task, "stores": stores(tape), "now": now(tape) })
}

#[test]
fn campaign_issue() {
    differ("campaign.issue", issue_request);
}

#[test]
fn a_task_goes_to_its_targets() {
    law("campaign.issue", issue_request, |request, answer| {
        let task = &request["task"];
        let mut asked = json!({ "stores": request["stores"], "where": task["where"], "now": request["now"] });
        asked["among"] = task["among"].clone();
        let targets = answered("campaign.targets", &asked)?;
        ensure(column(&answer["tasks"], "store") == texts(&targets["targets"]), "others than the targets")
    });
}

fn order_request(tape: &mut Tape) -> Value {
    let count = tape.pick(6);
    let high = tape.amount();
    let mut tasks = Vec::new();
    for id in ids(tape, count) {
        let seconds = around(tape, &[0, 259_200, 60, 3600]);
        let mut task = json!({ "id": id, "store": tape.of(&["s", "r", "R"]), "potential": if tape.flag() { high } else { tape.amount() } });
        task["deadline"] = json!(instant(tape, seconds));
        maybe(tape, &mut task, 2, "stock_risk_bp", |t| json!(t.rate()));
        tasks.push(task);
    }
    let mut weight = || tape.of(&[1, 0, 2, 3, 1_000_000, 7]);
    let weights = json!({ "potential": weight(), "urgency": weight(), "stock": weight() });
    let mut request = json!({ "tasks": tasks, "weights": weights, "now": now(tape) });
    maybe(tape, &mut request, 2, "horizon_minutes", |t| json!(t.of(&[1, 60, 4321, MAX])));
    request
}

#[test]
fn campaign_order() {
    differ("campaign.order", order_request);
}

#[test]
fn tasks_stand_by_score_in_whatever_order_they_came() {
    for_tapes(|tape| {
        let mut request = order_request(tape);
        let answer = ask("campaign.order", &request);
        if kind(&answer).is_some() {
            return Ok(());
        }
        let scores: Vec<i128> = list(&answer["order"]).iter().map(|task| whole(&task["score_bp"])).collect();
        ensure(scores.windows(2).all(|pair| pair[0] >= pair[1]), &format!("{answer} falls and rises"))?;
        ensure(scores.iter().all(|score| (0..=10_000).contains(score)), &format!("{answer} is no share"))?;
        request["tasks"] = shuffled(tape, &request["tasks"]);
        ensure(ask("campaign.order", &request) == answer, &format!("another order: {request} {answer}"))
    });
}

fn assign_request(tape: &mut Tape) -> Value {
    let (tasks, staff) = (tape.pick(8), tape.pick(6));
    let mut rows = Vec::new();
    for id in ids(tape, tasks) {
        let mut task = json!({ "id": id, "store": tape.of(&["s", "r"]) });
        maybe(tape, &mut task, 2, "minutes", |t| json!(t.of(&[10, 1, 30, MAX])));
        rows.push(task);
    }
    let mut members = Vec::new();
    for id in ids(tape, staff) {
        let from = tape.of(&[0, -3600, 1, -7200]);
        let to = tape.of(&[7200, 1, 3600, 0, -1800]);
        let mut member = json!({ "id": id, "store": tape.of(&["s", "r"]) });
        let later = if to <= from && !tape.once_in(8) { from + 7200 } else { to };
        member["from"] = json!(instant(tape, from));
        member["to"] = json!(instant(tape, later));
        maybe(tape, &mut member, 2, "minutes", |t| json!(t.of(&[30, 0, 10, 11, 41])));
        members.push(member);
    }
    json!({ "tasks": rows, "staff": members, "at": now(tape) })
}

#[test]
fn campaign_assign() {
    differ("campaign.assign", assign_request);
}

/// Halves of a second in one common count, for comparison alone.
fn halves(instant: &Value) -> i64 {
    let text = instant.as_str().unwrap();
    let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    let end = text.len() - 6;
    let ahead = number(end + 1..end + 3) * 3600 + number(end + 4..end + 6) * 60;
    let ahead = if &text[end..=end] == "-" { -ahead } else { ahead };
    // February and March alone: the one has 28 days.
    let days = number(5..7) * 28 + number(8..10);
    let seconds = days * 86_400 + number(11..13) * 3600 + number(14..16) * 60 + number(17..19) - ahead;
    2 * seconds + i64::from(text[..end].ends_with(".5"))
}

#[test]
fn nobody_works_off_shift_elsewhere_or_beyond_his_minutes() {
    law("campaign.assign", assign_request, |request, answer| {
        let mut told = column(&answer["assigned"], "task");
        told.extend(column(&answer["unassigned"], "task"));
        told.sort_unstable();
        let mut given = column(&request["tasks"], "id");
        given.sort_unstable();
        ensure(told == given, "a task twice or not at all")?;
        let find = |rows: &Value, id: &Value| list(rows).iter().find(|row| row["id"] == *id).unwrap().clone();
        let mut used: BTreeMap<String, i128> = BTreeMap::new();
        for pair in list(&answer["assigned"]) {
            let (task, member) = (find(&request["tasks"], &pair["task"]), find(&request["staff"], &pair["staff"]));
            ensure(task["store"] == member["store"], "of another store")?;
            let at = halves(&request["at"]);
            ensure(halves(&member["from"]) <= at && at < halves(&member["to"]), "off shift")?;
            *used.entry(pair["staff"].to_string()).or_default() += task.get("minutes").map_or(0, whole);
        }
        for member in list(&request["staff"]) {
            let worked = used.get(&member["id"].to_string()).copied().unwrap_or(0);
            ensure(member.get("minutes").is_none_or(|minutes| worked <= whole(minutes)), "more than he has")?;
        }
        Ok(())
    });
}

fn compliance_request(tape: &mut Tape) -> Value {
    let count = tape.pick(7);
    let mut tasks = Vec::new();
    for id in ids(tape, count) {
        let issued = -(tape.pick(12_000) as i64) - if tape.once_in(20) { -13_000 } else { 0 };
        let mut task = json!({ "id": id, "region": tape.of(&REGIONS), "issued": instant(tape, issued) });
        let deadline = tape.of(&[0, 1, -1, -1800, 3600]);
        task["deadline"] = json!(instant(tape, deadline));
        for name in ["done", "last_report"] {
            maybe(tape, &mut task, 2, name, |t| {
                let within = -(t.pick(usize::try_from(-issued).unwrap_or(0).max(2)) as i64);
                let seconds = if t.once_in(20) { 5 } else { within };
                json!(instant(t, seconds))
            });
        }
        maybe(tape, &mut task, 2, "evidence_wanted", |t| json!(t.pick(3)));
        maybe(tape, &mut task, 2, "evidence_given", |t| json!(t.pick(3)));
        tasks.push(task);
    }
    let mut request = json!({ "tasks": tasks, "now": now(tape) });
    maybe(tape, &mut request, 2, "silent_minutes", |t| json!(t.of(&[60, 0, 1, 90, MAX])));
    request
}

#[test]
fn campaign_compliance() {
    differ("campaign.compliance", compliance_request);
}

#[test]
fn regions_sum_to_all() {
    law("campaign.compliance", compliance_request, |request, answer| {
        for field in ["tasks", "completed"] {
            let regions = total(list(&answer["regions"]).iter().map(|region| &region[field]));
            ensure(whole(&answer["all"][field]) == regions, &format!("{field}: {regions} by region"))?;
        }
        ensure(whole(&answer["all"]["tasks"]) == list(&request["tasks"]).len() as i128, "another number of tasks")?;
        let names = column(&answer["regions"], "region");
        ensure(names.windows(2).all(|pair| pair[0] < pair[1]), "regions out of order")?;
        for region in &names {
            let mut alone = request.clone();
            alone["tasks"] = json!(list(&request["tasks"]).iter().filter(|task| task["region"] == *region).collect::<Vec<_>>());
            let alone = answered("campaign.compliance", &alone)?;
            let mut told = list(&answer["regions"]).iter().find(|told| told["region"] == *region).unwrap().clone();
            told.as_object_mut().unwrap().remove("region");
            ensure(alone["all"] == told, &format!("{region} alone: {}", alone["all"]))?;
        }
        Ok(())
    });
}

fn risk_request(tape: &mut Tape) -> Value {
    let count = tape.pick(7);
    let mut tasks = Vec::new();
    for id in ids(tape, count) {
        let left = around(tape, &[0, 3600, 259_200, 60]);
        let minutes = tape.of(&[0, 1, 60, 61, 59, 1000]);
        let mut history = json!({});
        maybe(tape, &mut history, 2, "completion_bp", |t| json!(t.of(&[8000, 7999, 10_000, 0])));
        maybe(tape, &mut history, 2, "on_time_bp", |t| json!(t.of(&[8000, 7999, 10_000, 0])));
        maybe(tape, &mut history, 2, "mean_minutes", |t| json!(t.of(&[60, 59, 61, 0, MAX])));
        let mut task = json!({ "id": id, "deadline": instant(tape, left), "minutes": minutes, "history": history });
        task["staff_minutes"] = json!((minutes + tape.of(&[0, 1, -1, 100])).max(0));
        maybe(tape, &mut task, 3, "stock_short", |t| json!(t.flag()));
        tasks.push(task);
    }
    let mut request = json!({ "tasks": tasks, "now": now(tape) });
    maybe(tape, &mut request, 3, "ahead_minutes", |t| json!(t.of(&[60, 0, MAX])));
    maybe(tape, &mut request, 3, "least_completion_bp", |t| json!(t.of(&[7999, 10_000, 0])));
    maybe(tape, &mut request, 3, "least_on_time_bp", |t| json!(t.of(&[7999, 10_000, 0])));
    request
}

#[test]
fn campaign_risk() {
    differ("campaign.risk", risk_request);
}

#[test]
fn risks_fall_and_their_reasons_bear_them() {
    law("campaign.risk", risk_request, |_, answer| {
        let mut last = 0;
        for task in list(&answer["tasks"]) {
            let reasons = texts(&task["reasons"]);
            let wanted = if reasons.contains(&"no_time") || reasons.contains(&"no_staff") || reasons.len() > 1 {
                "high"
            } else {
                ["low", "medium"][reasons.len()]
            };
            ensure(task["risk"] == wanted, &format!("{task}: {wanted}"))?;
            let rank = ["high", "medium", "low"].iter().position(|risk| *risk == wanted).unwrap();
            ensure(rank >= last, "a higher risk below a lower one")?;
            last = rank;
        }
        let past = texts(&answer["past"]);
        ensure(past.windows(2).all(|pair| pair[0] < pair[1]), "past tasks out of order")
    });
}

fn audit_request(tape: &mut Tape) -> Value {
    let count = tape.pick(7);
    let figures = |tape: &mut Tape| {
        let mut share = || tape.of(&[9000, 8999, 9001, 0, 10_000, 8000]);
        let (completion, evidence) = (share(), share());
        json!({ "minutes": tape.of(&[30, 29, 31, 0, MAX]), "completion_bp": completion, "evidence_bp": evidence })
    };
    let mut rows = Vec::new();
    for id in ids(tape, count) {
        let mut row = figures(tape);
        row["id"] = json!(id);
        rows.push(row);
    }
    json!({ "target": figures(tape), "rows": rows })
}

#[test]
fn campaign_audit() {
    differ("campaign.audit", audit_request);
}

#[test]
fn an_audit_is_the_same_in_any_order() {
    for_tapes(|tape| {
        let mut request = audit_request(tape);
        let answer = answered("campaign.audit", &request)?;
        request["rows"] = shuffled(tape, &request["rows"]);
        ensure(answered("campaign.audit", &request)? == answer, &format!("{request} {answer}"))
    });
}

// A campaign's program

fn change(tape: &mut Tape, id: &str) -> Value {
    let (other, _) = program(tape);
    let mut set = json!({});
    for (field, value) in other.as_object().unwrap() {
        if tape.once_in(4) {
            set[field] = if tape.once_in(6) { Value::Null } else { value.clone() };
        }
    }
    let from = tape.of(&[0, -3600, 1]);
    let to = from + tape.of(&[7200, 3600, 1, 0]);
    let mut change = json!({ "id": id, "from": instant(tape, from), "to": instant(tape, to), "set": set });
    maybe(tape, &mut change, 3, "stores", |t| t.of(&[json!([]), json!(["a"]), json!(["b", "a"]), json!(["b"])]));
    change
}

fn program_request(tape: &mut Tape) -> Value {
    let (base, _) = program(tape);
    let count = tape.pick(4);
    let changes: Vec<Value> = ids(tape, count).iter().map(|id| change(tape, id)).collect();
    json!({ "program": base, "changes": changes, "store": "a", "at": now(tape) })
}

#[test]
fn campaign_program() {
    differ("campaign.program", program_request);
}

/// A change that sets every field of a document, and takes away what the
/// document has not, makes the program that document alone would be.
#[test]
fn a_campaign_decides_as_its_program_alone() {
    for_tapes(|tape| {
        let (base, _) = program(tape);
        let (mut wanted, stopwatch) = program(tape);
        let receipt = receipt(tape, &mut wanted, stopwatch);
        let mut set = wanted.clone();
        for field in base.as_object().unwrap().keys() {
            if wanted.get(field).is_none() {
                set[field] = Value::Null;
            }
        }
        let (from, to) = (instant(tape, -1), instant(tape, 2));
        let changes = json!([{ "id": "c", "from": from, "to": to, "set": set }]);
        let changed = ask("campaign.program", &json!({ "program": base, "changes": changes, "store": "a", "at": now(tape) }));
        let alone = ask("award.decide", &json!({ "program": wanted, "receipt": receipt }));
        if kind(&changed).is_some() {
            return ensure(
                kind(&changed) == kind(&ask("program.check", &json!({ "program": wanted }))),
                &format!("{changed} is refused, and {wanted} alone is not so"),
            );
        }
        let decided = ask("award.decide", &json!({ "program": changed["program"], "receipt": receipt }));
        ensure(decided == alone, &format!("{wanted} {receipt}\n  {alone}\n  {decided}"))?;
        let hash = |program: &Value| ask("program.hash", &json!({ "program": program }));
        ensure(hash(&wanted) == hash(&changed["program"]), &format!("another hash than that of {wanted}"))
    });
}

#[test]
fn a_time_of_any_kind_is_a_time() {
    differ("campaign.program", |tape| {
        let changes = json!([{ "id": "c", "from": moment(tape), "to": moment(tape), "set": { "quota": 1 } }]);
        json!({ "program": { "mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus" }, "changes": changes, "store": "a", "at": moment(tape) })
    });
}

// Territories

/// Random numbers beyond what a tape holds.
struct Dice(u64);

impl Dice {
    fn roll(tape: &mut Tape) -> Self {
        Self(tape.pick(1 << 32) as u64 * 2 + 1)
    }

    fn pick(&mut self, count: u64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 8) % count) as i64
    }
}

const LARGEST: i64 = 1_000_000_000_000;

/// Potentials of one of several natures: even, few large ones, none, whatever.
fn potential(dice: &mut Dice, nature: usize) -> i64 {
    match nature {
        0 => dice.pick(100),
        1 => dice.pick(3),
        2 if dice.pick(8) == 0 => LARGEST,
        2 => dice.pick(2),
        3 => 7,
        4 => 1 << dice.pick(39),
        _ => dice.pick(LARGEST as u64 + 1),
    }
}

/// Outlets strewn over the earth, over a city, over two, along a line, or in
/// few places.
fn outlets(dice: &mut Dice, count: usize, nature: usize, scatter: usize) -> Vec<Value> {
    let mut outlets = Vec::new();
    for k in 0..count {
        let (lat, lon) = match scatter {
            0 => (dice.pick(1_800_000_001) - 900_000_000, dice.pick(3_600_000_001) - 1_800_000_000),
            1 => (-62_000_000 + dice.pick(3_000_000), 1_068_000_000 + dice.pick(3_000_000)),
            2 if dice.pick(2) == 0 => (-62_000_000 + dice.pick(1_000_000), 1_068_000_000 + dice.pick(1_000_000)),
            2 => (-72_000_000 + dice.pick(1_000_000), 1_127_000_000 + dice.pick(1_000_000)),
            3 => (0, dice.pick(20_000_000)),
            _ => (dice.pick(3) * 300_000_000, dice.pick(3) * 900_000_000),
        };
        let id = format!("{}{k}", ["o", "O", "é"][dice.pick(3) as usize]);
        outlets.push(json!({ "id": id, "place": at((lat, lon)), "potential": potential(dice, nature) }));
    }
    outlets
}

fn sellers(tape: &mut Tape, count: usize) -> Vec<String> {
    let mut names: Vec<String> = (0..count).map(|k| format!("s{k}")).collect();
    if tape.flag() {
        names.reverse();
    }
    names
}

fn division_of(tape: &mut Tape, most: usize) -> Value {
    let mut dice = Dice::roll(tape);
    let count = 1 + tape.pick(most);
    let divided = if tape.once_in(12) { tape.pick(count + 2) } else { 1 + tape.pick(count) };
    let (nature, scatter) = (tape.pick(6), tape.pick(5));
    json!({ "outlets": outlets(&mut dice, count, nature, scatter), "sellers": sellers(tape, divided) })
}

#[test]
fn territory_divide() {
    differ("territory.divide", |tape| division_of(tape, 14));
}

/// Potential and outlets of each territory, held against the outlets given.
fn held(request: &Value, answer: &Value) -> Result<Vec<i128>, String> {
    let worth: BTreeMap<&str, i128> =
        list(&request["outlets"]).iter().map(|outlet| (outlet["id"].as_str().unwrap(), whole(&outlet["potential"]))).collect();
    ensure(column(&answer["territories"], "seller") == texts(&request["sellers"]), "other sellers")?;
    let mut seen = BTreeSet::new();
    let mut potentials = Vec::new();
    for territory in list(&answer["territories"]) {
        let ids = texts(&territory["outlets"]);
        ensure(ids.windows(2).all(|pair| pair[0] < pair[1]), "ids out of order")?;
        for id in &ids {
            ensure(worth.contains_key(id) && seen.insert(id.to_string()), &format!("{id} unknown or twice"))?;
        }
        let potential: i128 = ids.iter().map(|id| worth[id]).sum();
        ensure(whole(&territory["potential"]) == potential, &format!("{potential} wanted: {territory}"))?;
        potentials.push(potential);
    }
    ensure(seen.len() == worth.len(), "an outlet of nobody")?;
    Ok(potentials)
}

/// Every outlet in one territory, every seller at least one, the largest no
/// larger than the mean and five quarters of the greatest outlet.
fn well_divided(request: &Value, answer: &Value) -> Result<(), String> {
    let potentials = held(request, answer)?;
    ensure(list(&answer["territories"]).iter().all(|territory| !list(&territory["outlets"]).is_empty()), "a seller without outlets")?;
    let greatest = list(&request["outlets"]).iter().map(|outlet| whole(&outlet["potential"])).max().unwrap();
    let (largest, all, count) = (*potentials.iter().max().unwrap(), potentials.iter().sum::<i128>(), potentials.len() as i128);
    ensure(4 * largest * count <= 4 * all + 5 * greatest * count, &format!("{largest} is too large"))?;
    if all == 0 {
        return ensure(answer["largest_bp"].is_null() && answer["bound_bp"].is_null(), "a ratio to nothing");
    }
    ensure(whole(&answer["largest_bp"]) == largest * count * 10_000 / all, "the largest")?;
    ensure(whole(&answer["bound_bp"]) == (4 * all + 5 * greatest * count) * 10_000 / (4 * all), "the bound")
}

#[test]
fn a_division_is_whole_and_within_its_bound() {
    law("territory.divide", |tape| division_of(tape, 14), well_divided);
}

#[test]
fn a_large_division_is_within_its_bound_too() {
    for_tapes(|tape| {
        if !tape.once_in(8) {
            return Ok(());
        }
        let request = division_of(tape, 400);
        let answer = ask("territory.divide", &request);
        if kind(&answer).is_some() { Ok(()) } else { well_divided(&request, &answer) }
    });
}

#[test]
fn as_many_outlets_as_may_be_and_one_more() {
    let mut dice = Dice(12_345);
    let mut request = json!({ "outlets": outlets(&mut dice, 10_000, 0, 0), "sellers": ["a", "b", "c", "d", "e", "f", "g"] });
    let answer = answered("territory.divide", &request).unwrap();
    well_divided(&request, &answer).unwrap();

    let refused = |request: &Value, wanted: &str| {
        let answer = ask("territory.divide", request);
        assert_eq!((kind(&answer), answer["path"].as_str()), (Some(wanted), Some("outlets")), "{answer}");
    };
    for outlet in request["outlets"].as_array_mut().unwrap() {
        outlet["potential"] = json!(LARGEST);
    }
    refused(&request, "out_of_range");
    request["outlets"].as_array_mut().unwrap().push(json!({ "id": "more", "place": at((0, 0)), "potential": 0 }));
    refused(&request, "too_large");
}

#[test]
fn a_division_is_the_same_in_any_order() {
    for_tapes(|tape| {
        let mut request = division_of(tape, 40);
        let answer = ask("territory.divide", &request);
        request["outlets"] = shuffled(tape, &request["outlets"]);
        ensure(ask("territory.divide", &request) == answer, &format!("{request} {answer}"))
    });
}

/// Every way to give the outlets to the sellers, told as the seller of each.
fn every_way(outlets: usize, sellers: usize, mut look: impl FnMut(&[usize])) {
    let mut owners = vec![0; outlets];
    loop {
        look(&owners);
        let Some(place) = owners.iter().position(|owner| *owner + 1 < sellers) else {
            return;
        };
        owners[place] += 1;
        owners[..place].fill(0);
    }
}

fn sums(owners: &[usize], worth: &[i128], sellers: usize) -> Vec<i128> {
    let mut sums = vec![0; sellers];
    for (owner, worth) in owners.iter().zip(worth) {
        sums[*owner] += worth;
    }
    sums
}

fn worths(request: &Value) -> Vec<i128> {
    list(&request["outlets"]).iter().map(|outlet| whole(&outlet["potential"])).collect()
}

/// The best division looks at no places at all, so the ratio to it tells what
/// compactness costs. Both mean and greatest outlet bound the best from below,
/// so it is never above 1 + 5/4.
#[test]
fn a_small_division_is_not_far_from_the_best() {
    let ratios = RefCell::new(Vec::new());
    for_tapes(|tape| {
        let mut dice = Dice::roll(tape);
        let divided = 2 + tape.pick(2);
        let count = divided + tape.pick(9 - divided);
        let (nature, scatter) = (tape.pick(6), tape.pick(5));
        let request = json!({ "outlets": outlets(&mut dice, count, nature, scatter), "sellers": sellers(tape, divided) });
        let answer = answered("territory.divide", &request)?;
        let largest = held(&request, &answer)?.into_iter().max().unwrap();
        let worth = worths(&request);
        let mut best = i128::MAX;
        every_way(count, divided, |owners| {
            if (0..divided).all(|seller| owners.contains(&seller)) {
                best = best.min(sums(owners, &worth, divided).into_iter().max().unwrap());
            }
        });
        ensure(best <= largest && 4 * largest <= 9 * best, &format!("{largest} against {best}: {request}"))?;
        if best > 0 {
            ratios.borrow_mut().push(largest * 10_000 / best);
        }
        Ok(())
    });
    let ratios = ratios.into_inner();
    let worst = ratios.iter().max().unwrap();
    println!(
        "largest territory to the best possible: at most {worst} bp, {} in the mean",
        ratios.iter().sum::<i128>() / ratios.len() as i128
    );
}

#[test]
fn territory_potential() {
    differ("territory.potential", |tape| {
        let count = tape.pick(6);
        let mut rows = Vec::new();
        for id in ids(tape, count) {
            rows.push(json!({ "id": id, "sales": tape.amount(), "density": tape.everyday(), "competition": tape.pick(4) }));
        }
        let mut weight = || tape.of(&[1, 0, 2, 3, 1_000_000, 7]);
        json!({ "outlets": rows, "weights": { "sales": weight(), "density": weight(), "competition": weight() } })
    });
}

fn fairness_request(tape: &mut Tape) -> Value {
    let count = tape.pick(7);
    let level = tape.amount();
    let mut rows = Vec::new();
    for id in ids(tape, count) {
        let potential = if tape.flag() { level } else { tape.amount() };
        rows.push(json!({ "id": id, "potential": potential }));
    }
    json!({ "territories": rows })
}

#[test]
fn territory_fairness() {
    differ("territory.fairness", fairness_request);
}

#[test]
fn fairness_looks_at_no_order_and_no_scale() {
    for_tapes(|tape| {
        let mut request = fairness_request(tape);
        let answer = ask("territory.fairness", &request);
        request["territories"] = shuffled(tape, &request["territories"]);
        let again = ask("territory.fairness", &request);
        if kind(&answer).is_some() {
            return ensure(kind(&answer) == kind(&again), "refused in one order alone");
        }
        ensure(answer == again, &format!("{request} {answer}"))?;
        let (largest, gini) = (whole(&answer["largest_bp"]), whole(&answer["gini_bp"]));
        let count = list(&request["territories"]).len() as i128;
        ensure((10_000..=10_000 * count).contains(&largest) && (0..=10_000 * (count - 1) / count).contains(&gini), &answer.to_string())?;
        for territory in request["territories"].as_array_mut().unwrap() {
            let twice = territory["potential"].as_i64().unwrap() * 2;
            if twice > MAX {
                return Ok(());
            }
            territory["potential"] = json!(twice);
        }
        let doubled = answered("territory.fairness", &request)?;
        ensure(doubled["largest_bp"] == answer["largest_bp"] && doubled["gini_bp"] == answer["gini_bp"], &format!("{answer} {doubled}"))
    });
}

#[test]
fn territory_attainment() {
    differ("territory.attainment", |tape| {
        let count = tape.pick(6);
        let falling = tape.of(&[1000, 0, 1, 9999, 10_000]);
        let mut rows = Vec::new();
        for id in ids(tape, count) {
            let before = tape.everyday();
            let edge = before / 10_000 * (10_000 - falling) + tape.of(&[0, 1, -1]);
            let sales = if tape.flag() { edge.clamp(0, MAX) } else { tape.everyday() };
            let mut row = json!({ "id": id, "sales": sales, "target": tape.everyday() });
            maybe(tape, &mut row, 2, "before", |_| json!(before));
            rows.push(row);
        }
        let mut request = json!({ "territories": rows });
        if falling != 1000 {
            request["falling_bp"] = json!(falling);
        }
        request
    });
}

fn redivision_of(tape: &mut Tape, count: usize, divided: usize) -> Value {
    let mut dice = Dice::roll(tape);
    let (nature, scatter) = (tape.pick(6), tape.pick(5));
    let names = sellers(tape, divided);
    let mut rows = outlets(&mut dice, count, nature, scatter);
    // Now and then one seller has most of them.
    let crowded = tape.flag();
    for row in &mut rows {
        let owner = if crowded && dice.pick(4) != 0 { 0 } else { dice.pick(divided as u64) as usize };
        row["seller"] = json!(names[owner]);
    }
    let bound = tape.of(&[10_000, 10_500, 11_000, 12_000, 13_333, 15_000, 20_000]);
    json!({ "outlets": rows, "sellers": names, "bound_bp": bound })
}

fn small_redivision(tape: &mut Tape) -> Value {
    let divided = 1 + tape.pick(4);
    let count = tape.pick(if divided < 4 { 7 } else { 6 });
    redivision_of(tape, count, divided)
}

/// Sets of three moves are too many, so what two cannot do is done greedily.
fn wide_redivision(tape: &mut Tape) -> Value {
    let (count, divided) = tape.of(&[(11, 11), (21, 6), (13, 10), (102, 2), (35, 4)]);
    redivision_of(tape, count, divided)
}

#[test]
fn territory_redivide() {
    differ("territory.redivide", small_redivision);
}

#[test]
fn territory_redivide_step_by_step() {
    for_tapes(|tape| {
        if !tape.once_in(8) {
            return Ok(());
        }
        compare("territory.redivide", &wide_redivision(tape), false)
    });
}

/// Moves are of the outlets' own sellers to others, what comes out is whole,
/// and the bound holds when it is said to.
fn well_redivided(request: &Value, answer: &Value) -> Result<(), String> {
    let potentials = held(request, answer)?;
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for outlet in list(&request["outlets"]) {
        owners.insert(outlet["id"].as_str().unwrap(), outlet["seller"].as_str().unwrap());
    }
    let before: BTreeSet<&str> = owners.values().copied().collect();
    let moved = column(&answer["moves"], "outlet");
    ensure(moved.windows(2).all(|pair| pair[0] < pair[1]), "moves out of order, or one outlet twice")?;
    for step in list(&answer["moves"]) {
        let (outlet, from, to) = (step["outlet"].as_str().unwrap(), step["from"].as_str().unwrap(), step["to"].as_str().unwrap());
        ensure(owners[outlet] == from && from != to, &format!("{step}"))?;
        owners.insert(outlet, to);
    }
    for territory in list(&answer["territories"]) {
        let seller = territory["seller"].as_str().unwrap();
        for id in texts(&territory["outlets"]) {
            ensure(owners[id] == seller, &format!("{id} is not where it was moved"))?;
        }
        ensure(!list(&territory["outlets"]).is_empty() || !before.contains(seller), &format!("{seller} is left without outlets"))?;
    }
    let (largest, all) = (*potentials.iter().max().unwrap(), potentials.iter().sum::<i128>());
    let holds = largest * 10_000 * potentials.len() as i128 <= whole(&request["bound_bp"]) * all;
    ensure(answer["reached"] == json!(holds), "the bound")?;
    ensure(holds || answer["least"] == json!(false), "the fewest moves to nowhere")
}

#[test]
fn a_redivision_keeps_the_sums_and_says_what_holds() {
    law("territory.redivide", small_redivision, well_redivided);
    for_tapes(|tape| {
        if !tape.once_in(8) {
            return Ok(());
        }
        let request = redivision_of(tape, 120, 12);
        well_redivided(&request, &answered("territory.redivide", &request)?)
    });
}

#[test]
fn no_fewer_moves_do() {
    law("territory.redivide", small_redivision, |request, answer| {
        let worth = worths(request);
        let names = texts(&request["sellers"]);
        let owner = |outlet: &Value| names.iter().position(|name| outlet["seller"] == *name).unwrap();
        let before: Vec<usize> = list(&request["outlets"]).iter().map(owner).collect();
        let (all, bound) = (worth.iter().sum::<i128>(), whole(&request["bound_bp"]));
        let mut fewest = None;
        every_way(before.len(), names.len(), |owners| {
            let largest = sums(owners, &worth, names.len()).into_iter().max().unwrap();
            let bare = (0..names.len()).any(|seller| before.contains(&seller) && !owners.contains(&seller));
            if !bare && largest * 10_000 * names.len() as i128 <= bound * all {
                let moves = owners.iter().zip(&before).filter(|(now, then)| now != then).count();
                fewest = Some(fewest.map_or(moves, |fewest: usize| fewest.min(moves)));
            }
        });
        let made = list(&answer["moves"]).len();
        match fewest {
            None => ensure(answer["reached"] == json!(false), "what cannot be was reached"),
            Some(fewest) if answer["least"] == json!(true) => ensure(made == fewest, &format!("{made} moves, {fewest} would do")),
            Some(fewest) => ensure(answer["reached"] == json!(false) || made >= fewest, "fewer moves than possible"),
        }
    });
}

#[test]
fn a_redivision_is_the_same_in_any_order() {
    for_tapes(|tape| {
        let mut request = small_redivision(tape);
        let answer = ask("territory.redivide", &request);
        request["outlets"] = shuffled(tape, &request["outlets"]);
        ensure(ask("territory.redivide", &request) == answer, &format!("{request} {answer}"))
    });
}
