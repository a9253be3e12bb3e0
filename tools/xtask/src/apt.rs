//! Installs packages on Debian and systems like it.

use std::{env, path::Path, process::Command, time::Duration};

use anyhow::{Context, Result, bail};

use crate::{
    process::{self, Logged},
    progress::Progress,
};

const UPDATE_LIMIT: Duration = Duration::from_mins(5);
const INSTALL_LIMIT: Duration = Duration::from_mins(20);

/// Whether a task may install packages of the system, which takes root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    Granted,
    Refused,
}

impl Permission {
    /// Returns the permission of the tests: they install packages if asked to, and in CI.
    pub(crate) fn of_tests(asked: bool) -> Self {
        let ci = env::var("CI").is_ok_and(|ci| ci == "true");
        if asked || ci {
            Self::Granted
        } else {
            Self::Refused
        }
    }
}

/// Installs packages without removing any.
pub(crate) fn install(packages: &[&str], permission: Permission, log: &mut Logged) -> Result<()> {
    if permission == Permission::Refused {
        bail!(
            "not installed: {}; `cargo xtask test --install` installs it, as root",
            packages.join(", ")
        );
    }
    let apt = which::which("apt-get").context("this system has no apt-get")?;
    let apt_get = |arguments: &[&str]| {
        let mut command = as_root(&apt)?;
        command
            .args(["-o", "DPkg::Lock::Timeout=300"])
            .args(arguments);
        anyhow::Ok(command)
    };

    let step = Progress::start("Updating the package lists");
    log.run(&mut apt_get(&["update"])?, &step, UPDATE_LIMIT)?;
    step.done();

    let step = Progress::start(format!("Installing {}", packages.join(", ")));
    let options = ["install", "--yes", "--no-install-recommends", "--no-remove"];
    let mut command = apt_get(&[&options, packages].concat())?;
    log.run(&mut command, &step, INSTALL_LIMIT)?;
    step.done();
    Ok(())
}

/// Answers a question that a package asks when it is installed: its name, the question's name, type
/// and answer.
pub(crate) fn answer(question: &str) -> Result<()> {
    let shell = which::which("sh").context("there is no shell")?;
    let mut command = as_root(&shell)?;
    command.args(["-c", "echo \"$1\" | debconf-set-selections", "sh"]);
    process::output(command.arg(question)).map(drop)
}

/// Returns a command that runs as root: directly, or through a sudo that asks for no password.
fn as_root(program: &Path) -> Result<Command> {
    // sudo does not pass the variable on; `env` sets it either way.
    let quiet = ["env", "DEBIAN_FRONTEND=noninteractive"];
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new(quiet[0]);
        command.arg(quiet[1]);
        command
    } else {
        let sudo = which::which("sudo").context("this user is not root, and there is no sudo")?;
        let allowed = Command::new(&sudo).args(["-n", "true"]).output()?;
        if !allowed.status.success() {
            bail!("this user is not root, and sudo asks for a password");
        }
        let mut command = Command::new(sudo);
        command.arg("-n").args(quiet);
        command
    };
    command.arg(program);
    Ok(command)
}
