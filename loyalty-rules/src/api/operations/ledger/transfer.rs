//! Points sent, accounts merged.

use crate::api::account::StateFields;
use crate::api::operations::ledger::account::{EntryWord, PARTS_MAX, account_of};
use crate::api::wire::{AsWritten, Refusal, answer, record};
use crate::error::Fault;
use crate::ledger::{self, PointTransfer, SentLot};
use crate::operations;
use crate::quantity::Points;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

crate::wire_words! {
    TransferReason;
}

operations! {
    "ledger.transfer" ["LG-10"] "Points of one member sent to another, or an account merged into another.": transfer, TransferRequest => TransferAnswer;
}

crate::words! {
    /// Whether points are sent.
    pub enum TransferReason {
        /// They are.
        Transferred = "transferred",
        /// The sender has too few.
        Insufficient = "insufficient",
        /// A merge waits until open reservations are committed or released.
        Held = "held",
        /// A merge comes after the last earning.
        Pending = "pending",
    }
}

record! {
    /// Points to be sent.
    pub struct TransferRequest {
        /// The transfer's id, from which those of its two entries are made.
        id: String,
        /// The account that sends.
        from: String,
        /// The account that receives.
        to: String,
        /// The shop.
        shop: String,
        /// When.
        time: AsWritten,
        /// Thousandths of a point, 1 or more; not of a merge.
        points_milli: Option<Points>,
        /// Whether all lots and the debt go.
        merge: bool = false,
        /// The sender's stored state; an empty account if absent.
        state: Option<StateFields>,
    }
}

answer! {
    /// A judged transfer.
    pub struct TransferAnswer {
        /// Whether the points are sent.
        reason: TransferReason,
        /// What the sender lacks, in thousandths of a point.
        missing_milli: Points,
        /// Nothing, or for each lot the sender's entry and the receiver's, in spending order; of a merge the debt last.
        entries: Vec<TransferEntry>,
    }
}

answer! {
    /// One half of a pair.
    pub struct TransferEntry {
        /// The transfer's id, `:out:` or `:in:`, and the number of the pair, or `debt`.
        id: String,
        /// The account.
        account: String,
        /// `send` or `send_debt` of the sender, `receive` or `receive_debt` of the receiver.
        kind: EntryWord,
        /// Of `send` the lot; of the receiver's half the id of the sender's.
        [omit] of: Option<String>,
        /// Of the sender's half: the receiver.
        [omit] to: Option<String>,
        /// Thousandths of a point.
        points_milli: Points,
        /// The shop of the transfer; of `receive` the one that issued the lot.
        shop: String,
        /// When.
        time: AsWritten,
        /// Of `receive`: the lot's expiry; null if it has none.
        [omit] expires: Option<Option<AsWritten>>,
    }
}

fn transfer(request: &TransferRequest) -> Result<TransferAnswer, Refusal> {
    let sender = account_of(request.state.as_ref(), false)?;
    let TransferRequest { from, to, time, .. } = request;
    let transfer = match (request.points_milli, request.merge) {
        (Some(_), true) => return Err(Fault::AmountOrMerge.error().at("merge").into()),
        (None, false) => return Err(Fault::Missing.error().at("points_milli").into()),
        (Some(points), false) => ledger::transfer(&sender, from, to, points, &time.0)?,
        (None, true) => ledger::merge(&sender, from, to, &time.0)?,
    };
    let stopped = |reason, missing_milli| TransferAnswer { reason, missing_milli, entries: Vec::new() };
    Ok(match transfer {
        PointTransfer::Sent(lots, debt) => {
            TransferAnswer { reason: TransferReason::Transferred, missing_milli: Points::ZERO, entries: request.pairs(lots, debt)? }
        }
        PointTransfer::Insufficient(missing) => stopped(TransferReason::Insufficient, missing),
        PointTransfer::Held => stopped(TransferReason::Held, Points::ZERO),
        PointTransfer::Pending => stopped(TransferReason::Pending, Points::ZERO),
    })
}

impl TransferRequest {
    /// Two entries for each lot, and two for the debt.
    fn pairs(&self, lots: Vec<SentLot>, debt: Points) -> Result<Vec<TransferEntry>, Refusal> {
        let Self { id, from, to, shop, .. } = self;
        let names = [id, id, id, from, to, to, shop].iter().fold(256_usize, |sum, text| sum.saturating_add(text.len()));
        let lot_texts = lots
            .iter()
            .fold(0_usize, |sum, lot| sum.saturating_add(lot.lot.len()).saturating_add(lot.shop.as_ref().map_or(shop.len(), String::len)));
        if names.saturating_mul(lots.len()).saturating_add(lot_texts) > PARTS_MAX {
            return Err(Fault::TooManyParts.error().at("state.lots").into());
        }
        let mut entries = Vec::new();
        for (index, lot) in lots.into_iter().enumerate() {
            let number = index.saturating_add(1);
            let (out, into) = self.pair(&number.to_string(), (EntryWord::Send, EntryWord::Receive), lot.points);
            entries.push(TransferEntry { of: Some(lot.lot), ..out });
            let shop = lot.shop.unwrap_or_else(|| shop.clone());
            entries.push(TransferEntry { shop, expires: Some(lot.expires.map(AsWritten)), ..into });
        }
        if debt > Points::ZERO {
            let (out, into) = self.pair("debt", (EntryWord::SendDebt, EntryWord::ReceiveDebt), debt);
            entries.extend([out, into]);
        }
        Ok(entries)
    }

    fn pair(&self, number: &str, (sends, receives): (EntryWord, EntryWord), points_milli: Points) -> (TransferEntry, TransferEntry) {
        let Self { id, from, to, shop, time, .. } = self;
        let half = format!("{id}:out:{number}");
        let out = TransferEntry {
            id: half.clone(),
            account: from.clone(),
            kind: sends,
            of: None,
            to: Some(to.clone()),
            points_milli,
            shop: shop.clone(),
            time: *time,
            expires: None,
        };
        let into =
            TransferEntry { id: format!("{id}:in:{number}"), account: to.clone(), kind: receives, of: Some(half), to: None, ..out.clone() };
        (out, into)
    }
}
