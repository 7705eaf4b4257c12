//! `cargo xtask header`: what of the C face is generated and committed. First each struct gets the fields that its list has
//! and it has not, in what is reserved, and each list of words its constants; then include/loyalty.h and tests/c/layout.txt follow from the sources.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use loyalty_rules::award::{BelowQuota, Field, Fields};
use loyalty_rules::quantity::Mode;

use crate::sh::{self, Outcome};

/// The sources in the order in which a reader meets what they declare.
const SOURCES: [&str; 5] = ["status", "structs", "layouts", "hot", "hosted"];

/// The structs that have the fields of a list.
const LISTED: [(&str, &[Field]); 5] = [
    ("LoyaltyReceipt", Fields::RECEIPT),
    ("LoyaltyShopper", Fields::SHOPPER),
    ("LoyaltyMerchant", Fields::MERCHANT),
    ("LoyaltyCounters", Fields::COUNTERS),
    ("LoyaltyAward", Fields::AWARD),
];

/// What the constants of a list of words begin with, and the list.
fn numbered() -> [(&'static str, Vec<&'static str>); 2] {
    [
        ("LOYALTY_BELOW_QUOTA", BelowQuota::ALL.iter().map(|word| word.name()).collect()),
        ("LOYALTY_ROUND", Mode::ALL.iter().map(|word| word.name()).collect()),
    ]
}

fn face() -> PathBuf {
    sh::root().join("loyalty-ffi")
}

fn layouts() -> PathBuf {
    face().join("src/layouts.rs")
}

fn structs() -> PathBuf {
    face().join("src/structs.rs")
}

/// The constants with one for every word, by its place.
fn counted(mut source: String) -> Outcome<String> {
    for (list, words) in numbered() {
        let mut end = None;
        for (number, word) in words.into_iter().enumerate() {
            let start = format!("pub const {list}_{}: i32 = ", word.to_uppercase());
            let line = format!("{start}{number};\n");
            let at = match (source.find(&line), end) {
                (Some(at), _) => at,
                (None, Some(end)) if !source.contains(&start) => {
                    let doc = format!("/// `{word}`.\n");
                    source.insert_str(end, &format!("{doc}{line}"));
                    end + doc.len()
                }
                (None, _) => return Err(format!("structs.rs: what stood must stay, so this cannot be: {line}")),
            };
            end = Some(at + line.len());
        }
    }
    Ok(source)
}

/// The structs with every field of their lists.
fn grown(mut source: String) -> Outcome<String> {
    for (name, fields) in LISTED {
        let start = source.find(&format!("pub struct {name} {{\n")).ok_or_else(|| format!("layouts.rs has no {name}"))?;
        let len = source.get(start..).and_then(|rest| rest.find("\n    }\n")).ok_or_else(|| format!("{name} has no end"))?;
        let mut body = source.get(start..start + len).unwrap_or_default().to_owned();
        for field in fields {
            if !body.contains(&format!("pub {}: ", field.c)) {
                body = with(&body, field).ok_or_else(|| format!("{name} has no room for {}", field.c))?;
            }
        }
        source.replace_range(start..start + len, &body);
    }
    Ok(source)
}

/// The body of a struct with one more field, which takes as much of what is reserved.
fn with(body: &str, field: &Field) -> Option<String> {
    let (kind, words) = match field.kind {
        "truth" | "rate" => ("i32", 1),
        "by_slot" => ("[i64; 10]", 10),
        _ => ("i64", 1),
    };
    let doc = field.doc.trim().replace("\n", "\n        ///");
    let note = if field.kind == "truth" { " 1 for yes, otherwise 0." } else { "" };
    let line = format!("/// {doc}{note}\n        pub {}: {kind},", field.c);
    let zero = |name: &str, kind: &str| format!("/// Zero.\n        pub {name}: {kind},");
    let spares = || (0..10).map(|number| format!("reserved{number}"));
    if kind == "i32" {
        // Half a word that an earlier field left.
        if let Some(spare) = spares().map(|spare| zero(&spare, "u32")).find(|spare| body.contains(spare)) {
            return Some(body.replace(&spare, &line));
        }
    }
    let (before, rest) = body.split_once("/// Zero.\n        pub reserved: [u64; ")?;
    let (left, after) = rest.split_once("],")?;
    let left = left.parse::<usize>().ok()?.checked_sub(words).filter(|left| *left > 0)?;
    let spare = spares().find(|spare| !body.contains(&format!("pub {spare}: "))).filter(|_| kind == "i32");
    let spare = spare.map(|spare| format!("\n        {}", zero(&spare, "u32"))).unwrap_or_default();
    Some(format!("{before}{line}{spare}\n        {}{after}", zero("reserved", &format!("[u64; {left}]"))))
}

/// The header as the sources say, with these structs and constants.
fn header(layouts: &str, constants: &str) -> Outcome<String> {
    let config = cbindgen::Config::from_file(face().join("cbindgen.toml"))?;
    // What a macro declares is read as if it stood there by itself.
    let (bare, counted) = (sh::target().join("layouts.rs"), sh::target().join("structs.rs"));
    let structs = layouts.split_once("\nstructs! {\n").and_then(|(_, structs)| structs.trim_end().strip_suffix('}'));
    std::fs::create_dir_all(sh::target()).map_err(|error| error.to_string())?;
    write(&bare, structs.ok_or("layouts.rs does not end with its structs")?)?;
    write(&counted, constants)?;
    let path = |source| match source {
        "layouts" => bare.clone(),
        "structs" => counted.clone(),
        _ => face().join("src").join(source).with_extension("rs"),
    };
    let sources = SOURCES.into_iter().fold(cbindgen::Builder::new().with_config(config), |builder, source| builder.with_src(path(source)));
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

/// The layout of every struct in a header whose fields have the same size on every machine.
fn layout(header: &str) -> Outcome<String> {
    let mut sizes: BTreeMap<&str, (usize, usize)> = BTreeMap::from([
        ("char", (1, 1)),
        ("uint8_t", (1, 1)),
        ("uint16_t", (2, 2)),
        ("int16_t", (2, 2)),
        ("uint32_t", (4, 4)),
        ("int32_t", (4, 4)),
        ("uint64_t", (8, 8)),
        ("int64_t", (8, 8)),
    ]);
    let mut text = String::new();
    for block in header.split("\ntypedef struct ").skip(1) {
        let Some((name, body)) = block.split_once(" {\n").filter(|(name, _)| !name.contains('\n')) else { continue };
        let body = body.split("\n}").next().unwrap_or_default();
        let lines = body.lines().map(str::trim).filter(|line| !line.starts_with("//"));
        let (mut end, mut largest, mut fields) = (0_usize, 1, String::new());
        if body.contains('*') {
            continue;
        }
        for line in lines {
            let wrong = || format!("{name}: {line}");
            let (kind, field) = line.trim_end_matches(';').trim_start_matches("struct ").split_once(' ').ok_or_else(wrong)?;
            let (field, count) = field.split_once('[').unwrap_or((field, "1]"));
            let count = count.trim_end_matches(']').parse::<usize>().map_err(|_| wrong())?;
            let (size, alignment) = sizes.get(kind).copied().ok_or_else(wrong)?;
            let offset = end.next_multiple_of(alignment);
            let _ = write!(fields, " {field}:{offset}");
            (end, largest) = (offset + size * count, largest.max(alignment));
        }
        let size = end.next_multiple_of(largest);
        sizes.insert(name, (size, largest));
        let _ = writeln!(text, "{name} {size}{fields}");
    }
    Ok(text)
}

/// A field that stood keeps its place, and a struct its size: programs were compiled with them.
fn moved(before: &str, now: &str) -> Outcome {
    let places = |text: &str| -> BTreeMap<String, String> {
        let lines = text.lines().filter_map(|line| line.split_once(' '));
        let fields = lines.flat_map(|(name, places)| {
            places.split(' ').map(move |place| {
                let (field, offset) = place.split_once(':').unwrap_or(("size", place));
                (format!("{name}.{field}"), offset.to_owned())
            })
        });
        fields.filter(|(field, _)| !field.contains(".reserved")).collect()
    };
    let now = places(now);
    let moved: Vec<String> =
        places(before).into_iter().filter(|(field, place)| now.get(field) != Some(place)).map(|(field, _)| field).collect();
    if moved.is_empty() { Ok(()) } else { Err(format!("tests/c/layout.txt: what stood must stay: {}", moved.join(", "))) }
}

fn write(path: &Path, text: &str) -> Outcome {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Every file with the text that it should have.
fn files() -> Outcome<[(PathBuf, String); 4]> {
    let stated = sh::root().join("tests/c/layout.txt");
    let source = grown(sh::read(layouts())?)?;
    let constants = counted(sh::read(structs())?)?;
    let header = header(&source, &constants)?;
    let layout = layout(&header)?;
    moved(&sh::read(&stated)?, &layout)?;
    Ok([(layouts(), source), (structs(), constants), (sh::root().join("include/loyalty.h"), header), (stated, layout)])
}

pub fn run(_: &[String]) -> Outcome {
    for (path, text) in files()? {
        write(&path, &text)?;
        say!("{}", path.strip_prefix(sh::root()).unwrap_or(&path).display());
    }
    Ok(())
}

/// What is committed is what the lists and the sources say.
pub fn check() -> Outcome {
    for (path, text) in files()? {
        if sh::read(&path)? != text {
            return Err(format!("{} is out of date; run cargo xtask header", path.display()));
        }
    }
    Ok(())
}
