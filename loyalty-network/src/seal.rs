use sha2::{Digest, Sha256};

use loyalty_rules::ledger::Key;
use loyalty_rules::words;

/// The hash of an event (OR-1): SHA-256 over `loyalty-event-1` and the canonical event, in which the member is erased.
pub fn event_hash(canonical: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(b"loyalty-event-1").chain_update(canonical).finalize().into()
}

/// What stands for an erased member (OR-1): SHA-256 over `loyalty-member-1` and the member. The pseudonym behind it is a keyed
/// hash, so nobody without the key finds it by trying names.
pub fn erased_member(member: &str) -> [u8; 32] {
    Sha256::new().chain_update(b"loyalty-member-1").chain_update(member.as_bytes()).finalize().into()
}

/// The next link of a chain of events (OR-1): SHA-256 over the link before, 32 zero bytes before the first, and the hash of
/// the event. A record of which an event was changed or left out has other links from there on.
///
/// ```
/// use loyalty_network::{chain, event_hash};
///
/// let [first, second] = [event_hash(b"{}"), event_hash(b"{\"id\":\"e2\"}")];
/// let link = chain(None, &first);
/// assert_ne!(chain(Some(&link), &second), chain(None, &second));
/// ```
pub fn chain(previous: Option<&[u8; 32]>, hash: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update(previous.unwrap_or(&[0; 32])).chain_update(hash).finalize().into()
}

words! {
    /// Whether the body of a message carries its signature (OR-1).
    pub enum SignatureReason {
        /// It does.
        Valid = "valid",
        /// The signature is another's.
        Wrong = "wrong",
        /// The text is no signature.
        Malformed = "malformed",
    }
}

/// Whether a message carries its signature (OR-1): HMAC-SHA-256 under the key over the body as it came, compared in constant
/// time. `None` is a signature that could not be read.
///
/// ```
/// use loyalty_rules::ledger::Key;
/// use loyalty_network::{SignatureReason, check_signature};
///
/// let key = Key::new(b"a key of sixteen bytes or more")?;
/// assert_eq!(check_signature(key, b"{}", Some(&[0; 32])), SignatureReason::Wrong);
/// assert_eq!(check_signature(key, b"{}", None), SignatureReason::Malformed);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
pub fn check_signature(key: Key<'_>, body: &[u8], signature: Option<&[u8; 32]>) -> SignatureReason {
    match signature {
        None => SignatureReason::Malformed,
        Some(signature) if key.signs(body, signature) => SignatureReason::Valid,
        Some(_) => SignatureReason::Wrong,
    }
}
