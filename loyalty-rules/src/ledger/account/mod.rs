mod entry;
mod state;

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

pub use self::entry::{Applied, Entry, EntryKind, EntryRefusal};
pub use self::state::{
    AccountState, EarningState, LotState, PartState, RedemptionState, ReservationState, SeenState, TakenState, WaitingState,
};
use crate::calendar::CivilTime;
use crate::error::{Error, Fault};
use crate::quantity::{Count, DOMAIN_MAX, Points};

/// A lot with points left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lot<'a> {
    /// The id of the entry that made it.
    pub id: &'a str,
    /// The shop that issued it, if it is known.
    pub shop: Option<&'a str>,
    /// From when it can be spent.
    pub time: CivilTime,
    /// What is left.
    pub points: Points,
    /// From when it can no longer be spent.
    pub expires: Option<CivilTime>,
}

/// The points of one account: a fold over its entries in the order of time and id (LG-1, LG-3), which a host may store
/// between two of them ([`state`](Self::state)).
///
/// ```text
///             reserve                     commit
///  lots ─────────────────▶ reservation ───────────▶ spent
///    ▲                          │ release
///    ├──────────────────────────┴──▶ debt first
///    └── reverse of a redemption ──▶ debt first
/// ```
///
/// ```
/// use loyalty_rules::ledger::{Account, Applied, Entry, EntryKind};
/// use loyalty_rules::quantity::Points;
///
/// let at = |text: &str| text.parse().unwrap();
/// let mut account = Account::default();
/// let earn = EntryKind::Earn { points: Points::from_milli(15_000)?, expires: Some(at("2025-06-01T00:00:00+07:00")) };
/// account.apply(&Entry { id: "e1", account: "M1", shop: "A", time: at("2025-03-01T10:00:00+07:00"), kind: earn })?;
///
/// let redeem = EntryKind::Redeem { points: Points::from_milli(20_000)? };
/// let refused = account.apply(&Entry { id: "r1", account: "M1", shop: "A", time: at("2025-03-02T10:00:00+07:00"), kind: redeem })?;
/// assert!(matches!(refused, Applied::Refused(_, 5_000))); // Rp5,000 worth of points are missing
///
/// let mut account = Account::from_state(&account.state())?; // stored and loaded
/// let hold = EntryKind::Reserve { points: Points::from_milli(4_000)?, version: account.version() };
/// account.apply(&Entry { id: "h1", account: "M1", shop: "A", time: at("2025-03-03T10:00:00+07:00"), kind: hold })?;
/// assert_eq!(account.balance(&at("2025-05-31T23:59:59+07:00"))?.milli(), 11_000);
/// let release = EntryKind::Release { of: "h1", version: account.version() };
/// account.apply(&Entry { id: "h2", account: "M1", shop: "A", time: at("2025-03-04T10:00:00+07:00"), kind: release })?;
/// assert_eq!(account.balance(&at("2025-05-31T23:59:59+07:00"))?.milli(), 15_000);
/// assert_eq!(account.balance(&at("2025-06-01T00:00:00+07:00"))?.milli(), 0);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Account {
    name: Option<String>,
    version: Count,
    debt_milli: i64,
    forgives_debt: bool,
    horizon: Option<CivilTime>,
    last: Option<(CivilTime, String)>,
    /// By number in the order of their making.
    lots: BTreeMap<u64, Left>,
    /// By number in the order in which they came.
    redemptions: BTreeMap<u64, Spent>,
    reservations: BTreeMap<Arc<str>, Held>,
    /// Reversals by the id that they wait for.
    waiting: BTreeMap<String, Vec<Waiting>>,
    /// Every id that a later entry must not take again, or may name.
    known: BTreeMap<Arc<str>, Known>,
    /// The ids that are nothing of the above, by time.
    others: BTreeMap<(i128, Arc<str>), CivilTime>,
    /// The sending halves that were received, with the time of that.
    received: BTreeMap<String, CivilTime>,
    next_number: u64,
    /// Lots with points left in spending order: soonest-expiring first, then oldest (LG-4).
    open: BTreeSet<(i128, u64)>,
    /// The points of the open lots that have not expired at `now`: kept, so that no entry sums them up.
    usable_milli: i128,
    now: i128,
    /// What became of reversals that had waited for the last entry.
    resolved: Vec<(String, Applied)>,
    /// What reversals of redemptions have undone since the last entry.
    undone: Vec<(Arc<str>, Vec<Part>)>,
    work: usize,
}

/// What an id stands for.
#[derive(Clone, Copy, Debug)]
enum Known {
    Lot(u64),
    Redemption(u64),
    Other,
}

/// What is left of a lot.
#[derive(Clone, Debug)]
struct Left {
    id: Arc<str>,
    shop: Option<Arc<str>>,
    time: CivilTime,
    expires: Option<CivilTime>,
    milli: i64,
    made: Made,
    /// The points in open reservations.
    reserved: i64,
}

/// How a lot came about.
#[derive(Clone, Copy, Debug)]
enum Made {
    Earned(Earning),
    Adjusted,
    Received,
}

/// What is known of an earning beside what is left, in thousandths.
#[derive(Clone, Copy, Debug)]
struct Earning {
    earned: i64,
    /// What its accepted reversals asked for.
    reversed: i64,
    /// What was spent of it and not yet reversed.
    spent: i64,
    /// What open reservations hold of it and is not yet reversed.
    held: i64,
    /// What redemptions took of it and their undoing did not bring back.
    redeemed: i64,
    /// What reversals forgave of it.
    forgiven: i64,
}

/// What was taken from a lot.
#[derive(Clone, Copy, Debug)]
struct Part {
    lot: u64,
    milli: i64,
    /// What came back of it.
    back: i64,
}

/// A redemption or a commit.
#[derive(Clone, Debug)]
struct Spent {
    id: Arc<str>,
    time: CivilTime,
    parts: Vec<Part>,
    /// What its undoing asked for.
    undone: i64,
}

/// An open reservation.
#[derive(Clone, Debug)]
struct Held {
    parts: Vec<Part>,
}

/// A reversal that came before what it reverses.
#[derive(Clone, Debug)]
struct Waiting {
    id: Arc<str>,
    time: CivilTime,
    milli: i64,
}

/// What a redemption took of one lot (LG-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken<'a> {
    /// The lot's id.
    pub lot: &'a str,
    /// The shop that issued it, which owes the points to the shop where they were spent (CL-1); none if it is not known.
    pub shop: Option<&'a str>,
    /// What was taken.
    pub points: Points,
}

/// Behind every instant: without expiry, spent last.
const NEVER: i128 = i128::MAX;

impl Account {
    /// An account whose reversals forgive what was spent already, instead of making it a debt.
    #[must_use]
    pub fn forgiving_debt(self) -> Self {
        Self { forgives_debt: true, ..self }
    }

    /// Applies the next entry, in logarithmic time of the lots for each lot it touches. Entries come in the order of
    /// (time, id); one that does not is told and changes nothing. [`resolved`](Self::resolved) says what became of
    /// reversals that had waited for it.
    ///
    /// A receiving half of a transfer is given only once the sender's half has counted.
    ///
    /// # Errors
    /// `out_of_range` for negative points of an entry that is no adjustment, or if the debt leaves
    /// the domain; `bad_config` for an entry of another account. Then nothing changes.
    pub fn apply(&mut self, entry: &Entry<'_>) -> Result<Applied, Error> {
        self.resolved.clear();
        self.undone.clear();
        if let Some(stopped) = self.judge_place(entry)? {
            return Ok(stopped);
        }
        let now = entry.time.instant_nanos();
        let version = self.version.succ()?;
        let is_stale = entry.kind.version().is_some_and(|version| version != self.version);
        self.advance(now);
        let applied = if is_stale { Applied::Refused(EntryRefusal::StaleVersion, 0) } else { self.act(entry)? };
        if matches!(applied, Applied::Counted(_)) {
            self.version = version;
        }
        if self.name.is_none() {
            self.name = Some(entry.account.to_owned());
        }
        if !self.known.contains_key(entry.id) {
            self.remember(entry.id.into(), entry.time);
        }
        self.last = Some((entry.time, entry.id.to_owned()));
        self.resolve(entry.id)?;
        Ok(applied)
    }

    /// What keeps an entry from its place in the order: too old, not after the last one, a known id. It changes nothing.
    ///
    /// # Errors
    /// `bad_config` for an entry of another account.
    pub fn judge_place(&self, entry: &Entry<'_>) -> Result<Option<Applied>, Error> {
        if self.name.as_deref().is_some_and(|name| name != entry.account) {
            return Err(Fault::OneAccount.error().at("account"));
        }
        let now = entry.time.instant_nanos();
        if self.horizon.is_some_and(|horizon| now < horizon.instant_nanos()) {
            return Ok(Some(Applied::Refused(EntryRefusal::TooOld, 0)));
        }
        if self.last.as_ref().is_some_and(|(time, id)| (now, entry.id) <= (time.instant_nanos(), id.as_str())) {
            return Ok(Some(Applied::NotAfter));
        }
        Ok(self.known.contains_key(entry.id).then_some(Applied::Conflict))
    }

    /// What became of reversals that had waited for the last entry, by time, then id.
    pub fn resolved(&self) -> impl Iterator<Item = (&str, Applied)> {
        self.resolved.iter().map(|(id, applied)| (id.as_str(), *applied))
    }

    /// What the last entry has undone of redemptions, with the reversals that had waited for it: the reversal's id, and what is
    /// no longer owed of each lot, last taken first, whether it went back into the lot or paid a debt (CL-5).
    pub fn undone(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = Taken<'_>>)> {
        self.undone.iter().map(|(id, parts)| (id.as_ref(), parts.iter().filter_map(|part| self.taken_part(part))))
    }

    fn taken_part(&self, part: &Part) -> Option<Taken<'_>> {
        let left = self.lots.get(&part.lot)?;
        Some(Taken { lot: &left.id, shop: left.shop.as_deref(), points: known(part.milli) })
    }

    /// Drops what is gone and lies before a horizon (LG-12): lots that are empty or expired, redemptions, ids. Entries
    /// before it are refused from then on.
    ///
    /// # Errors
    /// `out_of_order` if the horizon of the state is later.
    pub fn forget_before(&mut self, horizon: CivilTime) -> Result<(), Error> {
        self.look_ahead(horizon)?;
        let limit = horizon.instant_nanos();
        let mut named = BTreeSet::new();
        let Self { redemptions, reservations, known, .. } = self;
        redemptions.retain(|_, spent| {
            let stays = spent.time.instant_nanos() >= limit;
            if stays {
                named.extend(spent.parts.iter().map(|part| part.lot));
            } else {
                known.remove(&spent.id);
            }
            stays
        });
        named.extend(reservations.values().flat_map(|held| &held.parts).map(|part| part.lot));
        let goes = |(number, left): (&u64, &Left)| {
            let is_gone = left.milli == 0 || last_instant(left.expires) <= limit;
            (is_gone && left.time.instant_nanos() < limit && !named.contains(number)).then_some((*number, left.milli))
        };
        let gone: Vec<(u64, i64)> = self.lots.iter().filter_map(goes).collect();
        for (number, milli) in gone {
            self.change(number, milli.wrapping_neg());
            if let Some(left) = self.lots.remove(&number) {
                self.known.remove(&left.id);
            }
        }
        let others = core::mem::take(&mut self.others);
        for ((instant, id), time) in others {
            if instant < limit {
                self.known.remove(&id);
            } else {
                self.others.insert((instant, id), time);
            }
        }
        self.received.retain(|_, time| time.instant_nanos() >= limit);
        Ok(())
    }

    /// Refuses entries before a horizon from now on; nothing is dropped.
    ///
    /// # Errors
    /// `out_of_order` if the horizon of the state is later.
    pub fn look_ahead(&mut self, horizon: CivilTime) -> Result<(), Error> {
        if self.horizon.is_some_and(|before| horizon.instant_nanos() < before.instant_nanos()) {
            return Err(Fault::BeforeHorizon.error().at("horizon"));
        }
        self.horizon = Some(horizon);
        Ok(())
    }

    /// The account, once an entry has named it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// How many entries were applied; refused ones are not.
    pub const fn version(&self) -> Count {
        self.version
    }

    /// From where on entries are taken, if older ones were dropped (LG-12).
    pub const fn horizon(&self) -> Option<&CivilTime> {
        self.horizon.as_ref()
    }

    /// What can be spent at an instant: lots that were earned and have not expired (LG-4).
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn balance(&self, as_of: &CivilTime) -> Result<Points, Error> {
        sum_in_domain(self.usable_lots(as_of).fold(0, |sum, lot| sum.wrapping_add(lot.points.milli().into())))
    }

    /// What is earned later than an instant (LG-4).
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn pending(&self, as_of: &CivilTime) -> Result<Points, Error> {
        let as_of = as_of.instant_nanos();
        let pending = self.lots().filter(|lot| as_of < lot.time.instant_nanos());
        sum_in_domain(pending.fold(0, |sum, lot| sum.wrapping_add(lot.points.milli().into())))
    }

    /// What open reservations hold (LG-8).
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn held(&self) -> Result<Points, Error> {
        let parts = self.reservations.values().flat_map(|held| &held.parts);
        sum_in_domain(parts.fold(0, |sum, part| sum.wrapping_add(part.milli.into())))
    }

    /// Whether a reservation is open.
    pub(super) fn has_reservations(&self) -> bool {
        !self.reservations.is_empty()
    }

    /// What the next earnings pay, zero or more.
    pub fn debt(&self) -> Points {
        known(self.debt_milli)
    }

    /// The lots with points left in spending order, expired ones included.
    pub fn lots(&self) -> impl Iterator<Item = Lot<'_>> {
        let lots = self.open.iter().filter_map(|(_, number)| self.lots.get(number));
        lots.map(|left| Lot { id: &left.id, shop: left.shop.as_deref(), time: left.time, points: known(left.milli), expires: left.expires })
    }

    /// What a redemption or a commit took, in spending order, whatever was undone of it since.
    pub fn taken(&self, id: &str) -> Option<impl Iterator<Item = Taken<'_>>> {
        let Some(Known::Redemption(number)) = self.known.get(id) else { return None };
        let spent = self.redemptions.get(number)?;
        Some(spent.parts.iter().filter_map(|part| self.taken_part(part)))
    }

    /// Reversals that wait for their earning or redemption, in no stated order.
    pub fn waiting(&self) -> impl Iterator<Item = &str> {
        self.waiting.values().flatten().map(|waiting| waiting.id.as_ref())
    }

    /// The bytes that the parts of spendings would take in an answer, those that were touched again counted again: what
    /// a request is bound by.
    #[cfg(feature = "json")]
    pub(crate) const fn work(&self) -> usize {
        self.work
    }

    /// The lots that can be spent at an instant, in spending order.
    pub(super) fn usable_lots(&self, as_of: &CivilTime) -> impl Iterator<Item = Lot<'_>> {
        let as_of = as_of.instant_nanos();
        self.lots().filter(move |lot| lot.time.instant_nanos() <= as_of && as_of < last_instant(lot.expires))
    }

    fn act(&mut self, entry: &Entry<'_>) -> Result<Applied, Error> {
        match entry.kind {
            EntryKind::Earn { points, expires } => {
                let milli = not_negative(points)?;
                let paid = self.pay_debt(milli);
                let earning = Earning { earned: milli, reversed: 0, spent: paid, held: 0, redeemed: 0, forgiven: 0 };
                self.open(entry, expires, Made::Earned(earning), milli.wrapping_sub(paid));
                Ok(Applied::Counted(milli))
            }
            EntryKind::Redeem { points } => Ok(self.redeem(entry, not_negative(points)?)),
            EntryKind::Reverse { of, points } => {
                let milli = not_negative(points)?;
                if of != entry.id && !self.known.contains_key(of) {
                    self.wait(of, Waiting { id: entry.id.into(), time: entry.time, milli });
                    return Ok(Applied::Waiting);
                }
                self.reverse(entry.id, of, milli)
            }
            EntryKind::Expire { of } => Ok(self.expire(of)),
            EntryKind::Adjust { points } => self.adjust(entry, points.milli()),
            EntryKind::Reserve { points, .. } => Ok(self.reserve(entry, not_negative(points)?)),
            EntryKind::Commit { of, .. } => Ok(self.commit(entry, of)),
            EntryKind::Release { of, .. } => Ok(self.release(entry, of)),
            EntryKind::Send { of, points } => Ok(self.send(of, not_negative(points)?)),
            EntryKind::SendDebt { points } => {
                let milli = not_negative(points)?;
                let missing = milli.wrapping_sub(self.debt_milli);
                if missing > 0 {
                    return Ok(Applied::Refused(EntryRefusal::Insufficient, missing));
                }
                self.pay_debt(milli);
                Ok(Applied::Counted(milli))
            }
            EntryKind::Receive { of, points, expires } => {
                let milli = not_negative(points)?;
                if !self.receive(of, entry.time) {
                    return Ok(Applied::Refused(EntryRefusal::AlreadyReceived, 0));
                }
                let paid = self.pay_debt(milli);
                self.open(entry, expires, Made::Received, milli.wrapping_sub(paid));
                Ok(Applied::Counted(milli))
            }
            EntryKind::ReceiveDebt { of, points } => {
                let debt = add_debt(self.debt_milli, not_negative(points)?)?;
                if !self.receive(of, entry.time) {
                    return Ok(Applied::Refused(EntryRefusal::AlreadyReceived, 0));
                }
                self.debt_milli = debt;
                Ok(Applied::Counted(points.milli().wrapping_neg()))
            }
        }
    }

    /// Whether a sending half is received for the first time.
    fn receive(&mut self, of: &str, time: CivilTime) -> bool {
        if self.received.contains_key(of) {
            return false;
        }
        self.received.insert(of.to_owned(), time);
        true
    }

    /// Takes points from usable lots, if they reach.
    fn take(&mut self, milli: i64) -> Result<Vec<Part>, Applied> {
        let missing = i128::from(milli).wrapping_sub(self.usable_milli);
        if missing > 0 {
            return Err(Applied::Refused(EntryRefusal::Insufficient, i64::try_from(missing).unwrap_or(milli)));
        }
        Ok(self.spend(milli))
    }

    fn redeem(&mut self, entry: &Entry<'_>, milli: i64) -> Applied {
        match self.take(milli) {
            Err(refused) => refused,
            Ok(parts) => {
                self.earnings(&parts, |earning, milli| earning.spent = earning.spent.wrapping_add(milli));
                self.add_redemption(entry, parts);
                Applied::Counted(milli.wrapping_neg())
            }
        }
    }

    fn reserve(&mut self, entry: &Entry<'_>, milli: i64) -> Applied {
        match self.take(milli) {
            Err(refused) => refused,
            Ok(parts) => {
                for part in &parts {
                    if let Some(left) = self.lots.get_mut(&part.lot) {
                        left.reserved = left.reserved.wrapping_add(part.milli);
                    }
                }
                self.earnings(&parts, |earning, milli| earning.held = earning.held.wrapping_add(milli));
                let id: Arc<str> = entry.id.into();
                self.known.insert(Arc::clone(&id), Known::Other);
                self.reservations.insert(id, Held { parts });
                Applied::Counted(milli.wrapping_neg())
            }
        }
    }

    fn add_redemption(&mut self, entry: &Entry<'_>, parts: Vec<Part>) {
        self.earnings(&parts, |earning, milli| earning.redeemed = earning.redeemed.wrapping_add(milli));
        let (number, id) = (self.number(), Arc::<str>::from(entry.id));
        self.known.insert(Arc::clone(&id), Known::Redemption(number));
        self.redemptions.insert(number, Spent { id, time: entry.time, parts, undone: 0 });
    }

    fn earnings(&mut self, parts: &[Part], change: impl Fn(&mut Earning, i64)) {
        for part in parts {
            if let Some(Left { made: Made::Earned(earning), .. }) = self.lots.get_mut(&part.lot) {
                change(earning, part.milli);
            }
        }
    }

    fn reverse(&mut self, id: &str, of: &str, asked: i64) -> Result<Applied, Error> {
        match self.known.get(of).copied() {
            Some(Known::Lot(number)) => self.reverse_earning(number, asked),
            Some(Known::Redemption(number)) => Ok(self.undo(id, number, asked)),
            Some(Known::Other) | None => Ok(Applied::Refused(EntryRefusal::UnknownLot, 0)),
        }
    }

    fn reverse_earning(&mut self, number: u64, asked: i64) -> Result<Applied, Error> {
        let Some(Left { milli, made: Made::Earned(earning), .. }) = self.lots.get_mut(&number) else {
            return Ok(Applied::Refused(EntryRefusal::UnknownLot, 0));
        };
        let reversed = earning.reversed.saturating_add(asked);
        if reversed > earning.earned {
            return Ok(Applied::Refused(EntryRefusal::OverReversal, 0));
        }
        let taken = asked.min(*milli);
        // Points that expired make no debt; what was spent does. What is held is owed whatever is forgiven, because
        // its release pays that.
        let rest = asked.wrapping_sub(taken);
        let of_held = rest.min(earning.held);
        let of_spent = rest.wrapping_sub(of_held).min(earning.spent);
        let forgiven = if self.forgives_debt { of_spent } else { 0 };
        let added = of_held.wrapping_add(of_spent).wrapping_sub(forgiven);
        let debt = add_debt(self.debt_milli, added)?;
        earning.reversed = reversed;
        earning.held = earning.held.wrapping_sub(of_held);
        earning.spent = earning.spent.wrapping_sub(of_spent);
        earning.forgiven = earning.forgiven.wrapping_add(forgiven);
        self.debt_milli = debt;
        self.change(number, taken.wrapping_neg());
        Ok(Applied::Counted(taken.wrapping_add(added).wrapping_neg()))
    }

    /// Undoes a redemption: debt first, the rest goes back into the lots that it took, last taken first.
    fn undo(&mut self, id: &str, number: u64, asked: i64) -> Applied {
        let unknown = Applied::Refused(EntryRefusal::UnknownLot, 0);
        let Some(spent) = self.redemptions.get_mut(&number) else { return unknown };
        let undone = spent.undone.saturating_add(asked);
        if undone > spent.parts.iter().fold(0_i64, |sum, part| sum.saturating_add(part.milli)) {
            return Applied::Refused(EntryRefusal::OverReversal, 0);
        }
        let before = core::mem::replace(&mut spent.undone, undone);
        let mut parts = core::mem::take(&mut spent.parts);
        let taken = last_taken(&parts, before, asked);
        for part in &taken {
            self.touch(part.lot);
        }
        self.undone.push((id.into(), taken));
        let paid = self.pay_debt(asked);
        let mut rest = asked.wrapping_sub(paid);
        for part in parts.iter_mut().rev() {
            let open = part.milli.wrapping_sub(part.back).min(rest);
            if open > 0 {
                let back = self.give_back(part.lot, open);
                part.back = part.back.wrapping_add(back);
                rest = rest.wrapping_sub(back);
            }
        }
        if let Some(spent) = self.redemptions.get_mut(&number) {
            spent.parts = parts;
        }
        Applied::Counted(asked.wrapping_sub(rest))
    }

    /// Puts redeemed points back into their lot, without those that a reversal forgave; returns how many came back.
    fn give_back(&mut self, number: u64, milli: i64) -> i64 {
        self.touch(number);
        let Some(left) = self.lots.get_mut(&number) else { return 0 };
        let mut back = milli;
        if let Made::Earned(earning) = &mut left.made {
            back = back.min(earning.redeemed.wrapping_sub(earning.forgiven)).max(0);
            earning.redeemed = earning.redeemed.wrapping_sub(back);
            // Of what a reversal took already nothing is spent any more.
            earning.spent = earning.spent.wrapping_sub(back).max(0);
        }
        self.change(number, back);
        back
    }

    fn wait(&mut self, of: &str, waiting: Waiting) {
        self.known.insert(Arc::clone(&waiting.id), Known::Other);
        self.waiting.entry(of.to_owned()).or_default().push(waiting);
    }

    /// Applies the reversals that waited for an entry, right behind it.
    fn resolve(&mut self, id: &str) -> Result<(), Error> {
        for Waiting { id: waited, time, milli } in self.waiting.remove(id).unwrap_or_default() {
            // The debt cannot leave the domain: of an earning that has just come only what paid a debt is spent.
            let applied = self.reverse(&waited, id, milli)?;
            if matches!(applied, Applied::Counted(_)) {
                self.version = self.version.succ()?;
            }
            self.resolved.push((waited.as_ref().to_owned(), applied));
            self.remember(waited, time);
        }
        Ok(())
    }

    /// Keeps an id that nothing else keeps.
    fn remember(&mut self, id: Arc<str>, time: CivilTime) {
        self.known.insert(Arc::clone(&id), Known::Other);
        self.others.insert((time.instant_nanos(), id), time);
    }

    fn expire(&mut self, of: &str) -> Applied {
        let unknown = Applied::Refused(EntryRefusal::UnknownLot, 0);
        let Some(Known::Lot(number)) = self.known.get(of).copied() else { return unknown };
        let Some(left) = self.lots.get(&number).filter(|left| !matches!(left.made, Made::Adjusted)) else { return unknown };
        if self.now < last_instant(left.expires) {
            return Applied::Refused(EntryRefusal::NotExpired, 0);
        }
        let taken = left.milli.wrapping_neg();
        self.change(number, taken);
        Applied::Counted(taken)
    }

    fn adjust(&mut self, entry: &Entry<'_>, milli: i64) -> Result<Applied, Error> {
        if milli >= 0 {
            let rest = milli.wrapping_sub(self.pay_debt(milli));
            self.open(entry, None, Made::Adjusted, rest);
        } else {
            let asked = milli.wrapping_neg();
            let taken = i64::try_from(self.usable_milli.min(asked.into())).unwrap_or(asked);
            self.debt_milli = add_debt(self.debt_milli, asked.wrapping_sub(taken))?;
            let parts = self.spend(taken);
            self.earnings(&parts, |earning, milli| earning.spent = earning.spent.wrapping_add(milli));
        }
        Ok(Applied::Counted(milli))
    }

    /// Sends points of one lot away (LG-10).
    fn send(&mut self, of: &str, milli: i64) -> Applied {
        let unknown = Applied::Refused(EntryRefusal::UnknownLot, 0);
        let Some(Known::Lot(number)) = self.known.get(of).copied() else { return unknown };
        let Some(left) = self.lots.get_mut(&number) else { return unknown };
        let usable = if self.now < last_instant(left.expires) { left.milli } else { 0 };
        let missing = milli.wrapping_sub(usable);
        if missing > 0 {
            return Applied::Refused(EntryRefusal::Insufficient, missing);
        }
        if let Made::Earned(earning) = &mut left.made {
            earning.spent = earning.spent.wrapping_add(milli);
        }
        self.change(number, milli.wrapping_neg());
        Applied::Counted(milli.wrapping_neg())
    }

    fn commit(&mut self, entry: &Entry<'_>, of: &str) -> Applied {
        let Some(held) = self.end_reservation(entry, of) else {
            return Applied::Refused(EntryRefusal::UnknownReservation, 0);
        };
        for part in &held.parts {
            self.end_hold(*part, 0);
        }
        self.add_redemption(entry, held.parts);
        Applied::Counted(0)
    }

    /// Gives held points back: to the debt first, then to their lots in the order they were taken.
    fn release(&mut self, entry: &Entry<'_>, of: &str) -> Applied {
        let Some(held) = self.end_reservation(entry, of) else {
            return Applied::Refused(EntryRefusal::UnknownReservation, 0);
        };
        let released = held.parts.iter().fold(0_i64, |sum, part| sum.wrapping_add(part.milli));
        let mut rest = released.wrapping_sub(self.pay_debt(released));
        for part in &held.parts {
            let back = part.milli.min(rest);
            rest = rest.wrapping_sub(back);
            self.end_hold(*part, back);
        }
        Applied::Counted(released)
    }

    fn end_reservation(&mut self, entry: &Entry<'_>, of: &str) -> Option<Held> {
        let (id, held) = self.reservations.remove_entry(of)?;
        self.remember(id, entry.time);
        Some(held)
    }

    /// Ends the hold on a part, of which so much comes back. What does not is first what a reversal took, then spent.
    fn end_hold(&mut self, part: Part, back: i64) {
        self.touch(part.lot);
        let Some(left) = self.lots.get_mut(&part.lot) else { return };
        if let Made::Earned(earning) = &mut left.made {
            let reversed = left.reserved.wrapping_sub(earning.held);
            let spent = part.milli.wrapping_sub(back).wrapping_sub(reversed).max(0);
            earning.held = earning.held.wrapping_sub(spent).wrapping_sub(back).max(0);
            earning.spent = earning.spent.wrapping_add(spent);
        }
        left.reserved = left.reserved.wrapping_sub(part.milli);
        self.change(part.lot, back);
    }

    /// Pays debt from new points, and returns how much.
    fn pay_debt(&mut self, milli: i64) -> i64 {
        let paid = milli.min(self.debt_milli);
        self.debt_milli = self.debt_milli.wrapping_sub(paid);
        paid
    }

    /// Makes a lot with points.
    fn open(&mut self, entry: &Entry<'_>, expires: Option<CivilTime>, made: Made, milli: i64) {
        let (id, shop) = (entry.id.into(), Some(entry.shop.into()));
        let number = self.add_lot(Left { id, shop, time: entry.time, expires, milli: 0, made, reserved: 0 });
        self.change(number, milli);
    }

    fn add_lot(&mut self, left: Left) -> u64 {
        let number = self.number();
        self.known.insert(Arc::clone(&left.id), Known::Lot(number));
        self.lots.insert(number, left);
        number
    }

    const fn number(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number = number.wrapping_add(1);
        number
    }

    /// Adds points to a lot, or takes at most what is left of it.
    fn change(&mut self, number: u64, milli: i64) {
        let Some(left) = self.lots.get_mut(&number) else { return };
        left.milli = left.milli.wrapping_add(milli);
        let key = (last_instant(left.expires), number);
        if left.milli > 0 {
            self.open.insert(key)
        } else {
            self.open.remove(&key)
        };
        if self.now < key.0 {
            self.usable_milli = self.usable_milli.wrapping_add(milli.into());
        }
    }

    /// Counts a part of a spending as work.
    fn touch(&mut self, number: u64) {
        let Some(left) = self.lots.get(&number) else { return };
        let texts = left.id.len().saturating_add(left.shop.as_deref().map_or(0, str::len));
        self.work = self.work.saturating_add(texts).saturating_add(64);
    }

    /// Moves on to an instant: lots that expire on the way can no longer be spent.
    fn advance(&mut self, now: i128) {
        self.usable_milli = if now < self.now {
            // Only a refused entry can have moved further.
            self.usable_at(now)
        } else {
            let expired = self.milli_of(self.open.range((self.now.saturating_add(1), 0)..(now.saturating_add(1), 0)));
            self.usable_milli.wrapping_sub(expired)
        };
        self.now = now;
    }

    fn usable_at(&self, now: i128) -> i128 {
        self.milli_of(self.open.range((now.saturating_add(1), 0)..))
    }

    fn milli_of<'a>(&self, open: impl Iterator<Item = &'a (i128, u64)>) -> i128 {
        let milli = open.filter_map(|(_, number)| self.lots.get(number)).map(|left| i128::from(left.milli));
        milli.fold(0, i128::wrapping_add)
    }

    /// Spends from usable lots in order, which reach, and returns what was taken from which.
    fn spend(&mut self, milli: i64) -> Vec<Part> {
        let (mut rest, mut parts) = (milli, Vec::new());
        while rest > 0 {
            let Some(&(_, lot)) = self.open.range((self.now.saturating_add(1), 0)..).next() else { break };
            let Some(left) = self.lots.get(&lot) else { break };
            let taken = left.milli.min(rest);
            rest = rest.wrapping_sub(taken);
            self.touch(lot);
            self.change(lot, taken.wrapping_neg());
            parts.push(Part { lot, milli: taken, back: 0 });
        }
        parts
    }
}

/// So many of the points that were taken last, without as many that were undone before.
fn last_taken(parts: &[Part], before: i64, milli: i64) -> Vec<Part> {
    let (mut skip, mut rest, mut taken) = (before, milli, Vec::new());
    for part in parts.iter().rev() {
        let skipped = part.milli.min(skip);
        skip = skip.wrapping_sub(skipped);
        let here = part.milli.wrapping_sub(skipped).min(rest);
        if here > 0 {
            rest = rest.wrapping_sub(here);
            taken.push(Part { lot: part.lot, milli: here, back: 0 });
        }
    }
    taken
}

/// The first instant at which a lot can no longer be spent.
fn last_instant(expires: Option<CivilTime>) -> i128 {
    expires.map_or(NEVER, |expires| expires.instant_nanos())
}

fn add_debt(debt: i64, milli: i64) -> Result<i64, Error> {
    debt.checked_add(milli).filter(|debt| *debt <= DOMAIN_MAX).ok_or(Fault::ResultOutsideDomain.error())
}

fn sum_in_domain(milli: i128) -> Result<Points, Error> {
    let outside = Fault::ResultOutsideDomain.error();
    i64::try_from(milli).map_err(|_| outside).and_then(|milli| Points::from_milli(milli).map_err(|_| outside))
}

/// Points that lie in the domain.
fn known(milli: i64) -> Points {
    Points::from_milli(milli).unwrap_or_default()
}

fn not_negative(points: Points) -> Result<i64, Error> {
    if points < Points::ZERO { Err(Fault::Negative.error().at("points_milli")) } else { Ok(points.milli()) }
}
