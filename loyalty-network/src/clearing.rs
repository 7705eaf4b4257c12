use alloc::collections::{BTreeMap, BinaryHeap};
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::Period;
use crate::fault::Faults as _;
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::funding::allocate;
use loyalty_rules::quantity::{Points, Rupiah};

/// A redemption: its issuers' funds owe the acceptor its value (CL-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redemption<'a> {
    /// The unique id; it alone tells one redemption from another.
    pub id: &'a str,
    /// Of an undone redemption: the id of that. The value is negative then.
    pub of: Option<&'a str>,
    /// Who owes it.
    pub issuers: Issuers<'a>,
    /// The shop that took it.
    pub acceptor: &'a str,
    /// What was redeemed, in rupiah, zero or more; of an undone redemption below zero.
    pub value: Rupiah,
}

/// Who owes a redemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issuers<'a> {
    /// The shop that issued the voucher.
    Shop(&'a str),
    /// The shops that issued the lots of points that were taken, each its part of the value (SP-1).
    Lots(&'a [IssuedLot<'a>]),
}

/// Points of a lot that a redemption took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuedLot<'a> {
    /// The shop that issued them.
    pub shop: &'a str,
    /// Zero or more.
    pub points: Points,
}

impl<'a> Redemption<'a> {
    /// Which shop owes how much of it, in the order in which the shops stand.
    pub(super) fn parts(&self) -> Result<Vec<(&'a str, Rupiah)>, Error> {
        let lots = match self.issuers {
            Issuers::Shop(issuer) => return Ok(vec![(issuer, self.value)]),
            Issuers::Lots(lots) => lots,
        };
        let (mut places, mut shops, mut weights) = (BTreeMap::new(), Vec::new(), Vec::<u64>::new());
        for lot in lots {
            let points = u64::try_from(lot.points.milli()).map_err(|_| Fault::Negative.error())?;
            let place = *places.entry(lot.shop).or_insert_with(|| {
                shops.push(lot.shop);
                weights.push(0);
                weights.len().wrapping_sub(1)
            });
            if let Some(weight) = weights.get_mut(place) {
                *weight = weight.checked_add(points).ok_or(Fault::ResultOutsideDomain.error())?;
            }
        }
        if weights.iter().all(|weight| *weight == 0) {
            return Err(Fault::NoLots.error());
        }
        Ok(shops.into_iter().zip(allocate(self.value, &weights)?).collect())
    }
}

/// A payment between two shops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer<'a> {
    /// Who pays.
    pub from: &'a str,
    /// Who is paid.
    pub to: &'a str,
    /// How much, in rupiah, above zero.
    pub amount: Rupiah,
}

/// A period between shops, cleared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clearing<'a> {
    /// The net position of every shop of a counted redemption in rupiah, + receives; they sum to zero (CL-2).
    pub net: BTreeMap<&'a str, Rupiah>,
    /// Payments that settle the positions, fewer than shops (CL-3).
    pub transfers: Vec<Transfer<'a>>,
    /// Ids that stand more than once with the same content, each repetition listed, sorted (CL-5).
    pub duplicates: Vec<&'a str>,
    /// Ids that stand with different content, sorted: none of them counts (CL-5).
    pub conflicts: Vec<&'a str>,
    /// Ids of earlier periods, each occurrence listed, sorted (CL-5).
    pub already_cleared: Vec<&'a str>,
}

/// Clears the redemptions of a period (CL-1, CL-2, CL-3, CL-5). An id counts once, one with different contents not at all;
/// those whose id was cleared in an earlier period do not count. The order of the list changes nothing.
///
/// ```
/// use loyalty_network::{Issuers, Redemption, clear};
/// use loyalty_rules::quantity::Rupiah;
///
/// let redeemed = |id, issuer, acceptor, value| {
///     Redemption { id, of: None, issuers: Issuers::Shop(issuer), acceptor, value: Rupiah::new(value).unwrap() }
/// };
/// let period = [redeemed("r1", "A", "B", 15_000), redeemed("r2", "B", "A", 8_000), redeemed("r1", "A", "B", 15_000)];
/// let cleared = clear(&period, [])?;
/// assert_eq!((cleared.net["A"].get(), cleared.net["B"].get()), (-7_000, 7_000));
/// assert_eq!((cleared.transfers[0].from, cleared.transfers[0].to), ("A", "B"));
/// assert_eq!(cleared.duplicates, ["r1"]);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` for a negative value of what is not undone, or if a net position leaves the domain; `bad_config` for an
/// undone redemption whose value is not negative, and for lots without points.
pub fn clear<'a>(redemptions: &[Redemption<'a>], cleared: impl IntoIterator<Item = &'a str>) -> Result<Clearing<'a>, Error> {
    Period::new(redemptions, cleared).map(|period| period.clearing)
}

/// Largest debtor to largest creditor, judged anew after every transfer; ties to the smaller shop id (CL-3). Each
/// transfer settles one of the two, and the last one both.
pub(super) fn transfers<'a>(net: &BTreeMap<&'a str, Rupiah>) -> Vec<Transfer<'a>> {
    let open = |sign: i64| {
        let signed = net.iter().filter(move |(_, net)| net.get().signum() == sign);
        signed.map(|(shop, net)| (net.magnitude(), Reverse(*shop))).collect::<BinaryHeap<_>>()
    };
    let (mut debtors, mut creditors, mut transfers) = (open(-1), open(1), Vec::new());
    while let (Some((owed, Reverse(from))), Some((due, Reverse(to)))) = (debtors.pop(), creditors.pop()) {
        let amount = owed.min(due);
        transfers.push(Transfer { from, to, amount });
        debtors.extend((owed > amount).then(|| (owed.left_after(amount), Reverse(from))));
        creditors.extend((due > amount).then(|| (due.left_after(amount), Reverse(to))));
    }
    transfers
}

/// What an issuer's fund pays and what is left to the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// What the fund pays each acceptor, in rupiah.
    pub paid: Vec<Rupiah>,
    /// What the operator, who guarantees every point, pays each acceptor, in rupiah.
    pub operator: Vec<Rupiah>,
    /// What is left of the fund, in rupiah.
    pub fund_left: Rupiah,
}

/// Draws an issuer's fund for the gross amounts it owes its acceptors (CL-4). If it does not cover them, they
/// are paid pro rata (SP-1, ties by their order) and the operator pays the rest.
///
/// ```
/// use loyalty_network::settle;
/// use loyalty_rules::quantity::Rupiah;
///
/// let owed = [8_000, 4_000].map(|amount| Rupiah::new(amount).unwrap());
/// let settled = settle(Rupiah::new(6_000)?, &owed)?;
/// assert_eq!(settled.paid.iter().map(|paid| paid.get()).collect::<Vec<_>>(), [4_000, 2_000]);
/// assert_eq!(settled.operator.iter().map(|paid| paid.get()).collect::<Vec<_>>(), [4_000, 2_000]);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` for a negative fund or amount.
pub fn settle(fund: Rupiah, owed: &[Rupiah]) -> Result<Settlement, Error> {
    if fund < Rupiah::ZERO {
        return Err(Fault::Negative.error().at("fund"));
    }
    if let Some(index) = owed.iter().position(|owed| *owed < Rupiah::ZERO) {
        return Err(Fault::Negative.error().at(Field::entry("owed", index)));
    }
    // Below 2¹¹⁷, as in `clear`.
    let total = owed.iter().fold(0_i128, |sum, owed| sum.wrapping_add(owed.get().into()));
    let short = i128::from(fund.get()).wrapping_sub(total);
    let Ok(left) = u64::try_from(short) else {
        let weights: Vec<u64> = owed.iter().map(|owed| owed.get().unsigned_abs()).collect();
        let paid = allocate(fund, &weights)?;
        // An exact part below a whole rupiah owed is not rounded above it.
        let operator = owed.iter().zip(&paid).map(|(owed, paid)| owed.left_after(*paid)).collect();
        return Ok(Settlement { paid, operator, fund_left: Rupiah::ZERO });
    };
    let fund_left = Rupiah::from_result(i64::try_from(left).ok())?;
    Ok(Settlement { paid: owed.to_vec(), operator: owed.iter().map(|_| Rupiah::ZERO).collect(), fund_left })
}
