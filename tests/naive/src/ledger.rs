//! The points ledger (section 13).

use crate::fields::{Answer, Fields, Fraction, Int, int, out, refuse};
use crate::time::read_moment;
use serde_json::{Map, Value, json};

enum Deed {
    Earn { points: Int, expires: Option<String> },
    Redeem { points: Int },
    Reverse { of: String, points: Int },
    Expire { of: String },
    Adjust { points: Int },
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
    /// Spent by redemption, negative adjust or debt, and not reversed since.
    spent: Int,
    /// What accepted reversals asked for.
    asked: Int,
}

impl Lot {
    fn usable(&self, now: &Fraction) -> bool {
        self.end.as_ref().is_none_or(|end| now < end)
    }
}

struct Ledger {
    /// Always in spending order (LG-4).
    lots: Vec<Lot>,
    debt: Int,
    forgive: bool,
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

    /// Spends from usable lots; what they do not hold comes back.
    fn spend(&mut self, now: &Fraction, points: &Int) -> Int {
        let mut open = points.clone();
        for lot in &mut self.lots {
            if lot.usable(now) {
                let part = lot.left.clone().min(open.clone());
                lot.left -= &part;
                lot.spent += &part;
                open -= &part;
            }
        }
        open
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

    fn apply(&mut self, entry: &Entry) -> Answer<()> {
        match &entry.deed {
            Deed::Earn { points, expires } => self.add(entry, points, expires.as_ref(), true)?,
            Deed::Redeem { points } => {
                let usable = self.sum_usable(&entry.time);
                if *points > usable {
                    self.refuse(entry, "insufficient", &(points - usable))?;
                } else {
                    self.spend(&entry.time, points);
                }
            }
            Deed::Reverse { of, points } => self.reverse(entry, of, points)?,
            Deed::Expire { of } => self.expire(entry, of)?,
            Deed::Adjust { points } if *points < int(0) => {
                let open = self.spend(&entry.time, &-points);
                self.debt += open;
            }
            Deed::Adjust { points } => self.add(entry, points, None, false)?,
        }
        out(&self.debt)?;
        Ok(())
    }
}

/// LG-1 … LG-7.
pub fn fold(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["entries", "as_of", "forgive_debt"])?;
    let as_of = instant(fields.text("as_of")?)?;
    let forgive = fields.flag_or("forgive_debt", false)?;
    let received: Vec<Entry> = fields.list("entries")?.iter().map(read_entry).collect::<Answer<_>>()?;

    let mut kept: Vec<Entry> = Vec::new();
    let mut duplicates: Vec<String> = Vec::new();
    let mut conflicts: Vec<String> = Vec::new();
    let account = received.first().map(|entry| entry.account.clone());
    for entry in received {
        if Some(&entry.account) != account.as_ref() {
            return refuse("bad_config");
        }
        match kept.iter().find(|first| first.id == entry.id) {
            None => kept.push(entry),
            Some(first) if first.written == entry.written => duplicates.push(entry.id),
            Some(_) => conflicts.push(entry.id),
        }
    }
    duplicates.sort();
    conflicts.sort();
    kept.sort_by(|a, b| a.time.cmp(&b.time).then_with(|| a.id.cmp(&b.id)));

    let mut ledger = Ledger { lots: Vec::new(), debt: int(0), forgive, refused: Vec::new() };
    for entry in &kept {
        ledger.apply(entry)?;
    }
    let mut lots = Vec::new();
    for lot in &ledger.lots {
        if lot.left > int(0) {
            lots.push(json!({ "id": lot.id, "points_milli": out(&lot.left)?, "expires": lot.expires }));
        }
    }
    Ok(json!({
        "balance_milli": out(&ledger.sum_usable(&as_of))?,
        "debt_milli": out(&ledger.debt)?,
        "lots": lots,
        "refused": ledger.refused,
        "duplicates": duplicates,
        "conflicts": conflicts,
    }))
}
