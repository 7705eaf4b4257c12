//! Points, the ledger, the guarantee fund, clearing and consignment: the
//! library against the second model, and the laws of money and points.

mod common;

use common::model::differ;
use common::{MAX, Tape, ask, ensure, for_tapes, kind, law, maybe, sum, total, whole};
use serde_json::{Value, json};

// Points

#[test]
fn points_earn() {
    differ("points.earn", |tape| {
        let mut request = json!({ "amount": tape.amount(), "per": tape.of(&[10_000, 1, 1000, 20_000, 7, MAX]) });
        let r = &mut request;
        maybe(tape, r, 3, "points_per_step_milli", |t| json!(t.of(&[1000, 1, 0, 999, 100_000, MAX])));
        maybe(tape, r, 2, "rest", |t| json!(t.of(&["carry", "drop"])));
        maybe(tape, r, 2, "carried", |t| json!(t.everyday()));
        maybe(tape, r, 2, "multipliers_milli", |t| {
            let count = t.pick(4);
            json!((0..count).map(|_| t.of(&[2000, 1000, 0, 1500, 999, 3333, MAX])).collect::<Vec<i64>>())
        });
        maybe(tape, r, 2, "stack", |t| json!(t.flag()));
        maybe(tape, r, 3, "flat_milli", |t| {
            let count = t.pick(4);
            json!((0..count).map(|_| t.everyday()).collect::<Vec<i64>>())
        });
        maybe(tape, r, 3, "min_purchase", |t| json!(t.everyday()));
        request
    });
}

#[test]
fn points_menu_cost() {
    differ("points.menu_cost", |tape| json!({ "points_milli": tape.amount(), "per": 1 + tape.amount() % MAX, "value": tape.amount() }));
}

#[test]
fn points_goods() {
    differ(
        "points.goods",
        |tape| json!({ "accumulated": tape.amount(), "amount": tape.amount(), "threshold": tape.of(&[250_000, 1, 999, 100_000, MAX]) }),
    );
}

// Ledger

const DAYS: [&str; 9] = [
    "2025-01-01T08:00:00+07:00",
    "2025-01-01T01:00:00+00:00",
    "2025-01-02T08:00:00+07:00",
    "2025-01-02T08:00:00.5+07:00",
    "2025-01-03T00:00:00-03:30",
    "2025-01-03T08:00:00+07:00",
    "2025-01-03T07:59:60+07:00",
    "2025-01-04T23:59:59+07:00",
    "2024-12-31T00:00:00+07:00",
];

fn few_points(tape: &mut Tape) -> i64 {
    match tape.pick(24) {
        0..=20 => tape.of(&[10, 0, 1, 5, 9, 11, 20, 1000]),
        21 | 22 => tape.everyday(),
        _ => tape.of(&[MAX, MAX - 1, MAX / 2]),
    }
}

fn entry(tape: &mut Tape, id: &str, ids: usize) -> Value {
    let kind =
        tape.of(&["earn", "redeem", "earn", "reverse", "adjust", "expire", "earn", "redeem", "reverse", "reserve", "release", "commit"]);
    let mut entry = json!({ "id": id, "account": "M1", "shop": tape.of(&["A", "B"]), "time": tape.of(&DAYS), "kind": kind });
    let e = &mut entry;
    if !["expire", "release", "commit"].contains(&kind) {
        let points = few_points(tape);
        e["points_milli"] = json!(if kind == "adjust" && tape.flag() { -points } else { points });
    }
    match kind {
        "earn" => maybe(tape, e, 2, "expires", |t| if t.once_in(4) { Value::Null } else { json!(t.of(&DAYS)) }),
        "reverse" | "expire" | "release" | "commit" => e["of"] = json!(format!("e{}", tape.pick(ids + 1))),
        _ => {}
    }
    if ["reserve", "release", "commit"].contains(&kind) {
        e["version"] = json!(tape.pick(ids));
    }
    entry
}

/// Entries that each have an id of their own.
fn entries(tape: &mut Tape) -> Vec<Value> {
    let count = tape.pick(14);
    (0..count).map(|k| entry(tape, &format!("e{k}"), count)).collect()
}

fn fold_of(tape: &mut Tape, entries: &[Value]) -> Value {
    let mut request = json!({ "entries": entries, "as_of": tape.of(&DAYS) });
    maybe(tape, &mut request, 4, "forgive_debt", |t| json!(t.flag()));
    request
}

#[test]
fn ledger_fold() {
    differ("ledger.fold", |tape| {
        let list = entries(tape);
        fold_of(tape, &list)
    });
    differ("ledger.fold", |tape| {
        let mut list = entries(tape);
        // Some come again, and some of these otherwise.
        for _ in 0..tape.pick(4) {
            if list.is_empty() {
                break;
            }
            let mut again = tape.of(&list);
            if tape.flag() {
                again["shop"] = json!("C");
            }
            if tape.once_in(12) {
                again["account"] = json!("M2");
            }
            let place = tape.pick(list.len() + 1);
            list.insert(place, again);
        }
        fold_of(tape, &list)
    });
}

/// LG-7 from outside: each answer of a growing list of entries, in their
/// order, moves by what the last entry can account for.
#[test]
fn lots_less_debt_are_the_applied_entries() {
    law(
        "ledger.fold",
        |tape| {
            let mut list = entries(tape);
            for (k, entry) in list.iter_mut().enumerate() {
                entry["time"] = json!(format!("2025-01-{:02}T08:00:00+07:00", k + 1));
            }
            fold_of(tape, &list)
        },
        |request, _| {
            let list = request["entries"].as_array().unwrap();
            let mut before = 0;
            let mut refusals = 0;
            let mut waiting = json!([]);
            for count in 1..=list.len() {
                let mut part = request.clone();
                part["entries"] = json!(&list[..count]);
                let answer = ask("ledger.fold", &part);
                if kind(&answer).is_some() {
                    // A sum on the way may leave the domain.
                    return Ok(());
                }
                let lots: i128 = answer["lots"].as_array().unwrap().iter().map(|lot| whole(&lot["points_milli"])).sum();
                let after = lots - whole(&answer["debt_milli"]);
                let refused = answer["refused"].as_array().unwrap().len();
                let (last, moved) = (&list[count - 1], after - before);
                let points = || whole(&last["points_milli"]);
                let fits = match last["kind"].as_str().unwrap() {
                    // Reversals that had waited for it come right behind it.
                    _ if answer["waiting"] != waiting => true,
                    _ if refused > refusals => moved == 0,
                    "earn" | "adjust" => moved == points(),
                    "redeem" | "reserve" => moved == -points(),
                    "commit" => moved == 0,
                    "release" => {
                        let held = list[..count - 1].iter().find(|entry| entry["id"] == last["of"]).unwrap();
                        moved == whole(&held["points_milli"])
                    }
                    "reverse" => moved.abs() <= points(),
                    _ => moved <= 0,
                };
                ensure(fits, &format!("LG-7: {last} moved {moved}"))?;
                (before, refusals, waiting) = (after, refused, answer["waiting"].clone());
            }
            Ok(())
        },
    );
}

#[test]
fn any_order_of_arrival_gives_the_same_ledger() {
    for_tapes(|tape| {
        let mut list = entries(tape);
        let first = fold_of(tape, &list);
        for k in (1..list.len()).rev() {
            list.swap(k, tape.pick(k + 1));
        }
        let mut second = first.clone();
        second["entries"] = json!(list);
        let (one, other) = (ask("ledger.fold", &first), ask("ledger.fold", &second));
        let same = one == other || (kind(&one).is_some() && kind(&one) == kind(&other));
        ensure(same, &format!("{first}\n  {one}\n  {second}\n  {other}"))
    });
}

#[test]
fn entries_that_come_again_change_nothing() {
    for_tapes(|tape| {
        let list = entries(tape);
        let once = fold_of(tape, &list);
        let mut again = list.clone();
        let mut wanted = Vec::new();
        for _ in 0..tape.pick(4) {
            if !list.is_empty() {
                let entry = tape.of(&list);
                wanted.push(entry["id"].as_str().unwrap().to_string());
                again.push(entry);
            }
        }
        wanted.sort();
        let mut twice = once.clone();
        twice["entries"] = json!(again);
        let (mut one, other) = (ask("ledger.fold", &once), ask("ledger.fold", &twice));
        if kind(&one).is_some() {
            return ensure(kind(&one) == kind(&other), &format!("{twice}\n  {other}"));
        }
        one["duplicates"] = json!(wanted);
        ensure(one == other, &format!("{twice}\n  {one}\n  {other}"))
    });
}

#[test]
fn a_conflict_changes_nothing() {
    for_tapes(|tape| {
        let list = entries(tape);
        if list.is_empty() {
            return Ok(());
        }
        let once = fold_of(tape, &list);
        let mut other = tape.of(&list);
        other["shop"] = json!("C");
        let mut twice = once.clone();
        twice["entries"].as_array_mut().unwrap().push(other.clone());
        let (mut one, two) = (ask("ledger.fold", &once), ask("ledger.fold", &twice));
        if kind(&one).is_some() {
            return ensure(kind(&one) == kind(&two), &format!("{twice}\n  {two}"));
        }
        one["conflicts"] = json!([other["id"]]);
        ensure(one == two, &format!("{twice}\n  {one}\n  {two}"))
    });
}

#[test]
fn neither_balance_nor_debt_is_negative() {
    law(
        "ledger.fold",
        |tape| {
            let list = entries(tape);
            fold_of(tape, &list)
        },
        |_, answer| {
            ensure(whole(&answer["balance_milli"]) >= 0, "a negative balance")?;
            ensure(whole(&answer["debt_milli"]) >= 0, "a negative debt")?;
            let lots = answer["lots"].as_array().unwrap();
            ensure(lots.iter().all(|lot| whole(&lot["points_milli"]) > 0), "a lot without points")?;
            let all: i128 = lots.iter().map(|lot| whole(&lot["points_milli"])).sum();
            ensure(whole(&answer["balance_milli"]) <= all, "more than the lots hold")
        },
    );
}

// Guarantee fund

#[test]
fn guarantee_deposit() {
    differ("guarantee.deposit", |tape| {
        let mut request =
            json!({ "loyal": tape.everyday(), "prospective": tape.everyday(), "points_per_transaction_milli": tape.everyday() });
        maybe(tape, &mut request, 3, "point_value", |t| json!(t.of(&[1000, 1, 999, 1500, MAX])));
        request
    });
}

#[test]
fn guarantee_deposit_by_cover() {
    differ("guarantee.deposit_by_cover", |tape| {
        let mut request = json!({ "shoppers": tape.everyday(), "average": tape.everyday(), "rate_bp": tape.rate() });
        maybe(tape, &mut request, 2, "days", |t| json!(t.of(&[1, 0, 3, 30, MAX])));
        request
    });
}

#[test]
fn guarantee_cover() {
    differ("guarantee.cover", |tape| {
        let outstanding = tape.of(&[100_000, 0, 1, 99_999, MAX]);
        let balance = if tape.flag() { outstanding } else { tape.amount() };
        let mut request = json!({ "balance": balance, "outstanding": outstanding });
        maybe(tape, &mut request, 2, "award", |t| json!(t.amount()));
        maybe(tape, &mut request, 2, "min_cover_bp", |t| json!(t.of(&[10_000, 0, 1, 9999, 10_001, 20_000, MAX])));
        request
    });
}

const CHECKS: [&str; 8] = [
    "2026-03-02T09:00:00+07:00",
    "2026-03-03T09:00:00+07:00",
    "2026-03-03T08:59:59.999999999+07:00",
    "2026-03-03T02:00:00+00:00",
    "2026-03-01T09:00:00+07:00",
    "2026-03-02T21:00:00+07:00",
    "2026-03-05T09:00:00+07:00",
    "2026-03-06T08:59:60+07:00",
];

fn fund_amount(tape: &mut Tape) -> i64 {
    match tape.pick(6) {
        0..=3 => tape.of(&[1000, 0, 1, 100, 101, 99, 400, 500]),
        4 => tape.everyday(),
        _ => tape.amount(),
    }
}

const NOON: &str = "2026-03-02T12:00:00+07:00";

fn fund_request(tape: &mut Tape) -> Value {
    let mut events = Vec::new();
    for _ in 0..tape.pick(16) {
        let kind =
            tape.of(&["check", "issue", "redeem", "check", "top_up", "draw", "release", "check", "issue", "expire", "require", "undo"]);
        let mut event = json!({ "type": kind });
        if kind == "check" {
            maybe(tape, &mut event, 2, "time", |t| json!(t.of(&CHECKS)));
        }
        if ["issue", "redeem", "release", "expire", "undo"].contains(&kind) {
            event["id"] = json!(tape.of(&["V1", "V2", "v1"]));
        }
        if ["issue", "redeem", "top_up", "draw", "require", "undo"].contains(&kind) {
            event["amount"] = json!(fund_amount(tape));
        }
        maybe(tape, &mut event, 3, "event_id", |t| json!(t.of(&["e1", "e2", "e3", "e4"])));
        if !events.is_empty() && tape.once_in(8) {
            event = tape.of(&events);
        }
        events.push(event);
    }
    let mut request = json!({ "requirement": tape.of(&[500, 501, 0, 5000, MAX]), "balance": fund_amount(tape), "events": events });
    let r = &mut request;
    maybe(tape, r, 4, "share_bp", |t| json!(t.of(&[2000, 0, 1, 10_000, 1999])));
    if tape.once_in(3) {
        r["registered"] = json!(true);
    } else {
        maybe(tape, r, 3, "warnings", |t| json!(t.pick(4)));
        maybe(tape, r, 4, "suspended", |t| json!(t.flag()));
    }
    maybe(tape, r, 2, "expired_to", |t| json!(t.of(&["operator", "shop"])));
    maybe(tape, r, 3, "reservations", |t| {
        let mut held = json!({});
        maybe(t, &mut held, 2, "V1", |t| json!(fund_amount(t)));
        maybe(t, &mut held, 2, "V2", |t| json!(fund_amount(t)));
        held
    });
    maybe(tape, r, 4, "warning_interval_s", |t| json!(t.of(&[86_400, 0, 1, 43_200, 86_401, MAX])));
    maybe(tape, r, 3, "last_warning", |t| json!(t.of(&CHECKS)));
    maybe(tape, r, 4, "now", |t| json!(t.of(&CHECKS)));
    maybe(tape, r, 6, "state", |t| json!(t.of(&["active", "suspended", "registered"])));
    maybe(
        tape,
        r,
        6,
        "seen",
        |t| json!({ "e1": { "type": "top_up", "amount": t.of(&[1, 1000]) }, "e9": { "type": "check", "time": NOON } }),
    );
    request
}

#[test]
fn guarantee_apply() {
    differ("guarantee.apply", fund_request);
}

#[test]
fn a_fund_is_never_negative_and_its_money_adds_up() {
    law("guarantee.apply", fund_request, |request, answer| {
        let (balance, reserved) = (whole(&answer["balance"]), whole(&answer["reserved"]));
        let held = answer["reservations"].as_object().unwrap();
        ensure(balance >= 0, "a negative balance")?;
        ensure(held.values().all(|amount| whole(amount) >= 0), "a negative reservation")?;
        ensure(total(held.values()) == reserved, "reservations do not sum to what is reserved")?;
        ensure(whole(&answer["free"]) == balance - reserved, "free is not balance less reserved")?;

        let unpaid = |index: usize| {
            let notices = answer["notices"].as_array().unwrap();
            let stops = ["shortfall", "not_reserved", "issue_refused"];
            notices.iter().any(|n| n["event"] == json!(index) && stops.contains(&n["notice"].as_str().unwrap()))
        };
        let mut wanted = whole(&request["balance"]) - whole(&answer["to_operator"]);
        let (e1, e9) = (json!("e1"), json!("e9"));
        let mut seen: Vec<&Value> = request.get("seen").map_or(Vec::new(), |_| vec![&e1, &e9]);
        for (index, event) in request["events"].as_array().unwrap().iter().enumerate() {
            // GF-10: an id counts once.
            let refused =
                answer["notices"].as_array().unwrap().iter().any(|n| n["event"] == json!(index) && n["notice"] == "check_refused");
            if refused || seen.contains(&&event["event_id"]) {
                continue;
            }
            // A refused check leaves its id free.
            let refused = json!({"event": index, "notice": "check_refused"});
            let is_refused =
                answer["notices"].as_array().unwrap().iter().any(|n| n["event"] == refused["event"] && n["notice"] == refused["notice"]);
            if !event["event_id"].is_null() && !is_refused {
                seen.push(&event["event_id"]);
            }
            match event["type"].as_str().unwrap() {
                "top_up" | "undo" => wanted += whole(&event["amount"]),
                "draw" | "redeem" if !unpaid(index) => wanted -= whole(&event["amount"]),
                _ => {}
            }
        }
        let to_operator = request.get("expired_to") == Some(&json!("operator"));
        ensure(to_operator || answer["to_operator"] == 0, "the operator got what is the shop's")?;
        ensure(wanted == balance, "money in is not money out and balance")
    });
}

/// GF-6: the answer is the next request's fund, so events may come one by one.
#[test]
fn events_one_by_one_are_events_together() {
    law("guarantee.apply", fund_request, |request, answer| {
        let mut fund = request.clone();
        let mut notices = Vec::new();
        let mut to_operator = 0;
        for (index, event) in request["events"].as_array().unwrap().iter().enumerate() {
            fund["events"] = json!([event]);
            let step = ask("guarantee.apply", &fund);
            ensure(kind(&step).is_none(), &format!("event {index} alone: {step}"))?;
            for field in ["requirement", "balance", "reservations", "warnings", "last_warning", "state", "seen"] {
                fund[field] = step[field].clone();
            }
            fund["suspended"] = json!(null);
            fund["registered"] = json!(null);
            to_operator += whole(&step["to_operator"]);
            for notice in step["notices"].as_array().unwrap() {
                let mut notice = notice.clone();
                notice["event"] = json!(index);
                notices.push(notice);
            }
        }
        ensure(answer["notices"] == json!(notices), &format!("notices {}", json!(notices)))?;
        fund["events"] = json!([]);
        let end = ask("guarantee.apply", &fund);
        ensure(whole(&answer["to_operator"]) == to_operator, "to_operator")?;
        for field in ["requirement", "balance", "reserved", "reservations", "free", "warnings", "last_warning", "state", "seen"] {
            ensure(end[field] == answer[field], &format!("{field}: {end}"))?;
        }
        Ok(())
    });
}

// Clearing

fn period(tape: &mut Tape) -> Value {
    let shops = ["A", "B", "C", "D", "a", "", "é"];
    let count = tape.pick(16);
    let mut list: Vec<Value> = Vec::new();
    for _ in 0..count {
        if !list.is_empty() && tape.once_in(5) {
            let again = tape.of(&list);
            list.push(again);
            continue;
        }
        let value = match tape.pick(8) {
            0..=4 => tape.of(&[1000, 0, 1, 2, 500, 2000]),
            5 | 6 => tape.everyday(),
            _ => tape.amount(),
        };
        let id = format!("r{}", tape.pick(3 * count));
        let mut line = json!({ "id": id, "acceptor": tape.of(&shops), "value": value });
        if tape.once_in(4) {
            line["of"] = json!("r0");
            line["value"] = json!(if tape.once_in(16) { value } else { -value.max(1) });
        }
        if tape.once_in(4) {
            let lots = 1 + tape.pick(4);
            line["lots"] =
                (0..lots).map(|_| json!({ "shop": tape.of(&shops), "points_milli": tape.of(&[1, 0, 2, 1000, 2500, 1]) })).collect();
        } else {
            line["issuer"] = json!(tape.of(&shops));
        }
        list.push(line);
    }
    let mut request = json!({ "redemptions": list });
    maybe(tape, &mut request, 3, "cleared", |t| {
        let count = t.pick(4);
        json!((0..count).map(|_| format!("r{}", t.pick(8))).collect::<Vec<_>>())
    });
    request
}

#[test]
fn clearing_net() {
    differ("clearing.net", period);
}

#[test]
fn nets_sum_to_zero_and_transfers_settle_them() {
    law("clearing.net", period, |request, answer| {
        let net = answer["net"].as_object().unwrap();
        ensure(total(net.values()) == 0, "nets do not sum to zero")?;
        let transfers = answer["transfers"].as_array().unwrap();
        ensure(transfers.len() <= net.len().saturating_sub(1), "more than shops - 1 transfers")?;
        ensure(transfers.iter().all(|t| whole(&t["amount"]) > 0 && t["from"] != t["to"]), "a transfer of nothing")?;
        for (shop, position) in net {
            let side = |end: &str| total(transfers.iter().filter(|t| t[end] == json!(shop)).map(|t| &t["amount"]));
            ensure(side("to") - side("from") == whole(position), &format!("{shop} is not settled"))?;
        }
        let told = answer["duplicates"].as_array().unwrap().len() + answer["already_cleared"].as_array().unwrap().len();
        ensure(told <= request["redemptions"].as_array().unwrap().len(), "more told than there was")
    });
}

/// CL-5: the order of the list changes nothing.
#[test]
fn any_order_of_redemptions_clears_alike() {
    for_tapes(|tape| {
        let mut request = period(tape);
        request["funds"] = json!({ "A": 1500, "B": 0, "C": 100, "D": 5, "a": 9, "": 3, "é": 1_000_000 });
        let (net, settled) = (ask("clearing.net", &request_without_funds(&request)), ask("clearing.period", &request));
        let mut list = request["redemptions"].as_array().unwrap().clone();
        for k in (1..list.len()).rev() {
            list.swap(k, tape.pick(k + 1));
        }
        request["redemptions"] = json!(list);
        let (other_net, other) = (ask("clearing.net", &request_without_funds(&request)), ask("clearing.period", &request));
        if kind(&settled).is_some() {
            return ensure(kind(&other).is_some(), "refused in one order alone");
        }
        ensure(net == other_net, &format!("{request}\n  {net}\n  {other_net}"))?;
        ensure(settled == other, &format!("{request}\n  {settled}\n  {other}"))
    });
}

fn request_without_funds(request: &Value) -> Value {
    let mut request = request.clone();
    request.as_object_mut().unwrap().remove("funds");
    request
}

/// CL-5: what one period counted, the next finds cleared.
#[test]
fn a_cleared_period_clears_nothing_again() {
    law("clearing.net", period, |request, _| {
        let list = request["redemptions"].as_array().unwrap();
        let mut next = request.clone();
        next["cleared"] = json!(list.iter().map(|r| r["id"].clone()).collect::<Vec<_>>());
        let answer = ask("clearing.net", &next);
        let mut ids: Vec<&str> = list.iter().map(|r| r["id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        let wanted = json!({ "net": {}, "transfers": [], "duplicates": [], "conflicts": [], "already_cleared": ids });
        ensure(answer == wanted, &format!("{answer}"))
    });
}

fn settlement(tape: &mut Tape) -> Value {
    let owed: Vec<i64> = (0..tape.pick(8)).map(|_| if tape.once_in(3) { tape.amount() } else { tape.everyday() }).collect();
    let all: i128 = owed.iter().map(|n| i128::from(*n)).sum();
    let fund = match tape.pick(4) {
        0 => i64::try_from(all.min(i128::from(MAX))).unwrap(),
        1 => i64::try_from((all / 2).min(i128::from(MAX))).unwrap(),
        2 => i64::try_from((all - 1).clamp(0, i128::from(MAX))).unwrap(),
        _ => tape.amount(),
    };
    json!({ "fund": fund, "owed": owed })
}

#[test]
fn clearing_settle() {
    differ("clearing.settle", settlement);
}

#[test]
fn fund_and_operator_pay_what_is_owed() {
    law("clearing.settle", settlement, |request, answer| {
        let fund = whole(&request["fund"]);
        ensure(sum(&answer["paid"]) + sum(&answer["operator"]) == sum(&request["owed"]), "paid + operator is not owed")?;
        ensure(whole(&answer["fund_left"]) + sum(&answer["paid"]) == fund, "fund_left + paid is not fund")?;
        for (place, owed) in request["owed"].as_array().unwrap().iter().enumerate() {
            let (paid, rest) = (whole(&answer["paid"][place]), whole(&answer["operator"][place]));
            ensure(paid >= 0 && rest >= 0 && paid + rest == whole(owed), &format!("acceptor {place}"))?;
        }
        let spent = sum(&request["owed"]) <= fund || whole(&answer["fund_left"]) == 0;
        ensure(spent, "money is left and somebody unpaid")
    });
}

// Consignment

#[test]
fn consignment_price() {
    differ("consignment.price", |tape| {
        let days: Vec<i64> = (0..4).map(|_| tape.of(&[30, 0, 1, 14, 7, MAX])).collect();
        let edge: i128 = days[..1 + tape.pick(4)].iter().map(|n| i128::from(*n)).sum();
        let day = if tape.flag() { edge - i128::from(tape.flag()) } else { tape.everyday().into() };
        json!({ "price": tape.amount(), "stage_days": days, "day": i64::try_from(day.clamp(0, i128::from(MAX))).unwrap() })
    });
}

fn sale(tape: &mut Tape) -> Value {
    let mut request = json!({ "scheme": tape.of(&["A", "B"]), "sale_price": tape.amount(), "cost": tape.amount() });
    maybe(tape, &mut request, 2, "units", |t| json!(t.of(&[1, 0, 3, 1000, MAX])));
    request
}

#[test]
fn consignment_profit() {
    differ("consignment.profit", sale);
    law("consignment.profit", sale, |_, answer| ensure(sum(&answer["parts"]) == whole(&answer["profit"]), "parts are not the profit"));
}

#[test]
fn consignment_return_cost() {
    differ(
        "consignment.return_cost",
        |tape| json!({ "ordered": tape.everyday(), "capacity": tape.everyday(), "returned": tape.everyday(), "cost_per_unit": tape.everyday() }),
    );
}

#[test]
fn consignment_take_back() {
    differ("consignment.take_back", |tape| {
        let mut request = json!({ "price": tape.amount(), "units": tape.everyday() });
        maybe(tape, &mut request, 2, "rate_bp", |t| json!(t.rate()));
        request
    });
}
