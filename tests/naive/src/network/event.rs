//! An event, read and checked in full: what is malformed leaves its id free.

use serde_json::{Value, json};

use super::keys::{MESSAGES, enc};
use super::shape::{is_name, read as read_shape};
use super::{N, items, num, word};
use crate::award::amounts_of;
use crate::fields::{Answer, Fields, LIMIT, between, refuse};
use crate::time::read_moment;

pub struct Event {
    /// Its type without the prefix.
    pub kind: String,
    pub source: String,
    pub id: String,
    pub subject: String,
    /// The kind of its owner, and the owner's name.
    pub owner: String,
    pub me: String,
    pub time: String,
    pub data: Value,
    /// The number of a message.
    pub n: Option<N>,
}

/// Who may be the owner of which event.
fn owners(kind: &str) -> &'static [&'static str] {
    match kind {
        "opening" | "reserve" | "commit" | "release" | "request.end" | "undo" | "claim.used" => &["account", "shop"],
        "account.tick" | "redeem.points" | "transfer" | "merge" | "earn" | "lots.in" | "claim.reverse" => &["account"],
        "closed" => &["network"],
        _ => &["shop"],
    }
}

pub fn read(event: &Value) -> Answer<Event> {
    let text = |field: &str| word(event, field).to_string();
    let kind = text("type").strip_prefix("loyalty.").unwrap_or_default().to_string();
    let (source, id, subject, time) = (text("source"), text("id"), text("subject"), text("time"));
    let is_message = MESSAGES.contains(&kind.as_str());
    if source.is_empty() || id.is_empty() || id.len() > 200 && !is_message || source.len() > 200 && !is_message {
        return refuse("bad_config");
    }
    let (owner, me) = subject.split_once('/').unwrap_or_default();
    if !is_name(me) || !owners(&kind).contains(&owner) {
        return refuse("bad_config");
    }
    read_moment(&time)?;
    let shape = if kind == "play" { "play_event" } else { &kind };
    let data = read_shape(shape, &event["data"])?;
    malformed(&kind, (owner, me), &subject, (&data, &event["data"]))?;
    let mut n = None;
    if is_message {
        let number = between(&event["n"], 1, LIMIT)?;
        if !is_sender(&source) || id != format!("{subject}|{number}") {
            return refuse("bad_config");
        }
        n = N::try_from(number).ok();
    }
    let (owner, me) = (owner.to_string(), me.to_string());
    Ok(Event { kind, source, id, subject, owner, me, time, data, n })
}

/// Whether a source is a sender of messages.
fn is_sender(source: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.contains(['|', '/', '~']);
    match source.split_once('/') {
        Some(("shop" | "account", name)) => is_name(name),
        Some(("sale", rest)) => rest.split_once('/').is_some_and(|(shop, sale)| is_name(shop) && is_part(sale)),
        Some(("opening", rest)) => rest
            .split_once('/')
            .is_some_and(|(shop, name)| is_name(shop) && name.split_once('|').is_some_and(|(source, id)| is_part(source) && is_part(id))),
        _ => false,
    }
}

/// What is paid for lines, each by itself.
pub fn amounts(lines: &[Value]) -> Answer<Vec<N>> {
    let receipt = json!({ "lines": lines });
    let amounts = amounts_of(&Fields::open(&receipt, &["lines"])?)?.unwrap_or_default();
    Ok(amounts.into_iter().map(|amount| N::try_from(amount).expect("inside the domain")).collect())
}

/// The total of what is sold: stated, or that of its lines.
pub fn total(data: &Value) -> Answer<N> {
    match data.get("lines").and_then(Value::as_array) {
        Some(lines) => {
            let total: N = amounts(lines)?.iter().sum();
            if total > N::from(LIMIT) { refuse("out_of_range") } else { Ok(total) }
        }
        None => Ok(num(data, "total")),
    }
}

fn names_twice(list: &[Value], field: &str) -> bool {
    (0..list.len()).any(|place| list[..place].iter().any(|before| before[field] == list[place][field]))
}

/// What is wrong beyond the form of its fields. An empty list is there too, as it was sent.
fn malformed(kind: &str, (owner, me): (&str, &str), subject: &str, (data, sent): (&Value, &Value)) -> Answer<()> {
    let has = |field: &str| data.get(field).is_some() || sent.get(field).is_some_and(|sent| !sent.is_null());
    let one_of = |one: &str, other: &str| match (has(one), has(other)) {
        (false, false) => refuse("missing_field"),
        (true, true) => refuse("bad_config"),
        _ => Ok(()),
    };
    let is_own = |lot: &str| lot.split_once('~').is_some_and(|(issuer, _)| issuer == me);
    match kind {
        "sale" => {
            one_of("total", "lines")?;
            let claims = items(data, "claims");
            if claims.iter().map(|claim| num(claim, "amount")).sum::<N>() > total(data)? {
                return refuse("out_of_range");
            }
            if names_twice(&claims, "of") || (word(data, "form") == "lot" && !has("member")) {
                return refuse("bad_config");
            }
        }
        "return" | "exchange" => {
            one_of("back", "amount")?;
            if kind == "exchange" {
                one_of("total", "lines")?;
                total(data)?;
            }
            if names_twice(&items(data, "back"), "line") {
                return refuse("bad_config");
            }
        }
        "opening" => {
            let foreign = if owner == "shop" { has("purchases") } else { has("fund") || has("vouchers") || has("lots") };
            let (vouchers, lots) = (items(data, "vouchers"), items(data, "lots"));
            let is_foreign = |list: &[Value], field: &str| list.iter().any(|each| !is_own(word(each, field)));
            if foreign || is_foreign(&vouchers, "voucher") || is_foreign(&lots, "lot") || names_twice(&vouchers, "voucher") {
                return refuse("bad_config");
            }
        }
        "redeem.voucher" | "redeem.points" | "reserve" => {
            if num(data, "left_to_pay") > num(data, "purchase") {
                return refuse("out_of_range");
            }
            if kind == "reserve" && owner == "account" {
                if has("voucher") {
                    return refuse("bad_config");
                }
                if !has("amount") {
                    return refuse("missing_field");
                }
            }
            if has("voucher") && !is_own(word(data, "voucher")) {
                return refuse("bad_config");
            }
        }
        "commit" | "release" | "request.end" | "undo" => {
            let its = word(data, "owner");
            let is_its = if owner == "account" { its == subject } else { its.strip_prefix("voucher/").is_some_and(is_own) };
            if !is_its {
                return refuse("bad_config");
            }
        }
        "expire" | "due" if !is_own(word(data, "voucher")) => return refuse("bad_config"),
        "merge" if word(data, "to") == me => return refuse("bad_config"),
        "accept" => one_of("voucher", "account")?,
        "claim.used" if owner == "account" => {
            if ["redemption", "sale", "month"].iter().any(|field| !has(field)) {
                return refuse("missing_field");
            }
            if has("voucher") {
                return refuse("bad_config");
            }
        }
        "claim.used" if has("voucher") => {
            if !has("redemption") || !has("month") {
                return refuse("missing_field");
            }
            if !is_own(word(data, "voucher")) {
                return refuse("bad_config");
            }
        }
        _ => {}
    }
    Ok(())
}

impl super::Fold<'_> {
    /// The key of the sale that the event is about.
    pub fn sale_key(&self) -> String {
        let sale = match self.event.kind.as_str() {
            "sale" => self.event.id.clone(),
            "play" | "return" | "exchange" | "void" => self.text("of"),
            _ => self.text("sale"),
        };
        format!("sale/{}/{}", self.event.me, enc(&sale))
    }
}
