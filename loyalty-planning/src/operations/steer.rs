//! Planning from a shop's own records: shoppers, products, the week, the day so far.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::{
    DaySoFar, History, ProductClass, ProductFigures, Purchase, RegularBy, ReleaseAdvice, ReleaseReason, Segment, SegmentCounts,
    SegmentTerms, Third, Week, WeekAction, WeekFinding,
};
use loyalty_rules::api::wire::{Amount, Path, Refusal, answer, distinct, operations, record};
use loyalty_rules::award::Language;
use loyalty_rules::calendar::Date;
use loyalty_rules::quantity::{Count, Rate, Ratio, Rupiah};
use loyalty_rules::tables::Slot;

loyalty_rules::wire_words! {
    RegularBy;
    Segment;
    Third;
    ProductClass;
    WeekFinding;
    WeekAction;
    ReleaseAdvice;
    ReleaseReason;
}

operations! {
    "plan.segments" ["PL-18"] "Shoppers by how they buy, and what may be offered to win them.": segments, SegmentsRequest => SegmentsAnswer;
    "plan.product_classes" ["PL-19"] "Products by margin, frequency and contribution, and which deserve a multiplier.": product_classes, ProductsRequest => ProductsAnswer;
    "plan.weekly_check" ["PL-20"] "What a week shows, and what to do.": weekly_check, WeeksRequest => WeekAnswer;
    "plan.release" ["PL-21"] "What to do with vouchers during the day.": release, ReleaseRequest => ReleaseAnswer;
}

record! {
    /// Shoppers and how they are told apart.
    pub struct SegmentsRequest {
        /// The day up to which purchases count, included.
        as_of: Date,
        /// The shoppers, each id once.
        shoppers: Vec<ShopperPurchases>,
        /// What makes a shopper regular.
        regular: RegularBy = RegularBy::default(),
        /// The share of all spending that the regulars of `top_share` reach, in basis points.
        top_share_bp: Rate = Rate::from_bp(2_000).unwrap_or_default(),
        /// A shopper has lapsed when the last purchase is more days ago than this.
        lapsed_days: Count = Count::new(90).unwrap_or_default(),
        /// What may be offered to shoppers who should come (back).
        win_back: Option<WinBack>,
    }
}

record! {
    /// A shopper.
    pub struct ShopperPurchases {
        /// The shopper's id.
        id: String,
        /// The purchases, in any order.
        purchases: Vec<PurchaseFields>,
    }
}

record! {
    /// A purchase.
    pub struct PurchaseFields {
        /// When.
        date: Date,
        /// What was paid, in rupiah.
        amount: Amount,
    }
}

record! {
    /// Offers by segment.
    pub struct WinBack {
        /// To lapsed shoppers, in basis points.
        lapsed_bp: Rate,
        /// To new shoppers, in basis points.
        new_bp: Rate,
    }
}

answer! {
    /// The shoppers by segment.
    pub struct SegmentsAnswer {
        /// The shoppers in declared order.
        segments: Vec<ShopperSegment>,
        /// How many each segment has.
        counts: SegmentCountsAnswer,
        /// Regular ÷ all in basis points, truncated; 0 for nobody.
        regular_share_bp: Ratio,
    }
}

answer! {
    /// A shopper's segment.
    pub struct ShopperSegment {
        /// The shopper's id.
        id: String,
        /// The segment.
        segment: Segment,
        /// How many purchases.
        purchases: Count,
        /// Their sum, in rupiah.
        spent: Rupiah,
        /// The date of the latest; null without any.
        last: Option<Date>,
        /// What may be offered, in basis points.
        offer_bp: Rate,
    }
}

answer! {
    /// Shoppers by segment.
    pub struct SegmentCountsAnswer {
        /// New ones.
        new: Count,
        /// Regular ones.
        regular: Count,
        /// Occasional ones.
        occasional: Count,
        /// Lapsed ones.
        lapsed: Count,
    }
}

record! {
    /// Products of some time.
    pub struct ProductsRequest {
        /// The products, each id once.
        products: Vec<ProductFields>,
        /// The multiplier of what deserves one, in thousandths.
        multiplier_milli: Count = Count::new(2_000).unwrap_or_default(),
    }
}

record! {
    /// A product.
    pub struct ProductFields {
        /// Its id.
        id: String,
        /// Its margin in basis points; it may be negative.
        margin_bp: Ratio,
        /// Units sold.
        units: Count,
        /// Its sales in rupiah.
        sales: Amount,
    }
}

answer! {
    /// The products, classed.
    pub struct ProductsAnswer {
        /// In declared order.
        products: Vec<ClassedProduct>,
    }
}

answer! {
    /// A classed product.
    pub struct ClassedProduct {
        /// Its id.
        id: String,
        /// Its third by margin.
        margin: Third,
        /// Its third by units sold.
        frequency: Third,
        /// Its third by sales.
        contribution: Third,
        /// What it does for the shop.
        class: ProductClass,
        /// The multiplier it deserves, in thousandths; 1000 is none.
        multiplier_milli: Count,
    }
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

fn segments(request: &SegmentsRequest) -> Result<SegmentsAnswer, Refusal> {
    distinct("shoppers", "id", request.shoppers.iter().map(|shopper| shopper.id.as_str()))?;
    let list = Path::Root.key("shoppers");
    let mut shoppers = Vec::new();
    for (index, ShopperPurchases { id, purchases }) in request.shoppers.iter().enumerate() {
        let purchases: Vec<_> = purchases.iter().map(|purchase| Purchase { date: purchase.date, amount: purchase.amount.0 }).collect();
        let history = History::new(&purchases, request.as_of).map_err(|error| Refusal::inside(error, &list.entry(index)))?;
        shoppers.push((id.as_str(), history));
    }
    let SegmentsRequest { regular, top_share_bp, lapsed_days, .. } = *request;
    let segments = SegmentTerms { regular, top_share: top_share_bp, lapsed_days }.segments(&shoppers);
    let SegmentCounts { counts: [new, regular, occasional, lapsed], regular_share } = SegmentCounts::of(&segments)?;
    let offer = |segment| match (segment, &request.win_back) {
        (Segment::Lapsed, Some(win_back)) => win_back.lapsed_bp,
        (Segment::New, Some(win_back)) => win_back.new_bp,
        _ => Rate::ZERO,
    };
    let shopper = |((id, history), segment): (&(&str, History), &Segment)| ShopperSegment {
        id: (*id).to_string(),
        segment: *segment,
        purchases: history.purchases,
        spent: history.spent,
        last: history.last,
        offer_bp: offer(*segment),
    };
    Ok(SegmentsAnswer {
        segments: shoppers.iter().zip(&segments).map(shopper).collect(),
        counts: SegmentCountsAnswer { new, regular, occasional, lapsed },
        regular_share_bp: regular_share,
    })
}

fn product_classes(request: &ProductsRequest) -> Result<ProductsAnswer, Refusal> {
    distinct("products", "id", request.products.iter().map(|product| product.id.as_str()))?;
    let figures = |product: &ProductFields| ProductFigures { margin: product.margin_bp, units: product.units, sales: product.sales.0 };
    let figures: Vec<_> = request.products.iter().map(figures).collect();
    let classed = |(product, standing): (&ProductFields, crate::ProductStanding)| {
        let none = Count::new(1_000).unwrap_or_default();
        let class = standing.class();
        ClassedProduct {
            id: product.id.clone(),
            margin: standing.margin,
            frequency: standing.frequency,
            contribution: standing.contribution,
            class,
            multiplier_milli: if class == ProductClass::Push { request.multiplier_milli } else { none },
        }
    };
    Ok(ProductsAnswer { products: request.products.iter().zip(crate::product_standings(&figures)).map(classed).collect() })
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
