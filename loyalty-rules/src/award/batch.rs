use super::decide::{CheckedReceipt, Decider};
use super::kernel::Kernel;
use super::ladder::{Standing, rate_of, reason_of};
use super::layout::{FourAwards, Layout, Rows};
use super::outcome::Award;
use super::program::Program;
use super::reason::Reason;
use super::receipt::{Counters, Merchant, Receipt, Shopper};
use crate::error::Error;
use crate::quantity::{Points, Rate, Rupiah};

/// Decides receipts of one selling day in order, each with the counters that the one before left (`award.batch`).
///
/// ```
/// use loyalty_rules::award::{Batch, Counters, Merchant, Play, Program, Receipt, Shopper, Terms};
/// use loyalty_rules::quantity::Rupiah;
/// use loyalty_rules::tables::{Digit, TableName};
///
/// let program = Program::new(Terms::new(TableName::parse("stopwatch/below_15/plus")?))?;
/// let merchant = Merchant::default();
/// let mut batch = Batch::new(&program, &merchant, Counters::default());
/// let receipt = Receipt::new(Rupiah::new(250_000)?).with(Play::Digit(Digit::new(5)?));
///
/// assert_eq!(batch.decide(&receipt, &Shopper::default())?.value.get(), 15_000);
/// assert_eq!(batch.decide(&receipt, &Shopper::default())?.reason.name(), "full");
/// assert_eq!(batch.counters().released_today.get(), 30_000);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Debug)]
pub struct Batch<'a, D = Program> {
    decider: &'a D,
    merchant: &'a Merchant,
    standing: Standing<i64>,
    counters: Counters,
    /// Blocks that can be counted before a counter could leave the domain.
    blocks_left: u32,
}

/// What a batch tells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Why.
    pub reason: Reason,
    /// The rate.
    pub rate: Rate,
    /// What earns (AW-2), in rupiah.
    pub base: Rupiah,
    /// The voucher's value in rupiah.
    pub value: Rupiah,
    /// The same in points.
    pub points: Points,
}

impl From<Award> for Row {
    fn from(award: Award) -> Self {
        Self { reason: award.reason(), rate: award.rate(), base: award.base(), value: award.value(), points: award.points() }
    }
}

/// A block adds less than 2³⁷ to a counter, so that counters below 2⁵² take this many blocks.
const BLOCKS: u32 = 1 << 14;
const FAR_INSIDE: i64 = 1 << 52;

impl<'a, D: Decider> Batch<'a, D> {
    /// A batch that begins with these counters, of a program or of a kernel alone.
    pub fn new(decider: &'a D, merchant: &'a Merchant, counters: Counters) -> Self {
        Self { decider, merchant, standing: decider.kernel().standing(merchant), counters, blocks_left: 0 }
    }

    fn kernel(&self) -> &'a Kernel {
        self.decider.kernel()
    }

    /// The counters after the last row.
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// Decides a block of receipts side by side in the layout of this batch's kernel and merchant; `None` if they must go
    /// one by one.
    ///
    /// ```
    /// use loyalty_rules::award::{Batch, Counters, Layout, Merchant, Program, Rows, Terms};
    /// use loyalty_rules::tables::TableName;
    ///
    /// let program = Program::new(Terms::new(TableName::parse("stopwatch/below_15/plus")?))?;
    /// let merchant = Merchant::default();
    /// let layout = Layout::new(program.kernel(), &merchant);
    /// let mut batch = Batch::new(&program, &merchant, Counters::default());
    ///
    /// let none = [[0; 4]];
    /// let rows = Rows { totals: [[250_000; 4]], paid_by_voucher: none, points_milli: none, purchases: none, picks: &[[5; 4]] };
    /// let [told] = batch.decide_block(&layout, &rows).expect("all are small");
    /// assert_eq!((told.values, batch.counters().released_today.get()), ([15_000; 4], 60_000));
    ///
    /// let unknown = Rows { picks: &[[5, 6, 7, 10]], ..rows };
    /// assert_eq!(batch.decide_block(&layout, &unknown), None);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the numbers would be passed through memory")]
    pub fn decide_block<const FOURS: usize>(&mut self, layout: &Layout, rows: &Rows<'_, FOURS>) -> Option<[FourAwards; FOURS]> {
        if self.blocks_left == 0 {
            self.blocks_left = self.blocks_inside()?;
        }
        let told = layout.decide(rows, &self.counters)?;
        layout.count(rows.picks, &told, &mut self.counters);
        self.blocks_left = self.blocks_left.wrapping_sub(1);
        Some(told)
    }

    #[inline(never)]
    fn blocks_inside(&self) -> Option<u32> {
        let Counters { day: _, released_today, awards_by_slot, released_by_slot } = &self.counters;
        let most = awards_by_slot.iter().chain(released_by_slot).fold(*released_today, |most, number| most.max(*number));
        (most.get() < FAR_INSIDE).then_some(BLOCKS)
    }

    /// Decides the next receipt: as [`decide`](super::decide), in short.
    ///
    /// # Errors
    /// As [`decide`](super::decide); the counters stay as they were.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a row would be returned through memory")]
    pub fn decide(&mut self, receipt: &Receipt, shopper: &Shopper) -> Result<Row, Error> {
        let kernel = self.kernel();
        let sale = CheckedReceipt::check(kernel, self.decider.program(), receipt, shopper, self.merchant, &self.counters)?;
        let outcome = sale.outcome(kernel, &sale.standing(self.standing), shopper);
        let word = u32::try_from(outcome.word).unwrap_or_default();
        let (rate, reason) = (rate_of(word), reason_of(word));
        let value = Rupiah::from_result(Some(outcome.value))?;
        let earned = kernel.earned(receipt.total, sale.base, shopper, reason, value)?;
        shopper.after(receipt.total, earned)?;
        self.counters.add(&sale.seen.added(sale.day, sale.slot, reason, value)?);
        self.blocks_left = 0;
        Ok(Row { reason, rate, base: sale.base, value, points: earned.points })
    }
}
