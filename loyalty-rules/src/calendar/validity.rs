use super::CivilTime;
use crate::error::{Error, Fault};

/// How long a voucher, or the points of a program, can be used (VC-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Days, 1 … 36,500.
    Days(u16),
    /// Calendar months, 1 … 1,200: the day of the month is kept, or the month's last taken.
    Months(u16),
}

impl Validity {
    /// Refuses a length outside its range.
    ///
    /// # Errors
    /// `out_of_range`, at `days` or `months`.
    pub fn check(self) -> Result<(), Error> {
        let (is_inside, field) = match self {
            Self::Days(days) => ((1..=36_500).contains(&days), "days"),
            Self::Months(months) => ((1..=1_200).contains(&months), "months"),
        };
        if is_inside { Ok(()) } else { Err(Fault::ValidityOutOfRange.error().at(field)) }
    }

    /// From when it can no longer be used: local midnight at the start of the last date, in the offset of issue.
    ///
    /// ```
    /// use loyalty_rules::calendar::Validity;
    ///
    /// let issued = "2024-01-31T20:15:00+07:00".parse()?;
    /// assert_eq!(Validity::Months(1).expires(&issued)?.to_string(), "2024-02-29T00:00:00+07:00");
    /// assert_eq!(Validity::Days(14).expires(&issued)?.to_string(), "2024-02-14T00:00:00+07:00");
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` for a length outside its range, or after the year 9999.
    pub fn expires(self, issued_at: &CivilTime) -> Result<CivilTime, Error> {
        self.check()?;
        let date = match self {
            Self::Days(days) => issued_at.date().plus_days(days)?,
            Self::Months(months) => issued_at.date().plus_months(months)?,
        };
        Ok(CivilTime::midnight(date, issued_at.offset()))
    }
}
