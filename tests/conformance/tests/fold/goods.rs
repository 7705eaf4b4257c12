//! Offers in the network (PT-9): a sale is awarded by its goods, and keeps what `program.reverse` says of their returns.

use serde_json::{Map, Value, json};

use crate::common;
use crate::host::{Host, event};

fn program(mechanism: &Value) -> Value {
    let mut program = json!({
        "quota": 40_000, "window": {"open": "07:00"}, "below_quota": "standby", "validity": {"days": 30},
        "offers": [
            {"id": "none", "classes": ["tobacco"], "exclude": true},
            {"id": "fresh", "dated": true, "mechanism": "time_auction", "margin_class": "from_15", "tier": "gold"},
            {"id": "rice", "skus": ["rice"], "when": {"weekdays": ["monday"]}, "mechanism": "flat", "rate_bp": 900}
        ]
    });
    program.as_object_mut().unwrap().extend(mechanism.as_object().unwrap().clone());
    program
}

const TIME: &str = "2025-03-03T16:20:00+07:00";

/// Numbers that look drawn.
struct Dice(u64);

impl Dice {
    fn below(&mut self, below: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % below
    }
}

fn facts<'a>(answer: &'a Value, kind: &str) -> impl Iterator<Item = &'a Value> {
    let kind = kind.to_string();
    answer["facts"].as_array().unwrap().iter().filter(move |fact| fact["fact"] == kind.as_str())
}

/// Sells lines, and brings some of them back, in the network and by `award.decide` and `program.reverse`.
fn sell_and_return(dice: &mut Dice, program: &Value, play: &Value) {
    let mut host = Host::new(std::slice::from_ref(program));
    let kinds = [("rice", "grain"), ("lime", "fruit"), ("cig", "tobacco"), ("soap", "care")];
    let lines: Vec<Value> = (0..=dice.below(4))
        .map(|_| {
            let (sku, class) = kinds[usize::try_from(dice.below(4)).unwrap()];
            let quantity_milli = (1 + dice.below(4)) * 1_000;
            json!({"sku": sku, "class": class, "dated": sku == "lime", "quantity_milli": quantity_milli, "price": dice.below(30) * 500})
        })
        .collect();
    let units = |line: &Value| line["quantity_milli"].as_i64().unwrap() / 1_000;
    let mut receipt = json!({"lines": lines, "at": TIME});
    let mut data = json!({"day": "2025-03-03", "member": "M1", "lines": lines, "shopper": {"prior_points_milli": 400_000}});
    if !play.is_null() {
        receipt.as_object_mut().unwrap().extend(play.as_object().unwrap().clone());
        data["play"] = play.clone();
    }
    let request = json!({"program": program, "receipt": receipt, "shopper": {"prior_points_milli": 400_000}});
    let decided = common::ask("award.decide", &request);
    assert_eq!(common::kind(&decided), None, "{decided}");
    let sold = host.apply(&event("sale", ("/A/1", "s1"), "shop/A", TIME, &data));
    let award = facts(&sold, "award").next().unwrap();
    assert_eq!((&award["value"], &award["reason"]), (&decided["value"], &decided["reason"]), "{request}");
    for (ours, theirs) in award["groups"].as_array().unwrap().iter().zip(decided["groups"].as_array().unwrap()) {
        for field in ["offer", "base", "rate_bp", "value"] {
            let nothing = if field == "offer" { Value::Null } else { json!(0) };
            assert_eq!(ours.get(field).unwrap_or(&nothing), theirs.get(field).unwrap_or(&nothing), "{field} {request}");
        }
    }

    let mut left: Vec<i64> = lines.iter().map(units).collect();
    let mut refunds = Vec::new();
    for number in 0..3 {
        let mut back = Vec::new();
        for (line, left) in left.iter_mut().enumerate() {
            let units = dice.below(*left + 1);
            if units > 0 {
                *left -= units;
                back.push((line, units));
            }
        }
        if back.is_empty() {
            continue;
        }
        let of_network: Vec<Value> = back.iter().map(|(line, units)| json!({"line": line, "quantity_milli": units * 1_000})).collect();
        refunds.push(json!({"lines": of_network}));
        let mut request = request.clone();
        request["refunds"] = json!(refunds);
        let kept = common::ask("program.reverse", &request);
        assert_eq!(common::kind(&kept), None, "{kept} {request}");
        let data = json!({"of": "s1", "of_day": "2025-03-03", "back": of_network});
        let returned = host.apply(&event("return", ("/A/1", &format!("v{number}")), "shop/A", TIME, &data));
        let fact = facts(&returned, "returned").next().unwrap();
        assert_eq!(&fact["kept"], kept["kept"].as_array().unwrap().last().unwrap(), "{request}");
        if decided["value"] != 0 {
            assert_eq!(fact["reason"], kept["reason"], "{request}");
        }
        host.drain();
        let states: Map<String, Value> = host.states.clone().into_iter().collect();
        assert_eq!(common::ask("network.check", &json!({"states": states})), json!({"holds": true}));
    }
}

#[test]
fn goods_earn_and_come_back_as_the_program_says() {
    let mut dice = Dice(25);
    let flat = program(&json!({"mechanism": "flat", "rate_bp": 500}));
    let stopwatch = program(&json!({"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus"}));
    for _ in 0..400 {
        sell_and_return(&mut dice, &flat, &Value::Null);
        let play = json!({"digit": dice.below(10)});
        sell_and_return(&mut dice, &stopwatch, &play);
    }
}

#[test]
fn a_sale_of_goods_waits_for_its_play_as_a_whole() {
    let mut host = Host::new(&[program(&json!({"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus"}))]);
    let lines = json!([
        {"sku": "lime", "dated": true, "quantity_milli": 2_000, "price": 20_000}, {"sku": "soap", "quantity_milli": 1_000, "price": 30_000}
    ]);
    let data = json!({"day": "2025-03-03", "lines": lines, "member": "M1"});
    host.apply(&event("sale", ("/A/1", "s1"), "shop/A", TIME, &data));
    let sale = host.state("sale/A/s1");
    assert_eq!((&sale["pending"], &sale["goods"][0]["dated"], &sale["groups"]), (&json!(true), &json!(true), &Value::Null));
    assert_eq!(host.state("day/A/2025-03-03")["released"], 0);

    let play = json!({"of": "s1", "of_day": "2025-03-03", "play": {"digit": 5}});
    let played = host.apply(&event("play", ("/A/1", "p1"), "shop/A", TIME, &play));
    let groups = &facts(&played, "award").next().unwrap()["groups"];
    assert_eq!((&groups[0]["offer"], &groups[1]["rate_bp"], &groups[1]["value"]), (&json!(1), &json!(600), &json!(1_800)));
    assert_eq!(host.state("sale/A/s1").get("goods"), None);
    host.drain();

    // Limes of Rp20,000 come back, then Rp30,000 without a word which: the first group's goods go first.
    let value = |group: usize| groups[group]["value"].as_i64().unwrap();
    let back = json!({"of": "s1", "of_day": "2025-03-03", "back": [{"line": 0, "quantity_milli": 1_000}]});
    let returned = host.apply(&event("return", ("/A/1", "v1"), "shop/A", TIME, &back));
    assert_eq!(facts(&returned, "returned").next().unwrap()["kept"], value(0) / 2 + value(1));
    let back = json!({"of": "s1", "of_day": "2025-03-03", "amount": 30_000});
    let returned = host.apply(&event("return", ("/A/1", "v2"), "shop/A", TIME, &back));
    // Below the quota what is left is standby, and without points nothing.
    assert_eq!(facts(&returned, "returned").next().unwrap()["kept"], 0);

    // A total tells nothing about goods: its loyalty part is refused.
    let total = host.apply(&event("sale", ("/A/1", "s2"), "shop/A", TIME, &json!({"day": "2025-03-03", "total": 90_000})));
    assert_eq!(facts(&total, "refused").next().unwrap()["reason"], "missing_field");
}
