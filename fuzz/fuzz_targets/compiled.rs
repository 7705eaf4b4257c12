//! Any bytes as a compiled program: refused, or a program that compiles to bytes of the same terms.
//!
//! The checksum is set right half of the time; without that, hardly any input would get past it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loyalty_rules::award::Program;

fuzz_target!(|input: &[u8]| {
    let Some((&pick, bytes)) = input.split_first() else { return };
    let mut bytes = bytes.to_vec();
    if pick % 2 == 1 {
        if let Some(checked) = bytes.len().checked_sub(4) {
            let sum = crc32c(&bytes[..checked]).to_le_bytes();
            bytes[checked..].copy_from_slice(&sum);
        }
    }
    if let Ok(program) = Program::from_compiled(&bytes) {
        let again = program.compile(b"");
        assert_eq!(Program::from_compiled(&again).as_ref(), Ok(&program));
    }
});

fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0x82F6_3B78 & (crc & 1).wrapping_neg())))
}
