//! `cargo xtask check`: the rules of the house, each as a check that names what breaks it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use loyalty_api as api;
use loyalty_rules::error::Fault;
use loyalty_rules::funding::Bonus;
use loyalty_rules::quantity::Mode;
use loyalty_rules::tables::{Edition, Mechanism, RateTable, TableName};
use serde_json::{Value, json};

use crate::sh::{self, Outcome};
use crate::{header, schema, vectors};

type Check = (&'static str, fn() -> Outcome);

#[rustfmt::skip]
const CHECKS: &[Check] = &[
    ("a module uses only the floors below it", floors),
    ("what the ladder is asked with is named field by field", classified),
    ("no float in the rules", floats),
    ("no path of one machine in any file", machine_paths),
    ("every rule id that is cited is explained in docs/", rule_ids),
    ("every operation is documented and has vectors", operations),
    ("every field and every word is explained in docs/", words),
    ("the tables of docs/ are those of the rules", tables),
    ("the vectors are as many as the manifest says", manifest),
    ("the naive model knows what the rules list", model),
    ("every refusal has a text in both languages, as written down", texts),
    ("each object of the schemas has a name of its own", object_names),
    ("the schemas are what the types say", schema::check),
    ("the C header is what the sources say", header::check),
    ("the example till knows every rounding", till),
    ("the dependencies are the listed ones", dependencies),
];

pub fn run(_: &[String]) -> Outcome {
    let mut broken = 0;
    for (name, check) in CHECKS {
        match check() {
            Ok(()) => say!("ok      {name}"),
            Err(why) => {
                broken += 1;
                say!("BROKEN  {name}\n{}", why.lines().map(|line| format!("        {line}\n")).collect::<String>());
            }
        }
    }
    if broken == 0 { Ok(()) } else { Err(format!("{broken} of {} rules of the house are broken", CHECKS.len())) }
}

/// Every module of loyalty-rules with its floor.
#[rustfmt::skip]
const FLOORS: &[(&str, u8)] = &[
    ("error", 0), ("words", 0), ("condition", 1),
    ("quantity", 1), ("calendar", 1), ("hmac", 1), ("sort", 1),
    ("tables", 2),
    ("funding", 3), ("points", 3),
    ("award", 4),
    ("ledger", 5),
    ("api", 6),
];

fn floors() -> Outcome {
    let floors: BTreeMap<&str, u8> = FLOORS.iter().copied().collect();
    let mut broken = String::new();
    for (path, text) in sources_of("loyalty-rules")? {
        let parts: Vec<&str> = path.split('/').collect();
        let module = parts.first().map_or("", |first| first.trim_end_matches(".rs"));
        if module == "lib" {
            continue;
        }
        let Some(&floor) = floors.get(module) else {
            let _ = writeln!(broken, "{path}: the module {module} has no floor; give it one in xtask/src/check.rs");
            continue;
        };
        // In a module's own root, `super` is the crate.
        let is_root = parts.len() == 1 || (parts.len() == 2 && path.ends_with("/mod.rs"));
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let prefixes = if is_root { &["crate::", "super::"][..] } else { &["crate::"] };
            for used in prefixes.iter().flat_map(|prefix| used_after(line, prefix)) {
                if used != module && floors.get(used).is_some_and(|used| *used >= floor) {
                    let _ = writeln!(broken, "{path}:{}: {module} (floor {floor}) uses {used}", number + 1);
                }
            }
        }
    }
    none(broken)
}

/// Where the inputs of the ladder are told apart, and which of them: there a new field does not compile until it has its
/// place.
const CLASSIFIED: [(&str, &[&str]); 5] = [
    ("award/decide.rs", &["Receipt", "Shopper"]),
    ("award/ladder.rs", &["Settings", "Merchant"]),
    ("award/layout.rs", &["Settings", "Counters"]),
    ("award/receipt.rs", &["Counters"]),
    ("award/batch.rs", &["Counters"]),
];

fn classified() -> Outcome {
    let mut broken = String::new();
    let sources: BTreeMap<String, String> = sources_of("loyalty-rules")?.into_iter().collect();
    for (path, objects) in CLASSIFIED {
        let text = sources.get(path).ok_or_else(|| format!("{path} is not there, so this check sees nothing"))?;
        for object in objects {
            let patterns = patterns(text, object);
            if patterns.is_empty() {
                let _ = writeln!(broken, "{path} does not name the fields of {object} in a `let`");
            }
            if patterns.iter().any(|pattern| pattern.contains("..")) {
                let _ = writeln!(broken, "{path} names {object} with `..`, which passes over a new field");
            }
        }
    }
    none(broken)
}

/// What stands in the braces wherever a `let` takes an object apart, without comments.
fn patterns(text: &str, object: &str) -> Vec<String> {
    let code: String = text.lines().filter_map(|line| line.split("//").next()).flat_map(|line| [line, "\n"]).collect();
    let start = format!("let {object} {{");
    let rest = code.match_indices(&start).filter_map(|(at, start)| code.get(at + start.len()..));
    let inside = rest.map(|rest| {
        let mut depth = 1;
        let is_inside = |letter: &char| {
            depth += i32::from(*letter == '{') - i32::from(*letter == '}');
            depth > 0
        };
        rest.chars().take_while(is_inside).collect()
    });
    inside.collect()
}

/// The names that follow a path prefix in a line, also in braces.
fn used_after<'a>(line: &'a str, prefix: &str) -> Vec<&'a str> {
    let word_end = |text: &str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let mut used = Vec::new();
    for (start, _) in line.match_indices(prefix) {
        let rest = line.get(start + prefix.len()..).unwrap_or_default();
        match rest.strip_prefix('{') {
            Some(list) => used.extend(list.split([',', '}']).map(|name| name.trim()).map(|name| &name[..word_end(name)])),
            None => used.push(&rest[..word_end(rest)]),
        }
    }
    used
}

fn floats() -> Outcome {
    let mut broken = String::new();
    for (path, text) in rules_sources()? {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
            if words.into_iter().any(|word| {
                ["f32", "f64"].iter().any(|float| word == *float || word.ends_with(float) && word.starts_with(|c: char| c.is_ascii_digit()))
            }) {
                let _ = writeln!(broken, "{path}:{}: {}", number + 1, line.trim());
            }
        }
    }
    none(broken)
}

fn machine_paths() -> Outcome {
    // In two pieces, so that this file does not break its own rule.
    let homes = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    let mut broken = String::new();
    for path in project_files()? {
        // What is no text, or is deleted and not yet committed, names no path.
        let Ok(text) = sh::read(sh::root().join(&path)) else { continue };
        for (number, line) in text.lines().enumerate().filter(|(_, line)| homes.iter().any(|home| line.contains(home))) {
            let _ = writeln!(broken, "{path}:{}: {}", number + 1, line.trim());
        }
    }
    none(broken)
}

fn rule_ids() -> Outcome {
    let mut explained = BTreeSet::new();
    for page in ["docs/rules.md", "docs/program.md"] {
        explained.extend(ids_in(&sh::read(sh::root().join(page))?));
    }
    let families: BTreeSet<&str> = explained.iter().filter_map(|id| id.split('-').next()).collect();
    let mut cited = BTreeMap::new();
    for (path, text) in rules_sources()? {
        cited.extend(ids_in(&text).into_iter().map(|id| (id, path.clone())));
    }
    for vector in vectors::all()? {
        cited.extend(ids_in(&vector.rule).into_iter().map(|id| (id, format!("the vector {}", vector.name))));
    }
    let mut broken = String::new();
    for (id, place) in cited {
        if id.split('-').next().is_some_and(|family| families.contains(family)) && !explained.contains(&id) {
            let _ = writeln!(broken, "{id}, cited in {place}");
        }
    }
    none(broken)
}

/// The rule ids in a text: two or three capitals, a dash, a number.
fn ids_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let is_id = |word: &&str| {
        word.split_once('-').is_some_and(|(family, number)| {
            (2..=3).contains(&family.len())
                && family.chars().all(|c| c.is_ascii_uppercase())
                && !number.is_empty()
                && number.chars().all(|c| c.is_ascii_digit())
        })
    };
    words.filter(is_id).map(str::to_owned).collect()
}

fn operations() -> Outcome {
    let page = sh::read(sh::root().join("docs/operations.md"))?;
    let names: BTreeSet<&str> = api::operations().map(|operation| operation.name).collect();
    let mut broken = String::new();
    for name in &names {
        if !page.lines().any(|line| line.starts_with(&format!("| `{name}`"))) {
            let _ = writeln!(broken, "{name} has no row in docs/operations.md");
        }
    }
    let counts = vectors::counts()?;
    for name in &names {
        if counts.get(*name).is_none_or(|count| *count == 0) {
            let _ = writeln!(broken, "{name} has no vector in tests/vectors/{name}/");
        }
    }
    for folder in counts.keys().filter(|folder| !["accept", "reject"].contains(&folder.as_str()) && !names.contains(folder.as_str())) {
        let _ = writeln!(broken, "tests/vectors/{folder}/ is of no operation");
    }
    none(broken)
}

/// The fields of the schemas, and the words that they take, stand in the pages that explain them.
fn words() -> Outcome {
    let mut pages = String::new();
    for page in ["operations.md", "rules.md", "program.md", "network.md"] {
        pages += &sh::read(sh::root().join("docs").join(page))?;
    }
    let is_word = |letter: char| letter.is_alphanumeric() || "_-".contains(letter);
    let explained: BTreeSet<&str> = pages.split(|letter| !is_word(letter)).collect();
    let [(_, operations), _] = api::schema_files();
    let mut stated = BTreeSet::new();
    words_of(&serde_json::from_str(&operations).map_err(|error| error.to_string())?, &mut stated);
    if stated.is_empty() {
        return Err("no word is found, so this check sees nothing".into());
    }
    let unexplained = stated.iter().filter(|word| !word.split('.').all(|part| explained.contains(part)));
    none(unexplained.map(|word| format!("{word}\n")).collect())
}

/// The names of the fields of a schema, and the words that it lists.
fn words_of(schema: &Value, words: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), value) {
                    ("enum", Value::Array(values)) => words.extend(values.iter().filter_map(Value::as_str).map(str::to_owned)),
                    ("properties", Value::Object(properties)) => words.extend(properties.keys().cloned()),
                    _ => {}
                }
                words_of(value, words);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| words_of(value, words)),
        _ => {}
    }
}

/// The printed rates, the bands of the bonuses and who pays for them stand in the docs as the rules have them.
fn tables() -> Outcome {
    let (rules, operations) = (sh::read(sh::root().join("docs/rules.md"))?, sh::read(sh::root().join("docs/operations.md"))?);
    let rows = |page: &str| -> Vec<Vec<String>> {
        let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim_matches([' ', '`']).replace(',', "")).collect();
        page.lines().filter(|line| line.starts_with('|')).map(cells).collect()
    };
    let (rules, operations) = (rows(&rules), rows(&operations));
    let mut broken = String::new();
    for name in TableName::all() {
        let rates = RateTable::from(name).rates().map(|rate| u32::from(rate.bp()));
        let has_rates = |row: &Vec<String>| row.len() == 12 && row.iter().skip(2).map(|cell| bp(cell)).eq(rates.map(Some));
        // The rows of edition two are those of edition one under other names.
        let is_named =
            |row: &Vec<String>| name.edition() == Some(Edition::Two) || row.get(1).is_some_and(|tier| tier.to_lowercase() == name.tier());
        if !rules.iter().any(|row| has_rates(row) && is_named(row)) {
            let _ = writeln!(broken, "docs/rules.md has no row of the rates of {name}");
        }
    }
    // SW-5 of the stopwatch's tiers, which are columns.
    let figure = |row: &str, tier: &str| {
        let names = rules.iter().find(|row| row.first().is_some_and(|cell| cell == "tier"))?;
        let place = names.iter().position(|name| name.to_lowercase() == tier)?;
        bp(rules.iter().find(|cells| cells.first().is_some_and(|cell| cell == row))?.get(place)?.trim_end_matches([' ', '%']))
    };
    for name in TableName::all().filter(|name| name.mechanism() == Mechanism::Stopwatch) {
        let table = RateTable::from(name);
        let stated = (figure("uniform", name.tier()).map(|bp| bp * 10), figure("forced", name.tier()));
        if stated != (Some(table.uniform_tenth_bp()), Some(table.highest().bp().into())) {
            let _ = writeln!(broken, "docs/rules.md does not say under SW-5 what {name} gives");
        }
    }
    let mut numbers: Vec<u8> = TableName::all().map(TableName::number).collect();
    numbers.sort_unstable();
    if !numbers.iter().copied().eq((1..=u8::MAX).take(numbers.len())) {
        let _ = writeln!(broken, "the printed tables are not numbered from 1, each once: {numbers:?}");
    }
    let column = |first: &str, bonus: Bonus| {
        let place =
            operations.iter().find(|row| row.first().is_some_and(|cell| cell == "bonus"))?.iter().position(|cell| cell == bonus.name())?;
        operations.iter().find(|row| row.first().is_some_and(|cell| cell == first))?.get(place)?.parse::<u16>().ok()
    };
    for &bonus in Bonus::ALL {
        let (lowest, highest) = bonus.band_bp();
        if (column("from bp", bonus), column("to bp", bonus)) != (Some(lowest), Some(highest)) {
            let _ = writeln!(broken, "docs/operations.md has no column of the band of {}", bonus.name());
        }
        let shares: Vec<String> = bonus.preset().iter().flat_map(|preset| preset.weights()).map(u32::to_string).collect();
        let funded = rules.iter().any(|row| row.first().is_some_and(|cell| cell == bonus.name()) && row.get(1..4) == Some(&shares));
        if !api::operations()
            .any(|operation| operation.name == "bonus.check" && operation.rules.split(' ').any(|rule| rule == bonus.name()))
        {
            let _ = writeln!(broken, "bonus.check does not cite {}", bonus.name());
        }
        let texts = [Fault::OutsideBonusBand.english(), Fault::OutsideBonusBand.indonesian()];
        let band = |text: &str| text.split_once(bonus.name()).is_some_and(|(_, rest)| says(rest, [lowest, highest]));
        if !texts.into_iter().all(band) {
            let _ = writeln!(broken, "Fault::OutsideBonusBand does not say the band of {}", bonus.name());
        }
        if !shares.is_empty() && !funded {
            let _ = writeln!(broken, "docs/rules.md has no row of who pays for {}", bonus.name());
        }
    }
    none(broken)
}

/// Whether the next percentages of a text are those of a band; one from 0 has its end alone.
fn says(text: &str, band_bp: [u16; 2]) -> bool {
    let stated = text.split(['%', ',']).next().unwrap_or_default();
    let numbers = stated.split(|letter: char| !letter.is_ascii_digit() && letter != '.').filter(|number| !number.is_empty()).filter_map(bp);
    numbers.eq(band_bp.into_iter().filter(|bp| *bp > 0).map(u32::from))
}

/// Basis points of a percentage with at most two decimals.
fn bp(percent: &str) -> Option<u32> {
    let (whole, decimals) = percent.split_once('.').unwrap_or((percent, ""));
    format!("{whole}{decimals:0<2}").parse().ok()
}

/// Objects are described once by name, so that two of one name would share a description.
fn object_names() -> Outcome {
    let mut seen = BTreeSet::new();
    let mut broken = String::new();
    for (path, text) in
        rules_sources()?.into_iter().filter(|(path, _)| ["/api/", "/operations/", "/fold/"].iter().any(|part| path.contains(part)))
    {
        // Inside `record!` and `answer!` structs are indented.
        for line in text.lines().filter(|line| line.starts_with(' ')).filter_map(|line| line.trim_start().strip_prefix("pub struct ")) {
            let name = line.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned();
            // In the macros themselves a `$` stands for it.
            if !name.is_empty() && !seen.insert(name.clone()) {
                let _ = writeln!(broken, "{path}: another object is called {name}");
            }
        }
    }
    if seen.is_empty() {
        return Err("no object is found, so this check sees nothing".into());
    }
    none(broken)
}

fn manifest() -> Outcome {
    let path = vectors::folder().join("MANIFEST.json");
    let stated: BTreeMap<String, u64> = serde_json::from_str(&sh::read(&path)?).map_err(|error| error.to_string())?;
    let mut counted = vectors::counts()?;
    counted.insert("total".into(), counted.values().sum());
    let mut broken = String::new();
    for name in stated.keys().chain(counted.keys()).collect::<BTreeSet<_>>() {
        let (stated, counted) = (stated.get(name).unwrap_or(&0), counted.get(name).unwrap_or(&0));
        if stated != counted {
            let _ = writeln!(broken, "{name}: the manifest says {stated}, there are {counted}");
        }
    }
    none(broken)
}

/// Every operation, and every table, bonus and rounding by an operation that takes it.
fn model() -> Outcome {
    let mut broken = String::new();
    for operation in api::operations() {
        let excused = loyalty_naive::NOT_MODELLED.iter().any(|(name, _)| *name == operation.name);
        if !excused && !loyalty_naive::operations().any(|name| name == operation.name) {
            let _ = writeln!(broken, "tests/naive does not answer {}", operation.name);
        }
    }
    let mut ask = |operation: &str, request: Value| {
        if let Err(kind) = loyalty_naive::call(operation, &request) {
            let _ = writeln!(broken, "tests/naive refuses {operation} {request}: {kind}");
        }
    };
    for name in TableName::all() {
        let mut table = json!({"mechanism": name.mechanism().name(), "margin_class": name.margin_class().name(), "tier": name.tier()});
        if let Some(edition) = name.edition() {
            table["edition"] = edition.name().into();
        }
        ask("table.stats", table);
    }
    for bonus in Bonus::ALL {
        ask("bonus.check", json!({"bonus": bonus.name(), "rate_bp": bonus.band_bp().0}));
        if bonus.preset().is_some() {
            ask("split.allocate", json!({"amount": 1, "preset": bonus.name()}));
        }
    }
    for mode in Mode::ALL {
        ask("money.apply_rate", json!({"amount": 1, "rate_bp": 1, "mode": mode.name()}));
    }
    none(broken)
}

fn texts() -> Outcome {
    let written = sh::read(sh::root().join("tests/texts/refusals.json"))?;
    let written: Vec<Value> = serde_json::from_str(&written).map_err(|error| error.to_string())?;
    let mut broken = String::new();
    let faults = [Fault::ALL, loyalty_planning::FAULTS, loyalty_network::FAULTS].concat();
    if written.len() != faults.len() {
        let _ = writeln!(broken, "tests/texts/refusals.json has {} refusals, the rules {}", written.len(), faults.len());
    }
    for (name, fault) in faults {
        let texts = [fault.english(), fault.indonesian()];
        if texts.iter().any(|text| text.trim().is_empty()) || texts[0] == texts[1] {
            let _ = writeln!(broken, "{name}: a text is missing");
        }
        let said = json!({"fault": name, "error": fault.kind().name(), "en": texts[0], "id": texts[1]});
        if written.iter().filter(|other| other["en"] == said["en"]).count() != 1 {
            let _ = writeln!(broken, "{name}: another fault says the same");
        }
        if !written.contains(&said) {
            let _ = writeln!(broken, "not in tests/texts/refusals.json: {said}");
        }
    }
    none(broken)
}

/// The till notes a rounding by its number, which it finds in a list of its own.
fn till() -> Outcome {
    let path = "bindings/c/examples/till.c";
    let list: Vec<String> = Mode::ALL.iter().map(|mode| format!(r#""\"{}\"""#, mode.name())).collect();
    let list = format!("MODES[] = {{ {} }};", list.join(", "));
    if sh::read(sh::root().join(path))?.contains(&list) { Ok(()) } else { Err(format!("{path} has no {list}")) }
}

fn dependencies() -> Outcome {
    let path = sh::root().join("xtask/dependencies.txt");
    let listed: BTreeSet<String> = sh::read(&path)?.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    let tree = sh::output(&mut sh::cargo("tree --quiet -p loyalty-api -e normal --prefix none --format {p}"))?;
    let crates = tree.lines().filter_map(|line| line.split(' ').next()).filter(|name| !name.is_empty() && !name.starts_with("loyalty-"));
    let used: BTreeSet<String> = crates.map(str::to_owned).collect();
    let mut broken = String::new();
    for name in used.difference(&listed) {
        let _ = writeln!(broken, "{name} is not in xtask/dependencies.txt");
    }
    for name in listed.difference(&used) {
        let _ = writeln!(broken, "{name} is listed in xtask/dependencies.txt and not used");
    }
    none(broken)
}

/// The files of the rules, of every crate that holds some, by their path below the root.
fn rules_sources() -> Outcome<Vec<(String, String)>> {
    let mut sources = Vec::new();
    for name in sh::RULES {
        sources.extend(sources_of(name)?.into_iter().map(|(path, text)| (format!("{name}/src/{path}"), text)));
    }
    Ok(sources)
}

/// The files of a crate by their path below its `src`.
fn sources_of(name: &str) -> Outcome<Vec<(String, String)>> {
    let folder = sh::root().join(name).join("src");
    let files = sh::files_below(&folder, ".rs").into_iter();
    files.map(|path| Ok((path.strip_prefix(&folder).unwrap_or(&path).to_string_lossy().into_owned(), sh::read(&path)?))).collect()
}

/// Every file that is, or would be, committed.
fn project_files() -> Outcome<Vec<String>> {
    let list = sh::output(sh::command("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]))?;
    Ok(list.lines().map(str::to_owned).collect())
}

fn none(broken: String) -> Outcome {
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

#[cfg(test)]
mod tests {
    use super::patterns;

    #[test]
    fn a_pattern_is_seen_to_its_end_and_without_comments() {
        let text = "let Settings {\n    day: Budget { of, .. }, // and so on ..\n    rest,\n} = kernel.settings;\nlet Other { a, .. } = b;";
        assert_eq!(patterns(text, "Settings"), ["\n    day: Budget { of, .. }, \n    rest,\n"]);
        assert_eq!(patterns(text, "Other"), [" a, .. "]);
        assert!(patterns("Ok(Settings { a, ..b })", "Settings").is_empty());
    }
}
