//! `cargo xtask fuzz [target] [--seconds N] [--seed N]`: libFuzzer on the stable compiler, from a corpus made of the
//! vectors.

use std::path::Path;

use loyalty_api as api;
use loyalty_rules::award::{Program, Terms};
use loyalty_rules::tables::TableName;

use crate::sh::{self, Outcome};
use crate::{USAGE, vectors};

const TARGETS: [&str; 3] = ["api_call", "compiled", "json"];

/// What cargo-fuzz passes to the compiler, less the sanitizer, which needs a nightly one.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cdebug-assertions";

pub fn run(arguments: &[String]) -> Outcome {
    let usage = || format!("{USAGE}cargo xtask fuzz [{}] [--seconds N] [--seed N]", TARGETS.join("|"));
    // libFuzzer takes seed 0 as "any".
    let (mut targets, mut seconds, mut seed) = (TARGETS.to_vec(), 60_u32, 0_u32);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if let Some(target) = TARGETS.iter().find(|target| *target == argument) {
            targets = vec![target];
            continue;
        }
        let number = match argument.as_str() {
            "--seconds" => &mut seconds,
            "--seed" => &mut seed,
            _ => return Err(usage()),
        };
        *number = arguments.next().and_then(|number| number.parse().ok()).ok_or_else(usage)?;
    }
    // libFuzzer is C++ that its crate compiles.
    if !sh::has_program("c++") {
        sh::packages(&["g++"])?;
    }
    let triple = sh::host()?;
    let folder = sh::target().join("fuzz");
    // A target triple keeps the flags away from build scripts, which could not be linked with them.
    let build = format!("build --quiet --release --manifest-path fuzz/Cargo.toml --target {triple}");
    sh::run(sh::cargo(&build).env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", &folder))?;
    for target in &targets {
        let corpus = sh::root().join("fuzz/corpus").join(target);
        let findings = sh::root().join("fuzz/artifacts").join(target);
        for folder in [&corpus, &findings] {
            std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        }
        let seeds = write_seeds(target, &corpus)?;
        let each = seconds / u32::try_from(targets.len()).unwrap_or(1);
        say!("{target}: {each} s from {seeds} seeds");
        let report = sh::output(
            sh::command("sh")
                .args(["-c", "exec \"$@\" 2>&1", "sh"])
                .arg(folder.join(&triple).join("release").join(target))
                .arg(&corpus)
                .arg(format!("-max_total_time={each}"))
                .arg(format!("-seed={seed}"))
                .arg(format!("-artifact_prefix={}/", findings.display()))
                .args(["-timeout=10", "-max_len=4096", "-print_final_stats=1"]),
        )?;
        let executed = report.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
        say!("{target}: {} runs, nothing found", executed.map_or("0", str::trim));
        // An instrumented build reports its counters; without them the fuzzer would be blind.
        if executed.is_none() || !report.contains("inline 8-bit counters") {
            return Err(report);
        }
    }
    Ok(())
}

/// Writes the seeds of a target and returns how many there are.
fn write_seeds(target: &str, corpus: &Path) -> Outcome<usize> {
    let mut seeds = Vec::new();
    match target {
        "api_call" => {
            for vector in vectors::all()? {
                let pick = api::operations().position(|operation| operation.name == vector.op);
                let Some(pick) = pick.and_then(|pick| u8::try_from(pick).ok()) else { continue };
                seeds.push([&[pick], vector.request.as_bytes()].concat());
            }
        }
        "json" => seeds.extend(vectors::all()?.into_iter().map(|vector| vector.request.into_bytes())),
        _ => {
            for table in TableName::all() {
                let program = Program::new(Terms::new(table)).map_err(|error| error.to_string())?;
                seeds.push([&[1], program.compile(b"").as_slice()].concat());
            }
        }
    }
    for (number, seed) in seeds.iter().enumerate() {
        std::fs::write(corpus.join(format!("seed-{number:04}")), seed).map_err(|error| error.to_string())?;
    }
    Ok(seeds.len())
}
