//! `cargo xtask package c`: what a vendor unpacks into a prefix, and the proof that it works there.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{COMPILER, Scope, WARNINGS, compile, work, write};
use crate::sh::{self, Outcome};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const DOC: &str = "share/doc/loyalty";

/// What is copied, and where to; `@VERSION@` is filled in.
const FILES: &[(&str, &str)] = &[
    ("include/loyalty.h", "include"),
    ("include/loyalty.hpp", "include"),
    ("bindings/c/loyalty.pc.in", "lib/pkgconfig"),
    ("bindings/c/loyaltyConfig.cmake", "lib/cmake/loyalty"),
    ("bindings/c/loyaltyConfigVersion.cmake.in", "lib/cmake/loyalty"),
    ("bindings/c/README.md", DOC),
    ("bindings/c/examples/till.c", "share/doc/loyalty/examples"),
    ("docs/operations.md", DOC),
    ("docs/till.md", DOC),
    ("docs/program.md", DOC),
    ("docs/rules.md", DOC),
    ("LICENSE-MIT", DOC),
    ("LICENSE-APACHE", DOC),
];

fn failed(path: &Path) -> impl Fn(std::io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

/// A folder with nothing in it.
fn fresh(folder: PathBuf) -> Outcome<PathBuf> {
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(failed(&folder))?;
    }
    std::fs::create_dir_all(&folder).map_err(failed(&folder))?;
    Ok(folder)
}

/// Stages the folder and makes the tarball, whose bytes follow from those of the files alone.
fn tarball(scope: Scope) -> Outcome<PathBuf> {
    scope.build()?;
    sh::packages(&["binutils"])?;
    let packages = sh::target().join("c/package");
    let what = match scope {
        Scope::Whole => "loyalty",
        Scope::Till => "loyalty-till",
    };
    let name = format!("{what}-{VERSION}-{}", sh::host()?);
    let folder = fresh(packages.join(&name))?;
    for (from, place) in FILES {
        let text = sh::read(sh::root().join(from))?.replace("@VERSION@", VERSION);
        let text = text.replace("@POINTER_BYTES@", &size_of::<usize>().to_string());
        let place = folder.join(place);
        std::fs::create_dir_all(&place).map_err(failed(&place))?;
        write(&place.join(Path::new(from).file_name().unwrap_or_default().to_string_lossy().trim_end_matches(".in")), &text)?;
    }
    let strip = |options: &str, from: &str, to: &str| {
        let mut strip = sh::command("strip");
        sh::run(strip.args(options.split_whitespace()).arg("-o").arg(folder.join("lib").join(to)).arg(scope.libraries().join(from)))
    };
    strip("", "libloyalty.so", "libloyalty.so.1")?;
    strip("--strip-debug --enable-deterministic-archives", "libloyalty.a", "libloyalty.a")?;
    std::os::unix::fs::symlink("libloyalty.so.1", folder.join("lib/libloyalty.so")).map_err(failed(&folder))?;
    let files = sh::files_below(&folder, "").into_iter().map(|file| file.strip_prefix(&folder).unwrap_or(&file).to_path_buf());
    let sums = sh::output(sh::command("sha256sum").args(files).current_dir(&folder))?;
    write(&folder.join(DOC).join("SHA256SUMS"), &sums)?;

    let tar = packages.join(format!("{name}.tar"));
    let options = "--sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX";
    sh::run(sh::command("tar").args(options.split(' ')).arg("-C").arg(&packages).arg("-cf").arg(&tar).arg(&name))?;
    sh::run(sh::command("gzip").arg("-nf").arg(&tar))?;
    Ok(packages.join(format!("{name}.tar.gz")))
}

/// Unpacks a tarball into a prefix and checks it.
fn install(tarball: &Path, prefix: &Path) -> Outcome {
    sh::run(sh::command("tar").arg("-xzf").arg(tarball).args(["--strip-components=1", "-C"]).arg(prefix))?;
    sh::run(sh::command("sha256sum").args(["--quiet", "-c", &format!("{DOC}/SHA256SUMS")]).current_dir(prefix))
}

pub fn run(scope: Scope) -> Outcome {
    let tarball = tarball(scope)?;
    let bytes = std::fs::metadata(&tarball).map_err(failed(&tarball))?.len();
    let path = tarball.display();
    say!("{path}, {bytes} bytes");
    say!("install  tar -xzf {path} --strip-components=1 -C /usr/local && ldconfig");
    say!("check    cd /usr/local && sha256sum --quiet -c {DOC}/SHA256SUMS");
    Ok(())
}

/// What a vendor does: install, ask pkg-config, follow the page, run the till.
pub fn test() -> Outcome {
    sh::packages(&COMPILER)?;
    sh::packages(&["g++", "make", "cmake", "pkg-config", "valgrind"])?;
    let bytes = |path: &Path| std::fs::read(path).map_err(failed(path));
    let first = tarball(Scope::Whole)?;
    let kept = bytes(&first)?;
    let tarball = tarball(Scope::Whole)?;
    if bytes(&tarball)? != kept {
        return Err("packing twice gives two tarballs".into());
    }
    let prefix = fresh(work()?.join("prefix"))?;
    install(&tarball, &prefix)?;
    say!("{} bytes, the same when packed twice; unpacked and checked", kept.len());
    pkg_config(&prefix)?;
    statuses()?;
    page(&tarball)?;
    till(&prefix)
}

fn pkg_config(prefix: &Path) -> Outcome {
    let lib = prefix.join("lib");
    let folder = lib.join("pkgconfig/../..").display().to_string();
    for (asked, expected) in [
        ("--modversion", VERSION.to_owned()),
        ("--cflags", format!("-I{folder}/include")),
        ("--libs", format!("-L{folder}/lib -lloyalty")),
        ("--static --libs", format!("-L{folder}/lib -lloyalty -lpthread -ldl -lm")),
    ] {
        let mut pkg_config = sh::command("pkg-config");
        let answer = sh::output(pkg_config.args(asked.split(' ')).arg("loyalty").env("PKG_CONFIG_PATH", lib.join("pkgconfig")))?;
        if answer.trim() != expected {
            return Err(format!("pkg-config {asked} answers {answer}expected {expected}"));
        }
    }
    Ok(())
}

/// The page's table has the statuses of the header.
fn statuses() -> Outcome {
    let header = sh::read(sh::root().join("include/loyalty.h"))?;
    let page = sh::read(sh::root().join("bindings/c/README.md"))?;
    let after_ok = header.lines().skip_while(|line| !line.starts_with("#define LOYALTY_OK "));
    let defined = after_ok.filter_map(|line| line.strip_prefix("#define ")?.split_once(' '));
    let (stated, last): (Vec<_>, _) = (defined.take_while(|(name, _)| *name != "LOYALTY_MAX_PARTIES").collect(), "LOYALTY_NOT_UTF8");
    if stated.last().is_none_or(|(name, _)| *name != last) {
        return Err(format!("the statuses of the header do not end with {last}"));
    }
    match stated.iter().find(|(name, number)| !page.contains(&format!("\n| {number} | `{name}` |"))) {
        Some((name, number)) => Err(format!("bindings/c/README.md has no row for {number} {name}")),
        None => Ok(()),
    }
}

struct Block<'a> {
    language: &'a str,
    text: String,
    /// Whether nothing but blank lines stands between it and the block before.
    follows: bool,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let (mut blocks, mut lines, mut follows) = (Vec::new(), page.lines(), false);
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
            blocks.push(Block { language, text, follows });
        }
        follows = line.starts_with("```") || follows && line.is_empty();
    }
    blocks
}

/// Follows bindings/c/README.md to the letter: its files are written, its commands run in one shell, in order.
fn page(tarball: &Path) -> Outcome {
    const MARK: char = '\u{1e}';
    let folder = fresh(work()?.join("readme"))?;
    std::fs::copy(tarball, folder.join(tarball.file_name().unwrap_or_default())).map_err(failed(tarball))?;
    let page = sh::read(sh::root().join("bindings/c/README.md"))?;
    let (mut script, mut outputs, mut files) = (String::new(), Vec::new(), 0);
    for Block { language, text, follows } in blocks(&page) {
        let comment = match language {
            "c" => ("/* ", " */"),
            "cpp" => ("// ", ""),
            "cmake" => ("# ", ""),
            "sh" => {
                script += &format!("{text}printf '\\036'\n");
                outputs.push(None);
                continue;
            }
            "text" if follows && outputs.last().is_some_and(Option::is_none) => {
                outputs.pop();
                outputs.push(Some(text));
                continue;
            }
            _ => {
                return Err(format!(
                    "bindings/c/README.md: a block that is neither a file, nor run, nor what the block before prints:\n{text}"
                ));
            }
        };
        let first = text.lines().next().unwrap_or_default();
        let name = first.strip_prefix(comment.0).and_then(|rest| rest.strip_suffix(comment.1));
        let name = name.ok_or_else(|| format!("bindings/c/README.md: a block that names no file: {first}"))?;
        write(&folder.join(name), &text)?;
        files += 1;
    }
    let printed = sh::output(sh::command("sh").args(["-euc", &script]).current_dir(&folder).env("PREFIX", folder.join("prefix")))?;
    for (expected, printed) in outputs.iter().zip(printed.split(MARK)) {
        if expected.as_ref().is_some_and(|expected| expected != printed) {
            return Err(format!("bindings/c/README.md states\n{}printed is\n{printed}", expected.as_deref().unwrap_or_default()));
        }
    }
    say!("bindings/c/README.md: {files} files, {} commands, what they print is as stated", outputs.len());
    Ok(())
}

/// The example's scripted days: paper and state as expected, under valgrind too, and wherever it is killed.
fn till(prefix: &Path) -> Outcome {
    let program = work()?.join("till");
    let (source, lib) = (prefix.join(DOC).join("examples/till.c"), prefix.join("lib"));
    let libraries = format!("-I{}/include -L{lib} -Wl,-rpath,{lib} -lloyalty", prefix.display(), lib = lib.display());
    compile("gcc", &format!("-std=c99 -O1 -g {WARNINGS} {} -o {} {libraries}", source.display(), program.display()))?;
    let days = sh::files_below(&sh::root().join("tests/c/till"), ".in.txt");
    if days.is_empty() {
        return Err("tests/c/till has no day".into());
    }
    for input in days {
        let day = Day {
            till: &program,
            files: input.to_string_lossy().trim_end_matches(".in.txt").to_owned(),
            state: work()?.join("till.state"),
        };
        day.test(&sh::read(&input)?)?;
    }
    Ok(())
}

struct Day<'a> {
    till: &'a Path,
    /// The path of its files without their endings.
    files: String,
    state: PathBuf,
}

impl Day<'_> {
    fn command(&self, wrapped_in: &str) -> Command {
        let words: Vec<&str> = wrapped_in.split_whitespace().collect();
        let mut command = match words.split_first() {
            Some((program, options)) => {
                let mut command = sh::command(program);
                command.args(options).arg(self.till);
                command
            }
            None => sh::command(self.till),
        };
        command.arg(format!("{}.json", self.files)).arg(&self.state);
        command
    }

    /// Runs to the end of these lines; returns the paper.
    fn run(&self, wrapped_in: &str, lines: &str) -> Outcome<String> {
        let input = self.state.with_extension("lines");
        write(&input, lines)?;
        sh::output(self.command(wrapped_in).stdin(File::open(&input).map_err(failed(&input))?))
    }

    /// The state; nothing if there is none.
    fn state(&self) -> String {
        std::fs::read_to_string(&self.state).unwrap_or_default()
    }

    fn forget(&self) {
        let _ = std::fs::remove_file(&self.state);
    }

    fn test(&self, input: &str) -> Outcome {
        let (paper, state) = (sh::read(format!("{}.out.txt", self.files))?, sh::read(format!("{}.state.txt", self.files))?);
        for wrapped_in in ["", "valgrind -q --error-exitcode=99 --leak-check=full"] {
            self.forget();
            let printed = self.run(wrapped_in, input)?;
            if printed != paper || self.state() != state {
                return Err(format!("{}: {wrapped_in} printed\n{printed}and kept\n{}", self.files, self.state()));
            }
        }

        // The lines of paper and the state after each line but the last. A till that is killed must have left one of these
        // states, and have told no more than it knows.
        let lines: Vec<&str> = input.split_inclusive('\n').collect();
        let mut after = Vec::new();
        for count in 0..lines.len() {
            self.forget();
            let paper = self.run("", &lines.iter().take(count).copied().collect::<String>())?;
            after.push((paper.lines().count(), self.state()));
        }
        let longest = after.last().map_or(0, |(paper, _)| *paper);
        let kill_after: Vec<usize> = (0..=longest).step_by(7).collect();
        let mut left = BTreeSet::new();
        for seen in &kill_after {
            self.forget();
            self.kill(input, *seen)?;
            let found = after.iter().rposition(|(paper, state)| paper >= seen && *state == self.state());
            let done = found.ok_or_else(|| format!("{}: killed after {seen} lines of paper it left\n{}", self.files, self.state()))?;
            self.run("", &lines.iter().skip(done).copied().collect::<String>())?;
            if self.state() != state {
                return Err(format!("{}: killed after {seen} lines of paper and started again it kept\n{}", self.files, self.state()));
            }
            left.insert(done);
        }
        let name = Path::new(&self.files).file_name().unwrap_or_default().to_string_lossy();
        say!("the till, {name}: {} lines as expected; killed {} times after {} different lines", lines.len(), kill_after.len(), left.len());
        Ok(())
    }

    /// Kills the till when so many lines of paper have come out. It never sees the end of its last line.
    fn kill(&self, input: &str, seen: usize) -> Outcome {
        let failed = failed(self.till);
        let mut till = self.command("").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(&failed)?;
        let mut stdin = till.stdin.take().ok_or("no input")?;
        stdin.write_all(input.trim_end().as_bytes()).map_err(&failed)?;
        let paper = BufReader::new(till.stdout.take().ok_or("no output")?);
        let _ = paper.lines().take(seen).count();
        till.kill().map_err(&failed)?;
        till.wait().map_err(&failed)?;
        Ok(())
    }
}
