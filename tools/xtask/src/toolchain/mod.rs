//! Finds or sets up a compiler that can build the components.
//!
//! [`Toolchain::ensure`] tries, in this order: the target of the compiler on `PATH`; a standard
//! library that an earlier run built; rustup; a standard library built now, from the compiler's
//! own source. The last is kept under `target/toolchain/` and used as long as the compiler stays
//! the same.

mod debian;
mod rustc;
mod rustup;
mod stdlib;
mod sysroot;

use std::{
    env,
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use self::{rustc::Rustc, sysroot::Sysroot};
use crate::{apt::Permission, process::Logged, project};

/// The target that components are compiled for.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// A compiler that can build for [`TARGET`].
pub(crate) enum Toolchain {
    /// The compiler on `PATH` has the target.
    Installed(Rustc),
    /// A compiler whose standard library for the target was built here.
    Built(Sysroot),
}

impl Toolchain {
    /// Returns a toolchain, and sets it up first if there is none.
    pub(crate) fn ensure(permission: Permission) -> Result<Self> {
        let current = Rustc::current()?;
        if let Some(ready) = Self::ready(&current)? {
            return Ok(ready);
        }
        let _lock = sysroot::lock()?;
        // Another run may have set it up while this one waited for the lock.
        if let Some(ready) = Self::ready(&current)? {
            return Ok(ready);
        }
        let mut log = Logged::create(project::log("setup"))?;
        set_up(&current, permission, &mut log).with_context(|| {
            format!(
                "setting up a compiler for {TARGET}; the full log is {}",
                log.path().display()
            )
        })
    }

    /// Returns the toolchain if it is set up.
    pub(crate) fn find() -> Result<Option<Self>> {
        Self::ready(&Rustc::current()?)
    }

    /// Returns a toolchain that needs no setting up.
    fn ready(current: &Rustc) -> Result<Option<Self>> {
        if current.has_target()? {
            return Ok(Some(Self::Installed(current.clone())));
        }
        for rustc in [Some(current.clone()), debian::rustc()]
            .into_iter()
            .flatten()
        {
            if let Some(sysroot) = Sysroot::made_for(&rustc)? {
                return Ok(Some(Self::Built(sysroot)));
            }
        }
        Ok(None)
    }

    /// Returns a cargo command for which `--target wasm32-wasip2` works.
    pub(crate) fn cargo(&self) -> Result<Command> {
        let mut cargo = cargo_here();
        if let Self::Built(sysroot) = self {
            cargo
                .env("RUSTC", &sysroot.rustc.program)
                .env("CARGO_ENCODED_RUSTFLAGS", rustflags(&sysroot.path))
                .env("PATH", path_with(&linkers()?)?);
        }
        Ok(cargo)
    }

    /// Returns whether there is a clippy for this compiler. A standard library that was built here
    /// is that of another compiler than clippy's.
    pub(crate) fn has_clippy(&self) -> bool {
        matches!(self, Self::Installed(_))
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Installed(rustc) => {
                write!(f, "rustc {} ({})", rustc.version, rustc.program.display())
            }
            Self::Built(Sysroot { rustc, path }) => write!(
                f,
                "rustc {} ({}) with the standard library in {}",
                rustc.version,
                rustc.program.display(),
                path.display()
            ),
        }
    }
}

/// Returns the cargo that runs this task, else the one on `PATH`.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Returns a cargo command for this machine's own target, in the project's folder.
///
/// Removes the variables in which the cargo that runs this task describes the task's package. With
/// them, build scripts that watch these variables (ring's does) would run again, and their
/// dependents would be compiled again.
pub(crate) fn cargo_here() -> Command {
    let mut cargo = Command::new(cargo());
    cargo.current_dir(project::root());
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&*name);
        }
    }
    cargo
}

/// Returns a cargo command that compiles the workspace's packages with the compiler that lints
/// them, if that is installed. Lints and tests thus share one build.
///
/// Not for anything that is shipped or measured: clippy turns the optimizer of MIR off.
pub(crate) fn cargo_with_lints() -> Command {
    let mut cargo = cargo_here();
    if let Ok(driver) = clippy_driver() {
        cargo.env("RUSTC_WORKSPACE_WRAPPER", driver);
    }
    cargo
}

/// Returns the compiler that lints: clippy of the compiler that cargo uses.
pub(crate) fn clippy_driver() -> Result<PathBuf> {
    let driver = Rustc::current()?.sysroot.join("bin/clippy-driver");
    if !driver.exists() {
        bail!("clippy is not installed: rustup component add clippy");
    }
    Ok(driver)
}

fn set_up(current: &Rustc, permission: Permission, log: &mut Logged) -> Result<Toolchain> {
    let no_rustup = match rustup::add_target(log) {
        Ok(()) if current.has_target()? => return Ok(Toolchain::Installed(current.clone())),
        Ok(()) => "rustup serves another compiler than the one on PATH".to_owned(),
        Err(error) => format!("{error:#}"),
    };
    eprintln!("rustup cannot add {TARGET}; building the standard library from source instead");
    let source = match stdlib::Source::find(current, permission, log) {
        Ok(source) => source,
        Err(error) => bail!(advice(&no_rustup, &format!("{error:#}"))),
    };
    // Checked first: without a linker the build would fail only after minutes.
    linkers()?;
    Sysroot::make(&source, log).map(Toolchain::Built)
}

/// Returns the advice for a machine on which every way to set up a compiler has failed.
fn advice(no_rustup: &str, no_source: &str) -> String {
    format!(
        "no compiler here builds for {TARGET}, and none could be set up.\n\n\
         With rustup: {no_rustup}\n\
         From Debian's packages: {no_source}\n\n\
         Do one of these, then run the same command again:\n  \
         rustup target add {TARGET}\n  \
         as root, on Debian: apt-get update && apt-get install --no-install-recommends {}",
        debian::PACKAGES.join(" ")
    )
}

/// Returns the folders of the linkers for WebAssembly beyond `PATH`.
fn linkers() -> Result<Vec<PathBuf>> {
    let folders = Rustc::current()?.linker_folders();
    let search = path_with(&folders)?;
    for program in ["wasm-component-ld", "wasm-ld"] {
        if which::which_in(program, Some(&search), project::root()).is_err() {
            bail!(
                "{program} is missing. It comes with rustup's compilers; elsewhere \
                 `cargo install wasm-component-ld` and the package lld provide both linkers"
            );
        }
    }
    Ok(folders)
}

fn path_with(folders: &[PathBuf]) -> Result<OsString> {
    let inherited = env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().cloned().chain(env::split_paths(&inherited));
    env::join_paths(all).context("PATH cannot name the linkers' folders")
}

/// Returns the environment's flags and the sysroot's in cargo's encoding, the only one in which a
/// path may contain a space.
fn rustflags(sysroot: &Path) -> OsString {
    let mut flags = env::var_os("CARGO_ENCODED_RUSTFLAGS").unwrap_or_else(|| {
        let plain = env::var("RUSTFLAGS").unwrap_or_default();
        plain
            .split_whitespace()
            .collect::<Vec<_>>()
            .join("\x1f")
            .into()
    });
    if !flags.is_empty() {
        flags.push("\x1f");
    }
    flags.push("--sysroot=");
    flags.push(sysroot);
    flags
}
