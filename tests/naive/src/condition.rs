//! Which stores a task goes to (CD-2).

use crate::fields::{Answer, Fields, Fraction, Int, fraction, int, natural, rate, refuse, text};
use crate::time::{Date, read_date, read_moment};
use serde_json::{Value, json};

pub enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    AreaClass(Vec<String>),
    Region(Vec<String>),
    Top(Int),
    StockBelowSafety(String),
    PeakWithin(Int),
    Done(String, Option<Date>),
}

const LEVELS: usize = 16;
const NODES: usize = 1000;

pub fn read_texts(value: &Value) -> Answer<Vec<String>> {
    crate::fields::list(value)?.iter().map(|item| text(item).map(String::from)).collect()
}

fn read_parts(value: &Value, level: usize, nodes: &mut usize) -> Answer<Vec<Condition>> {
    let mut parts = Vec::new();
    for item in crate::fields::list(value)? {
        parts.push(read_part(item, level + 1, nodes)?);
    }
    Ok(parts)
}

const KEYS: [&str; 9] = ["all", "any", "not", "area_class", "region", "top_bp", "stock_below_safety", "peak_within_minutes", "done"];

fn read_part(value: &Value, level: usize, nodes: &mut usize) -> Answer<Condition> {
    *nodes += 1;
    if level > LEVELS || *nodes > NODES {
        return refuse("too_large");
    }
    let fields = Fields::open(value, &KEYS)?;
    let given: Vec<&str> = KEYS.into_iter().filter(|key| fields.has(key)).collect();
    let [key] = given[..] else {
        return refuse("bad_config");
    };
    let value = fields.need(key)?;
    Ok(match key {
        "all" => Condition::All(read_parts(value, level, nodes)?),
        "any" => Condition::Any(read_parts(value, level, nodes)?),
        "not" => Condition::Not(Box::new(read_part(value, level + 1, nodes)?)),
        "area_class" => Condition::AreaClass(read_texts(value)?),
        "region" => Condition::Region(read_texts(value)?),
        "top_bp" => Condition::Top(rate(value)?),
        "stock_below_safety" => Condition::StockBelowSafety(text(value)?.to_string()),
        "peak_within_minutes" => Condition::PeakWithin(natural(value)?),
        _ => {
            let inner = Fields::open(value, &["kind", "since"])?;
            Condition::Done(inner.text("kind")?.to_string(), inner.text_if("since")?.map(read_date).transpose()?)
        }
    })
}

impl Condition {
    pub fn read(value: &Value) -> Answer<Self> {
        read_part(value, 1, &mut 0)
    }

    fn has_top(&self) -> bool {
        match self {
            Condition::All(parts) | Condition::Any(parts) => parts.iter().any(Condition::has_top),
            Condition::Not(part) => part.has_top(),
            Condition::Top(_) => true,
            _ => false,
        }
    }
}

struct Stock {
    sku: String,
    units: Int,
    safety: Int,
}

pub struct Store {
    pub id: String,
    area_class: Option<String>,
    region: Option<String>,
    performance: Int,
    stock: Vec<Stock>,
    peak_at: Option<Fraction>,
    done: Vec<(String, Date)>,
}

fn read_store(value: &Value) -> Answer<Store> {
    let fields = Fields::open(value, &["id", "area_class", "region", "performance", "stock", "peak_at", "done"])?;
    let mut stock: Vec<Stock> = Vec::new();
    for item in fields.list_if("stock")?.unwrap_or(&Vec::new()) {
        let inner = Fields::open(item, &["sku", "units", "safety"])?;
        let line = Stock { sku: inner.text("sku")?.to_string(), units: inner.natural("units")?, safety: inner.natural("safety")? };
        if stock.iter().any(|other| other.sku == line.sku) {
            return refuse("bad_config");
        }
        stock.push(line);
    }
    let mut done = Vec::new();
    for item in fields.list_if("done")?.unwrap_or(&Vec::new()) {
        let inner = Fields::open(item, &["kind", "date"])?;
        done.push((inner.text("kind")?.to_string(), read_date(inner.text("date")?)?));
    }
    Ok(Store {
        id: fields.text("id")?.to_string(),
        area_class: fields.text_if("area_class")?.map(String::from),
        region: fields.text_if("region")?.map(String::from),
        performance: fields.natural_or("performance", 0)?,
        stock,
        peak_at: fields.text_if("peak_at")?.map(read_moment).transpose()?.map(|moment| moment.instant()),
        done,
    })
}

/// Ids that must differ from each other.
pub fn distinct<'a>(ids: impl IntoIterator<Item = &'a str>) -> Answer<()> {
    let mut seen: Vec<&str> = Vec::new();
    for id in ids {
        if seen.contains(&id) {
            return refuse("bad_config");
        }
        seen.push(id);
    }
    Ok(())
}

/// The stores of a request, and which of them a filter takes.
pub struct Filter {
    pub stores: Vec<Store>,
    condition: Condition,
    among: Option<Condition>,
    now: Fraction,
}

impl Filter {
    pub fn read(stores: &Value, condition: &Value, among: Option<&Value>, now: &Fraction) -> Answer<Self> {
        let stores: Vec<Store> = crate::fields::list(stores)?.iter().map(read_store).collect::<Answer<_>>()?;
        distinct(stores.iter().map(|store| store.id.as_str()))?;
        let among = among.map(Condition::read).transpose()?;
        if among.as_ref().is_some_and(Condition::has_top) {
            return refuse("bad_config");
        }
        Ok(Self { stores, condition: Condition::read(condition)?, among, now: now.clone() })
    }

    fn is_candidate(&self, store: &Store) -> bool {
        self.among.as_ref().is_none_or(|among| self.meets(store, among))
    }

    /// Fewer candidates stand before it than the share takes.
    fn is_top(&self, store: &Store, top_bp: &Int) -> bool {
        let candidates: Vec<&Store> = self.stores.iter().filter(|store| self.is_candidate(store)).collect();
        let before = |other: &&&Store| {
            other.performance > store.performance || (other.performance == store.performance && other.id.as_bytes() < store.id.as_bytes())
        };
        let ahead = candidates.iter().filter(before).count();
        let taken = Fraction::new(int(candidates.len() as i64) * top_bp, int(10_000)).ceil().to_integer();
        self.is_candidate(store) && int(ahead as i64) < taken
    }

    fn meets(&self, store: &Store, condition: &Condition) -> bool {
        match condition {
            Condition::All(parts) => parts.iter().all(|part| self.meets(store, part)),
            Condition::Any(parts) => parts.iter().any(|part| self.meets(store, part)),
            Condition::Not(part) => !self.meets(store, part),
            Condition::AreaClass(classes) => store.area_class.as_ref().is_some_and(|class| classes.contains(class)),
            Condition::Region(regions) => store.region.as_ref().is_some_and(|region| regions.contains(region)),
            Condition::Top(top_bp) => self.is_top(store, top_bp),
            Condition::StockBelowSafety(sku) => store.stock.iter().any(|line| line.sku == *sku && line.units < line.safety),
            Condition::PeakWithin(minutes) => store.peak_at.as_ref().is_some_and(|peak| {
                let until = peak - &self.now;
                fraction(&int(0)) <= until && until <= fraction(&(minutes * int(60)))
            }),
            Condition::Done(kind, since) => {
                store.done.iter().any(|(done, date)| done == kind && since.as_ref().is_none_or(|since| date >= since))
            }
        }
    }

    /// Where a condition fails first; none if it is met.
    fn failing(&self, store: &Store, condition: &Condition, path: &str) -> Option<String> {
        if self.meets(store, condition) {
            return None;
        }
        if let Condition::All(parts) = condition {
            for (k, part) in parts.iter().enumerate() {
                let found = self.failing(store, part, &format!("{path}.all[{k}]"));
                if found.is_some() {
                    return found;
                }
            }
        }
        Some(path.to_string())
    }

    /// Why a store is left out: the place of the condition it fails.
    pub fn against(&self, store: &Store) -> Option<String> {
        let outside = self.among.as_ref().and_then(|among| self.failing(store, among, "among"));
        outside.or_else(|| self.failing(store, &self.condition, "where"))
    }

    /// The stores in the order of their ids.
    pub fn sorted(&self) -> Vec<&Store> {
        let mut stores: Vec<&Store> = self.stores.iter().collect();
        stores.sort_by_key(|store| store.id.as_bytes());
        stores
    }
}

pub fn targets(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["stores", "where", "among", "now"])?;
    let now = read_moment(fields.text("now")?)?.instant();
    let filter = Filter::read(fields.need("stores")?, fields.need("where")?, fields.get("among"), &now)?;
    let (mut targets, mut left_out) = (Vec::new(), Vec::new());
    for store in filter.sorted() {
        match filter.against(store) {
            None => targets.push(&store.id),
            Some(path) => left_out.push(json!({ "id": store.id, "path": path })),
        }
    }
    Ok(json!({ "targets": targets, "left_out": left_out }))
}
