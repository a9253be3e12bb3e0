//! A real Redis server, on loopback and in memory.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
};

use tempfile::TempDir;

use super::{free_port, or_left_out};

/// The names of the program: Debian's package `redis-tools` has it as `redis-check-rdb`. It is the
/// server if it is started under the first name.
const NAMES: [&str; 2] = ["redis-server", "redis-check-rdb"];

/// How often the server is started at another port, because the port is not free any more.
const TRIES: usize = 5;

/// A running server. Dropping it ends it.
pub(crate) struct Redis {
    port: u16,
    process: Child,
    _folder: TempDir,
}

impl Redis {
    /// Starts a server.
    pub(crate) fn start() -> Self {
        let program = program();
        (0..TRIES)
            .find_map(|_| Self::start_at(free_port(), program))
            .expect("the Redis server starts")
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
        // Reads on, so that the pipe does not fill up.
        thread::spawn(move || lines.for_each(drop));
        Some(Self {
            port,
            process,
            _folder: folder,
        })
    }

    /// Returns its address.
    pub(crate) fn address(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends the server and its connections.
    pub(crate) fn kill(&mut self) {
        self.process.kill().expect("the server's end");
        self.process.wait().expect("the server's end");
    }

    /// Starts it again at the same address, empty.
    pub(crate) fn restart(&mut self) {
        *self = Self::start_at(self.port, program()).expect("a server at the same address");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> &'static Path {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| {
        let mut found = NAMES.iter().filter_map(|name| which::which(name).ok());
        let why = "neither is on PATH: redis-server, redis-check-rdb";
        found.next().ok_or_else(|| why.to_owned())
    });
    or_left_out(program.as_deref(), "Redis server")
}
