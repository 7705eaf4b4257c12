use alloc::vec::Vec;

use super::place::{Place, Point};
use super::weights::{Weights, of_highest, rate};
use super::{count, ratio};
use crate::fault::Faults as _;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Count, Rate, Ratio, result_within_domain};
use loyalty_rules::sort;

/// The most outlets that are divided at once.
const MAX_OUTLETS: usize = 10_000;

/// What an outlet may bring, 0 … 1,000,000,000,000, in whatever unit all outlets share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Potential(i64);

impl Potential {
    /// A potential.
    ///
    /// # Errors
    /// `out_of_range` below 0 or above 10¹².
    pub const fn new(potential: i64) -> Result<Self, Error> {
        if 0 <= potential && potential <= 1_000_000_000_000 { Ok(Self(potential)) } else { Err(Fault::PotentialOutOfRange.error()) }
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// What the potential of an outlet is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prospect {
    /// Its sales.
    pub sales: Count,
    /// How many shoppers live around.
    pub density: Count,
    /// How much competition there is.
    pub competition: Count,
}

/// The potential of an outlet and its factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProspectScore {
    /// The weighted mean of the three.
    pub potential: Rate,
    /// Sales ÷ the highest.
    pub sales: Rate,
    /// Density ÷ the highest.
    pub density: Rate,
    /// 100 % − competition ÷ the highest.
    pub competition: Rate,
}

/// The potential of outlets (TR-1): the weighted mean of sales, density and absent competition, each compared with the
/// highest and truncated, 0 of 0.
///
/// ```
/// use loyalty_network::{FactorWeight, Prospect, Weights, prospect_scores};
/// use loyalty_rules::quantity::Count;
///
/// let outlet = |sales, density, competition| {
///     let (sales, density, competition) = (Count::new(sales)?, Count::new(density)?, Count::new(competition)?);
///     Ok::<_, loyalty_rules::Error>(Prospect { sales, density, competition })
/// };
/// let weights = Weights::new([FactorWeight::new(2)?, FactorWeight::new(1)?, FactorWeight::new(1)?])?;
/// let scores = prospect_scores(&[outlet(900, 300, 4)?, outlet(300, 400, 1)?], weights);
/// assert_eq!(scores[0].potential.bp(), 6_875); // 100 %, 75 % and 0 %
/// assert_eq!(scores[1].competition.bp(), 7_500);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
pub fn prospect_scores(outlets: &[Prospect], weights: Weights) -> Vec<ProspectScore> {
    let highest = |of: fn(&Prospect) -> Count| outlets.iter().map(|outlet| of(outlet).get()).max().unwrap_or_default();
    let (sales, density, competition) =
        (highest(|outlet| outlet.sales), highest(|outlet| outlet.density), highest(|outlet| outlet.competition));
    let score = |outlet: &Prospect| {
        let sales = of_highest(outlet.sales.get(), sales);
        let density = of_highest(outlet.density.get(), density);
        let against = of_highest(outlet.competition.get(), competition);
        let competition = rate(Rate::WHOLE.bp().wrapping_sub(against.bp()).into());
        ProspectScore { potential: weights.mean([sales, density, competition]), sales, density, competition }
    };
    outlets.iter().map(score).collect()
}

/// A shop that a seller serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlet<'a> {
    /// Its id.
    pub id: &'a str,
    /// Where it is.
    pub place: Place,
    /// What it may bring.
    pub potential: Potential,
}

/// The outlets of a seller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Territory {
    /// The places of its outlets in their list, by the id of the outlet.
    pub outlets: Vec<usize>,
    /// The sum of their potentials.
    pub potential: Count,
    /// How far they spread, in metres: the root of the mean of the squared distances to their centre, both means and the
    /// root truncated; 0 without outlets.
    pub spread_m: Count,
}

/// Outlets divided among sellers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// The territories in the order of the sellers.
    pub territories: Vec<Territory>,
    /// The largest potential ÷ the mean, truncated; `None` if nothing has potential.
    pub largest: Option<Ratio>,
    /// What the largest ÷ the mean cannot exceed: (mean + 5 ÷ 4 × the greatest outlet) ÷ mean, truncated; `None` as above.
    pub bound: Option<Ratio>,
}

/// Divides outlets among sellers so that each outlet has one, each seller at least one, potentials are even and
/// territories lie together (TR-1).
///
/// Sellers are halved, the larger half first, and the outlets with them, across the axis on which they spread widest, at the
/// cut nearest to the first half's share of the potential that leaves each seller an outlet, until one seller is left. Of
/// equal cuts it is the first; of those that take one potential below the share the last.
///
/// ```
/// use loyalty_network::{Outlet, Place, Potential, divide};
///
/// let outlet = |id, lon_e7, potential| {
///     let (place, potential) = (Place::from_e7(-62_000_000, lon_e7)?, Potential::new(potential)?);
///     Ok::<_, loyalty_rules::Error>(Outlet { id, place, potential })
/// };
/// // Along the coast; the axis through longitude 0 falls to the east.
/// let outlets = [outlet("a", 1_070_000_000, 30)?, outlet("b", 1_065_000_000, 40)?, outlet("c", 1_060_000_000, 50)?];
/// let division = divide(&outlets, 2)?;
/// let places: Vec<_> = division.territories.iter().map(|territory| territory.outlets.as_slice()).collect();
/// assert_eq!(places, [&[0, 1][..], &[2]]);
/// assert_eq!(division.largest.map(|ratio| ratio.bp()), Some(11_666)); // 70 ÷ 60
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// **Bound.** Let M be the greatest outlet and m the mean, and halve k sellers into a and b. One more outlet adds at most M,
/// so either some allowed cut is off its share by at most M ÷ 2, or all are off to the same side: then the cut taken gives
/// one half, which exceeds its share, as many outlets as sellers, so that each ends with one outlet, at most M, and the
/// other half less than its share. In the first case the mean of a half exceeds that of the whole by at most M ÷ 2a or
/// M ÷ 2b. On the way to one seller halves have at least … 9, 5, 3, 2, 1 sellers, so the means rise by at most
/// M ÷ 2 × (1 + 1/2 + 1/3 + 1/5 + 1/9 + …) < M ÷ 2 × 2.27 in all: no territory is above m + 5/4 × M.
///
/// # Errors
/// `bad_config` at `sellers` unless they are 1 … the number of outlets; at `outlets` `too_large` above 10,000 and
/// `out_of_range` if potentials sum beyond CV-1.
pub fn divide(outlets: &[Outlet<'_>], sellers: usize) -> Result<Division, Error> {
    let located = located(outlets)?;
    if sellers == 0 || sellers > located.len() {
        return Err(Fault::SellerCount.error().at("sellers"));
    }
    let mut parts = Vec::new();
    bisect(located.clone(), sellers, &mut parts);
    let territories: Vec<Territory> = parts.into_iter().map(territory).collect::<Result<_, _>>()?;
    let (sum, number) = (sum(&located), count(sellers));
    let greatest = located.iter().map(|outlet| outlet.potential).max().unwrap_or_default();
    // Below 4 × 10¹⁶ + 5 × 10¹⁶.
    let four_sums = sum.wrapping_mul(4);
    let bound = four_sums.wrapping_add(i128::from(greatest).wrapping_mul(5).wrapping_mul(number));
    Ok(Division { largest: largest(&territories)?, territories, bound: ratio(bound, four_sums)? })
}

/// An outlet on the way to its territory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Located<'a> {
    pub(super) place: usize,
    pub(super) id: &'a str,
    pub(super) point: Point,
    pub(super) potential: i64,
}

/// The outlets with their points.
///
/// # Errors
/// At `outlets`: `too_large` above 10,000, `out_of_range` if potentials sum beyond CV-1.
pub(super) fn located<'a>(outlets: &[Outlet<'a>]) -> Result<Vec<Located<'a>>, Error> {
    if outlets.len() > MAX_OUTLETS {
        return Err(Fault::TooManyOutlets.error().at("outlets"));
    }
    let located = |(place, outlet): (usize, &Outlet<'a>)| Located {
        place,
        id: outlet.id,
        point: outlet.place.point(),
        potential: outlet.potential.0,
    };
    let located: Vec<_> = outlets.iter().enumerate().map(located).collect();
    result_within_domain(i64::try_from(sum(&located)).ok()).map_err(|refused| refused.at("outlets"))?;
    Ok(located)
}

/// The sum of potentials; of 10,000 at most 10¹⁶.
pub(super) fn sum(outlets: &[Located<'_>]) -> i128 {
    outlets.iter().fold(0, |sum, outlet| sum.wrapping_add(outlet.potential.into()))
}

/// The territory of outlets.
pub(super) fn territory(mut outlets: Vec<Located<'_>>) -> Result<Territory, Error> {
    sort::by_key(&mut outlets, |outlet| outlet.id);
    let points = outlets.iter().map(|outlet| outlet.point);
    let spread = Point::centre(points.clone()).map_or(0, |centre| {
        // 10,000 squares below 2⁴⁸.
        let squares = points.clone().fold(0_u64, |sum, point| sum.wrapping_add(point.square_to(centre)));
        squares.checked_div(u64::try_from(outlets.len()).unwrap_or(u64::MAX)).unwrap_or_default().isqrt()
    });
    Ok(Territory {
        potential: Count::from_result(sum(&outlets))?,
        spread_m: Count::from_result(spread.into())?,
        outlets: outlets.into_iter().map(|outlet| outlet.place).collect(),
    })
}

/// The largest potential ÷ the mean.
pub(super) fn largest(territories: &[Territory]) -> Result<Option<Ratio>, Error> {
    let potentials = territories.iter().map(|territory| i128::from(territory.potential.get()));
    let sum = potentials.clone().fold(0_i128, i128::wrapping_add);
    ratio(potentials.max().unwrap_or_default().wrapping_mul(count(territories.len())), sum)
}

/// Divides outlets among sellers, at least as many, and appends their parts in the order of the sellers.
fn bisect<'a>(mut outlets: Vec<Located<'a>>, sellers: usize, parts: &mut Vec<Vec<Located<'a>>>) {
    if sellers <= 1 {
        parts.push(outlets);
        return;
    }
    let axis = widest_axis(&outlets);
    sort::by_key(&mut outlets, |outlet| (on_axis(outlet, axis), outlet.id));
    let first = sellers.div_ceil(2);
    let last = sellers.wrapping_sub(first);
    let allowed = first..=outlets.len().saturating_sub(last);
    // Both below 10¹⁶ × 10⁴.
    let share = sum(&outlets).wrapping_mul(count(first));
    let (mut taken, mut nearest) = (0_i128, (u128::MAX, first));
    for (outlet, cut) in outlets.iter().zip(1..) {
        taken = taken.wrapping_add(outlet.potential.into());
        let reached = taken.wrapping_mul(count(sellers));
        let off = reached.abs_diff(share);
        if allowed.contains(&cut) && (off < nearest.0 || (off == nearest.0 && reached < share)) {
            nearest = (off, cut);
        }
    }
    let (_, cut) = nearest;
    let rest = outlets.split_off(cut.min(outlets.len()));
    bisect(outlets, first, parts);
    bisect(rest, last, parts);
}

fn on_axis(outlet: &Located<'_>, axis: usize) -> i64 {
    outlet.point.coordinates().get(axis).copied().unwrap_or_default()
}

/// The first of x, y and z on which outlets spread widest.
fn widest_axis(outlets: &[Located<'_>]) -> usize {
    let extent = |axis: usize| {
        let coordinates = outlets.iter().map(|outlet| on_axis(outlet, axis));
        let (least, most) = (coordinates.clone().min(), coordinates.max());
        most.zip(least).map_or(0, |(most, least)| most.wrapping_sub(least))
    };
    (0..3).rev().max_by_key(|axis| extent(*axis)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
