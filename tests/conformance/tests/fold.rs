//! The network as one fold: its worked example, step by step, and what must hold whatever happens (NW-4, NW-5).

mod common;
#[path = "fold/ends.rs"]
mod ends;
#[path = "fold/goods.rs"]
mod goods;
#[path = "fold/host.rs"]
mod host;
#[path = "fold/laws.rs"]
mod laws;
#[path = "fold/second.rs"]
mod second;
#[path = "fold/seeds.rs"]
mod seeds;
#[path = "fold/soak.rs"]
mod soak;
#[path = "fold/world.rs"]
mod world;

use host::{Host, event};
use serde_json::{Value, json};
use world::World;

/// The stopwatch Plus with a quota of Rp50,000; the producer pays 45 %, the shop 35 %, the operator 20 %.
fn program() -> Value {
    json!({
        "mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus", "quota": 50_000,
        "funding": {"preset": "BN-2"}, "validity": {"days": 30}
    })
}

fn fact<'a>(answer: &'a Value, kind: &str) -> &'a Value {
    answer["facts"].as_array().unwrap().iter().find(|fact| fact["fact"] == kind).unwrap_or(&Value::Null)
}

fn postings(answer: &Value) -> Vec<(String, String, i64)> {
    let facts = answer["facts"].as_array().unwrap().iter().filter(|fact| fact["fact"] == "posting");
    let text = |value: &Value| value.as_str().unwrap().to_string();
    facts.map(|fact| (text(&fact["debit"]), text(&fact["credit"]), fact["amount"].as_i64().unwrap())).collect()
}

fn posting(debit: &str, credit: &str, amount: i64) -> (String, String, i64) {
    (debit.to_string(), credit.to_string(), amount)
}

/// The worked example of docs/network.md.
#[test]
fn worked_example() {
    let mut host = Host::new(&[program()]);
    let time = |hour: u8| format!("2025-03-03T{hour:02}:00:00+07:00");
    for (shop, id) in [("A", "t1"), ("B", "t2")] {
        let topup = event("topup", (&format!("/{shop}/office"), id), &format!("shop/{shop}"), &time(8), &json!({"amount": 30_000}));
        host.apply(&topup);
    }

    // 1: a sale at A.
    let lines = json!([
        {"sku": "rice", "quantity_milli": 1_000, "price": 60_000},
        {"sku": "oil", "quantity_milli": 1_000, "price": 40_000}
    ]);
    let sale = json!({"day": "2025-03-03", "lines": lines, "member": "M1", "play": {"digit": 5}});
    let sale = event("sale", ("/A/1", "s1"), "shop/A", &time(10), &sale);
    let keys = common::ask("network.keys", &json!({"event": sale}));
    let wanted = json!({
        "owner": "shop/A", "read": [],
        "write": ["day/A/2025-03-03", "sale/A/s1", "seen/%2FA%2F1|s1", "shop/A", "voucher/A~s1"]
    });
    assert_eq!(keys, wanted);
    let sold = host.apply(&sale);
    assert_eq!(sold["outcome"], "applied");
    let award = fact(&sold, "award");
    assert_eq!((&award["reason"], &award["rate_bp"], &award["value"]), (&json!("full"), &json!(600), &json!(6_000)));
    assert_eq!(award["parts"], json!([2_700, 2_100, 1_200]));
    let shop = host.state("shop/A");
    assert_eq!(shop["reserved"], 6_000);
    let books = json!({
        "cash": -30_000, "guarantee_fund": 30_000, "partner:operator": 1_200, "partner:producer": 2_700, "voucher_expense": 2_100,
        "voucher_liability": -6_000
    });
    assert_eq!(shop["books"], books);
    assert_eq!(host.state("voucher/A~s1"), &Value::Null);
    let kept = host.state("sale/A/s1");
    assert_eq!(
        (&kept["base"], &kept["rate_bp"], &kept["issued"], &kept["kept"]),
        (&json!(100_000), &json!(600), &json!(6_000), &json!(6_000))
    );
    assert_eq!((&kept["parts"], &kept["form"]), (&json!([2_700, 2_100, 1_200]), &json!("lot")));
    let earn = &sold["out"][0];
    let wanted = json!({
        "specversion": "1.0", "type": "loyalty.earn", "source": "sale/A/s1", "id": "account/M1|1", "time": time(10), "subject": "account/M1",
        "n": 1,
        "data": {"lot": "A~s1", "issuer": "A", "amount": 6_000, "expires": "2025-04-02T00:00:00+07:00", "purchase": true}
    });
    assert_eq!(earn, &wanted);
    host.drain();
    assert_eq!(host.state("account/M1")["lots"]["A~s1"]["value"], 6_000);
    assert_eq!(host.state("account/M1")["purchases"], 1);

    // 2: a redemption at B, asked at the account; then the sale that it pays.
    let redeem = json!({"shop": "B", "sale": "s2", "amount": 5_000, "purchase": 20_000, "left_to_pay": 20_000, "month": "2025-03"});
    let redeem = event("redeem.points", ("/B/1", "r1"), "account/M1", &time(11), &redeem);
    let redeemed = host.apply(&redeem);
    assert_eq!(fact(&redeemed, "redeemed")["amount"], 5_000);
    let red = host.state("red/account/M1|B|r1");
    assert_eq!((&red["shop"], &red["parts"], &red["amount"]), (&json!("B"), &json!([["A~s1", "A", 5_000]]), &json!(5_000)));
    let [used, tender] = [0, 1].map(|place| redeemed["out"][place].clone());
    assert_eq!((&used["type"], &used["subject"]), (&json!("loyalty.claim.used"), &json!("shop/A")));
    assert_eq!(used["data"], json!({"acceptor": "B", "amount": 5_000}));
    assert_eq!((&tender["type"], &tender["subject"]), (&json!("loyalty.tender"), &json!("shop/B")));
    assert_eq!(
        tender["data"],
        json!({"red": "r1", "sale": "s2", "owner": "account/M1", "month": "2025-03", "parts": [["A", 5_000]], "grant": true})
    );
    host.drain();
    let shop = host.state("shop/A");
    assert_eq!((&shop["reserved"], &shop["owed"]), (&json!(1_000), &json!({"B": 5_000})));
    assert_eq!(host.state("shop/B")["books"]["voucher_tender"], -5_000);
    let sale = json!({
        "day": "2025-03-03", "total": 20_000, "claims": [{"of": "r1", "owner": "account/M1", "amount": 5_000}], "member": "M9",
        "play": {"digit": 5}
    });
    let sold = host.apply(&event("sale", ("/B/1", "s2"), "shop/B", &time(12), &sale));
    assert_eq!(postings(&sold), [posting("voucher_tender", "sales", 5_000)]);
    let tender = &host.state("sale/B/s2")["tenders"]["r1"];
    let of = |field: &str| tender[field].clone();
    assert_eq!([of("granted"), of("amount"), of("want"), of("bound")], [json!(true), json!(5_000), json!(5_000), json!(5_000)]);
    assert_eq!(host.state("shop/B")["books"].get("voucher_tender"), None);
    host.drain();

    // 3: the Rp40,000 line comes back at A.
    let back = json!({"of": "s1", "of_day": "2025-03-03", "back": [{"line": 1, "quantity_milli": 1_000}]});
    let returned = host.apply(&event("return", ("/A/1", "v1"), "shop/A", &time(13), &back));
    let told = fact(&returned, "returned");
    assert_eq!((&told["amount"], &told["kept"], &told["taken_back"]), (&json!(40_000), &json!(3_600), &json!(2_400)));
    let back_to = [("partner:producer", 1_080), ("voucher_expense", 840), ("partner:operator", 480)];
    assert_eq!(postings(&returned), back_to.map(|(account, amount)| posting("taken_back", account, amount)));
    assert_eq!(returned["out"][0]["data"], json!({"lot": "A~s1", "amount": 2_400, "creditor": "A", "sale": "s1", "sold_at": time(10)}));
    let reverse = host.outbox.remove(0);
    let reversed = host.apply(&reverse);
    assert_eq!(reversed["out"][0]["data"], json!({"sale": "s1", "free": 1_000, "debt": 1_400, "expired": 0, "lost": 0}));
    assert_eq!(host.state("account/M1")["debts"], json!([["A", 1_400]]));
    host.drain();
    let shop = host.state("shop/A");
    assert_eq!((&shop["reserved"], &shop["books"]["shopper_receivable"]), (&json!(0), &json!(1_400)));
    assert_eq!(shop["books"].get("taken_back"), None);

    // 4: each shop closes the period for itself.
    let closed = host.apply(&event("period.close", ("/A/office", "c1"), "shop/A", &time(20), &json!({"period": 1})));
    assert_eq!(postings(&closed), [posting("network_payable", "guarantee_fund", 5_000)]);
    assert_eq!(closed["out"][0]["data"], json!({"period": 1, "issuer": "A", "paid": 5_000, "operator": 0}));
    host.drain();
    let shop = host.state("shop/A");
    assert_eq!((&shop["fund"]["balance"], shop.get("owed")), (&json!(25_000), None));
    assert_eq!(host.state("shop/B")["books"].get("network_receivable"), None);
    assert_eq!(host.state("period/1")["shops"], json!(["A"]));

    // 5: a later award of Rp3,600 at B pays the debt.
    let sale = json!({"day": "2025-03-04", "total": 60_000, "member": "M1", "play": {"digit": 5}});
    let sold = host.apply(&event("sale", ("/B/1", "s3"), "shop/B", "2025-03-04T10:00:00+07:00", &sale));
    assert_eq!(fact(&sold, "award")["value"], 3_600);
    host.drain();
    let account = host.state("account/M1");
    assert_eq!((&account["lots"]["B~s3"]["used"], account.get("debts")), (&json!(1_400), None));
    assert_eq!(host.state("shop/B")["owed"], json!({"A": 1_400}));
    assert_eq!(host.state("shop/A")["books"]["network_receivable"], 1_400);
}

/// Whatever happens, in whatever order it is heard of, the laws hold after every step; and everything settles.
/// `cargo xtask soak` runs more worlds, for as long as is asked.
#[test]
fn any_world_adds_up_and_settles() {
    for seed in 0..20 {
        soak::live(seed).unwrap_or_else(|broken| panic!("{broken}"));
    }
}

/// The log of each owner alone, owner after owner, gives the same bytes (NW-6).
fn replayed(world: &World) -> Result<(), String> {
    let mut again = Host::new(&world.host.programs);
    let mut owners: Vec<&str> = world.log.iter().map(|(event, _)| event["subject"].as_str().unwrap()).collect();
    owners.sort_unstable();
    owners.dedup();
    for owner in owners {
        for (event, at) in world.log.iter().filter(|(event, _)| event["subject"] == owner) {
            again.apply_at(event, at.as_ref());
        }
    }
    for (key, state) in &world.host.states {
        if again.state(key) != state {
            return Err(format!("replayed, {key} differs:\n{state}\n{}", again.state(key)));
        }
    }
    Ok(())
}

/// What matters of a network once all is undone: what is open, reserved, owed and owing; neither sales nor what was counted.
fn standing(host: &Host) -> Value {
    let number = |value: &Value| value.as_i64().unwrap_or(0);
    let open =
        |claim: &Value| ["used", "taken", "expired", "held"].iter().fold(number(&claim["value"]), |open, gone| open - number(&claim[gone]));
    let mut standing = serde_json::Map::new();
    for (key, shop) in host.of_kind("shop") {
        standing.insert(key.to_string(), json!([shop["reserved"], shop["owed"], shop["books"]]));
    }
    for (key, voucher) in host.of_kind("voucher") {
        standing.insert(key.to_string(), json!(open(voucher)));
    }
    for (key, account) in host.of_kind("account") {
        let lots: i64 = account["lots"].as_object().into_iter().flatten().map(|(_, lot)| open(lot)).sum();
        standing.insert(key.to_string(), json!([lots, account["debts"], number(&account["purchases"]), account["uses"]]));
    }
    for (key, month) in host.of_kind("month") {
        standing.insert(key.to_string(), month["uses"].clone());
    }
    for (key, day) in host.of_kind("day") {
        standing.insert(key.to_string(), json!([day["released"], day["awards"], day["released_by_slot"]]));
    }
    standing.retain(|_, value| ![json!(0), json!([0, null, 0, null]), json!([0, null, null])].contains(value));
    Value::Object(standing)
}

/// A sale that comes back in any steps, and a redemption that is undone in any steps, leave what was before (NW-9).
#[test]
fn what_is_undone_leaves_nothing() {
    let program = json!({
        "mechanism": "time_auction", "margin_class": "from_15", "tier": "gold", "window": {"open": "00:00", "close": "00:00"},
        "funding": {"shares_bp": [4_500, 3_500, 2_000]}, "give_back": true
    });
    for seed in 0..60 {
        let mut dice = world::Dice::of(seed);
        let mut host = Host::new(std::slice::from_ref(&program));
        let form = ["lot", "voucher"][dice.below(2)];
        let time = "2025-03-03T10:00:00+07:00";
        let topup = event("topup", ("/A/office", "t1"), "shop/A", time, &json!({"amount": 30_000}));
        host.apply(&topup);
        let before = standing(&host);
        let total = 20_000 + i64::try_from(dice.below(80_000)).unwrap();
        let sale = json!({"day": "2025-03-03", "total": total, "member": "M1", "form": form});
        host.apply(&event("sale", ("/A/1", "s1"), "shop/A", time, &sale));
        host.drain();
        let sold = standing(&host);
        assert_ne!(sold, before);

        // A redemption at B, undone at the acceptor in steps.
        let mut redeem = json!({"shop": "B", "sale": "s2", "amount": 500, "purchase": 9_000, "left_to_pay": 9_000, "month": "2025-03"});
        let (kind, subject, owner) = if form == "lot" {
            ("redeem.points", "account/M1", "account/M1")
        } else {
            redeem["voucher"] = json!("A~s1");
            ("redeem.voucher", "shop/A", "voucher/A~s1")
        };
        let redeemed = host.apply(&event(kind, ("/B/1", "r1"), subject, time, &redeem));
        assert_eq!(fact(&redeemed, "redeemed")["amount"], 500);
        host.drain();
        assert_ne!(standing(&host), sold);
        let mut left = 500;
        for step in 0.. {
            let amount = if step == 6 { left } else { left.min(1 + i64::try_from(dice.below(200)).unwrap()) };
            let undo = json!({"redemption": {"of": "r1", "owner": owner}, "sale": "s2", "of_month": "2025-03", "amount": amount});
            host.apply(&event("undo.ask", ("/B/1", &format!("u{step}")), "shop/B", time, &undo));
            host.drain();
            left -= amount;
            if left == 0 {
                break;
            }
        }
        let mut undone = standing(&host);
        undone.as_object_mut().unwrap().remove("shop/B");
        assert_eq!(undone, sold, "seed {seed}: the redemption leaves something");
        assert_eq!(host.state("shop/B")["books"], Value::Null);

        // The sale comes back in steps, the rest of it as a void.
        for step in 0..dice.below(4) {
            let back = json!({"of": "s1", "of_day": "2025-03-03", "amount": 1 + dice.below(10_000)});
            host.apply(&event("return", ("/A/1", &format!("v{step}")), "shop/A", time, &back));
        }
        host.apply(&event("void", ("/A/1", "v9"), "shop/A", time, &json!({"of": "s1", "of_day": "2025-03-03"})));
        host.drain();
        let mut after = standing(&host);
        after.as_object_mut().unwrap().remove("shop/B");
        assert_eq!(after, before, "seed {seed}: the sale leaves something");
    }
}

/// What ended before a horizon is forgotten, and what comes back of it all the same adds up (LG-12).
#[test]
fn a_horizon_bounds_an_account() {
    let mut host = Host::new(&[json!({"mechanism": "flat", "rate_bp": 1_000, "validity": {"days": 2}})]);
    let sale = |id: &str, day: &str| {
        let data = json!({"day": day, "total": 10_000, "member": "M1"});
        event("sale", ("/A/1", id), "shop/A", &format!("{day}T10:00:00+07:00"), &data)
    };
    host.apply(&sale("s1", "2025-03-03"));
    host.apply(&sale("s2", "2025-03-20"));
    host.drain();
    let redeem = json!({"shop": "B", "sale": "b1", "amount": 400, "purchase": 9_000, "left_to_pay": 9_000, "month": "2025-03"});
    host.apply(&event("redeem.points", ("/B/1", "r1"), "account/M1", "2025-03-04T10:00:00+07:00", &redeem));
    host.drain();
    let tick = |id: &str| {
        event("account.tick", ("/M1/app", id), "account/M1", "2025-03-20T11:00:00+07:00", &json!({"now": "2025-03-20T11:00:00+07:00"}))
    };
    host.apply(&tick("e1"));
    host.drain();
    assert_eq!(host.state("account/M1")["lots"]["A~s1"]["expired"], 600);
    host.settings = json!({"horizon": "2025-03-15T00:00:00+07:00"});
    host.apply(&tick("e2"));
    let lots: Vec<&String> = host.state("account/M1")["lots"].as_object().unwrap().keys().collect();
    assert_eq!(lots, ["A~s2"]);
    laws::broken_at_rest(&host).unwrap();

    // The sale of the forgotten lot comes back: nobody owes it any more.
    let back = json!({"of": "s1", "of_day": "2025-03-03", "amount": 10_000});
    host.apply(&event("return", ("/A/1", "v1"), "shop/A", "2025-03-20T12:00:00+07:00", &back));
    host.drain();
    assert_eq!(host.state("shop/A")["books"]["voucher_loss"], 1_000);
    laws::broken_at_rest(&host).unwrap();
    // Its redemption is undone: it is back, and expires again.
    let undo = json!({"redemption": {"of": "r1", "owner": "account/M1"}, "sale": "b1", "of_month": "2025-03"});
    host.apply(&event("undo.ask", ("/B/1", "u1"), "shop/B", "2025-03-20T12:00:00+07:00", &undo));
    host.drain();
    laws::broken_at_rest(&host).unwrap();
    host.apply(&tick("e3"));
    host.drain();
    laws::broken_at_rest(&host).unwrap();
    assert_eq!(host.state("shop/A")["reserved"], 1_000);
    let late = event("topup", ("/A/office", "t1"), "shop/A", "2025-03-14T10:00:00+07:00", &json!({"amount": 5}));
    let states = json!({"shop/A": null, "seen/%2FA%2Foffice|t1": null});
    let refused = common::ask("network.apply", &json!({"event": late, "states": states, "settings": host.settings}));
    assert_eq!(common::kind(&refused), Some("out_of_order"));
}

/// An undone redemption can be used until the days of grace are over, even past its own expiry (VC-5).
#[test]
fn what_is_undone_has_days_of_grace() {
    let mut host = Host::new(&[json!({"mechanism": "flat", "rate_bp": 1_000, "validity": {"days": 2}, "grace_days": 3})]);
    let at = |day: u8| format!("2025-03-{day:02}T10:00:00+07:00");
    host.apply(&event("sale", ("/A/1", "s1"), "shop/A", &at(3), &json!({"day": "2025-03-03", "total": 10_000})));
    host.drain();
    let redeem = |id: &str, day: u8| {
        let data = json!({"voucher": "A~s1", "shop": "B", "sale": id, "purchase": 9_000, "left_to_pay": 9_000, "month": "2025-03"});
        event("redeem.voucher", ("/B/1", id), "shop/A", &at(day), &data)
    };
    assert_eq!(fact(&host.apply(&redeem("r1", 4)), "redeemed")["amount"], 1_000);
    host.drain();
    let undo = json!({"redemption": {"of": "r1", "owner": "voucher/A~s1"}, "sale": "r1", "of_month": "2025-03"});
    host.apply(&event("undo.ask", ("/B/1", "u1"), "shop/B", &at(10), &undo));
    host.drain();
    assert_eq!(host.state("voucher/A~s1")["expires"], "2025-03-13T00:00:00+07:00");
    assert_eq!(host.state("due/A/2025-03-13")["vouchers"], json!(["A~s1"]));
    // The day of its own expiry closes: nothing expires yet.
    host.apply(&event("day.close", ("/A/1", "d1"), "shop/A", &at(10), &json!({"day": "2025-03-05"})));
    host.drain();
    assert_eq!(fact(&host.apply(&redeem("r2", 12)), "redeemed")["amount"], 1_000);
    host.drain();
    laws::broken_at_rest(&host).unwrap();
}
