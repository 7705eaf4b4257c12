//! Vouchers after the award, what of them needs no key (VC-1, VC-4 … VC-10).

use crate::fields::{Answer, Fields, Fraction, Int, between, fraction, int, out, refuse};
use crate::money::{Rounding, value_of};
use crate::time::{Date, date_after, days_before, month_length, read_moment, read_month, write_offset};
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

/// VC-4: local midnight, so many days or months after the day of issue.
pub fn expiry(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["issued_at", "days", "months"])?;
    let issued = read_moment(fields.text("issued_at")?)?;
    let days = fields.get("days").map(|value| between(value, 1, 36_500)).transpose()?;
    let months = fields.get("months").map(|value| between(value, 1, 1200)).transpose()?;
    let date = match (days, months) {
        (Some(days), None) => date_after(days_before(&issued.date) + small(&days)),
        (None, Some(months)) => {
            // Month by month; the day of month is cut once, at the end.
            let Date { mut year, mut month, day } = issued.date;
            for _ in 0..small(&months) {
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
    Ok(json!({ "expires": format!("{}T00:00:00{}", date.write(), write_offset(issued.offset_minutes)) }))
}

struct Counters {
    program: Int,
    shopper: Int,
}

/// VC-3 … VC-7.
pub fn redeem(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["voucher", "purchase", "amount", "at", "min_purchase", "limits", "counters"])?;
    let voucher = Fields::open(fields.need("voucher")?, &["value", "redeemed", "valid_from", "expires", "single_use"])?;
    let value = voucher.natural("value")?;
    let redeemed = voucher.natural_or("redeemed", 0)?;
    let valid_from = instant_if(&voucher, "valid_from")?;
    let expires = instant_if(&voucher, "expires")?;
    let single_use = voucher.flag_or("single_use", false)?;
    let purchase = fields.natural("purchase")?;
    let asked = if fields.has("amount") { Some(fields.positive("amount")?) } else { None };
    let at = read_moment(fields.text("at")?)?;
    let min_purchase = fields.natural_or("min_purchase", 0)?;
    let (mut program_limit, mut shopper_limit) = (None, None);
    if let Some(limits) = fields.get("limits") {
        let limits = Fields::open(limits, &["program", "shopper"])?;
        program_limit = limits.natural_if("program")?;
        shopper_limit = limits.natural_if("shopper")?;
    }
    if redeemed > value {
        return refuse("out_of_range");
    }
    let month = (at.date.year, at.date.month);
    let mut counters = Counters { program: int(0), shopper: int(0) };
    if let Some(given) = fields.get("counters") {
        let given = Fields::open(given, &["month", "program", "shopper"])?;
        let (program, shopper) = (given.natural_or("program", 0)?, given.natural_or("shopper", 0)?);
        let counted = given.text_if("month")?.map(read_month).transpose()?;
        if counted.is_none_or(|counted| counted == month) {
            counters = Counters { program, shopper };
        }
    }

    let now = at.instant();
    let expired = expires.is_some_and(|end| now >= end);
    let gone = single_use && redeemed > int(0);
    let left = if gone { int(0) } else { &value - &redeemed };
    let amount = asked.unwrap_or(left.clone().min(purchase.clone()));
    let reason = if valid_from.is_some_and(|start| now < start) {
        "not_yet_valid"
    } else if expired {
        "expired"
    } else if left == int(0) {
        "redeemed_before"
    } else if purchase == int(0) {
        "nothing_to_pay"
    } else if purchase < min_purchase {
        "below_min_purchase"
    } else if program_limit.is_some_and(|limit| counters.program >= limit) {
        "month_limit"
    } else if shopper_limit.is_some_and(|limit| counters.shopper >= limit) {
        "shopper_limit"
    } else if amount > left {
        "above_voucher"
    } else if amount > purchase {
        "above_purchase"
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
        "to_pay": out(&(purchase - &paid))?,
        "left": out(&stays)?,
        "forfeited": out(&forfeited)?,
        "counters": {
            "month": format!("{:04}-{:02}", month.0, month.1),
            "program": out(&counters.program)?,
            "shopper": out(&counters.shopper)?,
        },
    }))
}

/// VC-9.
pub fn cash_rounding(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["amount", "unit", "mode"])?;
    let amount = fields.signed("amount")?;
    let unit = fields.natural("unit")?;
    let mode = fields.word_or("mode", &["down", "up", "half_up", "half_even"], "down")?;
    if unit == int(0) {
        return refuse("bad_config");
    }
    if unit > int(1_000_000) {
        return refuse("out_of_range");
    }
    let to_pay = value_of(&amount, &int(10_000), &Rounding { unit, mode });
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
        let (id, amount) = (inner.text("id")?.to_string(), inner.natural("amount")?);
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
