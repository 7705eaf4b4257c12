//! The one task runner: `cargo xtask <verb>`.

/// `println!` that ends quietly when the reader has gone away, as `| head` does.
macro_rules! say {
    () => { $crate::sh::print_line(format_args!("")) };
    ($($text:tt)*) => { $crate::sh::print_line(format_args!($($text)*)) };
}

mod bench;
mod c;
mod call;
mod certify;
mod check;
mod demo;
mod fuzz;
mod header;
mod js;
mod network;
mod schema;
mod sh;
mod surface;
mod test;
mod vectors;

use std::process::ExitCode;

struct Verb {
    name: &'static str,
    arguments: &'static str,
    does: &'static str,
    run: fn(&[String]) -> sh::Outcome,
}

#[rustfmt::skip]
const VERBS: &[Verb] = &[
    Verb { name: "demo", arguments: "[goods|plan|network|quarter]", does: "rates published retail receipts under two programs; by their goods under three offers; the plan of a small stall; their stores as territories; a quarter of them as one network", run: demo::run },
    Verb { name: "test", arguments: "[part …]", does: "everything CI runs; installs what it needs", run: test::run },
    Verb { name: "check", arguments: "", does: "the rules of the house: floors, ids, docs, schemas, dependencies", run: check::run },
    Verb { name: "call", arguments: "--surface rust|c|js", does: "answers operations: one {\"op\": …, \"in\": {…}} a line in, one object a line out", run: call::run },
    Verb { name: "certify", arguments: "[--memory] [--plan NAME]… COMMAND [ARG…]", does: "plans with faults for another till or server, over the line protocol; pass or fail by rule", run: certify::run },
    Verb { name: "schema", arguments: "", does: "writes docs/schema/ from the request and answer types", run: schema::run },
    Verb { name: "header", arguments: "", does: "puts new fields into the C structs; writes include/loyalty.h and tests/c/layout.txt", run: header::run },
    Verb { name: "wasm", arguments: "", does: "builds the npm package: modules, generated types, both forms of JavaScript", run: js::wasm },
    Verb { name: "package", arguments: "c|windows|android", does: "what a vendor installs: header, libraries, pkg-config, CMake, checksums", run: c::package },
    Verb { name: "bench", arguments: "[js|fold|--check]", does: "the speed of an award against an empty loop, or against plain JavaScript; of a sale in the network", run: bench::run },
    Verb { name: "growth", arguments: "[--short] [operation …]", does: "time and memory of every operation on requests that grow to 1 MiB; minutes, without --short", run: bench::growth },
    Verb { name: "fuzz", arguments: "[target] [--seconds N] [--seed N]", does: "feeds random requests until something breaks", run: fuzz::run },
    Verb { name: "soak", arguments: "--minutes N [--seed N]", does: "lets networks live with faults until a law breaks; a table of what happened", run: network::soak },
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        print!("{}", help());
        return ExitCode::SUCCESS;
    };
    let Some(verb) = VERBS.iter().find(|verb| verb.name == name) else {
        eprint!("no verb {name}\n\n{}", help());
        return ExitCode::from(2);
    };
    match (verb.run)(&arguments.collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            if !why.is_empty() {
                eprintln!("{why}");
            }
            ExitCode::from(if why.starts_with(USAGE) { 2 } else { 1 })
        }
    }
}

/// How a message begins that blames the command line; it exits 2.
pub const USAGE: &str = "usage: ";

fn help() -> String {
    let lines = VERBS.iter().map(|verb| format!("  cargo xtask {:<28} {}\n", format!("{} {}", verb.name, verb.arguments), verb.does));
    lines.collect()
}
