use alloc::vec::Vec;

use super::basket::{Basket, BasketAward, Group};
use super::program::{Nature, Program};
use super::receipt::{Counters, Merchant, Shopper};
use super::terms::{Draw, Label, Slots, Terms};
use super::when::{Sight, When};
use crate::error::{Error, Fault, Field};
use crate::funding::Bonus;
use crate::points::{Few, PointsTerms};
use crate::quantity::{Count, Rate, Rupiah};
use crate::sort;
use crate::tables::{Mechanism, RateTable};

/// The most offers of a program.
pub const MAX_OFFERS: usize = 16;

/// Which goods an offer takes (PT-9): of the SKUs or classes it names, dated or not if it says so. One that says nothing
/// takes all goods.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goods {
    /// Codes of goods.
    pub skus: Vec<Label<64>>,
    /// Classes of goods.
    pub classes: Vec<Label<64>>,
    /// Goods with an expiry date alone, or goods without one alone.
    pub dated: Option<bool>,
}

/// A line of a receipt as offers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// The code of the goods.
    pub sku: &'a str,
    /// Their class, if the till knows one.
    pub class: Option<&'a str>,
    /// Whether they have an expiry date.
    pub is_dated: bool,
    /// What was bought of them, in rupiah, zero or more.
    pub amount: Rupiah,
}

/// What the goods of an offer earn.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a program has at most sixteen, and reads them once")]
pub enum Earns {
    /// Nothing, such as phone credit or tobacco. The quota still counts them.
    Nothing,
    /// So many thousandths of what the program itself gives.
    Multiplied(Count),
    /// By a mechanism of their own.
    By {
        /// The rate table, the one rate, or none.
        table: RateTable,
        /// The steps, under the mechanism of points.
        points: Option<PointsTerms>,
        /// The bonus whose band the table must respect (BN).
        bonus: Option<Bonus>,
    },
}

/// An offer: which goods, when, and what they earn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its id, which answers name.
    pub id: Option<Label<64>>,
    /// Which goods it takes.
    pub goods: Goods,
    /// When it takes them; at any time if absent.
    pub when: Option<When>,
    /// What they earn.
    pub earns: Earns,
}

/// The award of a receipt's goods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoodsAward {
    /// The award, with the groups of goods that the offers took.
    pub basket: BasketAward,
    /// The offers that took nothing, because their condition is not met.
    pub closed: Vec<ClosedOffer>,
    /// The group of each line; `None` for goods that earn nothing.
    pub places: Vec<Option<usize>>,
}

/// An offer whose condition a receipt does not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedOffer {
    /// Its place.
    pub offer: usize,
    /// The place to take in each [`Condition::All`](crate::condition::Condition::All) on the way to the part that failed.
    pub places: Vec<usize>,
}

/// A program with offers, proved (PT-9). Every line of a receipt belongs to the first offer that takes it, and to the
/// program itself if none does.
///
/// ```text
///  lines ──▶ offers[0] takes it? ──▶ offers[1]? ──▶ … ──▶ the program itself
///               │ amount               │ amount            │ amount
///               ▼                      ▼                   ▼
///             rate                   rate                rate      each by its own mechanism, each rounded by itself
///               └──────────────────────┴───────────────────┘
///                 quota, cap, budgets, cover, funding: the whole receipt
/// ```
///
/// ```
/// use loyalty_rules::award::{Basket, Counters, Earns, Goods, Item, Label, Merchant, Offer, Offers, Play, Purchase, Shopper, Terms};
/// use loyalty_rules::quantity::{Rate, Rupiah};
///
/// let tobacco = Goods { classes: vec![Label::new("tobacco")?], ..Goods::default() };
/// let nothing = Offer { id: None, goods: tobacco, when: None, earns: Earns::Nothing };
/// let offers = Offers::new(&Terms::flat(Rate::from_bp(500)?), vec![nothing])?;
///
/// let item = |class, amount| Ok::<_, loyalty_rules::Error>(Item { sku: "x", class: Some(class), is_dated: false, amount: Rupiah::new(amount)? });
/// let lines = [item("tobacco", 30_000)?, item("fruit", 20_000)?];
/// let basket = Basket::new(Play::Pending, Play::Pending);
/// let (shopper, merchant, counters) = (Shopper::default(), Merchant::default(), Counters::default());
/// let purchase = Purchase { lines: &lines, basket, shopper: &shopper, merchant: &merchant, counters: &counters };
/// let decided = offers.decide(&purchase)?;
/// assert_eq!(decided.basket.award.value().get(), 1_000); // 5 % of Rp20,000
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offers {
    own: Program,
    offers: Vec<(Offer, Option<Program>)>,
}

impl Offers {
    /// Proves a program of these terms with these offers. The terms that look at a receipt hold for every offer; held slots,
    /// first-N and slot budgets hold for those under a time auction, the draw for those under a stopwatch.
    ///
    /// # Errors
    /// `bad_config` for more than [`MAX_OFFERS`], two of one id, ten quotas by slot, a make-up window, more than one
    /// mechanism of points that carries its rest, or a multiplied rate that is no whole number of basis points up to 100 %;
    /// what [`Program::new`] refuses of the terms with each mechanism.
    pub fn new(terms: &Terms, offers: Vec<Offer>) -> Result<Self, Error> {
        if offers.len() > MAX_OFFERS {
            return Err(Fault::TooManyOffers.error().at("offers"));
        }
        if terms.quota.is_by_slot() {
            return Err(Fault::MixedNeedsOneQuota.error().at("quota"));
        }
        if terms.make_up_minutes.is_some() {
            return Err(Fault::MakeUpOfOffers.error().at("make_up_minutes"));
        }
        let mechanism = |offer: &Offer| if let Earns::By { table, .. } = &offer.earns { Some(table.mechanism()) } else { None };
        let has = |wanted| offers.iter().filter_map(mechanism).chain([terms.table.mechanism()]).any(|mechanism| mechanism == wanted);
        let elsewhere = [Mechanism::TimeAuction, Mechanism::Stopwatch].map(has);
        let own = fitted(terms, elsewhere)?;
        let (mut proved, mut carries) = (Vec::<(Offer, Option<Program>)>::new(), own.carries());
        for (index, mut offer) in offers.into_iter().enumerate() {
            let inside = |error: Error| error.at(Field::within("offers", index, error.field().parts().0));
            if proved.iter().any(|(earlier, _)| offer.id.is_some() && earlier.id == offer.id) {
                return Err(inside(Fault::NotDistinct.error().at("id")));
            }
            if let Some(when) = &offer.when {
                when.check().map_err(|refused| inside(refused.at("when")))?;
            }
            for names in [&mut offer.goods.skus, &mut offer.goods.classes] {
                sort::ascending(names);
            }
            let of_offer = match &offer.earns {
                Earns::Nothing => None,
                Earns::Multiplied(factor) => Some(multiplied(terms, *factor).map_err(inside)?),
                Earns::By { table, points, bonus } => Some(Terms { table: *table, points: *points, bonus: *bonus, ..*terms }),
            };
            let program = of_offer.map(|terms| fitted(&terms, elsewhere).map_err(inside)).transpose()?;
            if let Some(program) = &program {
                if program.carries() && carries {
                    let is_multiple = matches!(offer.earns, Earns::Multiplied(_));
                    return Err(inside(Fault::TwoCarry.error().at(if is_multiple { "multiplier_milli" } else { "points.rest" })));
                }
                carries |= program.carries();
            }
            proved.push((offer, program));
        }
        Ok(Self { own, offers: proved })
    }

    /// The program of goods that no offer takes.
    pub const fn own(&self) -> &Program {
        &self.own
    }

    /// The offers with their programs, in order; `None` where goods earn nothing.
    pub fn iter(&self) -> impl Iterator<Item = (&Offer, Option<&Program>)> {
        self.offers.iter().map(|(offer, program)| (offer, program.as_ref()))
    }

    /// The offer at a place.
    pub fn get(&self, place: usize) -> Option<&Offer> {
        self.offers.get(place).map(|(offer, _)| offer)
    }

    /// The program of the goods that the offer at a place takes; `None` where they earn nothing.
    pub fn program(&self, place: usize) -> Option<&Program> {
        self.offers.get(place).and_then(|(_, program)| program.as_ref())
    }

    /// The programs of goods that offers take, with the places of those offers.
    pub fn programs(&self) -> impl Iterator<Item = (usize, &Program)> {
        self.offers.iter().enumerate().filter_map(|(place, (_, program))| Some((place, program.as_ref()?)))
    }

    /// The program itself, then those of the offers.
    fn all(&self) -> impl Iterator<Item = &Program> {
        [&self.own].into_iter().chain(self.programs().map(|(_, program)| program))
    }

    /// The program itself if it has this mechanism, else that of the first offer that has it.
    pub(super) fn first_under(&self, mechanism: Mechanism) -> Option<&Program> {
        self.all().find(|program| program.terms().table.mechanism() == mechanism)
    }

    /// Whether the offers before a place take every line that the offer there would. One that takes a line by its class is not
    /// taken for one that takes it by its code.
    pub(super) fn is_unreachable(&self, place: usize) -> bool {
        let Some((offer, _)) = self.offers.get(place) else { return false };
        let before = || self.offers.iter().take(place).map(|(offer, _)| offer).filter(|offer| offer.when.is_none());
        let takes_all = |goods: &Goods| goods.skus.is_empty() && goods.classes.is_empty();
        let is_taken = |named: &dyn Fn(&Goods) -> bool| {
            let dates = offer.goods.dated.map_or_else(|| [true, false].to_vec(), |dated| [dated].to_vec());
            dates.into_iter().all(|dated| before().any(|other| other.goods.dated.is_none_or(|its| its == dated) && named(&other.goods)))
        };
        let Goods { skus, classes, dated: _ } = &offer.goods;
        let by_sku = |sku: &Label<64>| is_taken(&|goods| takes_all(goods) || goods.skus.contains(sku));
        let by_class = |class: &Label<64>| is_taken(&|goods| takes_all(goods) || goods.classes.contains(class));
        if takes_all(&offer.goods) { is_taken(&takes_all) } else { skus.iter().all(by_sku) && classes.iter().all(by_class) }
    }

    /// Whether luck or skill can move the rate of some goods (SW-7).
    pub fn nature(&self) -> Nature {
        self.all().map(Program::nature).find(|nature| *nature != Nature::Deterministic).unwrap_or(Nature::Deterministic)
    }

    /// The highest rate of any goods in tenths of a basis point (SW-5, PT-8).
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn highest_tenth_bp(&self) -> Result<i64, Error> {
        self.programs().try_fold(self.own.highest_tenth_bp()?, |highest, (_, program)| Ok(highest.max(program.highest_tenth_bp()?)))
    }

    /// The most that one receipt of an amount can be given (AW-11), in rupiah. Where a group of goods can be given more than its
    /// rate, by rounding up or by the step of points that it completes, so much is added for each group.
    ///
    /// ```
    /// use loyalty_rules::award::{Earns, Goods, Offer, Offers, Terms};
    /// use loyalty_rules::quantity::{Rate, Rupiah};
    /// use loyalty_rules::tables::RateTable;
    ///
    /// let earns = Earns::By { table: RateTable::flat(Rate::from_bp(800)?), points: None, bonus: None };
    /// let dated = Offer { id: None, goods: Goods { dated: Some(true), ..Goods::default() }, when: None, earns };
    /// let offers = Offers::new(&Terms::flat(Rate::from_bp(500)?), vec![dated])?;
    /// assert_eq!(offers.largest_award(Rupiah::new(100_000)?)?.get(), 8_000); // all of it dated goods
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn largest_award(&self, amount: Rupiah) -> Result<Rupiah, Error> {
        let (mut most, mut above) = (self.own.largest_award(amount)?, self.own.above_rate()?);
        for (_, program) in self.programs() {
            most = most.max(program.largest_award(amount)?);
            above = above.checked_add(program.above_rate()?)?;
        }
        let Terms { receipt_cap, budget, .. } = self.own.terms();
        Ok([*receipt_cap, budget.day].into_iter().flatten().fold(most.checked_add(above)?, Rupiah::min))
    }

    /// The most that a selling day can release (AW-11), in rupiah; `None` without a budget for some goods.
    pub fn largest_day(&self) -> Option<Rupiah> {
        self.programs().try_fold(self.own.largest_day()?, |most, (_, program)| Some(most.max(program.largest_day()?)))
    }

    /// Whether some goods are rated by this mechanism.
    pub fn has(&self, mechanism: Mechanism) -> bool {
        self.first_under(mechanism).is_some()
    }

    /// Decides a purchase: [`Basket::decide`] over what was bought under each offer.
    ///
    /// # Errors
    /// As [`Basket::decide`]; `missing_field` for an offer whose condition asks for a time or a slot that the receipt does not
    /// tell.
    pub fn decide(&self, purchase: &Purchase<'_>) -> Result<GoodsAward, Error> {
        let sorted = self.sorted(purchase)?;
        Ok(GoodsAward { basket: sorted.decide(purchase)?, closed: sorted.closed, places: sorted.places })
    }

    /// What a purchase comes to, offer by offer.
    pub(super) fn sorted(&self, purchase: &Purchase<'_>) -> Result<Sorted<'_>, Error> {
        let Purchase { lines, basket, shopper, .. } = *purchase;
        let total = lines.iter().try_fold(Rupiah::ZERO, |total, line| total.checked_add(line.amount))?;
        let conditions: Vec<&When> = self.offers.iter().filter_map(|(offer, _)| offer.when.as_ref()).collect();
        let sight = Sight::new(self.own.terms(), &conditions, total, (basket.slot, basket.instant()), shopper)?;
        let failure = |offer: &Offer| offer.when.as_ref().and_then(|when| when.failure(&|test| sight.meets(test)));
        let failures: Vec<Option<Vec<usize>>> = self.offers.iter().map(|(offer, _)| failure(offer)).collect();

        let taker_of = |line: &Item<'_>| {
            self.offers.iter().zip(&failures).position(|((offer, _), failure)| failure.is_none() && offer.goods.takes(line))
        };
        let takers: Vec<Option<usize>> = lines.iter().map(taker_of).collect();
        let sum = |taker: Option<usize>| {
            let amounts = lines.iter().zip(&takers).filter(|(_, its)| **its == taker).map(|(line, _)| line.amount);
            amounts.fold(None, |sum: Option<i64>, amount| Some(sum.unwrap_or_default().wrapping_add(amount.get()))).map(Rupiah::part)
        };
        let (mut groups, mut excluded) = (Vec::new(), Rupiah::ZERO);
        for (index, (_, program)) in self.offers.iter().enumerate() {
            match (sum(Some(index)), program) {
                (None, _) => {}
                (Some(amount), None) => excluded = excluded.checked_add(amount)?,
                (Some(amount), Some(program)) => groups.push(Group { offer: Some(index), program, amount }),
            }
        }
        // A receipt on which nothing can earn is still judged.
        let of_own = sum(None);
        if of_own.is_some() || groups.is_empty() {
            groups.push(Group { offer: None, program: &self.own, amount: of_own.unwrap_or_default() });
        }
        let is_excluded = |taker: usize| self.offers.get(taker).is_some_and(|(_, program)| program.is_none());
        let place = |taker: &Option<usize>| {
            if taker.is_some_and(is_excluded) { None } else { groups.iter().position(|group| group.offer == *taker) }
        };
        let places = takers.iter().map(place).collect();
        let closed = failures.into_iter().enumerate().filter_map(|(offer, places)| Some(ClosedOffer { offer, places: places? }));
        Ok(Sorted { places, total, excluded, closed: closed.collect(), groups })
    }
}

/// A purchase by its goods, with the state before it.
#[derive(Clone, Copy, Debug)]
pub struct Purchase<'a> {
    /// The lines.
    pub lines: &'a [Item<'a>],
    /// What the goods share; what is excluded follows from the lines.
    pub basket: Basket,
    /// The shopper before it.
    pub shopper: &'a Shopper,
    /// The merchant's standing.
    pub merchant: &'a Merchant,
    /// What its day was given before it.
    pub counters: &'a Counters,
}

/// The lines of a purchase, told apart.
pub(super) struct Sorted<'a> {
    pub(super) groups: Vec<Group<'a>>,
    /// The group of each line; `None` for goods that earn nothing.
    pub(super) places: Vec<Option<usize>>,
    pub(super) total: Rupiah,
    excluded: Rupiah,
    closed: Vec<ClosedOffer>,
}

impl Sorted<'_> {
    pub(super) fn decide(&self, purchase: &Purchase<'_>) -> Result<BasketAward, Error> {
        let Purchase { basket, shopper, merchant, counters, .. } = *purchase;
        let mut decided = Basket { excluded: self.excluded, ..basket }.decide(&self.groups, shopper, merchant, counters)?;
        decided.rules.insert(0, "PT-9");
        Ok(decided)
    }
}

impl Goods {
    /// Whether it takes a line; its names are in order.
    fn takes(&self, item: &Item<'_>) -> bool {
        let names = |list: &[Label<64>], name: &str| list.binary_search_by(|label| label.as_str().cmp(name)).is_ok();
        let is_named = self.skus.is_empty() && self.classes.is_empty()
            || names(&self.skus, item.sku)
            || item.class.is_some_and(|class| names(&self.classes, class));
        is_named && self.dated.is_none_or(|dated| dated == item.is_dated)
    }
}

/// Proves terms without what belongs to another mechanism of the same program: a time auction's, a stopwatch's.
#[inline(never)]
fn fitted(terms: &Terms, [has_slots, has_stopwatch]: [bool; 2]) -> Result<Program, Error> {
    let mut terms = *terms;
    let mechanism = terms.table.mechanism();
    if has_slots && !mechanism.has_slots() {
        (terms.first_n, terms.held_slots, terms.budget.slot) = (None, Slots::default(), None);
    }
    if has_stopwatch && mechanism != Mechanism::Stopwatch {
        terms.draw = Draw::Clock;
    }
    Program::new(terms)
}

/// Terms whose mechanism gives so many thousandths of what it gave.
#[inline(never)]
fn multiplied(terms: &Terms, factor: Count) -> Result<Terms, Error> {
    const FIELD: &str = "multiplier_milli";
    let refused = || Fault::MultipliedRate.error().at(FIELD);
    if factor == Count::ZERO {
        return Err(Fault::MustNotBeZero.error().at(FIELD));
    }
    let mut terms = *terms;
    if let (Mechanism::Points, Some(points)) = (terms.table.mechanism(), &mut terms.points) {
        let mut multipliers = points.multipliers_milli.as_slice().to_vec();
        multipliers.push(factor);
        points.multipliers_milli = Few::new(&multipliers).map_err(|error| error.at(FIELD))?;
        return Ok(terms);
    }
    let mut rates = *terms.table.rates();
    for rate in &mut rates {
        let thousandths = i64::from(rate.bp()).checked_mul(factor.get()).filter(|product| product % 1_000 == 0).ok_or_else(refused)?;
        let bp = u16::try_from(thousandths / 1_000).map_err(|_| refused())?;
        *rate = Rate::from_bp(bp).map_err(|_| refused())?;
    }
    terms.table = match terms.table.mechanism() {
        Mechanism::Flat => RateTable::flat(rates.first().copied().unwrap_or_default()),
        mechanism => RateTable::own(mechanism, rates, terms.table.allow_falling())?,
    };
    Ok(terms)
}
