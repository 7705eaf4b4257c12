//! What a program may cost, what it brought, and what it takes to run it (PL), above `loyalty-rules`.
//!
//! ```
//! use loyalty_planning::margin;
//! use loyalty_rules::quantity::{Rate, Rupiah};
//!
//! // Tomatoes bought for Rp8,500 and sold for Rp10,000.
//! assert_eq!(margin(Rupiah::new(10_000)?, Rupiah::new(8_500)?, Rate::ZERO)?.bp(), 1_500);
//! # Ok::<(), loyalty_rules::Error>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod cost;
mod day;
mod fault;
mod margin;
mod operations;
mod products;
mod release;
mod scheme;
mod segments;
mod sell_out;
mod sensitivity;
mod shoppers;
mod simulate;
mod texts;
mod tiers;
mod week;

pub use cost::{PrizeProvisions, RunningCost, RunningCostItems, prize_provisions};
pub use day::{DayResult, VouchersGiven, day_result};
pub use fault::{FAULTS, Faults};
pub use margin::{Return, break_even_fixed, break_even_rate, margin, margin_after, max_cost, min_margin, program_cost, return_on};
pub use operations::OPERATIONS;
#[doc(hidden)]
pub use operations::RUNS;
pub use products::{ProductClass, ProductFigures, ProductStanding, Third, product_standings};
pub use release::{DaySoFar, Release, ReleaseAdvice, ReleaseReason};
pub use scheme::{SchemeCost, SchemeDay, scheme_cost, scheme_day};
pub use segments::{History, Purchase, RegularBy, Segment, SegmentCounts, SegmentTerms};
pub use sell_out::{ConversionStep, Perishable, PlannedSlot, RateSource, SellOut, SellOutPlan, SimulatedSales, SoldInSlot, VoucherCost};
pub use sensitivity::{Assumed, Grid, Sensed, TypicalDay};
pub use shoppers::{
    Frequency, FrequencyClass, Regulars, RegularsClass, SalesChange, Sensitivity, frequency, popularity, regulars, retention, sales_change,
};
pub use simulate::{
    Backing, Baskets, Comparison, DayStock, Expected, Mix, NetProfits, Simulated, SimulatedDay, Simulation, SlotTotals, Totals,
    WeightedBasket,
};
pub use tiers::{AllTiers, JudgedTier, Risk, TierTerms, Tiers};
pub use week::{Week, WeekAction, WeekCheck, WeekFinding, week_check};

use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Ratio, Rupiah};

/// Sales × margin in ten-thousandths of a rupiah.
fn exact_profit(sales: i128, margin: Ratio) -> Result<i128, Error> {
    // What leaves 128 bits is far above the domain.
    sales.checked_mul(margin.bp().into()).ok_or(Fault::ResultOutsideDomain.error())
}

/// Sales × margin in rupiah, rounded once toward zero (CV-4).
fn profit(sales: Rupiah, margin: Ratio) -> Result<Rupiah, Error> {
    exact_profit(sales.get().into(), margin).and_then(|profit| rupiah(profit / 10_000))
}

/// The outcome of a computation.
fn rupiah(exact: i128) -> Result<Rupiah, Error> {
    Rupiah::from_result(i64::try_from(exact).ok())
}
