use alloc::collections::VecDeque;
use alloc::vec::Vec;
use alloc::{collections::BTreeSet, vec};

use super::{Bonus, not_negative};
use crate::error::{Error, Fault, Field};
use crate::quantity::{Count, Rate, Rupiah};

/// The most kinds of goods that are chosen from.
const MAX_KINDS: usize = 64;
/// The most units of a kind.
const MAX_STOCK: i64 = 1_000;
/// The most steps of the exact choice.
const MAX_WORK: u128 = 8_388_608;

/// A kind of bonus goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BonusGood<'a> {
    /// Its unique id.
    pub id: &'a str,
    /// The price of a unit in rupiah, one or more.
    pub price: Rupiah,
    /// Units in stock, at most 1,000.
    pub stock: Count,
}

/// Chosen bonus goods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenGoods {
    /// Units of each kind in declared order, zeros included.
    pub units: Vec<u32>,
    /// Their value in rupiah.
    pub value: Rupiah,
}

/// Chooses bonus goods for a purchase (BN-1): of the sets of whole units worth from `bottom` to `top` of it the one of
/// greatest value, ties by fewer units, then by more of the earlier kinds; none if no set fits.
///
/// ```
/// use loyalty_rules::funding::{BonusGood, choose_goods};
/// use loyalty_rules::quantity::{Count, Rate, Rupiah};
///
/// let good = |id, price, stock| BonusGood { id, price: Rupiah::new(price).unwrap(), stock: Count::new(stock).unwrap() };
/// let goods = [good("soap", 4_000, 10), good("rice", 15_000, 2), good("oil", 18_000, 1)];
/// let band = (Rate::from_bp(2_000)?, Rate::from_bp(3_000)?);
/// let chosen = choose_goods(Rupiah::new(100_000)?, &goods, band.0, band.1)?.unwrap(); // Rp20,000 … 30,000
/// assert_eq!((chosen.units.as_slice(), chosen.value.get()), ([0, 2, 0].as_slice(), 30_000));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_config` for a bottom above the top or an id that stands twice; `outside_band` for a share outside BN-1;
/// `out_of_range` for a price below one or a negative purchase; `too_large` for more than 64 kinds, a stock above 1,000
/// or more sets than can be compared exactly.
pub fn choose_goods(purchase: Rupiah, goods: &[BonusGood<'_>], bottom: Rate, top: Rate) -> Result<Option<ChosenGoods>, Error> {
    check(goods, bottom, top)?;
    let purchase = not_negative(purchase, "purchase")?;
    // Both products stay below 2⁶⁷.
    let share = |rate: Rate| i128::from(purchase.get()).wrapping_mul(rate.bp().into());
    let (least, most) = (share(bottom), i64::try_from(share(top) / 10_000).unwrap_or_default());
    let kinds: Vec<Kind> = goods.iter().enumerate().filter_map(|(place, good)| Kind::of(place, good, most)).collect();
    let unit = kinds.iter().fold(0, |divisor, kind| common_divisor(divisor, kind.price));
    // 64 kinds of 1,000 units stay below 2⁶⁹.
    let all = kinds.iter().fold(0_i128, |sum, kind| sum.wrapping_add(i128::from(kind.price).wrapping_mul(kind.stock.into())));
    let reach = i64::try_from(all.min(most.into())).unwrap_or(most);
    let Some(largest) = reach.checked_div(unit) else { return Ok(None) };
    let sums = u128::from(largest.unsigned_abs()).saturating_add(1);
    if sums.saturating_mul(u128::try_from(kinds.len()).unwrap_or_default()) > MAX_WORK {
        return Err(Fault::TooManyChoices.error().at("goods"));
    }
    let steps = |kind: &Kind| usize::try_from(kind.price.checked_div(unit).unwrap_or_default()).unwrap_or(usize::MAX);
    let sums = usize::try_from(sums).unwrap_or_default();

    // From the last kind to the first: the fewest units that make each sum, and how many of this kind they hold.
    let mut fewest = vec![u32::MAX; sums];
    if let Some(nothing) = fewest.first_mut() {
        *nothing = 0;
    }
    let mut taken: Vec<Vec<u16>> = Vec::new();
    for kind in kinds.iter().rev() {
        let (with_kind, of_kind) = add_kind(&fewest, steps(kind), kind.stock);
        fewest = with_kind;
        taken.push(of_kind);
    }
    let value_of = |sum: usize| i128::try_from(sum).unwrap_or_default().wrapping_mul(unit.into());
    let fits = |sum: &usize| *sum > 0 && value_of(*sum).wrapping_mul(10_000) >= least;
    let made = fewest.iter().enumerate().filter(|(_, units)| **units < u32::MAX).map(|(sum, _)| sum);
    let Some(best) = made.max().filter(fits) else { return Ok(None) };

    let (mut units, mut rest) = (vec![0; goods.len()], best);
    for (kind, of_kind) in kinds.iter().zip(taken.iter().rev()) {
        let count = of_kind.get(rest).copied().unwrap_or_default();
        if let Some(units) = units.get_mut(kind.place) {
            *units = count.into();
        }
        rest = rest.saturating_sub(steps(kind).saturating_mul(count.into()));
    }
    let value = Rupiah::from_result(i64::try_from(value_of(best)).ok())?;
    Ok(Some(ChosenGoods { units, value }))
}

/// A kind of which at least one unit fits.
#[derive(Clone, Copy, Debug)]
struct Kind {
    place: usize,
    price: i64,
    stock: u16,
}

impl Kind {
    fn of(place: usize, good: &BonusGood<'_>, most: i64) -> Option<Self> {
        let (price, stock) = (good.price.get(), u16::try_from(good.stock.get()).ok()?);
        (stock > 0 && price <= most).then_some(Self { place, price, stock })
    }
}

fn check(goods: &[BonusGood<'_>], bottom: Rate, top: Rate) -> Result<(), Error> {
    for (rate, field) in [(bottom, "bottom_bp"), (top, "top_bp")] {
        Bonus::Goods.check(rate).map_err(|refused| refused.at(field))?;
    }
    if bottom > top {
        return Err(Fault::BottomAboveTop.error().at("bottom_bp"));
    }
    if goods.len() > MAX_KINDS {
        return Err(Fault::TooManyKinds.error().at("goods"));
    }
    let mut ids = BTreeSet::new();
    for (index, good) in goods.iter().enumerate() {
        let refuse = |fault: Fault, field| Err(fault.error().at(Field::within("goods", index, field)));
        if good.price.get() < 1 {
            return refuse(Fault::BelowOne, "price");
        }
        if good.stock.get() > MAX_STOCK {
            return refuse(Fault::StockTooLarge, "stock");
        }
        if !ids.insert(good.id) {
            return refuse(Fault::NotDistinct, "id");
        }
    }
    Ok(())
}

/// The fewest units for each sum once up to `stock` units of `step` may be among them, and how many are, at most.
///
/// Sums that lie `step` apart form a row; in a row the best count is the least of a window that slides along, so that
/// every sum is looked at a constant number of times.
fn add_kind(fewest: &[u32], step: usize, stock: u16) -> (Vec<u32>, Vec<u16>) {
    let (mut with_kind, mut of_kind) = (vec![u32::MAX; fewest.len()], vec![0_u16; fewest.len()]);
    for first in 0..step.min(fewest.len()) {
        // The place in the row and its units less the place; the least in front, of equal ones the earliest.
        let mut window = VecDeque::<(i64, i64)>::new();
        let units = fewest.iter().skip(first).step_by(step);
        let best = with_kind.iter_mut().skip(first).step_by(step);
        let count = of_kind.iter_mut().skip(first).step_by(step);
        for (((units, best), count), place) in units.zip(best).zip(count).zip(0_i64..) {
            if *units < u32::MAX {
                let base = i64::from(*units).wrapping_sub(place);
                while window.back().is_some_and(|(_, last)| *last > base) {
                    window.pop_back();
                }
                window.push_back((place, base));
            }
            while window.front().is_some_and(|(start, _)| place.wrapping_sub(*start) > stock.into()) {
                window.pop_front();
            }
            if let Some((start, base)) = window.front() {
                *best = u32::try_from(base.wrapping_add(place)).unwrap_or(u32::MAX);
                *count = u16::try_from(place.wrapping_sub(*start)).unwrap_or_default();
            }
        }
    }
    (with_kind, of_kind)
}

fn common_divisor(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a, b);
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a
}
