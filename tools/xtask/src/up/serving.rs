//! A host that runs as this task's child: it gets the signals that the task
//! gets, and does not outlive it.

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

/// A host under way.
pub(super) struct Serving {
    child: Child,
    group: Pid,
}

impl Serving {
    /// Starts it in a process group of its own, so that each signal reaches it
    /// once: through this task.
    ///
    /// Call this on the thread that lives as long as the task does: on Linux the
    /// host is told to stop when the thread that started it is gone.
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

    /// Whether it ended, and how.
    pub(super) fn ended(&mut self) -> Result<Option<ExitCode>> {
        Ok(self.child.try_wait()?.map(code))
    }

    /// Waits until it ends, and says how.
    pub(super) fn wait(mut self) -> Result<ExitCode> {
        Ok(code(self.child.wait()?))
    }

    /// Has it end, and waits for that.
    pub(super) fn stop(&mut self) -> Result<()> {
        kill_process_group(self.group, Signal::TERM)?;
        self.child.wait()?;
        Ok(())
    }
}

/// The first request to stop is the host's to answer; at the second it is ended.
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
        // It may have ended in the meantime; then there is nobody to tell.
        let _gone = kill_process_group(group, signal);
    }
}

/// As a shell says it: its own code, or 128 and the signal that ended it.
fn code(status: ExitStatus) -> ExitCode {
    let code = status.code().or(status.signal().map(|signal| 128 + signal));
    let code = code.and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "pre_exec is the only place for it")]
pub(crate) fn stop_with_parent(command: &mut Command) {
    let parent = rustix::process::getpid();
    // SAFETY: between fork and exec only system calls are made, nothing is
    // allocated and no lock is taken.
    unsafe {
        command.pre_exec(move || {
            rustix::process::set_parent_process_death_signal(Some(Signal::TERM))?;
            // A parent that was gone before that call sends no signal any more.
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
