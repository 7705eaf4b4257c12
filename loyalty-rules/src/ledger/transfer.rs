use super::Account;
use crate::calendar::CivilTime;
use crate::error::{Error, Fault};
use crate::quantity::Points;

/// What became of a transfer between two members (LG-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointTransfer {
    /// A redemption of the sender and an earning of the receiver, of the same points at the same time.
    Pair {
        /// The earning's expiry: the soonest among the points sent, so that no life is lengthened.
        expires: Option<CivilTime>,
    },
    /// The sender cannot spend so many; so many thousandths are missing.
    Insufficient(Points),
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
    if from == to {
        return Err(Fault::SameAccount.error().at("to"));
    }
    if sender.name().is_some_and(|name| name != from) {
        return Err(Fault::OneAccount.error().at("from"));
    }
    if points <= Points::ZERO {
        return Err(Fault::BelowOne.error().at("points_milli"));
    }
    let mut lots = sender.usable_lots(at).peekable();
    let expires = lots.peek().and_then(|lot| lot.expires);
    let usable = lots.fold(0_i128, |sum, lot| sum.wrapping_add(lot.points.milli().into()));
    match i64::try_from(i128::from(points.milli()).wrapping_sub(usable)) {
        Ok(missing) if missing > 0 => Points::from_milli(missing).map(PointTransfer::Insufficient),
        _ => Ok(PointTransfer::Pair { expires }),
    }
}
