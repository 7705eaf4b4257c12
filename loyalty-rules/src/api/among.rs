//! Some of the operations, for a library that is to hold no other.

use alloc::string::String;
use core::fmt;

use super::operations::{self, Named};
use super::refusal::Refusal;

/// A selection of `N` operations. It is made while compiling, so that the linker drops every operation that none selects.
///
/// ```
/// use loyalty_rules::api::Among;
///
/// // An unknown name does not compile.
/// const RATES: Among<2> = Among::of(["table.rate", "standby.rate"]).unwrap();
///
/// assert_eq!(RATES.answer("standby.rate", br#"{"prior_points_milli": 300000}"#).unwrap(), r#"{"rate_bp":150}"#);
/// assert_eq!(RATES.answer("money.round", b"{}").unwrap_err().fault().kind().name(), "unknown_op");
/// assert!(Among::of(["table.rates"]).is_none());
/// ```
#[derive(Clone, Copy)]
pub struct Among<const N: usize>([Named; N]);

impl<const N: usize> Among<N> {
    /// The operations of these names; none if there is no operation of one of them.
    pub const fn of(names: [&str; N]) -> Option<Self> {
        let mut picked = [BLANK; N];
        let (mut places, mut names): (&mut [Named], &[&str]) = (&mut picked, &names);
        while let ([place, later @ ..], [name, others @ ..]) = (places, names) {
            match named(name) {
                Some(found) => *place = found,
                None => return None,
            }
            (places, names) = (later, others);
        }
        Some(Self(picked))
    }

    /// Answers one of these operations, as [`answer`](super::answer) does.
    ///
    /// # Errors
    /// Whatever the operation refuses, `unknown_op` for any other.
    pub fn answer(&self, operation: &str, request: &[u8]) -> Result<String, Refusal> {
        super::answer_among(&[&self.0], operation, request)
    }
}

impl<const N: usize> fmt::Debug for Among<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// What stands in a place before an operation does.
const BLANK: Named = ("", |_, _| Ok(()));

const fn named(name: &str) -> Option<Named> {
    let mut groups = operations::RUNS;
    while let [group, others @ ..] = groups {
        let mut group = *group;
        while let [run, rest @ ..] = group {
            if is_same(run.0.as_bytes(), name.as_bytes()) {
                return Some(*run);
            }
            group = rest;
        }
        groups = others;
    }
    None
}

/// `==` is not for constants.
const fn is_same(mut one: &[u8], mut other: &[u8]) -> bool {
    while let ([a, rest @ ..], [b, others @ ..]) = (one, other) {
        if *a != *b {
            return false;
        }
        (one, other) = (rest, others);
    }
    one.is_empty() && other.is_empty()
}
