use core::fmt;

use super::super::Key;
use crate::error::{Error, Fault};
use crate::words::words;

/// Crockford base 32, and the five symbols of the check place alone.
const SYMBOLS: &[u8; 37] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";

/// The typable code of a voucher (VC-3), 16 symbols:
///
/// ```text
///  K SSS-SSS T-TTTT-TTT C
///  │ │       │          └ check symbol, modulo 37: a slip of the finger
///  │ │       └ tag, 40 bits: a made-up code
///  │ └ serial, 30 bits
///  └ key id, 5 bits
/// ```
///
/// ```
/// use loyalty_rules::ledger::Key;
/// use loyalty_rules::ledger::voucher::{Code, CodeReason, read_code};
///
/// let key = Key::new(b"a key of sixteen bytes or more")?;
/// let code = Code::new(key, 3, "BSN", 123_456)?.to_string();
/// let typed = code.to_lowercase().replace('0', "o").replace('-', " ");
/// let (reason, read) = read_code(&[(3, key)], "BSN", &typed);
/// assert_eq!((reason, read.unwrap().serial()), (CodeReason::Valid, 123_456));
/// assert_eq!(read_code(&[(3, key)], "another network", &typed).0, CodeReason::Altered);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// A made-up code passes with probability 2⁻⁴⁰ a try; the host limits the tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Key id, serial and tag: 75 bits.
    number: u128,
    check: u8,
}

words! {
    /// What a typed code is.
    pub enum CodeReason {
        /// The network issued it.
        Valid = "valid",
        /// It has not 16 symbols of a code.
        Unreadable = "unreadable",
        /// Its check symbol is wrong.
        Mistyped = "mistyped",
        /// No key has its key id.
        UnknownKey = "unknown_key",
        /// Its tag is wrong: made up, or of another network.
        Altered = "altered",
    }
}

impl Code {
    /// The code of a serial number that is used once under a key.
    ///
    /// # Errors
    /// `out_of_range` for a key id above 31 or a serial above 1,073,741,823.
    pub fn new(key: Key<'_>, key_id: u8, network: &str, serial: u32) -> Result<Self, Error> {
        if key_id > 31 {
            return Err(Fault::KeyIdOutOfRange.error().at("key_id"));
        }
        if serial >= 1 << 30 {
            return Err(Fault::SerialOutOfRange.error().at("serial"));
        }
        let tag = key.tag(&fields(network, &[key_id], &u64::from(serial).to_be_bytes()));
        let tag = tag.into_iter().take(5).fold(0_u128, |tag, byte| tag << 8 | u128::from(byte));
        let number = u128::from(key_id) << 70 | u128::from(serial) << 40 | tag;
        Ok(Self { number, check: check_of(number) })
    }

    /// The code as it is typed: letters in either case, hyphens and blanks anywhere, O for 0, I and L for 1.
    fn parse(text: &str) -> Option<Self> {
        let (mut number, mut check) = (0_u128, None);
        let mut symbols = text.chars().filter(|symbol| !matches!(symbol, '-' | ' '));
        for place in 0..16 {
            let symbol = match symbols.next()?.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                symbol => symbol,
            };
            let value = SYMBOLS.iter().position(|known| char::from(*known) == symbol)?;
            let value = u8::try_from(value).ok()?;
            match place {
                15 => check = Some(value),
                _ if value >= 32 => return None,
                _ => number = number << 5 | u128::from(value),
            }
        }
        if symbols.next().is_some() { None } else { Some(Self { number, check: check? }) }
    }

    /// The id of its key, 0 … 31.
    pub fn key_id(&self) -> u8 {
        u8::try_from(self.number >> 70).unwrap_or_default()
    }

    /// Its serial number.
    pub fn serial(&self) -> u32 {
        u32::try_from(self.number >> 40 & 0x3FFF_FFFF).unwrap_or_default()
    }
}

/// In capitals, in four groups.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let symbols = (0..15_u32).map(|place| {
            let bits = 70_u32.wrapping_sub(place.wrapping_mul(5));
            u8::try_from(self.number.wrapping_shr(bits) & 31).unwrap_or_default()
        });
        for (place, value) in symbols.chain([self.check]).enumerate() {
            if place > 0 && place % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(SYMBOLS.get(usize::from(value)).copied().unwrap_or_default()))?;
        }
        Ok(())
    }
}

/// Judges a typed code, in the order of the reasons: unreadable, mistyped, unknown key, altered. The code comes back
/// whenever it can be read.
pub fn read_code(keys: &[(u8, Key<'_>)], network: &str, text: &str) -> (CodeReason, Option<Code>) {
    let Some(code) = Code::parse(text) else { return (CodeReason::Unreadable, None) };
    let reason = if code.check != check_of(code.number) {
        CodeReason::Mistyped
    } else if let Some((key_id, key)) = keys.iter().find(|(key_id, _)| *key_id == code.key_id()) {
        let number = code.number.to_be_bytes();
        let tag = number.last_chunk::<5>().copied().unwrap_or_default();
        let is_genuine = key.holds(&fields(network, &[*key_id], &u64::from(code.serial()).to_be_bytes()), &tag);
        if is_genuine { CodeReason::Valid } else { CodeReason::Altered }
    } else {
        CodeReason::UnknownKey
    };
    (reason, Some(code))
}

fn check_of(number: u128) -> u8 {
    u8::try_from(number % 37).unwrap_or_default()
}

const fn fields<'a>(network: &'a str, key_id: &'a [u8; 1], serial: &'a [u8; 8]) -> [&'a [u8]; 4] {
    [b"loyalty-code-1", network.as_bytes(), key_id, serial]
}
