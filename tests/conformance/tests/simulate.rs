//! Steering and simulation: the library against the second model, and the laws
//! behind both.

mod common;

use common::model::{compare, differ, inject};
use common::{MAX, Tape, ask, ensure, for_tapes, kind, law, maybe, program, sum, total, whole};
use serde_json::{Value, json};

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

// Segments

const DAYS: [&str; 12] = [
    "2025-03-15",
    "2025-03-01",
    "2025-03-14",
    "2025-02-28",
    "2025-02-01",
    "2025-01-31",
    "2024-12-31",
    "2024-12-15",
    "2024-12-14",
    "2024-10-01",
    "2024-09-30",
    "2024-02-29",
];

fn segments_request(tape: &mut Tape) -> Value {
    let count = tape.pick(6);
    let shoppers: Vec<Value> = (0..count)
        .map(|k| {
            let id = tape.of(&["s", "S", "é", "t"]).to_string() + if tape.once_in(24) { "" } else { ["0", "1", "2", "3", "4", "5"][k] };
            let purchases: Vec<Value> = (0..tape.pick(5))
                .map(|_| {
                    let amount = tape.of(&[100, 0, 1, 50_000, 99, 101, MAX]);
                    json!({ "date": tape.of(&DAYS), "amount": if amount == MAX && !tape.once_in(6) { 7 } else { amount } })
                })
                .collect();
            json!({ "id": id, "purchases": purchases })
        })
        .collect();
    let mut request = json!({ "as_of": "2025-03-15", "shoppers": shoppers });
    let r = &mut request;
    maybe(tape, r, 20, "as_of", |t| json!(t.of(&DAYS)));
    maybe(tape, r, 2, "regular", |t| json!(t.of(&["top_share", "three_in_six_months", "monthly"])));
    maybe(tape, r, 2, "top_share_bp", |t| if t.flag() { json!(t.rate()) } else { json!(t.of(&[5000, 3333, 3334, 10_000, 0])) });
    maybe(tape, r, 3, "lapsed_days", |t| json!(t.of(&[90, 0, 1, 14, 15, 165, 166, 91, MAX])));
    maybe(tape, r, 2, "win_back", |t| json!({ "lapsed_bp": t.rate(), "new_bp": t.rate() }));
    request
}

#[test]
fn plan_segments() {
    differ("plan.segments", segments_request);
}

#[test]
fn every_shopper_stands_in_one_segment() {
    law("plan.segments", segments_request, |request, answer| {
        let (asked, told) = (list(&request["shoppers"]), list(&answer["segments"]));
        ensure(asked.len() == told.len(), "a segment for each shopper")?;
        let counts = answer["counts"].as_object().unwrap();
        ensure(total(counts.values()) == asked.len() as i128, "the counts are not all shoppers")?;
        for (segment, count) in counts {
            let stand = told.iter().filter(|shopper| shopper["segment"] == segment.as_str()).count();
            ensure(whole(count) == stand as i128, &format!("{stand} stand in {segment}"))?;
        }
        for (shopper, segment) in asked.iter().zip(told) {
            let purchases = list(&shopper["purchases"]);
            ensure(shopper["id"] == segment["id"], "another order")?;
            ensure(whole(&segment["purchases"]) == purchases.len() as i128, "purchases")?;
            ensure(whole(&segment["spent"]) == total(purchases.iter().map(|one| &one["amount"])), "spent")?;
            let last = purchases.iter().map(|one| one["date"].as_str().unwrap()).max();
            ensure(segment["last"] == json!(last), "the last purchase")?;
        }
        let share = if asked.is_empty() { 0 } else { whole(&counts["regular"]) * 10_000 / asked.len() as i128 };
        ensure(whole(&answer["regular_share_bp"]) == share, "the share of regulars")
    });
}

// Product classes

fn products_request(tape: &mut Tape) -> Value {
    let count = tape.pick(8);
    let products: Vec<Value> = (0..count)
        .map(|k| {
            let id = if tape.once_in(30) { "p".to_string() } else { format!("p{k}") };
            let figures = [3, 1, 2, 4, MAX];
            json!({ "id": id, "margin_bp": tape.of(&[1500, 0, -1, 1499, -MAX]), "units": tape.of(&figures), "sales": tape.of(&figures) })
        })
        .collect();
    let mut request = json!({ "products": products });
    maybe(tape, &mut request, 2, "multiplier_milli", |t| json!(t.everyday()));
    request
}

#[test]
fn plan_product_classes() {
    differ("plan.product_classes", products_request);
}

#[test]
fn thirds_are_alike_in_size_and_in_order() {
    law("plan.product_classes", products_request, |request, answer| {
        let (asked, told) = (list(&request["products"]), list(&answer["products"]));
        for (measure, figure) in [("margin", "margin_bp"), ("frequency", "units"), ("contribution", "sales")] {
            let of = |third: &str| told.iter().filter(|product| product[measure] == third).count();
            let sizes = [of("low"), of("middle"), of("high")];
            ensure(sizes.iter().sum::<usize>() == asked.len(), "a product outside the thirds")?;
            ensure(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, &format!("{measure}: {sizes:?}"))?;
            let rank = |product: &Value| ["low", "middle", "high"].iter().position(|third| product[measure] == *third);
            for (one, its) in asked.iter().zip(told) {
                for (other, others) in asked.iter().zip(told) {
                    let lower = whole(&one[figure]) < whole(&other[figure]);
                    ensure(!lower || rank(its) <= rank(others), &format!("{measure}: a lower one in a higher third"))?;
                }
            }
        }
        Ok(())
    });
}

// The weekly check

fn week(tape: &mut Tape, like: Option<(i64, i64)>) -> (i64, i64, Value) {
    let (mut sales, mut profit) = (tape.everyday(), tape.signed());
    if let Some((before, its_profit)) = like {
        if !tape.once_in(3) {
            let moved =
                i128::from(before) * i128::from(tape.of(&[10_500, 9500, 10_000, 12_000])) / 10_000 + i128::from(tape.of(&[0, 1, -1]));
            sales = i64::try_from(moved.clamp(0, i128::from(MAX))).unwrap();
        }
        if tape.flag() {
            profit = (its_profit + tape.of(&[0, 1, -1])).clamp(-MAX, MAX);
        }
    }
    (sales, profit, json!({ "sales": sales, "profit": profit, "new_shoppers": tape.of(&[5, 4, 6, 0]) }))
}

fn weekly_request(tape: &mut Tape) -> Value {
    let (sales, profit, before) = week(tape, None);
    let (.., now) = week(tape, Some((sales, profit)));
    let mut request = json!({ "before": before, "now": now });
    maybe(tape, &mut request, 3, "steady_bp", |t| json!(t.of(&[500, 0, 499, 501, 10_000])));
    maybe(tape, &mut request, 2, "weeks_of_higher_sales", |t| json!(t.of(&[4, 3, 5, 0, MAX])));
    request
}

#[test]
fn plan_weekly_check() {
    differ("plan.weekly_check", weekly_request);
}

/// The check shows what the calculators of the same ratios show.
#[test]
fn a_week_is_the_change_and_the_margins_of_its_parts() {
    law("plan.weekly_check", weekly_request, |request, answer| {
        let (before, now) = (&request["before"], &request["now"]);
        let change = ask("plan.sales_change", &json!({ "before": before["sales"], "during": now["sales"] }));
        ensure(answer["sales_change_bp"] == change["change_bp"], "the change of sales")?;
        let margin = |week: &Value| ask("plan.min_margin", &json!({ "least_profit": week["profit"], "sales": week["sales"] }));
        let (then, today) = (margin(before), margin(now));
        if kind(&then).is_some() || kind(&today).is_some() {
            return Ok(());
        }
        let grown = whole(&today["margin_bp"]) - whole(&then["margin_bp"]);
        ensure(whole(&answer["margin_change_bp"]) == grown, "the change of the margin")?;
        let found = |finding: &str| list(&answer["findings"]).contains(&json!(finding));
        ensure(grown >= 0 || found("margin_eaten"), "a lower margin that is not told")?;
        ensure(grown <= 0 || !found("margin_eaten"), "a higher margin told as eaten")?;
        ensure(!list(&answer["actions"]).is_empty(), "nothing to do, not even to keep on")
    });
}

// Release

fn release_request(tape: &mut Tape) -> Value {
    let stock = tape.of(&[100, 103, 7, 15, 1, 1000, 0, MAX]);
    let slot = 1 + tape.pick(10) as i64;
    let planned = stock - (stock / 10) * (slot - 1);
    let left = match tape.pick(4) {
        0 => planned,
        1 => planned + stock / 10 + tape.of(&[0, 1, -1]),
        2 => planned - stock / 10 + tape.of(&[0, 1, -1]),
        _ => tape.amount() % (stock + 1),
    };
    let margin = tape.of(&[1500, 0, 1000, -100, 10_001]);
    let sales = tape.everyday();
    let given =
        i64::try_from(i128::from(sales) * i128::from(margin.max(0)) / 10_000 + i128::from(tape.of(&[0, 1, -1]))).unwrap().clamp(0, MAX);
    let given = if tape.flag() { given } else { tape.everyday() };
    let left = if tape.once_in(30) { left } else { left.clamp(0, stock) };
    let mut request =
        json!({ "stock_units": stock, "stock_left": left, "slot": slot, "margin_bp": margin, "given": given, "sales": sales });
    maybe(tape, &mut request, 2, "min_margin_bp", |t| json!(t.of(&[0, 500, 1000, -100, MAX])));
    maybe(tape, &mut request, 2, "tolerance_bp", |t| json!(t.of(&[1000, 0, 999, 1001, 10_000])));
    request
}

#[test]
fn plan_release() {
    differ("plan.release", release_request);
}

#[test]
fn what_is_planned_to_be_left_is_the_quotas_to_come() {
    law("plan.release", release_request, |request, answer| {
        let quotas = ask("auction.stock_quota", &json!({ "stock_units": request["stock_units"] }));
        let gone = usize::try_from(whole(&request["slot"]) - 1).unwrap();
        let to_come = total(list(&quotas["units"]).iter().skip(gone));
        ensure(whole(&answer["planned_left"]) == to_come, &format!("{to_come} are planned"))?;
        let sold_out = whole(&request["stock_left"]) == 0;
        ensure((answer["advice"] == "pause") == sold_out, "a pause without an empty stock, or none with it")?;
        ensure(answer["effective_margin_bp"].is_null() == (whole(&request["sales"]) == 0), "a margin without sales, or none with them")
    });
}

// Simulation

fn basket(tape: &mut Tape) -> Value {
    match tape.pick(3) {
        0 => json!({ "fixed": tape.of(&[100_000, 0, 1, 999, 33_333]) }),
        1 => {
            let from = tape.of(&[1000, 0, 17, 99_990]);
            json!({ "from": from, "to": from + tape.pick(12) as i64 })
        }
        _ => json!({ "list": (0..1 + tape.pick(4)).map(|_| tape.pick(200_000)).collect::<Vec<_>>() }),
    }
}

fn shoppers(tape: &mut Tape) -> Vec<usize> {
    (0..10).map(|_| if tape.flag() { tape.pick(3) } else { 0 }).collect()
}

fn mix(tape: &mut Tape) -> Value {
    let weights = tape.of(&[[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [2, 5, 3], [0, 1, 1], [70, 29, 1]]);
    json!({ "indifferent": weights[0], "waits": weights[1], "forces": weights[2] })
}

/// A program without much in it, so that days differ by their shoppers.
fn plain_program(tape: &mut Tape) -> (Value, bool) {
    let stopwatch = tape.flag();
    let mut program = common::table(tape, stopwatch);
    maybe(tape, &mut program, 4, "quota", |t| json!(t.of(&[1000, 100_001])));
    maybe(tape, &mut program, 4, "rounding", common::rounding);
    if !stopwatch {
        maybe(tape, &mut program, 3, "held_slots", |t| json!([1 + t.pick(10), 10]));
        maybe(tape, &mut program, 4, "first_n", |t| json!({ "n": t.of(&[1, 0, 2]), "then": t.of(&["standby", "first_column"]) }));
    }
    maybe(tape, &mut program, 4, "budget", |t| {
        let part = if stopwatch || t.flag() { "day" } else { "slot" };
        json!({ part: t.of(&[5000, 1, 20_000]) })
    });
    (program, stopwatch)
}

fn simulate_request(tape: &mut Tape) -> Value {
    let (program, _) = if tape.once_in(3) { program(tape) } else { plain_program(tape) };
    let mut request = json!({
        "seed": tape.of(&[1, 0, 42, MAX, 123_456_789]),
        "program": program,
        "shoppers_by_slot": shoppers(tape),
        "basket": basket(tape),
        "mix": mix(tape),
        "margin_bp": tape.of(&[1500, 0, -500, 10_000, 12_000]),
    });
    let r = &mut request;
    maybe(tape, r, 2, "runs", |t| json!(1 + t.pick(4)));
    maybe(tape, r, 2, "days", |t| json!(1 + t.pick(6)));
    maybe(tape, r, 2, "gives_up_bp", |t| json!(t.of(&[5000, 0, 10_000, 1])));
    maybe(tape, r, 2, "prior_points_milli", |t| json!(t.of(&[0, 49_999, 50_000, 700_000])));
    maybe(tape, r, 3, "stock", |t| {
        let mut stock = json!({ "units": t.of(&[10, 0, 1, 3, 1000]), "price": t.of(&[10_000, 1, 333, 99_999]) });
        maybe(t, &mut stock, 2, "lost_bp", |t| json!(t.rate()));
        stock
    });
    maybe(tape, r, 3, "fund", |t| {
        let mut fund =
            json!({ "requirement": t.of(&[10_000, 0, 100_000]), "balance": t.of(&[10_000, 0, 2000, 2001, 20_000, 30_000, 100_000]) });
        maybe(t, &mut fund, 2, "top_up", |t| json!(t.flag()));
        fund
    });
    maybe(tape, r, 3, "min_cover_bp", |t| json!(t.of(&[10_000, 0, 5000, 30_000])));
    request
}

/// Whether the slow model is done with a request in a blink.
fn light(request: &Value) -> bool {
    let number = |value: &Value| value.as_i64().unwrap_or(1);
    let shoppers: i64 = request["shoppers_by_slot"].as_array().map_or(0, |list| list.iter().map(number).sum());
    let range = number(&request["basket"]["to"]).saturating_sub(number(&request["basket"]["from"]));
    shoppers.saturating_mul(number(&request["runs"])).saturating_mul(number(&request["days"])) <= 1000 && range <= 1000
}

#[test]
fn plan_simulate() {
    for_tapes(|tape| {
        let mut request = simulate_request(tape);
        let sound = loyalty_naive::call("plan.simulate", &request).is_ok();
        compare("plan.simulate", &request, false)?;
        if tape.flag() {
            inject(tape, &mut request);
            if light(&request) {
                compare("plan.simulate", &request, sound)?;
            }
        }
        Ok(())
    });
}

fn comparison(tape: &mut Tape) -> Value {
    let mut request = simulate_request(tape);
    let first = request.as_object_mut().unwrap().remove("program").unwrap();
    let mut programs = vec![json!({ "name": "a", "program": first })];
    for name in ["b", "a b", ""] {
        if tape.flag() {
            let (program, _) = if tape.once_in(4) { (first.clone(), true) } else { plain_program(tape) };
            programs.push(json!({ "name": name, "program": program }));
        }
    }
    if tape.once_in(30) {
        programs.push(json!({ "name": "a", "program": first }));
    }
    request["programs"] = json!(programs);
    request
}

#[test]
fn plan_compare() {
    for_tapes(|tape| {
        let mut request = comparison(tape);
        let sound = loyalty_naive::call("plan.compare", &request).is_ok();
        compare("plan.compare", &request, false)?;
        if tape.flag() {
            inject(tape, &mut request);
            if light(&request) {
                compare("plan.compare", &request, sound)?;
            }
        }
        Ok(())
    });
}

/// Each program fares as it does alone.
#[test]
fn programs_side_by_side_are_programs_alone() {
    law("plan.compare", comparison, |request, answer| {
        let mut alone = request.clone();
        alone.as_object_mut().unwrap().remove("programs");
        let mut means = Vec::new();
        for (entry, result) in list(&request["programs"]).iter().zip(list(&answer["results"])) {
            alone["program"] = entry["program"].clone();
            let told = ask("plan.simulate", &alone);
            ensure(result["name"] == entry["name"], "not in declared order")?;
            for field in ["net_profit", "totals", "days_below_cover", "suspensions"] {
                ensure(result[field] == told[field], &format!("{field} is otherwise alone: {told}"))?;
            }
            means.push(whole(&told["net_profit"]["mean"]));
            ensure(whole(&result["against_first"]) == means[means.len() - 1] - means[0], "against the first")?;
        }
        let best = means.iter().position(|mean| Some(mean) == means.iter().max()).unwrap();
        ensure(answer["best"] == answer["results"][best]["name"], "another is better")
    });
}

fn times(request: &Value) -> i128 {
    let of = |name: &str| request.get(name).map_or(1, whole);
    of("runs") * of("days")
}

/// Toward zero, of an exact product of rates.
fn rated(amount: i128, rates_bp: &[i128]) -> i128 {
    let scale: i128 = rates_bp.iter().map(|_| 10_000).product();
    rates_bp.iter().product::<i128>() * amount / scale
}

#[test]
fn what_is_sold_and_what_is_left_is_the_stock() {
    law("plan.simulate", simulate_request, |request, answer| {
        let totals = &answer["totals"];
        let slots = list(&answer["slots"]);
        let of = |name: &str| total(slots.iter().map(|slot| &slot[name]));
        for name in ["receipts", "sales", "vouchers"] {
            ensure(of(name) == whole(&totals[name]), &format!("{name} of the slots are not the total"))?;
        }
        let came = sum(&request["shoppers_by_slot"]) * times(request);
        let went = of("receipts") + whole(&totals["lost_sales"]);
        ensure(went <= came, "more bought than came")?;
        let gave_up = request.get("gives_up_bp").is_some_and(|rate| whole(rate) > 0);
        ensure(gave_up || went == came, "somebody came and went without a trace")?;
        let Some(stock) = request.get("stock") else {
            ensure(whole(&totals["lost_sales"]) == 0, "a lost sale without stock to run out")?;
            ensure(whole(&totals["left_value"]) == 0, "something left of no stock")?;
            return ensure(of("units") == 0, "units without stock");
        };
        let units = whole(&stock["units"]) * times(request);
        ensure(of("units") + whole(&totals["units_left"]) == units, "units out of nowhere, or into it")?;
        for slot in slots {
            ensure(whole(&slot["units"]) * whole(&stock["price"]) == whole(&slot["sales"]), "units not paid, or not had")?;
        }
        Ok(())
    });
}

#[test]
fn every_rupiah_of_a_day_is_accounted_for() {
    law("plan.simulate", simulate_request, |request, answer| {
        let margin = whole(&request["margin_bp"]);
        let days = list(&answer["days"]);
        ensure(days.len() as i128 == request.get("days").map_or(1, whole), "each day of the first run")?;
        for day in days {
            let lost = request.get("stock").map_or(0, |stock| {
                let cost = whole(&day["units_left"]) * whole(&stock["price"]);
                rated(cost, &[10_000 - margin, stock.get("lost_bp").map_or(10_000, whole)])
            });
            let net = rated(whole(&day["sales"]), &[margin]) - whole(&day["vouchers"]) - lost;
            ensure(whole(&day["net_profit"]) == net, &format!("{net} is the day's profit"))?;
        }
        let profit = &answer["net_profit"];
        let ranked = ["worst", "p5", "p50", "p95", "best"].map(|name| whole(&profit[name]));
        ensure(ranked.is_sorted(), "percentiles out of order")?;
        let first = total(days.iter().map(|day| &day["net_profit"]));
        let inside = |n: i128| ranked[0] <= n && n <= ranked[4];
        ensure(inside(first) && inside(whole(&profit["mean"])), "the first run or the mean outside the worst and the best")?;
        if request.get("runs").is_none_or(|runs| runs == 1) {
            ensure(whole(&profit["mean"]) == first, "the only run is not the mean")?;
            for name in ["sales", "vouchers"] {
                ensure(total(days.iter().map(|day| &day[name])) == whole(&answer["totals"][name]), "days are not the total")?;
            }
        }
        Ok(())
    });
}

/// What leaves the fund are the vouchers of the days before, each once.
#[test]
fn the_fund_pays_the_vouchers_of_the_days_before() {
    law("plan.simulate", simulate_request, |request, answer| {
        let Some(fund) = request.get("fund").filter(|fund| fund.get("top_up") != Some(&json!(true))) else {
            return Ok(());
        };
        let (mut due, mut before) = (whole(&fund["balance"]), whole(&fund["balance"]));
        let mut suspended = false;
        for day in list(&answer["days"]) {
            let balance = whole(&day["fund_balance"]);
            ensure(0 <= balance && balance <= before, "a fund that fills itself, or owes")?;
            ensure(balance >= due, "more paid than was given")?;
            ensure(due < 0 || balance == due, "a voucher that the fund could pay is not paid")?;
            ensure(!suspended || day["suspended"] == true, "suspended, and back without a top-up")?;
            suspended = day["suspended"] == true;
            ensure(!suspended || whole(&day["vouchers"]) == 0, "a suspended shop gives vouchers")?;
            before = balance;
            due -= whole(&day["vouchers"]);
        }
        Ok(())
    });
}

#[test]
fn the_same_seed_is_the_same_day() {
    for_tapes(|tape| {
        let request = simulate_request(tape);
        let once = ask("plan.simulate", &request);
        ensure(once == ask("plan.simulate", &request), &format!("another answer to {request}"))?;
        if kind(&once).is_some() {
            return Ok(());
        }
        // The first run does not know how many follow.
        let mut alone = request.clone();
        alone["runs"] = json!(1);
        ensure(once["days"] == ask("plan.simulate", &alone)["days"], &format!("another first run: {request}"))
    });
}

#[test]
fn other_seeds_and_other_runs_draw_otherwise() {
    let mut seen = std::collections::BTreeSet::new();
    let request = |seed: i64| {
        json!({
            "seed": seed, "program": { "mechanism": "time_auction", "margin_class": "from_15", "tier": "gold" },
            "shoppers_by_slot": [1, 0, 0, 0, 0, 0, 0, 0, 0, 0], "basket": { "from": 0, "to": MAX / 2000 },
            "mix": { "indifferent": 1, "waits": 0, "forces": 0 }, "margin_bp": 10_000, "runs": 500,
        })
    };
    for seed in 0..1000 {
        let answer = ask("plan.simulate", &request(seed));
        seen.insert(whole(&answer["days"][0]["sales"]));
        ensure(answer["net_profit"]["best"] != answer["net_profit"]["worst"], "all runs alike").unwrap();
    }
    assert!(seen.len() > 995, "{} different first baskets of a thousand seeds", seen.len());
}

/// Receipts of a simulated day are those that a till would send.
#[test]
fn a_simulated_receipt_is_a_decided_one() {
    for_tapes(|tape| {
        let (program, stopwatch) = program(tape);
        let total = tape.of(&[100_000, 999, 1, 33_333]);
        let shoppers = shoppers(tape);
        let request = json!({
            "seed": 5, "program": program, "shoppers_by_slot": shoppers, "basket": { "fixed": total },
            "mix": { "indifferent": 0, "waits": 0, "forces": 1 }, "margin_bp": 1500, "prior_points_milli": 50_000,
        });
        let answer = ask("plan.simulate", &request);
        if kind(&answer).is_some() {
            return Ok(());
        }
        let digit = if stopwatch {
            let mut table = json!({});
            for (field, value) in program.as_object().unwrap() {
                if ["mechanism", "margin_class", "tier", "rates_bp", "allow_falling"].contains(&field.as_str()) {
                    table[field] = value.clone();
                }
            }
            let rate = |digit: &i32| {
                table["digit"] = json!(digit);
                whole(&ask("table.rate", &table)["rate_bp"])
            };
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 0].into_iter().rev().max_by_key(rate)
        } else {
            None
        };
        let mut counters = json!({});
        for (slot, count) in shoppers.iter().enumerate() {
            let mut given = 0;
            for _ in 0..*count {
                let mut receipt = json!({ "total": total });
                match digit {
                    Some(digit) => receipt["digit"] = json!(digit),
                    None => receipt["slot"] = json!(slot + 1),
                }
                let decided = ask(
                    "award.decide",
                    &json!({ "program": program, "receipt": receipt, "counters": counters, "shopper": { "prior_points_milli": 50_000 } }),
                );
                given += whole(&decided["value"]);
                counters = decided["counters"].clone();
            }
            let simulated = whole(&answer["slots"][slot]["vouchers"]);
            ensure(simulated == given, &format!("slot {}: {given} decided, {simulated} simulated\n  {request}", slot + 1))?;
        }
        Ok(())
    });
}

// The closed form

const SEEDS: i128 = 200;

/// Every program with every mix and every basket: 72.
fn configurations() -> Vec<Value> {
    let own: [i64; 10] = [0, 100, 200, 300, 400, 500, 600, 700, 800, 10_000];
    let falling: [i64; 10] = [900, 100, 800, 200, 700, 300, 600, 400, 500, 450];
    let programs = [
        json!({ "mechanism": "time_auction", "margin_class": "from_15", "tier": "gold", "held_slots": [10] }),
        json!({ "mechanism": "time_auction", "rates_bp": own, "quota": 40_000 }),
        json!({ "mechanism": "time_auction", "rates_bp": falling, "allow_falling": true, "quota": [0, 90_000, 0, 20_000, 0, 0, 50_000, 0, 0, 0] }),
        json!({ "mechanism": "stopwatch", "margin_class": "from_15", "tier": "pro", "rounding": { "unit": 100, "mode": "half_even" } }),
        json!({ "mechanism": "stopwatch", "rates_bp": own, "rounding": { "unit": 1000, "mode": "up" } }),
        json!({ "mechanism": "stopwatch", "rates_bp": falling, "allow_falling": true, "quota": 60_000, "funding": { "preset": "BN-1" } }),
    ];
    let mixes = [(1, 0, 0, 0), (0, 1, 0, 2500), (0, 0, 1, 0), (2, 3, 5, 7777)];
    let baskets =
        [json!({ "fixed": 77_777 }), json!({ "from": 1000, "to": 99_999 }), json!({ "list": [500, 20_000, 45_000, 89_999, 250_000] })];
    let mut all = Vec::new();
    for program in &programs {
        for (indifferent, waits, forces, gives_up) in mixes {
            for basket in &baskets {
                all.push(json!({
                    "seed": 0, "program": program, "shoppers_by_slot": [3, 1, 0, 4, 1, 5, 0, 2, 6, 5], "basket": basket,
                    "mix": { "indifferent": indifferent, "waits": waits, "forces": forces }, "gives_up_bp": gives_up,
                    "margin_bp": 1500, "prior_points_milli": 150_000,
                }));
            }
        }
    }
    all
}

/// Of a run for each seed: the sum is within four standard errors of what is
/// expected, (S − E)² ≤ 16 × (N Σx² − S²) ÷ (N − 1), a rupiah of truncation
/// apart.
#[test]
fn the_simulation_agrees_with_its_closed_form() {
    let all = configurations();
    assert!(all.len() >= 50);
    for mut request in all {
        request["runs"] = json!(SEEDS);
        let expected = ask("plan.simulate", &request)["expected"].clone();
        assert!(expected.is_object(), "no closed form: {request}");
        request["runs"] = json!(1);
        for name in ["sales", "vouchers"] {
            let (mut sum, mut squares) = (0, 0);
            for seed in 0..SEEDS {
                request["seed"] = json!(seed);
                let drawn = whole(&ask("plan.simulate", &request)["totals"][name]);
                sum += drawn;
                squares += drawn * drawn;
            }
            let apart = ((sum - whole(&expected[name])).abs() - 1).max(0);
            let spread = SEEDS * squares - sum * sum;
            assert!(
                apart * apart * (SEEDS - 1) <= 16 * spread,
                "{name}: {sum} drawn, {} expected, spread {spread}\n  {request}",
                expected[name]
            );
        }
    }
}

/// The closed form is that of the second model, which adds up every basket.
#[test]
fn the_closed_form_of_any_basket() {
    for_tapes(|tape| {
        let (program, _) = plain_program(tape);
        let from = tape.everyday() % 1_000_000;
        let request = json!({
            "seed": 1, "program": program, "shoppers_by_slot": shoppers(tape),
            "basket": { "from": from, "to": from + tape.pick(60) as i64 }, "mix": mix(tape), "margin_bp": 1500,
            "gives_up_bp": tape.rate(), "prior_points_milli": tape.of(&[0, 50_000, 700_000]), "days": 1 + tape.pick(3),
        });
        compare("plan.simulate", &request, true)
    });
}
