//! Floor 4: the program and the decision.
//!
//! ```text
//!  Terms ── proof ──▶ Program ─┐
//!  (by hand, JSON or bytes)    ├─▶ decide ─▶ Award: reason, rules, cell, caps, counters
//!  receipt, shopper, counters ─┘
//! ```

mod compiled;
mod core;
mod decide;
mod outcome;
mod program;
mod reverse;
mod terms;

pub use decide::{Counters, Merchant, Play, Receipt, Shopper, decide};
pub use outcome::{Award, Cap, Caps, Cell, Reason};
pub use program::{Nature, Program, Voucher};
pub use reverse::{Issued, Kept, Remainder};
pub use terms::{
    BelowQuota, Budget, Draw, Eligibility, FirstN, Label, Latecomer, Licence, Origin, Quota, ShortBudget, Slots, Terms, Validity,
};
