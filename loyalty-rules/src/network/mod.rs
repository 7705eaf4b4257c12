//! Floor 6: the network of stores (CD, TR). Campaigns: whom a task is for, who does it, how it goes. Territories: who serves
//! which outlets.

mod assign;
mod audit;
mod compliance;
mod condition;
mod fairness;
mod place;
mod priority;
mod redivide;
mod risk;
mod territory;
mod visit;
mod weights;

pub use assign::{Assignment, Shift, StaffTask, Unassigned, assign};
pub use audit::{AuditGaps, AuditRow, AuditShort, audit};
pub use compliance::{Compliance, IssuedTask, TaskFlag};
pub use condition::{Condition, FailedCondition, StockLevel, Store, TargetFilter, TaskDone};
pub use fairness::{Attainment, Fairness, TerritorySales, TotalAttainment, attainment, fairness, total_attainment};
pub use place::{Latitude, Longitude, Place};
pub use priority::{Priorities, Priority, WaitingTask, hours_left};
pub use redivide::{HeldOutlet, Move, Redivision, redivide};
pub use risk::{OpenTask, RiskTerms, TaskRisk, TaskRiskReason};
pub use territory::{Division, Outlet, Potential, Prospect, ProspectScore, Territory, divide, prospect_scores};
pub use visit::{CheckIn, Experience, Geofence, Past};
pub use weights::{FactorWeight, Weights};

use crate::error::Error;
use crate::quantity::{Count, Ratio, result_within_domain};

const NANOS_A_MINUTE: i128 = 60_000_000_000;

/// Minutes in nanoseconds, below 2⁹⁰.
fn nanos(minutes: Count) -> i128 {
    i128::from(minutes.get()).wrapping_mul(NANOS_A_MINUTE)
}

/// part ÷ whole truncated toward zero, for a part below 2¹¹³; `None` of nothing.
fn ratio(part: i128, whole: i128) -> Result<Option<Ratio>, Error> {
    part.wrapping_mul(10_000).checked_div(whole).map(Ratio::from_result).transpose()
}

/// The number of items of a list.
fn count(number: usize) -> i128 {
    i128::try_from(number).unwrap_or(i128::MAX)
}

/// The outcome of a computation that is not negative.
fn whole(number: i128) -> Result<Count, Error> {
    Count::new(result_within_domain(i64::try_from(number).ok())?)
}
