//! A sale, and a play that comes after it.

use serde_json::{Value, json};

use super::awards::sold_lines;
use super::event::total as event_total;
use super::{Fold, N, add, entries, is, items, num, whole, word};
use crate::fields::Answer;

impl Fold<'_> {
    pub fn sale(&mut self) -> Answer<()> {
        let key = self.sale_key();
        let total = event_total(&self.event.data)?;
        let (id, data) = (self.event.id.clone(), self.event.data.clone());
        if is(&self.states[&key], "sold") {
            self.told("suspense", json!({"sale": id, "amount": whole(total)}));
            return Ok(());
        }
        let claims = items(&data, "claims");
        let paid: N = claims.iter().map(|claim| num(claim, "amount")).sum();
        let time = self.event.time.clone();
        let sale = self.state(&key);
        sale["sold"] = json!(true);
        sale["day"] = data["day"].clone();
        sale["time"] = json!(time);
        sale["total"] = whole(total);
        sale["money"] = whole(total - paid);
        if let Some(lines) = data.get("lines").and_then(Value::as_array) {
            sale["lines"] = sold_lines(lines)?;
        }
        for field in ["prior_points_milli", "purchases", "carried"] {
            sale[field] = whole(data.get("shopper").map_or(0, |shopper| num(shopper, field)));
        }
        if let Some(member) = data.get("member") {
            sale["member"] = member.clone();
        }
        let default = if data.get("member").is_some() { "lot" } else { "voucher" };
        sale["form"] = data.get("form").cloned().unwrap_or_else(|| json!(default));
        for (place, claim) in claims.iter().enumerate() {
            let tender = self.tender_of(&key, word(claim, "of"), word(claim, "owner"), claim.get("month"));
            tender["order"] = json!(place);
            add(tender, "want", num(claim, "amount"));
            self.post("voucher_tender", "sales", num(claim, "amount"));
        }
        let sale = self.state(&key);
        let late = sale.get("late_play").cloned();
        sale.as_object_mut().expect("a state").remove("late_play");
        let play = data.get("play").cloned().or(late);
        self.award(play.as_ref())?;
        let reds: Vec<String> = entries(&self.states[&key], "tenders").keys().cloned().collect();
        for red in reds {
            self.judge(&key, &red);
        }
        let early = items(&self.states[&key], "early");
        self.state(&key)["early"] = json!([]);
        for back in early {
            self.come_back(&back, word(&data, "day"))?;
        }
        Ok(())
    }

    /// A play decides a sale that was not played yet.
    pub fn play(&mut self) -> Answer<()> {
        let key = self.sale_key();
        let play = self.field("play");
        let sale = self.state(&key).clone();
        if !is(&sale, "sold") {
            if sale.get("late_play").is_some() {
                self.refused("played_before");
            } else {
                self.state(&key)["late_play"] = play;
            }
            return Ok(());
        }
        let reason = if !is(&sale, "pending") {
            "played_before"
        } else if num(&sale, "back") == num(&sale, "total") {
            "fully_refunded"
        } else if self.text("of_day") != word(&sale, "day") {
            "other_day"
        } else {
            ""
        };
        if !reason.is_empty() {
            self.refused(reason);
            return Ok(());
        }
        self.award(Some(&play))?;
        if !is(&self.states[&key], "pending") && num(&self.states[&key], "back") > 0 {
            let day = word(&sale, "day").to_string();
            self.keep_less(&key, 0, &day, false)?;
        }
        Ok(())
    }
}
