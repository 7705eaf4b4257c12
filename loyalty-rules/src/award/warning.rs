use super::program::Program;
use crate::calendar::{SaleWindow, Validity};
use crate::words::words;

words! {
    /// Terms that are proved and still cannot do what they say (AW-11).
    #[non_exhaustive]
    pub enum Warning {
        /// A voucher of the last slot ends at midnight, and the shop does not open again before (VC-4).
        ValidityTooShort = "validity_too_short",
    }
}

impl Warning {
    /// The setting that it is about.
    pub const fn field(self) -> &'static str {
        match self {
            Self::ValidityTooShort => "validity.days",
        }
    }
}

impl Program {
    /// What its terms can never do, each with its setting.
    ///
    /// ```
    /// use loyalty_rules::award::{Program, Terms, Warning};
    /// use loyalty_rules::calendar::{SaleWindow, Validity};
    /// use loyalty_rules::tables::TableName;
    ///
    /// let mut terms = Terms::new(TableName::parse("time_auction/recommended/from_15/gold")?);
    /// terms.window = Some(SaleWindow::from_opening("07:00".parse()?));
    /// terms.validity = Some(Validity::Days(1)); // given at 16:59, it ends at midnight; the shop closes at 17:00
    /// assert!(Program::new(terms.clone())?.warnings().eq([Warning::ValidityTooShort]));
    ///
    /// terms.validity = Some(Validity::Days(2));
    /// assert_eq!(Program::new(terms)?.warnings().count(), 0);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub fn warnings(&self) -> impl Iterator<Item = Warning> {
        let terms = self.terms();
        let ends_at_midnight = terms.validity == Some(Validity::Days(1));
        let is_too_short = ends_at_midnight && terms.window.as_ref().is_some_and(closes_by_midnight);
        is_too_short.then_some(Warning::ValidityTooShort).into_iter()
    }
}

/// Whether a selling day ends on its own date, so that the shop opens again on another.
fn closes_by_midnight(window: &SaleWindow) -> bool {
    const TENTHS_A_DAY: u32 = 864_000;
    let [.., length] = window.ends_tenths();
    window.open().seconds().wrapping_mul(10).wrapping_add(length) <= TENTHS_A_DAY && length < TENTHS_A_DAY
}
