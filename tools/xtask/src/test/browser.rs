//! The documentation's page in headless Chromium.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::served::Served;
use crate::{apt, process, process::Logged, project, python};

/// Debian's packages of the programs below, and of the letters on the page.
const PACKAGES: [&str; 3] = ["chromium", "chromium-driver", "fonts-liberation"];
const PROGRAMS: [&str; 2] = ["chromium", "chromedriver"];

/// The folder of the programs that drive the browser, which is here, too.
pub(super) fn ready() -> Result<PathBuf> {
    if !PROGRAMS.iter().all(|program| which::which(program).is_ok()) {
        apt::install(&PACKAGES, &mut Logged::create(project::log("chromium"))?)
            .context("there is no chromium with a chromedriver on PATH")?;
    }
    python::programs("browser")
}

pub(super) fn run(programs: PathBuf) -> Result<()> {
    let served = Served::start()?;
    let mut pytest = python::pytest("browser", &programs);
    pytest
        .env("BASE_URL", &served.url)
        .env("SCREENSHOTS", project::target().join("browser"))
        .envs(served.credentials.clone());
    process::run(&mut pytest)
}
