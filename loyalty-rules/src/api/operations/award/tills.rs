//! The shares of tills that cannot see each other.

use crate::api::document::ProgramDocument;
use crate::api::wire::{Path, Refusal, Weight, answer, record};
use crate::award::{self, SlotLimits};
use crate::error::{Error, Kind};
use crate::operations;
use crate::quantity::{Count, Rupiah};
use alloc::vec::Vec;

operations! {
    "award.till_shares" ["SP-1 AW-5 AW-6"] "The shares of tills that cannot see each other.": till_shares, TillsRequest => TillsAnswer;
}

record! {
    /// A program and its tills.
    pub struct TillsRequest {
        /// The program document.
        program: ProgramDocument,
        /// One weight a till, not all zero.
        weights: Vec<Weight>,
    }
}

answer! {
    /// The shares of the tills.
    pub struct TillsAnswer {
        /// What each till may give.
        tills: Vec<TillLimits>,
        /// The most that may be given above the limits if every till used them whole.
        over_release: TillLimits,
    }
}

answer! {
    /// Limits; null where the program states none.
    pub struct TillLimits {
        /// First-N places of a slot, or of each slot.
        first_n: Option<SlotLimits<Count>>,
        /// Rupiah a selling day.
        budget_day: Option<Rupiah>,
        /// Rupiah a slot, or of each slot.
        budget_slot: Option<SlotLimits<Rupiah>>,
    }
}

fn till_shares(request: &TillsRequest) -> Result<TillsAnswer, Refusal> {
    let program = request.program.prove(&Path::Root.key("program"))?;
    let at_weights = |error: Error| if error.kind() == Kind::BadShares { error.at("weights") } else { error };
    let (tills, over_release) =
        program.till_limits(&request.weights.iter().map(|weight| weight.0.into()).collect::<Vec<u64>>()).map_err(at_weights)?;
    Ok(TillsAnswer { tills: tills.into_iter().map(TillLimits::from).collect(), over_release: over_release.into() })
}

impl From<award::TillLimits> for TillLimits {
    fn from(limits: award::TillLimits) -> Self {
        Self { first_n: limits.first_n, budget_day: limits.budget_day, budget_slot: limits.budget_slot }
    }
}
