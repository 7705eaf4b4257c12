//! The payments of a sale at the shop that accepts them.

use serde_json::{Value, json};

use super::{Fold, N, Sender, add, is, items, num, whole, word};
use crate::fields::Answer;

impl Fold<'_> {
    /// A tender of a sale, which is there from now on.
    pub fn tender_of(&mut self, key: &str, red: &str, owner: &str, month: Option<&Value>) -> &mut Value {
        let sale = self.state(key);
        let tender = &mut sale["tenders"][red];
        if tender.is_null() {
            *tender = json!({});
        }
        tender["owner"] = json!(owner);
        if let (None, Some(month)) = (tender.get("month"), month) {
            tender["month"] = month.clone();
        }
        tender
    }

    /// Once sale and tender have come, what is above is asked back, and what is short is lost.
    pub fn judge(&mut self, key: &str, red: &str) {
        if !is(&self.states[key], "sold") {
            return;
        }
        let tender = self.states[key]["tenders"][red].clone();
        let (amount, asked, want) = (num(&tender, "amount"), num(&tender, "asked"), num(&tender, "want"));
        let is_decided = tender.get("granted").is_some();
        if is(&tender, "whole") {
            // All of it is asked back: what comes of that is not known yet.
        } else if is_decided && amount - asked > want {
            let surplus = amount - asked - want;
            add(&mut self.state(key)["tenders"][red], "asked", surplus);
            let data = json!({
                "redemption": red, "owner": tender["owner"], "shop": self.event.me, "sale": self.sale_id(), "of_month": tender["month"],
                "amount": whole(surplus)
            });
            self.send_undo(word(&tender, "owner"), &data);
        } else if is_decided && amount < want && asked == 0 {
            let lost = want - amount;
            let state = &mut self.state(key)["tenders"][red];
            add(state, "want", -lost);
            add(state, "lost", lost);
            self.post("tender_lost", "voucher_tender", lost);
            self.told("tender_lost", json!({"redemption": red, "amount": whole(lost)}));
        }
        let state = &mut self.state(key)["tenders"][red];
        state["bound"] = whole(num(state, "want").min(num(state, "amount") - num(state, "asked")).max(0));
    }

    fn sale_id(&self) -> String {
        match self.event.kind.as_str() {
            "sale" => self.event.id.clone(),
            "play" | "return" | "exchange" | "void" => self.text("of"),
            _ => self.text("sale"),
        }
    }

    fn send_undo(&mut self, owner: &str, data: &Value) {
        let to = match owner.strip_prefix("voucher/").and_then(|voucher| voucher.split_once('~')) {
            Some((issuer, _)) => format!("shop/{issuer}"),
            None => owner.to_string(),
        };
        self.send(Sender::Sale, &to, "undo", data);
    }

    pub fn tender(&mut self) -> Answer<()> {
        let key = self.sale_key();
        let (red, owner, month) = (self.text("red"), self.text("owner"), self.field("month"));
        let parts = items(&self.event.data, "parts");
        let sum: N = parts.iter().filter_map(|part| part[1].as_i64()).map(N::from).sum();
        let (asked, is_whole, grant) = (self.amount("asked"), is(&self.event.data, "whole"), self.event.data.get("grant").cloned());
        let tender = self.tender_of(&key, &red, &owner, Some(&month));
        if let Some(grant) = grant {
            tender["granted"] = json!(is(tender, "granted") || grant == json!(true));
        }
        add(tender, "amount", sum);
        add(tender, "asked", -asked);
        if is_whole {
            tender["whole"] = json!(false);
        }
        for part in &parts {
            let account = self.receivable(part[0].as_str().unwrap_or_default());
            self.post(account, "voucher_tender", N::from(part[1].as_i64().unwrap_or(0)));
        }
        self.judge(&key, &red);
        Ok(())
    }

    /// A voucher was accepted offline: it has paid, whatever its issuer finds.
    pub fn accept(&mut self) -> Answer<()> {
        let key = self.sale_key();
        let (voucher, sale, amount) = (self.text("voucher"), self.text("sale"), self.amount("amount"));
        let issuer = voucher.split('~').next().unwrap_or_default().to_string();
        let month = self.event.time[..7].to_string();
        let id = self.event.id.clone();
        if voucher.is_empty() {
            // Points pay what the account has; it will answer.
            let account = format!("account/{}", self.text("account"));
            self.tender_of(&key, &id, &account, Some(&json!(month)));
            let used = json!({"acceptor": self.event.me, "amount": whole(amount), "redemption": id, "sale": sale, "month": month});
            self.send(Sender::Sale, &account, "claim.used", &used);
            return Ok(());
        }
        let tender = self.tender_of(&key, &id, &format!("voucher/{voucher}"), Some(&json!(month)));
        tender["granted"] = json!(true);
        add(tender, "amount", amount);
        let account = self.receivable(&issuer);
        self.post(account, "voucher_tender", amount);
        let used = json!({
            "acceptor": self.event.me, "amount": whole(amount), "voucher": voucher, "redemption": id, "sale": sale, "month": month
        });
        self.send(Sender::Sale, &format!("shop/{issuer}"), "claim.used", &used);
        self.judge(&key, &id);
        Ok(())
    }

    pub fn ask_undo(&mut self) -> Answer<()> {
        let key = self.sale_key();
        if is(&self.states[&key], "sold") {
            self.refused("sale_stands");
            return Ok(());
        }
        let (asked_for, month) = (self.field("redemption"), self.field("of_month"));
        let (red, owner) = (word(&asked_for, "of").to_string(), word(&asked_for, "owner").to_string());
        let amount = self.event.data.get("amount").cloned();
        let tender = self.tender_of(&key, &red, &owner, Some(&month));
        let mut data = json!({"redemption": red, "owner": owner, "shop": "", "sale": "", "of_month": month});
        match amount {
            Some(amount) => {
                add(tender, "asked", N::from(amount.as_i64().unwrap_or(0)));
                data["amount"] = amount;
            }
            None => tender["whole"] = json!(true),
        }
        data["shop"] = json!(self.event.me);
        data["sale"] = json!(self.text("sale"));
        self.send_undo(&owner, &data);
        Ok(())
    }
}
