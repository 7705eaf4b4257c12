//! Floor 3: who pays. Exact splits (SP), the bonus family (BN), the guarantee fund (GF) and consigned goods (CS).

mod bonus;
mod consignment;
#[cfg(feature = "alloc")]
mod fund;
mod guarantee;
mod split;

pub use bonus::Bonus;
pub use consignment::{Profit, ReturnCost, Scheme, Stage, return_cost, take_back_pay};
#[cfg(feature = "alloc")]
pub use fund::{Fund, FundEvent, FundState, FundTerms, Notice, NoticeKind, Reservations};
pub use guarantee::{Cover, guarantee_deposit, guarantee_deposit_by_cover};
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
