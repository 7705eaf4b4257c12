//! The five tables, and the transaction around each change.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OptionalExtension, Result, params};

/// A waiting event or a message that is under way.
pub struct Task {
    pub table: Table,
    pub n: i64,
    /// The time at which an event that waited is judged.
    pub at: Option<String>,
    pub event: String,
    pub attempts: u32,
}

/// Where a task stands.
#[derive(Clone, Copy, PartialEq)]
pub enum Table {
    Again,
    Outbox,
}

impl Table {
    const fn name(self) -> &'static str {
        match self {
            Self::Again => "again",
            Self::Outbox => "outbox",
        }
    }
}

/// A task that the library refused too often.
pub struct Parked {
    pub n: i64,
    pub event: String,
    pub why: String,
}

/// A database file. Several processes may have it open.
pub struct Store {
    db: Connection,
}

const TABLES: &str = "
    create table if not exists state (key text primary key, value blob not null) strict, without rowid;
    create table if not exists fact (n integer primary key, source text not null, id text not null, value blob not null) strict;
    create table if not exists outbox
        (n integer primary key, value blob not null, attempts integer not null default 0, done integer not null default 0) strict;
    create index if not exists under_way on outbox (attempts, n) where done = 0;
    create table if not exists again
        (n integer primary key, at text not null, value blob not null, attempts integer not null default 0) strict;
    create table if not exists parked
        (n integer primary key, origin text not null, at text, value blob not null, why text not null) strict;
";

/// How long a process waits for another one's transaction.
const PATIENCE: Duration = Duration::from_secs(30);

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Tries again while another process holds the file. A short pause, because transactions are short.
fn patiently<T>(mut act: impl FnMut() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    loop {
        match act() {
            Err(error) if is_busy(&error) && start.elapsed() < PATIENCE => sleep(Duration::from_micros(500)),
            done => return done,
        }
    }
}

impl Store {
    /// Opens a file, or makes it.
    pub fn open(file: &Path) -> Result<Self> {
        let db = Connection::open(file)?;
        patiently(|| db.pragma_update(None, "journal_mode", "wal"))?;
        // A commit returns when it is on the disk.
        db.pragma_update(None, "synchronous", "full")?;
        db.set_prepared_statement_cache_capacity(64);
        patiently(|| db.execute_batch(&format!("begin immediate; {TABLES} commit")).inspect_err(|_| roll_back(&db)))?;
        Ok(Self { db })
    }

    /// The file grows to at most so many pages; what does not fit is refused as on a full disk.
    pub fn limit_pages(&self, pages: u32) -> Result<()> {
        // The pragma answers with a row.
        self.db.query_row(&format!("pragma max_page_count = {pages}"), [], |_| Ok(()))
    }

    /// How many pages the file has.
    pub fn pages(&self) -> Result<i64> {
        self.db.query_row("pragma page_count", [], |row| row.get(0))
    }

    /// Does all of an act or none of it. When it returns, its changes are on the disk.
    pub fn transaction<T, E: From<rusqlite::Error>>(&self, act: impl FnOnce() -> std::result::Result<T, E>) -> std::result::Result<T, E> {
        patiently(|| self.db.execute_batch("begin immediate"))?;
        let done = act().and_then(|value| self.db.execute_batch("commit").map(|()| value).map_err(E::from));
        if done.is_err() {
            roll_back(&self.db);
        }
        done
    }

    pub fn state(&self, key: &str) -> Result<Option<String>> {
        let mut select = self.db.prepare_cached("select value from state where key = ?1")?;
        select.query_row([key], |row| text(row, 0)).optional()
    }

    pub fn put_state(&self, key: &str, value: Option<&str>) -> Result<()> {
        match value {
            Some(value) => self.change("insert or replace into state values (?1, ?2)", params![key, value.as_bytes()]),
            None => self.change("delete from state where key = ?1", [key]),
        }
    }

    /// The states whose keys start with one of these kinds, such as `shop`.
    pub fn states_of(&self, kinds: &[&str]) -> Result<Vec<(String, Option<String>)>> {
        let mut select = self.db.prepare_cached("select key, value from state where key >= ?1 || '/' and key < ?1 || '0' order by key")?;
        let mut states = Vec::new();
        for kind in kinds {
            let rows = select.query_map([kind], |row| Ok((row.get(0)?, Some(text(row, 1)?))))?;
            states.extend(rows.collect::<Result<Vec<_>>>()?);
        }
        Ok(states)
    }

    pub fn put_fact(&self, source: &str, id: &str, fact: &str) -> Result<()> {
        self.change("insert into fact (source, id, value) values (?1, ?2, ?3)", params![source, id, fact.as_bytes()])
    }

    pub fn facts(&self) -> Result<Vec<String>> {
        self.list("select value from fact order by n")
    }

    pub fn put_message(&self, message: &str) -> Result<()> {
        self.change("insert into outbox (value) values (?1)", [message.as_bytes()])
    }

    pub fn put_again(&self, at: &str, event: &str) -> Result<()> {
        self.change("insert into again (at, value) values (?1, ?2)", params![at, event.as_bytes()])
    }

    /// What is to be done next: events that waited, then messages; what was refused before comes last.
    pub fn next_task(&self) -> Result<Option<Task>> {
        let of = |table: Table, query: &str| {
            self.db
                .prepare_cached(query)?
                .query_row([], |row| Ok(Task { table, n: row.get(0)?, at: row.get(1)?, event: text(row, 2)?, attempts: row.get(3)? }))
                .optional()
        };
        let again = of(Table::Again, "select n, at, value, attempts from again where attempts = 0 order by n limit 1")?;
        if again.is_some() {
            return Ok(again);
        }
        let message = of(Table::Outbox, "select n, null, value, attempts from outbox where done = 0 order by attempts, n limit 1")?;
        if message.as_ref().is_some_and(|task| task.attempts == 0) {
            return Ok(message);
        }
        Ok(of(Table::Again, "select n, at, value, attempts from again order by attempts, n limit 1")?.or(message))
    }

    /// The task is done.
    pub fn finish(&self, task: &Task) -> Result<()> {
        match task.table {
            Table::Again => self.change("delete from again where n = ?1", [task.n]),
            Table::Outbox => self.change("update outbox set done = 1 where n = ?1", [task.n]),
        }
    }

    /// The task was refused, and may be tried again.
    pub fn postpone(&self, task: &Task) -> Result<()> {
        match task.table {
            Table::Again => self.change("update again set attempts = attempts + 1 where n = ?1", [task.n]),
            Table::Outbox => self.change("update outbox set attempts = attempts + 1 where n = ?1", [task.n]),
        }
    }

    /// The task was refused too often: it stands aside until someone looks at it.
    pub fn park(&self, task: &Task, why: &str) -> Result<()> {
        let Task { table, n, at, event, .. } = task;
        let row = params![table.name(), at, event.as_bytes(), why];
        self.change("insert into parked (origin, at, value, why) values (?1, ?2, ?3, ?4)", row)?;
        match table {
            Table::Again => self.change("delete from again where n = ?1", [n]),
            Table::Outbox => self.change("delete from outbox where n = ?1", [n]),
        }
    }

    pub fn parked(&self) -> Result<Vec<Parked>> {
        let mut select = self.db.prepare_cached("select n, value, why from parked order by n")?;
        let rows = select.query_map([], |row| Ok(Parked { n: row.get(0)?, event: text(row, 1)?, why: row.get(2)? }))?;
        rows.collect()
    }

    /// A parked task goes back to where it was; false if there is none of this number.
    pub fn unpark(&self, n: i64) -> Result<bool> {
        let (again, outbox) = (Table::Again.name(), Table::Outbox.name());
        self.change("insert into again (at, value) select at, value from parked where n = ?1 and origin = ?2", params![n, again])?;
        self.change("insert into outbox (value) select value from parked where n = ?1 and origin = ?2", params![n, outbox])?;
        Ok(self.db.prepare_cached("delete from parked where n = ?1")?.execute([n])? > 0)
    }

    /// The messages that were not applied, those that are parked too.
    pub fn messages(&self) -> Result<Vec<String>> {
        let mut messages = self.list("select value from outbox where done = 0 order by n")?;
        messages.extend(self.list("select value from parked where origin = 'outbox' order by n")?);
        Ok(messages)
    }

    /// How many tasks are left, without those that are parked.
    pub fn tasks(&self) -> Result<i64> {
        let query = "select (select count(*) from outbox where done = 0) + (select count(*) from again)";
        self.db.prepare_cached(query)?.query_row([], |row| row.get(0))
    }

    fn list(&self, query: &str) -> Result<Vec<String>> {
        let mut select = self.db.prepare_cached(query)?;
        let rows = select.query_map([], |row| text(row, 0))?;
        rows.collect()
    }

    fn change(&self, statement: &str, row: impl rusqlite::Params) -> Result<()> {
        self.db.prepare_cached(statement)?.execute(row).map(drop)
    }
}

/// After some errors SQLite has rolled back itself.
fn roll_back(db: &Connection) {
    if !db.is_autocommit() {
        let _ = db.execute_batch("rollback");
    }
}

/// A blob of UTF-8.
fn text(row: &rusqlite::Row<'_>, column: usize) -> Result<String> {
    let bytes: Vec<u8> = row.get(column)?;
    String::from_utf8(bytes)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Blob, Box::new(error)))
}
