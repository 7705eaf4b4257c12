//! Vouchers after the award, what of them needs no key (VC-1, VC-4 … VC-10).

use crate::fields::{Answer, Fields, Fraction, Int, between, fraction, int, out, refuse};
use crate::money::{MODES, Rounding, value_of};
use crate::program::{read_own, with_program, without_program};
use crate::time::{Date, Moment, date_after, days_before, month_length, read_moment, read_month, read_offset, write_offset};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

fn instant(text: &str) -> Answer<Fraction> {
    Ok(read_moment(text)?.instant())
}

fn instant_if(fields: &Fields, name: &str) -> Answer<Option<Fraction>> {
    fields.text_if(name)?.map(instant).transpose()
}

fn small(n: &Int) -> i64 {
    i64::try_from(n.clone()).expect("a checked small number")
}

/// The voucher terms of a proved program; an offset beside a program's own
/// is refused.
struct VoucherTerms<'a> {
    program: Option<&'a Value>,
    offset: Option<i64>,
}

fn read_terms<'a>(fields: &Fields<'a>) -> Answer<VoucherTerms<'a>> {
    let program = fields.get("program");
    if let Some(document) = program {
        read_own(document)?;
    }
    let stated = fields.text_if("utc_offset")?.map(read_offset).transpose()?;
    let own = program.and_then(|document| document["utc_offset"].as_str()).map(read_offset).transpose()?;
    if stated.is_some() && own.is_some() {
        return refuse("bad_config");
    }
    Ok(VoucherTerms { program, offset: stated.or(own) })
}

impl VoucherTerms<'_> {
    fn read(&self, text: &str) -> Answer<Moment> {
        let moment = read_moment(text)?;
        match self.offset {
            Some(offset) => moment.at_offset(offset),
            None => Ok(moment),
        }
    }

    /// A number of the program at a place, if it says one.
    fn number(&self, pointer: &str) -> Option<Int> {
        self.program?.pointer(pointer)?.as_i64().map(int)
    }

    fn single_use(&self, voucher: &Fields) -> Answer<bool> {
        let of_program = self.program.is_some_and(|document| document["single_use"] == true);
        if of_program && voucher.has("single_use") && !voucher.flag_or("single_use", true)? {
            return refuse("bad_config");
        }
        Ok(of_program || voucher.flag_or("single_use", false)?)
    }
}

/// What holds of two that must agree.
fn agreed<T: PartialEq>(stated: Option<T>, of_program: Option<T>) -> Answer<Option<T>> {
    match (stated, of_program) {
        (Some(stated), Some(other)) if stated != other => refuse("bad_config"),
        (stated, other) => Ok(stated.or(other)),
    }
}

/// VC-4: local midnight, so many days or months after a day.
fn midnight_after(moment: &Moment, days: Option<&Int>, months: Option<&Int>) -> Answer<String> {
    let date = match (days, months) {
        (Some(days), None) => date_after(days_before(&moment.date) + small(days)),
        (None, Some(months)) => {
            // Month by month; the day of month is cut once, at the end.
            let Date { mut year, mut month, day } = moment.date;
            for _ in 0..small(months) {
                month += 1;
                if month > 12 {
                    month = 1;
                    year += 1;
                }
            }
            Date { year, month, day: day.min(month_length(year, month)) }
        }
        _ => return refuse("bad_config"),
    };
    if date.year > 9999 {
        return refuse("out_of_range");
    }
    Ok(format!("{}T00:00:00{}", date.write(), write_offset(moment.offset_minutes)))
}

pub fn expiry(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["issued_at", "days", "months", "utc_offset", "program"])?;
    let terms = read_terms(&fields)?;
    let issued = terms.read(fields.text("issued_at")?)?;
    let days = fields.get("days").map(|value| between(value, 1, 36_500)).transpose()?;
    let months = fields.get("months").map(|value| between(value, 1, 1200)).transpose()?;
    let stated = (days.is_some() || months.is_some()).then_some((days, months));
    let own = (terms.number("/validity/days"), terms.number("/validity/months"));
    let of_program = (own.0.is_some() || own.1.is_some()).then_some(own);
    let Some((days, months)) = agreed(stated, of_program)? else {
        return refuse("bad_config");
    };
    Ok(json!({ "expires": midnight_after(&issued, days.as_ref(), months.as_ref())? }))
}

struct Counters {
    program: Int,
    shopper: Int,
}

/// Counters with their month, if they name it.
type Given = (Counters, Option<(i64, i64)>);

/// The counters as given.
fn read_counters(fields: &Fields) -> Answer<Option<Given>> {
    let Some(given) = fields.get("counters") else {
        return Ok(None);
    };
    let given = Fields::open(given, &["month", "program", "shopper"])?;
    let counters = Counters { program: given.natural_or("program", 0)?, shopper: given.natural_or("shopper", 0)? };
    Ok(Some((counters, given.text_if("month")?.map(read_month).transpose()?)))
}

fn told(counters: &Counters, month: (i64, i64)) -> Answer<Value> {
    Ok(json!({
        "month": format!("{:04}-{:02}", month.0, month.1),
        "program": out(&counters.program)?,
        "shopper": out(&counters.shopper)?,
    }))
}

const VOUCHER: [&str; 5] = ["value", "redeemed", "valid_from", "expires", "single_use"];

/// VC-3 … VC-7.
pub fn redeem(input: &Value) -> Answer<Value> {
    let input = &with_program(input, &[("max_share_bp", "/max_share_bp", None)])?;
    let fields = Fields::open(
        input,
        &[
            "voucher",
            "purchase",
            "left_to_pay",
            "paid_by_vouchers",
            "amount",
            "at",
            "min_purchase",
            "max_share_bp",
            "limits",
            "counters",
            "utc_offset",
            "program",
        ],
    )?;
    let terms = read_terms(&fields)?;
    let voucher = Fields::open(fields.need("voucher")?, &VOUCHER)?;
    let value = voucher.natural("value")?;
    let redeemed = voucher.natural_or("redeemed", 0)?;
    let valid_from = instant_if(&voucher, "valid_from")?;
    let expires = instant_if(&voucher, "expires")?;
    let single_use = terms.single_use(&voucher)?;
    let purchase = fields.natural("purchase")?;
    let to_pay = fields.natural_if("left_to_pay")?.unwrap_or(purchase.clone());
    let by_vouchers = fields.natural_or("paid_by_vouchers", 0)?;
    let asked = if fields.has("amount") { Some(fields.positive("amount")?) } else { None };
    let at = terms.read(fields.text("at")?)?;
    let least = terms.number("/min_redeem_purchase").filter(|least| *least > int(0));
    let min_purchase = agreed(fields.natural_if("min_purchase")?, least)?.unwrap_or(int(0));
    let share = if fields.has("max_share_bp") { Some(fields.rate("max_share_bp")?) } else { None };
    let (mut program_limit, mut shopper_limit) = (None, None);
    if let Some(limits) = fields.get("limits") {
        let limits = Fields::open(limits, &["program", "shopper"])?;
        program_limit = limits.natural_if("program")?;
        shopper_limit = limits.natural_if("shopper")?;
    }
    let program_limit = agreed(program_limit, terms.number("/redemptions_per_month/program"))?;
    let shopper_limit = agreed(shopper_limit, terms.number("/redemptions_per_month/shopper"))?;
    if redeemed > value || to_pay > purchase {
        return refuse("out_of_range");
    }
    let month = (at.date.year, at.date.month);
    let mut counters = Counters { program: int(0), shopper: int(0) };
    if let Some((given, counted)) = read_counters(&fields)? {
        if counted.is_some_and(|counted| counted > month) {
            return refuse("out_of_order");
        }
        if counted.is_none_or(|counted| counted == month) {
            counters = given;
        }
    }

    let now = at.instant();
    let expired = expires.is_some_and(|end| now >= end);
    let gone = single_use && redeemed > int(0);
    let left = if gone { int(0) } else { &value - &redeemed };
    // What vouchers may still pay of the purchase, all of them together.
    let share_left = share.map(|share| {
        let whole = Fraction::new(&purchase * share, int(10_000)).floor().to_integer();
        (whole - by_vouchers).max(int(0))
    });
    let mut most = left.clone().min(to_pay.clone());
    if let Some(share_left) = &share_left {
        most = most.min(share_left.clone());
    }
    let amount = asked.unwrap_or(most);
    let reason = if valid_from.is_some_and(|start| now < start) {
        "not_yet_valid"
    } else if expired {
        "expired"
    } else if left == int(0) {
        "redeemed_before"
    } else if to_pay == int(0) {
        "nothing_to_pay"
    } else if purchase < min_purchase {
        "below_min_purchase"
    } else if program_limit.is_some_and(|limit| counters.program >= limit) {
        "month_limit"
    } else if shopper_limit.is_some_and(|limit| counters.shopper >= limit) {
        "shopper_limit"
    } else if amount > left {
        "above_voucher"
    } else if amount > to_pay {
        "above_purchase"
    } else if share_left.is_some_and(|share_left| amount > share_left || share_left == int(0)) {
        "above_share"
    } else {
        "redeemed"
    };
    let (mut paid, mut stays, mut forfeited) = (int(0), left, int(0));
    if expired {
        stays = int(0);
    }
    if reason == "redeemed" {
        stays -= &amount;
        if single_use {
            forfeited = stays;
            stays = int(0);
        }
        paid = amount;
        counters.program += int(1);
        counters.shopper += int(1);
    }
    Ok(json!({
        "reason": reason,
        "amount": out(&paid)?,
        "to_pay": out(&(to_pay - &paid))?,
        "left": out(&stays)?,
        "forfeited": out(&forfeited)?,
        "counters": told(&counters, month)?,
    }))
}

/// VC-5: a redemption that goes back.
pub fn undo(input: &Value) -> Answer<Value> {
    let input = &with_program(input, &[("grace_days", "/grace_days", None)])?;
    let fields = Fields::open(input, &["voucher", "redemption", "amount", "at", "grace_days", "counters", "utc_offset", "program"])?;
    let terms = read_terms(&fields)?;
    let voucher = Fields::open(fields.need("voucher")?, &VOUCHER)?;
    let (mut value, mut redeemed) = (voucher.natural("value")?, voucher.natural_or("redeemed", 0)?);
    let start = instant_if(&voucher, "valid_from")?;
    let mut expires = voucher.text_if("expires")?.map(String::from);
    let mut end = expires.as_deref().map(instant).transpose()?;
    let single_use = terms.single_use(&voucher)?;
    let redemption = Fields::open(fields.need("redemption")?, &["amount", "forfeited", "at", "undone"])?;
    let (whole, mut undone) = (redemption.natural("amount")?, redemption.natural_or("undone", 0)?);
    let forfeited = redemption.natural_or("forfeited", 0)?;
    let paid_at = terms.read(redemption.text("at")?)?;
    let at = terms.read(fields.text("at")?)?;
    let grace = fields.get("grace_days").map(|value| between(value, 0, 36_500)).transpose()?.unwrap_or(int(0));
    let asked = if fields.has("amount") { Some(fields.positive("amount")?) } else { None };
    let rest = &whole - &undone;
    if redeemed > value || rest < int(0) || (!single_use && redeemed < rest) {
        return refuse("out_of_range");
    }
    let month = (paid_at.date.year, paid_at.date.month);
    let mut counters = read_counters(&fields)?;
    if let Some((_, Some(counted))) = &counters
        && *counted != month
    {
        return refuse("out_of_order");
    }

    let amount = asked.unwrap_or(rest.clone());
    let reason = match () {
        () if rest == int(0) => "undone_before",
        () if amount > rest => "above_redemption",
        () => "undone",
    };
    let mut left = if single_use && redeemed > int(0) { int(0) } else { &value - &redeemed };
    let mut back = int(0);
    if reason == "undone" {
        undone += &amount;
        left += &amount;
        if single_use {
            // Worth what came back, and in the end what it had lost.
            if undone == whole {
                left += forfeited;
            }
            value = left.clone();
            redeemed = int(0);
        } else {
            redeemed -= &amount;
        }
        if let (Some(own), true) = (&end, grace > int(0)) {
            let midnight = midnight_after(&at, Some(&grace), None)?;
            let later = instant(&midnight)?;
            if later > *own {
                expires = Some(midnight);
                end = Some(later);
            }
        }
        if undone == whole
            && let Some((given, _)) = &mut counters
        {
            if given.program == int(0) && given.shopper == int(0) {
                return refuse("out_of_range");
            }
            for count in [&mut given.program, &mut given.shopper] {
                *count = (&*count - int(1)).max(int(0));
            }
        }
        back = amount;
    }
    let now = at.instant();
    let usable = end.is_none_or(|end| now < end) && start.is_none_or(|start| start <= now);
    Ok(json!({
        "reason": reason,
        "amount": out(&back)?,
        "undone": out(&undone)?,
        "voucher": { "value": out(&value)?, "redeemed": out(&redeemed)?, "expires": expires },
        "left": out(&left)?,
        "usable": usable,
        "counters": counters.map(|(counters, _)| told(&counters, month)).transpose()?,
    }))
}

/// VC-9.
pub fn cash_rounding(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["amount", "unit", "mode", "sale", "refunded", "program"])?;
    let terms = read_terms(&fields)?;
    let amount = fields.signed("amount")?;
    let own = terms.program.map(|document| &document["cash_rounding"]).filter(|own| !own.is_null());
    let mut own_unit = None;
    let mut own_mode = None;
    if let Some(own) = own {
        own_unit = Some(own["unit"].as_i64().map_or(int(1), int));
        own_mode = Some(MODES.into_iter().find(|mode| own["mode"] == **mode).unwrap_or("down"));
    }
    let stated = if fields.has("mode") { Some(fields.word_or("mode", &MODES, "down")?) } else { None };
    let Some(unit) = agreed(fields.natural_if("unit")?, own_unit)? else {
        return refuse("missing_field");
    };
    let mode = agreed(stated, own_mode)?.unwrap_or("down");
    if unit == int(0) {
        return refuse("bad_config");
    }
    if unit > int(1_000_000) {
        return refuse("out_of_range");
    }
    let rounding = Rounding { unit, mode };
    let round = |amount: &Int| value_of(amount, &int(10_000), &rounding);
    let (sale, refunded) = (fields.natural_if("sale")?, fields.natural_if("refunded")?);
    let to_pay = match sale {
        None if refunded.is_some() => return refuse("bad_config"),
        None => round(&amount),
        Some(sale) => {
            if amount > int(0) {
                return refuse("out_of_range");
            }
            let refunded = refunded.unwrap_or(int(0));
            let left = &sale - &refunded + &amount;
            if left < int(0) {
                return refuse("over_refund");
            }
            // Paid back before: rounded(sale) − rounded(what was left then).
            let paid_back = round(&sale) - round(&(&sale - &refunded));
            -(round(&sale) - round(&left) - paid_back)
        }
    };
    Ok(json!({ "line": out(&(&to_pay - amount))?, "to_pay": out(&to_pay)? }))
}

struct Item {
    shopper: String,
    end: Fraction,
    id: String,
    expires: String,
    value: Int,
    points: Int,
}

/// VC-10.
pub fn reminders(input: &Value) -> Answer<Value> {
    let input = &without_program(input, &[("days", "/reminder_days", None)])?;
    let fields = Fields::open(input, &["items", "as_of", "days"])?;
    let now = instant(fields.text("as_of")?)?;
    let until = &now + fraction(&(fields.natural("days")? * int(86_400)));
    let mut soon: Vec<Item> = Vec::new();
    for item in fields.list("items")? {
        let inner = Fields::open(item, &["id", "shopper", "expires", "value", "points_milli"])?;
        let id = inner.text("id")?.to_string();
        let shopper = inner.text("shopper")?.to_string();
        let expires = inner.text_if("expires")?;
        let end = expires.map(instant).transpose()?;
        let (value, points) = (inner.natural_if("value")?, inner.natural_if("points_milli")?);
        if value.is_some() == points.is_some() {
            return refuse("bad_config");
        }
        let (Some(end), Some(expires)) = (end, expires) else {
            continue;
        };
        if now < end && end <= until {
            let (value, points) = (value.unwrap_or(int(0)), points.unwrap_or(int(0)));
            soon.push(Item { shopper, end, id, expires: expires.to_string(), value, points });
        }
    }
    soon.sort_by(|a, b| a.shopper.cmp(&b.shopper).then_with(|| a.end.cmp(&b.end)).then_with(|| a.id.cmp(&b.id)));

    let mut shoppers: Vec<&str> = soon.iter().map(|item| item.shopper.as_str()).collect();
    shoppers.dedup();
    let mut reminders = Vec::new();
    for shopper in shoppers {
        let of: Vec<&Item> = soon.iter().filter(|item| item.shopper == shopper).collect();
        let items: Vec<Value> = of.iter().map(|item| json!({ "id": item.id, "expires": item.expires })).collect();
        reminders.push(json!({
            "shopper": shopper,
            "value": out(&of.iter().map(|item| &item.value).sum())?,
            "points_milli": out(&of.iter().map(|item| &item.points).sum())?,
            "items": items,
        }));
    }
    Ok(json!({ "reminders": reminders }))
}

/// VC-1, VC-5: what the outstanding vouchers oblige their issuers to.
pub fn debt(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["vouchers", "redemptions", "as_of"])?;
    let now = instant(fields.text("as_of")?)?;
    // By voucher, up to the moment that is asked about.
    let mut redeemed: BTreeMap<String, Int> = BTreeMap::new();
    for item in fields.list_if("redemptions")?.unwrap_or(&Vec::new()) {
        let inner = Fields::open(item, &["id", "amount", "time"])?;
        // Below zero for what was undone.
        let (id, amount) = (inner.text("id")?.to_string(), inner.signed("amount")?);
        if instant(inner.text("time")?)? <= now {
            *redeemed.entry(id).or_insert(int(0)) += amount;
        }
    }
    let mut ids: Vec<String> = Vec::new();
    let mut over: Vec<String> = Vec::new();
    let mut by_issuer: BTreeMap<String, Int> = BTreeMap::new();
    let (mut promotional, mut purchased) = (int(0), int(0));
    for item in fields.list("vouchers")? {
        let voucher = Fields::open(item, &["id", "issuer", "value", "issued_at", "expires", "origin"])?;
        let id = voucher.text("id")?.to_string();
        let issuer = voucher.text("issuer")?.to_string();
        let value = voucher.natural("value")?;
        let issued = instant(voucher.text("issued_at")?)?;
        let expires = instant_if(&voucher, "expires")?;
        let origin = voucher.word_or("origin", &["promotional", "purchased"], "promotional")?;
        if ids.contains(&id) {
            return refuse("bad_config");
        }
        let used = redeemed.get(&id).cloned().unwrap_or(int(0));
        if used < int(0) {
            return refuse("out_of_range");
        }
        let mut left = int(0);
        if used > value {
            over.push(id.clone());
        } else if issued <= now && expires.is_none_or(|end| now < end) {
            left = value - used;
        }
        *by_issuer.entry(issuer).or_insert(int(0)) += &left;
        if origin == "promotional" {
            promotional += left;
        } else {
            purchased += left;
        }
        ids.push(id);
    }
    over.sort();
    let unknown: Vec<&String> = redeemed.keys().filter(|id| !ids.contains(id)).collect();
    let mut issuers = Map::new();
    for (issuer, amount) in &by_issuer {
        issuers.insert(issuer.clone(), out(amount)?);
    }
    Ok(json!({
        "debt": out(&(&promotional + &purchased))?,
        "by_issuer": issuers,
        "promotional": out(&promotional)?,
        "purchased": out(&purchased)?,
        "over_redeemed": over,
        "unknown": unknown,
    }))
}
