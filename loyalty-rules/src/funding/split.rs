#[cfg(feature = "alloc")]
use alloc::{vec, vec::Vec};
#[cfg(feature = "alloc")]
use core::cmp::Reverse;

use crate::error::{Error, Fault, Field};
use crate::quantity::Rupiah;
#[cfg(feature = "alloc")]
use crate::sort;

/// The most parties a program's funding has.
pub const MAX_PARTIES: usize = 64;

/// The shares by which a program's vouchers are funded, in the order that breaks ties (SP-1).
///
/// ```
/// use loyalty_rules::{funding::Bonus, quantity::Rupiah};
///
/// let funding = Bonus::VoucherPoints.preset().unwrap(); // producer 45 %, retailer 35 %, operator 20 %
/// let parts = funding.split(Rupiah::new(15_001)?);
/// let rupiah: Vec<i64> = parts.as_slice().iter().map(|part| part.get()).collect();
/// assert_eq!(rupiah, [6_751, 5_250, 3_000]); // exact 6,750.45, 5,250.35, 3,000.2: the odd rupiah is the producer's
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Funding {
    weights: [u32; MAX_PARTIES],
    len: u8,
    is_shares: bool,
}

impl Funding {
    /// Funding by shares in basis points that sum to exactly 10,000.
    ///
    /// # Errors
    /// `bad_shares` otherwise, and above 64 parties.
    pub fn from_shares_bp(shares_bp: &[u32]) -> Result<Self, Error> {
        if let Some(index) = shares_bp.iter().position(|&share| share > 10_000) {
            return Err(Fault::ShareOutOfRange.error().at(Field::entry("shares_bp", index)));
        }
        let funding = Self::of(shares_bp, true).map_err(|refused| refused.at("shares_bp"))?;
        if funding.total() == 10_000 { Ok(funding) } else { Err(Fault::SharesMissWhole.error().at("shares_bp")) }
    }

    /// Funding by weights, not all zero.
    ///
    /// # Errors
    /// `bad_shares` otherwise, and above 64 parties.
    pub fn from_weights(weights: &[u32]) -> Result<Self, Error> {
        let funding = Self::of(weights, false).map_err(|refused| refused.at("weights"))?;
        if funding.total() > 0 { Ok(funding) } else { Err(Fault::AllWeightsZero.error().at("weights")) }
    }

    fn of(list: &[u32], is_shares: bool) -> Result<Self, Error> {
        let mut weights = [0; MAX_PARTIES];
        let fault = if list.is_empty() { Fault::NoParties } else { Fault::TooManyParties };
        match (weights.get_mut(..list.len()), u8::try_from(list.len())) {
            (Some(weights), Ok(len)) if len > 0 => weights.copy_from_slice(list),
            _ => return Err(fault.error()),
        }
        Ok(Self { weights, len: u8::try_from(list.len()).unwrap_or_default(), is_shares })
    }

    /// The shares or weights in declared order.
    pub fn weights(&self) -> &[u32] {
        self.weights.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// Whether the weights are shares in basis points.
    pub const fn is_shares(&self) -> bool {
        self.is_shares
    }

    fn total(&self) -> u64 {
        self.weights().iter().fold(0, |sum, &weight| sum.wrapping_add(weight.into()))
    }

    /// Splits an amount by the shares (SP-1). Each party gets its exact part rounded down; the rupiah left
    /// over go one each to the largest remainders, ties by declared order. A negative amount gives the
    /// negated parts.
    pub fn split(&self, amount: Rupiah) -> Parts {
        let mut parts = Parts { parts: [Rupiah::ZERO; MAX_PARTIES], len: self.len };
        parts.spread(amount, self.weights().iter().map(|&weight| weight.into()));
        parts
    }
}

/// The parts of a split, by party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parts {
    parts: [Rupiah; MAX_PARTIES],
    len: u8,
}

impl Parts {
    /// The parts in the order of the parties.
    pub fn as_slice(&self) -> &[Rupiah] {
        self.parts.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// Takes an amount back by the parts that are left, and returns what each party gives (SP-6). No part goes
    /// below zero, and a full reversal in any steps ends at zero.
    ///
    /// # Errors
    /// `over_refund` if the amount is above the sum of the parts, `out_of_range` if it is negative; then nothing
    /// changes.
    pub fn take_back(&mut self, refund: Rupiah) -> Result<Self, Error> {
        check_refund(self.as_slice(), refund)?;
        let mut taken = Self { parts: [Rupiah::ZERO; MAX_PARTIES], len: self.len };
        taken.spread(refund, self.as_slice().iter().map(|part| part.get().unsigned_abs()));
        for (part, taken) in self.parts.iter_mut().zip(taken.as_slice()) {
            *part = part.left_after(*taken);
        }
        Ok(taken)
    }

    fn spread(&mut self, amount: Rupiah, weights: impl Iterator<Item = u64> + Clone) {
        let mut remainders = [0; MAX_PARTIES];
        let parts = self.parts.get_mut(..usize::from(self.len)).unwrap_or_default();
        let left = floors(amount, weights, parts, &mut remainders);
        one_each(left, parts, &mut remainders);
        mirror(amount, parts);
    }
}

/// An amount split by other amounts, each zero or more (SP-1); nothing if all are zero.
#[cfg(feature = "alloc")]
pub(crate) fn split_by(amount: Rupiah, by: &[Rupiah]) -> Vec<Rupiah> {
    let (mut parts, mut remainders) = (vec![Rupiah::ZERO; by.len()], vec![0; by.len()]);
    if by.iter().any(|weight| !weight.is_zero()) {
        let left = floors(amount, by.iter().map(|weight| weight.get().unsigned_abs()), &mut parts, &mut remainders);
        one_each(left, &mut parts, &mut remainders);
        mirror(amount, &mut parts);
    }
    parts
}

/// Writes each part rounded down with its remainder, and returns the rupiah left over, fewer than parties
/// with a remainder.
fn floors(amount: Rupiah, weights: impl Iterator<Item = u64> + Clone, parts: &mut [Rupiah], remainders: &mut [u128]) -> i64 {
    let magnitude = amount.get().unsigned_abs();
    let total = weights.clone().fold(0_u128, |sum, weight| sum.wrapping_add(weight.into()));
    let mut left = magnitude;
    for ((weight, part), remainder) in weights.zip(parts).zip(remainders) {
        let (floor, rest) = exact_part(magnitude, weight, total);
        *part = Rupiah::part(i64::try_from(floor).unwrap_or_default());
        *remainder = rest;
        left = left.wrapping_sub(floor);
    }
    i64::try_from(left).unwrap_or_default()
}

/// magnitude × weight ÷ total, and the remainder.
///
/// m × w = (m ÷ t) × t × w + (m mod t) × w; with w ≤ t < 2³² both terms stay below 2⁶⁴.
fn exact_part(magnitude: u64, weight: u64, total: u128) -> (u64, u128) {
    match u32::try_from(total).map(u64::from) {
        Ok(0) => (0, 0),
        Ok(total) => {
            let quotient = magnitude.checked_div(total).unwrap_or_default();
            let rest = magnitude.wrapping_sub(quotient.wrapping_mul(total)).wrapping_mul(weight);
            let part = rest.checked_div(total).unwrap_or_default();
            (quotient.wrapping_mul(weight).wrapping_add(part), rest.wrapping_sub(part.wrapping_mul(total)).into())
        }
        Err(_) => {
            let product = u128::from(magnitude).wrapping_mul(weight.into());
            let part = product.checked_div(total).unwrap_or_default();
            (u64::try_from(part).unwrap_or_default(), product.wrapping_sub(part.wrapping_mul(total)))
        }
    }
}

/// Gives the rupiah left over, one each, to the largest remainders, ties to the earlier party.
fn one_each(left: i64, parts: &mut [Rupiah], remainders: &mut [u128]) {
    for _ in 0..left {
        let open = parts.iter_mut().zip(&mut *remainders);
        let largest = open.reduce(|largest, next| if *next.1 > *largest.1 { next } else { largest });
        if let Some((part, remainder)) = largest {
            *part = Rupiah::part(part.get().wrapping_add(1));
            *remainder = 0;
        }
    }
}

fn mirror(amount: Rupiah, parts: &mut [Rupiah]) {
    if amount.get() < 0 {
        for part in parts {
            *part = part.negated();
        }
    }
}

fn check_refund(parts: &[Rupiah], refund: Rupiah) -> Result<(), Error> {
    if refund.get() < 0 {
        return Err(Fault::Negative.error());
    }
    let rest = parts.iter().fold(0_i128, |sum, part| sum.wrapping_add(part.get().into()));
    if i128::from(refund.get()) > rest { Err(Fault::RefundAboveRest.error()) } else { Ok(()) }
}

/// Splits an amount by weights among any number of parties (SP-1), as [`Funding::split`] does.
///
/// ```
/// use loyalty_rules::{funding::allocate, quantity::Rupiah};
///
/// let parts = allocate(Rupiah::new(4)?, &[1, 3, 3])?;
/// assert_eq!(parts.iter().map(|part| part.get()).collect::<Vec<_>>(), [0, 2, 2]);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_shares` if there is no weight or all are zero.
#[cfg(feature = "alloc")]
pub fn allocate(amount: Rupiah, weights: &[u64]) -> Result<Vec<Rupiah>, Error> {
    if weights.is_empty() {
        return Err(Fault::NoParties.error());
    }
    if weights.iter().all(|&weight| weight == 0) {
        return Err(Fault::AllWeightsZero.error());
    }
    let mut parts = vec![Rupiah::ZERO; weights.len()];
    let mut remainders = vec![0; weights.len()];
    let left = floors(amount, weights.iter().copied(), &mut parts, &mut remainders);
    if weights.len() <= MAX_PARTIES {
        one_each(left, &mut parts, &mut remainders);
    } else {
        // The same order as `one_each`, for long lists in n log n: a stable sort keeps ties in declared order.
        let mut by_remainder: Vec<_> = parts.iter_mut().zip(remainders).collect();
        sort::by_key(&mut by_remainder, |(_, remainder)| Reverse(*remainder));
        for ((part, _), _) in by_remainder.into_iter().zip(0..left) {
            *part = Rupiah::part(part.get().wrapping_add(1));
        }
    }
    mirror(amount, &mut parts);
    Ok(parts)
}

/// What each party gives when an amount is taken back from recorded parts (SP-6): a split by the parts that
/// are left, never by the original shares, which could let a part grow.
///
/// ```
/// use loyalty_rules::{funding::take_back, quantity::Rupiah};
///
/// let recorded = [0, 2, 2].map(|rupiah| Rupiah::new(rupiah).unwrap());
/// let taken = take_back(&recorded, Rupiah::new(1)?)?;
/// assert_eq!(taken.iter().map(|part| part.get()).collect::<Vec<_>>(), [0, 1, 0]);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `over_refund` above the sum of the parts, `out_of_range` below zero.
#[cfg(feature = "alloc")]
pub fn take_back(parts: &[Rupiah], refund: Rupiah) -> Result<Vec<Rupiah>, Error> {
    check_refund(parts, refund)?;
    if refund.is_zero() {
        return Ok(vec![Rupiah::ZERO; parts.len()]);
    }
    let weights: Vec<u64> = parts.iter().map(|part| part.get().unsigned_abs()).collect();
    allocate(refund, &weights)
}

/// The most rounds × parties of a split with caps.
#[cfg(feature = "alloc")]
const CAPPED_WORK_MAX: usize = 2_000_000;

/// Splits an amount with a cap per party (SP-7). In each round all parties above their cap are fixed at it
/// together and the rest is split again by the unchanged weights of the others; a residual party takes what
/// is left once all others are full or have no weight. Caps bind the magnitude of a negative amount.
///
/// ```
/// use loyalty_rules::{funding::allocate_capped, quantity::Rupiah};
///
/// let caps = [Some(Rupiah::new(300)?), None, None];
/// let parts = allocate_capped(Rupiah::new(1_000)?, &[5_000, 4_000, 1_000], &caps, None)?;
/// assert_eq!(parts.iter().map(|part| part.get()).collect::<Vec<_>>(), [300, 560, 140]);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_shares` as [`allocate`]; `bad_config` if the caps are not one for each party or the residual has one;
/// `out_of_range` for a negative cap or a residual outside the list; `caps_too_small` if nobody may take the
/// rest; `too_large` if rounds × parties are above 2,000,000, which fewer than 1,400 parties never reach.
#[cfg(feature = "alloc")]
pub fn allocate_capped(amount: Rupiah, weights: &[u64], caps: &[Option<Rupiah>], residual: Option<usize>) -> Result<Vec<Rupiah>, Error> {
    if caps.len() != weights.len() {
        return Err(Fault::CapCount.error().at("caps"));
    }
    if let Some(index) = caps.iter().position(|cap| cap.is_some_and(|cap| cap.get() < 0)) {
        return Err(Fault::Negative.error().at(Field::entry("caps", index)));
    }
    match residual.map(|residual| caps.get(residual)) {
        Some(None) => return Err(Fault::ResidualOutsideList.error().at("residual")),
        Some(Some(Some(_))) => return Err(Fault::ResidualWithCap.error().at("residual")),
        _ => {}
    }
    let mut open = weights.to_vec();
    let mut parts = vec![Rupiah::ZERO; weights.len()];
    let mut rest = amount.magnitude();
    let mut round = allocate(rest, &open)?;
    let mut work = 0_usize;
    loop {
        work = work.saturating_add(weights.len());
        if work > CAPPED_WORK_MAX {
            return Err(Fault::TooManyRounds.error().at("caps"));
        }
        let mut any_full = false;
        for (((part, share), weight), cap) in parts.iter_mut().zip(&round).zip(&mut open).zip(caps) {
            if let Some(cap) = cap.filter(|cap| share > cap) {
                (*part, *weight, any_full) = (cap, 0, true);
                rest = rest.left_after(cap);
            }
        }
        if !any_full {
            break;
        }
        if open.iter().all(|&weight| weight == 0) {
            round = vec![Rupiah::ZERO; weights.len()];
            match residual.and_then(|residual| round.get_mut(residual)) {
                Some(share) => *share = rest,
                None if rest.is_zero() => {}
                None => return Err(Fault::NobodyTakesRest.error().at("caps")),
            }
            break;
        }
        round = allocate(rest, &open)?;
    }
    for (part, share) in parts.iter_mut().zip(round) {
        *part = Rupiah::part(part.get().wrapping_add(share.get()));
    }
    mirror(amount, &mut parts);
    Ok(parts)
}
