//! A voucher after its award (VC): the code and the token that show it is genuine, its redemption, what it owes.
//!
//! | form | checked | shows |
//! |---|---|---|
//! | [`Code`], 16 symbols to type | online, with the network's secret key | that the network issued it |
//! | token, a QR code | offline, with the network's public key | the same, and every field of the voucher |

#[cfg(feature = "crypto")]
mod base45;
#[cfg(feature = "crypto")]
mod code;
mod debt;
mod redeem;
mod reminder;
#[cfg(feature = "crypto")]
mod token;
mod undo;

#[cfg(feature = "crypto")]
pub use code::{Code, CodeReason, read_code};
pub use debt::{Debt, IssuedVoucher, VoucherRedemption, debt};
pub use redeem::{MonthCounters, Payable, RedeemLimits, RedeemReason, Redeemable, Redeemed, redeem};
pub use reminder::{Expiring, Reminder, Worth, reminders};
#[cfg(feature = "crypto")]
pub use token::{PublicKey, SecretKey, TokenReason, Verified, Voucher, token_bytes, token_text, verify};
pub use undo::{UndoReason, Undoable, Undone, undo};
