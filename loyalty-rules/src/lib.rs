//! One loyalty engine for a till, a web shop, a server and a cluster: the same rupiah on each.
//!
//! Shops give voucher points. In the *time auction* the rate rises over ten slots of the selling day,
//! in the *stopwatch* a countdown ends on a lucky digit that picks the rate; who misses the minimum
//! purchase gets a smaller *standby* voucher by the points already held.
//!
//! ```
//! use loyalty_rules::award::{Counters, Merchant, Play, Program, Receipt, Shopper, Terms, decide};
//! use loyalty_rules::quantity::Rupiah;
//! use loyalty_rules::tables::{Digit, TableName};
//!
//! let mut terms = Terms::new(TableName::parse("stopwatch/below_15/plus")?);
//! terms.quota = Rupiah::new(200_000)?.into();
//! let program = Program::new(terms)?;
//!
//! let receipt = Receipt::new(Rupiah::new(250_000)?).with(Play::Digit(Digit::new(5)?));
//! let award = decide(&program, &receipt, &Shopper::default(), &Merchant::default(), &Counters::default())?;
//!
//! assert_eq!(award.reason().name(), "full");
//! assert_eq!(award.value(), Rupiah::new(15_000)?); // Plus, digit 5: 6 % of Rp250,000
//! # Ok::<(), loyalty_rules::Error>(())
//! ```
//!
//! Everything is an argument: no rule reads a clock, a file, the environment or a random source, so
//! the same arguments give the same answer on every machine. Money is whole rupiah, rates are basis
//! points, points are thousandths, and nothing is a float. What is out of domain is refused by an
//! [`Error`] that names the field and the next step; nothing is clamped and nothing panics.
//!
//! # Floors
//!
//! A module uses only the floors below it. What planners and operators need stands in crates above: `loyalty-planning` (margins,
//! safe tiers, simulated days) and `loyalty-network` (one record for every channel, campaigns, territories, clearing).
//!
//! | floor | modules | |
//! |---|---|---|
//! | 6 | [`api`] | every operation by name, JSON in and out (feature `json`) |
//! | 5 | [`ledger`] | what happens after the award: points of an account, vouchers (feature `alloc`) |
//! | 4 | [`award`] | the program and the decision |
//! | 3 | [`funding`], [`points`] | splits, the bonus family, the guarantee fund; points, menus, gifts, bundles |
//! | 2 | [`tables`] | rate tables, digits and slots, standby schedule |
//! | 1 | [`quantity`], [`calendar`], [`condition`] | rupiah, rates, points, rounding; civil time, sale window; tests joined by all, any and not (feature `alloc`) |
//! | 0 | [`error`] | kinds, faults, paths |
//!
//! # Features
//!
//! Features only add code. Without any the crate needs neither `std` nor an allocator.
//!
//! * `alloc`: splits among any number of parties, the guarantee fund, [`ledger`].
//! * `crypto`: the hardened draw, and with `alloc` voucher codes and tokens, signed entries and allowances
//!   (HMAC-SHA-256, Ed25519).
//! * `json`: [`api`] and the program document (implies `alloc` and `crypto`).
//! * `schema`: the JSON Schemas of the operations (implies `json`).
//! * `serde`: [`ledger::Account`] stored and loaded by `serde` (implies `json`).
//! * `decimal`: quantities as `rust_decimal::Decimal` (implies `alloc`).
//! * `chrono`: civil times from `chrono::DateTime<FixedOffset>`.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;

#[cfg(feature = "json")]
#[cfg_attr(not(feature = "schema"), allow(dead_code, reason = "what describes a type is for the schemas alone"))]
pub mod api;
pub mod award;
pub mod calendar;
#[cfg(feature = "alloc")]
pub mod condition;
pub mod error;
pub mod funding;
#[cfg(feature = "crypto")]
mod hmac;
#[cfg(feature = "alloc")]
pub mod ledger;
pub mod points;
pub mod quantity;
#[cfg(feature = "alloc")]
#[doc(hidden)]
pub mod sort;
pub mod tables;
mod words;

pub use error::{Error, Kind};

/// The examples of the README are run.
#[cfg(all(doctest, feature = "json"))]
#[doc = include_str!("../../README.md")]
struct Readme;

/// What is shared between threads can be.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<award::Program>();
    shared::<award::Award>();
    shared::<Error>();
    #[cfg(feature = "json")]
    shared::<api::Refusal>();
};
