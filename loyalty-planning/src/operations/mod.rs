//! Every operation by name, JSON in and JSON out.

mod cost;
mod margin;
mod products;
mod segments;
mod sell_out;
mod shoppers;
mod simulate;
mod tiers;
mod week;

loyalty_rules::groups! {
    /// The operations of this crate.
    OPERATIONS, RUNS:
    margin,
    tiers,
    shoppers,
    cost,
    segments,
    products,
    week,
    simulate,
    sell_out,
}
