//! `cargo xtask demo plan`: the plan of a vegetable stall as the sources tell it, beside what the operations answer.

use serde_json::{Value, json};

use super::ask::{ask, integer, list, text};
use super::report::{number, percent, rp};
use crate::sh::Outcome;

const KILOGRAMS: i64 = 100;
const PRICE: i64 = 10_000;
const MARGIN_BP: i64 = 1_500;
const BASKET: i64 = 100_000;
/// The day of the sources: 3,5 % in I … III, 9 % in VII … IX, 11 % in X; for IV … VI they name no rate, here the first.
const RATES_BP: [i64; 10] = [350, 350, 350, 350, 350, 350, 900, 900, 900, 1_100];
const RUNS: i64 = 2_000;

pub fn run() -> Outcome {
    say!("A vegetable stall: {KILOGRAMS} kg at {} a kg, margin {}, open ten hours.\n", rp(PRICE), percent(MARGIN_BP));
    heading("as printed", "the sources", "the rules");
    day()?;
    say!();
    tiers()?;
    quotas()?;
    simulations()?;
    sensitivity()?;
    advice()
}

/// The numbers of the sources.
fn day() -> Outcome {
    let hours = ask("auction.stock_quota", &json!({"stock_units": KILOGRAMS, "price": PRICE}))?;
    row("kilograms an hour", "10", &first(&hours, "units").to_string(), "TA-5");
    row("sales an hour", &rp(100_000), &rp(first(&hours, "amounts")), "TA-5");

    let gross = net(MARGIN_BP, &json!([]))?;
    row("a day without vouchers", &rp(150_000), &gross.0, "PL-13");
    let platinum = net(MARGIN_BP, &bought(10, 800))?;
    row("Platinum, ten buyers in X at 8 %", &format!("{} 7 %", rp(70_000)), &platinum.1, "PL-13");
    let standby = net(MARGIN_BP, &bought(10, 200))?;
    row("the same ten, quota missed: standby 2 %", &format!("{} 5 %", rp(50_000)), &standby.1, "DEC-17: not on top of 8 %");

    row("Gold by the hour, all buyers in I … III", &rp(115_000), &net(MARGIN_BP, &bought(10, 350))?.1, "DEC-14");
    let even: Vec<Value> = RATES_BP.iter().map(|rate| json!({"count": 1, "purchase": BASKET, "rate_bp": rate})).collect();
    row("Gold by the hour, a buyer an hour", &rp(90_000), &net(MARGIN_BP, &json!(even))?.1, "DEC-14");
    row("Gold by the hour, all ten wait for X", "–", &net(MARGIN_BP, &bought(10, 1_100))?.1, "the ten first are all there are");
    Ok(())
}

/// What the margin carries.
fn tiers() -> Outcome {
    for edition in ["two", "recommended"] {
        let tiers = ask("plan.safe_tiers", &json!({"mechanism": "time_auction", "edition": edition, "margin_bp": MARGIN_BP}))?;
        let names = |list: Vec<&str>| if list.is_empty() { "none".into() } else { list.join(", ") };
        let safe = tiers["safe"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let at_risk = tiers["unsafe"].as_object().into_iter().flat_map(|tiers| tiers.keys().map(String::as_str)).collect();
        say!("   edition {edition:<12} carried by 60 % of the margin: {}; not: {}  (PL-5)", names(safe), names(at_risk));
    }
    say!();
    Ok(())
}

/// The minimum purchase from which a day of baskets carries a tier that is not safe for every receipt.
fn quotas() -> Outcome {
    let receipts: Vec<i64> = (2..=8).map(|kilograms| kilograms * PRICE).collect();
    let tiers = ask("plan.all_tiers", &json!({"margin_bp": MARGIN_BP, "receipts": receipts}))?;
    say!("   Baskets of 2 … 8 kg; the minimum purchase from which the day still carries what is not safe (PL-5):\n");
    say!("   {:<46} {:>16} {:>12} {:>12}", "", "", "all forced", "none forced");
    for tier in list(&tiers, "tiers").iter().filter(|tier| !list(tier, "forced").is_empty()) {
        let quota = |field: &str| tier[field].as_i64().map_or("none".into(), rp);
        say!(
            "   {:<46} highest {:>8} {:>12} {:>12}",
            text(&tier["table"]),
            percent(integer(&tier["highest_bp"])),
            quota("quota_forced"),
            quota("quota_uniform")
        );
    }
    say!();
    Ok(())
}

/// How much more must be sold, by how many force the best rate and by the minimum purchase.
fn sensitivity() -> Outcome {
    let receipts: Vec<i64> = (2..=8).map(|kilograms| kilograms * PRICE).collect();
    let (forcing, quotas) = ([0, 5_000, 10_000], [0, 5 * PRICE, 8 * PRICE]);
    let asked = json!({
        "mechanism": "time_auction", "margin_class": "from_15", "tier": "gold", "receipts": receipts, "margin_bp": MARGIN_BP,
        "uplifts_bp": [0, 1_000, 2_000, 3_000], "forcing_bp": forcing, "quotas": quotas,
    });
    let plan = ask("plan.sensitivity", &asked)?;
    say!("   Recommended Gold, net profit of baskets of 2 … 8 kg (without vouchers {}) when so much more is sold:\n", rp(52_500));
    say!("   {:<30} {:>11} {:>11} {:>11} {:>11} {:>12}", "", "as before", "+10 %", "+20 %", "+30 %", "break-even");
    for even in list(&plan, "break_even") {
        let same = |point: &&Value| point["forcing_bp"] == even["forcing_bp"] && point["quota"] == even["quota"];
        let nets: Vec<String> =
            list(&plan, "points").iter().filter(same).map(|point| format!("{:>11}", rp(integer(&point["net_profit"])))).collect();
        let name = format!("{} force, quota {}", percent(integer(&even["forcing_bp"])), rp(integer(&even["quota"])));
        say!("   {name:<30} {} {:>12}", nets.join(" "), even["uplift_bp"].as_i64().map_or("none".into(), percent));
    }
    say!();
    Ok(())
}

/// The same stall with shoppers who vary, under the rates of the sources and under the recommended edition.
fn simulations() -> Outcome {
    say!("Simulated: two shoppers an hour who want 2 … 8 kg; what is left at closing spoils. {} days each (PL-16).\n", number(RUNS));
    say!("   {:<50} {:>11} {:>11} {:>11} {:>9} {:>8}", "", "net mean", "5 % below", "5 % above", "vouchers", "kg left");
    let none = json!({"mechanism": "time_auction", "rates_bp": ([0; 10])});
    let sources = json!({"mechanism": "time_auction", "rates_bp": RATES_BP});
    let gold = json!({"mechanism": "time_auction", "margin_class": "from_15", "tier": "gold"});
    let (nobody, half, all) = ([1, 0, 0], [1, 1, 0], [0, 1, 0]);
    let (usual, more) = ([2; 10], [2, 2, 2, 2, 2, 2, 2, 3, 3, 3]);
    let days = [
        ("no program", &none, nobody, 0, usual),
        ("3,5 … 11 %, they buy when they come", &sources, nobody, 0, usual),
        ("3,5 … 11 %, half wait for X", &sources, half, 0, usual),
        ("3,5 … 11 %, all wait, one in five never comes back", &sources, all, 2_000, usual),
        ("recommended Gold, they buy when they come", &gold, nobody, 0, usual),
        ("recommended Gold, half wait for X", &gold, half, 0, usual),
        ("recommended Gold, half wait, three more come", &gold, half, 0, more),
        ("recommended Gold, all wait, one in five never comes", &gold, all, 2_000, usual),
    ];
    for (day, program, [indifferent, waits, forces], gives_up_bp, shoppers) in days {
        let simulated = ask(
            "plan.simulate",
            &json!({
                "seed": 2025, "runs": RUNS, "program": program, "shoppers_by_slot": shoppers,
                "basket": {"from": 2 * PRICE, "to": 9 * PRICE - 1}, "gives_up_bp": gives_up_bp,
                "mix": {"indifferent": indifferent, "waits": waits, "forces": forces},
                "stock": {"units": KILOGRAMS, "price": PRICE}, "margin_bp": MARGIN_BP,
            }),
        )?;
        let (net, totals) = (&simulated["net_profit"], &simulated["totals"]);
        let tenths_left = integer(&totals["units_left"]) * 10 / RUNS;
        say!(
            "   {day:<50} {:>11} {:>11} {:>11} {:>9} {:>8}",
            rp(integer(&net["mean"])),
            rp(integer(&net["p5"])),
            rp(integer(&net["p95"])),
            percent(integer(&totals["vouchers"]) * 10_000 / integer(&totals["sales"]).max(1)),
            format!("{},{}", tenths_left / 10, tenths_left % 10),
        );
    }
    say!();
    Ok(())
}

/// What the day so far advises.
fn advice() -> Outcome {
    say!("During the day (PL-21):\n");
    for (slot, left, given) in [(6, 52, 17_000), (6, 70, 10_500), (8, 12, 40_000), (9, 35, 110_000), (10, 0, 60_000)] {
        let advised = ask(
            "plan.release",
            &json!({
                "stock_units": KILOGRAMS, "stock_left": left, "slot": slot, "margin_bp": MARGIN_BP,
                "given": given, "sales": (KILOGRAMS - left) * PRICE,
            }),
        )?;
        say!("   slot {slot:>2}, {left:>2} kg left, {:>9} given   {}", rp(given), text(&advised["text"]["id"]));
        say!("   {:<38} {}", format!("planned {} kg", advised["planned_left"]), text(&advised["text"]["en"]));
    }
    Ok(())
}

/// A number of buyers at Rp100.000 each at a rate.
fn bought(count: i64, rate_bp: i64) -> Value {
    json!([{"count": count, "purchase": BASKET, "rate_bp": rate_bp}])
}

/// The net profit of a day on which everything is sold: alone, and with its margin.
fn net(margin_bp: i64, vouchers: &Value) -> Outcome<(String, String)> {
    let day = ask("plan.day", &json!({"units": KILOGRAMS, "price": PRICE, "margin_bp": margin_bp, "vouchers": vouchers}))?;
    let profit = rp(integer(&day["net_profit"]));
    let with_margin = format!("{profit} {}", percent(integer(&day["net_margin_bp"])));
    Ok((profit, with_margin))
}

fn first(answer: &Value, field: &str) -> i64 {
    integer(&answer[field][0])
}

fn heading(what: &str, sources: &str, rules: &str) {
    say!("   {what:<42} {sources:>16} {rules:>20}\n");
}

fn row(what: &str, sources: &str, rules: &str, why: &str) {
    say!("   {what:<42} {sources:>16} {rules:>20}   {why}");
}
