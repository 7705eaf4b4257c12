//! Mixed baskets: groups of lines with their tables, or a receipt under the
//! shop's two programs (TA-4).

use crate::award::{
    COLUMN, Climb, Counters, Merchant, PLAIN, Receipt, Rung, Shopper, Stand, covers, ladder, lefts, read_counters, read_merchant,
    read_shopper, read_steps, stand,
};
use crate::fields::{Answer, Fields, Int, int, out, out_list, refuse};
use crate::money::{points_milli, read_rounding_object, value_of};
use crate::program::{Program, read_program};
use crate::split::allocate;
use crate::tables::{TABLE_FIELDS, rate_at_column, read_table};
use serde_json::{Value, json};

const GROUPS_FORM: [&str; 5] = ["groups", "quota", "prior_points_milli", "standby", "rounding"];
const PROGRAMS_FORM: [&str; 3] = ["time_auction", "stopwatch", "receipt"];
const BESIDE_PROGRAMS: [&str; 3] = ["shopper", "merchant", "counters"];

pub fn mixed(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &[&GROUPS_FORM[..], &PROGRAMS_FORM[..], &BESIDE_PROGRAMS[..]].concat())?;
    let programs = PROGRAMS_FORM.iter().any(|name| fields.has(name));
    match (fields.has("groups"), programs) {
        (true, true) => refuse("bad_config"),
        (false, true) => under_two_programs(&fields),
        _ => by_groups(&fields),
    }
}

/// Each group rounded by itself; the quota looks at all of them.
fn by_groups(fields: &Fields) -> Answer<Value> {
    let quota = fields.natural_or("quota", 0)?;
    let points = fields.natural_or("prior_points_milli", 0)?;
    let standby = read_steps(fields.get("standby"))?.rate(&points);
    let rounding = read_rounding_object(fields.get("rounding"))?;
    let known = [&TABLE_FIELDS[..], &["digit", "slot", "total"]].concat();
    let mut groups = Vec::new();
    for item in fields.list("groups")? {
        let group = Fields::open(item, &known)?;
        let table = read_table(&group)?;
        groups.push((group.natural("total")?, rate_at_column(&group, &table)?));
    }
    let total: Int = groups.iter().map(|(total, _)| total).sum();
    let mut values = Vec::new();
    for (amount, rate) in &groups {
        let rate = if total < quota { &standby } else { rate };
        values.push(value_of(amount, rate, &rounding));
    }
    let sum: Int = values.iter().sum();
    Ok(json!({ "values": out_list(&values)?, "value": out(&sum)? }))
}

/// Both programs must say the same of what looks at the whole receipt.
fn agree(auction: &Program, stopwatch: &Program) -> bool {
    auction.quotas == stopwatch.quotas
        && auction.exclude_voucher_paid == stopwatch.exclude_voucher_paid
        && least_cover(auction) == least_cover(stopwatch)
        && auction.loyal == stopwatch.loyal
        && auction.paused == stopwatch.paused
        && auction.standby == stopwatch.standby
        && auction.rounding == stopwatch.rounding
        && auction.receipt_cap == stopwatch.receipt_cap
        && auction.day_budget == stopwatch.day_budget
        && auction.refuse_when_short == stopwatch.refuse_when_short
        && auction.point_value == stopwatch.point_value
        && auction.funding == stopwatch.funding
}

/// No cover asked for is the least there is.
fn least_cover(program: &Program) -> Int {
    program.min_cover_bp.clone().unwrap_or_else(|| int(0))
}

/// What was bought: the amount of the dated goods and of the others.
fn read_amounts(fields: &Fields, auction: &Program) -> Answer<[Int; 2]> {
    let Some(lines) = fields.list_if("lines")? else {
        return Ok([fields.natural("dated")?, fields.natural("undated")?]);
    };
    if fields.has("dated") || fields.has("undated") {
        return refuse("bad_config");
    }
    let Some(skus) = &auction.dated_skus else {
        return refuse("missing_field");
    };
    let mut amounts = [int(0), int(0)];
    for item in lines {
        let line = Fields::open(item, &["sku", "amount"])?;
        let sku = line.text("sku")?;
        let dated = skus.iter().any(|its_sku| its_sku == sku);
        amounts[if dated { 0 } else { 1 }] += line.natural("amount")?;
    }
    Ok(amounts)
}

/// A group on its way: what the ladder said, and what is left of its value.
struct Group {
    program: Program,
    reason: &'static str,
    award: bool,
    rate_bp: Int,
    base: Int,
    value: Int,
}

impl Group {
    /// Goes down the ladder by itself; `receipt` carries both totals.
    fn judged(program: Program, climb: (&Receipt, Stand, Counters), others: &(Shopper, Merchant), amount: &Int, voucher: &Int) -> Self {
        let ((receipt, stand, counted), (shopper, merchant)) = (climb, others);
        let base = if program.exclude_voucher_paid { amount - voucher } else { amount.clone() };
        let climb = Climb { program: &program, receipt, total: &receipt.total, base: &base, stand, counted };
        match ladder(climb, shopper, merchant) {
            Err(reason) => Self { program, reason, award: false, rate_bp: int(0), base, value: int(0) },
            Ok(Rung { reason, rate, .. }) => {
                let value = value_of(&base, &rate, &program.rounding);
                Self { program, reason, award: true, rate_bp: rate, base, value }
            }
        }
    }

    /// A limit stops it; the rate it stood at is still told.
    fn stop(&mut self, reason: &'static str) {
        self.reason = reason;
        self.award = false;
        self.value = int(0);
    }

    fn write(&self) -> Answer<Value> {
        Ok(json!({
            "mechanism": if self.program.table.stopwatch { "stopwatch" } else { "time_auction" },
            "reason": self.reason,
            "rate_bp": out(&self.rate_bp)?,
            "base": out(&self.base)?,
            "value": out(&self.value)?,
        }))
    }
}

/// What a limit left of both, over the two values.
fn share(groups: &mut [Group; 2], value: &Int) {
    let weights = [groups[0].value.clone(), groups[1].value.clone()];
    if weights.iter().sum::<Int>() > *value {
        for (group, part) in groups.iter_mut().zip(allocate(value, &weights)) {
            group.value = part;
        }
    }
}

/// A stop by a limit is the reason of every group that had a value.
fn stop_those_with_value(groups: &mut [Group; 2], reason: &'static str) {
    for group in groups {
        if group.value > int(0) {
            group.stop(reason);
        }
    }
}

fn under_two_programs(fields: &Fields) -> Answer<Value> {
    // The first that is missing is told before anything else.
    for name in PROGRAMS_FORM {
        fields.need(name)?;
    }
    let auction = read_program(fields.need("time_auction")?)?;
    let stopwatch = read_program(fields.need("stopwatch")?)?;
    if !auction.table.auction || !stopwatch.table.stopwatch || auction.quota_by_slot || !agree(&auction, &stopwatch) {
        return refuse("bad_config");
    }

    let receipt = Fields::open(fields.need("receipt")?, &[&["dated", "undated", "lines"], &COLUMN[..], &PLAIN].concat())?;
    let amounts = read_amounts(&receipt, &auction)?;
    let total = &amounts[0] + &amounts[1];
    out(&total)?;
    let mut whole = Receipt::plain(total.clone(), &receipt)?;
    whole.read_column(&receipt, &stopwatch.tolerance_ms)?;
    match (whole.slot.is_some(), whole.at.is_some()) {
        (false, false) => return refuse("missing_field"),
        (true, true) => return refuse("bad_config"),
        (false, true) if auction.window.is_none() => return refuse("missing_field"),
        _ => {}
    }
    if whole.digit.is_some() && whole.claim.is_some() {
        return refuse("bad_config");
    }
    let others = (read_shopper(fields)?, read_merchant(fields)?);
    let counters = read_counters(fields, &auction.table)?;
    // SW-6
    if whole.claim.is_some() && stopwatch.hardened {
        return refuse("bad_config");
    }

    let vouchers = allocate(&whole.paid_by_voucher, &amounts);
    let timed = Receipt { digit: None, claim: None, ..whole.clone() };
    let played = Receipt { slot: None, at: None, ..whole.clone() };
    let (mut dated_stand, mut undated_stand) = (stand(&auction, &timed)?, stand(&stopwatch, &played)?);
    // AW-11: a purchase has one instant, and the group that tells none is judged by the other's.
    match (&whole.at, &whole.claim) {
        (Some(at), None) => undated_stand.in_force = stopwatch.in_force(&at.at(stopwatch.offset)?),
        (None, Some(claim)) => dated_stand.in_force = auction.in_force(&claim.stopped.at(auction.offset)?),
        _ => {}
    }
    // AW-7: the auction's selling day, or that of the play.
    let slot = dated_stand.slot;
    let day = dated_stand.day.clone().or(undated_stand.day.clone());
    let counted = counters.on(day.as_ref())?;
    let mut groups = [
        Group::judged(auction, (&timed, dated_stand, counted.same()), &others, &amounts[0], &vouchers[0]),
        Group::judged(stopwatch, (&played, undated_stand, counted.same()), &others, &amounts[1], &vouchers[1]),
    ];
    let (shopper, merchant) = others;
    let (mut by_receipt, mut by_day, mut by_slot) = (false, false, false);

    // AW-13
    let sum = &groups[0].value + &groups[1].value;
    let mut value = sum.clone();
    if let Some(cap) = &groups[0].program.receipt_cap {
        if value > *cap {
            value = cap.clone();
            by_receipt = true;
        }
    }
    // AW-6, the day
    let lefts = lefts(&groups[0].program, &counted, slot);
    let left = |name: &str| lefts.iter().find(|(its, _)| *its == name).map(|(_, left)| left.clone());
    if let Some(left) = left("day_budget") {
        if value > left {
            by_day = true;
            value = left;
            if groups[0].program.refuse_when_short || value == int(0) {
                value = int(0);
                stop_those_with_value(&mut groups, "budget_spent");
            }
        }
    }
    share(&mut groups, &value);
    // AW-6, the slot: it looks at the dated group alone.
    if let Some(left) = left("slot_budget") {
        if groups[0].value > left {
            by_slot = true;
            if groups[0].program.refuse_when_short || left == int(0) {
                groups[0].stop("budget_spent");
            } else {
                groups[0].value = left;
            }
        }
    }
    let mut value = &groups[0].value + &groups[1].value;
    // GF-7
    if !covers(&groups[0].program, &merchant, &value) {
        value = int(0);
        stop_those_with_value(&mut groups, "cover_short");
    }

    let mut after = counters.same();
    if groups.iter().any(|group| group.award) {
        after = counted;
        if groups[0].award {
            after.add(slot, &groups[0].value, groups[0].reason == "full");
        }
        if groups[1].award {
            after.add(None, &groups[1].value, false);
        }
    }
    let mut capped_by = Vec::new();
    for (name, did) in [("receipt_cap", by_receipt), ("day_budget", by_day), ("slot_budget", by_slot)] {
        if did {
            capped_by.push(name);
        }
    }
    let program = &groups[0].program;
    let points = points_milli(&value, &program.point_value);
    let bought = if total > int(0) { int(1) } else { int(0) };
    let mut answer = json!({
        "values": [out(&groups[0].value)?, out(&groups[1].value)?],
        "value": out(&value)?,
        "groups": [groups[0].write()?, groups[1].write()?],
        "points_milli": out(&points)?,
        "capped_by": capped_by,
        "counters": after.write(&program.table)?,
        "shopper": {
            "prior_points_milli": out(&(&shopper.prior_points_milli + &points))?,
            "purchases": out(&(&shopper.purchases + bought))?,
        },
    });
    if shopper.carried > int(0) {
        answer["shopper"]["carried"] = out(&shopper.carried)?;
    }
    if let Some(shares) = &program.funding {
        answer["parts"] = out_list(&allocate(&value, shares))?;
    }
    Ok(answer)
}
