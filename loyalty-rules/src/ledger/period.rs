use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::clearing::{Clearing, Redemption, Settlement, settle, transfers};
use crate::error::{Error, Fault, Field};
use crate::funding::allocate;
use crate::order;
use crate::quantity::Rupiah;

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
/// use loyalty_rules::ledger::{Period, Redemption};
/// use loyalty_rules::quantity::Rupiah;
///
/// let redeemed = |id, acceptor, value| Redemption { id, issuer: "A", acceptor, value: Rupiah::new(value).unwrap() };
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
    /// The redemptions that count, by id.
    counted: BTreeMap<&'a str, Redemption<'a>>,
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
    /// Every redemption that counts, by id.
    pub lines: Vec<SettledLine<'a>>,
}

/// What an acceptor gets, in rupiah.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// From the issuers' funds.
    pub paid: Rupiah,
    /// From the operator, who guarantees every point.
    pub operator: Rupiah,
}

/// A settled redemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettledLine<'a> {
    /// The redemption.
    pub redemption: Redemption<'a>,
    /// What the issuer's fund paid of it in rupiah; its own shop's vouchers are paid and move nothing.
    pub paid: Rupiah,
    /// What the operator paid of it, in rupiah.
    pub operator: Rupiah,
}

impl<'a> Period<'a> {
    /// A period of redemptions: of those with one id the first counts, those cleared in an earlier period do not.
    ///
    /// # Errors
    /// `out_of_range` for a negative value, or if a net position leaves the domain.
    pub fn new(redemptions: &[Redemption<'a>], cleared: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        if let Some(index) = redemptions.iter().position(|redemption| redemption.value < Rupiah::ZERO) {
            return Err(Fault::Negative.error().at(Field::within("redemptions", index, "value")));
        }
        let cleared: BTreeSet<&str> = cleared.into_iter().collect();
        let (mut counted, mut sums) = (BTreeMap::new(), BTreeMap::new());
        let (mut duplicates, mut already_cleared) = (Vec::new(), Vec::new());
        for redemption in redemptions.iter().copied() {
            let Redemption { id, issuer, acceptor, value } = redemption;
            if cleared.contains(id) {
                already_cleared.push(id);
            } else if counted.contains_key(id) {
                duplicates.push(id);
            } else {
                counted.insert(id, redemption);
                // A list in memory has fewer than 2⁶⁴ entries, so a sum stays below 2¹¹⁷.
                let value = i128::from(value.get());
                let owes: &mut i128 = sums.entry(issuer).or_default();
                *owes = owes.wrapping_sub(value);
                let receives = sums.entry(acceptor).or_default();
                *receives = receives.wrapping_add(value);
            }
        }
        order::sort(&mut duplicates);
        order::sort(&mut already_cleared);
        let in_domain = |(shop, sum)| Ok((shop, Rupiah::from_result(i64::try_from(sum).ok())?));
        let net = sums.into_iter().map(in_domain).collect::<Result<BTreeMap<_, _>, Error>>()?;
        let transfers = transfers(&net);
        Ok(Self { clearing: Clearing { net, transfers, duplicates, already_cleared }, counted })
    }

    /// The shops that owe another, by id: each needs a fund.
    pub fn issuers(&self) -> impl Iterator<Item = &'a str> {
        let issuers: BTreeSet<&str> = self.between_shops().map(|redemption| redemption.issuer).collect();
        issuers.into_iter()
    }

    /// Draws the issuers' funds for what they owe gross (CL-4): each acceptor, sorted by id, is paid as [`settle`] says,
    /// and what it is paid is spread over its redemptions by their values (SP-6).
    ///
    /// # Errors
    /// `missing_field` for an issuer without a fund; `out_of_range` for a negative fund, or if a sum leaves the domain.
    pub fn settle(&self, funds: &BTreeMap<&'a str, Rupiah>) -> Result<SettledPeriod<'a>, Error> {
        let at_funds = |error: Error| error.at("funds");
        if funds.values().any(|fund| *fund < Rupiah::ZERO) {
            return Err(at_funds(Fault::Negative.error()));
        }
        let mut owed = BTreeMap::<&str, BTreeMap<&str, Vec<Redemption<'_>>>>::new();
        for redemption in self.between_shops() {
            owed.entry(redemption.issuer).or_default().entry(redemption.acceptor).or_default().push(*redemption);
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
            let sums = by_acceptor.values().map(|redemptions| sum(redemptions.iter().map(|redemption| redemption.value)));
            let Settlement { paid, operator, fund_left } = settle(*fund, &sums.collect::<Result<Vec<_>, _>>()?)?;
            *fund = fund_left;
            let short = sum(operator.iter().copied())?;
            if !short.is_zero() {
                settled.shortfalls.insert(issuer, short);
            }
            settled.operator = settled.operator.checked_add(short)?;
            for (((acceptor, redemptions), paid), operator) in by_acceptor.iter().zip(paid).zip(operator) {
                let received = settled.received.entry(acceptor).or_default();
                received.paid = received.paid.checked_add(paid)?;
                received.operator = received.operator.checked_add(operator)?;
                settled.lines.extend(spread(paid, redemptions)?);
            }
        }
        let own = self.counted.values().filter(|redemption| redemption.issuer == redemption.acceptor);
        settled.lines.extend(own.map(|redemption| SettledLine { redemption: *redemption, paid: redemption.value, operator: Rupiah::ZERO }));
        order::sort_by_key(&mut settled.lines, |line| line.redemption.id);
        Ok(settled)
    }

    fn between_shops(&self) -> impl Iterator<Item = &Redemption<'a>> {
        self.counted.values().filter(|redemption| redemption.issuer != redemption.acceptor)
    }
}

/// What is paid of redemptions together, spread over them by their values.
fn spread<'a>(paid: Rupiah, redemptions: &[Redemption<'a>]) -> Result<Vec<SettledLine<'a>>, Error> {
    let weights: Vec<u64> = redemptions.iter().map(|redemption| redemption.value.get().unsigned_abs()).collect();
    let parts = if paid.is_zero() { alloc::vec![Rupiah::ZERO; weights.len()] } else { allocate(paid, &weights)? };
    let line = |(redemption, paid): (&Redemption<'a>, Rupiah)| SettledLine {
        redemption: *redemption,
        paid,
        operator: redemption.value.left_after(paid),
    };
    Ok(redemptions.iter().zip(parts).map(line).collect())
}

fn sum(amounts: impl Iterator<Item = Rupiah>) -> Result<Rupiah, Error> {
    amounts.into_iter().try_fold(Rupiah::ZERO, Rupiah::checked_add)
}
