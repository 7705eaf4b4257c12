//! What a week and the hours of a day show, and what to do.

use crate::{DaySoFar, ReleaseAdvice, ReleaseReason, Week, WeekAction, WeekFinding};
use alloc::string::String;
use alloc::vec::Vec;
use loyalty_rules::api::wire::{Amount, Refusal, answer, operations, record};
use loyalty_rules::award::Language;
use loyalty_rules::quantity::{Count, Rate, Ratio, Rupiah};
use loyalty_rules::tables::Slot;

loyalty_rules::wire_words! {
    WeekFinding;
    WeekAction;
    ReleaseAdvice;
    ReleaseReason;
}

operations! {
    "plan.weekly_check" ["PL-20"] "What a week shows, and what to do.": weekly_check, WeeksRequest => WeekAnswer;
    "plan.release" ["PL-21"] "What to do with vouchers during the day.": release, ReleaseRequest => ReleaseAnswer;
}

record! {
    /// Two weeks.
    pub struct WeeksRequest {
        /// The week before.
        before: WeekFields,
        /// This week.
        now: WeekFields,
        /// The change of sales that counts as steady, in basis points.
        steady_bp: Rate = Rate::from_bp(500).unwrap_or_default(),
        /// For how many weeks sales have been higher.
        weeks_of_higher_sales: Count = Count::ZERO,
    }
}

record! {
    /// A week.
    pub struct WeekFields {
        /// Its sales in rupiah, above zero.
        sales: Amount,
        /// Its profit after vouchers in rupiah; negative for a loss.
        profit: Rupiah,
        /// Shoppers who bought for the first time.
        new_shoppers: Count,
    }
}

answer! {
    /// What a week shows, and what to do.
    pub struct WeekAnswer {
        /// The change of sales in basis points, truncated toward zero.
        sales_change_bp: Ratio,
        /// The change of the margin in basis points, each margin truncated toward zero.
        margin_change_bp: Ratio,
        /// What it shows: sales first.
        findings: Vec<WeekFinding>,
        /// What to do.
        actions: Vec<WeekAction>,
        /// Both as a merchant reads them.
        text: BothLanguages,
    }
}

record! {
    /// A selling day so far.
    pub struct ReleaseRequest {
        /// Units at opening, 1 or more.
        stock_units: Count,
        /// Units left.
        stock_left: Count,
        /// The running slot.
        slot: Slot,
        /// The margin of the goods in basis points; it may be negative.
        margin_bp: Ratio,
        /// The vouchers given so far, in rupiah.
        given: Amount,
        /// The sales so far, in rupiah.
        sales: Amount,
        /// The least margin that vouchers must leave, in basis points; it may be negative.
        min_margin_bp: Ratio = Ratio::ZERO,
        /// How far the stock may be off its plan, in basis points of the units at opening.
        tolerance_bp: Rate = Rate::from_bp(1_000).unwrap_or_default(),
    }
}

answer! {
    /// What to do with vouchers.
    pub struct ReleaseAnswer {
        /// What to do.
        advice: ReleaseAdvice,
        /// Why.
        reason: ReleaseReason,
        /// The units that the plan leaves at the start of the slot.
        planned_left: Count,
        /// Margin − given ÷ sales in basis points, truncated toward zero; null without sales.
        effective_margin_bp: Option<Ratio>,
        /// Both as a merchant reads them.
        text: BothLanguages,
    }
}

answer! {
    /// A text in both languages.
    pub struct BothLanguages {
        /// English.
        en: String,
        /// Bahasa Indonesia.
        id: String,
    }
}

impl BothLanguages {
    /// The sentences of each language, one after the other.
    fn of(sentences: impl Fn(Language) -> Vec<&'static str>) -> Self {
        let text = |language| sentences(language).join(" ");
        Self { en: text(Language::English), id: text(Language::Indonesian) }
    }
}

fn weekly_check(request: &WeeksRequest) -> Result<WeekAnswer, Refusal> {
    let week = |fields: &WeekFields| Week { sales: fields.sales.0, profit: fields.profit, new_shoppers: fields.new_shoppers };
    let (before, now) = (week(&request.before), week(&request.now));
    let check = crate::week_check(&before, &now, request.steady_bp, request.weeks_of_higher_sales)?;
    let text = |language| {
        let findings = check.findings().map(|finding| finding.text(language));
        findings.chain(check.actions().map(|action| action.text(language))).collect()
    };
    Ok(WeekAnswer {
        sales_change_bp: check.sales_change,
        margin_change_bp: check.margin_change,
        findings: check.findings().collect(),
        actions: check.actions().collect(),
        text: BothLanguages::of(text),
    })
}

fn release(request: &ReleaseRequest) -> Result<ReleaseAnswer, Refusal> {
    let day = DaySoFar {
        stock_units: request.stock_units,
        stock_left: request.stock_left,
        slot: request.slot,
        margin: request.margin_bp,
        given: request.given.0,
        sales: request.sales.0,
        min_margin: request.min_margin_bp,
        tolerance: request.tolerance_bp,
    };
    let crate::Release { reason, planned_left, effective_margin } = day.release()?;
    Ok(ReleaseAnswer {
        advice: reason.advice(),
        reason,
        planned_left,
        effective_margin_bp: effective_margin,
        text: BothLanguages::of(|language| [reason.text(language)].to_vec()),
    })
}
