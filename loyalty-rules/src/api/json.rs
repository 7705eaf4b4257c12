//! JSON text to a tree, and answers to JSON text. `serde_json` reads; the tree keeps what it does not:
//! whether a number was spelled as an integer, and whether a key stands twice.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::refusal::{Path, Refusal};
use super::wire::Write;
use crate::error::Fault;
use crate::order;

/// The largest request, in bytes.
pub(super) const MAX_REQUEST: usize = 1 << 20;
/// The deepest nesting; the request object is level 1.
const MAX_DEPTH: u8 = 32;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    /// A number spelled without fraction and exponent; beyond 128 bits it stays at the nearer end.
    Integer(i128),
    /// A number spelled with one.
    Fraction,
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// Reads one JSON object.
pub(super) fn parse(request: &[u8]) -> Result<Node, Refusal> {
    let refuse = |fault: Fault| Refusal::at(fault, &Path::Root);
    if request.len() > MAX_REQUEST {
        return Err(refuse(Fault::RequestTooLarge));
    }
    let text = core::str::from_utf8(request).map_err(|_| refuse(Fault::NotJson))?;
    let raw: &RawValue = serde_json::from_str(text).map_err(|_| refuse(Fault::NotJson))?;
    if !raw.get().starts_with('{') {
        return Err(refuse(Fault::NotAnObject));
    }
    node(raw, &Path::Root, MAX_DEPTH)
}

fn node(raw: &RawValue, path: &Path<'_>, depth_left: u8) -> Result<Node, Refusal> {
    let text = raw.get();
    let unreadable = |_| Refusal::at(Fault::NotJson, &Path::Root);
    let deeper = || depth_left.checked_sub(1).ok_or_else(|| Refusal::at(Fault::TooDeep, &Path::Root));
    match text.as_bytes().first() {
        Some(b'{') => {
            let depth_left = deeper()?;
            let Entries(entries) = serde_json::from_str(text).map_err(unreadable)?;
            let mut keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
            order::sort(&mut keys);
            if let Some(twice) = keys.iter().zip(keys.iter().skip(1)).find(|(key, next)| key == next) {
                return Err(Refusal::at(Fault::DuplicateKey, &path.key(twice.0)));
            }
            let entries = entries.into_iter().map(|(key, raw)| {
                let value = node(raw, &path.key(&key), depth_left)?;
                Ok((key, value))
            });
            entries.collect::<Result<_, _>>().map(Node::Object)
        }
        Some(b'[') => {
            let depth_left = deeper()?;
            let entries: Vec<&RawValue> = serde_json::from_str(text).map_err(unreadable)?;
            let entries = entries.into_iter().enumerate().map(|(index, raw)| node(raw, &path.entry(index), depth_left));
            entries.collect::<Result<_, _>>().map(Node::List)
        }
        Some(b'"') => serde_json::from_str(text).map(Node::Text).map_err(unreadable),
        Some(b'n') => Ok(Node::Null),
        Some(b't') => Ok(Node::Bool(true)),
        Some(b'f') => Ok(Node::Bool(false)),
        _ if text.contains(['.', 'e', 'E']) => Ok(Node::Fraction),
        _ => Ok(Node::Integer(text.parse().unwrap_or(if text.starts_with('-') { i128::MIN } else { i128::MAX }))),
    }
}

/// The entries of an object in written order, duplicates included.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// JSON text being written: integers only, no blanks, keys in the order given.
#[derive(Debug, Default)]
pub(super) struct Json(String);

impl Json {
    pub(super) fn into_string(self) -> String {
        self.0
    }

    pub(super) fn null(&mut self) {
        self.0.push_str("null");
    }

    pub(super) fn bool(&mut self, value: bool) {
        self.0.push_str(if value { "true" } else { "false" });
    }

    pub(super) fn integer(&mut self, value: i64) {
        // Writing to a `String` does not fail.
        let _ = write!(self.0, "{value}");
    }

    pub(super) fn text(&mut self, value: &str) {
        self.0.push('"');
        for piece in value.split_inclusive(is_escaped) {
            let plain = piece.strip_suffix(is_escaped);
            self.0.push_str(plain.unwrap_or(piece));
            if let (Some(_), Some(last)) = (plain, piece.bytes().last()) {
                self.escaped(last);
            }
        }
        self.0.push('"');
    }

    fn escaped(&mut self, byte: u8) {
        self.0.push('\\');
        match byte {
            8 => self.0.push('b'),
            b'\t' => self.0.push('t'),
            b'\n' => self.0.push('n'),
            12 => self.0.push('f'),
            b'\r' => self.0.push('r'),
            b'"' | b'\\' => self.0.push(byte.into()),
            // Writing to a `String` does not fail.
            control => drop(write!(self.0, "u{control:04x}")),
        }
    }

    /// Text that is JSON already.
    pub(super) fn raw(&mut self, json: &str) {
        self.0.push_str(json);
    }

    pub(super) fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        self.0.push('[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.0.push(',');
            }
            write(self, item);
        }
        self.0.push(']');
    }

    pub(super) fn object(&mut self, write: impl FnOnce(&mut Entry<'_>)) {
        self.0.push('{');
        write(&mut Entry { json: self, is_first: true });
        self.0.push('}');
    }
}

/// The open end of an object.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    json: &'a mut Json,
    is_first: bool,
}

impl Entry<'_> {
    pub(super) fn put(&mut self, key: &str, write: impl FnOnce(&mut Json)) {
        write(self.key(key));
    }

    /// Puts a value.
    pub(super) fn value(&mut self, key: &str, value: &impl Write) {
        value.write(self.key(key));
    }

    /// Puts a value that is there.
    pub(super) fn some(&mut self, key: &str, value: &impl Write) {
        if !value.is_absent() {
            self.value(key, value);
        }
    }

    fn key(&mut self, key: &str) -> &mut Json {
        if !self.is_first {
            self.json.0.push(',');
        }
        self.is_first = false;
        self.json.text(key);
        self.json.0.push(':');
        self.json
    }
}

impl Refusal {
    /// The one error object of every surface.
    pub fn to_json(&self) -> String {
        let mut json = Json::default();
        json.object(|entry| {
            entry.put("error", |json| json.text(self.fault().kind().name()));
            entry.put("path", |json| json.text(self.path()));
            entry.put("message", |json| {
                json.object(|entry| {
                    entry.put("en", |json| json.text(self.fault().english()));
                    entry.put("id", |json| json.text(self.fault().indonesian()));
                });
            });
        });
        json.into_string()
    }
}

fn is_escaped(character: char) -> bool {
    matches!(character, '\0'..' ' | '"' | '\\')
}
