//! Menus, gifts, joining, bundles and bonus goods.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use crate::api::wire::{Amount, Path, Refusal, answer, record};
use crate::error::{Fault, Field};
use crate::funding::{self, Bonus, BonusGood};
use crate::operations;
use crate::points::{self, Bundle, BundleLine, Gift, Joining, MenuReason, MenuRedemption, Referral, ReferralReason, Reward};
use crate::quantity::{Count, Points, Rate, Ratio, Rupiah};
use crate::tables::Slot;

crate::words! {
    /// Whether a member joins.
    pub enum JoinReason {
        /// It does.
        Joined = "joined",
        /// It is one already.
        AlreadyMember = "already_member",
    }
}

crate::words! {
    /// What points of joining are for.
    pub enum JoinBonus {
        /// Signing up.
        SignUp = "sign_up",
        /// Being referred.
        Referred = "referred",
        /// Referring.
        Referrer = "referrer",
    }
}

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
    MenuReason;
    ReferralReason;
    JoinReason;
    JoinBonus;
    ChoiceReason;
}

operations! {
    "points.menu" ["PT-4 PT-5"] "What a balance can buy from the redemption menu, and what the entries cost.": menu, MenuRequest => MenuAnswer;
    "points.redeem" ["PT-4"] "An entry of the menu redeemed.": redeem, MenuChoice => MenuRedeemed;
    "points.gifts" ["PT-6"] "The gifts of a purchase.": gifts, GiftsRequest => GiftsAnswer;
    "points.joining" ["PT-2"] "The points of a member that joins, and of who referred it.": joining, JoiningRequest => JoiningAnswer;
    "points.bundles" ["PT-7"] "A receipt matched to bundles so that the shopper pays least.": bundles, BundlesRequest => BundlesAnswer;
    "bonus.goods" ["BN-1"] "The bonus goods that come closest to the top of the band.": goods, GoodsChoice => ChosenAnswer;
}

record! {
    /// An entry of a redemption menu: it gives one of a value, a discount and goods.
    pub struct MenuFields {
        /// Its unique id.
        id: String,
        /// What it costs, in thousandths of a point, 1 or more.
        points_milli: Points,
        /// A voucher in rupiah.
        value: Option<Amount>,
        /// A discount on the purchase.
        discount_bp: Option<Rate>,
        /// Goods, by name.
        goods: Option<String>,
    }
}

record! {
    /// A menu and a balance.
    pub struct MenuRequest {
        /// The menu, each id once.
        menu: Vec<MenuFields>,
        /// The points held, in thousandths, 0 or more.
        balance_milli: Points,
        /// The rupiah of purchases that earn a point.
        per: Option<Rupiah>,
    }
}

answer! {
    /// What a balance can buy.
    pub struct MenuAnswer {
        /// The entries in declared order.
        entries: Vec<MenuOffer>,
    }
}

answer! {
    /// An entry of a menu, seen from a balance.
    pub struct MenuOffer {
        /// Its id.
        id: String,
        /// Whether the balance reaches it.
        affordable: bool,
        /// What the balance lacks, in thousandths of a point.
        missing_milli: Points,
        /// Value ÷ (points × `per`) in basis points, truncated; null without `per`, or if it gives no value.
        cost_bp: Option<Ratio>,
    }
}

record! {
    /// A menu, a balance and a choice.
    pub struct MenuChoice {
        /// The menu, each id once.
        menu: Vec<MenuFields>,
        /// The id of the entry.
        choose: String,
        /// The points held, in thousandths, 0 or more.
        balance_milli: Points,
        /// The purchase that a discount is of, in rupiah.
        purchase: Amount = Amount(Rupiah::ZERO),
    }
}

answer! {
    /// A redemption by the menu.
    pub struct MenuRedeemed {
        /// What became of it.
        reason: MenuReason,
        /// What the balance lacks, in thousandths of a point.
        missing_milli: Points,
        /// Thousandths of a point spent.
        spent_milli: Points,
        /// Thousandths of a point left.
        left_milli: Points,
        /// The voucher or the discount in rupiah; 0 for goods.
        value: Rupiah,
        /// The goods; null unless they are given.
        goods: Option<String>,
    }
}

record! {
    /// Gifts and a purchase.
    pub struct GiftsRequest {
        /// The gifts, each id once.
        gifts: Vec<GiftFields>,
        /// The purchase in rupiah.
        amount: Amount,
        /// The slot of the purchase.
        slot: Option<Slot>,
    }
}

record! {
    /// A gift; it states a condition or both.
    pub struct GiftFields {
        /// Its unique id.
        id: String,
        /// The purchase must be above so many rupiah.
        above: Option<Amount>,
        /// The purchase must fall in one of these slots.
        slots: Option<Vec<Slot>>,
    }
}

answer! {
    /// The gifts of a purchase.
    pub struct GiftsAnswer {
        /// Their ids in declared order.
        given: Vec<String>,
    }
}

record! {
    /// A member that joins.
    pub struct JoiningRequest {
        /// The member.
        member: String,
        /// Whether it is a member already.
        joined_before: bool = false,
        /// To every new member, in thousandths of a point.
        sign_up_milli: Points = Points::ZERO,
        /// What a referral gives.
        referral: Option<ReferralFields>,
        /// The member that referred it.
        referrer: Option<String>,
        /// Referrals of that member before.
        referrals_before: Count = Count::ZERO,
    }
}

record! {
    /// What a referral gives.
    pub struct ReferralFields {
        /// To the member that referred, in thousandths of a point.
        referrer_milli: Points,
        /// To the one that joins, in thousandths of a point.
        referred_milli: Points,
        /// The most referrals of a member that give points.
        limit: Option<Count>,
    }
}

answer! {
    /// The points of joining.
    pub struct JoiningAnswer {
        /// Whether the member joins.
        reason: JoinReason,
        /// What became of the referral.
        referral: ReferralReason,
        /// What is given, without zeros: for signing up, being referred, referring.
        awards: Vec<JoinAward>,
    }
}

answer! {
    /// Points for joining.
    pub struct JoinAward {
        /// Who gets them.
        account: String,
        /// What for.
        bonus: JoinBonus,
        /// Thousandths of a point, above 0.
        points_milli: Points,
    }
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

/// Refuses an id that stands twice in a list.
fn distinct<'a>(list: &'static str, ids: impl Iterator<Item = &'a String>) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    match ids.enumerate().find(|(_, id)| !seen.insert(*id)) {
        Some((index, _)) => Err(Fault::NotDistinct.error().at(Field::within(list, index, "id")).into()),
        None => Ok(()),
    }
}

impl MenuFields {
    fn entry(&self, path: &Path<'_>) -> Result<points::MenuEntry<'_>, Refusal> {
        let reward = match (self.value, self.discount_bp, &self.goods) {
            (Some(value), None, None) => Reward::Value(value.0),
            (None, Some(rate), None) => Reward::Discount(rate),
            (None, None, Some(goods)) => Reward::Goods(goods),
            _ => return Err(Refusal::at(Fault::MenuEntryForm, path)),
        };
        if self.points_milli <= Points::ZERO {
            return Err(Refusal::at(Fault::BelowOne, &path.key("points_milli")));
        }
        Ok(points::MenuEntry { points: self.points_milli, reward })
    }
}

fn entries(menu: &[MenuFields]) -> Result<Vec<points::MenuEntry<'_>>, Refusal> {
    distinct("menu", menu.iter().map(|entry| &entry.id))?;
    let path = Path::Root.key("menu");
    menu.iter().enumerate().map(|(index, entry)| entry.entry(&path.entry(index))).collect()
}

fn menu(request: &MenuRequest) -> Result<MenuAnswer, Refusal> {
    let entries = entries(&request.menu)?;
    match request.per.map(Rupiah::get) {
        Some(0) => return Err(Fault::MustNotBeZero.error().at("per").into()),
        Some(..0) => return Err(Fault::Negative.error().at("per").into()),
        _ => {}
    }
    if request.balance_milli < Points::ZERO {
        return Err(Fault::Negative.error().at("balance_milli").into());
    }
    let offers = request.menu.iter().zip(entries).map(|(fields, entry)| {
        let missing_milli = entry.missing(request.balance_milli)?;
        let cost_bp = request.per.map(|per| entry.cost(per)).transpose()?.flatten();
        Ok::<_, Refusal>(MenuOffer { id: fields.id.clone(), affordable: missing_milli == Points::ZERO, missing_milli, cost_bp })
    });
    Ok(MenuAnswer { entries: offers.collect::<Result<_, _>>()? })
}

fn redeem(request: &MenuChoice) -> Result<MenuRedeemed, Refusal> {
    let entries = entries(&request.menu)?;
    let chosen = request.menu.iter().zip(entries).find(|(fields, _)| fields.id == request.choose);
    let (fields, entry) = chosen.ok_or(Fault::NotOnTheMenu.error().at("choose"))?;
    let MenuRedemption { reason, missing, spent, left, value } = entry.redeem(request.balance_milli, request.purchase.0)?;
    let goods = fields.goods.clone().filter(|_| reason == MenuReason::Redeemed);
    Ok(MenuRedeemed { reason, missing_milli: missing, spent_milli: spent, left_milli: left, value, goods })
}

fn gifts(request: &GiftsRequest) -> Result<GiftsAnswer, Refusal> {
    distinct("gifts", request.gifts.iter().map(|gift| &gift.id))?;
    let (path, mut given) = (Path::Root.key("gifts"), Vec::new());
    for (index, fields) in request.gifts.iter().enumerate() {
        let gift = Gift { above: fields.above.map(|above| above.0), slots: fields.slots.as_deref() };
        if gift.is_given(request.amount.0, request.slot).map_err(|error| Refusal::inside(error, &path.entry(index)))? {
            given.push(fields.id.clone());
        }
    }
    Ok(GiftsAnswer { given })
}

fn joining(request: &JoiningRequest) -> Result<JoiningAnswer, Refusal> {
    let referral = request.referral.as_ref().map(|referral| Referral {
        referrer: referral.referrer_milli,
        referred: referral.referred_milli,
        limit: referral.limit,
    });
    let terms = Joining { sign_up: request.sign_up_milli, referral };
    let referrer = request.referrer.as_deref();
    let joined = terms.join(&request.member, request.joined_before, referrer.map(|referrer| (referrer, request.referrals_before)))?;
    let awards = [
        (request.member.as_str(), JoinBonus::SignUp, joined.sign_up),
        (request.member.as_str(), JoinBonus::Referred, joined.referred),
        (referrer.unwrap_or_default(), JoinBonus::Referrer, joined.referrer),
    ];
    let awards = awards.into_iter().filter(|(_, _, points)| *points > Points::ZERO);
    Ok(JoiningAnswer {
        reason: if request.joined_before { JoinReason::AlreadyMember } else { JoinReason::Joined },
        referral: joined.referral,
        awards: awards.map(|(account, bonus, points_milli)| JoinAward { account: account.into(), bonus, points_milli }).collect(),
    })
}

fn bundles(request: &BundlesRequest) -> Result<BundlesAnswer, Refusal> {
    distinct("bundles", request.bundles.iter().map(|bundle| &bundle.id))?;
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
