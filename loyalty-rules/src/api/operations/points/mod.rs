//! Points earned, and what they buy.

pub mod bundles;
pub mod earn;
pub mod gifts;
pub mod menu;
