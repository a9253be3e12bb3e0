//! The steps of `test`, each a few programs that must succeed.

use std::{fmt, process::Command};

use anyhow::Result;
use clap::ValueEnum;

use crate::{
    build, components, process, project,
    toolchain::{self, TARGET, Toolchain},
};

/// A step, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Step {
    /// The source is formatted
    Format,
    /// Licenses, origins and advisories of dependencies (where cargo-deny is installed)
    Dependencies,
    /// The components build, and stay within their sizes
    Build,
    /// No lint complains, for this machine and for the components' target
    Lint,
    /// The tests beside the code
    Unit,
    /// The tests from outside, against the built components
    BlackBox,
}

/// How a step ended that did not fail.
pub(super) enum Outcome {
    Passed,
    /// It could not run here, and need not.
    LeftOut(&'static str),
}

impl Step {
    pub(super) const ALL: [Self; 6] = [
        Self::Format,
        Self::Dependencies,
        Self::Build,
        Self::Lint,
        Self::Unit,
        Self::BlackBox,
    ];

    /// What a person may want to know while it runs.
    pub(super) fn purpose(self) -> String {
        let described = self.to_possible_value();
        let help = described.as_ref().and_then(|value| value.get_help());
        help.map(ToString::to_string).unwrap_or_default()
    }

    /// Whether it runs tests that have names, or what these need.
    pub(super) fn takes_filter(self) -> bool {
        matches!(self, Self::Build | Self::Unit | Self::BlackBox)
    }

    pub(super) fn run(self, filter: Option<&str>) -> Result<Outcome> {
        match self {
            Self::Format => process::run(cargo().args(["fmt", "--all", "--check"]))?,
            Self::Dependencies => return dependencies(),
            Self::Build => build::run()?,
            Self::Lint => lint()?,
            Self::Unit => {
                tests(&["--lib", "--bins"], filter)?;
                tests(&["--doc"], filter)?;
            }
            Self::BlackBox => tests(&["--test", "*"], filter)?,
        }
        Ok(Outcome::Passed)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let described = self.to_possible_value();
        f.write_str(described.as_ref().map_or("", |value| value.get_name()))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::LeftOut(why) => write!(f, "left out: {why}"),
        }
    }
}

fn cargo() -> Command {
    let mut cargo = Command::new(toolchain::cargo());
    cargo.current_dir(project::root());
    cargo
}

/// Every selection is of the whole workspace: with the same features each
/// dependency is built once, wasmtime above all.
fn tests(kind: &[&str], filter: Option<&str>) -> Result<()> {
    let mut cargo = cargo();
    cargo.args(["test", "--workspace"]).args(kind);
    if let Some(filter) = filter {
        cargo.args(["--", filter]);
    }
    process::run(&mut cargo)
}

fn lint() -> Result<()> {
    let deny = ["--", "--deny", "warnings"];
    let native = ["clippy", "--workspace", "--all-targets"];
    process::run(cargo().args(native).args(deny))?;

    // What only the components' target compiles.
    let toolchain = Toolchain::ensure()?;
    for component in components::all()? {
        let mut cargo = toolchain.cargo()?;
        if toolchain.has_clippy() {
            cargo.arg("clippy");
        } else {
            // Its clippy is another compiler's; the compiler's own lints remain.
            cargo.args(["rustc", "--profile", "check"]);
        }
        cargo.args(["--package", &component.package, "--lib"]);
        cargo.args(["--target", TARGET, "--target-dir"]);
        cargo.arg(project::target()).args(deny);
        process::run(&mut cargo)?;
    }
    Ok(())
}

fn dependencies() -> Result<Outcome> {
    if which::which("cargo-deny").is_err() {
        return Ok(Outcome::LeftOut("cargo-deny is not installed"));
    }
    process::run(cargo().args(["deny", "--workspace", "check"]))?;
    Ok(Outcome::Passed)
}
