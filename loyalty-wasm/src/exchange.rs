//! The memory that the facade and a call share.

use alloc::string::String;

use loyalty_rules::award::{Award, Cap, Cell, Counters, Merchant, Shopper, Told};
use loyalty_rules::calendar::{CivilTime, Date};
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::{Count, Points};
use loyalty_rules::tables::{Claim, ClaimReason, Mechanism};

use crate::award::{WITH_AWARDS_BY_SLOT, WITH_RELEASED_BY_SLOT};
use crate::numbers::{number, rupiah, whole};
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
    /// Read if the flags say so: what a merchant and the counters are.
    pub fund_balance: f64,
    pub outstanding: f64,
    pub released_today: f64,
    /// The seconds of a claim.
    pub countdown_s: f64,
    /// The lengths of the three texts.
    pub text_lens: [f64; 3],
    /// The counters by slot, if the flags say so.
    pub awards_by_slot: [f64; 10],
    pub released_by_slot: [f64; 10],

    /// Told by every award.
    pub rate_bp: f64,
    pub base: f64,
    pub value: f64,
    pub points_milli: f64,
    /// Told if the flags ask for it.
    pub capped_by: f64,
    /// 0 none, 1 table, 2 standby.
    pub cell: f64,
    /// The digit or slot of a table's cell, or the thousandths of a standby step.
    pub cell_at: f64,
    /// 0 none, 1 accepted, 2 countdown out of range, 3 mismatch.
    pub claim: f64,
    pub claim_digit: f64,
    pub claim_difference_ms: f64,
    pub released_today_after: f64,
    /// Year × 10,000 + month × 100 + day, or −1.
    pub day_after: f64,
    pub prior_points_milli_after: f64,
    pub purchases_after: f64,
    /// The row that a batch refused, or −1.
    pub row: f64,
    pub awards_by_slot_after: [f64; 10],
    pub released_by_slot_after: [f64; 10],
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
    use core::arch::wasm32 as wasm;
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
#[inline]
pub fn widen(told: Told, values: &mut [f64; 4], rates: &mut [u16; 4], reasons: &mut [u8; 4]) {
    use core::arch::wasm32 as wasm;
    let [a, b, c, d] = told.values;
    let values_of_four = wasm::i32x4(a, b, c, d);
    let low = wasm::f64x2_convert_low_i32x4(values_of_four);
    let high = wasm::f64x2_convert_low_i32x4(wasm::i32x4_shuffle::<2, 3, 2, 3>(values_of_four, values_of_four));
    let [a, b, c, d] = told.rates_and_reasons;
    let words = wasm::u32x4(a, b, c, d);
    let halves = wasm::i8x16_shuffle::<0, 1, 4, 5, 8, 9, 12, 13, 2, 6, 10, 14, 2, 6, 10, 14>(words, words);
    // SAFETY: four numbers, four rates and four bytes stand where the references tell.
    unsafe {
        wasm::v128_store(values.as_mut_ptr().cast(), low);
        wasm::v128_store(values.as_mut_ptr().add(2).cast(), high);
        wasm::v128_store64_lane::<0>(halves, rates.as_mut_ptr().cast());
        wasm::v128_store32_lane::<2>(halves, reasons.as_mut_ptr().cast());
    }
}

/// What four rows are told, as the facade reads it.
#[cfg(not(target_feature = "simd128"))]
pub fn widen(told: Told, values: &mut [f64; 4], rates: &mut [u16; 4], reasons: &mut [u8; 4]) {
    *values = told.values.map(f64::from);
    let words = told.rates_and_reasons.map(u32::to_le_bytes);
    (*rates, *reasons) = (words.map(|[low, high, ..]| u16::from_le_bytes([low, high])), words.map(|[_, _, reason, _]| reason));
}

#[inline]
pub fn shopper(prior_points_milli: f64, purchases: f64) -> Result<Shopper, Error> {
    Ok(Shopper {
        prior_points: whole(prior_points_milli).and_then(Points::from_milli).map_err(|error| error.at("shopper.prior_points_milli"))?,
        purchases: count(purchases, "shopper.purchases")?,
    })
}

#[inline]
fn count(number: f64, field: &'static str) -> Result<Count, Error> {
    whole(number).and_then(Count::new).map_err(|error| error.at(field))
}

impl Exchange {
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

    pub fn time(&self, place: Text, field: &'static str) -> Result<CivilTime, Error> {
        self.text(place).parse().map_err(|error: Error| error.at(field))
    }

    pub fn claim(&self) -> Result<Claim, Error> {
        Ok(Claim {
            started_at: self.time(Text::StartedAt, "receipt.claim.started_at")?,
            countdown_s: whole(self.countdown_s).map_err(|error| error.at("receipt.claim.countdown_s"))?,
            stopped_at: self.time(Text::At, "receipt.claim.stopped_at")?,
        })
    }

    pub fn merchant(&self, suspended: bool, registered: bool) -> Result<Merchant, Error> {
        Ok(Merchant {
            suspended,
            registered,
            fund_balance: rupiah(self.fund_balance, "merchant.fund_balance")?,
            outstanding: rupiah(self.outstanding, "merchant.outstanding")?,
        })
    }

    /// The counters; those by slot only where the flags say that they were given.
    pub fn counters(&self, mechanism: Mechanism, flags: i32) -> Result<Counters, Error> {
        let day = match self.text(Text::Day) {
            "" => None,
            day => Some(day.parse::<Date>().map_err(|error| error.at("counters.day"))?),
        };
        let by_slot = |flag: i32, field: &'static str, numbers: &[f64; 10]| {
            let mut counts = [Count::ZERO; 10];
            if flags & flag == 0 {
                return Ok(counts);
            }
            if mechanism == Mechanism::Stopwatch {
                return Err(Fault::SlotCountersOfStopwatch.error().at(field));
            }
            for (index, (count, number)) in counts.iter_mut().zip(numbers).enumerate() {
                *count = whole(*number).and_then(Count::new).map_err(|error| error.at(Field::entry(field, index)))?;
            }
            Ok(counts)
        };
        Ok(Counters {
            day,
            released_today: count(self.released_today, "counters.released_today")?,
            awards_by_slot: by_slot(WITH_AWARDS_BY_SLOT, "counters.awards_by_slot", &self.awards_by_slot)?,
            released_by_slot: by_slot(WITH_RELEASED_BY_SLOT, "counters.released_by_slot", &self.released_by_slot)?,
        })
    }

    /// Tells an award in short; its reason is told by the status.
    #[inline]
    pub fn tell(&mut self, rate_bp: u16, base: i64, value: i64, points: Points) {
        self.rate_bp = rate_bp.into();
        self.base = number(base);
        self.value = number(value);
        self.points_milli = number(points.milli());
    }

    /// Tells everything else of an award that was decided after these counters, and returns the ids of its rules.
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
        self.prior_points_milli_after = number(award.shopper().prior_points.milli());
        self.purchases_after = number(award.shopper().purchases.get());
        let mut rules = String::new();
        for rule in award.rules() {
            rules.push_str(rule);
            rules.push(' ');
        }
        Ok(rules)
    }

    pub fn tell_counters(&mut self, counters: &Counters) {
        self.released_today_after = number(counters.released_today.get());
        self.awards_by_slot_after = counters.awards_by_slot.map(|count| number(count.get()));
        self.released_by_slot_after = counters.released_by_slot.map(|count| number(count.get()));
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
