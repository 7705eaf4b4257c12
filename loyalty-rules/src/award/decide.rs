use super::kernel::{Kernel, TablePlace};
use super::ladder::{
    INTRO_CELL, LATE, Ladder, NO_FIRST_COLUMN, NO_INTRO, Outcome, Row, Standing, TABLE_CELL, climb, limit, rate_of, reason_of, stop,
};
use super::outcome::{Award, Ground};
use super::program::Program;
use super::reason::{Cap, Caps, Reason};
use super::receipt::{Counters, Merchant, Play, Receipt, Seen, Shopper};
use super::terms::{Draw, Terms};
use crate::calendar::{CivilTime, Date, LocalTime, TimeOfDay};
use crate::error::{Error, Fault};
use crate::quantity::{Count, One, Points, Rate, Rupiah};
use crate::tables::{Claim, Column, Judgement, Mechanism, Slot};

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
    decided(decider.kernel(), decider.program(), receipt, shopper, merchant, counters)
}

/// One function for every decider, so that a module holds it once.
fn decided(
    kernel: &Kernel,
    program: Option<&Program>,
    receipt: &Receipt,
    shopper: &Shopper,
    merchant: &Merchant,
    counters: &Counters,
) -> Result<Award, Error> {
    let terms = program.map(Program::terms);
    let sale = CheckedReceipt::check(kernel, program, receipt, shopper, merchant, counters)?;
    let standing = sale.standing(kernel.standing(merchant));
    let outcome = sale.outcome(kernel, &standing, shopper);
    let GivenValue { reason, rate, ground, stands_in, value, caps } = GivenValue::of(kernel, outcome)?;

    let mechanism = kernel.settings.mechanism;
    let earned = kernel.earned(sale.total, sale.base, shopper, reason, value)?;
    let added = sale.seen.added(sale.day, sale.slot, reason, value)?;
    Ok(Award {
        reason,
        mechanism,
        funded: terms.is_some_and(|terms| terms.funding.is_some()),
        rate,
        base: sale.base,
        value,
        points: earned.points,
        caps,
        table: terms.and_then(|terms| terms.table.name()),
        ground,
        stands_in,
        judgement: sale.judgement,
        late: receipt.late,
        added,
        shopper: shopper.after(receipt.total, earned)?,
    })
}

impl Program {
    /// The selling day of a receipt, where its play tells it (AW-7): by the time of purchase or by the instant a claim
    /// stopped. Outside the hours of a time auction there is none.
    ///
    /// ```
    /// use loyalty_rules::award::{Play, Program, Receipt, Terms};
    /// use loyalty_rules::quantity::Rupiah;
    /// use loyalty_rules::tables::TableName;
    ///
    /// let mut terms = Terms::new(TableName::parse("time_auction/recommended/from_15/gold")?);
    /// terms.window = Some(loyalty_rules::calendar::SaleWindow::from_opening("22:00".parse()?));
    /// let program = Program::new(terms)?;
    /// let receipt = Receipt::new(Rupiah::new(1_000)?).with(Play::At("2025-03-02T03:00:00+07:00".parse()?));
    /// assert_eq!(program.selling_day(&receipt)?, Some("2025-03-01".parse()?));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `missing_field` for a time without the program's window; `out_of_range` outside the years 0000 … 9999.
    pub fn selling_day(&self, receipt: &Receipt) -> Result<Option<Date>, Error> {
        let terms = self.terms();
        match &receipt.play {
            Play::At(at) if !terms.table.mechanism().has_slots() => terms.dated(at, "receipt.at").map(|(day, _)| Some(day)),
            Play::At(at) => {
                let window = terms.window.as_ref().ok_or(Fault::Missing.error().at("program.window"))?;
                let local = terms.local(at).map_err(|refused| refused.at("receipt.at"))?;
                let day = || window.selling_day(&local).map_err(|refused| refused.at("receipt.at"));
                Slot::at(window, &local).map(|_| day()).transpose()
            }
            Play::Claim(claim) => terms.dated(&claim.stopped_at, STOPPED_AT).map(|(day, _)| Some(day)),
            Play::Pending | Play::Digit(_) | Play::Slot(_) => Ok(None),
        }
    }
}

/// The field of the instant at which a countdown ended.
const STOPPED_AT: &str = "receipt.claim.stopped_at";

/// A receipt that was checked in full.
pub(super) struct CheckedReceipt {
    pub(super) total: Rupiah,
    pub(super) base: Rupiah,
    pub(super) place: TablePlace,
    pub(super) judgement: Option<Judgement>,
    /// Its selling day, if its instant is known and lies in the selling day's hours (AW-7).
    pub(super) day: Option<Date>,
    pub(super) slot: Option<Slot>,
    pub(super) seen: Seen,
    /// Whether its instant is known and lies outside the program's time (AW-11).
    pub(super) is_out_of_force: bool,
}

/// All that an award is decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// The program.
    pub program: Program,
    /// The receipt.
    pub receipt: Receipt,
    /// The shopper before it.
    pub shopper: Shopper,
    /// The merchant's standing.
    pub merchant: Merchant,
    /// What its day was given before it.
    pub counters: Counters,
}

impl Inputs {
    /// What earns of the receipt, in rupiah (AW-2).
    pub fn base(&self) -> Rupiah {
        self.program.kernel().base(self.receipt.total, self.receipt.paid_by_voucher)
    }
}

impl Terms {
    /// An instant as the shop reads it: at the program's offset, if it states one (CV-5).
    pub(super) fn local(&self, at: &CivilTime) -> Result<CivilTime, Error> {
        at.at_offset_of(self.utc_offset)
    }

    /// The selling day of a local time: within the hours the date of opening, without or outside them its own date.
    pub(super) fn selling_day(&self, local: &CivilTime) -> Result<Date, Error> {
        match &self.window {
            Some(window) if Slot::at(window, local).is_some() => window.selling_day(local),
            _ => Ok(local.date()),
        }
    }

    /// The selling day of an instant that is no slot's, and whether it lies outside the program's time (AW-7, AW-11).
    pub(super) fn dated(&self, at: &CivilTime, field: &'static str) -> Result<(Date, bool), Error> {
        let dated = self.local(at).and_then(|local| Ok((self.selling_day(&local)?, !self.is_in_force(&local))));
        dated.map_err(|refused| refused.at(field))
    }

    /// Whether an instant lies outside the program's time (AW-11).
    #[cfg(feature = "alloc")]
    pub(super) fn is_out_of_force(&self, at: &CivilTime) -> Result<bool, Error> {
        self.local(at).map(|local| !self.is_in_force(&local))
    }

    /// Whether a minute of a local date lies in the program's time (AW-11).
    pub(super) fn is_in_force_at(&self, date: Date, minute: u16) -> bool {
        let time = TimeOfDay::from_seconds(u32::from(minute).wrapping_mul(60)).unwrap_or_default();
        let now = LocalTime { date, time };
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }

    /// Whether a local time lies in the program's time, from `from` up to and without `until` (AW-11).
    pub(super) fn is_in_force(&self, local: &CivilTime) -> bool {
        let now = local.local();
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}

impl CheckedReceipt {
    /// The same for what is asked less often than an award, out of line.
    #[inline(never)]
    pub(super) fn of_program(
        program: &Program,
        receipt: &Receipt,
        shopper: &Shopper,
        merchant: &Merchant,
        counters: &Counters,
    ) -> Result<Self, Error> {
        Self::check(program.kernel(), Some(program), receipt, shopper, merchant, counters)
    }

    /// Checks the inputs and finds the receipt's place.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a sale would be returned through memory")]
    pub(super) fn check(
        kernel: &Kernel,
        program: Option<&Program>,
        receipt: &Receipt,
        shopper: &Shopper,
        merchant: &Merchant,
        counters: &Counters,
    ) -> Result<Self, Error> {
        refuse_negative(receipt, shopper, merchant)?;
        // Every field is named, so that a new one does not compile until it has its place.
        let Receipt { total, ref play, paid_by_voucher, late } = *receipt;
        if paid_by_voucher > total {
            return Err(Fault::VoucherPaidAboveTotal.error().at("receipt.paid_by_voucher"));
        }
        let (settings, terms) = (&kernel.settings, program.map(Program::terms));
        let base = kernel.base(total, paid_by_voucher);
        let mut sale = Self {
            total,
            base,
            place: TablePlace::NotPlayed,
            judgement: None,
            day: None,
            slot: None,
            seen: Seen::default(),
            is_out_of_force: false,
        };
        let refuse = |fault: Fault, field: &'static str| Err(fault.error().at(field));
        match (settings.mechanism, play) {
            (Mechanism::Stopwatch, Play::Pending) => {}
            (Mechanism::Stopwatch, Play::Digit(_)) if late && !settings.accept_noted_digit => sale.place = TablePlace::NotedDigit,
            (Mechanism::Stopwatch, Play::Digit(digit)) => sale.place = TablePlace::Column(digit.column()),
            (Mechanism::Stopwatch, Play::Claim(claim)) => {
                let terms = terms.ok_or(Fault::Missing.error().at("receipt.digit"))?;
                sale.judge(terms, claim)?;
            }
            (Mechanism::TimeAuction, Play::Slot(slot)) => (sale.place, sale.slot) = (TablePlace::Column(slot.column()), Some(*slot)),
            (Mechanism::TimeAuction, Play::At(at)) => {
                let terms = terms.ok_or(Fault::Missing.error().at("receipt.slot"))?;
                sale.locate(terms, at)?;
            }
            (Mechanism::Flat | Mechanism::Points, Play::Pending) => sale.place = TablePlace::Column(Column::FIRST),
            (Mechanism::Flat | Mechanism::Points, Play::At(at)) => {
                let terms = terms.ok_or(Fault::Missing.error().at("program"))?;
                sale.place = TablePlace::Column(Column::FIRST);
                sale.date(terms, at, "receipt.at")?;
            }
            (Mechanism::TimeAuction, Play::Pending) => return refuse(Fault::Missing, "receipt.slot"),
            (mechanism, play) => play.check(mechanism).map_err(|refused| refused.at(play.field()))?,
        }
        sale.seen = counters.seen(sale.day, sale.slot)?;
        Ok(sale)
    }

    /// The digit and the day of a claim (SW-4).
    #[inline(never)]
    fn judge(&mut self, terms: &Terms, claim: &Claim) -> Result<(), Error> {
        if matches!(terms.draw, Draw::Hardened { .. }) {
            return Err(Fault::ClaimUnderHardenedDraw.error().at("receipt.claim"));
        }
        self.date(terms, &claim.stopped_at, STOPPED_AT)?;
        let judged = claim.judge(terms.tolerance);
        self.place = judged.digit.map_or(TablePlace::ClaimRefused, |digit| TablePlace::Column(digit.column()));
        self.judgement = Some(judged);
        Ok(())
    }

    /// The selling day of an instant that is no slot's (AW-7).
    #[inline(never)]
    fn date(&mut self, terms: &Terms, at: &CivilTime, field: &'static str) -> Result<(), Error> {
        let (day, is_out_of_force) = terms.dated(at, field)?;
        (self.day, self.is_out_of_force) = (Some(day), is_out_of_force);
        Ok(())
    }

    /// The slot and the selling day of an instant (TA-2). Outside the window it belongs to no selling day.
    #[inline(never)]
    fn locate(&mut self, terms: &Terms, at: &CivilTime) -> Result<(), Error> {
        let window = terms.window.as_ref().ok_or(Fault::Missing.error().at("program.window"))?;
        let local = terms.local(at).map_err(|refused| refused.at("receipt.at"))?;
        self.place = TablePlace::OutsideWindow;
        if let Some(slot) = Slot::at(window, &local) {
            self.day = Some(window.selling_day(&local).map_err(|refused| refused.at("receipt.at"))?);
            (self.place, self.slot) = (TablePlace::Column(slot.column()), Some(slot));
        }
        self.is_out_of_force = !terms.is_in_force(&local);
        Ok(())
    }

    /// The same receipt, bought on a selling day that its play does not tell.
    ///
    /// # Errors
    /// `out_of_order` for counters of a later day.
    pub(super) fn bought_on(&mut self, day: Date, is_out_of_force: bool, counters: &Counters) -> Result<(), Error> {
        self.day = self.day.or(Some(day));
        self.is_out_of_force |= is_out_of_force;
        self.seen = counters.seen(self.day, self.slot)?;
        Ok(())
    }

    /// The merchant's standing, or the program's time if it stops this receipt.
    #[inline]
    pub(super) fn standing(&self, standing: Standing<i64>) -> Standing<i64> {
        let not_in_force = self.is_out_of_force.then_some(stop(Reason::NotInForce));
        Standing { stop: standing.stop.or(not_in_force), ..standing }
    }

    /// The row of the ladder.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a row would be passed through memory")]
    pub(super) fn row(&self, kernel: &Kernel, shopper: &Shopper) -> Row<One> {
        // What is carried is counted by the points program, behind the ladder.
        let Shopper { prior_points, purchases, carried: _ } = shopper;
        let (above, given) = kernel.place(self.place);
        let first_n = kernel.settings.first_n.and_then(|first| first.n.of(self.slot?.column()));
        Row {
            total: self.total.get(),
            base: self.base.get(),
            prior: prior_points.milli(),
            purchases: purchases.get(),
            above,
            given: given.into(),
            is_late: first_n.is_some_and(|n| self.seen.awards_in_slot >= n),
        }
    }

    /// What the budgets of the day and of the slot leave (AW-6).
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "two numbers would be returned through memory")]
    pub(super) fn left(&self, kernel: &Kernel) -> [i64; 2] {
        let left = |limit: Option<Rupiah>, released: Count| limit.map_or(i64::MAX, |limit| limit.get().wrapping_sub(released.get()).max(0));
        let budget = &kernel.settings.budget;
        let of_slot = budget.slot.and_then(|slots| slots.of(self.slot?.column()));
        [left(budget.day, self.seen.released_today), left(of_slot, self.seen.released_in_slot)]
    }

    /// Climbs the ladder up to the value, out of line.
    #[inline(never)]
    #[cfg(feature = "alloc")]
    pub(super) fn rated(&self, kernel: &Kernel, shopper: &Shopper, merchant: &Merchant) -> Outcome<One> {
        kernel.climb(&self.standing(kernel.standing(merchant)), &self.row(kernel, shopper), shopper.carried)
    }

    /// Climbs the ladder and asks the limits.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "an outcome would be returned through memory")]
    pub(super) fn outcome(&self, kernel: &Kernel, standing: &Standing<i64>, shopper: &Shopper) -> Outcome<One> {
        let row = self.row(kernel, shopper);
        if kernel.is_plain && *standing == Standing::PLAIN {
            return climb::<One>(&Ladder::PLAIN, &Standing::PLAIN, kernel.rises(), &row);
        }
        let outcome = kernel.climb(standing, &row, shopper.carried);
        limit::<One>(&kernel.ladder, standing, outcome, self.left(kernel))
    }
}

/// The numbers of a list whose type allows a sign and whose meaning does not, with their paths.
macro_rules! signed {
    ($object:ident $($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        [$(($crate::of_kind!(sign $kind $object.$name), concat!(stringify!($object), ".", stringify!($json)))),*]
    };
}

#[inline]
fn refuse_negative(receipt: &Receipt, shopper: &Shopper, merchant: &Merchant) -> Result<(), Error> {
    // One sign tells whether any is negative.
    let sign = |numbers: &[(i64, &str)]| numbers.iter().fold(0, |signs, (number, _)| signs | number);
    let signs = sign(&crate::fields!(receipt signed receipt))
        | sign(&crate::fields!(shopper signed shopper))
        | sign(&crate::fields!(merchant signed merchant))
        | receipt.total.get();
    if signs < 0 { Err(first_negative(receipt, shopper, merchant)) } else { Ok(()) }
}

#[cold]
#[inline(never)]
fn first_negative(receipt: &Receipt, shopper: &Shopper, merchant: &Merchant) -> Error {
    let numbers: [&[(i64, &str)]; 4] = [
        &[(receipt.total.get(), "receipt.total")],
        &crate::fields!(receipt signed receipt),
        &crate::fields!(shopper signed shopper),
        &crate::fields!(merchant signed merchant),
    ];
    let field = numbers.into_iter().flatten().find(|(number, _)| *number < 0).map_or("", |(_, field)| field);
    Fault::Negative.error().at(field)
}

/// What one receipt is given.
pub(super) struct GivenValue {
    pub(super) reason: Reason,
    pub(super) rate: Rate,
    pub(super) ground: Option<Ground>,
    /// The rule that put another rate in place of the table's, or `""`.
    pub(super) stands_in: &'static str,
    pub(super) value: Rupiah,
    pub(super) caps: Caps,
}

impl GivenValue {
    /// What an outcome says.
    ///
    /// # Errors
    /// `out_of_range` if rounding up left the domain and no limit brought it back.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it would be returned through memory")]
    pub(super) fn of(kernel: &Kernel, outcome: Outcome<One>) -> Result<Self, Error> {
        let word = u32::try_from(outcome.word).unwrap_or_default();
        let [.., cell] = word.to_le_bytes();
        let rate = rate_of(word);
        let (cell, is_late) = (cell & !LATE, cell & LATE != 0);
        let stands_in = match cell {
            NO_INTRO | INTRO_CELL.. => "AW-3",
            NO_FIRST_COLUMN => "AW-5",
            _ if is_late => "AW-5",
            _ => "",
        };
        let ground = match cell {
            0 | NO_INTRO | NO_FIRST_COLUMN => None,
            TABLE_CELL.. => Some(Ground { rate, is_table: true, column: Column::of(cell & !INTRO_CELL), standby_from: Points::ZERO }),
            step => Some(Ground { rate, is_table: false, column: Column::FIRST, standby_from: kernel.step_from(step) }),
        };
        let mut caps = Caps::NONE;
        for (holds, cap) in outcome.caps.into_iter().zip([Cap::Receipt, Cap::DayBudget, Cap::SlotBudget]) {
            if holds {
                caps.add(cap);
            }
        }
        Ok(Self { reason: reason_of(word), rate, ground, stands_in, value: Rupiah::from_result(Some(outcome.value))?, caps })
    }
}
