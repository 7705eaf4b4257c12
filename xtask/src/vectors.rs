//! The vectors as data: tests/vectors/<operation>/*.json, each file a list of `{in, out | error, …}`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::sh::{self, Outcome};

pub struct Vector {
    pub op: String,
    pub name: String,
    /// The id of the rule it is about.
    pub rule: String,
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

/// Every vector; tests/vectors/README.md tells their form.
pub fn all() -> Outcome<Vec<Vector>> {
    let mut all = Vec::new();
    for (folder, vectors) in files()? {
        for raw in vectors {
            all.push(read(&folder, &raw).map_err(|why| format!("tests/vectors/{folder}: {why}"))?);
        }
    }
    Ok(all)
}

fn read(folder: &str, raw: &RawVector) -> Outcome<Vector> {
    let failed = |error: serde_json::Error| error.to_string();
    let field = |name: &str| raw.get(name).map(|raw| raw.get());
    let text = |name: &str| field(name).map(serde_json::from_str::<String>).transpose().map_err(failed);
    let request = match (field("in"), text("request")?) {
        (Some(request), None) => request.to_owned(),
        (None, Some(request)) => match field("fill").map(serde_json::from_str::<Value>).transpose().map_err(failed)? {
            Some(fill) => {
                let of = |name: &str| fill.get(name).and_then(Value::as_str).unwrap_or_default();
                let times = fill.get("times").and_then(Value::as_u64).and_then(|times| usize::try_from(times).ok());
                request.replace(of("mark"), &of("text").repeat(times.unwrap_or_default()))
            }
            None => request,
        },
        _ => return Err("a vector has either in or request".into()),
    };
    let mut expected = Value::Object(Map::new());
    match (field("out"), field("error")) {
        (Some(out), None) => expected = serde_json::from_str(out).map_err(failed)?,
        (None, Some(error)) => {
            for (name, stated) in [("error", Some(error)), ("path", field("path"))] {
                if let (Some(stated), Some(fields)) = (stated, expected.as_object_mut()) {
                    fields.insert(name.into(), serde_json::from_str(stated).map_err(failed)?);
                }
            }
        }
        _ => return Err("a vector has either out or error".into()),
    }
    Ok(Vector {
        op: text("op")?.unwrap_or_else(|| folder.into()),
        name: text("name")?.unwrap_or_default(),
        rule: text("rule")?.unwrap_or_default(),
        request,
        expected,
    })
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

/// What is wrong with an answer; `None` if it holds what the vector states.
pub fn difference(vector: &Vector, answer: &str) -> Outcome<Option<String>> {
    let parsed: Value = serde_json::from_str(answer).map_err(|error| format!("{}: {error}", vector.name))?;
    Ok((!holds(&vector.expected, &parsed)).then(|| {
        let Vector { op, name, request, expected, .. } = vector;
        format!("{op} {name}\n  in       {request:.400}\n  expected {expected}\n  answered {answer:.400}")
    }))
}

/// Tells the first of the vectors that are answered otherwise.
pub fn none_differs(wrong: &[String]) -> Outcome {
    if wrong.is_empty() {
        return Ok(());
    }
    let first = wrong.get(..wrong.len().min(20)).unwrap_or_default().join("\n");
    Err(format!("{first}\n{} vectors answered otherwise", wrong.len()))
}

/// Whether an answer holds every field that a vector states, exactly; it may hold more.
fn holds(expected: &Value, answer: &Value) -> bool {
    expected.as_object().is_some_and(|fields| fields.iter().all(|(name, value)| answer.get(name) == Some(value)))
}
