//! The network at its ends: a claim against its own sale, a request after its deadline, a message that came before a crash, two
//! accounts of one member.

use serde_json::{Value, json};

use crate::common;
use crate::host::{Host, event};

fn program() -> Value {
    json!({"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus", "quota": 50_000, "validity": {"days": 30}})
}

fn time(hour: u8) -> String {
    format!("2025-03-03T{hour:02}:00:00+07:00")
}

/// Sells at a shop, with the digit 5: 6 % of the total.
fn sell(host: &mut Host, shop: &str, id: &str, hour: u8, more: &Value) -> Value {
    let mut data = json!({"day": "2025-03-03", "play": {"digit": 5}});
    data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    host.apply(&event("sale", (&format!("/{shop}/1"), id), &format!("shop/{shop}"), &time(hour), &data))
}

fn redeem_points(host: &mut Host, (shop, id, sale): (&str, &str, &str), amount: i64) -> Value {
    let data = json!({"shop": shop, "sale": sale, "amount": amount, "purchase": 50_000, "left_to_pay": 50_000, "month": "2025-03"});
    host.apply(&event("redeem.points", (&format!("/{shop}/1"), id), "account/M1", &time(12), &data))
}

fn refusal(answer: &Value) -> &Value {
    let facts = answer["facts"].as_array().unwrap();
    facts.iter().find(|fact| fact["fact"] == "refused").map_or(&Value::Null, |fact| &fact["reason"])
}

fn check(host: &Host, out: &[Value]) -> Value {
    common::ask("network.check", &json!({"states": host.states, "out": out}))
}

#[test]
fn what_a_sale_gives_does_not_pay_it() {
    let mut host = Host::new(&[program()]);
    sell(&mut host, "A", "s1", 10, &json!({"total": 100_000, "member": "M1"}));
    sell(&mut host, "A", "s2", 10, &json!({"total": 100_000}));
    host.drain();

    // The points of s1 are not there for s1, and are for another sale.
    let refused = redeem_points(&mut host, ("A", "r1", "s1"), 1_000);
    assert_eq!((refusal(&refused), &refused["facts"][0]["missing_milli"]), (&json!("insufficient"), &json!(1_000)));
    assert_eq!(redeem_points(&mut host, ("A", "r2", "s3"), 1_000)["facts"][0]["fact"], "redeemed");
    // A sale of the same id at another shop is another sale.
    assert_eq!(redeem_points(&mut host, ("B", "r3", "s1"), 1_000)["facts"][0]["fact"], "redeemed");

    let pay = |host: &mut Host, id: &str, sale: &str| {
        let data = json!({
            "voucher": "A~s2", "shop": "A", "sale": sale, "purchase": 50_000, "left_to_pay": 50_000, "amount": 500, "month": "2025-03"
        });
        host.apply(&event("redeem.voucher", ("/A/1", id), "shop/A", &time(12), &data))
    };
    assert_eq!(refusal(&pay(&mut host, "r4", "s2")), "own_sale");
    assert_eq!(pay(&mut host, "r5", "s3")["facts"][0]["fact"], "redeemed");
    host.drain();
    assert_eq!(check(&host, &[]), json!({"holds": true}));
}

#[test]
fn a_request_that_ended_is_told_its_deadline() {
    let mut host = Host::new(&[program()]);
    let data = json!({
        "voucher": "A~s1", "shop": "B", "sale": "s9", "purchase": 50_000, "left_to_pay": 50_000, "month": "2025-03", "valid_until": time(13)
    });
    let request = event("redeem.voucher", ("/B/1", "r1"), "shop/A", &time(12), &data);
    assert_eq!(host.apply(&request)["outcome"], "waiting");
    let end = json!({"redemption": "r1", "owner": "voucher/A~s1", "shop": "B", "month": "2025-03"});
    let ended = host.apply(&event("request.end", ("/A/office", "e1"), "shop/A", &time(14), &end));
    assert_eq!(refusal(&ended), "deadline");
    assert_eq!(ended["out"][0]["type"], "loyalty.tender");

    // The till that lost the answer asks again: it learns the same, and the acceptor is not told twice.
    let again = host.apply(&request);
    assert_eq!((&again["outcome"], refusal(&again), &again["out"]), (&json!("applied"), &json!("deadline"), &json!([])));
    let status = common::ask("network.status", &json!({"event": request, "seen": host.state("seen/%2FB%2F1|r1")}));
    assert_eq!(status["status"], "applied");
}

#[test]
fn a_message_that_was_applied_before_a_crash_is_not_under_way() {
    let mut host = Host::new(&[program()]);
    let sold = sell(&mut host, "A", "s1", 10, &json!({"total": 100_000, "member": "M1"}));
    let earn = sold["out"].as_array().unwrap();
    assert_eq!(check(&host, earn), json!({"holds": true}));
    assert_eq!(check(&host, &[])["law"], "reserved_is_claims");
    host.drain();

    // The host crashed before it crossed the message out.
    assert_eq!(check(&host, earn), json!({"holds": true}));
    let diagnosed = common::ask("network.diagnose", &json!({"states": host.states, "out": earn}));
    assert_eq!(diagnosed["under_way"], 0);
}

#[test]
fn two_accounts_become_one() {
    let mut host = Host::new(&[program()]);
    sell(&mut host, "A", "s1", 10, &json!({"total": 100_000, "member": "M1"}));
    host.drain();
    redeem_points(&mut host, ("B", "r1", "s9"), 6_000);
    host.drain();
    // Everything of it comes back after it was spent: a debt of 6,000. Then two more purchases.
    host.apply(&event("void", ("/A/1", "v1"), "shop/A", &time(13), &json!({"of": "s1", "of_day": "2025-03-03"})));
    host.drain();
    sell(&mut host, "B", "s2", 14, &json!({"total": 60_000, "member": "M1"}));
    sell(&mut host, "B", "s3", 14, &json!({"total": 100_000, "member": "M2"}));
    host.drain();
    let of = |host: &Host, member: &str| {
        let account = host.state(&format!("account/{member}"));
        let open = |lot: &Value| ["value", "used"].map(|field| lot[field].as_i64().unwrap_or(0));
        let lots = account["lots"].as_object().into_iter().flat_map(|lots| lots.values());
        let balance: i64 = lots.map(open).map(|[value, used]| value - used).sum();
        (balance, account["debts"].clone(), account["purchases"].as_i64().unwrap_or(0))
    };
    // M1's 3,600 paid a part of its debt.
    assert_eq!(of(&host, "M1"), (0, json!([["A", 2_400]]), 1));
    assert_eq!(of(&host, "M2"), (6_000, Value::Null, 1));

    // M2 was a second card of M1. Its points pay the rest.
    let merge = event("merge", ("/office", "m1"), "account/M2", &time(15), &json!({"to": "M1"}));
    let keys = common::ask("network.keys", &json!({"event": merge}));
    assert_eq!(keys["write"], json!(["account/M2", "seen/%2Foffice|m1"]));
    let merged = host.apply(&merge);
    assert_eq!(merged["facts"][0], json!({"v": 1, "fact": "transferred", "claim": "B~s3", "amount": 6_000, "to": "M1"}));
    assert_eq!(merged["out"][0]["data"]["purchases"], 1);
    assert_eq!(check(&host, &host.outbox), json!({"holds": true}));
    host.drain();
    assert_eq!(of(&host, "M1"), (3_600, Value::Null, 2));
    assert_eq!(of(&host, "M2"), (0, Value::Null, 0));
    assert_eq!(check(&host, &[]), json!({"holds": true}));

    // The other way round the debt goes along, and is under way with the message.
    host.apply(&event("void", ("/B/1", "v2"), "shop/B", &time(16), &json!({"of": "s2", "of_day": "2025-03-03"})));
    host.drain();
    let debts = of(&host, "M1").1;
    assert_ne!(debts, Value::Null);
    let merged = host.apply(&event("merge", ("/office", "m2"), "account/M1", &time(17), &json!({"to": "M3"})));
    assert_eq!(merged["out"][0]["data"]["debts"], debts);
    assert_eq!(check(&host, &host.outbox), json!({"holds": true}));
    host.drain();
    assert_eq!(check(&host, &[]), json!({"holds": true}));

    // Into itself it is refused.
    let own = event("merge", ("/office", "m3"), "account/M1", &time(17), &json!({"to": "M1"}));
    let refused = common::ask("network.keys", &json!({"event": own}));
    assert_eq!((common::kind(&refused), &refused["path"]), (Some("bad_config"), &json!("event.data.to")));
}

/// A sale of points at A that a redemption paid in part, and whose points were spent in part.
fn sold_and_spent(form: &str) -> Host {
    let mut host = Host::new(&[program()]);
    sell(&mut host, "B", "s0", 9, &json!({"total": 100_000, "member": "M1"}));
    host.drain();
    redeem_points(&mut host, ("A", "r1", "s1"), 5_000);
    let claims = json!([{"of": "r1", "owner": "account/M1", "amount": 5_000}]);
    sell(&mut host, "A", "s1", 12, &json!({"total": 100_000, "member": "M1", "claims": claims, "form": form}));
    host.drain();
    if form == "lot" {
        redeem_points(&mut host, ("B", "r2", "s9"), 5_500);
    }
    host.drain();
    host
}

#[test]
fn a_quote_is_what_the_return_then_does() {
    for form in ["lot", "voucher"] {
        let host = sold_and_spent(form);
        for (at, (kind, more)) in [
            ("return", json!({"amount": 30_000})),
            ("return", json!({"amount": 98_000})),
            ("return", json!({"amount": 120_000})),
            ("exchange", json!({"amount": 30_000, "total": 50_000})),
            ("void", json!({})),
        ]
        .into_iter()
        .enumerate()
        {
            let mut host = host.clone();
            let mut data = json!({"of": "s1", "of_day": "2025-03-03"});
            data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let back = event(kind, ("/A/1", &format!("v{at}")), "shop/A", &time(15), &data);
            let keys = common::ask("network.keys", &json!({"event": back}));
            let states: serde_json::Map<String, Value> = keys["write"]
                .as_array()
                .unwrap()
                .iter()
                .map(|key| (key.as_str().unwrap().into(), host.state(key.as_str().unwrap()).clone()))
                .collect();
            let request = json!({"event": back, "states": states, "account": host.state("account/M1"), "programs": host.programs});
            let quote = common::ask("return.quote", &request);
            let done = host.apply(&back);
            let sum = |kind: &str, field: &str| -> i64 {
                let facts = done["facts"].as_array().unwrap().iter().filter(|fact| fact["fact"] == kind);
                facts.map(|fact| fact[field].as_i64().unwrap_or(0)).sum()
            };
            assert_eq!(quote["sold"], true);
            assert_eq!(quote["amount"], sum("returned", "amount"), "{kind} {data}");
            assert_eq!(quote["taken_back"], sum("returned", "taken_back"));
            assert_eq!(
                (&quote["above"], &quote["new_purchase"]),
                (&json!(sum("suspense", "amount")), &json!(sum("new_purchase", "amount")))
            );
            let given_back: i64 = done["out"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|event| event["type"] == "loyalty.undo")
                .map(|undo| undo["data"]["amount"].as_i64().unwrap())
                .sum();
            let claims: i64 = quote["claims"].as_array().unwrap().iter().map(|claim| claim["amount"].as_i64().unwrap()).sum();
            assert_eq!((claims, quote["money"].as_i64().unwrap() + claims), (given_back, sum("returned", "amount")));
            // Of points the account tells what becomes of them, of a voucher the shop.
            let reversed = if form == "lot" {
                let reverse = done["out"].as_array().unwrap().iter().find(|event| event["type"] == "loyalty.claim.reverse");
                reverse.cloned().map(|reverse| host.apply(&reverse))
            } else {
                Some(done.clone())
            };
            let reversal =
                reversed.map(|answer| answer["facts"].as_array().unwrap().iter().find(|fact| fact["fact"] == "reversal").cloned());
            for field in ["free", "debt", "expired", "lost"] {
                let wanted = reversal.clone().flatten().map_or(Value::Null, |fact| fact[field].clone());
                assert_eq!(quote.get(field).cloned().unwrap_or_default(), wanted, "{field} of {form} {kind} {data}");
            }
        }
    }

    // A sale that has not come, and an event that is no return.
    let host = Host::default();
    let back = json!({"of": "s1", "of_day": "2025-03-03", "amount": 5});
    let back = event("return", ("/A/1", "v1"), "shop/A", &time(15), &back);
    let none = json!({"shop/A": null, "sale/A/s1": null, "voucher/A~s1": null, "day/A/2025-03-03": null, "seen/%2FA%2F1|v1": null});
    assert_eq!(common::ask("return.quote", &json!({"event": back, "states": none}))["sold"], false);
    let topup = event("topup", ("/A/1", "t1"), "shop/A", &time(15), &json!({"amount": 5}));
    let refused = common::ask("return.quote", &json!({"event": topup, "states": {"shop/A": null, "seen/%2FA%2F1|t1": null}}));
    assert_eq!((common::kind(&refused), &refused["path"]), (Some("bad_config"), &json!("event.type")));
    assert_eq!(host.states.len(), 0);
}

#[test]
fn points_that_an_offline_till_accepted_pay_what_they_can() {
    for (balance, lost) in [(6_000, 0), (4_000, 1_000), (0, 5_000)] {
        let mut host = Host::new(&[program()]);
        let lots = json!([{"account": "M1", "lot": "A~s0", "amount": balance}]);
        host.apply(&event("opening", ("/A/office", "o1"), "shop/A", &time(8), &json!({"lots": lots})));
        host.drain();
        // The sale and the acceptance of an offline day come together, in any order.
        let accept = event("accept", ("/B/1", "a1"), "shop/B", &time(12), &json!({"account": "M1", "sale": "s1", "amount": 5_000}));
        let accepted = host.apply(&accept);
        assert_eq!((&accepted["facts"], &accepted["out"][0]["subject"]), (&json!([]), &json!("account/M1")));
        let claims = json!([{"of": "a1", "owner": "account/M1", "amount": 5_000}]);
        sell(&mut host, "B", "s1", 12, &json!({"total": 20_000, "claims": claims}));
        host.drain();
        let tender = &host.state("sale/B/s1")["tenders"]["a1"];
        assert_eq!((tender["amount"].as_i64().unwrap_or(0), tender["lost"].as_i64().unwrap_or(0)), (5_000 - lost, lost));
        assert_eq!(host.state("shop/B")["books"]["tender_lost"].as_i64().unwrap_or(0), lost);
        assert_eq!(host.state("shop/A")["owed"]["B"].as_i64().unwrap_or(0), 5_000 - lost);
        assert_eq!(check(&host, &[]), json!({"holds": true}));

        // All of it comes back: first what was lost is made whole, then the points return.
        host.apply(&event("void", ("/B/1", "v1"), "shop/B", &time(13), &json!({"of": "s1", "of_day": "2025-03-03"})));
        host.drain();
        assert_eq!(host.state("shop/B")["books"].get("tender_lost"), None);
        let lot = &host.state("account/M1")["lots"]["A~s0"];
        assert_eq!(lot["used"].as_i64().unwrap_or(0), 0);
        assert_eq!(check(&host, &[]), json!({"holds": true}));
    }
    let neither = event("accept", ("/B/1", "a1"), "shop/B", &time(12), &json!({"sale": "s1", "amount": 5_000}));
    let both =
        event("accept", ("/B/1", "a1"), "shop/B", &time(12), &json!({"account": "M1", "voucher": "A~s0", "sale": "s1", "amount": 1}));
    for (event, wanted) in [(neither, ("missing_field", "event.data.voucher")), (both, ("bad_config", "event.data.account"))] {
        let refused = common::ask("network.keys", &json!({"event": event}));
        assert_eq!((common::kind(&refused).unwrap(), refused["path"].as_str().unwrap()), wanted);
    }
}
