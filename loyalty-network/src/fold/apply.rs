//! One event is applied: once, to its states, by its type.

use alloc::vec::Vec;

use super::event::{Event, EventDetail};
use super::fact::Fact;
use super::state::{Outcome, SeenState};
use super::states::States;
use super::step::{Done, Released, Step};
use super::terms::NetworkTerms;
use super::{account, clearing, expiry, fund, redeem, reserved, returns, sale, tender, undo};
use crate::fault::Faults as _;
use loyalty_rules::api::wire::{AsWritten, Path, Refusal};
use loyalty_rules::error::Fault;

/// What an event led to.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// What became of it.
    pub outcome: Outcome,
    /// The states of its keys; of a duplicate and a conflict none.
    pub states: Option<States>,
    /// Waiting events that may go now.
    pub again: Vec<Released>,
    /// Of a duplicate: what it led to the first time.
    first: Option<SeenState>,
}

impl Applied {
    const fn without_states(outcome: Outcome, first: Option<SeenState>) -> Self {
        Self { outcome, states: None, again: Vec::new(), first }
    }

    /// What the event led to is kept with it, for its repetitions.
    fn seen(&self) -> Option<&SeenState> {
        self.states.as_ref().map_or(self.first.as_ref(), |states| states.seen.as_ref())
    }

    /// What happened.
    pub fn facts(&self) -> &[Fact] {
        self.seen().map_or(&[], |seen| &seen.facts)
    }

    /// Messages to other owners.
    pub fn out(&self) -> &[Event] {
        self.seen().map_or(&[], |seen| &seen.out)
    }
}

/// Applies an event to the states of its keys (NW-1 … NW-5). `at` is stated for an event that has waited: the time at which
/// it is judged.
///
/// ```
/// use loyalty_network::fold::{NetworkTerms, Outcome, States, apply, read_event};
///
/// let event = read_event(br#"{"event": {"specversion": "1.0", "type": "loyalty.topup", "source": "/A/office", "id": "t1",
///     "time": "2025-03-03T08:00:00+07:00", "subject": "shop/A", "data": {"amount": 30000}}}"#)?;
/// let applied = apply(&event, None, States::default(), &NetworkTerms::default())?;
/// assert_eq!(applied.outcome, Outcome::Applied);
/// let states = applied.states.unwrap();
/// assert_eq!(states.shop.as_ref().unwrap().fund.balance.get(), 30_000);
///
/// // The same event again changes nothing.
/// let again = apply(&event, None, states, &NetworkTerms::default())?;
/// assert_eq!((again.outcome, again.states), (Outcome::Duplicate, None));
/// # Ok::<(), loyalty_rules::api::Refusal>(())
/// ```
///
/// # Errors
/// `out_of_order` for an event before the horizon, `missing_field` for a program that an earlier award needs, `out_of_range`
/// if an amount leaves the domain. Then nothing changes, and the id is free.
pub fn apply(event: &Event, at: Option<AsWritten>, mut states: States, terms: &NetworkTerms) -> Result<Applied, Refusal> {
    let hash = event.hash();
    if let Some(seen) = &states.seen {
        if seen.hash != hash {
            return Ok(Applied::without_states(Outcome::Conflict, None));
        }
        if seen.outcome != Outcome::Waiting {
            return Ok(Applied::without_states(Outcome::Duplicate, states.seen.take()));
        }
    }
    let mut step = Step::new(event, at.unwrap_or(event.time), states, terms);
    if let Some(number) = event.number {
        if !step.states.inbox.get_or_insert_default().note(number.0) {
            return Ok(Applied::without_states(Outcome::Duplicate, None));
        }
    } else if terms.settings.horizon.is_some_and(|horizon| event.time.0.nanos_since(&horizon) < 0) && step.states.seen.is_none() {
        return Err(Refusal::at(Fault::EventTooOld, &Path::Root.key("event").key("time")));
    }
    by_type(&mut step)?;
    let outcome = if step.waits { Outcome::Waiting } else { Outcome::Applied };
    let (mut states, facts, out, again) = step.into_parts();
    states.seen = Some(SeenState { hash, outcome, facts, out, v: super::state::StateForm });
    Ok(Applied { outcome, states: Some(states), again, first: None })
}

fn by_type(step: &mut Step<'_>) -> Done {
    let event = step.event;
    match &event.data {
        EventDetail::Sale(report) => sale::sell(step, report),
        EventDetail::Play(report) => sale::play(step, report),
        EventDetail::Return(report) => returns::goods_back(step, report),
        EventDetail::Exchange(report) => returns::exchange(step, report),
        EventDetail::Void(report) => returns::void(step, report),
        EventDetail::Accept(report) => tender::accepted(step, report),
        EventDetail::Opening(report) if report.purchases.is_some() => account::opening(step, report),
        EventDetail::Opening(report) => expiry::opening(step, report),
        EventDetail::TopUp(report) => fund::top_up(step, report),
        EventDetail::Draw(report) => fund::draw(step, report),
        EventDetail::Check(report) => fund::check(step, report),
        EventDetail::DayClose(report) => expiry::close_day(step, report),
        EventDetail::MonthClose(_) => {
            step.month().closed = true;
            Ok(())
        }
        EventDetail::AccountTick(report) => account::tick(step, report),
        EventDetail::PeriodClose(report) => clearing::close(step, report),
        EventDetail::Join(report) => fund::join(step, report),
        EventDetail::Leave(_) => {
            fund::leave(step);
            Ok(())
        }
        EventDetail::Pause(report) => {
            fund::pause(step, report);
            Ok(())
        }
        EventDetail::Program(report) => {
            fund::program(step, report);
            Ok(())
        }
        EventDetail::RedeemVoucher(request) => redeem::voucher(step, request),
        EventDetail::RedeemPoints(request) => redeem::points(step, request),
        EventDetail::Reserve(request) => redeem::reserve(step, request),
        EventDetail::Commit(request) => reserved::commit(step, request),
        EventDetail::Release(request) => reserved::release(step, request),
        EventDetail::RequestEnd(request) => reserved::end(step, request),
        EventDetail::UndoAsk(request) => tender::undo_asked(step, request),
        EventDetail::Transfer(request) => account::transfer(step, request),
        EventDetail::Merge(request) => account::merge(step, request),
        EventDetail::Earn(message) => account::earn(step, message),
        EventDetail::LotsIn(message) => account::lots_in(step, message),
        EventDetail::ClaimReverse(message) => account::reversal(step, message),
        EventDetail::ClaimReversed(message) => clearing::reversed(step, message),
        EventDetail::ClaimUsed(message) => redeem::used(step, message),
        EventDetail::ClaimUnused(message) => clearing::unused(step, message),
        EventDetail::ClaimExpired(message) => clearing::expired(step, message),
        EventDetail::DebtPaid(message) => clearing::debt_paid(step, message),
        EventDetail::Due(message) => expiry::note_due(step, message),
        EventDetail::Expire(message) => expiry::expire(step, message),
        EventDetail::Tender(message) => tender::come(step, message),
        EventDetail::Undo(message) => undo::undo(step, message),
        EventDetail::ClearingReceived(message) => clearing::received(step, message),
        EventDetail::ClearingDraw(message) => clearing::drawn(step, message),
        EventDetail::Closed(_) => {
            clearing::closed(step);
            Ok(())
        }
    }
}
