//! Asking the library, and making requests out of random numbers.

#![allow(dead_code, reason = "each test uses a part of this module")]

pub mod model;

use std::cell::Cell;

use loyalty_naive::{preset, printed_tiers};
use loyalty_rules::funding::Bonus;
use loyalty_rules::quantity::Mode;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};

/// The largest number at the interface.
pub const MAX: i64 = 9_007_199_254_740_991;

/// The library's answer to a request as text.
pub fn ask_raw(op: &str, request: &[u8]) -> Value {
    let answer = loyalty_api::call(op, request);
    serde_json::from_slice(&answer).unwrap_or_else(|e| panic!("{op}: the answer is no JSON ({e}): {}", String::from_utf8_lossy(&answer)))
}

/// The library's answer to a request.
pub fn ask(op: &str, request: &Value) -> Value {
    ask_raw(op, request.to_string().as_bytes())
}

/// The kind of a refusal.
pub fn kind(answer: &Value) -> Option<&str> {
    answer.get("error").and_then(Value::as_str)
}

/// Fields that `wanted` states and `answer` has otherwise or not at all.
pub fn missing_from(answer: &Value, wanted: &Value) -> Vec<String> {
    if kind(answer).is_some() {
        return vec![format!("{wanted} wanted, refused: {answer}")];
    }
    let mut missing = Vec::new();
    for (field, value) in wanted.as_object().expect("an object of fields") {
        if answer.get(field) != Some(value) {
            missing.push(format!("{field}: {value} wanted, {} found", answer.get(field).unwrap_or(&Value::Null)));
        }
    }
    missing
}

/// Random choices; an exhausted tape goes on choosing the first and simplest,
/// which is where a failing case shrinks to.
pub struct Tape {
    numbers: Vec<u32>,
    at: usize,
}

impl Tape {
    pub fn new(numbers: Vec<u32>) -> Self {
        Self { numbers, at: 0 }
    }

    fn next(&mut self) -> u32 {
        let number = self.numbers.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        number
    }

    /// 0 … count − 1.
    pub fn pick(&mut self, count: usize) -> usize {
        self.next() as usize % count
    }

    pub fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.pick(choices.len())].clone()
    }

    /// True once in `count` times, and never on an exhausted tape.
    pub fn once_in(&mut self, count: usize) -> bool {
        self.pick(count) == count - 1
    }

    /// An amount, with a taste for edges.
    pub fn amount(&mut self) -> i64 {
        match self.pick(8) {
            0 => self.of(&[1000, 0, 1, 2, 16, 17, 99, 100, 101, 999, 1001, 9999]),
            1 => self.of(&[100_000, 99_999, 100_001, 199_999, 200_000, 250_000, 500_000]),
            2 => self.of(&[MAX, MAX - 1, MAX / 2, MAX / 2 + 1, MAX / 1000, MAX / 1000 + 1, 1 << 32, 1 << 31]),
            3 | 4 => i64::from(self.next() % 2000),
            5 | 6 => i64::from(self.next() % 1_000_000),
            _ => (i64::from(self.next()) << 21 | i64::from(self.next() >> 11)) & MAX,
        }
    }

    /// An amount that is seldom huge.
    pub fn everyday(&mut self) -> i64 {
        let amount = self.amount();
        if amount > 10_000_000 && !self.once_in(4) { amount % 1_000_000 } else { amount }
    }

    pub fn signed(&mut self) -> i64 {
        let amount = self.amount();
        if self.once_in(3) { -amount } else { amount }
    }

    pub fn rate(&mut self) -> i64 {
        match self.pick(3) {
            0 => self.of(&[350, 0, 1, 50, 100, 1000, 2000, 3000, 9999, 10_000]),
            1 => i64::from(self.next() % 1500),
            _ => i64::from(self.next() % 10_001),
        }
    }

    pub fn flag(&mut self) -> bool {
        self.once_in(2)
    }
}

/// Runs a property on random tapes, as many as `PROPTEST_CASES` says.
pub fn for_tapes(property: impl Fn(&mut Tape) -> Result<(), String>) {
    for_tapes_of(256, property);
}

/// The same with tapes of up to so many numbers, for properties that choose a lot.
pub fn for_tapes_of(numbers: usize, property: impl Fn(&mut Tape) -> Result<(), String>) {
    run(Config::default().cases, numbers, property);
}

/// The same on one tape in so many, for properties that take long.
pub fn for_one_tape_in(share: u32, property: impl Fn(&mut Tape) -> Result<(), String>) {
    run(Config::default().cases.div_ceil(share), 256, property);
}

fn run(cases: u32, numbers: usize, property: impl Fn(&mut Tape) -> Result<(), String>) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4096, ..Config::default() };
    let (cases, failed_at) = (Cell::new(0), Cell::new(None));
    let outcome = TestRunner::new(config).run(&vec(any::<u32>(), 0..numbers), |numbers| {
        cases.set(cases.get() + 1);
        property(&mut Tape::new(numbers)).map_err(|law| {
            // Shrinking fails again and again.
            failed_at.set(failed_at.get().or(Some(cases.get())));
            TestCaseError::fail(law)
        })
    });
    if let Err(failure) = outcome {
        panic!("case {}: {failure}", failed_at.get().unwrap_or_default());
    }
}

/// A law over an answer; a refused request has none to tell about.
pub fn law(op: &'static str, make: impl Fn(&mut Tape) -> Value, holds: impl Fn(&Value, &Value) -> Result<(), String>) {
    for_tapes(|tape| {
        let request = make(tape);
        let answer = ask(op, &request);
        if kind(&answer).is_some() {
            return Ok(());
        }
        holds(&request, &answer).map_err(|fault| format!("{fault}\n  {request}\n  {answer}"))
    });
}

pub fn whole(value: &Value) -> i128 {
    i128::from(value.as_i64().unwrap_or_else(|| panic!("{value} is no whole number")))
}

pub fn sum(values: &Value) -> i128 {
    values.as_array().unwrap().iter().map(whole).sum()
}

pub fn total<'a>(values: impl Iterator<Item = &'a Value>) -> i128 {
    values.map(whole).sum()
}

pub fn ensure(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_string()) }
}

/// Adds a field now and then.
pub fn maybe(tape: &mut Tape, object: &mut Value, once_in: usize, field: &str, make: impl FnOnce(&mut Tape) -> Value) {
    if tape.once_in(once_in) {
        object[field] = make(tape);
    }
}

/// The fields of a table of either mechanism.
pub fn table(tape: &mut Tape, stopwatch: bool) -> Value {
    let mechanism = if stopwatch { "stopwatch" } else { "time_auction" };
    if tape.once_in(3) {
        let falling = tape.once_in(4);
        let mut rates: Vec<i64> = (0..10).map(|_| tape.rate()).collect();
        if !falling {
            rates.sort_unstable();
        }
        let mut table = json!({ "mechanism": mechanism, "rates_bp": rates });
        if falling {
            table["allow_falling"] = json!(true);
        }
        return table;
    }
    let upper = tape.flag();
    let class = if upper { "from_15" } else { "below_15" };
    let mut table = json!({ "mechanism": mechanism, "margin_class": class });
    let edition = if stopwatch { "" } else { tape.of(&["", "recommended", "two", "one"]) };
    if !edition.is_empty() {
        table["edition"] = json!(edition);
    }
    let of = if stopwatch || !edition.is_empty() { edition } else { "recommended" };
    let tiers = printed_tiers(stopwatch, of, class);
    table["tier"] = json!(tape.of(&tiers));
    table
}

/// The names of every rounding.
pub fn modes() -> Vec<&'static str> {
    Mode::ALL.iter().map(|mode| mode.name()).collect()
}

/// The names of every bonus.
pub fn bonuses() -> Vec<&'static str> {
    Bonus::ALL.iter().map(|bonus| bonus.name()).collect()
}

pub fn rounding(tape: &mut Tape) -> Value {
    let mut rounding = json!({});
    maybe(tape, &mut rounding, 2, "unit", |t| json!(t.of(&[1, 10, 50, 100, 500, 1000])));
    maybe(tape, &mut rounding, 2, "mode", |t| json!(t.of(&modes())));
    rounding
}

fn decimals(tape: &mut Tape) -> String {
    match tape.pick(6) {
        0..=2 => String::new(),
        3 => ".999999999".to_string(),
        4 => ".000000001".to_string(),
        _ => {
            let digits = 1 + tape.pick(9);
            let number = format!("{:09}", tape.pick(1_000_000_000));
            format!(".{}", &number[..digits])
        }
    }
}

/// A time in the given offset, its day near an edge of some kind.
pub fn moment(tape: &mut Tape) -> String {
    let date = tape.of(&["2025-03-01", "2024-02-29", "2024-12-31", "2025-01-01", "2000-02-29", "1999-12-31", "2016-12-31"]);
    let offset = tape.of(&["+07:00", "+08:00", "+09:00", "-03:30", "+00:00", "-00:00", "+23:59", "-23:59"]);
    let hour = tape.of(&[8, 0, 5, 6, 7, 9, 10, 12, 17, 18, 21, 22, 23, 20, 15]);
    let minute = tape.of(&[0, 59, 47, 48, 24, 30, 23, 36, 12]);
    let second = tape.of(&[0, 59, 60, 1, 29, 30, 7, 14, 58]);
    format!("{date}T{hour:02}:{minute:02}:{second:02}{}{offset}", decimals(tape))
}

pub fn time_of_day(tape: &mut Tape) -> String {
    let hour = tape.of(&[8, 0, 6, 22, 20, 23, 18, 12]);
    let minute = tape.of(&[0, 59, 30, 48, 24]);
    if tape.once_in(3) { format!("{hour:02}:{minute:02}:{:02}", tape.of(&[0, 59, 1, 7, 30])) } else { format!("{hour:02}:{minute:02}") }
}

/// A window that reads well; ten times in eleven it opens by `open`.
pub fn window(tape: &mut Tape) -> Value {
    if tape.once_in(4) {
        let start = tape.pick(86_400) as i64;
        let mut at = start;
        let whole_day = tape.once_in(4);
        let mut boundaries = vec![clock(start)];
        for k in 1..=10 {
            let step = 1 + tape.pick(8_640) as i64;
            at = if k == 10 && whole_day { start + 86_400 } else { at + step };
            boundaries.push(clock(at % 86_400));
        }
        return json!({ "boundaries": boundaries });
    }
    let open = time_of_day(tape);
    match tape.pick(4) {
        0 => json!({ "open": open }),
        1 => json!({ "open": open, "close": open }),
        _ => json!({ "open": open, "close": time_of_day(tape) }),
    }
}

pub fn clock(second: i64) -> String {
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    if second == 0 { format!("{hour:02}:{minute:02}") } else { format!("{hour:02}:{minute:02}:{second:02}") }
}

pub fn standby(tape: &mut Tape) -> Value {
    let mut standby = json!({});
    maybe(tape, &mut standby, 3, "strict", |t| json!(t.flag()));
    maybe(tape, &mut standby, 2, "steps", |t| {
        let most = if t.once_in(4) { 16 } else { 4 };
        let count = 1 + t.pick(most);
        let mut from = t.pick(3) as i64;
        let mut rate = t.pick(3) as i64;
        let mut steps = Vec::new();
        for _ in 0..count {
            steps.push(json!({ "from_points_milli": from, "rate_bp": rate }));
            from += 1 + t.pick(200_000) as i64;
            rate = (rate + t.pick(120) as i64).min(10_000);
        }
        json!(steps)
    });
    standby
}

/// Thousandths of points, with a taste for the printed thresholds.
pub fn points(tape: &mut Tape) -> i64 {
    if tape.once_in(8) {
        return tape.amount();
    }
    let threshold = tape.of(&[0, 50_000, 150_000, 300_000, 500_000, 700_000]);
    (threshold + tape.of(&[0, -1, 1, 999])).max(0)
}

/// Shares in one of their forms, and how many parties they name.
pub fn shares(tape: &mut Tape) -> (Value, usize) {
    match tape.pick(3) {
        0 => {
            let presets: Vec<&str> = bonuses().into_iter().filter(|bonus| preset(bonus).is_some()).collect();
            (json!({ "preset": tape.of(&presets) }), 3)
        }
        1 => {
            let count = 1 + tape.pick(6);
            let mut left = 10_000;
            let mut list = Vec::new();
            for k in 0..count {
                let share = if k + 1 == count { left } else { tape.pick(left + 1) };
                left -= share;
                list.push(share);
            }
            (json!({ "shares_bp": list }), count)
        }
        _ => {
            let count = 1 + tape.pick(6);
            let mut list: Vec<u32> = (0..count).map(|_| tape.of(&[1, 3, 0, 2, u32::MAX, 7, 1000])).collect();
            if list.iter().all(|weight| *weight == 0) {
                list[0] = 1;
            }
            (json!({ "weights": list }), count)
        }
    }
}

pub fn claim(tape: &mut Tape) -> Value {
    let countdown = tape.of(&[20, 15, 25, 14, 26, 16, 0, -1]);
    let start_second = tape.of(&[0, 14, 39, 40, 41]);
    let stop = start_second + countdown + tape.of(&[0, 1, -1, 2]);
    let stop = stop.clamp(0, 119);
    // The 60th second may be written in either minute.
    let (minute, second) = if stop >= 60 && !(stop == 60 && tape.flag()) { (22, stop - 60) } else { (21, stop) };
    json!({
        "started_at": format!("2025-03-01T14:21:{start_second:02}{}+07:00", decimals(tape)),
        "countdown_s": countdown,
        "stopped_at": format!("2025-03-01T14:{minute}:{second:02}{}+07:00", decimals(tape)),
    })
}

/// One limit for every slot, or ten of which some are none.
fn by_slot(tape: &mut Tape, mut limit: impl FnMut(&mut Tape) -> i64) -> Value {
    if tape.flag() {
        return json!(limit(tape));
    }
    json!((0..10).map(|_| if tape.once_in(3) { Value::Null } else { json!(limit(tape)) }).collect::<Vec<_>>())
}

/// A program, and whether it is a stopwatch's.
pub fn program(tape: &mut Tape) -> (Value, bool) {
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
            maybe(t, &mut budget, 2, "slot", |t| by_slot(t, |t| t.everyday()));
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
            let mut first = json!({ "n": by_slot(t, |t| t.of(&[1, 0, 2, 10])) });
            maybe(t, &mut first, 2, "then", |t| json!(t.of(&["standby", "nothing", "first_column"])));
            first
        });
    }
    maybe(tape, p, 12, "paused", |t| json!(t.flag()));
    maybe(tape, p, 4, "accept_noted_digit", |t| json!(t.flag()));
    maybe(tape, p, 4, "utc_offset", |t| json!(t.of(&["+07:00", "+09:00", "-23:59", "+23:59", "+00:00"])));
    maybe(tape, p, 8, "from", |t| json!(t.of(&["2025-03-01", "2025-03-01T14:22", "2025-03-01T08:00"])));
    maybe(tape, p, 8, "until", |t| json!(t.of(&["2026-03-01", "2025-03-02", "2025-03-01T14:22:15"])));
    if tape.once_in(4) {
        carried(tape, p, stopwatch);
    }
    (program, stopwatch)
}

/// Settings that a decision only checks.
pub fn carried(tape: &mut Tape, p: &mut Value, stopwatch: bool) {
    maybe(tape, p, 3, "schema", |_| json!(1));
    maybe(tape, p, 3, "id", |t| json!(t.of(&["pasar", "é", "p"])));
    maybe(tape, p, 3, "version", |t| json!(1 + t.everyday()));
    maybe(tape, p, 3, "from", |t| json!(t.of(&["2025-01-01", "2025-01-01T08:00", "2024-02-29T23:59:59"])));
    maybe(tape, p, 3, "until", |t| json!(t.of(&["2026-01-01", "2025-01-02T08:00", "2025-01-01T08:00:01"])));
    maybe(tape, p, 3, "utc_offset", |t| json!(t.of(&["+07:00", "-23:59", "+00:00"])));
    maybe(tape, p, 3, "below_quota", |t| json!(t.of(&["keep", "standby"])));
    maybe(tape, p, 3, "give_back", |t| json!(t.flag()));
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
    let payers = ["shares_bp", "weights"].into_iter().find_map(|form| Some(p["funding"][form].as_array()?.len()));
    if let (Some(payers), true) = (payers, tape.once_in(3)) {
        p["parties"] = json!((0..payers).map(|party| format!("party {party}")).collect::<Vec<_>>());
    }
    maybe(tape, p, 4, "bonus", |t| json!(t.of(&bonuses())));
    maybe(tape, p, 4, "ceiling_bp", |t| json!(t.rate()));
    if stopwatch && tape.once_in(3) {
        p["draw"] = json!({ "kind": "hardened", "key_id": "2025-03-01" });
        p[tape.of(&["permit", "waiver"])] = json!("UGB 12/2025");
    }
}

/// A receipt of a program, which may get the window that the receipt needs.
pub fn receipt(tape: &mut Tape, program: &mut Value, stopwatch: bool) -> Value {
    let total = tape.everyday();
    let mut receipt = json!({ "total": total });
    maybe(tape, &mut receipt, 4, "paid_by_voucher", |t| json!(t.amount() % (total + 1)));
    maybe(tape, &mut receipt, 4, "late", |t| json!(!t.once_in(4)));
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
    receipt
}

/// A request of `award.decide`.
pub fn award_request(tape: &mut Tape) -> Value {
    let (mut program, stopwatch) = program(tape);
    let mut receipt = receipt(tape, &mut program, stopwatch);
    if tape.once_in(4) {
        pick_nothing(tape, &mut program, &mut receipt);
    }
    let mut request = json!({ "program": program, "receipt": receipt });
    surroundings(tape, &mut request);
    request
}

/// Makes it a program of one rate or of points, and leaves out what columns alone have; now and then something stays and is
/// refused.
fn pick_nothing(tape: &mut Tape, program: &mut Value, receipt: &mut Value) {
    let is_flat = tape.flag();
    let fields = program.as_object_mut().expect("a program");
    for field in ["edition", "margin_class", "tier", "rates_bp", "allow_falling", "held_slots", "first_n", "draw", "permit", "waiver"] {
        if !tape.once_in(64) {
            fields.remove(field);
        }
    }
    if fields.get("quota").is_some_and(Value::is_array) {
        fields.insert("quota".into(), json!(tape.of(&[1000, 999, 0])));
    }
    if let Some(budget) = fields.get_mut("budget").and_then(Value::as_object_mut) {
        budget.remove("slot");
    }
    if is_flat {
        program["mechanism"] = json!("flat");
        program["rate_bp"] = json!(tape.rate());
    } else {
        program["mechanism"] = json!("points");
        program["points"] = points_terms(tape);
        if !tape.once_in(16) {
            let fields = program.as_object_mut().expect("a program");
            fields.remove("make_up_minutes");
            drop(fields.get_mut("eligibility").and_then(Value::as_object_mut).and_then(|eligibility| eligibility.remove("intro")));
        }
    }
    let fields = receipt.as_object_mut().expect("a receipt");
    for field in ["digit", "claim", "slot"] {
        if !tape.once_in(64) {
            fields.remove(field);
        }
    }
    maybe(tape, receipt, 3, "at", |t| json!(moment(t)));
}

/// The terms of a basic points program.
fn points_terms(tape: &mut Tape) -> Value {
    let mut terms = json!({ "per": tape.of(&[1000, 1, 999, 10_000]) });
    let p = &mut terms;
    maybe(tape, p, 3, "points_per_step_milli", |t| json!(t.of(&[1000, 500, 1, 0, 3001])));
    maybe(tape, p, 2, "rest", |t| json!(t.of(&["carry", "drop"])));
    maybe(tape, p, 3, "multipliers_milli", |t| json!((0..t.pick(4)).map(|_| t.of(&[2000, 1500, 1000, 0, 333])).collect::<Vec<_>>()));
    maybe(tape, p, 3, "stack", |t| json!(t.flag()));
    maybe(tape, p, 3, "flat_milli", |t| json!((0..t.pick(3)).map(|_| t.of(&[5000, 0, 1])).collect::<Vec<_>>()));
    maybe(tape, p, 4, "min_purchase", |t| json!(t.of(&[1000, 0, 999, 1001])));
    terms
}

/// Refunds of a base, now and then more than is left.
pub fn refunds(tape: &mut Tape, base: i64) -> Vec<i64> {
    let mut left = base;
    (0..tape.pick(5))
        .map(|_| {
            let refund = if tape.once_in(5) { left } else { tape.amount() % (left / 2 + 2) };
            left = (left - refund).max(0);
            refund
        })
        .collect()
}

/// A receipt's award, and refunds of it.
pub fn decided_request(tape: &mut Tape) -> Value {
    let mut request = award_request(tape);
    request["program"]["below_quota"] = json!(tape.of(&["standby", "keep"]));
    let total = request["receipt"]["total"].as_i64().unwrap_or_default();
    request["refunds"] = json!(refunds(tape, total));
    request
}

/// The shop's two programs, which agree on what looks at the whole receipt.
pub fn two_programs(tape: &mut Tape) -> [Value; 2] {
    let mut shared = json!({});
    let s = &mut shared;
    maybe(tape, s, 2, "quota", |t| json!(t.of(&[1000, 0, 999, 1001, 100_000])));
    maybe(tape, s, 6, "exclude_voucher_paid", |t| json!(t.flag()));
    maybe(tape, s, 4, "min_cover_bp", |t| json!(t.of(&[10_000, 0, 1, 9999, 20_000])));
    maybe(tape, s, 3, "receipt_cap", |t| json!(t.everyday()));
    maybe(tape, s, 4, "rounding", rounding);
    maybe(tape, s, 6, "point_value", |t| json!(1 + t.everyday()));
    maybe(tape, s, 4, "standby", standby);
    maybe(tape, s, 3, "funding", |t| shares(t).0);
    maybe(tape, s, 4, "eligibility", |t| json!({ "who": "loyal", "min_purchases": t.of(&[6, 0, 1]), "intro": t.flag() }));
    maybe(tape, s, 2, "budget", |t| {
        let mut budget = json!({});
        maybe(t, &mut budget, 2, "day", |t| json!(t.everyday()));
        maybe(t, &mut budget, 3, "short", |t| json!(t.of(&["cut", "refuse"])));
        budget
    });
    maybe(tape, s, 16, "paused", |t| json!(t.flag()));
    [false, true].map(|stopwatch| {
        let mut program = table(tape, stopwatch);
        for (field, value) in shared.as_object().unwrap() {
            program[field] = value.clone();
        }
        let p = &mut program;
        maybe(tape, p, 10, "until", |t| json!(t.of(&["2025-03-02", "2025-03-01T14:22", "2024-12-31"])));
        if stopwatch {
            maybe(tape, p, 6, "tolerance_ms", |t| json!(t.of(&[1000, 0, 1, 2500])));
            maybe(tape, p, 4, "accept_noted_digit", |t| json!(t.flag()));
        } else {
            if tape.once_in(3) {
                if p.get("budget").is_none() {
                    p["budget"] = json!({});
                }
                p["budget"]["slot"] = by_slot(tape, |t| t.everyday());
            }
            maybe(tape, p, 6, "held_slots", |t| json!([1 + t.pick(10), 1 + t.pick(10)]));
            maybe(tape, p, 3, "first_n", |t| {
                let mut first = json!({ "n": by_slot(t, |t| t.of(&[1, 0, 2, 10])) });
                maybe(t, &mut first, 2, "then", |t| json!(t.of(&["standby", "nothing", "first_column"])));
                first
            });
        }
        // What need not be said, and is said by one of the two.
        maybe(tape, p, 8, "quota", |_| shared.get("quota").cloned().unwrap_or(json!(0)));
        maybe(tape, p, 8, "rounding", |_| shared.get("rounding").cloned().unwrap_or(json!({ "unit": 1, "mode": "down" })));
        maybe(tape, p, 8, "eligibility", |_| shared.get("eligibility").cloned().unwrap_or(json!({ "min_purchases": 3 })));
        program
    })
}

/// A request of `award.mixed` under two programs.
pub fn mixed_request(tape: &mut Tape) -> Value {
    let [mut auction, mut stopwatch] = two_programs(tape);
    if tape.once_in(8) {
        // Slots of 0 %, before what latecomers get.
        for field in ["margin_class", "tier", "edition"] {
            drop(auction.as_object_mut().and_then(|document| document.remove(field)));
        }
        auction["rates_bp"] = json!([0, 0, 0, 0, 0, 100, 200, 300, 400, 500]);
        auction["first_n"] = json!({ "n": tape.of(&[0, 1]) });
    }
    // Now and then the two disagree.
    if tape.once_in(16) {
        let (field, value) = tape.of(&[
            ("quota", json!(7)),
            ("quota", json!([0, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
            ("exclude_voucher_paid", json!(false)),
            ("min_cover_bp", json!(5)),
            ("eligibility", json!({ "who": "loyal", "min_purchases": 2 })),
            ("paused", json!(true)),
            ("standby", json!({ "strict": true })),
            ("rounding", json!({ "unit": 50 })),
            ("receipt_cap", json!(3)),
            ("budget", json!({ "day": 5 })),
            ("budget", json!({ "short": "refuse" })),
            ("point_value", json!(999)),
            ("funding", json!({ "preset": "BN-2" })),
        ]);
        let program = if tape.flag() { &mut auction } else { &mut stopwatch };
        program[field] = value;
    }
    let mut receipt = json!({});
    let r = &mut receipt;
    let total = if tape.once_in(3) {
        auction["goods_split"] = json!({ "dated_skus": tape.of(&[vec!["SUSU", "ROTI"], vec![], vec!["susu"]]) });
        let count = tape.pick(5);
        let lines: Vec<Value> =
            (0..count).map(|_| json!({ "sku": tape.of(&["SUSU", "SABUN", "ROTI", "susu", ""]), "amount": tape.everyday() })).collect();
        let total = lines.iter().map(|line| line["amount"].as_i64().unwrap()).sum::<i64>();
        r["lines"] = json!(lines);
        total
    } else {
        let (dated, mut undated) = (tape.everyday(), tape.everyday());
        // The whole receipt at the quota.
        if let Some(rest) = auction["quota"].as_i64().map(|quota| quota - dated).filter(|rest| *rest >= 0 && tape.once_in(6)) {
            undated = rest;
        }
        r["dated"] = json!(dated);
        r["undated"] = json!(undated);
        dated + undated
    };
    maybe(tape, r, 4, "paid_by_voucher", |t| json!(t.amount() % (total.min(MAX - 1) + 1)));
    maybe(tape, r, 4, "late", |t| json!(!t.once_in(4)));
    match tape.pick(4) {
        0..=1 => r["digit"] = json!(tape.pick(10)),
        2 => r["claim"] = claim(tape),
        _ => {}
    }
    if tape.flag() {
        r["at"] = json!(moment(tape));
        auction["window"] = window(tape);
    } else {
        r["slot"] = json!(1 + tape.pick(10));
    }
    let mut request = json!({ "time_auction": auction, "stopwatch": stopwatch, "receipt": receipt });
    surroundings(tape, &mut request);
    request
}

/// Shopper, merchant and counters.
pub fn surroundings(tape: &mut Tape, r: &mut Value) {
    maybe(
        tape,
        r,
        2,
        "shopper",
        |t| json!({ "prior_points_milli": points(t), "purchases": t.of(&[0, 5, 6, 1]), "carried": t.of(&[0, 0, 1, 999]) }),
    );
    maybe(tape, r, 3, "merchant", |t| {
        json!({
            "suspended": t.once_in(12),
            "registered": t.once_in(12),
            "fund_balance": t.everyday(),
            "outstanding": t.everyday(),
        })
    });
    let has_slots = r["program"]["mechanism"] == "time_auction";
    maybe(tape, r, 2, "counters", |t| {
        let mut counters = json!({ "released_today": t.everyday() });
        if has_slots || t.once_in(16) {
            maybe(t, &mut counters, 2, "awards_by_slot", |t| json!([(); 10].map(|()| t.of(&[0, 1, 2, 9, 10]))));
            maybe(t, &mut counters, 2, "released_by_slot", |t| json!([(); 10].map(|()| t.everyday())));
        }
        maybe(t, &mut counters, 2, "day", |t| json!(t.of(&["2025-03-01", "2025-02-28", "2024-02-28", "2024-12-31"])));
        counters
    });
}

/// A request of `award.decide` under a program with offers.
pub fn goods_request(tape: &mut Tape) -> Value {
    let [auction, stopwatch] = two_programs(tape);
    let own = tape.pick(5);
    let of_mechanism = |tape: &mut Tape, place: usize| match place {
        0 => table(tape, false),
        1 | 2 => table(tape, true),
        3 => json!({ "mechanism": "flat", "rate_bp": tape.rate() }),
        _ => json!({ "mechanism": "points", "points": points_terms(tape) }),
    };
    let mut program = if tape.flag() { auction } else { stopwatch };
    let fields = program.as_object_mut().expect("a program");
    for field in ["mechanism", "edition", "margin_class", "tier", "rates_bp", "allow_falling"] {
        fields.remove(field);
    }
    for (field, value) in of_mechanism(tape, own).as_object().expect("a table") {
        fields.insert(field.clone(), value.clone());
    }
    let count = 1 + tape.pick(4);
    let mut offers: Vec<Value> = (0..count)
        .map(|_| {
            let mut offer = match tape.pick(8) {
                0 => json!({ "exclude": true }),
                1 => json!({ "multiplier_milli": tape.of(&[2000, 1000, 3000, 500, 1, 0]) }),
                place => of_mechanism(tape, place - 2),
            };
            let o = &mut offer;
            maybe(tape, o, 2, "skus", |t| json!(t.of(&[vec!["SUSU"], vec!["SABUN", "ROTI"], vec!["ROTI"]])));
            maybe(tape, o, 3, "classes", |t| json!(t.of(&[vec!["rokok"], vec!["sayur", "buah"], vec!["rokok", "rokok"]])));
            maybe(tape, o, 4, "dated", |t| json!(t.flag()));
            maybe(tape, o, 3, "when", |t| when(t, 0));
            maybe(tape, o, 3, "id", |t| json!(t.of(&["a", "b", "c", "d", "e"])));
            offer
        })
        .collect();
    // At most one carries, as a rule.
    let mut carries = program["points"]["rest"] == "carry";
    for offer in &mut offers {
        if offer["points"]["rest"] == "carry" {
            if carries && !tape.once_in(8) {
                offer["points"]["rest"] = json!("drop");
            }
            carries = true;
        }
    }
    let has = |mechanism: &str| offers.iter().chain([&program]).any(|offer| offer["mechanism"] == mechanism);
    let (has_auction, has_stopwatch) = (has("time_auction"), has("stopwatch"));
    if !has_auction && !tape.once_in(16) {
        let fields = program.as_object_mut().expect("a program");
        for field in ["held_slots", "first_n"] {
            fields.remove(field);
        }
        if let Some(budget) = fields.get_mut("budget").and_then(Value::as_object_mut) {
            budget.remove("slot");
        }
    }
    let has_points = offers.iter().chain([&program]).any(|offer| offer["mechanism"] == "points");
    if has_points && !tape.once_in(16) {
        let eligibility = program.as_object_mut().and_then(|fields| fields.get_mut("eligibility")).and_then(Value::as_object_mut);
        drop(eligibility.and_then(|eligibility| eligibility.remove("intro")));
    }
    program["offers"] = json!(offers);
    maybe(tape, &mut program, 3, "goods_split", |_| json!({ "dated_skus": ["SUSU", "ROTI"] }));
    if !tape.once_in(3) {
        program["window"] = window(tape);
    }

    let mut receipt = json!({});
    let lines: Vec<Value> = (0..tape.pick(6))
        .map(|_| {
            let mut line = json!({ "sku": tape.of(&["SUSU", "SABUN", "ROTI", "susu", "TOMAT"]), "price": tape.everyday() });
            let l = &mut line;
            let weight = tape.of(&[1000, 1255, 1, 2750]);
            *l = if tape.flag() { with(l, "quantity", json!(1 + tape.pick(3))) } else { with(l, "quantity_milli", json!(weight)) };
            maybe(tape, l, 2, "class", |t| json!(t.of(&["rokok", "sayur", "buah", "lain"])));
            maybe(tape, l, 4, "dated", |t| json!(t.flag()));
            line
        })
        .collect();
    let most: i64 = lines.iter().map(|line| line["price"].as_i64().unwrap_or_default()).sum();
    receipt["lines"] = json!(lines);
    let r = &mut receipt;
    maybe(tape, r, 4, "paid_by_voucher", |t| json!(t.amount() % (most.min(MAX - 1) + 1)));
    maybe(tape, r, 4, "late", |t| json!(!t.once_in(4)));
    if has_stopwatch || tape.once_in(16) {
        match tape.pick(4) {
            0..=1 => r["digit"] = json!(tape.pick(10)),
            2 => r["claim"] = claim(tape),
            _ => {}
        }
    }
    match tape.pick(5) {
        0..=2 => r["at"] = json!(moment(tape)),
        3 if has_auction || tape.once_in(8) => r["slot"] = json!(1 + tape.pick(10)),
        _ => {}
    }
    let mut request = json!({ "program": program, "receipt": receipt });
    surroundings(tape, &mut request);
    request
}

/// Returns of a receipt's lines, now and then more than is left, or an amount.
pub fn returns(tape: &mut Tape, request: &mut Value) {
    let lines = request["receipt"]["lines"].as_array().cloned().unwrap_or_default();
    let mut left: Vec<(&str, i64)> = Vec::new();
    for line in &lines {
        let unit = if line.get("quantity").is_some() { "quantity" } else { "quantity_milli" };
        left.push((unit, line[unit].as_i64().unwrap_or_default()));
    }
    let mut refunds = Vec::new();
    for _ in 0..tape.pick(4) {
        let mut parts = Vec::new();
        for (place, (unit, rest)) in left.iter_mut().enumerate() {
            if tape.flag() && (*rest > 0 || tape.once_in(16)) {
                let back = if tape.flag() { (*rest).max(1) } else { 1 + tape.amount() % (*rest).max(1) };
                *rest = (*rest - back).max(0);
                parts.push(json!({ "line": if tape.once_in(64) { 9 } else { place }, *unit: back }));
            }
        }
        refunds.push(if tape.once_in(32) { json!(1000) } else { json!({ "lines": parts }) });
    }
    request["refunds"] = json!(refunds);
    for line in request["receipt"]["lines"].as_array_mut().into_iter().flatten() {
        maybe(tape, line, 4, "discount", |t| json!(t.of(&[0, 1, 7])));
    }
}

fn with(object: &Value, field: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[field] = value;
    object
}

/// What a receipt must be like for an offer.
fn when(tape: &mut Tape, level: usize) -> Value {
    let parts = |tape: &mut Tape| -> Vec<Value> { (0..tape.pick(3)).map(|_| when(tape, level + 1)).collect() };
    match tape.pick(if level < 3 { 11 } else { 8 }) {
        0 => {
            json!({ "weekdays": tape.of(&[vec!["saturday", "sunday"], vec!["monday"], vec![], vec!["friday", "thursday", "tuesday", "wednesday"]]) })
        }
        1 => json!({ "dates": tape.of(&[vec!["2025-03-01"], vec!["2025-03-02", "2025-12-25"], vec![]]) }),
        2 => {
            json!({ "period": tape.of(&[json!({}), json!({ "from": "2025-03-01T12:00" }), json!({ "from": "2025-01-01", "until": "2025-03-02" })]) })
        }
        3 => {
            json!({ "hours": tape.of(&[json!({ "from": "08:00", "until": "17:00" }), json!({ "from": "22:00", "until": "06:30" }), json!({ "from": "12:00", "until": "12:00" })]) })
        }
        4 => json!({ "slots": tape.of(&[vec![1, 2, 3], vec![10], vec![], vec![5, 6, 7, 8, 9]]) }),
        5 => json!({ "min_purchases": tape.of(&[0, 1, 6]) }),
        6 => json!({ "min_points_milli": points(tape) }),
        7 => json!({ "min_total": tape.everyday() }),
        8 => json!({ "not": when(tape, level + 1) }),
        9 => json!({ "all": parts(tape) }),
        _ => json!({ "any": parts(tape) }),
    }
}
