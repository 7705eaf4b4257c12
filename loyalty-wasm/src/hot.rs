//! The calls of every receipt: numbers in, numbers out, no allocation.

use core::slice;

use loyalty_rules::award::{Batch, Counters, Merchant, Play, Program, Receipt, Shopper, decide};
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Count, Points, Rupiah};
use loyalty_rules::tables::{Digit, Mechanism, Slot};

#[cfg(feature = "named")]
use crate::exchange::Text;
use crate::exchange::{self, Exchange, number, rupiah, small, whole};

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
        let mut receipt = Receipt::new(rupiah(total, "receipt.total")?)
            .paid_by_voucher(rupiah(paid_by_voucher, "receipt.paid_by_voucher")?)
            .with(asked_play(exchange, play)?);
        receipt.late = has(LATE);
        let shopper = exchange::shopper(prior_points_milli, purchases)?;
        let merchant = if has(WITH_MERCHANT) { exchange.merchant(has(SUSPENDED), has(REGISTERED))? } else { Merchant::default() };
        let counters = if has(WITH_COUNTERS) { exchange.counters()? } else { Counters::default() };
        let award = decide(program, &receipt, &shopper, &merchant, &counters)?;
        exchange.tell(&award);
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
        #[cfg(feature = "named")]
        AT => exchange.time(Text::At, "receipt.at").map(Play::At),
        #[cfg(feature = "named")]
        CLAIM => exchange.claim().map(Play::Claim),
        #[cfg(not(feature = "named"))]
        AT => Err(Fault::Unknown.error().at("receipt.at")),
        #[cfg(not(feature = "named"))]
        CLAIM => Err(Fault::Unknown.error().at("receipt.claim")),
        digit @ ..SLOT => picked(Mechanism::Stopwatch, digit.into()).map_err(|error| error.at("receipt.digit")),
        slot => picked(Mechanism::TimeAuction, slot.wrapping_sub(SLOT).into()).map_err(|error| error.at("receipt.slot")),
    }
}

/// A digit or a slot, by the mechanism.
#[inline]
fn picked(mechanism: Mechanism, column: i64) -> Result<Play, Error> {
    match mechanism {
        Mechanism::Stopwatch => Digit::new(small(column)).map(Play::Digit),
        Mechanism::TimeAuction => Slot::new(small(column)).map(Play::Slot),
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
        let input = Input { total: column(0), prior: column(1), paid: column(2), purchases: column(3), picks: slice::from_raw_parts(picks, rows) };
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

/// What is read and written of one row.
struct Row<'a> {
    total: f64,
    prior: f64,
    paid: f64,
    purchases: f64,
    pick: i8,
    value: &'a mut f64,
    rate: &'a mut u16,
    reason: &'a mut u8,
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
    let merchant = if has(WITH_MERCHANT) { exchange.merchant(has(SUSPENDED), has(REGISTERED)).map_err(whole_batch)? } else { Merchant::default() };
    let counters = if has(WITH_COUNTERS) { exchange.counters().map_err(whole_batch)? } else { Counters::default() };
    let mechanism = program.terms().table.mechanism();
    let mut batch = Batch::new(program, &merchant, counters);
    let Output { value, rate, reason } = output;
    let outputs = value.iter_mut().zip(rate.iter_mut()).zip(reason.iter_mut());
    let inputs = input.total.iter().zip(input.prior).zip(input.paid.iter().zip(input.purchases)).zip(input.picks);
    let mut refused = None;
    for (row, ((((total, prior), (paid, purchases)), pick), ((value, rate), reason))) in inputs.zip(outputs).enumerate() {
        let mut one = Row { total: *total, prior: *prior, paid: 0.0, purchases: 0.0, pick: *pick, value, rate, reason };
        if has(WITH_PAID) {
            one.paid = *paid;
        }
        if has(WITH_PURCHASES) {
            one.purchases = *purchases;
        }
        if refused.is_some() {
            (*one.value, *one.rate, *one.reason) = (0.0, 0, 0);
        } else if let Err(error) = decide_row(&mut batch, mechanism, &mut one) {
            (*one.value, *one.rate, *one.reason) = (0.0, 0, 0);
            refused = Some((Some(row), error));
        }
    }
    exchange.tell_counters(batch.counters());
    refused.map_or(Ok(()), Err)
}

#[inline]
fn decide_row(batch: &mut Batch<'_>, mechanism: Mechanism, row: &mut Row<'_>) -> Result<(), Error> {
    let play = match (mechanism, row.pick) {
        (Mechanism::Stopwatch, -1) => Play::Pending,
        (_, pick) => picked(mechanism, pick.into()).map_err(|error| error.at("column"))?,
    };
    let total = whole(row.total).and_then(Rupiah::new).map_err(|error| error.at("total"))?;
    let paid = whole(row.paid).and_then(Rupiah::new).map_err(|error| error.at("paid_by_voucher"))?;
    let shopper = Shopper {
        prior_points: whole(row.prior).and_then(Points::from_milli).map_err(|error| error.at("prior_points_milli"))?,
        purchases: whole(row.purchases).and_then(Count::new).map_err(|error| error.at("purchases"))?,
    };
    let decided = batch.decide(&Receipt::new(total).paid_by_voucher(paid).with(play), &shopper)?;
    *row.value = number(decided.value.get());
    *row.rate = decided.rate.bp();
    *row.reason = exchange::row_number(decided);
    Ok(())
}

/// Tells the texts of a fault: in the numbers of the exchange address and length of its kind's name, and of its text in
/// English and in Bahasa Indonesia. Returns 0, or −1 if there is no such fault.
///
/// # Safety
/// The address is of an exchange.
#[cfg(feature = "named")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_fault(fault: usize, exchange: *mut Exchange) -> i32 {
    // SAFETY: passed on from the caller; any bytes are an exchange.
    let exchange = unsafe { &mut *exchange };
    let Some(fault) = Fault::ALL.get(fault) else { return -1 };
    let texts = [fault.kind().name(), fault.english(), fault.indonesian()];
    for (place, text) in exchange.numbers.chunks_mut(2).zip(texts) {
        let pair = [text.as_ptr().addr(), text.len()];
        for (place, part) in place.iter_mut().zip(pair) {
            *place = number(i64::try_from(part).unwrap_or_default());
        }
    }
    0
}
