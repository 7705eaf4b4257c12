//! Messages: facts of one owner for another (NW-2).

use alloc::vec::Vec;

use super::name::{ClaimName, ClaimOwner, Id, Name};
use loyalty_rules::api::wire::{Amount, Path, Positive, Refusal, Whole, record};
use loyalty_rules::calendar::{CivilTime, Date, Month};
use loyalty_rules::error::Fault;
use loyalty_rules::quantity::Rupiah;

record! {
    /// A sale's award for an account.
    pub struct EarnMessage {
        /// The lot.
        lot: ClaimName,
        /// The shop that issued it.
        issuer: Name,
        /// Its value, in rupiah.
        amount: Amount,
        /// From when it can no longer be used.
        expires: Option<CivilTime>,
        /// Whether the sale counts as a purchase.
        purchase: bool = false,
    }
}

record! {
    /// Lots that come from elsewhere; of an account that was merged into this one also what it owes, and its purchases.
    pub struct LotsMessage {
        /// The lots.
        lots: Vec<LotIn>,
        /// Debts, in their order.
        debts: Vec<DebtIn> = Vec::new(),
        /// Purchases, signed.
        purchases: Whole = Whole(0),
    }
}

impl LotsMessage {
    /// Lots alone.
    pub(super) fn of(lots: Vec<LotIn>) -> Self {
        Self { lots, debts: Vec::new(), purchases: Whole(0) }
    }
}

/// A debt that comes from another account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebtIn {
    /// The shop that is owed.
    pub creditor: Name,
    /// Rupiah.
    pub amount: Amount,
}
super::row! { DebtIn { creditor: Name, amount: Amount } }

record! {
    /// A lot that comes from elsewhere.
    pub struct LotIn {
        /// The lot.
        lot: ClaimName,
        /// The shop that issued it.
        issuer: Name,
        /// What comes of it, in rupiah.
        amount: Amount,
        /// From when it can no longer be used.
        expires: Option<CivilTime>,
    }
}

record! {
    /// A return takes back of a lot.
    pub struct ReverseMessage {
        /// The lot.
        lot: ClaimName,
        /// How much, in rupiah.
        amount: Amount,
        /// The shop that a debt is owed to.
        creditor: Name,
        /// The sale.
        sale: Id,
        /// When it was.
        sold_at: CivilTime,
        /// Whether the purchase no longer counts.
        purchase: bool = false,
    }
}

record! {
    /// What a return could take back. Amounts are rupiah.
    pub struct ReversedMessage {
        /// The sale.
        sale: Id,
        /// What was not used yet.
        free: Amount,
        /// What was used and is a debt now.
        debt: Amount,
        /// What had expired.
        expired: Amount,
        /// What nobody owes.
        lost: Amount,
    }
}

record! {
    /// Claims of an issuer were used.
    pub struct UsedMessage {
        /// The shop that accepted them.
        acceptor: Name,
        /// Rupiah.
        amount: Amount,
        /// The voucher, if its token was accepted offline.
        voucher: Option<ClaimName>,
        /// Of what was accepted offline: the acceptance, by its id.
        redemption: Option<Id>,
        /// The sale that it paid.
        sale: Option<Id>,
        /// The month that counts it.
        month: Option<Month>,
    }
}

impl UsedMessage {
    /// Refuses what was accepted offline without what its redemption is written with.
    pub(super) fn check(&self, is_account: bool, path: &Path<'_>) -> Result<(), Refusal> {
        let is_offline = is_account || self.voucher.is_some();
        let missing = |field: &str| Err(Refusal::at(Fault::Missing, &path.key(field)));
        match self {
            Self { redemption: None, .. } if is_offline => missing("redemption"),
            Self { sale: None, .. } if is_account => missing("sale"),
            Self { month: None, .. } if is_offline => missing("month"),
            _ => Ok(()),
        }
    }
}

record! {
    /// A use is undone.
    pub struct UnusedMessage {
        /// The shop that had accepted the claims.
        acceptor: Name,
        /// Rupiah.
        amount: Amount,
    }
}

record! {
    /// A member's debt is paid.
    pub struct DebtMessage {
        /// The shop that issued the lot that paid.
        issuer: Name,
        /// Rupiah.
        amount: Amount,
    }
}

record! {
    /// A voucher will expire.
    pub struct DueMessage {
        /// The voucher.
        voucher: ClaimName,
        /// The day at whose start it does.
        date: Date,
    }
}

record! {
    /// A voucher was due on a day that has closed.
    pub struct ExpireMessage {
        /// The voucher.
        voucher: ClaimName,
        /// The day.
        date: Date,
    }
}

record! {
    /// What a redemption pays at its acceptor.
    pub struct TenderMessage {
        /// The redemption, by its id.
        red: Id,
        /// The sale.
        sale: Id,
        /// Who holds the claim.
        owner: ClaimOwner,
        /// The month that counted it.
        month: Month,
        /// What each issuer owes of it, in rupiah; negative for what is undone.
        parts: Vec<PartOfIssuer>,
        /// Whether it was granted, where this decides it.
        grant: Option<bool>,
        /// What an undo asked for that this answers, in rupiah.
        asked: Amount = Amount(Rupiah::ZERO),
        /// Whether that undo asked for all of it.
        whole: bool = false,
    }
}

record! {
    /// A redemption is undone.
    pub struct UndoMessage {
        /// The redemption, by its id.
        redemption: Id,
        /// Who holds the claim.
        owner: ClaimOwner,
        /// The acceptor.
        shop: Name,
        /// The sale that it was to pay.
        sale: Id,
        /// The month that counted it.
        of_month: Month,
        /// How much, in rupiah; all of it if absent.
        amount: Option<Amount>,
    }
}

record! {
    /// What an issuer paid for a period.
    pub struct ReceivedMessage {
        /// The period.
        period: Positive,
        /// The issuer.
        issuer: Name,
        /// From its fund, in rupiah.
        paid: Amount,
        /// From the operator, in rupiah.
        operator: Amount,
    }
}

record! {
    /// What an acceptor pays back.
    pub struct DrawMessage {
        /// The period.
        period: Positive,
        /// The issuer.
        issuer: Name,
        /// Rupiah.
        amount: Amount,
    }
}

record! {
    /// A shop has closed a period.
    pub struct ClosedMessage {
        /// The period.
        period: Positive,
    }
}

/// An issuer and its part of an amount: `["A", 5000]`.
#[derive(Clone, Debug, PartialEq)]
pub struct PartOfIssuer {
    /// The issuer.
    pub issuer: Name,
    /// Rupiah, negative for what is undone.
    pub amount: Rupiah,
}
super::row! { PartOfIssuer { issuer: Name, amount: Rupiah } }
