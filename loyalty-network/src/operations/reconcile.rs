//! What the tills counted against the record.

use super::merge::texts;
use crate::{Paid, TillCount};
use alloc::string::String;
use alloc::vec::Vec;
use loyalty_rules::api::wire::{Refusal, answer, operations, record};
use loyalty_rules::quantity::{Count, Rupiah};

operations! {
    "record.reconcile" ["OR-5"] "What the tills counted against the record.": reconcile, ReconcileRequest => ReconcileAnswer;
}

record! {
    /// Events and what the tills counted.
    pub struct ReconcileRequest {
        /// The events.
        events: Vec<PaidEvent>,
        /// The tills' counts, each channel and kind once.
        tills: Vec<TillFields>,
    }
}

record! {
    /// The payments of an event.
    pub struct PaidEvent {
        /// The unique id.
        id: String,
        /// The channel.
        channel: String,
        /// The payments.
        payments: Vec<SignedPayment>,
    }
}

record! {
    /// A payment, or money given back.
    pub struct SignedPayment {
        /// Its kind.
        kind: String,
        /// Rupiah; negative for what was given back.
        amount: Rupiah,
    }
}

record! {
    /// What a till counted.
    pub struct TillFields {
        /// The channel.
        channel: String,
        /// The kind of payment.
        kind: String,
        /// Rupiah; negative if more was given back.
        amount: Rupiah,
        /// How many payments.
        count: Option<Count>,
    }
}

answer! {
    /// The tills against the record.
    pub struct ReconcileAnswer {
        /// Whether every difference is 0 and every count that was given is the record's.
        agrees: bool,
        /// Each channel and kind of either side, sorted.
        lines: Vec<ReconciledAnswer>,
        /// Ids that came more than once, wholly equal, sorted; each counts once.
        duplicates: Vec<String>,
        /// Ids that came with different content, sorted; they do not count.
        contradictions: Vec<String>,
    }
}

answer! {
    /// A channel's payments of a kind.
    pub struct ReconciledAnswer {
        /// The channel.
        channel: String,
        /// The kind of payment.
        kind: String,
        /// What the till counted, in rupiah; null if it says nothing.
        till: Option<Rupiah>,
        /// What the record says, in rupiah.
        record: Rupiah,
        /// Till − record, in rupiah.
        difference: Rupiah,
        /// The till's payments; null if it did not count them.
        till_count: Option<Count>,
        /// The record's payments.
        record_count: Count,
    }
}

fn reconcile(request: &ReconcileRequest) -> Result<ReconcileAnswer, Refusal> {
    let events = request.events.iter().map(|event| {
        let payments = event.payments.iter().map(|payment| (payment.kind.as_str(), payment.amount)).collect();
        (event.id.as_str(), Paid { channel: &event.channel, payments })
    });
    let tills =
        request.tills.iter().map(|till| TillCount { channel: &till.channel, kind: &till.kind, amount: till.amount, count: till.count });
    let reconciled = crate::reconcile(&events.collect::<Vec<_>>(), &tills.collect::<Vec<_>>())?;
    let line = |line: &crate::ReconciledLine<'_>| ReconciledAnswer {
        channel: line.channel.into(),
        kind: line.kind.into(),
        till: line.till,
        record: line.record,
        difference: line.difference,
        till_count: line.till_count,
        record_count: line.record_count,
    };
    Ok(ReconcileAnswer {
        agrees: reconciled.agrees(),
        lines: reconciled.lines.iter().map(line).collect(),
        duplicates: texts(reconciled.duplicates),
        contradictions: texts(reconciled.contradictions),
    })
}
