//! The tested side: a process that answers each line with a line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::sh::Outcome;

/// A till waits no longer for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Side {
    child: Child,
    input: ChildStdin,
    answers: Receiver<String>,
}

impl Side {
    pub fn start(command: &[String]) -> Outcome<Self> {
        let (program, arguments) = command.split_first().ok_or("no command")?;
        // `cargo run` points it at the libraries of a toolchain that the tested side may not load.
        let mut start = Command::new(program);
        start.args(arguments).env_remove("LD_LIBRARY_PATH").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = start.spawn().map_err(|error| format!("{program}: {error}"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else { return Err("the command has no pipes".into()) };
        let (sender, answers) = channel();
        thread::spawn(move || BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Ok(Self { child, input, answers })
    }

    pub fn send(&mut self, line: &str) -> Outcome {
        let written = self.input.write_all(format!("{line}\n").as_bytes()).and_then(|()| self.input.flush());
        written.map_err(|error| format!("the command reads no more: {error}"))
    }

    pub fn answer(&mut self) -> Outcome<Value> {
        let line = self.answers.recv_timeout(PATIENCE).map_err(|_| match self.child.try_wait() {
            Ok(Some(status)) => format!("no answer: the command ended with {status}"),
            _ => format!("no answer within {} s", PATIENCE.as_secs()),
        })?;
        serde_json::from_str(&line).map_err(|_| format!("no JSON: {line}"))
    }

    /// Kills the process, as a power cut does: what was acknowledged must be stored by now.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        self.kill();
    }
}
