//! What the facade gives a call: the fields of the lists of `loyalty_rules::fields`, each as numbers at its place.

use loyalty_rules::award::{Counters, Merchant, Play, Receipt, Shopper};
use loyalty_rules::calendar::Date;
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::{Count, Points, Rate, Rupiah};
use loyalty_rules::tables::Mechanism;

use crate::numbers::{number, whole};

/// What picks the column: a number that the host vouches for.
pub const DIGIT: i32 = 1;
pub const SLOT: i32 = 2;

/// Whether numbers by slot are given, 1 or 0, and the ten numbers.
pub type SlotNumbers = [f64; 11];

/// The numbers of a field.
macro_rules! numbers {
    (by_slot) => {
        SlotNumbers
    };
    ($kind:ident) => {
        f64
    };
}

/// Declares a struct with the numbers of a list.
macro_rules! listed {
    ($struct:ident $($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        #[repr(C)]
        #[derive(Clone, Copy, Debug)]
        pub struct $struct { $($(#[doc = $doc])* pub $json: numbers!($kind),)* }
    };
}
loyalty_rules::fields!(receipt listed ReceiptNumbers);
loyalty_rules::fields!(shopper listed ShopperNumbers);
loyalty_rules::fields!(merchant listed MerchantNumbers);
loyalty_rules::fields!(counters listed CounterNumbers);
loyalty_rules::fields!(award listed AwardNumbers);

/// Declares the numbers of an award as integers of 32 bits.
#[cfg(feature = "program")]
macro_rules! small {
    ($($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        /// The numbers of an award as integers of 32 bits, if all fit. JavaScript engines keep these without an object each.
        #[repr(C)]
        #[derive(Clone, Copy, Debug)]
        pub struct SmallAward { $($(#[doc = $doc])* pub $json: i32,)* }

        impl SmallAward {
            /// The numbers, if all are as small as that.
            pub fn of(award: &AwardNumbers) -> Option<Self> {
                Some(Self { $($json: crate::numbers::integer(award.$json)?,)* })
            }
        }
    };
}
#[cfg(feature = "program")]
loyalty_rules::fields!(award small);

/// The numbers of a receipt and of the state before it; xtask writes the same places for the facade.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// The digit or the slot.
    pub pick: f64,
    pub total: f64,
    /// The seconds of a claim.
    pub countdown_s: f64,
    pub receipt: ReceiptNumbers,
    pub shopper: ShopperNumbers,
    pub merchant: MerchantNumbers,
    pub counters: CounterNumbers,
}

/// Reads numbers. The first refusal is kept; what stands in for a refused number is never decided on.
#[derive(Debug, Default)]
pub struct Reader {
    refused: Option<Error>,
}

impl Reader {
    /// What is proved, or what stands in for it.
    #[inline]
    pub fn proved<T>(&mut self, proved: Result<T, Error>, instead: T, field: impl Into<Field>) -> T {
        proved.unwrap_or_else(|error| {
            self.refuse(error, field.into());
            instead
        })
    }

    #[cold]
    #[inline(never)]
    fn refuse(&mut self, error: Error, field: Field) {
        self.refused.get_or_insert(error.at(field));
    }

    /// What was read, unless something was refused.
    #[inline]
    pub fn finish<T>(self, read: T) -> Result<T, Error> {
        self.refused.map_or(Ok(read), Err)
    }
}

/// A value of the rules as numbers of the facade.
pub trait Plain {
    type Numbers;

    fn read(numbers: &Self::Numbers, field: &'static str, reader: &mut Reader) -> Self;
    fn numbers(&self) -> Self::Numbers;
}

macro_rules! plain {
    ($($type:ty: $none:expr, |$read:ident| $proved:expr, |$value:ident| $numbers:expr;)*) => {$(
        impl Plain for $type {
            type Numbers = f64;

            #[inline]
            fn read(numbers: &f64, field: &'static str, reader: &mut Reader) -> Self {
                #[inline(never)]
                fn some($read: f64, field: &'static str, reader: &mut Reader) -> $type {
                    reader.proved($proved, $none, field)
                }

                // Most numbers of a call are zero.
                if *numbers == 0.0 { $none } else { some(*numbers, field, reader) }
            }

            #[inline]
            fn numbers(&self) -> f64 {
                let $value = *self;
                $numbers
            }
        }
    )*};
}
plain! {
    Rupiah: Rupiah::ZERO, |number| whole(number).and_then(Rupiah::new), |rupiah| number(rupiah.get());
    Points: Points::ZERO, |number| whole(number).and_then(Points::from_milli), |points| number(points.milli());
    Count: Count::ZERO, |number| whole(number).and_then(Count::new), |count| number(count.get());
    Rate: Rate::ZERO, |number| whole(number).and_then(|bp| Rate::from_bp(u16::try_from(bp).unwrap_or(u16::MAX))), |rate| rate.bp().into();
    bool: false, |number| if matches!(whole(number), Ok(1)) { Ok(true) } else { Err(Fault::WantsBool.error()) }, |truth| truth.into();
}

/// Numbers by slot, if they are given.
#[inline(never)]
fn read_slots([is_given, numbers @ ..]: &SlotNumbers, field: &'static str, reader: &mut Reader) -> Option<[Count; 10]> {
    let mut counts = [Count::ZERO; 10];
    for (index, (count, number)) in counts.iter_mut().zip(numbers).enumerate().filter(|(_, (_, number))| **number != 0.0) {
        *count = reader.proved(whole(*number).and_then(Count::new), Count::ZERO, Field::entry(field, index));
    }
    (*is_given != 0.0).then_some(counts)
}

/// Counters as numbers, as a call reads them again.
macro_rules! counter {
    (read by_slot $numbers:expr, $field:expr, $mechanism:ident, $reader:ident) => {{
        let given = read_slots(&$numbers, $field, $reader);
        $reader.proved(Counters::by_slot($mechanism, given), [Count::ZERO; 10], $field)
    }};
    (read $kind:ident $numbers:expr, $field:expr, $mechanism:ident, $reader:ident) => {
        Plain::read(&$numbers, $field, $reader)
    };
    (write by_slot $counts:expr) => {{
        let mut numbers = [0.0; 11];
        let [is_given, rest @ ..] = &mut numbers;
        *rest = $counts.map(|count| number(count.get()));
        *is_given = ($counts != [Count::ZERO; 10]).into();
        numbers
    }};
    (write $kind:ident $count:expr) => {
        $count.numbers()
    };
}

/// Reads the numbers of a list into a value of the rules, or tells them.
macro_rules! each {
    (read $value:ident $numbers:ident $reader:ident $object:literal
        $($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        $($value.$name = Plain::read(&$numbers.$json, concat!($object, ".", stringify!($json)), $reader);)*
    };
    (write $value:ident $($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        Self { $($json: $value.$name.numbers()),* }
    };
    (read_counters $value:ident $numbers:ident $mechanism:ident $reader:ident
        $($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        $($value.$name = counter!(read $kind $numbers.$json, concat!("counters.", stringify!($json)), $mechanism, $reader);)*
    };
    (write_counters $value:ident $($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        Self { $($json: counter!(write $kind $value.$name)),* }
    };
    (tell $value:ident $($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        Self { $($json: $value.$name().numbers()),* }
    };
}

impl Given {
    /// Nothing given.
    // SAFETY: any bytes are numbers.
    pub const NONE: Self = unsafe { core::mem::zeroed() };

    /// Puts the numbers of a call at their places: the pick, the total, points held, purchases, what vouchers paid.
    pub const fn put(&mut self, numbers: [f64; 5]) {
        [self.pick, self.total, self.shopper.prior_points_milli, self.shopper.purchases, self.receipt.paid_by_voucher] = numbers;
    }

    /// The receipt, not played yet.
    pub fn receipt(&self, reader: &mut Reader) -> Receipt {
        let mut receipt = Receipt::new(Rupiah::read(&self.total, "receipt.total", reader));
        let numbers = &self.receipt;
        loyalty_rules::fields!(receipt each read receipt numbers reader "receipt");
        receipt
    }

    /// The digit or the slot that picks the column, if `play` says that one does.
    pub fn picked(&self, play: i32, reader: &mut Reader) -> Play {
        let (mechanism, field) = match play {
            DIGIT => (Mechanism::Stopwatch, "receipt.digit"),
            SLOT => (Mechanism::TimeAuction, "receipt.slot"),
            _ => return Play::Pending,
        };
        reader.proved(whole(self.pick).and_then(|pick| Play::picked(mechanism, pick)), Play::Pending, field)
    }
}

impl ShopperNumbers {
    pub fn read(&self, reader: &mut Reader) -> Shopper {
        let (mut shopper, numbers) = (Shopper::default(), self);
        loyalty_rules::fields!(shopper each read shopper numbers reader "shopper");
        shopper
    }
}

impl MerchantNumbers {
    pub fn read(&self, reader: &mut Reader) -> Merchant {
        let (mut merchant, numbers) = (Merchant::default(), self);
        loyalty_rules::fields!(merchant each read merchant numbers reader "merchant");
        merchant
    }
}

impl CounterNumbers {
    pub fn read(&self, mechanism: Mechanism, day: Option<Date>, reader: &mut Reader) -> Counters {
        let (mut counters, numbers) = (Counters { day, ..Counters::NONE }, self);
        loyalty_rules::fields!(counters each read_counters counters numbers mechanism reader);
        counters
    }
}

impl From<&Counters> for CounterNumbers {
    fn from(counters: &Counters) -> Self {
        loyalty_rules::fields!(counters each write_counters counters)
    }
}

#[cfg(feature = "program")]
impl From<&loyalty_rules::award::Award> for AwardNumbers {
    #[inline]
    fn from(award: &loyalty_rules::award::Award) -> Self {
        loyalty_rules::fields!(award each tell award)
    }
}

#[cfg(feature = "program")]
impl From<&Shopper> for ShopperNumbers {
    fn from(shopper: &Shopper) -> Self {
        loyalty_rules::fields!(shopper each write shopper)
    }
}
