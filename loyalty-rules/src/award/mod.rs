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
#[cfg(feature = "alloc")]
mod in_force;
mod make_up;
mod outcome;
mod program;
mod quote;
mod reverse;
mod terms;
#[cfg(feature = "alloc")]
mod tills;

pub use decide::{Counters, Merchant, Play, Receipt, Shopper, decide};
#[cfg(feature = "alloc")]
pub use in_force::ProgramList;
pub use make_up::{MadeUp, MadeUpAward, MakeUp};
pub use outcome::{Award, Cap, Caps, Cell, Reason};
pub use program::{Nature, Program, Voucher};
pub use quote::{NextSlot, Outlook, Quote, quote};
pub use reverse::{Issued, Kept, Remainder};
pub use terms::{
    BelowQuota, Budget, Draw, Eligibility, FirstN, Label, Latecomer, Licence, Origin, Quota, ShortBudget, Slots, Terms, Validity,
};
#[cfg(feature = "alloc")]
pub use tills::TillLimits;
