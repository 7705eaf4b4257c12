//! The command passes the two hosts of this repository, and finds each fault that is put into one of them.

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
    let library = std::env::current_exe().map_err(|error| error.to_string())?.to_string_lossy().into_owned();
    let file = |path: &str| sh::root().join(path).to_string_lossy().into_owned();
    let store = ["{store}/shops.sqlite", "--programs", "{programs}"];
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_string()).collect::<Vec<_>>();
    let python = |script: &[&str]| {
        let calls = [&library[..], "call", "--surface", "rust"];
        words(&[&["env", "PYTHONDONTWRITEBYTECODE=1", "python3"], script, &store, &["--"], &calls].concat())
    };

    let rust = sh::target().join("debug/network-host").to_string_lossy().into_owned();
    let (lines, faulty) = (file("examples/network-host-python/lines.py"), file("tests/certify/faulty.py"));
    let hosts = [("the host in Rust", words(&[&[&rust[..]], &store[..]].concat())), ("the host in Python", python(&[&lines]))];
    for (report, (name, _)) in each_at_once(&hosts, |(_, command)| Report::of(command, false, &[]))?.iter().zip(&hosts) {
        if !report.failed().is_empty() {
            report.print();
            return Err(format!("{name} is not certified"));
        }
        say!("{name}: {} judgements, none failed", report.verdicts.len());
    }
    let missed = each_at_once(FAULTS, |(fault, plan, rule)| {
        let chosen: Vec<_> = PLANS.iter().filter(|entry| entry.name == *plan).collect();
        let failed = Report::of(&python(&[&faulty, fault]), false, &chosen)?.failed();
        let missed = format!("{fault} breaks {rule} in the plan {plan}, and that is not found: {failed:?}");
        Ok((!failed.contains(rule)).then_some(missed))
    })?;
    let missed: Vec<String> = missed.into_iter().flatten().collect();
    say!("{} faults that are put in on purpose, {} found", FAULTS.len(), FAULTS.len() - missed.len());
    if missed.is_empty() { Ok(()) } else { Err(missed.join("\n")) }
}

/// Does something with each item, a few at a time: a host mostly waits for its disk.
fn each_at_once<T: Sync, R: Send>(items: &[T], job: impl Fn(&T) -> Outcome<R> + Sync) -> Outcome<Vec<R>> {
    const WORKERS: usize = 5;
    let mut done = Vec::new();
    for some in items.chunks(WORKERS) {
        let results = std::thread::scope(|scope| {
            let workers: Vec<_> = some.iter().map(|item| scope.spawn(|| job(item))).collect();
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err("a plan panics".into()))).collect::<Outcome<Vec<_>>>()
        });
        done.extend(results?);
    }
    Ok(done)
}
