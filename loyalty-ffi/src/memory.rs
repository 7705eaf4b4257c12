//! The only place where memory of the caller is touched.

use core::ptr::NonNull;
use core::slice;

use crate::status::{Boundary, LoyaltyError, Refused};

/// A struct that begins with its own size.
///
/// # Safety
/// The type is `repr(C)`, begins with `struct_size: u32`, has no padding, and every pattern of bits is a value of it.
pub unsafe trait Struct: Copy {}

// SAFETY: it begins with its size and holds integers only.
unsafe impl Struct for LoyaltyError {}

const LARGEST_STRUCT: usize = 65_536;

/// A pointer that is neither NULL nor misaligned.
fn sound<T>(pointer: *mut T, name: &'static str) -> Result<NonNull<T>, Refused> {
    let pointer = NonNull::new(pointer).ok_or(Refused::Boundary(Boundary::Null, name, ""))?;
    if pointer.is_aligned() { Ok(pointer) } else { Err(Refused::Boundary(Boundary::Misaligned, name, "")) }
}

/// The size that a struct of the caller states: at least what this ABI knows.
///
/// # Safety
/// `pointer` is NULL, misaligned, or points to a struct whose `struct_size` can be read.
unsafe fn stated_size<T: Struct>(pointer: *mut T, name: &'static str) -> Result<(NonNull<T>, usize), Refused> {
    let pointer = sound(pointer, name)?;
    // SAFETY: the caller vouches for the first four bytes; `Struct` places the size there.
    let size = unsafe { pointer.cast::<u32>().read() };
    match usize::try_from(size) {
        Ok(size) if (size_of::<T>()..=LARGEST_STRUCT).contains(&size) => Ok((pointer, size)),
        _ => Err(Refused::Boundary(Boundary::StructSize, name, "struct_size")),
    }
}

/// A copy of a struct that the caller filled; what a longer struct of a later ABI adds must be zero.
///
/// # Safety
/// `pointer` is NULL, misaligned, or points to as many readable bytes as the struct states.
pub unsafe fn input<T: Struct>(pointer: *const T, name: &'static str) -> Result<T, Refused> {
    // SAFETY: passed on from the caller.
    let (pointer, size) = unsafe { stated_size(pointer.cast_mut(), name)? };
    // SAFETY: the struct states these bytes, at least `size_of::<T>()`, as its own.
    let bytes = unsafe { slice::from_raw_parts(pointer.cast::<u8>().as_ptr(), size) };
    if bytes.iter().skip(size_of::<T>()).any(|byte| *byte != 0) {
        return Err(Refused::Boundary(Boundary::Reserved, name, ""));
    }
    // SAFETY: aligned, readable, and every pattern of bits is a value.
    Ok(unsafe { pointer.read() })
}

/// The same for a struct that may be left out.
///
/// # Safety
/// As [`input`].
pub unsafe fn optional<T: Struct>(pointer: *const T, name: &'static str) -> Result<Option<T>, Refused> {
    // SAFETY: passed on from the caller.
    if pointer.is_null() { Ok(None) } else { unsafe { input(pointer, name) }.map(Some) }
}

/// A place for a struct that the library fills.
#[derive(Debug)]
pub struct Output<T>(NonNull<T>, usize);

impl<T: Struct> Output<T> {
    /// The place behind a pointer.
    ///
    /// # Safety
    /// `pointer` is NULL, misaligned, or points to as many writable bytes as the struct states, until [`write`](Self::write).
    pub unsafe fn at(pointer: *mut T, name: &'static str) -> Result<Self, Refused> {
        // SAFETY: passed on from the caller.
        let (pointer, size) = unsafe { stated_size(pointer, name)? };
        Ok(Self(pointer, size))
    }

    /// The size that the caller stated.
    pub fn struct_size(&self) -> u32 {
        u32::try_from(self.1).unwrap_or(u32::MAX)
    }

    /// Fills the struct; what a longer struct of a later ABI adds becomes zero.
    pub fn write(self, value: T) {
        let Self(pointer, size) = self;
        let tail = size.saturating_sub(size_of::<T>());
        // SAFETY: `at` made sure of NULL and alignment, its caller of the writable bytes.
        unsafe {
            pointer.write(value);
            pointer.add(1).cast::<u8>().write_bytes(0, tail);
        }
    }
}

/// A place for one number or pointer that the library writes.
///
/// # Safety
/// `pointer` is NULL, misaligned, or can be written as long as the result is used.
pub unsafe fn place<'a, T>(pointer: *mut T, name: &'static str) -> Result<&'a mut T, Refused> {
    let mut pointer = sound(pointer, name)?;
    // SAFETY: checked above; the caller vouches for the memory.
    Ok(unsafe { pointer.as_mut() })
}

/// The bytes that `len` elements fill, if any memory can hold them.
fn fits<T>(len: usize, name: &'static str) -> Result<(), Refused> {
    let bytes = len.checked_mul(size_of::<T>()).and_then(|bytes| isize::try_from(bytes).ok());
    bytes.map(drop).ok_or(Refused::Boundary(Boundary::Length, name, ""))
}

/// A list of the caller; NULL is allowed for no elements.
///
/// # Safety
/// `pointer` is NULL, misaligned, or points to `len` readable elements, as long as the result is used.
pub unsafe fn list<'a, T>(pointer: *const T, len: usize, name: &'static str) -> Result<&'a [T], Refused> {
    if pointer.is_null() && len == 0 {
        return Ok(&[]);
    }
    let pointer = sound(pointer.cast_mut(), name)?;
    fits::<T>(len, name)?;
    // SAFETY: checked above; the caller vouches for the elements.
    Ok(unsafe { slice::from_raw_parts(pointer.as_ptr(), len) })
}

/// A list that the library fills; NULL is allowed for no elements.
///
/// # Safety
/// As [`list`], writable and not read or written otherwise as long as the result is used.
pub unsafe fn list_mut<'a, T>(pointer: *mut T, len: usize, name: &'static str) -> Result<&'a mut [T], Refused> {
    if pointer.is_null() && len == 0 {
        return Ok(&mut []);
    }
    let pointer = sound(pointer, name)?;
    fits::<T>(len, name)?;
    // SAFETY: checked above; the caller vouches for the elements.
    Ok(unsafe { slice::from_raw_parts_mut(pointer.as_ptr(), len) })
}

/// Runs a call: its status, and on refusal the error struct if there is one. A panic stops here.
///
/// # Safety
/// `error` is NULL, misaligned, or points to a struct that can be written.
pub unsafe fn answer(error: *mut LoyaltyError, call: impl FnOnce() -> Result<(), Refused>) -> i32 {
    let told = if error.is_null() {
        None
    } else {
        // SAFETY: passed on from the caller.
        match unsafe { Output::at(error, "error") } {
            Ok(told) => Some(told),
            Err(refused) => return refused.status(),
        }
    };
    match caught(call) {
        Ok(()) => crate::status::LOYALTY_OK,
        Err(refused) => {
            if let Some(told) = told {
                let error = refused.to_error(told.struct_size());
                told.write(error);
            }
            refused.status()
        }
    }
}

/// Runs a call and stops a panic.
#[cfg(feature = "hosted")]
pub fn caught<T>(call: impl FnOnce() -> Result<T, Refused>) -> Result<T, Refused> {
    // Nothing is written before a call has its answer, so that nothing half written can be seen after a panic.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).unwrap_or(Err(Refused::Bug))
}

#[cfg(not(feature = "hosted"))]
pub fn caught<T>(call: impl FnOnce() -> Result<T, Refused>) -> Result<T, Refused> {
    call()
}
