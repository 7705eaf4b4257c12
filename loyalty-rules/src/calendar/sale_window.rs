use super::civil_time::SECONDS_A_DAY;
use super::{CivilTime, Date, TimeOfDay};
use crate::error::{Error, Fault, Field};

const NANOS_A_TENTH: u64 = 100_000_000;
const NANOS_A_DAY: u64 = 86_400_000_000_000;
const TENTHS_A_DAY: u32 = 864_000;
const TEN_HOURS: u32 = 36_000;

/// The selling day, cut in ten slots (TA-1, TA-2).
///
/// ```
/// use loyalty_rules::calendar::SaleWindow;
///
/// let night = SaleWindow::between("22:00".parse()?, "06:00".parse()?); // 48 minutes a slot
/// let at = "2025-03-02T00:00:00+07:00".parse()?;
/// assert_eq!(night.slot(&at), Some(3));
/// assert_eq!(night.selling_day(&at)?.to_string(), "2025-03-01"); // the date of opening
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SaleWindow {
    open: TimeOfDay,
    /// The end of each slot, in tenths of a second after opening: a tenth of a window of whole seconds
    /// is a whole number of them, so that equal slots are exact.
    ends: [u32; 10],
}

impl SaleWindow {
    /// Ten hours from opening, one hour each (TA-1).
    pub fn from_opening(open: TimeOfDay) -> Self {
        Self::cut(open, TEN_HOURS)
    }

    /// From opening to closing, cut in ten equal slots; equal times mean 24 hours.
    pub fn between(open: TimeOfDay, close: TimeOfDay) -> Self {
        Self::cut(
            open,
            match seconds_from(open, close) {
                0 => SECONDS_A_DAY,
                length => length,
            },
        )
    }

    /// Ten slots between eleven boundaries, read forward from the first; the last may equal the first
    /// (24 hours).
    ///
    /// # Errors
    /// `bad_window` if two neighbours are equal or the boundaries run over more than 24 hours.
    pub fn from_boundaries(boundaries: &[TimeOfDay; 11]) -> Result<Self, Error> {
        let [open, rest @ ..] = boundaries;
        let (mut previous, mut end) = (*open, 0_u32);
        let mut ends = [0; 10];
        for (index, (slot_end, boundary)) in ends.iter_mut().zip(rest).enumerate() {
            let entry = Field::entry("boundaries", index.wrapping_add(1));
            match seconds_from(previous, *boundary) {
                0 => return Err(Fault::EqualBoundaries.error().at(entry)),
                length => end = end.wrapping_add(length),
            }
            if end > SECONDS_A_DAY {
                return Err(Fault::WindowOverlaps.error().at(entry));
            }
            *slot_end = end.wrapping_mul(10);
            previous = *boundary;
        }
        Ok(Self { open: *open, ends })
    }

    fn cut(open: TimeOfDay, seconds: u32) -> Self {
        let mut ends = [0; 10];
        let mut end = 0_u32;
        for slot_end in &mut ends {
            end = end.wrapping_add(seconds);
            *slot_end = end;
        }
        Self { open, ends }
    }

    /// The time of opening.
    pub const fn open(&self) -> TimeOfDay {
        self.open
    }

    /// The end of each slot, in tenths of a second after opening.
    pub const fn ends_tenths(&self) -> [u32; 10] {
        self.ends
    }

    /// A window of slots that end so many tenths of a second after opening.
    ///
    /// # Errors
    /// `bad_window` unless they rise strictly over at most 24 hours.
    pub fn from_ends_tenths(open: TimeOfDay, ends: [u32; 10]) -> Result<Self, Error> {
        let mut previous = 0;
        for end in ends {
            if end <= previous {
                return Err(Fault::EqualBoundaries.error());
            }
            previous = end;
        }
        if previous > TENTHS_A_DAY { Err(Fault::WindowOverlaps.error()) } else { Ok(Self { open, ends }) }
    }

    /// The slot 1 … 10 of an instant, by the time of day in the offset it is written with; `None` before
    /// opening and from the closing instant on.
    pub fn slot(&self, at: &CivilTime) -> Option<u8> {
        let elapsed = self.elapsed_nanos(at);
        let ended = self.ends.iter().filter(|&&end| u64::from(end).wrapping_mul(NANOS_A_TENTH) <= elapsed).count();
        u8::try_from(ended).ok().filter(|&ended| ended < 10).map(|ended| ended.wrapping_add(1))
    }

    /// Whether the day's opening is still ahead of an instant.
    pub fn opens_after(&self, at: &CivilTime) -> bool {
        at.nanos_of_day() < self.open_nanos()
    }

    /// When the slot of a column 0 … 9 starts, in tenths of a second after midnight, below a day.
    pub fn start_tenths(&self, column: u8) -> u32 {
        let before = usize::from(column).checked_sub(1).and_then(|before| self.ends.get(before));
        let open = self.open.seconds().wrapping_mul(10);
        open.wrapping_add(before.copied().unwrap_or_default()) % TENTHS_A_DAY
    }

    /// The first whole minute of the day in the slot of a column 0 … 9; `None` for a slot without one.
    pub(crate) fn first_minute(&self, column: u8) -> Option<u16> {
        const TENTHS_A_MINUTE: u32 = 600;
        let start = self.start_tenths(column);
        let minute = start.div_ceil(TENTHS_A_MINUTE);
        let late = minute.wrapping_mul(TENTHS_A_MINUTE).wrapping_sub(start);
        let before = usize::from(column).checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        let end = self.ends.get(usize::from(column)).copied().unwrap_or_default();
        u16::try_from(minute % 1_440).ok().filter(|_| before.wrapping_add(late) < end)
    }

    /// The date of a minute of the selling day that opened on a date.
    pub(crate) fn date_of(&self, day: Date, minute: u16) -> Result<Date, Error> {
        if u32::from(minute).wrapping_mul(60) < self.open.seconds() { day.plus_days(1) } else { Ok(day) }
    }

    /// The date on which the selling day of an instant opened.
    ///
    /// # Errors
    /// `out_of_range` before 0000-01-01.
    pub fn selling_day(&self, at: &CivilTime) -> Result<Date, Error> {
        if at.nanos_of_day() < self.open_nanos() { at.date().previous() } else { Ok(at.date()) }
    }

    fn open_nanos(&self) -> u64 {
        u64::from(self.open.seconds()).wrapping_mul(NANOS_A_TENTH).wrapping_mul(10)
    }

    /// Nanoseconds since the last opening time, below a day.
    fn elapsed_nanos(&self, at: &CivilTime) -> u64 {
        let (now, open) = (at.nanos_of_day(), self.open_nanos());
        if now >= open { now.wrapping_sub(open) } else { now.wrapping_add(NANOS_A_DAY).wrapping_sub(open) }
    }
}

/// Seconds forward from one time of day to another, below a day.
const fn seconds_from(from: TimeOfDay, to: TimeOfDay) -> u32 {
    let (from, to) = (from.seconds(), to.seconds());
    if to >= from { to.wrapping_sub(from) } else { to.wrapping_add(SECONDS_A_DAY).wrapping_sub(from) }
}
