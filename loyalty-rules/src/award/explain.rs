use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::outcome::Award;
use super::quote::{Promise, Quote};
use super::texts::Language;
use crate::quantity::{ForPeople, Rupiah};

/// The columns of a slip on 58 mm paper.
pub const SLIP_COLUMNS: usize = 32;

impl Award {
    /// The award in one line, for a phone.
    ///
    /// ```
    /// use loyalty_rules::award::{Counters, Language, Merchant, Play, Program, Receipt, Shopper, Terms, decide};
    /// use loyalty_rules::quantity::Rupiah;
    /// use loyalty_rules::tables::{Digit, TableName};
    ///
    /// let program = Program::new(Terms::new(TableName::parse("stopwatch/below_15/plus")?))?;
    /// let receipt = Receipt::new(Rupiah::new(250_000)?).with(Play::Digit(Digit::new(5)?));
    /// let award = decide(&program, &receipt, &Shopper::default(), &Merchant::default(), &Counters::default())?;
    /// assert_eq!(award.line(Language::Indonesian), "Voucher penuh: Rp15.000 (6% x Rp250.000), 15 poin");
    /// assert_eq!(award.slip(receipt.total, Language::English)[0], "Purchase               Rp250.000");
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn line(&self, language: Language) -> String {
        let mut line = self.said(language).to_string();
        if !self.reason().is_award() {
            return line;
        }
        let (value, rate, base) = (ForPeople(self.value()), ForPeople(self.rate()), ForPeople(self.base()));
        let points = ForPeople(self.points());
        line =
            if self.is_by_steps() { format!("{line}: {points} ({value})") } else { format!("{line}: {value} ({rate} x {base}), {points}") };
        for cap in self.caps().iter() {
            line = format!("{line}; {}", cap.text(language));
        }
        line
    }

    /// The reason in words; what steps of a purchase give is no voucher's rate.
    fn said(&self, language: Language) -> &'static str {
        if self.is_by_steps() && self.reason().is_award() {
            language.pick("Poin belanja", "Points of the purchase")
        } else {
            self.reason().text(language)
        }
    }

    /// The award as a slip of 32 columns, for a purchase of `total`.
    pub fn slip(&self, total: Rupiah, language: Language) -> Vec<String> {
        let mut slip = Vec::new();
        row(&mut slip, language.pick("Belanja", "Purchase"), &ForPeople(total).to_string());
        if self.base() != total {
            row(&mut slip, language.pick("Dihitung", "Counted"), &ForPeople(self.base()).to_string());
        }
        if self.reason().is_award() {
            if !self.is_by_steps() {
                row(&mut slip, language.pick("Tarif", "Rate"), &ForPeople(self.rate()).to_string());
            }
            row(
                &mut slip,
                if self.is_by_steps() { language.pick("Nilai", "Value") } else { "Voucher" },
                &ForPeople(self.value()).to_string(),
            );
            row(&mut slip, language.pick("Poin", "Points"), &ForPeople(self.points()).to_string());
        }
        wrap(&mut slip, self.said(language));
        for cap in self.caps().iter().filter(|_| self.reason().is_award()) {
            wrap(&mut slip, cap.text(language));
        }
        slip
    }
}

impl Quote {
    /// What the shopper may be told, a sentence for each promise.
    pub fn lines(&self, language: Language) -> Vec<String> {
        self.promises().map(|promise| promise.line(language)).collect()
    }
}

impl Promise {
    /// The promise as a sentence.
    pub fn line(&self, language: Language) -> String {
        match *self {
            Self::Spend { missing, value, is_full } => {
                let (missing, value) = (ForPeople(missing), ForPeople(value));
                match language {
                    Language::Indonesian if is_full => format!("Tambah belanja {missing} untuk voucher penuh {value}."),
                    Language::English if is_full => format!("Spend {missing} more for the full voucher of {value}."),
                    Language::Indonesian => format!("Tambah belanja {missing} untuk voucher {value}."),
                    Language::English => format!("Spend {missing} more for a voucher of {value}."),
                }
            }
            Self::SpendAndPlay { missing, worst, best } => {
                let (missing, value) = (ForPeople(missing), span(worst, best, language));
                match language {
                    Language::Indonesian => format!("Tambah belanja {missing} untuk main stopwatch: voucher {value}."),
                    Language::English => format!("Spend {missing} more to play the stopwatch: a voucher of {value}."),
                }
            }
            Self::Play { worst, best } => {
                let ([high, low], [top, bottom]) = ([best, worst].map(|it| it.digit.get()), [best, worst].map(|it| ForPeople(it.value)));
                match language {
                    Language::Indonesian if top == bottom => format!("Setiap angka: {top}."),
                    Language::English if top == bottom => format!("Every digit: {top}."),
                    Language::Indonesian => format!("Angka {high}: {top}; angka {low}: {bottom}."),
                    Language::English => format!("Digit {high}: {top}; digit {low}: {bottom}."),
                }
            }
            Self::Wait { slot, from_minute, rate, minimum, .. } => {
                let (slot, rate) = (slot.get(), ForPeople(rate));
                let time = from_minute.map(|minute| format!("{:02}:{:02}", minute / 60, minute % 60));
                let when = match (language, time) {
                    (Language::Indonesian, Some(time)) => format!("Pukul {time}"),
                    (Language::Indonesian, None) => format!("Pada slot {slot}"),
                    (Language::English, Some(time)) => format!("At {time}"),
                    (Language::English, None) => format!("In slot {slot}"),
                };
                match (language, minimum.map(ForPeople)) {
                    (Language::Indonesian, Some(least)) => format!("{when} voucher {rate}, belanja minimal {least}."),
                    (Language::Indonesian, None) => format!("{when} tarif menjadi {rate}."),
                    (Language::English, Some(least)) => format!("{when} a voucher of {rate}, minimum purchase {least}."),
                    (Language::English, None) => format!("{when} the rate becomes {rate}."),
                }
            }
        }
    }
}

/// From one amount to another, or the one if they are the same.
fn span(from: Rupiah, to: Rupiah, language: Language) -> String {
    let [low, high] = [from, to].map(ForPeople);
    if from == to { low.to_string() } else { format!("{low} {} {high}", language.pick("sampai", "to")) }
}

/// A label at the left and a number at the right; two lines if they do not fit in one.
fn row(slip: &mut Vec<String>, label: &str, number: &str) {
    let rest = SLIP_COLUMNS.saturating_sub(label.chars().count());
    if number.chars().count() < rest {
        slip.push(format!("{label}{number:>rest$}"));
    } else {
        slip.push(label.to_string());
        slip.push(format!("{number:>SLIP_COLUMNS$}"));
    }
}

/// Words in lines of at most 32 columns.
fn wrap(slip: &mut Vec<String>, text: &str) {
    let mut line = String::new();
    for word in text.split(' ') {
        let longer = if line.is_empty() { word.to_string() } else { format!("{line} {word}") };
        if longer.chars().count() > SLIP_COLUMNS && !line.is_empty() {
            slip.push(line);
            line = word.to_string();
        } else {
            line = longer;
        }
    }
    slip.push(line);
}
