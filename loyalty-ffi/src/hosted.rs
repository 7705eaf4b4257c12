//! The calls that need an operating system: programs from JSON, and every operation by name.

use core::ffi::{CStr, c_char};
use core::ptr::NonNull;
use std::alloc::{Layout, alloc, dealloc};

use loyalty_api as api;
use loyalty_rules::award::Program;

use crate::hot::LoyaltyProgram;
use crate::memory;
use crate::status::{Boundary, LoyaltyError, Refused};

/// Hands a program out.
///
/// # Safety
/// `program` is NULL, misaligned, or can be written.
unsafe fn hand_out(program: *mut *mut LoyaltyProgram, prove: impl FnOnce() -> Result<Program, Refused>) -> Result<(), Refused> {
    // SAFETY: passed on from the caller.
    let place = unsafe { memory::place(program, "program")? };
    *place = Box::into_raw(Box::new(LoyaltyProgram { program: prove()? }));
    Ok(())
}

/// Proves a program document in JSON (docs/program.md) and hands out its handle, to be freed with
/// `loyalty_program_free`. Refusals name the field of the document.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_program_from_json(
    document: *const c_char,
    document_len: usize,
    program: *mut *mut LoyaltyProgram,
    error: *mut LoyaltyError,
) -> i32 {
    let call = || {
        // SAFETY: passed on from the caller.
        unsafe {
            let document = memory::list(document.cast::<u8>(), document_len, "document")?;
            hand_out(program, || Program::from_json(document).map_err(Refused::Document))
        }
    };
    // SAFETY: passed on from the caller.
    unsafe { memory::answer(error, call) }
}

/// Loads a program from compiled bytes (`program.compile`), proves it again and hands out its handle, to be freed with
/// `loyalty_program_free`.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_program_from_compiled(
    compiled: *const u8,
    compiled_len: usize,
    program: *mut *mut LoyaltyProgram,
    error: *mut LoyaltyError,
) -> i32 {
    let call = || {
        // SAFETY: passed on from the caller.
        unsafe {
            let compiled = memory::list(compiled, compiled_len, "compiled")?;
            hand_out(program, || Program::from_compiled(compiled).map_err(|error| Refused::Rules("compiled", error.into())))
        }
    };
    // SAFETY: passed on from the caller.
    unsafe { memory::answer(error, call) }
}

/// Frees a handle of `loyalty_program_from_json` or `loyalty_program_from_compiled`, once, when no thread uses it any
/// more. NULL is allowed.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_program_free(program: *mut LoyaltyProgram) {
    if !program.is_null() {
        // SAFETY: the caller vouches that it is one of our handles and not freed yet.
        drop(unsafe { Box::from_raw(program) });
    }
}

/// The answer of an operation and the status of its refusal.
///
/// # Safety
/// `name` is NULL or ends in a NUL; `request` is NULL, or has `request_len` bytes.
unsafe fn answer_of(name: *const c_char, request: *const c_char, request_len: usize) -> Result<(i32, Vec<u8>), Refused> {
    if name.is_null() {
        return Err(Refused::Boundary(Boundary::Null, "name", ""));
    }
    // SAFETY: passed on from the caller.
    let (name, request) = unsafe { (CStr::from_ptr(name), memory::list(request.cast::<u8>(), request_len, "request")?) };
    let name = name.to_str().map_err(|_| Refused::Boundary(Boundary::Utf8, "name", ""))?;
    let (answer, refused) = match api::answer(name, request) {
        Ok(answer) => (answer, 0),
        Err(refusal) => (refusal.to_json(), i32::from(refusal.fault().kind().code())),
    };
    Ok((refused, answer.into_bytes()))
}

/// The status of a call that writes its refusal as an answer.
fn status(result: Result<i32, Refused>) -> i32 {
    result.unwrap_or_else(|refused| refused.status())
}

/// Before the answer stands its length, so that it can be freed by its address alone.
const HEAD: usize = 16;

fn layout(len: usize) -> Option<Layout> {
    // The head, the answer and a NUL.
    Layout::from_size_align(len.checked_add(HEAD)?.checked_add(1)?, HEAD).ok()
}

/// Copies an answer to memory that `loyalty_free` frees.
fn allocate(answer: &[u8]) -> Result<NonNull<u8>, Refused> {
    let layout = layout(answer.len()).ok_or(Refused::Bug)?;
    // SAFETY: the layout is not empty; every write stays inside it.
    unsafe {
        let head = NonNull::new(alloc(layout)).ok_or(Refused::Bug)?;
        head.cast::<usize>().write(answer.len());
        let text = head.add(HEAD);
        text.copy_from_nonoverlapping(NonNull::from(answer).cast(), answer.len());
        text.add(answer.len()).write(0);
        Ok(text)
    }
}

/// Answers an operation by its name (docs/operations.md): one JSON object in, one out.
///
/// `name` ends in a NUL; `request` has `request_len` bytes of UTF-8 and needs no NUL. The answer is always written, the
/// error object of a refused request too, and ends in a NUL that `answer_len` does not count; free it with
/// `loyalty_free`. Returns 0, or the number of the error's kind. Only for a status of 100 or more, which blames the
/// call itself, nothing is written.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_call(
    name: *const c_char,
    request: *const c_char,
    request_len: usize,
    answer: *mut *mut c_char,
    answer_len: *mut usize,
) -> i32 {
    let call = || {
        // SAFETY: passed on from the caller.
        let (place, len, (kind, text)) =
            unsafe { (memory::place(answer, "answer")?, memory::place(answer_len, "answer_len")?, answer_of(name, request, request_len)?) };
        *place = allocate(&text)?.as_ptr().cast();
        *len = text.len();
        Ok(kind)
    };
    status(memory::caught(call))
}

/// Frees an answer of `loyalty_call`, once. NULL is allowed.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_free(answer: *mut c_char) {
    let Some(text) = NonNull::new(answer.cast::<u8>()) else { return };
    // SAFETY: the caller vouches that `loyalty_call` gave it, so that its head and layout are ours.
    unsafe {
        let head = text.sub(HEAD);
        if let Some(layout) = layout(head.cast::<usize>().read()) {
            dealloc(head.as_ptr(), layout);
        }
    }
}

/// As `loyalty_call`, into a buffer of the caller. `needed` gets the length of the answer. If `capacity` is smaller,
/// the status is `BUFFER_TOO_SMALL` and nothing else is written. No NUL is added. `buffer` may be NULL if `capacity`
/// is 0.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_call_into(
    name: *const c_char,
    request: *const c_char,
    request_len: usize,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> i32 {
    let call = || {
        // SAFETY: passed on from the caller.
        let (needed, (kind, text)) = unsafe { (memory::place(needed, "needed")?, answer_of(name, request, request_len)?) };
        // SAFETY: passed on from the caller; the request is not read any more, so that it may overlap.
        let buffer = unsafe { memory::list_mut(buffer.cast::<u8>(), capacity, "buffer")? };
        *needed = text.len();
        let place = buffer.get_mut(..text.len()).ok_or(Refused::Boundary(Boundary::Small, "buffer", ""))?;
        place.copy_from_slice(&text);
        Ok(kind)
    };
    status(memory::caught(call))
}
