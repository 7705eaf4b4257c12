//! The model against every vector of its operations, the worked examples of
//! the sources among them.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())).map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> Vec<Value> {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn answers_every_vector() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("vectors");
    let manifest: Value = serde_json::from_str(&fs::read_to_string(vectors.join("MANIFEST.json")).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for op in loyalty_naive::operations() {
        let mut count = 0;
        for path in files(&vectors.join(op)) {
            for vector in read(&path) {
                count += 1;
                let outcome = loyalty_naive::call(op, &vector["in"]);
                let right = match (&outcome, vector.get("error")) {
                    (Err(kind), Some(wanted)) => wanted == kind,
                    (Ok(answer), None) => vector["out"].as_object().unwrap().iter().all(|(field, value)| {
                        let is_left_out = loyalty_naive::NOT_ANSWERED.iter().any(|(of, name, _)| *of == op && *name == field);
                        is_left_out || answer.get(field) == Some(value)
                    }),
                    _ => false,
                };
                if !right {
                    wrong.push(format!("{op} {}: {outcome:?}", vector["name"]));
                }
            }
        }
        assert_eq!(manifest[op], count, "{op}: another number than the manifest's");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn answers_every_operation_it_lists() {
    for op in loyalty_naive::operations() {
        assert_ne!(loyalty_naive::call(op, &serde_json::json!({})), Err("unknown_op".to_string()), "{op}");
    }
}
