//! The C ABI. It holds no rule: each export reads the memory of the caller, asks `loyalty-rules`, and writes the answer.
//!
//! `include/loyalty.h` is generated from these sources.
#![cfg_attr(not(feature = "hosted"), no_std)]

#[cfg(feature = "hosted")]
mod hosted;
mod hot;
mod layouts;
mod memory;
mod status;
mod structs;

#[cfg(feature = "hosted")]
pub use hosted::*;
pub use hot::*;
pub use layouts::*;
pub use status::*;
pub use structs::*;

/// Panics inside a call, for the test that a panic stops at the boundary.
///
/// # Panics
/// Never out of the call: the status is `INTERNAL`.
///
/// # Safety
/// As the header says.
#[cfg(feature = "deliberate_panic")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loyalty_test_panic(error: *mut LoyaltyError) -> i32 {
    #[expect(clippy::panic, reason = "it is what is tested")]
    let call = || panic!("on purpose");
    // SAFETY: passed on from the caller.
    unsafe { memory::answer(error, call) }
}

/// A bare-metal program has nobody to tell of a panic. `cargo xtask test bare_metal` shows that none is linked.
#[cfg(all(not(feature = "hosted"), target_os = "none"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
