//! Asks rustup for the target, which is the normal and the quickest way.

use std::{process::Command, time::Duration};

use anyhow::{Context, Result};

use super::TARGET;
use crate::{process::Logged, progress::Progress};

/// Long enough for a slow connection, and bearable if no server answers.
const LIMIT: Duration = Duration::from_mins(2);

/// Has rustup add the target to the toolchain in use.
pub(super) fn add_target(log: &mut Logged) -> Result<()> {
    let rustup = which::which("rustup").context("rustup is not installed")?;
    let step = Progress::start(format!("Asking rustup for {TARGET}"));
    log.run(
        Command::new(rustup)
            .args(["target", "add", TARGET])
            // One try: the alternative does not need this server.
            .env("RUSTUP_MAX_RETRIES", "0")
            .env("RUST_BACKTRACE", "0"),
        &step,
        LIMIT,
    )?;
    step.done();
    Ok(())
}
