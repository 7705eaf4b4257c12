//! Standby rates, the decision and reversals (sections 6 and 7).

use crate::fields::{Answer, Fields, Fraction, Int, between, fraction, int, list, natural, out, out_list, rate, refuse};
use crate::money::{Rounding, points_milli, raises, read_rounding_object, value_of, value_of_points};
use crate::offers::offers_of;
use crate::program::{Program, points_request, read_program};
use crate::split::allocate;
use crate::stopwatch::{Claim, judge};
use crate::tables::{Table, digit_column, small};
use crate::time::{Date, Moment, read_date, read_moment};
use serde_json::{Value, json};

/// A standby schedule (SB).
#[derive(PartialEq)]
pub struct Steps {
    /// Threshold in thousandths of a point, and the rate from there.
    pub steps: Vec<(Int, Int)>,
    pub strict: bool,
}

/// SB-1, as printed: points and percent in tenths.
const PRINTED_STEPS: [(i64, i64); 5] = [(50, 5), (150, 10), (300, 15), (500, 20), (700, 25)]; // S002:1218, S002:1363

pub fn printed_steps() -> Vec<(Int, Int)> {
    PRINTED_STEPS.iter().map(|(points, tenths)| (int(points * 1000), int(tenths * 10))).collect()
}

pub fn read_steps(value: Option<&Value>) -> Answer<Steps> {
    let mut strict = false;
    let mut steps = printed_steps();
    let Some(value) = value else {
        return Ok(Steps { steps, strict });
    };
    let fields = Fields::open(value, &["steps", "strict"])?;
    strict = fields.flag_or("strict", false)?;
    if let Some(items) = fields.list_if("steps")? {
        steps.clear();
        for item in items {
            let step = Fields::open(item, &["from_points_milli", "rate_bp"])?;
            steps.push((step.natural("from_points_milli")?, step.rate("rate_bp")?));
        }
        // SB-3
        if steps.is_empty() || steps.len() > 16 {
            return refuse("bad_schedule");
        }
        for pair in steps.windows(2) {
            if pair[1].0 <= pair[0].0 || pair[1].1 < pair[0].1 {
                return refuse("bad_schedule");
            }
        }
    }
    Ok(Steps { steps, strict })
}

impl Steps {
    /// SB-2: the rate of the last threshold reached; 0 when there is none.
    pub fn rate(&self, points: &Int) -> Int {
        let mut rate = int(0);
        for (from, its_rate) in &self.steps {
            let reached = if self.strict { points > from } else { points >= from };
            if reached {
                rate = its_rate.clone();
            }
        }
        rate
    }
}

pub fn standby_rate(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["prior_points_milli", "standby"])?;
    let points = fields.natural("prior_points_milli")?;
    let steps = read_steps(fields.get("standby"))?;
    Ok(json!({ "rate_bp": out(&steps.rate(&points))? }))
}

#[derive(Clone)]
pub struct Receipt {
    pub total: Int,
    pub paid_by_voucher: Int,
    pub digit: Option<usize>,
    pub claim: Option<Claim>,
    pub slot: Option<usize>,
    pub at: Option<Moment>,
    pub late: bool,
}

/// What tells the column of a receipt.
pub const COLUMN: [&str; 4] = ["digit", "claim", "slot", "at"];
/// What a receipt may have beside its total and its column.
pub const PLAIN: [&str; 2] = ["paid_by_voucher", "late"];

pub fn read_receipt(value: &Value, program: &Program) -> Answer<Receipt> {
    let fields = Fields::open(value, &[&["total", "lines", "line_rounding"], &COLUMN[..], &PLAIN].concat())?;
    let mut receipt = Receipt::plain(total_of(&fields)?, &fields)?;
    receipt.read_column(&fields, &program.tolerance_ms)?;
    let played = [receipt.digit.is_some(), receipt.claim.is_some()];
    let timed = [receipt.slot.is_some(), receipt.at.is_some()];
    if !program.table.stopwatch && !program.table.auction {
        // PT-8: nothing is played; a time tells the day.
        return if played[0] || played[1] || timed[0] { refuse("bad_config") } else { Ok(receipt) };
    }
    let (own, other) = if program.table.stopwatch { (played, timed) } else { (timed, played) };
    if other[0] || other[1] || (own[0] && own[1]) {
        return refuse("bad_config");
    }
    if !program.table.stopwatch && !own[0] && !own[1] {
        return refuse("missing_field");
    }
    if receipt.at.is_some() && program.window.is_none() {
        return refuse("missing_field");
    }
    // SW-6: a drawn digit has no clock.
    if receipt.claim.is_some() && program.hardened {
        return refuse("bad_config");
    }
    Ok(receipt)
}

/// PT-9: the total, or the sum of the lines, each rounded once.
fn total_of(fields: &Fields) -> Answer<Int> {
    let Some(amounts) = amounts_of(fields)? else {
        return fields.natural("total");
    };
    let mut total = int(0);
    for amount in &amounts {
        total += amount;
        out(&total)?;
    }
    Ok(total)
}

/// The amounts of the lines; none of a receipt that has a total.
pub fn amounts_of(fields: &Fields) -> Answer<Option<Vec<Int>>> {
    let Some(lines) = fields.list_if("lines")? else {
        return if fields.has("line_rounding") { refuse("bad_config") } else { Ok(None) };
    };
    if fields.has("total") {
        return refuse("bad_config");
    }
    let half_up = json!({ "mode": "half_up" });
    let mut stated = fields.get("line_rounding").cloned().unwrap_or(half_up);
    if let Some(stated) = stated.as_object_mut() {
        if stated.get("mode").is_none_or(Value::is_null) {
            stated.insert("mode".into(), json!("half_up"));
        }
    }
    let rounding = read_rounding_object(Some(&stated))?;
    let mut amounts = Vec::new();
    for line in lines {
        let line = Fields::open(line, &["sku", "class", "dated", "quantity", "quantity_milli", "price", "price_per", "discount"])?;
        line.text("sku")?;
        line.text_if("class")?;
        line.flag_or("dated", false)?;
        let thousandths = match (line.has("quantity"), line.has("quantity_milli")) {
            (true, true) => return refuse("bad_config"),
            (false, false) => return refuse("missing_field"),
            (true, false) => line.positive("quantity")? * int(1000),
            (false, true) => line.positive("quantity_milli")?,
        };
        let per = line.get("price_per").map_or(Ok(int(1)), |per| between(per, 1, 1000))?;
        let exact = Fraction::new(line.natural("price")? * thousandths, per * int(1000));
        let discount = line.natural_or("discount", 0)?;
        let in_units = exact / fraction(&rounding.unit);
        let below = in_units.floor().to_integer();
        let raised = raises(rounding.mode, &below, &(in_units - fraction(&below)));
        let amount = (below + int(i64::from(raised))) * &rounding.unit - discount;
        if amount < int(0) {
            return refuse("bad_config");
        }
        out(&amount)?;
        amounts.push(amount);
    }
    Ok(Some(amounts))
}

impl Receipt {
    /// A receipt with what it has beside its column.
    pub fn plain(total: Int, fields: &Fields) -> Answer<Self> {
        let paid_by_voucher = fields.natural_or("paid_by_voucher", 0)?;
        if paid_by_voucher > total {
            return refuse("out_of_range");
        }
        let late = fields.flag_or("late", false)?;
        Ok(Self { total, paid_by_voucher, digit: None, claim: None, slot: None, at: None, late })
    }

    /// The same in canonical form: what is zero or false is left out.
    pub fn written(&self) -> Answer<Value> {
        let mut written = json!({ "total": out(&self.total)? });
        if self.paid_by_voucher != int(0) {
            written["paid_by_voucher"] = out(&self.paid_by_voucher)?;
        }
        if self.late {
            written["late"] = json!(true);
        }
        Ok(written)
    }

    /// What tells the column: digit, claim, slot, instant.
    pub fn read_column(&mut self, fields: &Fields, tolerance_ms: &Int) -> Answer<()> {
        if let Some(value) = fields.get("digit") {
            self.digit = Some(small(&between(value, 0, 9)?));
        }
        if let Some(value) = fields.get("claim") {
            let claim = Fields::open(value, &["started_at", "countdown_s", "stopped_at"])?;
            self.claim = Some(judge(&claim, tolerance_ms)?);
        }
        if let Some(value) = fields.get("slot") {
            self.slot = Some(small(&between(value, 1, 10)?));
        }
        if let Some(at) = fields.text_if("at")? {
            self.at = Some(read_moment(at)?);
        }
        Ok(())
    }
}

/// What one selling day was given so far (AW-7).
pub struct Counters {
    pub day: Option<Date>,
    pub released_today: Int,
    /// Ten numbers each; with the stopwatch zeros.
    pub awards_by_slot: Vec<Int>,
    pub released_by_slot: Vec<Int>,
}

/// An optional object: absent is an object without fields.
fn open_or_empty<'a>(value: Option<&'a Value>, known: &[&str], empty: &'a Value) -> Answer<Fields<'a>> {
    Fields::open(value.unwrap_or(empty), known)
}

pub fn read_counters(fields: &Fields, table: &Table) -> Answer<Counters> {
    let empty = json!({});
    let known = ["day", "released_today", "awards_by_slot", "released_by_slot"];
    let fields = open_or_empty(fields.get("counters"), &known, &empty)?;
    let by_slot = |name: &str| -> Answer<Vec<Int>> {
        let Some(items) = fields.list_if(name)? else {
            return Ok(vec![int(0); 10]);
        };
        let counts: Vec<Int> = items.iter().map(natural).collect::<Answer<_>>()?;
        if !table.auction || counts.len() != 10 { refuse("bad_config") } else { Ok(counts) }
    };
    Ok(Counters {
        day: fields.text_if("day")?.map(read_date).transpose()?,
        released_today: fields.natural_or("released_today", 0)?,
        awards_by_slot: by_slot("awards_by_slot")?,
        released_by_slot: by_slot("released_by_slot")?,
    })
}

impl Counters {
    pub fn write(&self, table: &Table) -> Answer<Value> {
        let mut answer = json!({ "released_today": out(&self.released_today)? });
        if table.auction {
            answer["awards_by_slot"] = out_list(&self.awards_by_slot)?;
            answer["released_by_slot"] = out_list(&self.released_by_slot)?;
        }
        if let Some(day) = &self.day {
            answer["day"] = json!(day.write());
        }
        Ok(answer)
    }

    /// AW-7: as a receipt of this day sees them. A later day starts from
    /// zero, an earlier one is refused.
    pub fn on(&self, day: Option<&Date>) -> Answer<Self> {
        let mut counted = self.same();
        if let (Some(own), Some(day)) = (&self.day, day) {
            if day < own {
                return refuse("out_of_order");
            }
            if day > own {
                counted = Self { day: None, released_today: int(0), awards_by_slot: vec![int(0); 10], released_by_slot: vec![int(0); 10] };
            }
        }
        if let Some(day) = day {
            counted.day = Some(day.clone());
        }
        Ok(counted)
    }

    /// Adds what an award released, and whether it took a first-N place.
    pub fn add(&mut self, slot: Option<usize>, value: &Int, full: bool) {
        self.released_today += value;
        if let Some(slot) = slot {
            self.released_by_slot[slot - 1] += value;
            if full && *value > int(0) {
                self.awards_by_slot[slot - 1] += int(1);
            }
        }
    }
}

pub struct Shopper {
    pub prior_points_milli: Int,
    pub purchases: Int,
    /// What earlier purchases left short of a step (PT-1).
    pub carried: Int,
}

pub struct Merchant {
    suspended: bool,
    registered: bool,
    pub fund_balance: Int,
    pub outstanding: Int,
}

/// What the decision comes to.
struct Decision {
    reason: &'static str,
    stopped: bool,
    rate_bp: Int,
    value: Int,
    capped_by: Vec<&'static str>,
    /// The counters that the decision looked at.
    counters: Option<Counters>,
}

fn stop(reason: &'static str) -> Decision {
    Decision { reason, stopped: true, rate_bp: int(0), value: int(0), capped_by: Vec::new(), counters: None }
}

/// A request for an award, read and checked in full.
pub struct Request {
    pub program: Program,
    pub receipt: Receipt,
    pub shopper: Shopper,
    pub merchant: Merchant,
    pub counters: Counters,
}

pub fn read_shopper(fields: &Fields) -> Answer<Shopper> {
    let empty = json!({});
    let inner = open_or_empty(fields.get("shopper"), &["prior_points_milli", "purchases", "carried"], &empty)?;
    Ok(Shopper {
        prior_points_milli: inner.natural_or("prior_points_milli", 0)?,
        purchases: inner.natural_or("purchases", 0)?,
        carried: inner.natural_or("carried", 0)?,
    })
}

pub fn read_merchant(fields: &Fields) -> Answer<Merchant> {
    let empty = json!({});
    let inner = open_or_empty(fields.get("merchant"), &["suspended", "registered", "fund_balance", "outstanding"], &empty)?;
    Ok(Merchant {
        suspended: inner.flag_or("suspended", false)?,
        registered: inner.flag_or("registered", false)?,
        fund_balance: inner.natural_or("fund_balance", 0)?,
        outstanding: inner.natural_or("outstanding", 0)?,
    })
}

pub fn read_request(input: &Value) -> Answer<Request> {
    let fields = Fields::open(input, &["program", "receipt", "shopper", "merchant", "counters"])?;
    let program = read_program(fields.need("program")?)?;
    let receipt = read_receipt(fields.need("receipt")?, &program)?;
    let shopper = read_shopper(&fields)?;
    let merchant = read_merchant(&fields)?;
    let counters = read_counters(&fields, &program.table)?;
    Ok(Request { program, receipt, shopper, merchant, counters })
}

/// AW-2.
pub fn base_of(program: &Program, receipt: &Receipt) -> Int {
    if program.exclude_voucher_paid { &receipt.total - &receipt.paid_by_voucher } else { receipt.total.clone() }
}

pub fn decide(input: &Value) -> Answer<Value> {
    if offers_of(&input["program"]).is_some() {
        return crate::offers::decide(input);
    }
    let request = read_request(input)?;
    let mut answer = award_of(&request, &request.receipt)?;
    // The names of those who pay, if the program says them.
    if let Some(parties) = input["program"].get("parties").filter(|parties| !parties.is_null()) {
        answer["parties"] = parties.clone();
    }
    Ok(answer)
}

/// The answer for a receipt, the request's own or another in its place.
pub fn award_of(request: &Request, receipt: &Receipt) -> Answer<Value> {
    let Request { program, shopper, merchant, counters, .. } = request;
    let base = base_of(program, receipt);
    let decision = decision(program, receipt, shopper, merchant, counters, &base)?;

    // PT-8: what no limit lowered is the points themselves.
    let mut points = points_milli(&decision.value, &program.point_value);
    let mut carried = shopper.carried.clone();
    if program.table.points && decision.reason == "full" {
        let (earned, rest) = earned(program, &receipt.total, &base, &shopper.carried)?;
        if decision.capped_by.is_empty() {
            points = earned;
        }
        carried = rest;
    }
    // AW-7: a stopped award leaves the counters as they came.
    let new_counters = match decision.counters {
        Some(mut counted) if !decision.stopped => {
            counted.add(stand(program, receipt)?.slot, &decision.value, decision.reason == "full");
            counted
        }
        _ => counters.same(),
    };
    let bought = if receipt.total > int(0) { int(1) } else { int(0) };
    let mut answer = json!({
        "reason": decision.reason,
        "rate_bp": out(&decision.rate_bp)?,
        "base": out(&base)?,
        "value": out(&decision.value)?,
        "points_milli": out(&points)?,
        "capped_by": decision.capped_by,
        "counters": new_counters.write(&program.table)?,
        "shopper": {
            "prior_points_milli": out(&(&shopper.prior_points_milli + &points))?,
            "purchases": out(&(&shopper.purchases + bought))?,
        },
    });
    if carried > int(0) {
        answer["shopper"]["carried"] = out(&carried)?;
    }
    if receipt.late {
        answer["late"] = json!(true);
    }
    if let Some(shares) = &program.funding {
        answer["parts"] = out_list(&allocate(&decision.value, shares))?;
    }
    Ok(answer)
}

/// What the points are worth. Points outside the domain are above every limit; if none stops the award they are refused where
/// they are told.
fn worth(program: &Program, total: &Int, base: &Int, carried: &Int) -> Answer<Int> {
    match earned(program, total, base, carried) {
        Err(kind) if kind == "out_of_range" => Ok(int(1 << 54)),
        earned => Ok(value_of_points(&earned?.0, &program.point_value)),
    }
}

/// PT-1 … PT-3 as a program has them: the points of a purchase of which `base` earns, and the rest.
pub fn earned(program: &Program, total: &Int, base: &Int, carried: &Int) -> Answer<(Int, Int)> {
    let mut request = points_request(program.points.as_ref().expect("points"));
    // The minimum looks at the whole purchase.
    let least = request.remove("min_purchase").map_or(Ok(int(0)), |least| natural(&least))?;
    request.insert("amount".into(), out(base)?);
    request.insert("carried".into(), out(carried)?);
    if *total < least {
        // Any minimum above the base.
        request.insert("min_purchase".into(), out(&(base + int(1)))?);
    }
    let earned = crate::points_program::earn(&Value::Object(request))?;
    Ok((natural(&earned["points_milli"])?, natural(&earned["carried"])?))
}

/// The column that a stopwatch receipt's play gives, or why it gives none.
pub fn played_column(program: &Program, receipt: &Receipt) -> Result<usize, &'static str> {
    if let Some(digit) = receipt.digit {
        // A hardened digit follows from the day's key, whenever it is entered.
        let noted = receipt.late && !program.accept_noted_digit && !program.hardened;
        return if noted { Err("noted_digit") } else { Ok(digit_column(digit)) };
    }
    match &receipt.claim {
        None => Err("play_pending"),
        Some(claim) if claim.refusal.is_some() => Err("claim_refused"),
        Some(claim) => Ok(digit_column(claim.digit)),
    }
}

/// Where and when a receipt stands.
pub struct Stand {
    pub slot: Option<usize>,
    pub day: Option<Date>,
    pub outside: bool,
    pub in_force: bool,
}

/// CV-5, TA-2, AW-7, AW-11: the slot and the selling day of a receipt, as far
/// as it tells them.
pub fn stand(program: &Program, receipt: &Receipt) -> Answer<Stand> {
    let mut stand = Stand { slot: receipt.slot, day: None, outside: false, in_force: true };
    if let (Some(at), Some(window), true) = (&receipt.at, &program.window, program.table.auction) {
        let at = at.at(program.offset)?;
        stand.in_force = program.in_force(&at);
        stand.slot = window.slot(&at);
        stand.outside = stand.slot.is_none();
        if !stand.outside {
            stand.day = Some(window.selling_day(&at)?);
        }
    }
    if let (Some(at), false) = (&receipt.at, program.table.auction) {
        let at = at.at(program.offset)?;
        stand.in_force = program.in_force(&at);
        stand.slot = None;
        stand.outside = false;
        stand.day = Some(match &program.window {
            Some(window) if window.slot(&at).is_some() => window.selling_day(&at)?,
            _ => at.date,
        });
    }
    if let Some(claim) = &receipt.claim {
        let stopped = claim.stopped.at(program.offset)?;
        stand.in_force = program.in_force(&stopped);
        // A shop whose hours pass midnight counts on the day on which it opened.
        stand.day = Some(match &program.window {
            Some(window) if window.slot(&stopped).is_some() => window.selling_day(&stopped)?,
            _ => stopped.date,
        });
    }
    Ok(stand)
}

/// Where the ladder arrives: a rate and the reason for it.
pub struct Rung {
    pub reason: &'static str,
    pub rate: Int,
    pub counted: Counters,
    pub slot: Option<usize>,
}

/// A receipt as the ladder looks at it; a making up looks at another total and
/// another day than the receipt's own.
pub struct Climb<'a> {
    pub program: &'a Program,
    pub receipt: &'a Receipt,
    pub total: &'a Int,
    pub base: &'a Int,
    pub stand: Stand,
    /// As the day sees them.
    pub counted: Counters,
}

/// AW-1 as far as the rate: the steps in their order; the first that stops
/// names the reason. The quota looks at the receipt's total.
pub fn ladder(climb: Climb, shopper: &Shopper, merchant: &Merchant) -> Result<Rung, &'static str> {
    let Climb { program, receipt, total, base, stand, counted } = climb;
    if merchant.suspended {
        return Err("suspended");
    }
    if merchant.registered {
        return Err("not_active");
    }
    if program.paused {
        return Err("paused");
    }
    if !stand.in_force {
        return Err("not_in_force");
    }
    if *base == int(0) {
        return Err("zero_amount");
    }
    // AW-3
    let mut newcomer = false;
    if let Some(loyal) = &program.loyal {
        if shopper.purchases < loyal.min_purchases {
            if !loyal.intro {
                return Err("not_eligible");
            }
            newcomer = true;
        }
    }
    // TA-2, AW-4
    if stand.outside {
        return Err("outside_window");
    }
    let slot = stand.slot;
    if slot.is_some_and(|slot| program.held_slots.contains(&slot)) {
        return Err("slot_held");
    }
    // QT-1, QT-2
    let standby = program.standby.rate(&shopper.prior_points_milli);
    let quota = &program.quotas[slot.unwrap_or(1) - 1];
    if total < quota {
        if standby == int(0) {
            return Err("no_standby");
        }
        return Ok(Rung { reason: "standby", rate: standby, counted, slot });
    }
    // SW-3, TA-3
    let column = match slot {
        Some(slot) => slot - 1,
        None if program.table.stopwatch => played_column(program, receipt)?,
        None => 0,
    };
    let none = int(0);
    let mut reason = "full";
    let mut rate = program.table.row[column].clone();
    if program.table.points {
        return Ok(Rung { reason, rate, counted, slot });
    }
    if rate == none {
        return Err("no_rate");
    }
    if newcomer {
        reason = "intro";
        rate = program.table.row.iter().min().expect("ten columns").clone();
    } else if let (Some(first), Some(slot)) = (&program.first_n, slot) {
        // AW-5
        let through = first.n[slot - 1].as_ref().is_some_and(|n| counted.awards_by_slot[slot - 1] >= *n);
        match (through, first.then) {
            (false, _) => {}
            (true, "standby") if standby > none => (reason, rate) = ("first_n_standby", standby),
            (true, "first_column") => (reason, rate) = ("first_n_first_column", program.table.row[0].clone()),
            (true, _) => return Err("first_n"),
        }
    }
    if rate == none { Err("no_rate") } else { Ok(Rung { reason, rate, counted, slot }) }
}

/// AW-1: the ladder, and then the limits.
fn decision(
    program: &Program,
    receipt: &Receipt,
    shopper: &Shopper,
    merchant: &Merchant,
    counters: &Counters,
    base: &Int,
) -> Answer<Decision> {
    let stand = stand(program, receipt)?;
    let counted = counters.on(stand.day.as_ref())?;
    let climb = Climb { program, receipt, total: &receipt.total, base, stand, counted };
    let Rung { reason, rate, counted, slot } = match ladder(climb, shopper, merchant) {
        Ok(rung) => rung,
        Err(reason) => return Ok(stop(reason)),
    };
    // CV-4, AW-13
    let mut value = value_of(base, &rate, &program.rounding);
    if program.table.points && reason == "full" {
        value = worth(program, &receipt.total, base, &shopper.carried)?;
    }
    let mut capped_by = Vec::new();
    if let Some(cap) = &program.receipt_cap {
        if value > *cap {
            value = cap.clone();
            capped_by.push("receipt_cap");
        }
    }
    // AW-6
    for (name, left) in lefts(program, &counted, slot) {
        if value > int(0) && value > left {
            capped_by.push(name);
            if program.refuse_when_short || left == int(0) {
                return Ok(Decision { rate_bp: rate, capped_by, ..stop("budget_spent") });
            }
            value = left;
        }
    }
    // GF-7
    if !covers(program, merchant, &value) {
        return Ok(Decision { rate_bp: rate, capped_by, ..stop("cover_short") });
    }
    Ok(Decision { reason, stopped: false, rate_bp: rate, value, capped_by, counters: Some(counted) })
}

/// AW-6: what each budget leaves, in the order in which they act.
pub fn lefts(program: &Program, counted: &Counters, slot: Option<usize>) -> Vec<(&'static str, Int)> {
    let left = |budget: &Int, released: &Int| if released > budget { int(0) } else { budget - released };
    let mut lefts = Vec::new();
    if let Some(budget) = &program.day_budget {
        lefts.push(("day_budget", left(budget, &counted.released_today)));
    }
    if let (Some(budgets), Some(slot)) = (&program.slot_budget, slot) {
        if let Some(budget) = &budgets[slot - 1] {
            lefts.push(("slot_budget", left(budget, &counted.released_by_slot[slot - 1])));
        }
    }
    lefts
}

/// GF-7: whether the fund covers a further award.
pub fn covers(program: &Program, merchant: &Merchant, value: &Int) -> bool {
    let Some(least) = &program.min_cover_bp else {
        return true;
    };
    if *value == int(0) {
        return true;
    }
    let cover = Fraction::new(merchant.fund_balance.clone(), &merchant.outstanding + value);
    cover * fraction(&int(10_000)) >= fraction(least)
}

impl Counters {
    pub fn same(&self) -> Self {
        Self {
            day: self.day.clone(),
            released_today: self.released_today.clone(),
            awards_by_slot: self.awards_by_slot.clone(),
            released_by_slot: self.released_by_slot.clone(),
        }
    }
}

/// AW-8.
pub fn reverse(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["base", "rate_bp", "total", "rounding", "issued", "quota", "below_quota", "standby_bp", "refunds"])?;
    let base = fields.natural("base")?;
    let rate = fields.rate("rate_bp")?;
    let total = fields.natural_if("total")?.unwrap_or_else(|| base.clone());
    if total < base {
        return refuse("bad_config");
    }
    let rounding = read_rounding_object(fields.get("rounding"))?;
    let worth = value_of(&base, &rate, &rounding);
    let issued = fields.natural_if("issued")?.unwrap_or_else(|| worth.clone());
    if issued > worth {
        return refuse("out_of_range");
    }
    let quota = fields.natural_or("quota", 0)?;
    let drops = fields.word_or("below_quota", &["keep", "standby"], "keep")? == "standby";
    let standby = fields.rate_or("standby_bp", 0)?;
    let refunds = read_refunds(&fields)?;
    let after = Voucher { base, total, rate, rounding, issued, quota, drops, standby, earned: None }.after(refunds)?;
    after.write()
}

/// AW-8 for a receipt of a program: the award is made once more, then the refunds come.
pub fn reverse_decided(input: &Value) -> Answer<Value> {
    if offers_of(&input["program"]).is_some() {
        return crate::offers::reverse(input);
    }
    let mut decided = input.clone();
    let Some(refunds) = decided.as_object_mut().and_then(|fields| fields.remove("refunds")).filter(|refunds| !refunds.is_null()) else {
        return refuse("missing_field");
    };
    let request = read_request(&decided)?;
    let award = award_of(&request, &request.receipt)?;
    let refunds = in_rupiah(&input["receipt"], &refunds, &natural(&award["base"])?)?;
    let refunds = read_refunds(&Fields::open(&json!({ "refunds": refunds }), &["refunds"])?)?;
    let Request { program, receipt, shopper, .. } = &request;
    // QT-1: the quota of the slot the receipt stands in. A stopwatch has ten equal ones.
    let stand = stand(program, receipt)?;
    let quota = if stand.outside { int(0) } else { program.quotas[stand.slot.unwrap_or(1) - 1].clone() };
    let issued = natural(&award["value"])?;
    let voucher = Voucher {
        base: natural(&award["base"])?,
        total: receipt.total.clone(),
        rate: rate(&award["rate_bp"])?,
        rounding: program.rounding.clone(),
        issued: issued.clone(),
        quota,
        drops: program.drops_below_quota,
        standby: program.standby.rate(&shopper.prior_points_milli),
        // PT-8: points instead of a rate.
        earned: (program.table.points && award["reason"] == "full").then_some((&request, receipt)),
    };
    let base = voucher.base.clone();
    let after = voucher.after(refunds)?;
    let mut answer = after.write()?;
    // The shopper keeps the points of what is kept; a purchase that went back whole was none.
    let whole = after.refunded == base;
    let (mut held, mut carried) = (points_milli(&after.held, &program.point_value), shopper.carried.clone());
    if program.table.points {
        let mut each = Vec::new();
        for (place, kept) in after.kept.iter().enumerate() {
            let exact = after.points.get(place).and_then(|(milli, _)| milli.clone());
            each.push(exact.unwrap_or_else(|| points_milli(kept, &program.point_value)));
        }
        answer["points_milli"] = out_list(&each)?;
        match after.points.last() {
            Some((milli, rest)) => {
                if let Some(milli) = milli {
                    held = milli.clone();
                }
                carried = rest.clone();
            }
            None if after.kept.is_empty() => {
                held = natural(&award["points_milli"])?;
                carried = natural(award["shopper"].get("carried").unwrap_or(&json!(0)))?;
            }
            // A rate gave it, the standby voucher's for one.
            None => {}
        }
    }
    let points = &shopper.prior_points_milli + held;
    let purchases = if whole { out(&shopper.purchases)? } else { award["shopper"]["purchases"].clone() };
    answer["shopper"] = json!({ "prior_points_milli": out(&points)?, "purchases": purchases });
    if carried > int(0) {
        answer["shopper"]["carried"] = out(&carried)?;
    }
    let mut counters = award["counters"].clone();
    if program.give_back {
        let back = &issued - &after.held;
        let lower = |count: &Value, by: &Int| -> Answer<Value> { out(&(natural(count)? - by)) };
        counters["released_today"] = lower(&counters["released_today"], &back)?;
        if let Some(slot) = stand.slot {
            counters["released_by_slot"][slot - 1] = lower(&counters["released_by_slot"][slot - 1], &back)?;
            if award["reason"] == "full" && issued > int(0) && after.held == int(0) {
                counters["awards_by_slot"][slot - 1] = lower(&counters["awards_by_slot"][slot - 1], &int(1))?;
            }
        }
    }
    answer["counters"] = counters;
    Ok(answer)
}

/// Refunds in which goods that come back are rupiah: on what was paid with money first.
fn in_rupiah(receipt: &Value, refunds: &Value, base: &Int) -> Answer<Value> {
    let (mut units, mut left, mut told) = (Vec::new(), base.clone(), Vec::new());
    for refund in list(refunds)? {
        let mut refund = refund.clone();
        if let Some(amounts) = crate::offers::returned(receipt, &refund, &mut units)? {
            let sum: Int = amounts.into_iter().map(|(_, amount)| amount).sum();
            refund = out(if sum < left { &sum } else { &left })?;
        }
        let (back, again) = match refund.as_object() {
            Some(_) => {
                let exchange = Fields::open(&refund, &["back", "out"])?;
                (exchange.natural("back")?, exchange.natural("out")?)
            }
            None => (natural(&refund)?, int(0)),
        };
        left = if back > left { int(0) } else { left - back } + again;
        if left > *base {
            left = base.clone();
        }
        told.push(refund);
    }
    Ok(json!(told))
}

/// What goes back, and what goes out instead: a plain refund, or an exchange.
fn read_refunds(fields: &Fields) -> Answer<Vec<(Int, Int)>> {
    let mut refunds = Vec::new();
    for item in list(fields.need("refunds")?)? {
        refunds.push(if item.is_object() {
            let exchange = Fields::open(item, &["back", "out"])?;
            (exchange.natural("back")?, exchange.natural("out")?)
        } else {
            (natural(item)?, int(0))
        });
    }
    Ok(refunds)
}

/// What is left of a voucher.
struct Left {
    kept: Vec<Int>,
    taken_back: Vec<Int>,
    /// What is kept in points, where that is not the value's, and the rest then carried.
    points: Vec<(Option<Int>, Int)>,
    held: Int,
    refunded: Int,
    new_purchase: Int,
    reason: &'static str,
}

impl Left {
    fn write(&self) -> Answer<Value> {
        let mut answer = json!({
            "kept": out_list(&self.kept)?,
            "taken_back": out_list(&self.taken_back)?,
            "reason": self.reason,
        });
        if self.new_purchase > int(0) {
            answer["new_purchase"] = out(&self.new_purchase)?;
        }
        Ok(answer)
    }
}

/// A voucher as it was issued.
struct Voucher<'a> {
    base: Int,
    total: Int,
    rate: Int,
    rounding: Rounding,
    issued: Int,
    quota: Int,
    drops: bool,
    standby: Int,
    earned: Option<(&'a Request, &'a Receipt)>,
}

impl Voucher<'_> {
    fn after(self, refunds: Vec<(Int, Int)>) -> Answer<Left> {
        let Self { base, total, rate, rounding, issued, quota, drops, standby, earned: by_points } = self;
        let lower = if standby < rate || by_points.is_some() { standby } else { rate.clone() };
        let mut refunded = int(0);
        let mut new_purchase = int(0);
        let mut held = issued.clone();
        let mut kept = Vec::new();
        let mut taken_back = Vec::new();
        let mut points = Vec::new();
        for (back, out) in refunds {
            refunded += back;
            if refunded > base {
                return refuse("over_refund");
            }
            // An exchange is judged by what the shopper keeps.
            refunded -= out;
            if refunded < int(0) {
                new_purchase -= &refunded;
                refunded = int(0);
            }
            let below = total >= quota && &total - &refunded < quota;
            let its_rate = if below && drops { &lower } else { &rate };
            let rest = &base - &refunded;
            let mut worth = value_of(&rest, its_rate, &rounding);
            if let Some((Request { program, shopper, .. }, _)) = by_points {
                let (milli, carried) = earned(program, &(&total - &refunded), &rest, &shopper.carried)?;
                let by_steps = value_of_points(&milli, &program.point_value);
                let dropped = below && drops;
                worth = match (rest == int(0), dropped) {
                    (true, _) => int(0),
                    (false, true) if worth < by_steps => worth,
                    _ => by_steps.clone(),
                };
                let keep = if worth < issued { &worth } else { &issued };
                let exact = !dropped && rest > int(0) && by_steps == *keep;
                points.push((exact.then_some(milli), if dropped || rest == int(0) { shopper.carried.clone() } else { carried }));
            }
            let keep = if worth < issued { worth } else { issued.clone() };
            taken_back.push(&held - &keep);
            kept.push(keep.clone());
            held = keep;
        }
        let below = total >= quota && &total - &refunded < quota;
        let reason = match (refunded == base, below, drops) {
            (true, ..) => "fully_refunded",
            (false, true, true) => "below_quota_standby",
            (false, true, false) => "below_quota_kept_rate",
            (false, false, _) => "kept",
        };
        Ok(Left { kept, taken_back, points, held, refunded, new_purchase, reason })
    }
}

/// AW-8 for a sale as the network keeps it: what is kept after `back` of its base came back, and why.
pub fn kept_of(document: &Value, sale: &Value, back: &Int) -> Answer<(Int, String)> {
    let number = |field: &str| sale.get(field).map_or(Ok(int(0)), natural);
    let program = crate::program::read_own(document)?;
    let shopper =
        Shopper { prior_points_milli: number("prior_points_milli")?, purchases: number("purchases")?, carried: number("carried")? };
    let receipt = Receipt::plain(number("total")?, &Fields::open(&json!({}), &PLAIN)?)?;
    let by_steps = sale.get("by_steps") == Some(&json!(true));
    let (rounding, drops) = (program.rounding.clone(), program.drops_below_quota);
    let counters = Counters { day: None, released_today: int(0), awards_by_slot: Vec::new(), released_by_slot: Vec::new() };
    let merchant = Merchant { suspended: false, registered: false, fund_balance: int(0), outstanding: int(0) };
    let request = Request { program, receipt, shopper, merchant, counters };
    let voucher = Voucher {
        base: number("base")?,
        total: number("total")?,
        rate: number("rate_bp")?,
        rounding,
        issued: number("issued")?,
        quota: number("quota")?,
        drops,
        standby: number("standby_bp")?,
        earned: by_steps.then_some((&request, &request.receipt)),
    };
    let left = voucher.after(vec![(back.clone(), int(0))])?;
    Ok((left.held, left.reason.to_string()))
}
