//! `network-host DB [--programs FILE] [--settings FILE] [--manual] [--attempts N] [--max-pages N]`
//!
//! Requests from standard input, answers on standard output, one a line; the README lists them. `--programs` is a list of
//! program documents, `--settings` the settings of `network.apply`. With `--manual`, messages are delivered only when
//! `{"deliver": N}` asks for it.

use std::error::Error;
use std::io::BufReader;

use network_host::{Failure, Host, Store, serve};
use serde_json::value::RawValue;

const USAGE: &str = "usage: network-host DB [--programs FILE] [--settings FILE] [--manual] [--attempts N] [--max-pages N]";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut file = None;
    let (mut programs, mut settings, mut attempts, mut pages, mut delivers) = (None, None, None, None, true);
    while let Some(argument) = arguments.next() {
        let option = match argument.as_str() {
            "--programs" => &mut programs,
            "--settings" => &mut settings,
            "--attempts" => &mut attempts,
            "--max-pages" => &mut pages,
            "--manual" => {
                delivers = false;
                continue;
            }
            _ if argument.starts_with('-') || file.is_some() => return Err(USAGE.into()),
            _ => {
                file = Some(argument);
                continue;
            }
        };
        *option = Some(arguments.next().ok_or(USAGE)?);
    }
    let mut host = Host::new(Store::open(file.ok_or(USAGE)?.as_ref())?);
    if let Some(programs) = programs {
        host.programs = json(&programs)?;
    }
    if let Some(settings) = settings {
        host.settings = json(&settings)?;
    }
    if let Some(attempts) = attempts {
        host.attempts = attempts.parse()?;
    }
    if let Some(pages) = pages {
        host.store.limit_pages(pages.parse()?)?;
    }
    host.probe().map_err(|failure| match failure {
        Failure::Refused(refused) => refused,
        Failure::Storage(error) => error.to_string(),
    })?;
    Ok(serve(&host, BufReader::new(std::io::stdin()), std::io::stdout(), delivers)?)
}

/// The JSON of a file.
fn json(path: &str) -> Result<String, Box<dyn Error>> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let value: &RawValue = serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
    Ok(value.get().to_owned())
}
