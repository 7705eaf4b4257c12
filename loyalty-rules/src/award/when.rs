use alloc::vec::Vec;

use super::receipt::{Play, Shopper};
use super::terms::{Slots, Terms};
use crate::calendar::{CivilTime, Date, LocalTime, TimeOfDay};
use crate::condition::Condition;
use crate::error::{Error, Fault};
use crate::quantity::{Count, Points, Rupiah};
use crate::tables::Slot;
use crate::words::words;

words! {
    /// A day of the week.
    pub enum Weekday {
        /// Monday (*Senin*).
        Monday = "monday",
        /// Tuesday (*Selasa*).
        Tuesday = "tuesday",
        /// Wednesday (*Rabu*).
        Wednesday = "wednesday",
        /// Thursday (*Kamis*).
        Thursday = "thursday",
        /// Friday (*Jumat*).
        Friday = "friday",
        /// Saturday (*Sabtu*).
        Saturday = "saturday",
        /// Sunday (*Minggu*).
        Sunday = "sunday",
    }
}

impl Weekday {
    /// The day of the week of a date.
    ///
    /// ```
    /// use loyalty_rules::award::Weekday;
    ///
    /// assert_eq!(Weekday::of("2025-03-01".parse()?), Weekday::Saturday);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn of(date: Date) -> Self {
        // 3 January of the year 0 was a Monday.
        let days = Date::new(0, 1, 3).map_or(0, |monday| date.days_since(monday));
        let place = usize::try_from(days.rem_euclid(7)).unwrap_or_default();
        Self::ALL.get(place).copied().unwrap_or(Self::Monday)
    }
}

/// What an offer's condition tests of a receipt (PT-9). Day and hour are those of the shop: at the program's offset, the day
/// by its opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiptTest {
    /// The selling day is one of these days of the week.
    Weekdays(Vec<Weekday>),
    /// The selling day is one of these dates, such as holidays.
    Dates(Vec<Date>),
    /// The local time lies from the first up to and without the second.
    Period(Option<LocalTime>, Option<LocalTime>),
    /// The time of day lies from the first up to and without the second, over midnight if the second comes first.
    Hours(TimeOfDay, TimeOfDay),
    /// The slot is one of these; outside the hours of a time auction there is none.
    Slots(Slots),
    /// The shopper has made at least so many purchases.
    MinPurchases(Count),
    /// The shopper holds at least so many points.
    MinPoints(Points),
    /// The whole receipt is at least so much, in rupiah.
    MinTotal(Rupiah),
}

/// When an offer takes goods.
pub type When = Condition<ReceiptTest>;

/// What the conditions of a program's offers see of a receipt.
pub(super) struct Sight<'a> {
    total: Rupiah,
    shopper: &'a Shopper,
    /// The local time with its selling day.
    local: Option<(CivilTime, Date)>,
    slot: Option<Slot>,
}

impl<'a> Sight<'a> {
    /// What conditions see, if the receipt tells all that they ask.
    ///
    /// # Errors
    /// `missing_field` for a condition on time or slot before a receipt that does not tell it.
    pub(super) fn new(
        terms: &Terms,
        conditions: &[&When],
        total: Rupiah,
        (slot, at): (Play, Option<(CivilTime, &'static str)>),
        shopper: &'a Shopper,
    ) -> Result<Self, Error> {
        let asks = |asked: fn(&ReceiptTest) -> bool| conditions.iter().any(|condition| condition.tests().into_iter().any(asked));
        let local = at.map(|(at, field)| {
            let local = terms.local(&at).and_then(|local| Ok((local, terms.selling_day(&local)?)));
            local.map_err(|refused| refused.at(field))
        });
        let local = local.transpose()?;
        if local.is_none() && asks(ReceiptTest::is_of_time) {
            return Err(Fault::Missing.error().at("receipt.at"));
        }
        let slot = match (slot, &terms.window, &local) {
            (Play::Slot(slot), ..) => Some(slot),
            (_, Some(window), Some((local, _))) => Slot::at(window, local),
            _ if asks(|test| matches!(test, ReceiptTest::Slots(_))) => return Err(Fault::Missing.error().at("receipt.slot")),
            _ => None,
        };
        Ok(Self { total, shopper, local, slot })
    }

    /// Whether a test is met.
    pub(super) fn meets(&self, test: &ReceiptTest) -> bool {
        let local = |holds: &dyn Fn(&CivilTime, Date) -> bool| self.local.as_ref().is_some_and(|(local, day)| holds(local, *day));
        match test {
            ReceiptTest::Weekdays(days) => local(&|_, day| days.contains(&Weekday::of(day))),
            ReceiptTest::Dates(dates) => local(&|_, day| dates.contains(&day)),
            ReceiptTest::Period(from, until) => local(&|at, _| {
                let now = at.local();
                from.is_none_or(|from| from <= now) && until.is_none_or(|until| now < until)
            }),
            ReceiptTest::Hours(from, until) => local(&|at, _| {
                let now = at.local().time;
                if from <= until { *from <= now && now < *until } else { *from <= now || now < *until }
            }),
            ReceiptTest::Slots(slots) => self.slot.is_some_and(|slot| slots.holds(slot.column())),
            ReceiptTest::MinPurchases(least) => self.shopper.purchases >= *least,
            ReceiptTest::MinPoints(least) => self.shopper.prior_points >= *least,
            ReceiptTest::MinTotal(least) => self.total >= *least,
        }
    }
}

impl ReceiptTest {
    /// What it comes to whatever the receipt is, under these terms; none if it depends on the receipt.
    pub(super) fn known(&self, terms: &Terms) -> Option<bool> {
        let is_met = match self {
            Self::Weekdays(days) if days.is_empty() => false,
            // A selling day can begin on the date before its receipt's.
            Self::Dates(dates) => {
                let is_in = |date: &Date| {
                    let day_after = date.plus_days(1).unwrap_or(*date);
                    terms.from.is_none_or(|from| from.date <= day_after) && terms.until.is_none_or(|until| *date <= until.date)
                };
                return if dates.iter().any(is_in) { None } else { Some(false) };
            }
            Self::Period(from, until) => {
                let starts = from.max(&terms.from);
                let ends = [until, &terms.until].into_iter().flatten().min();
                let is_empty = starts.as_ref().zip(ends).is_some_and(|(starts, ends)| starts >= ends);
                return if is_empty { Some(false) } else { None };
            }
            Self::Hours(from, until) if from == until => false,
            Self::Slots(slots) if *slots == Slots::default() => false,
            Self::MinPurchases(Count::ZERO) | Self::MinPoints(Points::ZERO) => true,
            Self::MinTotal(least) if least.get() <= 0 => true,
            _ => return None,
        };
        Some(is_met)
    }

    /// Whether it asks for the time of the purchase.
    const fn is_of_time(&self) -> bool {
        matches!(self, Self::Weekdays(_) | Self::Dates(_) | Self::Period(..) | Self::Hours(..))
    }
}
