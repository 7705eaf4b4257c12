//! Floor 2: the rate tables as data, what picks a column, and the standby schedule.

mod digit;
#[cfg(feature = "crypto")]
mod draw;
mod rate_table;
mod slot;
mod standby;
mod stopwatch;
mod time_auction;

pub use digit::{Claim, ClaimReason, Digit, Judgement, Tolerance};
#[cfg(feature = "crypto")]
pub use draw::DayKey;
pub use rate_table::{Column, Edition, MarginClass, Mechanism, RateTable, TableName};
pub use slot::{Slot, stock_quota};
pub use standby::{Schedule, Step};
