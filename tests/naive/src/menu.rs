//! Spending and giving points: menus, gifts, joining (PT-2, PT-4 … PT-6).

use crate::fields::{Answer, Fields, Fraction, Int, between, fraction, int, out, rate, refuse};
use crate::money::{Rounding, value_of};
use serde_json::{Value, json};

enum Gain {
    Voucher(Int),
    Discount(Int),
    Goods(String),
}

struct Entry {
    id: String,
    points: Int,
    gain: Gain,
}

fn read_menu(fields: &Fields) -> Answer<Vec<Entry>> {
    let mut menu: Vec<Entry> = Vec::new();
    for item in fields.list("menu")? {
        let inner = Fields::open(item, &["id", "points_milli", "value", "discount_bp", "goods"])?;
        let id = inner.text("id")?.to_string();
        if menu.iter().any(|other| other.id == id) {
            return refuse("bad_config");
        }
        let points = inner.positive("points_milli")?;
        let mut gains = Vec::new();
        if let Some(value) = inner.natural_if("value")? {
            gains.push(Gain::Voucher(value));
        }
        if let Some(value) = inner.get("discount_bp") {
            gains.push(Gain::Discount(rate(value)?));
        }
        if let Some(goods) = inner.text_if("goods")? {
            gains.push(Gain::Goods(goods.to_string()));
        }
        let (1, Some(gain)) = (gains.len(), gains.pop()) else {
            return refuse("bad_config");
        };
        menu.push(Entry { id, points, gain });
    }
    Ok(menu)
}

/// What is missing at a balance; nothing when it reaches.
fn missing(points: &Int, balance: &Int) -> Int {
    (points - balance).max(int(0))
}

/// PT-4, PT-5.
pub fn menu(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["menu", "balance_milli", "per"])?;
    let menu = read_menu(&fields)?;
    let balance = fields.natural("balance_milli")?;
    let per = if fields.has("per") { Some(fields.divisor_or("per", 1)?) } else { None };
    let mut entries = Vec::new();
    for entry in &menu {
        let cost_bp = match (&entry.gain, &per) {
            (Gain::Voucher(value), Some(per)) => {
                let spending = Fraction::new(&entry.points * per, int(1000));
                out(&(fraction(&(value * int(10_000))) / spending).trunc().to_integer())?
            }
            _ => Value::Null,
        };
        entries.push(json!({
            "id": entry.id,
            "affordable": balance >= entry.points,
            "missing_milli": out(&missing(&entry.points, &balance))?,
            "cost_bp": cost_bp,
        }));
    }
    Ok(json!({ "entries": entries }))
}

/// PT-4.
pub fn redeem(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["menu", "choose", "balance_milli", "purchase"])?;
    let menu = read_menu(&fields)?;
    let choose = fields.text("choose")?;
    let balance = fields.natural("balance_milli")?;
    let purchase = fields.natural_or("purchase", 0)?;
    let Some(entry) = menu.iter().find(|entry| entry.id == choose) else {
        return refuse("bad_config");
    };
    let missing = missing(&entry.points, &balance);
    if missing > int(0) {
        return Ok(json!({
            "reason": "not_enough_points",
            "missing_milli": out(&missing)?,
            "spent_milli": 0,
            "left_milli": out(&balance)?,
            "value": 0,
            "goods": null,
        }));
    }
    let (value, goods) = match &entry.gain {
        Gain::Voucher(value) => (value.clone(), Value::Null),
        Gain::Discount(rate_bp) => (value_of(&purchase, rate_bp, &Rounding { unit: int(1), mode: "down" }), Value::Null),
        Gain::Goods(goods) => (int(0), Value::from(goods.as_str())),
    };
    Ok(json!({
        "reason": "redeemed",
        "missing_milli": 0,
        "spent_milli": out(&entry.points)?,
        "left_milli": out(&(balance - &entry.points))?,
        "value": out(&value)?,
        "goods": goods,
    }))
}

/// PT-6.
pub fn gifts(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["gifts", "amount", "slot"])?;
    let amount = fields.natural("amount")?;
    let slot = fields.get("slot").map(|value| between(value, 1, 10)).transpose()?;
    let mut ids: Vec<&str> = Vec::new();
    let mut given = Vec::new();
    for item in fields.list("gifts")? {
        let gift = Fields::open(item, &["id", "above", "slots"])?;
        let id = gift.text("id")?;
        if ids.contains(&id) {
            return refuse("bad_config");
        }
        ids.push(id);
        let above = gift.natural_if("above")?;
        let mut slots = None;
        if let Some(items) = gift.list_if("slots")? {
            let listed: Vec<Int> = items.iter().map(|value| between(value, 1, 10)).collect::<Answer<_>>()?;
            if listed.is_empty() {
                return refuse("bad_config");
            }
            slots = Some(listed);
        }
        if above.is_none() && slots.is_none() {
            return refuse("bad_config");
        }
        let enough = above.is_none_or(|above| amount > above);
        let early = slots.is_none_or(|slots| slot.as_ref().is_some_and(|slot| slots.contains(slot)));
        if enough && early {
            given.push(id);
        }
    }
    Ok(json!({ "given": given }))
}

/// PT-2: the flat bonuses of joining.
pub fn joining(input: &Value) -> Answer<Value> {
    let known = ["member", "joined_before", "sign_up_milli", "referral", "referrer", "referrals_before"];
    let fields = Fields::open(input, &known)?;
    let member = fields.text("member")?;
    let joined_before = fields.flag_or("joined_before", false)?;
    let sign_up = fields.natural_or("sign_up_milli", 0)?;
    let referrer = fields.text_if("referrer")?;
    let referrals_before = fields.natural_or("referrals_before", 0)?;
    let mut sides = None;
    if let Some(value) = fields.get("referral") {
        let inner = Fields::open(value, &["referrer_milli", "referred_milli", "limit"])?;
        sides = Some((inner.natural("referrer_milli")?, inner.natural("referred_milli")?, inner.natural_if("limit")?));
    }
    if referrer.is_some() && sides.is_none() {
        return refuse("bad_config");
    }
    if joined_before {
        return Ok(json!({ "reason": "already_member", "referral": "none", "awards": [] }));
    }
    let mut bonuses = vec![(member, "sign_up", sign_up)];
    let referral = match (referrer, sides) {
        (None, _) | (_, None) => "none",
        (Some(referrer), _) if referrer == member => "self_referral",
        (_, Some((_, _, Some(limit)))) if referrals_before >= limit => "limit_reached",
        (Some(referrer), Some((for_referrer, for_referred, _))) => {
            bonuses.push((member, "referred", for_referred));
            bonuses.push((referrer, "referrer", for_referrer));
            "given"
        }
    };
    let mut awards = Vec::new();
    for (account, bonus, points) in bonuses {
        if points > int(0) {
            awards.push(json!({ "account": account, "bonus": bonus, "points_milli": out(&points)? }));
        }
    }
    Ok(json!({ "reason": "joined", "referral": referral, "awards": awards }))
}
