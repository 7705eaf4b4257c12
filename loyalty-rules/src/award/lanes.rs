use super::four::{Four, above, add, and, any_negative, array, choose, four, halves, mul, or, same, shr, sub};
use super::kernel::Kernel;
use super::reason::Reason;
use crate::quantity::Rate;
use crate::tables::{Column, Mechanism};

/// A program laid out flat, so that receipts are decided side by side, in vectors of the processor where it has them.
///
/// It is for programs where quota, table and standby alone decide, and for receipts whose numbers are below 2³¹ and of
/// which nothing was paid by voucher. Everything else goes through [`decide`](super::decide), which gives the same.
///
/// ```
/// use loyalty_rules::award::{Lanes, Program, Reason, Rows, Terms};
/// use loyalty_rules::quantity::Rupiah;
/// use loyalty_rules::tables::TableName;
///
/// let mut terms = Terms::new(TableName::parse("stopwatch/below_15/plus")?);
/// terms.quota = Rupiah::new(200_000)?.into();
/// let lanes = Lanes::new(Program::new(terms)?.kernel()).expect("nothing else decides");
///
/// let rows = Rows { totals: [[250_000, 150_000, 0, 250_000]], points_milli: [[0, 500_000, 0, 0]], picks: &[[5, -1, 1, -1]] };
/// let [told] = lanes.decide(&rows).expect("all are small");
/// assert_eq!(told.values, [15_000, 3_000, 0, 0]);
/// assert_eq!(told.rates_and_reasons[1], 200 | u32::from(Reason::Standby.place()) << 16);
///
/// let rows = Rows { totals: [[-1; 4]], ..rows }; // `decide` refuses it
/// assert_eq!(lanes.decide(&rows), None);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Lanes {
    /// By the pick: what a total must be above, and in the high half what it is given then.
    cells: [u64; 256],
    /// What is given below the quota: from no step on, by how much it rises, modulo 2³², if the points are above a
    /// number. A sum of rises is a look-up that needs no address.
    rises: [(u32, u32); 16],
    steps: usize,
}

/// Receipts that follow each other, four by four.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a, const FOURS: usize> {
    /// What was bought, in rupiah.
    pub totals: [[i32; 4]; FOURS],
    /// Points held before, in thousandths.
    pub points_milli: [[i32; 4]; FOURS],
    /// Digits or slots; −1 for a stopwatch that is not played yet.
    pub picks: &'a [[i8; 4]; FOURS],
}

/// What four receipts are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The vouchers' values in rupiah.
    pub values: [i32; 4],
    /// The rates in basis points, and from bit 16 on why: [`Reason::place`].
    pub rates_and_reasons: [u32; 4],
}

/// Blocks whose sums fit.
const STRETCH: usize = 1 << 12;

/// Blocks that were told, and what their receipts were given.
#[derive(Clone, Copy)]
pub(super) struct Stretch {
    pub blocks: usize,
    /// Whether nothing but its length ended it.
    pub is_whole: bool,
    /// In rupiah.
    pub released: i64,
    /// Awards above Rp0 at table rates.
    pub full: i64,
}

/// A rate and a reason in one word.
const fn word(rate: Rate, reason: Reason) -> u32 {
    let [low, high] = rate.bp().to_le_bytes();
    u32::from_le_bytes([low, high, reason.place(), 0])
}

/// What a number below 2³¹ must be above to be at least this; nothing is above the last of them.
fn below(least: i64) -> u32 {
    unsigned(i32::try_from(least.wrapping_sub(1)).unwrap_or(i32::MAX))
}

const fn unsigned(number: i32) -> u32 {
    u32::from_ne_bytes(number.to_ne_bytes())
}

fn cell(above: u32, given: u32) -> u64 {
    u64::from(above) | u64::from(given) << 32
}

const fn signed(number: u32) -> i32 {
    i32::from_ne_bytes(number.to_ne_bytes())
}

const fn byte(pick: i8) -> u8 {
    u8::from_ne_bytes(pick.to_ne_bytes())
}

impl Lanes {
    /// The layout of a kernel; `None` if more than quota, table and standby decides.
    #[inline(never)]
    pub fn new(kernel: &Kernel) -> Option<Self> {
        kernel.is_plain().then(|| Self::of(kernel))
    }

    fn of(kernel: &Kernel) -> Self {
        let is_auction = kernel.settings.mechanism == Mechanism::TimeAuction;
        let mut lanes = Self { cells: [cell(0, NO_PICK); 256], rises: [(0, 0); 16], steps: 0 };
        let mut place = |pick, column, given| {
            if let Some(entry) = lanes.cells.get_mut(usize::from(byte(pick))) {
                *entry = cell(below(kernel.quota(column).get()), given);
            }
        };
        for column in Column::all() {
            let pick = if is_auction { column.slot().get() } else { column.digit().get() };
            place(i8::try_from(pick).unwrap_or_default(), column, word(kernel.rate(column), Reason::Full));
        }
        if !is_auction {
            place(-1, Column::FIRST, word(Rate::ZERO, Reason::PlayPending));
        }
        let mut before = NO_STANDBY;
        for (rise, (milli, rate)) in lanes.rises.iter_mut().zip(kernel.steps()) {
            let given = if rate > Rate::ZERO { word(rate, Reason::Standby) } else { NO_STANDBY };
            *rise = (below(milli), given.wrapping_sub(before));
            before = given;
            lanes.steps = lanes.steps.wrapping_add(1);
        }
        lanes
    }

    /// Decides receipts of which none counts for the next; `None` if one of them needs more.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the numbers would be passed through memory")]
    pub fn decide<const FOURS: usize>(&self, rows: &Rows<'_, FOURS>) -> Option<[Told; FOURS]> {
        self.block(rows).map(|given| given.map(Given::told))
    }

    /// The same for blocks that follow each other, up to the first that needs more and for one stretch at most.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the numbers would be passed through memory")]
    pub(super) fn decide_stretch<'a, const FOURS: usize>(
        &self,
        blocks: &mut impl Iterator<Item = Rows<'a, FOURS>>,
        tell: &mut impl FnMut([Told; FOURS]),
    ) -> Stretch {
        let mut told: usize = 0;
        let (mut low, mut high, mut awards) = (same(0), same(0), same(0));
        while let Some(given) = blocks.next().and_then(|rows| self.block(&rows)) {
            for Given { values, met_quota, .. } in &given {
                low = add(low, and(*values, same(0xFFFF)));
                high = add(high, shr(*values, 16));
                awards = sub(awards, and(*met_quota, above(*values, same(0))));
            }
            tell(given.map(Given::told));
            told = told.wrapping_add(1);
            if told == STRETCH {
                break;
            }
        }
        let sum = |four| array(four).iter().fold(0, |sum: i64, number| sum.wrapping_add((*number).into()));
        Stretch { blocks: told, is_whole: told == STRETCH, released: sum(low).wrapping_add(sum(high) << 16), full: sum(awards) }
    }

    /// What the receipts of a block are given; `None` if one of them needs more.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the numbers would be passed through memory")]
    fn block<const FOURS: usize>(&self, rows: &Rows<'_, FOURS>) -> Option<[Given; FOURS]> {
        let totals = rows.totals.map(|totals| four(totals.map(unsigned)));
        let points = rows.points_milli.map(|points| four(points.map(unsigned)));
        let cell = |pick: &i8| self.cells.get(usize::from(byte(*pick))).copied().unwrap_or_default();
        let cells = rows.picks.each_ref().map(|[a, b, c, d]| halves([cell(a), cell(b), cell(c), cell(d)]));
        let signs = totals
            .iter()
            .zip(points)
            .zip(cells)
            .fold(same(0), |signs, ((totals, points), (_, full))| or(signs, or(or(*totals, points), full)));
        if any_negative(signs) {
            return None;
        }
        let mut given = [Given { values: same(0), words: same(NO_STANDBY), met_quota: same(0) }; FOURS];
        for (least, by) in self.rises.iter().take(self.steps) {
            for (given, points) in given.iter_mut().zip(points) {
                given.words = add(given.words, and(above(points, same(*least)), same(*by)));
            }
        }
        for ((given, (least, full)), totals) in given.iter_mut().zip(cells).zip(totals) {
            given.met_quota = above(totals, least);
            given.words = choose(choose(full, given.words, given.met_quota), same(ZERO_AMOUNT), above(totals, same(0)));
            given.values = part(totals, and(given.words, same(0xFFFF)));
        }
        Some(given)
    }
}

/// Four awards: their values, rates and reasons, and a mask of met quotas.
#[derive(Clone, Copy)]
struct Given {
    values: Four,
    words: Four,
    met_quota: Four,
}

impl Given {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the numbers would be passed through memory")]
    fn told(self) -> Told {
        Told { values: array(self.values).map(signed), rates_and_reasons: array(self.words) }
    }
}

const NO_STANDBY: u32 = word(Rate::ZERO, Reason::NoStandby);
const ZERO_AMOUNT: u32 = word(Rate::ZERO, Reason::ZeroAmount);
/// A negative word: no reason has its place there.
const NO_PICK: u32 = 1 << 31;

/// A ten-thousandth of the product of amounts below 2³¹ and rates up to 10⁴, rounded down.
///
/// What the counted ten-thousands of an amount leave stays below 2¹⁶ and its product below 2³¹, of which the same is done
/// again; the last step is exact below 2¹⁶.
#[inline]
fn part(amounts: Four, rates_bp: Four) -> Four {
    let (most, rest) = ten_thousands(amounts);
    let (more, last) = ten_thousands(mul(rest, rates_bp));
    add(add(mul(most, rates_bp), more), ten_thousandth(last))
}

/// The ten-thousands of numbers below 2³¹, up to five too few, and what is left, below 2¹⁶.
#[inline]
fn ten_thousands(numbers: Four) -> (Four, Four) {
    // 53,687 ÷ 2²⁹ is a little less than a ten-thousandth.
    let counted = shr(mul(shr(numbers, 15), same(53_687)), 14);
    (counted, sub(numbers, mul(counted, same(10_000))))
}

/// A ten-thousandth of numbers below 2¹⁶, rounded down.
#[inline]
fn ten_thousandth(numbers: Four) -> Four {
    // 53,688 ÷ 2²⁵ is a little more than a 625th.
    shr(mul(shr(numbers, 4), same(53_688)), 25)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With both, [`part`] is exact for every amount and rate.
    #[test]
    fn every_step_is_as_exact_as_stated() {
        for high in 0..1_u32 << 16 {
            // What is counted depends on the high bits alone: the least left is that of the first number, the most of the last.
            let [first, last] = [0, (1 << 15) - 1].map(|low| {
                let [left, ..] = array(ten_thousands(same(high << 15 | low)).1);
                left
            });
            assert!(first <= last && last < 1 << 16, "{high}");
            let [exact, ..] = array(ten_thousandth(same(high)));
            assert_eq!(exact, high / 10_000);
        }
    }

    #[test]
    fn a_part_is_exact() {
        let mut state = 0x2545_F491_u32;
        for rate in 0..=10_000_u32 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            for amount in [0, 1, 9_999, 10_000, (1 << 31) - 1, state >> 1, (state >> 1) / 10_000 * 10_000] {
                let [value, ..] = array(part(same(amount), same(rate)));
                assert_eq!(u64::from(value), u64::from(amount) * u64::from(rate) / 10_000, "{amount} at {rate}");
            }
        }
    }
}
