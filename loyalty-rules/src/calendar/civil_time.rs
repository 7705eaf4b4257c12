use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use crate::error::{Error, Fault};

/// The day number of 1970-01-01.
const EPOCH_DAY: i64 = 719_468;
pub(super) const SECONDS_A_DAY: u32 = 86_400;
const NANOS_A_SECOND: u32 = 1_000_000_000;

/// A date of the Gregorian calendar, years 0000 … 9999.
///
/// ```
/// use loyalty_rules::calendar::Date;
///
/// let leap_day: Date = "2024-02-29".parse()?;
/// assert_eq!(leap_day.previous()?.to_string(), "2024-02-28");
/// assert!("2025-02-29".parse::<Date>().is_err());
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The first day there is, 0000-01-01.
    #[cfg(feature = "json")]
    pub(crate) const FIRST: Self = Self { year: 0, month: 1, day: 1 };

    /// A date.
    ///
    /// # Errors
    /// `bad_time` if the calendar has no such day, or above the year 9999.
    pub const fn new(year: u16, month: u8, day: u8) -> Result<Self, Error> {
        if year <= 9_999 && 1 <= day && day <= days_in_month(year, month) {
            Ok(Self { year, month, day })
        } else {
            Err(Fault::NotADate.error())
        }
    }

    /// Year, month 1 … 12, day 1 … 31.
    pub const fn parts(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }

    /// The day before.
    ///
    /// # Errors
    /// `out_of_range` before 0000-01-01.
    pub const fn previous(self) -> Result<Self, Error> {
        let Self { year, month, day } = self;
        if day > 1 {
            return Ok(Self { year, month, day: day.wrapping_sub(1) });
        }
        let (year, month) = match (year, month) {
            (0, 1) => return Err(Fault::OutsideYears.error()),
            (year, 1) => (year.wrapping_sub(1), 12),
            (year, month) => (year, month.wrapping_sub(1)),
        };
        Ok(Self { year, month, day: days_in_month(year, month) })
    }

    /// The date so many days later.
    ///
    /// # Errors
    /// `out_of_range` after 9999-12-31.
    pub fn plus_days(self, days: u16) -> Result<Self, Error> {
        let number = self.day_number().wrapping_add(days.into());
        Self::from_day_number(number).ok_or(Fault::OutsideYears.error())
    }

    /// The date so many calendar months later: the same day of the month, or the month's last (VC-4).
    ///
    /// ```
    /// use loyalty_rules::calendar::Date;
    ///
    /// let last: Date = "2025-01-31".parse()?;
    /// assert_eq!(last.plus_months(1)?.to_string(), "2025-02-28");
    /// assert_eq!(last.plus_months(2)?.to_string(), "2025-03-31");
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` after the year 9999.
    pub fn plus_months(self, months: u16) -> Result<Self, Error> {
        let outside = Fault::OutsideYears.error();
        let count = u32::from(self.year).wrapping_mul(12).wrapping_add(self.month.wrapping_sub(1).into()).wrapping_add(months.into());
        let year = u16::try_from(count / 12).ok().filter(|year| *year <= 9_999).ok_or(outside)?;
        let month = u8::try_from(count % 12).map_err(|_| outside)?.wrapping_add(1);
        Ok(Self { year, month, day: self.day.min(days_in_month(year, month)) })
    }

    /// The days from an earlier date to this one; negative if it is later.
    ///
    /// ```
    /// use loyalty_rules::calendar::Date;
    ///
    /// let day: Date = "2025-03-10".parse()?;
    /// assert_eq!(day.days_since("2024-12-09".parse()?), 91);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn days_since(self, earlier: Self) -> i64 {
        self.day_number().wrapping_sub(earlier.day_number())
    }

    /// The date of a day number.
    fn from_day_number(number: i64) -> Option<Self> {
        // The year by its average length can be one too late near the turn of the year.
        let guess = number.checked_mul(400)?.div_euclid(146_097);
        let first = |year: i64| Some(Self { year: u16::try_from(year).ok()?, month: 1, day: 1 });
        let year = [guess.checked_add(1)?, guess, guess.checked_sub(1)?]
            .into_iter()
            .filter_map(first)
            .filter(|first| first.year <= 9_999)
            .find(|first| first.day_number() <= number)?;
        (1..=12_u8).rev().find_map(|month| {
            let day = number.checked_sub(Self { month, ..year }.day_number())?.checked_add(1)?;
            Self::new(year.year, month, u8::try_from(day).ok()?).ok()
        })
    }

    /// Days since 0000-03-01, negative in January and February of the year 0000.
    fn day_number(self) -> i64 {
        // Counted from March, a year ends with its leap day.
        let before_march = self.month < 3;
        let year = i64::from(self.year).wrapping_sub(i64::from(before_march));
        let month = i64::from(self.month).wrapping_add(if before_march { 9 } else { -3 });
        let day_of_year = month.wrapping_mul(153).wrapping_add(2) / 5;
        let leap_days = year.div_euclid(4).wrapping_sub(year.div_euclid(100)).wrapping_add(year.div_euclid(400));
        year.wrapping_mul(365).wrapping_add(leap_days).wrapping_add(day_of_year).wrapping_add(i64::from(self.day)).wrapping_sub(1)
    }
}

const fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 0,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut text = Text(text.as_bytes());
        text.date().filter(|_| text.is_done()).ok_or(Fault::NotADate.error())
    }
}

/// A time of day, 00:00 … 23:59:59, of a window (TA-2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u32);

impl TimeOfDay {
    /// So many seconds after midnight.
    ///
    /// # Errors
    /// `bad_time` from 86,400 on.
    pub const fn from_seconds(seconds: u32) -> Result<Self, Error> {
        if seconds < SECONDS_A_DAY { Ok(Self(seconds)) } else { Err(Fault::NotATimeOfDay.error()) }
    }

    /// Seconds after midnight.
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

/// `HH:MM`, with the seconds only if there are any.
impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 3_600, self.0 / 60 % 60)?;
        match self.0 % 60 {
            0 => Ok(()),
            seconds => write!(f, ":{seconds:02}"),
        }
    }
}

impl FromStr for TimeOfDay {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut text = Text(text.as_bytes());
        text.time_of_day().filter(|_| text.is_done()).ok_or(Fault::NotATimeOfDay.error())
    }
}

/// The fixed offset of a shop's local time: whole minutes up to ±23:59 (WIB +07:00, WITA +08:00, WIT +09:00).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Offset {
    minutes: i16,
}

impl Offset {
    /// An offset of so many minutes east.
    ///
    /// # Errors
    /// `bad_time` beyond ±23:59.
    pub const fn from_minutes(minutes: i16) -> Result<Self, Error> {
        if -1_440 < minutes && minutes < 1_440 { Ok(Self { minutes }) } else { Err(Fault::NotAnOffset.error()) }
    }

    /// Minutes east of UTC.
    pub const fn minutes(self) -> i16 {
        self.minutes
    }

    #[cfg(feature = "alloc")]
    fn nanos(self) -> i128 {
        i128::from(self.minutes).wrapping_mul(60).wrapping_mul(NANOS_A_SECOND.into())
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.minutes.unsigned_abs();
        let sign = if self.minutes < 0 { '-' } else { '+' };
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl FromStr for Offset {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut text = Text(text.as_bytes());
        text.offset().filter(|_| text.is_done()).ok_or(Fault::NotAnOffset.error())
    }
}

/// A local date and time of day without offset, as a program's `from` and `until` (AW-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime {
    /// The date.
    pub date: Date,
    /// The time of day.
    pub time: TimeOfDay,
}

#[cfg(feature = "alloc")]
impl LocalTime {
    /// Seconds from the midnight of 0000-01-01 at UTC, or in a place of unknown offset at its own.
    pub(crate) fn instant(self, offset: Option<Offset>) -> i64 {
        let days = self.date.days_since(Date { year: 0, month: 1, day: 1 }).wrapping_mul(SECONDS_A_DAY.into());
        let east = offset.map_or(0, |offset| i64::from(offset.minutes()).wrapping_mul(60));
        days.wrapping_add(self.time.seconds().into()).wrapping_sub(east)
    }
}

/// `YYYY-MM-DD`, with the time only after midnight.
impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date.fmt(f)?;
        if self.time == TimeOfDay::default() { Ok(()) } else { write!(f, "T{}", self.time) }
    }
}

impl FromStr for LocalTime {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut text = Text(text.as_bytes());
        let read = |text: &mut Text<'_>| {
            let date = text.date()?;
            let time = if text.mark(b'T') { text.time_of_day()? } else { TimeOfDay::default() };
            text.is_done().then_some(Self { date, time })
        };
        read(&mut text).ok_or(Fault::NotALocalTime.error())
    }
}

/// A local date and time with its offset, to the nanosecond; second 60 is allowed (CV-5).
///
/// ```
/// use loyalty_rules::calendar::CivilTime;
/// use loyalty_rules::tables::Digit;
///
/// let leap: CivilTime = "2017-01-01T06:59:60+07:00".parse()?;
/// assert_eq!(Digit::lucky(&leap).get(), 0); // SW-2
///
/// let next: CivilTime = "2017-01-01T00:00:00+00:00".parse()?;
/// assert_eq!(next.nanos_since(&leap), 0); // elapsed time counts :60 as the next minute's 0
/// assert_eq!("2017-01-01T00:00:00Z".parse::<CivilTime>()?, next);
/// assert!("2017-01-01T00:00:00".parse::<CivilTime>().is_err());
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CivilTime {
    date: Date,
    /// Minutes after midnight.
    minute: u16,
    /// 0 … 60.
    second: u8,
    nanos: u32,
    offset: Offset,
    spelling: Spelling,
}

/// How a time was written where that is a matter of taste. It makes no other time.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spelling {
    decimals: u8,
    zero: Zero,
}

/// How an offset of zero is written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Zero {
    /// `+00:00`; also the spelling of every other offset.
    Plus,
    /// `-00:00`.
    Minus,
    /// `Z`.
    Letter,
}

impl PartialEq for CivilTime {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for CivilTime {}

impl Hash for CivilTime {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl CivilTime {
    /// A civil time from a date, hour 0 … 23, minute 0 … 59, second 0 … 60, nanosecond and offset.
    ///
    /// # Errors
    /// `bad_time` if a part is out of its range.
    pub const fn new(date: Date, hour: u8, minute: u8, second: u8, nanos: u32, offset: Offset) -> Result<Self, Error> {
        if hour > 23 || minute > 59 || second > 60 || nanos >= NANOS_A_SECOND {
            return Err(Fault::NotATime.error());
        }
        #[expect(clippy::as_conversions, reason = "u8 to u16 loses nothing, and `From` is not const")]
        let minute = (hour as u16).wrapping_mul(60).wrapping_add(minute as u16);
        let spelling = Spelling { decimals: if nanos > 0 { 9 } else { 0 }, zero: Zero::Plus };
        Ok(Self { date, minute, second, nanos, offset, spelling })
    }

    /// Local midnight at the start of a date.
    pub const fn midnight(date: Date, offset: Offset) -> Self {
        Self { date, minute: 0, second: 0, nanos: 0, offset, spelling: Spelling { decimals: 0, zero: Zero::Plus } }
    }

    const fn parts(&self) -> (Date, u16, u8, u32, Offset) {
        (self.date, self.minute, self.second, self.nanos, self.offset)
    }

    /// The local time of an instant, given as seconds since 1970-01-01T00:00:00+00:00.
    ///
    /// ```
    /// use loyalty_rules::calendar::CivilTime;
    ///
    /// let shop = CivilTime::from_epoch(1_740_814_934, "+07:00".parse()?)?;
    /// assert_eq!(shop.to_string(), "2025-03-01T14:42:14+07:00");
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` outside the years 0000 … 9999.
    pub fn from_epoch(epoch_s: i64, offset: Offset) -> Result<Self, Error> {
        let outside = Fault::OutsideYears.error();
        let local = epoch_s.checked_add(i64::from(offset.minutes).wrapping_mul(60)).ok_or(outside)?;
        let day = i64::from(SECONDS_A_DAY);
        let date = Date::from_day_number(local.div_euclid(day).checked_add(EPOCH_DAY).ok_or(outside)?).ok_or(outside)?;
        let of_day = u32::try_from(local.rem_euclid(day)).map_err(|_| outside)?;
        let small = |number: u32| u8::try_from(number).unwrap_or_default();
        Self::new(date, small(of_day / 3_600), small(of_day / 60 % 60), small(of_day % 60), 0, offset)
    }

    /// Seconds since 1970-01-01T00:00:00+00:00; `None` with a fraction of a second, even one of zero, or second 60,
    /// which [`from_epoch`](Self::from_epoch) could not give back.
    pub fn epoch_s(&self) -> Option<i64> {
        let seconds = self.instant_nanos().checked_div(NANOS_A_SECOND.into())?;
        let epoch = EPOCH_DAY.wrapping_mul(SECONDS_A_DAY.into());
        (self.spelling.decimals == 0 && self.second < 60).then(|| i64::try_from(seconds).ok()?.checked_sub(epoch))?
    }

    /// The time letter by letter as it was parsed, where [`Display`](fmt::Display) writes all nine decimals.
    ///
    /// ```
    /// use loyalty_rules::calendar::CivilTime;
    ///
    /// let time: CivilTime = "2025-03-01T14:22:14.50-00:00".parse()?;
    /// assert_eq!(time.as_written().to_string(), "2025-03-01T14:22:14.50-00:00");
    /// assert_eq!(time.to_string(), "2025-03-01T14:22:14.500000000+00:00");
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn as_written(&self) -> impl fmt::Display {
        AsWritten(*self)
    }

    /// Whether another time is the same letter by letter.
    #[cfg(feature = "alloc")]
    #[doc(hidden)]
    pub fn is_written_as(&self, other: &Self) -> bool {
        (self.parts(), self.spelling) == (other.parts(), other.spelling)
    }

    /// The local date and time of day, to the second; second 60 as the last of its minute.
    pub fn local(&self) -> LocalTime {
        let second = u32::from(self.second.min(59));
        LocalTime { date: self.date, time: TimeOfDay(u32::from(self.minute).wrapping_mul(60).wrapping_add(second)) }
    }

    /// The same instant in another offset (CV-5). A second 60 stays one.
    ///
    /// ```
    /// use loyalty_rules::calendar::CivilTime;
    ///
    /// let server: CivilTime = "2025-02-28T17:20:00Z".parse()?;
    /// assert_eq!(server.at_offset("+07:00".parse()?)?.to_string(), "2025-03-01T00:20:00+07:00");
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` if the date there lies outside the years 0000 … 9999.
    pub fn at_offset(self, offset: Offset) -> Result<Self, Error> {
        if offset == self.offset {
            return Ok(self);
        }
        let east = i32::from(offset.minutes).wrapping_sub(self.offset.minutes.into());
        let minutes = i32::from(self.minute).wrapping_add(east);
        let number = self.date.day_number().wrapping_add(minutes.div_euclid(1_440).into());
        let date = Date::from_day_number(number).ok_or(Fault::OutsideYears.error())?;
        let minute = u16::try_from(minutes.rem_euclid(1_440)).unwrap_or_default();
        Ok(Self { date, minute, offset, spelling: Spelling { zero: Zero::Plus, ..self.spelling }, ..self })
    }

    /// The same instant in a program's offset, if it states one (CV-5).
    ///
    /// # Errors
    /// As [`at_offset`](Self::at_offset).
    pub fn at_offset_of(self, offset: Option<Offset>) -> Result<Self, Error> {
        offset.map_or(Ok(self), |offset| self.at_offset(offset))
    }

    /// The local date.
    pub const fn date(&self) -> Date {
        self.date
    }

    /// The second as the wall clock shows it, 0 … 60.
    pub const fn second(&self) -> u8 {
        self.second
    }

    /// The offset it is written with.
    pub const fn offset(&self) -> Offset {
        self.offset
    }

    /// Nanoseconds after local midnight. Second 60 counts to the minute in which it is written: as its
    /// last instant.
    #[inline]
    pub(super) fn nanos_of_day(&self) -> u64 {
        let (second, nanos) = if self.second < 60 { (self.second, self.nanos) } else { (59, NANOS_A_SECOND.wrapping_sub(1)) };
        let seconds = u64::from(self.minute).wrapping_mul(60).wrapping_add(u64::from(second));
        seconds.wrapping_mul(NANOS_A_SECOND.into()).wrapping_add(nanos.into())
    }

    /// Nanoseconds from `earlier` to this instant, negative if it is later. Offsets are taken into account;
    /// second 60 is the next minute's 0.
    pub fn nanos_since(&self, earlier: &Self) -> i128 {
        self.instant_nanos().wrapping_sub(earlier.instant_nanos())
    }

    /// Nanoseconds since local midnight of 0000-03-01; second 60 is the next minute's 0.
    #[cfg(feature = "alloc")]
    #[doc(hidden)]
    pub fn local_nanos(&self) -> i128 {
        self.instant_nanos().wrapping_add(self.offset.nanos())
    }

    /// The time of such nanoseconds in an offset.
    #[cfg(feature = "alloc")]
    #[doc(hidden)]
    pub fn from_local_nanos(nanos: i128, offset: Offset) -> Result<Self, Error> {
        let second = i128::from(NANOS_A_SECOND);
        let since_epoch = nanos.wrapping_sub(offset.nanos()).div_euclid(second);
        let epoch_s = since_epoch.wrapping_sub(i128::from(EPOCH_DAY).wrapping_mul(SECONDS_A_DAY.into()));
        let time = Self::from_epoch(i64::try_from(epoch_s).map_err(|_| Fault::OutsideYears.error())?, offset)?;
        Ok(Self { nanos: u32::try_from(nanos.rem_euclid(second)).unwrap_or_default(), ..time })
    }

    /// Nanoseconds since 0000-03-01T00:00:00+00:00, to compare instants.
    #[doc(hidden)]
    pub fn instant_nanos(&self) -> i128 {
        let minutes = self.date.day_number().wrapping_mul(1_440).wrapping_add(self.minute.into()).wrapping_sub(self.offset.minutes.into());
        let seconds = minutes.wrapping_mul(60).wrapping_add(self.second.into());
        i128::from(seconds).wrapping_mul(NANOS_A_SECOND.into()).wrapping_add(self.nanos.into())
    }
}

impl CivilTime {
    fn write(&self, f: &mut fmt::Formatter<'_>, decimals: u8) -> fmt::Result {
        write!(f, "{}T{:02}:{:02}:{:02}", self.date, self.minute / 60, self.minute % 60, self.second)?;
        if decimals == 0 {
            return Ok(());
        }
        let unit = 10_u32.wrapping_pow(9_u8.wrapping_sub(decimals).into());
        let (fraction, width) = (self.nanos.checked_div(unit).unwrap_or_default(), usize::from(decimals));
        write!(f, ".{fraction:0width$}")
    }
}

impl fmt::Display for CivilTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, if self.nanos > 0 { 9 } else { 0 })?;
        self.offset.fmt(f)
    }
}

/// A time in its own spelling.
struct AsWritten(CivilTime);

impl fmt::Display for AsWritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(time) = self;
        time.write(f, time.spelling.decimals)?;
        match time.spelling.zero {
            Zero::Plus => time.offset.fmt(f),
            Zero::Minus => f.write_str("-00:00"),
            Zero::Letter => f.write_str("Z"),
        }
    }
}

impl FromStr for CivilTime {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut text = Text(text.as_bytes());
        let read = |text: &mut Text<'_>| {
            let date = text.date()?;
            let hour = text.mark(b'T').then(|| text.number(2))??;
            let minute = text.mark(b':').then(|| text.number(2))??;
            let second = text.mark(b':').then(|| text.number(2))??;
            let before = text.0.len();
            let nanos = if text.mark(b'.') { text.nanos()? } else { 0 };
            let decimals = u8::try_from(before.wrapping_sub(text.0.len()).saturating_sub(1)).ok()?;
            let zero = match text.0 {
                b"-00:00" => Zero::Minus,
                b"Z" => Zero::Letter,
                _ => Zero::Plus,
            };
            let offset = if text.mark(b'Z') { Offset::default() } else { text.offset()? };
            let [hour, minute, second] = [hour, minute, second].map(|part| u8::try_from(part).unwrap_or(u8::MAX));
            let time = Self::new(date, hour, minute, second, nanos, offset).ok().filter(|_| text.is_done())?;
            Some(Self { spelling: Spelling { decimals, zero }, ..time })
        };
        read(&mut text).ok_or(Fault::NotATime.error())
    }
}

/// A leap second stays one: `chrono` keeps it as second 59 with 10⁹ nanoseconds or more.
///
/// ```
/// use loyalty_rules::{calendar::CivilTime, tables::Digit};
///
/// let leap = chrono::DateTime::parse_from_rfc3339("2017-01-01T06:59:60+07:00").unwrap();
/// assert_eq!(Digit::lucky(&CivilTime::try_from(leap)?).get(), 0); // not 9
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[cfg(feature = "chrono")]
impl TryFrom<chrono::DateTime<chrono::FixedOffset>> for CivilTime {
    type Error = Error;

    fn try_from(time: chrono::DateTime<chrono::FixedOffset>) -> Result<Self, Error> {
        use chrono::{Datelike, Timelike};

        let refused = Fault::NotATime.error();
        let small = |part: u32| u8::try_from(part).map_err(|_| refused);
        let date = Date::new(u16::try_from(time.year()).map_err(|_| refused)?, small(time.month())?, small(time.day())?)?;
        let seconds_east = time.offset().local_minus_utc();
        if seconds_east % 60 != 0 {
            return Err(Fault::NotAnOffset.error());
        }
        let offset = Offset::from_minutes(i16::try_from(seconds_east / 60).map_err(|_| refused)?)?;
        let (second, nanos) = match time.nanosecond().checked_sub(NANOS_A_SECOND) {
            Some(nanos) => (time.second().wrapping_add(1), nanos),
            None => (time.second(), time.nanosecond()),
        };
        Self::new(date, small(time.hour())?, small(time.minute())?, small(second)?, nanos, offset)
    }
}

/// Text that is read from its front.
pub(super) struct Text<'a>(pub(super) &'a [u8]);

impl Text<'_> {
    pub(super) fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes one mark if it stands next.
    pub(super) fn mark(&mut self, mark: u8) -> bool {
        match self.0.split_first() {
            Some((&first, rest)) if first == mark => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn digit(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        let digit = first.is_ascii_digit().then(|| first.wrapping_sub(b'0'))?;
        self.0 = rest;
        Some(digit)
    }

    /// A number of exactly so many digits, at most four.
    pub(super) fn number(&mut self, digits: u8) -> Option<u16> {
        (0..digits).try_fold(0_u16, |sum, _| Some(sum.wrapping_mul(10).wrapping_add(u16::from(self.digit()?))))
    }

    /// One to nine decimals of a second.
    fn nanos(&mut self) -> Option<u32> {
        let mut nanos = u32::from(self.digit()?);
        for _ in 1..9 {
            let digit = self.digit().unwrap_or(0);
            nanos = nanos.wrapping_mul(10).wrapping_add(u32::from(digit));
        }
        Some(nanos)
    }

    fn date(&mut self) -> Option<Date> {
        let year = self.number(4)?;
        let month = self.mark(b'-').then(|| self.number(2))??;
        let day = self.mark(b'-').then(|| self.number(2))??;
        Date::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?).ok()
    }

    fn time_of_day(&mut self) -> Option<TimeOfDay> {
        let hour = self.number(2)?;
        let minute = self.mark(b':').then(|| self.number(2))??;
        let second = if self.mark(b':') { self.number(2)? } else { 0 };
        (hour < 24 && minute < 60 && second < 60).then(|| {
            TimeOfDay(u32::from(hour).wrapping_mul(3_600).wrapping_add(u32::from(minute).wrapping_mul(60)).wrapping_add(u32::from(second)))
        })
    }

    fn offset(&mut self) -> Option<Offset> {
        let east = self.mark(b'+');
        let west = !east && self.mark(b'-');
        let hours = (east || west).then(|| self.number(2))??;
        let minutes = self.mark(b':').then(|| self.number(2))??;
        let minutes = (hours < 24 && minutes < 60).then(|| hours.wrapping_mul(60).wrapping_add(minutes))?;
        let minutes = i16::try_from(minutes).ok()?;
        Offset::from_minutes(if west { minutes.wrapping_neg() } else { minutes }).ok()
    }
}
