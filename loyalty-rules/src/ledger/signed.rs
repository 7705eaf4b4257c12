use super::Key;
use crate::calendar::CivilTime;
use crate::error::{Error, Fault};
use crate::quantity::Points;
use crate::words::words;

/// What a till may honour while it is offline (LG-9), for one member.
///
/// ```text
///  server ── allowance + tag ──▶ till     offline: honours up to the limit
///  server ◀── entries, each tagged ── till     online again: the fold refuses what was spent twice
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance<'a> {
    /// The till.
    pub till: &'a str,
    /// The member.
    pub member: &'a str,
    /// The most that may be honoured, zero or more.
    pub limit: Points,
    /// From when it no longer holds.
    pub expires: CivilTime,
}

words! {
    /// Whether a redemption may be honoured offline.
    pub enum AllowanceReason {
        /// It may.
        Accepted = "accepted",
        /// The tag is not the server's.
        Forged = "forged",
        /// The allowance no longer holds.
        Expired = "expired",
        /// The limit would be passed.
        AboveAllowance = "above_allowance",
    }
}

impl Allowance<'_> {
    /// The server's tag: HMAC-SHA-256 over `loyalty-allowance-1`, till, member, limit (8 bytes, big endian) and the
    /// expiry as written.
    ///
    /// ```
    /// use loyalty_rules::ledger::{Allowance, AllowanceReason, Key};
    /// use loyalty_rules::quantity::Points;
    ///
    /// let (key, points) = (Key::new(b"a key of sixteen bytes or more")?, |milli| Points::from_milli(milli).unwrap());
    /// let expires = "2025-03-02T00:00:00+07:00".parse()?;
    /// let allowance = Allowance { till: "T1", member: "M1", limit: points(50_000), expires };
    /// let tag = allowance.sign(key);
    /// let at = "2025-03-01T10:00:00+07:00".parse()?;
    /// let judged = allowance.judge(key, &tag, &at, points(20_000), points(10_000))?;
    /// assert_eq!((judged.0, judged.1.milli()), (AllowanceReason::Accepted, 20_000));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn sign(&self, key: Key<'_>) -> [u8; 32] {
        self.with_fields(|fields| key.tag(fields))
    }

    /// Judges a redemption of `points` after `spent` under the same allowance, and tells what is left of it: after
    /// the redemption if it is accepted, at least zero, nothing of an allowance that is forged or expired.
    ///
    /// # Errors
    /// `out_of_range` for negative points.
    pub fn judge(
        &self,
        key: Key<'_>,
        tag: &[u8],
        at: &CivilTime,
        points: Points,
        spent: Points,
    ) -> Result<(AllowanceReason, Points), Error> {
        for (points, field) in [(self.limit, "limit_milli"), (points, "points_milli"), (spent, "spent_milli")] {
            if points < Points::ZERO {
                return Err(Fault::Negative.error().at(field));
            }
        }
        if tag.len() != 32 || !self.with_fields(|fields| key.holds(fields, tag)) {
            return Ok((AllowanceReason::Forged, Points::ZERO));
        }
        if at.nanos_since(&self.expires) >= 0 {
            return Ok((AllowanceReason::Expired, Points::ZERO));
        }
        // Three numbers of the domain stay below 2⁵⁵.
        let left = self.limit.milli().wrapping_sub(spent.milli());
        let after = left.wrapping_sub(points.milli());
        let (reason, left) = if after < 0 { (AllowanceReason::AboveAllowance, left.max(0)) } else { (AllowanceReason::Accepted, after) };
        Ok((reason, Points::from_milli(left)?))
    }

    fn with_fields<T>(&self, act: impl FnOnce(&[&[u8]]) -> T) -> T {
        let (limit, expires) = (self.limit.milli().to_be_bytes(), alloc::format!("{}", self.expires.as_written()));
        act(&[b"loyalty-allowance-1", self.till.as_bytes(), self.member.as_bytes(), &limit, expires.as_bytes()])
    }
}

/// The tag of a till's entry (LG-11): HMAC-SHA-256 over `loyalty-entry-1` and the entry's canonical bytes.
///
/// ```
/// use loyalty_rules::ledger::{Key, sign_entry, verify_entry};
///
/// let key = Key::new(b"a key of sixteen bytes or more")?;
/// let entry = br#"{"account":"M1","id":"e1","kind":"redeem","points_milli":5000,"shop":"A","time":"2025-03-01T10:00:00+07:00"}"#;
/// assert!(verify_entry(key, entry, &sign_entry(key, entry)));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
pub fn sign_entry(key: Key<'_>, canonical: &[u8]) -> [u8; 32] {
    key.tag(&[ENTRY, canonical])
}

/// Whether a tag of 32 bytes is that of an entry's canonical bytes; compared in constant time.
pub fn verify_entry(key: Key<'_>, canonical: &[u8], tag: &[u8]) -> bool {
    tag.len() == 32 && key.holds(&[ENTRY, canonical], tag)
}

const ENTRY: &[u8] = b"loyalty-entry-1";

/// The pseudonym under which a ledger knows a member (LG-11). Who erases the member's row, or the key, erases the link;
/// the fold stands.
pub fn pseudonym(key: Key<'_>, member: &str) -> [u8; 32] {
    key.tag(&[b"loyalty-member-1", member.as_bytes()])
}
