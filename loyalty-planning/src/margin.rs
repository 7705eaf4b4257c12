use super::{exact_profit, profit};
use crate::fault::Faults as _;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::funding::not_negative;
use loyalty_rules::quantity::{Rate, Ratio, Rupiah};

/// The margin of a price, in basis points truncated toward zero (PL-1): (price − cost) ÷ price. It is negative for
/// a price below the cost. A tax inside the price is not the shop's: the price counts without it, price ÷ (100 % + rate),
/// exactly. The cost is what the goods cost the shop, without tax that it gets back.
///
/// ```
/// use loyalty_planning::margin;
/// use loyalty_rules::quantity::{Rate, Rupiah};
///
/// assert_eq!(margin(Rupiah::new(100_000)?, Rupiah::new(85_000)?, Rate::ZERO)?.bp(), 1_500);
/// assert_eq!(margin(Rupiah::new(3)?, Rupiah::new(4)?, Rate::ZERO)?.bp(), -3_333);
/// assert_eq!(margin(Rupiah::new(11_100)?, Rupiah::new(8_600)?, Rate::from_bp(1_100)?)?.bp(), 1_400); // 10,000 without PPN
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `not_defined` for a price of zero; `out_of_range` for a negative amount, or if the ratio leaves the domain.
pub fn margin(price: Rupiah, cost: Rupiah, tax_inside: Rate) -> Result<Ratio, Error> {
    let (price, cost) = (not_negative(price, "price")?, not_negative(cost, "cost")?);
    // Both in the same part of a rupiah, below 2⁶⁸.
    let price = i128::from(price.get()).wrapping_mul(10_000);
    let cost = i128::from(cost.get()).wrapping_mul(i128::from(tax_inside.bp()).wrapping_add(10_000));
    Ratio::of(price.wrapping_sub(cost), price, "price")
}

/// What a program leaves of a margin, in basis points (PL-1): margin − program cost rate.
///
/// ```
/// use loyalty_planning::margin_after;
/// use loyalty_rules::quantity::{Rate, Ratio};
///
/// assert_eq!(margin_after(Ratio::from_bp(1_000)?, Rate::from_bp(350)?)?.bp(), 650);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` if it leaves the domain.
pub fn margin_after(margin: Ratio, program: Rate) -> Result<Ratio, Error> {
    margin.checked_sub(program.into())
}

/// The cost rate of a program that gives its members a discount, truncated to a basis point (PL-2): discount × share
/// of sales by members.
///
/// ```
/// use loyalty_planning::program_cost;
/// use loyalty_rules::quantity::Rate;
///
/// assert_eq!(program_cost(Rate::from_bp(1_000)?, Rate::from_bp(5_000)?).bp(), 500); // 10 % × 50 %
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
pub fn program_cost(discount: Rate, member_share: Rate) -> Rate {
    discount.times(member_share)
}

/// The least margin that still earns a net profit, in basis points truncated toward zero (PL-3): least profit ÷ sales.
/// A negative profit is a loss that is borne.
///
/// ```
/// use loyalty_planning::min_margin;
/// use loyalty_rules::quantity::Rupiah;
///
/// assert_eq!(min_margin(Rupiah::new(4_000_000)?, Rupiah::new(50_000_000)?)?.bp(), 800);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `not_defined` without sales; `out_of_range` for negative sales, or if the ratio leaves the domain.
pub fn min_margin(least_profit: Rupiah, sales: Rupiah) -> Result<Ratio, Error> {
    Ratio::of(least_profit.get().into(), not_negative(sales, "sales")?.get().into(), "sales")
}

/// The most a program may cost of sales, in basis points (PL-4): margin − least margin. Negative when none is
/// affordable, by that much.
///
/// ```
/// use loyalty_planning::max_cost;
/// use loyalty_rules::quantity::Ratio;
///
/// assert_eq!(max_cost(Ratio::from_bp(2_000)?, Ratio::from_bp(800)?)?.bp(), 1_200);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` if it leaves the domain.
pub fn max_cost(margin: Ratio, min_margin: Ratio) -> Result<Ratio, Error> {
    margin.checked_sub(min_margin)
}

/// What a program brought for what it cost (PL-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Return {
    /// Extra sales × margin, in rupiah rounded toward zero (DEC-16).
    pub gain: Rupiah,
    /// The exact gain ÷ cost, truncated toward zero.
    pub roi: Ratio,
    /// Extra sales ÷ cost, truncated toward zero; told beside it, no return.
    pub sales_ratio: Ratio,
}

/// The return on a program's cost (PL-6).
///
/// ```
/// use loyalty_planning::return_on;
/// use loyalty_rules::quantity::{Ratio, Rupiah};
///
/// let back = return_on(Rupiah::new(3_000_000)?, Rupiah::new(10_000_000)?, Ratio::from_bp(1_500)?)?;
/// assert_eq!((back.gain.get(), back.roi.bp(), back.sales_ratio.bp()), (1_500_000, 5_000, 33_333));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `not_defined` for a cost of zero; `out_of_range` for a negative cost, or if a result leaves the domain.
pub fn return_on(cost: Rupiah, extra_sales: Rupiah, margin: Ratio) -> Result<Return, Error> {
    let cost = i128::from(not_negative(cost, "cost")?.get());
    let sales_ratio = Ratio::of(extra_sales.get().into(), cost, "cost")?;
    // Ten-thousandths of a rupiah over rupiah are basis points.
    let roi = exact_profit(extra_sales.get().into(), margin)?.checked_div(cost).unwrap_or_default();
    Ok(Return { gain: profit(extra_sales, margin)?, roi: Ratio::from_result(roi)?, sales_ratio })
}

/// How much more must be sold to pay for a program of fixed cost, in basis points rounded up (PL-7): cost ÷ (margin ×
/// sales).
///
/// ```
/// use loyalty_planning::break_even_fixed;
/// use loyalty_rules::quantity::{Ratio, Rupiah};
///
/// let uplift = break_even_fixed(Rupiah::new(2_000_000)?, Ratio::from_bp(1_500)?, Rupiah::new(100_000_000)?)?;
/// assert_eq!(uplift.bp(), 1_334); // DEC-6: 13.33… %
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `not_defined` without sales, or for a margin of zero or less; `out_of_range` for a negative amount, or if the ratio
/// leaves the domain.
pub fn break_even_fixed(cost: Rupiah, margin: Ratio, sales: Rupiah) -> Result<Ratio, Error> {
    let (cost, sales) = (not_negative(cost, "cost")?, not_negative(sales, "sales")?);
    if sales.is_zero() {
        return Err(Fault::DividesByZero.error().at("sales"));
    }
    // Both in ten-thousandths of a rupiah; the cost stays below 2⁶⁷.
    uplift(i128::from(cost.get()).wrapping_mul(10_000), exact_profit(sales.get().into(), margin)?)
}

/// How much more must be sold to pay for a program that costs a rate of all sales, in basis points rounded up (PL-7):
/// cost rate ÷ (margin − cost rate).
///
/// ```
/// use loyalty_planning::break_even_rate;
/// use loyalty_rules::quantity::{Rate, Ratio};
///
/// let uplift = break_even_rate(Rate::from_bp(200)?, Ratio::from_bp(1_500)?)?;
/// assert_eq!(uplift.bp(), 1_539); // DEC-6: 15.38… %
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `not_defined` unless the cost rate is below the margin.
pub fn break_even_rate(cost: Rate, margin: Ratio) -> Result<Ratio, Error> {
    let cost = i128::from(cost.bp());
    uplift(cost, i128::from(margin.bp()).wrapping_sub(cost))
}

/// cost ÷ profit rounded up, for a cost below 2¹⁰⁰ and a profit below 2¹⁰⁷, of which some must be left.
fn uplift(cost: i128, profit: i128) -> Result<Ratio, Error> {
    if profit <= 0 {
        return Err(Fault::NothingToPayFrom.error().at("margin_bp"));
    }
    let up = cost.wrapping_mul(10_000).wrapping_add(profit).wrapping_sub(1);
    Ratio::from_result(up.checked_div(profit).unwrap_or_default())
}
