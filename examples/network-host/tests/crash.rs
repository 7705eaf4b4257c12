//! A host is killed at any moment: what it acknowledged is there, and what is sent again counts once.

mod common;

use std::time::Duration;

use common::{Process, adds_up, books, expected, facts, folder, inside, parts};

#[test]
fn killed_at_any_moment_it_keeps_what_it_acknowledged() {
    let parts = parts(150);
    let expected_books = expected("killed-expected", &parts);
    let expected_facts = facts(&inside_of("killed-expected"));
    for (round, first) in [3, 40, 119].into_iter().enumerate() {
        let folder = folder(&format!("killed-{round}"));
        for part in &parts {
            let mut acknowledged = 0;
            // Killed again and again, each time somewhere else: after an answer, or while nobody looks.
            for attempt in 0..4 {
                let kill_after = (first + 61 * attempt) % part.len();
                let mut answers = 0;
                Process::start(&folder, &[]).send(part, |place, answer| {
                    let wanted: &[&str] = if place < acknowledged { &["duplicate"] } else { &["applied", "duplicate"] };
                    assert!(wanted.contains(&answer["outcome"].as_str().unwrap()), "{round} {attempt} {place}: {answer}");
                    answers = place + 1;
                    place < kill_after
                });
                acknowledged = acknowledged.max(answers);
            }
            assert_eq!(Process::start(&folder, &[]).send(part, |_, _| true), part.len());
        }
        let host = inside(&folder);
        adds_up(&host);
        assert_eq!(books(&host), expected_books, "{round}");
        assert_eq!(facts(&host), expected_facts, "{round}");
    }
}

/// Killed by the clock, in the middle of a transaction or of a delivery.
#[test]
fn killed_by_the_clock() {
    let parts = parts(100);
    let folder = folder("clock-killed");
    let mut interrupted = 0;
    for part in &parts {
        for wait in [0, 7, 13, 29, 41, 60, 90] {
            let process = Process::start(&folder, &[]);
            process.kill_after(Duration::from_millis(wait));
            let answers = process.send(part, |_, answer| (assert!(answer.get("error").is_none(), "{answer}"), true).1);
            interrupted += usize::from(answers < part.len());
        }
        Process::start(&folder, &[]).send(part, |_, _| true);
    }
    assert!(interrupted > 2, "{interrupted} kills came in time");
    let host = inside(&folder);
    adds_up(&host);
    assert_eq!(books(&host), expected("clock-killed-expected", &parts));
}

fn inside_of(name: &str) -> network_host::Host {
    inside(&std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name))
}
