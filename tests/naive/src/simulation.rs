//! Simulated days of a shop (PL-16).

use crate::award::{Counters, Request, award_of, read_counters, read_merchant, read_receipt, read_shopper};
use crate::fields::{Answer, Fields, Fraction, Int, LIMIT, between, fraction, int, list, natural, out, refuse};
use crate::fund;
use crate::planning::at_margin;
use crate::program::{Program, read_program};
use crate::tables::{digit_column, small};
use serde_json::{Value, json};

/// SplitMix64.
pub struct Generator {
    state: u64,
}

impl Generator {
    pub fn of_run(seed: u64, run: u64) -> Self {
        Self { state: seed ^ run.wrapping_mul(0xD1B5_4A32_D192_ED03) }
    }

    pub fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = self.state;
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 … n − 1.
    pub fn below(&mut self, n: &Int) -> Int {
        scaled(self.draw(), n)
    }
}

/// The draw as a fraction of 2^64, times n.
fn scaled(draw: u64, n: &Int) -> Int {
    (Int::from(draw) * n) >> 64_u32
}

enum Basket {
    Between(Int, Int),
    Listed(Vec<Int>),
    /// Ten lists of amounts and weights.
    BySlot(Vec<Vec<(Int, Int)>>),
}

fn read_basket(value: &Value) -> Answer<Basket> {
    let fields = Fields::open(value, &["fixed", "from", "to", "list", "by_slot"])?;
    let forms = [fields.has("fixed"), fields.has("from") || fields.has("to"), fields.has("list"), fields.has("by_slot")];
    match forms {
        [true, false, false, false] => Ok(Basket::Listed(vec![fields.natural("fixed")?])),
        [false, true, false, false] => {
            let (from, to) = (fields.natural("from")?, fields.natural("to")?);
            if from > to { refuse("bad_config") } else { Ok(Basket::Between(from, to)) }
        }
        [false, false, true, false] => {
            let list: Vec<Int> = fields.list("list")?.iter().map(natural).collect::<Answer<_>>()?;
            if list.is_empty() { refuse("bad_config") } else { Ok(Basket::Listed(list)) }
        }
        [false, false, false, true] => {
            let mut slots = Vec::new();
            for slot in fields.list("by_slot")? {
                let mut entries = Vec::new();
                for entry in list(slot)? {
                    let inner = Fields::open(entry, &["amount", "weight"])?;
                    let weight = inner.get("weight").map_or(Ok(int(1)), |value| between(value, 0, 4_294_967_295))?;
                    entries.push((inner.natural("amount")?, weight));
                }
                slots.push(entries);
            }
            let is_slot = |entries: &Vec<(Int, Int)>| entries.len() <= 32 && entries.iter().any(|(_, weight)| *weight > int(0));
            if slots.len() == 10 && slots.iter().all(is_slot) { Ok(Basket::BySlot(slots)) } else { refuse("bad_config") }
        }
        _ => refuse("bad_config"),
    }
}

impl Basket {
    fn choices(&self, slot: usize) -> Int {
        match self {
            Self::BySlot(slots) => slots[slot].iter().map(|(_, weight)| weight).sum(),
            Self::Between(from, to) => to - from + int(1),
            Self::Listed(list) => int(list.len() as i64),
        }
    }

    fn choice(&self, slot: usize, k: &Int) -> Int {
        match self {
            Self::BySlot(slots) => {
                let mut above = k.clone();
                for (amount, weight) in &slots[slot] {
                    if above < *weight {
                        return amount.clone();
                    }
                    above -= weight;
                }
                panic!("a place beyond the weights")
            }
            Self::Between(from, _) => from + k,
            Self::Listed(list) => list[small(k)].clone(),
        }
    }
}

struct Stock {
    units: Int,
    price: Int,
    lost_bp: Int,
}

struct FundTerms {
    requirement: Int,
    balance: Int,
    top_up: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Behaviour {
    Indifferent,
    Waits,
    Forces,
}

const BEHAVIOURS: [Behaviour; 3] = [Behaviour::Indifferent, Behaviour::Waits, Behaviour::Forces];

struct Plan {
    seed: u64,
    runs: usize,
    days: usize,
    shoppers: Vec<Int>,
    basket: Basket,
    /// Weights in the order of the behaviours.
    mix: Vec<Int>,
    gives_up_bp: Int,
    stock: Option<Stock>,
    margin_bp: Int,
    fund: Option<FundTerms>,
    min_cover_bp: Int,
    /// The best slot or column: the earliest of the highest that are not held.
    best: Option<usize>,
}

/// One shopper who came.
struct Visit {
    behaviour: Behaviour,
    gives_up: bool,
    /// What the basket is drawn with, where it is bought.
    basket: u64,
    digit: usize,
}

fn best_column(program: &Program) -> Option<usize> {
    let mut best: Option<usize> = None;
    for column in 0..10 {
        let held = program.held_slots.contains(&(column + 1));
        if !held && best.is_none_or(|best| program.table.row[column] > program.table.row[best]) {
            best = Some(column);
        }
    }
    best
}

const FIELDS: [&str; 13] = [
    "seed",
    "runs",
    "days",
    "program",
    "shoppers_by_slot",
    "basket",
    "mix",
    "gives_up_bp",
    "prior_points_milli",
    "stock",
    "margin_bp",
    "fund",
    "min_cover_bp",
];

/// The plan, and the request with which every receipt of it is decided.
fn read_plan(input: &Value) -> Answer<(Plan, Request)> {
    let fields = Fields::open(input, &FIELDS)?;
    let count = |name: &str, most| match fields.get(name) {
        Some(value) => Ok::<usize, String>(small(&between(value, 1, most)?)),
        None => Ok(1),
    };
    let seed = u64::try_from(between(fields.need("seed")?, 0, LIMIT)?).expect("not negative");
    let (runs, days) = (count("runs", 10_000)?, count("days", 366)?);
    let program = read_program(fields.need("program")?)?;
    let shoppers: Vec<Int> = fields.list("shoppers_by_slot")?.iter().map(natural).collect::<Answer<_>>()?;
    if shoppers.len() != 10 {
        return refuse("bad_config");
    }
    let basket = read_basket(fields.need("basket")?)?;
    let inner = Fields::open(fields.need("mix")?, &["indifferent", "waits", "forces"])?;
    let mix = vec![inner.natural("indifferent")?, inner.natural("waits")?, inner.natural("forces")?];
    if mix.iter().all(|weight| *weight == int(0)) {
        return refuse("bad_config");
    }
    let gives_up_bp = fields.rate_or("gives_up_bp", 0)?;
    let prior = fields.natural_or("prior_points_milli", 0)?;
    let mut stock = None;
    if let Some(value) = fields.get("stock") {
        let inner = Fields::open(value, &["units", "price", "lost_bp"])?;
        inner.need("price")?;
        stock = Some(Stock {
            units: inner.natural("units")?,
            price: inner.divisor_or("price", 1)?,
            lost_bp: inner.rate_or("lost_bp", 10_000)?,
        });
    }
    let mut fund = None;
    if let Some(value) = fields.get("fund") {
        let inner = Fields::open(value, &["requirement", "balance", "top_up"])?;
        fund = Some(FundTerms {
            requirement: inner.natural("requirement")?,
            balance: inner.natural("balance")?,
            top_up: inner.flag_or("top_up", false)?,
        });
    }
    let margin_bp = fields.signed("margin_bp")?;
    let min_cover_bp = fields.natural_or("min_cover_bp", 0)?;
    let best = best_column(&program);
    let mut nothing = json!({ "total": 0 });
    if program.table.stopwatch {
        nothing["digit"] = json!(1);
    } else if program.table.auction {
        nothing["slot"] = json!(1);
    }
    let surroundings = json!({ "shopper": { "prior_points_milli": out(&prior)? } });
    let surroundings = Fields::open(&surroundings, &["shopper"])?;
    let request = Request {
        receipt: read_receipt(&nothing, &program)?,
        shopper: read_shopper(&surroundings)?,
        merchant: read_merchant(&Fields::open(&json!({}), &[])?)?,
        counters: no_counters(),
        program,
    };
    let plan = Plan { seed, runs, days, shoppers, basket, mix, gives_up_bp, stock, margin_bp, fund, min_cover_bp, best };
    Ok((plan, request))
}

fn no_counters() -> Counters {
    Counters { day: None, released_today: int(0), awards_by_slot: vec![int(0); 10], released_by_slot: vec![int(0); 10] }
}

/// The voucher for a receipt of the column 0 … 9; the counters go on.
fn decide(request: &mut Request, total: &Int, column: usize) -> Answer<Int> {
    let mut receipt = json!({ "total": out(total)? });
    if request.program.table.stopwatch {
        receipt["digit"] = json!((column + 1) % 10);
    } else if request.program.table.auction {
        receipt["slot"] = json!(column + 1);
    }
    let answer = award_of(request, &read_receipt(&receipt, &request.program)?)?;
    let after = json!({ "counters": answer["counters"] });
    request.counters = read_counters(&Fields::open(&after, &["counters"])?, &request.program.table)?;
    Ok(int(answer["value"].as_i64().expect("a value")))
}

impl Plan {
    /// Five numbers for each shopper, used or not.
    fn visit(&self, generator: &mut Generator) -> Visit {
        let weights: Int = self.mix.iter().sum();
        let behaviour = generator.below(&weights);
        let gives_up = generator.below(&int(10_000));
        let basket = generator.draw();
        let digit = generator.below(&int(10));
        generator.draw();

        let mut up_to = int(0);
        let mut chosen = None;
        for (weight, one) in self.mix.iter().zip(BEHAVIOURS) {
            up_to += weight;
            if chosen.is_none() && behaviour < up_to {
                chosen = Some(one);
            }
        }
        Visit {
            behaviour: chosen.expect("below the sum of the weights"),
            gives_up: gives_up < self.gives_up_bp,
            basket,
            digit: small(&digit),
        }
    }

    /// The later slot for which this shopper of a slot waits.
    fn waits_for(&self, program: &Program, behaviour: Behaviour, slot: usize) -> Option<usize> {
        let waits = program.table.auction && behaviour == Behaviour::Waits;
        self.best.filter(|best| waits && *best > slot)
    }
}

/// The fund, in the words of `guarantee.apply`.
struct Deposit {
    state: Value,
    /// Vouchers not yet redeemed, in the order of their issue.
    due: Vec<(String, i64)>,
    issued: usize,
}

impl Deposit {
    fn open(terms: &FundTerms) -> Answer<Self> {
        let state = json!({ "requirement": out(&terms.requirement)?, "balance": out(&terms.balance)? });
        let mut deposit = Self { state, due: Vec::new(), issued: 0 };
        deposit.apply(json!([]))?;
        Ok(deposit)
    }

    /// The notices.
    fn apply(&mut self, events: Value) -> Answer<Vec<Value>> {
        let mut request = json!({ "events": events });
        for name in ["requirement", "balance", "warnings", "reservations"] {
            request[name] = self.state[name].clone();
        }
        request["suspended"] = json!(self.suspended());
        self.state = fund::apply(&request)?;
        Ok(self.state["notices"].as_array().expect("notices").clone())
    }

    fn suspended(&self) -> bool {
        self.state["state"] == "suspended"
    }

    fn amount(&self, name: &str) -> Int {
        int(self.state[name].as_i64().expect("an amount"))
    }

    /// Redeems what is due, checks, and tops up a warned fund; whether it is
    /// suspended now and was not before.
    fn morning(&mut self, terms: &FundTerms) -> Answer<bool> {
        let mut due = Vec::new();
        for (id, amount) in std::mem::take(&mut self.due) {
            let short = self.apply(json!([{ "type": "redeem", "id": id, "amount": amount }]))?;
            if !short.is_empty() {
                due.push((id, amount));
            }
        }
        self.due = due;
        let told = self.apply(json!([{ "type": "check" }]))?;
        let notice = told.first().map(|notice| notice["notice"].clone());
        if terms.top_up && notice == Some(json!("warning")) {
            let missing = &terms.requirement - self.amount("balance");
            self.apply(json!([{ "type": "top_up", "amount": out(&missing)? }]))?;
        }
        Ok(notice == Some(json!("suspended")))
    }

    fn issue(&mut self, value: &Int) -> Answer<()> {
        let id = format!("{:08}", self.issued);
        self.issued += 1;
        let amount = i64::try_from(value.clone()).expect("a voucher");
        self.apply(json!([{ "type": "issue", "id": id, "amount": amount }]))?;
        self.due.push((id, amount));
        Ok(())
    }
}

#[derive(Default, Clone)]
struct Sums {
    receipts: Int,
    sales: Int,
    vouchers: Int,
    units: Int,
}

/// What is counted over all runs.
#[derive(Default)]
struct Totals {
    slots: Vec<Sums>,
    days: Vec<Value>,
    profits: Vec<Int>,
    lost_sales: Int,
    units_left: Int,
    left_value: Int,
    days_below_cover: Int,
    suspensions: Int,
}

/// One selling day, as it goes on.
struct Day<'a> {
    plan: &'a Plan,
    left: Int,
    lost_sales: Int,
    slots: Vec<Sums>,
}

impl Day<'_> {
    fn buy(&mut self, request: &mut Request, deposit: &mut Option<Deposit>, slot: usize, visit: &Visit) -> Answer<()> {
        let basket = &self.plan.basket;
        let wanted = basket.choice(slot, &scaled(visit.basket, &basket.choices(slot)));
        let mut total = wanted.clone();
        if let Some(stock) = &self.plan.stock {
            let units = (&wanted / &stock.price).min(self.left.clone());
            if units == int(0) {
                self.lost_sales += 1;
                return Ok(());
            }
            total = &units * &stock.price;
            self.left -= &units;
            self.slots[slot].units += units;
        }
        let column = match (request.program.table.stopwatch, visit.behaviour) {
            (false, _) => slot,
            (true, Behaviour::Forces) => self.plan.best.expect("a stopwatch holds no column back"),
            (true, _) => digit_column(visit.digit),
        };
        if let Some(deposit) = deposit {
            let merchant = json!({
                "suspended": deposit.suspended(),
                "fund_balance": deposit.state["balance"],
                "outstanding": deposit.state["reserved"],
            });
            let surroundings = json!({ "merchant": merchant });
            request.merchant = read_merchant(&Fields::open(&surroundings, &["merchant"])?)?;
        }
        let value = decide(request, &total, column)?;
        if let Some(deposit) = deposit {
            if value > int(0) {
                deposit.issue(&value)?;
            }
        }
        let sums = &mut self.slots[slot];
        sums.receipts += 1;
        sums.sales += total;
        sums.vouchers += value;
        Ok(())
    }
}

fn whole_day<'a>(plan: &'a Plan, request: &mut Request, deposit: &mut Option<Deposit>, generator: &mut Generator) -> Answer<Day<'a>> {
    let left = plan.stock.as_ref().map_or(int(0), |stock| stock.units.clone());
    let mut day = Day { plan, left, lost_sales: int(0), slots: vec![Sums::default(); 10] };
    let mut waiting = Vec::new();
    request.counters = no_counters();
    for slot in 0..10 {
        let mut came = int(0);
        while came < plan.shoppers[slot] {
            came += 1;
            let visit = plan.visit(generator);
            if plan.waits_for(&request.program, visit.behaviour, slot).is_none() {
                day.buy(request, deposit, slot, &visit)?;
            } else if !visit.gives_up {
                waiting.push(visit);
            }
        }
        if plan.best == Some(slot) {
            for visit in waiting.drain(..) {
                day.buy(request, deposit, slot, &visit)?;
            }
        }
    }
    Ok(day)
}

fn one_run(plan: &Plan, request: &mut Request, run: usize, totals: &mut Totals) -> Answer<()> {
    let mut generator = Generator::of_run(plan.seed, run as u64);
    let mut deposit = plan.fund.as_ref().map(Deposit::open).transpose()?;
    let mut run_profit = int(0);
    for _ in 0..plan.days {
        if let (Some(deposit), Some(terms)) = (&mut deposit, &plan.fund) {
            if deposit.morning(terms)? {
                totals.suspensions += 1;
            }
        }
        let day = whole_day(plan, request, &mut deposit, &mut generator)?;

        let sales: Int = day.slots.iter().map(|sums| &sums.sales).sum();
        let vouchers: Int = day.slots.iter().map(|sums| &sums.vouchers).sum();
        let mut lost_value = int(0);
        if let Some(stock) = &plan.stock {
            let cost = at_margin(&(&day.left * &stock.price), &(int(10_000) - &plan.margin_bp));
            lost_value = (cost * Fraction::new(stock.lost_bp.clone(), int(10_000))).trunc().to_integer();
        }
        let net_profit = at_margin(&sales, &plan.margin_bp).trunc().to_integer() - &vouchers - &lost_value;
        if let Some(deposit) = &deposit {
            let (balance, outstanding) = (deposit.amount("balance"), deposit.amount("reserved"));
            if outstanding > int(0) && balance * int(10_000) < outstanding * &plan.min_cover_bp {
                totals.days_below_cover += 1;
            }
        }
        if run == 0 {
            totals.days.push(json!({
                "sales": out(&sales)?,
                "vouchers": out(&vouchers)?,
                "units_left": out(&day.left)?,
                "net_profit": out(&net_profit)?,
                "fund_balance": deposit.as_ref().map_or(json!(0), |deposit| deposit.state["balance"].clone()),
                "suspended": deposit.as_ref().is_some_and(Deposit::suspended),
            }));
        }
        run_profit += net_profit;
        totals.lost_sales += day.lost_sales;
        totals.units_left += day.left;
        totals.left_value += lost_value;
        for (sum, its) in totals.slots.iter_mut().zip(day.slots) {
            sum.receipts += its.receipts;
            sum.sales += its.sales;
            sum.vouchers += its.vouchers;
            sum.units += its.units;
        }
    }
    totals.profits.push(run_profit);
    Ok(())
}

/// The mean sales and vouchers of one day, where one receipt does not touch
/// the next.
fn expectation(plan: &Plan, request: &mut Request) -> Answer<Option<(Fraction, Fraction)>> {
    let program = &request.program;
    let touched = [
        program.table.points,
        matches!(plan.basket, Basket::BySlot(_)),
        plan.stock.is_some(),
        plan.fund.is_some(),
        program.min_cover_bp.as_ref().is_some_and(|least| *least > int(0)),
        program.first_n.is_some(),
        program.day_budget.is_some(),
        program.slot_budget.is_some(),
        program.receipt_cap.is_some(),
    ];
    if touched.contains(&true) {
        return Ok(None);
    }
    // How many shoppers buy in each column, on average.
    let stopwatch = program.table.stopwatch;
    let weights: Int = plan.mix.iter().sum();
    let mut buyers = vec![fraction(&int(0)); 10];
    for slot in 0..10 {
        for (weight, behaviour) in plan.mix.iter().zip(BEHAVIOURS) {
            let people = Fraction::new(&plan.shoppers[slot] * weight, weights.clone());
            if stopwatch && behaviour == Behaviour::Forces {
                buyers[plan.best.expect("a column")] += people;
            } else if stopwatch {
                for column in &mut buyers {
                    *column += &people / int(10);
                }
            } else if let Some(best) = plan.waits_for(program, behaviour, slot) {
                buyers[best] += people * Fraction::new(int(10_000) - &plan.gives_up_bp, int(10_000));
            } else {
                buyers[slot] += people;
            }
        }
    }
    let choices = plan.basket.choices(0);
    let (mut sales, mut vouchers) = (fraction(&int(0)), fraction(&int(0)));
    for (column, people) in buyers.iter().enumerate() {
        let mut k = int(0);
        let (mut all_sales, mut all_vouchers) = (int(0), int(0));
        while *people > fraction(&int(0)) && k < choices {
            let basket = plan.basket.choice(0, &k);
            request.counters = no_counters();
            all_vouchers += decide(request, &basket, column)?;
            all_sales += basket;
            k += 1;
        }
        sales += people * Fraction::new(all_sales, choices.clone());
        vouchers += people * Fraction::new(all_vouchers, choices.clone());
    }
    Ok(Some((sales, vouchers)))
}

impl Plan {
    /// How many receipts it may come to.
    fn work(&self) -> Int {
        int(self.runs as i64) * int(self.days as i64) * (self.shoppers.iter().sum::<Int>() + int(1))
    }
}

/// How many shoppers a request may come to, and a day counts as one.
pub fn work(input: &Value) -> Answer<Int> {
    Ok(read_plan(input)?.0.work())
}

/// PL-16.
pub fn simulate(input: &Value) -> Answer<Value> {
    let (plan, mut request) = read_plan(input)?;
    if plan.work() > int(4_000_000) {
        return refuse("too_large");
    }
    let mut totals = Totals { slots: vec![Sums::default(); 10], ..Totals::default() };
    for run in 0..plan.runs {
        one_run(&plan, &mut request, run, &mut totals)?;
    }
    let times = int(plan.runs as i64) * int(plan.days as i64);
    let expected = match expectation(&plan, &mut request)? {
        None => Value::Null,
        Some((sales, vouchers)) => json!({
            "sales": out(&(sales * &times).trunc().to_integer())?,
            "vouchers": out(&(vouchers * &times).trunc().to_integer())?,
        }),
    };

    let mut slots = Vec::new();
    let mut all = Sums::default();
    for sums in &totals.slots {
        slots.push(json!({
            "receipts": out(&sums.receipts)?,
            "sales": out(&sums.sales)?,
            "vouchers": out(&sums.vouchers)?,
            "units": out(&sums.units)?,
        }));
        all.receipts += &sums.receipts;
        all.sales += &sums.sales;
        all.vouchers += &sums.vouchers;
    }
    let profits = &mut totals.profits;
    profits.sort();
    let mean = Fraction::new(profits.iter().sum::<Int>(), int(plan.runs as i64)).trunc().to_integer();
    let at = |percent: usize| out(&profits[percent * (plan.runs - 1) / 100]);
    Ok(json!({
        "slots": slots,
        "days": totals.days,
        "net_profit": {
            "mean": out(&mean)?,
            "worst": at(0)?,
            "best": at(100)?,
            "p5": at(5)?,
            "p50": at(50)?,
            "p95": at(95)?,
        },
        "totals": {
            "receipts": out(&all.receipts)?,
            "sales": out(&all.sales)?,
            "vouchers": out(&all.vouchers)?,
            "lost_sales": out(&totals.lost_sales)?,
            "units_left": out(&totals.units_left)?,
            "left_value": out(&totals.left_value)?,
        },
        "days_below_cover": out(&totals.days_below_cover)?,
        "suspensions": out(&totals.suspensions)?,
        "expected": expected,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of seed 1234567, as published with the generator.
    #[test]
    fn draws_the_published_numbers() {
        let mut generator = Generator::of_run(1_234_567, 0);
        let drawn: Vec<u64> = (0..5).map(|_| generator.draw()).collect();
        let published = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(drawn, published);
    }

    #[test]
    fn a_number_below_one_is_zero_and_costs_a_draw() {
        let mut one = Generator::of_run(7, 3);
        let mut other = Generator::of_run(7, 3);
        assert_eq!(one.below(&int(1)), int(0));
        other.draw();
        assert_eq!(one.draw(), other.draw());
    }
}
