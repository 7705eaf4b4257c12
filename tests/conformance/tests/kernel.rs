//! A kernel alone decides as the program it was taken from.

mod common;

use common::{Tape, award_request, ensure, for_tapes};
use loyalty_rules::award::{Award, Counters, Decider, Kernel, Merchant, Play, Program, Receipt, Row, Shopper, decide};
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

/// The award of a request by whoever decides; its digit or slot alone picks the column.
fn award(decider: &impl Decider, request: &Value) -> Result<Award, Error> {
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
    decide(decider, &receipt, &shopper, &merchant, &counters)
}

/// A program and a receipt; none if the program is refused.
fn request(tape: &mut Tape) -> Option<(Program, Value)> {
    let mut request = award_request(tape);
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
