//! A host of the network: it loads states by key, asks the library, stores what it answers, and delivers the messages.
//!
//! States, facts and messages are bytes that it passes on. Of an event it reads `source` and `id`, of an answer the names of
//! the lists. `lines` is the protocol on standard input and output, `host` one request, `store` the tables.

mod host;
mod library;
mod lines;
mod store;

pub use host::{Deal, Delivered, Failure, Host};
pub use lines::serve;
pub use store::Store;
