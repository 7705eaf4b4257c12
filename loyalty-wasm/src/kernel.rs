//! The kernel: one program a module, awards in numbers, and nothing else.

use core::mem::MaybeUninit;

use loyalty_rules::award::{Batch, Counters, Kernel, Merchant};
use loyalty_rules::error::{Error, Fault};

use crate::given::{AwardNumbers, CounterNumbers, Given, Reader};
use crate::numbers::{mechanism_number, number, reason_number};

/// What a program keeps between calls, and what a call tells; bindings/npm/src/kernel.ts has the same places.
#[repr(C)]
struct Exchange {
    award: AwardNumbers,
    /// The receipt and the state before it; the counters are afterwards those after it.
    given: Given,
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

/// Loads the first bytes of the exchange's as a kernel. Returns the place of its mechanism; −1 for a refusal.
/// What a shopper carries it does not tell, so it takes no points whose rest is carried.
#[unsafe(no_mangle)]
pub extern "C" fn load(len: usize) -> i32 {
    // SAFETY: a module has one thread, and any bytes are an exchange.
    let bytes = unsafe { &(*(&raw const EXCHANGE).cast::<Exchange>()).bytes };
    let loaded = Kernel::from_bytes(bytes.get(..len).unwrap_or_default());
    match loaded.and_then(|kernel| kernel.check_columns().map(|()| kernel)) {
        Ok(kernel) => {
            let mechanism = kernel.mechanism();
            // SAFETY: as above; what stood there owns nothing.
            unsafe { (&raw mut KERNEL).cast::<Kernel>().write(kernel) };
            mechanism_number(mechanism)
        }
        Err(error) => refused(error),
    }
}

/// Decides the award of one receipt (`award.decide`); `play` is what picks its column. `more` tells whether the exchange holds
/// more of it than the numbers: whether it is late, the merchant and the counters.
///
/// Returns the place of its reason, with bit 8 for an award; −1 for a refusal, and then the counters stay.
///
/// # Safety
/// A kernel is loaded.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn award(
    play: i32,
    more: i32,
    pick: f64,
    total: f64,
    paid_by_voucher: f64,
    prior_points_milli: f64,
    purchases: f64,
) -> i32 {
    // SAFETY: passed on from the caller; a module has one thread, and any bytes are an exchange.
    let (kernel, exchange) = unsafe { (&*(&raw const KERNEL).cast::<Kernel>(), &mut *(&raw mut EXCHANGE).cast::<Exchange>()) };
    let numbers = [pick, total, prior_points_milli, purchases, paid_by_voucher];
    exchange.award(kernel, play, more, numbers).unwrap_or_else(refused)
}

impl Exchange {
    fn award(&mut self, kernel: &Kernel, play: i32, more: i32, numbers: [f64; 5]) -> Result<i32, Error> {
        if more == 0 {
            self.given = Given::NONE;
        }
        self.given.put(numbers);
        let (given, mut reader) = (&self.given, Reader::default());
        let mut receipt = given.receipt(&mut reader);
        receipt.play = given.picked(play, &mut reader);
        let shopper = given.shopper.read(&mut reader);
        let (merchant, counters) = if more == 0 {
            (Merchant::default(), Counters::NONE)
        } else {
            (given.merchant.read(&mut reader), given.counters.read(kernel.mechanism(), None, &mut reader))
        };
        reader.finish(())?;
        let mut batch = Batch::new(kernel, &merchant, counters);
        let row = batch.decide(&receipt, &shopper)?;
        self.award = AwardNumbers {
            rate_bp: row.rate.bp().into(),
            base: number(row.base.get()),
            value: number(row.value.get()),
            points_milli: number(row.points.milli()),
        };
        self.given.counters = CounterNumbers::from(&batch.counters());
        Ok(reason_number(row.reason))
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

/// What the facade itself refuses, by place; one a line, since xtask names the places for the facade. What text.rs has, too,
/// has the same place there.
const FACE: [Fault; 10] = [
    Fault::Bug,
    Fault::Missing,
    Fault::Unknown,
    Fault::WantsBool,
    Fault::WantsObject,
    Fault::WantsList,
    Fault::TwoColumns,
    Fault::UnequalColumns,
    Fault::CounterCount,
    Fault::CompiledHeader,
];

/// Tells what the facade refuses, without a field.
#[unsafe(no_mangle)]
pub extern "C" fn fault(place: usize) {
    refused(FACE.get(place).copied().unwrap_or(Fault::Bug).error());
}
