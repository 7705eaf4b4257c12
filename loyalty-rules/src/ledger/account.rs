use alloc::collections::BTreeMap;
use core::ops::Bound;

use crate::calendar::CivilTime;
use crate::error::{Error, Fault};
use crate::quantity::{DOMAIN_MAX, Points};
use crate::words::words;

/// An entry of a points ledger (LG-1); its id, account and shop are the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The unique id; ids order entries of the same time.
    pub id: &'a str,
    /// When it happened.
    pub time: CivilTime,
    /// What happened.
    pub kind: EntryKind<'a>,
}

/// What an entry does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind<'a> {
    /// Points are earned, as a lot.
    Earn {
        /// Zero or more.
        points: Points,
        /// From when they can no longer be spent; never without.
        expires: Option<CivilTime>,
    },
    /// Points are spent.
    Redeem {
        /// Zero or more.
        points: Points,
    },
    /// An earning is taken back (LG-6).
    Reverse {
        /// The earning's id.
        of: &'a str,
        /// Zero or more.
        points: Points,
    },
    /// What is left of an expired lot is removed.
    Expire {
        /// The earning's id.
        of: &'a str,
    },
    /// Points are given or taken by hand.
    Adjust {
        /// Signed.
        points: Points,
    },
}

words! {
    /// Why an entry is refused; a refused entry changes nothing.
    pub enum EntryRefusal {
        /// More is redeemed than can be spent (LG-5).
        Insufficient = "insufficient",
        /// The named lot is no earning of this account, or comes later.
        UnknownLot = "unknown_lot",
        /// The lot has not expired yet.
        NotExpired = "not_expired",
        /// More of an earning is reversed than was earned.
        OverReversal = "over_reversal",
    }
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It counts with so many thousandths: what it gave, less what it took.
    Counted(i64),
    /// It is refused; the missing thousandths are zero unless it is insufficient.
    Refused(EntryRefusal, i64),
}

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

/// The points of one account: a fold over its entries in the order of time and id (LG-1, LG-3).
///
/// ```
/// use loyalty_rules::ledger::{Account, Applied, Entry, EntryKind};
/// use loyalty_rules::quantity::Points;
///
/// let at = |text: &str| text.parse().unwrap();
/// let mut account = Account::default();
/// let earn = EntryKind::Earn { points: Points::from_milli(15_000)?, expires: Some(at("2025-06-01T00:00:00+07:00")) };
/// account.apply(&Entry { id: "e1", time: at("2025-03-01T10:00:00+07:00"), kind: earn })?;
///
/// let redeem = EntryKind::Redeem { points: Points::from_milli(20_000)? };
/// let refused = account.apply(&Entry { id: "r1", time: at("2025-03-02T10:00:00+07:00"), kind: redeem })?;
/// assert!(matches!(refused, Applied::Refused(_, 5_000))); // Rp5,000 worth of points are missing
/// assert_eq!(account.balance(&at("2025-05-31T23:59:59+07:00"))?.milli(), 15_000);
/// assert_eq!(account.balance(&at("2025-06-01T00:00:00+07:00"))?.milli(), 0);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Account<'a> {
    /// Points left, in spending order: soonest-expiring first, then oldest (LG-4).
    lots: BTreeMap<LotKey<'a>, Left>,
    earnings: BTreeMap<&'a str, Earning>,
    debt_milli: i64,
    forgives_debt: bool,
}

/// The place of a lot in spending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct LotKey<'a> {
    expires: i128,
    time: i128,
    id: &'a str,
}

/// What is left of a lot.
#[derive(Clone, Copy, Debug)]
struct Left {
    milli: i64,
    expires: Option<CivilTime>,
}

/// What is known of an earning beside its lot.
#[derive(Clone, Copy, Debug)]
struct Earning {
    expires: i128,
    time: i128,
    earned_milli: i64,
    /// What its accepted reversals asked for.
    reversed_milli: i64,
    /// What was spent of it and not yet reversed.
    spent_milli: i64,
}

/// Behind every instant: without expiry, spent last.
const NEVER: i128 = i128::MAX;

impl<'a> Account<'a> {
    /// An account whose reversals forgive what was spent already, instead of making it a debt.
    #[must_use]
    pub fn forgiving_debt(self) -> Self {
        Self { forgives_debt: true, ..self }
    }

    /// Applies the next entry; entries come in the order of (time, id), each id once.
    ///
    /// # Errors
    /// `out_of_range` for negative points of an earning, redemption or reversal, or if the debt leaves the
    /// domain.
    pub fn apply(&mut self, entry: &Entry<'a>) -> Result<Applied, Error> {
        let now = entry.time.instant_nanos();
        match entry.kind {
            EntryKind::Earn { points, expires } => {
                let milli = not_negative(points)?;
                let paid = self.pay_debt(milli);
                let last = expires.map_or(NEVER, |expires| expires.instant_nanos());
                let earning = Earning { expires: last, time: now, earned_milli: milli, reversed_milli: 0, spent_milli: paid };
                self.earnings.insert(entry.id, earning);
                self.open(earning.key(entry.id), milli.wrapping_sub(paid), expires);
                Ok(Applied::Counted(milli))
            }
            EntryKind::Redeem { points } => {
                let milli = not_negative(points)?;
                let usable = self.usable(now);
                if i128::from(milli) > usable {
                    let missing = i128::from(milli).wrapping_sub(usable);
                    return Ok(Applied::Refused(EntryRefusal::Insufficient, i64::try_from(missing).unwrap_or(milli)));
                }
                self.spend(now, milli);
                Ok(Applied::Counted(milli.wrapping_neg()))
            }
            EntryKind::Reverse { of, points } => self.reverse(of, not_negative(points)?),
            EntryKind::Expire { of } => {
                let Some(earning) = self.earnings.get(of) else { return Ok(Applied::Refused(EntryRefusal::UnknownLot, 0)) };
                if now < earning.expires {
                    return Ok(Applied::Refused(EntryRefusal::NotExpired, 0));
                }
                let left = self.lots.remove(&earning.key(of)).map_or(0, |left| left.milli);
                Ok(Applied::Counted(left.wrapping_neg()))
            }
            EntryKind::Adjust { points } => {
                let milli = points.milli();
                if milli >= 0 {
                    let paid = self.pay_debt(milli);
                    self.open(LotKey { expires: NEVER, time: now, id: entry.id }, milli.wrapping_sub(paid), None);
                } else {
                    let taken = self.spend(now, milli.wrapping_neg());
                    self.add_debt(milli.wrapping_neg().wrapping_sub(taken))?;
                }
                Ok(Applied::Counted(milli))
            }
        }
    }

    /// What can be spent at an instant: lots that have not expired (LG-4).
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn balance(&self, as_of: &CivilTime) -> Result<Points, Error> {
        let usable = i64::try_from(self.usable(as_of.instant_nanos())).ok();
        usable
            .filter(|milli| *milli <= DOMAIN_MAX)
            .and_then(|milli| Points::from_milli(milli).ok())
            .ok_or(Fault::ResultOutsideDomain.error())
    }

    /// What the next earnings pay, zero or more.
    pub fn debt(&self) -> Points {
        Points::from_milli(self.debt_milli).unwrap_or_default()
    }

    /// The lots with points left in spending order, expired ones included.
    pub fn lots(&self) -> impl Iterator<Item = Lot<'a>> {
        self.lots.iter().map(|(key, left)| Lot {
            id: key.id,
            points: Points::from_milli(left.milli).unwrap_or_default(),
            expires: left.expires,
        })
    }

    fn reverse(&mut self, of: &'a str, asked: i64) -> Result<Applied, Error> {
        let Some(earning) = self.earnings.get_mut(of) else { return Ok(Applied::Refused(EntryRefusal::UnknownLot, 0)) };
        let reversed = earning.reversed_milli.saturating_add(asked);
        if reversed > earning.earned_milli {
            return Ok(Applied::Refused(EntryRefusal::OverReversal, 0));
        }
        let key = earning.key(of);
        let taken = asked.min(self.lots.get(&key).map_or(0, |left| left.milli));
        // Points that expired make no debt; what was spent does.
        let owed = asked.wrapping_sub(taken).min(earning.spent_milli);
        earning.reversed_milli = reversed;
        earning.spent_milli = earning.spent_milli.wrapping_sub(owed);
        self.take(&key, taken);
        let debt = if self.forgives_debt { 0 } else { owed };
        self.add_debt(debt)?;
        Ok(Applied::Counted(taken.wrapping_add(debt).wrapping_neg()))
    }

    /// Pays debt from new points, and returns how much.
    fn pay_debt(&mut self, milli: i64) -> i64 {
        let paid = milli.min(self.debt_milli);
        self.debt_milli = self.debt_milli.wrapping_sub(paid);
        paid
    }

    fn add_debt(&mut self, milli: i64) -> Result<(), Error> {
        let debt = self.debt_milli.checked_add(milli).filter(|debt| *debt <= DOMAIN_MAX);
        self.debt_milli = debt.ok_or(Fault::ResultOutsideDomain.error())?;
        Ok(())
    }

    /// Opens a lot; an empty one is none.
    fn open(&mut self, key: LotKey<'a>, milli: i64, expires: Option<CivilTime>) {
        if milli > 0 {
            self.lots.insert(key, Left { milli, expires });
        }
    }

    /// Takes from a lot, at most what is left; an empty lot is closed.
    fn take(&mut self, key: &LotKey<'a>, milli: i64) {
        if let Some(left) = self.lots.get_mut(key) {
            left.milli = left.milli.wrapping_sub(milli);
            if left.milli == 0 {
                self.lots.remove(key);
            }
        }
    }

    fn usable(&self, now: i128) -> i128 {
        self.lots.range(first_usable(now)..).fold(0, |sum, (_, left)| sum.wrapping_add(left.milli.into()))
    }

    /// Spends from usable lots in order, as far as they reach, and returns how much.
    fn spend(&mut self, now: i128, milli: i64) -> i64 {
        let mut rest = milli;
        while rest > 0 {
            let Some((key, left)) = self.lots.range((Bound::Included(first_usable(now)), Bound::Unbounded)).next() else { break };
            let (key, taken) = (*key, left.milli.min(rest));
            rest = rest.wrapping_sub(taken);
            self.take(&key, taken);
            if let Some(earning) = self.earnings.get_mut(key.id) {
                earning.spent_milli = earning.spent_milli.wrapping_add(taken);
            }
        }
        milli.wrapping_sub(rest)
    }
}

impl Earning {
    fn key<'a>(&self, id: &'a str) -> LotKey<'a> {
        LotKey { expires: self.expires, time: self.time, id }
    }
}

/// Before every lot that expires after an instant, and behind every one that does not.
const fn first_usable(now: i128) -> LotKey<'static> {
    LotKey { expires: now.saturating_add(1), time: i128::MIN, id: "" }
}

fn not_negative(points: Points) -> Result<i64, Error> {
    if points < Points::ZERO { Err(Fault::Negative.error().at("points_milli")) } else { Ok(points.milli()) }
}
