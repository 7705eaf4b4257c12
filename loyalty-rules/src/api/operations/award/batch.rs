//! Awards again: a hash of one, many in order.

use crate::api::canonical;
use crate::api::document::ProgramDocument;
use crate::api::fields::Hex;
use crate::api::json::{Json, Node};
use crate::api::operations::award::decide::{
    CounterFields, CountersAfter, DecideRequest, Decision, MerchantFields, ReceiptFields, ShopperFields, decide,
};
use crate::api::wire::{At, Defs, Describe, Path, Read, Refusal, Write, answer, record};
use crate::award::{self, Cap, Counters, Play, Reason};
use crate::calendar::Date;
use crate::error::{Error, Fault};
use crate::operations;
use crate::quantity::{Points, Rate, Rupiah};
use crate::tables::Mechanism;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

operations! {
    "award.hash" ["AW-10"] "A hash that replays equal on every surface.": hash, DecideRequest => HashAnswer;
    "award.batch" ["AW-7 AW-10"] "The awards of a till's receipts in order, the counters running on.": batch, BatchRequest => BatchAnswer;
}

answer! {
    /// The hash of a decision.
    pub struct HashAnswer {
        /// SHA-256 over the canonical bytes of program hash, receipt, counters and result.
        hash: Hex,
        /// SHA-256 over the canonical program document.
        program_hash: Hex,
    }
}

record! {
    /// A till's receipts in order.
    pub struct BatchRequest {
        /// The program document.
        program: ProgramDocument,
        /// The receipts.
        rows: Vec<BatchRow>,
        /// The merchant's standing, the same for all.
        merchant: MerchantFields = MerchantFields::default(),
        /// What was given before the first: the counters of one day, or a list of days.
        counters: DayCounters = DayCounters::default(),
        /// Whether each row carries its decision hash.
        hash: bool = false,
    }
}

record! {
    /// A receipt of a batch.
    pub struct BatchRow {
        /// The receipt.
        receipt: ReceiptFields,
        /// The shopper before it.
        shopper: ShopperFields = ShopperFields::default(),
    }
}

answer! {
    /// The awards of a batch.
    pub struct BatchAnswer {
        /// One award a row.
        rows: Vec<BatchAward>,
        /// The counters after the last, one entry a selling day, rising; first the one of receipts whose day is not known.
        counters: Vec<CountersAfter>,
    }
}

/// The counters of one day, or of several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DayCounters(Vec<CounterFields>);

impl Read for DayCounters {
    fn read(at: &At<'_>) -> Self {
        Self(if matches!(at.node, Node::List(_)) { Vec::read(at) } else { vec![CounterFields::read(at)] })
    }
}

impl Write for DayCounters {
    fn write(&self, json: &mut Json) {
        self.0.write(json);
    }
}

impl Describe for DayCounters {
    fn schema(defs: &mut Defs) -> String {
        format!("{{\"anyOf\":[{},{}]}}", CounterFields::schema(defs), Vec::<CounterFields>::schema(defs))
    }
}

answer! {
    /// The award of a row.
    pub struct BatchAward {
        /// Why.
        reason: Reason,
        /// The rate in basis points.
        rate_bp: Rate,
        /// The value in rupiah.
        value: Rupiah,
        /// Rupiah that the shopper of the row carries on, short of a step of points; left out where there are none (PT-1).
        [rest] carried: Rupiah,
        /// The value in thousandths of a point.
        points_milli: Points,
        /// The limits that lowered the value.
        capped_by: Vec<Cap>,
        /// The decision hash, as `award.hash` gives it, if it was asked for.
        [omit] hash: Option<Hex>,
    }
}

fn hash(request: &DecideRequest) -> Result<HashAnswer, Refusal> {
    let program_hash = Hex(canonical::program_hash(&request.program)?.to_vec());
    let counters = request.inputs()?.counters;
    // The names of those who pay stand in the program's hash.
    let decision = Decision { parties: None, ..decide(request)? };
    let hash = decision_hash(&program_hash, &request.receipt, &counters, &decision)?;
    Ok(HashAnswer { hash, program_hash })
}

/// SHA-256 over the canonical bytes of a decision (AW-10).
fn decision_hash(program: &Hex, receipt: &ReceiptFields, counters: &Counters, result: &Decision) -> Result<Hex, Refusal> {
    let receipt = receipt.canonical(&Path::Root.key("receipt"))?;
    let write = |json: &mut Json| {
        json.object(|entry| {
            entry.value("counters", &CounterFields::of(counters));
            entry.value("program", program);
            entry.value("receipt", &receipt);
            entry.value("result", result);
        });
    };
    Ok(Hex(canonical::hash_of(write).to_vec()))
}

fn batch(request: &BatchRequest) -> Result<BatchAnswer, Refusal> {
    let program = request.program.prove(&Path::Root.key("program"))?;
    let mechanism = program.terms().table.mechanism();
    let program_hash = request.hash.then(|| canonical::program_hash(&request.program)).transpose()?.map(|hash| Hex(hash.to_vec()));
    let merchant = request.merchant.merchant();
    let mut days = Days::read(&request.counters, mechanism)?;
    let (list, mut rows) = (Path::Root.key("rows"), Vec::new());
    for (index, row) in request.rows.iter().enumerate() {
        let path = list.entry(index);
        let of_row = |error: Error| {
            let field = error.field().to_string();
            let is_of_row = field.is_empty() || field.starts_with("receipt") || field.starts_with("shopper");
            Refusal::inside(error, if is_of_row { &path } else { &Path::Root })
        };
        let receipt = row.receipt.receipt(mechanism, &path.key("receipt"))?;
        let mut of_no_day = Counters::default();
        let day = program.selling_day(&receipt).map_err(of_row)?;
        let counters = match days.of(day) {
            Some(counters) => counters,
            None if day.is_some() => return Err(Refusal::at(Fault::CountersOfWhichDay, &Path::Root.key("counters").key("day"))),
            // Outside the hours nothing is given, so nothing is counted.
            None if matches!(receipt.play, Play::At(_)) => &mut of_no_day,
            None => return Err(Refusal::at(Fault::NoDayTold, &path.key("receipt"))),
        };
        let award = award::decide(&program, &receipt, &row.shopper.shopper(), &merchant, counters).map_err(of_row)?;
        let decision_hash = |hash| decision_hash(hash, &row.receipt, counters, &Decision::of(&program, &award, counters));
        rows.push(BatchAward {
            reason: award.reason(),
            rate_bp: award.rate(),
            value: award.value(),
            carried: award.shopper().carried,
            points_milli: award.points(),
            capped_by: award.caps().iter().collect(),
            hash: program_hash.as_ref().map(decision_hash).transpose()?,
        });
        counters.add(award.added());
    }
    // A day on which nothing was given has counters that name no day yet.
    let after = days.counters.into_iter().map(|(day, counters)| CountersAfter::of(&Counters { day, ..counters }, mechanism));
    Ok(BatchAnswer { rows, counters: after.collect() })
}

/// Counters by selling day. `None` stands for receipts whose day is not known.
struct Days {
    counters: BTreeMap<Option<Date>, Counters>,
    /// The day of receipts to which counters without a day were given.
    taken_for: Option<Date>,
}

impl Days {
    fn read(given: &DayCounters, mechanism: Mechanism) -> Result<Self, Refusal> {
        let (list, mut days) = (Path::Root.key("counters"), BTreeMap::new());
        let is_one = given.0.len() == 1;
        for (index, fields) in given.0.iter().enumerate() {
            let path = if is_one { Path::Root.key("counters") } else { list.entry(index) };
            let counters = fields.counters(mechanism, &path)?;
            if days.insert(counters.day, counters).is_some() {
                return Err(Refusal::at(Fault::DayTwice, &path.key("day")));
            }
        }
        Ok(Self { counters: days, taken_for: None })
    }

    /// The counters of a day. Counters without a day are those of the only day there is (AW-7); a receipt without a day
    /// among several has none, and one of a second day has none if they counted something.
    fn of(&mut self, day: Option<Date>) -> Option<&mut Counters> {
        let Self { counters: days, taken_for } = self;
        if taken_for.is_some() && day.is_some() && day != *taken_for {
            return None;
        }
        let only = if days.len() == 1 { days.first_key_value().map(|(day, _)| *day) } else { None };
        let day = match (day, only) {
            (Some(day), Some(None)) => {
                if let Some(counters) = days.remove(&None) {
                    *taken_for = Some(day).filter(|_| counters != Counters::NONE);
                    days.insert(Some(day), counters);
                }
                Some(day)
            }
            (None, Some(only)) => only,
            (None, None) if !days.is_empty() => return days.get_mut(&None),
            (day, _) => day,
        };
        Some(days.entry(day).or_default())
    }
}
