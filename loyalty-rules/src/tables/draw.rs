use ::hmac::Mac;
use sha2::{Digest, Sha256};

use super::Digit;
use crate::error::{Error, Fault};
use crate::hmac;

/// The key of a day's hardened draw (SW-6).
///
/// Whoever holds the key knows the digits ahead. The host publishes its [`commitment`](Self::commitment) with
/// shop, day and key id before opening and the key after closing; then anyone can verify every draw of the
/// day. A nonce that the shopper tells after the commitment removes the holder's advantage.
///
/// ```
/// use loyalty_rules::tables::DayKey;
///
/// let key = DayKey::new(b"a key of sixteen bytes or more")?;
/// let digit = key.draw("TOKO-ANI", "R-000123", None);
/// assert!(key.verify("TOKO-ANI", "R-000123", None, digit));
/// assert_eq!(key.commitment(), DayKey::new(b"a key of sixteen bytes or more")?.commitment());
/// assert_eq!(DayKey::new(b"too short").unwrap_err().kind().name(), "bad_config");
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct DayKey<'a>(&'a [u8]);

impl core::fmt::Debug for DayKey<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("DayKey")
    }
}

impl<'a> DayKey<'a> {
    /// A key of 16 … 64 bytes. HMAC replaces a longer key by its SHA-256, which is the published commitment, so that
    /// everybody could compute the digits of the day.
    ///
    /// # Errors
    /// `bad_config` for another length.
    pub const fn new(key: &'a [u8]) -> Result<Self, Error> {
        if key.len() < 16 || key.len() > 64 { Err(Fault::KeyLength.error()) } else { Ok(Self(key)) }
    }

    /// SHA-256 of the key, published before opening.
    pub fn commitment(self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    /// The digit of a receipt. The receipt id must be fixed before play; one draw a receipt, and a voided
    /// receipt keeps its draw.
    ///
    /// HMAC-SHA-256 under the key over receipt id, shop id and nonce, each after its byte length, and a block
    /// counter, numbers as 32 bits big endian. The first byte below 250, modulo 10, is the digit, so that all
    /// ten are equally likely; a block without one raises the counter.
    pub fn draw(self, shop: &str, receipt: &str, nonce: Option<&str>) -> Digit {
        let fields = [receipt, shop, nonce.unwrap_or_default()].map(str::as_bytes);
        let message = hmac::of_fields(self.0, fields.get(..if nonce.is_some() { 3 } else { 2 }).unwrap_or_default());
        let blocks = (0_u32..).map_while(|counter| {
            let mut mac = message.clone()?;
            mac.update(&counter.to_be_bytes());
            Some(mac.finalize().into_bytes())
        });
        let fair = blocks.flatten().find(|byte| *byte < 250);
        fair.and_then(|byte| Digit::new(byte % 10).ok()).unwrap_or_default()
    }

    /// Whether a digit is the one drawn for a receipt.
    pub fn verify(self, shop: &str, receipt: &str, nonce: Option<&str>, digit: Digit) -> bool {
        self.draw(shop, receipt, nonce) == digit
    }
}
