//! A batch answers what its receipts answer one by one, the counters handed on.

use loyalty_naive::generate::{self, Numbers};
use loyalty_rules::api::call;
use serde_json::{Value, json};

fn ask(operation: &str, request: &Value) -> Value {
    serde_json::from_slice(&call(operation, request.to_string().as_bytes())).expect("an answer is JSON")
}

/// The same numbers in every run.
fn numbers() -> Numbers {
    Numbers::new(0x9E37_79B9_7F4A_7C15)
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
            let (day, hour, minute) = (1 + index / 60, (18 + index % 60 / 6) % 24, next.below(60));
            json!({
                "receipt": {"total": next.below(300_000), "at": format!("2025-03-{day:02}T{hour:02}:{minute:02}:00+07:00")},
                "shopper": {"prior_points_milli": next.below(900_000), "purchases": next.below(20)}
            })
        })
        .collect();
    let batch = ask("award.batch", &json!({"program": program, "rows": rows, "hash": true}));
    let answers = batch["rows"].as_array().expect("rows");
    assert_eq!(answers.len(), rows.len());

    // What has come after midnight belongs to the day that opened before.
    let mut days = std::collections::BTreeMap::<i64, Value>::new();
    let mut reasons = std::collections::BTreeSet::new();
    for (row, answer) in rows.iter().zip(answers) {
        let at = row["receipt"]["at"].as_str().expect("a time");
        let (date, hour) = (at[8..10].parse::<i64>().expect("a day"), at[11..13].parse::<i64>().expect("an hour"));
        let counters = days.entry(date - i64::from(hour < 18)).or_insert_with(|| json!({}));
        let request = json!({"program": program, "receipt": row["receipt"], "shopper": row["shopper"], "counters": counters});
        let decision = ask("award.decide", &request);
        for field in ["reason", "rate_bp", "value", "points_milli", "capped_by"] {
            assert_eq!(answer[field], decision[field], "{field} of {request}");
        }
        // Outside the window a receipt belongs to no selling day, and so to counters of none.
        if decision["reason"] != "outside_window" {
            assert_eq!(answer["hash"], ask("award.hash", &request)["hash"]);
        }
        *counters = decision["counters"].clone();
        reasons.insert(decision["reason"].as_str().expect("a reason").to_owned());
    }
    // A day that released nothing is not known by any receipt.
    let released = |counters: &&Value| counters["released_today"] != 0;
    let told: Vec<&Value> = batch["counters"].as_array().expect("days").iter().filter(released).collect();
    assert!(told.iter().eq(days.values().filter(released).collect::<Vec<_>>().iter()), "{told:?} {days:?}");
    assert!(told.len() > 4);
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
            let bits = next.below(54);
            let mut number = |below: u64| {
                i64::try_from(if row % 3 == 0 { next.below(1 << 30) << bits >> 30 } else { next.below(below) }).expect("small")
            };
            let (total, prior) = (number(300_000), number(1_200_000));
            let pick = u8::try_from(next.below(10)).expect("a digit");
            let play = match (is_stopwatch, row % 7) {
                (true, 0) => Play::Pending,
                (true, _) => Play::Digit(Digit::new(pick).expect("a digit")),
                (false, _) => Play::Slot(Slot::new(pick + 1).expect("a slot")),
            };
            let paid = if row % 5 == 0 { Rupiah::new(total / 2).expect("half") } else { Rupiah::ZERO };
            let (Ok(total), Ok(prior_points)) = (Rupiah::new(total), Points::from_milli(prior)) else { continue };
            let receipt = Receipt::new(total).paid_by_voucher(paid).with(play);
            let shopper = Shopper::new(prior_points, Count::new(row).expect("a count"));
            let decided = decide(&program, &receipt, &shopper, &merchant, &counters);
            let told = batch.decide(&receipt, &shopper);
            assert_eq!(told, decided.map(Row::from), "row {row} of {document}");
            counters = decided.map_or(counters, |award| counters.after(award.added()));
            assert_eq!(batch.counters(), counters, "row {row} of {document}");
        }
    }
}

/// A field of the merchant, from JSON; absent in JSON, absent here.
macro_rules! from_json {
    (truth $value:expr) => {
        $value.as_bool().unwrap_or_default()
    };
    (rupiah $value:expr) => {
        loyalty_rules::quantity::Rupiah::new($value.as_i64().unwrap_or_default()).expect("an amount")
    };
}

/// The merchant that the list of its fields makes of JSON.
macro_rules! merchant_of {
    ($json:ident $($(#[doc = $doc:literal])* $kind:ident $name:ident: $key:ident, $c:ident;)*) => {
        loyalty_rules::award::Merchant { $($name: from_json!($kind $json[stringify!($key)])),* }
    };
}

/// A program of any settings, and a merchant of any standing.
fn any_program(next: &mut Numbers) -> (loyalty_rules::award::Program, loyalty_rules::award::Merchant) {
    let (program, json) = (generate::program(next), generate::merchant(next));
    let merchant = loyalty_rules::fields!(merchant merchant_of json);
    let program = loyalty_rules::award::Program::from_json(program.to_string().as_bytes()).unwrap_or_else(|why| panic!("{why}: {program}"));
    (program, merchant)
}

/// Receipts of a block: mostly everyday, sometimes at the ends of what a block takes.
struct Block {
    totals: [[i32; 4]; 2],
    paid_by_voucher: [[i32; 4]; 2],
    points_milli: [[i32; 4]; 2],
    purchases: [[i32; 4]; 2],
    picks: [[i8; 4]; 2],
}

impl Block {
    fn any(next: &mut Numbers, is_auction: bool) -> Self {
        let is_everyday = next.below(3) > 0;
        let mut column = |below: u64| {
            [(); 2].map(|()| {
                [(); 4].map(|()| {
                    let number = next.below(below);
                    let ends = [number, (1 << 31) - 1 - next.below(3), (1 << 31) - 1_001 + next.below(4), next.below(40), 0];
                    i32::try_from(if is_everyday { number } else { ends[usize::try_from(next.below(5)).expect("a place")] })
                        .expect("below 2^31")
                })
            })
        };
        let (totals, points_milli, purchases) = (column(400_000), column(1_000_000), column(12));
        let paid_by_voucher = totals.map(|four| four.map(|total| if next.below(4) == 0 { total / 2 } else { 0 }));
        let low = i8::from(is_auction) * 2 - 1;
        let picks = [(); 2].map(|()| [(); 4].map(|()| i8::try_from(next.below(if is_auction { 10 } else { 11 })).expect("small") + low));
        Self { totals, paid_by_voucher, points_milli, purchases, picks }
    }

    fn rows(&self) -> loyalty_rules::award::Rows<'_, 2> {
        let Self { totals, paid_by_voucher, points_milli, purchases, picks } = self;
        loyalty_rules::award::Rows {
            totals: *totals,
            paid_by_voucher: *paid_by_voucher,
            points_milli: *points_milli,
            purchases: *purchases,
            picks,
        }
    }

    fn row(
        &self,
        four: usize,
        lane: usize,
        mechanism: loyalty_rules::tables::Mechanism,
    ) -> (loyalty_rules::award::Receipt, loyalty_rules::award::Shopper) {
        use loyalty_rules::award::{Play, Receipt, Shopper};
        use loyalty_rules::quantity::{Count, Points, Rupiah};

        let pick = self.picks[four][lane];
        let play = if pick == -1 { Play::Pending } else { Play::picked(mechanism, pick.into()).expect("a pick") };
        let rupiah = |amount: i32| Rupiah::new(amount.into()).expect("small");
        let receipt = Receipt::new(rupiah(self.totals[four][lane])).paid_by_voucher(rupiah(self.paid_by_voucher[four][lane])).with(play);
        let prior_points = Points::from_milli(self.points_milli[four][lane].into()).expect("small");
        (receipt, Shopper::new(prior_points, Count::new(self.purchases[four][lane].into()).expect("small")))
    }
}

/// A voucher that the budget cuts below what the cover allows is given, though as a whole it would not be covered.
#[test]
fn a_block_asks_the_budget_before_the_cover() {
    use loyalty_rules::award::{Batch, Counters, Layout, Merchant, Program, Receipt, Rows, Shopper};
    use loyalty_rules::quantity::Rupiah;
    use loyalty_rules::tables::Slot;

    let document = r#"{"mechanism": "time_auction", "rates_bp": [10000, 10000, 10000, 10000, 10000, 10000, 10000, 10000, 10000, 10000],
        "min_cover_bp": 5000, "budget": {"slot": 400000}}"#;
    let program = Program::from_json(document.as_bytes()).expect(document);
    let rupiah = |amount| Rupiah::new(amount).expect("an amount");
    let merchant = Merchant { fund_balance: rupiah(100_000), outstanding: rupiah(40_000), ..Merchant::default() };
    let totals = [130_000, 130_000, 350_000, 0];
    let mut one_by_one = Batch::new(&program, &merchant, Counters::default());
    let values = totals.map(|total| {
        let play = loyalty_rules::award::Play::Slot(Slot::new(1).expect("a slot"));
        one_by_one.decide(&Receipt::new(rupiah(total.into())).with(play), &Shopper::default()).expect("an award").value.get()
    });
    // The cover allows 100,000 ÷ 0.5 − 40,000 = 160,000; of the third voucher the budget leaves 140,000.
    assert_eq!(values, [130_000, 130_000, 140_000, 0]);
    let none = [[0; 4]];
    let rows = Rows { totals: [totals], paid_by_voucher: none, points_milli: none, purchases: none, picks: &[[1; 4]] };
    let mut blocks = Batch::new(&program, &merchant, Counters::default());
    if let Some([told]) = blocks.decide_block(&Layout::new(program.kernel(), &merchant), &rows) {
        assert_eq!(told.values.map(i64::from), values);
    }
}

/// One ladder: of generated programs every block is decided as its receipts one by one, as a batch, and under the kernel alone.
/// `LOYALTY_BLOCKS` sets how many programs are tried.
#[test]
fn blocks_of_any_program_are_decided_as_one_by_one() {
    use loyalty_rules::award::{Batch, Counters, Kernel, Layout, Row, decide};

    let programs = std::env::var("LOYALTY_BLOCKS").ok().and_then(|count| count.parse().ok()).unwrap_or(700);
    let mut next = numbers();
    let (mut blocks, mut abreast) = (0, 0);
    let mut reasons = std::collections::BTreeMap::<&str, u64>::new();
    for _ in 0..programs {
        let (program, merchant) = any_program(&mut next);
        let mechanism = program.terms().table.mechanism();
        let is_auction = mechanism == loyalty_rules::tables::Mechanism::TimeAuction;
        let kernel = Kernel::from_bytes(&program.kernel().to_bytes()).expect("a kernel");
        assert_eq!(kernel, *program.kernel());
        let layout = Layout::new(&kernel, &merchant);
        let mut counters = Counters::default();
        let mut batch = Batch::new(&program, &merchant, counters);
        let mut in_blocks = Batch::new(&kernel, &merchant, counters);
        for _ in 0..24 {
            let block = Block::any(&mut next, is_auction);
            let before = counters;
            let told = in_blocks.decide_block(&layout, &block.rows());
            blocks += 1;
            abreast += u32::from(told.is_some());
            for (four, lane) in (0..2).flat_map(|four| (0..4).map(move |lane| (four, lane))) {
                let (receipt, shopper) = block.row(four, lane, mechanism);
                let say = || format!("{receipt:?} {shopper:?} {merchant:?} {before:?} of {}", program.to_json());
                let award = decide(&program, &receipt, &shopper, &merchant, &counters).unwrap_or_else(|why| panic!("{why:?}: {}", say()));
                assert_eq!(batch.decide(&receipt, &shopper), Ok(Row::from(award)), "{}", say());
                counters.add(award.added());
                assert_eq!(batch.counters(), counters, "{}", say());
                *reasons.entry(award.reason().name()).or_default() += 1;
                match &told {
                    Some(told) => {
                        let word = u32::from(award.rate().bp()) | u32::from(award.reason().place()) << 16;
                        let told = (i64::from(told[four].values[lane]), told[four].rates_and_reasons[lane] & 0xFF_FFFF);
                        assert_eq!(told, (award.value().get(), word), "{}", say());
                    }
                    None => assert_eq!(in_blocks.decide(&receipt, &shopper), Ok(Row::from(award)), "{}", say()),
                }
            }
            assert_eq!(in_blocks.counters(), counters);
        }
    }
    println!("{} rows, {abreast} of {blocks} blocks side by side: {reasons:?}", blocks * 8);
    assert!(abreast * 2 > blocks, "{abreast} of {blocks} blocks ran side by side");
    let all = [
        "suspended",
        "not_active",
        "paused",
        "zero_amount",
        "not_eligible",
        "slot_held",
        "no_standby",
        "play_pending",
        "no_rate",
        "first_n",
        "budget_spent",
        "cover_short",
        "full",
        "standby",
        "intro",
        "first_n_standby",
        "first_n_first_column",
    ];
    for reason in all {
        assert!(reasons.contains_key(reason), "no receipt is {reason}: {reasons:?}");
    }
}
