//! The panic handler calls a function that nobody defines. A panic that the optimiser cannot prove
//! unreachable keeps that call, and then the library does not link.
#![no_std]
#![allow(improper_ctypes_definitions, reason = "nothing but the linker looks at these calls")]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn a_panic_is_reachable() -> !;
    }
    // SAFETY: it never links, so it never runs.
    unsafe { a_panic_is_reachable() }
}

#[cfg(feature = "decide")]
#[unsafe(no_mangle)]
pub extern "C" fn decide(
    program: &loyalty_rules::award::Program,
    receipt: &loyalty_rules::award::Receipt,
    shopper: &loyalty_rules::award::Shopper,
    merchant: &loyalty_rules::award::Merchant,
    counters: &loyalty_rules::award::Counters,
    out: &mut Result<loyalty_rules::award::Award, loyalty_rules::Error>,
) {
    *out = loyalty_rules::award::decide(program, receipt, shopper, merchant, counters);
}

#[cfg(feature = "block")]
#[unsafe(no_mangle)]
pub extern "C" fn block(
    layout: &loyalty_rules::award::Layout,
    rows: &loyalty_rules::award::Rows<'_, 4>,
    counters: &loyalty_rules::award::Counters,
    out: &mut Option<[loyalty_rules::award::FourAwards; 4]>,
) {
    *out = layout.decide(rows, counters);
}

#[cfg(feature = "from_compiled")]
#[unsafe(no_mangle)]
pub extern "C" fn from_compiled(bytes: &&[u8], out: &mut Result<loyalty_rules::award::Program, loyalty_rules::Error>) {
    *out = loyalty_rules::award::Program::from_compiled(bytes);
}

#[cfg(feature = "slot")]
#[unsafe(no_mangle)]
pub extern "C" fn slot(window: &loyalty_rules::calendar::SaleWindow, at: &loyalty_rules::calendar::CivilTime, out: &mut Option<u8>) {
    *out = window.slot(at);
}

#[cfg(feature = "selling_day")]
#[unsafe(no_mangle)]
pub extern "C" fn selling_day(
    window: &loyalty_rules::calendar::SaleWindow,
    at: &loyalty_rules::calendar::CivilTime,
    out: &mut Result<loyalty_rules::calendar::Date, loyalty_rules::Error>,
) {
    *out = window.selling_day(at);
}

#[cfg(feature = "lucky_digit")]
#[unsafe(no_mangle)]
pub extern "C" fn lucky_digit(at: &loyalty_rules::calendar::CivilTime) -> u8 {
    loyalty_rules::tables::Digit::lucky(at).get()
}

#[cfg(feature = "judge")]
#[unsafe(no_mangle)]
pub extern "C" fn judge(
    claim: &loyalty_rules::tables::Claim,
    tolerance: loyalty_rules::tables::Tolerance,
    out: &mut loyalty_rules::tables::Judgement,
    difference_ms: &mut Result<i64, loyalty_rules::Error>,
) {
    *out = claim.judge(tolerance);
    *difference_ms = out.difference_ms();
}

#[cfg(feature = "split")]
#[unsafe(no_mangle)]
pub extern "C" fn split(
    funding: &loyalty_rules::funding::Funding,
    amount: loyalty_rules::quantity::Rupiah,
    out: &mut loyalty_rules::funding::Parts,
) {
    *out = funding.split(amount);
}

#[cfg(feature = "take_back")]
#[unsafe(no_mangle)]
pub extern "C" fn take_back(
    parts: &mut loyalty_rules::funding::Parts,
    refund: loyalty_rules::quantity::Rupiah,
    out: &mut Result<loyalty_rules::funding::Parts, loyalty_rules::Error>,
) {
    *out = parts.take_back(refund);
}

#[cfg(feature = "planted")]
#[unsafe(no_mangle)]
pub extern "C" fn planted(index: usize) -> u8 {
    [1, 2, 3][index]
}

/// The precompiled `compiler_builtins` (128-bit division) names it for unwinding, which never happens here.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}
