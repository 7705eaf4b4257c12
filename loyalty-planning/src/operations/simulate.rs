//! Simulated days.

use alloc::string::String;
use alloc::vec::Vec;

use crate::fault::Faults as _;
use crate::{Backing, Baskets, DayStock, Mix, NetProfits, Simulation, WeightedBasket};
use loyalty_rules::api::document::ProgramDocument;
use loyalty_rules::api::wire::{Amount, AtMost, Path, Refusal, Weight, answer, distinct, operations, record};
use loyalty_rules::award::Program;
use loyalty_rules::error::Fault;
use loyalty_rules::quantity::{Count, Points, Rate, Ratio, Rupiah};

operations! {
    "plan.simulate" ["PL-16 AW-1"] "Simulated days of a shop under a program.": simulate, SimulateRequest => SimulateAnswer;
    "plan.compare" ["PL-16"] "The same simulated days under several programs.": compare, CompareRequest => CompareAnswer;
}

record! {
    /// Days of a shop, to be simulated under a program.
    pub struct SimulateRequest {
        /// What is given.
        program: ProgramDocument,
        [flat] days: SimulationFields,
    }
}

record! {
    /// Days of a shop, to be simulated under several programs.
    pub struct CompareRequest {
        /// 1 … 16 programs, each name once.
        programs: AtMost<NamedProgram, 1_000>,
        [flat] days: SimulationFields,
    }
}

record! {
    /// A program to be compared.
    pub struct NamedProgram {
        /// Its name.
        name: String,
        /// What is given.
        program: ProgramDocument,
    }
}

record! {
    /// Days of a shop.
    pub struct SimulationFields {
        /// Where the draws start.
        seed: Count,
        /// How often the days are simulated, 1 … 10,000.
        runs: Count = Count::new(1).unwrap_or_default(),
        /// Days of a run, 1 … 366.
        days: Count = Count::new(1).unwrap_or_default(),
        /// How many shoppers come in each of the slots I … X.
        shoppers_by_slot: Vec<Count>,
        /// What they want to spend.
        basket: BasketFields,
        /// How they behave.
        mix: MixFields,
        /// The share of those who would wait and never come back, in basis points.
        gives_up_bp: Rate = Rate::ZERO,
        /// Thousandths of a point that each of them holds, 0 or more.
        prior_points_milli: Points = Points::ZERO,
        /// The stock of each day; without one everything wanted is sold.
        stock: Option<StockFields>,
        /// The margin of the goods before vouchers, in basis points; it may be negative.
        margin_bp: Ratio,
        /// The guarantee fund; without one vouchers are not backed.
        fund: Option<FundFields>,
        /// Days that close with less cover, balance ÷ outstanding in basis points, are counted.
        min_cover_bp: Count = Count::ZERO,
    }
}

record! {
    /// Baskets in rupiah: one amount, a range, a list, or lists by slot.
    pub struct BasketFields {
        /// The amount of every basket.
        fixed: Option<Amount>,
        /// The least of a range; every whole amount comes up with equal chance.
        from: Option<Amount>,
        /// The most of it, included.
        to: Option<Amount>,
        /// Amounts that come up with equal chance.
        list: Option<Vec<Amount>>,
        /// Ten lists of 1 … 32 amounts by weight, of the slots I … X in which they are spent.
        by_slot: Option<Vec<Vec<WeightedBasketFields>>>,
    }
}

record! {
    /// A basket by weight.
    pub struct WeightedBasketFields {
        /// The amount.
        amount: Amount,
        /// Its weight against the others of the slot.
        weight: Weight = Weight(1),
    }
}

record! {
    /// Behaviours by weight, not all zero.
    pub struct MixFields {
        /// Who buys on coming and plays by chance.
        indifferent: Count,
        /// Who comes back in the best slot of a time auction.
        waits: Count,
        /// Who stops the stopwatch at the best digit.
        forces: Count,
    }
}

record! {
    /// What a day opens with.
    pub struct StockFields {
        /// Units.
        units: Count,
        /// The price of a unit in rupiah, above zero.
        price: Amount,
        /// What a unit left at closing loses of its cost, in basis points.
        lost_bp: Rate = Rate::WHOLE,
    }
}

record! {
    /// A guarantee fund.
    pub struct FundFields {
        /// Its requirement in rupiah.
        requirement: Amount,
        /// What it starts with, in rupiah.
        balance: Amount,
        /// Whether it is filled up to the requirement when warned.
        top_up: bool = false,
    }
}

answer! {
    /// What a simulation shows.
    pub struct SimulateAnswer {
        /// Slots I … X, over all runs and days.
        slots: Vec<SimulatedSlot>,
        /// The days of the first run.
        days: Vec<SimulatedDayAnswer>,
        /// The net profits of the runs.
        net_profit: NetProfitAnswer,
        /// Over all runs and days.
        totals: SimulatedTotals,
        /// Days that closed with less cover than `min_cover_bp`.
        days_below_cover: Count,
        /// How often the fund suspended the shop.
        suspensions: Count,
        /// The expectation; null where it has no closed form.
        expected: Option<ExpectedAnswer>,
    }
}

answer! {
    /// A slot, over all runs and days.
    pub struct SimulatedSlot {
        /// Receipts.
        receipts: Count,
        /// Sales, in rupiah.
        sales: Rupiah,
        /// The vouchers given, in rupiah.
        vouchers: Rupiah,
        /// Units sold; 0 without stock.
        units: Count,
    }
}

answer! {
    /// A simulated day.
    pub struct SimulatedDayAnswer {
        /// Sales, in rupiah.
        sales: Rupiah,
        /// The vouchers given, in rupiah.
        vouchers: Rupiah,
        /// Units left at closing; 0 without stock.
        units_left: Count,
        /// Profit − vouchers − what the units left lost, in rupiah; negative for a loss.
        net_profit: Rupiah,
        /// The fund at closing, in rupiah; 0 without one.
        fund_balance: Rupiah,
        /// Whether the fund let nothing be given.
        suspended: bool,
    }
}

answer! {
    /// Net profits in rupiah; negative for a loss.
    pub struct NetProfitAnswer {
        /// Their mean, rounded toward zero.
        mean: Rupiah,
        /// The lowest.
        worst: Rupiah,
        /// The highest.
        best: Rupiah,
        /// One in twenty is lower.
        p5: Rupiah,
        /// The middle one.
        p50: Rupiah,
        /// One in twenty is higher.
        p95: Rupiah,
    }
}

answer! {
    /// Sums.
    pub struct SimulatedTotals {
        /// Receipts.
        receipts: Count,
        /// Sales, in rupiah.
        sales: Rupiah,
        /// The vouchers given, in rupiah.
        vouchers: Rupiah,
        /// Shoppers for whom nothing was left, or who wanted less than a unit.
        lost_sales: Count,
        /// Units left at closing.
        units_left: Count,
        /// What they lost, in rupiah, rounded toward zero each day.
        left_value: Rupiah,
    }
}

answer! {
    /// An expectation in rupiah, rounded down.
    pub struct ExpectedAnswer {
        /// Sales.
        sales: Rupiah,
        /// Vouchers.
        vouchers: Rupiah,
    }
}

answer! {
    /// Programs compared.
    pub struct CompareAnswer {
        /// What came of each, in declared order.
        results: Vec<ComparedProgram>,
        /// The name of the highest mean net profit, the earliest of equal ones.
        best: String,
    }
}

answer! {
    /// What came of a program.
    pub struct ComparedProgram {
        /// Its name.
        name: String,
        /// The net profits of the runs.
        net_profit: NetProfitAnswer,
        /// Over all runs and days.
        totals: SimulatedTotals,
        /// Days that closed with less cover than `min_cover_bp`.
        days_below_cover: Count,
        /// How often the fund suspended the shop.
        suspensions: Count,
        /// The mean net profit less that of the first program, in rupiah.
        against_first: Rupiah,
    }
}

fn simulate(request: &SimulateRequest) -> Result<SimulateAnswer, Refusal> {
    let program = request.program.prove(&Path::Root.key("program"))?;
    let lists = request.days.basket.lists()?;
    Ok(request.days.simulation(&program, &lists)?.run()?.into())
}

fn compare(request: &CompareRequest) -> Result<CompareAnswer, Refusal> {
    let CompareRequest { programs: AtMost(named), days } = request;
    if named.len() > 16 {
        return Err(Refusal::at(Fault::ProgramCount, &Path::Root.key("programs")));
    }
    distinct("programs", "name", named.iter().map(|named| named.name.as_str()))?;
    let list = Path::Root.key("programs");
    let prove = |(index, named): (usize, &NamedProgram)| named.program.prove(&list.entry(index).key("program"));
    let programs = named.iter().enumerate().map(prove).collect::<Result<Vec<_>, _>>()?;
    let [first, others @ ..] = programs.as_slice() else { return Err(Refusal::at(Fault::ProgramCount, &list)) };
    let lists = days.basket.lists()?;
    let compared = days.simulation(first, &lists)?.compare(&others.iter().collect::<Vec<_>>())?;
    let result = |((named, simulated), against_first): ((&NamedProgram, crate::Simulated), Rupiah)| ComparedProgram {
        name: named.name.clone(),
        net_profit: simulated.net_profit.into(),
        totals: simulated.totals.into(),
        days_below_cover: simulated.days_below_cover,
        suspensions: simulated.suspensions,
        against_first,
    };
    Ok(CompareAnswer {
        best: named.get(compared.best).map(|named| named.name.clone()).unwrap_or_default(),
        results: named.iter().zip(compared.simulated).zip(compared.against_first).map(result).collect(),
    })
}

impl SimulationFields {
    fn simulation<'a>(&self, program: &'a Program, lists: &'a BasketLists) -> Result<Simulation<'a>, Refusal> {
        let Ok(shoppers_by_slot) = <[Count; 10]>::try_from(self.shoppers_by_slot.as_slice()) else {
            return Err(Fault::NotTenSlotCounts.error().at("shoppers_by_slot").into());
        };
        let (stock, backing) = (self.stock.as_ref(), self.fund.as_ref());
        Ok(Simulation {
            seed: self.seed,
            runs: self.runs,
            days: self.days,
            program,
            shoppers_by_slot,
            baskets: self.basket.baskets(lists)?,
            mix: Mix { indifferent: self.mix.indifferent, waits: self.mix.waits, forces: self.mix.forces },
            gives_up: self.gives_up_bp,
            prior_points: self.prior_points_milli,
            stock: stock.map(|stock| DayStock { units: stock.units, price: stock.price.0, lost: stock.lost_bp }),
            margin: self.margin_bp,
            backing: backing.map(|fund| Backing { requirement: fund.requirement.0, balance: fund.balance.0, top_up: fund.top_up }),
            min_cover_bp: self.min_cover_bp,
        })
    }
}

/// The amounts that baskets are drawn from.
struct BasketLists {
    list: Vec<Rupiah>,
    by_slot: [Vec<WeightedBasket>; 10],
}

impl BasketFields {
    fn lists(&self) -> Result<BasketLists, Refusal> {
        let basket = |fields: &WeightedBasketFields| WeightedBasket { amount: fields.amount.0, weight: fields.weight.0 };
        let slots = self.by_slot.as_ref().map(|slots| slots.iter().map(|slot| slot.iter().map(basket).collect()).collect::<Vec<_>>());
        let Ok(by_slot) = slots.map_or_else(|| Ok(Default::default()), <[_; 10]>::try_from) else {
            return Err(Fault::BasketsBySlot.error().at("basket.by_slot").into());
        };
        Ok(BasketLists { list: self.list.iter().flatten().map(|basket| basket.0).collect(), by_slot })
    }

    fn baskets<'a>(&self, lists: &'a BasketLists) -> Result<Baskets<'a>, Refusal> {
        let refuse = |fault: Fault, field: &'static str| Err(fault.error().at(field).into());
        match (self.fixed, self.from, self.to, &self.list, &self.by_slot) {
            (Some(fixed), None, None, None, None) => Ok(Baskets::Between { from: fixed.0, to: fixed.0 }),
            (None, Some(from), Some(to), None, None) => Ok(Baskets::Between { from: from.0, to: to.0 }),
            (None, None, None, Some(_), None) => Ok(Baskets::List(&lists.list)),
            (None, None, None, None, Some(_)) => Ok(Baskets::BySlot(&lists.by_slot)),
            (None, Some(_), None, None, None) => refuse(Fault::Missing, "basket.to"),
            (None, None, Some(_), None, None) => refuse(Fault::Missing, "basket.from"),
            _ => refuse(Fault::BasketForm, "basket"),
        }
    }
}

impl From<crate::Simulated> for SimulateAnswer {
    fn from(simulated: crate::Simulated) -> Self {
        let slot = |slot: crate::SlotTotals| SimulatedSlot {
            receipts: slot.receipts,
            sales: slot.sales,
            vouchers: slot.vouchers,
            units: slot.units,
        };
        let day = |day: crate::SimulatedDay| SimulatedDayAnswer {
            sales: day.sales,
            vouchers: day.vouchers,
            units_left: day.units_left,
            net_profit: day.net_profit,
            fund_balance: day.fund_balance,
            suspended: day.suspended,
        };
        Self {
            slots: simulated.slots.into_iter().map(slot).collect(),
            days: simulated.days.into_iter().map(day).collect(),
            net_profit: simulated.net_profit.into(),
            totals: simulated.totals.into(),
            days_below_cover: simulated.days_below_cover,
            suspensions: simulated.suspensions,
            expected: simulated.expected.map(|expected| ExpectedAnswer { sales: expected.sales, vouchers: expected.vouchers }),
        }
    }
}

impl From<NetProfits> for NetProfitAnswer {
    fn from(profits: NetProfits) -> Self {
        let NetProfits { mean, worst, best, percentiles: [p5, p50, p95] } = profits;
        Self { mean, worst, best, p5, p50, p95 }
    }
}

impl From<crate::Totals> for SimulatedTotals {
    fn from(totals: crate::Totals) -> Self {
        let crate::Totals { receipts, sales, vouchers, lost_sales, units_left, left_value } = totals;
        Self { receipts, sales, vouchers, lost_sales, units_left, left_value }
    }
}
