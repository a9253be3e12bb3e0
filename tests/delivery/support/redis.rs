//! A real Redis server, of the test's own: on loopback, in memory, and gone with the test.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
};

use tempfile::TempDir;

use super::program::or_left_out;

/// What the server is called, and what Debian's package `redis-tools` calls the same program, which
/// goes by the name that it is started with.
const NAMES: [&str; 2] = ["redis-server", "redis-check-rdb"];

/// How often a port that was free is not any more, by the time that the server wants it.
const TRIES: usize = 5;

/// A running server; it ends with this.
pub(crate) struct Redis {
    port: u16,
    process: Child,
    _folder: TempDir,
}

impl Redis {
    /// A server; none where there can be none, and the test is left out.
    pub(crate) fn start() -> Option<Self> {
        let program = program()?;
        (0..TRIES)
            .find_map(|_| Self::start_at(free_port(), program))
            .or_else(|| panic!("the Redis server does not start"))
    }

    fn start_at(port: u16, program: &Path) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut process = Command::new(program)
            .arg0(NAMES[0])
            .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
            .args(["--save", "", "--appendonly", "no", "--dir"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a server");
        let output = process.stdout.take().expect("its output");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let is_ready = lines.any(|line| line.contains("Ready to accept connections"));
        if !is_ready {
            let _ = process.wait();
            return None;
        }
        // What it says more is of no interest, but must not fill the pipe.
        thread::spawn(move || lines.for_each(drop));
        Some(Self {
            port,
            process,
            _folder: folder,
        })
    }

    /// Its address.
    pub(crate) fn address(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends the server, with all connections to it.
    pub(crate) fn kill(&mut self) {
        self.process.kill().expect("the server's end");
        self.process.wait().expect("the server's end");
    }

    /// Starts it again at its address, with nothing in it.
    pub(crate) fn restart(&mut self) {
        let program = program().expect("the program");
        *self = Self::start_at(self.port, program).expect("a server at the same address");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("its number").port()
}

fn program() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| {
        let mut found = NAMES.iter().filter_map(|name| which::which(name).ok());
        let why = "neither is on PATH: redis-server, redis-check-rdb";
        found.next().ok_or_else(|| why.to_owned())
    });
    or_left_out(program.as_deref(), "Redis server")
}
