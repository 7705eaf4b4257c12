//! The award of one receipt: numbers in, numbers out, and on demand what else there is to tell.

use alloc::string::String;
use alloc::vec::Vec;
use core::slice;

use loyalty_rules::award::{
    Award, Counters, Exchange as Exchanged, Inputs, Language, Merchant, Play, Program, Reason, Receipt, Rows, Shopper, Told, decide, quote,
};
use loyalty_rules::error::{Error, Field};
use loyalty_rules::quantity::Rupiah;
use loyalty_rules::tables::Mechanism;

use crate::exchange::{self, Exchange, Text};
use crate::numbers::{self, LATE, REGISTERED, SUSPENDED, rupiah, whole};
use crate::program::Loaded;
use crate::text;

/// How a play reaches a call: a digit as it is, a slot above 16, or one of these.
const PENDING: i32 = -1;
const SLOT: i32 = 16;
const AT: i32 = 32;
const CLAIM: i32 = 33;

pub const WITH_MERCHANT: i32 = 8;
pub const WITH_COUNTERS: i32 = 16;
pub const WITH_AWARDS_BY_SLOT: i32 = 32;
pub const WITH_RELEASED_BY_SLOT: i32 = 256;

/// Decides the award of one receipt (`award.decide`).
///
/// Returns the place of its reason, with bit 8 for an award, or −1 for a kept error object.
///
/// # Safety
/// The addresses are of a proved program and of an exchange.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_award(
    program: *const Loaded,
    exchange: *mut Exchange,
    play: i32,
    flags: i32,
    total: f64,
    paid_by_voucher: f64,
    prior_points_milli: f64,
    purchases: f64,
) -> i32 {
    // SAFETY: passed on from the caller; any bytes are an exchange.
    let (loaded, exchange) = unsafe { (&*program, &mut *exchange) };
    // Numbers that are both stored for one and loaded abreast by the other would wait for memory.
    if flags == 0
        && let Some(reason) = award_small(loaded, exchange, play, [total, prior_points_milli, purchases, paid_by_voucher])
    {
        return reason;
    }
    match award_any(&loaded.program, exchange, play, flags, [total, prior_points_milli, purchases, paid_by_voucher]) {
        Ok(reason) => reason,
        Err(error) => exchange.refuse(error, None),
    }
}

/// A receipt as a block of four alike, if its numbers are as small as that. What vouchers paid goes the long way: a block
/// does not tell its base (AW-2).
#[inline]
fn award_small(loaded: &Loaded, exchange: &mut Exchange, play: i32, numbers: [f64; 4]) -> Option<i32> {
    let [total, points, purchases, paid] = exchange::narrow(&numbers);
    if paid != 0 {
        return None;
    }
    let pick = i8::try_from(if loaded.is_auction { play.wrapping_sub(SLOT) } else { play }).ok()?;
    let rows = Rows {
        totals: [[total; 4]],
        paid_by_voucher: [[paid; 4]],
        points_milli: [[points; 4]],
        purchases: [[purchases; 4]],
        picks: &[[pick; 4]],
    };
    let [Told { values: [value, ..], rates_and_reasons: [word, ..] }] = loaded.layout.decide(&rows, &NOTHING_GIVEN)?;
    let points = loaded.program.kernel().points(Rupiah::new(value.into()).ok()?).ok()?;
    let [low, high, reason, _] = word.to_le_bytes();
    exchange.tell(u16::from_le_bytes([low, high]), total.into(), value.into(), points);
    Reason::ALL.get(usize::from(reason)).copied().map(numbers::reason_number)
}

#[inline(never)]
fn award_any(program: &Program, exchange: &mut Exchange, play: i32, flags: i32, numbers: [f64; 4]) -> Result<i32, Error> {
    let award = Asked::read(program, exchange, play, flags, numbers)?.decide(program)?;
    exchange.tell(award.rate().bp(), award.base().get(), award.value().get(), award.points());
    Ok(numbers::reason_number(award.reason()))
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
    flags: i32,
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
    let numbers = [total, prior_points_milli, purchases, paid_by_voucher];
    let told = Asked::read(&loaded.program, exchange, play, flags, numbers)
        .and_then(|asked| asked.tell(&loaded.program, exchange, about, refunds));
    match told {
        Ok(told) => {
            text::keep(told.into_bytes());
            0
        }
        Err(error) => exchange.refuse(error, None),
    }
}

/// A question: a receipt, and the state before it.
struct Asked {
    receipt: Receipt,
    shopper: Shopper,
    merchant: Merchant,
    counters: Counters,
}

impl Asked {
    #[inline]
    fn read(program: &Program, exchange: &Exchange, play: i32, flags: i32, numbers: [f64; 4]) -> Result<Self, Error> {
        let has = |flag: i32| flags & flag != 0;
        let [total, prior_points_milli, purchases, paid_by_voucher] = numbers;
        let receipt = Receipt::new(rupiah(total, "receipt.total")?)
            .paid_by_voucher(rupiah(paid_by_voucher, "receipt.paid_by_voucher")?)
            .with(asked_play(exchange, play)?);
        Ok(Self {
            receipt: if has(LATE) { receipt.late() } else { receipt },
            shopper: exchange::shopper(prior_points_milli, purchases)?,
            merchant: if has(WITH_MERCHANT) { exchange.merchant(has(SUSPENDED), has(REGISTERED))? } else { Merchant::default() },
            counters: if has(WITH_COUNTERS) { exchange.counters(program.terms().table.mechanism(), flags)? } else { NOTHING_GIVEN },
        })
    }

    #[inline]
    fn decide(&self, program: &Program) -> Result<Award, Error> {
        decide(program, &self.receipt, &self.shopper, &self.merchant, &self.counters)
    }

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
