use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::outcome::Award;
use super::quote::Quote;
use super::reason::Reason;
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
        let mut line = self.reason().text(language).to_string();
        if !self.reason().is_award() {
            return line;
        }
        let (value, rate, base) = (ForPeople(self.value()), ForPeople(self.rate()), ForPeople(self.base()));
        line = format!("{line}: {value} ({rate} x {base}), {}", ForPeople(self.points()));
        for cap in self.caps().iter() {
            line = format!("{line}; {}", cap.text(language));
        }
        line
    }

    /// The award as a slip of 32 columns, for a purchase of `total`.
    pub fn slip(&self, total: Rupiah, language: Language) -> Vec<String> {
        let mut slip = Vec::new();
        row(&mut slip, language.pick("Belanja", "Purchase"), &ForPeople(total).to_string());
        if self.base() != total {
            row(&mut slip, language.pick("Dihitung", "Counted"), &ForPeople(self.base()).to_string());
        }
        if self.reason().is_award() {
            row(&mut slip, language.pick("Tarif", "Rate"), &ForPeople(self.rate()).to_string());
            row(&mut slip, "Voucher", &ForPeople(self.value()).to_string());
            row(&mut slip, language.pick("Poin", "Points"), &ForPeople(self.points()).to_string());
        }
        wrap(&mut slip, self.reason().text(language));
        for cap in self.caps().iter().filter(|_| self.reason().is_award()) {
            wrap(&mut slip, cap.text(language));
        }
        slip
    }
}

impl Quote {
    /// What the shopper may be told, a sentence each.
    pub fn lines(&self, language: Language) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(at_quota) = self.at_quota.filter(|award| award.reason().is_award()) {
            let (missing, value) = (ForPeople(self.missing), ForPeople(at_quota.value()));
            lines.push(match language {
                Language::Indonesian => format!("Tambah belanja {missing} untuk voucher penuh {value}."),
                Language::English => format!("Spend {missing} more for the full voucher of {value}."),
            });
        } else if self.missing > Rupiah::ZERO {
            let missing = ForPeople(self.missing);
            lines.push(match language {
                Language::Indonesian => format!("Tambah belanja {missing} untuk mencapai kuota."),
                Language::English => format!("Spend {missing} more to reach the minimum."),
            });
        }
        // Later slots change nothing for whom the table's rates are not.
        let is_for_table = !matches!(
            self.now.reason(),
            Reason::Suspended | Reason::NotActive | Reason::Paused | Reason::ZeroAmount | Reason::NotEligible | Reason::Intro
        );
        if let Some(next) = self.next.filter(|_| is_for_table) {
            let rate = ForPeople(next.rate);
            let minutes = next.starts_at_tenths.map(|tenths| tenths.div_ceil(600) % 1_440);
            let time = minutes.map(|minutes| format!("{:02}:{:02}", minutes / 60, minutes % 60));
            lines.push(match (language, time) {
                (Language::Indonesian, Some(time)) => format!("Pukul {time} tarif menjadi {rate}."),
                (Language::Indonesian, None) => format!("Pada slot {} tarif menjadi {rate}.", next.slot.get()),
                (Language::English, Some(time)) => format!("At {time} the rate becomes {rate}."),
                (Language::English, None) => format!("In slot {} the rate becomes {rate}.", next.slot.get()),
            });
        }
        if let (Some(best), Some(worst)) = (self.best, self.worst) {
            let ([high, low], [top, bottom]) = ([best, worst].map(|it| it.digit.get()), [best, worst].map(|it| ForPeople(it.value)));
            let sentence = match language {
                _ if best.value.is_zero() => None,
                Language::Indonesian if top == bottom => Some(format!("Setiap angka: {top}.")),
                Language::English if top == bottom => Some(format!("Every digit: {top}.")),
                Language::Indonesian => Some(format!("Angka {high}: {top}; angka {low}: {bottom}.")),
                Language::English => Some(format!("Digit {high}: {top}; digit {low}: {bottom}.")),
            };
            lines.extend(sentence);
        }
        lines
    }
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
