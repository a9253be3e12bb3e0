//! Builds the workspace's native programs.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    compile::Build,
    toolchain::{cargo_here, cargo_with_lints},
};

/// The program that serves the application where there is no Spin.
pub(crate) const LOCAL_HOST: &str = "local-host";

/// Selects a program's dependencies with the features that they have when tests are built: those of
/// the whole workspace, development dependencies included, which cargo counts only if it builds a
/// test. With other features wasmtime would be built again, which takes minutes.
const WITH_FEATURES_OF_TESTS: [&str; 3] = ["--workspace", "--test", "shutdown"];

/// Builds a program of the workspace, and returns where it is.
pub(crate) fn build(name: &str) -> Result<PathBuf> {
    build_by(cargo_here(), name)
}

/// Builds a program of the workspace by the compiler that the tests are built by, and returns where
/// it is.
pub(crate) fn build_with_lints(name: &str) -> Result<PathBuf> {
    build_by(cargo_with_lints(), name)
}

/// Builds the native server that the component is measured against, optimized as servers are.
pub(crate) fn build_native_peer() -> Result<PathBuf> {
    const NAME: &str = "native-peer";
    let mut cargo = cargo_here();
    cargo.args(["build", "--package", "bench-native", "--bin", NAME]);
    Build::run(cargo.args(["--profile", "native"]), &[])?.program(NAME)
}

fn build_by(mut cargo: Command, name: &str) -> Result<PathBuf> {
    cargo.arg("build").args(WITH_FEATURES_OF_TESTS);
    Build::run(cargo.args(["--bin", name]), &[])?.program(name)
}
