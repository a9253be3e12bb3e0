//! Schemathesis, against the served document, with every check on: data that the document allows
//! has to be taken, other data refused, and every answer be as documented.

use std::process::Command;

use anyhow::Result;

use super::served::{Served, credentials};
use crate::{process, project, python};

/// How many examples of each operation, and for how many seconds in all.
const EXAMPLES: &str = "20";
const SECONDS: &str = "120";
/// So that what fails in one run fails in the next.
const SEED: &str = "1";

/// Why it cannot run here, if it cannot.
pub(super) fn missing() -> Option<String> {
    python::programs("schemathesis")
        .err()
        .map(|error| format!("{error:#}"))
}

pub(super) fn run() -> Result<()> {
    let served = Served::start()?;
    let mut schemathesis = Command::new(python::programs("schemathesis")?.join("schemathesis"));
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
        .envs(credentials()?);
    process::run(&mut schemathesis)
}
