//! The fields of a receipt, its shopper, its merchant, its counters and its award, each declared once.
//!
//! From this list follow the Rust structs, the JSON records with their schemas, the C structs with their header, the
//! WebAssembly exchange, the TypeScript types, and the drivers of the vectors. A row is the documentation, the kind
//! ([`of_kind!`](crate::of_kind)), and the name in Rust, in JSON and in C; TypeScript has the JSON name in camel case.
//!
//! What is no plain value stands beside the lists by hand: a receipt's total and play, the day of counters, and the cell,
//! the claim and the parts of an award.

/// Hands the rows of an object to another macro, behind its own arguments.
#[doc(hidden)]
#[macro_export]
macro_rules! fields {
    (receipt $then:ident $($arguments:tt)*) => {
        $then! { $($arguments)*
            /// What of it was paid with vouchers, in rupiah (AW-2).
            rupiah paid_by_voucher: paid_by_voucher, paid_by_voucher_rupiah;
            /// Whether it was entered later than it happened, from a notebook. It is judged by its own time; a digit
            /// noted on paper counts only if the program accepts it.
            truth late: late, late;
        }
    };
    (shopper $then:ident $($arguments:tt)*) => {
        $then! { $($arguments)*
            /// Points held, in thousandths, zero or more.
            points prior_points: prior_points_milli, prior_points_milli;
            /// Purchases made.
            count purchases: purchases, purchases;
            /// Rupiah of earlier purchases that are short of a step of the basic points program (PT-1), zero or more.
            rest carried: carried, carried_rupiah;
        }
    };
    (merchant $then:ident $($arguments:tt)*) => {
        $then! { $($arguments)*
            /// Whether the guarantee fund was low too long.
            truth suspended: suspended, suspended;
            /// Whether the deposit has not reached its requirement yet.
            truth registered: registered, registered;
            /// The balance of the guarantee fund in rupiah, zero or more.
            rupiah fund_balance: fund_balance, fund_balance_rupiah;
            /// Vouchers issued and not yet redeemed, in rupiah, zero or more.
            rupiah outstanding: outstanding, outstanding_rupiah;
        }
    };
    (counters $then:ident $($arguments:tt)*) => {
        $then! { $($arguments)*
            /// Rupiah released in the day.
            count released_today: released_today, released_today_rupiah;
            /// Table-rate awards above Rp0 by slot I … X (AW-5); of the time auction only.
            by_slot awards_by_slot: awards_by_slot, awards_by_slot;
            /// Rupiah released by slot I … X; of the time auction only.
            by_slot released_by_slot: released_by_slot, released_by_slot_rupiah;
        }
    };
    (award $then:ident $($arguments:tt)*) => {
        $then! { $($arguments)*
            /// The rate in basis points; 0 for every stop but `budget_spent` and `cover_short`.
            rate rate: rate_bp, rate_bp;
            /// What earns: the total less what was paid by voucher (AW-2), in rupiah.
            rupiah base: base, base_rupiah;
            /// The voucher's value in rupiah.
            rupiah value: value, value_rupiah;
            /// The value in thousandths of a point (VC-1).
            points points: points_milli, points_milli;
        }
    };
}

/// What a kind of field is: its type, its value where the field is absent, and its number where only a sign is looked at; 0
/// for a kind that cannot be negative. A rest is rupiah that an answer leaves out where there are none.
#[doc(hidden)]
#[macro_export]
macro_rules! of_kind {
    (type rupiah) => { $crate::quantity::Rupiah };
    (type rest) => { $crate::quantity::Rupiah };
    (type points) => { $crate::quantity::Points };
    (type count) => { $crate::quantity::Count };
    (type rate) => { $crate::quantity::Rate };
    (type truth) => { bool };
    (type by_slot) => { [$crate::quantity::Count; 10] };
    (none truth) => { false };
    (none by_slot) => { [$crate::quantity::Count::ZERO; 10] };
    (none $kind:ident) => { <$crate::of_kind!(type $kind)>::ZERO };
    (sign rupiah $value:expr) => { $value.get() };
    (sign rest $value:expr) => { $value.get() };
    (sign points $value:expr) => { $value.milli() };
    (sign $kind:ident $value:expr) => { 0 };
}

/// A row of the lists, for what is generated from them.
#[cfg(feature = "schema")]
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub json: &'static str,
    pub c: &'static str,
    /// The name of its kind.
    pub kind: &'static str,
    pub doc: &'static str,
}

/// The lists, as tables.
#[cfg(feature = "schema")]
#[doc(hidden)]
#[derive(Debug)]
pub struct Fields;

#[cfg(feature = "schema")]
macro_rules! table {
    ($list:ident $($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        impl Fields {
            #[doc(hidden)]
            pub const $list: &'static [Field] =
                &[$(Field { json: stringify!($json), c: stringify!($c), kind: stringify!($kind), doc: concat!($($doc),*) }),*];
        }
    };
}

#[cfg(feature = "schema")]
const _: () = {
    fields!(receipt table RECEIPT);
    fields!(shopper table SHOPPER);
    fields!(merchant table MERCHANT);
    fields!(counters table COUNTERS);
    fields!(award table AWARD);
};
