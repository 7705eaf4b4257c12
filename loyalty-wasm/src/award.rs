//! The award of one receipt: numbers in, numbers out, and on demand what else there is to tell.

use alloc::string::String;
use alloc::vec::Vec;
use core::slice;

use loyalty_rules::award::{
    Award, Counters, Exchange as Exchanged, FourAwards, Inputs, Language, Merchant, Play, Program, Reason, Receipt, Rows, Shopper, decide,
    quote,
};
use loyalty_rules::error::{Error, Field};
use loyalty_rules::quantity::Rupiah;

use crate::exchange::{self, Exchange, Text};
use crate::given::{AwardNumbers, DIGIT, Reader, SLOT, SmallAward};
use crate::numbers::{self, whole};
use crate::program::Loaded;
use crate::text;

/// What picks the column, beside a digit or a slot: nothing yet, a time or a claim.
const PENDING: i32 = 0;
const AT: i32 = 3;
const CLAIM: i32 = 4;

/// Decides the award of one receipt (`award.decide`). `more` tells whether the exchange holds more of it than the numbers.
///
/// Returns the place of its reason, with bit 8 for an award and bit 9 if its numbers are told as integers of 32 bits, or −1
/// for a kept error object.
///
/// # Safety
/// The addresses are of a proved program and of an exchange.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_award(
    program: *const Loaded,
    exchange: *mut Exchange,
    play: i32,
    more: i32,
    pick: f64,
    total: f64,
    paid_by_voucher: f64,
    prior_points_milli: f64,
    purchases: f64,
) -> i32 {
    // SAFETY: passed on from the caller; any bytes are an exchange.
    let (loaded, exchange) = unsafe { (&*program, &mut *exchange) };
    // Numbers that are both stored for one and loaded abreast by the other would wait for memory.
    let numbers = [pick, total, prior_points_milli, purchases, paid_by_voucher];
    let small = if more == 0 { award_small(loaded, exchange, play, numbers) } else { None };
    if let Some(status) = small {
        return status;
    }
    // Handed over in the exchange: as an argument in memory they would cost every call a frame on the stack.
    exchange.take(more, numbers);
    award_any(&loaded.program, exchange, play)
}

/// The bit of an award in integers.
const SMALL: i32 = 0x200;

/// A receipt as a block of four alike, if its numbers are as small as that. What vouchers paid goes the long way: a block
/// does not tell its base (AW-2).
#[inline]
fn award_small(loaded: &Loaded, exchange: &mut Exchange, play: i32, [pick, total, points, purchases, paid]: [f64; 5]) -> Option<i32> {
    let [total, points, purchases, paid] = exchange::narrow(&[total, points, purchases, paid]);
    let picked = if loaded.mechanism.has_slots() { SLOT } else { DIGIT };
    let number = if play == picked { numbers::small(pick)? } else { -1 };
    if paid != 0 || play != picked && play != PENDING {
        return None;
    }
    let rows = Rows {
        totals: [[total; 4]],
        paid_by_voucher: [[paid; 4]],
        points_milli: [[points; 4]],
        purchases: [[purchases; 4]],
        // Not `[number; 4]`: the compiler makes a word of it, and looks up each of its bytes.
        picks: &[[number, number, number, number]],
    };
    let [FourAwards { values: [value, ..], rates_and_reasons: [word, ..] }] = loaded.layout.decide(&rows, &NOTHING_GIVEN)?;
    let points = loaded.program.kernel().points(Rupiah::new(value.into()).ok()?).ok()?;
    let [low, high, reason, _] = word.to_le_bytes();
    exchange.tell_small(SmallAward {
        rate_bp: u16::from_le_bytes([low, high]).into(),
        base: total,
        value,
        points_milli: i32::try_from(points.milli()).ok()?,
    });
    Reason::ALL.get(usize::from(reason)).map(|reason| numbers::reason_number(*reason) | SMALL)
}

#[inline(never)]
fn award_any(program: &Program, exchange: &mut Exchange, play: i32) -> i32 {
    match AwardInputs::read(program, exchange, play).and_then(|asked| asked.decide(program)) {
        Ok(award) => {
            let (numbers, status) = (AwardNumbers::from(&award), numbers::reason_number(award.reason()));
            let Some(small) = SmallAward::of(&numbers) else {
                exchange.award = numbers;
                return status;
            };
            exchange.tell_small(small);
            status | SMALL
        }
        Err(error) => exchange.refuse(error, None),
    }
}

/// The counters of a day in which nothing was given.
const NOTHING_GIVEN: Counters = Counters::NONE;

/// What of an award is to be told.
const DETAILS: i32 = 0;
const QUOTE: i32 = 1;
const IN_INDONESIAN: i32 = 2;
const IN_ENGLISH: i32 = 3;
// Any other number asks what refunds leave.

/// Tells more of an award. `about` is one of the above: its details go to the exchange and the ids of its rules to the kept
/// text; the answer of `award.quote`, of `award.explain` in a language, or of `program.reverse` to the kept text.
///
/// Returns 0, or −1 for a kept error object.
///
/// # Safety
/// The addresses are of a proved program, of an exchange, and of so many refunds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_tell(
    about: i32,
    program: *const Loaded,
    exchange: *mut Exchange,
    play: i32,
    more: i32,
    pick: f64,
    total: f64,
    paid_by_voucher: f64,
    prior_points_milli: f64,
    purchases: f64,
    refunds: *const f64,
    refunds_len: usize,
) -> i32 {
    text::begin();
    // SAFETY: passed on from the caller; any bytes are an exchange.
    let (loaded, exchange, refunds) = unsafe { (&*program, &mut *exchange, slice::from_raw_parts(refunds, refunds_len)) };
    let numbers = [pick, total, prior_points_milli, purchases, paid_by_voucher];
    exchange.take(more, numbers);
    let asked = AwardInputs::read(&loaded.program, exchange, play);
    match asked.and_then(|asked| asked.tell(&loaded.program, exchange, about, refunds)) {
        Ok(told) => {
            text::keep(told.into_bytes());
            0
        }
        Err(error) => exchange.refuse(error, None),
    }
}

/// A question: a receipt, and the state before it.
struct AwardInputs {
    receipt: Receipt,
    shopper: Shopper,
    merchant: Merchant,
    counters: Counters,
}

impl AwardInputs {
    #[cold]
    #[inline(never)]
    fn read(program: &Program, exchange: &Exchange, play: i32) -> Result<Self, Error> {
        let given = &exchange.given;
        let mut reader = Reader::default();
        let mut receipt = given.receipt(&mut reader);
        receipt.play = match play {
            AT => exchange.time(Text::At, "receipt.at", &mut reader).map_or(Play::Pending, Play::At),
            CLAIM => exchange.claim(&mut reader).map_or(Play::Pending, Play::Claim),
            _ => given.picked(play, &mut reader),
        };
        let (shopper, merchant) = (given.shopper.read(&mut reader), given.merchant.read(&mut reader));
        let counters = exchange.counters(program.kernel().mechanism(), &mut reader);
        reader.finish(Self { receipt, shopper, merchant, counters })
    }

    fn decide(&self, program: &Program) -> Result<Award, Error> {
        decide(program, &self.receipt, &self.shopper, &self.merchant, &self.counters)
    }

    #[cold]
    #[inline(never)]
    fn tell(&self, program: &Program, exchange: &mut Exchange, about: i32, refunds: &[f64]) -> Result<String, Error> {
        let quote = || quote(program, &self.receipt, &self.shopper, &self.merchant, &self.counters);
        let explained = |language| quote().map(|quote| quote.explained_to_json(self.receipt.total, language));
        match about {
            DETAILS => exchange.tell_details(&self.decide(program)?, &self.counters),
            QUOTE => quote().map(|quote| quote.to_json()),
            IN_INDONESIAN => explained(Language::Indonesian),
            IN_ENGLISH => explained(Language::English),
            _ => {
                // Two numbers each: what came back, and what went out instead.
                let exchange = |(index, pair): (usize, &[f64])| -> Result<Exchanged, Error> {
                    let [back, out] = [0, 1].map(|place| pair.get(place).copied().unwrap_or_default());
                    let amount = |number: f64, field| whole(number).and_then(Rupiah::new).map_err(|error: Error| error.at(field));
                    let (whole, inner) = (Field::entry("refunds", index), Field::within("refunds", index, "out"));
                    Ok(Exchanged { back: amount(back, whole)?, out: amount(out, inner)? })
                };
                let refunds = refunds.chunks(2).enumerate().map(exchange).collect::<Result<Vec<_>, _>>()?;
                let Self { receipt, shopper, merchant, counters } = *self;
                Inputs { program: program.clone(), receipt, shopper, merchant, counters }.reversed_to_json(&refunds)
            }
        }
    }
}
