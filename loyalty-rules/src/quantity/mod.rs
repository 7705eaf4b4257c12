//! Floor 1: numbers that cannot be out of domain (CV-1 … CV-4), and how they are rounded (CV-4, VC-9).

mod cash;
#[cfg(feature = "alloc")]
mod goods;
mod lane;
mod money;
mod people;
mod points;
mod rate;
mod ratio;
pub mod rounding;

pub use cash::Cash;
#[cfg(feature = "alloc")]
pub use goods::{Line, Quantity};
pub(crate) use lane::{Abreast, Lane, Numbers, One};
pub use money::Rupiah;
pub use people::ForPeople;
pub use points::{PointValue, Points};
pub use rate::Rate;
pub use ratio::Ratio;
pub use rounding::{Mode, Rounding, Unit};

use crate::error::{Error, Fault};

/// The largest magnitude of an amount or of points in thousandths, 2⁵³ − 1 (CV-1): a JavaScript
/// number holds every value exactly.
pub const DOMAIN_MAX: i64 = 9_007_199_254_740_991;

/// A count (purchases, awards, checks): 0 … [`DOMAIN_MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Count(i64);

impl Count {
    /// One item.
    pub const ONE: Self = Self(1);
    /// No item.
    pub const ZERO: Self = Self(0);

    /// A count.
    ///
    /// # Errors
    /// `out_of_range` below zero or above [`DOMAIN_MAX`].
    pub const fn new(count: i64) -> Result<Self, Error> {
        match not_negative(count) {
            Ok(count) => Ok(Self(count)),
            Err(refused) => Err(refused),
        }
    }

    /// The outcome of a computation, which is not negative.
    #[cfg(feature = "alloc")]
    #[doc(hidden)]
    pub fn from_result(count: i128) -> Result<Self, Error> {
        result_within_domain(i64::try_from(count).ok()).and_then(Self::new)
    }

    /// One if it holds, else none.
    #[doc(hidden)]
    pub const fn of(holds: bool) -> Self {
        if holds { Self::ONE } else { Self::ZERO }
    }

    /// The sum of two that was proved to stay in the domain.
    #[doc(hidden)]
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }

    /// A number that was proved to be a count.
    #[doc(hidden)]
    pub const fn part(count: i64) -> Self {
        Self(count)
    }

    /// What is left after taking so many, at least none.
    #[doc(hidden)]
    #[must_use]
    pub const fn less(self, other: i64) -> Self {
        let left = self.0.wrapping_sub(other);
        if left > 0 { Self(left) } else { Self::ZERO }
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// One more.
    ///
    /// # Errors
    /// `out_of_range` above [`DOMAIN_MAX`].
    pub fn succ(self) -> Result<Self, Error> {
        result_within_domain(self.0.checked_add(1)).map(Self)
    }
}

/// The number itself if it lies in the domain of CV-1.
pub(crate) const fn within_domain(number: i64) -> Result<i64, Error> {
    if number >= -DOMAIN_MAX && number <= DOMAIN_MAX { Ok(number) } else { Err(Fault::OutsideDomain.error()) }
}

/// The number itself if it lies in the domain and is zero or more.
pub(crate) const fn not_negative(number: i64) -> Result<i64, Error> {
    match within_domain(number) {
        Ok(number) if number < 0 => Err(Fault::Negative.error()),
        judged => judged,
    }
}

/// The outcome of a computation if it stays in the domain of CV-1.
#[doc(hidden)]
pub const fn result_within_domain(number: Option<i64>) -> Result<i64, Error> {
    match number {
        Some(number) if number >= -DOMAIN_MAX && number <= DOMAIN_MAX => Ok(number),
        _ => Err(Fault::ResultOutsideDomain.error()),
    }
}
