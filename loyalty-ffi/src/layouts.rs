//! The structs of the hot calls. Each begins with its size and has room to grow.
//!
//! `cargo xtask header` writes the fields that the lists of `loyalty_rules::fields` have and a struct here has not into
//! what is reserved; nothing else moves.

use core::mem::{offset_of, size_of};

use crate::memory::Struct;

/// What every field of a struct can be.
pub(crate) trait Zero {
    /// Zero, or nothing.
    const ZERO: Self;
}

/// What a struct must leave at zero.
pub(crate) trait Reserved {
    /// Whether every field that is documented as zero is so.
    fn is_clear(&self) -> bool;
}

fn is_zero<T: Zero + PartialEq>(number: &T) -> bool {
    *number == T::ZERO
}

macro_rules! numbers {
    ($($number:ident)*) => {$(
        impl Zero for $number {
            const ZERO: Self = 0;
        }
    )*};
}
numbers! { u8 u16 u32 u64 i16 i32 i64 }

impl<T: Zero, const N: usize> Zero for [T; N] {
    const ZERO: Self = [T::ZERO; N];
}

impl<T> Zero for *const T {
    const ZERO: Self = core::ptr::null();
}

impl<T> Zero for *mut T {
    const ZERO: Self = core::ptr::null_mut();
}

/// A struct's name, its size, and each field with its offset.
#[doc(hidden)]
pub type Layout = (&'static str, usize, &'static [(&'static str, usize)]);

/// Declares the structs, proves that none has padding, and states their layouts.
macro_rules! structs {
    ($(
        $(#[$attribute:meta])*
        pub struct $name:ident { $($(#[doc = $doc:tt])* pub $field:ident: $type:ty,)* }
    )*) => {
        $(
            $(#[$attribute])*
            pub struct $name { $($(#[doc = $doc])* pub $field: $type,)* }

            // A gap would be a reserved field that nobody declared.
            const _: () = assert!($(size_of::<$type>() +)* 0 == size_of::<$name>(), concat!(stringify!($name), " has padding"));

            impl Zero for $name {
                const ZERO: Self = Self { $($field: <$type>::ZERO),* };
            }

            impl Reserved for $name {
                fn is_clear(&self) -> bool {
                    $(is_clear!($($doc)* self.$field) &&)* true
                }
            }

            $(named! { $field $($doc)* })*
            sized! { $name $($field)* }
        )*

        #[doc(hidden)]
        pub const LAYOUTS: &[Layout] =
            &[$((stringify!($name), size_of::<$name>(), &[$((stringify!($field), offset_of!($name, $field))),*])),*];
    };
}

/// Whether a field is zero, if its documentation says that it is.
macro_rules! is_clear {
    // A doc comment reaches a macro as a raw string.
    (r" Zero." $number:expr) => {
        is_zero(&$number)
    };
    ($($other:tt)*) => {
        true
    };
}

/// What is called reserved is documented as zero, or it would not be looked at.
macro_rules! named {
    (reserved r" Zero.") => {};
    (reserved $($other:tt)*) => {
        compile_error!("a reserved field is documented as `Zero.`");
    };
    ($($other:tt)*) => {};
}

/// A struct that begins with its size can be an argument.
macro_rules! sized {
    ($name:ident struct_size $($field:ident)*) => {
        // SAFETY: `repr(C)`, begins with its size, has no padding, as asserted above, and holds integers and pointers only.
        unsafe impl Struct for $name {}
    };
    ($name:ident $($field:ident)*) => {};
}

structs! {
    /// A civil time with its offset, as the shop's wall clock shows it (CV-5).
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct LoyaltyTime {
        /// 0 … 9999.
        pub year: u16,
        /// 1 … 12.
        pub month: u8,
        /// 1 … 31.
        pub day: u8,
        /// 0 … 23.
        pub hour: u8,
        /// 0 … 59.
        pub minute: u8,
        /// 0 … 60; 60 is a leap second.
        pub second: u8,
        /// Zero.
        pub reserved: u8,
        /// 0 … 999,999,999.
        pub nanosecond: u32,
        /// Minutes east of UTC, up to ±1,439; WIB is 420, WITA 480, WIT 540.
        pub offset_minutes: i16,
        /// Zero.
        pub reserved2: u16,
    }

    /// A receipt as the till knows it.
    #[repr(C)]
    #[derive(Clone, Copy, Debug)]
    pub struct LoyaltyReceipt {
        /// `sizeof(LoyaltyReceipt)`.
        pub struct_size: u32,
        /// What picks the column: `LOYALTY_PLAY_…`. Fields of another play must be zero.
        pub play: i32,
        /// What was bought, in rupiah, zero or more; the quota looks at it.
        pub total_rupiah: i64,
        /// What of it was paid with vouchers, in rupiah (AW-2).
        pub paid_by_voucher_rupiah: i64,
        /// The lucky digit 0 … 9 or the slot 1 … 10.
        pub column: i32,
        /// 1 if it was entered later than it happened, from a notebook; otherwise 0.
        pub late: i32,
        /// The countdown of a claim, in seconds.
        pub countdown_s: i64,
        /// The time of purchase.
        pub at: LoyaltyTime,
        /// When the countdown of a claim was started.
        pub started_at: LoyaltyTime,
        /// When it was stopped.
        pub stopped_at: LoyaltyTime,
        /// Zero.
        pub reserved: [u64; 4],
    }

    /// A shopper before or after a receipt (AW-7).
    #[repr(C)]
    #[derive(Clone, Copy, Debug)]
    pub struct LoyaltyShopper {
        /// `sizeof(LoyaltyShopper)`.
        pub struct_size: u32,
        /// Zero.
        pub reserved0: u32,
        /// Points held, in thousandths, zero or more.
        pub prior_points_milli: i64,
        /// Purchases made.
        pub purchases: i64,
        /// Rupiah of earlier purchases that are short of a step of the basic points program (PT-1), zero or more.
        pub carried_rupiah: i64,
        /// Zero.
        pub reserved: [u64; 1],
    }

    /// The merchant's standing (GF-4, GF-7, GF-9).
    #[repr(C)]
    #[derive(Clone, Copy, Debug)]
    pub struct LoyaltyMerchant {
        /// `sizeof(LoyaltyMerchant)`.
        pub struct_size: u32,
        /// 1 if suspended, otherwise 0.
        pub suspended: i32,
        /// 1 if the deposit has not reached its requirement yet, otherwise 0.
        pub registered: i32,
        /// Zero.
        pub reserved0: u32,
        /// The balance of the guarantee fund in rupiah, zero or more.
        pub fund_balance_rupiah: i64,
        /// Vouchers issued and not yet redeemed, in rupiah, zero or more.
        pub outstanding_rupiah: i64,
        /// Zero.
        pub reserved: [u64; 2],
    }

    /// What one selling day was given so far (AW-6, AW-7). A receipt of a later day starts from zero, one of an earlier day is
    /// `OUT_OF_ORDER`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug)]
    pub struct LoyaltyCounters {
        /// `sizeof(LoyaltyCounters)`.
        pub struct_size: u32,
        /// Zero.
        pub reserved1: u32,
        /// Rupiah released in the day.
        pub released_today_rupiah: i64,
        /// Table-rate awards above Rp0 by slot I … X (AW-5); zeros with the stopwatch.
        pub awards_by_slot: [i64; 10],
        /// Rupiah released by slot I … X; zeros with the stopwatch.
        pub released_by_slot_rupiah: [i64; 10],
        /// The year of the selling day's date of opening.
        pub day_year: u16,
        /// Its month 1 … 12, or 0 if the counters carry no day.
        pub day_month: u8,
        /// Its day 1 … 31, or 0.
        pub day_day: u8,
        /// Zero.
        pub reserved0: u32,
        /// Zero.
        pub reserved: [u64; 2],
    }

    /// A decision: what is given, why, and the state after it.
    #[repr(C)]
    #[derive(Clone, Copy, Debug)]
    pub struct LoyaltyAward {
        /// Set to `sizeof(LoyaltyAward)` before the call.
        pub struct_size: u32,
        /// `LOYALTY_REASON_…`.
        pub reason: i32,
        /// The rate in basis points; 0 for every stop but `BUDGET_SPENT` and `COVER_SHORT`.
        pub rate_bp: i32,
        /// The limits that lowered the value: a sum of `LOYALTY_CAP_…`.
        pub capped_by: u32,
        /// What earns: the total less what was paid by voucher (AW-2), in rupiah.
        pub base_rupiah: i64,
        /// The voucher's value in rupiah.
        pub value_rupiah: i64,
        /// The same in thousandths of a point (VC-1).
        pub points_milli: i64,
        /// Where the rate stands: `LOYALTY_CELL_…`.
        pub cell: i32,
        /// The digit or slot of a table's cell; otherwise −1.
        pub column: i32,
        /// The threshold of a standby step in thousandths of a point; otherwise 0.
        pub standby_from_milli: i64,
        /// How a claim was judged: `LOYALTY_CLAIM_…`.
        pub claim: i32,
        /// The digit of an accepted claim; otherwise −1.
        pub claim_digit: i32,
        /// Stopped − started − countdown of a claim, in milliseconds; otherwise 0, and so for a countdown that leaves the domain.
        pub claim_difference_ms: i64,
        /// 1 if the receipt was entered late.
        pub late: i32,
        /// How many of `parts_rupiah` are filled; 0 without funding.
        pub parts_count: u32,
        /// The counters after this receipt.
        pub counters: LoyaltyCounters,
        /// The shopper after this receipt.
        pub shopper: LoyaltyShopper,
        /// Zero.
        pub reserved: [u64; 4],
        /// What each funding party bears, in rupiah, in the order of the program; they sum to the value.
        pub parts_rupiah: [i64; 64],
    }

    /// An award in short, as a quote tells it.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Default)]
    pub struct LoyaltyGlance {
        /// `LOYALTY_REASON_…`, or 0 if this glance does not apply.
        pub reason: i32,
        /// The rate in basis points.
        pub rate_bp: i32,
        /// The voucher's value in rupiah.
        pub value_rupiah: i64,
        /// A sum of `LOYALTY_CAP_…`.
        pub capped_by: u32,
        /// Zero.
        pub reserved: u32,
    }

    /// What a column would bring.
    #[repr(C)]
    #[derive(Clone, Copy, Debug)]
    pub struct LoyaltyOutlook {
        /// The digit or slot, or −1 if this outlook does not apply.
        pub column: i32,
        /// Its rate in basis points.
        pub rate_bp: i32,
        /// A digit's value with the total raised to the quota if it is missed, in rupiah; 0 for a slot.
        pub value_rupiah: i64,
        /// When a slot starts, in tenths of a second after midnight; −1 for a digit or without a window.
        pub starts_at_tenths: i64,
    }

    /// The award run ahead (AW-9). Nothing is issued and no counter changes.
    #[repr(C)]
    #[derive(Clone, Copy, Debug)]
    pub struct LoyaltyQuote {
        /// Set to `sizeof(LoyaltyQuote)` before the call.
        pub struct_size: u32,
        /// Zero.
        pub reserved0: u32,
        /// Rupiah from the total to the quota; 0 when it is met.
        pub missing_rupiah: i64,
        /// The award as it stands.
        pub now: LoyaltyGlance,
        /// The award with the missing amount added to the total; its reason is 0 when nothing is missing.
        pub at_quota: LoyaltyGlance,
        /// The next slot of the same selling day with a strictly higher rate.
        pub next: LoyaltyOutlook,
        /// The highest column of a stopwatch.
        pub best: LoyaltyOutlook,
        /// The lowest.
        pub worst: LoyaltyOutlook,
        /// Zero.
        pub reserved: [u64; 4],
    }

    /// A voucher as it was issued, and the refunds of its purchase (AW-8).
    #[repr(C)]
    #[derive(Clone, Copy, Debug)]
    pub struct LoyaltyReversal {
        /// `sizeof(LoyaltyReversal)`.
        pub struct_size: u32,
        /// The rate of the award in basis points.
        pub rate_bp: i32,
        /// The amount the award was made on, in rupiah.
        pub base_rupiah: i64,
        /// What the quota looked at, in rupiah; the base or more.
        pub total_rupiah: i64,
        /// What was issued, in rupiah: less than the value if it was capped; −1 for the whole value.
        pub issued_rupiah: i64,
        /// The quota in rupiah; 0 for none.
        pub quota_rupiah: i64,
        /// What was refunded before, in rupiah.
        pub refunded_before_rupiah: i64,
        /// The refund, in rupiah.
        pub refund_rupiah: i64,
        /// `LOYALTY_BELOW_QUOTA_…`.
        pub below_quota: i32,
        /// The standby rate of the points held before the purchase, in basis points.
        pub standby_bp: i32,
        /// Rupiah to which values are rounded: 1, 10, 50, 100, 500 or 1,000; 0 is 1.
        pub rounding_unit: i32,
        /// `LOYALTY_ROUND_…`.
        pub rounding_mode: i32,
        /// Zero.
        pub reserved: [u64; 4],
    }

    /// What is left of a voucher after a refund.
    #[repr(C)]
    #[derive(Clone, Copy, Debug)]
    pub struct LoyaltyKept {
        /// Set to `sizeof(LoyaltyKept)` before the call.
        pub struct_size: u32,
        /// `LOYALTY_KEPT…`.
        pub reason: i32,
        /// The value kept, in rupiah.
        pub kept_rupiah: i64,
        /// What this refund takes back, in rupiah.
        pub taken_back_rupiah: i64,
        /// Zero.
        pub reserved: [u64; 2],
    }

    /// Receipts as columns. Arrays of `rows` elements each; those marked so may be NULL.
    #[repr(C)]
    #[derive(Clone, Copy, Debug)]
    pub struct LoyaltyColumns {
        /// `sizeof(LoyaltyColumns)`.
        pub struct_size: u32,
        /// Zero.
        pub reserved0: u32,
        /// How many receipts.
        pub rows: u64,
        /// In: totals in rupiah.
        pub total_rupiah: *const i64,
        /// In, or NULL for none: what was paid by voucher, in rupiah.
        pub paid_by_voucher_rupiah: *const i64,
        /// In: digits 0 … 9 or slots 1 … 10, by the program's mechanism; −1 for a stopwatch not played yet, and where nothing is picked.
        pub column: *const i8,
        /// In, or NULL for none: points held before, in thousandths.
        pub prior_points_milli: *const i64,
        /// In, or NULL for none: purchases made before.
        pub purchases: *const i64,
        /// Out: values in rupiah.
        pub value_rupiah: *mut i64,
        /// Out, or NULL: rates in basis points.
        pub rate_bp: *mut u16,
        /// Out, or NULL: `LOYALTY_REASON_…`.
        pub reason: *mut u8,
        /// Zero.
        pub reserved: [u64; 2],
    }
}
