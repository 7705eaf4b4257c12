//! What comes after the award, and signs nothing: menus, bundles and goods,
//! pools, consignment, the fund's requirement, vouchers, clearing, statements.
//! The library against the second model, and the laws of money.

mod common;

use common::model::{compare, differ, inject};
use common::{MAX, Tape, ask, ensure, for_tapes, kind, law, maybe, modes, program, sum, total, whole};
use serde_json::{Value, json};

fn list(tape: &mut Tape, most: usize, make: impl Fn(&mut Tape, usize) -> Value) -> Value {
    let count = tape.pick(most + 1);
    (0..count).map(|k| make(tape, k)).collect()
}

/// An id of its own, and now and then one that may be another's.
fn id(tape: &mut Tape, k: usize) -> String {
    let names = ["a", "B", "b", "", "é", "z", "aa", "c", "d", "e"];
    if tape.once_in(40) { tape.of(&names).to_string() } else { names[k % names.len()].to_string() }
}

fn small(tape: &mut Tape) -> i64 {
    match tape.pick(12) {
        0..=8 => tape.of(&[1, 0, 2, 3, 5, 10, 20, 100]),
        9 | 10 => tape.everyday(),
        _ => tape.amount(),
    }
}

// Points

fn menu(tape: &mut Tape) -> Value {
    list(tape, 4, |t, k| {
        let points = t.of(&[50_000, 1, 1000, 999, 100_000]) + i64::from(t.once_in(20)) * t.of(&[-1, MAX - 100_000]);
        let mut entry = json!({ "id": id(t, k), "points_milli": points });
        match t.pick(3) {
            0 => entry["value"] = json!(t.amount()),
            1 => entry["discount_bp"] = json!(t.rate()),
            _ => entry["goods"] = json!("tea"),
        }
        maybe(t, &mut entry, 40, "value", |t| json!(t.everyday()));
        entry
    })
}

fn balance(tape: &mut Tape) -> i64 {
    tape.of(&[50_000, 0, 1, 999, 49_999, 100_000]) + i64::from(tape.once_in(6)) * tape.everyday()
}

#[test]
fn points_menu() {
    differ("points.menu", |tape| {
        let mut request = json!({ "menu": menu(tape), "balance_milli": balance(tape) });
        maybe(tape, &mut request, 2, "per", |t| json!(t.of(&[10_000, 1, 1000, 7, 0, MAX])));
        request
    });
}

fn redemption(tape: &mut Tape) -> Value {
    let mut request = json!({ "menu": menu(tape), "choose": id(tape, 0), "balance_milli": balance(tape) });
    maybe(tape, &mut request, 2, "purchase", |t| json!(t.amount()));
    request
}

#[test]
fn points_redeem() {
    differ("points.redeem", redemption);
    law("points.redeem", redemption, |request, answer| {
        let left = whole(&request["balance_milli"]) - whole(&answer["spent_milli"]);
        ensure(left == whole(&answer["left_milli"]) && left >= 0, "spent + left is not the balance")?;
        let entry = request["menu"].as_array().unwrap().iter().find(|entry| entry["id"] == request["choose"]).unwrap();
        let told = ask("points.menu", &json!({ "menu": [entry], "balance_milli": request["balance_milli"] }));
        ensure(told["entries"][0]["affordable"] == json!(answer["reason"] == "redeemed"), "the menu says otherwise")?;
        ensure(told["entries"][0]["missing_milli"] == answer["missing_milli"], "the menu misses another number")
    });
}

#[test]
fn points_gifts() {
    differ("points.gifts", |tape| {
        let gifts = list(tape, 5, |t, k| {
            let mut gift = json!({ "id": id(t, k) });
            maybe(t, &mut gift, 2, "above", |t| json!(small(t)));
            maybe(t, &mut gift, 2, "slots", |t| (0..t.pick(4)).map(|_| 1 + t.pick(10)).collect());
            gift
        });
        let mut request = json!({ "gifts": gifts, "amount": small(tape) });
        maybe(tape, &mut request, 2, "slot", |t| json!(1 + t.pick(10)));
        request
    });
}

#[test]
fn points_joining() {
    differ("points.joining", |tape| {
        let mut request = json!({ "member": id(tape, 0) });
        let r = &mut request;
        maybe(tape, r, 4, "joined_before", |t| json!(t.flag()));
        maybe(tape, r, 2, "sign_up_milli", |t| json!(small(t)));
        if !tape.once_in(3) {
            r["referral"] = json!({ "referrer_milli": small(tape), "referred_milli": small(tape) });
            maybe(tape, &mut r["referral"], 2, "limit", |t| json!(small(t)));
            maybe(tape, r, 2, "referrer", |t| {
                let place = t.pick(3);
                json!(id(t, place))
            });
        }
        maybe(tape, r, 2, "referrals_before", |t| json!(small(t)));
        request
    });
}

// Bundles

fn basket(tape: &mut Tape) -> Value {
    let skus = ["a", "b", "c", "d"];
    let prices: Vec<i64> = (0..4).map(|_| tape.of(&[10, 0, 5, 7, 20, 10])).collect();
    let lines = list(tape, 5, |t, _| {
        let sku = t.pick(4);
        let price = if t.once_in(60) { 11 } else { prices[sku] };
        json!({ "sku": skus[sku], "quantity": t.of(&[1, 2, 0, 3, 4]), "price": price })
    });
    let bundles = list(tape, 4, |t, k| {
        let mut others = vec!["a", "b", "c", "d", "x"];
        others.rotate_left(t.pick(5));
        others.truncate(1 + t.pick(3));
        let items: Vec<Value> = others.iter().map(|sku| json!({ "sku": sku, "quantity": t.of(&[1, 2, 1, 3]) })).collect();
        let goods: i64 = items
            .iter()
            .map(|item| item["quantity"].as_i64().unwrap() * skus.iter().position(|sku| *sku == item["sku"]).map_or(0, |k| prices[k]))
            .sum();
        let price = (goods - t.of(&[1, 0, 5, 2, -1, 10])).max(0);
        let mut bundle = json!({ "id": id(t, k), "items": items, "price": price });
        maybe(t, &mut bundle, 2, "points_milli", |t| json!(t.of(&[0, 1000, 5])));
        bundle
    });
    json!({ "lines": lines, "bundles": bundles })
}

/// How many units a basket holds; the model, which tries every way, is given
/// small ones.
fn units(request: &Value) -> u64 {
    let lines = request["lines"].as_array().into_iter().flatten();
    lines.map(|line| line["quantity"].as_u64().unwrap_or(0)).fold(0, u64::saturating_add)
}

#[test]
fn points_bundles() {
    for_tapes(|tape| {
        let mut request = basket(tape);
        let sound = loyalty_naive::call("points.bundles", &request).is_ok();
        compare("points.bundles", &request, false)?;
        inject(tape, &mut request);
        if units(&request) > 24 { Ok(()) } else { compare("points.bundles", &request, sound) }
    });
}

#[test]
fn bundles_never_cost_more_and_use_each_unit_once() {
    law("points.bundles", basket, |request, answer| {
        let lines = request["lines"].as_array().unwrap();
        let plain: i128 = lines.iter().map(|line| whole(&line["quantity"]) * whole(&line["price"])).sum();
        ensure(whole(&answer["saving"]) >= 0 && whole(&answer["price"]) + whole(&answer["saving"]) == plain, "dearer than without")?;
        let mut rest: std::collections::BTreeMap<&str, i128> = Default::default();
        for line in lines {
            *rest.entry(line["sku"].as_str().unwrap()).or_default() += whole(&line["quantity"]);
        }
        let mut price = 0;
        for used in answer["bundles"].as_array().unwrap() {
            let bundle = request["bundles"].as_array().unwrap().iter().find(|bundle| bundle["id"] == used["id"]).unwrap();
            let count = whole(&used["count"]);
            ensure(count > 0, "a bundle used not once")?;
            price += count * whole(&bundle["price"]);
            for item in bundle["items"].as_array().unwrap() {
                *rest.entry(item["sku"].as_str().unwrap()).or_default() -= count * whole(&item["quantity"]);
            }
        }
        for left in answer["left"].as_array().unwrap() {
            let sku = left["sku"].as_str().unwrap();
            let line = lines.iter().find(|line| line["sku"] == sku).unwrap();
            price += whole(&left["quantity"]) * whole(&line["price"]);
            *rest.entry(sku).or_default() -= whole(&left["quantity"]);
        }
        ensure(rest.values().all(|units| *units == 0), "units lost or used twice")?;
        ensure(price == whole(&answer["price"]), "bundles and what is left cost another price")
    });
}

// Goods at once

fn shelf(tape: &mut Tape) -> Value {
    let purchase = tape.of(&[100, 0, 50, 99, 101, 7, 1000, 333]);
    let goods = list(tape, 5, |t, k| {
        let price = if t.once_in(6) { purchase * t.of(&[2, 3]) / 10 + t.of(&[0, 1]) } else { t.of(&[5, 10, 1, 7, 30, 15, 14, 16]) };
        json!({ "id": id(t, k), "price": price, "stock": t.of(&[1, 2, 0, 3, 5]) })
    });
    let mut request = json!({ "purchase": purchase, "goods": goods });
    maybe(tape, &mut request, 3, "bottom_bp", |t| json!(t.of(&[2000, 2500, 2999, 3000, 1999])));
    maybe(tape, &mut request, 3, "top_bp", |t| json!(t.of(&[3000, 2500, 2000, 3001])));
    request
}

/// The model tries every set.
#[test]
fn bonus_goods() {
    differ("bonus.goods", shelf);
    // Amounts of a shop, with so few goods that every set can be tried.
    differ("bonus.goods", |tape| {
        let purchase = tape.everyday();
        let goods =
            list(tape, 3, |t, k| json!({ "id": id(t, k), "price": 1 + purchase / t.of(&[4, 7, 10, 25]), "stock": t.of(&[1, 2, 10]) }));
        json!({ "purchase": purchase, "goods": goods })
    });
}

#[test]
fn goods_lie_within_the_band_and_in_stock() {
    law("bonus.goods", shelf, |request, answer| {
        let value = whole(&answer["value"]);
        ensure(sum(&answer["parts"]) == value, "parts are not the value")?;
        if answer["reason"] == "none_fits" {
            return ensure(value == 0 && answer["items"] == json!([]), "something of none");
        }
        let purchase = whole(&request["purchase"]);
        let bp = |name: &str, default| request.get(name).map_or(default, whole);
        let band = purchase * bp("bottom_bp", 2000) <= value * 10_000 && value * 10_000 <= purchase * bp("top_bp", 3000);
        ensure(band && value > 0, "outside the band")?;
        let (mut worth, mut count) = (0, 0);
        for item in answer["items"].as_array().unwrap() {
            let good = request["goods"].as_array().unwrap().iter().find(|good| good["id"] == item["id"]).unwrap();
            let quantity = whole(&item["quantity"]);
            ensure(quantity > 0 && quantity <= whole(&good["stock"]), "not in stock")?;
            worth += quantity * whole(&good["price"]);
            count += quantity;
        }
        ensure(worth == value && count == whole(&answer["count"]), "another value or count than its items have")
    });
}

// Pool and consignment

fn pool(tape: &mut Tape) -> Value {
    json!({ "contributions": list(tape, 6, |t, _| json!(small(t))), "units": small(tape), "market_price": small(tape) })
}

#[test]
fn split_pool() {
    differ("split.pool", pool);
    law("split.pool", pool, |request, answer| {
        ensure(sum(&answer["units"]) == whole(&request["units"]), "units")?;
        ensure(sum(&answer["savings"]) == whole(&answer["saving"]), "savings")?;
        let worth = whole(&request["units"]) * whole(&request["market_price"]);
        ensure(
            worth - sum(&request["contributions"]) == whole(&answer["saving"]),
            "the saving is not the market's price less what was paid",
        )
    });
}

#[test]
fn consignment_accept() {
    differ("consignment.accept", |tape| {
        let offered = small(tape);
        let accepted = if tape.flag() { offered - tape.of(&[0, 1, -1]) } else { small(tape) };
        json!({ "offered": offered, "accepted": accepted })
    });
}

fn marketing(tape: &mut Tape) -> Value {
    let mut request = json!({ "amount": tape.signed() });
    maybe(tape, &mut request, 2, "owner_bp", |t| json!(t.rate()));
    request
}

#[test]
fn consignment_marketing() {
    differ("consignment.marketing", marketing);
    law("consignment.marketing", marketing, |request, answer| {
        ensure(whole(&answer["owner"]) + whole(&answer["seller"]) == whole(&request["amount"]), "parts are not the cost")
    });
}

fn ownership(tape: &mut Tape) -> Value {
    let profits = list(tape, 8, |t, _| {
        let profit = small(t);
        json!(if t.once_in(4) { -profit } else { profit })
    });
    let mut request = json!({ "price": 1 + small(tape) % MAX, "share_bp": tape.of(&[10_000, 5000, 1000, 0, 3333]), "profits": profits });
    maybe(tape, &mut request, 2, "recent_months", |t| json!(t.of(&[1, 2, 3, 12, MAX])));
    request
}

#[test]
fn consignment_ownership() {
    differ("consignment.ownership", ownership);
    law("consignment.ownership", ownership, |request, answer| {
        let (paid, left) = (whole(&answer["paid"]), whole(&answer["left"]));
        ensure(paid + left == whole(&request["price"]) && paid >= 0 && left >= 0, "paid and left are not the price")?;
        ensure(answer["owner"] == json!(left == 0), "an owner who owes, or none who owes nothing")
    });
}

fn offer(tape: &mut Tape) -> Value {
    let (price, cost) = (small(tape), small(tape));
    let mut request = json!({ "scheme": tape.of(&["A", "B"]), "price": price, "cost": cost, "least_profit": small(tape) });
    maybe(tape, &mut request, 2, "reset_cost", |t| json!(if t.flag() { cost / 2 } else { cost + t.of(&[0, 1]) }));
    maybe(tape, &mut request, 2, "stage", |t| json!(t.pick(5)));
    request
}

#[test]
fn consignment_offer() {
    differ("consignment.offer", offer);
    law("consignment.offer", offer, |request, answer| {
        let profit = json!({ "scheme": request["scheme"], "sale_price": answer["price"], "cost": answer["cost"] });
        let shared = ask("consignment.profit", &profit);
        ensure(shared["parts"].as_array().unwrap().last() == Some(&answer["child"]), "another part than the profit's")?;
        ensure(whole(&answer["cost"]) + whole(&answer["written_off"]) == whole(&request["cost"]), "cost")?;
        ensure(answer["allowed"] == json!(answer["missing"] == 0), "allowed with something missing")
    });
}

// Guarantee fund

fn required(tape: &mut Tape) -> Value {
    let mut request = json!({ "shoppers": tape.of(&[50, 0, 1, 3, 1000]), "average": small(tape), "rate_bp": tape.rate() });
    let r = &mut request;
    maybe(tape, r, 2, "days", |t| json!(t.of(&[1, 0, 3, 30])));
    maybe(tape, r, 2, "start", |t| json!(small(t)));
    maybe(tape, r, 2, "balance", |t| json!(small(t)));
    request
}

#[test]
fn guarantee_requirement() {
    differ("guarantee.requirement", required);
    law("guarantee.requirement", required, |request, answer| {
        let mut cover = request.clone();
        for field in ["start", "balance"] {
            cover.as_object_mut().unwrap().remove(field);
        }
        let deposit = whole(&ask("guarantee.deposit_by_cover", &cover)["deposit"]);
        let start = request.get("start").map_or(0, whole);
        ensure(whole(&answer["requirement"]) == deposit.max(start), "neither the cover nor the start")
    });
}

fn exposed(tape: &mut Tape) -> Value {
    let (mut program, stopwatch) = program(tape);
    if stopwatch && tape.flag() {
        program["draw"] = json!({ "kind": "hardened", "key_id": "k" });
        program.as_object_mut().unwrap().remove("waiver");
        program["permit"] = json!("UGB 1");
    }
    let mut request = json!({ "program": program, "shoppers": tape.of(&[50, 0, 1, 3, 1000]), "average": tape.everyday() });
    maybe(tape, &mut request, 2, "days", |t| json!(t.of(&[1, 0, 3, 30])));
    request
}

#[test]
fn guarantee_exposure() {
    differ("guarantee.exposure", exposed);
    law("guarantee.exposure", exposed, |request, answer| {
        let check = ask("program.check", &json!({ "program": request["program"], "amount": request["average"] }));
        ensure(check["largest_award"] == answer["receipt"], &format!("another receipt than {check}"))?;
        ensure(whole(&answer["exposure"]) <= whole(&answer["by_rate"]), "more than the rate costs")
    });
}

fn tills(tape: &mut Tape) -> Value {
    json!({ "balance": small(tape), "tills": list(tape, 5, |t, k| json!({ "till": id(t, k), "reserved": small(t) })) })
}

#[test]
fn guarantee_shards() {
    differ("guarantee.shards", tills);
    law("guarantee.shards", tills, |request, answer| {
        let free = total(answer["tills"].as_array().unwrap().iter().map(|till| &till["free"]));
        ensure(free == whole(&answer["free"]), "shards are not what is free")?;
        ensure(whole(&answer["free"]) + whole(&answer["reserved"]) == whole(&request["balance"]), "free and reserved are not the balance")
    });
}

// Vouchers

/// A time around a few midnights.
fn moment(tape: &mut Tape) -> String {
    let date = tape.of(&[
        "2025-03-01",
        "2024-02-29",
        "2024-01-31",
        "2025-01-31",
        "2025-02-28",
        "2025-08-31",
        "2024-12-31",
        "9999-12-31",
        "9999-11-30",
        "0000-01-01",
    ]);
    let time = tape.of(&["08:00:00", "00:00:00", "23:59:59", "23:59:60", "23:59:59.999999999", "12:30:00.5"]);
    let offset = tape.of(&["+07:00", "+00:00", "-00:00", "-03:30", "+23:59", "-23:59"]);
    format!("{date}T{time}{offset}")
}

const OFFSETS: [&str; 4] = ["+07:00", "+00:00", "-03:30", "+23:59"];

/// A program with some voucher terms.
fn voucher_program(tape: &mut Tape) -> Value {
    let mut program = json!({ "mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus" });
    let p = &mut program;
    maybe(tape, p, 2, "validity", |t| t.of(&[json!({ "days": 14 }), json!({ "months": 3 })]));
    maybe(tape, p, 3, "utc_offset", |t| json!(t.of(&OFFSETS)));
    maybe(tape, p, 2, "single_use", |t| json!(t.flag()));
    maybe(tape, p, 2, "min_redeem_purchase", |t| json!(t.of(&[0, 1, 1000])));
    maybe(tape, p, 2, "redemptions_per_month", |t| t.of(&[json!({ "program": 1 }), json!({ "shopper": 1 }), json!({})]));
    maybe(tape, p, 2, "cash_rounding", |t| t.of(&[json!({ "unit": 100, "mode": "up" }), json!({ "unit": 50 }), json!({})]));
    program
}

fn issue(tape: &mut Tape) -> Value {
    let mut request = json!({ "issued_at": moment(tape) });
    let r = &mut request;
    if tape.flag() {
        r["days"] = json!(tape.of(&[14, 1, 7, 28, 29, 30, 31, 365, 366, 36_500, 36_501, 0]));
        maybe(tape, r, 20, "months", |_| json!(1));
    } else {
        r["months"] = json!(tape.of(&[3, 1, 2, 6, 11, 12, 13, 48, 1200, 1201, 0]));
    }
    maybe(tape, r, 4, "utc_offset", |t| json!(t.of(&OFFSETS)));
    maybe(tape, r, 6, "program", voucher_program);
    request
}

#[test]
fn voucher_expiry() {
    differ("voucher.expiry", issue);
    law("voucher.expiry", issue, |request, answer| {
        if request.get("utc_offset").is_some() || request.get("program").is_some() {
            return Ok(());
        }
        let (issued, expires) = (request["issued_at"].as_str().unwrap(), answer["expires"].as_str().unwrap());
        ensure(&expires[10..19] == "T00:00:00" && expires.len() == 25, "not at midnight")?;
        ensure(expires[19..] == issued[issued.len() - 6..].replace("-00:00", "+00:00"), "another offset")?;
        ensure(expires[..10] > issued[..10], "not after the day of issue")
    });
}

const DAYS: [&str; 6] = [
    "2025-03-10T10:00:00+07:00",
    "2025-03-10T03:00:00+00:00",
    "2025-03-10T10:00:00.000000001+07:00",
    "2025-03-09T10:00:00+07:00",
    "2025-02-28T23:30:00+00:00",
    "2025-04-01T00:00:00+07:00",
];

fn use_of(tape: &mut Tape) -> Value {
    let value = small(tape);
    let mut voucher = json!({ "value": value });
    maybe(tape, &mut voucher, 2, "redeemed", |t| json!(if t.flag() { value / 2 } else { value + t.of(&[0, 0, -1, 1]) }));
    maybe(tape, &mut voucher, 4, "valid_from", |t| json!(t.of(&DAYS)));
    maybe(tape, &mut voucher, 4, "expires", |t| json!(t.of(&DAYS)));
    maybe(tape, &mut voucher, 2, "single_use", |t| json!(t.flag()));
    let purchase = small(tape);
    let mut request = json!({ "voucher": voucher, "purchase": purchase, "at": tape.of(&DAYS) });
    let r = &mut request;
    maybe(tape, r, 3, "amount", |t| json!(if t.flag() { small(t) } else { purchase + t.of(&[0, 1]) }));
    maybe(tape, r, 3, "min_purchase", |t| json!(if t.flag() { small(t) } else { purchase + t.of(&[0, 1]) }));
    maybe(tape, r, 2, "limits", |t| {
        let mut limits = json!({});
        maybe(t, &mut limits, 2, "program", |t| json!(small(t)));
        maybe(t, &mut limits, 2, "shopper", |t| json!(small(t)));
        limits
    });
    maybe(tape, r, 2, "counters", |t| {
        let mut counters = json!({});
        maybe(t, &mut counters, 2, "month", |t| json!(t.of(&["2025-03", "2025-02", "2025-04", "2024-03", "2025-13"])));
        maybe(t, &mut counters, 2, "program", |t| json!(small(t)));
        maybe(t, &mut counters, 2, "shopper", |t| json!(small(t)));
        counters
    });
    maybe(tape, r, 3, "left_to_pay", |t| json!(if t.flag() { purchase / 2 } else { purchase + t.of(&[0, 1, -1]).max(-purchase) }));
    maybe(tape, r, 4, "max_share_bp", |t| json!(t.of(&[3000, 0, 10_000, 1, 3333])));
    maybe(tape, r, 6, "paid_by_vouchers", |t| json!(t.of(&[0, 1, purchase / 3])));
    maybe(tape, r, 4, "utc_offset", |t| json!(t.of(&OFFSETS)));
    maybe(tape, r, 4, "program", voucher_program);
    request
}

fn undo_of(tape: &mut Tape) -> Value {
    let value = small(tape);
    let mut voucher = json!({ "value": value });
    let redeemed = if tape.flag() { value / 2 } else { value };
    maybe(tape, &mut voucher, 1, "redeemed", |_| json!(redeemed));
    maybe(tape, &mut voucher, 4, "valid_from", |t| json!(t.of(&DAYS)));
    maybe(tape, &mut voucher, 2, "expires", |t| json!(t.of(&DAYS)));
    maybe(tape, &mut voucher, 2, "single_use", |t| json!(t.flag()));
    let amount = if tape.flag() { redeemed } else { redeemed / 2 + tape.of(&[0, 1]) };
    let mut redemption = json!({ "amount": amount, "at": tape.of(&DAYS) });
    maybe(tape, &mut redemption, 3, "forfeited", |t| json!(t.of(&[0, 1, 5000])));
    maybe(tape, &mut redemption, 3, "undone", |t| json!(amount / 2 + t.of(&[0, 1])));
    let mut request = json!({ "voucher": voucher, "redemption": redemption, "at": tape.of(&DAYS) });
    let r = &mut request;
    maybe(tape, r, 3, "amount", |t| json!(if t.flag() { amount / 2 } else { amount + t.of(&[0, 1]) }));
    maybe(tape, r, 3, "grace_days", |t| json!(t.of(&[0, 1, 3, 36_500, 36_501])));
    maybe(tape, r, 2, "counters", |t| {
        let mut counters = json!({});
        maybe(t, &mut counters, 3, "month", |t| json!(t.of(&["2025-03", "2025-02", "2025-04"])));
        maybe(t, &mut counters, 1, "program", |t| json!(t.of(&[3, 0, 1])));
        maybe(t, &mut counters, 2, "shopper", |t| json!(t.of(&[1, 0])));
        counters
    });
    maybe(tape, r, 4, "utc_offset", |t| json!(t.of(&OFFSETS)));
    maybe(tape, r, 6, "program", voucher_program);
    request
}

#[test]
fn voucher_undo() {
    differ("voucher.undo", undo_of);
}

/// VC-5: a redemption undone in any steps leaves the voucher and the counters as they were.
#[test]
fn an_undone_redemption_leaves_the_voucher_as_it_was() {
    for_tapes(|tape| {
        let mut request = use_of(tape);
        let answer = ask("voucher.redeem", &request);
        if answer["reason"] != "redeemed" {
            return Ok(());
        }
        let before = request["voucher"].clone();
        let mut counters = answer["counters"].clone();
        let (amount, forfeited) = (whole(&answer["amount"]), whole(&answer["forfeited"]));
        let mut voucher = before.clone();
        voucher["redeemed"] = json!(i64::try_from(before.get("redeemed").map_or(0, whole) + amount).unwrap());
        let mut undone = json!(0);
        for step in 0..3 {
            let rest = amount - whole(&undone);
            if rest == 0 {
                break;
            }
            let mut undo = json!({
                "voucher": voucher, "at": DAYS[0], "counters": counters,
                "redemption": { "amount": answer["amount"], "forfeited": i64::try_from(forfeited).unwrap(), "at": request["at"], "undone": undone },
            });
            for field in ["program", "utc_offset"] {
                undo[field] = request.get(field).cloned().unwrap_or_default();
            }
            if step < 2 {
                undo["amount"] = json!(1 + tape.everyday() % i64::try_from(rest).unwrap());
            }
            let back = ask("voucher.undo", &undo);
            ensure(back["reason"] == "undone", &format!("{undo}\n  {back}"))?;
            for field in ["value", "redeemed"] {
                voucher[field] = back["voucher"][field].clone();
            }
            (undone, counters) = (back["undone"].clone(), back["counters"].clone());
        }
        // What was lost of a single-use voucher may be its whole value under another number.
        let worth = |voucher: &Value| whole(&voucher["value"]) - voucher.get("redeemed").map_or(0, whole);
        ensure(worth(&voucher) == worth(&before), &format!("{request}\n  {before}\n  {voucher}"))?;
        request["amount"] = json!(null);
        let month = counters["month"].clone();
        let given = request.get("counters").cloned().unwrap_or(json!({}));
        let counted = given.get("month").is_none_or(|counted| *counted == month);
        for field in ["program", "shopper"] {
            let was = if counted { given.get(field).cloned().unwrap_or(json!(0)) } else { json!(0) };
            ensure(counters[field] == was, &format!("{field}: {given}\n  {counters}"))?;
        }
        Ok(())
    });
}

#[test]
fn voucher_redeem() {
    differ("voucher.redeem", use_of);
    law("voucher.redeem", use_of, |request, answer| {
        let amount = whole(&answer["amount"]);
        let bound = whole(request.get("left_to_pay").unwrap_or(&request["purchase"]));
        ensure(amount + whole(&answer["to_pay"]) == bound && amount >= 0, "amount and to_pay are not what was left to pay")?;
        if answer["reason"] != "redeemed" {
            return ensure(amount == 0, "a refusal that pays");
        }
        let voucher = &request["voucher"];
        let spent = voucher.get("redeemed").map_or(0, whole) + amount + whole(&answer["left"]) + whole(&answer["forfeited"]);
        ensure(spent == whole(&voucher["value"]) && amount > 0, "redeemed, left and forfeited are not the value")
    });
}

/// VC-5, VC-6: whatever is asked of a voucher, it pays its value at most, and
/// a month its number.
#[test]
fn any_sequence_of_redemptions_pays_the_value_at_most() {
    for_tapes(|tape| {
        let value = 1 + tape.everyday() % 100_000;
        let single = tape.once_in(4);
        let limit = tape.of(&[3, 1, 10]);
        let (mut redeemed, mut counters, mut count) = (0, json!({}), 0);
        for _ in 0..tape.pick(12) {
            let mut request = json!({
                "voucher": { "value": value, "redeemed": redeemed, "single_use": single }, "purchase": tape.everyday() % 50_000,
                "at": DAYS[0], "limits": { "program": limit }, "counters": counters,
            });
            maybe(tape, &mut request, 2, "amount", |t| json!(1 + t.everyday() % 50_000));
            let answer = ask("voucher.redeem", &request);
            ensure(kind(&answer).is_none(), &format!("{request}\n  {answer}"))?;
            redeemed += whole(&answer["amount"]);
            counters = answer["counters"].clone();
            count += i32::from(answer["reason"] == "redeemed");
            ensure(redeemed <= i128::from(value), &format!("more than its value\n  {request}\n  {answer}"))?;
            ensure(count <= limit && counters["program"] == count, &format!("more than the month has\n  {request}\n  {answer}"))?;
            ensure(!single || count <= 1, "used twice")?;
        }
        Ok(())
    });
}

fn cash(tape: &mut Tape) -> Value {
    let mut request = json!({ "amount": tape.signed(), "unit": tape.of(&[100, 1, 50, 75, 1000, 1_000_000, 999_999, 2, 0, 1_000_001]) });
    maybe(tape, &mut request, 2, "mode", |t| json!(t.of(&modes())));
    request
}

fn cash_refund(tape: &mut Tape) -> Value {
    let mut request = cash(tape);
    let sale = small(tape);
    request["amount"] = json!(if tape.flag() { -(sale / 2) } else { -sale + tape.of(&[0, 1, -1]) });
    maybe(tape, &mut request, 4, "sale", |_| json!(sale));
    maybe(tape, &mut request, 2, "refunded", |t| json!(if t.flag() { sale / 2 } else { t.of(&[0, 1]) }));
    maybe(tape, &mut request, 4, "program", voucher_program);
    if tape.flag() {
        request.as_object_mut().unwrap().remove("unit");
    }
    request
}

/// VC-9: refunds of a sale sum to what was paid, in any steps.
#[test]
fn refunds_give_back_what_was_paid() {
    differ("voucher.cash_rounding", cash_refund);
    for_tapes(|tape| {
        let sale = tape.everyday();
        let settings = cash(tape);
        let call = |amount: i64, refund: Option<i64>| {
            let mut request = settings.clone();
            request["amount"] = json!(amount);
            if let Some(refunded) = refund {
                (request["sale"], request["refunded"]) = (json!(sale), json!(refunded));
            }
            ask("voucher.cash_rounding", &request)
        };
        let paid = call(sale, None);
        if kind(&paid).is_some() {
            return Ok(());
        }
        let (mut refunded, mut back) = (0, 0);
        for step in 0..4 {
            let part = if step == 3 { sale - refunded } else { tape.everyday() % (sale - refunded + 1) };
            back += whole(&call(-part, Some(refunded))["to_pay"]);
            refunded += part;
        }
        ensure(back == -whole(&paid["to_pay"]), &format!("{settings} {sale}: {back}"))
    });
}

#[test]
fn voucher_cash_rounding() {
    differ("voucher.cash_rounding", cash);
    law("voucher.cash_rounding", cash, |request, answer| {
        let (amount, unit) = (whole(&request["amount"]), whole(&request["unit"]));
        let (line, to_pay) = (whole(&answer["line"]), whole(&answer["to_pay"]));
        ensure(amount + line == to_pay, "the line is not the difference")?;
        ensure(to_pay % unit == 0 && line.abs() < unit, "not the nearest sums")?;
        let mut refund = request.clone();
        refund["amount"] = json!(-i64::try_from(amount).unwrap());
        let back = ask("voucher.cash_rounding", &refund);
        ensure(whole(&back["line"]) == -line && whole(&back["to_pay"]) == -to_pay, &format!("no mirror: {back}"))
    });
}

#[test]
fn voucher_reminders() {
    differ("voucher.reminders", |tape| {
        let items = list(tape, 8, |t, k| {
            let mut item = json!({ "id": id(t, k), "shopper": t.of(&["S", "s", "", "T"]) });
            item[if t.flag() { "value" } else { "points_milli" }] = json!(small(t));
            maybe(t, &mut item, 60, "value", |t| json!(small(t)));
            if !t.once_in(6) {
                item["expires"] = json!(t.of(&DAYS));
            }
            item
        });
        json!({ "items": items, "as_of": tape.of(&DAYS), "days": tape.of(&[7, 0, 1, 10, 22, 365, MAX]) })
    });
}

fn outstanding(tape: &mut Tape) -> Value {
    let vouchers = list(tape, 6, |t, k| {
        let mut voucher = json!({ "id": id(t, k), "issuer": t.of(&["A", "a", "", "B"]), "value": small(t), "issued_at": t.of(&DAYS) });
        maybe(t, &mut voucher, 2, "expires", |t| json!(t.of(&DAYS)));
        maybe(t, &mut voucher, 2, "origin", |t| json!(t.of(&["promotional", "purchased"])));
        voucher
    });
    let mut request = json!({ "vouchers": vouchers, "as_of": tape.of(&DAYS) });
    maybe(tape, &mut request, 2, "redemptions", |t| {
        list(t, 8, |t, _| {
            let place = t.pick(8);
            json!({ "id": id(t, place), "amount": if t.once_in(4) { -small(t) } else { small(t) }, "time": t.of(&DAYS) })
        })
    });
    request
}

#[test]
fn voucher_debt() {
    differ("voucher.debt", outstanding);
    law("voucher.debt", outstanding, |_, answer| {
        let debt = whole(&answer["debt"]);
        ensure(total(answer["by_issuer"].as_object().unwrap().values()) == debt, "issuers do not sum to the debt")?;
        ensure(whole(&answer["promotional"]) + whole(&answer["purchased"]) == debt && debt >= 0, "origins do not sum to the debt")
    });
}

// Clearing

fn period(tape: &mut Tape) -> Value {
    let shops = ["A", "B", "C", "a", ""];
    let count = tape.pick(14);
    let redemptions: Vec<Value> = (0..count)
        .map(|_| {
            let id = format!("r{}", tape.pick(2 * count));
            json!({ "id": id, "issuer": tape.of(&shops), "acceptor": tape.of(&shops), "value": small(tape) })
        })
        .collect();
    let mut funds = json!({});
    for shop in shops {
        if !tape.once_in(16) {
            funds[shop] = json!(if tape.flag() { small(tape) } else { tape.amount() });
        }
    }
    let mut request = json!({ "redemptions": redemptions, "funds": funds });
    maybe(tape, &mut request, 4, "cleared", |t| list(t, 3, |t, _| json!(format!("r{}", t.pick(8)))));
    request
}

#[test]
fn clearing_period() {
    differ("clearing.period", period);
}

#[test]
fn a_period_pays_what_is_owed_to_the_rupiah() {
    law("clearing.period", period, |request, answer| {
        let mut plain = request.clone();
        plain.as_object_mut().unwrap().remove("funds");
        let net = ask("clearing.net", &plain);
        for field in ["net", "transfers", "duplicates", "already_cleared"] {
            ensure(net[field] == answer[field], &format!("{field} is not that of {net}"))?;
        }
        let positions = answer["net"].as_object().unwrap();
        ensure(total(positions.values()) == 0, "nets do not sum to zero")?;
        let transfers = answer["transfers"].as_array().unwrap();
        ensure(transfers.len() <= positions.len().saturating_sub(1), "more than shops - 1 transfers")?;
        for (shop, position) in positions {
            let side = |end: &str| total(transfers.iter().filter(|t| t[end] == json!(shop)).map(|t| &t["amount"]));
            ensure(side("to") - side("from") == whole(position), &format!("{shop} is not settled"))?;
        }

        let lines = answer["lines"].as_array().unwrap();
        ensure(lines.iter().all(|l| whole(&l["paid"]) + whole(&l["operator"]) == whole(&l["value"])), "a line that does not add up")?;
        ensure(lines.iter().all(|l| whole(&l["paid"]) >= 0 && whole(&l["operator"]) >= 0), "a line below zero")?;
        let between: Vec<&Value> = lines.iter().filter(|line| line["issuer"] != line["acceptor"]).collect();
        let funds = |value: &Value| total(value["funds"].as_object().unwrap().values());
        let drawn = funds(request) - funds(answer);
        let owed = total(between.iter().map(|line| &line["value"]));
        ensure(drawn + whole(&answer["operator"]) == owed, "funds and operator do not pay what is owed")?;
        ensure(
            total(answer["shortfalls"].as_object().unwrap().values()) == whole(&answer["operator"]),
            "shortfalls are not the operator's",
        )?;
        for (shop, left) in answer["funds"].as_object().unwrap() {
            let its = || between.iter().filter(|line| line["issuer"] == json!(shop));
            ensure(whole(&request["funds"][shop]) - total(its().map(|line| &line["paid"])) == whole(left), &format!("{shop}'s fund"))?;
            let short = answer["shortfalls"].get(shop).map_or(0, whole);
            ensure(
                total(its().map(|line| &line["operator"])) == short && (short == 0 || whole(left) == 0),
                &format!("{shop}'s shortfall"),
            )?;
        }
        for (shop, sums) in answer["received"].as_object().unwrap() {
            for part in ["paid", "operator"] {
                let by_line = total(between.iter().filter(|line| line["acceptor"] == json!(shop)).map(|line| &line[part]));
                ensure(by_line == whole(&sums[part]), &format!("{shop} received {part}"))?;
            }
        }
        let acceptors = between.iter().all(|line| answer["received"].get(line["acceptor"].as_str().unwrap()).is_some());
        ensure(acceptors, "an acceptor that received nothing, not even zero")
    });
}

/// CL-5: what one period cleared, the next finds cleared, and pays nothing.
#[test]
fn two_periods_clear_each_redemption_once() {
    law("clearing.period", period, |request, answer| {
        let mut next = request.clone();
        next["cleared"] = request["redemptions"].as_array().unwrap().iter().map(|r| r["id"].clone()).collect();
        next["funds"] = answer["funds"].clone();
        let second = ask("clearing.period", &next);
        ensure(second["lines"] == json!([]) && second["funds"] == answer["funds"], &format!("{second}"))
    });
}

// Statement

const TYPES: [&str; 17] = [
    "issue",
    "funded",
    "sell_voucher",
    "redeem_own",
    "accept",
    "honour",
    "redeem_own_undone",
    "accept_undone",
    "honour_undone",
    "reverse",
    "expire",
    "top_up",
    "clearing_paid",
    "clearing_covered",
    "clearing_received",
    "rounded_up",
    "rounded_down",
];

fn month(tape: &mut Tape) -> Value {
    let events = list(tape, 10, |t, _| {
        let date = if t.once_in(40) { "2025-04-01".to_string() } else { format!("2025-03-{:02}", 1 + t.pick(31)) };
        let reference = t.of(&["v1", "", "a,b", "\"", "a\nb", "a\r\nb", "a\"\"b", " ", "é"]);
        json!({ "date": date, "type": t.of(&TYPES), "reference": reference, "amount": small(t) })
    });
    let mut request = json!({ "shop": "A", "month": "2025-03", "events": events });
    maybe(tape, &mut request, 3, "opening", |t| {
        let amount = t.everyday();
        let mut opening = json!({ "cash": amount, "voucher_liability": -amount });
        maybe(t, &mut opening, 3, "sales", |t| json!(t.of(&[0, 0, 1])));
        opening
    });
    maybe(tape, &mut request, 2, "expired_to", |t| json!(t.of(&["operator", "shop"])));
    request
}

#[test]
fn statement_month() {
    differ("statement.month", month);
}

/// The rows of RFC 4180 text.
fn rows(csv: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut letters = csv.chars().peekable();
    while let Some(letter) = letters.next() {
        let row = rows.last_mut().unwrap();
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => row.last_mut().unwrap().push(letters.next().unwrap()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\n' if !quoted => rows.push(vec![String::new()]),
            _ => row.last_mut().unwrap().push(letter),
        }
    }
    assert_eq!(rows.pop(), Some(vec![String::new()]), "no line feed at the end");
    rows
}

#[test]
fn a_statement_balances_and_its_csv_is_its_lines() {
    law("statement.month", month, |request, answer| {
        let lines = answer["lines"].as_array().unwrap();
        for side in ["debit", "credit"] {
            ensure(total(lines.iter().map(|line| &line[side])) == whole(&answer[side]), side)?;
        }
        ensure(answer["debit"] == answer["credit"], "debit is not credit")?;
        ensure(total(answer["balances"].as_object().unwrap().values()) == 0, "balances do not sum to zero")?;
        for pair in lines.chunks(2) {
            let same =
                pair[0]["debit"] == pair[1]["credit"] && pair[0]["date"] == pair[1]["date"] && pair[0]["reference"] == pair[1]["reference"];
            ensure(same && pair[0]["credit"] == 0 && pair[1]["debit"] == 0, "a pair that is none")?;
        }
        ensure(lines.windows(2).all(|pair| pair[0]["date"].as_str() <= pair[1]["date"].as_str()), "dates out of order")?;
        for (account, balance) in answer["balances"].as_object().unwrap() {
            let side = |side: &str| total(lines.iter().filter(|line| line["account"] == json!(account)).map(|line| &line[side]));
            let opening = request.get("opening").and_then(|opening| opening.get(account)).map_or(0, whole);
            ensure(opening + side("debit") - side("credit") == whole(balance), account)?;
        }
        let rows = rows(answer["csv"].as_str().unwrap());
        let fields = ["date", "account", "debit", "credit", "reference"];
        ensure(rows[0] == fields, "the header")?;
        ensure(rows.len() == lines.len() + 1, "rows are not lines")?;
        for (row, line) in rows[1..].iter().zip(lines) {
            let told: Vec<String> = fields.iter().map(|f| line[f].as_str().map_or_else(|| line[f].to_string(), str::to_string)).collect();
            ensure(*row == told, &format!("{row:?} is not {line}"))?;
        }
        Ok(())
    });
}
