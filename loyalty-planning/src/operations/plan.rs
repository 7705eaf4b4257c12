//! Planning.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::{Assumed, FrequencyClass, RegularsClass, Risk, RunningCostItems, Sensed, Sensitivity, TierTerms, TypicalDay, VouchersGiven};
use loyalty_rules::api::fields::TableFields;
use loyalty_rules::api::wire::{Amount, Path, Refusal, answer, operations, record};
use loyalty_rules::error::Error;
use loyalty_rules::quantity::{Count, Points, Rate, Ratio, Rupiah};
use loyalty_rules::tables::{Edition, MarginClass, Mechanism};

loyalty_rules::wire_words! {
    Risk;
    RegularsClass;
    FrequencyClass;
    Sensitivity;
}

operations! {
    "plan.margin" ["PL-1"] "The margin of a price, and its class.": margin, PriceAndCost => PriceMargin;
    "plan.margin_after" ["PL-1"] "What a program leaves of a margin.": margin_after, MarginAndProgram => MarginAnswer;
    "plan.cost_rate" ["PL-2"] "The cost rate of a program that gives members a discount.": cost_rate, MembersDiscount => ProgramCost;
    "plan.min_margin" ["PL-3"] "The least margin that earns a net profit.": min_margin, LeastProfit => MarginAnswer;
    "plan.max_cost" ["PL-4"] "The most a program may cost.": max_cost, MarginAndLeast => MaxCost;
    "plan.safe_tiers" ["PL-5"] "The printed tiers that a margin carries, and why not the others.": safe_tiers, TiersRequest => TiersAnswer;
    "plan.all_tiers" ["PL-5"] "Every printed table of a margin, by what of it is safe, and from which purchase on a day carries it.": all_tiers, AllTiersRequest => AllTiersAnswer;
    "plan.sensitivity" ["PL-5 PL-7"] "What comes of a table under several assumptions, and which uplift pays for it.": sensitivity, SensitivityRequest => SensitivityAnswer;
    "plan.roi" ["PL-6"] "What a program brought for what it cost.": roi, RoiRequest => RoiAnswer;
    "plan.break_even_fixed" ["PL-7"] "The uplift that pays for a fixed cost.": break_even_fixed, FixedCost => Uplift;
    "plan.break_even_rate" ["PL-7"] "The uplift that pays for a cost as a rate of sales.": break_even_rate, RateCost => Uplift;
    "plan.regulars" ["PL-8"] "The share of regular shoppers.": regulars, RegularsRequest => RegularsAnswer;
    "plan.frequency" ["PL-9"] "How often regular shoppers buy.": frequency, FrequencyRequest => FrequencyAnswer;
    "plan.popularity" ["PL-10"] "A product's share of the units sold.": popularity, UnitsSold => Popularity;
    "plan.retention" ["PL-12"] "The share of shoppers who come back.": retention, ShoppersBack => Retention;
    "plan.sales_change" ["PL-11"] "How sales answer to a discount.": sales_change, SalesRequest => SalesAnswer;
    "plan.day" ["PL-13"] "The result of a day with vouchers.": day, DayRequest => DayAnswer;
    "plan.scheme" ["PL-14"] "What a voucher of a points scheme costs.": scheme, SchemeRequest => SchemeAnswer;
    "plan.scheme_day" ["PL-14"] "Whether a day carries the vouchers of a scheme.": scheme_day, SchemeDayRequest => SchemeDayAnswer;
    "plan.running_cost" ["PL-15 SP-3"] "What it takes to run a program, by month and by merchant.": running_cost, RunningCostRequest => RunningCostAnswer;
    "plan.prize_provisions" ["PL-17"] "What a mechanism of chance has to set aside.": prize_provisions, PrizesRequest => ProvisionsAnswer;
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
    /// A margin and what a tier must leave of it.
    pub struct TiersRequest {
        /// What picks the column.
        mechanism: Mechanism,
        /// The edition, of the time auction only; `recommended` if absent.
        edition: Option<Edition>,
        /// The margin in basis points, which also picks the margin class; it may be negative.
        margin_bp: Ratio,
        /// The most of the margin that the highest rate may take, in basis points.
        share_bp: Rate = Rate::from_bp(6_000).unwrap_or_default(),
        /// The least margin that the highest rate must leave, in basis points; it may be negative.
        min_margin_bp: Ratio = Ratio::ZERO,
    }
}

answer! {
    /// The printed tiers of a margin class, judged.
    pub struct TiersAnswer {
        /// The class of the margin.
        margin_class: MarginClass,
        /// The safe tiers by highest rate, then mean, descending; then in printed order.
        safe: Vec<String>,
        /// The other tiers, each with the reasons why not.
        r#unsafe: BTreeMap<String, Vec<Risk>>,
    }
}

record! {
    /// A margin, what a tier must leave of it, and the receipts of a day.
    pub struct AllTiersRequest {
        /// The margin in basis points, which also picks the margin class; it may be negative.
        margin_bp: Ratio,
        /// The most of the margin that a rate may take, in basis points.
        share_bp: Rate = Rate::from_bp(6_000).unwrap_or_default(),
        /// The least margin that a rate must leave, in basis points; it may be negative.
        min_margin_bp: Ratio = Ratio::ZERO,
        /// The receipts of a typical day, in rupiah.
        receipts: Vec<Amount> = Vec::new(),
    }
}

answer! {
    /// Every printed table of a margin class, judged.
    pub struct AllTiersAnswer {
        /// The class of the margin.
        margin_class: MarginClass,
        /// The greatest rate that is safe, in tenths of a basis point; 0 if none is.
        allowed_tenth_bp: Count,
        /// Those safe by their highest rate, those safe by their mean, the rest; in each by highest rate, then mean, descending;
        /// then in printed order.
        tiers: Vec<JudgedTierAnswer>,
    }
}

answer! {
    /// A printed table, judged.
    pub struct JudgedTierAnswer {
        /// Its name.
        table: String,
        /// Its highest rate in basis points.
        highest_bp: Rate,
        /// Its mean rate in tenths of a basis point.
        uniform_tenth_bp: Count,
        /// Why its highest rate is not safe; empty if it is.
        forced: Vec<Risk>,
        /// Why its mean rate is not safe; empty if it is.
        uniform: Vec<Risk>,
        /// The least receipt from which on all may earn the highest rate; null if not even the largest, or without receipts.
        quota_forced: Option<Rupiah>,
        /// The same for the mean rate.
        quota_uniform: Option<Rupiah>,
    }
}

record! {
    /// A table, a typical day, and what may come of the one on the other.
    pub struct SensitivityRequest {
        [flat] table: TableFields,
        /// The receipts of the day in rupiah, not all zero.
        receipts: Vec<Amount>,
        /// The margin of the goods in basis points; it may be negative.
        margin_bp: Ratio,
        /// What the program costs beside its vouchers, in rupiah.
        fixed_cost: Amount = Amount(Rupiah::ZERO),
        /// By how much sales may grow, in basis points.
        uplifts_bp: Vec<Count>,
        /// Which share of shoppers may get the highest rate, in basis points.
        forcing_bp: Vec<Rate>,
        /// Which minimum purchases may be set, in rupiah.
        quotas: Vec<Amount>,
    }
}

answer! {
    /// What comes of assumptions.
    pub struct SensitivityAnswer {
        /// One for each uplift, forcing and quota; the uplift is the outer, the quota the inner one.
        points: Vec<SensedPoint>,
        /// One for each forcing and quota.
        break_even: Vec<BreakEvenPoint>,
    }
}

answer! {
    /// What comes of one combination.
    pub struct SensedPoint {
        /// The growth of sales in basis points.
        uplift_bp: Count,
        /// The share of the highest rate in basis points.
        forcing_bp: Rate,
        /// The minimum purchase in rupiah.
        quota: Rupiah,
        /// The vouchers in rupiah, truncated.
        vouchers: Rupiah,
        /// Profit − vouchers − fixed cost in rupiah, truncated toward zero; negative for a loss.
        net_profit: Rupiah,
    }
}

answer! {
    /// The growth that pays for a program.
    pub struct BreakEvenPoint {
        /// The share of the highest rate in basis points.
        forcing_bp: Rate,
        /// The minimum purchase in rupiah.
        quota: Rupiah,
        /// The least growth of sales in basis points, rounded up, that leaves the profit of a day without the program; null if
        /// none does.
        uplift_bp: Option<Ratio>,
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

record! {
    /// A day's sales and vouchers.
    pub struct DayRequest {
        /// Units sold.
        units: Count,
        /// The price of a unit in rupiah.
        price: Amount,
        /// The margin in basis points; it may be negative.
        margin_bp: Ratio,
        /// The vouchers given.
        vouchers: Vec<VoucherFields>,
    }
}

record! {
    /// Equal vouchers.
    pub struct VoucherFields {
        /// How many.
        count: Count,
        /// The purchase that earned each, in rupiah.
        purchase: Amount,
        /// The rate of each in basis points.
        rate_bp: Rate,
    }
}

answer! {
    /// A day's result.
    pub struct DayAnswer {
        /// Units × price, in rupiah.
        revenue: Rupiah,
        /// Revenue × margin, in rupiah rounded toward zero.
        gross_profit: Rupiah,
        /// The vouchers together in rupiah; each is rounded down by itself.
        vouchers: Rupiah,
        /// Gross profit − vouchers, in rupiah; negative for a loss.
        net_profit: Rupiah,
        /// Net profit ÷ revenue, in basis points truncated toward zero; null without revenue.
        net_margin_bp: Option<Ratio>,
    }
}

record! {
    /// A voucher of a points scheme.
    pub struct SchemeRequest {
        /// What the voucher costs, in thousandths of a point, 0 or more.
        points_milli: Points,
        /// Rupiah of purchases a point, above zero.
        per: Amount,
        /// The margin in basis points; it may be negative.
        margin_bp: Ratio,
        /// What the voucher is worth, in rupiah.
        voucher: Amount,
    }
}

answer! {
    /// What a voucher costs.
    pub struct SchemeAnswer {
        /// The purchases that earn it, in rupiah rounded down.
        spend: Rupiah,
        /// Spend × margin, in rupiah rounded toward zero.
        profit: Rupiah,
        /// Profit − voucher, in rupiah; negative for a loss.
        left: Rupiah,
        /// What is left ÷ spend, in basis points truncated toward zero.
        effective_margin_bp: Ratio,
    }
}

record! {
    /// A day's transactions and the vouchers of a scheme.
    pub struct SchemeDayRequest {
        /// Transactions of the day.
        transactions: Count,
        /// The average purchase in rupiah.
        average: Amount,
        /// The margin in basis points; it may be negative.
        margin_bp: Ratio,
        /// How many vouchers are redeemed.
        vouchers: Count,
        /// What a voucher is worth, in rupiah.
        voucher: Amount,
    }
}

answer! {
    /// A day's profit beside its vouchers.
    pub struct SchemeDayAnswer {
        /// Transactions × average × margin, in rupiah rounded once toward zero.
        profit: Rupiah,
        /// Vouchers × what one is worth, in rupiah.
        voucher_cost: Rupiah,
        /// Whether the exact profit reaches the cost.
        carries: bool,
    }
}

record! {
    /// What it takes to run a program.
    pub struct RunningCostRequest {
        /// Items a month, in rupiah.
        items: Vec<Amount>,
        /// Sales a month in rupiah.
        sales: Amount = Amount(Rupiah::ZERO),
        /// Items that cost a rate of the sales, in basis points; each is rounded down by itself.
        rate_items_bp: Option<Vec<Rate>>,
        /// Items paid once, in rupiah.
        once: Option<Vec<Amount>>,
        /// The merchants that share the cost a month, 1 … 10,000.
        merchants: Count = Count::new(1).unwrap_or_default(),
    }
}

answer! {
    /// The running cost of a program.
    pub struct RunningCostAnswer {
        /// The cost a month, in rupiah.
        total: Rupiah,
        /// What is paid once, in rupiah.
        once_total: Rupiah,
        /// Equal shares of the cost a month in rupiah, one a merchant; the first pay what does not divide.
        shares: Vec<Rupiah>,
    }
}

record! {
    /// Prizes of a mechanism of chance.
    pub struct PrizesRequest {
        /// Their gross value in rupiah.
        prizes: Amount,
        /// The welfare contribution in basis points.
        welfare_bp: Rate = Rate::from_bp(1_000).unwrap_or_default(),
        /// The final income tax in basis points.
        tax_bp: Rate = Rate::from_bp(2_500).unwrap_or_default(),
    }
}

answer! {
    /// What has to be set aside.
    pub struct ProvisionsAnswer {
        /// The welfare contribution, in rupiah rounded down.
        welfare: Rupiah,
        /// The final income tax, in rupiah rounded down.
        income_tax: Rupiah,
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

fn safe_tiers(request: &TiersRequest) -> Result<TiersAnswer, Refusal> {
    let TiersRequest { mechanism, edition, margin_bp, share_bp, min_margin_bp } = *request;
    let tiers = TierTerms { margin: margin_bp, share: share_bp, min_margin: min_margin_bp }.judge(mechanism, edition)?;
    Ok(TiersAnswer {
        margin_class: tiers.margin_class,
        safe: tiers.safe.iter().map(|table| table.tier().to_string()).collect(),
        r#unsafe: tiers.at_risk.into_iter().map(|(table, risks)| (table.tier().to_string(), risks)).collect(),
    })
}

fn all_tiers(request: &AllTiersRequest) -> Result<AllTiersAnswer, Refusal> {
    let terms = TierTerms { margin: request.margin_bp, share: request.share_bp, min_margin: request.min_margin_bp };
    let all = terms.judge_all(&rupiah(&request.receipts))?;
    let tier = |tier: crate::JudgedTier| {
        Ok(JudgedTierAnswer {
            table: tier.table.to_string(),
            highest_bp: tier.highest,
            uniform_tenth_bp: Count::new(tier.uniform_tenth_bp.into())?,
            forced: tier.forced,
            uniform: tier.uniform,
            quota_forced: tier.quota_forced,
            quota_uniform: tier.quota_uniform,
        })
    };
    Ok(AllTiersAnswer {
        margin_class: all.margin_class,
        allowed_tenth_bp: Count::new(all.allowed_tenth_bp)?,
        tiers: all.tiers.into_iter().map(tier).collect::<Result<_, Error>>()?,
    })
}

fn sensitivity(request: &SensitivityRequest) -> Result<SensitivityAnswer, Refusal> {
    let table = request.table.table(&Path::Root)?;
    let day = TypicalDay::new(&table, &rupiah(&request.receipts), request.margin_bp, request.fixed_cost.0)?;
    let grid = day.grid(&request.uplifts_bp, &request.forcing_bp, &rupiah(&request.quotas))?;
    let point = |(Assumed { uplift_bp, forcing, quota }, Sensed { vouchers, net_profit })| SensedPoint {
        uplift_bp,
        forcing_bp: forcing,
        quota,
        vouchers,
        net_profit,
    };
    let break_even = |(forcing_bp, quota, uplift_bp)| BreakEvenPoint { forcing_bp, quota, uplift_bp };
    Ok(SensitivityAnswer {
        points: grid.points.into_iter().map(point).collect(),
        break_even: grid.break_even.into_iter().map(break_even).collect(),
    })
}

fn rupiah(amounts: &[Amount]) -> Vec<Rupiah> {
    amounts.iter().map(|amount| amount.0).collect()
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

fn day(request: &DayRequest) -> Result<DayAnswer, Refusal> {
    let given = |fields: &VoucherFields| VouchersGiven { count: fields.count, purchase: fields.purchase.0, rate: fields.rate_bp };
    let vouchers: Vec<VouchersGiven> = request.vouchers.iter().map(given).collect();
    let day = crate::day_result(request.units, request.price.0, request.margin_bp, &vouchers)?;
    Ok(DayAnswer {
        revenue: day.revenue,
        gross_profit: day.gross_profit,
        vouchers: day.vouchers,
        net_profit: day.net_profit,
        net_margin_bp: day.net_margin,
    })
}

fn scheme(request: &SchemeRequest) -> Result<SchemeAnswer, Refusal> {
    let cost = crate::scheme_cost(request.points_milli, request.per.0, request.margin_bp, request.voucher.0)?;
    Ok(SchemeAnswer { spend: cost.spend, profit: cost.profit, left: cost.left, effective_margin_bp: cost.effective_margin })
}

fn scheme_day(request: &SchemeDayRequest) -> Result<SchemeDayAnswer, Refusal> {
    let SchemeDayRequest { transactions, average, margin_bp, vouchers, voucher } = *request;
    let day = crate::scheme_day(transactions, average.0, margin_bp, vouchers, voucher.0)?;
    Ok(SchemeDayAnswer { profit: day.profit, voucher_cost: day.voucher_cost, carries: day.carries })
}

fn running_cost(request: &RunningCostRequest) -> Result<RunningCostAnswer, Refusal> {
    let cost = RunningCostItems {
        items: &rupiah(&request.items),
        sales: request.sales.0,
        rate_items: request.rate_items_bp.as_deref().unwrap_or_default(),
        once: &rupiah(request.once.as_deref().unwrap_or_default()),
        merchants: request.merchants,
    };
    let cost = cost.cost()?;
    Ok(RunningCostAnswer { total: cost.total, once_total: cost.once_total, shares: cost.shares })
}

fn prize_provisions(request: &PrizesRequest) -> Result<ProvisionsAnswer, Refusal> {
    let provisions = crate::prize_provisions(request.prizes.0, request.welfare_bp, request.tax_bp)?;
    Ok(ProvisionsAnswer { welfare: provisions.welfare, income_tax: provisions.income_tax })
}
