//! One request: an event, a delivery, or a question.

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use crate::library::{Applied, Envelope, Keys, Refused, call, quoted, states};
use crate::store::{Store, Task};

/// Why a request has no answer.
#[derive(Debug)]
pub enum Failure {
    /// The library's error object: the event is malformed and its id is still free.
    Refused(Refused),
    /// The database: the disk is full, for one. Nothing was stored, and the same request may be sent again.
    Storage(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Storage(error)
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

pub type Deal<T> = Result<T, Failure>;

/// What a delivery did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Delivered {
    /// How many messages and waiting events were applied.
    pub applied: u64,
    /// How often the library refused one.
    pub refused: u64,
}

/// A store, and what the library is asked with.
pub struct Host {
    pub store: Store,
    /// The program documents, a JSON list.
    pub programs: String,
    /// The settings, a JSON object.
    pub settings: String,
    /// After how many refusals a message is parked.
    pub attempts: u32,
}

/// The kinds of states that `network.check` and `network.diagnose` look at.
const BOOKS: [&str; 4] = ["account", "sale", "shop", "voucher"];

/// The kinds of states in which something can be due.
const CLOCKED: [&str; 4] = ["account", "due", "red", "voucher"];

/// `network.due` judges each state alone, so what does not fit into one request of 1 MiB is asked in pieces.
const PIECE: usize = 512 * 1024;

impl Host {
    /// A host without programs and with the default settings.
    pub fn new(store: Store) -> Self {
        Self { store, programs: "[]".into(), settings: "{}".into(), attempts: 5 }
    }

    /// Applies an event within a transaction, and returns the library's answer.
    pub fn apply(&self, event: &str, at: Option<&str>) -> Deal<String> {
        let keys = self.keys(event)?;
        let mut loaded = Vec::with_capacity(keys.write.len() + keys.read.len());
        for key in keys.write.into_iter().chain(keys.read) {
            let state = self.store.state(&key)?;
            loaded.push((key, state));
        }
        let answer = call("network.apply", &self.request(event, at, &loaded))?;
        self.keep(event, &parsed(&answer)?)?;
        Ok(answer)
    }

    fn request(&self, event: &str, at: Option<&str>, loaded: &[(String, Option<String>)]) -> String {
        let at = at.map(|at| format!(",\"at\":{}", quoted(at))).unwrap_or_default();
        let (states, programs, settings) = (states(loaded), &self.programs, &self.settings);
        format!("{{\"event\":{event},\"states\":{states},\"programs\":{programs},\"settings\":{settings}{at}}}")
    }

    fn keep(&self, event: &str, applied: &Applied<'_>) -> Deal<()> {
        // Of a repetition everything is stored already.
        if !matches!(applied.outcome, "applied" | "waiting") {
            return Ok(());
        }
        let Envelope { source, id } = parsed(event)?;
        for (key, state) in &applied.states {
            self.store.put_state(key, state.map(RawValue::get))?;
        }
        for fact in &applied.facts {
            self.store.put_fact(&source, &id, fact.get())?;
        }
        for message in &applied.out {
            self.store.put_message(message.get())?;
        }
        for next in &applied.again {
            self.store.put_again(&next.at, next.event.get())?;
        }
        Ok(())
    }

    /// Applies at most so many messages and waiting events, within a transaction. A message and the mark that it was
    /// applied are stored together, so none is applied twice.
    pub fn deliver(&self, most: u64) -> Deal<Delivered> {
        let mut done = Delivered::default();
        while done.applied + done.refused < most {
            let Some(task) = self.store.next_task()? else { break };
            match self.apply(&task.event, task.at.as_deref()) {
                Ok(_) => {
                    self.store.finish(&task)?;
                    done.applied += 1;
                }
                Err(Failure::Refused(why)) => {
                    self.refused(&task, &why)?;
                    done.refused += 1;
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(done)
    }

    /// The library proves the programs at each call. An event that is not stored shows at the start whether it accepts them.
    pub fn probe(&self) -> Deal<()> {
        let event = "{\"specversion\":\"1.0\",\"type\":\"loyalty.topup\",\"source\":\"probe\",\"id\":\"probe\",\
            \"time\":\"9999-01-01T00:00:00+00:00\",\"subject\":\"shop/probe\",\"data\":{\"amount\":0}}";
        let keys = self.keys(event)?;
        let absent: Vec<_> = keys.write.into_iter().chain(keys.read).map(|key| (key, None)).collect();
        call("network.apply", &self.request(event, None, &absent))?;
        Ok(())
    }

    fn refused(&self, task: &Task, why: &str) -> Deal<()> {
        if task.attempts + 1 < self.attempts { Ok(self.store.postpone(task)?) } else { Ok(self.store.park(task, why)?) }
    }

    /// Applies one event in a transaction of its own.
    pub fn submit(&self, event: &str) -> Deal<String> {
        self.store.transaction(|| self.apply(event, None))
    }

    /// Delivers until nothing is under way.
    pub fn drain(&self) -> Deal<Delivered> {
        let mut all = Delivered::default();
        loop {
            let done = self.store.transaction(|| self.deliver(256))?;
            if done == Delivered::default() {
                return Ok(all);
            }
            all.applied += done.applied;
            all.refused += done.refused;
        }
    }

    /// What became of an event, asked later.
    pub fn status(&self, event: &str) -> Deal<String> {
        let keys = self.keys(event)?;
        let key = keys.write.iter().find(|key| key.starts_with("seen/"));
        let seen = key.map(|key| self.store.state(key)).transpose()?.flatten();
        let seen = seen.map(|seen| format!(",\"seen\":{seen}")).unwrap_or_default();
        Ok(call("network.status", &format!("{{\"event\":{event}{seen}}}"))?)
    }

    /// `network.check` or `network.diagnose` of all that is stored and under way.
    pub fn look(&self, operation: &str) -> Deal<String> {
        let (states, out) = (states(&self.store.states_of(&BOOKS)?), self.store.messages()?.join(","));
        Ok(call(operation, &format!("{{\"states\":{states},\"out\":[{out}]}}"))?)
    }

    /// What a till carries into a sale, of the states of these keys.
    pub fn view(&self, keys: &[String], now: &str) -> Deal<String> {
        let mut loaded = Vec::new();
        for key in keys.iter().collect::<BTreeSet<_>>() {
            if let Some(state) = self.store.state(key)? {
                loaded.push((key.clone(), Some(state)));
            }
        }
        Ok(call("network.view", &format!("{{\"states\":{},\"now\":{}}}", states(&loaded), quoted(now)))?)
    }

    /// The events that time brings, without source, id and time.
    pub fn due(&self, now: &str) -> Deal<String> {
        #[derive(serde::Deserialize)]
        struct Due<'a> {
            #[serde(borrow)]
            events: Vec<&'a RawValue>,
        }

        let all = self.store.states_of(&CLOCKED)?;
        let (mut events, mut rest) = (Vec::new(), all.as_slice());
        while !rest.is_empty() {
            let mut size = 0;
            let fits = |(key, state): &&(String, Option<String>)| {
                size += key.len() + state.as_ref().map_or(0, String::len) + 8;
                size < PIECE
            };
            let (piece, others) = rest.split_at(rest.iter().take_while(fits).count().max(1));
            let answer = call("network.due", &format!("{{\"states\":{},\"now\":{}}}", states(piece), quoted(now)))?;
            events.extend(parsed::<Due<'_>>(&answer)?.events.iter().map(|event| event.get().to_owned()));
            rest = others;
        }
        Ok(format!("{{\"events\":[{}]}}", events.join(",")))
    }

    fn keys(&self, event: &str) -> Deal<Keys> {
        parsed(&call("network.keys", &format!("{{\"event\":{event}}}"))?)
    }
}

/// Reads what the library wrote or has accepted.
fn parsed<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Deal<T> {
    serde_json::from_str(text).map_err(|error| Failure::Refused(refusal("host", &error.to_string(), "kesalahan pada host")))
}

/// An error object of the host, in the form of the library's.
pub fn refusal(kind: &str, english: &str, indonesian: &str) -> String {
    format!("{{\"error\":{},\"path\":\"\",\"message\":{{\"en\":{},\"id\":{}}}}}", quoted(kind), quoted(english), quoted(indonesian))
}
