//! `cargo xtask call --surface <name>`: one request a line in, one answer a line out.

use std::fmt;
use std::io::{BufRead, Write};

use loyalty_api as api;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::sh::{self, Outcome};
use crate::surface::Surface;
use crate::{USAGE, c, js};

/// The surfaces that can be called.
const NAMES: &[&str] = &["rust", "c", "js"];

fn named(name: &str) -> Option<Outcome<Surface>> {
    match name {
        "rust" => Some(Ok(Surface::Rust)),
        "c" => Some(c::caller().and_then(|program| Surface::driver(&mut sh::command(program)))),
        "js" => Some(js::caller().and_then(|mut node| Surface::driver(&mut node))),
        _ => None,
    }
}

pub fn run(arguments: &[String]) -> Outcome {
    let surface = match arguments {
        [flag, surface] if flag == "--surface" => named(surface),
        _ => None,
    };
    answer_lines(surface.ok_or_else(|| format!("{USAGE}cargo xtask call --surface {}", NAMES.join("|")))??)
}

fn answer_lines(mut surface: Surface) -> Outcome {
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(|error| error.to_string())? == 0 {
            return Ok(());
        }
        let mut answer = answer(&mut surface, line.trim_ascii())?;
        answer.push(b'\n');
        match output.write_all(&answer).and_then(|()| output.flush()) {
            // The reader has gone away, as `| head` does.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
            written => written.map_err(|error| error.to_string())?,
        }
    }
}

/// The answer to one line. The request reaches the library byte by byte as it was written. A line that is
/// no `{"op": …, "in": …}` reaches it whole, under an operation that it will refuse.
fn answer(surface: &mut Surface, line: &[u8]) -> Outcome<Vec<u8>> {
    match serde_json::from_slice::<Line<'_>>(line) {
        Ok(Line { op, request }) => surface.answer(&op, request.map_or(b"", |request| request.get().as_bytes())),
        Err(error) if error.is_data() => surface.answer("", line),
        Err(_) => surface.answer(api::operations().next().map_or("", |operation| operation.name), line),
    }
}

struct Line<'a> {
    op: String,
    request: Option<&'a RawValue>,
}

impl<'de> Deserialize<'de> for Line<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Line<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(r#"{"op": …, "in": {…}}"#)
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Line<'de>, M::Error> {
                let (mut op, mut request) = (None, None);
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "op" => op = Some(map.next_value()?),
                        "in" => request = Some(map.next_value()?),
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(Line { op: op.ok_or_else(|| serde::de::Error::missing_field("op"))?, request })
            }
        }

        deserializer.deserialize_map(Fields)
    }
}
