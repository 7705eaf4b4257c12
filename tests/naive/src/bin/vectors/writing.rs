//! How a file of vectors looks: one field a line, values on that line.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub struct Vector {
    pub name: String,
    pub rule: String,
    pub why: String,
    pub source: String,
    pub input: Value,
    pub outcome: Result<Value, String>,
}

impl Vector {
    pub fn read(value: &Value) -> Self {
        let word = |field: &str| value[field].as_str().unwrap().to_string();
        let outcome = match value.get("error") {
            Some(_) => Err(word("error")),
            None => Ok(value["out"].clone()),
        };
        Self { name: word("name"), rule: word("rule"), why: word("why"), source: word("source"), input: value["in"].clone(), outcome }
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        let mut fields = vec![
            ("name", self.name.clone().into()),
            ("rule", self.rule.clone().into()),
            ("why", self.why.clone().into()),
            ("source", self.source.clone().into()),
            ("in", self.input.clone()),
        ];
        match &self.outcome {
            Ok(answer) => fields.push(("out", answer.clone())),
            Err(kind) => fields.push(("error", kind.clone().into())),
        }
        fields
    }
}

/// A value on one line, with a blank after commas and colons.
fn inline(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let fields: Vec<String> = map.iter().map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), inline(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        other => other.to_string(),
    }
}

fn object(fields: &[(&str, Value)]) -> String {
    let lines: Vec<String> = fields.iter().map(|(key, value)| format!("    \"{key}\": {}", inline(value))).collect();
    format!("  {{\n{}\n  }}", lines.join(",\n"))
}

fn write(path: &Path, objects: &[String]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("[\n{}\n]\n", objects.join(",\n"))).unwrap();
}

/// One file for each rule; a pending operation has one file for all.
pub fn write_vectors(vectors: &Path, folder: &str, list: &[Vector]) {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for vector in list {
        let file = match folder.strip_prefix("pending/") {
            Some(op) => format!("pending/{op}.json"),
            None => format!("{folder}/{}.json", vector.rule),
        };
        files.entry(file).or_default().push(object(&vector.fields()));
    }
    for (file, objects) in files {
        write(&vectors.join(file), &objects);
    }
}

const ORDER: [&str; 9] = ["name", "rule", "why", "op", "request", "fill", "error", "path", "out"];

/// Raw requests, one file for each operation.
pub fn write_raw(folder: &Path, by_op: &BTreeMap<String, Vec<Value>>) {
    for (op, entries) in by_op {
        let mut objects = Vec::new();
        for entry in entries {
            let fields: Vec<(&str, Value)> = ORDER.iter().filter_map(|key| entry.get(*key).map(|value| (*key, value.clone()))).collect();
            objects.push(object(&fields));
        }
        write(&folder.join(format!("{op}.json")), &objects);
    }
}
