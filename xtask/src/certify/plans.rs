//! The plans. Every expected value stands here, computed by hand from docs/rules.md and docs/network.md; only `awards` asks the
//! library itself. `@` stands before each name of a shop, an account or a sale's shop, see `Plan::start`.
//!
//! The program of a shop is `plus`, unless its plan says otherwise: the stopwatch Plus, quota Rp50,000, paid by BN-2, 30 days.
//! The digit 5 gives 6 %: of Rp100,000 that is Rp6,000, of which the producer pays 2,700, the retailer 2,100, the operator 1,200.

use std::time::Duration;

use loyalty_api as api;
use serde_json::{Value, json};

use super::PROGRAMS;
use super::plan::{ANY, Plan, Step, applied, at, event, message, points, redeemed, refused, sale, voucher, with};

/// A plan, what it is about, and whether it takes a store that outlives the process.
pub struct Entry {
    pub name: &'static str,
    pub about: &'static str,
    pub lasts: bool,
    pub run: fn(&mut Plan<'_>) -> Step,
}

#[rustfmt::skip]
pub const PLANS: &[Entry] = &[
    Entry { name: "retry", about: "an answer is lost, the till asks and sends again", lasts: false, run: retry },
    Entry { name: "malformed", about: "what is no event is refused, and nothing is lost", lasts: false, run: malformed },
    Entry { name: "undo", about: "payments are undone, in parts, and before they are known", lasts: false, run: undo },
    Entry { name: "offline", about: "a day without connection: printed awards, accepted claims", lasts: false, run: offline },
    Entry { name: "returns", about: "goods come back, in parts, before their sale, after the points were spent", lasts: false, run: returns },
    Entry { name: "month-end", about: "shops clear what they owe each other; claims expire", lasts: false, run: month_end },
    Entry { name: "at-once", about: "two tills ask for one claim at the same moment", lasts: false, run: at_once },
    Entry { name: "disorder", about: "messages of another server come twice and in any order", lasts: false, run: disorder },
    Entry { name: "clock", about: "a till's clock jumps back", lasts: false, run: clock },
    Entry { name: "waiting", about: "a payment is asked before the voucher is known", lasts: false, run: waiting },
    Entry { name: "restart", about: "the power is cut between two lines, and within one", lasts: true, run: restart },
    Entry { name: "limits", about: "what a program says about payments with its vouchers", lasts: false, run: limits },
    Entry { name: "awards", about: "what sales earn", lasts: false, run: awards },
    Entry { name: "fund", about: "a fund is filled, runs low, suspends its shop", lasts: false, run: fund },
    Entry { name: "members", about: "points are given away, kept for a payment, and members are merged", lasts: false, run: members },
];

const MORNING: &str = "03-03 10:00";

/// A sale of Rp100,000 with the digit 5.
fn hundred(shop: &str, id: &str) -> Value {
    sale(shop, id, MORNING, json!({"total": 100_000, "play": {"digit": 5}}))
}

/// The same to a member.
fn hundred_of(shop: &str, id: &str, member: &str) -> Value {
    with(hundred(shop, id), "member", member)
}

/// A shop with Rp30,000 in its fund.
fn shops(plan: &mut Plan<'_>, names: &[&str]) -> Step {
    names.iter().try_for_each(|name| plan.event(&event("topup", &format!("shop/{name}"), "t", MORNING, &json!({"amount": 30_000}))).done())
}

/// A member who has earned Rp6,000 at the shop @A.
fn member(plan: &mut Plan<'_>, name: &str) -> Step {
    plan.event(&hundred_of("@A", &format!("of-{}", &name[1..]), name)).done()?;
    plan.rest()
}

/// The points of a member in rupiah: one point is worth Rp1,000, so a rupiah is a thousandth of it.
fn has(plan: &mut Plan<'_>, rules: &'static [&'static str], member: &str, rupiah: u64, says: &str) -> Step {
    let expected = json!({"shopper": {"prior_points_milli": rupiah}});
    plan.view(&format!("account/{member}"), MORNING).is(rules, says, &expected)
}

/// The fund of a shop, less what the shop owes; and its claims that are still open.
fn stands(plan: &mut Plan<'_>, rules: &'static [&'static str], shop: &str, [balance, outstanding]: [u64; 2], says: &str) -> Step {
    let expected = json!({"merchant": {"fund_balance": balance, "outstanding": outstanding}});
    plan.view(&format!("shop/{shop}"), MORNING).is(rules, says, &expected)
}

fn runs(plan: &mut Plan<'_>, shop: &str, program: &str) -> Step {
    plan.event(&event("program", &format!("shop/{shop}"), "program", MORNING, &json!({"program": program}))).done()
}

fn returned(sale: &str, id: &str, data: &Value) -> Value {
    let mut event = event("return", "shop/@A", id, MORNING, data);
    event["data"]["of"] = sale.into();
    with(event, "of_day", "2025-03-03")
}

fn undo_ask(id: &str, redemption: &str, owner: &str, sale: &str) -> Value {
    let data = json!({"redemption": {"of": redemption, "owner": owner}, "sale": sale, "of_month": "2025-03"});
    event("undo.ask", "shop/@B", id, MORNING, &data)
}

fn retry(plan: &mut Plan<'_>) -> Step {
    shops(plan, &["@A"])?;
    let sold = hundred_of("@A", "s1", "@M1");
    // 6 % of Rp100,000, split by 45, 35 and 20 %.
    let award =
        json!([{"v": 1, "fact": "award", "sale": "s1", "reason": "full", "rate_bp": 600, "value": 6_000, "parts": [2_700, 2_100, 1_200]}]);
    plan.event(&sold).is(&["NW-2", "NW-3", "NW-11", "QT-1", "SW-3", "SP-1"], "a sale earns its award", &applied(&award))?;
    plan.status(&sold).is(&["NW-4"], "the till asks what became of the sale", &json!({"status": "applied", "facts": award}))?;
    let again = json!({"outcome": "duplicate", "facts": award});
    plan.event(&sold).is(&["NW-4"], "the same sale again counts once and answers the same", &again)?;
    let mut packed = sold.clone();
    packed["datacontenttype"] = "application/json".into();
    packed["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into();
    plan.event(&packed).is(&["NW-4"], "attributes of the transport do not count", &again)?;
    let other = with(sold.clone(), "total", 100_001);
    plan.event(&other).is(&["NW-4"], "another sale of the same id is a conflict", &json!({"outcome": "conflict", "facts": []}))?;
    plan.status(&other).is(&["NW-4"], "and its status says so", &json!({"status": "conflict"}))?;
    plan.status(&hundred("@A", "s9")).is(&["NW-4"], "what never came is unknown", &json!({"status": "unknown"}))?;
    plan.rest()?;
    let once = json!({"shopper": {"prior_points_milli": 6_000, "purchases": 1}});
    plan.view("account/@M1", MORNING).is(&["NW-4", "AW-7", "VC-1"], "the member has the points once", &once)?;
    stands(plan, &["NW-4", "NW-5", "GF-8"], "@A", [30_000, 6_000], "the shop has reserved them once")?;
    let day = json!({"counters": {"day": "2025-03-03", "released_today": 6_000}});
    plan.view("day/@A/2025-03-03", MORNING).is(&["NW-4", "AW-7"], "the day has released them once", &day)?;
    // 9,000 of 6,000: 3,000 are missing.
    let asked = points("@M1", "r1", MORNING, ("@B", "w1"), 9_000, 20_000);
    let short = json!([{"fact": "refused", "reason": "insufficient", "missing_milli": 3_000}]);
    plan.event(&asked).is(&["NW-2", "LG-5"], "a payment above the points is refused", &applied(&short))?;
    plan.event(&hundred_of("@A", "s2", "@M1")).done()?;
    plan.rest()?;
    let still = json!({"outcome": "duplicate", "facts": short});
    plan.event(&asked).is(&["NW-4"], "a refused request has used its id: with points enough it is refused again", &still)?;
    has(plan, &["NW-4"], "@M1", 12_000, "and takes nothing")?;
    let paid = points("@M1", "r2", MORNING, ("@B", "w1"), 9_000, 20_000);
    // The lot of the first sale, then 3,000 of the second.
    let parts = json!([{"fact": "redeemed", "claim": "@A~s1", "amount": 6_000}, {"fact": "redeemed", "claim": "@A~s2", "amount": 3_000}]);
    plan.event(&paid).is(&["NW-2", "LG-4"], "a new request is judged anew, the oldest points go first", &applied(&parts))?;
    plan.event(&paid).is(&["NW-4"], "and paid once", &json!({"outcome": "duplicate", "facts": parts}))?;
    plan.rest()?;
    has(plan, &["NW-4"], "@M1", 3_000, "the member paid once")?;
    stands(plan, &["NW-4", "NW-5", "GF-8"], "@A", [21_000, 3_000], "the shop owes it once")
}

fn malformed(plan: &mut Plan<'_>) -> Step {
    const RULES: &[&str] = &["NW-4"];
    shops(plan, &["@A"])?;
    let any = json!({"error": ANY});
    plan.raw("{\"event\": {").is(RULES, "half a line is refused", &any)?;
    plan.raw("{\"nothing\": true}").is(RULES, "an unknown line is refused", &any)?;
    let good = hundred("@A", "s1");
    let claim = |of: &str, amount: u64| json!({"of": of, "owner": "account/@M1", "amount": amount});
    let line = |discount: u64| json!([{"sku": "rice", "quantity_milli": 1_000, "price": 5_000, "discount": discount}]);
    let sale = |data: Value| sale("@A", "s1", MORNING, data);
    let envelope = |field: &str, value: &str| {
        let mut event = good.clone();
        event[field] = value.into();
        event
    };
    // Kinds where docs/network.md states one.
    let wrong = [
        ("neither total nor lines", "missing_field", sale(json!({}))),
        ("total and lines", "bad_config", with(good.clone(), "lines", line(0))),
        ("claims above the total", "out_of_range", with(good.clone(), "claims", json!([claim("r1", 100_001)]))),
        ("two claims of one id", ANY, with(good.clone(), "claims", json!([claim("r1", 1), claim("r1", 1)]))),
        ("a discount above its line", ANY, sale(json!({"lines": line(5_001)}))),
        ("points without a member", ANY, with(good.clone(), "form", "lot")),
        ("an unknown field", ANY, with(good.clone(), "totl", 1)),
        ("a negative total", ANY, with(good.clone(), "total", -1)),
        ("half a rupiah", ANY, with(good.clone(), "total", 0.5)),
        ("a day that is none", ANY, with(good.clone(), "day", "2025-02-30")),
        ("a time without offset", ANY, envelope("time", "2025-03-03T10:00:00")),
        ("an unknown type", ANY, envelope("type", "loyalty.sail")),
        ("another version of the envelope", ANY, envelope("specversion", "2.0")),
        ("a sale of an account", ANY, envelope("subject", "account/@M1")),
        ("a payment of nothing", ANY, points("@M1", "s1", MORNING, ("@A", "w1"), 0, 20_000)),
    ];
    for (what, kind, event) in wrong {
        plan.event(&event).is(RULES, &format!("{what}: refused as malformed"), &json!({"error": kind}))?;
    }
    stands(plan, RULES, "@A", [30_000, 0], "nothing of it counts")?;
    plan.status(&good).is(RULES, "the id is still free", &json!({"status": "unknown"}))?;
    plan.event(&good).is(RULES, "and the corrected sale counts", &applied(&json!([{"fact": "award", "value": 6_000}])))?;
    stands(plan, RULES, "@A", [30_000, 6_000], "once")
}

fn undo(plan: &mut Plan<'_>) -> Step {
    shops(plan, &["@A", "@B"])?;
    member(plan, "@M1")?;
    // The request got lost, the cashier took cash and undid it.
    plan.event(&undo_ask("u1", "r1", "account/@M1", "w1")).is(
        &["NW-9"],
        "an undo of what is not known yet is accepted",
        &applied(&json!([])),
    )?;
    plan.rest()?;
    plan.restart()?;
    let late = points("@M1", "r1", MORNING, ("@B", "w1"), 5_000, 20_000);
    plan.event(&late).is(&["NW-9"], "and remembered: the late request is refused", &refused("undone_before"))?;
    let mut other_till = late.clone();
    other_till["source"] = "/@B/2".into();
    plan.event(&other_till).is(&["NW-9"], "whichever till sends it", &refused("undone_before"))?;
    let months_later = points("@M1", "r1", "06-03 10:00", ("@B", "w1"), 5_000, 20_000);
    plan.event(&months_later).is(&["NW-4"], "another request of its id is a conflict", &json!({"outcome": "conflict", "facts": []}))?;
    has(plan, &["NW-9"], "@M1", 6_000, "no point is gone")?;
    plan.event(&hundred("@A", "v1")).done()?;
    plan.event(&undo_ask("u2", "r2", "voucher/@A~v1", "w2")).done()?;
    plan.rest()?;
    let late = voucher("@A~v1", "r2", MORNING, ("@B", "w2"), 20_000);
    plan.event(&late).is(&["NW-9"], "the same holds for a voucher", &refused("undone_before"))?;
    let paid = voucher("@A~v1", "r3", MORNING, ("@B", "w3"), 20_000);
    plan.event(&paid).is(&["NW-9", "VC-2"], "which still pays its whole value", &redeemed("@A~v1", 6_000))?;
    // What is known comes back in parts: 6,000 − 5,000 + 2,000, then the rest.
    plan.event(&points("@M1", "r4", MORNING, ("@B", "w4"), 5_000, 20_000)).done()?;
    plan.event(&with(undo_ask("u3", "r4", "account/@M1", "w4"), "amount", 2_000)).done()?;
    plan.rest()?;
    has(plan, &["NW-9", "LG-8"], "@M1", 3_000, "a part of a payment comes back")?;
    let rest = undo_ask("u4", "r4", "account/@M1", "w4");
    plan.event(&rest).done()?;
    plan.event(&rest).is(&["NW-4"], "an undo counts once", &json!({"outcome": "duplicate"}))?;
    plan.rest()?;
    has(plan, &["NW-9"], "@M1", 6_000, "then the rest of it: it ends where it began")?;
    // 5,000 granted, 3,000 used.
    plan.event(&points("@M1", "r5", MORNING, ("@B", "w5"), 5_000, 20_000)).done()?;
    let claims = json!([{"of": "r5", "owner": "account/@M1", "amount": 3_000}]);
    plan.event(&sale("@B", "w5", MORNING, json!({"total": 20_000, "claims": claims}))).done()?;
    plan.rest()?;
    has(plan, &["NW-9"], "@M1", 3_000, "what a sale does not use comes back")?;
    let late = undo_ask("u5", "r5", "account/@M1", "w5");
    plan.event(&late).is(&["NW-9"], "a payment whose sale stands is not undone", &refused("sale_stands"))?;
    plan.rest()?;
    // The voucher's 6,000 and 3,000 of points; 3,000 of points are open.
    stands(plan, &["NW-5", "NW-9", "GF-8"], "@A", [21_000, 3_000], "the issuer owes what was kept, and no more")
}

fn offline(plan: &mut Plan<'_>) -> Step {
    shops(plan, &["@A", "@B", "@C"])?;
    let accept = |shop: &str, id: &str, sale: &str, claim: (&str, &str), amount: u64| {
        let mut data = json!({"sale": sale, "amount": amount});
        data[claim.0] = claim.1.into();
        event("accept", &format!("shop/{shop}"), id, MORNING, &data)
    };
    // @B takes 2,000 of a voucher that nobody has heard of: @A's till is offline, too.
    plan.event(&accept("@B", "a1", "x1", ("voucher", "@A~v1"), 2_000)).is(
        &["NW-2"],
        "an accepted token has happened",
        &applied(&json!([])),
    )?;
    let claims = json!([{"of": "a1", "owner": "voucher/@A~v1", "amount": 2_000}]);
    let paid = sale("@B", "x1", MORNING, json!({"total": 30_000, "claims": claims}));
    let facts = json!([{"fact": "posting", "shop": "@B", "debit": "voucher_tender", "credit": "sales", "amount": 2_000},
        {"fact": "award", "value": 0, "reason": "no_standby"}]);
    plan.event(&paid).is(&["NW-2", "NW-8", "QT-2"], "its sale counts before the voucher is known", &applied(&facts))?;
    plan.rest()?;
    let mut late = with(hundred("@A", "v1"), "printed", json!({"value": 7_000}));
    late["source"] = "/@A/offline".into();
    let printed = json!([{"fact": "award", "value": 6_000}, {"fact": "printed", "value": 7_000, "amount": 1_000, "payer": "shop"}]);
    plan.event(&late).is(&["NW-2"], "what was printed stands, the shop pays the difference", &applied(&printed))?;
    plan.rest()?;
    let rest = voucher("@A~v1", "r1", "03-04 10:00", ("@B", "w1"), 50_000);
    plan.event(&rest).is(&["NW-2"], "a voucher has what was printed less what was accepted", &redeemed("@A~v1", 5_000))?;
    plan.event(&accept("@C", "a2", "x2", ("voucher", "@A~v1"), 1_500)).is(
        &["NW-2"],
        "a spent token that was accepted has happened",
        &applied(&json!([])),
    )?;
    plan.rest()?;
    // 30,000 − 2,000 − 5,000 − 1,500.
    stands(plan, &["NW-2", "NW-5", "NW-9"], "@A", [21_500, 0], "its issuer owes it all, and bears what was accepted above the value")?;
    member(plan, "@M1")?;
    let claims = json!([{"of": "a3", "owner": "account/@M1", "amount": 8_000}]);
    plan.event(&accept("@B", "a3", "x3", ("account", "@M1"), 8_000)).is(
        &["NW-2"],
        "accepted points have happened",
        &applied(&json!([])),
    )?;
    plan.rest()?;
    let paid = sale("@B", "x3", MORNING, json!({"total": 40_000, "claims": claims}));
    let lost = json!([{"fact": "award", "value": 0}, {"fact": "tender_lost", "redemption": "a3", "amount": 2_000}]);
    plan.event(&paid).is(&["NW-2", "LG-9"], "what the member did not have is the acceptor's loss: 8,000 − 6,000", &applied(&lost))?;
    has(plan, &["NW-2", "LG-9"], "@M1", 0, "the member's points are spent")?;
    stands(plan, &["NW-5", "LG-9"], "@A", [15_500, 0], "the issuer owes 6,000 more, not 8,000")
}

fn returns(plan: &mut Plan<'_>) -> Step {
    shops(plan, &["@A", "@B"])?;
    let lines =
        json!([{"sku": "rice", "quantity_milli": 1_000, "price": 60_000}, {"sku": "oil", "quantity_milli": 1_000, "price": 40_000}]);
    plan.event(&sale("@A", "s1", MORNING, json!({"lines": lines, "member": "@M1", "play": {"digit": 5}}))).done()?;
    plan.rest()?;
    plan.event(&points("@M1", "r1", MORNING, ("@B", "w1"), 5_000, 20_000)).done()?;
    let claims = json!([{"of": "r1", "owner": "account/@M1", "amount": 5_000}]);
    plan.event(&sale("@B", "w1", MORNING, json!({"total": 20_000, "claims": claims}))).done()?;
    plan.rest()?;
    // 6 % of 60,000 = 3,600 are kept. 2,400 go back: 1,000 are unspent, 1,400 are a debt.
    let back =
        |amount: u64, credit: &str| json!({"fact": "posting", "shop": "@A", "debit": "taken_back", "credit": credit, "amount": amount});
    let facts = json!([{"fact": "returned", "sale": "s1", "amount": 40_000, "kept": 3_600, "taken_back": 2_400},
        back(1_080, "partner:producer"), back(840, "voucher_expense"), back(480, "partner:operator")]);
    let oil = returned("s1", "b1", &json!({"back": [{"line": 1, "quantity_milli": 1_000}]}));
    plan.event(&oil).is(&["AW-8", "SP-6", "NW-8"], "a line comes back: the award follows, each payer gets its part", &applied(&facts))?;
    plan.event(&oil).is(&["NW-4"], "once", &json!({"outcome": "duplicate", "facts": facts}))?;
    plan.rest()?;
    has(plan, &["LG-6", "NW-9"], "@M1", 0, "what is unspent of it is taken")?;
    stands(plan, &["NW-5", "GF-8"], "@A", [25_000, 0], "the shop reserves nothing more, and owes the spent part")?;
    // 6 % of 60,000 = 3,600, of which 1,400 pay the debt: @B then owes them to @A.
    plan.event(&sale("@B", "s2", MORNING, json!({"total": 60_000, "member": "@M1", "play": {"digit": 5}}))).done()?;
    plan.rest()?;
    has(plan, &["LG-6", "NW-9"], "@M1", 2_200, "what was spent of it is a debt, which the next award pays")?;
    stands(plan, &["NW-5", "LG-6"], "@B", [28_600, 2_200], "whoever gave that award owes it to the creditor")?;
    let rest = returned("s1", "b2", &json!({"amount": 60_000}));
    let facts = json!([{"fact": "returned", "sale": "s1", "reason": "fully_refunded", "amount": 60_000, "kept": 0, "taken_back": 3_600}]);
    plan.event(&rest).is(&["AW-8"], "the rest comes back, and the award is gone", &applied(&facts))?;
    plan.rest()?;
    let left = json!({"shopper": {"prior_points_milli": 2_200, "purchases": 1}});
    plan.view("account/@M1", MORNING).is(&["LG-6", "AW-8"], "points of other sales stay; the purchase is none any more", &left)?;
    let above = json!([{"fact": "suspense", "sale": "s1", "amount": 1_000}, {"fact": "returned", "amount": 0, "taken_back": 0}]);
    let more = returned("s1", "b3", &json!({"amount": 1_000}));
    plan.event(&more).is(&["NW-2"], "more than was sold comes back: told, not refused", &applied(&above))?;
    // 15,000 were money. 3,000 of 18,000 were points.
    let mut mixed = returned("w1", "b4", &json!({"amount": 18_000}));
    mixed["subject"] = "shop/@B".into();
    plan.event(&mixed).done()?;
    plan.rest()?;
    // The debt of 3,600 takes the 3,000 that came back: @A owes 2,000 of 5,000 to @B.
    has(plan, &["NW-9", "LG-6"], "@M1", 2_200, "money goes back first, then points, which pay the debt")?;
    stands(plan, &["NW-5", "NW-9"], "@A", [28_000, 0], "the issuer owes what is still spent")?;

    plan.event(&hundred("@A", "s3")).done()?;
    let void = event("void", "shop/@A", "b5", MORNING, &json!({"of": "s3", "of_day": "2025-03-03"}));
    let facts = json!([{"fact": "returned", "sale": "s3", "amount": 100_000, "kept": 0, "taken_back": 6_000},
        {"fact": "reversal", "claim": "@A~s3", "free": 6_000, "debt": 0, "expired": 0, "lost": 0}]);
    plan.event(&void).is(&["AW-8", "NW-9"], "a void takes an unspent voucher back", &applied(&facts))?;
    let spent = voucher("@A~s3", "r2", MORNING, ("@B", "w2"), 20_000);
    plan.event(&spent).is(&["NW-9"], "which then pays nothing", &refused("redeemed_before"))?;

    plan.event(&hundred("@A", "s4")).done()?;
    plan.event(&voucher("@A~s4", "r3", MORNING, ("@B", "w3"), 20_000)).done()?;
    let facts = json!([{"fact": "returned", "amount": 100_000, "kept": 0, "taken_back": 6_000},
        {"fact": "reversal", "claim": "@A~s4", "free": 0, "debt": 0, "expired": 0, "lost": 6_000}]);
    let all = returned("s4", "b6", &json!({"amount": 100_000}));
    plan.event(&all).is(&["AW-8", "NW-9"], "a spent voucher is the issuer's stated loss", &applied(&facts))?;

    let early = returned("s5", "b7", &json!({"amount": 60_000}));
    plan.event(&early).is(&["NW-2"], "a return before its sale is accepted", &applied(&json!([])))?;
    // 6 % of 160,000 = 9,600; of 100,000 it is 6,000.
    let facts = json!([{"fact": "award", "value": 9_600}, {"fact": "returned", "amount": 60_000, "kept": 6_000, "taken_back": 3_600}]);
    let sold = sale("@A", "s5", MORNING, json!({"total": 160_000, "member": "@M2", "play": {"digit": 5}}));
    plan.event(&sold).is(&["NW-2", "AW-8"], "and follows when the sale comes", &applied(&facts))?;
    plan.rest()?;
    has(plan, &["AW-8"], "@M2", 6_000, "the member has what is kept")?;
    let swap = event("exchange", "shop/@A", "b8", MORNING, &json!({"of": "s5", "of_day": "2025-03-03", "amount": 40_000, "total": 40_000}));
    let facts = json!([{"fact": "returned", "amount": 0, "kept": 6_000, "taken_back": 0}]);
    plan.event(&swap).is(&["AW-8"], "an even exchange changes nothing", &applied(&facts))?;

    // 10 % of 999, 666, 333 and 0, rounded down.
    runs(plan, "@A", "tenth")?;
    let award = json!([{"fact": "award", "value": 99}]);
    plan.event(&sale("@A", "s6", MORNING, json!({"total": 999}))).is(&["CV-4"], "a value is rounded down", &applied(&award))?;
    for (id, kept) in [("b9", 66), ("b10", 33), ("b11", 0)] {
        let facts = json!([{"fact": "returned", "amount": 333, "kept": kept, "taken_back": 33}, {"fact": "reversal", "free": 33}]);
        let part = returned("s6", id, &json!({"amount": 333}));
        plan.event(&part).is(&["AW-8", "CV-4"], "many part returns end where one does", &applied(&facts))?;
    }
    Ok(())
}

fn month_end(plan: &mut Plan<'_>) -> Step {
    let worth = |voucher: &str, value: u64| json!({"voucher": voucher, "value": value});
    let vouchers = json!([worth("@A~v1", 8_000), worth("@A~v2", 4_000), worth("@A~v3", 1_000)]);
    plan.event(&event("opening", "shop/@A", "o", MORNING, &json!({"fund": 6_000, "vouchers": vouchers}))).done()?;
    let vouchers = json!([worth("@B~v1", 1_000)]);
    plan.event(&event("opening", "shop/@B", "o", MORNING, &json!({"fund": 30_000, "vouchers": vouchers}))).done()?;
    stands(plan, &["NW-2", "GF-8"], "@A", [6_000, 13_000], "what is brought in is reserved")?;
    let at_b = voucher("@A~v1", "r1", MORNING, ("@B", "w1"), 20_000);
    for paid in [
        at_b.clone(),
        voucher("@A~v2", "r2", MORNING, ("@C", "w2"), 20_000),
        voucher("@A~v3", "r3", MORNING, ("@A", "w3"), 20_000),
        voucher("@B~v1", "r4", MORNING, ("@A", "w4"), 20_000),
    ] {
        plan.event(&paid).done()?;
    }
    plan.event(&at_b).is(&["NW-4"], "a payment is owed once", &json!({"outcome": "duplicate"}))?;
    plan.rest()?;
    let close = |shop: &str, period: u64| {
        event("period.close", &format!("shop/{shop}"), &format!("c{period}"), "03-31 23:00", &json!({"period": period}))
    };
    // 6,000 for 8,000 and 4,000: the fund pays 4,000 and 2,000, the operator as much (the example of CL-4).
    let cleared = json!([{"fact": "cleared", "creditor": "@B", "paid": 4_000, "operator": 4_000},
        {"fact": "cleared", "creditor": "@C", "paid": 2_000, "operator": 2_000}]);
    let period = close("@A", 1);
    plan.event(&period).is(
        &["CL-1", "CL-4", "NW-8"],
        "the fund pays by what is owed, the operator the rest, own vouchers nothing",
        &applied(&cleared),
    )?;
    plan.event(&period).is(&["NW-4", "CL-5"], "a period closes once", &json!({"outcome": "duplicate", "facts": cleared}))?;
    plan.rest()?;
    plan.restart()?;
    stands(plan, &["CL-4", "NW-5"], "@A", [0, 0], "the fund is empty, nothing is owed")?;
    plan.event(&close("@A", 2)).is(&["CL-5"], "what is cleared is not cleared again", &applied(&json!([])))?;
    let cleared = json!([{"fact": "cleared", "creditor": "@A", "paid": 1_000, "operator": 0}]);
    plan.event(&close("@B", 1)).is(&["CL-1", "CL-4"], "the other shop pays its own part, gross", &applied(&cleared))?;
    plan.rest()?;
    stands(plan, &["CL-4", "GF-6"], "@B", [29_000, 0], "out of its fund")?;
    // The sale at @B never came: the payment is undone after it was cleared.
    plan.event(&undo_ask("u1", "r1", "voucher/@A~v1", "w1")).done()?;
    plan.rest()?;
    let last = with(close("@A", 3), "last", true);
    let drawn = json!([{"fact": "posting", "shop": "@A", "debit": "guarantee_fund", "credit": "network_payable", "amount": 8_000}]);
    plan.event(&last).is(&["NW-9", "CL-5"], "an undo after the close is drawn back at the last one", &applied(&drawn))?;

    // A voucher ends at local midnight.
    let vouchers = json!([{"voucher": "@D~v1", "value": 5_000, "expires": at("04-02")}]);
    let lots = json!([{"account": "@M1", "lot": "@D~l1", "amount": 7_000, "expires": at("04-02")}]);
    plan.event(&event("opening", "shop/@D", "o", MORNING, &json!({"fund": 30_000, "vouchers": vouchers, "lots": lots}))).done()?;
    plan.rest()?;
    has(plan, &["NW-2", "NW-7"], "@M1", 7_000, "points that are brought in come to their member")?;
    let evening = with(voucher("@D~v1", "r1", "04-01 23:59:59", ("@B", "w5"), 20_000), "amount", 1_000);
    plan.event(&evening).is(&["VC-4", "VC-5"], "a voucher pays until its last second", &redeemed("@D~v1", 1_000))?;
    let midnight = voucher("@D~v1", "r2", "04-02 00:00", ("@B", "w6"), 20_000);
    plan.event(&midnight).is(&["VC-4"], "and not at midnight", &refused("expired"))?;
    let midnight = points("@M1", "r3", "04-02 00:00", ("@B", "w7"), 1_000, 20_000);
    let short = json!([{"fact": "refused", "reason": "insufficient", "missing_milli": 1_000}]);
    plan.event(&midnight).is(&["LG-4", "VC-4"], "points likewise", &applied(&short))?;
    stands(plan, &["GF-8"], "@D", [29_000, 11_000], "they are reserved until the day is closed")?;
    plan.event(&event("day.close", "shop/@D", "d", "04-02 00:10", &json!({"day": "2025-04-02"}))).done()?;
    let tick = event("account.tick", "account/@M1", "k", "04-02 00:10", &json!({"now": at("04-02 00:10")}));
    let facts = json!([{"fact": "expired", "claim": "@D~l1", "amount": 7_000}]);
    plan.event(&tick).is(&["VC-4", "LG-1"], "points expire", &applied(&facts))?;
    plan.rest()?;
    stands(plan, &["GF-8", "NW-5", "VC-4"], "@D", [29_000, 0], "what expired is reserved no more")
}

fn at_once(plan: &mut Plan<'_>) -> Step {
    let names: Vec<String> = (1..=4).map(|n| format!("@A~v{n}")).collect();
    let vouchers: Vec<Value> = names.iter().map(|name| json!({"voucher": name, "value": 6_000})).collect();
    plan.event(&event("opening", "shop/@A", "o", MORNING, &json!({"fund": 60_000, "vouchers": vouchers}))).done()?;
    for name in &names {
        let [one, other] = ["@B", "@C"].map(|shop| voucher(name, &format!("{shop}-{name}"), MORNING, (shop, "w1"), 20_000));
        let expected = [&redeemed(name, 6_000), &refused("redeemed_before")];
        plan.together([&one, &other]).are(&["NW-6", "NW-7", "VC-5"], "of two tills one gets the voucher", expected)?;
    }
    plan.rest()?;
    stands(plan, &["NW-5", "NW-6"], "@A", [36_000, 0], "each voucher was paid once")?;
    for n in 1..=3 {
        member(plan, &format!("@M{n}"))?;
        let name = format!("@M{n}");
        let [one, other] = [("@B", "r1"), ("@C", "r2")].map(|(shop, id)| points(&name, id, MORNING, (shop, "w2"), 5_000, 20_000));
        // 6,000 − 5,000 = 1,000, so 4,000 are missing.
        let short = applied(&json!([{"fact": "refused", "reason": "insufficient", "missing_milli": 4_000}]));
        let paid = applied(&json!([{"fact": "redeemed", "amount": 5_000}]));
        plan.together([&one, &other]).are(&["NW-6", "NW-7", "LG-5"], "points are paid once", [&paid, &short])?;
        has(plan, &["NW-6", "LG-5"], &name, 1_000, "and taken once")?;
    }
    plan.rest()?;
    let sold = hundred("@B", "s1");
    let award = json!([{"fact": "award", "value": 6_000}]);
    let [first, again] = ["applied", "duplicate"].map(|outcome| json!({"outcome": outcome, "facts": award}));
    plan.together([&sold, &sold]).are(&["NW-4", "NW-7"], "one sale from two tills counts once", [&first, &again])?;
    let both = [
        &applied(&json!([{"fact": "award", "counters": {"released_today": 12_000}}])),
        &applied(&json!([{"fact": "award", "counters": {"released_today": 18_000}}])),
    ];
    plan.together([&hundred("@B", "s2"), &hundred("@B", "s3")]).are(&["NW-7", "AW-7"], "two sales at once both count", both)
}

fn disorder(plan: &mut Plan<'_>) -> Step {
    const RULES: &[&str] = &["NW-2", "NW-4", "NW-6"];
    // The shop @Z and the account @M9 live on another server. Their messages come here as events.
    let (fine, again) = (json!({"outcome": "applied"}), json!({"outcome": "duplicate"}));
    let earn = |n: u64, amount: u64| {
        message("earn", "sale/@Z/s1", "account/@M1", n, &json!({"lot": format!("@Z~l{n}"), "issuer": "@Z", "amount": amount}))
    };
    for n in [3, 1, 2] {
        plan.event(&earn(n, n * 1_000)).is(RULES, "messages of one sender are accepted in any order", &fine)?;
    }
    plan.restart()?;
    for n in [2, 3, 1] {
        plan.event(&earn(n, n * 1_000)).is(RULES, "a message counts once", &again)?;
    }
    has(plan, RULES, "@M1", 6_000, "each has counted once")?;
    // The reversal of a lot comes before the lot.
    let back = json!({"lot": "@Z~s2", "amount": 2_000, "creditor": "@Z", "sale": "s2", "sold_at": at(MORNING)});
    let back = message("claim.reverse", "sale/@Z/s2", "account/@M1", 2, &back);
    plan.event(&back).is(RULES, "a message that names what has not come is accepted", &fine)?;
    let lot = message("earn", "sale/@Z/s2", "account/@M1", 1, &json!({"lot": "@Z~s2", "issuer": "@Z", "amount": 5_000, "purchase": true}));
    let reversal = json!([{"fact": "reversal", "claim": "@Z~s2", "free": 2_000, "debt": 0, "expired": 0, "lost": 0}]);
    plan.event(&lot).is(&["NW-2", "NW-6", "NW-9"], "and settled when that comes", &applied(&reversal))?;
    plan.event(&back).is(RULES, "once", &again)?;
    has(plan, RULES, "@M1", 9_000, "6,000 + 5,000 − 2,000")?;

    let lots = json!([{"account": "@M2", "lot": "@A~l1", "amount": 6_000}]);
    plan.event(&event("opening", "shop/@A", "o", MORNING, &json!({"fund": 30_000, "lots": lots}))).done()?;
    plan.rest()?;
    let used = |n: u64| message("claim.used", "account/@M9", "shop/@A", n, &json!({"acceptor": "@B", "amount": n * 1_000}));
    for (n, expected) in [(2, &fine), (2, &again), (1, &fine), (1, &again), (2, &again)] {
        plan.event(&used(n)).is(RULES, "a shop counts a message once, too", expected)?;
    }
    stands(plan, RULES, "@A", [27_000, 3_000], "it owes 1,000 and 2,000")
}

fn clock(plan: &mut Plan<'_>) -> Step {
    const RULES: &[&str] = &["NW-2", "NW-6"];
    shops(plan, &["@A", "@B"])?;
    let sold = |id: &str, time: &str| sale("@A", id, time, json!({"total": 100_000, "play": {"digit": 5}}));
    let award = |day: &str, released: u64| {
        applied(&json!([{"fact": "award", "reason": "full", "value": 6_000, "counters": {"day": day, "released_today": released}}]))
    };
    plan.event(&sold("s1", "03-03 12:00")).is(RULES, "a sale at noon", &award("2025-03-03", 6_000))?;
    plan.event(&sold("s2", "03-03 11:00")).is(RULES, "the clock jumps back an hour: the sale counts", &award("2025-03-03", 12_000))?;
    plan.event(&sold("s3", "03-02 11:00")).is(RULES, "the clock jumps back a day: the sale counts there", &award("2025-03-02", 6_000))?;
    plan.event(&sold("s4", "03-03 12:01")).is(RULES, "the clock is right again", &award("2025-03-03", 18_000))?;
    let moved = sold("s1", "03-03 11:00");
    plan.event(&moved).is(
        &["NW-4"],
        "a sale that is sent again with another time is another one",
        &json!({"outcome": "conflict", "facts": []}),
    )?;
    let early = voucher("@A~s1", "r1", "03-03 09:00", ("@B", "w1"), 20_000);
    plan.event(&early).is(&["NW-6"], "events count in the order in which they come", &redeemed("@A~s1", 6_000))?;
    plan.rest()?;
    stands(plan, &["NW-2", "NW-5"], "@A", [24_000, 18_000], "nothing was lost, nothing counted twice")?;
    // An auction knows the day of a sale by its time.
    runs(plan, "@T", "slots")?;
    let wrong_day = with(sale("@T", "s1", "03-03 15:20", json!({"total": 100_000})), "day", "2025-03-04");
    plan.event(&wrong_day).is(&["NW-2"], "a sale that states another day stands, its award is refused", &refused("other_day"))
}

fn waiting(plan: &mut Plan<'_>) -> Step {
    shops(plan, &["@A", "@B"])?;
    let until = |event: Value| with(event, "valid_until", at("03-03 20:00"));
    let early = until(voucher("@A~s1", "r1", MORNING, ("@B", "w1"), 20_000));
    let waits = json!([{"fact": "waiting", "on": "voucher/@A~s1", "since": at(MORNING)}]);
    plan.event(&early).is(&["NW-2"], "a payment with a deadline waits for its voucher", &json!({"outcome": "waiting", "facts": waits}))?;
    plan.status(&early).is(&["NW-2", "NW-4"], "its status says so", &json!({"status": "waiting"}))?;
    plan.event(&early).is(&["NW-4"], "asked again, it still waits", &json!({"outcome": "waiting", "facts": waits}))?;
    let never = voucher("@A~s9", "r2", MORNING, ("@B", "w2"), 20_000);
    plan.event(&never).is(&["NW-2"], "without a deadline it is refused", &refused("unknown_voucher"))?;
    plan.restart()?;
    plan.event(&hundred("@A", "s1")).is(&["NW-2"], "the sale comes", &applied(&json!([{"fact": "award", "value": 6_000}])))?;
    plan.rest()?;
    let paid = json!([{"fact": "redeemed", "claim": "@A~s1", "amount": 6_000}]);
    plan.status(&early).is(&["NW-1", "NW-2"], "and the payment is made", &json!({"status": "applied", "facts": paid}))?;
    plan.event(&early).is(&["NW-4"], "asked again, it answers what was decided", &json!({"outcome": "duplicate", "facts": paid}))?;
    let late = voucher("@A~s1", "r3", MORNING, ("@B", "w3"), 20_000);
    plan.event(&late).is(&["NW-2", "VC-5"], "the voucher is spent", &refused("redeemed_before"))?;

    let early = until(voucher("@A~s2", "r4", MORNING, ("@B", "w4"), 20_000));
    plan.event(&early).done()?;
    let end = |id: &str, time: &str| {
        let data = json!({"redemption": "r4", "owner": "voucher/@A~s2", "shop": "@B", "month": "2025-03"});
        event("request.end", "shop/@A", id, time, &data)
    };
    plan.event(&end("e1", "03-03 20:00")).is(&["NW-6"], "it waits until its deadline", &refused("not_due"))?;
    plan.event(&end("e2", "03-03 20:01")).is(&["NW-6"], "and ends there", &refused("deadline"))?;
    plan.event(&hundred("@A", "s2")).done()?;
    plan.rest()?;
    plan.event(&early).is(&["NW-6"], "the voucher came too late for it", &refused("deadline"))?;
    let new = voucher("@A~s2", "r5", MORNING, ("@B", "w5"), 20_000);
    plan.event(&new).is(&["NW-6"], "and pays for somebody else", &redeemed("@A~s2", 6_000))
}

fn restart(plan: &mut Plan<'_>) -> Step {
    const RULES: &[&str] = &["NW-1", "NW-4"];
    let award = json!([{"fact": "award", "value": 6_000}]);
    let again = json!({"outcome": "duplicate", "facts": award});
    shops(plan, &["@A", "@B"])?;
    plan.restart()?;
    stands(plan, &["NW-1"], "@A", [30_000, 0], "what was acknowledged is there after a power cut")?;
    let sold = hundred_of("@A", "s1", "@M1");
    plan.event(&sold).done()?;
    plan.restart()?;
    plan.status(&sold).is(RULES, "a sale is, too", &json!({"status": "applied", "facts": award}))?;
    plan.event(&sold).is(RULES, "sent again, it counts once", &again)?;
    plan.rest()?;
    has(plan, RULES, "@M1", 6_000, "its message outlived the power cut")?;
    plan.restart()?;
    plan.rest()?;
    has(plan, RULES, "@M1", 6_000, "and is not delivered anew")?;
    let paid = points("@M1", "r1", MORNING, ("@B", "w1"), 5_000, 20_000);
    plan.event(&paid).done()?;
    plan.restart()?;
    plan.event(&paid).is(
        RULES,
        "a payment is made once",
        &json!({"outcome": "duplicate", "facts": [{"fact": "redeemed", "amount": 5_000}]}),
    )?;
    plan.rest()?;
    stands(plan, &["NW-1", "NW-5"], "@A", [25_000, 1_000], "and owed once")?;
    plan.event(&with(sold.clone(), "total", 1)).is(RULES, "a conflict is known after a power cut", &json!({"outcome": "conflict"}))?;
    // The power is cut while a sale is under way. Whether it was stored or not, sent again it counts once.
    for (n, wait) in [0, 1, 2, 4, 8, 16].into_iter().enumerate() {
        let cut = hundred("@A", &format!("cut-{n}"));
        plan.cut_after(&cut, Duration::from_millis(wait))?;
        plan.event(&cut).is(RULES, "an answer that was cut off: sent again, the sale counts", &json!({"facts": award}))?;
        plan.event(&cut).is(RULES, "once", &again)?;
    }
    plan.rest()?;
    // 1,000 + 6 × 6,000.
    stands(plan, &["NW-1", "NW-4", "NW-5"], "@A", [25_000, 37_000], "nothing was lost, nothing counted twice")
}

fn limits(plan: &mut Plan<'_>) -> Step {
    let vouchers: Vec<Value> = (1..=3).map(|n| json!({"voucher": format!("@A~v{n}"), "value": 12_000})).collect();
    plan.event(&event("opening", "shop/@A", "o", MORNING, &json!({"fund": 60_000, "vouchers": vouchers}))).done()?;
    runs(plan, "@A", "strict")?;
    let pays = |name: &str, id: &str, purchase: u64| voucher(name, id, MORNING, ("@B", "w1"), purchase);
    let v1 = |id: &str, purchase: u64| pays("@A~v1", id, purchase);
    plan.event(&v1("r1", 19_999)).is(&["VC-7"], "a purchase below the least one", &refused("below_min_purchase"))?;
    plan.event(&with(v1("r2", 20_000), "amount", 12_000)).is(&["VC-7"], "more than half of the purchase", &refused("above_share"))?;
    plan.event(&with(v1("r3", 40_000), "amount", 12_001)).is(&["VC-5"], "more than the voucher has", &refused("above_voucher"))?;
    // Half of 20,000 is paid; of a single-use voucher the other 2,000 are lost.
    let facts = json!([{"fact": "expired", "claim": "@A~v1", "amount": 2_000}, {"fact": "redeemed", "claim": "@A~v1", "amount": 10_000}]);
    plan.event(&v1("r4", 20_000)).is(&["VC-5", "VC-7"], "a single-use voucher pays once, what is left is lost", &applied(&facts))?;
    plan.event(&v1("r5", 20_000)).is(&["VC-5"], "and never again", &refused("redeemed_before"))?;
    plan.event(&pays("@A~v2", "r6", 30_000)).is(&["VC-6"], "the second of two a month", &redeemed("@A~v2", 12_000))?;
    plan.event(&pays("@A~v3", "r7", 30_000)).is(&["VC-6"], "the third of two a month", &refused("month_limit"))?;
    let next = voucher("@A~v3", "r8", "04-01 10:00", ("@B", "w1"), 30_000);
    plan.event(&next).is(&["VC-6"], "the first of the next month", &redeemed("@A~v3", 12_000))?;
    plan.rest()?;
    stands(plan, &["NW-5", "GF-8"], "@A", [26_000, 0], "60,000 − 10,000 − 12,000 − 12,000")?;
    let vouchers = json!([{"voucher": "@C~v1", "value": 15_000}]);
    plan.event(&event("opening", "shop/@C", "o", MORNING, &json!({"fund": 30_000, "vouchers": vouchers}))).done()?;
    // The example of VC-5.
    plan.event(&pays("@C~v1", "r9", 12_000)).is(&["VC-5"], "15,000 on a purchase of 12,000", &redeemed("@C~v1", 12_000))?;
    plan.event(&pays("@C~v1", "r10", 12_000)).is(&["VC-5"], "leave 3,000", &redeemed("@C~v1", 3_000))
}

/// What the library decides of a sale that is the first of its shop: the award, without the counters of the day.
fn decided(sold: &Value) -> Result<Value, String> {
    let call = |operation: &str, request: Value| -> Result<Value, String> {
        serde_json::from_slice(&api::call(operation, request.to_string().as_bytes())).map_err(|error| error.to_string())
    };
    // Names keep their `@`, which is a letter like others to the library.
    let keys = call("network.keys", json!({"event": sold}))?;
    let states: serde_json::Map<String, Value> =
        keys["write"].as_array().into_iter().flatten().filter_map(Value::as_str).map(|key| (key.into(), Value::Null)).collect();
    let programs: Value = serde_json::from_str(PROGRAMS).map_err(|error| error.to_string())?;
    let answer = call("network.apply", json!({"event": sold, "states": states, "programs": programs}))?;
    let mut award = answer["facts"][0].clone();
    award.as_object_mut().ok_or_else(|| format!("the library answers {answer}"))?.remove("counters");
    Ok(award)
}

fn awards(plan: &mut Plan<'_>) -> Step {
    let mut sales: Vec<Value> =
        (0..10).map(|digit| sale("@A", &format!("d{digit}"), MORNING, json!({"total": 123_456, "play": {"digit": digit}}))).collect();
    let held = |id: &str, points: u64| {
        sale("@A", id, MORNING, json!({"total": 40_000, "member": "@M1", "shopper": {"prior_points_milli": points}}))
    };
    sales.extend([held("h1", 49_999), held("h2", 300_000)]);
    sales.push(sale("@A", "q1", MORNING, json!({"total": 50_000, "play": {"digit": 0}})));
    sales.push(sale("@A", "q2", MORNING, json!({"total": 49_999, "play": {"digit": 0}})));
    sales.push(sale("@A", "z", MORNING, json!({"total": 0, "play": {"digit": 0}})));
    for sold in &sales {
        let expected = decided(sold).map_or_else(|why| json!({ "library": why }), |award| applied(&json!([award])));
        plan.event(sold).is(&["AW-1", "SW-3", "QT-1", "QT-2", "SB-1"], "an award is what the library decides", &expected)?;
    }
    // 300 points: 1.5 % of 40,000.
    let standby = json!([{"fact": "award", "reason": "standby", "rate_bp": 150, "value": 600}]);
    plan.event(&held("h3", 300_000)).is(&["QT-2", "SB-1"], "below the quota the points held decide", &applied(&standby))?;

    // The auction, Gold from 15 %: 5.5 % from 15:00 to 16:00, Rp9,000 a day.
    runs(plan, "@T", "slots")?;
    let slot = |id: &str, time: &str| sale("@T", id, time, json!({"total": 100_000}));
    let award = |reason: &str, value: u64, released: u64| {
        applied(&json!([{"fact": "award", "reason": reason, "value": value, "counters": {"released_today": released}}]))
    };
    plan.event(&slot("s1", "03-03 15:20")).is(&["TA-3"], "the slot of the sale's time decides", &award("full", 5_500, 5_500))?;
    plan.event(&slot("s2", "03-03 15:30")).is(&["AW-6", "AW-7"], "the day's budget cuts: 9,000 − 5,500", &award("full", 3_500, 9_000))?;
    plan.event(&slot("s3", "03-03 15:40")).is(&["AW-6"], "a spent budget gives nothing", &award("budget_spent", 0, 9_000))?;
    plan.event(&slot("s4", "03-03 22:00")).is(&["TA-2"], "nor does an hour outside of the window", &award("outside_window", 0, 9_000))?;
    let back = event("return", "shop/@T", "b1", "03-03 15:50", &json!({"of": "s1", "of_day": "2025-03-03", "amount": 100_000}));
    plan.event(&back).done()?;
    let day = json!({"counters": {"released_today": 3_500}});
    plan.view("day/@T/2025-03-03", MORNING).is(&["AW-7", "AW-8"], "what comes back returns to the budget", &day)?;
    plan.event(&slot("s5", "03-03 15:55")).is(&["AW-6", "AW-8"], "and is given again", &award("full", 5_500, 9_000))
}

fn fund(plan: &mut Plan<'_>) -> Step {
    runs(plan, "@A", "tenth")?;
    let office = |kind: &str, id: &str, data: Value| event(kind, "shop/@A", id, MORNING, &data);
    let amount = |kind: &str, id: &str, amount: u64| office(kind, id, json!({"amount": amount}));
    let sold = |id: &str| sale("@A", id, MORNING, json!({"total": 10_000}));
    let award = |reason: &str, value: u64| applied(&json!([{"fact": "award", "reason": reason, "value": value}]));
    let notice = |notice: &str, amount: u64| applied(&json!([{"fact": "notice", "notice": notice, "amount": amount}]));
    plan.event(&office("join", "j", json!({"requirement": 100_000}))).done()?;
    plan.event(&sold("s1")).is(&["GF-9"], "a registered shop gives nothing yet", &award("not_active", 0))?;
    plan.event(&amount("topup", "t1", 99_999)).is(&["GF-9"], "a rupiah is missing", &applied(&json!([])))?;
    plan.event(&amount("topup", "t2", 1)).is(&["GF-9"], "the deposit is complete", &notice("active", 0))?;
    plan.event(&sold("s2")).is(&["GF-9"], "an active shop gives 10 %", &award("full", 1_000))?;
    plan.event(&amount("draw", "d1", 100_001)).is(&["GF-6"], "a draw above the balance pays nothing", &notice("shortfall", 1))?;
    plan.event(&amount("draw", "d2", 85_000)).done()?;
    // 15,000 is below 20 % of 100,000.
    let check = |day: u64| {
        event("check", "shop/@A", &format!("c{day}"), &format!("03-0{day} 11:00"), &json!({"now": at(&format!("03-0{day} 11:00"))}))
    };
    for (day, warning) in [(3, 1), (4, 2), (5, 3)] {
        plan.event(&check(day)).is(&["GF-3"], "a low fund is a warning", &notice("warning", warning))?;
    }
    plan.event(&check(5)).is(&["NW-4", "GF-10"], "a check counts once", &json!({"outcome": "duplicate"}))?;
    plan.event(&check(6)).is(&["GF-4"], "the fourth suspends", &notice("suspended", 0))?;
    plan.event(&sold("s3")).is(&["GF-4"], "a suspended shop gives nothing", &award("suspended", 0))?;
    let held = voucher("@A~s2", "r1", MORNING, ("@B", "w1"), 20_000);
    plan.event(&held).is(&["GF-4"], "but its vouchers pay", &redeemed("@A~s2", 1_000))?;
    // 14,000 are left of what it does not owe.
    plan.event(&amount("topup", "t3", 6_000)).is(&["GF-5"], "a top-up to the mark changes nothing", &applied(&json!([])))?;
    plan.event(&amount("topup", "t4", 1)).is(&["GF-5"], "above the mark the shop is active", &notice("active", 0))?;
    plan.event(&sold("s4")).is(&["GF-5"], "and gives again", &award("full", 1_000))?;
    stands(plan, &["GF-8", "NW-5"], "@A", [20_001, 1_000], "the fund has what came in less what went out and is owed")
}

fn members(plan: &mut Plan<'_>) -> Step {
    shops(plan, &["@A", "@B"])?;
    member(plan, "@M1")?;
    let gift = |id: &str, amount: u64| event("transfer", "account/@M1", id, MORNING, &json!({"to": "@M2", "amount": amount}));
    let sent = json!([{"fact": "transferred", "claim": "@A~of-M1", "amount": 2_000, "to": "@M2"}]);
    plan.event(&gift("g1", 2_000)).is(&["LG-10"], "points are given away", &applied(&sent))?;
    plan.event(&gift("g1", 2_000)).is(&["NW-4"], "once", &json!({"outcome": "duplicate", "facts": sent}))?;
    let short = json!([{"fact": "refused", "reason": "insufficient", "missing_milli": 1_000}]);
    plan.event(&gift("g2", 5_000)).is(&["LG-5", "LG-10"], "not more than there are", &applied(&short))?;
    plan.rest()?;
    has(plan, &["LG-10"], "@M1", 4_000, "the sender has the rest")?;
    has(plan, &["LG-10"], "@M2", 2_000, "the receiver has them")?;
    plan.event(&event("merge", "account/@M1", "g3", MORNING, &json!({"to": "@M2"}))).done()?;
    plan.rest()?;
    let all = json!({"shopper": {"prior_points_milli": 6_000, "purchases": 1}});
    plan.view("account/@M2", MORNING).is(&["LG-10", "NW-5"], "a merge moves points and purchases", &all)?;
    has(plan, &["LG-10", "NW-5"], "@M1", 0, "and leaves none")?;

    let keep = |id: &str, amount: u64| {
        let data = json!({"shop": "@B", "sale": "w1", "amount": amount, "purchase": 20_000, "left_to_pay": 20_000, "month": "2025-03",
            "deadline": at("03-03 12:00")});
        event("reserve", "account/@M2", id, MORNING, &data)
    };
    let close = |kind: &str, id: &str, of: &str, time: &str| {
        event(kind, "account/@M2", id, time, &json!({"redemption": of, "owner": "account/@M2", "shop": "@B", "month": "2025-03"}))
    };
    let held = applied(&json!([{"fact": "reserved", "amount": 5_000}]));
    plan.event(&keep("k1", 5_000)).is(&["LG-8"], "points are kept for a payment", &held)?;
    has(plan, &["LG-8"], "@M2", 1_000, "nobody else can use them")?;
    let other = points("@M2", "r1", MORNING, ("@B", "w2"), 2_000, 20_000);
    plan.event(&other).is(&["LG-8", "LG-5"], "no other payment gets them", &applied(&short))?;
    let freed = applied(&json!([{"fact": "undone", "amount": 5_000}]));
    plan.event(&close("release", "x1", "k1", MORNING)).is(&["LG-8"], "they are let go", &freed)?;
    has(plan, &["LG-8"], "@M2", 6_000, "and can be used")?;
    plan.event(&close("commit", "x2", "k1", MORNING)).is(&["LG-8"], "what was let go is not paid", &refused("not_reserved"))?;
    plan.event(&keep("k2", 5_000)).done()?;
    let late = applied(&json!([{"fact": "refused", "reason": "deadline"}, {"fact": "undone", "amount": 5_000}]));
    plan.event(&close("commit", "x3", "k2", "03-03 12:01")).is(&["LG-8", "NW-6"], "after its deadline a payment is refused", &late)?;
    plan.event(&keep("k3", 5_000)).done()?;
    let paid = applied(&json!([{"fact": "redeemed", "amount": 5_000}]));
    plan.event(&close("commit", "x4", "k3", MORNING)).is(&["LG-8"], "before it, it is made", &paid)?;
    plan.rest()?;
    stands(plan, &["LG-8", "NW-5", "GF-8"], "@A", [25_000, 1_000], "and owed by the issuer of the points")
}
