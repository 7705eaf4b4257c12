//! An account's points as a value that a host stores: the `state` of `ledger.apply`, and through serde.

use alloc::string::String;
use alloc::vec::Vec;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};

use super::json::Node;
use super::wire::{AsWritten, Path, Refusal, Whole, read, record, to_json};
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

/// The object of `ledger.apply`'s `state`.
///
/// ```
/// use loyalty_rules::ledger::Account;
///
/// let stored = serde_json::to_string(&Account::default()).unwrap();
/// assert!(serde_json::from_str::<Account>(&stored).is_ok());
/// let forged = stored.replace("\"debt_milli\":0", "\"debt_milli\":-5");
/// assert!(serde_json::from_str::<Account>(&forged).is_err());
/// ```
impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let state: serde_json::Value = serde_json::from_str(&to_json(&StateFields::of(self))).map_err(S::Error::custom)?;
        state.serialize(serializer)
    }
}

/// Proved as it is read.
impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Node::from(serde_json::Value::deserialize(deserializer)?);
        let state = read::<StateFields>(&node, &Path::Root);
        state.and_then(|state| state.account(&Path::Root)).map_err(D::Error::custom)
    }
}

impl From<serde_json::Value> for Node {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => number.as_i64().map_or(Self::Fraction, |number| Self::Integer(number.into())),
            serde_json::Value::String(text) => Self::Text(text),
            serde_json::Value::Array(entries) => Self::List(entries.into_iter().map(Self::from).collect()),
            serde_json::Value::Object(entries) => Self::Object(entries.into_iter().map(|(key, value)| (key, Self::from(value))).collect()),
        }
    }
}
