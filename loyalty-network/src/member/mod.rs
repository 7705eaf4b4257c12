//! The program of one member (PT-10 … PT-13): limits, stamps, challenges, tiers, referral. A state is a value that the host
//! stores; what a purchase did is answered beside it, and takes it back when goods come back.

mod challenge;
mod limit;
mod referral;
mod stamps;
mod tier;

pub use challenge::{Challenge, ChallengeMoved, ChallengeState, Recurrence};
pub use limit::{LimitSpan, LimitState, LimitTerms, Limited, LimitedUse, SpanCount, SpanLimit};
pub use referral::{Referral, ReferralMoved, ReferralReason, ReferralState};
pub use stamps::{StampBy, StampState, StampTerms, StampVisit, StampsMoved};
pub use tier::{ClosedPeriod, Fall, Tier, TierChange, TierMoved, TierState, TierTerms};

use crate::fault::Faults as _;
use loyalty_rules::calendar::Date;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::Count;

/// A purchase, or what was earned by it, and what is left of it after returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberPurchase {
    /// Its day.
    pub date: Date,
    /// What it came to.
    pub amount: Count,
    /// What returns left of it.
    pub left: Count,
}

impl MemberPurchase {
    /// The purchase with less left, and how much went back.
    fn returned(self, left: Count) -> Result<(Self, i64), Error> {
        if left > self.left || self.left > self.amount {
            return Err(Fault::MoreLeftThanBefore.error().at("left"));
        }
        Ok((Self { left, ..self }, self.left.get().wrapping_sub(left.get())))
    }
}

/// The week of a day, from Monday to Sunday, as a number.
fn week(date: Date) -> i64 {
    // 0000-01-03 is the first Monday of the calendar.
    Date::new(0, 1, 3).map_or(0, |monday| date.days_since(monday).div_euclid(7))
}

/// A sum that returns lower: below zero the state is not the one that counted the purchase.
fn less(sum: Count, taken: i64) -> Result<Count, Error> {
    Count::new(sum.get().wrapping_sub(taken)).map_err(|_| Fault::StateWithoutPurchase.error())
}

/// A sum that grows.
fn more(sum: Count, added: Count) -> Result<Count, Error> {
    Count::from_result(i128::from(sum.get()).wrapping_add(added.get().into()))
}
