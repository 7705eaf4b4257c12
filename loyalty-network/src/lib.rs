//! Many shops and channels as one, above `loyalty-rules`.
//!
//! | group | what |
//! |---|---|
//! | `record`, `order`, `stock` (OR) | one record of what channels sell and take back: events, one stock, orders followed |
//! | `network` (NW) | the whole life of a claim as one fold over events: [`fold`] |
//! | `clearing`, `statement` (CL) | what shops owe each other, and a shop's month |
//! | `campaign` (CD) | whom a task is for, who does it, how it goes |
//! | `territory` (TR) | who serves which outlets |
//! | `member` (PT) | limits, stamps, challenges, tiers and referral of one member |
//! | `consignment` (CS) | goods sold for another (*Titip Jual*) |
//!
//! ```
//! use loyalty_network::{Issuers, Redemption, clear};
//! use loyalty_rules::quantity::Rupiah;
//!
//! // Shop B took a voucher of Rp15,000 that shop A had issued.
//! let value = Rupiah::new(15_000)?;
//! let redeemed = [Redemption { id: "r1", of: None, issuers: Issuers::Shop("A"), acceptor: "B", value }];
//! let cleared = clear(&redeemed, [])?;
//! assert_eq!((cleared.net["A"].get(), cleared.net["B"].get()), (-15_000, 15_000));
//! # Ok::<(), loyalty_rules::Error>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod accounts;
mod anomalies;
mod assign;
mod audit;
mod clearing;
mod codes;
mod compliance;
mod condition;
mod consignment;
mod fairness;
mod fault;
pub mod fold;
mod follow;
mod held;
mod member;
mod merge;
mod natural;
mod once;
mod operations;
mod ownership;
mod period;
mod place;
mod priority;
mod reconcile;
mod record;
mod redivide;
mod reorder;
mod risk;
mod sale;
mod seal;
mod statement;
mod stock;
mod territory;
mod visit;
mod weights;

pub use accounts::{Posting, Settled};
pub use anomalies::{Anomalies, AnomalyTerms, Finding, Player, SeenReceipt, SeenVoucher};
pub use assign::{Assignment, EarlierTask, Shift, StaffTask, Unassigned, assign};
pub use audit::{AuditGaps, AuditRow, AuditShort, audit};
pub use clearing::{Clearing, IssuedLot, Issuers, Redemption, Settlement, Transfer, clear, settle};
pub use codes::{Codes, ScaleLabel, ScaleRead, ScaleValue};
pub use compliance::{Compliance, IssuedTask, TaskFlag};
pub use condition::{FailedCondition, StockLevel, Store, StoreCondition, StoreTest, TargetFilter, TaskDone};
pub use consignment::{Acceptance, Consigned, Offer, Profit, ReturnCost, Scheme, Stage, marketing_cost, return_cost, take_back_pay};
pub use fairness::{Attainment, Fairness, TerritorySales, TotalAttainment, attainment, fairness, total_attainment};
pub use fault::{FAULTS, Faults};
pub use follow::{AnswerTerms, Followed, Order, OrderState};
pub use held::{Held, HeldAfter, HeldChange};
pub use member::{
    Challenge, ChallengeMoved, ChallengeState, ClosedPeriod, Fall, LimitSpan, LimitState, LimitTerms, Limited, LimitedUse, MemberPurchase,
    Recurrence, Referral, ReferralMoved, ReferralReason, ReferralState, SpanCount, SpanLimit, StampBy, StampState, StampTerms, StampVisit,
    StampsMoved, Tier, TierChange, TierMoved, TierState, TierTerms,
};
pub use merge::{Gap, Merged, Position, SequenceConflict, merge};
pub use operations::OPERATIONS;
#[doc(hidden)]
pub use operations::RUNS;
pub use ownership::Ownership;
pub use period::{Period, Received, SettledLine, SettledPeriod};
pub use place::{Latitude, Longitude, Place};
pub use priority::{Priorities, Priority, WaitingTask, hours_left};
pub use reconcile::{Paid, Reconciled, ReconciledLine, TillCount, reconcile};
pub use record::{EventType, KnownEvent, RecordReason, known_event};
pub use redivide::{HeldOutlet, Move, Redivision, redivide};
pub use reorder::{Reorder, StockedProduct};
pub use risk::{OpenTask, RiskTerms, TaskRisk, TaskRiskReason};
pub use sale::{AwardOn, Bill, ChargedOn, PricedSale, Sale, SaleLine, TaxBase, TaxBy, TaxTerms, Taxed};
pub use seal::{SignatureReason, chain, check_signature, erased_member, event_hash};
pub use statement::{Statement, StatementAccount, StatementEvent, StatementEventKind, StatementLine};
pub use stock::{
    KeptStock, MoveReason, MovedStock, ShortStock, StockAfter, StockChange, StockLine, StockMove, StockPolicy, StockWant, move_stock,
    take_stock,
};
pub use territory::{Division, Outlet, Potential, Prospect, ProspectScore, Territory, divide, prospect_scores};
pub use visit::{CheckIn, Experience, Geofence, Past};
pub use weights::{FactorWeight, Weights};

use loyalty_rules::error::Error;
use loyalty_rules::quantity::{Count, Ratio};

const NANOS_A_MINUTE: i128 = 60_000_000_000;

/// Minutes in nanoseconds, below 2⁹⁰.
fn nanos(minutes: Count) -> i128 {
    i128::from(minutes.get()).wrapping_mul(NANOS_A_MINUTE)
}

/// part ÷ whole truncated toward zero, for a part below 2¹¹³; `None` of nothing.
fn ratio(part: i128, whole: i128) -> Result<Option<Ratio>, Error> {
    part.wrapping_mul(10_000).checked_div(whole).map(Ratio::from_result).transpose()
}

/// The number of items of a list.
fn count(number: usize) -> i128 {
    i128::try_from(number).unwrap_or(i128::MAX)
}
