//! Bundles and bonus goods.

use crate::api::wire::{Amount, Path, Refusal, answer, distinct, record};
use crate::error::Fault;
use crate::funding::{self, Bonus, BonusGood};
use crate::operations;
use crate::points::{self, Bundle, BundleLine};
use crate::quantity::{Count, Points, Rate, Ratio, Rupiah};
use alloc::string::String;
use alloc::vec::Vec;

crate::words! {
    /// Whether bonus goods fit a purchase.
    pub enum ChoiceReason {
        /// They do.
        Chosen = "chosen",
        /// No set does.
        NoneFits = "none_fits",
    }
}

crate::wire_words! {
    ChoiceReason;
}

operations! {
    "points.bundles" ["PT-7"] "A receipt matched to bundles so that the shopper pays least.": bundles, BundlesRequest => BundlesAnswer;
    "bonus.goods" ["BN-1"] "The bonus goods that come closest to the top of the band.": goods, GoodsChoice => ChosenAnswer;
}

record! {
    /// A receipt and bundles.
    pub struct BundlesRequest {
        /// The lines of the receipt.
        lines: Vec<BundleLineFields>,
        /// The bundles, each id once.
        bundles: Vec<BundleFields>,
    }
}

record! {
    /// A line of a receipt.
    pub struct BundleLineFields {
        /// What is bought.
        sku: String,
        /// Units.
        quantity: Count,
        /// The price of a unit in rupiah.
        price: Amount,
    }
}

record! {
    /// A bundle.
    pub struct BundleFields {
        /// Its unique id.
        id: String,
        /// Its items, each SKU once.
        items: Vec<BundleItem>,
        /// Its price in rupiah.
        price: Amount,
        /// Its points bonus in thousandths of a point, 0 or more.
        points_milli: Points = Points::ZERO,
    }
}

record! {
    /// An item of a bundle.
    pub struct BundleItem {
        /// What.
        sku: String,
        /// Units, 1 or more.
        quantity: Count,
    }
}

answer! {
    /// A receipt with its bundles.
    pub struct BundlesAnswer {
        /// What the shopper pays, in rupiah.
        price: Rupiah,
        /// What the bundles save, in rupiah.
        saving: Rupiah,
        /// Their points, in thousandths.
        points_milli: Points,
        /// The bundles that are formed, in declared order.
        bundles: Vec<FormedBundle>,
        /// Units in no bundle, in the order of the first line.
        left: Vec<UnbundledUnits>,
    }
}

answer! {
    /// A bundle that is formed.
    pub struct FormedBundle {
        /// Its id.
        id: String,
        /// How often, 1 or more.
        count: Count,
    }
}

answer! {
    /// Units in no bundle.
    pub struct UnbundledUnits {
        /// What.
        sku: String,
        /// Units, 1 or more.
        quantity: Count,
    }
}

fn bundles(request: &BundlesRequest) -> Result<BundlesAnswer, Refusal> {
    distinct("bundles", "id", request.bundles.iter().map(|bundle| bundle.id.as_str()))?;
    let path = Path::Root.key("bundles");
    let bundles = request.bundles.iter().enumerate().map(|(index, bundle)| {
        let items: Vec<(&str, Count)> = bundle.items.iter().map(|item| (item.sku.as_str(), item.quantity)).collect();
        Bundle::new(&items, bundle.price.0, bundle.points_milli).map_err(|error| Refusal::inside(error, &path.entry(index)))
    });
    let lines = request.lines.iter().map(|line| BundleLine { sku: &line.sku, quantity: line.quantity, price: line.price.0 });
    let matched = points::match_bundles(&lines.collect::<Vec<_>>(), &bundles.collect::<Result<Vec<_>, _>>()?)?;
    let formed = request.bundles.iter().zip(matched.counts).filter(|(_, count)| *count > Count::ZERO);
    let left = matched.left.into_iter().map(|(sku, quantity)| UnbundledUnits { sku: sku.into(), quantity });
    Ok(BundlesAnswer {
        price: matched.price,
        saving: matched.saving,
        points_milli: matched.points,
        bundles: formed.map(|(bundle, count)| FormedBundle { id: bundle.id.clone(), count }).collect(),
        left: left.collect(),
    })
}

record! {
    /// A purchase and the goods that may be given with it.
    pub struct GoodsChoice {
        /// The purchase in rupiah.
        purchase: Amount,
        /// At most 64 kinds of goods, each id once.
        goods: Vec<GoodFields>,
        /// The least value of the goods as a share of the purchase.
        bottom_bp: Rate = Rate::from_bp(2_000).unwrap_or_default(),
        /// The greatest.
        top_bp: Rate = Rate::from_bp(3_000).unwrap_or_default(),
    }
}

record! {
    /// A kind of goods.
    pub struct GoodFields {
        /// Its unique id.
        id: String,
        /// The price of a unit in rupiah, 1 or more.
        price: Rupiah,
        /// Units in stock, at most 1,000.
        stock: Count,
    }
}

answer! {
    /// Chosen bonus goods.
    pub struct ChosenAnswer {
        /// Whether a set fits.
        reason: ChoiceReason,
        /// The goods in declared order.
        items: Vec<ChosenItem>,
        /// Units together.
        count: Count,
        /// Their value in rupiah.
        value: Rupiah,
        /// Value ÷ purchase in basis points, truncated; 0 without a purchase.
        rate_bp: Ratio,
        /// The parts of producer, retailer and operator, in rupiah.
        parts: Vec<Rupiah>,
    }
}

answer! {
    /// A kind of goods that is given.
    pub struct ChosenItem {
        /// Its id.
        id: String,
        /// Units, 1 or more.
        quantity: Count,
    }
}

fn goods(request: &GoodsChoice) -> Result<ChosenAnswer, Refusal> {
    let goods: Vec<BonusGood<'_>> =
        request.goods.iter().map(|good| BonusGood { id: &good.id, price: good.price, stock: good.stock }).collect();
    let chosen = funding::choose_goods(request.purchase.0, &goods, request.bottom_bp, request.top_bp)?;
    let reason = if chosen.is_some() { ChoiceReason::Chosen } else { ChoiceReason::NoneFits };
    let (units, value) = chosen.map_or((Vec::new(), Rupiah::ZERO), |chosen| (chosen.units, chosen.value));
    let items = request.goods.iter().zip(&units).filter(|(_, units)| **units > 0);
    let items = items.map(|(good, units)| Ok::<_, Refusal>(ChosenItem { id: good.id.clone(), quantity: Count::new((*units).into())? }));
    // A set is chosen only for a purchase above zero.
    let rate_bp = if value.is_zero() { Ratio::ZERO } else { Ratio::of(value.get().into(), request.purchase.0.get().into(), "purchase")? };
    let funding = Bonus::Goods.preset().ok_or(Fault::Bug.error())?;
    Ok(ChosenAnswer {
        reason,
        items: items.collect::<Result<_, _>>()?,
        count: Count::new(units.iter().fold(0_i64, |sum, units| sum.wrapping_add((*units).into())))?,
        value,
        rate_bp,
        parts: funding.split(value).as_slice().to_vec(),
    })
}
