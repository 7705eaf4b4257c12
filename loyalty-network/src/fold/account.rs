//! An account: lots come in, debts are paid, returns take back, points are transferred and expire.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::event::{
    AccountMerge, DebtIn, EarnMessage, EventDetail, LotIn, LotsMessage, MoneyReport, NowReport, OpeningReport, PointsTransfer,
    ReverseMessage, ReversedMessage,
};
use super::fact::{Fact, FactKind};
use super::name::{ClaimName, Name, Owner};
use super::quote::TakenQuote;
use super::state::{AccountState, DebtInState, EarlyReversal, LotInState, add, take};
use super::step::{Done, Sender, Step};
use loyalty_rules::api::wire::{Amount, Whole};
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Count, Rupiah};

/// A sale's award comes in.
pub(super) fn earn(step: &mut Step<'_>, message: &EarnMessage) -> Done {
    if message.purchase {
        add_purchases(step, 1)?;
    }
    let lot = LotIn { lot: message.lot.clone(), issuer: message.issuer.clone(), amount: message.amount, expires: message.expires };
    come_in(step, &[lot])
}

/// Lots come from elsewhere.
pub(super) fn lots_in(step: &mut Step<'_>, message: &LotsMessage) -> Done {
    for DebtIn { creditor, amount } in &message.debts {
        add_debt(step.account(), creditor.as_str(), amount.0)?;
    }
    add_purchases(step, message.purchases.0)?;
    come_in(step, &message.lots)
}

/// Purchases of before are brought in.
pub(super) fn opening(step: &mut Step<'_>, report: &OpeningReport) -> Done {
    add_purchases(step, report.purchases.unwrap_or_default().get())
}

fn add_purchases(step: &mut Step<'_>, more: i64) -> Done {
    let purchases = &mut step.account().purchases;
    let sum = purchases.0.checked_add(more).ok_or_else(|| Fault::ResultOutsideDomain.error())?;
    *purchases = Whole(sum);
    Ok(())
}

fn come_in(step: &mut Step<'_>, lots: &[LotIn]) -> Done {
    let earned = step.now();
    let mut came = Vec::new();
    for LotIn { lot, issuer, amount, expires } in lots {
        let account = step.account();
        let state = account.lots.entry(lot.as_str().to_string()).or_insert_with(|| LotInState::new(issuer.as_str(), earned));
        add(&mut state.value, amount.0)?;
        state.expires = expires.or(state.expires);
        came.push((lot.as_str().to_string(), amount.0));
        for early in step.account().early.remove(lot.as_str()).unwrap_or_default() {
            reverse(step, lot, early)?;
        }
    }
    pay_debts(step, &came)?;
    step.send_noted()?;
    Ok(())
}

/// Pays the debts in their order from what came into lots; at most what is open of each.
pub(super) fn pay_debts(step: &mut Step<'_>, came: &[(String, Rupiah)]) -> Result<(), Error> {
    for (lot, amount) in came {
        let mut rest = *amount;
        loop {
            let account = step.account();
            let Some(state) = account.lots.get_mut(lot) else { break };
            let Some(debt) = account.debts.first_mut() else { break };
            let paid = rest.min(state.open()).min(debt.amount);
            if paid.is_zero() {
                break;
            }
            let (issuer, creditor) = (state.issuer.clone(), debt.creditor.clone());
            add(&mut state.used, paid)?;
            take(&mut debt.amount, paid)?;
            take(&mut rest, paid)?;
            account.debts.retain(|debt| !debt.amount.is_zero());
            step.note_used(&issuer, &creditor, paid)?;
            step.note_paid(&creditor, &issuer, paid)?;
            step.tell(Fact { creditor: Some(creditor), ..Fact::claim(FactKind::DebtPaid, lot, paid) });
        }
    }
    Ok(())
}

/// A return takes back of a lot; before its lot has come it is remembered.
pub(super) fn reversal(step: &mut Step<'_>, message: &ReverseMessage) -> Done {
    let early = EarlyReversal {
        amount: message.amount.0,
        creditor: message.creditor.clone(),
        sale: message.sale.clone(),
        sold_at: message.sold_at,
        purchase: message.purchase,
    };
    reverse(step, &message.lot, early)
}

fn reverse(step: &mut Step<'_>, lot: &ClaimName, reversal: EarlyReversal) -> Done {
    let EarlyReversal { amount, creditor, sale, sold_at, purchase } = reversal.clone();
    let account = step.account();
    let Some(TakenQuote { free, debt, expired, lost }) = account.reverse(lot, amount, &sold_at)? else {
        account.early.entry(lot.as_str().to_string()).or_default().push(reversal);
        return Ok(());
    };
    add_debt(account, creditor.as_str(), debt)?;
    if purchase {
        add_purchases(step, -1)?;
    }
    step.tell(Fact {
        claim: Some(lot.as_str().into()),
        free: Some(free),
        debt: Some(debt),
        expired: Some(expired),
        lost: Some(lost),
        ..Fact::of(FactKind::Reversal)
    });
    let data = ReversedMessage { sale, free: Amount(free), debt: Amount(debt), expired: Amount(expired), lost: Amount(lost) };
    step.send(&Sender::Account, &Owner::shop(creditor.as_str()), EventDetail::ClaimReversed(data))?;
    Ok(())
}

/// Adds a debt: to what its creditor is owed already, else behind the others. So there are no more than creditors.
fn add_debt(account: &mut AccountState, creditor: &str, amount: Rupiah) -> Result<(), Error> {
    if amount.is_zero() {
        return Ok(());
    }
    if let Some(debt) = account.debts.iter_mut().find(|debt| debt.creditor == creditor) {
        return add(&mut debt.amount, amount);
    }
    account.debts.push(DebtInState { creditor: creditor.to_string(), amount });
    Ok(())
}

/// The lots that can be used at an instant, in the order in which they are (LG-4): the next to expire first, then the
/// earliest earned, then by name.
pub(super) fn usable(account: &AccountState, at: &CivilTime) -> Vec<(String, Rupiah)> {
    let instant = CivilTime::instant_nanos;
    let is_usable = |lot: &LotInState| lot.expires.is_none_or(|expires| instant(&expires) > instant(at)) && !lot.open().is_zero();
    let mut lots: Vec<(&String, &LotInState)> = account.lots.iter().filter(|(_, lot)| is_usable(lot)).collect();
    loyalty_rules::sort::by_key(&mut lots, |(name, lot)| {
        (lot.expires.is_none(), lot.expires.as_ref().map(instant), instant(&lot.earned), (*name).clone())
    });
    lots.into_iter().map(|(name, lot)| (name.clone(), lot.open())).collect()
}

/// Puts back what was used of a lot. One that was forgotten had expired, and expires again.
pub(super) fn put_back(step: &mut Step<'_>, lot: &str, issuer: &str, amount: Rupiah) -> Result<(), Error> {
    let now = step.now();
    let account = step.account();
    if let Some(state) = account.lots.get_mut(lot) {
        return take(&mut state.used, amount);
    }
    let expires = account.horizon.or(Some(now));
    account.lots.insert(lot.to_string(), LotInState { value: amount, expires, ..LotInState::new(issuer, now) });
    Ok(())
}

/// Takes an amount of the usable lots: which lot, its issuer, how much.
pub(super) fn take_of(lots: &[(String, Rupiah)], amount: Rupiah) -> Vec<(String, Rupiah)> {
    let mut rest = amount;
    let mut taken = Vec::new();
    for (lot, open) in lots {
        let part = rest.min(*open);
        if !part.is_zero() {
            rest = rest.left_after(part);
            taken.push((lot.clone(), part));
        }
    }
    taken
}

/// Points go to another account; at the sender they count as used.
pub(super) fn transfer(step: &mut Step<'_>, request: &PointsTransfer) -> Done {
    let at = step.now();
    let lots = usable(step.account(), &at);
    let balance = lots.iter().try_fold(Rupiah::ZERO, |sum, (_, open)| sum.checked_add(*open))?;
    let amount = request.amount.map_or(balance, |amount| amount.0);
    if amount > balance || amount.is_zero() {
        let missing = Count::new(amount.left_after(balance).get())?;
        step.tell(Fact { missing_milli: Some(missing), ..Fact::refused("insufficient") });
        return Ok(());
    }
    let lots = send_away(step, &take_of(&lots, amount), &request.to)?;
    step.send(&Sender::Account, &Owner::account(request.to.as_str()), EventDetail::LotsIn(LotsMessage::of(lots)))?;
    Ok(())
}

/// Parts of lots leave for another account; here they count as used.
fn send_away(step: &mut Step<'_>, taken: &[(String, Rupiah)], to: &Name) -> Result<Vec<LotIn>, Error> {
    let mut sent = Vec::new();
    for (lot, part) in taken {
        let Some(state) = step.account().lots.get_mut(lot) else { continue };
        add(&mut state.used, *part)?;
        let (issuer, expires) = (Name::made(state.issuer.clone()), state.expires);
        step.tell(Fact { to: Some(to.as_str().into()), ..Fact::claim(FactKind::Transferred, lot, *part) });
        sent.push(LotIn { lot: ClaimName::made(lot.clone()), issuer, amount: Amount(*part), expires });
    }
    Ok(sent)
}

/// What can be used of an account, its debts and its purchases go to another one (LG-10).
pub(super) fn merge(step: &mut Step<'_>, request: &AccountMerge) -> Done {
    let at = step.now();
    let lots = usable(step.account(), &at);
    let lots = send_away(step, &lots, &request.to)?;
    let debts = core::mem::take(&mut step.account().debts);
    for debt in &debts {
        let (creditor, to) = (Some(debt.creditor.clone()), Some(request.to.as_str().into()));
        step.tell(Fact { amount: Some(debt.amount), creditor, to, ..Fact::of(FactKind::DebtMoved) });
    }
    let purchases = core::mem::take(&mut step.account().purchases);
    if lots.is_empty() && debts.is_empty() && purchases.0 == 0 {
        return Ok(());
    }
    let debt_in = |debt: DebtInState| DebtIn { creditor: Name::made(debt.creditor), amount: Amount(debt.amount) };
    let data = LotsMessage { lots, debts: debts.into_iter().map(debt_in).collect(), purchases };
    step.send(&Sender::Account, &Owner::account(request.to.as_str()), EventDetail::LotsIn(data))?;
    Ok(())
}

/// Lots that have expired are told to their issuers.
pub(super) fn tick(step: &mut Step<'_>, report: &NowReport) -> Done {
    let now = report.now.instant_nanos();
    let mut by_issuer = BTreeMap::<String, Rupiah>::new();
    let mut facts = Vec::new();
    for (name, lot) in &mut step.account().lots {
        let open = lot.open();
        if open.is_zero() || lot.expires.is_none_or(|expires| expires.instant_nanos() > now) {
            continue;
        }
        add(&mut lot.expired, open)?;
        add(by_issuer.entry(lot.issuer.clone()).or_default(), open)?;
        facts.push(Fact::claim(FactKind::Expired, name, open));
    }
    step.facts.extend(facts);
    if let Some(horizon) = step.terms.settings.horizon {
        forget(step.account(), &horizon);
    }
    for (issuer, amount) in by_issuer {
        let data = EventDetail::ClaimExpired(MoneyReport { amount: Amount(amount) });
        step.send(&Sender::Account, &Owner::shop(&issuer), data)?;
    }
    Ok(())
}

/// Forgets what ended before a horizon: empty lots that had expired, and the months before it. So a state stays bounded.
fn forget(account: &mut AccountState, horizon: &CivilTime) {
    let is_before = |instant: &CivilTime| instant.nanos_since(horizon) < 0;
    let is_over = |lot: &LotInState| lot.expires.as_ref().is_some_and(is_before) && lot.open().is_zero() && lot.held.is_zero();
    account.lots.retain(|_, lot| !is_over(lot));
    let month = loyalty_rules::calendar::Month::of(horizon.date()).to_string();
    account.uses.retain(|of, _| *of >= month);
    if account.horizon.as_ref().is_none_or(is_before) {
        account.horizon = Some(*horizon);
    }
}

impl AccountState {
    /// Takes an amount back of a lot; `None` if the lot, or so much of it, has not come.
    fn reverse(&mut self, lot: &ClaimName, amount: Rupiah, sold_at: &CivilTime) -> Result<Option<TakenQuote>, Error> {
        let is_forgotten = self.horizon.is_some_and(|horizon| sold_at.nanos_since(&horizon) < 0);
        match self.lots.get_mut(lot.as_str()) {
            Some(state) if amount <= state.value.left_after(state.reversed) => state.reverse(amount).map(Some),
            // What of a forgotten lot was used nobody knows any more.
            None if is_forgotten => {
                let nothing = Rupiah::ZERO;
                Ok(Some(TakenQuote { free: nothing, debt: nothing, expired: nothing, lost: amount }))
            }
            _ => Ok(None),
        }
    }

    /// What taking an amount back of a lot would do.
    pub(super) fn would_reverse(&self, lot: &ClaimName, amount: Rupiah, sold_at: &CivilTime) -> Result<Option<TakenQuote>, Error> {
        self.clone().reverse(lot, amount, sold_at)
    }
}

impl LotInState {
    /// Takes an amount back: first what is open, then what was used and is no debt yet, then what expired.
    fn reverse(&mut self, amount: Rupiah) -> Result<TakenQuote, Error> {
        let free = amount.min(self.open());
        // What a reservation keeps is owed as if it were used, because its commit uses it.
        let used = self.used.checked_add(self.held)?.left_after(self.debt);
        let debt = amount.left_after(free).min(used);
        let rest = amount.left_after(free).left_after(debt);
        let expired = rest.min(self.expired);
        add(&mut self.taken, free)?;
        add(&mut self.debt, debt)?;
        add(&mut self.reversed, amount)?;
        Ok(TakenQuote { free, debt, expired, lost: rest.left_after(expired) })
    }

    /// An empty lot.
    pub(super) fn new(issuer: &str, earned: CivilTime) -> Self {
        Self {
            issuer: issuer.to_string(),
            value: Rupiah::ZERO,
            used: Rupiah::ZERO,
            taken: Rupiah::ZERO,
            expired: Rupiah::ZERO,
            reversed: Rupiah::ZERO,
            debt: Rupiah::ZERO,
            held: Rupiah::ZERO,
            expires: None,
            earned,
        }
    }
}
