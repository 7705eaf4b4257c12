use super::redeem::MonthCounters;
use crate::calendar::{CivilTime, Month, Validity};
use crate::error::{Error, Fault};
use crate::funding::not_negative;
use crate::ledger::voucher::Redeemable;
use crate::quantity::{Count, Rupiah};
use crate::words::words;

/// A redemption that goes back, as its answer and its earlier undoing left it. Amounts are rupiah.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undoable {
    /// What the voucher paid.
    pub amount: Rupiah,
    /// What a single-use voucher lost by it.
    pub forfeited: Rupiah,
    /// When it paid; its month's counters counted it.
    pub at: CivilTime,
    /// What was undone of it before.
    pub undone: Rupiah,
}

words! {
    /// What became of an undo.
    pub enum UndoReason {
        /// The value is back on the voucher.
        Undone = "undone",
        /// All of the redemption was undone before.
        UndoneBefore = "undone_before",
        /// More is asked than is left of the redemption.
        AboveRedemption = "above_redemption",
    }
}

/// A judged undo. Amounts are rupiah.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undone {
    /// What became of it.
    pub reason: UndoReason,
    /// What comes back.
    pub amount: Rupiah,
    /// What is undone of the redemption in all.
    pub undone: Rupiah,
    /// The voucher after it.
    pub voucher: Redeemable,
    /// What the voucher is worth again.
    pub left: Rupiah,
    /// Whether it can be used at the time of the undo.
    pub is_usable: bool,
    /// The counters after it, if they were given; a use is given back once all of the redemption is undone.
    pub counters: Option<MonthCounters>,
}

/// Undoes a redemption in whole or in part (VC-5): the voucher is worth the value again until its own expiry, or until the
/// local midnight after so many days of grace.
///
/// A single-use voucher is worth what came back, and once all of it came back also what it had lost.
///
/// ```
/// use loyalty_rules::ledger::voucher::{Redeemable, Undoable, undo};
/// use loyalty_rules::quantity::{Count, Rupiah};
///
/// let rupiah = |amount| Rupiah::new(amount).unwrap();
/// let expires = Some("2025-03-15T00:00:00+07:00".parse()?);
/// let voucher = Redeemable { value: rupiah(15_000), redeemed: rupiah(12_000), valid_from: None, expires, single_use: false };
/// let at = "2025-03-02T10:00:00+07:00".parse()?;
/// let redemption = Undoable { amount: rupiah(12_000), forfeited: Rupiah::ZERO, at, undone: Rupiah::ZERO };
/// let back = "2025-03-03T10:00:00+07:00".parse()?;
/// let undone = undo(&voucher, &redemption, Some(rupiah(5_000)), &back, 0, None)?;
/// assert_eq!((undone.voucher.redeemed.get(), undone.left.get()), (7_000, 8_000));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` for a negative amount, an asked amount of zero, more undone than redeemed, a voucher with less redeemed
/// than the redemption has left, or counters without the use; `out_of_order` for counters of another month.
pub fn undo(
    voucher: &Redeemable,
    redemption: &Undoable,
    asked: Option<Rupiah>,
    at: &CivilTime,
    grace_days: u16,
    counters: Option<&MonthCounters>,
) -> Result<Undone, Error> {
    let (value, redeemed) = (not_negative(voucher.value, "voucher.value")?, not_negative(voucher.redeemed, "voucher.redeemed")?);
    if redeemed > value {
        return Err(Fault::RedeemedAboveValue.error().at("voucher.redeemed"));
    }
    let whole = not_negative(redemption.amount, "redemption.amount")?;
    let forfeited = not_negative(redemption.forfeited, "redemption.forfeited")?;
    let before = not_negative(redemption.undone, "redemption.undone")?;
    if before > whole {
        return Err(Fault::UndoneAboveRedemption.error().at("redemption.undone"));
    }
    let rest = whole.left_after(before);
    let amount = asked.map_or(Ok(rest), |asked| not_negative(asked, "amount"))?;
    if asked == Some(Rupiah::ZERO) {
        return Err(Fault::BelowOne.error().at("amount"));
    }
    if !voucher.single_use && redeemed < rest {
        return Err(Fault::RedeemedBelowRedemption.error().at("voucher.redeemed"));
    }
    if grace_days > 0 {
        Validity::Days(grace_days).check().map_err(|error| error.at("grace_days"))?;
    }
    let month = Month::of(redemption.at.date());
    if counters.and_then(|counters| counters.month).is_some_and(|counted| counted != month) {
        return Err(Fault::CountersOfAnotherMonth.error().at("counters.month"));
    }
    let counters = counters.map(|counters| MonthCounters { month: Some(month), ..*counters });
    // What a single-use voucher is worth: nothing, once some of it was redeemed.
    let worth = if voucher.single_use && !redeemed.is_zero() { Rupiah::ZERO } else { value.left_after(redeemed) };
    let reason = if rest.is_zero() {
        UndoReason::UndoneBefore
    } else if amount > rest {
        UndoReason::AboveRedemption
    } else {
        UndoReason::Undone
    };
    if reason != UndoReason::Undone {
        let is_usable = is_usable(voucher, at);
        return Ok(Undone { reason, amount: Rupiah::ZERO, undone: before, voucher: *voucher, left: worth, is_usable, counters });
    }
    let undone = before.checked_add(amount)?;
    let is_whole = undone == whole;
    let after = if voucher.single_use {
        let lost = if is_whole { forfeited } else { Rupiah::ZERO };
        Redeemable { value: worth.checked_add(amount)?.checked_add(lost)?, redeemed: Rupiah::ZERO, ..*voucher }
    } else {
        Redeemable { redeemed: redeemed.left_after(amount), ..*voucher }
    };
    let after = Redeemable { expires: extended(voucher.expires, at, grace_days)?, ..after };
    let counters = if is_whole { counters.map(give_back).transpose()? } else { counters };
    let left = after.value.left_after(after.redeemed);
    Ok(Undone { reason, amount, undone, voucher: after, left, is_usable: is_usable(&after, at), counters })
}

/// Gives a use back; a count of zero is one that the host does not keep.
fn give_back(counters: MonthCounters) -> Result<MonthCounters, Error> {
    if counters.program == Count::ZERO && counters.shopper == Count::ZERO {
        return Err(Fault::NoUseToGiveBack.error().at("counters"));
    }
    let less = |count: Count| Count::new(count.get().wrapping_sub(1)).unwrap_or_default();
    Ok(MonthCounters { program: less(counters.program), shopper: less(counters.shopper), ..counters })
}

/// The later of a voucher's own expiry and the end of the days of grace.
fn extended(expires: Option<CivilTime>, at: &CivilTime, grace_days: u16) -> Result<Option<CivilTime>, Error> {
    let (Some(own), true) = (expires, grace_days > 0) else { return Ok(expires) };
    let grace = Validity::Days(grace_days).expires(at).map_err(|error| error.at("grace_days"))?;
    Ok(Some(if grace.nanos_since(&own) > 0 { grace } else { own }))
}

fn is_usable(voucher: &Redeemable, at: &CivilTime) -> bool {
    voucher.expires.is_none_or(|expires| at.nanos_since(&expires) < 0) && voucher.valid_from.is_none_or(|from| at.nanos_since(&from) >= 0)
}
