//! Floor 3: who pays. Exact splits (SP), the bonus family (BN) and the guarantee fund (GF).

mod bonus;
#[cfg(feature = "alloc")]
mod fund;
#[cfg(feature = "alloc")]
mod goods;
mod guarantee;
#[cfg(feature = "alloc")]
mod pool;
mod split;

pub use bonus::Bonus;
#[cfg(feature = "alloc")]
pub use fund::{ExpiredTo, Fund, FundEvent, FundState, FundTerms, Notice, NoticeKind, Reservations};
#[cfg(feature = "alloc")]
pub use goods::{BonusGood, ChosenGoods, choose_goods};
pub(crate) use guarantee::product_over;
pub use guarantee::{Cover, guarantee_deposit, guarantee_deposit_by_cover};
#[cfg(feature = "alloc")]
pub use guarantee::{Requirement, Shards};
#[cfg(feature = "alloc")]
pub use pool::Pool;
#[cfg(feature = "alloc")]
pub(crate) use split::split_by;
pub use split::{Funding, MAX_PARTIES, Parts};
#[cfg(feature = "alloc")]
pub use split::{allocate, allocate_capped, take_back};

use crate::error::{Error, Fault};
use crate::quantity::Rupiah;

/// An amount whose meaning has no sign, at the field that carries it.
#[doc(hidden)]
pub fn not_negative(amount: Rupiah, field: &'static str) -> Result<Rupiah, Error> {
    if amount < Rupiah::ZERO { Err(Fault::Negative.error().at(field)) } else { Ok(amount) }
}
