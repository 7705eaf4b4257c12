//! Consigned goods.

use alloc::vec::Vec;

use super::operations;
use crate::api::wire::{Amount, Refusal, Whole, answer, record};
use crate::error::Fault;
use crate::funding::{self, Scheme, Stage};
use crate::quantity::{Count, Rate, Rupiah};

operations! {
    "consignment.price" ["CS-1"] "The price of consigned goods on a day.": price, PriceRequest => StagePrice;
    "consignment.profit" ["CS-3"] "The profit on consigned goods, divided.": profit, ProfitRequest => ProfitAnswer;
    "consignment.return_cost" ["CS-4"] "Who bears the cost of returned goods.": return_cost, ReturnRequest => ReturnAnswer;
    "consignment.take_back" ["CS-5"] "What the parent branch gets for taking stage-three goods back.": take_back, TakeBackRequest => TakeBackAnswer;
}

record! {
    /// Goods and their periods.
    pub struct PriceRequest {
        /// The starting price in rupiah.
        price: Amount,
        /// Four periods in days: of the full price and of stages one, two and three.
        stage_days: Vec<Count>,
        /// The day, counted from 0.
        day: Count,
    }
}

answer! {
    /// A stage and its price.
    pub struct StagePrice {
        /// 0 at the full price, 1 … 3, 4 when returned.
        stage: Whole,
        /// The price in rupiah; null when returned.
        price: Option<Rupiah>,
        /// Whether what is left goes back to the owner.
        returned: bool,
    }
}

record! {
    /// Goods sold.
    pub struct ProfitRequest {
        /// How the profit is divided.
        scheme: Scheme,
        /// The sale price of a unit in rupiah.
        sale_price: Amount,
        /// The cost of a unit in rupiah.
        cost: Amount,
        /// Units sold.
        units: Count = Count::new(1).unwrap_or_default(),
    }
}

answer! {
    /// A profit and its parts.
    pub struct ProfitAnswer {
        /// (Sale price − cost) × units in rupiah; negative for a loss.
        profit: Rupiah,
        /// A: distributor, child branch; B: distributor, producer, child branch. In rupiah; they sum to the profit.
        parts: Vec<Rupiah>,
    }
}

record! {
    /// Goods ordered and returned.
    pub struct ReturnRequest {
        /// Units ordered.
        ordered: Count,
        /// Units the child branch can sell.
        capacity: Count,
        /// Units returned.
        returned: Count,
        /// The cost of returning a unit, in rupiah.
        cost_per_unit: Amount,
    }
}

answer! {
    /// Who bears the return cost of the excess.
    pub struct ReturnAnswer {
        /// Returned units that were ordered beyond the capacity.
        excess_returned: Count,
        /// The child branch's half, in rupiah.
        child: Rupiah,
        /// The parent branch's half with the odd rupiah, in rupiah.
        parent: Rupiah,
    }
}

record! {
    /// Stage-three goods taken back.
    pub struct TakeBackRequest {
        /// The starting price of a unit in rupiah.
        price: Amount,
        /// Units taken back.
        units: Count,
        /// The parent branch's share of the price reduction.
        rate_bp: Rate = Rate::from_bp(1_500).unwrap_or_default(),
    }
}

answer! {
    /// What the child branch pays the parent branch.
    pub struct TakeBackAnswer {
        /// In rupiah, rounded down once.
        amount: Rupiah,
    }
}

fn price(request: &PriceRequest) -> Result<StagePrice, Refusal> {
    let periods_days = request.stage_days.as_slice().try_into().map_err(|_| Fault::NotFourPeriods.error().at("stage_days"))?;
    let stage = Stage::at(request.day, periods_days);
    let price = stage.price(request.price.0)?;
    Ok(StagePrice { stage: Whole(stage.number().into()), price, returned: stage == Stage::Returned })
}

fn profit(request: &ProfitRequest) -> Result<ProfitAnswer, Refusal> {
    let divided = request.scheme.divide(request.sale_price.0, request.cost.0, request.units)?;
    Ok(ProfitAnswer { profit: divided.profit, parts: divided.parts.as_slice().to_vec() })
}

fn return_cost(request: &ReturnRequest) -> Result<ReturnAnswer, Refusal> {
    let ReturnRequest { ordered, capacity, returned, cost_per_unit } = *request;
    let cost = funding::return_cost(ordered, capacity, returned, cost_per_unit.0)?;
    Ok(ReturnAnswer { excess_returned: cost.excess_returned, child: cost.child, parent: cost.parent })
}

fn take_back(request: &TakeBackRequest) -> Result<TakeBackAnswer, Refusal> {
    let TakeBackRequest { price, units, rate_bp } = *request;
    Ok(TakeBackAnswer { amount: funding::take_back_pay(price.0, units, rate_bp)? })
}
