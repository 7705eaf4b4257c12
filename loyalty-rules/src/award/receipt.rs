use super::reason::Reason;
use crate::calendar::{CivilTime, Date};
use crate::error::Error;
use crate::quantity::{Count, Points, Rupiah};
use crate::tables::{Claim, Digit, Mechanism, Slot};

/// What picks the column of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Play {
    /// The stopwatch is not played yet.
    Pending,
    /// A lucky digit the host vouches for.
    Digit(Digit),
    /// A played countdown, judged here (SW-4).
    Claim(Claim),
    /// A slot the host vouches for.
    Slot(Slot),
    /// The time of purchase, cut to its slot by the program's window.
    At(CivilTime),
}

impl Play {
    /// What a host vouches for, by its number: a lucky digit of the stopwatch or a slot of the time auction.
    ///
    /// ```
    /// use loyalty_rules::award::Play;
    /// use loyalty_rules::tables::{Mechanism, Slot};
    ///
    /// assert_eq!(Play::picked(Mechanism::TimeAuction, 10)?, Play::Slot(Slot::new(10)?));
    /// assert_eq!(Play::picked(Mechanism::Stopwatch, 10).unwrap_err().kind().name(), "out_of_range");
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `out_of_range` for no digit 0 … 9 (SW-2), or no slot 1 … 10 (TA-1).
    #[inline]
    pub fn picked(mechanism: Mechanism, number: i64) -> Result<Self, Error> {
        // What a byte cannot hold is no column either.
        let number = u8::try_from(number).unwrap_or(u8::MAX);
        match mechanism {
            Mechanism::Stopwatch => Digit::new(number).map(Self::Digit),
            Mechanism::TimeAuction => Slot::new(number).map(Self::Slot),
        }
    }

    /// The mechanism whose column it picks.
    pub const fn mechanism(&self) -> Option<Mechanism> {
        match self {
            Self::Pending => None,
            Self::Digit(_) | Self::Claim(_) => Some(Mechanism::Stopwatch),
            Self::Slot(_) | Self::At(_) => Some(Mechanism::TimeAuction),
        }
    }
}

/// A receipt as the till knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// What was bought, in rupiah, zero or more; the quota looks at it.
    pub total: Rupiah,
    /// What of it was paid with vouchers, in rupiah.
    pub paid_by_voucher: Rupiah,
    /// What picks the column.
    pub play: Play,
    /// Whether it was entered later than it happened, from a notebook. It is judged by its own time; a digit
    /// noted on paper counts only if the program accepts it.
    pub late: bool,
}

impl Receipt {
    /// A receipt paid without vouchers, the stopwatch not played.
    pub const fn new(total: Rupiah) -> Self {
        Self { total, paid_by_voucher: Rupiah::ZERO, play: Play::Pending, late: false }
    }

    /// The same with what picks the column.
    #[must_use]
    pub const fn with(self, play: Play) -> Self {
        Self { play, ..self }
    }

    /// The same with a part paid with vouchers.
    #[must_use]
    pub const fn paid_by_voucher(self, paid_by_voucher: Rupiah) -> Self {
        Self { paid_by_voucher, ..self }
    }

    /// The same, entered late.
    #[must_use]
    pub const fn late(self) -> Self {
        Self { late: true, ..self }
    }
}

/// A shopper before or after a receipt (AW-7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shopper {
    /// Points held, in thousandths, zero or more.
    pub prior_points: Points,
    /// Purchases made.
    pub purchases: Count,
}

/// The merchant's standing (GF-4, GF-7, GF-9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merchant {
    /// The guarantee fund was low too long.
    pub suspended: bool,
    /// The deposit has not reached its requirement yet.
    pub registered: bool,
    /// The balance of the guarantee fund in rupiah, zero or more.
    pub fund_balance: Rupiah,
    /// Vouchers issued and not yet redeemed, in rupiah, zero or more.
    pub outstanding: Rupiah,
}

/// What was given so far (AW-6, AW-7). With `day` or `slot` they start from zero on another day or slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Table-rate awards above Rp0 in the slot (AW-5).
    pub awards_in_slot: Count,
    /// Rupiah released in the selling day, zero or more.
    pub released_today: Rupiah,
    /// Rupiah released in the slot, zero or more.
    pub released_in_slot: Rupiah,
    /// The selling day they count: its date of opening.
    pub day: Option<Date>,
    /// The slot they count.
    pub slot: Option<Slot>,
}

impl Counters {
    /// The counters as they stand for a receipt of this day and slot.
    pub(super) fn on(self, day: Date, slot: Slot) -> Self {
        let other_day = self.day.is_some_and(|counted| counted != day);
        let other_slot = other_day || self.slot.is_some_and(|counted| counted != slot);
        Self {
            released_today: if other_day { Rupiah::ZERO } else { self.released_today },
            released_in_slot: if other_slot { Rupiah::ZERO } else { self.released_in_slot },
            awards_in_slot: if other_slot { Count::ZERO } else { self.awards_in_slot },
            day: Some(day),
            slot: Some(slot),
        }
    }

    /// The counters after an award of a value.
    #[inline]
    pub(super) fn after(self, mechanism: Mechanism, reason: Reason, value: Rupiah) -> Result<Self, Error> {
        let field = |name: &'static str| move |refused: Error| refused.at(name);
        let mut next = self;
        next.released_today = self.released_today.checked_add(value).map_err(field("counters.released_today"))?;
        if mechanism == Mechanism::TimeAuction {
            next.released_in_slot = self.released_in_slot.checked_add(value).map_err(field("counters.released_in_slot"))?;
            if reason == Reason::Full && !value.is_zero() {
                next.awards_in_slot = self.awards_in_slot.succ().map_err(field("counters.awards_in_slot"))?;
            }
        }
        Ok(next)
    }
}

impl Shopper {
    /// The shopper after a receipt and the points it earned (AW-7).
    #[inline]
    pub(super) fn after(&self, total: Rupiah, points: Points) -> Result<Self, Error> {
        let purchases = if total.is_zero() { Ok(self.purchases) } else { self.purchases.succ() };
        Ok(Self {
            prior_points: self.prior_points.checked_add(points).map_err(|refused| refused.at("shopper.prior_points_milli"))?,
            purchases: purchases.map_err(|refused| refused.at("shopper.purchases"))?,
        })
    }
}
