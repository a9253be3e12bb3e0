//! `setup`: finds or installs what building the components needs.

use anyhow::Result;

use crate::{
    apt::Permission,
    toolchain::{TARGET, Toolchain},
};

/// Finds or sets up the compiler, and prints which one it is.
pub(crate) fn run() -> Result<()> {
    let toolchain = Toolchain::ensure(Permission::Granted)?;
    eprintln!("{TARGET} is ready: {toolchain}");
    Ok(())
}
