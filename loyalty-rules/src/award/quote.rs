use super::decide::{Place, Sale, decide};
use super::outcome::Award;
use super::program::Program;
use super::receipt::{Counters, Merchant, Play, Receipt, Shopper};
use crate::error::Error;
use crate::quantity::{Rate, Rupiah};
use crate::tables::{Column, Digit, Mechanism, Slot};

/// The award run ahead (AW-9): what more spending, waiting or luck would bring. Nothing is issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quote {
    /// Rupiah from the total to the quota; zero when it is met.
    pub missing: Rupiah,
    /// The award as it stands.
    pub now: Award,
    /// The award with the missing amount added to the total.
    pub at_quota: Option<Award>,
    /// The next slot of the same selling day with a strictly higher rate.
    pub next: Option<NextSlot>,
    /// The highest column of a stopwatch.
    pub best: Option<Outlook>,
    /// The lowest.
    pub worst: Option<Outlook>,
}

/// A later slot with a higher rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextSlot {
    /// The slot.
    pub slot: Slot,
    /// Its rate.
    pub rate: Rate,
    /// When it starts, in tenths of a second after midnight; `None` if the program has no window.
    pub starts_at_tenths: Option<u32>,
}

/// What a digit would bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The digit.
    pub digit: Digit,
    /// Its rate.
    pub rate: Rate,
    /// The value with the total raised to the quota if it is missed, in rupiah.
    pub value: Rupiah,
}

/// Quotes a receipt: the same computation as [`decide`], run ahead (AW-9).
///
/// ```
/// use loyalty_rules::award::{Counters, Merchant, Play, Program, Receipt, Shopper, Terms, quote};
/// use loyalty_rules::calendar::SaleWindow;
/// use loyalty_rules::quantity::Rupiah;
/// use loyalty_rules::tables::TableName;
///
/// let mut terms = Terms::new(TableName::parse("time_auction/recommended/from_15/gold")?);
/// terms.quota = Rupiah::new(100_000)?.into();
/// terms.window = Some(SaleWindow::from_opening("08:00".parse()?));
/// let program = Program::new(terms)?;
/// let receipt = Receipt::new(Rupiah::new(82_000)?).with(Play::At("2025-03-01T14:30:00+07:00".parse()?));
///
/// let quote = quote(&program, &receipt, &Shopper::default(), &Merchant::default(), &Counters::default())?;
/// assert_eq!(quote.missing.get(), 18_000); // spend Rp18,000 more …
/// assert_eq!(quote.at_quota.unwrap().value().get(), 4_500); // … for 4.5 % of Rp100,000
/// let next = quote.next.unwrap();
/// assert_eq!((next.slot.get(), next.rate.bp()), (8, 500)); // and at 15:00 the rate becomes 5 %
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// As [`decide`].
pub fn quote(program: &Program, receipt: &Receipt, shopper: &Shopper, merchant: &Merchant, counters: &Counters) -> Result<Quote, Error> {
    let terms = program.terms();
    let award = |receipt: &Receipt| decide(program, receipt, shopper, merchant, counters);
    let now = award(receipt)?;
    let place = Sale::check(program, receipt, shopper, merchant, counters)?.place;
    let missing = place.quota(program.kernel()).left_after(receipt.total);
    let at_quota = Receipt { total: receipt.total.checked_add(missing)?, ..*receipt };
    let outlook = |column: Column| {
        let digit = column.digit();
        let played = Receipt { play: Play::Digit(digit), ..at_quota };
        Ok::<_, Error>(Outlook { digit, rate: terms.table.rate(column), value: award(&played)?.value() })
    };
    let (best, worst) = match terms.table.mechanism() {
        Mechanism::TimeAuction => (None, None),
        Mechanism::Stopwatch => (Some(outlook(terms.table.highest_column())?), Some(outlook(terms.table.smallest_column())?)),
    };
    let next = match (terms.table.mechanism(), place) {
        (Mechanism::TimeAuction, Place::Column(column)) => next_slot(program, Some(column)),
        (Mechanism::TimeAuction, Place::OutsideWindow) if opens_later(program, receipt) => next_slot(program, None),
        _ => None,
    };
    let at_quota = if missing.is_zero() { None } else { Some(award(&at_quota)?) };
    Ok(Quote { missing, now, at_quota, next, best, worst })
}

/// The first slot after a column, or of the day, that is not held and has a strictly higher rate.
fn next_slot(program: &Program, running: Option<Column>) -> Option<NextSlot> {
    let terms = program.terms();
    let rate = |column| if terms.held_slots.holds(column) { Rate::ZERO } else { terms.table.rate(column) };
    let running_rate = running.map_or(Rate::ZERO, rate);
    let later = Column::all().filter(|column| running.is_none_or(|running| *column > running));
    let next = later.into_iter().find(|column| rate(*column) > running_rate)?;
    let starts_at_tenths = terms.window.map(|window| window.start_tenths(next.index()));
    Some(NextSlot { slot: next.slot(), rate: rate(next), starts_at_tenths })
}

/// Whether an instant outside the window lies before the day's opening.
fn opens_later(program: &Program, receipt: &Receipt) -> bool {
    match (&receipt.play, program.terms().window) {
        (Play::At(at), Some(window)) => window.opens_after(at),
        _ => false,
    }
}
