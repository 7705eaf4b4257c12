//! The guarantee fund (section 12).

use crate::fields::{Answer, Fields, Fraction, Int, fraction, int, natural, out, refuse};
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

struct Fund {
    mark: Fraction,
    interval: Fraction,
    balance: Int,
    reservations: BTreeMap<String, Int>,
    warnings: Int,
    suspended: bool,
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

    fn within_interval(&self, time: Option<&str>) -> Answer<bool> {
        match (time, &self.last_warning) {
            (Some(now), Some(last)) => Ok(instant(now)? - instant(last)? < self.interval),
            _ => Ok(false),
        }
    }

    fn check(&mut self, time: Option<&str>) -> Answer<Option<(&'static str, Int)>> {
        let low = fraction(&self.balance) <= self.mark;
        if self.suspended || !low || self.within_interval(time)? {
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
        if fraction(&self.balance) <= self.mark {
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
        if self.suspended || self.reservations.contains_key(id) {
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

    fn release(&mut self, id: &str) -> Option<(&'static str, Int)> {
        match self.reservations.remove(id) {
            Some(_) => None,
            None => Some(("not_reserved", int(0))),
        }
    }
}

enum Event {
    Check(Option<String>),
    TopUp(Int),
    Draw(Int),
    Issue(String, Int),
    Redeem(String, Int),
    Release(String),
}

fn read_event(value: &Value) -> Answer<Event> {
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
        "top_up" | "draw" => &["type", "amount"],
        "issue" | "redeem" => &["type", "id", "amount"],
        "release" => &["type", "id"],
        _ => return refuse("bad_config"),
    };
    let fields = Fields::open(value, known)?;
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
        _ => Event::Release(id()?),
    })
}

/// GF-3 … GF-6 and GF-8.
pub fn apply(input: &Value) -> Answer<Value> {
    let known =
        ["requirement", "balance", "share_bp", "warnings", "suspended", "reservations", "warning_interval_s", "last_warning", "events"];
    let fields = Fields::open(input, &known)?;
    let mut reservations = BTreeMap::new();
    match fields.get("reservations") {
        None => {}
        Some(Value::Object(map)) => {
            for (id, amount) in map {
                if amount.is_null() {
                    return refuse("missing_field");
                }
                reservations.insert(id.clone(), natural(amount)?);
            }
        }
        Some(_) => return refuse("bad_type"),
    }
    let last_warning = fields.text_if("last_warning")?;
    if let Some(text) = last_warning {
        read_moment(text)?;
    }
    let requirement = fields.natural("requirement")?;
    let share = fields.rate_or("share_bp", 2000)?;
    let mut fund = Fund {
        mark: Fraction::new(requirement * share, int(10_000)),
        interval: fraction(&fields.natural_or("warning_interval_s", 86_400)?),
        balance: fields.natural("balance")?,
        reservations,
        warnings: fields.natural_or("warnings", 0)?,
        suspended: fields.flag_or("suspended", false)?,
        last_warning: last_warning.map(String::from),
    };
    out(&fund.reserved())?;
    let events: Vec<Event> = fields.list("events")?.iter().map(read_event).collect::<Answer<_>>()?;

    let mut notices = Vec::new();
    for (index, event) in events.iter().enumerate() {
        let told = match event {
            Event::Check(time) => fund.check(time.as_deref())?,
            Event::TopUp(amount) => fund.top_up(amount),
            Event::Draw(amount) => fund.draw(amount),
            Event::Issue(id, amount) => fund.issue(id, amount),
            Event::Redeem(id, amount) => fund.redeem(id, amount),
            Event::Release(id) => fund.release(id),
        };
        out(&fund.balance)?;
        out(&fund.reserved())?;
        if let Some((notice, amount)) = told {
            notices.push(json!({ "event": index, "notice": notice, "amount": out(&amount)? }));
        }
    }

    let mut reservations = Map::new();
    for (id, amount) in &fund.reservations {
        reservations.insert(id.clone(), out(amount)?);
    }
    Ok(json!({
        "balance": out(&fund.balance)?,
        "reserved": out(&fund.reserved())?,
        "reservations": reservations,
        "free": out(&(&fund.balance - fund.reserved()))?,
        "warnings": out(&fund.warnings)?,
        "last_warning": fund.last_warning,
        "state": if fund.suspended { "suspended" } else { "active" },
        "notices": notices,
    }))
}
