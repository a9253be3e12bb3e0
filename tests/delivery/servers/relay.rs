//! A real SMTP server.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;

use super::python::python;

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

/// A message as the server has parsed it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Received {
    pub(crate) hello: String,
    /// The client's port.
    pub(crate) peer: u16,
    pub(crate) mail_from: String,
    pub(crate) mail_options: Vec<String>,
    pub(crate) rcpt_tos: Vec<String>,
    /// The received bytes, in base64.
    content: String,
    /// The names of the headers, in their order.
    pub(crate) headers: Vec<String>,
    pub(crate) from: String,
    pub(crate) from_name: String,
    pub(crate) to: Vec<String>,
    pub(crate) subject: String,
    pub(crate) message_id: String,
    pub(crate) date: f64,
    pub(crate) mime_version: String,
    pub(crate) media_type: String,
    pub(crate) charset: Option<String>,
    pub(crate) body: String,
    pub(crate) defects: Vec<String>,
}

impl Received {
    /// Returns the received bytes.
    pub(crate) fn content(&self) -> Vec<u8> {
        BASE64_STANDARD.decode(&self.content).expect("base64")
    }
}

impl Relay {
    /// Starts a server.
    pub(crate) fn start(features: Features) -> Self {
        let mut command = Command::new(python());
        command.arg(SCRIPT);
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
