//! What a standard library for the target is built from.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::{cargo, debian, rustc::Rustc};
use crate::{apt, process::Logged, project};

/// A compiler with the source of its own standard library, and a C library.
pub(super) struct Source {
    pub(super) rustc: Rustc,
    pub(super) cargo: PathBuf,
    /// The folder with `libc.a` and the start-up objects.
    pub(super) libc: PathBuf,
}

impl Source {
    /// The compiler on `PATH` if its source is there, else Debian's; what is
    /// missing is installed where that is possible.
    pub(super) fn find(current: &Rustc, log: &mut Logged) -> Result<Self> {
        if current.has_library_source() {
            if debian::wasi_libc().is_none() {
                apt::install(&[debian::WASI_LIBC], log)?;
            }
            return Self::with(current.clone(), cargo().into());
        }
        if debian::wasi_libc().is_none() || usable_rustc().is_err() {
            apt::install(&debian::PACKAGES, log)?;
        }
        Self::with(usable_rustc()?, debian::CARGO.into())
    }

    fn with(rustc: Rustc, cargo: PathBuf) -> Result<Self> {
        let libc = debian::wasi_libc().context("the C library for WebAssembly is not there")?;
        Ok(Self { rustc, cargo, libc })
    }
}

/// Debian's compiler, if it is new enough and its source and cargo came with it.
fn usable_rustc() -> Result<Rustc> {
    let rustc = debian::rustc().context("Debian's compiler is not there")?;
    let oldest = project::rust_version()?;
    if rustc.version < oldest {
        bail!(
            "Debian's rustc is {}, the project needs {oldest}",
            rustc.version
        );
    }
    if !rustc.has_library_source() || !PathBuf::from(debian::CARGO).is_file() {
        bail!("Debian's cargo or the source of its standard library is not there");
    }
    Ok(rustc)
}
