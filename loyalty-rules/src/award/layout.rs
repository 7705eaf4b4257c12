//! Blocks of receipts side by side: the one ladder over numbers below 2³¹.
#![expect(clippy::inline_always, reason = "the numbers of a block would be passed through memory")]

use super::kernel::{Kernel, TablePlace};
use super::ladder::Settings;
use super::ladder::{Ladder, Outcome, REASON_BITS, Row, Standing, climb, limit, stop};
use super::reason::Reason;
use super::receipt::{Counters, Merchant};
use super::terms::{Budget, SlotLimits};
use crate::quantity::{Abreast, Count, Lane, Numbers, Rupiah};
use crate::tables::{Column, Mechanism};

/// A kernel and a merchant laid out for blocks of receipts, which run side by side in vectors of the processor.
///
/// A block is decided by the same ladder as one receipt. It is decided with the counters before its first receipt. Where
/// a limit could change within the block, and for a receipt that needs more than numbers below 2³¹, it answers `None`;
/// then its receipts go one by one.
///
/// ```
/// use loyalty_rules::award::{Counters, Layout, Merchant, Program, Reason, Rows, Terms};
/// use loyalty_rules::quantity::Rupiah;
/// use loyalty_rules::tables::TableName;
///
/// let mut terms = Terms::new(TableName::parse("stopwatch/below_15/plus")?);
/// terms.quota = Rupiah::new(200_000)?.into();
/// terms.receipt_cap = Some(Rupiah::new(14_000)?);
/// let layout = Layout::new(Program::new(terms)?.kernel(), &Merchant::default());
///
/// let none = [[0; 4]];
/// let rows = Rows {
///     totals: [[250_000, 150_000, 0, 250_000]],
///     paid_by_voucher: none,
///     points_milli: [[0, 500_000, 0, 0]],
///     purchases: none,
///     picks: &[[5, -1, 1, -1]],
/// };
/// let [told] = layout.decide(&rows, &Counters::default()).expect("all are small");
/// assert_eq!(told.values, [14_000, 3_000, 0, 0]); // 6 %, cut to the cap; 2 %; nothing bought; not played
/// assert_eq!(told.rates_and_reasons[1] & 0xFF_FFFF, 200 | u32::from(Reason::Standby.place()) << 16);
///
/// let rows = Rows { totals: [[-1; 4]], ..rows }; // `decide` of one receipt refuses it
/// assert_eq!(layout.decide(&rows, &Counters::default()), None);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Layout {
    ladder: Ladder<i32>,
    standing: Standing<i32>,
    /// Whether both are plain.
    is_plain: bool,
    is_auction: bool,
    excludes_paid: bool,
    /// By the pick: what a total must be above, and in the high half the word given then.
    places: [u64; 256],
    rises: [(i32, u32); 16],
    steps: usize,
    day_budget: Option<i64>,
    /// By the number of the slot; no limit is the largest number.
    slot_budget: Option<[i64; 16]>,
    first_n: Option<[i64; 16]>,
}

/// Receipts that follow each other, four by four. A number that is not 0 … 2³¹ − 1 is given as −1.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a, const FOURS: usize> {
    /// What was bought, in rupiah.
    pub totals: [[i32; 4]; FOURS],
    /// What of it was paid by voucher, in rupiah.
    pub paid_by_voucher: [[i32; 4]; FOURS],
    /// Points held before, in thousandths.
    pub points_milli: [[i32; 4]; FOURS],
    /// Purchases made before.
    pub purchases: [[i32; 4]; FOURS],
    /// Digits or slots; −1 for a stopwatch that is not played yet, and where nothing is picked.
    pub picks: &'a [[i8; 4]; FOURS],
}

/// What four receipts are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FourAwards {
    /// The vouchers' values in rupiah.
    pub values: [i32; 4],
    /// The rates in basis points, from bit 16 on the reason ([`Reason::place`]), and from bit 24 on its cell.
    pub rates_and_reasons: [u32; 4],
}

/// A negative word: no reason has its place there.
const NO_PICK: u32 = 1 << 31;
/// The pick −1 as a byte.
const NOTHING_PICKED: u8 = u8::MAX;
const NO_LIMIT: i64 = i64::MAX;

/// The number in 32 bits; a larger one stands for "above every number of a block".
fn narrow(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

const fn unsigned(number: i32) -> u32 {
    u32::from_ne_bytes(number.to_ne_bytes())
}

const fn signed(number: u32) -> i32 {
    i32::from_ne_bytes(number.to_ne_bytes())
}

const fn byte(pick: i8) -> u8 {
    u8::from_ne_bytes(pick.to_ne_bytes())
}

/// The number of a slot in a table by slots.
const fn slot_of(pick: i8) -> usize {
    #[expect(clippy::as_conversions, reason = "a small number, and `From` is not const")]
    {
        (byte(pick) % 16) as usize
    }
}

fn place((above, word): (i64, u32)) -> u64 {
    u64::from(unsigned(narrow(above))) | u64::from(word) << 32
}

fn by_slot<T: Copy>(limits: Option<SlotLimits<T>>, number: impl Fn(T) -> i64) -> Option<[i64; 16]> {
    limits.map(|limits| {
        let mut numbers = [NO_LIMIT; 16];
        for (place, limit) in numbers.iter_mut().skip(1).zip(limits.all()) {
            *place = limit.map_or(NO_LIMIT, &number);
        }
        numbers
    })
}

/// What a limit leaves, at least nothing.
#[inline(always)]
fn left(limit: i64, used: Count) -> i64 {
    if limit == NO_LIMIT { NO_LIMIT } else { limit.wrapping_sub(used.get()).max(0) }
}

#[inline(always)]
fn at(numbers: &[i64; 16], slot: usize) -> i64 {
    numbers.get(slot).copied().unwrap_or(NO_LIMIT)
}

/// The counter of a slot by its number.
#[inline(always)]
fn counted(counters: &[Count; 10], slot: usize) -> Count {
    counters.get(slot.wrapping_sub(1)).copied().unwrap_or_default()
}

impl Layout {
    /// The layout of a kernel for receipts of a merchant.
    #[inline(never)]
    pub fn new(kernel: &Kernel, merchant: &Merchant) -> Self {
        let (ladder, standing) = (kernel.ladder, kernel.standing(merchant));
        // Every setting is named, so that a new one does not compile until it has its place.
        let Settings {
            mechanism,
            exclude_voucher_paid,
            budget: Budget { day, slot, short: _ },
            first_n,
            held_slots: _,         // in the places
            eligibility: _,        // in the ladder
            rounding: _,           // in the ladder
            receipt_cap: _,        // in the ladder
            min_cover_bp: _,       // in the standing
            paused: _,             // in the standing
            accept_noted_digit: _, // a late receipt goes one by one
            point_value: _,        // turns a value into points, afterwards
        } = kernel.settings;
        let mut layout = Self {
            is_plain: ladder == Ladder::PLAIN && standing == Standing::PLAIN,
            ladder: ladder.map(narrow),
            standing: standing.map(narrow),
            is_auction: mechanism == Mechanism::TimeAuction,
            excludes_paid: exclude_voucher_paid,
            places: [place((0, NO_PICK)); 256],
            rises: [(i32::MAX, 0); 16],
            steps: kernel.rises().len(),
            day_budget: day.map(Rupiah::get),
            slot_budget: by_slot(slot, Rupiah::get),
            first_n: by_slot(first_n.map(|first| first.n), Count::get),
        };
        for ((above, rise), (threshold, word)) in layout.rises.iter_mut().zip(kernel.rises()) {
            (*above, *rise) = (narrow(*threshold), *word);
        }
        let mut lay = |pick: u8, of: TablePlace| {
            if let Some(entry) = layout.places.get_mut(usize::from(pick)) {
                *entry = place(kernel.place(of));
            }
        };
        match mechanism {
            Mechanism::Stopwatch => {
                Column::all().for_each(|column| lay(column.digit().get(), TablePlace::Column(column)));
                lay(NOTHING_PICKED, TablePlace::NotPlayed);
            }
            Mechanism::TimeAuction => Column::all().for_each(|column| lay(column.slot().get(), TablePlace::Column(column))),
            Mechanism::Flat => lay(NOTHING_PICKED, TablePlace::Column(Column::FIRST)),
            // Steps of a purchase are counted one by one.
            Mechanism::Points => {}
        }
        layout
    }

    /// Decides a block after these counters; `None` if its receipts must go one by one.
    #[inline(always)]
    pub fn decide<const FOURS: usize>(&self, rows: &Rows<'_, FOURS>, counters: &Counters) -> Option<[FourAwards; FOURS]> {
        type L<const FOURS: usize> = Abreast<FOURS>;
        let Counters { day: _, released_today, awards_by_slot, released_by_slot } = counters;
        let numbers = |column: [[i32; 4]; FOURS]| L::numbers(column.map(|four| four.map(unsigned)));
        let [total, paid, prior, purchases] = [rows.totals, rows.paid_by_voucher, rows.points_milli, rows.purchases].map(numbers);
        let cell = |pick: i8| self.places.get(usize::from(byte(pick))).copied().unwrap_or_default();
        let (above, given) = L::halves(rows.picks.map(|picks| picks.map(cell)));
        let unpaid = L::sub(total, paid);
        let base = if self.excludes_paid { unpaid } else { total };
        // Any sign tells of a number that is too large, of more paid than bought, or of a pick that is none. The last two
        // tell of a total that rounding up could lift beyond 2³¹, and of purchases at the end of the range.
        let room = L::add(total, L::word(1_000));
        let signs = [paid, prior, purchases, given, unpaid, room, L::add(purchases, L::word(1))];
        if L::any_negative(signs.into_iter().fold(total, L::either)) {
            return None;
        }
        let mut row = Row::<L<FOURS>> { total, base, prior, purchases, above, given, is_late: L::all(false) };
        let rises = self.rises.get(..self.steps).unwrap_or_default();
        if self.is_plain {
            let outcome = climb::<L<FOURS>>(&Ladder::PLAIN, &Standing::PLAIN, rises, &row);
            return Some(told(&outcome));
        }
        if let Some(first_n) = &self.first_n {
            let places = rows.picks.map(|picks| picks.map(|pick| left(at(first_n, slot_of(pick)), counted(awards_by_slot, slot_of(pick)))));
            // Fewer places than rows: which row takes the last is decided one by one.
            let rows = i64::try_from(FOURS.wrapping_mul(4)).unwrap_or(i64::MAX);
            if places.as_flattened().iter().any(|left| (1..rows).contains(left)) {
                return None;
            }
            row.is_late = L::numbers(places.map(|four| four.map(|left| if left == 0 { u32::MAX } else { 0 })));
        }
        let outcome = climb::<L<FOURS>>(&self.ladder, &self.standing, rises, &row);
        let day_left = left(self.day_budget.unwrap_or(NO_LIMIT), *released_today);
        let slot_left = self.slot_budget.as_ref().map(|budget| {
            rows.picks.map(|picks| picks.map(|pick| left(at(budget, slot_of(pick)), counted(released_by_slot, slot_of(pick)))))
        });
        let clamped = |left: i64| unsigned(narrow(left));
        let slot_numbers = slot_left.map_or(L::word(clamped(NO_LIMIT)), |left| L::numbers(left.map(|four| four.map(clamped))));
        let no_cover = Standing { most: None, ..self.standing };
        let outcome = limit::<L<FOURS>>(&self.ladder, &no_cover, outcome, [L::word(clamped(day_left)), slot_numbers]);
        if self.ladder.short.is_some() {
            // The counters stood still: exact if nothing is released, or all of it fits into what is left. That is asked before
            // the cover, because what the cover stops leaves more for the rows behind it.
            let released: i64 = L::array(outcome.value).as_flattened().iter().fold(0, |sum, value| sum.wrapping_add((*value).into()));
            let fits = |left: i64| left == 0 || released <= left;
            let fits_slots = slot_left.is_none_or(|left| left.as_flattened().iter().all(|left| fits(*left)));
            if released > 0 && !(fits(day_left) && fits_slots) {
                return None;
            }
        }
        let no_limits = Ladder { cap: None, short: None, ..self.ladder };
        Some(told(&limit::<L<FOURS>>(&no_limits, &self.standing, outcome, [L::word(0); 2])))
    }

    /// Counts what a block was given.
    #[inline(always)]
    pub(super) fn count<const FOURS: usize>(&self, picks: &[[i8; 4]; FOURS], told: &[FourAwards; FOURS], counters: &mut Counters) {
        let values: [[i32; 4]; FOURS] = core::array::from_fn(|four| told.get(four).map_or([0; 4], |told| told.values));
        let released = Abreast::sum(Abreast::numbers(values.map(|four| four.map(unsigned))));
        if self.is_auction {
            for (picks, told) in picks.iter().zip(told) {
                for ((pick, value), word) in picks.iter().zip(told.values).zip(told.rates_and_reasons) {
                    let slot = slot_of(*pick).wrapping_sub(1);
                    let add = |numbers: &mut [Count; 10], more: i64| {
                        if let Some(number) = numbers.get_mut(slot) {
                            *number = number.plus(Count::part(more));
                        }
                    };
                    add(&mut counters.released_by_slot, value.into());
                    add(&mut counters.awards_by_slot, i64::from(word & REASON_BITS == stop(Reason::Full) && value > 0));
                }
            }
        }
        counters.released_today = counters.released_today.plus(Count::part(i64::try_from(released).unwrap_or_default()));
    }
}

#[inline(always)]
fn told<const FOURS: usize>(outcome: &Outcome<Abreast<FOURS>>) -> [FourAwards; FOURS] {
    let [values, words]: [[[u32; 4]; FOURS]; 2] = [outcome.value, outcome.word].map(|numbers: Numbers<FOURS>| Abreast::array(numbers));
    let mut told = [FourAwards { values: [0; 4], rates_and_reasons: [0; 4] }; FOURS];
    for ((told, values), words) in told.iter_mut().zip(values).zip(words) {
        *told = FourAwards { values: values.map(signed), rates_and_reasons: words };
    }
    told
}
