//! Civil times with an offset, days, and times of day (CV-5).

use crate::fields::{Answer, Fields, Fraction, Int, fraction, int, refuse};
use serde_json::{Value, json};

/// A calendar date.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    pub year: i64,
    pub month: i64,
    pub day: i64,
}

/// A written time: the fields as they stand in the text.
#[derive(Clone)]
pub struct Moment {
    pub date: Date,
    hour: i64,
    minute: i64,
    pub second: i64,
    /// The fraction of the second.
    part: Fraction,
    pub offset_minutes: i64,
}

const BAD: &str = "bad_time";

fn leap(year: i64) -> bool {
    year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
}

pub fn month_length(year: i64, month: i64) -> i64 {
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

/// `YYYY-MM`: year and month.
pub fn read_month(text: &str) -> Answer<(i64, i64)> {
    let first = read_date(&format!("{text}-01"))?;
    Ok((first.year, first.month))
}

fn take_offset(rest: &mut &str) -> Answer<i64> {
    let sign = if rest.starts_with('-') { -1 } else { 1 };
    literal(rest, if sign == 1 { "+" } else { "-" })?;
    let hours = up_to(digits(rest, 2)?, 23)?;
    literal(rest, ":")?;
    let minutes = up_to(digits(rest, 2)?, 59)?;
    Ok(sign * (hours * 60 + minutes))
}

/// `±HH:MM` as minutes east.
pub fn read_offset(text: &str) -> Answer<i64> {
    let mut rest = text;
    let minutes = take_offset(&mut rest)?;
    finished(rest)?;
    Ok(minutes)
}

/// Minutes east as `±HH:MM`; zero is `+00:00`.
pub fn write_offset(minutes: i64) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let size = minutes.abs();
    format!("{sign}{:02}:{:02}", size / 60, size % 60)
}

/// `YYYY-MM-DDTHH:MM:SS[.f]±HH:MM`; `Z` is `+00:00`.
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
    let offset_minutes = match rest.strip_prefix('Z') {
        Some(tail) => {
            rest = tail;
            0
        }
        None => take_offset(&mut rest)?,
    };
    finished(rest)?;
    Ok(Moment { date, hour, minute, second, part, offset_minutes })
}

impl Moment {
    /// The same instant, as a clock at another offset writes it (CV-5).
    pub fn at_offset(&self, offset_minutes: i64) -> Answer<Self> {
        let minutes = days_before(&self.date) * 1440 + self.hour * 60 + self.minute - self.offset_minutes + offset_minutes;
        let days = minutes.div_euclid(1440);
        if days < 0 || date_after(days).year > 9999 {
            return refuse("out_of_range");
        }
        let minute_of_day = minutes.rem_euclid(1440);
        Ok(Self { date: date_after(days), hour: minute_of_day / 60, minute: minute_of_day % 60, offset_minutes, ..self.clone() })
    }
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

/// Such a time written again, as short as it goes.
pub fn write_local(seconds: i64) -> String {
    let date = date_after(seconds / 86_400).write();
    match seconds % 86_400 {
        0 => date,
        second => format!("{date}T{}", write_time_of_day(second)),
    }
}

/// `HH:MM`, or `HH:MM:SS` where there are seconds.
pub fn write_time_of_day(second: i64) -> String {
    let minutes = format!("{:02}:{:02}", second / 3600, second / 60 % 60);
    if second % 60 == 0 { minutes } else { format!("{minutes}:{:02}", second % 60) }
}

/// The date so many days after the first day of year 0, counted year by year.
pub fn date_after(days: i64) -> Date {
    let mut left = days;
    let mut year = 0;
    loop {
        let length = if leap(year) { 366 } else { 365 };
        if left < length {
            break;
        }
        left -= length;
        year += 1;
    }
    let mut month = 1;
    while left >= month_length(year, month) {
        left -= month_length(year, month);
        month += 1;
    }
    Date { year, month, day: left + 1 }
}

/// The clock of an offset at a count of seconds since 1970.
pub fn civil(input: &Value) -> Answer<Value> {
    let fields = Fields::open(input, &["epoch_s", "offset"])?;
    let epoch = fields.signed("epoch_s")?;
    let offset = read_offset(fields.text("offset")?)?;
    let start = days_before(&Date { year: 1970, month: 1, day: 1 }) * 86_400;
    let end = (days_before(&Date { year: 9999, month: 12, day: 31 }) + 1) * 86_400;
    let local = epoch + int(start + offset * 60);
    if local < int(0) || local >= int(end) {
        return refuse("out_of_range");
    }
    let local = i64::try_from(local).expect("inside ten thousand years");
    let second = local % 86_400;
    let date = date_after(local / 86_400).write();
    let time = format!("{date}T{:02}:{:02}:{:02}{}", second / 3600, second / 60 % 60, second % 60, write_offset(offset));
    Ok(json!({ "time": time }))
}

/// Days from the first day of year 0 to this date, counted year by year.
pub fn days_before(date: &Date) -> i64 {
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

    /// The same moment written again: nine decimals or none.
    pub fn write(&self) -> String {
        let nanoseconds = (&self.part * fraction(&int(1_000_000_000))).to_integer();
        let decimals = if nanoseconds == int(0) { String::new() } else { format!(".{nanoseconds:0>9}") };
        let clock = format!("{:02}:{:02}:{:02}{decimals}", self.hour, self.minute, self.second);
        format!("{}T{clock}{}", self.date.write(), write_offset(self.offset_minutes))
    }

    /// The same instant at an offset, if one is stated (CV-5).
    pub fn at(&self, offset_minutes: Option<i64>) -> Answer<Self> {
        offset_minutes.map_or_else(|| Ok(self.clone()), |minutes| self.at_offset(minutes))
    }

    /// Seconds since the start of year 0 on the shop's own clock.
    pub fn local(&self) -> Fraction {
        fraction(&int(days_before(&self.date) * 86_400)) + self.time_of_day()
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
