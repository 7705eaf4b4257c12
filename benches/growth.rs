//! The work and the memory of every operation on requests as large as they may be.
//!
//! The requests come from the published vectors. Of each operation every list, every pair of lists, every text and
//! every number is grown: a list by repeating its entries, as they are and with fresh ids. A request starts small and
//! doubles until it is 1 MiB, so that what grows too fast is found before it takes hours. An answer must come within
//! one second and 64 MiB, or be a refusal as quickly.
//!
//! `growth [--short] [operation …]` prints what comes near the bounds and exits 1 over one of them. The short form grows
//! lists and pairs of lists alone, to 128 KiB, and within a tenth of a second and 16 MiB.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use loyalty_api as api;
use serde_json::{Map, Value, json};

const MOST_BYTES: usize = 1 << 20;
const MOST_TIME: Duration = Duration::from_secs(1);
const MOST_MEMORY: usize = 64 << 20;
/// What is printed though it is inside the bounds: a quarter of them.
const NEAR: usize = 4;
const SIZES: [usize; 5] = [1 << 16, 1 << 17, 1 << 18, 1 << 19, MOST_BYTES - 64];
/// The short form looks at an eighth of the size; work that grows with its square takes a 64th of the time there.
const SHORT_SIZES: [usize; 1] = [1 << 17];
const SHORT_TIME: Duration = Duration::from_millis(100);
const SHORT_MEMORY: usize = MOST_MEMORY / 4;
/// The lists of one operation that are grown in pairs.
const MOST_LISTS: usize = 8;

struct PeakAllocator;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for PeakAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller's contract is the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the pointer came from `alloc` above, that is from the system.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: PeakAllocator = PeakAllocator;

/// A step into a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Key(String),
    /// Any entry of a list; the first is grown.
    Entry,
}

type Place = Vec<Step>;

fn written(place: &Place) -> String {
    place.iter().fold(String::new(), |text, step| match step {
        Step::Key(key) if text.is_empty() => key.clone(),
        Step::Key(key) => format!("{text}.{key}"),
        Step::Entry => format!("{text}[]"),
    })
}

fn at<'a>(request: &'a mut Value, place: &[Step]) -> Option<&'a mut Value> {
    place.iter().try_fold(request, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Entry => value.get_mut(0),
    })
}

/// Where lists and free maps, texts and numbers stand.
#[derive(Default)]
struct Places {
    lists: BTreeSet<Place>,
    texts: BTreeSet<Place>,
    numbers: BTreeSet<Place>,
}

impl Places {
    fn collect(&mut self, value: &Value, place: &mut Place) {
        match value {
            Value::Array(entries) => {
                if let Some(first) = entries.first() {
                    self.lists.insert(place.clone());
                    place.push(Step::Entry);
                    self.collect(first, place);
                    place.pop();
                }
            }
            Value::Object(fields) => {
                // Objects whose keys no other request has are maps; growing one that is none is refused at once.
                if !fields.is_empty() && !place.is_empty() && fields.values().all(|value| value.is_number()) {
                    self.lists.insert(place.clone());
                }
                for (key, value) in fields {
                    place.push(Step::Key(key.clone()));
                    self.collect(value, place);
                    place.pop();
                }
            }
            Value::String(_) => _ = self.texts.insert(place.clone()),
            Value::Number(_) => _ = self.numbers.insert(place.clone()),
            Value::Bool(_) | Value::Null => {}
        }
    }
}

const IDS: [&str; 12] = ["id", "sku", "receipt", "task", "code", "event_id", "name", "sequence", "line", "voucher", "till", "account"];

/// An entry with ids of its own.
fn fresh(value: &Value, key: &str, number: usize, ids: &[&str]) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| (key.clone(), fresh(value, key, number, ids)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(entries) => entries.iter().map(|entry| fresh(entry, key, number, ids)).collect(),
        Value::String(text) if ids.contains(&key) => Value::String(format!("{text}{number}")),
        Value::Number(_) if ids.contains(&key) => json!(number + 1),
        other => other.clone(),
    }
}

/// How the entries of a list are repeated.
#[derive(Clone, Copy)]
enum Repeat {
    AsTheyAre,
    FreshIds,
    /// Ids and whatever else names something.
    FreshNames,
}

/// Grows a list or a map by about so many bytes.
fn grow(request: &mut Value, place: &Place, bytes: usize, repeat: Repeat) {
    let names = ["store", "shop", "channel", "member", "kind", "from", "to", "region", "issuer", "acceptor", "seller", "outlet"];
    let ids: Vec<&str> = match repeat {
        Repeat::AsTheyAre => Vec::new(),
        Repeat::FreshIds => IDS.to_vec(),
        Repeat::FreshNames => IDS.iter().chain(&names).copied().collect(),
    };
    let last = place.iter().rev().find_map(|step| if let Step::Key(key) = step { Some(key.clone()) } else { None }).unwrap_or_default();
    match at(request, place) {
        Some(Value::Array(entries)) => {
            let pattern = entries.clone();
            if pattern.is_empty() {
                return;
            }
            let (mut size, mut number) = (0, 0);
            while size < bytes {
                let Some(entry) = pattern.get(number % pattern.len()) else { return };
                let is_bare_text = entry.is_string() && !matches!(repeat, Repeat::AsTheyAre);
                let entry = if is_bare_text { fresh(entry, "id", number, &["id"]) } else { fresh(entry, &last, number, &ids) };
                size += entry.to_string().len() + 1;
                entries.push(entry);
                number += 1;
            }
        }
        Some(Value::Object(fields)) => {
            let Some(value) = fields.values().next().cloned() else { return };
            let (mut size, mut number) = (0, 0);
            while size < bytes {
                let key = format!("k{number}");
                size += key.len() + value.to_string().len() + 4;
                fields.insert(key, value.clone());
                number += 1;
            }
        }
        _ => {}
    }
}

struct Measured {
    time: Duration,
    memory: usize,
    answer: usize,
    error: Option<String>,
}

fn measure(operation: &str, request: &[u8]) -> Measured {
    let before = HELD.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let start = Instant::now();
    let answer = api::answer(operation, request);
    let time = start.elapsed();
    let memory = PEAK.load(Ordering::Relaxed).saturating_sub(before);
    let error = answer.as_ref().err().map(|refusal| format!("{} {}", refusal.fault().kind().name(), refusal.path()));
    Measured { time, memory, answer: answer.map_or(0, |answer| answer.len()), error }
}

/// What is grown, and how it went.
struct Report {
    short: bool,
    measured: usize,
    over: Vec<String>,
}

impl Report {
    /// Doubles a request until it is as large as it may be, or takes too much.
    fn judge(&mut self, operation: &str, what: &str, make: impl Fn(usize) -> Value) {
        let sizes: &[usize] = if self.short { &SHORT_SIZES } else { &SIZES };
        for size in sizes {
            let request = make(*size).to_string();
            if request.len() > MOST_BYTES {
                return;
            }
            let mut measured = measure(operation, request.as_bytes());
            self.measured += 1;
            let (most_time, most_memory) = if self.short { (SHORT_TIME, SHORT_MEMORY) } else { (MOST_TIME, MOST_MEMORY) };
            let is_over = |measured: &Measured| measured.time > most_time || measured.memory > most_memory;
            if is_over(&measured) && measured.time < 5 * MOST_TIME {
                // Another program may have had the processor.
                let again = measure(operation, request.as_bytes());
                measured.time = measured.time.min(again.time);
            }
            let is_over = is_over(&measured);
            let is_near = !self.short && (measured.time > most_time / 4 || measured.memory * NEAR > most_memory * 3);
            if is_over || is_near {
                let line = format!(
                    "{} {operation:<24} {what:<48} {:>8} B {:>7.2} s {:>7.1} MiB {:>10} B {}",
                    if is_over { "OVER" } else { "near" },
                    request.len(),
                    measured.time.as_secs_f64(),
                    measured.memory as f64 / f64::from(1 << 20),
                    measured.answer,
                    measured.error.as_deref().unwrap_or("answered"),
                );
                println!("{line}");
                if is_over {
                    self.over.push(line);
                    return;
                }
            }
        }
    }
}

/// The requests of an operation that are answered, one for each shape.
fn requests(folder: &Path, operation: &str) -> Vec<Value> {
    let mut shapes = BTreeMap::new();
    let Ok(files) = fs::read_dir(folder.join(operation)) else { return Vec::new() };
    let mut files: Vec<_> = files.filter_map(|file| Some(file.ok()?.path())).filter(|file| file.is_file()).collect();
    files.sort();
    for file in files {
        let vectors: Value = fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        for vector in vectors.as_array().into_iter().flatten().filter(|vector| vector.get("out").is_some()) {
            let request = &vector["in"];
            let mut places = Places::default();
            places.collect(request, &mut Vec::new());
            let shape: Vec<String> = places.lists.iter().chain(&places.numbers).map(written).collect();
            // What is grown should be small, but not empty.
            let length = request.to_string().len();
            let best = shapes.entry(shape).or_insert((length, request.clone()));
            if length < best.0 {
                *best = (length, request.clone());
            }
        }
    }
    shapes.into_values().map(|(_, request)| request).collect()
}

fn grow_all(report: &mut Report, operation: &str, requests: &[Value]) {
    // Each list is grown in the request that has most beside it.
    let mut best: BTreeMap<Place, (usize, &Value)> = BTreeMap::new();
    let mut pairs: BTreeMap<(Place, Place), &Value> = BTreeMap::new();
    let (mut texts, mut numbers): (BTreeMap<Place, &Value>, BTreeMap<Place, &Value>) = Default::default();
    for request in requests {
        let mut places = Places::default();
        places.collect(request, &mut Vec::new());
        for list in &places.lists {
            let fields = places.lists.len() * 100 + places.numbers.len() + places.texts.len();
            let its = best.entry(list.clone()).or_insert((fields, request));
            if fields > its.0 {
                *its = (fields, request);
            }
        }
        let lists: Vec<_> = places.lists.iter().take(MOST_LISTS).collect();
        for (place, one) in lists.iter().enumerate() {
            for other in &lists[place + 1..] {
                pairs.insert(((*one).clone(), (*other).clone()), request);
            }
        }
        texts.extend(places.texts.into_iter().map(|text| (text, request)));
        numbers.extend(places.numbers.into_iter().map(|number| (number, request)));
    }
    let repeats = [("", Repeat::AsTheyAre), (" fresh ids", Repeat::FreshIds), (" fresh names", Repeat::FreshNames)];
    for (list, (_, request)) in &best {
        for (how, repeat) in repeats {
            report.judge(operation, &format!("{}{how}", written(list)), |size| {
                let mut grown = (*request).clone();
                let bytes = size.saturating_sub(grown.to_string().len());
                grow(&mut grown, list, bytes, repeat);
                grown
            });
        }
    }
    for ((one, other), request) in &pairs {
        for (how, repeat) in &repeats[if report.short { 2 } else { 1 }..] {
            report.judge(operation, &format!("{} × {}{how}", written(one), written(other)), |size| {
                let mut grown = (*request).clone();
                let half = size.saturating_sub(grown.to_string().len()) / 2;
                // The inner list first: what is repeated then is large, and there are few of it.
                let inner_first = other.starts_with(one);
                let (inner, outer) = if inner_first { (other, one) } else { (one, other) };
                if inner_first {
                    // As many inner entries as outer ones.
                    let root = half.isqrt() * 4;
                    grow(&mut grown, inner, root, *repeat);
                    grow(&mut grown, outer, half * 2 - root, *repeat);
                } else {
                    grow(&mut grown, inner, half, *repeat);
                    grow(&mut grown, outer, half, *repeat);
                }
                grown
            });
        }
    }
    if report.short {
        return;
    }
    for (text, request) in &texts {
        let long = |size: usize, beside: usize| {
            let mut grown = (*request).clone();
            let length = (size / beside).saturating_sub(grown.to_string().len());
            if let Some(Value::String(text)) = at(&mut grown, text) {
                *text = "x".repeat(length);
            }
            grown
        };
        report.judge(operation, &format!("{} long", written(text)), |size| long(size, 1));
        for (list, _) in best.iter().filter(|(list, _)| !text.starts_with(list) && at(&mut (*request).clone(), list).is_some()) {
            report.judge(operation, &format!("{} long × {}", written(text), written(list)), |size| {
                let mut grown = long(size, 2);
                grow(&mut grown, list, size / 2, Repeat::FreshIds);
                grown
            });
        }
    }
    for (number, request) in &numbers {
        for value in [0, 1, 100, 10_000, 1_000_000, 1_000_000_000, 9_007_199_254_740_991_i64] {
            let mut changed = (*request).clone();
            if let Some(place) = at(&mut changed, number) {
                *place = json!(value);
            }
            report.judge(operation, &format!("{} = {value}", written(number)), |_| changed.clone());
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let short = arguments.iter().any(|argument| argument == "--short");
    let named: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let mut report = Report { short, measured: 0, over: Vec::new() };
    let mut without = Vec::new();
    for operation in api::operations().map(|operation| operation.name) {
        if !named.is_empty() && !named.iter().any(|name| *name == operation) {
            continue;
        }
        let requests = requests(&folder, operation);
        if requests.is_empty() {
            without.push(operation);
        }
        grow_all(&mut report, operation, &requests);
    }
    println!("{} requests measured, {} over the bounds", report.measured, report.over.len());
    if !without.is_empty() {
        println!("no vector: {}", without.join(", "));
    }
    if report.over.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
