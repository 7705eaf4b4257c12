//! A host in memory: it loads the keys, applies, and stores states, facts and messages at once. It has no loyalty logic.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::common::{ask, kind};

/// A host and its outbox.
#[derive(Clone, Default)]
pub struct Host {
    /// States by key.
    pub states: BTreeMap<String, Value>,
    /// Messages that were not delivered yet.
    pub outbox: Vec<Value>,
    /// Waiting events that may go, with the time at which they are judged.
    pub again: Vec<Value>,
    /// Every message that was ever sent.
    pub sent: Vec<Value>,
    /// Pinned programs.
    pub programs: Vec<Value>,
    /// The settings.
    pub settings: Value,
    /// Messages that were delivered, by source and id.
    pub delivered: BTreeSet<(String, String)>,
    /// Requests to the library with its answers, if somebody listens.
    pub heard: Option<RefCell<Vec<(Value, Value)>>>,
}

/// An event of the outside.
pub fn event(kind: &str, (source, id): (&str, &str), subject: &str, time: &str, data: &Value) -> Value {
    json!({"specversion": "1.0", "type": format!("loyalty.{kind}"), "source": source, "id": id, "subject": subject, "time": time, "data": data})
}

/// An id as a part of a key.
pub fn encoded(id: &str) -> String {
    id.replace('%', "%25").replace('/', "%2F").replace('|', "%7C").replace('~', "%7E")
}

/// The name of a message.
pub fn name(event: &Value) -> (String, String) {
    (event["source"].as_str().unwrap().to_string(), event["id"].as_str().unwrap().to_string())
}

impl Host {
    /// A host with programs.
    pub fn new(programs: &[Value]) -> Self {
        Self { programs: programs.to_vec(), ..Self::default() }
    }

    /// The state of a key.
    pub fn state(&self, key: &str) -> &Value {
        self.states.get(key).unwrap_or(&Value::Null)
    }

    /// What the library answers, and nothing is stored.
    pub fn answer(&self, event: &Value, at: Option<&Value>) -> Value {
        let keys = ask("network.keys", &json!({"event": event}));
        assert_eq!(kind(&keys), None, "network.keys refuses {event}\n{keys}");
        let names = keys["write"].as_array().unwrap().iter().chain(keys["read"].as_array().unwrap());
        let states: Map<String, Value> =
            names.map(|key| key.as_str().unwrap()).map(|key| (key.to_string(), self.state(key).clone())).collect();
        let mut request = json!({"event": event, "states": states, "programs": self.programs});
        if !self.settings.is_null() {
            request["settings"] = self.settings.clone();
        }
        if let Some(at) = at {
            request["at"] = at.clone();
        }
        let answer = ask("network.apply", &request);
        if let Some(heard) = &self.heard {
            heard.borrow_mut().push((request, answer.clone()));
        }
        assert_eq!(kind(&answer), None, "network.apply refuses {event}\n{answer}\n{states:?}");
        if matches!(answer["outcome"].as_str(), Some("applied" | "waiting")) {
            let answered = answer["states"].as_object().unwrap();
            assert!(answered.keys().eq(states.keys()), "the states answered are not those asked for: {event}");
        } else {
            assert_eq!(answer["states"], json!({}), "a repetition changes a state: {event}");
        }
        answer
    }

    /// Applies an event and stores what it led to.
    pub fn apply(&mut self, event: &Value) -> Value {
        self.apply_at(event, None)
    }

    /// Applies an event that waited.
    pub fn apply_at(&mut self, event: &Value, at: Option<&Value>) -> Value {
        let answer = self.answer(event, at);
        for (key, state) in answer["states"].as_object().unwrap() {
            if state.is_null() {
                self.states.remove(key);
            } else {
                self.states.insert(key.clone(), state.clone());
            }
        }
        if answer["outcome"] != "duplicate" {
            let out = answer["out"].as_array().unwrap();
            self.outbox.extend(out.iter().cloned());
            self.sent.extend(out.iter().cloned());
            self.again.extend(answer["again"].as_array().unwrap().iter().cloned());
        }
        if event.get("n").is_some() {
            self.delivered.insert(name(event));
        }
        answer
    }

    /// Delivers everything that is under way, in order, and what that leads to. Returns the number of deliveries.
    pub fn drain(&mut self) -> usize {
        let mut steps = 0;
        while !self.outbox.is_empty() || !self.again.is_empty() {
            if self.again.is_empty() {
                let message = self.outbox.remove(0);
                self.apply(&message);
            } else {
                let next = self.again.remove(0);
                self.apply_at(&next["event"], Some(&next["at"]));
            }
            steps += 1;
            assert!(steps < 100_000, "messages never end");
        }
        steps
    }

    /// The states of a kind, by key.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.states.iter().filter(move |(key, _)| key.split('/').next() == Some(kind)).map(|(key, state)| (key.as_str(), state))
    }
}
