use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::calendar::CivilTime;
use crate::error::{Error, Fault, Field};
use crate::quantity::{Count, Points, Rupiah};
use crate::sort;

/// What an item is worth, zero or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// A voucher, in rupiah.
    Value(Rupiah),
    /// A lot of points.
    Points(Points),
}

/// A voucher or a lot of points of a shopper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiring<'a> {
    /// Its id.
    pub id: &'a str,
    /// Whose it is.
    pub shopper: &'a str,
    /// From when it can no longer be used; without one it is never listed.
    pub expires: Option<CivilTime>,
    /// What it is worth.
    pub worth: Worth,
}

/// What a shopper is to be reminded of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder<'a> {
    /// The shopper.
    pub shopper: &'a str,
    /// The vouchers together, in rupiah.
    pub value: Rupiah,
    /// The points together.
    pub points: Points,
    /// The items by their expiry, then id.
    pub items: Vec<(&'a str, CivilTime)>,
}

/// What expires within a number of days, by shopper (VC-10): after `as_of`, and at most so many times 24 hours later.
///
/// ```
/// use loyalty_rules::ledger::voucher::{Expiring, Worth, reminders};
/// use loyalty_rules::quantity::{Count, Rupiah};
///
/// let expires = Some("2025-03-15T00:00:00+07:00".parse()?);
/// let items = [Expiring { id: "V1", shopper: "Budi", expires, worth: Worth::Value(Rupiah::new(15_000)?) }];
/// let at = |text: &str| text.parse().unwrap();
/// assert_eq!(reminders(&items, &at("2025-03-12T00:00:00+07:00"), Count::new(3)?)?[0].value.get(), 15_000);
/// assert!(reminders(&items, &at("2025-03-15T00:00:00+07:00"), Count::new(3)?)?.is_empty()); // too late
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` for a negative worth, or if a sum leaves the domain.
pub fn reminders<'a>(items: &[Expiring<'a>], as_of: &CivilTime, days: Count) -> Result<Vec<Reminder<'a>>, Error> {
    // 2⁵³ days stay below 2¹⁰⁰ nanoseconds.
    let within = i128::from(days.get()).wrapping_mul(86_400_000_000_000);
    let mut by_shopper = BTreeMap::<&str, Reminder<'_>>::new();
    for (index, item) in items.iter().enumerate() {
        let (value, points) = match item.worth {
            Worth::Value(value) => (value, Points::ZERO),
            Worth::Points(points) => (Rupiah::ZERO, points),
        };
        let negative = if value < Rupiah::ZERO { Some("value") } else { (points < Points::ZERO).then_some("points_milli") };
        if let Some(field) = negative {
            return Err(Fault::Negative.error().at(Field::within("items", index, field)));
        }
        let ahead = |expires: &CivilTime| (1..=within).contains(&expires.nanos_since(as_of));
        let Some(expires) = item.expires.filter(ahead) else { continue };
        let shopper = item.shopper;
        let empty = Reminder { shopper, value: Rupiah::ZERO, points: Points::ZERO, items: Vec::new() };
        let reminder = by_shopper.entry(shopper).or_insert(empty);
        reminder.value = reminder.value.checked_add(value)?;
        reminder.points = reminder.points.checked_add(points)?;
        reminder.items.push((item.id, expires));
    }
    let mut reminders: Vec<_> = by_shopper.into_values().collect();
    for reminder in &mut reminders {
        sort::by_key(&mut reminder.items, |(id, expires)| (expires.instant_nanos(), *id));
    }
    Ok(reminders)
}
