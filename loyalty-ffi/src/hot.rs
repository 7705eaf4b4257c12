//! The calls of every receipt: plain structs in, plain structs out, no allocation.

use core::ffi::c_void;
use core::mem::MaybeUninit;

use loyalty_rules::award::{self, Batch, Counters, FourAwards, Layout, Merchant, Play, Program, Reason, Receipt, Row, Shopper};
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::funding::Funding;
use loyalty_rules::quantity::{Count, Points, Rupiah};
use loyalty_rules::tables::{Digit, Mechanism, Slot};

use crate::layouts::{
    LoyaltyAward, LoyaltyColumns, LoyaltyCounters, LoyaltyKept, LoyaltyMerchant, LoyaltyQuote, LoyaltyReceipt, LoyaltyReversal,
    LoyaltyShopper, LoyaltyTime,
};
use crate::memory::{self, Output};
use crate::status::{Boundary, LoyaltyError, Refused, Ruled, Words};
use crate::structs::{at, clear, reason_number};

/// A proved program: immutable, and read from any number of threads at once.
#[derive(Debug)]
pub struct LoyaltyProgram {
    pub(crate) program: Program,
}

/// The program behind a handle.
///
/// # Safety
/// `program` is NULL, misaligned, or a handle that was not freed.
unsafe fn proved<'a>(program: *const LoyaltyProgram) -> Result<&'a Program, Refused> {
    // SAFETY: passed on from the caller; a handle is only read.
    unsafe { memory::place(program.cast_mut(), "program") }.map(|program| &program.program)
}

/// The ABI of this library. It rises when something is added; what stands keeps its layout, signature and numbers, so
/// that a program works with every library whose number is at least its own `LOYALTY_ABI_VERSION`.
#[unsafe(no_mangle)]
pub extern "C" fn loyalty_abi_version() -> u32 {
    1
}

/// The bytes that `loyalty_program_place` needs.
#[unsafe(no_mangle)]
pub extern "C" fn loyalty_program_size() -> usize {
    size_of::<LoyaltyProgram>()
}

/// The alignment that `loyalty_program_place` needs, in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn loyalty_program_alignment() -> usize {
    align_of::<LoyaltyProgram>()
}

/// Loads a program from compiled bytes into memory of the caller; no allocator is used. The bytes are proved again
/// and may be freed afterwards. The handle is valid as long as the memory is; it is not freed.
///
/// `BAD_LENGTH` if `memory` has fewer than `loyalty_program_size()` bytes, `MISALIGNED` if it is not aligned to
/// `loyalty_program_alignment()`; `BAD_COMPILED`, or whatever the proof refuses.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_program_place(
    memory: *mut c_void,
    memory_len: usize,
    compiled: *const u8,
    compiled_len: usize,
    program: *mut *const LoyaltyProgram,
    error: *mut LoyaltyError,
) -> i32 {
    let call = || {
        if memory_len < size_of::<LoyaltyProgram>() {
            return Err(Refused::Boundary(Boundary::Length, "memory", ""));
        }
        // SAFETY: passed on from the caller; the memory is large enough, and `place` looks at its alignment.
        let (memory, handle, compiled) = unsafe {
            let memory = memory::place(memory.cast::<MaybeUninit<LoyaltyProgram>>(), "memory")?;
            (memory, memory::place(program, "program")?, memory::list(compiled, compiled_len, "compiled")?)
        };
        let loaded = Program::from_compiled(compiled).map_err(|error| Refused::Rules("compiled", error.into()))?;
        *handle = memory.write(LoyaltyProgram { program: loaded });
        Ok(())
    };
    // SAFETY: passed on from the caller.
    unsafe { memory::answer(error, call) }
}

/// What one award is decided on.
struct AwardArguments<'a> {
    program: &'a Program,
    receipt: Receipt,
    shopper: Shopper,
    merchant: Merchant,
    counters: Counters,
}

/// # Safety
/// As the header says of each pointer.
unsafe fn asked<'a>(
    program: *const LoyaltyProgram,
    receipt: *const LoyaltyReceipt,
    shopper: *const LoyaltyShopper,
    merchant: *const LoyaltyMerchant,
    counters: *const LoyaltyCounters,
) -> Result<AwardArguments<'a>, Refused> {
    // SAFETY: passed on from the caller.
    unsafe {
        let program = proved(program)?;
        let mechanism = program.terms().table.mechanism();
        Ok(AwardArguments {
            program,
            receipt: memory::input(receipt, "receipt")?.receipt()?,
            shopper: memory::optional(shopper, "shopper")?.map_or(Ok(Shopper::default()), |shopper| shopper.shopper())?,
            merchant: memory::optional(merchant, "merchant")?.map_or(Ok(Merchant::default()), |merchant| merchant.merchant())?,
            counters: memory::optional(counters, "counters")?.map_or(Ok(Counters::default()), |counters| counters.counters(mechanism))?,
        })
    }
}

/// Decides the award of one receipt (`award.decide`, AW-1 … AW-7, AW-13).
///
/// `shopper`, `merchant` and `counters` may be NULL for a shopper without points, an active merchant and counters at
/// zero.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_award_decide(
    program: *const LoyaltyProgram,
    receipt: *const LoyaltyReceipt,
    shopper: *const LoyaltyShopper,
    merchant: *const LoyaltyMerchant,
    counters: *const LoyaltyCounters,
    award: *mut LoyaltyAward,
    error: *mut LoyaltyError,
) -> i32 {
    let call = || {
        // SAFETY: passed on from the caller.
        let (output, asked) = unsafe { (Output::at(award, "award")?, asked(program, receipt, shopper, merchant, counters)?) };
        let award = award::decide(asked.program, &asked.receipt, &asked.shopper, &asked.merchant, &asked.counters)?;
        let filled = LoyaltyAward::of(&award, asked.program, &asked.counters, output.struct_size());
        output.write(filled);
        Ok(())
    };
    // SAFETY: passed on from the caller.
    unsafe { memory::answer(error, call) }
}

/// Runs the award ahead (`award.quote`, AW-9): what more spending, waiting or luck would bring. Arguments as in
/// `loyalty_award_decide`.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_award_quote(
    program: *const LoyaltyProgram,
    receipt: *const LoyaltyReceipt,
    shopper: *const LoyaltyShopper,
    merchant: *const LoyaltyMerchant,
    counters: *const LoyaltyCounters,
    quote: *mut LoyaltyQuote,
    error: *mut LoyaltyError,
) -> i32 {
    let call = || {
        // SAFETY: passed on from the caller.
        let (output, asked) = unsafe { (Output::at(quote, "quote")?, asked(program, receipt, shopper, merchant, counters)?) };
        let quote = award::quote(asked.program, &asked.receipt, &asked.shopper, &asked.merchant, &asked.counters)?;
        let filled = LoyaltyQuote::of(&quote, output.struct_size());
        output.write(filled);
        Ok(())
    };
    // SAFETY: passed on from the caller.
    unsafe { memory::answer(error, call) }
}

/// What a voucher keeps after a refund of its purchase (`award.reverse`, AW-8). Call it once for each refund, with
/// what was refunded before.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_award_reverse(reversal: *const LoyaltyReversal, kept: *mut LoyaltyKept, error: *mut LoyaltyError) -> i32 {
    let call = || {
        // SAFETY: passed on from the caller.
        let (output, reversal) = unsafe { (Output::at(kept, "kept")?, memory::input(reversal, "reversal")?) };
        let (voucher, before, refund) = reversal.voucher()?;
        let held = at("reversal", "refunded_before", voucher.held(before))?;
        let kept = at("reversal", "refund", voucher.refund(before, held, refund))?;
        let filled = LoyaltyKept::of(kept, output.struct_size());
        output.write(filled);
        Ok(())
    };
    // SAFETY: passed on from the caller.
    unsafe { memory::answer(error, call) }
}

/// Splits an amount among parties whose list is an argument of this name.
///
/// # Safety
/// As the header says.
unsafe fn split(
    amount_rupiah: i64,
    (list, name): (*const u32, &'static str),
    parties: usize,
    parts_rupiah: *mut i64,
    error: *mut LoyaltyError,
    funding: fn(&[u32]) -> Result<Funding, Error>,
) -> i32 {
    let call = || {
        // SAFETY: passed on from the caller.
        let (list, places) = unsafe { (memory::list(list, parties, name)?, memory::list_mut(parts_rupiah, parties, "parts_rupiah")?) };
        let amount = at("amount", "", Rupiah::new(amount_rupiah))?;
        let funding = funding(list).map_err(|error| match error.fault() {
            Fault::NoParties => Refused::Rules("", Ruled::said(error, Words::PARTIES)),
            Fault::TooManyParties => Refused::Rules("", Ruled::said(error, Words::TOO_MANY_PARTIES)),
            _ => error.into(),
        })?;
        for (place, part) in places.iter_mut().zip(funding.split(amount).as_slice()) {
            *place = part.get();
        }
        Ok(())
    };
    // SAFETY: passed on from the caller.
    unsafe { memory::answer(error, call) }
}

/// Splits an amount by shares in basis points that sum to 10,000 (`split.allocate`, SP-1): `parts_rupiah` gets as many
/// parts as there are shares, at most `LOYALTY_MAX_PARTIES`. The amount may be negative. The two lists must not overlap.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_split_shares(
    amount_rupiah: i64,
    shares_bp: *const u32,
    parties: usize,
    parts_rupiah: *mut i64,
    error: *mut LoyaltyError,
) -> i32 {
    // SAFETY: passed on from the caller.
    unsafe { split(amount_rupiah, (shares_bp, "shares_bp"), parties, parts_rupiah, error, Funding::from_shares_bp) }
}

/// Splits an amount by weights, not all zero (`split.allocate`, SP-1); otherwise as `loyalty_split_shares`.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_split_weights(
    amount_rupiah: i64,
    weights: *const u32,
    parties: usize,
    parts_rupiah: *mut i64,
    error: *mut LoyaltyError,
) -> i32 {
    // SAFETY: passed on from the caller.
    unsafe { split(amount_rupiah, (weights, "weights"), parties, parts_rupiah, error, Funding::from_weights) }
}

/// The lucky digit of a stopped time (`stopwatch.lucky_digit`, SW-2).
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_lucky_digit(stopped_at: *const LoyaltyTime, digit: *mut i32, error: *mut LoyaltyError) -> i32 {
    let call = || {
        // SAFETY: passed on from the caller.
        let (place, stopped_at) = unsafe { (memory::place(digit, "digit")?, memory::place(stopped_at.cast_mut(), "stopped_at")?) };
        *place = Digit::lucky(&stopped_at.time("stopped_at", "")?).get().into();
        Ok(())
    };
    // SAFETY: passed on from the caller.
    unsafe { memory::answer(error, call) }
}

/// The slot 1 … 10 of an instant in a program's window, or 0 outside it (`auction.slot`, TA-1, TA-2). A program without
/// a window is `MISSING_FIELD`.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_slot(
    program: *const LoyaltyProgram,
    at: *const LoyaltyTime,
    slot: *mut i32,
    error: *mut LoyaltyError,
) -> i32 {
    let call = || {
        // SAFETY: passed on from the caller.
        let (place, program, at) = unsafe { (memory::place(slot, "slot")?, proved(program)?, memory::place(at.cast_mut(), "at")?) };
        let no_hours = || Refused::Rules("program", Ruled::said(Fault::Missing.error().at("window"), Words::NO_HOURS));
        let window = program.terms().window.as_ref().ok_or_else(no_hours)?;
        let at = crate::structs::at("at", "", at.time("at", "")?.at_offset_of(program.terms().utc_offset))?;
        *place = Slot::at(window, &at).map_or(0, |slot| slot.get().into());
        Ok(())
    };
    // SAFETY: passed on from the caller.
    unsafe { memory::answer(error, call) }
}

/// Receipts as columns, each row checked when it is read.
struct Rows<'a> {
    mechanism: Mechanism,
    total: &'a [i64],
    paid_by_voucher: &'a [i64],
    column: &'a [i8],
    prior_points_milli: &'a [i64],
    purchases: &'a [i64],
}

impl Rows<'_> {
    fn row(&self, row: usize) -> Result<(Receipt, Shopper), Ruled> {
        let number = |column: &[i64]| column.get(row).copied().unwrap_or_default();
        let column = self.column.get(row).copied().unwrap_or(-1);
        let play = Play::in_column(self.mechanism, column.into()).map_err(|error| match self.mechanism {
            Mechanism::Stopwatch => Ruled::said(error.at("receipt.digit"), Words::DIGITS),
            Mechanism::TimeAuction => error.at("receipt.slot").into(),
            Mechanism::Flat | Mechanism::Points => error.at("receipt.column").into(),
        })?;
        let total = Rupiah::new(number(self.total)).map_err(|error| error.at("receipt.total"))?;
        let paid = Rupiah::new(number(self.paid_by_voucher)).map_err(|error| error.at("receipt.paid_by_voucher"))?;
        let points = Points::from_milli(number(self.prior_points_milli)).map_err(|error| error.at("shopper.prior_points_milli"))?;
        let purchases = Count::new(number(self.purchases)).map_err(|error| error.at("shopper.purchases"))?;
        Ok((Receipt::new(total).paid_by_voucher(paid).with(play), Shopper::new(points, purchases)))
    }

    /// Decides a block of rows from a row on; `None` if there are fewer, or if they must go one by one.
    fn decide_block(&self, layout: &Layout, batch: &mut Batch<'_>, from: usize) -> Option<[FourAwards; FOURS]> {
        let numbers = |column: &[i64]| match column {
            [] => Some([[0; 4]; FOURS]),
            // What does not fit becomes −1, which no block takes.
            column => fours(column, from, |number| i32::try_from(number).unwrap_or(-1)),
        };
        let picks = fours(self.column, from, |pick| pick)?;
        let rows = award::Rows {
            totals: numbers(self.total)?,
            paid_by_voucher: numbers(self.paid_by_voucher)?,
            points_milli: numbers(self.prior_points_milli)?,
            purchases: numbers(self.purchases)?,
            picks: &picks,
        };
        batch.decide_block(layout, &rows)
    }

    /// Decides every row in order, side by side where they allow it; the counters after the last.
    fn decide(&self, layout: &Layout, mut batch: Batch<'_>, mut tell: impl FnMut(usize, i64, u16, u8)) -> Result<Counters, Refused> {
        let mut row = 0;
        while row < self.total.len() {
            if let Some(told) = self.decide_block(layout, &mut batch, row) {
                for four in told {
                    for (value, word) in four.values.into_iter().zip(four.rates_and_reasons) {
                        let [low, high, reason, _] = word.to_le_bytes();
                        tell(row, value.into(), u16::from_le_bytes([low, high]), reason);
                        row = row.wrapping_add(1);
                    }
                }
                continue;
            }
            let end = row.saturating_add(4 * FOURS).min(self.total.len());
            while row < end {
                let decided = self.row(row).and_then(|(receipt, shopper)| Ok(batch.decide(&receipt, &shopper)?));
                let Row { value, rate, reason, .. } = decided.map_err(|error| Refused::Row(row, error))?;
                tell(row, value.get(), rate.bp(), reason.place());
                row = row.wrapping_add(1);
            }
        }
        Ok(batch.counters())
    }
}

/// Fours of rows that are decided side by side.
const FOURS: usize = 4;

/// So many fours of a column from a row on.
fn fours<T: Copy, N: Copy + Default>(column: &[T], from: usize, convert: impl Fn(T) -> N) -> Option<[[N; 4]; FOURS]> {
    let block: &[T; 4 * FOURS] = column.get(from..)?.first_chunk()?;
    let mut numbers = [[N::default(); 4]; FOURS];
    for (place, number) in numbers.as_flattened_mut().iter_mut().zip(block) {
        *place = convert(*number);
    }
    Some(numbers)
}

/// Decides receipts in order (`award.batch`): each row with the counters that the one before left, the shopper its
/// own. `counters` goes in as the counters before the first row and comes out as those after the last; NULL for zero.
///
/// If a row is refused, nothing is written; the path names it: `rows[17].receipt.total`. The arrays must not overlap.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_award_columns(
    program: *const LoyaltyProgram,
    columns: *const LoyaltyColumns,
    merchant: *const LoyaltyMerchant,
    counters: *mut LoyaltyCounters,
    error: *mut LoyaltyError,
) -> i32 {
    let call = || {
        const NAME: &str = "columns";
        // SAFETY: passed on from the caller.
        let (program, columns) = unsafe { (proved(program)?, memory::input(columns, NAME)?) };
        let rows = usize::try_from(columns.rows).map_err(|_| Refused::Boundary(Boundary::Length, NAME, "rows"))?;
        clear(&columns, NAME)?;
        program.kernel().check_columns()?;
        let mechanism = program.terms().table.mechanism();
        let given = |column: *const i64| if column.is_null() { 0 } else { rows };
        let filled = |is_null: bool| if is_null { 0 } else { rows };
        // SAFETY: passed on from the caller.
        let (input, merchant, before, values, rates, reasons) = unsafe {
            let input = Rows {
                mechanism,
                total: memory::list(columns.total_rupiah, rows, "columns.total_rupiah")?,
                paid_by_voucher: memory::list(
                    columns.paid_by_voucher_rupiah,
                    given(columns.paid_by_voucher_rupiah),
                    "columns.paid_by_voucher_rupiah",
                )?,
                column: memory::list(columns.column, rows, "columns.column")?,
                prior_points_milli: memory::list(
                    columns.prior_points_milli,
                    given(columns.prior_points_milli),
                    "columns.prior_points_milli",
                )?,
                purchases: memory::list(columns.purchases, given(columns.purchases), "columns.purchases")?,
            };
            let merchant = memory::optional(merchant, "merchant")?.map_or(Ok(Merchant::default()), |merchant| merchant.merchant())?;
            let before =
                memory::optional(counters, "counters")?.map_or(Ok(Counters::default()), |counters| counters.counters(mechanism))?;
            let values = memory::list_mut(columns.value_rupiah, rows, "columns.value_rupiah")?;
            let rates = memory::list_mut(columns.rate_bp, filled(columns.rate_bp.is_null()), "columns.rate_bp")?;
            let reasons = memory::list_mut(columns.reason, filled(columns.reason.is_null()), "columns.reason")?;
            (input, merchant, before, values, rates, reasons)
        };
        // Once without writing, so that a refused row leaves everything as it was.
        let batch = || Batch::new(program, &merchant, before);
        let layout = Layout::new(program.kernel(), &merchant);
        input.decide(&layout, batch(), |_, _, _, _| {})?;
        let after = input.decide(&layout, batch(), |row, value, rate_bp, reason| {
            if let Some(place) = values.get_mut(row) {
                *place = value;
            }
            if let Some(place) = rates.get_mut(row) {
                *place = rate_bp;
            }
            if let (Some(place), Some(reason)) = (reasons.get_mut(row), Reason::ALL.get(usize::from(reason))) {
                *place = u8::try_from(reason_number(*reason)).unwrap_or_default();
            }
        })?;
        if !counters.is_null() {
            // SAFETY: passed on from the caller.
            let output = unsafe { Output::at(counters, "counters")? };
            let filled = LoyaltyCounters { struct_size: output.struct_size(), ..LoyaltyCounters::of(&after) };
            output.write(filled);
        }
        Ok(())
    };
    // SAFETY: passed on from the caller.
    unsafe { memory::answer(error, call) }
}
