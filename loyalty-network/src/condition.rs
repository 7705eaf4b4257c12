use alloc::vec::Vec;
use core::cmp::Reverse;

use super::nanos;
use crate::fault::Faults as _;
use loyalty_rules::calendar::{CivilTime, Date};
use loyalty_rules::condition::Condition;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Count, Rate, Rupiah};
use loyalty_rules::sort;

/// What a campaign's condition tests of a store (CD-2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreTest<'a> {
    /// The store's area class is one of these.
    AreaClass(Vec<&'a str>),
    /// The store's region is one of these.
    Region(Vec<&'a str>),
    /// The store is among the first of the candidates by performance, as a share of them rounded up; equal ones by id.
    TopShare(Rate),
    /// The store has less of this SKU than its safety level.
    StockBelowSafety(&'a str),
    /// The store's next peak begins now or within so many minutes.
    PeakWithinMinutes(Count),
    /// The store has done something of this kind, on or after a date if one is given.
    Done {
        /// The kind.
        kind: &'a str,
        /// From when it counts.
        since: Option<Date>,
    },
}

/// What a store must be like to be given a task (CD-2).
pub type StoreCondition<'a> = Condition<StoreTest<'a>>;

/// How much a store has of an SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockLevel<'a> {
    /// The SKU.
    pub sku: &'a str,
    /// Units in the store.
    pub units: Count,
    /// Units below which the stock is short.
    pub safety: Count,
}

/// A task that a store has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskDone<'a> {
    /// Its kind.
    pub kind: &'a str,
    /// When.
    pub date: Date,
}

/// A store as conditions see it. What is absent meets no condition on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store<'a> {
    /// Its id.
    pub id: &'a str,
    /// The class of its area.
    pub area_class: Option<&'a str>,
    /// Its region.
    pub region: Option<&'a str>,
    /// The sales of the last 30 days, in rupiah.
    pub performance: Rupiah,
    /// Its stock, each SKU once.
    pub stock: Vec<StockLevel<'a>>,
    /// When its next peak begins.
    pub peak_at: Option<CivilTime>,
    /// The tasks it has done.
    pub done: Vec<TaskDone<'a>>,
}

impl<'a> Store<'a> {
    /// A store of which only the id is known.
    pub const fn new(id: &'a str) -> Self {
        Self { id, area_class: None, region: None, performance: Rupiah::ZERO, stock: Vec::new(), peak_at: None, done: Vec::new() }
    }
}

/// Which stores a campaign is for (CD-2): a condition, and who the candidates of its [`StoreTest::TopShare`] are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetFilter<'a> {
    condition: StoreCondition<'a>,
    among: Option<StoreCondition<'a>>,
}

/// Why a store is no target: the first condition that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedCondition {
    /// Whether it stands in the condition on candidates.
    pub in_among: bool,
    /// The place to take in each [`Condition::All`] on the way to it, from outside; none if it is the condition itself.
    pub places: Vec<usize>,
}

impl<'a> TargetFilter<'a> {
    /// A filter. The candidates are the stores that meet `among`, all of them without it.
    ///
    /// # Errors
    /// `too_large` above 16 levels or 1,000 conditions, at `where` or `among`; `bad_config` at `among` if it ranks.
    pub fn new(condition: StoreCondition<'a>, among: Option<StoreCondition<'a>>) -> Result<Self, Error> {
        condition.check().map_err(|refused| refused.at("where"))?;
        if let Some(among) = &among {
            among.check().map_err(|refused| refused.at("among"))?;
            if among.tests().iter().any(|test| matches!(test, StoreTest::TopShare(_))) {
                return Err(Fault::RankedAmong.error().at("among"));
            }
        }
        let by_name = |condition: StoreCondition<'a>| condition.map(&StoreTest::sorted);
        Ok(Self { condition: by_name(condition), among: among.map(by_name) })
    }

    /// Why each store is no target, `None` for a target. A store that is no candidate is told by its condition on
    /// candidates. Of [`Condition::All`] the first failing part is told, of any other condition itself.
    ///
    /// ```
    /// use loyalty_network::{Store, StoreTest, TargetFilter};
    /// use loyalty_rules::condition::Condition;
    /// use loyalty_rules::quantity::{Rate, Rupiah};
    ///
    /// let store = |id, region, sales| Ok::<_, loyalty_rules::Error>(Store { region: Some(region), performance: Rupiah::new(sales)?, ..Store::new(id) });
    /// let stores = [store("a", "west", 900)?, store("b", "east", 500)?, store("c", "west", 400)?, store("d", "west", 300)?];
    ///
    /// // The best 30 % of all, if they are in the west: of four stores two, rounded up.
    /// let west = Condition::Test(StoreTest::Region(vec!["west"]));
    /// let filter = TargetFilter::new(Condition::All(vec![west, Condition::Test(StoreTest::TopShare(Rate::from_bp(3_000)?))]), None)?;
    /// let failed: Vec<_> = filter.judge(&stores, &"2025-03-01T08:00:00+07:00".parse()?);
    /// let places: Vec<_> = failed.iter().map(|failed| failed.as_ref().map(|failed| failed.places.as_slice())).collect();
    /// assert_eq!(places, [None, Some(&[0][..]), Some(&[1][..]), Some(&[1][..])]);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn judge(&self, stores: &[Store<'a>], now: &CivilTime) -> Vec<Option<FailedCondition>> {
        let unranked = Standing { now, rank: None, candidates: 0 };
        let mut failed: Vec<_> = stores
            .iter()
            .map(|store| {
                let places = self.among.as_ref()?.failure(&|test| unranked.meets(store, test))?;
                Some(FailedCondition { in_among: true, places })
            })
            .collect();
        let mut ranked: Vec<_> = stores.iter().zip(&mut failed).filter(|(_, failed)| failed.is_none()).collect();
        sort::by_key(&mut ranked, |(store, _)| (Reverse(store.performance), store.id));
        let candidates = u64::try_from(ranked.len()).unwrap_or(u64::MAX);
        for (rank, (store, failed)) in (0..).zip(ranked) {
            let standing = Standing { now, rank: Some(rank), candidates };
            let places = self.condition.failure(&|test| standing.meets(store, test));
            *failed = places.map(|places| FailedCondition { in_among: false, places });
        }
        failed
    }
}

/// Where a store stands when it is judged.
struct Standing<'a> {
    now: &'a CivilTime,
    /// Its rank among the candidates, from 0.
    rank: Option<u64>,
    candidates: u64,
}

impl StoreTest<'_> {
    /// The same with its names in order, to be found fast.
    fn sorted(mut self) -> Self {
        if let Self::AreaClass(names) | Self::Region(names) = &mut self {
            sort::ascending(names);
        }
        self
    }
}

impl Standing<'_> {
    fn meets(&self, store: &Store<'_>, test: &StoreTest<'_>) -> bool {
        match test {
            StoreTest::AreaClass(classes) => store.area_class.is_some_and(|class| classes.binary_search(&class).is_ok()),
            StoreTest::Region(regions) => store.region.is_some_and(|region| regions.binary_search(&region).is_ok()),
            // Below the share rounded up is below the share itself; a list in memory is shorter than 2⁴⁸.
            StoreTest::TopShare(share) => {
                self.rank.is_some_and(|rank| rank.wrapping_mul(Rate::WHOLE.bp().into()) < self.candidates.wrapping_mul(share.bp().into()))
            }
            StoreTest::StockBelowSafety(sku) => store.stock.iter().any(|level| level.sku == *sku && level.units < level.safety),
            StoreTest::PeakWithinMinutes(minutes) => store.peak_at.is_some_and(|peak| {
                let left = peak.nanos_since(self.now);
                0 <= left && left <= nanos(*minutes)
            }),
            StoreTest::Done { kind, since } => {
                store.done.iter().any(|done| done.kind == *kind && since.is_none_or(|since| done.date >= since))
            }
        }
    }
}
