//! One event for every channel: its hash, its money, its goods (OR-1, OR-2, OR-4, OR-6).

use crate::award;
use crate::canonical::bytes;
use crate::fields::{Answer, Fields, Fraction, Int, fraction, int, list, natural, out, out_list, rate, refuse, text};
use crate::money::{MODES, Rounding, points_milli, raises, value_of};
use crate::program::{Program, read_program};
use crate::sha256::{hex, sha256};
use crate::split::allocate;
use crate::time::read_moment;
use crate::voucher;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

struct Line {
    code: String,
    quantity: Quantity,
    price: Int,
    discount: Int,
    tax_bp: Option<Int>,
}

/// Pieces, or thousandths of what is weighed.
#[derive(Clone)]
struct Quantity {
    units: Int,
    milli: bool,
}

struct Tax {
    rate_bp: Int,
    inclusive: bool,
    mode: &'static str,
    by_line: bool,
    /// Of the lines before discounts.
    gross: bool,
    /// Of the service too.
    service: bool,
    /// Eleven twelfths of what bears it.
    elevenths: bool,
}

struct Event {
    source: String,
    id: String,
    kind: &'static str,
    time: String,
    extensions: Map<String, Value>,
    shop: String,
    channel: String,
    lines: Vec<Line>,
    /// Which of the sale's lines, and how much of it.
    back: Vec<(Int, Quantity)>,
    of: Option<(String, String)>,
    discount: Int,
    service_bp: Int,
    service_on_gross: bool,
    tips: Int,
    rounding: Int,
    tax: Option<Tax>,
    payments: Vec<(String, Int)>,
    member: Option<String>,
    erased: bool,
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

/// One of the two spellings of a quantity.
fn read_quantity(fields: &Fields) -> Answer<Quantity> {
    match (fields.has("quantity"), fields.has("quantity_milli")) {
        (true, true) => refuse("bad_config"),
        (_, true) => Ok(Quantity { units: fields.positive("quantity_milli")?, milli: true }),
        _ => Ok(Quantity { units: fields.positive("quantity")?, milli: false }),
    }
}

fn read_line(value: &Value) -> Answer<Line> {
    let fields = Fields::open(value, &["code", "quantity", "quantity_milli", "price", "discount", "tax_bp"])?;
    Ok(Line {
        code: fields.text("code")?.to_string(),
        quantity: read_quantity(&fields)?,
        price: fields.natural("price")?,
        discount: fields.natural_or("discount", 0)?,
        tax_bp: fields.get("tax_bp").map(rate).transpose()?,
    })
}

impl Line {
    /// Before discounts.
    fn gross(&self) -> Int {
        let per = if self.quantity.milli { int(1000) } else { int(1) };
        rounded(&Fraction::new(&self.quantity.units * &self.price, per), "half_up")
    }

    fn amount(&self) -> Int {
        self.gross() - &self.discount
    }
}

fn read_tax(value: &Value) -> Answer<Tax> {
    let fields = Fields::open(value, &["rate_bp", "inclusive", "mode", "by", "on", "service", "base"])?;
    fields.need("inclusive")?;
    let tax = Tax {
        rate_bp: fields.rate("rate_bp")?,
        inclusive: fields.flag_or("inclusive", false)?,
        mode: fields.word_or("mode", &MODES, "half_up")?,
        by_line: fields.word_or("by", &["event", "line"], "event")? == "line",
        gross: fields.word_or("on", &["net", "gross"], "net")? == "gross",
        service: fields.flag_or("service", true)?,
        elevenths: fields.word_or("base", &["full", "eleven_twelfths"], "full")? == "eleven_twelfths",
    };
    Ok(tax)
}

const DATA: [&str; 15] = [
    "shop",
    "channel",
    "sequence",
    "lines",
    "back",
    "of",
    "discount",
    "service_bp",
    "service_on",
    "tips",
    "rounding",
    "tax",
    "payments",
    "member",
    "erased_member",
];

const ENVELOPE: [&str; 9] = ["specversion", "type", "source", "id", "time", "subject", "datacontenttype", "dataschema", "data"];

/// The attributes that others add to the envelope: lower-case names, simple values.
fn read_extensions(value: &Value) -> Answer<Map<String, Value>> {
    let mut extensions = Map::new();
    for (name, given) in value.as_object().into_iter().flatten() {
        if ENVELOPE.contains(&name.as_str()) {
            continue;
        }
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
            return refuse("unknown_field");
        }
        match given {
            Value::Null => continue,
            Value::String(_) | Value::Bool(_) => {}
            other => _ = crate::fields::number(other)?,
        }
        extensions.insert(name.clone(), given.clone());
    }
    Ok(extensions)
}

fn read_event(value: &Value) -> Answer<Event> {
    if !value.is_object() {
        return refuse("bad_type");
    }
    let extensions = read_extensions(value)?;
    let names: Vec<&str> = value.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let outer = Fields::open(value, &names)?;
    must_be(outer.text("specversion")?, &["1.0"])?;
    let kind = must_be(outer.text("type")?, &["loyalty.sale", "loyalty.return", "loyalty.exchange"])?;
    outer.text_if("subject")?;
    outer.text_if("dataschema")?;
    if let Some(found) = outer.text_if("datacontenttype")? {
        // Parameters may follow.
        let media = found.split(';').next().expect("a first part").trim();
        must_be(&media.to_ascii_lowercase(), &["application/json"])?;
    }
    let time = outer.text("time")?.to_string();
    read_moment(&time)?;

    let data = Fields::open(outer.need("data")?, &DATA)?;
    data.positive("sequence")?;
    let mut back = Vec::new();
    for item in items(&data, "back")? {
        let inner = Fields::open(item, &["line", "quantity", "quantity_milli"])?;
        back.push((inner.natural("line")?, read_quantity(&inner)?));
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
        extensions,
        shop: data.text("shop")?.to_string(),
        channel: data.text("channel")?.to_string(),
        lines: items(&data, "lines")?.iter().map(read_line).collect::<Answer<_>>()?,
        back,
        of,
        discount: data.natural_or("discount", 0)?,
        service_bp: data.rate_or("service_bp", 0)?,
        service_on_gross: data.word_or("service_on", &["net", "gross"], "net")? == "gross",
        tips: data.natural_or("tips", 0)?,
        rounding: data.get("rounding").map_or(Ok(int(0)), crate::fields::number)?,
        tax: data.get("tax").map(read_tax).transpose()?,
        payments,
        member: data.text_if("member")?.map(String::from),
        erased: data.has("erased_member"),
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
            && self.tax.as_ref().is_none_or(|tax| !(tax.inclusive && tax.gross))
            && (sells || of_new_lines.into_iter().all(|number| *number == int(0)))
            && (self.tax.is_some() || self.lines.iter().all(|line| line.tax_bp.is_none()));
        if right { Ok(()) } else { refuse("bad_config") }
    }

    /// No discount is above what it is taken off.
    fn check_amounts(&self) -> Answer<()> {
        let amounts: Vec<Int> = self.lines.iter().map(Line::amount).collect();
        let below = amounts.iter().any(|amount| *amount < int(0));
        // A charge on what lines cost before discounts needs that in the domain, as often as may come back.
        let on_gross = self.service_on_gross || self.tax.as_ref().is_some_and(|tax| tax.gross);
        if on_gross && self.lines.iter().map(Line::gross).sum::<Int>() > int(2 * crate::fields::LIMIT) {
            return refuse("out_of_range");
        }
        if below || self.discount > amounts.iter().sum() { refuse("bad_config") } else { Ok(()) }
    }

    /// What each line costs once the event's discount is split over the lines, and before all discounts.
    fn moneys(&self) -> Vec<Money> {
        let amounts: Vec<Int> = self.lines.iter().map(Line::amount).collect();
        let parts = allocate(&self.discount, &amounts);
        let nets = amounts.iter().zip(parts).map(|(amount, part)| amount - part);
        nets.zip(&self.lines).map(|(net, line)| Money { net, gross: line.gross() }).collect()
    }

    /// What is left of each line when so many units went back.
    fn left(&self, returned: &[Int]) -> Vec<Money> {
        let mut left = Vec::new();
        for ((money, line), gone) in self.moneys().iter().zip(&self.lines).zip(returned) {
            let of = |all: &Int| Fraction::new(all * (&line.quantity.units - gone), line.quantity.units.clone()).floor().to_integer();
            left.push(Money { net: of(&money.net), gross: of(&money.gross) });
        }
        left
    }

    /// The same lines, those that earn nothing as if they cost nothing.
    fn earning(&self, moneys: &[Money], no_award: &[&str]) -> Vec<Money> {
        let mut earning = Vec::new();
        for (line, money) in self.lines.iter().zip(moneys) {
            let earns = !no_award.contains(&line.code.as_str());
            earning.push(if earns { money.clone() } else { Money { net: int(0), gross: int(0) } });
        }
        earning
    }

    /// What was paid with vouchers.
    fn vouchers(&self) -> Int {
        self.payments.iter().filter(|(kind, _)| kind == "voucher").map(|(_, amount)| amount).sum()
    }

    /// The sums over lines that cost so much.
    fn worth(&self, moneys: &[Money]) -> Worth {
        let goods: Int = moneys.iter().map(|money| &money.net).sum();
        let served = moneys.iter().map(|money| if self.service_on_gross { &money.gross } else { &money.net }).sum();
        let service = value_of(&served, &self.service_bp, &Rounding { unit: int(1), mode: "down" });
        let mut worth = Worth { goods, service, ..Worth::default() };
        let Some(tax) = &self.tax else {
            return worth;
        };
        // Every taxed amount with its rate; the service comes last.
        let mut taxed: Vec<(Int, Int)> = Vec::new();
        for (line, money) in self.lines.iter().zip(moneys) {
            let bears = if tax.gross { money.gross.clone() } else { money.net.clone() };
            taxed.push((line.tax_bp.clone().unwrap_or(tax.rate_bp.clone()), bears));
        }
        if tax.service {
            taxed.push((tax.rate_bp.clone(), worth.service.clone()));
        }
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
            if tax.service {
                worth.service_tax = tax.on(&worth.service, &tax.rate_bp, mode);
            }
            worth.inclusive = true;
        }
        worth
    }
}

impl Tax {
    fn on(&self, base: &Int, rate_bp: &Int, mode: &'static str) -> Int {
        let part = if self.elevenths { Fraction::new(int(11), int(12)) } else { fraction(&int(1)) };
        // Of a price of 1 without its tax.
        let tax = part * Fraction::new(rate_bp.clone(), int(10_000));
        let exact = if self.inclusive { &tax / (fraction(&int(1)) + &tax) } else { tax };
        rounded(&(fraction(base) * exact), mode)
    }
}

/// A positive fraction to a whole number (CV-4).
fn rounded(exact: &Fraction, mode: &str) -> Int {
    let below = exact.floor().to_integer();
    let rest = exact - fraction(&below);
    if raises(mode, &below, &rest) { below + int(1) } else { below }
}

#[derive(Clone)]
struct Money {
    net: Int,
    gross: Int,
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
    rounding: Int,
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

    /// What was paid, or is paid back; what of it goes back on vouchers where no payment says so.
    fn pay(&mut self, rounding: &Int, payments: &[(String, Int)], voucher_back: &Int) -> Answer<()> {
        // VC-9: the last line.
        let due = &self.payable + rounding;
        let turned = (self.payable >= int(0) && due < int(0)) || (self.payable <= int(0) && due > int(0));
        if turned || (self.payable == int(0) && *rounding != int(0)) {
            return refuse("bad_config");
        }
        self.rounding = rounding.clone();
        self.credit("rounding", rounding);
        let negative = self.payable < int(0);
        let size = if negative { -&due } else { due.clone() };
        let sum: Int = payments.iter().map(|(_, amount)| amount).sum();
        if !payments.is_empty() && sum != size {
            return refuse("bad_config");
        }
        if payments.is_empty() {
            self.credit("receivable", &-(due + voucher_back));
            self.credit("payment:voucher", voucher_back);
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
    let names: Vec<&String> = value.as_object().into_iter().flatten().map(|(name, _)| name).filter(|name| *name != "data").collect();
    let plain: Vec<(&str, Value)> = names.into_iter().map(|name| (name.as_str(), none.clone())).collect();
    let mut event = copied(value, &plain);
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
            ("service_on", json!("net")),
            ("tips", zero.clone()),
            ("rounding", zero.clone()),
            ("tax", none.clone()),
            ("payments", empty),
        ],
    );
    if let Some(lines) = data.get_mut("lines").and_then(Value::as_array_mut) {
        for line in lines {
            let fields = [
                ("code", none.clone()),
                ("quantity", none.clone()),
                ("quantity_milli", none.clone()),
                ("price", none.clone()),
                ("discount", zero.clone()),
                ("tax_bp", none.clone()),
            ];
            *line = copied(line, &fields);
        }
    }
    for back in data.get_mut("back").and_then(Value::as_array_mut).into_iter().flatten() {
        *back = copied(back, &["line", "quantity", "quantity_milli"].map(|name| (name, none.clone())));
    }
    if let Some(tax) = data.get_mut("tax") {
        let fields = [
            ("rate_bp", none.clone()),
            ("inclusive", none.clone()),
            ("mode", json!("half_up")),
            ("by", json!("event")),
            ("on", json!("net")),
            ("service", json!(true)),
            ("base", json!("full")),
        ];
        *tax = copied(tax, &fields);
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

struct Shelf {
    available: Int,
    safety: Int,
    milli: bool,
}

/// Shelves counted in pieces or in thousandths.
fn read_shelves(given: &[Value]) -> Answer<BTreeMap<String, Shelf>> {
    let mut stock = BTreeMap::new();
    for item in given {
        let inner = Fields::open(item, &["sku", "available", "safety", "available_milli", "safety_milli"])?;
        let milli = inner.has("available_milli");
        let (right, wrong) = if milli {
            (["available_milli", "safety_milli"], ["available", "safety"])
        } else {
            (["available", "safety"], ["available_milli", "safety_milli"])
        };
        let shelf = Shelf { available: inner.natural(right[0])?, safety: inner.natural_or(right[1], 0)?, milli };
        if wrong.iter().any(|name| inner.has(name)) || stock.insert(inner.text("sku")?.to_string(), shelf).is_some() {
            return refuse("bad_config");
        }
    }
    Ok(stock)
}

/// What an event moves of a SKU: sold and taken back, in pieces and in thousandths.
#[derive(Default)]
struct Moved {
    sold: [Int; 2],
    back: [Int; 2],
}

impl Moved {
    fn has_thousandths(&self) -> bool {
        self.sold[1] > int(0) || self.back[1] > int(0)
    }
}

/// Units sold and units taken back, by SKU.
type Moves = BTreeMap<String, Moved>;

/// The moves of stock, or the SKUs that are short.
fn move_stock(moves: &Moves, stock: &BTreeMap<String, Shelf>, refuses: bool) -> Answer<Result<Vec<Value>, Vec<Value>>> {
    let (mut told, mut short) = (Vec::new(), Vec::new());
    for (sku, moved) in moves {
        let shelf = stock.get(sku);
        let milli = shelf.map_or(moved.has_thousandths(), |shelf| shelf.milli);
        if !milli && moved.has_thousandths() {
            return refuse("bad_config");
        }
        let units = |of: &[Int; 2]| if milli { &of[0] * int(1000) + &of[1] } else { of[0].clone() };
        let (sold, back) = (units(&moved.sold), units(&moved.back));
        let name = |plain: &str| if milli { format!("{plain}_milli") } else { plain.to_string() };
        let mut line = json!({ "sku": sku, "low": false });
        let Some(shelf) = shelf else {
            line[name("moved")] = out(&(back - sold))?;
            line[name("backordered")] = json!(0);
            line[name("left")] = Value::Null;
            told.push(line);
            continue;
        };
        let there = &shelf.available + &back;
        if sold > there {
            let mut line = json!({ "sku": sku });
            line[name("wanted")] = out(&sold)?;
            line[name("available")] = out(&there)?;
            short.push(line);
        }
        let given = sold.clone().min(there.clone());
        let left = &there - &given;
        line["low"] = json!(left < shelf.safety);
        line[name("moved")] = out(&(back - &given))?;
        line[name("backordered")] = out(&(sold - given))?;
        line[name("left")] = out(&left)?;
        told.push(line);
    }
    Ok(if refuses && !short.is_empty() { Err(short) } else { Ok(told) })
}

/// What stands beside the receipt.
const STATE: [&str; 3] = ["shopper", "merchant", "counters"];

/// What an event is awarded on.
struct Awarded {
    total: Int,
    /// What of it earns, before vouchers are taken off.
    earning: Int,
}

/// The award of a sale, as `award.decide` answers it: at the event's own time, on what its vouchers left.
fn award_for(program: &Value, given: &Value, event: &Event, awarded: &Awarded) -> Answer<Value> {
    let fields = Fields::open(given, &[&award::COLUMN[..], &award::PLAIN, &STATE].concat())?;
    let vouchers = event.vouchers();
    if let Some(stated) = fields.natural_if("paid_by_voucher")? {
        if stated != int(0) && stated != vouchers {
            return refuse("bad_config");
        }
    }
    let mut program = program.clone();
    let excluded = &awarded.total - &awarded.earning;
    let takes_vouchers_off = program.get("exclude_voucher_paid").is_none_or(|its| *its != json!(false));
    let off = if takes_vouchers_off || excluded == int(0) { vouchers.min(awarded.earning.clone()) } else { int(0) };
    if excluded > int(0) {
        program["exclude_voucher_paid"] = json!(true);
    }
    let mut receipt = json!({ "total": out(&awarded.total)?, "paid_by_voucher": out(&(excluded + off))? });
    let mut request = json!({ "program": program });
    for name in award::COLUMN.iter().chain(&award::PLAIN).filter(|name| **name != "paid_by_voucher") {
        receipt[*name] = given.get(*name).cloned().unwrap_or(Value::Null);
    }
    for name in STATE {
        request[name] = given.get(name).cloned().unwrap_or(Value::Null);
    }
    let its = read_program(&program)?;
    if !its.table.stopwatch && !fields.has("slot") && !fields.has("at") {
        receipt["at"] = json!(event.time);
    }
    request["receipt"] = receipt;
    let answer = award::decide(&request)?;
    // A receipt of another time than its event came late, or is wrong.
    if !fields.flag_or("late", false)? {
        let time = read_moment(&event.time)?;
        if let Some(at) = fields.text_if("at")? {
            if read_moment(at)?.instant() != time.instant() {
                return refuse("bad_config");
            }
        }
        if let (Some(slot), Some(window)) = (fields.get("slot"), &its.window) {
            let slot = slot.as_u64().expect("a slot");
            if window.slot(&time) != Some(usize::try_from(slot).expect("a slot")) {
                return refuse("bad_config");
            }
        }
        if let Some(claim) = fields.get("claim") {
            let stopped = read_moment(claim["stopped_at"].as_str().expect("a time"))?.instant();
            let apart = stopped - time.instant();
            let day = fraction(&int(86_400));
            if apart > day || apart < -day {
                return refuse("bad_config");
            }
        }
    }
    Ok(answer)
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
    if sale.is_return() || !sale.has_key(source, id) {
        return refuse("bad_config");
    }
    check_sale(&sale)?;
    let count = sale.lines.len();
    let returned = if returned.is_empty() { vec![int(0); count] } else { returned };
    if returned.len() != count {
        return refuse("bad_config");
    }
    for (gone, line) in returned.iter().zip(&sale.lines) {
        if *gone > line.quantity.units {
            return refuse("over_refund");
        }
    }
    let mut after = returned.clone();
    for (place, (line, quantity)) in event.back.iter().enumerate() {
        if event.back[..place].iter().any(|(other, _)| other == line) {
            return refuse("bad_config");
        }
        if *line >= int(count as i64) {
            return refuse("out_of_range");
        }
        let line = usize::try_from(line.clone()).expect("inside the list");
        // What was weighed comes back by weight.
        if quantity.milli != sale.lines[line].quantity.milli {
            return refuse("bad_config");
        }
        after[line] += &quantity.units;
        if after[line] > sale.lines[line].quantity.units {
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
    // The payments of an exchange are for the difference.
    if sale.is_sale() {
        flow.pay(&sale.rounding, &sale.payments, &int(0))?;
    }
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

const REQUEST: [&str; 13] =
    ["event", "sale", "returned", "codes", "stock", "policy", "award_on", "no_award", "program", "award", "held", "known", "previous_hex"];

/// What of a sale's award is held: the sale answers it, each return and exchange takes and answers it.
struct Held {
    base: Int,
    above: Int,
    total: Int,
    quota: Int,
    rate_bp: Int,
    standby_bp: Int,
    issued: Int,
    kept: Int,
    paid_by_voucher: Int,
    parts: Option<Vec<Int>>,
    entry: Option<String>,
}

fn read_held(value: &Value) -> Answer<Held> {
    let known = ["base", "above", "total", "quota", "rate_bp", "standby_bp", "issued", "kept", "paid_by_voucher", "parts", "entry"];
    let fields = Fields::open(value, &known)?;
    let parts = fields.list_if("parts")?.map(|parts| parts.iter().map(natural).collect::<Answer<Vec<Int>>>()).transpose()?;
    Ok(Held {
        base: fields.natural("base")?,
        above: fields.natural_or("above", 0)?,
        total: fields.natural("total")?,
        quota: fields.natural_or("quota", 0)?,
        rate_bp: fields.rate("rate_bp")?,
        standby_bp: fields.rate_or("standby_bp", 0)?,
        issued: fields.natural("issued")?,
        kept: fields.natural("kept")?,
        paid_by_voucher: fields.natural_or("paid_by_voucher", 0)?,
        parts,
        entry: fields.text_if("entry")?.map(String::from),
    })
}

impl Held {
    fn tell(&self) -> Answer<Value> {
        let mut told = json!({
            "base": out(&self.base)?,
            "total": out(&self.total)?,
            "rate_bp": out(&self.rate_bp)?,
            "issued": out(&self.issued)?,
            "kept": out(&self.kept)?,
        });
        let others =
            [("above", &self.above), ("quota", &self.quota), ("standby_bp", &self.standby_bp), ("paid_by_voucher", &self.paid_by_voucher)];
        for (name, number) in others {
            if *number != int(0) {
                told[name] = out(number)?;
            }
        }
        if let Some(parts) = &self.parts {
            told["parts"] = out_list(parts)?;
        }
        if let Some(entry) = &self.entry {
            told["entry"] = json!(entry);
        }
        Ok(told)
    }

    /// Of a sale, from its award.
    fn of(award: &Value, event: &Event, program: &Program, given: &Value, entry: Option<String>, awarded: &Awarded) -> Answer<Self> {
        let whole = |name: &str| int(award[name].as_i64().expect("a number"));
        let slot = match (given["slot"].as_u64(), given["at"].as_str(), &program.window) {
            (Some(slot), ..) => Some(usize::try_from(slot).expect("a slot")),
            (_, Some(at), Some(window)) => window.slot(&read_moment(at)?.at(program.offset)?),
            (_, None, Some(window)) if program.table.auction => window.slot(&read_moment(&event.time)?.at(program.offset)?),
            _ => Some(1),
        };
        let quota = slot.map_or(int(0), |slot| program.quotas[slot - 1].clone());
        let points = given["shopper"]["prior_points_milli"].as_i64().unwrap_or(0);
        Ok(Self {
            base: whole("base"),
            above: int(0),
            total: awarded.total.clone(),
            quota: if awarded.total >= quota { quota } else { int(0) },
            rate_bp: whole("rate_bp"),
            standby_bp: program.standby.rate(&int(points)),
            issued: whole("value"),
            kept: whole("value"),
            paid_by_voucher: event.vouchers(),
            parts: award["parts"].as_array().map(|parts| parts.iter().map(natural).collect::<Answer<_>>()).transpose()?,
            entry,
        })
    }

    fn check(&self, program: &Program) -> Answer<()> {
        if self.kept > self.issued || self.kept > value_of(&self.base, &self.rate_bp, &program.rounding) {
            return refuse("out_of_range");
        }
        match &self.parts {
            Some(parts) if parts.iter().sum::<Int>() != self.kept => refuse("bad_config"),
            _ => Ok(()),
        }
    }
}

/// What a return or an exchange changes.
struct Change {
    /// What earned of what came back, and of what goes out.
    earning_back: Int,
    earning_out: Int,
    /// The same of the totals.
    total_back: Int,
    total_out: Int,
    /// What goes back on vouchers, and what vouchers paid more.
    voucher_back: Int,
    voucher_paid: Int,
}

/// AW-8: the voucher that is kept, and what is held after it.
fn reverse(mut held: Held, program: &Program, change: &Change) -> Answer<(Held, Value, Int)> {
    held.check(program)?;
    let counts = |vouchers: &Int| if program.exclude_voucher_paid { vouchers.clone() } else { int(0) };
    let nothing = int(0);
    let back = (&change.earning_back - counts(&change.voucher_back)).max(nothing.clone());
    let out_of_shop = (&change.earning_out - counts(&change.voucher_paid)).max(nothing.clone());
    let above = held.above.clone();
    if out_of_shop >= back {
        held.above += out_of_shop - back;
    } else {
        // What was bought beyond the first sale goes back first.
        let mut rest = back - out_of_shop;
        let newer = rest.clone().min(held.above.clone());
        held.above -= &newer;
        rest -= newer;
        held.base = (&held.base - rest).max(nothing.clone());
    }
    held.total = &held.total - &change.total_back + &change.total_out;
    if held.total < nothing {
        return refuse("over_refund");
    }
    held.paid_by_voucher = &held.paid_by_voucher - &change.voucher_back + &change.voucher_paid;
    let below = held.total < held.quota;
    let drops = below && program.drops_below_quota;
    let rate = if drops { held.standby_bp.clone().min(held.rate_bp.clone()) } else { held.rate_bp.clone() };
    let kept = value_of(&held.base, &rate, &program.rounding).min(held.kept.clone());
    let taken = &held.kept - &kept;
    let reason = if held.base == nothing {
        "fully_refunded"
    } else if drops {
        "below_quota_standby"
    } else if below {
        "below_quota_kept_rate"
    } else {
        "kept"
    };
    let points = points_milli(&held.kept, &program.point_value) - points_milli(&kept, &program.point_value);
    let mut told = json!({
        "reason": reason,
        "kept": out(&kept)?,
        "taken_back": out(&taken)?,
        "points_milli": out(&points)?,
        "new_purchase": out(&(&held.above - above))?,
    });
    if let Some(parts) = &mut held.parts {
        let taken = allocate(&taken, parts);
        told["parts"] = out_list(&taken)?;
        for (part, taken) in parts.iter_mut().zip(taken) {
            *part -= taken;
        }
    }
    held.kept = kept;
    Ok((held, told, points))
}

/// OR-1, OR-2, OR-4, OR-6.
pub fn event(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &REQUEST)?;
    let raw = fields.need("event")?;
    let event = read_event(raw)?;
    event.check_form()?;
    let sale = fields.get("sale").map(read_event).transpose()?;
    let returned: Vec<Int> = items(&fields, "returned")?.iter().map(natural).collect::<Answer<_>>()?;
    let codes = Codes::read(items(&fields, "codes")?)?;
    let stock = read_shelves(items(&fields, "stock")?)?;
    let refuses = fields.word_or("policy", &["refuse", "backorder"], "refuse")? == "refuse";
    let award_on = fields.word_or("award_on", &["goods", "payable"], "goods")?;
    let no_award: Vec<&str> = items(&fields, "no_award")?.iter().map(text).collect::<Answer<_>>()?;
    let known = read_known(&fields)?;
    let held = fields.get("held").map(read_held).transpose()?;
    let previous = match fields.text_if("previous_hex")? {
        Some(text) => digits_of_hex(text, 32)?,
        None => vec![0; 32],
    };
    let program = fields.get("program");
    let (needed, foreign) = if event.is_sale() { ("award", "held") } else { ("held", "award") };
    if fields.has(needed) != program.is_some() || fields.has(foreign) {
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
    let moneys = event.moneys();
    let new = event.worth(&moneys);
    let earning_of = |event: &Event, moneys: &[Money]| event.worth(&event.earning(moneys, &no_award)).total(award_on);
    let mut total = new.total(award_on);
    let mut flow = Flow::default();
    flow.add(&new, 1);
    flow.payable += &event.tips;
    flow.credit("tips", &event.tips);
    let mut change = None;
    if let Some(Before { sale, returned, after }) = &before {
        let (had, has) = (sale.left(returned), sale.left(after));
        let (earlier, left) = (sale.worth(&had), sale.worth(&has));
        flow.add(&earlier, -1);
        flow.add(&left, 1);
        total = left.total(award_on);
        // Money goes back before vouchers do, unless the payments say otherwise.
        let on_vouchers = match &held {
            Some(held) => held.paid_by_voucher.clone(),
            None if sale.is_sale() => sale.vouchers().min(earlier.payable()),
            None => int(0),
        };
        let (mut voucher_back, mut voucher_paid) = (int(0), int(0));
        if flow.payable < int(0) && !event.payments.is_empty() {
            voucher_back = event.vouchers();
        } else if flow.payable < int(0) {
            let stays = left.payable() + new.payable();
            let due = -(&flow.payable + &event.rounding);
            voucher_back = (&on_vouchers - stays).max(int(0)).min(due);
        } else {
            voucher_paid = event.vouchers();
        }
        if voucher_back > on_vouchers {
            return refuse("over_refund");
        }
        change = Some(Change {
            earning_back: earning_of(sale, &had) - earning_of(sale, &has),
            earning_out: earning_of(&event, &moneys),
            total_back: earlier.total(award_on) - left.total(award_on),
            total_out: new.total(award_on),
            voucher_back,
            voucher_paid,
        });
    }
    let nothing = int(0);
    flow.pay(&event.rounding, &event.payments, change.as_ref().map_or(&nothing, |change| &change.voucher_back))?;

    // The award.
    let mut award = None;
    let mut held_after = None;
    let mut reversal = None;
    let mut entries = Vec::new();
    match (program, fields.get("award"), held, &change) {
        (Some(program), Some(given), ..) => {
            let awarded = Awarded { total: total.clone(), earning: earning_of(&event, &moneys) };
            let its = award_for(program, given, &event, &awarded)?;
            entries = entries_of(&event, &result, Some(&its), Some(program));
            let entry = entries.first().map(|_| format!("{result}:award"));
            held_after = Some(Held::of(&its, &event, &read_program(program)?, given, entry, &awarded)?);
            let value = int(its["value"].as_i64().expect("a value"));
            flow.credit("voucher_cost", &-&value);
            flow.credit("voucher_debt", &value);
            award = Some(its);
        }
        (Some(program), None, Some(held), Some(change)) => {
            let (after, told, points) = reverse(held, &read_program(program)?, change)?;
            let value = natural(&told["taken_back"])?;
            flow.credit("voucher_cost", &value);
            flow.credit("voucher_debt", &-&value);
            let of_sale = before.as_ref().and_then(|before| before.sale.member.as_ref()).filter(|_| !event.erased);
            let member = event.member.as_ref().or(of_sale);
            if let (Some(member), Some(entry), true) = (member, &after.entry, points > nothing) {
                entries.push(json!({
                    "id": format!("{result}:back"),
                    "account": member,
                    "kind": "reverse",
                    "points_milli": out(&points)?,
                    "of": entry,
                    "shop": event.shop,
                    "time": event.time,
                }));
            }
            (held_after, reversal) = (Some(after), Some(told));
        }
        _ => {}
    }

    // What is refused is refused before anything is decided.
    let (taxes, accounts) = (flow.tell_taxes()?, flow.tell_accounts()?);
    let (goods_worth, service, payable) = (out(&flow.goods)?, out(&flow.service)?, out(&flow.payable)?);

    // The goods: what comes back, then what goes out.
    let mut moves = Moves::new();
    let mut unknown = Vec::new();
    let mut goods: Vec<(&str, &str, &Quantity, bool)> = Vec::new();
    if let Some(Before { sale, .. }) = &before {
        for (line, quantity) in &event.back {
            let line = &sale.lines[usize::try_from(line.clone()).expect("inside the list")];
            goods.push((&sale.channel, &line.code, quantity, true));
        }
    }
    goods.extend(event.lines.iter().map(|line| (event.channel.as_str(), line.code.as_str(), &line.quantity, false)));
    for (channel, code, quantity, comes_back) in goods {
        let sku = if codes.list.is_empty() { Some(code.to_string()) } else { codes.sku(channel, code) };
        match sku {
            None => unknown.push(code.to_string()),
            Some(sku) => {
                let its = moves.entry(sku).or_default();
                (if comes_back { &mut its.back } else { &mut its.sold })[usize::from(quantity.milli)] += &quantity.units;
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
        "rounding": out(&flow.rounding)?,
        "entries": entries,
        "accounts": accounts,
        "audit": { "source": event.source, "id": event.id, "time": event.time, "hash": hex(&hash), "chain": chain },
    });
    if let Some(award) = award {
        answer["award"] = award;
    }
    if let Some(held) = held_after {
        answer["held"] = held.tell()?;
    }
    if let Some(reversal) = reversal {
        answer["reversal"] = reversal;
    }
    if let Some(change) = change {
        answer["voucher_back"] = out(&change.voucher_back)?;
    }
    if !event.extensions.is_empty() {
        answer["extensions"] = Value::Object(event.extensions.clone());
    }
    Ok(answer)
}

/// OR-6.
pub fn codes(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["codes", "labels", "lines"])?;
    let codes = Codes::read(fields.list("codes")?)?;
    let labels =
        if fields.has("labels") { fields.list("labels")?.iter().map(scale_label).collect::<Answer<Vec<_>>>()? } else { Vec::new() };
    let mut read = Vec::new();
    let mut skus = Vec::new();
    let mut unknown: BTreeMap<(String, String), i64> = BTreeMap::new();
    for item in list(fields.need("lines")?)? {
        let inner = Fields::open(item, &["channel", "code"])?;
        let (channel, code) = (inner.text("channel")?, inner.text("code")?);
        let mut sku = codes.sku(channel, code);
        let mut said = Value::Null;
        if sku.is_none() {
            let fits = labels.iter().find(|(prefix, ..)| code.starts_with(prefix.as_str()) && check_digit_holds(code));
            if let Some((prefix, [item, skip, value], name, unit)) = fits {
                let from = prefix.len() + item;
                sku = codes.sku(channel, &code[prefix.len()..from]);
                let digits: i64 = code[from + skip..from + skip + value].parse().expect("digits");
                if sku.is_some() {
                    said = json!({ *name: out(&(int(digits) * unit))? });
                }
            }
        }
        read.push(said);
        if sku.is_none() {
            *unknown.entry((channel.to_string(), code.to_string())).or_default() += 1;
        }
        skus.push(json!(sku));
    }
    let unknown: Vec<Value> =
        unknown.iter().map(|((channel, code), count)| json!({ "channel": channel, "code": code, "count": count })).collect();
    let mut answer = json!({ "skus": skus, "unknown": unknown });
    if !labels.is_empty() {
        answer["labels"] = json!(read);
    }
    Ok(answer)
}

/// A label's prefix, its digits of item, nothing and value, the field that it tells, and its unit.
type Label = (String, [usize; 3], &'static str, Int);

fn scale_label(value: &Value) -> Answer<Label> {
    let fields = Fields::open(value, &["prefix", "item_digits", "skip_digits", "value_digits", "value", "unit"])?;
    let prefix = fields.text("prefix")?.to_string();
    let (item, value_digits) = (fields.natural("item_digits")?, fields.natural("value_digits")?);
    let skip = if fields.has("skip_digits") { fields.natural("skip_digits")? } else { int(0) };
    let unit = if fields.has("unit") { fields.natural("unit")? } else { int(1) };
    let name = match fields.text("value")? {
        "weight" => "quantity_milli",
        "price" => "price",
        _ => return refuse("bad_config"),
    };
    let all = &item + &skip + &value_digits + int(prefix.len() as i64);
    let is_wrong = all != int(12) || prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_digit());
    if is_wrong || item == int(0) || value_digits == int(0) || unit == int(0) {
        return refuse("bad_config");
    }
    let digits = [item, skip, value_digits].map(|count| usize::try_from(count).expect("at most twelve"));
    Ok((prefix, digits, name, unit))
}

/// The digit that makes the sum, every second digit thrice, end in zero.
fn check_digit_holds(code: &str) -> bool {
    let digits: Vec<u32> = code.chars().filter_map(|c| c.to_digit(10)).collect();
    if code.len() != 13 || digits.len() != 13 {
        return false;
    }
    let sum: u32 = digits.iter().step_by(2).sum::<u32>() + 3 * digits.iter().skip(1).step_by(2).sum::<u32>();
    sum % 10 == 0
}
