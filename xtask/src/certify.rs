//! `cargo xtask certify`: plans for somebody else's till or server, over the line protocol of the reference host. What it prints
//! is judged by rule; docs/certify.md is the page for vendors.

mod plan;
mod plans;
mod side;
mod test;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use self::plan::{Plan, Silent, Verdict};
use self::plans::{Entry, PLANS};
use crate::USAGE;
use crate::sh::{self, Outcome};

pub use self::test::test;

/// The programs that the tested side must run with.
const PROGRAMS: &str = include_str!("../../tests/certify/programs.json");

/// What is tested, and how.
struct Tested {
    command: Vec<String>,
    /// It forgets everything when it ends, and each process has a store of its own.
    memory: bool,
    /// A part of every name, so that no run meets what another one left in the store.
    stamp: String,
}

pub fn run(arguments: &[String]) -> Outcome {
    let (mut chosen, mut memory, mut rest) = (Vec::new(), false, arguments);
    let usage = || {
        let plans: String = PLANS.iter().map(|plan| format!("  {:<10} {}\n", plan.name, plan.about)).collect();
        format!("{USAGE}cargo xtask certify [--memory] [--plan NAME]… COMMAND [ARG…]\n\nthe plans:\n{plans}")
    };
    loop {
        rest = match rest {
            [flag, rest @ ..] if flag == "--memory" => {
                memory = true;
                rest
            }
            [flag, name, rest @ ..] if flag == "--plan" => {
                chosen.push(PLANS.iter().find(|plan| plan.name == name).ok_or_else(usage)?);
                rest
            }
            [command, ..] if !command.starts_with("--") => break,
            _ => return Err(usage()),
        };
    }
    let report = Report::of(rest, memory, &chosen)?;
    report.print();
    match report.failed().len() {
        0 => Ok(()),
        _ => Err(String::new()),
    }
}

/// Everything that was judged.
struct Report {
    verdicts: Vec<Verdict>,
    /// Plans that were not run to their end, each with the reason.
    unfinished: Vec<(&'static str, &'static str)>,
}

impl Report {
    /// Runs plans, or all of them, against a command in which `{store}` is an empty folder and `{programs}` the file of programs.
    fn of(command: &[String], memory: bool, chosen: &[&Entry]) -> Outcome<Self> {
        static RUNS: AtomicU32 = AtomicU32::new(0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?.as_secs();
        let stamp = format!("{now:x}-{:x}-{}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed));
        let folder = sh::target().join("certify").join(&stamp);
        let (store, programs) = (folder.join("store"), folder.join("programs.json"));
        std::fs::create_dir_all(&store).and_then(|()| std::fs::write(&programs, PROGRAMS)).map_err(|error| error.to_string())?;
        let named =
            |argument: &String| argument.replace("{store}", &store.to_string_lossy()).replace("{programs}", &programs.to_string_lossy());
        let report = Self::judge(&Tested { command: command.iter().map(named).collect(), memory, stamp }, chosen);
        std::fs::remove_dir_all(folder).map_err(|error| error.to_string())?;
        report
    }

    fn judge(tested: &Tested, chosen: &[&Entry]) -> Outcome<Self> {
        let mut report = Self { verdicts: Vec::new(), unfinished: Vec::new() };
        for entry in PLANS.iter().filter(|entry| chosen.is_empty() || chosen.iter().any(|chosen| chosen.name == entry.name)) {
            if entry.lasts && tested.memory {
                report.unfinished.push((entry.name, "it cuts the power, and the command keeps everything in memory"));
                continue;
            }
            let mut plan = Plan::start(entry.name, tested)?;
            if let Err(Silent) = (entry.run)(&mut plan) {
                report.unfinished.push((entry.name, "no answer came"));
            }
            report.verdicts.append(&mut plan.verdicts);
        }
        Ok(report)
    }

    /// The rules that a judgement failed.
    fn failed(&self) -> BTreeSet<&'static str> {
        self.verdicts.iter().filter(|verdict| verdict.failure.is_some()).flat_map(|verdict| verdict.rules).copied().collect()
    }

    fn print(&self) {
        let mut rules = BTreeMap::<(&str, u32), (usize, usize, BTreeSet<&str>)>::new();
        for verdict in &self.verdicts {
            for rule in verdict.rules {
                let (family, number) = rule.split_once('-').unwrap_or((rule, ""));
                let (passed, all, plans) = rules.entry((family, number.parse().unwrap_or(0))).or_default();
                *passed += usize::from(verdict.failure.is_none());
                *all += 1;
                plans.insert(verdict.plan);
            }
        }
        for ((family, number), (passed, all, plans)) in &rules {
            let word = if passed == all { "pass" } else { "FAIL" };
            let plans: Vec<&str> = plans.iter().copied().collect();
            say!("{word}  {:<6} {passed:>3} of {all:<3}  {}", format!("{family}-{number}"), plans.join(", "));
        }
        for Verdict { plan, rules, says, failure } in &self.verdicts {
            let Some(failure) = failure else { continue };
            say!("\nFAIL  {}  in the plan {plan}: {says}", rules.join(" "));
            let lines = |word: &str, values: &[Value]| values.iter().for_each(|value| say!("  {word:<9} {value}"));
            lines("sent", &failure.sent);
            lines("expected", std::slice::from_ref(&failure.expected));
            // States are not judged.
            let answered = failure.answered.iter().cloned().map(|mut answer| {
                drop(answer.as_object_mut().and_then(|answer| answer.remove("states")));
                answer
            });
            lines("answered", &answered.collect::<Vec<_>>());
        }
        for (plan, why) in &self.unfinished {
            say!("\nnot finished: the plan {plan}, because {why}");
        }
        let failures = self.verdicts.iter().filter(|verdict| verdict.failure.is_some()).count();
        say!("\n{} judgements of {} rules, {failures} failed", self.verdicts.len(), rules.len());
    }
}
