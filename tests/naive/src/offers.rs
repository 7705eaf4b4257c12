//! A program whose goods earn by offers (PT-9). Each offer is read as a program of its own: the shared document with
//! another table.

use crate::auction::read_slots;
use crate::award::{
    Climb, Counters, Merchant, Receipt, Rung, Shopper, Stand, amounts_of, covers, earned, ladder, lefts, played_column, read_counters,
    read_merchant, read_shopper, stand,
};
use crate::fields::{Answer, Fields, Fraction, Int, fraction, int, label, list, natural, out, out_list, refuse, text};
use crate::money::{points_milli, raises, value_of, value_of_points};
use crate::program::{Program, program_fields, read_program};
use crate::quotes::{brief, extremes, next_of, place};
use crate::split::allocate;
use crate::tables::{TABLE_FIELDS, read_basis};
use crate::time::{Date, Moment, days_before, read_date, read_local, seconds_of_day};
use serde_json::{Map, Value, json};

/// What the goods of an offer earn.
enum Earns {
    Nothing,
    By(Box<Program>, Value),
}

struct Offer {
    id: Option<String>,
    skus: Vec<String>,
    classes: Vec<String>,
    dated: Option<bool>,
    when: Option<Value>,
    earns: Earns,
}

/// A program with its offers; the document stands beside each program, for the names of its cells.
pub struct Goods {
    pub own: Program,
    document: Value,
    offers: Vec<Offer>,
}

/// The offers of a document; an empty list is none.
pub fn offers_of(program: &Value) -> Option<&Vec<Value>> {
    program.get("offers").and_then(Value::as_array).filter(|offers| !offers.is_empty())
}

const OFFER: [&str; 9] = ["id", "skus", "classes", "dated", "when", "exclude", "multiplier_milli", "points", "bonus"];

pub fn read_goods(value: &Value) -> Answer<Goods> {
    let fields = Fields::open(value, &program_fields())?;
    let offers = fields.list("offers")?;
    // What is no text, no list and no number is told before what the terms say.
    for offer in offers {
        let offer = Fields::open(offer, &[&OFFER[..], &TABLE_FIELDS[..]].concat())?;
        for name in ["id", "mechanism", "edition", "margin_class", "tier", "bonus"] {
            offer.text_if(name)?;
        }
        for name in ["skus", "classes", "rates_bp"] {
            offer.list_if(name)?;
        }
        for name in ["dated", "exclude", "allow_falling"] {
            offer.flag_or(name, false)?;
        }
    }
    if offers.len() > 16 || fields.get("quota").is_some_and(Value::is_array) || fields.has("make_up_minutes") {
        return refuse("bad_config");
    }
    let mut shared = value.as_object().cloned().unwrap_or_default();
    shared.remove("offers");
    let mut mechanisms = vec![fields.text("mechanism")?.to_string()];
    for offer in offers {
        if let Some(mechanism) = offer.get("mechanism").and_then(Value::as_str) {
            mechanisms.push(mechanism.to_string());
        }
    }
    let document = fitted(shared.clone(), &mechanisms);
    let own = read_program(&document)?;
    let mut carriers = usize::from(carries(&document));
    let mut read: Vec<Offer> = Vec::new();
    for value in offers {
        let fields = Fields::open(value, &[&OFFER[..], &TABLE_FIELDS[..]].concat())?;
        let id = fields.get("id").map(|id| label(id, 64)).transpose()?.map(String::from);
        if id.is_some() && read.iter().any(|earlier| earlier.id == id) {
            return refuse("bad_config");
        }
        if let Some(when) = fields.get("when") {
            check_when(when, 1, &mut 0)?;
        }
        let exclude = fields.flag_or("exclude", false)?;
        let of_mechanism = TABLE_FIELDS.iter().chain(&["points", "bonus"]).any(|name| *name != "mechanism" && fields.has(name));
        let earns = match (exclude, fields.has("multiplier_milli"), fields.has("mechanism")) {
            (true, false, false) if !of_mechanism => Earns::Nothing,
            (false, true, false) if !of_mechanism => {
                let factor = fields.natural("multiplier_milli")?;
                let multiplied = fitted(times(&shared, &factor)?, &mechanisms);
                Earns::By(Box::new(read_program(&multiplied)?), multiplied)
            }
            (false, false, true) => {
                let mut document = shared.clone();
                for name in TABLE_FIELDS.iter().chain(&["points", "bonus"]) {
                    document.remove(*name);
                    if let Some(own) = fields.get(name) {
                        document.insert((*name).to_string(), own.clone());
                    }
                }
                if fields.has("points") && fields.text("mechanism")? != "points" {
                    return refuse("bad_config");
                }
                let document = fitted(document, &mechanisms);
                Earns::By(Box::new(read_program(&document)?), document)
            }
            _ => return refuse("bad_config"),
        };
        if let Earns::By(_, document) = &earns {
            carriers += usize::from(carries(document));
        }
        if carriers > 1 {
            return refuse("bad_config");
        }
        let names = |name: &str| -> Answer<Vec<String>> {
            let mut names: Vec<String> = Vec::new();
            if fields.list_if(name)?.is_some_and(Vec::is_empty) {
                return refuse("bad_config");
            }
            for item in fields.list_if(name)?.into_iter().flatten() {
                let name = label(item, 64)?.to_string();
                if names.contains(&name) {
                    return refuse("bad_config");
                }
                names.push(name);
            }
            Ok(names)
        };
        let dated = if fields.has("dated") { Some(fields.flag_or("dated", false)?) } else { None };
        let when = fields.get("when").cloned();
        read.push(Offer { id, skus: names("skus")?, classes: names("classes")?, dated, when, earns });
    }
    Ok(Goods { own, document, offers: read })
}

fn carries(document: &Value) -> bool {
    document["mechanism"] == "points" && document["points"]["rest"] == "carry"
}

/// What belongs to another mechanism of the same program is left out.
fn fitted(mut document: Map<String, Value>, mechanisms: &[String]) -> Value {
    let mechanism = document.get("mechanism").and_then(Value::as_str).unwrap_or_default().to_string();
    let elsewhere = |name: &str| mechanism != name && mechanisms.iter().any(|other| other == name);
    if elsewhere("time_auction") {
        document.remove("first_n");
        document.remove("held_slots");
        if let Some(budget) = document.get_mut("budget").and_then(Value::as_object_mut) {
            budget.remove("slot");
        }
    }
    if elsewhere("stopwatch") {
        document.remove("draw");
    }
    Value::Object(document)
}

/// The document with its rates, or its points, times a factor in thousandths.
fn times(shared: &Map<String, Value>, factor: &Int) -> Answer<Map<String, Value>> {
    if *factor == int(0) {
        return refuse("bad_config");
    }
    let mut document = shared.clone();
    if shared.get("mechanism").and_then(Value::as_str) == Some("points") {
        if let Some(points) = document.get_mut("points").and_then(Value::as_object_mut) {
            let mut multipliers = points.get("multipliers_milli").and_then(Value::as_array).cloned().unwrap_or_default();
            multipliers.push(out(factor)?);
            if multipliers.len() > 8 {
                return refuse("bad_config");
            }
            points.insert("multipliers_milli".into(), json!(multipliers));
        }
        return Ok(document);
    }
    let value = Value::Object(shared.clone());
    let table = read_basis(&Fields::open(&value, &program_fields())?)?;
    let mut rates = Vec::new();
    for rate in &table.row {
        let exact = Fraction::new(rate * factor, int(1000));
        if !exact.is_integer() || exact > fraction(&int(10_000)) {
            return refuse("bad_config");
        }
        rates.push(out(&exact.to_integer())?);
    }
    for name in ["edition", "margin_class", "tier"] {
        document.remove(name);
    }
    if table.stopwatch || table.auction {
        document.insert("rates_bp".into(), json!(rates));
    } else {
        document.insert("rate_bp".into(), rates[0].clone());
    }
    Ok(document)
}

const TESTS: [&str; 11] =
    ["all", "any", "not", "weekdays", "dates", "period", "hours", "slots", "min_purchases", "min_points_milli", "min_total"];
const WEEK: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn key_of(value: &Value) -> Answer<(&'static str, &Value)> {
    let fields = Fields::open(value, &TESTS)?;
    let given: Vec<&str> = TESTS.into_iter().filter(|key| fields.has(key)).collect();
    let [key] = given[..] else {
        return refuse("bad_config");
    };
    Ok((key, fields.need(key)?))
}

fn check_when(value: &Value, level: usize, nodes: &mut usize) -> Answer<()> {
    *nodes += 1;
    if level > 16 || *nodes > 1000 {
        return refuse("too_large");
    }
    let (key, inner) = key_of(value)?;
    match key {
        "all" | "any" => list(inner)?.iter().try_for_each(|part| check_when(part, level + 1, nodes)),
        "not" => check_when(inner, level + 1, nodes),
        "weekdays" => list(inner)?.iter().try_for_each(|day| {
            let day = text(day)?;
            if WEEK.contains(&day) { Ok(()) } else { refuse("bad_config") }
        }),
        "dates" => list(inner)?.iter().try_for_each(|date| read_date(text(date)?).map(|_| ())),
        "period" => {
            let period = Fields::open(inner, &["from", "until"])?;
            period.text_if("from")?.map(read_local).transpose()?;
            period.text_if("until")?.map(read_local).transpose().map(|_| ())
        }
        "hours" => {
            let hours = Fields::open(inner, &["from", "until"])?;
            seconds_of_day(hours.text("from")?)?;
            seconds_of_day(hours.text("until")?).map(|_| ())
        }
        "slots" => read_slots(inner).map(|_| ()),
        _ => natural(inner).map(|_| ()),
    }
}

/// What conditions look at.
struct Sight<'a> {
    local: Option<(Moment, Date)>,
    slot: Option<usize>,
    shopper: &'a Shopper,
    total: &'a Int,
}

/// Whether a condition anywhere asks for one of these.
fn asks(when: &Value, keys: &[&str]) -> bool {
    let Ok((key, inner)) = key_of(when) else {
        return false;
    };
    match key {
        "all" | "any" => inner.as_array().is_some_and(|parts| parts.iter().any(|part| asks(part, keys))),
        "not" => asks(inner, keys),
        _ => keys.contains(&key),
    }
}

/// The path to the first condition that fails.
fn failed(when: &Value, sight: &Sight, path: &str) -> Answer<Option<String>> {
    let (key, inner) = key_of(when)?;
    if key == "all" {
        for (index, part) in list(inner)?.iter().enumerate() {
            if let Some(path) = failed(part, sight, &format!("{path}.all[{index}]"))? {
                return Ok(Some(path));
            }
        }
        return Ok(None);
    }
    Ok(if holds(when, sight)? { None } else { Some(path.to_string()) })
}

fn holds(when: &Value, sight: &Sight) -> Answer<bool> {
    let (key, inner) = key_of(when)?;
    let among = |is_it: &dyn Fn(&Value) -> Answer<bool>| -> Answer<bool> {
        for item in list(inner)? {
            if is_it(item)? {
                return Ok(true);
            }
        }
        Ok(false)
    };
    Ok(match key {
        "all" => !among(&|part| holds(part, sight).map(|holds| !holds))?,
        "any" => among(&|part| holds(part, sight))?,
        "not" => !holds(inner, sight)?,
        "slots" => sight.slot.is_some_and(|slot| read_slots(inner).is_ok_and(|slots| slots.contains(&slot))),
        "min_purchases" => sight.shopper.purchases >= natural(inner)?,
        "min_points_milli" => sight.shopper.prior_points_milli >= crate::fields::number(inner)?,
        "min_total" => *sight.total >= crate::fields::number(inner)?,
        _ => {
            let Some((local, day)) = &sight.local else {
                return Ok(false);
            };
            match key {
                // 1 January of the year 0 was a Saturday.
                "weekdays" => among(&|name| Ok(text(name)? == WEEK[usize::try_from((days_before(day) + 5) % 7).expect("a day")]))?,
                "dates" => among(&|date| Ok(read_date(text(date)?)? == *day))?,
                "period" => {
                    let period = Fields::open(inner, &["from", "until"])?;
                    let now = local.local();
                    let from = period.text_if("from")?.map(read_local).transpose()?;
                    let until = period.text_if("until")?.map(read_local).transpose()?;
                    from.is_none_or(|from| fraction(&int(from)) <= now) && until.is_none_or(|until| now < fraction(&int(until)))
                }
                _ => {
                    let hours = Fields::open(inner, &["from", "until"])?;
                    let (from, until) = (seconds_of_day(hours.text("from")?)?, seconds_of_day(hours.text("until")?)?);
                    let second = local.time_of_day();
                    let (after, before) = (second >= fraction(&int(from)), second < fraction(&int(until)));
                    if from <= until { after && before } else { after || before }
                }
            }
        }
    })
}

/// A group of goods on its way.
struct Group<'a> {
    offer: Option<usize>,
    program: &'a Program,
    document: &'a Value,
    receipt: Receipt,
    stand: Stand,
    base: Int,
    reason: &'static str,
    award: bool,
    rate: Int,
    /// The value before the limits, and what is left of it.
    before: Int,
    value: Int,
    cell: Option<Value>,
}

pub fn decide(input: &Value) -> Answer<Value> {
    decided(input, &int(0)).map(|decided| decided.answer)
}

/// AW-9 over goods: what is missing is bought of goods without a name.
pub fn quote(input: &Value) -> Answer<Value> {
    let Decided { answer: now, goods, total, .. } = decided(input, &int(0))?;
    let quota = &goods.own.quotas[0];
    let missing = if total < *quota { quota - &total } else { int(0) };
    let by_offers = goods.offers.iter().filter_map(|offer| if let Earns::By(program, _) = &offer.earns { Some(&**program) } else { None });
    let programs: Vec<&Program> = [&goods.own].into_iter().chain(by_offers).collect();
    let first = |is_it: fn(&Program) -> bool| programs.iter().copied().find(|program| is_it(program));
    let at_quota = if missing > int(0) { brief(&decided(input, &missing)?.answer) } else { Value::Null };
    let (mut best, mut worst) = (Value::Null, Value::Null);
    if let Some(program) = first(|program| program.table.stopwatch) {
        let outlook = |column: usize| -> Answer<Value> {
            let digit = (column + 1) % 10;
            let mut played = input.clone();
            played["receipt"]["digit"] = json!(digit);
            played["receipt"].as_object_mut().expect("a receipt").remove("claim");
            let value = decided(&played, &missing)?.answer["value"].clone();
            Ok(json!({ "digit": digit, "rate_bp": out(&program.table.row[column])?, "value": value }))
        };
        let [highest, lowest] = extremes(program);
        (best, worst) = (outlook(highest)?, outlook(lowest)?);
    }
    let mut next = Value::Null;
    if let Some(program) = first(|program| program.table.auction) {
        let receipt =
            Fields::open(&input["receipt"], &["lines", "line_rounding", "digit", "claim", "slot", "at", "paid_by_voucher", "late"])?;
        let mut whole = Receipt::plain(total, &Fields::open(&json!({}), &[])?)?;
        whole.read_column(&receipt, &program.tolerance_ms)?;
        if whole.slot.is_some() || (whole.at.is_some() && program.window.is_some()) {
            next = next_of(program, &place(program, &whole)?)?;
        }
    }
    Ok(json!({ "missing": out(&missing)?, "now": brief(&now), "at_quota": at_quota, "next": next, "best": best, "worst": worst }))
}

/// A decision, and what a refund of its goods asks.
struct Decided {
    answer: Value,
    goods: Goods,
    shopper: Shopper,
    total: Int,
    /// The offer of each group; none for the program itself.
    groups: Vec<Option<usize>>,
    /// The group of each line; none for goods that earn nothing.
    places: Vec<Option<usize>>,
    slot: Option<usize>,
}

fn decided(input: &Value, more: &Int) -> Answer<Decided> {
    let fields = Fields::open(input, &["program", "receipt", "shopper", "merchant", "counters"])?;
    let goods = read_goods(fields.need("program")?)?;
    let program = &goods.own;
    let mechanisms: Vec<&Program> = goods
        .offers
        .iter()
        .filter_map(|offer| if let Earns::By(program, _) = &offer.earns { Some(&**program) } else { None })
        .chain([program])
        .collect();
    let (has_auction, has_stopwatch) =
        (mechanisms.iter().any(|program| program.table.auction), mechanisms.iter().any(|program| program.table.stopwatch));

    let receipt = Fields::open(
        fields.need("receipt")?,
        &["total", "lines", "line_rounding", "digit", "claim", "slot", "at", "paid_by_voucher", "late"],
    )?;
    let Some(mut amounts) = amounts_of(&receipt)? else {
        return refuse("missing_field");
    };
    let mut lines = list(receipt.need("lines")?)?.clone();
    if *more > int(0) {
        amounts.push(more.clone());
        lines.push(json!({ "sku": "" }));
    }
    let total: Int = amounts.iter().sum();
    out(&total)?;
    let mut whole = Receipt::plain(total.clone(), &receipt)?;
    whole.read_column(&receipt, &program.tolerance_ms)?;
    if whole.slot.is_some() && (whole.at.is_some() || !has_auction) {
        return refuse("bad_config");
    }
    if (whole.digit.is_some() && whole.claim.is_some()) || ((whole.digit.is_some() || whole.claim.is_some()) && !has_stopwatch) {
        return refuse("bad_config");
    }
    let (shopper, merchant) = (read_shopper(&fields)?, read_merchant(&fields)?);
    let table = mechanisms.iter().find(|program| program.table.auction).map_or(&program.table, |program| &program.table);
    let counters = read_counters(&fields, table)?;

    // The instant of the purchase, and what the conditions see.
    let told = whole.at.clone().or_else(|| whole.claim.as_ref().map(|claim| claim.stopped.clone()));
    let local = match told.as_ref().map(|at| at.at(program.offset)).transpose()? {
        None => None,
        Some(at) => {
            let day = match &program.window {
                Some(window) if window.slot(&at).is_some() => window.selling_day(&at)?,
                _ => at.date.clone(),
            };
            Some((at, day))
        }
    };
    let slot = match (whole.slot, &local, &program.window) {
        (Some(slot), ..) => Some(slot),
        (None, Some((at, _)), Some(window)) => window.slot(at),
        _ => None,
    };
    let asked = |keys: &[&str]| goods.offers.iter().any(|offer| offer.when.as_ref().is_some_and(|when| asks(when, keys)));
    if local.is_none() && asked(&["weekdays", "dates", "period", "hours"]) {
        return refuse("missing_field");
    }
    if whole.slot.is_none() && (local.is_none() || program.window.is_none()) && asked(&["slots"]) {
        return refuse("missing_field");
    }
    let sight = Sight { local: local.clone(), slot, shopper: &shopper, total: &total };
    let mut closed = Vec::new();
    let mut is_open = Vec::new();
    for (index, offer) in goods.offers.iter().enumerate() {
        let path = match &offer.when {
            None => None,
            Some(when) => failed(when, &sight, &format!("program.offers[{index}].when"))?,
        };
        is_open.push(path.is_none());
        if let Some(path) = path {
            let mut told = json!({ "offer": index, "path": path });
            if let Some(id) = &offer.id {
                told["id"] = json!(id);
            }
            closed.push(told);
        }
    }

    // Every line goes to the first offer that takes it.
    let mut sums: Vec<Option<Int>> = vec![None; goods.offers.len() + 1];
    let mut takers = Vec::new();
    for (line, amount) in lines.iter().zip(&amounts) {
        let sku = line["sku"].as_str().unwrap_or_default().to_string();
        let class = line["class"].as_str().map(String::from);
        let is_dated = line["dated"].as_bool().unwrap_or_else(|| program.dated_skus.as_ref().is_some_and(|skus| skus.contains(&sku)));
        let takes = |offer: &Offer| {
            let named = offer.skus.contains(&sku) || class.as_ref().is_some_and(|class| offer.classes.contains(class));
            (named || (offer.skus.is_empty() && offer.classes.is_empty())) && offer.dated.is_none_or(|dated| dated == is_dated)
        };
        let place = goods.offers.iter().zip(&is_open).position(|(offer, is_open)| *is_open && takes(offer)).unwrap_or(goods.offers.len());
        *sums[place].get_or_insert(int(0)) += amount;
        takers.push(Some(place).filter(|place| *place < goods.offers.len()));
    }
    let mut excluded = int(0);
    let mut taken: Vec<(Option<usize>, &Program, &Value, Int)> = Vec::new();
    for (index, offer) in goods.offers.iter().enumerate() {
        match (&sums[index], &offer.earns) {
            (None, _) => {}
            (Some(sum), Earns::Nothing) => excluded += sum,
            (Some(sum), Earns::By(program, document)) => taken.push((Some(index), program, document, sum.clone())),
        }
    }
    let of_own = sums.pop().flatten();
    if of_own.is_some() || taken.is_empty() {
        taken.push((None, program, &goods.document, of_own.unwrap_or_else(|| int(0))));
    }

    // SP-1: what vouchers paid falls on all goods by their amounts.
    let mut weights: Vec<Int> = taken.iter().map(|(.., amount)| amount.clone()).collect();
    weights.push(excluded);
    let vouchers = if total > int(0) { allocate(&whole.paid_by_voucher, &weights) } else { vec![int(0); weights.len()] };
    let mut groups = Vec::new();
    for ((offer, program, document, amount), voucher) in taken.into_iter().zip(vouchers) {
        let mut own = whole.clone();
        if program.table.auction || !program.table.stopwatch {
            (own.digit, own.claim) = (None, None);
        }
        if program.table.stopwatch {
            (own.slot, own.at) = (None, None);
        }
        if !program.table.auction {
            own.slot = None;
        }
        if program.table.auction {
            match (own.slot, &own.at, &program.window) {
                (None, None, _) | (None, Some(_), None) => return refuse("missing_field"),
                _ => {}
            }
        }
        if own.claim.is_some() && program.hardened {
            return refuse("bad_config");
        }
        let mut stand = stand(program, &own)?;
        if let (true, Some((at, _))) = (own.at.is_none() && own.claim.is_none(), &local) {
            stand.in_force = program.in_force(at);
        }
        let base = if program.exclude_voucher_paid { &amount - voucher } else { amount.clone() };
        groups.push(Group {
            offer,
            program,
            document,
            receipt: own,
            stand,
            base,
            reason: "",
            award: false,
            rate: int(0),
            before: int(0),
            value: int(0),
            cell: None,
        });
    }
    let with_slot = groups.iter().position(|group| group.stand.slot.is_some());
    let slot = with_slot.and_then(|place| groups[place].stand.slot);
    let mut day =
        with_slot.and_then(|place| groups[place].stand.day.clone()).or_else(|| groups.iter().find_map(|group| group.stand.day.clone()));
    // The day is the receipt's, whichever goods it has; but outside the hours of a time auction there is none.
    let is_outside = groups.iter().any(|group| group.stand.outside);
    if let (None, Some((_, of_instant)), false) = (&day, &local, is_outside) {
        day = Some(of_instant.clone());
    }
    let counted = counters.on(day.as_ref())?;
    for group in &mut groups {
        judge(group, &total, &counted, &shopper, &merchant)?;
    }

    // AW-13, AW-6, GF-7 over the whole.
    let mut capped_by = Vec::new();
    let in_slot: fn(&Group) -> bool = |group| group.stand.slot.is_some();
    let all: fn(&Group) -> bool = |_| true;
    let of_auction = with_slot.map_or(program, |place| groups[place].program);
    let lefts = lefts(of_auction, &counted, slot);
    // The cap and the day's budget look at all; only then is it known what each group keeps.
    let mut value = sum(&groups, all);
    if let Some(cap) = program.receipt_cap.as_ref().filter(|cap| value > **cap) {
        capped_by.push("receipt_cap");
        value = cap.clone();
    }
    let day_left = lefts.iter().find(|(name, _)| *name == "day_budget").map(|(_, left)| left.clone());
    match day_left.filter(|left| value > *left) {
        Some(left) => {
            capped_by.push("day_budget");
            if program.refuse_when_short || left == int(0) {
                stop(&mut groups, all, "budget_spent");
            } else {
                share(&mut groups, &left, all);
            }
        }
        None => share(&mut groups, &value, all),
    }
    // The slot's budget looks at the goods of the time auction.
    let slot_left = lefts.into_iter().find(|(name, _)| *name == "slot_budget").map(|(_, left)| left);
    if let Some(left) = slot_left.filter(|left| sum(&groups, in_slot) > *left) {
        capped_by.push("slot_budget");
        if program.refuse_when_short || left == int(0) {
            stop(&mut groups, in_slot, "budget_spent");
        } else {
            share(&mut groups, &left, in_slot);
        }
    }
    if !covers(program, &merchant, &sum(&groups, all)) {
        stop(&mut groups, all, "cover_short");
    }

    let value = sum(&groups, all);
    out(&value)?;
    let (mut by_rate, mut milli, mut carried) = (int(0), int(0), shopper.carried.clone());
    for group in &groups {
        if group.program.table.points && group.reason == "full" {
            let (earned, rest) = earned(group.program, &total, &group.base, &shopper.carried)?;
            milli += if group.value == group.before { earned } else { points_milli(&group.value, &program.point_value) };
            if carries(group.document) {
                carried = rest;
            }
        } else {
            by_rate += &group.value;
        }
    }
    milli += points_milli(&by_rate, &program.point_value);

    let mut after = counters.same();
    if groups.iter().any(|group| group.award) {
        after = counted;
        let of_slot: Int = sum(&groups, in_slot);
        let full = groups.iter().any(|group| in_slot(group) && group.reason == "full" && group.value > int(0));
        if groups.iter().any(|group| in_slot(group) && group.award) {
            after.add(slot, &of_slot, full);
            after.add(None, &(&value - &of_slot), false);
        } else {
            after.add(None, &value, false);
        }
    }
    let mut leader = &groups[0];
    for group in &groups {
        if (&group.value, group.award) > (&leader.value, leader.award) {
            leader = group;
        }
    }
    let base: Int = groups.iter().map(|group| &group.base).sum();
    let bought = if total > int(0) { int(1) } else { int(0) };
    let mut answer = json!({
        "reason": leader.reason,
        "rate_bp": out(&leader.rate)?,
        "base": out(&base)?,
        "value": out(&value)?,
        "points_milli": out(&milli)?,
        "capped_by": capped_by,
        "counters": after.write(table)?,
        "shopper": {
            "prior_points_milli": out(&(&shopper.prior_points_milli + &milli))?,
            "purchases": out(&(&shopper.purchases + bought))?,
        },
        "groups": groups.iter().map(|group| group.write(&goods)).collect::<Answer<Vec<Value>>>()?,
    });
    if carried > int(0) {
        answer["shopper"]["carried"] = out(&carried)?;
    }
    if whole.late {
        answer["late"] = json!(true);
    }
    if !closed.is_empty() {
        answer["closed"] = json!(closed);
    }
    if let Some(shares) = &program.funding {
        answer["parts"] = out_list(&allocate(&value, shares))?;
    }
    if let Some(parties) = goods.document.get("parties").filter(|parties| !parties.is_null()) {
        answer["parties"] = parties.clone();
    }
    let of_groups: Vec<Option<usize>> = groups.iter().map(|group| group.offer).collect();
    let is_excluded = |taker: &Option<usize>| taker.is_some_and(|place| matches!(goods.offers[place].earns, Earns::Nothing));
    let places =
        takers.iter().map(|taker| if is_excluded(taker) { None } else { of_groups.iter().position(|offer| offer == taker) }).collect();
    drop(groups);
    Ok(Decided { answer, shopper, total, groups: of_groups, places, slot, goods })
}

/// AW-8: what each group keeps after goods came back. Money comes back before vouchers, and the quota looks at all goods.
pub fn reverse(input: &Value) -> Answer<Value> {
    let mut request = input.clone();
    let Some(refunds) = request.as_object_mut().and_then(|fields| fields.remove("refunds")).filter(|refunds| !refunds.is_null()) else {
        return refuse("missing_field");
    };
    let Decided { answer: award, goods, shopper, total, groups, places, slot } = decided(&request, &int(0))?;
    let receipt = &request["receipt"];
    let mut units: Vec<Int> = Vec::new();
    let mut of_total = int(0);
    let mut back: Vec<Int> = vec![int(0); groups.len()];
    let issued: Vec<Int> =
        award["groups"].as_array().expect("groups").iter().map(|group| natural(&group["value"])).collect::<Answer<_>>()?;
    let mut left = None;
    let (mut kept, mut taken_back, mut points) = (Vec::new(), Vec::new(), Vec::new());
    let mut held = natural(&award["value"])?;
    let look = |back: &[Int], of_total: &Int| left_of(&award, &goods, &groups, (&shopper, &total), back, of_total);
    for refund in list(&refunds)? {
        let Some(amounts) = returned(receipt, refund, &mut units)? else {
            // Goods earn differently, so that an amount alone is of none.
            match refund.as_object() {
                Some(_) => drop(Fields::open(refund, &["back", "out"])?.natural("back")?),
                None => drop(crate::fields::number(refund)?),
            }
            return refuse("bad_config");
        };
        for (line, amount) in amounts {
            of_total += &amount;
            if let Some(group) = places[line] {
                back[group] += &amount;
            }
        }
        let after = look(&back, &of_total)?;
        let value: Int = after.kept.iter().sum();
        taken_back.push(&held - &value);
        kept.push(value.clone());
        points.push(after.points.clone());
        held = value;
        left = Some(after);
    }
    let Some(after) = left.map_or_else(|| look(&back, &of_total), Ok).ok() else {
        return refuse("out_of_range");
    };
    let has_points = award["groups"].as_array().is_some_and(|groups| groups.iter().any(|group| group["mechanism"] == "points"))
        || goods.own.table.points
        || goods.offers.iter().any(|offer| matches!(&offer.earns, Earns::By(program, _) if program.table.points));
    let mut told = Vec::new();
    for (index, group) in award["groups"].as_array().expect("groups").iter().enumerate() {
        let mut one = json!({ "kept": out(&after.kept[index])?, "reason": after.reasons[index] });
        for name in ["offer", "id"] {
            if let Some(value) = group.get(name) {
                one[name] = value.clone();
            }
        }
        told.push(one);
    }
    let worst = |reason: &str| after.reasons.contains(&reason);
    let reason = if after.reasons.iter().all(|reason| *reason == "fully_refunded") {
        "fully_refunded"
    } else if worst("below_quota_standby") {
        "below_quota_standby"
    } else if worst("below_quota_kept_rate") {
        "below_quota_kept_rate"
    } else {
        "kept"
    };
    let purchases = if of_total < total { award["shopper"]["purchases"].clone() } else { out(&shopper.purchases)? };
    let mut answer = json!({
        "kept": out_list(&kept)?,
        "taken_back": out_list(&taken_back)?,
        "reason": reason,
        "groups": told,
        "shopper": { "prior_points_milli": out(&(&shopper.prior_points_milli + &after.points))?, "purchases": purchases },
    });
    if has_points {
        answer["points_milli"] = out_list(&points)?;
    }
    if after.carried > int(0) {
        answer["shopper"]["carried"] = out(&after.carried)?;
    }
    let mut counters = award["counters"].clone();
    if goods.own.give_back {
        let lower = |count: &Value, by: &Int| -> Answer<Value> { out(&(natural(count)? - by)) };
        let all: Int = issued.iter().sum();
        counters["released_today"] = lower(&counters["released_today"], &(&all - &held))?;
        let of_slot = |index: &usize| award["groups"][*index]["mechanism"] == "time_auction";
        let in_slot: Vec<usize> = (0..groups.len()).filter(of_slot).collect();
        let was: Int = in_slot.iter().map(|index| issued[*index].clone()).sum();
        let is: Int = in_slot.iter().map(|index| after.kept[*index].clone()).sum();
        if let (Some(slot), false) = (slot, in_slot.is_empty()) {
            counters["released_by_slot"][slot - 1] = lower(&counters["released_by_slot"][slot - 1], &(&was - &is))?;
            let full = in_slot.iter().any(|index| award["groups"][*index]["reason"] == "full" && issued[*index] > int(0));
            if full && is == int(0) {
                counters["awards_by_slot"][slot - 1] = lower(&counters["awards_by_slot"][slot - 1], &int(1))?;
            }
        }
    }
    answer["counters"] = counters;
    Ok(answer)
}

struct Left {
    kept: Vec<Int>,
    reasons: Vec<&'static str>,
    points: Int,
    carried: Int,
}

fn left_of(
    award: &Value,
    goods: &Goods,
    groups: &[Option<usize>],
    (shopper, total): (&Shopper, &Int),
    back: &[Int],
    of_total: &Int,
) -> Answer<Left> {
    let mut left = Left { kept: Vec::new(), reasons: Vec::new(), points: int(0), carried: shopper.carried.clone() };
    let mut by_rate = int(0);
    for (index, offer) in groups.iter().enumerate() {
        let (program, document) = match offer.map(|place| &goods.offers[place].earns) {
            Some(Earns::By(program, document)) => (&**program, document),
            _ => (&goods.own, &goods.document),
        };
        let group = &award["groups"][index];
        let (base, issued, rate) = (natural(&group["base"])?, natural(&group["value"])?, natural(&group["rate_bp"])?);
        let refunded = if back[index] < base { back[index].clone() } else { base.clone() };
        let rest = &base - &refunded;
        let quota = &program.quotas[0];
        let below = total >= quota && &(total - of_total) < quota;
        let dropped = below && program.drops_below_quota;
        let standby = program.standby.rate(&shopper.prior_points_milli);
        let by_points = program.table.points && group["reason"] == "full";
        let reason = match (rest == int(0), below, program.drops_below_quota) {
            (true, ..) => "fully_refunded",
            (false, true, true) => "below_quota_standby",
            (false, true, false) => "below_quota_kept_rate",
            (false, false, _) => "kept",
        };
        let lower = if by_points || standby < rate { standby } else { rate.clone() };
        let mut worth = value_of(&rest, if dropped { &lower } else { &rate }, &program.rounding);
        let mut exact = None;
        if by_points && rest > int(0) {
            let (milli, carried) = earned(program, &(total - of_total), &rest, &shopper.carried)?;
            let by_steps = value_of_points(&milli, &program.point_value);
            if !dropped {
                worth = by_steps.clone();
                if carries(document) {
                    left.carried = carried;
                }
                if by_steps <= issued {
                    exact = Some(milli);
                }
            } else if by_steps < worth {
                worth = by_steps;
            }
        }
        if by_points && rest == int(0) {
            worth = int(0);
        }
        let kept = if worth < issued { worth } else { issued };
        match (by_points, exact) {
            (true, Some(milli)) => left.points += milli,
            (true, None) => left.points += points_milli(&kept, &program.point_value),
            (false, _) => by_rate += &kept,
        }
        left.kept.push(kept);
        left.reasons.push(reason);
    }
    left.points += points_milli(&by_rate, &goods.own.point_value);
    Ok(left)
}

/// What comes back of a receipt's lines with one refund, by their amounts; none for a refund that names no lines. `units` holds
/// what has come back before.
pub fn returned(receipt: &Value, refund: &Value, units: &mut Vec<Int>) -> Answer<Option<Vec<(usize, Int)>>> {
    if refund.get("lines").is_none() {
        return Ok(None);
    }
    let refund = Fields::open(refund, &["lines"])?;
    let lines = refund.list("lines")?;
    let Some(sold) = receipt.get("lines").and_then(Value::as_array) else {
        return refuse("bad_config");
    };
    units.resize(sold.len(), int(0));
    let mut amounts = Vec::new();
    for part in lines {
        let part = Fields::open(part, &["line", "quantity", "quantity_milli"])?;
        let place = part.natural("line")?;
        if place >= int(i64::try_from(sold.len()).expect("few lines")) {
            return refuse("out_of_range");
        }
        let place = usize::try_from(place).expect("a small number");
        let back = match (part.has("quantity"), part.has("quantity_milli")) {
            (true, true) => return refuse("bad_config"),
            (false, false) => return refuse("missing_field"),
            (true, false) => part.positive("quantity")?,
            (false, true) => part.positive("quantity_milli")?,
        };
        let unit = if part.has("quantity") { "quantity" } else { "quantity_milli" };
        let Some(bought) = sold[place].get(unit).filter(|bought| !bought.is_null()) else {
            return refuse("bad_config");
        };
        let bought = natural(bought)?;
        let before = left_of_line(receipt, place, unit, &bought, &units[place])?;
        units[place] += back;
        if units[place] > bought {
            return refuse("over_refund");
        }
        amounts.push((place, before - left_of_line(receipt, place, unit, &bought, &units[place])?));
    }
    Ok(Some(amounts))
}

/// What is left of a line's amount: the price of what is left, or of a line with a discount its share.
fn left_of_line(receipt: &Value, place: usize, unit: &str, bought: &Int, back: &Int) -> Answer<Int> {
    let mut one = json!({ "lines": [receipt["lines"][place]] });
    if let Some(rounding) = receipt.get("line_rounding").filter(|rounding| !rounding.is_null()) {
        one["line_rounding"] = rounding.clone();
    }
    let amount = |one: &Value| -> Answer<Int> {
        let fields = Fields::open(one, &["lines", "line_rounding"])?;
        Ok(amounts_of(&fields)?.expect("a line")[0].clone())
    };
    let whole = amount(&one)?;
    if *back == int(0) {
        return Ok(whole);
    }
    if back >= bought {
        return Ok(int(0));
    }
    let rest = bought - back;
    if natural(receipt["lines"][place].get("discount").filter(|discount| !discount.is_null()).unwrap_or(&json!(0)))? == int(0) {
        one["lines"][0][unit] = out(&rest)?;
        return amount(&one);
    }
    // The share, rounded as the receipt's lines are, to whole rupiah.
    let mode = receipt.get("line_rounding").and_then(|rounding| rounding.get("mode")).and_then(Value::as_str).unwrap_or("half_up");
    let exact = Fraction::new(whole * rest, bought.clone());
    let below = exact.floor().to_integer();
    let raised = raises(mode, &below, &(exact - fraction(&below)));
    Ok(below + int(i64::from(raised)))
}

fn sum(groups: &[Group], of: impl Fn(&Group) -> bool) -> Int {
    groups.iter().filter(|group| of(group)).map(|group| group.value.clone()).sum()
}

/// A limit stops those that had a value.
fn stop(groups: &mut [Group], of: fn(&Group) -> bool, reason: &'static str) {
    for group in groups.iter_mut().filter(|group| of(group) && group.value > int(0)) {
        (group.reason, group.award, group.value) = (reason, false, int(0));
    }
}

/// What a limit leaves falls on its groups by their values.
fn share(groups: &mut [Group], left: &Int, of: impl Fn(&Group) -> bool) {
    let weights: Vec<Int> = groups.iter().filter(|group| of(group)).map(|group| group.value.clone()).collect();
    if weights.iter().sum::<Int>() == *left {
        return;
    }
    for (group, part) in groups.iter_mut().filter(|group| of(group)).zip(allocate(left, &weights)) {
        group.value = part;
    }
}

/// Down the ladder, to the value.
fn judge(group: &mut Group, total: &Int, counted: &Counters, shopper: &Shopper, merchant: &Merchant) -> Answer<()> {
    let Group { program, receipt, base, .. } = &*group;
    let stand = Stand { slot: group.stand.slot, day: group.stand.day.clone(), ..group.stand };
    let slot = stand.slot;
    let climb = Climb { program, receipt, total, base, stand, counted: counted.same() };
    match ladder(climb, shopper, merchant) {
        Err(reason) => group.reason = reason,
        Ok(Rung { reason, rate, .. }) => {
            let mut value = value_of(base, &rate, &program.rounding);
            if program.table.points && reason == "full" {
                value = value_of_points(&earned(program, total, base, &shopper.carried)?.0, &program.point_value);
                // What a limit cuts off is split by these values.
                out(&value)?;
            }
            let cell = cell(group, reason, slot, shopper)?;
            (group.reason, group.award, group.rate, group.cell) = (reason, true, rate, cell);
            (group.before, group.value) = (value.clone(), value);
        }
    }
    Ok(())
}

/// The cell behind a rate (CV-6).
fn cell(group: &Group, reason: &str, slot: Option<usize>, shopper: &Shopper) -> Answer<Option<Value>> {
    let Group { program, document, receipt, .. } = group;
    if reason == "standby" || reason == "first_n_standby" {
        let steps = &program.standby;
        let reached = |from: &Int| if steps.strict { shopper.prior_points_milli > *from } else { shopper.prior_points_milli >= *from };
        let from = steps.steps.iter().map(|(from, _)| from).filter(|from| reached(from)).max().cloned();
        return Ok(Some(json!({ "standby_from_points_milli": out(&from.unwrap_or_default())? })));
    }
    if !program.table.auction && !program.table.stopwatch {
        return Ok(None);
    }
    let smallest = || {
        let least = program.table.row.iter().min().expect("ten columns");
        program.table.row.iter().position(|rate| rate == least).expect("it is there")
    };
    let column = match (reason, slot) {
        ("intro", _) => smallest(),
        ("first_n_first_column", _) => 0,
        (_, Some(slot)) => slot - 1,
        (_, None) => played_column(program, receipt).unwrap_or(0),
    };
    let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or("recommended").to_string();
    let table = match (document.get("rates_bp").is_some_and(|rates| !rates.is_null()), program.table.auction) {
        (true, _) => "own".to_string(),
        (false, true) => format!("time_auction/{}/{}/{}", text("edition"), text("margin_class"), text("tier")),
        (false, false) => format!("stopwatch/{}/{}", text("margin_class"), text("tier")),
    };
    Ok(Some(if program.table.auction {
        json!({ "table": table, "slot": column + 1 })
    } else {
        json!({ "table": table, "digit": (column + 1) % 10 })
    }))
}

impl Group<'_> {
    fn write(&self, goods: &Goods) -> Answer<Value> {
        let mechanism = &self.document["mechanism"];
        let mut answer = json!({
            "mechanism": mechanism,
            "reason": self.reason,
            "rate_bp": out(&self.rate)?,
            "base": out(&self.base)?,
            "value": out(&self.value)?,
        });
        if let Some(cell) = &self.cell {
            answer["cell"] = cell.clone();
        }
        if let Some(place) = self.offer {
            answer["offer"] = json!(place);
            if let Some(id) = &goods.offers[place].id {
                answer["id"] = json!(id);
            }
        }
        Ok(answer)
    }
}
