//! Redemptions at the owner of their claim: asked, reserved, committed, released, undone.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::account::Paid;
use super::shape;
use super::{Fold, N, Sender, add, enc, instant, is, items, num, open, whole, word};
use crate::fields::Answer;
use crate::time::{date_after, days_before, read_moment, write_offset};
use crate::voucher;

/// Which redemption an event is about.
struct About {
    owner: String,
    acceptor: String,
    id: String,
    sale: Value,
    month: String,
}

impl About {
    fn key(&self) -> String {
        format!("red/{}|{}|{}", self.owner, self.acceptor, enc(&self.id))
    }

    fn voucher(&self) -> Option<&str> {
        self.owner.strip_prefix("voucher/")
    }
}

impl Fold<'_> {
    fn about(&self) -> About {
        let text = |field: &str| self.text(field);
        match self.event.kind.as_str() {
            "redeem.voucher" | "redeem.points" | "reserve" => About {
                owner: if self.event.owner == "shop" { format!("voucher/{}", text("voucher")) } else { self.event.subject.clone() },
                acceptor: text("shop"),
                id: self.event.id.clone(),
                sale: self.field("sale"),
                month: text("month"),
            },
            "undo" => About {
                owner: text("owner"),
                acceptor: text("shop"),
                id: text("redemption"),
                sale: self.field("sale"),
                month: text("of_month"),
            },
            "claim.used" => About {
                owner: self.event.subject.clone(),
                acceptor: text("acceptor"),
                id: text("redemption"),
                sale: self.field("sale"),
                month: text("month"),
            },
            _ => About { owner: text("owner"), acceptor: text("shop"), id: text("redemption"), sale: Value::Null, month: text("month") },
        }
    }

    fn answer_tender(&mut self, about: &About, fields: &Value) {
        let mut data = json!({"red": about.id, "sale": about.sale, "owner": about.owner, "month": about.month, "parts": []});
        for (name, value) in fields.as_object().expect("fields") {
            data[name] = value.clone();
        }
        self.send(Sender::Owner, &format!("shop/{}", about.acceptor), "tender", &data);
    }

    /// A request that is refused has used its id, and its acceptor hears of it.
    fn refuse_request(&mut self, about: &About, reason: &Value) {
        self.told("refused", reason.clone());
        let (shop, sale, month) = (json!(about.acceptor), about.sale.clone(), json!(about.month));
        let red = self.state(&about.key());
        if !is(red, "undone_before") {
            *red = json!({"shop": shop, "sale": sale, "month": month, "ended": true});
        }
        self.answer_tender(about, &json!({"grant": false}));
    }

    pub fn redeem(&mut self) -> Answer<()> {
        let about = self.about();
        let red = self.states[&about.key()].clone();
        let at = self.at.clone();
        if is(&red, "undone_before") {
            self.refuse_request(&about, &json!({"reason": "undone_before"}));
            return Ok(());
        }
        if !red.is_null() {
            // A request that waited was ended in the meantime, and its acceptor has heard of it.
            self.refused(if self.waited && is(&red, "ended") { "deadline" } else { "id_used" });
            return Ok(());
        }
        for until in ["valid_until", "deadline"] {
            if let Some(until) = self.event.data.get(until).and_then(Value::as_str) {
                if instant(until)? < instant(&at)? {
                    self.refuse_request(&about, &json!({"reason": "deadline"}));
                    return Ok(());
                }
            }
        }
        match about.voucher() {
            Some(claim) => self.redeem_voucher(&about, claim),
            None => self.redeem_points(&about),
        }
    }

    /// Until when a request may wait: as it says, or until the deadline of its reservation.
    fn until(&self) -> Option<String> {
        let stated = self.event.data.get("valid_until").or_else(|| self.event.data.get("deadline"));
        stated.and_then(Value::as_str).map(str::to_string)
    }

    /// `voucher.redeem` of what is open.
    fn allowed(&self, (value, used): (N, N), expires: Option<&Value>, uses: (N, N), program: Option<&Value>) -> Answer<Value> {
        let data = &self.event.data;
        let mut request = json!({
            "voucher": {"value": whole(value + used), "redeemed": whole(used)},
            "purchase": data["purchase"],
            "left_to_pay": data["left_to_pay"],
            "paid_by_vouchers": whole(num(data, "purchase") - num(data, "left_to_pay")),
            "at": self.at,
            "counters": {"program": whole(uses.0), "shopper": whole(uses.1)},
        });
        if let Some(expires) = expires {
            request["voucher"]["expires"] = expires.clone();
        }
        if let Some(amount) = data.get("amount") {
            request["amount"] = amount.clone();
        }
        if let Some(program) = program {
            request["program"] = program.clone();
        }
        voucher::redeem(&request)
    }

    fn redeem_voucher(&mut self, about: &About, claim: &str) -> Answer<()> {
        let (key, me) = (format!("voucher/{claim}"), self.event.me.clone());
        let voucher = self.states[&key].clone();
        if claim == format!("{}~{}", about.acceptor, enc(about.sale.as_str().unwrap_or_default())) {
            self.refuse_request(about, &json!({"reason": "own_sale"}));
            return Ok(());
        }
        if !is(&voucher, "issued") {
            if self.until().is_none() {
                self.refuse_request(about, &json!({"reason": "unknown_voucher"}));
                return Ok(());
            }
            let event = self.as_sent();
            let voucher = self.state(&key);
            let mut waiting = items(voucher, "waiting");
            if !waiting.contains(&event) {
                waiting.push(event);
            }
            voucher["waiting"] = json!(waiting);
            let since = self.event.time.clone();
            self.told("waiting", json!({"on": key, "since": since}));
            self.waits = true;
            return Ok(());
        }
        let month = format!("month/{me}/{}", about.month);
        let uses = num(self.state(&month), "uses");
        let program = self.own_program(&self.at.clone())?;
        let answer = self.allowed((open(&voucher), num(&voucher, "used")), voucher.get("expires"), (uses, 0), program.as_ref())?;
        if answer["reason"] != "redeemed" {
            self.refuse_request(about, &json!({"reason": answer["reason"]}));
            return Ok(());
        }
        let amount = num(&answer, "amount");
        add(self.state(&month), "uses", 1);
        let forfeited = num(&answer, "forfeited");
        let is_reserved = self.event.kind == "reserve";
        add(self.state(&key), if is_reserved { "held" } else { "used" }, amount);
        self.lapse(&key, forfeited);
        self.told(if is_reserved { "reserved" } else { "redeemed" }, json!({"claim": claim, "amount": whole(amount)}));
        if !is_reserved {
            self.voucher_used(&about.acceptor, amount);
        }
        self.written_red(about, &[json!([claim, me, whole(amount)])], amount);
        Ok(())
    }

    /// A voucher of this shop paid.
    fn voucher_used(&mut self, acceptor: &str, amount: N) {
        let account = self.payable(acceptor);
        self.post("voucher_liability", account, amount);
        self.reserve_more(-amount);
        self.owe(acceptor, amount);
    }

    fn redeem_points(&mut self, about: &About) -> Answer<()> {
        let at = self.at.clone();
        let lots = self.lots_for(about)?;
        let balance: N = lots.iter().map(|(_, lot)| open(lot)).sum();
        let amount = self.amount("amount");
        if balance < amount {
            self.refuse_request(about, &json!({"reason": "insufficient", "missing_milli": whole(amount - balance)}));
            return Ok(());
        }
        let uses = self.account().get("uses").map_or(0, |uses| num(uses, &about.month));
        let program = self.program_at(None, &at)?;
        let answer = self.allowed((balance, 0), None, (0, uses), program.as_ref())?;
        if answer["reason"] != "redeemed" {
            self.refuse_request(about, &json!({"reason": answer["reason"]}));
            return Ok(());
        }
        self.take_lots(about, lots, amount);
        Ok(())
    }

    /// Points were accepted offline: they pay what there is of them.
    pub fn points_used(&mut self) -> Answer<()> {
        let about = self.about();
        let red = self.states[&about.key()].clone();
        if is(&red, "undone_before") {
            self.refuse_request(&about, &json!({"reason": "undone_before"}));
            return Ok(());
        }
        if !red.is_null() {
            self.refused("id_used");
            return Ok(());
        }
        let lots = self.lots_for(&about)?;
        let balance: N = lots.iter().map(|(_, lot)| open(lot)).sum();
        let amount = self.amount("amount");
        let reason = json!({"reason": "insufficient", "missing_milli": whole(amount - balance)});
        if balance == 0 {
            self.refuse_request(&about, &reason);
            return Ok(());
        }
        if balance < amount {
            self.told("refused", reason);
        }
        self.take_lots(&about, lots, amount.min(balance));
        Ok(())
    }

    /// The lots that can pay a sale: its own cannot.
    fn lots_for(&mut self, about: &About) -> Answer<Vec<(String, Value)>> {
        let own = format!("{}~{}", about.acceptor, enc(about.sale.as_str().unwrap_or_default()));
        let mut lots = self.usable(&self.at.clone())?;
        lots.retain(|(name, _)| *name != own);
        lots.truncate(1_000);
        Ok(lots)
    }

    /// So much of the lots, in their order, is used or kept.
    fn take_lots(&mut self, about: &About, lots: Vec<(String, Value)>, amount: N) {
        self.count_use(&about.month, 1);
        let is_reserved = self.event.kind == "reserve";
        let (mut rest, mut parts) = (amount, Vec::new());
        for (name, lot) in lots {
            let part = rest.min(open(&lot));
            if part <= 0 {
                continue;
            }
            rest -= part;
            add(&mut self.account()["lots"][&name], if is_reserved { "held" } else { "used" }, part);
            self.told(if is_reserved { "reserved" } else { "redeemed" }, json!({"claim": name, "amount": whole(part)}));
            parts.push(json!([name, lot["issuer"], whole(part)]));
        }
        self.written_red(about, &parts, amount);
    }

    fn count_use(&mut self, month: &str, by: N) {
        if self.event.owner == "shop" {
            let key = format!("month/{}/{month}", self.event.me);
            add(self.state(&key), "uses", by);
        } else {
            let account = self.account();
            if account.get("uses").is_none() {
                account["uses"] = json!({});
            }
            add(&mut account["uses"], month, by);
        }
    }

    /// The redemption is written; if it pays at once, issuers and acceptor hear of it.
    fn written_red(&mut self, about: &About, parts: &[Value], amount: N) {
        let mut red = json!({
            "shop": about.acceptor, "sale": about.sale, "month": about.month, "parts": parts, "amount": whole(amount)
        });
        let is_reserved = self.event.kind == "reserve";
        if is_reserved {
            red["deadline"] = self.field("deadline");
        }
        *self.state(&about.key()) = red;
        if !is_reserved {
            self.pays(about, parts);
        }
    }

    fn pays(&mut self, about: &About, parts: &[Value]) {
        let by_issuer = by_issuer(parts);
        if about.voucher().is_none() {
            for (issuer, amount) in &by_issuer {
                let data = json!({"acceptor": about.acceptor, "amount": whole(*amount)});
                self.send(Sender::Owner, &format!("shop/{issuer}"), "claim.used", &data);
            }
        }
        let parts: Vec<Value> = by_issuer.iter().map(|(issuer, amount)| json!([issuer, whole(*amount)])).collect();
        self.answer_tender(about, &json!({"grant": true, "parts": parts}));
    }

    /// The event as it is written again.
    fn as_sent(&self) -> Value {
        let event = &self.event;
        json!({
            "specversion": "1.0", "type": format!("loyalty.{}", event.kind), "source": event.source, "id": event.id, "time": event.time,
            "subject": event.subject, "data": event.data
        })
    }

    /// A redemption that a later event names, if it is reserved.
    fn reserved(&self, about: &mut About) -> Option<Value> {
        let red = self.states[&about.key()].clone();
        if red.get("deadline").is_none() || is(&red, "ended") {
            return None;
        }
        about.sale = red["sale"].clone();
        Some(red)
    }

    pub fn commit(&mut self) -> Answer<()> {
        let mut about = self.about();
        let Some(red) = self.reserved(&mut about) else {
            self.refused("not_reserved");
            return Ok(());
        };
        if instant(word(&red, "deadline"))? < instant(&self.at)? {
            self.refused("deadline");
            return self.free(&about);
        }
        let parts = items(&red, "parts");
        for part in &parts {
            let (claim, amount) = (part[0].as_str().unwrap_or_default().to_string(), N::from(part[2].as_i64().unwrap_or(0)));
            let state = self.claim(&about, &claim);
            add(state, "held", -amount);
            add(state, "used", amount);
            self.told("redeemed", json!({"claim": claim, "amount": whole(amount)}));
            if about.voucher().is_some() {
                self.voucher_used(&about.acceptor, amount);
            }
        }
        self.state(&about.key()).as_object_mut().expect("a state").remove("deadline");
        self.pays(&about, &parts);
        Ok(())
    }

    fn claim(&mut self, about: &About, claim: &str) -> &mut Value {
        match about.voucher() {
            Some(voucher) => {
                let key = format!("voucher/{voucher}");
                self.state(&key)
            }
            None => &mut self.account()["lots"][claim],
        }
    }

    /// A reservation, or what waits, is let go.
    pub fn release(&mut self) -> Answer<()> {
        let mut about = self.about();
        let is_end = self.event.kind == "request.end";
        if let Some(red) = self.reserved(&mut about) {
            if is_end && instant(&self.at)? <= instant(word(&red, "deadline"))? {
                self.refused("not_due");
                return Ok(());
            }
            return self.free(&about);
        }
        if !is_end {
            self.refused("not_reserved");
            return Ok(());
        }
        let waiting = about.voucher().map_or(Vec::new(), |voucher| items(&self.states[&format!("voucher/{voucher}")], "waiting"));
        let is_it = |event: &&Value| event["id"] == json!(about.id) && event["data"]["shop"] == json!(about.acceptor);
        let Some(event) = waiting.iter().find(is_it).cloned() else {
            self.refused("not_reserved");
            return Ok(());
        };
        let until = event["data"].get("valid_until").unwrap_or(&event["data"]["deadline"]).as_str().unwrap_or_default();
        if instant(&self.at)? <= instant(until)? {
            self.refused("not_due");
            return Ok(());
        }
        let others: Vec<Value> = waiting.into_iter().filter(|other| *other != event).collect();
        let key = format!("voucher/{}", about.voucher().unwrap_or_default());
        let voucher = self.state(&key);
        voucher["waiting"] = json!(others);
        if shape::written("voucher", voucher) == json!({"value": 0}) {
            // Nothing is known of the voucher any more.
            *voucher = Value::Null;
        }
        about.sale = event["data"]["sale"].clone();
        self.refuse_request(&about, &json!({"reason": "deadline"}));
        Ok(())
    }

    /// All of a reservation is free again, and its acceptor hears that nothing is granted.
    fn free(&mut self, about: &About) -> Answer<()> {
        let amount = num(&self.states[&about.key()], "amount");
        let (_, paid) = self.restore(about, amount, true)?;
        let red = self.state(&about.key());
        red["ended"] = json!(true);
        red.as_object_mut().expect("a state").remove("deadline");
        self.send_paid(paid);
        self.answer_tender(about, &json!({"grant": false}));
        Ok(())
    }

    /// An undo, asked by the acceptor.
    pub fn undo(&mut self) -> Answer<()> {
        let mut about = self.about();
        let red = self.states[&about.key()].clone();
        let asked = self.event.data.get("amount").cloned();
        let mut fields = match &asked {
            Some(amount) => json!({"asked": amount}),
            None => json!({"whole": true}),
        };
        if red.is_null() {
            let (shop, sale) = (json!(about.acceptor), about.sale.clone());
            *self.state(&about.key()) = json!({"shop": shop, "sale": sale, "undone_before": true});
            fields["grant"] = json!(false);
            self.answer_tender(&about, &fields);
            return Ok(());
        }
        let is_held = red.get("deadline").is_some() && !is(&red, "ended");
        if is_held {
            about.sale = red["sale"].clone();
        }
        let left = if is(&red, "ended") { 0 } else { num(&red, "amount") - num(&red, "undone") };
        let amount = if is_held { left } else { asked.as_ref().and_then(Value::as_i64).map_or(left, |asked| left.min(N::from(asked))) };
        let (parts, paid) = if amount > 0 { self.restore(&about, amount, is_held)? } else { (Vec::new(), Paid::new()) };
        let by_issuer = by_issuer(&parts);
        if about.voucher().is_none() && !is_held {
            for (issuer, amount) in &by_issuer {
                let data = json!({"acceptor": about.acceptor, "amount": whole(*amount)});
                self.send(Sender::Owner, &format!("shop/{issuer}"), "claim.unused", &data);
            }
        }
        self.send_paid(paid);
        if is_held {
            let red = self.state(&about.key());
            red["ended"] = json!(true);
            red.as_object_mut().expect("a state").remove("deadline");
            fields["grant"] = json!(false);
        } else {
            fields["parts"] = by_issuer.iter().map(|(issuer, amount)| json!([issuer, whole(-*amount)])).collect();
        }
        self.answer_tender(&about, &fields);
        Ok(())
    }

    /// Restores so much of a redemption, the claims taken last first; and pays debts from it.
    fn restore(&mut self, about: &About, amount: N, is_held: bool) -> Answer<(Vec<Value>, Paid)> {
        let key = about.key();
        let mut parts = items(&self.states[&key], "parts");
        let (mut rest, mut back, mut names) = (amount, Vec::new(), Vec::new());
        let program = if about.voucher().is_some() { self.own_program(&self.at.clone())? } else { self.program_at(None, &self.at)? };
        let grace = program.map_or(0, |program| num(&program, "grace_days"));
        for part in parts.iter_mut().rev() {
            let left = N::from(part[2].as_i64().unwrap_or(0));
            let some = rest.min(left);
            if some <= 0 {
                continue;
            }
            rest -= some;
            part[2] = whole(left - some);
            let name = part[0].as_str().unwrap_or_default().to_string();
            self.told("undone", json!({"claim": name, "amount": whole(some)}));
            if about.voucher().is_some() {
                self.restore_voucher(about, some, is_held);
            } else {
                self.restore_lot(&name, part[1].clone(), some, is_held);
            }
            if grace > 0 && !is_held {
                self.lengthen(about, &name, grace)?;
            }
            back.push(json!([name, part[1], whole(some)]));
            names.push((name, some));
        }
        let red = self.state(&key);
        red["parts"] = json!(parts);
        if !is_held {
            add(red, "undone", amount);
        }
        let is_all = amount > 0 && (is_held || num(red, "undone") == num(red, "amount"));
        if is_all {
            self.count_use(&about.month, -1);
        }
        if let Some(voucher) = about.voucher() {
            let state = &self.states[&format!("voucher/{voucher}")];
            let expires = state.get("expires").and_then(Value::as_str).filter(|_| open(state) > 0).map(str::to_string);
            if let Some(expires) = expires {
                self.announce(voucher, &expires)?;
            }
        }
        let paid = if about.voucher().is_none() { self.pay_debts(&names) } else { Paid::new() };
        Ok((back, paid))
    }

    /// What a voucher gets back: what it was overdrawn by first, then what was lost, and the rest can be used again.
    fn restore_voucher(&mut self, about: &About, amount: N, is_held: bool) {
        let key = format!("voucher/{}", about.voucher().unwrap_or_default());
        let account = self.payable(&about.acceptor);
        let voucher = self.state(&key);
        if is_held {
            add(voucher, "held", -amount);
            let lost = amount.min((num(voucher, "lost") - num(voucher, "used") - num(voucher, "held")).max(0));
            add(voucher, "lost", -lost);
            add(voucher, "taken", lost);
            self.post("voucher_liability", "voucher_loss", lost);
            self.reserve_more(-lost);
            return;
        }
        let over = amount.min(num(voucher, "overdrawn"));
        add(voucher, "overdrawn", -over);
        let lost = (amount - over).min(num(voucher, "lost"));
        add(voucher, "lost", -lost);
        add(voucher, "taken", lost);
        add(voucher, "used", over - amount);
        let rest = amount - over - lost;
        self.post(account, "voucher_loss", over + lost);
        self.post(account, "voucher_liability", rest);
        self.reserve_more(rest);
        self.owe(&about.acceptor, -amount);
    }

    fn restore_lot(&mut self, name: &str, issuer: Value, amount: N, is_held: bool) {
        let horizon = self.account().get("horizon").cloned();
        let lots = &mut self.account()["lots"];
        if lots.get(name).is_none() {
            let horizon = horizon.unwrap_or_default();
            lots[name] = json!({"issuer": issuer, "value": whole(amount), "expires": horizon, "earned": horizon});
            return;
        }
        add(&mut lots[name], if is_held { "held" } else { "used" }, -amount);
    }

    /// VC-5: days of grace.
    fn lengthen(&mut self, about: &About, name: &str, grace: N) -> Answer<()> {
        let program = if about.voucher().is_some() { self.own_program(&self.at.clone())? } else { self.program_at(None, &self.at)? };
        let offset = program.as_ref().and_then(|program| program.get("utc_offset")).and_then(Value::as_str);
        let offset = offset.map(crate::time::read_offset).transpose()?;
        let at = read_moment(&self.at)?.at(offset)?;
        let date = date_after(days_before(&at.date) + i64::try_from(grace).unwrap_or(0));
        let midnight = format!("{}T00:00:00{}", date.write(), write_offset(at.offset_minutes));
        let claim = self.claim(about, name);
        let Some(expires) = claim.get("expires").and_then(Value::as_str) else { return Ok(()) };
        if instant(expires)? < instant(&midnight)? {
            claim["expires"] = json!(midnight);
        }
        Ok(())
    }
}

fn by_issuer(parts: &[Value]) -> BTreeMap<String, N> {
    let mut sums = BTreeMap::new();
    for part in parts {
        *sums.entry(part[1].as_str().unwrap_or_default().to_string()).or_default() += N::from(part[2].as_i64().unwrap_or(0));
    }
    sums
}
