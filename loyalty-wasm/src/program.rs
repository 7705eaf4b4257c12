//! A program in memory: proved from its document, and what it tells of itself.

use core::slice;

use loyalty_rules::award::{Layout, Merchant, Program};
use loyalty_rules::quantity::Rupiah;
use loyalty_rules::tables::Mechanism;

use crate::exchange::Exchange;
use crate::numbers::{number, whole};
use crate::text;

/// A program, and its layout for a merchant in good standing. It holds no memory beside its own, so that the facade may copy it to
/// another instance of the module.
#[derive(Debug)]
pub struct Loaded {
    pub program: Program,
    pub layout: Layout,
    pub mechanism: Mechanism,
}

const _: () = assert!(!core::mem::needs_drop::<Loaded>());

/// The bytes that a program takes in memory.
#[unsafe(no_mangle)]
pub extern "C" fn loyalty_program_size() -> usize {
    size_of::<Loaded>()
}

/// Proves a program document and places the program in memory. Returns the place of its mechanism, or −1 for a
/// kept error object.
///
/// # Safety
/// The addresses are of `len` bytes, and of memory that the facade reserved for a program.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_prove(document: *const u8, len: usize, program: *mut Loaded) -> i32 {
    text::begin();
    // SAFETY: passed on from the caller.
    let document = unsafe { slice::from_raw_parts(document, len) };
    match Program::from_json(document) {
        Ok(proved) => {
            let layout = Layout::new(proved.kernel(), &Merchant::default());
            let mechanism = proved.terms().table.mechanism();
            // SAFETY: passed on from the caller; a program before it owns nothing.
            unsafe { program.write(Loaded { program: proved, layout, mechanism }) };
            crate::numbers::mechanism_number(mechanism)
        }
        Err(refusal) => text::refuse(&refusal),
    }
}

/// Keeps the bytes of a program's kernel (`program.kernel`).
///
/// # Safety
/// The address is of a proved program.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_kernel(program: *const Loaded) {
    text::begin();
    // SAFETY: passed on from the caller.
    let loaded = unsafe { &*program };
    text::keep(loaded.program.kernel().to_bytes().to_vec());
}

/// Splits a value among the funding parties of a program (`split.allocate`): their number, 0 without funding, or −1 for a
/// kept error object.
///
/// # Safety
/// The addresses are of a proved program and of an exchange.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_parts(program: *const Loaded, exchange: *mut Exchange, value: f64) -> i32 {
    // SAFETY: passed on from the caller; any bytes are an exchange.
    let (program, exchange) = unsafe { (&*program, &mut *exchange) };
    let value = match whole(value).and_then(Rupiah::new).map_err(|error| error.at("value")) {
        Ok(value) => value,
        Err(error) => return exchange.refuse(error, None),
    };
    let Some(funding) = &program.program.terms().funding else { return 0 };
    let parts = funding.split(value);
    for (place, part) in exchange.numbers.iter_mut().zip(parts.as_slice()) {
        *place = number(part.get());
    }
    i32::try_from(parts.as_slice().len()).unwrap_or_default()
}
