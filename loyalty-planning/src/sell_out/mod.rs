//! Perishable stock (PL-22): the time auction that sells it by closing for the least vouchers, certified by simulated days.

mod certificate;
mod cheapest;
mod market;
mod search;

use alloc::vec::Vec;

pub use certificate::{SimulatedSales, SoldInSlot, VoucherCost};

use self::cheapest::Cheapest;
use self::market::{Choice, Guard, Market};
use self::search::Sample;
use crate::fault::Faults as _;
use loyalty_rules::award::{Budget, FirstN, Latecomer, Program, Quota, SlotLimits, Terms};
use loyalty_rules::calendar::SaleWindow;
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::funding::not_negative;
use loyalty_rules::quantity::{Count, Points, Rate, Ratio, Rupiah};
use loyalty_rules::tables::{Column, Edition, MarginClass, Mechanism, RateTable, Slot, TableName, stock_quota};

/// Goods that are worth nothing after closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Perishable {
    /// Units left, 1 … 10,000.
    pub units: Count,
    /// The price of a unit in rupiah, above zero.
    pub price: Rupiah,
    /// What a unit costs the shop, in rupiah.
    pub cost: Rupiah,
}

/// From a rate on, this share of the people who come by buy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConversionStep {
    /// The rate of the voucher that they can get.
    pub rate: Rate,
    /// The share.
    pub conversion: Rate,
}

/// Where rates come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateSource {
    /// A printed table of this edition and of the margin's class.
    Published(Edition),
    /// Any rates of the conversion steps that do not fall from slot to slot.
    Free,
}

/// Stock, who comes by, and what vouchers may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SellOut<'a> {
    /// What is left to sell.
    pub stock: Perishable,
    /// The slot that is about to begin.
    pub from_slot: Slot,
    /// The people who come by in slots I … X.
    pub footfall_by_slot: [Count; 10],
    /// What a buyer wants to spend, each with equal chance; 1 … 16.
    pub baskets: &'a [Rupiah],
    /// Who buys, by rate; 1 … 8 steps from a rate of 0 on.
    pub conversion: &'a [ConversionStep],
    /// How far a buyer raises the purchase to reach the minimum purchase.
    pub stretch: Rate,
    /// Where rates come from.
    pub rates: RateSource,
    /// No rate is above it.
    pub ceiling: Option<Rate>,
    /// The least margin that vouchers leave of the stock's sales.
    pub min_margin: Ratio,
    /// What the guarantee fund can still reserve, in rupiah.
    pub fund_free: Option<Rupiah>,
    /// Vouchers given today before the slot, in rupiah.
    pub given: Rupiah,
    /// The points that each buyer holds.
    pub prior_points: Points,
    /// The hours of the shop.
    pub window: Option<SaleWindow>,
    /// Where the draws start.
    pub seed: Count,
    /// How many days are simulated, 1 … 366.
    pub days: Count,
    /// The share of days that must sell out, 1 … 100 percent.
    pub percentile: Count,
    /// The share of people who wait for the best slot; simulated, not planned.
    pub waits: Rate,
    /// The share of these who never come back.
    pub gives_up: Rate,
}

/// What a plan does in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedSlot {
    /// The rate and the minimum purchase in rupiah; `None` when the slot is held.
    pub gives: Option<(Rate, Rupiah)>,
    /// The stock ÷ the slots left (TA-5).
    pub even_units: Count,
    /// Thousandths of a unit that are wanted on average, rounded down.
    pub units_milli: Count,
    /// The vouchers on average in rupiah, rounded up.
    pub vouchers: Rupiah,
}

/// A plan, and what the simulated days say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SellOutPlan {
    /// The program, proved.
    pub program: Program,
    /// Slots I … X.
    pub slots: [PlannedSlot; 10],
    /// What vouchers may cost, in rupiah.
    pub voucher_limit: Rupiah,
    /// Thousandths of a unit that all slots want.
    pub units_milli: Count,
    /// The vouchers of all slots, in rupiah.
    pub vouchers: Rupiah,
    /// Whether enough days sell out.
    pub is_certified: bool,
    /// The days under the plan.
    pub simulated: SimulatedSales,
    /// The same days with every slot held.
    pub without: SimulatedSales,
}

/// The most units, so that a plan counts in at most as many parts.
const MOST_UNITS: i64 = 10_000;
/// The most days × people.
const MOST_WORK: i128 = 100_000;

/// What there is to choose from: one table, or free rates.
struct Menu {
    table: Option<TableName>,
    cheapest: Cheapest,
}

/// The choice of each slot.
struct Plan {
    table: Option<TableName>,
    choices: Vec<Choice>,
}

impl SellOut<'_> {
    /// Plans the rest of a day (PL-22).
    ///
    /// ```
    /// use loyalty_planning::{ConversionStep, Perishable, RateSource, SellOut};
    /// use loyalty_rules::quantity::{Count, Points, Rate, Ratio, Rupiah};
    /// use loyalty_rules::tables::{Edition, Slot};
    ///
    /// let step = |rate, conversion| Ok::<_, loyalty_rules::Error>(ConversionStep {
    ///     rate: Rate::from_bp(rate)?,
    ///     conversion: Rate::from_bp(conversion)?,
    /// });
    /// let mut footfall_by_slot = [Count::ZERO; 10];
    /// footfall_by_slot[8..].fill(Count::new(10)?);
    /// // 10 kg left, two slots of ten people who want 2 kg: without vouchers 8 kg are sold.
    /// let plan = SellOut {
    ///     stock: Perishable { units: Count::new(10)?, price: Rupiah::new(10_000)?, cost: Rupiah::new(8_000)? },
    ///     from_slot: Slot::new(9)?,
    ///     footfall_by_slot,
    ///     baskets: &[Rupiah::new(20_000)?],
    ///     conversion: &[step(0, 2_000)?, step(300, 3_000)?, step(600, 4_000)?],
    ///     stretch: Rate::ZERO,
    ///     rates: RateSource::Published(Edition::Recommended),
    ///     ceiling: None,
    ///     min_margin: Ratio::ZERO,
    ///     fund_free: None,
    ///     given: Rupiah::ZERO,
    ///     prior_points: Points::ZERO,
    ///     window: None,
    ///     seed: Count::new(1)?,
    ///     days: Count::new(100)?,
    ///     percentile: Count::new(65)?,
    ///     waits: Rate::ZERO,
    ///     gives_up: Rate::ZERO,
    /// }
    /// .plan()?;
    /// assert_eq!((plan.units_milli.get(), plan.vouchers.get()), (10_000, 2_700)); // IX held, Silver's 4.5 % in X
    /// assert!(plan.is_certified && plan.simulated.sold_out_days > plan.without.sold_out_days);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` for a number outside its range or a result that leaves the domain; `bad_config` for baskets or steps
    /// that are no plan's; `too_large` for more than 100,000 days × people.
    pub fn plan(&self) -> Result<SellOutPlan, Error> {
        self.check()?;
        let market = Market::of(self)?;
        let menus = self.menus(&market)?;
        let sample = Sample::of(&market);
        let best_of = |menu: &Menu| {
            let (choices, score) = sample.best(&menu.cheapest, menus.len());
            (score, Plan { table: menu.table, choices })
        };
        let found = menus.iter().map(best_of).min_by_key(|(score, _)| *score);
        let plan = found.map_or_else(|| Plan { table: None, choices: market.held_day() }, |(_, plan)| plan);
        let simulated = self.simulate(&self.program(&plan, &market, Rupiah::ZERO)?, &market, &plan.choices)?;
        let held = Plan { table: None, choices: market.held_day() };
        let slots = self.planned(&plan, &market)?;
        let sum = |of: fn(&PlannedSlot) -> i64| slots.iter().fold(0_i64, |sum, slot| sum.wrapping_add(of(slot)));
        Ok(SellOutPlan {
            program: self.program(&plan, &market, self.given)?,
            voucher_limit: market.limit,
            units_milli: Count::new(sum(|slot| slot.units_milli.get()))?,
            vouchers: Rupiah::new(sum(|slot| slot.vouchers.get()))?,
            is_certified: self.is_enough(simulated.sold_out_days.get()),
            simulated,
            without: self.simulate(&self.program(&held, &market, Rupiah::ZERO)?, &market, &held.choices)?,
            slots,
        })
    }

    fn check(&self) -> Result<(), Error> {
        let refuse = |fault: Fault, field: Field| Err(fault.error().at(field));
        if !(1..=MOST_UNITS).contains(&self.stock.units.get()) {
            return refuse(Fault::StockOutOfRange, "stock.units".into());
        }
        if not_negative(self.stock.price, "stock.price")?.is_zero() {
            return refuse(Fault::MustNotBeZero, "stock.price".into());
        }
        not_negative(self.stock.cost, "stock.cost")?;
        not_negative(self.given, "given")?;
        self.fund_free.map(|free| not_negative(free, "fund_free")).transpose()?;
        if self.prior_points < Points::ZERO {
            return refuse(Fault::Negative, "prior_points_milli".into());
        }
        if !(1..=16).contains(&self.baskets.len()) {
            return refuse(Fault::BasketCount, "baskets".into());
        }
        if let Some(index) = self.baskets.iter().position(|basket| *basket < Rupiah::ZERO) {
            return refuse(Fault::Negative, Field::entry("baskets", index));
        }
        let steps = self.conversion.iter().zip(self.conversion.iter().skip(1));
        let is_rising = steps.into_iter().all(|(step, next)| step.rate < next.rate && step.conversion <= next.conversion);
        let is_from_zero = self.conversion.first().is_some_and(|first| first.rate == Rate::ZERO);
        if !is_from_zero || !is_rising || self.conversion.len() > 8 {
            return refuse(Fault::ConversionSteps, "conversion".into());
        }
        if !(1..=366).contains(&self.days.get()) {
            return refuse(Fault::DaysOutOfRange, "days".into());
        }
        if !(1..=100).contains(&self.percentile.get()) {
            return refuse(Fault::PercentileOutOfRange, "percentile".into());
        }
        // Ten numbers below 2⁵³ by at most 366.
        let people = self.footfall().iter().fold(1_i128, |sum, people| sum.wrapping_add(people.get().into()));
        if people.wrapping_mul(self.days.get().into()) > MOST_WORK { refuse(Fault::SellOutTooLarge, "days".into()) } else { Ok(()) }
    }

    /// Who comes by from the slot on.
    fn footfall(&self) -> [Count; 10] {
        let mut footfall = self.footfall_by_slot;
        footfall.iter_mut().take(usize::from(self.from_slot.column().index())).for_each(|before| *before = Count::ZERO);
        footfall
    }

    /// Whether so many days sold out.
    fn is_enough(&self, sold_out_days: i64) -> bool {
        sold_out_days.wrapping_mul(100) >= self.percentile.get().wrapping_mul(self.days.get())
    }

    /// What there is to choose from, table by table.
    fn menus(&self, market: &Market<'_>) -> Result<Vec<Menu>, Error> {
        let allowed = |rate: &Rate| self.ceiling.is_none_or(|ceiling| *rate <= ceiling);
        let RateSource::Published(edition) = self.rates else {
            let rates: Vec<Rate> =
                self.conversion.iter().map(|step| step.rate).filter(|rate| *rate > Rate::ZERO && allowed(rate)).collect();
            let cheapest = Cheapest::of(Column::all().map(|column| market.choices(column, &rates)).collect(), rates.len(), market.most());
            return Ok([Menu { table: None, cheapest }].into());
        };
        let class = MarginClass::of(crate::margin(self.stock.price, self.stock.cost, Rate::ZERO)?);
        let is_of_class = |table: &TableName| {
            (table.mechanism(), table.edition(), table.margin_class()) == (Mechanism::TimeAuction, Some(edition), class)
        };
        let tables = TableName::all().filter(is_of_class).map(|name| (name, RateTable::from(name)));
        let menu = |(name, table): (TableName, RateTable)| Menu {
            table: Some(name),
            cheapest: Cheapest::of(Column::all().map(|column| market.choices(column, &[table.rate(column)])).collect(), 1, market.most()),
        };
        let mut menus: Vec<Menu> = tables.filter(|(_, table)| allowed(&table.highest())).map(menu).collect();
        if menus.is_empty() {
            let held = Column::all().map(|column| market.choices(column, &[])).collect();
            menus.push(Menu { table: None, cheapest: Cheapest::of(held, 1, market.most()) });
        }
        Ok(menus)
    }

    /// The program of a plan, which may give the limit beyond what was given before.
    fn program(&self, plan: &Plan, market: &Market<'_>, before: Rupiah) -> Result<Program, Error> {
        let mut terms = Terms::new(match plan.table {
            Some(name) => RateTable::from(name),
            None => RateTable::own(Mechanism::TimeAuction, own_rates(&plan.choices), false)?,
        });
        let mut quotas = [Rupiah::ZERO; 10];
        let (mut first_n, mut budgets) = ([None; 10], [None; 10]);
        let mut day = Guard::default();
        let columns = Column::all().zip(&plan.choices).zip(&mut quotas).zip(&mut first_n).zip(&mut budgets);
        for ((((column, choice), quota), places), budget) in columns {
            if let Some(gives) = choice.gives {
                let guard = market.guard(column, choice);
                (*quota, *places, *budget) = (market.amount(gives.quota_units)?, Some(guard.places()), Some(guard.budget(market.limit)));
                day.add(&guard);
            } else {
                terms.held_slots = terms.held_slots.with(column.slot());
            }
        }
        terms.quota = Quota::by_slot(quotas);
        terms.window = self.window;
        let gives = plan.choices.iter().any(|choice| choice.gives.is_some());
        terms.first_n = gives.then(|| FirstN { n: SlotLimits::by_slot(first_n), then: Latecomer::default() });
        terms.budget = Budget {
            day: Some(before.checked_add(day.budget(market.limit))?),
            slot: gives.then(|| SlotLimits::by_slot(budgets)),
            ..Budget::default()
        };
        Program::new(terms)
    }

    fn planned(&self, plan: &Plan, market: &Market<'_>) -> Result<[PlannedSlot; 10], Error> {
        let before = self.from_slot.column().index();
        let even = stock_quota(self.stock.units, 10_u8.wrapping_sub(before))?;
        let mut slots = [PlannedSlot { gives: None, even_units: Count::ZERO, units_milli: Count::ZERO, vouchers: Rupiah::ZERO }; 10];
        for (slot, even) in slots.iter_mut().skip(before.into()).zip(even) {
            slot.even_units = even;
        }
        for ((slot, column), choice) in slots.iter_mut().zip(Column::all()).zip(&plan.choices) {
            slot.gives = choice.gives.map(|gives| Ok::<_, Error>((gives.rate, market.amount(gives.quota_units)?))).transpose()?;
            slot.units_milli = market.units_milli(column, choice)?;
            slot.vouchers = Rupiah::new(choice.cost)?;
        }
        Ok(slots)
    }
}

/// Rates that do not fall: a held slot has that of the slot before it.
fn own_rates(choices: &[Choice]) -> [Rate; 10] {
    let (mut rates, mut last) = ([Rate::ZERO; 10], Rate::ZERO);
    for (rate, choice) in rates.iter_mut().zip(choices) {
        last = choice.gives.map_or(last, |gives| gives.rate);
        *rate = last;
    }
    rates
}
