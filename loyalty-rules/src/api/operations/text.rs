//! Quantities and times as people write them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::api::operations::award::decide::DecideRequest;
use crate::api::wire::{Path, Refusal, Whole, answer, record, to_json};
use crate::award::{self, Cap, Kept, Language, MadeUp, Quote, Reason};
use crate::calendar::{CivilTime, Offset};
use crate::error::{Error, Fault};
use crate::operations;
use crate::quantity::{ForPeople, Points, Rate, Rupiah};
use crate::tables::ClaimReason;

crate::words! {
    /// What a code is.
    pub enum CodeKind {
        /// Why an award is what it is.
        Reason = "reason",
        /// A limit that lowered a value.
        Cap = "cap",
        /// What became of a stopwatch claim.
        Claim = "claim",
        /// Why a voucher keeps what it keeps.
        Kept = "kept",
        /// Whether a missed quota is made up.
        MadeUp = "made_up",
    }
}

crate::wire_words! {
    Language;
    CodeKind;
}

operations! {
    "text.rupiah" ["CV-1"] "Rupiah as people write them: Rp15.000.": rupiah, RupiahForms => RupiahAnswer;
    "text.points" ["CV-3"] "Points as people write them: 2,25 poin.": points, PointsForms => PointsAnswer;
    "text.rate" ["CV-2"] "A rate as people write it: 3,5%.": rate, RateForms => RateAnswer;
    "text.code" ["CV-6"] "A code as people read it.": code, CodeForms => CodeText;
    "award.explain" ["CV-6 AW-9"] "A decision and its outlook as people read them.": explain, ExplainRequest => Explained;
    "time.civil" ["CV-5"] "The local time of seconds since 1970.": civil, Epoch => Civil;
}

record! {
    /// Rupiah as a number or as text.
    pub struct RupiahForms {
        /// The amount in rupiah.
        value: Option<Rupiah>,
        /// The same as text.
        text: Option<String>,
    }
}

answer! {
    /// The other form.
    pub struct RupiahAnswer {
        /// The text of a number.
        [omit] text: Option<String>,
        /// The number of a text, in rupiah.
        [omit] value: Option<Rupiah>,
    }
}

record! {
    /// Points as a number or as text.
    pub struct PointsForms {
        /// Thousandths of a point.
        points_milli: Option<Points>,
        /// The same as text.
        text: Option<String>,
    }
}

answer! {
    /// The other form.
    pub struct PointsAnswer {
        /// The text of a number.
        [omit] text: Option<String>,
        /// The number of a text, in thousandths of a point.
        [omit] points_milli: Option<Points>,
    }
}

record! {
    /// A rate as a number or as text.
    pub struct RateForms {
        /// The rate in basis points.
        rate_bp: Option<Rate>,
        /// The same as text.
        text: Option<String>,
    }
}

answer! {
    /// The other form.
    pub struct RateAnswer {
        /// The text of a number.
        [omit] text: Option<String>,
        /// The number of a text, in basis points.
        [omit] rate_bp: Option<Rate>,
    }
}

record! {
    /// A code and a language.
    pub struct CodeForms {
        /// What the code is.
        kind: CodeKind,
        /// The code.
        code: String,
        /// The language.
        lang: Language,
    }
}

answer! {
    /// A text.
    pub struct CodeText {
        /// What people read.
        text: String,
    }
}

record! {
    /// A receipt to decide, and the language to tell it in.
    pub struct ExplainRequest {
        [flat] decide: DecideRequest,
        /// The language.
        lang: Language,
    }
}

answer! {
    /// A decision for people.
    pub struct Explained {
        /// The award in one line, for a phone.
        line: String,
        /// The award as a slip, lines of at most 32 columns.
        slip: Vec<String>,
        /// What more spending, waiting or luck would bring, a sentence each.
        outlook: Vec<String>,
    }
}

fn code(request: &CodeForms) -> Result<CodeText, Refusal> {
    let (code, lang) = (request.code.as_str(), request.lang);
    let text = match request.kind {
        CodeKind::Reason => Reason::from_name(code).map(|code| code.text(lang)),
        CodeKind::Cap => Cap::from_name(code).map(|code| code.text(lang)),
        CodeKind::Claim => ClaimReason::from_name(code).map(|code| code.text(lang)),
        CodeKind::Kept => Kept::from_name(code).map(|code| code.text(lang)),
        CodeKind::MadeUp => MadeUp::from_name(code).map(|code| code.text(lang)),
    };
    let text = text.ok_or_else(|| Refusal::at(Fault::UnknownWord, &Path::Root.key("code")))?;
    Ok(CodeText { text: text.to_string() })
}

fn explain(request: &ExplainRequest) -> Result<Explained, Refusal> {
    let inputs = request.decide.inputs()?;
    let quote = award::quote(&inputs.program, &inputs.receipt, &inputs.shopper, &inputs.merchant, &inputs.counters)?;
    Ok(Explained::of(&quote, inputs.receipt.total, request.lang))
}

impl Explained {
    fn of(quote: &Quote, total: Rupiah, language: Language) -> Self {
        Self { line: quote.now.line(language), slip: quote.now.slip(total, language), outlook: quote.lines(language) }
    }
}

/// For hosts that hold programs rather than requests.
impl Quote {
    /// The answer of `award.explain` (CV-6, AW-9), for a receipt of `total` rupiah.
    ///
    /// ```
    /// use loyalty_rules::award::{Counters, Language, Merchant, Play, Program, Receipt, Shopper, quote};
    /// use loyalty_rules::quantity::Rupiah;
    /// use loyalty_rules::tables::Digit;
    ///
    /// let program = Program::from_json(br#"{"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus"}"#).unwrap();
    /// let receipt = Receipt::new(Rupiah::new(250_000)?).with(Play::Digit(Digit::new(5)?));
    /// let quote = quote(&program, &receipt, &Shopper::default(), &Merchant::default(), &Counters::default())?;
    /// let told = quote.explained_to_json(receipt.total, Language::English);
    /// assert!(told.starts_with(r#"{"line":"Full voucher: Rp15.000 (6% x Rp250.000), 15 poin","slip":["#));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn explained_to_json(&self, total: Rupiah, language: Language) -> String {
        to_json(&Explained::of(self, total, language))
    }
}

record! {
    /// An instant and a shop's offset.
    pub struct Epoch {
        /// Seconds since 1970-01-01T00:00:00+00:00; they may be negative.
        epoch_s: Whole,
        /// The offset of the shop's local time.
        offset: Offset,
    }
}

answer! {
    /// A local time.
    pub struct Civil {
        /// The time with its offset.
        time: CivilTime,
    }
}

/// The text of a number, or the number of a text.
fn other_form<T: Copy>(
    number: Option<T>,
    text: Option<&String>,
    name: &'static str,
    read: fn(&str) -> Result<T, Error>,
) -> Result<(Option<String>, Option<T>), Refusal>
where
    ForPeople<T>: ToString,
{
    match (number, text) {
        (Some(number), None) => Ok((Some(ForPeople(number).to_string()), None)),
        (None, Some(text)) => Ok((None, Some(read(text).map_err(|error| error.at("text"))?))),
        (None, None) => Err(Refusal::at(Fault::Missing, &Path::Root.key(name))),
        (Some(_), Some(_)) => Err(Refusal::at(Fault::TwoForms, &Path::Root)),
    }
}

fn rupiah(request: &RupiahForms) -> Result<RupiahAnswer, Refusal> {
    let (text, value) = other_form(request.value, request.text.as_ref(), "value", Rupiah::from_people)?;
    Ok(RupiahAnswer { text, value })
}

fn points(request: &PointsForms) -> Result<PointsAnswer, Refusal> {
    let (text, points_milli) = other_form(request.points_milli, request.text.as_ref(), "points_milli", Points::from_people)?;
    Ok(PointsAnswer { text, points_milli })
}

fn rate(request: &RateForms) -> Result<RateAnswer, Refusal> {
    let (text, rate_bp) = other_form(request.rate_bp, request.text.as_ref(), "rate_bp", Rate::from_people)?;
    Ok(RateAnswer { text, rate_bp })
}

fn civil(request: &Epoch) -> Result<Civil, Refusal> {
    Ok(Civil { time: CivilTime::from_epoch(request.epoch_s.0, request.offset).map_err(|error| error.at("epoch_s"))? })
}
