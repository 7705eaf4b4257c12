//! Consignment (section 15).

use crate::fields::{Answer, Fields, Int, int, natural, out, out_list, refuse};
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

/// CS-3.
pub fn profit(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["scheme", "sale_price", "cost", "units"])?;
    let shares = match fields.text("scheme")? {
        "A" => vec![int(4000), int(6000)],
        "B" => vec![int(2500), int(4000), int(3500)],
        _ => return refuse("bad_config"),
    };
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
