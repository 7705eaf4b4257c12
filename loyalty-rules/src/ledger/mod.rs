//! Floor 5: what happens after the award: points of an account (LG), vouchers (VC).

mod account;
mod allowances;
#[cfg(feature = "crypto")]
mod key;
#[cfg(feature = "crypto")]
mod signed;
mod transfer;
pub mod voucher;

pub use account::{
    Account, AccountState, Applied, EarningState, Entry, EntryKind, EntryRefusal, Lot, LotState, PartState, RedemptionState,
    ReservationState, SeenState, Taken, TakenState, WaitingState,
};
pub use allowances::{Allowed, Losses, RefusedRedemption, losses};
#[cfg(feature = "crypto")]
pub use key::Key;
#[cfg(feature = "crypto")]
pub use signed::{Allowance, AllowanceReason, pseudonym, sign_entry, verify_entry};
pub use transfer::{PointTransfer, SentLot, merge, transfer};
