use ::hmac::Mac;

use crate::error::{Error, Fault};
use crate::hmac;

/// A secret key of 16 … 64 bytes for codes, allowances, entries and pseudonyms.
///
/// Each use has its own domain text in front of its fields, so that one key may serve all.
#[derive(Clone, Copy)]
pub struct Key<'a>(&'a [u8]);

/// A key is not shown.
impl core::fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Key")
    }
}

impl<'a> Key<'a> {
    /// A key.
    ///
    /// # Errors
    /// `bad_config` for fewer than 16 or more than 64 bytes.
    pub const fn new(key: &'a [u8]) -> Result<Self, Error> {
        if 16 <= key.len() && key.len() <= 64 { Ok(Self(key)) } else { Err(Fault::KeyLength.error()) }
    }

    /// HMAC-SHA-256 over the fields, each after its byte length.
    pub(super) fn tag(self, fields: &[&[u8]]) -> [u8; 32] {
        hmac::of_fields(self.0, fields).map(|mac| mac.finalize().into_bytes().into()).unwrap_or_default()
    }

    /// Whether `tag` is HMAC-SHA-256 over bytes as they are; compared in constant time.
    #[doc(hidden)]
    pub fn signs(self, bytes: &[u8], tag: &[u8; 32]) -> bool {
        hmac::of_fields(self.0, &[]).is_some_and(|mac| mac.chain_update(bytes).verify_slice(tag).is_ok())
    }

    /// Whether `tag` is the first bytes of the fields' tag; compared in constant time.
    pub(super) fn holds(self, fields: &[&[u8]], tag: &[u8]) -> bool {
        hmac::of_fields(self.0, fields).is_some_and(|mac| mac.verify_truncated_left(tag).is_ok())
    }
}
