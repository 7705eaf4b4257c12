//! A redemption is undone at its claim's owner, in whole or in part (NW-9).

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::account::{self, pay_debts};
use super::event::{ReservedRequest, UndoMessage};
use super::fact::{Fact, FactKind};
use super::name::{ClaimName, ClaimOwner};
use super::redeem::{count_use, owe, sender};
use super::reserved::{is_kept, release_held};
use super::sale::send_due;
use super::state::{add, take};
use super::step::{Done, Step};
use super::tender::{Answer, answer};
use loyalty_rules::api::wire::Refusal;
use loyalty_rules::calendar::{CivilTime, Validity};
use loyalty_rules::error::Error;
use loyalty_rules::quantity::Rupiah;

/// A redemption is undone, in whole or in part; one that has not come is remembered.
pub(super) fn undo(step: &mut Step<'_>, message: &UndoMessage) -> Done {
    let UndoMessage { redemption: id, owner, shop, sale, of_month, amount } = message;
    let asked = amount.map_or(Rupiah::ZERO, |amount| amount.0);
    let whole = amount.is_none();
    if step.states.redemption.as_ref().is_some_and(is_kept) {
        let request = ReservedRequest { redemption: id.clone(), owner: owner.clone(), shop: shop.clone(), month: *of_month };
        return release_held(step, &request, asked, whole);
    }
    let is_known = step.states.redemption.is_some();
    let mut parts = Vec::new();
    if is_known {
        let redemption = step.redemption();
        let left = if redemption.ended { Rupiah::ZERO } else { redemption.amount.left_after(redemption.undone) };
        let back = amount.map_or(left, |amount| amount.0.min(left));
        if !back.is_zero() {
            parts = restore(step, owner, shop.as_str(), back)?;
            let redemption = step.redemption();
            if redemption.undone == redemption.amount {
                count_use(step, owner, *of_month, true)?;
            }
        }
    } else {
        let redemption = step.redemption();
        redemption.undone_before = true;
        (redemption.shop, redemption.sale) = (shop.as_str().to_string(), sale.as_str().to_string());
    }
    let told = Answer {
        redemption: id,
        sale,
        owner: owner.clone(),
        acceptor: shop.as_str(),
        month: *of_month,
        parts,
        grant: (!is_known).then_some(false),
        asked,
        whole,
    };
    answer(step, &sender(owner), told)?;
    Ok(())
}

/// Restores an amount into the claims of the redemption, the last taken first; what each issuer no longer owes.
fn restore(step: &mut Step<'_>, owner: &ClaimOwner, acceptor: &str, amount: Rupiah) -> Result<Vec<(String, Rupiah)>, Refusal> {
    let mut rest = amount;
    let (mut came, mut by_issuer) = (Vec::new(), BTreeMap::<String, Rupiah>::new());
    let mut parts = step.redemption().parts.clone();
    for part in parts.iter_mut().rev() {
        let back = rest.min(part.left);
        if back.is_zero() {
            continue;
        }
        take(&mut part.left, back)?;
        take(&mut rest, back)?;
        take(by_issuer.entry(part.issuer.clone()).or_default(), back)?;
        step.tell(Fact::claim(FactKind::Undone, &part.claim, back));
        if let Some(name) = owner.voucher() {
            restore_voucher(step, &name, acceptor, back)?;
        } else {
            account::put_back(step, &part.claim, &part.issuer, back)?;
            step.note_unused(&part.issuer, acceptor, back)?;
            came.push((part.claim.clone(), back));
        }
    }
    grant_grace(step, owner, &came)?;
    let redemption = step.redemption();
    redemption.parts = parts;
    add(&mut redemption.undone, amount.left_after(rest))?;
    settle_back(step, owner, &came)?;
    Ok(by_issuer.into_iter().collect())
}

/// What came back can be used until the program's days of grace are over, even past its expiry (VC-5).
fn grant_grace(step: &mut Step<'_>, owner: &ClaimOwner, came: &[(String, Rupiah)]) -> Result<(), Error> {
    let Some(terms) = step.program().map(|program| program.program.terms()) else { return Ok(()) };
    let Some(days) = terms.grace_days else { return Ok(()) };
    let until = Validity::Days(days).expires(&step.now().at_offset_of(terms.utc_offset)?)?;
    let extend = |expires: &mut Option<CivilTime>| {
        if let Some(expires) = expires.as_mut().filter(|expires| until.nanos_since(expires) > 0) {
            *expires = until;
        }
    };
    if let Some(name) = owner.voucher() {
        extend(&mut step.voucher(&name).expires);
    }
    for (lot, _) in came {
        if let Some(state) = step.account().lots.get_mut(lot) {
            extend(&mut state.expires);
        }
    }
    Ok(())
}

/// Restores an amount into a voucher: what was accepted above it and what was lost comes first.
fn restore_voucher(step: &mut Step<'_>, name: &ClaimName, acceptor: &str, amount: Rupiah) -> Result<(), Error> {
    let voucher = step.voucher(name);
    let above = amount.min(voucher.overdrawn);
    take(&mut voucher.overdrawn, above)?;
    let back = amount.left_after(above);
    let lost = back.min(voucher.lost);
    take(&mut voucher.lost, lost)?;
    take(&mut voucher.used, back)?;
    add(&mut voucher.taken, lost)?;
    let open = back.left_after(lost);
    owe(step, acceptor, "voucher_loss", above.checked_add(lost)?.negated())?;
    owe(step, acceptor, "voucher_liability", open.negated())?;
    add(&mut step.shop().reserved, open)
}

/// After claims came back: a voucher is due again, debts are paid from lots.
pub(super) fn settle_back(step: &mut Step<'_>, owner: &ClaimOwner, came: &[(String, Rupiah)]) -> Done {
    if let Some(name) = owner.voucher() {
        cover_lost(step, &name)?;
        let voucher = step.voucher(&name);
        let expires = voucher.expires.filter(|_| !voucher.open().is_zero());
        return expires.map_or(Ok(()), |expires| send_due(step, &name, &expires));
    }
    pay_debts(step, came)?;
    step.send_noted()?;
    Ok(())
}

/// A loss that was counted on what a reservation kept is none once that is free again: it is taken back.
fn cover_lost(step: &mut Step<'_>, name: &ClaimName) -> Result<(), Error> {
    let voucher = step.voucher(name);
    let back = voucher.lost.left_after(voucher.used.checked_add(voucher.held)?);
    take(&mut voucher.lost, back)?;
    add(&mut voucher.taken, back)?;
    take(&mut step.shop().reserved, back)?;
    step.post("voucher_liability", "voucher_loss", back)
}
