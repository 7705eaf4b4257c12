//! Standby rates, the decision and reversals (sections 6 and 7).

use crate::fields::{Answer, Fields, Fraction, Int, between, fraction, int, list, natural, out, out_list, rate, refuse};
use crate::money::{Rounding, points_milli, read_rounding_object, value_of};
use crate::program::{Program, read_program};
use crate::split::allocate;
use crate::stopwatch::{Claim, judge};
use crate::tables::{digit_column, small};
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

pub fn read_receipt(value: &Value, program: &Program) -> Answer<Receipt> {
    let fields = Fields::open(value, &["total", "paid_by_voucher", "digit", "claim", "slot", "at", "late"])?;
    let total = fields.natural("total")?;
    let paid_by_voucher = fields.natural_or("paid_by_voucher", 0)?;
    if paid_by_voucher > total {
        return refuse("out_of_range");
    }
    let mut receipt = Receipt { total, paid_by_voucher, digit: None, claim: None, slot: None, at: None, late: false };
    receipt.late = fields.flag_or("late", false)?;
    receipt.read_column(&fields, &program.tolerance_ms)?;
    let played = [receipt.digit.is_some(), receipt.claim.is_some()];
    let timed = [receipt.slot.is_some(), receipt.at.is_some()];
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
    Ok(receipt)
}

impl Receipt {
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

pub struct Counters {
    pub awards_in_slot: Int,
    pub released_today: Int,
    pub released_in_slot: Int,
    pub day: Option<Date>,
    pub slot: Option<usize>,
}

/// An optional object: absent is an object without fields.
fn open_or_empty<'a>(value: Option<&'a Value>, known: &[&str], empty: &'a Value) -> Answer<Fields<'a>> {
    Fields::open(value.unwrap_or(empty), known)
}

pub fn read_counters(fields: &Fields) -> Answer<Counters> {
    let empty = json!({});
    let known = ["awards_in_slot", "released_today", "released_in_slot", "day", "slot"];
    let fields = open_or_empty(fields.get("counters"), &known, &empty)?;
    let slot = match fields.get("slot") {
        Some(value) => Some(small(&between(value, 1, 10)?)),
        None => None,
    };
    Ok(Counters {
        awards_in_slot: fields.natural_or("awards_in_slot", 0)?,
        released_today: fields.natural_or("released_today", 0)?,
        released_in_slot: fields.natural_or("released_in_slot", 0)?,
        day: fields.text_if("day")?.map(read_date).transpose()?,
        slot,
    })
}

impl Counters {
    pub fn write(&self) -> Answer<Value> {
        let mut answer = json!({
            "awards_in_slot": out(&self.awards_in_slot)?,
            "released_today": out(&self.released_today)?,
            "released_in_slot": out(&self.released_in_slot)?,
        });
        if let Some(day) = &self.day {
            answer["day"] = json!(day.write());
        }
        if let Some(slot) = self.slot {
            answer["slot"] = json!(slot);
        }
        Ok(answer)
    }

    /// AW-7: for another day or slot than the one counted, they start from
    /// zero.
    pub fn turned_to(&self, day: Date, slot: usize) -> Self {
        let other_day = self.day.as_ref().is_some_and(|counted| *counted != day);
        let other_slot = other_day || self.slot.is_some_and(|counted| counted != slot);
        let fresh = |counter: &Int, reset: bool| if reset { int(0) } else { counter.clone() };
        Self {
            awards_in_slot: fresh(&self.awards_in_slot, other_slot),
            released_today: fresh(&self.released_today, other_day),
            released_in_slot: fresh(&self.released_in_slot, other_slot),
            day: Some(day),
            slot: Some(slot),
        }
    }
}

pub struct Shopper {
    pub prior_points_milli: Int,
    pub purchases: Int,
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
    let inner = open_or_empty(fields.get("shopper"), &["prior_points_milli", "purchases"], &empty)?;
    Ok(Shopper { prior_points_milli: inner.natural_or("prior_points_milli", 0)?, purchases: inner.natural_or("purchases", 0)? })
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
    let counters = read_counters(&fields)?;
    Ok(Request { program, receipt, shopper, merchant, counters })
}

/// AW-2.
pub fn base_of(program: &Program, receipt: &Receipt) -> Int {
    if program.exclude_voucher_paid { &receipt.total - &receipt.paid_by_voucher } else { receipt.total.clone() }
}

pub fn decide(input: &Value) -> Answer<Value> {
    let request = read_request(input)?;
    award_of(&request, &request.receipt)
}

/// The answer for a receipt, the request's own or another in its place.
pub fn award_of(request: &Request, receipt: &Receipt) -> Answer<Value> {
    let Request { program, shopper, merchant, counters, .. } = request;
    let base = base_of(program, receipt);
    let decision = decision(program, receipt, shopper, merchant, counters, &base)?;

    let points = points_milli(&decision.value, &program.point_value);
    // AW-7: a stopped award leaves the counters as they came.
    let new_counters = match decision.counters {
        Some(mut counters) if !decision.stopped => {
            counters.released_today += &decision.value;
            if !program.table.stopwatch {
                counters.released_in_slot += &decision.value;
                if decision.reason == "full" && decision.value > int(0) {
                    counters.awards_in_slot += int(1);
                }
            }
            counters
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
        "counters": new_counters.write()?,
        "shopper": {
            "prior_points_milli": out(&(&shopper.prior_points_milli + &points))?,
            "purchases": out(&(&shopper.purchases + bought))?,
        },
    });
    if receipt.late {
        answer["late"] = json!(true);
    }
    if let Some(shares) = &program.funding {
        answer["parts"] = out_list(&allocate(&decision.value, shares))?;
    }
    Ok(answer)
}

/// The column that a stopwatch receipt's play gives, or why it gives none.
pub fn played_column(program: &Program, receipt: &Receipt) -> Result<usize, &'static str> {
    if let Some(digit) = receipt.digit {
        let noted = receipt.late && !program.accept_noted_digit;
        return if noted { Err("noted_digit") } else { Ok(digit_column(digit)) };
    }
    match &receipt.claim {
        None => Err("play_pending"),
        Some(claim) if claim.refusal.is_some() => Err("claim_refused"),
        Some(claim) => Ok(digit_column(claim.digit)),
    }
}

/// Where the ladder arrives: a rate and the reason for it.
pub struct Rung {
    pub reason: &'static str,
    pub rate: Int,
    /// The counters that the ladder looked at.
    pub counted: Counters,
}

/// AW-1 as far as the rate: the steps in their order; the first that stops
/// names the reason. The quota looks at the receipt's total.
pub fn ladder(
    program: &Program,
    receipt: &Receipt,
    shopper: &Shopper,
    merchant: &Merchant,
    counters: &Counters,
    base: &Int,
) -> Answer<Result<Rung, &'static str>> {
    if merchant.suspended {
        return Ok(Err("suspended"));
    }
    if merchant.registered {
        return Ok(Err("not_active"));
    }
    if program.paused {
        return Ok(Err("paused"));
    }
    if *base == int(0) {
        return Ok(Err("zero_amount"));
    }
    // AW-3
    let mut newcomer = false;
    if let Some(loyal) = &program.loyal {
        if shopper.purchases < loyal.min_purchases {
            if !loyal.intro {
                return Ok(Err("not_eligible"));
            }
            newcomer = true;
        }
    }
    // TA-2, AW-4, AW-7
    let mut slot = receipt.slot;
    let mut counted = counters.same();
    if let (Some(at), Some(window)) = (&receipt.at, &program.window) {
        let Some(found) = window.slot(at) else {
            return Ok(Err("outside_window"));
        };
        slot = Some(found);
        counted = counters.turned_to(window.selling_day(at)?, found);
    }
    if slot.is_some_and(|slot| program.held_slots.contains(&slot)) {
        return Ok(Err("slot_held"));
    }
    // QT-1, QT-2
    let standby = program.standby.rate(&shopper.prior_points_milli);
    let quota = &program.quotas[slot.unwrap_or(1) - 1];
    let reason;
    let rate;
    if receipt.total < *quota {
        if standby == int(0) {
            return Ok(Err("no_standby"));
        }
        (reason, rate) = ("standby", standby);
    } else {
        // SW-3, TA-3
        let column = if program.table.stopwatch {
            match played_column(program, receipt) {
                Ok(column) => column,
                Err(reason) => return Ok(Err(reason)),
            }
        } else {
            slot.expect("a time auction receipt has a slot") - 1
        };
        if newcomer {
            let least = program.table.row.iter().min().expect("ten columns");
            (reason, rate) = ("intro", least.clone());
        } else {
            match &program.first_n {
                // AW-5
                Some(first) if counted.awards_in_slot >= first.n => match first.then {
                    "standby" if standby > int(0) => {
                        (reason, rate) = ("first_n_standby", standby);
                    }
                    "first_column" => {
                        (reason, rate) = ("first_n_first_column", program.table.row[0].clone());
                    }
                    _ => return Ok(Err("first_n")),
                },
                _ => (reason, rate) = ("full", program.table.row[column].clone()),
            }
        }
    }
    Ok(Ok(Rung { reason, rate, counted }))
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
    let Rung { reason, rate, counted } = match ladder(program, receipt, shopper, merchant, counters, base)? {
        Ok(rung) => rung,
        Err(reason) => return Ok(stop(reason)),
    };
    // CV-4, AW-13
    let mut value = value_of(base, &rate, &program.rounding);
    let mut capped_by = Vec::new();
    if let Some(cap) = &program.receipt_cap {
        if value > *cap {
            value = cap.clone();
            capped_by.push("receipt_cap");
        }
    }
    // AW-6
    let budgets =
        [("day_budget", &program.day_budget, &counted.released_today), ("slot_budget", &program.slot_budget, &counted.released_in_slot)];
    for (name, budget, released) in budgets {
        let Some(budget) = budget else {
            continue;
        };
        let left = if released > budget { int(0) } else { budget - released };
        if value > int(0) && value > left {
            capped_by.push(name);
            if program.refuse_when_short || left == int(0) {
                return Ok(Decision { rate_bp: rate, capped_by, ..stop("budget_spent") });
            }
            value = left;
        }
    }
    // GF-7
    if let Some(least) = &program.min_cover_bp {
        if value > int(0) {
            let cover = Fraction::new(merchant.fund_balance.clone(), &merchant.outstanding + &value);
            if cover * fraction(&int(10_000)) < fraction(least) {
                return Ok(Decision { rate_bp: rate, capped_by, ..stop("cover_short") });
            }
        }
    }
    Ok(Decision { reason, stopped: false, rate_bp: rate, value, capped_by, counters: Some(counted) })
}

impl Counters {
    pub fn same(&self) -> Self {
        Self {
            awards_in_slot: self.awards_in_slot.clone(),
            released_today: self.released_today.clone(),
            released_in_slot: self.released_in_slot.clone(),
            day: self.day.clone(),
            slot: self.slot,
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
    let issued = match fields.natural_if("issued")? {
        Some(issued) => issued,
        None => value_of(&base, &rate, &rounding),
    };
    let quota = fields.natural_or("quota", 0)?;
    let drops = fields.word_or("below_quota", &["keep", "standby"], "keep")? == "standby";
    let standby = fields.rate_or("standby_bp", 0)?;
    let refunds = read_refunds(&fields)?;
    Voucher { base, total, rate, rounding, issued, quota, drops, standby }.after(refunds)
}

/// AW-8 for a receipt of a program: the award is made once more, then the refunds come.
pub fn reverse_decided(input: &Value) -> Answer<Value> {
    let mut decided = input.clone();
    let refunds = match decided.as_object_mut().and_then(|fields| fields.remove("refunds")) {
        Some(refunds) => read_refunds(&Fields::open(&json!({ "refunds": refunds }), &["refunds"])?)?,
        None => return refuse("missing_field"),
    };
    let request = read_request(&decided)?;
    let award = award_of(&request, &request.receipt)?;
    let Request { program, receipt, shopper, .. } = request;
    // QT-1: the quota of the slot the receipt stands in. A stopwatch has ten equal ones.
    let slot = match (&receipt.at, &program.window) {
        (Some(at), Some(window)) => window.slot(at),
        _ => Some(receipt.slot.unwrap_or(1)),
    };
    let quota = slot.map_or(int(0), |slot| program.quotas[slot - 1].clone());
    let voucher = Voucher {
        base: natural(&award["base"])?,
        total: receipt.total,
        rate: rate(&award["rate_bp"])?,
        rounding: program.rounding,
        issued: natural(&award["value"])?,
        quota,
        drops: program.drops_below_quota,
        standby: program.standby.rate(&shopper.prior_points_milli),
    };
    voucher.after(refunds)
}

fn read_refunds(fields: &Fields) -> Answer<Vec<Int>> {
    list(fields.need("refunds")?)?.iter().map(natural).collect()
}

/// A voucher as it was issued.
struct Voucher {
    base: Int,
    total: Int,
    rate: Int,
    rounding: Rounding,
    issued: Int,
    quota: Int,
    drops: bool,
    standby: Int,
}

impl Voucher {
    fn after(self, refunds: Vec<Int>) -> Answer<Value> {
        let Self { base, total, rate, rounding, issued, quota, drops, standby } = self;
        let lower = if standby < rate { standby } else { rate.clone() };
        let mut refunded = int(0);
        let mut held = issued.clone();
        let mut kept = Vec::new();
        let mut taken_back = Vec::new();
        for refund in refunds {
            refunded += refund;
            if refunded > base {
                return refuse("over_refund");
            }
            let below = total >= quota && &total - &refunded < quota;
            let its_rate = if below && drops { &lower } else { &rate };
            let worth = value_of(&(&base - &refunded), its_rate, &rounding);
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
        Ok(json!({
            "kept": out_list(&kept)?,
            "taken_back": out_list(&taken_back)?,
            "reason": reason,
        }))
    }
}
