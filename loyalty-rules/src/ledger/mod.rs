//! Floor 5: what happens after the award: points of an account (LG), vouchers (VC), clearing between shops (CL), a
//! month's statement.

mod account;
mod allowances;
mod clearing;
#[cfg(feature = "crypto")]
mod key;
mod period;
#[cfg(feature = "crypto")]
mod signed;
mod statement;
mod transfer;
pub mod voucher;

pub use account::{
    Account, AccountState, Applied, EarningState, Entry, EntryKind, EntryRefusal, Lot, LotState, PartState, RedemptionState,
    ReservationState, SeenState, Taken, TakenState, WaitingState,
};
pub use allowances::{Allowed, Losses, RefusedRedemption, losses};
pub use clearing::{Clearing, IssuedLot, Issuers, Redemption, Settlement, Transfer, clear, settle};
#[cfg(feature = "crypto")]
pub use key::Key;
pub use period::{Period, Received, SettledLine, SettledPeriod};
#[cfg(feature = "crypto")]
pub use signed::{Allowance, AllowanceReason, pseudonym, sign_entry, verify_entry};
pub use statement::{Statement, StatementAccount, StatementEvent, StatementEventKind, StatementLine};
pub use transfer::{PointTransfer, SentLot, merge, transfer};
