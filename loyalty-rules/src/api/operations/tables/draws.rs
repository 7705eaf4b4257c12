//! What a shop's digits show afterwards.

use crate::api::document::{ProgramDocument, agreed, proved};
use crate::api::fields::{Commitment, KeyHex};
use crate::api::wire::{Path, Refusal, Whole, answer, record};
use crate::award::Draw;
use crate::calendar::Date;
use crate::error::Fault;
use crate::operations;
use crate::quantity::Count;
use crate::tables::{DayKey, Digit, DigitCounts, Forcing, Uniformity};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

crate::wire_words! {
    Uniformity;
    Forcing;
}

operations! {
    "stopwatch.verify" ["SW-6"] "Whether every draw of a day holds against its published commitment.": verify, VerifyRequest => Verified;
    "stopwatch.statistics" ["SW-5 SW-6"] "What a shop's digits show.": statistics, CountsRequest => Statistics;
}

record! {
    /// A day's draws, its key and what was published before opening.
    pub struct VerifyRequest {
        /// What was published.
        published: Published,
        /// The day's key as told after closing, as hexadecimal digits.
        key_hex: KeyHex,
        /// The shop of the draws.
        shop: String,
        /// The day of the draws.
        day: Date,
        /// The id of the key; here or in the program's `draw`.
        key_id: Option<String>,
        /// The program, whose `draw.key_id` holds where this request states none.
        program: Option<ProgramDocument>,
        /// The draws.
        draws: Vec<DrawnReceipt>,
        /// The receipts of the day that were to draw; without them nothing is told of missing and surplus draws.
        receipts: Option<Vec<String>>,
    }
}

record! {
    /// A published commitment.
    pub struct Published {
        /// SHA-256 of the key, as hexadecimal digits.
        commitment: Commitment,
        /// The shop it binds.
        shop: String,
        /// The day it binds.
        day: Date,
        /// The id of the key it binds.
        key_id: String,
    }
}

record! {
    /// A receipt and the digit it was given.
    pub struct DrawnReceipt {
        /// The receipt id.
        receipt: String,
        /// The shopper's nonce.
        nonce: Option<String>,
        /// The digit.
        digit: Digit,
    }
}

answer! {
    /// A verified day.
    pub struct Verified {
        /// Whether the commitment holds and every receipt has its own drawn digit.
        valid: bool,
        /// Whether the key is the published one, for this shop, day and key id.
        commitment_holds: bool,
        /// Receipts whose digit is not the drawn one.
        wrong: Vec<String>,
        /// Receipts that drew more than once.
        repeated: Vec<String>,
        /// Receipts of the day without a draw, sorted; present if the receipts were given.
        [omit] without_draw: Option<Vec<String>>,
        /// Draws without a receipt of the day, sorted; present if the receipts were given.
        [omit] without_receipt: Option<Vec<String>>,
        /// Draws by digit, 0 … 9.
        counts: Vec<Count>,
    }
}

record! {
    /// How often each digit came up.
    pub struct CountsRequest {
        /// Ten counts, of the digits 0 … 9.
        counts: Vec<Count>,
    }
}

answer! {
    /// What digits show.
    pub struct Statistics {
        /// How many plays there were.
        plays: Count,
        /// Chi-square against an even spread, in thousandths, rounded down; null without plays.
        chi_square_milli: Option<Whole>,
        /// Whether they look evenly spread.
        uniform: Uniformity,
        /// The share of digit 0 in basis points, rounded down; null without plays.
        zero_share_bp: Option<Whole>,
        /// Whether digit 0 stands out.
        forcing: Forcing,
    }
}

/// The most bytes of the shop's name over all draws, each of which hashes it.
const MOST_HASHED: usize = 64 << 20;

fn verify(request: &VerifyRequest) -> Result<Verified, Refusal> {
    if request.shop.len().saturating_mul(request.draws.len()) > MOST_HASHED {
        return Err(Refusal::at(Fault::DrawsTooLarge, &Path::Root.key("shop")));
    }
    let key = DayKey::new(&request.key_hex.0)?;
    let Published { commitment, shop, day, key_id } = &request.published;
    let program = proved(request.program.as_ref())?;
    let of_program = program.as_ref().and_then(|program| match program.terms().draw {
        Draw::Hardened { key_id } => Some(String::from(key_id.as_str())),
        Draw::Clock => None,
    });
    let stated = agreed(request.key_id.clone(), of_program, "key_id")?.ok_or(Fault::Missing.error().at("key_id"))?;
    let binds = (shop, day, key_id) == (&request.shop, &request.day, &stated);
    let commitment_holds = binds && commitment.0 == key.commitment();
    let (mut wrong, mut repeated, mut counts) = (Vec::new(), Vec::new(), [Count::ZERO; 10]);
    let mut seen: BTreeMap<&str, bool> = BTreeMap::new();
    for draw in &request.draws {
        if !key.verify(&request.shop, &draw.receipt, draw.nonce.as_deref(), draw.digit) {
            wrong.push(draw.receipt.clone());
        }
        match seen.insert(&draw.receipt, true) {
            None => {
                seen.insert(&draw.receipt, false);
            }
            Some(false) => repeated.push(draw.receipt.clone()),
            Some(true) => {}
        }
        if let Some(count) = counts.get_mut(usize::from(draw.digit.get())) {
            *count = count.succ()?;
        }
    }
    let (mut without_draw, mut without_receipt) = (None, None);
    if let Some(receipts) = &request.receipts {
        let expected: BTreeSet<&str> = receipts.iter().map(String::as_str).collect();
        let missing = expected.iter().filter(|receipt| !seen.contains_key(*receipt));
        without_draw = Some(missing.map(|receipt| String::from(*receipt)).collect::<Vec<_>>());
        let surplus = seen.keys().filter(|receipt| !expected.contains(*receipt));
        without_receipt = Some(surplus.map(|receipt| String::from(*receipt)).collect::<Vec<_>>());
    }
    let is_whole = [&without_draw, &without_receipt].into_iter().flatten().all(Vec::is_empty);
    let valid = commitment_holds && wrong.is_empty() && repeated.is_empty() && is_whole;
    Ok(Verified { valid, commitment_holds, wrong, repeated, without_draw, without_receipt, counts: counts.to_vec() })
}

fn statistics(request: &CountsRequest) -> Result<Statistics, Refusal> {
    let counts = request.counts.as_slice().try_into().map_err(|_| Fault::NotTenCounts.error().at("counts"))?;
    let counts = DigitCounts::new(counts)?;
    Ok(Statistics {
        plays: counts.plays(),
        chi_square_milli: counts.chi_square_milli()?.map(Whole),
        uniform: counts.uniformity(),
        zero_share_bp: counts.zero_share_bp().map(Whole),
        forcing: counts.forcing(),
    })
}
