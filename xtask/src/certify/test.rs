//! The command passes the two hosts of this repository, and finds each fault that is put into one of them.

use std::thread;

use super::Report;
use super::plans::PLANS;
use crate::sh::{self, Outcome};

/// A class of tests/certify/faulty.py, the plan that meets it, and a rule that it must break.
const FAULTS: &[(&str, &str, &str)] = &[
    ("CountsTwice", "retry", "NW-4"),
    ("TakesConflicts", "retry", "NW-4"),
    ("RepeatsMessages", "disorder", "NW-4"),
    ("ForgetsUndo", "undo", "NW-9"),
    ("PaysTwice", "limits", "VC-5"),
    ("LocksLate", "at-once", "NW-6"),
    ("AnswersEarly", "restart", "NW-1"),
    ("LosesMessages", "restart", "NW-1"),
    ("LosesWaiting", "waiting", "NW-2"),
    ("WantsOrder", "clock", "NW-6"),
    ("BurnsIds", "malformed", "NW-4"),
    ("RefusesReturns", "returns", "NW-2"),
    ("OwesLess", "month-end", "CL-4"),
    ("Rounds", "returns", "CV-4"),
];

pub fn test() -> Outcome {
    sh::packages(&["python3"])?;
    sh::run(&mut sh::cargo("build --quiet -p network-host"))?;
    let path = |path: std::path::PathBuf| path.to_string_lossy().into_owned();
    let library = path(std::env::current_exe().map_err(|error| error.to_string())?);
    let options = ["{store}/shops.sqlite", "--programs", "{programs}"];
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_string()).collect::<Vec<_>>();
    let rust = words(&[&[&*path(sh::target().join("debug/network-host"))], &options[..]].concat());
    let python = |script: &str, fault: &[&str]| {
        let script = path(sh::root().join(script));
        let start = ["env", "PYTHONDONTWRITEBYTECODE=1", "python3", &script];
        words(&[&start, fault, &options, &["--", &library, "call", "--surface", "rust"]].concat())
    };

    // All at once, because a host mostly waits for its disk.
    thread::scope(|scope| {
        let run = |command: Vec<String>, plan: Option<&'static str>| {
            let chosen: Vec<_> = PLANS.iter().filter(|entry| Some(entry.name) == plan).collect();
            scope.spawn(move || Report::of(&command, false, &chosen))
        };
        let of = |running: thread::ScopedJoinHandle<'_, Outcome<Report>>| running.join().unwrap_or_else(|_| Err("a plan panics".into()));
        let hosts = [("Rust", run(rust, None)), ("Python", run(python("examples/network-host-python/lines.py", &[]), None))];
        let faults: Vec<_> = FAULTS.iter().map(|case| (case, run(python("tests/certify/faulty.py", &[case.0]), Some(case.1)))).collect();
        for (name, running) in hosts {
            let report = of(running)?;
            if !report.failed().is_empty() {
                report.print();
                return Err(format!("the host in {name} is not certified"));
            }
            say!("the host in {name}: {} judgements, none failed", report.verdicts.len());
        }
        let mut missed = String::new();
        for ((fault, plan, rule), running) in faults {
            let failed = of(running)?.failed();
            if !failed.contains(rule) {
                missed += &format!("{fault} breaks {rule} in the plan {plan}, and only these are found: {failed:?}\n");
            }
        }
        say!("{} faults that are put in on purpose; missed: {}", FAULTS.len(), missed.lines().count());
        if missed.is_empty() { Ok(()) } else { Err(missed) }
    })
}
