//! Schemathesis, against the served document, with every check on: data that the document allows
//! has to be taken, other data refused, and every answer be as documented.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use super::served::Served;
use crate::{process, project, python};

/// How many examples of each operation, and for how many seconds in all.
const EXAMPLES: &str = "20";
const SECONDS: &str = "120";
/// So that what fails in one run fails in the next.
const SEED: &str = "1";

/// The folder of its programs.
pub(super) fn ready() -> Result<PathBuf> {
    python::programs("schemathesis")
}

pub(super) fn run(programs: PathBuf) -> Result<()> {
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
    process::run(&mut schemathesis)
}
