use super::decide::{CheckedReceipt, GivenValue};
use super::kernel::Kernel;
use super::ladder::{Ladder, Outcome, Standing, climb, limit, rate_of, reason_of, with_reason};
use super::program::Program;
use super::reason::{Caps, Reason};
use super::receipt::{Added, Counters, Merchant, Play, Receipt, Shopper};
use crate::error::{Error, Fault};
use crate::funding::{Funding, split_by};
use crate::points::Earned;
use crate::quantity::{One, Points, Rate, Rupiah};
use crate::tables::Mechanism;

/// Declares the mixed receipt: its amounts, what picks its columns, and the fields of a receipt's list.
macro_rules! mixed_receipt {
    ($($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        /// A receipt of dated goods, which use the time auction, and undated ones, which use the stopwatch (TA-4). What was
        /// paid with vouchers falls on the two by their amounts (SP-1).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct MixedReceipt {
            /// What was bought of goods with an expiry date, in rupiah.
            pub dated: Rupiah,
            /// What was bought of goods without, in rupiah.
            pub undated: Rupiah,
            /// What picks the slot.
            pub slot: Play,
            /// What picks the digit.
            pub digit: Play,
            $($(#[doc = $doc])* pub $name: $crate::of_kind!(type $kind),)*
        }

        impl MixedReceipt {
            /// A receipt with nothing but its two amounts and what picks their columns.
            pub const fn new(dated: Rupiah, undated: Rupiah, slot: Play, digit: Play) -> Self {
                Self { dated, undated, slot, digit, $($name: $crate::of_kind!(none $kind),)* }
            }

            /// The whole receipt as a receipt of one play.
            const fn whole(&self, total: Rupiah, play: Play) -> Receipt {
                Receipt { $($name: self.$name,)* ..Receipt::new(total).with(play) }
            }
        }
    };
}
crate::fields!(receipt mixed_receipt);

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
    /// What this receipt adds to the counters of the time auction.
    pub added: Added,
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
    /// The limits act in the order of one receipt: the cap and the day's budget on both, then the slot's budget on what is
    /// left of the dated group, then the cover on both. What a limit on both cuts off falls on the groups by their
    /// values (SP-1).
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
    /// let (slot, digit) = (Play::Slot(Slot::new(10)?), Play::Digit(Digit::new(0)?));
    /// let receipt = MixedReceipt::new(Rupiah::new(60_000)?, Rupiah::new(50_000)?, slot, digit);
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
        let mut dated = CheckedReceipt::check(self.time_auction, &receipt.whole(total, receipt.slot), shopper, merchant, counters)?;
        // The selling day is the auction's where the auction knows it.
        let unread = Counters::default();
        let of_play = if dated.day.is_some() { &unread } else { counters };
        let mut undated = CheckedReceipt::check(self.stopwatch, &receipt.whole(total, receipt.digit), shopper, merchant, of_play)?;
        let (terms, play_terms) = (self.time_auction.terms(), self.stopwatch.terms());
        // One purchase has one instant: a group whose play tells none is judged by the other's (AW-11).
        match [receipt.slot, receipt.digit].map(|play| play.instant()) {
            [Some(at), None] => undated.is_out_of_force = play_terms.is_out_of_force(&at).map_err(|refused| refused.at("receipt.at"))?,
            [None, Some(at)] => {
                dated.is_out_of_force = terms.is_out_of_force(&at).map_err(|refused| refused.at("receipt.claim.stopped_at"))?;
            }
            _ => {}
        }
        let [paid_dated, paid_undated] = split_by(receipt.paid_by_voucher, [receipt.dated, receipt.undated]);
        let base = |amount: Rupiah, paid| if terms.exclude_voucher_paid { amount.left_after(paid) } else { amount };
        (dated.base, undated.base) = (base(receipt.dated, paid_dated), base(receipt.undated, paid_undated));
        let (day, slot) = (dated.day.or(undated.day), dated.slot);
        let seen = counters.seen(day, slot)?;
        dated.seen = seen;

        let kernel = self.time_auction.kernel();
        let mut groups = Groups([rate(kernel, &dated, shopper, merchant), rate(self.stopwatch.kernel(), &undated, shopper, merchant)]);
        let [day_left, slot_left] = dated.left(kernel);
        let [by_receipt, by_day, _] = groups.limit(&kernel.ladder, &Standing::PLAIN, day_left);
        let by_slot = groups.limit_dated(&Ladder { cap: None, ..kernel.ladder }, slot_left);
        groups.limit(&Ladder::PLAIN, &Standing { stop: None, ..kernel.standing(merchant) }, i64::MAX);

        let whole = Outcome { caps: [by_receipt, by_day, by_slot], ..groups.both() };
        let GivenValue { value, caps, .. } = GivenValue::of(kernel, whole)?;
        let Groups([of_dated, of_undated]) = groups;
        let (dated, undated) = (GroupAward::of(&dated, of_dated)?, GroupAward::of(&undated, of_undated)?);
        let points = terms.point_value.points(value)?;
        // The day counts both groups, the slot the dated one.
        let in_day = seen.added(day, None, if dated.reason.is_award() { dated.reason } else { undated.reason }, value)?;
        let in_slot = seen.added(day, slot, dated.reason, dated.value)?;
        let added = Added { released: in_day.released, day: in_day.day, ..in_slot };
        Ok(MixedAward {
            dated,
            undated,
            value,
            points,
            caps,
            added,
            shopper: shopper.after(total, Earned { points, carried: shopper.carried })?,
        })
    }

    /// The funding of both.
    pub fn funding(&self) -> Option<Funding> {
        self.time_auction.terms().funding
    }
}

/// A group up to its value.
fn rate(kernel: &Kernel, sale: &CheckedReceipt, shopper: &Shopper, merchant: &Merchant) -> Outcome<One> {
    climb(&kernel.ladder, &sale.standing(kernel.standing(merchant)), kernel.rises(), &sale.row(kernel, shopper))
}

/// The dated and the undated group on their way through the limits. Two values that each stand at most a unit above the
/// domain stay below 2⁵⁵ in sum.
struct Groups([Outcome<One>; 2]);

impl Groups {
    /// Both as one receipt.
    fn both(&self) -> Outcome<One> {
        let Self([dated, undated]) = self;
        Outcome { word: with_reason(0, Reason::Full), value: dated.value.wrapping_add(undated.value), caps: [false; 3] }
    }

    /// Asks limits of both together, and which of them lowered the value.
    fn limit(&mut self, ladder: &Ladder<i64>, standing: &Standing<i64>, day_left: i64) -> [bool; 3] {
        let before = self.both();
        let after = limit::<One>(ladder, standing, before, [day_left, i64::MAX]);
        let Self([dated, undated]) = self;
        if after.word != before.word {
            let reason = reason_of(u32::try_from(after.word).unwrap_or_default());
            for group in [&mut *dated, &mut *undated].into_iter().filter(|group| group.value > 0) {
                group.word = with_reason(group.word, reason);
            }
        }
        if after.value < before.value {
            let parts = split_by(Rupiah::part(after.value), [Rupiah::part(dated.value), Rupiah::part(undated.value)]);
            [dated.value, undated.value] = parts.map(Rupiah::get);
        }
        after.caps
    }

    /// Asks the slot's budget of the dated group, and whether it lowered the value.
    fn limit_dated(&mut self, ladder: &Ladder<i64>, slot_left: i64) -> bool {
        let Self([dated, _]) = self;
        *dated = limit::<One>(ladder, &Standing::PLAIN, *dated, [i64::MAX, slot_left]);
        let [.., by_slot] = dated.caps;
        by_slot
    }
}

impl GroupAward {
    fn of(sale: &CheckedReceipt, outcome: Outcome<One>) -> Result<Self, Error> {
        let word = u32::try_from(outcome.word).unwrap_or_default();
        let value = Rupiah::from_result(Some(outcome.value))?;
        Ok(Self { reason: reason_of(word), rate: rate_of(word), base: sale.base, value })
    }
}
