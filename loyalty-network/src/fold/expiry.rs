//! Vouchers expire; days and months close; what is brought in.

use alloc::string::ToString;

use super::event::{DayReport, DueMessage, EventDetail, ExpireMessage, LotIn, LotsMessage, OpeningReport};
use super::fund;
use super::name::{ClaimName, Name, Owner};
use super::redeem::expire_of_voucher;
use super::sale::{issue_voucher, send_due};
use super::state::{MOST_DUE, add};
use super::step::{Done, Sender, Step};
use loyalty_rules::calendar::Date;
use loyalty_rules::sort::ascending;

/// A selling day ends: the vouchers that expired at its start are told to expire.
pub(super) fn close_day(step: &mut Step<'_>, report: &DayReport) -> Done {
    step.states.day.get_or_insert_default().closed = true;
    let due = step.states.due.get_or_insert_default();
    due.closed = true;
    let vouchers = core::mem::take(&mut due.vouchers);
    for voucher in vouchers {
        send_expire(step, ClaimName::made(voucher), report.day)?;
    }
    Ok(())
}

/// A voucher will expire; of a closed day it does now.
pub(super) fn note_due(step: &mut Step<'_>, message: &DueMessage) -> Done {
    let due = step.states.due.get_or_insert_default();
    if due.closed {
        return send_expire(step, message.voucher.clone(), message.date);
    }
    let name = message.voucher.as_str().to_string();
    if due.vouchers.contains(&name) {
        return Ok(());
    }
    if due.vouchers.len() >= MOST_DUE {
        // It can be used no longer, whatever day its rest is booked.
        let data = DueMessage { voucher: message.voucher.clone(), date: message.date.plus_days(1)? };
        let to = step.event.subject.clone();
        return step.send(&Sender::Shop, &to, EventDetail::Due(data)).map_err(Into::into);
    }
    due.vouchers.push(name);
    ascending(&mut due.vouchers);
    Ok(())
}

fn send_expire(step: &mut Step<'_>, voucher: ClaimName, date: Date) -> Done {
    let to = step.event.subject.clone();
    step.send(&Sender::Shop, &to, EventDetail::Expire(ExpireMessage { voucher, date }))?;
    Ok(())
}

/// A voucher expires, unless its expiry was moved past the day that closed. The day counts, because the message of a redemption
/// that came back can bear a time before the day.
pub(super) fn expire(step: &mut Step<'_>, message: &ExpireMessage) -> Done {
    let name = &message.voucher;
    let Some(voucher) = step.states.vouchers.get(&name.key()) else { return Ok(()) };
    let (open, expires) = (voucher.open(), voucher.expires);
    let Some(expires) = expires.filter(|_| !open.is_zero()) else { return Ok(()) };
    if expires.date() > message.date {
        return send_due(step, name, &expires);
    }
    expire_of_voucher(step, name, open)?;
    Ok(())
}

/// The fund, the vouchers and the lots of a shop are brought in.
pub(super) fn opening(step: &mut Step<'_>, report: &OpeningReport) -> Done {
    if !report.fund.0.is_zero() {
        fund::pay_in(step, report.fund.0)?;
    }
    for opening in &report.vouchers {
        let is_issued = step.states.vouchers.get(&opening.voucher.key()).is_some_and(|state| state.issued);
        if is_issued {
            step.refuse("id_used");
            continue;
        }
        bring_in(step, opening.value.0)?;
        issue_voucher(step, &opening.voucher, opening.value.0, opening.expires)?;
        super::sale::release(step, &opening.voucher);
    }
    let issuer = Name::made(step.owner().to_string());
    for opening in &report.lots {
        bring_in(step, opening.amount.0)?;
        let lot = LotIn { lot: opening.lot.clone(), issuer: issuer.clone(), amount: opening.amount, expires: opening.expires };
        let data = EventDetail::LotsIn(LotsMessage::of(alloc::vec![lot]));
        step.send(&Sender::Opening, &Owner::account(opening.account.as_str()), data)?;
    }
    Ok(())
}

/// The liability of a claim that is brought in.
fn bring_in(step: &mut Step<'_>, amount: loyalty_rules::quantity::Rupiah) -> Done {
    add(&mut step.shop().reserved, amount)?;
    step.post("opening", "voucher_liability", amount)?;
    Ok(())
}
