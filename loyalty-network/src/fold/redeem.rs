//! Claims at their owner: a request to pay is judged, and takes what pays.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::account::{take_of, usable};
use super::event::{ClaimPurchase, PointsRequest, ReserveRequest, UsedMessage, VoucherRequest};
use super::fact::{Fact, FactKind};
use super::name::{ClaimName, ClaimOwner, Id, OwnerKind};
use super::state::{MOST_PARTS, PartInState, RedemptionState, add, take};
use super::step::{Done, Sender, Step};
use super::tender::{Answer, answer};
use loyalty_rules::calendar::{CivilTime, Month};
use loyalty_rules::error::Error;
use loyalty_rules::ledger::voucher::{MonthCounters, Payable, RedeemLimits, RedeemReason, Redeemable, redeem};
use loyalty_rules::quantity::{Count, Rupiah};

/// A request to pay with a claim, whatever the claim is.
pub(super) struct Payment<'a> {
    pub(super) id: &'a Id,
    pub(super) owner: ClaimOwner,
    pub(super) purchase: &'a ClaimPurchase,
    pub(super) amount: Option<Rupiah>,
    /// Until when it is kept, if it does not pay at once.
    pub(super) deadline: Option<CivilTime>,
}

impl Payment<'_> {
    /// The claim that the sale gives. It cannot pay the sale, which would then give less than it took.
    fn own_award(&self) -> ClaimName {
        ClaimName::of(self.purchase.shop.as_str(), self.purchase.sale.as_str())
    }
}

/// A voucher is to pay.
pub(super) fn voucher(step: &mut Step<'_>, request: &VoucherRequest) -> Done {
    let payment = Payment {
        id: &step.event.id,
        owner: ClaimOwner::of_voucher(&request.voucher),
        purchase: &request.purchase,
        amount: request.amount.map(|amount| amount.0),
        deadline: None,
    };
    pay(step, &payment)
}

/// Points are to pay.
pub(super) fn points(step: &mut Step<'_>, request: &PointsRequest) -> Done {
    let payment = Payment {
        id: &step.event.id,
        owner: ClaimOwner::of_account(step.owner()),
        purchase: &request.purchase,
        amount: Some(request.amount.0),
        deadline: None,
    };
    pay(step, &payment)
}

/// A claim is kept for a payment.
pub(super) fn reserve(step: &mut Step<'_>, request: &ReserveRequest) -> Done {
    let owner = request.voucher.as_ref().map_or_else(|| ClaimOwner::of_account(step.owner()), ClaimOwner::of_voucher);
    let payment = Payment {
        id: &step.event.id,
        owner,
        purchase: &request.purchase,
        amount: request.amount.map(|amount| amount.0),
        deadline: Some(request.deadline),
    };
    pay(step, &payment)
}

fn pay(step: &mut Step<'_>, payment: &Payment<'_>) -> Done {
    if let Some(redemption) = &step.states.redemption {
        if !redemption.undone_before {
            // A request that waited and whose redemption has ended was ended at its deadline; its acceptor knows.
            let ended = redemption.ended && step.states.seen.is_some();
            step.refuse(if ended { "deadline" } else { "id_used" });
            return Ok(());
        }
        return refuse(step, payment, Fact::refused("undone_before"));
    }
    let now = step.now();
    let is_late = payment.purchase.valid_until.is_some_and(|until| now.nanos_since(&until) > 0);
    if is_late || payment.deadline.is_some_and(|deadline| now.nanos_since(&deadline) > 0) {
        return refuse(step, payment, Fact::refused("deadline"));
    }
    if payment.owner.voucher().is_some_and(|name| name == payment.own_award()) {
        return refuse(step, payment, Fact::refused("own_sale"));
    }
    let Some((lots, expires)) = usable_claims(step, payment) else {
        return wait_or_refuse(step, payment);
    };
    let open = lots.iter().try_fold(Rupiah::ZERO, |sum, (_, open)| sum.checked_add(*open))?;
    if payment.owner.account().is_some() && payment.amount.is_some_and(|amount| amount > open) {
        let missing = payment.amount.unwrap_or_default().left_after(open);
        return refuse(step, payment, Fact { missing_milli: Some(Count::new(missing.get())?), ..Fact::refused("insufficient") });
    }
    let amount = match judge(step, payment, open, expires)? {
        Ok(amount) => amount,
        Err(reason) => return refuse(step, payment, Fact::refused(reason.name())),
    };
    take_claims(step, payment, &take_of(&lots, amount), amount)
}

/// What can pay of each claim, and when the voucher expires.
type Usable = (Vec<(String, Rupiah)>, Option<CivilTime>);

/// The claims that can pay; none if the voucher has not come.
fn usable_claims(step: &mut Step<'_>, payment: &Payment<'_>) -> Option<Usable> {
    let Some(name) = payment.owner.voucher() else {
        let at = step.now();
        let own = payment.own_award();
        let mut lots = usable(step.account(), &at);
        lots.retain(|(lot, _)| lot != own.as_str());
        lots.truncate(MOST_PARTS);
        return Some((lots, None));
    };
    let voucher = step.states.vouchers.get(&name.key()).filter(|voucher| voucher.issued);
    voucher.map(|voucher| (alloc::vec![(name.as_str().to_string(), voucher.open())], voucher.expires))
}

/// A voucher that has not come: the request waits if it may.
fn wait_or_refuse(step: &mut Step<'_>, payment: &Payment<'_>) -> Done {
    let Some(name) = payment.owner.voucher() else { return Ok(()) };
    if payment.purchase.valid_until.is_none() && payment.deadline.is_none() {
        return refuse(step, payment, Fact::refused("unknown_voucher"));
    }
    let event = step.event.clone();
    let is_this = |waiting: &super::event::Event| (&waiting.source, &waiting.id) == (&event.source, &event.id);
    let waiting = &mut step.voucher(&name).waiting;
    if !waiting.iter().any(is_this) {
        waiting.push(event.clone());
    }
    step.waits = true;
    step.tell(Fact { on: Some(name.key()), since: Some(event.time.0), ..Fact::of(FactKind::Waiting) });
    Ok(())
}

/// What the claims pay by the program's limits, or why they do not (VC-4 … VC-7).
fn judge(
    step: &mut Step<'_>,
    payment: &Payment<'_>,
    open: Rupiah,
    expires: Option<CivilTime>,
) -> Result<Result<Rupiah, RedeemReason>, Error> {
    let program = step.program().map(|program| program.program.terms());
    let uses = uses(step, payment);
    let is_account = payment.owner.account().is_some();
    let voucher = payment.owner.voucher().and_then(|name| step.states.vouchers.get(&name.key()));
    let redeemed = voucher.map_or(Rupiah::ZERO, |voucher| voucher.used);
    let single_use = program.is_some_and(|terms| terms.single_use) && !is_account;
    let claim = Redeemable { value: open.checked_add(redeemed)?, redeemed, valid_from: None, expires, single_use };
    let (purchase, left) = (payment.purchase.purchase.0, payment.purchase.left_to_pay.0);
    let payable = Payable { purchase, left, by_vouchers: purchase.left_after(left) };
    let limits = program.map_or_else(RedeemLimits::default, |terms| RedeemLimits {
        min_purchase: terms.min_redeem_purchase,
        program: terms.redemptions_per_month.filter(|_| !is_account),
        shopper: terms.redemptions_per_month_shopper.filter(|_| is_account),
        max_share: terms.max_share,
    });
    let counters = MonthCounters { month: None, program: uses, shopper: uses };
    let redeemed = redeem(&claim, &payable, payment.amount, &step.now(), &limits, &counters)?;
    if redeemed.reason != RedeemReason::Redeemed {
        return Ok(Err(redeemed.reason));
    }
    if let Some(name) = payment.owner.voucher().filter(|_| !redeemed.forfeited.is_zero()) {
        expire_of_voucher(step, &name, redeemed.forfeited)?;
    }
    Ok(Ok(redeemed.amount))
}

/// Books a part of a voucher as expired.
pub(super) fn expire_of_voucher(step: &mut Step<'_>, name: &ClaimName, amount: Rupiah) -> Result<(), Error> {
    add(&mut step.voucher(name).expired, amount)?;
    take(&mut step.shop().reserved, amount)?;
    step.post("voucher_liability", "voucher_expired", amount)?;
    step.tell(Fact::claim(FactKind::Expired, name.as_str(), amount));
    Ok(())
}

/// The redemptions of the payment's month.
fn uses(step: &mut Step<'_>, payment: &Payment<'_>) -> Count {
    if payment.owner.account().is_some() {
        let month = payment.purchase.month.to_string();
        return step.account().uses.get(&month).copied().unwrap_or_default();
    }
    step.month().uses
}

/// Counts a redemption in its month, or gives it back.
pub(super) fn count_use(step: &mut Step<'_>, owner: &ClaimOwner, month: Month, is_given_back: bool) -> Result<(), Error> {
    let change = |uses: Count| if is_given_back { Ok(uses.less(1)) } else { uses.succ() };
    if owner.account().is_some() {
        let uses = &mut step.account().uses;
        let count = change(uses.get(&month.to_string()).copied().unwrap_or_default())?;
        if count == Count::ZERO {
            uses.remove(&month.to_string());
        } else {
            uses.insert(month.to_string(), count);
        }
        return Ok(());
    }
    let state = step.month();
    state.uses = change(state.uses)?;
    Ok(())
}

/// Refuses a payment, and tells its acceptor.
pub(super) fn refuse(step: &mut Step<'_>, payment: &Payment<'_>, fact: Fact) -> Done {
    step.tell(fact);
    let ClaimPurchase { shop, sale, month, .. } = payment.purchase;
    let is_undone_before = step.states.redemption.is_some();
    let redemption = step.redemption();
    if !is_undone_before {
        (redemption.shop, redemption.sale) = (shop.as_str().to_string(), sale.as_str().to_string());
        (redemption.month, redemption.ended) = (Some(*month), true);
    }
    let told = Answer {
        redemption: payment.id,
        sale,
        owner: payment.owner.clone(),
        acceptor: shop.as_str(),
        month: *month,
        parts: Vec::new(),
        grant: Some(false),
        asked: Rupiah::ZERO,
        whole: false,
    };
    answer(step, &sender(&payment.owner), told)?;
    Ok(())
}

/// Who numbers the messages of a claim's owner.
pub(super) fn sender(owner: &ClaimOwner) -> Sender {
    if owner.account().is_some() { Sender::Account } else { Sender::Shop }
}

/// Takes what pays of the claims, or keeps it until its deadline.
fn take_claims(step: &mut Step<'_>, payment: &Payment<'_>, taken: &[(String, Rupiah)], amount: Rupiah) -> Done {
    let ClaimPurchase { shop, sale, month, .. } = payment.purchase;
    let mut parts = Vec::new();
    for (claim, part) in taken {
        let issuer = hold(step, &payment.owner, claim, *part)?;
        parts.push(PartInState { claim: claim.clone(), issuer, left: *part });
    }
    count_use(step, &payment.owner, *month, false)?;
    step.states.redemption = Some(RedemptionState {
        shop: shop.as_str().to_string(),
        sale: sale.as_str().to_string(),
        month: Some(*month),
        parts,
        amount,
        deadline: payment.deadline,
        ..RedemptionState::default()
    });
    if payment.deadline.is_some() {
        for (claim, part) in taken {
            step.tell(Fact::claim(FactKind::Reserved, claim, *part));
        }
        return Ok(());
    }
    use_held(step, payment.id, &payment.owner)
}

/// Keeps a part of a claim, and answers its issuer.
fn hold(step: &mut Step<'_>, owner: &ClaimOwner, claim: &str, part: Rupiah) -> Result<String, Error> {
    if let Some(name) = owner.voucher() {
        add(&mut step.voucher(&name).held, part)?;
        return Ok(name.issuer().to_string());
    }
    let Some(lot) = step.account().lots.get_mut(claim) else { return Ok(String::new()) };
    add(&mut lot.held, part)?;
    Ok(lot.issuer.clone())
}

/// What is kept of the redemption's claims pays: its issuers owe the acceptor.
pub(super) fn use_held(step: &mut Step<'_>, id: &Id, owner: &ClaimOwner) -> Done {
    let redemption = step.redemption();
    redemption.deadline = None;
    let RedemptionState { shop, sale, month, parts, .. } = redemption.clone();
    let mut by_issuer = alloc::collections::BTreeMap::<String, Rupiah>::new();
    for PartInState { claim, issuer, left } in &parts {
        add(by_issuer.entry(issuer.clone()).or_default(), *left)?;
        step.tell(Fact::claim(FactKind::Redeemed, claim, *left));
        if let Some(name) = owner.voucher() {
            let voucher = step.voucher(&name);
            take(&mut voucher.held, *left)?;
            add(&mut voucher.used, *left)?;
            owe_use(step, &shop, *left)?;
            continue;
        }
        if let Some(lot) = step.account().lots.get_mut(claim) {
            take(&mut lot.held, *left)?;
            add(&mut lot.used, *left)?;
        }
        step.note_used(issuer, &shop, *left)?;
    }
    step.send_noted()?;
    let told = Answer {
        redemption: id,
        sale: &Id::made(sale),
        owner: owner.clone(),
        acceptor: &shop,
        month: month.unwrap_or_else(|| Month::of(step.now().date())),
        parts: by_issuer.into_iter().collect(),
        grant: Some(true),
        asked: Rupiah::ZERO,
        whole: false,
    };
    answer(step, &sender(owner), told)?;
    Ok(())
}

/// A shop's claims were used: it owes the acceptor, and reserves them no longer.
pub(super) fn owe_use(step: &mut Step<'_>, acceptor: &str, amount: Rupiah) -> Result<(), Error> {
    take(&mut step.shop().reserved, amount)?;
    owe(step, acceptor, "voucher_liability", amount)
}

/// The shop owes an acceptor, at the cost of an account; a negative amount is given back.
pub(super) fn owe(step: &mut Step<'_>, acceptor: &str, account: &'static str, amount: Rupiah) -> Result<(), Error> {
    if acceptor == step.owner() {
        return step.post(account, "own_use", amount);
    }
    step.post(account, "network_payable", amount)?;
    step.owe(acceptor, amount)
}

/// Points were accepted offline: they pay what they can, whatever the limits say, because it has happened.
fn accepted_points(step: &mut Step<'_>, message: &UsedMessage) -> Done {
    let (Some(id), Some(sale), Some(month)) = (&message.redemption, &message.sale, message.month) else { return Ok(()) };
    let (shop, left_to_pay) = (message.acceptor.clone(), message.amount);
    let purchase = ClaimPurchase { shop, sale: sale.clone(), purchase: left_to_pay, left_to_pay, month, valid_until: None, proof: None };
    let owner = ClaimOwner::of_account(step.owner());
    let payment = Payment { id, owner, purchase: &purchase, amount: Some(message.amount.0), deadline: None };
    if let Some(redemption) = &step.states.redemption {
        if redemption.undone_before {
            return refuse(step, &payment, Fact::refused("undone_before"));
        }
        step.refuse("id_used");
        return Ok(());
    }
    let (lots, _) = usable_claims(step, &payment).unwrap_or_default();
    let taken = take_of(&lots, message.amount.0);
    let amount = taken.iter().try_fold(Rupiah::ZERO, |sum, (_, part)| sum.checked_add(*part))?;
    let missing = message.amount.0.left_after(amount);
    let told = Fact { missing_milli: Some(Count::new(missing.get())?), ..Fact::refused("insufficient") };
    if taken.is_empty() {
        return refuse(step, &payment, told);
    }
    if !missing.is_zero() {
        step.tell(told);
    }
    take_claims(step, &payment, &taken, amount)
}

/// Claims of the shop were used elsewhere; of a voucher that was accepted offline the shop covers what it is not worth.
pub(super) fn used(step: &mut Step<'_>, message: &UsedMessage) -> Done {
    let (acceptor, amount) = (message.acceptor.as_str(), message.amount.0);
    if step.event.subject.kind() == OwnerKind::Account {
        return accepted_points(step, message);
    }
    let Some(name) = &message.voucher else {
        owe_use(step, acceptor, amount)?;
        return Ok(());
    };
    let voucher = step.voucher(name);
    let covered = amount.min(voucher.open());
    add(&mut voucher.used, covered)?;
    add(&mut voucher.overdrawn, amount.left_after(covered))?;
    owe_use(step, acceptor, covered)?;
    owe(step, acceptor, "voucher_loss", amount.left_after(covered))?;
    step.tell(Fact::claim(FactKind::Redeemed, name.as_str(), amount));
    let part = PartInState { claim: name.as_str().to_string(), issuer: name.issuer().to_string(), left: amount };
    step.states.redemption = Some(RedemptionState {
        shop: acceptor.to_string(),
        sale: message.sale.as_ref().map(|sale| sale.as_str().to_string()).unwrap_or_default(),
        month: message.month,
        parts: alloc::vec![part],
        amount,
        ..RedemptionState::default()
    });
    if let Some(month) = message.month {
        count_use(step, &ClaimOwner::of_voucher(name), month, false)?;
    }
    Ok(())
}
