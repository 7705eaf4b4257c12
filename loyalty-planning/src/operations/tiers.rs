//! The tables that a margin carries.

use crate::{Assumed, Risk, Sensed, TierTerms, TypicalDay};
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use loyalty_rules::api::fields::TableFields;
use loyalty_rules::api::wire::{Amount, Path, Refusal, answer, operations, record};
use loyalty_rules::error::Error;
use loyalty_rules::quantity::{Count, Rate, Ratio, Rupiah};
use loyalty_rules::tables::{Edition, MarginClass, Mechanism};

loyalty_rules::wire_words! {
    Risk;
}

operations! {
    "plan.safe_tiers" ["PL-5"] "The printed tiers that a margin carries, and why not the others.": safe_tiers, TiersRequest => TiersAnswer;
    "plan.all_tiers" ["PL-5"] "Every printed table of a margin, by what of it is safe, and from which purchase on a day carries it.": all_tiers, AllTiersRequest => AllTiersAnswer;
    "plan.sensitivity" ["PL-5 PL-7"] "What comes of a table under several assumptions, and which uplift pays for it.": sensitivity, SensitivityRequest => SensitivityAnswer;
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

pub(super) fn rupiah(amounts: &[Amount]) -> Vec<Rupiah> {
    amounts.iter().map(|amount| amount.0).collect()
}
