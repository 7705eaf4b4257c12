use super::kernel::{Kernel, Settings};
use super::outcome::{Award, Ground};
use super::program::Program;
use super::reason::{Cap, Caps, Reason};
use super::receipt::{Counters, Merchant, Play, Receipt, Shopper};
use super::terms::{Budget, Eligibility, FirstN, Latecomer, ShortBudget};
use crate::error::{Error, Fault};
use crate::funding::Cover;
use crate::quantity::{Count, Rate, Rupiah};
use crate::tables::{Column, Judgement, Mechanism, Slot};

/// Who decides receipts: a [`Program`], or its [`Kernel`] alone, which knows no hours and judges no claim.
pub trait Decider {
    /// The kernel.
    fn kernel(&self) -> &Kernel;
    /// The program, unless the kernel is alone.
    fn program(&self) -> Option<&Program>;
}

impl Decider for Program {
    #[inline]
    fn kernel(&self) -> &Kernel {
        self.kernel()
    }

    #[inline]
    fn program(&self) -> Option<&Program> {
        Some(self)
    }
}

impl Decider for Kernel {
    #[inline]
    fn kernel(&self) -> &Kernel {
        self
    }

    #[inline]
    fn program(&self) -> Option<&Program> {
        None
    }
}

/// Decides the award of one receipt (AW-1 … AW-7, AW-13).
///
/// Inputs are checked in full first; then the rungs of AW-1 are gone through in order, and the first that
/// stops names the reason.
///
/// ```
/// use loyalty_rules::award::{Counters, Merchant, Play, Program, Receipt, Shopper, Terms, decide};
/// use loyalty_rules::quantity::{Points, Rupiah};
/// use loyalty_rules::tables::{Digit, TableName};
///
/// let mut terms = Terms::new(TableName::parse("stopwatch/from_15/elite")?);
/// terms.quota = Rupiah::new(500_000)?.into();
/// let program = Program::new(terms)?;
///
/// let receipt = Receipt::new(Rupiah::new(400_000)?); // not played: the standby voucher needs no play
/// let shopper = Shopper { prior_points: Points::from_milli(500_000)?, ..Shopper::default() };
/// let award = decide(&program, &receipt, &shopper, &Merchant::default(), &Counters::default())?;
///
/// assert_eq!(award.reason().name(), "standby");
/// assert_eq!(award.value().get(), 8_000); // 2 % of Rp400,000
/// assert_eq!(award.shopper().prior_points.milli(), 508_000);
/// assert!(award.rules().eq(["QT-2", "SB-1", "CV-4"]));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` for amounts below zero, more paid by voucher than bought, or a result that leaves the
/// domain; `bad_config` for a column of the other mechanism; `missing_field` for a time-auction receipt
/// without slot and time, a time without the program's window, or a time or claim before a kernel alone.
pub fn decide(
    decider: &impl Decider,
    receipt: &Receipt,
    shopper: &Shopper,
    merchant: &Merchant,
    counters: &Counters,
) -> Result<Award, Error> {
    let (kernel, terms) = (decider.kernel(), decider.program().map(Program::terms));
    let sale = Sale::check(decider, receipt, shopper, merchant, counters)?;
    let (reason, ground) = climb(kernel, &sale, shopper, merchant);
    let rate = ground.map_or(Rate::ZERO, |ground| ground.rate);
    let settings = &kernel.settings;
    let Limited { reason, value, caps } = match ground {
        Some(_) => limit(settings, settings.budget.slot, merchant, &sale.counters, reason, kernel.value(sale.base, rate))?,
        None => Limited { reason, value: Rupiah::ZERO, caps: Caps::NONE },
    };

    let mechanism = settings.mechanism;
    let points = kernel.points(value)?;
    let counters = if reason.is_award() { sale.counters.after(mechanism, reason, value)? } else { *counters };
    Ok(Award {
        reason,
        mechanism,
        funded: terms.is_some_and(|terms| terms.funding.is_some()),
        rate,
        base: sale.base,
        value,
        points,
        caps,
        table: terms.and_then(|terms| terms.table.name()),
        ground,
        judgement: sale.judgement,
        late: receipt.late,
        counters,
        shopper: shopper.after(receipt.total, points)?,
    })
}

/// A checked receipt.
pub(super) struct Sale {
    pub(super) total: Rupiah,
    pub(super) base: Rupiah,
    pub(super) place: Place,
    judgement: Option<Judgement>,
    /// The counters as they stand for its day and slot.
    pub(super) counters: Counters,
}

/// Where a receipt stands in the table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Column(Column),
    OutsideWindow,
    NotPlayed,
    NotedDigit,
    ClaimRefused,
}

impl Place {
    /// The quota that holds there, in rupiah.
    pub(super) fn quota(self, kernel: &Kernel) -> Rupiah {
        match self {
            Self::Column(column) => kernel.quota(column),
            // Without a slot no quota holds.
            Self::OutsideWindow => Rupiah::ZERO,
            // Every column of a stopwatch has the same quota.
            Self::NotPlayed | Self::NotedDigit | Self::ClaimRefused => kernel.quota(Column::FIRST),
        }
    }
}

impl Sale {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a checked receipt would be returned through memory")]
    pub(super) fn check(
        decider: &impl Decider,
        receipt: &Receipt,
        shopper: &Shopper,
        merchant: &Merchant,
        counters: &Counters,
    ) -> Result<Self, Error> {
        refuse_negative(receipt, shopper, merchant, counters)?;
        if receipt.paid_by_voucher > receipt.total {
            return Err(Fault::VoucherPaidAboveTotal.error().at("receipt.paid_by_voucher"));
        }
        let (settings, terms) = (&decider.kernel().settings, decider.program().map(Program::terms));
        let base = if settings.exclude_voucher_paid { receipt.total.left_after(receipt.paid_by_voucher) } else { receipt.total };
        let mut sale = Self { total: receipt.total, base, place: Place::NotPlayed, judgement: None, counters: *counters };
        let refuse = |fault: Fault, field: &'static str| Err(fault.error().at(field));
        match (settings.mechanism, &receipt.play) {
            (Mechanism::Stopwatch, Play::Pending) => {}
            (Mechanism::Stopwatch, Play::Digit(_)) if receipt.late && !settings.accept_noted_digit => sale.place = Place::NotedDigit,
            (Mechanism::Stopwatch, Play::Digit(digit)) => sale.place = Place::Column(digit.column()),
            (Mechanism::Stopwatch, Play::Claim(claim)) => {
                let judged = claim.judge(terms.ok_or(Fault::Missing.error().at("receipt.digit"))?.tolerance);
                sale.place = judged.digit.map_or(Place::ClaimRefused, |digit| Place::Column(digit.column()));
                sale.judgement = Some(judged);
            }
            (Mechanism::TimeAuction, Play::Slot(slot)) => sale.place = Place::Column(slot.column()),
            (Mechanism::TimeAuction, Play::At(at)) => {
                let terms = terms.ok_or(Fault::Missing.error().at("receipt.slot"))?;
                let window = terms.window.as_ref().ok_or(Fault::Missing.error().at("program.window"))?;
                sale.place = Place::OutsideWindow;
                if let Some(slot) = Slot::at(window, at) {
                    let day = window.selling_day(at).map_err(|refused| refused.at("receipt.at"))?;
                    sale.place = Place::Column(slot.column());
                    sale.counters = counters.on(day, slot);
                }
            }
            (Mechanism::TimeAuction, Play::Pending) => return refuse(Fault::Missing, "receipt.slot"),
            (Mechanism::Stopwatch, Play::Slot(_)) => return refuse(Fault::ColumnOfOtherMechanism, "receipt.slot"),
            (Mechanism::Stopwatch, Play::At(_)) => return refuse(Fault::ColumnOfOtherMechanism, "receipt.at"),
            (Mechanism::TimeAuction, Play::Digit(_)) => return refuse(Fault::ColumnOfOtherMechanism, "receipt.digit"),
            (Mechanism::TimeAuction, Play::Claim(_)) => return refuse(Fault::ColumnOfOtherMechanism, "receipt.claim"),
        }
        Ok(sale)
    }
}

#[inline]
fn refuse_negative(receipt: &Receipt, shopper: &Shopper, merchant: &Merchant, counters: &Counters) -> Result<(), Error> {
    // One sign tells whether any is negative.
    let signs = signed(receipt, shopper, merchant, counters).iter().fold(0, |signs, (number, _)| signs | number);
    if signs < 0 { Err(first_negative(receipt, shopper, merchant, counters)) } else { Ok(()) }
}

#[cold]
#[inline(never)]
fn first_negative(receipt: &Receipt, shopper: &Shopper, merchant: &Merchant, counters: &Counters) -> Error {
    let numbers = signed(receipt, shopper, merchant, counters);
    let field = numbers.into_iter().find(|(number, _)| *number < 0).map_or("", |(_, field)| field);
    Fault::Negative.error().at(field)
}

/// The numbers whose type allows a sign and whose meaning does not.
#[inline]
const fn signed(receipt: &Receipt, shopper: &Shopper, merchant: &Merchant, counters: &Counters) -> [(i64, &'static str); 7] {
    [
        (receipt.total.get(), "receipt.total"),
        (receipt.paid_by_voucher.get(), "receipt.paid_by_voucher"),
        (shopper.prior_points.milli(), "shopper.prior_points_milli"),
        (merchant.fund_balance.get(), "merchant.fund_balance"),
        (merchant.outstanding.get(), "merchant.outstanding"),
        (counters.released_today.get(), "counters.released_today"),
        (counters.released_in_slot.get(), "counters.released_in_slot"),
    ]
}

/// Where the ladder of AW-1 ends before any limit: the reason, and what the rate stands on unless it stopped.
type Rung = (Reason, Option<Ground>);

/// The ladder of AW-1 down to the first-N limit; `sale.total` is what the quota looks at.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a rung would be returned through memory")]
pub(super) fn climb(kernel: &Kernel, sale: &Sale, shopper: &Shopper, merchant: &Merchant) -> Rung {
    let settings = &kernel.settings;
    let ends = |reason| (reason, None);
    if merchant.suspended {
        return ends(Reason::Suspended);
    }
    if merchant.registered {
        return ends(Reason::NotActive);
    }
    if settings.paused {
        return ends(Reason::Paused);
    }
    if sale.base.is_zero() {
        return ends(Reason::ZeroAmount);
    }
    let (is_new, has_intro) = match settings.eligibility {
        Eligibility::Everyone => (false, false),
        Eligibility::Loyal { min_purchases, intro } => (shopper.purchases < min_purchases, intro),
    };
    if is_new && !has_intro {
        return ends(Reason::NotEligible);
    }
    let column = match sale.place {
        Place::OutsideWindow => return ends(Reason::OutsideWindow),
        Place::Column(column) => column,
        // Every column of a stopwatch has the same quota.
        Place::NotPlayed | Place::NotedDigit | Place::ClaimRefused => Column::FIRST,
    };
    if settings.held_slots.holds(column) {
        return ends(Reason::SlotHeld);
    }

    let (given, standby_from) = kernel.rated(sale.total, column, shopper.prior_points);
    let ground = Ground { rate: given.rate, is_table: given.reason == Reason::Full, column, standby_from };
    let table = |column| Ground { rate: kernel.rate(column), is_table: true, column, ..ground };
    // What is unusual is asked before the quota, so that an ordinary receipt has no branch to mispredict.
    let is_unusual = is_new || settings.first_n.is_some() || !matches!(sale.place, Place::Column(_));
    let (reason, ground) = if is_unusual && given.reason == Reason::Full {
        match (sale.place, settings.first_n) {
            (Place::NotPlayed, _) => return ends(Reason::PlayPending),
            (Place::NotedDigit, _) => return ends(Reason::NotedDigit),
            (Place::ClaimRefused, _) => return ends(Reason::ClaimRefused),
            _ if is_new => (Reason::Intro, table(kernel.smallest_column())),
            (_, Some(FirstN { n, then })) if sale.counters.awards_in_slot >= n => match then {
                Latecomer::FirstColumn => (Reason::FirstNFirstColumn, table(Column::FIRST)),
                Latecomer::Nothing => return ends(Reason::FirstN),
                Latecomer::Standby => match kernel.standby(shopper.prior_points) {
                    Some(step) if step.rate > Rate::ZERO => (Reason::FirstNStandby, Ground { rate: step.rate, is_table: false, ..ground }),
                    _ => return ends(Reason::FirstN),
                },
            },
            _ => (Reason::Full, ground),
        }
    } else {
        (given.reason, ground)
    };
    if reason == Reason::NoStandby { ends(reason) } else { (reason, Some(ground)) }
}

/// A value after the limits of AW-1, each at its turn.
pub(super) struct Limited {
    pub(super) reason: Reason,
    pub(super) value: Rupiah,
    pub(super) caps: Caps,
}

/// Cuts a value to the cap, the budgets and the cover; `value` may stand above the domain by what rounding up
/// added, and a limit may bring it back.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a limited value would be returned through memory")]
pub(super) fn limit(
    settings: &Settings,
    slot_budget: Option<Rupiah>,
    merchant: &Merchant,
    counters: &Counters,
    reason: Reason,
    value: i64,
) -> Result<Limited, Error> {
    let mut value = Rupiah::part(value);
    let mut caps = Caps::NONE;
    if let Some(cap) = settings.receipt_cap.filter(|cap| value > *cap) {
        value = cap;
        caps.add(Cap::Receipt);
    }
    if let Some(left) = cut_to_budget(&settings.budget, settings.budget.day, counters.released_today, value) {
        caps.add(Cap::DayBudget);
        value = left;
        if value.is_zero() {
            return Ok(Limited { reason: Reason::BudgetSpent, value, caps });
        }
    }
    if let Some(left) = cut_to_budget(&settings.budget, slot_budget, counters.released_in_slot, value) {
        caps.add(Cap::SlotBudget);
        value = left;
        if value.is_zero() {
            return Ok(Limited { reason: Reason::BudgetSpent, value, caps });
        }
    }
    let cover = Cover { balance: merchant.fund_balance, outstanding: merchant.outstanding };
    if !value.is_zero() && settings.min_cover_bp > Count::ZERO && !cover.allows(value, settings.min_cover_bp)? {
        return Ok(Limited { reason: Reason::CoverShort, value: Rupiah::ZERO, caps });
    }
    Ok(Limited { reason, value: Rupiah::from_result(Some(value.get()))?, caps })
}

/// What a budget leaves of a value above it (AW-6); `None` if it covers the value.
#[inline]
pub(super) fn cut_to_budget(budget: &Budget, limit: Option<Rupiah>, released: Rupiah, value: Rupiah) -> Option<Rupiah> {
    let left = limit?.left_after(released);
    (value > left).then_some(match budget.short {
        ShortBudget::Cut => left,
        ShortBudget::Refuse => Rupiah::ZERO,
    })
}
