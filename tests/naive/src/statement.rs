//! A shop's month as double entries.

use crate::fields::{Answer, Fields, Int, int, natural, number, out, refuse};
use crate::time::{Date, read_date, read_month};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Event, its debit account, its credit account.
const POSTINGS: [(&str, &str, &str); 17] = [
    ("issue", "voucher_expense", "voucher_liability"),
    ("funded", "partner_receivable", "voucher_expense"),
    ("sell_voucher", "cash", "voucher_liability"),
    ("redeem_own", "voucher_liability", "sales"),
    ("accept", "network_receivable", "sales"),
    ("honour", "voucher_liability", "network_payable"),
    ("redeem_own_undone", "sales", "voucher_liability"),
    ("accept_undone", "sales", "network_receivable"),
    ("honour_undone", "network_payable", "voucher_liability"),
    ("reverse", "voucher_liability", "voucher_expense"),
    ("expire", "voucher_liability", "voucher_expense"),
    ("top_up", "guarantee_fund", "cash"),
    ("clearing_paid", "network_payable", "guarantee_fund"),
    ("clearing_covered", "network_payable", "operator_payable"),
    ("clearing_received", "cash", "network_receivable"),
    ("rounded_up", "cash", "cash_rounding"),
    ("rounded_down", "cash_rounding", "cash"),
];

fn accounts(event: &str, expired_to: &str) -> Answer<(&'static str, &'static str)> {
    for (name, debit, credit) in POSTINGS {
        if name == event {
            let to_operator = event == "expire" && expired_to == "operator";
            return Ok((debit, if to_operator { "guarantee_fund" } else { credit }));
        }
    }
    refuse("bad_config")
}

struct Line {
    date: Date,
    account: &'static str,
    debit: Int,
    credit: Int,
    reference: String,
}

/// RFC 4180: quoted only where it must be. What a spreadsheet would run as a
/// formula has an apostrophe before it.
fn cell(text: &str) -> String {
    let formula = match text.chars().next() {
        Some('=' | '@' | '\t' | '\r') => true,
        Some('+' | '-') => !plain_number(&text[1..]),
        _ => false,
    };
    let kept = if formula { format!("'{text}") } else { text.to_string() };
    let text = kept.as_str();
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_string() }
}

/// Digits, perhaps with a point and more digits.
fn plain_number(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() <= 2 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// The month's entries, its balances and their sums.
pub fn month(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["shop", "month", "opening", "events", "expired_to"])?;
    fields.text("shop")?;
    let month = read_month(fields.text("month")?)?;
    let expired_to = fields.word_or("expired_to", &["shop", "operator"], "shop")?;

    let mut balances: BTreeMap<String, Int> = BTreeMap::new();
    match fields.get("opening") {
        None => {}
        Some(Value::Object(map)) => {
            for (account, amount) in map {
                if !POSTINGS.iter().any(|(_, debit, credit)| debit == account || credit == account) {
                    return refuse("bad_config");
                }
                if amount.is_null() {
                    return refuse("missing_field");
                }
                balances.insert(account.clone(), number(amount)?);
            }
        }
        Some(_) => return refuse("bad_type"),
    }
    if balances.values().sum::<Int>() != int(0) {
        return refuse("bad_config");
    }

    let mut lines: Vec<Line> = Vec::new();
    for item in fields.list("events")? {
        let event = Fields::open(item, &["date", "type", "reference", "amount"])?;
        let date = read_date(event.text("date")?)?;
        let (debit, credit) = accounts(event.text("type")?, expired_to)?;
        let reference = event.text("reference")?.to_string();
        let amount = natural(event.need("amount")?)?;
        if (date.year, date.month) != month {
            return refuse("bad_config");
        }
        if amount > int(0) {
            let (date_too, reference_too) = (date.clone(), reference.clone());
            lines.push(Line { date, account: debit, debit: amount.clone(), credit: int(0), reference });
            lines.push(Line { date: date_too, account: credit, debit: int(0), credit: amount, reference: reference_too });
        }
    }
    // Stable: the order of the events stays within a date.
    lines.sort_by(|a, b| a.date.cmp(&b.date));

    let mut csv = "date,account,debit,credit,reference\n".to_string();
    let mut answered = Vec::new();
    for line in &lines {
        *balances.entry(line.account.to_string()).or_insert(int(0)) += &line.debit - &line.credit;
        let date = line.date.write();
        csv += &format!("{date},{},{},{},{}\n", line.account, line.debit, line.credit, cell(&line.reference));
        answered.push(json!({
            "date": date,
            "account": line.account,
            "debit": out(&line.debit)?,
            "credit": out(&line.credit)?,
            "reference": line.reference,
        }));
    }
    let mut closing = Map::new();
    for (account, balance) in &balances {
        closing.insert(account.clone(), out(balance)?);
    }
    Ok(json!({
        "lines": answered,
        "balances": closing,
        "debit": out(&lines.iter().map(|line| &line.debit).sum())?,
        "credit": out(&lines.iter().map(|line| &line.credit).sum())?,
        "csv": csv,
    }))
}
