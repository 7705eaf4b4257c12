use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::error::{Error, Fault, Field};
use crate::quantity::Points;

/// What a till may honour offline for a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed<'a> {
    /// The till.
    pub till: &'a str,
    /// The member.
    pub member: &'a str,
    /// The most it may honour, zero or more.
    pub limit: Points,
}

/// A redemption that the fold refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedRedemption<'a> {
    /// Its unique id.
    pub id: &'a str,
    /// The till.
    pub till: &'a str,
    /// The member.
    pub member: &'a str,
    /// What was missing, zero or more.
    pub missing: Points,
    /// Whether the till had honoured it.
    pub honoured: bool,
}

/// What was lost by spending twice, and the most that can be (LG-9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Losses<'a> {
    /// The sum of the limits.
    pub largest_loss: Points,
    /// What honoured redemptions lacked.
    pub lost: Points,
    /// The same by allowance, in declared order.
    pub by_allowance: Vec<Points>,
    /// Honoured redemptions without an allowance, in declared order.
    pub without_allowance: Vec<&'a str>,
}

/// Counts honoured redemptions that the fold refused against the allowances of their tills.
///
/// ```
/// use loyalty_rules::ledger::{Allowed, RefusedRedemption, losses};
/// use loyalty_rules::quantity::Points;
///
/// let points = |milli| Points::from_milli(milli).unwrap();
/// let allowed = ["T1", "T2"].map(|till| Allowed { till, member: "M1", limit: points(50_000) });
/// let refused = [RefusedRedemption { id: "r2", till: "T2", member: "M1", missing: points(20_000), honoured: true }];
/// let losses = losses(&allowed, &refused)?;
/// assert_eq!((losses.largest_loss.milli(), losses.lost.milli()), (100_000, 20_000));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_config` for a second allowance of a till and member, or a refusal that stands twice; `out_of_range` for
/// negative points, or if a sum leaves the domain.
pub fn losses<'a>(allowances: &[Allowed<'a>], refused: &[RefusedRedemption<'a>]) -> Result<Losses<'a>, Error> {
    let (mut by_allowance, mut largest_loss) = (BTreeMap::new(), Points::ZERO);
    for (index, Allowed { till, member, limit }) in allowances.iter().enumerate() {
        if *limit < Points::ZERO {
            return Err(Fault::Negative.error().at(Field::within("allowances", index, "limit_milli")));
        }
        if by_allowance.insert((*till, *member), Points::ZERO).is_some() {
            return Err(Fault::NotDistinct.error().at(Field::entry("allowances", index)));
        }
        largest_loss = largest_loss.checked_add(*limit)?;
    }
    let (mut lost, mut without_allowance, mut seen) = (Points::ZERO, Vec::new(), BTreeSet::new());
    for (index, refusal) in refused.iter().enumerate() {
        if refusal.missing < Points::ZERO {
            return Err(Fault::Negative.error().at(Field::within("refused", index, "missing_milli")));
        }
        if !seen.insert(refusal.id) {
            return Err(Fault::NotDistinct.error().at(Field::within("refused", index, "id")));
        }
        if !refusal.honoured {
            continue;
        }
        lost = lost.checked_add(refusal.missing)?;
        match by_allowance.get_mut(&(refusal.till, refusal.member)) {
            Some(sum) => *sum = sum.checked_add(refusal.missing)?,
            None => without_allowance.push(refusal.id),
        }
    }
    let of = |allowed: &Allowed<'_>| by_allowance.get(&(allowed.till, allowed.member)).copied().unwrap_or_default();
    Ok(Losses { largest_loss, lost, by_allowance: allowances.iter().map(of).collect(), without_allowance })
}
