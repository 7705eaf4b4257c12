use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Account, Earning, Held, Known, Left, Made, Part, Spent, Waiting, known};
use crate::calendar::CivilTime;
use crate::error::{Error, Fault, Field};
use crate::quantity::{Count, Points};
use crate::sort;

/// An account as a host stores it between two entries: all that the fold needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountState {
    /// The account; none while no entry has come.
    pub account: Option<String>,
    /// How many entries were applied.
    pub version: Count,
    /// What the next earnings pay.
    pub debt: Points,
    /// Entries before it are refused (LG-12).
    pub horizon: Option<CivilTime>,
    /// Time and id of the last entry, refused ones included.
    pub last: Option<(CivilTime, String)>,
    /// Earnings, received lots and adjustments, by time, then id.
    pub lots: Vec<LotState>,
    /// Open reservations by id.
    pub reservations: Vec<ReservationState>,
    /// Redemptions and commits, by time, then id.
    pub redemptions: Vec<RedemptionState>,
    /// Reversals that wait for their earning or redemption, by time, then id.
    pub waiting: Vec<WaitingState>,
    /// The ids of all other entries, by time, then id; none of them can be reversed.
    pub others: Vec<SeenState>,
    /// The sending halves that were received, by id, with the time of that.
    pub received: Vec<SeenState>,
}

/// A lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotState {
    /// The id of the entry that made it.
    pub id: String,
    /// The shop that issued it, if it is known.
    pub shop: Option<String>,
    /// When that was.
    pub time: CivilTime,
    /// From when it can no longer be spent.
    pub expires: Option<CivilTime>,
    /// What is left.
    pub points: Points,
    /// What is known of an earning beside; of an adjustment and a received lot none.
    pub earning: Option<EarningState>,
    /// Whether it came from another account.
    pub is_received: bool,
}

/// What is known of an earning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EarningState {
    /// What it gave.
    pub earned: Points,
    /// What its reversals asked for.
    pub reversed: Points,
    /// What was spent of it and not yet reversed.
    pub spent: Points,
    /// What open reservations hold of it and is not yet reversed.
    pub held: Points,
    /// What redemptions took of it and their undoing did not bring back.
    pub redeemed: Points,
    /// What reversals forgave of it.
    pub forgiven: Points,
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

/// A redemption, or a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedemptionState {
    /// Its id.
    pub id: String,
    /// When it was.
    pub time: CivilTime,
    /// What its undoing asked for.
    pub undone: Points,
    /// What it took, in spending order.
    pub parts: Vec<TakenState>,
}

/// What a redemption took of a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenState {
    /// The lot.
    pub lot: String,
    /// What was taken of it, above zero.
    pub points: Points,
    /// What came back into the lot.
    pub back: Points,
}

/// A reversal that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingState {
    /// Its id.
    pub id: String,
    /// When it was.
    pub time: CivilTime,
    /// What it waits for.
    pub of: String,
    /// What it asks for.
    pub points: Points,
}

/// An id, and when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenState {
    /// The id.
    pub id: String,
    /// When.
    pub time: CivilTime,
}

impl Account {
    /// What a host stores. It does not depend on whether the entries came at once or one by one, nor on
    /// [`forgiving_debt`](Self::forgiving_debt), which is a setting.
    pub fn state(&self) -> AccountState {
        let lots = self.lots.values().map(|left| LotState {
            id: left.id.as_ref().to_owned(),
            shop: left.shop.as_deref().map(ToOwned::to_owned),
            time: left.time,
            expires: left.expires,
            points: known(left.milli),
            earning: if let Made::Earned(earning) = left.made { Some(earning.state()) } else { None },
            is_received: matches!(left.made, Made::Received),
        });
        let lot_id = |number: &u64| self.lots.get(number).map(|left| left.id.as_ref().to_owned()).unwrap_or_default();
        let part = |part: &Part| PartState { lot: lot_id(&part.lot), points: known(part.milli) };
        let reservation =
            |(id, held): (&Arc<str>, &Held)| ReservationState { id: id.as_ref().to_owned(), parts: held.parts.iter().map(part).collect() };
        let taken = |part: &Part| TakenState { lot: lot_id(&part.lot), points: known(part.milli), back: known(part.back) };
        let redemption = |spent: &Spent| RedemptionState {
            id: spent.id.as_ref().to_owned(),
            time: spent.time,
            undone: known(spent.undone),
            parts: spent.parts.iter().map(taken).collect(),
        };
        let waits = |(of, waiting): (&String, &Waiting)| WaitingState {
            id: waiting.id.as_ref().to_owned(),
            time: waiting.time,
            of: of.clone(),
            points: known(waiting.milli),
        };
        let waiting = self.waiting.iter().flat_map(|(of, list)| list.iter().map(move |waiting| (of, waiting)));
        let mut waiting: Vec<WaitingState> = waiting.map(waits).collect();
        sort::by(&mut waiting, |one, other| (one.time.instant_nanos(), &one.id).cmp(&(other.time.instant_nanos(), &other.id)));
        AccountState {
            account: self.name.clone(),
            version: self.version,
            debt: self.debt(),
            horizon: self.horizon,
            last: self.last.clone(),
            lots: lots.collect(),
            reservations: self.reservations.iter().map(reservation).collect(),
            redemptions: self.redemptions.values().map(redemption).collect(),
            waiting,
            others: self.others.iter().map(|((_, id), time)| SeenState { id: id.as_ref().to_owned(), time: *time }).collect(),
            received: self.received.iter().map(|(id, time)| SeenState { id: id.clone(), time: *time }).collect(),
        }
    }

    /// The account of a stored state, proved: its lots are in order and within what was earned, its reservations and
    /// redemptions hold points of its lots.
    ///
    /// # Errors
    /// `bad_config`, at the field that no fold could have left so.
    pub fn from_state(state: &AccountState) -> Result<Self, Error> {
        let refuse = |field: Field| Fault::NotAState.error().at(field);
        let is_empty = state.last.is_none();
        let at_most = if is_empty { 0 } else { i64::MAX };
        let counted = state.lots.len().saturating_add(state.reservations.len()).saturating_add(state.redemptions.len());
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
            horizon: state.horizon,
            last: state.last.clone(),
            now: state.last.as_ref().map_or(0, |(time, _)| time.instant_nanos()),
            ..Self::default()
        };
        let used = used_by_lot(state)?;
        let mut order = Order::of(state);
        for (index, lot) in state.lots.iter().enumerate() {
            if !order.is_next(lot.time, &lot.id) || account.known.contains_key(lot.id.as_str()) {
                return Err(refuse(Field::entry("lots", index)));
            }
            let used = used.get(lot.id.as_str()).copied().unwrap_or_default();
            lot.check(used).map_err(|field| refuse(Field::within("lots", index, field)))?;
            let number = account.add_lot(Left {
                id: lot.id.as_str().into(),
                shop: lot.shop.as_deref().map(Into::into),
                time: lot.time,
                expires: lot.expires,
                milli: 0,
                made: match &lot.earning {
                    Some(earning) => Made::Earned(Earning::of(earning)),
                    None if lot.is_received => Made::Received,
                    None => Made::Adjusted,
                },
                reserved: i64::try_from(used.held).unwrap_or_default(),
            });
            account.change(number, lot.points.milli());
        }
        let lot_of = |account: &Self, id: &str| match account.known.get(id) {
            Some(Known::Lot(number)) => Some(*number),
            _ => None,
        };
        for (index, reservation) in state.reservations.iter().enumerate() {
            let part = |part: &PartState| Some(Part { lot: lot_of(&account, &part.lot)?, milli: part.points.milli(), back: 0 });
            let parts: Option<Vec<Part>> = reservation.parts.iter().map(part).collect();
            let parts = parts.ok_or_else(|| refuse(Field::within("reservations", index, "parts")))?;
            let id = account.claim(&reservation.id, Known::Other).ok_or_else(|| refuse(Field::within("reservations", index, "id")))?;
            account.reservations.insert(id, Held { parts });
        }
        let mut order = Order::of(state);
        for (index, redemption) in state.redemptions.iter().enumerate() {
            if !order.is_next(redemption.time, &redemption.id) {
                return Err(refuse(Field::entry("redemptions", index)));
            }
            let part =
                |part: &TakenState| Some(Part { lot: lot_of(&account, &part.lot)?, milli: part.points.milli(), back: part.back.milli() });
            let parts: Option<Vec<Part>> = redemption.parts.iter().map(part).collect();
            let parts = parts.ok_or_else(|| refuse(Field::within("redemptions", index, "parts")))?;
            let number = account.number();
            let id = account.claim(&redemption.id, Known::Redemption(number));
            let id = id.ok_or_else(|| refuse(Field::within("redemptions", index, "id")))?;
            account.redemptions.insert(number, Spent { id, time: redemption.time, parts, undone: redemption.undone.milli() });
        }
        account.load_ids(state)?;
        Ok(account)
    }

    /// Takes over what waits and the ids that are kept.
    fn load_ids(&mut self, state: &AccountState) -> Result<(), Error> {
        let refuse = |list: &'static str, index: usize| Fault::NotAState.error().at(Field::entry(list, index));
        let mut order = Order::of(state);
        for (index, seen) in state.others.iter().enumerate() {
            if !order.is_next(seen.time, &seen.id) || self.known.contains_key(seen.id.as_str()) {
                return Err(refuse("others", index));
            }
            self.remember(seen.id.as_str().into(), seen.time);
        }
        let mut order = Order::of(state);
        for (index, waiting) in state.waiting.iter().enumerate() {
            let WaitingState { id, time, of, points } = waiting;
            if !order.is_next(*time, id) || *points < Points::ZERO || self.known.contains_key(id.as_str()) {
                return Err(refuse("waiting", index));
            }
            self.wait(of, Waiting { id: id.as_str().into(), time: *time, milli: points.milli() });
        }
        for (index, waiting) in state.waiting.iter().enumerate() {
            if self.known.contains_key(waiting.of.as_str()) {
                return Err(refuse("waiting", index));
            }
        }
        let mut before: Option<&str> = None;
        for (index, seen) in state.received.iter().enumerate() {
            let is_late = state.last.as_ref().is_none_or(|(last, _)| last.instant_nanos() < seen.time.instant_nanos());
            if before.is_some_and(|before| seen.id.as_str() <= before) || is_late {
                return Err(refuse("received", index));
            }
            before = Some(&seen.id);
            self.received.insert(seen.id.clone(), seen.time);
        }
        Ok(())
    }

    /// Takes an id that is free.
    fn claim(&mut self, id: &str, meaning: Known) -> Option<Arc<str>> {
        if self.known.contains_key(id) {
            return None;
        }
        let id: Arc<str> = id.into();
        self.known.insert(Arc::clone(&id), meaning);
        Some(id)
    }
}

/// Entries in the order of (time, id), up to the last.
struct Order<'a> {
    before: Option<(i128, &'a str)>,
    last: Option<(i128, &'a str)>,
}

impl<'a> Order<'a> {
    fn of(state: &'a AccountState) -> Self {
        Self { before: None, last: state.last.as_ref().map(|(time, id)| (time.instant_nanos(), id.as_str())) }
    }

    fn is_next(&mut self, time: CivilTime, id: &'a str) -> bool {
        let at = Some((time.instant_nanos(), id));
        let is_next = self.before < at && at <= self.last;
        self.before = at;
        is_next
    }
}

/// What reservations hold of a lot, and what redemptions have of it.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    held: i128,
    redeemed: i128,
}

fn used_by_lot(state: &AccountState) -> Result<BTreeMap<&str, Used>, Error> {
    let (mut used, mut before) = (BTreeMap::<&str, Used>::new(), None);
    let refuse = |list: &'static str, index: usize, field: &'static str| Fault::NotAState.error().at(Field::within(list, index, field));
    for (index, reservation) in state.reservations.iter().enumerate() {
        if before.is_some_and(|before| reservation.id.as_str() <= before) {
            return Err(refuse("reservations", index, "id"));
        }
        before = Some(reservation.id.as_str());
        let mut lots = BTreeSet::new();
        for part in &reservation.parts {
            if part.points <= Points::ZERO || !lots.insert(part.lot.as_str()) {
                return Err(refuse("reservations", index, "parts"));
            }
            let of_lot = used.entry(&part.lot).or_default();
            of_lot.held = of_lot.held.wrapping_add(part.points.milli().into());
        }
    }
    for (index, redemption) in state.redemptions.iter().enumerate() {
        let (mut lots, mut taken, mut back) = (BTreeSet::new(), 0_i128, 0_i128);
        for part in &redemption.parts {
            if part.points <= Points::ZERO || !(Points::ZERO..=part.points).contains(&part.back) || !lots.insert(part.lot.as_str()) {
                return Err(refuse("redemptions", index, "parts"));
            }
            taken = taken.wrapping_add(part.points.milli().into());
            back = back.wrapping_add(part.back.milli().into());
            let of_lot = used.entry(&part.lot).or_default();
            of_lot.redeemed = of_lot.redeemed.wrapping_add(part.points.milli().wrapping_sub(part.back.milli()).into());
        }
        if !(back..=taken).contains(&redemption.undone.milli().into()) {
            return Err(refuse("redemptions", index, "undone_milli"));
        }
    }
    Ok(used)
}

impl Earning {
    fn state(self) -> EarningState {
        EarningState {
            earned: known(self.earned),
            reversed: known(self.reversed),
            spent: known(self.spent),
            held: known(self.held),
            redeemed: known(self.redeemed),
            forgiven: known(self.forgiven),
        }
    }

    const fn of(state: &EarningState) -> Self {
        Self {
            earned: state.earned.milli(),
            reversed: state.reversed.milli(),
            spent: state.spent.milli(),
            held: state.held.milli(),
            redeemed: state.redeemed.milli(),
            forgiven: state.forgiven.milli(),
        }
    }
}

impl LotState {
    /// The field that no fold could have left so, with so much in reservations and redemptions.
    fn check(&self, used: Used) -> Result<(), &'static str> {
        let Some(earning) = self.earning else {
            // An adjustment never expires.
            return match self.expires {
                Some(_) if !self.is_received => Err("expires"),
                _ if self.points < Points::ZERO => Err("points_milli"),
                _ => Ok(()),
            };
        };
        let EarningState { earned, reversed, spent, held, redeemed, forgiven } = earning;
        let (zero, whole, left) = (Points::ZERO, i128::from(earned.milli()), i128::from(self.points.milli()));
        let with = |points: Points| left.wrapping_add(points.milli().into());
        if earned < zero || self.is_received {
            Err("earned_milli")
        } else if self.points < zero || left.wrapping_add(used.held) > whole {
            Err("points_milli")
        } else if !(zero..=earned).contains(&reversed) {
            Err("reversed_milli")
        } else if spent < zero || with(spent) > whole {
            Err("spent_milli")
        } else if held < zero || i128::from(held.milli()) > used.held {
            Err("held_milli")
        } else if i128::from(redeemed.milli()) < used.redeemed || redeemed < zero || with(redeemed).wrapping_add(used.held) > whole {
            Err("redeemed_milli")
        } else if !(zero..=reversed).contains(&forgiven) {
            Err("forgiven_milli")
        } else {
            Ok(())
        }
    }
}
