//! Every rounding of an amount (CV-4).

use super::{Rate, Rupiah};
use crate::error::{Error, Fault};
use crate::words::words;

/// The unit an amount is rounded to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Whole rupiah.
    #[default]
    One,
    /// Tens of rupiah.
    Ten,
    /// Fifties.
    Fifty,
    /// Hundreds.
    Hundred,
    /// Five hundreds.
    FiveHundred,
    /// Thousands.
    Thousand,
}

impl Unit {
    /// Every unit, rising.
    pub const ALL: [Self; 6] = [Self::One, Self::Ten, Self::Fifty, Self::Hundred, Self::FiveHundred, Self::Thousand];

    /// The unit of so many rupiah.
    ///
    /// # Errors
    /// `bad_config` if it is none of 1, 10, 50, 100, 500, 1,000.
    pub fn new(rupiah: Rupiah) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|unit| unit.rupiah() == rupiah.get()).ok_or(Fault::RoundingUnit.error())
    }

    /// The number of rupiah.
    pub const fn rupiah(self) -> i64 {
        match self {
            Self::One => 1,
            Self::Ten => 10,
            Self::Fifty => 50,
            Self::Hundred => 100,
            Self::FiveHundred => 500,
            Self::Thousand => 1_000,
        }
    }
}

words! {
    /// Where an amount between two units goes; a negative amount mirrors the positive one.
    #[derive(Default)]
    pub enum Mode {
        /// Toward zero.
        #[default]
        Down = "down",
        /// Away from zero.
        Up = "up",
        /// To the nearer unit, the middle away from zero.
        HalfUp = "half_up",
        /// To the nearer unit, the middle to the even one.
        HalfEven = "half_even",
    }
}

impl Mode {
    /// part ÷ whole in whole units, of numbers that are not negative and a whole below 2⁵³; zero for a whole of zero.
    #[cfg(feature = "alloc")]
    pub(crate) fn divide(self, part: i128, whole: i128) -> i128 {
        let (units, rest) = (part.checked_div(whole).unwrap_or_default(), part.checked_rem(whole).unwrap_or_default());
        let small = |number: i128| i64::try_from(number).unwrap_or_default();
        units.wrapping_add(self.raises(small(units % 2), small(rest), small(whole)).into())
    }

    /// Whether `units` and a `rest` below a `full` one become one unit more.
    #[inline]
    pub(super) const fn raises(self, units: i64, rest: i64, full: i64) -> bool {
        let twice_rest = rest.wrapping_mul(2);
        match self {
            Self::Down => false,
            Self::Up => rest > 0,
            Self::HalfUp => twice_rest >= full,
            Self::HalfEven => twice_rest > full || (twice_rest == full && units % 2 == 1),
        }
    }
}

/// How a value is rounded: once, at the end (CV-4).
///
/// | exact | down | up | half up | half even | unit |
/// |---|---|---|---|---|---|
/// | 34.965 | 34 | 35 | 35 | 35 | 1 |
/// | 12.5 | 12 | 13 | 13 | 12 | 1 |
/// | 7,250 | 7,000 | 8,000 | 7,000 | 7,000 | 1,000 |
/// | -12.5 | -12 | -13 | -13 | -12 | 1 |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rounding {
    /// The unit.
    pub unit: Unit,
    /// The direction.
    pub mode: Mode,
}

impl Rounding {
    /// Amount × rate, rounded once (CV-4). A negative amount gives minus the result of the positive one.
    ///
    /// ```
    /// use loyalty_rules::quantity::{Mode, Rate, Rounding, Rupiah, Unit};
    ///
    /// let amount = Rupiah::new(999)?; // 999 × 3.5 % = 34.965
    /// let rate = Rate::from_bp(350)?;
    /// assert_eq!(Rounding::default().apply(amount, rate)?.get(), 34);
    /// assert_eq!(Rounding::default().apply(amount.negated(), rate)?.get(), -34);
    /// let nearest = Rounding { unit: Unit::One, mode: Mode::HalfEven };
    /// assert_eq!(nearest.apply(Rupiah::new(250)?, Rate::from_bp(500)?)?.get(), 12); // 12.5
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` if rounding up leaves the domain.
    pub fn apply(self, amount: Rupiah, rate: Rate) -> Result<Rupiah, Error> {
        let magnitude = self.of_magnitude(amount.get().wrapping_abs(), rate);
        let value = if amount.get() < 0 { magnitude.wrapping_neg() } else { magnitude };
        Rupiah::from_result(Some(value))
    }

    /// [`apply`](Self::apply) for a magnitude inside the domain. Rounding up can end up to one unit
    /// above the domain; rounding down stays at or below the magnitude.
    ///
    /// The product is split in two terms: with a < 2⁵³ and r ≤ 10⁴ each stays at or below a.
    pub(crate) fn of_magnitude(self, amount: i64, rate: Rate) -> i64 {
        let rate = i64::from(rate.bp());
        let low = (amount % 10_000).wrapping_mul(rate);
        let whole = (amount / 10_000).wrapping_mul(rate).wrapping_add(low / 10_000);
        self.to_unit(whole, low % 10_000)
    }

    /// `whole` rupiah and `part` ten-thousandths, to the unit.
    fn to_unit(self, whole: i64, part: i64) -> i64 {
        let unit = self.unit.rupiah();
        let units = whole.checked_div(unit).unwrap_or(whole);
        let rest = whole.wrapping_sub(units.wrapping_mul(unit)).wrapping_mul(10_000).wrapping_add(part);
        let up = self.mode.raises(units, rest, unit.wrapping_mul(10_000));
        units.wrapping_add(i64::from(up)).wrapping_mul(unit)
    }
}
