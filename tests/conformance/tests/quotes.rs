//! What stands around the award, and words: the library against the second
//! model, and the definition of the two hashes.

mod common;

use common::model::{compare, differ, inject};
use common::{
    MAX, Tape, ask, ask_raw, award_request, carried, claim, clock, for_tapes, kind, maybe, moment, program, receipt, surroundings, table,
    window,
};
use serde_json::{Map, Value, json};

/// A program with much beside its table, some of it said needlessly.
fn rich_program(tape: &mut Tape) -> Value {
    let (mut program, stopwatch) = program(tape);
    carried(tape, &mut program, stopwatch);
    let p = &mut program;
    maybe(tape, p, 2, "window", any_window);
    maybe(tape, p, 6, "eligibility", |t| json!({ "who": "everyone", "min_purchases": t.everyday() }));
    maybe(tape, p, 8, "standby", |t| json!({ "steps": printed_steps(), "strict": t.flag() }));
    maybe(tape, p, 8, "utc_offset", |_| json!("-00:00"));
    maybe(tape, p, 8, "points", |t| json!({ "per": 1000, "points_per_step_milli": t.of(&[1000, 1, 0]), "min_purchase": t.of(&[0, 5]) }));
    maybe(tape, p, 8, "guarantee", |t| t.of(&[json!({}), json!({ "share_bp": 2000, "start_small": 0 })]));
    maybe(tape, p, 8, "cash_rounding", |t| t.of(&[json!({}), json!({ "unit": 1 }), json!({ "unit": 50, "mode": "up" })]));
    maybe(tape, p, 8, "redemptions_per_month", |t| t.of(&[json!({}), json!({ "program": 0 })]));
    maybe(tape, p, 8, "id", |t| json!(t.of(&["\"\\\n", "\u{0}\u{1f}\u{7f}", "/ü😀", "\t\r\u{8}\u{c}"])));
    if !stopwatch {
        maybe(tape, p, 6, "held_slots", |t| json!((0..t.pick(4)).map(|_| 1 + t.pick(10)).collect::<Vec<_>>()));
        maybe(tape, p, 8, "quota", |t| json!(vec![t.of(&[0, 500]); 10]));
    }
    if tape.once_in(6) {
        p["funding"] = json!({ "weights": [1, 0, 2] });
        p["parties"] = json!(["pabrik", "toko", "\u{1}\"BSN\""]);
    }
    program
}

/// Windows of every written form, equal cuts written as boundaries among them.
fn any_window(tape: &mut Tape) -> Value {
    if tape.once_in(3) {
        let step = tape.of(&[3600, 8640, 2880, 61, 3601]);
        let start = tape.pick(86_400) as i64;
        return json!({ "boundaries": (0..=10).map(|k| clock((start + k * step) % 86_400)).collect::<Vec<_>>() });
    }
    window(tape)
}

fn printed_steps() -> Value {
    let steps = [(50, 50), (150, 100), (300, 150), (500, 200), (700, 250)];
    steps.iter().map(|(from, rate)| json!({ "from_points_milli": from * 1000, "rate_bp": rate })).collect()
}

/// The same program with defaults said aloud and nulls for what is absent.
fn spelled_out(tape: &mut Tape, program: &Value) -> Value {
    let mut program = program.clone();
    let mut defaults = vec![
        ("schema", json!(1)),
        ("exclude_voucher_paid", json!(true)),
        ("tolerance_ms", json!(1000)),
        ("quota", json!(0)),
        ("draw", json!({ "kind": "clock" })),
        ("eligibility", json!({ "who": "everyone", "min_purchases": 3 })),
        ("standby", json!({ "strict": false, "steps": printed_steps() })),
        ("rounding", json!({ "unit": 1, "mode": "down" })),
        ("point_value", json!(1000)),
        ("budget", json!({ "short": "cut" })),
        ("paused", json!(false)),
        ("accept_noted_digit", json!(false)),
        ("below_quota", json!("keep")),
        ("single_use", json!(false)),
        ("redemptions_per_month", json!({})),
        ("min_redeem_purchase", json!(0)),
        ("origin", json!("promotional")),
        ("permit", json!(null)),
        ("receipt_cap", json!(null)),
    ];
    if program["mechanism"] == "time_auction" {
        defaults.push(("held_slots", json!([])));
        defaults.push(("edition", json!("recommended")));
    }
    if program.get("rates_bp").is_some() {
        defaults.retain(|(name, _)| *name != "edition");
    }
    for (name, default) in defaults {
        if program.get(name).is_none() && tape.flag() {
            program[name] = default;
        }
    }
    program
}

/// The text of a value with its keys in another order.
fn turned_round(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let fields: Vec<String> = map.iter().rev().map(|(key, value)| format!("{} : {}", json!(key), turned_round(value))).collect();
            format!("{{ {} }}", fields.join(" , "))
        }
        Value::Array(items) => format!("[ {} ]", items.iter().map(turned_round).collect::<Vec<_>>().join(" , ")),
        other => other.to_string(),
    }
}

#[test]
fn award_quote() {
    differ("award.quote", award_request);
    differ("award.quote", |tape| {
        let at = moment(tape);
        let window = any_window(tape);
        let mut program = table(tape, false);
        program["window"] = window;
        maybe(tape, &mut program, 3, "held_slots", |t| json!([1 + t.pick(10), 1 + t.pick(10)]));
        maybe(tape, &mut program, 2, "quota", |t| json!((0..10).map(|_| t.of(&[500, 0, 5000])).collect::<Vec<_>>()));
        let mut receipt = json!({ "total": 1000 });
        if tape.once_in(3) {
            receipt["slot"] = json!(1 + tape.pick(10));
        } else {
            receipt["at"] = json!(at);
        }
        json!({ "program": program, "receipt": receipt })
    });
}

/// The quote's award is the award.
#[test]
fn a_quote_tells_the_award() {
    for_tapes(|tape| {
        let request = award_request(tape);
        let quote = ask("award.quote", &request);
        let award = ask("award.decide", &request);
        if kind(&quote).is_some() || kind(&award).is_some() {
            return if kind(&quote) == kind(&award) || kind(&award).is_none() {
                Ok(())
            } else {
                Err(format!("{request}\n  {quote}\n  {award}"))
            };
        }
        let same = ["reason", "rate_bp", "value", "capped_by"].iter().all(|field| quote["now"][field] == award[field]);
        if same { Ok(()) } else { Err(format!("{request}\n  {quote}\n  {award}")) }
    });
}

#[test]
fn program_hash() {
    differ("program.hash", |tape| json!({ "program": rich_program(tape) }));
}

/// What `program.load` gives back is the document that is hashed.
#[test]
fn the_canonical_document_is_the_loaded_one() {
    for_tapes(|tape| {
        let program = rich_program(tape);
        let compiled = ask("program.compile", &json!({ "program": program }));
        if kind(&compiled).is_some() {
            return Ok(());
        }
        let loaded = ask("program.load", &json!({ "compiled_hex": compiled["compiled_hex"] }));
        let wanted = loyalty_naive::program_document(&program)?;
        if loaded["program"] == wanted { Ok(()) } else { Err(format!("{program}\n  {wanted}\n  {loaded}")) }
    });
}

#[test]
fn equal_terms_have_an_equal_program_hash() {
    for_tapes(|tape| {
        let program = rich_program(tape);
        let first = ask("program.hash", &json!({ "program": program }));
        let other = spelled_out(tape, &program);
        let second = ask_raw("program.hash", turned_round(&json!({ "program": other })).as_bytes());
        let sound = loyalty_naive::program_document(&program).is_ok();
        if !sound || (first.get("hash").is_some() && first == second) {
            Ok(())
        } else {
            Err(format!("{program}\n  {other}\n  {first}\n  {second}"))
        }
    });
}

/// AW-10: both hashes by their definition, from the library's own award.
#[test]
fn award_hash() {
    differ("award.hash", award_request);
    for_tapes(|tape| {
        let mut request = award_request(tape);
        let stopwatch = request["program"]["mechanism"] == "stopwatch";
        if tape.once_in(3) {
            carried(tape, &mut request["program"], stopwatch);
        }
        let award = ask("award.decide", &request);
        let answer = ask("award.hash", &request);
        if kind(&award).is_some() {
            return if kind(&award) == kind(&answer) { Ok(()) } else { Err(format!("{request}\n  {award}\n  {answer}")) };
        }
        let wanted = loyalty_naive::decision_hash(&request, &award)?;
        if answer == wanted { Ok(()) } else { Err(format!("{request}\n  {award}\n  {wanted} wanted\n  {answer} found")) }
    });
}

#[test]
fn a_decision_hash_knows_its_decision() {
    for_tapes(|tape| {
        let request = award_request(tape);
        let award = ask("award.decide", &request);
        if kind(&award).is_some() {
            return Ok(());
        }
        let hash = |request: &Value| ask("award.hash", request)["hash"].clone();
        let own = hash(&request);
        let mut same = request.clone();
        same["program"] = spelled_out(tape, &request["program"]);
        for (part, field, default) in
            [("receipt", "paid_by_voucher", json!(0)), ("receipt", "late", json!(false)), ("counters", "released_today", json!(0))]
        {
            if same.get(part).is_none() {
                same[part] = json!({});
            }
            if same[part].get(field).is_none() {
                same[part][field] = default;
            }
        }
        let again = ask_raw("award.hash", turned_round(&same).as_bytes());
        if own.as_str().is_none_or(|hex| hex.len() != 64) || again["hash"] != own {
            return Err(format!("not the same\n  {request}\n  {same}\n  {own}\n  {again}"));
        }
        let mut others = Vec::new();
        let mut other = request.clone();
        other["receipt"]["total"] = json!((request["receipt"]["total"].as_i64().unwrap() + 1).min(MAX - 1));
        others.push(other.clone());
        let mut other = request.clone();
        other["program"]["id"] = json!("lain");
        others.push(other);
        let mut other = request.clone();
        if other.get("counters").is_none() {
            other["counters"] = json!({});
        }
        other["counters"]["released_today"] = json!(request["counters"]["released_today"].as_i64().unwrap_or(0) + 1);
        others.push(other);
        if let Some(digit) = request["receipt"]["digit"].as_i64() {
            let mut other = request.clone();
            other["receipt"]["digit"] = json!((digit + 1) % 10);
            others.push(other);
        }
        for other in others {
            if other != request && hash(&other) == own {
                return Err(format!("the same\n  {request}\n  {other}\n  {own}"));
            }
        }
        Ok(())
    });
}

fn near_moment(tape: &mut Tape) -> String {
    let day = tape.of(&["01", "02", "01"]);
    let hour = tape.of(&[8, 7, 9, 0, 23]);
    let minute = tape.of(&[0, 1, 59]);
    let second = tape.of(&["00", "60", "59", "00.5", "00.000000001"]);
    let offset = tape.of(&["+07:00", "+08:00", "+07:00", "-00:00"]);
    format!("2025-03-{day}T{hour:02}:{minute:02}:{second}{offset}")
}

#[test]
fn award_make_up() {
    differ("award.make_up", |tape| {
        let total = tape.everyday();
        let second = tape.everyday();
        let bought_at = near_moment(tape);
        let second_at = if tape.flag() { bought_at.clone() } else { near_moment(tape) };
        let issued = tape.of(&[0, 450, 1]);
        let refunded = tape.of(&[0, 1, 1000]);
        let made_up = tape.once_in(8);
        let (mut program, stopwatch) = program(tape);
        let mut receipt = receipt(tape, &mut program, stopwatch);
        if tape.once_in(3) {
            receipt["claim"] = json!(null);
            receipt["digit"] = json!(null);
            if stopwatch {
                receipt["claim"] = claim(tape);
            }
        }
        if receipt["total"].as_i64() >= receipt["paid_by_voucher"].as_i64() && total >= receipt["paid_by_voucher"].as_i64().unwrap_or(0) {
            receipt["total"] = json!(total);
        }
        if !tape.once_in(6) {
            program["make_up_minutes"] = json!(tape.of(&[60, 1, 1440]));
        }
        if !tape.once_in(4) {
            let most = total + second + tape.of(&[0, 1, -1]) - tape.of(&[0, 0, 1, 1000]);
            program["quota"] = json!(most.clamp(0, MAX));
        }
        maybe(tape, &mut program, 3, "window", |t| json!({ "open": t.of(&["08:00", "00:00", "08:01", "09:00"]) }));
        let mut request = json!({
            "program": program,
            "receipt": receipt,
            "bought_at": bought_at,
            "issued": issued,
            "second_total": second,
            "second_at": second_at,
        });
        let r = &mut request;
        surroundings(tape, r);
        if refunded != 0 {
            r["refunded"] = json!(refunded);
        }
        if made_up {
            r["made_up"] = json!(true);
        }
        request
    });
}

#[test]
fn award_till_shares() {
    differ("award.till_shares", |tape| {
        let weights: Vec<u32> = (0..1 + tape.pick(6)).map(|_| tape.of(&[1, 3, 0, 2, u32::MAX, 7, 1000])).collect();
        let (program, _) = program(tape);
        json!({ "program": program, "weights": weights })
    });
}

const DATES: [&str; 8] = [
    "2024-12-31T23:59",
    "2025-01-01",
    "2025-02-28T12:00:30",
    "2025-03-01",
    "2025-03-01T00:00",
    "2025-03-01T08:00",
    "2025-03-01T08:00:59",
    "2025-03-02",
];

#[test]
fn program_in_force() {
    differ("program.in_force", |tape| {
        let at = if tape.flag() { near_moment(tape) } else { moment(tape) };
        let mut list = Vec::new();
        let mut from = tape.pick(3);
        let offsets: &[&str] = tape.of(&[&[], &["+07:00"], &["+07:00", "+08:00"], &["+00:00", "-00:01"]]);
        while from < DATES.len() && list.len() < 4 {
            let until = from + 1 + tape.pick(3);
            let mut program = table(tape, true);
            program["from"] = json!(DATES[from]);
            if until < DATES.len() {
                program["until"] = json!(DATES[until]);
            }
            if !offsets.is_empty() && !tape.once_in(12) {
                program["utc_offset"] = json!(tape.of(offsets));
            }
            maybe(tape, &mut program, 2, "id", |t| json!(t.of(&["a", "b"])));
            maybe(tape, &mut program, 2, "version", |t| json!(1 + t.pick(5)));
            list.push(program);
            from = until;
        }
        if tape.once_in(6) && list.len() > 1 {
            list.remove(1);
        }
        if tape.flag() {
            list.reverse();
        }
        json!({ "programs": list, "at": at })
    });
}

fn key(tape: &mut Tape) -> String {
    (0..16 + tape.pick(4)).map(|_| format!("{:02x}", tape.pick(256))).collect()
}

#[test]
fn stopwatch_verify() {
    differ("stopwatch.verify", |tape| {
        let key = key(tape);
        let shop = tape.of(&["TOKO-ANI", "", "é"]);
        let mut draws = Vec::new();
        let mut commitment = json!("00".repeat(32));
        for _ in 0..tape.pick(5) {
            let mut draw = json!({ "key_hex": key, "shop": shop, "receipt": tape.of(&["R-1", "R-2", "", "R-3"]) });
            maybe(tape, &mut draw, 3, "nonce", |t| t.of(&[json!("7f"), json!(""), json!(null)]));
            let answer = ask("stopwatch.draw", &draw);
            commitment = answer["commitment"].clone();
            let digit = if tape.once_in(4) { json!(tape.pick(10)) } else { answer["digit"].clone() };
            let map: &mut Map<String, Value> = draw.as_object_mut().unwrap();
            map.remove("key_hex");
            map.remove("shop");
            map.insert("digit".to_string(), digit);
            draws.push(draw);
        }
        if tape.once_in(4) {
            commitment = json!(commitment.as_str().unwrap().to_uppercase());
        }
        let day = "2025-03-01";
        let mut published = json!({ "commitment": commitment, "shop": shop, "day": day, "key_id": "k1" });
        maybe(tape, &mut published, 8, "day", |_| json!("2025-03-02"));
        maybe(tape, &mut published, 8, "key_id", |_| json!("K1"));
        maybe(tape, &mut published, 8, "shop", |_| json!("lain"));
        json!({ "published": published, "key_hex": key, "shop": shop, "day": day, "key_id": "k1", "draws": draws })
    });
}

#[test]
fn stopwatch_statistics() {
    differ("stopwatch.statistics", |tape| {
        let around = tape.of(&[5, 0, 4, 20, 100, 1000]);
        let mut counts: Vec<i64> = (0..10).map(|_| around + tape.pick(10) as i64).collect();
        if tape.once_in(3) {
            counts[0] += tape.of(&[1, 5, 10, 30, 100]);
        }
        if tape.once_in(8) {
            counts[tape.pick(10)] = tape.amount();
        }
        json!({ "counts": counts })
    });
}

/// A text near a number's writing.
fn near_text(tape: &mut Tape, op: &str, field: &str) -> Value {
    let n = if op == "text.rate" { tape.rate() } else { tape.signed() };
    let answer = loyalty_naive::call(op, &json!({ field: n })).unwrap();
    let mut text: Vec<char> = answer["text"].as_str().unwrap().chars().collect();
    for _ in 0..tape.pick(3) {
        let at = tape.pick(text.len() + 1);
        let letter = tape.of(&['0', '.', ',', ' ', '-', '9', '%', 'R', '٣']);
        match tape.pick(3) {
            0 => text.insert(at, letter),
            1 if at < text.len() => text[at] = letter,
            _ if at < text.len() => {
                text.remove(at);
            }
            _ => {}
        }
    }
    json!({ "text": text.into_iter().collect::<String>() })
}

#[test]
fn words_both_ways() {
    for (op, field) in [("text.rupiah", "value"), ("text.points", "points_milli"), ("text.rate", "rate_bp")] {
        differ(op, |tape| {
            if tape.flag() {
                return json!({ field: if op == "text.rate" { tape.rate() } else { tape.signed() } });
            }
            near_text(tape, op, field)
        });
        for_tapes(|tape| {
            let mut request = near_text(tape, op, field);
            compare(op, &request, true)?;
            inject(tape, &mut request);
            compare(op, &request, false)
        });
    }
}

#[test]
fn time_civil() {
    differ("time.civil", |tape| {
        let day = 86_400;
        let epoch = match tape.pick(4) {
            0 => tape.of(&[0, -1, 951_782_400, 1_709_164_800, 253_402_300_799, -62_167_219_200]) + tape.of(&[0, 1, -1, day, -day]),
            1 => tape.signed(),
            _ => tape.signed() % 253_402_300_800,
        };
        let offset = tape.of(&["+07:00", "+00:00", "-00:00", "+23:59", "-23:59", "+05:45"]);
        json!({ "epoch_s": epoch, "offset": offset })
    });
}
