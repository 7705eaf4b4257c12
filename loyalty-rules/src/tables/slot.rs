use super::Column;
use crate::calendar::{CivilTime, SaleWindow};
use crate::error::{Error, Fault};
use crate::quantity::Count;

/// A slot of the selling day, 1 … 10 (I … X, TA-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u8);

impl Slot {
    /// A slot.
    ///
    /// # Errors
    /// `out_of_range` outside 1 … 10.
    pub const fn new(slot: u8) -> Result<Self, Error> {
        if 1 <= slot && slot <= 10 { Ok(Self(slot)) } else { Err(Fault::NotASlot.error()) }
    }

    /// The slot of an instant; `None` outside the window.
    pub fn at(window: &SaleWindow, at: &CivilTime) -> Option<Self> {
        window.slot(at).map(Self)
    }

    pub(super) const fn of_column(column: Column) -> Self {
        Self(column.index().wrapping_add(1))
    }

    /// 1 … 10.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Its column: slot I is the first.
    pub const fn column(self) -> Column {
        Column::of(self.0.wrapping_sub(1))
    }
}

/// Slot I.
impl Default for Slot {
    fn default() -> Self {
        Self(1)
    }
}

/// The stock of a day over the slots that are left, the running one included; odd units go to the earliest
/// slots (TA-5). 100 kg over ten slots are 10 kg each.
///
/// ```
/// use loyalty_rules::{quantity::Count, tables::stock_quota};
///
/// let units: Vec<i64> = stock_quota(Count::new(11)?, 4)?.map(Count::get).collect();
/// assert_eq!(units, [3, 3, 3, 2]);
/// # Ok::<(), loyalty_rules::Error>(())
/// ```
///
/// # Errors
/// `out_of_range` unless 1 … 10 slots are left.
pub fn stock_quota(stock_units: Count, slots_left: u8) -> Result<impl Iterator<Item = Count>, Error> {
    if Slot::new(slots_left).is_err() {
        return Err(Fault::SlotsLeftOutOfRange.error());
    }
    let (stock, slots) = (stock_units.get(), i64::from(slots_left));
    Ok((0..slots).map(move |slot| {
        // Slot k of n gets the k-th of the ceilings that sum to the stock.
        let units = stock.wrapping_add(slots).wrapping_sub(1).wrapping_sub(slot).checked_div(slots).unwrap_or(0);
        Count::new(units).unwrap_or_default()
    }))
}
