//! What comes back of a sale: returns, exchanges and voids, and what is kept of the award then.

use serde_json::{Value, json};

use super::event::total;
use super::{Fold, N, Sender, add, entries, is, items, num, open, whole, word};
use crate::award::kept_of;
use crate::canonical::program_hash;
use crate::fields::{Answer, Int, refuse};
use crate::split::allocate;

impl Fold<'_> {
    pub fn give_back(&mut self) -> Answer<()> {
        let key = self.sale_key();
        let mut back = json!({});
        match self.event.kind.as_str() {
            "void" => back["whole"] = json!(true),
            _ => {
                for field in ["back", "amount"] {
                    if let Some(value) = self.event.data.get(field) {
                        back[field] = value.clone();
                    }
                }
                back["out"] = if self.event.kind == "exchange" { whole(total(&self.event.data)?) } else { json!(0) };
            }
        }
        if !is(&self.states[&key], "sold") {
            let is_void = is(&back, "whole");
            let sale = self.state(&key);
            if is_void {
                sale["voided"] = json!(true);
            }
            let mut early = items(sale, "early");
            early.push(back);
            sale["early"] = json!(early);
            return Ok(());
        }
        let day = self.text("of_day");
        self.come_back(&back, &day)
    }

    /// What comes back by lines: of each what it is worth before less what it is worth after.
    fn by_lines(&mut self, key: &str, back: &[Value]) -> N {
        let sale = self.state(key);
        let mut lines = items(sale, "lines");
        let mut amount = 0;
        for part in back {
            let place = usize::try_from(num(part, "line")).unwrap_or(usize::MAX);
            let Some(line) = lines.get_mut(place) else { continue };
            let number = |at: usize| N::from(line[at].as_i64().unwrap_or(0));
            let (units, worth, before) = (number(0), number(1), number(2));
            // More than was bought comes back at the same price; it is above the sale.
            let after = before + num(part, "quantity_milli");
            let left = |gone: N| worth * (units - gone) / units;
            amount += left(before) - left(after);
            line[2] = whole(after.min(units));
        }
        sale["lines"] = json!(lines);
        amount
    }

    /// Something comes back of the sale.
    pub fn come_back(&mut self, back: &Value, of_day: &str) -> Answer<()> {
        let key = self.sale_key();
        let id = if self.event.kind == "sale" { self.event.id.clone() } else { self.text("of") };
        let sale = self.states[&key].clone();
        let left = num(&sale, "total") - num(&sale, "back");
        let mut amount = if is(back, "whole") {
            self.state(&key)["voided"] = json!(true);
            left
        } else if back.get("back").is_some() {
            self.by_lines(&key, &items(back, "back"))
        } else {
            num(back, "amount")
        };
        // More than is left cannot come back; what goes out instead is set off against the rest.
        let above = (amount - left).max(0);
        amount -= above;
        let goes_out = num(back, "out");
        let above_it = (goes_out - amount).max(0);
        amount = (amount - goes_out).max(0);
        add(self.state(&key), "above", above);
        add(self.state(&key), "back", amount);
        if above > 0 {
            self.told("suspense", json!({"sale": id, "amount": whole(above)}));
        }
        if above_it > 0 {
            self.told("new_purchase", json!({"sale": id, "amount": whole(above_it)}));
        }
        // Money first, then lost tenders, then the claims.
        let money = amount.min(num(&sale, "money") - num(&sale, "back_money"));
        add(self.state(&key), "back_money", money);
        let mut rest = amount - money;
        let mut reds: Vec<(N, String)> = entries(&sale, "tenders").into_iter().map(|(red, tender)| (num(&tender, "order"), red)).collect();
        reds.sort();
        for (_, red) in &reds {
            let tender = &mut self.state(&key)["tenders"][red];
            let again = rest.min(num(tender, "lost"));
            add(tender, "lost", -again);
            rest -= again;
            self.post("sales", "tender_lost", again);
        }
        for (_, red) in &reds {
            let tender = &mut self.state(&key)["tenders"][red];
            let less = rest.min(num(tender, "want"));
            add(tender, "want", -less);
            rest -= less;
            self.post("sales", "voucher_tender", less);
            self.judge(&key, red);
        }
        let is_whole = left > 0 && amount == left;
        self.keep_less(&key, amount, of_day, is_whole)
    }

    /// The award after something came back, and what becomes of what is taken back.
    pub fn keep_less(&mut self, key: &str, amount: N, of_day: &str, is_whole: bool) -> Answer<()> {
        let id = if self.event.kind == "sale" { self.event.id.clone() } else { self.text("of") };
        let sale = self.states[key].clone();
        let before = num(&sale, "kept");
        let program = self.program_of(&sale)?;
        let (kept, reason) = self.kept(&sale, program.as_ref())?;
        let kept = kept.min(before);
        let taken = before - kept;
        self.told(
            "returned",
            json!({"sale": id, "reason": reason, "amount": whole(amount), "kept": whole(kept), "taken_back": whole(taken)}),
        );
        let parts: Vec<Int> = items(&sale, "parts").iter().filter_map(Value::as_i64).map(Int::from).collect();
        let shares = if parts.is_empty() { Vec::new() } else { allocate(&Int::from(taken), &parts) };
        let mut left = Vec::new();
        let parties = items(&sale, "parties");
        for (place, (part, share)) in parts.iter().zip(&shares).enumerate() {
            left.push(whole(N::try_from(part - share).unwrap_or(0)));
            let account = self.payer(parties[place].as_str().unwrap_or_default());
            self.post("taken_back", &account, N::try_from(share.clone()).unwrap_or(0));
        }
        let state = self.state(key);
        state["parts"] = json!(left);
        state["kept"] = whole(kept);
        if taken > 0 && program.as_ref().is_some_and(|program| is(program, "give_back")) && of_day == word(&sale, "day") {
            self.give_back_to_day(&sale, kept, taken);
        }
        self.take_claim(key, &id, &sale, taken, is_whole);
        Ok(())
    }

    /// The program of an award, by its hash.
    fn program_of(&self, sale: &Value) -> Answer<Option<Value>> {
        if sale.get("program").is_none_or(Value::is_null) || num(sale, "issued") == 0 {
            return Ok(None);
        }
        for program in self.programs {
            if program_hash(&json!({"program": program}))?["hash"] == sale["program"] {
                return Ok(Some(program.clone()));
            }
        }
        refuse("missing_field")
    }

    /// AW-8: what is kept, and why.
    fn kept(&self, sale: &Value, program: Option<&Value>) -> Answer<(N, String)> {
        let counts_all = program.is_some_and(|program| program.get("exclude_voucher_paid") == Some(&json!(false)));
        let back = num(sale, if counts_all { "back" } else { "back_money" });
        let base = num(sale, "base");
        let back = back.min(base);
        let (mut kept, mut reason) = (num(sale, "kept"), "kept".to_string());
        if let Some(program) = program {
            let (by_rule, told) = kept_of(program, sale, &Int::from(back))?;
            kept = N::try_from(by_rule).unwrap_or(0);
            reason = told;
        } else if num(sale, "back") == num(sale, "total") {
            reason = "fully_refunded".to_string();
        }
        if is(sale, "printed") {
            let (total, left) = (num(sale, "total"), num(sale, "total") - num(sale, "back"));
            kept = if total == 0 { num(sale, "issued") } else { num(sale, "issued") * left / total };
            reason = if total > 0 && left == 0 { "fully_refunded" } else { "kept" }.to_string();
        }
        Ok((kept, reason))
    }

    /// AW-8: what a day released is given back to it.
    fn give_back_to_day(&mut self, sale: &Value, kept: N, taken: N) {
        let key = format!("day/{}/{}", self.event.me, word(sale, "day"));
        let day = self.state(&key);
        let released = (num(day, "released") - taken).max(0);
        day["released"] = whole(released);
        let Some(slot) = sale.get("slot").and_then(Value::as_u64).and_then(|slot| usize::try_from(slot - 1).ok()) else { return };
        let less = |day: &mut Value, name: &str, by: N| {
            if let Some(count) = day.get_mut(name).and_then(|counts| counts.get_mut(slot)) {
                *count = whole((N::from(count.as_i64().unwrap_or(0)) - by).max(0));
            }
        };
        less(day, "released_by_slot", taken);
        if is(sale, "place") && kept == 0 {
            less(day, "awards", 1);
        }
    }

    /// The claim that was given loses what is taken back: a voucher here and now, a lot where it is.
    fn take_claim(&mut self, key: &str, id: &str, sale: &Value, taken: N, is_whole: bool) {
        let me = self.event.me.clone();
        let claim = format!("{me}~{}", super::enc(id));
        let is_lot = sale["form"] == "lot";
        if !is_lot && taken > 0 {
            let voucher = self.state(&format!("voucher/{claim}"));
            let free = taken.min(open(voucher));
            let lost = (taken - free).min(num(voucher, "used") + num(voucher, "held") - num(voucher, "lost")).max(0);
            let expired = taken - free - lost;
            add(voucher, "taken", free);
            add(voucher, "lost", lost);
            self.post("voucher_liability", "taken_back", free);
            self.post("voucher_loss", "taken_back", lost);
            self.post("voucher_expired", "taken_back", expired);
            self.reserve_more(-free);
            self.told("reversal", json!({"claim": claim, "free": whole(free), "debt": 0, "expired": whole(expired), "lost": whole(lost)}));
        }
        let member = word(&self.states[key], "member").to_string();
        let is_purchase = is_whole && !member.is_empty();
        let of_lot = if is_lot { taken } else { 0 };
        if of_lot > 0 || is_purchase {
            let data = json!({
                "lot": claim, "amount": whole(of_lot), "creditor": me, "sale": id, "sold_at": sale["time"], "purchase": is_purchase
            });
            self.send(Sender::Sale, &format!("account/{member}"), "claim.reverse", &data);
        }
    }
}
