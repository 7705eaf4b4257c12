//! Shoppers by how they buy.

use crate::{History, Purchase, RegularBy, Segment, SegmentCounts, SegmentTerms};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use loyalty_rules::api::wire::{Amount, Path, Refusal, answer, distinct, operations, record};
use loyalty_rules::calendar::Date;
use loyalty_rules::quantity::{Count, Rate, Ratio, Rupiah};

loyalty_rules::wire_words! {
    RegularBy;
    Segment;
}

operations! {
    "plan.segments" ["PL-18"] "Shoppers by how they buy, and what may be offered to win them.": segments, SegmentsRequest => SegmentsAnswer;
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
