//! A host that serves an application.

use std::fs;

use local_host::{Options, Server};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::{Program, Setup, local, process::Process};

/// A host that serves an application. Dropping it ends it at once.
pub struct Host {
    authority: String,
    running: Running,
    logs: TempDir,
    // Held: what the host keeps for itself.
    _own: TempDir,
}

enum Running {
    /// The local host in this process.
    Here(Server),
    Process(Process),
}

impl Host {
    /// Starts the chosen program; the host is ready when this returns.
    pub async fn start(setup: &Setup) -> Self {
        match Program::chosen() {
            Program::LocalHost => Self::local(setup, |_| {}).await,
            Program::Spin => Self::process(setup).await,
        }
    }

    /// Starts a local host in this process, set up as no other host can be.
    pub async fn local(setup: &Setup, adjust: impl FnOnce(&mut Options)) -> Self {
        let [logs, own] = folders();
        let server = local::start(setup, logs.path(), adjust).await;
        Self {
            authority: server.addr().to_string(),
            running: Running::Here(server),
            logs,
            _own: own,
        }
    }

    /// Starts the chosen program as a process of its own, which can be killed.
    pub async fn process(setup: &Setup) -> Self {
        let [logs, own] = folders();
        let program = Program::chosen();
        let (process, authority) = Process::start(program, setup, own.path(), logs.path()).await;
        Self {
            authority,
            running: Running::Process(process),
            logs,
            _own: own,
        }
    }

    /// Returns where it is: a host and a port.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Returns what only a local host in this process has: counts.
    pub fn server(&self) -> Option<&Server> {
        match &self.running {
            Running::Here(server) => Some(server),
            Running::Process(_) => None,
        }
    }

    /// Returns what the components have logged so far.
    pub fn log(&self) -> String {
        let files = fs::read_dir(self.logs.path()).expect("the folder of logs");
        files
            .map(|file| fs::read_to_string(file.expect("a log").path()).expect("a log"))
            .collect()
    }

    /// Ends it in good order: a local host lets the requests in flight end.
    pub async fn stop(self) {
        match self.running {
            Running::Here(server) => server.shutdown().await,
            Running::Process(mut process) => {
                process.signal(Signal::TERM);
                process.ended().await;
            }
        }
    }

    /// Asks its process to end, waits until it has, and says whether it calls that a success.
    pub async fn terminate(self) -> bool {
        self.process_of_own().signal(Signal::TERM);
        self.ended().await
    }

    /// Kills its process in the middle of what it is doing, which others may still wait for.
    pub fn kill(&self) {
        self.process_of_own().signal(Signal::KILL);
    }

    /// Ends it at once, whatever is going on in it.
    pub async fn abandon(self) {
        if let Running::Here(server) = self.running {
            server.kill().await;
        }
    }

    /// Waits until its process has ended, and says whether it calls that a success.
    pub async fn ended(mut self) -> bool {
        match &mut self.running {
            Running::Process(process) => process.ended().await.success(),
            Running::Here(_) => panic!("a host of this process ends with it"),
        }
    }

    fn process_of_own(&self) -> &Process {
        match &self.running {
            Running::Process(process) => process,
            Running::Here(_) => panic!("a host of this process gets no signals"),
        }
    }
}

fn folders() -> [TempDir; 2] {
    [(); 2].map(|()| tempfile::tempdir().expect("a folder"))
}
