//! The calls of every receipt: numbers in, numbers out, no allocation.

use core::slice;

use loyalty_rules::award::{Batch, Counters, Merchant, Play, Program, Receipt, Row, Shopper, decide};
use loyalty_rules::error::Error;
use loyalty_rules::quantity::{Count, Points, Rupiah};
use loyalty_rules::tables::Mechanism;

use crate::exchange::{self, Exchange, Text, number, rupiah, whole};

/// How a play reaches a call: a digit as it is, a slot above 16, or one of these.
const PENDING: i32 = -1;
const SLOT: i32 = 16;
const AT: i32 = 32;
const CLAIM: i32 = 33;

const LATE: i32 = 1;
const SUSPENDED: i32 = 2;
const REGISTERED: i32 = 4;
const WITH_MERCHANT: i32 = 8;
const WITH_COUNTERS: i32 = 16;
const DETAILS: i32 = 32;
const WITH_PAID: i32 = 64;
const WITH_PURCHASES: i32 = 128;

/// The place of a value in the list of all.
pub fn place<T: PartialEq>(all: &[T], value: &T) -> usize {
    all.iter().position(|known| known == value).unwrap_or(all.len())
}

/// The bytes that a program takes in memory.
#[unsafe(no_mangle)]
pub extern "C" fn loyalty_program_size() -> usize {
    size_of::<Program>()
}

/// The bytes that an exchange takes in memory.
#[unsafe(no_mangle)]
pub extern "C" fn loyalty_exchange_size() -> usize {
    size_of::<Exchange>()
}

/// Proves compiled bytes again and places their program in memory.
///
/// # Safety
/// The addresses are of memory that the facade reserved for them: a program, `len` bytes, an exchange.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_load(program: *mut Program, compiled: *const u8, len: usize, exchange: *mut Exchange) -> i32 {
    // SAFETY: passed on from the caller; any bytes are an exchange.
    let (compiled, exchange) = unsafe { (slice::from_raw_parts(compiled, len), &mut *exchange) };
    match Program::from_compiled(compiled) {
        Ok(loaded) => {
            // SAFETY: passed on from the caller; a program before it owns nothing.
            unsafe { program.write(loaded) };
            0
        }
        Err(error) => exchange.refuse(error, None),
    }
}

/// The mechanism of a program: 0 the stopwatch, 1 the time auction.
///
/// # Safety
/// The address is of a loaded program.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_mechanism(program: *const Program) -> i32 {
    // SAFETY: passed on from the caller.
    let program = unsafe { &*program };
    i32::from(program.terms().table.mechanism() == Mechanism::TimeAuction)
}

/// Decides the award of one receipt (`award.decide`).
///
/// Returns the place of its reason, with bit 8 for an award; below zero the place of a fault, counted from −1.
///
/// # Safety
/// The addresses are of a loaded program and of an exchange.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_award(
    program: *const Program,
    exchange: *mut Exchange,
    play: i32,
    flags: i32,
    total: f64,
    paid_by_voucher: f64,
    prior_points_milli: f64,
    purchases: f64,
) -> i32 {
    // SAFETY: passed on from the caller; any bytes are an exchange.
    let (program, exchange) = unsafe { (&*program, &mut *exchange) };
    let has = |flag: i32| flags & flag != 0;
    let mut award = || {
        let receipt = Receipt::new(rupiah(total, "receipt.total")?)
            .paid_by_voucher(rupiah(paid_by_voucher, "receipt.paid_by_voucher")?)
            .with(asked_play(exchange, play)?);
        let shopper = exchange::shopper(prior_points_milli, purchases)?;
        if flags == 0 {
            // A batch of one: it tells less, and is faster.
            let row = Batch::new(program, &Merchant::default(), Counters::default()).decide(&receipt, &shopper)?;
            exchange.tell(row, program.terms().point_value.points(row.value)?);
            return Ok(exchange::reason_number(row.reason));
        }
        let receipt = if has(LATE) { receipt.late() } else { receipt };
        let merchant = if has(WITH_MERCHANT) { exchange.merchant(has(SUSPENDED), has(REGISTERED))? } else { Merchant::default() };
        let counters = if has(WITH_COUNTERS) { exchange.counters()? } else { Counters::default() };
        let award = decide(program, &receipt, &shopper, &merchant, &counters)?;
        exchange.tell(award.into(), award.points());
        if has(DETAILS) {
            exchange.tell_details(&award)?;
        }
        Ok(exchange::reason_number(award.reason()))
    };
    match award() {
        Ok(reason) => reason,
        Err(error) => exchange.refuse(error, None),
    }
}

#[inline]
fn asked_play(exchange: &Exchange, play: i32) -> Result<Play, Error> {
    match play {
        PENDING => Ok(Play::Pending),
        AT => exchange.time(Text::At, "receipt.at").map(Play::At),
        CLAIM => exchange.claim().map(Play::Claim),
        digit @ ..SLOT => Play::picked(Mechanism::Stopwatch, digit.into()).map_err(|error| error.at("receipt.digit")),
        slot => Play::picked(Mechanism::TimeAuction, slot.wrapping_sub(SLOT).into()).map_err(|error| error.at("receipt.slot")),
    }
}

/// Splits a value among the funding parties of a program (`split.allocate`): their number, 0 without funding.
///
/// # Safety
/// The addresses are of a loaded program and of an exchange.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_parts(program: *const Program, exchange: *mut Exchange, value: f64) -> i32 {
    // SAFETY: passed on from the caller; any bytes are an exchange.
    let (program, exchange) = unsafe { (&*program, &mut *exchange) };
    let value = match rupiah(value, "value") {
        Ok(value) => value,
        Err(error) => return exchange.refuse(error, None),
    };
    let Some(funding) = &program.terms().funding else { return 0 };
    let parts = funding.split(value);
    for (place, part) in exchange.numbers.iter_mut().zip(parts.as_slice()) {
        *place = number(part.get());
    }
    i32::try_from(parts.as_slice().len()).unwrap_or_default()
}

/// Decides receipts in columns, in order (`award.batch`). From `columns` on stand, each of `rows` numbers: totals,
/// points held, what was paid by voucher, purchases, then the values to be told, their rates (u16), what picks the
/// column (i8), and the reasons to be told (u8).
///
/// Returns 0, or below zero as `loyalty_award`; a refused row leaves the values 0 from there on.
///
/// # Safety
/// The addresses are of a loaded program, of an exchange, and of 44 bytes a row, aligned to 8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_award_columns(
    program: *const Program,
    exchange: *mut Exchange,
    flags: i32,
    columns: *mut f64,
    rows: usize,
) -> i32 {
    // SAFETY: passed on from the caller; the columns do not overlap, and any bytes are numbers.
    let (program, exchange, input, output) = unsafe {
        let column = |index: usize| slice::from_raw_parts(columns.add(rows.wrapping_mul(index)), rows);
        let rates = columns.add(rows.wrapping_mul(5)).cast::<u16>();
        let picks = rates.add(rows).cast::<i8>();
        let input =
            Input { total: column(0), prior: column(1), paid: column(2), purchases: column(3), picks: slice::from_raw_parts(picks, rows) };
        let output = Output {
            value: slice::from_raw_parts_mut(columns.add(rows.wrapping_mul(4)), rows),
            rate: slice::from_raw_parts_mut(rates, rows),
            reason: slice::from_raw_parts_mut(picks.add(rows).cast::<u8>(), rows),
        };
        (&*program, &mut *exchange, input, output)
    };
    match decide_columns(program, exchange, flags, &input, output) {
        Ok(()) => 0,
        Err((row, error)) => exchange.refuse(error, row),
    }
}

struct Input<'a> {
    total: &'a [f64],
    prior: &'a [f64],
    paid: &'a [f64],
    purchases: &'a [f64],
    picks: &'a [i8],
}

struct Output<'a> {
    value: &'a mut [f64],
    rate: &'a mut [u16],
    reason: &'a mut [u8],
}

fn decide_columns(
    program: &Program,
    exchange: &mut Exchange,
    flags: i32,
    input: &Input<'_>,
    output: Output<'_>,
) -> Result<(), (Option<usize>, Error)> {
    let has = |flag: i32| flags & flag != 0;
    let whole_batch = |error: Error| (None, error);
    let merchant =
        if has(WITH_MERCHANT) { exchange.merchant(has(SUSPENDED), has(REGISTERED)).map_err(whole_batch)? } else { Merchant::default() };
    let counters = if has(WITH_COUNTERS) { exchange.counters().map_err(whole_batch)? } else { Counters::default() };
    let mut batch = Batch::new(program, &merchant, counters);
    let decided = match (program.terms().table.mechanism(), flags & (WITH_PAID | WITH_PURCHASES)) {
        (Mechanism::Stopwatch, 0) => decide_rows::<true, false>(&mut batch, flags, input, output),
        (Mechanism::TimeAuction, 0) => decide_rows::<false, false>(&mut batch, flags, input, output),
        (Mechanism::Stopwatch, _) => decide_rows::<true, true>(&mut batch, flags, input, output),
        (Mechanism::TimeAuction, _) => decide_rows::<false, true>(&mut batch, flags, input, output),
    };
    exchange.tell_counters(batch.counters());
    decided.map_err(|(row, error)| (Some(row), error))
}

/// Decides the rows, compiled for each mechanism, and for the two columns that may be left out.
fn decide_rows<const IS_STOPWATCH: bool, const HAS_MORE: bool>(
    batch: &mut Batch<'_>,
    flags: i32,
    input: &Input<'_>,
    output: Output<'_>,
) -> Result<(), (usize, Error)> {
    let has = |flag: i32| flags & flag != 0;
    let Output { value, rate, reason } = output;
    let mut tell = value.iter_mut().zip(rate).zip(reason);
    let rows = input.total.iter().zip(input.prior).zip(input.picks).zip(input.paid.iter().zip(input.purchases));
    // The output comes second, so that a row that is refused has not taken its place yet.
    let mut rows = rows.enumerate();
    let refused = rows.try_for_each(|(row, (((total, prior), pick), (paid, purchases)))| {
        let paid = if HAS_MORE && has(WITH_PAID) { *paid } else { 0.0 };
        let purchases = if HAS_MORE && has(WITH_PURCHASES) { *purchases } else { 0.0 };
        let decided = decide_row::<IS_STOPWATCH>(batch, *total, *prior, *pick, paid, purchases).map_err(|error| (row, error))?;
        if let Some(((value, rate), reason)) = tell.next() {
            (*value, *rate, *reason) = (number(decided.value.get()), decided.rate.bp(), exchange::row_number(decided));
        }
        Ok(())
    });
    for ((value, rate), reason) in tell {
        (*value, *rate, *reason) = (0.0, 0, 0);
    }
    refused
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "a row would be returned through memory")]
fn decide_row<const IS_STOPWATCH: bool>(
    batch: &mut Batch<'_>,
    total: f64,
    prior: f64,
    pick: i8,
    paid: f64,
    purchases: f64,
) -> Result<Row, Error> {
    let mechanism = if IS_STOPWATCH { Mechanism::Stopwatch } else { Mechanism::TimeAuction };
    let play = if IS_STOPWATCH && pick == -1 {
        Play::Pending
    } else {
        Play::picked(mechanism, pick.into()).map_err(|error| error.at("column"))?
    };
    let total = whole(total).and_then(Rupiah::new).map_err(|error| error.at("total"))?;
    let paid = whole(paid).and_then(Rupiah::new).map_err(|error| error.at("paid_by_voucher"))?;
    let shopper = Shopper {
        prior_points: whole(prior).and_then(Points::from_milli).map_err(|error| error.at("prior_points_milli"))?,
        purchases: whole(purchases).and_then(Count::new).map_err(|error| error.at("purchases"))?,
    };
    batch.decide(&Receipt::new(total).paid_by_voucher(paid).with(play), &shopper)
}
