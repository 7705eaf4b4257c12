//! `cargo xtask bench`: benches/, in release; `cargo xtask bench js`: the npm package.

use crate::sh::{self, Outcome};
use crate::{USAGE, js};

/// `cargo xtask growth`: the work and the memory of every operation on requests as large as they may be.
pub fn growth(arguments: &[String]) -> Outcome {
    let build = "run --quiet --release --package loyalty-benches --features growth --bin growth --";
    match arguments.iter().find(|argument| argument.starts_with('-') && *argument != "--short") {
        Some(_) => Err(format!("{USAGE}cargo xtask growth [--short] [operation …]")),
        None => sh::show(&mut sh::cargo(&format!("{build} {}", arguments.join(" ")))),
    }
}

pub fn run(arguments: &[String]) -> Outcome {
    match arguments {
        [] => sh::show(&mut sh::cargo("run --quiet --release --package loyalty-benches --bin award")),
        [flag] if flag == "--check" => sh::show(&mut sh::cargo("run --quiet --release --package loyalty-benches --bin award -- --check")),
        [surface] if surface == "js" => js::bench(),
        [part] if part == "fold" => sh::show(&mut sh::cargo("run --quiet --release --package loyalty-benches --bin fold --features fold")),
        _ => Err(format!("{USAGE}cargo xtask bench [js | fold | --check]")),
    }
}
