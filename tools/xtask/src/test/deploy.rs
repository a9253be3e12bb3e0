//! Checks the files in `deploy/` against the schemas of the hosts that read them.

use std::path::PathBuf;

use anyhow::Result;

use super::steps::StepResult;
use crate::{process, python};

/// Returns the folder of the programs that check the files.
pub(super) fn ready() -> Result<PathBuf> {
    python::programs("deploy")
}

/// Checks the files. The components have to be built.
pub(super) fn run(programs: PathBuf) -> Result<StepResult> {
    process::run(&mut python::pytest("deploy", &programs))?;
    Ok(StepResult::Passed)
}
