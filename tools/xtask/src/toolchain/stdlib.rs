//! The sources that a standard library for the target is built from.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::{cargo, debian, rustc::Rustc};
use crate::{
    apt::{self, Permission},
    process::Logged,
    project,
};

/// A compiler with the source of its own standard library, and a C library.
pub(super) struct Source {
    pub(super) rustc: Rustc,
    pub(super) cargo: PathBuf,
    /// The folder of `libc.a` and the start-up objects.
    pub(super) libc: PathBuf,
}

impl Source {
    /// Returns the compiler on `PATH` if its source is installed, else Debian's. Installs missing
    /// packages if that is permitted.
    pub(super) fn find(current: &Rustc, permission: Permission, log: &mut Logged) -> Result<Self> {
        if current.has_library_source() {
            if debian::wasi_libc().is_none() {
                apt::install(&[debian::WASI_LIBC], permission, log)?;
            }
            return Self::with(current.clone(), cargo().into());
        }
        if debian::wasi_libc().is_none() || usable_rustc().is_err() {
            apt::install(&debian::PACKAGES, permission, log)?;
        }
        Self::with(usable_rustc()?, debian::CARGO.into())
    }

    fn with(rustc: Rustc, cargo: PathBuf) -> Result<Self> {
        let libc = debian::wasi_libc().context("the C library for WebAssembly is not installed")?;
        Ok(Self { rustc, cargo, libc })
    }
}

/// Returns Debian's compiler if it is new enough and its source and cargo are installed.
fn usable_rustc() -> Result<Rustc> {
    let rustc = debian::rustc().context("Debian's compiler is not installed")?;
    let oldest = project::rust_version()?;
    if rustc.version < oldest {
        bail!(
            "Debian's rustc is {}, the project needs {oldest}",
            rustc.version
        );
    }
    if !rustc.has_library_source() || !PathBuf::from(debian::CARGO).is_file() {
        bail!("Debian's cargo or the source of its standard library is not installed");
    }
    Ok(rustc)
}
