use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::{Account, Earning, Left, Part, known};
use crate::calendar::CivilTime;
use crate::error::{Error, Fault, Field};
use crate::quantity::{Count, Points};

/// An account as a host stores it between two entries: all that the fold needs, and no id of an entry that no later
/// one can name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountState {
    /// The account; none while no entry has come.
    pub account: Option<String>,
    /// How many entries were applied.
    pub version: Count,
    /// What the next earnings pay.
    pub debt: Points,
    /// Time and id of the last entry, refused ones included.
    pub last: Option<(CivilTime, String)>,
    /// Every earning, and adjustments of which points are left or held, by time, then id.
    pub lots: Vec<LotState>,
    /// Open reservations by id.
    pub reservations: Vec<ReservationState>,
}

/// A lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotState {
    /// The id of the entry that made it.
    pub id: String,
    /// When that was.
    pub time: CivilTime,
    /// From when it can no longer be spent.
    pub expires: Option<CivilTime>,
    /// What is left.
    pub points: Points,
    /// What is known of an earning beside; of an adjustment none.
    pub earning: Option<EarningState>,
}

/// What is known of an earning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarningState {
    /// What it gave.
    pub earned: Points,
    /// What its reversals asked for.
    pub reversed: Points,
    /// What was spent or is held of it and not yet reversed.
    pub spent: Points,
}

/// An open reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReservationState {
    /// The id of the reserve entry.
    pub id: String,
    /// What it holds, in the order in which it was taken.
    pub parts: Vec<PartState>,
}

/// What a reservation holds of a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartState {
    /// The lot.
    pub lot: String,
    /// What is held of it, above zero.
    pub points: Points,
}

impl Account {
    /// What a host stores. It does not depend on whether the entries came at once or one by one, nor on
    /// [`forgiving_debt`](Self::forgiving_debt), which is a setting.
    pub fn state(&self) -> AccountState {
        let lots = self.lots.values().map(|left| LotState {
            id: left.id.as_ref().to_owned(),
            time: left.time,
            expires: left.expires,
            points: known(left.milli),
            earning: left.earning.map(|earning| EarningState {
                earned: known(earning.earned),
                reversed: known(earning.reversed),
                spent: known(earning.spent),
            }),
        });
        let lot_id = |number: &u64| self.lots.get(number).map(|left| left.id.as_ref().to_owned()).unwrap_or_default();
        let part = |part: &Part| PartState { lot: lot_id(&part.lot), points: known(part.milli) };
        let reservation = |(id, parts): (&String, &Vec<Part>)| ReservationState { id: id.clone(), parts: parts.iter().map(part).collect() };
        AccountState {
            account: self.name.clone(),
            version: self.version,
            debt: self.debt(),
            last: self.last.clone(),
            lots: lots.collect(),
            reservations: self.reservations.iter().map(reservation).collect(),
        }
    }

    /// The account of a stored state, proved: its lots are in order and within what was earned, its reservations hold
    /// points of its lots.
    ///
    /// # Errors
    /// `bad_config`, at the field that no fold could have left so.
    pub fn from_state(state: &AccountState) -> Result<Self, Error> {
        let refuse = |field: Field| Fault::NotAState.error().at(field);
        let is_empty = state.last.is_none();
        let at_most = if is_empty { 0 } else { i64::MAX };
        let counted = state.lots.len().saturating_add(state.reservations.len());
        if state.account.is_none() != is_empty {
            return Err(refuse("account".into()));
        }
        if state.version.get() > at_most
            || u64::try_from(state.version.get()).unwrap_or_default() < u64::try_from(counted).unwrap_or(u64::MAX)
        {
            return Err(refuse("version".into()));
        }
        if !(0..=at_most).contains(&state.debt.milli()) {
            return Err(refuse("debt_milli".into()));
        }
        let mut account = Self {
            name: state.account.clone(),
            version: state.version,
            debt_milli: state.debt.milli(),
            last: state.last.clone(),
            now: state.last.as_ref().map_or(0, |(time, _)| time.instant_nanos()),
            ..Self::default()
        };
        let last = state.last.as_ref().map(|(time, id)| (time.instant_nanos(), id.as_str()));
        let held = held_by_lot(state)?;
        let mut before = None;
        for (index, lot) in state.lots.iter().enumerate() {
            let at = (lot.time.instant_nanos(), lot.id.as_str());
            if before.is_some_and(|before| at <= before) || Some(at) > last || account.by_id.contains_key(lot.id.as_str()) {
                return Err(refuse(Field::entry("lots", index)));
            }
            before = Some(at);
            let held = held.get(lot.id.as_str()).copied().unwrap_or_default();
            lot.check(held.milli).map_err(|field| refuse(Field::within("lots", index, field)))?;
            let number = account.add_lot(Left {
                id: lot.id.as_str().into(),
                time: lot.time,
                expires: lot.expires,
                milli: 0,
                earning: lot.earning.map(|earning| Earning {
                    earned: earning.earned.milli(),
                    reversed: earning.reversed.milli(),
                    spent: earning.spent.milli(),
                }),
                holds: held.parts,
            });
            account.change(number, lot.points.milli());
        }
        for (index, reservation) in state.reservations.iter().enumerate() {
            if account.by_id.contains_key(reservation.id.as_str()) {
                return Err(refuse(Field::within("reservations", index, "id")));
            }
            let part = |part: &PartState| Some(Part { lot: *account.by_id.get(part.lot.as_str())?, milli: part.points.milli() });
            let parts: Option<Vec<Part>> = reservation.parts.iter().map(part).collect();
            let parts = parts.ok_or_else(|| refuse(Field::within("reservations", index, "parts")))?;
            account.reservations.insert(reservation.id.clone(), parts);
        }
        Ok(account)
    }
}

/// What reservations hold of a lot.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    milli: i128,
    parts: u64,
}

fn held_by_lot(state: &AccountState) -> Result<BTreeMap<&str, Held>, Error> {
    let (mut held, mut before) = (BTreeMap::<&str, Held>::new(), None);
    for (index, reservation) in state.reservations.iter().enumerate() {
        if before.is_some_and(|before| reservation.id.as_str() <= before) {
            return Err(Fault::NotAState.error().at(Field::within("reservations", index, "id")));
        }
        before = Some(reservation.id.as_str());
        let mut lots = BTreeSet::new();
        for part in &reservation.parts {
            if part.points <= Points::ZERO || !lots.insert(part.lot.as_str()) {
                return Err(Fault::NotAState.error().at(Field::within("reservations", index, "parts")));
            }
            let of_lot = held.entry(&part.lot).or_default();
            of_lot.milli = of_lot.milli.wrapping_add(part.points.milli().into());
            of_lot.parts = of_lot.parts.wrapping_add(1);
        }
    }
    Ok(held)
}

impl LotState {
    /// The field that no fold could have left so, with so much held of the lot.
    fn check(&self, held_milli: i128) -> Result<(), &'static str> {
        let here = i128::from(self.points.milli()).wrapping_add(held_milli);
        let Some(earning) = self.earning else {
            // Nothing expires an adjustment, and an empty one is forgotten.
            return match self.expires {
                Some(_) => Err("expires"),
                None if self.points < Points::ZERO || here == 0 => Err("points_milli"),
                None => Ok(()),
            };
        };
        let EarningState { earned, reversed, spent } = earning;
        let whole = i128::from(earned.milli());
        let gone = i128::from(self.points.milli()).wrapping_add(spent.milli().into());
        if earned < Points::ZERO {
            Err("earned_milli")
        } else if self.points < Points::ZERO || here > whole {
            Err("points_milli")
        } else if !(Points::ZERO..=earned).contains(&reversed) {
            Err("reversed_milli")
        } else if spent < Points::ZERO || gone > whole {
            Err("spent_milli")
        } else {
            Ok(())
        }
    }
}
