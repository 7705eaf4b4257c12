use super::{profit, rupiah};
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::funding::not_negative;
use loyalty_rules::quantity::{Count, Rate, Ratio, Rounding, Rupiah};

/// Equal vouchers given in a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VouchersGiven {
    /// How many.
    pub count: Count,
    /// The purchase that earned each, in rupiah.
    pub purchase: Rupiah,
    /// The rate each was given at.
    pub rate: Rate,
}

/// A day's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayResult {
    /// Units × price, in rupiah.
    pub revenue: Rupiah,
    /// Revenue × margin, in rupiah rounded toward zero.
    pub gross_profit: Rupiah,
    /// What the vouchers are worth together, in rupiah; each is rounded down by itself (CV-4).
    pub vouchers: Rupiah,
    /// Gross profit − vouchers, in rupiah; negative for a loss.
    pub net_profit: Rupiah,
    /// Net profit ÷ revenue, truncated toward zero; `None` without revenue.
    pub net_margin: Option<Ratio>,
}

/// The result of a day with vouchers (PL-13).
///
/// ```
/// use loyalty_planning::{VouchersGiven, day_result};
/// use loyalty_rules::quantity::{Count, Rate, Ratio, Rupiah};
///
/// let vouchers = VouchersGiven { count: Count::new(10)?, purchase: Rupiah::new(100_000)?, rate: Rate::from_bp(800)? };
/// let day = day_result(Count::new(100)?, Rupiah::new(10_000)?, Ratio::from_bp(1_500)?, &[vouchers])?;
/// assert_eq!((day.gross_profit.get(), day.vouchers.get(), day.net_profit.get()), (150_000, 80_000, 70_000));
/// assert_eq!(day.net_margin.map(|margin| margin.bp()), Some(700));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` for a negative price or purchase, or if a result leaves the domain.
pub fn day_result(units: Count, price: Rupiah, margin: Ratio, vouchers: &[VouchersGiven]) -> Result<DayResult, Error> {
    let revenue = not_negative(price, "price")?.checked_mul(units.get())?;
    let gross_profit = profit(revenue, margin)?;
    let vouchers = value_of(vouchers)?;
    let net_profit = gross_profit.checked_sub(vouchers)?;
    let net_margin = || Ratio::of(net_profit.get().into(), revenue.get().into(), "units");
    let net_margin = if revenue.is_zero() { None } else { Some(net_margin()?) };
    Ok(DayResult { revenue, gross_profit, vouchers, net_profit, net_margin })
}

fn value_of(vouchers: &[VouchersGiven]) -> Result<Rupiah, Error> {
    let mut sum = 0_i128;
    for (index, VouchersGiven { count, purchase, rate }) in vouchers.iter().enumerate() {
        if *purchase < Rupiah::ZERO {
            return Err(Fault::Negative.error().at(Field::within("vouchers", index, "purchase")));
        }
        // Below 2¹⁰⁶; what leaves 128 bits as a sum is far above the domain.
        let value = i128::from(Rounding::default().apply(*purchase, *rate)?.get()).wrapping_mul(count.get().into());
        sum = sum.checked_add(value).ok_or(Fault::ResultOutsideDomain.error())?;
    }
    rupiah(sum)
}
