//! Floor 6: many channels and shops as one. One record of what they sell and take back (OR).

mod accounts;
mod anomalies;
mod codes;
mod follow;
mod merge;
mod once;
mod reconcile;
mod record;
mod reorder;
mod sale;
#[cfg(feature = "crypto")]
mod seal;
mod stock;

pub use accounts::Posting;
pub use anomalies::{Anomalies, AnomalyTerms, Finding, Player, SeenReceipt, SeenVoucher};
pub use codes::Codes;
pub use follow::{AnswerTerms, Followed, Order, OrderState};
pub use merge::{Gap, Merged, Position, SequenceConflict, merge};
pub use reconcile::{Paid, Reconciled, ReconciledLine, TillCount, reconcile};
pub use record::{EventType, KnownEvent, RecordReason, known_event};
pub use reorder::{Reorder, StockedProduct};
pub use sale::{AwardOn, Bill, PricedSale, Sale, SaleLine, TaxBy, TaxTerms, Taxed};
#[cfg(feature = "crypto")]
pub use seal::{SignatureReason, chain, check_signature, erased_member, event_hash};
pub use stock::{
    MoveReason, MovedStock, ShortStock, StockAfter, StockChange, StockLine, StockMove, StockPolicy, StockWant, move_stock, take_stock,
};
