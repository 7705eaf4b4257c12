use alloc::string::String;
use alloc::vec::Vec;

use super::{Account, Lot};
use crate::calendar::CivilTime;
use crate::error::{Error, Fault};
use crate::quantity::Points;

/// What became of a transfer between two members (LG-10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PointTransfer {
    /// The lots that are sent, in spending order: each is a sending half and a receiving half of the same points at the
    /// same time. Beside them the debt that goes along, of a merge alone.
    Sent(Vec<SentLot>, Points),
    /// The sender cannot spend so many; so many thousandths are missing.
    Insufficient(Points),
    /// A merge waits until open reservations are committed or released.
    Held,
    /// A merge comes after the last earning.
    Pending,
}

/// What is sent of a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentLot {
    /// The lot's id.
    pub lot: String,
    /// The shop that issued it, which goes on owing it; none if it is not known.
    pub shop: Option<String>,
    /// What is sent.
    pub points: Points,
    /// Its expiry, which it keeps.
    pub expires: Option<CivilTime>,
}

/// Judges a transfer of points from an account at a time.
///
/// ```
/// use loyalty_rules::ledger::{Account, PointTransfer, transfer};
/// use loyalty_rules::quantity::Points;
///
/// let at = "2025-03-01T10:00:00+07:00".parse()?;
/// let five = Points::from_milli(5_000)?;
/// assert_eq!(transfer(&Account::default(), "M1", "M2", five, &at)?, PointTransfer::Insufficient(five));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `bad_config` if sender and receiver are one, or the account is not the sender's; `out_of_range` for less than a
/// thousandth.
pub fn transfer(sender: &Account, from: &str, to: &str, points: Points, at: &CivilTime) -> Result<PointTransfer, Error> {
    check(sender, from, to)?;
    if points <= Points::ZERO {
        return Err(Fault::BelowOne.error().at("points_milli"));
    }
    let (mut rest, mut lots) = (points.milli(), Vec::new());
    for lot in sender.usable_lots(at) {
        let part = lot.points.milli().min(rest);
        if part > 0 {
            lots.push(sent(&lot, Points::from_milli(part)?));
            rest = rest.wrapping_sub(part);
        }
    }
    if rest > 0 {
        return Points::from_milli(rest).map(PointTransfer::Insufficient);
    }
    Ok(PointTransfer::Sent(lots, Points::ZERO))
}

/// Judges the merge of an account into another: all lots that can be spent, each with its expiry, and the debt (LG-10).
///
/// # Errors
/// `bad_config` if sender and receiver are one, or the account is not the sender's.
pub fn merge(sender: &Account, from: &str, to: &str, at: &CivilTime) -> Result<PointTransfer, Error> {
    check(sender, from, to)?;
    if sender.has_reservations() {
        return Ok(PointTransfer::Held);
    }
    if sender.lots().any(|lot| at.instant_nanos() < lot.time.instant_nanos()) {
        return Ok(PointTransfer::Pending);
    }
    Ok(PointTransfer::Sent(sender.usable_lots(at).map(|lot| sent(&lot, lot.points)).collect(), sender.debt()))
}

fn check(sender: &Account, from: &str, to: &str) -> Result<(), Error> {
    if from == to {
        return Err(Fault::SameAccount.error().at("to"));
    }
    if sender.name().is_some_and(|name| name != from) {
        return Err(Fault::OneAccount.error().at("from"));
    }
    Ok(())
}

fn sent(lot: &Lot<'_>, points: Points) -> SentLot {
    SentLot { lot: lot.id.into(), shop: lot.shop.map(Into::into), points, expires: lot.expires }
}
