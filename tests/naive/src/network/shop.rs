//! What a shop hears and does beside its sales: its fund, what it owes, what expires, what is brought in.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Fold, N, Sender, add, entries, items, num, open, whole, word};
use crate::clearing::settle;
use crate::fields::Answer;
use crate::fund;
use crate::time::{date_after, days_before, read_date, read_moment};

impl Fold<'_> {
    /// The fund after one event of `guarantee.apply`, judged by what it holds less what the shop owes.
    fn fund_event(&mut self, balance: N, event: &Value, fields: &Value) -> Answer<()> {
        let shop = self.shop().clone();
        let state = &shop["fund"];
        let mut request = json!({
            "requirement": whole(num(state, "requirement")),
            "share_bp": state.get("share_bp").cloned().unwrap_or(json!(2000)),
            "warning_interval_s": state.get("warning_interval_s").cloned().unwrap_or(json!(86_400)),
            "balance": whole(balance),
            "warnings": whole(num(state, "warnings")),
            "state": state.get("state").cloned().unwrap_or(json!("active")),
            "events": [event],
        });
        if let Some(last) = state.get("last_warning") {
            request["last_warning"] = last.clone();
        }
        for (name, value) in fields.as_object().expect("fields") {
            request[name] = value.clone();
        }
        let answer = fund::apply(&request)?;
        for notice in items(&answer, "notices") {
            self.told("notice", json!({"notice": notice["notice"], "amount": notice["amount"]}));
        }
        let fund = &mut self.shop()["fund"];
        for name in ["requirement", "warnings", "state"] {
            fund[name] = answer[name].clone();
        }
        if !answer["last_warning"].is_null() {
            fund["last_warning"] = answer["last_warning"].clone();
        }
        for name in ["share_bp", "warning_interval_s"] {
            fund[name] = request[name].clone();
        }
        Ok(())
    }

    fn balance(&mut self) -> N {
        num(&self.shop()["fund"], "balance")
    }

    /// What the fund holds beyond what the shop owes.
    fn unowed(&mut self) -> N {
        let owed: N = entries(self.shop(), "owed").values().filter_map(Value::as_i64).map(N::from).sum();
        (self.balance() - owed).max(0)
    }

    fn pay_in(&mut self, amount: N) -> Answer<()> {
        add(&mut self.shop()["fund"], "balance", amount);
        // The notice depends on what the fund comes to.
        let after = self.unowed();
        self.fund_event(0, &json!({"type": "top_up", "amount": whole(after)}), &json!({}))?;
        self.post("guarantee_fund", "cash", amount);
        Ok(())
    }

    pub fn top_up(&mut self) -> Answer<()> {
        self.pay_in(self.amount("amount"))
    }

    pub fn draw(&mut self) -> Answer<()> {
        let (amount, balance) = (self.amount("amount"), self.balance());
        self.fund_event(balance, &json!({"type": "draw", "amount": whole(amount)}), &json!({}))?;
        if amount <= balance {
            add(&mut self.shop()["fund"], "balance", -amount);
            self.post("cash", "guarantee_fund", amount);
        }
        Ok(())
    }

    pub fn check(&mut self) -> Answer<()> {
        let (now, balance) = (self.field("now"), self.unowed());
        self.fund_event(balance, &json!({"type": "check", "time": now}), &json!({}))
    }

    pub fn join(&mut self) -> Answer<()> {
        let balance = self.unowed();
        let shop = self.shop();
        let is_new = num(&shop["fund"], "requirement") == 0 || super::is(shop, "left");
        shop["left"] = json!(false);
        // Who was in already stays as it is, and has another requirement.
        let mut fields = if is_new { json!({"state": "registered", "warnings": 0}) } else { json!({}) };
        for (name, default) in [("share_bp", 2000), ("warning_interval_s", 86_400)] {
            fields[name] = self.event.data.get(name).cloned().unwrap_or(json!(default));
        }
        let requirement = self.field("requirement");
        self.fund_event(balance, &json!({"type": "require", "amount": requirement}), &fields)
    }

    pub fn terms(&mut self) -> Answer<()> {
        let (kind, data) = (self.event.kind.clone(), self.event.data.clone());
        let shop = self.shop();
        match kind.as_str() {
            "leave" => shop["left"] = json!(true),
            "pause" => shop["paused"] = data.get("paused").cloned().unwrap_or(json!(true)),
            _ => shop["program"] = data["program"].clone(),
        }
        Ok(())
    }

    /// CL-4: what the shop owes is paid from its fund, the rest by the operator.
    pub fn close_period(&mut self) -> Answer<()> {
        let period = self.field("period");
        let me = self.event.me.clone();
        let owed: BTreeMap<String, N> =
            entries(self.shop(), "owed").into_iter().map(|(shop, sum)| (shop, N::from(sum.as_i64().unwrap_or(0)))).collect();
        let creditors: Vec<(&String, &N)> = owed.iter().filter(|(_, sum)| **sum > 0).collect();
        let amounts: Vec<Value> = creditors.iter().map(|(_, sum)| whole(**sum)).collect();
        let settled = settle(&json!({"fund": whole(self.balance()), "owed": amounts}))?;
        for (place, (creditor, sum)) in creditors.iter().enumerate() {
            let paid = N::from(settled["paid"][place].as_i64().unwrap_or(0));
            let operator = *sum - paid;
            add(&mut self.shop()["fund"], "balance", -paid);
            add(&mut self.shop()["owed"], creditor, -*sum);
            self.post("network_payable", "guarantee_fund", paid);
            self.post("network_payable", "operator_cover", operator);
            self.told("cleared", json!({"creditor": creditor, "paid": whole(paid), "operator": whole(operator)}));
            let data = json!({"period": period, "issuer": me, "paid": whole(paid), "operator": whole(operator)});
            self.send(Sender::Owner, &format!("shop/{creditor}"), "clearing.received", &data);
        }
        for (creditor, sum) in owed.iter().filter(|(_, sum)| **sum < 0) {
            if self.event.data.get("last") == Some(&json!(true)) {
                add(&mut self.shop()["fund"], "balance", -*sum);
                add(&mut self.shop()["owed"], creditor, -*sum);
                self.post("guarantee_fund", "network_payable", -*sum);
                let data = json!({"period": period, "issuer": me, "amount": whole(-*sum)});
                self.send(Sender::Owner, &format!("shop/{creditor}"), "clearing.draw", &data);
            }
        }
        let network = self.settings.get("network").and_then(Value::as_str).unwrap_or("1").to_string();
        self.send(Sender::Owner, &format!("network/{network}"), "closed", &json!({"period": period}));
        Ok(())
    }

    pub fn received(&mut self) -> Answer<()> {
        self.post("cash", "network_receivable", self.amount("paid"));
        self.post("cash", "network_receivable", self.amount("operator"));
        Ok(())
    }

    pub fn drawn(&mut self) -> Answer<()> {
        self.post("network_receivable", "cash", self.amount("amount"));
        Ok(())
    }

    /// The network hears that a shop has closed a period.
    pub fn closed(&mut self) -> Answer<()> {
        let shop = self.event.source.split_once('/').map_or("", |(_, name)| name).to_string();
        let key = format!("period/{}", self.field("period"));
        let state = self.state(&key);
        let mut shops: Vec<String> = items(state, "shops").iter().filter_map(Value::as_str).map(str::to_string).collect();
        shops.push(shop);
        shops.sort();
        shops.dedup();
        state["shops"] = json!(shops);
        Ok(())
    }

    /// A claim was used elsewhere: what it was worth is owed to who accepted it.
    pub fn used(&mut self) -> Answer<()> {
        let (acceptor, amount) = (self.text("acceptor"), self.amount("amount"));
        let account = self.payable(&acceptor);
        let Some(voucher) = self.event.data.get("voucher").and_then(Value::as_str).map(str::to_string) else {
            self.post("voucher_liability", account, amount);
            self.reserve_more(-amount);
            self.owe(&acceptor, amount);
            return Ok(());
        };
        let (month, red) = (self.text("month"), self.text("redemption"));
        let me = self.event.me.clone();
        let state = self.state(&format!("voucher/{voucher}"));
        let covered = amount.min(open(state)).max(0);
        add(state, "used", covered);
        add(state, "overdrawn", amount - covered);
        let red = self.state(&format!("red/voucher/{voucher}|{acceptor}|{}", super::enc(&red)));
        *red = json!({});
        red["shop"] = json!(acceptor);
        red["month"] = json!(month);
        red["parts"] = json!([[voucher, me, whole(amount)]]);
        red["amount"] = whole(amount);
        let sale = self.field("sale");
        if !sale.is_null() {
            self.state(&format!("red/voucher/{voucher}|{acceptor}|{}", super::enc(&self.text("redemption"))))["sale"] = sale;
        }
        add(self.state(&format!("month/{me}/{month}")), "uses", 1);
        self.post("voucher_liability", account, covered);
        self.post("voucher_loss", account, amount - covered);
        self.told("redeemed", json!({"claim": voucher, "amount": whole(amount)}));
        self.reserve_more(-covered);
        self.owe(&acceptor, amount);
        Ok(())
    }

    pub fn unused(&mut self) -> Answer<()> {
        let (acceptor, amount) = (self.text("acceptor"), self.amount("amount"));
        let account = self.payable(&acceptor);
        self.post(account, "voucher_liability", amount);
        self.reserve_more(amount);
        self.owe(&acceptor, -amount);
        Ok(())
    }

    pub fn claims_expired(&mut self) -> Answer<()> {
        let amount = self.amount("amount");
        self.post("voucher_liability", "voucher_expired", amount);
        self.reserve_more(-amount);
        Ok(())
    }

    pub fn reversed(&mut self) -> Answer<()> {
        for (field, account) in
            [("free", "voucher_liability"), ("debt", "shopper_receivable"), ("expired", "voucher_expired"), ("lost", "voucher_loss")]
        {
            self.post(account, "taken_back", self.amount(field));
        }
        self.reserve_more(-self.amount("free"));
        Ok(())
    }

    pub fn debt_was_paid(&mut self) -> Answer<()> {
        let account = self.receivable(&self.text("issuer"));
        self.post(account, "shopper_receivable", self.amount("amount"));
        Ok(())
    }

    fn send_expire(&mut self, voucher: &str, date: &str) {
        let subject = self.event.subject.clone();
        self.send(Sender::Owner, &subject, "expire", &json!({"voucher": voucher, "date": date}));
    }

    pub fn due(&mut self) -> Answer<()> {
        let (voucher, me) = (self.text("voucher"), self.event.me.clone());
        let state = self.state(&format!("due/{me}/{}", self.text("date")));
        if super::is(state, "closed") {
            self.send_expire(&voucher, &self.text("date"));
            return Ok(());
        }
        let mut vouchers: Vec<String> = items(state, "vouchers").iter().filter_map(Value::as_str).map(str::to_string).collect();
        if vouchers.len() >= 4_000 && !vouchers.contains(&voucher) {
            // The list is full; the next day's takes it.
            let date = date_after(days_before(&read_date(&self.text("date"))?) + 1).write();
            let subject = self.event.subject.clone();
            self.send(Sender::Owner, &subject, "due", &json!({"voucher": voucher, "date": date}));
            return Ok(());
        }
        vouchers.push(voucher);
        vouchers.sort();
        vouchers.dedup();
        state["vouchers"] = json!(vouchers);
        Ok(())
    }

    /// What a voucher is worth once it cannot be used any more.
    pub fn expire(&mut self) -> Answer<()> {
        let voucher = self.text("voucher");
        let key = format!("voucher/{voucher}");
        let state = self.states[&key].clone();
        let Some(expires) = state.get("expires").and_then(Value::as_str) else { return Ok(()) };
        if open(&state) == 0 {
            return Ok(());
        }
        if read_moment(expires)?.date > read_date(&self.text("date"))? {
            return self.announce(&voucher, expires);
        }
        self.lapse(&key, open(&state));
        Ok(())
    }

    /// An amount of a voucher that nobody can use any more.
    pub fn lapse(&mut self, key: &str, amount: N) {
        if amount > 0 {
            add(self.state(key), "expired", amount);
            self.post("voucher_liability", "voucher_expired", amount);
            self.reserve_more(-amount);
            let claim = key.strip_prefix("voucher/").unwrap_or_default().to_string();
            self.told("expired", json!({"claim": claim, "amount": whole(amount)}));
        }
    }

    pub fn close_day(&mut self) -> Answer<()> {
        let (me, day) = (self.event.me.clone(), self.text("day"));
        self.state(&format!("day/{me}/{day}"))["closed"] = json!(true);
        let due = self.state(&format!("due/{me}/{day}"));
        let vouchers = items(due, "vouchers");
        *due = json!({"closed": true});
        for voucher in vouchers {
            self.send_expire(voucher.as_str().unwrap_or_default(), &day);
        }
        Ok(())
    }

    pub fn close_month(&mut self) -> Answer<()> {
        let key = format!("month/{}/{}", self.event.me, self.text("month"));
        self.state(&key)["closed"] = json!(true);
        Ok(())
    }

    /// What a shop brings in.
    pub fn opening(&mut self) -> Answer<()> {
        if self.amount("fund") > 0 {
            self.pay_in(self.amount("fund"))?;
        }
        for opened in items(&self.event.data, "vouchers") {
            let (claim, value) = (word(&opened, "voucher").to_string(), num(&opened, "value"));
            if super::is(&self.states[&format!("voucher/{claim}")], "issued") {
                self.refused("id_used");
                continue;
            }
            self.post("opening", "voucher_liability", value);
            self.reserve_more(value);
            self.issue(&claim, value, opened.get("expires").and_then(Value::as_str))?;
        }
        let me = self.event.me.clone();
        for lot in items(&self.event.data, "lots") {
            self.post("opening", "voucher_liability", num(&lot, "amount"));
            self.reserve_more(num(&lot, "amount"));
            let mut goes = json!({"lot": lot["lot"], "issuer": me, "amount": lot["amount"]});
            if let Some(expires) = lot.get("expires") {
                goes["expires"] = expires.clone();
            }
            let account = format!("account/{}", word(&lot, "account"));
            self.send(Sender::Opening, &account, "lots.in", &json!({"lots": [goes]}));
        }
        Ok(())
    }
}
