//! A month after the award: vouchers are spent, expire and are taken back, funds stand behind them, shops clear with
//! each other, and every rupiah ends on one of two sides.

use std::collections::{BTreeMap, HashMap, VecDeque};

use loyalty_network::{Issuers, Period, Redemption, Statement, StatementAccount, StatementEvent, StatementEventKind as Kind};
use loyalty_rules::Error;
use loyalty_rules::award::{Counters, Merchant, Origin, Shopper, decide};
use loyalty_rules::calendar::{CivilTime, Date, Month, Validity};
use loyalty_rules::funding::{ExpiredTo, Fund, FundEvent, FundState, FundTerms, NoticeKind};
use loyalty_rules::ledger::voucher::{
    IssuedVoucher, MonthCounters, Payable, RedeemLimits, RedeemReason, Redeemable, VoucherRedemption, debt, redeem,
};
use loyalty_rules::ledger::{Account, Applied, Entry, EntryKind};
use loyalty_rules::quantity::{Count, Points, Rupiah};

use super::rating::Case;
use super::receipts::Receipt;
use super::report::{Sum, number, rp};
use crate::sh::Outcome;

/// The stores of the data are mapped to so many shops, by their number.
const SHOPS: u32 = 20;
/// These never answer a warning.
const SILENT: [u32; 2] = [7, 14];
const REQUIREMENT: i64 = 1_000_000;
const VALID_DAYS: u16 = 14;
/// A shopper redeems at most so many vouchers a month (VC-6).
const VOUCHERS_A_MONTH: i64 = 10;

struct Voucher {
    id: String,
    issuer: usize,
    household: u32,
    value: Rupiah,
    issued_at: CivilTime,
    expires: CivilTime,
    /// What producer and operator bear of it.
    partners: Rupiah,
    end: End,
}

/// What became of a voucher.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    Redeemed { acceptor: usize, at: CivilTime },
    Expired,
    TakenBack,
}

struct Shop {
    name: String,
    fund: Fund,
    counters: (Option<Date>, Counters),
    events: Vec<(Date, Kind, String, Rupiah)>,
    warnings: u32,
    /// Receipts that earned nothing because the shop was suspended.
    turned_away: u32,
}

#[derive(Default)]
struct Household {
    account: Account,
    /// Thousandths that its entries counted with.
    counted: i64,
    shopper: Shopper,
    vouchers: VecDeque<usize>,
    month: MonthCounters,
}

struct Network<'a> {
    case: &'a Case,
    shops: Vec<Shop>,
    households: HashMap<u32, Household>,
    vouchers: Vec<Voucher>,
    /// Redeemed elsewhere and not yet cleared.
    uncleared: Vec<usize>,
    cleared: Vec<String>,
    next_to_expire: usize,
    periods: u32,
    transfers: usize,
    nets_are_zero: bool,
    paid_in_full: bool,
    by_funds: i64,
    by_operator: i64,
}

/// Runs the month of the first receipt; tells what must come out.
pub fn run(case: &Case, receipts: &[Receipt]) -> Outcome<Vec<Sum>> {
    let first = receipts.first().ok_or("no receipts")?;
    let month = Month::of(first.at.date());
    let of_month: Vec<&Receipt> = receipts.iter().take_while(|receipt| Month::of(receipt.at.date()) == month).collect();
    let last = of_month.last().map_or(first.at, |receipt| receipt.at);
    let failed = |error: Error| format!("month: {error}");
    let mut network = Network::open(case, first.at.date()).map_err(failed)?;
    let mut today = first.at.date();
    let mut day_of_period = 0;
    for receipt in &of_month {
        if receipt.at.date() != today {
            today = receipt.at.date();
            day_of_period += 1;
            network.start_day(&receipt.at).map_err(failed)?;
            if day_of_period % 7 == 0 {
                network.clear(today).map_err(failed)?;
            }
        }
        network.sell(receipt).map_err(failed)?;
    }
    network.clear(today).map_err(failed)?;
    network.close(month, &last, of_month.len()).map_err(failed)
}

impl<'a> Network<'a> {
    fn open(case: &'a Case, date: Date) -> Result<Self, Error> {
        let requirement = Rupiah::new(REQUIREMENT)?;
        let shop = |number: u32| {
            let mut fund = Fund::new(FundTerms::new(requirement)?, Rupiah::ZERO)?.in_state(FundState::Registered);
            fund.apply(&FundEvent::TopUp { amount: requirement })?;
            let name = format!("T{number:02}");
            let deposit = (date, Kind::TopUp, "deposit".into(), requirement);
            Ok(Shop { name, fund, counters: Default::default(), events: vec![deposit], warnings: 0, turned_away: 0 })
        };
        Ok(Self {
            case,
            shops: (1..=SHOPS).map(shop).collect::<Result<_, Error>>()?,
            households: HashMap::new(),
            vouchers: Vec::new(),
            uncleared: Vec::new(),
            cleared: Vec::new(),
            next_to_expire: 0,
            periods: 0,
            transfers: 0,
            nets_are_zero: true,
            paid_in_full: true,
            by_funds: 0,
            by_operator: 0,
        })
    }

    fn note(&mut self, shop: usize, date: Date, kind: Kind, reference: &str, amount: Rupiah) {
        self.shops[shop].events.push((date, kind, reference.to_owned(), amount));
    }

    fn enter(&mut self, household: u32, shop: usize, id: &str, time: CivilTime, kind: EntryKind<'_>) -> Result<(), Error> {
        let (account, shop) = (household.to_string(), shop.to_string());
        let household = self.households.entry(household).or_default();
        if let Applied::Counted(milli) = household.account.apply(&Entry { id, account: &account, shop: &shop, time, kind })? {
            household.counted += milli;
        }
        Ok(())
    }

    /// Vouchers expire at midnight; every fund is looked at.
    fn start_day(&mut self, now: &CivilTime) -> Result<(), Error> {
        // All are valid equally long, so they expire in the order of their issue.
        while let Some(voucher) = self.vouchers.get(self.next_to_expire).filter(|voucher| now.nanos_since(&voucher.expires) >= 0) {
            let (index, date) = (self.next_to_expire, voucher.expires.date());
            self.next_to_expire += 1;
            if voucher.end == End::Open {
                let (id, issuer, household, value, expires) =
                    (voucher.id.clone(), voucher.issuer, voucher.household, voucher.value, voucher.expires);
                self.vouchers[index].end = End::Expired;
                self.shops[issuer].fund.apply(&FundEvent::Expire { id: &id })?;
                self.note(issuer, date, Kind::Expire, &id, value);
                self.enter(household, issuer, &format!("0-{id}"), expires, EntryKind::Expire { of: &id })?;
            }
        }
        for shop in 0..self.shops.len() {
            let told = self.shops[shop].fund.apply(&FundEvent::Check { at: Some(*now) })?;
            if told.is_some_and(|notice| notice.kind == NoticeKind::Warning) {
                self.shops[shop].warnings += 1;
                let is_silent = SILENT.iter().any(|silent| usize::try_from(*silent) == Ok(shop + 1));
                let missing = self.shops[shop].fund.requirement().checked_sub(self.shops[shop].fund.balance())?;
                if !is_silent {
                    self.shops[shop].fund.apply(&FundEvent::TopUp { amount: missing })?;
                    self.note(shop, now.date(), Kind::TopUp, "answer to a warning", missing);
                }
            }
        }
        Ok(())
    }

    /// A receipt: the oldest voucher that fits is spent on it, and it earns a new one.
    fn sell(&mut self, receipt: &Receipt) -> Result<(), Error> {
        let shop = usize::try_from(receipt.shop % SHOPS).unwrap_or_default();
        let spent = self.spend(receipt, shop)?;
        let date = receipt.at.date();
        let day = self.case.window.selling_day(&receipt.at)?;
        let standing = &mut self.shops[shop];
        if standing.counters.0.replace(day) != Some(day) {
            standing.counters.1 = Counters::default();
        }
        let merchant = Merchant { suspended: standing.fund.state() == FundState::Suspended, ..Merchant::default() };
        let household = self.households.entry(receipt.household).or_default();
        let mut sale = self.case.sale(receipt);
        sale.paid_by_voucher = sale.paid_by_voucher.checked_add(spent)?;
        let award = decide(&self.case.program, &sale, &household.shopper, &merchant, &standing.counters.1)?;
        household.shopper = award.shopper();
        standing.counters.1.add(award.added());
        standing.turned_away += u32::from(merchant.suspended);
        if award.value().is_zero() {
            return Ok(());
        }
        let (id, value) = (format!("{}-2", receipt.basket), award.value());
        let expires = Validity::Days(VALID_DAYS).expires(&receipt.at)?;
        let funding = self.case.program.terms().funding;
        let partners = funding.map_or(Ok(Rupiah::ZERO), |funding| match funding.split(value).as_slice() {
            [producer, _, operator] => producer.checked_add(*operator),
            _ => Ok(Rupiah::ZERO),
        })?;
        standing.fund.apply(&FundEvent::Issue { id: &id, amount: value })?;
        self.note(shop, date, Kind::Issue, &id, value);
        self.enter(receipt.household, shop, &id, receipt.at, EntryKind::Earn { points: award.points(), expires: Some(expires) })?;
        let index = self.vouchers.len();
        // Every tenth receipt is brought back on the spot.
        let is_refunded = !receipt.lines.is_empty();
        let end = if is_refunded { End::TakenBack } else { End::Open };
        self.vouchers.push(Voucher {
            id: id.clone(),
            issuer: shop,
            household: receipt.household,
            value,
            issued_at: receipt.at,
            expires,
            partners,
            end,
        });
        if is_refunded {
            self.shops[shop].fund.apply(&FundEvent::Release { id: &id })?;
            self.note(shop, date, Kind::Reverse, &id, value);
            let reversal = format!("{}-3", receipt.basket);
            self.enter(receipt.household, shop, &reversal, receipt.at, EntryKind::Reverse { of: &id, points: award.points() })?;
        } else {
            self.households.entry(receipt.household).or_default().vouchers.push_back(index);
        }
        Ok(())
    }

    /// Spends the household's oldest voucher if it is no larger than what is to be paid; returns its value.
    fn spend(&mut self, receipt: &Receipt, shop: usize) -> Result<Rupiah, Error> {
        let to_pay = receipt.total.checked_sub(receipt.coupons)?;
        let Some(household) = self.households.get_mut(&receipt.household) else { return Ok(Rupiah::ZERO) };
        while household.vouchers.front().is_some_and(|index| self.vouchers[*index].end != End::Open) {
            household.vouchers.pop_front();
        }
        let Some(index) = household.vouchers.front().copied().filter(|index| self.vouchers[*index].value <= to_pay) else {
            return Ok(Rupiah::ZERO);
        };
        let voucher = &self.vouchers[index];
        let asked = Redeemable {
            value: voucher.value,
            redeemed: Rupiah::ZERO,
            valid_from: Some(voucher.issued_at),
            expires: Some(voucher.expires),
            single_use: false,
        };
        let limits = RedeemLimits { shopper: Some(Count::new(VOUCHERS_A_MONTH)?), ..RedeemLimits::default() };
        let redeemed = redeem(&asked, &Payable::whole(to_pay), None, &receipt.at, &limits, &household.month)?;
        household.month = redeemed.counters;
        if redeemed.reason != RedeemReason::Redeemed {
            return Ok(Rupiah::ZERO);
        }
        household.vouchers.pop_front();
        let (id, issuer, value, partners) = (voucher.id.clone(), voucher.issuer, voucher.value, voucher.partners);
        self.vouchers[index].end = End::Redeemed { acceptor: shop, at: receipt.at };
        let date = receipt.at.date();
        self.note(issuer, date, Kind::Funded, &id, partners);
        if issuer == shop {
            self.shops[shop].fund.apply(&FundEvent::Release { id: &id })?;
            self.note(shop, date, Kind::RedeemOwn, &id, value);
        } else {
            self.note(shop, date, Kind::Accept, &id, value);
            self.note(issuer, date, Kind::Honour, &id, value);
            self.uncleared.push(index);
        }
        let spending = format!("{}-1", receipt.basket);
        let points = self.case.program.terms().point_value.points(value)?;
        self.enter(receipt.household, shop, &spending, receipt.at, EntryKind::Redeem { points })?;
        Ok(value)
    }

    /// Shops clear what they redeemed for each other since the last time.
    fn clear(&mut self, date: Date) -> Result<(), Error> {
        let names: Vec<String> = self.shops.iter().map(|shop| shop.name.clone()).collect();
        let taken = std::mem::take(&mut self.uncleared);
        let ids: Vec<String> = taken.iter().map(|index| self.vouchers[*index].id.clone()).collect();
        let mut redemptions = Vec::new();
        for (index, id) in taken.iter().zip(&ids) {
            let voucher = &self.vouchers[*index];
            let End::Redeemed { acceptor, .. } = voucher.end else { continue };
            let issuers = Issuers::Shop(&names[voucher.issuer]);
            redemptions.push(Redemption { id, of: None, issuers, acceptor: &names[acceptor], value: voucher.value });
        }
        let funds: BTreeMap<&str, Rupiah> =
            names.iter().map(String::as_str).zip(self.shops.iter().map(|shop| shop.fund.balance())).collect();
        let before = std::mem::take(&mut self.cleared);
        let period = Period::new(&redemptions, before.iter().map(String::as_str))?;
        let settled = period.settle(&funds)?;
        self.periods += 1;
        self.transfers = self.transfers.max(period.clearing.transfers.len());
        self.nets_are_zero &= period.clearing.net.values().map(|net| net.get()).sum::<i64>() == 0;
        let place = |name: &str| names.iter().position(|known| known == name).unwrap_or_default();
        let mut paid_by: BTreeMap<usize, (i64, i64)> = BTreeMap::new();
        for line in &settled.lines {
            let issuer = place(line.issuer);
            self.paid_in_full &= line.paid.get() + line.operator.get() == line.value.get();
            let fund = &mut self.shops[issuer].fund;
            fund.apply(&FundEvent::Redeem { id: line.id, amount: line.paid })?;
            if !line.operator.is_zero() {
                fund.apply(&FundEvent::Release { id: line.id })?;
            }
            let (paid, covered) = paid_by.entry(issuer).or_default();
            *paid += line.paid.get();
            *covered += line.operator.get();
        }
        for (issuer, (paid, covered)) in paid_by {
            self.by_funds += paid;
            self.by_operator += covered;
            self.note(issuer, date, Kind::ClearingPaid, "clearing", Rupiah::new(paid)?);
            self.note(issuer, date, Kind::ClearingCovered, "clearing", Rupiah::new(covered)?);
        }
        for (name, received) in &settled.received {
            let amount = received.paid.checked_add(received.operator)?;
            self.note(place(name), date, Kind::ClearingReceived, "clearing", amount);
        }
        self.cleared = before;
        self.cleared.extend(ids);
        Ok(())
    }

    /// Prints the month and tells what must come out.
    fn close(&self, month: Month, last: &CivilTime, receipts: usize) -> Result<Vec<Sum>, Error> {
        let issued: Vec<IssuedVoucher<'_>> = self
            .vouchers
            .iter()
            .filter(|voucher| voucher.end != End::TakenBack)
            .map(|voucher| IssuedVoucher {
                id: &voucher.id,
                issuer: &self.shops[voucher.issuer].name,
                value: voucher.value,
                issued_at: voucher.issued_at,
                expires: Some(voucher.expires),
                origin: Origin::Promotional,
            })
            .collect();
        let used = self.vouchers.iter().filter_map(|voucher| match voucher.end {
            End::Redeemed { at, .. } => Some(VoucherRedemption { id: &voucher.id, amount: voucher.value, time: at }),
            _ => None,
        });
        let owed = debt(&issued, &used.collect::<Vec<_>>(), last)?;

        let mut balances: BTreeMap<StatementAccount, i64> = BTreeMap::new();
        let mut lines = 0;
        let mut every_statement_balances = true;
        for shop in &self.shops {
            let events: Vec<StatementEvent<'_>> = shop
                .events
                .iter()
                .map(|(date, kind, reference, amount)| StatementEvent { date: *date, kind: *kind, reference, amount: *amount })
                .collect();
            let statement = Statement::of(month, &BTreeMap::new(), &events, ExpiredTo::Shop)?;
            let debits: i64 = statement.lines.iter().map(|line| line.debit.get()).sum();
            let credits: i64 = statement.lines.iter().map(|line| line.credit.get()).sum();
            every_statement_balances &= debits == credits && debits == statement.total.get();
            lines += statement.lines.len();
            for (account, balance) in statement.balances {
                *balances.entry(account).or_default() += balance.get();
            }
        }
        self.print(month, receipts, lines);
        let (debit_side, credit_side) = print_balances(&balances);

        let sum =
            |of: fn(&End) -> bool| self.vouchers.iter().filter(|voucher| of(&voucher.end)).map(|voucher| voucher.value.get()).sum::<i64>();
        let ends = sum(|end| *end == End::Open)
            + sum(|end| *end == End::Expired)
            + sum(|end| *end == End::TakenBack)
            + sum(|end| matches!(end, End::Redeemed { .. }));
        let all: i64 = self.vouchers.iter().map(|voucher| voucher.value.get()).sum();
        let of = |account: StatementAccount| balances.get(&account).copied().unwrap_or_default();
        let fund_money: i64 = self.shops.iter().map(|shop| shop.fund.balance().get()).sum();
        let reserved: i64 = self.shops.iter().map(|shop| shop.fund.reserved().get()).sum();
        let (mut usable, mut lots, mut counted) = (0, 0, 0);
        for household in self.households.values() {
            usable += household.account.balance(last)?.milli();
            lots += household.account.lots().map(|lot| lot.points.milli()).sum::<i64>() - household.account.debt().milli();
            counted += household.counted;
        }
        let point_milli = self.case.program.terms().point_value.points(Rupiah::new(1_000)?)? == Points::from_milli(1_000)?;
        Ok(vec![
            ("both sides of the balance are equal, and every shop's statement is", debit_side == credit_side && every_statement_balances),
            ("vouchers issued = redeemed + expired + taken back + open", ends == all),
            ("the vouchers owed by the accounts = the network's voucher debt", -of(StatementAccount::VoucherLiability) == owed.debt.get()),
            ("what the funds reserve = the network's voucher debt", reserved == owed.debt.get()),
            ("the points that can be spent = the network's voucher debt", point_milli && usable == owed.debt.get()),
            ("lots less debts = applied entries, over all households (LG-7)", lots == counted),
            ("the funds of the accounts = the money in the funds", of(StatementAccount::GuaranteeFund) == fund_money),
            (
                "nothing is left between shops after the last clearing",
                of(StatementAccount::NetworkReceivable) == 0 && of(StatementAccount::NetworkPayable) == 0,
            ),
            ("what the operator covered is owed to it", -of(StatementAccount::OperatorPayable) == self.by_operator),
            ("net positions sum to zero, with fewer transfers than shops", self.nets_are_zero && self.transfers < self.shops.len()),
            ("funds + operator paid every voucher in full", self.paid_in_full),
        ])
    }

    fn print(&self, month: Month, receipts: usize, lines: usize) {
        let end = |of: fn(&End) -> bool| {
            let of_end: Vec<i64> = self.vouchers.iter().filter(|voucher| of(&voucher.end)).map(|voucher| voucher.value.get()).collect();
            (i64::try_from(of_end.len()).unwrap_or_default(), of_end.iter().sum::<i64>())
        };
        say!("━━ {month}: from the promise to the settlement {}", "━".repeat(61));
        say!(
            "   {} receipts; the stores are {SHOPS} shops by their number, vouchers are valid {VALID_DAYS} days,",
            number(i64::try_from(receipts).unwrap_or_default())
        );
        say!("   a household spends its oldest voucher on the first purchase that is large enough,");
        say!("   each fund begins with {}, shops T{:02} and T{:02} answer no warning.\n", rp(REQUIREMENT), SILENT[0], SILENT[1]);
        for (name, (count, value)) in [
            (
                "issued",
                (i64::try_from(self.vouchers.len()).unwrap_or_default(), self.vouchers.iter().map(|voucher| voucher.value.get()).sum()),
            ),
            ("redeemed", end(|end| matches!(end, End::Redeemed { .. }))),
            ("expired", end(|end| *end == End::Expired)),
            ("taken back", end(|end| *end == End::TakenBack)),
            ("open", end(|end| *end == End::Open)),
        ] {
            say!("   {name:<12}{:>8} vouchers{:>18}", number(count), rp(value));
        }
        say!("\n   {} clearings; funds paid {}, the operator covered {}\n", self.periods, rp(self.by_funds), rp(self.by_operator));
        say!("   shop         issued  taken for others          fund          free  warned  state");
        for shop in &self.shops {
            let of = |kind: Kind| shop.events.iter().filter(|event| event.1 == kind).map(|event| event.3.get()).sum::<i64>();
            let turned_away = if shop.turned_away > 0 { format!(", {} receipts earned nothing", shop.turned_away) } else { String::new() };
            say!(
                "   {:<5}{:>14}{:>18}{:>14}{:>14}{:>8}  {}{turned_away}",
                shop.name,
                rp(of(Kind::Issue)),
                rp(of(Kind::Accept)),
                rp(shop.fund.balance().get()),
                rp(shop.fund.free().get()),
                shop.warnings,
                shop.fund.state().name()
            );
        }
        say!("\n   balance of all shops, from {} statement lines", number(i64::try_from(lines).unwrap_or_default()));
    }
}

/// Prints the accounts; the sums of both sides.
fn print_balances(balances: &BTreeMap<StatementAccount, i64>) -> (i64, i64) {
    let (mut debit, mut credit) = (0, 0);
    say!("   {:<22}{:>18}{:>18}", "account", "debit", "credit");
    for (account, balance) in balances.iter().filter(|(_, balance)| **balance != 0) {
        let (left, right) = ((*balance).max(0), (-*balance).max(0));
        debit += left;
        credit += right;
        let shown = |amount: i64| if amount == 0 { String::new() } else { rp(amount) };
        say!("   {:<22}{:>18}{:>18}", account.name(), shown(left), shown(right));
    }
    say!("   {:<22}{:>18}{:>18}\n", "", rp(debit), rp(credit));
    (debit, credit)
}
