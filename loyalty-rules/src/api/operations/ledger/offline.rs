//! Offline tills: what they may honour, and what they sign.

use crate::api::canonical;
use crate::api::fields::{Hex, Secret};
use crate::api::operations::ledger::account::Written;
use crate::api::wire::{AsWritten, Refusal, answer, record};
use crate::calendar::CivilTime;
use crate::error::{Error, Fault};
use crate::ledger::{self, Allowance, AllowanceReason, Allowed, RefusedRedemption};
use crate::operations;
use crate::quantity::Points;
use alloc::string::String;
use alloc::vec::Vec;

crate::wire_words! {
    AllowanceReason;
}

operations! {
    "ledger.allowances" ["LG-9"] "What offline tills can lose at most, and what they lost.": allowances, AllowancesRequest => AllowancesAnswer;
    "ledger.sign_allowance" ["LG-9"] "The tag of an offline till's allowance.": sign_allowance, AllowanceFields => Tag;
    "ledger.check_allowance" ["LG-9"] "Whether an offline till may honour a redemption.": check_allowance, CheckAllowance => CheckedAllowance;
    "ledger.sign_entry" ["LG-11"] "The tag of a till's entry.": sign_entry, SignEntry => Tag;
    "ledger.verify_entry" ["LG-11"] "Whether a till's entry carries its tag.": verify_entry, VerifyEntry => Valid;
    "member.pseudonym" ["LG-11"] "The name under which a ledger knows a member.": pseudonym, PseudonymRequest => Pseudonym;
}

record! {
    /// What offline tills may honour, and what the fold refused.
    pub struct AllowancesRequest {
        /// The allowances, each till and member once.
        allowances: Vec<AllowedFields>,
        /// Refused redemptions, each id once.
        refused: Vec<RefusedFields> = Vec::new(),
    }
}

record! {
    /// What a till may honour offline for a member.
    pub struct AllowedFields {
        /// The till.
        till: String,
        /// The member.
        member: String,
        /// The most, in thousandths of a point, 0 or more.
        limit_milli: Points,
    }
}

record! {
    /// A redemption that the fold refused.
    pub struct RefusedFields {
        /// Its id.
        id: String,
        /// The till.
        till: String,
        /// The member.
        member: String,
        /// What was missing, in thousandths of a point, 0 or more.
        missing_milli: Points,
        /// Whether the till had honoured it.
        honoured: bool,
    }
}

answer! {
    /// What offline tills can lose, and lost.
    pub struct AllowancesAnswer {
        /// The sum of the limits: the most that can be lost, in thousandths of a point.
        largest_loss_milli: Points,
        /// What honoured redemptions lacked, in thousandths of a point.
        lost_milli: Points,
        /// The allowances in declared order.
        allowances: Vec<UsedAllowance>,
        /// Honoured redemptions without an allowance, in declared order.
        without_allowance: Vec<String>,
    }
}

answer! {
    /// An allowance and what was lost under it.
    pub struct UsedAllowance {
        /// The till.
        till: String,
        /// The member.
        member: String,
        /// The most, in thousandths of a point.
        limit_milli: Points,
        /// What was lost, in thousandths of a point.
        lost_milli: Points,
        /// Limit − lost in thousandths of a point, signed.
        left_milli: Points,
    }
}

record! {
    /// An allowance and the server's key.
    pub struct AllowanceFields {
        /// The server's secret key: 16 … 64 bytes as hexadecimal digits.
        key_hex: Secret,
        /// The till.
        till: String,
        /// The member.
        member: String,
        /// The most, in thousandths of a point, 0 or more.
        limit_milli: Points,
        /// From when it no longer holds; its spelling is signed too.
        expires: AsWritten,
    }
}

answer! {
    /// A tag.
    pub struct Tag {
        /// HMAC-SHA-256, 32 bytes as hexadecimal digits.
        tag_hex: Hex,
    }
}

record! {
    /// A redemption under an allowance.
    pub struct CheckAllowance {
        [flat] allowance: AllowanceFields,
        /// The tag that came with the allowance.
        tag_hex: String,
        /// When the points are to be spent.
        at: CivilTime,
        /// What is to be spent, in thousandths of a point, 0 or more.
        points_milli: Points,
        /// What was spent under the allowance before, in thousandths of a point, 0 or more.
        spent_milli: Points = Points::ZERO,
    }
}

answer! {
    /// Whether a till may honour a redemption.
    pub struct CheckedAllowance {
        /// Whether, and why not.
        reason: AllowanceReason,
        /// What is left of the allowance, in thousandths of a point.
        left_milli: Points,
    }
}

record! {
    /// An entry and the till's key.
    pub struct SignEntry {
        /// The till's secret key: 16 … 64 bytes as hexadecimal digits.
        key_hex: Secret,
        /// The entry.
        entry: Written,
    }
}

record! {
    /// An entry with its tag.
    pub struct VerifyEntry {
        /// The till's secret key: 16 … 64 bytes as hexadecimal digits.
        key_hex: Secret,
        /// The entry.
        entry: Written,
        /// The tag that came with it.
        tag_hex: String,
    }
}

answer! {
    /// Whether a tag holds.
    pub struct Valid {
        /// It does.
        valid: bool,
    }
}

record! {
    /// A member and the key of pseudonyms.
    pub struct PseudonymRequest {
        /// The secret key: 16 … 64 bytes as hexadecimal digits.
        key_hex: Secret,
        /// The member.
        member: String,
    }
}

answer! {
    /// A pseudonym.
    pub struct Pseudonym {
        /// 32 bytes as hexadecimal digits.
        pseudonym: Hex,
    }
}

fn allowances(request: &AllowancesRequest) -> Result<AllowancesAnswer, Refusal> {
    let allowed = |fields: &AllowedFields| (fields.till.clone(), fields.member.clone(), fields.limit_milli);
    let allowances: Vec<Allowed<'_>> =
        request.allowances.iter().map(|fields| Allowed { till: &fields.till, member: &fields.member, limit: fields.limit_milli }).collect();
    let refused: Vec<RefusedRedemption<'_>> = request
        .refused
        .iter()
        .map(|fields| RefusedRedemption {
            id: &fields.id,
            till: &fields.till,
            member: &fields.member,
            missing: fields.missing_milli,
            honoured: fields.honoured,
        })
        .collect();
    let losses = ledger::losses(&allowances, &refused)?;
    let used = request.allowances.iter().map(allowed).zip(&losses.by_allowance).map(|((till, member, limit_milli), lost)| {
        // Both lie between zero and the end of the domain, so their difference lies in it.
        let left = limit_milli.milli().wrapping_sub(lost.milli());
        Ok(UsedAllowance { till, member, limit_milli, lost_milli: *lost, left_milli: Points::from_milli(left)? })
    });
    Ok(AllowancesAnswer {
        largest_loss_milli: losses.largest_loss,
        lost_milli: losses.lost,
        allowances: used.collect::<Result<_, Error>>()?,
        without_allowance: losses.without_allowance.into_iter().map(String::from).collect(),
    })
}

impl AllowanceFields {
    fn allowance(&self) -> Result<Allowance<'_>, Refusal> {
        if self.limit_milli < Points::ZERO {
            return Err(Fault::Negative.error().at("limit_milli").into());
        }
        Ok(Allowance { till: &self.till, member: &self.member, limit: self.limit_milli, expires: self.expires.0 })
    }
}

fn sign_allowance(request: &AllowanceFields) -> Result<Tag, Refusal> {
    Ok(Tag { tag_hex: Hex(request.allowance()?.sign(request.key_hex.key()?).to_vec()) })
}

fn check_allowance(request: &CheckAllowance) -> Result<CheckedAllowance, Refusal> {
    let (allowance, key) = (request.allowance.allowance()?, request.allowance.key_hex.key()?);
    let CheckAllowance { at, points_milli, spent_milli, .. } = request;
    let (reason, left_milli) = allowance.judge(key, &tag(&request.tag_hex), at, *points_milli, *spent_milli)?;
    Ok(CheckedAllowance { reason, left_milli })
}

/// The bytes of a tag; of other text none, which is no tag.
fn tag(hex: &str) -> Vec<u8> {
    Hex::parse(hex).map(|Hex(bytes)| bytes).unwrap_or_default()
}

fn sign_entry(request: &SignEntry) -> Result<Tag, Refusal> {
    let entry = canonical::bytes(&request.entry.node);
    Ok(Tag { tag_hex: Hex(ledger::sign_entry(request.key_hex.key()?, entry.as_bytes()).to_vec()) })
}

fn verify_entry(request: &VerifyEntry) -> Result<Valid, Refusal> {
    let entry = canonical::bytes(&request.entry.node);
    Ok(Valid { valid: ledger::verify_entry(request.key_hex.key()?, entry.as_bytes(), &tag(&request.tag_hex)) })
}

fn pseudonym(request: &PseudonymRequest) -> Result<Pseudonym, Refusal> {
    Ok(Pseudonym { pseudonym: Hex(ledger::pseudonym(request.key_hex.key()?, &request.member).to_vec()) })
}
