use super::Column;
use crate::calendar::CivilTime;
use crate::error::{Error, Fault};
use crate::quantity::{Count, result_within_domain};
use crate::words::words;

/// A lucky digit (*Angka Keberuntungan*), 0 … 9 (SW-2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digit(u8);

impl Digit {
    /// A digit.
    ///
    /// # Errors
    /// `out_of_range` outside 0 … 9.
    pub const fn new(digit: u8) -> Result<Self, Error> {
        if digit <= 9 { Ok(Self(digit)) } else { Err(Fault::NotADigit.error()) }
    }

    /// The last decimal digit of the seconds of the wall clock (SW-2): 14:22:14 gives 4, a leap second 0.
    pub const fn lucky(stopped_at: &CivilTime) -> Self {
        Self(stopped_at.second() % 10)
    }

    pub(super) const fn of_column(column: Column) -> Self {
        Self(column.index().wrapping_add(1) % 10)
    }

    /// 0 … 9.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Its column: 1 … 9 are the first nine, 0 is the last and best.
    pub const fn column(self) -> Column {
        Column::of(if self.0 == 0 { 9 } else { self.0.wrapping_sub(1) })
    }
}

/// How far a claim may be off, in milliseconds (SW-4); one second unless the program says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tolerance {
    ms: Count,
}

impl Tolerance {
    /// A tolerance of so many milliseconds.
    pub const fn from_ms(ms: Count) -> Self {
        Self { ms }
    }

    /// The number of milliseconds.
    pub const fn ms(self) -> Count {
        self.ms
    }
}

impl Default for Tolerance {
    fn default() -> Self {
        Self { ms: Count::new(1_000).unwrap_or_default() }
    }
}

/// A played countdown as the host recorded it (SW-1, SW-4).
///
/// ```
/// use loyalty_rules::tables::Claim;
///
/// let claim = Claim {
///     started_at: "2025-03-01T14:21:54+07:00".parse()?,
///     countdown_s: 20,
///     stopped_at: "2025-03-01T14:22:16+07:00".parse()?,
/// };
/// let judged = claim.judge(Default::default());
/// assert_eq!(judged.reason.name(), "claim_mismatch");
/// assert_eq!(judged.difference_ms()?, 2_000);
/// assert_eq!(judged.digit, None);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// When the countdown started.
    pub started_at: CivilTime,
    /// The whole seconds the shopper picked; 15 … 25 are accepted.
    pub countdown_s: i64,
    /// When it stopped; its second gives the digit.
    pub stopped_at: CivilTime,
}

words! {
    /// What became of a claim.
    pub enum ClaimReason {
        /// It counts.
        Accepted = "accepted",
        /// The countdown is not 15 … 25 seconds.
        CountdownOutOfRange = "countdown_out_of_range",
        /// The times differ from the countdown by more than the tolerance.
        ClaimMismatch = "claim_mismatch",
    }
}

/// A judged claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Judgement {
    /// Accepted, or why not.
    pub reason: ClaimReason,
    /// The lucky digit of an accepted claim.
    pub digit: Option<Digit>,
    difference_ms: i64,
}

const NANOS_A_MS: i128 = 1_000_000;

impl Judgement {
    /// Stopped − started − countdown in milliseconds, truncated toward zero.
    ///
    /// # Errors
    /// `out_of_range` if it leaves the domain.
    pub fn difference_ms(&self) -> Result<i64, Error> {
        result_within_domain(Some(self.difference_ms))
    }
}

impl Claim {
    /// Judges the claim (SW-4): the countdown first, then the full times against the tolerance.
    pub fn judge(&self, tolerance: Tolerance) -> Judgement {
        let countdown = i128::from(self.countdown_s).wrapping_mul(1_000).wrapping_mul(NANOS_A_MS);
        let difference = self.stopped_at.nanos_since(&self.started_at).wrapping_sub(countdown);
        let reason = if !(15..=25).contains(&self.countdown_s) {
            ClaimReason::CountdownOutOfRange
        } else if difference.wrapping_abs() > i128::from(tolerance.ms.get()).wrapping_mul(NANOS_A_MS) {
            ClaimReason::ClaimMismatch
        } else {
            ClaimReason::Accepted
        };
        let digit = (reason == ClaimReason::Accepted).then(|| Digit::lucky(&self.stopped_at));
        let difference_ms = i64::try_from(difference / NANOS_A_MS).unwrap_or(i64::MAX);
        Judgement { reason, digit, difference_ms }
    }
}
