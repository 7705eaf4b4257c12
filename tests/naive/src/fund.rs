//! The guarantee fund (section 12).

use crate::fields::{Answer, Fields, Fraction, Int, fraction, int, out, refuse};
use crate::money::value_of;
use crate::program::read_program;
use crate::program::without_program;
use crate::split::allocate;
use crate::time::read_moment;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// GF-1.
pub fn deposit(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["loyal", "prospective", "points_per_transaction_milli", "point_value"])?;
    let shoppers = fields.natural("loyal")? + fields.natural("prospective")?;
    let milli = fields.natural("points_per_transaction_milli")?;
    let point_value = fields.divisor_or("point_value", 1000)?;
    let exact = Fraction::new(shoppers * milli * point_value, int(1000));
    Ok(json!({ "deposit": out(&exact.floor().to_integer())? }))
}

/// GF-2.
pub fn deposit_by_cover(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["shoppers", "average", "rate_bp", "days"])?;
    let sales = fields.natural("shoppers")? * fields.natural("average")? * fields.natural_or("days", 1)?;
    let exact = Fraction::new(sales * fields.rate("rate_bp")?, int(10_000));
    Ok(json!({ "deposit": out(&exact.floor().to_integer())? }))
}

/// GF-7.
pub fn cover(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["balance", "outstanding", "award", "min_cover_bp"])?;
    let balance = fields.natural("balance")?;
    let outstanding = fields.natural("outstanding")?;
    let award = fields.natural_or("award", 0)?;
    let least = fields.natural_or("min_cover_bp", 0)?;

    let cover_bp = if outstanding == int(0) {
        Value::Null
    } else {
        out(&Fraction::new(&balance * int(10_000), outstanding.clone()).trunc().to_integer())?
    };
    let after = outstanding + award;
    let allowed = after == int(0) || Fraction::new(balance, after) >= Fraction::new(least, int(10_000));
    Ok(json!({ "cover_bp": cover_bp, "allowed": allowed }))
}

/// GF-2, GF-9.
pub fn requirement(input: &Value) -> Answer<Value> {
    let input = &without_program(input, &[("start", "/guarantee/start_small", Some(json!(0)))])?;
    let fields = Fields::open(input, &["shoppers", "average", "rate_bp", "days", "start", "balance"])?;
    let sales = fields.natural("shoppers")? * fields.natural("average")? * fields.natural_or("days", 1)?;
    let by_cover = Fraction::new(sales * fields.rate("rate_bp")?, int(10_000)).floor().to_integer();
    let requirement = by_cover.max(fields.natural_or("start", 0)?);
    let missing = (&requirement - fields.natural_or("balance", 0)?).max(int(0));
    let state = if missing > int(0) { "registered" } else { "active" };
    Ok(json!({ "requirement": out(&requirement)?, "missing": out(&missing)?, "state": state }))
}

/// GF-2, SW-5, AW-11.
pub fn exposure(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["program", "shoppers", "average", "days"])?;
    let document = fields.need("program")?;
    let program = read_program(document)?;
    let shoppers = fields.natural("shoppers")?;
    let average = fields.natural("average")?;
    let days = fields.natural_or("days", 1)?;

    let row = &program.table.row;
    let best = row.iter().max().expect("ten columns").clone();
    let rate_tenth_bp = if document["draw"]["kind"] == "hardened" { row.iter().sum() } else { &best * int(10) };
    let by_rate = Fraction::new(shoppers * &average * &days * &rate_tenth_bp, int(100_000)).floor().to_integer();
    let by_budget = program.day_budget.as_ref().map(|budget| budget * &days);
    let exposure = by_budget.iter().chain([&by_rate]).min().expect("one at least").clone();

    // The most of one receipt: the best column or the best standby step, cut
    // by the cap and the budgets.
    let standby = program.standby.steps.iter().map(|(_, rate)| rate).max().expect("a step").clone();
    let mut receipt = value_of(&average, &best.max(standby), &program.rounding);
    for limit in [&program.receipt_cap, &program.day_budget].into_iter().flatten() {
        receipt = receipt.min(limit.clone());
    }
    // The largest slot bounds it, unless one has no budget.
    if let Some(slots) = &program.slot_budget {
        let most: Option<Vec<&Int>> = slots.iter().map(Option::as_ref).collect();
        if let Some(most) = most.and_then(|slots| slots.into_iter().max()) {
            receipt = receipt.min(most.clone());
        }
    }
    Ok(json!({
        "rate_tenth_bp": out(&rate_tenth_bp)?,
        "by_rate": out(&by_rate)?,
        "by_budget": by_budget.as_ref().map(out).transpose()?,
        "exposure": out(&exposure)?,
        "receipt": out(&receipt)?,
    }))
}

/// GF-8: what is free, split over the tills in equal parts.
pub fn shards(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["balance", "tills"])?;
    let balance = fields.natural("balance")?;
    let mut tills: Vec<&str> = Vec::new();
    let mut reserved = int(0);
    for item in fields.list("tills")? {
        let inner = Fields::open(item, &["till", "reserved"])?;
        let till = inner.text("till")?;
        if tills.contains(&till) {
            return refuse("bad_config");
        }
        tills.push(till);
        reserved += inner.natural("reserved")?;
    }
    if tills.is_empty() {
        return refuse("bad_config");
    }
    let free = balance - &reserved;
    let mut shares = Vec::new();
    for (till, share) in tills.iter().zip(allocate(&free, &vec![int(1); tills.len()])) {
        shares.push(json!({ "till": till, "free": out(&share)? }));
    }
    Ok(json!({ "reserved": out(&reserved)?, "free": out(&free)?, "tills": shares }))
}

struct Fund {
    requirement: Int,
    share: Int,
    interval: Fraction,
    balance: Int,
    reservations: BTreeMap<String, Int>,
    warnings: Int,
    registered: bool,
    suspended: bool,
    expired_to_operator: bool,
    to_operator: Int,
    /// As written; compared as an instant.
    last_warning: Option<String>,
}

fn instant(text: &str) -> Answer<Fraction> {
    Ok(read_moment(text)?.instant())
}

impl Fund {
    fn reserved(&self) -> Int {
        self.reservations.values().sum()
    }

    /// GF-3: low up to here.
    fn mark(&self) -> Fraction {
        Fraction::new(&self.requirement * &self.share, int(10_000))
    }

    /// GF-9: a registered fund that has reached its requirement.
    fn activate(&mut self) -> Option<(&'static str, Int)> {
        if self.balance < self.requirement {
            return None;
        }
        self.registered = false;
        Some(("active", int(0)))
    }

    fn within_interval(&self, time: Option<&str>) -> Answer<bool> {
        match (time, &self.last_warning) {
            (Some(now), Some(last)) => Ok(instant(now)? - instant(last)? < self.interval),
            _ => Ok(false),
        }
    }

    fn check(&mut self, time: Option<&str>) -> Answer<Option<(&'static str, Int)>> {
        let low = fraction(&self.balance) <= self.mark();
        if self.registered || self.suspended || !low || self.within_interval(time)? {
            return Ok(None);
        }
        if self.warnings >= int(3) {
            self.suspended = true;
            return Ok(Some(("suspended", int(0))));
        }
        self.warnings += int(1);
        if let Some(now) = time {
            self.last_warning = Some(now.to_string());
        }
        Ok(Some(("warning", self.warnings.clone())))
    }

    fn top_up(&mut self, amount: &Int) -> Option<(&'static str, Int)> {
        self.balance += amount;
        if self.registered {
            return self.activate();
        }
        if fraction(&self.balance) <= self.mark() {
            return None;
        }
        let notice = if self.suspended {
            "active"
        } else if self.warnings > int(0) {
            "warnings_cleared"
        } else {
            return None;
        };
        self.suspended = false;
        self.warnings = int(0);
        Some((notice, int(0)))
    }

    fn draw(&mut self, amount: &Int) -> Option<(&'static str, Int)> {
        if *amount > self.balance {
            return Some(("shortfall", amount - &self.balance));
        }
        self.balance -= amount;
        None
    }

    fn issue(&mut self, id: &str, amount: &Int) -> Option<(&'static str, Int)> {
        if self.registered || self.suspended || self.reservations.contains_key(id) {
            return Some(("issue_refused", amount.clone()));
        }
        self.reservations.insert(id.to_string(), amount.clone());
        None
    }

    fn redeem(&mut self, id: &str, amount: &Int) -> Option<(&'static str, Int)> {
        let Some(reservation) = self.reservations.get(id).cloned() else {
            return Some(("not_reserved", amount.clone()));
        };
        if *amount > reservation {
            return Some(("not_reserved", amount - reservation));
        }
        let short = self.draw(amount);
        if short.is_some() {
            return short;
        }
        if *amount == reservation {
            self.reservations.remove(id);
        } else {
            self.reservations.insert(id.to_string(), reservation - amount);
        }
        None
    }

    /// VC-5: the money comes back and stands behind the voucher again.
    fn undo(&mut self, id: &str, amount: &Int) -> Option<(&'static str, Int)> {
        self.balance += amount;
        if *amount > int(0) {
            *self.reservations.entry(id.to_string()).or_default() += amount;
        }
        None
    }

    fn release(&mut self, id: &str) -> Option<(&'static str, Int)> {
        match self.reservations.remove(id) {
            Some(_) => None,
            None => Some(("not_reserved", int(0))),
        }
    }

    fn require(&mut self, amount: &Int) -> Option<(&'static str, Int)> {
        self.requirement = amount.clone();
        if self.registered { self.activate() } else { None }
    }

    fn expire(&mut self, id: &str) -> Option<(&'static str, Int)> {
        let Some(amount) = self.reservations.get(id).cloned() else {
            return Some(("not_reserved", int(0)));
        };
        if self.expired_to_operator {
            let short = self.draw(&amount);
            if short.is_some() {
                return short;
            }
            self.to_operator += amount;
        }
        self.release(id)
    }
}

enum Event {
    Check(Option<String>),
    TopUp(Int),
    Draw(Int),
    Issue(String, Int),
    Redeem(String, Int),
    Undo(String, Int),
    Release(String),
    Require(Int),
    Expire(String),
}

fn read_event(value: &Value, identified: bool) -> Answer<Event> {
    let Some(map) = value.as_object() else {
        return refuse("bad_type");
    };
    let kind = match map.get("type") {
        None | Some(Value::Null) => return refuse("missing_field"),
        Some(Value::String(kind)) => kind.as_str(),
        Some(_) => return refuse("bad_type"),
    };
    let known: &[&str] = match kind {
        "check" => &["type", "time"],
        "top_up" | "draw" | "require" => &["type", "amount"],
        "issue" | "redeem" | "undo" => &["type", "id", "amount"],
        "release" | "expire" => &["type", "id"],
        _ => return refuse("bad_config"),
    };
    let mut known = known.to_vec();
    if identified {
        known.push("event_id");
    }
    let fields = Fields::open(value, &known)?;
    fields.text_if("event_id")?;
    let id = || Ok::<String, String>(fields.text("id")?.to_string());
    Ok(match kind {
        "check" => {
            let time = fields.text_if("time")?;
            if let Some(text) = time {
                read_moment(text)?;
            }
            Event::Check(time.map(String::from))
        }
        "top_up" => Event::TopUp(fields.natural("amount")?),
        "draw" => Event::Draw(fields.natural("amount")?),
        "issue" => Event::Issue(id()?, fields.natural("amount")?),
        "redeem" => Event::Redeem(id()?, fields.natural("amount")?),
        "undo" => Event::Undo(id()?, fields.natural("amount")?),
        "require" => Event::Require(fields.natural("amount")?),
        "expire" => Event::Expire(id()?),
        _ => Event::Release(id()?),
    })
}

const FUND_FIELDS: [&str; 14] = [
    "state",
    "now",
    "seen",
    "requirement",
    "balance",
    "share_bp",
    "warnings",
    "registered",
    "suspended",
    "reservations",
    "warning_interval_s",
    "last_warning",
    "expired_to",
    "events",
];

/// An event without its own id, as it was written.
fn content(event: &Value) -> Value {
    let fields = event.as_object().expect("an event").iter();
    fields.filter(|(key, value)| *key != "event_id" && !value.is_null()).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// GF-3 … GF-6, GF-8 … GF-10.
pub fn apply(input: &Value) -> Answer<Value> {
    let input = &without_program(
        input,
        &[
            ("requirement", "/guarantee/requirement", None),
            ("share_bp", "/guarantee/share_bp", Some(json!(2000))),
            ("warning_interval_s", "/guarantee/warning_interval_s", Some(json!(86_400))),
        ],
    )?;
    let fields = Fields::open(input, &FUND_FIELDS)?;
    let reservations = if fields.has("reservations") { fields.amounts("reservations")? } else { BTreeMap::new() };
    let last_warning = fields.text_if("last_warning")?;
    if let Some(text) = last_warning {
        read_moment(text)?;
    }
    let mut fund = Fund {
        requirement: fields.natural("requirement")?,
        share: fields.rate_or("share_bp", 2000)?,
        interval: fraction(&fields.natural_or("warning_interval_s", 86_400)?),
        balance: fields.natural("balance")?,
        reservations,
        warnings: fields.natural_or("warnings", 0)?,
        registered: fields.flag_or("registered", false)?,
        suspended: fields.flag_or("suspended", false)?,
        expired_to_operator: fields.word_or("expired_to", &["shop", "operator"], "shop")? == "operator",
        to_operator: int(0),
        last_warning: last_warning.map(String::from),
    };
    let stated = match fields.has("state") {
        true => fields.word_or("state", &["active", "registered", "suspended"], "active")?,
        false => "",
    };
    let (registered, suspended) = (fund.registered, fund.suspended);
    match stated {
        "" => {}
        // A flag that says something else.
        "active" if registered || suspended => return refuse("bad_config"),
        "registered" if suspended => return refuse("bad_config"),
        "suspended" if registered => return refuse("bad_config"),
        stated => (fund.registered, fund.suspended) = (stated == "registered", stated == "suspended"),
    }
    if fund.registered && (fund.suspended || fund.warnings > int(0)) {
        return refuse("bad_config");
    }
    out(&fund.reserved())?;
    let list = fields.list("events")?;
    let events: Vec<Event> = list.iter().map(|event| read_event(event, true)).collect::<Answer<_>>()?;
    let now = fields.text_if("now")?.map(instant).transpose()?;
    // GF-10: what was written under an id of its own.
    let mut seen: BTreeMap<String, Value> = BTreeMap::new();
    if let Some(before) = fields.get("seen") {
        let Some(map) = before.as_object() else {
            return refuse("bad_type");
        };
        for (id, event) in map {
            if event.is_null() {
                return refuse("missing_field");
            }
            read_event(event, false)?;
            seen.insert(id.clone(), content(event));
        }
    }

    let (mut notices, mut duplicates, mut conflicts) = (Vec::new(), Vec::new(), Vec::new());
    for (index, event) in events.iter().enumerate() {
        let id = list[index]["event_id"].as_str();
        match id.and_then(|id| seen.get(id)) {
            Some(first) if *first == content(&list[index]) => {
                duplicates.push(id.expect("an id"));
                continue;
            }
            Some(_) => {
                conflicts.push(id.expect("an id"));
                continue;
            }
            None => {}
        }
        if let (Event::Check(Some(time)), Some(now)) = (event, &now)
            && instant(time)? > *now
        {
            notices.push(json!({ "event": index, "notice": "check_refused", "amount": 0 }));
            continue;
        }
        if let Some(id) = id {
            seen.insert(id.to_string(), content(&list[index]));
        }
        let told = match event {
            Event::Check(time) => fund.check(time.as_deref())?,
            Event::TopUp(amount) => fund.top_up(amount),
            Event::Draw(amount) => fund.draw(amount),
            Event::Issue(id, amount) => fund.issue(id, amount),
            Event::Redeem(id, amount) => fund.redeem(id, amount),
            Event::Undo(id, amount) => fund.undo(id, amount),
            Event::Release(id) => fund.release(id),
            Event::Require(amount) => fund.require(amount),
            Event::Expire(id) => fund.expire(id),
        };
        out(&fund.balance)?;
        out(&fund.reserved())?;
        if let Some((notice, amount)) = told {
            notices.push(json!({ "event": index, "notice": notice, "amount": out(&amount)? }));
        }
    }

    duplicates.sort_unstable();
    conflicts.sort_unstable();
    let mut reservations = Map::new();
    for (id, amount) in &fund.reservations {
        reservations.insert(id.clone(), out(amount)?);
    }
    let state = if fund.registered {
        "registered"
    } else if fund.suspended {
        "suspended"
    } else {
        "active"
    };
    Ok(json!({
        "requirement": out(&fund.requirement)?,
        "to_operator": out(&fund.to_operator)?,
        "balance": out(&fund.balance)?,
        "reserved": out(&fund.reserved())?,
        "reservations": reservations,
        "free": out(&(&fund.balance - fund.reserved()))?,
        "warnings": out(&fund.warnings)?,
        "last_warning": fund.last_warning,
        "state": state,
        "notices": notices,
        "duplicates": duplicates,
        "conflicts": conflicts,
        "seen": seen,
    }))
}
