//! What the faces of both award modules share: the only conversions between the numbers of the facade and ours.

use loyalty_rules::award::Reason;
use loyalty_rules::error::{Error, Fault};

/// A number of the facade as an integer.
///
/// # Errors
/// `bad_type` for what is none, `out_of_range` outside the domain.
#[inline]
pub fn whole(number: f64) -> Result<i64, Error> {
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "there is no other conversion; what it cuts is refused below"
    )]
    let whole = number as i64;
    if is_same(number, whole) { Ok(whole) } else { Err(not_whole(number)) }
}

/// A number of the facade as an integer of 32 bits, if it is one.
#[cfg(feature = "program")]
#[inline]
pub fn integer(number: f64) -> Option<i32> {
    #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "there is no other conversion; what it cuts is none")]
    let whole = number as i32;
    #[expect(clippy::float_cmp, reason = "the conversion there and back is exact, or there is none")]
    let is_same = f64::from(whole) == number;
    is_same.then_some(whole)
}

/// A digit or a slot of the facade, if it is as small as one.
#[cfg(feature = "program")]
#[inline]
pub fn small(number: f64) -> Option<i8> {
    i8::try_from(integer(number)?).ok().filter(|small| *small >= 0)
}

#[expect(clippy::float_cmp, reason = "the conversion there and back is exact, or the number is refused")]
#[inline]
fn is_same(number: f64, whole: i64) -> bool {
    // Beyond 2⁵³ the domain's own gate refuses.
    self::number(whole) == number
}

#[cold]
fn not_whole(number: f64) -> Error {
    let is_whole = number.abs() >= 9_007_199_254_740_992.0 && number.is_finite();
    if is_whole { Fault::OutsideDomain.error() } else { Fault::WantsInteger.error() }
}

/// An integer for the facade; inside the domain it is exact.
#[inline]
pub fn number(whole: i64) -> f64 {
    #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "the domain is what a number of JavaScript holds exactly")]
    let number = whole as f64;
    number
}

/// The number of a reason, and in bit 8 whether it awards.
#[inline]
pub fn reason_number(reason: Reason) -> i32 {
    i32::from(reason.place()) | i32::from(reason.is_award()) << 8
}

/// The place of a mechanism in the list of its words.
pub fn mechanism_number(mechanism: loyalty_rules::tables::Mechanism) -> i32 {
    let place = loyalty_rules::tables::Mechanism::ALL.iter().position(|word| *word == mechanism);
    place.and_then(|place| i32::try_from(place).ok()).unwrap_or_default()
}
