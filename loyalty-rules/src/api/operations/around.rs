//! Around the award: quotes, hashes, making up, tills.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::award::{CounterFields, CountersAfter, DecideRequest, Decision, MerchantFields, ReceiptFields, ShopperFields, decide};
use crate::api::canonical;
use crate::api::document::ProgramDocument;
use crate::api::fields::Hex;
use crate::api::json::{Json, Node};
use crate::api::wire::{At, Defs, Describe, Path, Read, Refusal, Weight, Write, answer, record, to_json};
use crate::award::{self, Award, Cap, Counters, MadeUp, Play, Quote, Reason, SlotLimits};
use crate::calendar::{CivilTime, Date, TimeOfDay};
use crate::error::{Error, Fault, Kind};
use crate::operations;
use crate::quantity::{Count, Points, Rate, Rupiah};
use crate::tables::{Digit, Mechanism, Slot};

crate::wire_words! {
    MadeUp;
}

operations! {
    "award.quote" ["AW-9"] "What more spending, waiting or luck would bring.": quote, DecideRequest => QuoteAnswer;
    "award.hash" ["AW-10"] "A hash that replays equal on every surface.": hash, DecideRequest => HashAnswer;
    "award.batch" ["AW-7 AW-10"] "The awards of a till's receipts in order, the counters running on.": batch, BatchRequest => BatchAnswer;
    "award.make_up" ["AW-12"] "Whether a second receipt makes up a missed quota.": make_up, MakeUpRequest => MadeUpAnswer;
    "award.till_shares" ["SP-1 AW-5 AW-6"] "The shares of tills that cannot see each other.": till_shares, TillsRequest => TillsAnswer;
}

answer! {
    /// A quote.
    pub struct QuoteAnswer {
        /// Rupiah from the total to the quota; 0 when it is met.
        missing: Rupiah,
        /// The award as it stands.
        now: AwardAhead,
        /// The award with the missing amount added to the total; null when nothing is missing.
        at_quota: Option<AwardAhead>,
        /// The next slot of the same selling day with a strictly higher rate.
        next: Option<NextSlot>,
        /// The highest column of a stopwatch.
        best: Option<Outlook>,
        /// The lowest column of a stopwatch.
        worst: Option<Outlook>,
    }
}

answer! {
    /// An award run ahead.
    pub struct AwardAhead {
        /// Why.
        reason: Reason,
        /// The rate in basis points.
        rate_bp: Rate,
        /// The value in rupiah.
        value: Rupiah,
        /// The limits that lowered the value.
        capped_by: Vec<Cap>,
    }
}

answer! {
    /// A later slot with a higher rate.
    pub struct NextSlot {
        /// The slot.
        slot: Slot,
        /// Its rate in basis points.
        rate_bp: Rate,
        /// When it starts, `HH:MM[:SS[.f]]`; null without a window.
        starts_at: Option<String>,
    }
}

answer! {
    /// What a digit would bring.
    pub struct Outlook {
        /// The digit.
        digit: Digit,
        /// Its rate in basis points.
        rate_bp: Rate,
        /// The value with the total raised to the quota if it is missed, in rupiah.
        value: Rupiah,
    }
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
        /// The value in thousandths of a point.
        points_milli: Points,
        /// The limits that lowered the value.
        capped_by: Vec<Cap>,
        /// The decision hash, as `award.hash` gives it, if it was asked for.
        [omit] hash: Option<Hex>,
    }
}

record! {
    /// A missed quota and what is to make it up.
    pub struct MakeUpRequest {
        /// The program document.
        program: ProgramDocument,
        /// The first receipt, with its play.
        receipt: ReceiptFields,
        /// The shopper before it.
        shopper: ShopperFields = ShopperFields::default(),
        /// The merchant's standing.
        merchant: MerchantFields = MerchantFields::default(),
        /// What the day of the first receipt was given so far, its standby voucher included.
        counters: CounterFields = CounterFields::default(),
        /// When it was bought.
        bought_at: CivilTime,
        /// The standby voucher it was given, in rupiah.
        issued: Rupiah,
        /// The total of the same shopper's second receipt, in rupiah.
        second_total: Rupiah,
        /// When that was bought.
        second_at: CivilTime,
        /// What was refunded of both, in rupiah.
        refunded: Rupiah = Rupiah::ZERO,
        /// Whether the first receipt was made up before.
        made_up: bool = false,
    }
}

answer! {
    /// What the first receipt earns after all.
    pub struct MadeUpAnswer {
        /// Whether, and why not.
        reason: MadeUp,
        /// Its own table rate in basis points; 0 for every stop but `budget_spent` and `cover_short`.
        rate_bp: Rate,
        /// The value of both vouchers together in rupiah; 0 if nothing is made up.
        value: Rupiah,
        /// What is issued beside the standby voucher, in rupiah.
        difference: Rupiah,
        /// The difference in thousandths of a point.
        points_milli: Points,
        /// The limits that lowered it, each at its turn.
        capped_by: Vec<Cap>,
        /// The counters after it.
        counters: CountersAfter,
        /// What each funding party pays of the difference, in rupiah; present if the program states its funding.
        [omit] parts: Option<Vec<Rupiah>>,
    }
}

record! {
    /// A program and its tills.
    pub struct TillsRequest {
        /// The program document.
        program: ProgramDocument,
        /// One weight a till, not all zero.
        weights: Vec<Weight>,
    }
}

answer! {
    /// The shares of the tills.
    pub struct TillsAnswer {
        /// What each till may give.
        tills: Vec<TillLimits>,
        /// The most that may be given above the limits if every till used them whole.
        over_release: TillLimits,
    }
}

answer! {
    /// Limits; null where the program states none.
    pub struct TillLimits {
        /// First-N places of a slot, or of each slot.
        first_n: Option<SlotLimits<Count>>,
        /// Rupiah a selling day.
        budget_day: Option<Rupiah>,
        /// Rupiah a slot, or of each slot.
        budget_slot: Option<SlotLimits<Rupiah>>,
    }
}

impl From<Award> for AwardAhead {
    fn from(award: Award) -> Self {
        Self { reason: award.reason(), rate_bp: award.rate(), value: award.value(), capped_by: award.caps().iter().collect() }
    }
}

impl From<award::Outlook> for Outlook {
    fn from(outlook: award::Outlook) -> Self {
        Self { digit: outlook.digit, rate_bp: outlook.rate, value: outlook.value }
    }
}

fn quote(request: &DecideRequest) -> Result<QuoteAnswer, Refusal> {
    let inputs = request.inputs()?;
    Ok((&award::quote(&inputs.program, &inputs.receipt, &inputs.shopper, &inputs.merchant, &inputs.counters)?).into())
}

impl From<&Quote> for QuoteAnswer {
    fn from(quote: &Quote) -> Self {
        let next =
            |next: award::NextSlot| NextSlot { slot: next.slot, rate_bp: next.rate, starts_at: next.starts_at_tenths.map(time_of_day) };
        Self {
            missing: quote.missing,
            now: quote.now.into(),
            at_quota: quote.at_quota.map(Into::into),
            next: quote.next.map(next),
            best: quote.best.map(Into::into),
            worst: quote.worst.map(Into::into),
        }
    }
}

/// For hosts that hold programs rather than requests.
impl Quote {
    /// The answer of `award.quote` (AW-9).
    ///
    /// ```
    /// use loyalty_rules::award::{Counters, Merchant, Program, Receipt, Shopper, quote};
    /// use loyalty_rules::quantity::Rupiah;
    ///
    /// let program = Program::from_json(br#"{"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus"}"#).unwrap();
    /// let receipt = Receipt::new(Rupiah::new(250_000)?);
    /// let quote = quote(&program, &receipt, &Shopper::default(), &Merchant::default(), &Counters::default())?;
    /// assert!(quote.to_json().ends_with(r#""best":{"digit":0,"rate_bp":1100,"value":27500},"worst":{"digit":1,"rate_bp":200,"value":5000}}"#));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn to_json(&self) -> String {
        to_json(&QuoteAnswer::from(self))
    }
}

/// `HH:MM[:SS[.f]]`.
fn time_of_day(tenths: u32) -> String {
    let whole = TimeOfDay::from_seconds(tenths / 10).unwrap_or_default();
    match (tenths % 10, tenths / 10 % 60) {
        (0, _) => format!("{whole}"),
        (tenth, 0) => format!("{whole}:00.{tenth}"),
        (tenth, _) => format!("{whole}.{tenth}"),
    }
}

fn hash(request: &DecideRequest) -> Result<HashAnswer, Refusal> {
    let program_hash = Hex(canonical::program_hash(&request.program)?.to_vec());
    let counters = request.inputs()?.counters;
    let hash = decision_hash(&program_hash, &request.receipt, &counters, &decide(request)?)?;
    Ok(HashAnswer { hash, program_hash })
}

/// SHA-256 over the canonical bytes of a decision (AW-10).
fn decision_hash(program: &Hex, receipt: &ReceiptFields, counters: &Counters, result: &Decision) -> Result<Hex, Refusal> {
    let [counters, program, receipt, result] = [to_json(&CounterFields::of(counters)), to_json(program), to_json(receipt), to_json(result)];
    let decision = format!("{{\"counters\":{counters},\"program\":{program},\"receipt\":{receipt},\"result\":{result}}}");
    Ok(Hex(canonical::hash(&decision)?.to_vec()))
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

fn make_up(request: &MakeUpRequest) -> Result<MadeUpAnswer, Refusal> {
    let program = request.program.prove(&Path::Root.key("program"))?;
    let mechanism = program.terms().table.mechanism();
    let made_up = award::MakeUp {
        receipt: request.receipt.receipt(mechanism, &Path::Root.key("receipt"))?,
        bought_at: request.bought_at,
        issued: request.issued,
        second_total: request.second_total,
        second_at: request.second_at,
        refunded: request.refunded,
        made_up: request.made_up,
    };
    let counters = request.counters.counters(mechanism, &Path::Root.key("counters"))?;
    let made_up = made_up.judge(&program, &request.shopper.shopper(), &request.merchant.merchant(), &counters)?;
    Ok(MadeUpAnswer {
        reason: made_up.reason,
        rate_bp: made_up.rate,
        value: made_up.value,
        difference: made_up.difference,
        points_milli: program.kernel().points(made_up.difference)?,
        capped_by: made_up.caps.iter().collect(),
        counters: CountersAfter::of(&counters.after(&made_up.added), mechanism),
        parts: program.terms().funding.map(|funding| funding.split(made_up.difference).as_slice().to_vec()),
    })
}

fn till_shares(request: &TillsRequest) -> Result<TillsAnswer, Refusal> {
    let program = request.program.prove(&Path::Root.key("program"))?;
    let at_weights = |error: Error| if error.kind() == Kind::BadShares { error.at("weights") } else { error };
    let (tills, over_release) =
        program.till_limits(&request.weights.iter().map(|weight| weight.0.into()).collect::<Vec<u64>>()).map_err(at_weights)?;
    Ok(TillsAnswer { tills: tills.into_iter().map(TillLimits::from).collect(), over_release: over_release.into() })
}

impl From<award::TillLimits> for TillLimits {
    fn from(limits: award::TillLimits) -> Self {
        Self { first_n: limits.first_n, budget_day: limits.budget_day, budget_slot: limits.budget_slot }
    }
}
