//! Floor 1: HMAC-SHA-256 over fields, so that no two messages have the same bytes.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The running hash under a key over fields, each after its byte length (u32, big endian); `None` for a field of
/// 4 GiB.
pub(crate) fn of_fields(key: &[u8], fields: &[&[u8]]) -> Option<Hmac<Sha256>> {
    // HMAC takes keys of every length.
    let mut mac = Hmac::new_from_slice(key).ok()?;
    for field in fields {
        mac.update(&u32::try_from(field.len()).ok()?.to_be_bytes());
        mac.update(field);
    }
    Some(mac)
}
