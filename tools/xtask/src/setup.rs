//! `setup`: what building the component needs, found or installed.

use anyhow::Result;

use crate::toolchain::{TARGET, Toolchain};

/// Finds or sets up the compiler, and says which it is.
pub(crate) fn run() -> Result<()> {
    let toolchain = Toolchain::ensure()?;
    eprintln!("{TARGET} is ready: {toolchain}");
    Ok(())
}
