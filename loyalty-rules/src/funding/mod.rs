//! Floor 3: who pays. Exact splits (SP), the bonus family (BN), the guarantee fund (GF) and consigned goods (CS).

mod bonus;
mod consignment;
#[cfg(feature = "alloc")]
mod fund;
#[cfg(feature = "alloc")]
mod goods;
mod guarantee;
mod ownership;
#[cfg(feature = "alloc")]
mod pool;
mod split;

pub use bonus::Bonus;
pub use consignment::{Acceptance, Consigned, Offer, Profit, ReturnCost, Scheme, Stage, marketing_cost, return_cost, take_back_pay};
#[cfg(feature = "alloc")]
pub use fund::{ExpiredTo, Fund, FundEvent, FundState, FundTerms, Notice, NoticeKind, Reservations};
#[cfg(feature = "alloc")]
pub use goods::{BonusGood, ChosenGoods, choose_goods};
pub(crate) use guarantee::product_over;
pub use guarantee::{Cover, guarantee_deposit, guarantee_deposit_by_cover};
#[cfg(feature = "alloc")]
pub use guarantee::{Requirement, Shards};
pub use ownership::Ownership;
#[cfg(feature = "alloc")]
pub use pool::Pool;
pub(crate) use split::split_by;
pub use split::{Funding, MAX_PARTIES, Parts};
#[cfg(feature = "alloc")]
pub use split::{allocate, allocate_capped, take_back};

use crate::error::{Error, Fault};
use crate::quantity::Rupiah;

/// An amount whose meaning has no sign, at the field that carries it.
pub(crate) fn not_negative(amount: Rupiah, field: &'static str) -> Result<Rupiah, Error> {
    if amount < Rupiah::ZERO { Err(Fault::Negative.error().at(field)) } else { Ok(amount) }
}
