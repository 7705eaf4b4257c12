use crate::calendar::CivilTime;
use crate::quantity::{Count, Points};
use crate::words::words;

/// An entry of a points ledger (LG-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The unique id; ids order entries of the same time.
    pub id: &'a str,
    /// The account.
    pub account: &'a str,
    /// The shop; of a lot the one that issued it, which owes its points wherever they are spent (LG-4).
    pub shop: &'a str,
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
    /// An earning is taken back, or a redemption undone (LG-6).
    Reverse {
        /// The id of the earning, the redemption or the commit.
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
    /// Points of one lot are sent to another account (LG-10).
    Send {
        /// The lot's id.
        of: &'a str,
        /// Zero or more.
        points: Points,
    },
    /// The other half of a `Send` that counted in the sender's account.
    Receive {
        /// The id of the sending half.
        of: &'a str,
        /// Zero or more.
        points: Points,
        /// The expiry of the lot that was sent.
        expires: Option<CivilTime>,
    },
    /// Debt is handed to another account, when two accounts merge.
    SendDebt {
        /// Zero or more.
        points: Points,
    },
    /// The other half of a `SendDebt` that counted in the sender's account.
    ReceiveDebt {
        /// The id of the sending half.
        of: &'a str,
        /// Zero or more.
        points: Points,
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
        /// The named lot is no earning of this account; the reversed entry is neither an earning nor a redemption.
        UnknownLot = "unknown_lot",
        /// The lot has not expired yet.
        NotExpired = "not_expired",
        /// More of an earning is reversed than was earned, or of a redemption than it took.
        OverReversal = "over_reversal",
        /// The account has changed since the host looked (LG-8).
        StaleVersion = "stale_version",
        /// No open reservation has this id.
        UnknownReservation = "unknown_reservation",
        /// It is earlier than the horizon of the state (LG-12). It takes no place in the order.
        TooOld = "too_old",
        /// It is later than `now` and the tolerance (LG-12). It takes no place in the order.
        TooNew = "too_new",
        /// The sender's half counted with another content (LG-10). It takes no place in the order.
        NotSent = "not_sent",
        /// The sender's half was received before (LG-10).
        AlreadyReceived = "already_received",
    }
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It counts with so many thousandths: what it gave, less what it took.
    Counted(i64),
    /// It is refused; the missing thousandths are zero unless it is insufficient.
    Refused(EntryRefusal, i64),
    /// A reversal whose earning or redemption has not come: it counts right behind that, once it comes (LG-6).
    Waiting,
    /// It does not come after the last entry by (time, id): the account must be folded anew, unless it is a repetition.
    NotAfter,
    /// An earlier entry has its id: it is a conflict (LG-2).
    Conflict,
}
