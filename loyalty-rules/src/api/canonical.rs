//! Canonical bytes, and their hash (AW-10, AW-11): UTF-8 JSON with keys sorted by byte, integers only, no
//! blanks, and absent fields left out: a subset of RFC 8785.

use alloc::string::String;

use sha2::{Digest, Sha256};

use super::document::ProgramDocument;
use super::json::{Json, Node, parse};
use super::wire::{Path, Refusal, to_json};
use crate::sort;

/// SHA-256 of bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-256 of the canonical form of a JSON object.
pub fn hash(json: &str) -> Result<[u8; 32], Refusal> {
    Ok(sha256(canonical(json)?.as_bytes()))
}

/// The content hash of a program: of its canonical document.
pub fn program_hash(document: &ProgramDocument) -> Result<[u8; 32], Refusal> {
    hash(&to_json(&document.canonical(&Path::Root.key("program"))?))
}

/// The canonical form of a JSON object.
pub fn canonical(json: &str) -> Result<String, Refusal> {
    Ok(text(&parse(json.as_bytes())?))
}

/// The canonical form of a JSON value.
pub fn text(node: &Node) -> String {
    let mut sorted = Json::default();
    write(node, &mut sorted);
    sorted.into_string()
}

fn write(node: &Node, json: &mut Json) {
    match node {
        Node::Null | Node::Fraction => json.null(),
        Node::Bool(value) => json.bool(*value),
        Node::Integer(number) => json.integer(i64::try_from(*number).unwrap_or_default()),
        Node::Text(text) => json.text(text),
        Node::List(entries) => json.list(entries, |json, entry| write(entry, json)),
        Node::Object(entries) => {
            let mut entries: alloc::vec::Vec<_> = entries.iter().filter(|(_, value)| *value != Node::Null).collect();
            sort::by_key(&mut entries, |(key, _)| key);
            json.object(|object| {
                for (key, value) in entries {
                    object.put(key, |json| write(value, json));
                }
            });
        }
    }
}
