use alloc::vec::Vec;

use super::{count, ratio};
use crate::fault::Faults as _;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::funding::not_negative;
use loyalty_rules::quantity::{Count, Rate, Ratio, Rupiah};
use loyalty_rules::sort;

/// How even territories are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fairness {
    /// The mean potential, truncated.
    pub mean: Count,
    /// The largest potential ÷ the mean, truncated.
    pub largest: Ratio,
    /// The Gini coefficient, truncated: 0 if all are equal, near 100 % if one has all.
    pub gini: Ratio,
}

/// How even the potentials of territories are (TR-2). The Gini coefficient is the sum of the differences of all ordered
/// pairs ÷ (2 × number × sum).
///
/// ```
/// use loyalty_network::fairness;
/// use loyalty_rules::quantity::Count;
///
/// let fairness = fairness(&[Count::new(100)?, Count::new(200)?, Count::new(600)?])?;
/// assert_eq!((fairness.mean.get(), fairness.largest.bp(), fairness.gini.bp()), (300, 20_000, 3_703)); // 2,000 ÷ 5,400
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_config` at `territories` without any; `not_defined` there if all potentials are 0.
pub fn fairness(potentials: &[Count]) -> Result<Fairness, Error> {
    if potentials.is_empty() {
        return Err(Fault::NoTerritories.error().at("territories"));
    }
    let mut sorted: Vec<i128> = potentials.iter().map(|potential| potential.get().into()).collect();
    sort::ascending(&mut sorted);
    let number = count(sorted.len());
    let nothing = Fault::NoPotential.error().at("territories");
    // A list in memory is shorter than 2⁵⁰ entries below 2⁵³ each; the weights below are within ± its length. The sum of
    // differences is at most number × sum.
    let sum = sorted.iter().fold(0_i128, |sum, potential| sum.wrapping_add(*potential));
    // In rising order the entry of rank i = 1 … n is added i − 1 times and taken off n − i times; a pair counts twice.
    let first = number.wrapping_neg().wrapping_add(1);
    let weighted = sorted.iter().zip((0..).map(|rank: i128| first.wrapping_add(rank.wrapping_mul(2))));
    let differences = weighted.fold(0_i128, |sum, (potential, weight)| sum.wrapping_add(potential.wrapping_mul(weight)));
    Ok(Fairness {
        mean: Count::from_result(sum.checked_div(number).unwrap_or_default())?,
        largest: ratio(sorted.last().copied().unwrap_or_default().wrapping_mul(number), sum)?.ok_or(nothing)?,
        gini: ratio(differences, number.wrapping_mul(sum))?.ok_or(nothing)?,
    })
}

/// The sales of a territory, in rupiah, zero or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerritorySales {
    /// Of this period.
    pub sales: Rupiah,
    /// Wanted.
    pub target: Rupiah,
    /// Of the period before.
    pub before: Option<Rupiah>,
}

/// How a territory does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attainment {
    /// Sales ÷ target, truncated; `None` without a target.
    pub attainment: Option<Ratio>,
    /// (Sales − before) ÷ before, truncated toward zero; `None` without sales before.
    pub change: Option<Ratio>,
    /// Whether sales are below the period before by more than the share told.
    pub is_falling: bool,
}

/// How a territory does against its target and the period before (TR-3). Falling is judged exactly.
///
/// ```
/// use loyalty_network::{TerritorySales, attainment};
/// use loyalty_rules::quantity::{Rate, Rupiah};
///
/// let sales = |sales| Ok::<_, loyalty_rules::Error>(TerritorySales {
///     sales: Rupiah::new(sales)?,
///     target: Rupiah::new(1_200_000)?,
///     before: Some(Rupiah::new(1_000_000)?),
/// });
/// let tenth = Rate::from_bp(1_000)?;
/// let kept = attainment(&sales(900_000)?, tenth)?;
/// assert_eq!((kept.attainment.map(|ratio| ratio.bp()), kept.change.map(|ratio| ratio.bp())), (Some(7_500), Some(-1_000)));
/// assert!(!kept.is_falling && attainment(&sales(899_999)?, tenth)?.is_falling);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` for a negative amount, or if a ratio leaves the domain, at `sales`.
pub fn attainment(territory: &TerritorySales, falling: Rate) -> Result<Attainment, Error> {
    let sales = i128::from(not_negative(territory.sales, "sales")?.get());
    let target = i128::from(not_negative(territory.target, "target")?.get());
    let before = i128::from(not_negative(territory.before.unwrap_or_default(), "before")?.get());
    let least = i128::from(Rate::WHOLE.bp()).wrapping_sub(falling.bp().into());
    Ok(Attainment {
        attainment: ratio(sales, target).map_err(|refused| refused.at("sales"))?,
        change: ratio(sales.wrapping_sub(before), before).map_err(|refused| refused.at("sales"))?,
        is_falling: sales.wrapping_mul(10_000) < before.wrapping_mul(least),
    })
}

/// Sales and targets of all territories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotalAttainment {
    /// All sales, in rupiah.
    pub sales: Rupiah,
    /// All targets, in rupiah.
    pub target: Rupiah,
    /// Sales ÷ target, truncated; `None` without a target.
    pub attainment: Option<Ratio>,
}

/// Sales and targets summed up (TR-3).
///
/// ```
/// use loyalty_network::{TerritorySales, total_attainment};
/// use loyalty_rules::quantity::Rupiah;
///
/// let territory = TerritorySales { sales: Rupiah::new(300_000)?, target: Rupiah::new(400_000)?, before: None };
/// let all = total_attainment(&[territory, territory])?;
/// assert_eq!((all.sales.get(), all.attainment.map(|ratio| ratio.bp())), (600_000, Some(7_500)));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` at `territories` if a sum or the ratio leaves the domain.
pub fn total_attainment(territories: &[TerritorySales]) -> Result<TotalAttainment, Error> {
    let refused = |error: Error| error.at("territories");
    let sum = |of: fn(&TerritorySales) -> Rupiah| {
        territories.iter().try_fold(Rupiah::ZERO, |sum, each| sum.checked_add(of(each))).map_err(refused)
    };
    let (sales, target) = (sum(|each| each.sales)?, sum(|each| each.target)?);
    Ok(TotalAttainment { sales, target, attainment: ratio(sales.get().into(), target.get().into()).map_err(refused)? })
}
