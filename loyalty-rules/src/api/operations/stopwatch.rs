//! The stopwatch and the slots.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use crate::api::fields::{Commitment, Hex, KeyHex};
use crate::api::wire::{Path, Refusal, Whole, answer, record};
use crate::calendar::{CivilTime, Date, Offset, SaleWindow};
use crate::error::{Error, Fault};
use crate::operations;
use crate::quantity::{Count, Rupiah};
use crate::tables::{Claim, ClaimReason, DayKey, Digit, DigitCounts, Forcing, Judgement, Slot, Tolerance, Uniformity, stock_quota};

crate::words! {
    /// Whether an instant lies in the sale window (TA-1).
    pub enum Inside {
        /// It does.
        Inside = "inside",
        /// It does not.
        OutsideWindow = "outside_window",
    }
}

crate::wire_words! {
    ClaimReason;
    Uniformity;
    Forcing;
    Inside;
}

operations! {
    "stopwatch.lucky_digit" ["SW-2"] "The lucky digit of the time at which a countdown ends.": lucky_digit, Stopped => Lucky;
    "stopwatch.claim" ["SW-4"] "Whether a played countdown is accepted.": claim, ClaimRequest => JudgedClaim;
    "stopwatch.draw" ["SW-6"] "The lucky digit of a hardened draw.": draw, DrawRequest => Drawn;
    "stopwatch.verify" ["SW-6"] "Whether every draw of a day holds against its published commitment.": verify, VerifyRequest => Verified;
    "stopwatch.statistics" ["SW-5 SW-6"] "What a shop's digits show.": statistics, CountsRequest => Statistics;
    "auction.slot" ["TA-1 TA-2"] "The slot of an instant.": slot, SlotRequest => SlotAnswer;
    "auction.stock_quota" ["TA-5"] "The stock of a day over the slots that are left.": quota, DayStock => StockQuota;
}

record! {
    /// The end of a countdown.
    pub struct Stopped {
        /// When it ended, as the host recorded it.
        stopped_at: CivilTime,
    }
}

answer! {
    /// A lucky digit.
    pub struct Lucky {
        /// 0 … 9.
        digit: Digit,
    }
}

record! {
    /// A played countdown.
    pub struct ClaimFields {
        /// When it started.
        started_at: CivilTime,
        /// The whole seconds the shopper picked; 15 … 25 are accepted.
        countdown_s: Whole,
        /// When it stopped; its second gives the digit.
        stopped_at: CivilTime,
    }
}

impl ClaimFields {
    pub fn claim(&self) -> Claim {
        Claim { started_at: self.started_at, countdown_s: self.countdown_s.0, stopped_at: self.stopped_at }
    }
}

record! {
    /// A played countdown and how far it may be off.
    pub struct ClaimRequest {
        [flat] claim: ClaimFields,
        /// How far stopped − started may be off the countdown, in milliseconds.
        tolerance_ms: Tolerance = Tolerance::default(),
    }
}

answer! {
    /// A judged claim.
    pub struct JudgedClaim {
        /// Whether it counts.
        accepted: bool,
        /// Accepted, or why not.
        reason: ClaimReason,
        /// Stopped − started − countdown in milliseconds, truncated toward zero.
        difference_ms: Whole,
        /// The lucky digit; null when refused.
        digit: Option<Digit>,
    }
}

impl TryFrom<Judgement> for JudgedClaim {
    type Error = Error;

    fn try_from(judged: Judgement) -> Result<Self, Error> {
        let difference_ms = Whole(judged.difference_ms()?);
        Ok(Self { accepted: judged.digit.is_some(), reason: judged.reason, difference_ms, digit: judged.digit })
    }
}

record! {
    /// A receipt to draw for.
    pub struct DrawRequest {
        /// The day's key, 16 … 64 bytes, as hexadecimal digits.
        key_hex: KeyHex,
        /// The receipt id, fixed before play.
        receipt: String,
        /// The shop id.
        shop: String,
        /// The shopper's nonce, told after the commitment.
        nonce: Option<String>,
    }
}

answer! {
    /// A drawn digit.
    pub struct Drawn {
        /// 0 … 9, all equally likely.
        digit: Digit,
        /// SHA-256 of the key, as hexadecimal digits.
        commitment: Hex,
    }
}

record! {
    /// A day's draws, its key and what was published before opening.
    pub struct VerifyRequest {
        /// What was published.
        published: Published,
        /// The day's key as told after closing, as hexadecimal digits.
        key_hex: KeyHex,
        /// The shop of the draws.
        shop: String,
        /// The day of the draws.
        day: Date,
        /// The id of the key.
        key_id: String,
        /// The draws.
        draws: Vec<DrawnReceipt>,
        /// The receipts of the day that were to draw; without them nothing is told of missing and surplus draws.
        receipts: Option<Vec<String>>,
    }
}

record! {
    /// A published commitment.
    pub struct Published {
        /// SHA-256 of the key, as hexadecimal digits.
        commitment: Commitment,
        /// The shop it binds.
        shop: String,
        /// The day it binds.
        day: Date,
        /// The id of the key it binds.
        key_id: String,
    }
}

record! {
    /// A receipt and the digit it was given.
    pub struct DrawnReceipt {
        /// The receipt id.
        receipt: String,
        /// The shopper's nonce.
        nonce: Option<String>,
        /// The digit.
        digit: Digit,
    }
}

answer! {
    /// A verified day.
    pub struct Verified {
        /// Whether the commitment holds and every receipt has its own drawn digit.
        valid: bool,
        /// Whether the key is the published one, for this shop, day and key id.
        commitment_holds: bool,
        /// Receipts whose digit is not the drawn one.
        wrong: Vec<String>,
        /// Receipts that drew more than once.
        repeated: Vec<String>,
        /// Receipts of the day without a draw, sorted; present if the receipts were given.
        [omit] without_draw: Option<Vec<String>>,
        /// Draws without a receipt of the day, sorted; present if the receipts were given.
        [omit] without_receipt: Option<Vec<String>>,
        /// Draws by digit, 0 … 9.
        counts: Vec<Count>,
    }
}

record! {
    /// How often each digit came up.
    pub struct CountsRequest {
        /// Ten counts, of the digits 0 … 9.
        counts: Vec<Count>,
    }
}

answer! {
    /// What digits show.
    pub struct Statistics {
        /// How many plays there were.
        plays: Count,
        /// Chi-square against an even spread, in thousandths, rounded down; null without plays.
        chi_square_milli: Option<Whole>,
        /// Whether they look evenly spread.
        uniform: Uniformity,
        /// The share of digit 0 in basis points, rounded down; null without plays.
        zero_share_bp: Option<Whole>,
        /// Whether digit 0 stands out.
        forcing: Forcing,
    }
}

record! {
    /// An instant and a window.
    pub struct SlotRequest {
        /// The instant.
        at: CivilTime,
        /// The shop's offset; without it the time of day is read as it is written (CV-5).
        utc_offset: Option<Offset>,
        /// The selling day.
        window: SaleWindow,
    }
}

answer! {
    /// A slot.
    pub struct SlotAnswer {
        /// 1 … 10; null outside the window.
        slot: Option<Slot>,
        /// Inside the window or not.
        reason: Inside,
    }
}

record! {
    /// A day's stock.
    pub struct DayStock {
        /// What is left, in units.
        stock_units: Count,
        /// The slots left, the running one included, 1 … 10.
        slots_left: Whole = Whole(10),
        /// The price of a unit in rupiah.
        price: Rupiah = Rupiah::ZERO,
    }
}

answer! {
    /// The quota of each slot.
    pub struct StockQuota {
        /// Units, one entry a slot.
        units: Vec<Count>,
        /// The same in rupiah.
        amounts: Vec<Rupiah>,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every operation may refuse")]
fn lucky_digit(request: &Stopped) -> Result<Lucky, Refusal> {
    Ok(Lucky { digit: Digit::lucky(&request.stopped_at) })
}

fn claim(request: &ClaimRequest) -> Result<JudgedClaim, Refusal> {
    Ok(request.claim.claim().judge(request.tolerance_ms).try_into()?)
}

fn draw(request: &DrawRequest) -> Result<Drawn, Refusal> {
    let key = DayKey::new(&request.key_hex.0)?;
    let digit = key.draw(&request.shop, &request.receipt, request.nonce.as_deref());
    Ok(Drawn { digit, commitment: Hex(key.commitment().to_vec()) })
}

/// The most bytes of the shop's name over all draws, each of which hashes it.
const MOST_HASHED: usize = 64 << 20;

fn verify(request: &VerifyRequest) -> Result<Verified, Refusal> {
    if request.shop.len().saturating_mul(request.draws.len()) > MOST_HASHED {
        return Err(Refusal::at(Fault::DrawsTooLarge, &Path::Root.key("shop")));
    }
    let key = DayKey::new(&request.key_hex.0)?;
    let Published { commitment, shop, day, key_id } = &request.published;
    let binds = (shop, day, key_id) == (&request.shop, &request.day, &request.key_id);
    let commitment_holds = binds && commitment.0 == key.commitment();
    let (mut wrong, mut repeated, mut counts) = (Vec::new(), Vec::new(), [Count::ZERO; 10]);
    let mut seen: BTreeMap<&str, bool> = BTreeMap::new();
    for draw in &request.draws {
        if !key.verify(&request.shop, &draw.receipt, draw.nonce.as_deref(), draw.digit) {
            wrong.push(draw.receipt.clone());
        }
        match seen.insert(&draw.receipt, true) {
            None => {
                seen.insert(&draw.receipt, false);
            }
            Some(false) => repeated.push(draw.receipt.clone()),
            Some(true) => {}
        }
        if let Some(count) = counts.get_mut(usize::from(draw.digit.get())) {
            *count = count.succ()?;
        }
    }
    let (mut without_draw, mut without_receipt) = (None, None);
    if let Some(receipts) = &request.receipts {
        let expected: BTreeSet<&str> = receipts.iter().map(String::as_str).collect();
        let missing = expected.iter().filter(|receipt| !seen.contains_key(*receipt));
        without_draw = Some(missing.map(|receipt| String::from(*receipt)).collect::<Vec<_>>());
        let surplus = seen.keys().filter(|receipt| !expected.contains(*receipt));
        without_receipt = Some(surplus.map(|receipt| String::from(*receipt)).collect::<Vec<_>>());
    }
    let is_whole = [&without_draw, &without_receipt].into_iter().flatten().all(Vec::is_empty);
    let valid = commitment_holds && wrong.is_empty() && repeated.is_empty() && is_whole;
    Ok(Verified { valid, commitment_holds, wrong, repeated, without_draw, without_receipt, counts: counts.to_vec() })
}

fn statistics(request: &CountsRequest) -> Result<Statistics, Refusal> {
    let counts = request.counts.as_slice().try_into().map_err(|_| Fault::NotTenCounts.error().at("counts"))?;
    let counts = DigitCounts::new(counts)?;
    Ok(Statistics {
        plays: counts.plays(),
        chi_square_milli: counts.chi_square_milli()?.map(Whole),
        uniform: counts.uniformity(),
        zero_share_bp: counts.zero_share_bp().map(Whole),
        forcing: counts.forcing(),
    })
}

fn slot(request: &SlotRequest) -> Result<SlotAnswer, Refusal> {
    let at = request.at.at_offset_of(request.utc_offset).map_err(|error| error.at("at"))?;
    let slot = Slot::at(&request.window, &at);
    Ok(SlotAnswer { slot, reason: if slot.is_some() { Inside::Inside } else { Inside::OutsideWindow } })
}

fn quota(request: &DayStock) -> Result<StockQuota, Refusal> {
    if request.price.get() < 0 {
        return Err(Fault::Negative.error().at("price").into());
    }
    let out_of_range = Fault::SlotsLeftOutOfRange.error().at("slots_left");
    let slots_left = u8::try_from(request.slots_left.0).map_err(|_| out_of_range)?;
    let units: Vec<Count> = stock_quota(request.stock_units, slots_left).map_err(|_| out_of_range)?.collect();
    let amounts = units.iter().map(|units| request.price.checked_mul(units.get())).collect::<Result<_, _>>()?;
    Ok(StockQuota { units, amounts })
}
