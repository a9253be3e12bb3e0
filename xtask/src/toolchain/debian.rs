//! Debian's packages: a current compiler with the source of its own standard
//! library, and a C library for WebAssembly.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use super::rustc::Rustc;
use crate::{process::Logged, progress::Step};

/// Debian's current Rust, kept up to date for its browsers.
pub(super) const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", WASI_LIBC];
/// The C library that the standard one is linked with.
pub(super) const WASI_LIBC: &str = "wasi-libc";

/// Where those packages put their programs.
const RUSTC: &str = "/usr/bin/rustc";
pub(super) const CARGO: &str = "/usr/bin/cargo";
/// Where the C library is, by the name that each release of Debian gives the target.
const LIBC_FOLDERS: [&str; 2] = ["/usr/lib/wasm32-wasip2", "/usr/lib/wasm32-wasi"];

const UPDATE_LIMIT: Duration = Duration::from_mins(5);
const INSTALL_LIMIT: Duration = Duration::from_mins(20);

/// Debian's compiler, where there is one that works.
pub(super) fn rustc() -> Option<Rustc> {
    let program = Path::new(RUSTC);
    program.is_file().then(|| Rustc::at(program.into()).ok())?
}

/// The folder of the C library, where it is installed.
pub(super) fn wasi_libc() -> Option<PathBuf> {
    let mut folders = LIBC_FOLDERS.iter().map(PathBuf::from);
    folders.find(|folder| folder.join("libc.a").is_file())
}

/// Installs packages without removing any.
pub(super) fn install(packages: &[&str], log: &mut Logged) -> Result<()> {
    let apt = which::which("apt-get").context("this system has no apt-get")?;
    let apt_get = |arguments: &[&str]| {
        let mut command = as_root(&apt)?;
        command
            .args(["-o", "DPkg::Lock::Timeout=300"])
            .args(arguments);
        anyhow::Ok(command)
    };

    let step = Step::start("Updating the package lists");
    log.run(&mut apt_get(&["update"])?, &step, UPDATE_LIMIT)?;
    step.done();

    let step = Step::start(format!("Installing {}", packages.join(", ")));
    let options = ["install", "--yes", "--no-install-recommends", "--no-remove"];
    let mut command = apt_get(&[&options, packages].concat())?;
    log.run(&mut command, &step, INSTALL_LIMIT)?;
    step.done();
    Ok(())
}

/// A command that runs as root: directly, or through a sudo that asks nothing.
fn as_root(program: &Path) -> Result<Command> {
    // `env` sets the variable on either way; sudo would not pass it on.
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
