//! The C ABI. It holds no rule: each export passes on to `loyalty-rules`.

/// The version of this ABI; it changes when a layout or a signature does.
#[unsafe(no_mangle)]
pub extern "C" fn loyalty_abi_version() -> u32 {
    1
}

/// The number of operations that `loyalty_rules::api::call` answers.
#[unsafe(no_mangle)]
pub extern "C" fn loyalty_operation_count() -> usize {
    loyalty_rules::api::operations().count()
}
