//! Steering a program while it runs: shoppers and goods by class, the weekly
//! check, release during the day (section 16).

use crate::auction::stock_quota;
use crate::fields::{Answer, Fields, Fraction, Int, between, fraction, int, out, refuse};
use crate::planning::{at_margin, bp, ratio};
use crate::time::{Date, days_before, read_date};
use serde_json::{Value, json};

struct Shopper<'a> {
    id: &'a str,
    purchases: Vec<Date>,
    spent: Int,
}

fn read_shopper<'a>(value: &'a Value, as_of: &Date) -> Answer<Shopper<'a>> {
    let fields = Fields::open(value, &["id", "purchases"])?;
    let mut shopper = Shopper { id: fields.text("id")?, purchases: Vec::new(), spent: int(0) };
    for item in fields.list("purchases")? {
        let inner = Fields::open(item, &["date", "amount"])?;
        let date = read_date(inner.text("date")?)?;
        if date > *as_of {
            return refuse("bad_config");
        }
        shopper.purchases.push(date);
        shopper.spent += inner.natural("amount")?;
    }
    Ok(shopper)
}

/// Months since the start of year 0.
fn month(date: &Date) -> i64 {
    date.year * 12 + date.month
}

impl Shopper<'_> {
    /// At least one purchase in every month from the first one's on; the
    /// running month is not over.
    fn every_month(&self, as_of: &Date) -> bool {
        let first = self.purchases.iter().map(month).min().expect("a purchase");
        (first..month(as_of)).all(|wanted| self.purchases.iter().any(|date| month(date) == wanted))
    }

    fn three_in_six_months(&self, as_of: &Date) -> bool {
        let recent = self.purchases.iter().filter(|date| month(date) > month(as_of) - 6);
        recent.count() >= 3
    }
}

/// The ids of the fewest highest spenders who make the share of all spending.
fn top<'a>(shoppers: &[Shopper<'a>], share_bp: &Int) -> Vec<&'a str> {
    let all: Int = shoppers.iter().map(|shopper| &shopper.spent).sum();
    let wanted = at_margin(&all, share_bp);
    let mut by_spending: Vec<&Shopper> = shoppers.iter().collect();
    by_spending.sort_by_key(|shopper| (-&shopper.spent, shopper.id.as_bytes()));
    let mut group = Vec::new();
    let mut spent = int(0);
    for shopper in by_spending {
        if fraction(&spent) >= wanted {
            break;
        }
        spent += &shopper.spent;
        group.push(shopper.id);
    }
    group
}

/// PL-18.
pub fn segments(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["as_of", "shoppers", "regular", "top_share_bp", "lapsed_days", "win_back"])?;
    let as_of = read_date(fields.text("as_of")?)?;
    let mut shoppers: Vec<Shopper> = Vec::new();
    for item in fields.list("shoppers")? {
        let shopper = read_shopper(item, &as_of)?;
        if shoppers.iter().any(|other| other.id == shopper.id) {
            return refuse("bad_config");
        }
        shoppers.push(shopper);
    }
    let regular = fields.word_or("regular", &["monthly", "three_in_six_months", "top_share"], "monthly")?;
    let top = top(&shoppers, &fields.rate_or("top_share_bp", 2000)?);
    let lapsed_days = fields.natural_or("lapsed_days", 90)?;
    let (mut lapsed_bp, mut new_bp) = (int(0), int(0));
    if let Some(value) = fields.get("win_back") {
        let inner = Fields::open(value, &["lapsed_bp", "new_bp"])?;
        lapsed_bp = inner.rate("lapsed_bp")?;
        new_bp = inner.rate("new_bp")?;
    }

    let mut segments = Vec::new();
    let mut counts = json!({ "new": 0, "regular": 0, "occasional": 0, "lapsed": 0 });
    for shopper in &shoppers {
        let last = shopper.purchases.iter().max();
        let long_ago = last.is_some_and(|last| int(days_before(&as_of) - days_before(last)) > lapsed_days);
        let segment = if long_ago {
            "lapsed"
        } else if shopper.purchases.len() <= 1 {
            "new"
        } else if match regular {
            "monthly" => shopper.every_month(&as_of),
            "three_in_six_months" => shopper.three_in_six_months(&as_of),
            _ => top.contains(&shopper.id),
        } {
            "regular"
        } else {
            "occasional"
        };
        counts[segment] = json!(counts[segment].as_u64().expect("a count") + 1);
        let offer_bp = match segment {
            "lapsed" => lapsed_bp.clone(),
            "new" => new_bp.clone(),
            _ => int(0),
        };
        segments.push(json!({
            "id": shopper.id,
            "segment": segment,
            "purchases": shopper.purchases.len(),
            "spent": out(&shopper.spent)?,
            "last": last.map(Date::write),
            "offer_bp": out(&offer_bp)?,
        }));
    }
    let regulars = counts["regular"].as_i64().expect("a count");
    let share = ratio(&fraction(&int(regulars)), &fraction(&int(shoppers.len() as i64))).unwrap_or(fraction(&int(0)));
    Ok(json!({ "segments": segments, "counts": counts, "regular_share_bp": bp(&share)? }))
}

/// The third in which each value lies by rank; of equal ones the later ranks
/// lower.
fn thirds(values: &[Int]) -> Vec<&'static str> {
    let mut thirds = Vec::new();
    for (k, value) in values.iter().enumerate() {
        let below = values.iter().enumerate().filter(|(other, its)| *its < value || (*its == value && *other > k));
        thirds.push(["low", "middle", "high"][3 * below.count() / values.len()]);
    }
    thirds
}

/// PL-19.
pub fn product_classes(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["products", "multiplier_milli"])?;
    let multiplier = fields.natural_or("multiplier_milli", 2000)?;
    let mut ids: Vec<&str> = Vec::new();
    let (mut margins, mut units, mut sales) = (Vec::new(), Vec::new(), Vec::new());
    for item in fields.list("products")? {
        let inner = Fields::open(item, &["id", "margin_bp", "units", "sales"])?;
        let id = inner.text("id")?;
        if ids.contains(&id) {
            return refuse("bad_config");
        }
        ids.push(id);
        margins.push(inner.signed("margin_bp")?);
        units.push(inner.natural("units")?);
        sales.push(inner.natural("sales")?);
    }
    let (margins, frequencies, contributions) = (thirds(&margins), thirds(&units), thirds(&sales));
    let mut products = Vec::new();
    for (k, id) in ids.iter().enumerate() {
        let class = match (margins[k], frequencies[k]) {
            ("low", "high") => "gateway",
            (_, "high") => "star",
            ("low", _) => "plain",
            _ => "push",
        };
        let its = if class == "push" { multiplier.clone() } else { int(1000) };
        products.push(json!({
            "id": id,
            "margin": margins[k],
            "frequency": frequencies[k],
            "contribution": contributions[k],
            "class": class,
            "multiplier_milli": out(&its)?,
        }));
    }
    Ok(json!({ "products": products }))
}

/// One week's figures.
struct Week {
    sales: Fraction,
    margin: Fraction,
    new_shoppers: Int,
}

fn read_week(value: &Value) -> Answer<Week> {
    let fields = Fields::open(value, &["sales", "profit", "new_shoppers"])?;
    let sales = fraction(&fields.natural("sales")?);
    let profit = fraction(&fields.signed("profit")?);
    let new_shoppers = fields.natural("new_shoppers")?;
    Ok(Week { margin: ratio(&profit, &sales)?, sales, new_shoppers })
}

/// PL-20.
pub fn weekly_check(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["before", "now", "steady_bp", "weeks_of_higher_sales"])?;
    let before = read_week(fields.need("before")?)?;
    let now = read_week(fields.need("now")?)?;
    let steady = Fraction::new(fields.rate_or("steady_bp", 500)?, int(10_000));
    let weeks = fields.natural_or("weeks_of_higher_sales", 0)?;

    let change = ratio(&(&now.sales - &before.sales), &before.sales)?;
    let (up, down) = (change > steady, change < -steady);
    let more_new = now.new_shoppers > before.new_shoppers;
    let eaten = now.margin < before.margin;
    let mut findings = vec![if up {
        "sales_up"
    } else if down {
        "sales_down"
    } else {
        "sales_steady"
    }];
    let mut actions = Vec::new();
    if more_new {
        findings.push("new_shoppers_up");
    }
    if eaten {
        findings.push("margin_eaten");
        actions.push("lower_rates_or_raise_quota");
    }
    if down && !eaten {
        actions.push("widen_program");
    }
    if more_new {
        actions.push("thank_new_shoppers");
    }
    if up && !eaten && weeks >= int(4) {
        actions.push("climb_tier");
    }
    if actions.is_empty() {
        actions.push("keep");
    }
    let shown = |week: &Week| (&week.margin * int(10_000)).trunc().to_integer();
    Ok(json!({
        "sales_change_bp": bp(&change)?,
        "margin_change_bp": out(&(shown(&now) - shown(&before)))?,
        "findings": findings,
        "actions": actions,
    }))
}

/// PL-21, TA-5.
pub fn release(input: &Value) -> Answer<Value> {
    let known = ["stock_units", "stock_left", "slot", "margin_bp", "given", "sales", "min_margin_bp", "tolerance_bp"];
    let fields = Fields::open(input, &known)?;
    let stock = fields.positive("stock_units")?;
    let left = fields.natural("stock_left")?;
    if left > stock {
        return refuse("bad_config");
    }
    let slot = between(fields.need("slot")?, 1, 10)?;
    let margin = at_margin(&int(1), &fields.signed("margin_bp")?);
    let given = fraction(&fields.natural("given")?);
    let sales = fraction(&fields.natural("sales")?);
    let least = if fields.has("min_margin_bp") { fields.signed("min_margin_bp")? } else { int(0) };
    let tolerance = at_margin(&stock, &fields.rate_or("tolerance_bp", 1000)?);

    let quotas = stock_quota(&json!({ "stock_units": out(&stock)? }))?;
    let mut planned = stock;
    for (k, quota) in quotas["units"].as_array().expect("ten quotas").iter().enumerate() {
        if int(k as i64 + 1) < slot {
            planned -= int(quota.as_i64().expect("units"));
        }
    }
    let effective = ratio(&given, &sales).map(|share| margin - share).ok();
    let ahead_of_plan = fraction(&(&planned - &left));
    let (advice, reason) = if left == int(0) {
        ("pause", "sold_out")
    } else if effective.as_ref().is_some_and(|margin| *margin < at_margin(&int(1), &least)) {
        ("hold_back", "margin_spent")
    } else if -&ahead_of_plan > tolerance {
        ("release_higher", "stock_behind")
    } else if ahead_of_plan > tolerance {
        ("hold_back", "stock_ahead")
    } else {
        ("keep", "on_plan")
    };
    Ok(json!({
        "advice": advice,
        "reason": reason,
        "planned_left": out(&planned)?,
        "effective_margin_bp": effective.as_ref().map(bp).transpose()?,
    }))
}
