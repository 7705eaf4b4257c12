//! Accounts that are stored between calls, transfers and allowances: the
//! library against the second model, and the laws of the ledger.

mod common;

use common::model::{compare, differ, inject, model};
use common::{MAX, Tape, ask, ensure, for_tapes, kind, law, maybe, missing_from, total, whole};
use serde_json::{Value, json};

const NOW: &str = "2025-01-20T08:00:00+07:00";

fn few_points(tape: &mut Tape) -> i64 {
    match tape.pick(16) {
        0..=13 => tape.of(&[10, 0, 1, 5, 9, 11, 20, 1000]),
        14 => tape.everyday(),
        _ => tape.of(&[MAX, MAX - 1, MAX / 2]),
    }
}

/// An expiry, some of them early, written in more than one way.
fn expiry(tape: &mut Tape) -> Value {
    tape.of(&[
        json!("2025-01-05T08:00:00+07:00"),
        json!("2025-01-05T01:00:00+00:00"),
        json!("2025-01-10T00:00:00+07:00"),
        json!("2025-02-01T00:00:00+07:00"),
        json!(null),
    ])
}

/// One call of `ledger.apply` after another, each beside the model's.
struct Book {
    state: Value,
    model_state: Value,
    version: i128,
}

impl Book {
    fn new() -> Self {
        Self { state: Value::Null, model_state: Value::Null, version: 0 }
    }

    /// The library's answer, held against the model's; nothing when both
    /// refuse.
    fn apply(&mut self, entries: &[Value], extra: &Value) -> Result<Option<Value>, String> {
        let mut request = json!({ "entries": entries, "as_of": NOW });
        for (field, value) in extra.as_object().unwrap() {
            request[field] = value.clone();
        }
        request["state"] = self.model_state.clone();
        let theirs = loyalty_naive::call("ledger.apply", &request);
        request["state"] = self.state.clone();
        let ours = ask("ledger.apply", &request);
        let told = |what: &str| format!("{what}\n  {request}\n  {ours}\n  {theirs:?}");
        match (&theirs, kind(&ours)) {
            (Err(wanted), Some(found)) if wanted == found => Ok(None),
            (Ok(theirs), None) => {
                let mut wanted = theirs.clone();
                self.model_state = wanted.as_object_mut().unwrap().remove("state").unwrap();
                let missing = missing_from(&ours, &wanted);
                if !missing.is_empty() {
                    return Err(told(&missing.join("; ")));
                }
                self.state = ours["state"].clone();
                self.version = whole(&ours["version"]);
                Ok(Some(ours))
            }
            _ => Err(told("one refuses")),
        }
    }
}

/// An entry that may well be accepted by an account of this version.
fn entry(tape: &mut Tape, k: usize, version: i128, time: &str) -> Value {
    let kind = tape.of(&[
        "earn", "reserve", "release", "earn", "redeem", "reserve", "commit", "reverse", "adjust", "release", "expire", "reserve", "earn",
    ]);
    let mut entry = json!({ "id": format!("e{k:02}"), "account": "M1", "shop": tape.of(&["A", "B"]), "time": time, "kind": kind });
    let e = &mut entry;
    if ["earn", "redeem", "reserve", "reverse", "adjust"].contains(&kind) {
        let points = few_points(tape);
        e["points_milli"] = json!(if kind == "adjust" && tape.flag() { -points } else { points });
    }
    if kind == "earn" {
        maybe(tape, e, 2, "expires", expiry);
    }
    if ["reverse", "expire", "release", "commit"].contains(&kind) {
        e["of"] = json!(format!("e{:02}", tape.pick(k + 1)));
    }
    if ["reserve", "release", "commit"].contains(&kind) {
        let version = i64::try_from(version).unwrap();
        e["version"] = json!(if tape.once_in(8) { tape.of(&[0, version + 1, (version - 1).max(0), MAX]) } else { version });
    }
    entry
}

/// The day of the k-th entry, at most two at one time.
fn day(k: usize) -> String {
    format!("2025-01-{:02}T08:00:00+07:00", k / 2 + 1)
}

/// Entries in their order, each made for the account as it then stands, and
/// the answers on the way; short when an answer leaves the domain.
fn history(tape: &mut Tape) -> Result<(Vec<Value>, Vec<Value>, Book), String> {
    let mut book = Book::new();
    let (mut entries, mut answers) = (Vec::new(), Vec::new());
    for k in 0..tape.pick(16) {
        let next = entry(tape, k, book.version, &day(k));
        let Some(answer) = book.apply(std::slice::from_ref(&next), &json!({}))? else {
            break;
        };
        entries.push(next);
        answers.push(answer);
    }
    Ok((entries, answers, book))
}

fn shuffle(tape: &mut Tape, list: &mut [Value]) {
    for k in (1..list.len()).rev() {
        list.swap(k, tape.pick(k + 1));
    }
}

#[test]
fn ledger_fold_with_reservations() {
    for_tapes(|tape| {
        let (mut entries, ..) = history(tape)?;
        shuffle(tape, &mut entries);
        let mut request = json!({ "entries": entries, "as_of": tape.of(&[NOW, "2025-01-05T07:59:59+07:00", "2025-01-05T08:00:00+07:00"]) });
        maybe(tape, &mut request, 4, "forgive_debt", |t| json!(t.flag()));
        let sound = model("ledger.fold", &request).is_ok();
        compare("ledger.fold", &request, false)?;
        if tape.flag() {
            inject(tape, &mut request);
            compare("ledger.fold", &request, sound)?;
        }
        Ok(())
    });
}

#[test]
fn ledger_apply_to_an_empty_account() {
    differ("ledger.apply", |tape| {
        let count = tape.pick(8);
        let entries: Vec<Value> = (0..count).map(|k| entry(tape, k, k as i128, &day(k))).collect();
        json!({ "entries": entries, "as_of": NOW })
    });
}

/// Batches in which entries come late, come again, come otherwise.
#[test]
fn ledger_apply_in_batches() {
    for_tapes(|tape| {
        let mut book = Book::new();
        let mut seen: Vec<Value> = Vec::new();
        let mut k = 0;
        for _ in 0..tape.pick(6) {
            let mut batch = Vec::new();
            for _ in 0..tape.pick(6) {
                if !seen.is_empty() && tape.once_in(4) {
                    let mut again = tape.of(&seen);
                    if tape.once_in(3) {
                        again["shop"] = json!("C");
                    }
                    batch.push(again);
                    continue;
                }
                let time = day(if tape.once_in(6) { tape.pick(k + 1) } else { k });
                let next = entry(tape, k, book.version, &time);
                seen.push(next.clone());
                batch.push(next);
                k += 1;
            }
            if tape.once_in(24) {
                let mut foreign = entry(tape, k, 0, &day(k));
                foreign["account"] = json!("M2");
                batch.push(foreign);
            }
            shuffle(tape, &mut batch);
            let extra = if tape.once_in(4) { json!({ "forgive_debt": true }) } else { json!({ "as_of": day(tape.pick(40)) }) };
            if book.apply(&batch, &extra)?.is_none() {
                return Ok(());
            }
        }
        Ok(())
    });
}

const ACCOUNT: [&str; 5] = ["balance_milli", "debt_milli", "version", "held_milli", "lots"];

/// LG-3: at once, in any order of arrival, or one by one.
#[test]
fn entries_at_once_are_entries_one_by_one() {
    for_tapes(|tape| {
        let (mut entries, answers, book) = history(tape)?;
        let Some(last) = answers.last() else {
            return Ok(());
        };
        let refused: Vec<Value> = answers.iter().flat_map(|answer| answer["refused"].as_array().unwrap().clone()).collect();
        for _ in 0..2 {
            let request = json!({ "entries": entries, "as_of": NOW });
            let (fold, apply) = (ask("ledger.fold", &request), ask("ledger.apply", &request));
            for answer in [&fold, &apply] {
                let same = ACCOUNT.iter().all(|field| answer[field] == last[field]) && answer["refused"] == json!(refused);
                ensure(same, &format!("{request}\n  at once {answer}\n  one by one {last}"))?;
            }
            let same = apply["state"] == book.state;
            ensure(same, &format!("{request}\n  at once {}\n  one by one {}", apply["state"], book.state))?;
            shuffle(tape, &mut entries);
        }
        // In two parts.
        let mut ordered = entries.clone();
        ordered.sort_by_key(|entry| entry["id"].to_string());
        let (first, second) = ordered.split_at(tape.pick(ordered.len() + 1));
        let mut parts = Book::new();
        parts.apply(first, &json!({}))?;
        parts.apply(second, &json!({}))?;
        ensure(parts.state == book.state, &format!("in two parts {}\n  one by one {}", parts.state, book.state))
    });
}

/// LG-2: what came before is told, and changes nothing.
#[test]
fn what_comes_again_changes_nothing() {
    for_tapes(|tape| {
        let (entries, _, mut book) = history(tape)?;
        if entries.is_empty() {
            return Ok(());
        }
        let before = book.state.clone();
        let mut again: Vec<Value> = (0..1 + tape.pick(3)).map(|_| tape.of(&entries)).collect();
        again.dedup();
        let Some(answer) = book.apply(&again, &json!({}))? else {
            return Err("refused".to_string());
        };
        ensure(answer["state"] == before, &format!("{} after {}\n  {before}", answer["state"], json!(again)))?;
        let told = answer["not_after"].as_array().unwrap().len() + answer["duplicates"].as_array().unwrap().len();
        ensure(told == again.len(), &format!("{} of {}", told, again.len()))
    });
}

/// LG-8: nothing but the place in the order moves.
#[test]
fn a_stale_version_changes_nothing() {
    for_tapes(|tape| {
        let (_, answers, mut book) = history(tape)?;
        let stale = tape.of(&[book.version + 1, book.version - 1, 0, i128::from(MAX)]);
        if stale < 0 || stale == book.version {
            return Ok(());
        }
        let kind = tape.of(&["reserve", "commit", "release"]);
        let mut late =
            json!({ "id": "z", "account": "M1", "shop": "A", "time": "2025-01-19T08:00:00+07:00", "kind": kind, "version": stale as i64 });
        if kind == "reserve" {
            late["points_milli"] = json!(few_points(tape));
        } else {
            late["of"] = json!(format!("e{:02}", tape.pick(16)));
        }
        let before = book.state.clone();
        let Some(answer) = book.apply(&[late], &json!({}))? else {
            return Err("refused".to_string());
        };
        ensure(answer["refused"] == json!([{ "id": "z", "reason": "stale_version", "missing_milli": 0 }]), &format!("{answer}"))?;
        if let Some(last) = answers.last() {
            ensure(ACCOUNT.iter().all(|field| answer[field] == last[field]), &format!("{last}\n  {answer}"))?;
            let (mut one, mut other) = (before, answer["state"].clone());
            one["last"] = json!(null);
            other["last"] = json!(null);
            ensure(one == other, &format!("{one}\n  {other}"))?;
        }
        Ok(())
    });
}

/// LG-7 after every entry, and nothing below zero.
#[test]
fn every_entry_moves_the_account_by_what_it_says() {
    for_tapes(|tape| {
        let (entries, answers, _) = history(tape)?;
        let (mut before, mut version, mut held) = (0, 0, 0);
        for (k, (entry, answer)) in entries.iter().zip(&answers).enumerate() {
            let told = |what: &str| format!("{what}: {entry}\n  {answer}");
            let after = total(answer["lots"].as_array().unwrap().iter().map(|lot| &lot["points_milli"])) - whole(&answer["debt_milli"]);
            let moved = after - before;
            let points = || whole(&entry["points_milli"]);
            let reserved = || whole(&entries[..k].iter().find(|other| other["id"] == entry["of"]).unwrap()["points_milli"]);
            let refused = answer["refused"] != json!([]);
            let (fits, holds) = match entry["kind"].as_str().unwrap() {
                _ if refused => (moved == 0, held),
                "earn" | "adjust" => (moved == points(), held),
                "redeem" => (moved == -points(), held),
                "reserve" => (moved == -points(), held + points()),
                "commit" => (moved == 0, held - reserved()),
                "release" => (moved == reserved(), held - reserved()),
                "reverse" => (moved <= 0 && -moved <= points(), held),
                _ => (moved <= 0, held),
            };
            ensure(fits, &told(&format!("LG-7: moved {moved}")))?;
            ensure(whole(&answer["held_milli"]) == holds && holds >= 0, &told("held"))?;
            ensure(whole(&answer["version"]) == version + i128::from(!refused), &told("version"))?;
            ensure(whole(&answer["balance_milli"]) >= 0 && whole(&answer["debt_milli"]) >= 0, &told("below zero"))?;
            (before, version, held) = (after, whole(&answer["version"]), holds);
        }
        Ok(())
    });
}

/// Every number of a state, by its place.
fn numbers(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, inner)| numbers(inner, &format!("{pointer}/{key}"), found)),
        Value::Array(list) => list.iter().enumerate().for_each(|(k, inner)| numbers(inner, &format!("{pointer}/{k}"), found)),
        Value::Number(_) => found.push(pointer.to_string()),
        _ => {}
    }
}

/// A state that could not have come from a fold.
#[test]
fn a_forged_state_is_refused() {
    for_tapes(|tape| {
        let (_, _, book) = history(tape)?;
        let mut places = Vec::new();
        numbers(&book.state, "", &mut places);
        if places.is_empty() {
            return Ok(());
        }
        let mut state = book.state.clone();
        let place = tape.of(&places);
        *state.pointer_mut(&place).unwrap() = json!(-1);
        let answer = ask("ledger.apply", &json!({ "state": state, "entries": [], "as_of": NOW }));
        let refused = matches!(kind(&answer), Some("bad_config" | "out_of_range"));
        ensure(refused, &format!("{place} is -1: {state}\n  {answer}"))?;

        let mut state = book.state.clone();
        let lots = state["lots"].as_array_mut().unwrap();
        if lots.len() > 1 {
            lots.reverse();
            let answer = ask("ledger.apply", &json!({ "state": state, "entries": [], "as_of": NOW }));
            ensure(kind(&answer) == Some("bad_config"), &format!("lots out of order: {state}\n  {answer}"))?;
        }

        let mut state = book.state;
        inject(tape, &mut state);
        let answer = ask("ledger.apply", &json!({ "state": state, "entries": [], "as_of": NOW }));
        ensure(kind(&answer) != Some("internal"), &format!("{state}\n  {answer}"))
    });
}

/// LG-10.
#[test]
fn ledger_transfer() {
    for_tapes(|tape| {
        let (_, answers, mut book) = history(tape)?;
        let balance = answers.last().map_or(0, |answer| whole(&answer["balance_milli"])) as i64;
        let points = if tape.flag() { balance + tape.of(&[0, 1, -1]) } else { few_points(tape) };
        let mut request = json!({
            "id": "t", "from": "M1", "to": tape.of(&["M2", "M2", "M2", "M1", "m1"]), "shop": "A",
            "time": tape.of(&[NOW, "2025-01-13T00:00:00+07:00", "2025-02-01T00:00:00+07:00", "2025-01-01T08:00:00+07:00"]), "points_milli": points,
        });
        request["state"] = book.model_state.clone();
        let theirs = loyalty_naive::call("ledger.transfer", &request);
        request["state"] = book.state.clone();
        let ours = ask("ledger.transfer", &request);
        let told = |what: &str| format!("{what}\n  {request}\n  {ours}\n  {theirs:?}");
        match (&theirs, kind(&ours)) {
            (Ok(theirs), None) => ensure(ours == *theirs, &told("another answer"))?,
            // Which of two faults is told is not promised.
            (Err(wanted), Some(found)) => return ensure(wanted == found || points < 1, &told("another refusal")),
            _ => return Err(told("one refuses")),
        }
        if ours["reason"] != "transferred" || request["time"] != NOW {
            return Ok(());
        }
        // The pair is balanced, and both accounts take it.
        let pair = ours["entries"].as_array().unwrap();
        ensure(pair.len() == 2 && pair[0]["points_milli"] == pair[1]["points_milli"], &told("unbalanced"))?;
        let Some(sender) = book.apply(&pair[..1], &json!({}))? else {
            return Ok(());
        };
        ensure(sender["refused"] == json!([]) && sender["not_after"] == json!([]), &told("the sender's is refused"))?;
        let mut receiver = Book::new();
        let Some(receiver) = receiver.apply(&pair[1..], &json!({}))? else {
            return Err(told("the receiver's is refused"));
        };
        ensure(whole(&receiver["balance_milli"]) == i128::from(points), &told("what came is not what went"))
    });
}

fn allowances(tape: &mut Tape) -> Value {
    let mut list: Vec<Value> = Vec::new();
    for till in ["k1", "k2"] {
        for member in ["M1", "M2"] {
            if tape.flag() {
                list.push(json!({ "till": till, "member": member, "limit_milli": few_points(tape) }));
            }
        }
    }
    if !list.is_empty() && tape.once_in(12) {
        let again = tape.of(&list);
        list.push(again);
    }
    let mut request = json!({ "allowances": list });
    maybe(tape, &mut request, 2, "refused", |t| {
        let count = t.pick(6);
        (0..count)
            .map(|k| {
                let id = if t.once_in(16) { 0 } else { k };
                json!({
                    "id": format!("e{id}"), "till": t.of(&["k1", "k2", "k3"]), "member": t.of(&["M1", "M2"]),
                    "missing_milli": few_points(t), "honoured": t.flag(),
                })
            })
            .collect()
    });
    request
}

#[test]
fn ledger_allowances() {
    differ("ledger.allowances", allowances);
    law("ledger.allowances", allowances, |request, answer| {
        let list = answer["allowances"].as_array().unwrap();
        ensure(total(list.iter().map(|a| &a["limit_milli"])) == whole(&answer["largest_loss_milli"]), "limits")?;
        let none = Vec::new();
        let refused = request.get("refused").and_then(Value::as_array).unwrap_or(&none);
        let honoured = total(refused.iter().filter(|r| r["honoured"] == true).map(|r| &r["missing_milli"]));
        ensure(honoured == whole(&answer["lost_milli"]), "lost")?;
        ensure(list.iter().all(|a| whole(&a["lost_milli"]) + whole(&a["left_milli"]) == whole(&a["limit_milli"])), "left")
    });
}
