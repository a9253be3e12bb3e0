//! Where things are: the project's folder, and what lies under its `target/`.
//!
//! Everything the tasks make goes under `target/`, so that removing that folder
//! undoes all of it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, MetadataCommand, semver::Version};

/// The folder that holds `spin.toml` and the workspace's `Cargo.toml`.
pub(crate) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap_or(package)
}

/// The project's own `target/`: `spin.toml` names components in it, so it does
/// not move with `CARGO_TARGET_DIR`.
pub(crate) fn target() -> PathBuf {
    root().join("target")
}

/// The manifest of the one package that is no member of the workspace: the native server that the
/// component is measured against.
pub(crate) fn native_peer() -> PathBuf {
    root().join("tools/bench/native/Cargo.toml")
}

/// The full output of steps that show only a running line.
pub(crate) fn log(task: &str) -> PathBuf {
    target().join("logs").join(format!("{task}.log"))
}

/// The oldest compiler that the project builds with.
pub(crate) fn rust_version() -> Result<Version> {
    let stated = env!("CARGO_PKG_RUST_VERSION");
    // Cargo accepts a version of two numbers, semver does not.
    let padded = match stated.split('.').count() {
        2 => format!("{stated}.0"),
        _ => stated.to_owned(),
    };
    Version::parse(&padded).with_context(|| format!("rust-version is \"{stated}\""))
}

/// The workspace's own packages, without what they depend on.
pub(crate) fn metadata() -> Result<Metadata> {
    MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .exec()
        .context("reading the workspace's packages")
}
