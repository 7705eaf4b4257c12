//! The WebAssembly face. It holds no rule: each export reads what the facade in bindings/npm wrote into the module's
//! memory, asks `loyalty-rules`, and writes the answer there.
#![cfg_attr(all(not(feature = "operations"), target_family = "wasm"), no_std)]

#[cfg(any(feature = "program", feature = "operations"))]
extern crate alloc;

#[cfg(all(feature = "program", not(feature = "operations"), target_family = "wasm"))]
mod arena;
#[cfg(feature = "program")]
mod award;
#[cfg(feature = "operations")]
mod call;
#[cfg(feature = "program")]
mod columns;
#[cfg(feature = "program")]
mod exchange;
#[cfg(any(feature = "program", not(feature = "operations")))]
mod given;
#[cfg(not(any(feature = "program", feature = "operations")))]
mod kernel;
#[cfg(any(feature = "program", not(feature = "operations")))]
mod numbers;
#[cfg(feature = "program")]
mod program;
#[cfg(any(feature = "program", feature = "operations"))]
mod text;

/// A trap is how the host learns of a panic; the rules are shown to hold none by tests/targets/panic-free.
#[cfg(all(not(feature = "operations"), target_family = "wasm"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
