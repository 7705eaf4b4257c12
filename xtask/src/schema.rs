//! `cargo xtask schema`: the JSON Schemas, generated from the types and committed.

use std::path::PathBuf;

use loyalty_api as api;

use crate::sh::{self, Outcome};

pub fn folder() -> PathBuf {
    sh::root().join("docs/schema")
}

pub fn run(_: &[String]) -> Outcome {
    let folder = folder();
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let files = api::schema_files();
    for old in sh::files_below(&folder, ".json") {
        std::fs::remove_file(old).map_err(failed)?;
    }
    for (name, text) in &files {
        std::fs::write(folder.join(name), text).map_err(failed)?;
    }
    say!("{} schemas in docs/schema", files.len());
    Ok(())
}

/// Every committed schema is what the types say, and there is no other.
pub fn check() -> Outcome {
    let folder = folder();
    let mut expected: Vec<_> = api::schema_files().into_iter().map(|(name, text)| (folder.join(name), text)).collect();
    expected.sort();
    let committed = sh::files_below(&folder, ".json");
    if !committed.iter().eq(expected.iter().map(|(path, _)| path)) {
        return Err("docs/schema does not hold the files that are generated; run cargo xtask schema".into());
    }
    for (path, text) in expected {
        if sh::read(&path)? != text {
            return Err(format!("{} is out of date; run cargo xtask schema", path.display()));
        }
    }
    Ok(())
}
