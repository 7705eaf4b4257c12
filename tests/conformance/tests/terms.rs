//! Every field of a program's document bites: some vector answers otherwise when the field is changed.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common::{ask, kind};
use serde_json::{Value, json};

/// What copies a document instead of acting on it.
const COPIES: [&str; 6] = ["program.hash", "program.compile", "program.kernel", "program.load", "award.hash", "record.event"];

/// Fields that only prove, and a word that goes with its key: where they bite, they refuse.
const PROOFS: [&str; 10] = [
    "schema",
    "allow_falling",
    "bonus",
    "ceiling_bp",
    "draw.kind",
    "offers.allow_falling",
    "offers.bonus",
    "offers.exclude",
    "offers.mechanism",
    "offers.when.not",
];

/// What joins conditions; a condition inside is a condition like the one around it.
const JOINS: [&str; 3] = ["all", "any", "not"];

/// Values of a text that is not free.
const TEXTS: [&str; 12] =
    ["2000-01-01", "2030-01-01", "-05:00", "+09:00", "00:01", "05:00", "09:00", "12:00", "22:00", "stopwatch", "points", "gold"];

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a parent").to_path_buf()
}

fn json_of(file: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(file).expect("a file")).expect("JSON")
}

/// The places of an object of the schema: those of its fields that are no objects themselves.
fn places(schema: &Value, object: &Value, before: &str, all: &mut BTreeSet<String>) {
    for (name, field) in object["properties"].as_object().expect("properties") {
        let place = format!("{before}{name}");
        match object_of(schema, field) {
            Some(object) if !JOINS.contains(&name.as_str()) => places(schema, object, &format!("{place}."), all),
            _ => drop(all.insert(place)),
        }
    }
}

/// The object that a field is, or that its list holds.
fn object_of<'a>(schema: &'a Value, field: &Value) -> Option<&'a Value> {
    if let Some(name) = field["$ref"].as_str() {
        return Some(&schema["$defs"][name.strip_prefix("#/$defs/")?]).filter(|object| object["properties"].is_object());
    }
    let inner = field["anyOf"].as_array().into_iter().flatten().chain(field.get("items"));
    inner.filter_map(|field| object_of(schema, field)).next()
}

/// The words of the schema, wherever they stand.
fn words(schema: &Value, all: &mut BTreeSet<String>) {
    if let Some(list) = schema["enum"].as_array() {
        all.extend(list.iter().filter_map(Value::as_str).map(String::from));
    }
    let inner = schema.as_object().into_iter().flat_map(|object| object.values()).chain(schema.as_array().into_iter().flatten());
    inner.for_each(|inner| words(inner, all));
}

/// The pointers of the programs in a request.
fn programs(value: &Value, pointer: &str, all: &mut Vec<String>) {
    if value["mechanism"].is_string() {
        all.push(pointer.to_string());
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        programs(inner, &format!("{pointer}/{name}"), all);
    }
    for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
        programs(inner, &format!("{pointer}/{index}"), all);
    }
}

/// The pointers of the fields in a document, each with its place in the schema.
fn fields(value: &Value, pointer: &str, place: &str, all: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            for (name, inner) in object {
                let dot = if place.is_empty() { "" } else { "." };
                let (inside, named) = (format!("{pointer}/{name}"), format!("{place}{dot}{name}"));
                if JOINS.contains(&name.as_str()) {
                    fields(inner, &inside, place, all);
                    all.push((inside, named));
                } else {
                    fields(inner, &inside, &named, all);
                }
            }
        }
        Value::Array(list) if list.first().is_some_and(Value::is_object) => {
            for (index, inner) in list.iter().enumerate() {
                fields(inner, &format!("{pointer}/{index}"), place, all);
            }
        }
        _ => all.push((pointer.to_string(), place.to_string())),
    }
}

/// Other values of a field.
fn others(value: &Value, words: &BTreeSet<String>) -> Vec<Value> {
    match value {
        Value::Bool(truth) => vec![json!(!truth)],
        Value::Number(number) => {
            let number = number.as_i64().unwrap_or_default();
            let others = [number + 1, number - 1, number * 2, number / 2, number * 10, 0, 1];
            others.into_iter().filter(|other| *other != number).map(|other| json!(other)).collect()
        }
        Value::String(text) => {
            let free = [format!("{text}x")];
            words.iter().map(String::as_str).chain(TEXTS).chain(free.iter().map(String::as_str)).map(|other| json!(other)).collect()
        }
        Value::Array(list) => {
            let mut all = vec![json!(list.iter().rev().collect::<Vec<_>>()), json!(list.iter().skip(1).collect::<Vec<_>>())];
            for (index, entry) in list.iter().enumerate().take(10) {
                for other in others(entry, &BTreeSet::new()) {
                    let mut list = list.clone();
                    list[index] = other;
                    all.push(Value::Array(list));
                }
            }
            all
        }
        _ => Vec::new(),
    }
}

/// A field that no operation reads does not exist.
#[test]
fn every_field_of_a_program_bites() {
    let others = |value: &Value, words: &BTreeSet<String>| others(value, words).into_iter().chain([Value::Null]).collect();
    let open = unbitten(others, |place, refused| !refused || PROOFS.contains(&place));
    assert!(open.is_empty(), "no vector shows that these bite: {open:?}");
}

/// A library that ignores a field answers as if it were absent: some vector tells the two apart.
#[test]
fn a_field_that_is_ignored_is_found() {
    let mut open = unbitten(|_, _| vec![Value::Null], |_, _| true);
    // It has one value, which is that of an absent one.
    open.remove("schema");
    assert!(open.is_empty(), "no vector finds out that these are ignored: {open:?}");
}

/// The other values of a field.
type Others<'a> = &'a dyn Fn(&Value) -> Vec<Value>;

/// Whether another answer counts for a place; the second says whether one of the two is a refusal.
type Counts = fn(&str, bool) -> bool;

/// The fields of a program that no vector shows to bite, with these other values of each.
fn unbitten(others: impl Fn(&Value, &BTreeSet<String>) -> Vec<Value>, counts: Counts) -> BTreeSet<String> {
    let schema = json_of(&tests().with_file_name("docs/schema/program.schema.json"));
    let root = object_of(&schema, &json!({ "$ref": schema["$ref"] })).expect("a document");
    let (mut open, mut all_words) = (BTreeSet::new(), BTreeSet::new());
    places(&schema, root, "", &mut open);
    words(&schema, &mut all_words);
    for operation in json_of(&tests().join("vectors/MANIFEST.json")).as_object().expect("an object").keys() {
        let folder = tests().join("vectors").join(operation);
        if COPIES.contains(&operation.as_str()) || !folder.is_dir() || ["accept", "reject"].contains(&operation.as_str()) {
            continue;
        }
        for file in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            for vector in json_of(&file).as_array().expect("a list") {
                bitten(operation, &vector["in"], (&|value| others(value, &all_words), counts), &mut open);
            }
        }
    }
    open
}

/// Strikes out the fields of a request's programs whose change changes its answer.
fn bitten(operation: &str, request: &Value, (others, counts): (Others<'_>, Counts), open: &mut BTreeSet<String>) {
    let mut pointers = Vec::new();
    programs(request, "", &mut pointers);
    let mut told = None;
    for pointer in pointers {
        let mut stated = Vec::new();
        fields(request.pointer(&pointer).expect("a program"), &pointer, "", &mut stated);
        for (field, place) in stated.into_iter().filter(|(_, place)| open.contains(place)).collect::<Vec<_>>() {
            let before = told.get_or_insert_with(|| ask(operation, request));
            let value = request.pointer(&field).expect("a field");
            let bites = others(value).into_iter().any(|other| {
                let mut changed = request.clone();
                *changed.pointer_mut(&field).expect("a field") = other;
                let after = ask(operation, &changed);
                let refused = kind(&after).is_some() || kind(before).is_some();
                after != *before && counts(&place, refused)
            });
            if bites {
                open.remove(&place);
            }
        }
    }
}
