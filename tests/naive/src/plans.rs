//! Plans side by side: every tier, several programs, many assumptions (PL-5,
//! PL-7, PL-16).

use crate::fields::{Answer, Fields, Fraction, Int, fraction, int, natural, out, rate, refuse};
use crate::planning::{at_margin, whole};
use crate::simulation;
use crate::tables::{TABLE_FIELDS, all_of, class_of, read_table};
use serde_json::{Value, json};

/// A rate in tenths of a basis point as basis points.
fn tenths(n: &Int) -> Fraction {
    Fraction::new(n.clone(), int(10))
}

/// PL-5.
pub fn all_tiers(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["margin_bp", "share_bp", "min_margin_bp", "receipts"])?;
    let margin_bp = fields.signed("margin_bp")?;
    let share_bp = fields.rate_or("share_bp", 6000)?;
    let least = if fields.has("min_margin_bp") { fields.signed("min_margin_bp")? } else { int(0) };
    let receipts: Vec<Int> = fields.list_if("receipts")?.into_iter().flatten().map(natural).collect::<Answer<_>>()?;

    let most = at_margin(&margin_bp, &share_bp);
    let allowed = (&most * int(10)).floor().to_integer().min((&margin_bp - &least) * int(10)).max(int(0));
    let reasons = |of: &Int| {
        let mut reasons = Vec::new();
        if tenths(of) > most {
            reasons.push("share");
        }
        if fraction(&margin_bp) - tenths(of) < fraction(&least) {
            reasons.push("min_margin");
        }
        reasons
    };
    // The least receipt from which on every one may be rewarded.
    let day: Int = receipts.iter().sum();
    let quota = |of: &Int| {
        let carried = |least: &&Int| {
            let rewarded: Int = receipts.iter().filter(|receipt| receipt >= least).sum();
            rewarded * of <= &allowed * &day
        };
        receipts.iter().filter(carried).min().map_or(Ok(Value::Null), out)
    };

    let mut ranked = Vec::new();
    for (name, row) in all_of(class_of(&margin_bp)) {
        let highest = row.iter().max().expect("ten columns").clone();
        let (forced_rate, mean) = (&highest * int(10), row.iter().sum::<Int>());
        let (forced, uniform) = (reasons(&forced_rate), reasons(&mean));
        let group = match (forced.is_empty(), uniform.is_empty()) {
            (true, _) => 0,
            (false, true) => 1,
            _ => 2,
        };
        let told = json!({
            "table": name,
            "highest_bp": out(&highest)?,
            "uniform_tenth_bp": out(&mean)?,
            "forced": forced,
            "uniform": uniform,
            "quota_forced": quota(&forced_rate)?,
            "quota_uniform": quota(&mean)?,
        });
        ranked.push((group, -highest, -mean, told));
    }
    // A stable sort: full ties stay in the order of the tables.
    ranked.sort_by(|a, b| (a.0, &a.1, &a.2).cmp(&(b.0, &b.1, &b.2)));
    let tiers: Vec<Value> = ranked.into_iter().map(|(.., told)| told).collect();
    Ok(json!({ "margin_class": class_of(&margin_bp), "allowed_tenth_bp": out(&allowed)?, "tiers": tiers }))
}

/// PL-16: every program meets the same shoppers.
pub fn compare(input: &Value) -> Answer<Value> {
    let mut common = input.clone();
    let map = common.as_object_mut().expect("an object");
    let programs = map.remove("programs").filter(|programs| !programs.is_null());
    if map.contains_key("program") {
        return refuse("unknown_field");
    }
    let Some(programs) = programs else {
        return refuse("missing_field");
    };
    let Some(programs) = programs.as_array() else {
        return refuse("bad_type");
    };
    if programs.is_empty() || programs.len() > 16 {
        return refuse("bad_config");
    }
    let mut plans: Vec<(String, Value)> = Vec::new();
    for item in programs {
        let inner = Fields::open(item, &["name", "program"])?;
        let name = inner.text("name")?.to_string();
        if plans.iter().any(|(other, _)| *other == name) {
            return refuse("bad_config");
        }
        let mut request = common.clone();
        request["program"] = inner.need("program")?.clone();
        plans.push((name, request));
    }
    let mut work = int(0);
    for (_, request) in &plans {
        work += simulation::work(request)?;
    }
    if work > int(4_000_000) {
        return refuse("too_large");
    }

    let mut results = Vec::new();
    let (mut first, mut best): (Option<i64>, Option<(i64, &String)>) = (None, None);
    for (name, request) in &plans {
        let answer = simulation::simulate(request)?;
        let mean = answer["net_profit"]["mean"].as_i64().expect("a mean");
        let first = *first.get_or_insert(mean);
        if best.is_none_or(|(highest, _)| mean > highest) {
            best = Some((mean, name));
        }
        results.push(json!({
            "name": name,
            "net_profit": answer["net_profit"],
            "totals": answer["totals"],
            "days_below_cover": answer["days_below_cover"],
            "suspensions": answer["suspensions"],
            "against_first": out(&(int(mean) - int(first)))?,
        }));
    }
    Ok(json!({ "results": results, "best": best.map(|(_, name)| name) }))
}

/// PL-5, PL-7.
pub fn sensitivity(input: &Value) -> Answer<Value> {
    let own = ["receipts", "margin_bp", "fixed_cost", "uplifts_bp", "forcing_bp", "quotas"];
    let fields = Fields::open(input, &[&TABLE_FIELDS[..], &own].concat())?;
    let table = read_table(&fields)?;
    let numbers = |name: &str| fields.list(name)?.iter().map(natural).collect::<Answer<Vec<Int>>>();
    let receipts = numbers("receipts")?;
    let margin_bp = fields.signed("margin_bp")?;
    let fixed_cost = fraction(&fields.natural_or("fixed_cost", 0)?);
    let (uplifts, quotas) = (numbers("uplifts_bp")?, numbers("quotas")?);
    let forcings: Vec<Int> = fields.list("forcing_bp")?.iter().map(rate).collect::<Answer<_>>()?;
    let sales: Int = receipts.iter().sum();
    if sales == int(0) {
        return refuse("bad_config");
    }
    if uplifts.len() * forcings.len() * quotas.len() > 10_000 {
        return refuse("too_large");
    }

    let highest = fraction(table.row.iter().max().expect("ten columns"));
    let mean = tenths(&table.row.iter().sum());
    let one = fraction(&int(1));
    // The vouchers of the day without an uplift.
    let given = |forcing: &Int, quota: &Int| {
        let forced = Fraction::new(forcing.clone(), int(10_000));
        let rate_bp = &forced * &highest + (&one - forced) * &mean;
        let rewarded: Int = receipts.iter().filter(|receipt| *receipt >= quota).sum();
        fraction(&rewarded) * rate_bp / int(10_000)
    };
    let profit = at_margin(&sales, &margin_bp);
    let mut points = Vec::new();
    for uplift in &uplifts {
        let more = &one + Fraction::new(uplift.clone(), int(10_000));
        for forcing in &forcings {
            for quota in &quotas {
                let vouchers = given(forcing, quota) * &more;
                let net = &profit * &more - &vouchers - &fixed_cost;
                points.push(json!({
                    "uplift_bp": out(uplift)?,
                    "forcing_bp": out(forcing)?,
                    "quota": out(quota)?,
                    "vouchers": out(&whole(&vouchers))?,
                    "net_profit": out(&whole(&net))?,
                }));
            }
        }
    }
    let mut break_even = Vec::new();
    for forcing in &forcings {
        for quota in &quotas {
            let vouchers = given(forcing, quota);
            let cost = &vouchers + &fixed_cost;
            let kept = &profit - &vouchers;
            let nothing = fraction(&int(0));
            let uplift = if cost == nothing {
                json!(0)
            } else if kept <= nothing {
                Value::Null
            } else {
                out(&(cost / kept * int(10_000)).ceil().to_integer())?
            };
            break_even.push(json!({ "forcing_bp": out(forcing)?, "quota": out(quota)?, "uplift_bp": uplift }));
        }
    }
    Ok(json!({ "points": points, "break_even": break_even }))
}
