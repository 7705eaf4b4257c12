//! A points ledger for a host that has none: entries in SQLite, the fold of `loyalty-rules` as the only logic.
//!
//! ```text
//! sqlite-ledger <file>                        entries from standard input, one JSON object a line (ledger.fold's entries)
//! sqlite-ledger <file> <account> <as of>      the account as `ledger.fold` answers it
//! ```
//!
//! Each line is answered by one line, after SQLite has put the entry on the disk: `stored <id>`, `repeated <id>`,
//! `conflict <id>`, or the error object of what was refused. What was answered survives a crash at any moment; what was
//! not answered may be sent again.
//!
//! An entry that comes late makes its account be folded anew, from as many entries as a request of 1 MiB holds: about
//! five thousand. The receiving half of a transfer counts once the sender's half does. When a sender's account changes what
//! it has sent, the receivers are folded anew too, so that no order of arrival makes points.

use std::error::Error;
use std::io::{BufRead, Write};

use loyalty_rules::api;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [file] => keep(&mut open(file)?),
        [file, account, as_of] => {
            println!("{}", show(&open(file)?, account, as_of)?);
            Ok(())
        }
        _ => Err("usage: sqlite-ledger <file> [<account> <as of>]".into()),
    }
}

fn open(file: &str) -> rusqlite::Result<Connection> {
    let ledger = Connection::open(file)?;
    // A commit returns when the entry is on the disk.
    ledger.pragma_update(None, "journal_mode", "wal")?;
    ledger.pragma_update(None, "synchronous", "full")?;
    ledger.execute_batch(
        "create table if not exists entry (id text primary key, account text not null, content text not null) strict;
         create index if not exists entry_by_account on entry (account);
         create table if not exists account (name text primary key, state text not null) strict;
         create table if not exists sent (id text primary key, sender text not null, receiver text not null, content text not null) strict;
         create index if not exists sent_by_receiver on sent (receiver);",
    )?;
    Ok(ledger)
}

/// Keeps the entries of standard input.
fn keep(ledger: &mut Connection) -> Result<(), Box<dyn Error>> {
    for line in std::io::stdin().lock().lines() {
        let answer = store(ledger, &line?)?;
        let mut output = std::io::stdout().lock();
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

/// Stores one entry and the account's new state in one transaction.
fn store(ledger: &mut Connection, line: &str) -> Result<String, Box<dyn Error>> {
    let entry: Value = serde_json::from_str(line).unwrap_or_default();
    let (id, account) = (text(&entry, "id"), text(&entry, "account"));
    let transaction = ledger.transaction()?;
    let stored: Option<String> = transaction.query_row("select content from entry where id = ?1", [&id], |row| row.get(0)).optional()?;
    if let Some(stored) = stored {
        let is_same = serde_json::from_str::<Value>(&stored)? == entry;
        return Ok(format!("{} {id}", if is_same { "repeated" } else { "conflict" }));
    }
    let state: Option<String> =
        transaction.query_row("select state from account where name = ?1", [&account], |row| row.get(0)).optional()?;
    let state = state.map(|state| serde_json::from_str(&state)).transpose()?;
    let folded = apply(state, &[entry], &sent_to(&transaction, &account)?)?;
    if folded.get("error").is_some() {
        return Ok(folded.to_string());
    }
    transaction.execute("insert into entry values (?1, ?2, ?3)", params![id, account, line])?;
    if list(&folded, "not_after").is_empty() {
        keep_state(&transaction, &account, &folded)?;
        for half in list(&folded, "sent") {
            keep_sent(&transaction, &account, half)?;
            fold_anew(&transaction, text(half, "to"))?;
        }
    } else {
        fold_anew(&transaction, account)?;
    }
    transaction.commit()?;
    Ok(format!("stored {id}"))
}

/// Folds an account from all its entries, and then those to which it sends something else than before.
fn fold_anew(transaction: &Transaction<'_>, account: String) -> Result<(), Box<dyn Error>> {
    let mut waiting = vec![account];
    while let Some(account) = waiting.pop() {
        let entries = entries(transaction, &account)?;
        if entries.is_empty() {
            continue;
        }
        let folded = apply(None, &entries, &sent_to(transaction, &account)?)?;
        keep_state(transaction, &account, &folded)?;
        let mut select = transaction.prepare("select receiver, content from sent where sender = ?1 order by id")?;
        let before: Vec<(String, String)> =
            select.query_map([&account], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        let mut after: Vec<(String, String)> = list(&folded, "sent").iter().map(|half| (text(half, "to"), half.to_string())).collect();
        after.sort_by_key(|(_, half)| serde_json::from_str::<Value>(half).map(|half| text(&half, "id")).unwrap_or_default());
        let changed = before.iter().filter(|half| !after.contains(half)).chain(after.iter().filter(|half| !before.contains(half)));
        waiting.extend(changed.map(|(receiver, _)| receiver.clone()));
        transaction.execute("delete from sent where sender = ?1", [&account])?;
        for half in list(&folded, "sent") {
            keep_sent(transaction, &account, half)?;
        }
    }
    Ok(())
}

fn keep_state(transaction: &Transaction<'_>, account: &str, folded: &Value) -> Result<(), Box<dyn Error>> {
    let state = folded.get("state").ok_or("the fold answers no state")?.to_string();
    transaction.execute("insert or replace into account values (?1, ?2)", params![account, state])?;
    Ok(())
}

fn keep_sent(transaction: &Transaction<'_>, sender: &str, half: &Value) -> Result<(), Box<dyn Error>> {
    let row = params![text(half, "id"), sender, text(half, "to"), half.to_string()];
    transaction.execute("insert or replace into sent values (?1, ?2, ?3, ?4)", row)?;
    Ok(())
}

/// What other accounts have sent to this one, and counted.
fn sent_to(transaction: &Transaction<'_>, account: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    let mut select = transaction.prepare("select content from sent where receiver = ?1 order by id")?;
    let contents = select.query_map([account], |row| row.get::<_, String>(0))?;
    contents.map(|content| Ok(serde_json::from_str(&content?)?)).collect()
}

fn text(object: &Value, field: &str) -> String {
    object.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list<'a>(object: &'a Value, field: &str) -> &'a [Value] {
    object.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn entries(transaction: &Transaction<'_>, account: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    let mut select = transaction.prepare("select content from entry where account = ?1")?;
    let contents = select.query_map([account], |row| row.get::<_, String>(0))?;
    contents.map(|content| Ok(serde_json::from_str(&content?)?)).collect()
}

/// `ledger.apply`. The instant does not matter to the state.
fn apply(state: Option<Value>, entries: &[Value], sent: &[Value]) -> Result<Value, Box<dyn Error>> {
    let request = json!({"state": state, "entries": entries, "sent": sent, "as_of": "2000-01-01T00:00:00+00:00"});
    Ok(serde_json::from_slice(&api::call("ledger.apply", request.to_string().as_bytes()))?)
}

/// The account as it stands at an instant.
fn show(ledger: &Connection, account: &str, as_of: &str) -> Result<Value, Box<dyn Error>> {
    let state: Option<String> = ledger.query_row("select state from account where name = ?1", [account], |row| row.get(0)).optional()?;
    let state: Option<Value> = state.map(|state| serde_json::from_str(&state)).transpose()?;
    let request = json!({"state": state, "entries": [], "as_of": as_of});
    Ok(serde_json::from_slice(&api::call("ledger.apply", request.to_string().as_bytes()))?)
}
