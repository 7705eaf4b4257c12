//! Texts for the facade: the last one that a call told, and those of refusals.

use alloc::vec::Vec;
use core::cell::UnsafeCell;

use loyalty_rules::api::Refusal;
use loyalty_rules::error::Fault;

/// What the facade itself refuses, by place; one a line, since xtask names the places for the facade. What kernel.rs has, too,
/// has the same place there.
const FACE: [Fault; 17] = [
    Fault::Bug,
    Fault::Missing,
    Fault::Unknown,
    Fault::WantsBool,
    Fault::WantsObject,
    Fault::WantsList,
    Fault::TwoColumns,
    Fault::UnequalColumns,
    Fault::CounterCount,
    Fault::RequestTooLarge,
    Fault::WantsInteger,
    Fault::WantsText,
    Fault::Negative,
    Fault::UnknownWord,
    Fault::NotJson,
    Fault::TooDeep,
    Fault::NoSuchOperation,
];

/// The last text, which the facade reads before the next call.
static LAST: Last = Last(UnsafeCell::new(Vec::new()));

struct Last(UnsafeCell<Vec<u8>>);

// SAFETY: a module has one thread.
unsafe impl Sync for Last {}

/// Takes back the memory of the call before.
pub fn begin() {
    // SAFETY: the facade has read the text before, and nothing else outlives its call.
    #[cfg(all(not(feature = "operations"), target_family = "wasm"))]
    unsafe {
        crate::arena::clear();
    }
}

/// Keeps a text for the facade.
pub fn keep(text: Vec<u8>) {
    // SAFETY: nothing refers to the one before while a call runs.
    unsafe { *LAST.0.get() = text };
}

/// Keeps the error object of a refusal. Returns what a refused call returns.
#[cold]
pub fn refuse(refusal: &Refusal) -> i32 {
    keep(refusal.to_json().into_bytes());
    -1
}

/// The address of the last text.
#[unsafe(no_mangle)]
pub extern "C" fn loyalty_text() -> *const u8 {
    // SAFETY: nothing writes it at this time.
    unsafe { &*LAST.0.get() }.as_ptr()
}

/// The bytes of the last text.
#[unsafe(no_mangle)]
pub extern "C" fn loyalty_text_len() -> usize {
    // SAFETY: nothing writes it at this time.
    unsafe { &*LAST.0.get() }.len()
}

/// Tells the error object of what the facade refuses, without a path.
#[unsafe(no_mangle)]
pub extern "C" fn loyalty_fault(place: usize) {
    begin();
    let fault = FACE.get(place).copied().unwrap_or(Fault::Bug);
    keep(Refusal::from(fault.error()).to_json().into_bytes());
}
