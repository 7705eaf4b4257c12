//! What the numbers of the structs stand for, and how the structs become values of the rules and back.

use loyalty_rules::award::{self, Cap, Cell, Kept, Play, Reason};
use loyalty_rules::calendar::{CivilTime, Date, Offset};
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::{Count, Points, Rate, Rupiah};
use loyalty_rules::tables::{Claim, ClaimReason, Mechanism};

use crate::layouts::{
    LoyaltyAward, LoyaltyCounters, LoyaltyGlance, LoyaltyKept, LoyaltyMerchant, LoyaltyOutlook, LoyaltyQuote, LoyaltyReceipt,
    LoyaltyReversal, LoyaltyShopper, LoyaltyTime, Reserved, Zero,
};
use crate::status::{Boundary, Refused, Ruled, Words};

/// The most parties that fund a program or take part in a split.
pub const LOYALTY_MAX_PARTIES: usize = 64;

/// A stopwatch receipt that is not played yet.
pub const LOYALTY_PLAY_PENDING: i32 = 0;
/// A lucky digit that the host vouches for, in `column`.
pub const LOYALTY_PLAY_DIGIT: i32 = 1;
/// A played countdown, judged by the library: `started_at`, `countdown_s`, `stopped_at` (SW-4).
pub const LOYALTY_PLAY_CLAIM: i32 = 2;
/// A slot 1 … 10 that the host vouches for, in `column`.
pub const LOYALTY_PLAY_SLOT: i32 = 3;
/// The time of purchase in `at`, cut to its slot by the program's window (TA-2).
pub const LOYALTY_PLAY_AT: i32 = 4;

/// The merchant is suspended (GF-4).
pub const LOYALTY_REASON_SUSPENDED: i32 = 1;
/// The merchant's deposit has not reached its requirement (GF-9).
pub const LOYALTY_REASON_NOT_ACTIVE: i32 = 2;
/// The program is paused.
pub const LOYALTY_REASON_PAUSED: i32 = 3;
/// Nothing of the receipt can earn (AW-2).
pub const LOYALTY_REASON_ZERO_AMOUNT: i32 = 4;
/// Too few earlier purchases (AW-3).
pub const LOYALTY_REASON_NOT_ELIGIBLE: i32 = 5;
/// Before opening or after closing (TA-2).
pub const LOYALTY_REASON_OUTSIDE_WINDOW: i32 = 6;
/// The slot is held back (AW-4).
pub const LOYALTY_REASON_SLOT_HELD: i32 = 7;
/// The quota is missed and the points held reach no standby rate (QT-2, SB-1).
pub const LOYALTY_REASON_NO_STANDBY: i32 = 8;
/// The quota is met and the stopwatch is not played yet.
pub const LOYALTY_REASON_PLAY_PENDING: i32 = 9;
/// A digit noted on paper, and the program does not accept it.
pub const LOYALTY_REASON_NOTED_DIGIT: i32 = 10;
/// The stopwatch claim does not hold (SW-4).
pub const LOYALTY_REASON_CLAIM_REFUSED: i32 = 11;
/// The first N of the slot are through and nothing else is given (AW-5).
pub const LOYALTY_REASON_FIRST_N: i32 = 12;
/// A release budget is spent (AW-6).
pub const LOYALTY_REASON_BUDGET_SPENT: i32 = 13;
/// The guarantee fund would cover too little (GF-7).
pub const LOYALTY_REASON_COVER_SHORT: i32 = 14;
/// The receipt lies before the program's start or after its end (AW-11).
pub const LOYALTY_REASON_NOT_IN_FORCE: i32 = 15;
/// The table, or what stands in for it, gives 0 % (AW-1).
pub const LOYALTY_REASON_NO_RATE: i32 = 16;
/// The table's rate (QT-1). This and the reasons after it award.
pub const LOYALTY_REASON_FULL: i32 = 32;
/// The quota is missed; the rate is by the points held (QT-2).
pub const LOYALTY_REASON_STANDBY: i32 = 33;
/// A new shopper's introductory rate (AW-3).
pub const LOYALTY_REASON_INTRO: i32 = 34;
/// After the first N: the standby rate (AW-5).
pub const LOYALTY_REASON_FIRST_N_STANDBY: i32 = 35;
/// After the first N: the rate of the first column (AW-5).
pub const LOYALTY_REASON_FIRST_N_FIRST_COLUMN: i32 = 36;

/// The most one receipt is given (AW-13).
pub const LOYALTY_CAP_RECEIPT: u32 = 1;
/// The release budget of the day (AW-6).
pub const LOYALTY_CAP_DAY_BUDGET: u32 = 2;
/// The release budget of the slot (AW-6).
pub const LOYALTY_CAP_SLOT_BUDGET: u32 = 4;

/// Stopped before a rate.
pub const LOYALTY_CELL_NONE: i32 = 0;
/// The rate is a column of the table.
pub const LOYALTY_CELL_TABLE: i32 = 1;
/// The rate is a step of the standby schedule.
pub const LOYALTY_CELL_STANDBY: i32 = 2;

/// The receipt carries no claim.
pub const LOYALTY_CLAIM_NONE: i32 = 0;
/// The claim holds.
pub const LOYALTY_CLAIM_ACCEPTED: i32 = 1;
/// The countdown is not 15 … 25 seconds.
pub const LOYALTY_CLAIM_COUNTDOWN_OUT_OF_RANGE: i32 = 2;
/// The times differ by more than the program's tolerance.
pub const LOYALTY_CLAIM_MISMATCH: i32 = 3;

/// The rest earns at the rate of the award (AW-8).
pub const LOYALTY_KEPT: i32 = 1;
/// Nothing of the purchase is left.
pub const LOYALTY_KEPT_FULLY_REFUNDED: i32 = 2;
/// The quota is undone; the program keeps the rate.
pub const LOYALTY_KEPT_BELOW_QUOTA_KEPT_RATE: i32 = 3;
/// The quota is undone; the program drops to standby.
pub const LOYALTY_KEPT_BELOW_QUOTA_STANDBY: i32 = 4;

/// Refunds below the quota keep the rate.
pub const LOYALTY_BELOW_QUOTA_KEEP: i32 = 0;
/// Refunds below the quota drop to the standby rate.
pub const LOYALTY_BELOW_QUOTA_STANDBY: i32 = 1;

/// Rounding toward zero.
pub const LOYALTY_ROUND_DOWN: i32 = 0;
/// Rounding away from zero.
pub const LOYALTY_ROUND_UP: i32 = 1;
/// To the nearest, a half away from zero.
pub const LOYALTY_ROUND_HALF_UP: i32 = 2;
/// To the nearest, a half to the even multiple.
pub const LOYALTY_ROUND_HALF_EVEN: i32 = 3;

/// A size as the field holds it.
const fn size_field<T>() -> u32 {
    #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "every struct is below 2¹⁶ bytes, and `From` is not const")]
    {
        size_of::<T>() as u32
    }
}

/// The word of a number: words are numbered from 0 in declared order, as `cargo xtask header` writes their constants.
fn word<T: Copy>(words: &[T], number: i32) -> Option<T> {
    words.get(usize::try_from(number).ok()?).copied()
}

/// What is reserved in an argument must be zero.
pub(crate) fn clear(argument: &impl Reserved, name: &'static str) -> Result<(), Refused> {
    if argument.is_clear() { Ok(()) } else { Err(Refused::Boundary(Boundary::Reserved, name, "reserved")) }
}

fn choice(argument: &'static str, field: &'static str) -> Refused {
    Refused::Boundary(Boundary::Choice, argument, field)
}

fn truth(number: i32, argument: &'static str, field: &'static str) -> Result<bool, Refused> {
    match number {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Refused::Boundary(Boundary::Truth, argument, field)),
    }
}

/// A result of the rules at a field of an argument.
pub(crate) fn at<T>(argument: &'static str, field: &'static str, result: Result<T, Error>) -> Result<T, Refused> {
    result.map_err(|error| Refused::Rules(argument, error.at(field).into()))
}

/// The same, in words for one place alone.
fn said<T>(argument: &'static str, field: &'static str, words: &'static Words, result: Result<T, Error>) -> Result<T, Refused> {
    result.map_err(|error| Refused::Rules(argument, Ruled::said(error.at(field), words)))
}

/// A value of the rules that is one field of a struct.
trait Plain: Sized {
    /// The type of the field.
    type C;

    fn read(field: Self::C, argument: &'static str, name: &'static str) -> Result<Self, Refused>;
    fn plain(self) -> Self::C;
}

macro_rules! plain {
    ($($type:ty, $c:ty, |$field:ident| $read:expr, |$value:ident| $plain:expr;)*) => {$(
        impl Plain for $type {
            type C = $c;

            #[inline]
            fn read($field: $c, argument: &'static str, name: &'static str) -> Result<Self, Refused> {
                at(argument, name, $read)
            }

            #[inline]
            fn plain(self) -> $c {
                let $value = self;
                $plain
            }
        }
    )*};
}
plain! {
    Rupiah, i64, |rupiah| Self::new(rupiah), |rupiah| rupiah.get();
    Points, i64, |milli| Self::from_milli(milli), |points| points.milli();
    Count, i64, |count| Self::new(count), |count| count.get();
    Rate, i32, |bp| Self::from_bp(u16::try_from(bp).unwrap_or(u16::MAX)), |rate| rate.bp().into();
}

impl Plain for bool {
    type C = i32;

    fn read(field: i32, argument: &'static str, name: &'static str) -> Result<Self, Refused> {
        truth(field, argument, name)
    }

    fn plain(self) -> i32 {
        self.into()
    }
}

impl Plain for [Count; 10] {
    type C = [i64; 10];

    fn read(field: [i64; 10], argument: &'static str, name: &'static str) -> Result<Self, Refused> {
        let mut counts = [Count::ZERO; 10];
        for (index, (count, number)) in counts.iter_mut().zip(field).enumerate() {
            *count = Count::new(number).map_err(|error| Refused::Rules(argument, error.at(Field::entry(name, index)).into()))?;
        }
        Ok(counts)
    }

    fn plain(self) -> [i64; 10] {
        self.map(Count::get)
    }
}

/// Reads the fields of a list into a value of the rules, or writes them from one.
macro_rules! each {
    (read $value:ident $struct:ident $($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        $($value.$name = Plain::read($struct.$c, NAME, stringify!($json))?;)*
    };
    (write $value:ident $struct:ident $($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        $($struct.$c = $value.$name.plain();)*
    };
    (tell $value:ident $struct:ident $($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        $($struct.$c = $value.$name().plain();)*
    };
    (by_slot $value:ident $mechanism:ident $($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        $(by_slot!($kind $value $mechanism $name $json);)*
    };
}

/// Numbers by slot of a program's mechanism; a struct gives none by ten zeros.
macro_rules! by_slot {
    (by_slot $value:ident $mechanism:ident $name:ident $json:ident) => {
        let given = Some($value.$name).filter(|counts| *counts != [Count::ZERO; 10]);
        $value.$name = at(NAME, stringify!($json), award::Counters::by_slot($mechanism, given))?;
    };
    ($kind:ident $value:ident $mechanism:ident $name:ident $json:ident) => {};
}

impl LoyaltyTime {
    /// The time, refused at a field.
    pub(crate) fn time(self, argument: &'static str, field: &'static str) -> Result<CivilTime, Refused> {
        if !self.is_clear() {
            return Err(Refused::Boundary(Boundary::Reserved, argument, field));
        }
        let date = said(argument, field, Words::DATE, Date::new(self.year, self.month, self.day))?;
        let offset = said(argument, field, Words::OFFSET, Offset::from_minutes(self.offset_minutes))?;
        said(argument, field, Words::TIME, CivilTime::new(date, self.hour, self.minute, self.second, self.nanosecond, offset))
    }
}

impl LoyaltyReceipt {
    /// The receipt.
    pub(crate) fn receipt(&self) -> Result<award::Receipt, Refused> {
        const NAME: &str = "receipt";
        clear(self, NAME)?;
        let none = LoyaltyTime::default();
        let used = match self.play {
            LOYALTY_PLAY_PENDING => Self { ..*self },
            LOYALTY_PLAY_DIGIT | LOYALTY_PLAY_SLOT => Self { column: 0, ..*self },
            LOYALTY_PLAY_CLAIM => Self { countdown_s: 0, started_at: none, stopped_at: none, ..*self },
            LOYALTY_PLAY_AT => Self { at: none, ..*self },
            _ => return Err(choice(NAME, "play")),
        };
        if used.column != 0 || used.countdown_s != 0 || [used.at, used.started_at, used.stopped_at] != [none; 3] {
            return at(NAME, "play", Err(Fault::TwoColumns.error()));
        }
        let column = |mechanism, field| at(NAME, field, Play::picked(mechanism, self.column.into()));
        let play = match self.play {
            LOYALTY_PLAY_DIGIT => column(Mechanism::Stopwatch, "digit")?,
            LOYALTY_PLAY_SLOT => column(Mechanism::TimeAuction, "slot")?,
            LOYALTY_PLAY_CLAIM => Play::Claim(Claim {
                started_at: self.started_at.time(NAME, "claim.started_at")?,
                countdown_s: at(NAME, "claim.countdown_s", Points::from_milli(self.countdown_s))?.milli(),
                stopped_at: self.stopped_at.time(NAME, "claim.stopped_at")?,
            }),
            LOYALTY_PLAY_AT => Play::At(self.at.time(NAME, "at")?),
            _ => Play::Pending,
        };
        let mut receipt = award::Receipt::new(at(NAME, "total", Rupiah::new(self.total_rupiah))?).with(play);
        loyalty_rules::fields!(receipt each read receipt self);
        Ok(receipt)
    }
}

impl LoyaltyShopper {
    /// The shopper.
    pub(crate) fn shopper(&self) -> Result<award::Shopper, Refused> {
        const NAME: &str = "shopper";
        clear(self, NAME)?;
        let mut shopper = award::Shopper::default();
        loyalty_rules::fields!(shopper each read shopper self);
        Ok(shopper)
    }

    fn of(shopper: award::Shopper) -> Self {
        let mut told = Self { struct_size: size_field::<Self>(), ..Self::ZERO };
        loyalty_rules::fields!(shopper each write shopper told);
        told
    }
}

impl LoyaltyMerchant {
    /// The merchant.
    pub(crate) fn merchant(&self) -> Result<award::Merchant, Refused> {
        const NAME: &str = "merchant";
        clear(self, NAME)?;
        let mut merchant = award::Merchant::default();
        loyalty_rules::fields!(merchant each read merchant self);
        Ok(merchant)
    }
}

impl LoyaltyCounters {
    /// The counters of a program of this mechanism.
    pub(crate) fn counters(&self, mechanism: Mechanism) -> Result<award::Counters, Refused> {
        const NAME: &str = "counters";
        clear(self, NAME)?;
        let mut counters = award::Counters::NONE;
        if (self.day_year, self.day_month, self.day_day) != (0, 0, 0) {
            let day = Date::new(self.day_year, self.day_month, self.day_day);
            counters.day = Some(said(NAME, "day", Words::COUNTED_DAY, day)?);
        }
        loyalty_rules::fields!(counters each read counters self);
        loyalty_rules::fields!(counters each by_slot counters mechanism);
        Ok(counters)
    }

    /// Counters as a struct.
    pub(crate) fn of(counters: &award::Counters) -> Self {
        let (day_year, day_month, day_day) = counters.day.map_or((0, 0, 0), Date::parts);
        let mut told = Self { struct_size: size_field::<Self>(), day_year, day_month, day_day, ..Self::ZERO };
        loyalty_rules::fields!(counters each write counters told);
        told
    }
}

impl LoyaltyAward {
    /// An award that was decided after these counters as a struct, with the parts its program's funding makes of it.
    pub(crate) fn of(award: &award::Award, program: &award::Program, counters: &award::Counters, struct_size: u32) -> Self {
        let (cell, column, standby_from_milli) = match award.cell() {
            None => (LOYALTY_CELL_NONE, -1, 0),
            Some(Cell::Table { mechanism, column, .. }) => {
                let number = match mechanism {
                    Mechanism::Stopwatch => column.digit().get(),
                    // Without columns no award has a cell of a table.
                    Mechanism::TimeAuction | Mechanism::Flat | Mechanism::Points => column.slot().get(),
                };
                (LOYALTY_CELL_TABLE, number.into(), 0)
            }
            Some(Cell::Standby { from }) => (LOYALTY_CELL_STANDBY, -1, from.milli()),
        };
        let (claim, claim_digit, claim_difference_ms) = match award.judgement() {
            None => (LOYALTY_CLAIM_NONE, -1, 0),
            Some(judgement) => {
                let reason = match judgement.reason {
                    ClaimReason::Accepted => LOYALTY_CLAIM_ACCEPTED,
                    ClaimReason::CountdownOutOfRange => LOYALTY_CLAIM_COUNTDOWN_OUT_OF_RANGE,
                    ClaimReason::ClaimMismatch => LOYALTY_CLAIM_MISMATCH,
                };
                (reason, judgement.digit.map_or(-1, |digit| digit.get().into()), judgement.difference_ms().unwrap_or_default())
            }
        };
        let mut parts_rupiah = [0; 64];
        let mut parts_count = 0;
        if let Some(funding) = &program.terms().funding {
            let parts = funding.split(award.value());
            for (place, part) in parts_rupiah.iter_mut().zip(parts.as_slice()) {
                *place = part.get();
            }
            parts_count = u32::try_from(parts.as_slice().len()).unwrap_or_default();
        }
        let mut told = Self {
            struct_size,
            reason: reason_number(award.reason()),
            capped_by: caps_number(award.caps()),
            cell,
            column,
            standby_from_milli,
            claim,
            claim_digit,
            claim_difference_ms,
            late: award.is_late().into(),
            parts_count,
            counters: LoyaltyCounters::of(&counters.after(award.added())),
            shopper: LoyaltyShopper::of(award.shopper()),
            parts_rupiah,
            ..Self::ZERO
        };
        loyalty_rules::fields!(award each tell award told);
        told
    }
}

impl LoyaltyGlance {
    fn of(award: &award::Award) -> Self {
        Self {
            reason: reason_number(award.reason()),
            rate_bp: award.rate().bp().into(),
            value_rupiah: award.value().get(),
            capped_by: caps_number(award.caps()),
            reserved: 0,
        }
    }
}

impl LoyaltyQuote {
    /// A quote as a struct.
    pub(crate) fn of(quote: &award::Quote, struct_size: u32) -> Self {
        const NONE: LoyaltyOutlook = LoyaltyOutlook { column: -1, rate_bp: 0, value_rupiah: 0, starts_at_tenths: -1 };
        let digit = |outlook: Option<award::Outlook>| {
            outlook.map_or(NONE, |outlook| LoyaltyOutlook {
                column: outlook.digit.get().into(),
                rate_bp: outlook.rate.bp().into(),
                value_rupiah: outlook.value.get(),
                ..NONE
            })
        };
        Self {
            struct_size,
            reserved0: 0,
            missing_rupiah: quote.missing.get(),
            now: LoyaltyGlance::of(&quote.now),
            at_quota: quote.at_quota.as_ref().map_or_else(LoyaltyGlance::default, LoyaltyGlance::of),
            next: quote.next.map_or(NONE, |next| LoyaltyOutlook {
                column: next.slot.get().into(),
                rate_bp: next.rate.bp().into(),
                starts_at_tenths: next.starts_at_tenths.map_or(-1, i64::from),
                ..NONE
            }),
            best: digit(quote.best),
            worst: digit(quote.worst),
            reserved: [0; 4],
        }
    }
}

/// The number of a reason; it never changes.
pub fn reason_number(reason: Reason) -> i32 {
    match reason {
        Reason::Suspended => LOYALTY_REASON_SUSPENDED,
        Reason::NotActive => LOYALTY_REASON_NOT_ACTIVE,
        Reason::Paused => LOYALTY_REASON_PAUSED,
        Reason::NotInForce => LOYALTY_REASON_NOT_IN_FORCE,
        Reason::ZeroAmount => LOYALTY_REASON_ZERO_AMOUNT,
        Reason::NotEligible => LOYALTY_REASON_NOT_ELIGIBLE,
        Reason::OutsideWindow => LOYALTY_REASON_OUTSIDE_WINDOW,
        Reason::SlotHeld => LOYALTY_REASON_SLOT_HELD,
        Reason::NoStandby => LOYALTY_REASON_NO_STANDBY,
        Reason::PlayPending => LOYALTY_REASON_PLAY_PENDING,
        Reason::NotedDigit => LOYALTY_REASON_NOTED_DIGIT,
        Reason::ClaimRefused => LOYALTY_REASON_CLAIM_REFUSED,
        Reason::NoRate => LOYALTY_REASON_NO_RATE,
        Reason::FirstN => LOYALTY_REASON_FIRST_N,
        Reason::BudgetSpent => LOYALTY_REASON_BUDGET_SPENT,
        Reason::CoverShort => LOYALTY_REASON_COVER_SHORT,
        Reason::Full => LOYALTY_REASON_FULL,
        Reason::Standby => LOYALTY_REASON_STANDBY,
        Reason::Intro => LOYALTY_REASON_INTRO,
        Reason::FirstNStandby => LOYALTY_REASON_FIRST_N_STANDBY,
        Reason::FirstNFirstColumn => LOYALTY_REASON_FIRST_N_FIRST_COLUMN,
        // Rust asks for this arm; tests/layout.rs shows that no reason ends here.
        _ => 0,
    }
}

fn caps_number(caps: award::Caps) -> u32 {
    caps.iter().fold(0, |sum, cap| {
        sum | match cap {
            Cap::Receipt => LOYALTY_CAP_RECEIPT,
            Cap::DayBudget => LOYALTY_CAP_DAY_BUDGET,
            Cap::SlotBudget => LOYALTY_CAP_SLOT_BUDGET,
        }
    })
}

/// The number of what a voucher keeps.
pub(crate) const fn kept_number(reason: Kept) -> i32 {
    match reason {
        Kept::Kept => LOYALTY_KEPT,
        Kept::FullyRefunded => LOYALTY_KEPT_FULLY_REFUNDED,
        Kept::BelowQuotaKeptRate => LOYALTY_KEPT_BELOW_QUOTA_KEPT_RATE,
        Kept::BelowQuotaStandby => LOYALTY_KEPT_BELOW_QUOTA_STANDBY,
    }
}

impl LoyaltyReversal {
    /// The voucher, what was refunded of its purchase before, and the refund.
    pub(crate) fn voucher(&self) -> Result<(award::Issued, Rupiah, Rupiah), Refused> {
        use loyalty_rules::award::BelowQuota;
        use loyalty_rules::quantity::{Mode, Rounding, Unit};

        const NAME: &str = "reversal";
        clear(self, NAME)?;
        let amount = |field, rupiah| at(NAME, field, Rupiah::new(rupiah));
        let rate = |field, bp: i32| at(NAME, field, Rate::from_bp(u16::try_from(bp).unwrap_or(u16::MAX)));
        let below_quota = word(BelowQuota::ALL, self.below_quota).ok_or_else(|| choice(NAME, "below_quota"))?;
        let mode = word(Mode::ALL, self.rounding_mode).ok_or_else(|| choice(NAME, "rounding_mode"))?;
        let unit = if self.rounding_unit == 0 { 1 } else { self.rounding_unit.into() };
        let unit = at(NAME, "rounding_unit", Rupiah::new(unit).and_then(Unit::new))?;
        let rounding = Rounding { unit, mode };
        let base = amount("base", self.base_rupiah)?;
        let rules = |error: Error| Refused::Rules(NAME, error.into());
        let mut voucher = award::Issued::new(base, rate("rate_bp", self.rate_bp)?, rounding).map_err(rules)?;
        voucher.total = amount("total", self.total_rupiah)?;
        if self.issued_rupiah != -1 {
            voucher.value = amount("issued", self.issued_rupiah)?;
        }
        voucher.quota = amount("quota", self.quota_rupiah)?;
        voucher.below_quota = below_quota;
        voucher.standby = rate("standby_bp", self.standby_bp)?;
        let voucher = voucher.proved().map_err(rules)?;
        let before = at(NAME, "refunded_before", Rupiah::not_negative(self.refunded_before_rupiah))?;
        Ok((voucher, before, amount("refund", self.refund_rupiah)?))
    }
}

impl LoyaltyKept {
    /// What a voucher keeps after a refund, and what that took back.
    pub(crate) const fn of((after, taken_back): (award::Remainder, Rupiah), struct_size: u32) -> Self {
        Self {
            struct_size,
            reason: kept_number(after.reason),
            kept_rupiah: after.kept.get(),
            taken_back_rupiah: taken_back.get(),
            reserved: [0; 2],
        }
    }
}
