//! Margins, and what a program may cost and must bring.

use loyalty_rules::api::wire::{Amount, Refusal, answer, operations, record};
use loyalty_rules::quantity::{Rate, Ratio, Rupiah};
use loyalty_rules::tables::MarginClass;

operations! {
    "plan.margin" ["PL-1"] "The margin of a price, and its class.": margin, PriceAndCost => PriceMargin;
    "plan.margin_after" ["PL-1"] "What a program leaves of a margin.": margin_after, MarginAndProgram => MarginAnswer;
    "plan.cost_rate" ["PL-2"] "The cost rate of a program that gives members a discount.": cost_rate, MembersDiscount => ProgramCost;
    "plan.min_margin" ["PL-3"] "The least margin that earns a net profit.": min_margin, LeastProfit => MarginAnswer;
    "plan.max_cost" ["PL-4"] "The most a program may cost.": max_cost, MarginAndLeast => MaxCost;
    "plan.roi" ["PL-6"] "What a program brought for what it cost.": roi, RoiRequest => RoiAnswer;
    "plan.break_even_fixed" ["PL-7"] "The uplift that pays for a fixed cost.": break_even_fixed, FixedCost => Uplift;
    "plan.break_even_rate" ["PL-7"] "The uplift that pays for a cost as a rate of sales.": break_even_rate, RateCost => Uplift;
}

record! {
    /// A price and what the goods cost.
    pub struct PriceAndCost {
        /// The price in rupiah.
        price: Amount,
        /// The cost in rupiah; it may be above the price.
        cost: Amount,
        /// The tax that the price holds, in basis points: 1100 for PPN of 11 %. The cost is without tax that the shop gets back.
        tax_inside_bp: Rate = Rate::ZERO,
    }
}

answer! {
    /// The margin of a price.
    pub struct PriceMargin {
        /// In basis points, truncated toward zero; it may be negative.
        margin_bp: Ratio,
        /// The class of tables it picks.
        margin_class: MarginClass,
    }
}

answer! {
    /// A margin.
    pub struct MarginAnswer {
        /// In basis points, truncated toward zero; it may be negative.
        margin_bp: Ratio,
    }
}

record! {
    /// A margin and a program.
    pub struct MarginAndProgram {
        /// The margin in basis points; it may be negative.
        margin_bp: Ratio,
        /// What the program costs of sales, in basis points.
        program_bp: Rate,
    }
}

record! {
    /// A discount for members.
    pub struct MembersDiscount {
        /// The discount in basis points.
        discount_bp: Rate,
        /// The share of sales by members, in basis points.
        member_share_bp: Rate,
    }
}

answer! {
    /// The cost rate of a program.
    pub struct ProgramCost {
        /// In basis points of sales, truncated.
        program_bp: Rate,
    }
}

record! {
    /// A profit and the sales that earn it.
    pub struct LeastProfit {
        /// The least net profit in rupiah; negative for a loss that is borne.
        least_profit: Rupiah,
        /// The sales in rupiah.
        sales: Amount,
    }
}

record! {
    /// A margin and the least one.
    pub struct MarginAndLeast {
        /// The margin in basis points; it may be negative.
        margin_bp: Ratio,
        /// The least margin in basis points; it may be negative.
        min_margin_bp: Ratio,
    }
}

answer! {
    /// The most a program may cost.
    pub struct MaxCost {
        /// In basis points of sales; negative when none is affordable, by that much.
        max_cost_bp: Ratio,
    }
}

record! {
    /// Extra sales and what they cost.
    pub struct RoiRequest {
        /// The extra sales in rupiah; negative if sales fell.
        extra_sales: Rupiah,
        /// The margin in basis points; it may be negative.
        margin_bp: Ratio,
        /// The cost of the program in rupiah.
        cost: Amount,
    }
}

answer! {
    /// The return on a program's cost.
    pub struct RoiAnswer {
        /// Extra sales × margin, in rupiah rounded toward zero.
        gain: Rupiah,
        /// The exact gain ÷ cost, in basis points truncated toward zero.
        roi_bp: Ratio,
        /// Extra sales ÷ cost, in basis points truncated toward zero.
        sales_ratio_bp: Ratio,
    }
}

record! {
    /// A program of fixed cost.
    pub struct FixedCost {
        /// The cost in rupiah.
        cost: Amount,
        /// The margin in basis points, above zero.
        margin_bp: Ratio,
        /// The sales without the program in rupiah, above zero.
        sales: Amount,
    }
}

record! {
    /// A program that costs a rate of all sales.
    pub struct RateCost {
        /// The cost in basis points of sales, below the margin.
        cost_bp: Rate,
        /// The margin in basis points.
        margin_bp: Ratio,
    }
}

answer! {
    /// How much more must be sold.
    pub struct Uplift {
        /// In basis points, rounded up.
        uplift_bp: Ratio,
    }
}

fn margin(request: &PriceAndCost) -> Result<PriceMargin, Refusal> {
    let margin_bp = crate::margin(request.price.0, request.cost.0, request.tax_inside_bp)?;
    Ok(PriceMargin { margin_bp, margin_class: MarginClass::of(margin_bp) })
}

fn margin_after(request: &MarginAndProgram) -> Result<MarginAnswer, Refusal> {
    Ok(MarginAnswer { margin_bp: crate::margin_after(request.margin_bp, request.program_bp)? })
}

#[expect(clippy::unnecessary_wraps, reason = "every operation may refuse")]
fn cost_rate(request: &MembersDiscount) -> Result<ProgramCost, Refusal> {
    Ok(ProgramCost { program_bp: crate::program_cost(request.discount_bp, request.member_share_bp) })
}

fn min_margin(request: &LeastProfit) -> Result<MarginAnswer, Refusal> {
    Ok(MarginAnswer { margin_bp: crate::min_margin(request.least_profit, request.sales.0)? })
}

fn max_cost(request: &MarginAndLeast) -> Result<MaxCost, Refusal> {
    Ok(MaxCost { max_cost_bp: crate::max_cost(request.margin_bp, request.min_margin_bp)? })
}

fn roi(request: &RoiRequest) -> Result<RoiAnswer, Refusal> {
    let back = crate::return_on(request.cost.0, request.extra_sales, request.margin_bp)?;
    Ok(RoiAnswer { gain: back.gain, roi_bp: back.roi, sales_ratio_bp: back.sales_ratio })
}

fn break_even_fixed(request: &FixedCost) -> Result<Uplift, Refusal> {
    Ok(Uplift { uplift_bp: crate::break_even_fixed(request.cost.0, request.margin_bp, request.sales.0)? })
}

fn break_even_rate(request: &RateCost) -> Result<Uplift, Refusal> {
    Ok(Uplift { uplift_bp: crate::break_even_rate(request.cost_bp, request.margin_bp)? })
}
