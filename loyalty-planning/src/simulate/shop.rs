use alloc::vec::Vec;
use core::ops::Range;

use super::draws::{Draw, Draws};
use super::fund::BackingFund;
use super::{Baskets, DayStock, NetProfits, Simulated, SimulatedDay, Simulation, SlotTotals, Totals, weight};
use crate::{profit, rupiah};
use loyalty_rules::award::{Counters, Merchant, Play, Receipt, Shopper, decide};
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::funding::Cover;
use loyalty_rules::quantity::{Count, Ratio, Rupiah};
use loyalty_rules::sort;
use loyalty_rules::tables::{Column, Digit, Mechanism};

/// What stays the same through all runs.
pub(super) struct Shop<'a> {
    pub(super) plan: &'a Simulation<'a>,
    pub(super) mechanism: Mechanism,
    /// The best column of the table that is not held.
    pub(super) best: Option<Column>,
    pub(super) shopper: Shopper,
    /// Where each behaviour ends: indifferent, waits, forces.
    behaviours: [u64; 3],
    /// How many places a basket is drawn from, by slot.
    baskets: [u64; 10],
}

/// What changes while a run goes on.
struct Till {
    draws: Draws,
    counters: Counters,
    merchant: Merchant,
    fund: Option<BackingFund>,
    units_left: i64,
    lost_sales: i64,
}

/// Sums over all runs.
#[derive(Default)]
struct Sums {
    slots: [SlotTotals; 10],
    lost_sales: i64,
    units_left: Count,
    left_value: Rupiah,
    days_below_cover: i64,
    suspensions: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Behaviour {
    Indifferent,
    Waits,
    Forces,
}

impl<'a> Shop<'a> {
    pub(super) fn of(plan: &'a Simulation<'a>) -> Self {
        let terms = plan.program.terms();
        let open = Column::all().filter(|column| !terms.held_slots.holds(*column));
        let [indifferent, waits, forces] = plan.mix.weights();
        let baskets = match plan.baskets {
            // Both lie between zero and 2⁵³.
            Baskets::Between { from, to } => [u64::try_from(to.get().wrapping_sub(from.get())).unwrap_or_default().wrapping_add(1); 10],
            Baskets::List(list) => [u64::try_from(list.len()).unwrap_or_default(); 10],
            Baskets::BySlot(slots) => slots.each_ref().map(|baskets| weight(baskets)),
        };
        Self {
            plan,
            mechanism: terms.table.mechanism(),
            best: open.rev().max_by_key(|column| terms.table.rate(*column)),
            shopper: Shopper::new(plan.prior_points, Count::ZERO),
            behaviours: [indifferent, indifferent.wrapping_add(waits), indifferent.wrapping_add(waits).wrapping_add(forces)],
            baskets,
        }
    }

    /// The later slot that a shopper of a slot may wait for.
    pub(super) fn waits_for(&self, own: Column) -> Option<Column> {
        self.best.filter(|best| self.mechanism == Mechanism::TimeAuction && *best > own)
    }

    /// What a shopper plays in a slot, given how and by which digit if by chance.
    #[inline]
    pub(super) fn play(&self, slot: Column, behaviour: Behaviour, by_chance: impl FnOnce() -> Digit) -> Play {
        match self.mechanism {
            Mechanism::TimeAuction => Play::Slot(slot.slot()),
            Mechanism::Stopwatch if behaviour == Behaviour::Forces => Play::Digit(self.best.unwrap_or_default().digit()),
            Mechanism::Stopwatch => Play::Digit(by_chance()),
            Mechanism::Flat | Mechanism::Points => Play::Pending,
        }
    }

    pub(super) fn run(&self) -> Result<Simulated, Error> {
        let (mut sums, mut first_days, mut profits) = (Sums::default(), Vec::new(), Vec::new());
        let runs = u64::try_from(self.plan.runs.get()).unwrap_or_default();
        for run in 0..runs {
            let draws = Draws::of_run(self.plan.seed, run);
            let fund = self.plan.backing.map(BackingFund::new).transpose()?;
            let (counters, merchant) = (Counters::default(), Merchant::default());
            let mut till = Till { draws, counters, merchant, fund, units_left: 0, lost_sales: 0 };
            let (mut next, mut profit) = (0, Rupiah::ZERO);
            for _ in 0..self.plan.days.get() {
                let day = self.day(&mut till, &mut next, &mut sums)?;
                profit = profit.checked_add(day.net_profit)?;
                if run == 0 {
                    first_days.push(day);
                }
            }
            sums.lost_sales = sums.lost_sales.wrapping_add(till.lost_sales);
            profits.push(profit);
        }
        Ok(Simulated {
            days: first_days,
            net_profit: NetProfits::of(profits)?,
            totals: sums.totals()?,
            slots: sums.slots,
            days_below_cover: Count::new(sums.days_below_cover)?,
            suspensions: Count::new(sums.suspensions)?,
            expected: self.expected(),
        })
    }

    fn day(&self, till: &mut Till, next: &mut u64, sums: &mut Sums) -> Result<SimulatedDay, Error> {
        till.units_left = self.plan.stock.map_or(0, |stock| stock.units.get());
        till.counters = Counters::default();
        if let Some(fund) = &mut till.fund {
            sums.suspensions = sums.suspensions.wrapping_add(fund.open()?.into());
            till.merchant = fund.merchant();
        }
        let (morning, sold_before) = (*next, sums.sold()?);
        for ((own, shoppers), slot) in Column::all().zip(self.plan.shoppers_by_slot).zip(&mut sums.slots) {
            let end = next.wrapping_add(u64::try_from(shoppers.get()).unwrap_or_default());
            self.own_shoppers(till, *next..end, own, slot)?;
            if self.mechanism == Mechanism::TimeAuction && self.best == Some(own) {
                self.who_waited(till, morning..*next, own, slot)?;
            }
            *next = end;
        }
        sums.units_left = Count::new(sums.units_left.get().saturating_add(till.units_left))?;
        let sold = sums.sold()?;
        let (sales, vouchers) = (sold.0.checked_sub(sold_before.0)?, sold.1.checked_sub(sold_before.1)?);
        let lost = self.plan.stock.map_or(Ok(Rupiah::ZERO), |stock| stock.lost_at_closing(till.units_left, self.plan.margin))?;
        sums.left_value = sums.left_value.checked_add(lost)?;
        if let Some(fund) = &till.fund {
            till.merchant = fund.merchant();
            let cover = Cover { balance: till.merchant.fund_balance, outstanding: till.merchant.outstanding };
            let is_below = !cover.allows(Rupiah::ZERO, self.plan.min_cover_bp)?;
            sums.days_below_cover = sums.days_below_cover.wrapping_add(is_below.into());
        }
        Ok(SimulatedDay {
            sales,
            vouchers,
            units_left: Count::new(till.units_left)?,
            net_profit: profit(sales, self.plan.margin)?.checked_sub(vouchers)?.checked_sub(lost)?,
            fund_balance: till.merchant.fund_balance,
            suspended: till.merchant.suspended,
        })
    }

    fn own_shoppers(&self, till: &mut Till, shoppers: Range<u64>, own: Column, slot: &mut SlotTotals) -> Result<(), Error> {
        let may_wait = self.waits_for(own).is_some();
        for shopper in shoppers {
            let behaviour = self.behaviour(till.draws, shopper);
            if !(may_wait && behaviour == Behaviour::Waits) {
                self.sell(till, shopper, behaviour, own, slot)?;
            }
        }
        Ok(())
    }

    /// Those of earlier slots who come back, behind the slot's own.
    fn who_waited(&self, till: &mut Till, shoppers: Range<u64>, own: Column, slot: &mut SlotTotals) -> Result<(), Error> {
        let gives_up = u64::from(self.plan.gives_up.bp());
        for shopper in shoppers {
            let behaviour = self.behaviour(till.draws, shopper);
            if behaviour == Behaviour::Waits && till.draws.below(shopper, Draw::GivesUp, 10_000) >= gives_up {
                self.sell(till, shopper, behaviour, own, slot)?;
            }
        }
        Ok(())
    }

    #[inline]
    fn behaviour(&self, draws: Draws, shopper: u64) -> Behaviour {
        let [indifferent, waits, all] = self.behaviours;
        match draws.below(shopper, Draw::Behaviour, all) {
            place if place < indifferent => Behaviour::Indifferent,
            place if place < waits => Behaviour::Waits,
            _ => Behaviour::Forces,
        }
    }

    #[inline]
    fn sell(&self, till: &mut Till, shopper: u64, behaviour: Behaviour, slot: Column, totals: &mut SlotTotals) -> Result<(), Error> {
        let basket = self.basket(till.draws, shopper, slot);
        let (total, units) = match self.plan.stock {
            None => (basket, 0),
            Some(stock) => {
                let units = basket.get().checked_div(stock.price.get()).unwrap_or_default().min(till.units_left);
                if units == 0 {
                    till.lost_sales = till.lost_sales.wrapping_add(1);
                    return Ok(());
                }
                // Never below zero, and never above the basket.
                till.units_left = till.units_left.wrapping_sub(units);
                (Rupiah::part(stock.price.get().wrapping_mul(units)), units)
            }
        };
        let digit = || Digit::new(u8::try_from(till.draws.below(shopper, Draw::Digit, 10)).unwrap_or_default()).unwrap_or_default();
        let receipt = Receipt::new(total).with(self.play(slot, behaviour, digit));
        // Its path would name an input that nobody gave.
        let award = decide(self.plan.program, &receipt, &self.shopper, &till.merchant, &till.counters)
            .map_err(|refused| refused.fault().error())?;
        till.counters.add(award.added());
        if let Some(fund) = &mut till.fund {
            fund.issue(award.value())?;
            till.merchant = fund.merchant();
        }
        *totals = SlotTotals {
            receipts: totals.receipts.succ()?,
            sales: totals.sales.checked_add(total)?,
            vouchers: totals.vouchers.checked_add(award.value())?,
            units: Count::new(totals.units.get().wrapping_add(units))?,
        };
        Ok(())
    }

    #[inline]
    fn basket(&self, draws: Draws, shopper: u64, slot: Column) -> Rupiah {
        let slot = usize::from(slot.index());
        let place = || draws.below(shopper, Draw::Basket, self.baskets.get(slot).copied().unwrap_or_default());
        match self.plan.baskets {
            Baskets::Between { from, to } if from == to => from,
            Baskets::Between { from, .. } => Rupiah::part(from.get().wrapping_add(i64::try_from(place()).unwrap_or_default())),
            Baskets::List(list) => usize::try_from(place()).ok().and_then(|place| list.get(place)).copied().unwrap_or_default(),
            Baskets::BySlot(slots) => {
                let (place, mut end) = (place(), 0_u64);
                let mut ends = slots.get(slot).into_iter().flatten().map(|basket| {
                    end = end.wrapping_add(basket.weight.into());
                    (end, basket.amount)
                });
                ends.find(|(end, _)| place < *end).map(|(_, amount)| amount).unwrap_or_default()
            }
        }
    }
}

impl DayStock {
    /// Units × price × (1 − margin) × lost, rounded once toward zero.
    fn lost_at_closing(self, units: i64, margin: Ratio) -> Result<Rupiah, Error> {
        let value = i128::from(self.price.checked_mul(units)?.get());
        // Below 2¹²².
        let cost = value.wrapping_mul(10_000_i128.wrapping_sub(margin.bp().into()));
        rupiah(cost.wrapping_mul(self.lost.bp().into()) / 100_000_000)
    }
}

impl Sums {
    /// Sales and vouchers so far.
    fn sold(&self) -> Result<(Rupiah, Rupiah), Error> {
        self.slots.iter().try_fold((Rupiah::ZERO, Rupiah::ZERO), |(sales, vouchers), slot| {
            Ok((sales.checked_add(slot.sales)?, vouchers.checked_add(slot.vouchers)?))
        })
    }

    fn totals(&self) -> Result<Totals, Error> {
        let (sales, vouchers) = self.sold()?;
        let receipts = self.slots.iter().fold(0_i64, |sum, slot| sum.wrapping_add(slot.receipts.get()));
        Ok(Totals {
            receipts: Count::new(receipts)?,
            sales,
            vouchers,
            lost_sales: Count::new(self.lost_sales)?,
            units_left: self.units_left,
            left_value: self.left_value,
        })
    }
}

impl NetProfits {
    fn of(mut profits: Vec<Rupiah>) -> Result<Self, Error> {
        sort::ascending(&mut profits);
        // At most 10,000 numbers below 2⁵³.
        let sum = profits.iter().fold(0_i64, |sum, profit| sum.wrapping_add(profit.get()));
        let last = profits.len().saturating_sub(1);
        let at = |place: usize| profits.get(place).copied().unwrap_or_default();
        let mean = i64::try_from(profits.len()).ok().and_then(|runs| sum.checked_div(runs)).ok_or(Fault::ResultOutsideDomain.error());
        Ok(Self {
            mean: Rupiah::new(mean?)?,
            worst: at(0),
            best: at(last),
            percentiles: [5_usize, 50, 95].map(|percent| at(percent.wrapping_mul(last) / 100)),
        })
    }
}
