//! How a request is read: every value from its place, and the first refusal kept there.

use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;

use super::json::{Json, Node};
use super::refusal::{Path, Refusal};
use crate::error::{Error, Fault};
use crate::quantity::DOMAIN_MAX;
use crate::sort;

/// A value that is read from JSON. What is wrong is told to its place, and any value stands in for it: the first
/// refusal is looked at once, when the whole request is read.
pub trait Read: Sized {
    /// The value, or what stands in for a refused one.
    fn read(at: &At<'_>) -> Self;
}

/// Reads the value that stands at `path`.
pub fn read<T: Read>(node: &Node, path: &Path<'_>) -> Result<T, Refusal> {
    let first = Cell::new(None);
    let at = At { node, path: *path, first: &first };
    let value = T::read(&at);
    at.accepted().map(|()| value)
}

/// The function of an operation: reads its request from a place, and writes its answer.
pub type Run = fn(&At<'_>, &mut Json) -> Result<(), Refusal>;

/// Runs an operation on a request.
pub fn run(run: Run, request: &Node) -> Result<String, Refusal> {
    let (first, mut json) = (Cell::new(None), Json::default());
    run(&At { node: request, path: Path::Root, first: &first }, &mut json)?;
    Ok(json.into_string())
}

/// A value that is to be read, its path, and the first refusal of the request.
pub struct At<'a> {
    /// The value.
    pub node: &'a Node,
    /// Where it stands.
    pub path: Path<'a>,
    first: &'a Cell<Option<Refusal>>,
}

impl core::fmt::Debug for At<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.path)
    }
}

impl<'a> At<'a> {
    /// A field of this object.
    pub fn key(&'a self, key: &'a str, node: &'a Node) -> Self {
        Self { node, path: self.path.key(key), first: self.first }
    }

    /// Whether it is absent.
    pub fn is_null(&self) -> bool {
        matches!(self.node, Node::Null)
    }

    /// The first refusal, if anything was refused.
    pub fn accepted(&self) -> Result<(), Refusal> {
        self.first.take().map_or(Ok(()), Err)
    }

    /// Refuses the value; a field that is `null` is a missing one. Returns what stands in for it.
    pub fn refuse<T>(&self, fault: Fault, instead: T) -> T {
        let is_missing = self.is_null() && matches!(self.path, Path::Key(..));
        self.proved(Err(if is_missing { Fault::Missing } else { fault }.error()), instead)
    }

    /// A value that the rules made, or refused.
    pub fn proved<T>(&self, made: Result<T, Error>, instead: T) -> T {
        made.unwrap_or_else(|error| {
            self.note(Refusal::inside(error, &self.path));
            instead
        })
    }

    /// Refuses a text that is none of the words that would do.
    #[cold]
    pub fn refuse_word<T>(&self, fault: Fault, words: &mut dyn Iterator<Item = &'static str>, instead: T) -> T {
        if matches!(self.node, Node::Text(_)) {
            self.note(Refusal::at(fault, &self.path).with_words(words));
        }
        instead
    }

    /// Keeps the first refusal.
    pub fn note(&self, refusal: Refusal) {
        self.first.set(self.first.take().or(Some(refusal)));
    }

    /// Reads the entries of a list.
    pub fn entries(&self, read: &mut dyn FnMut(&At<'_>)) {
        let Node::List(entries) = self.node else { return self.refuse(Fault::WantsList, ()) };
        for (index, node) in entries.iter().enumerate() {
            read(&At { node, path: self.path.entry(index), first: self.first });
        }
    }

    /// The text that it is.
    pub fn text(&self) -> &'a str {
        if let Node::Text(text) = self.node { text } else { self.refuse(Fault::WantsText, "") }
    }

    /// An integer in the domain of CV-1, and what another one is refused with.
    pub fn integer(&self, outside: Fault) -> i64 {
        let Node::Integer(number) = self.node else { return self.refuse(Fault::WantsInteger, 0) };
        let number = i64::try_from(*number).ok().filter(|number| (-DOMAIN_MAX..=DOMAIN_MAX).contains(number));
        number.unwrap_or_else(|| self.refuse(outside, 0))
    }
}

/// The fields of an object, read one by one; what nobody reads is refused.
#[derive(Debug)]
pub struct Fields<'a> {
    at: &'a At<'a>,
    unread: Vec<(&'a str, &'a Node)>,
}

impl<'a> Fields<'a> {
    /// The fields of an object.
    #[inline(never)]
    pub fn of(at: &'a At<'a>) -> Self {
        let unread = match at.node {
            Node::Object(entries) => entries.iter().map(|(key, node)| (key.as_str(), node)).collect(),
            _ => at.refuse(Fault::WantsObject, Vec::new()),
        };
        Self { at, unread }
    }

    #[inline(never)]
    fn field(&mut self, key: &'static str) -> At<'a> {
        let found = self.unread.iter().position(|(name, _)| *name == key);
        let node = found.map_or(&Node::Null, |found| self.unread.swap_remove(found).1);
        self.at.key(key, node)
    }

    /// The value of a field.
    #[cfg_attr(not(target_family = "wasm"), inline(never))]
    pub fn read<T: Read>(&mut self, key: &'static str) -> T {
        T::read(&self.field(key))
    }

    /// The value of a field, or the one that an absent field has.
    #[cfg_attr(not(target_family = "wasm"), inline(never))]
    pub fn read_or<T: Read>(&mut self, key: &'static str, default: T) -> T {
        let at = self.field(key);
        if at.is_null() { default } else { T::read(&at) }
    }

    /// Reads the fields that are left and whose names are accepted, in the order of the names; none that is `null`.
    pub fn read_further<T: Read>(&mut self, accepts: fn(&str) -> bool) -> Vec<(String, T)> {
        let mut further: Vec<_> = self.unread.iter().copied().filter(|(name, _)| accepts(name)).collect();
        self.unread.retain(|(name, _)| !accepts(name));
        sort::by_key(&mut further, |(name, _)| *name);
        let further = further.into_iter().filter(|(_, node)| **node != Node::Null);
        further.map(|(name, node)| (name.into(), T::read(&self.at.key(name, node)))).collect()
    }

    /// Refuses a field that nobody read.
    #[inline(never)]
    pub fn finish(self) {
        if let Some((key, _)) = self.unread.iter().min_by_key(|(key, _)| *key) {
            self.at.note(Refusal::at(Fault::Unknown, &self.at.path.key(key)));
        }
    }
}
