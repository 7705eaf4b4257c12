//! The npm package: its modules, its generated sources, its tests.

mod generated;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::call::{self, Surface};
use crate::sh::{self, Outcome};
use crate::test::targets::{DEBIAN_COMPILER, build_std};

const TARGET: &str = "wasm32-unknown-unknown";

/// A module: its features, the parts of the standard library it needs, how it is optimized, and the most bytes that
/// it may have with its glue, after gzip.
struct Module {
    name: &'static str,
    features: &'static str,
    parts: &'static str,
    level: &'static str,
    optimize: &'static str,
    largest_gzip: usize,
}

#[rustfmt::skip]
const MODULES: [Module; 2] = [
    Module { name: "loyalty", features: "--features named", parts: "std,panic_abort", level: "z", optimize: "-Oz", largest_gzip: 200_000 },
    Module { name: "kernel", features: "--no-default-features", parts: "core,panic_abort", level: "z", optimize: "-Oz", largest_gzip: 20_000 },
];

/// What every browser of the last years has.
const WASM_FEATURES: &str = "--enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals --enable-multivalue --enable-reference-types";

fn package() -> PathBuf {
    sh::root().join("bindings/npm")
}

fn dist() -> PathBuf {
    package().join("dist")
}

fn npm(folder: &Path, arguments: &str) -> Command {
    let mut npm = sh::command("npm");
    npm.args(arguments.split_whitespace()).args(["--no-audit", "--no-fund"]).current_dir(folder);
    npm
}

/// The tools that a folder's lockfile pins.
fn install(folder: &Path) -> Outcome {
    let lock = sh::read(folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.loyalty-lock");
    if sh::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    sh::run(&mut npm(folder, "ci"))?;
    write(&stamp, &lock)
}

fn tool(name: &str) -> Command {
    sh::command(package().join("node_modules/.bin").join(name))
}

fn write(path: &Path, text: &str) -> Outcome {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The compiler for the target: rustup's if it has the target, Debian's otherwise.
fn compiler(parts: &str) -> Outcome<(Command, &'static str)> {
    let installed = sh::output(sh::command("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    if installed.is_ok_and(|folder| Path::new(folder.trim()).is_dir()) {
        return Ok((sh::cargo("rustc"), "rustup's"));
    }
    sh::packages(&DEBIAN_COMPILER)?;
    let sysroot = sh::output(sh::command("rustc").args(["--print", "sysroot"]))?;
    let linker = Path::new(sysroot.trim()).join("lib/rustlib").join(sh::host()?).join("bin/rust-lld");
    let mut cargo = build_std(&format!("rustc -Z build-std={parts} -Z build-std-features=optimize_for_size"));
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    Ok((cargo, "Debian's, which builds the standard library"))
}

impl Module {
    fn path(&self) -> PathBuf {
        dist().join(self.name).with_extension("wasm")
    }

    /// Compiles the module to dist/.
    fn build(&self) -> Outcome {
        let (mut cargo, whose) = compiler(self.parts)?;
        let folder = sh::target().join("wasm").join(self.name);
        cargo
            .args(format!("--quiet --release -p loyalty-wasm --lib --target {TARGET}").split(' '))
            .args(self.features.split(' '))
            .env("CARGO_TARGET_DIR", &folder)
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", self.level)
            .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
            .env("CARGO_PROFILE_RELEASE_STRIP", "true")
            // What could overflow is linted out; a trap here would tell no more than a wrong sum that a test finds.
            .env("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "false")
            .env("RUSTFLAGS", "-Clink-arg=-zstack-size=131072 -Ctarget-feature=+bulk-memory,+nontrapping-fptoint,+sign-ext");
        sh::run(&mut cargo)?;
        let built = folder.join(TARGET).join("release/loyalty_wasm.wasm");
        sh::run(tool("wasm-opt").args([self.optimize, "--strip-debug", "--strip-producers", "--converge"]).args(WASM_FEATURES.split(' ')).arg(&built).arg("-o").arg(self.path()))?;
        say!("{}.wasm by the compiler of {whose}", self.name);
        Ok(())
    }
}

/// `cargo xtask wasm`: the modules, the generated sources, and the package in dist/.
pub fn wasm(_: &[String]) -> Outcome {
    let package = package();
    install(&package)?;
    let failed = |error: std::io::Error| error.to_string();
    fs::create_dir_all(dist()).map_err(failed)?;
    let sources = package.join("src/generated");
    fs::create_dir_all(&sources).map_err(failed)?;
    for module in &MODULES {
        module.build()?;
    }
    for (name, text) in generated::sources()? {
        write(&sources.join(name), &text)?;
    }
    for (name, module) in [("main_module.ts", &MODULES[0]), ("kernel_module.ts", &MODULES[1])] {
        let bytes = fs::read(module.path()).map_err(failed)?;
        write(&sources.join(name), &format!("/** The module {}.wasm. */\nexport const BASE64 =\n  \"{}\";\n", module.name, generated::base64(&bytes)))?;
    }
    for format in ["esm", "cjs"] {
        let old = dist().join(format);
        if old.exists() {
            fs::remove_dir_all(&old).map_err(failed)?;
        }
    }
    sh::run(tool("tsc").arg("-p").arg(&package))?;
    let commonjs = "--module CommonJS --moduleResolution Node10 --ignoreDeprecations 5.0 --outDir";
    sh::run(tool("tsc").arg("-p").arg(&package).args(commonjs.split(' ')).arg(dist().join("cjs")))?;
    write(&dist().join("cjs/package.json"), "{ \"type\": \"commonjs\" }\n")?;
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(sh::root().join(licence), package.join(licence)).map_err(failed)?;
    }
    say!("bindings/npm/dist");
    Ok(())
}

/// The driver that answers operations through the package.
pub fn caller() -> Outcome<Command> {
    wasm(&[])?;
    let mut node = sh::command("node");
    node.arg(package().join("test/driver.mjs"));
    Ok(node)
}

/// The part `js` of the tests.
pub fn test() -> Outcome {
    let answered = call::vectors_hold(&mut Surface::driver(&mut caller()?)?)?;
    say!("{answered} vectors through call and answer in Node");
    Ok(())
}
