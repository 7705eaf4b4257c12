//! What stands around the award: the quote, making up a missed quota, the
//! shares of tills, and the program in force (AW-5, AW-6, AW-9, AW-11, AW-12).

use crate::auction::Window;
use crate::award::{Receipt, Request, award_of, base_of, played_column, read_receipt, read_request, read_shopper};
use crate::fields::{Answer, Fields, Fraction, Int, fraction, int, out, refuse};
use crate::money::value_of;
use crate::program::{Program, read_program};
use crate::split::{allocate, read_list};
use crate::tables::digit_column;
use crate::time::{Date, Moment, read_local, read_moment};
use serde_json::{Value, json};

/// Where a time auction's receipt stands in its selling day.
enum Place {
    Slot(usize),
    Before,
    After,
}

fn place(program: &Program, receipt: &Receipt) -> Place {
    match (&receipt.at, &program.window) {
        (Some(at), Some(window)) => match window.slot(at) {
            Some(slot) => Place::Slot(slot),
            None if at.time_of_day() < fraction(&int(window.open)) => Place::Before,
            None => Place::After,
        },
        _ => Place::Slot(receipt.slot.expect("a time auction receipt has a slot or a time")),
    }
}

/// The quota a receipt faces; outside the window there is none.
fn quota_of(program: &Program, place: Option<&Place>) -> Int {
    match place {
        None => program.quotas[0].clone(),
        Some(Place::Slot(slot)) => program.quotas[slot - 1].clone(),
        Some(_) => int(0),
    }
}

/// AW-9.
pub fn quote(input: &Value) -> Answer<Value> {
    let request = read_request(input)?;
    let Request { program, receipt, .. } = &request;
    let place = if program.table.stopwatch { None } else { Some(place(program, receipt)) };
    let quota = quota_of(program, place.as_ref());
    let missing = if receipt.total < quota { &quota - &receipt.total } else { int(0) };
    let mut raised = receipt.clone();
    raised.total += &missing;

    let now = brief(&award_of(&request, receipt)?);
    let at_quota = if missing > int(0) { brief(&award_of(&request, &raised)?) } else { Value::Null };
    let (mut best, mut worst) = (Value::Null, Value::Null);
    if program.table.stopwatch {
        // The first of the columns with the highest and the lowest rate.
        let row = &program.table.row;
        let highest = row.iter().position(|rate| Some(rate) == row.iter().max()).expect("ten columns");
        let lowest = row.iter().position(|rate| Some(rate) == row.iter().min()).expect("ten columns");
        best = with_column(&request, &raised, highest)?;
        worst = with_column(&request, &raised, lowest)?;
    }
    let next = match place {
        Some(Place::Slot(slot)) => {
            let running = if program.held_slots.contains(&slot) { int(0) } else { program.table.row[slot - 1].clone() };
            next_slot(program, slot + 1, &running)?
        }
        Some(Place::Before) => next_slot(program, 1, &int(0))?,
        _ => Value::Null,
    };
    Ok(json!({
        "missing": out(&missing)?,
        "now": now,
        "at_quota": at_quota,
        "next": next,
        "best": best,
        "worst": worst,
    }))
}

/// The four fields of an award that a quote tells.
fn brief(award: &Value) -> Value {
    json!({
        "reason": award["reason"],
        "rate_bp": award["rate_bp"],
        "value": award["value"],
        "capped_by": award["capped_by"],
    })
}

fn with_column(request: &Request, receipt: &Receipt, column: usize) -> Answer<Value> {
    let digit = (0..10).find(|digit| digit_column(*digit) == column).expect("ten digits");
    let mut receipt = receipt.clone();
    receipt.claim = None;
    receipt.digit = Some(digit);
    let award = award_of(request, &receipt)?;
    Ok(json!({ "digit": digit, "rate_bp": out(&request.program.table.row[column])?, "value": award["value"] }))
}

fn next_slot(program: &Program, first: usize, above: &Int) -> Answer<Value> {
    for slot in first..=10 {
        let rate = &program.table.row[slot - 1];
        if !program.held_slots.contains(&slot) && rate > above {
            let starts_at = program.window.as_ref().map(|window| start_of(window, slot));
            return Ok(json!({ "slot": slot, "rate_bp": out(rate)?, "starts_at": starts_at }));
        }
    }
    Ok(Value::Null)
}

/// When a slot begins: `HH:MM[:SS[.f]]`.
fn start_of(window: &Window, slot: usize) -> String {
    let mut tenths = (&window.boundaries[slot - 1] + fraction(&int(window.open))) * fraction(&int(10));
    let day = fraction(&int(864_000));
    if tenths >= day {
        tenths -= day;
    }
    let tenths = i64::try_from(tenths.to_integer()).expect("a day");
    let second = tenths / 10;
    let mut text = format!("{:02}:{:02}", second / 3600, second / 60 % 60);
    if tenths % 600 != 0 {
        text += &format!(":{:02}", second % 60);
    }
    if tenths % 10 != 0 {
        text += &format!(".{}", tenths % 10);
    }
    text
}

/// The selling day, or without a window the date.
fn day_of(moment: &Moment, window: Option<&Window>) -> Answer<Date> {
    match window {
        Some(window) => window.selling_day(moment),
        None => Ok(moment.date.clone()),
    }
}

/// AW-12.
pub fn make_up(input: &Value) -> Answer<Value> {
    let known = ["program", "receipt", "shopper", "bought_at", "issued", "second_total", "second_at", "refunded", "made_up"];
    let fields = Fields::open(input, &known)?;
    let program = read_program(fields.need("program")?)?;
    let receipt = read_receipt(fields.need("receipt")?, &program)?;
    read_shopper(&fields)?;
    let bought_at = read_moment(fields.text("bought_at")?)?;
    let issued = fields.natural("issued")?;
    let second_total = fields.natural("second_total")?;
    let second_at = read_moment(fields.text("second_at")?)?;
    let refunded = fields.natural_or("refunded", 0)?;
    let made_up = fields.flag_or("made_up", false)?;
    let both = &receipt.total + &second_total;
    if refunded > both {
        return refuse("over_refund");
    }

    let no = |reason: &str| Ok(json!({ "reason": reason, "rate_bp": 0, "value": 0, "difference": 0 }));
    let Some(minutes) = &program.make_up_minutes else {
        return no("not_allowed");
    };
    if made_up {
        return no("made_up_before");
    }
    let column;
    let quota;
    if program.table.stopwatch {
        column = match played_column(&program, &receipt) {
            Ok(column) => column,
            Err(reason) => return no(reason),
        };
        quota = quota_of(&program, None);
    } else {
        let place = place(&program, &receipt);
        let Place::Slot(slot) = place else {
            return no("outside_window");
        };
        if program.held_slots.contains(&slot) {
            return no("slot_held");
        }
        column = slot - 1;
        quota = quota_of(&program, Some(&place));
    }
    if receipt.total >= quota {
        return no("quota_was_met");
    }
    if day_of(&bought_at, program.window.as_ref())? != day_of(&second_at, program.window.as_ref())? {
        return no("other_day");
    }
    let passed: Fraction = second_at.instant() - bought_at.instant();
    if passed < fraction(&int(0)) || passed > fraction(&(minutes * int(60))) {
        return no("too_late");
    }
    if both - refunded < quota {
        return no("quota_still_missed");
    }
    let rate = &program.table.row[column];
    let mut value = value_of(&base_of(&program, &receipt), rate, &program.rounding);
    if let Some(cap) = &program.receipt_cap {
        if value > *cap {
            value = cap.clone();
        }
    }
    let difference = if value > issued { &value - issued } else { int(0) };
    Ok(json!({ "reason": "made_up", "rate_bp": out(rate)?, "value": out(&value)?, "difference": out(&difference)? }))
}

/// SP-1 over the tills.
pub fn till_shares(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["program", "weights"])?;
    let program = read_program(fields.need("program")?)?;
    let weights = read_list(fields.list("weights")?, false)?;
    let limits = [
        ("first_n", program.first_n.as_ref().map(|first| &first.n)),
        ("budget_day", program.day_budget.as_ref()),
        ("budget_slot", program.slot_budget.as_ref()),
    ];
    let mut tills = vec![json!({}); weights.len()];
    let mut over_release = json!({});
    for (name, limit) in limits {
        let Some(limit) = limit else {
            for till in &mut tills {
                till[name] = Value::Null;
            }
            over_release[name] = Value::Null;
            continue;
        };
        for (till, part) in tills.iter_mut().zip(allocate(limit, &weights)) {
            till[name] = out(&part)?;
        }
        over_release[name] = out(&(limit * int(weights.len() as i64 - 1)))?;
    }
    Ok(json!({ "tills": tills, "over_release": over_release }))
}

/// AW-11: the one program of a list whose time it is.
pub fn in_force(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["programs", "at"])?;
    let at = read_moment(fields.text("at")?)?;
    let documents = fields.list("programs")?;
    if documents.is_empty() {
        return refuse("bad_config");
    }
    // From, until, and the place in the list.
    let mut spans = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        read_program(document)?;
        let time = |name: &str| document.get(name).and_then(Value::as_str).map(read_local).transpose();
        let Some(from) = time("from")? else {
            return refuse("missing_field");
        };
        spans.push((from, time("until")?, index));
    }
    spans.sort_unstable();
    for pair in spans.windows(2) {
        if pair[0].1 != Some(pair[1].0) {
            return refuse("bad_config");
        }
    }
    let local = at.local();
    for (from, until, index) in spans {
        if fraction(&int(from)) <= local && until.is_none_or(|until| local < fraction(&int(until))) {
            let field = |name: &str| documents[index].get(name).cloned().unwrap_or(Value::Null);
            return Ok(json!({ "index": index, "id": field("id"), "version": field("version") }));
        }
    }
    Ok(json!({ "index": null, "id": null, "version": null }))
}
