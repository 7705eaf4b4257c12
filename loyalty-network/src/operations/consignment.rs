//! Consigned goods.

use alloc::vec::Vec;

use crate::fault::Faults as _;
use crate::{Acceptance, Consigned, Offer, Ownership, Scheme, Stage};
use loyalty_rules::api::wire::{Amount, Refusal, Whole, answer, operations, record};
use loyalty_rules::error::Fault;
use loyalty_rules::quantity::{Count, Rate, Ratio, Rupiah};

loyalty_rules::wire_words! {
    Scheme;
    Acceptance;
}

operations! {
    "consignment.price" ["CS-1"] "The price of consigned goods on a day.": price, PriceRequest => StagePrice;
    "consignment.profit" ["CS-3"] "The profit on consigned goods, divided.": profit, ProfitRequest => ProfitAnswer;
    "consignment.return_cost" ["CS-4"] "Who bears the cost of returned goods.": return_cost, ReturnRequest => ReturnAnswer;
    "consignment.take_back" ["CS-5"] "What the parent branch gets for taking stage-three goods back.": take_back, TakeBackRequest => TakeBackAnswer;
    "consignment.accept" ["CS-2"] "What a child branch takes of an offered quantity.": accept, AcceptRequest => AcceptAnswer;
    "consignment.marketing" ["CS-6 SP-4"] "The marketing cost of consigned goods, divided.": marketing, MarketingRequest => MarketingAnswer;
    "consignment.ownership" ["CS-8"] "How far a child branch has paid for itself.": ownership, OwnershipRequest => OwnershipAnswer;
    "consignment.offer" ["CS-9 CS-3 CS-1"] "Whether an offered price leaves the child branch its least profit.": offer, OfferRequest => OfferAnswer;
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

record! {
    /// An offered quantity.
    pub struct AcceptRequest {
        /// Units offered.
        offered: Count,
        /// Units accepted, at most those offered.
        accepted: Count,
    }
}

answer! {
    /// What becomes of an offered quantity.
    pub struct AcceptAnswer {
        /// Whether all, some or none are accepted.
        reason: Acceptance,
        /// Units accepted.
        accepted: Count,
        /// Units that stay with the parent branch.
        left: Count,
    }
}

record! {
    /// A marketing cost.
    pub struct MarketingRequest {
        /// The cost in rupiah; a negative one mirrors the positive.
        amount: Rupiah,
        /// The owner's share; the seller bears the rest.
        owner_bp: Rate = Rate::from_bp(5_000).unwrap_or_default(),
    }
}

answer! {
    /// Who bears a marketing cost.
    pub struct MarketingAnswer {
        /// The owner, in rupiah.
        owner: Rupiah,
        /// The seller, in rupiah.
        seller: Rupiah,
    }
}

record! {
    /// A child branch and its profits.
    pub struct OwnershipRequest {
        /// The price of the branch in rupiah, 1 or more.
        price: Rupiah,
        /// The share of a profit that pays towards it.
        share_bp: Rate,
        /// The profits by month in rupiah, losses negative.
        profits: Vec<Rupiah>,
        /// The last months whose mean tells how long it still takes, 1 or more.
        recent_months: Count = Count::new(3).unwrap_or_default(),
    }
}

answer! {
    /// How far a child branch is.
    pub struct OwnershipAnswer {
        /// What is paid of the price, in rupiah.
        paid: Rupiah,
        /// What is left of it, in rupiah.
        left: Rupiah,
        /// Paid ÷ price in basis points, truncated.
        progress_bp: Ratio,
        /// Months left, rounded up; null when the recent months pay nothing.
        months_left: Option<Count>,
        /// Whether nothing is left.
        owner: bool,
    }
}

record! {
    /// Goods offered to a child branch.
    pub struct OfferRequest {
        /// How the profit is divided.
        scheme: Scheme,
        /// The starting price of a unit in rupiah.
        price: Amount,
        /// The cost of a unit in rupiah.
        cost: Amount,
        /// The lower cost that goods out of fashion were given, in rupiah.
        reset_cost: Option<Amount>,
        /// The least that the child branch earns of a unit, in rupiah.
        least_profit: Amount,
        /// The stage: 0 at the full price, 1 … 3.
        stage: Count = Count::ZERO,
    }
}

answer! {
    /// A judged offer; amounts are of a unit.
    pub struct OfferAnswer {
        /// The price at the stage, in rupiah.
        price: Rupiah,
        /// The cost that counts, in rupiah.
        cost: Rupiah,
        /// What of the cost was written off, in rupiah.
        written_off: Rupiah,
        /// The child branch's part of the profit in rupiah, signed.
        child: Rupiah,
        /// Whether it reaches the least profit.
        allowed: bool,
        /// What it lacks of it, in rupiah.
        missing: Rupiah,
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
    let cost = crate::return_cost(ordered, capacity, returned, cost_per_unit.0)?;
    Ok(ReturnAnswer { excess_returned: cost.excess_returned, child: cost.child, parent: cost.parent })
}

fn take_back(request: &TakeBackRequest) -> Result<TakeBackAnswer, Refusal> {
    let TakeBackRequest { price, units, rate_bp } = *request;
    Ok(TakeBackAnswer { amount: crate::take_back_pay(price.0, units, rate_bp)? })
}

fn accept(request: &AcceptRequest) -> Result<AcceptAnswer, Refusal> {
    let (reason, left) = Acceptance::of(request.offered, request.accepted)?;
    Ok(AcceptAnswer { reason, accepted: request.accepted, left })
}

fn marketing(request: &MarketingRequest) -> Result<MarketingAnswer, Refusal> {
    let (owner, seller) = crate::marketing_cost(request.amount, request.owner_bp)?;
    Ok(MarketingAnswer { owner, seller })
}

fn ownership(request: &OwnershipRequest) -> Result<OwnershipAnswer, Refusal> {
    let progress = Ownership::after(request.price, request.share_bp, &request.profits, request.recent_months)?;
    let Ownership { paid, left, progress, months_left } = progress;
    Ok(OwnershipAnswer { paid, left, progress_bp: progress, months_left, owner: left.is_zero() })
}

fn offer(request: &OfferRequest) -> Result<OfferAnswer, Refusal> {
    let goods = Consigned {
        scheme: request.scheme,
        price: request.price.0,
        cost: request.cost.0,
        reset_cost: request.reset_cost.map(|cost| cost.0),
        least_profit: request.least_profit.0,
    };
    let Offer { price, cost, written_off, child, missing } = goods.offer(Stage::of_number(request.stage)?)?;
    Ok(OfferAnswer { price, cost, written_off, child, allowed: missing.is_zero(), missing })
}
