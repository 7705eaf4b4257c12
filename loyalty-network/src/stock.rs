use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use super::Position;
use super::once::Once;
use crate::fault::Faults as _;
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::{Count, Quantity, result_within_domain};
use loyalty_rules::sort;
use loyalty_rules::words;

words! {
    /// What happens to a sale above what is available (OR-4).
    #[derive(Default)]
    pub enum StockPolicy {
        /// It is refused.
        #[default]
        Refuse = "refuse",
        /// What is there is sold, the rest is promised.
        Backorder = "backorder",
    }
}

words! {
    /// What became of a move (OR-4).
    pub enum MoveReason {
        /// All of it moved.
        Moved = "moved",
        /// What was there moved, the rest is promised.
        Backordered = "backordered",
        /// Nothing moved.
        Refused = "refused",
    }
}

/// What there is of a product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StockLine {
    /// Units that can be sold.
    pub available: Count,
    /// Below so many units it is low.
    pub safety: Count,
}

impl StockLine {
    /// Whether fewer units are there than should be.
    pub fn is_low(&self) -> bool {
        self.available < self.safety
    }
}

/// Goods that leave or come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockMove<'a> {
    /// When and where.
    pub position: Position<'a>,
    /// The product.
    pub sku: &'a str,
    /// Units: negative of a sale, positive of what came in; not zero.
    pub quantity: i64,
}

/// What became of a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MovedStock<'a> {
    /// The move.
    pub id: &'a str,
    /// What became of it.
    pub reason: MoveReason,
    /// The units that moved, with their sign.
    pub moved: i64,
    /// The units promised.
    pub backordered: Count,
    /// The units that were available before it.
    pub available: Count,
}

/// The stock after moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockAfter<'a> {
    /// The moves by instant, channel, number and id.
    pub moves: Vec<MovedStock<'a>>,
    /// Promised sales and the units of an arrival that served them, in the order of serving.
    pub served: Vec<(&'a str, Count)>,
    /// Ids that came more than once, wholly equal, sorted.
    pub duplicates: Vec<&'a str>,
    /// Ids that came with different content, sorted; the first of them counts.
    pub contradictions: Vec<&'a str>,
    /// Each product with the units that are promised.
    pub stock: BTreeMap<&'a str, (StockLine, Count)>,
}

/// Promised sales of a product that wait for goods, the oldest first, with their units.
#[derive(Default)]
struct Waiting<'a> {
    sales: VecDeque<(&'a str, Count)>,
    units: i128,
}

/// One stock under the moves of all channels (OR-4): moves stand in one order whatever the order of their arrival, nothing
/// is sold below zero, and goods that come in serve the oldest promised sales before they become available.
///
/// ```
/// use std::collections::BTreeMap;
/// use loyalty_network::{MoveReason, Position, StockLine, StockMove, StockPolicy, move_stock};
/// use loyalty_rules::quantity::Count;
///
/// let moved = |time: &str, sequence, quantity| StockMove {
///     position: Position { time: time.parse().unwrap(), channel: "web", sequence: Count::new(sequence).unwrap() },
///     sku: "rice",
///     quantity,
/// };
/// let moves = [("s1", moved("2025-03-01T10:00:00+07:00", 1, -7)), ("b1", moved("2025-03-01T11:00:00+07:00", 2, 10))];
/// let stock = BTreeMap::from([("rice", StockLine { available: Count::new(5)?, safety: Count::new(2)? })]);
/// let after = move_stock(stock, &moves, StockPolicy::Backorder)?;
/// assert_eq!((after.moves[0].reason, after.moves[0].moved, after.moves[0].backordered.get()), (MoveReason::Backordered, -5, 2));
/// assert_eq!(after.served, [("s1", Count::new(2)?)]);
/// assert_eq!(after.stock["rice"].0.available.get(), 8);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` for a move of zero, or if a stock leaves the domain; `bad_config` for a product without a stock line.
pub fn move_stock<'a>(
    stock: BTreeMap<&'a str, StockLine>,
    moves: &[(&'a str, StockMove<'a>)],
    policy: StockPolicy,
) -> Result<StockAfter<'a>, Error> {
    for (index, (_, moved)) in moves.iter().enumerate() {
        let refuse = |fault: Fault, field| Err(fault.error().at(Field::within("moves", index, field)));
        if moved.quantity == 0 {
            return refuse(Fault::MoveOfZero, "quantity");
        }
        if !stock.contains_key(moved.sku) {
            return refuse(Fault::NoStockLine, "sku");
        }
    }
    let is_same = |one: &StockMove<'_>, other: &StockMove<'_>| {
        (one.sku, one.quantity) == (other.sku, other.quantity) && one.position.is_written_as(&other.position)
    };
    let Once { kept, duplicates, contradictions } =
        Once::of(moves.iter().copied(), is_same, |moved| (moved.position.order(), moved.sku, moved.quantity));
    let mut ordered: Vec<_> = kept.into_iter().collect();
    // They stand in the order of their ids already, which a stable sort keeps.
    sort::by_key(&mut ordered, |(_, moved)| moved.position.order());

    let mut stock: BTreeMap<_, _> = stock.into_iter().map(|(sku, line)| (sku, (line, Waiting::default()))).collect();
    let (mut answers, mut served) = (Vec::new(), Vec::new());
    for (id, StockMove { sku, quantity, .. }) in ordered {
        let Some((line, waiting)) = stock.get_mut(sku) else { continue };
        let available = line.available;
        let mut answer = MovedStock { id, reason: MoveReason::Moved, moved: quantity, backordered: Count::ZERO, available };
        let (before, units) = (i128::from(available.get()), i128::from(quantity).wrapping_abs());
        if quantity > 0 {
            let left = waiting.serve(Count::from_result(units)?, &mut served);
            line.available = Count::from_result(before.wrapping_add(left.get().into()))?;
        } else if let Some((sold, promised)) = policy.sell(before, units) {
            line.available = Count::from_result(before.wrapping_sub(sold))?;
            (answer.moved, answer.backordered) = (signed(sold.wrapping_neg())?, Count::from_result(promised)?);
            if promised > 0 {
                answer.reason = MoveReason::Backordered;
                waiting.promise(id, answer.backordered);
            }
        } else {
            (answer.reason, answer.moved) = (MoveReason::Refused, 0);
        }
        answers.push(answer);
    }
    let line = |(sku, (line, waiting)): (_, (_, Waiting<'_>))| Ok((sku, (line, Count::from_result(waiting.units)?)));
    let stock = stock.into_iter().map(line).collect::<Result<_, Error>>()?;
    Ok(StockAfter { moves: answers, served, duplicates, contradictions, stock })
}

impl StockPolicy {
    /// The units of a sale that are sold and those promised; none if it is refused.
    fn sell(self, available: i128, wanted: i128) -> Option<(i128, i128)> {
        let sold = wanted.min(available);
        let promised = wanted.wrapping_sub(sold);
        (promised == 0 || self == Self::Backorder).then_some((sold, promised))
    }
}

impl<'a> Waiting<'a> {
    fn promise(&mut self, id: &'a str, units: Count) {
        self.sales.push_back((id, units));
        // A list in memory is shorter than 2⁶⁰.
        self.units = self.units.wrapping_add(units.get().into());
    }

    /// Serves the oldest promises; what is left of the units that came in.
    fn serve(&mut self, units: Count, served: &mut Vec<(&'a str, Count)>) -> Count {
        let mut left = units;
        while left > Count::ZERO {
            let Some((id, waits)) = self.sales.pop_front() else { break };
            let now = waits.min(left);
            served.push((id, now));
            (left, self.units) = (difference(left, now), self.units.wrapping_sub(now.get().into()));
            if waits > now {
                self.sales.push_front((id, difference(waits, now)));
            }
        }
        left
    }
}

/// What an event sells of a product and takes back, in pieces and in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StockWant {
    sold: [i128; 2],
    back: [i128; 2],
}

impl StockWant {
    /// More that is sold.
    pub fn sell(&mut self, quantity: Quantity) {
        add(&mut self.sold, quantity);
    }

    /// More that is taken back.
    pub fn take_back(&mut self, quantity: Quantity) {
        add(&mut self.back, quantity);
    }

    fn has_thousandths(&self) -> bool {
        [self.sold, self.back].iter().any(|[_, thousandths]| *thousandths > 0)
    }
}

fn add([pieces, thousandths]: &mut [i128; 2], quantity: Quantity) {
    let (sum, units) = match quantity {
        Quantity::Pieces(units) => (pieces, units),
        Quantity::Thousandths(units) => (thousandths, units),
    };
    // A list in memory is shorter than 2⁶⁰.
    *sum = sum.wrapping_add(units.get().into());
}

/// The stock of a product as a host keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptStock {
    /// What there is.
    pub line: StockLine,
    /// Whether it counts thousandths of what is sold by weight or measure (PT-9).
    pub is_thousandths: bool,
}

/// What an event moves of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockChange<'a> {
    /// The product.
    pub sku: &'a str,
    /// Whether the numbers are thousandths.
    pub is_thousandths: bool,
    /// Units taken back less units sold.
    pub moved: i64,
    /// Units promised.
    pub backordered: Count,
    /// What is there after it; `None` of a product whose stock is not kept.
    pub left: Option<StockLine>,
}

/// A product of which too little is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortStock<'a> {
    /// The product.
    pub sku: &'a str,
    /// Whether the numbers are thousandths.
    pub is_thousandths: bool,
    /// The units to be sold.
    pub wanted: Count,
    /// The units there, with those taken back.
    pub available: Count,
}

/// What an event moves (OR-4), by product; all of it, or nothing with what is short. What is taken back comes in first. Of a
/// product that is counted in thousandths a piece is a thousand.
///
/// ```
/// use std::collections::BTreeMap;
/// use loyalty_network::{KeptStock, StockLine, StockPolicy, StockWant, take_stock};
/// use loyalty_rules::quantity::Quantity;
/// use loyalty_rules::quantity::Count;
///
/// let line = StockLine { available: Count::new(5)?, safety: Count::ZERO };
/// let stock = BTreeMap::from([("rice", KeptStock { line, is_thousandths: false })]);
/// let mut want = StockWant::default();
/// want.take_back(Quantity::Pieces(Count::new(1)?));
/// want.sell(Quantity::Pieces(Count::new(7)?));
/// let wants = BTreeMap::from([("rice", want)]);
/// let short = take_stock(&stock, &wants, StockPolicy::Refuse)?.unwrap_err();
/// assert_eq!((short[0].wanted.get(), short[0].available.get()), (7, 6));
/// let changes = take_stock(&stock, &wants, StockPolicy::Backorder)?.unwrap();
/// assert_eq!((changes[0].moved, changes[0].backordered.get()), (-5, 1));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_config` for thousandths of a product that is counted in pieces; `out_of_range` if a stock leaves the domain.
pub fn take_stock<'a>(
    stock: &BTreeMap<&str, KeptStock>,
    wants: &BTreeMap<&'a str, StockWant>,
    policy: StockPolicy,
) -> Result<Result<Vec<StockChange<'a>>, Vec<ShortStock<'a>>>, Error> {
    let (mut changes, mut short) = (Vec::new(), Vec::new());
    for (sku, want) in wants {
        let kept = stock.get(sku);
        let is_thousandths = kept.map_or(want.has_thousandths(), |kept| kept.is_thousandths);
        if want.has_thousandths() && !is_thousandths {
            return Err(Fault::StockInPieces.error().at("stock"));
        }
        let units = |[pieces, thousandths]: [i128; 2]| {
            if is_thousandths { pieces.wrapping_mul(1_000).wrapping_add(thousandths) } else { pieces }
        };
        let (wanted, back) = (units(want.sold), units(want.back));
        let Some(KeptStock { line, .. }) = kept else {
            let moved = signed(back.wrapping_sub(wanted))?;
            changes.push(StockChange { sku, is_thousandths, moved, backordered: Count::ZERO, left: None });
            continue;
        };
        let available = i128::from(line.available.get()).wrapping_add(back);
        match policy.sell(available, wanted) {
            Some((sold, promised)) => changes.push(StockChange {
                sku,
                is_thousandths,
                moved: signed(back.wrapping_sub(sold))?,
                backordered: Count::from_result(promised)?,
                left: Some(StockLine { available: Count::from_result(available.wrapping_sub(sold))?, ..*line }),
            }),
            None => short.push(ShortStock {
                sku,
                is_thousandths,
                wanted: Count::from_result(wanted)?,
                available: Count::from_result(available)?,
            }),
        }
    }
    Ok(if short.is_empty() { Ok(changes) } else { Err(short) })
}

/// Units with their sign.
fn signed(units: i128) -> Result<i64, Error> {
    result_within_domain(i64::try_from(units).ok())
}

/// What is left of units of which some are taken.
fn difference(units: Count, taken: Count) -> Count {
    Count::new(units.get().wrapping_sub(taken.get())).unwrap_or_default()
}
