//! Clearing between shops (section 14).

use crate::fields::{Answer, Fields, Int, int, natural, out, out_list, refuse, text};
use crate::split::allocate;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What one shop owes of a redemption.
struct Redemption {
    id: String,
    issuer: String,
    acceptor: String,
    value: Int,
}

/// CL-5: what counts, and what does not.
struct Period {
    counted: Vec<Redemption>,
    duplicates: Vec<String>,
    conflicts: Vec<String>,
    already: Vec<String>,
}

/// A line without what says nothing.
fn content(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), content(value))).collect(),
        Value::Array(list) => list.iter().map(content).collect(),
        other => other.clone(),
    }
}

/// CL-1: who owes how much of a line.
fn owed(line: &Value) -> Answer<Vec<(String, Int)>> {
    let fields = Fields::open(line, &["id", "issuer", "lots", "acceptor", "value", "of"])?;
    fields.text("id")?;
    fields.text("acceptor")?;
    let value = fields.signed("value")?;
    let undone = fields.text_if("of")?.is_some();
    if undone && value >= int(0) {
        return refuse("bad_config");
    }
    if !undone && value < int(0) {
        return refuse("out_of_range");
    }
    let issuer = fields.text_if("issuer")?;
    let Some(lots) = fields.list_if("lots")? else {
        return match issuer {
            Some(issuer) => Ok(vec![(issuer.to_string(), value)]),
            None => refuse("missing_field"),
        };
    };
    let mut by_shop: Vec<(String, Int)> = Vec::new();
    for lot in lots {
        let inner = Fields::open(lot, &["id", "shop", "points_milli"])?;
        inner.text_if("id")?;
        let (shop, points) = (inner.text("shop")?, inner.natural("points_milli")?);
        match by_shop.iter_mut().find(|(other, _)| other == shop) {
            Some((_, sum)) => *sum += points,
            None => by_shop.push((shop.to_string(), points)),
        }
    }
    let weights: Vec<Int> = by_shop.iter().map(|(_, points)| points.clone()).collect();
    if issuer.is_some() || weights.iter().all(|points| *points == int(0)) {
        return refuse("bad_config");
    }
    let parts = allocate(&value, &weights);
    Ok(by_shop.into_iter().map(|(shop, _)| shop).zip(parts).collect())
}

fn read_period(fields: &Fields) -> Answer<Period> {
    let mut cleared = Vec::new();
    for item in fields.list_if("cleared")?.unwrap_or(&Vec::new()) {
        cleared.push(text(item)?.to_string());
    }
    let mut period = Period { counted: Vec::new(), duplicates: Vec::new(), conflicts: Vec::new(), already: Vec::new() };
    let lines = fields.list("redemptions")?;
    for (k, line) in lines.iter().enumerate() {
        let parts = owed(line)?;
        let id = line["id"].as_str().expect("a text").to_string();
        let same_id = |other: &&Value| other["id"] == line["id"];
        if cleared.contains(&id) {
            period.already.push(id);
        } else if lines.iter().filter(same_id).any(|other| content(other) != content(line)) {
            if !period.conflicts.contains(&id) {
                period.conflicts.push(id);
            }
        } else if lines[..k].iter().any(|other| same_id(&other)) {
            period.duplicates.push(id);
        } else {
            let acceptor = line["acceptor"].as_str().expect("a text");
            period.counted.extend(parts.into_iter().map(|(issuer, value)| Redemption {
                id: id.clone(),
                issuer,
                acceptor: acceptor.to_string(),
                value,
            }));
        }
    }
    period.duplicates.sort();
    period.conflicts.sort();
    period.already.sort();
    Ok(period)
}

impl Period {
    fn positions(&self) -> BTreeMap<String, Int> {
        let mut net: BTreeMap<String, Int> = BTreeMap::new();
        for redemption in &self.counted {
            *net.entry(redemption.issuer.clone()).or_insert(int(0)) -= &redemption.value;
            *net.entry(redemption.acceptor.clone()).or_insert(int(0)) += &redemption.value;
        }
        net
    }
}

fn out_amounts(amounts: &BTreeMap<String, Int>) -> Answer<Map<String, Value>> {
    let mut map = Map::new();
    for (shop, amount) in amounts {
        map.insert(shop.clone(), out(amount)?);
    }
    Ok(map)
}

/// CL-1, CL-2, CL-3, CL-5.
pub fn net(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["redemptions", "cleared"])?;
    let period = read_period(&fields)?;
    let net = period.positions();
    Ok(json!({
        "net": out_amounts(&net)?,
        "transfers": transfers(net)?,
        "duplicates": period.duplicates,
        "conflicts": period.conflicts,
        "already_cleared": period.already,
    }))
}

/// CL-3: largest debtor to largest creditor, until nobody owes anything.
fn transfers(mut net: BTreeMap<String, Int>) -> Answer<Vec<Value>> {
    let mut list = Vec::new();
    loop {
        // In the order of the ids, so that the first of equals is the one.
        let mut debtor: Option<(String, Int)> = None;
        let mut creditor: Option<(String, Int)> = None;
        for (shop, position) in &net {
            if *position < int(0) && debtor.as_ref().is_none_or(|(_, most)| position < most) {
                debtor = Some((shop.clone(), position.clone()));
            }
            if *position > int(0) && creditor.as_ref().is_none_or(|(_, most)| position > most) {
                creditor = Some((shop.clone(), position.clone()));
            }
        }
        let (Some((from, owes)), Some((to, gets))) = (debtor, creditor) else {
            return Ok(list);
        };
        let amount = (-owes).min(gets);
        list.push(json!({ "from": from, "to": to, "amount": out(&amount)? }));
        *net.get_mut(&from).expect("a shop") += &amount;
        *net.get_mut(&to).expect("a shop") -= &amount;
    }
}

/// CL-4: what a fund pays of what it owes, by acceptor.
fn pay(fund: &Int, owed: &[Int]) -> Vec<Int> {
    let sum: Int = owed.iter().sum();
    if *fund >= sum { owed.to_vec() } else { allocate(fund, owed) }
}

/// CL-4.
pub fn settle(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["fund", "owed"])?;
    let fund = fields.natural("fund")?;
    let owed: Vec<Int> = fields.list("owed")?.iter().map(natural).collect::<Answer<_>>()?;
    let paid = pay(&fund, &owed);
    let operator: Vec<Int> = owed.iter().zip(&paid).map(|(owed, paid)| owed - paid).collect();
    let left = fund - paid.iter().sum::<Int>();
    Ok(json!({ "paid": out_list(&paid)?, "operator": out_list(&operator)?, "fund_left": out(&left)? }))
}

/// CL-1 … CL-5: a whole period, down to what each redemption was paid.
pub fn period(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["redemptions", "cleared", "funds"])?;
    let mut period = read_period(&fields)?;
    let mut funds = fields.amounts("funds")?;
    let net = period.positions();
    period.counted.sort_by(|a, b| a.id.cmp(&b.id).then_with(|| a.issuer.cmp(&b.issuer)));
    let between: Vec<&Redemption> = period.counted.iter().filter(|r| r.issuer != r.acceptor).collect();

    // What each redemption is paid, by its id and issuer.
    let mut paid: BTreeMap<(&str, &str), Int> = BTreeMap::new();
    let mut shortfalls: BTreeMap<String, Int> = BTreeMap::new();
    let issuers: BTreeSet<&str> = between.iter().map(|r| r.issuer.as_str()).collect();
    for issuer in issuers {
        let Some(fund) = funds.get_mut(issuer) else {
            return refuse("missing_field");
        };
        let its: Vec<&&Redemption> = between.iter().filter(|r| r.issuer == issuer).collect();
        let mut owed: BTreeMap<&str, Int> = BTreeMap::new();
        for redemption in &its {
            *owed.entry(&redemption.acceptor).or_insert(int(0)) += &redemption.value;
        }
        // Who owes the issuer more than it is owed pays that in first.
        let back: Int = owed.values().filter(|sum| **sum < int(0)).sum();
        *fund -= back;
        out(fund)?;
        let amounts: Vec<Int> = owed.values().map(|sum| sum.clone().max(int(0))).collect();
        let payments = pay(fund, &amounts);
        let short: Int = amounts.iter().sum::<Int>() - payments.iter().sum::<Int>();
        *fund -= payments.iter().sum::<Int>();
        if short > int(0) {
            shortfalls.insert(issuer.to_string(), short);
        }
        for ((acceptor, sum), payment) in owed.iter().zip(&payments) {
            let here = || its.iter().filter(|r| r.acceptor == *acceptor);
            let payment = if *sum < int(0) { sum } else { payment };
            // What was undone is paid back whole.
            let undone: Int = here().map(|r| &r.value).filter(|value| **value < int(0)).sum();
            let values: Vec<Int> = here().map(|r| r.value.clone().max(int(0))).collect();
            for (redemption, part) in here().zip(allocate(&(payment - undone), &values)) {
                let part = if redemption.value < int(0) { redemption.value.clone() } else { part };
                paid.insert((&redemption.id, issuer), part);
            }
        }
    }

    let mut lines = Vec::new();
    let mut received: BTreeMap<&str, (Int, Int)> = BTreeMap::new();
    for redemption in &period.counted {
        let part = paid.get(&(redemption.id.as_str(), redemption.issuer.as_str())).unwrap_or(&redemption.value);
        let operator = &redemption.value - part;
        lines.push(json!({
            "id": redemption.id,
            "issuer": redemption.issuer,
            "acceptor": redemption.acceptor,
            "value": out(&redemption.value)?,
            "paid": out(part)?,
            "operator": out(&operator)?,
        }));
        if redemption.issuer != redemption.acceptor {
            let sums = received.entry(&redemption.acceptor).or_insert((int(0), int(0)));
            sums.0 += part;
            sums.1 += operator;
        }
    }
    let mut by_acceptor = Map::new();
    for (acceptor, (paid, operator)) in received {
        by_acceptor.insert(acceptor.to_string(), json!({ "paid": out(&paid)?, "operator": out(&operator)? }));
    }
    Ok(json!({
        "net": out_amounts(&net)?,
        "transfers": transfers(net)?,
        "duplicates": period.duplicates,
        "conflicts": period.conflicts,
        "already_cleared": period.already,
        "funds": out_amounts(&funds)?,
        "received": by_acceptor,
        "shortfalls": out_amounts(&shortfalls)?,
        "operator": out(&shortfalls.values().sum())?,
        "lines": lines,
    }))
}
