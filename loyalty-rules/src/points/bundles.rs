use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use crate::error::{Error, Fault, Field};
use crate::quantity::{Count, Points, Rupiah};

/// The most steps of the exact matching.
const MAX_WORK: u128 = 2_097_152;

/// A line of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BundleLine<'a> {
    /// What is bought.
    pub sku: &'a str,
    /// Units.
    pub quantity: Count,
    /// The price of a unit in rupiah, zero or more.
    pub price: Rupiah,
}

/// Goods that are sold together for a price of their own (PT-7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle<'a> {
    items: Vec<(&'a str, Count)>,
    price: Rupiah,
    points: Points,
}

impl<'a> Bundle<'a> {
    /// A bundle of SKUs with their quantities, its price in rupiah and its points bonus.
    ///
    /// # Errors
    /// `bad_config` without items, for a quantity of zero or a SKU that stands twice; `out_of_range` below zero.
    pub fn new(items: &[(&'a str, Count)], price: Rupiah, points: Points) -> Result<Self, Error> {
        if items.is_empty() {
            return Err(Fault::NoItems.error().at("items"));
        }
        let mut skus = BTreeSet::new();
        for (index, (sku, quantity)) in items.iter().enumerate() {
            if *quantity == Count::ZERO {
                return Err(Fault::MustNotBeZero.error().at(Field::within("items", index, "quantity")));
            }
            if !skus.insert(*sku) {
                return Err(Fault::NotDistinct.error().at(Field::within("items", index, "sku")));
            }
        }
        for (number, field) in [(price.get(), "price"), (points.milli(), "points_milli")] {
            if number < 0 {
                return Err(Fault::Negative.error().at(field));
            }
        }
        Ok(Self { items: items.to_vec(), price, points })
    }
}

/// A receipt with its bundles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundled<'a> {
    /// What the shopper pays, in rupiah.
    pub price: Rupiah,
    /// What the bundles save, in rupiah.
    pub saving: Rupiah,
    /// Their points.
    pub points: Points,
    /// How often each bundle is formed, in declared order.
    pub counts: Vec<Count>,
    /// Units in no bundle by SKU, above zero, in the order of the first line.
    pub left: Vec<(&'a str, Count)>,
}

/// Matches the lines of a receipt to bundles so that the shopper pays least, each unit once (PT-7); of equal totals the
/// one with more of the first bundle, then of the second. A bundle that costs more than its goods is never formed.
///
/// ```
/// use loyalty_rules::points::{Bundle, BundleLine, match_bundles};
/// use loyalty_rules::quantity::{Count, Points, Rupiah};
///
/// let (count, rupiah) = (|number| Count::new(number).unwrap(), |amount| Rupiah::new(amount).unwrap());
/// let line = |sku, quantity, price| BundleLine { sku, quantity: count(quantity), price: rupiah(price) };
/// let lines = [line("rice", 2, 12_000), line("oil", 3, 15_000)];
/// let bundle = Bundle::new(&[("rice", count(1)), ("oil", count(1))], rupiah(25_000), Points::from_milli(5_000)?)?;
/// let receipt = match_bundles(&lines, &[bundle])?;
/// assert_eq!((receipt.price.get(), receipt.saving.get(), receipt.points.milli()), (65_000, 4_000, 10_000));
/// assert_eq!(receipt.left, [("oil", count(1))]);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_config` for a SKU with two prices; `out_of_range` for a negative price, or if a result leaves the domain;
/// `too_large` for more ways than can be compared exactly.
pub fn match_bundles<'a>(lines: &[BundleLine<'a>], bundles: &[Bundle<'a>]) -> Result<Bundled<'a>, Error> {
    let bought = Bought::of(lines)?;
    let formable: Vec<Formable<'_>> = bundles.iter().enumerate().filter_map(|(place, bundle)| bought.formable(place, bundle)).collect();
    let counts = best_counts(&bought, &formable)?;

    let (mut by_bundle, mut left) = (vec![0_u32; bundles.len()], bought.quantities.clone());
    let (mut saving, mut points) = (0_i128, 0_i128);
    for (bundle, count) in formable.iter().zip(counts) {
        // Counts are bounded by the work, so that every product here stays below 2¹⁰⁰.
        saving = saving.wrapping_add(bundle.saving.wrapping_mul(count.into()));
        points = points.wrapping_add(i128::from(bundle.points.milli()).wrapping_mul(count.into()));
        if let Some(by_bundle) = by_bundle.get_mut(bundle.place) {
            *by_bundle = count;
        }
        for (sku, quantity) in &bundle.items {
            if let Some(left) = left.get_mut(*sku) {
                *left = left.wrapping_sub(quantity.wrapping_mul(count.into()));
            }
        }
    }
    let whole = bought
        .quantities
        .iter()
        .zip(&bought.prices)
        .fold(0_i128, |sum, (quantity, price)| sum.wrapping_add(i128::from(*quantity).wrapping_mul(price.get().into())));
    let rupiah = |amount: i128| Rupiah::from_result(i64::try_from(amount).ok());
    let left = bought.skus.iter().zip(left).filter(|(_, left)| *left > 0);
    Ok(Bundled {
        price: rupiah(whole.wrapping_sub(saving))?,
        saving: rupiah(saving)?,
        // Points have the domain of an amount.
        points: Points::from_milli(rupiah(points)?.get())?,
        counts: by_bundle.into_iter().map(|count| Count::new(count.into())).collect::<Result<_, _>>()?,
        left: left.map(|(sku, left)| Ok((*sku, Count::new(left)?))).collect::<Result<_, Error>>()?,
    })
}

/// What is bought, by SKU in the order of the first line.
struct Bought<'a> {
    skus: Vec<&'a str>,
    places: BTreeMap<&'a str, usize>,
    quantities: Vec<i64>,
    prices: Vec<Rupiah>,
}

/// A bundle that the lines can form at least once.
struct Formable<'a> {
    place: usize,
    /// The places of its SKUs among those bought, and how many of each.
    items: Vec<(usize, i64)>,
    /// The goods' prices less the bundle's in rupiah; negative if it costs more.
    saving: i128,
    points: &'a Points,
}

impl<'a> Bought<'a> {
    fn of(lines: &[BundleLine<'a>]) -> Result<Self, Error> {
        let mut bought = Self { skus: Vec::new(), places: BTreeMap::new(), quantities: Vec::new(), prices: Vec::new() };
        for (index, line) in lines.iter().enumerate() {
            if line.price < Rupiah::ZERO {
                return Err(Fault::Negative.error().at(Field::within("lines", index, "price")));
            }
            let place = *bought.places.entry(line.sku).or_insert(bought.skus.len());
            let (Some(quantity), Some(price)) = (bought.quantities.get_mut(place), bought.prices.get(place)) else {
                bought.skus.push(line.sku);
                bought.quantities.push(line.quantity.get());
                bought.prices.push(line.price);
                continue;
            };
            if *price != line.price {
                return Err(Fault::TwoPrices.error().at(Field::within("lines", index, "price")));
            }
            // A count has the domain of an amount.
            let sum = Rupiah::new(*quantity)?.checked_add(Rupiah::new(line.quantity.get())?);
            *quantity = sum.map_err(|refused| refused.at(Field::within("lines", index, "quantity")))?.get();
        }
        Ok(bought)
    }

    fn formable<'b>(&self, place: usize, bundle: &'b Bundle<'_>) -> Option<Formable<'b>> {
        let (mut items, mut goods) = (Vec::new(), 0_i128);
        for (sku, quantity) in &bundle.items {
            let sku = *self.places.get(sku)?;
            let (bought, price) = (*self.quantities.get(sku)?, self.prices.get(sku)?);
            if quantity.get() > bought {
                return None;
            }
            items.push((sku, quantity.get()));
            goods = goods.wrapping_add(i128::from(price.get()).wrapping_mul(quantity.get().into()));
        }
        Some(Formable { place, items, saving: goods.wrapping_sub(bundle.price.get().into()), points: &bundle.points })
    }
}

/// How often each formable bundle is formed: an unbounded knapsack over what may be left of each SKU, filled from the
/// last bundle to the first, so that the greatest counts in declared order can be read off.
fn best_counts(bought: &Bought<'_>, bundles: &[Formable<'_>]) -> Result<Vec<u32>, Error> {
    let too_large = Fault::TooManyMatches.error().at("lines");
    let skus: BTreeSet<usize> = bundles.iter().flat_map(|bundle| bundle.items.iter().map(|(sku, _)| *sku)).collect();
    // Each SKU is a digit of the number of a state: what may be used of it, and the weight of one unit.
    let (mut states, mut digits) = (1_u128, Vec::new());
    for sku in &skus {
        let quantity = u128::try_from(bought.quantities.get(*sku).copied().unwrap_or_default()).unwrap_or_default();
        digits.push((*sku, states, quantity));
        states = states.saturating_mul(quantity.saturating_add(1));
    }
    if states.saturating_mul(u128::try_from(bundles.len()).unwrap_or(u128::MAX)) > MAX_WORK {
        return Err(too_large);
    }
    let small = |number: u128| usize::try_from(number).unwrap_or_default();
    let states = small(states);
    let (mut saved, mut choices) = (vec![0_i128; states], Vec::new());
    for bundle in bundles.iter().rev() {
        let needs: Vec<usize> = digits.iter().map(|(sku, ..)| bundle.needs(*sku)).collect();
        let step = needs
            .iter()
            .zip(&digits)
            .fold(0_usize, |step, (need, (_, weight, _))| step.saturating_add(need.saturating_mul(small(*weight))));
        let mut choice = vec![false; states];
        if bundle.saving >= 0 {
            let mut odometer: Vec<usize> = vec![0; digits.len()];
            for state in 0..states {
                let fits = |_: &usize| odometer.iter().zip(&needs).all(|(have, need)| have >= need);
                let with = state.checked_sub(step).filter(fits).and_then(|before| saved.get(before)).copied();
                if let (Some(with), Some(best)) = (with, saved.get_mut(state)) {
                    let with = with.wrapping_add(bundle.saving);
                    if with >= *best {
                        *best = with;
                        if let Some(choice) = choice.get_mut(state) {
                            *choice = true;
                        }
                    }
                }
                for (have, (_, _, quantity)) in odometer.iter_mut().zip(&digits) {
                    if *have < small(*quantity) {
                        *have = have.wrapping_add(1);
                        break;
                    }
                    *have = 0;
                }
            }
        }
        choices.push((choice, step));
    }
    let mut state = states.saturating_sub(1);
    let counts = choices.iter().rev().map(|(choice, step)| {
        let mut count = 0_u32;
        while choice.get(state).copied().unwrap_or_default() {
            state = state.saturating_sub(*step);
            count = count.wrapping_add(1);
        }
        count
    });
    Ok(counts.collect())
}

impl Formable<'_> {
    fn needs(&self, sku: usize) -> usize {
        let need = self.items.iter().find(|(item, _)| *item == sku).map_or(0, |(_, quantity)| *quantity);
        usize::try_from(need).unwrap_or(usize::MAX)
    }
}
