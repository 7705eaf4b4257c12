//! Floor 2: the rate tables as data, what picks a column, and the standby schedule.

mod digit;
mod digit_counts;
#[cfg(feature = "crypto")]
mod draw;
mod rate_table;
mod row;
mod slot;
mod standby;
mod stopwatch;
mod time_auction;

pub use digit::{Claim, ClaimReason, Digit, Judgement, Tolerance};
pub use digit_counts::{DigitCounts, Forcing, Uniformity};
#[cfg(feature = "crypto")]
pub use draw::DayKey;
pub use rate_table::{Column, RateTable, TableName};
pub use row::{Edition, MarginClass, Mechanism};
pub use slot::{Slot, stock_quota};
pub use standby::{Schedule, Step};
