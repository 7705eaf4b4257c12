use crate::calendar::CivilTime;
use crate::quantity::{Count, Points};
use crate::words::words;

/// An entry of a points ledger (LG-1); its shop is the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The unique id; ids order entries of the same time.
    pub id: &'a str,
    /// The account.
    pub account: &'a str,
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
    /// Points are held for a payment (LG-8).
    Reserve {
        /// Zero or more.
        points: Points,
        /// The account's version that the host has seen.
        version: Count,
    },
    /// Held points are spent.
    Commit {
        /// The reservation's id.
        of: &'a str,
        /// The account's version that the host has seen.
        version: Count,
    },
    /// Held points come back.
    Release {
        /// The reservation's id.
        of: &'a str,
        /// The account's version that the host has seen.
        version: Count,
    },
}

impl EntryKind<'_> {
    /// The version that the entry expects, if it does.
    pub(super) const fn version(&self) -> Option<Count> {
        match self {
            Self::Reserve { version, .. } | Self::Commit { version, .. } | Self::Release { version, .. } => Some(*version),
            _ => None,
        }
    }
}

words! {
    /// Why an entry is refused; a refused entry changes nothing.
    pub enum EntryRefusal {
        /// More is redeemed or held than can be spent (LG-5).
        Insufficient = "insufficient",
        /// The named lot is no earning of this account, or comes later.
        UnknownLot = "unknown_lot",
        /// The lot has not expired yet.
        NotExpired = "not_expired",
        /// More of an earning is reversed than was earned.
        OverReversal = "over_reversal",
        /// The account has changed since the host looked (LG-8).
        StaleVersion = "stale_version",
        /// No open reservation has this id.
        UnknownReservation = "unknown_reservation",
    }
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It counts with so many thousandths: what it gave, less what it took.
    Counted(i64),
    /// It is refused; the missing thousandths are zero unless it is insufficient.
    Refused(EntryRefusal, i64),
    /// It does not come after the last entry by (time, id): the account must be folded anew, unless it is a repetition.
    NotAfter,
    /// A lot or an open reservation has its id: it is a conflict (LG-2).
    Conflict,
}
