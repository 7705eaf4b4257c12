//! One event for every channel: its hash, its money, its goods (OR-1, OR-2, OR-4, OR-6).

use crate::award;
use crate::canonical::bytes;
use crate::fields::{Answer, Fields, Fraction, Int, fraction, int, list, natural, out, rate, refuse};
use crate::money::{Rounding, value_of};
use crate::sha256::{hex, sha256};
use crate::split::allocate;
use crate::time::read_moment;
use crate::voucher;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

struct Line {
    code: String,
    quantity: Int,
    price: Int,
    discount: Int,
    tax_bp: Option<Int>,
}

struct Tax {
    rate_bp: Int,
    inclusive: bool,
    mode: &'static str,
    by_line: bool,
}

struct Event {
    source: String,
    id: String,
    kind: &'static str,
    time: String,
    shop: String,
    channel: String,
    lines: Vec<Line>,
    /// Which of the sale's lines, and how many units of it.
    back: Vec<(Int, Int)>,
    of: Option<(String, String)>,
    discount: Int,
    service_bp: Int,
    tips: Int,
    tax: Option<Tax>,
    payments: Vec<(String, Int)>,
    member: Option<String>,
}

/// A list that is empty when it is not given.
fn items<'a>(fields: &Fields<'a>, name: &str) -> Answer<&'a [Value]> {
    Ok(fields.list_if(name)?.map_or(&[], Vec::as_slice))
}

/// The only texts that a field may hold; any other is `bad_config`.
fn must_be(found: &str, words: &[&'static str]) -> Answer<&'static str> {
    words.iter().find(|word| **word == found).copied().ok_or_else(|| "bad_config".to_string())
}

fn not_empty(text: &str) -> Answer<String> {
    if text.is_empty() { refuse("bad_config") } else { Ok(text.to_string()) }
}

fn digits_of_hex(text: &str, bytes: usize) -> Answer<Vec<u8>> {
    if text.len() != 2 * bytes || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return refuse("bad_config");
    }
    Ok((0..bytes).map(|k| u8::from_str_radix(&text[2 * k..2 * k + 2], 16).expect("two digits")).collect())
}

fn read_line(value: &Value) -> Answer<Line> {
    let fields = Fields::open(value, &["code", "quantity", "price", "discount", "tax_bp"])?;
    Ok(Line {
        code: fields.text("code")?.to_string(),
        quantity: fields.positive("quantity")?,
        price: fields.natural("price")?,
        discount: fields.natural_or("discount", 0)?,
        tax_bp: fields.get("tax_bp").map(rate).transpose()?,
    })
}

impl Line {
    fn amount(&self) -> Int {
        &self.quantity * &self.price - &self.discount
    }
}

fn read_tax(value: &Value) -> Answer<Tax> {
    let fields = Fields::open(value, &["rate_bp", "inclusive", "mode", "by"])?;
    fields.need("inclusive")?;
    Ok(Tax {
        rate_bp: fields.rate("rate_bp")?,
        inclusive: fields.flag_or("inclusive", false)?,
        mode: fields.word_or("mode", &["down", "up", "half_up", "half_even"], "down")?,
        by_line: fields.word_or("by", &["event", "line"], "event")? == "line",
    })
}

const DATA: [&str; 13] =
    ["shop", "channel", "sequence", "lines", "back", "of", "discount", "service_bp", "tips", "tax", "payments", "member", "erased_member"];

fn read_event(value: &Value) -> Answer<Event> {
    let known = ["specversion", "type", "source", "id", "time", "subject", "datacontenttype", "dataschema", "data"];
    let outer = Fields::open(value, &known)?;
    must_be(outer.text("specversion")?, &["1.0"])?;
    let kind = must_be(outer.text("type")?, &["loyalty.sale", "loyalty.return", "loyalty.exchange"])?;
    outer.text_if("subject")?;
    outer.text_if("dataschema")?;
    if let Some(found) = outer.text_if("datacontenttype")? {
        must_be(found, &["application/json"])?;
    }
    let time = outer.text("time")?.to_string();
    read_moment(&time)?;

    let data = Fields::open(outer.need("data")?, &DATA)?;
    data.positive("sequence")?;
    let mut back: Vec<(Int, Int)> = Vec::new();
    for item in items(&data, "back")? {
        let inner = Fields::open(item, &["line", "quantity"])?;
        back.push((inner.natural("line")?, inner.positive("quantity")?));
    }
    let mut of = None;
    if let Some(value) = data.get("of") {
        let inner = Fields::open(value, &["source", "id"])?;
        of = Some((inner.text("source")?.to_string(), inner.text("id")?.to_string()));
    }
    let mut payments = Vec::new();
    for item in items(&data, "payments")? {
        let inner = Fields::open(item, &["kind", "amount"])?;
        payments.push((inner.text("kind")?.to_string(), inner.natural("amount")?));
    }
    if let Some(erased) = data.text_if("erased_member")? {
        digits_of_hex(erased, 32)?;
        if data.has("member") {
            return refuse("bad_config");
        }
    }
    Ok(Event {
        source: not_empty(outer.text("source")?)?,
        id: not_empty(outer.text("id")?)?,
        kind,
        time,
        shop: data.text("shop")?.to_string(),
        channel: data.text("channel")?.to_string(),
        lines: items(&data, "lines")?.iter().map(read_line).collect::<Answer<_>>()?,
        back,
        of,
        discount: data.natural_or("discount", 0)?,
        service_bp: data.rate_or("service_bp", 0)?,
        tips: data.natural_or("tips", 0)?,
        tax: data.get("tax").map(read_tax).transpose()?,
        payments,
        member: data.text_if("member")?.map(String::from),
    })
}

impl Event {
    fn is_sale(&self) -> bool {
        self.kind == "loyalty.sale"
    }

    fn is_return(&self) -> bool {
        self.kind == "loyalty.return"
    }

    fn has_key(&self, source: &str, id: &str) -> bool {
        self.source == source && self.id == id
    }

    /// What an event of its type holds, whatever the amounts.
    fn check_form(&self) -> Answer<()> {
        let sells = !self.is_return();
        let takes_back = !self.is_sale();
        let of_new_lines = [&self.discount, &self.service_bp, &self.tips];
        let right = self.lines.is_empty() != sells
            && self.back.is_empty() != takes_back
            && self.of.is_some() == takes_back
            && (sells || of_new_lines.into_iter().all(|number| *number == int(0)))
            && (self.tax.is_some() || self.lines.iter().all(|line| line.tax_bp.is_none()));
        if right { Ok(()) } else { refuse("bad_config") }
    }

    /// No discount is above what it is taken off.
    fn check_amounts(&self) -> Answer<()> {
        let amounts: Vec<Int> = self.lines.iter().map(Line::amount).collect();
        let below = amounts.iter().any(|amount| *amount < int(0));
        if below || self.discount > amounts.iter().sum() { refuse("bad_config") } else { Ok(()) }
    }

    /// What each line costs once the event's discount is split over the lines.
    fn moneys(&self) -> Vec<Int> {
        let amounts: Vec<Int> = self.lines.iter().map(Line::amount).collect();
        let parts = allocate(&self.discount, &amounts);
        amounts.iter().zip(parts).map(|(amount, part)| amount - part).collect()
    }

    /// What is left of each line when so many units went back.
    fn left(&self, returned: &[Int]) -> Vec<Int> {
        let mut left = Vec::new();
        for ((money, line), gone) in self.moneys().iter().zip(&self.lines).zip(returned) {
            left.push(Fraction::new(money * (&line.quantity - gone), line.quantity.clone()).floor().to_integer());
        }
        left
    }

    /// The sums over lines that cost so much.
    fn worth(&self, moneys: &[Int]) -> Worth {
        let goods: Int = moneys.iter().sum();
        let service = value_of(&goods, &self.service_bp, &Rounding { unit: int(1), mode: "down" });
        let mut worth = Worth { goods, service, ..Worth::default() };
        let Some(tax) = &self.tax else {
            return worth;
        };
        // Every taxed amount with its rate; the service comes last.
        let mut taxed: Vec<(Int, Int)> = Vec::new();
        for (line, money) in self.lines.iter().zip(moneys) {
            taxed.push((line.tax_bp.clone().unwrap_or(tax.rate_bp.clone()), money.clone()));
        }
        taxed.push((tax.rate_bp.clone(), worth.service.clone()));
        for (rate, base) in taxed {
            let its = worth.taxes.entry(rate.clone()).or_default();
            its.1 += tax.on(&base, &rate, tax.mode);
            its.0 += base;
        }
        if !tax.by_line {
            for (rate, (base, sum)) in &mut worth.taxes {
                *sum = tax.on(base, rate, tax.mode);
            }
        }
        if tax.inclusive {
            let mode = if tax.by_line { tax.mode } else { "down" };
            worth.service_tax = tax.on(&worth.service, &tax.rate_bp, mode);
            worth.inclusive = true;
        }
        worth
    }
}

impl Tax {
    fn on(&self, base: &Int, rate_bp: &Int, mode: &'static str) -> Int {
        let whole = if self.inclusive { int(10_000) + rate_bp } else { int(10_000) };
        rounded(&Fraction::new(base * rate_bp, whole), mode)
    }
}

/// A positive fraction to a whole number (CV-4).
fn rounded(exact: &Fraction, mode: &str) -> Int {
    let half = Fraction::new(int(1), int(2));
    let below = exact.floor().to_integer();
    let rest = exact - fraction(&below);
    let odd = &below % int(2) == int(1);
    let up = match mode {
        "down" => false,
        "up" => rest > fraction(&int(0)),
        "half_up" => rest >= half,
        _ => rest > half || (rest == half && odd),
    };
    if up { below + int(1) } else { below }
}

#[derive(Default)]
struct Worth {
    goods: Int,
    service: Int,
    /// By rate: what is taxed, and the tax.
    taxes: BTreeMap<Int, (Int, Int)>,
    inclusive: bool,
    /// What of the service is tax, where the tax is inside.
    service_tax: Int,
}

impl Worth {
    fn all_tax(&self) -> Int {
        self.taxes.values().map(|(_, tax)| tax).sum()
    }

    fn payable(&self) -> Int {
        let above = if self.inclusive { int(0) } else { self.all_tax() };
        &self.goods + &self.service + above
    }

    /// What AW-2 sees as the purchase.
    fn total(&self, award_on: &str) -> Int {
        if award_on == "goods" { self.goods.clone() } else { self.payable() }
    }
}

/// What changes hands: signed sums, and the accounts with debit positive.
#[derive(Default)]
struct Flow {
    goods: Int,
    service: Int,
    payable: Int,
    taxes: BTreeMap<Int, (Int, Int)>,
    accounts: BTreeMap<String, Int>,
}

impl Flow {
    /// Adds lines that are sold (`sign` 1), or that no longer are (−1).
    fn add(&mut self, worth: &Worth, sign: i64) {
        let sign = int(sign);
        self.goods += &sign * &worth.goods;
        self.service += &sign * &worth.service;
        self.payable += &sign * worth.payable();
        let inside = if worth.inclusive { worth.all_tax() } else { int(0) };
        let sales = &worth.goods - (inside - &worth.service_tax);
        self.credit("sales", &(&sign * sales));
        self.credit("service", &(&sign * (&worth.service - &worth.service_tax)));
        for (rate, (base, tax)) in &worth.taxes {
            let its = self.taxes.entry(rate.clone()).or_default();
            its.0 += &sign * base;
            its.1 += &sign * tax;
            self.credit(&format!("tax:{rate}"), &(&sign * tax));
        }
    }

    fn credit(&mut self, account: &str, amount: &Int) {
        *self.accounts.entry(account.to_string()).or_default() -= amount;
    }

    /// What was paid, or is paid back.
    fn pay(&mut self, payments: &[(String, Int)]) -> Answer<()> {
        let negative = self.payable < int(0);
        let size = if negative { -&self.payable } else { self.payable.clone() };
        let sum: Int = payments.iter().map(|(_, amount)| amount).sum();
        if !payments.is_empty() && sum != size {
            return refuse("bad_config");
        }
        if payments.is_empty() {
            let payable = self.payable.clone();
            self.credit("receivable", &-payable);
        }
        for (kind, amount) in payments {
            let amount = if negative { amount.clone() } else { -amount };
            self.credit(&format!("payment:{kind}"), &amount);
        }
        Ok(())
    }

    fn tell_taxes(&self) -> Answer<Vec<Value>> {
        let mut told = Vec::new();
        for (rate, (base, tax)) in &self.taxes {
            if *base != int(0) || *tax != int(0) {
                told.push(json!({ "rate_bp": out(rate)?, "base": out(base)?, "tax": out(tax)? }));
            }
        }
        Ok(told)
    }

    fn tell_accounts(&self) -> Answer<Vec<Value>> {
        let mut told = Vec::new();
        for (account, sum) in &self.accounts {
            if *sum > int(0) {
                told.push(json!({ "account": account, "debit": out(sum)?, "credit": 0 }));
            } else if *sum < int(0) {
                told.push(json!({ "account": account, "debit": 0, "credit": out(&-sum)? }));
            }
        }
        Ok(told)
    }
}

/// Copies fields that are given and not at their default.
fn copied(value: &Value, fields: &[(&str, Value)]) -> Value {
    let mut map = Map::new();
    for (name, default) in fields {
        let given = value.get(name).unwrap_or(&Value::Null);
        if !given.is_null() && given != default {
            map.insert(name.to_string(), given.clone());
        }
    }
    Value::Object(map)
}

/// The event as it is hashed: nobody's name in it, no default, no null.
fn canonical_event(value: &Value) -> Value {
    let none = Value::Null;
    let (zero, empty) = (json!(0), json!([]));
    let plain = ["specversion", "type", "source", "id", "time", "subject", "datacontenttype", "dataschema"];
    let mut event = copied(value, &plain.map(|name| (name, none.clone())));
    let given = &value["data"];
    let mut data = copied(
        given,
        &[
            ("shop", none.clone()),
            ("channel", none.clone()),
            ("sequence", none.clone()),
            ("lines", empty.clone()),
            ("back", empty.clone()),
            ("of", none.clone()),
            ("discount", zero.clone()),
            ("service_bp", zero.clone()),
            ("tips", zero.clone()),
            ("tax", none.clone()),
            ("payments", empty),
        ],
    );
    if let Some(lines) = data.get_mut("lines").and_then(Value::as_array_mut) {
        for line in lines {
            let fields = [
                ("code", none.clone()),
                ("quantity", none.clone()),
                ("price", none.clone()),
                ("discount", zero.clone()),
                ("tax_bp", none.clone()),
            ];
            *line = copied(line, &fields);
        }
    }
    if let Some(tax) = data.get_mut("tax") {
        *tax = copied(tax, &[("rate_bp", none.clone()), ("inclusive", none.clone()), ("mode", json!("down")), ("by", json!("event"))]);
    }
    if let Some(erased) = erased_member(given) {
        data["erased_member"] = json!(erased);
    }
    event["data"] = data;
    event
}

fn erased_member(data: &Value) -> Option<String> {
    if let Some(member) = data["member"].as_str() {
        return Some(hex(&sha256(format!("loyalty-member-1{member}").as_bytes())));
    }
    data["erased_member"].as_str().map(str::to_lowercase)
}

fn hash_of(value: &Value) -> [u8; 32] {
    sha256(format!("loyalty-event-1{}", bytes(&canonical_event(value))).as_bytes())
}

/// OR-1: the same event without the member's name.
pub fn erase(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["event"])?;
    let event = fields.need("event")?;
    read_event(event)?.check_form()?;
    Ok(json!({ "event": canonical_event(event), "hash": hex(&hash_of(event)) }))
}

/// OR-6: which SKU a channel's code is.
pub struct Codes {
    list: Vec<(Option<String>, String, String)>,
}

impl Codes {
    pub fn read(given: &[Value]) -> Answer<Self> {
        let mut list: Vec<(Option<String>, String, String)> = Vec::new();
        for item in given {
            let inner = Fields::open(item, &["channel", "code", "sku"])?;
            let channel = inner.text_if("channel")?.map(String::from);
            let code = inner.text("code")?.to_string();
            if list.iter().any(|(other, name, _)| *other == channel && *name == code) {
                return refuse("bad_config");
            }
            list.push((channel, code, inner.text("sku")?.to_string()));
        }
        Ok(Self { list })
    }

    pub fn sku(&self, channel: &str, code: &str) -> Option<String> {
        let of = |wanted: Option<&str>| {
            let found = self.list.iter().find(|(its, name, _)| its.as_deref() == wanted && name == code);
            found.map(|(.., sku)| sku.clone())
        };
        of(Some(channel)).or_else(|| of(None))
    }
}

/// What lies on the shelf: units and safety level, by SKU.
pub fn read_stock(given: &[Value]) -> Answer<BTreeMap<String, (Int, Int)>> {
    let mut stock = BTreeMap::new();
    for item in given {
        let inner = Fields::open(item, &["sku", "available", "safety"])?;
        let shelf = (inner.natural("available")?, inner.natural_or("safety", 0)?);
        if stock.insert(inner.text("sku")?.to_string(), shelf).is_some() {
            return refuse("bad_config");
        }
    }
    Ok(stock)
}

/// Units sold and units taken back, by SKU.
type Moves = BTreeMap<String, (Int, Int)>;

/// The moves of stock, or the SKUs that are short.
fn move_stock(moves: &Moves, stock: &BTreeMap<String, (Int, Int)>, refuses: bool) -> Answer<Result<Vec<Value>, Vec<Value>>> {
    let (mut told, mut short) = (Vec::new(), Vec::new());
    for (sku, (sold, back)) in moves {
        let Some((available, safety)) = stock.get(sku) else {
            told.push(json!({ "sku": sku, "moved": out(&(back - sold))?, "backordered": 0, "left": null, "low": false }));
            continue;
        };
        let there = available + back;
        if *sold > there {
            short.push(json!({ "sku": sku, "wanted": out(sold)?, "available": out(&there)? }));
        }
        let given = sold.min(&there);
        let left = &there - given;
        told.push(json!({
            "sku": sku,
            "moved": out(&(back - given))?,
            "backordered": out(&(sold - given))?,
            "left": out(&left)?,
            "low": left < *safety,
        }));
    }
    Ok(if refuses && !short.is_empty() { Err(short) } else { Ok(told) })
}

const AWARD: [&str; 9] = ["digit", "claim", "slot", "at", "late", "paid_by_voucher", "shopper", "merchant", "counters"];

/// The award of a sale, as `award.decide` answers it.
fn award_for(program: &Value, given: &Value, total: &Int) -> Answer<Value> {
    Fields::open(given, &AWARD)?;
    let mut receipt = json!({ "total": out(total)? });
    let mut request = json!({ "program": program });
    for (k, name) in AWARD.iter().enumerate() {
        let target = if k < 6 { &mut receipt } else { &mut request };
        target[*name] = given.get(*name).cloned().unwrap_or(Value::Null);
    }
    request["receipt"] = receipt;
    award::decide(&request)
}

/// The ledger entries of a sale with a member and an award of points.
fn entries_of(event: &Event, result: &str, award: Option<&Value>, program: Option<&Value>) -> Vec<Value> {
    let points = award.map_or(0, |award| award["points_milli"].as_i64().expect("points"));
    let Some(member) = event.member.as_ref().filter(|_| points > 0) else {
        return Vec::new();
    };
    let mut entry = json!({
        "id": format!("{result}:award"),
        "account": member,
        "kind": "earn",
        "points_milli": points,
        "shop": event.shop,
        "time": event.time,
    });
    let validity = program.and_then(|program| program.get("validity")).filter(|validity| !validity.is_null());
    if let Some(validity) = validity {
        let asked = json!({ "issued_at": event.time, "days": validity.get("days"), "months": validity.get("months") });
        if let Ok(answer) = voucher::expiry(&asked) {
            entry["expires"] = answer["expires"].clone();
        }
    }
    vec![entry]
}

/// The sale of a return or an exchange, what of each line was back before,
/// and what is now.
struct Before {
    sale: Event,
    returned: Vec<Int>,
    after: Vec<Int>,
}

fn judge_before(event: &Event, sale: Option<Event>, returned: Vec<Int>) -> Answer<Option<Before>> {
    let (sale, (source, id)) = match (sale, &event.of) {
        (Some(sale), Some(of)) => (sale, of),
        (None, None) if returned.is_empty() => return Ok(None),
        _ => return refuse("bad_config"),
    };
    if !sale.is_sale() || !sale.has_key(source, id) {
        return refuse("bad_config");
    }
    check_sale(&sale)?;
    let count = sale.lines.len();
    let returned = if returned.is_empty() { vec![int(0); count] } else { returned };
    if returned.len() != count {
        return refuse("bad_config");
    }
    for (gone, line) in returned.iter().zip(&sale.lines) {
        if *gone > line.quantity {
            return refuse("over_refund");
        }
    }
    let mut after = returned.clone();
    for (place, (line, units)) in event.back.iter().enumerate() {
        if event.back[..place].iter().any(|(other, _)| other == line) {
            return refuse("bad_config");
        }
        if *line >= int(count as i64) {
            return refuse("out_of_range");
        }
        let line = usize::try_from(line.clone()).expect("inside the list");
        after[line] += units;
        if after[line] > sale.lines[line].quantity {
            return refuse("over_refund");
        }
    }
    Ok(Some(Before { sale, returned, after }))
}

/// Whether a sale could be recorded as it stands.
fn check_sale(sale: &Event) -> Answer<()> {
    sale.check_form()?;
    sale.check_amounts()?;
    let mut flow = Flow::default();
    flow.add(&sale.worth(&sale.moneys()), 1);
    flow.payable += &sale.tips;
    flow.pay(&sale.payments)?;
    out(&flow.goods)?;
    out(&flow.service)?;
    out(&flow.payable)?;
    flow.tell_taxes()?;
    Ok(())
}

/// A line that the host keeps of an event it recorded.
struct Known<'a> {
    source: &'a str,
    id: &'a str,
    hash: Vec<u8>,
    result: &'a str,
}

fn read_known<'a>(fields: &Fields<'a>) -> Answer<Vec<Known<'a>>> {
    let mut known = Vec::new();
    for item in items(fields, "known")? {
        let inner = Fields::open(item, &["source", "id", "hash", "result"])?;
        let hash = digits_of_hex(inner.text("hash")?, 32)?;
        known.push(Known { source: inner.text("source")?, id: inner.text("id")?, hash, result: inner.text("result")? });
    }
    Ok(known)
}

const REQUEST: [&str; 11] =
    ["event", "sale", "returned", "codes", "stock", "policy", "award_on", "program", "award", "known", "previous_hex"];

/// OR-1, OR-2, OR-4, OR-6.
pub fn event(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &REQUEST)?;
    let raw = fields.need("event")?;
    let event = read_event(raw)?;
    event.check_form()?;
    let sale = fields.get("sale").map(read_event).transpose()?;
    let returned: Vec<Int> = items(&fields, "returned")?.iter().map(natural).collect::<Answer<_>>()?;
    let codes = Codes::read(items(&fields, "codes")?)?;
    let stock = read_stock(items(&fields, "stock")?)?;
    let refuses = fields.word_or("policy", &["refuse", "backorder"], "refuse")? == "refuse";
    let award_on = fields.word_or("award_on", &["goods", "payable"], "goods")?;
    let known = read_known(&fields)?;
    let previous = match fields.text_if("previous_hex")? {
        Some(text) => digits_of_hex(text, 32)?,
        None => vec![0; 32],
    };
    let program = fields.get("program");
    if fields.has("award") != program.is_some() || (program.is_some() && !event.is_sale()) {
        return refuse("bad_config");
    }

    // An event that is known is not judged again: what it changed has changed.
    let hash = hash_of(raw);
    let result = hex(&hash)[..32].to_string();
    let same_key: Vec<&Known> = known.iter().filter(|line| event.has_key(line.source, line.id)).collect();
    if let Some(line) = same_key.iter().find(|line| line.hash == hash) {
        return Ok(json!({ "reason": "duplicate", "result": line.result }));
    }
    if let Some(line) = same_key.first() {
        return Ok(json!({ "reason": "conflict", "result": line.result }));
    }

    event.check_amounts()?;
    let before = judge_before(&event, sale, returned)?;
    // The money.
    let new = event.worth(&event.moneys());
    let mut total = new.total(award_on);
    let mut flow = Flow::default();
    flow.add(&new, 1);
    flow.payable += &event.tips;
    flow.credit("tips", &event.tips);
    if let Some(Before { sale, returned, after }) = &before {
        let left = sale.worth(&sale.left(after));
        flow.add(&sale.worth(&sale.left(returned)), -1);
        flow.add(&left, 1);
        total = left.total(award_on);
    }
    flow.pay(&event.payments)?;

    // The award.
    let award = match (program, fields.get("award")) {
        (Some(program), Some(given)) => Some(award_for(program, given, &total)?),
        _ => None,
    };
    if let Some(award) = &award {
        let value = int(award["value"].as_i64().expect("a value"));
        flow.credit("voucher_cost", &-&value);
        flow.credit("voucher_debt", &value);
    }

    // What is refused is refused before anything is decided.
    let (taxes, accounts) = (flow.tell_taxes()?, flow.tell_accounts()?);
    let (goods_worth, service, payable) = (out(&flow.goods)?, out(&flow.service)?, out(&flow.payable)?);

    // The goods: what comes back, then what goes out.
    let mut moves = Moves::new();
    let mut unknown = Vec::new();
    let mut goods: Vec<(&str, &str, &Int, bool)> = Vec::new();
    if let Some(Before { sale, .. }) = &before {
        for (line, units) in &event.back {
            let line = &sale.lines[usize::try_from(line.clone()).expect("inside the list")];
            goods.push((&sale.channel, &line.code, units, true));
        }
    }
    goods.extend(event.lines.iter().map(|line| (event.channel.as_str(), line.code.as_str(), &line.quantity, false)));
    for (channel, code, units, comes_back) in goods {
        let sku = if codes.list.is_empty() { Some(code.to_string()) } else { codes.sku(channel, code) };
        match sku {
            None => unknown.push(code.to_string()),
            Some(sku) => {
                let its = moves.entry(sku).or_default();
                *(if comes_back { &mut its.1 } else { &mut its.0 }) += units;
            }
        }
    }
    unknown.sort();
    unknown.dedup();
    if !unknown.is_empty() {
        return Ok(json!({ "reason": "unknown_code", "result": null, "unknown": unknown }));
    }
    let moved = match move_stock(&moves, &stock, refuses)? {
        Ok(moved) => moved,
        Err(short) => return Ok(json!({ "reason": "oversold", "result": null, "short": short })),
    };

    let chain = hex(&sha256(&[&previous[..], &hash[..]].concat()));
    let mut answer = json!({
        "reason": "recorded",
        "result": result,
        "stock": moved,
        "tax": taxes,
        "goods": goods_worth,
        "service": service,
        "tips": out(&event.tips)?,
        "payable": payable,
        "total": out(&total)?,
        "entries": entries_of(&event, &result, award.as_ref(), program),
        "accounts": accounts,
        "audit": { "source": event.source, "id": event.id, "time": event.time, "hash": hex(&hash), "chain": chain },
    });
    if let Some(award) = award {
        answer["award"] = award;
    }
    Ok(answer)
}

/// OR-6.
pub fn codes(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["codes", "lines"])?;
    let codes = Codes::read(fields.list("codes")?)?;
    let mut skus = Vec::new();
    let mut unknown: BTreeMap<(String, String), i64> = BTreeMap::new();
    for item in list(fields.need("lines")?)? {
        let inner = Fields::open(item, &["channel", "code"])?;
        let (channel, code) = (inner.text("channel")?, inner.text("code")?);
        let sku = codes.sku(channel, code);
        if sku.is_none() {
            *unknown.entry((channel.to_string(), code.to_string())).or_default() += 1;
        }
        skus.push(json!(sku));
    }
    let unknown: Vec<Value> =
        unknown.iter().map(|((channel, code), count)| json!({ "channel": channel, "code": code, "count": count })).collect();
    Ok(json!({ "skus": skus, "unknown": unknown }))
}
