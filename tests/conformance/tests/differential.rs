//! The library against the second model, on requests neither has seen.
//!
//! Where the model answers, the library must answer the same. A request with
//! one injected fault must be refused with the same kind; a request that was
//! faulty already must be refused by both.

mod common;

use common::model::differ;
use common::{
    Tape, ask, award_request, bonuses, claim, decided_request, ensure, for_tapes, goods_request, kind, law, maybe, mixed_request, moment,
    points, refunds, returns, rounding, shares, standby, table, whole, window,
};
use serde_json::{Value, json};

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
        let bonus = if tape.once_in(6) { "none-of-these" } else { tape.of(&bonuses()) };
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

#[test]
fn award_decide() {
    differ("award.decide", award_request);
}

/// `late` is told of late receipts alone.
#[test]
fn only_a_late_award_says_so() {
    for_tapes(|tape| {
        let request = award_request(tape);
        let answer = ask("award.decide", &request);
        let late = request["receipt"]["late"] == json!(true);
        if kind(&answer).is_some() || answer.get("late") == late.then_some(&json!(true)) {
            Ok(())
        } else {
            Err(format!("{request}\n  {answer}"))
        }
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
fn award_decide_by_offers() {
    differ("award.decide", goods_request);
    // No goods of a receipt are given more than `program.check` says, and what it calls closed for ever is closed.
    law("award.decide", goods_request, |request, answer| {
        // More than a step was carried under another program.
        let carried = request["shopper"]["carried"].as_i64().unwrap_or(0);
        let programs = request["program"]["offers"].as_array().into_iter().flatten().chain([&request["program"]]);
        if programs.filter_map(|program| program["points"]["per"].as_i64()).any(|per| carried >= per) {
            return Ok(());
        }
        let lines = request["receipt"]["lines"].as_array().unwrap();
        let amount_of = |line: &Value| {
            let milli = line["quantity_milli"].as_i64().or(line["quantity"].as_i64().map(|quantity| quantity * 1000));
            (line["price"].as_i64().unwrap() * milli.unwrap() + 999) / 1000
        };
        let amount: i64 = lines.iter().map(amount_of).sum();
        let check = ask("program.check", &json!({ "program": request["program"], "amount": amount }));
        if kind(&check) == Some("out_of_range") {
            return Ok(());
        }
        ensure(kind(&check).is_none(), &format!("{check}"))?;
        ensure(whole(&answer["value"]) <= whole(&check["largest_award"]), &format!("more than {check}"))?;
        let places = |code: &str| {
            let told = check["warnings"].as_array().unwrap().iter().filter(|warning| warning["code"] == code);
            told.map(|warning| warning["path"].as_str().unwrap().to_string()).collect::<Vec<_>>()
        };
        let groups = answer["groups"].as_array().cloned().unwrap_or_default();
        // Outside the program's time nothing is given, whatever is open.
        let taken = groups
            .iter()
            .filter(|group| group["value"] != 0)
            .filter_map(|group| group["offer"].as_u64())
            .map(|place| format!("program.offers[{place}]"));
        for place in taken {
            ensure(!places("offer_unreachable").contains(&place), &format!("{place} takes something"))?;
            ensure(!places("offer_never_open").contains(&format!("{place}.when")), &format!("{place} is open"))?;
        }
        Ok(())
    });
}

#[test]
fn program_reverse_by_lines() {
    differ("program.reverse", |tape| {
        let mut request = goods_request(tape);
        request["program"]["below_quota"] = json!(tape.of(&["standby", "keep"]));
        request["program"]["give_back"] = json!(tape.flag());
        if tape.once_in(4) {
            let program = request["program"].as_object_mut().expect("a program");
            program.remove("offers");
            if program["mechanism"] != "time_auction" {
                for field in ["held_slots", "first_n"] {
                    program.remove(field);
                }
                drop(program.get_mut("budget").and_then(Value::as_object_mut).and_then(|budget| budget.remove("slot")));
            }
        }
        returns(tape, &mut request);
        request
    });
}

#[test]
fn award_mixed_under_two_programs() {
    differ("award.mixed", mixed_request);
}

#[test]
fn award_reverse() {
    differ("award.reverse", |tape| {
        let base = tape.amount();
        let mut request = json!({ "base": base, "rate_bp": tape.rate(), "refunds": refunds(tape, base) });
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
fn program_reverse() {
    differ("program.reverse", decided_request);
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
