//! Floor 5: what happens after the award: points of an account (LG), clearing between shops (CL).

mod account;
mod clearing;

pub use account::{Account, Applied, Entry, EntryKind, EntryRefusal, Lot};
pub use clearing::{Clearing, Redemption, Settlement, Transfer, clear, settle};
