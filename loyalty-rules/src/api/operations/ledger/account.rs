//! The points of an account.

use crate::api::account::StateFields;
use crate::api::json::{Json, Node};
use crate::api::wire::{AsWritten, At, Defs, Describe, Path, Read, Refusal, Write, answer, record};
use crate::calendar::CivilTime;
use crate::error::Fault;
use crate::ledger::{self, Account, Applied, Entry, EntryKind, EntryRefusal};
use crate::operations;
use crate::quantity::{Count, Points};
use crate::sort;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

crate::wire_words! {
    EntryRefusal;
    EntryWord;
    SentWord;
}

operations! {
    "ledger.fold" ["LG-1 LG-2 LG-3 LG-4 LG-5 LG-6 LG-7 LG-8 LG-10 LG-12"] "The points of an account, from its entries in any order.": fold, FoldRequest => Folded;
    "ledger.apply" ["LG-1 LG-2 LG-3 LG-4 LG-5 LG-6 LG-7 LG-8 LG-10 LG-12"] "The points of an account, from its stored state and what came since.": apply, ApplyRequest => Folded;
}

crate::words! {
    /// What an entry of a ledger does (LG-1).
    pub enum EntryWord {
        /// Points are earned.
        Earn = "earn",
        /// Points are spent.
        Redeem = "redeem",
        /// An earning is taken back, or a redemption undone.
        Reverse = "reverse",
        /// What is left of an expired lot is removed.
        Expire = "expire",
        /// Points are given or taken by hand.
        Adjust = "adjust",
        /// Points are held.
        Reserve = "reserve",
        /// Held points are spent.
        Commit = "commit",
        /// Held points come back.
        Release = "release",
        /// Points of a lot are sent to another account.
        Send = "send",
        /// The other half of that.
        Receive = "receive",
        /// Debt is handed to another account.
        SendDebt = "send_debt",
        /// The other half of that.
        ReceiveDebt = "receive_debt",
    }
}

crate::words! {
    /// A half of a transfer that was sent (LG-10).
    pub enum SentWord {
        /// Points of a lot.
        Send = "send",
        /// Debt.
        SendDebt = "send_debt",
    }
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
        /// The host's clock: entries later than it and the tolerance are refused.
        now: Option<CivilTime>,
        /// How much later than `now` an entry may be, in milliseconds.
        tolerance_ms: Option<Count>,
        /// The sending halves that counted in other accounts, as their folds answered them; receiving halves need them.
        sent: Vec<SentHalf> = Vec::new(),
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
        /// The host's clock: entries later than it and the tolerance are refused.
        now: Option<CivilTime>,
        /// How much later than `now` an entry may be, in milliseconds.
        tolerance_ms: Option<Count>,
        /// The sending halves that counted in other accounts, as their folds answered them; receiving halves need them.
        sent: Vec<SentHalf> = Vec::new(),
        /// Before it what is spent or expired is dropped, and entries are refused; it never goes back.
        horizon: Option<CivilTime>,
    }
}

record! {
    /// A sending half that counted in its account.
    pub struct SentHalf {
        /// Its id.
        id: String,
        /// What was sent.
        kind: SentWord,
        /// The receiver.
        to: String,
        /// Thousandths of a point.
        points_milli: Points,
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
        /// Thousandths of a point; of all but expire, commit and release; negative only for adjust.
        points_milli: Option<Points>,
        /// From when the lot can no longer be spent; of earn and receive only, never without.
        expires: Option<CivilTime>,
        /// The earning's or the redemption's id for reverse, the earning's for expire, the reserve entry's for commit and
        /// release, the lot's for send, the sending half's for receive and `receive_debt`.
        of: Option<String>,
        /// The receiver, of send and `send_debt`.
        to: Option<String>,
        /// The account's version that the host has seen; of reserve, commit and release.
        version: Option<Count>,
    }
}

/// An entry as it is meant, and as it was written: content is compared field by field as written (LG-2).
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    entry: EntryFields,
    pub node: Node,
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
            sort::by(fields, |one, other| one.0.cmp(&other.0));
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
        /// What is earned later than `as_of`, in thousandths of a point.
        pending_milli: Points,
        /// What the next earnings pay, in thousandths of a point, 0 or more.
        debt_milli: Points,
        /// How many entries were applied; what the next reserve, commit or release expects.
        version: Count,
        /// What open reservations hold, in thousandths of a point.
        held_milli: Points,
        /// The lots with points left in spending order, expired ones included.
        lots: Vec<LotLeft>,
        /// What each redemption and commit of this call took, in the order of the fold; unchanged by an undo.
        taken: Vec<TakenLots>,
        /// What each reversal of a redemption in this call took back from the shops that owed it, last taken first, in the
        /// order of the fold; under the reversal's id.
        undone: Vec<TakenLots>,
        /// The sending halves of this call that counted, in the order of the fold; the receivers' folds want them.
        sent: Vec<SentHalf>,
        /// Reversals whose earning or redemption has not come, and receiving halves whose sending half is not stated,
        /// sorted.
        waiting: Vec<String>,
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
    /// What a redemption took, or its reversal took back.
    pub struct TakenLots {
        /// Its id.
        id: String,
        /// The lots in spending order; of a reversal the other way round.
        lots: Vec<TakenLot>,
    }
}

answer! {
    /// What was taken of one lot.
    pub struct TakenLot {
        /// The lot's id.
        id: String,
        /// The shop that issued it and owes the points (CL-1); null if it is not known.
        shop: Option<String>,
        /// Thousandths of a point.
        points_milli: Points,
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
        use EntryWord::{Adjust, Commit, Earn, Expire, Receive, Redeem, Release, Reserve, Send, SendDebt};

        let refuse = |fault, field: &str| Err(Refusal::at(fault, &path.key(field)));
        let has_points = !matches!(self.kind, Expire | Commit | Release);
        let has_expires = matches!(self.kind, Earn | Receive);
        let has_of = !matches!(self.kind, Earn | Redeem | Adjust | Reserve | SendDebt);
        let has_to = matches!(self.kind, Send | SendDebt);
        let has_version = matches!(self.kind, Reserve | Commit | Release);
        let is_written = |field: &str| matches!(node, Node::Object(fields) if fields.iter().any(|(key, _)| key == field));
        for (field, has) in
            [("points_milli", has_points), ("expires", has_expires), ("of", has_of), ("to", has_to), ("version", has_version)]
        {
            if !has && is_written(field) {
                return refuse(Fault::Unknown, field);
            }
        }
        match self.points_milli {
            None if has_points => return refuse(Fault::Missing, "points_milli"),
            Some(points) if points < Points::ZERO && self.kind != Adjust => return refuse(Fault::Negative, "points_milli"),
            _ => {}
        }
        if has_of && self.of.is_none() {
            return refuse(Fault::Missing, "of");
        }
        if has_to && self.to.is_none() {
            return refuse(Fault::Missing, "to");
        }
        if has_to && self.to.as_ref() == Some(&self.account) {
            return refuse(Fault::SameAccount, "to");
        }
        if has_version && self.version.is_none() { refuse(Fault::Missing, "version") } else { Ok(()) }
    }

    fn entry(&self) -> Entry<'_> {
        Entry { id: &self.id, account: &self.account, shop: &self.shop, time: self.time, kind: self.kind() }
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
            EntryWord::Send => EntryKind::Send { of, points },
            EntryWord::Receive => EntryKind::Receive { of, points, expires: self.expires },
            EntryWord::SendDebt => EntryKind::SendDebt { points },
            EntryWord::ReceiveDebt => EntryKind::ReceiveDebt { of, points },
        }
    }
}

/// The entries of a request, the first of each id in the order of (time, id); what came again is told.
struct Gathered<'a> {
    entries: Vec<&'a EntryFields>,
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
    sort::ascending(&mut duplicates);
    let mut entries: Vec<&EntryFields> = first.values().map(|written| &written.entry).collect();
    // They stand in the order of their ids already, which a stable sort keeps.
    sort::by_key(&mut entries, |entry| entry.time.instant_nanos());
    Ok(Gathered { entries, duplicates, conflicts })
}

/// The bytes that the parts of spendings may take in an answer, before they are escaped: 2 MiB.
pub const PARTS_MAX: usize = 2 << 20;

/// What a call asks beside its entries.
struct Settings<'a> {
    /// The latest instant that an entry may have.
    latest: Option<i128>,
    sent: BTreeMap<&'a str, &'a SentHalf>,
}

impl<'a> Settings<'a> {
    fn of(now: Option<&CivilTime>, tolerance: Option<Count>, sent: &'a [SentHalf]) -> Result<Self, Refusal> {
        if now.is_none() && tolerance.is_some() {
            return Err(Fault::ToleranceWithoutNow.error().at("tolerance_ms").into());
        }
        let tolerance = i128::from(tolerance.unwrap_or_default().get()).wrapping_mul(1_000_000);
        let latest = now.map(|now| now.instant_nanos().wrapping_add(tolerance));
        let mut by_id = BTreeMap::new();
        for (index, half) in sent.iter().enumerate() {
            if half.points_milli < Points::ZERO {
                return Err(Refusal::at(Fault::Negative, &Path::Root.key("sent").entry(index).key("points_milli")));
            }
            by_id.entry(half.id.as_str()).or_insert(half);
        }
        Ok(Self { latest, sent: by_id })
    }

    /// What keeps an entry from the account, whatever the account says.
    fn judge(&self, entry: &EntryFields) -> Option<Applied> {
        if self.latest.is_some_and(|latest| latest < entry.time.instant_nanos()) {
            return Some(Applied::Refused(EntryRefusal::TooNew, 0));
        }
        let kind = match entry.kind {
            EntryWord::Receive => SentWord::Send,
            EntryWord::ReceiveDebt => SentWord::SendDebt,
            _ => return None,
        };
        let Some(half) = self.sent.get(entry.of.as_deref().unwrap_or_default()) else { return Some(Applied::Waiting) };
        let fits = half.kind == kind && half.to == entry.account && Some(half.points_milli) == entry.points_milli;
        if fits { None } else { Some(Applied::Refused(EntryRefusal::NotSent, 0)) }
    }
}

impl From<ledger::Taken<'_>> for TakenLot {
    fn from(taken: ledger::Taken<'_>) -> Self {
        Self { id: taken.lot.into(), shop: taken.shop.map(Into::into), points_milli: taken.points }
    }
}

/// What became of the entries of a call.
#[derive(Default)]
struct Outcome {
    taken: Vec<TakenLots>,
    undone: Vec<TakenLots>,
    sent: Vec<SentHalf>,
    waiting: Vec<String>,
    refused: Vec<RefusedEntry>,
    not_after: Vec<String>,
    conflicts: Vec<String>,
}

impl Outcome {
    fn note(&mut self, id: &str, applied: Applied) -> Result<(), Refusal> {
        match applied {
            Applied::Counted(_) | Applied::Waiting => {}
            Applied::Refused(reason, missing) => {
                self.refused.push(RefusedEntry { id: id.into(), reason, missing_milli: Points::from_milli(missing)? });
            }
            Applied::NotAfter => self.not_after.push(id.into()),
            Applied::Conflict => self.conflicts.push(id.into()),
        }
        Ok(())
    }

    fn counted(&mut self, account: &Account, entry: &EntryFields) {
        let kind = match entry.kind {
            EntryWord::Redeem | EntryWord::Commit => {
                let lots = account.taken(&entry.id).map(|lots| lots.map(TakenLot::from).collect()).unwrap_or_default();
                return self.taken.push(TakenLots { id: entry.id.clone(), lots });
            }
            EntryWord::Send => SentWord::Send,
            EntryWord::SendDebt => SentWord::SendDebt,
            _ => return,
        };
        let to = entry.to.clone().unwrap_or_default();
        self.sent.push(SentHalf { id: entry.id.clone(), kind, to, points_milli: entry.points_milli.unwrap_or_default() });
    }
}

/// Applies the entries that take a place in the order. One that is too new, or a receiving half without its sending
/// half, takes none, so that it may come again.
fn run(account: &mut Account, entries: &[&EntryFields], settings: &Settings<'_>) -> Result<Outcome, Refusal> {
    let mut outcome = Outcome::default();
    for fields in entries {
        let entry = fields.entry();
        match settings.judge(fields) {
            None => {
                let applied = account.apply(&entry)?;
                if matches!(applied, Applied::Counted(_)) {
                    outcome.counted(account, fields);
                }
                outcome.note(&fields.id, applied)?;
                let undone = account.undone().map(|(id, lots)| TakenLots { id: id.into(), lots: lots.map(TakenLot::from).collect() });
                outcome.undone.extend(undone);
                for (id, applied) in account.resolved() {
                    outcome.note(id, applied)?;
                }
            }
            Some(applied @ Applied::Refused(EntryRefusal::TooNew, _)) => outcome.note(&fields.id, applied)?,
            Some(applied) => match account.judge_place(&entry)? {
                Some(stopped) => outcome.note(&fields.id, stopped)?,
                None if applied == Applied::Waiting => outcome.waiting.push(fields.id.clone()),
                None => outcome.note(&fields.id, applied)?,
            },
        }
        if account.work() > PARTS_MAX {
            return Err(Fault::TooManyParts.error().at("entries").into());
        }
    }
    Ok(outcome)
}

/// The account as it is told.
fn tell(account: &Account, gathered: Gathered<'_>, outcome: Outcome, as_of: &CivilTime) -> Result<Folded, Refusal> {
    let Outcome { taken, undone, sent, mut waiting, refused, mut not_after, mut conflicts } = outcome;
    conflicts.extend(gathered.conflicts);
    waiting.extend(account.waiting().map(String::from));
    sort::ascending(&mut conflicts);
    sort::ascending(&mut waiting);
    sort::ascending(&mut not_after);
    let lots = account.lots().map(|lot| LotLeft { id: lot.id.into(), points_milli: lot.points, expires: lot.expires.map(AsWritten) });
    Ok(Folded {
        balance_milli: account.balance(as_of)?,
        pending_milli: account.pending(as_of)?,
        debt_milli: account.debt(),
        version: account.version(),
        held_milli: account.held()?,
        lots: lots.collect(),
        taken,
        undone,
        sent,
        waiting,
        refused,
        duplicates: gathered.duplicates,
        conflicts,
        state: None,
        not_after: Some(not_after),
    })
}

pub fn account_of(state: Option<&StateFields>, forgives_debt: bool) -> Result<Account, Refusal> {
    let account = state.map_or(Ok(Account::default()), |state| state.account(&Path::Root.key("state")))?;
    Ok(if forgives_debt { account.forgiving_debt() } else { account })
}

fn fold(request: &FoldRequest) -> Result<Folded, Refusal> {
    let mut account = account_of(None, request.forgive_debt)?;
    let settings = Settings::of(request.now.as_ref(), request.tolerance_ms, &request.sent)?;
    let gathered = gather(&request.entries, None)?;
    let outcome = run(&mut account, &gathered.entries, &settings)?;
    Ok(Folded { not_after: None, ..tell(&account, gathered, outcome, &request.as_of)? })
}

fn apply(request: &ApplyRequest) -> Result<Folded, Refusal> {
    let mut account = account_of(request.state.as_ref(), request.forgive_debt)?;
    let settings = Settings::of(request.now.as_ref(), request.tolerance_ms, &request.sent)?;
    if let Some(horizon) = request.horizon {
        account.look_ahead(horizon)?;
    }
    if account.horizon().is_some_and(|horizon| request.as_of.instant_nanos() < horizon.instant_nanos()) {
        return Err(Fault::BeforeHorizon.error().at("as_of").into());
    }
    let gathered = gather(&request.entries, request.state.as_ref().and_then(|state| state.account.as_deref()))?;
    let outcome = run(&mut account, &gathered.entries, &settings)?;
    if let Some(horizon) = request.horizon {
        account.forget_before(horizon)?;
    }
    let folded = tell(&account, gathered, outcome, &request.as_of)?;
    Ok(Folded { state: Some(StateFields::of(&account)), ..folded })
}
