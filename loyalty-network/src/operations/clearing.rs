//! Clearing between shops.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::fault::Faults as _;
use crate::{Clearing, IssuedLot, Issuers, Period, Redemption};
use loyalty_rules::api::wire::{Amount, Path, Refusal, answer, operations, record};
use loyalty_rules::error::{Fault, Field};
use loyalty_rules::quantity::{Points, Rupiah};

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
    /// A voucher or points redeemed.
    pub struct RedeemedFields {
        /// Its unique id, which alone tells it from another.
        id: String,
        /// The shop that issued the voucher and owes its value; not beside `lots`.
        issuer: Option<String>,
        /// Of points: the lots that were taken. The shops that issued them owe the value, each its part.
        lots: Option<Vec<IssuedLotFields>>,
        /// The shop that took it.
        acceptor: String,
        /// What was redeemed, in rupiah; below 0 beside `of`, and only there.
        value: Rupiah,
        /// The id of the redemption that is undone.
        of: Option<String>,
    }
}

record! {
    /// What was taken of a lot.
    pub struct IssuedLotFields {
        /// The lot, as the ledger answers it; it changes no amount.
        id: Option<String>,
        /// The shop that issued it.
        shop: String,
        /// Thousandths of a point, 0 or more.
        points_milli: Points,
    }
}

answer! {
    /// A cleared period.
    pub struct NetAnswer {
        /// The net position of every shop of a counted redemption in rupiah, + receives; they sum to zero.
        net: BTreeMap<String, Rupiah>,
        /// Payments that settle the positions, in the order they were found.
        transfers: Vec<TransferFields>,
        /// Ids that stand more than once with the same content, each repetition listed, sorted.
        duplicates: Vec<String>,
        /// Ids that stand with different content, sorted; none of them counts.
        conflicts: Vec<String>,
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
        /// Ids that stand more than once with the same content, each repetition listed, sorted.
        duplicates: Vec<String>,
        /// Ids that stand with different content, sorted; none of them counts.
        conflicts: Vec<String>,
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
        /// What each issuer owes of every redemption that counts, in the order of their ids, then of the issuers.
        lines: Vec<SettledRedemption>,
    }
}

answer! {
    /// What an acceptor gets.
    pub struct ReceivedFields {
        /// From the issuers' funds, in rupiah; negative if it pays more back to them.
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
        /// What the issuer owes of it, in rupiah; of an undone redemption negative.
        value: Rupiah,
        /// What the issuer's fund paid of it, in rupiah.
        paid: Rupiah,
        /// What the operator paid of it, in rupiah.
        operator: Rupiah,
    }
}

/// A redemption with its lots as the rules want them.
struct Line<'a> {
    fields: &'a RedeemedFields,
    lots: Vec<IssuedLot<'a>>,
}

impl<'a> Line<'a> {
    fn of(fields: &'a RedeemedFields) -> Self {
        let lot = |lot: &'a IssuedLotFields| IssuedLot { shop: &lot.shop, points: lot.points_milli };
        Self { fields, lots: fields.lots.iter().flatten().map(lot).collect() }
    }

    fn redemption(&'a self, index: usize) -> Result<Redemption<'a>, Refusal> {
        let RedeemedFields { id, issuer, lots, acceptor, value, of } = self.fields;
        let list = Path::Root.key("redemptions");
        if let Some(lot) = self.lots.iter().position(|lot| lot.points < Points::ZERO) {
            let here = list.entry(index);
            return Err(Refusal::at(Fault::Negative, &here.key("lots").entry(lot).key("points_milli")));
        }
        if lots.is_some() && self.lots.iter().all(|lot| lot.points == Points::ZERO) {
            return Err(Fault::NoLots.error().at(Field::within("redemptions", index, "lots")).into());
        }
        let issuers = match (issuer, lots) {
            (Some(issuer), None) => Issuers::Shop(issuer),
            (None, Some(_)) => Issuers::Lots(&self.lots),
            (Some(_), Some(_)) => return Err(Fault::IssuerOrLots.error().at(Field::within("redemptions", index, "lots")).into()),
            (None, None) => return Err(Fault::Missing.error().at(Field::within("redemptions", index, "issuer")).into()),
        };
        Ok(Redemption { id, of: of.as_deref(), issuers, acceptor, value: *value })
    }
}

impl NetRequest {
    fn lines(&self) -> Vec<Line<'_>> {
        self.redemptions.iter().map(Line::of).collect()
    }

    fn period<'a>(&'a self, lines: &'a [Line<'_>]) -> Result<Period<'a>, Refusal> {
        let redemptions: Vec<Redemption<'_>> =
            lines.iter().enumerate().map(|(index, line)| line.redemption(index)).collect::<Result<_, _>>()?;
        Ok(Period::new(&redemptions, self.cleared.iter().map(String::as_str))?)
    }
}

fn net(request: &NetRequest) -> Result<NetAnswer, Refusal> {
    net_answer(request.period(&request.lines())?.clearing)
}

/// The bytes that an answer may repeat of ids, before they are escaped: 2 MiB.
const ANSWER_MAX: usize = 2 << 20;

/// Refuses an answer that would repeat long ids too often.
fn within_answer<'a>(repeated: impl Iterator<Item = [&'a str; 3]>) -> Result<(), Refusal> {
    let bytes = repeated.flatten().fold(0_usize, |sum, text| sum.saturating_add(text.len()).saturating_add(8));
    if bytes > ANSWER_MAX { Err(Fault::AnswerTooLarge.error().at("redemptions").into()) } else { Ok(()) }
}

fn net_answer(cleared: Clearing<'_>) -> Result<NetAnswer, Refusal> {
    within_answer(cleared.transfers.iter().map(|transfer| [transfer.from, transfer.to, ""]))?;
    let owned = |ids: Vec<&str>| ids.into_iter().map(ToOwned::to_owned).collect();
    let transfer = |transfer: crate::Transfer<'_>| TransferFields {
        from: transfer.from.to_owned(),
        to: transfer.to.to_owned(),
        amount: transfer.amount,
    };
    Ok(NetAnswer {
        net: by_shop(cleared.net),
        transfers: cleared.transfers.into_iter().map(transfer).collect(),
        duplicates: owned(cleared.duplicates),
        conflicts: owned(cleared.conflicts),
        already_cleared: owned(cleared.already_cleared),
    })
}

fn by_shop(amounts: BTreeMap<&str, Rupiah>) -> BTreeMap<String, Rupiah> {
    amounts.into_iter().map(|(shop, amount)| (shop.to_owned(), amount)).collect()
}

fn period(request: &PeriodRequest) -> Result<PeriodAnswer, Refusal> {
    let lines = request.period.lines();
    let period = request.period.period(&lines)?;
    if let Some(issuer) = period.issuers().find(|issuer| !request.funds.contains_key(*issuer)) {
        return Err(Refusal::at(Fault::Missing, &Path::Root.key("funds").key(issuer)));
    }
    let funds = request.funds.iter().map(|(shop, fund)| (shop.as_str(), fund.0)).collect();
    let settled = period.settle(&funds)?;
    within_answer(settled.lines.iter().map(|line| [line.id, line.issuer, line.acceptor]))?;
    let received =
        |(shop, received): (&str, crate::Received)| (shop.to_owned(), ReceivedFields { paid: received.paid, operator: received.operator });
    let line = |line: crate::SettledLine<'_>| SettledRedemption {
        id: line.id.to_owned(),
        issuer: line.issuer.to_owned(),
        acceptor: line.acceptor.to_owned(),
        value: line.value,
        paid: line.paid,
        operator: line.operator,
    };
    let NetAnswer { net, transfers, duplicates, conflicts, already_cleared } = net_answer(period.clearing)?;
    Ok(PeriodAnswer {
        net,
        transfers,
        duplicates,
        conflicts,
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
    let crate::Settlement { paid, operator, fund_left } = crate::settle(request.fund.0, &owed)?;
    Ok(SettleAnswer { paid, operator, fund_left })
}
