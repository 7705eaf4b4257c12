//! Simulated days of a shop (PL-16): the same draws for the same seed, and every receipt decided by
//! [`decide`](loyalty_rules::award::decide).

pub(crate) mod draws;
mod expected;
mod fund;
mod shop;
#[cfg(test)]
mod tests;

use crate::fault::Faults as _;
use alloc::vec::Vec;
use core::cmp::Reverse;

pub use expected::Expected;

use self::shop::Shop;
use loyalty_rules::award::Program;
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::{Count, Points, Rate, Ratio, Rupiah};

/// What shoppers want to spend, in rupiah, zero or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baskets<'a> {
    /// Every whole amount between two, both included, with equal chance.
    Between {
        /// The least.
        from: Rupiah,
        /// The most.
        to: Rupiah,
    },
    /// One of these with equal chance.
    List(&'a [Rupiah]),
    /// One of those of the slot in which a shopper buys, by weight: 1 … 32 entries a slot.
    BySlot(&'a [Vec<WeightedBasket>; 10]),
}

/// A basket and how often it comes up against the others of its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeightedBasket {
    /// What it spends.
    pub amount: Rupiah,
    /// Its weight.
    pub weight: u32,
}

/// What all baskets of a slot weigh.
fn weight(baskets: &[WeightedBasket]) -> u64 {
    baskets.iter().fold(0, |sum, basket| sum.wrapping_add(basket.weight.into()))
}

/// How many shoppers behave how, as weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mix {
    /// They buy when they come, and play by chance.
    pub indifferent: Count,
    /// In the time auction they come back in the best slot.
    pub waits: Count,
    /// With the stopwatch they stop at the best digit.
    pub forces: Count,
}

impl Mix {
    /// The weights in the order of the draw, each below 2⁵³.
    fn weights(self) -> [u64; 3] {
        [self.indifferent, self.waits, self.forces].map(|weight| u64::try_from(weight.get()).unwrap_or_default())
    }
}

/// What a shop opens each day with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayStock {
    /// Units.
    pub units: Count,
    /// The price of a unit in rupiah, 1 or more.
    pub price: Rupiah,
    /// The share of its cost that a unit loses which is left at closing.
    pub lost: Rate,
}

/// The guarantee fund behind the vouchers (GF).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backing {
    /// Its requirement, in rupiah.
    pub requirement: Rupiah,
    /// What it starts with, in rupiah.
    pub balance: Rupiah,
    /// Whether the merchant fills it up to the requirement when warned.
    pub top_up: bool,
}

/// Days of a shop, to be simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Simulation<'a> {
    /// Where the draws start.
    pub seed: Count,
    /// How often the days are simulated, 1 … 10,000.
    pub runs: Count,
    /// Days of a run, 1 … 366.
    pub days: Count,
    /// What is given.
    pub program: &'a Program,
    /// Who comes in slots I … X.
    pub shoppers_by_slot: [Count; 10],
    /// What they want to spend.
    pub baskets: Baskets<'a>,
    /// How they behave.
    pub mix: Mix,
    /// The share of those who would wait and never come back.
    pub gives_up: Rate,
    /// The points that each of them holds, zero or more.
    pub prior_points: Points,
    /// The stock; without one everything wanted is sold.
    pub stock: Option<DayStock>,
    /// The margin of the goods before vouchers.
    pub margin: Ratio,
    /// The guarantee fund, if vouchers are backed.
    pub backing: Option<Backing>,
    /// Days that close with less cover, balance ÷ outstanding in basis points, are counted (GF-7). What an award must
    /// leave is a matter of the program.
    pub min_cover_bp: Count,
}

/// What came of a slot, over all runs and days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotTotals {
    /// Receipts.
    pub receipts: Count,
    /// Their totals, in rupiah.
    pub sales: Rupiah,
    /// The vouchers given, in rupiah.
    pub vouchers: Rupiah,
    /// Units sold; 0 without stock.
    pub units: Count,
}

/// What came of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SimulatedDay {
    /// Sales, in rupiah.
    pub sales: Rupiah,
    /// The vouchers given, in rupiah.
    pub vouchers: Rupiah,
    /// Units left at closing; 0 without stock.
    pub units_left: Count,
    /// Sales × margin − vouchers − what the units left lost, in rupiah; margin and loss each rounded toward zero.
    pub net_profit: Rupiah,
    /// The balance of the fund at closing, in rupiah; 0 without one.
    pub fund_balance: Rupiah,
    /// Whether the fund let nothing be given.
    pub suspended: bool,
}

/// The net profits of the runs, in rupiah.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetProfits {
    /// Their mean, rounded toward zero.
    pub mean: Rupiah,
    /// The lowest.
    pub worst: Rupiah,
    /// The highest.
    pub best: Rupiah,
    /// The percentiles 5, 50 and 95: of n sorted ones that at the place p × (n − 1) ÷ 100, rounded down.
    pub percentiles: [Rupiah; 3],
}

/// What came of all runs and days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Receipts.
    pub receipts: Count,
    /// Their totals, in rupiah.
    pub sales: Rupiah,
    /// The vouchers given, in rupiah.
    pub vouchers: Rupiah,
    /// Shoppers who could have nothing of what they wanted.
    pub lost_sales: Count,
    /// Units left at closing.
    pub units_left: Count,
    /// What they lost, in rupiah, rounded toward zero each day.
    pub left_value: Rupiah,
}

/// What a simulation shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulated {
    /// Slots I … X.
    pub slots: [SlotTotals; 10],
    /// The days of the first run.
    pub days: Vec<SimulatedDay>,
    /// What the runs earned.
    pub net_profit: NetProfits,
    /// Over all runs and days.
    pub totals: Totals,
    /// Days that closed with less cover than asked for (GF-7).
    pub days_below_cover: Count,
    /// How often the fund suspended its merchant (GF-4).
    pub suspensions: Count,
    /// The expectation, where it has a closed form.
    pub expected: Option<Expected>,
}

/// Programs under the same shoppers, baskets and draws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What came of each, the simulation's own program first.
    pub simulated: Vec<Simulated>,
    /// The mean net profit of each less that of the first, in rupiah.
    pub against_first: Vec<Rupiah>,
    /// The place of the highest mean net profit, the earliest of equal ones.
    pub best: usize,
}

/// The most shoppers and days of one simulation: less than a second on one core.
const MOST_WORK: i128 = 4_000_000;
/// The most baskets of a slot, so that a draw among them takes its time from shoppers alone.
const MOST_BASKETS: usize = 32;
/// The most programs of a comparison.
const MOST_PROGRAMS: usize = 16;

impl Simulation<'_> {
    /// Simulates the days (PL-16).
    ///
    /// ```
    /// use loyalty_rules::award::{Program, Terms};
    /// use loyalty_planning::{Baskets, Mix, Simulation};
    /// use loyalty_rules::quantity::{Count, Points, Rate, Ratio, Rupiah};
    /// use loyalty_rules::tables::TableName;
    ///
    /// let program = Program::new(Terms::new(TableName::parse("time_auction/recommended/below_15/gold")?))?;
    /// let basket = Rupiah::new(100_000)?;
    /// let simulated = Simulation {
    ///     seed: Count::new(1)?,
    ///     runs: Count::new(1)?,
    ///     days: Count::new(2)?,
    ///     program: &program,
    ///     shoppers_by_slot: [Count::new(3)?; 10],
    ///     baskets: Baskets::Between { from: basket, to: basket },
    ///     mix: Mix { indifferent: Count::ZERO, waits: Count::new(1)?, forces: Count::ZERO }, // everybody comes back in slot X
    ///     gives_up: Rate::ZERO,
    ///     prior_points: Points::ZERO,
    ///     stock: None,
    ///     margin: Ratio::from_bp(1_200)?,
    ///     backing: None,
    ///     min_cover_bp: Count::ZERO,
    /// }
    /// .run()?;
    /// assert_eq!((simulated.slots[9].receipts.get(), simulated.totals.vouchers.get()), (60, 60 * 4_500)); // 4.5 %
    /// assert_eq!(simulated.expected.map(|expected| expected.vouchers), Some(simulated.totals.vouchers));
    /// assert_eq!(simulated.days[0].net_profit.get(), 30 * (12_000 - 4_500));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` for runs, days or an amount outside its range, or if a result leaves the domain; `bad_config` for
    /// a price of zero, for no baskets, or if all weights are zero; `too_large` for more than 4,000,000 shoppers
    /// and days in all runs.
    pub fn run(&self) -> Result<Simulated, Error> {
        self.check(1)?;
        Shop::of(self).run()
    }

    /// Simulates the same days under this program and others (PL-16): the draws are the same, so the programs alone make the
    /// difference.
    ///
    /// # Errors
    /// As [`run`](Self::run), the bound of shoppers holding for all programs together; `bad_config` for more than 16.
    pub fn compare(&self, others: &[&Program]) -> Result<Comparison, Error> {
        let programs = others.len().saturating_add(1);
        if programs > MOST_PROGRAMS {
            return Err(Fault::ProgramCount.error().at("programs"));
        }
        self.check(i128::try_from(programs).unwrap_or(i128::MAX))?;
        let all = core::iter::once(self.program).chain(others.iter().copied());
        let simulated = all.map(|program| Shop::of(&Simulation { program, ..*self }).run()).collect::<Result<Vec<_>, _>>()?;
        let means = || simulated.iter().map(|simulated| simulated.net_profit.mean);
        let first = means().next().unwrap_or_default();
        let best = means().enumerate().min_by_key(|(_, mean)| Reverse(*mean)).map_or(0, |(place, _)| place);
        Ok(Comparison { against_first: means().map(|mean| mean.checked_sub(first)).collect::<Result<_, _>>()?, best, simulated })
    }

    fn check(&self, programs: i128) -> Result<(), Error> {
        let refuse = |fault: Fault, field: Field| Err(fault.error().at(field));
        if !(1..=10_000).contains(&self.runs.get()) {
            return refuse(Fault::RunsOutOfRange, "runs".into());
        }
        if !(1..=366).contains(&self.days.get()) {
            return refuse(Fault::DaysOutOfRange, "days".into());
        }
        match self.baskets {
            Baskets::Between { from, .. } if from < Rupiah::ZERO => return refuse(Fault::Negative, "basket.from".into()),
            Baskets::Between { from, to } if from > to => return refuse(Fault::FromAboveTo, "basket.from".into()),
            Baskets::List([]) => return refuse(Fault::NoBaskets, "basket.list".into()),
            Baskets::List(list) => {
                if let Some(index) = list.iter().position(|basket| *basket < Rupiah::ZERO) {
                    return refuse(Fault::Negative, Field::entry("basket.list", index));
                }
            }
            Baskets::BySlot(slots) => {
                let is_one_drawn = |baskets: &Vec<WeightedBasket>| {
                    let is_amount = |basket: &WeightedBasket| basket.amount >= Rupiah::ZERO;
                    (1..=MOST_BASKETS).contains(&baskets.len()) && weight(baskets) > 0 && baskets.iter().all(is_amount)
                };
                if let Some(index) = slots.iter().position(|baskets| !is_one_drawn(baskets)) {
                    return refuse(Fault::BasketsBySlot, Field::entry("basket.by_slot", index));
                }
            }
            Baskets::Between { .. } => {}
        }
        if self.mix.weights() == [0; 3] {
            return refuse(Fault::NoBehaviour, "mix".into());
        }
        if self.prior_points < Points::ZERO {
            return refuse(Fault::Negative, "prior_points_milli".into());
        }
        if let Some(stock) = self.stock {
            match stock.price {
                Rupiah::ZERO => return refuse(Fault::MustNotBeZero, "stock.price".into()),
                price if price < Rupiah::ZERO => return refuse(Fault::Negative, "stock.price".into()),
                _ => {}
            }
        }
        // Ten numbers below 2⁵³ by less than 2²² and 2⁴ stay below 2⁸³.
        let shoppers = self.shoppers_by_slot.iter().fold(0_i128, |sum, shoppers| sum.wrapping_add(shoppers.get().into()));
        let a_day = shoppers.wrapping_add(1);
        let work = a_day.wrapping_mul(self.runs.get().into()).wrapping_mul(self.days.get().into()).wrapping_mul(programs);
        if work > MOST_WORK { refuse(Fault::SimulationTooLarge, "runs".into()) } else { Ok(()) }
    }
}
