use core::fmt;
use core::str::FromStr;

use super::Date;
use super::civil_time::Text;
use crate::error::{Error, Fault};

/// A calendar month of a year, `YYYY-MM`.
///
/// ```
/// use loyalty_rules::calendar::{Date, Month};
///
/// let leap_day: Date = "2024-02-29".parse()?;
/// assert_eq!(Month::of(leap_day), "2024-02".parse()?);
/// assert_eq!("2024-13".parse::<Month>().unwrap_err().kind().name(), "bad_time");
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: u16,
    month: u8,
}

impl Month {
    /// The month of a date.
    pub const fn of(date: Date) -> Self {
        let (year, month, _) = date.parts();
        Self { year, month }
    }

    /// The months from an earlier month to this one; negative if it is later.
    pub fn months_since(self, earlier: Self) -> i64 {
        let number = |month: Self| i64::from(month.year).wrapping_mul(12).wrapping_add(month.month.into());
        number(self).wrapping_sub(number(earlier))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut text = Text(text.as_bytes());
        let mut read = || {
            let year = text.number(4)?;
            let month = text.mark(b'-').then(|| text.number(2))??;
            let first = Date::new(year, u8::try_from(month).ok()?, 1).ok()?;
            text.is_done().then(|| Self::of(first))
        };
        read().ok_or(Fault::NotAMonth.error())
    }
}
