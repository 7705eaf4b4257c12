//! Every operation by name: one JSON object in, one out.

use core::slice;
use std::sync::Mutex;

use loyalty_rules::api;
use loyalty_rules::error::Fault;

use crate::exchange::Exchange;
use crate::numbers::number;

/// The last answer, which the facade reads before the next call.
static ANSWER: Mutex<String> = Mutex::new(String::new());

/// Answers an operation. `text` is its name and behind it the request. The first two numbers of the exchange tell
/// address and length of the answer. Returns 0, or 1 for the error object of a refused request.
///
/// # Safety
/// The addresses are of `name_len + request_len` bytes, and of an exchange.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_call(text: *const u8, name_len: usize, request_len: usize, exchange: *mut Exchange) -> i32 {
    // SAFETY: passed on from the caller; any bytes are an exchange.
    let (text, exchange) = unsafe { (slice::from_raw_parts(text, name_len.wrapping_add(request_len)), &mut *exchange) };
    let (name, request) = text.split_at_checked(name_len).unwrap_or_default();
    // A name that is no UTF-8 is the name of no operation.
    let (answer, refused) = match api::answer(core::str::from_utf8(name).unwrap_or_default(), request) {
        Ok(answer) => (answer, 0),
        Err(refusal) => (refusal.to_json(), 1),
    };
    for (place, part) in exchange.numbers.iter_mut().zip([answer.as_ptr().addr(), answer.len()]) {
        *place = number(i64::try_from(part).unwrap_or_default());
    }
    // One thread, and nothing panics while it is held.
    if let Ok(mut kept) = ANSWER.lock() {
        *kept = answer;
    }
    refused
}

/// Tells the texts of a fault: in the numbers of the exchange address and length of its kind's name, and of its text in
/// English and in Bahasa Indonesia. Returns 0, or −1 if there is no such fault.
///
/// # Safety
/// The address is of an exchange.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_fault(fault: usize, exchange: *mut Exchange) -> i32 {
    // SAFETY: passed on from the caller; any bytes are an exchange.
    let exchange = unsafe { &mut *exchange };
    let Some(fault) = Fault::ALL.get(fault) else { return -1 };
    let texts = [fault.kind().name(), fault.english(), fault.indonesian()];
    for (place, text) in exchange.numbers.chunks_mut(2).zip(texts) {
        let pair = [text.as_ptr().addr(), text.len()];
        for (place, part) in place.iter_mut().zip(pair) {
            *place = number(i64::try_from(part).unwrap_or_default());
        }
    }
    0
}
