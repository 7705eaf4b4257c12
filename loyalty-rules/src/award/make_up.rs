use super::decide::{Place, Sale};
use super::program::Program;
use super::receipt::{Counters, Merchant, Receipt, Shopper};
use crate::calendar::CivilTime;
use crate::error::{Error, Fault};
use crate::quantity::{Rate, Rupiah};
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
        /// The first receipt earns at its own table rate.
        MadeUp = "made_up",
    }
}

/// What the first receipt earns after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MadeUpAward {
    /// Whether, and why not.
    pub reason: MadeUp,
    /// Its own table rate.
    pub rate: Rate,
    /// The full value, in rupiah.
    pub value: Rupiah,
    /// What is issued beside the standby voucher, in rupiah.
    pub difference: Rupiah,
}

impl MakeUp {
    /// Judges whether a second receipt makes up the quota that the first one missed, and what it then earns
    /// at its own rate and time.
    ///
    /// # Errors
    /// As [`decide`](super::decide); `over_refund` if more was refunded than bought.
    pub fn judge(&self, program: &Program, shopper: &Shopper) -> Result<MadeUpAward, Error> {
        let terms = program.terms();
        let amounts = [("issued", self.issued), ("second_total", self.second_total), ("refunded", self.refunded)];
        if let Some((field, _)) = amounts.into_iter().find(|(_, amount)| amount.get() < 0) {
            return Err(Fault::Negative.error().at(field));
        }
        let sale = Sale::check(program, &self.receipt, shopper, &Merchant::default(), &Counters::default())?;
        // Neither given nor answered, so the sum may leave the domain.
        let both = i128::from(self.receipt.total.get()).wrapping_add(self.second_total.get().into());
        let refunded = i128::from(self.refunded.get());
        if refunded > both {
            return Err(Fault::RefundAboveRest.error().at("refunded"));
        }
        let days = match &terms.window {
            Some(window) => [window.selling_day(&self.bought_at), window.selling_day(&self.second_at)],
            None => [Ok(self.bought_at.date()), Ok(self.second_at.date())],
        };
        let [bought_on, second_on] = days;
        let is_other_day = bought_on.map_err(|refused| refused.at("bought_at"))? != second_on.map_err(|refused| refused.at("second_at"))?;

        let no = |reason| Ok(MadeUpAward { reason, rate: Rate::ZERO, value: Rupiah::ZERO, difference: Rupiah::ZERO });
        let Some(minutes) = terms.make_up_minutes else { return no(MadeUp::NotAllowed) };
        if self.made_up {
            return no(MadeUp::MadeUpBefore);
        }
        let column = match sale.place {
            Place::Column(column) => column,
            Place::NotPlayed => return no(MadeUp::PlayPending),
            Place::NotedDigit => return no(MadeUp::NotedDigit),
            Place::ClaimRefused => return no(MadeUp::ClaimRefused),
            Place::OutsideWindow => return no(MadeUp::OutsideWindow),
        };
        if terms.held_slots.holds(column) {
            return no(MadeUp::SlotHeld);
        }
        let quota = terms.quota.of(column);
        if self.receipt.total >= quota {
            return no(MadeUp::QuotaWasMet);
        }
        if is_other_day {
            return no(MadeUp::OtherDay);
        }
        let nanos_allowed = i128::from(minutes).wrapping_mul(60_000_000_000);
        if !(0..=nanos_allowed).contains(&self.second_at.nanos_since(&self.bought_at)) {
            return no(MadeUp::TooLate);
        }
        if both.wrapping_sub(refunded) < quota.get().into() {
            return no(MadeUp::QuotaStillMissed);
        }
        let rate = terms.table.rate(column);
        let value = terms.rounding.of_magnitude(sale.base.get(), rate);
        let value = Rupiah::from_result(Some(terms.receipt_cap.map_or(value, |cap| cap.get().min(value))))?;
        Ok(MadeUpAward { reason: MadeUp::MadeUp, rate, value, difference: value.left_after(self.issued) })
    }
}
