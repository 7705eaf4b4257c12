//! Clearing between shops.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::operations;
use crate::api::wire::{Amount, Refusal, answer, record};
use crate::ledger::{self, Redemption};
use crate::quantity::Rupiah;

operations! {
    "clearing.net" ["CL-1 CL-2 CL-3 CL-5"] "The net positions of shops over a period, and the transfers that settle them.": net, NetRequest => NetAnswer;
    "clearing.settle" ["CL-4"] "What an issuer's fund pays its acceptors, and what the operator does.": settle, SettleRequest => SettleAnswer;
}

record! {
    /// A period between shops.
    pub struct NetRequest {
        /// The redemptions of the period.
        redemptions: Vec<RedeemedFields>,
        /// Ids of redemptions that earlier periods cleared.
        cleared: Vec<String> = Vec::new(),
    }
}

record! {
    /// A voucher redeemed.
    pub struct RedeemedFields {
        /// Its unique id, which alone tells it from another.
        id: String,
        /// The shop that issued the voucher and owes its value.
        issuer: String,
        /// The shop that took it.
        acceptor: String,
        /// What was redeemed, in rupiah.
        value: Amount,
    }
}

answer! {
    /// A cleared period.
    pub struct NetAnswer {
        /// The net position of every shop of a counted redemption in rupiah, + receives; they sum to zero.
        net: BTreeMap<String, Rupiah>,
        /// Payments that settle the positions, in the order they were found.
        transfers: Vec<TransferFields>,
        /// Ids that stand more than once, each repetition listed, sorted.
        duplicates: Vec<String>,
        /// Ids of earlier periods, each occurrence listed, sorted.
        already_cleared: Vec<String>,
    }
}

answer! {
    /// A payment between two shops.
    pub struct TransferFields {
        /// Who pays.
        from: String,
        /// Who is paid.
        to: String,
        /// How much, in rupiah.
        amount: Rupiah,
    }
}

record! {
    /// An issuer's fund and what it owes.
    pub struct SettleRequest {
        /// What the fund holds, in rupiah.
        fund: Amount,
        /// The gross amount owed to each acceptor, in rupiah.
        owed: Vec<Amount>,
    }
}

answer! {
    /// A settled issuer; the lists are in the order of the acceptors.
    pub struct SettleAnswer {
        /// What the fund pays each acceptor, in rupiah.
        paid: Vec<Rupiah>,
        /// What the operator pays each acceptor, in rupiah.
        operator: Vec<Rupiah>,
        /// What is left of the fund, in rupiah.
        fund_left: Rupiah,
    }
}

fn net(request: &NetRequest) -> Result<NetAnswer, Refusal> {
    let redemptions: Vec<Redemption<'_>> = request
        .redemptions
        .iter()
        .map(|fields| Redemption { id: &fields.id, issuer: &fields.issuer, acceptor: &fields.acceptor, value: fields.value.0 })
        .collect();
    let cleared = ledger::clear(&redemptions, request.cleared.iter().map(String::as_str))?;
    let owned = |ids: Vec<&str>| ids.into_iter().map(ToOwned::to_owned).collect();
    let transfer = |transfer: ledger::Transfer<'_>| TransferFields {
        from: transfer.from.to_owned(),
        to: transfer.to.to_owned(),
        amount: transfer.amount,
    };
    Ok(NetAnswer {
        net: cleared.net.into_iter().map(|(shop, net)| (shop.to_owned(), net)).collect(),
        transfers: cleared.transfers.into_iter().map(transfer).collect(),
        duplicates: owned(cleared.duplicates),
        already_cleared: owned(cleared.already_cleared),
    })
}

fn settle(request: &SettleRequest) -> Result<SettleAnswer, Refusal> {
    let owed: Vec<Rupiah> = request.owed.iter().map(|owed| owed.0).collect();
    let ledger::Settlement { paid, operator, fund_left } = ledger::settle(request.fund.0, &owed)?;
    Ok(SettleAnswer { paid, operator, fund_left })
}
