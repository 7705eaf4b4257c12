//! The award of one receipt.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::api::document::ProgramDocument;
use crate::api::fields::{BySlot, StandbyFields};
use crate::api::operations::tables::stopwatch::{ClaimFields, JudgedClaim};
use crate::api::wire::{Amount, Path, Positive, Refusal, answer, record};
use crate::award::{self, Cap, Inputs, Label, Play, Reason};
use crate::calendar::{CivilTime, Date};
use crate::error::{Error, Fault};
use crate::operations;
use crate::quantity::{Count, Line, Mode, Points, Quantity, Rate, Rounding, Rupiah, Unit};
use crate::tables::{Digit, Mechanism, Slot};

crate::wire_words! {
    Reason;
    Cap;
}

operations! {
    "standby.rate" ["SB-1 SB-2 SB-3"] "The standby rate for points held.": standby_rate, StandbyRequest => StandbyRate;
    "award.decide" ["AW-1 AW-2 AW-3 AW-4 AW-5 AW-6 AW-7 AW-13"] "The award of one receipt, with everything that led to it.": decide, DecideRequest => Decision;
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
        /// What was bought, in rupiah; this or `lines`.
        total: Option<Rupiah>,
        /// What was bought, line by line.
        lines: Option<Vec<GoodsLine>>,
        /// How the amount of a line is rounded; half up to whole rupiah if absent.
        line_rounding: Option<LineRounding>,
        [flat] played: PlayedFields,
    }
}

record! {
    /// Goods on a receipt (PT-9): price × quantity ÷ the units that the price is for, rounded once, less the discount.
    pub struct GoodsLine {
        /// The code of the goods.
        sku: String,
        /// Their class, as offers name it.
        class: Option<String>,
        /// Whether they have an expiry date; as the program's `goods_split` says if absent.
        dated: Option<bool>,
        /// Pieces, 1 or more.
        quantity: Option<Positive>,
        /// Instead of pieces thousandths of what the price is for, 1 or more: 1250 of 1.25 kg.
        quantity_milli: Option<Positive>,
        /// The price in rupiah.
        price: Amount,
        /// For how many units the price is, 1 … 1,000.
        price_per: Count = Count::ONE,
        /// What is taken off the line, in rupiah.
        discount: Amount = Amount(Rupiah::ZERO),
    }
}

record! {
    /// How the amount of a line is rounded.
    #[derive(Copy)]
    pub struct LineRounding {
        /// The unit in rupiah: 1, 10, 50, 100, 500 or 1,000.
        unit: Unit = Unit::default(),
        /// The direction.
        mode: Mode = Mode::HalfUp,
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
                /// The time of purchase: of a time auction, of a flat rate, of points.
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

            fn of_plays(&self, slot: Play, digit: Play) -> award::Basket {
                let mut basket = award::Basket::new(slot, digit);
                $(basket.$name = self.$json;)*
                basket
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
            pub fn basket(&self, slot: Play, digit: Play) -> award::Basket {
                let mut basket = award::Basket::new(slot, digit);
                $(basket.$name = self.$json;)*
                basket
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

/// A counter read from JSON, and written to it; counters by slot are answered in the time auction only.
macro_rules! counter {
    (read by_slot $json:expr, $mechanism:ident, $path:expr) => {
        award::Counters::by_slot($mechanism, $json.map(|counts| counts.0)).map_err(|error| Refusal::at(error.fault(), $path))?
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
        $mechanism.has_slots().then_some(BySlot($counts))
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
                /// The names of these parties, by rank; present if the program states them.
                [omit] parties: Option<Vec<Label<64>>>,
                /// The ids of the rules behind the decision, in the order they acted.
                rules: Vec<String>,
                /// The cell that gave the rate; null for a stop before the rate, and for a rate that stands in no table.
                cell: Option<Cell>,
                /// The judged claim, if the receipt carries one and its difference lies in the domain.
                [omit] claim: Option<JudgedClaim>,
                /// True for a receipt entered late.
                [omit] late: Option<bool>,
                /// The awards of the goods under each offer; present if the program has offers. Reason, rate and cell above
                /// are those of the group that is given the most.
                [omit] groups: Option<Vec<GroupAnswer>>,
                /// The offers that took nothing because their condition is not met; present if there are any.
                [omit] closed: Option<Vec<ClosedAnswer>>,
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
                    parties: None,
                    rules: award.rules().map(ToString::to_string).collect(),
                    cell: award.cell().map(Cell::from),
                    claim: award.judgement().and_then(|judged| judged.try_into().ok()),
                    late: award.is_late().then_some(true),
                    groups: None,
                    closed: None,
                }
            }
        }
    };
}
crate::fields!(award decision);

answer! {
    /// The award of some goods of a receipt.
    pub struct GroupAnswer {
        /// The place of the offer that took them, from 0; absent for the program itself.
        [omit] offer: Option<Count>,
        /// The offer's id.
        [omit] id: Option<Label<64>>,
        /// What picks their column.
        mechanism: Mechanism,
        /// Why.
        reason: Reason,
        /// The rate in basis points.
        rate_bp: Rate,
        /// What earns, in rupiah.
        base: Rupiah,
        /// Their part of the value, in rupiah.
        value: Rupiah,
        /// The cell that gave the rate; absent for a stop before the rate, and for a rate that stands in no table.
        [omit] cell: Option<Cell>,
    }
}

answer! {
    /// An offer whose condition a receipt does not meet.
    pub struct ClosedAnswer {
        /// The place of the offer, from 0.
        offer: Count,
        /// The offer's id.
        [omit] id: Option<Label<64>>,
        /// The first condition that failed, by its path in the request.
        path: String,
    }
}

impl ClosedAnswer {
    fn of(closed: &award::ClosedOffer, offers: &award::Offers) -> Self {
        let steps = closed.places.iter().map(|place| format!(".all[{place}]"));
        let id = offers.get(closed.offer).and_then(|offer| offer.id);
        let path = format!("program.offers[{}].when{}", closed.offer, steps.collect::<String>());
        Self { offer: place(closed.offer), id, path }
    }
}

/// A place in a list of a few.
pub fn place(index: usize) -> Count {
    i64::try_from(index).ok().and_then(|index| Count::new(index).ok()).unwrap_or_default()
}

impl GroupAnswer {
    /// The award of a group of a receipt that was decided under offers.
    fn of(group: &award::GroupAward, offers: &award::Offers) -> Self {
        let offer = group.offer.and_then(|place| offers.get(place));
        Self {
            offer: group.offer.map(place),
            id: offer.and_then(|offer| offer.id),
            cell: group.cell.map(Cell::from),
            ..Self::without_offer(group)
        }
    }

    /// The award of a group by its mechanism alone.
    pub fn without_offer(group: &award::GroupAward) -> Self {
        let award::GroupAward { mechanism, reason, rate, base, value, .. } = *group;
        Self { offer: None, id: None, mechanism, reason, rate_bp: rate, base, value, cell: None }
    }
}

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

fn standby_rate(request: &StandbyRequest) -> Result<StandbyRate, Refusal> {
    held(request.prior_points_milli)?;
    let schedule = StandbyFields::schedule(request.standby.as_ref(), &Path::Root)?;
    Ok(StandbyRate { rate_bp: schedule.rate(request.prior_points_milli) })
}

pub fn held(points: Points) -> Result<(), Refusal> {
    if points < Points::ZERO { Err(Fault::Negative.error().at("prior_points_milli").into()) } else { Ok(()) }
}

impl ReceiptFields {
    /// The receipt that stands at `path`.
    pub fn receipt(&self, mechanism: Mechanism, path: &Path<'_>) -> Result<award::Receipt, Refusal> {
        self.played.receipt(self.total(path)?, mechanism, path)
    }

    /// The same with its total for its lines, so that a decision has one hash however its receipt was written (AW-10).
    pub fn canonical(&self, path: &Path<'_>) -> Result<Self, Refusal> {
        Ok(Self { total: Some(self.total(path)?), lines: None, line_rounding: None, played: self.played.clone() })
    }

    /// What was bought: the total, or the sum of the lines.
    fn total(&self, path: &Path<'_>) -> Result<Rupiah, Refusal> {
        let Some(amounts) = self.amounts(path)? else {
            return self.total.ok_or(Refusal::at(Fault::Missing, &path.key("total")));
        };
        let sum = amounts.into_iter().try_fold(Rupiah::ZERO, Rupiah::checked_add);
        sum.map_err(|error| Refusal::inside(error, &path.key("lines")))
    }

    /// The lines with how their amounts are rounded.
    pub fn goods(&self) -> Option<(&[GoodsLine], Rounding)> {
        let rounding = self.line_rounding.map_or(Line::ROUNDING, |rounding| Rounding { unit: rounding.unit, mode: rounding.mode });
        Some((self.lines.as_deref()?, rounding))
    }

    /// What was bought, line by line; `None` for a receipt of a total.
    fn amounts(&self, path: &Path<'_>) -> Result<Option<Vec<Rupiah>>, Refusal> {
        let Some((lines, rounding)) = self.goods() else {
            return match self.line_rounding {
                Some(_) => Err(Refusal::at(Fault::RoundingWithoutLines, &path.key("line_rounding"))),
                None => Ok(None),
            };
        };
        if self.total.is_some() {
            return Err(Refusal::at(Fault::TotalAndLines, &path.key("lines")));
        }
        let list = path.key("lines");
        let amount = |(index, line): (usize, &GoodsLine)| {
            let amount = line.line().and_then(|line| line.amount(rounding));
            amount.map_err(|error| Refusal::inside(error, &list.entry(index)))
        };
        lines.iter().enumerate().map(amount).collect::<Result<_, _>>().map(Some)
    }

    /// The lines as offers see them; a line that does not say whether its goods are dated is looked up in `goods_split`.
    fn items<'a>(&'a self, document: &ProgramDocument, path: &Path<'_>) -> Result<Vec<award::Item<'a>>, Refusal> {
        let amounts = self.amounts(path)?.ok_or(Refusal::at(Fault::Missing, &path.key("lines")))?;
        let dated_skus: BTreeSet<&str> = document.carried.dated_skus().collect();
        let lines = self.lines.iter().flatten().zip(amounts);
        let item = |(line, amount): (&'a GoodsLine, Rupiah)| award::Item {
            sku: &line.sku,
            class: line.class.as_deref(),
            is_dated: line.dated.unwrap_or_else(|| dated_skus.contains(line.sku.as_str())),
            amount,
        };
        Ok(lines.map(item).collect())
    }
}

impl GoodsLine {
    pub fn line(&self) -> Result<Line, Error> {
        let quantity = Quantity::of(self.quantity.map(|units| units.0), self.quantity_milli.map(|units| units.0))?;
        Ok(Line { quantity, price: self.price.0, price_per: self.price_per, discount: self.discount.0 })
    }
}

impl PlayedFields {
    /// What picks the columns of goods under a time auction and under a stopwatch, one each.
    fn basket(&self, offers: &award::Offers, path: &Path<'_>) -> Result<award::Basket, Refusal> {
        let refuse = |fault, field: &str| Err(Refusal::at(fault, &path.key(field)));
        let slot = match (self.slot, self.at) {
            (Some(_), _) if !offers.has(Mechanism::TimeAuction) => return refuse(Fault::ColumnOfOtherMechanism, "slot"),
            (Some(_), Some(_)) => return refuse(Fault::TwoColumns, "at"),
            (Some(slot), None) => Play::Slot(slot),
            (None, at) => at.map_or(Play::Pending, Play::At),
        };
        let digit = match (self.digit, &self.claim) {
            (None, None) => Play::Pending,
            (digit, _) if !offers.has(Mechanism::Stopwatch) => {
                return refuse(Fault::ColumnOfOtherMechanism, if digit.is_some() { "digit" } else { "claim" });
            }
            (Some(_), Some(_)) => return refuse(Fault::TwoColumns, "claim"),
            (Some(digit), None) => Play::Digit(digit),
            (None, Some(claim)) => Play::Claim(claim.claim()),
        };
        Ok(self.of_plays(slot, digit))
    }

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
        for (field, play) in &given {
            play.check(mechanism).map_err(|refused| Refusal::at(refused.fault(), &path.key(field)))?;
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
    if request.program.has_offers() {
        return decide_goods(request);
    }
    let Inputs { program, receipt, shopper, merchant, counters } = request.inputs()?;
    let award = award::decide(&program, &receipt, &shopper, &merchant, &counters)?;
    Ok(Decision { parties: request.program.carried.parties.clone(), ..Decision::of(&program, &award, &counters) })
}

/// A receipt whose goods earn by offers, with the state before it (PT-9).
#[derive(Debug)]
pub struct GoodsInputs<'a> {
    pub offers: award::Offers,
    pub items: Vec<award::Item<'a>>,
    basket: award::Basket,
    shopper: award::Shopper,
    merchant: award::Merchant,
    counters: award::Counters,
}

impl GoodsInputs<'_> {
    pub fn purchase(&self) -> award::Purchase<'_> {
        let Self { items, basket, shopper, merchant, counters, .. } = self;
        award::Purchase { lines: items, basket: *basket, shopper, merchant, counters }
    }

    /// What decides whether counters have slots.
    pub fn mechanism(&self) -> Mechanism {
        let own = self.offers.own().terms().table.mechanism();
        if self.offers.has(Mechanism::TimeAuction) { Mechanism::TimeAuction } else { own }
    }
}

impl DecideRequest {
    pub fn goods(&self) -> Result<GoodsInputs<'_>, Refusal> {
        let (offers, path) = (self.program.prove_offers(&Path::Root.key("program"))?, Path::Root.key("receipt"));
        let mut inputs = GoodsInputs {
            items: self.receipt.items(&self.program, &path)?,
            basket: self.receipt.played.basket(&offers, &path)?,
            shopper: self.shopper.shopper(),
            merchant: self.merchant.merchant(),
            counters: award::Counters::NONE,
            offers,
        };
        inputs.counters = self.counters.counters(inputs.mechanism(), &Path::Root.key("counters"))?;
        Ok(inputs)
    }
}

/// The award of a receipt whose goods earn by offers.
fn decide_goods(request: &DecideRequest) -> Result<Decision, Refusal> {
    let inputs = request.goods()?;
    let (offers, counters) = (&inputs.offers, &inputs.counters);
    let award::GoodsAward { basket: decided, closed, .. } = offers.decide(&inputs.purchase())?;
    Ok(Decision {
        parties: request.program.carried.parties.clone(),
        counters: CountersAfter::of(&counters.after(decided.award.added()), inputs.mechanism()),
        rules: decided.rules.iter().map(ToString::to_string).collect(),
        groups: Some(decided.groups.iter().map(|group| GroupAnswer::of(group, offers)).collect()),
        closed: (!closed.is_empty()).then(|| closed.iter().map(|closed| ClosedAnswer::of(closed, offers)).collect()),
        ..Decision::of(offers.own(), &decided.award, counters)
    })
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
