//! Kills the ledger in the middle of its work: nothing that it acknowledged is lost, nothing counts twice.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const ENTRIES: usize = 120;
const AS_OF: &str = "2025-06-01T00:00:00+07:00";

/// A day of one account: earnings and redemptions, every seventh too large, times that go back now and then.
fn entries() -> Vec<Value> {
    let entry = |number: usize| {
        let minute = if number % 11 == 10 { number - 7 } else { number };
        let time = format!("2025-03-01T{:02}:{:02}:{:02}+07:00", 8 + minute / 60, minute % 60, number % 60);
        let (kind, points) = match number % 7 {
            6 => ("redeem", 9_000_000),
            2 | 4 => ("redeem", 700 + number),
            _ => ("earn", 1_000 + 13 * number),
        };
        json!({"id": format!("e{number:04}"), "account": "M1", "shop": "T01", "time": time, "kind": kind, "points_milli": points})
    };
    (0..ENTRIES).map(entry).collect()
}

fn fresh(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder.join("ledger.sqlite")
}

fn ledger(file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sqlite-ledger"));
    command.arg(file);
    command
}

/// Sends entries and returns what was acknowledged before the ledger was killed, after so many answers.
fn send(file: &Path, entries: &[Value], kill_after: Option<usize>) -> Vec<String> {
    let mut child = ledger(file).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines: Vec<String> = entries.iter().map(|entry| format!("{entry}\n")).collect();
    // A ledger that was killed reads no more.
    let writer = std::thread::spawn(move || lines.iter().try_for_each(|line| input.write_all(line.as_bytes())));
    let mut answers = Vec::new();
    for answer in BufReader::new(child.stdout.take().unwrap()).lines() {
        answers.push(answer.unwrap());
        if kill_after == Some(answers.len()) {
            child.kill().unwrap(); // SIGKILL
        }
    }
    let _ = writer.join().unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.success(), kill_after.is_none());
    answers
}

fn show(file: &Path) -> Value {
    let output = ledger(file).args(["M1", AS_OF]).output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What one fold of all entries says, without a database.
fn folded(entries: &[Value]) -> Value {
    let request = json!({"entries": entries, "as_of": AS_OF}).to_string();
    serde_json::from_slice(&loyalty_rules::api::call("ledger.apply", request.as_bytes())).unwrap()
}

#[test]
fn killed_at_any_moment_it_keeps_what_it_acknowledged() {
    let all = entries();
    for kill_after in [1, 2, 11, 50, 119] {
        let file = fresh(&format!("killed-{kill_after}"));
        let acknowledged = send(&file, &all, Some(kill_after));
        assert!(acknowledged.len() >= kill_after && acknowledged.iter().all(|answer| answer.starts_with("stored ")));
        // Sent again, all that was acknowledged is known and nothing else changes.
        let again = send(&file, &all, None);
        assert_eq!(again.len(), all.len());
        assert!(again.iter().take(acknowledged.len()).all(|answer| answer.starts_with("repeated ")), "{kill_after}");
        let expected = folded(&all);
        let kept = show(&file);
        for field in ["balance_milli", "debt_milli", "lots", "version", "state"] {
            assert_eq!(kept[field], expected[field], "{field} after {kill_after}");
        }
    }
}

#[test]
fn other_content_under_a_known_id_changes_nothing() {
    let file = fresh("conflict");
    let all = entries();
    send(&file, &all, None);
    let before = show(&file);
    let mut other = all[3].clone();
    other["points_milli"] = json!(1);
    assert_eq!(send(&file, &[other], None), ["conflict e0003"]);
    let mut refused = all[3].clone();
    refused["kind"] = json!("gift");
    refused["id"] = json!("new");
    assert!(send(&file, &[refused], None)[0].starts_with("{\"error\":\"bad_config\""));
    assert_eq!(show(&file), before);
}

#[test]
fn the_expected_fold_holds_something() {
    let expected = folded(&entries());
    assert!(expected["balance_milli"].as_i64().unwrap() > 0 && !expected["refused"].as_array().unwrap().is_empty());
}

/// A transfer arrives in every order, and a late redemption takes back what the sender had sent.
#[test]
fn no_order_of_arrival_makes_points() {
    let entry = |id: &str, account: &str, hour: usize, kind: &str, more: Value| {
        let mut entry =
            json!({"id": id, "account": account, "shop": "T01", "time": format!("2025-03-01T{hour:02}:00:00+07:00"), "kind": kind});
        for (field, value) in more.as_object().unwrap() {
            entry[field] = value.clone();
        }
        entry
    };
    let all = [
        entry("e", "M2", 8, "earn", json!({"points_milli": 10})),
        entry("t:out:1", "M2", 10, "send", json!({"of": "e", "to": "M1", "points_milli": 10})),
        entry("t:in:1", "M1", 10, "receive", json!({"of": "t:out:1", "points_milli": 10})),
        entry("u:out:1", "M1", 11, "send", json!({"of": "t:in:1", "to": "M3", "points_milli": 10})),
        entry("u:in:1", "M3", 11, "receive", json!({"of": "u:out:1", "points_milli": 10})),
    ];
    let late = entry("r", "M2", 9, "redeem", json!({"points_milli": 10}));
    let balance = |file: &Path, account: &str| {
        let output = ledger(file).args([account, AS_OF]).output().unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["balance_milli"].as_i64().unwrap()
    };
    for (number, order) in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3], [3, 1, 4, 0, 2]].iter().enumerate() {
        let file = fresh(&format!("transfer-{number}"));
        let entries: Vec<Value> = order.iter().map(|index| all[*index].clone()).collect();
        send(&file, &entries, None);
        assert_eq!(["M1", "M2", "M3"].map(|account| balance(&file, account)), [0, 0, 10], "{order:?}");
        send(&file, std::slice::from_ref(&late), None);
        assert_eq!(["M1", "M2", "M3"].map(|account| balance(&file, account)), [0, 0, 0], "{order:?}");
    }
}
