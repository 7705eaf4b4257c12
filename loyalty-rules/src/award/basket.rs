use alloc::vec::Vec;

use super::decide::{CheckedReceipt, GivenValue};
use super::kernel::Kernel;
use super::ladder::{Ladder, Outcome, Standing, limit_one, reason_of, with_reason};
use super::outcome::{Award, Cell};
use super::program::Program;
use super::reason::{Caps, Reason};
use super::receipt::{Added, Counters, Merchant, Play, Receipt, Shopper};
use super::terms::Terms;
use crate::calendar::{CivilTime, Date};
use crate::error::{Error, Fault};
use crate::funding::split_by;
use crate::points::Earned;
use crate::quantity::{One, Points, Rate, Rupiah};
use crate::tables::Mechanism;

/// Declares the basket: what picks its columns, and the fields of a receipt's list.
macro_rules! basket {
    ($($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        /// What the goods of one receipt share (PT-9, TA-4).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Basket {
            /// What was bought of goods that earn nothing, in rupiah, zero or more. The quota looks at it too.
            pub excluded: Rupiah,
            /// What picks the slot of goods under a time auction: a slot or the time of purchase.
            pub slot: Play,
            /// What picks the digit of goods under a stopwatch: a digit or a claim.
            pub digit: Play,
            $($(#[doc = $doc])* pub $name: $crate::of_kind!(type $kind),)*
        }

        impl Basket {
            /// A basket with nothing but what picks its columns.
            pub const fn new(slot: Play, digit: Play) -> Self {
                Self { excluded: Rupiah::ZERO, slot, digit, $($name: $crate::of_kind!(none $kind),)* }
            }

            /// The whole as a receipt of one play.
            const fn receipt(&self, total: Rupiah, play: Play) -> Receipt {
                Receipt { $($name: self.$name,)* ..Receipt::new(total).with(play) }
            }
        }
    };
}
crate::fields!(receipt basket);

/// Goods of a receipt that one program rates.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// The place of the offer that takes these goods; `None` for the program itself.
    pub offer: Option<usize>,
    /// The program. The programs of a basket agree in what looks at the whole receipt.
    pub program: &'a Program,
    /// What was bought of these goods, in rupiah, zero or more.
    pub amount: Rupiah,
}

/// The award of a group of goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupAward {
    /// The place of the offer that took its goods; `None` for the program itself.
    pub offer: Option<usize>,
    /// What picks its column.
    pub mechanism: Mechanism,
    /// Why.
    pub reason: Reason,
    /// The rate.
    pub rate: Rate,
    /// What earns, in rupiah.
    pub base: Rupiah,
    /// Its part of the value, in rupiah.
    pub value: Rupiah,
    /// The cell that gave the rate; `None` for a stop before the rate, and for a rate that stands in no table.
    pub cell: Option<Cell>,
}

/// The award of a basket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasketAward {
    /// The award of the whole receipt. Its reason, rate and cell are those of the group that is given the most, of equal ones
    /// the first.
    pub award: Award,
    /// The awards of the groups, in their order.
    pub groups: Vec<GroupAward>,
    /// The ids of the rules behind the decision, each once, in the order they acted.
    pub rules: Vec<&'static str>,
}

impl Basket {
    /// Decides a receipt of several groups: group by group down to the rate, each rounded by itself; quota, caps, budgets,
    /// cover and funding look at the whole (PT-9, TA-4).
    ///
    /// The limits act in the order of one receipt: the cap and the day's budget on all, then the slot's budget on what is
    /// left of the groups under a time auction, then the cover on all. What a limit cuts off falls on its groups by their
    /// values, and what was paid with vouchers on all goods by their amounts (SP-1).
    ///
    /// ```
    /// use loyalty_rules::award::{Basket, Counters, Group, Merchant, Play, Program, Shopper, Terms};
    /// use loyalty_rules::quantity::Rupiah;
    /// use loyalty_rules::tables::{Digit, Slot, TableName};
    ///
    /// let mut auction = Terms::new(TableName::parse("time_auction/recommended/from_15/gold")?);
    /// let mut stopwatch = Terms::new(TableName::parse("stopwatch/below_15/plus")?);
    /// (auction.quota, stopwatch.quota) = (Rupiah::new(100_000)?.into(), Rupiah::new(100_000)?.into());
    /// let (auction, stopwatch) = (Program::new(auction)?, Program::new(stopwatch)?);
    /// let basket = Basket::new(Play::Slot(Slot::new(10)?), Play::Digit(Digit::new(0)?));
    /// let groups = [
    ///     Group { offer: None, program: &auction, amount: Rupiah::new(60_000)? },
    ///     Group { offer: None, program: &stopwatch, amount: Rupiah::new(50_000)? },
    /// ];
    /// let decided = basket.decide(&groups, &Shopper::default(), &Merchant::default(), &Counters::default())?;
    /// assert_eq!(decided.groups.iter().map(|group| group.value.get()).collect::<Vec<_>>(), [3_600, 5_500]);
    /// assert_eq!(decided.award.value().get(), 9_100);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`decide`](super::decide); `bad_config` without a group.
    pub fn decide(&self, groups: &[Group<'_>], shopper: &Shopper, merchant: &Merchant, counters: &Counters) -> Result<BasketAward, Error> {
        let total = groups.iter().try_fold(self.excluded, |total, group| {
            if group.amount.get() < 0 { Err(Fault::Negative.error().at("receipt.total")) } else { total.checked_add(group.amount) }
        })?;
        let amounts: Vec<Rupiah> = groups.iter().map(|group| group.amount).chain([self.excluded]).collect();
        let paid = split_by(self.paid_by_voucher, &amounts);
        let mut sales = Vec::new();
        for (group, paid) in groups.iter().zip(paid) {
            sales.push(self.checked(group, paid, total, shopper, merchant)?);
        }
        // The selling day is the auction's where the auction knows it, and the slot is one.
        let first_slot = sales.iter().find(|sale| sale.slot.is_some());
        let slot = first_slot.and_then(|sale| sale.slot);
        let of_groups = first_slot.and_then(|sale| sale.day).or_else(|| sales.iter().find_map(|sale| sale.day));
        // Outside the hours of a time auction there is no selling day.
        let is_outside =
            sales.iter().zip(groups).any(|(sale, group)| sale.slot.is_none() && group.program.kernel().mechanism().has_slots());
        let day = if of_groups.is_some() || is_outside { of_groups } else { self.day(groups)? };
        let seen = counters.seen(day, slot)?;
        let mut rated = Vec::new();
        let (mut day_left, mut slot_left, mut of_slot) = (i64::MAX, i64::MAX, Ladder::PLAIN);
        for (sale, group) in sales.iter_mut().zip(groups) {
            let kernel = group.program.kernel();
            sale.seen = seen;
            let [by_day, by_slot] = sale.left(kernel);
            day_left = by_day;
            if sale.slot.is_some() {
                (slot_left, of_slot) = (by_slot, Ladder { cap: None, ..kernel.ladder });
            }
            let outcome = sale.rated(kernel, shopper, merchant);
            // What a limit cuts off is split by these values, so that each must be known.
            if outcome.value > MOST {
                return Err(Fault::ResultOutsideDomain.error());
            }
            rated.push(Rated { outcome, has_slot: sale.slot.is_some() });
        }
        let shared = groups.first().ok_or(Fault::Missing.error().at("receipt.lines"))?.program;
        let (kernel, mut rated) = (shared.kernel(), Basketful(rated));
        let [by_receipt, by_day, _] = rated.limit(|_| true, &kernel.ladder, &Standing::PLAIN, [day_left, i64::MAX]);
        let [.., by_slot] = rated.limit(|group| group.has_slot, &of_slot, &Standing::PLAIN, [i64::MAX, slot_left]);
        rated.limit(|_| true, &Ladder::PLAIN, &Standing { stop: None, ..kernel.standing(merchant) }, [i64::MAX; 2]);

        let whole = Outcome { caps: [by_receipt, by_day, by_slot], ..rated.sum(|_| true) };
        let GivenValue { value, caps, .. } = GivenValue::of(kernel, whole)?;
        let mut awards = Vec::new();
        let (mut by_rate, mut earned) = (Rupiah::ZERO, Earned { points: Points::ZERO, carried: shopper.carried });
        for ((sale, group), Rated { outcome, .. }) in sales.iter().zip(groups).zip(&rated.0) {
            let award = group.award(sale, *outcome, caps, shopper)?;
            if award.is_by_steps() {
                earned.points = earned.points.checked_add(award.points)?;
                if group.program.carries() {
                    earned.carried = award.shopper.carried;
                }
            } else {
                by_rate = by_rate.checked_add(award.value)?;
            }
            awards.push(award);
        }
        earned.points = earned.points.checked_add(kernel.points(by_rate)?)?;
        // The day counts all groups, the slot those that have one.
        let reason = |has_slot: bool| {
            let held = awards.iter().zip(&rated.0).filter(|(_, group)| group.has_slot || !has_slot).map(|(award, _)| award);
            let given = held.clone().find(|award| award.reason == Reason::Full && !award.value.is_zero());
            given
                .or_else(|| held.clone().find(|award| award.reason.is_award()))
                .or(held.clone().next())
                .map_or(Reason::ZeroAmount, Award::reason)
        };
        let of_slot = rated.sum(|group| group.has_slot);
        let in_day = seen.added(day, None, reason(false), value)?;
        let in_slot = seen.added(day, slot, reason(true), Rupiah::from_result(Some(of_slot.value))?)?;
        let added = Added { released: in_day.released, day: in_day.day, ..in_slot };
        let first = |best: Option<Award>, award: &Award| match best {
            Some(best) if (best.value, best.reason.is_award()) >= (award.value, award.reason.is_award()) => Some(best),
            _ => Some(*award),
        };
        let leader = awards.iter().fold(None, first).ok_or(Fault::Missing.error().at("receipt.lines"))?;
        let base = awards.iter().try_fold(Rupiah::ZERO, |sum, award| sum.checked_add(award.base))?;
        let judgement = awards.iter().find_map(Award::judgement);
        let shopper = shopper.after(total, earned)?;
        let award = Award { base, value, points: earned.points, caps, judgement, late: self.late, added, shopper, ..leader };
        let mut rules = Vec::new();
        for rule in awards.iter().flat_map(Award::rules_of_rate).chain(awards.iter().flat_map(Award::rules_of_limits)) {
            if !rule.is_empty() && !rules.contains(&rule) {
                rules.push(rule);
            }
        }
        Ok(BasketAward { award, groups: groups.iter().zip(&awards).map(GroupAward::of).collect(), rules })
    }

    /// What picks the column of a mechanism, or tells the day where nothing is picked.
    const fn play(&self, mechanism: Mechanism) -> Play {
        match (mechanism, self.slot) {
            (Mechanism::Stopwatch, _) => self.digit,
            (Mechanism::Flat | Mechanism::Points, Play::Slot(_)) => Play::Pending,
            (_, slot) => slot,
        }
    }

    /// One purchase has one instant (AW-11): that of its time, or that at which its countdown ended.
    pub(super) fn instant(&self) -> Option<(CivilTime, &'static str)> {
        let told = |play: Play, field| play.instant().map(|at| (at, field));
        told(self.slot, "receipt.at").or_else(|| told(self.digit, "receipt.claim.stopped_at"))
    }

    /// The selling day of the instant, whichever goods there are (AW-7).
    fn day(&self, groups: &[Group<'_>]) -> Result<Option<Date>, Error> {
        let all = || groups.iter().map(|group| group.program.terms());
        let terms = all().find(|terms| terms.window.is_some()).or_else(|| all().next());
        let dated = |(terms, (at, field)): (&Terms, (CivilTime, &'static str))| terms.dated(&at, field).map(|(day, _)| day);
        terms.zip(self.instant()).map(dated).transpose()
    }

    /// A group as a receipt that has the total of all.
    fn checked(
        &self,
        group: &Group<'_>,
        paid: Rupiah,
        total: Rupiah,
        shopper: &Shopper,
        merchant: &Merchant,
    ) -> Result<CheckedReceipt, Error> {
        let terms = group.program.terms();
        let play = self.play(terms.table.mechanism());
        let mut sale = CheckedReceipt::of_program(group.program, &self.receipt(total, play), shopper, merchant, &Counters::NONE)?;
        if let (None, Some((at, field))) = (play.instant(), self.instant()) {
            sale.is_out_of_force = terms.is_out_of_force(&at).map_err(|refused| refused.at(field))?;
        }
        sale.base = group.program.kernel().base(group.amount, paid);
        Ok(sale)
    }
}

/// Above every value that a rate gives of an amount, rounded up; the values of all groups stay below 2⁶⁰ in sum.
const MOST: i64 = 1 << 54;

/// A group on its way through the limits.
struct Rated {
    outcome: Outcome<One>,
    has_slot: bool,
}

struct Basketful(Vec<Rated>);

impl Basketful {
    /// Some groups as one receipt.
    fn sum(&self, of: impl Fn(&Rated) -> bool) -> Outcome<One> {
        let value = self.0.iter().filter(|group| of(group)).fold(0, |sum: i64, group| sum.wrapping_add(group.outcome.value));
        Outcome { word: with_reason(0, Reason::Full), value, caps: [false; 3] }
    }

    /// Asks limits of some groups together, and which of them lowered the value.
    fn limit(&mut self, of: impl Fn(&Rated) -> bool, ladder: &Ladder<i64>, standing: &Standing<i64>, lefts: [i64; 2]) -> [bool; 3] {
        let before = self.sum(&of);
        let after = limit_one(ladder, standing, before, lefts);
        let mut asked: Vec<&mut Outcome<One>> = self.0.iter_mut().filter(|group| of(group)).map(|group| &mut group.outcome).collect();
        if after.word != before.word {
            let reason = reason_of(u32::try_from(after.word).unwrap_or_default());
            for group in asked.iter_mut().filter(|group| group.value > 0) {
                group.word = with_reason(group.word, reason);
            }
        }
        if after.value < before.value {
            let values: Vec<Rupiah> = asked.iter().map(|group| Rupiah::part(group.value)).collect();
            for (group, part) in asked.into_iter().zip(split_by(Rupiah::part(after.value), &values)) {
                group.value = part.get();
            }
        }
        after.caps
    }
}

impl Group<'_> {
    /// The award of this group alone; the whole receipt counts its state.
    fn award(&self, sale: &CheckedReceipt, outcome: Outcome<One>, caps: Caps, shopper: &Shopper) -> Result<Award, Error> {
        let (kernel, terms): (&Kernel, _) = (self.program.kernel(), self.program.terms());
        let GivenValue { reason, rate, ground, stands_in, value, .. } = GivenValue::of(kernel, outcome)?;
        let Earned { points, carried } = kernel.earned(sale.total, sale.base, shopper, reason, value)?;
        Ok(Award {
            reason,
            mechanism: kernel.mechanism(),
            funded: terms.funding.is_some(),
            rate,
            base: sale.base,
            value,
            points,
            caps,
            table: terms.table.name(),
            ground,
            stands_in,
            judgement: sale.judgement,
            late: false,
            added: Added::default(),
            shopper: Shopper { carried, ..*shopper },
        })
    }
}

impl GroupAward {
    fn of((group, award): (&Group<'_>, &Award)) -> Self {
        let Award { mechanism, reason, rate, base, value, .. } = *award;
        Self { offer: group.offer, mechanism, reason, rate, base, value, cell: award.cell() }
    }
}

/// Refuses a time auction and a stopwatch that cannot share a receipt: what looks at the whole of it must be the same in both
/// (TA-4).
///
/// # Errors
/// `bad_config` unless the first is a time auction with one quota, the second a stopwatch, and both agree in quota,
/// eligibility, standby, rounding, caps, day budget, point value, funding, cover and pause.
pub fn agree(time_auction: &Program, stopwatch: &Program) -> Result<(), Error> {
    let (auction, play) = (time_auction.terms(), stopwatch.terms());
    let refuse = |fault: Fault, field: &'static str| Err(fault.error().at(field));
    if auction.table.mechanism() != Mechanism::TimeAuction {
        return refuse(Fault::NotATimeAuction, "time_auction.mechanism");
    }
    if play.table.mechanism() != Mechanism::Stopwatch {
        return refuse(Fault::NotAStopwatch, "stopwatch.mechanism");
    }
    if auction.quota.is_by_slot() {
        return refuse(Fault::MixedNeedsOneQuota, "time_auction.quota");
    }
    let shared = [
        ("stopwatch.quota", auction.quota == play.quota),
        ("stopwatch.exclude_voucher_paid", auction.exclude_voucher_paid == play.exclude_voucher_paid),
        ("stopwatch.min_cover_bp", auction.min_cover_bp == play.min_cover_bp),
        ("stopwatch.eligibility", auction.eligibility == play.eligibility),
        ("stopwatch.paused", auction.paused == play.paused),
        ("stopwatch.standby", auction.standby == play.standby),
        ("stopwatch.rounding", auction.rounding == play.rounding),
        ("stopwatch.receipt_cap", auction.receipt_cap == play.receipt_cap),
        ("stopwatch.budget.day", auction.budget.day == play.budget.day),
        ("stopwatch.budget.short", auction.budget.short == play.budget.short),
        ("stopwatch.point_value", auction.point_value == play.point_value),
        ("stopwatch.funding", auction.funding == play.funding),
    ];
    let first = shared.into_iter().find(|(_, agree)| !agree);
    first.map_or(Ok(()), |(field, _)| refuse(Fault::MixedDisagrees, field))
}
