use core::fmt;

use super::row::{Edition, MarginClass, Mechanism, Row};
use super::{Digit, Slot, stopwatch, time_auction};
use crate::error::{Error, Fault, Field};
use crate::quantity::Rate;

/// The name of a printed table: mechanism / edition / margin class / tier (TB-1). The stopwatch has one
/// edition, unnamed.
///
/// ```
/// use loyalty_rules::tables::TableName;
///
/// let gold = TableName::parse("time_auction/recommended/from_15/gold")?;
/// assert_eq!(gold.to_string(), "time_auction/recommended/from_15/gold");
/// assert!(TableName::all().any(|table| table == gold));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TableName(&'static Row);

impl TableName {
    /// Every printed table, stopwatch first, in printed order.
    pub fn all() -> impl Iterator<Item = Self> {
        stopwatch::ROWS.iter().chain(time_auction::ROWS).map(Self)
    }

    /// The table of these parts; `edition` is `None` for the stopwatch.
    ///
    /// # Errors
    /// `unknown_table` if there is none.
    pub fn find(mechanism: Mechanism, edition: Option<Edition>, margin_class: MarginClass, tier: &str) -> Result<Self, Error> {
        Self::all()
            .find(|Self(row)| row.mechanism == mechanism && row.edition == edition && row.margin_class == margin_class && row.tier == tier)
            .ok_or(Fault::NoSuchTable.error())
    }

    /// The table of a name such as `stopwatch/below_15/plus`.
    ///
    /// # Errors
    /// `unknown_table` if there is none.
    pub fn parse(name: &str) -> Result<Self, Error> {
        Self::all().find(|table| table.parts().eq(name.split('/'))).ok_or(Fault::NoSuchTable.error())
    }

    /// What picks the column.
    pub const fn mechanism(self) -> Mechanism {
        self.0.mechanism
    }

    /// The edition, if its mechanism has them.
    pub const fn edition(self) -> Option<Edition> {
        self.0.edition
    }

    /// The margin class it is meant for.
    pub const fn margin_class(self) -> MarginClass {
        self.0.margin_class
    }

    /// The tier, in lower case.
    pub const fn tier(self) -> &'static str {
        self.0.tier
    }

    /// The number that names it in a compiled program, from 1.
    pub const fn number(self) -> u8 {
        self.0.number
    }

    fn parts(self) -> impl Iterator<Item = &'static str> {
        let Row { mechanism, edition, margin_class, tier, .. } = self.0;
        core::iter::once(mechanism.name()).chain(edition.map(Edition::name)).chain([margin_class.name(), tier])
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts().enumerate() {
            if index > 0 {
                f.write_str("/")?;
            }
            f.write_str(part)?;
        }
        Ok(())
    }
}

/// A column, 0 … 9 from first to last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Column(u8);

impl Column {
    /// The first column.
    pub const FIRST: Self = Self(0);

    /// The columns from first to last.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        (0..10).map(Self)
    }

    /// The column of an index below ten; callers hold a digit or a slot.
    pub(crate) const fn of(index: u8) -> Self {
        Self(index)
    }

    /// The digit of a stopwatch column: 1 … 9, then 0.
    pub const fn digit(self) -> Digit {
        Digit::of_column(self)
    }

    /// The slot of a time-auction column.
    pub const fn slot(self) -> Slot {
        Slot::of_column(self)
    }

    /// 0 … 9.
    pub const fn index(self) -> u8 {
        self.0
    }
}

/// Ten rates in column order, a printed table or the merchant's own (TB-2).
///
/// ```
/// use loyalty_rules::tables::{Digit, RateTable, TableName};
///
/// let plus = RateTable::from(TableName::parse("stopwatch/below_15/plus")?);
/// assert_eq!(plus.rate(Digit::new(1)?.column()).bp(), 200); // the first column
/// assert_eq!(plus.rate(Digit::new(0)?.column()).bp(), 1_100); // the last
/// assert_eq!(plus.uniform_tenth_bp(), 6_500); // SW-5: 6.5 % on average
/// assert_eq!(plus.highest().bp(), 1_100); // SW-5: what a player who watches a clock gets
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RateTable {
    name: Option<TableName>,
    mechanism: Mechanism,
    rates: [Rate; 10],
    allow_falling: bool,
}

impl From<TableName> for RateTable {
    fn from(name: TableName) -> Self {
        // A printed rate is below 100 %; a unit test reads them all.
        let rates = name.0.rates_bp.map(|bp| Rate::from_bp(bp).unwrap_or(Rate::WHOLE));
        Self { name: Some(name), mechanism: name.mechanism(), rates, allow_falling: false }
    }
}

impl RateTable {
    /// The merchant's own table: ten rates in column order that never fall (TB-3) unless allowed.
    ///
    /// # Errors
    /// `bad_table` if a rate is below the one before and `allow_falling` is not set.
    pub fn own(mechanism: Mechanism, rates: [Rate; 10], allow_falling: bool) -> Result<Self, Error> {
        let next = rates.iter().skip(1);
        match rates.iter().zip(next).position(|(rate, next)| next < rate) {
            Some(falling) if !allow_falling => Err(Fault::FallingRates.error().at(Field::entry("rates_bp", falling.wrapping_add(1)))),
            _ => Ok(Self { name: None, mechanism, rates, allow_falling }),
        }
    }

    /// One rate for every purchase (PT-8).
    ///
    /// ```
    /// use loyalty_rules::quantity::Rate;
    /// use loyalty_rules::tables::{Mechanism, RateTable};
    ///
    /// let flat = RateTable::flat(Rate::from_bp(500)?);
    /// assert_eq!((flat.mechanism(), flat.highest().bp()), (Mechanism::Flat, 500));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub const fn flat(rate: Rate) -> Self {
        Self { name: None, mechanism: Mechanism::Flat, rates: [rate; 10], allow_falling: false }
    }

    /// No rate: points by steps of the purchase decide (PT-8).
    pub const POINTS: Self = Self { name: None, mechanism: Mechanism::Points, rates: [Rate::ZERO; 10], allow_falling: false };

    /// The name of a printed table; `None` for the merchant's own.
    pub const fn name(&self) -> Option<TableName> {
        self.name
    }

    /// What picks the column.
    pub const fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// The ten rates in column order.
    pub const fn rates(&self) -> &[Rate; 10] {
        &self.rates
    }

    /// Whether the merchant allowed rates to fall.
    pub const fn allow_falling(&self) -> bool {
        self.allow_falling
    }

    /// The rate of a column (SW-3, TA-3).
    #[inline]
    pub fn rate(&self, column: Column) -> Rate {
        self.rates.get(usize::from(column.0)).copied().unwrap_or_default()
    }

    /// The mean rate when all columns are equally likely, in tenths of a basis point (SW-5): the sum of
    /// the ten rates.
    pub fn uniform_tenth_bp(&self) -> u32 {
        self.rates.iter().fold(0, |sum, rate| sum.wrapping_add(u32::from(rate.bp())))
    }

    /// The highest rate, which a shopper who watches a clock can always get (SW-5).
    pub fn highest(&self) -> Rate {
        self.rates.iter().copied().max().unwrap_or_default()
    }

    /// The earliest column of the highest rate.
    pub fn highest_column(&self) -> Column {
        Column::all().rev().max_by_key(|column| self.rate(*column)).unwrap_or_default()
    }

    /// The earliest column of the smallest rate.
    pub fn smallest_column(&self) -> Column {
        Column::all().min_by_key(|column| self.rate(*column)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_rows_are_rates_that_never_fall() {
        for name in TableName::all() {
            let printed = RateTable::from(name);
            assert!(printed.rates.iter().map(|rate| rate.bp()).eq(name.0.rates_bp));
            assert!(RateTable::own(name.mechanism(), printed.rates, false).is_ok(), "{name}");
        }
    }
}
