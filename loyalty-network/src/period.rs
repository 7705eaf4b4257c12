use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::clearing::{Clearing, Redemption, Settlement, settle, transfers};
use crate::fault::Faults as _;
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::funding::allocate;
use loyalty_rules::quantity::Rupiah;
use loyalty_rules::sort;

/// A clearing period: what counts of its redemptions (CL-5), and the net positions (CL-2, CL-3).
///
/// ```text
///  redemptions ──▶ Period ──▶ net positions, transfers
///                    │
///  funds ───────────▶└── settle ──▶ paid or covered, redemption by redemption
/// ```
///
/// ```
/// use std::collections::BTreeMap;
/// use loyalty_network::{Issuers, Period, Redemption};
/// use loyalty_rules::quantity::Rupiah;
///
/// let redeemed = |id, acceptor, value| {
///     Redemption { id, of: None, issuers: Issuers::Shop("A"), acceptor, value: Rupiah::new(value).unwrap() }
/// };
/// let period = Period::new(&[redeemed("r1", "B", 8_000), redeemed("r2", "C", 4_000)], [])?;
/// let settled = period.settle(&BTreeMap::from([("A", Rupiah::new(6_000)?)]))?;
/// assert_eq!(settled.lines.iter().map(|line| line.paid.get()).collect::<Vec<_>>(), [4_000, 2_000]);
/// assert_eq!((settled.shortfalls["A"].get(), settled.operator.get()), (6_000, 6_000));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period<'a> {
    /// The net positions and what did not count.
    pub clearing: Clearing<'a>,
    /// The parts that count, by the id of their redemption.
    counted: Vec<Part<'a>>,
}

/// What one shop owes of a redemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part<'a> {
    id: &'a str,
    issuer: &'a str,
    acceptor: &'a str,
    value: Rupiah,
}

/// A period whose funds are drawn. Amounts are rupiah.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettledPeriod<'a> {
    /// What is left of each fund.
    pub funds: BTreeMap<&'a str, Rupiah>,
    /// What each acceptor of another shop's vouchers gets, from the funds and from the operator.
    pub received: BTreeMap<&'a str, Received>,
    /// What each fund that did not reach lacks.
    pub shortfalls: BTreeMap<&'a str, Rupiah>,
    /// What the operator pays in all.
    pub operator: Rupiah,
    /// Every redemption that counts, by id, and what each issuer owes of it.
    pub lines: Vec<SettledLine<'a>>,
}

/// What an acceptor gets, in rupiah.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// From the issuers' funds; negative if more is paid back to them.
    pub paid: Rupiah,
    /// From the operator, who guarantees every point.
    pub operator: Rupiah,
}

/// What one issuer owes of a redemption, settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettledLine<'a> {
    /// The redemption's id.
    pub id: &'a str,
    /// The shop that owes it.
    pub issuer: &'a str,
    /// The shop that took it.
    pub acceptor: &'a str,
    /// What is owed, in rupiah; of an undone redemption negative.
    pub value: Rupiah,
    /// What the issuer's fund paid of it in rupiah; its own shop's vouchers are paid and move nothing.
    pub paid: Rupiah,
    /// What the operator paid of it, in rupiah.
    pub operator: Rupiah,
}

impl<'a> Period<'a> {
    /// A period of redemptions: an id counts once, one with different contents not at all, one that an earlier period
    /// cleared not again.
    ///
    /// # Errors
    /// As [`clear`](super::clear).
    pub fn new(redemptions: &[Redemption<'a>], cleared: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        for (index, redemption) in redemptions.iter().enumerate() {
            let is_negative = redemption.value < Rupiah::ZERO;
            if redemption.of.is_some() != is_negative {
                let (fault, field) = if is_negative { (Fault::Negative, "value") } else { (Fault::UndoneNotNegative, "value") };
                return Err(fault.error().at(Field::within("redemptions", index, field)));
            }
        }
        let cleared: BTreeSet<&str> = cleared.into_iter().collect();
        let (mut by_id, mut conflicts) = (BTreeMap::<&str, Vec<(usize, &Redemption<'_>)>>::new(), Vec::new());
        let (mut duplicates, mut already_cleared) = (Vec::new(), Vec::new());
        for (index, redemption) in redemptions.iter().enumerate() {
            if cleared.contains(redemption.id) {
                already_cleared.push(redemption.id);
            } else {
                by_id.entry(redemption.id).or_default().push((index, redemption));
            }
        }
        let (mut counted, mut sums) = (Vec::new(), BTreeMap::<&str, i128>::new());
        for (id, entries) in by_id {
            let Some(((index, first), repetitions)) = entries.split_first() else { continue };
            if repetitions.iter().any(|(_, other)| *other != *first) {
                conflicts.push(id);
                continue;
            }
            duplicates.extend(repetitions.iter().map(|_| id));
            let parts = first.parts().map_err(|error| error.at(Field::within("redemptions", *index, "lots")))?;
            for (issuer, value) in parts {
                let acceptor = first.acceptor;
                counted.push(Part { id, issuer, acceptor, value });
                // A list in memory has fewer than 2⁶⁴ entries, so a sum stays below 2¹¹⁷.
                let value = i128::from(value.get());
                let owes = sums.entry(issuer).or_default();
                *owes = owes.wrapping_sub(value);
                let receives = sums.entry(acceptor).or_default();
                *receives = receives.wrapping_add(value);
            }
        }
        sort::ascending(&mut already_cleared);
        let in_domain = |(shop, sum)| Ok((shop, Rupiah::from_result(i64::try_from(sum).ok())?));
        let net = sums.into_iter().map(in_domain).collect::<Result<BTreeMap<_, _>, Error>>()?;
        let transfers = transfers(&net);
        Ok(Self { clearing: Clearing { net, transfers, duplicates, conflicts, already_cleared }, counted })
    }

    /// The shops that owe another, by id: each needs a fund.
    pub fn issuers(&self) -> impl Iterator<Item = &'a str> {
        let issuers: BTreeSet<&str> = self.between_shops().map(|redemption| redemption.issuer).collect();
        issuers.into_iter()
    }

    /// Draws the issuers' funds for what they owe gross (CL-4): each acceptor, sorted by id, is paid as [`settle`] says,
    /// and what it is paid is spread over its redemptions by their values (SP-6). Undone redemptions are paid back whole:
    /// an acceptor that owes an issuer more than it is owed pays into that fund, before the fund is drawn.
    ///
    /// # Errors
    /// `missing_field` for an issuer without a fund; `out_of_range` for a negative fund, or if a sum leaves the domain.
    pub fn settle(&self, funds: &BTreeMap<&'a str, Rupiah>) -> Result<SettledPeriod<'a>, Error> {
        let at_funds = |error: Error| error.at("funds");
        if funds.values().any(|fund| *fund < Rupiah::ZERO) {
            return Err(at_funds(Fault::Negative.error()));
        }
        let mut owed = BTreeMap::<&str, BTreeMap<&str, Vec<Part<'_>>>>::new();
        for part in self.between_shops() {
            owed.entry(part.issuer).or_default().entry(part.acceptor).or_default().push(*part);
        }
        let mut settled = SettledPeriod {
            funds: funds.clone(),
            received: BTreeMap::new(),
            shortfalls: BTreeMap::new(),
            operator: Rupiah::ZERO,
            lines: Vec::new(),
        };
        for (issuer, by_acceptor) in owed {
            let fund = settled.funds.get_mut(issuer).ok_or(at_funds(Fault::Missing.error()))?;
            let sums = by_acceptor.values().map(|parts| sum(parts.iter().map(|part| part.value)));
            let sums = sums.collect::<Result<Vec<_>, _>>()?;
            let paid_back = sum(sums.iter().copied().filter(|sum| *sum < Rupiah::ZERO))?;
            let gross: Vec<Rupiah> = sums.iter().map(|sum| (*sum).max(Rupiah::ZERO)).collect();
            let Settlement { paid, operator, fund_left } = settle(fund.checked_sub(paid_back)?, &gross)?;
            *fund = fund_left;
            let short = sum(operator.iter().copied())?;
            if !short.is_zero() {
                settled.shortfalls.insert(issuer, short);
            }
            settled.operator = settled.operator.checked_add(short)?;
            for ((((acceptor, parts), paid), operator), net) in by_acceptor.iter().zip(paid).zip(operator).zip(sums) {
                let paid = if net < Rupiah::ZERO { net } else { paid };
                let received = settled.received.entry(acceptor).or_default();
                received.paid = received.paid.checked_add(paid)?;
                received.operator = received.operator.checked_add(operator)?;
                settled.lines.extend(spread(paid, parts)?);
            }
        }
        let own = self.counted.iter().filter(|part| part.issuer == part.acceptor);
        settled.lines.extend(own.map(|part| part.settled(part.value, Rupiah::ZERO)));
        sort::by(&mut settled.lines, |one, other| (one.id, one.issuer).cmp(&(other.id, other.issuer)));
        Ok(settled)
    }

    fn between_shops(&self) -> impl Iterator<Item = &Part<'a>> {
        self.counted.iter().filter(|part| part.issuer != part.acceptor)
    }
}

impl<'a> Part<'a> {
    const fn settled(&self, paid: Rupiah, operator: Rupiah) -> SettledLine<'a> {
        let Self { id, issuer, acceptor, value } = *self;
        SettledLine { id, issuer, acceptor, value, paid, operator }
    }
}

/// What is paid of redemptions together, spread over them by their values; what was undone is paid back whole.
fn spread<'a>(paid: Rupiah, parts: &[Part<'a>]) -> Result<Vec<SettledLine<'a>>, Error> {
    let undone = sum(parts.iter().map(|part| part.value.min(Rupiah::ZERO)))?;
    let paid = paid.checked_sub(undone)?;
    let weights: Vec<u64> = parts.iter().map(|part| part.value.max(Rupiah::ZERO).get().unsigned_abs()).collect();
    let shares = if paid.is_zero() { alloc::vec![Rupiah::ZERO; weights.len()] } else { allocate(paid, &weights)? };
    let line = |(part, paid): (&Part<'a>, Rupiah)| {
        if part.value < Rupiah::ZERO { part.settled(part.value, Rupiah::ZERO) } else { part.settled(paid, part.value.left_after(paid)) }
    };
    Ok(parts.iter().zip(shares).map(line).collect())
}

fn sum(amounts: impl Iterator<Item = Rupiah>) -> Result<Rupiah, Error> {
    amounts.into_iter().try_fold(Rupiah::ZERO, Rupiah::checked_add)
}
