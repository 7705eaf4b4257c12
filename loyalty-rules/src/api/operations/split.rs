//! Splits.

use alloc::vec::Vec;

use crate::api::fields::ShareFields;
use crate::api::wire::{Amount, Path, Refusal, Whole, answer, record};
use crate::error::{Error, Fault, Field};
use crate::funding;
use crate::operations;
use crate::quantity::{Count, Rupiah};

operations! {
    "split.allocate" ["SP-1 SP-2 SP-3 SP-4"] "An amount split by shares, to the rupiah.": allocate, Allocate => Split;
    "split.reverse" ["SP-6"] "Recorded parts taken back, refund by refund.": reverse, Reverse => Reversed;
    "split.capped" ["SP-7"] "A split with a cap per party.": capped, Capped => Split;
    "split.pool" ["SP-5 SP-1"] "Bonus goods bought together, allotted by contribution.": pool, PoolRequest => PoolAnswer;
}

record! {
    /// An amount and its shares.
    pub struct Allocate {
        /// The amount in rupiah; a negative one gives the negated parts.
        amount: Rupiah,
        [flat] shares: ShareFields,
    }
}

answer! {
    /// The parts of a split.
    pub struct Split {
        /// One part a party in rupiah, in the order of the shares; they sum to the amount.
        parts: Vec<Rupiah>,
    }
}

record! {
    /// Recorded parts and refunds.
    pub struct Reverse {
        /// The recorded parts in rupiah, each 0 or more.
        parts: Vec<Rupiah>,
        /// The refunds in rupiah, one after the other.
        refunds: Vec<Rupiah>,
    }
}

answer! {
    /// What was taken back.
    pub struct Reversed {
        /// What each party gives, a list a refund, in rupiah.
        taken: Vec<Vec<Rupiah>>,
        /// The parts that are left, in rupiah.
        left: Vec<Rupiah>,
    }
}

record! {
    /// An amount, its shares and caps.
    pub struct Capped {
        /// The amount in rupiah.
        amount: Rupiah,
        [flat] shares: ShareFields,
        /// The most each party gets, in rupiah; null for no cap.
        caps: Vec<Option<Rupiah>>,
        /// The index of the party that takes the rest once the others are full.
        residual: Option<Whole>,
    }
}

record! {
    /// Members who buy together.
    pub struct PoolRequest {
        /// What each member contributes, in rupiah.
        contributions: Vec<Amount>,
        /// The units bought.
        units: Count,
        /// What a unit costs in the market, in rupiah.
        market_price: Amount,
    }
}

answer! {
    /// What each member gets; the lists are in the order of the contributions.
    pub struct PoolAnswer {
        /// The units of each member; they sum to the units bought.
        units: Vec<Count>,
        /// Units × market price − contribution in rupiah, signed.
        savings: Vec<Rupiah>,
        /// The savings together, in rupiah.
        saving: Rupiah,
    }
}

fn allocate(request: &Allocate) -> Result<Split, Refusal> {
    let weights = request.shares.weights(&Path::Root)?;
    Ok(Split { parts: funding::allocate(request.amount, &weights)? })
}

/// The most parts × refunds of one request: so many numbers are answered.
const TAKEN_MAX: usize = 200_000;

fn reverse(request: &Reverse) -> Result<Reversed, Refusal> {
    if request.parts.len().saturating_mul(request.refunds.len()) > TAKEN_MAX {
        return Err(Fault::TooManyTaken.error().at("refunds").into());
    }
    if let Some(index) = request.parts.iter().position(|part| part.get() < 0) {
        return Err(Fault::Negative.error().at(Field::entry("parts", index)).into());
    }
    let mut left = request.parts.clone();
    let mut taken = Vec::new();
    for (index, refund) in request.refunds.iter().enumerate() {
        let parts = funding::take_back(&left, *refund).map_err(|error| error.at(Field::entry("refunds", index)))?;
        left = left.iter().zip(&parts).map(|(left, part)| left.checked_sub(*part)).collect::<Result<_, Error>>()?;
        taken.push(parts);
    }
    Ok(Reversed { taken, left })
}

fn capped(request: &Capped) -> Result<Split, Refusal> {
    let weights = request.shares.weights(&Path::Root)?;
    let outside = Fault::ResidualOutsideList.error().at("residual");
    let residual = request.residual.map(|residual| usize::try_from(residual.0)).transpose().map_err(|_| outside)?;
    Ok(Split { parts: funding::allocate_capped(request.amount, &weights, &request.caps, residual)? })
}

fn pool(request: &PoolRequest) -> Result<PoolAnswer, Refusal> {
    let contributions: Vec<Rupiah> = request.contributions.iter().map(|contribution| contribution.0).collect();
    let funding::Pool { units, savings, saving } = funding::Pool::allot(&contributions, request.units, request.market_price.0)?;
    Ok(PoolAnswer { units, savings, saving })
}
