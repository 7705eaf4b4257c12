//! `cargo xtask demo quarter`: the first quarter of the receipts through the network as one fold. Every store is a shop,
//! every household a member. What people do beside buying follows the rules below; what it means is the library's.

mod host;
mod proofs;

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use loyalty_network::fold::{Fact, FactKind, NetworkProgram, NetworkTerms};
use loyalty_rules::calendar::{CivilTime, Month, SaleWindow};
use loyalty_rules::quantity::Rupiah;
use loyalty_rules::tables::Digit;
use serde_json::{Value, json};

use self::host::Host;
use super::rating::{Case, DAY_BUDGET, QUOTA};
use super::receipts::Receipt;
use super::report::{Sum, prove};
use crate::sh::Outcome;

/// The deposit of each shop, which it pays again when it is warned.
const DEPOSIT: i64 = 500_000;
/// Stores with such a number answer no warning; households with such a number take paper vouchers.
const SILENT: u32 = 7;
const PAPER: u32 = 4;
/// Points are spent from here on, in whole thousands of rupiah.
const SPENT_FROM: i64 = 20_000;
/// Every so many payments with points are called off before the sale.
const CALLED_OFF: usize = 25;
/// A receipt whose lines are known comes back so many days later.
const BACK_AFTER: i64 = 3;
/// Who issues the coupons.
const MAKER: &str = "shop/maker";
/// The days of the short form, in which the first claims expire.
pub const SHORT: usize = 17;

struct Quarter<'a> {
    host: Host,
    window: SaleWindow,
    receipts: &'a [Receipt],
    shops: Vec<u32>,
    /// Vouchers of paper, the oldest first.
    wallets: HashMap<u32, VecDeque<String>>,
    /// What comes back, in order.
    back: VecDeque<&'a Receipt>,
    /// How often points were to pay.
    asked: usize,
    /// The months, each of which is a period.
    months: Vec<Month>,
}

/// The whole quarter.
pub fn whole() -> Outcome {
    let case = Case::new("stopwatch/below_15/plus", 0).map_err(text)?;
    let receipts = super::receipts::load()?;
    say!("{}", receipts.source);
    prove("the network", &run(&receipts.all, case.window, usize::MAX)?)
}

/// The first days of the quarter of the first receipt; tells what must come out.
pub fn run(receipts: &[Receipt], window: SaleWindow, days: usize) -> Outcome<Vec<Sum>> {
    let start = Instant::now();
    let first = receipts.first().ok_or("no receipts")?.at;
    let quarter = |at: &CivilTime| at.date().parts().1.div_ceil(3);
    let is_day = |at: &CivilTime| usize::try_from(at.date().days_since(first.date())).is_ok_and(|day| day < days);
    let is_of_it = |receipt: &&Receipt| quarter(&receipt.at) == quarter(&first) && is_day(&receipt.at);
    let receipts = &receipts[..receipts.iter().take_while(is_of_it).count()];
    let mut shops: Vec<u32> = receipts.iter().map(|receipt| receipt.shop).collect();
    shops.sort_unstable();
    shops.dedup();
    let mut quarter = Quarter {
        host: Host::new(terms()?, CivilTime::midnight(first.date(), first.offset())),
        window,
        receipts,
        shops,
        wallets: HashMap::new(),
        back: VecDeque::new(),
        asked: 0,
        months: vec![Month::of(first.date())],
    };
    quarter.live()?;
    quarter.print(start.elapsed());
    quarter.proofs()
}

fn text(error: impl ToString) -> String {
    error.to_string()
}

fn terms() -> Outcome<NetworkTerms> {
    let program = |mechanism: &str, class: &str, tier: &str| {
        let document = json!({
            "id": mechanism, "mechanism": mechanism, "margin_class": class, "tier": tier, "quota": QUOTA, "budget": {"day": DAY_BUDGET},
            "window": {"open": "07:00", "close": "22:00"}, "utc_offset": "-05:00", "funding": {"preset": "BN-2"},
            "validity": {"days": 14}, "give_back": true, "redemptions_per_month": {"shopper": 10},
        });
        NetworkProgram::from_json(document.to_string().as_bytes()).map_err(text)
    };
    let programs = vec![program("stopwatch", "below_15", "plus")?, program("time_auction", "from_15", "gold")?];
    Ok(NetworkTerms { programs, ..NetworkTerms::default() })
}

fn shop(store: u32) -> String {
    format!("shop/{store}")
}

fn has_stopwatch(store: u32) -> bool {
    !store.is_multiple_of(2)
}

impl<'a> Quarter<'a> {
    fn live(&mut self) -> Outcome {
        for store in &self.shops {
            let program = if has_stopwatch(*store) { "stopwatch" } else { "time_auction" };
            self.host.report("join", &shop(*store), &json!({"requirement": DEPOSIT}))?;
            self.host.report("topup", &shop(*store), &json!({"amount": DEPOSIT}))?;
            self.host.report("program", &shop(*store), &json!({"program": program}))?;
        }
        for (day, of_day) in self.receipts.chunk_by(|one, next| one.at.date() == next.at.date()).enumerate() {
            let date = of_day[0].at.date();
            self.host.now = CivilTime::midnight(date, of_day[0].at.offset());
            if self.months.last() != Some(&Month::of(date)) {
                self.close(false)?;
                self.months.push(Month::of(date));
            }
            self.morning(day, of_day)?;
            for receipt in of_day {
                self.host.now = receipt.at;
                self.buy(receipt)?;
            }
            if day % 7 == 6 {
                self.host.check()?;
            }
            self.host.deliver()?;
        }
        self.host.now = CivilTime::midnight(self.host.now.date().plus_days(1).map_err(text)?, self.host.now.offset());
        self.host.due()?;
        self.close(true)
    }

    /// What is due happens, funds are looked at, goods come back, and the maker issues the coupons of the day.
    fn morning(&mut self, day: usize, of_day: &[Receipt]) -> Outcome {
        self.host.due()?;
        let now = self.host.now;
        for store in self.shops.iter().filter(|_| day.is_multiple_of(7)) {
            let facts = self.host.report("check", &shop(*store), &json!({"now": now.to_string()}))?;
            if facts.iter().any(|fact| fact.notice.as_deref() == Some("warning")) && !store.is_multiple_of(SILENT) {
                self.host.report("topup", &shop(*store), &json!({"amount": DEPOSIT}))?;
            }
        }
        while let Some(receipt) = self.back.pop_front() {
            if now.date().days_since(receipt.at.date()) < BACK_AFTER {
                self.back.push_front(receipt);
                break;
            }
            self.give_back(receipt)?;
        }
        let coupons = || of_day.iter().filter(|receipt| receipt.coupons.get() > 0);
        let voucher = |receipt: &Receipt| json!({"voucher": format!("maker~{}", receipt.basket), "value": receipt.coupons.get()});
        let (fund, vouchers) = (coupons().map(|receipt| receipt.coupons.get()).sum::<i64>(), coupons().map(voucher).collect::<Value>());
        self.host.report("opening", MAKER, &json!({"fund": fund, "vouchers": vouchers})).map(drop)
    }

    /// A household pays with its coupon, its oldest voucher and its points, and the sale is reported.
    fn buy(&mut self, receipt: &'a Receipt) -> Outcome {
        let Receipt { basket, household, shop: store, total, at, .. } = receipt;
        let account = format!("account/{household}");
        let shopper = self.host.stored.accounts.get(&account).map(|account| account.shopper(at)).transpose().map_err(text)?;
        let (mut left, mut claims, shopper) = (total.get(), Vec::new(), shopper.unwrap_or_default());
        let coupon = (receipt.coupons.get() > 0).then(|| format!("maker~{basket}"));
        let paper = self.wallets.get_mut(household).and_then(VecDeque::pop_front);
        for voucher in coupon.into_iter().chain(paper) {
            left -= self.pay(receipt, left, &format!("voucher/{voucher}"), None, &mut claims)?;
        }
        let points = shopper.prior_points.milli();
        let spent = points.min(left) / 1_000 * 1_000;
        if points >= SPENT_FROM && spent > 0 {
            self.asked += 1;
            if self.asked.is_multiple_of(CALLED_OFF) {
                self.call_off(receipt, left, &account, spent)?;
            } else {
                self.pay(receipt, left, &account, Some(spent), &mut claims)?;
            }
        }
        let is_paper = household.is_multiple_of(PAPER);
        let mut sale = json!({
            "day": self.window.selling_day(at).map_err(text)?.to_string(), "claims": claims, "member": household.to_string(),
            "shopper": {"prior_points_milli": points, "purchases": shopper.purchases.get()}, "form": if is_paper { "voucher" } else { "lot" },
        });
        if receipt.lines.is_empty() {
            sale["total"] = json!(total.get());
        } else {
            let line = |price: &Rupiah| json!({"sku": "", "quantity_milli": 1_000, "price": price.get()});
            sale["lines"] = receipt.lines.iter().map(line).collect();
            self.back.push_back(receipt);
        }
        if has_stopwatch(*store) {
            sale["play"] = json!({"digit": Digit::lucky(at).get()});
        }
        let facts = self.host.happens("sale", &shop(*store), &basket.to_string(), &sale)?;
        if is_paper && facts.iter().any(|fact| fact.value.is_some_and(|value| !value.is_zero())) {
            self.wallets.entry(*household).or_default().push_back(format!("{store}~{basket}"));
        }
        Ok(())
    }

    /// A till asks whether a claim pays, and takes what it grants.
    fn pay(&mut self, receipt: &Receipt, left: i64, owner: &str, amount: Option<i64>, claims: &mut Vec<Value>) -> Outcome<i64> {
        let id = format!("{} by {owner}", receipt.basket);
        let facts = self.ask(receipt, left, owner, amount, &id)?;
        let redeemed = facts.iter().filter(|fact| fact.fact == FactKind::Redeemed);
        let paid: i64 = redeemed.filter_map(|fact| fact.amount).map(Rupiah::get).sum();
        if paid > 0 {
            claims.push(json!({"of": id, "owner": owner, "amount": paid}));
        }
        Ok(paid)
    }

    fn ask(&mut self, receipt: &Receipt, left: i64, owner: &str, amount: Option<i64>, id: &str) -> Outcome<&[Fact]> {
        let mut request = json!({
            "shop": receipt.shop.to_string(), "sale": receipt.basket.to_string(), "purchase": receipt.total.get(), "left_to_pay": left,
            "month": Month::of(receipt.at.date()).to_string(),
        });
        if let Some(amount) = amount {
            request["amount"] = json!(amount);
        }
        let Some(voucher) = owner.strip_prefix("voucher/") else { return self.host.happens("redeem.points", owner, id, &request) };
        request["voucher"] = json!(voucher);
        let issuer = voucher.split('~').next().unwrap_or_default();
        self.host.happens("redeem.voucher", &format!("shop/{issuer}"), id, &request)
    }

    /// A payment is called off before its sale. Of every second one the undo comes before the request.
    fn call_off(&mut self, receipt: &Receipt, left: i64, account: &str, amount: i64) -> Outcome {
        let is_first = self.asked.is_multiple_of(2 * CALLED_OFF);
        let id = format!("{} {}", receipt.basket, if is_first { "undone first" } else { "called off" });
        let month = Month::of(receipt.at.date()).to_string();
        let undo = json!({"redemption": {"of": id, "owner": account}, "sale": receipt.basket.to_string(), "of_month": month});
        if !is_first {
            self.ask(receipt, left, account, Some(amount), &id)?;
        }
        self.host.report("undo.ask", &shop(receipt.shop), &undo)?;
        if is_first {
            self.host.deliver()?;
            self.ask(receipt, left, account, Some(amount), &id)?;
        }
        Ok(())
    }

    /// All lines but the last come back; of a single line the whole receipt.
    fn give_back(&mut self, receipt: &Receipt) -> Outcome {
        let day = self.window.selling_day(&receipt.at).map_err(text)?.to_string();
        let lines = (1..receipt.lines.len()).map(|line| json!({"line": line - 1, "quantity_milli": 1_000})).collect::<Vec<_>>();
        let (of, shop) = (receipt.basket.to_string(), shop(receipt.shop));
        if lines.is_empty() {
            return self.host.report("void", &shop, &json!({"of": of, "of_day": day})).map(drop);
        }
        self.host.report("return", &shop, &json!({"of": of, "of_day": day, "back": lines})).map(drop)
    }

    /// Every shop closes the month and settles what it owes; it all adds up before and after the messages.
    fn close(&mut self, last: bool) -> Outcome {
        let month = self.months.last().map(Month::to_string);
        for shop in self.shops.iter().map(|store| shop(*store)).chain([MAKER.to_string()]) {
            self.host.report("month.close", &shop, &json!({"month": month}))?;
            self.host.report("period.close", &shop, &json!({"period": self.months.len(), "last": last}))?;
        }
        self.host.check()?;
        self.host.deliver()?;
        self.host.check()
    }
}
