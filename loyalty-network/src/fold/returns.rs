//! Return, exchange and void: money first, then claims, then what is kept of the award (AW-8).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::event::{ClaimForm, EventDetail, ExchangeReport, ReturnReport, ReturnedLine, ReverseMessage, VoidReport};
use super::fact::{Fact, FactKind};
use super::name::{ClaimName, Id, Name, Owner};
use super::sale::{counters_of, expense, keep_counters, share_of};
use super::state::{EarlyReturn, GroupInState, add, take};
use super::step::{Done, Step};
use super::{goods, tender};
use loyalty_rules::api::wire::{Amount, Path, Refusal};
use loyalty_rules::award::{Added, Earning, Issued, Kept};
use loyalty_rules::calendar::Date;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::funding::take_back;
use loyalty_rules::quantity::{Count, Rupiah};

/// Goods come back.
pub(super) fn goods_back(step: &mut Step<'_>, report: &ReturnReport) -> Done {
    let back =
        EarlyReturn { back: report.returned.back.clone(), amount: report.returned.amount.map(|amount| amount.0), ..EarlyReturn::default() };
    come_back(step, &report.of, report.of_day, back)
}

/// Goods come back for others.
pub(super) fn exchange(step: &mut Step<'_>, report: &ExchangeReport) -> Done {
    let back = EarlyReturn {
        back: report.returned.back.clone(),
        amount: report.returned.amount.map(|amount| amount.0),
        out: report.goods.total()?,
        whole: false,
    };
    come_back(step, &report.of, report.of_day, back)
}

/// A sale is undone as a whole.
pub(super) fn void(step: &mut Step<'_>, report: &VoidReport) -> Done {
    step.sale().voided = true;
    come_back(step, &report.of, report.of_day, EarlyReturn { whole: true, ..EarlyReturn::default() })
}

fn come_back(step: &mut Step<'_>, of: &Id, of_day: Date, back: EarlyReturn) -> Done {
    if step.sale().sold {
        return give_back(step, of, of_day, &back);
    }
    step.sale().early.push(back);
    Ok(())
}

/// Gives back what a return, an exchange or a void takes back of the sale in the states.
pub(super) fn give_back(step: &mut Step<'_>, id: &Id, of_day: Date, back: &EarlyReturn) -> Done {
    let worth = worth(step, back)?;
    let sale = step.sale();
    let left = sale.total.left_after(sale.back);
    let returned = if worth < left { worth } else { left };
    let above = worth.left_after(returned);
    if !above.is_zero() {
        add(&mut step.sale().above, above)?;
        step.tell(Fact::sale(FactKind::Suspense, id.as_str(), above));
    }
    let new_purchase = back.out.left_after(returned);
    if !new_purchase.is_zero() {
        step.tell(Fact::sale(FactKind::NewPurchase, id.as_str(), new_purchase));
    }
    let amount = returned.left_after(back.out);
    let sale = step.sale();
    let money = amount.min(sale.money.left_after(sale.back_money));
    add(&mut sale.back, amount)?;
    add(&mut sale.back_money, money)?;
    let is_whole = sale.back == sale.total && !amount.is_zero();
    give_back_claims(step, id, amount.left_after(money))?;
    take_back_award(step, id, of_day, amount, is_whole)
}

/// What comes back is worth, at the prices of the sale.
fn worth(step: &mut Step<'_>, back: &EarlyReturn) -> Result<Rupiah, Error> {
    if back.whole {
        let sale = step.sale();
        return Ok(sale.total.left_after(sale.back));
    }
    if let Some(amount) = back.amount {
        return Ok(amount);
    }
    let mut worth = Rupiah::ZERO;
    for ReturnedLine { line, quantity_milli } in back.back.iter().flatten() {
        let place = usize::try_from(line.get()).unwrap_or(usize::MAX);
        let Some(sold) = step.sale().lines.get_mut(place) else { continue };
        let left = |back: Count| Count::new(sold.quantity_milli.get().saturating_sub(back.get()).max(0));
        let before = share_of(sold.amount, left(sold.back_milli)?, sold.quantity_milli);
        let all = Count::new(sold.back_milli.get().saturating_add(quantity_milli.0.get()))?;
        let excess = Count::new(all.get().saturating_sub(sold.quantity_milli.get()).max(0))?;
        let after = share_of(sold.amount, left(all)?, sold.quantity_milli);
        add(&mut worth, before.left_after(after))?;
        add(&mut worth, share_of(sold.amount, excess, sold.quantity_milli))?;
        sold.back_milli = all.min(sold.quantity_milli);
    }
    Ok(worth)
}

/// Lost tenders are made whole, then claims are given back in their order.
fn give_back_claims(step: &mut Step<'_>, id: &Id, amount: Rupiah) -> Done {
    let mut rest = amount;
    let mut order: Vec<(Count, String)> = step.sale().tenders.iter().map(|(of, tender)| (tender.order, of.clone())).collect();
    loyalty_rules::sort::ascending(&mut order);
    for (_, of) in &order {
        let Some(tender) = step.sale().tenders.get_mut(of) else { continue };
        let whole = rest.min(tender.lost);
        take(&mut tender.lost, whole)?;
        take(&mut rest, whole)?;
        step.post("sales", "tender_lost", whole)?;
    }
    for (_, of) in &order {
        let Some(tender) = step.sale().tenders.get_mut(of) else { continue };
        let back = rest.min(tender.want);
        take(&mut tender.want, back)?;
        take(&mut rest, back)?;
        step.post("sales", "voucher_tender", back)?;
        tender::settle(step, id, of)?;
    }
    Ok(())
}

/// Takes back what is no longer kept of the award.
pub(super) fn take_back_award(step: &mut Step<'_>, id: &Id, of_day: Date, amount: Rupiah, is_whole: bool) -> Done {
    let (kept, reason) = kept(step)?;
    let sale = step.sale();
    let taken = sale.kept.left_after(kept);
    sale.kept = kept;
    step.tell(Fact {
        kept: Some(kept),
        taken_back: Some(taken),
        reason: Some(reason.name().into()),
        ..Fact::sale(FactKind::Returned, id.as_str(), amount)
    });
    let sale = step.sale();
    let parts = if taken.is_zero() { Vec::new() } else { take_back(&sale.parts, taken)? };
    let parties = sale.parties.clone();
    for (left, part) in sale.parts.iter_mut().zip(&parts) {
        take(left, *part)?;
    }
    for (party, part) in parties.iter().zip(&parts) {
        let account = expense(party, &step.terms.settings.retailer);
        step.post("taken_back", account, *part)?;
    }
    give_back_counters(step, of_day, taken, kept);
    match step.sale().form {
        Some(ClaimForm::Lot) => reverse_lot(step, id, taken, is_whole),
        Some(ClaimForm::Voucher) => {
            reverse_voucher(step, id, taken)?;
            reverse_lot(step, id, Rupiah::ZERO, is_whole)
        }
        None => Ok(()),
    }
}

/// What is kept of the award after everything that came back, and why.
fn kept(step: &mut Step<'_>) -> Result<(Rupiah, Kept), Refusal> {
    let sale = step.sale().clone();
    if sale.issued.is_zero() {
        return Ok((Rupiah::ZERO, if sale.back == sale.total { Kept::FullyRefunded } else { Kept::Kept }));
    }
    // What vouchers paid counts where the program counts it.
    let refunded = if sale.base == sale.total { sale.back } else { sale.back_money };
    if sale.printed {
        let all = sale.total;
        let rest = Count::new(all.left_after(sale.back).get())?;
        let kept = if sale.back.is_zero() { sale.issued } else { share_of(sale.issued, rest, Count::new(all.get())?) };
        let is_all_back = !all.is_zero() && sale.back == all;
        return Ok((kept.min(sale.kept), if is_all_back { Kept::FullyRefunded } else { Kept::Kept }));
    }
    let hash = sale.program.as_deref().unwrap_or_default();
    let program = step.terms.pinned(hash).ok_or_else(|| Refusal::at(Fault::Missing, &Path::Root.key("programs")))?;
    let terms = program.program.terms();
    let issued = |group: &GroupInState| {
        let mut issued = Issued::new(group.base, group.rate_bp, terms.rounding)?;
        (issued.total, issued.value, issued.quota) = (sale.total, group.value, sale.quota);
        (issued.below_quota, issued.standby) = (terms.below_quota, sale.standby_bp);
        let of_group =
            program.offers.as_ref().zip(group.offer).and_then(|(offers, place)| offers.program(usize::try_from(place.get()).ok()?));
        let points = of_group.unwrap_or(&program.program).terms().points.filter(|_| group.by_steps);
        issued.earning = points.map(|points| Earning { terms: points, point_value: terms.point_value, carried: sale.carried });
        Ok(issued)
    };
    let is_untouched = if sale.groups.is_empty() { refunded.is_zero() } else { sale.back.is_zero() };
    if is_untouched {
        return Ok((sale.kept, Kept::Kept));
    }
    let (kept, reason) = if sale.groups.is_empty() {
        let all =
            GroupInState { base: sale.base, rate_bp: sale.rate_bp, value: sale.issued, by_steps: sale.by_steps, ..GroupInState::default() };
        let remainder = issued(&all)?.keep(refunded)?;
        (remainder.kept, remainder.reason)
    } else {
        goods::kept(&sale, issued)?
    };
    Ok((kept.min(sale.kept), reason))
}

/// Gives the day's budgets back what was taken back, if the program says so.
fn give_back_counters(step: &mut Step<'_>, of_day: Date, taken: Rupiah, kept: Rupiah) {
    let sale = step.sale().clone();
    let gives_back =
        sale.program.as_deref().and_then(|hash| step.terms.pinned(hash)).is_some_and(|pinned| pinned.program.terms().give_back);
    if !gives_back || taken.is_zero() || sale.day != Some(of_day) {
        return;
    }
    let added = Added { day: sale.day, slot: sale.slot, takes_place: sale.place, ..Added::default() };
    let counters = counters_of(step, of_day).given_back(&added, [taken; 2], kept.is_zero());
    keep_counters(step, &counters);
}

/// Asks the account for what is taken back.
fn reverse_lot(step: &mut Step<'_>, id: &Id, taken: Rupiah, is_whole: bool) -> Done {
    let Some(member) = step.sale().member.clone() else { return Ok(()) };
    if taken.is_zero() && !is_whole {
        return Ok(());
    }
    let sold_at = step.sale().time.unwrap_or(step.now());
    let data = ReverseMessage {
        lot: ClaimName::of(step.owner(), id.as_str()),
        amount: Amount(taken),
        creditor: Name::made(step.owner().to_string()),
        sale: id.clone(),
        sold_at,
        purchase: is_whole,
    };
    step.send(&step.of_sale(id), &Owner::account(member.as_str()), EventDetail::ClaimReverse(data))?;
    Ok(())
}

/// Takes back of a voucher: what is open, then what was used, then what expired.
fn reverse_voucher(step: &mut Step<'_>, id: &Id, taken: Rupiah) -> Done {
    let name = ClaimName::of(step.owner(), id.as_str());
    let Some(voucher) = step.states.vouchers.get_mut(&name.key()).filter(|_| !taken.is_zero()) else { return Ok(()) };
    let free = taken.min(voucher.open());
    let used = voucher.used.checked_add(voucher.held)?.left_after(voucher.lost);
    let lost = taken.left_after(free).min(used);
    let expired = taken.left_after(free).left_after(lost);
    add(&mut voucher.taken, free)?;
    add(&mut voucher.lost, lost)?;
    step.post("voucher_liability", "taken_back", free)?;
    step.post("voucher_loss", "taken_back", lost)?;
    step.post("voucher_expired", "taken_back", expired)?;
    take(&mut step.shop().reserved, free)?;
    step.tell(Fact {
        claim: Some(name.as_str().into()),
        free: Some(free),
        debt: Some(Rupiah::ZERO),
        expired: Some(expired),
        lost: Some(lost),
        ..Fact::of(FactKind::Reversal)
    });
    Ok(())
}
