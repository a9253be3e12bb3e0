//! Runs Schemathesis against the served document with every check on: the API has to accept data
//! that the document allows, to refuse other data, and to answer as documented.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use super::{served::Served, steps::StepResult};
use crate::{process, project, python};

/// Examples of each operation.
const EXAMPLES: &str = "20";
/// The time limit of the whole run.
const SECONDS: &str = "120";
/// Fixed, so that a failure repeats in the next run.
const SEED: &str = "1";

/// Returns the folder of its programs.
pub(super) fn ready() -> Result<PathBuf> {
    python::programs("schemathesis")
}

pub(super) fn run(programs: PathBuf) -> Result<StepResult> {
    let served = Served::start()?;
    let mut schemathesis = Command::new(programs.join("schemathesis"));
    schemathesis
        .current_dir(project::root())
        .args([
            "--config-file",
            "tests/schemathesis/schemathesis.toml",
            "run",
        ])
        .arg(format!("{}/openapi.json", served.url))
        .args([
            "--max-examples",
            EXAMPLES,
            "--max-time",
            SECONDS,
            "--seed",
            SEED,
        ])
        .envs(served.credentials.clone());
    process::run(&mut schemathesis)?;
    Ok(StepResult::Passed)
}
