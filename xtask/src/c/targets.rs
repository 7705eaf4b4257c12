//! The C face on other machines: bare metal, ARM, Windows.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{WARNINGS, vectors, work, write};
use crate::sh::{self, Outcome};
use crate::surface::Surface;

fn built(target: &str) -> PathBuf {
    sh::target().join("build-std").join(target).join("release")
}

/// A till without operating system and allocator: linked for a Cortex-M4 and run on an emulated one.
pub fn bare_metal() -> Outcome {
    const TARGET: &str = "thumbv7em-none-eabi";
    sh::packages(&["gcc-arm-none-eabi", "qemu-system-arm"])?;
    let build = format!(
        "rustc --quiet -Z build-std=core -Z build-std-features=compiler-builtins-mem -p loyalty-ffi --lib --crate-type staticlib --release --target {TARGET} --no-default-features"
    );
    // The standard library's own sums, as in every release of it, are not checked; unchecked ones of ours are linted out.
    sh::run(sh::build_std(&build)?.env("CARGO_PROFILE_RELEASE_PANIC", "abort").env("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "false"))?;
    let work = work()?;
    let program = br#"{"mechanism": "stopwatch", "margin_class": "below_15", "tier": "plus", "quota": 200000}"#;
    let compiled = loyalty_rules::award::Program::from_json(program).map_err(|refusal| refusal.to_string())?.compile(b"");
    let bytes: Vec<String> = compiled.iter().map(u8::to_string).collect();
    let source = format!(
        "const unsigned char compiled_program[] = {{{}}};\nconst unsigned compiled_program_len = sizeof compiled_program;\n",
        bytes.join(", ")
    );
    write(&work.join("compiled_program.c"), &source)?;
    let link = |name: &str, flags: &str| {
        let program = work.join(name);
        let mut gcc = sh::command("arm-none-eabi-gcc");
        gcc.args("-mcpu=cortex-m4 -mthumb -mfloat-abi=soft -Os -std=gnu99 -ffreestanding -nostdlib -Wl,--gc-sections -Wl,--no-undefined -Iinclude".split(' '));
        gcc.args(WARNINGS.split(' ')).args(flags.split_whitespace()).args(["-Wno-pedantic", "-T", "tests/c/bare_metal/memory.ld"]);
        gcc.arg("tests/c/bare_metal/main.c").arg(work.join("compiled_program.c")).arg(built(TARGET).join("libloyalty.a"));
        sh::run(gcc.arg("-o").arg(&program)).map(|()| program)
    };
    let emulate = |program: &Path| {
        let options = "-M mps2-an386 -nographic -monitor none -serial none -semihosting-config enable=on,target=native -kernel";
        sh::output(sh::command("timeout").arg("60").arg("qemu-system-arm").args(options.split(' ')).arg(program))
    };
    let till = link("till.elf", "")?;
    emulate(&till)?;
    if emulate(&link("wrong.elf", "-DVOUCHER_RUPIAH=14999")?).is_ok() {
        return Err("the emulator does not tell a wrong voucher".into());
    }
    // What no call reaches is not linked.
    let symbols = sh::output(sh::command("arm-none-eabi-nm").arg(&till))?;
    if let Some(panic) = symbols.lines().find(|line| line.contains("panic")) {
        return Err(format!("a panic can be reached: {panic}"));
    }
    if !symbols.contains("loyalty_award_decide") {
        return Err("the till has no symbols, so this check sees nothing".into());
    }
    let size = sh::output(sh::command("arm-none-eabi-size").arg(&till))?;
    let text = size.lines().nth(1).and_then(|line| line.split_whitespace().next()).unwrap_or_default();
    say!("a till of {text} bytes for {TARGET}, run on an emulated Cortex-M4");
    Ok(())
}

/// The static library on 64-bit ARM Linux, as terminals have it.
pub fn aarch64() -> Outcome {
    const TARGET: &str = "aarch64-unknown-linux-gnu";
    sh::packages(&["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross", "qemu-user"])?;
    let build =
        format!("rustc --quiet -Z build-std=std,panic_unwind -p loyalty-ffi --lib --crate-type staticlib --release --target {TARGET}");
    sh::run(in_short(&mut sh::build_std(&build)?))?;
    let library = format!("{}/libloyalty.a -lpthread -ldl -lm", built(TARGET).display());
    let emulated = |program: &Path| {
        let mut command = sh::command("qemu-aarch64");
        command.args(["-L", "/usr/aarch64-linux-gnu"]).arg(program);
        command
    };
    on_target("aarch64-linux-gnu-gcc", "aarch64", "", &library, emulated)
}

/// The struct vectors, the bad input and every vector by name, on another machine.
fn on_target(compiler: &str, name: &str, ending: &str, library: &str, start: impl Fn(&Path) -> Command) -> Outcome {
    write(&work()?.join("struct_vectors.inc"), &vectors::written()?.0)?;
    let link = |source: &str| {
        super::link(compiler, &format!("-std=c99 -O1 {WARNINGS}"), &format!("{source}.c"), library, &format!("{source}_{name}{ending}"))
    };
    for source in ["structs", "boundary"] {
        sh::show(&mut start(&link(source)?))?;
    }
    let answered = Surface::driver(&mut start(&link("call")?))?.vectors_hold(|_| true)?;
    say!("{answered} vectors through loyalty_call");
    Ok(())
}

struct Windows {
    name: &'static str,
    target: &'static str,
    tools: &'static str,
}

const WINDOWS: [Windows; 2] = [
    Windows { name: "x64", target: "x86_64-pc-windows-gnu", tools: "x86_64-w64-mingw32" },
    Windows { name: "x86", target: "i686-pc-windows-gnu", tools: "i686-w64-mingw32" },
];

const CROSS: [&str; 3] = ["gcc-mingw-w64-x86-64-win32", "gcc-mingw-w64-i686-win32", "binutils"];

/// Builds that are tested and not shipped: the same code, without the minutes of optimizing it as a whole.
fn in_short(cargo: &mut Command) -> &mut Command {
    cargo.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
}

/// `cargo xtask package windows`: the DLLs with their import libraries and `.def` files, and what they export.
pub fn package_windows() -> Outcome {
    let folder = windows_folder(&WINDOWS, |cargo| cargo)?;
    for windows in &WINDOWS {
        check_dll(windows, &folder)?;
    }
    Ok(())
}

fn windows_folder(machines: &[Windows], profile: fn(&mut Command) -> &mut Command) -> Outcome<PathBuf> {
    sh::packages(&CROSS)?;
    let folder = sh::target().join("c/package").join(format!("loyalty-{}-windows", env!("CARGO_PKG_VERSION")));
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(failed)?;
    }
    let copy = |from: &Path, to: PathBuf| {
        std::fs::create_dir_all(to.parent().unwrap_or(&to)).map_err(failed)?;
        std::fs::copy(from, &to).map(drop).map_err(|error| format!("{}: {error}", from.display()))
    };
    for windows in machines {
        say!("building loyalty.dll for {}", windows.name);
        let variable = windows.target.to_uppercase().replace('-', "_");
        let build = format!("build --quiet -Z build-std=std,panic_unwind -p loyalty-ffi --release --target {}", windows.target);
        sh::run(profile(sh::build_std(&build)?.env(format!("CARGO_TARGET_{variable}_LINKER"), linker(windows)?)))?;
        let (built, place) = (built(windows.target), folder.join(windows.name));
        let library = place.join("loyalty.dll");
        copy(&built.join("loyalty.dll"), library.clone())?;
        sh::run(sh::command(format!("{}-strip", windows.tools)).arg(&library))?;
        copy(&built.join("libloyalty.dll.a"), place.join("libloyalty.dll.a"))?;
        let functions = exports(windows, &library)?;
        let mut definition = String::from("LIBRARY loyalty.dll\nEXPORTS\n");
        functions.iter().for_each(|name| {
            let _ = writeln!(definition, "    {name}");
        });
        write(&place.join("loyalty.def"), &definition)?;
    }
    for file in ["include/loyalty.h", "include/loyalty.hpp", "LICENSE-MIT", "LICENSE-APACHE", "bindings/c/README.md"] {
        copy(&sh::root().join(file), folder.join(file.strip_prefix("bindings/c/").unwrap_or(file)))?;
    }
    say!("{}", folder.display());
    Ok(folder)
}

/// `cargo xtask package android`: the static library for 64-bit ARM. An app links it with the NDK, which is not among
/// the packages that can be had here, so it is built and not run.
pub fn package_android() -> Outcome {
    const TARGET: &str = "aarch64-linux-android";
    let build =
        format!("rustc --quiet -Z build-std=std,panic_unwind -p loyalty-ffi --lib --crate-type staticlib --release --target {TARGET}");
    sh::run(&mut sh::build_std(&build)?)?;
    say!("{}", built(TARGET).join("libloyalty.a").display());
    Ok(())
}

/// What a DLL exports, sorted.
fn exports(windows: &Windows, library: &Path) -> Outcome<Vec<String>> {
    let table = sh::output(sh::command(format!("{}-objdump", windows.tools)).arg("-p").arg(library))?;
    let rows = table.lines().skip_while(|line| !line.starts_with("[Ordinal/Name Pointer]")).skip(1).take_while(|line| line.contains('['));
    Ok(rows.filter_map(|line| line.split_whitespace().last()).map(str::to_owned).collect())
}

/// The linker. Rust's 32-bit DLLs begin and end with two objects that come with the compiler for Windows only: they
/// are made from the library's sources, and the linker starts where they lie.
fn linker(windows: &Windows) -> Outcome<PathBuf> {
    let gcc = format!("{}-gcc", windows.tools);
    if windows.name == "x64" {
        return Ok(gcc.into());
    }
    let folder = work()?.join("rtstartup");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    for name in ["rsbegin", "rsend"] {
        let mut rustc = sh::command("/usr/bin/rustc");
        rustc.env("RUSTC_BOOTSTRAP", "1").args(["--target", windows.target, "--emit=obj", "-o"]);
        let source = format!("/usr/lib/rustlib/src/rust/library/rtstartup/{name}.rs");
        sh::run(rustc.arg(folder.join(name).with_extension("o")).arg(source))?;
    }
    let script = folder.join(&gcc);
    write(&script, &format!("#!/bin/sh\ncd '{}' && exec /usr/bin/{gcc} \"$@\"\n", folder.display()))?;
    sh::run(sh::command("chmod").arg("+x").arg(&script))?;
    Ok(script)
}

/// A DLL exports what the header states, and programs link with it.
fn check_dll(windows: &Windows, folder: &Path) -> Outcome {
    let library = folder.join(windows.name).join("loyalty.dll");
    let stated = super::stated_functions()?;
    if exports(windows, &library)? != stated {
        return Err(format!("the DLL for {} exports other functions than the header states", windows.name));
    }
    let bytes = std::fs::metadata(&library).map_err(|error| error.to_string())?.len();
    say!("{}: {} functions, {bytes} bytes", windows.name, stated.len());
    let import = folder.join(windows.name).join("libloyalty.dll.a").display().to_string();
    for source in ["boundary.c", "call.c"] {
        let flags = format!("-std=c99 -O1 -static-libgcc {WARNINGS} -D__USE_MINGW_ANSI_STDIO=1");
        super::link(&format!("{}-gcc", windows.tools), &flags, source, &import, &format!("{source}_{}.exe", windows.name))?;
    }
    Ok(())
}

/// The 64-bit DLL under Wine; `cargo xtask package windows` builds both as they ship. Debian's Wine has no 32-bit half
/// here.
pub fn windows() -> Outcome {
    let folder = windows_folder(&WINDOWS[..1], in_short)?;
    sh::packages(&["wine", "wine64"])?;
    check_dll(&WINDOWS[0], &folder)?;
    let x64 = &WINDOWS[0];
    let run = work()?.join("wine");
    std::fs::create_dir_all(&run).map_err(|error| error.to_string())?;
    let stub = run.join("bcryptprimitives.dll");
    // Wine 8 lacks the one function of it that Rust's hash maps ask for.
    super::compile(&format!("{}-gcc", x64.tools), &format!("-shared -o {} tests/c/windows/bcryptprimitives.c -ladvapi32", stub.display()))?;
    std::fs::copy(folder.join("x64/loyalty.dll"), run.join("loyalty.dll")).map_err(|error| error.to_string())?;
    let start = |program: &Path| {
        let beside = run.join(program.file_name().unwrap_or_default());
        let _ = std::fs::copy(program, &beside);
        let mut wine = sh::command("wine");
        wine.arg(beside).env("WINEPREFIX", run.join("prefix")).env("WINEDEBUG", "-all");
        wine
    };
    let import = folder.join("x64/libloyalty.dll.a").display().to_string();
    on_target(&format!("{}-gcc", x64.tools), "wine", ".exe", &import, start)
}
