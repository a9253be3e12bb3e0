//! A real SMTP server.

use std::{
    io::{BufRead, BufReader},
    ops::Deref,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

use serde::Deserialize;

use super::{message::ParsedMessage, python::python};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/servers/relay.py");

/// A running server. Dropping it ends it.
pub(crate) struct Relay {
    address: String,
    received: Arc<Mutex<Vec<Received>>>,
    process: Child,
    /// The server ends when it closes, and so with this process.
    input: Option<ChildStdin>,
    reader: Option<JoinHandle<()>>,
}

/// What the server offers.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Features {
    pub(crate) without_utf8: bool,
    /// The largest message that it takes.
    pub(crate) size: Option<usize>,
}

/// A message, and how it came.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Received {
    pub(crate) hello: String,
    /// The client's port.
    pub(crate) peer: u16,
    pub(crate) mail_from: String,
    pub(crate) mail_options: Vec<String>,
    pub(crate) rcpt_tos: Vec<String>,
    #[serde(flatten)]
    message: ParsedMessage,
}

impl Deref for Received {
    type Target = ParsedMessage;

    fn deref(&self) -> &ParsedMessage {
        &self.message
    }
}

impl Relay {
    /// Starts a server.
    pub(crate) fn start(features: Features) -> Self {
        let mut command = Command::new(python());
        // No compiled copies beside the script.
        command.args(["-B", SCRIPT]);
        if features.without_utf8 {
            command.arg("--without-utf8");
        }
        if let Some(size) = features.size {
            command.args(["--size", &size.to_string()]);
        }
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a server");
        let input = process.stdin.take();
        let output = process.stdout.take().expect("its output");
        let mut lines = BufReader::new(output).lines();
        let first = lines.next().expect("a first line").expect("a line");
        let first: serde_json::Value = serde_json::from_str(&first).expect("JSON");
        let received = Arc::<Mutex<Vec<_>>>::default();
        let keep = Arc::clone(&received);
        let reader = thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let message = serde_json::from_str(&line).expect("a message");
                keep.lock().expect("the messages").push(message);
            }
        });
        Self {
            address: format!("127.0.0.1:{}", first["port"]),
            received,
            process,
            input,
            reader: Some(reader),
        }
    }

    /// Returns its address.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Ends the server; returns what it has received, in order.
    pub(crate) fn stop(mut self) -> Vec<Received> {
        self.end();
        std::mem::take(&mut *self.received.lock().expect("the messages"))
    }

    fn end(&mut self) {
        drop(self.input.take());
        if let Some(reader) = self.reader.take() {
            // It ends with the server's output.
            reader.join().expect("the reader");
        }
        let _ = self.process.wait();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
