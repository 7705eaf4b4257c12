//! Rate tables and bands.

use alloc::vec::Vec;

use crate::api::fields::{TableFields, ten_rates};
use crate::api::wire::{Path, Refusal, Whole, answer, record};
use crate::error::Fault;
use crate::funding::Bonus;
use crate::operations;
use crate::quantity::{Rate, Ratio};
use crate::tables::{Column, Digit, MarginClass, Mechanism, RateTable, Slot};

operations! {
    "table.rate" ["SW-3 TA-3"] "The rate of a table's column.": rate, TableColumn => TableRate;
    "table.stats" ["SW-5"] "What a table gives under uniform and under forced play.": stats, TableFields => TableStats;
    "table.check" ["TB-2 TB-3"] "Whether ten rates make a table.": check, OwnRates => Checked;
    "table.margin_class" ["DEC-3"] "The class of a margin.": margin_class, Margin => Class;
    "bonus.check" ["BN-1 BN-2 BN-3 BN-4 BN-5"] "Whether a rate lies in its bonus's band.": check_bonus, BonusRate => Checked;
}

record! {
    /// What picks a column: a digit of the stopwatch or a slot of the time auction.
    pub struct ColumnFields {
        /// The lucky digit, 0 … 9.
        digit: Option<Digit>,
        /// The slot, 1 … 10.
        slot: Option<Slot>,
    }
}

impl ColumnFields {
    pub fn column(&self, mechanism: Mechanism, path: &Path<'_>) -> Result<Column, Refusal> {
        let (fault, field) = match (mechanism, self.digit, self.slot) {
            (Mechanism::Stopwatch, Some(digit), None) => return Ok(digit.column()),
            (Mechanism::TimeAuction, None, Some(slot)) => return Ok(slot.column()),
            (Mechanism::Flat | Mechanism::Points, ..) => (Fault::NoTableHere, "mechanism"),
            (Mechanism::Stopwatch, None, None) => (Fault::Missing, "digit"),
            (Mechanism::TimeAuction, None, None) => (Fault::Missing, "slot"),
            (Mechanism::Stopwatch, _, Some(_)) => (Fault::ColumnOfOtherMechanism, "slot"),
            (Mechanism::TimeAuction, Some(_), _) => (Fault::ColumnOfOtherMechanism, "digit"),
        };
        Err(Refusal::at(fault, &path.key(field)))
    }
}

record! {
    /// A table and one of its columns.
    pub struct TableColumn {
        [flat] table: TableFields,
        [flat] column: ColumnFields,
    }
}

answer! {
    /// A table's rate.
    pub struct TableRate {
        /// The rate in basis points.
        rate_bp: Rate,
    }
}

answer! {
    /// What a table gives on average and at most.
    pub struct TableStats {
        /// The mean rate under uniform play, in tenths of a basis point.
        uniform_tenth_bp: Whole,
        /// The rate under a forcing player: the row's maximum, in basis points.
        forced_bp: Rate,
    }
}

record! {
    /// Ten rates of the merchant's own.
    pub struct OwnRates {
        /// Ten rates in basis points, in column order.
        rates_bp: Vec<Rate>,
        /// Whether they may fall.
        allow_falling: bool = false,
    }
}

answer! {
    /// Nothing to refuse.
    pub struct Checked {
        /// Always true; what is wrong is refused.
        ok: bool,
    }
}

record! {
    /// A margin.
    pub struct Margin {
        /// The margin in basis points; it may be negative.
        margin_bp: Ratio,
    }
}

answer! {
    /// A margin class.
    pub struct Class {
        /// Below 15 %, or from 15.00 %.
        margin_class: MarginClass,
    }
}

record! {
    /// A bonus and a rate.
    pub struct BonusRate {
        /// The bonus.
        bonus: Bonus,
        /// The rate in basis points.
        rate_bp: Rate,
    }
}

fn rate(request: &TableColumn) -> Result<TableRate, Refusal> {
    let table = request.table.table(&Path::Root)?;
    Ok(TableRate { rate_bp: table.rate(request.column.column(table.mechanism(), &Path::Root)?) })
}

fn stats(request: &TableFields) -> Result<TableStats, Refusal> {
    let table = request.table(&Path::Root)?;
    Ok(TableStats { uniform_tenth_bp: Whole(table.uniform_tenth_bp().into()), forced_bp: table.highest() })
}

fn check(request: &OwnRates) -> Result<Checked, Refusal> {
    let rates = ten_rates(&request.rates_bp, &Path::Root.key("rates_bp"))?;
    // The rule is the same for both mechanisms.
    RateTable::own(Mechanism::TimeAuction, rates, request.allow_falling)?;
    Ok(Checked { ok: true })
}

#[expect(clippy::unnecessary_wraps, reason = "every operation may refuse")]
fn margin_class(request: &Margin) -> Result<Class, Refusal> {
    Ok(Class { margin_class: MarginClass::of(request.margin_bp) })
}

fn check_bonus(request: &BonusRate) -> Result<Checked, Refusal> {
    request.bonus.check(request.rate_bp).map_err(|error| error.at("rate_bp"))?;
    Ok(Checked { ok: true })
}
