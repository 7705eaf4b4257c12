use alloc::string::String;
use alloc::vec::Vec;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::base45;
use crate::award::Origin;
use crate::calendar::{CivilTime, Offset};
use crate::error::{Error, Fault};
use crate::quantity::Rupiah;
use crate::words::words;

/// In front of the signed bytes.
const DOMAIN: &[u8] = b"loyalty-token-1";
/// In front of the text.
const PREFIX: &str = "LR1:";
const FORMAT: u8 = 1;
const PURCHASED: u8 = 1;
const SINGLE_USE: u8 = 2;
const HAS_EXPIRY: u8 = 4;

/// What a token says of a voucher (VC-3, VC-8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voucher {
    /// The network in whose shops it can be used (VC-2), 1 … 64 bytes.
    pub network: String,
    /// Its unique id, 1 … 64 bytes.
    pub id: String,
    /// The shop that issued it, 1 … 64 bytes.
    pub issuer: String,
    /// What it is worth in rupiah, zero or more.
    pub value: Rupiah,
    /// From when it can be used, to the second.
    pub valid_from: CivilTime,
    /// From when it can no longer be used, to the second; a purchased one may be without.
    pub expires: Option<CivilTime>,
    /// Whether it was given or paid for.
    pub origin: Origin,
    /// Whether it must be used at once.
    pub single_use: bool,
}

/// The secret key of a network's tokens.
pub struct SecretKey(SigningKey);

/// A secret is not shown.
impl core::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SecretKey")
    }
}

impl SecretKey {
    /// The key of 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// Its public key, which every shop may have.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }
}

/// The public key of a network's tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The key of 32 bytes.
    ///
    /// # Errors
    /// `bad_config` if they are no point of the curve in its one spelling, or a point of small order, for which anybody could sign.
    pub fn new(public: &[u8; 32]) -> Result<Self, Error> {
        // The curve's coordinates end at 2²⁵⁵ − 19; a larger one would be a second spelling of a point.
        let [low, middle @ .., high] = public;
        let is_reduced = *low < 0xED || *high & 0x7F < 0x7F || middle.iter().any(|byte| *byte < 0xFF);
        let key = VerifyingKey::from_bytes(public).ok().filter(|key| is_reduced && !key.is_weak());
        key.map(Self).ok_or(Fault::NotAPublicKey.error())
    }
}

words! {
    /// What a token is, judged in this order.
    pub enum TokenReason {
        /// The network issued it and it can be used now.
        Valid = "valid",
        /// It is no token of this format.
        Unreadable = "unreadable",
        /// It names another network.
        WrongNetwork = "wrong_network",
        /// No key has its key id.
        UnknownKey = "unknown_key",
        /// Its signature does not hold.
        Altered = "altered",
        /// It can be used later.
        NotYetValid = "not_yet_valid",
        /// It can no longer be used.
        Expired = "expired",
    }
}

/// A judged token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What it is.
    pub reason: TokenReason,
    /// The id of its key and what it says, if its signature holds.
    pub genuine: Option<(u8, Voucher)>,
}

/// The signed token of a voucher: format, key id, flags, value, times, network, id, issuer, and an Ed25519 signature
/// over `loyalty-token-1` and all of these (VC-3).
///
/// ```
/// use loyalty_rules::award::Origin;
/// use loyalty_rules::ledger::voucher::{PublicKey, SecretKey, TokenReason, Voucher, token_bytes, token_text, verify};
/// use loyalty_rules::quantity::Rupiah;
///
/// let (secret, text) = (SecretKey::new(&[7; 32]), String::from);
/// let voucher = Voucher {
///     network: text("BSN"),
///     id: text("V-1"),
///     issuer: text("TOKO-ANI"),
///     value: Rupiah::new(15_000)?,
///     valid_from: "2025-03-01T10:00:00+07:00".parse()?,
///     expires: Some("2025-03-15T00:00:00+07:00".parse()?),
///     origin: Origin::Promotional,
///     single_use: false,
/// };
/// let token = voucher.sign(&secret, 1)?;
/// assert_eq!(token_bytes(&token_text(&token)).as_ref(), Some(&token));
///
/// let (keys, at) = ([(1, PublicKey::new(&secret.public())?)], "2025-03-02T10:00:00+07:00".parse()?);
/// assert_eq!(verify(&token, &keys, "BSN", &at).genuine.unwrap().1, voucher);
/// let mut altered = token;
/// altered[10] += 1; // a rupiah more
/// assert_eq!(verify(&altered, &keys, "BSN", &at).reason, TokenReason::Altered);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
impl Voucher {
    /// The token's bytes.
    ///
    /// # Errors
    /// `out_of_range` for a negative value or a text outside 1 … 64 bytes; `bad_config` for a promotional voucher
    /// without expiry or one that expires before it is valid; `bad_time` for a fraction of a second or second 60.
    pub fn sign(&self, secret: &SecretKey, key_id: u8) -> Result<Vec<u8>, Error> {
        if self.value < Rupiah::ZERO {
            return Err(Fault::Negative.error().at("value"));
        }
        match &self.expires {
            None if self.origin == Origin::Promotional => return Err(Fault::PromotionalNeedsExpiry.error().at("expires")),
            Some(expires) if expires.nanos_since(&self.valid_from) <= 0 => {
                return Err(Fault::ExpiryNotAfterStart.error().at("expires"));
            }
            _ => {}
        }
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let flags = flag(self.origin == Origin::Purchased, PURCHASED)
            | flag(self.single_use, SINGLE_USE)
            | flag(self.expires.is_some(), HAS_EXPIRY);
        let mut token = Vec::from(DOMAIN);
        token.extend([FORMAT, key_id, flags]);
        token.extend(self.value.get().to_be_bytes());
        for (time, field) in [(Some(self.valid_from), "valid_from"), (self.expires, "expires")] {
            let Some(time) = time else { continue };
            token.extend(time.epoch_s().ok_or(Fault::NotWholeSeconds.error().at(field))?.to_be_bytes());
            token.extend(time.offset().minutes().to_be_bytes());
        }
        for (text, field) in [(&self.network, "network"), (&self.id, "id"), (&self.issuer, "issuer")] {
            let length = u8::try_from(text.len()).ok().filter(|length| (1..=64).contains(length));
            token.push(length.ok_or(Fault::TokenTextLength.error().at(field))?);
            token.extend(text.as_bytes());
        }
        let signature = secret.0.sign(&token).to_bytes();
        token.drain(..DOMAIN.len());
        token.extend(signature);
        Ok(token)
    }

    fn is_valid(&self, at: &CivilTime) -> TokenReason {
        if at.nanos_since(&self.valid_from) < 0 {
            TokenReason::NotYetValid
        } else if self.expires.is_some_and(|expires| at.nanos_since(&expires) >= 0) {
            TokenReason::Expired
        } else {
            TokenReason::Valid
        }
    }
}

/// Judges a token's bytes at an instant, for a network and its public keys by key id.
///
/// It shows that the voucher is genuine, not that it is unspent: tills that cannot see each other can each honour it
/// once, so that at most (such tills − 1) × its value is lost.
pub fn verify(token: &[u8], keys: &[(u8, PublicKey)], network: &str, at: &CivilTime) -> Verified {
    let refuse = |reason| Verified { reason, genuine: None };
    let Some((key_id, voucher, signature)) = parse(token) else { return refuse(TokenReason::Unreadable) };
    if voucher.network != network {
        return refuse(TokenReason::WrongNetwork);
    }
    let Some((_, key)) = keys.iter().find(|(known, _)| *known == key_id) else { return refuse(TokenReason::UnknownKey) };
    let signed = token.strip_suffix(&signature).unwrap_or_default();
    if key.0.verify_strict(&[DOMAIN, signed].concat(), &Signature::from_bytes(&signature)).is_err() {
        return refuse(TokenReason::Altered);
    }
    Verified { reason: voucher.is_valid(at), genuine: Some((key_id, voucher)) }
}

/// A token as text of a QR code's alphanumeric mode: `LR1:` and Base45 of its bytes.
pub fn token_text(token: &[u8]) -> String {
    let mut text = String::from(PREFIX);
    text.push_str(&base45::encode(token));
    text
}

/// The bytes of a token's text, if it is one.
pub fn token_bytes(text: &str) -> Option<Vec<u8>> {
    text.strip_prefix(PREFIX).and_then(base45::decode)
}

/// Key id, voucher and signature of a token that is well formed to the last byte.
fn parse(token: &[u8]) -> Option<(u8, Voucher, [u8; 64])> {
    let (body, signature) = token.split_last_chunk()?;
    let mut body = Bytes(body);
    let [format, key_id, flags] = body.take()?;
    if format != FORMAT || flags > PURCHASED | SINGLE_USE | HAS_EXPIRY {
        return None;
    }
    let value = Rupiah::not_negative(i64::from_be_bytes(body.take()?)).ok()?;
    let valid_from = body.time()?;
    let expires = if flags & HAS_EXPIRY > 0 { Some(body.time()?) } else { None };
    let [network, id, issuer] = [body.text()?, body.text()?, body.text()?];
    let origin = if flags & PURCHASED > 0 { Origin::Purchased } else { Origin::Promotional };
    let voucher = Voucher { network, id, issuer, value, valid_from, expires, origin, single_use: flags & SINGLE_USE > 0 };
    body.0.is_empty().then_some((key_id, voucher, *signature))
}

/// Bytes that are read from their front.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn time(&mut self) -> Option<CivilTime> {
        let epoch_s = i64::from_be_bytes(self.take()?);
        let offset = Offset::from_minutes(i16::from_be_bytes(self.take()?)).ok()?;
        CivilTime::from_epoch(epoch_s, offset).ok()
    }

    fn text(&mut self) -> Option<String> {
        let [length] = self.take()?;
        let (text, rest) = self.0.split_at_checked(length.into()).filter(|_| (1..=64).contains(&length))?;
        self.0 = rest;
        core::str::from_utf8(text).ok().map(String::from)
    }
}
