//! The basic points program (section 9).

use crate::fields::{Answer, Fields, Fraction, Int, fraction, int, natural, out, refuse};
use crate::program::without_program;
use serde_json::{Value, json};

fn naturals(fields: &Fields, name: &str) -> Answer<Vec<Int>> {
    let Some(items) = fields.list_if(name)? else {
        return Ok(Vec::new());
    };
    items.iter().map(natural).collect()
}

/// A divisor that must be stated.
fn divisor(fields: &Fields, name: &str) -> Answer<Int> {
    fields.need(name)?;
    fields.divisor_or(name, 1)
}

/// PT-1 … PT-3.
pub fn earn(input: &Value) -> Answer<Value> {
    if input.get("program").is_some_and(|program| program.is_object() && program["points"].is_null()) {
        crate::program::read_own(&input["program"])?;
        return refuse("missing_field");
    }
    let input = &without_program(
        input,
        &[
            ("per", "/points/per", None),
            ("points_per_step_milli", "/points/points_per_step_milli", Some(json!(1000))),
            ("rest", "/points/rest", Some(json!("drop"))),
            ("multipliers_milli", "/points/multipliers_milli", None),
            ("stack", "/points/stack", Some(json!(false))),
            ("flat_milli", "/points/flat_milli", None),
            ("min_purchase", "/points/min_purchase", Some(json!(0))),
        ],
    )?;
    let known = ["amount", "per", "points_per_step_milli", "rest", "carried", "multipliers_milli", "stack", "flat_milli", "min_purchase"];
    let fields = Fields::open(input, &known)?;
    let amount = fields.natural("amount")?;
    let per = divisor(&fields, "per")?;
    let per_step = fields.natural_or("points_per_step_milli", 1000)?;
    let carries = fields.word_or("rest", &["drop", "carry"], "drop")? == "carry";
    let stated = fields.natural_or("carried", 0)?;
    let multipliers = naturals(&fields, "multipliers_milli")?;
    let stack = fields.flag_or("stack", false)?;
    let flats = naturals(&fields, "flat_milli")?;
    let least = fields.natural_or("min_purchase", 0)?;

    let carried = if carries { stated } else { int(0) };
    let flat: Int = flats.iter().sum();
    if amount < least {
        return Ok(json!({ "points_milli": out(&flat)?, "carried": out(&carried)? }));
    }
    let counted = &amount + &carried;
    let steps = &counted / &per;
    let below_a_step = &counted - &steps * &per;

    let mut multiplier = fraction(&int(1));
    if stack {
        for factor in &multipliers {
            multiplier *= Fraction::new(factor.clone(), int(1000));
        }
    } else if let Some(best) = multipliers.iter().max() {
        multiplier = Fraction::new(best.clone(), int(1000));
    }
    let points = (fraction(&(steps * per_step)) * multiplier).floor().to_integer() + flat;
    let rest = if carries { below_a_step } else { int(0) };
    Ok(json!({ "points_milli": out(&points)?, "carried": out(&rest)? }))
}

/// PT-5.
pub fn menu_cost(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["points_milli", "per", "value"])?;
    let points = fields.natural("points_milli")?;
    let per = divisor(&fields, "per")?;
    let value = fields.natural("value")?;
    if points == int(0) {
        return refuse("not_defined");
    }
    let spending = Fraction::new(points * per, int(1000));
    let cost = fraction(&(value * int(10_000))) / spending;
    Ok(json!({ "cost_bp": out(&cost.trunc().to_integer())? }))
}

/// PT-6.
pub fn goods(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["accumulated", "amount", "threshold"])?;
    let before = fields.natural("accumulated")?;
    let amount = fields.natural("amount")?;
    let threshold = divisor(&fields, "threshold")?;
    let after = &before + amount;
    let units = &after / &threshold - &before / &threshold;
    Ok(json!({ "units": out(&units)?, "accumulated": out(&after)? }))
}
