use super::decide::{CheckedReceipt, GivenValue};
use super::ladder::{Ladder, Outcome, Row, Standing, climb, limit_one, reason_of};
use super::program::Program;
use super::reason::{Caps, Reason};
use super::receipt::{Added, Counters, Merchant, Receipt, Shopper};
use crate::calendar::CivilTime;
use crate::error::{Error, Fault};
use crate::quantity::{Count, One, Rate, Rupiah};
use crate::words::words;

/// A missed quota and what is to make it up (AW-12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MakeUp {
    /// The first receipt, with its play.
    pub receipt: Receipt,
    /// When it was bought.
    pub bought_at: CivilTime,
    /// The standby voucher it was given, in rupiah.
    pub issued: Rupiah,
    /// The total of the same shopper's second receipt, in rupiah.
    pub second_total: Rupiah,
    /// When that was bought.
    pub second_at: CivilTime,
    /// What was refunded of both, in rupiah.
    pub refunded: Rupiah,
    /// Whether the first receipt was made up before.
    pub made_up: bool,
}

words! {
    /// Whether a missed quota is made up (AW-12).
    pub enum MadeUp {
        /// The program does not allow it.
        NotAllowed = "not_allowed",
        /// It was made up before.
        MadeUpBefore = "made_up_before",
        /// The merchant is suspended (GF-4).
        Suspended = "suspended",
        /// The merchant's deposit has not reached its requirement (GF-9).
        NotActive = "not_active",
        /// The program is paused.
        Paused = "paused",
        /// The first receipt lies outside the program's time (AW-11).
        NotInForce = "not_in_force",
        /// Nothing of the first receipt can earn (AW-2).
        ZeroAmount = "zero_amount",
        /// Too few earlier purchases (AW-3).
        NotEligible = "not_eligible",
        /// The first receipt was not played.
        PlayPending = "play_pending",
        /// Its digit was noted on paper, and the program does not accept it.
        NotedDigit = "noted_digit",
        /// Its claim does not hold.
        ClaimRefused = "claim_refused",
        /// It was bought before opening or after closing.
        OutsideWindow = "outside_window",
        /// Its slot is held back.
        SlotHeld = "slot_held",
        /// Its total reached the quota.
        QuotaWasMet = "quota_was_met",
        /// The second was bought on another day.
        OtherDay = "other_day",
        /// The second was bought too late, or before the first.
        TooLate = "too_late",
        /// Both together miss the quota.
        QuotaStillMissed = "quota_still_missed",
        /// The first receipt's own rate is 0 %.
        NoRate = "no_rate",
        /// The first N of its slot are through (AW-5).
        FirstN = "first_n",
        /// A release budget is spent (AW-6).
        BudgetSpent = "budget_spent",
        /// The guarantee fund would cover too little (GF-7).
        CoverShort = "cover_short",
        /// The first receipt earns at its own table rate.
        MadeUp = "made_up",
    }
}

/// What the first receipt earns after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MadeUpAward {
    /// Whether, and why not.
    pub reason: MadeUp,
    /// Its own table rate; 0 % for every stop but `budget_spent` and `cover_short`.
    pub rate: Rate,
    /// The value of both vouchers together, in rupiah; zero if nothing is made up.
    pub value: Rupiah,
    /// What is issued beside the standby voucher, in rupiah.
    pub difference: Rupiah,
    /// The limits that lowered it.
    pub caps: Caps,
    /// What the difference adds to the counters of the first receipt's day.
    pub added: Added,
}

impl MadeUpAward {
    const fn stopped(reason: MadeUp) -> Self {
        let added = Added { day: None, slot: None, released: Count::ZERO, released_in_slot: Count::ZERO, takes_place: false };
        Self { reason, rate: Rate::ZERO, value: Rupiah::ZERO, difference: Rupiah::ZERO, caps: Caps::NONE, added }
    }
}

impl MadeUp {
    /// The stop of an award, where it stops a receipt whose quota is met.
    fn of(reason: Reason) -> Option<Self> {
        Some(match reason {
            Reason::Suspended => Self::Suspended,
            Reason::NotActive => Self::NotActive,
            Reason::Paused => Self::Paused,
            Reason::NotInForce => Self::NotInForce,
            Reason::ZeroAmount => Self::ZeroAmount,
            Reason::NotEligible => Self::NotEligible,
            Reason::OutsideWindow => Self::OutsideWindow,
            Reason::SlotHeld => Self::SlotHeld,
            Reason::PlayPending => Self::PlayPending,
            Reason::NotedDigit => Self::NotedDigit,
            Reason::ClaimRefused => Self::ClaimRefused,
            Reason::NoRate => Self::NoRate,
            // The standby voucher was given before.
            Reason::FirstN | Reason::FirstNStandby => Self::FirstN,
            Reason::BudgetSpent => Self::BudgetSpent,
            Reason::CoverShort => Self::CoverShort,
            Reason::NoStandby | Reason::Standby => Self::QuotaStillMissed,
            Reason::Full | Reason::Intro | Reason::FirstNFirstColumn => return None,
        })
    }

    /// Whether it stops before anything is asked of the second receipt.
    const fn is_of_first(self) -> bool {
        !matches!(self, Self::NoRate | Self::FirstN | Self::BudgetSpent | Self::CoverShort | Self::QuotaStillMissed)
    }
}

impl MakeUp {
    /// Judges whether a second receipt makes up the quota that the first one missed, and what it then earns at its own
    /// rate and time.
    ///
    /// It is an award like any other: it climbs the ladder of AW-1 as a receipt of both totals, at the first one's time and
    /// play. The cap bounds both vouchers together. Budgets and cover bound the difference, because the standby voucher
    /// is already counted.
    ///
    /// # Errors
    /// As [`decide`](super::decide); `bad_config` for a receipt of another time than `bought_at`; `over_refund` if more was
    /// refunded than bought.
    pub fn judge(&self, program: &Program, shopper: &Shopper, merchant: &Merchant, counters: &Counters) -> Result<MadeUpAward, Error> {
        let (terms, kernel) = (program.terms(), program.kernel());
        let amounts = [("issued", self.issued), ("second_total", self.second_total), ("refunded", self.refunded)];
        if let Some((field, _)) = amounts.into_iter().find(|(_, amount)| amount.get() < 0) {
            return Err(Fault::Negative.error().at(field));
        }
        let mut sale = CheckedReceipt::of_program(program, &self.receipt, shopper, merchant, &Counters::default())?;
        if self.receipt.play.time_of_purchase().is_some_and(|at| at.nanos_since(&self.bought_at) != 0) {
            return Err(Fault::BoughtAtAnotherTime.error().at("bought_at"));
        }
        let bought = terms.local(&self.bought_at).map_err(|refused| refused.at("bought_at"))?;
        let second = terms.local(&self.second_at).map_err(|refused| refused.at("second_at"))?;
        let day_of = |at: &CivilTime| terms.window.as_ref().map_or(Ok(at.date()), |window| window.selling_day(at));
        let bought_on = day_of(&bought).map_err(|refused| refused.at("bought_at"))?;
        let second_on = day_of(&second).map_err(|refused| refused.at("second_at"))?;
        sale.bought_on(bought_on, !terms.is_in_force(&bought), counters)?;
        // Neither given nor answered, so the sum may leave the domain.
        let both = self.receipt.total.get().wrapping_add(self.second_total.get());
        let kept = both.wrapping_sub(self.refunded.get());
        if kept < 0 {
            return Err(Fault::RefundAboveRest.error().at("refunded"));
        }

        let no = |reason| Ok(MadeUpAward::stopped(reason));
        let Some(minutes) = terms.make_up_minutes else { return no(MadeUp::NotAllowed) };
        if self.made_up {
            return no(MadeUp::MadeUpBefore);
        }
        let quota = sale.place.quota(kernel);
        let standing = sale.standing(kernel.standing(merchant));
        // As if the quota were met; whether it is, is asked below.
        let row = Row { total: quota.get().max(1), ..sale.row(kernel, shopper) };
        let full = climb::<One>(&kernel.ladder, &standing, kernel.rises(), &row);
        let stop = MadeUp::of(reason_of(u32::try_from(full.word).unwrap_or_default()));
        if let Some(stop) = stop.filter(|stop| stop.is_of_first()) {
            return no(stop);
        }
        if self.receipt.total >= quota {
            return no(MadeUp::QuotaWasMet);
        }
        if bought_on != second_on {
            return no(MadeUp::OtherDay);
        }
        let nanos_allowed = i128::from(minutes).wrapping_mul(60_000_000_000);
        if !(0..=nanos_allowed).contains(&self.second_at.nanos_since(&self.bought_at)) {
            return no(MadeUp::TooLate);
        }
        if kept < quota.get() {
            return no(MadeUp::QuotaStillMissed);
        }
        if let Some(stop) = stop {
            return no(stop);
        }

        let no_budgets = Ladder { short: None, ..kernel.ladder };
        let capped = limit_one(&no_budgets, &Standing::PLAIN, full, [i64::MAX; 2]);
        let asked = capped.value.wrapping_sub(self.issued.get()).max(0);
        let no_cap = Ladder { cap: None, ..kernel.ladder };
        let left = limit_one(&no_cap, &standing, Outcome { value: asked, ..capped }, sale.left(kernel));
        let [by_receipt, ..] = capped.caps;
        let [_, by_day, by_slot] = left.caps;
        let GivenValue { reason, rate, value: difference, caps, .. } =
            GivenValue::of(kernel, Outcome { caps: [by_receipt, by_day, by_slot], ..left })?;
        if let Some(stop) = MadeUp::of(reason) {
            return Ok(MadeUpAward { rate, caps, ..MadeUpAward::stopped(stop) });
        }
        let value = Rupiah::from_result(capped.value.wrapping_sub(asked).checked_add(difference.get()))?;
        let added = sale.seen.added(sale.day, sale.slot, reason, difference)?;
        Ok(MadeUpAward { reason: MadeUp::MadeUp, rate, value, difference, caps, added })
    }
}
