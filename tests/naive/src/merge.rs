//! What tills and channels sent, brought together: one order, one stock, one
//! reconciliation (OR-3, OR-4, OR-5).

use crate::event::read_stock;
use crate::fields::{Answer, Fields, Fraction, Int, between, int, number, out, refuse};
use crate::time::read_moment;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What came, told by ids: each id once, ids that came again, and ids that
/// came with different content, of which the first counts: by its place, and
/// of those in one place that which was listed first.
struct Gathered<T> {
    kept: Vec<T>,
    duplicates: Vec<String>,
    contradictions: Vec<String>,
}

fn gather<T: Clone + PartialEq, O: Ord>(items: &[T], id: impl Fn(&T) -> &String, place: impl Fn(&T) -> O) -> Gathered<T> {
    let ids: BTreeSet<&String> = items.iter().map(&id).collect();
    let mut gathered = Gathered { kept: Vec::new(), duplicates: Vec::new(), contradictions: Vec::new() };
    for one in ids {
        let copies: Vec<&T> = items.iter().filter(|item| id(item) == one).collect();
        let mut first = copies[0];
        for copy in &copies {
            if place(copy) < place(first) {
                first = copy;
            }
        }
        gathered.kept.push(first.clone());
        if copies.iter().any(|copy| *copy != copies[0]) {
            gathered.contradictions.push(one.clone());
        } else if copies.len() > 1 {
            gathered.duplicates.push(one.clone());
        }
    }
    gathered
}

/// Where something stands in the one order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    instant: Fraction,
    channel: String,
    sequence: Int,
}

fn read_position(fields: &Fields) -> Answer<Position> {
    Ok(Position {
        instant: read_moment(fields.text("time")?)?.instant(),
        channel: fields.text("channel")?.to_string(),
        sequence: fields.positive("sequence")?,
    })
}

/// An event as it was sent; the time as it is written belongs to it.
#[derive(Clone, PartialEq)]
struct Sent {
    id: String,
    position: Position,
    time: String,
}

fn read_sent(value: &Value) -> Answer<Sent> {
    let fields = Fields::open(value, &["channel", "sequence", "time", "id"])?;
    Ok(Sent { id: fields.text("id")?.to_string(), position: read_position(&fields)?, time: fields.text("time")?.to_string() })
}

/// OR-2, OR-3.
pub fn merge(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["events", "first", "after"])?;
    let sent: Vec<Sent> = fields.list("events")?.iter().map(read_sent).collect::<Answer<_>>()?;
    let mut first: BTreeMap<String, Int> = BTreeMap::new();
    if let Some(value) = fields.get("first") {
        let Some(map) = value.as_object() else {
            return refuse("bad_type");
        };
        for (channel, value) in map {
            if value.is_null() {
                return refuse("missing_field");
            }
            first.insert(channel.clone(), between(value, 1, crate::fields::LIMIT)?);
        }
    }
    let mut after = None;
    if let Some(value) = fields.get("after") {
        after = Some(read_position(&Fields::open(value, &["time", "channel", "sequence"])?)?);
    }

    let Gathered { mut kept, duplicates, contradictions } = gather(&sent, |sent| &sent.id, |sent| sent.position.clone());
    kept.sort_by(|a, b| a.position.cmp(&b.position).then_with(|| a.id.cmp(&b.id)));
    // By channel and sequence; ids there are sorted, for the ids were.
    let mut channels: BTreeMap<&String, BTreeMap<&Int, Vec<&Sent>>> = BTreeMap::new();
    for one in &kept {
        channels.entry(&one.position.channel).or_default().entry(&one.position.sequence).or_default().push(one);
    }
    let (mut conflicts, mut gaps, mut backwards, mut before_first) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (channel, by_sequence) in &channels {
        let expected = first.get(*channel).cloned().unwrap_or(int(1));
        let mut next = expected.clone();
        let mut earlier: Option<&Vec<&Sent>> = None;
        for (sequence, there) in by_sequence {
            if there.len() > 1 {
                let mut ids: Vec<&String> = there.iter().map(|one| &one.id).collect();
                ids.sort();
                conflicts.push(json!({ "channel": channel, "sequence": out(sequence)?, "ids": ids }));
            }
            if **sequence < expected {
                before_first.extend(there.iter().map(|one| one.id.clone()));
            } else {
                if **sequence > next {
                    gaps.push(json!({ "channel": channel, "from": out(&next)?, "to": out(&(*sequence - int(1)))? }));
                }
                next = *sequence + int(1);
            }
            let latest = earlier.and_then(|before| before.iter().map(|one| &one.position.instant).max());
            if latest.is_some_and(|latest| there.iter().any(|one| one.position.instant < *latest)) {
                backwards.push(json!({ "channel": channel, "sequence": out(sequence)? }));
            }
            earlier = Some(there);
        }
    }
    before_first.sort();
    let late: Vec<&String> =
        kept.iter().filter(|one| after.as_ref().is_some_and(|after| one.position <= *after)).map(|one| &one.id).collect();
    let order: Vec<&String> = kept.iter().map(|one| &one.id).collect();
    Ok(json!({
        "order": order,
        "duplicates": duplicates,
        "conflicts": conflicts,
        "contradictions": contradictions,
        "gaps": gaps,
        "backwards": backwards,
        "late": late,
        "before_first": before_first,
    }))
}

/// Goods that went out (negative) or came in.
#[derive(Clone, PartialEq)]
struct Move {
    sent: Sent,
    sku: String,
    quantity: Int,
}

fn read_move(value: &Value) -> Answer<Move> {
    let fields = Fields::open(value, &["id", "time", "channel", "sequence", "sku", "quantity"])?;
    let sent = Sent { id: fields.text("id")?.to_string(), position: read_position(&fields)?, time: fields.text("time")?.to_string() };
    let quantity = fields.signed("quantity")?;
    if quantity == int(0) {
        return refuse("out_of_range");
    }
    Ok(Move { sent, sku: fields.text("sku")?.to_string(), quantity })
}

/// OR-4.
pub fn stock(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["stock", "moves", "policy"])?;
    let mut shelves = read_stock(fields.list("stock")?)?;
    let moves: Vec<Move> = fields.list("moves")?.iter().map(read_move).collect::<Answer<_>>()?;
    let refuses = fields.word_or("policy", &["refuse", "backorder"], "refuse")? == "refuse";
    if moves.iter().any(|one| !shelves.contains_key(&one.sku)) {
        return refuse("bad_config");
    }
    let Gathered { mut kept, duplicates, contradictions } =
        gather(&moves, |one| &one.sent.id, |one| (one.sent.position.clone(), one.sku.clone(), one.quantity.clone()));
    kept.sort_by(|a, b| a.sent.position.cmp(&b.sent.position).then_with(|| a.sent.id.cmp(&b.sent.id)));

    // Promised units that nobody has had yet: id, SKU, units.
    let mut open: Vec<(String, String, Int)> = Vec::new();
    let (mut told, mut served) = (Vec::new(), Vec::new());
    for one in &kept {
        let (available, _) = shelves.get_mut(&one.sku).expect("a known SKU");
        let before = available.clone();
        let (mut moved, mut promised, mut reason) = (one.quantity.clone(), int(0), "moved");
        if one.quantity > int(0) {
            let mut rest = one.quantity.clone();
            for (id, sku, units) in &mut open {
                let part = rest.clone().min(units.clone());
                if *sku == one.sku && part > int(0) {
                    *units -= &part;
                    rest -= &part;
                    served.push(json!({ "id": id, "units": out(&part)? }));
                }
            }
            *available += rest;
            out(available)?;
        } else {
            let wanted = -&one.quantity;
            if wanted > before && refuses {
                moved = int(0);
                reason = "refused";
            } else if wanted > before {
                moved = -&before;
                promised = wanted - &before;
                reason = "backordered";
                open.push((one.sent.id.clone(), one.sku.clone(), promised.clone()));
            }
            *available += &moved;
        }
        told.push(json!({
            "id": one.sent.id,
            "reason": reason,
            "moved": out(&moved)?,
            "backordered": out(&promised)?,
            "available": out(&before)?,
        }));
    }
    let mut stock = Vec::new();
    for (sku, (available, safety)) in &shelves {
        let promised: Int = open.iter().filter(|(_, its, _)| its == sku).map(|(.., units)| units).sum();
        stock.push(json!({ "sku": sku, "available": out(available)?, "backordered": out(&promised)?, "low": available < safety }));
    }
    Ok(json!({ "moves": told, "served": served, "duplicates": duplicates, "contradictions": contradictions, "stock": stock }))
}

#[derive(Clone, PartialEq)]
struct Paid {
    id: String,
    channel: String,
    payments: Vec<(String, Int)>,
}

fn read_paid(value: &Value) -> Answer<Paid> {
    let fields = Fields::open(value, &["id", "channel", "payments"])?;
    let mut payments = Vec::new();
    for item in fields.list("payments")? {
        let inner = Fields::open(item, &["kind", "amount"])?;
        payments.push((inner.text("kind")?.to_string(), inner.signed("amount")?));
    }
    Ok(Paid { id: fields.text("id")?.to_string(), channel: fields.text("channel")?.to_string(), payments })
}

/// One channel's payments of a kind, as the till says and as was recorded.
#[derive(Default)]
struct Side {
    till: Option<Int>,
    till_count: Option<Int>,
    record: Int,
    record_count: Int,
}

/// OR-5.
pub fn reconcile(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["events", "tills"])?;
    let events: Vec<Paid> = fields.list("events")?.iter().map(read_paid).collect::<Answer<_>>()?;
    let mut sides: BTreeMap<(String, String), Side> = BTreeMap::new();
    for item in fields.list("tills")? {
        let inner = Fields::open(item, &["channel", "kind", "amount", "count"])?;
        let side = sides.entry((inner.text("channel")?.to_string(), inner.text("kind")?.to_string())).or_default();
        if side.till.is_some() {
            return refuse("bad_config");
        }
        side.till = Some(number(inner.need("amount")?)?);
        side.till_count = inner.natural_if("count")?;
    }
    let Gathered { kept, duplicates, contradictions } = gather(&events, |paid| &paid.id, |_| 0);
    for Paid { channel, payments, .. } in &kept {
        for (kind, amount) in payments {
            let side = sides.entry((channel.clone(), kind.clone())).or_default();
            side.record += amount;
            side.record_count += int(1);
        }
    }
    let mut agrees = true;
    let mut lines = Vec::new();
    for ((channel, kind), side) in &sides {
        let difference = side.till.clone().unwrap_or_default() - &side.record;
        let same_count = side.till_count.as_ref().is_none_or(|count| *count == side.record_count);
        agrees = agrees && difference == int(0) && same_count;
        let told = |n: &Option<Int>| n.as_ref().map_or(Ok(Value::Null), out);
        lines.push(json!({
            "channel": channel,
            "kind": kind,
            "till": told(&side.till)?,
            "record": out(&side.record)?,
            "difference": out(&difference)?,
            "till_count": told(&side.till_count)?,
            "record_count": out(&side.record_count)?,
        }));
    }
    Ok(json!({ "agrees": agrees, "lines": lines, "duplicates": duplicates, "contradictions": contradictions }))
}
