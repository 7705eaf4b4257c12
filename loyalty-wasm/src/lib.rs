//! The WebAssembly face. It holds no rule: each export passes on to `loyalty-rules`.

/// The number of operations that `loyalty_rules::api::call` answers.
#[unsafe(no_mangle)]
pub extern "C" fn loyalty_operation_count() -> usize {
    loyalty_rules::api::operations().count()
}
