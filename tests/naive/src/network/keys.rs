//! The keys of an event of the network, read a second time from docs/network.md.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::fields::{Answer, Fields, refuse};

/// The events that one owner sends another.
pub const MESSAGES: [&str; 15] = [
    "earn",
    "lots.in",
    "claim.reverse",
    "claim.reversed",
    "claim.used",
    "claim.unused",
    "claim.expired",
    "debt.paid",
    "due",
    "expire",
    "tender",
    "undo",
    "clearing.received",
    "clearing.draw",
    "closed",
];

/// An id as a part of a key.
pub fn enc(id: &str) -> String {
    let mut text = String::new();
    for c in id.chars() {
        match c {
            '%' => text += "%25",
            '/' => text += "%2F",
            '|' => text += "%7C",
            '~' => text += "%7E",
            c => text.push(c),
        }
    }
    text
}

fn text<'a>(value: &'a Value, field: &str) -> Answer<&'a str> {
    if !value.is_object() {
        return refuse("bad_type");
    }
    match value.get(field) {
        None | Some(Value::Null) => refuse("missing_field"),
        Some(value) => value.as_str().ok_or_else(|| "bad_type".to_string()),
    }
}

/// The keys of `{event}`.
pub fn keys(request: &Value) -> Answer<Value> {
    let fields = Fields::open(request, &["event"])?;
    let event = fields.need("event")?;
    if !event.is_object() {
        return refuse("bad_type");
    }
    if text(event, "specversion")? != "1.0" {
        return refuse("bad_config");
    }
    let kind = text(event, "type")?;
    let (source, id, subject) = (text(event, "source")?, text(event, "id")?, text(event, "subject")?);
    text(event, "time")?;
    let data = match event.get("data") {
        Some(data) if data.is_object() => data,
        Some(Value::Null) | None => return refuse("missing_field"),
        Some(_) => return refuse("bad_type"),
    };
    let Some((owner, me)) = subject.split_once('/') else { return refuse("bad_config") };
    let mut keys = BTreeSet::new();
    keys.insert(format!("seen/{}|{}", enc(source), enc(id)));
    if owner != "network" {
        keys.insert(subject.to_string());
    }
    let Some(kind) = kind.strip_prefix("loyalty.") else { return refuse("bad_config") };
    if MESSAGES.contains(&kind) {
        if event.get("n").is_none_or(Value::is_null) {
            return refuse("missing_field");
        }
        keys.insert(format!("inbox/{subject}|{source}"));
    }
    // The states of a redemption: a voucher's are the shop's, an account's months are in the account.
    let redemption = |owner: &str, acceptor: &str, id: &str, month: &str| {
        let mut keys = vec![format!("red/{owner}|{acceptor}|{}", enc(id))];
        if let Some(voucher) = owner.strip_prefix("voucher/") {
            let issuer = voucher.split('~').next().unwrap_or_default();
            keys.push(format!("voucher/{voucher}"));
            keys.push(format!("month/{issuer}/{month}"));
        }
        keys
    };
    match kind {
        "sale" | "play" | "return" | "exchange" | "void" => {
            let sale = if kind == "sale" { id } else { text(data, "of")? };
            let day = text(data, if kind == "sale" { "day" } else { "of_day" })?;
            keys.insert(format!("sale/{me}/{}", enc(sale)));
            keys.insert(format!("voucher/{me}~{}", enc(sale)));
            keys.insert(format!("day/{me}/{day}"));
        }
        "accept" | "undo.ask" | "tender" => {
            keys.insert(format!("sale/{me}/{}", enc(text(data, "sale")?)));
        }
        "opening" => {
            for voucher in data.get("vouchers").and_then(Value::as_array).into_iter().flatten() {
                keys.insert(format!("voucher/{}", text(voucher, "voucher")?));
            }
        }
        "day.close" => {
            keys.insert(format!("day/{me}/{}", text(data, "day")?));
            keys.insert(format!("due/{me}/{}", text(data, "day")?));
        }
        "month.close" => {
            keys.insert(format!("month/{me}/{}", text(data, "month")?));
        }
        "due" => {
            keys.insert(format!("due/{me}/{}", text(data, "date")?));
        }
        "expire" => {
            keys.insert(format!("voucher/{}", text(data, "voucher")?));
        }
        "redeem.voucher" => {
            keys.extend(redemption(&format!("voucher/{}", text(data, "voucher")?), text(data, "shop")?, id, text(data, "month")?));
        }
        "redeem.points" => keys.extend(redemption(subject, text(data, "shop")?, id, text(data, "month")?)),
        "reserve" => {
            let owner = if owner == "shop" { format!("voucher/{}", text(data, "voucher")?) } else { subject.to_string() };
            keys.extend(redemption(&owner, text(data, "shop")?, id, text(data, "month")?));
        }
        "commit" | "release" | "request.end" => {
            keys.extend(redemption(text(data, "owner")?, text(data, "shop")?, text(data, "redemption")?, text(data, "month")?));
        }
        "undo" => keys.extend(redemption(text(data, "owner")?, text(data, "shop")?, text(data, "redemption")?, text(data, "of_month")?)),
        "claim.used" => {
            let voucher = data.get("voucher").and_then(Value::as_str).map(|voucher| format!("voucher/{voucher}"));
            if let Some(owner) = voucher.or_else(|| (owner == "account").then(|| subject.to_string())) {
                keys.extend(redemption(&owner, text(data, "acceptor")?, text(data, "redemption")?, text(data, "month")?));
            }
        }
        "closed" => {
            keys.insert(format!("period/{}", data["period"]));
        }
        "topup" | "draw" | "check" | "account.tick" | "period.close" | "join" | "leave" | "pause" | "program" | "transfer" | "merge"
        | "earn" | "lots.in" | "claim.reverse" | "claim.reversed" | "claim.unused" | "claim.expired" | "debt.paid"
        | "clearing.received" | "clearing.draw" => {}
        _ => return refuse("bad_config"),
    }
    // What is malformed has no keys.
    super::event::read(event)?;
    Ok(json!({"owner": subject, "write": keys, "read": []}))
}
