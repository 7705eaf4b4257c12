//! Floor 4: the program and the decision.
//!
//! ```text
//!  Terms ── proof ──▶ Program ─┐
//!  (by hand, JSON or bytes)    ├─▶ decide ─▶ Award: reason, rules, cell, caps, counters
//!  receipt, shopper, counters ─┘
//! ```

#[cfg(feature = "alloc")]
mod basket;
mod batch;
mod compiled;
mod decide;
#[cfg(feature = "alloc")]
mod explain;
mod exposure;
mod fields;
#[cfg(feature = "alloc")]
mod in_force;
mod kernel;
mod kernel_bytes;
mod ladder;
mod layout;
mod make_up;
#[cfg(feature = "alloc")]
mod offers;
mod outcome;
mod program;
mod quote;
mod reason;
mod receipt;
#[cfg(feature = "alloc")]
mod returned;
mod reverse;
mod terms;
mod texts;
#[cfg(feature = "alloc")]
mod tills;
mod warning;
#[cfg(feature = "alloc")]
mod when;

#[cfg(feature = "alloc")]
pub use basket::{Basket, BasketAward, Group, GroupAward, agree};
pub use batch::{Batch, Row};
pub use decide::{Decider, Inputs, decide};
#[cfg(feature = "alloc")]
pub use explain::SLIP_COLUMNS;
pub use exposure::Exposure;
#[cfg(feature = "schema")]
#[doc(hidden)]
pub use fields::{Field, Fields};
#[cfg(feature = "alloc")]
pub use in_force::ProgramList;
pub use kernel::Kernel;
pub use layout::{FourAwards, Layout, Rows};
pub use make_up::{MadeUp, MadeUpAward, MakeUp};
#[cfg(feature = "alloc")]
pub use offers::{ClosedOffer, Earns, Goods, GoodsAward, Item, MAX_OFFERS, Offer, Offers, Purchase};
pub use outcome::{Award, Cell};
pub use program::{Nature, Program};
pub use quote::{NextSlot, Outlook, Promise, Quote, quote};
pub use reason::{Cap, Caps, Reason};
pub use receipt::{Added, Counters, Merchant, Play, Receipt, Shopper};
#[cfg(feature = "alloc")]
pub use returned::{GoodsKept, Returned};
pub use reverse::{AfterRefunds, Earning, Exchange, Issued, Kept, Remainder};
pub use terms::{
    BelowQuota, Budget, Draw, Eligibility, FirstN, Label, Latecomer, Licence, Origin, Quota, ShortBudget, SlotLimits, Slots, Terms,
};
pub use texts::Language;
#[cfg(feature = "alloc")]
pub use tills::TillLimits;
pub use warning::{Margin, Warning};
#[cfg(feature = "alloc")]
pub use when::{ReceiptTest, Weekday, When};
