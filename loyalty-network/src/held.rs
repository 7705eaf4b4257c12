use crate::fault::Faults as _;
use alloc::vec::Vec;

use loyalty_rules::award::{BelowQuota, Kept};
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::funding::take_back;
use loyalty_rules::quantity::{Rate, Rounding, Rupiah};

/// What is held of a sale's award (AW-8). The sale gives the first one; each return or exchange takes the last one and gives
/// the next. Amounts are rupiah.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What is left of the amount the award was made on.
    pub base: Rupiah,
    /// What exchanges added above it: a new purchase.
    pub above: Rupiah,
    /// What is left of the total that the quota looked at, exchanges included.
    pub total: Rupiah,
    /// The quota, if the sale reached it; else zero.
    pub quota: Rupiah,
    /// The rate of the award.
    pub rate: Rate,
    /// The standby rate of the points held before the sale.
    pub standby: Rate,
    /// The voucher as it was issued.
    pub issued: Rupiah,
    /// What is kept of it.
    pub kept: Rupiah,
    /// What vouchers paid and was not given back on them.
    pub paid_by_voucher: Rupiah,
    /// What each funding party still pays of what is kept.
    pub parts: Option<Vec<Rupiah>>,
}

/// What a return or an exchange changes, in rupiah, each zero or more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldChange {
    /// What earned of what comes back.
    pub earning_back: Rupiah,
    /// What earns of what goes out for it.
    pub earning_out: Rupiah,
    /// What the quota saw of what comes back.
    pub total_back: Rupiah,
    /// What it sees of what goes out.
    pub total_out: Rupiah,
    /// What goes back on the vouchers that paid.
    pub voucher_back: Rupiah,
    /// What vouchers pay of what goes out.
    pub voucher_paid: Rupiah,
}

/// What is held after a return or an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldAfter {
    /// What the next one takes.
    pub held: Held,
    /// Why the voucher keeps what it keeps.
    pub reason: Kept,
    /// What of the voucher is taken back, in rupiah.
    pub taken_back: Rupiah,
    /// What of that each funding party gets back (SP-6).
    pub parts: Option<Vec<Rupiah>>,
    /// What is bought above the base, in rupiah: a new purchase; negative if a newer purchase goes back.
    pub new_purchase: Rupiah,
}

impl Held {
    /// What is held after a return or an exchange (AW-8). Goods that go out make up for goods that come back, so that an even
    /// exchange changes nothing. More than came back is a new purchase, which goes back first. The voucher keeps the value of
    /// the base that is left, at the rate of the award.
    ///
    /// ```
    /// use loyalty_rules::award::BelowQuota;
    /// use loyalty_network::{Held, HeldChange};
    /// use loyalty_rules::quantity::{Rate, Rounding, Rupiah};
    ///
    /// let rupiah = |amount| Rupiah::new(amount).unwrap();
    /// let held = Held {
    ///     base: rupiah(150_000), above: Rupiah::ZERO, total: rupiah(250_000), quota: rupiah(200_000),
    ///     rate: Rate::from_bp(600)?, standby: Rate::ZERO, issued: rupiah(9_000), kept: rupiah(9_000),
    ///     paid_by_voucher: rupiah(100_000), parts: Some(vec![rupiah(4_500), rupiah(4_500)]),
    /// };
    /// let swap = HeldChange { earning_back: rupiah(100_000), earning_out: rupiah(100_000), ..HeldChange::default() };
    /// let swapped = held.after(&swap, Rounding::default(), BelowQuota::Keep, true)?;
    /// assert_eq!((&swapped.held, swapped.taken_back), (&held, Rupiah::ZERO));
    ///
    /// let all = HeldChange { earning_back: rupiah(250_000), total_back: rupiah(250_000), voucher_back: rupiah(100_000), ..HeldChange::default() };
    /// let back = held.after(&all, Rounding::default(), BelowQuota::Keep, true)?;
    /// assert_eq!((back.taken_back.get(), back.held.kept.get(), back.reason.name()), (9_000, 0, "fully_refunded"));
    /// assert_eq!(back.parts, Some(vec![rupiah(4_500), rupiah(4_500)]));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` for more kept than was issued or than the rate gives on the base; `bad_config` for parts that do not sum
    /// to what is kept; `over_refund` for more that comes back than there is.
    pub fn after(
        &self,
        change: &HeldChange,
        rounding: Rounding,
        below_quota: BelowQuota,
        exclude_voucher_paid: bool,
    ) -> Result<HeldAfter, Error> {
        self.check(rounding)?;
        let vouchers = |amount: Rupiah| if exclude_voucher_paid { amount } else { Rupiah::ZERO };
        let less = |amount: Rupiah, taken: Rupiah| amount.checked_sub(taken.min(amount));
        let back = less(change.earning_back, vouchers(change.voucher_back))?;
        let out = less(change.earning_out, vouchers(change.voucher_paid))?;
        let mut held = self.clone();
        if out >= back {
            held.above = self.above.checked_add(out.checked_sub(back)?)?;
        } else {
            let rest = back.checked_sub(out)?;
            held.above = less(self.above, rest)?;
            held.base = less(self.base, less(rest, self.above)?)?;
        }
        let total = i128::from(self.total.get()).wrapping_sub(change.total_back.get().into()).wrapping_add(change.total_out.get().into());
        if total < 0 {
            return Err(Fault::RefundAboveRest.error().at("total"));
        }
        held.total = Rupiah::from_result(i64::try_from(total).ok())?;
        held.paid_by_voucher = self.paid_by_voucher.checked_sub(change.voucher_back)?.checked_add(change.voucher_paid)?;
        if held.paid_by_voucher < Rupiah::ZERO {
            return Err(Fault::RefundAboveRest.error().at("paid_by_voucher"));
        }
        let is_undone = held.total < held.quota;
        let (rate, reason) = match (is_undone, below_quota) {
            (false, _) => (self.rate, Kept::Kept),
            (true, BelowQuota::Keep) => (self.rate, Kept::BelowQuotaKeptRate),
            (true, BelowQuota::Standby) => (self.standby.min(self.rate), Kept::BelowQuotaStandby),
        };
        let reason = if held.base.is_zero() { Kept::FullyRefunded } else { reason };
        // What rounding up adds may leave the domain; what was issued does not.
        held.kept = Rupiah::part(rounding.of_magnitude(held.base.get(), rate)).min(self.kept);
        let taken_back = self.kept.checked_sub(held.kept)?;
        let parts = self.parts.as_ref().map(|parts| take_back(parts, taken_back)).transpose()?;
        if let (Some(left), Some(taken)) = (&mut held.parts, &parts) {
            for (left, taken) in left.iter_mut().zip(taken) {
                *left = left.checked_sub(*taken)?;
            }
        }
        let new_purchase = held.above.checked_sub(self.above)?;
        Ok(HeldAfter { held, reason, taken_back, parts, new_purchase })
    }

    fn check(&self, rounding: Rounding) -> Result<(), Error> {
        let amounts = [
            ("base", self.base),
            ("above", self.above),
            ("total", self.total),
            ("quota", self.quota),
            ("issued", self.issued),
            ("kept", self.kept),
            ("paid_by_voucher", self.paid_by_voucher),
        ];
        if let Some((field, _)) = amounts.into_iter().find(|(_, amount)| *amount < Rupiah::ZERO) {
            return Err(Fault::Negative.error().at(field));
        }
        let worth = Rupiah::part(rounding.of_magnitude(self.base.get(), self.rate));
        if self.kept > self.issued.min(worth) {
            return Err(Fault::KeptAboveIssued.error().at("kept"));
        }
        // A list in memory is shorter than 2⁶⁰.
        let sum = |parts: &Vec<Rupiah>| parts.iter().fold(0_i128, |sum, part| sum.wrapping_add(part.get().into()));
        if self.parts.as_ref().is_some_and(|parts| sum(parts) != i128::from(self.kept.get())) {
            return Err(Fault::PartsMissKept.error().at("parts"));
        }
        Ok(())
    }
}
