//! The fold against its second model: whatever happens, both answer every event alike.

use std::cell::RefCell;

use serde_json::{Value, json};

use crate::world::World;

/// An answer or a request without the rules of an award, which the model does not tell.
fn without_rules(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let is_award = fields.get("fact") == Some(&json!("award"));
            let kept = fields.iter().filter(|(name, _)| !(is_award && *name == "rules"));
            Value::Object(kept.map(|(name, value)| (name.clone(), without_rules(value))).collect())
        }
        Value::Array(items) => items.iter().map(without_rules).collect(),
        other => other.clone(),
    }
}

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
    let told = match loyalty_naive::call("network.apply", &without_rules(request)) {
        Ok(told) => told,
        Err(kind) => json!({"error": kind}),
    };
    let answer = match answer.get("error") {
        Some(kind) => json!({"error": kind}),
        None => without_rules(answer),
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
        for (request, answer) in heard {
            if let Some(difference) = disagreement(&request, &answer) {
                let short: String = difference.chars().filter(|c| !c.is_ascii_digit()).take(110).collect();
                let kind = request["event"]["type"].as_str().unwrap();
                let entry = found.entry(format!("{kind} {short}")).or_insert((0, format!("seed {seed}: {difference}\n{request}\n{answer}")));
                entry.0 += 1;
            }
        }
        seed += 1;
    }
    let mut list: Vec<_> = found.into_iter().collect();
    list.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (_what, (count, text)) in list.iter().take(25) {
        println!("{count:6} {text}\n");
    }
    assert!(list.is_empty(), "{} disagree over {asked}", list.len());
}
