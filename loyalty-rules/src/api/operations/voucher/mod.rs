//! Vouchers: told, used, owed.

pub mod debt;
pub mod redeem;
pub mod token;
