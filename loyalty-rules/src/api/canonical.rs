//! Canonical bytes, and their hash (AW-10, AW-11): UTF-8 JSON with keys sorted by byte, integers only, no
//! blanks, and absent fields left out: a subset of RFC 8785.

use alloc::string::String;

use sha2::{Digest, Sha256};

use super::document::ProgramDocument;
use super::json::{Json, Node, Write};
use super::wire::{Path, Refusal};

/// SHA-256 of bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-256 of the canonical form of a value.
pub fn hash(value: &impl Write) -> [u8; 32] {
    hash_of(|json| value.write(json))
}

/// The canonical form of a value.
pub fn bytes(value: &impl Write) -> String {
    let mut sorted = Json::sorted();
    value.write(&mut sorted);
    sorted.into_string()
}

/// SHA-256 of the canonical form of what is written.
pub fn hash_of(write: impl FnOnce(&mut Json)) -> [u8; 32] {
    let mut sorted = Json::sorted();
    write(&mut sorted);
    sha256(sorted.into_string().as_bytes())
}

/// The content hash of a program: of its canonical document.
pub fn program_hash(document: &ProgramDocument) -> Result<[u8; 32], Refusal> {
    Ok(hash(&document.canonical(&Path::Root.key("program"))?))
}

impl Write for Node {
    fn write(&self, json: &mut Json) {
        match self {
            Self::Null | Self::Fraction => json.null(),
            Self::Bool(value) => json.bool(*value),
            Self::Integer(number) => json.integer(i64::try_from(*number).unwrap_or_default()),
            Self::Text(text) => json.text(text),
            Self::List(entries) => json.list(entries, |json, entry| entry.write(json)),
            Self::Object(entries) => json.object(|object| {
                for (key, value) in entries {
                    object.value(key, value);
                }
            }),
        }
    }
}
