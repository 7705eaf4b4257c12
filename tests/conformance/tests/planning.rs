//! Planning: the library against the second model, and the laws behind the
//! formulas.

mod common;

use common::model::differ;
use common::{MAX, Tape, ask, ensure, for_tapes, kind, law, maybe, sum, whole};
use loyalty_naive::printed_tiers;
use serde_json::{Value, json};

/// A margin or another ratio of either sign.
fn ratio(tape: &mut Tape) -> i64 {
    match tape.pick(8) {
        0..=2 => tape.of(&[1500, 1499, 1501, 1000, 2000, 0, 1, -1, 10_000, 10_001]),
        3..=5 => tape.rate(),
        6 => -tape.rate(),
        _ => tape.signed(),
    }
}

/// A part of a whole, often at `edge_bp` of it or one beside.
fn part(tape: &mut Tape, whole: i64, edge_bp: &[i64]) -> i64 {
    if tape.once_in(3) {
        return tape.amount();
    }
    let exact = i128::from(whole) * i128::from(tape.of(edge_bp)) / 10_000;
    let beside = exact + i128::from(tape.of(&[0, 1, -1]));
    i64::try_from(beside.clamp(0, i128::from(MAX))).unwrap()
}

// Margins

#[test]
fn plan_margin() {
    differ("plan.margin", |tape| {
        let price = tape.amount();
        json!({ "price": price, "cost": part(tape, price, &[8500, 10_000, 0, 9000]) })
    });
}

#[test]
fn plan_margin_after() {
    differ("plan.margin_after", |tape| json!({ "margin_bp": ratio(tape), "program_bp": tape.rate() }));
}

#[test]
fn plan_cost_rate() {
    differ("plan.cost_rate", |tape| json!({ "discount_bp": tape.rate(), "member_share_bp": tape.rate() }));
}

#[test]
fn plan_min_margin() {
    differ("plan.min_margin", |tape| json!({ "least_profit": tape.signed(), "sales": tape.amount() }));
}

#[test]
fn plan_max_cost() {
    differ("plan.max_cost", |tape| json!({ "margin_bp": ratio(tape), "min_margin_bp": ratio(tape) }));
}

/// A program at its most leaves exactly the minimum.
#[test]
fn what_a_program_may_cost_leaves_the_minimum() {
    law(
        "plan.max_cost",
        |tape| json!({ "margin_bp": ratio(tape), "min_margin_bp": ratio(tape) }),
        |request, answer| {
            if !(0..=10_000).contains(&whole(&answer["max_cost_bp"])) {
                return Ok(());
            }
            let after = ask("plan.margin_after", &json!({ "margin_bp": request["margin_bp"], "program_bp": answer["max_cost_bp"] }));
            ensure(after["margin_bp"] == request["min_margin_bp"], &format!("{after} is left"))
        },
    );
}

// Safe tiers

fn tiers_request(tape: &mut Tape) -> Value {
    let mechanism = tape.of(&["time_auction", "stopwatch"]);
    let share = tape.of(&[6000, 5000, 7000, 10_000, 0, 1]);
    // Where the share of the margin is a printed rate, and beside it.
    let margin = if share > 1 && tape.flag() {
        let highest = tape.of(&[650, 450, 350, 800, 600, 500, 550, 1000, 1100, 1600, 700, 1300]);
        highest * 10_000 / share + tape.of(&[0, 1, -1])
    } else {
        ratio(tape)
    };
    let mut request = json!({ "mechanism": mechanism, "margin_bp": margin });
    let r = &mut request;
    if mechanism == "time_auction" || tape.once_in(16) {
        maybe(tape, r, 2, "edition", |t| json!(t.of(&["one", "two", "recommended"])));
    }
    if share != 6000 || tape.flag() {
        r["share_bp"] = json!(share);
    }
    maybe(
        tape,
        r,
        2,
        "min_margin_bp",
        |t| if t.flag() { json!(ratio(t)) } else { json!((margin - t.of(&[650, 651, 450, 449])).max(-MAX)) },
    );
    request
}

#[test]
fn plan_safe_tiers() {
    differ("plan.safe_tiers", tiers_request);
}

// Every tier

fn all_tiers_request(tape: &mut Tape) -> Value {
    let mut request = without(&tiers_request(tape), &["mechanism", "edition"]);
    maybe(tape, &mut request, 2, "receipts", |t| {
        let most = t.of(&[1000, 3, 100_000, 1]);
        let count = t.pick(7);
        (0..count).map(|_| if t.once_in(30) { t.amount() } else { i64::try_from(t.pick(most + 1)).unwrap() }).collect()
    });
    request
}

fn without(request: &Value, fields: &[&str]) -> Value {
    let kept = request.as_object().unwrap().iter().filter(|(name, _)| !fields.contains(&name.as_str()));
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}

#[test]
fn plan_all_tiers() {
    differ("plan.all_tiers", all_tiers_request);
}

/// The tiers that are safe by their best column are those of `plan.safe_tiers`
/// of each edition, in its order, and for the same reasons otherwise.
#[test]
fn all_tiers_are_the_safe_ones_and_the_others() {
    law("plan.all_tiers", all_tiers_request, |request, answer| {
        let tiers = answer["tiers"].as_array().unwrap();
        let lists = [("stopwatch", ""), ("time_auction", "one"), ("time_auction", "two"), ("time_auction", "recommended")];
        let class = answer["margin_class"].as_str().unwrap();
        let printed = lists.iter().map(|(mechanism, edition)| printed_tiers(*mechanism == "stopwatch", edition, class).len());
        ensure(tiers.len() == printed.sum::<usize>(), "every table of a class")?;
        for (mechanism, edition) in lists {
            let mut one = without(request, &["receipts"]);
            one["mechanism"] = json!(mechanism);
            if !edition.is_empty() {
                one["edition"] = json!(edition);
            }
            let told = ask("plan.safe_tiers", &one);
            let (mut safe, mut not) = (Vec::new(), json!({}));
            for tier in tiers {
                let path: Vec<&str> = tier["table"].as_str().unwrap().split('/').collect();
                if path[0] != mechanism || (!edition.is_empty() && path[1] != edition) {
                    continue;
                }
                let name = path[path.len() - 1];
                if tier["forced"] == json!([]) { safe.push(name) } else { not[name] = tier["forced"].clone() }
            }
            ensure(told["safe"] == json!(safe) && told["unsafe"] == not, &format!("{one}: {told}"))?;
        }
        Ok(())
    });
}

/// A day on which everybody above the quota gets the rate costs no more than
/// is allowed, and a lower quota would.
#[test]
fn a_quota_is_the_least_that_carries_a_day() {
    law("plan.all_tiers", all_tiers_request, |request, answer| {
        let none = Vec::new();
        let receipts: Vec<i128> = request["receipts"].as_array().unwrap_or(&none).iter().map(whole).collect();
        let allowed = whole(&answer["allowed_tenth_bp"]) * receipts.iter().sum::<i128>();
        for tier in answer["tiers"].as_array().unwrap() {
            let rates = [("quota_forced", 10 * whole(&tier["highest_bp"])), ("quota_uniform", whole(&tier["uniform_tenth_bp"]))];
            for (name, rate) in rates {
                let cost = |quota: i128| receipts.iter().filter(|receipt| **receipt >= quota).sum::<i128>() * rate;
                let carried = |quota: &i128| cost(*quota) <= allowed;
                let least = receipts.iter().copied().filter(carried).min();
                ensure(tier[name].as_i64().map(i128::from) == least, &format!("{name} of {tier}: {least:?}"))?;
            }
        }
        Ok(())
    });
}

// Sensitivity

fn sensitivity_request(tape: &mut Tape) -> Value {
    let stopwatch = tape.flag();
    let mut request = common::table(tape, stopwatch);
    let amounts = |t: &mut Tape| {
        let count = t.pick(4);
        let mut amounts: Vec<i64> = (0..count).map(|_| if t.once_in(20) { t.amount() } else { t.everyday() % 1_000_000 }).collect();
        amounts.push(t.of(&[100_000, 1, 3, 0]));
        amounts
    };
    let rates = |t: &mut Tape| (0..t.pick(3)).map(|_| t.rate()).collect::<Vec<_>>();
    request["receipts"] = json!(amounts(tape));
    request["margin_bp"] = json!(ratio(tape));
    maybe(tape, &mut request, 2, "fixed_cost", |t| json!(t.everyday()));
    request["uplifts_bp"] = json!(rates(tape));
    request["forcing_bp"] = json!(rates(tape));
    request["quotas"] = json!(amounts(tape));
    request
}

#[test]
fn plan_sensitivity() {
    differ("plan.sensitivity", sensitivity_request);
}

/// With the uplift of a break-even the day brings what it brought without the
/// program, and with a basis point less it does not.
#[test]
fn a_break_even_is_the_least_uplift() {
    law("plan.sensitivity", sensitivity_request, |request, answer| {
        for line in answer["break_even"].as_array().unwrap() {
            let Some(uplift) = line["uplift_bp"].as_i64() else {
                continue;
            };
            let mut one = request.clone();
            one["uplifts_bp"] = json!(if uplift > 0 { vec![uplift, uplift - 1] } else { vec![uplift] });
            one["forcing_bp"] = json!([line["forcing_bp"]]);
            one["quotas"] = json!([line["quota"]]);
            let told = ask("plan.sensitivity", &one);
            if kind(&told).is_some() {
                continue;
            }
            let points = told["points"].as_array().unwrap();
            // What is told is cut to rupiah, toward zero.
            let before = sum(&request["receipts"]) * whole(&request["margin_bp"]);
            let net = |k: usize| whole(&points[k]["net_profit"]) * 10_000;
            ensure(net(0) > before - 10_000, &format!("{line}: {told}"))?;
            ensure(uplift == 0 || net(1) < before + 10_000, &format!("a smaller uplift does: {line}: {told}"))?;
        }
        Ok(())
    });
}

#[test]
fn every_tier_of_the_class_is_safe_or_not() {
    law("plan.safe_tiers", tiers_request, |request, answer| {
        let margin = whole(&request["margin_bp"]);
        let class = if margin >= 1500 { "from_15" } else { "below_15" };
        ensure(answer["margin_class"] == json!(class), "the class")?;
        let mechanism = request["mechanism"].as_str().unwrap();
        let edition = request.get("edition").and_then(Value::as_str).unwrap_or("recommended");
        let safe: Vec<&str> = answer["safe"].as_array().unwrap().iter().map(|tier| tier.as_str().unwrap()).collect();
        let not = answer["unsafe"].as_object().unwrap();
        let mut named: Vec<&str> = safe.iter().copied().chain(not.keys().map(String::as_str)).collect();
        let mut wanted = if mechanism == "stopwatch" { printed_tiers(true, "", class) } else { printed_tiers(false, edition, class) };
        named.sort_unstable();
        wanted.sort_unstable();
        ensure(named == wanted, "safe and unsafe are not the tiers, each once")?;

        let forced = |tier: &str| {
            let mut table = json!({ "mechanism": mechanism, "margin_class": answer["margin_class"], "tier": tier });
            if mechanism == "time_auction" {
                table["edition"] = json!(edition);
            }
            whole(&ask("table.stats", &table)["forced_bp"])
        };
        let share = request.get("share_bp").map_or(6000, whole);
        let least = request.get("min_margin_bp").map_or(0, whole);
        for tier in wanted {
            let highest = forced(tier);
            let mut why_not = Vec::new();
            if highest * 10_000 > share * margin {
                why_not.push("share");
            }
            if margin - highest < least {
                why_not.push("min_margin");
            }
            let told = not.get(tier).cloned().unwrap_or(json!([]));
            ensure(told == json!(why_not), &format!("{tier}: {why_not:?} wanted, {told} told"))?;
        }
        ensure(safe.windows(2).all(|pair| forced(pair[0]) >= forced(pair[1])), "a lower column before a higher one")
    });
}

// Return and break-even

#[test]
fn plan_roi() {
    differ("plan.roi", |tape| json!({ "extra_sales": tape.signed(), "margin_bp": ratio(tape), "cost": tape.amount() }));
}

fn fixed_cost(tape: &mut Tape) -> Value {
    let sales = tape.amount();
    json!({ "cost": part(tape, sales, &[200, 150, 1500, 0]), "margin_bp": ratio(tape), "sales": sales })
}

fn cost_of_sales(tape: &mut Tape) -> Value {
    let cost = tape.rate();
    let margin = if tape.once_in(3) { cost + tape.of(&[1, 0, -1, 2]) } else { ratio(tape) };
    json!({ "cost_bp": cost, "margin_bp": margin })
}

#[test]
fn plan_break_even_fixed() {
    differ("plan.break_even_fixed", fixed_cost);
}

#[test]
fn plan_break_even_rate() {
    differ("plan.break_even_rate", cost_of_sales);
}

/// In hundred-millionths of a rupiah: what the extra sales earn covers the
/// cost, and one basis point less does not.
#[test]
fn a_fixed_cost_breaks_even_at_its_uplift_and_not_below() {
    law("plan.break_even_fixed", fixed_cost, |request, answer| {
        let profit = whole(&request["margin_bp"]) * whole(&request["sales"]);
        let (cost, uplift) = (whole(&request["cost"]) * 100_000_000, whole(&answer["uplift_bp"]));
        ensure(profit * uplift >= cost, "less profit than before")?;
        ensure(profit * (uplift - 1) < cost, "one basis point less would do")
    });
}

/// Sales with the uplift at the margin with the program, against sales without
/// it at the whole margin.
#[test]
fn a_cost_of_sales_breaks_even_at_its_uplift_and_not_below() {
    law("plan.break_even_rate", cost_of_sales, |request, answer| {
        let before = 10_000 * whole(&request["margin_bp"]);
        let with = whole(&request["margin_bp"]) - whole(&request["cost_bp"]);
        let uplift = whole(&answer["uplift_bp"]);
        ensure((10_000 + uplift) * with >= before, "less profit than before")?;
        ensure((10_000 + uplift - 1) * with < before, "one basis point less would do")
    });
}

// Shoppers and products

#[test]
fn plan_regulars() {
    differ("plan.regulars", |tape| {
        let all = tape.amount();
        json!({ "regulars": part(tape, all, &[2000, 3000, 10_000]), "all": all })
    });
}

#[test]
fn plan_frequency() {
    differ("plan.frequency", |tape| {
        let (regulars, months) = (tape.everyday(), tape.of(&[3, 1, 0, 2, 7, 12, MAX]));
        let once_a_month = i64::try_from((i128::from(regulars) * i128::from(months)).min(i128::from(MAX))).unwrap();
        json!({ "transactions": part(tape, once_a_month, &[10_000, 20_000]), "regulars": regulars, "months": months })
    });
}

#[test]
fn plan_popularity() {
    differ("plan.popularity", |tape| {
        let all = tape.amount();
        json!({ "units": part(tape, all, &[4000, 10_000, 3333]), "all_units": all })
    });
}

#[test]
fn plan_retention() {
    differ("plan.retention", |tape| {
        let initial = tape.amount();
        json!({ "returning": part(tape, initial, &[2500, 10_000, 6666]), "initial": initial })
    });
}

#[test]
fn plan_sales_change() {
    differ("plan.sales_change", |tape| {
        let before = tape.amount();
        let mut request = json!({ "before": before, "during": part(tape, before, &[13_000, 11_000, 10_000, 9000]) });
        maybe(tape, &mut request, 2, "discount_bp", |t| {
            if t.flag() { json!(t.rate()) } else { json!(t.of(&[1000, 1001, 1500, 1501, 2000, 1999])) }
        });
        request
    });
}

#[test]
fn nothing_is_concluded_without_a_discount() {
    let mut request = json!({ "before": 5_000_000, "during": 7_000_000 });
    assert_eq!(ask("plan.sales_change", &request).get("conclusive"), None);
    request["discount_bp"] = json!(0);
    assert_eq!(ask("plan.sales_change", &request).get("conclusive"), Some(&json!(true)));
}

// A day, a scheme, running cost, provisions

fn day(tape: &mut Tape) -> Value {
    let count = tape.pick(4);
    let vouchers: Vec<Value> = (0..count)
        .map(|_| json!({ "count": tape.of(&[10, 0, 1, 5, 1000]), "purchase": tape.everyday(), "rate_bp": tape.rate() }))
        .collect();
    json!({ "units": tape.of(&[100, 0, 1, 3, 33, 1000]), "price": tape.everyday(), "margin_bp": ratio(tape), "vouchers": vouchers })
}

#[test]
fn plan_day() {
    differ("plan.day", day);
}

#[test]
fn a_day_keeps_its_gross_profit_less_its_vouchers() {
    law("plan.day", day, |request, answer| {
        let (gross, given, net) = (whole(&answer["gross_profit"]), whole(&answer["vouchers"]), whole(&answer["net_profit"]));
        ensure(net == gross - given, "net is not gross less vouchers")?;
        ensure(whole(&answer["revenue"]) == whole(&request["units"]) * whole(&request["price"]), "revenue")?;
        ensure(answer["net_margin_bp"].is_null() == (answer["revenue"] == 0), "a net margin without revenue, or none with it")
    });
}

fn scheme(tape: &mut Tape) -> Value {
    let points = tape.of(&[50_000, 1000, 0, 1, 999, 1999, 500, 33_000]);
    json!({ "points_milli": points, "per": tape.of(&[10_000, 1, 7, 0, 1000, MAX]), "margin_bp": ratio(tape), "voucher": tape.amount() })
}

#[test]
fn plan_scheme() {
    differ("plan.scheme", scheme);
}

fn scheme_day(tape: &mut Tape) -> Value {
    let (transactions, average) = (tape.everyday(), tape.everyday());
    let sales = i64::try_from((i128::from(transactions) * i128::from(average)).min(i128::from(MAX))).unwrap();
    let voucher = part(tape, sales, &[1500, 1000, 0]);
    json!({ "transactions": transactions, "average": average, "margin_bp": ratio(tape), "vouchers": tape.of(&[1, 0, 10, 2]), "voucher": voucher })
}

#[test]
fn plan_scheme_day() {
    differ("plan.scheme_day", scheme_day);
}

#[test]
fn a_day_carries_what_its_profit_pays() {
    law("plan.scheme_day", scheme_day, |request, answer| {
        let sales = whole(&request["transactions"]) * whole(&request["average"]);
        let carried = whole(&answer["voucher_cost"]) * 10_000 <= sales * whole(&request["margin_bp"]);
        ensure(answer["carries"] == json!(carried), "carries")
    });
}

fn running_cost(tape: &mut Tape) -> Value {
    let amounts = |t: &mut Tape| (0..t.pick(5)).map(|_| t.everyday()).collect::<Vec<i64>>();
    let mut request = json!({ "items": amounts(tape) });
    let r = &mut request;
    maybe(tape, r, 2, "sales", |t| json!(t.amount()));
    maybe(tape, r, 2, "rate_items_bp", |t| json!((0..t.pick(4)).map(|_| t.rate()).collect::<Vec<i64>>()));
    maybe(tape, r, 3, "once", |t| json!(amounts(t)));
    maybe(tape, r, 2, "merchants", |t| json!(t.of(&[10, 1, 2, 3, 7, 64, 999, 0])));
    request
}

#[test]
fn plan_running_cost() {
    differ("plan.running_cost", running_cost);
}

/// SP-3.
#[test]
fn merchants_bear_the_whole_running_cost_evenly() {
    law("plan.running_cost", running_cost, |request, answer| {
        ensure(sum(&answer["shares"]) == whole(&answer["total"]), "shares are not the total")?;
        let shares: Vec<i128> = answer["shares"].as_array().unwrap().iter().map(whole).collect();
        ensure(shares.len() as i128 == request.get("merchants").map_or(1, whole), "a share for each merchant")?;
        ensure(shares.windows(2).all(|pair| pair[0] >= pair[1]), "the odd rupiah is not the first ones'")?;
        ensure(shares[0] - shares[shares.len() - 1] <= 1, "more than a rupiah apart")
    });
}

#[test]
fn most_merchants_share_to_the_rupiah() {
    for total in [0, 1, 9_999, 10_000, 10_001, MAX] {
        let answer = ask("plan.running_cost", &json!({ "items": [total], "merchants": 10_000 }));
        assert_eq!(sum(&answer["shares"]), i128::from(total));
        assert_eq!(answer["shares"].as_array().unwrap().len(), 10_000);
    }
}

#[test]
fn plan_prize_provisions() {
    differ("plan.prize_provisions", |tape| {
        let mut request = json!({ "prizes": tape.amount() });
        maybe(tape, &mut request, 2, "welfare_bp", |t| json!(t.rate()));
        maybe(tape, &mut request, 2, "tax_bp", |t| json!(t.rate()));
        request
    });
}

// Ratios

/// What is cut toward zero is cut alike on both sides of it.
#[test]
fn a_loss_mirrors_the_profit() {
    for_tapes(|tape| {
        let profit = json!({ "least_profit": tape.amount(), "sales": tape.amount() });
        let mut loss = profit.clone();
        loss["least_profit"] = json!(-profit["least_profit"].as_i64().unwrap());
        let (one, other) = (ask("plan.min_margin", &profit), ask("plan.min_margin", &loss));
        let mirrored = match kind(&one) {
            Some(refusal) => kind(&other) == Some(refusal),
            None => whole(&one["margin_bp"]) == -whole(&other["margin_bp"]),
        };
        ensure(mirrored, &format!("{profit}\n  {one}\n  {other}"))
    });
}
