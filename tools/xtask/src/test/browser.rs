//! Tests the documentation page in headless Chromium.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{served::Served, steps::StepResult};
use crate::{
    apt::{self, Permission},
    process,
    process::Logged,
    project, python,
};

/// Debian's packages of the programs below, and of a font for the page.
const PACKAGES: [&str; 3] = ["chromium", "chromium-driver", "fonts-liberation"];
const PROGRAMS: [&str; 2] = ["chromium", "chromedriver"];

/// Gets a browser, and returns the folder of the programs that drive it.
pub(super) fn ready(permission: Permission) -> Result<PathBuf> {
    if !PROGRAMS.iter().all(|program| which::which(program).is_ok()) {
        let mut log = Logged::create(project::log("chromium"))?;
        apt::install(&PACKAGES, permission, &mut log)
            .context("there is no chromium with a chromedriver on PATH")?;
    }
    python::programs("browser")
}

pub(super) fn run(programs: PathBuf) -> Result<StepResult> {
    let served = Served::start()?;
    let mut pytest = python::pytest("browser", &programs);
    pytest
        .env("BASE_URL", &served.url)
        .env("SCREENSHOTS", project::target().join("browser"))
        .envs(served.credentials.clone());
    process::run(&mut pytest)?;
    Ok(StepResult::Passed)
}
