//! The award.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::stopwatch::{ClaimFields, JudgedClaim};
use super::tables::ColumnFields;
use crate::api::document::ProgramDocument;
use crate::api::fields::{BySlot, RoundingFields, StandbyFields, TableFields};
use crate::api::json::{Json, Node};
use crate::api::wire::{Amount, At, Defs, Describe, Path, Read, Refusal, Write, answer, record, to_json};
use crate::award::{self, BelowQuota, Cap, Inputs, Kept, Label, Play, Reason};
use crate::calendar::{CivilTime, Date};
use crate::error::{Error, Fault, Field};
use crate::operations;
use crate::quantity::{Points, Rate, Rupiah};
use crate::tables::{Digit, Mechanism, Slot};

crate::wire_words! {
    Reason;
    Cap;
    Kept;
}

operations! {
    "standby.rate" ["SB-1 SB-2 SB-3"] "The standby rate for points held.": standby_rate, StandbyRequest => StandbyRate;
    "award.decide" ["AW-1 AW-2 AW-3 AW-4 AW-5 AW-6 AW-7 AW-13"] "The award of one receipt, with everything that led to it.": decide, DecideRequest => Decision;
    "award.mixed" ["TA-4"] "The award of a mixed basket, line group by line group.": mixed, MixedRequest => MixedAward;
    "award.reverse" ["AW-8"] "What a voucher keeps after refunds of its purchase.": reverse, ReverseRequest => ReversedAward;
}

record! {
    /// Points held, and a schedule.
    pub struct StandbyRequest {
        /// Thousandths of a point held before the purchase.
        prior_points_milli: Points,
        /// The schedule; the printed one if absent.
        standby: Option<StandbyFields>,
    }
}

answer! {
    /// A standby rate.
    pub struct StandbyRate {
        /// The rate in basis points; 0 below the first step.
        rate_bp: Rate,
    }
}

record! {
    /// A receipt to decide, with the program and the state before it.
    pub struct DecideRequest {
        /// The program document.
        program: ProgramDocument,
        /// The receipt.
        receipt: ReceiptFields,
        /// The shopper before it.
        shopper: ShopperFields = ShopperFields::default(),
        /// The merchant's standing.
        merchant: MerchantFields = MerchantFields::default(),
        /// What was given before it.
        counters: CounterFields = CounterFields::default(),
    }
}

record! {
    /// A receipt: what was bought, and at most one of digit, claim, slot and time.
    pub struct ReceiptFields {
        /// What was bought, in rupiah.
        total: Rupiah,
        [flat] played: PlayedFields,
    }
}

/// The type of a field in JSON.
macro_rules! json_type {
    (by_slot) => { Option<BySlot> };
    ($kind:ident) => { $crate::of_kind!(type $kind) };
}

/// Declares what a receipt has beside its total.
macro_rules! played_fields {
    ($($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        record! {
            /// What a receipt has beside its total: at most one of digit, claim, slot and time.
            pub struct PlayedFields {
                /// The lucky digit of a stopwatch.
                digit: Option<Digit>,
                /// A played countdown of a stopwatch.
                claim: Option<ClaimFields>,
                /// The slot of a time auction.
                slot: Option<Slot>,
                /// The time of purchase of a time auction.
                at: Option<CivilTime>,
                $($(#[doc = $doc])* [$kind] $json: json_type!($kind),)*
            }
        }

        impl PlayedFields {
            fn of_play(&self, total: Rupiah, play: Play) -> award::Receipt {
                let mut receipt = award::Receipt::new(total).with(play);
                $(receipt.$name = self.$json;)*
                receipt
            }
        }

        record! {
            /// A receipt of dated and undated goods: two sums, or lines.
            pub struct MixedReceiptFields {
                /// What was bought of goods with an expiry date, in rupiah.
                dated: Option<Rupiah>,
                /// What was bought of goods without, in rupiah.
                undated: Option<Rupiah>,
                /// The lines, told apart by the time auction's `goods_split`.
                lines: Option<Vec<LineFields>>,
                /// The slot.
                slot: Option<Slot>,
                /// The time of purchase.
                at: Option<CivilTime>,
                /// The lucky digit.
                digit: Option<Digit>,
                /// A played countdown.
                claim: Option<ClaimFields>,
                $($(#[doc = $doc])* [$kind] $json: json_type!($kind),)*
            }
        }

        impl MixedReceiptFields {
            fn of_plays(&self, [dated, undated]: [Rupiah; 2], slot: Play, digit: Play) -> award::MixedReceipt {
                let mut receipt = award::MixedReceipt::new(dated, undated, slot, digit);
                $(receipt.$name = self.$json;)*
                receipt
            }
        }
    };
}
crate::fields!(receipt played_fields);

/// Declares a shopper, as it is read and as it is answered.
macro_rules! shopper_fields {
    ($($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        record! {
            /// A shopper.
            #[derive(Default)]
            pub struct ShopperFields {
                $($(#[doc = $doc])* [$kind] $json: json_type!($kind),)*
            }
        }

        answer! {
            /// The shopper after a receipt.
            pub struct ShopperAfter {
                $($(#[doc = $doc])* [$kind] $json: json_type!($kind),)*
            }
        }

        impl ShopperFields {
            pub fn shopper(&self) -> award::Shopper {
                award::Shopper { $($name: self.$json),* }
            }
        }

        impl From<award::Shopper> for ShopperAfter {
            fn from(shopper: award::Shopper) -> Self {
                Self { $($json: shopper.$name),* }
            }
        }
    };
}
crate::fields!(shopper shopper_fields);

/// Declares a merchant.
macro_rules! merchant_fields {
    ($($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        record! {
            /// A merchant's standing (GF-4, GF-7, GF-9).
            #[derive(Default)]
            pub struct MerchantFields {
                $($(#[doc = $doc])* [$kind] $json: json_type!($kind),)*
            }
        }

        impl MerchantFields {
            pub fn merchant(&self) -> award::Merchant {
                award::Merchant { $($name: self.$json),* }
            }
        }
    };
}
crate::fields!(merchant merchant_fields);

/// A counter read from JSON, and written to it. Counters by slot are of the time auction only.
macro_rules! counter {
    (read by_slot $json:expr, $mechanism:ident, $path:expr) => {
        match $json {
            Some(_) if $mechanism == Mechanism::Stopwatch => return Err(Refusal::at(Fault::SlotCountersOfStopwatch, $path)),
            counts => counts.unwrap_or_default().0,
        }
    };
    (read $kind:ident $json:expr, $mechanism:ident, $path:expr) => {
        $json
    };
    (canonical by_slot $counts:expr) => {
        Some(BySlot($counts)).filter(|counts| *counts != BySlot::default())
    };
    (canonical $kind:ident $count:expr) => {
        $count
    };
    (after by_slot $counts:expr, $mechanism:ident) => {
        ($mechanism == Mechanism::TimeAuction).then_some(BySlot($counts))
    };
    (after $kind:ident $count:expr, $mechanism:ident) => {
        $count
    };
}

/// Declares counters, as they are read and as they are answered.
macro_rules! counter_fields {
    ($($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        record! {
            /// What one selling day was given so far (AW-6, AW-7).
            #[derive(Default)]
            pub struct CounterFields {
                /// The selling day they count, its date of opening.
                day: Option<Date>,
                $($(#[doc = $doc])* [$kind] $json: json_type!($kind),)*
            }
        }

        answer! {
            /// The counters after a receipt.
            pub struct CountersAfter {
                /// The selling day they count, its date of opening; absent if no receipt told it.
                [omit] day: Option<Date>,
                $($(#[doc = $doc])* [$kind] $json: json_type!($kind),)*
            }
        }

        impl CounterFields {
            /// The counters that stand at `path`.
            pub fn counters(&self, mechanism: Mechanism, path: &Path<'_>) -> Result<award::Counters, Refusal> {
                Ok(award::Counters { day: self.day, $($name: counter!(read $kind self.$json, mechanism, &path.key(stringify!($json)))),* })
            }

            /// Counters in canonical form: zeros are left out.
            pub fn of(counters: &award::Counters) -> Self {
                Self { day: counters.day, $($json: counter!(canonical $kind counters.$name)),* }
            }
        }

        impl CountersAfter {
            /// Counters as they are answered: by slot in the time auction only.
            pub fn of(counters: &award::Counters, mechanism: Mechanism) -> Self {
                Self { day: counters.day, $($json: counter!(after $kind counters.$name, mechanism)),* }
            }
        }
    };
}
crate::fields!(counters counter_fields);

/// Declares the answer of an award.
macro_rules! decision {
    ($($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        answer! {
            /// A decision.
            pub struct Decision {
                /// Why.
                reason: Reason,
                $($(#[doc = $doc])* [$kind] $json: json_type!($kind),)*
                /// The limits that lowered the value, each at its turn.
                capped_by: Vec<Cap>,
                /// The counters after this receipt.
                counters: CountersAfter,
                /// The shopper after this receipt.
                shopper: ShopperAfter,
                /// What each funding party pays, in rupiah; present if the program states its funding.
                [omit] parts: Option<Vec<Rupiah>>,
                /// The ids of the rules behind the decision, in the order they acted.
                rules: Vec<String>,
                /// The cell that gave the rate; null for a stop before the rate.
                cell: Option<Cell>,
                /// The judged claim, if the receipt carries one and its difference lies in the domain.
                [omit] claim: Option<JudgedClaim>,
                /// True for a receipt entered late.
                [omit] late: Option<bool>,
            }
        }

        impl Decision {
            /// The answer of an award that was decided after these counters.
            pub fn of(program: &award::Program, award: &award::Award, counters: &award::Counters) -> Self {
                Self {
                    reason: award.reason(),
                    $($json: award.$name(),)*
                    capped_by: award.caps().iter().collect(),
                    counters: CountersAfter::of(&counters.after(award.added()), program.terms().table.mechanism()),
                    shopper: award.shopper().into(),
                    parts: program.terms().funding.map(|funding| funding.split(award.value()).as_slice().to_vec()),
                    rules: award.rules().map(ToString::to_string).collect(),
                    cell: award.cell().map(Cell::from),
                    claim: award.judgement().and_then(|judged| judged.try_into().ok()),
                    late: award.is_late().then_some(true),
                }
            }
        }
    };
}
crate::fields!(award decision);

answer! {
    /// A cell: a column of a table, or a step of the standby schedule.
    pub struct Cell {
        /// The name of the table, `own` for the merchant's own.
        [omit] table: Option<String>,
        /// The digit of its column.
        [omit] digit: Option<Digit>,
        /// The slot of its column.
        [omit] slot: Option<Slot>,
        /// The thousandths of a point from which the standby step holds.
        [omit] standby_from_points_milli: Option<Points>,
    }
}

/// A mixed basket: its line groups, or a receipt under two programs.
#[derive(Clone, Debug, PartialEq)]
pub enum MixedRequest {
    Groups(MixedGroups),
    Programs(Box<MixedPrograms>),
}

record! {
    /// A mixed basket by its line groups.
    pub struct MixedGroups {
        /// The line groups.
        groups: Vec<GroupFields>,
        /// The minimum purchase in rupiah, held against the whole receipt.
        quota: Rupiah = Rupiah::ZERO,
        /// Thousandths of a point held before the purchase.
        prior_points_milli: Points = Points::ZERO,
        /// The standby schedule; the printed one if absent.
        standby: Option<StandbyFields>,
        /// How each group is rounded.
        rounding: RoundingFields = RoundingFields::default(),
    }
}

record! {
    /// A mixed basket under a shop's two programs.
    pub struct MixedPrograms {
        /// The program of dated goods.
        time_auction: ProgramDocument,
        /// The program of undated goods.
        stopwatch: ProgramDocument,
        /// The receipt.
        receipt: MixedReceiptFields,
        /// The shopper before it.
        shopper: ShopperFields = ShopperFields::default(),
        /// The merchant's standing.
        merchant: MerchantFields = MerchantFields::default(),
        /// What was given before it.
        counters: CounterFields = CounterFields::default(),
    }
}

impl Read for MixedRequest {
    fn read(at: &At<'_>) -> Self {
        let has = |field: &str| match at.node {
            Node::Object(fields) => fields.iter().any(|(key, value)| key == field && *value != Node::Null),
            _ => false,
        };
        let has_programs = ["time_auction", "stopwatch", "receipt"].into_iter().any(has);
        match (has("groups"), has_programs) {
            (true, true) => at.note(Refusal::at(Fault::GroupsOrPrograms, &at.path.key("groups"))),
            (false, true) => return Self::Programs(Box::new(MixedPrograms::read(at))),
            (_, false) => (),
        }
        Self::Groups(MixedGroups::read(at))
    }
}

impl Describe for MixedRequest {
    fn schema(defs: &mut Defs) -> String {
        format!("{{\"anyOf\":[{},{}]}}", MixedGroups::schema(defs), MixedPrograms::schema(defs))
    }
}

record! {
    /// A line of a receipt.
    pub struct LineFields {
        /// The code of the goods.
        sku: String,
        /// What was bought, in rupiah.
        amount: Rupiah,
    }
}

record! {
    /// Lines that share a table.
    pub struct GroupFields {
        [flat] table: TableFields,
        [flat] column: ColumnFields,
        /// What was bought, in rupiah.
        total: Rupiah,
    }
}

answer! {
    /// The award of a mixed basket.
    pub struct MixedAward {
        /// The value of each group in rupiah; of a receipt under two programs dated, then undated.
        values: Vec<Rupiah>,
        /// Their sum in rupiah.
        value: Rupiah,
        /// The two groups of a receipt under two programs.
        [omit] groups: Option<Vec<GroupAnswer>>,
        /// The value in thousandths of a point.
        [omit] points_milli: Option<Points>,
        /// The limits that lowered the value.
        [omit] capped_by: Option<Vec<Cap>>,
        /// The counters after this receipt.
        [omit] counters: Option<CountersAfter>,
        /// The shopper after this receipt.
        [omit] shopper: Option<ShopperAfter>,
        /// What each funding party pays, in rupiah; present if the programs state their funding.
        [omit] parts: Option<Vec<Rupiah>>,
    }
}

answer! {
    /// The award of one group.
    pub struct GroupAnswer {
        /// Its mechanism.
        mechanism: Mechanism,
        /// Why.
        reason: Reason,
        /// The rate in basis points.
        rate_bp: Rate,
        /// What earns, in rupiah.
        base: Rupiah,
        /// Its part of the value, in rupiah.
        value: Rupiah,
    }
}

record! {
    /// An issued voucher and the refunds of its purchase.
    pub struct ReverseRequest {
        /// The amount the award was made on, in rupiah.
        base: Rupiah,
        /// The rate of the award in basis points.
        rate_bp: Rate,
        /// What the quota looked at, in rupiah; the base if absent.
        total: Option<Rupiah>,
        /// How the value was rounded.
        rounding: RoundingFields = RoundingFields::default(),
        /// What was issued in rupiah, if it was capped.
        issued: Option<Rupiah>,
        /// The quota in rupiah.
        quota: Rupiah = Rupiah::ZERO,
        /// What happens when refunds undo the quota.
        below_quota: BelowQuota = BelowQuota::default(),
        /// The standby rate of the points held before the purchase, in basis points.
        standby_bp: Rate = Rate::ZERO,
        /// What was given back of the purchase, one after the other.
        refunds: Vec<RefundFields>,
    }
}

/// A refund on the base in rupiah, or an exchange.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RefundFields {
    Refund(Rupiah),
    Exchange(ExchangeFields),
}

record! {
    /// An exchange of goods (AW-8).
    #[derive(Copy)]
    pub struct ExchangeFields {
        /// The goods given back, in rupiah on the base.
        back: Amount,
        /// The goods taken instead, in rupiah.
        out: Amount,
    }
}

impl Read for RefundFields {
    fn read(at: &At<'_>) -> Self {
        match at.node {
            Node::Object(_) => Self::Exchange(ExchangeFields::read(at)),
            _ => Self::Refund(Rupiah::read(at)),
        }
    }
}

impl Write for RefundFields {
    fn write(&self, json: &mut Json) {
        match self {
            Self::Refund(refund) => refund.write(json),
            Self::Exchange(exchange) => exchange.write(json),
        }
    }
}

impl Describe for RefundFields {
    fn schema(defs: &mut Defs) -> String {
        format!("{{\"anyOf\":[{},{}]}}", Rupiah::schema(defs), ExchangeFields::schema(defs))
    }
}

impl RefundFields {
    /// What was given back, and what was taken instead.
    pub fn exchanges(refunds: &[Self]) -> Vec<award::Exchange> {
        let exchange = |refund: &Self| match *refund {
            Self::Refund(back) => award::Exchange { back, out: Rupiah::ZERO },
            Self::Exchange(ExchangeFields { back, out }) => award::Exchange { back: back.0, out: out.0 },
        };
        refunds.iter().map(exchange).collect()
    }
}

answer! {
    /// A voucher after refunds.
    pub struct ReversedAward {
        /// The value kept after each refund, in rupiah.
        kept: Vec<Rupiah>,
        /// What each refund takes back, in rupiah.
        taken_back: Vec<Rupiah>,
        /// Why, after the last refund.
        reason: Kept,
        /// What the exchanges took above the original base, in rupiah: a new purchase. Present if there is any.
        [omit] new_purchase: Option<Rupiah>,
        /// The shopper after it: of a purchase that was decided here.
        [omit] shopper: Option<ShopperAfter>,
        /// The counters after it: of a purchase that was decided here.
        [omit] counters: Option<CountersAfter>,
    }
}

fn reverse(request: &ReverseRequest) -> Result<ReversedAward, Refusal> {
    let mut voucher = award::Issued::new(request.base, request.rate_bp, request.rounding.rounding())?;
    voucher.total = request.total.unwrap_or(request.base);
    voucher.value = request.issued.unwrap_or(voucher.value);
    voucher.quota = request.quota;
    voucher.below_quota = request.below_quota;
    voucher.standby = request.standby_bp;
    Ok(ReversedAward::of(&voucher.proved()?, &RefundFields::exchanges(&request.refunds))?)
}

impl ReversedAward {
    /// What a voucher keeps after each refund.
    pub fn of(voucher: &award::Issued, refunds: &[award::Exchange]) -> Result<Self, Error> {
        let mut after = voucher.untouched()?;
        let (mut kept, mut taken_back) = (Vec::new(), Vec::new());
        for (index, refund) in refunds.iter().enumerate() {
            let taken = after.give_back(voucher, *refund).map_err(|error| match error.field().parts() {
                ("out", ..) => error.at(Field::within("refunds", index, "out")),
                _ => error.at(Field::entry("refunds", index)),
            })?;
            kept.push(after.kept);
            taken_back.push(taken);
        }
        let new_purchase = Some(after.new_purchase).filter(|amount| !amount.is_zero());
        Ok(Self { kept, taken_back, reason: after.reason, new_purchase, shopper: None, counters: None })
    }

    /// What the voucher of a receipt that was decided here keeps, with the shopper and the counters after it.
    pub fn of_decided(inputs: &Inputs, refunds: &[award::Exchange]) -> Result<Self, Error> {
        let Inputs { program, receipt, shopper, merchant, counters } = inputs;
        let voucher = award::Issued::of(program, receipt, shopper, merchant, counters)?;
        let reversed = Self::of(&voucher, refunds)?;
        let kept = reversed.kept.last().copied().unwrap_or(voucher.value);
        let award = award::decide(program, receipt, shopper, merchant, counters)?;
        let is_whole = reversed.reason == Kept::FullyRefunded;
        let (shopper, counters) = program.after_reversal(&award, shopper, counters, kept, is_whole)?;
        let mechanism = program.terms().table.mechanism();
        Ok(Self { shopper: Some(shopper.into()), counters: Some(CountersAfter::of(&counters, mechanism)), ..reversed })
    }
}

/// For hosts that hold programs rather than requests.
impl Inputs {
    /// The answer of `program.reverse` (AW-8): what the voucher of this receipt keeps after each of the refunds.
    ///
    /// ```
    /// use loyalty_rules::award::{Counters, Exchange, Inputs, Merchant, Play, Program, Receipt, Shopper, Terms};
    /// use loyalty_rules::quantity::Rupiah;
    /// use loyalty_rules::tables::{Digit, TableName};
    ///
    /// let program = Program::new(Terms::new(TableName::parse("stopwatch/below_15/plus")?))?;
    /// let receipt = Receipt::new(Rupiah::new(250_000)?).with(Play::Digit(Digit::new(5)?));
    /// let (shopper, merchant, counters) = (Shopper::default(), Merchant::default(), Counters::default());
    /// let inputs = Inputs { program, receipt, shopper, merchant, counters };
    /// let refund = |back| Exchange { back, out: Rupiah::ZERO };
    ///
    /// let told = inputs.reversed_to_json(&[refund(Rupiah::new(100_000)?)])?;
    /// assert!(told.starts_with(r#"{"kept":[9000],"taken_back":[6000],"reason":"kept""#));
    ///
    /// let refused = inputs.reversed_to_json(&[refund(Rupiah::new(250_001)?)]).unwrap_err();
    /// assert_eq!((refused.kind().name(), refused.field().to_string()), ("over_refund", "refunds[0]".into()));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`decide`](award::decide); `over_refund`, at the refund.
    pub fn reversed_to_json(&self, refunds: &[award::Exchange]) -> Result<String, Error> {
        ReversedAward::of_decided(self, refunds).map(|reversed| to_json(&reversed))
    }
}

fn standby_rate(request: &StandbyRequest) -> Result<StandbyRate, Refusal> {
    held(request.prior_points_milli)?;
    let schedule = StandbyFields::schedule(request.standby.as_ref(), &Path::Root)?;
    Ok(StandbyRate { rate_bp: schedule.rate(request.prior_points_milli) })
}

fn held(points: Points) -> Result<(), Refusal> {
    if points < Points::ZERO { Err(Fault::Negative.error().at("prior_points_milli").into()) } else { Ok(()) }
}

impl ReceiptFields {
    /// The receipt that stands at `path`.
    pub fn receipt(&self, mechanism: Mechanism, path: &Path<'_>) -> Result<award::Receipt, Refusal> {
        self.played.receipt(self.total, mechanism, path)
    }
}

impl PlayedFields {
    /// The receipt over a total that stands at `path`.
    pub fn receipt(&self, total: Rupiah, mechanism: Mechanism, path: &Path<'_>) -> Result<award::Receipt, Refusal> {
        let given = [
            ("digit", self.digit.map(Play::Digit)),
            ("claim", self.claim.as_ref().map(|claim| Play::Claim(claim.claim()))),
            ("slot", self.slot.map(Play::Slot)),
            ("at", self.at.map(Play::At)),
        ];
        let given: Vec<_> = given.into_iter().filter_map(|(field, play)| play.map(|play| (field, play))).collect();
        let refuse = |fault, field: &str| Err(Refusal::at(fault, &path.key(field)));
        if let Some((foreign, _)) = given.iter().find(|(_, play)| play.mechanism() != Some(mechanism)) {
            return refuse(Fault::ColumnOfOtherMechanism, foreign);
        }
        match given.as_slice() {
            [_, (second, _), ..] => refuse(Fault::TwoColumns, second),
            given => {
                let play = given.first().map_or(Play::Pending, |(_, play)| *play);
                Ok(self.of_play(total, play))
            }
        }
    }
}

impl DecideRequest {
    pub fn inputs(&self) -> Result<Inputs, Refusal> {
        let program = self.program.prove(&Path::Root.key("program"))?;
        let mechanism = program.terms().table.mechanism();
        Ok(Inputs {
            receipt: self.receipt.receipt(mechanism, &Path::Root.key("receipt"))?,
            program,
            shopper: self.shopper.shopper(),
            merchant: self.merchant.merchant(),
            counters: self.counters.counters(mechanism, &Path::Root.key("counters"))?,
        })
    }
}

pub fn decide(request: &DecideRequest) -> Result<Decision, Refusal> {
    let Inputs { program, receipt, shopper, merchant, counters } = request.inputs()?;
    Ok(Decision::of(&program, &award::decide(&program, &receipt, &shopper, &merchant, &counters)?, &counters))
}

impl From<award::Cell> for Cell {
    fn from(cell: award::Cell) -> Self {
        let (table, standby_from_points_milli) = match cell {
            award::Cell::Table { name, .. } => (Some(name.map_or_else(|| "own".to_string(), |name| name.to_string())), None),
            award::Cell::Standby { from } => (None, Some(from)),
        };
        Self { table, digit: cell.digit(), slot: cell.slot(), standby_from_points_milli }
    }
}

fn mixed(request: &MixedRequest) -> Result<MixedAward, Refusal> {
    match request {
        MixedRequest::Groups(request) => by_groups(request),
        MixedRequest::Programs(request) => by_programs(request),
    }
}

fn by_programs(request: &MixedPrograms) -> Result<MixedAward, Refusal> {
    let MixedPrograms { time_auction, stopwatch, receipt, .. } = request;
    let auction = time_auction.prove(&Path::Root.key("time_auction"))?;
    let stopwatch = stopwatch.prove(&Path::Root.key("stopwatch"))?;
    let programs = award::MixedProgram::new(&auction, &stopwatch)?;
    let totals = receipt.totals(time_auction)?;
    let refuse = |fault, field: &str| Err(Refusal::at(fault, &Path::Root.key("receipt").key(field)));
    let slot = match (receipt.slot, receipt.at) {
        (Some(slot), None) => Play::Slot(slot),
        (None, Some(at)) => Play::At(at),
        (None, None) => return refuse(Fault::Missing, "slot"),
        (Some(_), Some(_)) => return refuse(Fault::TwoColumns, "at"),
    };
    let digit = match (receipt.digit, &receipt.claim) {
        (Some(digit), None) => Play::Digit(digit),
        (None, Some(claim)) => Play::Claim(claim.claim()),
        (None, None) => Play::Pending,
        (Some(_), Some(_)) => return refuse(Fault::TwoColumns, "claim"),
    };
    let receipt = receipt.of_plays(totals, slot, digit);
    let counters = request.counters.counters(Mechanism::TimeAuction, &Path::Root.key("counters"))?;
    let award = programs.decide(&receipt, &request.shopper.shopper(), &request.merchant.merchant(), &counters)?;
    let group = |mechanism, group: award::GroupAward| GroupAnswer {
        mechanism,
        reason: group.reason,
        rate_bp: group.rate,
        base: group.base,
        value: group.value,
    };
    Ok(MixedAward {
        values: [award.dated.value, award.undated.value].to_vec(),
        value: award.value,
        groups: Some([group(Mechanism::TimeAuction, award.dated), group(Mechanism::Stopwatch, award.undated)].to_vec()),
        points_milli: Some(award.points),
        capped_by: Some(award.caps.iter().collect()),
        counters: Some(CountersAfter::of(&counters.after(&award.added), Mechanism::TimeAuction)),
        shopper: Some(award.shopper.into()),
        parts: programs.funding().map(|funding| funding.split(award.value).as_slice().to_vec()),
    })
}

impl MixedReceiptFields {
    /// What was bought of dated and of undated goods.
    fn totals(&self, time_auction: &ProgramDocument) -> Result<[Rupiah; 2], Refusal> {
        let path = Path::Root.key("receipt");
        let Some(lines) = &self.lines else {
            let required = |amount: Option<Rupiah>, field| amount.ok_or_else(|| Refusal::at(Fault::Missing, &path.key(field)));
            return Ok([required(self.dated, "dated")?, required(self.undated, "undated")?]);
        };
        if self.dated.is_some() || self.undated.is_some() {
            return Err(Refusal::at(Fault::BothTotalsAndLines, &path.key("lines")));
        }
        let Some(goods) = &time_auction.carried.goods_split else {
            return Err(Refusal::at(Fault::Missing, &Path::Root.key("time_auction").key("goods_split")));
        };
        let dated_skus: BTreeSet<&str> = goods.dated_skus.iter().map(Label::as_str).collect();
        let [mut dated, mut undated] = [Rupiah::ZERO; 2];
        for (index, line) in lines.iter().enumerate() {
            if line.amount.get() < 0 {
                return Err(Refusal::at(Fault::Negative, &path.key("lines").entry(index).key("amount")));
            }
            let sum = if dated_skus.contains(line.sku.as_str()) { &mut dated } else { &mut undated };
            *sum = sum.checked_add(line.amount)?;
        }
        Ok([dated, undated])
    }
}

fn by_groups(request: &MixedGroups) -> Result<MixedAward, Refusal> {
    held(request.prior_points_milli)?;
    let refuse_negative = |amount: Rupiah, path: &Path<'_>| if amount.get() < 0 { Err(Refusal::at(Fault::Negative, path)) } else { Ok(()) };
    refuse_negative(request.quota, &Path::Root.key("quota"))?;
    let standby = StandbyFields::schedule(request.standby.as_ref(), &Path::Root)?.rate(request.prior_points_milli);
    let list = Path::Root.key("groups");
    let mut total = 0_i128;
    let mut rated = Vec::new();
    for (index, group) in request.groups.iter().enumerate() {
        let path = list.entry(index);
        refuse_negative(group.total, &path.key("total"))?;
        let table = group.table.table(&path)?;
        rated.push((group.total, table.rate(group.column.column(table.mechanism(), &path)?)));
        // The sum is neither given nor answered, so it may leave the domain.
        total = total.wrapping_add(group.total.get().into());
    }
    let met_quota = total >= request.quota.get().into();
    let mut value = Rupiah::ZERO;
    let mut values = Vec::new();
    for (total, rate) in rated {
        let of_group = request.rounding.rounding().apply(total, if met_quota { rate } else { standby })?;
        value = value.checked_add(of_group)?;
        values.push(of_group);
    }
    Ok(MixedAward { values, value, groups: None, points_milli: None, capped_by: None, counters: None, shopper: None, parts: None })
}
