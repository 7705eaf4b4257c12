//! Splits (section 11).

use crate::fields::{Answer, Fields, Fraction, Int, fraction, int, list, natural, number, out, out_list, refuse};
use crate::tables::preset;
use serde_json::{Value, json};

/// SP-1 in its two spellings, or SP-2's presets, as weights by rank.
pub fn read_shares(fields: &Fields) -> Answer<Vec<Int>> {
    let forms = ["shares_bp", "weights", "preset"];
    if forms.iter().filter(|form| fields.has(form)).count() != 1 {
        return refuse("bad_shares");
    }
    if let Some(bonus) = fields.text_if("preset")? {
        return match preset(bonus) {
            Some(shares) => Ok(shares.map(int).to_vec()),
            None => refuse("bad_config"),
        };
    }
    let in_bp = fields.has("shares_bp");
    read_list(fields.list(if in_bp { "shares_bp" } else { "weights" })?, in_bp)
}

/// A list of shares in basis points, or of weights.
pub fn read_list(items: &[Value], in_bp: bool) -> Answer<Vec<Int>> {
    let most = int(if in_bp { 10_000 } else { i64::from(u32::MAX) });
    let mut shares: Vec<Int> = Vec::new();
    for item in items {
        // A number out of the domain is a number out of range like any other.
        let share = match number(item) {
            Err(kind) if kind == "out_of_range" => return refuse("bad_shares"),
            other => other?,
        };
        if share < int(0) || share > most {
            return refuse("bad_shares");
        }
        shares.push(share);
    }
    let sum: Int = shares.iter().sum();
    let complete = if in_bp { sum == int(10_000) } else { sum > int(0) };
    if shares.is_empty() || !complete {
        return refuse("bad_shares");
    }
    Ok(shares)
}

/// SP-1: floors of the exact parts, then one rupiah each to the largest
/// remainders, the earlier party first. All weights zero takes an amount of
/// zero only.
pub fn allocate(amount: &Int, weights: &[Int]) -> Vec<Int> {
    if *amount < int(0) {
        return allocate(&-amount, weights).into_iter().map(|part| -part).collect();
    }
    let sum: Int = weights.iter().sum();
    if sum == int(0) {
        assert_eq!(*amount, int(0), "something to share and nobody to share it");
        return vec![int(0); weights.len()];
    }
    let mut parts = Vec::new();
    let mut remainders = Vec::new();
    for weight in weights {
        let exact = Fraction::new(amount * weight, sum.clone());
        let floor = exact.floor().to_integer();
        remainders.push(exact - fraction(&floor));
        parts.push(floor);
    }
    let given: Int = parts.iter().sum();
    let mut left = amount - given;
    let mut served = vec![false; weights.len()];
    while left > int(0) {
        let mut best: Option<usize> = None;
        for party in 0..weights.len() {
            if served[party] {
                continue;
            }
            if best.is_none_or(|b| remainders[party] > remainders[b]) {
                best = Some(party);
            }
        }
        let best = best.expect("fewer rupiah left than parties");
        served[best] = true;
        parts[best] += int(1);
        left -= int(1);
    }
    parts
}

const SHARES: [&str; 3] = ["shares_bp", "weights", "preset"];

/// The `funding` object of a program.
pub fn read_funding(value: &Value) -> Answer<Vec<Int>> {
    let shares = read_shares(&Fields::open(value, &SHARES)?)?;
    if shares.len() > 64 {
        return refuse("bad_shares");
    }
    Ok(shares)
}

pub fn allocate_op(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &[&SHARES[..], &["amount"]].concat())?;
    let amount = fields.signed("amount")?;
    let shares = read_shares(&fields)?;
    Ok(json!({ "parts": out_list(&allocate(&amount, &shares))? }))
}

/// SP-6: each refund is split by what is still recorded.
pub fn reverse_op(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["parts", "refunds"])?;
    let mut left: Vec<Int> = Vec::new();
    for item in fields.list("parts")? {
        left.push(natural(item)?);
    }
    let mut refunds: Vec<Int> = Vec::new();
    for item in list(fields.need("refunds")?)? {
        refunds.push(natural(item)?);
    }
    let mut taken = Vec::new();
    for refund in refunds {
        let rest: Int = left.iter().sum();
        if refund > rest {
            return refuse("over_refund");
        }
        let shares = allocate(&refund, &left);
        for (part, share) in left.iter_mut().zip(&shares) {
            *part -= share;
        }
        taken.push(out_list(&shares)?);
    }
    Ok(json!({ "taken": taken, "left": out_list(&left)? }))
}

/// SP-5: units by contribution, and what each saves against the market.
pub fn pool(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["contributions", "units", "market_price"])?;
    let contributions: Vec<Int> = fields.list("contributions")?.iter().map(natural).collect::<Answer<_>>()?;
    let units = fields.natural("units")?;
    let market_price = fields.natural("market_price")?;
    if contributions.iter().sum::<Int>() == int(0) {
        return refuse("bad_shares");
    }
    let allotted = allocate(&units, &contributions);
    let savings: Vec<Int> = allotted.iter().zip(&contributions).map(|(units, paid)| units * &market_price - paid).collect();
    Ok(json!({
        "units": out_list(&allotted)?,
        "savings": out_list(&savings)?,
        "saving": out(&savings.iter().sum())?,
    }))
}

/// SP-7: rounds of splitting; whoever exceeds a cap is fixed at it.
fn capped(amount: &Int, shares: &[Int], caps: &[Option<Int>], residual: Option<usize>) -> Answer<Vec<Int>> {
    let mut fixed: Vec<Option<Int>> = vec![None; shares.len()];
    loop {
        let spent: Int = fixed.iter().flatten().sum();
        let rest = amount - spent;
        let open: Vec<Int> = shares.iter().zip(&fixed).map(|(share, fixed)| if fixed.is_some() { int(0) } else { share.clone() }).collect();
        let open_sum: Int = open.iter().sum();
        let mut parts = if open_sum > int(0) {
            allocate(&rest, &open)
        } else {
            // Everyone with a share is full.
            let mut parts = vec![int(0); shares.len()];
            if rest > int(0) {
                match residual {
                    Some(party) => parts[party] = rest,
                    None => return refuse("caps_too_small"),
                }
            }
            parts
        };
        let mut somebody_over = false;
        for party in 0..shares.len() {
            match (&fixed[party], &caps[party]) {
                (Some(at), _) => parts[party] = at.clone(),
                (None, Some(cap)) if parts[party] > *cap => {
                    fixed[party] = Some(cap.clone());
                    somebody_over = true;
                }
                _ => {}
            }
        }
        if !somebody_over {
            return Ok(parts);
        }
    }
}

pub fn capped_op(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &[&SHARES[..], &["amount", "caps", "residual"]].concat())?;
    let amount = fields.signed("amount")?;
    let shares = read_shares(&fields)?;
    let mut caps: Vec<Option<Int>> = Vec::new();
    for item in fields.list("caps")? {
        caps.push(if item.is_null() { None } else { Some(natural(item)?) });
    }
    if caps.len() != shares.len() {
        return refuse("bad_config");
    }
    let mut residual = None;
    if let Some(index) = fields.natural_if("residual")? {
        if index >= int(shares.len() as i64) {
            return refuse("out_of_range");
        }
        let index = usize::try_from(index).expect("inside the list");
        if caps[index].is_some() {
            return refuse("bad_config");
        }
        residual = Some(index);
    }
    let negative = amount < int(0);
    let size = if negative { -amount } else { amount };
    let mut parts = capped(&size, &shares, &caps, residual)?;
    if negative {
        parts = parts.into_iter().map(|part| -part).collect();
    }
    Ok(json!({ "parts": out_list(&parts)? }))
}
