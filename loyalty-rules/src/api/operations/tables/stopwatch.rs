//! What picks a column: digits, claims, draws, slots.

use crate::api::fields::{Hex, KeyHex};
use crate::api::wire::{Refusal, Whole, answer, record};
use crate::calendar::{CivilTime, Offset, SaleWindow};
use crate::error::{Error, Fault};
use crate::operations;
use crate::quantity::{Count, Rupiah};
use crate::tables::{Claim, ClaimReason, DayKey, Digit, Judgement, Slot, Tolerance, stock_quota};
use alloc::string::String;
use alloc::vec::Vec;

crate::wire_words! {
    ClaimReason;
    Inside;
}

operations! {
    "stopwatch.lucky_digit" ["SW-2"] "The lucky digit of the time at which a countdown ends.": lucky_digit, Stopped => Lucky;
    "stopwatch.claim" ["SW-4"] "Whether a played countdown is accepted.": claim, ClaimRequest => JudgedClaim;
    "stopwatch.draw" ["SW-6"] "The lucky digit of a hardened draw.": draw, DrawRequest => Drawn;
    "auction.slot" ["TA-1 TA-2"] "The slot of an instant.": slot, SlotRequest => SlotAnswer;
    "auction.stock_quota" ["TA-5"] "The stock of a day over the slots that are left.": quota, DayStock => StockQuota;
}

crate::words! {
    /// Whether an instant lies in the sale window (TA-1).
    pub enum Inside {
        /// It does.
        Inside = "inside",
        /// It does not.
        OutsideWindow = "outside_window",
    }
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
