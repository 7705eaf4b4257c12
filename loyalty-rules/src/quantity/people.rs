//! Quantities as people in Indonesia write them: `Rp15.000`, `2,25 poin`, `3,5%`.

use core::fmt;

use super::{Points, Rate, Rupiah};
use crate::error::{Error, Fault};

/// A quantity to be shown to people.
///
/// ```
/// use loyalty_rules::quantity::{ForPeople, Points, Rate, Rupiah};
///
/// assert_eq!(ForPeople(Rupiah::new(-15_000)?).to_string(), "-Rp15.000");
/// assert_eq!(ForPeople(Points::from_milli(2_250)?).to_string(), "2,25 poin");
/// assert_eq!(ForPeople(Rate::from_bp(350)?).to_string(), "3,5%");
///
/// assert_eq!(Rupiah::from_people("Rp15.000")?.get(), 15_000);
/// assert_eq!(Points::from_people("2,25 poin")?.milli(), 2_250);
/// assert_eq!(Rate::from_people("3,5%")?.bp(), 350);
/// assert_eq!(Rupiah::from_people("Rp15000").unwrap_err().kind().name(), "bad_text");
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForPeople<T>(pub T);

impl fmt::Display for ForPeople<Rupiah> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rupiah = self.0.get();
        f.write_str(if rupiah < 0 { "-Rp" } else { "Rp" })?;
        grouped(f, rupiah.unsigned_abs())
    }
}

impl fmt::Display for ForPeople<Points> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milli = self.0.milli();
        f.write_str(if milli < 0 { "-" } else { "" })?;
        grouped(f, milli.unsigned_abs() / 1_000)?;
        decimals(f, milli.unsigned_abs() % 1_000, 3)?;
        f.write_str(" poin")
    }
}

impl fmt::Display for ForPeople<Rate> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.bp() / 100)?;
        decimals(f, (self.0.bp() % 100).into(), 2)?;
        f.write_str("%")
    }
}

/// A number in groups of three.
fn grouped(f: &mut fmt::Formatter<'_>, number: u64) -> fmt::Result {
    let groups = 1_u32.saturating_add(number.checked_ilog(1_000).unwrap_or_default());
    for group in (0..groups).rev() {
        let digits = 1_000_u64.checked_pow(group).and_then(|unit| number.checked_div(unit)).unwrap_or_default() % 1_000;
        if group.wrapping_add(1) == groups { write!(f, "{digits}")? } else { write!(f, ".{digits:03}")? }
    }
    Ok(())
}

/// A fraction of so many digits behind a comma, without zeros at its end.
fn decimals(f: &mut fmt::Formatter<'_>, fraction: u64, digits: usize) -> fmt::Result {
    if fraction == 0 {
        return Ok(());
    }
    let (mut fraction, mut digits) = (fraction, digits);
    while fraction % 10 == 0 {
        fraction /= 10;
        digits = digits.saturating_sub(1);
    }
    write!(f, ",{fraction:0digits$}")
}

impl Rupiah {
    /// An amount from text such as `Rp15.000` or `-Rp2.250`.
    ///
    /// # Errors
    /// `bad_text` for anything else, `out_of_range` outside the domain.
    pub fn from_people(text: &str) -> Result<Self, Error> {
        let fault = Fault::NotRupiahText.error();
        let (is_negative, text) = sign(text);
        let magnitude = read_grouped(text.strip_prefix("Rp").ok_or(fault)?).ok_or(fault)?;
        signed(is_negative, magnitude, fault).and_then(Self::new)
    }
}

impl Points {
    /// Points from text such as `2,25 poin`.
    ///
    /// # Errors
    /// `bad_text` for anything else, `out_of_range` outside the domain.
    pub fn from_people(text: &str) -> Result<Self, Error> {
        let fault = Fault::NotPointsText.error();
        let (is_negative, text) = sign(text);
        let (whole, milli) = split_decimals(text.strip_suffix(" poin").ok_or(fault)?, 3).ok_or(fault)?;
        let whole = read_grouped(whole).ok_or(fault)?;
        signed(is_negative, whole.saturating_mul(1_000).saturating_add(milli), fault).and_then(Self::from_milli)
    }
}

impl Rate {
    /// A rate from text such as `3,5%`.
    ///
    /// # Errors
    /// `bad_text` for anything else, `out_of_range` above 100 %.
    pub fn from_people(text: &str) -> Result<Self, Error> {
        let fault = Fault::NotRateText.error();
        let (whole, hundredths) = split_decimals(text.strip_suffix('%').ok_or(fault)?, 2).ok_or(fault)?;
        let is_whole = !whole.is_empty() && (whole == "0" || !whole.starts_with('0'));
        let whole = read_digits(whole).filter(|_| is_whole).ok_or(fault)?;
        let bp = u16::try_from(whole.saturating_mul(100).saturating_add(hundredths)).unwrap_or(u16::MAX);
        Self::from_bp(bp)
    }
}

fn sign(text: &str) -> (bool, &str) {
    text.strip_prefix('-').map_or((false, text), |text| (true, text))
}

/// The signed number; minus zero is not written.
fn signed(is_negative: bool, magnitude: u64, fault: Error) -> Result<i64, Error> {
    let magnitude = i64::try_from(magnitude).map_err(|_| Fault::OutsideDomain.error())?;
    match (is_negative, magnitude) {
        (true, 0) => Err(fault),
        (true, magnitude) => Ok(magnitude.wrapping_neg()),
        (false, magnitude) => Ok(magnitude),
    }
}

/// The part before a comma, and the fraction behind it in units of its last place.
fn split_decimals(text: &str, places: usize) -> Option<(&str, u64)> {
    let Some((whole, fraction)) = text.split_once(',') else { return Some((text, 0)) };
    let is_short = (1..=places).contains(&fraction.len()) && !fraction.ends_with('0');
    let scale = u32::try_from(places.saturating_sub(fraction.len())).ok()?;
    let fraction = read_digits(fraction).filter(|_| is_short)?;
    Some((whole, fraction.saturating_mul(10_u64.checked_pow(scale)?)))
}

/// Digits in groups of three, without a leading zero; numbers beyond 64 bits stay at the end.
fn read_grouped(text: &str) -> Option<u64> {
    let mut groups = text.split('.');
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()))?;
    if first.starts_with('0') && text != "0" {
        return None;
    }
    groups.try_fold(read_digits(first)?, |number, group| {
        let digits = read_digits(group).filter(|_| group.len() == 3)?;
        Some(number.saturating_mul(1_000).saturating_add(digits))
    })
}

fn read_digits(text: &str) -> Option<u64> {
    text.bytes().try_fold(0_u64, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| digit.wrapping_sub(b'0'))?;
        Some(number.saturating_mul(10).saturating_add(digit.into()))
    })
}
