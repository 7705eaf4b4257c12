use super::{Mode, One, Rupiah, not_negative};
use crate::error::{Error, Fault};

/// What is paid in cash, and the line that rounds to it (VC-9). It is the last line of a payment: it never enters
/// points, rates or splits.
///
/// ```
/// use loyalty_rules::quantity::{Cash, Mode, Rupiah};
///
/// let cash = Cash::round(Rupiah::new(23_480)?, Rupiah::new(100)?, Mode::Down)?;
/// assert_eq!((cash.to_pay.get(), cash.line.get()), (23_400, -80));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cash {
    /// The rounded amount in rupiah.
    pub to_pay: Rupiah,
    /// Rounded − amount in rupiah, signed.
    pub line: Rupiah,
}

impl Cash {
    /// Rounds an amount to a unit of 1 … 1,000,000 rupiah; a negative amount mirrors the positive one.
    ///
    /// # Errors
    /// `bad_config` for a unit of zero; `out_of_range` for one outside its range, or if rounding up leaves the
    /// domain.
    pub fn round(amount: Rupiah, unit: Rupiah, mode: Mode) -> Result<Self, Error> {
        let at_unit = |error: Error| error.at("unit");
        let unit = match not_negative(unit.get()).map_err(at_unit)? {
            0 => return Err(at_unit(Fault::MustNotBeZero.error())),
            unit if unit > 1_000_000 => return Err(at_unit(Fault::CashUnitOutOfRange.error())),
            unit => unit,
        };
        let magnitude = amount.magnitude().get();
        let units = magnitude.checked_div(unit).unwrap_or_default();
        let rest = magnitude.wrapping_sub(units.wrapping_mul(unit));
        // At most one unit above 2⁵³.
        let rounded = units.wrapping_add(i64::from(mode.raises::<One>(units, rest, unit))).wrapping_mul(unit);
        let rounded = Rupiah::from_result(Some(rounded))?;
        let to_pay = if amount < Rupiah::ZERO { rounded.negated() } else { rounded };
        Ok(Self { to_pay, line: to_pay.checked_sub(amount)? })
    }

    /// Rounds a refund by difference: rounded(what was left of the sale) − rounded(what is left now), so that refunds sum
    /// to what was paid (VC-9). Refunds and the answer are negative.
    ///
    /// ```
    /// use loyalty_rules::quantity::{Cash, Mode, Rupiah};
    ///
    /// let (sale, unit) = (Rupiah::new(23_480)?, Rupiah::new(100)?); // paid: Rp23,500
    /// let back = |amount, before| Cash::refund(Rupiah::new(amount)?, sale, Rupiah::new(before)?, unit, Mode::Up);
    /// assert_eq!(back(-7_830, 0)?.to_pay.get(), -7_800);
    /// assert_eq!(back(-15_650, 7_830)?.to_pay.get(), -15_700);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`round`](Self::round); `out_of_range` for a refund above zero, a negative sale or negative refunds before;
    /// `over_refund` for more than is left of the sale.
    pub fn refund(amount: Rupiah, sale: Rupiah, refunded: Rupiah, unit: Rupiah, mode: Mode) -> Result<Self, Error> {
        if amount > Rupiah::ZERO {
            return Err(Fault::RefundNotNegative.error().at("amount"));
        }
        let at = |field: &'static str| move |error: Error| error.at(field);
        not_negative(sale.get()).map_err(at("sale"))?;
        not_negative(refunded.get()).map_err(at("refunded"))?;
        let before = sale.checked_sub(refunded)?;
        if before < Rupiah::ZERO {
            return Err(Fault::RefundAboveRest.error().at("refunded"));
        }
        let after = before.checked_add(amount)?;
        if after < Rupiah::ZERO {
            return Err(Fault::RefundAboveRest.error().at("amount"));
        }
        let left = Self::round(after, unit, mode)?.to_pay;
        let to_pay = left.checked_sub(Self::round(before, unit, mode)?.to_pay)?;
        Ok(Self { to_pay, line: to_pay.checked_sub(amount)? })
    }
}
