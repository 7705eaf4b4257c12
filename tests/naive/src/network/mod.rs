//! The network as one fold, read a second time from docs/network.md.
//!
//! States are kept as the JSON they come as; what is left out is only settled when they are written.

mod account;
mod awards;
mod claims;
mod event;
mod keys;
mod returns;
mod sale;
mod shape;
mod shop;
mod tenders;

pub use keys::keys;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::canonical::bytes;
use crate::fields::{Answer, Fields, Fraction, LIMIT, refuse};
use crate::program::read_own;
use crate::sha256::{hex, sha256};
use crate::time::read_moment;
use event::Event;
use keys::enc;

/// A number of a state, or what may be stored in one.
type N = i128;

/// A number of a state; an absent one is 0.
fn num(state: &Value, field: &str) -> N {
    state.get(field).and_then(Value::as_i64).map_or(0, N::from)
}

fn is(state: &Value, field: &str) -> bool {
    state.get(field) == Some(&json!(true))
}

fn word<'a>(state: &'a Value, field: &str) -> &'a str {
    state.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A number for a state. What is outside of 64 bits is outside of the domain, which is looked at when all is done.
fn whole(n: N) -> Value {
    json!(i64::try_from(n).unwrap_or(i64::MAX))
}

fn add(state: &mut Value, field: &str, amount: N) {
    state[field] = whole(num(state, field) + amount);
}

fn items(state: &Value, field: &str) -> Vec<Value> {
    state.get(field).and_then(Value::as_array).cloned().unwrap_or_default()
}

fn entries(state: &Value, field: &str) -> Map<String, Value> {
    state.get(field).and_then(Value::as_object).cloned().unwrap_or_default()
}

fn instant(text: &str) -> Answer<Fraction> {
    Ok(read_moment(text)?.instant())
}

/// What is open of a voucher or a lot.
fn open(claim: &Value) -> N {
    num(claim, "value") - num(claim, "used") - num(claim, "taken") - num(claim, "expired") - num(claim, "held")
}

/// Who numbers a message.
#[derive(Clone, Copy, PartialEq)]
enum Sender {
    Owner,
    Sale,
    Opening,
}

/// One event on its way through the states.
struct Fold<'a> {
    event: Event,
    /// When a request is judged.
    at: String,
    states: BTreeMap<String, Value>,
    programs: &'a [Value],
    settings: Value,
    facts: Vec<Value>,
    out: Vec<Value>,
    again: Vec<Value>,
    /// Whether the request waits now, and whether it waited before.
    waits: bool,
    waited: bool,
    /// How many messages the opening has sent to whom.
    opening: Map<String, Value>,
}

/// The shape of the state of a key.
fn shape_of(key: &str) -> &'static str {
    match key.split('/').next().unwrap_or_default() {
        "shop" => "shop",
        "day" => "day",
        "month" => "month",
        "sale" => "sale_state",
        "voucher" => "voucher",
        "red" => "red",
        "account" => "account",
        "due" => "due_state",
        "period" => "period",
        "inbox" => "inbox",
        _ => "seen",
    }
}

/// What an event leads to.
pub fn apply(request: &Value) -> Answer<Value> {
    let fields = Fields::open(request, &["event", "states", "programs", "settings", "at"])?;
    let asked = keys(&json!({"event": fields.need("event")?}))?;
    let event = event::read(fields.need("event")?)?;
    let at = fields.text_if("at")?.unwrap_or(&event.time).to_string();
    read_moment(&at)?;
    let given = fields.need("states")?;
    let names: Vec<&str> = asked["write"].as_array().expect("keys").iter().filter_map(Value::as_str).collect();
    let known = Fields::open(given, &names)?;
    let mut states = BTreeMap::new();
    for key in &names {
        let Some(state) = given.get(*key) else { return refuse("missing_field") };
        let mut state = state.clone();
        if known.has(key) {
            let version = state.as_object_mut().map(|fields| fields.remove("v"));
            match version {
                None => return refuse("bad_type"),
                Some(None | Some(Value::Null)) => return refuse("missing_field"),
                Some(Some(Value::Number(version))) if version.as_i64() == Some(1) => {}
                Some(Some(Value::Number(_))) => return refuse("bad_config"),
                Some(Some(_)) => return refuse("bad_type"),
            }
            state = shape::read(shape_of(key), &state)?;
        }
        states.insert((*key).to_string(), state);
    }
    let none = Vec::new();
    let programs = fields.list_if("programs")?.unwrap_or(&none);
    for program in programs {
        read_own(program)?;
    }
    let nothing = json!({});
    let settings = shape::read("settings", fields.get("settings").unwrap_or(&nothing))?;
    let fold = Fold {
        event,
        at,
        states,
        programs,
        settings,
        facts: Vec::new(),
        out: Vec::new(),
        again: Vec::new(),
        waits: false,
        waited: false,
        opening: Map::new(),
    };
    fold.once()
}

impl Fold<'_> {
    /// NW-4: an event counts once.
    fn once(mut self) -> Answer<Value> {
        let Event { kind, source, id, subject, time, data, n, .. } = &self.event;
        let content = json!({"data": data, "subject": subject, "time": time, "type": format!("loyalty.{kind}")});
        let hash = hex(&sha256(bytes(&content).as_bytes()));
        let seen_key = format!("seen/{}|{}", enc(source), enc(id));
        let seen = self.states[&seen_key].clone();
        let nothing = |outcome: &str| json!({"outcome": outcome, "states": {}, "facts": [], "out": [], "again": []});
        if !seen.is_null() {
            if seen["hash"] != json!(hash) {
                return Ok(nothing("conflict"));
            }
            if seen["outcome"] != "waiting" {
                let mut answer = nothing("duplicate");
                answer["facts"] = json!(items(&seen, "facts"));
                answer["out"] = json!(items(&seen, "out"));
                return Ok(answer);
            }
            self.waited = true;
        }
        if let Some(n) = n {
            let inbox_key = format!("inbox/{subject}|{source}");
            let inbox = self.states.get_mut(&inbox_key).expect("asked for");
            let mut above: Vec<N> = items(inbox, "above").iter().filter_map(Value::as_i64).map(N::from).collect();
            let mut through = num(inbox, "through");
            if *n <= through || above.contains(n) {
                return Ok(nothing("duplicate"));
            }
            above.push(*n);
            above.sort_unstable();
            while above.contains(&(through + 1)) {
                through += 1;
            }
            above.retain(|number| *number > through);
            let above: Vec<Value> = above.into_iter().map(whole).collect();
            *inbox = json!({"through": whole(through), "above": above});
        } else if let Some(horizon) = self.settings.get("horizon").and_then(Value::as_str) {
            if instant(time)? < instant(horizon)? {
                return refuse("out_of_order");
            }
        }
        self.act()?;
        let outcome = if self.waits { "waiting" } else { "applied" };
        let seen = json!({"hash": hash, "outcome": outcome, "facts": self.facts, "out": self.out});
        self.states.insert(seen_key, seen);
        let mut states = Map::new();
        for (key, state) in &self.states {
            let mut written = shape::written(shape_of(key), state);
            if let Some(fields) = written.as_object_mut() {
                fields.insert("v".to_string(), json!(1));
            }
            states.insert(key.clone(), written);
        }
        let states = Value::Object(states);
        in_domain(&states)?;
        Ok(json!({"outcome": outcome, "states": states, "facts": self.facts, "out": self.out, "again": self.again}))
    }

    fn act(&mut self) -> Answer<()> {
        match self.event.kind.as_str() {
            "sale" => self.sale(),
            "play" => self.play(),
            "return" | "exchange" | "void" => self.give_back(),
            "accept" => self.accept(),
            "opening" if self.event.owner == "shop" => self.opening(),
            "opening" => self.opening_of_account(),
            "topup" => self.top_up(),
            "draw" => self.draw(),
            "check" => self.check(),
            "day.close" => self.close_day(),
            "month.close" => self.close_month(),
            "account.tick" => self.tick(),
            "period.close" => self.close_period(),
            "join" => self.join(),
            "leave" | "pause" | "program" => self.terms(),
            "redeem.voucher" | "redeem.points" | "reserve" => self.redeem(),
            "commit" => self.commit(),
            "release" | "request.end" => self.release(),
            "undo.ask" => self.ask_undo(),
            "transfer" => self.transfer(),
            "earn" | "lots.in" => self.lots_in(),
            "claim.reverse" => self.reverse_claim(),
            "claim.reversed" => self.reversed(),
            "merge" => self.merge(),
            "claim.used" if self.event.owner == "account" => self.points_used(),
            "claim.used" => self.used(),
            "claim.unused" => self.unused(),
            "claim.expired" => self.claims_expired(),
            "debt.paid" => self.debt_was_paid(),
            "due" => self.due(),
            "expire" => self.expire(),
            "tender" => self.tender(),
            "undo" => self.undo(),
            "clearing.received" => self.received(),
            "clearing.draw" => self.drawn(),
            _ => self.closed(),
        }
    }

    fn field(&self, name: &str) -> Value {
        self.event.data.get(name).cloned().unwrap_or_default()
    }

    fn text(&self, name: &str) -> String {
        word(&self.event.data, name).to_string()
    }

    fn amount(&self, name: &str) -> N {
        num(&self.event.data, name)
    }

    /// The state of a key, which is there from now on.
    fn state(&mut self, key: &str) -> &mut Value {
        let state = self.states.get_mut(key).unwrap_or_else(|| panic!("{key} was not asked for"));
        if state.is_null() {
            *state = if key.starts_with("shop/") { json!({"fund": {"balance": 0}}) } else { json!({}) };
        }
        state
    }

    fn shop(&mut self) -> &mut Value {
        let key = format!("shop/{}", self.event.me);
        self.state(&key)
    }

    fn told(&mut self, fact: &str, fields: Value) {
        let mut told = json!({"v": 1, "fact": fact});
        for (name, value) in fields.as_object().expect("fields") {
            told[name] = value.clone();
        }
        self.facts.push(told);
    }

    fn refused(&mut self, reason: &str) {
        self.told("refused", json!({"reason": reason}));
    }

    /// A posting Dr → Cr of this shop; a negative amount goes the other way.
    fn post(&mut self, debit: &str, credit: &str, amount: N) {
        if amount < 0 {
            return self.post(credit, debit, -amount);
        }
        if amount == 0 {
            return;
        }
        let shop = self.shop();
        if shop.get("books").is_none() {
            shop["books"] = json!({});
        }
        add(&mut shop["books"], debit, amount);
        add(&mut shop["books"], credit, -amount);
        let me = self.event.me.clone();
        self.told("posting", json!({"shop": me, "debit": debit, "credit": credit, "amount": whole(amount)}));
    }

    fn reserve_more(&mut self, amount: N) {
        add(self.shop(), "reserved", amount);
    }

    /// What this shop owes another for claims; to itself it owes nothing.
    fn owe(&mut self, acceptor: &str, amount: N) {
        if acceptor != self.event.me {
            let shop = self.shop();
            if shop.get("owed").is_none() {
                shop["owed"] = json!({});
            }
            add(&mut shop["owed"], acceptor, amount);
        }
    }

    /// What stands for a claim between issuer and acceptor: both accounts are one within a shop.
    fn payable(&self, acceptor: &str) -> &'static str {
        if acceptor == self.event.me { "own_use" } else { "network_payable" }
    }

    fn receivable(&self, issuer: &str) -> &'static str {
        if issuer == self.event.me { "own_use" } else { "network_receivable" }
    }

    /// A message, numbered by its sender.
    fn send(&mut self, sender: Sender, to: &str, kind: &str, data: &Value) {
        let (source, n) = match sender {
            Sender::Opening => {
                let n = self.opening.get(to).and_then(Value::as_i64).unwrap_or(0) + 1;
                self.opening.insert(to.to_string(), json!(n));
                (format!("opening/{}/{}|{}", self.event.me, enc(&self.event.source), enc(&self.event.id)), N::from(n))
            }
            _ => {
                let key = if sender == Sender::Sale { self.sale_key() } else { self.event.subject.clone() };
                let state = self.state(&key);
                if state.get("sent").is_none() {
                    state["sent"] = json!({});
                }
                add(&mut state["sent"], to, 1);
                let n = num(&state["sent"], to);
                (key, n)
            }
        };
        let data = shape::read(kind, data).expect("a message of ours");
        self.out.push(json!({
            "specversion": "1.0", "type": format!("loyalty.{kind}"), "source": source, "id": format!("{to}|{n}"), "time": self.at,
            "subject": to, "n": whole(n), "data": data
        }));
    }

    /// The first program of a name, or of any, that is in force at a time.
    fn program_at(&self, name: Option<&str>, time: &str) -> Answer<Option<Value>> {
        for document in self.programs {
            if name.is_some_and(|name| document.get("id") != Some(&json!(name))) {
                continue;
            }
            let program = read_own(document)?;
            if program.in_force(&read_moment(time)?.at(program.offset)?) {
                return Ok(Some(document.clone()));
            }
        }
        Ok(None)
    }

    /// The program that this shop follows at a time.
    fn own_program(&mut self, time: &str) -> Answer<Option<Value>> {
        let name = self.shop().get("program").and_then(Value::as_str).map(str::to_string);
        self.program_at(name.as_deref(), time)
    }
}

/// CV-1: every number that is stored is one of the interface.
fn in_domain(value: &Value) -> Answer<()> {
    match value {
        Value::Number(number) => match number.as_i64() {
            Some(n) if (-LIMIT..=LIMIT).contains(&n) => Ok(()),
            _ => refuse("out_of_range"),
        },
        Value::Array(items) => items.iter().try_for_each(in_domain),
        Value::Object(fields) => fields.values().try_for_each(in_domain),
        _ => Ok(()),
    }
}
