//! Runs a host as a child of this task, which passes its signals on and which the host does not
//! outlive.

use std::{
    io,
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    process::{Child, Command, ExitCode, ExitStatus},
    thread,
};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::process;

/// A running host.
pub(super) struct Serving {
    child: Child,
    group: Pid,
}

impl Serving {
    /// Starts the host in a process group of its own, so that each signal reaches it once: through
    /// this task.
    ///
    /// Call this on the main thread: Linux stops the host when the thread that started it ends.
    pub(super) fn start(command: &mut Command) -> Result<Self> {
        let signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        command.process_group(0);
        stop_with_parent(command);
        let child = command
            .spawn()
            .with_context(|| format!("starting {}", process::shown(command)))?;
        let group = Pid::from_child(&child);
        thread::spawn(move || pass_on(signals, group));
        Ok(Self { child, group })
    }

    /// Returns the exit code if the host has ended.
    pub(super) fn ended(&mut self) -> Result<Option<ExitCode>> {
        Ok(self.child.try_wait()?.map(code))
    }

    /// Waits until the host ends, and returns its exit code.
    pub(super) fn wait(mut self) -> Result<ExitCode> {
        Ok(code(self.child.wait()?))
    }

    /// Stops the host, and waits until it has ended.
    pub(super) fn stop(&mut self) -> Result<()> {
        kill_process_group(self.group, Signal::TERM)?;
        self.child.wait()?;
        Ok(())
    }
}

/// Passes the first signal on to the host, and kills the host at the second.
fn pass_on(mut signals: Signals, group: Pid) {
    let mut asked = false;
    for number in signals.forever() {
        let signal = match number {
            _ if asked => Signal::KILL,
            SIGHUP => Signal::HUP,
            SIGINT => Signal::INT,
            _ => Signal::TERM,
        };
        asked = true;
        // Fails if the host has ended in the meantime.
        let _ended = kill_process_group(group, signal);
    }
}

/// Returns the exit code that a shell would report: the process's own, or 128 plus the signal that
/// ended it.
fn code(status: ExitStatus) -> ExitCode {
    let code = status.code().or(status.signal().map(|signal| 128 + signal));
    let code = code.and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Stops the command's process when the thread that starts it ends.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "only pre_exec runs code in the child")]
pub(crate) fn stop_with_parent(command: &mut Command) {
    let parent = rustix::process::getpid();
    // SAFETY: between fork and exec only system calls are made, nothing is
    // allocated and no lock is taken.
    unsafe {
        command.pre_exec(move || {
            rustix::process::set_parent_process_death_signal(Some(Signal::TERM))?;
            // A parent that ended before that call sends no signal.
            if rustix::process::getppid() == Some(parent) {
                Ok(())
            } else {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        });
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn stop_with_parent(_: &mut Command) {}
