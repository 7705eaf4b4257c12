use super::decide::{Decider, decide};
use super::kernel::Kernel;
use super::lanes::{Lanes, Rows, Told};
use super::outcome::Award;
use super::program::Program;
use super::reason::Reason;
use super::receipt::{Counters, Merchant, Play, Receipt, Shopper};
use crate::error::Error;
use crate::quantity::{Count, Rate, Rupiah};
use crate::tables::Mechanism;

/// Decides receipts in order, each with the counters that the one before left (`award.batch`).
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
    counters: Counters,
    /// Whether quota, table and standby alone decide, so that no limit needs to be asked row by row.
    is_plain: bool,
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
}

impl From<Award> for Row {
    fn from(award: Award) -> Self {
        Self { reason: award.reason(), rate: award.rate(), base: award.base(), value: award.value() }
    }
}

/// Amounts and points below it give sums and points inside the domain.
const FAR_INSIDE: i64 = 1 << 42;

impl<'a, D: Decider> Batch<'a, D> {
    /// A batch that begins with these counters, of a program or of a kernel alone.
    pub fn new(decider: &'a D, merchant: &'a Merchant, counters: Counters) -> Self {
        let is_plain = !merchant.suspended
            && !merchant.registered
            && merchant.fund_balance >= Rupiah::ZERO
            && merchant.outstanding >= Rupiah::ZERO
            && decider.kernel().is_plain();
        Self { decider, merchant, counters, is_plain }
    }

    fn mechanism(&self) -> Mechanism {
        self.kernel().mechanism()
    }

    fn kernel(&self) -> &'a Kernel {
        self.decider.kernel()
    }

    /// The counters after the last row.
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// Decides receipts side by side in the layout of the program, block by block, up to the first that needs more;
    /// returns how many blocks were told.
    ///
    /// ```
    /// use loyalty_rules::award::{Batch, Counters, Lanes, Merchant, Program, Rows, Terms};
    /// use loyalty_rules::tables::TableName;
    ///
    /// let program = Program::new(Terms::new(TableName::parse("stopwatch/below_15/plus")?))?;
    /// let lanes = Lanes::new(program.kernel()).expect("nothing else decides");
    /// let merchant = Merchant::default();
    /// let mut batch = Batch::new(&program, &merchant, Counters::default());
    ///
    /// let rows = Rows { totals: [[250_000; 4]], points_milli: [[0; 4]], picks: &[[5; 4]] };
    /// let unknown = Rows { picks: &[[5, 6, 7, 10]], ..rows };
    /// let mut sum = 0;
    /// assert_eq!(batch.decide_abreast(&lanes, [rows, unknown], |[told]| sum += told.values.iter().sum::<i32>()), 1);
    /// assert_eq!((sum, batch.counters().released_today.get()), (60_000, 60_000));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the numbers would be passed through memory")]
    pub fn decide_abreast<'r, const FOURS: usize>(
        &mut self,
        lanes: &Lanes,
        blocks: impl IntoIterator<Item = Rows<'r, FOURS>>,
        mut tell: impl FnMut([Told; FOURS]),
    ) -> usize {
        let mut blocks = blocks.into_iter();
        let mut told: usize = 0;
        while self.is_plain && self.has_room() {
            let stretch = lanes.decide_stretch(&mut blocks, &mut tell);
            self.count(stretch.released, stretch.full);
            told = told.wrapping_add(stretch.blocks);
            if !stretch.is_whole {
                break;
            }
        }
        told
    }

    /// Whether what a few plain receipts add leaves the counters inside the domain.
    #[inline]
    fn has_room(&self) -> bool {
        let released = self.counters.released_today.get() | self.counters.released_in_slot.get() | self.counters.awards_in_slot.get();
        (0..FAR_INSIDE << 10).contains(&released)
    }

    /// Counts what plain receipts were given: rupiah, and in the time auction the awards at table rates.
    #[inline]
    fn count(&mut self, released: i64, full: i64) {
        let mechanism = self.mechanism();
        let counters = &mut self.counters;
        counters.released_today = Rupiah::part(counters.released_today.get().wrapping_add(released));
        if mechanism == Mechanism::TimeAuction {
            counters.released_in_slot = Rupiah::part(counters.released_in_slot.get().wrapping_add(released));
            counters.awards_in_slot = Count::new(counters.awards_in_slot.get().wrapping_add(full)).unwrap_or(counters.awards_in_slot);
        }
    }

    /// Decides the next receipt: as [`decide`], in short.
    ///
    /// # Errors
    /// As [`decide`]; the counters stay as they were.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a row would be returned through memory")]
    pub fn decide(&mut self, receipt: &Receipt, shopper: &Shopper) -> Result<Row, Error> {
        match self.plain(receipt, shopper) {
            Some(row) => Ok(row),
            None => self.any(receipt, shopper),
        }
    }

    #[inline(never)]
    fn any(&mut self, receipt: &Receipt, shopper: &Shopper) -> Result<Row, Error> {
        let award = decide(self.decider, receipt, shopper, self.merchant, &self.counters)?;
        self.counters = award.counters();
        Ok(award.into())
    }

    /// A row that nothing but quota, table and standby decides, and whose sums stay inside the domain.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a row would be returned through memory")]
    fn plain(&mut self, receipt: &Receipt, shopper: &Shopper) -> Option<Row> {
        let total = receipt.total;
        let column = match (self.mechanism(), &receipt.play) {
            (Mechanism::Stopwatch, Play::Digit(digit)) => digit.column(),
            (Mechanism::TimeAuction, Play::Slot(slot)) => slot.column(),
            _ => return None,
        };
        // Numbers of zero or more lie below a power of two if their bits together do.
        let numbers = total.get() | shopper.prior_points.milli() | shopper.purchases.get();
        let is_inside = (0..FAR_INSIDE).contains(&numbers) && self.has_room();
        if !self.is_plain || !is_inside || receipt.late || receipt.paid_by_voucher != Rupiah::ZERO || total.is_zero() {
            return None;
        }
        let (given, _) = self.kernel().rated(total, column, shopper.prior_points);
        let value = Rupiah::part(self.kernel().value(total, given.rate));
        // A value of zero changes no counter, so that a stop needs no branch.
        self.count(value.get(), i64::from(given.reason == Reason::Full && !value.is_zero()));
        Some(Row { reason: given.reason, rate: given.rate, base: total, value })
    }
}
