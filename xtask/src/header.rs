//! `cargo xtask header`: include/loyalty.h, generated from the sources of the C face and committed.

use std::path::PathBuf;

use crate::sh::{self, Outcome};

/// The sources in the order in which a reader meets what they declare.
const SOURCES: [&str; 4] = ["status", "structs", "hot", "hosted"];

fn path() -> PathBuf {
    sh::root().join("include/loyalty.h")
}

/// The header as the sources say.
fn text() -> Outcome<String> {
    let face = sh::root().join("loyalty-ffi");
    let config = cbindgen::Config::from_file(face.join("cbindgen.toml"))?;
    let sources = SOURCES.into_iter().fold(cbindgen::Builder::new().with_config(config), |builder, source| {
        builder.with_src(face.join("src").join(source).with_extension("rs"))
    });
    let mut text = Vec::new();
    sources.generate().map_err(|error| error.to_string())?.write(&mut text);
    let text = String::from_utf8(text).map_err(|error| error.to_string())?;
    // Old compilers read a header in the code page of their machine.
    let text = [("…", "..."), ("−", "-"), ("±", "+-")].into_iter().fold(text, |text, (symbol, ascii)| text.replace(symbol, ascii));
    if let Some(line) = text.lines().find(|line| !line.is_ascii()) {
        return Err(format!("the header must be ASCII: {line}"));
    }
    let mut kept = String::new();
    let mut lines = text.lines().map(str::trim_end).peekable();
    while let Some(line) = lines.next() {
        // What is for readers of the Rust source alone.
        if line.trim() == "//" && lines.peek().is_some_and(|next| next.trim() == "// # Safety") {
            lines.by_ref().take(2).for_each(drop);
            continue;
        }
        // Constants stand close together.
        let is_gap = line.is_empty() && kept.lines().next_back().is_some_and(|before| before.starts_with("#define LOYALTY_"));
        if is_gap && lines.peek().is_some_and(|next| next.starts_with("//")) {
            continue;
        }
        kept += line;
        kept += "\n";
    }
    Ok(kept)
}

pub fn run(_: &[String]) -> Outcome {
    let path = path();
    std::fs::write(&path, text()?).map_err(|error| format!("{}: {error}", path.display()))?;
    say!("include/loyalty.h");
    Ok(())
}

/// The committed header is what the sources say.
pub fn check() -> Outcome {
    if sh::read(path())? == text()? { Ok(()) } else { Err("include/loyalty.h is out of date; run cargo xtask header".into()) }
}
