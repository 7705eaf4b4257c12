use super::less;
use crate::fault::Faults as _;
use loyalty_rules::error::{Error, Fault};
use loyalty_rules::quantity::{Count, Rupiah};
use loyalty_rules::words;

words! {
    /// What earns a stamp (PT-11).
    #[derive(Default)]
    pub enum StampBy {
        /// A visit earns one.
        #[default]
        Visit = "visit",
        /// A unit that was paid for earns one.
        Units = "units",
    }
}

/// The terms of a stamp card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StampTerms {
    /// Stamps for a gift, 1 or more.
    pub need: Count,
    /// What earns a stamp.
    pub by: StampBy,
    /// A smaller purchase earns none, in rupiah.
    pub min_purchase: Rupiah,
}

/// What a member has collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StampState {
    /// Stamps for a gift when they were collected.
    pub need: Count,
    /// All stamps, those of full cards included.
    pub stamps: Count,
    /// Gifts handed out.
    pub used: Count,
}

/// The stamps of a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StampVisit {
    /// When it was paid.
    pub stamps: Count,
    /// After returns.
    pub kept: Count,
}

/// What became of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StampsMoved {
    /// The card after it.
    pub state: StampState,
    /// The purchase's stamps.
    pub visit: StampVisit,
    /// Gifts that became due, or, below zero, that are no longer.
    pub gifts: i64,
}

impl StampTerms {
    /// A card without stamps.
    pub const fn new_card(&self) -> StampState {
        StampState { need: self.need, stamps: Count::ZERO, used: Count::ZERO }
    }

    /// The stamps of what was paid for: nothing for a purchase of nothing.
    fn stamps(&self, units: Count, total: Rupiah) -> Count {
        match self.by {
            _ if total.is_zero() || total < self.min_purchase => Count::ZERO,
            StampBy::Visit => Count::of(true),
            StampBy::Units => units,
        }
    }

    fn known(&self, state: StampState) -> Result<StampState, Error> {
        if state.need == self.need { Ok(state) } else { Err(Fault::OtherStampCard.error().at("state.need")) }
    }

    /// Stamps a purchase (PT-11).
    ///
    /// ```
    /// use loyalty_network::{StampBy, StampTerms};
    /// use loyalty_rules::quantity::{Count, Rupiah};
    ///
    /// let terms = StampTerms { need: Count::new(10)?, by: StampBy::Units, min_purchase: Rupiah::ZERO };
    /// let bought = terms.buy(terms.new_card(), Count::new(11)?, Rupiah::new(165_000)?)?;
    /// assert_eq!((bought.gifts, bought.state.gifts()), (1, 1)); // buy ten, get one
    /// let returned = terms.give_back(bought.state, bought.visit, Count::new(9)?, Rupiah::new(135_000)?)?;
    /// assert_eq!((returned.gifts, returned.state.stamps.get()), (-1, 9));
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `bad_config` for a card of other terms; `out_of_range` if a sum leaves the domain.
    pub fn buy(&self, state: StampState, units: Count, total: Rupiah) -> Result<StampsMoved, Error> {
        let state = self.known(state)?;
        let stamps = self.stamps(units, total);
        let after = StampState { stamps: super::more(state.stamps, stamps)?, ..state };
        Ok(StampsMoved { state: after, visit: StampVisit { stamps, kept: stamps }, gifts: after.gifts().wrapping_sub(state.gifts()) })
    }

    /// Takes back the stamps of what went back: what is left keeps its own.
    ///
    /// # Errors
    /// As [`buy`](Self::buy); `out_of_range` if more is left than before; `bad_config` if the card never had the stamps.
    pub fn give_back(&self, state: StampState, visit: StampVisit, units: Count, total: Rupiah) -> Result<StampsMoved, Error> {
        let state = self.known(state)?;
        let kept = self.stamps(units, total).min(visit.stamps);
        if kept > visit.kept || visit.kept > visit.stamps {
            return Err(Fault::MoreLeftThanBefore.error().at("return"));
        }
        let after = StampState { stamps: less(state.stamps, visit.kept.get().wrapping_sub(kept.get()))?, ..state };
        Ok(StampsMoved { state: after, visit: StampVisit { kept, ..visit }, gifts: after.gifts().wrapping_sub(state.gifts()) })
    }

    /// Hands out gifts; `None` if the card has fewer.
    ///
    /// # Errors
    /// `bad_config` for a card of other terms.
    pub fn hand_out(&self, state: StampState, gifts: Count) -> Result<Option<StampState>, Error> {
        let state = self.known(state)?;
        let used = Count::from_result(i128::from(state.used.get()).wrapping_add(gifts.get().into()))?;
        Ok((gifts.get() <= state.gifts()).then_some(StampState { used, ..state }))
    }

    /// Takes gifts back that were handed out.
    ///
    /// # Errors
    /// `bad_config` for a card of other terms, or if fewer were handed out.
    pub fn take_in(&self, state: StampState, gifts: Count) -> Result<StampState, Error> {
        let state = self.known(state)?;
        Ok(StampState { used: less(state.used, gifts.get())?, ..state })
    }
}

impl StampState {
    /// Gifts that are due; below zero, gifts handed out for stamps that went back: the next full cards pay for them.
    pub fn gifts(&self) -> i64 {
        self.stamps.get().checked_div(self.need.get()).unwrap_or_default().wrapping_sub(self.used.get())
    }

    /// Stamps on the card that is not full.
    pub fn on_card(&self) -> Count {
        Count::part(self.stamps.get().checked_rem(self.need.get()).unwrap_or_default())
    }
}
