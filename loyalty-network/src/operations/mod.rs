//! Every operation by name, JSON in and JSON out.

mod anomalies;
mod campaign;
mod clearing;
mod codes;
mod compliance;
mod consignment;
mod event;
mod merge;
mod orders;
mod reconcile;
mod record;
mod statement;
mod stock;
mod tasks;
mod territory;

use loyalty_rules::api::Operations;

/// The operations of this crate.
pub const OPERATIONS: Operations = loyalty_rules::groups! {
    clearing,
    consignment,
    statement,
    record,
    event,
    merge,
    stock,
    codes,
    reconcile,
    anomalies,
    orders,
    campaign,
    tasks,
    compliance,
    territory,
};
