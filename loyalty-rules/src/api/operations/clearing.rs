//! Clearing between shops.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::operations;
use crate::api::wire::{Amount, Path, Refusal, answer, record};
use crate::error::Fault;
use crate::ledger::{self, Clearing, Period, Redemption};
use crate::quantity::Rupiah;

operations! {
    "clearing.net" ["CL-1 CL-2 CL-3 CL-5"] "The net positions of shops over a period, and the transfers that settle them.": net, NetRequest => NetAnswer;
    "clearing.settle" ["CL-4"] "What an issuer's fund pays its acceptors, and what the operator does.": settle, SettleRequest => SettleAnswer;
    "clearing.period" ["CL-1 CL-2 CL-3 CL-4 CL-5"] "A period settled from the issuers' funds, redemption by redemption.": period, PeriodRequest => PeriodAnswer;
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

record! {
    /// A period between shops and their funds.
    pub struct PeriodRequest {
        [flat] period: NetRequest,
        /// What the fund of each shop holds, in rupiah; every shop that owes another needs one.
        funds: BTreeMap<String, Amount>,
    }
}

answer! {
    /// A settled period.
    pub struct PeriodAnswer {
        /// The net position of every shop of a counted redemption in rupiah, + receives; they sum to zero.
        net: BTreeMap<String, Rupiah>,
        /// Payments that settle the positions, in the order they were found.
        transfers: Vec<TransferFields>,
        /// Ids that stand more than once, each repetition listed, sorted.
        duplicates: Vec<String>,
        /// Ids of earlier periods, each occurrence listed, sorted.
        already_cleared: Vec<String>,
        /// What is left of each fund, in rupiah.
        funds: BTreeMap<String, Rupiah>,
        /// What each acceptor of another shop's vouchers gets.
        received: BTreeMap<String, ReceivedFields>,
        /// What each fund that did not reach lacks, in rupiah.
        shortfalls: BTreeMap<String, Rupiah>,
        /// What the operator pays in all, in rupiah.
        operator: Rupiah,
        /// Every redemption that counts, in the order of their ids.
        lines: Vec<SettledRedemption>,
    }
}

answer! {
    /// What an acceptor gets.
    pub struct ReceivedFields {
        /// From the issuers' funds, in rupiah.
        paid: Rupiah,
        /// From the operator, in rupiah.
        operator: Rupiah,
    }
}

answer! {
    /// A settled redemption.
    pub struct SettledRedemption {
        /// Its id.
        id: String,
        /// The shop that issued the voucher.
        issuer: String,
        /// The shop that took it.
        acceptor: String,
        /// What was redeemed, in rupiah.
        value: Rupiah,
        /// What the issuer's fund paid of it, in rupiah.
        paid: Rupiah,
        /// What the operator paid of it, in rupiah.
        operator: Rupiah,
    }
}

impl NetRequest {
    fn period(&self) -> Result<Period<'_>, Refusal> {
        let redemptions: Vec<Redemption<'_>> = self
            .redemptions
            .iter()
            .map(|fields| Redemption { id: &fields.id, issuer: &fields.issuer, acceptor: &fields.acceptor, value: fields.value.0 })
            .collect();
        Ok(Period::new(&redemptions, self.cleared.iter().map(String::as_str))?)
    }
}

fn net(request: &NetRequest) -> Result<NetAnswer, Refusal> {
    Ok(net_answer(request.period()?.clearing))
}

fn net_answer(cleared: Clearing<'_>) -> NetAnswer {
    let owned = |ids: Vec<&str>| ids.into_iter().map(ToOwned::to_owned).collect();
    let transfer = |transfer: ledger::Transfer<'_>| TransferFields {
        from: transfer.from.to_owned(),
        to: transfer.to.to_owned(),
        amount: transfer.amount,
    };
    NetAnswer {
        net: by_shop(cleared.net),
        transfers: cleared.transfers.into_iter().map(transfer).collect(),
        duplicates: owned(cleared.duplicates),
        already_cleared: owned(cleared.already_cleared),
    }
}

fn by_shop(amounts: BTreeMap<&str, Rupiah>) -> BTreeMap<String, Rupiah> {
    amounts.into_iter().map(|(shop, amount)| (shop.to_owned(), amount)).collect()
}

fn period(request: &PeriodRequest) -> Result<PeriodAnswer, Refusal> {
    let period = request.period.period()?;
    if let Some(issuer) = period.issuers().find(|issuer| !request.funds.contains_key(*issuer)) {
        return Err(Refusal::at(Fault::Missing, &Path::Root.key("funds").key(issuer)));
    }
    let funds = request.funds.iter().map(|(shop, fund)| (shop.as_str(), fund.0)).collect();
    let settled = period.settle(&funds)?;
    let received =
        |(shop, received): (&str, ledger::Received)| (shop.to_owned(), ReceivedFields { paid: received.paid, operator: received.operator });
    let line = |line: ledger::SettledLine<'_>| SettledRedemption {
        id: line.redemption.id.to_owned(),
        issuer: line.redemption.issuer.to_owned(),
        acceptor: line.redemption.acceptor.to_owned(),
        value: line.redemption.value,
        paid: line.paid,
        operator: line.operator,
    };
    let NetAnswer { net, transfers, duplicates, already_cleared } = net_answer(period.clearing);
    Ok(PeriodAnswer {
        net,
        transfers,
        duplicates,
        already_cleared,
        funds: by_shop(settled.funds),
        received: settled.received.into_iter().map(received).collect(),
        shortfalls: by_shop(settled.shortfalls),
        operator: settled.operator,
        lines: settled.lines.into_iter().map(line).collect(),
    })
}

fn settle(request: &SettleRequest) -> Result<SettleAnswer, Refusal> {
    let owed: Vec<Rupiah> = request.owed.iter().map(|owed| owed.0).collect();
    let ledger::Settlement { paid, operator, fund_left } = ledger::settle(request.fund.0, &owed)?;
    Ok(SettleAnswer { paid, operator, fund_left })
}
