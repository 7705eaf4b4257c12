//! Every operation by name, JSON in and JSON out.

mod plan;
mod simulate;
mod steer;

use loyalty_rules::api::Operations;

/// The operations of this crate.
pub const OPERATIONS: Operations = loyalty_rules::groups! {
    plan,
    steer,
    simulate,
};
