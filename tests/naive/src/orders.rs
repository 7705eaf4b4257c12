//! Orders that wait for an answer, and shelves that wait for goods (OR-3, OR-4).

use crate::fields::{Answer, Fields, Fraction, Int, fraction, int, out, refuse};
use crate::time::{Moment, date_after, read_moment, seconds_of_day, write_offset};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

struct Hours {
    open: Int,
    close: Int,
}

fn read_hours(value: &Value) -> Answer<Hours> {
    let fields = Fields::open(value, &["open", "close"])?;
    let (open, close) = (seconds_of_day(fields.text("open")?)?, seconds_of_day(fields.text("close")?)?);
    // Past midnight the day ends on the next date; equal times are a whole day.
    let close = if close <= open { close + DAY } else { close };
    Ok(Hours { open: int(open), close: int(close) })
}

const DAY: i64 = 86_400;

/// Where the clock stands when so many open seconds are over. The clock counts
/// the seconds of local days.
fn after_open_seconds(start: &Fraction, seconds: &Int, hours: &Hours) -> Fraction {
    let opening = |day: &Int| fraction(&(day * int(DAY) + &hours.open));
    let closing = |day: &Int| fraction(&(day * int(DAY) + &hours.close));
    let mut day = (start / fraction(&int(DAY))).floor().to_integer();
    if *start < closing(&(&day - int(1))) {
        day -= int(1);
    }
    let mut clock = start.clone().max(opening(&day));
    if clock >= closing(&day) {
        day += int(1);
        clock = opening(&day);
    }
    let mut rest = fraction(seconds);
    if &clock + &rest <= closing(&day) {
        return clock + rest;
    }
    rest -= closing(&day) - clock;
    // Whole days, as many as leave something for the last one.
    let length = fraction(&(&hours.close - &hours.open));
    let whole = (&rest / &length).ceil().to_integer() - int(1);
    rest -= fraction(&whole) * length;
    opening(&(day + int(1) + whole)) + rest
}

/// A clock of local days as a time in its offset.
fn write_clock(clock: &Fraction, offset_minutes: i64) -> Answer<String> {
    let nanoseconds = (clock * fraction(&int(1_000_000_000))).to_integer();
    let billion = int(1_000_000_000);
    let (seconds, part) = (&nanoseconds / &billion, &nanoseconds % &billion);
    let days = &seconds / int(DAY);
    if days >= int(3_652_425) {
        return refuse("out_of_range");
    }
    let date = date_after(i64::try_from(days).expect("ten thousand years")).write();
    let second = i64::try_from(seconds % int(DAY)).expect("a day");
    let decimals = if part == int(0) { String::new() } else { format!(".{part:0>9}") };
    let time = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    Ok(format!("{date}T{time}{decimals}{}", write_offset(offset_minutes)))
}

const STATES: [&str; 4] = ["accepted", "ready", "handed_over", "cancelled"];

fn may_follow(state: &str, before: &str) -> bool {
    match state {
        "accepted" => before == "placed",
        "ready" => before == "accepted",
        "handed_over" => before == "ready",
        _ => ["placed", "accepted", "ready"].contains(&before),
    }
}

/// OR-3.
pub fn follow(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["now", "orders", "hours", "answer_within_minutes"])?;
    let now = read_moment(fields.text("now")?)?.instant();
    let hours = fields.get("hours").map(read_hours).transpose()?;
    let within = fields.natural_or("answer_within_minutes", 30)? * int(60);
    let mut counts: BTreeMap<&str, i64> =
        ["placed", "accepted", "ready", "handed_over", "cancelled", "missed", "late"].map(|name| (name, 0)).into();
    let mut ids = BTreeSet::new();
    let mut told = Vec::new();
    for item in fields.list("orders")? {
        let order = Fields::open(item, &["id", "channel", "placed", "promised", "steps"])?;
        let id = order.text("id")?;
        order.text("channel")?;
        if !ids.insert(id) {
            return refuse("bad_config");
        }
        let placed: Moment = read_moment(order.text("placed")?)?;
        let promised = order.text_if("promised")?.map(read_moment).transpose()?;
        if placed.instant() > now {
            return refuse("bad_config");
        }
        let mut state = "placed";
        let mut last = placed.instant();
        let mut first = None;
        for step in order.list_if("steps")?.into_iter().flatten() {
            let step = Fields::open(step, &["state", "time"])?;
            step.need("state")?;
            let next = step.word_or("state", &STATES, "accepted")?;
            let time = read_moment(step.text("time")?)?.instant();
            if !may_follow(next, state) || time < last || time > now {
                return refuse("bad_config");
            }
            first = first.or(Some(time.clone()));
            (state, last) = (next, time);
        }

        let offset = fraction(&int(placed.offset_minutes * 60));
        let clock = placed.instant() + &offset;
        let due = match &hours {
            None => clock + fraction(&within),
            Some(hours) => after_open_seconds(&clock, &within, hours),
        };
        let answer_due = write_clock(&due, placed.offset_minutes)?;
        let missed = first.as_ref().unwrap_or(&now) > &(due - offset);
        // When it was done, or how long it has gone on.
        let end = match state {
            "cancelled" => None,
            "handed_over" => Some(&last),
            _ => Some(&now),
        };
        let mut lateness = fraction(&int(0));
        if let (Some(end), Some(promised)) = (end, &promised) {
            lateness = lateness.max(end - promised.instant());
        }
        let late = lateness > fraction(&int(0));
        for (name, counts_here) in [(state, true), ("missed", missed), ("late", late)] {
            *counts.get_mut(name).expect("a count") += i64::from(counts_here);
        }
        let minutes = (lateness / fraction(&int(60))).floor().to_integer();
        told.push(json!({
            "id": id,
            "state": state,
            "answer_due": answer_due,
            "missed": missed,
            "late": late,
            "late_minutes": out(&minutes)?,
        }));
    }
    Ok(json!({ "orders": told, "counts": counts }))
}

/// OR-4.
pub fn reorder(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["products"])?;
    let mut skus = BTreeSet::new();
    let mut told = Vec::new();
    let known = ["sku", "on_hand", "on_order", "backordered", "sold", "days", "lead_days", "review_days", "safety", "pack"];
    for item in fields.list("products")? {
        let product = Fields::open(item, &known)?;
        let sku = product.text("sku")?;
        if !skus.insert(sku) {
            return refuse("bad_config");
        }
        let on_hand = product.natural("on_hand")?;
        let (on_order, backordered) = (product.natural_or("on_order", 0)?, product.natural_or("backordered", 0)?);
        let (sold, days) = (product.natural("sold")?, product.positive("days")?);
        let (lead_days, review_days) = (product.natural("lead_days")?, product.natural_or("review_days", 0)?);
        let safety = product.natural_or("safety", 0)?;
        let pack = if product.has("pack") { product.positive("pack")? } else { int(1) };

        let need = |over: &Int| Fraction::new(&sold * over, days.clone()).ceil().to_integer() + &safety;
        let reorder_point = need(&lead_days);
        let position = &on_hand + &on_order - &backordered;
        let missing = need(&(&lead_days + &review_days)) - &position;
        let suggest = if position > reorder_point || missing <= int(0) {
            int(0)
        } else {
            Fraction::new(missing, pack.clone()).ceil().to_integer() * &pack
        };
        let days_left = if sold == int(0) { Value::Null } else { out(&(&on_hand * &days / &sold))? };
        told.push(json!({
            "sku": sku,
            "per_day_milli": out(&(&sold * int(1000) / &days))?,
            "reorder_point": out(&reorder_point)?,
            "position": out(&position)?,
            "suggest": out(&suggest)?,
            "days_left": days_left,
            "low": on_hand < safety,
        }));
    }
    Ok(json!({ "products": told }))
}
