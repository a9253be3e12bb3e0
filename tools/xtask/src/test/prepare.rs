//! Gets what the black-box tests need beyond the components. A test whose need is not met leaves
//! itself out.

use std::path::Path;

use anyhow::{Context, Result};

use crate::{
    apt::{self, Permission},
    process::Logged,
    project, python,
};

/// The Redis server, and the same program as Debian's `redis-tools` has it. The package
/// `redis-server` would start a service of the system.
const REDIS_PROGRAMS: [&str; 2] = ["redis-server", "redis-check-rdb"];

/// Where Debian puts Postfix, which is not on the `PATH` of every user.
const POSTFIX: &str = "/usr/sbin/postfix";

/// Keeps Debian's package from configuring Postfix. The service of the system does not start without a
/// configuration.
const WITHOUT_CONFIGURATION: &str = "postfix postfix/main_mailer_type select No configuration";

/// Gets a Redis server, an SMTP server and an MTA. Fails only if packages may be installed.
pub(super) fn for_black_box_tests(permission: Permission) -> Result<()> {
    let smtp = || python::programs("delivery").map(drop);
    for need in [redis(permission), smtp(), postfix(permission)] {
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

fn postfix(permission: Permission) -> Result<()> {
    if which::which("postfix").is_ok() || Path::new(POSTFIX).exists() {
        return Ok(());
    }
    let mut log = Logged::create(project::log("postfix"))?;
    if permission == Permission::Granted {
        apt::answer(WITHOUT_CONFIGURATION)?;
    }
    apt::install(&["postfix"], permission, &mut log).context("there is no postfix")
}
