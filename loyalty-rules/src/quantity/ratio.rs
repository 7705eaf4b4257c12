use super::{Rate, result_within_domain, within_domain};
use crate::error::{Error, Fault};

/// A computed ratio (margin, return, share, change) in basis points, signed and bound by CV-1 alone (CV-2):
/// -250 is minus 2.5 %, 33,333 is 333.33 %.
///
/// ```
/// use loyalty_rules::quantity::{Rate, Ratio};
///
/// let margin = Ratio::from_bp(-250)?;
/// assert_eq!(margin.bp(), -250);
/// assert_eq!(Ratio::from(Rate::WHOLE).checked_sub(margin)?.bp(), 10_250);
/// assert_eq!(Ratio::from_bp(1 << 53).unwrap_err().kind().name(), "out_of_range");
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ratio(i64);

impl Ratio {
    /// 0 %.
    pub const ZERO: Self = Self(0);

    /// A ratio from basis points.
    ///
    /// # Errors
    /// `out_of_range` outside the domain.
    pub const fn from_bp(bp: i64) -> Result<Self, Error> {
        match within_domain(bp) {
            Ok(bp) => Ok(Self(bp)),
            Err(refused) => Err(refused),
        }
    }

    /// The number of basis points.
    pub const fn bp(self) -> i64 {
        self.0
    }

    /// The difference.
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub const fn checked_sub(self, other: Self) -> Result<Self, Error> {
        match result_within_domain(self.0.checked_sub(other.0)) {
            Ok(bp) => Ok(Self(bp)),
            Err(refused) => Err(refused),
        }
    }

    /// The outcome of a computation.
    #[doc(hidden)]
    pub fn from_result(bp: i128) -> Result<Self, Error> {
        result_within_domain(i64::try_from(bp).ok()).map(Self)
    }

    /// part ÷ whole truncated toward zero, for a part below 2¹¹³. `field` is the one that must not make the whole
    /// zero.
    #[doc(hidden)]
    pub fn of(part: i128, whole: i128, field: &'static str) -> Result<Self, Error> {
        let bp = part.wrapping_mul(10_000).checked_div(whole);
        Self::from_result(bp.ok_or(Fault::DividesByZero.error().at(field))?)
    }
}

impl From<Rate> for Ratio {
    fn from(rate: Rate) -> Self {
        Self(rate.bp().into())
    }
}

/// The ratio as a fraction of one: -250 bp is -0.0250.
///
/// ```
/// # use loyalty_rules::quantity::Ratio;
/// use rust_decimal::Decimal;
/// assert_eq!(Decimal::from(Ratio::from_bp(-250)?), Decimal::new(-250, 4));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[cfg(feature = "decimal")]
impl From<Ratio> for rust_decimal::Decimal {
    fn from(ratio: Ratio) -> Self {
        Self::new(ratio.0, 4)
    }
}
