//! The memory that the facade and a call share.

use alloc::string::String;
#[cfg(target_feature = "simd128")]
use core::arch::wasm32 as wasm;

use loyalty_rules::award::{Award, Cap, Cell, Counters, FourAwards};
use loyalty_rules::calendar::{CivilTime, Date};
use loyalty_rules::error::Error;
use loyalty_rules::tables::{Claim, ClaimReason, Mechanism};

use crate::given::{AwardNumbers, CounterNumbers, Given, Reader, ShopperNumbers, SmallAward};
use crate::numbers::{number, whole};
use crate::text;

/// The bytes that an exchange takes in memory.
#[unsafe(no_mangle)]
pub extern "C" fn loyalty_exchange_size() -> usize {
    size_of::<Exchange>()
}

/// Room for a text of the facade; no time is longer.
const TEXT: usize = 40;
const PARTIES: usize = 64;

/// What the facade writes before a call, and what it reads after it; bindings/npm/src/exchange.ts has the same places.
#[repr(C)]
#[derive(Debug)]
pub struct Exchange {
    /// Written by every award; by a small one as integers.
    pub award: AwardNumbers,
    /// Read if there is more than the numbers of a call.
    pub given: Given,
    /// The lengths of the three texts.
    pub text_lens: [f64; 3],

    /// The shopper and the counters after an award, if they are asked for, at the places of what was given.
    pub after: Given,
    /// Year × 10,000 + month × 100 + day, or −1.
    pub day_after: f64,
    /// Told if they are asked for.
    pub capped_by: f64,
    /// 0 none, 1 table, 2 standby.
    pub cell: f64,
    /// The digit or slot of a table's cell, or the thousandths of a standby step.
    pub cell_at: f64,
    /// 0 none, 1 accepted, 2 countdown out of range, 3 mismatch.
    pub claim: f64,
    pub claim_digit: f64,
    pub claim_difference_ms: f64,
    /// The row that a batch refused, or −1.
    pub row: f64,
    /// The parts of a split.
    pub numbers: [f64; PARTIES],
    /// The time of purchase or of the stop, the time of the start, the day counted.
    pub texts: [[u8; TEXT]; 3],
}

/// The place of a text.
#[derive(Clone, Copy, Debug)]
pub enum Text {
    At,
    StartedAt,
    Day,
}

/// Four numbers of the facade as integers of 32 bits; what is none becomes −1.
#[cfg(target_feature = "simd128")]
#[inline]
pub fn narrow(&[a, b, c, d]: &[f64; 4]) -> [i32; 4] {
    let (low, high) = (wasm::f64x2(a, b), wasm::f64x2(c, d));
    // A number of 32 bits stands in the low bits of its sum with 2⁵².
    let lift = wasm::f64x2_splat(4_503_599_627_370_496.0);
    let four = wasm::i32x4_shuffle::<0, 2, 4, 6>(wasm::f64x2_add(low, lift), wasm::f64x2_add(high, lift));
    let again_low = wasm::f64x2_convert_low_i32x4(four);
    let again_high = wasm::f64x2_convert_low_i32x4(wasm::i32x4_shuffle::<2, 3, 2, 3>(four, four));
    // What is not the same again is none, whatever became of it.
    let other = wasm::i32x4_shuffle::<0, 2, 4, 6>(wasm::f64x2_ne(low, again_low), wasm::f64x2_ne(high, again_high));
    let four = wasm::v128_or(four, other);
    let lane = wasm::i32x4_extract_lane::<0>(four);
    [lane, wasm::i32x4_extract_lane::<1>(four), wasm::i32x4_extract_lane::<2>(four), wasm::i32x4_extract_lane::<3>(four)]
}

/// Four numbers of the facade as integers of 32 bits; what is none becomes −1.
#[cfg(not(target_feature = "simd128"))]
pub fn narrow(numbers: &[f64; 4]) -> [i32; 4] {
    numbers.map(|number| whole(number).ok().and_then(|whole| whole.try_into().ok()).unwrap_or(-1))
}

/// What four rows are told, as the facade reads it.
#[cfg(target_feature = "simd128")]
#[inline(always)]
#[expect(clippy::inline_always, reason = "the four rows would be passed through memory")]
pub fn widen(told: FourAwards, values: &mut [f64; 4], rates: &mut [u16; 4], reasons: &mut [u8; 4]) {
    let [a, b, c, d] = told.values;
    let four = wasm::i32x4(a, b, c, d);
    let low = wasm::f64x2_convert_low_i32x4(four);
    // No lane of the second operand is taken; a shuffle of one number would go through memory.
    let high = wasm::f64x2_convert_low_i32x4(wasm::i32x4_shuffle::<2, 3, 2, 3>(four, wasm::i32x4_splat(d)));
    let [a, b, c, d] = told.rates_and_reasons;
    let words = wasm::u32x4(a, b, c, d);
    // Narrowing saturates, so the other bits are cut off first. A shuffle of bytes would go through memory.
    let halves = |words| wasm::u16x8_narrow_i32x4(words, words);
    let rates_of_four = halves(wasm::v128_and(words, wasm::u32x4_splat(0xFFFF)));
    let reasons_of_four = halves(wasm::v128_and(wasm::u32x4_shr(words, 16), wasm::u32x4_splat(0xFF)));
    let bytes = wasm::u8x16_narrow_i16x8(reasons_of_four, reasons_of_four);
    // SAFETY: four numbers, four rates and four bytes stand where the references tell.
    unsafe {
        wasm::v128_store(values.as_mut_ptr().cast(), low);
        wasm::v128_store(values.as_mut_ptr().add(2).cast(), high);
        wasm::v128_store64_lane::<0>(rates_of_four, rates.as_mut_ptr().cast());
        wasm::v128_store32_lane::<0>(bytes, reasons.as_mut_ptr().cast());
    }
}

/// What four rows are told, as the facade reads it.
#[cfg(not(target_feature = "simd128"))]
pub fn widen(told: FourAwards, values: &mut [f64; 4], rates: &mut [u16; 4], reasons: &mut [u8; 4]) {
    *values = told.values.map(f64::from);
    let words = told.rates_and_reasons.map(u32::to_le_bytes);
    (*rates, *reasons) = (words.map(|[low, high, ..]| u16::from_le_bytes([low, high])), words.map(|[_, _, reason, _]| reason));
}

impl Exchange {
    /// Tells an award in integers, in place of its numbers.
    #[inline]
    pub fn tell_small(&mut self, award: SmallAward) {
        const { assert!(size_of::<SmallAward>() <= size_of::<AwardNumbers>()) };
        // SAFETY: it fits, and any bytes are numbers.
        unsafe { (&raw mut self.award).cast::<SmallAward>().write(award) };
    }

    /// Takes the numbers of a call. `more` tells whether the facade wrote the rest; else nothing else is given.
    #[inline]
    pub fn take(&mut self, more: i32, numbers: [f64; 5]) {
        if more == 0 {
            self.clear();
        }
        self.given.put(numbers);
    }

    #[inline(never)]
    fn clear(&mut self) {
        (self.given, self.text_lens) = (Given::NONE, [0.0; 3]);
    }

    /// A text of the facade; too long or no UTF-8, it becomes one that no gate lets pass.
    fn text(&self, place: Text) -> &str {
        let index = match place {
            Text::At => 0,
            Text::StartedAt => 1,
            Text::Day => 2,
        };
        let len = self.text_lens.get(index).and_then(|len| usize::try_from(whole(*len).ok()?).ok()).unwrap_or(usize::MAX);
        let bytes = self.texts.get(index).and_then(|text| text.get(..len)).unwrap_or(b"?");
        core::str::from_utf8(bytes).unwrap_or("?")
    }

    #[cold]
    #[inline(never)]
    pub fn time(&self, place: Text, field: &'static str, reader: &mut Reader) -> Option<CivilTime> {
        reader.proved(self.text(place).parse().map(Some), None, field)
    }

    pub fn claim(&self, reader: &mut Reader) -> Option<Claim> {
        let started_at = self.time(Text::StartedAt, "receipt.claim.started_at", reader);
        let countdown_s = reader.proved(whole(self.given.countdown_s), 0, "receipt.claim.countdown_s");
        let stopped_at = self.time(Text::At, "receipt.claim.stopped_at", reader);
        started_at.zip(stopped_at).map(|(started_at, stopped_at)| Claim { started_at, countdown_s, stopped_at })
    }

    /// The counters, with their day.
    #[cold]
    #[inline(never)]
    pub fn counters(&self, mechanism: Mechanism, reader: &mut Reader) -> Counters {
        let day = match self.text(Text::Day) {
            "" => None,
            day => reader.proved(day.parse::<Date>().map(Some), None, "counters.day"),
        };
        self.given.counters.read(mechanism, day, reader)
    }

    /// Tells everything else of an award that was decided after these counters, and returns the ids of its rules.
    #[cold]
    #[inline(never)]
    pub fn tell_details(&mut self, award: &Award, counters: &Counters) -> Result<String, Error> {
        let bit = |cap: Cap| 1_i64 << Cap::ALL.iter().position(|known| *known == cap).unwrap_or_default();
        let caps = award.caps().iter().fold(0, |caps, cap| caps | bit(cap));
        self.capped_by = number(caps);
        let (cell, at) = match award.cell() {
            None => (0, 0),
            Some(Cell::Standby { from }) => (2, from.milli()),
            Some(table) => (1, table.digit().map_or_else(|| table.slot().map_or(0, |slot| slot.get().into()), |digit| digit.get().into())),
        };
        (self.cell, self.cell_at) = (number(cell), number(at));
        let judged = award.judgement();
        self.claim = number(judged.map_or(0, |judged| match judged.reason {
            ClaimReason::Accepted => 1,
            ClaimReason::CountdownOutOfRange => 2,
            ClaimReason::ClaimMismatch => 3,
        }));
        self.claim_digit = number(judged.and_then(|judged| judged.digit).map_or(-1, |digit| digit.get().into()));
        self.claim_difference_ms = number(judged.map_or(Ok(0), |judged| judged.difference_ms())?);
        self.tell_counters(&counters.after(award.added()));
        self.after.shopper = ShopperNumbers::from(&award.shopper());
        let mut rules = String::new();
        for rule in award.rules() {
            rules.push_str(rule);
            rules.push(' ');
        }
        Ok(rules)
    }

    #[inline(never)]
    pub fn tell_counters(&mut self, counters: &Counters) {
        self.after.counters = CounterNumbers::from(counters);
        self.day_after = number(counters.day.map_or(-1, |day| {
            let (year, month, day) = day.parts();
            i64::from(year).wrapping_mul(10_000).wrapping_add(i64::from(month).wrapping_mul(100)).wrapping_add(day.into())
        }));
    }

    /// Keeps the error object of a refusal by the rules, and tells at which row.
    #[cold]
    pub fn refuse(&mut self, error: Error, row: Option<usize>) -> i32 {
        self.row = row.and_then(|row| i64::try_from(row).ok()).map_or(-1.0, number);
        text::begin();
        text::refuse(&error.into())
    }
}
