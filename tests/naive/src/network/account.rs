//! An account: its lots, its debts, and what is taken back of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Fold, N, Sender, add, entries, instant, items, num, open, whole, word};
use crate::fields::Answer;
use crate::time::read_moment;

/// What lots that come in pay of the account's debts, by issuer and creditor.
pub type Paid = BTreeMap<(String, String), N>;

impl Fold<'_> {
    pub fn account(&mut self) -> &mut Value {
        let key = self.event.subject.clone();
        self.state(&key)
    }

    fn lot(&mut self, name: &str) -> Option<&mut Value> {
        self.account().get_mut("lots").and_then(|lots| lots.get_mut(name))
    }

    /// Lots that can be used at a time: soonest expiry first, then the earliest, then by name.
    pub fn usable(&mut self, time: &str) -> Answer<Vec<(String, Value)>> {
        let now = instant(time)?;
        let mut lots = Vec::new();
        for (name, lot) in entries(self.account(), "lots") {
            let expires = lot.get("expires").and_then(Value::as_str).map(instant).transpose()?;
            if expires.as_ref().is_none_or(|expires| *expires > now) {
                let earned = instant(word(&lot, "earned"))?;
                lots.push(((expires.is_none(), expires, earned, name.clone()), lot));
            }
        }
        lots.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(lots.into_iter().map(|((.., name), lot)| (name, lot)).collect())
    }

    pub fn opening_of_account(&mut self) -> Answer<()> {
        let purchases = self.amount("purchases");
        add(self.account(), "purchases", purchases);
        Ok(())
    }

    /// Lots come in, by an award or from elsewhere.
    pub fn lots_in(&mut self) -> Answer<()> {
        let data = self.event.data.clone();
        let lots = if self.event.kind == "earn" { vec![data.clone()] } else { items(&data, "lots") };
        let time = self.event.time.clone();
        if super::is(&data, "purchase") {
            add(self.account(), "purchases", 1);
        }
        add(self.account(), "purchases", num(&data, "purchases"));
        for debt in items(&data, "debts") {
            self.owe_more(&debt[0], N::from(debt[1].as_i64().unwrap_or(0)));
        }
        let mut names = Vec::new();
        for lot in &lots {
            let name = word(lot, "lot").to_string();
            let account = self.account();
            let state = &mut account["lots"][&name];
            if state.is_null() {
                *state = json!({"issuer": lot["issuer"], "earned": time});
            }
            add(state, "value", num(lot, "amount"));
            if let Some(expires) = lot.get("expires") {
                state["expires"] = expires.clone();
            }
            self.reverse_early(&name);
            names.push((name, num(lot, "amount")));
        }
        let paid = self.pay_debts(&names);
        self.send_paid(paid);
        Ok(())
    }

    /// What was to be taken back of a lot before it came.
    fn reverse_early(&mut self, name: &str) {
        let early = items(&self.account()["early"], name);
        let mut left = Vec::new();
        for reversal in early {
            let room = self.lot(name).map_or(0, |lot| num(lot, "value") - num(lot, "reversed"));
            if num(&reversal, "amount") > room {
                left.push(reversal);
            } else {
                self.take_back(name, &reversal);
            }
        }
        let account = self.account();
        if !account["early"].is_null() {
            account["early"][name] = json!(left);
        }
    }

    pub fn reverse_claim(&mut self) -> Answer<()> {
        let data = self.event.data.clone();
        let name = word(&data, "lot").to_string();
        let horizon = self.account().get("horizon").and_then(Value::as_str).map(instant).transpose()?;
        let sold_at = instant(word(&data, "sold_at"))?;
        let amount = num(&data, "amount");
        match self.lot(&name).map(|lot| num(lot, "value") - num(lot, "reversed")) {
            Some(room) if amount <= room => self.take_back(&name, &data),
            None if horizon.is_some_and(|horizon| sold_at < horizon) => {
                self.tell_reversal(&name, &data, [0, 0, 0, amount]);
            }
            _ => {
                let mut kept = data.clone();
                kept.as_object_mut().expect("fields").remove("lot");
                let account = self.account();
                let mut early = items(&account["early"], &name);
                early.push(kept);
                account["early"][&name] = json!(early);
            }
        }
        Ok(())
    }

    /// LG-6: what is open is free, what was spent is a debt, what expired had gone before.
    fn take_back(&mut self, name: &str, reversal: &Value) {
        let amount = num(reversal, "amount");
        let lot = self.lot(name).expect("a lot");
        let free = amount.min(open(lot)).max(0);
        let debt = (amount - free).min(num(lot, "used") + num(lot, "held") - num(lot, "debt")).max(0);
        let expired = (amount - free - debt).min(num(lot, "expired"));
        let lost = amount - free - debt - expired;
        add(lot, "taken", free);
        add(lot, "debt", debt);
        add(lot, "reversed", amount);
        if debt > 0 {
            self.owe_more(&reversal["creditor"], debt);
        }
        self.tell_reversal(name, reversal, [free, debt, expired, lost]);
    }

    fn owe_more(&mut self, creditor: &Value, amount: N) {
        let account = self.account();
        let mut debts = items(account, "debts");
        match debts.iter_mut().find(|owed| owed[0] == *creditor) {
            Some(owed) => owed[1] = whole(N::from(owed[1].as_i64().unwrap_or(0)) + amount),
            None => debts.push(json!([creditor, whole(amount)])),
        }
        account["debts"] = json!(debts);
    }

    fn tell_reversal(&mut self, name: &str, reversal: &Value, [free, debt, expired, lost]: [N; 4]) {
        if super::is(reversal, "purchase") {
            add(self.account(), "purchases", -1);
        }
        let parts = json!({"free": whole(free), "debt": whole(debt), "expired": whole(expired), "lost": whole(lost)});
        let mut fact = parts.clone();
        fact["claim"] = json!(name);
        self.told("reversal", fact);
        let mut data = parts;
        data["sale"] = reversal["sale"].clone();
        let creditor = word(reversal, "creditor").to_string();
        self.send(Sender::Owner, &format!("shop/{creditor}"), "claim.reversed", &data);
    }

    /// Lots that came in pay the debts in their order.
    pub fn pay_debts(&mut self, came_in: &[(String, N)]) -> Paid {
        let mut paid = Paid::new();
        let mut came_in = came_in.to_vec();
        let mut debts = items(self.account(), "debts");
        for debt in &mut debts {
            let creditor = debt[0].as_str().unwrap_or_default().to_string();
            for (name, left) in &mut came_in {
                let owed = N::from(debt[1].as_i64().unwrap_or(0));
                let Some(lot) = self.lot(name) else { continue };
                let amount = owed.min(open(lot)).min(*left);
                if amount <= 0 {
                    continue;
                }
                add(lot, "used", amount);
                *left -= amount;
                let issuer = word(lot, "issuer").to_string();
                debt[1] = whole(owed - amount);
                *paid.entry((issuer, creditor.clone())).or_default() += amount;
                self.told("debt_paid", json!({"creditor": creditor, "claim": name, "amount": whole(amount)}));
            }
        }
        debts.retain(|debt| debt[1] != json!(0));
        self.account()["debts"] = json!(debts);
        paid
    }

    /// The issuers and the creditors hear of debts that were paid.
    pub fn send_paid(&mut self, paid: Paid) {
        for ((issuer, creditor), amount) in &paid {
            let data = json!({"acceptor": creditor, "amount": whole(*amount)});
            self.send(Sender::Owner, &format!("shop/{issuer}"), "claim.used", &data);
        }
        let by_creditor: BTreeMap<(String, String), N> =
            paid.into_iter().map(|((issuer, creditor), amount)| ((creditor, issuer), amount)).collect();
        for ((creditor, issuer), amount) in by_creditor {
            let data = json!({"issuer": issuer, "amount": whole(amount)});
            self.send(Sender::Owner, &format!("shop/{creditor}"), "debt.paid", &data);
        }
    }

    /// Lots whose time is over, and what may be forgotten.
    pub fn tick(&mut self) -> Answer<()> {
        let now = self.text("now");
        let mut by_issuer: BTreeMap<String, N> = BTreeMap::new();
        for (name, lot) in entries(self.account(), "lots") {
            let Some(expires) = lot.get("expires").and_then(Value::as_str) else { continue };
            let amount = open(&lot);
            if amount > 0 && self.has_come(expires, &now)? {
                add(self.lot(&name).expect("a lot"), "expired", amount);
                self.told("expired", json!({"claim": name, "amount": whole(amount)}));
                *by_issuer.entry(word(&lot, "issuer").to_string()).or_default() += amount;
            }
        }
        for (issuer, amount) in by_issuer {
            self.send(Sender::Owner, &format!("shop/{issuer}"), "claim.expired", &json!({"amount": whole(amount)}));
        }
        if let Some(horizon) = self.settings.get("horizon").and_then(Value::as_str).map(str::to_string) {
            self.forget(&horizon)?;
        }
        Ok(())
    }

    fn forget(&mut self, horizon: &str) -> Answer<()> {
        let end = instant(horizon)?;
        let mut kept = json!({});
        for (name, lot) in entries(self.account(), "lots") {
            let expires = lot.get("expires").and_then(Value::as_str).map(instant).transpose()?;
            let is_over = expires.is_some_and(|expires| expires < end);
            if !(is_over && open(&lot) == 0 && num(&lot, "held") == 0) {
                kept[&name] = lot;
            }
        }
        let month = read_moment(horizon)?.date.write()[..7].to_string();
        let account = self.account();
        account["lots"] = kept;
        let mut uses = entries(account, "uses");
        uses.retain(|of, _| *of >= month);
        account["uses"] = json!(uses);
        let before = account.get("horizon").and_then(Value::as_str).map(instant).transpose()?;
        if before.is_none_or(|before| before < end) {
            account["horizon"] = json!(horizon);
        }
        Ok(())
    }

    /// LG-10: lots go to another account.
    pub fn transfer(&mut self) -> Answer<()> {
        let to = self.text("to");
        let lots = self.usable(&self.at.clone())?;
        let balance: N = lots.iter().map(|(_, lot)| open(lot)).sum();
        let amount = if self.event.data.get("amount").is_some() { self.amount("amount") } else { balance };
        if amount > balance || amount == 0 {
            self.told("refused", json!({"reason": "insufficient", "missing_milli": whole(amount - balance)}));
            return Ok(());
        }
        let goes = self.hand_over(&to, lots, amount);
        self.send(Sender::Owner, &format!("account/{to}"), "lots.in", &json!({"lots": goes}));
        Ok(())
    }

    /// All that can be used, the debts and the purchases go to another account of the member.
    pub fn merge(&mut self) -> Answer<()> {
        let to = self.text("to");
        let lots = self.usable(&self.at.clone())?;
        let balance: N = lots.iter().map(|(_, lot)| open(lot)).sum();
        let goes = self.hand_over(&to, lots, balance);
        let account = self.account();
        let (debts, purchases) = (items(account, "debts"), num(account, "purchases"));
        account["debts"] = json!([]);
        account["purchases"] = json!(0);
        for debt in &debts {
            self.told("debt_moved", json!({"creditor": debt[0], "amount": debt[1], "to": to}));
        }
        if !(goes.is_empty() && debts.is_empty() && purchases == 0) {
            let data = json!({"lots": goes, "debts": debts, "purchases": whole(purchases)});
            self.send(Sender::Owner, &format!("account/{to}"), "lots.in", &data);
        }
        Ok(())
    }

    /// So much of the lots, in their order, is spent here to come in elsewhere.
    fn hand_over(&mut self, to: &str, lots: Vec<(String, Value)>, amount: N) -> Vec<Value> {
        let (mut rest, mut goes) = (amount, Vec::new());
        for (name, lot) in lots {
            let part = rest.min(open(&lot));
            if part <= 0 {
                continue;
            }
            rest -= part;
            add(self.lot(&name).expect("a lot"), "used", part);
            self.told("transferred", json!({"claim": name, "amount": whole(part), "to": to}));
            let mut data = json!({"lot": name, "issuer": lot["issuer"], "amount": whole(part)});
            if let Some(expires) = lot.get("expires") {
                data["expires"] = expires.clone();
            }
            goes.push(data);
        }
        goes
    }
}
