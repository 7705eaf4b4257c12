//! A batch answers what its receipts answer one by one, the counters handed on.

use loyalty_rules::api::call;
use serde_json::{Value, json};

fn ask(operation: &str, request: &Value) -> Value {
    serde_json::from_slice(&call(operation, request.to_string().as_bytes())).expect("an answer is JSON")
}

/// Numbers that look random and are the same in every run.
fn numbers() -> impl FnMut(u64) -> u64 {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

#[test]
fn a_batch_is_its_receipts_one_by_one() {
    let mut next = numbers();
    let program = json!({
        "mechanism": "time_auction", "margin_class": "from_15", "tier": "platinum", "window": {"open": "18:00", "close": "02:00"},
        "quota": 100_000, "first_n": {"n": 2}, "budget": {"day": 40_000, "slot": 15_000}, "funding": {"preset": "BN-2"}
    });
    let rows: Vec<Value> = (0..300)
        .map(|index: u64| {
            let (day, hour, minute) = (1 + index / 60, (18 + index % 60 / 6) % 24, next(60));
            json!({
                "receipt": {"total": next(300_000), "at": format!("2025-03-{day:02}T{hour:02}:{minute:02}:00+07:00")},
                "shopper": {"prior_points_milli": next(900_000), "purchases": next(20)}
            })
        })
        .collect();
    let batch = ask("award.batch", &json!({"program": program, "rows": rows, "hash": true}));
    let answers = batch["rows"].as_array().expect("rows");
    assert_eq!(answers.len(), rows.len());

    let mut counters = json!({});
    let mut reasons = std::collections::BTreeSet::new();
    for (row, answer) in rows.iter().zip(answers) {
        let request = json!({"program": program, "receipt": row["receipt"], "shopper": row["shopper"], "counters": counters});
        let decision = ask("award.decide", &request);
        for field in ["reason", "rate_bp", "value", "points_milli", "capped_by"] {
            assert_eq!(answer[field], decision[field], "{field} of {request}");
        }
        assert_eq!(answer["hash"], ask("award.hash", &request)["hash"]);
        counters = decision["counters"].clone();
        reasons.insert(decision["reason"].as_str().expect("a reason").to_owned());
    }
    assert_eq!(batch["counters"], counters);
    for reason in ["full", "standby", "first_n_standby", "budget_spent", "outside_window"] {
        assert!(reasons.contains(reason), "no row of the batch is {reason}");
    }
}

#[test]
fn a_batch_of_numbers_decides_as_one_by_one() {
    use loyalty_rules::award::{Batch, Counters, Merchant, Play, Program, Receipt, Row, Shopper, decide};
    use loyalty_rules::quantity::{Count, Points, Rupiah};
    use loyalty_rules::tables::{Digit, Slot};

    let programs = [
        r#"{"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus", "quota": 100000}"#,
        r#"{"mechanism": "stopwatch", "margin_class": "from_15", "tier": "elite", "quota": 100000, "rounding": {"unit": 100}}"#,
        r#"{"mechanism": "stopwatch", "margin_class": "from_15", "tier": "pro", "receipt_cap": 20000, "budget": {"day": 900000}}"#,
        r#"{"mechanism": "time_auction", "margin_class": "from_15", "tier": "gold", "quota": 100000}"#,
        r#"{"mechanism": "time_auction", "margin_class": "from_15", "tier": "gold", "first_n": {"n": 3}, "held_slots": [1]}"#,
    ];
    let mut next = numbers();
    for document in programs {
        let program = Program::from_json(document.as_bytes()).expect(document);
        let is_stopwatch = document.contains("stopwatch");
        let merchant = Merchant::default();
        let mut batch = Batch::new(&program, &merchant, Counters::default());
        let mut counters = Counters::default();
        for row in 0..3_000 {
            // Every magnitude of the domain, and the far side of it.
            let bits = next(54);
            let mut number =
                |below: u64| i64::try_from(if row % 3 == 0 { next(1 << 30) << bits >> 30 } else { next(below) }).expect("small");
            let (total, prior) = (number(300_000), number(1_200_000));
            let pick = u8::try_from(next(10)).expect("a digit");
            let play = match (is_stopwatch, row % 7) {
                (true, 0) => Play::Pending,
                (true, _) => Play::Digit(Digit::new(pick).expect("a digit")),
                (false, _) => Play::Slot(Slot::new(pick + 1).expect("a slot")),
            };
            let paid = if row % 5 == 0 { Rupiah::new(total / 2).expect("half") } else { Rupiah::ZERO };
            let (Ok(total), Ok(prior_points)) = (Rupiah::new(total), Points::from_milli(prior)) else { continue };
            let receipt = Receipt::new(total).paid_by_voucher(paid).with(play);
            let shopper = Shopper { prior_points, purchases: Count::new(row).expect("a count") };
            let decided = decide(&program, &receipt, &shopper, &merchant, &counters);
            let told = batch.decide(&receipt, &shopper);
            assert_eq!(told, decided.map(Row::from), "row {row} of {document}");
            counters = decided.map_or(counters, |award| award.counters());
            assert_eq!(batch.counters(), counters, "row {row} of {document}");
        }
    }
}

#[test]
fn receipts_side_by_side_are_decided_as_one_by_one() {
    use loyalty_rules::award::{Batch, Counters, Lanes, Merchant, Play, Program, Receipt, Rows, Shopper, decide};
    use loyalty_rules::quantity::{Points, Rupiah};

    let programs = [
        r#"{"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus", "quota": 100000}"#,
        r#"{"mechanism": "time_auction", "margin_class": "from_15", "tier": "gold", "quota": [0, 1, 2, 50, 999, 99999, 100000, 150000, 2000000000, 9000000000]}"#,
    ];
    let mut next = numbers();
    let mut told_blocks = 0;
    for document in programs {
        let program = Program::from_json(document.as_bytes()).expect(document);
        let lanes = Lanes::new(program.kernel()).expect("quota, table and standby alone decide");
        let mechanism = program.terms().table.mechanism();
        let is_stopwatch = document.contains("stopwatch");
        let merchant = Merchant::default();
        let mut batch = Batch::new(&program, &merchant, Counters::default());
        let mut counters = Counters::default();
        for _ in 0..2_000 {
            let bits = u32::try_from(next(32)).expect("a number of bits");
            let mut small = |below: u64| i32::try_from(next(below.min(1 << 31)) >> bits.saturating_sub(24)).expect("below 2^31");
            let totals = [(); 2].map(|()| [(); 4].map(|()| small(if bits % 2 == 0 { 300_000 } else { 1 << 31 })));
            let points_milli = [(); 2].map(|()| [(); 4].map(|()| small(1_200_000)));
            let picks = [(); 2].map(|()| [(); 4].map(|()| i8::try_from(next(11)).expect("small") - i8::from(is_stopwatch)));
            let mut told = None;
            let count = batch.decide_abreast(&lanes, [Rows { totals, points_milli, picks: &picks }], |block: [_; 2]| told = Some(block));
            let is_pick = |pick: &i8| *pick == -1 || Play::picked(mechanism, (*pick).into()).is_ok();
            let fits = picks.as_flattened().iter().all(is_pick);
            assert_eq!((count, told.is_some()), (usize::from(fits), fits), "{picks:?}");
            let Some(told) = told else { continue };
            told_blocks += 1;
            for (four, told) in told.iter().enumerate() {
                for lane in 0..4 {
                    let pick = picks[four][lane];
                    let play = if pick == -1 { Play::Pending } else { Play::picked(mechanism, pick.into()).expect("a pick") };
                    let receipt = Receipt::new(Rupiah::new(totals[four][lane].into()).expect("small")).with(play);
                    let prior_points = Points::from_milli(points_milli[four][lane].into()).expect("small");
                    let award =
                        decide(&program, &receipt, &Shopper { prior_points, ..Shopper::default() }, &merchant, &counters).expect("plain");
                    assert_eq!(i64::from(told.values[lane]), award.value().get(), "{receipt:?}");
                    let word = u32::from(award.rate().bp()) | u32::from(award.reason().place()) << 16;
                    assert_eq!(told.rates_and_reasons[lane], word, "{receipt:?}");
                    counters = award.counters();
                }
            }
            assert_eq!(batch.counters(), counters);
        }
    }
    assert!(told_blocks > 1_000, "{told_blocks} blocks were decided side by side");
}
