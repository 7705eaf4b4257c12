use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::nanos;
use crate::fault::Faults as _;
use loyalty_rules::calendar::{CivilTime, Date};
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Count, Rate, Rupiah};
use loyalty_rules::sort;

/// The most levels of a condition.
const MAX_LEVELS: usize = 16;
/// The most conditions in one, itself included.
const MAX_NODES: usize = 1_000;

/// What a store must be like to be given a task (CD-2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition<'a> {
    /// Every part holds; of no part it is true.
    All(Vec<Self>),
    /// Some part holds; of no part it is false.
    Any(Vec<Self>),
    /// The part does not hold.
    Not(Box<Self>),
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

/// Which stores a campaign is for (CD-2): a condition, and who the candidates of its [`Condition::TopShare`] are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetFilter<'a> {
    condition: Condition<'a>,
    among: Option<Condition<'a>>,
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
    pub fn new(condition: Condition<'a>, among: Option<Condition<'a>>) -> Result<Self, Error> {
        let too_large = |field: &'static str| Fault::ConditionTooLarge.error().at(field);
        condition.size(MAX_LEVELS).filter(|size| size.nodes <= MAX_NODES).ok_or(too_large("where"))?;
        if let Some(among) = &among {
            let size = among.size(MAX_LEVELS).filter(|size| size.nodes <= MAX_NODES).ok_or(too_large("among"))?;
            if size.ranks {
                return Err(Fault::RankedAmong.error().at("among"));
            }
        }
        Ok(Self { condition: condition.sorted(), among: among.map(Condition::sorted) })
    }

    /// Why each store is no target, `None` for a target. A store that is no candidate is told by its condition on
    /// candidates. Of [`Condition::All`] the first failing part is told, of any other condition itself.
    ///
    /// ```
    /// use loyalty_network::{Condition, Store, TargetFilter};
    /// use loyalty_rules::quantity::{Rate, Rupiah};
    ///
    /// let store = |id, region, sales| Ok::<_, loyalty_rules::Error>(Store { region: Some(region), performance: Rupiah::new(sales)?, ..Store::new(id) });
    /// let stores = [store("a", "west", 900)?, store("b", "east", 500)?, store("c", "west", 400)?, store("d", "west", 300)?];
    ///
    /// // The best 30 % of all, if they are in the west: of four stores two, rounded up.
    /// let west = Condition::Region(vec!["west"]);
    /// let filter = TargetFilter::new(Condition::All(vec![west, Condition::TopShare(Rate::from_bp(3_000)?)]), None)?;
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
                let places = self.among.as_ref()?.failure(store, &unranked)?;
                Some(FailedCondition { in_among: true, places })
            })
            .collect();
        let mut ranked: Vec<_> = stores.iter().zip(&mut failed).filter(|(_, failed)| failed.is_none()).collect();
        sort::by_key(&mut ranked, |(store, _)| (Reverse(store.performance), store.id));
        let candidates = u64::try_from(ranked.len()).unwrap_or(u64::MAX);
        for (rank, (store, failed)) in (0..).zip(ranked) {
            let places = self.condition.failure(store, &Standing { now, rank: Some(rank), candidates });
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

/// How large a condition is.
struct Size {
    nodes: usize,
    ranks: bool,
}

impl Condition<'_> {
    /// The same with its names in order, to be found fast.
    fn sorted(mut self) -> Self {
        match &mut self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    *part = core::mem::replace(part, Self::Any(Vec::new())).sorted();
                }
            }
            Self::Not(part) => **part = core::mem::replace(&mut **part, Self::Any(Vec::new())).sorted(),
            Self::AreaClass(names) | Self::Region(names) => sort::ascending(names),
            _ => {}
        }
        self
    }

    /// The places of the first condition that fails, `None` if all is met.
    fn failure(&self, store: &Store<'_>, standing: &Standing<'_>) -> Option<Vec<usize>> {
        if let Self::All(parts) = self {
            return parts.iter().enumerate().find_map(|(index, part)| {
                let mut places = part.failure(store, standing)?;
                places.insert(0, index);
                Some(places)
            });
        }
        (!self.holds(store, standing)).then(Vec::new)
    }

    fn holds(&self, store: &Store<'_>, standing: &Standing<'_>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(store, standing)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(store, standing)),
            Self::Not(part) => !part.holds(store, standing),
            Self::AreaClass(classes) => store.area_class.is_some_and(|class| classes.binary_search(&class).is_ok()),
            Self::Region(regions) => store.region.is_some_and(|region| regions.binary_search(&region).is_ok()),
            // Below the share rounded up is below the share itself; a list in memory is shorter than 2⁴⁸.
            Self::TopShare(share) => standing
                .rank
                .is_some_and(|rank| rank.wrapping_mul(Rate::WHOLE.bp().into()) < standing.candidates.wrapping_mul(share.bp().into())),
            Self::StockBelowSafety(sku) => store.stock.iter().any(|level| level.sku == *sku && level.units < level.safety),
            Self::PeakWithinMinutes(minutes) => store.peak_at.is_some_and(|peak| {
                let left = peak.nanos_since(standing.now);
                0 <= left && left <= nanos(*minutes)
            }),
            Self::Done { kind, since } => store.done.iter().any(|done| done.kind == *kind && since.is_none_or(|since| done.date >= since)),
        }
    }

    /// The size; `None` if it has more levels than this.
    fn size(&self, levels: usize) -> Option<Size> {
        let below = levels.checked_sub(1)?;
        let parts = match self {
            Self::All(parts) | Self::Any(parts) => parts.as_slice(),
            Self::Not(part) => core::slice::from_ref(&**part),
            _ => &[],
        };
        let itself = Size { nodes: 1, ranks: matches!(self, Self::TopShare(_)) };
        parts.iter().try_fold(itself, |sum, part| {
            let part = part.size(below)?;
            Some(Size { nodes: sum.nodes.saturating_add(part.nodes), ranks: sum.ranks || part.ranks })
        })
    }
}
