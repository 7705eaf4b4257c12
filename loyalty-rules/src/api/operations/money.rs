//! Money and rates.

use alloc::string::String;

use crate::api::wire::{Path, Refusal, answer, record};
use crate::operations;
use crate::quantity::{Mode, Rate, Rounding, Rupiah, Unit};

operations! {
    "money.apply_rate" ["CV-4"] "An amount times a rate, rounded once.": apply_rate, ApplyRate => Value;
    "rate.parse" ["CV-2"] "A rate from text such as 3.5%.": parse_rate, RateText => ParsedRate;
}

record! {
    /// An amount and a rate.
    pub struct ApplyRate {
        /// The amount in rupiah; negative for a refund.
        amount: Rupiah,
        /// The rate in basis points.
        rate_bp: Rate,
        /// The rounding unit in rupiah: 1, 10, 50, 100, 500 or 1,000.
        unit: Unit = Unit::default(),
        /// The rounding direction.
        mode: Mode = Mode::default(),
    }
}

answer! {
    /// An amount.
    pub struct Value {
        /// The value in rupiah.
        value: Rupiah,
    }
}

record! {
    /// A rate for people.
    pub struct RateText {
        /// Digits, an optional point with one or two digits, and %.
        text: String,
    }
}

answer! {
    /// A rate.
    pub struct ParsedRate {
        /// The rate in basis points.
        rate_bp: Rate,
    }
}

fn apply_rate(request: &ApplyRate) -> Result<Value, Refusal> {
    let rounding = Rounding { unit: request.unit, mode: request.mode };
    Ok(Value { value: rounding.apply(request.amount, request.rate_bp)? })
}

fn parse_rate(request: &RateText) -> Result<ParsedRate, Refusal> {
    let rate_bp = Rate::parse(&request.text).map_err(|error| Refusal::inside(error, &Path::Root.key("text")))?;
    Ok(ParsedRate { rate_bp })
}
