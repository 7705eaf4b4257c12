//! The library against the second model, on requests neither has seen.
//!
//! Where the model answers, the library must answer the same. A request with
//! one injected fault must be refused with the same kind; a request that was
//! faulty already must be refused by both.

mod common;

use common::{Tape, ask, claim, for_tapes, kind, maybe, missing_from, moment, points, rounding, shares, standby, table, window};
use serde_json::{Value, json};

/// Every place in a request: an object's field or a list's element.
fn places(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let here = format!("{pointer}/{key}");
                found.push(here.clone());
                places(inner, &here, found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                let here = format!("{pointer}/{index}");
                found.push(here.clone());
                places(inner, &here, found);
            }
        }
        _ => {}
    }
}

/// One fault, or something that may look like one.
fn inject(tape: &mut Tape, request: &mut Value) {
    let mut found = Vec::new();
    places(request, "", &mut found);
    if found.is_empty() {
        return;
    }
    let place = tape.of(&found);
    match tape.pick(5) {
        0 => {
            let (parent, field) = place.rsplit_once('/').unwrap();
            if let Some(Value::Object(map)) = request.pointer_mut(parent) {
                map.remove(field);
            }
        }
        1 => {
            if let Some(Value::Object(map)) = request.pointer_mut(&place) {
                map.insert("surplus".to_string(), json!(1));
            } else {
                request["surplus"] = json!(null);
            }
        }
        2 => {
            let wrong = tape.of(&[json!("a"), json!(7), json!(true), json!([]), json!({}), json!(1.5), json!(null)]);
            *request.pointer_mut(&place).unwrap() = wrong;
        }
        3 => {
            let target = request.pointer_mut(&place).unwrap();
            if target.is_number() {
                *target = tape.of(&[
                    json!(-1),
                    json!(0),
                    json!(10_001),
                    json!(9_007_199_254_740_992_i64),
                    json!(-9_007_199_254_740_992_i64),
                    json!(u64::MAX),
                ]);
            }
        }
        _ => {
            let target = request.pointer_mut(&place).unwrap();
            if let Value::String(text) = target {
                match tape.pick(3) {
                    0 => text.push('x'),
                    1 => text.clear(),
                    _ => *text = text.to_uppercase() + " ",
                }
            }
        }
    }
}

/// Compares both answers to one request.
fn compare(op: &str, request: &Value, same_kind: bool) -> Result<(), String> {
    let ours = ask(op, request);
    let verdict = match (loyalty_naive::call(op, request), kind(&ours)) {
        (Ok(wanted), None) => {
            let missing = missing_from(&ours, &wanted);
            if missing.is_empty() { None } else { Some(missing.join("; ")) }
        }
        (Ok(wanted), Some(_)) => Some(format!("the model answers {wanted}, the library {ours}")),
        (Err(wanted), None) => Some(format!("the model refuses ({wanted}), the library answers {ours}")),
        (Err(wanted), Some(found)) if same_kind && wanted != found => Some(format!("{wanted} wanted, {found} found at {}", ours["path"])),
        (Err(_), Some(_)) => None,
    };
    match verdict {
        None => Ok(()),
        Some(difference) => Err(format!("{op}\n  {request}\n  {difference}")),
    }
}

fn differ(op: &'static str, make: impl Fn(&mut Tape) -> Value) {
    for_tapes(|tape| {
        let mut request = make(tape);
        let sound = loyalty_naive::call(op, &request).is_ok();
        compare(op, &request, false)?;
        if tape.flag() {
            inject(tape, &mut request);
            compare(op, &request, sound)?;
        }
        Ok(())
    });
}

#[test]
fn money_apply_rate() {
    differ("money.apply_rate", |tape| {
        let mut request = rounding(tape);
        request["amount"] = json!(tape.signed());
        request["rate_bp"] = json!(tape.rate());
        request
    });
}

#[test]
fn rate_parse() {
    differ("rate.parse", |tape| {
        let mut text = String::new();
        for _ in 0..tape.pick(4) {
            text.push_str(tape.of(&["1", "0", "00", "3", "99", "10"]));
        }
        text.push_str(tape.of(&["", "", ".", ".5", ".05", ".99", ".555", ",5"]));
        text.push_str(tape.of(&["%", "%", "%", "%", "", " %", "%%"]));
        json!({ "text": text })
    });
}

#[test]
fn points_both_ways() {
    for (op, field) in [("points.from_value", "value"), ("points.to_value", "points_milli")] {
        differ(op, |tape| {
            let mut request = json!({ field: tape.signed() });
            maybe(tape, &mut request, 2, "point_value", |t| json!(t.amount()));
            request
        });
    }
}

/// A table with the column of its mechanism.
fn table_with_column(tape: &mut Tape) -> Value {
    let stopwatch = tape.flag();
    let mut request = table(tape, stopwatch);
    if stopwatch {
        request["digit"] = json!(tape.pick(10));
    } else {
        request["slot"] = json!(1 + tape.pick(10));
    }
    request
}

#[test]
fn table_rate() {
    differ("table.rate", table_with_column);
}

#[test]
fn table_stats() {
    differ("table.stats", |tape| {
        let stopwatch = tape.flag();
        table(tape, stopwatch)
    });
}

#[test]
fn table_check() {
    differ("table.check", |tape| {
        let count = if tape.once_in(8) { tape.pick(14) } else { 10 };
        let mut rates: Vec<i64> = (0..count).map(|_| tape.rate()).collect();
        if !tape.once_in(4) {
            rates.sort_unstable();
        }
        let mut request = json!({ "rates_bp": rates });
        maybe(tape, &mut request, 3, "allow_falling", |t| json!(t.flag()));
        request
    });
}

#[test]
fn table_margin_class() {
    differ("table.margin_class", |tape| {
        let margin = if tape.flag() { tape.signed() } else { tape.of(&[1500, 1499, 1501]) };
        json!({ "margin_bp": margin })
    });
}

#[test]
fn bonus_check() {
    differ("bonus.check", |tape| {
        let bonus = tape.of(&["BN-1", "BN-2", "BN-3", "BN-4", "BN-5", "BN-6"]);
        let edge = tape.of(&[100, 500, 1000, 1500, 2000, 3000, 0]) + tape.of(&[0, 1, -1]);
        json!({ "bonus": bonus, "rate_bp": edge.max(0) })
    });
}

#[test]
fn stopwatch_lucky_digit() {
    differ("stopwatch.lucky_digit", |tape| json!({ "stopped_at": moment(tape) }));
}

#[test]
fn stopwatch_claim() {
    differ("stopwatch.claim", |tape| {
        let mut request = if tape.once_in(3) {
            json!({ "started_at": moment(tape), "countdown_s": tape.signed(), "stopped_at": moment(tape) })
        } else {
            claim(tape)
        };
        maybe(tape, &mut request, 3, "tolerance_ms", |t| json!(t.of(&[1000, 0, 1, 999, 1001, 5000])));
        request
    });
}

#[test]
fn stopwatch_draw() {
    differ("stopwatch.draw", |tape| {
        let most = if tape.once_in(4) { 80 } else { 17 };
        let bytes = 16 + tape.pick(most);
        let key: String = (0..bytes).map(|_| format!("{:02x}", tape.pick(256))).collect();
        let id = |tape: &mut Tape| {
            tape.of(&[
                "R-1",
                "",
                "TOKO-ANI",
                "é",
                "😀",
                "a",
                "\u{0}",
                "RRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRR",
            ])
        };
        let mut request = json!({ "key_hex": key, "receipt": format!("{}{}", id(tape), tape.pick(1000)), "shop": id(tape) });
        maybe(tape, &mut request, 3, "nonce", |t| json!(id(t)));
        request
    });
}

#[test]
fn auction_slot() {
    differ("auction.slot", |tape| json!({ "at": moment(tape), "window": window(tape) }));
}

#[test]
fn auction_stock_quota() {
    differ("auction.stock_quota", |tape| {
        let mut request = json!({ "stock_units": tape.amount() });
        maybe(tape, &mut request, 2, "slots_left", |t| json!(1 + t.pick(10)));
        maybe(tape, &mut request, 2, "price", |t| json!(t.amount()));
        request
    });
}

#[test]
fn standby_rate() {
    differ("standby.rate", |tape| {
        let mut request = json!({ "prior_points_milli": points(tape) });
        maybe(tape, &mut request, 2, "standby", standby);
        request
    });
}

/// A program, and whether it is a stopwatch's.
fn program(tape: &mut Tape) -> (Value, bool) {
    let stopwatch = tape.flag();
    let mut program = table(tape, stopwatch);
    let p = &mut program;
    maybe(tape, p, 2, "quota", |t| json!(t.of(&[1000, 0, 999, 1001, 100_000])));
    maybe(tape, p, 6, "tolerance_ms", |t| json!(t.of(&[1000, 0, 1, 2500])));
    maybe(tape, p, 6, "exclude_voucher_paid", |t| json!(t.flag()));
    maybe(tape, p, 4, "min_cover_bp", |t| json!(t.of(&[10_000, 0, 1, 9999, 20_000])));
    maybe(tape, p, 4, "receipt_cap", |t| json!(t.everyday()));
    maybe(tape, p, 4, "rounding", rounding);
    maybe(tape, p, 6, "point_value", |t| json!(1 + t.everyday()));
    maybe(tape, p, 4, "standby", standby);
    maybe(tape, p, 3, "funding", |t| shares(t).0);
    maybe(tape, p, 4, "eligibility", |t| json!({ "who": "loyal", "min_purchases": t.of(&[6, 0, 1]), "intro": t.flag() }));
    maybe(tape, p, 3, "budget", |t| {
        let mut budget = json!({});
        maybe(t, &mut budget, 2, "day", |t| json!(t.everyday()));
        if !stopwatch {
            maybe(t, &mut budget, 2, "slot", |t| json!(t.everyday()));
        }
        maybe(t, &mut budget, 3, "short", |t| json!(t.of(&["cut", "refuse"])));
        budget
    });
    if !stopwatch {
        maybe(tape, p, 6, "quota", |t| json!((0..10).map(|_| t.everyday()).collect::<Vec<_>>()));
        maybe(tape, p, 5, "held_slots", |t| {
            let first = t.pick(10);
            json!((first + 1..=(first + t.pick(3)).min(10)).collect::<Vec<_>>())
        });
        maybe(tape, p, 3, "first_n", |t| {
            let mut first = json!({ "n": t.of(&[1, 0, 2, 10]) });
            maybe(t, &mut first, 2, "then", |t| json!(t.of(&["standby", "nothing", "first_column"])));
            first
        });
    }
    if tape.once_in(4) {
        carried(tape, p, stopwatch);
    }
    (program, stopwatch)
}

/// Settings that a decision only checks.
fn carried(tape: &mut Tape, p: &mut Value, stopwatch: bool) {
    maybe(tape, p, 3, "schema", |_| json!(1));
    maybe(tape, p, 3, "id", |t| json!(t.of(&["pasar", "é", "p"])));
    maybe(tape, p, 3, "version", |t| json!(1 + t.everyday()));
    maybe(tape, p, 3, "from", |t| json!(t.of(&["2025-01-01", "2025-01-01T08:00", "2024-02-29T23:59:59"])));
    maybe(tape, p, 3, "until", |t| json!(t.of(&["2026-01-01", "2025-01-02T08:00", "2025-01-01T08:00:01"])));
    maybe(tape, p, 3, "utc_offset", |t| json!(t.of(&["+07:00", "-23:59", "+00:00"])));
    maybe(tape, p, 3, "below_quota", |t| json!(t.of(&["keep", "standby"])));
    maybe(tape, p, 3, "make_up_minutes", |t| json!(t.of(&[1, 60, 1440])));
    maybe(tape, p, 3, "single_use", |t| json!(t.flag()));
    maybe(tape, p, 3, "validity", |t| t.of(&[json!({ "days": 14 }), json!({ "months": 3 }), json!({ "days": 36_500 })]));
    maybe(tape, p, 3, "redemptions_per_month", |t| json!({ "program": t.everyday(), "shopper": t.everyday() }));
    maybe(tape, p, 3, "min_redeem_purchase", |t| json!(t.everyday()));
    maybe(tape, p, 3, "origin", |t| json!(t.of(&["promotional", "purchased"])));
    maybe(tape, p, 3, "cash_rounding", rounding);
    maybe(tape, p, 3, "goods_split", |_| json!({ "dated_skus": ["SUSU", "ROTI"] }));
    maybe(
        tape,
        p,
        3,
        "points",
        |t| json!({ "per": 1 + t.everyday(), "multipliers_milli": [2000, t.everyday()], "flat_milli": [], "rest": t.of(&["drop", "carry"]), "stack": t.flag() }),
    );
    maybe(tape, p, 3, "guarantee", |t| json!({ "requirement": t.everyday(), "share_bp": t.rate(), "start_small": t.everyday() }));
    maybe(tape, p, 4, "bonus", |t| json!(t.of(&["BN-2", "BN-1", "BN-3", "BN-4", "BN-5"])));
    maybe(tape, p, 4, "ceiling_bp", |t| json!(t.rate()));
    if stopwatch && tape.once_in(3) {
        p["draw"] = json!({ "kind": "hardened", "key_id": "2025-03-01" });
        p[tape.of(&["permit", "waiver"])] = json!("UGB 12/2025");
    }
}

#[test]
fn award_decide() {
    differ("award.decide", |tape| {
        let (mut program, stopwatch) = program(tape);
        let total = tape.everyday();
        let mut receipt = json!({ "total": total });
        maybe(tape, &mut receipt, 4, "paid_by_voucher", |t| json!(t.amount() % (total + 1)));
        if stopwatch {
            match tape.pick(5) {
                0..=2 => receipt["digit"] = json!(tape.pick(10)),
                3 => receipt["claim"] = claim(tape),
                _ => {}
            }
        } else if tape.flag() {
            receipt["at"] = json!(moment(tape));
            program["window"] = window(tape);
        } else {
            receipt["slot"] = json!(1 + tape.pick(10));
        }
        let mut request = json!({ "program": program, "receipt": receipt });
        let r = &mut request;
        maybe(tape, r, 2, "shopper", |t| json!({ "prior_points_milli": points(t), "purchases": t.of(&[0, 5, 6, 1]) }));
        maybe(tape, r, 3, "merchant", |t| {
            json!({
                "suspended": t.once_in(12),
                "registered": t.once_in(12),
                "fund_balance": t.everyday(),
                "outstanding": t.everyday(),
            })
        });
        maybe(tape, r, 2, "counters", |t| {
            let mut counters = json!({ "awards_in_slot": t.of(&[0, 1, 9, 10]), "released_today": t.everyday() });
            maybe(t, &mut counters, 2, "released_in_slot", |t| json!(t.everyday()));
            maybe(t, &mut counters, 2, "day", |t| json!(t.of(&["2025-03-01", "2025-02-28", "2024-02-28", "2024-12-31"])));
            maybe(t, &mut counters, 2, "slot", |t| json!(1 + t.pick(10)));
            counters
        });
        request
    });
}

#[test]
fn award_mixed() {
    differ("award.mixed", |tape| {
        let count = tape.pick(5);
        let groups: Vec<Value> = (0..count)
            .map(|_| {
                let mut group = table_with_column(tape);
                group["total"] = json!(tape.everyday());
                group
            })
            .collect();
        let mut request = json!({ "groups": groups });
        let r = &mut request;
        maybe(tape, r, 2, "quota", |t| json!(t.everyday()));
        maybe(tape, r, 2, "prior_points_milli", |t| json!(points(t)));
        maybe(tape, r, 4, "standby", standby);
        maybe(tape, r, 4, "rounding", rounding);
        request
    });
}

#[test]
fn award_reverse() {
    differ("award.reverse", |tape| {
        let base = tape.amount();
        let count = tape.pick(5);
        let mut refunds = Vec::new();
        let mut left = base;
        for _ in 0..count {
            let refund = if tape.once_in(5) { left } else { tape.amount() % (left / 2 + 2) };
            refunds.push(refund);
            left = (left - refund).max(0);
        }
        let mut request = json!({ "base": base, "rate_bp": tape.rate(), "refunds": refunds });
        let r = &mut request;
        maybe(tape, r, 3, "total", |t| json!((base + t.everyday() % 1000).min(common::MAX)));
        maybe(tape, r, 2, "quota", |t| json!((base - t.everyday() % 1000).max(0)));
        maybe(tape, r, 2, "below_quota", |t| json!(t.of(&["standby", "keep"])));
        maybe(tape, r, 2, "standby_bp", |t| json!(t.rate()));
        maybe(tape, r, 4, "rounding", rounding);
        maybe(tape, r, 4, "issued", |t| json!(t.everyday()));
        request
    });
}

#[test]
fn split_allocate() {
    differ("split.allocate", |tape| {
        let (mut request, _) = shares(tape);
        request["amount"] = json!(tape.signed());
        request
    });
}

#[test]
fn split_reverse() {
    differ("split.reverse", |tape| {
        let parts: Vec<i64> = (0..tape.pick(6)).map(|_| tape.everyday()).collect();
        let mut left: i64 = parts.iter().sum::<i64>().min(common::MAX);
        let mut refunds = Vec::new();
        for _ in 0..tape.pick(5) {
            let refund = if tape.once_in(5) { left } else { tape.amount() % (left / 2 + 2) };
            refunds.push(refund);
            left = (left - refund).max(0);
        }
        json!({ "parts": parts, "refunds": refunds })
    });
}

#[test]
fn split_capped() {
    differ("split.capped", |tape| {
        let (mut request, count) = shares(tape);
        let amount = tape.signed();
        request["amount"] = json!(amount);
        let size = amount.abs();
        let mut caps: Vec<Value> = (0..count)
            .map(|_| match tape.pick(4) {
                0 => Value::Null,
                1 => json!(tape.everyday()),
                2 => json!(size / count as i64 + tape.of(&[0, 1])),
                _ => json!(tape.amount() % (size + 1)),
            })
            .collect();
        if tape.flag() {
            let residual = tape.pick(count);
            caps[residual] = Value::Null;
            request["residual"] = json!(residual);
        }
        request["caps"] = json!(caps);
        request
    });
}
