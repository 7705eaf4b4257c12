//! The program document, read and checked in full (section 7 and AW-11).

use crate::auction::{Window, read_slots, read_window};
use crate::award::{Steps, read_steps};
use crate::fields::{Answer, Fields, Fraction, Int, between, fraction, int, label, list, natural, number, out, rate, refuse};
use crate::money::{Rounding, read_rounding_object};
use crate::offers::{offers_of, read_goods};
use crate::split::read_funding;
use crate::tables::{TABLE_FIELDS, Table, band, read_basis};
use crate::time::{Moment, read_local, read_offset};
use serde_json::Value;

/// Who is served, and how newcomers are treated (AW-3).
#[derive(PartialEq)]
pub struct Eligibility {
    pub min_purchases: Int,
    pub intro: bool,
}

/// How many full awards a slot gives, and what follows them (AW-5).
pub struct FirstN {
    /// By slot; `None` for no limit.
    pub n: Vec<Option<Int>>,
    pub then: &'static str,
}

/// What a program says about an award.
pub struct Program {
    pub table: Table,
    pub window: Option<Window>,
    pub tolerance_ms: Int,
    pub exclude_voucher_paid: bool,
    pub min_cover_bp: Option<Int>,
    /// One quota per slot; ten equal ones when the program states one.
    pub quotas: Vec<Int>,
    pub quota_by_slot: bool,
    /// `None` when everyone is served.
    pub loyal: Option<Eligibility>,
    pub held_slots: Vec<usize>,
    pub first_n: Option<FirstN>,
    pub standby: Steps,
    pub rounding: Rounding,
    pub receipt_cap: Option<Int>,
    pub day_budget: Option<Int>,
    /// By slot; `None` for no limit.
    pub slot_budget: Option<Vec<Option<Int>>>,
    pub refuse_when_short: bool,
    pub point_value: Int,
    pub funding: Option<Vec<Int>>,
    pub paused: bool,
    pub accept_noted_digit: bool,
    /// Whether a refund below the quota drops to standby (AW-8).
    pub drops_below_quota: bool,
    pub make_up_minutes: Option<Int>,
    /// Whether a reversal gives back to budgets and first-N places (AW-8).
    pub give_back: bool,
    /// In which minutes east of UTC the shop reads an instant (CV-5).
    pub offset: Option<i64>,
    /// The program's own time on that clock, in seconds (AW-11).
    pub from: Option<i64>,
    pub until: Option<i64>,
    /// Whether the digit is drawn (SW-6).
    pub hardened: bool,
    /// The fields of the basic points program (PT-8).
    pub points: Option<Value>,
    /// SKUs of goods with an expiry date (TA-4).
    pub dated_skus: Option<Vec<String>>,
}

const DECIDING: [&str; 17] = [
    "window",
    "tolerance_ms",
    "exclude_voucher_paid",
    "min_cover_bp",
    "quota",
    "eligibility",
    "held_slots",
    "first_n",
    "standby",
    "rounding",
    "receipt_cap",
    "budget",
    "point_value",
    "funding",
    "bonus",
    "paused",
    "accept_noted_digit",
];

const CARRIED: [&str; 26] = [
    "offers",
    "max_share_bp",
    "grace_days",
    "reminder_days",
    "schema",
    "id",
    "version",
    "from",
    "until",
    "utc_offset",
    "draw",
    "permit",
    "waiver",
    "ceiling_bp",
    "parties",
    "below_quota",
    "give_back",
    "make_up_minutes",
    "validity",
    "single_use",
    "redemptions_per_month",
    "min_redeem_purchase",
    "origin",
    "cash_rounding",
    "goods_split",
    "points",
];

/// The request with what its program states where the request states none; one that states otherwise is refused. A term
/// is its field in the request, its place in the document, and what holds where the object around it stands without it.
pub fn with_program(input: &Value, terms: &[(&str, &str, Option<Value>)]) -> Answer<Value> {
    let mut request = input.clone();
    let Some(document) = input.get("program").filter(|document| !document.is_null()) else {
        return Ok(request);
    };
    read_own(document)?;
    for (field, place, default) in terms {
        let around = place.rsplit_once('/').map_or("", |(around, _)| around);
        let stands = document.pointer(around).is_some_and(Value::is_object);
        let own = document.pointer(place).filter(|own| !own.is_null()).cloned().or(default.clone().filter(|_| stands));
        let Some(own) = own else { continue };
        match request.get(*field).filter(|stated| !stated.is_null()) {
            Some(stated) if *stated != own => return refuse("bad_config"),
            _ => request[*field] = own,
        }
    }
    Ok(request)
}

/// The same without the program, for an operation that asks nothing else of it.
pub fn without_program(input: &Value, terms: &[(&str, &str, Option<Value>)]) -> Answer<Value> {
    let mut request = with_program(input, terms)?;
    if let Some(fields) = request.as_object_mut() {
        fields.remove("program");
    }
    Ok(request)
}

/// Every field that a document may hold.
pub fn program_fields() -> Vec<&'static str> {
    [&TABLE_FIELDS[..], &DECIDING[..], &CARRIED[..], &["guarantee"]].concat()
}

/// A program for what no goods decide: of one with offers the program itself.
pub fn read_own(value: &Value) -> Answer<Program> {
    if offers_of(value).is_some() { Ok(read_goods(value)?.own) } else { read_program(value) }
}

pub fn read_program(value: &Value) -> Answer<Program> {
    let fields = Fields::open(value, &program_fields())?;
    // Its goods decide, which nothing here tells.
    if !fields.list_if("offers")?.is_none_or(Vec::is_empty) {
        return refuse("bad_config");
    }
    let table = read_basis(&fields)?;
    if table.points {
        check_points_program(&fields)?;
    } else {
        check_band(&fields, &table)?;
    }
    let funding = fields.get("funding").map(read_funding).transpose()?;
    check_document(&fields, &table, funding.as_deref())?;
    let dated_skus = read_goods_split(&fields)?;

    let mut held_slots = Vec::new();
    if let Some(value) = fields.get("held_slots") {
        time_auction_only(&table)?;
        held_slots = read_slots(value)?;
    }
    let mut first_n = None;
    if let Some(value) = fields.get("first_n") {
        time_auction_only(&table)?;
        let inner = Fields::open(value, &["n", "then"])?;
        first_n = Some(FirstN {
            n: by_slot(inner.need("n")?)?,
            then: inner.word_or("then", &["standby", "nothing", "first_column"], "standby")?,
        });
    }
    let (mut day_budget, mut slot_budget, mut refuse_when_short) = (None, None, false);
    if let Some(value) = fields.get("budget") {
        let inner = Fields::open(value, &["day", "slot", "short"])?;
        day_budget = inner.natural_if("day")?;
        slot_budget = inner.get("slot").map(by_slot).transpose()?;
        refuse_when_short = inner.word_or("short", &["cut", "refuse"], "cut")? == "refuse";
        if slot_budget.is_some() {
            time_auction_only(&table)?;
        }
    }
    Ok(Program {
        quotas: read_quotas(&fields, &table)?,
        quota_by_slot: fields.get("quota").is_some_and(Value::is_array),
        window: fields.get("window").map(read_window).transpose()?,
        tolerance_ms: fields.natural_or("tolerance_ms", 1000)?,
        exclude_voucher_paid: fields.flag_or("exclude_voucher_paid", true)?,
        min_cover_bp: fields.natural_if("min_cover_bp")?,
        loyal: read_eligibility(&fields)?,
        held_slots,
        first_n,
        standby: read_steps(fields.get("standby"))?,
        rounding: read_rounding_object(fields.get("rounding"))?,
        receipt_cap: fields.natural_if("receipt_cap")?,
        day_budget,
        slot_budget,
        refuse_when_short,
        point_value: fields.divisor_or("point_value", 1000)?,
        funding,
        paused: fields.flag_or("paused", false)?,
        accept_noted_digit: fields.flag_or("accept_noted_digit", false)?,
        drops_below_quota: fields.word_or("below_quota", &["keep", "standby"], "keep")? == "standby",
        make_up_minutes: fields.natural_if("make_up_minutes")?,
        give_back: fields.flag_or("give_back", false)?,
        offset: fields.text_if("utc_offset")?.map(read_offset).transpose()?,
        from: fields.text_if("from")?.map(read_local).transpose()?,
        until: fields.text_if("until")?.map(read_local).transpose()?,
        hardened: match fields.get("draw") {
            Some(draw) => draw.get("kind").and_then(Value::as_str) == Some("hardened"),
            None => false,
        },
        dated_skus,
        points: fields.get("points").cloned().filter(|_| table.points),
        table,
    })
}

/// AW-5, AW-6: one limit for every slot, or ten with null for none.
fn by_slot(value: &Value) -> Answer<Vec<Option<Int>>> {
    let Value::Array(items) = value else {
        return Ok(vec![Some(natural(value)?); 10]);
    };
    let mut limits = Vec::new();
    for item in items {
        limits.push(if item.is_null() { None } else { Some(natural(item)?) });
    }
    if limits.len() == 10 { Ok(limits) } else { refuse("bad_config") }
}

impl Program {
    /// AW-11: whether an instant of the shop lies in the program's time.
    pub fn in_force(&self, moment: &Moment) -> bool {
        let now = moment.local();
        self.from.is_none_or(|from| fraction(&int(from)) <= now) && self.until.is_none_or(|until| now < fraction(&int(until)))
    }
}

fn time_auction_only(table: &Table) -> Answer<()> {
    if table.auction { Ok(()) } else { refuse("bad_config") }
}

/// QT-1: one quota, or one for each slot of a time auction.
fn read_quotas(fields: &Fields, table: &Table) -> Answer<Vec<Int>> {
    match fields.get("quota") {
        None => Ok(vec![int(0); 10]),
        Some(Value::Array(items)) => {
            let mut quotas = Vec::new();
            for item in items {
                quotas.push(natural(item)?);
            }
            time_auction_only(table)?;
            if quotas.len() != 10 {
                return refuse("bad_config");
            }
            Ok(quotas)
        }
        Some(value) => Ok(vec![natural(value)?; 10]),
    }
}

/// AW-3.
fn read_eligibility(fields: &Fields) -> Answer<Option<Eligibility>> {
    let Some(value) = fields.get("eligibility") else {
        return Ok(None);
    };
    let inner = Fields::open(value, &["who", "min_purchases", "intro"])?;
    let who = inner.word_or("who", &["everyone", "loyal"], "everyone")?;
    let intro = inner.flag_or("intro", false)?;
    let min_purchases = inner.natural_if("min_purchases")?;
    if who == "everyone" {
        return if intro { refuse("bad_config") } else { Ok(None) };
    }
    match min_purchases {
        Some(min_purchases) => Ok(Some(Eligibility { min_purchases, intro })),
        None => refuse("missing_field"),
    }
}

/// PT-8: points have steps instead of rates. What they give at most of a step must lie in the band and under the ceiling.
fn check_points_program(fields: &Fields) -> Answer<()> {
    let points = Fields::open(fields.need("points")?, &POINTS_FIELDS)?;
    if fields.get("eligibility").is_some_and(|eligibility| eligibility["intro"] == true) || fields.has("make_up_minutes") {
        return refuse("bad_config");
    }
    check_points(fields)?;
    let mut earn = Value::Object(points_request(fields.need("points")?));
    for name in ["rest", "min_purchase", "flat_milli"] {
        earn.as_object_mut().expect("an object").remove(name);
    }
    let per = points.natural("per")?;
    earn["amount"] = out(&per)?;
    let of_a_step = natural(&crate::points_program::earn(&earn)?["points_milli"])?;
    let worth = Fraction::new(of_a_step * fields.divisor_or("point_value", 1000)? * int(10), per);
    if let Some(bonus) = fields.text_if("bonus")? {
        let (least, most) = band(bonus)?;
        if worth > fraction(&most) || worth.ceil() < fraction(&least) {
            return refuse("outside_band");
        }
    }
    if let Some(value) = fields.get("ceiling_bp") {
        if worth > fraction(&rate(value)?) {
            return refuse("outside_band");
        }
    }
    Ok(())
}

/// The settings of the basic points program as a request of `points.earn`.
pub fn points_request(points: &Value) -> serde_json::Map<String, Value> {
    points.as_object().cloned().unwrap_or_default()
}

/// BN, DEC-8: every column inside the bonus's band and under the ceiling.
fn check_band(fields: &Fields, table: &Table) -> Answer<()> {
    if let Some(bonus) = fields.text_if("bonus")? {
        let (least, most) = band(bonus)?;
        for column in &table.row {
            if *column < least || *column > most {
                return refuse("outside_band");
            }
        }
    }
    if let Some(value) = fields.get("ceiling_bp") {
        let ceiling = rate(value)?;
        for column in &table.row {
            if *column > ceiling {
                return refuse("outside_band");
            }
        }
    }
    Ok(())
}

/// The settings that a decision does not use.
fn check_document(fields: &Fields, table: &Table, funding: Option<&[Int]>) -> Answer<()> {
    if let Some(value) = fields.get("schema") {
        // Any number but 1, however large, is a schema that nobody knows.
        match number(value) {
            Ok(schema) if schema == int(1) => {}
            Err(kind) if kind == "bad_type" => return Err(kind),
            _ => return refuse("bad_config"),
        }
    }
    fields.label_if("id", 64)?;
    if fields.natural_if("version")? == Some(int(0)) {
        return refuse("bad_config");
    }
    let from = fields.text_if("from")?.map(read_local).transpose()?;
    let until = fields.text_if("until")?.map(read_local).transpose()?;
    if let (Some(from), Some(until)) = (from, until) {
        if until <= from {
            return refuse("bad_config");
        }
    }
    if let Some(offset) = fields.text_if("utc_offset")? {
        read_offset(offset)?;
    }
    let permit = fields.label_if("permit", 256)?;
    let waiver = fields.label_if("waiver", 256)?;
    if permit.is_some() && waiver.is_some() {
        return refuse("bad_config");
    }
    if let Some(value) = fields.get("draw") {
        let inner = Fields::open(value, &["kind", "key_id"])?;
        let key_id = inner.label_if("key_id", 64)?;
        let hardened = inner.word_or("kind", &["clock", "hardened"], "clock")? == "hardened";
        let covered = permit.is_some() || waiver.is_some();
        let drawn = table.stopwatch && key_id.is_some() && covered;
        if (hardened && !drawn) || (!hardened && key_id.is_some()) {
            return refuse("bad_config");
        }
    }
    check_parties(fields, funding)?;
    fields.word_or("below_quota", &["keep", "standby"], "keep")?;
    if let Some(value) = fields.get("make_up_minutes") {
        between(value, 1, 1440)?;
    }
    check_voucher_terms(fields)?;
    check_points(fields)?;
    if let Some(value) = fields.get("guarantee") {
        let inner = Fields::open(value, &["requirement", "share_bp", "warning_interval_s", "start_small"])?;
        inner.natural_if("requirement")?;
        inner.rate_or("share_bp", 2000)?;
        inner.natural_or("warning_interval_s", 86_400)?;
        inner.natural_or("start_small", 0)?;
    }
    Ok(())
}

fn check_parties(fields: &Fields, funding: Option<&[Int]>) -> Answer<()> {
    let Some(items) = fields.list_if("parties")? else {
        return Ok(());
    };
    let names = distinct_labels(items)?;
    match funding {
        Some(shares) if shares.len() == names => Ok(()),
        _ => refuse("bad_config"),
    }
}

/// Counts a list of names that must differ from each other.
fn distinct_labels(items: &[Value]) -> Answer<usize> {
    let mut seen: Vec<&str> = Vec::new();
    for item in items {
        let name = label(item, 64)?;
        if seen.contains(&name) {
            return refuse("bad_config");
        }
        seen.push(name);
    }
    Ok(seen.len())
}

/// VC-4 … VC-9.
fn check_voucher_terms(fields: &Fields) -> Answer<()> {
    if let Some(value) = fields.get("validity") {
        let inner = Fields::open(value, &["days", "months"])?;
        let days = inner.get("days").map(|v| between(v, 1, 36_500)).transpose()?;
        let months = inner.get("months").map(|v| between(v, 1, 1200)).transpose()?;
        if days.is_some() == months.is_some() {
            return refuse("bad_config");
        }
    }
    fields.flag_or("single_use", false)?;
    if let Some(value) = fields.get("redemptions_per_month") {
        let inner = Fields::open(value, &["program", "shopper"])?;
        inner.natural_if("program")?;
        inner.natural_if("shopper")?;
    }
    fields.natural_or("min_redeem_purchase", 0)?;
    fields.get("max_share_bp").map(rate).transpose()?;
    for name in ["grace_days", "reminder_days"] {
        fields.get(name).map(|value| between(value, 1, 36_500)).transpose()?;
    }
    fields.word_or("origin", &["promotional", "purchased"], "promotional")?;
    read_rounding_object(fields.get("cash_rounding"))?;
    Ok(())
}

/// TA-4's list of dated goods.
fn read_goods_split(fields: &Fields) -> Answer<Option<Vec<String>>> {
    let Some(value) = fields.get("goods_split") else {
        return Ok(None);
    };
    let items = Fields::open(value, &["dated_skus"])?.list("dated_skus")?;
    distinct_labels(items)?;
    Ok(Some(items.iter().filter_map(Value::as_str).map(String::from).collect()))
}

const POINTS_FIELDS: [&str; 7] = ["per", "points_per_step_milli", "rest", "multipliers_milli", "stack", "flat_milli", "min_purchase"];

/// PT-1 … PT-3.
fn check_points(fields: &Fields) -> Answer<()> {
    let Some(value) = fields.get("points") else {
        return Ok(());
    };
    let inner = Fields::open(value, &POINTS_FIELDS)?;
    inner.need("per")?;
    inner.divisor_or("per", 1)?;
    inner.natural_or("points_per_step_milli", 1000)?;
    inner.word_or("rest", &["drop", "carry"], "drop")?;
    for name in ["multipliers_milli", "flat_milli"] {
        if let Some(value) = inner.get(name) {
            for item in list(value)? {
                natural(item)?;
            }
            if list(value)?.len() > 8 {
                return refuse("bad_config");
            }
        }
    }
    inner.flag_or("stack", false)?;
    inner.natural_or("min_purchase", 0)?;
    Ok(())
}
