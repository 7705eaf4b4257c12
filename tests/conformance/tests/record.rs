//! One record for every channel: the library against the second model, and
//! what must hold whatever was sold (OR-1 … OR-7).

mod common;

use common::model::{compare, differ, inject};
use common::{MAX, Tape, ask, ensure, for_tapes, kind, law, maybe, modes, moment, program, receipt, total, whole};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn list(tape: &mut Tape, most: usize, make: impl Fn(&mut Tape, usize) -> Value) -> Vec<Value> {
    let count = tape.pick(most + 1);
    (0..count).map(|k| make(tape, k)).collect()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The list in another order.
fn shuffled(tape: &mut Tape, items: &Value) -> Value {
    let mut rest = items.as_array().unwrap().clone();
    let mut mixed = Vec::new();
    while !rest.is_empty() {
        mixed.push(rest.swap_remove(tape.pick(rest.len())));
    }
    json!(mixed)
}

/// A minute of one day, now and then at its edges and in another offset.
fn minute(tape: &mut Tape) -> String {
    match tape.pick(8) {
        0..=5 => format!("2025-03-01T10:{:02}:00+07:00", tape.pick(8)),
        6 => format!("2025-03-01T03:{:02}:00+00:00", tape.pick(8)),
        _ => format!("2025-03-01T10:{:02}:{:02}{}+07:00", tape.pick(8), tape.of(&[0, 59, 60]), tape.of(&["", ".000000001", ".5"])),
    }
}

fn a_channel(tape: &mut Tape) -> &'static str {
    tape.of(&["pos", "web", "", "é"])
}

// Events

const CODES: [&str; 5] = ["A", "B", "C", "a", ""];

fn code(tape: &mut Tape) -> &'static str {
    let known = if tape.once_in(6) { 5 } else { 3 };
    CODES[tape.pick(known)]
}

/// An amount from which parts, taxes and sums stay in the domain.
fn price(tape: &mut Tape) -> i64 {
    if tape.once_in(40) { tape.amount() } else { tape.amount() % 1_000_000 }
}

fn sale_lines(tape: &mut Tape, taxed: bool) -> Value {
    let count = 1 + tape.pick(3);
    let line = |t: &mut Tape| {
        let (quantity, price) = (t.of(&[1_i64, 2, 3, 7, 10]), price(t));
        let mut line = json!({ "code": code(t), "price": price });
        line[if t.once_in(4) { "quantity_milli" } else { "quantity" }] = json!(quantity);
        let worth = i64::try_from(cost(&line).clamp(0, i128::from(MAX))).unwrap();
        maybe(t, &mut line, 3, "discount", |t| json!(t.amount() % (worth + 1)));
        maybe(t, &mut line, if taxed { 3 } else { 200 }, "tax_bp", |t| json!(t.rate()));
        line
    };
    (0..count).map(|_| line(tape)).collect()
}

/// Before discounts; of thousandths rounded half up.
fn cost(line: &Value) -> i128 {
    match line.get("quantity_milli") {
        Some(units) => (whole(units) * whole(&line["price"]) + 500).div_euclid(1000),
        None => whole(&line["quantity"]) * whole(&line["price"]),
    }
}

fn lines_are_worth(lines: &Value) -> i128 {
    let amount = |line: &Value| cost(line) - line.get("discount").map_or(0, whole);
    items(lines).iter().map(amount).sum()
}

fn tax(tape: &mut Tape) -> Value {
    let mut tax = json!({ "rate_bp": tape.of(&[1100, 0, 1000, 1, 10_000, 333]), "inclusive": tape.flag() });
    maybe(tape, &mut tax, 2, "mode", |t| json!(t.of(&modes())));
    maybe(tape, &mut tax, 2, "by", |t| json!(t.of(&["line", "event"])));
    maybe(tape, &mut tax, 4, "on", |t| json!(t.of(&["gross", "net"])));
    maybe(tape, &mut tax, 4, "service", |t| json!(t.flag()));
    maybe(tape, &mut tax, 4, "base", |t| json!(t.of(&["eleven_twelfths", "full"])));
    tax
}

/// What is sold: lines, a discount on them, service, tips, tax.
fn sells(tape: &mut Tape, data: &mut Value) {
    let taxed = tape.flag();
    data["lines"] = sale_lines(tape, taxed);
    if taxed {
        data["tax"] = tax(tape);
    }
    let worth = i64::try_from(lines_are_worth(&data["lines"]).clamp(0, i128::from(MAX))).unwrap();
    maybe(tape, data, 2, "discount", |t| {
        let some = t.amount() % worth.saturating_add(1);
        json!(t.of(&[0, worth, some, some, some]))
    });
    maybe(tape, data, 3, "service_bp", |t| json!(t.of(&[500, 1000, 1, 10_000])));
    maybe(tape, data, 4, "service_on", |t| json!(t.of(&["gross", "net"])));
    maybe(tape, data, 4, "tips", |t| json!(t.of(&[500, 1, 2000])));
}

fn envelope(tape: &mut Tape, event_type: &str, id: &str) -> Value {
    let mut event = json!({
        "specversion": "1.0", "type": event_type, "source": "pos/1", "id": id, "time": moment(tape),
        "data": { "shop": tape.of(&["ANI", "BUDI", ""]), "channel": a_channel(tape), "sequence": 1 + tape.pick(9) },
    });
    maybe(tape, &mut event, 6, "subject", |t| json!(t.of(&["", "a \"quoted\" \\ one", "é\n"])));
    maybe(tape, &mut event, 6, "datacontenttype", |t| json!(t.of(&["application/json", "application/json; charset=utf-8"])));
    maybe(tape, &mut event, 6, "traceparent", |t| t.of(&[json!("00-4b"), json!(7), json!(true), json!(null), json!("")]));
    maybe(tape, &mut event["data"], 6, "rounding", |t| json!(t.of(&[50, -50, 1, 0])));
    maybe(tape, &mut event, 6, "dataschema", |_| json!("https://example.net/sale"));
    match tape.pick(4) {
        0 | 1 => event["data"]["member"] = json!(tape.of(&["M-7", "M-8", "", "é"])),
        2 => event["data"]["erased_member"] = json!(tape.of(&["ab".repeat(32), "AB".repeat(32)])),
        _ => {}
    }
    event
}

fn sale(tape: &mut Tape) -> Value {
    let mut event = envelope(tape, "loyalty.sale", "S-1");
    sells(tape, &mut event["data"]);
    event
}

/// Payments of so much, in one part or several.
fn payments(tape: &mut Tape, payable: i128) -> Value {
    let size = i64::try_from(payable.abs()).unwrap();
    let first = tape.amount() % (size + 1);
    let kinds = tape.of(&[["cash", "card"], ["cash", "cash"], ["", "qris"], ["cash", "voucher"], ["voucher", "voucher"]]);
    match tape.pick(4) {
        0 => json!([{ "kind": kinds[0], "amount": size }]),
        1 | 2 => json!([{ "kind": kinds[0], "amount": first }, { "kind": kinds[1], "amount": size - first }]),
        _ => json!([{ "kind": "cash", "amount": (size - 1).abs() }]),
    }
}

/// Pays what the library says is to be paid, for an event that says nothing
/// of it yet.
fn pay(tape: &mut Tape, request: &mut Value) {
    let answer = ask("record.event", request);
    if answer["reason"] == "recorded" {
        request["event"]["data"]["payments"] = payments(tape, whole(&answer["payable"]) + whole(&answer["rounding"]));
    }
}

fn code_list(tape: &mut Tape) -> Value {
    let skus = ["TEA", "MILK", "A"];
    let channels = [Value::Null, json!("pos"), json!("web"), json!("")];
    let mut codes = Vec::new();
    for channel in channels {
        for code in CODES {
            if tape.once_in(3) || (channel.is_null() && !tape.once_in(8)) {
                codes.push(json!({ "channel": channel, "code": code, "sku": tape.of(&skus) }));
            }
        }
    }
    if tape.once_in(20) {
        codes.push(json!({ "code": "A", "sku": "TEA" }));
    }
    json!(codes)
}

fn stock_list(tape: &mut Tape) -> Value {
    let mut stock = Vec::new();
    for sku in ["TEA", "A", "B", "MILK"] {
        if tape.flag() {
            let mut shelf = json!({ "sku": sku });
            shelf[if tape.flag() { "available_milli" } else { "available" }] = json!(tape.of(&[5, 0, 1, 10, 3000, MAX]));
            maybe(tape, &mut shelf, 2, "safety", |t| json!(t.of(&[0, 1, 3, 5])));
            stock.push(shelf);
        }
    }
    if tape.once_in(20) {
        stock.push(json!({ "sku": "A", "available": 1 }));
    }
    json!(stock)
}

/// What stands around an event.
fn surroundings(tape: &mut Tape, r: &mut Value) {
    maybe(tape, r, 2, "codes", code_list);
    maybe(tape, r, 2, "stock", stock_list);
    maybe(tape, r, 2, "policy", |t| json!(t.of(&["backorder", "refuse"])));
    maybe(tape, r, 2, "award_on", |t| json!(t.of(&["payable", "goods"])));
    maybe(tape, r, 4, "no_award", |t| json!(t.of(&[vec!["A"], vec![], vec!["A", "B", "C"]])));
    maybe(tape, r, 3, "previous_hex", |t| json!(t.of(&["0f".repeat(32), "AB".repeat(32)])));
}

/// A program and the play for it.
fn award(tape: &mut Tape, r: &mut Value) {
    let (mut program, stopwatch) = program(tape);
    maybe(tape, &mut program, 3, "validity", |t| t.of(&[json!({ "days": 14 }), json!({ "months": 3 }), json!({ "days": 36_500 })]));
    let mut award = receipt(tape, &mut program, stopwatch);
    let map = award.as_object_mut().unwrap();
    map.remove("total");
    if let Some(paid) = map.get_mut("paid_by_voucher") {
        *paid = json!(paid.as_i64().unwrap() % 100);
    }
    maybe(tape, &mut award, 3, "shopper", |t| json!({ "prior_points_milli": common::points(t), "purchases": t.of(&[0, 5, 6]) }));
    maybe(tape, &mut award, 6, "merchant", |t| json!({ "suspended": t.once_in(3), "fund_balance": t.everyday() }));
    maybe(tape, &mut award, 6, "counters", |t| json!({ "released_today": t.everyday() }));
    // An award is judged at the time of its event.
    if award.get("claim").is_some() && !tape.once_in(8) {
        r["event"]["time"] = award["claim"]["stopped_at"].clone();
    }
    if award.get("at").is_some() && !tape.once_in(8) {
        r["event"]["time"] = award["at"].clone();
    }
    r["program"] = program;
    r["award"] = award;
}

/// A sale, paid or owed, with what stands around it.
fn sale_request(tape: &mut Tape) -> Value {
    let mut request = json!({ "event": sale(tape) });
    surroundings(tape, &mut request);
    if tape.flag() {
        award(tape, &mut request);
    }
    if tape.flag() {
        pay(tape, &mut request);
    }
    request
}

/// A return or an exchange of a sale, some of which may be back already.
fn taking_back(tape: &mut Tape) -> Value {
    let sale = sale(tape);
    let exchange = tape.flag();
    let event_type = if exchange { "loyalty.exchange" } else { "loyalty.return" };
    let mut event = envelope(tape, event_type, "R-1");
    let data = &mut event["data"];
    data["of"] = json!({ "source": "pos/1", "id": "S-1" });
    let (mut back, mut returned) = (Vec::new(), Vec::new());
    for (place, line) in items(&sale["data"]["lines"]).iter().enumerate() {
        let unit = if line.get("quantity").is_some() { "quantity" } else { "quantity_milli" };
        let quantity = line[unit].as_u64().unwrap();
        let before = tape.pick(usize::try_from(quantity).unwrap() + 1) as u64;
        let now = 1 + tape.pick(3) as u64;
        returned.push(before);
        if back.is_empty() || tape.flag() {
            let now = if before + now > quantity && !tape.once_in(20) { quantity - before } else { now };
            if now > 0 {
                let mut its = json!({ "line": place });
                its[unit] = json!(now);
                back.push(its);
            }
        }
    }
    data["back"] = json!(back);
    if exchange {
        sells(tape, data);
    } else {
        maybe(tape, data, 8, "tax", tax);
    }
    let mut sold = json!({ "event": sale });
    if tape.flag() {
        award(tape, &mut sold);
    }
    if tape.flag() {
        pay(tape, &mut sold);
    }
    let mut request = json!({ "event": event, "sale": sold["event"], "returned": returned });
    let answer = ask("record.event", &sold);
    if let Some(held) = answer.get("held") {
        request["program"] = sold["program"].clone();
        request["held"] = held.clone();
        maybe(tape, &mut request["held"], 4, "above", |t| json!(t.everyday()));
        maybe(tape, &mut request["held"], 8, "kept", |t| json!(t.everyday()));
        maybe(tape, &mut request["held"], 8, "entry", |_| json!("e"));
    }
    if tape.once_in(4) {
        request["returned"] = json!([]);
    }
    surroundings(tape, &mut request);
    if tape.flag() {
        pay(tape, &mut request);
    }
    request
}

fn any_event(tape: &mut Tape) -> Value {
    if tape.flag() { taking_back(tape) } else { sale_request(tape) }
}

/// What a host knows, the event itself among it or not.
fn with_known(tape: &mut Tape, mut request: Value) -> Value {
    let hash = ask("record.erase", &json!({ "event": request["event"] }))["hash"].clone();
    let mut known = Vec::new();
    for k in 0..tape.pick(4) {
        let mut its = tape.of(&[json!("0".repeat(64)), hash.clone()]);
        if tape.once_in(4) {
            its = json!(its.as_str().unwrap_or_default().to_uppercase());
        }
        let id = tape.of(&[request["event"]["id"].clone(), json!("other")]);
        known.push(json!({ "source": tape.of(&["pos/1", "pos/2"]), "id": id, "hash": its, "result": format!("r{k}") }));
    }
    request["known"] = json!(known);
    request
}

#[test]
fn record_event() {
    differ("record.event", any_event);
}

/// What is known is told before amounts, the sale and its units are judged.
#[test]
fn record_event_of_what_is_known() {
    for_tapes(|tape| {
        let mut request = any_event(tape);
        for field in ["program", "award", "held"] {
            request.as_object_mut().unwrap().remove(field);
        }
        compare("record.event", &with_known(tape, request), false)
    });
}

#[test]
fn record_erase() {
    differ("record.erase", |tape| json!({ "event": any_event(tape)["event"] }));
}

#[test]
fn the_award_of_a_sale_is_that_of_the_award() {
    law("record.event", sale_request, |request, answer| {
        let Some(given) = request.get("award").filter(|_| answer["reason"] == "recorded") else {
            return ensure(answer.get("award").is_none(), "an award nobody asked for");
        };
        let paid = items(request["event"]["data"].get("payments").unwrap_or(&json!([]))).iter().any(|paid| paid["kind"] == "voucher");
        if paid || request.get("no_award").is_some() {
            return Ok(());
        }
        let mut receipt = json!({ "total": answer["total"] });
        let mut asked = json!({ "program": request["program"] });
        for (name, value) in given.as_object().unwrap() {
            let target = if ["shopper", "merchant", "counters"].contains(&name.as_str()) { &mut asked } else { &mut receipt };
            target[name.as_str()] = value.clone();
        }
        asked["receipt"] = receipt;
        ensure(answer["award"] == ask("award.decide", &asked), "another award")?;
        let entries = items(&answer["entries"]);
        for entry in entries {
            ensure(entry["points_milli"] == answer["award"]["points_milli"], "an entry of other points")?;
            let folded = ask("ledger.fold", &json!({ "entries": [entry], "as_of": entry["time"] }));
            ensure(folded["balance_milli"] == entry["points_milli"], "an entry no ledger takes")?;
        }
        let earns = request["event"]["data"].get("member").is_some() && whole(&answer["award"]["points_milli"]) > 0;
        ensure(entries.len() == usize::from(earns), "an entry too many or too few")
    });
}

/// Sums of an answer's accounts.
fn books(answer: &Value) -> BTreeMap<String, i128> {
    let mut books = BTreeMap::new();
    for line in items(&answer["accounts"]) {
        *books.entry(line["account"].as_str().unwrap().to_string()).or_default() += whole(&line["debit"]) - whole(&line["credit"]);
    }
    books
}

#[test]
fn what_is_debited_is_credited() {
    law("record.event", any_event, |request, answer| {
        if answer["reason"] != "recorded" {
            return Ok(());
        }
        let accounts = items(&answer["accounts"]);
        let side = |name: &str| total(accounts.iter().map(|line| &line[name]));
        ensure(side("debit") == side("credit"), "debit is not credit")?;
        let names: Vec<&str> = accounts.iter().map(|line| line["account"].as_str().unwrap()).collect();
        ensure(names.is_sorted_by(|a, b| a < b), "not sorted, or an account twice")?;
        let one_sided = |line: &Value| (whole(&line["debit"]) > 0) != (whole(&line["credit"]) > 0);
        ensure(accounts.iter().all(one_sided), "a line with both sides or none")?;
        let books = books(answer);
        let of = |start: &str| -> i128 { books.iter().filter(|(name, _)| name.starts_with(start)).map(|(_, sum)| *sum).sum() };
        ensure(of("payment:") + of("receivable") == whole(&answer["payable"]) + whole(&answer["rounding"]), "another sum was paid")?;
        ensure(-of("rounding") == whole(&answer["rounding"]), "another rounding")?;
        ensure(-of("tips") == whole(&answer["tips"]), "other tips")?;
        ensure(-of("tax:") == total(items(&answer["tax"]).iter().map(|line| &line["tax"])), "other taxes")?;
        let award = answer.get("award").map_or(0, |award| whole(&award["value"]));
        let award = award - answer.get("reversal").map_or(0, |reversal| whole(&reversal["taken_back"]));
        ensure(of("voucher_cost") == award && -of("voucher_debt") == award, "another award in the books")?;
        let before_tax = whole(&answer["goods"]) + whole(&answer["service"]) + whole(&answer["tips"]);
        let sold = -of("sales") - of("service") - of("tips") - of("tax:");
        ensure(sold == whole(&answer["payable"]), "what was sold is not what is payable")?;
        let event = &request["event"];
        if event["type"] == "loyalty.sale" {
            ensure(whole(&answer["payable"]) >= before_tax, "a tax that is negative")?;
        }
        Ok(())
    });
}

/// Rates whose taxed sums are told are the sums of goods and service.
#[test]
fn the_taxed_parts_are_the_whole() {
    law("record.event", sale_request, |request, answer| {
        let tax = &request["event"]["data"]["tax"];
        if answer["reason"] != "recorded" || tax.is_null() || tax["on"] == "gross" || tax["service"] == json!(false) {
            return Ok(());
        }
        let taxed = total(items(&answer["tax"]).iter().map(|line| &line["base"]));
        ensure(taxed == whole(&answer["goods"]) + whole(&answer["service"]), "something taxed twice, or not")?;
        let goods = lines_are_worth(&request["event"]["data"]["lines"]) - request["event"]["data"].get("discount").map_or(0, whole);
        ensure(goods == whole(&answer["goods"]), "goods are not lines less discounts")
    });
}

/// An event that was recorded is known by its own audit line, whatever else
/// changed meanwhile.
#[test]
fn an_event_counts_once() {
    for_tapes(|tape| {
        let mut request = any_event(tape);
        let answer = ask("record.event", &request);
        if answer["reason"] != "recorded" {
            return Ok(());
        }
        let audit = &answer["audit"];
        let line = json!({ "source": audit["source"], "id": audit["id"], "hash": audit["hash"], "result": answer["result"] });
        request["known"] = json!([line]);
        request["stock"] = json!([]);
        if let Some(returned) = request.get("returned") {
            request["returned"] = items(returned).iter().map(|_| 1_000_000).collect();
        }
        let again = ask("record.event", &request);
        ensure(again == json!({ "reason": "duplicate", "result": answer["result"] }), &format!("{request}\n{again}"))?;
        ensure(audit["hash"].as_str().unwrap().starts_with(answer["result"].as_str().unwrap()), "a result of another hash")
    });
}

/// A return of every unit gives back what was paid but the tips, however it
/// is cut in parts.
#[test]
fn parts_of_a_return_give_back_the_whole() {
    for_tapes(|tape| {
        let mut sale = sale(tape);
        sale["data"].as_object_mut().unwrap().remove("rounding");
        let sold = ask("record.event", &json!({ "event": sale }));
        if kind(&sold).is_some() {
            return Ok(());
        }
        let unit = |line: &Value| if line.get("quantity").is_some() { "quantity" } else { "quantity_milli" };
        let lines = items(&sale["data"]["lines"]);
        let quantities: Vec<usize> = lines.iter().map(|line| line[unit(line)].as_u64().unwrap() as usize).collect();
        let mut returned = vec![0; quantities.len()];
        let (mut goods, mut service, mut payable, mut taxes) = (0, 0, 0, BTreeMap::<i64, i128>::new());
        let mut sums = books(&sold);
        let mut part = 0;
        while returned != quantities {
            let mut back = Vec::new();
            let after: Vec<usize> = returned.iter().zip(&quantities).map(|(gone, all)| gone + tape.pick(all - gone + 1)).collect();
            let after = if after == returned { quantities.clone() } else { after };
            for place in 0..quantities.len() {
                if after[place] > returned[place] {
                    let mut its = json!({ "line": place });
                    its[unit(&lines[place])] = json!(after[place] - returned[place]);
                    back.push(its);
                }
            }
            let event = json!({
                "specversion": "1.0", "type": "loyalty.return", "source": "pos/2", "id": format!("R-{part}"), "time": "2025-03-02T10:00:00+07:00",
                "data": { "shop": "ANI", "channel": "pos", "sequence": 1, "of": { "source": "pos/1", "id": "S-1" }, "back": back },
            });
            let request = json!({ "event": event, "sale": sale, "returned": returned });
            let answer = ask("record.event", &request);
            ensure(answer["reason"] == "recorded", &format!("{request}\n{answer}"))?;
            ensure(whole(&answer["payable"]) <= 0, "a return that costs something")?;
            goods += whole(&answer["goods"]);
            service += whole(&answer["service"]);
            payable += whole(&answer["payable"]);
            ensure(whole(&answer["total"]) == whole(&sold["goods"]) + goods, "the total left is not what is left")?;
            ensure(-payable <= whole(&sold["payable"]) - whole(&sold["tips"]), "more given back than was paid")?;
            for line in items(&answer["tax"]) {
                *taxes.entry(line["rate_bp"].as_i64().unwrap()).or_default() += whole(&line["tax"]);
            }
            for (account, sum) in books(&answer) {
                *sums.entry(account).or_default() += sum;
            }
            returned = after;
            part += 1;
        }
        ensure(-goods == whole(&sold["goods"]) && -service == whole(&sold["service"]), &format!("not all given back: {sale}"))?;
        ensure(-payable == whole(&sold["payable"]) - whole(&sold["tips"]), "not all paid back but the tips")?;
        for line in items(&sold["tax"]) {
            ensure(-taxes.get(&line["rate_bp"].as_i64().unwrap()).copied().unwrap_or(0) == whole(&line["tax"]), "a tax not given back")?;
        }
        let tips = whole(&sold["tips"]);
        for (account, sum) in sums {
            let wanted = match account.as_str() {
                "tips" => -tips,
                "receivable" => tips,
                _ => 0,
            };
            ensure(sum == wanted, &format!("{account} is left with {sum}"))?;
        }
        Ok(())
    });
}

/// Whatever a sale gave is taken back when all of it has come back, line by line, and an even exchange in between changes
/// nothing.
#[test]
fn what_an_award_gave_comes_back() {
    for_tapes(|tape| {
        let mut sold = json!({ "event": sale(tape) });
        award(tape, &mut sold);
        if tape.flag() {
            pay(tape, &mut sold);
        }
        let answer = ask("record.event", &sold);
        if answer["reason"] != "recorded" {
            return Ok(());
        }
        let (mut held, issued) = (answer["held"].clone(), whole(&answer["award"]["value"]));
        let lines = items(&sold["event"]["data"]["lines"]);
        let (mut returned, mut taken, mut on_vouchers) = (vec![0; lines.len()], 0, 0);
        for (place, line) in lines.iter().enumerate() {
            let unit = if line.get("quantity").is_some() { "quantity" } else { "quantity_milli" };
            let mut back = json!({ "line": place });
            back[unit] = line[unit].clone();
            let event = json!({
                "specversion": "1.0", "type": "loyalty.return", "source": "pos/2", "id": format!("R-{place}"), "time": "2025-03-02T10:00:00+07:00",
                "data": { "shop": "ANI", "channel": "pos", "sequence": 1, "of": { "source": "pos/1", "id": "S-1" }, "back": [back] },
            });
            let request = json!({ "event": event, "sale": sold["event"], "returned": returned, "program": sold["program"], "held": held });
            let answer = ask("record.event", &request);
            ensure(answer["reason"] == "recorded", &format!("{request}\n{answer}"))?;
            ensure(whole(&answer["reversal"]["taken_back"]) >= 0, "a return that gives")?;
            taken += whole(&answer["reversal"]["taken_back"]);
            on_vouchers += whole(&answer["voucher_back"]);
            if let Some(parts) = answer["held"].get("parts") {
                ensure(total(items(parts).iter()) == whole(&answer["held"]["kept"]), "parts that are not what is kept")?;
            }
            held = answer["held"].clone();
            returned[place] = line[unit].as_i64().unwrap();
        }
        let all = format!("{sold}\n{held}");
        ensure(taken == issued && held["kept"] == json!(0) && held["base"] == json!(0), &all)?;
        let paid = answer["held"].get("paid_by_voucher").map_or(0, whole);
        let back = (whole(&answer["payable"]) - whole(&answer["tips"])).max(0);
        ensure(on_vouchers == paid.min(back), &format!("{on_vouchers} on vouchers of {paid}: {all}"))
    });
}

/// An erased event is the same event to the record, and the ledger of all
/// others is untouched.
#[test]
fn erasing_a_member_changes_nothing_else() {
    for_tapes(|tape| {
        let mut request = any_event(tape);
        let answer = ask("record.event", &request);
        let erased = ask("record.erase", &json!({ "event": request["event"] }));
        if kind(&answer).is_some() || kind(&erased).is_some() {
            return Ok(());
        }
        let again = ask("record.erase", &json!({ "event": erased["event"] }));
        ensure(again == erased, "erased twice is otherwise")?;
        ensure(erased["event"]["data"].get("member").is_none(), "the member is still named")?;
        let member = request["event"]["data"]["member"].clone();
        request["event"] = erased["event"].clone();
        let mut anew = ask("record.event", &request);
        if answer["reason"] == "recorded" {
            ensure(answer["audit"]["hash"] == erased["hash"], "another hash")?;
            let others: Vec<&Value> = items(&answer["entries"]).iter().filter(|entry| entry["account"] != member).collect();
            ensure(json!(others) == anew["entries"], "entries of others changed")?;
            anew["entries"] = answer["entries"].clone();
            anew["held"] = answer["held"].clone();
            if anew["held"].is_null() {
                anew.as_object_mut().unwrap().remove("held");
            }
        }
        ensure(anew == answer, &format!("{request}\n{answer}\n{anew}"))
    });
}

// Merge

fn sent(tape: &mut Tape, k: usize) -> Value {
    let id = if tape.once_in(4) { tape.of(&["e0", "e1", "", "é"]).to_string() } else { format!("e{k}") };
    json!({ "channel": a_channel(tape), "sequence": 1 + tape.pick(12), "time": minute(tape), "id": id })
}

/// Things that came, some of them twice.
fn repeated(tape: &mut Tape, mut all: Vec<Value>) -> Value {
    for _ in 0..tape.pick(4) {
        if !all.is_empty() {
            let again = tape.of(&all);
            all.push(again);
        }
    }
    json!(all)
}

fn merge_request(tape: &mut Tape) -> Value {
    let events = list(tape, 9, sent);
    let mut request = json!({ "events": repeated(tape, events) });
    maybe(tape, &mut request, 3, "first", |t| json!({ "pos": 1 + t.pick(8), "web": t.of(&[1, 12, MAX]) }));
    maybe(tape, &mut request, 3, "after", |t| json!({ "time": minute(t), "channel": a_channel(t), "sequence": 1 + t.pick(9) }));
    request
}

#[test]
fn record_merge() {
    differ("record.merge", merge_request);
}

fn without(answer: &Value, field: &str) -> Value {
    let mut answer = answer.clone();
    answer.as_object_mut().unwrap().remove(field);
    answer
}

/// The same answer whatever came first, and each thing once: what came again
/// changes nothing but the list of repetitions.
fn arrival_does_not_matter(op: &'static str, field: &str, make: impl Fn(&mut Tape) -> Value) {
    for_tapes(|tape| {
        let mut request = make(tape);
        let answer = ask(op, &request);
        if kind(&answer).is_some() {
            return Ok(());
        }
        request[field] = shuffled(tape, &request[field]);
        let anew = ask(op, &request);
        ensure(anew == answer, &format!("{op} by order of arrival\n{request}\n{answer}\n{anew}"))?;
        if field != "tills" && answer.get("duplicates").is_some() && !items(&request[field]).is_empty() {
            let again = tape.of(items(&request[field]));
            request[field].as_array_mut().unwrap().push(again);
            let anew = ask(op, &request);
            ensure(without(&anew, "duplicates") == without(&answer, "duplicates"), &format!("{op} twice\n{request}\n{answer}\n{anew}"))?;
        }
        Ok(())
    });
}

#[test]
fn a_merge_does_not_depend_on_arrival() {
    arrival_does_not_matter("record.merge", "events", merge_request);
}

/// A merge of what came later goes on where the first one ended.
#[test]
fn what_is_not_late_comes_after_an_earlier_merge() {
    law("record.merge", merge_request, |request, answer| {
        let order: Vec<&str> = items(&answer["order"]).iter().map(|id| id.as_str().unwrap()).collect();
        let late: Vec<&str> = items(&answer["late"]).iter().map(|id| id.as_str().unwrap()).collect();
        ensure(order.starts_with(&late), "the late ones are not the first of the order")?;
        ensure(request.get("after").is_some() || late.is_empty(), "late after nothing")?;
        let mut once = order.clone();
        once.sort_unstable();
        once.dedup();
        ensure(once.len() == order.len(), "an id ordered twice")?;
        let ids: std::collections::BTreeSet<&str> = items(&request["events"]).iter().map(|event| event["id"].as_str().unwrap()).collect();
        ensure(order.len() == ids.len(), "an id that is not ordered")
    });
}

// Stock

fn stock_request(tape: &mut Tape) -> Value {
    let moves = list(tape, 10, |t, k| {
        let id = if t.once_in(6) { t.of(&["m0", "m1"]).to_string() } else { format!("m{k}") };
        let quantity = t.of(&[-1, -2, -5, 3, 1, -10, 7]) * if t.once_in(60) { MAX / 20 } else { 1 };
        json!({
            "id": id, "time": minute(t), "channel": a_channel(t), "sequence": 1 + t.pick(4),
            "sku": t.of(&["A", "A", "B"]), "quantity": quantity,
        })
    });
    let shelf = |t: &mut Tape, sku: &str| {
        let mut shelf = json!({ "sku": sku, "available": t.of(&[5, 0, 1, 20]) });
        maybe(t, &mut shelf, 2, "safety", |t| json!(t.of(&[1, 3, 0])));
        shelf
    };
    let mut stock = vec![shelf(tape, "B"), shelf(tape, "A")];
    if tape.once_in(20) {
        stock.truncate(1);
    }
    let mut request = json!({ "stock": stock, "moves": repeated(tape, moves) });
    maybe(tape, &mut request, 2, "policy", |t| json!(t.of(&["backorder", "refuse"])));
    request
}

#[test]
fn record_stock() {
    differ("record.stock", stock_request);
}

#[test]
fn stock_does_not_depend_on_arrival() {
    arrival_does_not_matter("record.stock", "moves", stock_request);
}

#[test]
fn stock_is_conserved_and_never_negative() {
    law("record.stock", stock_request, |request, answer| {
        let mut moves: BTreeMap<&str, &Value> = BTreeMap::new();
        let instant = |time: &str| {
            let number = |from: usize| time[from..from + 2].parse::<i64>().unwrap();
            let fraction = time[19..time.len() - 6].to_string();
            let offset: i64 = time[time.len() - 6..time.len() - 3].parse().unwrap();
            ((number(8) * 24 + number(11) - offset) * 3600 + number(14) * 60 + number(17), fraction)
        };
        let text = |one: &Value, field: &str| one[field].as_str().unwrap().to_string();
        let place = |one: &Value| {
            (instant(&text(one, "time")), text(one, "channel"), whole(&one["sequence"]), text(one, "sku"), whole(&one["quantity"]))
        };
        for one in items(&request["moves"]) {
            let first = moves.entry(one["id"].as_str().unwrap()).or_insert(one);
            if place(one) < place(first) {
                *first = one;
            }
        }
        for shelf in items(&answer["stock"]) {
            let sku = &shelf["sku"];
            let opening = items(&request["stock"]).iter().find(|its| its["sku"] == *sku).unwrap();
            let of_sku = |id: &Value| moves[id.as_str().unwrap()]["sku"] == *sku;
            let told = || items(&answer["moves"]).iter().filter(|one| of_sku(&one["id"]));
            let served = total(items(&answer["served"]).iter().filter(|one| of_sku(&one["id"])).map(|one| &one["units"]));
            let moved = total(told().map(|one| &one["moved"]));
            let promised = total(told().map(|one| &one["backordered"]));
            let closing = whole(&shelf["available"]);
            ensure(whole(&opening["available"]) + moved - served == closing, "opening and moves are not closing")?;
            ensure(promised == served + whole(&shelf["backordered"]), "promised is not served and open")?;
            ensure(closing >= 0 && told().all(|one| whole(&one["available"]) >= 0), "below nothing")?;
            ensure(closing == 0 || whole(&shelf["backordered"]) == 0, "units on the shelf that are owed")?;
            for one in told() {
                let wanted = whole(&moves[one["id"].as_str().unwrap()]["quantity"]);
                let right = match one["reason"].as_str().unwrap() {
                    "refused" => whole(&one["moved"]) == 0 && whole(&one["backordered"]) == 0 && -wanted > whole(&one["available"]),
                    _ => whole(&one["moved"]) - whole(&one["backordered"]) == wanted,
                };
                ensure(right, &format!("{one} of {wanted}"))?;
            }
        }
        Ok(())
    });
}

// Codes

fn codes_request(tape: &mut Tape) -> Value {
    let lines = list(tape, 8, |t, _| json!({ "channel": a_channel(t), "code": t.of(&CODES) }));
    json!({ "codes": code_list(tape), "lines": lines })
}

#[test]
fn record_codes() {
    differ("record.codes", codes_request);
    law("record.codes", codes_request, |request, answer| {
        let skus = items(&answer["skus"]);
        ensure(skus.len() == items(&request["lines"]).len(), "a SKU for each line")?;
        let unknown = skus.iter().filter(|sku| sku.is_null()).count() as i128;
        ensure(total(items(&answer["unknown"]).iter().map(|line| &line["count"])) == unknown, "unknown lines are not counted")
    });
}

// Reconciliation

fn reconcile_request(tape: &mut Tape) -> Value {
    let kinds = ["cash", "card", ""];
    let events = list(tape, 8, |t, k| {
        let id = if t.once_in(5) { "e0".to_string() } else { format!("e{k}") };
        let payments = list(t, 3, |t, _| json!({ "kind": t.of(&kinds), "amount": t.of(&[100, 0, -100, 5, MAX]) }));
        json!({ "id": id, "channel": t.of(&["pos", "web"]), "payments": payments })
    });
    let mut tills = Vec::new();
    for channel in ["web", "pos"] {
        for kind in kinds {
            if tape.flag() {
                let mut till = json!({ "channel": channel, "kind": kind, "amount": tape.of(&[100, 0, 200, -100, 5, 105]) });
                maybe(tape, &mut till, 2, "count", |t| json!(t.pick(4)));
                tills.push(till);
            }
        }
    }
    json!({ "events": repeated(tape, events), "tills": tills })
}

#[test]
fn record_reconcile() {
    differ("record.reconcile", reconcile_request);
}

#[test]
fn a_reconciliation_does_not_depend_on_arrival() {
    // Copies of one id with different content apart, of which the first counts.
    arrival_does_not_matter("record.reconcile", "events", |tape| {
        let mut request = reconcile_request(tape);
        let mut first = BTreeMap::new();
        for event in request["events"].as_array_mut().unwrap() {
            *event = first.entry(event["id"].to_string()).or_insert(event.clone()).clone();
        }
        request
    });
    arrival_does_not_matter("record.reconcile", "tills", |tape| {
        let mut request = reconcile_request(tape);
        let mut ids = std::collections::BTreeSet::new();
        request["events"].as_array_mut().unwrap().retain(|event| ids.insert(event["id"].to_string()));
        request
    });
}

/// Tills that say what the record says agree.
#[test]
fn tills_that_repeat_the_record_agree() {
    for_tapes(|tape| {
        let mut request = reconcile_request(tape);
        request["tills"] = json!([]);
        let answer = ask("record.reconcile", &request);
        if kind(&answer).is_some() {
            return Ok(());
        }
        let till = |line: &Value| json!({ "channel": line["channel"], "kind": line["kind"], "amount": line["record"], "count": line["record_count"] });
        request["tills"] = items(&answer["lines"]).iter().map(till).collect();
        ensure(ask("record.reconcile", &request)["agrees"] == json!(true), &format!("{request}"))
    });
}

// Anomalies

fn anomalies_request(tape: &mut Tape) -> Value {
    let many = if tape.once_in(3) { 40 } else { 8 };
    let lucky = tape.of(&[2, 2, 10]);
    let receipts = list(tape, many, |t, k| {
        let mut receipt = json!({
            "id": format!("r{}", (k * 7) % 41), "shop": t.of(&["ANI", "BUDI"]), "time": minute(t), "amount": t.of(&[5000, 0, 7000, 5000]),
        });
        maybe(t, &mut receipt, 2, "member", |t| json!(t.of(&["M", "N", "ANI"])));
        maybe(t, &mut receipt, 2, "digit", |t| json!(if t.once_in(lucky) { t.pick(10) } else { 0 }));
        maybe(t, &mut receipt, 3, "rate_bp", |t| json!(t.of(&[1100, 1101, 10_000])));
        maybe(t, &mut receipt, 3, "highest_bp", |t| json!(t.of(&[1100, 1101, 0])));
        receipt
    });
    let mut request = json!({ "receipts": receipts });
    let r = &mut request;
    maybe(tape, r, 2, "vouchers", |t| {
        json!(list(t, 4, |t, k| {
            let mut voucher = json!({ "id": format!("v{}", (k * 3) % 5), "receipt": "r0" });
            maybe(t, &mut voucher, 2, "redeemed_at", |t| json!(minute(t)));
            maybe(t, &mut voucher, 2, "refunded_at", |t| json!(minute(t)));
            maybe(t, &mut voucher, 2, "refunded", |t| json!(t.of(&[1, 0])));
            voucher
        }))
    });
    maybe(tape, r, 2, "within_s", |t| json!(t.of(&[60, 0, 59, 1, 300])));
    maybe(tape, r, 4, "digit", |t| json!(t.pick(10)));
    maybe(tape, r, 2, "false_alarm_ppb", |t| json!(t.of(&[1_000_000, 1, 100_000_000, 1_000_000_000, 999_999])));
    request
}

#[test]
fn record_anomalies() {
    differ("record.anomalies", anomalies_request);
}

#[test]
fn anomalies_do_not_depend_on_arrival() {
    arrival_does_not_matter("record.anomalies", "receipts", anomalies_request);
}

/// In how many of all 10^n rows of n digits each number of zeros comes up, as
/// decimal digits from the last one on: another digit is a zero in one way and
/// none in nine.
fn ways(plays: usize) -> Vec<Vec<u32>> {
    let mut ways = vec![vec![1]];
    for _ in 0..plays {
        let none = vec![0];
        let mut next = Vec::new();
        for hits in 0..=ways.len() {
            let more = ways.get(hits).unwrap_or(&none);
            let fewer = if hits == 0 { &none } else { &ways[hits - 1] };
            next.push(added(&times_nine(more), fewer));
        }
        ways = next;
    }
    ways
}

fn carried(columns: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut digits = Vec::new();
    let mut carry = 0;
    for column in columns {
        digits.push((column + carry) % 10);
        carry = (column + carry) / 10;
    }
    digits.push(carry);
    digits
}

fn times_nine(number: &[u32]) -> Vec<u32> {
    carried(number.iter().map(|digit| digit * 9))
}

fn added(a: &[u32], b: &[u32]) -> Vec<u32> {
    let digit = |number: &[u32], place: usize| number.get(place).copied().unwrap_or(0);
    carried((0..a.len().max(b.len())).map(|place| digit(a, place) + digit(b, place)))
}

/// The first nine decimals of such a number of 10^n.
fn billionths(number: &[u32], plays: usize) -> i128 {
    let place = |decimal: usize| plays.checked_sub(decimal).and_then(|place| number.get(place)).copied().unwrap_or(0);
    (0..=9).map(place).fold(0, |told, digit| told * 10 + i128::from(digit))
}

#[test]
fn the_tail_is_counted_one_by_one() {
    for plays in [1, 2, 3, 9, 10, 11, 57, 100, 199, 200] {
        let ways = ways(plays);
        let mut tail = vec![0];
        for hits in (1..=plays).rev() {
            tail = added(&tail, &ways[hits]);
            if plays > 60 && hits % 7 != 3 && hits > plays / 4 {
                continue;
            }
            let receipt = |k: usize| json!({ "id": k.to_string(), "shop": "A", "time": "2025-03-01T10:00:00+07:00", "amount": 0, "digit": usize::from(k >= hits) });
            let receipts: Vec<Value> = (0..plays).map(receipt).collect();
            let answer = ask("record.anomalies", &json!({ "receipts": receipts, "false_alarm_ppb": 1_000_000_000 }));
            assert_eq!(whole(&answer["findings"][0]["tail_ppb"]), billionths(&tail, plays), "{hits} of {plays}");
        }
    }
}

/// A flag goes up exactly where the tail reaches the alarm.
#[test]
fn a_flag_goes_up_at_the_tail() {
    for (hits, plays) in [(1_usize, 1_usize), (3, 3), (6, 6), (9, 9)] {
        let receipts: Vec<Value> = (0..plays)
            .map(|k| json!({ "id": k.to_string(), "shop": "ANI", "time": "2025-03-01T10:00:00+07:00", "amount": 0, "digit": usize::from(k >= hits) }))
            .collect();
        let exact = 10_i64.pow(9 - u32::try_from(plays).unwrap());
        let flags = |ppb: i64| items(&ask("record.anomalies", &json!({ "receipts": receipts, "false_alarm_ppb": ppb }))["findings"]).len();
        assert_eq!(flags(exact), 1, "{plays} of {plays} at {exact}");
        if exact > 1 {
            assert_eq!(flags(exact - 1), 0, "{plays} of {plays} below {exact}");
        }
    }
}

/// Ten thousand plays of one name are counted; one more is too much.
#[test]
fn plays_are_bounded() {
    let shop = |plays: usize| -> Value {
        let receipt =
            |k: usize| json!({ "id": k.to_string(), "shop": "A", "time": "2025-03-01T10:00:00+07:00", "amount": 0, "digit": k % 10 });
        json!({ "receipts": (0..plays).map(receipt).collect::<Vec<_>>(), "false_alarm_ppb": 1_000_000_000 })
    };
    compare("record.anomalies", &shop(10_000), true).unwrap();
    compare("record.anomalies", &shop(10_001), true).unwrap();
    assert_eq!(kind(&ask("record.anomalies", &shop(10_001))), Some("too_large"));
}

// Orders

fn clock(tape: &mut Tape, from: usize) -> String {
    format!("2025-03-01T{:02}:{:02}:{:02}+07:00", from + tape.pick(6), tape.of(&[0, 1, 29, 30, 31, 59]), tape.of(&[0, 0, 0, 1, 59, 60]))
}

fn follow_request(tape: &mut Tape) -> Value {
    let orders = list(tape, 4, |t, k| {
        let id = if t.once_in(20) { "o0".to_string() } else { format!("o{k}") };
        let placed = if t.once_in(4) { moment(t) } else { clock(t, 6) };
        let mut order = json!({ "id": id, "channel": a_channel(t), "placed": placed });
        maybe(t, &mut order, 2, "promised", |t| json!(clock(t, 10)));
        let ways = [
            vec![],
            vec!["accepted"],
            vec!["accepted", "ready"],
            vec!["accepted", "ready", "handed_over"],
            vec!["cancelled"],
            vec!["accepted", "cancelled"],
            vec!["accepted", "ready", "cancelled"],
            vec!["ready"],
        ];
        let way = t.of(&ways);
        let steps: Vec<Value> = way.iter().enumerate().map(|(j, state)| json!({ "state": state, "time": clock(t, 9 + 3 * j) })).collect();
        if !steps.is_empty() || t.flag() {
            order["steps"] = json!(steps);
        }
        order
    });
    let now =
        if tape.once_in(4) { clock(tape, 12) } else { tape.of(&["2025-03-01T23:00:00+07:00", "2026-01-01T00:00:00+07:00"]).to_string() };
    let mut request = json!({ "now": now, "orders": orders });
    let r = &mut request;
    maybe(tape, r, 2, "hours", |t| {
        let open = t.of(&["08:00", "00:00", "09:30:30", "10:00"]);
        json!({ "open": open, "close": t.of(&["17:00", "10:00:01", "23:59:59", "09:31"]) })
    });
    maybe(tape, r, 2, "answer_within_minutes", |t| json!(t.of(&[30, 0, 1, 60, 600, 5000, 1_000_000, MAX])));
    request
}

#[test]
fn order_follow() {
    differ("order.follow", follow_request);
    law("order.follow", follow_request, |request, answer| {
        let states = ["placed", "accepted", "ready", "handed_over", "cancelled"];
        let counted = total(states.iter().map(|state| &answer["counts"][*state]));
        ensure(counted == items(&request["orders"]).len() as i128, "an order in no state or two")
    });
}

#[test]
fn stock_reorder() {
    let reorder_request = |tape: &mut Tape| {
        let products = list(tape, 4, |t, k| {
            let sku = if t.once_in(20) { "p0".to_string() } else { format!("p{k}") };
            let mut product = json!({
                "sku": sku, "on_hand": t.everyday(), "sold": t.everyday(), "days": 1 + t.pick(40), "lead_days": t.pick(20),
            });
            let p = &mut product;
            maybe(t, p, 2, "on_order", |t| json!(t.everyday()));
            maybe(t, p, 2, "backordered", |t| json!(t.everyday()));
            maybe(t, p, 2, "review_days", |t| json!(t.pick(10)));
            maybe(t, p, 2, "safety", |t| json!(t.everyday()));
            maybe(t, p, 2, "pack", |t| json!(t.of(&[1, 6, 12, 1000, MAX])));
            product
        });
        json!({ "products": products })
    };
    differ("stock.reorder", reorder_request);
    law("stock.reorder", reorder_request, |request, answer| {
        for (product, told) in items(&request["products"]).iter().zip(items(&answer["products"])) {
            let suggested = whole(&told["suggest"]);
            let pack = product.get("pack").map_or(1, whole);
            ensure(suggested % pack == 0, "part of a pack")?;
            ensure(suggested == 0 || whole(&told["position"]) <= whole(&told["reorder_point"]), "ordered too early")?;
            ensure(suggested >= 0, "sent back")?;
        }
        Ok(())
    });
}

// A message of a channel

#[test]
fn a_message_is_checked_against_its_bytes() {
    for_tapes(|tape| {
        let mut request = json!({ "body": tape.of(&["{}", "", "é"]), "key_hex": "00".repeat(16), "signature": "00".repeat(32) });
        let answer = ask("record.verify", &request);
        ensure(answer["reason"] == "wrong", "zeros are genuine")?;
        inject(tape, &mut request);
        let answer = ask("record.verify", &request);
        ensure(kind(&answer).is_some() || answer["reason"] != "valid", &format!("{request}\n{answer}"))
    });
}
