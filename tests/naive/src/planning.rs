//! Planning calculators (section 16).

use crate::fields::{Answer, Fields, Fraction, Int, between, fraction, int, natural, out, out_list, rate, refuse};
use crate::money::{Rounding, value_of};
use crate::tables::{class_of, tiers};
use serde_json::{Map, Value, json};

/// CV-4, down to the rupiah.
fn down(amount: &Int, rate_bp: &Int) -> Int {
    value_of(amount, rate_bp, &Rounding { unit: int(1), mode: "down" })
}

/// An amount at a margin of either sign, exactly.
pub fn at_margin(amount: &Int, margin_bp: &Int) -> Fraction {
    Fraction::new(amount * margin_bp, int(10_000))
}

/// Whole rupiah; a loss mirrors the profit (CV-4).
pub fn whole(amount: &Fraction) -> Int {
    amount.trunc().to_integer()
}

/// An exact quotient; a whole of nothing has no part.
pub fn ratio(part: &Fraction, whole: &Fraction) -> Answer<Fraction> {
    if *whole == fraction(&int(0)) {
        return refuse("not_defined");
    }
    Ok(part / whole)
}

/// A quotient of two fields that are counts or amounts.
fn ratio_of(fields: &Fields, part: &str, whole: &str) -> Answer<Fraction> {
    ratio(&fraction(&fields.natural(part)?), &fraction(&fields.natural(whole)?))
}

/// Basis points as shown: cut toward zero.
pub fn bp(ratio: &Fraction) -> Answer<Value> {
    out(&(ratio * int(10_000)).trunc().to_integer())
}

/// Basis points of a break-even: enough, so upwards.
fn bp_up(ratio: &Fraction) -> Answer<Value> {
    out(&(ratio * int(10_000)).ceil().to_integer())
}

/// The class of three; the middle one has both its limits.
fn class(value: &Fraction, low: &Fraction, high: &Fraction, names: [&'static str; 3]) -> &'static str {
    if value < low {
        names[0]
    } else if value > high {
        names[2]
    } else {
        names[1]
    }
}

fn percent(n: i64) -> Fraction {
    Fraction::new(int(n), int(100))
}

/// PL-1.
pub fn margin(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["price", "cost", "tax_inside_bp"])?;
    // What the shop has of the price once the tax in it is paid.
    let with_tax = int(10_000) + fields.rate_or("tax_inside_bp", 0)?;
    let price = Fraction::new(fields.natural("price")? * int(10_000), with_tax);
    let profit = &price - fraction(&fields.natural("cost")?);
    let margin = bp(&ratio(&profit, &price)?)?;
    let class = if margin.as_i64().expect("basis points") >= 1500 { "from_15" } else { "below_15" };
    Ok(json!({ "margin_bp": margin, "margin_class": class }))
}

/// PL-1.
pub fn margin_after(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["margin_bp", "program_bp"])?;
    let after = fields.signed("margin_bp")? - fields.rate("program_bp")?;
    Ok(json!({ "margin_bp": out(&after)? }))
}

/// PL-2.
pub fn cost_rate(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["discount_bp", "member_share_bp"])?;
    let exact = Fraction::new(fields.rate("discount_bp")? * fields.rate("member_share_bp")?, int(10_000));
    Ok(json!({ "program_bp": out(&exact.trunc().to_integer())? }))
}

/// PL-3.
pub fn min_margin(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["least_profit", "sales"])?;
    let least = fraction(&fields.signed("least_profit")?);
    let sales = fraction(&fields.natural("sales")?);
    Ok(json!({ "margin_bp": bp(&ratio(&least, &sales)?)? }))
}

/// PL-4.
pub fn max_cost(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["margin_bp", "min_margin_bp"])?;
    let most = fields.signed("margin_bp")? - fields.signed("min_margin_bp")?;
    Ok(json!({ "max_cost_bp": out(&most)? }))
}

/// PL-5.
pub fn safe_tiers(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["mechanism", "edition", "margin_bp", "share_bp", "min_margin_bp"])?;
    let margin_bp = fields.signed("margin_bp")?;
    let most = at_margin(&margin_bp, &fields.rate_or("share_bp", 6000)?);
    let least = match fields.get("min_margin_bp") {
        Some(_) => fields.signed("min_margin_bp")?,
        None => int(0),
    };

    let mut safe: Vec<(Int, Int, &str)> = Vec::new();
    let mut not = Map::new();
    for (tier, row) in tiers(&fields, class_of(&margin_bp))? {
        let highest = row.iter().max().expect("ten columns").clone();
        let mut reasons = Vec::new();
        if fraction(&highest) > most {
            reasons.push("share");
        }
        if &margin_bp - &highest < least {
            reasons.push("min_margin");
        }
        if reasons.is_empty() {
            safe.push((highest, row.iter().sum(), tier));
        } else {
            not.insert(tier.to_string(), json!(reasons));
        }
    }
    // A stable sort: full ties stay in the order of the tables.
    safe.sort_by(|one, other| (&other.0, &other.1).cmp(&(&one.0, &one.1)));
    let ranked: Vec<&str> = safe.into_iter().map(|(_, _, tier)| tier).collect();
    Ok(json!({ "margin_class": class_of(&margin_bp), "safe": ranked, "unsafe": not }))
}

/// PL-6.
pub fn roi(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["extra_sales", "margin_bp", "cost"])?;
    let extra = fields.signed("extra_sales")?;
    let gain = at_margin(&extra, &fields.signed("margin_bp")?);
    let cost = fraction(&fields.natural("cost")?);
    Ok(json!({
        "roi_bp": bp(&ratio(&gain, &cost)?)?,
        "sales_ratio_bp": bp(&ratio(&fraction(&extra), &cost)?)?,
        "gain": out(&whole(&gain))?,
    }))
}

/// PL-7 with a fixed cost.
pub fn break_even_fixed(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["cost", "margin_bp", "sales"])?;
    let cost = fraction(&fields.natural("cost")?);
    let profit = at_margin(&fields.natural("sales")?, &fields.signed("margin_bp")?);
    if profit <= fraction(&int(0)) {
        return refuse("not_defined");
    }
    Ok(json!({ "uplift_bp": bp_up(&(cost / profit))? }))
}

/// PL-7 with a cost that is a rate of sales.
pub fn break_even_rate(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["cost_bp", "margin_bp"])?;
    let cost = fields.rate("cost_bp")?;
    let rest = fields.signed("margin_bp")? - &cost;
    if rest <= int(0) {
        return refuse("not_defined");
    }
    Ok(json!({ "uplift_bp": bp_up(&Fraction::new(cost, rest))? }))
}

/// PL-8.
pub fn regulars(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["regulars", "all"])?;
    let share = ratio_of(&fields, "regulars", "all")?;
    let class = class(&share, &percent(20), &percent(30), ["weak", "fair", "strong"]);
    Ok(json!({ "share_bp": bp(&share)?, "class": class }))
}

/// PL-9.
pub fn frequency(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["transactions", "regulars", "months"])?;
    let months = fraction(&fields.natural("months")?);
    let each = ratio(&ratio_of(&fields, "transactions", "regulars")?, &months)?;
    let class = class(&each, &percent(100), &percent(200), ["rare", "fair", "very_loyal"]);
    let milli = (each * int(1000)).trunc().to_integer();
    Ok(json!({ "per_month_milli": out(&milli)?, "class": class }))
}

/// PL-10.
pub fn popularity(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["units", "all_units"])?;
    Ok(json!({ "share_bp": bp(&ratio_of(&fields, "units", "all_units")?)? }))
}

/// PL-12.
pub fn retention(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["returning", "initial"])?;
    Ok(json!({ "retention_bp": bp(&ratio_of(&fields, "returning", "initial")?)? }))
}

/// PL-11.
pub fn sales_change(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["before", "during", "discount_bp"])?;
    let before = fraction(&fields.natural("before")?);
    let risen = fraction(&fields.natural("during")?) - &before;
    let change = ratio(&risen, &before)?;
    let class = class(&change, &percent(10), &percent(30), ["low", "medium", "high"]);
    let mut answer = json!({ "change_bp": bp(&change)?, "sensitivity": class });
    if fields.has("discount_bp") {
        let discount = fields.rate("discount_bp")?;
        answer["conclusive"] = json!(match class {
            "high" => discount <= int(1000),
            "medium" => discount <= int(1500),
            _ => discount >= int(2000),
        });
    }
    Ok(answer)
}

/// PL-13.
pub fn day(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["units", "price", "margin_bp", "vouchers"])?;
    let revenue = fields.natural("units")? * fields.natural("price")?;
    let gross = whole(&at_margin(&revenue, &fields.signed("margin_bp")?));
    let mut given = int(0);
    for item in fields.list("vouchers")? {
        let voucher = Fields::open(item, &["count", "purchase", "rate_bp"])?;
        given += voucher.natural("count")? * down(&voucher.natural("purchase")?, &voucher.rate("rate_bp")?);
    }
    let net = &gross - &given;
    let net_margin = match ratio(&fraction(&net), &fraction(&revenue)) {
        Ok(margin) => bp(&margin)?,
        Err(_) => Value::Null,
    };
    Ok(json!({
        "revenue": out(&revenue)?,
        "gross_profit": out(&gross)?,
        "vouchers": out(&given)?,
        "net_profit": out(&net)?,
        "net_margin_bp": net_margin,
    }))
}

/// PL-14.
pub fn scheme(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["points_milli", "per", "margin_bp", "voucher"])?;
    let points = fields.natural("points_milli")?;
    fields.need("per")?;
    let per = fields.divisor_or("per", 1)?;
    let margin_bp = fields.signed("margin_bp")?;
    let voucher = fields.natural("voucher")?;
    let spend = Fraction::new(points * per, int(1000)).floor().to_integer();
    let profit = whole(&at_margin(&spend, &margin_bp));
    let left = &profit - voucher;
    Ok(json!({
        "effective_margin_bp": bp(&ratio(&fraction(&left), &fraction(&spend))?)?,
        "spend": out(&spend)?,
        "profit": out(&profit)?,
        "left": out(&left)?,
    }))
}

/// PL-14.
pub fn scheme_day(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["transactions", "average", "margin_bp", "vouchers", "voucher"])?;
    let sales = fields.natural("transactions")? * fields.natural("average")?;
    let profit = at_margin(&sales, &fields.signed("margin_bp")?);
    let cost = fields.natural("vouchers")? * fields.natural("voucher")?;
    // A comparison is exact: a loss below a rupiah is a loss.
    let carries = fraction(&cost) <= profit;
    Ok(json!({ "profit": out(&whole(&profit))?, "voucher_cost": out(&cost)?, "carries": carries }))
}

fn sum_of(items: Option<&Vec<Value>>, mut of: impl FnMut(&Value) -> Answer<Int>) -> Answer<Int> {
    let mut sum = int(0);
    for item in items.into_iter().flatten() {
        sum += of(item)?;
    }
    Ok(sum)
}

/// PL-15.
pub fn running_cost(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["items", "sales", "rate_items_bp", "once", "merchants"])?;
    let sales = fields.natural_or("sales", 0)?;
    let fixed = sum_of(Some(fields.list("items")?), natural)?;
    let rated = sum_of(fields.list_if("rate_items_bp")?, |item| Ok(down(&sales, &rate(item)?)))?;
    let once = sum_of(fields.list_if("once")?, natural)?;
    let merchants = match fields.get("merchants") {
        Some(value) => between(value, 1, 10_000)?,
        None => int(1),
    };
    let total = fixed + rated;
    // SP-3: equal parts, the odd rupiah to the first ones.
    let mut shares = Vec::new();
    let mut odd = &total % &merchants;
    while int(shares.len() as i64) < merchants {
        let one = if odd > int(0) { int(1) } else { int(0) };
        shares.push(&total / &merchants + &one);
        odd -= one;
    }
    Ok(json!({ "total": out(&total)?, "once_total": out(&once)?, "shares": out_list(&shares)? }))
}

/// PL-17.
pub fn prize_provisions(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["prizes", "welfare_bp", "tax_bp"])?;
    let prizes = fields.natural("prizes")?;
    let welfare = down(&prizes, &fields.rate_or("welfare_bp", 1000)?);
    let tax = down(&prizes, &fields.rate_or("tax_bp", 2500)?);
    Ok(json!({ "welfare": out(&welfare)?, "income_tax": out(&tax)? }))
}
