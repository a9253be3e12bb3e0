//! A Redis server for the tests of what decides races.

use anyhow::{Context, Result};

use crate::{apt, process::Logged, project};

/// The server, and the same program as Debian's `redis-tools` has it. The package `redis-server`
/// would start a service of the system, which nothing here needs.
const PROGRAMS: [&str; 2] = ["redis-server", "redis-check-rdb"];

/// Holds that the program is on PATH; installs it where it can.
pub(super) fn ready() -> Result<()> {
    if PROGRAMS.iter().any(|program| which::which(program).is_ok()) {
        return Ok(());
    }
    apt::install(
        &["redis-tools"],
        &mut Logged::create(project::log("redis"))?,
    )
    .context("there is no redis-server on PATH")
}
