//! The network as one fold (docs/network.md): [`keys`] names the states of an event, [`apply`] applies it.
//!
//! | module | what |
//! |---|---|
//! | `name`, `event`, `report`, `request`, `message`, `keys` | what an event says, and which states it touches |
//! | `state`, `states`, `fact`, `row` | what is stored by key, and the log |
//! | `terms` | programs and settings |
//! | `step`, `apply` | one event while it is applied; once |
//! | `check`, `view` | whether states add up, what a till carries into an event, what is due |
//! | `sale`, `goods`, `returns`, `quote`, `tender` | a shop's sales: award, by offers, return, what a return would do, what redemptions pay |
//! | `redeem`, `reserved`, `undo`, `account` | claims at their owner: vouchers, lots, debts |
//! | `fund`, `clearing`, `expiry` | a shop's fund, what shops owe each other, what expires and is brought in |

mod account;
mod apply;
mod check;
mod clearing;
mod event;
mod expiry;
mod fact;
mod fund;
mod goods;
mod keys;
mod message;
mod name;
mod quote;
mod redeem;
mod report;
mod request;
mod reserved;
mod returns;
mod row;
mod sale;
mod state;
mod states;
mod step;
mod tender;
mod terms;
mod undo;
mod view;

use row::row;

pub use apply::{Applied, apply};
pub use check::{Breach, Network, NetworkLaw};
pub use event::*;
pub use fact::{Fact, FactKind};
pub(crate) use fund::merchant;
pub use keys::{Keys, keys};
pub use name::{ClaimName, ClaimOwner, Id, Name, Owner, Source, encoded};
pub use quote::{ClaimBack, ReturnQuote, TakenQuote, quote};
pub use state::*;
pub(crate) use states::StateNodes;
pub use states::States;
pub use step::Released;
pub use terms::{NetworkProgram, NetworkSettings, NetworkTerms, PrintedPayer};
pub use view::{DueEvent, DueStates};

use loyalty_rules::api::json::parse;
use loyalty_rules::api::wire::{Path, Refusal, read, record};

record! {
    /// An event.
    pub struct EventRequest {
        /// The event.
        event: Event,
    }
}

/// Reads the event of a request `{"event": …}`.
///
/// # Errors
/// What is malformed.
pub fn read_event(request: &[u8]) -> Result<Event, Refusal> {
    Ok(read::<EventRequest>(&parse(request)?, &Path::Root)?.event)
}
