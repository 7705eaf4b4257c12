//! Facts: the log of what happened (NW-3).

use alloc::string::String;
use alloc::vec::Vec;

use super::state::{GroupInState, StateForm};
use loyalty_rules::api::operations::award::decide::CounterFields;
use loyalty_rules::api::wire::{Phrase, record};
use loyalty_rules::calendar::CivilTime;
use loyalty_rules::quantity::{Count, Rate, Rupiah};
use loyalty_rules::{wire_words, words};

words! {
    /// What a fact tells.
    #[derive(Default)]
    pub enum FactKind {
        /// A sale was awarded, or why not.
        #[default]
        Award = "award",
        /// An offline till printed another award than was decided.
        Printed = "printed",
        /// Money moved in a shop's books.
        Posting = "posting",
        /// A claim paid.
        Redeemed = "redeemed",
        /// A claim is kept for a payment.
        Reserved = "reserved",
        /// A redemption, or what was kept, is undone.
        Undone = "undone",
        /// A claim expired.
        Expired = "expired",
        /// A claim paid a debt.
        DebtPaid = "debt_paid",
        /// A claim went to another account.
        Transferred = "transferred",
        /// A debt went to another account.
        DebtMoved = "debt_moved",
        /// A return took back of a claim.
        Reversal = "reversal",
        /// Goods came back.
        Returned = "returned",
        /// More came back than was sold.
        Suspense = "suspense",
        /// An exchange gave out more than came back.
        NewPurchase = "new_purchase",
        /// A sale counted on a payment that was not granted.
        TenderLost = "tender_lost",
        /// A request, or the loyalty part of a report, was refused.
        Refused = "refused",
        /// A shop's fund has something to tell.
        Notice = "notice",
        /// A request waits.
        Waiting = "waiting",
        /// A creditor was paid for a period.
        Cleared = "cleared",
    }
}

wire_words! {
    FactKind;
}

record! {
    /// A fact. Amounts are rupiah; which fields it has is a matter of its kind.
    #[derive(Default)]
    pub struct Fact {
        /// The form.
        v: StateForm,
        /// What it tells.
        fact: FactKind,
        /// The sale.
        sale: Option<String>,
        /// The redemption.
        redemption: Option<String>,
        /// The voucher or the lot.
        claim: Option<String>,
        /// Why.
        reason: Option<Phrase>,
        /// The rate in basis points.
        rate_bp: Option<Rate>,
        /// The value of an award.
        value: Option<Rupiah>,
        /// What each funding party pays of it.
        parts: Option<Vec<Rupiah>>,
        /// What each offer gave, if the program has offers.
        groups: Option<Vec<GroupInState>>,
        /// The counters of the day after it.
        counters: Option<CounterFields>,
        /// The hash of the program.
        program_hash: Option<String>,
        /// The rules behind it.
        rules: Option<Vec<Phrase>>,
        /// The shop whose books a posting is in.
        shop: Option<String>,
        /// The account that it debits.
        debit: Option<Phrase>,
        /// The account that it credits.
        credit: Option<Phrase>,
        /// How much.
        amount: Option<Rupiah>,
        /// What is kept of an award.
        kept: Option<Rupiah>,
        /// What was taken back of an award.
        taken_back: Option<Rupiah>,
        /// What was not used yet.
        free: Option<Rupiah>,
        /// What is a debt now.
        debt: Option<Rupiah>,
        /// What had expired.
        expired: Option<Rupiah>,
        /// What nobody owes.
        lost: Option<Rupiah>,
        /// What is missing, in thousandths of a point.
        missing_milli: Option<Count>,
        /// What a fund tells.
        notice: Option<Phrase>,
        /// The key that a request waits for.
        on: Option<String>,
        /// Since when it waits.
        since: Option<CivilTime>,
        /// Who pays a difference.
        payer: Option<Phrase>,
        /// The shop that is owed.
        creditor: Option<String>,
        /// The account that received.
        to: Option<String>,
        /// What a fund paid.
        paid: Option<Rupiah>,
        /// What the operator paid.
        operator: Option<Rupiah>,
    }
}

impl Fact {
    /// A fact of a kind.
    pub(super) fn of(fact: FactKind) -> Self {
        Self { fact, ..Self::default() }
    }

    /// A claim and an amount of it.
    pub(super) fn claim(fact: FactKind, claim: &str, amount: Rupiah) -> Self {
        Self { claim: Some(claim.into()), amount: Some(amount), ..Self::of(fact) }
    }

    /// A sale and an amount.
    pub(super) fn sale(fact: FactKind, sale: &str, amount: Rupiah) -> Self {
        Self { sale: Some(sale.into()), amount: Some(amount), ..Self::of(fact) }
    }

    /// What was refused, and why.
    pub(super) fn refused(reason: &'static str) -> Self {
        Self { reason: Some(reason.into()), ..Self::of(FactKind::Refused) }
    }
}
