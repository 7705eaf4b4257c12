//! `cargo xtask demo goods`: every receipt by its real lines, under a program of three offers and one of points beside it.
//!
//! A class is the data's own department of a product. Which departments are fresh, and which earn nothing, stands below.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use loyalty_rules::award::{Basket, Counters, Item, Merchant, Offers, Play, Purchase, Shopper};
use loyalty_rules::quantity::{Rounding, Rupiah};
use loyalty_rules::tables::Digit;

use super::receipts::{self, Receipt};
use super::report::{Sum, number, percent, prove, rp};
use crate::sh::Outcome;

/// Goods that are worth less by evening.
const FRESH: [&str; 7] = ["PRODUCE", "MEAT", "SEAFOOD", "SEAFOOD-PCKGD", "DELI", "PASTRY", "SALAD BAR"];
/// Fuel and what stands for money earn nothing.
const EXCLUDED: [&str; 5] = ["FUEL", "COUP/STR & MFG", "CNTRL/STORE SUP", "CHARITABLE CONT", "RX"];
/// Goods that the shop wants to sell this year.
const PROMOTED: [&str; 2] = ["COSMETICS", "NUTRITION"];
const PUBLISHED_LINES: usize = 1_469_307;

fn list(classes: &[&str]) -> String {
    serde_json::json!(classes).to_string()
}

fn programs() -> Outcome<[(&'static str, Offers); 2]> {
    let (fresh, excluded, promoted) = (list(&FRESH), list(&EXCLUDED), list(&PROMOTED));
    let shared = r#""window": {"open": "07:00", "close": "22:00"}, "funding": {"preset": "BN-2"}"#;
    let offers = format!(
        r#"{{"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus", "quota": 200000, {shared}, "offers": [
            {{"id": "excluded", "classes": {excluded}, "exclude": true}},
            {{"id": "fresh", "classes": {fresh}, "mechanism": "time_auction", "margin_class": "from_15", "tier": "gold"}},
            {{"id": "weekend", "classes": {promoted}, "mechanism": "flat", "rate_bp": 1000, "when": {{"weekdays": ["saturday", "sunday"]}}}}
        ]}}"#
    );
    let points = format!(
        r#"{{"mechanism": "points", "points": {{"per": 50000, "rest": "carry"}}, {shared}, "offers": [
            {{"id": "excluded", "classes": {excluded}, "exclude": true}}
        ]}}"#
    );
    let read = |document: &str| Offers::from_json(document.as_bytes()).map_err(|refused| refused.to_string());
    Ok([("three offers on a stopwatch", read(&offers)?), ("points of all goods but the excluded", read(&points)?)])
}

/// What the goods under one offer came to.
#[derive(Default)]
struct Total {
    groups: i64,
    base: i64,
    value: i64,
}

pub fn run() -> Outcome {
    let start = Instant::now();
    let loaded = receipts::load()?;
    let goods = receipts::goods(&loaded)?;
    let mut lines: HashMap<u64, Vec<(usize, Rupiah)>> = HashMap::new();
    for (basket, class, amount) in &goods.lines {
        lines.entry(*basket).or_default().push((*class, *amount));
    }
    say!("{}: {} lines of {} classes.", loaded.source, number(i64::try_from(goods.lines.len()).unwrap_or_default()), goods.classes.len());
    say!("A class is the data's own department. Fresh: {}.", FRESH.join(", "));
    say!("Nothing for: {}. On weekends 10 % for: {}.\n", EXCLUDED.join(", "), PROMOTED.join(", "));
    for (name, offers) in programs()? {
        let sums = rate(name, &offers, &loaded.all, &lines, &goods.classes)?;
        prove(name, &sums)?;
        say!("");
    }
    let all = goods.lines.len() == PUBLISHED_LINES || loaded.all.len() < 100_000;
    prove("the lines", &[("every published line is rated", all)])?;
    say!("   {} s in all", start.elapsed().as_secs());
    Ok(())
}

fn rate(
    name: &str,
    offers: &Offers,
    receipts: &[Receipt],
    lines: &HashMap<u64, Vec<(usize, Rupiah)>>,
    classes: &[String],
) -> Outcome<Vec<Sum>> {
    let refused = |error: loyalty_rules::Error| error.to_string();
    let mut totals: BTreeMap<Option<usize>, Total> = BTreeMap::new();
    let mut shoppers: HashMap<u32, Shopper> = HashMap::new();
    let (mut sums_agree, mut rates_agree, mut returned, mut kept) = (true, true, 0_u32, 0_i64);
    let (merchant, counters) = (Merchant::default(), Counters::default());
    let rating = Instant::now();
    let mut spent = 0_i64;
    for (index, receipt) in receipts.iter().enumerate() {
        let none = Vec::new();
        let items: Vec<Item<'_>> = lines
            .get(&receipt.basket)
            .unwrap_or(&none)
            .iter()
            .map(|(class, amount)| Item { sku: "", class: classes.get(*class).map(String::as_str), is_dated: false, amount: *amount })
            .collect();
        let total: i64 = items.iter().map(|item| item.amount.get()).sum();
        sums_agree &= total == receipt.total.get();
        spent += total;
        let mut basket = Basket::new(Play::At(receipt.at), Play::Digit(Digit::lucky(&receipt.at)));
        basket.paid_by_voucher = receipt.coupons;
        let shopper = shoppers.entry(receipt.household).or_default();
        let purchase = Purchase { lines: &items, basket, shopper, merchant: &merchant, counters: &counters };
        let decided = offers.decide(&purchase).map_err(refused)?.basket;
        let value: i64 = decided.groups.iter().map(|group| group.value.get()).sum();
        sums_agree &= value == decided.award.value().get();
        for group in &decided.groups {
            let by_rate = Rounding::default().apply(group.base, group.rate).map_err(refused)?;
            rates_agree &= group.value == by_rate || group.mechanism == loyalty_rules::tables::Mechanism::Points;
            let total = totals.entry(group.offer).or_default();
            total.groups += 1;
            total.base += group.base.get();
            total.value += group.value.get();
        }
        // Every tenth receipt comes back line by line.
        if index % 10 == 9 && !items.is_empty() {
            let back: Vec<_> = items.iter().enumerate().map(|(line, item)| vec![(line, item.amount)]).collect();
            let after = offers.keep(&purchase, &back).map_err(refused)?;
            returned += 1;
            kept += after.kept.last().map_or(0, |kept| kept.get());
        }
        let next = decided.award.shopper();
        *shopper = next;
    }
    let seconds = rating.elapsed().as_secs_f64();
    say!("━━ {name} {}", "━".repeat(80_usize.saturating_sub(name.len())));
    for (offer, total) in &totals {
        let id = offer.and_then(|place| offers.get(place)).and_then(|offer| offer.id);
        let id = id.map_or_else(|| "the program".to_owned(), |id| id.as_str().to_owned());
        let share = (i128::from(total.value) * 10_000).checked_div(total.base.into()).unwrap_or_default();
        say!(
            "   {id:<12} {:>9} receipts  {:>16} earn  {:>14} voucher  {:>8}",
            number(total.groups),
            rp(total.base),
            rp(total.value),
            percent(share)
        );
    }
    let earns: i64 = totals.values().map(|total| total.base).sum();
    say!("   {:<12} {:>28} of {} earn nothing, or were paid with coupons", "", rp(spent - earns), rp(spent));
    say!("   {} lines a second in this {} build\n", speed(lines, seconds), if cfg!(debug_assertions) { "development" } else { "release" });
    Ok(vec![
        ("the lines of each receipt sum to it, and the vouchers of its offers to its voucher", sums_agree),
        ("each offer's voucher is its rate of its base, rounded by itself; points by their steps", rates_agree),
        ("every tenth receipt, given back line by line, keeps nothing", returned > 0 && kept == 0),
    ])
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a speed to look at")]
fn speed(lines: &HashMap<u64, Vec<(usize, Rupiah)>>, seconds: f64) -> String {
    let count: usize = lines.values().map(Vec::len).sum();
    number((count as f64 / seconds.max(0.001)) as i64)
}
