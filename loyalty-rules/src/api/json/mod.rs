//! JSON text to a tree, and answers to JSON text. `hifijson` tells the parts of a text; the tree keeps how a number
//! was spelled, and a key that stands twice is refused.

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use hifijson::num::LexWrite as _;
use hifijson::str::{Lex as _, LexAlloc as _};
use hifijson::token::Lex as _;
use hifijson::{Error, Expect, SliceLexer};

use super::refusal::{Path, Refusal};
use crate::error::Fault;
use crate::sort;

/// The largest request, in bytes.
pub const MAX_REQUEST: usize = 1 << 20;
/// The deepest nesting; the request object is level 1.
const MAX_DEPTH: u8 = 32;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
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
pub fn parse(request: &[u8]) -> Result<Node, Refusal> {
    if request.len() > MAX_REQUEST {
        return refuse(Fault::RequestTooLarge);
    }
    if let Err(error) = core::str::from_utf8(request) {
        return Err(not_json(request, error.valid_up_to(), ["UTF-8", "UTF-8"]));
    }
    if request.starts_with("\u{feff}".as_bytes()) {
        return refuse(Fault::ByteOrderMark);
    }
    let whole = |next, lexer: &mut SliceLexer<'_>| match next {
        b'{' => value(next, lexer, &Path::Root, MAX_DEPTH),
        _ => skip(lexer).map(|()| refuse(Fault::NotAnObject)),
    };
    let mut lexer = SliceLexer::new(request);
    let read = lexer.exactly_one(SliceLexer::ws_peek, whole);
    read.unwrap_or_else(|error| Err(not_json(request, request.len().saturating_sub(lexer.as_slice().len()), expected(&error))))
}

/// What should have stood where the text is no JSON, in both languages.
const fn expected(error: &Error) -> [&'static str; 2] {
    match error {
        Error::Token(Expect::Value | Expect::ValueOrEnd) => ["a value", "sebuah nilai"],
        Error::Token(Expect::CommaOrEnd) => ["a comma or the closing bracket", "koma atau kurung penutup"],
        Error::Token(Expect::String) => ["a key in double quotes", "kunci dalam tanda kutip ganda"],
        Error::Token(Expect::Colon) => ["a colon", "titik dua"],
        Error::Token(Expect::Eof) => ["the end of the text", "akhir teks"],
        Error::Num(_) => ["a digit", "sebuah angka"],
        _ => ["a text that ends with a double quote", "teks yang ditutup tanda kutip ganda"],
    }
}

/// A text that is no JSON, with the line and the column, in characters from 1, where it ends being JSON.
#[cold]
fn not_json(request: &[u8], at: usize, expected: [&str; 2]) -> Refusal {
    let before = request.get(..at).unwrap_or(request);
    let is_first = |byte: &&u8| **byte & 0xC0 != 0x80;
    let line = before.split(|byte| *byte == b'\n').count();
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').filter(is_first).count().saturating_add(1);
    let [en, id] = expected;
    Refusal::at(Fault::NotJson, &Path::Root)
        .telling([format!(" (line {line}, column {column}: expected {en})"), format!(" (baris {line}, kolom {column}: seharusnya {id})")])
}

fn refuse<T>(fault: Fault) -> Result<T, Refusal> {
    Err(Refusal::at(fault, &Path::Root))
}

/// What a text holds, or why that is refused. Text that is no JSON is refused before anything in it, so reading goes on
/// behind what is refused.
type Read<T> = Result<Result<T, Refusal>, Error>;

/// The value whose first byte is `next`.
fn value(next: u8, lexer: &mut SliceLexer<'_>, path: &Path<'_>, depth_left: u8) -> Read<Node> {
    match (next, depth_left.checked_sub(1)) {
        (b'[' | b'{', None) => skip(lexer).map(|()| refuse(Fault::TooDeep)),
        (b'[', Some(depth_left)) => list(lexer.discarded(), path, depth_left),
        (b'{', Some(depth_left)) => object(lexer.discarded(), path, depth_left),
        _ => scalar(next, lexer),
    }
}

fn list(lexer: &mut SliceLexer<'_>, path: &Path<'_>, depth_left: u8) -> Read<Node> {
    let (mut entries, mut first) = (Vec::new(), None);
    lexer.seq(b']', SliceLexer::ws_peek, |next, lexer| {
        let entry = value(next, lexer, &path.entry(entries.len()), depth_left)?;
        entries.push(entry.unwrap_or_else(|refusal| kept(&mut first, refusal, Node::Null)));
        Ok::<_, Error>(())
    })?;
    Ok(first.map_or(Ok(Node::List(entries)), Err))
}

fn object(lexer: &mut SliceLexer<'_>, path: &Path<'_>, depth_left: u8) -> Read<Node> {
    let (mut entries, mut unreadable, mut first) = (Vec::new(), None, None);
    lexer.seq(b'}', SliceLexer::ws_peek, |_, lexer| {
        let key = key(lexer)?.unwrap_or_else(|refusal| kept(&mut unreadable, refusal, String::new()));
        let next = lexer.ws_peek().ok_or(Expect::Value)?;
        let entry = value(next, lexer, &path.key(&key), depth_left)?;
        entries.push((key, entry.unwrap_or_else(|refusal| kept(&mut first, refusal, Node::Null))));
        Ok::<_, Error>(())
    })?;
    let mut keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
    sort::ascending(&mut keys);
    let twice = keys.iter().zip(keys.iter().skip(1)).find(|(key, next)| key == next);
    let twice = twice.map(|(key, _)| Refusal::at(Fault::DuplicateKey, &path.key(key)));
    // What is wrong with its keys comes before what is wrong with its values.
    Ok(unreadable.or(twice).or(first).map_or(Ok(Node::Object(entries)), Err))
}

/// Keeps the first refusal, and gives what stands in for the refused.
fn kept<T>(first: &mut Option<Refusal>, refusal: Refusal, instead: T) -> T {
    first.get_or_insert(refusal);
    instead
}

fn scalar(next: u8, lexer: &mut SliceLexer<'_>) -> Read<Node> {
    Ok(Ok(match next {
        b'"' => return Ok(text(lexer.discarded())?.map(Node::Text)),
        b'-' | b'0'..=b'9' => match lexer.num_string().validated()? {
            (digits, parts) if parts.is_int() => Node::Integer(digits.parse().unwrap_or(if next == b'-' { i128::MIN } else { i128::MAX })),
            _ => Node::Fraction,
        },
        b'n' | b't' | b'f' => lexer.null_or_bool().ok_or(Expect::Value)?.map_or(Node::Null, Node::Bool),
        _ => return Err(Expect::Value.into()),
    }))
}

/// A key with its colon.
fn key(lexer: &mut SliceLexer<'_>) -> Read<String> {
    lexer.expect(SliceLexer::ws_peek, b'"').ok_or(Expect::String)?;
    let key = text(lexer)?;
    lexer.expect(SliceLexer::ws_peek, b':').ok_or(Expect::Colon)?;
    Ok(key)
}

/// A text behind its opening quote.
fn text(lexer: &mut SliceLexer<'_>) -> Read<String> {
    match lexer.str_string() {
        Ok(text) => Ok(Ok(text.into_owned())),
        // A lone surrogate is spelled as JSON wants it; the text goes on behind it.
        Err(error) if error.is_unicode_error() => Ok(lexer.str_ignore().map(|()| refuse(Fault::NotJson))?),
        Err(error) => Err(error.into()),
    }
}

/// Passes over a value of any depth, without recursion.
fn skip(lexer: &mut SliceLexer<'_>) -> Result<(), Error> {
    // What ends each list and object that is open.
    let mut ends = Vec::new();
    loop {
        if ends.last() == Some(&b'}') {
            drop(key(lexer)?);
        }
        let next = lexer.ws_peek().ok_or(Expect::Value)?;
        let end = match next {
            b'[' => Some(b']'),
            b'{' => Some(b'}'),
            _ => None,
        };
        if let Some(end) = end {
            ends.push(end);
            if lexer.discarded().ws_peek() != Some(end) {
                continue;
            }
        } else {
            drop(scalar(next, lexer)?);
        }
        loop {
            let Some(&end) = ends.last() else { return Ok(()) };
            if lexer.expect(SliceLexer::ws_peek, end).is_none() {
                lexer.expect(SliceLexer::ws_peek, b',').ok_or(Expect::CommaOrEnd)?;
                break;
            }
            ends.pop();
        }
    }
}

/// JSON text being written: integers only, no blanks, keys in the order given or sorted.
#[derive(Debug, Default)]
pub struct Json {
    text: String,
    /// Where the entries of the open objects begin, if they are to be sorted.
    entries: Option<Vec<usize>>,
}

impl Json {
    /// One whose objects get their keys sorted by byte, and without entries that are `null` (AW-10).
    pub fn sorted() -> Self {
        Self { text: String::new(), entries: Some(Vec::new()) }
    }

    pub fn into_string(self) -> String {
        self.text
    }

    pub fn null(&mut self) {
        self.text.push_str("null");
    }

    pub fn bool(&mut self, value: bool) {
        self.text.push_str(if value { "true" } else { "false" });
    }

    pub fn integer(&mut self, value: i64) {
        // Writing to a `String` does not fail.
        let _ = write!(self.text, "{value}");
    }

    #[inline(never)]
    pub fn text(&mut self, value: &str) {
        self.text.push('"');
        let mut plain_from = 0;
        for (at, byte) in value.bytes().enumerate() {
            if is_escaped(byte) {
                self.text.push_str(value.get(plain_from..at).unwrap_or_default());
                self.escaped(byte);
                plain_from = at.saturating_add(1);
            }
        }
        self.text.push_str(value.get(plain_from..).unwrap_or_default());
        self.text.push('"');
    }

    fn escaped(&mut self, byte: u8) {
        self.text.push('\\');
        match byte {
            8 => self.text.push('b'),
            b'\t' => self.text.push('t'),
            b'\n' => self.text.push('n'),
            12 => self.text.push('f'),
            b'\r' => self.text.push('r'),
            b'"' | b'\\' => self.text.push(byte.into()),
            // Writing to a `String` does not fail.
            control => drop(write!(self.text, "u{control:04x}")),
        }
    }

    /// Text that is JSON already.
    pub fn raw(&mut self, json: &str) {
        self.text.push_str(json);
    }

    pub fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        self.text.push('[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            write(self, item);
        }
        self.text.push(']');
    }

    pub fn object(&mut self, write: impl FnOnce(&mut Entry<'_>)) {
        self.text.push('{');
        let (open, outer) = (self.text.len(), self.entries.as_ref().map_or(0, Vec::len));
        write(&mut Entry { json: self, is_first: true });
        if let Some(entries) = &mut self.entries {
            let begins = entries.split_off(outer);
            sort_entries(&mut self.text, open, &begins);
        }
        self.text.push('}');
    }
}

/// The key of an entry, as it is written.
fn key_of(entry: &str) -> &str {
    let mut is_after_backslash = false;
    let is_end = |byte: u8| {
        let is_end = byte == b'"' && !is_after_backslash;
        is_after_backslash = byte == b'\\' && !is_after_backslash;
        is_end
    };
    let length = entry.bytes().skip(1).position(is_end).unwrap_or_default();
    entry.get(1..=length).unwrap_or_default()
}

/// A key as it was before it was written.
fn decoded(key: &str) -> Cow<'_, str> {
    if !key.contains('\\') {
        return Cow::Borrowed(key);
    }
    match parse(format!("{{\"{key}\":0}}").as_bytes()) {
        Ok(Node::Object(entries)) => Cow::Owned(entries.into_iter().map(|(key, _)| key).collect()),
        _ => Cow::Borrowed(key),
    }
}

/// Sorts the entries of an object by their keys, and leaves out those that are `null`.
fn sort_entries(text: &mut String, open: usize, begins: &[usize]) {
    let ends = begins.iter().skip(1).map(|next| next.saturating_sub(1)).chain(core::iter::once(text.len()));
    let mut entries: Vec<(&str, &str)> =
        begins.iter().zip(ends).filter_map(|(begin, end)| text.get(*begin..end)).map(|entry| (key_of(entry), entry)).collect();
    let all = entries.len();
    entries.retain(|(key, entry)| entry.get(key.len().saturating_add(3)..) != Some("null"));
    if entries.len() == all && entries.windows(2).all(|pair| matches!(pair, [(one, _), (next, _)] if decoded(one) <= decoded(next))) {
        return;
    }
    sort::by_key(&mut entries, |(key, _)| decoded(key));
    let sorted = entries.iter().map(|(_, entry)| *entry).collect::<Vec<_>>().join(",");
    text.truncate(open);
    text.push_str(&sorted);
}

/// A value that is written to JSON.
pub trait Write {
    fn write(&self, json: &mut Json);

    /// Whether a field with this value is left out.
    fn is_absent(&self) -> bool {
        false
    }
}

/// The open end of an object.
#[derive(Debug)]
pub struct Entry<'a> {
    json: &'a mut Json,
    is_first: bool,
}

impl Entry<'_> {
    pub fn put(&mut self, key: &str, write: impl FnOnce(&mut Json)) {
        write(self.key(key));
    }

    /// Puts a value.
    #[cfg_attr(not(target_family = "wasm"), inline(never))]
    pub fn value(&mut self, key: &str, value: &impl Write) {
        value.write(self.key(key));
    }

    /// Puts a value that is there.
    #[cfg_attr(not(target_family = "wasm"), inline(never))]
    pub fn some(&mut self, key: &str, value: &impl Write) {
        if !value.is_absent() {
            self.value(key, value);
        }
    }

    #[inline(never)]
    fn key(&mut self, key: &str) -> &mut Json {
        if !self.is_first {
            self.json.text.push(',');
        }
        self.is_first = false;
        let begin = self.json.text.len();
        if let Some(entries) = &mut self.json.entries {
            entries.push(begin);
        }
        self.json.text(key);
        self.json.text.push(':');
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
                    entry.put("en", |json| json.text(&self.english()));
                    entry.put("id", |json| json.text(&self.indonesian()));
                });
            });
        });
        json.into_string()
    }
}

const fn is_escaped(byte: u8) -> bool {
    matches!(byte, 0..b' ' | b'"' | b'\\')
}
