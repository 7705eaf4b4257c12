//! The C face: its library, its header, its tests in C, and what a vendor installs.

mod package;
mod targets;
mod vectors;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

pub use targets::{aarch64, bare_metal, windows};

use loyalty_rules::api;

use crate::USAGE;
use crate::sh::{self, Outcome};
use crate::surface::Surface;

/// What a library answers by name.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scope {
    /// Every operation.
    Whole,
    /// What a till asks for.
    Till,
}

impl Scope {
    /// The most bytes that the stripped shared library may have.
    const fn largest(self) -> u64 {
        match self {
            Self::Whole => 4_000_000,
            Self::Till => 1_200_000,
        }
    }

    const fn flags(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::Till => "--no-default-features --features hosted",
        }
    }

    /// The folder of what Cargo builds.
    fn folder(self) -> PathBuf {
        sh::target().join(match self {
            Self::Whole => "c",
            Self::Till => "c-till",
        })
    }

    /// Where this machine's library is built.
    fn libraries(self) -> PathBuf {
        self.folder().join("release")
    }

    /// Builds it with a standard library that prints no stack traces, which would be a seventh of what ships.
    fn build(self) -> Outcome {
        sh::packages(&COMPILER)?;
        let std = "-Z build-std=std,panic_unwind -Z build-std-features= -Z unstable-options";
        let (host, built) = (sh::host()?, self.libraries());
        let build =
            format!("build --quiet --release {std} --target {host} -p loyalty-ffi {} --artifact-dir {}", self.flags(), built.display());
        sh::run(sh::build_std(&build)?.env("RUSTFLAGS", without_machine_paths()))
    }

    /// The driver that answers operations through the shared library.
    fn caller(self) -> Outcome<PathBuf> {
        self.build()?;
        // The soname is what the program looks for.
        let folder = self.libraries();
        link_name(&folder)?;
        link("gcc", &format!("-std=c99 -O1 {WARNINGS}"), "call.c", &shared(&folder), &format!("call_{self:?}"))
    }
}

const COMPILER: [&str; 2] = ["gcc", "libc6-dev"];
const WARNINGS: &str = "-Wall -Wextra -Wpedantic -Wno-missing-field-initializers -Werror";

/// Flags that keep the paths of this machine out of what is shipped.
fn without_machine_paths() -> String {
    let cargo_home =
        std::env::var("CARGO_HOME").or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo"))).unwrap_or_default();
    format!("--remap-path-prefix={}=loyalty-rules --remap-path-prefix={cargo_home}=cargo", sh::root().display())
}

/// A folder for what the C compilers make.
fn work() -> Outcome<PathBuf> {
    let folder = sh::target().join("c/work");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    Ok(folder)
}

fn write(path: &Path, text: &str) -> Outcome {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Compiles with these arguments, separated by blanks, at the root of the repository.
fn compile(compiler: &str, arguments: &str) -> Outcome {
    sh::run(sh::command(compiler).args(arguments.split_whitespace()))
}

/// A program of tests/c, linked with a library; the arguments come before and after the source.
fn link(compiler: &str, flags: &str, name: &str, library: &str, output: &str) -> Outcome<PathBuf> {
    let work = work()?;
    let program = work.join(output);
    compile(compiler, &format!("{flags} -g -Iinclude -I{} tests/c/{name} -o {} {library}", work.display(), program.display()))?;
    Ok(program)
}

/// The arguments that link this machine's shared library, wherever it lies.
fn shared(folder: &Path) -> String {
    format!("-L{0} -Wl,-rpath,{0} -lloyalty", folder.display())
}

/// The driver that answers operations through the shared library.
pub fn caller() -> Outcome<PathBuf> {
    Scope::Whole.caller()
}

/// Puts the library under the name that programs look for.
fn link_name(folder: &Path) -> Outcome {
    let link = folder.join("libloyalty.so.1");
    if !link.exists() {
        std::os::unix::fs::symlink("libloyalty.so", &link).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The header alone: twice included, as C99 and as C++17, with the layouts that both sides state.
fn header() -> Outcome {
    let work = work()?;
    let mut asserts = String::from("#include <loyalty.h>\n#include <loyalty.h>\n");
    for line in sh::read(sh::root().join("tests/c/layout.txt"))?.lines() {
        let mut words = line.split(' ');
        let (Some(name), Some(size)) = (words.next(), words.next()) else { return Err(format!("tests/c/layout.txt: {line}")) };
        let _ = writeln!(asserts, "typedef char size_of_{name}[sizeof({name}) == {size} ? 1 : -1];");
        for word in words {
            let (field, offset) = word.split_once(':').ok_or_else(|| format!("tests/c/layout.txt: {word}"))?;
            let _ = writeln!(asserts, "typedef char {name}_{field}[offsetof({name}, {field}) == {offset} ? 1 : -1];");
        }
    }
    write(&work.join("layout.c"), &asserts)?;
    write(&work.join("layout.cpp"), &(asserts + "#include <loyalty.hpp>\n#include <loyalty.hpp>\n"))?;
    compile("gcc", &format!("-std=c99 {WARNINGS} -Iinclude -fsyntax-only {}/layout.c", work.display()))?;
    compile("g++", &format!("-std=c++17 {WARNINGS} -Iinclude -fsyntax-only {}/layout.cpp", work.display()))
}

/// What a vendor installs.
pub fn package(arguments: &[String]) -> Outcome {
    match arguments {
        [what] if what == "c" => package::run(Scope::Whole),
        [what] if what == "till" => package::run(Scope::Till),
        [what] if what == "windows" => targets::package_windows(),
        [what] if what == "android" => targets::package_android(),
        _ => Err(format!("{USAGE}cargo xtask package c|till|windows|android")),
    }
}

/// The functions that the header states, sorted.
fn stated_functions() -> Outcome<Vec<String>> {
    let header = sh::read(sh::root().join("include/loyalty.h"))?;
    let mut stated: Vec<String> = header
        .lines()
        .filter(|line| !line.starts_with([' ', '/', '#', '*', '}']))
        .filter_map(|line| line.split_once('(').map(|(before, _)| before))
        .filter_map(|before| before.rsplit([' ', '*']).next())
        .filter(|name| name.starts_with("loyalty_"))
        .map(str::to_owned)
        .collect();
    stated.sort_unstable();
    Ok(stated)
}

/// The functions of the header and the symbols of the library are the same.
fn symbols(scope: Scope) -> Outcome {
    let stated = stated_functions()?;
    let output = sh::output(sh::command("nm").args(["-D", "--defined-only"]).arg(scope.libraries().join("libloyalty.so")))?;
    let mut exported: Vec<&str> = output.lines().filter_map(|line| line.rsplit(' ').next()).collect();
    exported.sort_unstable();
    if stated != exported {
        return Err(format!("the header states {stated:?}\nthe library exports {exported:?}"));
    }
    say!("{} functions, in the header and in the library", stated.len());
    Ok(())
}

fn size(scope: Scope) -> Outcome {
    let stripped = work()?.join("stripped.so");
    sh::run(sh::command("strip").arg("-o").arg(&stripped).arg(scope.libraries().join("libloyalty.so")))?;
    let (bytes, largest) = (std::fs::metadata(&stripped).map_err(|error| error.to_string())?.len(), scope.largest());
    say!("the stripped shared library, {scope:?}, has {bytes} bytes, at most {largest}");
    if bytes <= largest { Ok(()) } else { Err("the shared library is too large".into()) }
}

/// A till's library: it answers what a till asks for as the whole library does, and has nothing else by name.
fn till() -> Outcome {
    let mut driver = Surface::driver(&mut sh::command(Scope::Till.caller()?))?;
    symbols(Scope::Till)?;
    size(Scope::Till)?;
    let holds: BTreeSet<&str> = api::told(&[api::TILL]).map(|operation| operation.name).collect();
    let answered = driver.vectors_hold(|op| holds.contains(op))?;
    say!("{answered} vectors of {} operations through a till's library", holds.len());
    let mut others = loyalty_api::operations().filter(|operation| !holds.contains(operation.name));
    let refused = |answer: &[u8]| answer.starts_with(b"{\"error\":\"unknown_op\"");
    match others.try_fold(None, |found, operation| match driver.answer(operation.name, b"{}") {
        Ok(answer) if refused(&answer) => Ok(found),
        Ok(_) => Ok(Some(operation.name)),
        Err(why) => Err(why),
    })? {
        Some(name) => Err(format!("a till's library answers {name}")),
        None => Ok(()),
    }
}

/// The part `c` of the tests.
pub fn test() -> Outcome {
    Scope::Whole.build()?;
    sh::packages(&["g++", "binutils", "valgrind"])?;
    let folder = Scope::Whole.libraries();
    link_name(&folder)?;
    header()?;
    say!("the header is C99 and C++17, the layouts are as stated");
    symbols(Scope::Whole)?;
    size(Scope::Whole)?;

    let answered = Surface::driver(&mut sh::command(caller()?))?.vectors_hold(|_| true)?;
    say!("{answered} vectors through loyalty_call and loyalty_call_into");
    till()?;
    let work = work()?;
    let (text, counts) = vectors::written()?;
    write(&work.join("struct_vectors.inc"), &text)?;
    for (op, count) in counts {
        say!("{count} vectors of {op} have a struct call");
    }
    let strict = format!("-std=c99 {WARNINGS}");
    let shared = shared(&folder);
    let fixed = format!("{}/libloyalty.a -lpthread -ldl -lm", folder.display());
    let run = |program: &Path| sh::show(&mut sh::command(program));
    let valgrind = |tool: &str, program: &Path| {
        let options = format!("-q --error-exitcode=99 {tool}");
        sh::show(sh::command("valgrind").args(options.split_whitespace()).arg(program))
    };
    const LEAKS: &str = "--leak-check=full --errors-for-leak-kinds=all";

    for (library, name) in [(&shared, "shared"), (&fixed, "static")] {
        say!("linked with the {name} library:");
        run(&link("gcc", &strict, "structs.c", library, &format!("structs_{name}"))?)?;
        run(&link("gcc", &strict, "boundary.c", library, &format!("boundary_{name}"))?)?;
    }
    run(&link("g++", &format!("-std=c++17 {WARNINGS}"), "wrapper.cpp", &shared, "wrapper")?)?;
    let wrapped = "malloc calloc realloc posix_memalign aligned_alloc".split(' ').map(|name| format!(" -Wl,--wrap={name}"));
    run(&link("gcc", &strict, "quiet.c", &(fixed.clone() + &wrapped.collect::<String>()), "quiet")?)?;
    let threads = link("gcc", &format!("{strict} -pthread"), "threads.c", &shared, "threads")?;
    run(&threads)?;

    say!("under valgrind:");
    valgrind(LEAKS, &work.join("structs_shared"))?;
    valgrind(LEAKS, &work.join("boundary_shared"))?;
    let few = link("gcc", &format!("{strict} -pthread -DROUNDS=500"), "threads.c", &shared, "threads_few")?;
    valgrind("--tool=helgrind", &few)?;
    planted(&strict, &shared)?;

    say!("with address and undefined-behaviour sanitizers, a panic on purpose:");
    sanitized()?;
    readme()?;
    say!("what a vendor installs:");
    package::test()
}

/// The example of the README.
fn readme() -> Outcome {
    let text = sh::read(sh::root().join("README.md"))?;
    let example = text.split_once("```c\n").and_then(|(_, rest)| rest.split_once("```")).map(|(example, _)| example);
    let example = example.ok_or("README.md has no example in C")?;
    let (source, program) = (work()?.join("front_page.c"), work()?.join("front_page"));
    write(&source, example)?;
    compile(
        "gcc",
        &format!("-std=c99 {WARNINGS} -Iinclude {} -o {} {}", source.display(), program.display(), shared(&Scope::Whole.libraries())),
    )?;
    match sh::output(&mut sh::command(&program))?.as_str() {
        "Rp15000\n" => Ok(()),
        other => Err(format!("the example of README.md prints {other}")),
    }
}

/// A caller that lies about a length must be seen, or the tools above see nothing.
fn planted(flags: &str, library: &str) -> Outcome {
    let lie = link("gcc", flags, "lie.c", library, "lie")?;
    let seen = sh::output(sh::command("valgrind").args(["-q", "--error-exitcode=99"]).arg(&lie));
    if seen.is_ok() { Err("valgrind does not see a planted over-read, so it sees nothing".into()) } else { Ok(()) }
}

/// The library and the programs with sanitizers; with the function that panics on purpose.
fn sanitized() -> Outcome {
    let host = sh::host()?;
    let folder = sh::target().join("c-asan");
    sh::run(
        sh::cargo("build --quiet -p loyalty-ffi --features deliberate_panic --target")
            .arg(&host)
            .env("CARGO_TARGET_DIR", &folder)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", "-Zsanitizer=address"),
    )?;
    let library = format!("{}/libloyalty.a -lpthread -ldl -lm", folder.join(host).join("debug").display());
    let flags = "-std=c99 -fsanitize=address,undefined -fno-sanitize-recover=all -DDELIBERATE_PANIC";
    for name in ["structs", "boundary"] {
        let program = link("gcc", flags, &format!("{name}.c"), &library, &format!("{name}_sanitized"))?;
        sh::show(sh::command(program).stderr(std::process::Stdio::null()))?;
    }
    // An over-read inside the library must be seen, too.
    let lie = link("gcc", flags, "lie.c", &library, "lie_sanitized")?;
    if sh::output(&mut sh::command(lie)).is_ok() { Err("the sanitizer does not see a planted over-read".into()) } else { Ok(()) }
}
