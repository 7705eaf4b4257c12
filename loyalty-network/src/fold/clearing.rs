//! What shops owe each other: told by accounts, settled by each shop for itself (CL-4).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::event::{
    ClosedMessage, DebtMessage, DrawMessage, EventDetail, MoneyReport, PeriodReport, ReceivedMessage, ReversedMessage, UnusedMessage,
};
use super::fact::{Fact, FactKind};
use super::name::{Name, Owner};
use super::redeem::owe;
use super::state::{add, take};
use super::step::{Done, Sender, Step};
use super::tender::receivable;
use crate::settle;
use loyalty_rules::api::wire::Amount;
use loyalty_rules::quantity::Rupiah;
use loyalty_rules::sort::ascending;

/// A use of the shop's claims is undone: it owes the acceptor less, and reserves them again.
pub(super) fn unused(step: &mut Step<'_>, message: &UnusedMessage) -> Done {
    add(&mut step.shop().reserved, message.amount.0)?;
    owe(step, message.acceptor.as_str(), "voucher_liability", message.amount.0.negated())?;
    Ok(())
}

/// Lots of the shop expired.
pub(super) fn expired(step: &mut Step<'_>, message: &MoneyReport) -> Done {
    take(&mut step.shop().reserved, message.amount.0)?;
    step.post("voucher_liability", "voucher_expired", message.amount.0)?;
    Ok(())
}

/// What an account gave back of a lot.
pub(super) fn reversed(step: &mut Step<'_>, message: &ReversedMessage) -> Done {
    take(&mut step.shop().reserved, message.free.0)?;
    step.post("voucher_liability", "taken_back", message.free.0)?;
    step.post("shopper_receivable", "taken_back", message.debt.0)?;
    step.post("voucher_expired", "taken_back", message.expired.0)?;
    step.post("voucher_loss", "taken_back", message.lost.0)?;
    Ok(())
}

/// A member's debt is paid by a lot of an issuer, who owes it now.
pub(super) fn debt_paid(step: &mut Step<'_>, message: &DebtMessage) -> Done {
    let account = receivable(step.owner(), message.issuer.as_str());
    step.post(account, "shopper_receivable", message.amount.0)?;
    Ok(())
}

/// A shop settles what it owes, from its fund and else from the operator.
pub(super) fn close(step: &mut Step<'_>, report: &PeriodReport) -> Done {
    let owed: Vec<(String, Rupiah)> = step.shop().owed.iter().map(|(creditor, owed)| (creditor.clone(), *owed)).collect();
    let due: Vec<&(String, Rupiah)> = owed.iter().filter(|(_, owed)| *owed > Rupiah::ZERO).collect();
    let settled = settle(step.shop().fund.balance, &due.iter().map(|(_, owed)| *owed).collect::<Vec<_>>())?;
    let issuer = Name::made(step.owner().to_string());
    for ((creditor, owed), (paid, operator)) in due.into_iter().zip(settled.paid.into_iter().zip(settled.operator)) {
        take(&mut step.shop().fund.balance, paid)?;
        step.post("network_payable", "guarantee_fund", paid)?;
        step.post("network_payable", "operator_cover", operator)?;
        step.owe(creditor, owed.negated())?;
        step.tell(Fact { creditor: Some(creditor.clone()), paid: Some(paid), operator: Some(operator), ..Fact::of(FactKind::Cleared) });
        let data = ReceivedMessage { period: report.period, issuer: issuer.clone(), paid: Amount(paid), operator: Amount(operator) };
        step.send(&Sender::Shop, &Owner::shop(creditor), EventDetail::ClearingReceived(data))?;
    }
    for (creditor, owed) in owed.iter().filter(|(_, owed)| report.last && *owed < Rupiah::ZERO) {
        let amount = owed.negated();
        add(&mut step.shop().fund.balance, amount)?;
        step.post("guarantee_fund", "network_payable", amount)?;
        step.owe(creditor, amount)?;
        let data = DrawMessage { period: report.period, issuer: issuer.clone(), amount: Amount(amount) };
        step.send(&Sender::Shop, &Owner::shop(creditor), EventDetail::ClearingDraw(data))?;
    }
    let network = Owner::network(step.terms.settings.network.as_str());
    step.send(&Sender::Shop, &network, EventDetail::Closed(ClosedMessage { period: report.period }))?;
    Ok(())
}

/// An issuer has paid.
pub(super) fn received(step: &mut Step<'_>, message: &ReceivedMessage) -> Done {
    step.post("cash", "network_receivable", message.paid.0)?;
    step.post("cash", "network_receivable", message.operator.0)?;
    Ok(())
}

/// The shop pays an issuer back what was undone after a close.
pub(super) fn drawn(step: &mut Step<'_>, message: &DrawMessage) -> Done {
    step.post("network_receivable", "cash", message.amount.0)?;
    Ok(())
}

/// A shop has closed a period.
pub(super) fn closed(step: &mut Step<'_>) {
    let shop = step.event.source.as_str().trim_start_matches("shop/").to_string();
    let period = step.states.period.get_or_insert_default();
    if !period.shops.contains(&shop) {
        period.shops.push(shop);
        ascending(&mut period.shops);
    }
}
