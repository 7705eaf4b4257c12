//! An account's points as a value that a host stores: the `state` of `ledger.apply`.

use alloc::string::String;
use alloc::vec::Vec;

use super::wire::{AsWritten, Path, Refusal, Whole, record};
use crate::error::{Error, Fault, Field};
use crate::ledger::{Account, AccountState, EarningState, LotState, PartState, ReservationState};
use crate::quantity::{Count, Points};

record! {
    /// An account between two entries. The host stores it and hands it back unchanged.
    pub struct StateFields {
        /// The account; null while no entry has come.
        [null] account: Option<String>,
        /// How many entries were applied.
        version: Whole,
        /// What the next earnings pay, in thousandths of a point.
        debt_milli: Points,
        /// The last entry, refused ones included; null while none has come.
        [null] last: Option<LastFields>,
        /// Every earning, and adjustments of which points are left or held, by time, then id.
        lots: Vec<LotFields>,
        /// Open reservations, by id.
        reservations: Vec<ReservationFields>,
    }
}

record! {
    /// The last entry.
    pub struct LastFields {
        /// When it happened.
        time: AsWritten,
        /// Its id.
        id: String,
    }
}

record! {
    /// A lot; the last three fields are of earnings only.
    pub struct LotFields {
        /// The id of the entry that made it.
        id: String,
        /// When that was.
        time: AsWritten,
        /// From when it can no longer be spent; never without.
        expires: Option<AsWritten>,
        /// What is left, in thousandths of a point.
        points_milli: Points,
        /// What was earned, in thousandths of a point.
        earned_milli: Option<Points>,
        /// What its reversals asked for, in thousandths of a point.
        reversed_milli: Option<Points>,
        /// What was spent or is held of it and not yet reversed, in thousandths of a point.
        spent_milli: Option<Points>,
    }
}

record! {
    /// An open reservation.
    pub struct ReservationFields {
        /// The id of the reserve entry.
        id: String,
        /// What it holds, in the order in which it was taken.
        parts: Vec<HeldFields>,
    }
}

record! {
    /// What a reservation holds of a lot.
    pub struct HeldFields {
        /// The lot's id.
        lot: String,
        /// Thousandths of a point, above 0.
        points_milli: Points,
    }
}

impl StateFields {
    pub(super) fn of(account: &Account) -> Self {
        let AccountState { account, version, debt, last, lots, reservations } = account.state();
        let lot = |LotState { id, time, expires, points, earning }| LotFields {
            id,
            time: AsWritten(time),
            expires: expires.map(AsWritten),
            points_milli: points,
            earned_milli: earning.map(|earning| earning.earned),
            reversed_milli: earning.map(|earning| earning.reversed),
            spent_milli: earning.map(|earning| earning.spent),
        };
        let part = |PartState { lot, points }| HeldFields { lot, points_milli: points };
        let reservation = |ReservationState { id, parts }| ReservationFields { id, parts: parts.into_iter().map(part).collect() };
        Self {
            account,
            version: Whole(version.get()),
            debt_milli: debt,
            last: last.map(|(time, id)| LastFields { time: AsWritten(time), id }),
            lots: lots.into_iter().map(lot).collect(),
            reservations: reservations.into_iter().map(reservation).collect(),
        }
    }

    /// The account of a state that stands at `path`.
    pub(super) fn account(&self, path: &Path<'_>) -> Result<Account, Refusal> {
        self.prove().map_err(|error| Refusal::inside(error, path))
    }

    fn prove(&self) -> Result<Account, Error> {
        let lot = |(index, lot): (usize, &LotFields)| {
            let earning = match (lot.earned_milli, lot.reversed_milli, lot.spent_milli) {
                (Some(earned), Some(reversed), Some(spent)) => Some(EarningState { earned, reversed, spent }),
                (None, None, None) => None,
                _ => return Err(Fault::NotAState.error().at(Field::within("lots", index, "earned_milli"))),
            };
            let expires = lot.expires.map(|AsWritten(expires)| expires);
            Ok(LotState { id: lot.id.clone(), time: lot.time.0, expires, points: lot.points_milli, earning })
        };
        let part = |part: &HeldFields| PartState { lot: part.lot.clone(), points: part.points_milli };
        let reservation = |reservation: &ReservationFields| ReservationState {
            id: reservation.id.clone(),
            parts: reservation.parts.iter().map(part).collect(),
        };
        Account::from_state(&AccountState {
            account: self.account.clone(),
            version: Count::new(self.version.0).map_err(|_| Fault::NotAState.error().at("version"))?,
            debt: self.debt_milli,
            last: self.last.as_ref().map(|last| (last.time.0, last.id.clone())),
            lots: self.lots.iter().enumerate().map(lot).collect::<Result<_, _>>()?,
            reservations: self.reservations.iter().map(reservation).collect(),
        })
    }
}
