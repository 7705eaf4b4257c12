//! Floor 5: what happens to points after the award (LG).

mod account;

pub use account::{Account, Applied, Entry, EntryKind, EntryRefusal, Lot};
