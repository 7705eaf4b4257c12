//! Names the shared library by the ABI it keeps, so that a program finds one that fits it.

fn main() {
    let is_elf = std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux" || os == "android");
    if is_elf {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libloyalty.so.1");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
