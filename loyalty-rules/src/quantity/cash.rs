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
}
