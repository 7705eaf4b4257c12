//! Two processes with one database: nothing is lost, and nothing counts twice.

mod common;

use common::{Process, adds_up, books, expected, folder, inside, parts};
use serde_json::json;

/// Both submit and deliver at once, and a third of the events comes to both.
#[test]
fn two_processes_end_where_one_does() {
    let parts = parts(240);
    let folder = folder("two");
    let mut applied = 0;
    for part in &parts {
        let third = part.len() / 3;
        let both = [&part[..2 * third], &part[third..]];
        let outcomes = std::thread::scope(|scope| {
            let processes = both.map(|events| {
                let process = Process::start(&folder, &[]);
                scope.spawn(move || {
                    let mut outcomes = Vec::new();
                    assert_eq!(process.send(events, |_, answer| (outcomes.push(answer), true).1), events.len());
                    outcomes
                })
            });
            processes.map(|process| process.join().unwrap()).concat()
        });
        let count = |outcome: &str| outcomes.iter().filter(|answer| answer["outcome"] == outcome).count();
        assert_eq!((count("applied"), count("duplicate")), (part.len(), third), "{outcomes:?}");
        applied += count("applied");
    }
    assert_eq!(applied, parts[0].len() + parts[1].len());
    let host = inside(&folder);
    adds_up(&host);
    assert_eq!(books(&host), expected("two-expected", &parts));
}

/// What one process leaves undone, another one delivers without being asked.
#[test]
fn another_process_delivers_what_was_left() {
    let folder = folder("left");
    let mut first = Process::start(&folder, &["--manual"]);
    let answer = first.ask(&json!({"event": common::sale("A", "s1", 480, Some("M1"))}));
    assert_eq!(answer["out"].as_array().unwrap().len(), 1);
    let mut second = Process::start(&folder, &[]);
    let start = std::time::Instant::now();
    while first.ask(&json!({"deliver": 0}))["left"] != 0 {
        assert!(start.elapsed().as_secs() < 10, "nobody delivers");
    }
    let state = second.ask(&json!({"state": "account/M1"}));
    assert_eq!(state["state"]["purchases"], 1);
    second.end();
    first.end();
}
