use alloc::vec::Vec;
use core::cmp::Reverse;

use super::shoppers::share;
use crate::fault::Faults as _;
use loyalty_rules::calendar::{Date, Month};
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::{Count, Rate, Ratio, Rupiah};
use loyalty_rules::sort;
use loyalty_rules::words;

words! {
    /// What makes a shopper regular (PL-18).
    #[derive(Default)]
    pub enum RegularBy {
        /// A purchase in each calendar month since the first; the running month need not have one yet.
        #[default]
        Monthly = "monthly",
        /// Three purchases in the six calendar months that end with the running one.
        ThreeInSixMonths = "three_in_six_months",
        /// Being among the highest spenders who make a share of all spending.
        TopShare = "top_share",
    }
}

words! {
    /// How a shopper stands to a shop (PL-18).
    pub enum Segment {
        /// At most one purchase.
        New = "new",
        /// As the terms say.
        Regular = "regular",
        /// None of the others.
        Occasional = "occasional",
        /// No purchase for too long.
        Lapsed = "lapsed",
    }
}

/// A purchase of a shopper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// When.
    pub date: Date,
    /// What was paid, in rupiah, zero or more.
    pub amount: Rupiah,
}

/// The purchases of a shopper up to a date, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    /// How many.
    pub purchases: Count,
    /// Their sum, in rupiah.
    pub spent: Rupiah,
    /// The date of the latest one.
    pub last: Option<Date>,
    as_of: Date,
    is_monthly: bool,
    in_six_months: usize,
}

impl History {
    /// The purchases up to and including a date, in any order.
    ///
    /// # Errors
    /// `bad_config` for a purchase after the date, `out_of_range` for a negative amount or if the sum leaves the domain.
    pub fn new(purchases: &[Purchase], as_of: Date) -> Result<Self, Error> {
        let mut spent = Rupiah::ZERO;
        for (index, purchase) in purchases.iter().enumerate() {
            if purchase.date > as_of {
                return Err(Fault::PurchaseAfterAsOf.error().at(Field::within("purchases", index, "date")));
            }
            if purchase.amount < Rupiah::ZERO {
                return Err(Fault::Negative.error().at(Field::within("purchases", index, "amount")));
            }
            spent = spent.checked_add(purchase.amount).map_err(|refused| refused.at("purchases"))?;
        }
        let months_ago = |purchase: &Purchase| Month::of(as_of).months_since(Month::of(purchase.date));
        let mut months: Vec<i64> = purchases.iter().map(months_ago).collect();
        let in_six_months = months.iter().filter(|ago| **ago < 6).count();
        sort::ascending(&mut months);
        months.dedup();
        let since_first = months.last().and_then(|ago| usize::try_from(*ago).ok()).unwrap_or_default();
        Ok(Self {
            purchases: Count::new(i64::try_from(purchases.len()).unwrap_or(i64::MAX))?,
            spent,
            last: purchases.iter().map(|purchase| purchase.date).max(),
            as_of,
            is_monthly: months.iter().filter(|ago| **ago > 0).count() == since_first,
            in_six_months,
        })
    }
}

/// How shoppers are told apart (PL-18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentTerms {
    /// What makes a shopper regular.
    pub regular: RegularBy,
    /// The share of all spending that the regulars of [`RegularBy::TopShare`] reach.
    pub top_share: Rate,
    /// A shopper has lapsed when the last purchase is more days ago than this.
    pub lapsed_days: Count,
}

impl SegmentTerms {
    /// The segment of each shopper, given by id and history; the first that holds of lapsed, new, regular, occasional.
    /// Equal spenders rank by id.
    ///
    /// ```
    /// use loyalty_planning::{History, Purchase, RegularBy, Segment, SegmentTerms};
    /// use loyalty_rules::quantity::{Count, Rate, Rupiah};
    ///
    /// let as_of = "2025-03-10".parse()?;
    /// let bought = |date: &str| Ok::<_, loyalty_rules::Error>(Purchase { date: date.parse()?, amount: Rupiah::new(50_000)? });
    /// let ani = History::new(&[bought("2025-01-31")?, bought("2025-02-01")?], as_of)?; // March is not over
    /// let budi = History::new(&[bought("2024-11-30")?, bought("2024-12-09")?], as_of)?;
    ///
    /// let terms = SegmentTerms { regular: RegularBy::Monthly, top_share: Rate::ZERO, lapsed_days: Count::new(90)? };
    /// assert_eq!(terms.segments(&[("ani", ani), ("budi", budi)]), [Segment::Regular, Segment::Lapsed]); // 91 days
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn segments(&self, shoppers: &[(&str, History)]) -> Vec<Segment> {
        let top = if self.regular == RegularBy::TopShare { self.top_spenders(shoppers) } else { Vec::new() };
        let segment = |(index, (_, history)): (usize, &(&str, History))| {
            let is_regular = match self.regular {
                RegularBy::Monthly => history.is_monthly,
                RegularBy::ThreeInSixMonths => history.in_six_months >= 3,
                RegularBy::TopShare => top.binary_search(&index).is_ok(),
            };
            match history.last {
                Some(last) if history.as_of.days_since(last) > self.lapsed_days.get() => Segment::Lapsed,
                _ if history.purchases.get() <= 1 => Segment::New,
                _ if is_regular => Segment::Regular,
                _ => Segment::Occasional,
            }
        };
        shoppers.iter().enumerate().map(segment).collect()
    }

    /// The places, rising, of the fewest highest spenders who reach the share.
    fn top_spenders(&self, shoppers: &[(&str, History)]) -> Vec<usize> {
        // A list in memory is shorter than 2⁶⁰, so its sums stay below 2¹²⁷ even in ten-thousandths.
        let spent = |history: &History| i128::from(history.spent.get());
        let all = shoppers.iter().fold(0_i128, |sum, (_, history)| sum.wrapping_add(spent(history)));
        let target = all.wrapping_mul(self.top_share.bp().into());
        let mut by_spending: Vec<_> = shoppers.iter().enumerate().collect();
        sort::by_key(&mut by_spending, |(_, (id, history))| (Reverse(history.spent), *id));
        let mut reached = 0_i128;
        let is_needed = |(_, (_, history)): &(usize, &(&str, History))| {
            let is_needed = reached.wrapping_mul(10_000) < target;
            reached = reached.wrapping_add(spent(history));
            is_needed
        };
        let mut top: Vec<usize> = by_spending.into_iter().take_while(is_needed).map(|(index, _)| index).collect();
        sort::ascending(&mut top);
        top
    }
}

/// How many shoppers each segment has, and the share of the regular ones (PL-18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentCounts {
    /// By segment, in the order of [`Segment::ALL`].
    pub counts: [Count; 4],
    /// Regular ÷ all, truncated; 0 for nobody.
    pub regular_share: Ratio,
}

impl SegmentCounts {
    /// Counts segments.
    ///
    /// ```
    /// use loyalty_planning::{Segment, SegmentCounts};
    ///
    /// let counts = SegmentCounts::of(&[Segment::New, Segment::Regular, Segment::New])?;
    /// assert_eq!(counts.counts.map(|count| count.get()), [2, 1, 0, 0]);
    /// assert_eq!(counts.regular_share.bp(), 3_333);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// None for a list that fits the domain of CV-1.
    pub fn of(segments: &[Segment]) -> Result<Self, Error> {
        let count = |number: usize| Count::new(i64::try_from(number).unwrap_or(i64::MAX));
        let mut counts = [Count::ZERO; 4];
        for (of_segment, segment) in counts.iter_mut().zip(Segment::ALL) {
            *of_segment = count(segments.iter().filter(|each| *each == segment).count())?;
        }
        let [_, regular, ..] = counts;
        let regular_share = if segments.is_empty() { Ratio::ZERO } else { share(regular, count(segments.len())?, "shoppers")? };
        Ok(Self { counts, regular_share })
    }
}
