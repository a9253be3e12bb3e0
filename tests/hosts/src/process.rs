//! A host as a process of its own.

use std::{
    env,
    fs::{self, File},
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use crate::{Program, Setup};

/// Longer than a first start takes, which compiles the component, on a busy machine.
const START_LIMIT: Duration = Duration::from_mins(4);
/// Longer than a host takes to end.
const END_LIMIT: Duration = Duration::from_mins(2);

/// Runs a program in this process group for as long as standard input is open, and ends the group
/// when it is closed: also when these tests are killed, and for hosts that are never dropped.
///
/// A shell gives commands in the background no standard input; hence its copy.
const WITH_A_LIFELINE: &str =
    r#"exec 3<&0; (cat <&3 >/dev/null; kill -KILL 0) & exec "$@" </dev/null 3<&-"#;

/// A host in a process group of its own. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    group: Pid,
    // Held: the host ends when it is closed.
    _lifeline: Option<ChildStdin>,
    // Held after its first line, too, so that the process can write to it.
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts a host, which is ready when this returns; also returns where it serves.
    pub(crate) async fn start(
        program: Program,
        setup: &Setup,
        folder: &Path,
        logs: &Path,
    ) -> (Self, String) {
        let errors = folder.join("stderr.txt");
        let mut command = Command::new("sh");
        command
            .args(["-c", WITH_A_LIFELINE, "sh"])
            .args(program.command().await)
            .args(setup.arguments(program, folder, logs))
            // Neither host reads a `.env` here.
            .current_dir(folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&errors).expect("a file for errors"));
        forget_configuration(&mut command);
        for (name, value) in &setup.variables {
            command.env(format!("SPIN_VARIABLE_{}", name.to_uppercase()), value);
        }
        let mut child = command.spawn().expect("a shell");
        let id = child.id().and_then(|id| id.try_into().ok());
        let stdout = child.stdout.take().expect("its output");
        let mut process = Self {
            group: id.and_then(Pid::from_raw).expect("a process that runs"),
            _lifeline: child.stdin.take(),
            output: BufReader::new(stdout).lines(),
            child,
        };
        let address = timeout(START_LIMIT, announced(&mut process.output)).await;
        match address {
            Ok(Some(address)) => (process, address),
            Ok(None) => panic!("{program:?} ended before it served: {}", said(&errors)),
            Err(late) => panic!("{program:?} does not serve: {late}: {}", said(&errors)),
        }
    }

    /// Sends a signal to all of its processes.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process_group(self.group, signal).expect("a signal to a child");
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let status = timeout(END_LIMIT, self.child.wait()).await;
        status.expect("the host ends").expect("its exit status")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A group that has ended cannot be told to.
        _ = kill_process_group(self.group, Signal::KILL);
    }
}

/// Returns what a host has said of its failure.
fn said(errors: &Path) -> String {
    fs::read_to_string(errors).unwrap_or_default()
}

/// Takes what configures hosts out of the environment.
fn forget_configuration(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("SPIN_") || text == "RUNTIME_CONFIG_FILE" || text == "RUST_BACKTRACE" {
            command.env_remove(name);
        }
    }
}

/// Returns the host and port of the line `Serving http://…`, or None if the host ends before.
async fn announced(output: &mut Lines<BufReader<ChildStdout>>) -> Option<String> {
    while let Some(line) = output.next_line().await.expect("text") {
        if let Some(authority) = line.strip_prefix("Serving http://") {
            return Some(authority.to_owned());
        }
    }
    None
}
