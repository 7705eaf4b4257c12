//! A week of all stores in one record. Each store is a channel whose sales are numbered; some events come twice, some
//! never, some a day late, and some lines carry a code that nobody knows. What is found is held against what was put in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use loyalty_rules::calendar::{CivilTime, Date};
use loyalty_rules::tables::Digit;
use serde_json::{Value, json};

use super::heading;
use crate::demo::ask::{ask, integer, list, text};
use crate::demo::receipts::{Line, Receipt, Receipts};
use crate::demo::report::{Sum, number, rp};
use crate::sh::Outcome;

/// Which events are disturbed, by their place in the week.
const TWICE: usize = 97;
const LOST: usize = 211;
const LATE: usize = 173;
/// Which lines carry an unknown code.
const UNKNOWN: usize = 1_013;
/// Stock is watched for the products sold most.
const WATCHED: usize = 100;

struct Sale<'a> {
    id: String,
    channel: String,
    sequence: i64,
    receipt: &'a Receipt,
    lines: Vec<(String, i64, i64)>,
}

impl Sale<'_> {
    fn day(&self) -> Date {
        self.receipt.at.date()
    }

    fn amount(&self) -> i64 {
        self.lines.iter().map(|(_, quantity, price)| quantity * price).sum()
    }

    fn kind(&self) -> &'static str {
        if self.receipt.household.is_multiple_of(2) { "card" } else { "cash" }
    }

    fn position(&self) -> Value {
        json!({"channel": self.channel, "sequence": self.sequence, "time": self.receipt.at.to_string(), "id": self.id})
    }

    fn payments(&self) -> Value {
        json!({"id": self.id, "channel": self.channel, "payments": [{"kind": self.kind(), "amount": self.amount()}]})
    }
}

pub fn run(receipts: &Receipts) -> Outcome<Vec<Sum>> {
    let sales = sales(receipts);
    heading("the week");
    let mut sums = delivered(&sales)?;
    sums.extend(codes(&sales)?);
    sums.extend(recorded(&sales)?);
    sums.extend(watched(&sales)?);
    sums.extend(digits(&receipts.all)?);
    say!();
    Ok(sums)
}

/// The sales of the week by time, numbered in each store.
fn sales(receipts: &Receipts) -> Vec<Sale<'_>> {
    let mut lines = HashMap::<u64, Vec<&Line>>::new();
    for line in &receipts.week {
        lines.entry(line.basket).or_default().push(line);
    }
    let mut sequences = BTreeMap::<u32, i64>::new();
    let with_lines = receipts.all.iter().filter_map(|receipt| Some((receipt, lines.get(&receipt.basket)?)));
    let numbered = with_lines.map(|(receipt, lines)| {
        let sequence = sequences.entry(receipt.shop).or_default();
        *sequence += 1;
        Sale {
            id: receipt.basket.to_string(),
            channel: format!("store-{}", receipt.shop),
            sequence: *sequence,
            receipt,
            lines: lines.iter().map(|line| priced(line)).collect(),
        }
    });
    numbered.collect()
}

/// Code, quantity and unit price; goods whose price does not divide are one unit.
fn priced(line: &Line) -> (String, i64, i64) {
    let amount = line.amount.get();
    let divides = line.quantity > 0 && amount % line.quantity == 0;
    let (quantity, price) = if divides { (line.quantity, amount / line.quantity) } else { (1, amount) };
    (line.product.to_string(), quantity, price)
}

/// Merges day by day what arrives, and reconciles the week with what the tills counted.
fn delivered(sales: &[Sale<'_>]) -> Outcome<Vec<Sum>> {
    let last_of_channel: BTreeMap<&str, i64> = sales.iter().map(|sale| (sale.channel.as_str(), sale.sequence)).collect();
    let is_last = |sale: &Sale<'_>| last_of_channel.get(sale.channel.as_str()) == Some(&sale.sequence);
    let last_day = sales.last().map(Sale::day);
    let put_in = |every: usize, rest: usize| move |(place, _): &(usize, &Sale<'_>)| place % every == rest;
    let lost: BTreeSet<usize> =
        sales.iter().enumerate().filter(put_in(LOST, 5)).filter(|(_, sale)| !is_last(sale)).map(|(place, _)| place).collect();
    let late: BTreeSet<usize> = sales
        .iter()
        .enumerate()
        .filter(put_in(LATE, 7))
        .filter(|(place, sale)| Some(sale.day()) != last_day && !lost.contains(place))
        .map(|(place, _)| place)
        .collect();
    let twice: BTreeSet<usize> =
        sales.iter().enumerate().filter(put_in(TWICE, 3)).map(|(place, _)| place).filter(|place| !lost.contains(place)).collect();

    let days: BTreeSet<(u16, u8, u8)> = sales.iter().map(|sale| sale.day().parts()).collect();
    let mut first = BTreeMap::<String, i64>::new();
    let mut after = Value::Null;
    let (mut ordered, mut duplicates, mut came_late) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let mut missing = BTreeSet::<(String, i64)>::new();
    let mut waiting: Vec<usize> = Vec::new();
    for day in days {
        let mut today: Vec<Value> = Vec::new();
        for place in waiting.drain(..) {
            today.extend(sales.get(place).map(Sale::position));
        }
        for (place, sale) in sales.iter().enumerate().filter(|(_, sale)| sale.day().parts() == day) {
            if late.contains(&place) {
                waiting.push(place);
            } else if !lost.contains(&place) {
                today.push(sale.position());
            }
            if twice.contains(&place) {
                let copy = if late.contains(&place) { None } else { Some(sale.position()) };
                today.extend(copy);
                waiting.extend(late.contains(&place).then_some(place));
            }
        }
        // Nothing relies on the order of arrival.
        today.reverse();
        let merged = ask("record.merge", &json!({"events": today, "first": first, "after": after}))?;
        for id in list(&merged, "order") {
            let number = text(id).to_owned();
            let sale = sales.iter().find(|sale| sale.id == number).ok_or("an event that nobody sent")?;
            missing.remove(&(sale.channel.clone(), sale.sequence));
            ordered.push(number);
        }
        for gap in list(&merged, "gaps") {
            missing.extend((integer(&gap["from"])..=integer(&gap["to"])).map(|sequence| (text(&gap["channel"]).to_owned(), sequence)));
        }
        duplicates.extend(list(&merged, "duplicates").iter().map(|id| text(id).to_owned()));
        came_late.extend(list(&merged, "late").iter().map(|id| text(id).to_owned()));
        let newest =
            sales.iter().enumerate().filter(|(place, sale)| sale.day().parts() == day && !late.contains(place) && !lost.contains(place));
        for (_, sale) in newest {
            let next = first.entry(sale.channel.clone()).or_insert(1);
            *next = (*next).max(sale.sequence + 1);
            after = json!({"time": sale.receipt.at.to_string(), "channel": sale.channel, "sequence": sale.sequence});
        }
    }
    let ids = |places: &BTreeSet<usize>| -> BTreeSet<String> {
        places.iter().filter_map(|place| sales.get(*place)).map(|sale| sale.id.clone()).collect()
    };
    let lost_numbers: BTreeSet<(String, i64)> =
        lost.iter().filter_map(|place| sales.get(*place)).map(|sale| (sale.channel.clone(), sale.sequence)).collect();
    let line = |name: &str, found: usize, put_in: usize| say!("   {name:<44} {found:>6} found of {put_in:>6} put in");
    say!("   {} sales of {} stores\n", number(i128::try_from(sales.len()).unwrap_or_default()), last_of_channel.len());
    line("events that came twice", duplicates.len(), twice.len());
    line("events that came a day late", came_late.len(), late.len());
    line("events that never came, as gaps", missing.len(), lost.len());

    let (agrees, differs) = reconcile(sales, &lost)?;
    line("tills that say more than the record", differs.found.len(), differs.expected.len());
    let unique: BTreeSet<&String> = ordered.iter().collect();
    Ok(vec![
        ("every duplicate found, none invented", duplicates == ids(&twice)),
        ("every late event found, none invented", came_late == ids(&late)),
        ("every gap found, none invented", missing == lost_numbers),
        ("every other event counts once", unique.len() == ordered.len() && ordered.len() == sales.len() - lost.len()),
        ("the tills differ from the record by what was lost, to the rupiah", differs.found == differs.expected),
        ("with all events they agree", agrees),
    ])
}

/// Differences by channel and kind of payment.
struct Differences {
    found: BTreeMap<(String, String), i64>,
    expected: BTreeMap<(String, String), i64>,
}

fn reconcile(sales: &[Sale<'_>], lost: &BTreeSet<usize>) -> Outcome<(bool, Differences)> {
    let key = |sale: &Sale<'_>| (sale.channel.clone(), sale.kind().to_owned());
    let mut counted = BTreeMap::<(String, String), (i64, i64)>::new();
    let mut expected = BTreeMap::new();
    for (place, sale) in sales.iter().enumerate() {
        let (amount, count) = counted.entry(key(sale)).or_default();
        *amount += sale.amount();
        *count += 1;
        if lost.contains(&place) {
            *expected.entry(key(sale)).or_default() += sale.amount();
        }
    }
    expected.retain(|_, amount| *amount != 0);
    let tills: Vec<Value> = counted
        .iter()
        .map(|((channel, kind), (amount, count))| json!({"channel": channel, "kind": kind, "amount": amount, "count": count}))
        .collect();
    let all: Vec<Value> = sales.iter().map(Sale::payments).collect();
    let whole = ask("record.reconcile", &json!({"events": all, "tills": tills}))?;
    let arrived: Vec<Value> =
        sales.iter().enumerate().filter(|(place, _)| !lost.contains(place)).map(|(_, sale)| sale.payments()).collect();
    let holed = ask("record.reconcile", &json!({"events": arrived, "tills": tills}))?;
    let differing = list(&holed, "lines").iter().filter(|line| integer(&line["difference"]) != 0);
    let found = differing.map(|line| ((text(&line["channel"]).into(), text(&line["kind"]).into()), integer(&line["difference"])));
    Ok((whole["agrees"] == true, Differences { found: found.collect(), expected }))
}

/// Each day's codes against the products that are known.
fn codes(sales: &[Sale<'_>]) -> Outcome<Vec<Sum>> {
    let (mut found, mut put_in, mut place) = (BTreeSet::new(), BTreeSet::new(), 0_usize);
    for of_day in sales.chunk_by(|one, next| one.day() == next.day()) {
        let known: BTreeSet<&str> = of_day.iter().flat_map(|sale| &sale.lines).map(|(code, _, _)| code.as_str()).collect();
        let known: Vec<Value> = known.into_iter().map(|code| json!({"code": code, "sku": format!("P{code}")})).collect();
        let mut lines = Vec::new();
        for sale in of_day {
            for (code, _, _) in &sale.lines {
                place += 1;
                let code = if place.is_multiple_of(UNKNOWN) { format!("X{code}") } else { code.clone() };
                if place.is_multiple_of(UNKNOWN) {
                    put_in.insert((sale.channel.clone(), code.clone()));
                }
                lines.push(json!({"channel": sale.channel, "code": code}));
            }
        }
        let mapped = ask("record.codes", &json!({"codes": known, "lines": lines}))?;
        found.extend(list(&mapped, "unknown").iter().map(|one| (text(&one["channel"]).to_owned(), text(&one["code"]).to_owned())));
    }
    say!("   {:<44} {:>6} found of {:>6} put in", "codes that nobody knows", found.len(), put_in.len());
    Ok(vec![("every unknown code found, none invented", found == put_in)])
}

/// Every sale through `record.event`: its goods, award, entries and accounts.
fn recorded(sales: &[Sale<'_>]) -> Outcome<Vec<Sum>> {
    let program = json!({"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus", "quota": 100_000});
    let (mut is_balanced, mut is_counted, mut is_once) = (true, true, true);
    let (mut goods, mut tax, mut vouchers, mut points) = (0, 0, 0, 0);
    let mut chain = Value::Null;
    for (place, sale) in sales.iter().filter(|sale| sale.amount() > 0).enumerate() {
        let event = event(sale);
        let digit = Digit::lucky(&sale.receipt.at);
        let request = json!({"event": event, "program": program, "award": {"digit": digit.get()}, "previous_hex": chain});
        let recorded = ask("record.event", &request)?;
        chain = recorded["audit"]["chain"].clone();
        let side = |name: &str| list(&recorded, "accounts").iter().map(|account| integer(&account[name])).sum::<i64>();
        is_balanced &= recorded["reason"] == "recorded" && side("debit") == side("credit");
        let award = integer(&recorded["award"]["value"]);
        is_counted &= integer(&recorded["payable"]) == sale.amount();
        goods += integer(&recorded["goods"]);
        tax += list(&recorded, "tax").iter().map(|line| integer(&line["tax"])).sum::<i64>();
        vouchers += award;
        points += list(&recorded, "entries").iter().map(|entry| integer(&entry["points_milli"])).sum::<i64>();
        if place.is_multiple_of(TWICE) {
            let mut again = request;
            let audit = &recorded["audit"];
            again["known"] = json!([{"source": audit["source"], "id": audit["id"], "hash": audit["hash"], "result": recorded["result"]}]);
            let twice = ask("record.event", &again)?;
            is_once &= twice == json!({"reason": "duplicate", "result": recorded["result"]});
            let erased = ask("record.erase", &json!({"event": event}))?;
            is_once &= erased["hash"] == audit["hash"] && !erased["event"].to_string().contains("household-");
        }
    }
    say!(
        "\n   recorded: goods {}, tax in them {}, vouchers {}; last link of the audit chain {}",
        rp(goods),
        rp(tax),
        rp(vouchers),
        text(&chain).get(..16).unwrap_or_default(),
    );
    let sold: i64 = sales.iter().map(Sale::amount).sum();
    Ok(vec![
        ("what is paid is what the lines sum to", is_counted && goods == sold),
        ("debit = credit in every event", is_balanced),
        ("the ledger entries hold the vouchers' points", points == vouchers),
        ("an event that comes again yields its stored result; erased, it keeps its hash", is_once),
    ])
}

fn event(sale: &Sale<'_>) -> Value {
    let lines: Vec<Value> =
        sale.lines.iter().map(|(code, quantity, price)| json!({"code": code, "quantity": quantity, "price": price})).collect();
    json!({
        "specversion": "1.0", "type": "loyalty.sale", "source": format!("/stores/{}", sale.receipt.shop), "id": sale.id,
        "time": sale.receipt.at.to_string(),
        "data": {
            "shop": sale.receipt.shop.to_string(), "channel": sale.channel, "sequence": sale.sequence, "lines": lines,
            "tax": {"rate_bp": 1_100, "inclusive": true}, "payments": [{"kind": sale.kind(), "amount": sale.amount()}],
            "member": format!("household-{}", sale.receipt.household),
        },
    })
}

/// The products sold most: three days of stock, filled up in the middle of the week as `stock.reorder` suggests.
fn watched(sales: &[Sale<'_>]) -> Outcome<Vec<Sum>> {
    let mut sold = BTreeMap::<&str, i64>::new();
    for (code, quantity, _) in sales.iter().flat_map(|sale| &sale.lines) {
        *sold.entry(code).or_default() += quantity;
    }
    let mut best: Vec<(&str, i64)> = sold.into_iter().filter(|(_, units)| *units < 10_000).collect();
    best.sort_by_key(|(code, units)| (-units, *code));
    best.truncate(WATCHED);
    let opening = |units: i64| units * 3 / 7;
    let products: Vec<Value> = best
        .iter()
        .map(|(sku, units)| json!({"sku": sku, "on_hand": 0, "sold": units, "days": 7, "lead_days": 2, "review_days": 3}))
        .collect();
    let suggested = ask("stock.reorder", &json!({"products": products}))?;
    let stock: Vec<Value> =
        best.iter().map(|(sku, units)| json!({"sku": sku, "available": opening(*units), "safety": units / 7})).collect();
    let skus: BTreeSet<&str> = best.iter().map(|(sku, _)| *sku).collect();
    let mut moves = Vec::new();
    for sale in sales {
        for (line, (code, quantity, _)) in sale.lines.iter().enumerate().filter(|(_, (code, ..))| skus.contains(code.as_str())) {
            moves.push(json!({
                "id": format!("{}.{line}", sale.id), "time": sale.receipt.at.to_string(), "channel": sale.channel,
                "sequence": sale.sequence, "sku": code, "quantity": -quantity,
            }));
        }
    }
    let middle = sales.get(sales.len() / 2).map(|sale| sale.receipt.at.to_string());
    let mut arrived = BTreeMap::<&str, i64>::new();
    for (index, product) in list(&suggested, "products").iter().enumerate() {
        let (sku, units) = (text(&product["sku"]), integer(&product["suggest"]));
        arrived.insert(sku, units);
        if units > 0 {
            moves.push(json!({"id": format!("truck.{index}"), "time": middle, "channel": "truck", "sequence": index + 1, "sku": sku, "quantity": units}));
        }
    }
    let kept = ask("record.stock", &json!({"stock": stock, "moves": moves, "policy": "backorder"}))?;
    let (mut is_kept, mut low, mut promised) = (true, 0, 0);
    for (sku, units) in &best {
        let left = list(&kept, "stock").iter().find(|line| line["sku"] == *sku).ok_or("a product is gone")?;
        let (available, open) = (integer(&left["available"]), integer(&left["backordered"]));
        is_kept &= available >= 0 && opening(*units) + arrived.get(sku).copied().unwrap_or_default() - units == available - open;
        low += i32::from(left["low"] == true);
        promised += open;
    }
    let served: i64 = list(&kept, "served").iter().map(|line| integer(&line["units"])).sum();
    say!("   stock of the {} products sold most: {low} low at the end, {served} units served late, {promised} still promised", best.len());
    Ok(vec![("stock is never negative: opening + arrived − sold = left − promised", is_kept)])
}

/// The lucky digits of the last week: nobody is suspected until one shop stops every clock at 0.
fn digits(receipts: &[Receipt]) -> Outcome<Vec<Sum>> {
    let last = receipts.last().map(|receipt| receipt.at.date());
    let is_of_week = |at: &CivilTime| last.is_some_and(|last| last.days_since(at.date()) < 7);
    let week: Vec<&Receipt> = receipts.iter().filter(|receipt| is_of_week(&receipt.at)).collect();
    let plays = |cheat: Option<u32>| -> Outcome<Value> {
        let receipts: Vec<Value> = week
            .iter()
            .map(|receipt| {
                let digit = if cheat == Some(receipt.shop) { 0 } else { Digit::lucky(&receipt.at).get() };
                json!({
                    "id": receipt.basket.to_string(), "shop": receipt.shop.to_string(), "member": receipt.household.to_string(),
                    "time": receipt.at.to_string(), "amount": receipt.total.get(), "digit": digit,
                })
            })
            .collect();
        ask("record.anomalies", &json!({"receipts": receipts, "within_s": 0, "false_alarm_ppb": 1_000}))
    };
    let mut by_shop = BTreeMap::<u32, usize>::new();
    for receipt in &week {
        *by_shop.entry(receipt.shop).or_default() += 1;
    }
    let cheat = by_shop.iter().max_by_key(|(_, receipts)| **receipts).map(|(shop, _)| *shop);
    let suspected = |answer: &Value| -> Vec<String> {
        let found = list(answer, "findings").iter().filter(|one| one["kind"] == "digit_too_often" && one["who"] == "shop");
        found.map(|one| text(&one["name"]).to_owned()).collect()
    };
    let (honest, cheated) = (plays(None)?, plays(cheat)?);
    say!(
        "   lucky digits of the last week: {} names tested, {} suspected; with one shop at 0 always: {}",
        integer(&honest["tested"]),
        suspected(&honest).len(),
        suspected(&cheated).join(", "),
    );
    Ok(vec![(
        "a shop that forces the digit is found, no honest one",
        suspected(&honest).is_empty() && suspected(&cheated) == cheat.map(|shop| shop.to_string()).into_iter().collect::<Vec<_>>(),
    )])
}
