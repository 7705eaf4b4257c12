//! The npm package: its modules, its generated sources, its tests.

mod cases;
mod generated;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::sh::{self, Outcome};
use crate::surface::Surface;

const TARGET: &str = "wasm32-unknown-unknown";

/// A module: its features, the parts of the standard library it needs, how its face and all else are optimized, the bytes
/// of its stack, what imports it, and the most bytes after gzip that it may have with the glue of that import.
struct Module {
    name: &'static str,
    features: &'static str,
    parts: &'static str,
    levels: [&'static str; 2],
    stack: usize,
    import: &'static str,
    largest_gzip: usize,
}

#[rustfmt::skip]
static MODULES: [Module; 4] = [
    Module { name: "program", features: "--features program", parts: "core,alloc,panic_abort -Z build-std-features=optimize_for_size", levels: ["3", "\"z\""], stack: 131_072, import: "{ Program } from './esm/index.js'", largest_gzip: 80_000 },
    Module { name: "loyalty", features: "--features operations,accounts,planning,network", parts: "std,panic_abort -Z build-std-features=optimize_for_size", levels: ["\"z\"", "\"z\""], stack: 131_072, import: "{ call } from './esm/index.js'", largest_gzip: 615_000 },
    Module { name: "till", features: "--features operations", parts: "std,panic_abort -Z build-std-features=optimize_for_size", levels: ["\"z\"", "\"z\""], stack: 131_072, import: "{ call } from './esm/till.js'", largest_gzip: 172_000 },
    Module { name: "kernel", features: "", parts: "core,panic_abort", levels: ["2", "\"s\""], stack: 16_384, import: "{ Kernel } from './esm/kernel.js'", largest_gzip: 14_000 },
];

/// The features below; and SHA-2 as a loop instead of unrolled, a fifth of its size.
const RUST_FLAGS: &str = "-Ctarget-feature=+bulk-memory,+nontrapping-fptoint,+sign-ext,+simd128 --cfg sha2_backend_soft=\"compact\"";

/// What every browser of the last years has: Chrome 91, Firefox 89, Safari 16.4, Node 16.4.
const WASM_FEATURES: &str = "--enable-simd --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals --enable-multivalue --enable-reference-types";

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

/// Removes what an earlier build left.
fn remove(folder: &Path) -> Outcome {
    if folder.exists() { fs::remove_dir_all(folder).map_err(|error| error.to_string()) } else { Ok(()) }
}

/// A panic ends in a trap at once: no text, no place, no formatting of them. Only a compiler that builds the standard
/// library takes these.
const PANIC_IS_A_TRAP: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none";

/// The compiler for the target, whose it is, and its own flags: rustup's if it has the target, Debian's otherwise.
fn compiler(parts: &str) -> Outcome<(Command, &'static str, &'static str)> {
    let installed = sh::output(sh::command("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    if installed.is_ok_and(|folder| Path::new(folder.trim()).is_dir()) {
        return Ok((sh::cargo("rustc"), "rustup's", ""));
    }
    let sysroot = sh::output(sh::command("rustc").args(["--print", "sysroot"]))?;
    let linker = Path::new(sysroot.trim()).join("lib/rustlib").join(sh::host()?).join("bin/rust-lld");
    let mut cargo = sh::build_std(&format!("rustc -Z build-std={parts}"))?;
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    Ok((cargo, "Debian's, which builds the standard library", PANIC_IS_A_TRAP))
}

impl Module {
    fn path(&self) -> PathBuf {
        dist().join(self.name).with_extension("wasm")
    }

    /// The module as it was linked, with the names of its functions.
    fn linked(&self) -> PathBuf {
        sh::target().join("wasm").join(self.name).join(TARGET).join("release/loyalty_wasm.wasm")
    }

    /// Whether code of a crate's module is in it, as mangled names tell.
    fn holds(&self, name: &str) -> Outcome<bool> {
        let linked = fs::read(self.linked()).map_err(|error| error.to_string())?;
        Ok(linked.windows(name.len()).any(|window| window == name.as_bytes()))
    }

    /// The bytes after gzip of the JavaScript that a bundler takes for the module's import, minified, without the module.
    fn glue(&self) -> Outcome<usize> {
        let (entry, bundle) = (dist().join("entry.mjs"), dist().join("bundle.mjs"));
        write(&entry, &format!("export {};\n", self.import))?;
        let mut esbuild = tool("esbuild");
        esbuild.args("--bundle --minify --format=esm --external:*_module.js --log-level=warning".split(' '));
        sh::run(esbuild.arg(&entry).arg(format!("--outfile={}", bundle.display())))?;
        let bytes = gzip(&bundle)?;
        for file in [entry, bundle] {
            fs::remove_file(file).map_err(|error| error.to_string())?;
        }
        Ok(bytes)
    }

    /// What compiles the module.
    fn compilation(&self) -> Outcome<Command> {
        let (mut cargo, whose, flags) = compiler(self.parts)?;
        let [face, rules] = self.levels;
        cargo
            .args(format!("--quiet --release -p loyalty-wasm --lib --target {TARGET} --no-default-features").split(' '))
            .args(self.features.split_whitespace())
            .args(["--config", &format!("profile.release.package.loyalty-wasm.opt-level={face}")])
            .args(["--config", &format!("profile.release.opt-level={rules}")])
            .env("CARGO_TARGET_DIR", sh::target().join("wasm").join(self.name))
            .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
            .env("CARGO_PROFILE_RELEASE_STRIP", "none")
            // What could overflow is linted out; a trap here would tell no more than a wrong sum that a test finds.
            .env("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "false")
            .env("RUSTFLAGS", format!("{RUST_FLAGS} {flags} -Clink-arg=-zstack-size={}", self.stack));
        say!("{}.wasm by the compiler of {whose}", self.name);
        Ok(cargo)
    }

    /// Puts the compiled module, made smaller, into dist/.
    fn place(&self) -> Outcome {
        let mut optimize = tool("wasm-opt");
        optimize
            .args(["-Oz", "--strip-debug", "--strip-producers", "--strip-target-features", "--converge"])
            .args(WASM_FEATURES.split(' '));
        sh::run(optimize.arg(self.linked()).arg("-o").arg(self.path()))
    }
}

/// Compiles the modules side by side, as most of the time of one is spent on one core.
fn build_modules() -> Outcome {
    let compilations = MODULES.iter().map(Module::compilation).collect::<Outcome<Vec<_>>>()?;
    std::thread::scope(|scope| {
        let build = |(module, mut cargo): (&'static Module, Command)| move || sh::run(&mut cargo).and_then(|()| module.place());
        let builds: Vec<_> = MODULES.iter().zip(compilations).map(|one| scope.spawn(build(one))).collect();
        builds.into_iter().try_for_each(|build| build.join().map_err(|_| "a build ended in a panic".to_owned())?)
    })
}

/// `cargo xtask wasm`: the modules, the generated sources, and the package in dist/.
pub fn wasm(_: &[String]) -> Outcome {
    let package = package();
    install(&package)?;
    let failed = |error: std::io::Error| error.to_string();
    fs::create_dir_all(dist()).map_err(failed)?;
    let sources = package.join("src/generated");
    remove(&sources)?;
    fs::create_dir_all(&sources).map_err(failed)?;
    build_modules()?;
    for (name, text) in generated::sources()? {
        write(&sources.join(name), &text)?;
    }
    for Module { name, .. } in &MODULES {
        let bytes = fs::read(dist().join(name).with_extension("wasm")).map_err(failed)?;
        let text = format!("/** The module {name}.wasm. */\nexport const BASE64 =\n  \"{}\";\n", generated::base64(&bytes));
        write(&sources.join(format!("{name}_module.ts")), &text)?;
    }
    for format in ["esm", "cjs"] {
        remove(&dist().join(format))?;
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
    let answered = Surface::driver(&mut caller()?)?.vectors_hold(|_| true)?;
    say!("{answered} vectors through call and answer in Node, as text and as objects");
    let tests = package().join("test");
    let cases = sh::target().join("cases.jsonl");
    write(&cases, &cases::lines()?)?;
    for name in ["generated.test.mjs", "robust.test.mjs", "till.test.mjs", "kernel.test.mjs", "readme.test.mjs", "sources.test.mjs"] {
        sh::run(sh::command("node").args(["--test", "--test-reporter=dot"]).arg(tests.join(name)).env("LOYALTY_CASES", &cases))?;
    }
    say!(
        "generated programs are answered as the naive model answers them; hostile input is refused or right; the README's code runs; the facade holds no rule, and a type of every operation"
    );
    sizes()?;
    sh::show(sh::command("node").arg(tests.join("bench.mjs")).arg("--check"))
}

/// The bytes of a file after gzip.
fn gzip(path: &Path) -> Outcome<usize> {
    let zipped = PathBuf::from(format!("{}.gz", path.display()));
    sh::run(sh::command("gzip").args(["-9", "--keep", "--force"]).arg(path))?;
    let len = fs::metadata(&zipped).map_err(|error| error.to_string())?.len();
    fs::remove_file(zipped).map_err(|error| error.to_string())?;
    usize::try_from(len).map_err(|error| error.to_string())
}

/// The modules with their glue stay small, and the kernel holds no formatting and no parser.
fn sizes() -> Outcome {
    let mut wrong = String::new();
    for module in &MODULES {
        let (wasm, glue) = (gzip(&module.path())?, module.glue()?);
        let all = wasm + glue;
        say!("{}.wasm and its glue: {wasm} + {glue} = {all} bytes after gzip, at most {}", module.name, module.largest_gzip);
        if all > module.largest_gzip {
            wrong += &format!("{} has {all} bytes with its glue, more than {}\n", module.name, module.largest_gzip);
        }
    }
    let [program, loyalty, till, kernel] = &MODULES;
    for name in ["4core3fmt", "8hifijson"] {
        if !loyalty.holds(name)? {
            wrong += &format!("{name} is not found where it is known to be, so this check sees nothing\n");
        }
        if kernel.holds(name)? {
            wrong += &format!("{name} is in the kernel\n");
        }
    }
    let foreign = "16loyalty_planning";
    if program.holds(foreign)? || till.holds(foreign)? || !loyalty.holds(foreign)? {
        wrong += &format!("{foreign} is in program.wasm or till.wasm, or not where it is known to be\n");
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// The part `npm` of the tests: the packed package where people install it.
pub fn packaged() -> Outcome {
    wasm(&[])?;
    sh::packages(&["chromium"])?;
    let tests = package().join("test/npm");
    install(&tests)?;
    sh::show(sh::command("node").arg(tests.join("run.mjs")).arg(sh::target().join("npm")))
}

/// `cargo xtask bench js`: medians of ratios against plain JavaScript.
pub fn bench() -> Outcome {
    wasm(&[])?;
    sh::show(sh::command("node").arg(package().join("test/bench.mjs")))
}
