//! Floor 1: civil time as the shop writes it, and the sale window (CV-5, TA-1, TA-2).
//!
//! No clock is read. A [`CivilTime`] is a local date and time of day with its fixed offset: elapsed
//! time compares instants, a time of day is read in the offset it is written with.

mod civil_time;
mod sale_window;

pub use civil_time::{CivilTime, Date, LocalTime, Offset, TimeOfDay};
pub use sale_window::SaleWindow;
