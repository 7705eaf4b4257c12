//! Rates every receipt under one program, and keeps what a merchant asks about.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};

use loyalty_rules::Error;
use loyalty_rules::award::{self, Award, Cap, Counters, FirstN, Latecomer, Merchant, Play, Program, Reason, Shopper, Terms, decide};
use loyalty_rules::calendar::{Date, SaleWindow};
use loyalty_rules::funding::Bonus;
use loyalty_rules::quantity::{Count, Rate, Rupiah};
use loyalty_rules::tables::{Column, Digit, Mechanism, Slot, TableName};

use super::receipts::Receipt;
use crate::sh::Outcome;

pub const QUOTA: i64 = 200_000;
/// Most days of most shops stay below; the busiest do not.
pub const DAY_BUDGET: i64 = 250_000;
/// A shop of these data sees about four receipts a day, so that a larger number would never be reached.
pub const FIRST_N: i64 = 2;

/// A program with what the merchant states beside it.
pub struct Case {
    pub table: TableName,
    pub program: Program,
    pub window: SaleWindow,
    /// The gross margin in basis points.
    pub margin_bp: i64,
}

impl Case {
    pub fn new(table: &str, margin_bp: i64) -> Result<Self, Error> {
        let table = TableName::parse(table)?;
        let window = SaleWindow::between("07:00".parse()?, "22:00".parse()?);
        let mut terms = Terms::new(table);
        terms.window = Some(window);
        terms.quota = Rupiah::new(QUOTA)?.into();
        terms.budget.day = Some(Rupiah::new(DAY_BUDGET)?);
        terms.bonus = Some(Bonus::VoucherPoints);
        terms.funding = Bonus::VoucherPoints.preset();
        if table.mechanism() == Mechanism::TimeAuction {
            terms.first_n = Some(FirstN { n: Count::new(FIRST_N)?.into(), then: Latecomer::Standby });
        }
        Ok(Self { table, program: Program::new(terms)?, window, margin_bp })
    }

    /// The receipt as the rules take it.
    pub fn sale(&self, receipt: &Receipt) -> award::Receipt {
        let play = match self.table.mechanism() {
            Mechanism::Stopwatch => Play::Digit(Digit::lucky(&receipt.at)),
            Mechanism::TimeAuction | Mechanism::Flat | Mechanism::Points => Play::At(receipt.at),
        };
        award::Receipt::new(receipt.total).paid_by_voucher(receipt.coupons).with(play)
    }

    /// Whether a receipt lies in the hours and below the quota.
    fn misses_quota(&self, receipt: &Receipt) -> bool {
        self.column(receipt).is_some_and(|column| receipt.total < self.program.terms().quota.of(column))
    }

    /// The digit or the slot of a receipt's time; a stopwatch has one at any hour.
    pub fn column(&self, receipt: &Receipt) -> Option<Column> {
        match self.table.mechanism() {
            Mechanism::Stopwatch => Some(Digit::lucky(&receipt.at).column()),
            Mechanism::TimeAuction => Slot::at(&self.window, &receipt.at).map(Slot::column),
            Mechanism::Flat | Mechanism::Points => None,
        }
    }
}

/// One decision with all that went into it.
#[derive(Clone, Copy)]
pub struct Explained {
    /// The place of its receipt.
    pub index: usize,
    pub prior: Shopper,
    pub counters: Counters,
    pub award: Award,
}

#[derive(Clone, Copy, Default)]
pub struct Bar {
    pub receipts: u64,
    pub vouchers: i64,
}

#[derive(Default)]
pub struct Tally {
    pub reasons: BTreeMap<&'static str, u64>,
    pub bought: i64,
    /// What was bought on receipts that were awarded.
    pub awarded_on: i64,
    pub vouchers: i64,
    /// Producer, retailer, operator.
    pub parts: [i64; 3],
    /// Vouchers that the day budget cut, but not to nothing.
    pub cut: u64,
    pub highest: Rate,
    /// By column; what no column has comes last.
    pub bars: [Bar; 11],
    pub explained: Vec<Explained>,
    /// Points that all households hold in the end.
    pub points_milli: i64,
    /// The most that one shop released on one day.
    pub most_in_a_day: i64,
    /// What all shops released on all days.
    pub released: i64,
    /// Every tenth decision: what is refunded and quoted.
    pub tenth: Vec<Explained>,
    /// The first from the middle of the receipts on that a missed quota stopped or put on standby.
    pub missed: Option<Explained>,
}

/// Rates the receipts in order. Points and purchases run on for each household, counters for each shop.
pub fn rate(case: &Case, receipts: &[Receipt], done: &AtomicUsize) -> Outcome<Tally> {
    let mut shoppers: HashMap<u32, Shopper> = HashMap::new();
    let mut shops: HashMap<u32, (Option<Date>, Counters)> = HashMap::new();
    let mut released: HashMap<(u32, Date), i64> = HashMap::new();
    let mut tally = Tally::default();
    let merchant = Merchant::default();
    for (index, receipt) in receipts.iter().enumerate() {
        let refused = |error: Error| format!("receipt {}: {error}", receipt.basket);
        let shopper = shoppers.entry(receipt.household).or_default();
        let (counted, counters) = shops.entry(receipt.shop).or_default();
        // A digit tells no day, so its day is told here.
        let day = case.window.selling_day(&receipt.at).map_err(refused)?;
        if counted.replace(day) != Some(day) {
            *counters = Counters::default();
        }
        let award = decide(&case.program, &case.sale(receipt), shopper, &merchant, counters).map_err(refused)?;
        let decision = Explained { index, prior: *shopper, counters: *counters, award };
        tally.explain(receipts.len(), &decision);
        if tally.missed.is_none() && index >= receipts.len() / 2 && case.misses_quota(receipt) {
            tally.missed = Some(decision);
        }
        if !receipt.lines.is_empty() {
            tally.tenth.push(decision);
        }
        tally.add(case, receipt, &award);
        *released.entry((receipt.shop, day)).or_default() += award.value().get();
        *shopper = award.shopper();
        counters.add(award.added());
        done.fetch_add(1, Ordering::Relaxed);
    }
    tally.points_milli = shoppers.values().map(|shopper| shopper.prior_points.milli()).sum();
    tally.most_in_a_day = released.values().copied().max().unwrap_or_default();
    tally.released = released.values().sum();
    Ok(tally)
}

impl Tally {
    fn add(&mut self, case: &Case, receipt: &Receipt, award: &Award) {
        let value = award.value().get();
        *self.reasons.entry(award.reason().name()).or_default() += 1;
        self.bought += receipt.total.get();
        self.vouchers += value;
        if award.reason().is_award() {
            self.awarded_on += receipt.total.get();
            self.cut += u64::from(award.caps().holds(Cap::DayBudget));
            self.highest = self.highest.max(award.rate());
        }
        if let Some(funding) = case.program.terms().funding {
            for (sum, part) in self.parts.iter_mut().zip(funding.split(award.value()).as_slice()) {
                *sum += part.get();
            }
        }
        let place = case.column(receipt).map_or(10, |column| usize::from(column.index()));
        if let Some(bar) = self.bars.get_mut(place) {
            bar.receipts += 1;
            bar.vouchers += value;
        }
    }

    /// Keeps the first of each of three kinds from the middle of the receipts on: full; standby, or cut by the
    /// budget; a stop.
    fn explain(&mut self, receipts: usize, decision: &Explained) {
        let kind = |award: &Award| match award.reason() {
            Reason::ZeroAmount => 0,
            Reason::Full if award.caps().iter().next().is_none() => 1,
            reason if reason.is_award() => 2,
            _ => 3,
        };
        let own = kind(&decision.award);
        if decision.index >= receipts / 2 && own > 0 && self.explained.iter().all(|other| kind(&other.award) != own) {
            self.explained.push(*decision);
            self.explained.sort_by_key(|explained| kind(&explained.award));
        }
    }
}
