use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::fault::Faults as _;
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::Count;
use loyalty_rules::{wire_words, words};

/// What the channels call each product (OR-6): a code means what its channel says, else what is said for all.
///
/// ```
/// use loyalty_network::Codes;
///
/// let codes = Codes::new([(None, "889", "rice-5kg"), (Some("web"), "889", "oil-1l")])?;
/// assert_eq!((codes.sku("till", "889"), codes.sku("web", "889")), (Some("rice-5kg"), Some("oil-1l")));
/// assert_eq!(codes.sku("till", "890"), None);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codes<'a>(BTreeMap<(Option<&'a str>, &'a str), &'a str>);

impl<'a> Codes<'a> {
    /// Codes of a channel, or of all, each with its product.
    ///
    /// # Errors
    /// `bad_config` for a code that a channel has twice.
    pub fn new(codes: impl IntoIterator<Item = (Option<&'a str>, &'a str, &'a str)>) -> Result<Self, Error> {
        let mut skus = BTreeMap::new();
        for (index, (channel, code, sku)) in codes.into_iter().enumerate() {
            if skus.insert((channel, code), sku).is_some() {
                return Err(Fault::NotDistinct.error().at(Field::within("codes", index, "code")));
            }
        }
        Ok(Self(skus))
    }

    /// The product of a channel's code.
    pub fn sku(&self, channel: &str, code: &str) -> Option<&'a str> {
        self.0.get(&(Some(channel), code)).or_else(|| self.0.get(&(None, code))).copied()
    }

    /// The codes without a product, by channel and code, each with how often it stands.
    pub fn unknown<'b>(&self, lines: impl IntoIterator<Item = (&'b str, &'b str)>) -> Vec<(&'b str, &'b str, usize)> {
        let mut counts = BTreeMap::<_, usize>::new();
        for (channel, code) in lines.into_iter().filter(|(channel, code)| self.sku(channel, code).is_none()) {
            let count = counts.entry((channel, code)).or_default();
            *count = count.saturating_add(1);
        }
        counts.into_iter().map(|((channel, code), count)| (channel, code, count)).collect()
    }
}

words! {
    /// What the digits of a scale's label say beside the item.
    pub enum ScaleValue {
        /// How much it weighs.
        Weight = "weight",
        /// What it costs.
        Price = "price",
    }
}

wire_words! {
    ScaleValue;
}

/// How a scale prints its labels: the prefix, the item, digits without a meaning, the value, and the check digit of EAN-13.
///
/// ```text
///  21 00001 02750 6
///  │  │     │     └ check digit
///  │  │     └────── value: 2,750 g
///  │  └──────────── item
///  └─────────────── prefix
/// ```
///
/// ```
/// use loyalty_network::{ScaleLabel, ScaleValue};
/// use loyalty_rules::quantity::Count;
///
/// let label = ScaleLabel { prefix: "21", item_digits: 5, skip_digits: 0, value_digits: 5, value: ScaleValue::Weight, unit: Count::ONE };
/// let read = label.proved()?.read("2100001027506")?.unwrap();
/// assert_eq!((read.item, read.amount.get()), ("00001", 2_750));
/// assert_eq!(label.read("2100001027507")?, None); // a wrong check digit
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScaleLabel<'a> {
    /// The digits that its codes begin with.
    pub prefix: &'a str,
    /// The number of digits of the item.
    pub item_digits: usize,
    /// The number of digits between item and value that say nothing, such as a check digit of the price.
    pub skip_digits: usize,
    /// The number of digits of the value.
    pub value_digits: usize,
    /// What the value is.
    pub value: ScaleValue,
    /// What 1 of the value is: thousandths of the unit of the price, or rupiah.
    pub unit: Count,
}

/// What a label says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScaleRead<'a> {
    /// The item.
    pub item: &'a str,
    /// What the value is.
    pub value: ScaleValue,
    /// How much: thousandths of the unit of the price, or rupiah.
    pub amount: Count,
}

/// The digits of EAN-13 without the check digit.
const EAN_DIGITS: usize = 12;

impl ScaleLabel<'_> {
    /// The label, if its digits make an EAN-13.
    ///
    /// # Errors
    /// `bad_config` unless the prefix is of digits, item and value have one digit or more, and all are twelve.
    pub fn proved(self) -> Result<Self, Error> {
        let counts = [self.prefix.len(), self.item_digits, self.skip_digits, self.value_digits];
        let all = counts.into_iter().fold(0, usize::saturating_add);
        let is_of_digits = !self.prefix.is_empty() && self.prefix.bytes().all(|byte| byte.is_ascii_digit());
        if !is_of_digits || self.item_digits == 0 || self.value_digits == 0 || all != EAN_DIGITS || self.unit == Count::ZERO {
            return Err(Fault::ScaleLabelDigits.error());
        }
        Ok(self)
    }

    /// What a code of this label says; `None` for a code of another form, prefix or check digit.
    ///
    /// # Errors
    /// `out_of_range` if the amount leaves the domain.
    pub fn read<'c>(&self, code: &'c str) -> Result<Option<ScaleRead<'c>>, Error> {
        let Some(rest) = code.strip_prefix(self.prefix).filter(|_| is_ean(code)) else { return Ok(None) };
        let parts = rest.split_at_checked(self.item_digits).and_then(|(item, rest)| {
            let from = self.skip_digits;
            Some((item, rest.get(from..from.saturating_add(self.value_digits))?))
        });
        let Some((item, digits)) = parts else { return Ok(None) };
        let number: i128 = digits.parse().unwrap_or_default();
        let amount = Count::from_result(number.saturating_mul(self.unit.get().into()))?;
        Ok(Some(ScaleRead { item, value: self.value, amount }))
    }
}

/// Whether a code is an EAN-13 with the right check digit: three times the digits at even places and once the others are a
/// multiple of ten.
fn is_ean(code: &str) -> bool {
    if code.len() != EAN_DIGITS.saturating_add(1) || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let weights = [1_u32, 3].into_iter().cycle();
    let sum = code.bytes().zip(weights).fold(0_u32, |sum, (byte, weight)| sum.saturating_add(u32::from(byte % 16).saturating_mul(weight)));
    sum % 10 == 0
}
