//! The kernel: one program a module, awards in numbers, and nothing else.

use core::mem::MaybeUninit;

use loyalty_rules::award::{Counters, Kernel, Merchant, Play, Receipt, Shopper, decide};
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Count, Points, Rupiah};
use loyalty_rules::tables::Mechanism;

use crate::numbers::{LATE, REGISTERED, SUSPENDED, number, reason_number, rupiah};

/// Whether what picks the column is a digit or a slot.
const DIGIT: i32 = 8;
const SLOT: i32 = 16;

/// What a program keeps between calls, and what a call tells; bindings/npm/src/kernel.ts has the same places.
#[repr(C)]
struct Exchange {
    /// The merchant.
    fund_balance: f64,
    outstanding: f64,
    /// The counters, before and after: of the day, then awards and rupiah by slot.
    released_today: f64,
    awards_by_slot: [f64; 10],
    released_by_slot: [f64; 10],
    /// The award.
    rate_bp: f64,
    base: f64,
    value: f64,
    points_milli: f64,
    /// Of a refusal the field, the code, and the text in English and in Bahasa Indonesia: addresses and lengths.
    told: [[f64; 2]; 4],
    /// The bytes to be loaded; one more than there are tells that they are too many.
    bytes: [u8; Kernel::BYTES + 1],
}

static mut EXCHANGE: MaybeUninit<Exchange> = MaybeUninit::zeroed();
static mut KERNEL: MaybeUninit<Kernel> = MaybeUninit::zeroed();

/// The address of the exchange.
#[unsafe(no_mangle)]
pub extern "C" fn exchange() -> usize {
    (&raw const EXCHANGE).addr()
}

/// Loads the first bytes of the exchange's as a kernel. Returns its mechanism, 0 the stopwatch and 1 the time auction;
/// −1 for a refusal.
#[unsafe(no_mangle)]
pub extern "C" fn load(len: usize) -> i32 {
    // SAFETY: a module has one thread, and any bytes are an exchange.
    let bytes = unsafe { &(*(&raw const EXCHANGE).cast::<Exchange>()).bytes };
    match Kernel::from_bytes(bytes.get(..len).unwrap_or_default()) {
        Ok(kernel) => {
            let mechanism = kernel.mechanism();
            // SAFETY: as above; what stood there owns nothing.
            unsafe { (&raw mut KERNEL).cast::<Kernel>().write(kernel) };
            i32::from(mechanism == Mechanism::TimeAuction)
        }
        Err(error) => refused(error),
    }
}

/// Decides the award of one receipt (`award.decide`) for the merchant and after the counters of the exchange.
///
/// Returns the place of its reason, with bit 8 for an award; −1 for a refusal, and then the counters stay.
///
/// # Safety
/// A kernel is loaded.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn award(flags: i32, pick: f64, total: f64, paid_by_voucher: f64, prior_points_milli: f64, purchases: f64) -> i32 {
    // SAFETY: passed on from the caller; a module has one thread, and any bytes are an exchange.
    let (kernel, exchange) = unsafe { (&*(&raw const KERNEL).cast::<Kernel>(), &mut *(&raw mut EXCHANGE).cast::<Exchange>()) };
    exchange.award(kernel, flags, [pick, total, paid_by_voucher, prior_points_milli, purchases]).unwrap_or_else(refused)
}

impl Exchange {
    fn award(&mut self, kernel: &Kernel, flags: i32, [pick, total, paid, prior, purchases]: [f64; 5]) -> Result<i32, Error> {
        let has = |flag: i32| flags & flag != 0;
        let field = if has(SLOT) { "receipt.slot" } else { "receipt.digit" };
        let fields = [
            (pick, field),
            (total, "receipt.total"),
            (paid, "receipt.paid_by_voucher"),
            (prior, "shopper.prior_points_milli"),
            (purchases, "shopper.purchases"),
            (self.fund_balance, "merchant.fund_balance"),
            (self.outstanding, "merchant.outstanding"),
        ];
        let mut read = [Rupiah::ZERO; 7];
        for ((number, field), amount) in fields.iter().zip(&mut read) {
            *amount = rupiah(*number, field)?;
        }
        let [pick, total, paid, prior, purchases, fund_balance, outstanding] = read;
        let mechanism = if has(SLOT) { Mechanism::TimeAuction } else { Mechanism::Stopwatch };
        let play = if has(DIGIT | SLOT) { Play::picked(mechanism, pick.get()).map_err(|error| error.at(field))? } else { Play::Pending };
        let count = |count: Rupiah, field: &'static str| Count::new(count.get()).map_err(|error| error.at(field));
        let counter = |number: f64, field: &'static str| rupiah(number, field).and_then(|number| count(number, field));
        let by_slot = |numbers: &[f64; 10], field: &'static str| {
            let mut counts = [Count::ZERO; 10];
            for (count, number) in counts.iter_mut().zip(numbers) {
                *count = counter(*number, field)?;
            }
            Ok::<_, Error>(counts)
        };
        let counters = Counters {
            day: None,
            released_today: counter(self.released_today, "counters.released_today")?,
            awards_by_slot: by_slot(&self.awards_by_slot, "counters.awards_by_slot")?,
            released_by_slot: by_slot(&self.released_by_slot, "counters.released_by_slot")?,
        };
        let receipt = Receipt::new(total).paid_by_voucher(paid).with(play);
        let decided = decide(
            kernel,
            &if has(LATE) { receipt.late() } else { receipt },
            &Shopper { prior_points: Points::from_milli(prior.get())?, purchases: count(purchases, "shopper.purchases")? },
            &Merchant { suspended: has(SUSPENDED), registered: has(REGISTERED), fund_balance, outstanding },
            &counters,
        )?;
        let after = counters.after(decided.added());
        self.released_today = number(after.released_today.get());
        self.awards_by_slot = after.awards_by_slot.map(|count| number(count.get()));
        self.released_by_slot = after.released_by_slot.map(|count| number(count.get()));
        self.rate_bp = decided.rate().bp().into();
        self.base = number(decided.base().get());
        self.value = number(decided.value().get());
        self.points_milli = number(decided.points().milli());
        Ok(reason_number(decided.reason()))
    }
}

/// Tells a refusal.
#[cold]
fn refused(error: Error) -> i32 {
    let (field, ..) = error.field().parts();
    let fault = error.fault();
    let place = |place: usize| number(i64::try_from(place).unwrap_or_default());
    let texts = [field, fault.kind().name(), fault.english(), fault.indonesian()];
    // SAFETY: a module has one thread, and any bytes are an exchange.
    let exchange = unsafe { &mut *(&raw mut EXCHANGE).cast::<Exchange>() };
    exchange.told = texts.map(|text| [place(text.as_ptr().addr()), place(text.len())]);
    -1
}

/// What the facade itself refuses, by place; one a line, since xtask names the places for the facade.
const FACE: [Fault; 11] = [
    Fault::Bug,
    Fault::Missing,
    Fault::Unknown,
    Fault::WantsBool,
    Fault::WantsObject,
    Fault::WantsList,
    Fault::TwoColumns,
    Fault::UnequalColumns,
    Fault::CompiledHeader,
    Fault::CounterCount,
    Fault::SlotCountersOfStopwatch,
];

/// Tells what the facade refuses, without a field.
#[unsafe(no_mangle)]
pub extern "C" fn fault(place: usize) {
    refused(FACE.get(place).copied().unwrap_or(Fault::Bug).error());
}
