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
    Send { of: String, to: String, points: Int },
    Receive { of: String, points: Int, expires: Option<String> },
    SendDebt { to: String, points: Int },
    ReceiveDebt { of: String, points: Int },
}

struct Entry {
    id: String,
    account: String,
    shop: String,
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
        "send" => &["of", "to", "points_milli"],
        "receive" => &["of", "points_milli", "expires"],
        "send_debt" => &["to", "points_milli"],
        "receive_debt" => &["of", "points_milli"],
        _ => return refuse("bad_config"),
    };
    let fields = Fields::open(value, &[&["id", "account", "shop", "time", "kind"], own].concat())?;
    let expires = || {
        let expires = fields.text_if("expires")?;
        if let Some(text) = expires {
            read_moment(text)?;
        }
        Ok::<_, String>(expires.map(String::from))
    };
    let of = || Ok::<_, String>(fields.text("of")?.to_string());
    let to = || {
        let to = fields.text("to")?;
        if to == fields.text("account")? { refuse("bad_config") } else { Ok(to.to_string()) }
    };
    let deed = match kind {
        "earn" => Deed::Earn { points: fields.natural("points_milli")?, expires: expires()? },
        "redeem" => Deed::Redeem { points: fields.natural("points_milli")? },
        "reverse" => Deed::Reverse { of: of()?, points: fields.natural("points_milli")? },
        "expire" => Deed::Expire { of: of()? },
        "reserve" => Deed::Reserve { points: fields.natural("points_milli")?, version: fields.natural("version")? },
        "commit" => Deed::Commit { of: of()?, version: fields.natural("version")? },
        "release" => Deed::Release { of: of()?, version: fields.natural("version")? },
        "send" => Deed::Send { of: of()?, to: to()?, points: fields.natural("points_milli")? },
        "receive" => Deed::Receive { of: of()?, points: fields.natural("points_milli")?, expires: expires()? },
        "send_debt" => Deed::SendDebt { to: to()?, points: fields.natural("points_milli")? },
        "receive_debt" => Deed::ReceiveDebt { of: of()?, points: fields.natural("points_milli")? },
        _ => Deed::Adjust { points: fields.signed("points_milli")? },
    };
    Ok(Entry {
        id: fields.text("id")?.to_string(),
        account: fields.text("account")?.to_string(),
        shop: fields.text("shop")?.to_string(),
        time: instant(fields.text("time")?)?,
        deed,
        written: map.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), value.clone())).collect(),
    })
}

#[derive(PartialEq)]
enum Made {
    Earned,
    Adjusted,
    Received,
}

struct Lot {
    id: String,
    shop: String,
    time: Fraction,
    /// As written; none is never.
    expires: Option<String>,
    end: Option<Fraction>,
    made: Made,
    points: Int,
    left: Int,
    /// Really spent (redeemed, adjusted away, sent, paid to a debt) and not
    /// reversed since.
    spent: Int,
    /// Held by open reservations and not reversed since.
    held: Int,
    /// What accepted reversals asked for.
    asked: Int,
    /// What redemptions took of it and undos did not bring back.
    redeemed: Int,
    /// What reversals forgave of it.
    forgiven: Int,
}

impl Lot {
    fn usable(&self, now: &Fraction) -> bool {
        self.time <= *now && self.end.as_ref().is_none_or(|end| now < end)
    }

    fn expired(&self, now: &Fraction) -> bool {
        self.end.as_ref().is_some_and(|end| end <= now)
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

/// A redemption or a commit that counted.
struct Redemption {
    id: String,
    time: Fraction,
    /// The lot, what was taken of it, what came back.
    parts: Vec<(String, Int, Int)>,
    /// What its undos asked for.
    asked: Int,
}

struct Ledger {
    /// Always in spending order (LG-4).
    lots: Vec<Lot>,
    debt: Int,
    forgive: bool,
    /// How many entries were applied.
    version: Int,
    open: Vec<Reservation>,
    redemptions: Vec<Redemption>,
    /// Reversals whose earning or redemption has not come: id, of, points.
    waiting: Vec<(String, String, Int)>,
    /// Every id that came, with its time.
    seen: Vec<(String, Fraction)>,
    /// The sending halves that were received, with the time of that.
    received: Vec<(String, Fraction)>,
    horizon: Option<Fraction>,
    refused: Vec<Value>,
    taken: Vec<Value>,
    undone: Vec<Value>,
    sent: Vec<Value>,
}

impl Ledger {
    fn sum_usable(&self, now: &Fraction) -> Int {
        self.lots.iter().filter(|lot| lot.usable(now)).map(|lot| &lot.left).sum()
    }

    /// A new lot, which pays the debt first.
    fn add(&mut self, entry: &Entry, points: &Int, expires: Option<&String>, made: Made) -> Answer<()> {
        let paid = points.min(&self.debt).clone();
        self.debt -= &paid;
        let end = expires.map(|text| instant(text)).transpose()?;
        self.lots.push(Lot {
            id: entry.id.clone(),
            shop: entry.shop.clone(),
            time: entry.time.clone(),
            expires: expires.cloned(),
            end,
            made,
            points: points.clone(),
            left: points - &paid,
            spent: paid,
            held: int(0),
            asked: int(0),
            redeemed: int(0),
            forgiven: int(0),
        });
        self.lots.sort_by(|a, b| {
            let never = a.end.is_none().cmp(&b.end.is_none());
            never.then_with(|| a.end.cmp(&b.end)).then_with(|| a.time.cmp(&b.time)).then_with(|| a.id.cmp(&b.id))
        });
        Ok(())
    }

    /// Takes from usable lots; what each of them gave comes back.
    fn take(&mut self, now: &Fraction, points: &Int) -> Vec<(String, Int)> {
        let mut open = points.clone();
        let mut parts = Vec::new();
        for lot in &mut self.lots {
            let part = lot.left.clone().min(open.clone());
            if lot.usable(now) && part > int(0) {
                lot.left -= &part;
                open -= &part;
                parts.push((lot.id.clone(), part));
            }
        }
        parts
    }

    fn lot(&mut self, id: &str) -> &mut Lot {
        self.lots.iter_mut().find(|lot| lot.id == id).expect("a lot that gave")
    }

    /// What a spending of so many points misses, if it does.
    fn missing(&self, now: &Fraction, points: &Int) -> Option<Int> {
        let usable = self.sum_usable(now);
        (*points > usable).then(|| points - usable)
    }

    fn refuse(&mut self, id: &str, reason: &str, missing: &Int) -> Answer<()> {
        self.refused.push(json!({ "id": id, "reason": reason, "missing_milli": out(missing)? }));
        Ok(())
    }

    /// A redemption or a commit of points that left their lots.
    fn redeemed(&mut self, entry: &Entry, parts: &[(String, Int)]) -> Answer<()> {
        let mut lots = Vec::new();
        for (id, part) in parts {
            let lot = self.lot(id);
            lot.redeemed += part;
            lots.push(json!({ "id": id, "shop": lot.shop, "points_milli": out(part)? }));
        }
        self.taken.push(json!({ "id": entry.id, "lots": lots }));
        self.redemptions.push(Redemption {
            id: entry.id.clone(),
            time: entry.time.clone(),
            parts: parts.iter().map(|(id, part)| (id.clone(), part.clone(), int(0))).collect(),
            asked: int(0),
        });
        Ok(())
    }

    fn has_come(&self, id: &str) -> bool {
        self.seen.iter().any(|(seen, _)| seen == id)
    }

    /// LG-6: of an earning or of a redemption.
    fn reverse(&mut self, id: &str, of: &str, points: &Int) -> Answer<()> {
        if self.lots.iter().any(|lot| lot.id == of && lot.made == Made::Earned) {
            return self.reverse_earning(id, of, points);
        }
        if self.redemptions.iter().any(|redemption| redemption.id == of) {
            return self.undo(id, of, points);
        }
        if of == id || self.has_come(of) {
            return self.refuse(id, "unknown_lot", &int(0));
        }
        self.waiting.push((id.to_string(), of.to_string(), points.clone()));
        Ok(())
    }

    fn reverse_earning(&mut self, id: &str, of: &str, points: &Int) -> Answer<()> {
        let forgive = self.forgive;
        let lot = self.lot(of);
        if &lot.asked + points > lot.points {
            return self.refuse(id, "over_reversal", &int(0));
        }
        lot.asked += points;
        let from_lot = lot.left.clone().min(points.clone());
        lot.left -= &from_lot;
        let rest = points - from_lot;
        // What is held is a debt whatever happens: its release will pay it.
        let from_held = rest.clone().min(lot.held.clone());
        lot.held -= &from_held;
        let from_spent = (rest - &from_held).min(lot.spent.clone());
        lot.spent -= &from_spent;
        if forgive {
            lot.forgiven += from_spent;
            self.debt += from_held;
        } else {
            self.debt += from_held + from_spent;
        }
        Ok(())
    }

    /// Debt first, then the lots it came from, last taken first.
    fn undo(&mut self, id: &str, of: &str, points: &Int) -> Answer<()> {
        let place = self.redemptions.iter().position(|redemption| redemption.id == of).expect("a redemption");
        let whole: Int = self.redemptions[place].parts.iter().map(|(_, part, _)| part).sum();
        if &self.redemptions[place].asked + points > whole {
            return self.refuse(id, "over_reversal", &int(0));
        }
        // CL-5: point by point from the last one taken, those that were undone
        // before left out.
        let mut skip = self.redemptions[place].asked.clone();
        let mut open = points.clone();
        let mut lots = Vec::new();
        for k in (0..self.redemptions[place].parts.len()).rev() {
            let (lot_id, part, _) = self.redemptions[place].parts[k].clone();
            let rest = (&part - &skip).max(int(0));
            skip = (skip - part).max(int(0));
            let here = rest.min(open.clone());
            open -= &here;
            if here > int(0) {
                lots.push(json!({ "id": lot_id, "shop": self.lot(&lot_id).shop, "points_milli": out(&here)? }));
            }
        }
        self.undone.push(json!({ "id": id, "lots": lots }));
        self.redemptions[place].asked += points;
        let paid = points.clone().min(self.debt.clone());
        self.debt -= &paid;
        let mut rest = points - paid;
        for k in (0..self.redemptions[place].parts.len()).rev() {
            let (lot_id, part, came_back) = self.redemptions[place].parts[k].clone();
            let lot = self.lot(&lot_id);
            let may = (&lot.redeemed - &lot.forgiven).max(int(0));
            let back = rest.clone().min(part - came_back).min(may);
            lot.left += &back;
            lot.redeemed -= &back;
            // Of what a reversal took already nothing is spent any more.
            lot.spent = (&lot.spent - &back).max(int(0));
            self.redemptions[place].parts[k].2 += &back;
            rest -= back;
        }
        Ok(())
    }

    fn expire(&mut self, entry: &Entry, of: &str) -> Answer<()> {
        let Some(lot) = self.lots.iter_mut().find(|lot| lot.made != Made::Adjusted && lot.id == of) else {
            return self.refuse(&entry.id, "unknown_lot", &int(0));
        };
        if !lot.expired(&entry.time) {
            return self.refuse(&entry.id, "not_expired", &int(0));
        }
        lot.left = int(0);
        Ok(())
    }

    /// LG-8: the version first, then whether there is such a reservation.
    fn reservation(&mut self, entry: &Entry, of: &str, version: &Int) -> Answer<Option<Reservation>> {
        if *version != self.version {
            self.refuse(&entry.id, "stale_version", &int(0))?;
            return Ok(None);
        }
        match self.open.iter().position(|open| open.id == of) {
            Some(place) => Ok(Some(self.open.remove(place))),
            None => {
                self.refuse(&entry.id, "unknown_reservation", &int(0))?;
                Ok(None)
            }
        }
    }

    fn reserve(&mut self, entry: &Entry, points: &Int, version: &Int) -> Answer<()> {
        if *version != self.version {
            return self.refuse(&entry.id, "stale_version", &int(0));
        }
        if let Some(missing) = self.missing(&entry.time, points) {
            return self.refuse(&entry.id, "insufficient", &missing);
        }
        let parts = self.take(&entry.time, points);
        for (id, part) in &parts {
            self.lot(id).held += part;
        }
        self.open.push(Reservation { id: entry.id.clone(), parts });
        Ok(())
    }

    /// What a lot still has in open reservations.
    fn in_reservations(&self, id: &str) -> Int {
        self.open.iter().flat_map(|open| &open.parts).filter(|(lot, _)| lot == id).map(|(_, part)| part).sum()
    }

    /// A held part ends: so much of it came back to its lot, the rest is gone.
    /// What is gone is first what a reversal took, then it is spent.
    fn end_hold(&mut self, id: &str, part: &Int, back: &Int) {
        let others = self.in_reservations(id);
        let lot = self.lot(id);
        let reversed = part + others - &lot.held;
        let gone = part - back;
        let newly_spent = (&gone - reversed).max(int(0));
        lot.left += back;
        lot.held = (&lot.held - &newly_spent - back).max(int(0));
        lot.spent += newly_spent;
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
            self.end_hold(id, part, &back);
            rest -= back;
        }
    }

    /// LG-10: from the named lot alone.
    fn send(&mut self, entry: &Entry, of: &str, to: &str, points: &Int) -> Answer<()> {
        let Some(lot) = self.lots.iter_mut().find(|lot| lot.id == of) else {
            return self.refuse(&entry.id, "unknown_lot", &int(0));
        };
        let usable = if lot.usable(&entry.time) { lot.left.clone() } else { int(0) };
        if *points > usable {
            return self.refuse(&entry.id, "insufficient", &(points - usable));
        }
        lot.left -= points;
        lot.spent += points;
        self.sent.push(json!({ "id": entry.id, "kind": "send", "to": to, "points_milli": out(points)? }));
        Ok(())
    }

    fn send_debt(&mut self, entry: &Entry, to: &str, points: &Int) -> Answer<()> {
        if *points > self.debt {
            return self.refuse(&entry.id, "insufficient", &(points - &self.debt));
        }
        self.debt -= points;
        self.sent.push(json!({ "id": entry.id, "kind": "send_debt", "to": to, "points_milli": out(points)? }));
        Ok(())
    }

    /// Whether a sending half is received for the first time.
    fn receives(&mut self, entry: &Entry, of: &str) -> Answer<bool> {
        if self.received.iter().any(|(out, _)| out == of) {
            self.refuse(&entry.id, "already_received", &int(0))?;
            return Ok(false);
        }
        self.received.push((of.to_string(), entry.time.clone()));
        Ok(true)
    }

    fn act(&mut self, entry: &Entry) -> Answer<()> {
        match &entry.deed {
            Deed::Earn { points, expires } => self.add(entry, points, expires.as_ref(), Made::Earned)?,
            Deed::Redeem { points } => match self.missing(&entry.time, points) {
                Some(missing) => self.refuse(&entry.id, "insufficient", &missing)?,
                None => {
                    let parts = self.take(&entry.time, points);
                    for (id, part) in &parts {
                        self.lot(id).spent += part;
                    }
                    self.redeemed(entry, &parts)?;
                }
            },
            Deed::Reverse { of, points } => self.reverse(&entry.id, of, points)?,
            Deed::Expire { of } => self.expire(entry, of)?,
            Deed::Adjust { points } if *points < int(0) => {
                let parts = self.take(&entry.time, &-points);
                for (id, part) in &parts {
                    self.lot(id).spent += part;
                }
                let taken: Int = parts.iter().map(|(_, part)| part).sum();
                self.debt += -points - taken;
            }
            Deed::Adjust { points } => self.add(entry, points, None, Made::Adjusted)?,
            Deed::Reserve { points, version } => self.reserve(entry, points, version)?,
            Deed::Commit { of, version } => {
                if let Some(reservation) = self.reservation(entry, of, version)? {
                    for (id, part) in &reservation.parts {
                        self.end_hold(id, part, &int(0));
                    }
                    self.redeemed(entry, &reservation.parts)?;
                }
            }
            Deed::Release { of, version } => {
                if let Some(reservation) = self.reservation(entry, of, version)? {
                    self.release(&reservation);
                }
            }
            Deed::Send { of, to, points } => self.send(entry, of, to, points)?,
            Deed::SendDebt { to, points } => self.send_debt(entry, to, points)?,
            Deed::Receive { of, points, expires } => {
                if self.receives(entry, of)? {
                    self.add(entry, points, expires.as_ref(), Made::Received)?;
                }
            }
            Deed::ReceiveDebt { of, points } => {
                if self.receives(entry, of)? {
                    self.debt += points;
                }
            }
        }
        Ok(())
    }

    fn apply(&mut self, entry: &Entry) -> Answer<()> {
        let before = (self.refused.len(), self.waiting.len());
        self.act(entry)?;
        if (self.refused.len(), self.waiting.len()) == before {
            self.version += int(1);
        }
        self.seen.push((entry.id.clone(), entry.time.clone()));
        // Reversals that waited for it come right behind it, in their order.
        let (due, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|(_, of, _)| *of == entry.id);
        self.waiting = waiting;
        for (id, of, points) in due {
            let before = self.refused.len();
            self.reverse(&id, &of, &points)?;
            if self.refused.len() == before {
                self.version += int(1);
            }
        }
        out(&self.debt)?;
        Ok(())
    }

    /// LG-12: what is gone and before the horizon is dropped.
    fn drop_before(&mut self, horizon: &Fraction) {
        self.redemptions.retain(|redemption| redemption.time >= *horizon);
        let (redemptions, open) = (&self.redemptions, &self.open);
        self.lots.retain(|lot| {
            let named = redemptions.iter().any(|redemption| redemption.parts.iter().any(|(id, ..)| *id == lot.id))
                || open.iter().any(|open| open.parts.iter().any(|(id, _)| *id == lot.id));
            let stands = lot.left > int(0) && !lot.expired(horizon);
            lot.time >= *horizon || named || stands
        });
        let (lots, waiting) = (&self.lots, &self.waiting);
        self.seen.retain(|(id, time)| {
            *time >= *horizon
                || lots.iter().any(|lot| lot.id == *id)
                || open.iter().any(|open| open.id == *id)
                || waiting.iter().any(|(waits, ..)| waits == id)
        });
        self.received.retain(|(_, time)| *time >= *horizon);
        self.horizon = Some(horizon.clone());
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
        let pending: Int = self.lots.iter().filter(|lot| lot.time > *as_of).map(|lot| &lot.left).sum();
        let told = json!({
            "balance_milli": out(&self.sum_usable(as_of))?,
            "pending_milli": out(&pending)?,
            "debt_milli": out(&self.debt)?,
            "version": out(&self.version)?,
            "held_milli": out(&held)?,
            "lots": lots,
            "taken": self.taken,
            "undone": self.undone,
            "sent": self.sent,
            "refused": self.refused,
        });
        Ok(told.as_object().expect("an object").clone())
    }

    fn waiting_ids(&self) -> Vec<String> {
        self.waiting.iter().map(|(id, ..)| id.clone()).collect()
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

/// A step of an account's past: an entry with its `forgive_debt`, or a
/// horizon.
enum Step {
    Entry(Box<Entry>, bool),
    Horizon(String),
}

/// An account that has been through its past.
fn ledger_of(steps: &[Step]) -> Answer<Ledger> {
    let mut ledger = Ledger {
        lots: Vec::new(),
        debt: int(0),
        forgive: false,
        version: int(0),
        open: Vec::new(),
        redemptions: Vec::new(),
        waiting: Vec::new(),
        seen: Vec::new(),
        received: Vec::new(),
        horizon: None,
        refused: Vec::new(),
        taken: Vec::new(),
        undone: Vec::new(),
        sent: Vec::new(),
    };
    for step in steps {
        match step {
            Step::Entry(entry, forgive) => {
                ledger.forgive = *forgive;
                ledger.apply(entry)?;
            }
            Step::Horizon(text) => ledger.drop_before(&instant(text)?),
        }
    }
    Ok(ledger)
}

/// What one call asks beside its entries.
struct Settings {
    as_of: Fraction,
    forgive: bool,
    /// The latest time that an entry may have.
    latest: Option<Fraction>,
    /// Sending halves that counted in the senders' accounts: id, kind, to, points.
    sent: Vec<(String, String, String, Int)>,
}

fn read_settings(fields: &Fields) -> Answer<Settings> {
    let as_of = instant(fields.text("as_of")?)?;
    let forgive = fields.flag_or("forgive_debt", false)?;
    let tolerance = if fields.has("tolerance_ms") { Some(fields.natural("tolerance_ms")?) } else { None };
    let latest = match (fields.text_if("now")?, tolerance) {
        (None, Some(_)) => return refuse("bad_config"),
        (None, None) => None,
        (Some(now), tolerance) => Some(instant(now)? + Fraction::new(tolerance.unwrap_or(int(0)), int(1000))),
    };
    let mut sent = Vec::new();
    let none = Vec::new();
    for item in fields.list_if("sent")?.unwrap_or(&none) {
        let inner = Fields::open(item, &["id", "kind", "to", "points_milli"])?;
        let kind = inner.text("kind")?;
        if !["send", "send_debt"].contains(&kind) {
            return refuse("bad_config");
        }
        sent.push((inner.text("id")?.to_string(), kind.to_string(), inner.text("to")?.to_string(), inner.natural("points_milli")?));
    }
    Ok(Settings { as_of, forgive, latest, sent })
}

enum Half {
    /// No half of a transfer, or one whose other half counted as it says.
    Fits,
    Waits,
    Differs,
}

impl Settings {
    fn half(&self, entry: &Entry) -> Half {
        let (kind, of, points) = match &entry.deed {
            Deed::Receive { of, points, .. } => ("send", of, points),
            Deed::ReceiveDebt { of, points } => ("send_debt", of, points),
            _ => return Half::Fits,
        };
        match self.sent.iter().find(|(id, ..)| id == of) {
            None => Half::Waits,
            Some((_, other, to, sent)) if other == kind && *to == entry.account && sent == points => Half::Fits,
            Some(_) => Half::Differs,
        }
    }
}

/// Folds what arrived into an account; its past grows by what was applied.
fn run(
    ledger: &mut Ledger,
    past: &mut Vec<Step>,
    last: &mut Option<(Fraction, String)>,
    arrived: Arrived,
    settings: &Settings,
) -> Answer<Map<String, Value>> {
    ledger.refused.clear();
    ledger.taken.clear();
    ledger.undone.clear();
    ledger.sent.clear();
    ledger.forgive = settings.forgive;
    let (mut not_after, mut conflicts, mut halves) = (Vec::new(), arrived.conflicts, Vec::new());
    for entry in arrived.kept {
        if settings.latest.as_ref().is_some_and(|latest| entry.time > *latest) {
            ledger.refuse(&entry.id, "too_new", &int(0))?;
            continue;
        }
        if ledger.horizon.as_ref().is_some_and(|horizon| entry.time < *horizon) {
            ledger.refuse(&entry.id, "too_old", &int(0))?;
            continue;
        }
        if last.as_ref().is_some_and(|(time, id)| (&entry.time, &entry.id) <= (time, id)) {
            not_after.push(entry.id);
            continue;
        }
        if ledger.has_come(&entry.id) {
            conflicts.push(entry.id);
            continue;
        }
        match settings.half(&entry) {
            Half::Fits => {
                ledger.apply(&entry)?;
                *last = Some((entry.time.clone(), entry.id.clone()));
                past.push(Step::Entry(Box::new(entry), settings.forgive));
            }
            Half::Waits => halves.push(entry.id),
            Half::Differs => ledger.refuse(&entry.id, "not_sent", &int(0))?,
        }
    }
    not_after.sort();
    conflicts.sort();
    let mut waiting = ledger.waiting_ids();
    waiting.append(&mut halves);
    waiting.sort();
    let mut told = ledger.tell(&settings.as_of)?;
    told.insert("waiting".to_string(), json!(waiting));
    told.insert("duplicates".to_string(), json!(arrived.duplicates));
    told.insert("conflicts".to_string(), json!(conflicts));
    told.insert("not_after".to_string(), json!(not_after));
    Ok(told)
}

/// LG-1 … LG-8, LG-10, LG-12.
pub fn fold(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["entries", "as_of", "forgive_debt", "now", "tolerance_ms", "sent"])?;
    let settings = read_settings(&fields)?;
    let arrived = read_arrived(&fields, None)?;
    let mut told = run(&mut ledger_of(&[])?, &mut Vec::new(), &mut None, arrived, &settings)?;
    told.remove("not_after");
    Ok(Value::Object(told))
}

/// The model's own state: all that ever came, to be folded anew.
fn read_state(fields: &Fields) -> Answer<Vec<Step>> {
    let Some(state) = fields.get("state") else {
        return Ok(Vec::new());
    };
    let mut past = Vec::new();
    for item in list(Fields::open(state, &["history"])?.need("history")?)? {
        let step = Fields::open(item, &["entry", "forgive_debt", "horizon"])?;
        past.push(match step.text_if("horizon")? {
            Some(horizon) => Step::Horizon(horizon.to_string()),
            None => Step::Entry(Box::new(read_entry(step.need("entry")?)?), step.flag_or("forgive_debt", false)?),
        });
    }
    Ok(past)
}

fn last_of(past: &[Step]) -> Option<&Entry> {
    past.iter().rev().find_map(|step| if let Step::Entry(entry, _) = step { Some(&**entry) } else { None })
}

/// LG-1 … LG-8, LG-10, LG-12, going on from an earlier answer.
pub fn apply(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["state", "entries", "as_of", "forgive_debt", "now", "tolerance_ms", "sent", "horizon"])?;
    let settings = read_settings(&fields)?;
    let mut past = read_state(&fields)?;
    let arrived = read_arrived(&fields, last_of(&past).map(|entry| &entry.account))?;
    let mut ledger = ledger_of(&past)?;
    let horizon = match fields.text_if("horizon")? {
        None => ledger.horizon.clone(),
        Some(text) => {
            let horizon = instant(text)?;
            if ledger.horizon.as_ref().is_some_and(|before| horizon < *before) {
                return refuse("out_of_order");
            }
            Some(horizon)
        }
    };
    if horizon.as_ref().is_some_and(|horizon| settings.as_of < *horizon) {
        return refuse("out_of_order");
    }
    ledger.horizon = horizon.clone();
    let mut last = last_of(&past).map(|entry| (entry.time.clone(), entry.id.clone()));
    let mut told = run(&mut ledger, &mut past, &mut last, arrived, &settings)?;
    if let (Some(text), Some(horizon)) = (fields.text_if("horizon")?, horizon) {
        ledger.drop_before(&horizon);
        past.push(Step::Horizon(text.to_string()));
        told.extend(ledger.tell(&settings.as_of)?);
    }
    let history: Vec<Value> = past
        .iter()
        .map(|step| match step {
            Step::Entry(entry, forgive) => json!({ "entry": entry.written, "forgive_debt": forgive }),
            Step::Horizon(text) => json!({ "horizon": text }),
        })
        .collect();
    told.insert("state".to_string(), json!({ "history": history }));
    Ok(Value::Object(told))
}

/// LG-10.
pub fn transfer(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["id", "from", "to", "shop", "time", "points_milli", "merge", "state"])?;
    let (id, from, to) = (fields.text("id")?, fields.text("from")?, fields.text("to")?);
    let (shop, time) = (fields.text("shop")?, fields.text("time")?);
    let now = instant(time)?;
    let merge = fields.flag_or("merge", false)?;
    let points = match (merge, fields.has("points_milli")) {
        (true, true) => return refuse("bad_config"),
        (true, false) => int(0),
        (false, _) => fields.positive("points_milli")?,
    };
    let past = read_state(&fields)?;
    if from == to || last_of(&past).is_some_and(|entry| entry.account != from) {
        return refuse("bad_config");
    }
    let mut ledger = ledger_of(&past)?;
    let stop = |reason: &str, missing: &Int| Ok(json!({ "reason": reason, "missing_milli": out(missing)?, "entries": [] }));
    let mut debt = int(0);
    let points = if merge {
        if !ledger.open.is_empty() {
            return stop("held", &int(0));
        }
        if ledger.lots.iter().any(|lot| lot.time > now && lot.left > int(0)) {
            return stop("pending", &int(0));
        }
        debt = ledger.debt.clone();
        ledger.sum_usable(&now)
    } else {
        points
    };
    if let Some(missing) = ledger.missing(&now, &points) {
        return stop("insufficient", &missing);
    }
    let mut entries = Vec::new();
    for (k, (lot_id, part)) in ledger.take(&now, &points).iter().enumerate() {
        let lot = ledger.lot(lot_id);
        let (half, milli) = (format!("{id}:out:{}", k + 1), out(part)?);
        entries.push(json!({ "id": half, "account": from, "kind": "send", "of": lot_id, "to": to, "points_milli": milli, "shop": shop, "time": time }));
        entries.push(json!({
            "id": format!("{id}:in:{}", k + 1), "account": to, "kind": "receive", "of": half, "points_milli": milli, "shop": lot.shop,
            "time": time, "expires": lot.expires,
        }));
    }
    if debt > int(0) {
        let (half, milli) = (format!("{id}:out:debt"), out(&debt)?);
        entries
            .push(json!({ "id": half, "account": from, "kind": "send_debt", "to": to, "points_milli": milli, "shop": shop, "time": time }));
        entries.push(json!({ "id": format!("{id}:in:debt"), "account": to, "kind": "receive_debt", "of": half, "points_milli": milli, "shop": shop, "time": time }));
    }
    Ok(json!({ "reason": "transferred", "missing_milli": 0, "entries": entries }))
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
