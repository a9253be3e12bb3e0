//! A host as a process.

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

use crate::{Launch, Program};

/// Longer than a first start takes, which compiles the component, on a busy machine.
const START_LIMIT: Duration = Duration::from_mins(4);
/// Longer than a host takes to end.
const END_LIMIT: Duration = Duration::from_mins(2);

/// Runs a program in this process group, and kills the group when standard input closes: also when
/// the tests are killed, and for hosts that are never dropped.
///
/// A shell gives background commands no standard input, so it is copied to descriptor 3.
const WITH_A_LIFELINE: &str =
    r#"exec 3<&0; (cat <&3 >/dev/null; kill -KILL 0) & exec "$@" </dev/null 3<&-"#;

/// A host in its own process group. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    group: Pid,
    // The host ends when it closes.
    _lifeline: Option<ChildStdin>,
    // Stays open, so that the process can write to it.
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts a host and waits until it serves; returns its address too.
    pub(crate) async fn start(
        program: Program,
        launch: &Launch,
        folder: &Path,
        logs: &Path,
    ) -> (Self, String) {
        let errors = folder.join("stderr.txt");
        let mut command = Command::new("sh");
        command
            .args(["-c", WITH_A_LIFELINE, "sh"])
            .args(program.command().await)
            .args(launch.arguments(program, folder, logs))
            // It has no `.env`, which either host would read.
            .current_dir(folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&errors).expect("a file for errors"));
        remove_configuration(&mut command);
        for (name, value) in &launch.variables {
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
            Ok(None) => panic!("{program:?} ended before it served: {}", errors_in(&errors)),
            Err(late) => panic!("{program:?} does not serve: {late}: {}", errors_in(&errors)),
        }
    }

    /// Sends a signal to all of its processes.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process_group(self.group, signal).expect("a signal to a child");
    }

    /// Waits until it ends.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let status = timeout(END_LIMIT, self.child.wait()).await;
        status.expect("the host ends").expect("its exit status")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails if the group has ended.
        _ = kill_process_group(self.group, Signal::KILL);
    }
}

/// Returns what a host has written to standard error.
fn errors_in(errors: &Path) -> String {
    fs::read_to_string(errors).unwrap_or_default()
}

/// Removes variables that configure hosts from the environment.
fn remove_configuration(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("SPIN_") || text == "RUNTIME_CONFIG_FILE" || text == "RUST_BACKTRACE" {
            command.env_remove(name);
        }
    }
}

/// Returns the host and port of the line `Serving http://…`; `None` if the host ends before.
async fn announced(output: &mut Lines<BufReader<ChildStdout>>) -> Option<String> {
    while let Some(line) = output.next_line().await.expect("text") {
        if let Some(authority) = line.strip_prefix("Serving http://") {
            return Some(authority.to_owned());
        }
    }
    None
}
