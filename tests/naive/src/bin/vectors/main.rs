//! Writes `tests/vectors` from the hand-written seeds.
//!
//! A seed states a request and what of its answer was worked out by hand; the
//! model fills in the rest and must agree with the hand. Vectors of other
//! sources (`S002`, `RULES`, `derived`) are kept as they are, or taken anew
//! from a file of examples given as the only argument. Folders and refusals of
//! operations without seeds are left alone.

mod writing;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use writing::{Vector, write_raw, write_vectors};

fn main() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let seeds = Seeds::open(&here.join("seeds"));
    let vectors = here.with_file_name("vectors");
    // Operation or "pending/<operation>" → vectors.
    let mut all: BTreeMap<String, Vec<Vector>> = BTreeMap::new();

    match std::env::args().nth(1) {
        Some(examples) => seeds.import(Path::new(&examples), &vectors, &mut all),
        None => keep_foreign(&vectors, &mut all),
    }
    for op in loyalty_naive::operations() {
        let list = all.entry(op.to_string()).or_default();
        list.extend(seeds.operation(op));
        let mut names: Vec<&str> = list.iter().map(|v| v.name.as_str()).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{op}: a name twice: {names:?}");
    }
    for op in loyalty_naive::operations() {
        let _ = fs::remove_dir_all(vectors.join(op));
    }
    for (folder, list) in &all {
        write_vectors(&vectors, folder, list);
    }
    for kind in ["reject", "accept"] {
        // Files of operations that have no seeds are somebody's own, and stay.
        write_raw(&vectors.join(kind), &seeds.raw(kind));
    }
    write_manifest(&vectors);
}

/// Vectors whose expected values come from somewhere else than the model.
fn keep_foreign(vectors: &Path, all: &mut BTreeMap<String, Vec<Vector>>) {
    for op in loyalty_naive::operations() {
        let Ok(files) = fs::read_dir(vectors.join(op)) else {
            continue;
        };
        let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let list: Vec<Value> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
            let kept = list.iter().map(Vector::read).filter(|v| v.source != "naive");
            all.entry(op.to_string()).or_default().extend(kept);
        }
    }
}

/// Counts what lies in the folders, so that a runner that skips one is found
/// out.
fn write_manifest(vectors: &Path) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut total = 0;
    for folder in fs::read_dir(vectors).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() || folder.ends_with("tools") {
            continue;
        }
        let mut count = 0;
        for file in fs::read_dir(&folder).unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            let list: Vec<Value> = serde_json::from_str(&text).unwrap();
            count += list.len();
        }
        let name = folder.file_name().unwrap().to_str().unwrap().to_string();
        counts.insert(name, count);
        total += count;
    }
    counts.insert("total".to_string(), total);
    let text = serde_json::to_string_pretty(&counts).unwrap();
    fs::write(vectors.join("MANIFEST.json"), text + "\n").unwrap();
    println!("{counts:#?}");
}

struct Seeds {
    folder: PathBuf,
    tokens: Vec<(String, String)>,
}

/// An answer without the fields that are the library's own.
fn answered(op: &str, mut answer: Value) -> Value {
    for &(of, field, _) in loyalty_naive::NOT_ANSWERED {
        if of == op {
            answer.as_object_mut().unwrap().remove(field);
        }
    }
    answer
}

/// A line's columns, separated by a bar between blanks.
fn columns(line: &str) -> Vec<&str> {
    line.split(" | ").collect()
}

impl Seeds {
    fn open(folder: &Path) -> Self {
        let mut seeds = Self { folder: folder.to_path_buf(), tokens: Vec::new() };
        for line in seeds.lines("tokens.txt") {
            let (token, fields) = line.split_once(' ').unwrap();
            seeds.tokens.push((token.to_string(), fields.to_string()));
        }
        // A token that begins with another one is replaced before it.
        seeds.tokens.sort_by_key(|(token, _)| std::cmp::Reverse(token.len()));
        seeds
    }

    fn lines(&self, file: &str) -> Vec<String> {
        let text = fs::read_to_string(self.folder.join(file)).unwrap_or_default();
        text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(String::from).collect()
    }

    fn expand(&self, text: &str) -> String {
        let mut text = text.to_string();
        for (token, fields) in &self.tokens {
            text = text.replace(token, fields);
        }
        text
    }

    fn json(&self, text: &str) -> Value {
        serde_json::from_str(&self.expand(text)).unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    /// `RULE slug | why | request | by hand`, where what was found by hand is
    /// some fields of the answer, or an error kind.
    fn operation(&self, op: &str) -> Vec<Vector> {
        let mut list = Vec::new();
        for line in self.lines(&format!("{op}.txt")) {
            let [head, why, request, by_hand] = columns(&line)[..] else {
                panic!("{op}: not four columns: {line}");
            };
            let (rule, slug) = head.split_once(' ').unwrap();
            let input = self.json(request);
            let outcome = loyalty_naive::call(op, &input);
            let agrees = match (&outcome, by_hand.starts_with('{')) {
                (Ok(answer), true) => states(answer, &self.json(by_hand)),
                (Err(kind), false) => kind == by_hand,
                _ => false,
            };
            if !agrees {
                println!("{op} {head}: by hand {by_hand}, by the model {outcome:?}");
            }
            list.push(Vector {
                name: format!("{rule}/{slug}"),
                rule: rule.to_string(),
                why: why.to_string(),
                source: "naive".to_string(),
                input,
                outcome: outcome.map(|answer| answered(op, answer)),
            });
        }
        list
    }

    /// `op RULE slug | why | request text | kind or answer | path`; a slug with
    /// `!` in front is beyond what a parsed value shows. `-` is the empty
    /// path, `?` one that is not pinned. A sixth column repeats a text:
    /// `mark text times`.
    fn raw(&self, kind: &str) -> BTreeMap<String, Vec<Value>> {
        let accepted = kind == "accept";
        let mut by_op: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let lines = [kind.to_string(), format!("{kind}.events")].map(|file| self.lines(&format!("{file}.txt")));
        for line in lines.into_iter().flatten() {
            let columns = columns(&line);
            let head: Vec<&str> = columns[0].split(' ').collect();
            let beyond = head[2].starts_with('!');
            let request = self.expand(columns[2]);
            let mut entry = serde_json::Map::new();
            entry.insert("name".into(), format!("{}/{}", head[1], head[2].trim_start_matches('!')).into());
            entry.insert("rule".into(), head[1].into());
            entry.insert("why".into(), columns[1].into());
            entry.insert("op".into(), head[0].into());
            let parsed: Result<Value, _> = serde_json::from_str(&request);
            let outcome = parsed.map(|value| loyalty_naive::call(head[0], &value));
            entry.insert("request".into(), request.into());
            if let Some(fill) = columns.get(5) {
                let fill: Vec<&str> = fill.split(' ').collect();
                let times: u64 = fill[2].parse().unwrap();
                entry.insert("fill".into(), serde_json::json!({"mark": fill[0], "text": fill[1], "times": times}));
            }
            let agrees;
            if accepted {
                let wanted = self.json(columns[3]);
                agrees = matches!(&outcome, Ok(Ok(answer)) if states(answer, &wanted));
                entry.insert("out".into(), wanted);
            } else {
                agrees = matches!(&outcome, Ok(Err(kind)) if kind == columns[3]);
                entry.insert("error".into(), columns[3].into());
                match columns[4] {
                    "-" => entry.insert("path".into(), "".into()),
                    "?" => None,
                    path => entry.insert("path".into(), path.into()),
                };
            }
            if !agrees && !beyond {
                println!("{}: by hand {}, by the model {outcome:?}", columns[0], columns[3]);
            }
            let list = by_op.entry(head[0].to_string()).or_default();
            assert!(list.iter().all(|old| old["name"] != entry["name"]), "a name twice: {}", columns[0]);
            list.push(Value::Object(entry));
        }
        by_op
    }

    /// Takes worked examples, with a sentence by rule where they have no note.
    fn import(&self, file: &Path, vectors: &Path, all: &mut BTreeMap<String, Vec<Vector>>) {
        let whys: BTreeMap<String, String> = self
            .lines("why.txt")
            .iter()
            .map(|line| {
                let (rule, why) = line.split_once(" | ").unwrap();
                (rule.to_string(), why.to_string())
            })
            .collect();
        let text = fs::read_to_string(file).unwrap();
        let examples: Vec<Value> = serde_json::from_str(&text).unwrap();
        for example in examples {
            let word = |field: &str| example[field].as_str().unwrap().to_string();
            let op = word("op");
            let outcome = match example["out"].get("error") {
                Some(kind) => Err(kind.as_str().unwrap().to_string()),
                None => Ok(example["out"].clone()),
            };
            let rule = word("rule");
            let why = match example.get("note").and_then(Value::as_str) {
                Some(note) => sentence(note),
                None => whys.get(&rule).unwrap_or_else(|| panic!("no sentence for {rule}")).clone(),
            };
            let known = loyalty_naive::operations().any(|known| known == op.as_str());
            let folder = if known || vectors.join(&op).is_dir() { op.clone() } else { format!("pending/{op}") };
            if !known && folder == op {
                continue;
            }
            let mut vector = Vector { name: word("id"), rule, why, source: word("source"), input: example["in"].clone(), outcome };
            if known {
                let ours = loyalty_naive::call(&op, &vector.input);
                let agrees = match (&ours, &vector.outcome) {
                    (Ok(ours), Ok(wanted)) => states(ours, wanted),
                    (Err(ours), Err(wanted)) => ours == wanted,
                    _ => false,
                };
                assert!(agrees, "{}: the model says {ours:?}", vector.name);
                if let (Ok(ours), Ok(wanted)) = (&ours, &mut vector.outcome) {
                    fill(wanted, ours);
                }
            }
            all.entry(folder).or_default().push(vector);
        }
    }
}

fn sentence(note: &str) -> String {
    let mut letters = note.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// Whether an answer has every field stated, with the same value; an object
/// may state a part.
fn states(answer: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::Object(fields) => fields.iter().all(|(field, value)| answer.get(field).is_some_and(|answer| states(answer, value))),
        wanted => answer == wanted,
    }
}

/// Fills an object inside an answer that states a part of it.
fn fill(wanted: &mut Value, ours: &Value) {
    for (field, value) in wanted.as_object_mut().into_iter().flatten() {
        if value.is_object() {
            *value = ours[field.as_str()].clone();
        }
    }
}
