//! Consignment (section 15).

use crate::fields::{Answer, Fields, Fraction, Int, between, fraction, int, natural, number, out, out_list, refuse};
use crate::money::{Rounding, value_of};
use crate::split::allocate;
use serde_json::{Value, json};

/// CV-4, down to the rupiah.
fn down(amount: &Int, rate_bp: i64) -> Int {
    value_of(amount, &int(rate_bp), &Rounding { unit: int(1), mode: "down" })
}

/// CS-1.
pub fn price(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["price", "stage_days", "day"])?;
    let price = fields.natural("price")?;
    let periods: Vec<Int> = fields.list("stage_days")?.iter().map(natural).collect::<Answer<_>>()?;
    let day = fields.natural("day")?;
    if periods.len() != 4 {
        return refuse("bad_config");
    }
    let mut end = int(0);
    for (stage, rate_bp) in [10_000, 9000, 8000, 7000].into_iter().enumerate() {
        end += &periods[stage];
        if day < end {
            return Ok(json!({ "stage": stage, "price": out(&down(&price, rate_bp))?, "returned": false }));
        }
    }
    Ok(json!({ "stage": 4, "price": null, "returned": true }))
}

fn read_scheme(fields: &Fields) -> Answer<Vec<Int>> {
    match fields.text("scheme")? {
        "A" => Ok(vec![int(4000), int(6000)]),
        "B" => Ok(vec![int(2500), int(4000), int(3500)]),
        _ => refuse("bad_config"),
    }
}

/// CS-3.
pub fn profit(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["scheme", "sale_price", "cost", "units"])?;
    let shares = read_scheme(&fields)?;
    let profit = (fields.natural("sale_price")? - fields.natural("cost")?) * fields.natural_or("units", 1)?;
    Ok(json!({ "profit": out(&profit)?, "parts": out_list(&allocate(&profit, &shares))? }))
}

/// CS-4.
pub fn return_cost(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["ordered", "capacity", "returned", "cost_per_unit"])?;
    let beyond = (fields.natural("ordered")? - fields.natural("capacity")?).max(int(0));
    let excess = fields.natural("returned")?.min(beyond);
    let cost = &excess * fields.natural("cost_per_unit")?;
    let child = &cost / int(2);
    let parent = cost - &child;
    Ok(json!({ "excess_returned": out(&excess)?, "child": out(&child)?, "parent": out(&parent)? }))
}

/// CS-5.
pub fn take_back(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["price", "units", "rate_bp"])?;
    let price = fields.natural("price")?;
    let units = fields.natural("units")?;
    let rate_bp = fields.rate_or("rate_bp", 1500)?;
    let reduction = (&price - down(&price, 7000)) * units;
    Ok(json!({ "amount": out(&(reduction * rate_bp / int(10_000)))? }))
}

/// CS-2.
pub fn accept(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["offered", "accepted"])?;
    let offered = fields.natural("offered")?;
    let accepted = fields.natural("accepted")?;
    if accepted > offered {
        return refuse("out_of_range");
    }
    let reason = if accepted == offered {
        "accepted"
    } else if accepted == int(0) {
        "refused"
    } else {
        "reduced"
    };
    Ok(json!({ "reason": reason, "accepted": out(&accepted)?, "left": out(&(offered - &accepted))? }))
}

/// CS-6.
pub fn marketing(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["amount", "owner_bp"])?;
    let amount = fields.signed("amount")?;
    let owner = fields.rate_or("owner_bp", 5000)?;
    let seller = int(10_000) - &owner;
    let parts = allocate(&amount, &[owner, seller]);
    Ok(json!({ "owner": out(&parts[0])?, "seller": out(&parts[1])? }))
}

/// CS-8.
pub fn ownership(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["price", "share_bp", "profits", "recent_months"])?;
    let price = fields.positive("price")?;
    let share_bp = fields.rate("share_bp")?;
    let profits: Vec<Int> = fields.list("profits")?.iter().map(number).collect::<Answer<_>>()?;
    let recent_months = if fields.has("recent_months") { fields.positive("recent_months")? } else { int(3) };

    let rounding = Rounding { unit: int(1), mode: "down" };
    let pays: Vec<Int> = profits.iter().map(|profit| value_of(profit, &share_bp, &rounding).max(int(0))).collect();
    let mut left = price.clone();
    for pay in &pays {
        left -= pay.clone().min(left.clone());
    }
    let paid = &price - &left;

    // The last months, walked backwards.
    let mut months = int(0);
    let mut recent = int(0);
    for pay in pays.iter().rev() {
        if months < recent_months {
            months += int(1);
            recent += pay;
        }
    }
    let months_left = if left == int(0) {
        Value::from(0)
    } else if recent == int(0) {
        Value::Null
    } else {
        let mean = Fraction::new(recent, months);
        out(&(fraction(&left) / mean).ceil().to_integer())?
    };
    Ok(json!({
        "paid": out(&paid)?,
        "left": out(&left)?,
        "progress_bp": out(&Fraction::new(paid * int(10_000), price).trunc().to_integer())?,
        "months_left": months_left,
        "owner": left == int(0),
    }))
}

/// CS-9.
pub fn offer(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["scheme", "price", "cost", "reset_cost", "least_profit", "stage"])?;
    let shares = read_scheme(&fields)?;
    let price = fields.natural("price")?;
    let cost = fields.natural("cost")?;
    let reset_cost = fields.natural_if("reset_cost")?;
    let least = fields.natural("least_profit")?;
    let stage = match fields.get("stage") {
        Some(value) => between(value, 0, 3)?,
        None => int(0),
    };
    if reset_cost.as_ref().is_some_and(|reset| *reset > cost) {
        return refuse("bad_config");
    }
    let counts = reset_cost.unwrap_or(cost.clone());
    let offered = value_of(&price, &(int(10_000) - stage * int(1000)), &Rounding { unit: int(1), mode: "down" });
    let child = allocate(&(&offered - &counts), &shares).pop().expect("the child is the last");
    Ok(json!({
        "price": out(&offered)?,
        "cost": out(&counts)?,
        "written_off": out(&(cost - &counts))?,
        "child": out(&child)?,
        "allowed": child >= least,
        "missing": out(&(least - child).max(int(0)))?,
    }))
}
