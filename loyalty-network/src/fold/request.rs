//! Requests: what is answered before it happens (NW-2).

use alloc::string::String;

use super::name::{ClaimName, ClaimOwner, Id, Name};
use loyalty_rules::api::wire::{Amount, Path, Refusal, record};
use loyalty_rules::calendar::{CivilTime, Month};
use loyalty_rules::error::Fault;
use loyalty_rules::quantity::Rupiah;

record! {
    /// What a claim is to pay of.
    pub struct ClaimPurchase {
        /// The shop that accepts it.
        shop: Name,
        /// The sale.
        sale: Id,
        /// The purchase, which limits look at, in rupiah.
        purchase: Amount,
        /// What of it is left to pay, in rupiah.
        left_to_pay: Amount,
        /// The month that counts it.
        month: Month,
        /// Until when the request may wait.
        valid_until: Option<CivilTime>,
        /// What proves that the shopper may use the claim; the caller judges it.
        proof: Option<String>,
    }
}

record! {
    /// A voucher is to pay.
    pub struct VoucherRequest {
        /// The voucher.
        voucher: ClaimName,
        /// What it is to pay of.
        [flat] purchase: ClaimPurchase,
        /// What it is to pay, in rupiah, 1 or more; as much as it can if absent.
        amount: Option<Amount>,
    }
}

record! {
    /// Points are to pay.
    pub struct PointsRequest {
        /// What it is to pay of.
        [flat] purchase: ClaimPurchase,
        /// What they are to pay, in rupiah, 1 or more.
        amount: Amount,
    }
}

record! {
    /// A claim is kept for a payment.
    pub struct ReserveRequest {
        /// The voucher; absent for points.
        voucher: Option<ClaimName>,
        /// What it is to pay of.
        [flat] purchase: ClaimPurchase,
        /// What it is to pay, in rupiah, 1 or more; of points always stated.
        amount: Option<Amount>,
        /// Until when it is kept.
        deadline: CivilTime,
    }
}

record! {
    /// A redemption that waits or is kept.
    pub struct ReservedRequest {
        /// The redemption, by its id.
        redemption: Id,
        /// Who holds the claim.
        owner: ClaimOwner,
        /// The shop that accepts it.
        shop: Name,
        /// The month that counts it.
        month: Month,
    }
}

record! {
    /// A redemption by its id and who holds its claim.
    pub struct RedemptionName {
        /// Its id.
        of: Id,
        /// Who holds the claim.
        owner: ClaimOwner,
    }
}

record! {
    /// A redemption is to be undone.
    pub struct UndoAskRequest {
        /// The redemption.
        redemption: RedemptionName,
        /// The sale that it was to pay.
        sale: Id,
        /// The month that counted it.
        of_month: Month,
        /// How much, in rupiah, 1 or more; all of it if absent.
        amount: Option<Amount>,
    }
}

record! {
    /// Points go to another account.
    pub struct PointsTransfer {
        /// The other account.
        to: Name,
        /// How much, in rupiah, 1 or more; all that can be used if absent.
        amount: Option<Amount>,
    }
}

record! {
    /// All of an account goes to another one of the same member.
    pub struct AccountMerge {
        /// The other account.
        to: Name,
    }
}

/// Refuses an amount of zero.
pub(super) fn above_zero(amount: Option<Amount>, path: &Path<'_>) -> Result<(), Refusal> {
    match amount {
        Some(Amount(Rupiah::ZERO)) => Err(Refusal::at(Fault::BelowOne, &path.key("amount"))),
        _ => Ok(()),
    }
}

impl ClaimPurchase {
    pub(super) fn check(&self, amount: Option<Amount>, path: &Path<'_>) -> Result<(), Refusal> {
        if self.left_to_pay.0 > self.purchase.0 {
            return Err(Refusal::at(Fault::LeftAbovePurchase, &path.key("left_to_pay")));
        }
        above_zero(amount, path)
    }
}
