//! The ladder of AW-1, written once: for one receipt, and for blocks of receipts side by side.
//!
//! ```text
//!  Ladder    settings ─┐
//!  Standing  merchant ─┼─▶ climb ──▶ limit ──▶ Outcome: word (rate, reason, cell), value, limits that lowered it
//!  Row       receipt  ─┘   rungs     cap, budgets, cover
//! ```
//!
//! What is the same for every receipt of a program is branched on. What differs from receipt to receipt is chosen
//! without a branch, so that a block of receipts runs in vectors of the processor. A plain program runs the same functions
//! over the constants [`Ladder::PLAIN`] and [`Standing::PLAIN`].
#![expect(clippy::inline_always, reason = "a row would be passed through memory")]

use super::reason::Reason;
use super::receipt::Merchant;
use super::terms::{Budget, Eligibility, FirstN, Latecomer, ShortBudget, Slots};
use crate::quantity::{Count, Lane, One, PointValue, Rate, Rounding, Rupiah};
use crate::tables::{Column, Mechanism};

/// A rate (16 bits), the place of its reason (8 bits) and the cell behind the rate (7 bits) in one word.
///
/// The cell is 0 for a stop, the number of standby steps reached, or [`TABLE_CELL`] with a column. It also tells what stood in
/// for the table's rate: [`INTRO_CELL`] with a column, or [`LATE`]; at a stop of 0 % [`NO_INTRO`] or [`NO_FIRST_COLUMN`].
pub(super) const fn word(rate: Rate, reason: Reason, cell: u8) -> u32 {
    let [low, high] = rate.bp().to_le_bytes();
    u32::from_le_bytes([low, high, reason.place(), cell])
}

/// The rate of a word.
pub(super) fn rate_of(word: u32) -> Rate {
    let [low, high, ..] = word.to_le_bytes();
    Rate::from_bp(u16::from_le_bytes([low, high])).unwrap_or_default()
}

/// The reason of a word.
pub(super) fn reason_of(word: u32) -> Reason {
    let [_, _, reason, _] = word.to_le_bytes();
    Reason::ALL.get(usize::from(reason)).copied().unwrap_or(Reason::NoStandby)
}

/// A word of one receipt with another reason; the rate and its cell stay.
#[cfg(feature = "alloc")]
pub(super) fn with_reason(word: i64, reason: Reason) -> i64 {
    reasoned::<One>(word, reason)
}

/// The word of a stop.
pub(super) const fn stop(reason: Reason) -> u32 {
    word(Rate::ZERO, reason, 0)
}

/// The word of a column's rate; 0 % is a stop.
pub(super) fn table(rate: Rate, reason: Reason, column: Column) -> u32 {
    if rate == Rate::ZERO { stop(Reason::NoRate) } else { word(rate, reason, TABLE_CELL | column.index()) }
}

/// The word of a rate that stands in for a column's; 0 % is a stop that tells so.
fn stand_in(rate: Rate, reason: Reason, column: Column, [cell, nothing]: [u8; 2]) -> u32 {
    if rate == Rate::ZERO { word(rate, Reason::NoRate, nothing) } else { word(rate, reason, cell | column.index()) }
}

/// The cell of a stop because the introductory rate is 0 % (AW-3).
pub(super) const NO_INTRO: u8 = 30;
/// The cell of a stop because the first column is 0 % (AW-5).
pub(super) const NO_FIRST_COLUMN: u8 = 31;
/// Marks the cell of a table.
pub(super) const TABLE_CELL: u8 = 32;
/// Marks the cell of a table that the introductory rate is from (AW-3).
pub(super) const INTRO_CELL: u8 = TABLE_CELL | 16;
/// Marks the cell of one who came after the first N (AW-5).
pub(super) const LATE: u8 = 64;
/// From this reason on a voucher is given.
const FULL: u32 = stop(Reason::Full);
pub(super) const REASON_BITS: u32 = 0xFF_0000;
const RATE_BITS: u32 = 0xFFFF;

/// The settings of a program that the ladder asks, beside the tables of its kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ladder<S> {
    /// The purchases from which on a shopper is loyal, and the word of a new one who meets the quota (AW-3).
    pub(super) loyal: Option<(S, Option<u32>)>,
    /// What comes after the first N, and the word of the first column (AW-5).
    pub(super) latecomer: Option<(Latecomer, u32)>,
    /// How a value is rounded (CV-4).
    pub(super) rounding: Rounding,
    /// The most of one receipt (AW-13).
    pub(super) cap: Option<S>,
    /// What a budget does to a voucher above what is left, if there is a budget (AW-6).
    pub(super) short: Option<ShortBudget>,
}

/// What the merchant's standing and a pause do to every receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing<S> {
    /// The word of the first stop of AW-1 that holds: suspended, not active, paused.
    pub(super) stop: Option<u32>,
    /// The most that the cover allows (GF-7).
    pub(super) most: Option<S>,
}

/// What differs from receipt to receipt.
#[derive(Clone, Copy)]
pub(super) struct Row<L: Lane> {
    /// What was bought; the quota looks at it.
    pub(super) total: L::Number,
    /// What earns (AW-2).
    pub(super) base: L::Number,
    /// Thousandths of a point held before.
    pub(super) prior: L::Number,
    /// Purchases made before.
    pub(super) purchases: L::Number,
    /// What the total must be above at its place, and the word given then: [`Kernel::place`].
    pub(super) above: L::Number,
    pub(super) given: L::Number,
    /// Whether the first N of its slot are through.
    pub(super) is_late: L::Mask,
}

/// What a receipt is given: the word, the value in rupiah, and whether the cap, the day's and the slot's budget lowered it.
#[derive(Clone, Copy)]
pub(super) struct Outcome<L: Lane> {
    pub(super) word: L::Number,
    pub(super) value: L::Number,
    pub(super) caps: [L::Mask; 3],
}

impl<S> Standing<S> {
    /// A merchant in good standing, a program that runs, and no cover to keep.
    pub(super) const PLAIN: Self = Self { stop: None, most: None };

    /// The same with settings of another width.
    pub(super) fn map<T>(self, convert: impl Fn(S) -> T) -> Standing<T> {
        let Self { stop, most } = self;
        Standing { stop, most: most.map(convert) }
    }
}

impl Standing<i64> {
    /// What this merchant's standing does under a program.
    #[inline(always)]
    pub(super) fn of(paused: bool, min_cover_bp: Count, merchant: &Merchant) -> Self {
        let Merchant { suspended, registered, fund_balance, outstanding } = *merchant;
        let stops = [(suspended, Reason::Suspended), (registered, Reason::NotActive), (paused, Reason::Paused)];
        // Balance ÷ (outstanding + award) reaches the share as long as the award is at most balance ÷ share − outstanding.
        let most = (min_cover_bp > Count::ZERO).then(|| {
            let (balance, least) = (fund_balance.get(), min_cover_bp.get());
            let covered = match balance.checked_mul(10_000) {
                Some(product) => product.checked_div(least),
                None => i128::from(balance).wrapping_mul(10_000).checked_div(least.into()).and_then(|most| i64::try_from(most).ok()),
            };
            covered.unwrap_or(i64::MAX).saturating_sub(outstanding.get()).max(0)
        });
        Self { stop: stops.into_iter().find_map(|(holds, reason)| holds.then_some(stop(reason))), most }
    }
}

impl<S> Ladder<S> {
    /// Nothing but quota, table and standby, whole rupiah rounded down.
    pub(super) const PLAIN: Self = Self { loyal: None, latecomer: None, rounding: Rounding::DOWN, cap: None, short: None };

    /// The same with settings of another width.
    pub(super) fn map<T>(self, convert: impl Fn(S) -> T) -> Ladder<T> {
        let Self { loyal, latecomer, rounding, cap, short } = self;
        Ladder { loyal: loyal.map(|(least, intro)| (convert(least), intro)), latecomer, rounding, cap: cap.map(&convert), short }
    }
}

/// The settings that the ladder of AW-1 and its limits ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) mechanism: Mechanism,
    pub(super) exclude_voucher_paid: bool,
    pub(super) min_cover_bp: Count,
    pub(super) eligibility: Eligibility,
    pub(super) paused: bool,
    pub(super) accept_noted_digit: bool,
    pub(super) held_slots: Slots,
    pub(super) first_n: Option<FirstN>,
    pub(super) rounding: Rounding,
    pub(super) receipt_cap: Option<Rupiah>,
    pub(super) budget: Budget,
    pub(super) point_value: PointValue,
}

impl Ladder<i64> {
    /// What the settings and ten rates of a program say, before any merchant.
    pub(super) fn of(settings: &Settings, rates: &[Rate; 10]) -> Self {
        // Every setting is named, so that a new one does not compile until it has its place.
        let Settings {
            mechanism: _,            // in the kernel's places
            held_slots: _,           // in the kernel's places
            exclude_voucher_paid: _, // in the row's base
            accept_noted_digit: _,   // in the row's place
            min_cover_bp: _,         // in the merchant's standing
            paused: _,               // in the merchant's standing
            point_value: _,          // turns a value into points, afterwards
            eligibility,
            first_n,
            rounding,
            receipt_cap,
            budget: Budget { day, slot, short },
        } = *settings;
        let rate = |column: Column| rates.get(usize::from(column.index())).copied().unwrap_or_default();
        Self {
            loyal: match eligibility {
                Eligibility::Everyone => None,
                Eligibility::Loyal { min_purchases, intro } => {
                    // Of equal rates the earliest column's.
                    let smallest = Column::all().min_by_key(|column| rate(*column)).unwrap_or_default();
                    Some((min_purchases.get(), intro.then(|| stand_in(rate(smallest), Reason::Intro, smallest, [INTRO_CELL, NO_INTRO]))))
                }
            },
            latecomer: first_n.map(|FirstN { n: _, then }| {
                (then, stand_in(rate(Column::FIRST), Reason::FirstNFirstColumn, Column::FIRST, [TABLE_CELL | LATE, NO_FIRST_COLUMN]))
            }),
            rounding,
            cap: receipt_cap.map(Rupiah::get),
            short: (day.is_some() || slot.is_some()).then_some(short),
        }
    }
}

/// The rungs of AW-1 down to the value (CV-4).
#[inline(always)]
pub(super) fn climb<L: Lane>(
    ladder: &Ladder<L::Setting>,
    standing: &Standing<L::Setting>,
    rises: &[(L::Setting, u32)],
    row: &Row<L>,
) -> Outcome<L> {
    let (zero, never) = (L::word(0), L::all(false));
    // SB-1: a sum of the rises of the steps reached is a look-up that needs no address.
    let standby = rises.iter().fold(L::word(stop(Reason::NoStandby)), |word, (threshold, rise)| {
        L::add(word, L::only(L::above(row.prior, L::same(*threshold)), L::word(*rise)))
    });
    let is_new = ladder.loyal.map_or(never, |(least, _)| L::above(L::same(least), row.purchases));
    let intro = ladder.loyal.and_then(|(_, intro)| intro);
    let latecomer = ladder.latecomer.map_or(zero, |(then, first_column)| match then {
        Latecomer::FirstColumn => L::word(first_column),
        Latecomer::Nothing => L::word(stop(Reason::FirstN)),
        Latecomer::Standby => {
            let to_latecomer = word(Rate::ZERO, Reason::FirstNStandby, LATE).wrapping_sub(stop(Reason::Standby));
            let has_standby = L::above(L::bits(standby, RATE_BITS), zero);
            L::choose(has_standby, L::add(standby, L::word(to_latecomer)), L::word(stop(Reason::FirstN)))
        }
    });
    // The first rung that holds names the word.
    let rungs = [
        (L::all(standing.stop.is_some()), L::word(standing.stop.unwrap_or_default())),
        (L::not(L::above(row.base, zero)), L::word(stop(Reason::ZeroAmount))),
        (if intro.is_some() { never } else { is_new }, L::word(stop(Reason::NotEligible))),
        // Outside the window and in a held slot there is no quota to miss.
        (L::not(L::above(row.total, row.above)), standby),
        // Every stop has its place before the awards.
        (L::above(L::word(FULL), L::bits(row.given, REASON_BITS)), row.given),
        (is_new, L::word(intro.unwrap_or_default())),
        (if ladder.latecomer.is_some() { row.is_late } else { never }, latecomer),
    ];
    let word = rungs.into_iter().rev().fold(row.given, |below, (holds, word)| L::choose(holds, word, below));
    Outcome { word, value: ladder.rounding.rounded::<L>(row.base, L::bits(word, RATE_BITS)), caps: [never; 3] }
}

/// Words with another reason; the rate and its cell stay.
#[inline(always)]
fn reasoned<L: Lane>(word: L::Number, reason: Reason) -> L::Number {
    L::add(L::bits(word, !REASON_BITS), L::word(stop(reason)))
}

/// The limits of AW-1 behind the value, each at its turn: the cap, what the day's and the slot's budget leave, the cover.
#[inline(always)]
pub(super) fn limit<L: Lane>(
    ladder: &Ladder<L::Setting>,
    standing: &Standing<L::Setting>,
    outcome: Outcome<L>,
    [day_left, slot_left]: [L::Number; 2],
) -> Outcome<L> {
    let zero = L::word(0);
    let Outcome { mut word, mut value, caps: [mut by_receipt, mut by_day, mut by_slot] } = outcome;
    let stopped = |word, holds, reason| L::choose(holds, reasoned::<L>(word, reason), word);
    if let Some(cap) = ladder.cap {
        by_receipt = L::above(value, L::same(cap));
        value = L::choose(by_receipt, L::same(cap), value);
    }
    if let Some(short) = ladder.short {
        for (is_cut, left) in [(&mut by_day, day_left), (&mut by_slot, slot_left)] {
            *is_cut = L::above(value, left);
            value = L::choose(*is_cut, if short == ShortBudget::Cut { left } else { zero }, value);
            word = stopped(word, L::and(*is_cut, L::not(L::above(value, zero))), Reason::BudgetSpent);
        }
    }
    if let Some(most) = standing.most {
        let is_short = L::above(value, L::same(most));
        value = L::choose(is_short, zero, value);
        word = stopped(word, is_short, Reason::CoverShort);
    }
    Outcome { word, value, caps: [by_receipt, by_day, by_slot] }
}

/// [`limit`] for one receipt, out of line.
#[inline(never)]
pub(super) fn limit_one(ladder: &Ladder<i64>, standing: &Standing<i64>, outcome: Outcome<One>, lefts: [i64; 2]) -> Outcome<One> {
    limit::<One>(ladder, standing, outcome, lefts)
}
