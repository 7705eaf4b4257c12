//! Base45 (RFC 9285): bytes in the symbols of a QR code's alphanumeric mode, three for two bytes.

use alloc::string::String;
use alloc::vec::Vec;

const SYMBOLS: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

pub(super) fn encode(bytes: &[u8]) -> String {
    let pairs = bytes.chunks(2).flat_map(|chunk| {
        let number = chunk.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        // A last single byte takes two symbols.
        [number % 45, number / 45 % 45, number / 2_025].into_iter().take(chunk.len().saturating_add(1))
    });
    let symbol = |place: u32| usize::try_from(place).ok().and_then(|place| SYMBOLS.get(place)).copied().unwrap_or_default();
    pairs.map(|place| char::from(symbol(place))).collect()
}

/// The bytes of a text that [`encode`] writes; of every other text none.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for chunk in text.as_bytes().chunks(3) {
        let number = chunk.iter().rev().try_fold(0_u32, |number, symbol| {
            let place = SYMBOLS.iter().position(|known| known == symbol)?;
            number.checked_mul(45)?.checked_add(u32::try_from(place).ok()?)
        })?;
        match chunk.len() {
            3 => bytes.extend(u16::try_from(number).ok()?.to_be_bytes()),
            2 => bytes.push(u8::try_from(number).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn the_examples_of_the_rfc() {
        for (bytes, text) in [(&b"AB"[..], "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0")] {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).as_deref(), Some(bytes));
        }
        for wrong in ["GGX", "0", ":::", "ab8", "::"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
