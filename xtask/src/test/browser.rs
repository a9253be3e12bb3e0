//! The documentation's page in headless Chromium.

use std::process::Command;

use anyhow::{Context, Result};

use super::served::{Served, credentials};
use crate::{apt, process, process::Logged, project, python};

/// Debian's packages of the programs below, and of the letters on the page.
const PACKAGES: [&str; 3] = ["chromium", "chromium-driver", "fonts-liberation"];
const PROGRAMS: [&str; 2] = ["chromium", "chromedriver"];

/// Why it cannot run here, if it cannot.
pub(super) fn missing() -> Option<String> {
    ready().err().map(|error| format!("{error:#}"))
}

fn ready() -> Result<()> {
    if !PROGRAMS.iter().all(|program| which::which(program).is_ok()) {
        apt::install(&PACKAGES, &mut Logged::create(project::log("chromium"))?)
            .context("there is no chromium with a chromedriver on PATH")?;
    }
    python::programs("browser").map(drop)
}

pub(super) fn run() -> Result<()> {
    let served = Served::start()?;
    let mut pytest = Command::new(python::programs("browser")?.join("pytest"));
    pytest
        .current_dir(project::root().join("tests/browser"))
        // Nothing is to be left between the sources.
        .args(["-p", "no:cacheprovider"])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("BASE_URL", &served.url)
        .env("SCREENSHOTS", project::target().join("browser"))
        .envs(credentials()?);
    process::run(&mut pytest)
}
