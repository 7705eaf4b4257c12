//! The points ledger (section 13).

use crate::fields::{Answer, Fields, Fraction, Int, int, list, out, refuse};
use crate::time::read_moment;
use serde_json::{Map, Value, json};

enum Deed {
    Earn { points: Int, expires: Option<String> },
    Redeem { points: Int },
    Reverse { of: String, points: Int },
    Expire { of: String },
    Adjust { points: Int },
    Reserve { points: Int, version: Int },
    Commit { of: String, version: Int },
    Release { of: String, version: Int },
}

struct Entry {
    id: String,
    account: String,
    time: Fraction,
    deed: Deed,
    /// What was written, without the nulls.
    written: Map<String, Value>,
}

fn instant(text: &str) -> Answer<Fraction> {
    Ok(read_moment(text)?.instant())
}

fn read_entry(value: &Value) -> Answer<Entry> {
    let Some(map) = value.as_object() else {
        return refuse("bad_type");
    };
    let kind = match map.get("kind") {
        None | Some(Value::Null) => return refuse("missing_field"),
        Some(Value::String(kind)) => kind.as_str(),
        Some(_) => return refuse("bad_type"),
    };
    let own: &[&str] = match kind {
        "earn" => &["points_milli", "expires"],
        "redeem" | "adjust" => &["points_milli"],
        "reverse" => &["of", "points_milli"],
        "expire" => &["of"],
        "reserve" => &["points_milli", "version"],
        "commit" | "release" => &["of", "version"],
        _ => return refuse("bad_config"),
    };
    let fields = Fields::open(value, &[&["id", "account", "shop", "time", "kind"], own].concat())?;
    fields.text("shop")?;
    let deed = match kind {
        "earn" => {
            let expires = fields.text_if("expires")?;
            if let Some(text) = expires {
                read_moment(text)?;
            }
            Deed::Earn { points: fields.natural("points_milli")?, expires: expires.map(String::from) }
        }
        "redeem" => Deed::Redeem { points: fields.natural("points_milli")? },
        "reverse" => Deed::Reverse { of: fields.text("of")?.to_string(), points: fields.natural("points_milli")? },
        "expire" => Deed::Expire { of: fields.text("of")?.to_string() },
        "reserve" => Deed::Reserve { points: fields.natural("points_milli")?, version: fields.natural("version")? },
        "commit" => Deed::Commit { of: fields.text("of")?.to_string(), version: fields.natural("version")? },
        "release" => Deed::Release { of: fields.text("of")?.to_string(), version: fields.natural("version")? },
        _ => Deed::Adjust { points: fields.signed("points_milli")? },
    };
    Ok(Entry {
        id: fields.text("id")?.to_string(),
        account: fields.text("account")?.to_string(),
        time: instant(fields.text("time")?)?,
        deed,
        written: map.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), value.clone())).collect(),
    })
}

struct Lot {
    id: String,
    time: Fraction,
    /// As written; none is never.
    expires: Option<String>,
    end: Option<Fraction>,
    is_earning: bool,
    points: Int,
    left: Int,
    /// Spent by redemption, reservation, negative adjust or debt, and not
    /// reversed since.
    spent: Int,
    /// What accepted reversals asked for.
    asked: Int,
}

impl Lot {
    fn usable(&self, now: &Fraction) -> bool {
        self.end.as_ref().is_none_or(|end| now < end)
    }
}

/// LG-8: points put aside, as they were taken off their lots.
struct Reservation {
    id: String,
    parts: Vec<(String, Int)>,
}

impl Reservation {
    fn points(&self) -> Int {
        self.parts.iter().map(|(_, part)| part).sum()
    }
}

struct Ledger {
    /// Always in spending order (LG-4).
    lots: Vec<Lot>,
    debt: Int,
    forgive: bool,
    /// How many entries were applied.
    version: Int,
    open: Vec<Reservation>,
    refused: Vec<Value>,
}

impl Ledger {
    fn sum_usable(&self, now: &Fraction) -> Int {
        self.lots.iter().filter(|lot| lot.usable(now)).map(|lot| &lot.left).sum()
    }

    /// A new lot, which pays the debt first.
    fn add(&mut self, entry: &Entry, points: &Int, expires: Option<&String>, is_earning: bool) -> Answer<()> {
        let paid = points.min(&self.debt).clone();
        self.debt -= &paid;
        let end = expires.map(|text| instant(text)).transpose()?;
        self.lots.push(Lot {
            id: entry.id.clone(),
            time: entry.time.clone(),
            expires: expires.cloned(),
            end,
            is_earning,
            points: points.clone(),
            left: points - &paid,
            spent: paid,
            asked: int(0),
        });
        self.lots.sort_by(|a, b| {
            let never = a.end.is_none().cmp(&b.end.is_none());
            never.then_with(|| a.end.cmp(&b.end)).then_with(|| a.time.cmp(&b.time)).then_with(|| a.id.cmp(&b.id))
        });
        Ok(())
    }

    /// Spends from usable lots; what each of them gave comes back.
    fn spend(&mut self, now: &Fraction, points: &Int) -> Vec<(String, Int)> {
        let mut open = points.clone();
        let mut parts = Vec::new();
        for lot in &mut self.lots {
            if lot.usable(now) {
                let part = lot.left.clone().min(open.clone());
                lot.left -= &part;
                lot.spent += &part;
                open -= &part;
                parts.push((lot.id.clone(), part));
            }
        }
        parts
    }

    /// What a spending of so many points misses, if it does.
    fn missing(&self, now: &Fraction, points: &Int) -> Option<Int> {
        let usable = self.sum_usable(now);
        (*points > usable).then(|| points - usable)
    }

    fn earning(&mut self, id: &str) -> Option<&mut Lot> {
        self.lots.iter_mut().find(|lot| lot.is_earning && lot.id == id)
    }

    fn refuse(&mut self, entry: &Entry, reason: &str, missing: &Int) -> Answer<()> {
        self.refused.push(json!({ "id": entry.id, "reason": reason, "missing_milli": out(missing)? }));
        Ok(())
    }

    fn reverse(&mut self, entry: &Entry, of: &str, points: &Int) -> Answer<()> {
        let forgive = self.forgive;
        let Some(lot) = self.earning(of) else {
            return self.refuse(entry, "unknown_lot", &int(0));
        };
        if &lot.asked + points > lot.points {
            return self.refuse(entry, "over_reversal", &int(0));
        }
        lot.asked += points;
        let from_lot = lot.left.clone().min(points.clone());
        lot.left -= &from_lot;
        let from_spent = (points - from_lot).min(lot.spent.clone());
        lot.spent -= &from_spent;
        if !forgive {
            self.debt += from_spent;
        }
        Ok(())
    }

    fn expire(&mut self, entry: &Entry, of: &str) -> Answer<()> {
        let Some(lot) = self.earning(of) else {
            return self.refuse(entry, "unknown_lot", &int(0));
        };
        if lot.usable(&entry.time) {
            return self.refuse(entry, "not_expired", &int(0));
        }
        lot.left = int(0);
        Ok(())
    }

    /// LG-8: the version first, then whether there is such a reservation.
    fn reservation(&mut self, entry: &Entry, of: &str, version: &Int) -> Answer<Option<Reservation>> {
        if *version != self.version {
            self.refuse(entry, "stale_version", &int(0))?;
            return Ok(None);
        }
        match self.open.iter().position(|open| open.id == of) {
            Some(place) => Ok(Some(self.open.remove(place))),
            None => {
                self.refuse(entry, "unknown_reservation", &int(0))?;
                Ok(None)
            }
        }
    }

    fn reserve(&mut self, entry: &Entry, points: &Int, version: &Int) -> Answer<()> {
        if *version != self.version {
            return self.refuse(entry, "stale_version", &int(0));
        }
        if let Some(missing) = self.missing(&entry.time, points) {
            return self.refuse(entry, "insufficient", &missing);
        }
        let parts = self.spend(&entry.time, points);
        self.open.push(Reservation { id: entry.id.clone(), parts });
        Ok(())
    }

    /// The points pay the debt first; the rest goes back where it came from,
    /// the lot that gave first before the others.
    fn release(&mut self, reservation: &Reservation) {
        let points = reservation.points();
        let paid = points.clone().min(self.debt.clone());
        self.debt -= &paid;
        let mut rest = points - paid;
        for (id, part) in &reservation.parts {
            let back = part.clone().min(rest.clone());
            let lot = self.lots.iter_mut().find(|lot| lot.id == *id).expect("a lot that gave");
            lot.left += &back;
            // What was reversed meanwhile is no longer counted as spent.
            lot.spent = (&lot.spent - &back).max(int(0));
            rest -= back;
        }
    }

    fn apply(&mut self, entry: &Entry) -> Answer<()> {
        let refused_before = self.refused.len();
        match &entry.deed {
            Deed::Earn { points, expires } => self.add(entry, points, expires.as_ref(), true)?,
            Deed::Redeem { points } => match self.missing(&entry.time, points) {
                Some(missing) => self.refuse(entry, "insufficient", &missing)?,
                None => {
                    self.spend(&entry.time, points);
                }
            },
            Deed::Reverse { of, points } => self.reverse(entry, of, points)?,
            Deed::Expire { of } => self.expire(entry, of)?,
            Deed::Adjust { points } if *points < int(0) => {
                let taken: Int = self.spend(&entry.time, &-points).iter().map(|(_, part)| part).sum();
                self.debt += -points - taken;
            }
            Deed::Adjust { points } => self.add(entry, points, None, false)?,
            Deed::Reserve { points, version } => self.reserve(entry, points, version)?,
            Deed::Commit { of, version } => {
                self.reservation(entry, of, version)?;
            }
            Deed::Release { of, version } => {
                if let Some(reservation) = self.reservation(entry, of, version)? {
                    self.release(&reservation);
                }
            }
        }
        if self.refused.len() == refused_before {
            self.version += int(1);
        }
        out(&self.debt)?;
        Ok(())
    }

    /// What is told of an account, without the repetitions.
    fn tell(&self, as_of: &Fraction) -> Answer<Map<String, Value>> {
        let mut lots = Vec::new();
        for lot in &self.lots {
            if lot.left > int(0) {
                lots.push(json!({ "id": lot.id, "points_milli": out(&lot.left)?, "expires": lot.expires }));
            }
        }
        let held: Int = self.open.iter().map(Reservation::points).sum();
        let told = json!({
            "balance_milli": out(&self.sum_usable(as_of))?,
            "debt_milli": out(&self.debt)?,
            "version": out(&self.version)?,
            "held_milli": out(&held)?,
            "lots": lots,
            "refused": self.refused,
        });
        Ok(told.as_object().expect("an object").clone())
    }
}

/// Entries in the order of arrival, parted into those that count, in their
/// own order, and the ids that came again (LG-2, LG-3).
struct Arrived {
    kept: Vec<Entry>,
    duplicates: Vec<String>,
    conflicts: Vec<String>,
}

fn in_order(a: &Entry, b: &Entry) -> std::cmp::Ordering {
    a.time.cmp(&b.time).then_with(|| a.id.cmp(&b.id))
}

fn read_arrived(fields: &Fields, account: Option<&String>) -> Answer<Arrived> {
    let received: Vec<Entry> = fields.list("entries")?.iter().map(read_entry).collect::<Answer<_>>()?;
    let account = account.cloned().or(received.first().map(|entry| entry.account.clone()));
    let mut arrived = Arrived { kept: Vec::new(), duplicates: Vec::new(), conflicts: Vec::new() };
    for entry in received {
        if Some(&entry.account) != account.as_ref() {
            return refuse("bad_config");
        }
        match arrived.kept.iter().find(|first| first.id == entry.id) {
            None => arrived.kept.push(entry),
            Some(first) if first.written == entry.written => arrived.duplicates.push(entry.id),
            Some(_) => arrived.conflicts.push(entry.id),
        }
    }
    arrived.duplicates.sort();
    arrived.conflicts.sort();
    arrived.kept.sort_by(in_order);
    Ok(arrived)
}

/// An account that has been through entries, each with its `forgive_debt`.
fn ledger_of(entries: &[(Entry, bool)]) -> Answer<Ledger> {
    let mut ledger = Ledger { lots: Vec::new(), debt: int(0), forgive: false, version: int(0), open: Vec::new(), refused: Vec::new() };
    for (entry, forgive) in entries {
        ledger.forgive = *forgive;
        ledger.apply(entry)?;
    }
    Ok(ledger)
}

/// LG-1 … LG-8.
pub fn fold(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["entries", "as_of", "forgive_debt"])?;
    let as_of = instant(fields.text("as_of")?)?;
    let forgive = fields.flag_or("forgive_debt", false)?;
    let arrived = read_arrived(&fields, None)?;
    let entries: Vec<(Entry, bool)> = arrived.kept.into_iter().map(|entry| (entry, forgive)).collect();
    let mut told = ledger_of(&entries)?.tell(&as_of)?;
    told.insert("duplicates".to_string(), json!(arrived.duplicates));
    told.insert("conflicts".to_string(), json!(arrived.conflicts));
    Ok(Value::Object(told))
}

/// The model's own state: all that ever came, to be folded anew.
fn read_state(fields: &Fields) -> Answer<Vec<(Entry, bool)>> {
    let Some(state) = fields.get("state") else {
        return Ok(Vec::new());
    };
    let mut history = Vec::new();
    for item in list(Fields::open(state, &["history"])?.need("history")?)? {
        let step = Fields::open(item, &["entry", "forgive_debt"])?;
        history.push((read_entry(step.need("entry")?)?, step.flag_or("forgive_debt", false)?));
    }
    Ok(history)
}

/// LG-1 … LG-8, going on from an earlier answer.
pub fn apply(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["state", "entries", "as_of", "forgive_debt"])?;
    let as_of = instant(fields.text("as_of")?)?;
    let forgive = fields.flag_or("forgive_debt", false)?;
    let mut history = read_state(&fields)?;
    let arrived = read_arrived(&fields, history.first().map(|(entry, _)| &entry.account))?;
    let mut ledger = ledger_of(&history)?;
    ledger.refused.clear();
    ledger.forgive = forgive;
    let mut not_after = Vec::new();
    for entry in arrived.kept {
        if history.last().is_some_and(|(last, _)| in_order(&entry, last).is_le()) {
            not_after.push(entry.id);
        } else {
            ledger.apply(&entry)?;
            history.push((entry, forgive));
        }
    }
    not_after.sort();

    let mut told = ledger.tell(&as_of)?;
    let history: Vec<Value> = history.iter().map(|(entry, forgive)| json!({ "entry": entry.written, "forgive_debt": forgive })).collect();
    told.insert("duplicates".to_string(), json!(arrived.duplicates));
    told.insert("conflicts".to_string(), json!(arrived.conflicts));
    told.insert("not_after".to_string(), json!(not_after));
    told.insert("state".to_string(), json!({ "history": history }));
    Ok(Value::Object(told))
}

/// LG-10.
pub fn transfer(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["id", "from", "to", "shop", "time", "points_milli", "state"])?;
    let (id, from, to) = (fields.text("id")?, fields.text("from")?, fields.text("to")?);
    let (shop, time) = (fields.text("shop")?, fields.text("time")?);
    let now = instant(time)?;
    let points = fields.positive("points_milli")?;
    let history = read_state(&fields)?;
    if from == to || history.first().is_some_and(|(entry, _)| entry.account != from) {
        return refuse("bad_config");
    }
    let mut ledger = ledger_of(&history)?;
    if let Some(missing) = ledger.missing(&now, &points) {
        return Ok(json!({ "reason": "insufficient", "missing_milli": out(&missing)?, "entries": [] }));
    }
    let sent = ledger.spend(&now, &points);
    let giving = |lot: &&Lot| sent.iter().any(|(id, part)| lot.id == *id && *part > int(0));
    let soonest = ledger.lots.iter().filter(giving).min_by(|a, b| a.end.is_none().cmp(&b.end.is_none()).then_with(|| a.end.cmp(&b.end)));
    let milli = out(&points)?;
    let expires = soonest.and_then(|lot| lot.expires.clone());
    let pair = json!([
        { "id": format!("{id}:out"), "account": from, "kind": "redeem", "points_milli": milli, "shop": shop, "time": time },
        { "id": format!("{id}:in"), "account": to, "kind": "earn", "points_milli": milli, "shop": shop, "time": time, "expires": expires },
    ]);
    Ok(json!({ "reason": "transferred", "missing_milli": 0, "entries": pair }))
}

/// LG-9: what tills that could not see the account may lose, and lost.
pub fn allowances(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["allowances", "refused"])?;
    let mut allowances: Vec<(&str, &str, Int, Int)> = Vec::new();
    for item in fields.list("allowances")? {
        let inner = Fields::open(item, &["till", "member", "limit_milli"])?;
        let (till, member) = (inner.text("till")?, inner.text("member")?);
        if allowances.iter().any(|(other, holder, ..)| *other == till && *holder == member) {
            return refuse("bad_config");
        }
        allowances.push((till, member, inner.natural("limit_milli")?, int(0)));
    }
    let mut ids: Vec<&str> = Vec::new();
    let mut without = Vec::new();
    let mut lost_in_all = int(0);
    let none = Vec::new();
    for item in fields.list_if("refused")?.unwrap_or(&none) {
        let inner = Fields::open(item, &["id", "till", "member", "missing_milli", "honoured"])?;
        let (id, till, member) = (inner.text("id")?, inner.text("till")?, inner.text("member")?);
        let missing = inner.natural("missing_milli")?;
        inner.need("honoured")?;
        let honoured = inner.flag_or("honoured", false)?;
        if ids.contains(&id) {
            return refuse("bad_config");
        }
        ids.push(id);
        if !honoured {
            continue;
        }
        lost_in_all += &missing;
        match allowances.iter_mut().find(|(other, holder, ..)| *other == till && *holder == member) {
            Some((.., lost)) => *lost += missing,
            None => without.push(id),
        }
    }
    let mut told = Vec::new();
    for (till, member, limit, lost) in &allowances {
        told.push(json!({
            "till": till,
            "member": member,
            "limit_milli": out(limit)?,
            "lost_milli": out(lost)?,
            "left_milli": out(&(limit - lost))?,
        }));
    }
    Ok(json!({
        "largest_loss_milli": out(&allowances.iter().map(|(_, _, limit, _)| limit).sum())?,
        "lost_milli": out(&lost_in_all)?,
        "allowances": told,
        "without_allowance": without,
    }))
}
