use super::decide::{Limited, Sale, climb, cut_to_budget, limit};
use super::outcome::Ground;
use super::program::Program;
use super::reason::{Cap, Caps, Reason};
use super::receipt::{Counters, Merchant, Play, Receipt, Shopper};
use crate::error::{Error, Fault};
use crate::funding::{Funding, split_by};
use crate::quantity::{Points, Rate, Rupiah};
use crate::tables::Mechanism;

/// A receipt of dated goods, which use the time auction, and undated ones, which use the stopwatch (TA-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MixedReceipt {
    /// What was bought of goods with an expiry date, in rupiah.
    pub dated: Rupiah,
    /// What was bought of goods without, in rupiah.
    pub undated: Rupiah,
    /// What of both was paid with vouchers, in rupiah; it falls on the two by their amounts (SP-1).
    pub paid_by_voucher: Rupiah,
    /// What picks the slot.
    pub slot: Play,
    /// What picks the digit.
    pub digit: Play,
    /// Whether it was entered late.
    pub late: bool,
}

/// The award of one of the two groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupAward {
    /// Why.
    pub reason: Reason,
    /// The rate.
    pub rate: Rate,
    /// What earns, in rupiah.
    pub base: Rupiah,
    /// Its part of the value, in rupiah.
    pub value: Rupiah,
}

/// The award of a mixed receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MixedAward {
    /// The dated group.
    pub dated: GroupAward,
    /// The undated group.
    pub undated: GroupAward,
    /// The value of both in rupiah.
    pub value: Rupiah,
    /// The same in points.
    pub points: Points,
    /// The limits that lowered it.
    pub caps: Caps,
    /// The counters after this receipt.
    pub counters: Counters,
    /// The shopper after this receipt.
    pub shopper: Shopper,
}

/// A time auction and a stopwatch that one shop runs together. What looks at the whole receipt is the same in
/// both.
#[derive(Clone, Copy, Debug)]
pub struct MixedProgram<'a> {
    time_auction: &'a Program,
    stopwatch: &'a Program,
}

impl<'a> MixedProgram<'a> {
    /// The two programs together.
    ///
    /// # Errors
    /// `bad_config` unless the first is a time auction with one quota, the second a stopwatch, and both agree in
    /// quota, eligibility, standby, rounding, caps, day budget, point value, funding, cover and pause.
    pub fn new(time_auction: &'a Program, stopwatch: &'a Program) -> Result<Self, Error> {
        let (auction, play) = (time_auction.terms(), stopwatch.terms());
        let refuse = |fault: Fault, field: &'static str| Err(fault.error().at(field));
        if auction.table.mechanism() != Mechanism::TimeAuction {
            return refuse(Fault::NotATimeAuction, "time_auction.mechanism");
        }
        if play.table.mechanism() != Mechanism::Stopwatch {
            return refuse(Fault::NotAStopwatch, "stopwatch.mechanism");
        }
        if auction.quota.is_by_slot() {
            return refuse(Fault::MixedNeedsOneQuota, "time_auction.quota");
        }
        let shared = [
            ("stopwatch.quota", auction.quota == play.quota),
            ("stopwatch.exclude_voucher_paid", auction.exclude_voucher_paid == play.exclude_voucher_paid),
            ("stopwatch.min_cover_bp", auction.min_cover_bp == play.min_cover_bp),
            ("stopwatch.eligibility", auction.eligibility == play.eligibility),
            ("stopwatch.paused", auction.paused == play.paused),
            ("stopwatch.standby", auction.standby == play.standby),
            ("stopwatch.rounding", auction.rounding == play.rounding),
            ("stopwatch.receipt_cap", auction.receipt_cap == play.receipt_cap),
            ("stopwatch.budget.day", auction.budget.day == play.budget.day),
            ("stopwatch.budget.short", auction.budget.short == play.budget.short),
            ("stopwatch.point_value", auction.point_value == play.point_value),
            ("stopwatch.funding", auction.funding == play.funding),
        ];
        match shared.into_iter().find(|(_, agree)| !agree) {
            Some((field, _)) => refuse(Fault::MixedDisagrees, field),
            None => Ok(Self { time_auction, stopwatch }),
        }
    }

    /// Decides a mixed receipt: group by group down to the rate, each rounded by itself; quota, caps, budgets
    /// and cover look at the whole.
    ///
    /// The slot budget cuts the dated group before the two are summed. What a limit then cuts off falls on the
    /// groups by their values (SP-1).
    ///
    /// ```
    /// use loyalty_rules::award::{Counters, Merchant, MixedProgram, MixedReceipt, Play, Program, Shopper, Terms};
    /// use loyalty_rules::quantity::Rupiah;
    /// use loyalty_rules::tables::{Digit, Slot, TableName};
    ///
    /// let mut auction = Terms::new(TableName::parse("time_auction/recommended/from_15/gold")?);
    /// let mut stopwatch = Terms::new(TableName::parse("stopwatch/below_15/plus")?);
    /// (auction.quota, stopwatch.quota) = (Rupiah::new(100_000)?.into(), Rupiah::new(100_000)?.into());
    /// let (auction, stopwatch) = (Program::new(auction)?, Program::new(stopwatch)?);
    /// let receipt = MixedReceipt {
    ///     dated: Rupiah::new(60_000)?,
    ///     undated: Rupiah::new(50_000)?,
    ///     paid_by_voucher: Rupiah::ZERO,
    ///     slot: Play::Slot(Slot::new(10)?),
    ///     digit: Play::Digit(Digit::new(0)?),
    ///     late: false,
    /// };
    /// let award = MixedProgram::new(&auction, &stopwatch)?
    ///     .decide(&receipt, &Shopper::default(), &Merchant::default(), &Counters::default())?;
    /// assert_eq!((award.dated.value.get(), award.undated.value.get()), (3_600, 5_500));
    /// assert_eq!(award.value.get(), 9_100);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`decide`](super::decide).
    pub fn decide(&self, receipt: &MixedReceipt, shopper: &Shopper, merchant: &Merchant, counters: &Counters) -> Result<MixedAward, Error> {
        for (amount, field) in [(receipt.dated, "receipt.dated"), (receipt.undated, "receipt.undated")] {
            if amount.get() < 0 {
                return Err(Fault::Negative.error().at(field));
            }
        }
        let total = receipt.dated.checked_add(receipt.undated)?;
        let whole = |play| Receipt { play, late: receipt.late, ..Receipt::new(total).paid_by_voucher(receipt.paid_by_voucher) };
        let check = |program: &Program, play| Sale::check(program, &whole(play), shopper, merchant, counters);
        let mut dated = check(self.time_auction, receipt.slot)?;
        let mut undated = check(self.stopwatch, receipt.digit)?;
        let terms = self.time_auction.terms();
        let [paid_dated, paid_undated] = split_by(receipt.paid_by_voucher, [receipt.dated, receipt.undated]);
        let base = |amount: Rupiah, paid| if terms.exclude_voucher_paid { amount.left_after(paid) } else { amount };
        (dated.base, undated.base) = (base(receipt.dated, paid_dated), base(receipt.undated, paid_undated));
        let counted = dated.counters;

        let mut caps = Caps::NONE;
        let mut dated = Group::rate(self.time_auction, &dated, shopper, merchant);
        if let Some(left) = cut_to_budget(&terms.budget, terms.budget.slot, counted.released_in_slot, Rupiah::part(dated.value)) {
            caps.add(Cap::SlotBudget);
            dated.value = left.get();
            if left.is_zero() {
                dated.reason = Reason::BudgetSpent;
            }
        }
        let mut undated = Group::rate(self.stopwatch, &undated, shopper, merchant);

        // Two values that each stand at most a unit above the domain stay below 2⁵⁵.
        let sum = dated.value.wrapping_add(undated.value);
        let Limited { reason, value, caps: whole_caps } =
            limit(&self.time_auction.kernel().settings, None, merchant, &counted, Reason::Full, sum)?;
        for cap in whole_caps.iter() {
            caps.add(cap);
        }
        if reason != Reason::Full {
            for group in [&mut dated, &mut undated] {
                if group.value > 0 {
                    group.reason = reason;
                }
            }
        }
        if value.get() < sum {
            let [of_dated, of_undated] = split_by(value, [Rupiah::part(dated.value), Rupiah::part(undated.value)]);
            (dated.value, undated.value) = (of_dated.get(), of_undated.get());
        }
        let (dated, undated) = (dated.award()?, undated.award()?);
        let points = terms.point_value.points(value)?;
        let counters = if dated.reason.is_award() || undated.reason.is_award() {
            let after = counted.after(Mechanism::TimeAuction, dated.reason, dated.value)?;
            after.after(Mechanism::Stopwatch, undated.reason, undated.value)?
        } else {
            *counters
        };
        Ok(MixedAward { dated, undated, value, points, caps, counters, shopper: shopper.after(total, points)? })
    }

    /// The funding of both.
    pub fn funding(&self) -> Option<Funding> {
        self.time_auction.terms().funding
    }
}

/// A group on its way to the limits.
struct Group {
    reason: Reason,
    rate: Rate,
    base: Rupiah,
    value: i64,
}

impl Group {
    fn rate(program: &Program, sale: &Sale, shopper: &Shopper, merchant: &Merchant) -> Self {
        let (reason, ground) = climb(program.kernel(), sale, shopper, merchant);
        let value = |ground: Ground| program.kernel().value(sale.base, ground.rate);
        let rate = ground.map_or(Rate::ZERO, |ground| ground.rate);
        Self { reason, rate, base: sale.base, value: ground.map_or(0, value) }
    }

    fn award(self) -> Result<GroupAward, Error> {
        Ok(GroupAward { reason: self.reason, rate: self.rate, base: self.base, value: Rupiah::from_result(Some(self.value))? })
    }
}
