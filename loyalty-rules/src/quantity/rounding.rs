//! Every rounding of an amount (CV-4).

use super::{Lane, One, Rate, Rupiah};
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
    #[doc(hidden)]
    pub fn divide(self, part: i128, whole: i128) -> i128 {
        let (units, rest) = (part.checked_div(whole).unwrap_or_default(), part.checked_rem(whole).unwrap_or_default());
        let small = |number: i128| i64::try_from(number).unwrap_or_default();
        units.wrapping_add(self.raises::<One>(small(units % 2), small(rest), small(whole)).into())
    }

    /// Whether `units` and a `rest` below a `full` one become one unit more; none of them is negative.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "numbers in registers would be passed through memory")]
    pub(super) fn raises<L: Lane>(self, units: L::Number, rest: L::Number, full: L::Number) -> L::Mask {
        let twice_rest = L::add(rest, rest);
        match self {
            Self::Down => L::all(false),
            Self::Up => L::above(rest, L::word(0)),
            Self::HalfUp => L::not(L::above(full, twice_rest)),
            Self::HalfEven => {
                let is_odd = L::above(L::bits(units, 1), L::word(0));
                L::choose_mask(is_odd, L::not(L::above(full, twice_rest)), L::above(twice_rest, full))
            }
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
    /// Whole rupiah, down.
    pub(crate) const DOWN: Self = Self { unit: Unit::One, mode: Mode::Down };

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
    #[doc(hidden)]
    pub fn of_magnitude(self, amount: i64, rate: Rate) -> i64 {
        self.rounded::<One>(amount, rate.bp().into())
    }

    /// Amount × rate in basis points, rounded once, for each receipt of a lane. An amount is zero or more; in blocks it is
    /// below 2³¹ − 1,000, so that rounding up stays below 2³¹.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "numbers in registers would be passed through memory")]
    pub(crate) fn rounded<L: Lane>(self, amount: L::Number, rate: L::Number) -> L::Number {
        let (whole, part) = L::part(amount, rate);
        let unit = u32::try_from(self.unit.rupiah()).unwrap_or(1);
        let units = if unit == 1 { whole } else { L::over(whole, unit) };
        if self.mode == Mode::Down {
            return if unit == 1 { whole } else { L::times(units, unit) };
        }
        let floor = L::times(units, unit);
        let rest = L::add(L::times(L::sub(whole, floor), 10_000), part);
        let up = self.mode.raises::<L>(units, rest, L::word(unit.wrapping_mul(10_000)));
        L::add(floor, L::only(up, L::word(unit)))
    }
}
