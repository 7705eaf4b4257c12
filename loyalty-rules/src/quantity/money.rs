use core::fmt;

use super::{not_negative, result_within_domain, within_domain};
use crate::error::Error;

/// An amount in whole rupiah, -9,007,199,254,740,991 … 9,007,199,254,740,991 (CV-1).
///
/// ```
/// use loyalty_rules::quantity::Rupiah;
///
/// let price = Rupiah::new(15_000)?;
/// assert_eq!(price.get(), 15_000);
/// assert!(Rupiah::new(1 << 53).is_err());
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rupiah(i64);

impl Rupiah {
    /// Rp0.
    pub const ZERO: Self = Self(0);

    /// An amount; negative for what is taken back.
    ///
    /// # Errors
    /// `out_of_range` outside the domain.
    pub const fn new(rupiah: i64) -> Result<Self, Error> {
        match within_domain(rupiah) {
            Ok(rupiah) => Ok(Self(rupiah)),
            Err(refused) => Err(refused),
        }
    }

    /// An amount of zero or more.
    ///
    /// # Errors
    /// `out_of_range` below zero or outside the domain.
    pub const fn not_negative(rupiah: i64) -> Result<Self, Error> {
        match not_negative(rupiah) {
            Ok(rupiah) => Ok(Self(rupiah)),
            Err(refused) => Err(refused),
        }
    }

    /// The outcome of a computation.
    #[doc(hidden)]
    pub const fn from_result(rupiah: Option<i64>) -> Result<Self, Error> {
        match result_within_domain(rupiah) {
            Ok(rupiah) => Ok(Self(rupiah)),
            Err(refused) => Err(refused),
        }
    }

    /// The number of rupiah.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether this is Rp0.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The amount with the other sign; the domain is symmetric.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self(self.0.wrapping_neg())
    }

    /// The amount without its sign.
    #[must_use]
    pub const fn magnitude(self) -> Self {
        Self(self.0.wrapping_abs())
    }

    /// The sum.
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub const fn checked_add(self, other: Self) -> Result<Self, Error> {
        Self::from_result(self.0.checked_add(other.0))
    }

    /// The difference.
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub const fn checked_sub(self, other: Self) -> Result<Self, Error> {
        Self::from_result(self.0.checked_sub(other.0))
    }

    /// The multiple.
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub const fn checked_mul(self, times: i64) -> Result<Self, Error> {
        Self::from_result(self.0.checked_mul(times))
    }

    /// What is left of a limit after `used`, never below zero.
    #[doc(hidden)]
    #[must_use]
    pub const fn left_after(self, used: Self) -> Self {
        if used.0 < self.0 { Self(self.0.wrapping_sub(used.0)) } else { Self::ZERO }
    }

    /// The part of an amount that lies between zero and the amount itself.
    #[doc(hidden)]
    pub const fn part(rupiah: i64) -> Self {
        Self(rupiah)
    }
}

impl fmt::Display for Rupiah {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// ```
/// # use loyalty_rules::quantity::Rupiah;
/// use rust_decimal::Decimal;
/// assert_eq!(Decimal::from(Rupiah::new(-2_250)?), Decimal::new(-2_250, 0));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[cfg(feature = "decimal")]
impl From<Rupiah> for rust_decimal::Decimal {
    fn from(amount: Rupiah) -> Self {
        amount.0.into()
    }
}
