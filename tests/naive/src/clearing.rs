//! Clearing between shops (section 14).

use crate::fields::{Answer, Fields, Int, int, natural, out, out_list, text};
use crate::split::allocate;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// CL-1, CL-2, CL-3, CL-5.
pub fn net(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["redemptions", "cleared"])?;
    let mut cleared = Vec::new();
    for item in fields.list_if("cleared")?.unwrap_or(&Vec::new()) {
        cleared.push(text(item)?.to_string());
    }
    let mut counted: Vec<String> = Vec::new();
    let mut duplicates: Vec<String> = Vec::new();
    let mut already: Vec<String> = Vec::new();
    let mut net: BTreeMap<String, Int> = BTreeMap::new();
    for item in fields.list("redemptions")? {
        let redemption = Fields::open(item, &["id", "issuer", "acceptor", "value"])?;
        let id = redemption.text("id")?.to_string();
        let issuer = redemption.text("issuer")?.to_string();
        let acceptor = redemption.text("acceptor")?.to_string();
        let value = redemption.natural("value")?;
        if cleared.contains(&id) {
            already.push(id);
        } else if counted.contains(&id) {
            duplicates.push(id);
        } else {
            counted.push(id);
            *net.entry(issuer).or_insert(int(0)) -= &value;
            *net.entry(acceptor).or_insert(int(0)) += &value;
        }
    }
    duplicates.sort();
    already.sort();

    let mut positions = Map::new();
    for (shop, position) in &net {
        positions.insert(shop.clone(), out(position)?);
    }
    Ok(json!({
        "net": positions,
        "transfers": transfers(net)?,
        "duplicates": duplicates,
        "already_cleared": already,
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

/// CL-4.
pub fn settle(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["fund", "owed"])?;
    let fund = fields.natural("fund")?;
    let owed: Vec<Int> = fields.list("owed")?.iter().map(natural).collect::<Answer<_>>()?;
    let sum: Int = owed.iter().sum();
    let paid = if fund >= sum { owed.clone() } else { allocate(&fund, &owed) };
    let operator: Vec<Int> = owed.iter().zip(&paid).map(|(owed, paid)| owed - paid).collect();
    let left = fund - paid.iter().sum::<Int>();
    Ok(json!({ "paid": out_list(&paid)?, "operator": out_list(&operator)?, "fund_left": out(&left)? }))
}
