//! Every operation by name, JSON in and JSON out.

mod cost;
mod margin;
mod products;
mod segments;
mod shoppers;
mod simulate;
mod tiers;
mod week;

use loyalty_rules::api::Operations;

/// The operations of this crate.
pub const OPERATIONS: Operations = loyalty_rules::groups! {
    margin,
    tiers,
    shoppers,
    cost,
    segments,
    products,
    week,
    simulate,
};
