//! The compiled form: versioned, checksummed bytes that need neither a JSON parser nor an allocator.
//!
//! Little endian: `LYPR`, format (u16), zero (u16), length of the terms (u32), length of the carried part
//! (u32), the terms, the carried part (canonical JSON of what no rule here reads), CRC-32C of all before.

use super::program::Program;
use super::terms::{
    BelowQuota, Budget, Draw, Eligibility, FirstN, Label, Latecomer, Licence, Origin, Quota, ShortBudget, SlotLimits, Slots, Terms,
};
use crate::calendar::{Date, LocalTime, Offset, SaleWindow, TimeOfDay, Validity};
use crate::error::{Error, Fault};
use crate::funding::{Bonus, Funding, MAX_PARTIES};
use crate::points::{Few, PointsTerms, Rest};
use crate::quantity::{Count, Mode, PointValue, Points, Rate, Rounding, Rupiah, Unit};
use crate::tables::{Mechanism, RateTable, Schedule, Step, TableName, Tolerance};

const MAGIC: [u8; 4] = *b"LYPR";
const FORMAT: u16 = 1;
const HEADER: usize = 16;

impl Program {
    /// Loads a program from its compiled bytes and proves it again.
    ///
    /// ```
    /// use loyalty_rules::award::{Program, Terms};
    /// use loyalty_rules::tables::TableName;
    ///
    /// let program = Program::new(Terms::new(TableName::parse("stopwatch/below_15/basic")?))?;
    /// let mut bytes = program.compile(b"");
    /// assert_eq!(Program::from_compiled(&bytes)?, program);
    ///
    /// bytes[20] ^= 1;
    /// assert_eq!(Program::from_compiled(&bytes).unwrap_err().kind().name(), "bad_compiled");
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `bad_compiled` for damaged bytes or another version, and whatever the proof refuses.
    // A face that is compiled for speed calls what is compiled for size.
    #[inline(never)]
    pub fn from_compiled(bytes: &[u8]) -> Result<Self, Error> {
        Self::split_compiled(bytes).map(|(program, _)| program)
    }

    /// The same with the carried part.
    pub(crate) fn split_compiled(bytes: &[u8]) -> Result<(Self, &[u8]), Error> {
        let content = Fault::CompiledContent.error();
        let mut header = Source(bytes);
        let known = header.take() == Some(MAGIC) && header.take().map(u16::from_le_bytes) == Some(FORMAT) && header.take() == Some([0, 0]);
        if !known {
            return Err(Fault::CompiledHeader.error());
        }
        let mut length = || header.take().and_then(|bytes| usize::try_from(u32::from_le_bytes(bytes)).ok());
        let (terms_len, carried_len) = length().zip(length()).ok_or(Fault::CompiledLength.error())?;
        let end = HEADER.checked_add(terms_len).and_then(|end| end.checked_add(carried_len)).ok_or(Fault::CompiledLength.error())?;
        let (checked, checksum) = bytes.split_at_checked(end).ok_or(Fault::CompiledLength.error())?;
        let checksum: [u8; 4] = checksum.try_into().map_err(|_| Fault::CompiledLength.error())?;
        if crc32c(checked) != u32::from_le_bytes(checksum) {
            return Err(Fault::CompiledChecksum.error());
        }
        let body = checked.get(HEADER..).unwrap_or_default();
        let (terms, carried) = body.split_at_checked(terms_len).ok_or(content)?;
        let mut source = Source(terms);
        let terms = Terms::unpack(&mut source).filter(|_| source.0.is_empty()).ok_or(content)?;
        Ok((Self::new(terms)?, carried))
    }

    /// The compiled bytes, with a carried part that this floor does not read.
    #[cfg(feature = "alloc")]
    pub fn compile(&self, carried: &[u8]) -> alloc::vec::Vec<u8> {
        let mut terms = Sink::default();
        self.terms().pack(&mut terms);
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
        let mut bytes = Sink::default();
        bytes.put(&MAGIC);
        bytes.put(&FORMAT.to_le_bytes());
        bytes.put(&[0, 0]);
        bytes.put(&length(&terms.0));
        bytes.put(&length(carried));
        bytes.put(&terms.0);
        bytes.put(carried);
        let checksum = crc32c(&bytes.0);
        bytes.put(&checksum.to_le_bytes());
        bytes.0
    }
}

/// CRC-32C (Castagnoli), bit by bit: a program is loaded once.
pub(super) fn crc32c(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0x82F6_3B78 } else { crc >> 1 }))
}

/// Bytes that are read from their front.
struct Source<'a>(&'a [u8]);

impl Source<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn take_slice(&mut self, len: usize) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(feature = "alloc")]
#[derive(Default)]
struct Sink(alloc::vec::Vec<u8>);

#[cfg(feature = "alloc")]
impl Sink {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

/// A value with a packed form.
trait Packed: Sized {
    #[cfg(feature = "alloc")]
    fn pack(&self, sink: &mut Sink);
    fn unpack(source: &mut Source<'_>) -> Option<Self>;
}

macro_rules! packed_numbers {
    ($($number:ty)*) => { $(
        impl Packed for $number {
            #[cfg(feature = "alloc")]
            fn pack(&self, sink: &mut Sink) {
                sink.put(&self.to_le_bytes());
            }

            fn unpack(source: &mut Source<'_>) -> Option<Self> {
                source.take().map(Self::from_le_bytes)
            }
        }
    )* };
}
packed_numbers!(u8 u16 u32 i16 i64);

/// Packs a type as another: how to get the packed value, and how to read it back.
macro_rules! packed_as {
    ($($type:ty as $packed:ty: |$value:ident| $get:expr, |$raw:ident| $read:expr;)*) => { $(
        impl Packed for $type {
            #[cfg(feature = "alloc")]
            fn pack(&self, sink: &mut Sink) {
                let $value = self;
                let packed: $packed = $get;
                packed.pack(sink);
            }

            fn unpack(source: &mut Source<'_>) -> Option<Self> {
                let $raw = <$packed>::unpack(source)?;
                $read
            }
        }
    )* };
}

/// Packs an enum of words by the place of its value.
macro_rules! packed_words {
    ($($words:ty)*) => { $(
        impl Packed for $words {
            #[cfg(feature = "alloc")]
            fn pack(&self, sink: &mut Sink) {
                let place = Self::ALL.iter().position(|value| value == self);
                place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX).pack(sink);
            }

            fn unpack(source: &mut Source<'_>) -> Option<Self> {
                Self::ALL.get(usize::from(u8::unpack(source)?)).copied()
            }
        }
    )* };
}
packed_words!(Rest Mechanism Mode Latecomer ShortBudget BelowQuota Origin Bonus);

/// Packs a struct field by field, in the order given.
macro_rules! packed_struct {
    ($($name:ident { $($field:ident),* $(,)? })*) => { $(
        impl Packed for $name {
            #[cfg(feature = "alloc")]
            fn pack(&self, sink: &mut Sink) {
                $(self.$field.pack(sink);)*
            }

            fn unpack(source: &mut Source<'_>) -> Option<Self> {
                Some(Self { $($field: Packed::unpack(source)?,)* })
            }
        }
    )* };
}

impl<A: Packed, B: Packed> Packed for (A, B) {
    #[cfg(feature = "alloc")]
    fn pack(&self, sink: &mut Sink) {
        self.0.pack(sink);
        self.1.pack(sink);
    }

    fn unpack(source: &mut Source<'_>) -> Option<Self> {
        Some((A::unpack(source)?, B::unpack(source)?))
    }
}

impl<T: Packed> Packed for Option<T> {
    #[cfg(feature = "alloc")]
    fn pack(&self, sink: &mut Sink) {
        self.is_some().pack(sink);
        if let Some(value) = self {
            value.pack(sink);
        }
    }

    fn unpack(source: &mut Source<'_>) -> Option<Self> {
        if bool::unpack(source)? { T::unpack(source).map(Some) } else { Some(None) }
    }
}

/// Whether there are ten, and then the ten or the one.
impl<T: Packed + Copy> Packed for SlotLimits<T> {
    #[cfg(feature = "alloc")]
    fn pack(&self, sink: &mut Sink) {
        self.is_by_slot().pack(sink);
        match self.all() {
            [Some(one), ..] if !self.is_by_slot() => one.pack(sink),
            ten => ten.pack(sink),
        }
    }

    fn unpack(source: &mut Source<'_>) -> Option<Self> {
        if bool::unpack(source)? { <[Option<T>; 10]>::unpack(source).map(Self::by_slot) } else { T::unpack(source).map(Self::from) }
    }
}

impl<T: Packed + Copy + Default, const N: usize> Packed for [T; N] {
    #[cfg(feature = "alloc")]
    fn pack(&self, sink: &mut Sink) {
        for value in self {
            value.pack(sink);
        }
    }

    fn unpack(source: &mut Source<'_>) -> Option<Self> {
        let mut values = [T::default(); N];
        for value in &mut values {
            *value = T::unpack(source)?;
        }
        Some(values)
    }
}

packed_as! {
    bool as u8: |value| u8::from(*value), |raw| match raw { 0 => Some(false), 1 => Some(true), _ => None };
    Rupiah as i64: |value| value.get(), |raw| Self::new(raw).ok();
    Points as i64: |value| value.milli(), |raw| Self::from_milli(raw).ok();
    Count as i64: |value| value.get(), |raw| Self::new(raw).ok();
    Rate as u16: |value| value.bp(), |raw| Self::from_bp(raw).ok();
    PointValue as Rupiah: |value| value.rupiah(), |raw| Self::new(raw).ok();
    Tolerance as Count: |value| value.ms(), |raw| Some(Self::from_ms(raw));
    Slots as u16: |value| value.bits(), |raw| Self::from_bits(raw);
    Unit as Rupiah: |value| Rupiah::new(value.rupiah()).unwrap_or_default(), |raw| Self::new(raw).ok();
    TimeOfDay as u32: |value| value.seconds(), |raw| Self::from_seconds(raw).ok();
    Offset as i16: |value| value.minutes(), |raw| Self::from_minutes(raw).ok();
    Date as (u16, (u8, u8)): |value| { let (year, month, day) = value.parts(); (year, (month, day)) },
        |raw| { let (year, (month, day)) = raw; Self::new(year, month, day).ok() };
    SaleWindow as (TimeOfDay, [u32; 10]): |value| (value.open(), value.ends_tenths()), |raw| Self::from_ends_tenths(raw.0, raw.1).ok();
    Quota as (bool, [Rupiah; 10]): |value| (value.is_by_slot(), *value.all()),
        |raw| match raw { (true, quotas) => Some(Self::by_slot(quotas)), (false, [quota, ..]) => Some(quota.into()) };
    Eligibility as Option<(Count, bool)>:
        |value| match value { Self::Everyone => None, Self::Loyal { min_purchases, intro } => Some((*min_purchases, *intro)) },
        |raw| Some(raw.map_or(Self::Everyone, |(min_purchases, intro)| Self::Loyal { min_purchases, intro }));
    Draw as Option<Label<64>>:
        |value| match value { Self::Clock => None, Self::Hardened { key_id } => Some(*key_id) },
        |raw| Some(raw.map_or(Self::Clock, |key_id| Self::Hardened { key_id }));
    Licence as (bool, Label<256>):
        |value| match value { Self::Permit(text) => (false, *text), Self::Waiver(text) => (true, *text) },
        |raw| Some(if raw.0 { Self::Waiver(raw.1) } else { Self::Permit(raw.1) });
    Validity as (bool, u16):
        |value| match value { Self::Days(days) => (false, *days), Self::Months(months) => (true, *months) },
        |raw| Some(if raw.0 { Self::Months(raw.1) } else { Self::Days(raw.1) });
    // A printed table by its number and its rates, so that a changed print is noticed; the merchant's own by 0.
    RateTable as ((u8, Mechanism), (bool, [Rate; 10])):
        |value| {
            let number = value.name().map_or(0, TableName::number);
            ((number, value.mechanism()), (value.allow_falling(), *value.rates()))
        },
        |raw| {
            let ((number, mechanism), (allow_falling, rates)) = raw;
            let table = match number {
                0 => Self::own(mechanism, rates, allow_falling).ok()?,
                _ => Self::from(TableName::all().find(|name| name.number() == number)?),
            };
            (table.mechanism() == mechanism && *table.rates() == rates && table.allow_falling() == allow_falling).then_some(table)
        };
}

packed_struct! {
    Rounding { unit, mode }
    FirstN { n, then }
    Budget { day, slot, short }
    LocalTime { date, time }
    Step { from, rate }
    PointsTerms { per, points_per_step, rest, multipliers_milli, stack, flat, min_purchase }
    Terms {
        table, window, tolerance, exclude_voucher_paid, min_cover_bp, quota, eligibility, paused, accept_noted_digit, held_slots, first_n, standby,
        rounding, receipt_cap, budget, point_value, funding, bonus, ceiling, draw, licence, below_quota, give_back, make_up_minutes,
        validity, single_use, redemptions_per_month, redemptions_per_month_shopper, min_redeem_purchase, origin,
        cash_rounding, id, version, from, until, utc_offset, points, max_share, grace_days,
        reminder_days,
    }
}

impl Packed for Schedule {
    #[cfg(feature = "alloc")]
    fn pack(&self, sink: &mut Sink) {
        self.strict().pack(sink);
        u8::try_from(self.steps().count()).unwrap_or(u8::MAX).pack(sink);
        for step in self.steps() {
            step.pack(sink);
        }
    }

    fn unpack(source: &mut Source<'_>) -> Option<Self> {
        let strict = bool::unpack(source)?;
        let mut steps = [Step { from: Points::ZERO, rate: Rate::ZERO }; 16];
        let len = u8::unpack(source)?;
        let steps = steps.get_mut(..usize::from(len))?;
        for step in &mut *steps {
            *step = Step::unpack(source)?;
        }
        Self::new(steps, strict).ok()
    }
}

impl<T: Packed + Copy + Default> Packed for Few<T> {
    #[cfg(feature = "alloc")]
    fn pack(&self, sink: &mut Sink) {
        self.stated().is_some().pack(sink);
        u8::try_from(self.as_slice().len()).unwrap_or(u8::MAX).pack(sink);
        for value in self.as_slice() {
            value.pack(sink);
        }
    }

    fn unpack(source: &mut Source<'_>) -> Option<Self> {
        let mut values = [T::default(); 8];
        let is_stated = bool::unpack(source)?;
        let len = u8::unpack(source)?;
        let values = values.get_mut(..usize::from(len))?;
        for value in &mut *values {
            *value = T::unpack(source)?;
        }
        if is_stated { Self::new(values).ok() } else { values.is_empty().then(Self::default) }
    }
}

impl Packed for Funding {
    #[cfg(feature = "alloc")]
    fn pack(&self, sink: &mut Sink) {
        self.is_shares().pack(sink);
        u8::try_from(self.weights().len()).unwrap_or(u8::MAX).pack(sink);
        for weight in self.weights() {
            weight.pack(sink);
        }
    }

    fn unpack(source: &mut Source<'_>) -> Option<Self> {
        let is_shares = bool::unpack(source)?;
        let mut weights = [0; MAX_PARTIES];
        let len = u8::unpack(source)?;
        let weights = weights.get_mut(..usize::from(len))?;
        for weight in &mut *weights {
            *weight = u32::unpack(source)?;
        }
        if is_shares { Self::from_shares_bp(weights).ok() } else { Self::from_weights(weights).ok() }
    }
}

impl<const N: usize> Packed for Label<N> {
    #[cfg(feature = "alloc")]
    fn pack(&self, sink: &mut Sink) {
        let text = self.as_str().as_bytes();
        u16::try_from(text.len()).unwrap_or(u16::MAX).pack(sink);
        sink.put(text);
    }

    fn unpack(source: &mut Source<'_>) -> Option<Self> {
        let len = u16::unpack(source)?;
        let text = source.take_slice(len.into())?;
        Self::new(core::str::from_utf8(text).ok()?).ok()
    }
}
