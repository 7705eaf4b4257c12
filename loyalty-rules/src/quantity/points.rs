use super::{Rupiah, not_negative, result_within_domain, within_domain};
use crate::error::{Error, Fault};

/// Points (*poin*) in thousandths, in the domain of CV-1: 2,250 is 2.25 points (CV-3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Points(i64);

impl Points {
    /// No points.
    pub const ZERO: Self = Self(0);

    /// Points from thousandths; negative for what is taken back.
    ///
    /// # Errors
    /// `out_of_range` outside the domain.
    pub const fn from_milli(milli: i64) -> Result<Self, Error> {
        match within_domain(milli) {
            Ok(milli) => Ok(Self(milli)),
            Err(refused) => Err(refused),
        }
    }

    /// Points held: zero or more.
    ///
    /// # Errors
    /// `out_of_range` below zero or outside the domain.
    pub const fn held_milli(milli: i64) -> Result<Self, Error> {
        match not_negative(milli) {
            Ok(milli) => Ok(Self(milli)),
            Err(refused) => Err(refused),
        }
    }

    /// The number of thousandths.
    pub const fn milli(self) -> i64 {
        self.0
    }

    /// The sum.
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn checked_add(self, other: Self) -> Result<Self, Error> {
        result_within_domain(self.0.checked_add(other.0)).map(Self)
    }
}

/// ```
/// # use loyalty_rules::quantity::Points;
/// use rust_decimal::Decimal;
/// assert_eq!(Decimal::from(Points::from_milli(2_250)?), Decimal::new(2_250, 3)); // 2.250
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[cfg(feature = "decimal")]
impl From<Points> for rust_decimal::Decimal {
    fn from(points: Points) -> Self {
        Self::new(points.0, 3)
    }
}

/// The rupiah one point is worth, one or more (CV-3); the network's standard is Rp1,000.
///
/// ```
/// use loyalty_rules::quantity::{PointValue, Points, Rupiah};
///
/// let standard = PointValue::default();
/// assert_eq!(standard.points(Rupiah::new(15_000)?)?.milli(), 15_000); // 15 points
/// assert_eq!(standard.value(Points::from_milli(2_250)?)?.get(), 2_250);
///
/// let three = PointValue::new(Rupiah::new(3)?)?;
/// assert_eq!(three.points(Rupiah::new(-10)?)?.milli(), -3_333); // toward zero
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PointValue(i64);

impl Default for PointValue {
    fn default() -> Self {
        Self(1_000)
    }
}

impl PointValue {
    /// A point value.
    ///
    /// # Errors
    /// `bad_config` for zero, `out_of_range` below.
    pub const fn new(rupiah: Rupiah) -> Result<Self, Error> {
        match rupiah.get() {
            0 => Err(Fault::MustNotBeZero.error()),
            below if below < 0 => Err(Fault::Negative.error()),
            value => Ok(Self(value)),
        }
    }

    /// The rupiah one point is worth.
    pub const fn rupiah(self) -> Rupiah {
        Rupiah::part(self.0)
    }

    /// Points for a value: value × 1,000 ÷ point value thousandths, truncated toward zero (VC-1).
    ///
    /// # Errors
    /// `out_of_range` if the points leave the domain.
    pub const fn points(self, value: Rupiah) -> Result<Points, Error> {
        // A point of Rp1,000 needs no division.
        if self.0 == 1_000 {
            return Ok(Points(value.get()));
        }
        // The domain times 1,000 is below 2⁶³.
        match result_within_domain(value.get().wrapping_mul(1_000).checked_div(self.0)) {
            Ok(milli) => Ok(Points(milli)),
            Err(refused) => Err(refused),
        }
    }

    /// The value of points: thousandths × point value ÷ 1,000, truncated toward zero (VC-1).
    ///
    /// # Errors
    /// `out_of_range` if the value leaves the domain.
    pub const fn value(self, points: Points) -> Result<Rupiah, Error> {
        let (whole, milli) = (points.0 / 1_000, points.0 % 1_000);
        // |milli| < 1,000, so its product stays below 2⁶³.
        let of_whole = whole.checked_mul(self.0);
        let of_milli = milli.wrapping_mul(self.0);
        match of_whole {
            Some(of_whole) => Rupiah::from_result(of_whole.checked_add(of_milli / 1_000)),
            None => Err(Fault::ResultOutsideDomain.error()),
        }
    }
}
