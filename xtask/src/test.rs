//! `cargo xtask test [part…]`: everything CI runs, part by part.

pub mod targets;

use std::time::Instant;

use serde_json::Value;

use crate::sh::{self, Outcome};
use crate::{USAGE, bench, c, certify, check, demo, fuzz, js, vectors};

struct Part {
    name: &'static str,
    proves: &'static str,
    run: fn() -> Outcome,
}

#[rustfmt::skip]
const PARTS: &[Part] = &[
    Part { name: "fmt", proves: "the code is formatted", run: fmt },
    Part { name: "check", proves: "the rules of the house", run: || check::run(&[]) },
    Part { name: "clippy", proves: "no lint, in any target", run: clippy },
    Part { name: "rust", proves: "unit tests, doctests, vectors, second model, laws", run: rust },
    Part { name: "call", proves: "every vector through the line protocol", run: call },
    Part { name: "c", proves: "the C face: vectors, bad input, threads, memory, packages", run: c::test },
    Part { name: "js", proves: "the npm package in Node: vectors, types, bad input, sizes, speed", run: js::test },
    Part { name: "npm", proves: "the packed package: bundlers, workers, servers, Deno, Bun, typed vectors, Chromium under a strict CSP", run: js::packaged },
    Part { name: "features", proves: "each feature alone", run: features },
    Part { name: "docs", proves: "the documentation builds, every link leads somewhere", run: docs },
    Part { name: "demo", proves: "the main job, its sums proved", run: demos },
    Part { name: "panic_free", proves: "no panic can be reached from the hot calls", run: targets::panic_free },
    Part { name: "bench", proves: "an award allocates nothing, and is within twice its stated ratios", run: || bench::run(&["--check".into()]) },
    Part { name: "growth", proves: "no operation's work or memory grows out of hand, in the short form", run: || bench::growth(&["--short".into()]) },
    // The same requests each time: a change is told from what was there before. Without a seed, the verb looks for new ones.
    Part { name: "fuzz", proves: "twenty seconds of mutated requests", run: || fuzz::run(&["--seconds", "20", "--seed", "1"].map(String::from)) },
    Part { name: "msrv", proves: "the oldest compiler stated", run: targets::msrv },
    Part { name: "no_std", proves: "a till without operating system, with and without allocator", run: targets::no_std },
    Part { name: "bare_metal", proves: "a till in C without operating system, on an emulated Cortex-M4", run: c::bare_metal },
    Part { name: "aarch64", proves: "the C vectors on 64-bit ARM", run: c::aarch64 },
    Part { name: "windows", proves: "the DLLs; the C vectors under Wine", run: c::windows },
    Part { name: "i686", proves: "the vectors on 32 bits without WebAssembly; runs when it is named", run: targets::i686 },
    Part { name: "s390x", proves: "the vectors on a big-endian machine", run: targets::s390x },
];

/// Runs when it is named: the npm package runs every vector on 32 bits, too.
const ON_REQUEST: &str = "i686";

pub fn run(arguments: &[String]) -> Outcome {
    if let Some(unknown) = arguments.iter().find(|argument| PARTS.iter().all(|part| part.name != argument.as_str())) {
        let parts: String = PARTS.iter().map(|part| format!("  {:<12}{}\n", part.name, part.proves)).collect();
        return Err(format!("{USAGE}cargo xtask test [part…], no part {unknown}; the parts:\n{parts}"));
    }
    let chosen = |part: &&Part| {
        if arguments.is_empty() { part.name != ON_REQUEST } else { arguments.iter().any(|argument| argument == part.name) }
    };
    let mut table = String::new();
    let (mut passed, mut failed) = (0, 0);
    for part in PARTS.iter().filter(chosen) {
        say!("== {}: {}", part.name, part.proves);
        let start = Instant::now();
        let outcome = (part.run)();
        let minutes = start.elapsed().as_secs_f64() / 60.0;
        let word = match &outcome {
            Ok(()) => "passed",
            Err(_) => "FAILED",
        };
        if let Err(why) = outcome {
            say!("{why}");
            failed += 1;
        } else {
            passed += 1;
        }
        say!("== {}: {word} in {minutes:.1} min\n", part.name);
        table += &format!("{:<12}{word:<8}{minutes:>5.1} min  {}\n", part.name, part.proves);
    }
    say!("{table}\n{passed} passed, {failed} failed");
    if failed == 0 { Ok(()) } else { Err(String::new()) }
}

fn demos() -> Outcome {
    demo::run(&[])?;
    demo::run(&["network".into()])
}

fn fmt() -> Outcome {
    for manifest in ["Cargo.toml", "fuzz/Cargo.toml", "tests/targets/panic-free/Cargo.toml"] {
        sh::run(sh::cargo("fmt --all --check --manifest-path").arg(manifest))?;
    }
    Ok(())
}

fn clippy() -> Outcome {
    sh::run(&mut sh::cargo("clippy --quiet --workspace --all-targets --all-features -- -D warnings"))?;
    // What these modules hold, all features together leave out.
    for module in ["", " --features program"] {
        sh::run(&mut sh::cargo(&format!("clippy --quiet -p loyalty-wasm --no-default-features{module} -- -D warnings")))?;
    }
    Ok(())
}

fn rust() -> Outcome {
    // Shown, for its counts: a run in which nothing was tested must be seen. One seed, so that a change and not
    // its luck decides; a plain `cargo test` draws anew.
    let mut tests = sh::cargo("test --quiet -p loyalty-naive -p loyalty-conformance -p loyalty-ffi -p network-host --all-features");
    tests.args(sh::RULES.map(|name| format!("-p{name}")));
    sh::show(tests.env("PROPTEST_RNG_SEED", "20250301"))
}

fn features() -> Outcome {
    let manifest = sh::read(sh::root().join("loyalty-rules/Cargo.toml"))?;
    let section = manifest.lines().skip_while(|line| *line != "[features]").skip(1).take_while(|line| !line.starts_with('['));
    let names: Vec<&str> =
        section.filter_map(|line| line.split_once(" = [")).map(|(name, _)| name).filter(|name| *name != "default").collect();
    let all = names.join(",");
    for features in [""].into_iter().chain(names).chain([all.as_str()]) {
        let mut check = sh::cargo("check --quiet -p loyalty-rules --no-default-features --features");
        sh::run(check.arg(features).env("RUSTFLAGS", "-Dwarnings")).map_err(|why| format!("with the features [{features}]:\n{why}"))?;
    }
    // What a till is linked with, and each crate above it alone.
    for features in ["", "accounts", "planning", "network"] {
        let mut check = sh::cargo("check --quiet -p loyalty-api --no-default-features --features");
        sh::run(check.arg(features).env("RUSTFLAGS", "-Dwarnings")).map_err(|why| format!("loyalty-api with [{features}]:\n{why}"))?;
    }
    say!("none, each of {all}, and all; loyalty-api alone, with accounts, planning or network");
    Ok(())
}

fn docs() -> Outcome {
    sh::run(
        sh::cargo("doc --quiet --no-deps --all-features").args(sh::RULES.map(|name| format!("-p{name}"))).env("RUSTDOCFLAGS", "-Dwarnings"),
    )
}

/// Pipes every vector through `cargo xtask call`.
fn call() -> Outcome {
    let (vectors, broken): (Vec<_>, Vec<_>) = vectors::all()?.into_iter().partition(|vector| !vector.request.contains(['\n', '\r']));
    let lines: String =
        vectors.iter().map(|vector| format!("{{\"op\": {}, \"in\": {}}}\n", Value::from(&*vector.op), vector.request)).collect();
    let path = sh::target().join("call.jsonl");
    std::fs::write(&path, lines).map_err(|error| error.to_string())?;
    let input = std::fs::File::open(&path).map_err(|error| error.to_string())?;
    let myself = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = sh::output(sh::command(myself).args(["call", "--surface", "rust"]).stdin(input))?;
    let answers: Vec<&str> = output.lines().collect();
    if answers.len() != vectors.len() {
        return Err(format!("{} requests, {} answers", vectors.len(), answers.len()));
    }
    let mut wrong = Vec::new();
    for (vector, answer) in vectors.iter().zip(answers) {
        wrong.extend(vectors::difference(vector, answer)?);
    }
    say!("{} vectors; {} fill more than a line", vectors.len(), broken.len());
    vectors::none_differs(&wrong)?;
    python_host()
}

/// The host that was written from the docs, over the same protocol: the worked example, and a plan with faults.
fn python_host() -> Outcome {
    sh::packages(&["python3"])?;
    let myself = std::env::current_exe().map_err(|error| error.to_string())?;
    for plan in ["--example", "--seed 1 --days 5"] {
        let mut python = sh::command("python3");
        python.arg(sh::root().join("examples/network-host-python/plan.py")).args(plan.split(' ')).arg("--").arg(&myself);
        sh::run(python.args(["call", "--surface", "rust"]).env("PYTHONDONTWRITEBYTECODE", "1"))?;
    }
    say!("a host in Python: the worked example of the network, and five days of faults");
    certify::test()
}
