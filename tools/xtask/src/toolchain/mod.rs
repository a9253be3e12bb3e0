//! A compiler that can build the component, found or made.
//!
//! [`Toolchain::ensure`] tries, in this order: the target that the compiler on
//! `PATH` already has; a standard library made by an earlier run; rustup; a
//! standard library made now, from the compiler's own source. The last is kept
//! under `target/toolchain/` and used as long as the compiler stays the same.

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
use crate::{process::Logged, project};

/// What the component is compiled for.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// A compiler that can build for [`TARGET`].
pub(crate) enum Toolchain {
    /// The compiler on `PATH` has the target.
    Installed(Rustc),
    /// A compiler whose standard library for the target was built here.
    Built(Sysroot),
}

impl Toolchain {
    /// The toolchain, set up first where that is needed.
    pub(crate) fn ensure() -> Result<Self> {
        let current = Rustc::current()?;
        if let Some(ready) = Self::ready(&current)? {
            return Ok(ready);
        }
        let _alone = sysroot::lock()?;
        // Another run may have done it while this one waited.
        if let Some(ready) = Self::ready(&current)? {
            return Ok(ready);
        }
        let mut log = Logged::create(project::log("setup"))?;
        set_up(&current, &mut log).with_context(|| {
            format!(
                "setting up a compiler for {TARGET}; the full log is {}",
                log.path().display()
            )
        })
    }

    /// What can be used as it is.
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

    /// Cargo, so called that `--target wasm32-wasip2` works.
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

    /// Whether the compiler's own clippy understands the target's standard library.
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

/// The cargo that runs this task, else the one on `PATH`.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Cargo in the project's folder.
///
/// Not with what the cargo that runs this task says of the task's own package: build scripts that
/// watch such variables (ring's does) would run again, and all be built again that needs them.
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

/// The compiler that lints, too: clippy of the compiler that cargo uses.
pub(crate) fn clippy_driver() -> Result<PathBuf> {
    let driver = Rustc::current()?.sysroot.join("bin/clippy-driver");
    if !driver.exists() {
        bail!("clippy is not installed: rustup component add clippy");
    }
    Ok(driver)
}

fn set_up(current: &Rustc, log: &mut Logged) -> Result<Toolchain> {
    let no_rustup = match rustup::add_target(log) {
        Ok(()) if current.has_target()? => return Ok(Toolchain::Installed(current.clone())),
        Ok(()) => "it serves another compiler than the one on PATH".to_owned(),
        Err(error) => format!("{error:#}"),
    };
    eprintln!("rustup could not; building the standard library from source instead");
    let source = match stdlib::Source::find(current, log) {
        Ok(source) => source,
        Err(error) => bail!(advice(&no_rustup, &format!("{error:#}"))),
    };
    // A compiler without a linker would fail only after minutes.
    linkers()?;
    Sysroot::make(&source, log).map(Toolchain::Built)
}

/// What a person can do where nothing else helped.
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

/// The folders where the linkers for WebAssembly are: none when `PATH` has them.
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

/// The flags of the environment and the sysroot's, in cargo's encoding: the only
/// one in which a path may hold a space.
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
