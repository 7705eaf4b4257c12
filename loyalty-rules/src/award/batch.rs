use super::decide::decide;
use super::outcome::Award;
use super::program::Program;
use super::reason::Reason;
use super::receipt::{Counters, Merchant, Play, Receipt, Shopper};
use super::terms::Eligibility;
use crate::error::Error;
use crate::quantity::{Count, Rate, Rounding, Rupiah};
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
pub struct Batch<'a> {
    program: &'a Program,
    merchant: &'a Merchant,
    counters: Counters,
    mechanism: Mechanism,
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

impl<'a> Batch<'a> {
    /// A batch that begins with these counters.
    pub fn new(program: &'a Program, merchant: &'a Merchant, counters: Counters) -> Self {
        let terms = program.terms();
        let limits = [terms.receipt_cap, terms.budget.day, terms.budget.slot];
        let is_plain = !merchant.suspended
            && !merchant.registered
            && merchant.fund_balance >= Rupiah::ZERO
            && merchant.outstanding >= Rupiah::ZERO
            && !terms.paused
            && terms.eligibility == Eligibility::Everyone
            && terms.held_slots.is_empty()
            && terms.first_n.is_none()
            && limits.iter().all(Option::is_none)
            && terms.min_cover_bp == Count::ZERO
            && terms.rounding == Rounding::default();
        Self { program, merchant, counters, mechanism: terms.table.mechanism(), is_plain }
    }

    /// The counters after the last row.
    pub const fn counters(&self) -> Counters {
        self.counters
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
        let award = decide(self.program, receipt, shopper, self.merchant, &self.counters)?;
        self.counters = award.counters();
        Ok(award.into())
    }

    /// A row that nothing but quota, table and standby decides, and whose sums stay inside the domain.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a row would be returned through memory")]
    fn plain(&mut self, receipt: &Receipt, shopper: &Shopper) -> Option<Row> {
        let total = receipt.total;
        let column = match (self.mechanism, &receipt.play) {
            (Mechanism::Stopwatch, Play::Digit(digit)) => digit.column(),
            (Mechanism::TimeAuction, Play::Slot(slot)) => slot.column(),
            _ => return None,
        };
        // Numbers of zero or more lie below a power of two if their bits together do.
        let numbers = total.get() | shopper.prior_points.milli() | shopper.purchases.get();
        let released = self.counters.released_today.get() | self.counters.released_in_slot.get() | self.counters.awards_in_slot.get();
        let is_inside = (0..FAR_INSIDE).contains(&numbers) && (0..FAR_INSIDE << 10).contains(&released);
        if !self.is_plain || !is_inside || receipt.late || receipt.paid_by_voucher != Rupiah::ZERO || total.is_zero() {
            return None;
        }
        let (given, _) = self.program.core().rated(total, column, shopper.prior_points);
        let value = Rupiah::part(self.program.core().value(total, given.rate));
        // A value of zero changes no counter, so that a stop needs no branch; the sums stay far inside the domain.
        let counters = &mut self.counters;
        counters.released_today = Rupiah::part(counters.released_today.get().wrapping_add(value.get()));
        if self.mechanism == Mechanism::TimeAuction {
            counters.released_in_slot = Rupiah::part(counters.released_in_slot.get().wrapping_add(value.get()));
            if given.reason == Reason::Full && !value.is_zero() {
                counters.awards_in_slot = counters.awards_in_slot.succ().ok()?;
            }
        }
        Some(Row { reason: given.reason, rate: given.rate, base: total, value })
    }
}
