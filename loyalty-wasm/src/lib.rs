//! The WebAssembly face. It holds no rule: each export reads what the facade in bindings/npm wrote into the module's
//! memory, asks `loyalty-rules`, and writes the answer there.
#![cfg_attr(not(feature = "named"), no_std)]

#[cfg(feature = "named")]
mod exchange;
#[cfg(feature = "named")]
mod hot;
#[cfg(not(feature = "named"))]
mod kernel;
#[cfg(feature = "named")]
mod named;
mod numbers;

/// A trap is how the host learns of a panic; the rules are shown to hold none by tests/targets/panic-free.
#[cfg(all(not(feature = "named"), target_family = "wasm"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
