//! What is kept of claims for a payment: it pays, is freed, or ends at its deadline.

use alloc::vec::Vec;

use super::event::{ClaimPurchase, Event, EventDetail, ReservedRequest};
use super::fact::{Fact, FactKind};
use super::name::Id;
use super::redeem::{Payment, count_use, refuse, sender, use_held};
use super::state::{PartInState, RedemptionState, take};
use super::step::{Done, Step};
use super::tender::{Answer, answer};
use super::undo::settle_back;
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::quantity::Rupiah;

/// What is kept pays.
pub(super) fn commit(step: &mut Step<'_>, request: &ReservedRequest) -> Done {
    let Some(redemption) = step.states.redemption.as_ref().filter(|redemption| is_kept(redemption)) else {
        step.refuse("not_reserved");
        return Ok(());
    };
    let now = step.now();
    if redemption.deadline.is_some_and(|deadline| now.nanos_since(&deadline) > 0) {
        step.refuse("deadline");
        return release_held(step, request, Rupiah::ZERO, false);
    }
    use_held(step, &request.redemption, &request.owner)
}

/// What is kept is free again.
pub(super) fn release(step: &mut Step<'_>, request: &ReservedRequest) -> Done {
    if step.states.redemption.as_ref().is_some_and(is_kept) {
        return release_held(step, request, Rupiah::ZERO, false);
    }
    step.refuse("not_reserved");
    Ok(())
}

/// A redemption that waits, or is kept, ends at its deadline.
pub(super) fn end(step: &mut Step<'_>, request: &ReservedRequest) -> Done {
    let now = step.now();
    let is_past = |deadline: Option<CivilTime>| deadline.is_some_and(|deadline| now.nanos_since(&deadline) > 0);
    if let Some(redemption) = step.states.redemption.as_ref().filter(|redemption| is_kept(redemption)) {
        if is_past(redemption.deadline) {
            return release_held(step, request, Rupiah::ZERO, false);
        }
        step.refuse("not_due");
        return Ok(());
    }
    let Some(name) = request.owner.voucher() else {
        step.refuse("not_reserved");
        return Ok(());
    };
    let is_it = |event: &Event| {
        event.id == request.redemption && purchase_of(event).is_some_and(|purchase| purchase.shop.as_str() == request.shop.as_str())
    };
    let Some(waiting) = step.states.vouchers.get_mut(&name.key()).map(|voucher| &mut voucher.waiting) else {
        step.refuse("not_reserved");
        return Ok(());
    };
    let Some(place) = waiting.iter().position(is_it) else {
        step.refuse("not_reserved");
        return Ok(());
    };
    let until = waiting.get(place).and_then(waits_until);
    if !is_past(until) {
        step.refuse("not_due");
        return Ok(());
    }
    let event = waiting.remove(place);
    step.tidy(&name);
    let Some(purchase) = purchase_of(&event) else { return Ok(()) };
    let payment = Payment { id: &event.id, owner: request.owner.clone(), purchase, amount: None, deadline: None };
    refuse(step, &payment, Fact::refused("deadline"))
}

/// What a waiting request is to pay of.
fn purchase_of(event: &Event) -> Option<&ClaimPurchase> {
    match &event.data {
        EventDetail::RedeemVoucher(request) => Some(&request.purchase),
        EventDetail::Reserve(request) => Some(&request.purchase),
        _ => None,
    }
}

/// Until when a request waits.
pub(super) fn waits_until(event: &Event) -> Option<CivilTime> {
    let of_reserve = if let EventDetail::Reserve(request) = &event.data { Some(request.deadline) } else { None };
    purchase_of(event).and_then(|purchase| purchase.valid_until).or(of_reserve)
}

/// Frees what the redemption keeps, and tells its acceptor that it does not pay.
pub(super) fn release_held(step: &mut Step<'_>, request: &ReservedRequest, asked: Rupiah, whole: bool) -> Done {
    let redemption = step.redemption();
    (redemption.ended, redemption.deadline) = (true, None);
    let RedemptionState { shop, sale, parts, .. } = redemption.clone();
    for part in &mut redemption.parts {
        part.left = Rupiah::ZERO;
    }
    let mut came = Vec::new();
    for PartInState { claim, left, .. } in parts.iter().rev() {
        step.tell(Fact::claim(FactKind::Undone, claim, *left));
        if let Some(name) = request.owner.voucher() {
            take(&mut step.voucher(&name).held, *left)?;
        } else if let Some(lot) = step.account().lots.get_mut(claim) {
            take(&mut lot.held, *left)?;
            came.push((claim.clone(), *left));
        }
    }
    count_use(step, &request.owner, request.month, true)?;
    settle_back(step, &request.owner, &came)?;
    let told = Answer {
        redemption: &request.redemption,
        sale: &Id::made(sale),
        owner: request.owner.clone(),
        acceptor: &shop,
        month: request.month,
        parts: Vec::new(),
        grant: Some(false),
        asked,
        whole,
    };
    answer(step, &sender(&request.owner), told)?;
    Ok(())
}

/// Whether a redemption keeps its claims and has not paid yet.
pub(super) const fn is_kept(redemption: &RedemptionState) -> bool {
    redemption.deadline.is_some() && !redemption.ended
}
