//! Gets what the black-box tests need beyond the components. A test whose need is not met leaves
//! itself out.

use anyhow::{Context, Result};

use crate::{
    apt::{self, Permission},
    process::Logged,
    project, python,
};

/// The Redis server, and the same program as Debian's `redis-tools` has it. The package
/// `redis-server` would start a service of the system.
const REDIS_PROGRAMS: [&str; 2] = ["redis-server", "redis-check-rdb"];

/// Gets a Redis server and an SMTP server. Fails only if packages may be installed.
pub(super) fn for_black_box_tests(permission: Permission) -> Result<()> {
    let smtp = || python::programs("delivery").map(drop);
    for need in [redis(permission), smtp()] {
        match need {
            Err(error) if permission == Permission::Refused => {
                eprintln!("some tests will be left out: {error:#}");
            }
            result => result?,
        }
    }
    Ok(())
}

fn redis(permission: Permission) -> Result<()> {
    if REDIS_PROGRAMS.iter().any(|name| which::which(name).is_ok()) {
        return Ok(());
    }
    let mut log = Logged::create(project::log("redis"))?;
    apt::install(&["redis-tools"], permission, &mut log).context("there is no redis-server on PATH")
}
