//! A shop's fund: paid in, paid out, looked at; joining, leaving, pausing.

use super::event::{JoinReport, MoneyReport, NowReport, PauseReport, ProgramReport};
use super::fact::{Fact, FactKind};
use super::state::{ShopState, add, take};
use super::step::{Done, Step};
use loyalty_rules::award::Merchant;
use loyalty_rules::error::Error;
use loyalty_rules::funding::{Fund, FundEvent, FundState, FundTerms};
use loyalty_rules::quantity::{Count, Rate, Rupiah};

/// What a fund is judged by: its balance less what the shop owes, at least Rp0.
pub(super) fn judged_balance(shop: &ShopState) -> Result<Rupiah, Error> {
    let owed = shop.owed.values().try_fold(Rupiah::ZERO, |sum, owed| sum.checked_add(*owed))?;
    let free = shop.fund.balance.checked_sub(owed)?;
    Ok(free.max(Rupiah::ZERO))
}

/// What the shop's fund lets it issue (GF-4, GF-7, GF-9).
pub(crate) fn merchant(shop: &ShopState) -> Result<Merchant, Error> {
    Ok(Merchant {
        suspended: shop.fund.state == FundState::Suspended,
        registered: shop.fund.state == FundState::Registered,
        fund_balance: judged_balance(shop)?,
        outstanding: shop.reserved.max(Rupiah::ZERO),
    })
}

/// The fund as the rules know it, over the balance that it is judged by.
fn judged(shop: &ShopState) -> Result<Fund, Error> {
    let fund = &shop.fund;
    let mut terms = FundTerms::new(fund.requirement)?;
    terms.share = fund.share_bp.unwrap_or(terms.share);
    terms.warning_interval_s = fund.warning_interval_s.unwrap_or(terms.warning_interval_s);
    Ok(Fund::new(terms, judged_balance(shop)?)?.warned(fund.warnings, fund.last_warning).in_state(fund.state))
}

/// Applies an event to the fund and keeps its state and warnings; its balance is the books' matter.
fn judge(step: &mut Step<'_>, event: &FundEvent<'_>) -> Done {
    let mut fund = judged(step.shop())?;
    let notice = fund.apply(event)?;
    let kept = &mut step.shop().fund;
    (kept.state, kept.warnings, kept.last_warning) = (fund.state(), fund.warnings(), fund.last_warning());
    if let Some(notice) = notice {
        tell_notice(step, notice.kind.name(), Rupiah::new(notice.amount)?);
    }
    Ok(())
}

fn tell_notice(step: &mut Step<'_>, notice: &'static str, amount: Rupiah) {
    step.tell(Fact { notice: Some(notice.into()), amount: Some(amount), ..Fact::of(FactKind::Notice) });
}

/// The shop pays in.
pub(super) fn top_up(step: &mut Step<'_>, report: &MoneyReport) -> Done {
    pay_in(step, report.amount.0)
}

/// Money comes into the fund, which is judged by what it then holds beyond what the shop owes.
pub(super) fn pay_in(step: &mut Step<'_>, amount: Rupiah) -> Done {
    add(&mut step.shop().fund.balance, amount)?;
    judge(step, &FundEvent::TopUp { amount: Rupiah::ZERO })?;
    step.post("guarantee_fund", "cash", amount)?;
    Ok(())
}

/// The fund pays the shop, or nothing if it is short.
pub(super) fn draw(step: &mut Step<'_>, report: &MoneyReport) -> Done {
    let amount = report.amount.0;
    let missing = amount.left_after(step.shop().fund.balance);
    if !missing.is_zero() {
        tell_notice(step, "shortfall", missing);
        return Ok(());
    }
    take(&mut step.shop().fund.balance, amount)?;
    step.post("cash", "guarantee_fund", amount)?;
    Ok(())
}

/// The fund is looked at.
pub(super) fn check(step: &mut Step<'_>, report: &NowReport) -> Done {
    judge(step, &FundEvent::Check { at: Some(report.now) })
}

/// A shop joins, or its requirement changes.
pub(super) fn join(step: &mut Step<'_>, report: &JoinReport) -> Done {
    let shop = step.shop();
    let is_new = shop.fund.requirement.is_zero() || shop.left;
    shop.left = false;
    shop.fund.share_bp = Some(report.share_bp).filter(|share| *share != default_share());
    shop.fund.warning_interval_s = Some(report.warning_interval_s).filter(|interval| interval.get() != 86_400);
    if is_new {
        shop.fund.state = FundState::Registered;
        shop.fund.warnings = Count::ZERO;
    }
    shop.fund.requirement = report.requirement.0;
    judge(step, &FundEvent::Require { amount: report.requirement.0 })
}

fn default_share() -> Rate {
    Rate::from_bp(2_000).unwrap_or_default()
}

/// A shop leaves.
pub(super) fn leave(step: &mut Step<'_>) {
    step.shop().left = true;
}

/// A shop's awards are stopped, or go on.
pub(super) fn pause(step: &mut Step<'_>, report: &PauseReport) {
    step.shop().paused = report.paused;
}

/// A shop takes another program.
pub(super) fn program(step: &mut Step<'_>, report: &ProgramReport) {
    step.shop().program = Some(report.program.clone());
}
