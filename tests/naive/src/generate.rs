//! Programs, merchants and receipts that look random and are the same in every run.
//!
//! Numbers lie close together, so that limits are met exactly, missed by one and passed by one. Whoever tests a surface on
//! them takes the expected answers from this model.

use crate::money::MODES;
use serde_json::{Value, json};

/// Numbers that look random; the same seed gives the same ones on every machine.
pub struct Numbers {
    state: u64,
}

impl Numbers {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % end
    }

    /// One of a list.
    pub fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[usize::try_from(self.below(list.len() as u64)).expect("a place in memory")]
    }

    /// True once in so many calls.
    pub fn once_in(&mut self, calls: u64) -> bool {
        self.below(calls) == 0
    }

    /// A limit for each slot, of this list; 1 stands for no limit.
    fn limits(&mut self, list: &[i64]) -> Value {
        json!([(); 10].map(|()| self.of(list)).map(|limit| if limit == 1 { Value::Null } else { json!(limit) }))
    }
}

/// A program document of any settings that a column decides on.
pub fn program(next: &mut Numbers) -> Value {
    let is_auction = next.once_in(2);
    let mut program =
        json!({ "mechanism": if is_auction { "time_auction" } else { "stopwatch" }, "exclude_voucher_paid": !next.once_in(4) });
    let own = next.of(&[[0, 0, 100, 200, 250, 333, 999, 1_000, 9_999, 10_000], [700; 10], [0; 10], [10_000; 10]]);
    if next.once_in(4) {
        program["rates_bp"] = json!(own);
    } else {
        program["margin_class"] = json!("from_15");
        program["tier"] = json!(if is_auction { "platinum" } else { "pro" });
    }
    program["quota"] = match next.below(3) {
        0 if is_auction => json!([(); 10].map(|()| next.of(&[0, 1, 99_999, 150_000, 3_000_000_000_i64]))),
        _ => json!(next.below(300_000)),
    };
    if next.once_in(3) {
        let least = next.of(&[0, 1, 6, (1_i64 << 31) - 1, 1 << 31, 1 << 40]);
        program["eligibility"] = json!({ "who": "loyal", "min_purchases": least, "intro": next.once_in(2) });
    }
    program["paused"] = json!(next.once_in(40));
    if is_auction {
        program["held_slots"] = json!((1..=10).filter(|_| next.once_in(8)).collect::<Vec<i32>>());
        if next.once_in(2) {
            let then = next.of(&["standby", "nothing", "first_column"]);
            let places = [0, 1, 5, 20, 60];
            let n = if next.once_in(2) { json!(next.of(&places)) } else { next.limits(&places) };
            program["first_n"] = json!({ "n": n, "then": then });
        }
        if next.once_in(3) {
            program["budget"]["slot"] = next.limits(&[0, 1, 30_000, 400_000, 5_000_000_000]);
        }
    }
    if next.once_in(3) {
        program["budget"]["day"] = json!(next.of(&[0, 1, 100_000, 3_000_000, 9_000_000_000_i64]));
    }
    if next.once_in(2) {
        program["budget"]["short"] = json!("refuse");
    }
    if next.once_in(3) {
        program["receipt_cap"] = json!(next.of(&[0, 1, 700, 20_000, 4_000_000_000_i64]));
    }
    if next.once_in(2) {
        program["rounding"] = json!({ "unit": next.of(&[1, 10, 50, 100, 500, 1_000]), "mode": next.of(&MODES) });
    }
    if next.once_in(2) {
        let (mut from, mut rate) = (next.below(60_000), next.below(2) * 50);
        let steps: Vec<Value> = (0..1 + next.below(16))
            .map(|_| {
                (from, rate) = (from + 1 + next.below(90_000), rate + next.below(3) * 40);
                json!({ "from_points_milli": from, "rate_bp": rate })
            })
            .collect();
        program["standby"] = json!({ "steps": steps, "strict": next.once_in(2) });
    }
    if next.once_in(4) {
        program["min_cover_bp"] = json!(next.of(&[1, 5_000, 10_000, 30_000]));
    }
    program
}

/// A merchant of any standing, mostly a good one.
pub fn merchant(next: &mut Numbers) -> Value {
    json!({
        "suspended": next.once_in(40),
        "registered": next.once_in(40),
        "fund_balance": next.of(&[0, 100_000, 5_000_000, 8_000_000_000_000_000_i64]),
        "outstanding": next.of(&[0, 40_000, 5_000_000_000_i64]),
    })
}

/// A number at a limit, one below it or one above it.
fn near(next: &mut Numbers, limit: i64) -> i64 {
    (limit + next.of(&[-1, 0, 1])).max(0)
}

/// A receipt of a program whose column the host knows, and its shopper: often at the edge of what the program asks.
pub fn receipt(next: &mut Numbers, program: &Value) -> [Value; 2] {
    let is_auction = program["mechanism"] == "time_auction";
    let slot = 1 + next.below(10);
    let quota = &program["quota"];
    let quota = quota.get(usize::try_from(slot - 1).expect("a place")).unwrap_or(quota).as_i64().unwrap_or_default();
    let total = match next.below(8) {
        0 | 1 => near(next, quota),
        2 => next.of(&[0, 1, 2, 10, i64::from(i32::MAX), 3_000_000_000, 9_007_199_254]),
        _ => i64::try_from(next.below(400_000)).expect("small"),
    };
    let mut receipt = json!({ "total": total });
    if next.once_in(4) {
        receipt["paid_by_voucher"] = json!(next.of(&[total / 2, total, (total - 1).max(0)]));
    }
    match (is_auction, next.below(12)) {
        (true, _) => receipt["slot"] = json!(slot),
        (false, 0) => {}
        (false, _) => receipt["digit"] = json!(slot - 1),
    }
    let steps = &program["standby"]["steps"];
    let printed = next.of(&[50_000, 150_000, 300_000, 500_000, 700_000]);
    let step = steps.as_array().map_or(printed, |steps| {
        steps[usize::try_from(next.below(steps.len() as u64)).expect("a place")]["from_points_milli"].as_i64().unwrap_or_default()
    });
    let points = if next.once_in(3) { near(next, step) } else { i64::try_from(next.below(1_000_000)).expect("small") };
    let least = program["eligibility"]["min_purchases"].as_i64().unwrap_or(6);
    let purchases = if next.once_in(2) { near(next, least) } else { i64::try_from(next.below(12)).expect("small") };
    [receipt, json!({ "prior_points_milli": points, "purchases": purchases })]
}

/// The program with hours and days, and a receipt of it that tells its instant or was entered late.
pub fn with_instant(next: &mut Numbers, program: &Value) -> [Value; 3] {
    let mut program = program.clone();
    let is_auction = program["mechanism"] == "time_auction";
    if is_auction {
        program["window"] = json!({ "open": "08:00" });
    }
    if next.once_in(2) {
        program["from"] = json!("2025-03-01T09:00");
        program["until"] = json!("2025-03-01T17:00");
    }
    program["accept_noted_digit"] = json!(next.once_in(2));
    let [mut receipt, shopper] = self::receipt(next, &program);
    let (hour, minute) = (next.of(&[7, 8, 9, 12, 16, 17, 18]), next.of(&[0, 1, 59]));
    let at = |minute: i32, second: i32| format!("2025-03-01T{hour:02}:{minute:02}:{second:02}+07:00");
    let fields = receipt.as_object_mut().expect("a receipt");
    if is_auction {
        fields.remove("slot");
        fields.insert("at".into(), json!(at(minute, 0)));
    } else if next.once_in(2) {
        fields.remove("digit");
        let (countdown, off) = (next.of(&[14, 15, 20, 25, 26]), next.of(&[0, 0, 1, 2]));
        fields.insert(
            "claim".into(),
            json!({ "started_at": at(minute, 0), "countdown_s": countdown, "stopped_at": at(minute, countdown + off) }),
        );
    }
    fields.insert("late".into(), json!(next.once_in(2)));
    [program, receipt, shopper]
}

/// A paused program of a merchant who may be stopped as well, so that the first of several stops is looked for.
pub fn pause(next: &mut Numbers, program: &mut Value, merchant: &mut Value) {
    program["paused"] = json!(true);
    for stop in ["suspended", "registered"] {
        merchant[stop] = json!(next.once_in(2));
    }
}

/// Sets one limit of the program to what this receipt is worth, one less or one more, where it is worth something.
pub fn set_limit(next: &mut Numbers, program: &mut Value, merchant: &mut Value, [receipt, shopper]: &[Value; 2]) {
    let mut free = program.clone();
    let fields = free.as_object_mut().expect("a program");
    for limit in ["receipt_cap", "budget", "min_cover_bp"] {
        fields.remove(limit);
    }
    let award = crate::call("award.decide", &json!({ "program": free, "receipt": receipt, "shopper": shopper }));
    let Some(value) = award.ok().and_then(|award| award["value"].as_i64()).filter(|value| *value > 0) else { return };
    let limit = near(next, value);
    *program = free;
    match next.below(4) {
        0 => program["receipt_cap"] = json!(limit),
        1 => program["budget"] = json!({ "day": limit, "short": next.of(&["cut", "refuse"]) }),
        2 if program["mechanism"] == "time_auction" => program["budget"] = json!({ "slot": limit, "short": next.of(&["cut", "refuse"]) }),
        _ => {
            let outstanding = i64::try_from(next.below(1_000)).expect("small");
            program["min_cover_bp"] = json!(10_000);
            *merchant = json!({ "fund_balance": outstanding + limit, "outstanding": outstanding });
        }
    }
}
