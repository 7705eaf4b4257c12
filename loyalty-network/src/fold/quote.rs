//! What a return would do, before money is handed out (NW-9).

use alloc::string::String;
use alloc::vec::Vec;

use super::apply::apply;
use super::event::{Event, EventDetail};
use super::fact::{Fact, FactKind};
use super::name::ClaimOwner;
use super::state::{AccountState, SaleState};
use super::states::States;
use super::terms::NetworkTerms;
use crate::fault::Faults as _;
use loyalty_rules::api::wire::{Path, Refusal};
use loyalty_rules::error::Fault;
use loyalty_rules::quantity::Rupiah;

/// What a return, an exchange or a void would do. Amounts are rupiah.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReturnQuote {
    /// Whether the sale has come; if not, the return would wait for it, and nothing else is known.
    pub is_sold: bool,
    /// What would come back of the sale.
    pub amount: Rupiah,
    /// What of it is handed out in money.
    pub money: Rupiah,
    /// What would be returned above the sale, which stands in suspense.
    pub above: Rupiah,
    /// What an exchange gives out above what comes back.
    pub new_purchase: Rupiah,
    /// Payments by claims that would be given back.
    pub claims: Vec<ClaimBack>,
    /// What would be kept of the award.
    pub kept: Rupiah,
    /// What would be taken back of it.
    pub taken_back: Rupiah,
    /// What becomes of that; `None` if the account that holds it was not given, or has not got it yet.
    pub taken: Option<TakenQuote>,
}

/// What becomes of an award that is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenQuote {
    /// What was not used yet.
    pub free: Rupiah,
    /// What the member used and would owe.
    pub debt: Rupiah,
    /// What had expired.
    pub expired: Rupiah,
    /// What nobody owes: the shop's loss.
    pub lost: Rupiah,
}

/// A payment by a claim that would be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimBack {
    /// The redemption.
    pub of: String,
    /// Who holds the claim.
    pub owner: ClaimOwner,
    /// How much of it.
    pub amount: Rupiah,
}

/// What a return, an exchange or a void would do, on the states of its keys, and on the account of the sale's member. It is
/// the event itself, applied to states that nobody stores, so quote and return cannot differ.
///
/// ```
/// use loyalty_network::fold::{NetworkTerms, States, quote, read_event};
///
/// // A sale of Rp20,000 that gave nothing.
/// let sale = read_event(br#"{"event": {"specversion": "1.0", "type": "loyalty.sale", "source": "/A/1", "id": "s1",
///     "time": "2025-03-03T10:00:00+07:00", "subject": "shop/A", "data": {"day": "2025-03-03", "total": 20000}}}"#)?;
/// let terms = NetworkTerms::default();
/// let states = loyalty_network::fold::apply(&sale, None, States::default(), &terms)?.states.unwrap();
/// let back = read_event(br#"{"event": {"specversion": "1.0", "type": "loyalty.return", "source": "/A/1", "id": "v1",
///     "time": "2025-03-03T11:00:00+07:00", "subject": "shop/A", "data": {"of": "s1", "of_day": "2025-03-03", "amount": 5000}}}"#)?;
/// let quote = quote(&back, states, None, &terms)?;
/// assert_eq!((quote.money.get(), quote.taken_back.get()), (5_000, 0));
/// # Ok::<(), loyalty_rules::api::Refusal>(())
/// ```
///
/// # Errors
/// `bad_config` at `event.type` for an event of another type; those of [`apply`].
pub fn quote(event: &Event, states: States, account: Option<&AccountState>, terms: &NetworkTerms) -> Result<ReturnQuote, Refusal> {
    let is_return = matches!(event.data, EventDetail::Return(_) | EventDetail::Exchange(_) | EventDetail::Void(_));
    if !is_return {
        return Err(Refusal::at(Fault::NotAReturn, &Path::Root.key("event").key("type")));
    }
    let before = states.sale.clone().unwrap_or_default();
    if !before.sold {
        return Ok(ReturnQuote::default());
    }
    // Whether the return itself has come already does not matter to what the goods are worth now.
    let applied = apply(event, None, States { seen: None, ..states }, terms)?;
    let facts = applied.facts();
    let nothing = SaleState::default();
    let after = applied.states.as_ref().and_then(|states| states.sale.as_ref()).unwrap_or(&nothing);
    let amount_of = |kind: FactKind, field: fn(&Fact) -> Option<Rupiah>| {
        facts.iter().find(|fact| fact.fact == kind).and_then(field).unwrap_or_default()
    };
    Ok(ReturnQuote {
        is_sold: true,
        amount: amount_of(FactKind::Returned, |fact| fact.amount),
        money: after.back_money.left_after(before.back_money),
        above: amount_of(FactKind::Suspense, |fact| fact.amount),
        new_purchase: amount_of(FactKind::NewPurchase, |fact| fact.amount),
        claims: claims_back(&before, after),
        kept: after.kept,
        taken_back: amount_of(FactKind::Returned, |fact| fact.taken_back),
        taken: taken(facts, applied.out(), account)?,
    })
}

/// What each payment by a claim is less than it was.
fn claims_back(before: &SaleState, after: &SaleState) -> Vec<ClaimBack> {
    let back = |(of, tender): (&String, &super::state::TenderInState)| {
        let left = after.tenders.get(of).map_or(Rupiah::ZERO, |tender| tender.want);
        ClaimBack { of: of.clone(), owner: tender.owner.clone(), amount: tender.want.left_after(left) }
    };
    before.tenders.iter().map(back).filter(|claim| !claim.amount.is_zero()).collect()
}

/// A voucher tells at once what becomes of what is taken; for a lot its account is asked.
fn taken(facts: &[Fact], out: &[Event], account: Option<&AccountState>) -> Result<Option<TakenQuote>, Refusal> {
    if let Some(Fact { free, debt, expired, lost, .. }) = facts.iter().find(|fact| fact.fact == FactKind::Reversal) {
        let [free, debt, expired, lost] = [free, debt, expired, lost].map(|amount| amount.unwrap_or_default());
        return Ok(Some(TakenQuote { free, debt, expired, lost }));
    }
    let reversal = out.iter().find_map(|event| if let EventDetail::ClaimReverse(reversal) = &event.data { Some(reversal) } else { None });
    let (Some(reversal), Some(account)) = (reversal, account) else { return Ok(None) };
    Ok(account.would_reverse(&reversal.lot, reversal.amount.0, &reversal.sold_at)?)
}
