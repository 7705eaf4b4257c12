use crate::error::{Error, Fault};
use crate::quantity::{Count, Points, Ratio, Rupiah};

/// What a menu entry gives back of the purchases that earn its points, in basis points truncated toward zero
/// (PT-5): value ÷ (points × rupiah a point). It is a ratio and may be above 100 %.
///
/// ```
/// use loyalty_rules::{points::menu_cost, quantity::{Points, Rupiah}};
///
/// let fifty = Points::from_milli(50_000)?;
/// assert_eq!(menu_cost(fifty, Rupiah::new(10_000)?, Rupiah::new(10_000)?)?.bp(), 200); // 2 %
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_config` for a `per` of zero; `not_defined` for no points; `out_of_range` below zero or if the ratio
/// leaves the domain.
pub fn menu_cost(points: Points, per: Rupiah, value: Rupiah) -> Result<Ratio, Error> {
    for (number, field) in [(points.milli(), "points_milli"), (per.get(), "per"), (value.get(), "value")] {
        if number < 0 {
            return Err(Fault::Negative.error().at(field));
        }
    }
    if per.is_zero() {
        return Err(Fault::MustNotBeZero.error().at("per"));
    }
    // Both in thousandths of a rupiah, below 2⁶³ and 2¹⁰⁶.
    let value = i128::from(value.get()).wrapping_mul(1_000);
    let spend = i128::from(points.milli()).wrapping_mul(per.get().into());
    Ratio::of(value, spend, "points_milli")
}

/// How many goods a purchase reaches: each full threshold of the accumulated purchases once (PT-6). Returns
/// the units and the new accumulated purchases.
///
/// ```
/// use loyalty_rules::{points::goods_reached, quantity::Rupiah};
///
/// let (cylinders, accumulated) = goods_reached(Rupiah::new(200_000)?, Rupiah::new(60_000)?, Rupiah::new(250_000)?)?;
/// assert_eq!((cylinders.get(), accumulated.get()), (1, 260_000));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_config` for a threshold of zero; `out_of_range` below zero or if the sum leaves the domain.
pub fn goods_reached(accumulated: Rupiah, amount: Rupiah, threshold: Rupiah) -> Result<(Count, Rupiah), Error> {
    for (number, field) in [(accumulated, "accumulated"), (amount, "amount"), (threshold, "threshold")] {
        if number.get() < 0 {
            return Err(Fault::Negative.error().at(field));
        }
    }
    let after = accumulated.checked_add(amount)?;
    let full = |sum: Rupiah| sum.get().checked_div(threshold.get()).ok_or(Fault::MustNotBeZero.error().at("threshold"));
    Ok((Count::new(full(after)?.saturating_sub(full(accumulated)?))?, after))
}
