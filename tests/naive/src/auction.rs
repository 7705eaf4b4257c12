//! The time auction: the selling day and its slots (section 5).

use crate::fields::{Answer, Fields, Fraction, Int, between, fraction, int, list, out_list, refuse, text};
use crate::tables::small;
use crate::time::{Date, Moment, day_before, read_moment, read_offset, seconds_of_day};
use serde_json::{Value, json};

const DAY: i64 = 86_400;

/// A selling day: when it opens, and the eleven boundaries of its slots in
/// seconds from the opening.
pub struct Window {
    pub open: i64,
    pub boundaries: Vec<Fraction>,
}

/// Seconds from one time of day forward to another, less than a day.
fn forward(from: i64, to: i64) -> i64 {
    if to >= from { to - from } else { to - from + DAY }
}

pub fn read_window(value: &Value) -> Answer<Window> {
    let fields = Fields::open(value, &["open", "close", "boundaries"])?;
    let open = fields.text_if("open")?.map(seconds_of_day).transpose()?;
    let close = fields.text_if("close")?.map(seconds_of_day).transpose()?;
    let mut listed = None;
    if let Some(items) = fields.list_if("boundaries")? {
        let mut times = Vec::new();
        for item in items {
            times.push(seconds_of_day(text(item)?)?);
        }
        listed = Some(times);
    }
    match (open, listed) {
        (Some(open), None) => Ok(ten_equal_slots(open, close)),
        (None, Some(times)) if close.is_none() => listed_slots(&times),
        _ => refuse("bad_window"),
    }
}

/// TA-1, TA-2: ten slots of the same length, as exact fractions.
fn ten_equal_slots(open: i64, close: Option<i64>) -> Window {
    let length = match close {
        None => 10 * 3600,
        Some(close) if close == open => DAY,
        Some(close) => forward(open, close),
    };
    let boundaries = (0..=10).map(|k| Fraction::new(int(length * k), int(10))).collect();
    Window { open, boundaries }
}

/// TA-2: boundaries read forward from the first, once round at most.
fn listed_slots(times: &[i64]) -> Answer<Window> {
    if times.len() != 11 {
        return refuse("bad_window");
    }
    let mut at = 0;
    let mut boundaries = vec![fraction(&int(0))];
    for pair in times.windows(2) {
        let step = forward(pair[0], pair[1]);
        if step == 0 {
            return refuse("bad_window");
        }
        at += step;
        boundaries.push(fraction(&int(at)));
    }
    if at > DAY {
        return refuse("bad_window");
    }
    Ok(Window { open: times[0], boundaries })
}

impl Window {
    /// The slot of a moment, 1 … 10, if it lies inside.
    pub fn slot(&self, moment: &Moment) -> Option<usize> {
        let mut since_open = moment.time_of_day() - fraction(&int(self.open));
        if since_open < fraction(&int(0)) {
            since_open += fraction(&int(DAY));
        }
        (1..=10).find(|&k| self.boundaries[k - 1] <= since_open && since_open < self.boundaries[k])
    }

    /// The date on which the selling day of a moment inside opened (AW-7).
    pub fn selling_day(&self, moment: &Moment) -> Answer<Date> {
        if moment.time_of_day() < fraction(&int(self.open)) { day_before(&moment.date) } else { Ok(moment.date.clone()) }
    }
}

pub fn slot(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["at", "utc_offset", "window"])?;
    let offset = fields.text_if("utc_offset")?.map(read_offset).transpose()?;
    let at = read_moment(fields.text("at")?)?.at(offset)?;
    let window = read_window(fields.need("window")?)?;
    Ok(match window.slot(&at) {
        Some(slot) => json!({ "slot": slot, "reason": "inside" }),
        None => json!({ "slot": null, "reason": "outside_window" }),
    })
}

/// TA-5: equal shares, the odd units to the earliest slots.
pub fn stock_quota(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["stock_units", "slots_left", "price"])?;
    let stock = fields.natural("stock_units")?;
    let slots = match fields.get("slots_left") {
        Some(value) => between(value, 1, 10)?,
        None => int(10),
    };
    let price = fields.natural_or("price", 0)?;
    let each = &stock / &slots;
    let odd = &stock % &slots;
    let mut units: Vec<Int> = Vec::new();
    for k in 0..small(&slots) {
        units.push(if int(k as i64) < odd { &each + int(1) } else { each.clone() });
    }
    let amounts: Vec<Int> = units.iter().map(|n| n * &price).collect();
    Ok(json!({ "units": out_list(&units)?, "amounts": out_list(&amounts)? }))
}

/// A list of slot numbers.
pub fn read_slots(value: &Value) -> Answer<Vec<usize>> {
    let mut slots = Vec::new();
    for item in list(value)? {
        slots.push(small(&between(item, 1, 10)?));
    }
    Ok(slots)
}
