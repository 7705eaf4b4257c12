//! What the merchant sees. Numbers are written the Indonesian way.

use loyalty_rules::award::{Cap, Cell, Kept, Language, Reason};
use loyalty_rules::quantity::{ForPeople, Points, Rupiah};
use loyalty_rules::tables::{Column, DigitCounts, Mechanism};

use super::draws::{Draws, KEY};
use super::quotes::Told;
use super::rating::{Bar, Case, DAY_BUDGET, Explained, FIRST_N, QUOTA, Tally};
use super::receipts::Receipt;
use super::refunds::Refunds;
use crate::sh::Outcome;

/// Thousands by dots: 155.848.
pub fn number(number: impl Into<i128>) -> String {
    let number = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

pub fn rp(rupiah: i64) -> String {
    Rupiah::new(rupiah).map_or_else(|refused| refused.to_string(), |rupiah| ForPeople(rupiah).to_string())
}

/// Basis points as percent: 525 is 5,25 %.
pub fn percent(bp: impl Into<i128>) -> String {
    let bp = bp.into();
    format!("{},{:02} %", number(bp / 100), bp.rem_euclid(100))
}

/// part ÷ whole in percent, rounded down to hundredths of a basis point: exact integers, no float.
fn ratio(part: i64, whole: i64) -> String {
    match (i128::from(part) * 1_000_000).checked_div(whole.into()) {
        Some(hundredths) => format!("{},{:04} %", number(hundredths / 10_000), hundredths % 10_000),
        None => "–".into(),
    }
}

fn points(points: Points) -> String {
    let milli = points.milli();
    format!("{},{:03}", number(milli / 1_000), milli % 1_000)
}

pub fn print(case: &Case, tally: &Tally, receipts: &[Receipt]) {
    let mechanism = case.table.mechanism();
    say!("━━ {} {}", case.table, "━".repeat(96_usize.saturating_sub(case.table.to_string().len())));
    let first_n = match mechanism {
        Mechanism::Stopwatch | Mechanism::Flat | Mechanism::Points => String::new(),
        Mechanism::TimeAuction => format!(", the first {FIRST_N} of a slot, then standby"),
    };
    say!("   quota {}; at most {} a day and shop{first_n}\n", rp(QUOTA), rp(DAY_BUDGET));

    let count = |reason: Reason| tally.reasons.get(reason.name()).copied().unwrap_or_default();
    let given = |standby: bool| Reason::ALL.iter().copied().filter(move |reason| reason.is_award() && (*reason != Reason::Full) == standby);
    let line = |name: &str, count: u64, note: &str| count_line(name, count, receipts.len(), note);
    line("receipts", u64::try_from(receipts.len()).unwrap_or_default(), &format!("{} bought", rp(tally.bought)));
    line("full", count(Reason::Full), "");
    line("standby", given(true).map(count).sum(), "");
    for reason in given(true).filter(|reason| count(*reason) > 0) {
        line(&format!("  {}", reason.name()), count(reason), "");
    }
    let none = || Reason::ALL.iter().copied().filter(|reason| !reason.is_award());
    line("none", none().map(count).sum(), "");
    for reason in none().filter(|reason| count(*reason) > 0) {
        line(&format!("  {}", reason.name()), count(reason), "");
    }

    let profit = i128::from(tally.bought) * i128::from(case.margin_bp) / 10_000;
    let profit = i64::try_from(profit).unwrap_or_default();
    say!("\n   vouchers      {}; the day budget cut {}", rp(tally.vouchers), number(tally.cut));
    say!("   mean rate     {} of {} bought on awarded receipts", ratio(tally.vouchers, tally.awarded_on), rp(tally.awarded_on));
    say!("   highest rate  {}", percent(tally.highest.bp()));
    say!(
        "   cost          {} of a gross profit of {} (stated margin {})",
        ratio(tally.vouchers, profit),
        rp(profit),
        percent(case.margin_bp)
    );
    let [producer, retailer, operator] = tally.parts;
    say!("   who pays      producer {}, retailer {}, operator {} (BN-2)", rp(producer), rp(retailer), rp(operator));
    say!("   for the shop  {} of its gross profit, as the others pay their parts", ratio(retailer, profit));

    say!("\n   {:<8}{:>9}{:>10}{:>17}", column_word(mechanism), "rate", "receipts", "vouchers");
    let most = tally.bars.iter().map(|bar| bar.vouchers).max().unwrap_or_default();
    for (column, bar) in Column::all().map(Some).chain([None]).zip(&tally.bars) {
        if column.is_some() || bar.receipts > 0 {
            say!("{}", histogram_line(case, column, bar, most));
        }
    }
    say!();
    for explained in &tally.explained {
        if let Some(receipt) = receipts.get(explained.index) {
            explain(case, explained, receipt);
        }
    }
}

fn count_line(name: &str, count: u64, all: usize, note: &str) {
    say!("{}", format!("   {name:<26}{:>12}{:>14}   {note}", number(count), share(count, all)).trim_end());
}

pub fn print_refunds(refunds: &Refunds) {
    let all = |count: u64| usize::try_from(count).unwrap_or_default();
    say!("   Every tenth receipt goes back line by line: all its lines but the last, or its only one.");
    say!("   Coupons earned nothing, so a refund ends at the total less them: {} did.\n", number(refunds.ended_by_base));
    let note = format!("{} refunded, {} lines", rp(refunds.refunded), number(refunds.lines));
    count_line("receipts refunded", refunds.receipts, all(refunds.receipts), &note);
    let vouchers = refunds.reasons.values().sum();
    count_line("with a voucher", vouchers, all(refunds.receipts), &format!("{} issued on them", rp(refunds.issued)));
    for reason in Kept::ALL {
        if let Some(count) = refunds.reasons.get(reason.name()) {
            count_line(&format!("  {}", reason.name()), *count, all(refunds.receipts), "");
        }
    }
    let [producer, retailer, operator] = refunds.taken_parts.map(rp);
    let taken_back = refunds.taken_parts.iter().sum();
    say!("\n   taken back    {}, {} of the vouchers issued", rp(taken_back), ratio(taken_back, refunds.issued));
    say!("   kept          {}", rp(refunds.kept));
    say!("   from whom     producer {producer}, retailer {retailer}, operator {operator}\n");
}

pub fn print_quote(case: &Case, told: &Told, receipt: &Receipt) {
    let Told { quote, followed, .. } = told;
    let line = |name: &str, text: &str| say!("      {name:<9}{text}");
    let column = case.column(receipt).map_or("none".into(), |column| column_name(case.table.mechanism(), column));
    say!("   quote: receipt {} of household {} in shop {}, {}", receipt.basket, receipt.household, receipt.shop, receipt.at);
    line("total", &format!("{}, {} {column}", rp(receipt.total.get()), column_word(case.table.mechanism())));
    for language in [Language::Indonesian, Language::English] {
        line(language.name(), &quote.now.line(language));
        for sentence in quote.lines(language) {
            line("", &sentence);
        }
    }
    let total = receipt.total.get() + quote.missing.get();
    line("followed", &format!("{} + {} = {}", rp(receipt.total.get()), ForPeople(quote.missing), rp(total)));
    line("", &followed.line(Language::Indonesian));
    line("", &followed.line(Language::English));
}

pub fn print_draws(draws: &Draws, receipts: usize) {
    say!("━━ hardened draws {}", "━".repeat(82));
    say!("   shop {} on {}, the most receipts of any shop and selling day: {}\n", draws.shop, draws.day, draws.slips.len());
    say!("   before opening the shop publishes the SHA-256 of the day's key:");
    say!("      {}", draws.commitment_hex());
    say!("   each receipt gets its digit, by shop and receipt number:");
    for row in draws.slips.chunks(5) {
        let row: Vec<String> = row.iter().map(|slip| format!("{} → {}", slip.basket, slip.digit.get())).collect();
        say!("      {}", row.join("   "));
    }
    say!("   after closing it tells the key; this one is fixed and public, for demonstration:");
    say!("      {KEY}");
    say!("   its SHA-256 is the one above: {}", if draws.is_committed { "yes" } else { "NO" });
    say!("   anyone verifies them one by one: {} of {} hold", draws.slips.len() - draws.wrong.len(), draws.slips.len());
    let found: Vec<String> = draws.found.iter().map(u64::to_string).collect();
    say!(
        "   the same with receipt {} changed to {}: {} of {} hold, found {}\n",
        draws.forged.basket,
        draws.forged.digit.get(),
        draws.slips.len() - draws.found.len(),
        draws.slips.len(),
        found.join(" ")
    );
    let all = number(i64::try_from(receipts).unwrap_or_default());
    say!("   {:<38}{:>11}   {:<12}{:>9}   forcing", format!("digits of {all} receipts"), "chi-square", "even", "digit 0");
    digits_line("by clock, as the stopwatch played them", &draws.clock);
    digits_line("drawn, all under that key", &draws.drawn);
    say!();
}

fn digits_line(name: &str, counts: &DigitCounts) {
    let chi_square = match counts.chi_square_milli() {
        Ok(Some(milli)) => format!("{},{:03}", number(milli / 1_000), milli % 1_000),
        Ok(None) => "–".into(),
        Err(refused) => refused.to_string(),
    };
    let zero = counts.zero_share_bp().map_or("–".into(), percent);
    say!("   {name:<38}{chi_square:>11}   {:<12}{zero:>9}   {}", counts.uniformity().name(), counts.forcing().name());
}

fn share(count: u64, all: usize) -> String {
    let all = i128::try_from(all).unwrap_or_default();
    percent((i128::from(count) * 10_000).checked_div(all).unwrap_or_default())
}

fn column_word(mechanism: Mechanism) -> &'static str {
    match mechanism {
        Mechanism::Stopwatch => "digit",
        Mechanism::TimeAuction => "slot",
        Mechanism::Flat | Mechanism::Points => "",
    }
}

fn column_name(mechanism: Mechanism, column: Column) -> String {
    const SLOTS: [&str; 10] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"];
    match mechanism {
        Mechanism::Stopwatch => ((column.index() + 1) % 10).to_string(),
        Mechanism::Flat | Mechanism::Points => String::new(),
        Mechanism::TimeAuction => SLOTS.get(usize::from(column.index())).copied().unwrap_or_default().into(),
    }
}

fn histogram_line(case: &Case, column: Option<Column>, bar: &Bar, most: i64) -> String {
    const WIDTH: i64 = 48;
    let eighths = (bar.vouchers * WIDTH * 8).checked_div(most).and_then(|eighths| usize::try_from(eighths).ok()).unwrap_or_default();
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"].get(eighths % 8).copied().unwrap_or_default();
    let name = column.map_or("closed".into(), |column| column_name(case.table.mechanism(), column));
    let rate = column.map_or(String::new(), |column| percent(case.program.terms().table.rate(column).bp()));
    let vouchers = if column.is_some() { rp(bar.vouchers) } else { String::new() };
    format!("   {name:<8}{rate:>9}{:>10}{vouchers:>17} {}{rest}", number(bar.receipts), "█".repeat(eighths / 8)).trim_end().to_owned()
}

fn explain(case: &Case, explained: &Explained, receipt: &Receipt) {
    let Explained { prior, counters, award, .. } = explained;
    let line = |name: &str, text: String| say!("      {name:<9}{text}");
    let terms = case.program.terms();
    say!(
        "   {}: receipt {} of household {} in shop {}, {}",
        award.reason().name(),
        receipt.basket,
        receipt.household,
        receipt.shop,
        receipt.at
    );
    line(
        "total",
        format!("{}, of it {} by coupon; {} can earn", rp(receipt.total.get()), rp(receipt.coupons.get()), rp(award.base().get())),
    );
    let column = match award.cell() {
        Some(Cell::Table { column, .. }) => Some(column),
        _ => None,
    };
    let quota = terms.quota.of(column.unwrap_or(Column::FIRST));
    line("quota", format!("{}, {}", rp(quota.get()), if receipt.total >= quota { "met" } else { "missed" }));
    line(
        "column",
        match award.cell() {
            Some(Cell::Table { column, mechanism, .. }) => format!("{} {}", column_word(mechanism), column_name(mechanism, column)),
            Some(Cell::Standby { from }) => format!("standby from {} points, {} held", points(from), points(prior.prior_points)),
            None => "none".into(),
        },
    );
    if award.cell().is_some() {
        let (base, rate) = (award.base(), award.rate());
        let value = terms.rounding.apply(base, rate).map_or_else(|refused| refused.to_string(), |value| rp(value.get()));
        line("rate", percent(rate.bp()));
        line("value", format!("{} × {}, rounded down: {value}", rp(base.get()), percent(rate.bp())));
        line(
            "caps",
            if award.caps().holds(Cap::DayBudget) {
                format!(
                    "{} of the day's {} was released: cut to {}",
                    rp(counters.released_today.get()),
                    rp(DAY_BUDGET),
                    rp(award.value().get())
                )
            } else {
                "none".into()
            },
        );
    }
    line("points", format!("{} → {}", points(prior.prior_points), points(award.shopper().prior_points)));
    line("rules", format!("{}\n", award.rules().collect::<Vec<_>>().join(" ")));
}

/// The sums of a program that must come out.
pub fn sums(case: &Case, tally: &Tally, receipts: usize) -> Vec<Sum> {
    let reasons: u64 = tally.reasons.values().sum();
    let by_column: i64 = tally.bars.iter().map(|bar| bar.vouchers).sum();
    vec![
        ("the reasons count every receipt", usize::try_from(reasons).ok() == Some(receipts)),
        ("producer + retailer + operator = vouchers", tally.parts.iter().sum::<i64>() == tally.vouchers),
        ("vouchers by column = vouchers", by_column == tally.vouchers),
        ("vouchers by shop and day = vouchers", tally.released == tally.vouchers),
        ("points of all households = vouchers (a point is Rp1.000)", tally.points_milli == tally.vouchers),
        ("no shop released more than its budget on any day", tally.most_in_a_day <= DAY_BUDGET),
        ("no rate above the table's highest", tally.highest <= case.program.terms().table.highest()),
    ]
}

/// A sum, and whether it comes out.
pub type Sum = (&'static str, bool);

/// Shows sums; one that does not come out ends the run.
pub fn prove(of: &str, sums: &[Sum]) -> Outcome {
    say!("   {of}");
    for (sum, holds) in sums {
        say!("   {}  {sum}", if *holds { "✓" } else { "✗" });
    }
    match sums.iter().find(|(_, holds)| !holds) {
        None => Ok(()),
        Some((sum, _)) => Err(format!("{of}: does not hold: {sum}")),
    }
}
