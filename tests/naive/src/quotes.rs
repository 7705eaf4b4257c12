//! What stands around the award: the quote, making up a missed quota, the
//! shares of tills, and the program in force (AW-5, AW-6, AW-9, AW-11, AW-12).

use crate::auction::Window;
use crate::award::{
    Climb, Counters, Receipt, Request, Rung, award_of, base_of, covers, ladder, lefts, read_counters, read_merchant, read_receipt,
    read_request, read_shopper, stand,
};
use crate::fields::{Answer, Fields, Fraction, Int, fraction, int, out, out_list, refuse};
use crate::money::{points_milli, value_of};
use crate::offers::offers_of;
use crate::program::{Program, read_own, read_program};
use crate::split::{allocate, read_list};
use crate::tables::digit_column;
use crate::time::{Date, Moment, read_local, read_moment};
use serde_json::{Value, json};

/// Where a time auction's receipt stands in its selling day.
pub enum Place {
    Slot(usize),
    Before,
    After,
}

pub fn place(program: &Program, receipt: &Receipt) -> Answer<Place> {
    let (Some(at), Some(window)) = (&receipt.at, &program.window) else {
        return Ok(Place::Slot(receipt.slot.expect("a time auction receipt has a slot or a time")));
    };
    let at = at.at(program.offset)?;
    Ok(match window.slot(&at) {
        Some(slot) => Place::Slot(slot),
        None if at.time_of_day() < fraction(&int(window.open)) => Place::Before,
        None => Place::After,
    })
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
    if input.get("program").is_some_and(|program| offers_of(program).is_some()) {
        return crate::offers::quote(input);
    }
    let request = read_request(input)?;
    let Request { program, receipt, .. } = &request;
    let place = if !program.table.auction { None } else { Some(place(program, receipt)?) };
    let quota = quota_of(program, place.as_ref());
    let missing = if receipt.total < quota { &quota - &receipt.total } else { int(0) };
    let mut raised = receipt.clone();
    raised.total += &missing;

    let now = brief(&award_of(&request, receipt)?);
    let at_quota = if missing > int(0) { brief(&award_of(&request, &raised)?) } else { Value::Null };
    let (mut best, mut worst) = (Value::Null, Value::Null);
    if program.table.stopwatch {
        let [highest, lowest] = extremes(program);
        best = with_column(&request, &raised, highest)?;
        worst = with_column(&request, &raised, lowest)?;
    }
    let next = place.map_or(Ok(Value::Null), |place| next_of(program, &place))?;
    Ok(json!({
        "missing": out(&missing)?,
        "now": now,
        "at_quota": at_quota,
        "next": next,
        "best": best,
        "worst": worst,
    }))
}

/// The first of the columns with the highest and the lowest rate.
pub fn extremes(program: &Program) -> [usize; 2] {
    let row = &program.table.row;
    [row.iter().max(), row.iter().min()].map(|wanted| row.iter().position(|rate| Some(rate) == wanted).expect("ten columns"))
}

/// The next slot of the day with a higher rate.
pub fn next_of(program: &Program, place: &Place) -> Answer<Value> {
    match *place {
        Place::Slot(slot) => {
            let running = if program.held_slots.contains(&slot) { int(0) } else { program.table.row[slot - 1].clone() };
            next_slot(program, slot + 1, &running)
        }
        Place::Before => next_slot(program, 1, &int(0)),
        Place::After => Ok(Value::Null),
    }
}

/// The four fields of an award that a quote tells.
pub fn brief(award: &Value) -> Value {
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

/// The selling day, or without a window the date; on the shop's clock.
fn day_of(moment: &Moment, program: &Program) -> Answer<Date> {
    match &program.window {
        Some(window) => window.selling_day(moment),
        None => Ok(moment.date.clone()),
    }
}

/// AW-12.
pub fn make_up(input: &Value) -> Answer<Value> {
    let known = [
        "program",
        "receipt",
        "shopper",
        "merchant",
        "counters",
        "bought_at",
        "issued",
        "second_total",
        "second_at",
        "refunded",
        "made_up",
    ];
    let fields = Fields::open(input, &known)?;
    let program = read_program(fields.need("program")?)?;
    let receipt = read_receipt(fields.need("receipt")?, &program)?;
    let shopper = read_shopper(&fields)?;
    let merchant = read_merchant(&fields)?;
    let counters = read_counters(&fields, &program.table)?;
    let bought_at = read_moment(fields.text("bought_at")?)?;
    let issued = fields.natural("issued")?;
    let second_total = fields.natural("second_total")?;
    let second_at = read_moment(fields.text("second_at")?)?;
    let refunded = fields.natural_or("refunded", 0)?;
    let made_up = fields.flag_or("made_up", false)?;
    if receipt.at.as_ref().is_some_and(|at| at.instant() != bought_at.instant()) {
        return refuse("bad_config");
    }
    let both = &receipt.total + &second_total;
    if refunded > both {
        return refuse("over_refund");
    }
    let (bought, second) = (bought_at.at(program.offset)?, second_at.at(program.offset)?);
    let (bought_on, second_on) = (day_of(&bought, &program)?, day_of(&second, &program)?);
    let mut stand = stand(&program, &receipt)?;
    stand.in_force = stand.in_force && program.in_force(&bought);
    let day = stand.day.clone().unwrap_or_else(|| bought_on.clone());
    let counted = counters.on(Some(&day))?;

    let answer = |reason: &str, rate: &Int, value: &Int, difference: &Int, capped_by: &[&str], counters: &Counters| {
        let mut answer = json!({
            "reason": reason,
            "rate_bp": out(rate)?,
            "value": out(value)?,
            "difference": out(difference)?,
            "points_milli": out(&points_milli(difference, &program.point_value))?,
            "capped_by": capped_by,
            "counters": counters.write(&program.table)?,
        });
        if let Some(shares) = &program.funding {
            answer["parts"] = out_list(&allocate(difference, shares))?;
        }
        Ok(answer)
    };
    let none = int(0);
    let no = |reason: &str| answer(reason, &none, &none, &none, &[], &counters);
    let Some(minutes) = &program.make_up_minutes else {
        return no("not_allowed");
    };
    if made_up {
        return no("made_up_before");
    }
    // A direct receipt at the first one's time and play, whose total meets the quota.
    let slot = stand.slot;
    let quota = if stand.outside { int(0) } else { program.quotas[slot.unwrap_or(1) - 1].clone() };
    let base = base_of(&program, &receipt);
    let climb = Climb { program: &program, receipt: &receipt, total: &quota, base: &base, stand, counted: counted.same() };
    let rung = ladder(climb, &shopper, &merchant);
    let later = ["no_rate", "first_n"];
    if let Err(reason) = &rung {
        if !later.contains(reason) {
            return no(reason);
        }
    }
    if receipt.total >= quota {
        return no("quota_was_met");
    }
    if bought_on != second_on {
        return no("other_day");
    }
    let passed: Fraction = second_at.instant() - bought_at.instant();
    if passed < fraction(&int(0)) || passed > fraction(&(minutes * int(60))) {
        return no("too_late");
    }
    if both - refunded < quota {
        return no("quota_still_missed");
    }
    let Rung { reason, rate, .. } = match rung {
        Ok(Rung { reason: "first_n_standby", .. }) => return no("first_n"),
        Ok(rung) => rung,
        Err(reason) => return no(reason),
    };
    // AW-13 bounds both vouchers; the standby voucher is counted already, so
    // the budgets and the cover bound the difference.
    let mut capped_by = Vec::new();
    let mut full = value_of(&base, &rate, &program.rounding);
    if let Some(cap) = &program.receipt_cap {
        if full > *cap {
            full = cap.clone();
            capped_by.push("receipt_cap");
        }
    }
    let asked = if full > issued { &full - &issued } else { int(0) };
    let mut difference = asked.clone();
    for (name, left) in lefts(&program, &counted, slot) {
        if difference > int(0) && difference > left {
            capped_by.push(name);
            if program.refuse_when_short || left == int(0) {
                return answer("budget_spent", &rate, &none, &none, &capped_by, &counters);
            }
            difference = left;
        }
    }
    if !covers(&program, &merchant, &difference) {
        return answer("cover_short", &rate, &none, &none, &capped_by, &counters);
    }
    let mut after = counted;
    after.add(slot, &difference, reason == "full");
    answer("made_up", &rate, &(full - asked + &difference), &difference, &capped_by, &after)
}

/// SP-1 over the tills.
pub fn till_shares(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["program", "weights"])?;
    let program = read_program(fields.need("program")?)?;
    let weights = read_list(fields.list("weights")?, false)?;
    if weights.len() > 10_000 {
        return refuse("too_large");
    }
    let mut tills = vec![json!({}); weights.len()];
    let mut over_release = json!({});
    let others = int(weights.len() as i64 - 1);
    // A limit stated once is answered once, ten are answered as ten.
    let given = fields.need("program")?;
    let is_list = |value: Option<&Value>| value.is_some_and(Value::is_array);
    let limits = [
        ("first_n", program.first_n.as_ref().map(|first| first.n.clone()), is_list(given.pointer("/first_n/n"))),
        ("budget_day", program.day_budget.as_ref().map(|day| vec![Some(day.clone())]), false),
        ("budget_slot", program.slot_budget.clone(), is_list(given.pointer("/budget/slot"))),
    ];
    for (name, limits, by_slot) in limits {
        let limits = limits.unwrap_or_else(|| vec![None]);
        let mut shares = vec![Vec::new(); weights.len()];
        let mut above = Vec::new();
        for limit in &limits {
            match limit {
                None => {
                    shares.iter_mut().for_each(|share| share.push(Value::Null));
                    above.push(Value::Null);
                }
                Some(limit) => {
                    for (share, part) in shares.iter_mut().zip(allocate(limit, &weights)) {
                        share.push(out(&part)?);
                    }
                    above.push(out(&(limit * &others))?);
                }
            }
        }
        let told = |list: Vec<Value>| if by_slot { json!(list) } else { list[0].clone() };
        for (till, share) in tills.iter_mut().zip(shares) {
            till[name] = told(share);
        }
        over_release[name] = told(above);
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
    let mut offsets = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        offsets.push(read_own(document)?.offset);
        let time = |name: &str| document.get(name).and_then(Value::as_str).map(read_local).transpose();
        let Some(from) = time("from")? else {
            return refuse("missing_field");
        };
        spans.push((from, time("until")?, index));
    }
    // One clock for all, so that neither an hour is twice nor none.
    if offsets.iter().any(|offset| offset.is_some() != offsets[0].is_some()) {
        return refuse("bad_config");
    }
    let east = |index: usize| offsets[index].unwrap_or(0) * 60;
    for (from, until, index) in &mut spans {
        *from -= east(*index);
        *until = until.map(|until| until - east(*index));
    }
    spans.sort_unstable();
    for pair in spans.windows(2) {
        if pair[0].1 != Some(pair[1].0) {
            return refuse("bad_config");
        }
    }
    // CV-5: each program on its own clock; the last that has begun.
    for (from, until, index) in spans.into_iter().rev() {
        let local = at.at(offsets[index])?.local() - fraction(&int(east(index)));
        if fraction(&int(from)) <= local && until.is_none_or(|until| local < fraction(&int(until))) {
            let field = |name: &str| documents[index].get(name).cloned().unwrap_or(Value::Null);
            return Ok(json!({ "index": index, "id": field("id"), "version": field("version") }));
        }
    }
    Ok(json!({ "index": null, "id": null, "version": null }))
}
