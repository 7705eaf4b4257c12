//! What the channels' codes mean.

use crate::{Codes, ScaleLabel, ScaleRead, ScaleValue};
use alloc::string::String;
use alloc::vec::Vec;
use loyalty_rules::api::wire::{Path, Refusal, answer, operations, record};
use loyalty_rules::error::Error;
use loyalty_rules::quantity::Count;

operations! {
    "record.codes" ["OR-6"] "What the channels' codes mean, and the labels of scales.": codes, CodesRequest => CodesAnswer;
}

record! {
    /// Codes and the lines that use them.
    pub struct CodesRequest {
        /// What the codes mean.
        codes: Vec<CodeFields>,
        /// How scales print their labels; the first that a code fits reads it.
        labels: Vec<ScaleLabelFields> = Vec::new(),
        /// The lines.
        lines: Vec<CodedLine>,
    }
}

record! {
    /// How a scale prints its labels, as EAN-13: prefix, item, digits without a meaning, value, check digit.
    pub struct ScaleLabelFields {
        /// The digits that its codes begin with.
        prefix: String,
        /// The number of digits of the item.
        item_digits: Count,
        /// The number of digits between item and value that say nothing.
        skip_digits: Count = Count::ZERO,
        /// The number of digits of the value.
        value_digits: Count,
        /// What the value is.
        value: ScaleValue,
        /// What 1 of the value is: thousandths of the unit of the price, or rupiah; 1 or more.
        unit: Count = Count::ONE,
    }
}

record! {
    /// A code and its product.
    pub struct CodeFields {
        /// The channel that uses it; all that have no meaning of their own if absent.
        channel: Option<String>,
        /// The code.
        code: String,
        /// The product.
        sku: String,
    }
}

record! {
    /// A code as a channel sent it.
    pub struct CodedLine {
        /// The channel.
        channel: String,
        /// The code.
        code: String,
    }
}

answer! {
    /// The products of the lines.
    pub struct CodesAnswer {
        /// One a line; null for an unknown code.
        skus: Vec<Option<String>>,
        /// The unknown codes, by channel and code.
        unknown: Vec<UnknownCodeAnswer>,
        /// What labels of scales say, one a line; null where a line has none. Present if labels were given.
        [omit] labels: Option<Vec<Option<ScaleReadAnswer>>>,
    }
}

answer! {
    /// What a scale's label says beside the item.
    pub struct ScaleReadAnswer {
        /// Thousandths of the unit of the price, of a label with a weight.
        [omit] quantity_milli: Option<Count>,
        /// Rupiah, of a label with a price.
        [omit] price: Option<Count>,
    }
}

answer! {
    /// A code without a product.
    pub struct UnknownCodeAnswer {
        /// The channel.
        channel: String,
        /// The code.
        code: String,
        /// How many lines have it.
        count: Count,
    }
}

/// What the codes of a request mean.
pub(super) fn meanings(codes: &[CodeFields]) -> Result<Codes<'_>, Error> {
    Codes::new(codes.iter().map(|code| (code.channel.as_deref(), code.code.as_str(), code.sku.as_str())))
}

fn codes(request: &CodesRequest) -> Result<CodesAnswer, Refusal> {
    let codes = meanings(&request.codes)?;
    let list = Path::Root.key("labels");
    for (index, label) in request.labels.iter().enumerate() {
        label.label().map_err(|error| Refusal::inside(error, &list.entry(index)))?;
    }
    let mut lines = Vec::new();
    for (index, line) in request.lines.iter().enumerate() {
        let at = |error| Refusal::inside(error, &Path::Root.key("lines").entry(index).key("code"));
        lines.push(meaning(&codes, &request.labels, line).map_err(at)?);
    }
    let unknown = lines.iter().filter(|line| line.sku.is_none()).map(|line| (line.channel, line.code));
    let unknown = codes.unknown(unknown).into_iter().map(|(channel, code, count)| {
        let count = Count::new(i64::try_from(count).unwrap_or(i64::MAX))?;
        Ok(UnknownCodeAnswer { channel: channel.into(), code: code.into(), count })
    });
    Ok(CodesAnswer {
        unknown: unknown.collect::<Result<_, Error>>()?,
        skus: lines.iter().map(|line| line.sku.map(String::from)).collect(),
        labels: (!request.labels.is_empty()).then(|| lines.iter().map(|line| line.read.map(ScaleReadAnswer::of)).collect()),
    })
}

/// A line with what its code means.
struct MeantLine<'a> {
    channel: &'a str,
    code: &'a str,
    sku: Option<&'a str>,
    read: Option<ScaleRead<'a>>,
}

/// What a code means: itself, else the item of a scale's label. A label of an unknown item says nothing.
fn meaning<'a>(codes: &Codes<'a>, labels: &[ScaleLabelFields], line: &'a CodedLine) -> Result<MeantLine<'a>, Error> {
    let (channel, code) = (line.channel.as_str(), line.code.as_str());
    let mut meant = MeantLine { channel, code, sku: codes.sku(channel, code), read: None };
    for label in labels.iter().take_while(|_| meant.sku.is_none()) {
        if let Some(read) = label.label()?.read(code)? {
            meant.sku = codes.sku(channel, read.item);
            meant.read = meant.sku.map(|_| read);
            break;
        }
    }
    Ok(meant)
}

impl ScaleLabelFields {
    fn label(&self) -> Result<ScaleLabel<'_>, Error> {
        let digits = |count: Count| usize::try_from(count.get()).unwrap_or(usize::MAX);
        let label = ScaleLabel {
            prefix: &self.prefix,
            item_digits: digits(self.item_digits),
            skip_digits: digits(self.skip_digits),
            value_digits: digits(self.value_digits),
            value: self.value,
            unit: self.unit,
        };
        label.proved()
    }
}

impl ScaleReadAnswer {
    fn of(read: ScaleRead<'_>) -> Self {
        match read.value {
            ScaleValue::Weight => Self { quantity_milli: Some(read.amount), price: None },
            ScaleValue::Price => Self { quantity_milli: None, price: Some(read.amount) },
        }
    }
}
