//! `cargo xtask bench`: benches/, in release; `cargo xtask bench js`: the npm package.

use crate::sh::{self, Outcome};
use crate::{USAGE, js};

pub fn run(arguments: &[String]) -> Outcome {
    match arguments {
        [] => sh::show(&mut sh::cargo("run --quiet --release --package loyalty-benches --bin award")),
        [flag] if flag == "--check" => sh::show(&mut sh::cargo("run --quiet --release --package loyalty-benches --bin award -- --check")),
        [surface] if surface == "js" => js::bench(),
        _ => Err(format!("{USAGE}cargo xtask bench [js | --check]")),
    }
}
