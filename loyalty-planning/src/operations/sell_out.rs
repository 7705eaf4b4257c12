//! Perishable stock.

use alloc::vec::Vec;

use crate::fault::Faults as _;
use crate::{ConversionStep, Perishable, PlannedSlot, RateSource, SellOut, SellOutPlan, SimulatedSales, SoldInSlot};
use loyalty_rules::api::document::{BudgetFields, FirstNFields};
use loyalty_rules::api::fields::TableFields;
use loyalty_rules::api::wire::{Amount, Refusal, answer, operations, record};
use loyalty_rules::award::{Quota, Terms};
use loyalty_rules::calendar::SaleWindow;
use loyalty_rules::error::Fault;
use loyalty_rules::quantity::{Count, Points, Rate, Ratio, Rupiah};
use loyalty_rules::tables::{Edition, Slot};
use loyalty_rules::words;

words! {
    /// Where rates come from.
    #[derive(Default)]
    pub enum Rates {
        /// A printed table.
        #[default]
        Published = "published",
        /// Those of the conversion steps.
        Free = "free",
    }
}

loyalty_rules::wire_words! {
    Rates;
}

operations! {
    "plan.sell_out" ["PL-22 TA-5"] "The time auction that sells perishable stock by closing for the least vouchers, with simulated days.": sell_out, SellOutRequest => SellOutAnswer;
}

record! {
    /// Perishable stock, who comes by, and what vouchers may cost.
    pub struct SellOutRequest {
        /// What is left to sell.
        stock: PerishableFields,
        /// The slot that is about to begin.
        from_slot: Slot = Slot::default(),
        /// The people who come by in slots I … X; those before `from_slot` are not read.
        footfall_by_slot: Vec<Count>,
        /// 1 … 16 amounts that a buyer wants to spend, in rupiah, each with equal chance.
        baskets: Vec<Amount>,
        /// 1 … 8 steps from a rate of 0 on: the share of the people who buy, by the rate that they can get.
        conversion: Vec<ConversionFields>,
        /// How far a buyer raises the purchase to reach the minimum purchase, in basis points.
        stretch_bp: Rate = Rate::ZERO,
        /// A printed table, or free rates of the steps.
        rates: Rates = Rates::default(),
        /// The edition of printed tables; `recommended` if absent.
        edition: Option<Edition>,
        /// The highest rate, in basis points.
        ceiling_bp: Option<Rate>,
        /// The least margin that vouchers leave of the stock's sales, in basis points; it may be negative.
        min_margin_bp: Ratio = Ratio::ZERO,
        /// What the guarantee fund can still reserve, in rupiah.
        fund_free: Option<Amount>,
        /// Vouchers given today before `from_slot`, in rupiah.
        given: Amount = Amount(Rupiah::ZERO),
        /// Thousandths of a point that each buyer holds, 0 or more.
        prior_points_milli: Points = Points::ZERO,
        /// The hours of the shop, for the program.
        window: Option<SaleWindow>,
        /// Where the draws start.
        seed: Count,
        /// How many days are simulated, 1 … 366.
        days: Count = Count::new(100).unwrap_or_default(),
        /// The share of days that must sell out, 1 … 100 percent.
        percentile: Count = Count::new(95).unwrap_or_default(),
        /// The share of people who wait for the best slot, in basis points; simulated, not planned.
        waits_bp: Rate = Rate::ZERO,
        /// The share of these who never come back, in basis points.
        gives_up_bp: Rate = Rate::ZERO,
    }
}

record! {
    /// Goods that are worth nothing after closing.
    pub struct PerishableFields {
        /// Units left, 1 … 10,000.
        units: Count,
        /// The price of a unit in rupiah, above zero.
        price: Amount,
        /// What a unit costs the shop, in rupiah.
        cost: Amount,
    }
}

record! {
    /// From a rate on, this share of the people who come by buy.
    pub struct ConversionFields {
        /// The rate of the voucher that they can get, in basis points.
        rate_bp: Rate,
        /// The share, in basis points.
        conversion_bp: Rate,
    }
}

answer! {
    /// A plan for the rest of the day, and what simulated days say of it.
    pub struct SellOutAnswer {
        /// The part of a program document that the plan is.
        program: SellOutProgram,
        /// Slots I … X.
        slots: Vec<PlannedSlotAnswer>,
        /// What vouchers may cost, in rupiah.
        voucher_limit: Rupiah,
        /// Thousandths of a unit that all slots want.
        units_milli: Count,
        /// The vouchers of all slots, in rupiah.
        vouchers: Rupiah,
        /// Whether enough days sell out.
        certified: bool,
        /// The days under the plan.
        simulated: SimulatedSalesAnswer,
        /// The same days with every slot held.
        without: SimulatedSalesAnswer,
    }
}

record! {
    /// The part of a program document that a plan is.
    pub struct SellOutProgram {
        [flat] table: TableFields,
        /// The selling day (TA-1, TA-2).
        window: Option<SaleWindow>,
        /// The minimum purchases in rupiah, by slot (QT-1).
        quota: Quota = Quota::default(),
        /// Slots in which nothing is given (AW-4).
        held_slots: Option<Vec<Slot>>,
        /// The places of each slot (AW-5).
        first_n: Option<FirstNFields>,
        /// The release budgets (AW-6).
        budget: BudgetFields = BudgetFields::default(),
    }
}

answer! {
    /// What a plan does in a slot.
    pub struct PlannedSlotAnswer {
        /// The rate in basis points; null when the slot is held.
        rate_bp: Option<Rate>,
        /// The minimum purchase in rupiah; null when the slot is held.
        quota: Option<Rupiah>,
        /// The stock ÷ the slots left (TA-5).
        even_units: Count,
        /// Thousandths of a unit that are wanted on average, rounded down.
        units_milli: Count,
        /// The vouchers on average in rupiah, rounded up.
        vouchers: Rupiah,
        /// Thousandths of a unit that the simulated days sold on average, rounded down.
        sold_milli: Count,
        /// The vouchers that they gave on average, in rupiah, rounded down.
        given: Rupiah,
    }
}

answer! {
    /// What simulated days sold. Means are rounded toward zero.
    pub struct SimulatedSalesAnswer {
        /// Days that closed with nothing left.
        sold_out_days: Count,
        /// All days.
        days: Count,
        /// Thousandths of a unit left at closing, on average.
        units_left_milli: Count,
        /// What the units left cost, in rupiah, on average.
        left_cost: Rupiah,
        /// What was given.
        vouchers: VoucherCostAnswer,
        /// Sold × (price − cost) − vouchers − left × cost in rupiah, on average; negative for a loss.
        profit: Rupiah,
    }
}

answer! {
    /// The vouchers of a day, in rupiah.
    pub struct VoucherCostAnswer {
        /// On average.
        mean: Rupiah,
        /// At the percentile.
        at_percentile: Rupiah,
        /// On the day that gave most.
        worst: Rupiah,
    }
}

fn sell_out(request: &SellOutRequest) -> Result<SellOutAnswer, Refusal> {
    let Ok(footfall_by_slot) = <[Count; 10]>::try_from(request.footfall_by_slot.as_slice()) else {
        return Err(Fault::NotTenSlotCounts.error().at("footfall_by_slot").into());
    };
    let rates = match (request.rates, request.edition) {
        (Rates::Published, edition) => RateSource::Published(edition.unwrap_or_default()),
        (Rates::Free, None) => RateSource::Free,
        (Rates::Free, Some(_)) => return Err(Fault::EditionOfFreeRates.error().at("edition").into()),
    };
    let baskets: Vec<Rupiah> = request.baskets.iter().map(|basket| basket.0).collect();
    let step = |step: &ConversionFields| ConversionStep { rate: step.rate_bp, conversion: step.conversion_bp };
    let conversion: Vec<ConversionStep> = request.conversion.iter().map(step).collect();
    let plan = SellOut {
        stock: Perishable { units: request.stock.units, price: request.stock.price.0, cost: request.stock.cost.0 },
        from_slot: request.from_slot,
        footfall_by_slot,
        baskets: &baskets,
        conversion: &conversion,
        stretch: request.stretch_bp,
        rates,
        ceiling: request.ceiling_bp,
        min_margin: request.min_margin_bp,
        fund_free: request.fund_free.map(|free| free.0),
        given: request.given.0,
        prior_points: request.prior_points_milli,
        window: request.window,
        seed: request.seed,
        days: request.days,
        percentile: request.percentile,
        waits: request.waits_bp,
        gives_up: request.gives_up_bp,
    };
    Ok(plan.plan()?.into())
}

impl SellOutProgram {
    fn of(terms: &Terms) -> Self {
        Self {
            table: TableFields::of(&terms.table),
            window: terms.window,
            quota: terms.quota,
            held_slots: (!terms.held_slots.is_empty()).then(|| terms.held_slots.iter().collect()),
            first_n: terms.first_n.map(|first_n| FirstNFields { n: first_n.n, then: first_n.then }),
            budget: BudgetFields { day: terms.budget.day, slot: terms.budget.slot, short: terms.budget.short },
        }
    }
}

impl From<SellOutPlan> for SellOutAnswer {
    fn from(plan: SellOutPlan) -> Self {
        let slot = |(slot, sold): (PlannedSlot, SoldInSlot)| PlannedSlotAnswer {
            rate_bp: slot.gives.map(|(rate, _)| rate),
            quota: slot.gives.map(|(_, quota)| quota),
            even_units: slot.even_units,
            units_milli: slot.units_milli,
            vouchers: slot.vouchers,
            sold_milli: sold.units_milli,
            given: sold.vouchers,
        };
        Self {
            program: SellOutProgram::of(plan.program.terms()),
            slots: plan.slots.into_iter().zip(plan.simulated.slots).map(slot).collect(),
            voucher_limit: plan.voucher_limit,
            units_milli: plan.units_milli,
            vouchers: plan.vouchers,
            certified: plan.is_certified,
            simulated: plan.simulated.into(),
            without: plan.without.into(),
        }
    }
}

impl From<SimulatedSales> for SimulatedSalesAnswer {
    fn from(sales: SimulatedSales) -> Self {
        let crate::VoucherCost { mean, at_percentile, worst } = sales.vouchers;
        Self {
            sold_out_days: sales.sold_out_days,
            days: sales.days,
            units_left_milli: sales.units_left_milli,
            left_cost: sales.left_cost,
            vouchers: VoucherCostAnswer { mean, at_percentile, worst },
            profit: sales.profit,
        }
    }
}
