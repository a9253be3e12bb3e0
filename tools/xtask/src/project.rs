//! Locates the project's folders and files.
//!
//! The tasks write under `target/` only, so that removing that folder undoes all of it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, MetadataCommand, semver::Version};

/// Returns the folder of `spin.toml` and the workspace's `Cargo.toml`.
pub(crate) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap_or(package)
}

/// Returns the project's own `target/`. It does not move with `CARGO_TARGET_DIR`, because
/// `spin.toml` names components in it.
pub(crate) fn target() -> PathBuf {
    root().join("target")
}

/// Returns the manifest of the project's application.
pub(crate) fn manifest() -> PathBuf {
    root().join("spin.toml")
}

/// Returns the manifest of the benchmark's floor.
pub(crate) fn floor_manifest() -> PathBuf {
    root().join("tools/bench/floor/spin.toml")
}

/// Returns the log of a task, for the output that its progress line does not show.
pub(crate) fn log(task: &str) -> PathBuf {
    target().join("logs").join(format!("{task}.log"))
}

/// Returns the oldest compiler that the project supports.
pub(crate) fn rust_version() -> Result<Version> {
    let stated = env!("CARGO_PKG_RUST_VERSION");
    // Cargo accepts a version of two numbers, semver does not.
    let padded = match stated.split('.').count() {
        2 => format!("{stated}.0"),
        _ => stated.to_owned(),
    };
    Version::parse(&padded).with_context(|| format!("rust-version is \"{stated}\""))
}

/// Returns the workspace's own packages, without their dependencies.
pub(crate) fn metadata() -> Result<Metadata> {
    MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .exec()
        .context("reading the workspace's packages")
}
