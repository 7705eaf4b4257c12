//! Floor 1: civil time as the shop writes it, the sale window, how long a voucher is valid (CV-5, TA-1, TA-2,
//! VC-4).
//!
//! No clock is read. A [`CivilTime`] is a local date and time of day with its fixed offset: elapsed
//! time compares instants, a time of day is read in the offset it is written with.

mod civil_time;
mod month;
mod sale_window;
mod validity;

pub use civil_time::{CivilTime, Date, LocalTime, Offset, TimeOfDay};
pub use month::Month;
pub use sale_window::SaleWindow;
pub use validity::Validity;
