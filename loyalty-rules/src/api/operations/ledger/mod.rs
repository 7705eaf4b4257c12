//! What an account holds, what a shop backs.

pub mod account;
pub mod guarantee;
pub mod offline;
pub mod transfer;
