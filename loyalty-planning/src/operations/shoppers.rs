//! How shoppers buy.

use crate::{FrequencyClass, RegularsClass, Sensitivity};
use loyalty_rules::api::wire::{Amount, Refusal, answer, operations, record};
use loyalty_rules::quantity::{Count, Rate, Ratio};

loyalty_rules::wire_words! {
    RegularsClass;
    FrequencyClass;
    Sensitivity;
}

operations! {
    "plan.regulars" ["PL-8"] "The share of regular shoppers.": regulars, RegularsRequest => RegularsAnswer;
    "plan.frequency" ["PL-9"] "How often regular shoppers buy.": frequency, FrequencyRequest => FrequencyAnswer;
    "plan.popularity" ["PL-10"] "A product's share of the units sold.": popularity, UnitsSold => Popularity;
    "plan.retention" ["PL-12"] "The share of shoppers who come back.": retention, ShoppersBack => Retention;
    "plan.sales_change" ["PL-11"] "How sales answer to a discount.": sales_change, SalesRequest => SalesAnswer;
}

record! {
    /// Shoppers of a shop.
    pub struct RegularsRequest {
        /// Regular shoppers.
        regulars: Count,
        /// All shoppers, above zero.
        all: Count,
    }
}

answer! {
    /// How much a shop rests on its regular shoppers.
    pub struct RegularsAnswer {
        /// Regulars ÷ all, in basis points truncated.
        share_bp: Ratio,
        /// The class of the exact share.
        class: RegularsClass,
    }
}

record! {
    /// Purchases of regular shoppers.
    pub struct FrequencyRequest {
        /// The transactions of regular shoppers.
        transactions: Count,
        /// Regular shoppers, above zero.
        regulars: Count,
        /// The months in which they bought, above zero.
        months: Count,
    }
}

answer! {
    /// How often regular shoppers buy.
    pub struct FrequencyAnswer {
        /// Thousandths of a purchase a month, truncated.
        per_month_milli: Count,
        /// The class of the exact frequency.
        class: FrequencyClass,
    }
}

record! {
    /// Units sold.
    pub struct UnitsSold {
        /// Of the product.
        units: Count,
        /// Of all products, above zero.
        all_units: Count,
    }
}

answer! {
    /// A product's popularity.
    pub struct Popularity {
        /// Units ÷ all units, in basis points truncated.
        share_bp: Ratio,
    }
}

record! {
    /// Shoppers at the start, and those of them who came back.
    pub struct ShoppersBack {
        /// Who came back.
        returning: Count,
        /// Who was there at the start, above zero.
        initial: Count,
    }
}

answer! {
    /// The share of shoppers who come back.
    pub struct Retention {
        /// Returning ÷ initial, in basis points truncated.
        retention_bp: Ratio,
    }
}

record! {
    /// Sales before and during a discount.
    pub struct SalesRequest {
        /// The sales before in rupiah, above zero.
        before: Amount,
        /// The sales during it in rupiah.
        during: Amount,
        /// The discount that was tried, in basis points.
        discount_bp: Option<Rate>,
    }
}

answer! {
    /// How sales changed.
    pub struct SalesAnswer {
        /// (During − before) ÷ before, in basis points truncated toward zero; negative if sales fell.
        change_bp: Ratio,
        /// The class of the exact change.
        sensitivity: Sensitivity,
        /// Whether the discount makes the class conclusive; absent without one.
        [omit] conclusive: Option<bool>,
    }
}

fn regulars(request: &RegularsRequest) -> Result<RegularsAnswer, Refusal> {
    let regulars = crate::regulars(request.regulars, request.all)?;
    Ok(RegularsAnswer { share_bp: regulars.share, class: regulars.class })
}

fn frequency(request: &FrequencyRequest) -> Result<FrequencyAnswer, Refusal> {
    let frequency = crate::frequency(request.transactions, request.regulars, request.months)?;
    Ok(FrequencyAnswer { per_month_milli: frequency.per_month_milli, class: frequency.class })
}

fn popularity(request: &UnitsSold) -> Result<Popularity, Refusal> {
    Ok(Popularity { share_bp: crate::popularity(request.units, request.all_units)? })
}

fn retention(request: &ShoppersBack) -> Result<Retention, Refusal> {
    Ok(Retention { retention_bp: crate::retention(request.returning, request.initial)? })
}

fn sales_change(request: &SalesRequest) -> Result<SalesAnswer, Refusal> {
    let change = crate::sales_change(request.before.0, request.during.0)?;
    let conclusive = request.discount_bp.map(|discount| change.sensitivity.is_conclusive_at(discount));
    Ok(SalesAnswer { change_bp: change.change, sensitivity: change.sensitivity, conclusive })
}
