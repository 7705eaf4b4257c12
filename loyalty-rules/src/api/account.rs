//! An account's points as a value that a host stores: the `state` of `ledger.apply`.

use alloc::string::String;
use alloc::vec::Vec;

use super::wire::{AsWritten, Path, Refusal, Whole, record};
use crate::error::{Error, Fault, Field};
use crate::ledger::{
    Account, AccountState, EarningState, LotState, PartState, RedemptionState, ReservationState, SeenState, TakenState, WaitingState,
};
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
        /// Entries before it are refused, and what was gone before it is dropped; without it nothing is.
        horizon: Option<AsWritten>,
        /// The last entry, refused ones included; null while none has come.
        [null] last: Option<LastFields>,
        /// Earnings, adjustments and received lots, by time, then id.
        lots: Vec<LotFields>,
        /// Open reservations, by id.
        reservations: Vec<ReservationFields>,
        /// Redemptions and commits, by time, then id.
        redemptions: Vec<SpentFields> = Vec::new(),
        /// Reversals whose earning or redemption has not come, by time, then id.
        waiting: Vec<WaitingReversal> = Vec::new(),
        /// The ids of all other entries, by time, then id.
        others: Vec<SeenFields> = Vec::new(),
        /// The sending halves that were received, by id.
        received: Vec<SeenFields> = Vec::new(),
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
    /// A lot; the fields from `earned_milli` to `forgiven_milli` are of earnings only.
    pub struct LotFields {
        /// The id of the entry that made it.
        id: String,
        /// The shop that issued it; absent if it is not known.
        shop: Option<String>,
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
        /// What was spent of it and not yet reversed, in thousandths of a point.
        spent_milli: Option<Points>,
        /// What open reservations hold of it and is not yet reversed, in thousandths of a point.
        held_milli: Points = Points::ZERO,
        /// What redemptions took of it and their undoing did not bring back, in thousandths of a point.
        redeemed_milli: Points = Points::ZERO,
        /// What reversals forgave of it, in thousandths of a point.
        forgiven_milli: Points = Points::ZERO,
        /// Whether it came from another account.
        received: bool = false,
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

record! {
    /// A redemption, or a commit.
    pub struct SpentFields {
        /// Its id.
        id: String,
        /// When it was.
        time: AsWritten,
        /// What its undoing asked for, in thousandths of a point.
        undone_milli: Points = Points::ZERO,
        /// What it took, in spending order.
        parts: Vec<TakenFields>,
    }
}

record! {
    /// What a redemption took of a lot.
    pub struct TakenFields {
        /// The lot's id.
        lot: String,
        /// Thousandths of a point, above 0.
        points_milli: Points,
        /// What came back into the lot, in thousandths of a point.
        back_milli: Points = Points::ZERO,
    }
}

record! {
    /// A reversal that waits.
    pub struct WaitingReversal {
        /// Its id.
        id: String,
        /// When it was.
        time: AsWritten,
        /// The id that it waits for.
        of: String,
        /// What it asks for, in thousandths of a point.
        points_milli: Points,
    }
}

record! {
    /// An id, and when it came.
    pub struct SeenFields {
        /// The id.
        id: String,
        /// When.
        time: AsWritten,
    }
}

impl StateFields {
    pub(super) fn of(account: &Account) -> Self {
        let state = account.state();
        let lot = |LotState { id, shop, time, expires, points, earning, is_received }| {
            let known = earning.unwrap_or_default();
            LotFields {
                id,
                shop,
                time: AsWritten(time),
                expires: expires.map(AsWritten),
                points_milli: points,
                earned_milli: earning.map(|earning| earning.earned),
                reversed_milli: earning.map(|earning| earning.reversed),
                spent_milli: earning.map(|earning| earning.spent),
                held_milli: known.held,
                redeemed_milli: known.redeemed,
                forgiven_milli: known.forgiven,
                received: is_received,
            }
        };
        let part = |PartState { lot, points }| HeldFields { lot, points_milli: points };
        let reservation = |ReservationState { id, parts }| ReservationFields { id, parts: parts.into_iter().map(part).collect() };
        let taken = |TakenState { lot, points, back }| TakenFields { lot, points_milli: points, back_milli: back };
        let redemption = |RedemptionState { id, time, undone, parts }| SpentFields {
            id,
            time: AsWritten(time),
            undone_milli: undone,
            parts: parts.into_iter().map(taken).collect(),
        };
        let waiting = |WaitingState { id, time, of, points }| WaitingReversal { id, time: AsWritten(time), of, points_milli: points };
        let seen = |SeenState { id, time }| SeenFields { id, time: AsWritten(time) };
        Self {
            account: state.account,
            version: Whole(state.version.get()),
            debt_milli: state.debt,
            horizon: state.horizon.map(AsWritten),
            last: state.last.map(|(time, id)| LastFields { time: AsWritten(time), id }),
            lots: state.lots.into_iter().map(lot).collect(),
            reservations: state.reservations.into_iter().map(reservation).collect(),
            redemptions: state.redemptions.into_iter().map(redemption).collect(),
            waiting: state.waiting.into_iter().map(waiting).collect(),
            others: state.others.into_iter().map(seen).collect(),
            received: state.received.into_iter().map(seen).collect(),
        }
    }

    /// The account of a state that stands at `path`.
    pub(super) fn account(&self, path: &Path<'_>) -> Result<Account, Refusal> {
        self.prove().map_err(|error| Refusal::inside(error, path))
    }

    fn prove(&self) -> Result<Account, Error> {
        let lot = |(index, lot): (usize, &LotFields)| {
            let (held, redeemed, forgiven) = (lot.held_milli, lot.redeemed_milli, lot.forgiven_milli);
            let earning = match (lot.earned_milli, lot.reversed_milli, lot.spent_milli) {
                (Some(earned), Some(reversed), Some(spent)) => Some(EarningState { earned, reversed, spent, held, redeemed, forgiven }),
                (None, None, None) if [held, redeemed, forgiven] == [Points::ZERO; 3] => None,
                _ => return Err(Fault::NotAState.error().at(Field::within("lots", index, "earned_milli"))),
            };
            let expires = lot.expires.map(|AsWritten(expires)| expires);
            let (id, shop) = (lot.id.clone(), lot.shop.clone());
            Ok(LotState { id, shop, time: lot.time.0, expires, points: lot.points_milli, earning, is_received: lot.received })
        };
        let part = |part: &HeldFields| PartState { lot: part.lot.clone(), points: part.points_milli };
        let reservation = |reservation: &ReservationFields| ReservationState {
            id: reservation.id.clone(),
            parts: reservation.parts.iter().map(part).collect(),
        };
        let taken = |part: &TakenFields| TakenState { lot: part.lot.clone(), points: part.points_milli, back: part.back_milli };
        let redemption = |redemption: &SpentFields| RedemptionState {
            id: redemption.id.clone(),
            time: redemption.time.0,
            undone: redemption.undone_milli,
            parts: redemption.parts.iter().map(taken).collect(),
        };
        let waiting = |waiting: &WaitingReversal| WaitingState {
            id: waiting.id.clone(),
            time: waiting.time.0,
            of: waiting.of.clone(),
            points: waiting.points_milli,
        };
        let seen = |seen: &SeenFields| SeenState { id: seen.id.clone(), time: seen.time.0 };
        Account::from_state(&AccountState {
            account: self.account.clone(),
            version: Count::new(self.version.0).map_err(|_| Fault::NotAState.error().at("version"))?,
            debt: self.debt_milli,
            horizon: self.horizon.map(|AsWritten(horizon)| horizon),
            last: self.last.as_ref().map(|last| (last.time.0, last.id.clone())),
            lots: self.lots.iter().enumerate().map(lot).collect::<Result<_, _>>()?,
            reservations: self.reservations.iter().map(reservation).collect(),
            redemptions: self.redemptions.iter().map(redemption).collect(),
            waiting: self.waiting.iter().map(waiting).collect(),
            others: self.others.iter().map(seen).collect(),
            received: self.received.iter().map(seen).collect(),
        })
    }
}
