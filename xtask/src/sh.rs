//! Running other programs, and installing what a part needs.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A part's outcome; the text is shown to the person at the terminal.
pub type Outcome<T = ()> = Result<T, String>;

/// The crates that hold rules, lowest first: each may use those before it.
pub const RULES: [&str; 4] = ["loyalty-rules", "loyalty-planning", "loyalty-network", "loyalty-api"];

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The folder for everything that is built.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A command in the root of the repository.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    // `cargo run` points it at the default toolchain's libraries, which another compiler must not load.
    command.current_dir(root()).stdin(Stdio::null()).env_remove("LD_LIBRARY_PATH");
    command
}

/// Cargo with these arguments, separated by spaces.
pub fn cargo(arguments: &str) -> Command {
    let mut command = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments.split_whitespace());
    command
}

/// Cargo with a compiler that builds the parts of the standard library named by `-Z build-std`, for any target: Debian's
/// for the web packages, which comes with the sources.
pub fn build_std(arguments: &str) -> Outcome<Command> {
    packages(&["rustc-web", "rust-web-src"])?;
    let mut cargo = cargo(arguments);
    cargo
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTDOC", "/usr/bin/rustdoc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", target().join("build-std"));
    Ok(cargo)
}

/// Runs a command and returns what it wrote to standard output; on failure, the end of all it wrote.
pub fn output(command: &mut Command) -> Outcome<String> {
    let done = command.output().map_err(|error| format!("{}: {error}", shown(command)))?;
    let stdout = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(stdout);
    }
    let all = stdout + &String::from_utf8_lossy(&done.stderr);
    let lines: Vec<&str> = all.lines().collect();
    let tail = lines.get(lines.len().saturating_sub(60)..).unwrap_or_default().join("\n");
    Err(format!("{tail}\n{} ended with {}", shown(command), done.status))
}

/// Runs a command for its success alone.
pub fn run(command: &mut Command) -> Outcome {
    output(command).map(drop)
}

/// Runs a command whose output the person at the terminal sees.
pub fn show(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|error| format!("{}: {error}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", shown(command))) }
}

fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        let _ = write!(text, " {}", argument.to_string_lossy());
    }
    text
}

/// Whether a file can be run from the search path.
pub fn has_program(name: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

/// Sees to it that these Debian packages are there: installs what is missing as root on Debian, and says so;
/// elsewhere it says what to install.
pub fn packages(names: &[&str]) -> Outcome {
    let missing: Vec<&str> = names.iter().copied().filter(|name| !is_installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !can_install() {
        return Err(format!("install these Debian packages (or what your system calls them), then run this again: {list}"));
    }
    eprintln!("installing {list}");
    let install = format!("-o DPkg::Lock::Timeout=300 install -y --no-install-recommends {list}");
    let apt = |arguments: &str| run(command("apt-get").args(arguments.split_whitespace()).env("DEBIAN_FRONTEND", "noninteractive"));
    // An old list names old versions: a compiler without the library sources that match it, for one.
    if let Err(why) = update_package_lists() {
        eprintln!("{why}");
    }
    apt(&install)
}

/// Brings the package lists up to date.
pub fn update_package_lists() -> Outcome {
    run(command("apt-get").args(["-o", "DPkg::Lock::Timeout=300", "update"]))
}

/// Whether packages can be installed: root on a Debian system.
pub fn can_install() -> bool {
    let is_root = output(command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    is_root && Path::new("/etc/debian_version").exists() && has_program("apt-get")
}

fn is_installed(package: &str) -> bool {
    output(command("dpkg-query").args(["-W", "-f=${db:Status-Status}", package])).is_ok_and(|status| status == "installed")
}

/// Writes a line to standard output; see `say!`.
pub fn print_line(line: std::fmt::Arguments<'_>) {
    use std::io::Write as _;

    if let Err(error) = writeln!(std::io::stdout(), "{line}") {
        let gone = error.kind() == std::io::ErrorKind::BrokenPipe;
        std::process::exit(if gone { 0 } else { 1 });
    }
}

/// The triple of this machine.
pub fn host() -> Outcome<String> {
    let version = output(command("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc -vV names no host".into())
}

/// The files below a folder with this ending, sorted; none if there is no such folder.
pub fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A file's text.
pub fn read(path: impl AsRef<Path>) -> Outcome<String> {
    let path = path.as_ref();
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
