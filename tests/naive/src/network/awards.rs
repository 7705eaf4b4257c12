//! The award of a sale: what the program decides, who pays it, and in which form it goes out.

use serde_json::{Map, Value, json};

use super::event::amounts;
use super::shape;
use super::{Fold, N, Sender, entries, instant, is, items, num, whole, word};
use crate::award::{read_receipt, stand};
use crate::canonical::program_hash;
use crate::fields::{Answer, Int, natural, out};
use crate::offers::{self, offers_of};
use crate::program::read_own;
use crate::split::{allocate, read_funding};
use crate::time::read_moment;
use crate::voucher;

/// The reasons of what is given.
const GIVES: [&str; 5] = ["full", "standby", "intro", "first_n_standby", "first_n_first_column"];

/// What a program decided of a sale.
struct Decision {
    program: Value,
    award: Value,
    slot: Option<usize>,
    /// What it would be but for budgets and cover.
    unlimited: Value,
}

impl Fold<'_> {
    /// The accounts of parties.
    pub fn payer(&self, party: &str) -> String {
        let retailer = self.settings.get("retailer").and_then(Value::as_str).unwrap_or("retailer");
        if party == retailer { "voucher_expense".to_string() } else { format!("partner:{party}") }
    }

    fn retailer(&self) -> String {
        self.settings.get("retailer").and_then(Value::as_str).unwrap_or("retailer").to_string()
    }

    /// Who pays the parts of a program's awards.
    fn parties(&self, program: &Value) -> Vec<String> {
        let Some(funding) = program.get("funding").filter(|funding| !funding.is_null()) else { return vec![self.retailer()] };
        if let Some(names) = program.get("parties").and_then(Value::as_array) {
            return names.iter().filter_map(Value::as_str).map(str::to_string).collect();
        }
        if funding.get("preset").is_some_and(|preset| !preset.is_null()) {
            return ["producer", "retailer", "operator"].map(str::to_string).to_vec();
        }
        let shares = funding.get("shares_bp").or_else(|| funding.get("weights")).and_then(Value::as_array).map_or(0, Vec::len);
        (1..=shares).map(|place| format!("party{place}")).collect()
    }

    /// The receipt of the sale, as the program reads it.
    fn receipt(&self, sale: &Value, program: &Value, play: Option<&Value>) -> Value {
        let mut receipt = play.cloned().unwrap_or_else(|| json!({}));
        let by_claims = num(sale, "total") - num(sale, "money");
        if self.event.kind == "sale" && self.event.data.get("lines").is_some() {
            receipt["lines"] = self.field("lines");
        } else {
            receipt["total"] = sale["total"].clone();
        }
        receipt["paid_by_voucher"] = whole(by_claims);
        let is_timed = receipt.get("slot").is_some() || receipt.get("at").is_some();
        if !is_timed && program["mechanism"] == "time_auction" {
            receipt["at"] = sale["time"].clone();
        }
        receipt
    }

    /// What a program decides; or why it refuses.
    fn decide(&mut self, sale: &Value, program: &Value, play: Option<&Value>) -> Answer<Result<Decision, String>> {
        let receipt = self.receipt(sale, program, play);
        let day_key = self.day_key(word(sale, "day"));
        let day = self.states[&day_key].clone();
        let mut counters = json!({"day": sale["day"], "released_today": whole(num(&day, "released"))});
        if program["mechanism"] == "time_auction" {
            for (name, counts) in [("awards_by_slot", items(&day, "awards")), ("released_by_slot", items(&day, "released_by_slot"))] {
                if !counts.is_empty() {
                    counters[name] = json!(counts);
                }
            }
        }
        let owed: N = entries(self.shop(), "owed").values().filter_map(Value::as_i64).map(N::from).sum();
        let shop = self.shop().clone();
        let merchant = json!({
            "suspended": shop["fund"]["state"] == "suspended",
            "registered": shop["fund"]["state"] == "registered",
            "fund_balance": whole((num(&shop["fund"], "balance") - owed).max(0)),
            "outstanding": whole(num(&shop, "reserved").max(0)),
        });
        let shopper = json!({
            "prior_points_milli": whole(num(sale, "prior_points_milli")),
            "purchases": whole(num(sale, "purchases")),
            "carried": whole(num(sale, "carried")),
        });
        let request = json!({"program": program, "receipt": receipt, "shopper": shopper, "merchant": merchant, "counters": counters});
        let mut slot = None;
        if offers_of(program).is_none() {
            let own = read_own(program)?;
            let stood = read_receipt(&request["receipt"], &own).and_then(|read| stand(&own, &read));
            if let Ok(stand) = stood {
                if stand.day.is_some_and(|day| day.write() != word(sale, "day")) {
                    return Ok(Err("other_day".to_string()));
                }
                slot = stand.slot;
            }
        }
        self.state(&day_key);
        let decide = if offers_of(program).is_some() { offers::decide } else { crate::award::decide };
        let award = match decide(&request) {
            Err(kind) => return Ok(Err(kind)),
            Ok(award) if award["counters"]["day"] != sale["day"] => return Ok(Err("other_day".to_string())),
            Ok(award) => award,
        };
        let mut unlimited = award.clone();
        if ["budget_spent", "cover_short"].contains(&word(&award, "reason")) {
            let mut request = request;
            let program = request["program"].as_object_mut().expect("a program");
            program.remove("budget");
            program.remove("min_cover_bp");
            unlimited = decide(&request)?;
        }
        Ok(Ok(Decision { program: program.clone(), award, slot, unlimited }))
    }

    fn day_key(&self, day: &str) -> String {
        format!("day/{}/{day}", self.event.me)
    }

    /// The award of the sale, by what is played. The fact tells it; what is given is booked and goes out.
    pub fn award(&mut self, play: Option<&Value>) -> Answer<()> {
        let key = self.sale_key();
        let sale = self.states[&key].clone();
        let is_first = self.event.kind == "sale";
        let id = if is_first { self.event.id.clone() } else { self.text("of") };
        let shop = self.shop().clone();
        let program = self.own_program(word(&sale, "time"))?;
        let mut decision = None;
        if is(&shop, "paused") || is(&shop, "left") {
            let mut told = json!({"sale": id, "reason": "paused", "rate_bp": 0, "value": 0, "parts": [], "rules": []});
            if let Some(program) = &program {
                told["program_hash"] = program_hash(&json!({"program": program}))?["hash"].clone();
            }
            self.told("award", told);
            if !is_first {
                self.earn_nothing(&key, false);
                return Ok(());
            }
        } else if let Some(program) = &program {
            match self.decide(&sale, program, play)? {
                Err(reason) => {
                    self.refused(&reason);
                    if !is_first {
                        return Ok(());
                    }
                }
                Ok(decided) => {
                    self.tell_award(&id, &decided)?;
                    decision = Some(decided);
                }
            }
        } else {
            self.told("award", json!({"sale": id, "reason": "not_in_force", "rate_bp": 0, "value": 0, "parts": [], "rules": []}));
            if !is_first {
                self.earn_nothing(&key, false);
                return Ok(());
            }
        }
        self.remember(&key, decision.as_ref())?;
        let has_printed = is_first && self.event.data.get("printed").is_some();
        if decision.as_ref().is_some_and(|decided| decided.award["reason"] == "play_pending") && !has_printed {
            let sale = self.state(&key);
            sale["pending"] = json!(true);
            let is_purchase = is_first && num(sale, "total") > 0;
            self.earn_nothing(&key, is_purchase);
            return Ok(());
        }
        self.state(&key)["pending"] = json!(false);
        self.give(&key, &id, decision, program.as_ref())
    }

    fn tell_award(&mut self, id: &str, decided: &Decision) -> Answer<()> {
        let Decision { program, award, unlimited, .. } = decided;
        let mut counters = Map::new();
        for (name, value) in entries(award, "counters") {
            if value != json!(0) && !value.as_array().is_some_and(|counts| counts.iter().all(|count| *count == json!(0))) {
                counters.insert(name, value);
            }
        }
        let hash = program_hash(&json!({"program": program}))?;
        let parts = award.get("parts").cloned().unwrap_or_else(|| json!([award["value"]]));
        let told = json!({
            "sale": id, "reason": award["reason"], "rate_bp": award["rate_bp"], "value": award["value"], "counters": counters,
            "program_hash": hash["hash"], "parts": parts, "rules": rules(program, award, unlimited)?,
        });
        self.told("award", told);
        Ok(())
    }

    /// What a later return or play asks of the award.
    fn remember(&mut self, key: &str, decision: Option<&Decision>) -> Answer<()> {
        let Some(Decision { program, award, slot, .. }) = decision else { return Ok(()) };
        let own = read_own(program)?;
        let standby = own.standby.rate(&natural(&json!(num(&self.states[key], "prior_points_milli").max(0) as i64))?);
        let quota = own.quotas[slot.unwrap_or(1) - 1].clone();
        let sale = self.state(key);
        sale["base"] = award["base"].clone();
        sale["rate_bp"] = award["rate_bp"].clone();
        sale["quota"] = out(&quota)?;
        sale["standby_bp"] = out(&standby)?;
        if let Some(slot) = slot.filter(|_| GIVES.contains(&word(award, "reason"))) {
            sale["slot"] = json!(slot);
        }
        sale["by_steps"] = json!(own.table.points && award["reason"] == "full");
        sale["place"] = json!(slot.is_some() && award["reason"] == "full" && num(award, "value") > 0);
        Ok(())
    }

    /// Counts, books and sends out what is given.
    fn give(&mut self, key: &str, id: &str, decision: Option<Decision>, program: Option<&Value>) -> Answer<()> {
        let decided = decision.as_ref().map_or(0, |decision| num(&decision.award, "value"));
        let printed = if self.event.kind == "sale" { self.event.data.get("printed").cloned() } else { None };
        let value = printed.as_ref().map_or(decided, |printed| num(printed, "value"));
        let mut parties = program.map_or(Vec::new(), |program| self.parties(program));
        let mut parts: Vec<N> = match &decision {
            Some(Decision { award, .. }) if award.get("parts").is_some() => {
                items(award, "parts").iter().filter_map(Value::as_i64).map(N::from).collect()
            }
            Some(_) => vec![decided],
            None => vec![0; parties.len()],
        };
        if printed.is_some() {
            let is_operator = self.settings.get("printed_payer") == Some(&json!("operator"));
            let payer = if is_operator { "operator".to_string() } else { self.retailer() };
            self.told(
                "printed",
                json!({"sale": id, "value": whole(value), "amount": whole(value - decided),
                    "payer": if is_operator { "operator" } else { "shop" }}),
            );
            if value <= decided {
                // Less was given than decided: all pay less, by their shares.
                let funding = program.and_then(|program| program.get("funding")).map(read_funding).transpose()?;
                let shares = funding.unwrap_or_else(|| vec![Int::from(1)]);
                parts = allocate(&Int::from(value), &shares).into_iter().map(|part| N::try_from(part).unwrap_or(0)).collect();
            } else {
                let place = parties.iter().position(|party| *party == payer).unwrap_or(parties.len());
                if place == parties.len() {
                    parties.push(payer);
                    parts.push(0);
                }
                parts[place] += value - decided;
            }
        }
        if let Some(Decision { award, .. }) = &decision {
            let day = self.day_key(word(&self.states[key], "day"));
            let counters = award["counters"].clone();
            let day = self.state(&day);
            day["released"] = counters["released_today"].clone();
            for (name, counter) in [("awards", "awards_by_slot"), ("released_by_slot", "released_by_slot")] {
                if let Some(counts) = counters.get(counter) {
                    day[name] = counts.clone();
                }
            }
        }
        for (party, part) in parties.iter().zip(&parts) {
            let account = self.payer(party);
            self.post(&account, "voucher_liability", *part);
        }
        self.reserve_more(value);
        let hash = match program {
            Some(program) => program_hash(&json!({"program": program}))?["hash"].clone(),
            None => Value::Null,
        };
        let sale = self.state(key);
        sale["issued"] = whole(value);
        sale["kept"] = whole(value);
        sale["printed"] = json!(value > decided);
        if value > 0 {
            sale["parts"] = parts.iter().map(|part| whole(*part)).collect();
            sale["parties"] = json!(parties);
            sale["program"] = hash;
        }
        let sale = self.states[key].clone();
        self.hand_out(key, id, &sale, printed.as_ref(), program, value)
    }

    /// The claim goes out: to the account, or as a voucher.
    fn hand_out(&mut self, key: &str, id: &str, sale: &Value, printed: Option<&Value>, program: Option<&Value>, value: N) -> Answer<()> {
        let mut expires = None;
        if let Some(program) = program.filter(|program| program.get("validity").is_some_and(|validity| !validity.is_null())) {
            let asked = json!({"issued_at": sale["time"], "program": program});
            expires = voucher::expiry(&asked)?["expires"].as_str().map(str::to_string);
        }
        if let Some(stated) = printed.and_then(|printed| printed.get("expires")).and_then(Value::as_str) {
            expires = Some(stated.to_string());
        }
        let is_first = self.event.kind == "sale";
        let is_purchase = is_first && sale.get("member").is_some() && num(sale, "total") > 0;
        let claim = format!("{}~{}", self.event.me, super::enc(id));
        if sale["form"] == "lot" {
            self.earn(key, value, expires.as_deref(), is_purchase);
            // There will be no voucher: what waits for it need not wait.
            self.let_go(&claim);
            return Ok(());
        }
        self.issue(&claim, value, expires.as_deref())?;
        self.earn_nothing(key, is_purchase);
        Ok(())
    }

    /// The account of a member hears of the sale, which gives it no lot.
    fn earn_nothing(&mut self, key: &str, is_purchase: bool) {
        if self.states[key].get("member").is_some() {
            self.earn(key, 0, None, is_purchase);
        }
    }

    fn earn(&mut self, key: &str, amount: N, expires: Option<&str>, purchase: bool) {
        let me = self.event.me.clone();
        let member = word(&self.states[key], "member").to_string();
        let id = key.rsplit('/').next().unwrap_or_default().to_string();
        let mut data = json!({"lot": format!("{me}~{id}"), "issuer": me, "amount": whole(amount), "purchase": purchase});
        if let Some(expires) = expires {
            data["expires"] = json!(expires);
        }
        self.send(Sender::Sale, &format!("account/{member}"), "earn", &data);
    }

    /// A voucher is written: it covers what was accepted of it before, and lets go what waits for it.
    pub fn issue(&mut self, claim: &str, value: N, expires: Option<&str>) -> Answer<()> {
        let voucher = self.state(&format!("voucher/{claim}"));
        voucher["issued"] = json!(true);
        add_value(voucher, value);
        if let Some(expires) = expires {
            voucher["expires"] = json!(expires);
        }
        let covered = num(voucher, "overdrawn").min(super::open(voucher));
        super::add(voucher, "used", covered);
        super::add(voucher, "overdrawn", -covered);
        self.let_go(claim);
        self.post("voucher_liability", "voucher_loss", covered);
        self.reserve_more(-covered);
        if let (Some(expires), true) = (expires, value > 0) {
            self.announce(claim, expires)?;
        }
        Ok(())
    }

    /// What waits for a voucher is asked again.
    fn let_go(&mut self, claim: &str) {
        let key = format!("voucher/{claim}");
        let waiting = items(&self.states[&key], "waiting");
        if self.states[&key].is_null() {
            return;
        }
        let voucher = self.state(&key);
        voucher["waiting"] = json!([]);
        if shape::written("voucher", voucher) == json!({"value": 0}) {
            *voucher = Value::Null;
        }
        for event in waiting {
            self.again.push(json!({"event": event, "at": self.event.time}));
        }
    }

    /// The shop hears on which day a voucher expires.
    pub fn announce(&mut self, claim: &str, expires: &str) -> Answer<()> {
        let date = read_moment(expires)?.date.write();
        let subject = self.event.subject.clone();
        self.send(Sender::Owner, &subject, "due", &json!({"voucher": claim, "date": date}));
        Ok(())
    }

    /// Whether an instant of a state has come.
    pub fn has_come(&self, time: &str, now: &str) -> Answer<bool> {
        Ok(instant(time)? <= instant(now)?)
    }
}

fn add_value(claim: &mut Value, value: N) {
    super::add(claim, "value", value);
}

/// The rules behind an award, in the order in which they act.
fn rules(document: &Value, award: &Value, unlimited: &Value) -> Answer<Vec<&'static str>> {
    let program = read_own(document)?;
    let reason = word(unlimited, "reason");
    let met = |rule: &'static str| vec!["QT-1", rule];
    let mut rules = match reason {
        "suspended" => return Ok(vec!["GF-4"]),
        "not_active" => return Ok(vec!["GF-9"]),
        "paused" => return Ok(vec!["AW-1"]),
        "not_in_force" => return Ok(vec!["AW-11"]),
        "zero_amount" => return Ok(vec!["AW-2"]),
        "not_eligible" => return Ok(vec!["AW-3"]),
        "outside_window" => return Ok(vec!["TA-2"]),
        "slot_held" => return Ok(vec!["AW-4"]),
        "no_standby" => return Ok(vec!["QT-2", "SB-1"]),
        "play_pending" => return Ok(met("AW-1")),
        "claim_refused" | "noted_digit" => return Ok(met("SW-4")),
        "first_n" => return Ok(met("AW-5")),
        "standby" => vec!["QT-2", "SB-1"],
        "intro" => met("AW-3"),
        "first_n_standby" => vec!["QT-1", "AW-5", "SB-1"],
        "first_n_first_column" => met("AW-5"),
        _ if program.table.stopwatch => met("SW-3"),
        _ if program.table.auction => met("TA-3"),
        _ => met("PT-8"),
    };
    if reason == "no_rate" {
        return Ok(rules);
    }
    rules.push("CV-4");
    let capped: Vec<Value> = items(award, "capped_by");
    if capped.contains(&json!("receipt_cap")) {
        rules.push("AW-13");
    }
    if capped.contains(&json!("day_budget")) || capped.contains(&json!("slot_budget")) {
        rules.push("AW-6");
    }
    if award["reason"] == "cover_short" {
        rules.push("GF-7");
    } else if program.funding.is_some() && num(award, "value") > 0 {
        rules.push("SP-1");
    }
    Ok(rules)
}

/// The lines of a sale as its state holds them.
pub fn sold_lines(lines: &[Value]) -> Answer<Value> {
    let amounts = amounts(lines)?;
    Ok(lines.iter().zip(amounts).map(|(line, amount)| json!([line["quantity_milli"], whole(amount), 0])).collect())
}
