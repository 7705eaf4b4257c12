use super::{exact_profit, profit, rupiah};
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::funding::not_negative;
use loyalty_rules::quantity::{Count, Points, Ratio, Rupiah};

/// What one voucher of a points scheme costs (PL-14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemeCost {
    /// The purchases that earn it, in rupiah rounded down.
    pub spend: Rupiah,
    /// The profit on them, in rupiah rounded toward zero.
    pub profit: Rupiah,
    /// Profit − voucher, in rupiah; negative for a loss.
    pub left: Rupiah,
    /// What is left ÷ spend, truncated toward zero.
    pub effective_margin: Ratio,
}

/// The cost of a scheme by voucher (PL-14): points, rupiah of purchases a point, the margin and what the voucher is
/// worth.
///
/// ```
/// use loyalty_planning::scheme_cost;
/// use loyalty_rules::quantity::{Points, Ratio, Rupiah};
///
/// let (fifty, per) = (Points::from_milli(50_000)?, Rupiah::new(10_000)?);
/// let cost = scheme_cost(fifty, per, Ratio::from_bp(1_500)?, Rupiah::new(50_000)?)?;
/// assert_eq!((cost.spend.get(), cost.profit.get(), cost.left.get()), (500_000, 75_000, 25_000));
/// assert_eq!(cost.effective_margin.bp(), 500);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_config` for a `per` of zero; `not_defined` if the points need no whole rupiah; `out_of_range` below zero, or if
/// a result leaves the domain.
pub fn scheme_cost(points: Points, per: Rupiah, margin: Ratio, voucher: Rupiah) -> Result<SchemeCost, Error> {
    let (per, voucher) = (not_negative(per, "per")?, not_negative(voucher, "voucher")?);
    if points < Points::ZERO {
        return Err(Fault::Negative.error().at("points_milli"));
    }
    if per.is_zero() {
        return Err(Fault::MustNotBeZero.error().at("per"));
    }
    // Below 2¹⁰⁶.
    let spend = rupiah(i128::from(points.milli()).wrapping_mul(per.get().into()) / 1_000)?;
    let profit = profit(spend, margin)?;
    let left = profit.checked_sub(voucher)?;
    let effective_margin = Ratio::of(left.get().into(), spend.get().into(), "points_milli")?;
    Ok(SchemeCost { spend, profit, left, effective_margin })
}

/// A day's profit beside the vouchers of a scheme (PL-14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemeDay {
    /// Transactions × average × margin, in rupiah rounded once toward zero.
    pub profit: Rupiah,
    /// Vouchers × what one is worth, in rupiah.
    pub voucher_cost: Rupiah,
    /// Whether the exact profit reaches the cost.
    pub carries: bool,
}

/// Whether a day carries the vouchers of a scheme (PL-14).
///
/// ```
/// use loyalty_planning::scheme_day;
/// use loyalty_rules::quantity::{Count, Ratio, Rupiah};
///
/// let worth = Rupiah::new(50_000)?;
/// let day = scheme_day(Count::new(50)?, worth, Ratio::from_bp(1_500)?, Count::new(10)?, worth)?;
/// assert_eq!((day.profit.get(), day.voucher_cost.get(), day.carries), (375_000, 500_000, false));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` for a negative amount, or if a result leaves the domain.
pub fn scheme_day(transactions: Count, average: Rupiah, margin: Ratio, vouchers: Count, voucher: Rupiah) -> Result<SchemeDay, Error> {
    let (average, voucher) = (not_negative(average, "average")?, not_negative(voucher, "voucher")?);
    // The revenue is not answered, so it may leave the domain; it stays below 2¹⁰⁶.
    let revenue = i128::from(average.get()).wrapping_mul(transactions.get().into());
    let exact = exact_profit(revenue, margin)?;
    let voucher_cost = voucher.checked_mul(vouchers.get())?;
    let carries = i128::from(voucher_cost.get()).wrapping_mul(10_000) <= exact;
    Ok(SchemeDay { profit: rupiah(exact / 10_000)?, voucher_cost, carries })
}
