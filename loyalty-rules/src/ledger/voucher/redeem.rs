use crate::calendar::{CivilTime, Month};
use crate::error::{Error, Fault};
use crate::funding::not_negative;
use crate::quantity::{Count, Rate, Rounding, Rupiah};
use crate::words::words;

/// A voucher as it stands before a payment (VC-4, VC-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redeemable {
    /// What it is worth in rupiah, zero or more.
    pub value: Rupiah,
    /// What was redeemed of it before, in rupiah.
    pub redeemed: Rupiah,
    /// From when it can be used.
    pub valid_from: Option<CivilTime>,
    /// From when it can no longer be used; never without.
    pub expires: Option<CivilTime>,
    /// Whether a part that is not used at once is lost.
    pub single_use: bool,
}

/// What limits redemptions (VC-6, VC-7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RedeemLimits {
    /// The purchase that a redemption needs, in rupiah.
    pub min_purchase: Rupiah,
    /// The most vouchers redeemed in a calendar month in the whole program.
    pub program: Option<Count>,
    /// The most of one shopper.
    pub shopper: Option<Count>,
    /// The most that vouchers may pay of a purchase.
    pub max_share: Option<Rate>,
}

/// What is to be paid. Amounts are rupiah.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payable {
    /// The purchase, which limits look at.
    pub purchase: Rupiah,
    /// What of it is left to pay, which bounds a voucher.
    pub left: Rupiah,
    /// What vouchers paid of it before, which the share counts.
    pub by_vouchers: Rupiah,
}

impl Payable {
    /// A purchase of which nothing is paid yet.
    pub const fn whole(purchase: Rupiah) -> Self {
        Self { purchase, left: purchase, by_vouchers: Rupiah::ZERO }
    }
}

/// Vouchers redeemed in a calendar month. Those of an earlier month than the payment's count as none; those of a later one
/// are refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MonthCounters {
    /// The month that is counted; without one the payment's.
    pub month: Option<Month>,
    /// In the whole program.
    pub program: Count,
    /// By this shopper.
    pub shopper: Count,
}

words! {
    /// What became of a redemption, judged in this order.
    pub enum RedeemReason {
        /// The voucher can be used later.
        NotYetValid = "not_yet_valid",
        /// It can no longer be used.
        Expired = "expired",
        /// Nothing of it is left.
        RedeemedBefore = "redeemed_before",
        /// Nothing is left to pay.
        NothingToPay = "nothing_to_pay",
        /// The purchase is too small for a voucher (VC-7).
        BelowMinPurchase = "below_min_purchase",
        /// The program's vouchers of the month are used up (VC-6).
        MonthLimit = "month_limit",
        /// The shopper's are.
        ShopperLimit = "shopper_limit",
        /// More is asked than is left of the voucher.
        AboveVoucher = "above_voucher",
        /// More is asked than is left to pay.
        AbovePurchase = "above_purchase",
        /// More is asked than vouchers may pay of the purchase, or they paid their share before (VC-7).
        AboveShare = "above_share",
        /// It pays.
        Redeemed = "redeemed",
    }
}

/// A judged redemption. Amounts are rupiah.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redeemed {
    /// What became of it.
    pub reason: RedeemReason,
    /// What the voucher pays.
    pub amount: Rupiah,
    /// What the shopper still pays.
    pub to_pay: Rupiah,
    /// What of the voucher stays valid.
    pub left: Rupiah,
    /// What a single-use voucher loses.
    pub forfeited: Rupiah,
    /// The counters of the payment's month after it.
    pub counters: MonthCounters,
}

/// Redeems a voucher on a purchase (VC-3 … VC-7), for an amount or for as much as voucher and purchase allow.
///
/// ```
/// use loyalty_rules::ledger::voucher::{MonthCounters, Payable, RedeemLimits, Redeemable, redeem};
/// use loyalty_rules::quantity::Rupiah;
///
/// let expires = Some("2025-03-15T00:00:00+07:00".parse()?);
/// let voucher = Redeemable { value: Rupiah::new(15_000)?, redeemed: Rupiah::ZERO, valid_from: None, expires, single_use: false };
/// let at = "2025-03-14T23:59:59+07:00".parse()?;
/// let payable = Payable::whole(Rupiah::new(12_000)?);
/// let redeemed = redeem(&voucher, &payable, None, &at, &RedeemLimits::default(), &MonthCounters::default())?;
/// assert_eq!((redeemed.amount.get(), redeemed.to_pay.get(), redeemed.left.get()), (12_000, 0, 3_000));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` for a negative amount, an asked amount of zero, more redeemed than the voucher's value, more left to pay
/// than the purchase, or if a counter leaves the domain; `out_of_order` for counters of a later month.
pub fn redeem(
    voucher: &Redeemable,
    payable: &Payable,
    asked: Option<Rupiah>,
    at: &CivilTime,
    limits: &RedeemLimits,
    counters: &MonthCounters,
) -> Result<Redeemed, Error> {
    let (value, before) = (not_negative(voucher.value, "voucher.value")?, not_negative(voucher.redeemed, "voucher.redeemed")?);
    if before > value {
        return Err(Fault::RedeemedAboveValue.error().at("voucher.redeemed"));
    }
    let purchase = not_negative(payable.purchase, "purchase")?;
    let to_pay = not_negative(payable.left, "left_to_pay")?;
    if to_pay > purchase {
        return Err(Fault::LeftAbovePurchase.error().at("left_to_pay"));
    }
    let by_vouchers = not_negative(payable.by_vouchers, "paid_by_vouchers")?;
    let min_purchase = not_negative(limits.min_purchase, "min_purchase")?;
    let asked = asked.map(|asked| not_negative(asked, "amount")).transpose()?;
    if asked == Some(Rupiah::ZERO) {
        return Err(Fault::BelowOne.error().at("amount"));
    }
    let month = Month::of(at.date());
    if counters.month.is_some_and(|counted| month < counted) {
        return Err(Fault::CountersOfAnotherMonth.error().at("counters.month"));
    }
    let counted = if counters.month.is_none_or(|counted| counted == month) { *counters } else { MonthCounters::default() };
    let counters = MonthCounters { month: Some(month), ..counted };
    let share = limits.max_share.map_or(Ok(purchase), |share| Rounding::default().apply(purchase, share))?;
    let share_left = if limits.max_share.is_some() { share.left_after(by_vouchers) } else { to_pay };
    let is_past = voucher.expires.is_some_and(|expires| at.nanos_since(&expires) >= 0);
    let is_used = voucher.single_use && !before.is_zero();
    let left = if is_used { Rupiah::ZERO } else { value.left_after(before) };
    let amount = asked.unwrap_or(left.min(to_pay).min(share_left));
    let is_full = |limit: Option<Count>, count: Count| limit.is_some_and(|limit| count >= limit);
    let reason = if voucher.valid_from.is_some_and(|from| at.nanos_since(&from) < 0) {
        RedeemReason::NotYetValid
    } else if is_past {
        RedeemReason::Expired
    } else if left.is_zero() {
        RedeemReason::RedeemedBefore
    } else if to_pay.is_zero() {
        RedeemReason::NothingToPay
    } else if purchase < min_purchase {
        RedeemReason::BelowMinPurchase
    } else if is_full(limits.program, counters.program) {
        RedeemReason::MonthLimit
    } else if is_full(limits.shopper, counters.shopper) {
        RedeemReason::ShopperLimit
    } else if amount > left {
        RedeemReason::AboveVoucher
    } else if amount > to_pay {
        RedeemReason::AbovePurchase
    } else if amount > share_left || share_left.is_zero() {
        RedeemReason::AboveShare
    } else {
        RedeemReason::Redeemed
    };
    if reason != RedeemReason::Redeemed {
        let left = if is_past { Rupiah::ZERO } else { left };
        return Ok(Redeemed { reason, amount: Rupiah::ZERO, to_pay, left, forfeited: Rupiah::ZERO, counters });
    }
    let rest = left.left_after(amount);
    let (left, forfeited) = if voucher.single_use { (Rupiah::ZERO, rest) } else { (rest, Rupiah::ZERO) };
    let counters = MonthCounters { program: counters.program.succ()?, shopper: counters.shopper.succ()?, ..counters };
    Ok(Redeemed { reason, amount, to_pay: to_pay.left_after(amount), left, forfeited, counters })
}
