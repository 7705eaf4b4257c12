//! The vectors that have a struct call, as C: each a block that fills structs, calls, and expects values.

use std::fmt::Write as _;

use loyalty_rules::award::{Field, Fields};
use loyalty_rules::quantity::Mode;
use serde_json::Value;

use crate::sh::Outcome;
use crate::vectors::{self, Vector};

/// The file, and how many vectors it holds of each operation.
pub fn written() -> Outcome<(String, Vec<(&'static str, usize)>)> {
    type Block = fn(&Vector, &Value) -> Option<String>;
    let blocks: [(&str, Block); 8] = [
        ("award.decide", |vector, request| award(vector, request, "award")),
        ("award.decide", as_columns),
        ("award.quote", |vector, request| award(vector, request, "quote")),
        ("award.batch", batch),
        ("award.reverse", reverse),
        ("split.allocate", split),
        ("stopwatch.lucky_digit", lucky_digit),
        ("auction.slot", slot),
    ];
    let all = vectors::all()?;
    let (mut text, mut calls, mut number, mut counts) = (String::new(), String::new(), 0, Vec::new());
    for (op, block) in blocks {
        let before = number;
        let of_json = |vector: &&Vector| vector.expected.get("error").is_some_and(|kind| kind == "bad_json");
        for vector in all.iter().filter(|vector| vector.op == op && !of_json(vector)) {
            // What JSON alone can be wrong about has no struct.
            let Some(block) = serde_json::from_str(&vector.request).ok().and_then(|request| block(vector, &request)) else { continue };
            let name = c_text(&format!("{op} {}", vector.name));
            let _ = write!(text, "static void vector_{number}(void) {{\n    static const char *const name = {name};\n{block}}}\n\n");
            let _ = writeln!(calls, "    vector_{number}();");
            number += 1;
        }
        counts.push((op, number - before));
    }
    let _ = write!(text, "enum {{ VECTORS = {number} }};\n\nstatic void run_vectors(void) {{\n{calls}}}\n");
    Ok((text, counts))
}

/// Text as a C string of ASCII, broken where a compiler of C99 may stop reading.
fn c_text(text: &str) -> String {
    let mut literal = String::from("\"");
    for (place, byte) in text.bytes().enumerate() {
        if place > 0 && place % 100 == 0 {
            literal += "\"\n        \"";
        }
        match byte {
            b'"' | b'\\' | b'?' => {
                literal.push('\\');
                literal.push(char::from(byte));
            }
            b' '..=b'~' => literal.push(char::from(byte)),
            byte => {
                let _ = write!(literal, "\\{byte:03o}");
            }
        }
    }
    literal + "\""
}

/// A number that a field of 64 bits can hold.
fn number(value: &Value) -> Option<i64> {
    value.as_i64()
}

/// Fields of an object as assignments; `None` if one has another type or there is a foreign one.
fn assign(object: &Value, variable: &str, fields: &[Field]) -> Option<String> {
    let mut lines = String::new();
    for (key, value) in object.as_object()?.iter().filter(|(_, value)| !value.is_null()) {
        lines += &assigned(value, variable, fields.iter().find(|field| field.json == key)?)?;
    }
    Some(lines)
}

/// One field as an assignment.
fn assigned(value: &Value, variable: &str, field: &Field) -> Option<String> {
    let Field { c, kind, .. } = field;
    Some(match *kind {
        "truth" => format!("    {variable}.{c} = {};\n", i32::from(value.as_bool()?)),
        "by_slot" => {
            let counts = value.as_array().filter(|counts| counts.len() == 10)?.iter().map(number).collect::<Option<Vec<_>>>()?;
            counts.into_iter().enumerate().map(|(slot, count)| format!("    {variable}.{c}[{slot}] = {};\n", c_number(count))).collect()
        }
        _ => format!("    {variable}.{c} = {};\n", c_number(number(value)?)),
    })
}

fn c_number(number: i64) -> String {
    if number == i64::MIN { "INT64_MIN".into() } else { format!("INT64_C({number})") }
}

/// A time as an initialiser; `None` if it cannot be cut into parts.
fn time(text: &Value) -> Option<String> {
    let text = text.as_str()?;
    let (civil, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let part = |text: &str, from: usize, len: usize| {
        let digits = text.get(from..from.checked_add(len)?)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u32>().ok())?
    };
    let shape: String = civil.chars().take(19).map(|symbol| if symbol.is_ascii_digit() { '0' } else { symbol }).collect();
    if shape != "0000-00-00T00:00:00" || offset.get(3..4)? != ":" {
        return None;
    }
    let fraction = civil.get(19..)?;
    let nanos = match fraction.strip_prefix('.') {
        None if fraction.is_empty() => 0,
        Some(digits) if (1..=9).contains(&digits.len()) => part(&format!("{digits:0<9}"), 0, 9)?,
        _ => return None,
    };
    let minutes = i64::from(part(offset, 1, 2)?) * 60 + i64::from(part(offset, 4, 2)?);
    let minutes = match offset.get(..1)? {
        "+" => minutes,
        "-" => -minutes,
        _ => return None,
    };
    if part(offset, 4, 2)? > 59 {
        return None;
    }
    let [month, day, hour, minute, second] = [5, 8, 11, 14, 17].map(|from| part(civil, from, 2));
    let year = part(civil, 0, 4)?;
    Some(format!("{{{year}, {}, {}, {}, {}, {}, 0, {nanos}, {minutes}, 0}}", month?, day?, hour?, minute?, second?))
}

/// The status that a vector expects.
fn status(vector: &Vector) -> Option<String> {
    match vector.expected.get("error") {
        Some(kind) => Some(format!("LOYALTY_{}", kind.as_str()?.to_uppercase())),
        None => Some("LOYALTY_OK".into()),
    }
}

/// The path of what a struct call refuses: that of the vector, since a field has one path on every surface.
fn expect_path(lines: &mut String, vector: &Vector) {
    let path = vector.expected.get("path").and_then(Value::as_str).unwrap_or_default();
    // A document is refused before, by a call of its own.
    if ["receipt.", "shopper.", "merchant.", "counters.", "rows["].iter().any(|argument| path.starts_with(argument)) {
        let _ = writeln!(lines, "    expect_text(name, \"path\", {}, error.path);", c_text(path));
    }
}

/// A field's expected value.
fn expect(lines: &mut String, label: &str, expected: impl std::fmt::Display, actual: &str) {
    let _ = writeln!(lines, "        expect(name, \"{label}\", {expected}, {actual});");
}

/// A word that the header knows.
fn word(prefix: &str, value: &Value) -> Option<String> {
    Some(format!("LOYALTY_{prefix}_{}", value.as_str()?.to_uppercase()))
}

fn caps(value: &Value) -> Option<u32> {
    value.as_array()?.iter().try_fold(0, |sum, cap| {
        Some(
            sum | match cap.as_str()? {
                "receipt_cap" => 1,
                "day_budget" => 2,
                "slot_budget" => 4,
                _ => return None,
            },
        )
    })
}

/// The parts of a day.
fn day(text: &str) -> Option<[u32; 3]> {
    let mut parts = text.split('-').map(|part| part.parse().ok());
    let day = [parts.next()??, parts.next()??, parts.next()??];
    (parts.next().is_none() && text.len() == 10).then_some(day)
}

/// What the structs of an award are filled with, and the arguments of its call.
fn inputs(request: &Value) -> Option<(String, String)> {
    let known = ["program", "receipt", "shopper", "merchant", "counters"];
    if request.as_object()?.keys().any(|key| !known.contains(&key.as_str())) || !request.get("program")?.is_object() {
        return None;
    }
    // A struct has no place for goods.
    if request.pointer("/program/offers").is_some() {
        return None;
    }
    let mut lines =
        format!("    int32_t status;\n    LoyaltyProgram *program = prove({}, &status);\n", c_text(&request.get("program")?.to_string()));
    let receipt = request.get("receipt")?.as_object()?;
    lines += "    LoyaltyReceipt receipt = {sizeof receipt};\n    LoyaltyShopper shopper = {sizeof shopper};\n    LoyaltyMerchant merchant = {sizeof merchant};\n    LoyaltyCounters counters = {sizeof counters};\n";
    let mut plays = 0;
    let mut fill = String::new();
    for (key, value) in receipt.iter().filter(|(_, value)| !value.is_null()) {
        let mut play = |kind: &str| {
            plays += 1;
            let _ = writeln!(fill, "    receipt.play = LOYALTY_PLAY_{kind};");
        };
        match key.as_str() {
            "total" => writeln!(fill, "    receipt.total_rupiah = {};", c_number(number(value)?)).ok()?,
            "digit" | "slot" => {
                play(if key == "digit" { "DIGIT" } else { "SLOT" });
                writeln!(fill, "    receipt.column = {};", i32::try_from(number(value)?).ok()?).ok()?;
            }
            "at" => {
                play("AT");
                writeln!(fill, "    {{ static const LoyaltyTime at = {}; receipt.at = at; }}", time(value)?).ok()?;
            }
            "claim" => {
                play("CLAIM");
                let claim = value.as_object()?;
                if claim.len() != 3 {
                    return None;
                }
                writeln!(fill, "    receipt.countdown_s = {};", c_number(number(claim.get("countdown_s")?)?)).ok()?;
                for field in ["started_at", "stopped_at"] {
                    writeln!(fill, "    {{ static const LoyaltyTime at = {}; receipt.{field} = at; }}", time(claim.get(field)?)?).ok()?;
                }
            }
            key => fill += &assigned(value, "receipt", Fields::RECEIPT.iter().find(|field| field.json == key)?)?,
        }
    }
    if plays > 1 || !receipt.contains_key("total") {
        return None;
    }
    let empty = Value::Object(serde_json::Map::new());
    let part = |name: &str| request.get(name).filter(|value| !value.is_null()).unwrap_or(&empty).clone();
    fill += &assign(&part("shopper"), "shopper", Fields::SHOPPER)?;
    fill += &assign(&part("merchant"), "merchant", Fields::MERCHANT)?;
    let mut counters = part("counters");
    if let Some(counted) = counters.as_object_mut().and_then(|fields| fields.remove("day")).filter(|day| !day.is_null()) {
        let [year, month, day] = day(counted.as_str()?)?;
        writeln!(fill, "    counters.day_year = {year};\n    counters.day_month = {month};\n    counters.day_day = {day};").ok()?;
    }
    let is_stopwatch = request.get("program")?.get("mechanism").and_then(Value::as_str) == Some("stopwatch");
    // An array of zeros is what a stopwatch leaves out.
    let is_by_slot = |field: &&Field| field.kind == "by_slot" && counters.get(field.json).is_some_and(|counts| !counts.is_null());
    if is_stopwatch && Fields::COUNTERS.iter().any(|field| is_by_slot(&field)) {
        return None;
    }
    fill += &assign(&counters, "counters", Fields::COUNTERS)?;
    Some((lines, fill))
}

fn award(vector: &Vector, request: &Value, out: &str) -> Option<String> {
    let (mut lines, fill) = inputs(request)?;
    let (kind, call) = if out == "award" { ("LoyaltyAward", "loyalty_award_decide") } else { ("LoyaltyQuote", "loyalty_award_quote") };
    let _ = writeln!(lines, "    {kind} {out} = {{sizeof {out}}};\n    LoyaltyError error = {{sizeof error}};");
    lines += &fill;
    let _ = writeln!(
        lines,
        "    if (program != NULL)\n        status = {call}(program, &receipt, &shopper, &merchant, &counters, &{out}, &error);\n    loyalty_program_free(program);\n    expect(name, \"status\", {}, status);",
        status(vector)?
    );
    expect_path(&mut lines, vector);
    let mut checks = String::new();
    if vector.expected.get("error").is_none() {
        for (field, value) in vector.expected.as_object()? {
            if out == "award" { award_field(&mut checks, field, value)? } else { quote_field(&mut checks, field, value)? }
        }
    }
    if !checks.is_empty() {
        let _ = write!(lines, "    if (status == LOYALTY_OK) {{\n{checks}    }}\n");
    }
    Some(lines)
}

/// Whether a shopper carries a rest under this request's program, for which columns have no place.
fn carries(request: &Value) -> bool {
    request.pointer("/program/points/rest").is_some_and(|rest| rest == "carry")
}

/// A receipt as one row of columns, and as sixteen, which are decided side by side: the first row is the receipt's award.
fn as_columns(vector: &Vector, request: &Value) -> Option<String> {
    let receipt = request.get("receipt")?.as_object()?;
    let is_stopwatch = request.get("program")?.get("mechanism").and_then(Value::as_str) == Some("stopwatch");
    let column = if is_stopwatch { "digit" } else { "slot" };
    let known = ["total", "paid_by_voucher", column];
    if vector.expected.get("error").is_some() || receipt.keys().any(|key| !known.contains(&key.as_str())) {
        return None;
    }
    if carries(request) {
        return None;
    }
    let mut request = request.clone();
    let shopper = request.get("shopper").cloned().unwrap_or_default();
    let [total, paid] = ["total", "paid_by_voucher"].map(|key| receipt.get(key).map_or(Some(0), number));
    let [points, purchases] = ["prior_points_milli", "purchases"].map(|key| shopper.get(key).map_or(Some(0), number));
    let pick = i8::try_from(receipt.get(column).map_or(Some(-1), number)?).ok()?;
    *request.get_mut("receipt")? = serde_json::json!({"total": 0});
    let (mut lines, fill) = inputs(&request)?;
    let expected = |key: &str| vector.expected.get(key);
    let (reason, rate, value) = (word("REASON", expected("reason")?)?, number(expected("rate_bp")?)?, number(expected("value")?)?);
    let row = [total?, paid?, points?, purchases?].map(c_number).join(", ");
    lines += &fill;
    lines += "    (void)receipt;\n    (void)shopper;\n";
    let _ = writeln!(
        lines,
        "    if (program != NULL)\n        first_row(name, program, &merchant, &counters, {row}, {pick}, LOYALTY_{}, {rate}, {});\n    (void)status;\n    loyalty_program_free(program);",
        reason.trim_start_matches("LOYALTY_"),
        c_number(value)
    );
    Some(lines)
}

fn state(checks: &mut String, value: &Value, variable: &str, fields: &[Field]) -> Option<()> {
    for (key, value) in value.as_object()? {
        if key == "day" {
            let [year, month, day] = if value.is_null() { [0; 3] } else { day(value.as_str()?)? };
            for (part, number) in [("year", year), ("month", month), ("day", day)] {
                expect(checks, key, number, &format!("award.{variable}.day_{part}"));
            }
        } else {
            expected(checks, value, &format!("award.{variable}"), fields.iter().find(|field| field.json == key)?)?;
        }
    }
    Some(())
}

/// What one field is expected to be.
fn expected(checks: &mut String, value: &Value, variable: &str, field: &Field) -> Option<()> {
    let Field { json, c, kind, .. } = field;
    match *kind {
        "truth" => expect(checks, json, i32::from(value.as_bool()?), &format!("{variable}.{c}")),
        "by_slot" => {
            for (slot, count) in value.as_array()?.iter().enumerate() {
                expect(checks, json, number(count)?, &format!("{variable}.{c}[{slot}]"));
            }
        }
        _ => expect(checks, json, if value.is_null() { 0 } else { number(value)? }, &format!("{variable}.{c}")),
    }
    Some(())
}

fn award_field(checks: &mut String, field: &str, value: &Value) -> Option<()> {
    match field {
        "reason" => expect(checks, field, word("REASON", value)?, "award.reason"),
        "capped_by" => expect(checks, field, caps(value)?, "award.capped_by"),
        "counters" => state(checks, value, "counters", Fields::COUNTERS)?,
        "shopper" => state(checks, value, "shopper", Fields::SHOPPER)?,
        "parts" => {
            let parts = value.as_array()?;
            expect(checks, field, parts.len(), "award.parts_count");
            for (place, part) in parts.iter().enumerate() {
                expect(checks, field, number(part)?, &format!("award.parts_rupiah[{place}]"));
            }
        }
        "late" => expect(checks, field, i32::from(value.as_bool()?), "award.late"),
        "claim" if !value.is_null() => {
            let reason = match value.get("reason")?.as_str()? {
                "accepted" => "LOYALTY_CLAIM_ACCEPTED",
                "countdown_out_of_range" => "LOYALTY_CLAIM_COUNTDOWN_OUT_OF_RANGE",
                _ => "LOYALTY_CLAIM_MISMATCH",
            };
            expect(checks, "claim", reason, "award.claim");
            expect(checks, "difference_ms", number(value.get("difference_ms")?)?, "award.claim_difference_ms");
            expect(checks, "claim digit", value.get("digit").and_then(number).unwrap_or(-1), "award.claim_digit");
        }
        "cell" => match value {
            Value::Null => expect(checks, field, "LOYALTY_CELL_NONE", "award.cell"),
            cell => {
                let column = cell.get("digit").or(cell.get("slot")).and_then(number);
                expect(checks, field, if column.is_some() { "LOYALTY_CELL_TABLE" } else { "LOYALTY_CELL_STANDBY" }, "award.cell");
                expect(checks, "column", column.unwrap_or(-1), "award.column");
                if let Some(from) = cell.get("from_points_milli").and_then(number) {
                    expect(checks, "standby from", from, "award.standby_from_milli");
                }
            }
        },
        // A number of the list, or a text that a struct does not carry.
        key => {
            if let Some(field) = Fields::AWARD.iter().find(|field| field.json == key) {
                expected(checks, value, "award", field)?;
            }
        }
    }
    Some(())
}

fn quote_field(checks: &mut String, field: &str, value: &Value) -> Option<()> {
    match field {
        "missing" => expect(checks, field, number(value)?, "quote.missing_rupiah"),
        "now" | "at_quota" if value.is_null() => expect(checks, field, 0, &format!("quote.{field}.reason")),
        "now" | "at_quota" => {
            expect(checks, field, word("REASON", value.get("reason")?)?, &format!("quote.{field}.reason"));
            expect(checks, field, number(value.get("rate_bp")?)?, &format!("quote.{field}.rate_bp"));
            expect(checks, field, number(value.get("value")?)?, &format!("quote.{field}.value_rupiah"));
            expect(checks, field, caps(value.get("capped_by")?)?, &format!("quote.{field}.capped_by"));
        }
        "next" | "best" | "worst" if value.is_null() => expect(checks, field, -1, &format!("quote.{field}.column")),
        "next" | "best" | "worst" => {
            let column = value.get(if field == "next" { "slot" } else { "digit" })?;
            expect(checks, field, number(column)?, &format!("quote.{field}.column"));
            expect(checks, field, number(value.get("rate_bp")?)?, &format!("quote.{field}.rate_bp"));
            expect(checks, field, value.get("value").and_then(number).unwrap_or(0), &format!("quote.{field}.value_rupiah"));
            let starts = value.get("starts_at").and_then(Value::as_str).map_or(Some(-1), tenths)?;
            expect(checks, field, starts, &format!("quote.{field}.starts_at_tenths"));
        }
        _ => {}
    }
    Some(())
}

/// `HH:MM[:SS[.f]]` in tenths of a second.
fn tenths(text: &str) -> Option<i64> {
    let (time, tenth) = text.split_once('.').unwrap_or((text, "0"));
    let mut parts = time.split(':').map(|part| part.parse::<i64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    Some(((hours * 60 + minutes) * 60 + seconds) * 10 + tenth.parse::<i64>().ok()?)
}

fn batch(vector: &Vector, request: &Value) -> Option<String> {
    let rows = request.get("rows")?.as_array()?;
    if rows.is_empty() || carries(request) || request.get("hash").is_some_and(|hash| hash.as_bool() != Some(false)) {
        return None;
    }
    let mechanism = request.get("program")?.get("mechanism")?.as_str()?;
    let column = if mechanism == "stopwatch" { "digit" } else { "slot" };
    let mut columns: [Vec<String>; 5] = Default::default();
    for row in rows {
        let receipt = row.get("receipt")?.as_object()?;
        let is_foreign = row.as_object()?.keys().any(|key| key != "receipt" && key != "shopper");
        if is_foreign || receipt.keys().any(|key| !["total", "paid_by_voucher", column].contains(&key.as_str())) {
            return None;
        }
        let shopper = row.get("shopper").cloned().unwrap_or_default();
        let of = |value: Option<&Value>| value.map_or(Some(0), number).map(c_number);
        let values = [
            of(Some(receipt.get("total")?))?,
            of(receipt.get("paid_by_voucher"))?,
            i8::try_from(receipt.get(column).map_or(Some(-1), number)?).ok()?.to_string(),
            of(shopper.get("prior_points_milli"))?,
            of(shopper.get("purchases"))?,
        ];
        for (column, value) in columns.iter_mut().zip(values) {
            column.push(value);
        }
    }
    // A batch has one receipt's fields beside its rows.
    let mut one = request.as_object()?.clone();
    one.retain(|key, _| key != "rows" && key != "hash");
    one.insert("receipt".into(), serde_json::json!({"total": 0}));
    let (mut lines, fill) = inputs(&Value::Object(one))?;
    let names = ["total_rupiah", "paid_by_voucher_rupiah", "column", "prior_points_milli", "purchases"];
    for (name, values) in names.into_iter().zip(&columns) {
        let kind = if name == "column" { "int8_t" } else { "int64_t" };
        let _ = writeln!(lines, "    static const {kind} {name}[] = {{{}}};", values.join(", "));
    }
    let len = rows.len();
    let _ = writeln!(
        lines,
        "    int64_t values[{len}];\n    uint16_t rates[{len}];\n    uint8_t reasons[{len}];\n    LoyaltyColumns columns = {{sizeof columns}};\n    LoyaltyError error = {{sizeof error}};"
    );
    lines += &fill;
    lines += "    (void)receipt;\n    (void)shopper;\n";
    let _ = writeln!(lines, "    columns.rows = {len};");
    for name in names {
        let _ = writeln!(lines, "    columns.{name} = {name};");
    }
    lines += "    columns.value_rupiah = values;\n    columns.rate_bp = rates;\n    columns.reason = reasons;\n";
    let _ = writeln!(
        lines,
        "    if (program != NULL)\n        status = loyalty_award_columns(program, &columns, &merchant, &counters, &error);\n    loyalty_program_free(program);\n    expect(name, \"status\", {}, status);",
        status(vector)?
    );
    expect_path(&mut lines, vector);
    let mut checks = String::new();
    for (row, expected) in vector.expected.get("rows").and_then(Value::as_array).into_iter().flatten().enumerate() {
        expect(&mut checks, "value", number(expected.get("value")?)?, &format!("values[{row}]"));
        expect(&mut checks, "rate_bp", number(expected.get("rate_bp")?)?, &format!("rates[{row}]"));
        expect(&mut checks, "reason", word("REASON", expected.get("reason")?)?, &format!("reasons[{row}]"));
    }
    if let Some(released) = vector.expected.get("counters").and_then(|counters| counters.get("released_today")) {
        expect(&mut checks, "released_today", number(released)?, "counters.released_today_rupiah");
    }
    let _ = write!(lines, "    if (status == LOYALTY_OK) {{\n{checks}    }}\n");
    Some(lines)
}

fn reverse(vector: &Vector, request: &Value) -> Option<String> {
    let refunds: Vec<i64> = request.get("refunds")?.as_array()?.iter().map(number).collect::<Option<_>>()?;
    let base = number(request.get("base")?)?;
    let mut fields = request.as_object()?.clone();
    fields.retain(|_, value| !value.is_null());
    fields.remove("refunds");
    let below = fields.remove("below_quota").map_or(Some(0), |word| match word.as_str()? {
        "keep" => Some(0),
        "standby" => Some(1),
        _ => None,
    })?;
    let mut fill = String::new();
    if let Some(rounding) = fields.remove("rounding") {
        let rounding = rounding.as_object()?;
        if rounding.keys().any(|key| key != "unit" && key != "mode") {
            return None;
        }
        let unit = rounding.get("unit").map_or(Some(1), number).filter(|unit| *unit > 0)?;
        let mode = rounding.get("mode").map_or(Some("down"), Value::as_str)?;
        let _ = writeln!(fill, "    reversal.rounding_unit = {};", i32::try_from(unit).ok()?);
        let mode = Mode::from_name(mode)?.name().to_uppercase();
        let _ = writeln!(fill, "    reversal.rounding_mode = LOYALTY_ROUND_{mode};");
    }
    fields.get("rate_bp").and_then(number).and_then(|bp| i32::try_from(bp).ok())?;
    fields.entry("total").or_insert(base.into());
    // -1 says that the whole value was issued.
    if fields.get("issued").and_then(number) == Some(-1) {
        return None;
    }
    fields.entry("issued").or_insert((-1).into());
    let names = [
        ("base", "base_rupiah"),
        ("rate_bp", "rate_bp"),
        ("total", "total_rupiah"),
        ("issued", "issued_rupiah"),
        ("quota", "quota_rupiah"),
        ("standby_bp", "standby_bp"),
    ]
    .map(|(json, c)| Field { json, c, kind: "number", doc: "" });
    let assigned = assign(&Value::Object(fields), "reversal", &names)?;
    if refunds.is_empty() || vector.expected.get("error").is_some() && refunds.len() != 1 {
        return None;
    }
    let mut lines = String::from(
        "    int32_t status = LOYALTY_OK;\n    LoyaltyReversal reversal = {sizeof reversal};\n    LoyaltyKept kept = {sizeof kept};\n",
    );
    lines += &assigned;
    lines += &fill;
    let _ = writeln!(lines, "    reversal.below_quota = {below};");
    let list = |name: &str| vector.expected.get(name).and_then(Value::as_array);
    for (place, refund) in refunds.iter().enumerate() {
        let _ = writeln!(
            lines,
            "    reversal.refund_rupiah = {};\n    status = loyalty_award_reverse(&reversal, &kept, NULL);",
            c_number(*refund)
        );
        let _ = writeln!(lines, "    expect(name, \"status\", {}, status);", status(vector)?);
        for (name, field) in [("kept", "kept_rupiah"), ("taken_back", "taken_back_rupiah")] {
            if let Some(expected) = list(name).and_then(|list| list.get(place)) {
                expect(&mut lines, name, number(expected)?, &format!("kept.{field}"));
            }
        }
        let _ = writeln!(lines, "    reversal.refunded_before_rupiah += reversal.refund_rupiah;");
    }
    if let Some(reason) = vector.expected.get("reason") {
        let reason = if reason == "kept" { "LOYALTY_KEPT".into() } else { word("KEPT", reason)? };
        expect(&mut lines, "reason", reason, "kept.reason");
    }
    Some(lines)
}

fn split(vector: &Vector, request: &Value) -> Option<String> {
    let fields = request.as_object()?;
    let (form, call) =
        if fields.contains_key("shares_bp") { ("shares_bp", "loyalty_split_shares") } else { ("weights", "loyalty_split_weights") };
    if fields.len() != 2 || fields.keys().any(|key| key != "amount" && key != form) {
        return None;
    }
    let amount = number(fields.get("amount")?)?;
    let parties: Vec<u32> = fields
        .get(form)?
        .as_array()?
        .iter()
        .map(|share| number(share).and_then(|share| u32::try_from(share).ok()))
        .collect::<Option<_>>()?;
    // The struct call takes as many parties as a program has.
    if parties.len() > 64 || parties.is_empty() {
        return None;
    }
    let list: Vec<String> = parties.iter().map(|share| format!("{share}u")).collect();
    let mut lines =
        format!("    static const uint32_t parties[] = {{{}}};\n    int64_t parts[{}] = {{0}};\n", list.join(", "), parties.len());
    let _ = writeln!(lines, "    int32_t status = {call}({}, parties, {}, parts, NULL);", c_number(amount), parties.len());
    let _ = writeln!(lines, "    expect(name, \"status\", {}, status);", status(vector)?);
    for (place, part) in vector.expected.get("parts").and_then(Value::as_array).into_iter().flatten().enumerate() {
        expect(&mut lines, "part", number(part)?, &format!("parts[{place}]"));
    }
    Some(lines)
}

fn lucky_digit(vector: &Vector, request: &Value) -> Option<String> {
    if request.as_object()?.len() != 1 {
        return None;
    }
    let mut lines = format!("    static const LoyaltyTime at = {};\n    int32_t digit = -1;\n", time(request.get("stopped_at")?)?);
    let _ = writeln!(lines, "    expect(name, \"status\", {}, loyalty_lucky_digit(&at, &digit, NULL));", status(vector)?);
    if let Some(digit) = vector.expected.get("digit") {
        expect(&mut lines, "digit", number(digit)?, "digit");
    }
    Some(lines)
}

fn slot(vector: &Vector, request: &Value) -> Option<String> {
    if request.as_object()?.len() != 2 {
        return None;
    }
    let program = serde_json::json!({"mechanism": "time_auction", "margin_class": "from_15", "tier": "gold", "window": request.get("window").filter(|window| !window.is_null())?});
    let mut lines = format!("    static const LoyaltyTime at = {};\n    int32_t slot = -1, status;\n", time(request.get("at")?)?);
    let _ = writeln!(lines, "    LoyaltyProgram *program = prove({}, &status);", c_text(&program.to_string()));
    lines += "    if (program != NULL)\n        status = loyalty_slot(program, &at, &slot, NULL);\n    loyalty_program_free(program);\n";
    let _ = writeln!(lines, "    expect(name, \"status\", {}, status);", status(vector)?);
    if let Some(slot) = vector.expected.get("slot") {
        expect(&mut lines, "slot", number(slot).unwrap_or(0), "slot");
    }
    Some(lines)
}
