use super::decide::{CheckedReceipt, decide};
use super::outcome::Award;
use super::program::Program;
use super::reason::Reason;
use super::receipt::{Counters, Merchant, Receipt, Shopper};
use super::terms::BelowQuota;
use crate::error::{Error, Fault};
use crate::points::{Earned, PointsTerms};
use crate::quantity::{PointValue, Rate, Rounding, Rupiah};
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
    /// The basic points program, if it gave the award instead of the rate.
    pub earning: Option<Earning>,
}

/// How the basic points program gave an award (PT-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earning {
    /// Its terms.
    pub terms: PointsTerms,
    /// What a point is worth.
    pub point_value: PointValue,
    /// The rest that the shopper carried before the purchase, in rupiah.
    pub carried: Rupiah,
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

impl Kept {
    /// Why over two groups of goods: the quota's undoing before what is kept, and what is kept before what is gone.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::FullyRefunded, reason) | (reason, Self::FullyRefunded) => reason,
            (Self::BelowQuotaStandby, _) | (_, Self::BelowQuotaStandby) => Self::BelowQuotaStandby,
            (Self::BelowQuotaKeptRate, _) | (_, Self::BelowQuotaKeptRate) => Self::BelowQuotaKeptRate,
            (Self::Kept, Self::Kept) => Self::Kept,
        }
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
            earning: None,
        })
    }

    /// The voucher of a receipt, decided again from what was kept of it: of a stop one of Rp0. The quota is that of the
    /// receipt's own column; outside the window none holds.
    ///
    /// ```
    /// use loyalty_rules::award::{BelowQuota, Counters, Issued, Merchant, Play, Program, Receipt, Shopper, Terms};
    /// use loyalty_rules::quantity::{Points, Rupiah};
    /// use loyalty_rules::tables::{Digit, TableName};
    ///
    /// let mut terms = Terms::new(TableName::parse("stopwatch/below_15/plus")?);
    /// terms.quota = Rupiah::new(200_000)?.into();
    /// terms.below_quota = BelowQuota::Standby;
    /// let program = Program::new(terms)?;
    /// let receipt = Receipt::new(Rupiah::new(250_000)?).with(Play::Digit(Digit::new(5)?));
    /// let shopper = Shopper { prior_points: Points::from_milli(300_000)?, ..Shopper::default() };
    ///
    /// let voucher = Issued::of(&program, &receipt, &shopper, &Merchant::default(), &Counters::default())?;
    /// assert_eq!(voucher.value.get(), 15_000);
    /// assert_eq!(voucher.keep(Rupiah::new(100_000)?)?.kept.get(), 2_250); // 1.5 % of Rp150,000
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`decide`].
    pub fn of(program: &Program, receipt: &Receipt, shopper: &Shopper, merchant: &Merchant, counters: &Counters) -> Result<Self, Error> {
        let award = decide(program, receipt, shopper, merchant, counters)?;
        let place = CheckedReceipt::of_program(program, receipt, shopper, merchant, counters)?.place;
        Ok(Self {
            base: award.base(),
            total: receipt.total,
            rate: award.rate(),
            value: award.value(),
            quota: place.quota(program.kernel()),
            ..Self::under(program, shopper, award.reason())
        })
    }

    /// A voucher of Rp0 with what a program says of a reversal after an award for this reason.
    pub(super) fn under(program: &Program, shopper: &Shopper, reason: Reason) -> Self {
        let (terms, kernel) = (program.terms(), program.kernel());
        let earning = |points| Earning { terms: points, point_value: terms.point_value, carried: shopper.carried };
        Self {
            base: Rupiah::ZERO,
            total: Rupiah::ZERO,
            rate: Rate::ZERO,
            rounding: terms.rounding,
            value: Rupiah::ZERO,
            quota: Rupiah::ZERO,
            below_quota: terms.below_quota,
            standby: kernel.standby(shopper.prior_points),
            earning: kernel.points.filter(|_| reason == Reason::Full).map(earning),
        }
    }

    /// The voucher, if its amounts can belong together.
    ///
    /// # Errors
    /// `out_of_range` for an amount below zero, or more issued than the rate gives on the base; `bad_config` for a total
    /// below the base.
    pub fn proved(self) -> Result<Self, Error> {
        let amounts = [("base", self.base), ("total", self.total), ("issued", self.value), ("quota", self.quota)];
        if let Some((field, _)) = amounts.into_iter().find(|(_, amount)| amount.get() < 0) {
            return Err(Fault::Negative.error().at(field));
        }
        if self.total < self.base {
            return Err(Fault::TotalBelowBase.error().at("total"));
        }
        // Rounding up may leave the domain; what was issued does not.
        if self.value.get() > self.rounding.of_magnitude(self.base.get(), self.rate) {
            return Err(Fault::IssuedAboveValue.error().at("issued"));
        }
        Ok(self)
    }

    /// What the voucher keeps after refunds that sum to `refunded`: at most what was issued, and the value of
    /// the rest. Only the sum counts, so partial refunds end at the same rupiah as one, in any order.
    ///
    /// # Errors
    /// `over_refund` above the base, `out_of_range` below zero.
    pub fn keep(&self, refunded: Rupiah) -> Result<Remainder, Error> {
        self.keep_of(refunded, refunded)
    }

    /// The same where the refunds of all goods sum to `of_total`, which the quota looks at, and those on this base to
    /// `refunded`.
    ///
    /// # Errors
    /// As [`keep`](Self::keep).
    pub fn keep_of(&self, refunded: Rupiah, of_total: Rupiah) -> Result<Remainder, Error> {
        if refunded < Rupiah::ZERO {
            return Err(Fault::Negative.error());
        }
        if refunded > self.base {
            return Err(Fault::RefundAboveRest.error());
        }
        let rest = self.base.checked_sub(refunded)?;
        let is_undone = self.total >= self.quota && self.total.left_after(of_total) < self.quota;
        let (rate, below) = match self.below_quota {
            BelowQuota::Standby => (self.standby.min(self.rate), Kept::BelowQuotaStandby),
            BelowQuota::Keep => (self.rate, Kept::BelowQuotaKeptRate),
        };
        let (rate, reason) = match (rest.is_zero(), is_undone) {
            (true, _) => (self.rate, Kept::FullyRefunded),
            (false, true) => (rate, below),
            (false, false) => (self.rate, Kept::Kept),
        };
        let worth = match &self.earning {
            // All of a purchase takes its flat bonuses with it.
            Some(_) if rest.is_zero() => Rupiah::ZERO,
            Some(earning) => {
                // Above what was issued it does not matter by how much.
                let points = earning.point_value.value(self.earned_by(earning, refunded, of_total)?.points).unwrap_or(self.value);
                let standby = || Rupiah::part(self.rounding.of_magnitude(rest.get(), self.standby));
                if reason == Kept::BelowQuotaStandby { points.min(standby()) } else { points }
            }
            // What rounding up adds may leave the domain; what was issued does not.
            None => Rupiah::part(self.rounding.of_magnitude(rest.get(), rate)),
        };
        Ok(Remainder { kept: worth.min(self.value), reason })
    }

    /// What is left of the purchase earns as if it had been bought alone, with the rest that was carried before it.
    fn earned_by(&self, earning: &Earning, refunded: Rupiah, of_total: Rupiah) -> Result<Earned, Error> {
        earning.terms.program().earn_of(self.total.left_after(of_total), self.base.left_after(refunded), earning.carried)
    }

    /// What an award of a program is in points after refunds that sum to `refunded` and left `kept` rupiah of it, and what
    /// the shopper carries then (PT-8).
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn earned(&self, program: &Program, shopper: &Shopper, refunded: Rupiah, kept: Rupiah) -> Result<Earned, Error> {
        self.earned_of(program, shopper, (refunded, refunded), kept)
    }

    /// The same where the refunds of all goods sum to `of_total`.
    pub(super) fn earned_of(
        &self,
        program: &Program,
        shopper: &Shopper,
        (refunded, of_total): (Rupiah, Rupiah),
        kept: Rupiah,
    ) -> Result<Earned, Error> {
        let by_value = Earned { points: program.kernel().points(kept)?, carried: shopper.carried };
        match &self.earning {
            Some(earning) if refunded < self.base && self.keep_of(refunded, of_total)?.reason != Kept::BelowQuotaStandby => {
                let earned = self.earned_by(earning, refunded, of_total)?;
                let is_whole = earning.point_value.value(earned.points) == Ok(kept);
                Ok(Earned { points: if is_whole { earned.points } else { by_value.points }, ..earned })
            }
            _ => Ok(by_value),
        }
    }

    /// What is held of the voucher after refunds that sum to `refunded`, in rupiah: all that was issued before the
    /// first.
    ///
    /// # Errors
    /// As [`keep`](Self::keep).
    pub fn held(&self, refunded: Rupiah) -> Result<Rupiah, Error> {
        if refunded.is_zero() { Ok(self.value) } else { self.keep(refunded).map(|remainder| remainder.kept) }
    }

    /// The voucher before anything was given back.
    ///
    /// # Errors
    /// As [`keep`](Self::keep).
    pub fn untouched(&self) -> Result<AfterRefunds, Error> {
        let reason = self.keep(Rupiah::ZERO)?.reason;
        Ok(AfterRefunds { refunded: Rupiah::ZERO, new_purchase: Rupiah::ZERO, kept: self.value, reason })
    }

    /// What the voucher keeps after a further refund, and what of `held` that refund takes back, in rupiah;
    /// `before` is what was refunded before it.
    ///
    /// # Errors
    /// As [`keep`](Self::keep) of the sum, and `out_of_range` for a refund below zero.
    pub fn refund(&self, before: Rupiah, held: Rupiah, refund: Rupiah) -> Result<(Remainder, Rupiah), Error> {
        let mut after = AfterRefunds { refunded: before, new_purchase: Rupiah::ZERO, kept: held, reason: Kept::Kept };
        let taken = after.give_back(self, Exchange { back: refund, out: Rupiah::ZERO })?;
        Ok((Remainder { kept: after.kept, reason: after.reason }, taken))
    }
}

/// Goods that are given back, and goods that are taken instead (AW-8). Amounts are rupiah, zero or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Given back, on the base.
    pub back: Rupiah,
    /// Taken instead.
    pub out: Rupiah,
}

/// A voucher after refunds and exchanges (AW-8).
///
/// ```
/// use loyalty_rules::award::{Exchange, Issued};
/// use loyalty_rules::quantity::{Rate, Rounding, Rupiah};
///
/// let shirt = Rupiah::new(250_000)?;
/// let voucher = Issued::new(shirt, Rate::from_bp(600)?, Rounding::default())?; // Rp15,000
/// let mut after = voucher.untouched()?;
/// let taken = after.give_back(&voucher, Exchange { back: shirt, out: shirt })?; // another size
/// assert_eq!((taken.get(), after.kept.get()), (0, 15_000));
///
/// after.give_back(&voucher, Exchange { back: shirt, out: Rupiah::new(300_000)? })?;
/// assert_eq!((after.kept.get(), after.new_purchase.get()), (15_000, 50_000));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AfterRefunds {
    /// What is not kept of the base, in rupiah.
    pub refunded: Rupiah,
    /// Goods above the original base, in rupiah: a new purchase.
    pub new_purchase: Rupiah,
    /// The value kept, in rupiah.
    pub kept: Rupiah,
    /// Why.
    pub reason: Kept,
}

impl AfterRefunds {
    /// Takes goods back and gives others out. Returns what it takes back of the voucher, in rupiah; below zero where goods
    /// that are taken out earn again what a refund took back before.
    ///
    /// # Errors
    /// `over_refund` for more goods than are left of the base, `out_of_range` for an amount below zero.
    pub fn give_back(&mut self, voucher: &Issued, Exchange { back, out }: Exchange) -> Result<Rupiah, Error> {
        if back < Rupiah::ZERO {
            return Err(Fault::Negative.error());
        }
        if out < Rupiah::ZERO {
            return Err(Fault::Negative.error().at("out"));
        }
        let returned = self.refunded.checked_add(back).ok().filter(|sum| *sum <= voucher.base).ok_or(Fault::RefundAboveRest.error())?;
        let refunded = returned.left_after(out);
        let new_purchase = self.new_purchase.checked_add(out.left_after(returned))?;
        let Remainder { kept, reason } = voucher.keep(refunded)?;
        let taken = self.kept.checked_sub(kept)?;
        *self = Self { refunded, new_purchase, kept, reason };
        Ok(taken)
    }
}

impl Program {
    /// The shopper and the counters after an award of which `kept` rupiah are left, which are so many points, `is_whole` if
    /// all of the purchase was refunded (AW-8). Points and a purchase that is refunded whole are taken back; the budgets and the first-N place
    /// get something back only if the program says `give_back`.
    ///
    /// # Errors
    /// `out_of_range` if points leave the domain.
    pub fn after_reversal(
        &self,
        award: &Award,
        shopper: &Shopper,
        counters: &Counters,
        (kept, earned): (Rupiah, Earned),
        is_whole: bool,
    ) -> Result<(Shopper, Counters), Error> {
        let purchases = if is_whole { shopper.purchases } else { award.shopper().purchases };
        let mut after = *shopper;
        (after.prior_points, after.purchases) = (shopper.prior_points.checked_add(earned.points)?, purchases);
        after.carried = earned.carried;
        let mut counters = counters.after(award.added());
        if self.terms().give_back {
            let released = award.value().left_after(kept);
            counters = counters.given_back(award.added(), [released; 2], kept.is_zero());
        }
        Ok((after, counters))
    }
}
