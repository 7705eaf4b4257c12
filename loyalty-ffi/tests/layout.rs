//! The layouts that tests/c/layout.txt states, from the Rust side; the C side asserts the same file.

use std::mem::{offset_of, size_of};

use loyalty::*;
use loyalty_rules::award::Reason;
use loyalty_rules::error::{Fault, Kind};

const STATED: &str = include_str!("../../tests/c/layout.txt");

/// The layout of an error, which is declared by itself.
macro_rules! error {
    ($($field:ident)*) => {
        ("LoyaltyError", size_of::<LoyaltyError>(), &[$((stringify!($field), offset_of!(LoyaltyError, $field))),*])
    };
}

#[test]
fn every_struct_lies_as_stated() {
    let of_error: Layout = error!(struct_size status kind path message_en message_id reserved);
    // The pointers of columns make their size the machine's, so that no layout is stated.
    let stated = [&of_error].into_iter().chain(LAYOUTS.iter().filter(|(name, ..)| *name != "LoyaltyColumns"));
    let lines = stated.map(|(name, size, fields)| {
        let fields: Vec<String> = fields.iter().map(|(field, offset)| format!("{field}:{offset}")).collect();
        format!("{name} {size} {}", fields.join(" "))
    });
    assert_eq!(STATED.lines().map(str::to_owned).collect::<Vec<_>>(), lines.collect::<Vec<_>>());
}

#[test]
fn every_kind_has_its_status() {
    let statuses = [
        LOYALTY_INTERNAL,
        LOYALTY_BAD_JSON,
        LOYALTY_TOO_LARGE,
        LOYALTY_UNKNOWN_OP,
        LOYALTY_MISSING_FIELD,
        LOYALTY_UNKNOWN_FIELD,
        LOYALTY_BAD_TYPE,
        LOYALTY_OUT_OF_RANGE,
        LOYALTY_BAD_TIME,
        LOYALTY_BAD_RATE,
        LOYALTY_BAD_TABLE,
        LOYALTY_UNKNOWN_TABLE,
        LOYALTY_BAD_SCHEDULE,
        LOYALTY_BAD_WINDOW,
        LOYALTY_BAD_SHARES,
        LOYALTY_BAD_CONFIG,
        LOYALTY_OUTSIDE_BAND,
        LOYALTY_OVER_REFUND,
        LOYALTY_CAPS_TOO_SMALL,
        LOYALTY_NOT_DEFINED,
        LOYALTY_BAD_COMPILED,
        LOYALTY_BAD_TEXT,
        LOYALTY_OUT_OF_ORDER,
    ];
    let kinds: Vec<i32> = Kind::ALL.iter().map(|kind| kind.code().into()).collect();
    assert_eq!(kinds, statuses);
}

#[test]
fn every_reason_has_its_number_and_awards_stand_from_32() {
    let numbers: Vec<i32> = Reason::ALL.iter().map(|reason| reason_number(*reason)).collect();
    let mut distinct = numbers.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), Reason::ALL.len());
    assert!(!numbers.contains(&0));
    for reason in Reason::ALL {
        assert_eq!(reason_number(*reason) >= LOYALTY_REASON_FULL, reason.is_award(), "{reason:?}");
    }
}

#[test]
fn every_message_fits_its_field() {
    // A message field has 256 bytes, a kind's 32; a cut text needs three for `…` and every text one for the NUL.
    for (name, fault) in Fault::ALL {
        assert!(fault.english().len() <= 252 && fault.indonesian().len() <= 252, "{name}");
        assert!(fault.kind().name().len() <= 28);
    }
}
