//! The line protocol: one JSON request a line in, one JSON answer a line out.
//!
//! Lines that are ready together are answered after one commit, because a commit waits for the disk and an event does not.

use std::io::{BufRead, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::host::{Deal, Delivered, Failure, Host, refusal};

/// A request. The word `true` stands where there is nothing to say.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Request<'a> {
    /// Applies an event.
    #[serde(borrow)]
    Event(&'a RawValue),
    /// Applies at most so many messages and waiting events.
    Deliver(u64),
    /// What became of an event.
    #[serde(borrow)]
    Status(&'a RawValue),
    /// Whether the books add up.
    Check(Yes),
    /// What is under way, waits or stands open.
    Diagnose(Yes),
    /// What a till carries into a sale.
    View(View),
    /// What is due at an instant.
    Due(String),
    /// One state.
    State(String),
    /// The messages that were not applied.
    Messages(Yes),
    /// The messages that the library refused.
    Parked(Yes),
    /// A parked message goes back to the others.
    Retry(i64),
}

/// The word `true`.
#[derive(Deserialize)]
#[serde(try_from = "bool")]
struct Yes;

impl TryFrom<bool> for Yes {
    type Error = &'static str;

    fn try_from(word: bool) -> Result<Self, Self::Error> {
        if word { Ok(Self) } else { Err("only true can be asked") }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct View {
    keys: Vec<String>,
    now: String,
}

/// More than the library takes, so that its own error is given for what is a little too large.
const LONGEST: usize = 2 << 20;
/// Lines of one transaction.
const BATCH: usize = 512;
/// Messages of one transaction.
const DELIVERIES: u64 = 512;
/// How often an idle host looks for messages that another process has left.
const POLL: Duration = Duration::from_millis(100);

/// Answers the lines of an input until it ends. With `delivers`, messages are delivered between the lines, and the last of
/// them before it returns.
///
/// # Errors
/// What the output refuses, and the disk if messages are left at the end.
pub fn serve(host: &Host, input: impl BufRead + Send + 'static, mut output: impl Write, delivers: bool) -> Result<(), String> {
    let (sender, lines) = sync_channel(2 * BATCH);
    thread::spawn(move || read(input, |line| sender.send(line).is_ok()));
    let mut is_busy = false;
    loop {
        let (batch, has_ended) = ready(&lines, if is_busy { Duration::ZERO } else { POLL });
        if !batch.is_empty() {
            let answers = answers(host, &batch).join("\n") + "\n";
            match output.write_all(answers.as_bytes()).and_then(|()| output.flush()) {
                // The reader has gone away.
                Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
                written => written.map_err(|error| error.to_string())?,
            }
        }
        let delivered = if delivers { deliver(host) } else { Ok(false) };
        match delivered {
            Ok(more) => is_busy = more,
            // The messages stand where they stood; they are tried again after a pause.
            Err(failure) if !has_ended => {
                eprintln!("{}", told(failure));
                is_busy = false;
            }
            Err(failure) => return Err(told(failure)),
        }
        if has_ended && !is_busy {
            return Ok(());
        }
    }
}

/// The lines that are ready, after a wait for the first; and whether no more can come.
fn ready(lines: &Receiver<Option<Vec<u8>>>, wait: Duration) -> (Vec<Option<Vec<u8>>>, bool) {
    let first = lines.recv_timeout(wait);
    let has_ended = first == Err(RecvTimeoutError::Disconnected);
    let first: Vec<_> = first.into_iter().collect();
    let more = if first.is_empty() { 0 } else { BATCH - 1 };
    (first.into_iter().chain(lines.try_iter().take(more)).collect(), has_ended)
}

/// Passes on each line, `None` for one that is too long.
fn read(mut input: impl BufRead, mut pass: impl FnMut(Option<Vec<u8>>) -> bool) {
    let most = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    loop {
        let mut line = Vec::new();
        if !matches!(input.by_ref().take(most).read_until(b'\n', &mut line), Ok(1..)) {
            return;
        }
        let is_whole = line.ends_with(b"\n") || line.len() < LONGEST;
        if !is_whole && input.skip_until(b'\n').is_err() {
            return;
        }
        if !pass(is_whole.then_some(line)) {
            return;
        }
    }
}

/// Answers lines after one commit. If the database refuses it, each line gets a transaction of its own, so that a line which
/// has room is not refused for the sake of another.
fn answers(host: &Host, lines: &[Option<Vec<u8>>]) -> Vec<String> {
    let together = host.store.transaction(|| lines.iter().map(|line| answer(host, line.as_deref())).collect::<Deal<Vec<_>>>());
    together.unwrap_or_else(|failure| match lines {
        [_] => vec![told(failure)],
        _ => lines.iter().map(|line| host.store.transaction(|| answer(host, line.as_deref())).unwrap_or_else(told)).collect(),
    })
}

/// The answer to one line; it fails only for the database's sake.
fn answer(host: &Host, line: Option<&[u8]>) -> Deal<String> {
    let Some(line) = line else {
        return Ok(refusal("bad_line", "the line is longer than 2 MiB", "baris lebih panjang dari 2 MiB"));
    };
    let request = match serde_json::from_slice(line.trim_ascii()) {
        Ok(request) => request,
        Err(error) => return Ok(refusal("bad_line", &error.to_string(), "baris ini bukan permintaan yang dikenal")),
    };
    match run(host, &request) {
        Err(Failure::Refused(refused)) => Ok(refused),
        done => done,
    }
}

fn run(host: &Host, request: &Request<'_>) -> Deal<String> {
    Ok(match request {
        Request::Event(event) => host.apply(event.get(), None)?,
        Request::Deliver(most) => {
            let Delivered { applied, refused } = host.deliver(*most)?;
            format!("{{\"applied\":{applied},\"refused\":{refused},\"left\":{}}}", host.store.tasks()?)
        }
        Request::Status(event) => host.status(event.get())?,
        Request::Check(_) => host.look("network.check")?,
        Request::Diagnose(_) => host.look("network.diagnose")?,
        Request::View(View { keys, now }) => host.view(keys, now)?,
        Request::Due(now) => host.due(now)?,
        Request::State(key) => format!("{{\"state\":{}}}", host.store.state(key)?.as_deref().unwrap_or("null")),
        Request::Messages(_) => format!("{{\"messages\":[{}]}}", host.store.messages()?.join(",")),
        Request::Parked(_) => {
            let parked = host.store.parked()?;
            let parked = parked.iter().map(|task| format!("{{\"n\":{},\"event\":{},\"why\":{}}}", task.n, task.event, task.why));
            format!("{{\"parked\":[{}]}}", parked.collect::<Vec<_>>().join(","))
        }
        Request::Retry(n) if host.store.unpark(*n)? => format!("{{\"retried\":{n}}}"),
        Request::Retry(n) => refusal("not_parked", &format!("no message {n} is parked"), &format!("tidak ada pesan {n} yang diparkir")),
    })
}

/// One transaction of deliveries. True if there may be more.
fn deliver(host: &Host) -> Deal<bool> {
    // An idle host takes no lock.
    if host.store.next_task()?.is_none() {
        return Ok(false);
    }
    host.store.transaction(|| host.deliver(DELIVERIES)).map(|done| done != Delivered::default())
}

/// A failure as an error object.
fn told(failure: Failure) -> String {
    match failure {
        Failure::Refused(refused) => refused,
        Failure::Storage(error) => {
            let english = format!("nothing was stored, send it again later: {error}");
            refusal("storage", &english, "tidak ada yang disimpan, kirim lagi nanti")
        }
    }
}
