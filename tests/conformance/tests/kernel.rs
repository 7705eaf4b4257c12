//! A kernel alone decides as the program it was taken from.

mod common;

use std::cell::Cell;

use common::{Tape, ask, award_request, ensure, for_tapes, for_tapes_of};
use loyalty_rules::award::{Award, Batch, Counters, Decider, Kernel, Layout, Merchant, Play, Program, Receipt, Row, Rows, Shopper, decide};
use loyalty_rules::error::Error;
use loyalty_rules::quantity::{Count, Points, Rupiah};
use loyalty_rules::tables::Mechanism;
use serde_json::{Value, json};

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

fn rupiah(value: &Value) -> Rupiah {
    Rupiah::new(number(value)).expect("an amount")
}

fn by_slot(value: &Value) -> [Count; 10] {
    std::array::from_fn(|slot| Count::new(number(&value[slot])).expect("a count"))
}

/// A field of its kind.
macro_rules! of {
    (rupiah $value:expr) => {
        rupiah($value)
    };
    (rest $value:expr) => {
        rupiah($value)
    };
    (points $value:expr) => {
        Points::from_milli(number($value)).expect("points")
    };
    (count $value:expr) => {
        Count::new(number($value)).expect("a count")
    };
    (truth $value:expr) => {
        $value.as_bool().unwrap_or_default()
    };
    (by_slot $value:expr) => {
        by_slot($value)
    };
}

/// Fills the fields of a list from an object.
macro_rules! fill {
    ($value:ident $object:ident $($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        $($value.$name = of!($kind &$object[stringify!($json)]);)*
    };
}

/// What a request decides on; its digit or slot alone picks the column.
fn inputs(request: &Value) -> Result<(Receipt, Shopper, Merchant, Counters), Error> {
    let [of_receipt, of_shopper, of_merchant, of_counters] = ["receipt", "shopper", "merchant", "counters"].map(|part| &request[part]);
    let play = match (of_receipt["digit"].as_i64(), of_receipt["slot"].as_i64()) {
        (Some(digit), _) => Play::picked(Mechanism::Stopwatch, digit)?,
        (_, Some(slot)) => Play::picked(Mechanism::TimeAuction, slot)?,
        _ => Play::Pending,
    };
    let mut receipt = Receipt::new(rupiah(&of_receipt["total"])).with(play);
    let (mut shopper, mut merchant, mut counters) = (Shopper::default(), Merchant::default(), Counters::default());
    loyalty_rules::fields!(receipt fill receipt of_receipt);
    loyalty_rules::fields!(shopper fill shopper of_shopper);
    loyalty_rules::fields!(merchant fill merchant of_merchant);
    loyalty_rules::fields!(counters fill counters of_counters);
    Ok((receipt, shopper, merchant, counters))
}

/// The award of a request by whoever decides.
fn award(decider: &impl Decider, request: &Value) -> Result<Award, Error> {
    let (receipt, shopper, merchant, counters) = inputs(request)?;
    decide(decider, &receipt, &shopper, &merchant, &counters)
}

/// A program and a receipt; none if the program is refused.
fn request(tape: &mut Tape) -> Option<(Program, Value)> {
    let mut request = award_request(tape);
    if tape.once_in(5) {
        // Columns of 0 %, before what stands in for them.
        let document = request["program"].as_object_mut().expect("a program");
        for field in ["margin_class", "tier", "edition"] {
            document.remove(field);
        }
        document.insert("rates_bp".into(), json!([0, 0, 0, 0, 100, 200, 300, 400, 500, 600]));
        if tape.flag() {
            document.insert("eligibility".into(), json!({ "who": "loyal", "min_purchases": 2, "intro": true }));
        }
        if document["mechanism"] == "time_auction" && tape.flag() {
            document.insert("first_n".into(), json!({ "n": 0 }));
        }
    }
    let program = Program::from_json(request["program"].to_string().as_bytes()).ok()?;
    // A kernel has no hours and judges no claim.
    let receipt = request["receipt"].as_object_mut().expect("a receipt");
    if receipt.remove("at").is_some() {
        receipt.insert("slot".into(), json!(1 + tape.pick(10)));
    }
    if receipt.remove("claim").is_some() {
        receipt.insert("digit".into(), json!(tape.pick(10)));
    }
    Some((program, request))
}

#[test]
fn a_kernel_decides_as_its_program() {
    for_tapes(|tape| {
        let Some((program, request)) = request(tape) else { return Ok(()) };
        let kernel = Kernel::from_bytes(&program.kernel().to_bytes()).map_err(|error| error.to_string())?;
        ensure(kernel == *program.kernel(), "the kernel is not the same behind its bytes")?;
        let told = |award: Award| (Row::from(award), award.points(), award.caps(), *award.added(), award.shopper());
        let [alone, whole] = [award(&kernel, &request), award(&program, &request)].map(|award| award.map(told));
        ensure(alone == whole, &format!("{alone:?} alone, {whole:?} by the program: {request}"))
    });
}

/// What the second model answers to a receipt and to three like it, each with the counters that the one before left.
fn four_by_the_model(request: &Value) -> Option<Vec<Value>> {
    let mut request = request.clone();
    let mut answers = Vec::new();
    for _ in 0..4 {
        let answer = loyalty_naive::call("award.decide", &request).ok()?;
        request["counters"] = answer["counters"].clone();
        answers.push(answer);
    }
    Some(answers)
}

/// Each way to an award is held against the second model, not against another way: whole program, compiled, kernel alone, row
/// of a batch, block, batch by name.
#[test]
fn every_way_to_an_award_is_the_second_models() {
    let (abreast, tried) = (Cell::new(0), Cell::new(0));
    let holds = |tape: &mut Tape| {
        let Some((program, mut request)) = request(tape) else { return Ok(()) };
        // What stops at once and what has nothing to earn meet, and so do the ends of the quota.
        if tape.once_in(4) {
            request["merchant"] = json!({ "suspended": tape.flag(), "registered": tape.flag() });
        }
        let quota = program.terms().quota.of(loyalty_rules::tables::Column::FIRST).get();
        match tape.pick(8) {
            0 => request["receipt"]["total"] = json!(0),
            1 => request["receipt"]["paid_by_voucher"] = request["receipt"]["total"].clone(),
            2 => request["receipt"]["total"] = json!((quota - 1).max(0)),
            3 => request["receipt"]["total"] = json!(quota),
            _ => {}
        }
        drop(request["counters"].as_object_mut().and_then(|counters| counters.remove("day")));
        drop(request["receipt"].as_object_mut().and_then(|receipt| receipt.remove("late")));
        let (Ok((receipt, shopper, merchant, counters)), Some(wanted)) = (inputs(&request), four_by_the_model(&request)) else {
            return Ok(());
        };
        let told =
            |row: Row| json!({ "reason": row.reason.name(), "rate_bp": row.rate.bp(), "base": row.base.get(), "value": row.value.get() });
        let same = |way: &str, row: Result<Row, Error>, wanted: &Value| {
            let answer = row.map(told).map_err(|error| format!("{way} refuses: {error} of {request}"))?;
            let agrees = answer.as_object().is_some_and(|fields| fields.iter().all(|(field, value)| wanted[field] == *value));
            ensure(agrees, &format!("{way}: {answer}, {wanted} wanted, of {request}"))
        };
        let counted = |way: &str, counters: Counters, wanted: &Value| {
            let sums = |list: &[Count; 10]| list.iter().map(|count| count.get()).sum::<i64>();
            let of = |list: &Value| list.as_array().map_or(0, |list| list.iter().map(number).sum());
            let agrees = number(&wanted["released_today"]) == counters.released_today.get()
                && of(&wanted["awards_by_slot"]) == sums(&counters.awards_by_slot)
                && of(&wanted["released_by_slot"]) == sums(&counters.released_by_slot);
            ensure(agrees, &format!("{way} counts {counters:?}, {wanted} wanted, of {request}"))
        };

        let compiled = Program::from_compiled(&program.compile(b"")).map_err(|error| error.to_string())?;
        let kernel = Kernel::from_bytes(&program.kernel().to_bytes()).map_err(|error| error.to_string())?;
        same("the program", award(&program, &request).map(Row::from), &wanted[0])?;
        same("the compiled program", award(&compiled, &request).map(Row::from), &wanted[0])?;
        same("the kernel", award(&kernel, &request).map(Row::from), &wanted[0])?;
        let mut batch = Batch::new(&compiled, &merchant, counters);
        for wanted in &wanted {
            same("a row", batch.decide(&receipt, &shopper), wanted)?;
            counted("a row", batch.counters(), &wanted["counters"])?;
        }

        let mut by_name = request.clone();
        let row = json!({ "receipt": request["receipt"], "shopper": request["shopper"] });
        by_name["rows"] = json!(vec![row; 4]);
        for field in ["receipt", "shopper"] {
            drop(by_name.as_object_mut().and_then(|fields| fields.remove(field)));
        }
        let answer = ask("award.batch", &by_name);
        for (row, wanted) in wanted.iter().enumerate() {
            let agrees =
                ["reason", "rate_bp", "value", "points_milli", "capped_by"].iter().all(|field| answer["rows"][row][field] == wanted[field]);
            ensure(agrees, &format!("by name: {answer}, {wanted} wanted, of {by_name}"))?;
        }

        // A block takes what fits into 32 bits.
        let small = |number: i64| [[i32::try_from(number).unwrap_or(-1); 4]];
        let pick = match receipt.play {
            Play::Digit(digit) => digit.get(),
            Play::Slot(slot) => slot.get(),
            _ => u8::MAX,
        };
        let rows = Rows {
            totals: small(receipt.total.get()),
            paid_by_voucher: small(receipt.paid_by_voucher.get()),
            points_milli: small(shopper.prior_points.milli()),
            purchases: small(shopper.purchases.get()),
            picks: &[[i8::from_ne_bytes([pick]); 4]],
        };
        let mut blocks = Batch::new(&kernel, &merchant, counters);
        tried.set(tried.get() + 1);
        let Some([told]) = blocks.decide_block(&Layout::new(&kernel, &merchant), &rows) else { return Ok(()) };
        abreast.set(abreast.get() + 1);
        for ((value, word), wanted) in told.values.into_iter().zip(told.rates_and_reasons).zip(&wanted) {
            let [low, high, reason, _] = word.to_le_bytes();
            let reason = loyalty_rules::award::Reason::ALL[usize::from(reason)].name();
            let answer = (i64::from(value), u64::from(u16::from_le_bytes([low, high])), reason);
            let agrees = wanted["value"] == answer.0 && wanted["rate_bp"] == answer.1 && wanted["reason"] == answer.2;
            ensure(agrees, &format!("a block: {answer:?}, {wanted} wanted, of {request}"))?;
        }
        counted("a block", blocks.counters(), &wanted[3]["counters"])
    };
    // Several receipts a tape, because a receipt asks for few of its numbers.
    for_tapes_of(512, |tape| (0..4).try_for_each(|_| holds(tape)));
    assert!(abreast.get() * 4 > tried.get(), "{} of {} blocks ran side by side", abreast.get(), tried.get());
}

#[test]
fn what_a_kernel_cannot_judge_is_refused() {
    let at = Play::At("2025-03-01T14:30:00+07:00".parse().expect("a time"));
    for (document, play, field) in [
        (r#"{"mechanism": "time_auction", "margin_class": "from_15", "tier": "gold", "window": {"open": "08:00"}}"#, at, "receipt.slot"),
        (r#"{"mechanism": "stopwatch", "margin_class": "from_15", "tier": "pro"}"#, at, "receipt.at"),
    ] {
        let program = Program::from_json(document.as_bytes()).expect(document);
        let receipt = Receipt::new(Rupiah::new(100_000).expect("an amount")).with(play);
        let decided = decide(program.kernel(), &receipt, &Shopper::default(), &Merchant::default(), &Counters::default());
        assert_eq!(decided.expect_err("no hours").field().to_string(), field);
    }
}

#[test]
fn damaged_bytes_are_refused() {
    let program = Program::from_json(br#"{"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus"}"#).expect("a program");
    let bytes = program.kernel().to_bytes();
    let kind = |bytes: &[u8]| Kernel::from_bytes(bytes).map_err(|error| error.kind().name());
    for bit in 0..8 * bytes.len() {
        let mut flipped = bytes;
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(kind(&flipped), Err("bad_compiled"), "bit {bit}");
    }
    for len in 0..bytes.len() {
        assert_eq!(kind(&bytes[..len]), Err("bad_compiled"), "{len} bytes");
    }
    assert_eq!(kind(&[&bytes[..], &[0]].concat()), Err("bad_compiled"));
}

/// Whatever stands behind a right checksum, deciding ends in an answer or a refusal.
#[test]
fn any_numbers_decide_something() {
    const MOST: i64 = 9_007_199_254_740_991;
    for_tapes(|tape| {
        let Some((program, request)) = request(tape) else { return Ok(()) };
        let mut bytes = program.kernel().to_bytes();
        for _ in 0..1 + tape.pick(8) {
            let place = 8 + 8 * tape.pick(70);
            let forged = [-1, 0, 1, 2, 3, 4, 10, 1_000, 10_000, 10_001, MOST, MOST + 1, i64::MIN, i64::MAX][tape.pick(14)];
            bytes[place..place + 8].copy_from_slice(&forged.to_le_bytes());
        }
        let checked = bytes.len() - 4;
        let checksum = crc32c(&bytes[..checked]);
        bytes[checked..].copy_from_slice(&checksum.to_le_bytes());
        match Kernel::from_bytes(&bytes) {
            Ok(kernel) => {
                let decided = award(&kernel, &request);
                ensure(decided.is_ok_and(|award| award.value() >= Rupiah::ZERO) || decided.is_err(), "a value below zero")
            }
            Err(refused) => ensure(refused.kind().name() == "bad_compiled", "another refusal"),
        }
    });
}

fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0x82F6_3B78 } else { crc >> 1 };
        }
    }
    !crc
}
