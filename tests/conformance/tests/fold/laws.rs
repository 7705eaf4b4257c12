//! What must hold of a network's states and its messages under way (NW-5), computed from the JSON alone.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::common::ask;
use crate::host::{Host, encoded};

/// A number that is left out when it is 0.
fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

fn sum<'a>(values: impl IntoIterator<Item = &'a Value>) -> i64 {
    values.into_iter().map(number).sum()
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The balance of an account in a shop's books.
fn book(shop: &Value, account: &str) -> i64 {
    number(&shop["books"][account])
}

/// What is open or kept of a claim; negative if more is gone than there was.
fn standing(claim: &Value) -> i64 {
    number(&claim["value"]) - number(&claim["used"]) - number(&claim["taken"]) - number(&claim["expired"])
}

fn name_of(owner: &Value) -> &str {
    owner.as_str().unwrap().split_once('/').unwrap().1
}

/// What `network.check` says of a host; it must agree with the laws computed here.
pub fn checked(host: &Host) -> Value {
    let kinds = ["shop", "sale", "voucher", "account"];
    let states = kinds.into_iter().flat_map(|kind| host.of_kind(kind)).map(|(key, state)| (key.to_string(), state.clone()));
    let states: serde_json::Map<String, Value> = states.collect();
    ask("network.check", &json!({"states": states, "out": host.outbox}))
}

/// The first law that does not hold.
pub fn broken(host: &Host) -> Result<(), String> {
    shops(host)?;
    claims(host)?;
    sales(host)
}

fn equal(law: &str, place: &str, one: i64, other: i64) -> Result<(), String> {
    if one == other { Ok(()) } else { Err(format!("{law} at {place}: {one} is not {other}")) }
}

/// Each shop's books, reservations, payables and fund agree.
fn shops(host: &Host) -> Result<(), String> {
    for (key, shop) in host.of_kind("shop") {
        equal("the books sum to zero", key, entries(&shop["books"]).map(|(_, balance)| number(balance)).sum(), 0)?;
        equal("reserved is the liability", key, number(&shop["reserved"]), -book(shop, "voucher_liability"))?;
        equal("owed is the payable", key, sum(entries(&shop["owed"]).map(|(_, owed)| owed)), -book(shop, "network_payable"))?;
        equal("the fund is its account", key, number(&shop["fund"]["balance"]), book(shop, "guarantee_fund"))?;
        if number(&shop["fund"]["balance"]) < 0 {
            return Err(format!("the fund of {key} is below zero"));
        }
        let creditors = shop["owed"].as_object().map_or(0, |owed| owed.len());
        let peers = shop["sent"].as_object().map_or(0, |sent| sent.len());
        let size = shop.to_string().len();
        if size > 1_024 + 40 * creditors.max(peers) {
            return Err(format!("{key} has {size} bytes"));
        }
    }
    Ok(())
}

/// What each issuer reserves is what its claims are worth, those under way included; debts are receivable.
fn claims(host: &Host) -> Result<(), String> {
    let mut worth = BTreeMap::<String, i64>::new();
    let mut debts = BTreeMap::<String, i64>::new();
    for (key, voucher) in host.of_kind("voucher") {
        if standing(voucher) < number(&voucher["held"]) {
            return Err(format!("more of {key} is gone than it was worth: {voucher}"));
        }
        let issuer = key.strip_prefix("voucher/").unwrap().split_once('~').unwrap().0;
        *worth.entry(issuer.to_string()).or_default() += standing(voucher);
    }
    for (key, account) in host.of_kind("account") {
        for (name, lot) in entries(&account["lots"]) {
            if standing(lot) < number(&lot["held"]) || number(&lot["used"]) < 0 {
                return Err(format!("more of {name} at {key} is gone than it was worth: {lot}"));
            }
            *worth.entry(lot["issuer"].as_str().unwrap().to_string()).or_default() += standing(lot);
        }
        for debt in list(&account["debts"]) {
            *debts.entry(debt[0].as_str().unwrap().to_string()).or_default() += number(&debt[1]);
        }
    }
    for message in &host.outbox {
        let (data, subject) = (&message["data"], name_of(&message["subject"]).to_string());
        match message["type"].as_str().unwrap() {
            "loyalty.earn" => *worth.entry(data["issuer"].as_str().unwrap().to_string()).or_default() += number(&data["amount"]),
            "loyalty.lots.in" => {
                for lot in list(&data["lots"]) {
                    *worth.entry(lot["issuer"].as_str().unwrap().to_string()).or_default() += number(&lot["amount"]);
                }
                for debt in list(&data["debts"]) {
                    *debts.entry(debt[0].as_str().unwrap().to_string()).or_default() += number(&debt[1]);
                }
            }
            "loyalty.claim.used" if data.get("redemption").is_none() => *worth.entry(subject).or_default() += number(&data["amount"]),
            "loyalty.claim.expired" => *worth.entry(subject).or_default() += number(&data["amount"]),
            "loyalty.claim.unused" => *worth.entry(subject).or_default() -= number(&data["amount"]),
            "loyalty.claim.reversed" => {
                *worth.entry(subject.clone()).or_default() += number(&data["free"]);
                *debts.entry(subject).or_default() -= number(&data["debt"]);
            }
            "loyalty.debt.paid" => *debts.entry(subject).or_default() += number(&data["amount"]),
            _ => {}
        }
    }
    for (key, shop) in host.of_kind("shop") {
        let name = key.strip_prefix("shop/").unwrap();
        equal("reserved is what claims are worth", key, number(&shop["reserved"]), worth.remove(name).unwrap_or(0))?;
        equal("debts are receivable", key, book(shop, "shopper_receivable"), debts.remove(name).unwrap_or(0))?;
    }
    match worth.into_iter().chain(debts).find(|(_, amount)| *amount != 0) {
        Some((shop, amount)) => Err(format!("claims of {amount} at the shop {shop}, which has no state")),
        None => Ok(()),
    }
}

/// What payments stand for in the books of each shop, and what its awards cost.
fn sales(host: &Host) -> Result<(), String> {
    let (mut tender, mut cost, mut lost) = (BTreeMap::<&str, i64>::new(), BTreeMap::<&str, i64>::new(), BTreeMap::<&str, i64>::new());
    for (key, sale) in host.of_kind("sale") {
        let shop = key.split('/').nth(1).unwrap();
        for (id, state) in entries(&sale["tenders"]) {
            let [want, amount, asked] = ["want", "amount", "asked"].map(|field| number(&state[field]));
            *tender.entry(shop).or_default() += want - amount;
            *lost.entry(shop).or_default() += number(&state["lost"]);
            // The answer to an undo can overtake the tender that it undoes.
            if (amount < 0 && state.get("granted").is_some()) || want < 0 || asked < 0 {
                return Err(format!("the tender {id} of {key} is below zero: {state}"));
            }
        }
        equal("the parts sum to what is kept", key, sum(list(&sale["parts"])), number(&sale["kept"]))?;
        *cost.entry(shop).or_default() += number(&sale["kept"]);
        if number(&sale["back"]) > number(&sale["total"]) || number(&sale["kept"]) > number(&sale["issued"]) {
            return Err(format!("more came back of {key} than was sold, or more is kept than was issued"));
        }
    }
    for (key, shop) in host.of_kind("shop") {
        let name = key.strip_prefix("shop/").unwrap();
        equal("voucher_tender is explained", key, book(shop, "voucher_tender"), tender.get(name).copied().unwrap_or(0))?;
        equal("tender_lost is explained", key, book(shop, "tender_lost"), lost.get(name).copied().unwrap_or(0))?;
        let is_cost = |account: &str| account == "voucher_expense" || account.starts_with("partner:");
        let booked = entries(&shop["books"]).filter(|(account, _)| is_cost(account)).map(|(_, balance)| number(balance)).sum();
        equal("what awards cost is what is kept", key, booked, cost.get(name).copied().unwrap_or(0))?;
    }
    Ok(())
}

/// What must hold once no message is under way.
pub fn broken_at_rest(host: &Host) -> Result<(), String> {
    broken(host)?;
    let mut receivable = BTreeMap::<&str, i64>::new();
    for (_, shop) in host.of_kind("shop") {
        for (creditor, owed) in entries(&shop["owed"]) {
            *receivable.entry(creditor).or_default() += number(owed);
        }
    }
    for (key, shop) in host.of_kind("shop") {
        let name = key.strip_prefix("shop/").unwrap();
        let owed = receivable.get(name).copied().unwrap_or(0);
        equal("payables are receivables", key, book(shop, "network_receivable"), owed)?;
        equal("nothing is half taken back", key, book(shop, "taken_back"), 0)?;
        equal("own use ends at zero", key, book(shop, "own_use"), 0)?;
    }
    for (key, account) in host.of_kind("account") {
        if entries(&account["early"]).next().is_some() {
            return Err(format!("a reversal of {key} waits for ever: {account}"));
        }
    }
    // Of an account alone they can be: it was merged, and then a sale of its own came back.
    if host.of_kind("account").map(|(_, account)| number(&account["purchases"])).sum::<i64>() < 0 {
        return Err("purchases are below zero".to_string());
    }
    for (key, sale) in host.of_kind("sale") {
        for (id, state) in entries(&sale["tenders"]) {
            let place = format!("{key} {id}");
            equal("nothing is asked for ever", &place, number(&state["asked"]), 0)?;
            if state["whole"] == true {
                return Err(format!("all of {place} is asked for ever"));
            }
            let is_granted = state["granted"] == true;
            let owner = state["owner"].as_str().unwrap();
            let acceptor = key.split('/').nth(1).unwrap();
            let red = host.state(&format!("red/{owner}|{acceptor}|{}", encoded(id)));
            let given = number(&red["amount"]) - number(&red["undone"]);
            let is_reserved = red.get("deadline").is_some() || red["ended"] == true;
            equal("a tender is what its redemption pays", &place, number(&state["amount"]), if is_reserved { 0 } else { given })?;
            if sale["sold"] == true && state.get("granted").is_some() {
                equal("a granted tender is bound", &place, number(&state["bound"]), number(&state["amount"]))?;
                equal("no want stays open", &place, number(&state["want"]), number(&state["amount"]))?;
            }
            if state.get("granted").is_none() && red.get("shop").is_some() && red.get("deadline").is_none() {
                return Err(format!("{place} was decided, and its acceptor does not know"));
            }
            if is_granted && red.is_null() {
                return Err(format!("{place} was granted by nobody"));
            }
        }
    }
    for (key, red) in host.of_kind("red") {
        let left: i64 = list(&red["parts"]).iter().map(|part| number(&part[2])).sum();
        if red["ended"] != true {
            equal("a redemption is its parts", key, left, number(&red["amount"]) - number(&red["undone"]))?;
        }
        if red["undone_before"] == true && number(&red["amount"]) != 0 {
            return Err(format!("{key} was undone before it came, and pays"));
        }
        if red.get("deadline").is_none() && number(&red["amount"]) != number(&red["undone"]) && red["ended"] != true {
            let (shop, id) = (red["shop"].as_str().unwrap(), key.rsplit('|').next().unwrap());
            let sale = host.state(&format!("sale/{shop}/{}", encoded(red["sale"].as_str().unwrap())));
            if !entries(&sale["tenders"]).any(|(of, _)| encoded(of) == id) {
                return Err(format!("{key} pays a sale that knows nothing of it"));
            }
        }
    }
    Ok(())
}
