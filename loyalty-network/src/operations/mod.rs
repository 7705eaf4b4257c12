//! Every operation by name, JSON in and JSON out.

mod campaign;
mod channels;
mod clearing;
mod compliance;
mod consignment;
mod event;
mod orders;
mod record;
mod statement;
mod territory;

use loyalty_rules::api::Operations;

/// The operations of this crate.
pub const OPERATIONS: Operations = loyalty_rules::groups! {
    clearing,
    consignment,
    statement,
    record,
    event,
    channels,
    orders,
    campaign,
    compliance,
    territory,
};
