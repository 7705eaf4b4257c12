//! One event while it is applied: its states, what it leads to, and whom it tells.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::event::{DebtMessage, Event, EventDetail, UnusedMessage, UsedMessage};
use super::fact::{Fact, FactKind};
use super::name::{ClaimName, Id, Name, Owner, Source, encoded};
use super::state::{AccountState, MOST_CREDITORS, MonthState, RedemptionState, SaleState, ShopState, VoucherState};
use super::states::States;
use super::terms::{NetworkProgram, NetworkTerms};
use crate::fault::Faults as _;
use loyalty_rules::api::wire::{Amount, AsWritten, Phrase, Positive, Refusal};
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Count, Rupiah};

/// A waiting event that may go now, and the time at which it is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Released {
    /// The event.
    pub event: Event,
    /// The time of the event that released it.
    pub at: AsWritten,
}

/// Who sends a message: whose state numbers it.
#[derive(Clone, Debug)]
pub(super) enum Sender {
    Shop,
    Account,
    /// A sale, by its key.
    Sale(String),
    /// An opening, which happens once and so needs no state.
    Opening,
}

/// One event while it is applied.
pub(super) struct Step<'a> {
    pub(super) event: &'a Event,
    /// The time at which it is judged.
    pub(super) at: AsWritten,
    pub(super) terms: &'a NetworkTerms,
    pub(super) states: States,
    pub(super) facts: Vec<Fact>,
    pub(super) out: Vec<Event>,
    pub(super) again: Vec<Released>,
    /// Whether it waits.
    pub(super) waits: bool,
    opening_sent: BTreeMap<String, Count>,
    told: Told,
}

/// What one event tells others about claims, summed by whom it concerns.
#[derive(Default)]
struct Told {
    /// By issuer and acceptor.
    unused: BTreeMap<(String, String), Rupiah>,
    /// By issuer and acceptor.
    used: BTreeMap<(String, String), Rupiah>,
    /// By creditor and issuer.
    paid: BTreeMap<(String, String), Rupiah>,
}

impl<'a> Step<'a> {
    pub(super) fn new(event: &'a Event, at: AsWritten, states: States, terms: &'a NetworkTerms) -> Self {
        Self {
            event,
            at,
            terms,
            states,
            facts: Vec::new(),
            out: Vec::new(),
            again: Vec::new(),
            waits: false,
            opening_sent: BTreeMap::new(),
            told: Told::default(),
        }
    }

    /// The instant at which the event is judged.
    pub(super) const fn now(&self) -> CivilTime {
        self.at.0
    }

    /// The name of the owner.
    pub(super) fn owner(&self) -> &'a str {
        self.event.subject.name()
    }

    pub(super) fn shop(&mut self) -> &mut ShopState {
        self.states.shop.get_or_insert_default()
    }

    pub(super) fn account(&mut self) -> &mut AccountState {
        self.states.account.get_or_insert_default()
    }

    pub(super) fn sale(&mut self) -> &mut SaleState {
        self.states.sale.get_or_insert_default()
    }

    pub(super) fn month(&mut self) -> &mut MonthState {
        self.states.month.get_or_insert_default()
    }

    pub(super) fn redemption(&mut self) -> &mut RedemptionState {
        self.states.redemption.get_or_insert_default()
    }

    pub(super) fn voucher(&mut self, voucher: &ClaimName) -> &mut VoucherState {
        self.states.vouchers.entry(voucher.key()).or_default()
    }

    /// Forgets a voucher that was never issued and for which nothing waits.
    pub(super) fn tidy(&mut self, voucher: &ClaimName) {
        let key = voucher.key();
        if self.states.vouchers.get(&key).is_some_and(|state| *state == VoucherState::default()) {
            self.states.vouchers.remove(&key);
        }
    }

    /// The program in force for the shop, or for the network if the owner is an account.
    pub(super) fn program(&self) -> Option<&'a NetworkProgram> {
        let id = self.states.shop.as_ref().and_then(|shop| shop.program.as_deref());
        self.terms.in_force(id, &self.now())
    }

    pub(super) fn tell(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    pub(super) fn refuse(&mut self, reason: &'static str) {
        self.tell(Fact::refused(reason));
    }

    /// Moves money in the shop's books. Nothing moves for Rp0; a negative amount moves the other way.
    pub(super) fn post(&mut self, debit: impl Into<Phrase>, credit: impl Into<Phrase>, amount: Rupiah) -> Result<(), Error> {
        self.post_between(debit.into(), credit.into(), amount)
    }

    fn post_between(&mut self, debit: Phrase, credit: Phrase, amount: Rupiah) -> Result<(), Error> {
        if amount.is_zero() {
            return Ok(());
        }
        let (debit, credit) = if amount < Rupiah::ZERO { (credit, debit) } else { (debit, credit) };
        let amount = amount.magnitude();
        let books = &mut self.shop().books;
        add_to(books, &debit, amount)?;
        add_to(books, &credit, amount.negated())?;
        self.tell(Fact {
            fact: FactKind::Posting,
            shop: Some(self.owner().into()),
            debit: Some(debit),
            credit: Some(credit),
            amount: Some(amount),
            ..Fact::default()
        });
        Ok(())
    }

    /// Changes what the shop owes an acceptor.
    pub(super) fn owe(&mut self, acceptor: &str, change: Rupiah) -> Result<(), Error> {
        let owed = &mut self.shop().owed;
        if owed.len() >= MOST_CREDITORS && !owed.contains_key(acceptor) {
            return Err(Fault::AnswerTooLarge.error().at("states.shop.owed"));
        }
        add_to(owed, acceptor, change)
    }

    /// The sender of messages about a sale of this shop.
    pub(super) fn of_sale(&self, sale: &Id) -> Sender {
        Sender::Sale(super::keys::sale(self.owner(), sale))
    }

    /// Sends a message, numbered by its sender.
    pub(super) fn send(&mut self, sender: &Sender, to: &Owner, data: EventDetail) -> Result<(), Error> {
        let (source, sent) = match sender {
            Sender::Shop => (self.event.subject.as_str().to_string(), &mut self.states.shop.get_or_insert_default().sent),
            Sender::Account => (self.event.subject.as_str().to_string(), &mut self.states.account.get_or_insert_default().sent),
            Sender::Sale(key) => (key.clone(), &mut self.states.sale.get_or_insert_default().sent),
            Sender::Opening => {
                let Event { source, id, subject, .. } = self.event;
                let source = format!("opening/{}/{}|{}", subject.name(), encoded(source.as_str()), encoded(id.as_str()));
                (source, &mut self.opening_sent)
            }
        };
        let last = sent.entry(to.as_str().to_string()).or_default();
        *last = last.succ()?;
        let number = *last;
        let id = format!("{}|{}", to.as_str(), number.get());
        self.out.push(Event {
            source: Source::made(source),
            id: Id::made(id),
            time: self.at,
            subject: to.clone(),
            number: Some(Positive(number)),
            data,
        });
        Ok(())
    }

    /// Notes that claims of an issuer pay an acceptor.
    pub(super) fn note_used(&mut self, issuer: &str, acceptor: &str, amount: Rupiah) -> Result<(), Error> {
        note(&mut self.told.used, issuer, acceptor, amount)
    }

    /// Notes that claims of an issuer no longer pay an acceptor.
    pub(super) fn note_unused(&mut self, issuer: &str, acceptor: &str, amount: Rupiah) -> Result<(), Error> {
        note(&mut self.told.unused, issuer, acceptor, amount)
    }

    /// Notes that a lot of an issuer pays a creditor's debt.
    pub(super) fn note_paid(&mut self, creditor: &str, issuer: &str, amount: Rupiah) -> Result<(), Error> {
        note(&mut self.told.paid, creditor, issuer, amount)
    }

    /// Sends what an account noted.
    pub(super) fn send_noted(&mut self) -> Result<(), Error> {
        let Told { unused, used, paid } = core::mem::take(&mut self.told);
        let above_zero = |(_, amount): &(_, Rupiah)| !amount.is_zero();
        for ((issuer, acceptor), amount) in unused.into_iter().filter(above_zero) {
            let data = UnusedMessage { acceptor: Name::made(acceptor), amount: Amount(amount) };
            self.send(&Sender::Account, &Owner::shop(&issuer), EventDetail::ClaimUnused(data))?;
        }
        for ((issuer, acceptor), amount) in used.into_iter().filter(above_zero) {
            let acceptor = Name::made(acceptor);
            let data = UsedMessage { acceptor, amount: Amount(amount), voucher: None, redemption: None, sale: None, month: None };
            self.send(&Sender::Account, &Owner::shop(&issuer), EventDetail::ClaimUsed(data))?;
        }
        for ((creditor, issuer), amount) in paid.into_iter().filter(above_zero) {
            let data = DebtMessage { issuer: Name::made(issuer), amount: Amount(amount) };
            self.send(&Sender::Account, &Owner::shop(&creditor), EventDetail::DebtPaid(data))?;
        }
        Ok(())
    }

    /// What the event led to: states, facts, messages, released events.
    pub(super) fn into_parts(self) -> (States, Vec<Fact>, Vec<Event>, Vec<Released>) {
        (self.states, self.facts, self.out, self.again)
    }
}

/// Adds to a sum by name; one of zero is left out.
fn add_to(sums: &mut BTreeMap<String, Rupiah>, name: &str, change: Rupiah) -> Result<(), Error> {
    let Some(sum) = sums.get_mut(name) else {
        if !change.is_zero() {
            sums.insert(name.to_string(), change);
        }
        return Ok(());
    };
    *sum = sum.checked_add(change)?;
    if sum.is_zero() {
        sums.remove(name);
    }
    Ok(())
}

fn note(noted: &mut BTreeMap<(String, String), Rupiah>, one: &str, other: &str, amount: Rupiah) -> Result<(), Error> {
    let sum = noted.entry((one.to_string(), other.to_string())).or_default();
    *sum = sum.checked_add(amount)?;
    Ok(())
}

/// A result of a step.
pub(super) type Done = Result<(), Refusal>;
