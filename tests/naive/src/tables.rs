//! The rate tables (sections 2 and 3), margin classes and bonus bands.

use crate::fields::{Answer, Fields, Int, between, int, list, out, rate as rate_of, refuse};
use crate::money::percent;
use serde_json::{Value, json};

/// mechanism, edition, margin class, tier, and the ten columns in percent with
/// the decimal comma of the printed tables.
const PRINTED: &[(&str, &str, &str, &str, &str)] = &[
    ("stopwatch", "", "below_15", "basic", "2 2 2 3 3 3 4 4 4 5"),    // S002:1210
    ("stopwatch", "", "below_15", "standard", "2 2 3 3 4 4 5 5 6 6"), // S002:1210
    ("stopwatch", "", "below_15", "plus", "2 3 4 5 6 7 8 9 10 11"),   // S002:1210
    ("stopwatch", "", "from_15", "premium", "4 4 4 5 5 5 6 6 6 7"),   // S002:1211
    ("stopwatch", "", "from_15", "elite", "4 4 5 5 6 6 7 7 8 8"),     // S002:1211
    ("stopwatch", "", "from_15", "pro", "4 5 6 7 8 9 10 11 12 13"),   // S002:1211
    ("time_auction", "one", "below_15", "bronze", "3,5 3,5 3,5 4,0 4,0 4,0 4,5 4,5 4,5 5,0"), // S002:1025
    ("time_auction", "one", "below_15", "silver", "3,5 3,5 4,0 4,0 4,5 4,5 5,0 5,0 5,5 5,5"), // S002:1036
    ("time_auction", "one", "below_15", "gold", "3,5 4,0 4,5 5,0 5,5 6,0 6,5 7,0 7,5 8,0"), // S002:1047
    ("time_auction", "one", "from_15", "platinum", "7,0 7,0 7,0 8,0 8,0 8,0 9,0 9,0 9,0 10,0"), // S002:1070
    ("time_auction", "one", "from_15", "titanium", "7,0 7,0 8,0 8,0 9,0 9,0 10,0 10,0 11,0 11,0"), // S002:1081
    ("time_auction", "one", "from_15", "palladium", "7,0 8,0 9,0 10,0 11,0 12,0 13,0 14,0 15,0 16,0"), // S002:1092
    ("time_auction", "two", "below_15", "silver", "3,5 3,5 3,5 4,0 4,0 4,0 4,5 4,5 4,5 5,0"), // S002:1259
    ("time_auction", "two", "below_15", "gold", "3,5 3,5 4,0 4,0 4,5 4,5 5,0 5,0 5,5 5,5"), // S002:1260
    ("time_auction", "two", "below_15", "platinum", "3,5 4,0 4,5 5,0 5,5 6,0 6,5 7,0 7,5 8,0"), // S002:1261
    ("time_auction", "two", "from_15", "silver", "7,0 7,0 7,0 8,0 8,0 8,0 9,0 9,0 9,0 10,0"), // S002:1264
    ("time_auction", "two", "from_15", "gold", "7,0 7,0 8,0 8,0 9,0 9,0 10,0 10,0 11,0 11,0"), // S002:1265
    ("time_auction", "two", "from_15", "platinum", "7,0 8,0 9,0 10,0 11,0 12,0 13,0 14,0 15,0 16,0"), // S002:1266
    ("time_auction", "recommended", "below_15", "silver", "2,0 2,0 2,0 2,5 2,5 2,5 3,0 3,0 3,0 3,5"), // S002:1336
    ("time_auction", "recommended", "below_15", "gold", "2,0 2,0 2,5 2,5 3,0 3,0 3,5 3,5 4,0 4,5"), // S002:1337
    ("time_auction", "recommended", "below_15", "platinum", "2,0 2,5 3,0 3,5 4,0 4,5 5,0 5,5 6,0 6,5"), // S002:1338
    ("time_auction", "recommended", "from_15", "silver", "3,0 3,0 3,0 3,5 3,5 3,5 4,0 4,0 4,0 4,5"), // S002:1341
    ("time_auction", "recommended", "from_15", "gold", "3,0 3,0 3,5 3,5 4,0 4,0 4,5 5,0 5,5 6,0"), // S002:1342
    ("time_auction", "recommended", "from_15", "platinum", "3,0 3,5 4,0 4,5 5,0 5,5 6,0 6,5 7,0 8,0"), // S002:1343
];

/// The fields that name a table.
pub const TABLE_FIELDS: [&str; 7] = ["mechanism", "rate_bp", "edition", "margin_class", "tier", "rates_bp", "allow_falling"];

/// What a program decides by: a row of ten rates in column order of the stopwatch or of the time auction; else one rate,
/// ten times over, or points.
pub struct Table {
    pub stopwatch: bool,
    pub auction: bool,
    pub points: bool,
    pub row: Vec<Int>,
}

/// Whether the mechanism is the stopwatch, of the two that have tables.
fn read_mechanism(fields: &Fields) -> Answer<bool> {
    match fields.text("mechanism")? {
        "stopwatch" => Ok(true),
        "time_auction" => Ok(false),
        _ => refuse("bad_config"),
    }
}

/// PT-8: what decides a program: a table, one rate, or points.
pub fn read_basis(fields: &Fields) -> Answer<Table> {
    let mechanism = fields.text("mechanism")?;
    let flat = mechanism == "flat";
    if !flat && mechanism != "points" {
        return read_table(fields);
    }
    for name in ["edition", "margin_class", "tier", "rates_bp"] {
        if fields.has(name) {
            return refuse("bad_config");
        }
    }
    if fields.flag_or("allow_falling", false)? || fields.has("rate_bp") != flat {
        return refuse(if flat && !fields.has("rate_bp") { "missing_field" } else { "bad_config" });
    }
    let rate = if flat { fields.rate("rate_bp")? } else { int(0) };
    Ok(Table { stopwatch: false, auction: false, points: !flat, row: vec![rate; 10] })
}

fn read_edition<'a>(fields: &Fields<'a>, stopwatch: bool) -> Answer<&'a str> {
    match (stopwatch, fields.text_if("edition")?) {
        (true, None) => Ok(""),
        (true, Some(_)) => refuse("unknown_table"),
        (false, None) => Ok("recommended"),
        (false, Some(edition)) => Ok(edition),
    }
}

/// TB-1, TB-2: a printed table by name, or the merchant's own.
pub fn read_table(fields: &Fields) -> Answer<Table> {
    let stopwatch = read_mechanism(fields)?;
    if fields.has("rate_bp") {
        return refuse("bad_config");
    }
    let auction = !stopwatch;
    let points = false;
    let allow_falling = fields.flag_or("allow_falling", false)?;
    if let Some(rates) = fields.get("rates_bp") {
        if fields.has("edition") || fields.has("margin_class") || fields.has("tier") {
            return refuse("bad_config");
        }
        return Ok(Table { stopwatch, auction, points, row: own_row(rates, allow_falling)? });
    }
    let edition = read_edition(fields, stopwatch)?;
    let margin_class = fields.text("margin_class")?;
    let tier = fields.text("tier")?;
    for (its_tier, row) in printed(stopwatch, edition, margin_class) {
        if its_tier == tier {
            return Ok(Table { stopwatch, auction, points, row });
        }
    }
    refuse("unknown_table")
}

/// The tiers of a margin class in the order of the printed tables, for the
/// `mechanism` and `edition` of the request.
pub fn tiers(fields: &Fields, margin_class: &str) -> Answer<Vec<(&'static str, Vec<Int>)>> {
    let stopwatch = read_mechanism(fields)?;
    let found = printed(stopwatch, read_edition(fields, stopwatch)?, margin_class);
    if found.is_empty() { refuse("unknown_table") } else { Ok(found) }
}

/// The names of a class's tiers, as the tables print them; the edition of the stopwatch is empty.
pub fn printed_tiers(stopwatch: bool, edition: &str, margin_class: &str) -> Vec<&'static str> {
    printed(stopwatch, edition, margin_class).into_iter().map(|(tier, _)| tier).collect()
}

/// The rows of the time auction, by tier.
pub fn printed_rows(edition: &str, margin_class: &str) -> Vec<(&'static str, Vec<Int>)> {
    printed(false, edition, margin_class)
}

fn printed(stopwatch: bool, edition: &str, margin_class: &str) -> Vec<(&'static str, Vec<Int>)> {
    let mechanism = if stopwatch { "stopwatch" } else { "time_auction" };
    let mut found = Vec::new();
    for &(its_mechanism, its_edition, its_class, tier, columns) in PRINTED {
        if its_mechanism == mechanism && its_edition == edition && its_class == margin_class {
            found.push((tier, printed_row(columns)));
        }
    }
    found
}

/// Every printed table of a margin class by its name, in the order of the
/// tables (TB-1).
pub fn all_of(margin_class: &str) -> Vec<(String, Vec<Int>)> {
    let mut found = Vec::new();
    for &(mechanism, edition, its_class, tier, columns) in PRINTED {
        if its_class == margin_class {
            let words: Vec<&str> = [mechanism, edition, its_class, tier].into_iter().filter(|word| !word.is_empty()).collect();
            found.push((words.join("/"), printed_row(columns)));
        }
    }
    found
}

fn printed_row(columns: &str) -> Vec<Int> {
    let mut row = Vec::new();
    for column in columns.split(' ') {
        let text = format!("{}%", column.replace(',', "."));
        row.push(percent(&text).expect("a printed rate"));
    }
    row
}

/// TB-2, TB-3: ten rates that never fall unless the program allows it.
fn own_row(value: &Value, allow_falling: bool) -> Answer<Vec<Int>> {
    let mut row = Vec::new();
    for item in list(value)? {
        row.push(rate_of(item)?);
    }
    if row.len() != 10 {
        return refuse("bad_table");
    }
    for pair in row.windows(2) {
        if pair[1] < pair[0] && !allow_falling {
            return refuse("bad_table");
        }
    }
    Ok(row)
}

/// The index of a digit's column: 1 … 9, then 0.
pub fn digit_column(digit: usize) -> usize {
    if digit == 0 { 9 } else { digit - 1 }
}

pub fn small(n: &Int) -> usize {
    usize::try_from(n.clone()).expect("a checked small number")
}

/// SW-3, TA-3: the rate that the request's `digit` or `slot` points to.
pub fn rate_at_column(fields: &Fields, table: &Table) -> Answer<Int> {
    let digit = match fields.get("digit") {
        Some(value) => Some(between(value, 0, 9)?),
        None => None,
    };
    let slot = match fields.get("slot") {
        Some(value) => Some(between(value, 1, 10)?),
        None => None,
    };
    let (own, other) = if table.stopwatch { (digit, slot) } else { (slot, digit) };
    if other.is_some() {
        return refuse("bad_config");
    }
    let Some(own) = own else {
        return refuse("missing_field");
    };
    let column = if table.stopwatch { digit_column(small(&own)) } else { small(&own) - 1 };
    Ok(table.row[column].clone())
}

pub fn rate(input: &Value) -> Answer<Value> {
    let known = [&TABLE_FIELDS[..], &["digit", "slot"]].concat();
    let fields = Fields::open(input, &known)?;
    let table = read_table(&fields)?;
    Ok(json!({ "rate_bp": out(&rate_at_column(&fields, &table)?)? }))
}

/// SW-5: ten equally likely columns, and the best one.
pub fn stats(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &TABLE_FIELDS)?;
    let table = read_table(&fields)?;
    let sum: Int = table.row.iter().sum();
    let best = table.row.iter().max().expect("ten columns");
    Ok(json!({ "uniform_tenth_bp": out(&sum)?, "forced_bp": out(best)? }))
}

pub fn check(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["rates_bp", "allow_falling"])?;
    let allow_falling = fields.flag_or("allow_falling", false)?;
    own_row(fields.need("rates_bp")?, allow_falling)?;
    Ok(json!({ "ok": true }))
}

/// DEC-3: exactly 15 % belongs to the upper class.
pub fn margin_class(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["margin_bp"])?;
    Ok(json!({ "margin_class": class_of(&fields.signed("margin_bp")?) }))
}

pub fn class_of(margin_bp: &Int) -> &'static str {
    if *margin_bp >= int(1500) { "from_15" } else { "below_15" }
}

/// What producer, retailer and operator pay, in basis points.
type Preset = Option<[i64; 3]>;

/// The bonuses: the band in basis points, and who pays by the preset.
#[rustfmt::skip]
const BONUSES: &[(&str, [i64; 2], Preset)] = &[
    ("BN-1", [2000, 3000], Some([5000, 4000, 1000])), // S002:5
    ("BN-2", [0, 3000], Some([4500, 3500, 2000])),    // S002:7
    ("BN-3", [100, 500], None),                       // S002:9
    ("BN-4", [100, 1000], None),                      // S002:11
    ("BN-5", [0, 1500], None),                        // S002:13
];

/// The band of a bonus in basis points, both limits included (BN).
pub fn band(bonus: &str) -> Answer<(Int, Int)> {
    match BONUSES.iter().find(|(name, ..)| *name == bonus) {
        Some((_, [least, most], _)) => Ok((int(*least), int(*most))),
        None => refuse("bad_config"),
    }
}

/// SP-2: the preset shares of a bonus, if it has some.
pub fn preset(bonus: &str) -> Preset {
    BONUSES.iter().find(|(name, ..)| *name == bonus)?.2
}

pub fn bonus_check(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["bonus", "rate_bp"])?;
    let (least, most) = band(fields.text("bonus")?)?;
    let rate_bp = fields.rate("rate_bp")?;
    if rate_bp < least || rate_bp > most {
        return refuse("outside_band");
    }
    Ok(json!({ "ok": true }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_printed_row_has_ten_rising_columns() {
        for (.., columns) in PRINTED {
            let row = printed_row(columns);
            assert_eq!(row.len(), 10, "{columns}");
            assert!(row.is_sorted(), "{columns}");
        }
    }
}
