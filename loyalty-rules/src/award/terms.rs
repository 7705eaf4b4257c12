use core::cmp::Ordering;
use core::fmt;

use crate::calendar::{LocalTime, Offset, SaleWindow, Validity};
use crate::error::{Error, Fault};
use crate::funding::{Bonus, Funding};
use crate::points::PointsTerms;
use crate::quantity::{Count, PointValue, Rate, Rounding, Rupiah};
use crate::tables::{Column, Mechanism, RateTable, Schedule, Slot, Tolerance};
use crate::words::words;

/// The terms of a program: what [`Program::new`](super::Program::new) proves.
///
/// Start from a table and change what differs from the defaults; docs/program.md tells each field's unit
/// and rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Terms {
    /// The rate table (SW-3, TA-3), the one rate, or none (PT-8).
    pub table: RateTable,
    /// The basic points program (PT-1 … PT-3): it decides under the mechanism of points.
    pub points: Option<PointsTerms>,
    /// The selling day (TA-1, TA-2); needed when a receipt gives its time.
    pub window: Option<SaleWindow>,
    /// How far a stopwatch claim may be off (SW-4).
    pub tolerance: Tolerance,
    /// Whether what was paid with vouchers earns nothing (AW-2); default yes.
    pub exclude_voucher_paid: bool,
    /// The least cover, balance ÷ outstanding in basis points, that an award must leave (GF-7).
    pub min_cover_bp: Count,
    /// The minimum purchase (*kuota belanja minimal*, QT-1).
    pub quota: Quota,
    /// Who is given table rates (AW-3).
    pub eligibility: Eligibility,
    /// Whether every award is stopped at once.
    pub paused: bool,
    /// Whether a stopwatch digit noted on paper counts on a receipt entered late.
    pub accept_noted_digit: bool,
    /// Slots in which nothing is given (AW-4).
    pub held_slots: Slots,
    /// The limit of table-rate awards in a slot (AW-5).
    pub first_n: Option<FirstN>,
    /// The rates of the standby voucher (SB).
    pub standby: Schedule,
    /// How a value is rounded (CV-4).
    pub rounding: Rounding,
    /// The most one receipt is given (AW-13).
    pub receipt_cap: Option<Rupiah>,
    /// The release budgets (AW-6).
    pub budget: Budget,
    /// The rupiah one point is worth (CV-3).
    pub point_value: PointValue,
    /// Who pays (SP-1).
    pub funding: Option<Funding>,
    /// The bonus whose band the table must respect (BN).
    pub bonus: Option<Bonus>,
    /// The highest rate the table may have (DEC-8).
    pub ceiling: Option<Rate>,
    /// How the lucky digit comes about (SW-2, SW-6).
    pub draw: Draw,
    /// The permit, or its waiver, of a game of chance (SW-7).
    pub licence: Option<Licence>,
    /// What a refund below the quota does (AW-8).
    pub below_quota: BelowQuota,
    /// Whether a reversal gives what it takes back to the day's budgets and first-N places again (AW-8).
    pub give_back: bool,
    /// Minutes in which a missed quota can be made up (AW-12), 1 … 1,440.
    pub make_up_minutes: Option<u16>,
    /// How long a voucher is valid (VC-4).
    pub validity: Option<Validity>,
    /// Whether a voucher can be used only once (VC-5).
    pub single_use: bool,
    /// The most vouchers redeemed in a calendar month, in the whole program (VC-6).
    pub redemptions_per_month: Option<Count>,
    /// The same for one shopper.
    pub redemptions_per_month_shopper: Option<Count>,
    /// The least purchase that redeems a voucher (VC-7).
    pub min_redeem_purchase: Rupiah,
    /// The most that vouchers may pay of a purchase (VC-7).
    pub max_share: Option<Rate>,
    /// The days for which a voucher can be used from an undone redemption on, 1 … 36,500 (VC-5).
    pub grace_days: Option<u16>,
    /// How many days ahead what expires is told, 1 … 36,500 (VC-10).
    pub reminder_days: Option<u16>,
    /// Given or paid for (VC-8).
    pub origin: Origin,
    /// The rounding of a cash payment's last line (VC-9).
    pub cash_rounding: Option<Rounding>,
    /// The program's id (AW-11).
    pub id: Option<Label<64>>,
    /// Its version, 1 or more.
    pub version: Option<Count>,
    /// From when it is in force, local time.
    pub from: Option<LocalTime>,
    /// Until when, that instant excluded.
    pub until: Option<LocalTime>,
    /// The offset of that local time.
    pub utc_offset: Option<Offset>,
}

impl Terms {
    /// The terms of a table with every other setting at its default.
    pub fn new(table: impl Into<RateTable>) -> Self {
        Self {
            table: table.into(),
            points: None,
            window: None,
            tolerance: Tolerance::default(),
            exclude_voucher_paid: true,
            min_cover_bp: Count::ZERO,
            quota: Quota::default(),
            eligibility: Eligibility::Everyone,
            paused: false,
            accept_noted_digit: false,
            held_slots: Slots::default(),
            first_n: None,
            standby: Schedule::default(),
            rounding: Rounding::default(),
            receipt_cap: None,
            budget: Budget::default(),
            point_value: PointValue::default(),
            funding: None,
            bonus: None,
            ceiling: None,
            draw: Draw::Clock,
            licence: None,
            below_quota: BelowQuota::default(),
            give_back: false,
            make_up_minutes: None,
            validity: None,
            single_use: false,
            redemptions_per_month: None,
            redemptions_per_month_shopper: None,
            min_redeem_purchase: Rupiah::ZERO,
            max_share: None,
            grace_days: None,
            reminder_days: None,
            origin: Origin::default(),
            cash_rounding: None,
            id: None,
            version: None,
            from: None,
            until: None,
            utc_offset: None,
        }
    }

    /// The terms of a flat rate (PT-8).
    ///
    /// ```
    /// use loyalty_rules::award::{Counters, Merchant, Program, Receipt, Shopper, Terms, decide};
    /// use loyalty_rules::quantity::{Rate, Rupiah};
    ///
    /// let program = Program::new(Terms::flat(Rate::from_bp(500)?))?;
    /// let receipt = Receipt::new(Rupiah::new(80_000)?);
    /// let award = decide(&program, &receipt, &Shopper::default(), &Merchant::default(), &Counters::default())?;
    /// assert_eq!((award.value().get(), award.cell()), (4_000, None));
    /// assert!(award.rules().eq(["QT-1", "PT-8", "CV-4"]));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn flat(rate: Rate) -> Self {
        Self::new(RateTable::flat(rate))
    }

    /// The terms of the basic points program (PT-8).
    ///
    /// ```
    /// use loyalty_rules::award::{Counters, Merchant, Program, Receipt, Shopper, Terms, decide};
    /// use loyalty_rules::points::PointsTerms;
    /// use loyalty_rules::quantity::Rupiah;
    ///
    /// let program = Program::new(Terms::points(PointsTerms::new(Rupiah::new(10_000)?)?))?;
    /// let receipt = Receipt::new(Rupiah::new(25_000)?);
    /// let award = decide(&program, &receipt, &Shopper::default(), &Merchant::default(), &Counters::default())?;
    /// assert_eq!((award.points().milli(), award.value().get()), (2_000, 2_000)); // a point is worth Rp1,000
    /// assert!(award.rules().eq(["QT-1", "PT-1", "VC-1"]));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn points(points: PointsTerms) -> Self {
        Self { points: Some(points), ..Self::new(RateTable::POINTS) }
    }

    /// The highest rate in tenths of a basis point: of the table, or what the basic points program gives of a step (SW-5).
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub(super) fn highest_tenth_bp(&self) -> Result<i64, Error> {
        match self.points {
            Some(points) if self.table.mechanism() == Mechanism::Points => points.rate_tenth_bp(self.point_value),
            _ => Ok(i64::from(self.table.highest().bp()).wrapping_mul(10)),
        }
    }
}

/// The minimum purchase: one for the day, or one for each slot (QT-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    by_column: [Rupiah; 10],
    by_slot: bool,
}

impl From<Rupiah> for Quota {
    fn from(quota: Rupiah) -> Self {
        Self { by_column: [quota; 10], by_slot: false }
    }
}

impl Quota {
    /// One quota for each slot I … X.
    pub const fn by_slot(quotas: [Rupiah; 10]) -> Self {
        Self { by_column: quotas, by_slot: true }
    }

    /// Whether it differs by slot.
    pub const fn is_by_slot(&self) -> bool {
        self.by_slot
    }

    /// The ten quotas; all the same unless they differ by slot.
    pub const fn all(&self) -> &[Rupiah; 10] {
        &self.by_column
    }

    /// The quota of a column.
    #[inline]
    pub fn of(&self, column: Column) -> Rupiah {
        self.by_column.get(usize::from(column.index())).copied().unwrap_or_default()
    }
}

/// Who is given table rates (AW-3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Eligibility {
    /// Every shopper.
    #[default]
    Everyone,
    /// Shoppers with enough earlier purchases.
    Loyal {
        /// The least number of earlier purchases.
        min_purchases: Count,
        /// Whether new shoppers get the row's smallest rate once they meet the quota, instead of nothing.
        intro: bool,
    },
}

/// A set of slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slots(u16);

impl Slots {
    /// Adds a slot.
    #[must_use]
    pub const fn with(self, slot: Slot) -> Self {
        Self(self.0 | Self::bit(slot.column()))
    }

    /// Whether the slot of a column is in the set.
    pub const fn holds(self, column: Column) -> bool {
        self.0 & Self::bit(column) != 0
    }

    /// Whether no slot is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The slots, rising.
    pub fn iter(self) -> impl Iterator<Item = Slot> {
        (1..=10).filter_map(|slot| Slot::new(slot).ok()).filter(move |slot| self.holds(slot.column()))
    }

    pub(super) const fn bits(self) -> u16 {
        self.0
    }

    pub(super) const fn from_bits(bits: u16) -> Option<Self> {
        if bits < 1 << 10 { Some(Self(bits)) } else { None }
    }

    #[expect(clippy::as_conversions, reason = "u8 to u32 loses nothing, and `From` is not const")]
    const fn bit(column: Column) -> u16 {
        1_u16.wrapping_shl(column.index() as u32)
    }
}

/// A limit for each slot I … X; a slot may have none.
///
/// ```
/// use loyalty_rules::award::SlotLimits;
/// use loyalty_rules::quantity::Count;
/// use loyalty_rules::tables::Slot;
///
/// let ten = Count::new(10)?;
/// let last = SlotLimits::by_slot([None, None, None, None, None, None, None, None, None, Some(ten)]);
/// assert_eq!(last.of(Slot::new(10)?.column()), Some(ten));
/// assert_eq!(last.of(Slot::new(1)?.column()), None);
/// assert_eq!(SlotLimits::from(ten).of(Slot::new(1)?.column()), Some(ten));
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotLimits<T> {
    by_column: [Option<T>; 10],
    is_list: bool,
}

impl<T: Copy> From<T> for SlotLimits<T> {
    fn from(limit: T) -> Self {
        Self { by_column: [Some(limit); 10], is_list: false }
    }
}

impl<T: Copy> SlotLimits<T> {
    /// One limit for each slot; `None` for no limit.
    pub const fn by_slot(limits: [Option<T>; 10]) -> Self {
        Self { by_column: limits, is_list: true }
    }

    /// Whether it was stated as ten limits rather than one.
    pub const fn is_by_slot(&self) -> bool {
        self.is_list
    }

    /// The ten limits; all the same unless they differ by slot.
    pub const fn all(&self) -> &[Option<T>; 10] {
        &self.by_column
    }

    /// The limit of a column.
    #[inline]
    pub fn of(&self, column: Column) -> Option<T> {
        self.by_column.get(usize::from(column.index())).copied().flatten()
    }

    /// Sets the limit of a column.
    #[cfg(feature = "alloc")]
    pub(super) fn set(&mut self, column: Column, limit: T) {
        if let Some(place) = self.by_column.get_mut(usize::from(column.index())) {
            *place = Some(limit);
        }
    }

    /// The same limits of another kind.
    ///
    /// # Errors
    /// Whatever the conversion refuses.
    #[cfg(feature = "alloc")]
    pub(crate) fn try_map<U: Copy>(&self, mut convert: impl FnMut(T) -> Result<U, Error>) -> Result<SlotLimits<U>, Error> {
        let mut by_column = [None; 10];
        for (place, limit) in by_column.iter_mut().zip(self.by_column) {
            *place = limit.map(&mut convert).transpose()?;
        }
        Ok(SlotLimits { by_column, is_list: self.is_list })
    }
}

/// Only the first N table-rate awards of more than Rp0 in a slot (AW-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstN {
    /// How many, by slot.
    pub n: SlotLimits<Count>,
    /// What later shoppers get.
    pub then: Latecomer,
}

words! {
    /// What a shopper gets who comes after the first N (AW-5).
    #[derive(Default)]
    pub enum Latecomer {
        /// The standby rate; nothing without one.
        #[default]
        Standby = "standby",
        /// Nothing.
        Nothing = "nothing",
        /// The rate of the row's first column.
        FirstColumn = "first_column",
    }
}

/// Release budgets in rupiah (AW-6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// The most released in a selling day.
    pub day: Option<Rupiah>,
    /// The most released in a slot, by slot.
    pub slot: Option<SlotLimits<Rupiah>>,
    /// What happens to a voucher above what is left.
    pub short: ShortBudget,
}

words! {
    /// What happens to a voucher above what is left of a budget (AW-6).
    #[derive(Default)]
    pub enum ShortBudget {
        /// It is cut to what is left.
        #[default]
        Cut = "cut",
        /// It is not given.
        Refuse = "refuse",
    }
}

/// How the lucky digit comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// By the wall clock (SW-2).
    Clock,
    /// By the key of the day (SW-6), named by its id.
    Hardened {
        /// The id of the day's key.
        key_id: Label<64>,
    },
}

/// What allows a game of chance (SW-7). The library gives no legal advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Licence {
    /// The organiser's permit reference for free prize draws (*Undian Gratis Berhadiah*).
    Permit(Label<256>),
    /// Who waives it, and why.
    Waiver(Label<256>),
}

words! {
    /// What a refund that falls below the quota does to the voucher kept (AW-8).
    #[derive(Default)]
    pub enum BelowQuota {
        /// It keeps the rate.
        #[default]
        Keep = "keep",
        /// It drops to standby.
        Standby = "standby",
    }
}

words! {
    /// Where a voucher comes from (VC-8).
    #[derive(Default)]
    pub enum Origin {
        /// Given.
        #[default]
        Promotional = "promotional",
        /// Paid for.
        Purchased = "purchased",
    }
}

/// A short text of 1 … N bytes that needs no allocator.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Label<const N: usize> {
    bytes: [u8; N],
    len: u16,
}

impl<const N: usize> Label<N> {
    /// Stands in for a refused text.
    #[cfg(feature = "json")]
    pub(crate) const NONE: Self = Self { bytes: [0; N], len: 0 };

    /// A text.
    ///
    /// # Errors
    /// `bad_config` if it is empty or longer than N bytes.
    pub fn new(text: &str) -> Result<Self, Error> {
        let mut label = Self { bytes: [0; N], len: u16::try_from(text.len()).map_err(|_| Fault::TextLength.error())? };
        match label.bytes.get_mut(..text.len()) {
            Some(bytes) if !bytes.is_empty() => bytes.copy_from_slice(text.as_bytes()),
            _ => return Err(Fault::TextLength.error()),
        }
        Ok(label)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl<const N: usize> Ord for Label<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl<const N: usize> PartialOrd for Label<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const N: usize> fmt::Debug for Label<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}
