//! Points.

use alloc::vec::Vec;

use crate::api::document::{ProgramDocument, agreed, proved};
use crate::api::wire::{Path, Refusal, answer, record};
use crate::error::{Fault, Field};
use crate::operations;
use crate::points::{self, PointsProgram, PointsTerms, Rest, goods_reached};
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
        /// Rupiah a step; here or in the program.
        per: Option<Rupiah>,
        /// Thousandths of a point for each full step; 1,000 if absent.
        points_per_step_milli: Option<Points>,
        /// What happens to the rest; `drop` if absent.
        rest: Option<Rest>,
        /// The rest of earlier purchases, in rupiah.
        carried: Rupiah = Rupiah::ZERO,
        /// Multipliers in thousandths; the highest counts.
        multipliers_milli: Option<Vec<Count>>,
        /// Whether multipliers multiply instead; false if absent.
        stack: Option<bool>,
        /// Flat bonuses in thousandths of a point.
        flat_milli: Option<Vec<Points>>,
        /// The purchase below which only flat bonuses are given, in rupiah; 0 if absent.
        min_purchase: Option<Rupiah>,
        /// The program, whose `points` hold where this request states none.
        program: Option<ProgramDocument>,
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
    let program = proved(request.program.as_ref())?;
    let missing = || Refusal::at(Fault::Missing, &Path::Root.key("program").key("points"));
    let points = program.as_ref().map(|program| program.terms().points.as_ref().ok_or_else(missing));
    let points = points.transpose()?;
    let list_of = |points: &PointsTerms| points.multipliers_milli.stated().map(<[_]>::to_vec);
    let multipliers = agreed(request.multipliers_milli.clone(), points.and_then(list_of), "multipliers_milli")?.unwrap_or_default();
    let flat_of = |points: &PointsTerms| points.flat.stated().map(<[_]>::to_vec);
    let flat = agreed(request.flat_milli.clone(), points.and_then(flat_of), "flat_milli")?.unwrap_or_default();
    let step = agreed(request.points_per_step_milli, points.map(|points| points.points_per_step), "points_per_step_milli")?;
    let min_purchase = agreed(request.min_purchase, points.map(|points| points.min_purchase), "min_purchase")?.unwrap_or_default();
    if let Some(index) = flat.iter().position(|flat| *flat < Points::ZERO) {
        return Err(Fault::Negative.error().at(Field::entry("flat_milli", index)).into());
    }
    let numbers = [
        ("amount", request.amount.get()),
        ("points_per_step_milli", step.unwrap_or_default().milli()),
        ("carried", request.carried.get()),
        ("min_purchase", min_purchase.get()),
    ];
    if let Some((field, _)) = numbers.into_iter().find(|(_, number)| *number < 0) {
        return Err(Fault::Negative.error().at(field).into());
    }
    let per = agreed(request.per, points.map(|points| points.per), "per")?.ok_or(Fault::Missing.error().at("per"))?;
    let mut program = PointsProgram::new(per)?;
    program.points_per_step = step.unwrap_or(program.points_per_step);
    program.rest = agreed(request.rest, points.map(|points| points.rest), "rest")?.unwrap_or_default();
    program.multipliers_milli = &multipliers;
    program.stack = agreed(request.stack, points.map(|points| points.stack), "stack")?.unwrap_or_default();
    program.flat = &flat;
    program.min_purchase = min_purchase;
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
