//! What answers an operation by its name: the crate itself, or a program that links or loads another surface.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use loyalty_api as api;

use crate::sh::Outcome;
use crate::vectors;

/// What answers: the crate in this process, or a program that links or loads another surface.
pub enum Surface {
    Rust,
    /// It reads the length of the name and of the request, and both; it writes the length of the answer and the answer.
    Driver {
        child: Child,
        input: ChildStdin,
        output: BufReader<ChildStdout>,
    },
}

impl Surface {
    /// A surface behind a program.
    pub fn driver(command: &mut Command) -> Outcome<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => Ok(Self::Driver { child, input, output: BufReader::new(output) }),
            _ => Err("the driver has no pipes".into()),
        }
    }

    pub fn answer(&mut self, op: &str, request: &[u8]) -> Outcome<Vec<u8>> {
        let (child, input, output) = match self {
            Self::Rust => return Ok(api::call(op, request)),
            Self::Driver { child, input, output } => (child, input, output),
        };
        let mut ask = || {
            let mut message = format!("{} {}\n", op.len(), request.len()).into_bytes();
            for part in [op.as_bytes(), request, b"\n"] {
                message.extend_from_slice(part);
            }
            input.write_all(&message)?;
            input.flush()?;
            let mut line = String::new();
            output.read_line(&mut line)?;
            let len: usize = line.trim().parse().map_err(|_| std::io::Error::other(format!("no length but {line:?}")))?;
            let mut answer = vec![0; len.saturating_add(1)];
            output.read_exact(&mut answer)?;
            answer.pop();
            Ok(answer)
        };
        ask().map_err(|error: std::io::Error| format!("{op}: the driver answers no more ({error}, {:?})", child.try_wait()))
    }

    /// Asks every vector of these operations; tells how many there are, or those that are answered otherwise.
    pub fn vectors_hold(&mut self, of: impl Fn(&str) -> bool) -> Outcome<usize> {
        let vectors: Vec<_> = vectors::all()?.into_iter().filter(|vector| of(&vector.op)).collect();
        let mut wrong = Vec::new();
        for vector in &vectors {
            let answer = self.answer(&vector.op, vector.request.as_bytes())?;
            wrong.extend(vectors::difference(vector, &String::from_utf8_lossy(&answer))?);
        }
        vectors::none_differs(&wrong)?;
        Ok(vectors.len())
    }
}
