//! A sale and its play: the award is decided, printed awards are honoured, a claim is issued.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::event::{ClaimForm, DueMessage, EarnMessage, EventDetail, PlayFields, PlayReport, PrintedAward, SaleReport};
use super::fact::{Fact, FactKind};
use super::name::{ClaimName, Id, Name, Owner};
use super::state::{DayState, EarlyReturn, GoodsInState, GroupInState, LineInState, SaleState, add, take};
use super::step::{Done, Released, Sender, Step};
use super::terms::{NetworkProgram, PrintedPayer};
use super::{goods, returns, tender};
use loyalty_rules::api::fields::BySlot;
use loyalty_rules::api::operations::award::decide::CounterFields;
use loyalty_rules::api::wire::{Amount, Phrase};
use loyalty_rules::award::{Award, Counters, Play, Program, Reason, Receipt, Shopper, decide};
use loyalty_rules::calendar::{CivilTime, Date};
use loyalty_rules::error::Error;
use loyalty_rules::quantity::{Count, Mode, Rate, Rupiah};
use loyalty_rules::tables::Mechanism;

/// A sale is reported.
pub(super) fn sell(step: &mut Step<'_>, report: &SaleReport) -> Done {
    let id = &step.event.id;
    let total = report.goods.total()?;
    if step.sale().sold {
        step.tell(Fact::sale(FactKind::Suspense, id.as_str(), total));
        return Ok(());
    }
    let now = step.now();
    let sale = step.sale();
    (sale.sold, sale.day, sale.time) = (true, Some(report.day), Some(now));
    (sale.total, sale.money) = (total, total.checked_sub(report.claimed()?)?);
    sale.member.clone_from(&report.member);
    sale.prior_points_milli = report.shopper.prior_points_milli;
    sale.purchases = report.shopper.purchases;
    sale.carried = report.shopper.carried;
    for line_of in report.goods.lines.iter().flatten() {
        let line = LineInState { quantity_milli: line_of.quantity_milli.0, amount: line_of.amount()?, back_milli: Count::ZERO };
        sale.lines.push(line);
        sale.goods.push(GoodsInState { sku: line_of.sku.clone(), class: line_of.class.clone(), dated: line_of.dated });
    }
    let late_play = sale.late_play.take();
    let play = report.play.clone().or(late_play);
    for (order, claim) in report.claims.iter().enumerate() {
        let tender = step.sale().tenders.entry(claim.of.as_str().to_string()).or_default();
        tender.owner = claim.owner.clone();
        tender.order = Count::from_result(crate::count(order))?;
        tender.month = tender.month.or(claim.month);
        add(&mut tender.want, claim.amount.0)?;
        step.post("voucher_tender", "sales", claim.amount.0)?;
    }
    award(step, id, play.as_ref(), report.form, report.printed.as_ref())?;
    forget_goods(step);
    let of_sale: Vec<String> = step.sale().tenders.keys().cloned().collect();
    for redemption in of_sale {
        tender::settle(step, id, &redemption)?;
    }
    let early: Vec<EarlyReturn> = core::mem::take(&mut step.sale().early);
    for back in early {
        returns::give_back(step, id, report.day, &back)?;
    }
    release_waiting(step, id);
    Ok(())
}

/// Only a play that is still to come needs the goods.
fn forget_goods(step: &mut Step<'_>) {
    let sale = step.sale();
    if !sale.pending {
        sale.goods = Vec::new();
    }
}

/// Requests that waited for the voucher of a sale may go once its award is decided.
fn release_waiting(step: &mut Step<'_>, sale: &Id) {
    if step.sale().pending {
        return;
    }
    let voucher = ClaimName::of(step.owner(), sale.as_str());
    release(step, &voucher);
    step.tidy(&voucher);
}

/// Requests that waited for a voucher may go.
pub(super) fn release(step: &mut Step<'_>, voucher: &ClaimName) {
    let at = step.at;
    if let Some(state) = step.states.vouchers.get_mut(&voucher.key()) {
        let waiting = core::mem::take(&mut state.waiting);
        step.again.extend(waiting.into_iter().map(|event| Released { event, at }));
    }
}

/// A sale is played.
pub(super) fn play(step: &mut Step<'_>, report: &PlayReport) -> Done {
    let sale = step.sale();
    if !sale.sold && sale.late_play.is_none() {
        sale.late_play = Some(report.play.clone());
        return Ok(());
    }
    if !sale.sold || !sale.pending {
        step.refuse("played_before");
        return Ok(());
    }
    if sale.day != Some(report.of_day) {
        step.refuse("other_day");
        return Ok(());
    }
    if sale.back == sale.total && !sale.total.is_zero() {
        step.refuse("fully_refunded");
        return Ok(());
    }
    let (form, is_part_back) = (sale.form, !sale.back.is_zero());
    award(step, &report.of, Some(&report.play), form, None)?;
    forget_goods(step);
    if is_part_back && !step.sale().pending {
        returns::take_back_award(step, &report.of, report.of_day, Rupiah::ZERO, false)?;
    }
    release_waiting(step, &report.of);
    Ok(())
}

/// What was decided of a sale.
#[derive(Default)]
struct Decided {
    reason: &'static str,
    rate: Rate,
    value: Rupiah,
    parts: Vec<Rupiah>,
    rules: Vec<Phrase>,
    counters: Option<CounterFields>,
}

/// Decides the award of the sale in the states, and issues what it gives.
fn award(step: &mut Step<'_>, id: &Id, play: Option<&PlayFields>, form: Option<ClaimForm>, printed: Option<&PrintedAward>) -> Done {
    let sold_at = step.sale().time.unwrap_or(step.now());
    let id_of_program = step.shop().program.clone();
    let program = step.terms.in_force(id_of_program.as_deref(), &sold_at);
    let decided = decided(step, play, program, &sold_at)?;
    let Some(decided) = decided else {
        // A play that was refused decides nothing.
        if matches!(step.event.data, EventDetail::Play(_)) {
            return Ok(());
        }
        // The loyalty part was refused; what was printed is honoured all the same.
        return issue(step, id, program, &sold_at, (&Decided::default(), form, printed));
    };
    let groups = step.sale().groups.clone();
    step.tell(Fact {
        sale: Some(id.as_str().into()),
        reason: Some(decided.reason.into()),
        rate_bp: Some(decided.rate),
        value: Some(decided.value),
        parts: Some(decided.parts.clone()),
        groups: Some(groups).filter(|groups| !groups.is_empty()),
        counters: decided.counters.clone(),
        program_hash: program.map(|program| program.hash.clone()),
        rules: Some(decided.rules.clone()),
        ..Fact::of(FactKind::Award)
    });
    issue(step, id, program, &sold_at, (&decided, form, printed))
}

/// Decides the award; nothing if its loyalty part is refused.
fn decided(
    step: &mut Step<'_>,
    play: Option<&PlayFields>,
    program: Option<&NetworkProgram>,
    sold_at: &CivilTime,
) -> Result<Option<Decided>, Error> {
    let stopped = |reason: Reason| Ok(Some(Decided { reason: reason.name(), ..Decided::default() }));
    if step.shop().paused || step.shop().left {
        return stopped(Reason::Paused);
    }
    let Some(network) = program else { return stopped(Reason::NotInForce) };
    let day = step.sale().day.unwrap_or_else(|| sold_at.date());
    let rated = match &network.offers {
        Some(offers) => goods::rate(step, play, (network, offers), (sold_at, day))?,
        None => rate(step, play, &network.program, (sold_at, day))?,
    };
    let Rated { award, selling_day, is_pending, rules, groups } = match rated {
        Ok(rated) => rated,
        Err(reason) => {
            step.refuse(reason);
            return Ok(None);
        }
    };
    if selling_day.is_some_and(|other| other != day) {
        step.refuse("other_day");
        return Ok(None);
    }
    let added = award.added();
    let mut after = counters_of(step, day);
    if !is_pending {
        after = after.after(added);
        keep_counters(step, &after);
    }
    let terms = network.program.terms();
    let sale = step.sale();
    sale.pending = is_pending;
    sale.base = award.base();
    sale.rate_bp = award.rate();
    sale.standby_bp = network.program.kernel().standby(sale.prior_points_milli);
    sale.slot = added.slot;
    sale.place = added.takes_place;
    sale.by_steps = award.is_by_steps();
    sale.quota = match added.slot {
        Some(slot) => terms.quota.of(slot.column()),
        None if terms.quota.is_by_slot() => Rupiah::ZERO,
        None => terms.quota.all().first().copied().unwrap_or_default(),
    };
    if !is_pending {
        sale.groups = groups;
    }
    if network.offers.is_none() {
        sale.goods = Vec::new();
    }
    let parts = terms.funding.map_or_else(|| alloc::vec![award.value()], |funding| funding.split(award.value()).as_slice().to_vec());
    Ok(Some(Decided {
        reason: award.reason().name(),
        rate: award.rate(),
        value: award.value(),
        parts,
        rules: rules.into_iter().map(Phrase::Borrowed).collect(),
        counters: Some(CounterFields::of(&after)),
    }))
}

/// A sale that was rated.
pub(super) struct Rated {
    pub(super) award: Award,
    /// The selling day that the program says, if it knows one.
    pub(super) selling_day: Option<Date>,
    /// Whether goods of it are not played yet.
    pub(super) is_pending: bool,
    pub(super) rules: Vec<&'static str>,
    /// What each offer gave.
    pub(super) groups: Vec<GroupInState>,
}

/// Rates the sale in the states by its total, or tells why it cannot be.
fn rate(
    step: &mut Step<'_>,
    play: Option<&PlayFields>,
    program: &Program,
    (sold_at, day): (&CivilTime, Date),
) -> Result<Result<Rated, &'static str>, Error> {
    let receipt = match receipt(step, play, program.terms().table.mechanism(), sold_at) {
        Ok(receipt) => receipt,
        Err(reason) => return Ok(Err(reason)),
    };
    let selling_day = match program.selling_day(&receipt) {
        Ok(day) => day,
        Err(error) => return Ok(Err(error.kind().name())),
    };
    if selling_day.is_some_and(|other| other != day) {
        return Ok(Err("other_day"));
    }
    let counters = counters_of(step, day);
    let shopper = shopper_of(step.sale());
    let merchant = super::fund::merchant(step.shop())?;
    Ok(match decide(program, &receipt, &shopper, &merchant, &counters) {
        Ok(award) => {
            let is_pending = award.reason() == Reason::PlayPending;
            Ok(Rated { award, selling_day, is_pending, rules: award.rules().collect(), groups: Vec::new() })
        }
        Err(error) => Err(error.kind().name()),
    })
}

/// The shopper as the sale saw them.
pub(super) fn shopper_of(sale: &SaleState) -> Shopper {
    let mut shopper = Shopper::new(sale.prior_points_milli, sale.purchases);
    shopper.carried = sale.carried;
    shopper
}

/// The receipt of the sale, or why what was played cannot belong to it.
fn receipt(step: &mut Step<'_>, play: Option<&PlayFields>, mechanism: Mechanism, sold_at: &CivilTime) -> Result<Receipt, &'static str> {
    let mut plays = Vec::new();
    if let Some(play) = play {
        plays.extend(play.digit.map(Play::Digit));
        plays.extend(play.claim.as_ref().map(|claim| Play::Claim(claim.played())));
        plays.extend(play.slot.map(Play::Slot));
        plays.extend(play.at.map(Play::At));
    }
    let played = match plays.as_slice() {
        [] if mechanism.has_slots() => Play::At(*sold_at),
        [] => Play::Pending,
        [played] => *played,
        _ => return Err("bad_config"),
    };
    let sale = step.sale();
    let mut receipt = Receipt::new(sale.total).with(played);
    receipt.paid_by_voucher = sale.total.left_after(sale.money);
    receipt.late = play.is_some_and(|play| play.late);
    Ok(receipt)
}

/// The counters of a selling day.
pub(super) fn counters_of(step: &mut Step<'_>, day: Date) -> Counters {
    let state = step.states.day.get_or_insert_default();
    Counters { day: Some(day), released_today: state.released, awards_by_slot: state.awards.0, released_by_slot: state.released_by_slot.0 }
}

/// Keeps the counters of the selling day.
pub(super) fn keep_counters(step: &mut Step<'_>, counters: &Counters) {
    let closed = step.states.day.as_ref().is_some_and(|day| day.closed);
    step.states.day = Some(DayState {
        released: counters.released_today,
        awards: BySlot(counters.awards_by_slot),
        released_by_slot: BySlot(counters.released_by_slot),
        closed,
        ..DayState::default()
    });
}

/// Issues the award, or what an offline till printed instead.
fn issue(
    step: &mut Step<'_>,
    id: &Id,
    program: Option<&NetworkProgram>,
    sold_at: &CivilTime,
    (decided, form, printed): (&Decided, Option<ClaimForm>, Option<&PrintedAward>),
) -> Done {
    let pending = step.sale().pending && printed.is_none();
    let form = form.unwrap_or(if step.sale().member.is_some() { ClaimForm::Lot } else { ClaimForm::Voucher });
    step.sale().form = Some(form);
    let claim = ClaimName::of(step.owner(), id.as_str());
    if pending {
        // The purchase counts, whatever is played.
        return earn(step, id, claim, Rupiah::ZERO, None);
    }
    step.sale().pending = false;
    let (value, parties, parts) = funded(step, program, decided, printed)?;
    if let Some(printed) = printed {
        tell_printed(step, id, decided.value, printed.value.0)?;
    }
    for (party, part) in parties.iter().zip(&parts) {
        let account = expense(party, &step.terms.settings.retailer);
        step.post(account, "voucher_liability", *part)?;
    }
    add(&mut step.shop().reserved, value)?;
    let sale = step.sale();
    (sale.issued, sale.kept, sale.parts, sale.parties) = (value, value, parts, parties);
    sale.printed = printed.is_some_and(|printed| printed.value.0 > decided.value);
    if value.is_zero() {
        (sale.parts, sale.parties) = (Vec::new(), Vec::new());
    } else {
        sale.program = program.map(|program| program.hash.clone());
    }
    let validity = program.and_then(|program| program.program.terms().validity.zip(Some(program)));
    let by_terms = validity.and_then(|(validity, program)| {
        let local = sold_at.at_offset_of(program.program.terms().utc_offset).ok()?;
        validity.expires(&local).ok()
    });
    let expires = printed.and_then(|printed| printed.expires).or(by_terms);
    match form {
        ClaimForm::Lot => earn(step, id, claim, value, expires),
        ClaimForm::Voucher => {
            issue_voucher(step, &claim, value, expires)?;
            // The purchase of a member counts, whatever the award is.
            earn(step, id, claim, Rupiah::ZERO, None)
        }
    }
}

/// Tells the account of the member.
fn earn(step: &mut Step<'_>, id: &Id, lot: ClaimName, value: Rupiah, expires: Option<CivilTime>) -> Done {
    let Some(member) = step.sale().member.clone() else { return Ok(()) };
    let to = Owner::account(member.as_str());
    // A play decides a sale that was counted when it came.
    let is_play = matches!(step.event.data, EventDetail::Play(_));
    let purchase = !step.sale().total.is_zero() && !is_play;
    let issuer = Name::made(step.owner().to_string());
    let data = EarnMessage { lot, issuer, amount: Amount(value), expires, purchase };
    step.send(&step.of_sale(id), &to, EventDetail::Earn(data))?;
    Ok(())
}

/// Writes a voucher, and covers what offline tills accepted of it before.
pub(super) fn issue_voucher(step: &mut Step<'_>, name: &ClaimName, value: Rupiah, expires: Option<CivilTime>) -> Done {
    let voucher = step.voucher(name);
    (voucher.issued, voucher.value, voucher.expires) = (true, value, expires);
    let covered = voucher.overdrawn.min(value);
    take(&mut voucher.overdrawn, covered)?;
    add(&mut voucher.used, covered)?;
    step.post("voucher_liability", "voucher_loss", covered)?;
    take(&mut step.shop().reserved, covered)?;
    match expires {
        Some(expires) if !value.is_zero() => send_due(step, name, &expires),
        _ => Ok(()),
    }
}

/// Notes at the shop that a voucher will expire.
pub(super) fn send_due(step: &mut Step<'_>, voucher: &ClaimName, expires: &CivilTime) -> Done {
    let data = DueMessage { voucher: voucher.clone(), date: expires.date() };
    let to = step.event.subject.clone();
    step.send(&Sender::Shop, &to, EventDetail::Due(data))?;
    Ok(())
}

/// What is issued, and who pays which part of it.
fn funded(
    step: &Step<'_>,
    program: Option<&NetworkProgram>,
    decided: &Decided,
    printed: Option<&PrintedAward>,
) -> Result<(Rupiah, Vec<String>, Vec<Rupiah>), Error> {
    let settings = &step.terms.settings;
    let mut parties = program.map(|program| program.parties.clone()).unwrap_or_default();
    let mut parts = decided.parts.clone();
    if parties.is_empty() {
        parties = alloc::vec![settings.retailer.clone()];
    }
    parts.resize(parties.len(), Rupiah::ZERO);
    let Some(printed) = printed else { return Ok((decided.value, parties, parts)) };
    let value = printed.value.0;
    if value <= decided.value {
        let funding = program.and_then(|program| program.program.terms().funding);
        let parts = funding.map_or_else(|| alloc::vec![value], |funding| funding.split(value).as_slice().to_vec());
        return Ok((value, parties, parts));
    }
    let payer = match settings.printed_payer {
        PrintedPayer::Shop => settings.retailer.as_str(),
        PrintedPayer::Operator => "operator",
    };
    let place = parties.iter().position(|party| party == payer).unwrap_or(parties.len());
    if place == parties.len() {
        parties.push(payer.to_string());
        parts.push(Rupiah::ZERO);
    }
    if let Some(part) = parts.get_mut(place) {
        add(part, value.checked_sub(decided.value)?)?;
    }
    Ok((value, parties, parts))
}

/// Tells that an offline till printed an award, and by how much it differs.
fn tell_printed(step: &mut Step<'_>, id: &Id, decided: Rupiah, printed: Rupiah) -> Done {
    step.tell(Fact {
        value: Some(printed),
        payer: Some(step.terms.settings.printed_payer.name().into()),
        ..Fact::sale(FactKind::Printed, id.as_str(), printed.checked_sub(decided)?)
    });
    Ok(())
}

/// The account of a funding party's part.
pub(super) fn expense(party: &str, retailer: &str) -> Phrase {
    if party == retailer { Phrase::Borrowed("voucher_expense") } else { Phrase::Owned(alloc::format!("partner:{party}")) }
}

/// The part of an amount that goes with units, rounded down: amount × units ÷ all.
pub(super) fn share_of(amount: Rupiah, units: Count, all: Count) -> Rupiah {
    // Two numbers of the domain stay below 2¹⁰⁶.
    let product = i128::from(amount.get()).wrapping_mul(units.get().into());
    let part = if all == Count::ZERO { 0 } else { Mode::Down.divide(product, all.get().into()) };
    Rupiah::part(i64::try_from(part).unwrap_or_default())
}
