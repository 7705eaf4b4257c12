//! Seeds of `network.apply` out of short plans: ten of each type of event, each with something else happening.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::world::World;

/// The rule of each type of event, and what it is.
const TYPES: &[(&str, &str, &str)] = &[
    ("sale", "AW-1", "A sale"),
    ("play", "AW-1", "A play of a sale"),
    ("return", "AW-8", "Goods come back"),
    ("exchange", "AW-8", "Goods come back and others go out"),
    ("void", "AW-8", "A sale is called off"),
    ("accept", "LG-9", "An offline till has accepted a claim"),
    ("opening", "NW-2", "A shop brings in what it has"),
    ("topup", "GF-5", "A shop pays into its fund"),
    ("draw", "GF-6", "A shop takes out of its fund"),
    ("check", "GF-3", "The fund is looked at"),
    ("join", "GF-9", "A shop joins"),
    ("leave", "NW-2", "A shop leaves"),
    ("pause", "NW-2", "A shop pauses, or goes on"),
    ("day.close", "VC-4", "A day closes"),
    ("month.close", "VC-6", "A month closes"),
    ("account.tick", "LG-1", "What has expired of an account"),
    ("period.close", "CL-4", "A shop closes a period"),
    ("redeem.voucher", "VC-5", "A voucher is to pay"),
    ("redeem.points", "LG-4", "Points are to pay"),
    ("reserve", "LG-8", "A claim is kept for a payment"),
    ("commit", "LG-8", "What is kept pays"),
    ("release", "LG-8", "What is kept is let go"),
    ("request.end", "LG-8", "A request ends at its deadline"),
    ("undo.ask", "NW-9", "The acceptor asks for an undo"),
    ("undo", "NW-9", "A redemption is undone"),
    ("transfer", "LG-10", "Points go to another account"),
    ("merge", "LG-10", "An account is merged into another"),
    ("earn", "LG-1", "An award comes to its account"),
    ("lots.in", "LG-10", "Lots come to an account"),
    ("claim.reverse", "LG-6", "A return takes back of a lot"),
    ("claim.reversed", "LG-6", "The shop hears what a return took back"),
    ("claim.used", "CL-1", "The issuer, or the account, hears what paid"),
    ("claim.unused", "CL-1", "The issuer hears what came back"),
    ("claim.expired", "CL-1", "The issuer hears what expired"),
    ("debt.paid", "LG-6", "A debt to the shop is paid"),
    ("due", "VC-4", "The shop notes when a voucher expires"),
    ("expire", "VC-4", "A voucher was due"),
    ("tender", "NW-8", "The acceptor hears what a redemption pays"),
    ("clearing.received", "CL-4", "A creditor is paid"),
    ("clearing.draw", "CL-4", "A creditor pays back"),
    ("closed", "NW-8", "The network hears that a shop has closed a period"),
];

/// What an answer tells and sends, in words.
fn story(answer: &Value) -> String {
    let count = |names: Vec<String>| {
        let mut counted: Vec<(String, usize)> = Vec::new();
        for name in names {
            match counted.iter_mut().find(|(other, _)| *other == name) {
                Some((_, count)) => *count += 1,
                None => counted.push((name, 1)),
            }
        }
        let words = counted.into_iter().map(|(name, count)| if count == 1 { name } else { format!("{count} {name}") });
        words.collect::<Vec<_>>().join(", ")
    };
    let facts = answer["facts"].as_array().unwrap().iter().map(|fact| {
        let more = ["reason", "notice"].into_iter().find_map(|field| fact[field].as_str());
        format!("{}{}", fact["fact"].as_str().unwrap(), more.map_or(String::new(), |more| format!(" ({more})")))
    });
    let out = answer["out"].as_array().unwrap().iter().map(|message| message["type"].as_str().unwrap()[8..].to_string());
    let (facts, out) = (count(facts.collect()), count(out.collect()));
    let told = if facts.is_empty() { "nothing is told".to_string() } else { format!("told: {facts}") };
    if out.is_empty() { told } else { format!("{told}; sent: {out}") }
}

/// Writes `tests/naive/seeds/network.apply.txt`: `cargo test -p loyalty-conformance --test fold seeds -- --ignored`.
#[test]
#[ignore = "it writes a file of the model's seeds"]
fn seeds_of_every_type_of_event() {
    let mut found: BTreeMap<String, BTreeMap<String, Vec<(String, Value)>>> = BTreeMap::new();
    for seed in 0..200 {
        let mut world = World::new(seed);
        world.host.heard = Some(RefCell::default());
        for _ in 0..60 {
            world.step().unwrap();
        }
        world.settle().unwrap();
        for (request, answer) in world.host.heard.take().unwrap().into_inner() {
            if !matches!(answer["outcome"].as_str(), Some("applied" | "waiting")) {
                continue;
            }
            let kind = request["event"]["type"].as_str().unwrap()[8..].to_string();
            let story = story(&answer);
            let text = request.to_string();
            let best = found.entry(kind).or_default().entry(story).or_default();
            best.push((text, answer));
            best.sort_by_key(|(text, _)| text.len());
            best.truncate(10);
        }
    }
    let mut lines = vec!["# Written from short plans of the simulated network, by the test `seeds_of_every_type_of_event`.".to_string()];
    let mut missing = BTreeSet::new();
    for (kind, rule, what) in TYPES {
        // The shortest of each story, then the next of each, until there are ten.
        let mut stories: Vec<(usize, usize, String, String, Value)> = Vec::new();
        for (story, best) in found.remove(*kind).unwrap_or_default() {
            for (turn, (text, answer)) in best.into_iter().enumerate() {
                stories.push((turn, text.len(), story.clone(), text, answer));
            }
        }
        stories.sort_by(|one, other| (one.0, one.1, &one.3).cmp(&(other.0, other.1, &other.3)));
        if stories.len() < 10 {
            missing.insert(*kind);
        }
        for (place, (_, _, story, request, answer)) in stories.into_iter().take(10).enumerate() {
            let slug = format!("{}-{}", kind.replace('.', "-"), place + 1);
            let by_hand = json!({"outcome": answer["outcome"]});
            lines.push(format!("{rule} {slug} | {what}; {story}. | {request} | {by_hand}"));
        }
    }
    assert!(missing.is_empty(), "no plan has ten of {missing:?}");
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("naive").join("seeds/network.apply.txt");
    std::fs::write(path, lines.join("\n") + "\n").unwrap();
}

/// What is wrong with an event that a form is made from: the words, the field, and its new value; none for a missing field.
fn malformed(event: &Value) -> Vec<(String, String, Option<Value>)> {
    let mut forms = vec![
        ("it names no owner".to_string(), "/subject".to_string(), None),
        ("its owner is of no kind".to_string(), "/subject".to_string(), Some(json!("somebody"))),
        ("its time has no offset".to_string(), "/time".to_string(), Some(json!("2025-03-01T10:00:00"))),
        ("it says nothing".to_string(), "/data".to_string(), None),
        ("it says what nobody reads".to_string(), "/data/colour".to_string(), Some(json!("red"))),
    ];
    for (name, value) in event["data"].as_object().unwrap() {
        let path = format!("/data/{name}");
        let other = if value.is_string() { json!(7) } else { json!("seven") };
        forms.push((format!("`{name}` is of another type"), path.clone(), Some(other)));
        forms.push((format!("`{name}` is absent"), path.clone(), None));
        if value.is_i64() {
            forms.push((format!("`{name}` leaves the domain"), path, Some(json!(9_007_199_254_740_992_i64))));
        }
    }
    forms
}

/// The malformed forms of each type, made from its shortest event: what the model refuses, at the place that was made wrong.
#[test]
#[ignore = "it writes a file of the model's seeds"]
fn seeds_of_malformed_events() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("naive").join("seeds");
    let seeds = std::fs::read_to_string(folder.join("network.apply.txt")).unwrap();
    let mut lines = vec!["# Written from the seeds of network.apply, by the test `seeds_of_malformed_events`.".to_string()];
    for (what_type, rule, what) in TYPES {
        let slug = what_type.replace('.', "-");
        let shortest = seeds.lines().find(|line| line.starts_with(&format!("{rule} {slug}-1 | "))).unwrap();
        let request: Value = serde_json::from_str(shortest.split(" | ").nth(2).unwrap()).unwrap();
        for (place, (words, path, wrong)) in malformed(&request["event"]).into_iter().enumerate() {
            let mut event = request["event"].clone();
            let (around, name) = path.rsplit_once('/').unwrap();
            let fields = event.pointer_mut(around).unwrap().as_object_mut().unwrap();
            match wrong {
                Some(wrong) => fields.insert(name.to_string(), wrong),
                None => fields.remove(name),
            };
            let request = json!({"event": event});
            // A field that may be absent is none of the malformed forms.
            if let Err(kind) = loyalty_naive::call("network.keys", &request) {
                // Of two fields of which one must be there the first is the missing one.
                let path = match (*what_type, path.as_str()) {
                    ("sale" | "exchange", "/data/lines") if kind == "missing_field" => "/data/total".to_string(),
                    ("return" | "exchange", "/data/amount") if kind == "missing_field" => "/data/back".to_string(),
                    ("accept", "/data/account") if kind == "missing_field" => "/data/voucher".to_string(),
                    _ => path,
                };
                let path = format!("event{}", path.replace('/', "."));
                lines.push(format!("network.keys {rule} {slug}-malformed-{place} | {what}, but {words}. | {request} | {kind} | {path}"));
            }
        }
    }
    std::fs::write(folder.join("reject.events.txt"), lines.join("\n") + "\n").unwrap();
}
