//! Civil times with an offset, days, and times of day (CV-5).

use crate::fields::{Answer, Fraction, Int, fraction, int, refuse};

/// A calendar date.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    pub year: i64,
    pub month: i64,
    pub day: i64,
}

/// A written time: the fields as they stand in the text.
pub struct Moment {
    pub date: Date,
    hour: i64,
    minute: i64,
    pub second: i64,
    /// The fraction of the second.
    part: Fraction,
    offset_minutes: i64,
}

const BAD: &str = "bad_time";

fn leap(year: i64) -> bool {
    year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Exactly `count` decimal digits at the front of `rest`, taken off it.
fn digits(rest: &mut &str, count: usize) -> Answer<i64> {
    let Some(head) = rest.get(..count) else {
        return refuse(BAD);
    };
    if !head.bytes().all(|b| b.is_ascii_digit()) {
        return refuse(BAD);
    }
    *rest = &rest[count..];
    Ok(head.parse().expect("few digits"))
}

fn literal(rest: &mut &str, expected: &str) -> Answer<()> {
    match rest.strip_prefix(expected) {
        Some(tail) => {
            *rest = tail;
            Ok(())
        }
        None => refuse(BAD),
    }
}

fn up_to(n: i64, most: i64) -> Answer<i64> {
    if n > most { refuse(BAD) } else { Ok(n) }
}

fn take_date(rest: &mut &str) -> Answer<Date> {
    let year = digits(rest, 4)?;
    literal(rest, "-")?;
    let month = digits(rest, 2)?;
    literal(rest, "-")?;
    let day = digits(rest, 2)?;
    if !(1..=12).contains(&month) || day < 1 || day > month_length(year, month) {
        return refuse(BAD);
    }
    Ok(Date { year, month, day })
}

fn finished(rest: &str) -> Answer<()> {
    if rest.is_empty() { Ok(()) } else { refuse(BAD) }
}

/// `YYYY-MM-DD`.
pub fn read_date(text: &str) -> Answer<Date> {
    let mut rest = text;
    let date = take_date(&mut rest)?;
    finished(rest)?;
    Ok(date)
}

fn take_offset(rest: &mut &str) -> Answer<i64> {
    let sign = if rest.starts_with('-') { -1 } else { 1 };
    literal(rest, if sign == 1 { "+" } else { "-" })?;
    let hours = up_to(digits(rest, 2)?, 23)?;
    literal(rest, ":")?;
    let minutes = up_to(digits(rest, 2)?, 59)?;
    Ok(sign * (hours * 60 + minutes))
}

/// `±HH:MM`.
pub fn check_offset(text: &str) -> Answer<()> {
    let mut rest = text;
    take_offset(&mut rest)?;
    finished(rest)
}

/// `YYYY-MM-DDTHH:MM:SS[.f]±HH:MM`.
pub fn read_moment(text: &str) -> Answer<Moment> {
    let mut rest = text;
    let date = take_date(&mut rest)?;
    literal(&mut rest, "T")?;
    let hour = up_to(digits(&mut rest, 2)?, 23)?;
    literal(&mut rest, ":")?;
    let minute = up_to(digits(&mut rest, 2)?, 59)?;
    literal(&mut rest, ":")?;
    let second = up_to(digits(&mut rest, 2)?, 60)?;
    let mut part = fraction(&int(0));
    if rest.starts_with('.') {
        literal(&mut rest, ".")?;
        let count = rest.bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 || count > 9 {
            return refuse(BAD);
        }
        let numerator = digits(&mut rest, count)?;
        part = Fraction::new(int(numerator), int(10_i64.pow(count as u32)));
    }
    let offset_minutes = take_offset(&mut rest)?;
    finished(rest)?;
    Ok(Moment { date, hour, minute, second, part, offset_minutes })
}

/// A date, or a date with a time to the minute or second, without an offset:
/// seconds since the start of year 0 (AW-11).
pub fn read_local(text: &str) -> Answer<i64> {
    let mut rest = text;
    let date = take_date(&mut rest)?;
    let mut seconds = days_before(&date) * 86_400;
    if !rest.is_empty() {
        literal(&mut rest, "T")?;
        seconds += seconds_of_day(rest)?;
    }
    Ok(seconds)
}

/// `HH:MM` or `HH:MM:SS` as seconds since midnight.
pub fn seconds_of_day(text: &str) -> Answer<i64> {
    let mut rest = text;
    let hour = up_to(digits(&mut rest, 2)?, 23)?;
    literal(&mut rest, ":")?;
    let minute = up_to(digits(&mut rest, 2)?, 59)?;
    let mut second = 0;
    if !rest.is_empty() {
        literal(&mut rest, ":")?;
        second = up_to(digits(&mut rest, 2)?, 59)?;
    }
    finished(rest)?;
    Ok(hour * 3600 + minute * 60 + second)
}

/// Days from the first day of year 0 to this date, counted year by year.
fn days_before(date: &Date) -> i64 {
    let mut days = 0;
    for year in 0..date.year {
        days += if leap(year) { 366 } else { 365 };
    }
    for month in 1..date.month {
        days += month_length(date.year, month);
    }
    days + date.day - 1
}

/// The calendar day before; the calendar starts with year 0.
pub fn day_before(date: &Date) -> Answer<Date> {
    let Date { year, month, day } = *date;
    if day > 1 {
        Ok(Date { year, month, day: day - 1 })
    } else if month > 1 {
        Ok(Date { year, month: month - 1, day: month_length(year, month - 1) })
    } else if year > 0 {
        Ok(Date { year: year - 1, month: 12, day: 31 })
    } else {
        refuse("out_of_range")
    }
}

impl Date {
    pub fn write(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Moment {
    /// Seconds since an arbitrary common instant. Second 60 is the next
    /// minute's second 0 here.
    pub fn instant(&self) -> Fraction {
        let whole = days_before(&self.date) * 86_400 + self.hour * 3600 + self.minute * 60 + self.second - self.offset_minutes * 60;
        fraction(&int(whole)) + &self.part
    }

    /// Seconds since local midnight for the slots, where second 60 stays in
    /// the minute in which it is written, at its very end.
    pub fn time_of_day(&self) -> Fraction {
        let minute = self.hour * 3600 + self.minute * 60;
        if self.second == 60 {
            let last = Fraction::new(int(59_999_999_999), int(1_000_000_000));
            return fraction(&int(minute)) + last;
        }
        fraction(&int(minute + self.second)) + &self.part
    }
}

/// Truncation toward zero.
pub fn toward_zero(n: &Fraction) -> Int {
    n.trunc().to_integer()
}
