use super::reason::Reason;
use crate::calendar::{CivilTime, Date};
use crate::error::{Error, Fault};
use crate::points::Earned;
use crate::quantity::{Count, Points, Rupiah};
use crate::tables::{Claim, Digit, Mechanism, Slot};

/// What picks the column of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Play {
    /// The stopwatch is not played yet, or there is nothing to pick.
    Pending,
    /// A lucky digit the host vouches for.
    Digit(Digit),
    /// A played countdown, judged here (SW-4).
    Claim(Claim),
    /// A slot the host vouches for.
    Slot(Slot),
    /// The time of purchase: cut to its slot by the window of a time auction; the selling day where nothing is picked.
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
    /// `out_of_range` for no digit 0 … 9 (SW-2), or no slot 1 … 10 (TA-1); `bad_config` for a mechanism without columns.
    #[inline]
    pub fn picked(mechanism: Mechanism, number: i64) -> Result<Self, Error> {
        // What a byte cannot hold is no column either.
        let number = u8::try_from(number).unwrap_or(u8::MAX);
        match mechanism {
            Mechanism::Stopwatch => Digit::new(number).map(Self::Digit),
            Mechanism::TimeAuction => Slot::new(number).map(Self::Slot),
            Mechanism::Flat | Mechanism::Points => Err(Fault::NothingToPick.error()),
        }
    }

    /// What a column of receipts holds: what is [picked](Self::picked), or −1 for a stopwatch that is not played yet and where
    /// nothing is picked (AW-1, PT-8).
    ///
    /// ```
    /// use loyalty_rules::award::Play;
    /// use loyalty_rules::tables::Mechanism;
    ///
    /// assert_eq!(Play::in_column(Mechanism::Stopwatch, -1)?, Play::Pending);
    /// assert_eq!(Play::in_column(Mechanism::TimeAuction, -1).unwrap_err().kind().name(), "out_of_range");
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`picked`](Self::picked).
    #[inline]
    pub fn in_column(mechanism: Mechanism, number: i64) -> Result<Self, Error> {
        if number == -1 && !mechanism.has_slots() { Ok(Self::Pending) } else { Self::picked(mechanism, number) }
    }

    /// The instant that it tells.
    #[cfg(feature = "alloc")]
    pub(super) const fn instant(&self) -> Option<CivilTime> {
        match self {
            Self::Claim(claim) => Some(claim.stopped_at),
            Self::At(at) => Some(*at),
            Self::Pending | Self::Digit(_) | Self::Slot(_) => None,
        }
    }

    /// The time of purchase, if it tells it.
    pub(super) const fn time_of_purchase(&self) -> Option<&CivilTime> {
        if let Self::At(at) = self { Some(at) } else { None }
    }

    /// Refuses what a receipt of this mechanism does not tell; nothing told is no play.
    ///
    /// # Errors
    /// `bad_config` for the column of another mechanism, and for any where nothing is picked.
    pub(crate) const fn check(&self, mechanism: Mechanism) -> Result<(), Error> {
        match (mechanism, self) {
            (_, Self::Pending)
            | (Mechanism::Stopwatch, Self::Digit(_) | Self::Claim(_))
            | (Mechanism::TimeAuction, Self::Slot(_) | Self::At(_))
            // Where nothing is picked a time tells the day alone.
            | (Mechanism::Flat | Mechanism::Points, Self::At(_)) => Ok(()),
            (Mechanism::Flat | Mechanism::Points, _) => Err(Fault::NothingToPick.error()),
            (Mechanism::Stopwatch | Mechanism::TimeAuction, _) => Err(Fault::ColumnOfOtherMechanism.error()),
        }
    }

    /// The field of a receipt that tells it.
    pub(crate) const fn field(&self) -> &'static str {
        match self {
            Self::Pending => "receipt",
            Self::Digit(_) => "receipt.digit",
            Self::Claim(_) => "receipt.claim",
            Self::Slot(_) => "receipt.slot",
            Self::At(_) => "receipt.at",
        }
    }
}

/// Declares the receipt: its total, what picks its column, and the fields of the list.
macro_rules! receipt {
    ($($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        /// A receipt as the till knows it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Receipt {
            /// What was bought, in rupiah, zero or more; the quota looks at it.
            pub total: Rupiah,
            /// What picks the column.
            pub play: Play,
            $($(#[doc = $doc])* pub $name: $crate::of_kind!(type $kind),)*
        }

        impl Receipt {
            /// A receipt with nothing but its total, the stopwatch not played.
            pub const fn new(total: Rupiah) -> Self {
                Self { total, play: Play::Pending, $($name: $crate::of_kind!(none $kind),)* }
            }

            /// The same with what picks the column.
            #[must_use]
            pub const fn with(self, play: Play) -> Self {
                Self { play, ..self }
            }

            $(setter! { $kind $name $($doc)* })*
        }
    };
}

/// The method that sets a field; a truth becomes true.
macro_rules! setter {
    (truth $name:ident $($doc:literal)*) => {
        /// The same with this field true:
        ///
        $(#[doc = $doc])*
        #[must_use]
        pub const fn $name(self) -> Self {
            Self { $name: true, ..self }
        }
    };
    ($kind:ident $name:ident $($doc:literal)*) => {
        /// The same with this field:
        ///
        $(#[doc = $doc])*
        #[must_use]
        pub const fn $name(self, $name: $crate::of_kind!(type $kind)) -> Self {
            Self { $name, ..self }
        }
    };
}
crate::fields!(receipt receipt);

/// Declares a struct of the fields of a list, behind those that stand in the braces.
macro_rules! plain {
    (
        $(#[$attribute:meta])* pub struct $struct:ident { $($before:tt)* }
        $($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $struct { $($before)* $($(#[doc = $doc])* pub $name: $crate::of_kind!(type $kind),)* }
    };
}
crate::fields! { shopper plain
    /// A shopper before or after a receipt (AW-7).
    pub struct Shopper {}
}

crate::fields! { merchant plain
    /// The merchant's standing (GF-4, GF-7, GF-9).
    pub struct Merchant {}
}

crate::fields! { counters plain
    /// What one selling day was given so far (AW-6, AW-7). The selling day is told by its date of opening.
    ///
    /// A receipt of a later day starts from zero; one of an earlier day is refused, so that nothing counts on the wrong day.
    ///
    /// ```
    /// use loyalty_rules::award::{Counters, Merchant, Play, Program, Receipt, Shopper, Terms, decide};
    /// use loyalty_rules::quantity::Rupiah;
    /// use loyalty_rules::tables::{Slot, TableName};
    ///
    /// let program = Program::new(Terms::new(TableName::parse("time_auction/recommended/from_15/gold")?))?;
    /// let receipt = Receipt::new(Rupiah::new(100_000)?).with(Play::Slot(Slot::new(10)?));
    /// let mut counters = Counters::default();
    /// let award = decide(&program, &receipt, &Shopper::default(), &Merchant::default(), &counters)?;
    /// counters.add(award.added());
    /// assert_eq!(counters.released_today.get(), 6_000);
    /// assert_eq!(counters.released_by_slot[9].get(), 6_000); // slot X
    /// assert_eq!(counters.awards_by_slot[9].get(), 1);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    pub struct Counters {
        /// The selling day they count, its date of opening; absent if no receipt told it.
        pub day: Option<Date>,
    }
}

/// What one award adds to the counters of its selling day (AW-7).
///
/// It is small, so that a decision does not copy the counters of a whole day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// The selling day, if the receipt tells it; a later day than the counters' starts them from zero.
    pub day: Option<Date>,
    /// The slot of a time auction.
    pub slot: Option<Slot>,
    /// Rupiah released in the day.
    pub released: Count,
    /// What of it the slot released.
    pub released_in_slot: Count,
    /// Whether it takes one of the first-N places of its slot (AW-5).
    pub takes_place: bool,
}

/// What a receipt sees of the counters: those of its own day and slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) awards_in_slot: Count,
    pub(super) released_today: Count,
    pub(super) released_in_slot: Count,
}

/// The number of a slot, or zero without one.
#[inline]
fn of_slot(numbers: &[Count; 10], slot: Option<Slot>) -> Count {
    slot.and_then(|slot| numbers.get(usize::from(slot.column().index())).copied()).unwrap_or_default()
}

macro_rules! no_counters {
    ($($(#[doc = $doc:literal])* $kind:ident $name:ident: $json:ident, $c:ident;)*) => {
        Self { day: None, $($name: $crate::of_kind!(none $kind),)* }
    };
}

impl Counters {
    /// The counters of a day in which nothing was given.
    pub const NONE: Self = crate::fields!(counters no_counters);

    /// Numbers by slot for a program of this mechanism: those that are given, zeros if none are (AW-5, AW-6).
    ///
    /// Every surface reads numbers by slot through it, and so refuses them under the same conditions.
    ///
    /// ```
    /// use loyalty_rules::award::Counters;
    /// use loyalty_rules::quantity::Count;
    /// use loyalty_rules::tables::Mechanism;
    ///
    /// let given = Some([Count::ZERO; 10]);
    /// assert_eq!(Counters::by_slot(Mechanism::TimeAuction, given)?, [Count::ZERO; 10]);
    /// assert_eq!(Counters::by_slot(Mechanism::Stopwatch, None)?, [Count::ZERO; 10]);
    /// assert_eq!(Counters::by_slot(Mechanism::Stopwatch, given).unwrap_err().kind().name(), "bad_config");
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// # Errors
    /// `bad_config` for numbers by slot of a program without slots.
    pub fn by_slot(mechanism: Mechanism, given: Option<[Count; 10]>) -> Result<[Count; 10], Error> {
        match given {
            Some(_) if !mechanism.has_slots() => Err(Fault::SlotCountersWithoutSlots.error()),
            given => Ok(given.unwrap_or([Count::ZERO; 10])),
        }
    }

    /// What a receipt of this day and slot sees.
    ///
    /// # Errors
    /// `out_of_order` for a day before the one they count.
    #[inline]
    pub(super) fn seen(&self, day: Option<Date>, slot: Option<Slot>) -> Result<Seen, Error> {
        let Counters { day: counted, released_today, awards_by_slot, released_by_slot } = self;
        if let (Some(counted), Some(day)) = (*counted, day) {
            if day < counted {
                return Err(Fault::CountersOfLaterDay.error().at("counters.day"));
            }
            if day > counted {
                return Ok(Seen::default());
            }
        }
        Ok(Seen {
            awards_in_slot: of_slot(awards_by_slot, slot),
            released_today: *released_today,
            released_in_slot: of_slot(released_by_slot, slot),
        })
    }

    /// The counters after an award.
    #[must_use]
    pub fn after(mut self, added: &Added) -> Self {
        self.add(added);
        self
    }

    /// Adds an award. The decision proved that no sum leaves the domain.
    #[inline]
    pub fn add(&mut self, added: &Added) {
        if self.day.zip(added.day).is_some_and(|(counted, day)| day > counted) {
            *self = Self::default();
        }
        self.day = added.day.or(self.day);
        self.released_today = self.released_today.plus(added.released);
        if let Some(slot) = added.slot.map(|slot| usize::from(slot.column().index())) {
            let add = |numbers: &mut [Count; 10], more| {
                if let Some(number) = numbers.get_mut(slot) {
                    *number = number.plus(more);
                }
            };
            add(&mut self.released_by_slot, added.released_in_slot);
            add(&mut self.awards_by_slot, Count::of(added.takes_place));
        }
    }

    /// Takes back what an award released in the day and in its slot and, if all of it, its first-N place (AW-8, `give_back`).
    /// Counters of another day stay as they are.
    ///
    /// ```
    /// use loyalty_rules::award::{Added, Counters};
    /// use loyalty_rules::quantity::{Count, Rupiah};
    ///
    /// let mut counters = Counters { day: Some("2025-03-03".parse()?), ..Counters::default() };
    /// counters.released_today = Count::new(6_000)?;
    /// let added = Added { day: counters.day, ..Added::default() };
    /// assert_eq!(counters.given_back(&added, [Rupiah::new(2_400)?; 2], false).released_today.get(), 3_600);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    #[must_use]
    pub fn given_back(mut self, added: &Added, [in_day, in_slot]: [Rupiah; 2], is_whole: bool) -> Self {
        if self.day != added.day.or(self.day) {
            return self;
        }
        self.released_today = self.released_today.less(in_day.get());
        if let Some(slot) = added.slot.map(|slot| usize::from(slot.column().index())) {
            if let Some(number) = self.released_by_slot.get_mut(slot) {
                *number = number.less(in_slot.get());
            }
            if let Some(number) = self.awards_by_slot.get_mut(slot).filter(|_| is_whole && added.takes_place) {
                *number = number.less(1);
            }
        }
        self
    }
}

impl Seen {
    /// What an award adds: nothing if it stopped.
    ///
    /// # Errors
    /// `out_of_range` if a sum leaves the domain.
    #[inline]
    pub(super) fn added(self, day: Option<Date>, slot: Option<Slot>, reason: Reason, value: Rupiah) -> Result<Added, Error> {
        if !reason.is_award() {
            return Ok(Added::default());
        }
        let released = Count::new(value.get())?;
        // The most of the two sums stands for both; what belongs to no slot is in no slot's sum.
        let before = if slot.is_some() { self.released_today.max(self.released_in_slot) } else { self.released_today };
        Count::new(before.get().wrapping_add(released.get())).map_err(|refused| refused.at("counters.released_today"))?;
        let takes_place = slot.is_some() && reason == Reason::Full && !value.is_zero();
        if takes_place {
            self.awards_in_slot.succ().map_err(|refused| refused.at("counters.awards_by_slot"))?;
        }
        let released_in_slot = if slot.is_some() { released } else { Count::ZERO };
        Ok(Added { day, slot, released, released_in_slot, takes_place })
    }
}

impl Shopper {
    /// A shopper by the points held and the purchases made.
    pub fn new(prior_points: Points, purchases: Count) -> Self {
        let mut shopper = Self::default();
        (shopper.prior_points, shopper.purchases) = (prior_points, purchases);
        shopper
    }

    /// The shopper after a receipt and what it earned (AW-7).
    #[inline]
    pub(super) fn after(&self, total: Rupiah, earned: Earned) -> Result<Self, Error> {
        let purchases = if total.is_zero() { Ok(self.purchases) } else { self.purchases.succ() };
        let mut after = *self;
        after.carried = earned.carried;
        after.prior_points = self.prior_points.checked_add(earned.points).map_err(|refused| refused.at("shopper.prior_points_milli"))?;
        after.purchases = purchases.map_err(|refused| refused.at("shopper.purchases"))?;
        Ok(after)
    }
}
