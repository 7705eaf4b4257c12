use crate::error::{Error, Fault};
use crate::quantity::Rupiah;
use crate::tables::Slot;

/// When a gift is given (PT-6): every condition that it states holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gift<'a> {
    /// The purchase must be above so many rupiah.
    pub above: Option<Rupiah>,
    /// The purchase must fall in one of these slots.
    pub slots: Option<&'a [Slot]>,
}

impl Gift<'_> {
    /// Whether it is given for a purchase, in a slot if there is one.
    ///
    /// ```
    /// use loyalty_rules::{points::Gift, quantity::Rupiah, tables::Slot};
    ///
    /// let rupiah = |amount| Rupiah::new(amount).unwrap();
    /// let early = [Slot::new(1)?, Slot::new(2)?, Slot::new(3)?];
    /// let mystery = Gift { above: Some(rupiah(100_000)), slots: Some(&early) };
    /// assert!(mystery.is_given(rupiah(100_001), Some(Slot::new(3)?))?);
    /// assert!(!mystery.is_given(rupiah(100_000), Some(Slot::new(3)?))?);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `bad_config` for a gift without a condition or an empty list of slots; `out_of_range` below zero.
    pub fn is_given(&self, amount: Rupiah, slot: Option<Slot>) -> Result<bool, Error> {
        if self.above.is_none() && self.slots.is_none() {
            return Err(Fault::GiftWithoutCondition.error());
        }
        if self.slots.is_some_and(<[Slot]>::is_empty) {
            return Err(Fault::NoSlots.error().at("slots"));
        }
        if self.above.is_some_and(|above| above < Rupiah::ZERO) {
            return Err(Fault::Negative.error().at("above"));
        }
        let is_in = |slots: &[Slot]| slot.is_some_and(|slot| slots.contains(&slot));
        Ok(self.above.is_none_or(|above| amount > above) && self.slots.is_none_or(is_in))
    }
}
