//! A refused request: what is wrong, and where.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};

use crate::error::{Error, Fault};

/// Where a value stands in the request.
#[derive(Clone, Copy, Debug)]
pub enum Path<'a> {
    /// The request itself.
    Root,
    /// A field of an object.
    Key(&'a Path<'a>, &'a str),
    /// An entry of a list.
    Entry(&'a Path<'a>, usize),
}

impl<'a> Path<'a> {
    /// A field of the object that stands here.
    pub fn key(&'a self, key: &'a str) -> Self {
        Self::Key(self, key)
    }

    /// An entry of the list that stands here.
    pub fn entry(&'a self, index: usize) -> Self {
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
    /// What is told behind the texts of the fault, in both languages.
    more: [String; 2],
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

    /// What is wrong and what would do, in English: the fault's text and, where there is more to tell, the words that would
    /// do, or the line and the column.
    pub fn english(&self) -> String {
        [self.0.fault.english(), self.0.more[0].as_str()].concat()
    }

    /// The same in Bahasa Indonesia.
    pub fn indonesian(&self) -> String {
        [self.0.fault.indonesian(), self.0.more[1].as_str()].concat()
    }

    /// The same, telling more behind the texts, in both languages.
    #[doc(hidden)]
    #[cold]
    pub fn telling(mut self, more: [String; 2]) -> Self {
        self.0.more = more;
        self
    }

    /// The same, telling the words that would do.
    #[doc(hidden)]
    #[cold]
    pub fn with_words(self, words: &mut dyn Iterator<Item = &'static str>) -> Self {
        let mut list = String::new();
        for word in words {
            if !list.is_empty() {
                list.push_str(", ");
            }
            list.push_str(word);
        }
        self.telling([["; one of: ", &list].concat(), ["; salah satu dari: ", &list].concat()])
    }

    /// A refusal at a path.
    #[doc(hidden)]
    #[cold]
    pub fn at(fault: Fault, path: &Path<'_>) -> Self {
        Self::inside(fault.error(), path)
    }

    /// A refusal by the rules, at its field inside the object at `path`.
    #[doc(hidden)]
    #[cold]
    pub fn inside(error: Error, path: &Path<'_>) -> Self {
        let (object, field) = (path.to_string(), error.field().to_string());
        let dot = if object.is_empty() || field.is_empty() { "" } else { "." };
        Self(Box::new(Refused { fault: error.fault(), path: format!("{object}{dot}{field}"), more: Default::default() }))
    }
}

/// The path and what would do, in English.
impl core::fmt::Display for Refusal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let colon = if self.path().is_empty() { "" } else { ": " };
        write!(f, "{}{colon}{}", self.path(), self.english())
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
