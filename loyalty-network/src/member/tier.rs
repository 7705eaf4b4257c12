use super::{MemberPurchase, less, more};
use crate::fault::Faults as _;
use loyalty_rules::calendar::{Date, Month};
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Count, Rate};
use loyalty_rules::words;

words! {
    /// How far a member falls at the end of a period (PT-12).
    #[derive(Default)]
    pub enum Fall {
        /// By one tier.
        #[default]
        OneTier = "one_tier",
        /// To the tier that the period earned.
        ToEarned = "to_earned",
    }
}

words! {
    /// What became of a member's tier.
    pub enum TierChange {
        /// It is the same.
        Kept = "kept",
        /// It is higher.
        Climbed = "climbed",
        /// It is lower.
        Fell = "fell",
        /// The purchase is older than the period before: the tiers of that time stand.
        Final = "final",
    }
}

/// A tier, and what a till carries of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier<'a> {
    /// Its name.
    pub name: &'a str,
    /// What a period must come to.
    pub from: Count,
    /// The multiplier of points in thousandths.
    pub multiplier_milli: Count,
    /// The member price: this much off.
    pub discount: Rate,
}

/// The tiers of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierTerms<'a> {
    /// 1 … 16 tiers, the first from 0, rising.
    pub tiers: &'a [Tier<'a>],
    /// Months of a period: 1, 2, 3, 4, 6 or 12, counted from January.
    pub months: u8,
    /// For how many periods that earn less a tier is kept.
    pub grace: Count,
    /// How far a member falls then.
    pub fall: Fall,
}

/// A period and how a member came into it. Tiers are places in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedPeriod {
    /// What counts in it.
    pub amount: Count,
    /// The tier at its start.
    pub tier: usize,
    /// Periods that earned less than the tier, in a row, before it.
    pub grace_used: Count,
}

/// A member's tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierState {
    /// The first day of the period.
    pub period: Date,
    /// The running period.
    pub now: ClosedPeriod,
    /// The one before, for returns to come.
    pub before: Option<ClosedPeriod>,
}

/// What became of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierMoved {
    /// The member after it.
    pub state: TierState,
    /// The purchase as it counts.
    pub purchase: Option<MemberPurchase>,
    /// What became of the tier.
    pub change: TierChange,
}

const NOBODY_YET: ClosedPeriod = ClosedPeriod { amount: Count::ZERO, tier: 0, grace_used: Count::ZERO };

impl TierTerms<'_> {
    /// Proves the terms.
    ///
    /// # Errors
    /// `bad_config` unless there are 1 … 16 tiers of distinct names, the first from 0 and rising, and periods divide a year.
    pub fn check(&self) -> Result<(), Error> {
        let is_first = self.tiers.first().is_some_and(|first| first.from == Count::ZERO);
        let rises = self.tiers.iter().zip(self.tiers.iter().skip(1)).all(|(tier, next)| tier.from < next.from);
        let is_twice = |(place, tier): (usize, &Tier<'_>)| self.tiers.iter().take(place).any(|other| other.name == tier.name);
        if !is_first || !rises || self.tiers.len() > 16 || self.tiers.iter().enumerate().any(is_twice) {
            return Err(Fault::TierSteps.error().at("terms.tiers"));
        }
        if [1, 2, 3, 4, 6, 12].contains(&self.months) { Ok(()) } else { Err(Fault::TierMonths.error().at("terms.months")) }
    }

    /// The period of a day, and the first day after it.
    fn period(&self, date: Date) -> Result<(Date, Date), Error> {
        let (year, month, _) = date.parts();
        let into = month.wrapping_sub(1).checked_rem(self.months).unwrap_or_default();
        let first = Date::new(year, month.wrapping_sub(into), 1)?;
        // The year 9999 has no day after it.
        Ok((first, first.plus_months(self.months.into()).unwrap_or(first)))
    }

    /// The day of a state, which must be the first of a period.
    pub(crate) fn first_day(&self, day: Date) -> Result<Date, Error> {
        if self.period(day)?.0 == day { Ok(day) } else { Err(Fault::StateOfOtherPeriod.error().at("state.period")) }
    }

    /// The tier that an amount earns.
    fn earned(&self, amount: Count) -> usize {
        self.tiers.iter().rposition(|tier| tier.from <= amount).unwrap_or_default()
    }

    /// The tier in a period: one climbs at once.
    fn tier(&self, period: &ClosedPeriod) -> usize {
        period.tier.max(self.earned(period.amount))
    }

    /// How a member comes into the next period.
    fn next(&self, period: &ClosedPeriod) -> ClosedPeriod {
        let (tier, earned) = (period.tier, self.earned(period.amount));
        let (tier, grace_used) = match self.fall {
            _ if earned >= tier => (earned, Count::ZERO),
            _ if period.grace_used < self.grace => (tier, Count::part(period.grace_used.get().wrapping_add(1))),
            Fall::OneTier => (tier.saturating_sub(1), Count::ZERO),
            Fall::ToEarned => (earned, Count::ZERO),
        };
        ClosedPeriod { amount: Count::ZERO, tier, grace_used }
    }

    /// The place of a member's tier.
    pub fn place(&self, state: &TierState) -> usize {
        self.tier(&state.now)
    }

    /// The day on which the period is over, and the next tier with what is missing to it.
    ///
    /// # Errors
    /// `out_of_range` outside the calendar.
    pub fn outlook(&self, state: &TierState) -> Result<(Date, Option<(usize, Count)>), Error> {
        let (_, until) = self.period(state.period)?;
        let next = self.tier(&state.now).wrapping_add(1);
        let missing = |tier: &Tier<'_>| (next, Count::part(tier.from.get().wrapping_sub(state.now.amount.get())));
        Ok((until, self.tiers.get(next).map(missing)))
    }

    /// The member on a day: periods that are over are closed one by one.
    fn on(&self, state: Option<TierState>, date: Date) -> Result<TierState, Error> {
        let (period, _) = self.period(date)?;
        let Some(mut state) = state else { return Ok(TierState { period, now: NOBODY_YET, before: None }) };
        let mut over = months_between(state.period, period).checked_div(self.months.into()).unwrap_or_default();
        while over > 0 {
            let next = self.next(&state.now);
            // Nothing changes any more in a row of periods like this one.
            let is_settled = state.before == Some(state.now) && next == state.now;
            state = TierState { period, now: next, before: Some(state.now) };
            over = if is_settled { 0 } else { over.wrapping_sub(1) };
        }
        Ok(state)
    }

    fn moved(&self, before: Option<&TierState>, state: TierState, purchase: Option<MemberPurchase>) -> TierMoved {
        let (was, is) = (before.map_or(0, |before| self.tier(&before.now)), self.tier(&state.now));
        let change = match is.cmp(&was) {
            core::cmp::Ordering::Less => TierChange::Fell,
            core::cmp::Ordering::Equal => TierChange::Kept,
            core::cmp::Ordering::Greater => TierChange::Climbed,
        };
        TierMoved { state, purchase, change }
    }

    /// The member on a day, without a purchase.
    ///
    /// # Errors
    /// `out_of_order` for a state of a later period.
    pub fn look(&self, state: Option<TierState>, date: Date) -> Result<TierMoved, Error> {
        self.check()?;
        if state.is_some_and(|state| self.period(date).is_ok_and(|(period, _)| period < state.period)) {
            return Err(Fault::StateOfLaterPeriod.error().at("look.date"));
        }
        Ok(self.moved(state.as_ref(), self.on(state, date)?, None))
    }

    /// Counts a purchase (PT-12). One of the period before counts there.
    ///
    /// ```
    /// use loyalty_network::{Fall, Tier, TierChange, TierTerms};
    /// use loyalty_rules::quantity::{Count, Rate};
    ///
    /// let tier = |name, from| Ok::<_, loyalty_rules::Error>(Tier {
    ///     name,
    ///     from: Count::new(from)?,
    ///     multiplier_milli: Count::new(1_000)?,
    ///     discount: Rate::ZERO,
    /// });
    /// let tiers = [tier("member", 0)?, tier("silver", 500_000)?, tier("gold", 2_000_000)?];
    /// let terms = TierTerms { tiers: &tiers, months: 3, grace: Count::ZERO, fall: Fall::OneTier };
    /// let gold = terms.buy(None, "2025-02-10".parse()?, Count::new(2_000_000)?)?;
    /// assert_eq!((gold.change, terms.place(&gold.state)), (TierChange::Climbed, 2));
    /// // Nothing in the second quarter: gold all through it, silver in the third.
    /// let look = |date: &str| terms.look(Some(gold.state), date.parse()?);
    /// assert_eq!((terms.place(&look("2025-06-30")?.state), terms.place(&look("2025-07-01")?.state)), (2, 1));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_order` for a purchase older than the period before that of the state; `out_of_range` if a sum leaves the domain.
    pub fn buy(&self, state: Option<TierState>, date: Date, amount: Count) -> Result<TierMoved, Error> {
        self.check()?;
        let mut after = self.on(state, date)?;
        let changed = self.change(&mut after, date, |sum| more(sum, amount))?;
        if !changed {
            return Err(Fault::StateOfLaterPeriod.error().at("buy.date"));
        }
        Ok(self.moved(state.as_ref(), after, Some(MemberPurchase { date, amount, left: amount })))
    }

    /// Takes back what went back, in the period of the purchase or the one after; an older purchase changes nothing.
    ///
    /// # Errors
    /// `out_of_order` for a purchase after the period of the state; `out_of_range` if more is left than before; `bad_config` if
    /// the state never counted the purchase.
    pub fn give_back(&self, state: TierState, purchase: MemberPurchase, left: Count) -> Result<TierMoved, Error> {
        self.check()?;
        let (returned, taken) = purchase.returned(left).map_err(|refused| refused.at("return.left"))?;
        if self.period(purchase.date)?.0 > state.period {
            return Err(Fault::StateOfEarlierDay.error().at("return.purchase.date"));
        }
        let mut after = state;
        if self.change(&mut after, purchase.date, |sum| less(sum, taken))? {
            Ok(self.moved(Some(&state), after, Some(returned)))
        } else {
            Ok(TierMoved { state, purchase: Some(returned), change: TierChange::Final })
        }
    }

    /// Changes the sum of the period of a day; whether it is the running one, or the one before.
    fn change(&self, state: &mut TierState, date: Date, sum: impl Fn(Count) -> Result<Count, Error>) -> Result<bool, Error> {
        let (period, _) = self.period(date)?;
        let is_one_before = months_between(period, state.period) == i64::from(self.months);
        match &mut state.before {
            _ if period == state.period => state.now.amount = sum(state.now.amount)?,
            Some(before) if is_one_before => {
                before.amount = sum(before.amount)?;
                state.now = ClosedPeriod { amount: state.now.amount, ..self.next(before) };
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn months_between(from: Date, to: Date) -> i64 {
    Month::of(to).months_since(Month::of(from))
}
