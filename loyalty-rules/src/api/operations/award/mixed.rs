//! The award of a mixed basket.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::decide::{CounterFields, CountersAfter, GroupAnswer, MerchantFields, MixedReceiptFields, ShopperAfter, ShopperFields, held};
use crate::api::document::ProgramDocument;
use crate::api::fields::{RoundingFields, StandbyFields, TableFields};
use crate::api::json::Node;
use crate::api::operations::tables::table::ColumnFields;
use crate::api::wire::{At, Defs, Describe, Path, Read, Refusal, answer, record};
use crate::award::{self, Cap, Play};
use crate::error::Fault;
use crate::operations;
use crate::quantity::{Points, Rupiah};
use crate::tables::Mechanism;

operations! {
    "award.mixed" ["TA-4"] "The award of a mixed basket, line group by line group.": mixed, MixedRequest => MixedAward;
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
    award::agree(&auction, &stopwatch)?;
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
    let counters = request.counters.counters(Mechanism::TimeAuction, &Path::Root.key("counters"))?;
    let [dated, undated] = totals;
    let groups = [
        award::Group { offer: None, program: &auction, amount: dated },
        award::Group { offer: None, program: &stopwatch, amount: undated },
    ];
    let basket = receipt.basket(slot, digit);
    let decided = basket.decide(&groups, &request.shopper.shopper(), &request.merchant.merchant(), &counters)?;
    let award = &decided.award;
    Ok(MixedAward {
        values: decided.groups.iter().map(|group| group.value).collect(),
        value: award.value(),
        groups: Some(decided.groups.iter().map(GroupAnswer::without_offer).collect()),
        points_milli: Some(award.points()),
        capped_by: Some(award.caps().iter().collect()),
        counters: Some(CountersAfter::of(&counters.after(award.added()), Mechanism::TimeAuction)),
        shopper: Some(award.shopper().into()),
        parts: auction.terms().funding.map(|funding| funding.split(award.value()).as_slice().to_vec()),
    })
}

impl MixedReceiptFields {
    /// What was bought of dated and of undated goods.
    fn totals(&self, time_auction: &ProgramDocument) -> Result<[Rupiah; 2], Refusal> {
        let path = Path::Root.key("receipt");
        let Some(lines) = &self.lines else {
            let required = |amount: Option<Rupiah>, field| amount.ok_or_else(|| Refusal::at(Fault::Missing, &path.key(field)));
            let totals = [required(self.dated, "dated")?, required(self.undated, "undated")?];
            for (total, field) in totals.iter().zip(["dated", "undated"]) {
                if total.get() < 0 {
                    return Err(Refusal::at(Fault::Negative, &path.key(field)));
                }
            }
            return Ok(totals);
        };
        if self.dated.is_some() || self.undated.is_some() {
            return Err(Refusal::at(Fault::BothTotalsAndLines, &path.key("lines")));
        }
        if time_auction.carried.goods_split.is_none() {
            return Err(Refusal::at(Fault::Missing, &Path::Root.key("time_auction").key("goods_split")));
        }
        let dated_skus: BTreeSet<&str> = time_auction.carried.dated_skus().collect();
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
