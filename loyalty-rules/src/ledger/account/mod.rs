mod entry;
mod state;

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

pub use self::entry::{Applied, Entry, EntryKind, EntryRefusal};
pub use self::state::{AccountState, EarningState, LotState, PartState, ReservationState};
use crate::calendar::CivilTime;
use crate::error::{Error, Fault};
use crate::quantity::{Count, DOMAIN_MAX, Points};

/// A lot with points left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lot<'a> {
    /// The id of the entry that made it.
    pub id: &'a str,
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
///    └──────────────────────────┴──▶ debt first
/// ```
///
/// ```
/// use loyalty_rules::ledger::{Account, Applied, Entry, EntryKind};
/// use loyalty_rules::quantity::Points;
///
/// let at = |text: &str| text.parse().unwrap();
/// let mut account = Account::default();
/// let earn = EntryKind::Earn { points: Points::from_milli(15_000)?, expires: Some(at("2025-06-01T00:00:00+07:00")) };
/// account.apply(&Entry { id: "e1", account: "M1", time: at("2025-03-01T10:00:00+07:00"), kind: earn })?;
///
/// let redeem = EntryKind::Redeem { points: Points::from_milli(20_000)? };
/// let refused = account.apply(&Entry { id: "r1", account: "M1", time: at("2025-03-02T10:00:00+07:00"), kind: redeem })?;
/// assert!(matches!(refused, Applied::Refused(_, 5_000))); // Rp5,000 worth of points are missing
///
/// let mut account = Account::from_state(&account.state())?; // stored and loaded
/// let hold = EntryKind::Reserve { points: Points::from_milli(4_000)?, version: account.version() };
/// account.apply(&Entry { id: "h1", account: "M1", time: at("2025-03-03T10:00:00+07:00"), kind: hold })?;
/// assert_eq!(account.balance(&at("2025-05-31T23:59:59+07:00"))?.milli(), 11_000);
/// let release = EntryKind::Release { of: "h1", version: account.version() };
/// account.apply(&Entry { id: "h2", account: "M1", time: at("2025-03-04T10:00:00+07:00"), kind: release })?;
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
    last: Option<(CivilTime, String)>,
    /// Every earning, and adjustments of which points are left or held, by number in the order of their making.
    lots: BTreeMap<u64, Left>,
    by_id: BTreeMap<Arc<str>, u64>,
    next_number: u64,
    /// Lots with points left in spending order: soonest-expiring first, then oldest (LG-4).
    open: BTreeSet<(i128, u64)>,
    /// The points of the open lots that have not expired at `now`: kept, so that no entry sums them up.
    usable_milli: i128,
    now: i128,
    reservations: BTreeMap<String, Vec<Part>>,
}

/// What is left of a lot.
#[derive(Clone, Debug)]
struct Left {
    id: Arc<str>,
    time: CivilTime,
    expires: Option<CivilTime>,
    milli: i64,
    /// Of an adjustment none.
    earning: Option<Earning>,
    /// The parts of open reservations that came from it.
    holds: u64,
}

/// What is known of an earning beside what is left, in thousandths.
#[derive(Clone, Copy, Debug)]
struct Earning {
    earned: i64,
    /// What its accepted reversals asked for.
    reversed: i64,
    /// What was spent or is held of it and not yet reversed.
    spent: i64,
}

/// What was taken from a lot.
#[derive(Clone, Copy, Debug)]
struct Part {
    lot: u64,
    milli: i64,
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
    /// (time, id); one that does not is told and changes nothing.
    ///
    /// # Errors
    /// `out_of_range` for negative points of an earning, redemption, reversal or reservation, or if the debt leaves
    /// the domain; `bad_config` for an entry of another account. Then nothing changes.
    pub fn apply(&mut self, entry: &Entry<'_>) -> Result<Applied, Error> {
        if self.name.as_deref().is_some_and(|name| name != entry.account) {
            return Err(Fault::OneAccount.error().at("account"));
        }
        let now = entry.time.instant_nanos();
        if self.last.as_ref().is_some_and(|(time, id)| (now, entry.id) <= (time.instant_nanos(), id.as_str())) {
            return Ok(Applied::NotAfter);
        }
        if self.by_id.contains_key(entry.id) || self.reservations.contains_key(entry.id) {
            return Ok(Applied::Conflict);
        }
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
        self.last = Some((entry.time, entry.id.to_owned()));
        Ok(applied)
    }

    /// The account, once an entry has named it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// How many entries were applied; refused ones are not.
    pub const fn version(&self) -> Count {
        self.version
    }

    /// What can be spent at an instant: lots that have not expired (LG-4).
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn balance(&self, as_of: &CivilTime) -> Result<Points, Error> {
        sum_in_domain(self.usable_at(as_of.instant_nanos()))
    }

    /// What open reservations hold (LG-8).
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn held(&self) -> Result<Points, Error> {
        sum_in_domain(self.reservations.values().flatten().fold(0, |sum, part| sum.wrapping_add(part.milli.into())))
    }

    /// What the next earnings pay, zero or more.
    pub fn debt(&self) -> Points {
        known(self.debt_milli)
    }

    /// The lots with points left in spending order, expired ones included.
    pub fn lots(&self) -> impl Iterator<Item = Lot<'_>> {
        let lots = self.open.iter().filter_map(|(_, number)| self.lots.get(number));
        lots.map(|left| Lot { id: &left.id, points: known(left.milli), expires: left.expires })
    }

    /// The lots that can be spent at an instant, in spending order.
    pub(super) fn usable_lots(&self, as_of: &CivilTime) -> impl Iterator<Item = Lot<'_>> {
        let as_of = as_of.instant_nanos();
        self.lots().filter(move |lot| as_of < last_instant(lot.expires))
    }

    fn act(&mut self, entry: &Entry<'_>) -> Result<Applied, Error> {
        match entry.kind {
            EntryKind::Earn { points, expires } => {
                let milli = not_negative(points)?;
                let paid = self.pay_debt(milli);
                let earning = Earning { earned: milli, reversed: 0, spent: paid };
                self.open(entry, expires, Some(earning), milli.wrapping_sub(paid));
                Ok(Applied::Counted(milli))
            }
            EntryKind::Redeem { points } => Ok(self.redeem(not_negative(points)?).map_or_else(
                |refused| refused,
                |parts| {
                    self.close(&parts);
                    Applied::Counted(points.milli().wrapping_neg())
                },
            )),
            EntryKind::Reverse { of, points } => self.reverse(of, not_negative(points)?),
            EntryKind::Expire { of } => Ok(self.expire(of)),
            EntryKind::Adjust { points } => self.adjust(entry, points.milli()),
            EntryKind::Reserve { points, .. } => Ok(self.redeem(not_negative(points)?).map_or_else(
                |refused| refused,
                |parts| {
                    for part in &parts {
                        self.hold(part.lot, |holds| holds.wrapping_add(1));
                    }
                    self.reservations.insert(entry.id.to_owned(), parts);
                    Applied::Counted(points.milli().wrapping_neg())
                },
            )),
            EntryKind::Commit { of, .. } => Ok(self.settle(of, false)),
            EntryKind::Release { of, .. } => Ok(self.settle(of, true)),
        }
    }

    /// Takes points from usable lots, if they reach.
    fn redeem(&mut self, milli: i64) -> Result<Vec<Part>, Applied> {
        let missing = i128::from(milli).wrapping_sub(self.usable_milli);
        if missing > 0 {
            return Err(Applied::Refused(EntryRefusal::Insufficient, i64::try_from(missing).unwrap_or(milli)));
        }
        Ok(self.spend(milli))
    }

    fn reverse(&mut self, of: &str, asked: i64) -> Result<Applied, Error> {
        let Some(number) = self.earning(of) else { return Ok(Applied::Refused(EntryRefusal::UnknownLot, 0)) };
        let Some(Left { milli, earning: Some(earning), .. }) = self.lots.get_mut(&number) else {
            return Ok(Applied::Refused(EntryRefusal::UnknownLot, 0));
        };
        let reversed = earning.reversed.saturating_add(asked);
        if reversed > earning.earned {
            return Ok(Applied::Refused(EntryRefusal::OverReversal, 0));
        }
        let taken = asked.min(*milli);
        // Points that expired make no debt; what was spent does.
        let owed = asked.wrapping_sub(taken).min(earning.spent);
        let added = if self.forgives_debt { 0 } else { owed };
        let debt = add_debt(self.debt_milli, added)?;
        earning.reversed = reversed;
        earning.spent = earning.spent.wrapping_sub(owed);
        self.debt_milli = debt;
        self.change(number, taken.wrapping_neg());
        Ok(Applied::Counted(taken.wrapping_add(added).wrapping_neg()))
    }

    fn expire(&mut self, of: &str) -> Applied {
        let lot = self.earning(of).and_then(|number| Some((number, self.lots.get(&number)?)));
        let Some((number, left)) = lot else { return Applied::Refused(EntryRefusal::UnknownLot, 0) };
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
            if rest > 0 {
                self.open(entry, None, None, rest);
            }
        } else {
            let wanted = milli.wrapping_neg();
            let taken = i64::try_from(self.usable_milli).unwrap_or(wanted).min(wanted);
            self.debt_milli = add_debt(self.debt_milli, wanted.wrapping_sub(taken))?;
            let parts = self.spend(taken);
            self.close(&parts);
        }
        Ok(Applied::Counted(milli))
    }

    /// Ends a reservation: spent for good, or released to the debt first and then to its lots in the order they were
    /// taken.
    fn settle(&mut self, of: &str, is_release: bool) -> Applied {
        let Some(parts) = self.reservations.remove(of) else { return Applied::Refused(EntryRefusal::UnknownReservation, 0) };
        let released = if is_release { parts.iter().fold(0_i64, |sum, part| sum.wrapping_add(part.milli)) } else { 0 };
        let mut rest = released.wrapping_sub(self.pay_debt(released));
        for part in &parts {
            let back = part.milli.min(rest);
            rest = rest.wrapping_sub(back);
            self.hold(part.lot, |holds| holds.wrapping_sub(1));
            if let Some(Left { earning: Some(earning), .. }) = self.lots.get_mut(&part.lot) {
                // Of what a reversal took already nothing is spent any more.
                earning.spent = earning.spent.wrapping_sub(back).max(0);
            }
            self.change(part.lot, back);
        }
        self.close(&parts);
        Applied::Counted(released)
    }

    /// Pays debt from new points, and returns how much.
    fn pay_debt(&mut self, milli: i64) -> i64 {
        let paid = milli.min(self.debt_milli);
        self.debt_milli = self.debt_milli.wrapping_sub(paid);
        paid
    }

    fn earning(&self, id: &str) -> Option<u64> {
        let number = *self.by_id.get(id)?;
        self.lots.get(&number).filter(|left| left.earning.is_some()).map(|_| number)
    }

    /// Makes a lot with points.
    fn open(&mut self, entry: &Entry<'_>, expires: Option<CivilTime>, earning: Option<Earning>, milli: i64) {
        let left = Left { id: entry.id.into(), time: entry.time, expires, milli: 0, earning, holds: 0 };
        let number = self.add_lot(left);
        self.change(number, milli);
    }

    fn add_lot(&mut self, left: Left) -> u64 {
        let number = self.next_number;
        self.next_number = number.wrapping_add(1);
        self.by_id.insert(Arc::clone(&left.id), number);
        self.lots.insert(number, left);
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

    fn hold(&mut self, number: u64, change: impl FnOnce(u64) -> u64) {
        if let Some(left) = self.lots.get_mut(&number) {
            left.holds = change(left.holds);
        }
    }

    /// Forgets adjustments of which nothing is left or held.
    fn close(&mut self, parts: &[Part]) {
        for part in parts {
            if let Some(left) = self.lots.get(&part.lot).filter(|left| left.earning.is_none() && left.milli == 0 && left.holds == 0) {
                self.by_id.remove(&left.id);
                self.lots.remove(&part.lot);
            }
        }
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
            let Some(left) = self.lots.get_mut(&lot) else { break };
            let taken = left.milli.min(rest);
            rest = rest.wrapping_sub(taken);
            if let Some(earning) = &mut left.earning {
                earning.spent = earning.spent.wrapping_add(taken);
            }
            self.change(lot, taken.wrapping_neg());
            parts.push(Part { lot, milli: taken });
        }
        parts
    }
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
