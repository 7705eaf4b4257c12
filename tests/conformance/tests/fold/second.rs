//! The fold against its second model: whatever happens, both answer every event alike.

use std::cell::RefCell;

use serde_json::{Value, json};

use crate::common::ask;
use crate::world::{Dice, World};

/// Where two values differ first.
fn difference(path: &str, library: &Value, model: &Value) -> Option<String> {
    match (library, model) {
        (Value::Object(one), Value::Object(other)) => {
            let mut names: Vec<&String> = one.keys().chain(other.keys()).collect();
            names.sort();
            names.dedup();
            names.into_iter().find_map(|name| {
                let side = |fields: &serde_json::Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
                difference(&format!("{path}.{name}"), &side(one), &side(other))
            })
        }
        (Value::Array(one), Value::Array(other)) => (0..one.len().max(other.len())).find_map(|place| {
            let side = |items: &[Value]| items.get(place).cloned().unwrap_or_default();
            difference(&format!("{path}[{place}]"), &side(one), &side(other))
        }),
        _ if library == model => None,
        _ => Some(format!("{path}: the library says {library}, the model {model}")),
    }
}

/// How the model's answer differs from the library's.
fn disagreement(request: &Value, answer: &Value) -> Option<String> {
    let told = match loyalty_naive::call("network.apply", request) {
        Ok(told) => told,
        Err(kind) => json!({"error": kind}),
    };
    let answer = match answer.get("error") {
        Some(kind) => json!({"error": kind}),
        None => answer.clone(),
    };
    // The first difference of what happened says more than that of a state.
    ["error", "outcome", "facts", "out", "again", "states"]
        .iter()
        .find_map(|field| difference(field, answer.get(*field).unwrap_or(&Value::Null), told.get(*field).unwrap_or(&Value::Null)))
}

/// How many events both are asked: `LOYALTY_EVENTS` of the environment, or few.
fn events() -> usize {
    std::env::var("LOYALTY_EVENTS").ok().and_then(|events| events.parse().ok()).unwrap_or(3_000)
}

/// Random plans of the world: the model gives the whole answer of the library to each of its events. `LOYALTY_EVENTS` says how
/// many events that are, `FOLD_FIRST` from which seed on.
#[test]
fn the_model_answers_every_event_alike() {
    let wanted = events();
    let (mut asked, mut seed) = (0, std::env::var("FOLD_FIRST").ok().and_then(|first| first.parse().ok()).unwrap_or(0));
    let mut found = std::collections::BTreeMap::<String, (usize, String)>::new();
    while asked < wanted {
        let mut world = World::new(seed);
        world.host.heard = Some(RefCell::default());
        for _ in 0..80 {
            world.step().unwrap_or_else(|law| panic!("seed {seed}: {law}"));
        }
        world.settle().unwrap_or_else(|law| panic!("seed {seed}: {law}"));
        let heard = world.host.heard.take().unwrap().into_inner();
        asked += heard.len();
        let mut dice = Dice::of(seed);
        let mut pairs = Vec::new();
        for (request, answer) in heard {
            if dice.below(4) == 0 {
                let damaged = damaged(&request, &mut dice);
                let answer = ask("network.apply", &damaged);
                pairs.push((damaged, answer));
            }
            pairs.push((request, answer));
        }
        for (request, answer) in pairs {
            if let Some(difference) = disagreement(&request, &answer) {
                let short: String = difference.chars().filter(|c| !c.is_ascii_digit()).take(110).collect();
                let kind = request["event"]["type"].as_str().unwrap_or("none");
                let entry =
                    found.entry(format!("{kind} {short}")).or_insert((0, format!("seed {seed}: {difference}\n{request}\n{answer}")));
                entry.0 += 1;
            }
        }
        seed += 1;
    }
    let mut list: Vec<_> = found.into_iter().collect();
    list.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (_what, (count, text)) in &list {
        println!("{count:6} {text}\n");
    }
    assert!(list.is_empty(), "{} disagree over {asked}", list.len());
}

/// A request whose event has one field that is wrong, missing or another; its states are those of its keys.
fn damaged(request: &Value, dice: &mut Dice) -> Value {
    let mut request = request.clone();
    let mut places = Vec::new();
    paths("", &request["event"], &mut places);
    let path = places[dice.below(places.len())].clone();
    let event = &mut request["event"];
    let (around, name) = path.rsplit_once('/').unwrap();
    let old = event.pointer(&path).unwrap().clone();
    let new = match dice.below(8) {
        0 => Value::Null,
        1 => json!(-1),
        2 => json!(""),
        3 => json!({}),
        4 => json!([old]),
        5 => json!(true),
        6 => old.as_i64().map_or(json!("a|b"), |n| json!(n + 1)),
        _ => old.as_str().map_or(json!(9_007_199_254_740_992_i64), |text| json!(format!("{text}x"))),
    };
    match event.pointer_mut(around).unwrap() {
        Value::Object(fields) if dice.below(6) == 0 => drop(fields.remove(name)),
        Value::Object(fields) => drop(fields.insert(name.to_string(), new)),
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = new,
        _ => unreachable!("a part of something"),
    }
    let keys = ask("network.keys", &json!({"event": request["event"]}));
    if let Some(write) = keys.get("write").and_then(Value::as_array) {
        let names = write.iter().map(|key| key.as_str().unwrap().to_string());
        request["states"] = names.map(|key| (key.clone(), request["states"].get(&key).cloned().unwrap_or_default())).collect();
    }
    request
}

fn paths(at: &str, value: &Value, places: &mut Vec<String>) {
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(place, value)| (place.to_string(), value)).collect(),
        _ => return,
    };
    for (name, value) in parts {
        let path = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        places.push(path.clone());
        paths(&path, value, places);
    }
}

/// One event over states that are all but absent.
fn over(event: &Value, given: &Value) -> Value {
    let keys = ask("network.keys", &json!({ "event": event }));
    let names = keys["write"].as_array().unwrap().iter().map(|key| key.as_str().unwrap());
    let states: serde_json::Map<String, Value> = names.map(|key| (key.to_string(), given.get(key).cloned().unwrap_or_default())).collect();
    let request = json!({ "event": event, "states": states, "programs": [] });
    let answer = ask("network.apply", &request);
    if answer.get("error").is_none() {
        assert_eq!(disagreement(&request, &answer), None);
    }
    answer
}

fn message(kind: &str, source: &str, to: &str, data: &Value) -> Value {
    json!({"specversion": "1.0", "type": format!("loyalty.{kind}"), "source": source, "id": format!("{to}|1"), "n": 1,
        "time": "2025-03-03T10:00:00+07:00", "subject": to, "data": data})
}

/// No list of a state grows without end, and none that is full stops a shop.
#[test]
fn full_lists_have_their_way() {
    let vouchers = |count: usize| (0..count).map(|place| format!("A~v{place:05}")).collect::<Vec<_>>();
    let due = message("due", "shop/A", "shop/A", &json!({"voucher": "A~x", "date": "2025-04-30"}));
    let of_day = |count| over(&due, &json!({"due/A/2025-04-30": {"v": 1, "vouchers": vouchers(count)}}));
    assert_eq!(of_day(3_999)["states"]["due/A/2025-04-30"]["vouchers"].as_array().unwrap().len(), 4_000);
    assert_eq!(of_day(4_000)["out"][0]["data"], json!({"voucher": "A~x", "date": "2025-05-01"}));
    let refused = of_day(4_001);
    assert_eq!((&refused["error"], &refused["path"]), (&json!("too_large"), &json!("states.due/A/2025-04-30.vouchers")));

    let lots: serde_json::Map<String, Value> = (0..1_001)
        .map(|place| (format!("A~s{place:04}"), json!({"issuer": "A", "value": 1, "earned": "2025-03-01T10:00:00+07:00"})))
        .collect();
    let account = json!({"account/M1": {"v": 1, "lots": lots}});
    let redeem = |amount: i64| {
        let data = json!({"shop": "B", "sale": "s1", "amount": amount, "purchase": 5_000, "left_to_pay": 5_000, "month": "2025-03"});
        let event = json!({"specversion": "1.0", "type": "loyalty.redeem.points", "source": "/B/1", "id": "r1",
            "time": "2025-03-03T10:00:00+07:00", "subject": "account/M1", "data": data});
        over(&event, &account)
    };
    assert_eq!(redeem(1_000)["states"]["red/account/M1|B|r1"]["parts"].as_array().unwrap().len(), 1_000);
    assert_eq!(redeem(1_001)["facts"][0]["missing_milli"], 1);

    let owed: serde_json::Map<String, Value> = (0..2_000).map(|place| (format!("B{place:04}"), json!(1))).collect();
    let shop = json!({"shop/A": {"v": 1, "fund": {"balance": 0}, "reserved": 10, "owed": owed}});
    let used = |acceptor: &str| over(&message("claim.used", "account/M1", "shop/A", &json!({"acceptor": acceptor, "amount": 5})), &shop);
    assert_eq!(used("B0001")["states"]["shop/A"]["owed"]["B0001"], 6);
    assert_eq!(used("C")["error"], "too_large");
}
