//! Every vector, exactly.

mod common;

use common::{ask, ask_raw, missing_from};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("vectors")
}

/// The vectors of a folder, with the name of the file that holds each.
fn read(folder: &str) -> Vec<(String, Value)> {
    let mut files: Vec<PathBuf> = fs::read_dir(vectors().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let list: Vec<Value> = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let stem = file.file_stem().unwrap().to_str().unwrap().to_string();
        all.extend(list.into_iter().map(|vector| (stem.clone(), vector)));
    }
    all
}

fn manifest() -> serde_json::Map<String, Value> {
    let text = fs::read_to_string(vectors().join("MANIFEST.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap().as_object().unwrap().clone()
}

/// What is wrong with a refusal.
fn refusal_faults(answer: &Value, kind: &Value, path: Option<&Value>) -> Vec<String> {
    let mut faults = Vec::new();
    if answer.get("error") != Some(kind) {
        faults.push(format!("{kind} wanted, {answer} found"));
        return faults;
    }
    if let Some(path) = path {
        if answer.get("path") != Some(path) {
            faults.push(format!("path {path} wanted, {} found", answer["path"]));
        }
    }
    for language in ["en", "id"] {
        if answer["message"][language].as_str().is_none_or(str::is_empty) {
            faults.push(format!("no message in {language}"));
        }
    }
    faults
}

fn report(what: &str, count: usize, wrong: &[String]) {
    println!("{what}: {} of {count}", count - wrong.len());
    assert!(wrong.is_empty(), "{what}: {} of {count} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_operation_answers_its_vectors() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for op in manifest().keys() {
        if ["accept", "reject", "total"].contains(&op.as_str()) {
            continue;
        }
        for (_, vector) in read(op) {
            count += 1;
            let answer = ask(op, &vector["in"]);
            let faults = match vector.get("error") {
                Some(kind) => refusal_faults(&answer, kind, vector.get("path")),
                None => missing_from(&answer, &vector["out"]),
            };
            if !faults.is_empty() {
                wrong.push(format!("{op} {}: {}", vector["name"], faults.join("; ")));
            }
        }
    }
    report("operations", count, &wrong);
}

/// A raw request, with its fill in place.
fn request(vector: &Value) -> String {
    let request = vector["request"].as_str().unwrap();
    match vector.get("fill") {
        None => request.to_string(),
        Some(fill) => {
            let times = usize::try_from(fill["times"].as_u64().unwrap()).unwrap();
            let text = fill["text"].as_str().unwrap().repeat(times);
            request.replace(fill["mark"].as_str().unwrap(), &text)
        }
    }
}

#[test]
fn every_refusal_names_its_kind_and_place() {
    let mut wrong = Vec::new();
    let all = read("reject");
    for (file, vector) in &all {
        let op = vector["op"].as_str().unwrap();
        assert_eq!(op, file, "{} stands in the wrong file", vector["name"]);
        let answer = ask_raw(op, request(vector).as_bytes());
        let faults = refusal_faults(&answer, &vector["error"], vector.get("path"));
        if !faults.is_empty() {
            wrong.push(format!("{op} {}: {}", vector["name"], faults.join("; ")));
        }
    }
    report("refusals", all.len(), &wrong);
}

#[test]
fn what_only_looks_wrong_is_answered() {
    let mut wrong = Vec::new();
    let all = read("accept");
    for (op, vector) in &all {
        let faults = missing_from(&ask_raw(op, request(vector).as_bytes()), &vector["out"]);
        if !faults.is_empty() {
            wrong.push(format!("{op} {}: {}", vector["name"], faults.join("; ")));
        }
    }
    report("odd requests", all.len(), &wrong);
}

#[test]
fn bytes_that_are_no_text_are_no_json() {
    for request in
        [&b"\xff"[..], b"{\"text\":\"\xc3\x28\"}", b"{\"text\":\"\xed\xa0\x80\"}", b"{\"text\":\"\xc0\xaf\"}", b"{\"text\":\"3%\0\"}"]
    {
        assert_eq!(common::kind(&ask_raw("rate.parse", request)), Some("bad_json"), "{request:?}");
    }
}

#[test]
fn the_manifest_counts_every_folder() {
    let mut manifest = manifest();
    let total = manifest.remove("total").unwrap().as_u64().unwrap();
    let mut folders: Vec<String> = Vec::new();
    for entry in fs::read_dir(vectors()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tools") {
            folders.push(path.file_name().unwrap().to_str().unwrap().to_string());
        }
    }
    let mut counted = 0;
    for folder in &folders {
        let count = read(folder).len();
        assert_eq!(manifest.remove(folder).and_then(|n| n.as_u64()), Some(count as u64), "{folder}");
        counted += count as u64;
    }
    assert!(manifest.is_empty(), "counted and not there: {manifest:?}");
    assert_eq!(total, counted);
    println!("{counted} vectors in {} folders", folders.len());
}

/// An operation with vectors is modelled, or is known not to be and why.
#[test]
fn the_model_knows_every_operation_with_vectors() {
    let without_model = loyalty_naive::NOT_MODELLED;
    for op in manifest().keys() {
        if ["accept", "reject", "total"].contains(&op.as_str()) {
            continue;
        }
        let modelled = loyalty_naive::operations().any(|known| known == op.as_str());
        let excused = without_model.iter().any(|(name, _)| name == op);
        assert!(modelled || excused, "{op} has vectors, no model, and no reason in NOT_MODELLED");
        assert!(!(modelled && excused), "{op} is modelled and stands in NOT_MODELLED");
    }
    for op in loyalty_naive::operations() {
        assert!(manifest().contains_key(op), "{op} is modelled and has no vectors");
    }
    for &(op, why) in without_model {
        assert!(manifest().contains_key(op), "{op} stands in NOT_MODELLED and has no vectors");
        assert!(!why.is_empty(), "{op}: no reason");
        let refused = loyalty_naive::call(op, &serde_json::json!({}));
        assert_eq!(refused, Err("unknown_op".to_string()), "{op} is answered by the model");
    }
}
