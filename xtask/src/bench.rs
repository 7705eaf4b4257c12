//! `cargo xtask bench`: benches/, in release.

use crate::USAGE;
use crate::sh::{self, Outcome};

pub fn run(arguments: &[String]) -> Outcome {
    match arguments {
        [] => sh::show(&mut sh::cargo("run --quiet --release --package loyalty-benches --bin award")),
        [flag] if flag == "--check" => sh::show(&mut sh::cargo("run --quiet --release --package loyalty-benches --bin award -- --check")),
        _ => Err(format!("{USAGE}cargo xtask bench [--check]")),
    }
}
