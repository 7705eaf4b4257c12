//! A sale under a program with offers (PT-9): which offer takes each line, and what of each group comes back.

use alloc::vec::Vec;

use super::event::PlayFields;
use super::sale::{Rated, counters_of, share_of, shopper_of};
use super::state::{GoodsInState, GroupInState, SaleState};
use super::step::Step;
use super::terms::NetworkProgram;
use loyalty_rules::award::{Basket, Counters, GoodsAward, GroupAward, Issued, Item, Kept, Offers, Play, Purchase, Reason};
use loyalty_rules::calendar::{CivilTime, Date};
use loyalty_rules::error::Error;
use loyalty_rules::quantity::{Count, Rupiah};
use loyalty_rules::tables::Mechanism;

/// Rates the sale in the states by its lines, or tells why it cannot be.
pub(super) fn rate(
    step: &mut Step<'_>,
    play: Option<&PlayFields>,
    (program, offers): (&NetworkProgram, &Offers),
    (sold_at, day): (&CivilTime, Date),
) -> Result<Result<Rated, &'static str>, Error> {
    let sale = step.sale();
    if sale.goods.len() != sale.lines.len() || (sale.lines.is_empty() && !sale.total.is_zero()) {
        return Ok(Err("missing_field"));
    }
    let mut basket = match basket(play, offers, sold_at) {
        Ok(basket) => basket,
        Err(reason) => return Ok(Err(reason)),
    };
    basket.paid_by_voucher = sale.total.left_after(sale.money);
    basket.late = play.is_some_and(|play| play.late);
    let shopper = shopper_of(sale);
    let goods = sale.goods.clone();
    let amounts: Vec<Rupiah> = sale.lines.iter().map(|line| line.amount).collect();
    let is_dated = |goods: &GoodsInState| goods.dated.unwrap_or_else(|| program.dated_skus.contains(&goods.sku));
    let mut lines = Vec::new();
    for (goods, amount) in goods.iter().zip(amounts) {
        lines.push(Item { sku: &goods.sku, class: goods.class.as_deref(), is_dated: is_dated(goods), amount });
    }
    let merchant = super::fund::merchant(step.shop())?;
    // The counters are those of the day that the sale states; whether the program says the same day is judged after it.
    let counters = Counters { day: None, ..counters_of(step, day) };
    let purchase = Purchase { lines: &lines, basket, shopper: &shopper, merchant: &merchant, counters: &counters };
    let GoodsAward { basket: decided, places, .. } = match offers.decide(&purchase) {
        Ok(award) => award,
        Err(error) => return Ok(Err(error.kind().name())),
    };
    let selling_day = decided.award.added().day;
    let is_pending = decided.groups.iter().any(|group| group.reason == Reason::PlayPending);
    let groups = decided.groups.iter().enumerate().map(|(place, group)| group_of(place, group, &places));
    let groups = groups.collect::<Result<Vec<_>, _>>()?;
    Ok(Ok(Rated { award: decided.award, selling_day, is_pending, rules: decided.rules, groups }))
}

/// What picks the columns of the goods. Offers may look at the time, so a sale that names no slot has its own.
fn basket(play: Option<&PlayFields>, offers: &Offers, sold_at: &CivilTime) -> Result<Basket, &'static str> {
    let nothing = PlayFields::default();
    let PlayFields { digit, claim, slot, at, .. } = play.unwrap_or(&nothing);
    let is_foreign = |mechanism| !offers.has(mechanism);
    let by_slot = match (slot, at) {
        (Some(_), Some(_)) => return Err("bad_config"),
        (Some(_), None) if is_foreign(Mechanism::TimeAuction) => return Err("bad_config"),
        (Some(slot), None) => Play::Slot(*slot),
        (None, at) => Play::At(at.unwrap_or(*sold_at)),
    };
    let by_digit = match (digit, claim) {
        (None, None) => Play::Pending,
        (Some(_), Some(_)) => return Err("bad_config"),
        _ if is_foreign(Mechanism::Stopwatch) => return Err("bad_config"),
        (Some(digit), None) => Play::Digit(*digit),
        (None, Some(claim)) => Play::Claim(claim.played()),
    };
    Ok(Basket::new(by_slot, by_digit))
}

/// What is kept of a group of goods.
fn group_of(place: usize, group: &GroupAward, places: &[Option<usize>]) -> Result<GroupInState, Error> {
    let number = |index: usize| Count::from_result(crate::count(index));
    let is_of_it = |(_, of): &(usize, &Option<usize>)| **of == Some(place);
    Ok(GroupInState {
        offer: group.offer.map(number).transpose()?,
        lines: places.iter().enumerate().filter(is_of_it).map(|(line, _)| number(line)).collect::<Result<_, _>>()?,
        base: group.base,
        rate_bp: group.rate,
        value: group.value,
        by_steps: group.mechanism == Mechanism::Points && group.reason == Reason::Full,
    })
}

/// What is kept of the groups after everything that came back: each at its own rate, the quota by what is left of all.
pub(super) fn kept(sale: &SaleState, issued: impl Fn(&GroupInState) -> Result<Issued, Error>) -> Result<(Rupiah, Kept), Error> {
    let (mut kept, mut reason) = (Rupiah::ZERO, Kept::FullyRefunded);
    for (group, back) in sale.groups.iter().zip(backs(sale)?) {
        let remainder = issued(group)?.keep_of(group.base.min(back), sale.back)?;
        kept = kept.checked_add(remainder.kept)?;
        reason = reason.and(remainder.reason);
    }
    Ok((kept, reason))
}

/// What came back of each group, in rupiah: what its lines say; of an amount that names no line the first groups' goods come
/// back first; what an exchange gave out instead stands for the last groups' goods.
fn backs(sale: &SaleState) -> Result<Vec<Rupiah>, Error> {
    let line = |place: &Count| usize::try_from(place.get()).ok().and_then(|place| sale.lines.get(place));
    let (mut of_lines, mut bought) = (Vec::new(), Vec::new());
    for group in &sale.groups {
        let (mut back, mut amount) = (Rupiah::ZERO, Rupiah::ZERO);
        for line in group.lines.iter().filter_map(line) {
            back = back.checked_add(line.back_amount())?;
            amount = amount.checked_add(line.amount)?;
        }
        of_lines.push(back);
        bought.push(amount);
    }
    let by_lines = sale.lines.iter().try_fold(Rupiah::ZERO, |sum, line| sum.checked_add(line.back_amount()))?;
    let mut further = sale.back.left_after(by_lines);
    for (back, amount) in of_lines.iter_mut().zip(&bought) {
        let more = further.min(amount.left_after(*back));
        *back = back.checked_add(more)?;
        further = further.left_after(more);
    }
    // Goods that earn nothing are replaced before others.
    let of_groups = of_lines.iter().try_fold(Rupiah::ZERO, |sum, back| sum.checked_add(*back))?;
    let mut replaced = of_groups.left_after(sale.back);
    for back in of_lines.iter_mut().rev() {
        let less = replaced.min(*back);
        *back = back.left_after(less);
        replaced = replaced.left_after(less);
    }
    Ok(of_lines)
}

impl super::state::LineInState {
    /// What came back of it, in rupiah.
    fn back_amount(&self) -> Rupiah {
        let left = Count::new(self.quantity_milli.get().saturating_sub(self.back_milli.get()).max(0)).unwrap_or_default();
        self.amount.left_after(share_of(self.amount, left, self.quantity_milli))
    }
}
