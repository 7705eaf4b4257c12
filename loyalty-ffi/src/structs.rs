//! The plain structs of the hot calls. Each begins with its size and has room to grow.

use loyalty_rules::award::{self, Cap, Cell, Draw, Kept, Play, Reason, Terms};
use loyalty_rules::calendar::{CivilTime, Date, Offset, SaleWindow};
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::{Count, Points, Rupiah};
use loyalty_rules::tables::{Claim, ClaimReason, Mechanism};

use crate::memory::Struct;
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

/// A civil time with its offset, as the shop's wall clock shows it (CV-5).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoyaltyTime {
    /// 0 … 9999.
    pub year: u16,
    /// 1 … 12.
    pub month: u8,
    /// 1 … 31.
    pub day: u8,
    /// 0 … 23.
    pub hour: u8,
    /// 0 … 59.
    pub minute: u8,
    /// 0 … 60; 60 is a leap second.
    pub second: u8,
    /// Zero.
    pub reserved: u8,
    /// 0 … 999,999,999.
    pub nanosecond: u32,
    /// Minutes east of UTC, up to ±1,439; WIB is 420, WITA 480, WIT 540.
    pub offset_minutes: i16,
    /// Zero.
    pub reserved2: u16,
}

/// A receipt as the till knows it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LoyaltyReceipt {
    /// `sizeof(LoyaltyReceipt)`.
    pub struct_size: u32,
    /// What picks the column: `LOYALTY_PLAY_…`. Fields of another play must be zero.
    pub play: i32,
    /// What was bought, in rupiah, zero or more; the quota looks at it.
    pub total_rupiah: i64,
    /// What of it was paid with vouchers, in rupiah (AW-2).
    pub paid_by_voucher_rupiah: i64,
    /// The lucky digit 0 … 9 or the slot 1 … 10.
    pub column: i32,
    /// 1 if it was entered later than it happened, from a notebook; otherwise 0.
    pub late: i32,
    /// The countdown of a claim, in seconds.
    pub countdown_s: i64,
    /// The time of purchase.
    pub at: LoyaltyTime,
    /// When the countdown of a claim was started.
    pub started_at: LoyaltyTime,
    /// When it was stopped.
    pub stopped_at: LoyaltyTime,
    /// Zero.
    pub reserved: [u64; 4],
}

/// A shopper before or after a receipt (AW-7).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LoyaltyShopper {
    /// `sizeof(LoyaltyShopper)`.
    pub struct_size: u32,
    /// Zero.
    pub reserved0: u32,
    /// Points held, in thousandths, zero or more.
    pub prior_points_milli: i64,
    /// Purchases made.
    pub purchases: i64,
    /// Zero.
    pub reserved: [u64; 2],
}

/// The merchant's standing (GF-4, GF-7, GF-9).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LoyaltyMerchant {
    /// `sizeof(LoyaltyMerchant)`.
    pub struct_size: u32,
    /// 1 if suspended, otherwise 0.
    pub suspended: i32,
    /// 1 if the deposit has not reached its requirement yet, otherwise 0.
    pub registered: i32,
    /// Zero.
    pub reserved0: u32,
    /// The balance of the guarantee fund in rupiah, zero or more.
    pub fund_balance_rupiah: i64,
    /// Vouchers issued and not yet redeemed, in rupiah, zero or more.
    pub outstanding_rupiah: i64,
    /// Zero.
    pub reserved: [u64; 2],
}

/// What one selling day was given so far (AW-6, AW-7). A receipt of a later day starts from zero, one of an earlier day is
/// `OUT_OF_ORDER`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LoyaltyCounters {
    /// `sizeof(LoyaltyCounters)`.
    pub struct_size: u32,
    /// Zero.
    pub reserved1: u32,
    /// Rupiah released in the day.
    pub released_today_rupiah: i64,
    /// Table-rate awards above Rp0 by slot I … X (AW-5); zeros with the stopwatch.
    pub awards_by_slot: [i64; 10],
    /// Rupiah released by slot I … X; zeros with the stopwatch.
    pub released_by_slot_rupiah: [i64; 10],
    /// The year of the selling day's date of opening.
    pub day_year: u16,
    /// Its month 1 … 12, or 0 if the counters carry no day.
    pub day_month: u8,
    /// Its day 1 … 31, or 0.
    pub day_day: u8,
    /// Zero.
    pub reserved0: u32,
    /// Zero.
    pub reserved: [u64; 2],
}

/// A decision: what is given, why, and the state after it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LoyaltyAward {
    /// Set to `sizeof(LoyaltyAward)` before the call.
    pub struct_size: u32,
    /// `LOYALTY_REASON_…`.
    pub reason: i32,
    /// The rate in basis points; 0 for every stop but `BUDGET_SPENT` and `COVER_SHORT`.
    pub rate_bp: i32,
    /// The limits that lowered the value: a sum of `LOYALTY_CAP_…`.
    pub capped_by: u32,
    /// What earns: the total less what was paid by voucher (AW-2), in rupiah.
    pub base_rupiah: i64,
    /// The voucher's value in rupiah.
    pub value_rupiah: i64,
    /// The same in thousandths of a point (VC-1).
    pub points_milli: i64,
    /// Where the rate stands: `LOYALTY_CELL_…`.
    pub cell: i32,
    /// The digit or slot of a table's cell; otherwise −1.
    pub column: i32,
    /// The threshold of a standby step in thousandths of a point; otherwise 0.
    pub standby_from_milli: i64,
    /// How a claim was judged: `LOYALTY_CLAIM_…`.
    pub claim: i32,
    /// The digit of an accepted claim; otherwise −1.
    pub claim_digit: i32,
    /// Stopped − started − countdown of a claim, in milliseconds; otherwise 0, and so for a countdown that leaves the domain.
    pub claim_difference_ms: i64,
    /// 1 if the receipt was entered late.
    pub late: i32,
    /// How many of `parts_rupiah` are filled; 0 without funding.
    pub parts_count: u32,
    /// The counters after this receipt.
    pub counters: LoyaltyCounters,
    /// The shopper after this receipt.
    pub shopper: LoyaltyShopper,
    /// Zero.
    pub reserved: [u64; 4],
    /// What each funding party bears, in rupiah, in the order of the program; they sum to the value.
    pub parts_rupiah: [i64; 64],
}

/// An award in short, as a quote tells it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct LoyaltyGlance {
    /// `LOYALTY_REASON_…`, or 0 if this glance does not apply.
    pub reason: i32,
    /// The rate in basis points.
    pub rate_bp: i32,
    /// The voucher's value in rupiah.
    pub value_rupiah: i64,
    /// A sum of `LOYALTY_CAP_…`.
    pub capped_by: u32,
    /// Zero.
    pub reserved: u32,
}

/// What a column would bring.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LoyaltyOutlook {
    /// The digit or slot, or −1 if this outlook does not apply.
    pub column: i32,
    /// Its rate in basis points.
    pub rate_bp: i32,
    /// A digit's value with the total raised to the quota if it is missed, in rupiah; 0 for a slot.
    pub value_rupiah: i64,
    /// When a slot starts, in tenths of a second after midnight; −1 for a digit or without a window.
    pub starts_at_tenths: i64,
}

/// The award run ahead (AW-9). Nothing is issued and no counter changes.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LoyaltyQuote {
    /// Set to `sizeof(LoyaltyQuote)` before the call.
    pub struct_size: u32,
    /// Zero.
    pub reserved0: u32,
    /// Rupiah from the total to the quota; 0 when it is met.
    pub missing_rupiah: i64,
    /// The award as it stands.
    pub now: LoyaltyGlance,
    /// The award with the missing amount added to the total; its reason is 0 when nothing is missing.
    pub at_quota: LoyaltyGlance,
    /// The next slot of the same selling day with a strictly higher rate.
    pub next: LoyaltyOutlook,
    /// The highest column of a stopwatch.
    pub best: LoyaltyOutlook,
    /// The lowest.
    pub worst: LoyaltyOutlook,
    /// Zero.
    pub reserved: [u64; 4],
}

/// A voucher as it was issued, and the refunds of its purchase (AW-8).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LoyaltyReversal {
    /// `sizeof(LoyaltyReversal)`.
    pub struct_size: u32,
    /// The rate of the award in basis points.
    pub rate_bp: i32,
    /// The amount the award was made on, in rupiah.
    pub base_rupiah: i64,
    /// What the quota looked at, in rupiah; the base or more.
    pub total_rupiah: i64,
    /// What was issued, in rupiah: less than the value if it was capped; −1 for the whole value.
    pub issued_rupiah: i64,
    /// The quota in rupiah; 0 for none.
    pub quota_rupiah: i64,
    /// What was refunded before, in rupiah.
    pub refunded_before_rupiah: i64,
    /// The refund, in rupiah.
    pub refund_rupiah: i64,
    /// `LOYALTY_BELOW_QUOTA_…`.
    pub below_quota: i32,
    /// The standby rate of the points held before the purchase, in basis points.
    pub standby_bp: i32,
    /// Rupiah to which values are rounded: 1, 10, 50, 100, 500 or 1,000; 0 is 1.
    pub rounding_unit: i32,
    /// `LOYALTY_ROUND_…`.
    pub rounding_mode: i32,
    /// Zero.
    pub reserved: [u64; 4],
}

/// What is left of a voucher after a refund.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LoyaltyKept {
    /// Set to `sizeof(LoyaltyKept)` before the call.
    pub struct_size: u32,
    /// `LOYALTY_KEPT…`.
    pub reason: i32,
    /// The value kept, in rupiah.
    pub kept_rupiah: i64,
    /// What this refund takes back, in rupiah.
    pub taken_back_rupiah: i64,
    /// Zero.
    pub reserved: [u64; 2],
}

/// Receipts as columns. Arrays of `rows` elements each; those marked so may be NULL.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LoyaltyColumns {
    /// `sizeof(LoyaltyColumns)`.
    pub struct_size: u32,
    /// Zero.
    pub reserved0: u32,
    /// How many receipts.
    pub rows: u64,
    /// In: totals in rupiah.
    pub total_rupiah: *const i64,
    /// In, or NULL for none: what was paid by voucher, in rupiah.
    pub paid_by_voucher_rupiah: *const i64,
    /// In: digits 0 … 9 or slots 1 … 10, by the program's mechanism; −1 for a stopwatch not played yet.
    pub column: *const i8,
    /// In, or NULL for none: points held before, in thousandths.
    pub prior_points_milli: *const i64,
    /// In, or NULL for none: purchases made before.
    pub purchases: *const i64,
    /// Out: values in rupiah.
    pub value_rupiah: *mut i64,
    /// Out, or NULL: rates in basis points.
    pub rate_bp: *mut u16,
    /// Out, or NULL: `LOYALTY_REASON_…`.
    pub reason: *mut u8,
    /// Zero.
    pub reserved: [u64; 2],
}

macro_rules! structs {
    ($($name:ident)*) => {$(
        // SAFETY: `repr(C)`, begins with its size, has no padding (asserted in tests/layout.rs) and holds integers and
        // pointers only.
        unsafe impl Struct for $name {}
    )*};
}
structs! { LoyaltyReceipt LoyaltyShopper LoyaltyMerchant LoyaltyCounters LoyaltyAward LoyaltyQuote LoyaltyReversal LoyaltyKept LoyaltyColumns }

/// A size as the field holds it.
const fn size_field<T>() -> u32 {
    #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "every struct is below 2¹⁶ bytes, and `From` is not const")]
    {
        size_of::<T>() as u32
    }
}

fn zero(are_zero: bool, argument: &'static str) -> Result<(), Refused> {
    if are_zero { Ok(()) } else { Err(Refused::Boundary(Boundary::Reserved, argument, "reserved")) }
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

/// The same, refused in the words of structs.
fn said<T>(argument: &'static str, field: impl Into<Field>, words: &'static Words, result: Result<T, Error>) -> Result<T, Refused> {
    result.map_err(|error| refused(argument, field, words, error))
}

fn refused(argument: &'static str, field: impl Into<Field>, words: &'static Words, error: Error) -> Refused {
    Refused::Rules(argument, Ruled::said(error.at(field), words))
}

impl LoyaltyTime {
    /// The time, refused at a field.
    pub(crate) fn time(self, argument: &'static str, field: &'static str) -> Result<CivilTime, Refused> {
        if self.reserved != 0 || self.reserved2 != 0 {
            return Err(Refused::Boundary(Boundary::Reserved, argument, field));
        }
        let date = said(argument, field, Words::DATE, Date::new(self.year, self.month, self.day))?;
        let offset = said(argument, field, Words::OFFSET, Offset::from_minutes(self.offset_minutes))?;
        said(argument, field, Words::TIME, CivilTime::new(date, self.hour, self.minute, self.second, self.nanosecond, offset))
    }
}

/// What a number in `column` picks, the field that the rules know it by, and what it may be.
pub(crate) fn picked(mechanism: Mechanism, number: i64) -> Result<Play, (&'static str, &'static Words, Error)> {
    let (field, words) = match mechanism {
        Mechanism::Stopwatch => ("digit", Words::DIGIT),
        Mechanism::TimeAuction => ("slot", Words::SLOT),
    };
    Play::picked(mechanism, number).map_err(|error| (field, words, error))
}

impl LoyaltyReceipt {
    /// The receipt, its play of the program's mechanism.
    pub(crate) fn receipt(&self, terms: &Terms) -> Result<award::Receipt, Refused> {
        const NAME: &str = "receipt";
        zero(self.reserved == [0; 4], NAME)?;
        let none = LoyaltyTime::default();
        let used = match self.play {
            LOYALTY_PLAY_PENDING => Self { ..*self },
            LOYALTY_PLAY_DIGIT | LOYALTY_PLAY_SLOT => Self { column: 0, ..*self },
            LOYALTY_PLAY_CLAIM => Self { countdown_s: 0, started_at: none, stopped_at: none, ..*self },
            LOYALTY_PLAY_AT => Self { at: none, ..*self },
            _ => return Err(choice(NAME, "play")),
        };
        if used.column != 0 || used.countdown_s != 0 || [used.at, used.started_at, used.stopped_at] != [none; 3] {
            return Err(refused(NAME, "play", Words::ONE_PLAY, Fault::TwoColumns.error()));
        }
        self.of_the_program(terms)?;
        let column = |mechanism| picked(mechanism, self.column.into()).map_err(|(field, words, error)| refused(NAME, field, words, error));
        let play = match self.play {
            LOYALTY_PLAY_DIGIT => column(Mechanism::Stopwatch)?,
            LOYALTY_PLAY_SLOT => column(Mechanism::TimeAuction)?,
            LOYALTY_PLAY_CLAIM => Play::Claim(Claim {
                started_at: self.started_at.time(NAME, "claim.started_at")?,
                countdown_s: at(NAME, "claim.countdown_s", Points::from_milli(self.countdown_s))?.milli(),
                stopped_at: self.stopped_at.time(NAME, "claim.stopped_at")?,
            }),
            LOYALTY_PLAY_AT => Play::At(self.at.time(NAME, "at")?),
            _ => Play::Pending,
        };
        let receipt = award::Receipt::new(at(NAME, "total", Rupiah::new(self.total_rupiah))?)
            .paid_by_voucher(at(NAME, "paid_by_voucher", Rupiah::new(self.paid_by_voucher_rupiah))?)
            .with(play);
        Ok(if truth(self.late, NAME, "late")? { receipt.late() } else { receipt })
    }

    /// Refuses a play that this program does not take: the rules would, in the words of JSON.
    fn of_the_program(&self, terms: &Terms) -> Result<(), Refused> {
        let foreign = |field: &'static str, words| Err(refused("receipt", field, words, Fault::ColumnOfOtherMechanism.error()));
        match (terms.table.mechanism(), self.play) {
            (Mechanism::TimeAuction, LOYALTY_PLAY_PENDING) => {
                Err(refused("receipt", "slot", Words::PLAY_OF_AUCTION, Fault::Missing.error()))
            }
            (Mechanism::TimeAuction, LOYALTY_PLAY_DIGIT) => foreign("digit", Words::PLAY_OF_AUCTION),
            (Mechanism::TimeAuction, LOYALTY_PLAY_CLAIM) => foreign("claim", Words::PLAY_OF_AUCTION),
            (Mechanism::TimeAuction, LOYALTY_PLAY_AT) => window(terms, Words::NO_WINDOW).map(drop),
            (Mechanism::Stopwatch, LOYALTY_PLAY_SLOT) => foreign("slot", Words::PLAY_OF_STOPWATCH),
            (Mechanism::Stopwatch, LOYALTY_PLAY_AT) => foreign("at", Words::PLAY_OF_STOPWATCH),
            (Mechanism::Stopwatch, LOYALTY_PLAY_CLAIM) if matches!(terms.draw, Draw::Hardened { .. }) => {
                Err(refused("receipt", "claim", Words::HARDENED, Fault::ClaimUnderHardenedDraw.error()))
            }
            _ => Ok(()),
        }
    }
}

/// The hours of a program.
pub(crate) fn window<'a>(terms: &'a Terms, words: &'static Words) -> Result<&'a SaleWindow, Refused> {
    terms.window.as_ref().ok_or_else(|| refused("program", "window", words, Fault::Missing.error()))
}

impl LoyaltyShopper {
    /// The shopper.
    pub(crate) fn shopper(&self) -> Result<award::Shopper, Refused> {
        const NAME: &str = "shopper";
        zero(self.reserved0 == 0 && self.reserved == [0; 2], NAME)?;
        Ok(award::Shopper {
            prior_points: at(NAME, "prior_points_milli", Points::from_milli(self.prior_points_milli))?,
            purchases: at(NAME, "purchases", Count::new(self.purchases))?,
        })
    }

    fn of(shopper: award::Shopper) -> Self {
        Self {
            struct_size: size_field::<Self>(),
            reserved0: 0,
            prior_points_milli: shopper.prior_points.milli(),
            purchases: shopper.purchases.get(),
            reserved: [0; 2],
        }
    }
}

impl LoyaltyMerchant {
    /// The merchant.
    pub(crate) fn merchant(&self) -> Result<award::Merchant, Refused> {
        const NAME: &str = "merchant";
        zero(self.reserved0 == 0 && self.reserved == [0; 2], NAME)?;
        Ok(award::Merchant {
            suspended: truth(self.suspended, NAME, "suspended")?,
            registered: truth(self.registered, NAME, "registered")?,
            fund_balance: at(NAME, "fund_balance", Rupiah::new(self.fund_balance_rupiah))?,
            outstanding: at(NAME, "outstanding", Rupiah::new(self.outstanding_rupiah))?,
        })
    }
}

impl LoyaltyCounters {
    /// The counters; those by slot belong to the time auction.
    pub(crate) fn counters(&self, mechanism: Mechanism) -> Result<award::Counters, Refused> {
        const NAME: &str = "counters";
        zero(self.reserved0 == 0 && self.reserved1 == 0 && self.reserved == [0; 2], NAME)?;
        let day = match (self.day_year, self.day_month, self.day_day) {
            (0, 0, 0) => None,
            (year, month, day) => Some(said(NAME, "day", Words::COUNTED_DAY, Date::new(year, month, day))?),
        };
        let by_slot = |numbers: &[i64; 10], field: &'static str| {
            if mechanism == Mechanism::Stopwatch && *numbers != [0; 10] {
                return Err(refused(NAME, field, Words::SLOT_COUNTERS, Fault::SlotCountersOfStopwatch.error()));
            }
            let mut counts = [Count::ZERO; 10];
            for (index, (count, number)) in counts.iter_mut().zip(numbers).enumerate() {
                *count = Count::new(*number).map_err(|error| Refused::Rules(NAME, error.at(Field::entry(field, index)).into()))?;
            }
            Ok(counts)
        };
        Ok(award::Counters {
            day,
            released_today: at(NAME, "released_today", Count::new(self.released_today_rupiah))?,
            awards_by_slot: by_slot(&self.awards_by_slot, "awards_by_slot")?,
            released_by_slot: by_slot(&self.released_by_slot_rupiah, "released_by_slot")?,
        })
    }

    /// Counters as a struct.
    pub(crate) fn of(counters: &award::Counters) -> Self {
        let (day_year, day_month, day_day) = counters.day.map_or((0, 0, 0), Date::parts);
        Self {
            struct_size: size_field::<Self>(),
            reserved1: 0,
            released_today_rupiah: counters.released_today.get(),
            awards_by_slot: counters.awards_by_slot.map(Count::get),
            released_by_slot_rupiah: counters.released_by_slot.map(Count::get),
            day_year,
            day_month,
            day_day,
            reserved0: 0,
            reserved: [0; 2],
        }
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
                    Mechanism::TimeAuction => column.slot().get(),
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
        Self {
            struct_size,
            reason: reason_number(award.reason()),
            rate_bp: award.rate().bp().into(),
            capped_by: caps_number(award.caps()),
            base_rupiah: award.base().get(),
            value_rupiah: award.value().get(),
            points_milli: award.points().milli(),
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
            reserved: [0; 4],
            parts_rupiah,
        }
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
        use loyalty_rules::quantity::{Mode, Rate, Rounding, Unit};

        const NAME: &str = "reversal";
        zero(self.reserved == [0; 4], NAME)?;
        let amount = |field, rupiah| at(NAME, field, Rupiah::new(rupiah));
        let rate = |field, bp: i32| at(NAME, field, Rate::from_bp(u16::try_from(bp).unwrap_or(u16::MAX)));
        let below_quota = match self.below_quota {
            LOYALTY_BELOW_QUOTA_KEEP => BelowQuota::Keep,
            LOYALTY_BELOW_QUOTA_STANDBY => BelowQuota::Standby,
            _ => return Err(choice(NAME, "below_quota")),
        };
        let mode = match self.rounding_mode {
            LOYALTY_ROUND_DOWN => Mode::Down,
            LOYALTY_ROUND_UP => Mode::Up,
            LOYALTY_ROUND_HALF_UP => Mode::HalfUp,
            LOYALTY_ROUND_HALF_EVEN => Mode::HalfEven,
            _ => return Err(choice(NAME, "rounding_mode")),
        };
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
        let voucher = voucher.proved().map_err(|error| match error.fault() {
            Fault::TotalBelowBase => Refused::Rules(NAME, Ruled::said(error, Words::TOTAL_BELOW_BASE)),
            Fault::IssuedAboveValue => Refused::Rules(NAME, Ruled::said(error, Words::ISSUED_ABOVE_VALUE)),
            _ => rules(error),
        })?;
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
