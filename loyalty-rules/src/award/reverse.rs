use super::terms::BelowQuota;
use crate::error::{Error, Fault};
use crate::quantity::{Rate, Rounding, Rupiah};
use crate::words::words;

/// A voucher as it was issued, before any refund of its purchase (AW-8).
///
/// ```
/// use loyalty_rules::award::{BelowQuota, Issued};
/// use loyalty_rules::quantity::{Rate, Rounding, Rupiah};
///
/// let base = Rupiah::new(999)?;
/// let rate = Rate::from_bp(350)?;
/// let voucher = Issued::new(base, rate, Rounding::default())?; // Rp34
/// assert_eq!(voucher.keep(Rupiah::new(333)?)?.kept.get(), 23);
/// assert_eq!(voucher.keep(Rupiah::new(666)?)?.kept.get(), 11);
/// assert_eq!(voucher.keep(Rupiah::new(999)?)?.reason.name(), "fully_refunded");
/// assert_eq!(voucher.keep(Rupiah::new(1_000)?).unwrap_err().kind().name(), "over_refund");
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Issued {
    /// The amount the award was made on, in rupiah.
    pub base: Rupiah,
    /// What the quota looked at, in rupiah; the base or more.
    pub total: Rupiah,
    /// The rate of the award.
    pub rate: Rate,
    /// How its value was rounded.
    pub rounding: Rounding,
    /// What was issued, in rupiah; less than the value if it was capped.
    pub value: Rupiah,
    /// The quota, in rupiah.
    pub quota: Rupiah,
    /// What happens when refunds undo the quota.
    pub below_quota: BelowQuota,
    /// The standby rate of the points held before the purchase.
    pub standby: Rate,
}

words! {
    /// Why a voucher keeps what it keeps (AW-8).
    pub enum Kept {
        /// The rest earns at the rate of the award.
        Kept = "kept",
        /// Nothing of the purchase is left.
        FullyRefunded = "fully_refunded",
        /// The quota is undone; the program keeps the rate.
        BelowQuotaKeptRate = "below_quota_kept_rate",
        /// The quota is undone; the program drops to standby.
        BelowQuotaStandby = "below_quota_standby",
    }
}

/// What is left of a voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remainder {
    /// The value kept, in rupiah.
    pub kept: Rupiah,
    /// Why.
    pub reason: Kept,
}

impl Issued {
    /// A voucher without quota and cap.
    ///
    /// # Errors
    /// `out_of_range` if rounding up leaves the domain.
    pub fn new(base: Rupiah, rate: Rate, rounding: Rounding) -> Result<Self, Error> {
        Ok(Self {
            base,
            total: base,
            rate,
            rounding,
            value: rounding.apply(base, rate)?,
            quota: Rupiah::ZERO,
            below_quota: BelowQuota::Keep,
            standby: Rate::ZERO,
        })
    }

    /// The voucher, if its amounts can belong together.
    ///
    /// # Errors
    /// `out_of_range` for an amount below zero; `bad_config` for a total below the base.
    pub fn proved(self) -> Result<Self, Error> {
        let amounts = [("base", self.base), ("total", self.total), ("issued", self.value), ("quota", self.quota)];
        if let Some((field, _)) = amounts.into_iter().find(|(_, amount)| amount.get() < 0) {
            return Err(Fault::Negative.error().at(field));
        }
        if self.total < self.base { Err(Fault::TotalBelowBase.error().at("total")) } else { Ok(self) }
    }

    /// What the voucher keeps after refunds that sum to `refunded`: at most what was issued, and the value of
    /// the rest. Only the sum counts, so partial refunds end at the same rupiah as one, in any order.
    ///
    /// # Errors
    /// `over_refund` above the base, `out_of_range` below zero.
    pub fn keep(&self, refunded: Rupiah) -> Result<Remainder, Error> {
        if refunded < Rupiah::ZERO {
            return Err(Fault::Negative.error());
        }
        if refunded > self.base {
            return Err(Fault::RefundAboveRest.error());
        }
        let rest = self.base.checked_sub(refunded)?;
        let is_undone = self.total >= self.quota && self.total.checked_sub(refunded)? < self.quota;
        let (rate, below) = match self.below_quota {
            BelowQuota::Standby => (self.standby.min(self.rate), Kept::BelowQuotaStandby),
            BelowQuota::Keep => (self.rate, Kept::BelowQuotaKeptRate),
        };
        let (rate, reason) = match (rest.is_zero(), is_undone) {
            (true, _) => (self.rate, Kept::FullyRefunded),
            (false, true) => (rate, below),
            (false, false) => (self.rate, Kept::Kept),
        };
        Ok(Remainder { kept: self.rounding.apply(rest, rate)?.min(self.value), reason })
    }

    /// What is held of the voucher after refunds that sum to `refunded`, in rupiah: all that was issued before the
    /// first.
    ///
    /// # Errors
    /// As [`keep`](Self::keep).
    pub fn held(&self, refunded: Rupiah) -> Result<Rupiah, Error> {
        if refunded.is_zero() { Ok(self.value) } else { self.keep(refunded).map(|remainder| remainder.kept) }
    }

    /// What the voucher keeps after a further refund, and what of `held` that refund takes back, in rupiah;
    /// `before` is what was refunded before it.
    ///
    /// # Errors
    /// As [`keep`](Self::keep) of the sum, and `out_of_range` for a refund below zero.
    pub fn refund(&self, before: Rupiah, held: Rupiah, refund: Rupiah) -> Result<(Remainder, Rupiah), Error> {
        if refund < Rupiah::ZERO {
            return Err(Fault::Negative.error());
        }
        let refunded = before.checked_add(refund).map_err(|_| Fault::RefundAboveRest.error())?;
        let after = self.keep(refunded)?;
        Ok((after, held.checked_sub(after.kept)?))
    }
}
