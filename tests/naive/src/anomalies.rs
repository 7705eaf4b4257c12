//! What a network looks at twice (OR-7).

use crate::fields::{Answer, Fields, Fraction, Int, between, fraction, int, out, refuse};
use crate::time::read_moment;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

struct Receipt {
    id: String,
    shop: String,
    member: Option<String>,
    time: Fraction,
    amount: Int,
    digit: Option<Int>,
    rate_bp: Option<Int>,
    highest_bp: Option<Int>,
}

fn instant(text: &str) -> Answer<Fraction> {
    Ok(read_moment(text)?.instant())
}

fn read_receipt(value: &Value) -> Answer<Receipt> {
    let fields = Fields::open(value, &["id", "shop", "member", "time", "amount", "digit", "rate_bp", "highest_bp"])?;
    Ok(Receipt {
        id: fields.text("id")?.to_string(),
        shop: fields.text("shop")?.to_string(),
        member: fields.text_if("member")?.map(String::from),
        time: instant(fields.text("time")?)?,
        amount: fields.natural("amount")?,
        digit: fields.get("digit").map(|value| between(value, 0, 9)).transpose()?,
        rate_bp: fields.get("rate_bp").map(crate::fields::rate).transpose()?,
        highest_bp: fields.get("highest_bp").map(crate::fields::rate).transpose()?,
    })
}

/// A voucher that was paid back after it was redeemed, and whose.
fn read_voucher(value: &Value) -> Answer<(String, bool)> {
    let fields = Fields::open(value, &["id", "receipt", "redeemed_at", "refunded_at", "refunded"])?;
    fields.text("receipt")?;
    let redeemed = fields.text_if("redeemed_at")?.map(instant).transpose()?;
    let back = fields.text_if("refunded_at")?.map(instant).transpose()?;
    let refunded = fields.natural_or("refunded", 0)?;
    let after = matches!((redeemed, back), (Some(redeemed), Some(back)) if back > redeemed);
    Ok((fields.text("id")?.to_string(), after && refunded > int(0)))
}

fn distinct<'a>(ids: impl Iterator<Item = &'a String>) -> Answer<()> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return refuse("bad_config");
        }
    }
    Ok(())
}

/// Runs of equal amounts in one shop, each receipt close after the one before.
fn repeated(receipts: &[Receipt], within: &Int) -> Answer<Vec<Value>> {
    let mut by_sale: BTreeMap<(&String, &Int), Vec<&Receipt>> = BTreeMap::new();
    for receipt in receipts.iter().filter(|receipt| receipt.amount > int(0)) {
        by_sale.entry((&receipt.shop, &receipt.amount)).or_default().push(receipt);
    }
    let mut runs: Vec<Vec<&Receipt>> = Vec::new();
    for (_, mut equal) in by_sale {
        equal.sort_by(|a, b| a.time.cmp(&b.time).then_with(|| a.id.cmp(&b.id)));
        let mut last: Option<&Receipt> = None;
        for receipt in equal {
            let close = last.is_some_and(|last| &receipt.time - &last.time <= fraction(within));
            if close {
                runs.last_mut().expect("a run to go on with").push(receipt);
            } else {
                runs.push(vec![receipt]);
            }
            last = Some(receipt);
        }
    }
    runs.retain(|run| run.len() > 1);
    runs.sort_by_key(|run| (run[0].shop.clone(), run[0].time.clone(), run[0].id.clone()));
    let mut found = Vec::new();
    for run in runs {
        let ids: Vec<&String> = run.iter().map(|receipt| &receipt.id).collect();
        found.push(json!({ "kind": "repeated_amount", "shop": run[0].shop, "amount": out(&run[0].amount)?, "ids": ids }));
    }
    Ok(found)
}

/// P(X ≥ hits) for X ~ Binomial(plays, 1/10): numerator and denominator. The
/// terms are C(n, k) 9^(n − k), from the last down.
fn tail(hits: usize, plays: usize) -> (Int, Int) {
    let mut term = int(1);
    let mut sum = int(0);
    let mut k = plays;
    loop {
        sum += &term;
        if k == hits {
            return (sum, int(10).pow(plays as u32));
        }
        term = term * int(9 * k as i64) / int((plays - k + 1) as i64);
        k -= 1;
    }
}

/// OR-7.
pub fn anomalies(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["receipts", "vouchers", "within_s", "digit", "false_alarm_ppb"])?;
    let receipts: Vec<Receipt> = fields.list("receipts")?.iter().map(read_receipt).collect::<Answer<_>>()?;
    let given = fields.list_if("vouchers")?;
    let mut vouchers: Vec<(String, bool)> = given.into_iter().flatten().map(read_voucher).collect::<Answer<_>>()?;
    distinct(receipts.iter().map(|receipt| &receipt.id))?;
    distinct(vouchers.iter().map(|(id, _)| id))?;
    let within = fields.natural_or("within_s", 60)?;
    let digit = fields.get("digit").map_or(Ok(int(0)), |value| between(value, 0, 9))?;
    let alarm = fields.get("false_alarm_ppb").map_or(Ok(int(1000)), |value| between(value, 1, 1_000_000_000))?;

    let mut findings = repeated(&receipts, &within)?;
    let mut beyond: Vec<&String> = Vec::new();
    for receipt in &receipts {
        if let (Some(rate), Some(highest)) = (&receipt.rate_bp, &receipt.highest_bp) {
            if rate > highest {
                beyond.push(&receipt.id);
            }
        }
    }
    beyond.sort();
    findings.extend(beyond.iter().map(|id| json!({ "kind": "beyond_table", "id": id })));

    // Hits and plays of every name; members stand before shops.
    let mut names: BTreeMap<(&str, &String), (usize, usize)> = BTreeMap::new();
    for receipt in &receipts {
        let Some(shown) = &receipt.digit else {
            continue;
        };
        let member = receipt.member.as_ref().map(|member| ("member", member));
        for name in [member, Some(("shop", &receipt.shop))].into_iter().flatten() {
            let (hits, plays) = names.entry(name).or_default();
            *plays += 1;
            *hits += usize::from(*shown == digit);
        }
    }
    if names.values().any(|(_, plays)| *plays > 10_000) {
        return refuse("too_large");
    }
    let billion = int(1_000_000_000);
    let mut tested = int(0);
    for ((who, name), (hits, plays)) in &names {
        if *hits == 0 {
            continue;
        }
        tested += int(1);
        let (part, whole) = tail(*hits, *plays);
        let in_billionths = part * &billion;
        if in_billionths <= &alarm * &whole {
            let ppb = out(&(in_billionths / whole))?;
            findings.push(json!({ "kind": "digit_too_often", "who": who, "name": name, "hits": hits, "plays": plays, "tail_ppb": ppb }));
        }
    }
    vouchers.sort();
    for (id, refunded_late) in vouchers {
        if refunded_late {
            findings.push(json!({ "kind": "refund_after_redemption", "id": id }));
        }
    }
    Ok(json!({ "findings": findings, "tested": out(&tested)?, "expected_false_alarms_ppb": out(&(tested * alarm))? }))
}
