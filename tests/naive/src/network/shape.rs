//! The fields of events and states, as tables: what each may hold, what must be there, what is left out.

use serde_json::{Map, Value, json};

use crate::fields::{Answer, between, natural, number, refuse, text};
use crate::time::{read_date, read_moment, read_month};

/// A shape: `name type` between semicolons; `!` marks what is always there, `=` a default. A type is a word of `value`, `[type]`,
/// `{type}` or the name of another shape.
const SHAPES: &[(&str, &str)] = &[
    (
        "sale",
        "day! date; total nat; lines [line]=; claims [claim]; member name; shopper shopper={}; play play; form lot|voucher; printed printed",
    ),
    ("line", "sku! text; quantity_milli! pos; price! nat; discount nat=0; class text; dated flag="),
    ("claim", "of! id; owner! owner; amount! nat; month month"),
    ("shopper", "prior_points_milli nat=0; purchases nat=0; carried nat=0"),
    ("play", "digit digit; claim stopped; slot slot; at moment; late flag"),
    ("stopped", "started_at! moment; countdown_s! nat; stopped_at! moment"),
    ("printed", "value! nat; expires moment"),
    ("play_event", "of! id; of_day! date; play! play"),
    ("return", "of! id; of_day! date; back [back]=; amount nat"),
    ("back", "line! nat; quantity_milli! pos"),
    ("exchange", "of! id; of_day! date; back [back]=; amount nat; total nat; lines [line]="),
    ("void", "of! id; of_day! date"),
    ("accept", "voucher lot; account name; sale! id; amount! nat"),
    ("opening", "fund nat=0; vouchers [opened]; lots [opened_lot]; purchases nat"),
    ("opened", "voucher! lot; value! nat; expires moment"),
    ("opened_lot", "account! name; lot! lot; amount! nat; expires moment"),
    ("topup", "amount! nat"),
    ("draw", "amount! nat"),
    ("check", "now! moment"),
    ("day.close", "day! date"),
    ("month.close", "month! month"),
    ("account.tick", "now! moment"),
    ("period.close", "period! nat; last flag"),
    ("join", "requirement! nat; share_bp bp=2000; warning_interval_s nat=86400"),
    ("leave", "reason text"),
    ("pause", "reason text; paused flag=true"),
    ("program", "program! text"),
    (
        "redeem.voucher",
        "voucher! lot; shop! name; sale! id; purchase! nat; left_to_pay! nat; amount pos; month! month; valid_until moment; proof text",
    ),
    ("redeem.points", "shop! name; sale! id; amount! pos; purchase! nat; left_to_pay! nat; month! month; valid_until moment; proof text"),
    (
        "reserve",
        "voucher lot; shop! name; sale! id; purchase! nat; left_to_pay! nat; amount pos; month! month; valid_until moment; proof text; \
         deadline! moment",
    ),
    ("commit", "redemption! id; owner! owner; shop! name; month! month"),
    ("release", "redemption! id; owner! owner; shop! name; month! month"),
    ("request.end", "redemption! id; owner! owner; shop! name; month! month"),
    ("undo.ask", "redemption! asked_for; sale! id; of_month! month; amount pos"),
    ("asked_for", "of! id; owner! owner"),
    ("transfer", "to! name; amount pos"),
    ("merge", "to! name"),
    ("earn", "lot! lot; issuer! name; amount! nat; expires moment; purchase flag"),
    ("lots.in", "lots! [lot_in]; debts [debt]; purchases int=0"),
    ("lot_in", "lot! lot; issuer! name; amount! nat; expires moment"),
    ("claim.reverse", "lot! lot; amount! nat; creditor! name; sale! id; sold_at! moment; purchase flag"),
    ("claim.reversed", "sale! id; free! nat; debt! nat; expired! nat; lost! nat"),
    ("claim.used", "acceptor! name; amount! nat; voucher lot; redemption id; sale id; month month"),
    ("claim.unused", "acceptor! name; amount! nat"),
    ("claim.expired", "amount! nat"),
    ("debt.paid", "issuer! name; amount! nat"),
    ("due", "voucher! lot; date! date"),
    ("expire", "voucher! lot; date! date"),
    ("tender", "red! id; sale! id; owner! owner; month! month; parts! [part]; grant flag=; asked nat=0; whole flag"),
    ("undo", "redemption! id; owner! owner; shop! name; sale! id; of_month! month; amount pos"),
    ("clearing.received", "period! nat; issuer! name; paid! nat; operator! nat"),
    ("clearing.draw", "period! nat; issuer! name; amount! nat"),
    ("closed", "period! nat"),
    // States.
    ("shop", "fund! fund; reserved! int; owed {int}; books {int}; sent {nat}; program text; paused flag; left flag"),
    (
        "fund",
        "requirement nat; share_bp bp=2000; warning_interval_s nat=86400; balance! nat; warnings nat; last_warning moment; \
         state active|registered|suspended=active",
    ),
    ("day", "released! nat; awards [nat]; released_by_slot [nat]; closed flag"),
    ("month", "uses! nat; closed flag"),
    (
        "sale_state",
        "sold flag; day date; total nat; money nat; lines [numbers]; back nat; back_money nat; above nat; base nat; rate_bp bp; quota nat; \
         standby_bp bp; prior_points_milli nat; purchases nat; carried nat; issued nat; kept nat; printed flag; parts [nat]; parties [text]; \
         form lot|voucher; member name; slot slot; place flag; by_steps flag; program text; pending flag; late_play play=; early [early]; \
         voided flag; time moment; tenders {tender_state}; sent {nat}",
    ),
    (
        "tender_state",
        "owner! owner; order nat; month month; granted flag=; amount int; want nat; bound int; lost nat; asked nat; whole flag",
    ),
    ("early", "back [back]=; amount nat; out nat; whole flag"),
    (
        "voucher",
        "issued flag; value! nat; used nat; taken nat; expired nat; lost nat; overdrawn nat; held nat; expires moment; waiting [any]",
    ),
    ("red", "shop name; sale id; month month; parts [claim_part]; amount nat; undone nat; undone_before flag; deadline moment; ended flag"),
    ("account", "lots {lot_state}; debts [debt]; purchases int; uses {nat}; horizon moment; early {early_reversals}; sent {nat}"),
    (
        "lot_state",
        "issuer! name; value! nat; used nat; taken nat; expired nat; reversed nat; debt nat; held nat; expires moment; earned! moment",
    ),
    ("early_reversal", "amount! nat; creditor name; sale id; sold_at moment; purchase flag"),
    ("due_state", "vouchers [lot]; closed flag"),
    ("period", "shops [name]"),
    ("inbox", "through! nat; above [nat]"),
    ("seen", "hash! text; outcome! text; facts [any]; out [any]"),
    ("settings", "retailer text=retailer; printed_payer shop|operator=shop; network name=1; horizon moment"),
];

/// A field of a shape.
struct Field {
    name: String,
    is_always: bool,
    form: String,
    default: Option<String>,
}

fn shape(name: &str) -> Option<Vec<Field>> {
    let (_, fields) = SHAPES.iter().find(|(shape, _)| *shape == name)?;
    let read = |field: &str| {
        let (name, form) = field.trim().split_once(' ').expect("a name and a type");
        let (form, default) = match form.split_once('=') {
            Some((form, default)) => (form.to_string(), Some(default.to_string())),
            None => (form.to_string(), None),
        };
        Field { name: name.trim_end_matches('!').to_string(), is_always: name.ends_with('!'), form, default }
    };
    Some(fields.split(';').map(read).collect())
}

/// Whether a text is the name of a shop, an account or a network.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && !text.contains(['|', '/', '~', '%'])
}

/// Whether a text is the name of a voucher or lot: its issuer and its id as a part of a key.
pub fn is_lot(text: &str) -> bool {
    let Some((issuer, id)) = text.split_once('~') else { return false };
    let mut plain = id.to_string();
    for (written, sign) in [("%2F", "1"), ("%7C", "1"), ("%7E", "1"), ("%25", "1")] {
        plain = plain.replace(written, sign);
    }
    is_name(issuer) && !plain.is_empty() && plain.len() <= 200 && !plain.contains(['|', '/', '~', '%'])
}

fn is_owner(text: &str) -> bool {
    match text.split_once('/') {
        Some(("account", name)) => is_name(name),
        Some(("voucher", name)) => is_lot(name),
        _ => false,
    }
}

/// A list of fixed form: texts and numbers.
fn row(value: &Value, forms: &[&str]) -> Answer<Value> {
    let items = crate::fields::list(value)?;
    if items.len() != forms.len() {
        return refuse("bad_type");
    }
    items.iter().zip(forms).map(|(item, form)| read_as(item, form)).collect::<Answer<Vec<Value>>>().map(Value::Array)
}

fn checked(is_right: bool, value: &Value) -> Answer<Value> {
    if is_right { Ok(value.clone()) } else { refuse("bad_config") }
}

fn read_as(value: &Value, form: &str) -> Answer<Value> {
    if let Some(inner) = form.strip_prefix('[').and_then(|form| form.strip_suffix(']')) {
        let items = crate::fields::list(value)?;
        return items.iter().map(|item| read_as(item, inner)).collect::<Answer<Vec<Value>>>().map(Value::Array);
    }
    if let Some(inner) = form.strip_prefix('{').and_then(|form| form.strip_suffix('}')) {
        let Some(map) = value.as_object() else { return refuse("bad_type") };
        let mut read = Map::new();
        for (key, value) in map {
            read.insert(key.clone(), read_as(value, inner)?);
        }
        return Ok(Value::Object(read));
    }
    if form.contains('|') {
        let word = text(value)?;
        return checked(form.split('|').any(|known| known == word), value);
    }
    match form {
        "any" => {}
        "nat" => drop(natural(value)?),
        "int" => drop(number(value)?),
        "pos" => drop(between(value, 1, crate::fields::LIMIT)?),
        "bp" => drop(crate::fields::rate(value)?),
        "digit" => drop(between(value, 0, 9)?),
        "slot" => drop(between(value, 1, 10)?),
        "flag" => {
            if !value.is_boolean() {
                return refuse("bad_type");
            }
        }
        "text" => drop(text(value)?),
        "id" => {
            let id = text(value)?;
            return checked(!id.is_empty() && id.len() <= 200, value);
        }
        "name" => return checked(is_name(text(value)?), value),
        "lot" => return checked(is_lot(text(value)?), value),
        "owner" => return checked(is_owner(text(value)?), value),
        "date" => read_date(text(value)?).map(|_| ())?,
        "month" => read_month(text(value)?).map(|_| ())?,
        "moment" => read_moment(text(value)?).map(|_| ())?,
        "numbers" => return row(value, &["nat", "nat", "nat"]),
        "part" => return row(value, &["name", "int"]),
        "claim_part" => return row(value, &["lot", "name", "nat"]),
        "debt" => return row(value, &["name", "nat"]),
        "early_reversals" => return read_as(value, "[early_reversal]"),
        shape => return read(shape, value),
    }
    Ok(value.clone())
}

/// An object of a shape, without what is at its default.
pub fn read(name: &str, value: &Value) -> Answer<Value> {
    let Some(map) = value.as_object() else { return refuse("bad_type") };
    let fields = shape(name).expect("a shape");
    for key in map.keys() {
        if !fields.iter().any(|field| field.name == *key) {
            return refuse("unknown_field");
        }
    }
    let mut read = Map::new();
    for field in fields {
        match map.get(&field.name).filter(|value| !value.is_null()) {
            None if field.is_always => return refuse("missing_field"),
            None => {}
            Some(value) => {
                let value = read_as(value, &field.form)?;
                if field.is_always || !is_default(&field, &value) {
                    read.insert(field.name, value);
                }
            }
        }
    }
    Ok(Value::Object(read))
}

/// Whether a value of an event goes without saying.
fn is_default(field: &Field, value: &Value) -> bool {
    match &field.default {
        Some(default) => json!(default) == *value || default.parse::<Value>().is_ok_and(|default| default == *value),
        None => *value == json!(false) || *value == json!([]),
    }
}

/// A state as it is written: what is empty is left out, unless it always stands; nothing else changes.
pub fn written(name: &str, state: &Value) -> Value {
    let Some(map) = state.as_object() else { return state.clone() };
    let mut written = Map::new();
    for field in shape(name).expect("a shape") {
        let value = map.get(&field.name).cloned().unwrap_or_default();
        let value = as_written(&field, value);
        let is_empty = [json!(null), json!(0), json!(false), json!([]), json!({})].contains(&value);
        if field.is_always {
            written.insert(field.name, if value.is_null() { json!(0) } else { value });
        } else if field.default.as_ref().is_some_and(|default| default.is_empty()) {
            if !value.is_null() {
                written.insert(field.name, value);
            }
        } else if !is_empty && !is_default(&field, &value) {
            written.insert(field.name, value);
        }
    }
    Value::Object(written)
}

fn as_written(field: &Field, value: Value) -> Value {
    // A digit of 0 is a digit.
    let inner = |form: &str, value: &Value| match (form, value) {
        ("play", _) => value.clone(),
        ("early_reversals", Value::Array(items)) => items.iter().map(|item| written("early_reversal", item)).collect(),
        _ if shape(form).is_some() => written(form, value),
        _ => value.clone(),
    };
    match value {
        Value::Array(items) => {
            let form = field.form.trim_matches(['[', ']']).to_string();
            let list: Vec<Value> = items.iter().map(|item| inner(&form, item)).collect();
            // The ten numbers of a day go without saying while all are 0.
            let is_counts = ["awards", "released_by_slot"].contains(&field.name.as_str());
            if is_counts && list.iter().all(|item| *item == json!(0)) { json!([]) } else { Value::Array(list) }
        }
        Value::Object(map) if field.form.starts_with('{') => {
            let form = field.form.trim_matches(['{', '}']).to_string();
            let each = map.iter().map(|(key, value)| (key.clone(), inner(&form, value)));
            Value::Object(each.filter(|(_, value)| *value != json!(0) && *value != json!([])).collect())
        }
        Value::Object(_) => inner(&field.form, &value),
        Value::Null if field.form == "fund" => written("fund", &json!({})),
        other => other,
    }
}
