//! Every operation by name, JSON in and JSON out.

mod anomalies;
mod campaign;
mod clearing;
mod codes;
mod compliance;
mod consignment;
mod event;
mod member;
mod merge;
mod network;
mod orders;
mod reconcile;
mod record;
mod statement;
mod stock;
mod tasks;
mod territory;

loyalty_rules::groups! {
    /// The operations of this crate.
    OPERATIONS, RUNS:
    clearing,
    consignment,
    network,
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
    member,
}
