//! A network of a few shops and members in which anything happens: events of the outside, messages late, reordered and
//! repeated, crashes before anything is stored.

use serde_json::{Value, json};

use crate::host::{Host, encoded, event, name};
use crate::laws;

/// The generator of a seed (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 … count − 1.
    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(count.max(1)).unwrap()).unwrap()
    }

    fn amount(&mut self, most: usize) -> i64 {
        i64::try_from(self.below(most) + 1).unwrap()
    }

    /// True in so many of a hundred.
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn of_list<T: Clone>(&mut self, list: &[T]) -> Option<T> {
        if list.is_empty() { None } else { Some(list[self.below(list.len())].clone()) }
    }
}

const SHOPS: [&str; 3] = ["A", "B", "C"];
const MEMBERS: [&str; 3] = ["M1", "M2", "M3"];

/// A sale that is planned or reported.
#[derive(Clone)]
struct Sale {
    shop: &'static str,
    id: String,
    day: String,
    total: i64,
    sold: bool,
    lines: usize,
}

/// A redemption that was asked, or that is known by its id alone.
#[derive(Clone)]
struct Red {
    id: String,
    owner: String,
    shop: &'static str,
    sale: String,
    month: String,
    amount: i64,
    /// Its request, if it was not sent yet: an undo can be ahead of it.
    held_back: Option<Value>,
    is_reserved: bool,
}

pub struct World {
    pub host: Host,
    dice: Dice,
    minute: usize,
    next: usize,
    sales: Vec<Sale>,
    reds: Vec<Red>,
    /// Events of the outside with their first answers.
    outside: Vec<(Value, Value)>,
    /// What was applied, in order, with the time at which it was judged.
    pub log: Vec<(Value, Option<Value>)>,
    /// How often which event had which outcome, or was refused for which reason.
    pub seen: std::collections::BTreeMap<String, usize>,
    periods: i64,
    /// Redemptions that were undone before they came (law 18).
    undone_first: std::collections::BTreeSet<String>,
    /// What came back by amount of each sale; nothing where lines, exchanges or voids did.
    returned: std::collections::BTreeMap<String, Option<i64>>,
}

/// The programs that worlds have.
fn programs(dice: &mut Dice) -> Vec<Value> {
    let mut program = match dice.below(4) {
        0 => json!({"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus", "quota": 20_000}),
        1 => json!({"mechanism": "flat", "rate_bp": 777, "exclude_voucher_paid": false}),
        2 => json!({"mechanism": "time_auction", "margin_class": "from_15", "tier": "gold", "window": {"open": "00:00", "close": "00:00"},
            "budget": {"day": 9_000}, "first_n": {"n": 2}, "give_back": true}),
        _ => json!({"mechanism": "flat", "rate_bp": 1_000, "quota": 10_000, "below_quota": "standby"}),
    };
    if dice.chance(70) {
        program["validity"] = json!({"days": dice.amount(6)});
    }
    if dice.chance(60) {
        program["funding"] = json!({"shares_bp": [4_500, 3_500, 2_000]});
        program["parties"] = json!(["producer", "retailer", "operator"]);
    }
    if dice.chance(30) {
        program["max_share_bp"] = json!(5_000);
        program["min_redeem_purchase"] = json!(3_000);
    }
    if dice.chance(30) {
        program["redemptions_per_month"] = json!({"program": 3, "shopper": 2});
    }
    if dice.chance(25) {
        program["grace_days"] = json!(dice.amount(5));
    }
    if dice.chance(20) {
        program["single_use"] = json!(true);
    }
    program["id"] = json!("p");
    vec![program]
}

/// The redemption that an event asks for or undoes.
fn red_of(event: &Value) -> Option<String> {
    let (data, text) = (&event["data"], |value: &Value| value.as_str().map(str::to_string));
    let (owner, shop, id) = match event["type"].as_str()? {
        "loyalty.undo" => (text(&data["owner"])?, &data["shop"], &data["redemption"]),
        "loyalty.redeem.points" => (text(&event["subject"])?, &data["shop"], &event["id"]),
        "loyalty.redeem.voucher" => (format!("voucher/{}", data["voucher"].as_str()?), &data["shop"], &event["id"]),
        _ => return None,
    };
    Some(format!("red/{owner}|{}|{}", text(shop)?, encoded(id.as_str()?)))
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::of(seed);
        let programs = programs(&mut dice);
        let host = Host::new(&programs);
        let mut world = Self {
            host,
            dice,
            minute: 8 * 60,
            next: 0,
            sales: Vec::new(),
            reds: Vec::new(),
            outside: Vec::new(),
            log: Vec::new(),
            seen: std::collections::BTreeMap::new(),
            periods: 0,
            undone_first: std::collections::BTreeSet::new(),
            returned: std::collections::BTreeMap::new(),
        };
        for shop in SHOPS {
            if world.dice.chance(80) {
                let amount = world.dice.amount(60_000);
                world.report("topup", shop, json!({"amount": amount}));
            }
        }
        world
    }

    fn id(&mut self, prefix: &str) -> String {
        self.next += 1;
        // Some ids hold what keys are joined with.
        let odd = if self.next % 7 == 0 { "/|~%" } else { "" };
        format!("{prefix}{}{odd}", self.next)
    }

    fn date(minute: usize) -> String {
        let day = minute / 1440;
        if day < 31 { format!("2025-03-{:02}", day + 1) } else { format!("2025-04-{:02}", day - 30) }
    }

    fn time_of(minute: usize) -> String {
        format!("{}T{:02}:{:02}:00+07:00", Self::date(minute), minute / 60 % 24, minute % 60)
    }

    fn now(&self) -> String {
        Self::time_of(self.minute)
    }

    fn today(&self) -> String {
        Self::date(self.minute)
    }

    fn month(&self) -> String {
        self.today()[..7].to_string()
    }

    fn make(&mut self, kind: &str, subject: &str, id: &str, data: &Value) -> Value {
        let till = self.dice.below(2);
        event(kind, (&format!("/{subject}/{till}"), id), subject, &self.now(), data)
    }

    /// Something that a shop or an account reports or asks, with a fresh id.
    fn report(&mut self, kind: &str, shop: &str, data: Value) -> Value {
        let id = self.id("e");
        let event = self.make(kind, &format!("shop/{shop}"), &id, &data);
        self.outside(&event)
    }

    /// An event of the outside comes; sometimes the first attempt is lost in a crash.
    fn outside(&mut self, event: &Value) -> Value {
        if self.dice.chance(5) {
            drop(self.host.answer(event, None));
        }
        let answer = self.take(event, None);
        self.outside.push((event.clone(), answer.clone()));
        answer
    }

    fn take(&mut self, event: &Value, at: Option<Value>) -> Value {
        let red = red_of(event);
        let is_unknown = red.as_ref().is_some_and(|red| self.host.state(red).is_null());
        let answer = self.host.apply_at(event, at.as_ref());
        if let Some(red) = red {
            if event["type"] == "loyalty.undo" && is_unknown {
                self.undone_first.insert(red);
            } else if event["type"] != "loyalty.undo" && self.undone_first.contains(&red) {
                let refused = answer["facts"].as_array().unwrap().iter().any(|fact| fact["reason"] == "undone_before");
                assert!(refused, "{red} was undone before it came, and counts: {answer}");
            }
        }
        let kind = event["type"].as_str().unwrap();
        let outcome = answer["outcome"].as_str().unwrap();
        let may_wait = kind.starts_with("loyalty.redeem") || kind == "loyalty.reserve";
        assert!(outcome != "waiting" || may_wait, "a report or a message waits: {event}");
        *self.seen.entry(format!("{kind} {outcome}")).or_default() += 1;
        for fact in answer["facts"].as_array().unwrap().iter().filter(|fact| fact["fact"] == "refused") {
            *self.seen.entry(format!("{kind} refused {}", fact["reason"].as_str().unwrap())).or_default() += 1;
        }
        if matches!(outcome, "applied" | "waiting") {
            self.log.push((event.clone(), at));
        }
        answer
    }

    /// One step: something happens, or something that was sent arrives.
    pub fn step(&mut self) -> Result<(), String> {
        self.minute += self.dice.below(60);
        self.act()?;
        laws::broken(&self.host)?;
        for _ in 0..self.dice.below(4) {
            self.deliver()?;
            laws::broken(&self.host)?;
        }
        if self.dice.chance(10) { self.checked() } else { Ok(()) }
    }

    /// `network.check` agrees with the laws, which hold; and it finds a rupiah that is put somewhere.
    fn checked(&mut self) -> Result<(), String> {
        let told = laws::checked(&self.host);
        if told != json!({"holds": true}) {
            return Err(format!("network.check says {told}"));
        }
        let places: Vec<(String, &str)> = self.host.of_kind("shop").map(|(key, _)| (key.to_string(), "reserved")).collect();
        let Some((key, field)) = self.dice.of_list(&places) else { return Ok(()) };
        let mut wrong = self.host.clone();
        let state = wrong.states.get_mut(&key).unwrap();
        state[field] = json!(state[field].as_i64().unwrap() + 1);
        let told = laws::checked(&wrong);
        if told["holds"] == true { Err(format!("network.check passes over a rupiah at {key}")) } else { Ok(()) }
    }

    /// A message arrives: any of those under way, or once more one that arrived before.
    fn deliver(&mut self) -> Result<(), String> {
        if !self.host.again.is_empty() {
            let next = self.host.again.remove(0);
            self.take(&next["event"], Some(next["at"].clone()));
            return Ok(());
        }
        if self.dice.chance(15) {
            let before: Vec<Value> =
                self.host.sent.iter().filter(|message| self.host.delivered.contains(&name(message))).cloned().collect();
            if let Some(mut message) = self.dice.of_list(&before) {
                if self.dice.chance(30) {
                    // What became of a message may be forgotten: the inbox knows its number.
                    let seen: Vec<String> = self.host.states.keys().filter(|key| key.starts_with("seen/")).cloned().collect();
                    let forgotten = seen.iter().find(|key| self.is_seen_of(key, &message)).cloned();
                    if let Some(key) = forgotten {
                        let state = self.host.states.remove(&key).unwrap();
                        self.expect(&message, "duplicate")?;
                        self.host.states.insert(key, state);
                    }
                    return Ok(());
                }
                self.expect(&message, "duplicate")?;
                message["time"] = json!("2024-01-01T00:00:00+07:00");
                return self.expect(&message, "conflict");
            }
        }
        if self.host.outbox.is_empty() {
            return Ok(());
        }
        let place = self.dice.below(self.host.outbox.len());
        if self.dice.chance(10) {
            drop(self.host.answer(&self.host.outbox[place].clone(), None));
            return Ok(());
        }
        let message = self.host.outbox.remove(place);
        let answer = self.take(&message, None);
        if answer["outcome"] != "applied" {
            return Err(format!("a message is {}: {message}", answer["outcome"]));
        }
        Ok(())
    }

    fn is_seen_of(&self, key: &str, message: &Value) -> bool {
        let (source, id) = name(message);
        key == format!("seen/{}|{}", encoded(&source), encoded(&id))
    }

    /// An event that came before has an outcome, and changes nothing.
    fn expect(&mut self, event: &Value, outcome: &str) -> Result<(), String> {
        let answer = self.host.answer(event, None);
        *self.seen.entry(format!("{} {outcome}", event["type"].as_str().unwrap())).or_default() += 1;
        if answer["outcome"] == outcome { Ok(()) } else { Err(format!("{outcome} wanted, {} found: {event}", answer["outcome"])) }
    }

    fn act(&mut self) -> Result<(), String> {
        match self.dice.below(34) {
            0..=5 => self.sell(),
            6 | 7 => self.plan(),
            8..=11 => self.redeem_points(),
            12..=14 => self.redeem_voucher(),
            15 | 16 => self.undo_ask(),
            17..=19 => self.report_planned(),
            20..=22 => self.give_back(),
            23 => self.play(),
            24 => self.money(),
            25 => self.close(),
            26 => self.tick(),
            27 => self.transfer(),
            28 => self.bring_in(),
            29 => self.accept(),
            30 => self.end_reserved(),
            31 => self.terms(),
            32 => return self.repeat(),
            _ => self.send_held_back(),
        }
        Ok(())
    }

    fn shop(&mut self) -> &'static str {
        SHOPS[self.dice.below(SHOPS.len())]
    }

    fn new_sale(&mut self) -> Sale {
        let (shop, total) = (self.shop(), self.dice.amount(80_000));
        let lines = if self.dice.chance(40) { 1 + self.dice.below(3) } else { 0 };
        Sale { shop, id: self.id("s"), day: self.today(), total, sold: false, lines }
    }

    /// A sale that no claim pays.
    fn sell(&mut self) {
        let sale = self.new_sale();
        self.sales.push(sale);
        self.report_sale(self.sales.len() - 1, &[]);
    }

    /// A sale whose id is fixed before it is paid.
    fn plan(&mut self) {
        let sale = self.new_sale();
        self.sales.push(sale);
    }

    fn report_sale(&mut self, place: usize, claims: &[Value]) {
        let Sale { shop, id, total, lines, .. } = self.sales[place].clone();
        let claimed: i64 = claims.iter().map(|claim| claim["amount"].as_i64().unwrap()).sum();
        let mut total = total.max(claimed);
        let day = self.today();
        let mut data = json!({"day": day, "claims": claims});
        if lines > 0 && claims.is_empty() {
            let quantity = 1_000 + 250 * self.dice.amount(9);
            let price = self.dice.amount(30_000);
            let line = json!({"sku": "x", "quantity_milli": quantity, "price": price});
            total = (price * quantity + 500) / 1_000 * i64::try_from(lines).unwrap();
            data["lines"] = json!(vec![line; lines]);
        } else {
            data["total"] = json!(total);
        }
        if self.dice.chance(60) {
            data["member"] = json!(self.dice.of_list(&MEMBERS));
            data["shopper"] = json!({"prior_points_milli": self.dice.amount(400_000), "purchases": self.dice.amount(9)});
            if self.dice.chance(10) {
                data["form"] = json!("voucher");
            }
        }
        if self.host.programs[0]["mechanism"] == "stopwatch" && self.dice.chance(70) {
            data["play"] = json!({"digit": self.dice.below(10)});
        }
        if self.host.programs[0]["mechanism"] == "time_auction" && self.dice.chance(40) {
            let at = Self::time_of(self.minute.saturating_sub(self.dice.below(600)));
            data["play"] = if self.dice.chance(50) { json!({"slot": 1 + self.dice.below(10)}) } else { json!({"at": at}) };
        }
        if self.dice.chance(12) {
            data["printed"] = json!({"value": self.dice.amount(5_000)});
        }
        let event = self.make("sale", &format!("shop/{shop}"), &id, &data);
        let sale = &mut self.sales[place];
        (sale.sold, sale.day, sale.total) = (true, day, total);
        self.outside(&event);
    }

    /// A sale is reported that redemptions pay, or that counts on some that were refused, or on more than they pay.
    fn report_planned(&mut self) {
        let open: Vec<usize> = (0..self.sales.len()).filter(|place| !self.sales[*place].sold).collect();
        let Some(place) = self.dice.of_list(&open) else { return self.plan() };
        let (shop, id) = (self.sales[place].shop, self.sales[place].id.clone());
        let mut claims = Vec::new();
        for red in self.reds.clone().iter().filter(|red| (red.shop, &red.sale) == (shop, &id)) {
            if self.dice.chance(75) {
                let amount = if self.dice.chance(75) { red.amount } else { self.dice.amount(9_000) };
                claims.push(json!({"of": red.id, "owner": red.owner, "amount": amount, "month": red.month}));
            }
        }
        self.report_sale(place, &claims);
    }

    fn planned(&mut self) -> (&'static str, String) {
        let open: Vec<usize> = (0..self.sales.len()).filter(|place| !self.sales[*place].sold).collect();
        match self.dice.of_list(&open) {
            Some(place) => (self.sales[place].shop, self.sales[place].id.clone()),
            None => {
                self.plan();
                let last = self.sales.last().unwrap();
                (last.shop, last.id.clone())
            }
        }
    }

    /// A request is sent, or held back so that something is ahead of it.
    fn request(&mut self, kind: &str, subject: &str, data: &mut Value, red: &mut Red) {
        if self.dice.chance(20) {
            let deadline = Self::time_of(self.minute + self.dice.below(300));
            data["deadline"] = json!(deadline);
            red.is_reserved = true;
        }
        let kind = if red.is_reserved { "reserve" } else { kind };
        let event = self.make(kind, subject, &red.id, data);
        if self.dice.chance(15) {
            red.held_back = Some(event);
        } else {
            self.outside(&event);
        }
        self.reds.push(red.clone());
    }

    fn redeem_points(&mut self) {
        let member = self.dice.of_list(&MEMBERS).unwrap();
        let (shop, sale) = self.planned();
        let (amount, purchase) = (self.dice.amount(6_000), self.dice.amount(40_000));
        let left = purchase - i64::try_from(self.dice.below(5)).unwrap() * purchase / 4;
        let month = self.month();
        let mut data = json!({"shop": shop, "sale": sale, "amount": amount, "purchase": purchase, "left_to_pay": left, "month": month});
        if self.dice.chance(20) {
            // Some tills ask too late.
            data["valid_until"] = json!(Self::time_of((self.minute + self.dice.below(500)).saturating_sub(60)));
        }
        let id = self.id("r");
        let owner = format!("account/{member}");
        let mut red = Red { id, owner: owner.clone(), shop, sale, month, amount, held_back: None, is_reserved: false };
        self.request("redeem.points", &owner, &mut data, &mut red);
    }

    fn a_voucher(&mut self) -> Option<String> {
        let mut vouchers: Vec<String> =
            self.host.of_kind("voucher").map(|(key, _)| key.strip_prefix("voucher/").unwrap().to_string()).collect();
        if self.dice.chance(15) {
            let plain: Vec<&Sale> = self.sales.iter().filter(|sale| !sale.sold && !sale.id.contains('/')).collect();
            vouchers = plain.iter().map(|sale| format!("{}~{}", sale.shop, sale.id)).collect();
        }
        self.dice.of_list(&vouchers)
    }

    fn redeem_voucher(&mut self) {
        let Some(voucher) = self.a_voucher() else { return self.sell() };
        let issuer = voucher.split_once('~').unwrap().0.to_string();
        let (shop, sale) = self.planned();
        let purchase = self.dice.amount(20_000);
        let month = self.month();
        let mut data =
            json!({"voucher": voucher, "shop": shop, "sale": sale, "purchase": purchase, "left_to_pay": purchase, "month": month});
        let amount = self.dice.amount(4_000);
        if self.dice.chance(50) {
            data["amount"] = json!(amount);
        }
        if self.dice.chance(60) {
            data["valid_until"] = json!(Self::time_of(self.minute + self.dice.below(500)));
        }
        let id = self.id("r");
        let owner = format!("voucher/{voucher}");
        let mut red = Red { id, owner, shop, sale, month, amount, held_back: None, is_reserved: false };
        self.request("redeem.voucher", &format!("shop/{issuer}"), &mut data, &mut red);
    }

    fn send_held_back(&mut self) {
        let Some(place) = self.reds.iter().position(|red| red.held_back.is_some()) else { return };
        let event = self.reds[place].held_back.take().unwrap();
        self.outside(&event);
    }

    fn undo_ask(&mut self) {
        let reds = self.reds.clone();
        let Some(red) = self.dice.of_list(&reds) else { return };
        let mut data = json!({"redemption": {"of": red.id, "owner": red.owner}, "sale": red.sale, "of_month": red.month});
        if self.dice.chance(40) {
            data["amount"] = json!(self.dice.amount(3_000));
        }
        self.report("undo.ask", red.shop, data);
    }

    fn give_back(&mut self) {
        let sales = self.sales.clone();
        let Some(sale) = self.dice.of_list(&sales) else { return };
        let day = if self.dice.chance(90) { sale.day.clone() } else { self.today() };
        let mut data = json!({"of": sale.id, "of_day": day});
        let kind = match self.dice.below(10) {
            0 | 1 => "void",
            2 | 3 => {
                data["total"] = json!(self.dice.amount(60_000));
                data["amount"] = json!(self.dice.amount(60_000));
                "exchange"
            }
            _ if sale.lines > 0 && self.dice.chance(70) => {
                let line = self.dice.below(sale.lines);
                data["back"] = json!([{"line": line, "quantity_milli": 250 * self.dice.amount(8)}]);
                "return"
            }
            _ => {
                let most = usize::try_from(sale.total).unwrap();
                data["amount"] = json!(if self.dice.chance(20) { sale.total } else { self.dice.amount(most) });
                "return"
            }
        };
        let sum = self.returned.entry(format!("sale/{}/{}", sale.shop, encoded(&sale.id))).or_insert(Some(0));
        *sum = sum.zip(data["amount"].as_i64().filter(|_| kind == "return")).map(|(sum, amount)| sum + amount);
        self.report(kind, sale.shop, data);
    }

    fn play(&mut self) {
        let sales = self.sales.clone();
        let Some(sale) = self.dice.of_list(&sales) else { return };
        let digit = self.dice.below(10);
        self.report("play", sale.shop, json!({"of": sale.id, "of_day": sale.day, "play": {"digit": digit}}));
    }

    fn money(&mut self) {
        let shop = self.shop();
        match self.dice.below(3) {
            0 => {
                let amount = self.dice.amount(30_000);
                self.report("topup", shop, json!({"amount": amount}))
            }
            1 => {
                let amount = self.dice.amount(10_000);
                self.report("draw", shop, json!({"amount": amount}))
            }
            _ => self.report("check", shop, json!({"now": self.now()})),
        };
    }

    fn close(&mut self) {
        let shop = self.shop();
        match self.dice.below(3) {
            0 => {
                let last = self.dice.chance(20);
                self.periods += 1;
                self.report("period.close", shop, json!({"period": self.periods, "last": last}))
            }
            1 => {
                let day = Self::date(self.minute.saturating_sub(1440 * self.dice.below(3)));
                self.report("day.close", shop, json!({"day": day}))
            }
            _ => self.report("month.close", shop, json!({"month": self.month()})),
        };
    }

    fn tick(&mut self) {
        let member = self.dice.of_list(&MEMBERS).unwrap();
        let id = self.id("e");
        let event = self.make("account.tick", &format!("account/{member}"), &id, &json!({"now": self.now()}));
        self.outside(&event);
    }

    fn transfer(&mut self) {
        let (from, to) = (self.dice.of_list(&MEMBERS).unwrap(), self.dice.of_list(&MEMBERS).unwrap());
        if from != to && self.dice.chance(15) {
            let id = self.id("x");
            let event = self.make("merge", &format!("account/{from}"), &id, &json!({"to": to}));
            self.outside(&event);
            return;
        }
        let mut data = json!({"to": to});
        if self.dice.chance(70) {
            data["amount"] = json!(self.dice.amount(3_000));
        }
        let id = self.id("x");
        let event = self.make("transfer", &format!("account/{from}"), &id, &data);
        self.outside(&event);
    }

    fn bring_in(&mut self) {
        let shop = self.shop();
        let (voucher, lot) = (self.id("o"), self.id("o"));
        let expires = Self::time_of((self.minute / 1440 + 3) * 1440);
        let data = json!({
            "fund": self.dice.amount(9_000),
            "vouchers": [{"voucher": format!("{shop}~{}", encoded(&voucher)), "value": self.dice.amount(5_000), "expires": expires}],
            "lots": [{"account": self.dice.of_list(&MEMBERS), "lot": format!("{shop}~{}", encoded(&lot)), "amount": self.dice.amount(5_000)}]
        });
        self.report("opening", shop, data);
    }

    fn accept(&mut self) {
        let (owner, data) = match self.a_voucher() {
            Some(voucher) if self.dice.chance(60) => (format!("voucher/{voucher}"), json!({"voucher": voucher})),
            _ => {
                let member = self.dice.of_list(&MEMBERS).unwrap();
                (format!("account/{member}"), json!({"account": member}))
            }
        };
        let (shop, sale) = self.planned();
        let (amount, id) = (self.dice.amount(6_000), self.id("a"));
        let mut data = data;
        (data["sale"], data["amount"]) = (json!(sale), json!(amount));
        let event = self.make("accept", &format!("shop/{shop}"), &id, &data);
        self.outside(&event);
        let month = self.month();
        self.reds.push(Red { id, owner, shop, sale, month, amount, held_back: None, is_reserved: false });
    }

    fn end_reserved(&mut self) {
        let reds: Vec<Red> = self.reds.iter().filter(|red| red.is_reserved || red.owner.starts_with("voucher/")).cloned().collect();
        let Some(red) = self.dice.of_list(&reds) else { return };
        let kind = ["commit", "commit", "release", "request.end"][self.dice.below(4)];
        self.end(kind, &red);
    }

    fn end(&mut self, kind: &str, red: &Red) {
        let subject = match red.owner.strip_prefix("voucher/") {
            Some(voucher) => format!("shop/{}", voucher.split_once('~').unwrap().0),
            None => red.owner.clone(),
        };
        let id = self.id("q");
        let data = json!({"redemption": red.id, "owner": red.owner, "shop": red.shop, "month": red.month});
        let event = self.make(kind, &subject, &id, &data);
        self.outside(&event);
    }

    fn terms(&mut self) {
        let shop = self.shop();
        match self.dice.below(5) {
            0 => {
                let requirement = self.dice.amount(40_000);
                self.report("join", shop, json!({"requirement": requirement}))
            }
            1 => self.report("pause", shop, json!({"reason": "stocktaking"})),
            2 => self.report("leave", shop, json!({})),
            3 => {
                // There is no program `other`: its awards end.
                let program = if self.dice.chance(80) { "p" } else { "other" };
                self.report("program", shop, json!({"program": program}))
            }
            _ => self.report("pause", shop, json!({"paused": false})),
        };
    }

    /// An event of the outside comes again: the same answer. With other content it is a conflict.
    fn repeat(&mut self) -> Result<(), String> {
        let place = self.dice.below(self.outside.len());
        let Some((event, first)) = self.outside.get(place).cloned() else { return Ok(()) };
        let seen = self.host.answer(&event, None);
        if first["outcome"] == "applied" {
            if seen["outcome"] != "duplicate" || seen["facts"] != first["facts"] || seen["out"] != first["out"] {
                return Err(format!("a repetition has another answer: {event}\n{first}\n{seen}"));
            }
        } else if seen["outcome"] == "conflict" {
            return Err(format!("a waiting event is a conflict: {event}"));
        }
        let mut other = event.clone();
        other["time"] = json!("2024-01-01T00:00:00+07:00");
        self.expect(&other, "conflict")?;
        // Another till gives its redemption the id of this one.
        if red_of(&event).is_some() && event["source"].as_str().is_some_and(|source| source.ends_with('0')) {
            let mut other = event;
            other["source"] = json!(other["source"].as_str().unwrap().replace("/0", "/another"));
            self.outside(&other);
        }
        Ok(())
    }

    /// The faults stop: what waits or is kept ends, days close, everything is delivered.
    pub fn settle(&mut self) -> Result<(), String> {
        self.minute += 20 * 1440;
        while self.reds.iter().any(|red| red.held_back.is_some()) {
            self.send_held_back();
        }
        for red in self.reds.clone() {
            self.end("request.end", &red);
        }
        self.drain()?;
        for red in self.reds.clone() {
            self.end("request.end", &red);
        }
        for shop in SHOPS {
            let mut days: Vec<String> =
                self.host.of_kind("due").filter_map(|(key, _)| key.strip_prefix(&format!("due/{shop}/"))).map(str::to_string).collect();
            days.sort();
            for day in days {
                self.report("day.close", shop, json!({"day": day}));
            }
        }
        for member in MEMBERS {
            let id = self.id("e");
            let event = self.make("account.tick", &format!("account/{member}"), &id, &json!({"now": self.now()}));
            self.outside(&event);
        }
        self.drain()?;
        laws::broken_at_rest(&self.host)?;
        self.checked()?;
        for shop in SHOPS {
            self.periods += 1;
            self.report("period.close", shop, json!({"period": self.periods, "last": true}));
        }
        self.drain()?;
        laws::broken_at_rest(&self.host)?;
        for (key, shop) in self.host.of_kind("shop") {
            if shop.get("owed").is_some() || shop["books"].get("network_receivable").is_some() {
                return Err(format!("{key} owes or is owed after the last close: {shop}"));
            }
        }
        for (key, wanted) in self.returned.iter().filter_map(|(key, sum)| sum.map(|sum| (key, sum))) {
            let sale = self.host.state(key);
            let back = sale["back"].as_i64().unwrap_or(0) + sale["above"].as_i64().unwrap_or(0);
            let early = sale["early"].as_array().map_or(0, |early| early.iter().map(|back| back["amount"].as_i64().unwrap()).sum());
            if back + early != wanted {
                return Err(format!("{wanted} came back of {key}, which says {back} and {early}"));
            }
        }
        self.purchases_count()?;
        self.losses_have_a_reason()?;
        for (key, voucher) in self.host.of_kind("voucher") {
            if voucher.get("waiting").is_some() || voucher.get("held").is_some() {
                return Err(format!("something waits for {key} for ever: {voucher}"));
            }
        }
        Ok(())
    }

    /// Each sale to a member that was not wholly given back is a purchase, of its account or of the one that it was merged into.
    fn purchases_count(&self) -> Result<(), String> {
        let number = |state: &Value, field: &str| state[field].as_i64().unwrap_or(0);
        let is_purchase = |sale: &&Value| !sale["member"].is_null() && number(sale, "total") > number(sale, "back");
        let bought = self.host.of_kind("sale").map(|(_, sale)| sale).filter(is_purchase).count();
        let counted: i64 = self.host.of_kind("account").map(|(_, account)| number(account, "purchases")).sum();
        if usize::try_from(counted) != Ok(bought) {
            return Err(format!("members bought {bought} times, and {counted} count"));
        }
        Ok(())
    }

    /// A sale loses of a payment at most what it claimed above what was granted, unless an undo was asked by hand.
    fn losses_have_a_reason(&self) -> Result<(), String> {
        let asked = |of: &Value| self.outside.iter().any(|(event, _)| event["data"]["redemption"]["of"] == *of);
        for (event, _) in self.outside.iter().filter(|(event, _)| event["type"] == "loyalty.sale") {
            let shop = event["subject"].as_str().unwrap().strip_prefix("shop/").unwrap();
            let sale = self.host.state(&format!("sale/{shop}/{}", encoded(event["id"].as_str().unwrap())));
            for claim in event["data"]["claims"].as_array().unwrap().iter().filter(|claim| !asked(&claim["of"])) {
                let (of, owner) = (claim["of"].as_str().unwrap(), claim["owner"].as_str().unwrap());
                let red = self.host.state(&format!("red/{owner}|{shop}|{}", encoded(of)));
                let granted = if red["ended"] == true { 0 } else { red["amount"].as_i64().unwrap_or(0) };
                let lost = sale["tenders"][of]["lost"].as_i64().unwrap_or(0);
                if lost > (claim["amount"].as_i64().unwrap() - granted).max(0) {
                    return Err(format!("{lost} of {of} is lost to {}, and {granted} was granted: {claim}", event["id"]));
                }
            }
        }
        Ok(())
    }

    /// Delivers all messages in any order.
    fn drain(&mut self) -> Result<(), String> {
        let mut steps = 0;
        while !self.host.outbox.is_empty() || !self.host.again.is_empty() {
            self.deliver()?;
            laws::broken(&self.host)?;
            steps += 1;
            if steps > 60 * (self.outside.len() + 1) {
                return Err(format!("messages never end: {:?}", self.host.outbox.first()));
            }
        }
        Ok(())
    }
}
