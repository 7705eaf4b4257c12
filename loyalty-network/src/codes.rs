use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use loyalty_rules::error::{Error, Fault, Field};

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
