//! The vectors as data: tests/vectors/<operation>/*.json, each file a list of `{in, out | error, …}`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::sh::{self, Outcome};

pub struct Vector {
    pub op: String,
    pub name: String,
    /// The request as it is written in the file.
    pub request: String,
    pub expected: Value,
}

pub fn folder() -> PathBuf {
    sh::root().join("tests/vectors")
}

/// The number of vectors in each folder, the manifest's form.
pub fn counts() -> Outcome<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    for (folder, vectors) in files()? {
        *counts.entry(folder).or_default() += u64::try_from(vectors.len()).map_err(|error| error.to_string())?;
    }
    Ok(counts)
}

/// Every vector of an operation that the library has.
pub fn all() -> Outcome<Vec<Vector>> {
    let mut all = Vec::new();
    for (folder, vectors) in files()? {
        for raw in vectors {
            let field = |name: &str| raw.get(name).map(|raw| raw.get());
            let text = |name: &str| field(name).and_then(|raw| serde_json::from_str::<String>(raw).ok());
            let op = text("op").unwrap_or_else(|| folder.clone());
            if folder == "pending" {
                continue;
            }
            let expected = match (field("out"), field("error")) {
                (Some(out), None) => serde_json::from_str(out).map_err(|error| error.to_string())?,
                (None, Some(error)) => serde_json::json!({ "error": serde_json::from_str::<Value>(error).map_err(|error| error.to_string())? }),
                _ => return Err(format!("{folder}: a vector has either out or error")),
            };
            let request = field("in").ok_or_else(|| format!("{folder}: a vector without in"))?.to_owned();
            all.push(Vector { op, name: text("name").unwrap_or_default(), request, expected });
        }
    }
    Ok(all)
}

type RawVector = BTreeMap<String, Box<RawValue>>;

fn files() -> Outcome<Vec<(String, Vec<RawVector>)>> {
    let folder = folder();
    let mut files = Vec::new();
    for path in sh::files_below(&folder, ".json") {
        let Some(parent) = path.parent().filter(|parent| *parent != folder) else { continue };
        let name = parent.strip_prefix(&folder).unwrap_or(parent).to_string_lossy().into_owned();
        let vectors = serde_json::from_str(&sh::read(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
        files.push((name, vectors));
    }
    Ok(files)
}

/// Whether an answer is what a vector states: every field it names, exactly.
pub fn holds(expected: &Value, answer: &Value) -> bool {
    match (expected, answer) {
        (Value::Object(expected), Value::Object(answer)) => {
            expected.iter().all(|(key, value)| answer.get(key).is_some_and(|answer| holds(value, answer)))
        }
        _ => expected == answer,
    }
}
