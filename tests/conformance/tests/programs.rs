//! Every program of `programs/` proves, is described in two languages, and gives what the sources print.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use common::model::compare;
use common::{ask, kind, missing_from};
use serde_json::{Value, json};

/// What a figure may state. The first three go into the request.
const FIELDS: [&str; 5] = ["receipt", "shopper", "counters", "out", "derived"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../programs")
}

fn json_of(file: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// The documents, by the names of their files without the ending.
fn programs() -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for path in fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_stem().unwrap().to_str().unwrap().to_string();
        if path.extension().is_some_and(|ending| ending == "json") && name != "figures" {
            all.insert(name, json_of(&path));
        }
    }
    assert!(!all.is_empty(), "no program in {}", folder().display());
    all
}

/// The figures of each program, by its name.
fn figures() -> BTreeMap<String, Vec<Value>> {
    let all = json_of(&folder().join("figures.json"));
    all.as_object().unwrap().iter().map(|(name, list)| (name.clone(), list.as_array().unwrap().clone())).collect()
}

/// The rows of the table: file name without the ending, then English, Bahasa Indonesia and figure.
fn rows() -> BTreeMap<String, [String; 3]> {
    let mut all = BTreeMap::new();
    for line in fs::read_to_string(folder().join("README.md")).unwrap().lines() {
        let Some(row) = line.strip_prefix("| [`") else { continue };
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [file, english, indonesian, figure, ""] = cells[..] else { panic!("a row of four cells wanted: {line}") };
        let (name, link) = file.split_once(".json`](").unwrap_or_else(|| panic!("no link: {line}"));
        assert_eq!(link, format!("{name}.json)"), "another file is linked");
        let before = all.insert(name.to_string(), [english, indonesian, figure].map(str::to_string));
        assert!(before.is_none(), "{name} has two rows");
    }
    all
}

/// A figure's request to `award.decide`.
fn request(program: &Value, figure: &Value) -> Value {
    let mut request = json!({ "program": program });
    for field in FIELDS.iter().take(3).filter(|field| figure.get(field).is_some()) {
        request[field] = figure[field].clone();
    }
    request
}

/// Whether a figure is the one of a row: `Rp250,000, digit 5 → Rp15,000`, `Rp100,000 → 10 points`.
fn is_of_row(figure: &Value, cell: &str) -> bool {
    let (receipt, voucher) = cell.split_once(" → ").unwrap_or_else(|| panic!("no arrow in {cell}"));
    let (voucher, computed) = voucher.strip_suffix(" (computed)").map_or((voucher, false), |voucher| (voucher, true));
    let mut parts = receipt.split(", ");
    let total = parts.next().and_then(rupiah);
    let places = parts.all(|part| match part.rsplit_once(' ') {
        Some(("digit", digit)) => figure["receipt"]["digit"] == json!(digit.parse::<u8>().unwrap()),
        Some(("slot", slot)) => figure["receipt"]["slot"] == json!(roman(slot)),
        Some((points, "held")) => figure["shopper"]["prior_points_milli"] == json!(number(points.strip_suffix(" points").unwrap()) * 1000),
        Some((purchases, "before")) => figure["shopper"]["purchases"] == json!(number(purchases.strip_suffix(" purchases").unwrap())),
        _ => panic!("{part} in {cell} is not known"),
    });
    let given = match rupiah(voucher) {
        Some(value) => figure["out"]["value"] == json!(value),
        None => figure["out"]["points_milli"] == json!(number(voucher.trim_end_matches('s').strip_suffix(" point").unwrap()) * 1000),
    };
    total.is_some_and(|total| figure["receipt"]["total"] == json!(total)) && places && given && figure.get("derived").is_some() == computed
}

fn number(text: &str) -> i64 {
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

fn rupiah(text: &str) -> Option<i64> {
    text.strip_prefix("Rp").map(|text| number(&text.replace(',', "")))
}

fn roman(text: &str) -> usize {
    let all = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"];
    1 + all.iter().position(|slot| *slot == text).unwrap_or_else(|| panic!("{text} is no slot"))
}

#[test]
fn every_program_proves() {
    for (name, program) in programs() {
        assert_eq!(program["id"], json!(name), "the id of {name}.json");
        let answer = ask("program.check", &json!({"program": program, "amount": 1_000_000}));
        assert_eq!(answer["ok"], json!(true), "{name}: {answer}");
    }
}

#[test]
fn every_program_is_described_in_two_languages_with_a_proved_figure() {
    let (programs, figures, rows) = (programs(), figures(), rows());
    let names: BTreeSet<&String> = programs.keys().collect();
    assert_eq!(rows.keys().collect::<BTreeSet<_>>(), names, "rows of README.md against files");
    assert_eq!(figures.keys().collect::<BTreeSet<_>>(), names, "figures.json against files");
    for (name, [english, indonesian, cell]) in rows {
        for sentence in [&english, &indonesian] {
            assert!(sentence.ends_with('.') && sentence.len() > 20, "{name} lacks a sentence: {sentence:?}");
        }
        assert_ne!(english, indonesian, "{name} has one language");
        assert!(figures[&name].iter().any(|figure| is_of_row(figure, &cell)), "{name}: no figure is {cell}");
    }
}

#[test]
fn every_figure_is_what_the_library_and_the_model_answer() {
    let (programs, mut count, mut wrong) = (programs(), 0, Vec::new());
    for (name, list) in figures() {
        assert!(!list.is_empty(), "{name} has no figure");
        for figure in list {
            count += 1;
            let stated = figure.as_object().unwrap();
            assert!(stated.keys().all(|field| FIELDS.contains(&field.as_str())), "{name}: {figure}");
            assert!(figure.get("derived").is_none_or(|derived| *derived == json!(true)), "{name}: {figure}");
            assert!(figure["out"].as_object().is_some_and(|out| !out.is_empty()), "{name}: {figure} states nothing");
            let request = request(&programs[&name], &figure);
            let answer = ask("award.decide", &request);
            let mut faults = missing_from(&answer, &figure["out"]);
            if kind(&answer).is_none() {
                faults.extend(compare("award.decide", &request, true).err());
            }
            if !faults.is_empty() {
                wrong.push(format!("{name} {}: {}", figure["receipt"], faults.join("; ")));
            }
        }
    }
    println!("figures: {} of {count}", count - wrong.len());
    assert!(wrong.is_empty(), "{} of {count} figures wrong\n{}", wrong.len(), wrong.join("\n"));
}
