//! The points ledger.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use super::operations;
use crate::api::account::StateFields;
use crate::api::canonical;
use crate::api::fields::{Hex, Secret};
use crate::api::json::{Json, Node};
use crate::api::wire::{AsWritten, At, Defs, Describe, EntryWord, Path, Read, Refusal, TransferReason, Write, answer, record};
use crate::calendar::CivilTime;
use crate::error::{Error, Fault};
use crate::ledger::{
    self, Account, Allowance, AllowanceReason, Allowed, Applied, Entry, EntryKind, EntryRefusal, PointTransfer, RefusedRedemption,
};
use crate::order;
use crate::quantity::{Count, Points};

operations! {
    "ledger.fold" ["LG-1 LG-2 LG-3 LG-4 LG-5 LG-6 LG-7 LG-8"] "The points of an account, from its entries in any order.": fold, FoldRequest => Folded;
    "ledger.apply" ["LG-1 LG-2 LG-3 LG-4 LG-5 LG-6 LG-7 LG-8"] "The points of an account, from its stored state and what came since.": apply, ApplyRequest => Folded;
    "ledger.transfer" ["LG-10"] "Points of one member sent to another.": transfer, TransferRequest => TransferAnswer;
    "ledger.allowances" ["LG-9"] "What offline tills can lose at most, and what they lost.": allowances, AllowancesRequest => AllowancesAnswer;
    "ledger.sign_allowance" ["LG-9"] "The tag of an offline till's allowance.": sign_allowance, AllowanceFields => Tag;
    "ledger.check_allowance" ["LG-9"] "Whether an offline till may honour a redemption.": check_allowance, CheckAllowance => CheckedAllowance;
    "ledger.sign_entry" ["LG-11"] "The tag of a till's entry.": sign_entry, SignEntry => Tag;
    "ledger.verify_entry" ["LG-11"] "Whether a till's entry carries its tag.": verify_entry, VerifyEntry => Valid;
    "member.pseudonym" ["LG-11"] "The name under which a ledger knows a member.": pseudonym, PseudonymRequest => Pseudonym;
}

record! {
    /// The entries of one account.
    pub struct FoldRequest {
        /// The entries, in any order of arrival.
        entries: Vec<Written>,
        /// The instant at which the balance is asked for; it does not cut off entries.
        as_of: CivilTime,
        /// Whether a reversal forgives what was spent already, instead of making it a debt.
        forgive_debt: bool = false,
    }
}

record! {
    /// A stored account and what came since.
    pub struct ApplyRequest {
        /// What the last call answered; an empty account if absent.
        state: Option<StateFields>,
        /// The new entries, in any order.
        entries: Vec<Written>,
        /// The instant at which the balance is asked for; it does not cut off entries.
        as_of: CivilTime,
        /// Whether a reversal forgives what was spent already, instead of making it a debt.
        forgive_debt: bool = false,
    }
}

record! {
    /// Points to be sent.
    pub struct TransferRequest {
        /// The transfer's id, from which those of its two entries are made.
        id: String,
        /// The account that sends.
        from: String,
        /// The account that receives.
        to: String,
        /// The shop.
        shop: String,
        /// When.
        time: AsWritten,
        /// Thousandths of a point, 1 or more.
        points_milli: Points,
        /// The sender's stored state; an empty account if absent.
        state: Option<StateFields>,
    }
}

answer! {
    /// A judged transfer.
    pub struct TransferAnswer {
        /// Whether the points are sent.
        reason: TransferReason,
        /// What the sender lacks, in thousandths of a point.
        missing_milli: Points,
        /// Nothing, or the sender's entry and the receiver's.
        entries: Vec<TransferEntry>,
    }
}

answer! {
    /// One entry of the pair.
    pub struct TransferEntry {
        /// The transfer's id and `:out` or `:in`.
        id: String,
        /// The account.
        account: String,
        /// `redeem` of the sender, `earn` of the receiver.
        kind: EntryWord,
        /// Thousandths of a point.
        points_milli: Points,
        /// The shop.
        shop: String,
        /// When.
        time: AsWritten,
        /// Of `earn`: the soonest expiry among the points sent; null if none expires.
        [omit] expires: Option<Option<AsWritten>>,
    }
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

record! {
    /// An entry.
    pub struct EntryFields {
        /// The unique id.
        id: String,
        /// The account.
        account: String,
        /// The shop.
        shop: String,
        /// When it happened.
        time: CivilTime,
        /// What happened.
        kind: EntryWord,
        /// Thousandths of a point; of earn, redeem, reverse, adjust and reserve, negative only for adjust.
        points_milli: Option<Points>,
        /// From when the lot can no longer be spent; of earn only, never without.
        expires: Option<CivilTime>,
        /// The earning's id for reverse and expire, the reserve entry's for commit and release.
        of: Option<String>,
        /// The account's version that the host has seen; of reserve, commit and release.
        version: Option<Count>,
    }
}

/// An entry as it is meant, and as it was written: content is compared field by field as written (LG-2).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Written {
    entry: EntryFields,
    node: Node,
}

impl Read for Written {
    fn read(at: &At<'_>) -> Self {
        let entry = EntryFields::read(at);
        if let Err(refusal) = entry.check(at.node, &at.path) {
            at.note(refusal);
        }
        let mut node = at.node.clone();
        if let Node::Object(fields) = &mut node {
            fields.retain(|(_, value)| *value != Node::Null);
            order::sort_by(fields, |one, other| one.0.cmp(&other.0));
        }
        Self { entry, node }
    }
}

impl Write for Written {
    fn write(&self, json: &mut Json) {
        self.entry.write(json);
    }
}

impl Describe for Written {
    fn schema(defs: &mut Defs) -> String {
        EntryFields::schema(defs)
    }
}

answer! {
    /// A folded account.
    pub struct Folded {
        /// What can be spent at `as_of`, in thousandths of a point.
        balance_milli: Points,
        /// What the next earnings pay, in thousandths of a point, 0 or more.
        debt_milli: Points,
        /// How many entries were applied; what the next reserve, commit or release expects.
        version: Count,
        /// What open reservations hold, in thousandths of a point.
        held_milli: Points,
        /// The lots with points left in spending order, expired ones included.
        lots: Vec<LotLeft>,
        /// Refused entries, in the order of the fold.
        refused: Vec<RefusedEntry>,
        /// Ids that came again with the same content, sorted.
        duplicates: Vec<String>,
        /// Ids that came again with other content, sorted; the first received stands.
        conflicts: Vec<String>,
        /// What the host stores for the next call; of `ledger.apply` only.
        [omit] state: Option<StateFields>,
        /// Ids that do not come after the last entry of the state, sorted; of `ledger.apply` only.
        [omit] not_after: Option<Vec<String>>,
    }
}

answer! {
    /// A lot with points left.
    pub struct LotLeft {
        /// The id of the entry that made it.
        id: String,
        /// Thousandths of a point.
        points_milli: Points,
        /// From when it can no longer be spent, as it was written; null for never.
        expires: Option<AsWritten>,
    }
}

answer! {
    /// A refused entry.
    pub struct RefusedEntry {
        /// Its id.
        id: String,
        /// Why.
        reason: EntryRefusal,
        /// What is missing, in thousandths of a point; 0 unless insufficient.
        missing_milli: Points,
    }
}

impl EntryFields {
    /// Refuses a field that the kind does not have, even as `null`, a missing one, and points below zero.
    fn check(&self, node: &Node, path: &Path<'_>) -> Result<(), Refusal> {
        let refuse = |fault, field: &str| Err(Refusal::at(fault, &path.key(field)));
        let (has_points, has_expires, has_of, has_version) = match self.kind {
            EntryWord::Earn => (true, true, false, false),
            EntryWord::Redeem | EntryWord::Adjust => (true, false, false, false),
            EntryWord::Reverse => (true, false, true, false),
            EntryWord::Expire => (false, false, true, false),
            EntryWord::Reserve => (true, false, false, true),
            EntryWord::Commit | EntryWord::Release => (false, false, true, true),
        };
        let is_written = |field: &str| matches!(node, Node::Object(fields) if fields.iter().any(|(key, _)| key == field));
        for (field, has) in [("points_milli", has_points), ("expires", has_expires), ("of", has_of), ("version", has_version)] {
            if !has && is_written(field) {
                return refuse(Fault::Unknown, field);
            }
        }
        match self.points_milli {
            None if has_points => return refuse(Fault::Missing, "points_milli"),
            Some(points) if points < Points::ZERO && self.kind != EntryWord::Adjust => return refuse(Fault::Negative, "points_milli"),
            _ => {}
        }
        if has_of && self.of.is_none() {
            return refuse(Fault::Missing, "of");
        }
        if has_version && self.version.is_none() { refuse(Fault::Missing, "version") } else { Ok(()) }
    }

    fn entry(&self) -> Entry<'_> {
        Entry { id: &self.id, account: &self.account, time: self.time, kind: self.kind() }
    }

    fn kind(&self) -> EntryKind<'_> {
        let points = self.points_milli.unwrap_or_default();
        let of = self.of.as_deref().unwrap_or_default();
        let version = self.version.unwrap_or_default();
        match self.kind {
            EntryWord::Earn => EntryKind::Earn { points, expires: self.expires },
            EntryWord::Redeem => EntryKind::Redeem { points },
            EntryWord::Reverse => EntryKind::Reverse { of, points },
            EntryWord::Expire => EntryKind::Expire { of },
            EntryWord::Adjust => EntryKind::Adjust { points },
            EntryWord::Reserve => EntryKind::Reserve { points, version },
            EntryWord::Commit => EntryKind::Commit { of, version },
            EntryWord::Release => EntryKind::Release { of, version },
        }
    }
}

/// The entries of a request, the first of each id in the order of (time, id); what came again is told.
struct Gathered<'a> {
    entries: Vec<Entry<'a>>,
    duplicates: Vec<String>,
    conflicts: Vec<String>,
}

fn gather<'a>(entries: &'a [Written], account: Option<&str>) -> Result<Gathered<'a>, Refusal> {
    let (mut first, mut duplicates, mut conflicts) = (BTreeMap::<&str, &Written>::new(), Vec::new(), Vec::new());
    let account = account.or(entries.first().map(|written| written.entry.account.as_str()));
    for (index, written) in entries.iter().enumerate() {
        let id = written.entry.id.as_str();
        if Some(written.entry.account.as_str()) != account {
            return Err(Refusal::at(Fault::OneAccount, &Path::Root.key("entries").entry(index).key("account")));
        }
        match first.get(id) {
            None => {
                first.insert(id, written);
            }
            Some(stands) if stands.node == written.node => duplicates.push(written.entry.id.clone()),
            Some(_) => conflicts.push(written.entry.id.clone()),
        }
    }
    order::sort(&mut duplicates);
    let mut entries: Vec<Entry<'_>> = first.values().map(|written| written.entry.entry()).collect();
    // They stand in the order of their ids already, which a stable sort keeps.
    order::sort_by_key(&mut entries, |entry| entry.time.instant_nanos());
    Ok(Gathered { entries, duplicates, conflicts })
}

/// Applies entries to an account, and tells what became of it and of those that come too late.
fn run(account: &mut Account, gathered: Gathered<'_>, as_of: &CivilTime) -> Result<(Folded, Vec<String>), Refusal> {
    let Gathered { entries, duplicates, mut conflicts } = gathered;
    let (mut refused, mut not_after) = (Vec::new(), Vec::new());
    for entry in &entries {
        match account.apply(entry)? {
            Applied::Counted(_) => {}
            Applied::Refused(reason, missing) => {
                refused.push(RefusedEntry { id: entry.id.into(), reason, missing_milli: Points::from_milli(missing)? });
            }
            Applied::NotAfter => not_after.push(entry.id.into()),
            Applied::Conflict => conflicts.push(entry.id.into()),
        }
    }
    order::sort(&mut conflicts);
    order::sort(&mut not_after);
    let lots = account.lots().map(|lot| LotLeft { id: lot.id.into(), points_milli: lot.points, expires: lot.expires.map(AsWritten) });
    let folded = Folded {
        balance_milli: account.balance(as_of)?,
        debt_milli: account.debt(),
        version: account.version(),
        held_milli: account.held()?,
        lots: lots.collect(),
        refused,
        duplicates,
        conflicts,
        state: None,
        not_after: None,
    };
    Ok((folded, not_after))
}

fn account_of(state: Option<&StateFields>, forgives_debt: bool) -> Result<Account, Refusal> {
    let account = state.map_or(Ok(Account::default()), |state| state.account(&Path::Root.key("state")))?;
    Ok(if forgives_debt { account.forgiving_debt() } else { account })
}

fn fold(request: &FoldRequest) -> Result<Folded, Refusal> {
    let mut account = account_of(None, request.forgive_debt)?;
    Ok(run(&mut account, gather(&request.entries, None)?, &request.as_of)?.0)
}

fn apply(request: &ApplyRequest) -> Result<Folded, Refusal> {
    let mut account = account_of(request.state.as_ref(), request.forgive_debt)?;
    let gathered = gather(&request.entries, request.state.as_ref().and_then(|state| state.account.as_deref()))?;
    let (folded, not_after) = run(&mut account, gathered, &request.as_of)?;
    Ok(Folded { state: Some(StateFields::of(&account)), not_after: Some(not_after), ..folded })
}

fn transfer(request: &TransferRequest) -> Result<TransferAnswer, Refusal> {
    let sender = account_of(request.state.as_ref(), false)?;
    let TransferRequest { id, from, to, shop, time, points_milli, .. } = request;
    let entry = |suffix: &str, account: &String, kind, expires| TransferEntry {
        id: format!("{id}:{suffix}"),
        account: account.clone(),
        kind,
        points_milli: *points_milli,
        shop: shop.clone(),
        time: *time,
        expires,
    };
    Ok(match ledger::transfer(&sender, from, to, *points_milli, &time.0)? {
        PointTransfer::Pair { expires } => TransferAnswer {
            reason: TransferReason::Transferred,
            missing_milli: Points::ZERO,
            entries: vec![entry("out", from, EntryWord::Redeem, None), entry("in", to, EntryWord::Earn, Some(expires.map(AsWritten)))],
        },
        PointTransfer::Insufficient(missing_milli) => {
            TransferAnswer { reason: TransferReason::Insufficient, missing_milli, entries: Vec::new() }
        }
    })
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
    let entry = canonical::text(&request.entry.node);
    Ok(Tag { tag_hex: Hex(ledger::sign_entry(request.key_hex.key()?, entry.as_bytes()).to_vec()) })
}

fn verify_entry(request: &VerifyEntry) -> Result<Valid, Refusal> {
    let entry = canonical::text(&request.entry.node);
    Ok(Valid { valid: ledger::verify_entry(request.key_hex.key()?, entry.as_bytes(), &tag(&request.tag_hex)) })
}

fn pseudonym(request: &PseudonymRequest) -> Result<Pseudonym, Refusal> {
    Ok(Pseudonym { pseudonym: Hex(ledger::pseudonym(request.key_hex.key()?, &request.member).to_vec()) })
}
