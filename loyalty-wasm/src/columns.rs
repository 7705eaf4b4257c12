//! Receipts in columns: rows are rated in place, four abreast where they allow it.

use core::slice;

use loyalty_rules::award::{Batch, Layout, Merchant, Play, Receipt, Rows, Shopper};
use loyalty_rules::error::Error;
use loyalty_rules::quantity::{Count, Points, Rupiah};
use loyalty_rules::tables::Mechanism;

use crate::exchange::{self, Exchange};
use crate::given::Reader;
use crate::numbers::{number, whole};
use crate::program::Loaded;

const WITH_PAID: i32 = 1;
const WITH_PURCHASES: i32 = 2;

/// Decides receipts in columns, in order (`award.batch`). From `columns` on stand, each of `rows` numbers: totals,
/// points held, what was paid by voucher, purchases, then the values to be told, their rates (u16), what picks the
/// column (i8), and the reasons to be told (u8).
///
/// Returns 0, or below zero as `loyalty_award`; a refused row leaves the values 0 from there on.
///
/// # Safety
/// The addresses are of a proved program, of an exchange, and of 44 bytes a row, aligned to 8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_award_columns(
    program: *const Loaded,
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

#[derive(Clone, Copy)]
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
    loaded: &Loaded,
    exchange: &mut Exchange,
    flags: i32,
    input: &Input<'_>,
    mut output: Output<'_>,
) -> Result<(), (Option<usize>, Error)> {
    let has = |flag: i32| flags & flag != 0;
    let mut reader = Reader::default();
    let read = (exchange.given.merchant.read(&mut reader), exchange.counters(loaded.program.kernel().mechanism(), &mut reader));
    let (merchant, counters) = reader.finish(read).map_err(|error| (None, error))?;
    loaded.program.kernel().check_columns().map_err(|error| (None, error))?;
    let mut batch = Batch::new(&loaded.program, &merchant, counters);
    let of_merchant = (merchant != Merchant::default()).then(|| Layout::new(loaded.program.kernel(), &merchant));
    let layout = of_merchant.as_ref().unwrap_or(&loaded.layout);
    let mut row = 0;
    let mut decided = Ok(());
    while decided.is_ok() && row < input.total.len() {
        row = if has(WITH_PAID | WITH_PURCHASES) {
            decide_blocks::<true>(layout, &mut batch, flags, input, &mut output, row)
        } else {
            decide_blocks::<false>(layout, &mut batch, flags, input, &mut output, row)
        };
        let end = row.saturating_add(4 * FOURS).min(input.total.len());
        while decided.is_ok() && row < end {
            decided = decide_row(&mut batch, loaded.mechanism, flags, input, &mut output, row).map_err(|error| (Some(row), error));
            row = row.wrapping_add(usize::from(decided.is_ok()));
        }
    }
    output.clear(row);
    exchange.tell_counters(&batch.counters());
    decided
}

/// Fours of rows that are decided side by side.
const FOURS: usize = 3;

/// Decides rows side by side up to the first that must go one by one, and tells where that is. `MORE` tells whether what
/// was paid by voucher and purchases may be given.
#[inline(never)]
fn decide_blocks<const MORE: bool>(
    layout: &Layout,
    batch: &mut Batch<'_>,
    flags: i32,
    input: &Input<'_>,
    output: &mut Output<'_>,
    from: usize,
) -> usize {
    let columns = blocks(input.total, from).zip(blocks(input.prior, from)).zip(blocks(input.picks, from));
    let more = blocks(input.paid, from).zip(blocks(input.purchases, from));
    let outputs = blocks_mut(output.value, from).zip(blocks_mut(output.rate, from)).zip(blocks_mut(output.reason, from));
    let mut row = from;
    for ((((totals, priors), picks), (paid, purchases)), ((values, rates), reasons)) in columns.zip(more).zip(outputs) {
        let if_used = |flag: i32, column: &Block<f64>| {
            if MORE && flags & flag != 0 { column.each_ref().map(exchange::narrow) } else { [[0; 4]; FOURS] }
        };
        let rows = Rows {
            totals: totals.each_ref().map(exchange::narrow),
            points_milli: priors.each_ref().map(exchange::narrow),
            paid_by_voucher: if_used(WITH_PAID, paid),
            purchases: if_used(WITH_PURCHASES, purchases),
            picks,
        };
        let Some(told) = batch.decide_block(layout, &rows) else { break };
        // By reference: an iterator over the array itself would keep it, and its own state, in memory.
        for (((told, values), rates), reasons) in told.iter().zip(values.iter_mut()).zip(rates.iter_mut()).zip(reasons.iter_mut()) {
            exchange::widen(*told, values, rates, reasons);
        }
        row = row.wrapping_add(4 * FOURS);
    }
    row
}

type Block<T> = [[T; 4]; FOURS];

/// The column from a row on, in blocks.
fn blocks<T>(column: &[T], from: usize) -> impl Iterator<Item = &Block<T>> {
    let column = column.get(from..).unwrap_or_default();
    // SAFETY: a block is so many numbers one after the other.
    unsafe { slice::from_raw_parts(column.as_ptr().cast::<Block<T>>(), column.len() / (4 * FOURS)) }.iter()
}

fn blocks_mut<T>(column: &mut [T], from: usize) -> impl Iterator<Item = &mut Block<T>> {
    let column = column.get_mut(from..).unwrap_or_default();
    // SAFETY: a block is so many numbers one after the other.
    unsafe { slice::from_raw_parts_mut(column.as_mut_ptr().cast::<Block<T>>(), column.len() / (4 * FOURS)) }.iter_mut()
}

#[cold]
#[inline(never)]
fn decide_row(
    batch: &mut Batch<'_>,
    mechanism: Mechanism,
    flags: i32,
    input: &Input<'_>,
    output: &mut Output<'_>,
    row: usize,
) -> Result<(), Error> {
    let at = |column: &[f64]| column.get(row).copied().unwrap_or_default();
    let if_used = |flag: i32, column: &[f64]| if flags & flag != 0 { at(column) } else { 0.0 };
    let pick = input.picks.get(row).copied().unwrap_or_default();
    let play = Play::in_column(mechanism, pick.into()).map_err(|error| error.at("column"))?;
    let total = whole(at(input.total)).and_then(Rupiah::new).map_err(|error| error.at("total"))?;
    let paid = whole(if_used(WITH_PAID, input.paid)).and_then(Rupiah::new).map_err(|error| error.at("paid_by_voucher"))?;
    let points = whole(at(input.prior)).and_then(Points::from_milli).map_err(|error| error.at("prior_points_milli"))?;
    let purchases = whole(if_used(WITH_PURCHASES, input.purchases)).and_then(Count::new).map_err(|error| error.at("purchases"))?;
    let decided = batch.decide(&Receipt::new(total).paid_by_voucher(paid).with(play), &Shopper::new(points, purchases))?;
    if let (Some(value), Some(rate), Some(reason)) = (output.value.get_mut(row), output.rate.get_mut(row), output.reason.get_mut(row)) {
        (*value, *rate, *reason) = (number(decided.value.get()), decided.rate.bp(), decided.reason.place());
    }
    Ok(())
}

impl Output<'_> {
    /// Tells nothing from a row on.
    fn clear(&mut self, from: usize) {
        self.value.get_mut(from..).unwrap_or_default().fill(0.0);
        self.rate.get_mut(from..).unwrap_or_default().fill(0);
        self.reason.get_mut(from..).unwrap_or_default().fill(0);
    }
}
