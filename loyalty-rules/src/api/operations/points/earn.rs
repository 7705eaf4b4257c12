//! Points.

use alloc::vec::Vec;

use crate::api::wire::{Refusal, answer, record};
use crate::error::{Fault, Field};
use crate::operations;
use crate::points::{self, PointsProgram, Rest, goods_reached};
use crate::quantity::{Count, PointValue, Points, Ratio, Rupiah};

operations! {
    "points.from_value" ["VC-1"] "The points of a voucher's value.": from_value, FromValue => PointsOfValue;
    "points.to_value" ["VC-1"] "The voucher value of points.": to_value, ToValue => ValueAnswer;
    "points.earn" ["PT-1 PT-2 PT-3"] "The points of a purchase.": earn, EarnRequest => EarnedPoints;
    "points.menu_cost" ["PT-5"] "What a menu entry gives back of the purchases that earn it.": menu_cost, MenuEntry => MenuCost;
    "points.goods" ["PT-6"] "The goods that accumulated purchases reach.": goods, GoodsRequest => Goods;
}

record! {
    /// A value and what a point is worth.
    pub struct FromValue {
        /// The value in rupiah; it may be negative.
        value: Rupiah,
        /// The rupiah one point is worth.
        point_value: PointValue = PointValue::default(),
    }
}

answer! {
    /// Points.
    pub struct PointsOfValue {
        /// Thousandths of a point, truncated toward zero.
        points_milli: Points,
    }
}

record! {
    /// Points and what one is worth.
    pub struct ToValue {
        /// Thousandths of a point; they may be negative.
        points_milli: Points,
        /// The rupiah one point is worth.
        point_value: PointValue = PointValue::default(),
    }
}

answer! {
    /// The value of points.
    pub struct ValueAnswer {
        /// The value in rupiah, truncated toward zero.
        value: Rupiah,
    }
}

record! {
    /// A purchase and how it earns.
    pub struct EarnRequest {
        /// The purchase in rupiah.
        amount: Rupiah,
        /// Rupiah a step.
        per: Rupiah,
        /// Thousandths of a point for each full step.
        points_per_step_milli: Points = Points::from_milli(1_000).unwrap_or_default(),
        /// What happens to the rest.
        rest: Rest = Rest::default(),
        /// The rest of earlier purchases, in rupiah.
        carried: Rupiah = Rupiah::ZERO,
        /// Multipliers in thousandths; the highest counts.
        multipliers_milli: Option<Vec<Count>>,
        /// Whether multipliers multiply instead.
        stack: bool = false,
        /// Flat bonuses in thousandths of a point.
        flat_milli: Option<Vec<Points>>,
        /// The purchase below which only flat bonuses are given, in rupiah.
        min_purchase: Rupiah = Rupiah::ZERO,
    }
}

answer! {
    /// What a purchase earns.
    pub struct EarnedPoints {
        /// Thousandths of a point.
        points_milli: Points,
        /// The rest carried to the next purchase, in rupiah.
        carried: Rupiah,
    }
}

record! {
    /// An entry of a redemption menu.
    pub struct MenuEntry {
        /// What it costs, in thousandths of a point.
        points_milli: Points,
        /// Rupiah of purchases a point.
        per: Rupiah,
        /// What it is worth, in rupiah.
        value: Rupiah,
    }
}

answer! {
    /// The effective cost of a menu entry.
    pub struct MenuCost {
        /// Value ÷ purchases, in basis points truncated toward zero.
        cost_bp: Ratio,
    }
}

record! {
    /// Accumulated purchases and a new one.
    pub struct GoodsRequest {
        /// The purchases before, in rupiah.
        accumulated: Rupiah,
        /// The new purchase in rupiah.
        amount: Rupiah,
        /// The purchases for one of the goods, in rupiah.
        threshold: Rupiah,
    }
}

answer! {
    /// The goods reached.
    pub struct Goods {
        /// How many.
        units: Count,
        /// The purchases after, in rupiah.
        accumulated: Rupiah,
    }
}

fn earn(request: &EarnRequest) -> Result<EarnedPoints, Refusal> {
    let (multipliers, flat) = (request.multipliers_milli.as_deref().unwrap_or_default(), request.flat_milli.as_deref().unwrap_or_default());
    if let Some(index) = flat.iter().position(|flat| *flat < Points::ZERO) {
        return Err(Fault::Negative.error().at(Field::entry("flat_milli", index)).into());
    }
    let numbers = [
        ("amount", request.amount.get()),
        ("points_per_step_milli", request.points_per_step_milli.milli()),
        ("carried", request.carried.get()),
        ("min_purchase", request.min_purchase.get()),
    ];
    if let Some((field, _)) = numbers.into_iter().find(|(_, number)| *number < 0) {
        return Err(Fault::Negative.error().at(field).into());
    }
    let mut program = PointsProgram::new(request.per)?;
    program.points_per_step = request.points_per_step_milli;
    program.rest = request.rest;
    program.multipliers_milli = multipliers;
    program.stack = request.stack;
    program.flat = flat;
    program.min_purchase = request.min_purchase;
    let earned = program.earn(request.amount, request.carried)?;
    Ok(EarnedPoints { points_milli: earned.points, carried: earned.carried })
}

fn menu_cost(request: &MenuEntry) -> Result<MenuCost, Refusal> {
    Ok(MenuCost { cost_bp: points::menu_cost(request.points_milli, request.per, request.value)? })
}

fn goods(request: &GoodsRequest) -> Result<Goods, Refusal> {
    let (units, accumulated) = goods_reached(request.accumulated, request.amount, request.threshold)?;
    Ok(Goods { units, accumulated })
}

fn from_value(request: &FromValue) -> Result<PointsOfValue, Refusal> {
    Ok(PointsOfValue { points_milli: request.point_value.points(request.value)? })
}

fn to_value(request: &ToValue) -> Result<ValueAnswer, Refusal> {
    Ok(ValueAnswer { value: request.point_value.value(request.points_milli)? })
}
