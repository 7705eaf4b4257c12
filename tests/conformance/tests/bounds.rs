//! A request of at most 1 MiB never grows into an answer that fills memory: lists that meet lists, and the same lots taken
//! again and again.

use loyalty_api as api;
use serde_json::{Value, json};

/// No answer of these operations is larger, in bytes.
const LARGEST: usize = 32 << 20;

fn ask(op: &str, request: &Value) -> Value {
    let text = request.to_string();
    assert!(text.len() <= 1 << 20, "{op}: {} bytes", text.len());
    let answer = api::call(op, text.as_bytes());
    assert!(answer.len() <= LARGEST, "{op}: {} bytes", answer.len());
    serde_json::from_slice(&answer).expect("an answer")
}

fn time(second: usize) -> String {
    format!("2025-01-01T{:02}:{:02}:{:02}+07:00", second / 3600, second / 60 % 60, second % 60)
}

fn earnings(lots: usize) -> Vec<Value> {
    let earn = |k: usize| json!({ "id": format!("a{k}"), "account": "", "shop": "", "time": time(k), "kind": "earn", "points_milli": 1 });
    (0..lots).map(earn).collect()
}

#[test]
fn all_lots_taken_once_are_answered() {
    let mut entries = earnings(5_000);
    entries.push(json!({ "id": "r", "account": "", "shop": "", "time": time(9_000), "kind": "redeem", "points_milli": 5_000 }));
    let answer = ask("ledger.apply", &json!({ "entries": entries, "as_of": time(9_000) }));
    assert_eq!(answer["taken"][0]["lots"].as_array().expect("lots").len(), 5_000);
}

#[test]
fn lots_held_again_and_again_are_too_large() {
    let mut entries = earnings(4_000);
    for k in 0..1_500 {
        let (at, version) = (4_000 + 2 * k, 4_000 + 2 * k);
        let (held, released) = (format!("h{k}"), format!("x{k}"));
        entries.push(json!({ "id": held, "account": "", "shop": "", "time": time(at), "kind": "reserve", "points_milli": 4_000, "version": version }));
        entries.push(json!({ "id": released, "account": "", "shop": "", "time": time(at + 1), "kind": "release", "of": held, "version": version + 1 }));
    }
    let answer = ask("ledger.fold", &json!({ "entries": entries, "as_of": time(80_000) }));
    assert_eq!((answer["error"].as_str(), answer["path"].as_str()), (Some("too_large"), Some("entries")));
}

#[test]
fn redemptions_undone_again_and_again_are_too_large() {
    let mut entries = earnings(4_000);
    for k in 0..1_500 {
        let at = 4_000 + 2 * k;
        let (redeem, undo) = (format!("r{k}"), format!("u{k}"));
        entries.push(json!({ "id": redeem, "account": "", "shop": "", "time": time(at), "kind": "redeem", "points_milli": 4_000 }));
        entries.push(
            json!({ "id": undo, "account": "", "shop": "", "time": time(at + 1), "kind": "reverse", "of": redeem, "points_milli": 4_000 }),
        );
    }
    let answer = ask("ledger.fold", &json!({ "entries": entries, "as_of": time(80_000) }));
    assert_eq!(answer["error"], "too_large");
}

#[test]
fn a_transfer_of_many_lots_under_a_long_id_is_too_large() {
    let state = ask("ledger.apply", &json!({ "entries": earnings(3_000), "as_of": time(9_000) }))["state"].clone();
    let transfer = |id: String| {
        ask(
            "ledger.transfer",
            &json!({ "id": id, "from": "", "to": "M2", "shop": "", "time": time(9_000), "points_milli": 3_000, "state": state }),
        )
    };
    assert_eq!(transfer("t".to_owned())["entries"].as_array().expect("entries").len(), 6_000);
    assert_eq!(transfer("t".repeat(300_000))["error"], "too_large");
}

#[test]
fn refunds_of_many_parts_are_too_large() {
    let reverse = |refunds: usize| ask("split.reverse", &json!({ "parts": vec![8_000; 8_000], "refunds": vec![1; refunds] }));
    assert_eq!(reverse(25)["taken"].as_array().expect("lists").len(), 25);
    let refused = reverse(8_000);
    assert_eq!((refused["error"].as_str(), refused["path"].as_str()), (Some("too_large"), Some("refunds")));
}

#[test]
fn caps_that_fill_one_by_one_are_too_large() {
    // Each round fills the next party alone.
    let capped = |parties: i64| {
        let weights: Vec<i64> = (0..parties).map(|k| parties - k).collect();
        let sum: i64 = weights.iter().sum();
        // A rupiah below its share of what the rounds before left.
        let mut caps = Vec::new();
        let (mut rest, mut open) = (sum * 1_000, sum);
        for weight in &weights {
            let cap = (rest * weight / open - 1).max(0);
            caps.push(cap);
            (rest, open) = (rest - cap, open - weight);
        }
        ask(
            "split.capped",
            &json!({ "amount": sum * 1_000, "weights": weights, "caps": caps.iter().map(|cap| json!(cap)).chain([json!(null)]).take(weights.len()).collect::<Vec<_>>(), "residual": null }),
        )
    };
    assert_ne!(capped(300)["error"], "too_large");
    let _bounded = capped(20_000);
}

#[test]
fn a_long_shop_id_is_not_repeated_for_each_transfer() {
    let long = "x".repeat(200_000);
    let line =
        |k: usize| json!({ "id": format!("r{k}"), "issuer": format!("s{k}"), "acceptor": if k == 0 { &long } else { "y" }, "value": 1 });
    let mut redemptions: Vec<Value> = (0..5_000).map(line).collect();
    redemptions.push(json!({ "id": "all", "issuer": "y", "acceptor": long, "value": 5_000 }));
    let answer = ask("clearing.net", &json!({ "redemptions": redemptions }));
    assert_eq!(answer["error"], "too_large");
}

#[test]
fn a_redemption_of_many_lots_under_a_long_id_is_too_large() {
    let lots: Vec<Value> = (0..5_000).map(|k| json!({ "shop": format!("s{k}"), "points_milli": 1 })).collect();
    let funds: serde_json::Map<String, Value> = (0..5_000).map(|k| (format!("s{k}"), json!(1))).collect();
    let request = json!({ "redemptions": [{ "id": "x".repeat(300_000), "lots": lots, "acceptor": "y", "value": 5_000 }], "funds": funds });
    assert_eq!(ask("clearing.period", &request)["error"], "too_large");
}
