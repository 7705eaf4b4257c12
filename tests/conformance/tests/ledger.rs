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
        let mut request = json!({ "entries": entries, "as_of": NOW, "sent": sent() });
        for (field, value) in extra.as_object().unwrap() {
            request[field] = value.clone();
        }
        request["state"] = self.model_state.clone();
        let theirs = loyalty_naive::call("ledger.apply", &request);
        request["state"] = self.state.clone();
        let ours = ask("ledger.apply", &request);
        let told = |what: &str| format!("{what}\n  {request}\n  {ours}\n  {theirs:?}");
        match (&theirs, kind(&ours)) {
            // Which of two faults is told is not promised.
            (Err(wanted), Some(found)) if wanted == found || found == "out_of_order" || wanted == "out_of_order" => Ok(None),
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
        "earn",
        "reserve",
        "release",
        "earn",
        "redeem",
        "reserve",
        "commit",
        "reverse",
        "adjust",
        "release",
        "expire",
        "reserve",
        "earn",
        "reverse",
        "redeem",
        "reverse",
        "send",
        "receive",
        "receive_debt",
        "send_debt",
    ]);
    let mut entry = json!({ "id": format!("e{k:02}"), "account": "M1", "shop": tape.of(&["A", "B"]), "time": time, "kind": kind });
    let e = &mut entry;
    if !["expire", "commit", "release"].contains(&kind) {
        let points = few_points(tape);
        e["points_milli"] = json!(if kind == "adjust" && tape.flag() { -points } else { points });
    }
    if ["earn", "receive"].contains(&kind) {
        maybe(tape, e, 2, "expires", expiry);
    }
    match kind {
        // Now and then of itself, or of what has not come.
        "reverse" => e["of"] = json!(format!("e{:02}", tape.pick(k + 3))),
        "expire" | "release" | "commit" | "send" => e["of"] = json!(format!("e{:02}", tape.pick(k + 1))),
        "receive" | "receive_debt" => {
            e["of"] = json!(format!("o{}", tape.pick(7)));
            if !tape.once_in(8) {
                e["points_milli"] = json!(10);
            }
        }
        _ => {}
    }
    if ["send", "send_debt"].contains(&kind) {
        e["to"] = json!("M2");
    }
    if ["reserve", "release", "commit"].contains(&kind) {
        let version = i64::try_from(version).unwrap();
        e["version"] = json!(if tape.once_in(8) { tape.of(&[0, version + 1, (version - 1).max(0), MAX]) } else { version });
    }
    entry
}

/// What other accounts sent, and counted.
fn sent() -> Value {
    let half = |k: usize| {
        let kind = if k % 2 == 0 { "send" } else { "send_debt" };
        json!({ "id": format!("o{k}"), "kind": kind, "to": if k == 5 { "M2" } else { "M1" }, "points_milli": 10 })
    };
    (0..6).map(half).collect()
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
        let mut request = json!({ "entries": entries, "as_of": tape.of(&[NOW, "2025-01-05T07:59:59+07:00", "2025-01-05T08:00:00+07:00"]), "sent": sent() });
        maybe(tape, &mut request, 4, "forgive_debt", |t| json!(t.flag()));
        if tape.once_in(4) {
            request["now"] = json!(day(tape.pick(16)));
            maybe(tape, &mut request, 2, "tolerance_ms", |t| t.of(&[json!(0), json!(1), json!(86_400_000), json!(MAX)]));
        }
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
        json!({ "entries": entries, "as_of": NOW, "sent": sent() })
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
            let mut extra = if tape.once_in(4) { json!({ "forgive_debt": true }) } else { json!({ "as_of": day(tape.pick(40)) }) };
            if tape.once_in(6) {
                extra["horizon"] = json!(day(tape.pick(k + 2)));
            }
            if tape.once_in(6) {
                extra["now"] = json!(day(tape.pick(k + 2)));
            }
            if book.apply(&batch, &extra)?.is_none() {
                return Ok(());
            }
        }
        Ok(())
    });
}

const ACCOUNT: [&str; 6] = ["balance_milli", "pending_milli", "debt_milli", "version", "held_milli", "lots"];

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
            let request = json!({ "entries": entries, "as_of": NOW, "sent": sent() });
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
        // A receiving half without its sending half takes no place, and may come again.
        let told =
            ["not_after", "duplicates", "waiting", "refused"].map(|list| answer[list].as_array().unwrap().len()).iter().sum::<usize>();
        ensure(told >= again.len(), &format!("{} of {}", told, again.len()))
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
            for state in [&mut one, &mut other] {
                state["last"] = json!(null);
                state["account"] = json!(null);
                state.as_object_mut().unwrap().remove("others");
            }
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
            let refused = answer["refused"].as_array().unwrap().iter().any(|refused| refused["id"] == entry["id"]);
            let waits = answer["waiting"].as_array().unwrap().contains(&entry["id"]);
            let resolved = whole(&answer["version"]) - version - i128::from(!refused && !waits);
            let (fits, holds) = match entry["kind"].as_str().unwrap() {
                _ if refused || waits => (moved == 0, held),
                // Reversals that had waited for it take from it, or undo it.
                _ if resolved > 0 => (true, held),
                "earn" | "adjust" | "receive" | "send_debt" => (moved == points(), held),
                "redeem" | "send" | "receive_debt" => (moved == -points(), held),
                "reserve" => (moved == -points(), held + points()),
                "commit" => (moved == 0, held - reserved()),
                "release" => (moved == reserved(), held - reserved()),
                "reverse" => (moved.abs() <= points(), held),
                _ => (moved <= 0, held),
            };
            ensure(fits, &told(&format!("LG-7: moved {moved}")))?;
            ensure(whole(&answer["held_milli"]) == holds && holds >= 0, &told("held"))?;
            ensure(resolved >= 0, &told("version"))?;
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
        if tape.once_in(3) {
            request["merge"] = json!(true);
            request.as_object_mut().unwrap().remove("points_milli");
        }
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
        if ours["reason"] != "transferred" || request["time"] != NOW || request["to"] != "M2" {
            return Ok(());
        }
        // Every pair is balanced, and both accounts take it.
        let (out, into): (Vec<Value>, Vec<Value>) =
            ours["entries"].as_array().unwrap().iter().cloned().partition(|entry| entry["account"] == "M1");
        let pairs = out.iter().zip(&into).all(|(out, into)| out["points_milli"] == into["points_milli"] && out["id"] == into["of"]);
        ensure(out.len() == into.len() && pairs, &told("unbalanced"))?;
        let mut receiver = Book::new();
        let Some(waits) = receiver.apply(&into, &json!({ "sent": [] }))? else {
            return Err(told("the receiver's is refused"));
        };
        ensure(whole(&waits["balance_milli"]) == 0 && waits["version"] == 0, &told("received what was not sent"))?;
        let Some(sender) = book.apply(&out, &json!({}))? else {
            return Ok(());
        };
        ensure(sender["refused"] == json!([]) && sender["not_after"] == json!([]), &told("the sender's is refused"))?;
        let Some(receiver) = receiver.apply(&into, &json!({ "sent": sender["sent"] }))? else {
            return Err(told("the receiver's is refused"));
        };
        let (lots, debt) =
            (total(receiver["lots"].as_array().unwrap().iter().map(|lot| &lot["points_milli"])), whole(&receiver["debt_milli"]));
        let went = total(out.iter().filter(|entry| entry["kind"] == "send").map(|entry| &entry["points_milli"]));
        ensure(lots == went, &told("what came is not what went"))?;
        let owed = total(out.iter().filter(|entry| entry["kind"] == "send_debt").map(|entry| &entry["points_milli"]));
        ensure(debt == owed, &told("another debt"))
    });
}

/// LG-10: whatever the order of arrival at either account, points are neither made nor lost.
#[test]
fn no_order_of_arrival_makes_points() {
    for_tapes(|tape| {
        let mut entries: Vec<Value> = Vec::new();
        for k in 0..2 + tape.pick(6) {
            let mut next = entry(tape, k, k as i128, &day(k));
            if ["send", "send_debt", "receive", "receive_debt", "expire"].contains(&next["kind"].as_str().unwrap()) {
                next =
                    json!({ "id": format!("e{k:02}"), "account": "M1", "shop": "A", "time": day(k), "kind": "earn", "points_milli": 10 });
            }
            entries.push(next);
        }
        // The transfer is judged by what has arrived so far, the rest comes later.
        shuffle(tape, &mut entries);
        let early = tape.pick(entries.len() + 1);
        let fold = |entries: &[Value], sent: &Value| ask("ledger.fold", &json!({ "entries": entries, "as_of": NOW, "sent": sent }));
        let state = ask("ledger.apply", &json!({ "entries": entries[..early], "as_of": NOW }))["state"].clone();
        let mut request = json!({ "id": "t", "from": "M1", "to": "M2", "shop": "A", "time": day(tape.pick(24)), "state": state });
        if tape.flag() {
            request["merge"] = json!(true);
        } else {
            request["points_milli"] = json!(1 + tape.pick(20));
        }
        let transfer = ask("ledger.transfer", &request);
        let halves = transfer["entries"].as_array().cloned().unwrap_or_default();
        let (out, into): (Vec<Value>, Vec<Value>) = halves.into_iter().partition(|entry| entry["account"] == "M1");
        let alone = fold(&entries, &json!([]));
        entries.extend(out);
        shuffle(tape, &mut entries);
        let sender = fold(&entries, &json!([]));
        let receiver = fold(&into, &sender["sent"]);
        if [&alone, &sender, &receiver].iter().any(|answer| kind(answer).is_some()) {
            return Ok(());
        }
        let worth = |answer: &Value| {
            total(answer["lots"].as_array().unwrap().iter().map(|lot| &lot["points_milli"])) - whole(&answer["debt_milli"])
        };
        let sent = |kind: &str| {
            total(sender["sent"].as_array().unwrap().iter().filter(|half| half["kind"] == kind).map(|half| &half["points_milli"]))
        };
        let told = |what: &str| format!("{what}\n  {request}\n  {}\n  {sender}\n  {receiver}", json!(entries));
        ensure(worth(&receiver) == sent("send") - sent("send_debt"), &told("the receiver has what was not sent"))?;
        // A redemption that the transfer left without points is refused: then the sender keeps what it would have taken.
        if sender["refused"] == alone["refused"] && sender["waiting"] == alone["waiting"] {
            ensure(worth(&sender) + worth(&receiver) == worth(&alone), &told("points from nothing"))?;
        }
        Ok(())
    });
}

/// LG-6: whoever holds, spends, undoes and is forgiven, in whatever order, has no more than was earned and not reversed.
#[test]
fn no_points_come_from_nothing() {
    for_tapes(|tape| {
        let mut book = Book::new();
        let (mut entries, mut allowed) = (Vec::new(), 0);
        for k in 0..tape.pick(24) {
            let mut next = entry(tape, k, book.version, &day(k));
            if ["adjust", "send", "send_debt", "receive", "receive_debt"].contains(&next["kind"].as_str().unwrap()) {
                next["kind"] = json!("earn");
                next["points_milli"] = json!(10);
                for field in ["of", "to"] {
                    next.as_object_mut().unwrap().remove(field);
                }
            }
            entries.push(next.clone());
            let Some(answer) = book.apply(&[next], &json!({ "forgive_debt": tape.flag() }))? else {
                return Ok(());
            };
            let earned = |id: &Value| entries.iter().any(|entry| entry["id"] == *id && entry["kind"] == "earn");
            let lost = |id: &Value| {
                ["refused", "waiting"]
                    .iter()
                    .any(|list| answer[list].as_array().unwrap().iter().any(|item| item["id"] == *id || item == id))
            };
            let last = entries.last().unwrap();
            if last["kind"] == "earn" {
                allowed += whole(&last["points_milli"]);
            }
            // Reversals count now, or right behind their earning.
            for entry in entries.iter().filter(|entry| entry["kind"] == "reverse" && earned(&entry["of"]) && !lost(&entry["id"])) {
                if entry["id"] == last["id"] || entry["of"] == last["id"] {
                    allowed -= whole(&entry["points_milli"]);
                }
            }
            let lots = total(answer["lots"].as_array().unwrap().iter().map(|lot| &lot["points_milli"]));
            let worth = lots + whole(&answer["held_milli"]) - whole(&answer["debt_milli"]);
            ensure(worth <= allowed, &format!("{worth} of {allowed}: {}\n  {answer}", json!(entries)))?;
        }
        Ok(())
    });
}

/// LG-12: a horizon changes neither what there is nor what becomes of it.
#[test]
fn a_horizon_keeps_what_can_be_spent() {
    for_tapes(|tape| {
        let (_, answers, book) = history(tape)?;
        let Some(last) = answers.last() else {
            return Ok(());
        };
        let request = |horizon: Value| json!({ "state": book.state, "entries": [], "as_of": NOW, "horizon": horizon });
        let short = ask("ledger.apply", &request(json!(day(tape.pick(36)))));
        let same =
            ["balance_milli", "pending_milli", "debt_milli", "held_milli", "version"].iter().all(|field| short[field] == last[field]);
        ensure(same, &format!("{last}\n  {short}"))?;
        let size = |state: &Value| {
            ["lots", "redemptions", "others", "received"].map(|list| state[list].as_array().map_or(0, Vec::len)).iter().sum::<usize>()
        };
        ensure(size(&short["state"]) <= size(&book.state), "it grew")?;
        let spend =
            json!({ "id": "z", "account": "M1", "shop": "C", "time": NOW, "kind": "redeem", "points_milli": last["balance_milli"] });
        let spent = |state: &Value| ask("ledger.apply", &json!({ "state": state, "entries": [spend], "as_of": NOW }));
        let (long, short) = (spent(&book.state), spent(&short["state"]));
        ensure(long["taken"] == short["taken"] && long["refused"] == short["refused"], &format!("{long}\n  {short}"))
    });
}

/// LG-6: a redemption that is undone, in whatever steps, leaves the account as if it had never been.
#[test]
fn an_undone_redemption_leaves_no_trace() {
    for_tapes(|tape| {
        let (mut entries, answers, mut book) = history(tape)?;
        let Some(before) = answers.last().cloned() else {
            return Ok(());
        };
        let points = tape.pick(usize::try_from(whole(&before["balance_milli"]).min(1_000)).unwrap() + 1);
        let mut later = |kind: &str, id: &str, points: usize, of: Value| {
            let mut entry = json!({ "id": id, "account": "M1", "shop": "B", "time": NOW, "kind": kind, "points_milli": points });
            if !of.is_null() {
                entry["of"] = of;
            }
            entries.push(entry.clone());
            entry
        };
        let mut answer = book.apply(&[later("redeem", "r", points, Value::Null)], &json!({}))?;
        let taken = answer.as_ref().map(|answer| answer["taken"][0]["lots"].clone()).unwrap_or_default();
        let mut undone: Vec<Value> = Vec::new();
        let mut rest = points;
        for step in 0..3 {
            let part = if step == 2 { rest } else { tape.pick(rest + 1) };
            rest -= part;
            answer = book.apply(&[later("reverse", &format!("u{step}"), part, json!("r"))], &json!({}))?;
            undone.extend(answer.iter().flat_map(|answer| answer["undone"][0]["lots"].as_array().unwrap().clone()));
        }
        // CL-5: what was undone of each lot is what was taken of it.
        for lot in taken.as_array().into_iter().flatten() {
            let here = total(undone.iter().filter(|other| other["id"] == lot["id"]).map(|other| &other["points_milli"]));
            ensure(answer.is_none() || here == whole(&lot["points_milli"]), &format!("{taken}\n  {}", json!(undone)))?;
        }
        let Some(after) = answer else {
            return Ok(());
        };
        // A debt takes what comes back; without one everything stands where it stood.
        if whole(&before["debt_milli"]) == 0 {
            let same = ["balance_milli", "debt_milli", "held_milli", "lots"].iter().all(|field| after[field] == before[field]);
            return ensure(same, &format!("{}\n  {before}\n  {after}", json!(entries)));
        }
        let worth = |answer: &Value| {
            total(answer["lots"].as_array().unwrap().iter().map(|lot| &lot["points_milli"])) - whole(&answer["debt_milli"])
        };
        ensure(worth(&after) == worth(&before), &format!("{}\n  {before}\n  {after}", json!(entries)))
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
