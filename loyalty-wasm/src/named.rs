//! Operations by name: one JSON object in, one out.

use alloc::string::String;
use core::slice;

#[cfg(feature = "operations")]
use loyalty_rules::api::answer;
use loyalty_rules::error::Fault;

#[cfg(not(feature = "operations"))]
use crate::picked::answer;

/// Addresses and lengths of up to three texts.
type Told = [[usize; 2]; 3];

/// Answers an operation. `text` is its name and behind it the request. Tells where the answer stands. Returns 0, or 1
/// for the error object of a refused request.
///
/// # Safety
/// The addresses are of `name_len + request_len` bytes, and of room for what is told.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_call(text: *const u8, name_len: usize, request_len: usize, told: *mut Told) -> i32 {
    // SAFETY: passed on from the caller; any bytes are numbers.
    let (text, told) = unsafe { (slice::from_raw_parts(text, name_len.wrapping_add(request_len)), &mut *told) };
    // SAFETY: the facade has read the answer before, and nothing else outlives its call.
    #[cfg(all(not(feature = "operations"), target_family = "wasm"))]
    unsafe {
        crate::arena::clear();
    }
    let (name, request) = text.split_at_checked(name_len).unwrap_or_default();
    // A name that is no UTF-8 is the name of no operation.
    let (answer, refused) = match answer(core::str::from_utf8(name).unwrap_or_default(), request) {
        Ok(answer) => (answer, 0),
        Err(refusal) => (refusal.to_json(), 1),
    };
    tell(told, [&answer]);
    keep(answer);
    refused
}

/// Keeps the last answer, which the facade reads before the next call.
#[cfg(feature = "operations")]
fn keep(answer: String) {
    static ANSWER: std::sync::Mutex<String> = std::sync::Mutex::new(String::new());
    // One thread, and nothing panics while it is held.
    if let Ok(mut kept) = ANSWER.lock() {
        *kept = answer;
    }
}

/// The arena keeps it.
#[cfg(not(feature = "operations"))]
fn keep(answer: String) {
    core::mem::forget(answer);
}

/// Tells the texts of a fault: its kind's name, and its text in English and in Bahasa Indonesia. Returns 0, or −1 if there
/// is no such fault.
///
/// # Safety
/// The address is of room for what is told.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_fault(fault: usize, told: *mut Told) -> i32 {
    // SAFETY: passed on from the caller; any bytes are numbers.
    let told = unsafe { &mut *told };
    let Some(fault) = Fault::ALL.get(fault) else { return -1 };
    tell(told, [fault.kind().name(), fault.english(), fault.indonesian()]);
    0
}

/// Tells where texts stand, which stay as they are.
fn tell<const N: usize>(told: &mut Told, texts: [&str; N]) {
    for (place, text) in told.iter_mut().zip(texts) {
        *place = [text.as_ptr().addr(), text.len()];
    }
}
