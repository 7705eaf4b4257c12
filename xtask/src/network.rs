//! `cargo xtask soak`: the simulator of the network for as long as is asked, with seeds that no run before had.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::USAGE;
use crate::sh::{self, Outcome};

pub fn soak(arguments: &[String]) -> Outcome {
    let usage = || format!("{USAGE}cargo xtask soak --minutes N [--seed N]");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
    let (mut minutes, mut seed) = (None, now.as_secs() * 1_000_000);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or_else(usage)?;
        match argument.as_str() {
            "--minutes" => minutes = Some(value.parse::<f64>().map_err(|_| usage())?),
            "--seed" => seed = value.parse().map_err(|_| usage())?,
            _ => return Err(usage()),
        }
    }
    let minutes = minutes.filter(|minutes| *minutes > 0.0).ok_or_else(usage)?;
    say!("the simulator of tests/conformance/tests/fold for {minutes} minutes, from seed {seed}");
    let mut test = sh::cargo("test --quiet --release -p loyalty-conformance --test fold -- --ignored --exact --nocapture soak::soak");
    // Optimized and quickly built: overflow is checked as everywhere.
    test.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    test.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "2");
    sh::show(test.env("LOYALTY_SOAK_MINUTES", minutes.to_string()).env("LOYALTY_SOAK_SEED", seed.to_string()))
}
