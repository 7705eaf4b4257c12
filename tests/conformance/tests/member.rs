//! The program of one member: the library against the second model, step by step, and the laws of taking back.

mod common;

use common::model::{compare, inject};
use common::{Tape, ask, ensure, for_tapes, kind, whole};
use serde_json::{Value, json};

const OPERATIONS: [&str; 5] = ["member.limit", "member.stamps", "member.challenge", "member.tier", "member.referral"];

fn amount(tape: &mut Tape) -> Value {
    json!(tape.of(&[1000, 500, 0, 1, 999, 5000, 10_000, 12_345, 9_007_199_254_740_991_i64]))
}

/// Some days of two years, rising with the step.
fn date(tape: &mut Tape, step: usize) -> Value {
    let days =
        ["2024-12-29", "2024-12-30", "2024-12-31", "2025-01-01", "2025-01-05", "2025-01-06", "2025-02-01", "2025-04-01", "2026-01-01"];
    let place = (step + tape.pick(3)).saturating_sub(tape.pick(2)).min(days.len() - 1);
    json!(days[place])
}

fn maybe(tape: &mut Tape, object: &mut Value, name: &str, make: impl FnOnce(&mut Tape) -> Value) {
    if tape.flag() {
        object[name] = make(tape);
    }
}

fn terms(tape: &mut Tape, op: &str) -> Value {
    let mut terms = json!({});
    match op {
        "member.limit" => {
            for span in ["day", "week", "month", "ever"] {
                maybe(tape, &mut terms, span, |t| {
                    let mut limit = json!({});
                    maybe(t, &mut limit, "earned", amount);
                    maybe(t, &mut limit, "uses", |t| json!(t.pick(4)));
                    limit
                });
            }
        }
        "member.stamps" => {
            terms["need"] = json!(1 + tape.pick(4));
            maybe(tape, &mut terms, "by", |t| json!(t.of(&["units", "visit"])));
            maybe(tape, &mut terms, "min_purchase", amount);
        }
        "member.challenge" => {
            terms = json!({ "from": tape.of(&["2024-12-30", "2024-12-01"]), "until": tape.of(&["2025-02-02", "2026-06-01"]) });
            maybe(tape, &mut terms, "every", |t| json!(t.of(&["week", "month", "day", "once"])));
            terms["target"] = json!(1 + tape.pick(3000));
            terms["gives"] = json!(tape.pick(100));
            maybe(tape, &mut terms, "times", |t| json!(1 + t.pick(5)));
        }
        "member.tier" => {
            let mut tiers = vec![json!({ "name": "member", "from": 0 })];
            for (name, from) in [("silver", 1000), ("gold", 5000), ("platinum", 12_000)].into_iter().take(tape.pick(4)) {
                let mut tier = json!({ "name": name, "from": from });
                maybe(tape, &mut tier, "multiplier_milli", |t| json!(t.pick(4000)));
                maybe(tape, &mut tier, "discount_bp", |t| json!(t.rate()));
                tiers.push(tier);
            }
            terms = json!({ "tiers": tiers, "months": tape.of(&[1, 3, 12, 5]) });
            maybe(tape, &mut terms, "grace", |t| json!(t.pick(3)));
            maybe(tape, &mut terms, "fall", |t| json!(t.of(&["to_earned", "one_tier"])));
        }
        _ => {
            terms["referrer_gives"] = amount(tape);
            maybe(tape, &mut terms, "referred_gives", amount);
            maybe(tape, &mut terms, "min_purchase", amount);
            maybe(tape, &mut terms, "within_days", |t| json!(t.of(&[1, 7, 0, 90])));
        }
    }
    terms
}

/// What is left of something, at most what was before.
fn left(tape: &mut Tape, before: &Value) -> Value {
    let before = before.as_i64().unwrap_or(0);
    json!(tape.of(&[0, before / 2, before, before - 1, before + 1]).max(0))
}

/// An act, given what the acts before answered to be kept.
fn act(tape: &mut Tape, op: &str, step: usize, kept: &[Value]) -> (&'static str, Value) {
    let back = if kept.is_empty() || !tape.flag() { None } else { Some(tape.of(kept)) };
    match (op, back) {
        ("member.limit", Some(given)) => ("undo", json!({ "left": left(tape, &given["left"]), "given": given })),
        ("member.limit", None) => ("earn", json!({ "date": date(tape, step), "amount": amount(tape) })),
        ("member.stamps", Some(visit)) => {
            let units = left(tape, &visit["kept"]);
            ("return", json!({ "visit": visit, "units": units, "total": amount(tape) }))
        }
        ("member.stamps", None) => match tape.pick(4) {
            0 => ("hand_out", json!(1 + tape.pick(3))),
            1 => ("take_in", json!(1 + tape.pick(2))),
            _ => ("buy", json!({ "units": tape.pick(9), "total": amount(tape) })),
        },
        ("member.referral", _) => match tape.pick(4) {
            0 if step == 0 => ("join", json!({ "referrer": "budi", "date": date(tape, step) })),
            1 => ("return", json!({ "id": tape.of(&["r1", "r2"]), "left": amount(tape) })),
            _ => ("buy", json!({ "id": tape.of(&["r1", "r2"]), "date": date(tape, step), "amount": amount(tape) })),
        },
        (_, Some(purchase)) => ("return", json!({ "left": left(tape, &purchase["left"]), "purchase": purchase })),
        ("member.tier", None) if tape.once_in(4) => ("look", date(tape, step)),
        (_, None) => ("buy", json!({ "date": date(tape, step), "amount": amount(tape) })),
    }
}

fn kept_of(op: &str) -> &'static str {
    match op {
        "member.limit" => "given",
        "member.stamps" => "visit",
        _ => "purchase",
    }
}

/// Histories: what each step answers is the state of the next one.
fn history(op: &'static str) {
    for_tapes(|tape| {
        let terms = terms(tape, op);
        let mut request = json!({ "member": "siti", "program": "sayur", "terms": terms });
        if op == "member.referral" {
            request["state"] = json!({ "member": "siti", "program": "sayur", "referrer": "budi", "joined": date(tape, 0) });
        }
        let mut kept: Vec<Value> = Vec::new();
        for step in 0..8 {
            let (name, what) = act(tape, op, step, &kept);
            let mut asked = request.clone();
            asked[name] = what;
            let sound = loyalty_naive::call(op, &asked).is_ok();
            compare(op, &asked, false)?;
            if tape.once_in(8) {
                let mut wrong = asked.clone();
                inject(tape, &mut wrong);
                compare(op, &wrong, sound)?;
            }
            let answer = ask(op, &asked);
            if kind(&answer).is_some() {
                continue;
            }
            request["state"] = answer["state"].clone();
            if answer[kept_of(op)].is_object() {
                kept.push(answer[kept_of(op)].clone());
            }
        }
        Ok(())
    });
}

#[test]
fn member_limit() {
    history("member.limit");
}

#[test]
fn member_stamps() {
    history("member.stamps");
}

#[test]
fn member_challenge() {
    history("member.challenge");
}

#[test]
fn member_tier() {
    history("member.tier");
}

#[test]
fn member_referral() {
    history("member.referral");
}

/// A purchase that comes back, in whatever steps, leaves the member as if it had never been.
#[test]
fn what_comes_back_was_never_there() {
    for_tapes(|tape| {
        let op = tape.of(&["member.limit", "member.stamps", "member.challenge", "member.tier"]);
        let day = tape.of(&["2025-01-05", "2025-01-06"]);
        let mut request = json!({ "member": "siti", "program": "sayur", "terms": terms(tape, op) });
        let buy = |amount: usize| match op {
            "member.limit" => ("earn", json!({ "date": day, "amount": amount })),
            "member.stamps" => ("buy", json!({ "units": amount % 7, "total": amount })),
            _ => ("buy", json!({ "date": day, "amount": amount })),
        };
        for _ in 0..tape.pick(3) {
            let (name, what) = buy(tape.pick(6000));
            let mut asked = request.clone();
            asked[name] = what;
            let answer = ask(op, &asked);
            if kind(&answer).is_some() {
                return Ok(());
            }
            request["state"] = answer["state"].clone();
        }
        if request.get("state").is_none_or(Value::is_null) {
            return Ok(());
        }
        let size = tape.pick(6000);
        let mut asked = request.clone();
        let (name, what) = buy(size);
        asked[name] = what;
        let mut last = ask(op, &asked);
        if !last[kept_of(op)].is_object() {
            return Ok(());
        }
        let mut rest = size;
        while rest > 0 {
            rest = rest.min(tape.pick(size));
            let mut asked = request.clone();
            asked["state"] = last["state"].clone();
            let kept = &last[kept_of(op)];
            let (name, what) = match op {
                "member.limit" => ("undo", json!({ "given": kept, "left": rest })),
                "member.stamps" => ("return", json!({ "visit": kept, "units": rest.min(size % 7), "total": rest })),
                _ => ("return", json!({ "purchase": kept, "left": rest })),
            };
            asked[name] = what;
            last = ask(op, &asked);
            ensure(kind(&last).is_none(), &format!("{asked} {last}"))?;
        }
        if op == "member.stamps" && size == 0 {
            return Ok(());
        }
        // Nothing is left to come back of a purchase of nothing.
        ensure(size == 0 || last["state"] == request["state"], &format!("{op}: {} is not {}", last["state"], request["state"]))
    });
}

/// What is given in all is what the member is given at the end, whatever came back in between.
#[test]
fn gains_add_up() {
    for_tapes(|tape| {
        let op = tape.of(&["member.challenge", "member.stamps"]);
        let terms = terms(tape, op);
        let mut request = json!({ "member": "siti", "program": "sayur", "terms": terms });
        let (mut kept, mut gained, mut last): (Vec<Value>, i128, Value) = (Vec::new(), 0, Value::Null);
        for _ in 0..6 {
            let mut asked = request.clone();
            let (name, mut what) = act(tape, op, 0, &kept);
            if name == "hand_out" || name == "take_in" {
                continue;
            }
            if what.get("date").is_some() {
                what["date"] = json!("2025-01-01");
            }
            asked[name] = what;
            let answer = ask(op, &asked);
            if kind(&answer).is_some() || answer["state"].is_null() {
                continue;
            }
            request["state"] = answer["state"].clone();
            if answer[kept_of(op)].is_object() {
                kept.push(answer[kept_of(op)].clone());
            }
            gained += whole(&answer[if op == "member.stamps" { "gained" } else { "gain" }]);
            last = answer;
        }
        if last.is_null() {
            return Ok(());
        }
        let given = if op == "member.stamps" {
            whole(&last["gifts"]) - whole(&last["owed"])
        } else {
            whole(&last["reached"]) * whole(&request["terms"]["gives"])
        };
        ensure(gained == given, &format!("{gained} is not {given}: {last}"))
    });
}

/// No limit is passed, whatever the order of awards and returns.
#[test]
fn no_limit_is_passed() {
    for_tapes(|tape| {
        let terms = terms(tape, "member.limit");
        let mut request = json!({ "member": "siti", "program": "sayur", "terms": terms });
        let mut kept: Vec<Value> = Vec::new();
        for step in 0..8 {
            let (name, what) = act(tape, "member.limit", step, &kept);
            let mut asked = request.clone();
            asked[name] = what;
            let answer = ask("member.limit", &asked);
            if kind(&answer).is_some() {
                continue;
            }
            request["state"] = answer["state"].clone();
            kept.push(answer["given"].clone());
            for span in ["day", "week", "month", "ever"] {
                for what in ["earned", "uses"] {
                    let Some(limit) = request["terms"][span][what].as_i64() else { continue };
                    let counted = request["state"][span][what].as_i64().unwrap_or(0);
                    ensure(counted <= limit, &format!("{counted} {what} of a {span}, {limit} are the most"))?;
                }
            }
        }
        Ok(())
    });
}

/// NW: state of another member or program is refused, never begun anew.
#[test]
fn a_state_is_of_its_member_and_program() {
    for op in OPERATIONS {
        for (name, other) in [("member", "budi"), ("program", "buah")] {
            let mut request = json!({ "member": "siti", "program": "sayur", "terms": terms(&mut Tape::new(vec![1; 40]), op) });
            let (act, what) = match op {
                "member.limit" => ("earn", json!({ "date": "2025-01-01", "amount": 5 })),
                "member.stamps" => ("buy", json!({ "units": 1, "total": 5000 })),
                "member.referral" => ("join", json!({ "referrer": "agus", "date": "2025-01-01" })),
                _ => ("buy", json!({ "date": "2025-01-01", "amount": 5 })),
            };
            request[act] = what;
            if op == "member.tier" {
                request["terms"]["months"] = json!(1);
            }
            let answer = ask(op, &request);
            assert!(answer["state"].is_object(), "{op}: {answer}");
            request["state"] = answer["state"].clone();
            request["state"][name] = json!(other);
            let refused = ask(op, &request);
            assert_eq!((kind(&refused), refused["path"].as_str()), (Some("bad_config"), Some(format!("state.{name}").as_str())), "{op}");
        }
    }
}
