//! The layouts that tests/c/layout.txt states, from the Rust side; the C side asserts the same file.

use std::mem::{offset_of, size_of};

use loyalty::*;
use loyalty_rules::award::Reason;
use loyalty_rules::error::{Fault, Kind};

const STATED: &str = include_str!("../../tests/c/layout.txt");

macro_rules! layout {
    ($($name:ident: $($field:ident)*;)*) => {
        [$({
            // A gap would be a reserved field that nobody declared.
            let filled: usize = [$(size_of_field(|value: &$name| &value.$field)),*].iter().sum();
            assert_eq!(filled, size_of::<$name>(), "{} has padding", stringify!($name));
            format!(
                concat!(stringify!($name), " {}", $(" ", stringify!($field), ":{}"),*),
                size_of::<$name>(), $(offset_of!($name, $field)),*
            )
        }),*]
    };
}

fn size_of_field<T, U>(_: fn(&T) -> &U) -> usize {
    size_of::<U>()
}

#[test]
fn every_struct_lies_as_stated() {
    let actual = layout! {
        LoyaltyTime: year month day hour minute second reserved nanosecond offset_minutes reserved2;
        LoyaltyReceipt: struct_size play total_rupiah paid_by_voucher_rupiah column late countdown_s at started_at stopped_at reserved;
        LoyaltyShopper: struct_size reserved0 prior_points_milli purchases reserved;
        LoyaltyMerchant: struct_size suspended registered reserved0 fund_balance_rupiah outstanding_rupiah reserved;
        LoyaltyCounters: struct_size reserved1 released_today_rupiah awards_by_slot released_by_slot_rupiah day_year day_month day_day reserved0 reserved;
        LoyaltyAward: struct_size reason rate_bp capped_by base_rupiah value_rupiah points_milli cell column standby_from_milli claim claim_digit claim_difference_ms late parts_count counters shopper reserved parts_rupiah;
        LoyaltyGlance: reason rate_bp value_rupiah capped_by reserved;
        LoyaltyOutlook: column rate_bp value_rupiah starts_at_tenths;
        LoyaltyQuote: struct_size reserved0 missing_rupiah now at_quota next best worst reserved;
        LoyaltyReversal: struct_size rate_bp base_rupiah total_rupiah issued_rupiah quota_rupiah refunded_before_rupiah refund_rupiah below_quota standby_bp rounding_unit rounding_mode reserved;
        LoyaltyKept: struct_size reason kept_rupiah taken_back_rupiah reserved;
        LoyaltyError: struct_size status kind path message_en message_id reserved;
    };
    assert!(STATED.lines().eq(actual.iter().map(String::as_str)), "{actual:#?}");
}

#[test]
fn columns_have_no_padding() {
    // Its pointers make its size the machine's, so that no layout is stated.
    let _ = layout! {
        LoyaltyColumns: struct_size reserved0 rows total_rupiah paid_by_voucher_rupiah column prior_points_milli purchases value_rupiah rate_bp reason reserved;
    };
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
    for fault in Fault::ALL {
        assert!(fault.english().len() <= 252 && fault.indonesian().len() <= 252, "{fault:?}");
        assert!(fault.kind().name().len() <= 28);
    }
}
