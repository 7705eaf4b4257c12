//! Operations by name: one JSON object in, one out.

use core::slice;

use loyalty_api as api;

use crate::text;

/// Answers an operation, and keeps the answer's text. `text` is its name and behind it the request. Returns 0, or −1 for
/// the error object of a refused request.
///
/// # Safety
/// The address is of `name_len + request_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_call(text: *const u8, name_len: usize, request_len: usize) -> i32 {
    // SAFETY: passed on from the caller; any bytes are numbers.
    let text = unsafe { slice::from_raw_parts(text, name_len.wrapping_add(request_len)) };
    let (name, request) = text.split_at_checked(name_len).unwrap_or_default();
    // A name that is no UTF-8 is the name of no operation.
    match api::answer(core::str::from_utf8(name).unwrap_or_default(), request) {
        Ok(answer) => {
            text::keep(answer.into_bytes());
            0
        }
        Err(refusal) => text::refuse(&refusal),
    }
}
