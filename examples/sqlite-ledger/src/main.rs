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
//! five thousand.

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
         create table if not exists account (name text primary key, state text not null) strict;",
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
    let text = |entry: &Value, field: &str| entry.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
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
    let mut folded = apply(state, &[entry])?;
    if folded.get("error").is_some() {
        return Ok(folded.to_string());
    }
    transaction.execute("insert into entry values (?1, ?2, ?3)", params![id, account, line])?;
    if folded.get("not_after").and_then(Value::as_array).is_some_and(|late| !late.is_empty()) {
        // It came late: the account is folded anew from all its entries.
        folded = apply(None, &entries(&transaction, &account)?)?;
    }
    let state = folded.get("state").ok_or("the fold answers no state")?.to_string();
    transaction.execute("insert or replace into account values (?1, ?2)", params![account, state])?;
    transaction.commit()?;
    Ok(format!("stored {id}"))
}

fn entries(transaction: &Transaction<'_>, account: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    let mut select = transaction.prepare("select content from entry where account = ?1")?;
    let contents = select.query_map([account], |row| row.get::<_, String>(0))?;
    contents.map(|content| Ok(serde_json::from_str(&content?)?)).collect()
}

/// `ledger.apply`. The instant does not matter to the state.
fn apply(state: Option<Value>, entries: &[Value]) -> Result<Value, Box<dyn Error>> {
    let request = json!({"state": state, "entries": entries, "as_of": "2000-01-01T00:00:00+00:00"});
    Ok(serde_json::from_slice(&api::call("ledger.apply", request.to_string().as_bytes()))?)
}

/// The account as it stands at an instant.
fn show(ledger: &Connection, account: &str, as_of: &str) -> Result<Value, Box<dyn Error>> {
    let state: Option<String> = ledger.query_row("select state from account where name = ?1", [account], |row| row.get(0)).optional()?;
    let state: Option<Value> = state.map(|state| serde_json::from_str(&state)).transpose()?;
    let request = json!({"state": state, "entries": [], "as_of": as_of});
    Ok(serde_json::from_slice(&api::call("ledger.apply", request.to_string().as_bytes()))?)
}
