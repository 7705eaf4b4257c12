//! The guarantee fund.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use crate::api::document::{GuaranteeSettings, ProgramDocument, agreed, proved};
use crate::api::json::{Entry, Json};
use crate::api::wire::{
    Amount, AsWritten, At, Defs, Describe, Fields, Path, Properties, Read, Refusal, Whole, Write, answer, object_schema, record,
};
use crate::calendar::CivilTime;
use crate::error::{Fault, Field};
use crate::funding::{
    self, ExpiredTo, Fund, FundEvent, FundState, FundTerms, NoticeKind, Requirement, Reservations, Shards, guarantee_deposit,
    guarantee_deposit_by_cover,
};
use crate::operations;
use crate::quantity::{Count, PointValue, Points, Rate, Ratio, Rupiah};
use crate::sort;

crate::words! {
    /// What happens to a guarantee fund.
    pub enum FundEventWord {
        /// The balance is looked at.
        Check = "check",
        /// The merchant pays in.
        TopUp = "top_up",
        /// The fund pays out.
        Draw = "draw",
        /// A voucher is issued.
        Issue = "issue",
        /// A voucher is redeemed.
        Redeem = "redeem",
        /// A redemption is undone.
        Undo = "undo",
        /// A voucher is taken back.
        Release = "release",
        /// A voucher expires.
        Expire = "expire",
        /// The requirement changes.
        Require = "require",
    }
}

crate::wire_words! {
    FundState;
    ExpiredTo;
    FundEventWord;
    NoticeKind;
}

operations! {
    "guarantee.deposit" ["GF-1"] "The deposit asked of a merchant that joins.": deposit, DepositRequest => Deposit;
    "guarantee.deposit_by_cover" ["GF-2"] "The deposit that covers a number of days.": deposit_by_cover, CoverDays => Deposit;
    "guarantee.apply" ["GF-3 GF-4 GF-5 GF-6 GF-8 GF-9 GF-10"] "A guarantee fund after its events.": apply, FundRequest => FundAnswer;
    "guarantee.cover" ["GF-7"] "What a fund covers, and whether it allows an award.": cover, CoverRequest => CoverAnswer;
    "guarantee.requirement" ["GF-2 GF-9"] "The deposit asked of a shop that starts small and grows.": requirement, RequirementRequest => RequirementAnswer;
    "guarantee.exposure" ["GF-2 SW-5 AW-11"] "What a program can make a fund owe.": exposure, ExposureRequest => ExposureAnswer;
    "guarantee.shards" ["GF-8 SP-1"] "What each till may still promise.": shards, ShardsRequest => ShardsAnswer;
}

record! {
    /// A merchant's shoppers and what they earn.
    pub struct DepositRequest {
        /// Loyal shoppers.
        loyal: Count,
        /// Prospective shoppers.
        prospective: Count,
        /// Average points of a transaction in thousandths, 0 or more.
        points_per_transaction_milli: Points,
        /// The rupiah one point is worth.
        point_value: PointValue = PointValue::default(),
    }
}

answer! {
    /// A deposit.
    pub struct Deposit {
        /// The deposit in rupiah, rounded down once.
        deposit: Rupiah,
    }
}

record! {
    /// A merchant's day and the days to cover.
    pub struct CoverDays {
        /// Shoppers a day.
        shoppers: Count,
        /// The average purchase in rupiah.
        average: Amount,
        /// The rate that shoppers get; the forced one (SW-5) unless the draw is hardened.
        rate_bp: Rate,
        /// The days to cover.
        days: Count = Count::new(1).unwrap_or_default(),
    }
}

record! {
    /// A fund as it stands, and what happens to it.
    pub struct FundRequest {
        /// The deposit that is asked for, in rupiah; here or in the program's `guarantee`.
        requirement: Option<Amount>,
        /// What the fund holds, in rupiah.
        balance: Amount,
        /// At or below this share of the requirement the fund is low; 2,000 if absent.
        share_bp: Option<Rate>,
        /// Unanswered warnings.
        warnings: Count = Count::ZERO,
        /// The state as the last call answered it; instead of the two flags.
        state: Option<FundState>,
        /// Whether the merchant is suspended.
        suspended: bool = false,
        /// Whether the deposit has not reached the requirement yet; neither suspended nor warned then.
        registered: bool = false,
        /// Who keeps the money behind a voucher that expired.
        expired_to: ExpiredTo = ExpiredTo::default(),
        /// What is reserved for vouchers not yet redeemed, in rupiah by voucher id.
        reservations: BTreeMap<String, Amount> = BTreeMap::new(),
        /// The least seconds between two warnings; 86,400 if absent.
        warning_interval_s: Option<Count>,
        /// The program, whose `guarantee` holds where this request states none.
        program: Option<ProgramDocument>,
        /// The time of the last warning that had one.
        last_warning: Option<CivilTime>,
        /// The host's clock: a check later than it is refused.
        now: Option<CivilTime>,
        /// The events that counted before, by their `event_id`, as the last call answered them.
        seen: BTreeMap<String, FundEventFields> = BTreeMap::new(),
        /// What happens, in order.
        events: Vec<IdentifiedEvent>,
    }
}

/// One event; each type has its own fields.
#[derive(Clone, Debug, PartialEq)]
pub enum FundEventFields {
    Check { time: Option<CivilTime> },
    TopUp { amount: Amount },
    Draw { amount: Amount },
    Issue { id: String, amount: Amount },
    Redeem { id: String, amount: Amount },
    Undo { id: String, amount: Amount },
    Release { id: String },
    Expire { id: String },
    Require { amount: Amount },
}

impl FundEventFields {
    fn event(&self) -> FundEvent<'_> {
        match self {
            Self::Check { time } => FundEvent::Check { at: *time },
            Self::TopUp { amount } => FundEvent::TopUp { amount: amount.0 },
            Self::Draw { amount } => FundEvent::Draw { amount: amount.0 },
            Self::Issue { id, amount } => FundEvent::Issue { id, amount: amount.0 },
            Self::Redeem { id, amount } => FundEvent::Redeem { id, amount: amount.0 },
            Self::Undo { id, amount } => FundEvent::Undo { id, amount: amount.0 },
            Self::Release { id } => FundEvent::Release { id },
            Self::Expire { id } => FundEvent::Expire { id },
            Self::Require { amount } => FundEvent::Require { amount: amount.0 },
        }
    }
}

impl FundEventFields {
    fn take(fields: &mut Fields<'_>) -> Self {
        match fields.read("type") {
            FundEventWord::Check => Self::Check { time: fields.read("time") },
            FundEventWord::TopUp => Self::TopUp { amount: fields.read("amount") },
            FundEventWord::Draw => Self::Draw { amount: fields.read("amount") },
            FundEventWord::Issue => Self::Issue { id: fields.read("id"), amount: fields.read("amount") },
            FundEventWord::Redeem => Self::Redeem { id: fields.read("id"), amount: fields.read("amount") },
            FundEventWord::Undo => Self::Undo { id: fields.read("id"), amount: fields.read("amount") },
            FundEventWord::Release => Self::Release { id: fields.read("id") },
            FundEventWord::Expire => Self::Expire { id: fields.read("id") },
            FundEventWord::Require => Self::Require { amount: fields.read("amount") },
        }
    }

    /// Whether it is the same event, field by field as written.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Check { time: Some(one) }, Self::Check { time: Some(other) }) => one.is_written_as(other),
            _ => self == other,
        }
    }

    /// Each field with its name, as far as the type has it.
    fn put(&self, entry: &mut Entry<'_>) {
        let (kind, id, amount, time) = match self {
            Self::Check { time } => (FundEventWord::Check, None, None, time.as_ref()),
            Self::TopUp { amount } => (FundEventWord::TopUp, None, Some(amount), None),
            Self::Draw { amount } => (FundEventWord::Draw, None, Some(amount), None),
            Self::Issue { id, amount } => (FundEventWord::Issue, Some(id), Some(amount), None),
            Self::Redeem { id, amount } => (FundEventWord::Redeem, Some(id), Some(amount), None),
            Self::Undo { id, amount } => (FundEventWord::Undo, Some(id), Some(amount), None),
            Self::Release { id } => (FundEventWord::Release, Some(id), None, None),
            Self::Expire { id } => (FundEventWord::Expire, Some(id), None, None),
            Self::Require { amount } => (FundEventWord::Require, None, Some(amount), None),
        };
        entry.value("type", &kind);
        entry.some("id", &id.cloned());
        entry.some("amount", &amount.copied());
        entry.some("time", &time.copied().map(AsWritten));
    }

    fn describe(properties: &mut Properties<'_>) {
        properties.field::<FundEventWord>("type", "What happens.", true, None);
        let amount = "In rupiah; of top_up, draw, issue, redeem, undo and require, and required there.";
        properties.field::<Amount>("amount", amount, false, None);
        properties.field::<String>("id", "The voucher; of issue, redeem, undo, release and expire, and required there.", false, None);
        let time = "When the balance is looked at; of check. Without it the check counts as past the warning interval.";
        properties.field::<Option<CivilTime>>("time", time, false, None);
    }
}

impl Read for FundEventFields {
    fn read(at: &At<'_>) -> Self {
        let mut fields = Fields::of(at);
        let event = Self::take(&mut fields);
        fields.finish();
        event
    }
}

impl Write for FundEventFields {
    fn write(&self, json: &mut Json) {
        json.object(|entry| self.put(entry));
    }
}

impl Describe for FundEventFields {
    fn schema(defs: &mut Defs) -> String {
        object_schema("FundEventFields", "One event; each type has its own fields.", defs, Self::describe)
    }
}

/// An event that may carry an id of its own (GF-10).
#[derive(Clone, Debug, PartialEq)]
pub struct IdentifiedEvent {
    event_id: Option<String>,
    event: FundEventFields,
}

impl Read for IdentifiedEvent {
    fn read(at: &At<'_>) -> Self {
        let mut fields = Fields::of(at);
        let event = Self { event_id: fields.read("event_id"), event: FundEventFields::take(&mut fields) };
        fields.finish();
        event
    }
}

impl Write for IdentifiedEvent {
    fn write(&self, json: &mut Json) {
        json.object(|entry| {
            entry.some("event_id", &self.event_id);
            self.event.put(entry);
        });
    }
}

impl Describe for IdentifiedEvent {
    fn schema(defs: &mut Defs) -> String {
        object_schema("IdentifiedEvent", "One event, with an id of its own or without; each type has its own fields.", defs, |properties| {
            let event_id = "The event's own id: the same one counts once.";
            properties.field::<Option<String>>("event_id", event_id, false, None);
            FundEventFields::describe(properties);
        })
    }
}

answer! {
    /// A fund after its events.
    pub struct FundAnswer {
        /// The deposit that is asked for, in rupiah.
        requirement: Rupiah,
        /// What it holds, in rupiah.
        balance: Rupiah,
        /// What it has promised, in rupiah.
        reserved: Rupiah,
        /// The same by voucher id.
        reservations: BTreeMap<String, Rupiah>,
        /// Balance − reserved in rupiah; negative if more is promised than held.
        free: Rupiah,
        /// What expired vouchers paid to the operator in this call, in rupiah.
        to_operator: Rupiah,
        /// Unanswered warnings.
        warnings: Count,
        /// The time of the last warning that had one.
        last_warning: Option<CivilTime>,
        /// Whether the merchant may issue.
        state: FundState,
        /// What is to be told, in the order of the events.
        notices: Vec<NoticeFields>,
        /// The ids of events that came again with the same content, sorted; they changed nothing.
        duplicates: Vec<String>,
        /// The ids of events that came again with other content, sorted; they changed nothing.
        conflicts: Vec<String>,
        /// The events with an id that counted so far, for the next call.
        seen: BTreeMap<String, FundEventFields>,
    }
}

answer! {
    /// A notice.
    pub struct NoticeFields {
        /// The index of its event, from 0.
        event: Whole,
        /// What is told.
        notice: NoticeKind,
        /// The number of a warning, or rupiah; 0 where there is nothing to count.
        amount: Whole,
    }
}

record! {
    /// A fund and an award.
    pub struct CoverRequest {
        /// What the fund holds, in rupiah.
        balance: Amount,
        /// Vouchers issued and not yet redeemed, in rupiah.
        outstanding: Amount,
        /// The award to be judged, in rupiah.
        award: Amount = Amount(Rupiah::ZERO),
        /// The least cover in basis points; it may exceed 10,000.
        min_cover_bp: Count = Count::ZERO,
    }
}

answer! {
    /// What a fund covers.
    pub struct CoverAnswer {
        /// Balance ÷ outstanding in basis points, truncated; null with nothing outstanding.
        cover_bp: Option<Ratio>,
        /// Whether balance ÷ (outstanding + award) reaches the least cover.
        allowed: bool,
    }
}

record! {
    /// A shop's shoppers, and what it starts with.
    pub struct RequirementRequest {
        [flat] cover: CoverDays,
        /// The least deposit, in rupiah; 0 if absent.
        start: Option<Amount>,
        /// The program, whose `guarantee.start_small` holds where this request states no start.
        program: Option<ProgramDocument>,
        /// What the fund holds, in rupiah.
        balance: Amount = Amount(Rupiah::ZERO),
    }
}

answer! {
    /// What is asked of a shop.
    pub struct RequirementAnswer {
        /// The larger of the start and the deposit by cover, in rupiah.
        requirement: Rupiah,
        /// What the fund lacks of it, in rupiah, 0 or more.
        missing: Rupiah,
        /// `registered` while anything is missing, else `active`.
        state: FundState,
    }
}

record! {
    /// A program and its shoppers.
    pub struct ExposureRequest {
        /// The program document.
        program: ProgramDocument,
        /// Shoppers a day.
        shoppers: Count,
        /// The average purchase in rupiah.
        average: Amount,
        /// The days to cover.
        days: Count = Count::new(1).unwrap_or_default(),
    }
}

answer! {
    /// What a program can make a fund owe.
    pub struct ExposureAnswer {
        /// The rate that shoppers get, in tenths of a basis point.
        rate_tenth_bp: Whole,
        /// Shoppers × average × days × rate in rupiah, rounded down once.
        by_rate: Rupiah,
        /// Day budget × days in rupiah; null without a day budget.
        by_budget: Option<Rupiah>,
        /// The lesser of the two, in rupiah.
        exposure: Rupiah,
        /// The largest award of one receipt of the average, in rupiah.
        receipt: Rupiah,
    }
}

record! {
    /// A fund and its tills.
    pub struct ShardsRequest {
        /// What the fund holds, in rupiah.
        balance: Amount,
        /// The tills, each id once.
        tills: Vec<TillReserved>,
    }
}

record! {
    /// What a till has promised.
    pub struct TillReserved {
        /// The till.
        till: String,
        /// Its reservations together, in rupiah.
        reserved: Amount,
    }
}

answer! {
    /// What tills may still promise.
    pub struct ShardsAnswer {
        /// The reservations of all tills, in rupiah.
        reserved: Rupiah,
        /// Balance − reserved in rupiah, signed.
        free: Rupiah,
        /// The tills in declared order.
        tills: Vec<TillFree>,
    }
}

answer! {
    /// What a till may still promise.
    pub struct TillFree {
        /// The till.
        till: String,
        /// Its part of what is free, in rupiah, signed.
        free: Rupiah,
    }
}

/// The terms of the guarantee fund in a program that holds.
fn guarantee_of(program: Option<&ProgramDocument>) -> Result<Option<&GuaranteeSettings>, Refusal> {
    proved(program)?;
    Ok(program.and_then(|document| document.carried.guarantee.as_ref()))
}

fn requirement(request: &RequirementRequest) -> Result<RequirementAnswer, Refusal> {
    let Deposit { deposit } = deposit_by_cover(&request.cover)?;
    let of_program = guarantee_of(request.program.as_ref())?.map(|guarantee| guarantee.start_small);
    let start = agreed(request.start.map(|start| start.0), of_program, "start")?.unwrap_or_default();
    let Requirement { requirement, missing, state } = Requirement::new(deposit, start, request.balance.0)?;
    Ok(RequirementAnswer { requirement, missing, state })
}

fn exposure(request: &ExposureRequest) -> Result<ExposureAnswer, Refusal> {
    let program = request.program.prove(&Path::Root.key("program"))?;
    let exposure = program.exposure(request.shoppers, request.average.0, request.days)?;
    Ok(ExposureAnswer {
        rate_tenth_bp: Whole(exposure.rate_tenth_bp.into()),
        by_rate: exposure.by_rate,
        by_budget: exposure.by_budget,
        exposure: exposure.exposure,
        receipt: exposure.receipt,
    })
}

fn shards(request: &ShardsRequest) -> Result<ShardsAnswer, Refusal> {
    let mut seen = BTreeSet::new();
    if let Some(index) = request.tills.iter().position(|till| !seen.insert(till.till.as_str())) {
        return Err(Fault::NotDistinct.error().at(Field::within("tills", index, "till")).into());
    }
    let reserved: Vec<Rupiah> = request.tills.iter().map(|till| till.reserved.0).collect();
    let Shards { reserved, free, free_by_till } = Shards::new(request.balance.0, &reserved)?;
    let tills = request.tills.iter().zip(free_by_till).map(|(till, free)| TillFree { till: till.till.clone(), free });
    Ok(ShardsAnswer { reserved, free, tills: tills.collect() })
}

fn deposit(request: &DepositRequest) -> Result<Deposit, Refusal> {
    let DepositRequest { loyal, prospective, points_per_transaction_milli, point_value } = *request;
    Ok(Deposit { deposit: guarantee_deposit(loyal, prospective, points_per_transaction_milli, point_value)? })
}

fn deposit_by_cover(request: &CoverDays) -> Result<Deposit, Refusal> {
    let CoverDays { shoppers, average, rate_bp, days } = *request;
    Ok(Deposit { deposit: guarantee_deposit_by_cover(shoppers, average.0, rate_bp, days)? })
}

fn apply(request: &FundRequest) -> Result<FundAnswer, Refusal> {
    let guarantee = guarantee_of(request.program.as_ref())?;
    let requirement = agreed(request.requirement.map(|amount| amount.0), guarantee.and_then(|terms| terms.requirement), "requirement")?;
    let mut terms = FundTerms::new(requirement.ok_or(Fault::Missing.error().at("requirement"))?)?;
    terms.share = agreed(request.share_bp, guarantee.map(|terms| terms.share_bp), "share_bp")?.unwrap_or(terms.share);
    let interval = agreed(request.warning_interval_s, guarantee.map(|terms| terms.warning_interval_s), "warning_interval_s")?;
    terms.warning_interval_s = interval.unwrap_or(terms.warning_interval_s);
    terms.expired_to = request.expired_to;
    let state = match (request.registered, request.suspended) {
        (true, true) => return Err(Fault::RegisteredAndWarned.error().at("registered").into()),
        (true, false) => FundState::Registered,
        (false, true) => FundState::Suspended,
        (false, false) => FundState::Active,
    };
    let state = match request.state {
        Some(stated) if state != FundState::Active && state != stated => return Err(Fault::TwoStates.error().at("state").into()),
        Some(stated) => stated,
        None => state,
    };
    if state == FundState::Registered && request.warnings > Count::ZERO {
        let field = if request.registered { "registered" } else { "state" };
        return Err(Fault::RegisteredAndWarned.error().at(field).into());
    }
    let reservations = request.reservations.iter().map(|(id, amount)| (id.clone(), amount.0)).collect();
    let mut fund = Fund::new(terms, request.balance.0)?
        .warned(request.warnings, request.last_warning)
        .in_state(state)
        .reserving(Reservations::new(reservations)?);
    let (list, mut notices) = (Path::Root.key("events"), Vec::new());
    let (mut seen, mut duplicates, mut conflicts) = (request.seen.clone(), Vec::new(), Vec::new());
    for ((index, IdentifiedEvent { event_id, event }), number) in request.events.iter().enumerate().zip(0..) {
        match event_id.as_ref().and_then(|id| Some((id, seen.get(id)?))) {
            Some((id, first)) if first.is_same(event) => {
                duplicates.push(id.clone());
                continue;
            }
            Some((id, _)) => {
                conflicts.push(id.clone());
                continue;
            }
            None => {}
        }
        let time = if let FundEventFields::Check { time } = event { *time } else { None };
        let is_ahead = time.zip(request.now).is_some_and(|(time, now)| now.instant_nanos() < time.instant_nanos());
        if is_ahead {
            notices.push(NoticeFields { event: Whole(number), notice: NoticeKind::CheckRefused, amount: Whole(0) });
            continue;
        }
        let notice = fund.apply(&event.event()).map_err(|error| Refusal::inside(error, &list.entry(index)))?;
        notices.extend(notice.map(|notice| NoticeFields { event: Whole(number), notice: notice.kind, amount: Whole(notice.amount) }));
        if let Some(id) = event_id {
            seen.insert(id.clone(), event.clone());
        }
    }
    sort::ascending(&mut duplicates);
    sort::ascending(&mut conflicts);
    Ok(FundAnswer {
        requirement: fund.requirement(),
        to_operator: fund.to_operator(),
        balance: fund.balance(),
        reserved: fund.reserved(),
        reservations: fund.reservations().by_id().clone(),
        free: fund.free(),
        warnings: fund.warnings(),
        last_warning: fund.last_warning(),
        state: fund.state(),
        notices,
        duplicates,
        conflicts,
        seen,
    })
}

fn cover(request: &CoverRequest) -> Result<CoverAnswer, Refusal> {
    let cover = funding::Cover { balance: request.balance.0, outstanding: request.outstanding.0 };
    Ok(CoverAnswer { cover_bp: cover.ratio()?, allowed: cover.allows(request.award.0, request.min_cover_bp)? })
}
