//! A host as a child process, and the events that the tests send it.
#![allow(dead_code, reason = "each test uses its part")]

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use network_host::{Host, Store};
use serde_json::{Value, json};

/// A tenth of each sale, for 30 days.
pub fn programs() -> Value {
    json!([{"mechanism": "flat", "rate_bp": 1_000, "validity": {"days": 30}}])
}

/// An empty folder.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("programs.json"), programs().to_string()).unwrap();
    folder
}

/// A host within this process.
pub fn inside(folder: &Path) -> Host {
    let mut host = Host::new(Store::open(&folder.join("host.sqlite")).unwrap());
    host.programs = programs().to_string();
    host
}

/// A host process.
pub struct Process {
    child: Arc<Mutex<Child>>,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    pub fn start(folder: &Path, options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_network-host"));
        command.arg(folder.join("host.sqlite")).arg("--programs").arg(folder.join("programs.json")).args(options);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { input: child.stdin.take(), output, child: Arc::new(Mutex::new(child)) }
    }

    /// Sends a line and reads its answer.
    pub fn ask(&mut self, request: &Value) -> Value {
        self.line(request.to_string().as_bytes())
    }

    pub fn line(&mut self, line: &[u8]) -> Value {
        let input = self.input.as_mut().unwrap();
        input.write_all(&[line, b"\n"].concat()).unwrap();
        input.flush().unwrap();
        serde_json::from_str(&self.output.next().unwrap().unwrap()).unwrap()
    }

    /// Sends all events at once and hands on each answer; false stops and kills (SIGKILL). Returns the number of answers.
    pub fn send(mut self, events: &[Value], mut answered: impl FnMut(usize, Value) -> bool) -> usize {
        let lines: Vec<String> = events.iter().map(|event| format!("{}\n", json!({"event": event}))).collect();
        let mut input = self.input.take().unwrap();
        // A host that was killed reads no more.
        let writer = std::thread::spawn(move || lines.iter().try_for_each(|line| input.write_all(line.as_bytes())));
        let mut answers = 0;
        for line in self.output.by_ref() {
            // A kill may leave half a line.
            let Ok(answer) = serde_json::from_str(&line.unwrap()) else { break };
            if !answered(answers, answer) {
                self.child.lock().unwrap().kill().unwrap();
            }
            answers += 1;
        }
        let _ = writer.join().unwrap();
        self.child.lock().unwrap().wait().unwrap();
        answers
    }

    /// Kills the process (SIGKILL) after a while, if it is not over.
    pub fn kill_after(&self, wait: Duration) {
        let child = Arc::clone(&self.child);
        std::thread::spawn(move || {
            std::thread::sleep(wait);
            let _ = child.lock().unwrap().kill();
        });
    }

    /// Ends the input; the host delivers what is left, and goes.
    pub fn end(mut self) {
        drop(self.input.take());
        assert!(self.child.lock().unwrap().wait().unwrap().success());
    }
}

pub fn event(kind: &str, source: &str, id: &str, subject: &str, time: &str, data: Value) -> Value {
    json!({"specversion": "1.0", "type": format!("loyalty.{kind}"), "source": source, "id": id, "time": time, "subject": subject, "data": data})
}

/// The time of a minute from 3 March on.
pub fn at(minute: usize) -> String {
    format!("2025-03-{:02}T{:02}:{:02}:00+07:00", 3 + minute / 1_440, minute / 60 % 24, minute % 60)
}

pub fn day(minute: usize) -> String {
    at(minute)[..10].to_string()
}

pub fn topup(shop: &str) -> Value {
    event("topup", &format!("/{shop}/office"), "t", &format!("shop/{shop}"), &at(0), json!({"amount": 9_000_000}))
}

/// A sale of Rp10,000 or a little more, to a member or to nobody.
pub fn sale(shop: &str, id: &str, minute: usize, member: Option<&str>) -> Value {
    let mut data = json!({"day": day(minute), "total": 10_000 + 10 * (minute % 7)});
    if let Some(member) = member {
        data["member"] = json!(member);
    }
    event("sale", &format!("/{shop}/1"), id, &format!("shop/{shop}"), &at(minute), data)
}

/// Sales in two shops, of four members and of nobody; payments with points at the other shop; parts that come back. Later
/// parts need that the messages of earlier ones have come.
pub fn parts(sales: usize) -> [Vec<Value>; 2] {
    let mut first = vec![topup("A"), topup("B")];
    let mut second = Vec::new();
    for number in 0..sales {
        let (shop, minute) = (["A", "B"][number % 2], 480 + number * 2);
        let member = format!("M{}", number % 4);
        let is_member = number % 5 != 4;
        first.push(sale(shop, &format!("s{number}"), minute, is_member.then_some(&member)));
        let of = format!("s{number}");
        match number % 6 {
            0 | 1 => {
                // Each member pays at one shop alone, so that the order of payments changes nobody's books.
                let (acceptor, id, sale_id) = (["B", "A"][number % 2], format!("r{number}"), format!("p{number}"));
                let minute = 6_000 + number;
                let ask =
                    json!({"shop": acceptor, "sale": sale_id, "amount": 100, "purchase": 5_000, "left_to_pay": 5_000, "month": "2025-03"});
                second.push(event("redeem.points", &format!("/{acceptor}/1"), &id, &format!("account/{member}"), &at(minute), ask));
                let mut paid = sale(acceptor, &sale_id, minute, None);
                paid["data"]["claims"] = json!([{"of": id, "owner": format!("account/{member}"), "amount": 100}]);
                second.push(paid);
            }
            2 | 4 if !is_member => {
                let back = json!({"of": of, "of_day": day(minute), "amount": 3_000});
                second.push(event(
                    "return",
                    &format!("/{shop}/1"),
                    &format!("v{number}"),
                    &format!("shop/{shop}"),
                    &at(6_000 + number),
                    back,
                ));
            }
            _ => {}
        }
    }
    [first, second]
}

/// The states that do not depend on the order in which events of several tills came.
pub fn books(host: &Host) -> Value {
    let states = host.store.states_of(&["account", "shop", "voucher"]).unwrap();
    states.into_iter().map(|(key, state)| (key, serde_json::from_str::<Value>(&state.unwrap()).unwrap())).collect()
}

/// What one host that meets no fault comes to.
pub fn expected(name: &str, parts: &[Vec<Value>]) -> Value {
    let host = inside(&folder(name));
    for part in parts {
        host.store.transaction(|| part.iter().try_for_each(|event| host.apply(&event.to_string(), None).map(drop))).unwrap();
        host.drain().unwrap();
    }
    adds_up(&host);
    books(&host)
}

/// Nothing is under way or parked, and `network.check` holds.
pub fn adds_up(host: &Host) {
    assert_eq!((host.store.tasks().unwrap(), host.store.parked().unwrap().len()), (0, 0));
    assert_eq!(host.look("network.check").unwrap(), r#"{"holds":true}"#);
}

/// The facts that events got, sorted, without the counters that depend on the order.
pub fn facts(host: &Host) -> Vec<String> {
    let mut facts: Vec<String> = host.store.facts().unwrap();
    for fact in &mut facts {
        let mut value: Value = serde_json::from_str(fact).unwrap();
        value.as_object_mut().unwrap().remove("counters");
        *fact = value.to_string();
    }
    facts.sort();
    facts
}
