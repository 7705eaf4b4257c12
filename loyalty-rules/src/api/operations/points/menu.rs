//! The menu of what points buy.

use crate::api::wire::{Amount, Path, Refusal, answer, distinct, record};
use crate::error::Fault;
use crate::operations;
use crate::points::{self, MenuReason, MenuRedemption, Reward};
use crate::quantity::{Points, Rate, Ratio, Rupiah};
use alloc::string::String;
use alloc::vec::Vec;

crate::wire_words! {
    MenuReason;
}

operations! {
    "points.menu" ["PT-4 PT-5"] "What a balance can buy from the redemption menu, and what the entries cost.": menu, MenuRequest => MenuAnswer;
    "points.redeem" ["PT-4"] "An entry of the menu redeemed.": redeem, MenuChoice => MenuRedeemed;
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
    distinct("menu", "id", menu.iter().map(|entry| entry.id.as_str()))?;
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
