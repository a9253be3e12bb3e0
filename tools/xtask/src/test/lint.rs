//! Runs Clippy over everything. Its warnings are errors.

use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use super::steps::StepResult;
use crate::{
    compile::Build,
    components, process, project,
    toolchain::{self, TARGET, Toolchain, cargo_with_lints},
    up::serving::stop_with_parent,
};

/// Lints everything. Waits for a build for this machine that is already running.
pub(super) fn run(native_build: &mut NativeBuild) -> Result<StepResult> {
    // Without it the build would pass unlinted.
    toolchain::clippy_driver()?;
    native_build.wait()?;
    Build::run(&mut native(), &[])?.deny_warnings()?;
    // Only the build step sets a toolchain up.
    match Toolchain::find()? {
        Some(toolchain) => lint_components(&toolchain).map(|()| StepResult::Passed),
        None => Ok(StepResult::PassedInPart(
            "without the components' target, which is not set up".to_owned(),
        )),
    }
}

/// Returns the command that lints everything for this machine.
///
/// It builds, unlike `cargo clippy`, which only checks: the tests then find everything built.
/// Checking would compile wasmtime one more time.
fn native() -> Command {
    let mut cargo = cargo_with_lints();
    cargo.args(["build", "--workspace", "--all-targets"]);
    cargo
}

/// Lints the code that only the components' target compiles.
///
/// Where clippy is that of another compiler, the lints of the compiler itself have to do. They are
/// part of the build of the components.
fn lint_components(toolchain: &Toolchain) -> Result<()> {
    if !toolchain.has_clippy() {
        return Ok(());
    }
    let packages = components::all()?.into_iter();
    let packages = packages.flat_map(|component| ["--package".to_owned(), component.package]);
    let mut cargo = toolchain.cargo()?;
    // In release mode the procedural macros of the components' build are used again.
    cargo.args(["clippy", "--release", "--lib"]).args(packages);
    cargo.args(["--target", TARGET, "--target-dir"]);
    cargo.arg(project::target());
    process::run(cargo.args(["--", "--deny", "warnings"]))
}

/// The build for this machine, running beside other steps. Linking a component uses one core, so
/// the two builds together take less time than one after the other.
pub(super) struct NativeBuild(Option<Child>);

impl NativeBuild {
    /// Starts the build. It prints nothing: the lint step repeats its warnings and errors.
    pub(super) fn start() -> Result<Self> {
        let path = project::log("native-build");
        let log = process::create_log(&path)?;
        let mut cargo = native();
        cargo.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        stop_with_parent(&mut cargo);
        let child = cargo
            .spawn()
            .with_context(|| format!("starting {}", process::shown(&cargo)))?;
        eprintln!("Building for this machine; the log is {}", path.display());
        Ok(Self(Some(child)))
    }

    /// Returns a build that was not started.
    pub(super) fn none() -> Self {
        Self(None)
    }

    fn wait(&mut self) -> Result<()> {
        if let Some(mut child) = self.0.take() {
            child.wait()?;
        }
        Ok(())
    }
}

impl Drop for NativeBuild {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            // Fails if the build has ended.
            _ = child.kill();
            _ = child.wait();
        }
    }
}
