use super::{MemberPurchase, less, more, week};
use crate::fault::Faults as _;
use loyalty_rules::calendar::Date;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::Count;
use loyalty_rules::words;

words! {
    /// How often a challenge begins anew (PT-11).
    #[derive(Default)]
    pub enum Recurrence {
        /// It lasts from its first day to its last.
        #[default]
        Once = "once",
        /// Each day.
        Day = "day",
        /// Each week, on Monday.
        Week = "week",
        /// Each calendar month.
        Month = "month",
    }
}

/// A target in a period, and what it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub until: Date,
    /// How often it begins anew.
    pub every: Recurrence,
    /// What is to be reached, 1 or more.
    pub target: Count,
    /// What each full target gives.
    pub gives: Count,
    /// How many full targets of a period give, at most.
    pub times: Count,
}

/// How far a member is in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChallengeState {
    /// The first day of the period.
    pub period: Date,
    /// What counts toward the target.
    pub progress: Count,
}

/// What became of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChallengeMoved {
    /// The period after it.
    pub state: ChallengeState,
    /// A period that is over, for returns to come.
    pub closed: Option<ChallengeState>,
    /// The purchase as it counts.
    pub purchase: MemberPurchase,
    /// What is given, or, below zero, taken back.
    pub gain: i64,
}

impl Challenge {
    /// The first day of the period of a day; `None` outside the challenge.
    fn period(&self, date: Date) -> Result<Option<Date>, Error> {
        if date < self.from || date >= self.until {
            return Ok(None);
        }
        let first = match self.every {
            Recurrence::Once => self.from,
            Recurrence::Day => date,
            Recurrence::Week => {
                let days = core::iter::successors(Some(date), |day| day.previous().ok());
                days.take_while(|day| week(*day) == week(date)).last().unwrap_or(date)
            }
            Recurrence::Month => {
                let (year, month, _) = date.parts();
                Date::new(year, month, 1)?
            }
        };
        Ok(Some(first))
    }

    /// Full targets of a period that give.
    pub fn reached(&self, state: &ChallengeState) -> Count {
        Count::part(state.progress.get().checked_div(self.target.get()).unwrap_or_default()).min(self.times)
    }

    /// What is missing to the next full target; 0 if none gives any more.
    pub fn missing(&self, state: &ChallengeState) -> Count {
        if self.reached(state) == self.times {
            return Count::ZERO;
        }
        let over = state.progress.get().checked_rem(self.target.get()).unwrap_or_default();
        Count::part(self.target.get().wrapping_sub(over))
    }

    fn gain(&self, before: &ChallengeState, after: &ChallengeState) -> Result<i64, Error> {
        let more = self.reached(after).get().wrapping_sub(self.reached(before).get());
        let gain = i128::from(more).wrapping_mul(self.gives.get().into());
        Count::from_result(gain.abs()).map(|size| if gain < 0 { size.get().wrapping_neg() } else { size.get() })
    }

    /// Counts a purchase (PT-11); `None` outside the challenge. A state of an earlier period is closed and answered, a new
    /// one begins.
    ///
    /// ```
    /// use loyalty_network::{Challenge, Recurrence};
    /// use loyalty_rules::quantity::Count;
    ///
    /// // Rp200,000 in a week give 20 points, once a week.
    /// let challenge = Challenge {
    ///     from: "2025-03-03".parse()?,
    ///     until: "2025-04-01".parse()?,
    ///     every: Recurrence::Week,
    ///     target: Count::new(200_000)?,
    ///     gives: Count::new(20_000)?,
    ///     times: Count::new(1)?,
    /// };
    /// let first = challenge.buy(None, "2025-03-04".parse()?, Count::new(150_000)?)?.unwrap();
    /// let second = challenge.buy(Some(first.state), "2025-03-09".parse()?, Count::new(60_000)?)?.unwrap();
    /// assert_eq!((first.gain, challenge.missing(&first.state).get(), second.gain), (0, 50_000, 20_000));
    /// let back = challenge.give_back(second.state, first.purchase, Count::new(100_000)?)?;
    /// assert_eq!(back.gain, -20_000);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_order` for a state of a later period; `out_of_range` if a sum leaves the domain.
    pub fn buy(&self, state: Option<ChallengeState>, date: Date, amount: Count) -> Result<Option<ChallengeMoved>, Error> {
        let Some(period) = self.period(date)? else { return Ok(None) };
        let new = ChallengeState { period, progress: Count::ZERO };
        let (before, closed) = match state {
            Some(state) if state.period > period => return Err(Fault::StateOfLaterPeriod.error().at("buy.date")),
            Some(state) if state.period == period => (state, None),
            other => (new, other),
        };
        let after = ChallengeState { progress: more(before.progress, amount)?, ..before };
        let purchase = MemberPurchase { date, amount, left: amount };
        Ok(Some(ChallengeMoved { state: after, closed, purchase, gain: self.gain(&before, &after)? }))
    }

    /// Takes back what a return leaves no ground for, in the period of the purchase.
    ///
    /// # Errors
    /// `out_of_order` for a state of another period; `out_of_range` if more is left than before; `bad_config` if the state never
    /// counted the purchase, or the purchase lies outside the challenge.
    pub fn give_back(&self, state: ChallengeState, purchase: MemberPurchase, left: Count) -> Result<ChallengeMoved, Error> {
        let Some(period) = self.period(purchase.date)? else { return Err(Fault::StateWithoutPurchase.error().at("return.purchase.date")) };
        if period != state.period {
            return Err(Fault::StateOfOtherPeriod.error().at("return.purchase.date"));
        }
        let (purchase, taken) = purchase.returned(left).map_err(|refused| refused.at("return.left"))?;
        let after = ChallengeState { progress: less(state.progress, taken)?, ..state };
        Ok(ChallengeMoved { state: after, closed: None, purchase, gain: self.gain(&state, &after)? })
    }
}
