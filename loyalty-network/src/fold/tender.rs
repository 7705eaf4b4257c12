//! What redemptions pay, at their acceptor: tenders come, sales count on them, and what does not fit is undone or lost.

use alloc::string::ToString;

use super::event::{AcceptReport, EventDetail, TenderMessage, UndoAskRequest, UndoMessage, UsedMessage};
use super::fact::{Fact, FactKind};
use super::name::{ClaimOwner, Id, Name, Owner};
use super::state::{MOST_PARTS, add, take};
use super::step::{Done, Step};
use crate::fault::Faults as _;
use loyalty_rules::api::wire::Amount;
use loyalty_rules::calendar::Month;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::Rupiah;

/// The account of what an issuer owes: what a shop owes itself is no claim on another.
pub(super) fn receivable(owner: &str, issuer: &str) -> &'static str {
    if owner == issuer { "own_use" } else { "network_receivable" }
}

/// A tender comes: what a redemption pays, or what an undo took of it.
pub(super) fn come(step: &mut Step<'_>, message: &TenderMessage) -> Done {
    if message.parts.len() > MOST_PARTS {
        return Err(Fault::AnswerTooLarge.error().at("event.data.parts").into());
    }
    let mut sum = Rupiah::ZERO;
    for part in &message.parts {
        add(&mut sum, part.amount)?;
        let account = receivable(step.owner(), part.issuer.as_str());
        step.post(account, "voucher_tender", part.amount)?;
    }
    let tender = step.sale().tenders.entry(message.red.as_str().to_string()).or_default();
    tender.owner = message.owner.clone();
    tender.month = Some(message.month);
    // What an offline till accepted stays granted, though its issuer may not know of it yet.
    tender.granted = tender.granted.filter(|granted| *granted).or(message.grant).or(tender.granted);
    add(&mut tender.amount, sum)?;
    take(&mut tender.asked, message.asked.0)?;
    tender.whole &= !message.whole;
    settle(step, &message.sale, message.red.as_str())
}

/// Brings a tender and its sale together: what is above is undone, what is missing is lost.
pub(super) fn settle(step: &mut Step<'_>, sale: &Id, redemption: &str) -> Done {
    let is_sold = step.sale().sold;
    let Some(tender) = step.sale().tenders.get_mut(redemption) else { return Ok(()) };
    let (mut surplus, mut loss) = (Rupiah::ZERO, Rupiah::ZERO);
    if is_sold && tender.granted.is_some() && !tender.whole {
        surplus = tender.amount.left_after(tender.asked).left_after(tender.want);
        if tender.asked.is_zero() {
            loss = tender.want.left_after(tender.amount);
        }
        add(&mut tender.asked, surplus)?;
        take(&mut tender.want, loss)?;
        add(&mut tender.lost, loss)?;
    }
    tender.bound = if is_sold { tender.want.min(tender.amount.left_after(tender.asked)).max(Rupiah::ZERO) } else { Rupiah::ZERO };
    let (owner, month) = (tender.owner.clone(), tender.month);
    if !loss.is_zero() {
        step.post("tender_lost", "voucher_tender", loss)?;
        let fact = Fact { redemption: Some(redemption.into()), amount: Some(loss), ..Fact::of(FactKind::TenderLost) };
        step.tell(fact);
    }
    if !surplus.is_zero() {
        ask_undo(step, sale, redemption, &owner, month, Some(surplus))?;
    }
    Ok(())
}

/// Asks the owner of a claim to undo a redemption.
fn ask_undo(step: &mut Step<'_>, sale: &Id, redemption: &str, owner: &ClaimOwner, month: Option<Month>, amount: Option<Rupiah>) -> Done {
    let data = UndoMessage {
        redemption: Id::made(redemption.to_string()),
        owner: owner.clone(),
        shop: Name::made(step.owner().to_string()),
        sale: sale.clone(),
        of_month: month.unwrap_or_else(|| Month::of(step.now().date())),
        amount: amount.map(Amount),
    };
    step.send(&step.of_sale(sale), &owner.subject(), EventDetail::Undo(data))?;
    Ok(())
}

/// A redemption is to be undone before its sale.
pub(super) fn undo_asked(step: &mut Step<'_>, request: &UndoAskRequest) -> Done {
    if step.sale().sold {
        step.refuse("sale_stands");
        return Ok(());
    }
    let redemption = request.redemption.of.as_str();
    let tender = step.sale().tenders.entry(redemption.to_string()).or_default();
    tender.owner = request.redemption.owner.clone();
    let month = *tender.month.get_or_insert(request.of_month);
    match request.amount {
        Some(Amount(amount)) => add(&mut tender.asked, amount)?,
        None => tender.whole = true,
    }
    ask_undo(step, &request.sale, redemption, &request.redemption.owner, Some(month), request.amount.map(|amount| amount.0))
}

/// A claim was accepted offline. The issuer of a voucher pays its token, whatever the voucher is worth. Points pay what the
/// account has; the acceptor, whose allowance let it accept them, loses the rest.
pub(super) fn accepted(step: &mut Step<'_>, report: &AcceptReport) -> Done {
    let amount = report.amount.0;
    let id = step.event.id.as_str();
    let month = Month::of(step.now().date());
    let owner = match (&report.voucher, &report.account) {
        (Some(voucher), _) => ClaimOwner::of_voucher(voucher),
        (None, Some(account)) => ClaimOwner::of_account(account.as_str()),
        (None, None) => return Ok(()),
    };
    let tender = step.sale().tenders.entry(id.to_string()).or_default();
    tender.owner = owner.clone();
    tender.month.get_or_insert(month);
    if let Some(voucher) = &report.voucher {
        tender.granted = Some(true);
        add(&mut tender.amount, amount)?;
        let account = receivable(step.owner(), voucher.issuer());
        step.post(account, "voucher_tender", amount)?;
    }
    let used = UsedMessage {
        acceptor: Name::made(step.owner().to_string()),
        amount: Amount(amount),
        voucher: report.voucher.clone(),
        redemption: Some(step.event.id.clone()),
        sale: Some(report.sale.clone()),
        month: Some(month),
    };
    step.send(&step.of_sale(&report.sale), &owner.subject(), EventDetail::ClaimUsed(used))?;
    settle(step, &report.sale, id)
}

/// What a redemption pays at its acceptor is told there, once for each decision.
pub(super) struct Answer<'a> {
    pub(super) redemption: &'a Id,
    pub(super) sale: &'a Id,
    pub(super) owner: ClaimOwner,
    pub(super) acceptor: &'a str,
    pub(super) month: Month,
    pub(super) parts: alloc::vec::Vec<(alloc::string::String, Rupiah)>,
    pub(super) grant: Option<bool>,
    /// What an undo asked for.
    pub(super) asked: Rupiah,
    /// Whether it asked for all.
    pub(super) whole: bool,
}

/// Tells the acceptor what a redemption pays.
pub(super) fn answer(step: &mut Step<'_>, sender: &super::step::Sender, answer: Answer<'_>) -> Result<(), Error> {
    let part = |(issuer, amount)| super::event::PartOfIssuer { issuer: Name::made(issuer), amount };
    let data = TenderMessage {
        red: answer.redemption.clone(),
        sale: answer.sale.clone(),
        owner: answer.owner,
        month: answer.month,
        parts: answer.parts.into_iter().map(part).collect(),
        grant: answer.grant,
        asked: Amount(answer.asked),
        whole: answer.whole,
    };
    step.send(sender, &Owner::shop(answer.acceptor), EventDetail::Tender(data))
}
