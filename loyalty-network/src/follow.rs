use super::NANOS_A_MINUTE;
use crate::fault::Faults as _;
use loyalty_rules::calendar::{CivilTime, TimeOfDay};
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::Count;
use loyalty_rules::words;

words! {
    /// How far an order is (OR-3).
    pub enum OrderState {
        /// It came in and waits for an answer.
        Placed = "placed",
        /// The shop takes it.
        Accepted = "accepted",
        /// It can be fetched or sent.
        Ready = "ready",
        /// The shopper has it.
        HandedOver = "handed_over",
        /// It is off.
        Cancelled = "cancelled",
    }
}

impl OrderState {
    /// Whether a step leads from this state to the next.
    const fn leads_to(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Placed, Self::Accepted)
                | (Self::Accepted, Self::Ready)
                | (Self::Ready, Self::HandedOver)
                | (Self::Placed | Self::Accepted | Self::Ready, Self::Cancelled)
        )
    }

    /// Whether nothing more is to be done.
    const fn is_done(self) -> bool {
        matches!(self, Self::HandedOver | Self::Cancelled)
    }
}

/// An order and the steps it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order<'a> {
    /// When it came in.
    pub placed: CivilTime,
    /// When it should be handed over.
    pub promised: Option<CivilTime>,
    /// Its steps with their times, in their order.
    pub steps: &'a [(OrderState, CivilTime)],
}

/// How soon a shop answers its orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerTerms {
    hours: Option<(TimeOfDay, TimeOfDay)>,
    within_minutes: Count,
}

/// How an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followed {
    /// How far it is.
    pub state: OrderState,
    /// Until when it should be answered.
    pub answer_due: CivilTime,
    /// Whether it was answered later than that, or is still not.
    pub is_missed: bool,
    /// Whether it was handed over later than promised, or is still to be.
    pub is_late: bool,
    /// The whole minutes of that.
    pub late_minutes: Count,
}

impl AnswerTerms {
    /// So many minutes to answer an order; those in which the shop is closed do not count. The hours of each day are from
    /// opening to closing, in the offset of the order; without them the shop is always open. As in a sale window, a closing
    /// before the opening is on the next date, and equal times mean 24 hours.
    pub const fn new(hours: Option<(TimeOfDay, TimeOfDay)>, within_minutes: Count) -> Self {
        Self { hours, within_minutes }
    }

    /// How an order stands at a time (OR-3).
    ///
    /// ```
    /// use loyalty_network::{AnswerTerms, Order, OrderState};
    /// use loyalty_rules::quantity::Count;
    ///
    /// let terms = AnswerTerms::new(Some(("08:00".parse()?, "20:00".parse()?)), Count::new(30)?);
    /// let steps = [(OrderState::Accepted, "2025-03-02T08:25:00+07:00".parse()?)];
    /// let order = Order { placed: "2025-03-01T19:50:00+07:00".parse()?, promised: Some("2025-03-02T09:00:00+07:00".parse()?), steps: &steps };
    /// let followed = terms.follow(&order, &"2025-03-02T09:10:30+07:00".parse()?)?;
    /// assert_eq!(followed.answer_due.to_string(), "2025-03-02T08:20:00+07:00"); // ten minutes before closing, twenty after opening
    /// assert!(followed.is_missed && followed.is_late);
    /// assert_eq!(followed.late_minutes.get(), 10);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `bad_config` for a step that does not follow, lies before the one before it or after now; `out_of_range` for an answer
    /// due after the year 9999.
    pub fn follow(&self, order: &Order<'_>, now: &CivilTime) -> Result<Followed, Error> {
        let (state, finished) = order.walk(now)?;
        let answer_due = self.answer_due(&order.placed)?;
        let answered = order.steps.first().map_or(now, |(_, time)| time);
        let late_ns = match (order.promised, state) {
            (Some(promised), state) if state != OrderState::Cancelled => {
                let end = if state.is_done() { finished } else { *now };
                end.nanos_since(&promised).max(0)
            }
            _ => 0,
        };
        Ok(Followed {
            state,
            answer_due,
            is_missed: answered.nanos_since(&answer_due) > 0,
            is_late: late_ns > 0,
            late_minutes: Count::from_result(late_ns / NANOS_A_MINUTE)?,
        })
    }

    fn answer_due(&self, placed: &CivilTime) -> Result<CivilTime, Error> {
        let within = i128::from(self.within_minutes.get()).wrapping_mul(NANOS_A_MINUTE);
        let placed_at = placed.local_nanos();
        let due = match self.hours {
            None => placed_at.wrapping_add(within),
            Some((open, close)) => {
                let [open, close] = [open, close].map(|time| i128::from(time.seconds()).wrapping_mul(NANOS_A_MINUTE / 60));
                let midnight = placed_at.wrapping_sub(placed_at.rem_euclid(NANOS_A_DAY));
                let of_day = placed_at.rem_euclid(NANOS_A_DAY);
                let close = if close > open { close } else { close.wrapping_add(NANOS_A_DAY) };
                // After midnight the day that opened yesterday may still be open.
                let (midnight, of_day) = if of_day.wrapping_add(NANOS_A_DAY) < close {
                    (midnight.wrapping_sub(NANOS_A_DAY), of_day.wrapping_add(NANOS_A_DAY))
                } else {
                    (midnight, of_day)
                };
                let (midnight, start) =
                    if of_day < close { (midnight, of_day.max(open)) } else { (midnight.wrapping_add(NANOS_A_DAY), open) };
                // What is left at closing goes on for whole days, the last of which may end at closing.
                let (first_day, a_day) = (close.wrapping_sub(start), close.wrapping_sub(open));
                let rest = within.wrapping_sub(first_day);
                if rest <= 0 {
                    midnight.wrapping_add(start).wrapping_add(within)
                } else {
                    let days = rest.wrapping_sub(1).checked_div(a_day).unwrap_or_default();
                    let rest = rest.wrapping_sub(days.wrapping_mul(a_day));
                    midnight.wrapping_add(NANOS_A_DAY.wrapping_mul(days.wrapping_add(1))).wrapping_add(open).wrapping_add(rest)
                }
            }
        };
        CivilTime::from_local_nanos(due, placed.offset())
    }
}

impl Order<'_> {
    /// The last state and when it was reached.
    fn walk(&self, now: &CivilTime) -> Result<(OrderState, CivilTime), Error> {
        if self.placed.nanos_since(now) > 0 {
            return Err(Fault::AfterNow.error().at("placed"));
        }
        let mut last = (OrderState::Placed, self.placed);
        for (index, (state, time)) in self.steps.iter().enumerate() {
            let refuse = |fault: Fault, field| Err(fault.error().at(Field::within("steps", index, field)));
            if !last.0.leads_to(*state) {
                return refuse(Fault::StepNotNext, "state");
            }
            if time.nanos_since(&last.1) < 0 {
                return refuse(Fault::StepTooEarly, "time");
            }
            if time.nanos_since(now) > 0 {
                return refuse(Fault::AfterNow, "time");
            }
            last = (*state, *time);
        }
        Ok(last)
    }
}

const NANOS_A_DAY: i128 = 86_400_000_000_000;
