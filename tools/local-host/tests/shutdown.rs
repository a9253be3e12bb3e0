//! The program ends quietly when it is told to, whatever its components are doing.
//!
//! The tests serve the benchmark's floor, which makes one call to the host a request. It has to be
//! built: `cargo xtask build`.

#![allow(clippy::unwrap_used, reason = "a test may fail by it")]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// Longer than any of these hosts takes to end.
const LIMIT: Duration = Duration::from_secs(30);

/// A local host that serves the floor.
struct LocalHost {
    child: Child,
    authority: String,
    // Held open: a host that cannot print ends.
    _output: BufReader<ChildStdout>,
}

impl LocalHost {
    fn start(options: &[&str]) -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench/floor/spin.toml");
        let mut child = Command::new(env!("CARGO_BIN_EXE_local-host"))
            .arg("--manifest")
            .arg(manifest)
            .args(["--listen", "127.0.0.1:0", "--memory", "--quiet"])
            .args(options)
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let authority = loop {
            let mut line = String::new();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "no address");
            if let Some(authority) = line.trim_end().strip_prefix("Serving http://") {
                break authority.to_owned();
            }
        };
        Self {
            child,
            authority,
            _output: output,
        }
    }

    /// Sends a request, and returns the connection.
    fn send(&self) -> TcpStream {
        let mut stream = TcpStream::connect(&self.authority).unwrap();
        let request = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", self.authority);
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    /// Sends SIGTERM, and returns the exit status and the errors that the host printed.
    fn terminate(mut self) -> (ExitStatus, String) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(begun.elapsed() < LIMIT, "the host does not end");
            thread::sleep(Duration::from_millis(10));
        };
        let mut errors = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut errors).unwrap();
        (status, errors)
    }
}

impl Drop for LocalHost {
    fn drop(&mut self) {
        // It fails if the host has ended.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn read_all(mut stream: TcpStream) -> String {
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

/// Waits until the component has received a request.
fn wait_for_component() {
    thread::sleep(Duration::from_millis(300));
}

#[test]
fn terminate_with_request_in_flight_answers_it() {
    let host = LocalHost::start(&["--latency", "700ms"]);
    let stream = host.send();
    wait_for_component();
    let (status, errors) = host.terminate();
    assert!(status.success(), "{status}: {errors}");
    let response = read_all(stream);
    assert!(response.starts_with("HTTP/1.1 202"), "{response}");
    assert!(
        !errors.contains("ERROR") && !errors.contains("WARN"),
        "{errors}"
    );
}

#[test]
fn terminate_with_request_that_hangs_drops_it_quietly() {
    let host = LocalHost::start(&["--latency", "60s", "--grace", "200ms"]);
    let stream = host.send();
    wait_for_component();
    let (status, errors) = host.terminate();
    assert!(status.success(), "{status}: {errors}");
    assert_eq!(read_all(stream), "");
    for noise in ["ERROR", "panicked", "backtrace"] {
        assert!(!errors.contains(noise), "{errors}");
    }
}

#[test]
fn terminate_with_idle_instance_ends_at_once() {
    let host = LocalHost::start(&["--idle-instance-timeout", "60s"]);
    let stream = host.send();
    wait_for_component();
    let begun = Instant::now();
    let (status, errors) = host.terminate();
    assert!(status.success(), "{status}: {errors}");
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "waited for an idle instance"
    );
    assert!(read_all(stream).starts_with("HTTP/1.1 202"));
    assert!(
        !errors.contains("ERROR") && !errors.contains("WARN"),
        "{errors}"
    );
}
