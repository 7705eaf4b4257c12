use super::{Count, Mode, Rounding, Rupiah, Unit};
use crate::error::{Error, Fault};

/// How much of a product is sold (PT-9).
///
/// ```
/// use loyalty_rules::quantity::{Count, Quantity};
///
/// assert_ne!(Quantity::Pieces(Count::new(2)?), Quantity::Thousandths(Count::new(2_000)?));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Pieces.
    Pieces(Count),
    /// Thousandths of the unit that has the price: 1,250 of 1.25 kg.
    Thousandths(Count),
}

impl Quantity {
    /// Pieces or thousandths, of which one is given.
    ///
    /// # Errors
    /// `bad_config` for both, `missing_field` for none.
    pub fn of(pieces: Option<Count>, thousandths: Option<Count>) -> Result<Self, Error> {
        match (pieces, thousandths) {
            (Some(_), Some(_)) => Err(Fault::TwoQuantities.error().at("quantity_milli")),
            (None, Some(units)) => Ok(Self::Thousandths(units)),
            (Some(units), None) => Ok(Self::Pieces(units)),
            (None, None) => Err(Fault::Missing.error().at("quantity")),
        }
    }

    /// Its number, of pieces or of thousandths.
    pub const fn units(self) -> Count {
        match self {
            Self::Pieces(units) | Self::Thousandths(units) => units,
        }
    }

    /// Whether it counts thousandths.
    pub const fn is_thousandths(self) -> bool {
        matches!(self, Self::Thousandths(_))
    }

    /// What it costs in rupiah at a price for so many units, 1 … 1,000: the exact amount, rounded once. The price is
    /// zero or more, the result below 2¹⁰⁷.
    #[doc(hidden)]
    pub fn cost(self, price: Rupiah, of_units: Count, rounding: Rounding) -> i128 {
        let exact = i128::from(price.get()).wrapping_mul(self.units().get().into());
        let whole = i128::from(if self.is_thousandths() { 1_000 } else { 1 }).wrapping_mul(of_units.get().into());
        let unit = i128::from(rounding.unit.rupiah());
        if whole == 1 && unit == 1 { exact } else { rounding.mode.divide(exact, whole.wrapping_mul(unit)).wrapping_mul(unit) }
    }
}

/// A line of a receipt (PT-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// How much.
    pub quantity: Quantity,
    /// The price in rupiah, zero or more.
    pub price: Rupiah,
    /// For how many units the price is, 1 … 1,000.
    pub price_per: Count,
    /// What is taken off the line in rupiah, zero or more.
    pub discount: Rupiah,
}

impl Line {
    /// How the amount of a line is rounded unless told otherwise: half up to whole rupiah.
    pub const ROUNDING: Rounding = Rounding { unit: Unit::One, mode: Mode::HalfUp };

    /// The amount in rupiah: price × quantity ÷ the units that the price is for, rounded once, less the discount (PT-9).
    ///
    /// ```
    /// use loyalty_rules::quantity::{Count, Line, Quantity, Rupiah};
    ///
    /// let tomatoes = Line {
    ///     quantity: Quantity::Thousandths(Count::new(1_250)?), // 1.25 kg
    ///     price: Rupiah::new(12_500)?,
    ///     price_per: Count::ONE,
    ///     discount: Rupiah::ZERO,
    /// };
    /// assert_eq!(tomatoes.amount(Line::ROUNDING)?.get(), 15_625);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` for a price or a discount below zero, a price for other than 1 … 1,000 units, or a result that leaves the
    /// domain; `bad_config` for a discount above the amount.
    pub fn amount(&self, rounding: Rounding) -> Result<Rupiah, Error> {
        if !(1..=1_000).contains(&self.price_per.get()) {
            return Err(Fault::PricePerOutOfRange.error().at("price_per"));
        }
        for (amount, field) in [(self.price, "price"), (self.discount, "discount")] {
            if amount.get() < 0 {
                return Err(Fault::Negative.error().at(field));
            }
        }
        let cost = self.quantity.cost(self.price, self.price_per, rounding);
        let amount = Rupiah::from_result(i64::try_from(cost.wrapping_sub(self.discount.get().into())).ok())?;
        if amount.get() < 0 { Err(Fault::DiscountAboveAmount.error().at("discount")) } else { Ok(amount) }
    }

    /// What is left of the amount in rupiah after so many of its units came back: what is left costs its price, and of a line
    /// with a discount it is its share of the amount. Each is rounded once, so that parts that come back one after the other
    /// sum to the amount, in any order.
    ///
    /// ```
    /// use loyalty_rules::quantity::{Count, Line, Quantity, Rupiah};
    ///
    /// let tomatoes = Line {
    ///     quantity: Quantity::Thousandths(Count::new(1_255)?), // 1.255 kg
    ///     price: Rupiah::new(12_500)?,
    ///     price_per: Count::ONE,
    ///     discount: Rupiah::ZERO,
    /// };
    /// let kept = |back| Ok::<_, loyalty_rules::Error>(tomatoes.kept(Count::new(back)?, Line::ROUNDING)?.get());
    /// assert_eq!([kept(0)?, kept(255)?, kept(1_255)?], [15_688, 12_500, 0]);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`amount`](Self::amount); `over_refund` for more than the line has.
    pub fn kept(&self, back: Count, rounding: Rounding) -> Result<Rupiah, Error> {
        let (amount, units) = (self.amount(rounding)?, self.quantity.units().get());
        let rest = Count::new(units.wrapping_sub(back.get())).map_err(|_| Fault::RefundAboveRest.error())?;
        if back == Count::ZERO {
            return Ok(amount);
        }
        let kept = if self.discount.is_zero() {
            let quantity = if self.quantity.is_thousandths() { Quantity::Thousandths(rest) } else { Quantity::Pieces(rest) };
            quantity.cost(self.price, self.price_per, rounding)
        } else {
            rounding.mode.divide(i128::from(amount.get()).wrapping_mul(rest.get().into()), units.into())
        };
        Rupiah::from_result(i64::try_from(kept).ok())
    }
}
