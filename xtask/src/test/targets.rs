//! The parts that need another compiler, another target or other link flags. Each combination of compiler
//! and flags has a target folder of its own, so that nothing is built twice.

use std::path::{Path, PathBuf};

use crate::sh::{self, Outcome};

pub fn no_std() -> Outcome {
    let (microcontroller, browser) = ("thumbv7em-none-eabi", "wasm32v1-none");
    let all = "json,decimal,chrono";
    let builds = [
        ("loyalty-rules", microcontroller, "core", ""),
        ("loyalty-rules", microcontroller, "core", "crypto,chrono"),
        ("loyalty-rules", microcontroller, "core,alloc", all),
        ("loyalty-rules", browser, "core,alloc", all),
        ("loyalty-api", microcontroller, "core,alloc", "accounts,planning,network"),
    ];
    for (package, target, parts, features) in builds {
        let check = format!("check --quiet -Z build-std={parts} -p {package} --target {target} --no-default-features --features");
        sh::run(sh::build_std(&check)?.arg(features)).map_err(|why| format!("{target} with {parts} [{features}]:\n{why}"))?;
        say!("{package} on {target} with {parts} [{features}]");
    }
    Ok(())
}

pub fn s390x() -> Outcome {
    sh::packages(&["qemu-user", "gcc-s390x-linux-gnu", "libc6-dev-s390x-cross"])?;
    // Emulated, unoptimized code takes its time.
    vectors_on("s390x-unknown-linux-gnu", "s390x-linux-gnu-gcc", "qemu-s390x -L /usr/s390x-linux-gnu", "2")
}

pub fn i686() -> Outcome {
    sh::packages(&["gcc-i686-linux-gnu", "libc6-dev-i386-cross"])?;
    // An x86-64 machine runs it natively, through the loader that belongs to these libraries.
    let lib = "/usr/i686-linux-gnu/lib";
    vectors_on("i686-unknown-linux-gnu", "i686-linux-gnu-gcc", &format!("{lib}/ld-linux.so.2 --library-path {lib}"), "0")
}

fn vectors_on(target: &str, linker: &str, runner: &str, optimized: &str) -> Outcome {
    let variable = target.to_uppercase().replace('-', "_");
    sh::show(
        sh::build_std(&format!("test --quiet -Z build-std=std,panic_unwind,test --target {target} -p loyalty-conformance --test vectors"))?
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", optimized)
            .env(format!("CARGO_TARGET_{variable}_LINKER"), linker)
            .env(format!("CARGO_TARGET_{variable}_RUNNER"), runner),
    )
}

pub fn panic_free() -> Outcome {
    if !sh::has_program("nm") {
        sh::packages(&["binutils"])?;
    }
    let calls = ["decide", "block", "from_compiled", "slot", "selling_day", "lucky_digit", "judge", "split", "take_back"];
    let library = sh::target().join("panic-free/release/libpanic_free.so");
    let link = |features: &str| {
        sh::run(
            sh::cargo("build --quiet --release --manifest-path tests/targets/panic-free/Cargo.toml --features")
                .arg(features)
                .env("CARGO_TARGET_DIR", sh::target().join("panic-free"))
                .env("RUSTFLAGS", "-Clink-arg=-Wl,--no-undefined -Clink-arg=-lc -Clink-arg=-nostartfiles"),
        )
    };
    let is_reachable = |why: &str| why.contains("a_panic_is_reachable");
    // A check that cannot fail proves nothing.
    match link("planted") {
        Ok(()) => return Err("a planted panic links, so this check sees nothing".into()),
        Err(why) if !is_reachable(&why) => return Err(why),
        Err(_) => {}
    }
    if let Err(why) = link(&calls.join(",")) {
        let reachable: Vec<&str> = calls.into_iter().filter(|call| link(call).is_err_and(|why| is_reachable(&why))).collect();
        return Err(if reachable.is_empty() { why } else { format!("a panic can be reached from: {}", reachable.join(", ")) });
    }
    let symbols = sh::output(sh::command("nm").arg(&library))?;
    let missing: Vec<&str> = calls.into_iter().filter(|call| !symbols.lines().any(|line| line.ends_with(&format!(" T {call}")))).collect();
    if !missing.is_empty() {
        return Err(format!("not in the library: {}", missing.join(", ")));
    }
    let panics: String = symbols.lines().filter(|line| line.to_lowercase().contains("panic")).collect::<Vec<_>>().join("\n");
    say!("{} calls; a planted panic does not link", calls.len());
    if panics.is_empty() { Ok(()) } else { Err(panics) }
}

/// Checks with the oldest compiler stated, as Debian has it: unpacked, not installed, beside whatever other
/// compiler the machine has.
pub fn msrv() -> Outcome {
    let manifest = sh::read(sh::root().join("Cargo.toml"))?;
    let stated = manifest.lines().find_map(|line| line.strip_prefix("rust-version = \"")).and_then(|rest| rest.split('"').next());
    let stated = stated.ok_or("Cargo.toml states no rust-version")?;
    let rustc = unpacked_compiler(stated)?;
    let version = sh::output(sh::command(&rustc).arg("--version"))?;
    if !version.starts_with(&format!("rustc {stated}.")) {
        return Err(format!("wanted rustc {stated}, got {version}"));
    }
    say!("{}", version.trim());
    sh::run(
        sh::cargo("check --quiet --all-features")
            .args(sh::RULES.map(|name| format!("-p{name}")))
            .env("RUSTC", rustc)
            .env("CARGO_TARGET_DIR", sh::target().join("msrv/build")),
    )
}

/// The path of a compiler of this version under the target folder.
fn unpacked_compiler(stated: &str) -> Outcome<PathBuf> {
    let folder = sh::target().join("msrv");
    let rustc = folder.join(format!("rustc-{stated}"));
    if rustc.exists() {
        return Ok(rustc);
    }
    if !sh::can_install() {
        return Err(format!("this part takes rustc {stated} from Debian's packages: run it as root on Debian"));
    }
    // What libLLVM needs beside it.
    sh::packages(&["libedit2", "libffi8", "libxml2", "libz3-4", "libzstd1", "zlib1g"])?;
    let version = match debian_version(stated)? {
        Some(version) => version,
        None => {
            sh::update_package_lists()?;
            debian_version(stated)?.ok_or_else(|| format!("Debian has no rustc-web {stated}"))?
        }
    };
    say!("unpacking rustc-web {version}");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let standard = format!("libstd-rust-web-{stated}");
    let llvm = llvm_of(&format!("{standard}={version}"))?;
    let packages = [format!("rustc-web={version}"), format!("libstd-rust-web-dev={version}"), format!("{standard}={version}"), llvm];
    sh::run(sh::command("apt-get").arg("download").args(packages).current_dir(&folder))?;
    for package in sh::files_below(&folder, ".deb") {
        sh::run(sh::command("dpkg").arg("-x").arg(&package).arg(&folder))?;
        std::fs::remove_file(package).map_err(|error| error.to_string())?;
    }
    write_wrapper(&rustc, &folder)?;
    Ok(rustc)
}

/// The newest Debian version of this compiler.
fn debian_version(stated: &str) -> Outcome<Option<String>> {
    let table = sh::output(sh::command("apt-cache").args(["madison", "rustc-web"]))?;
    let mut versions = table.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim);
    Ok(versions.find(|version| version.starts_with(&format!("{stated}."))).map(str::to_owned))
}

/// The LLVM package that a compiler's library depends on.
fn llvm_of(package: &str) -> Outcome<String> {
    let shown = sh::output(sh::command("apt-cache").args(["show", package]))?;
    let depends = shown.lines().find_map(|line| line.strip_prefix("Depends: ")).unwrap_or_default();
    let names = depends.split(',').filter_map(|dependency| dependency.split_whitespace().next());
    names
        .into_iter()
        .find(|name| name.starts_with("libllvm"))
        .map(str::to_owned)
        .ok_or_else(|| format!("{package} needs no LLVM: {depends}"))
}

/// A script that starts the unpacked compiler with its own libraries.
fn write_wrapper(rustc: &Path, folder: &Path) -> Outcome {
    use std::os::unix::fs::PermissionsExt;

    let libraries = folder.join(format!("usr/lib/{}-linux-gnu", std::env::consts::ARCH));
    let compiler = folder.join("usr/bin/rustc");
    let script = format!("#!/bin/sh\nLD_LIBRARY_PATH='{}' exec '{}' \"$@\"\n", libraries.display(), compiler.display());
    let failed = |error: std::io::Error| error.to_string();
    std::fs::write(rustc, script).map_err(failed)?;
    std::fs::set_permissions(rustc, std::fs::Permissions::from_mode(0o755)).map_err(failed)
}
