//! What a day and a scheme bring, and what it takes to run a program.

use super::tiers::rupiah;
use crate::{RunningCostItems, VouchersGiven};
use alloc::vec::Vec;
use loyalty_rules::api::wire::{Amount, Refusal, answer, operations, record};
use loyalty_rules::quantity::{Count, Points, Rate, Ratio, Rupiah};

operations! {
    "plan.day" ["PL-13"] "The result of a day with vouchers.": day, DayRequest => DayAnswer;
    "plan.scheme" ["PL-14"] "What a voucher of a points scheme costs.": scheme, SchemeRequest => SchemeAnswer;
    "plan.scheme_day" ["PL-14"] "Whether a day carries the vouchers of a scheme.": scheme_day, SchemeDayRequest => SchemeDayAnswer;
    "plan.running_cost" ["PL-15 SP-3"] "What it takes to run a program, by month and by merchant.": running_cost, RunningCostRequest => RunningCostAnswer;
    "plan.prize_provisions" ["PL-17"] "What a mechanism of chance has to set aside.": prize_provisions, PrizesRequest => ProvisionsAnswer;
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
