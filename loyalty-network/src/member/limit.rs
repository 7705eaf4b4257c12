use super::{MemberPurchase, less, more, week};
use crate::fault::Faults as _;
use loyalty_rules::calendar::{Date, Month};
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::Count;
use loyalty_rules::words;

words! {
    /// For how long a limit holds (PT-10).
    pub enum LimitSpan {
        /// A day.
        Day = "day",
        /// A week from Monday on.
        Week = "week",
        /// A calendar month.
        Month = "month",
        /// As long as the program lasts.
        Ever = "ever",
    }
}

impl LimitSpan {
    fn holds_both(self, one: Date, other: Date) -> bool {
        match self {
            Self::Day => one == other,
            Self::Week => week(one) == week(other),
            Self::Month => Month::of(one) == Month::of(other),
            Self::Ever => true,
        }
    }
}

/// The most of a span; `None` for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpanLimit {
    /// What is earned.
    pub earned: Option<Count>,
    /// How often.
    pub uses: Option<Count>,
}

/// What counts in a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpanCount {
    /// What was earned.
    pub earned: Count,
    /// How often.
    pub uses: Count,
}

/// The limits of a member, in the order of [`LimitSpan`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LimitTerms {
    /// By span.
    pub spans: [SpanLimit; 4],
}

/// What a member has earned in the spans of a day, in the order of [`LimitSpan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitState {
    /// The latest day.
    pub date: Date,
    /// By span.
    pub spans: [SpanCount; 4],
}

/// An award under limits: its amount is what was asked for, and what is left of it after returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitedUse {
    /// What was asked for.
    pub asked: MemberPurchase,
    /// What of it counted when it was given.
    pub counted: Count,
}

/// What a limit made of an award.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// The member after it.
    pub state: LimitState,
    /// To be kept with the award, and given back on its return.
    pub given: LimitedUse,
    /// The span that cut it: the first of those with least room.
    pub limited_by: Option<LimitSpan>,
}

impl LimitTerms {
    /// What of an award counts (PT-10): at most what each span has room for.
    ///
    /// ```
    /// use loyalty_network::{LimitSpan, LimitTerms, SpanLimit};
    /// use loyalty_rules::quantity::Count;
    ///
    /// let mut terms = LimitTerms::default();
    /// terms.spans[0] = SpanLimit { earned: Some(Count::new(5_000)?), uses: None }; // Rp5,000 a day
    /// let first = terms.earn(None, "2025-03-10".parse()?, Count::new(4_000)?)?;
    /// let second = terms.earn(Some(first.state), "2025-03-10".parse()?, Count::new(4_000)?)?;
    /// assert_eq!((second.given.counted.get(), second.limited_by), (1_000, Some(LimitSpan::Day)));
    ///
    /// // Of the goods a quarter stays: Rp1,000 of Rp4,000 was cut to Rp1,000 already.
    /// let (state, given, taken_back) = second.state.undo(second.given, Count::new(1_000)?)?;
    /// assert_eq!((taken_back.get(), given.kept().get(), state.spans[0].earned.get()), (0, 1_000, 5_000));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_order` for a state of a later day; `out_of_range` if a sum leaves the domain.
    pub fn earn(&self, state: Option<LimitState>, date: Date, amount: Count) -> Result<Limited, Error> {
        let mut state = state.unwrap_or(LimitState { date, spans: [SpanCount::default(); 4] });
        if date < state.date {
            return Err(Fault::StateOfLaterDay.error().at("earn.date"));
        }
        let (mut counted, mut limited_by) = (amount, None);
        for ((span, limit), sum) in LimitSpan::ALL.iter().zip(&self.spans).zip(&mut state.spans) {
            if !span.holds_both(state.date, date) {
                *sum = SpanCount::default();
            }
            let is_used_up = limit.uses.is_some_and(|uses| sum.uses >= uses);
            let earned = limit.earned.map(|earned| earned.get().wrapping_sub(sum.earned.get()).max(0));
            let room = if is_used_up { Some(Count::ZERO) } else { earned.map(Count::new).transpose()? };
            if let Some(room) = room.filter(|room| *room < counted) {
                (counted, limited_by) = (room, Some(*span));
            }
        }
        state.date = date;
        for sum in &mut state.spans {
            sum.earned = more(sum.earned, counted)?;
            sum.uses = more(sum.uses, Count::of(counted > Count::ZERO))?;
        }
        Ok(Limited { state, given: LimitedUse { asked: MemberPurchase { date, amount, left: amount }, counted }, limited_by })
    }
}

impl LimitedUse {
    /// What of the award is still given: what counted, at most what is left.
    pub fn kept(&self) -> Count {
        self.counted.min(self.asked.left)
    }
}

impl LimitState {
    /// Takes back what a return leaves no ground for; the spans that still hold the day of the award have room again. An award
    /// that goes whole was no use.
    ///
    /// # Errors
    /// `out_of_order` for an award of a later day; `out_of_range` if more is left than before; `bad_config` if the state never
    /// counted the award.
    pub fn undo(mut self, given: LimitedUse, left: Count) -> Result<(Self, LimitedUse, Count), Error> {
        if given.asked.date > self.date {
            return Err(Fault::StateOfEarlierDay.error().at("undo.given.date"));
        }
        if given.counted > given.asked.amount {
            return Err(Fault::CountedAboveAsked.error().at("undo.given.counted"));
        }
        let (asked, _) = given.asked.returned(left).map_err(|refused| refused.at("undo.left"))?;
        let after = LimitedUse { asked, ..given };
        let taken = given.kept().get().wrapping_sub(after.kept().get());
        let uses = i64::from(given.kept() > Count::ZERO && after.kept() == Count::ZERO);
        for (span, sum) in LimitSpan::ALL.iter().zip(&mut self.spans) {
            if span.holds_both(self.date, given.asked.date) {
                *sum = SpanCount { earned: less(sum.earned, taken)?, uses: less(sum.uses, uses)? };
            }
        }
        Ok((self, after, Count::new(taken)?))
    }
}
