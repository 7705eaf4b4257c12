//! A refused request: what is wrong, and where.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};

use crate::error::{Error, Fault};

/// Where a value stands in the request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Entry(&'a Path<'a>, usize),
}

impl<'a> Path<'a> {
    pub(super) fn key(&'a self, key: &'a str) -> Self {
        Self::Key(self, key)
    }

    pub(super) fn entry(&'a self, index: usize) -> Self {
        Self::Entry(self, index)
    }
}

impl core::fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Self::Root, key) => f.write_str(key),
            Self::Key(parent, key) => write!(f, "{parent}.{key}"),
            Self::Entry(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// A refused request: the fault and the path to its field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(Box<Refused>);

/// Behind a pointer, so that what may be refused is hardly larger than what is not.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refused {
    fault: Fault,
    path: String,
}

impl Refusal {
    /// What is wrong and what would do.
    pub const fn fault(&self) -> Fault {
        self.0.fault
    }

    /// Where, from the request's root: `program.funding.shares_bp[1]`; empty for the request itself.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    #[cold]
    pub(super) fn at(fault: Fault, path: &Path<'_>) -> Self {
        Self::inside(fault.error(), path)
    }

    /// A refusal by the rules, at its field inside the object at `path`.
    #[cold]
    pub(super) fn inside(error: Error, path: &Path<'_>) -> Self {
        let (object, field) = (path.to_string(), error.field().to_string());
        let dot = if object.is_empty() || field.is_empty() { "" } else { "." };
        Self(Box::new(Refused { fault: error.fault(), path: format!("{object}{dot}{field}") }))
    }
}

/// The path and what would do, in English.
impl core::fmt::Display for Refusal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let colon = if self.path().is_empty() { "" } else { ": " };
        write!(f, "{}{colon}{}", self.path(), self.fault().english())
    }
}

impl core::error::Error for Refusal {}

/// The rules name fields from the request's root.
impl From<Error> for Refusal {
    #[cold]
    fn from(error: Error) -> Self {
        Self::inside(error, &Path::Root)
    }
}
