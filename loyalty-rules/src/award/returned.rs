use alloc::vec;
use alloc::vec::Vec;

use super::basket::BasketAward;
use super::offers::{Offers, Purchase, Sorted};
use super::receipt::{Counters, Shopper};
use super::reverse::{Issued, Kept, Remainder};
use crate::error::{Error, Fault, Field};
use crate::points::Earned;
use crate::quantity::{Points, Rupiah};
use crate::tables::Column;

/// Goods that come back: the place of their line, and what was paid for them, in rupiah.
pub type Returned = (usize, Rupiah);

/// What is left of the award of a receipt's goods after refunds of some of them (AW-8, PT-9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoodsKept {
    /// The award before the refunds.
    pub award: BasketAward,
    /// The value kept after each refund, in rupiah.
    pub kept: Vec<Rupiah>,
    /// The same in points.
    pub points: Vec<Points>,
    /// What is kept of each group after the last refund.
    pub groups: Vec<Remainder>,
    /// Why, over all groups.
    pub reason: Kept,
    /// The shopper after the last refund.
    pub shopper: Shopper,
    /// The counters after it.
    pub counters: Counters,
}

impl Offers {
    /// What the voucher of a purchase keeps after refunds of its lines: each group keeps what is left of it at its own rate,
    /// and the quota looks at what is left of all goods. Only the sums count, so refunds in any order end at the same rupiah.
    ///
    /// A refund falls on what was paid with money before it falls on what was paid with vouchers.
    ///
    /// ```
    /// use loyalty_rules::award::{Basket, Counters, Earns, Goods, Item, Label, Merchant, Offer, Offers, Play, Purchase, Shopper, Terms};
    /// use loyalty_rules::quantity::{Rate, Rupiah};
    ///
    /// let fruit = Goods { classes: vec![Label::new("fruit")?], ..Goods::default() };
    /// let double = Offer { id: None, goods: fruit, when: None, earns: Earns::Multiplied(loyalty_rules::quantity::Count::new(2_000)?) };
    /// let offers = Offers::new(&Terms::flat(Rate::from_bp(500)?), vec![double])?;
    ///
    /// let item = |class, amount| Ok::<_, loyalty_rules::Error>(Item { sku: "x", class: Some(class), is_dated: false, amount: Rupiah::new(amount)? });
    /// let lines = [item("soap", 30_000)?, item("fruit", 20_000)?]; // Rp1,500 and Rp2,000
    /// let (shopper, merchant, counters) = (Shopper::default(), Merchant::default(), Counters::default());
    /// let basket = Basket::new(Play::Pending, Play::Pending);
    /// let purchase = Purchase { lines: &lines, basket, shopper: &shopper, merchant: &merchant, counters: &counters };
    /// let kept = offers.keep(&purchase, &[vec![(1, Rupiah::new(5_000)?)], vec![(0, Rupiah::new(30_000)?)]])?;
    /// assert_eq!(kept.kept.iter().map(|kept| kept.get()).collect::<Vec<_>>(), [3_000, 1_500]);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`decide`](Self::decide); `over_refund` for more than is left of a line, `out_of_range` below zero or for no line.
    pub fn keep(&self, purchase: &Purchase<'_>, refunds: &[Vec<Returned>]) -> Result<GoodsKept, Error> {
        let Purchase { lines, shopper, counters, .. } = *purchase;
        let sorted = self.sorted(purchase)?;
        let award = sorted.decide(purchase)?;
        let issued = issued(&sorted, &award, shopper);
        let mut left: Vec<Rupiah> = lines.iter().map(|line| line.amount).collect();
        let (mut back, mut of_total) = (vec![Rupiah::ZERO; issued.len()], Rupiah::ZERO);
        let (mut kept, mut points) = (Vec::new(), Vec::new());
        for (index, refund) in refunds.iter().enumerate() {
            let at = |fault: Fault| fault.error().at(Field::within("refunds", index, "lines"));
            for (line, amount) in refund {
                let rest = left.get_mut(*line).ok_or(at(Fault::NoSuchLine))?;
                if *amount < Rupiah::ZERO {
                    return Err(at(Fault::Negative));
                }
                if *amount > *rest {
                    return Err(at(Fault::RefundAboveRest));
                }
                *rest = rest.left_after(*amount);
                of_total = of_total.checked_add(*amount)?;
                if let Some(back) = sorted.places.get(*line).copied().flatten().and_then(|place| back.get_mut(place)) {
                    *back = back.checked_add(*amount)?;
                }
            }
            let after = Left::of(&sorted, &issued, &back, of_total, shopper)?;
            kept.push(after.value);
            points.push(after.earned.points);
        }
        let after = Left::of(&sorted, &issued, &back, of_total, shopper)?;
        let mut after_shopper = *shopper;
        after_shopper.prior_points = shopper.prior_points.checked_add(after.earned.points)?;
        after_shopper.carried = after.earned.carried;
        if of_total < sorted.total {
            after_shopper.purchases = award.award.shopper().purchases;
        }
        let (whole, added) = (&award.award, award.award.added());
        let mut after_counters = counters.after(added);
        if self.own().terms().give_back {
            let released = [whole.value().left_after(after.value), Rupiah::part(added.released_in_slot.get()).left_after(after.in_slot)];
            after_counters = after_counters.given_back(added, released, after.in_slot.is_zero());
        }
        let (groups, reason) = (after.groups, after.reason);
        Ok(GoodsKept { award, kept, points, groups, reason, shopper: after_shopper, counters: after_counters })
    }
}

/// The vouchers of the groups, each as if it had been issued alone.
fn issued(sorted: &Sorted<'_>, award: &BasketAward, shopper: &Shopper) -> Vec<Issued> {
    let groups = sorted.groups.iter().zip(&award.groups);
    let issued = groups.map(|(group, award)| Issued {
        base: award.base,
        total: sorted.total,
        rate: award.rate,
        value: award.value,
        quota: group.program.terms().quota.of(Column::FIRST),
        ..Issued::under(group.program, shopper, award.reason)
    });
    issued.collect()
}

/// What is left of all groups.
struct Left {
    groups: Vec<Remainder>,
    value: Rupiah,
    in_slot: Rupiah,
    earned: Earned,
    reason: Kept,
}

impl Left {
    /// What is left after `back` came back of each group, and `of_total` of all goods.
    fn of(sorted: &Sorted<'_>, issued: &[Issued], back: &[Rupiah], of_total: Rupiah, shopper: &Shopper) -> Result<Self, Error> {
        let mut left = Self {
            groups: Vec::new(),
            value: Rupiah::ZERO,
            in_slot: Rupiah::ZERO,
            earned: Earned { points: Points::ZERO, carried: shopper.carried },
            reason: Kept::FullyRefunded,
        };
        let mut by_rate = Rupiah::ZERO;
        for ((group, voucher), back) in sorted.groups.iter().zip(issued).zip(back) {
            let refunded = voucher.base.min(*back);
            let remainder = voucher.keep_of(refunded, of_total)?;
            if voucher.earning.is_some() {
                let earned = voucher.earned_of(group.program, shopper, (refunded, of_total), remainder.kept)?;
                left.earned.points = left.earned.points.checked_add(earned.points)?;
                if group.program.carries() {
                    left.earned.carried = earned.carried;
                }
            } else {
                by_rate = by_rate.checked_add(remainder.kept)?;
            }
            left.value = left.value.checked_add(remainder.kept)?;
            if group.program.terms().table.mechanism().has_slots() {
                left.in_slot = left.in_slot.checked_add(remainder.kept)?;
            }
            left.reason = left.reason.and(remainder.reason);
            left.groups.push(remainder);
        }
        if let Some(group) = sorted.groups.first() {
            left.earned.points = left.earned.points.checked_add(group.program.kernel().points(by_rate)?)?;
        }
        Ok(left)
    }
}
