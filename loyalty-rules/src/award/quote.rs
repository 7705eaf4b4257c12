#[cfg(feature = "alloc")]
use alloc::vec::Vec;

#[cfg(feature = "alloc")]
use super::basket::Basket;
use super::decide::{CheckedReceipt, decide};
use super::kernel::TablePlace;
#[cfg(feature = "alloc")]
use super::offers::{GoodsAward, Item, Offers, Purchase};
use super::outcome::Award;
use super::program::Program;
use super::reason::Reason;
use super::receipt::{Counters, Merchant, Play, Receipt, Shopper};
use crate::calendar::Date;
use crate::error::Error;
use crate::quantity::{Rate, Rupiah};
#[cfg(feature = "alloc")]
use crate::tables::RateTable;
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
    promises: [Option<Promise>; 2],
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
    let sale = CheckedReceipt::of_program(program, receipt, shopper, merchant, counters)?;
    let place = sale.place;
    let missing = place.quota(program.kernel()).left_after(receipt.total);
    let raised = Receipt { total: receipt.total.checked_add(missing)?, ..*receipt };
    let outlook = |column: Column| {
        let digit = column.digit();
        let played = Receipt { play: Play::Digit(digit), ..raised };
        Ok::<_, Error>(Outlook { digit, rate: terms.table.rate(column), value: award(&played)?.value() })
    };
    let (best, worst) = match terms.table.mechanism() {
        Mechanism::TimeAuction | Mechanism::Flat | Mechanism::Points => (None, None),
        Mechanism::Stopwatch => (Some(outlook(terms.table.highest_column())?), Some(outlook(terms.table.smallest_column())?)),
    };
    let (next, later) = match (terms.table.mechanism(), place) {
        (Mechanism::TimeAuction, TablePlace::Column(column)) => (next_slot(program, Some(column)), sale.day),
        (Mechanism::TimeAuction, TablePlace::OutsideWindow) => match opening_ahead(program, receipt)? {
            Some(day) => (next_slot(program, None), Some(day)),
            None => (None, None),
        },
        _ => (None, None),
    };
    let at_quota = if missing.is_zero() { None } else { Some(award(&raised)?) };
    let is_open = next.is_some();
    let quote = Quote { missing, now, at_quota, next, best, worst, promises: [None; 2] };
    let ahead = Ahead { program, receipt, shopper, merchant, counters, day: later };
    let promises = [quote.promise_of_spending(place), if is_open { ahead.promise_of_waiting(&quote, place)? } else { None }];
    Ok(Quote { promises, ..quote })
}

/// The award of a receipt's goods run ahead (AW-9, PT-9).
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GoodsQuote {
    /// Rupiah from the total to the quota; zero when it is met.
    pub missing: Rupiah,
    /// The award as it stands.
    pub now: GoodsAward,
    /// The award with goods without a name bought for the missing amount.
    pub at_quota: Option<GoodsAward>,
    /// The next slot of the same selling day with a strictly higher rate, under the first time auction.
    pub next: Option<NextSlot>,
    /// The highest column of the first stopwatch; the value is that of the whole receipt.
    pub best: Option<Outlook>,
    /// The lowest.
    pub worst: Option<Outlook>,
}

#[cfg(feature = "alloc")]
impl Offers {
    /// Quotes a purchase: [`decide`](Self::decide), run ahead. The missing amount is bought of goods that no offer names. Slot and
    /// digit are those of the program itself, or of the first offer that has such a table.
    ///
    /// ```
    /// use loyalty_rules::award::{Basket, Counters, Earns, Goods, Item, Merchant, Offer, Offers, Play, Purchase, Shopper, Terms};
    /// use loyalty_rules::quantity::{Rate, Rupiah};
    ///
    /// let mut terms = Terms::flat(Rate::from_bp(500)?);
    /// terms.quota = Rupiah::new(50_000)?.into();
    /// let dated = Offer { id: None, goods: Goods { dated: Some(true), ..Goods::default() }, when: None, earns: Earns::Nothing };
    /// let offers = Offers::new(&terms, vec![dated])?;
    /// let milk = Item { sku: "milk", class: None, is_dated: true, amount: Rupiah::new(30_000)? };
    /// let (shopper, merchant, counters) = (Shopper::default(), Merchant::default(), Counters::default());
    /// let basket = Basket::new(Play::Pending, Play::Pending);
    /// let purchase = Purchase { lines: &[milk], basket, shopper: &shopper, merchant: &merchant, counters: &counters };
    ///
    /// let quote = offers.quote(&purchase)?;
    /// assert_eq!(quote.missing.get(), 20_000);
    /// assert_eq!(quote.at_quota.unwrap().basket.award.value().get(), 1_000); // 5 % of the other goods
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`decide`](Self::decide).
    pub fn quote(&self, purchase: &Purchase<'_>) -> Result<GoodsQuote, Error> {
        let Purchase { lines, basket, shopper, merchant, counters } = *purchase;
        let now = self.decide(purchase)?;
        let total = lines.iter().try_fold(Rupiah::ZERO, |total, line| total.checked_add(line.amount))?;
        let quota = self.own().terms().quota.all().first().copied().unwrap_or_default();
        let missing = quota.left_after(total);
        let mut raised: Vec<Item<'_>> = lines.to_vec();
        if !missing.is_zero() {
            raised.push(Item { sku: "", class: None, is_dated: false, amount: missing });
        }
        let then = |basket: Basket| self.decide(&Purchase { lines: &raised, basket, ..*purchase });
        let outlook = |table: &RateTable, column: Column| {
            let digit = column.digit();
            let value = then(Basket { digit: Play::Digit(digit), ..basket })?.basket.award.value();
            Ok::<_, Error>(Some(Outlook { digit, rate: table.rate(column), value }))
        };
        let (best, worst) = match self.first_under(Mechanism::Stopwatch).map(|program| &program.terms().table) {
            Some(table) => (outlook(table, table.highest_column())?, outlook(table, table.smallest_column())?),
            None => (None, None),
        };
        // Without hours a time tells no slot, as long as none of its goods are there.
        let tells_slot = |program: &Program| match basket.slot {
            Play::Slot(_) => true,
            play => play != Play::Pending && program.terms().window.is_some(),
        };
        let next = match self.first_under(Mechanism::TimeAuction) {
            Some(program) if tells_slot(program) => {
                let receipt = Receipt::new(total).with(basket.slot);
                match CheckedReceipt::of_program(program, &receipt, shopper, merchant, counters)?.place {
                    TablePlace::Column(column) => next_slot(program, Some(column)),
                    _ => opening_ahead(program, &receipt)?.and_then(|_| next_slot(program, None)),
                }
            }
            _ => None,
        };
        let at_quota = if missing.is_zero() { None } else { Some(then(basket)?) };
        Ok(GoodsQuote { missing, now, at_quota, next, best, worst })
    }
}

/// The first slot after a column, or of the day, that is not held and has a strictly higher rate.
fn next_slot(program: &Program, running: Option<Column>) -> Option<NextSlot> {
    let next = later_slots(program, running).next()?;
    let starts_at_tenths = program.terms().window.map(|window| window.start_tenths(next.index()));
    Some(NextSlot { slot: next.slot(), rate: program.terms().table.rate(next), starts_at_tenths })
}

/// The slots after a column, or of the day, that are not held and have a strictly higher rate.
fn later_slots(program: &Program, running: Option<Column>) -> impl Iterator<Item = Column> {
    let terms = program.terms();
    let rate = |column| if terms.held_slots.holds(column) { Rate::ZERO } else { terms.table.rate(column) };
    let running_rate = running.map_or(Rate::ZERO, rate);
    let later = Column::all().filter(move |column| running.is_none_or(|running| *column > running));
    later.filter(move |column| rate(*column) > running_rate)
}

/// The selling day whose opening is still ahead of an instant outside the window.
fn opening_ahead(program: &Program, receipt: &Receipt) -> Result<Option<Date>, Error> {
    let (Play::At(at), Some(window)) = (&receipt.play, &program.terms().window) else { return Ok(None) };
    let local = program.terms().local(at)?;
    Ok(window.opens_after(&local).then(|| local.date()))
}

/// What a shopper may be told to do: followed to the letter, it brings what is said (AW-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// So much more spending now brings this voucher.
    Spend {
        /// Rupiah from the total to the quota.
        missing: Rupiah,
        /// The value then, in rupiah.
        value: Rupiah,
        /// Whether it is at the table's rate.
        is_full: bool,
    },
    /// So much more spending allows the stopwatch to be played.
    SpendAndPlay {
        /// Rupiah from the total to the quota.
        missing: Rupiah,
        /// The value of the worst digit, in rupiah.
        worst: Rupiah,
        /// The value of the best digit, in rupiah.
        best: Rupiah,
    },
    /// The stopwatch may be played now.
    Play {
        /// The worst digit.
        worst: Outlook,
        /// The best digit.
        best: Outlook,
    },
    /// A later slot of the day brings more.
    Wait {
        /// The slot.
        slot: Slot,
        /// The first whole minute of the day in it; `None` without a window.
        from_minute: Option<u16>,
        /// Its rate.
        rate: Rate,
        /// The minimum purchase there, if the total misses it.
        minimum: Option<Rupiah>,
        /// The value with the total, or with the minimum purchase if the total misses it, in rupiah.
        value: Rupiah,
    },
}

impl Quote {
    /// What the shopper may be told to do, each with what it brings: more than the award as it stands.
    pub fn promises(&self) -> impl Iterator<Item = Promise> {
        self.promises.into_iter().flatten()
    }

    fn promise_of_spending(&self, place: TablePlace) -> Option<Promise> {
        let now = self.now.value();
        match (self.at_quota, self.best.zip(self.worst)) {
            (Some(_), Some((best, worst))) if place == TablePlace::NotPlayed => {
                (worst.value > now).then_some(Promise::SpendAndPlay { missing: self.missing, worst: worst.value, best: best.value })
            }
            (Some(at_quota), _) => {
                let value = at_quota.value();
                let is_full = at_quota.reason() == Reason::Full;
                (value > now).then_some(Promise::Spend { missing: self.missing, value, is_full })
            }
            (None, Some((best, worst))) if self.now.reason() == Reason::PlayPending => {
                (best.value > now).then_some(Promise::Play { worst, best })
            }
            (None, _) => None,
        }
    }
}

/// What a later slot is decided on.
struct Ahead<'a> {
    program: &'a Program,
    receipt: &'a Receipt,
    shopper: &'a Shopper,
    merchant: &'a Merchant,
    counters: &'a Counters,
    day: Option<Date>,
}

impl Ahead<'_> {
    /// The first later slot that brings more, with the minimum purchase it asks for.
    fn promise_of_waiting(&self, quote: &Quote, place: TablePlace) -> Result<Option<Promise>, Error> {
        let terms = self.program.terms();
        // Counters of an earlier day start from zero, and those of a later one say nothing of this day.
        let counters = match self.counters.day.zip(self.day) {
            Some((counted, day)) if counted < day => Counters::default(),
            Some((counted, day)) if counted > day => return Ok(None),
            _ => *self.counters,
        };
        let running = if let TablePlace::Column(column) = place { Some(column) } else { None };
        for column in later_slots(self.program, running) {
            let from_minute = match (&terms.window, self.day) {
                (Some(window), Some(day)) => match window.first_minute(column.index()) {
                    Some(minute) if terms.is_in_force_at(window.date_of(day, minute)?, minute) => Some(minute),
                    _ => continue,
                },
                _ => None,
            };
            let asked = terms.quota.of(column);
            let minimum = (self.receipt.total < asked).then_some(asked);
            let total = minimum.unwrap_or(self.receipt.total);
            let then = Receipt { total, play: Play::Slot(column.slot()), ..*self.receipt };
            // What leaves the domain there is no promise.
            let Ok(award) = decide(self.program, &then, self.shopper, self.merchant, &counters) else { continue };
            let is_of_table = award.rate() == terms.table.rate(column) && award.reason() == Reason::Full;
            if is_of_table && award.value() > quote.now.value() {
                let (slot, rate, value) = (column.slot(), award.rate(), award.value());
                return Ok(Some(Promise::Wait { slot, from_minute, rate, minimum, value }));
            }
        }
        Ok(None)
    }
}
