//! Clearing between shops (section 14).

use crate::fields::{Answer, Fields, Int, int, natural, out, out_list, refuse, text};
use crate::split::allocate;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

struct Redemption {
    id: String,
    issuer: String,
    acceptor: String,
    value: Int,
}

/// CL-5: what counts, in the order received, and what does not.
struct Period {
    counted: Vec<Redemption>,
    duplicates: Vec<String>,
    already: Vec<String>,
}

fn read_period(fields: &Fields) -> Answer<Period> {
    let mut cleared = Vec::new();
    for item in fields.list_if("cleared")?.unwrap_or(&Vec::new()) {
        cleared.push(text(item)?.to_string());
    }
    let mut period = Period { counted: Vec::new(), duplicates: Vec::new(), already: Vec::new() };
    for item in fields.list("redemptions")? {
        let inner = Fields::open(item, &["id", "issuer", "acceptor", "value"])?;
        let redemption = Redemption {
            id: inner.text("id")?.to_string(),
            issuer: inner.text("issuer")?.to_string(),
            acceptor: inner.text("acceptor")?.to_string(),
            value: inner.natural("value")?,
        };
        if cleared.contains(&redemption.id) {
            period.already.push(redemption.id);
        } else if period.counted.iter().any(|first| first.id == redemption.id) {
            period.duplicates.push(redemption.id);
        } else {
            period.counted.push(redemption);
        }
    }
    period.duplicates.sort();
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
    period.counted.sort_by(|a, b| a.id.cmp(&b.id));
    let between: Vec<&Redemption> = period.counted.iter().filter(|r| r.issuer != r.acceptor).collect();

    // What each redemption is paid, by its id.
    let mut paid: BTreeMap<&str, Int> = BTreeMap::new();
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
        let amounts: Vec<Int> = owed.values().cloned().collect();
        let payments = pay(fund, &amounts);
        let short: Int = amounts.iter().sum::<Int>() - payments.iter().sum::<Int>();
        *fund -= payments.iter().sum::<Int>();
        if short > int(0) {
            shortfalls.insert(issuer.to_string(), short);
        }
        for (acceptor, payment) in owed.keys().zip(&payments) {
            let here: Vec<&&&Redemption> = its.iter().filter(|r| r.acceptor == *acceptor).collect();
            let values: Vec<Int> = here.iter().map(|r| r.value.clone()).collect();
            for (redemption, part) in here.iter().zip(allocate(payment, &values)) {
                paid.insert(&redemption.id, part);
            }
        }
    }

    let mut lines = Vec::new();
    let mut received: BTreeMap<&str, (Int, Int)> = BTreeMap::new();
    for redemption in &period.counted {
        let part = paid.get(redemption.id.as_str()).unwrap_or(&redemption.value);
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
        "already_cleared": period.already,
        "funds": out_amounts(&funds)?,
        "received": by_acceptor,
        "shortfalls": out_amounts(&shortfalls)?,
        "operator": out(&shortfalls.values().sum())?,
        "lines": lines,
    }))
}
