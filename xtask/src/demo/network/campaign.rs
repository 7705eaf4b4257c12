//! A campaign for the best stores: sales are those of the last 30 days of the data, classes and stock are made up.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::heading;
use crate::demo::ask::{ask, integer, list, text};
use crate::demo::receipts::Receipt;
use crate::demo::report::{Sum, percent, rp};
use crate::sh::Outcome;

const TOP_BP: i64 = 3_000;

pub fn run(receipts: &[Receipt]) -> Outcome<Vec<Sum>> {
    let Some(last) = receipts.last() else { return Err("no receipts".into()) };
    let mut sales = BTreeMap::<u32, i64>::new();
    for receipt in receipts {
        let is_recent = last.at.date().days_since(receipt.at.date()) < 30;
        *sales.entry(receipt.shop).or_default() += if is_recent { receipt.total.get() } else { 0 };
    }
    let now = last.at.to_string();
    let stores: Vec<Value> = sales.iter().map(|(store, sold)| store_of(*store, *sold)).collect();
    let best = json!({"top_bp": TOP_BP});
    let targets = ask("campaign.targets", &json!({"stores": stores, "where": best, "now": now}))?;
    let best_of_a = json!({"all": [{"area_class": ["A"]}, best, {"not": {"done": {"kind": "display"}}}]});
    let wanted = json!({"stores": stores, "where": best_of_a, "now": now});
    let chosen = ask("campaign.targets", &wanted)?;

    heading("the campaign");
    say!("   the best {} of {} stores by the sales of the last 30 days: {}", percent(TOP_BP), sales.len(), list(&targets, "targets").len());
    say!("   of them in area class A and not yet done: {} (classes and what is done MADE UP)", list(&chosen, "targets").len());
    let mut why = BTreeMap::<&str, usize>::new();
    for left_out in list(&chosen, "left_out") {
        *why.entry(text(&left_out["path"])).or_default() += 1;
    }
    for (path, stores) in why {
        say!("      left out by {path:<14} {stores:>4}");
    }

    let day = 86_400;
    let until =
        last.at.epoch_s().and_then(|second| loyalty_rules::calendar::CivilTime::from_epoch(second + 3 * day, last.at.offset()).ok());
    let deadline = until.map(|until| until.to_string());
    let task = json!({"id": "lunch", "kind": "display", "items": ["refill", "photo"], "where": wanted["where"], "deadline": deadline});
    let issued = ask("campaign.issue", &json!({"task": task, "stores": stores, "now": now}))?;
    let tasks: Vec<Value> = list(&issued, "tasks")
        .iter()
        .map(|task| {
            let sold = text(&task["store"]).parse().ok().and_then(|store: u32| sales.get(&store));
            json!({"id": task["id"], "store": task["store"], "potential": sold, "deadline": task["deadline"]})
        })
        .collect();
    let weights = json!({"potential": 6, "urgency": 3, "stock": 1});
    let order = ask("campaign.order", &json!({"tasks": tasks, "weights": weights, "now": now}))?;
    say!("\n   first of all:");
    for task in list(&order, "order").iter().take(5) {
        let sold = text(&task["store"]).parse().ok().and_then(|store: u32| sales.get(&store)).copied();
        say!("      store {:>4}  score {:>9}  {}", text(&task["store"]), percent(integer(&task["score_bp"])), rp(sold.unwrap_or_default()));
    }
    say!();

    let of = |store: &Value| text(store).parse().ok().and_then(|store: u32| sales.get(&store)).copied().unwrap_or_default();
    let least = list(&targets, "targets").iter().map(of).min();
    let most = list(&targets, "left_out").iter().map(|left_out| of(&left_out["id"])).max();
    Ok(vec![
        ("the best are three in ten stores, rounded up", list(&targets, "targets").len() == (sales.len() * 3).div_ceil(10)),
        ("no store left out sold more than one chosen", least >= most),
        (
            "every store is a target or left out for a reason",
            list(&chosen, "targets").len() + list(&chosen, "left_out").len() == sales.len(),
        ),
        ("one task for each target", list(&issued, "tasks").len() == list(&chosen, "targets").len()),
    ])
}

fn store_of(store: u32, sold: i64) -> Value {
    let class = ["A", "B", "C"].get(usize::try_from(store % 3).unwrap_or_default());
    let done = if store.is_multiple_of(7) { json!([{"kind": "display", "date": "2017-11-01"}]) } else { json!([]) };
    json!({"id": store.to_string(), "area_class": class, "performance": sold, "done": done})
}
