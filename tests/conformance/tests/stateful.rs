//! Any sequence of steps, late, repeated, reordered, wrongly clocked and written in other offsets, beside the plain books
//! of a host: sums of what was answered. After every step the books must agree with the library, and no limit is passed.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Tape, ask, ensure, for_tapes, for_tapes_of, kind, maybe, sum, total, whole};
use serde_json::{Value, json};

// Instants: minutes since 2025-02-01T00:00 in the shop's own offset, +07:00.

const DAY: i64 = 1440;
const OFFSETS: [(&str, i64); 6] = [("+07:00", 420), ("Z", 0), ("+09:00", 540), ("-03:30", -210), ("+00:00", 0), ("+13:45", 825)];

fn date(day: i64) -> String {
    match day {
        ..28 => format!("2025-02-{:02}", day + 1),
        28..59 => format!("2025-03-{:02}", day - 27),
        _ => format!("2025-04-{:02}", day - 58),
    }
}

fn written(minute: i64, second: i64, (offset, east): (&str, i64)) -> String {
    let there = minute - 420 + east;
    let (day, of_day) = (there.div_euclid(DAY), there.rem_euclid(DAY));
    format!("{}T{:02}:{:02}:{second:02}{offset}", date(day), of_day / 60, of_day % 60)
}

fn month(minute: i64) -> String {
    date(minute.div_euclid(DAY))[..7].to_string()
}

/// Asks what must not be refused.
fn answered(op: &str, request: &Value) -> Result<Value, String> {
    let answer = ask(op, request);
    ensure(kind(&answer).is_none(), &format!("{op} refuses {request}\n  {answer}"))?;
    Ok(answer)
}

fn told(law: &str, request: &Value, answer: &Value) -> String {
    format!("{law}\n  {request}\n  {answer}")
}

/// An optional field's number, 0 if absent.
fn number(value: &Value) -> i128 {
    value.as_i64().unwrap_or_default().into()
}

/// 0 … count − 1.
fn below(tape: &mut Tape, count: usize) -> i64 {
    i64::try_from(tape.pick(count)).expect("small")
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn shuffled(tape: &mut Tape, list: &[Value]) -> Vec<Value> {
    let mut list = list.to_vec();
    for k in (1..list.len()).rev() {
        list.swap(k, tape.pick(k + 1));
    }
    list
}

fn json_of(number: i128) -> Value {
    json!(i64::try_from(number).expect("small"))
}

// The shop: awards, and what was given on each day

/// What one day was given: the counters as the library answers them, and the host's own sums.
#[derive(Clone, Default)]
struct Tally {
    counters: Value,
    released: i128,
    by_slot: [i128; 10],
    places: [i128; 10],
}

/// Which counters: of the auction (which mixed baskets share) or of the stopwatch alone, and of which selling day.
type Key = (bool, i64);

/// A receipt that missed the quota.
#[derive(Clone)]
struct Missed {
    receipt: Value,
    shopper: Value,
    minute: i64,
    issued: i128,
    made_up: bool,
}

struct Shop {
    auction: Value,
    stopwatch: Value,
    open: i64,
    from: Option<i64>,
    until: Option<i64>,
    /// Standing at this step.
    paused: bool,
    merchant: Value,
    days: BTreeMap<Key, Tally>,
    missed: Vec<Missed>,
}

fn by_slot(tape: &mut Tape, choices: &[i64]) -> Value {
    if tape.flag() {
        return json!(tape.of(choices));
    }
    (0..10).map(|_| if tape.once_in(4) { Value::Null } else { json!(tape.of(choices)) }).collect()
}

/// A limit of a slot, one for all or ten.
fn limit(limits: &Value, slot: usize) -> Option<i128> {
    let limit = if limits.is_array() { &limits[slot] } else { limits };
    limit.as_i64().map(i128::from)
}

impl Shop {
    fn new(tape: &mut Tape) -> Self {
        let mut shared = json!({ "margin_class": "from_15", "utc_offset": "+07:00", "make_up_minutes": 900 });
        let s = &mut shared;
        s["quota"] = json!(tape.of(&[100_000, 50_000, 0]));
        maybe(tape, s, 2, "budget", |t| json!({ "day": t.of(&[20_000, 8_000, 45_000]), "short": t.of(&["cut", "refuse"]) }));
        maybe(tape, s, 2, "receipt_cap", |t| json!(t.of(&[9_000, 3_000])));
        maybe(tape, s, 4, "min_cover_bp", |t| json!(t.of(&[10_000, 15_000])));
        maybe(tape, s, 4, "rounding", common::rounding);
        maybe(tape, s, 3, "below_quota", |_| json!("standby"));
        maybe(tape, s, 2, "give_back", |t| json!(t.flag()));
        maybe(tape, s, 3, "eligibility", |t| json!({ "who": "loyal", "min_purchases": 2, "intro": t.flag() }));
        let from = tape.once_in(4).then_some(21 * DAY);
        let until = tape.once_in(4).then_some(22 * DAY + 22 * 60);
        if from.is_some() {
            s["from"] = json!(date(21));
        }
        if until.is_some() {
            s["until"] = json!(format!("{}T22:00", date(22)));
        }
        let (mut auction, mut stopwatch) = (shared.clone(), shared);
        stopwatch["mechanism"] = json!("stopwatch");
        stopwatch["tier"] = json!("pro");
        auction["mechanism"] = json!("time_auction");
        auction["tier"] = json!("platinum");
        let open = tape.of(&[8, 20]);
        auction["window"] = json!({ "open": format!("{open:02}:00") });
        let a = &mut auction;
        maybe(tape, a, 2, "first_n", |t| json!({ "n": by_slot(t, &[1, 0, 2]), "then": t.of(&["standby", "nothing", "first_column"]) }));
        if tape.flag() {
            let slot = by_slot(tape, &[5_000, 0, 12_000]);
            a["budget"]["slot"] = slot;
        }
        Self { auction, stopwatch, open, from, until, paused: false, merchant: json!({}), days: BTreeMap::new(), missed: Vec::new() }
    }

    /// The selling day and the slot, from 0, of an instant.
    fn place(&self, minute: i64) -> Option<(i64, usize)> {
        let since = minute - self.open * 60;
        let of_day = since.rem_euclid(DAY);
        (of_day < 600).then(|| (since.div_euclid(DAY), usize::try_from(of_day / 60).expect("a slot")))
    }

    fn in_force(&self, minute: i64) -> bool {
        self.from.is_none_or(|from| from <= minute) && self.until.is_none_or(|until| minute < until)
    }

    /// An instant of one of four selling days, now and then outside the window.
    fn minute(&self, tape: &mut Tape) -> i64 {
        let slot = tape.of(&[0, 1, 1, 4, 9, 10, 23]);
        (20 + below(tape, 4)) * DAY + (self.open + slot) * 60 + tape.of(&[0, 30, 59])
    }

    /// Why nothing may be issued at all.
    fn stop(&self, in_force: bool) -> Option<&'static str> {
        let stops = [
            ("suspended", self.merchant["suspended"] == true),
            ("not_active", self.merchant["registered"] == true),
            ("paused", self.paused),
            ("not_in_force", !in_force),
        ];
        stops.into_iter().find(|(_, holds)| *holds).map(|(reason, _)| reason)
    }

    /// Whether a shopper is new, to whom the program gives an introductory rate or nothing (AW-3).
    fn is_new(&self, shopper: &Value) -> bool {
        let least = self.auction["eligibility"]["min_purchases"].as_i64().map_or(0, i128::from);
        number(&shopper["purchases"]) < least
    }

    /// A new shopper is given nothing or the introductory rate, another one neither (AW-3).
    fn eligible(&self, request: &Value, answer: &Value, base: i128) -> Result<(), String> {
        let (is_new, has_intro) = (self.is_new(&request["shopper"]), self.auction["eligibility"]["intro"] == true);
        let (reason, value) = (&answer["reason"], whole(&answer["value"]));
        let barred = is_new && !has_intro;
        let wrong = |law| told(law, request, answer);
        ensure(!barred || value == 0, &wrong("a shopper who is not eligible"))?;
        ensure(reason.is_null() || (reason == "not_eligible") <= barred, &wrong("not eligible, and why?"))?;
        ensure(
            !barred || base == 0 || reason.is_null() || reason == "not_eligible" || reason == "zero_amount",
            &wrong("eligible, and why?"),
        )?;
        ensure(reason != "intro" || is_new && has_intro, &wrong("no new shopper"))?;
        ensure(
            !is_new || !["full", "first_n", "first_n_standby", "first_n_first_column"].map(Value::from).contains(reason),
            &wrong("a new shopper"),
        )
    }

    fn program(&self, stopwatch: bool) -> Value {
        let mut program = if stopwatch { self.stopwatch.clone() } else { self.auction.clone() };
        program["paused"] = json!(self.paused);
        program
    }

    /// The counters of a day. A host that has none hands on those of an earlier day, if the receipt tells its own day.
    fn counters(&self, tape: &mut Tape, key: Key, knows_day: bool) -> Value {
        if let Some(tally) = self.days.get(&key) {
            return tally.counters.clone();
        }
        let earlier = self.days.range((key.0, 0)..key).next_back().map(|(_, tally)| tally.counters.clone());
        earlier.filter(|_| knows_day && tape.flag()).unwrap_or_else(|| json!({ "day": date(key.1) }))
    }

    /// A receipt that tells its day is never counted on a later one (AW-7).
    fn later_counters_are_refused(&self, tape: &mut Tape, op: &str, request: &Value, day: i64) -> Result<(), String> {
        if !tape.once_in(3) {
            return Ok(());
        }
        let mut wrong = request.clone();
        wrong["counters"] = json!({ "day": date(day + tape.of(&[1, 2, 30])), "released_today": 1 });
        let answer = ask(op, &wrong);
        ensure(kind(&answer) == Some("out_of_order"), &told("counters of a later day", &wrong, &answer))
    }

    /// Laws 1 and 2 of one answer, and its place in the books.
    fn count(&mut self, key: Key, slot: Option<usize>, given: Given<'_>) -> Result<(), String> {
        let Given { request, answer, value, in_slot, takes_place } = given;
        let program = self.program(key.0);
        if value > 0 {
            let cap = program["receipt_cap"].as_i64().map(i128::from);
            ensure(cap.is_none_or(|cap| value <= cap), &told("above the cap", request, answer))?;
            let cover = number(&program["min_cover_bp"]) * (number(&self.merchant["outstanding"]) + value);
            ensure(number(&self.merchant["fund_balance"]) * 10_000 >= cover, &told("not covered", request, answer))?;
        }
        let tally = self.days.entry(key).or_default();
        tally.released += value;
        if let Some(slot) = slot {
            tally.by_slot[slot] += in_slot;
            tally.places[slot] += i128::from(takes_place);
            let budget = limit(&program["budget"]["slot"], slot);
            ensure(
                budget.is_none_or(|most| in_slot == 0 || tally.by_slot[slot] <= most),
                &told("above the slot's budget", request, answer),
            )?;
            let first = limit(&program["first_n"]["n"], slot);
            ensure(first.is_none_or(|most| !takes_place || tally.places[slot] <= most), &told("above first-N", request, answer))?;
        }
        let budget = program["budget"]["day"].as_i64().map(i128::from);
        ensure(budget.is_none_or(|most| tally.released <= most), &told("above the day's budget", request, answer))?;
        // A stop answers the counters as they came, those of an earlier day too.
        let counters = &answer["counters"];
        if counters["day"] == json!(date(key.1)) {
            tally.counters = counters.clone();
        } else {
            ensure(value == 0, &told("counted on another day", request, answer))?;
            tally.counters = json!({ "day": date(key.1) });
        }
        let same = |field: &str, own: &[i128; 10]| {
            let list = items(&tally.counters[field]);
            own.iter().enumerate().all(|(slot, own)| list.get(slot).map_or(0, whole) == *own)
        };
        let agrees = number(&tally.counters["released_today"]) == tally.released
            && same("released_by_slot", &tally.by_slot)
            && same("awards_by_slot", &tally.places);
        ensure(agrees, &format!("counters are not the sums {:?}", (tally.released, tally.by_slot, tally.places)))
            .map_err(|law| told(&law, request, answer))
    }

    /// One receipt of the time auction.
    fn row(&self, tape: &mut Tape, minute: i64) -> Value {
        let total = tape.of(&[100_000, 60_000, 250_000, 49_999, 0]);
        let mut row = json!({
            "receipt": { "total": total, "at": written(minute, 0, tape.of(&OFFSETS)) },
            "shopper": { "prior_points_milli": tape.of(&[800_000, 60_000, 0]), "purchases": tape.pick(4) },
        });
        maybe(tape, &mut row["receipt"], 4, "paid_by_voucher", |t| json!(t.of(&[total / 3, total])));
        maybe(tape, &mut row["receipt"], 3, "late", |_| json!(true));
        row
    }

    fn decided(&mut self, tape: &mut Tape, row: &Value, minute: i64) -> Result<Value, String> {
        let place = self.place(minute);
        let (day, slot) = place.map_or((minute.div_euclid(DAY), None), |(day, slot)| (day, Some(slot)));
        let counters = self.counters(tape, (false, day), place.is_some());
        let mut request = row.clone();
        request["program"] = self.program(false);
        request["merchant"] = self.merchant.clone();
        request["counters"] = counters;
        let answer = answered("award.decide", &request)?;
        same_when_respelled(tape, "award.decide", &request, &answer, "/receipt/at", minute, 0)?;
        if place.is_some() {
            self.later_counters_are_refused(tape, "award.decide", &request, day)?;
        }
        let stop = self.stop(self.in_force(minute));
        ensure(stop.is_none_or(|stop| answer["reason"] == stop), &told("the wrong stop", &request, &answer))?;
        let value = whole(&answer["value"]);
        ensure(stop.is_none() || value == 0, &told("issued where nothing may be", &request, &answer))?;
        if stop.is_none() {
            self.eligible(&request, &answer, whole(&answer["base"]))?;
        }
        reversal(tape, &request, &answer, day)?;
        let takes_place = answer["reason"] == "full" && value > 0;
        self.count((false, day), slot, Given { request: &request, answer: &answer, value, in_slot: value, takes_place })?;
        if ["standby", "no_standby"].contains(&answer["reason"].as_str().unwrap_or_default()) {
            let (receipt, shopper) = (row["receipt"].clone(), row["shopper"].clone());
            self.missed.push(Missed { receipt, shopper, minute, issued: value, made_up: false });
        }
        Ok(answer)
    }

    fn decide(&mut self, tape: &mut Tape) -> Result<i128, String> {
        let minute = self.minute(tape);
        let row = self.row(tape, minute);
        Ok(whole(&self.decided(tape, &row, minute)?["value"]))
    }

    /// Law 5: a batch is its rows one by one; law 4: in any order that keeps each day's own.
    fn batch(&mut self, tape: &mut Tape) -> Result<i128, String> {
        let minutes: Vec<i64> = (0..2 + tape.pick(4)).map(|_| self.minute(tape)).collect();
        let rows: Vec<Value> = minutes.iter().map(|minute| self.row(tape, *minute)).collect();
        let counted = |(key, tally): (&Key, &Tally)| (!key.0).then(|| tally.counters.clone());
        let known: Vec<Value> = self.days.iter().filter_map(counted).collect();
        let request = |rows: Vec<Value>, counters: Vec<Value>| json!({ "program": self.program(false), "merchant": self.merchant, "rows": rows, "counters": counters });
        let together = request(rows.clone(), shuffled(tape, &known));
        let order = interleaved(tape, &minutes.iter().map(|minute| self.place(*minute).map(|(day, _)| day)).collect::<Vec<_>>());
        let reordered = request(order.iter().map(|k| rows[*k].clone()).collect(), known);
        let (batch, other) = (answered("award.batch", &together)?, answered("award.batch", &reordered)?);
        for (at, k) in order.iter().enumerate() {
            ensure(batch["rows"][*k] == other["rows"][at], &told("another order, another award", &reordered, &other))?;
        }
        let mut issued = 0;
        for (k, (row, minute)) in rows.iter().zip(&minutes).enumerate() {
            let alone = self.decided(tape, row, *minute)?;
            for field in ["reason", "rate_bp", "value", "points_milli", "capped_by"] {
                ensure(batch["rows"][k][field] == alone[field], &told(&format!("row {k} alone is {alone}"), &together, &batch))?;
            }
            issued += whole(&alone["value"]);
        }
        for answer in [&batch, &other] {
            self.same_counters(&answer["counters"]).map_err(|law| told(&law, &together, answer))?;
        }
        Ok(issued)
    }

    /// Every day of the list stands as in the books, and every day of the books that gave something is in the list.
    fn same_counters(&self, list: &Value) -> Result<(), String> {
        let days = self.days.iter().filter(|((stopwatch, _), tally)| !stopwatch && tally.released > 0);
        for ((_, day), tally) in days {
            let counted = items(list).iter().find(|counters| counters["day"] == json!(date(*day)));
            ensure(counted == Some(&tally.counters), &format!("{} is counted otherwise: {}", date(*day), tally.counters))?;
        }
        let released = total(items(list).iter().map(|counters| &counters["released_today"]));
        let own: i128 = self.days.iter().filter(|((stopwatch, _), _)| !stopwatch).map(|(_, tally)| tally.released).sum();
        ensure(released == own, "the days together are not the sum")
    }

    /// A stopwatch receipt alone, with a claim that tells its day.
    fn play(&mut self, tape: &mut Tape) -> Result<i128, String> {
        let (minute, second) = (self.minute(tape), below(tape, 40) + 20);
        let day = minute.div_euclid(DAY);
        let receipt = json!({ "total": tape.of(&[100_000, 250_000, 49_999]), "claim": claim(tape, minute, second) });
        let counters = self.counters(tape, (true, day), true);
        let request = json!({ "program": self.program(true), "merchant": self.merchant, "receipt": receipt, "counters": counters,
            "shopper": { "prior_points_milli": tape.of(&[0, 60_000]), "purchases": tape.pick(4) } });
        let answer = answered("award.decide", &request)?;
        same_when_respelled(tape, "award.decide", &request, &answer, "/receipt/claim/stopped_at", minute, second)?;
        self.later_counters_are_refused(tape, "award.decide", &request, day)?;
        let (stop, value) = (self.stop(self.in_force(minute)), whole(&answer["value"]));
        ensure(stop.is_none_or(|stop| answer["reason"] == stop && value == 0), &told("the wrong stop", &request, &answer))?;
        if stop.is_none() {
            self.eligible(&request, &answer, whole(&answer["base"]))?;
        }
        reversal(tape, &request, &answer, day)?;
        self.count((true, day), None, Given { request: &request, answer: &answer, value, in_slot: 0, takes_place: false })?;
        Ok(value)
    }

    /// A mixed basket, which shares the auction's counters.
    fn mixed(&mut self, tape: &mut Tape) -> Result<i128, String> {
        let minute = self.minute(tape);
        let place = self.place(minute);
        let (day, slot) = place.map_or((minute.div_euclid(DAY), None), |(day, slot)| (day, Some(slot)));
        let amount = |tape: &mut Tape| tape.of(&[100_000, 60_000, 200_000, 0]);
        let mut receipt =
            json!({ "dated": amount(tape), "undated": amount(tape), "at": written(minute, 0, tape.of(&OFFSETS)), "late": tape.once_in(8) });
        if tape.flag() {
            let second = 20 + below(tape, 40);
            receipt["claim"] = claim(tape, minute, second);
        } else {
            receipt["digit"] = json!(tape.pick(10));
        }
        let counters = self.counters(tape, (false, day), place.is_some());
        let request = json!({ "time_auction": self.program(false), "stopwatch": self.program(true), "merchant": self.merchant,
            "receipt": receipt, "counters": counters, "shopper": { "prior_points_milli": tape.of(&[800_000, 0]), "purchases": tape.pick(4) } });
        let answer = answered("award.mixed", &request)?;
        same_when_respelled(tape, "award.mixed", &request, &answer, "/receipt/at", minute, 0)?;
        if place.is_some() {
            self.later_counters_are_refused(tape, "award.mixed", &request, day)?;
        }
        let stop = self.stop(self.in_force(minute));
        let (dated, value) = (whole(&answer["values"][0]), whole(&answer["value"]));
        ensure(stop.is_none() || value == 0, &told("issued where nothing may be", &request, &answer))?;
        ensure(sum(&answer["values"]) == value, &told("the groups are not the sum", &request, &answer))?;
        self.eligible(&request, &answer, 0)?;
        dated_alone(&request)?;
        let takes_place = answer["groups"][0]["reason"] == "full" && dated > 0;
        self.count((false, day), slot, Given { request: &request, answer: &answer, value, in_slot: dated, takes_place })?;
        Ok(value)
    }

    /// A second receipt that makes up the missed quota of a first one, now and then twice.
    fn make_up(&mut self, tape: &mut Tape) -> Result<i128, String> {
        if self.missed.is_empty() {
            return Ok(0);
        }
        let which = tape.pick(self.missed.len());
        let first = self.missed[which].clone();
        let place = self.place(first.minute);
        let (day, slot) = place.map_or((first.minute.div_euclid(DAY), None), |(day, slot)| (day, Some(slot)));
        let second_minute = first.minute + tape.of(&[30, 0, 90, -1, DAY]);
        let request = json!({
            "program": self.program(false), "merchant": self.merchant, "receipt": first.receipt, "shopper": first.shopper,
            "counters": self.counters(tape, (false, day), true), "bought_at": written(first.minute, 0, tape.of(&OFFSETS)),
            "second_at": written(second_minute, 0, tape.of(&OFFSETS)), "issued": json_of(first.issued),
            "second_total": tape.of(&[100_000, 50_000, 1]), "made_up": first.made_up,
        });
        let answer = answered("award.make_up", &request)?;
        same_when_respelled(tape, "award.make_up", &request, &answer, "/second_at", second_minute, 0)?;
        same_when_respelled(tape, "award.make_up", &request, &answer, "/bought_at", first.minute, 0)?;
        self.later_counters_are_refused(tape, "award.make_up", &request, day)?;
        let difference = whole(&answer["difference"]);
        let may = self.stop(self.in_force(first.minute)).is_none() && !first.made_up;
        ensure(may || difference == 0, &told("made up where nothing may be", &request, &answer))?;
        let is_new = self.is_new(&first.shopper);
        let barred = is_new && self.auction["eligibility"]["intro"] != true;
        ensure(!barred || difference == 0, &told("made up for a shopper who is not eligible", &request, &answer))?;
        // A place is taken while there is one; what comes later is the first column's.
        let places = self.days.get(&(false, day)).map_or([0; 10], |tally| tally.places);
        let most = slot.and_then(|slot| limit(&self.auction["first_n"]["n"], slot).map(|most| (most, places[slot])));
        let takes_place = difference > 0 && !is_new && most.is_none_or(|(most, taken)| taken < most);
        self.missed[which].made_up |= answer["reason"] == "made_up";
        self.count((false, day), slot, Given { request: &request, answer: &answer, value: difference, in_slot: difference, takes_place })?;
        Ok(difference)
    }

    /// One step, and the vouchers' value it issued.
    fn step(&mut self, tape: &mut Tape) -> Result<i128, String> {
        self.paused = tape.once_in(12);
        self.merchant = json!({ "suspended": tape.once_in(12), "registered": tape.once_in(12),
            "fund_balance": tape.of(&[1_000_000, 9_000]), "outstanding": tape.of(&[0, 3_000]) });
        match tape.pick(8) {
            0 | 1 => self.decide(tape),
            2 | 3 => self.mixed(tape),
            4 => self.batch(tape),
            5 => self.play(tape),
            _ => self.make_up(tape),
        }
    }
}

/// What an answer adds to the books.
struct Given<'a> {
    request: &'a Value,
    answer: &'a Value,
    value: i128,
    in_slot: i128,
    takes_place: bool,
}

/// A basket of dated goods alone is an award of the time auction, its limits in their order.
fn dated_alone(request: &Value) -> Result<(), String> {
    let mut basket = request.clone();
    basket["receipt"]["undated"] = json!(0);
    let (request, answer) = (&basket, &answered("award.mixed", &basket)?);
    let mut receipt = request["receipt"].clone();
    receipt["total"] = receipt["dated"].clone();
    for field in ["dated", "undated", "claim", "digit"] {
        receipt[field] = Value::Null;
    }
    let mut alone = request.clone();
    alone["program"] = request["time_auction"].clone();
    for field in ["time_auction", "stopwatch", "receipt"] {
        alone[field] = Value::Null;
    }
    let nulls = |object: &Value| -> Value {
        object
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    };
    alone["receipt"] = nulls(&receipt);
    let decision = answered("award.decide", &nulls(&alone))?;
    let same = ["value", "points_milli", "capped_by", "counters", "shopper"].iter().all(|field| decision[field] == answer[field]);
    ensure(same && decision["reason"] == answer["groups"][0]["reason"], &told(&format!("dated alone {decision}"), request, answer))
}

/// A countdown that ended at a second of a minute, now and then misjudged.
fn claim(tape: &mut Tape, minute: i64, second: i64) -> Value {
    let countdown = tape.of(&[15, 15, 15, 18]);
    json!({ "started_at": written(minute, second - 15, tape.of(&OFFSETS)), "countdown_s": countdown,
        "stopped_at": written(minute, second, tape.of(&OFFSETS)) })
}

/// Law 6: under the program's offset, an instant is the same however it is written.
fn same_when_respelled(
    tape: &mut Tape,
    op: &str,
    request: &Value,
    answer: &Value,
    field: &str,
    minute: i64,
    second: i64,
) -> Result<(), String> {
    let mut other = request.clone();
    *other.pointer_mut(field).expect("an instant") = json!(written(minute, second, tape.of(&OFFSETS)));
    let respelled = ask(op, &other);
    ensure(respelled == *answer, &told(&format!("{answer} in another offset"), &other, &respelled))
}

/// An order of places that keeps the order within each day.
fn interleaved(tape: &mut Tape, days: &[Option<i64>]) -> Vec<usize> {
    let mut lists: BTreeMap<Option<i64>, Vec<usize>> = BTreeMap::new();
    for (k, day) in days.iter().enumerate().rev() {
        lists.entry(*day).or_default().push(k);
    }
    let mut order = Vec::new();
    while !lists.is_empty() {
        let day = *lists.keys().nth(tape.pick(lists.len())).expect("a day");
        let list = lists.get_mut(&day).expect("a list");
        order.extend(list.pop());
        if list.is_empty() {
            lists.remove(&day);
        }
    }
    order
}

/// Law 7 of an award: refunds in parts end where one refund ends, an even exchange changes nothing, and when all has gone
/// back the shopper stands as before, and so do the counters if the program gives back.
fn reversal(tape: &mut Tape, request: &Value, answer: &Value, day: i64) -> Result<(), String> {
    let (base, value) = (whole(&answer["base"]), whole(&answer["value"]));
    let first = i128::try_from(tape.pick(100)).expect("small") * base / 100;
    let second = i128::try_from(tape.pick(100)).expect("small") * (base - first) / 100;
    let reverse = |refunds: Vec<Value>| {
        let mut request = request.clone();
        request["refunds"] = json!(refunds);
        answered("program.reverse", &request).map(|reversed| (request, reversed))
    };
    let even = json!({ "back": json_of(base), "out": json_of(base) });
    let (parts, reversed) = reverse([vec![even], [first, second, base - first - second].map(json_of).to_vec()].concat())?;
    let wrong = |law: &str| told(law, &parts, &reversed);
    ensure(whole(&reversed["kept"][0]) == value, &wrong("an even exchange changes something"))?;
    ensure(whole(&reversed["kept"][3]) == 0 && sum(&reversed["taken_back"]) == value, &wrong("not all was taken back"))?;
    ensure(reversed["shopper"] == request["shopper"] || request["shopper"].is_null(), &wrong("another shopper"))?;
    let (_, at_once) = reverse(vec![json_of(first + second)])?;
    ensure(at_once["kept"][0] == reversed["kept"][2], &wrong(&format!("at once {at_once}")))?;
    let gives_back = request["program"]["give_back"] == true;
    let before = if request["counters"]["day"] == json!(date(day)) { request["counters"].clone() } else { json!({}) };
    let wanted = if gives_back && value > 0 { &before } else { &answer["counters"] };
    for field in ["released_today", "released_by_slot", "awards_by_slot"] {
        let numbers = |counters: &Value| -> i128 {
            // A row of zeros need not be written.
            items(&counters[field]).iter().enumerate().map(|(k, n)| whole(n) << k).sum::<i128>() + number(&counters[field])
        };
        ensure(numbers(&reversed["counters"]) == numbers(wanted), &wrong(&format!("{field} is not given back as it should")))?;
    }
    Ok(())
}

// The wallet: vouchers, and the uses of a month

struct Voucher {
    state: Value,
    /// What it was issued for, and what it has paid and not got back.
    value: i128,
    paid: i128,
    expires: i64,
}

struct Use {
    voucher: usize,
    minute: i64,
    amount: i128,
    forfeited: i128,
    undone: i128,
}

struct Wallet {
    program: Value,
    limit: Option<i128>,
    is_single: bool,
    vouchers: Vec<Voucher>,
    uses: Vec<Use>,
    months: BTreeMap<String, Value>,
    counts: BTreeMap<String, i128>,
}

impl Wallet {
    fn new(tape: &mut Tape) -> Self {
        let mut program = json!({ "mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus", "utc_offset": "+07:00" });
        let limit = tape.flag().then(|| tape.of(&[2, 1, 3]));
        if let Some(limit) = limit {
            program["redemptions_per_month"] = json!({ "program": limit });
        }
        let is_single = tape.once_in(3);
        program["single_use"] = json!(is_single);
        let limit = limit.map(i128::from);
        Self { program, limit, is_single, vouchers: Vec::new(), uses: Vec::new(), months: BTreeMap::new(), counts: BTreeMap::new() }
    }

    fn issue(&mut self, tape: &mut Tape, value: i128) {
        let expires = tape.of(&[35, 26, 29]) * DAY;
        let state = json!({ "value": json_of(value), "redeemed": 0, "expires": written(expires, 0, tape.of(&OFFSETS)) });
        self.vouchers.push(Voucher { state, value, paid: 0, expires });
    }

    /// The counters of a month; a host without any hands on those of an earlier one.
    fn counters(&self, tape: &mut Tape, month: &str) -> Value {
        if let Some(counters) = self.months.get(month) {
            return counters.clone();
        }
        let earlier = self.months.range(..month.to_string()).next_back().map(|(_, counters)| counters.clone());
        earlier.filter(|_| tape.flag()).unwrap_or_else(|| json!({}))
    }

    fn redeem(&mut self, tape: &mut Tape) -> Result<Option<(usize, i128)>, String> {
        if self.vouchers.is_empty() {
            return Ok(None);
        }
        let which = tape.pick(self.vouchers.len());
        let minute = tape.of(&[27, 22, 28, 30]) * DAY + tape.of(&[0, 300, 419, 420, 1439]);
        let month = month(minute);
        let mut request = json!({
            "program": self.program, "voucher": self.vouchers[which].state, "purchase": tape.of(&[20_000, 1_000, 700]),
            "at": written(minute, 0, tape.of(&OFFSETS)), "counters": self.counters(tape, &month),
        });
        maybe(tape, &mut request, 2, "amount", |t| json!(t.of(&[500, 1, 5_000])));
        let answer = answered("voucher.redeem", &request)?;
        same_when_respelled(tape, "voucher.redeem", &request, &answer, "/at", minute, 0)?;
        let later = tape.of(&["2025-04", "2026-01"]);
        let mut wrong = request.clone();
        wrong["counters"] = json!({ "month": later, "program": 0, "shopper": 0 });
        let refused = ask("voucher.redeem", &wrong);
        ensure(kind(&refused) == Some("out_of_order"), &told("counters of a later month", &wrong, &refused))?;

        let voucher = &mut self.vouchers[which];
        let is_over = minute >= voucher.expires;
        ensure(is_over == (answer["reason"] == "expired"), &told("expired by another clock", &request, &answer))?;
        let amount = whole(&answer["amount"]);
        let paid = answer["reason"] == "redeemed";
        voucher.paid += amount;
        voucher.state["redeemed"] = json_of(number(&voucher.state["redeemed"]) + amount);
        ensure(paid == (amount > 0) && voucher.paid <= voucher.value, &told("more than its value", &request, &answer))?;
        let count = self.counts.entry(month.clone()).or_default();
        *count += i128::from(paid);
        ensure(!paid || self.limit.is_none_or(|most| *count <= most), &told("more than a month has", &request, &answer))?;
        if paid {
            let forfeited = whole(&answer["forfeited"]);
            self.uses.push(Use { voucher: which, minute, amount, forfeited, undone: 0 });
        }
        self.keep(&month, &answer["counters"]).map_err(|law| told(&law, &request, &answer))?;
        Ok(Some((which, amount)))
    }

    fn keep(&mut self, month: &str, counters: &Value) -> Result<(), String> {
        let own = self.counts.get(month).copied().unwrap_or_default();
        let same = counters["month"] == json!(month) && ["program", "shopper"].iter().all(|field| whole(&counters[field]) == own);
        self.months.insert(month.to_string(), counters.clone());
        ensure(same, &format!("{own} uses in {month}"))
    }

    /// Takes a use back, in part or whole, at any later time.
    fn undo(&mut self, tape: &mut Tape) -> Result<Option<(usize, i128)>, String> {
        if self.uses.is_empty() {
            return Ok(None);
        }
        let which = tape.pick(self.uses.len());
        let Use { voucher, minute, amount, forfeited, undone } = self.uses[which];
        let (at, grace) = (minute + tape.of(&[0, 60, 3 * DAY]), tape.of(&[0, 1, 30]));
        let mut request = json!({
            "program": self.program, "voucher": self.vouchers[voucher].state, "at": written(at, 0, tape.of(&OFFSETS)),
            "redemption": { "amount": json_of(amount), "forfeited": json_of(forfeited), "undone": json_of(undone),
                "at": written(minute, 0, tape.of(&OFFSETS)) },
            "counters": self.months[&month(minute)], "grace_days": grace,
        });
        maybe(tape, &mut request, 2, "amount", |t| json!(t.of(&[400, 1, 5_000])));
        let answer = ask("voucher.undo", &request);
        // What a single-use voucher got back may have been spent anew.
        if self.is_single && kind(&answer) == Some("out_of_range") {
            return Ok(None);
        }
        ensure(kind(&answer).is_none(), &told("refused", &request, &answer))?;
        same_when_respelled(tape, "voucher.undo", &request, &answer, "/redemption/at", minute, 0)?;
        let mut wrong = request.clone();
        wrong["counters"]["month"] = json!("2025-04");
        let refused = ask("voucher.undo", &wrong);
        ensure(kind(&refused) == Some("out_of_order"), &told("counters of another month", &wrong, &refused))?;
        if answer["reason"] != "undone" {
            return Ok(None);
        }
        let back = whole(&answer["undone"]) - undone;
        let asked = request["amount"].as_i64().map_or(amount - undone, i128::from);
        ensure(back == asked && back > 0, &told("not what was asked", &request, &answer))?;
        self.uses[which].undone += back;
        let held = &mut self.vouchers[voucher];
        held.paid -= back;
        if grace > 0 {
            held.expires = held.expires.max((at.div_euclid(DAY) + grace) * DAY);
        }
        for field in ["value", "redeemed", "expires"] {
            held.state[field] = answer["voucher"][field].clone();
        }
        if self.uses[which].undone == amount {
            *self.counts.entry(month(minute)).or_default() -= 1;
        }
        let whole_again = held.paid == 0 && self.uses.iter().all(|one| one.voucher != voucher || one.undone == one.amount);
        let worth = number(&held.state["value"]) - number(&held.state["redeemed"]);
        ensure(worth <= held.value && (!whole_again || worth == held.value), &told("not worth what it was", &request, &answer))?;
        self.keep(&month(minute), &answer["counters"]).map_err(|law| told(&law, &request, &answer))?;
        Ok(Some((voucher, back)))
    }
}

// The fund

#[derive(Default)]
struct Fund {
    state: Value,
    sent: Vec<Value>,
    seen: BTreeSet<String>,
    held: BTreeMap<String, i128>,
    /// Money in and money out.
    paid_in: i128,
    paid_out: i128,
}

impl Fund {
    fn new() -> Self {
        Self { state: json!({ "requirement": 50_000, "balance": 20_000 }), paid_in: 20_000, ..Self::default() }
    }

    /// Events of its own, in disorder and some of them again.
    fn step(&mut self, tape: &mut Tape) -> Result<(), String> {
        let mut events = Vec::new();
        for _ in 0..1 + tape.pick(4) {
            let event = if !self.sent.is_empty() && tape.once_in(4) { self.again(tape) } else { self.event(tape) };
            events.push(event);
        }
        self.apply(events)
    }

    fn again(&self, tape: &mut Tape) -> Value {
        let mut event = tape.of(&self.sent);
        if event.get("amount").is_some() && tape.once_in(4) {
            event["amount"] = json!(1);
        }
        event
    }

    fn event(&self, tape: &mut Tape) -> Value {
        let kind = tape.of(&["issue", "redeem", "top_up", "check", "draw", "release", "undo"]);
        let mut event = json!({ "type": kind });
        if ["issue", "redeem", "release", "undo"].contains(&kind) {
            event["id"] = json!(format!("V{}", tape.pick(6)));
        }
        if !["check", "release"].contains(&kind) {
            event["amount"] = json!(tape.of(&[5_000, 1_000, 12_000, 0]));
        }
        if kind == "check" {
            event["time"] = json!(written((20 + below(tape, 8)) * DAY, 0, tape.of(&OFFSETS)));
        }
        maybe(tape, &mut event, 2, "event_id", |t| json!(format!("x{}", t.pick(40))));
        event
    }

    fn apply(&mut self, mut events: Vec<Value>) -> Result<(), String> {
        for event in &mut events {
            // Without an id of its own nothing can be told apart that comes again.
            if event.get("event_id").is_none() {
                event["event_id"] = json!(format!("n{}", self.sent.len()));
            }
            self.sent.push(event.clone());
        }
        let mut request = self.state.clone();
        request["events"] = json!(events);
        let answer = answered("guarantee.apply", &request)?;
        let was_suspended = request["state"] == "suspended";
        for (index, event) in events.iter().enumerate() {
            if !self.seen.insert(event["event_id"].as_str().unwrap_or_default().to_string()) {
                continue;
            }
            let stops = ["shortfall", "not_reserved", "issue_refused"].map(Value::from);
            let is_told = items(&answer["notices"]).iter().any(|told| told["event"] == json!(index) && stops.contains(&told["notice"]));
            let tops_up = events[..index].iter().any(|earlier| earlier["type"] == "top_up");
            let may = event["type"] != "issue" || !was_suspended || tops_up || is_told;
            ensure(may, &told("issued while suspended", &request, &answer))?;
            if !is_told {
                self.book(event);
            }
        }
        for field in ["requirement", "balance", "reservations", "warnings", "last_warning", "state", "seen"] {
            self.state[field] = answer[field].clone();
        }
        let balance = whole(&answer["balance"]);
        ensure(balance >= 0 && balance == self.paid_in - self.paid_out, &told("money in is not money out and balance", &request, &answer))?;
        let held: BTreeMap<String, i128> =
            answer["reservations"].as_object().into_iter().flatten().map(|(id, amount)| (id.clone(), whole(amount))).collect();
        ensure(held == self.held, &told(&format!("reserved is not {:?}", self.held), &request, &answer))?;
        let reserved: i128 = held.values().sum();
        ensure(whole(&answer["reserved"]) == reserved && whole(&answer["free"]) == balance - reserved, &told("free", &request, &answer))
    }

    /// What an event does that was not refused.
    fn book(&mut self, event: &Value) {
        let (id, amount) = (event["id"].as_str().unwrap_or_default().to_string(), number(&event["amount"]));
        match event["type"].as_str().unwrap_or_default() {
            "top_up" => self.paid_in += amount,
            "draw" => self.paid_out += amount,
            "issue" => drop(self.held.insert(id, amount)),
            "release" => drop(self.held.remove(&id)),
            "undo" => {
                self.paid_in += amount;
                // Nothing that comes back is nothing reserved.
                if amount > 0 {
                    *self.held.entry(id).or_default() += amount;
                }
            }
            "redeem" => {
                self.paid_out += amount;
                let left = self.held.remove(&id).unwrap_or_default() - amount;
                if left > 0 {
                    self.held.insert(id, left);
                }
            }
            _ => {}
        }
    }
}

// The ledger: two members, entries as they come

#[derive(Default)]
struct Ledger {
    /// The entries of the two, each in the order in which it came.
    mine: Vec<Value>,
    other: Vec<Value>,
    /// What was answered to the last fold of the first.
    last: Value,
    transfers: usize,
}

/// The latest time of all entries; what comes after it is asked on trial.
const END: i64 = 45 * DAY;

fn worth(answer: &Value) -> i128 {
    total(items(&answer["lots"]).iter().map(|lot| &lot["points_milli"])) - whole(&answer["debt_milli"])
}

fn in_order(entries: &[Value]) -> Vec<Value> {
    let mut sorted = entries.to_vec();
    // All times of the ledger are written in one offset, so text sorts as instants do.
    sorted.sort_by_key(|entry| (entry["time"].as_str().map(str::to_string), entry["id"].as_str().map(str::to_string)));
    sorted
}

/// The instant that the ledger's steps wrote, in minutes.
fn instant(text: &Value) -> i64 {
    let text = text.as_str().unwrap_or_default();
    let part = |from: usize| text[from..from + 2].parse::<i64>().expect("two digits");
    let days = [0, 31, 59, 90, 120][usize::try_from(part(5) - 1).expect("a month")] + part(8) - 32;
    let (_, east) = OFFSETS.into_iter().find(|(offset, _)| text.ends_with(offset)).expect("an offset");
    (days * DAY + part(11) * 60 + part(14)) - east
}

impl Ledger {
    /// After all entries so far, or late.
    fn time(&self, tape: &mut Tape) -> String {
        if tape.once_in(3) { written((20 + below(tape, 20)) * DAY, 0, OFFSETS[0]) } else { self.after_all() }
    }

    fn after_all(&self) -> String {
        written(40 * DAY + i64::try_from(self.mine.len() + self.other.len()).expect("small"), 0, OFFSETS[0])
    }

    fn earn(&mut self, tape: &mut Tape, points: i128) -> Result<(), String> {
        let id = format!("e{:02}", self.mine.len());
        let mut entry =
            json!({ "id": id, "account": "M1", "shop": "A", "time": self.time(tape), "kind": "earn", "points_milli": json_of(points) });
        maybe(tape, &mut entry, 2, "expires", |t| json!(written(t.of(&[60, 30, 50]) * DAY, 0, t.of(&OFFSETS))));
        self.mine.push(entry);
        self.laws(tape)
    }

    fn step(&mut self, tape: &mut Tape) -> Result<(), String> {
        let kinds =
            ["earn", "redeem", "reverse", "reserve", "commit", "release", "adjust", "transfer", "spend", "redeem", "reverse", "expire"];
        match tape.of(&kinds) {
            "earn" => {
                let points = tape.of(&[10, 7, 100]);
                return self.earn(tape, points);
            }
            "transfer" => self.transfer(tape)?,
            "spend" => {
                let id = format!("s{:02}", self.other.len());
                let points = tape.of(&[3, 10]);
                self.other.push(
                    json!({ "id": id, "account": "M2", "shop": "C", "time": self.time(tape), "kind": "redeem", "points_milli": points }),
                );
            }
            kind => {
                let entry = self.entry(tape, kind);
                self.mine.push(entry);
            }
        }
        self.laws(tape)
    }

    /// An entry of the first member, of what came or has yet to come.
    fn entry(&self, tape: &mut Tape, kind: &str) -> Value {
        let id = format!("e{:02}", self.mine.len());
        let of = |tape: &mut Tape| {
            let fitting = match kind {
                "commit" | "release" => vec!["reserve"],
                "expire" => vec!["earn"],
                _ => vec!["earn", "redeem", "commit"],
            };
            let those: Vec<&Value> =
                self.mine.iter().filter(|entry| fitting.contains(&entry["kind"].as_str().unwrap_or_default())).collect();
            if those.is_empty() || tape.once_in(8) {
                return json!(format!("e{:02}", tape.pick(self.mine.len() + 3)));
            }
            those[tape.pick(those.len())]["id"].clone()
        };
        let mut entry = json!({ "id": id, "account": "M1", "shop": "B", "time": self.time(tape), "kind": kind });
        if ["commit", "release", "reverse", "expire"].contains(&kind) {
            entry["of"] = of(tape);
        }
        if ["commit", "release", "reserve"].contains(&kind) {
            // After all the others, since it names the version that they left.
            entry["time"] = json!(self.after_all());
            entry["version"] = json_of(number(&self.last["version"]));
        }
        if !["commit", "release", "expire"].contains(&kind) {
            let points = tape.of(&[10, 3, 7, 30]);
            entry["points_milli"] = json!(if kind == "adjust" && tape.flag() { -points } else { points });
        }
        entry
    }

    fn transfer(&mut self, tape: &mut Tape) -> Result<(), String> {
        let state = answered("ledger.apply", &json!({ "entries": self.mine, "as_of": written(END, 0, OFFSETS[0]) }))?["state"].clone();
        self.transfers += 1;
        let mut request = json!({ "id": format!("t{}", self.transfers), "from": "M1", "to": "M2", "shop": "A",
            "time": written(41 * DAY, 0, OFFSETS[0]), "state": state });
        // All lots and the debt, or some points.
        if tape.once_in(3) {
            request["merge"] = json!(true);
        } else {
            request["points_milli"] = json!(tape.of(&[5, 10, 20]));
        }
        let answer = answered("ledger.transfer", &request)?;
        if request["merge"] == true && answer["reason"] == "transferred" {
            let debts = items(&answer["entries"]).iter().filter(|entry| entry["kind"] == "send_debt");
            let wrong = || told("a merge that leaves a debt", &request, &answer);
            ensure(total(debts.map(|entry| &entry["points_milli"])) == number(&request["state"]["debt_milli"]), &wrong())?;
        }
        for entry in items(&answer["entries"]) {
            if entry["account"] == "M1" { &mut self.mine } else { &mut self.other }.push(entry.clone());
        }
        Ok(())
    }

    fn laws(&mut self, tape: &mut Tape) -> Result<(), String> {
        let mine = self.any_order(tape, &self.mine, &json!([]))?;
        let other = self.any_order(tape, &self.other, &mine["sent"])?;
        let expired = self.expiries(&mine)?;
        let (own, theirs) = (applied(&self.mine, &mine) - expired, applied(&self.other, &other));
        let wrong = |law: &str| told(law, &json!([self.mine, self.other]), &json!([mine, other]));
        // Law 3: what there is was earned, here or there.
        ensure(worth(&mine) == own, &wrong(&format!("{} is not the sum {own} of what was applied", worth(&mine))))?;
        ensure(worth(&other) == theirs, &wrong(&format!("{} is not the sum {theirs} of what was applied", worth(&other))))?;
        let received = items(&other["lots"]).len();
        ensure(received <= items(&mine["sent"]).len(), &wrong("received what was not sent"))?;
        self.halves_agree(&mine, &other).map_err(|law| wrong(&law))?;
        self.early_reversals_count(&mine).map_err(|law| wrong(&law))?;
        // A lot keeps its expiry, whatever went out of it and came back.
        for lot in items(&mine["lots"]) {
            let earned = self.mine.iter().find(|entry| entry["id"] == lot["id"]).unwrap_or(&Value::Null);
            let given = earned.get("expires").unwrap_or(&Value::Null);
            ensure(lot["expires"] == *given, &wrong("a lot of another expiry"))?;
        }
        self.last = mine;
        self.forgiven_makes_nothing()?;
        self.held_is_not_forgiven()?;
        self.undone_leaves_no_trace(tape)?;
        self.an_undo_pays_the_debt_first(tape)?;
        if tape.once_in(3) {
            self.horizon_keeps_the_balance(tape)?;
        }
        if tape.once_in(4) { self.one_by_one() } else { Ok(()) }
    }

    /// What the expiries took: all that the entries before each had left in its lot. One before the expiry takes nothing.
    /// Less what reversals found expired, because expired points make no debt (LG-6).
    fn expiries(&self, answer: &Value) -> Result<i128, String> {
        let sorted = in_order(&self.mine);
        let mut taken = 0;
        let mut emptied = BTreeSet::new();
        let at = |place: usize| answered("ledger.fold", &json!({ "entries": sorted[..place], "as_of": written(END, 0, OFFSETS[0]) }));
        for (place, entry) in sorted.iter().enumerate() {
            let is_counted = counts(entry, answer);
            if entry["kind"] == "expire" && is_counted {
                emptied.insert(entry["of"].to_string());
            }
            if entry["kind"] == "reverse" && is_counted && emptied.contains(&entry["of"].to_string()) {
                let (asked, took) = (number(&entry["points_milli"]), worth(&at(place)?) - worth(&at(place + 1)?));
                ensure((0..=asked).contains(&took), &told("reversed more than was asked", entry, answer))?;
                taken -= asked - took;
            }
        }
        for (place, entry) in sorted.iter().enumerate().filter(|(_, entry)| entry["kind"] == "expire") {
            let refused = items(&answer["refused"]).iter().find(|refused| refused["id"] == entry["id"]).map(|refused| &refused["reason"]);
            let lot = sorted[..place].iter().find(|earned| earned["id"] == entry["of"] && earned["kind"] == "earn");
            let wanted = match lot.map(|lot| &lot["expires"]) {
                None => Some("unknown_lot"),
                Some(Value::Null) => Some("not_expired"),
                Some(expires) => (instant(&entry["time"]) < instant(expires)).then_some("not_expired"),
            };
            ensure(refused == wanted.map(Value::from).as_ref(), &told(&format!("expired? {wanted:?}"), entry, answer))?;
            if refused.is_none() {
                let before = answered("ledger.fold", &json!({ "entries": sorted[..place], "as_of": entry["time"] }))?;
                taken += total(items(&before["lots"]).iter().filter(|lot| lot["id"] == entry["of"]).map(|lot| &lot["points_milli"]));
            }
        }
        Ok(taken)
    }

    /// LG-6: a reversal of what has not come waits, and one of an earning that came later counts or asks for too much.
    fn early_reversals_count(&self, answer: &Value) -> Result<(), String> {
        for entry in self.mine.iter().filter(|entry| entry["kind"] == "reverse") {
            let of = self.mine.iter().find(|named| named["id"] == entry["of"]);
            let waits = items(&answer["waiting"]).contains(&entry["id"]);
            ensure(waits == of.is_none(), &format!("waiting? {entry}"))?;
            let refused = items(&answer["refused"]).iter().find(|refused| refused["id"] == entry["id"]);
            let is_unknown = refused.is_some_and(|refused| refused["reason"] == "unknown_lot");
            ensure(!is_unknown || of.is_some_and(|of| of["kind"] != "earn"), &format!("unknown? {entry}"))?;
        }
        Ok(())
    }

    /// LG-10: a receiving half counts once, after a sending half of the same points that counted.
    fn halves_agree(&self, mine: &Value, other: &Value) -> Result<(), String> {
        let mut received = BTreeSet::new();
        for half in self.other.iter().filter(|entry| ["receive", "receive_debt"].map(Value::from).contains(&entry["kind"])) {
            if !counts(half, other) {
                continue;
            }
            let sent = self.mine.iter().find(|entry| entry["id"] == half["of"] && counts(entry, mine));
            let kind = half["kind"].as_str().unwrap_or_default().replace("receive", "send");
            let agrees = sent.is_some_and(|sent| sent["points_milli"] == half["points_milli"] && sent["kind"] == json!(kind));
            ensure(agrees && received.insert(half["of"].to_string()), &format!("no sending half of {half}"))?;
        }
        Ok(())
    }

    /// LG-12: with a horizon the balance stays exact, what comes after it counts as ever, and what lies before it is refused.
    fn horizon_keeps_the_balance(&self, tape: &mut Tape) -> Result<(), String> {
        let sorted = in_order(&self.mine);
        if sorted.is_empty() {
            return Ok(());
        }
        let (first, rest) = sorted.split_at(1 + tape.pick(sorted.len()));
        let as_of = json!(written(END, 0, OFFSETS[0]));
        let horizon = rest.first().map_or(&as_of, |entry| &entry["time"]).clone();
        // What was dropped can be named no more.
        let is_named = |entry: &Value| first.iter().any(|earlier| earlier["id"] == entry["of"]);
        if rest.iter().any(is_named) || first.iter().any(|entry| items(&self.last["waiting"]).contains(&entry["id"])) {
            return Ok(());
        }
        let apply = |entries: &[Value], state: &Value, horizon: &Value| json!({ "entries": entries, "as_of": as_of, "state": state, "horizon": horizon });
        let nothing = Value::Null;
        let at_once = answered("ledger.apply", &apply(&sorted, &nothing, &nothing))?;
        let before = answered("ledger.apply", &apply(first, &nothing, &nothing))?;
        let bounded = answered("ledger.apply", &apply(&[], &before["state"], &horizon))?;
        let same = |one: &Value, two: &Value, fields: &[&str]| fields.iter().all(|field| one[field] == two[field]);
        let numbers = ["balance_milli", "pending_milli", "debt_milli", "held_milli", "version"];
        ensure(same(&bounded, &before, &numbers), &told(&format!("with a horizon {bounded}"), &json!([first, horizon]), &before))?;
        let is_smaller = bounded["state"].to_string().len() <= before["state"].to_string().len() + horizon.to_string().len() + 12;
        ensure(is_smaller, &told("a larger state", &bounded, &before))?;
        let after = answered("ledger.apply", &apply(rest, &bounded["state"], &nothing))?;
        let wrong = |law: &str| told(&format!("{law}, at once {at_once}"), &json!([first, horizon, rest]), &after);
        ensure(same(&after, &at_once, &numbers), &wrong("another balance behind a horizon"))?;
        let alive = |answer: &Value| {
            let lots = items(&answer["lots"]).iter();
            lots.filter(|lot| lot["expires"].is_null() || instant(&lot["expires"]) > instant(&horizon)).cloned().collect::<Vec<_>>()
        };
        ensure(alive(&after) == alive(&at_once), &wrong("other lots behind a horizon"))?;
        // An earlier entry, an earlier horizon and an earlier question are refused.
        let early = written(19 * DAY, 0, OFFSETS[0]);
        let late = json!([{ "id": "early", "account": "M1", "shop": "A", "time": early, "kind": "earn", "points_milli": 5 }]);
        let refused = answered("ledger.apply", &apply(items(&late), &bounded["state"], &nothing))?;
        let is_old = refused["refused"] == json!([{ "id": "early", "reason": "too_old", "missing_milli": 0 }]);
        ensure(is_old && refused["balance_milli"] == bounded["balance_milli"], &told("before the horizon", &late, &refused))?;
        let back = ask("ledger.apply", &apply(&[], &bounded["state"], &json!(early)));
        ensure(kind(&back) == Some("out_of_order"), &told("a horizon that goes back", &bounded, &back))
    }

    /// Law 4: in any order of arrival, and some of it twice.
    fn any_order(&self, tape: &mut Tape, entries: &[Value], sent: &Value) -> Result<Value, String> {
        let fold = |entries: &[Value]| json!({ "entries": entries, "sent": sent, "as_of": written(29 * DAY, 0, OFFSETS[0]) });
        let sorted = answered("ledger.fold", &fold(&in_order(entries)))?;
        let mut arrived = shuffled(tape, entries);
        let mut twice = sorted.clone();
        if !arrived.is_empty() && tape.flag() {
            let again = tape.of(&arrived);
            twice["duplicates"] = json!([again["id"]]);
            arrived.insert(tape.pick(arrived.len() + 1), again);
        }
        let request = fold(&arrived);
        let answer = answered("ledger.fold", &request)?;
        // A receiving half that waits takes no place, and so is no repetition.
        twice["duplicates"] = if sorted["waiting"] == json!([]) { twice["duplicates"].clone() } else { answer["duplicates"].clone() };
        ensure(answer == twice, &told(&format!("sorted {twice}"), &request, &answer))?;
        Ok(sorted)
    }

    /// LG-6: with forgiving, what is held and spent and forgiven is never more than was earned and not reversed.
    fn forgiven_makes_nothing(&self) -> Result<(), String> {
        let request = json!({ "entries": self.mine, "forgive_debt": true, "as_of": written(END, 0, OFFSETS[0]) });
        let answer = answered("ledger.fold", &request)?;
        let counted = |entry: &&Value| counts(entry, &answer);
        let of_earning = |entry: &&Value| {
            entry["kind"] == "reverse" && self.mine.iter().any(|earned| earned["id"] == entry["of"] && earned["kind"] == "earn")
        };
        let gains =
            self.mine.iter().filter(|entry| entry["kind"] == "earn" || number(&entry["points_milli"]) > 0 && entry["kind"] == "adjust");
        let allowed = total(gains.map(|entry| &entry["points_milli"]))
            - total(self.mine.iter().filter(counted).filter(of_earning).map(|entry| &entry["points_milli"]));
        let has = worth(&answer) + whole(&answer["held_milli"]);
        ensure(has <= allowed, &told(&format!("{has} of {allowed} after forgiving"), &request, &answer))
    }

    /// LG-6: an earning that is held as a whole, reversed and released leaves nothing behind, whatever is forgiven.
    fn held_is_not_forgiven(&self) -> Result<(), String> {
        let as_of = written(END, 0, OFFSETS[0]);
        let fold = |entries: &[Value]| json!({ "entries": entries, "as_of": as_of, "forgive_debt": true });
        let before = answered("ledger.fold", &fold(&self.mine))?;
        // What pays a debt is spent.
        if whole(&before["debt_milli"]) > 0 {
            return Ok(());
        }
        let (all, version) = (number(&before["balance_milli"]) + 10, number(&before["version"]));
        let common = |id: &str, kind: &str| json!({ "id": id, "account": "M1", "shop": "B", "time": as_of, "kind": kind });
        let [mut earn, mut hold, mut back, mut release] =
            [("y0", "earn"), ("y1", "reserve"), ("y2", "reverse"), ("y3", "release")].map(|(id, kind)| common(id, kind));
        earn["points_milli"] = json!(10);
        (hold["points_milli"], hold["version"]) = (json_of(all), json_of(version + 1));
        (back["points_milli"], back["of"]) = (json!(10), json!("y0"));
        (release["of"], release["version"]) = (json!("y1"), json_of(version + 3));
        let request = fold(&[self.mine.clone(), vec![earn, hold, back, release]].concat());
        let after = answered("ledger.fold", &request)?;
        let same = ["balance_milli", "debt_milli", "held_milli", "refused"].iter().all(|field| after[field] == before[field]);
        ensure(same && worth(&after) == worth(&before), &told(&format!("before {before}"), &request, &after))
    }

    /// Law 7: a redemption that is undone in two parts leaves all lots as they were.
    fn undone_leaves_no_trace(&self, tape: &mut Tape) -> Result<(), String> {
        let as_of = written(END, 0, OFFSETS[0]);
        let before = answered("ledger.fold", &json!({ "entries": self.mine, "as_of": as_of }))?;
        let points = number(&before["balance_milli"]).min(tape.of(&[12, 3, 200]));
        if points == 0 || whole(&before["debt_milli"]) > 0 {
            return Ok(());
        }
        let later = |id: &str, kind: &str, points: i128| json!({ "id": id, "account": "M1", "shop": "B", "time": as_of, "kind": kind, "points_milli": json_of(points) });
        let mut entries = self.mine.clone();
        entries.push(later("z0", "redeem", points));
        for (id, part) in [("z1", points / 2), ("z2", points - points / 2)] {
            let mut back = later(id, "reverse", part);
            back["of"] = json!("z0");
            entries.push(back);
        }
        let request = json!({ "entries": shuffled(tape, &entries), "as_of": as_of });
        let after = answered("ledger.fold", &request)?;
        let same = ["balance_milli", "debt_milli", "held_milli", "pending_milli", "lots"].iter().all(|field| after[field] == before[field]);
        ensure(same, &told(&format!("before {before}"), &request, &after))
    }

    /// LG-6: what an undone redemption gives back pays the debt before it goes into lots.
    fn an_undo_pays_the_debt_first(&self, tape: &mut Tape) -> Result<(), String> {
        let debt = whole(&self.last["debt_milli"]);
        let counted = |entry: &&Value| counts(entry, &self.last);
        let redemptions: Vec<&Value> = self.mine.iter().filter(counted).filter(|entry| entry["kind"] == "redeem").collect();
        if debt == 0 || redemptions.is_empty() {
            return Ok(());
        }
        let redemption = tape.of(&redemptions);
        let back = self.mine.iter().filter(counted).filter(|entry| entry["kind"] == "reverse" && entry["of"] == redemption["id"]);
        let left = number(&redemption["points_milli"]) - total(back.map(|entry| &entry["points_milli"]));
        let as_of = written(END, 0, OFFSETS[0]);
        let undo = json!({ "id": "z0", "account": "M1", "shop": "B", "time": as_of, "kind": "reverse", "of": redemption["id"],
            "points_milli": json_of(left) });
        let mut entries = self.mine.clone();
        entries.push(undo);
        let request = json!({ "entries": entries, "as_of": as_of });
        let after = answered("ledger.fold", &request)?;
        let paid = left.min(debt);
        ensure(whole(&after["debt_milli"]) == debt - paid, &told(&format!("of a debt of {debt}, {paid} are paid"), &request, &after))
    }

    /// The entries one by one leave what all of them at once leave.
    fn one_by_one(&self) -> Result<(), String> {
        let as_of = written(29 * DAY, 0, OFFSETS[0]);
        let at_once = answered("ledger.apply", &json!({ "entries": self.mine, "as_of": as_of }))?;
        let mut state = Value::Null;
        let mut answer = Value::Null;
        for entry in in_order(&self.mine) {
            answer = answered("ledger.apply", &json!({ "entries": [entry], "as_of": as_of, "state": state }))?;
            state = answer["state"].clone();
        }
        let fields = ["balance_milli", "pending_milli", "debt_milli", "version", "held_milli", "lots", "state", "waiting"];
        let same = state.is_null() || fields.iter().all(|field| answer[field] == at_once[field]);
        ensure(same, &told(&format!("one by one {answer}"), &json!(self.mine), &at_once))?;
        let fold =
            ["balance_milli", "pending_milli", "debt_milli", "version", "held_milli", "lots", "waiting", "refused", "taken", "undone"];
        ensure(fold.iter().all(|field| at_once[field] == self.last[field]), &told("fold is not apply", &at_once, &self.last))
    }
}

/// Whether a fold counted an entry.
fn counts(entry: &Value, answer: &Value) -> bool {
    let refused = items(&answer["refused"]).iter().any(|refused| refused["id"] == entry["id"]);
    !refused && !items(&answer["waiting"]).contains(&entry["id"])
}

/// What the entries that were counted add up to.
fn applied(entries: &[Value], answer: &Value) -> i128 {
    let find = |id: &Value| entries.iter().find(|entry| entry["id"] == *id).unwrap_or(&Value::Null);
    let moved = |entry: &Value| {
        let points = number(&entry["points_milli"]);
        match entry["kind"].as_str().unwrap_or_default() {
            "redeem" | "reserve" | "send" | "receive_debt" => -points,
            "commit" | "expire" => 0,
            "release" => number(&find(&entry["of"])["points_milli"]),
            "reverse" if find(&entry["of"])["kind"] == "earn" => -points,
            _ => points,
        }
    };
    entries.iter().filter(|entry| counts(entry, answer)).map(moved).sum()
}

// The laws

#[test]
fn no_sequence_of_awards_passes_a_limit() {
    for_tapes_of(800, |tape| {
        let mut shop = Shop::new(tape);
        for _ in 0..tape.pick(16) {
            shop.step(tape)?;
        }
        Ok(())
    });
}

#[test]
fn no_sequence_of_uses_makes_money() {
    for_tapes(|tape| {
        let mut wallet = Wallet::new(tape);
        for value in [12_000, 1_500, 700] {
            wallet.issue(tape, value);
        }
        for _ in 0..tape.pick(24) {
            if tape.once_in(3) {
                wallet.undo(tape)?
            } else {
                wallet.redeem(tape)?
            };
        }
        Ok(())
    });
}

#[test]
fn a_fund_counts_every_event_once() {
    for_tapes(|tape| {
        let mut fund = Fund::new();
        for _ in 0..tape.pick(16) {
            fund.step(tape)?;
        }
        Ok(())
    });
}

#[test]
fn no_order_of_entries_makes_points() {
    for_tapes_of(400, |tape| {
        let mut ledger = Ledger::default();
        for _ in 0..tape.pick(16) {
            ledger.step(tape)?;
        }
        Ok(())
    });
}

/// All of it together: an award is a voucher, reserved in the fund, and points of a member.
#[test]
fn a_shop_keeps_all_laws_at_once() {
    for_tapes_of(600, |tape| {
        let (mut shop, mut wallet, mut fund, mut ledger) = (Shop::new(tape), Wallet::new(tape), Fund::new(), Ledger::default());
        for _ in 0..tape.pick(16) {
            match tape.pick(5) {
                0 | 1 => {
                    let issued = shop.step(tape)?;
                    if issued > 0 {
                        fund.apply(vec![
                            json!({ "type": "issue", "id": format!("W{}", wallet.vouchers.len()), "amount": json_of(issued) }),
                        ])?;
                        wallet.issue(tape, issued);
                        ledger.earn(tape, issued)?;
                    }
                }
                2 => {
                    if let Some((which, amount)) = wallet.redeem(tape)?.filter(|(_, amount)| *amount > 0) {
                        fund.apply(vec![json!({ "type": "redeem", "id": format!("W{which}"), "amount": json_of(amount) })])?;
                    }
                }
                3 => {
                    wallet.undo(tape)?;
                }
                _ => ledger.step(tape)?,
            }
            let outstanding: i128 = wallet.vouchers.iter().map(|voucher| voucher.value - voucher.paid).sum();
            ensure(outstanding >= 0, "more was paid than issued")?;
        }
        Ok(())
    });
}
