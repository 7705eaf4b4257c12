//! Territories over the stores' sales; their places are made up.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{heading, place};
use crate::demo::ask::{ask, integer, list, text};
use crate::demo::receipts::Receipt;
use crate::demo::report::{Sum, number, percent, rp};
use crate::sh::Outcome;

const SELLERS: usize = 12;
/// The largest territory may be so much of the mean after it is divided anew.
const BOUND_BP: i64 = 10_300;

pub fn run(receipts: &[Receipt]) -> Outcome<Vec<Sum>> {
    let halves = halves(receipts);
    let sellers: Vec<String> = (1..=SELLERS).map(|seller| format!("seller {seller:>2}")).collect();
    let outlet = |(store, [first, _]): (&u32, &[i64; 2])| json!({"id": store.to_string(), "place": place(*store), "potential": first});
    let outlets: Vec<Value> = halves.iter().map(outlet).collect();
    let divided = ask("territory.divide", &json!({"outlets": outlets, "sellers": sellers}))?;
    let potentials: Vec<Value> =
        list(&divided, "territories").iter().map(|one| json!({"id": one["seller"], "potential": one["potential"]})).collect();
    let fairness = ask("territory.fairness", &json!({"territories": potentials}))?;

    heading("the field");
    say!("   {} stores among {SELLERS} sellers by the sales of the first half of the year; places MADE UP\n", halves.len());
    let (second, attained) = attainment(&divided, &halves)?;
    say!("   {:<12} {:>7} {:>18} {:>9} {:>18} {:>10}", "", "stores", "first half", "spread", "second half", "change");
    for ((territory, result), sales) in list(&divided, "territories").iter().zip(list(&attained, "territories")).zip(second) {
        say!(
            "   {:<12} {:>7} {:>18} {:>6} km {:>18} {:>10}{}",
            text(&territory["seller"]),
            list(territory, "outlets").len(),
            rp(integer(&territory["potential"])),
            integer(&territory["spread_m"]) / 1_000,
            rp(sales),
            percent(integer(&result["change_bp"])),
            if result["falling"] == true { "  falls" } else { "" },
        );
    }
    let (largest, bound) = (integer(&divided["largest_bp"]), integer(&divided["bound_bp"]));
    say!("\n   largest ÷ mean {}, never above {}; Gini {}", percent(largest), percent(bound), percent(integer(&fairness["gini_bp"])));

    let again = redivide(&divided, &halves, &sellers)?;
    say!(
        "   by the second half's sales: {} of {} stores move, and the largest is {} of the mean\n",
        number(i128::try_from(list(&again, "moves").len()).unwrap_or_default()),
        halves.len(),
        percent(integer(&again["largest_bp"])),
    );
    let placed = |answer: &Value| {
        let mut stores: Vec<String> =
            list(answer, "territories").iter().flat_map(|one| list(one, "outlets")).map(|store| text(store).into()).collect();
        stores.sort_unstable();
        let mut all: Vec<String> = halves.keys().map(u32::to_string).collect();
        all.sort_unstable();
        stores == all
    };
    let sum = |answer: &Value| list(answer, "territories").iter().map(|one| integer(&one["potential"])).sum::<i64>();
    Ok(vec![
        ("each store is in one territory, before and after", placed(&divided) && placed(&again)),
        ("the territories hold all sales", sum(&divided) == total(&halves, 0) && sum(&again) == total(&halves, 1)),
        ("the largest territory is within its bound", largest <= bound && fairness["largest_bp"] == divided["largest_bp"]),
        ("divided anew, the largest is within the bound asked for", again["reached"] == true && integer(&again["largest_bp"]) <= BOUND_BP),
    ])
}

/// What each store sold in each half of the year.
fn halves(receipts: &[Receipt]) -> BTreeMap<u32, [i64; 2]> {
    let mut halves = BTreeMap::<u32, [i64; 2]>::new();
    for receipt in receipts {
        let [first, second] = halves.entry(receipt.shop).or_default();
        let half = if receipt.at.date().parts().1 <= 6 { first } else { second };
        *half += receipt.total.get();
    }
    halves
}

fn total(halves: &BTreeMap<u32, [i64; 2]>, half: usize) -> i64 {
    halves.values().filter_map(|sales| sales.get(half)).sum()
}

/// The second half's sales of each territory, against the first's as its target.
fn attainment(divided: &Value, halves: &BTreeMap<u32, [i64; 2]>) -> Outcome<(Vec<i64>, Value)> {
    let sales_of = |territory: &Value| -> i64 {
        let stores = list(territory, "outlets").iter().filter_map(|store| halves.get(&text(store).parse().ok()?));
        stores.map(|[_, second]| second).sum()
    };
    let territories = list(divided, "territories");
    let sales: Vec<i64> = territories.iter().map(sales_of).collect();
    let judged = territories
        .iter()
        .zip(&sales)
        .map(|(one, sales)| json!({"id": one["seller"], "sales": sales, "target": one["potential"], "before": one["potential"]}));
    let attained = ask("territory.attainment", &json!({"territories": judged.collect::<Vec<_>>()}))?;
    Ok((sales, attained))
}

/// The same stores divided anew by the second half's sales.
fn redivide(divided: &Value, halves: &BTreeMap<u32, [i64; 2]>, sellers: &[String]) -> Outcome<Value> {
    let mut outlets = Vec::new();
    for territory in list(divided, "territories") {
        for store in list(territory, "outlets").iter().filter_map(|store| text(store).parse::<u32>().ok()) {
            let potential = halves.get(&store).map_or(0, |[_, second]| *second);
            outlets.push(json!({"id": store.to_string(), "place": place(store), "potential": potential, "seller": territory["seller"]}));
        }
    }
    ask("territory.redivide", &json!({"outlets": outlets, "sellers": sellers, "bound_bp": BOUND_BP}))
}
