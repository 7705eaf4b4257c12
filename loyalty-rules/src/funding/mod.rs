//! Floor 3: who pays. Exact splits (SP) and the bonus family (BN).

mod bonus;
mod split;

pub use bonus::Bonus;
pub(crate) use split::split_by;
pub use split::{Funding, MAX_PARTIES, Parts};
#[cfg(feature = "alloc")]
pub use split::{allocate, allocate_capped, take_back};
