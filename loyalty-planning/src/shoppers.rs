use core::cmp::Ordering;

use loyalty_rules::error::{Error, Fault};
use loyalty_rules::funding::not_negative;
use loyalty_rules::quantity::{Count, Rate, Ratio, Rupiah, result_within_domain};
use loyalty_rules::words;

words! {
    /// How much a shop rests on its regular shoppers (PL-8).
    pub enum RegularsClass {
        /// Below 20 %.
        Weak = "weak",
        /// 20 … 30 %.
        Fair = "fair",
        /// Above 30 %.
        Strong = "strong",
    }
}

words! {
    /// How often regular shoppers buy (PL-9).
    pub enum FrequencyClass {
        /// Less than once a month.
        Rare = "rare",
        /// Once or twice a month.
        Fair = "fair",
        /// More than twice a month.
        VeryLoyal = "very_loyal",
    }
}

words! {
    /// How sales answer to a lower price (PL-11).
    pub enum Sensitivity {
        /// A change below 10 %, falling sales included.
        Low = "low",
        /// 10 … 30 %.
        Medium = "medium",
        /// Above 30 %.
        High = "high",
    }
}

impl Sensitivity {
    /// Whether the discount tried makes the class conclusive (PL-11): high at 10 % or less, medium at 15 % or less, low
    /// at 20 % or more.
    ///
    /// ```
    /// use loyalty_planning::Sensitivity;
    /// use loyalty_rules::quantity::Rate;
    ///
    /// assert!(Sensitivity::High.is_conclusive_at(Rate::from_bp(1_000)?));
    /// assert!(!Sensitivity::Low.is_conclusive_at(Rate::from_bp(1_000)?)); // a larger discount might do
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub const fn is_conclusive_at(self, discount: Rate) -> bool {
        match self {
            Self::High => discount.bp() <= 1_000,
            Self::Medium => discount.bp() <= 1_500,
            Self::Low => discount.bp() >= 2_000,
        }
    }
}

/// A shop's regular shoppers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Regulars {
    /// Regulars ÷ all, truncated.
    pub share: Ratio,
    /// The class of the exact share.
    pub class: RegularsClass,
}

/// The share of regular shoppers (PL-8).
///
/// ```
/// use loyalty_planning::{RegularsClass, regulars};
/// use loyalty_rules::quantity::Count;
///
/// let fifth = regulars(Count::new(100)?, Count::new(500)?)?;
/// assert_eq!((fifth.share.bp(), fifth.class), (2_000, RegularsClass::Fair));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `not_defined` without shoppers; `out_of_range` if the share leaves the domain.
pub fn regulars(regulars: Count, all: Count) -> Result<Regulars, Error> {
    let share = share(regulars, all, "all")?;
    let class = match against(regulars.get().into(), all.get().into(), [2_000, 3_000]) {
        Ordering::Less => RegularsClass::Weak,
        Ordering::Equal => RegularsClass::Fair,
        Ordering::Greater => RegularsClass::Strong,
    };
    Ok(Regulars { share, class })
}

/// How often regular shoppers buy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frequency {
    /// Purchases a month of one regular shopper, in thousandths, truncated.
    pub per_month_milli: Count,
    /// The class of the exact frequency.
    pub class: FrequencyClass,
}

/// The purchase frequency of regular shoppers (PL-9): their transactions ÷ regulars ÷ months.
///
/// ```
/// use loyalty_planning::{FrequencyClass, frequency};
/// use loyalty_rules::quantity::Count;
///
/// let twice = frequency(Count::new(600)?, Count::new(100)?, Count::new(3)?)?;
/// assert_eq!((twice.per_month_milli.get(), twice.class), (2_000, FrequencyClass::Fair));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `not_defined` without regulars or months; `out_of_range` if the frequency leaves the domain.
pub fn frequency(transactions: Count, regulars: Count, months: Count) -> Result<Frequency, Error> {
    let zero = if regulars == Count::ZERO { "regulars" } else { "months" };
    // Below 2⁶³ and 2¹⁰⁶.
    let (transactions, whole) = (i128::from(transactions.get()), i128::from(regulars.get()).wrapping_mul(months.get().into()));
    let milli = transactions.wrapping_mul(1_000).checked_div(whole).ok_or(Fault::DividesByZero.error().at(zero))?;
    let class = match against(transactions, whole, [10_000, 20_000]) {
        Ordering::Less => FrequencyClass::Rare,
        Ordering::Equal => FrequencyClass::Fair,
        Ordering::Greater => FrequencyClass::VeryLoyal,
    };
    Ok(Frequency { per_month_milli: Count::new(result_within_domain(i64::try_from(milli).ok())?)?, class })
}

/// The popularity of a product, in basis points truncated (PL-10): its units ÷ all units sold.
///
/// ```
/// use loyalty_planning::popularity;
/// use loyalty_rules::quantity::Count;
///
/// assert_eq!(popularity(Count::new(200)?, Count::new(500)?)?.bp(), 4_000);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `not_defined` if nothing was sold; `out_of_range` if the share leaves the domain.
pub fn popularity(units: Count, all_units: Count) -> Result<Ratio, Error> {
    share(units, all_units, "all_units")
}

/// The share of shoppers who come back, in basis points truncated (PL-12): returning ÷ initial.
///
/// ```
/// use loyalty_planning::retention;
/// use loyalty_rules::quantity::Count;
///
/// assert_eq!(retention(Count::new(25)?, Count::new(100)?)?.bp(), 2_500);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `not_defined` if there were none; `out_of_range` if the share leaves the domain.
pub fn retention(returning: Count, initial: Count) -> Result<Ratio, Error> {
    share(returning, initial, "initial")
}

/// How sales changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SalesChange {
    /// (During − before) ÷ before, truncated toward zero; negative if sales fell.
    pub change: Ratio,
    /// The class of the exact change.
    pub sensitivity: Sensitivity,
}

/// The change of sales under a discount, and the price sensitivity it tells (PL-11).
///
/// ```
/// use loyalty_planning::{Sensitivity, sales_change};
/// use loyalty_rules::quantity::Rupiah;
///
/// let rise = sales_change(Rupiah::new(5_000_000)?, Rupiah::new(7_000_000)?)?;
/// assert_eq!((rise.change.bp(), rise.sensitivity), (4_000, Sensitivity::High));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `not_defined` without sales before; `out_of_range` for negative sales, or if the change leaves the domain.
pub fn sales_change(before: Rupiah, during: Rupiah) -> Result<SalesChange, Error> {
    let (before, during) = (not_negative(before, "before")?, not_negative(during, "during")?);
    let (rise, before) = (i128::from(during.checked_sub(before)?.get()), i128::from(before.get()));
    let change = Ratio::of(rise, before, "before")?;
    let sensitivity = match against(rise, before, [1_000, 3_000]) {
        Ordering::Less => Sensitivity::Low,
        Ordering::Equal => Sensitivity::Medium,
        Ordering::Greater => Sensitivity::High,
    };
    Ok(SalesChange { change, sensitivity })
}

pub(super) fn share(part: Count, whole: Count, field: &'static str) -> Result<Ratio, Error> {
    Ratio::of(part.get().into(), whole.get().into(), field)
}

/// Whether part ÷ whole lies below, in or above a middle class, which has both its limits, in basis points. The whole is
/// above zero and below 2¹⁰⁶, the part below 2⁵⁴.
fn against(part: i128, whole: i128, [from_bp, to_bp]: [i128; 2]) -> Ordering {
    let part = part.wrapping_mul(10_000);
    if part < whole.wrapping_mul(from_bp) {
        Ordering::Less
    } else if part > whole.wrapping_mul(to_bp) {
        Ordering::Greater
    } else {
        Ordering::Equal
    }
}
