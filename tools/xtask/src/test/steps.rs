//! The steps of `test`.

use std::fmt;

use anyhow::Result;
use clap::ValueEnum;

use super::{
    browser, cargo_test, clients, dependencies, deploy,
    lint::{self, NativeBuild},
    prepare, schemathesis,
    suites::{self, Cost},
};
use crate::{
    apt::Permission,
    build, process,
    toolchain::{Toolchain, cargo_here},
    up::host,
};

/// The suites whose tests run against a host.
const HOST_SUITES: [&str; 4] = ["--test", "api", "--test", "delivery"];
/// The tests that run again in HTTP/2: those of routes and credentials.
const AGAIN_IN_HTTP2: [&str; 2] = ["routes::", "auth::"];

/// A step, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Step {
    /// The source is formatted
    Format,
    /// Licenses, origins and advisories of dependencies
    Dependencies,
    /// The components build without warnings, and stay within their sizes
    Build,
    /// The files for operators fit the hosts that read them
    Deploy,
    /// Clippy, for this machine and for the components' target
    Lint,
    /// The tests that need no host: unit tests, in-process tests, examples in the documentation
    Unit,
    /// The black-box tests, against the built components on the local host
    BlackBox,
    /// The black-box tests of routes and credentials again, in HTTP/2
    Http2,
    /// The black-box tests, against the built components on Spin
    Spin,
    /// Generated requests, checked against the OpenAPI document
    Schemathesis,
    /// Linters of the OpenAPI document, and clients that generators make from it
    Clients,
    /// The documentation page in a real browser
    Browser,
}

/// The result of a step that did not fail.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum StepResult {
    Passed,
    /// Everything that ran passed; the text says what did not run.
    PassedInPart(String),
    /// The step did not run; the text says why.
    LeftOut(String),
}

/// What a step is run with.
pub(super) struct Run<'a> {
    /// A part of the names of the tests to run.
    pub(super) filter: Option<&'a str>,
    /// Whether the command line names the step, so that it may not be left out.
    pub(super) asked_for: bool,
    /// Whether packages of the system may be installed. A step then fails if it lacks a program.
    pub(super) permission: Permission,
    /// The native build that was started ahead.
    pub(super) native_build: &'a mut NativeBuild,
}

impl Step {
    pub(super) const ALL: [Self; 12] = [
        Self::Format,
        Self::Dependencies,
        Self::Build,
        Self::Deploy,
        Self::Lint,
        Self::Unit,
        Self::BlackBox,
        Self::Http2,
        Self::Spin,
        Self::Schemathesis,
        Self::Clients,
        Self::Browser,
    ];

    /// Returns the step's description in the help.
    pub(super) fn purpose(self) -> String {
        let described = self.to_possible_value();
        let help = described.as_ref().and_then(|value| value.get_help());
        help.map(ToString::to_string).unwrap_or_default()
    }

    /// Returns whether the step needs built components.
    pub(super) fn needs_components(self) -> bool {
        match self {
            Self::Format | Self::Dependencies | Self::Build | Self::Lint | Self::Unit => false,
            Self::Deploy
            | Self::BlackBox
            | Self::Http2
            | Self::Spin
            | Self::Schemathesis
            | Self::Clients
            | Self::Browser => true,
        }
    }

    /// Runs the step.
    pub(super) fn run(self, run: &mut Run<'_>) -> Result<StepResult> {
        match self {
            Self::Format => process::run(cargo_here().args(["fmt", "--all", "--check"]))?,
            Self::Dependencies => return run.with(dependencies::ready(), dependencies::run),
            Self::Build => {
                return run.with(Toolchain::ensure(run.permission), |_| {
                    build::all_without_warnings(run.permission).map(|()| StepResult::Passed)
                });
            }
            Self::Deploy => return run.with(deploy::ready(), deploy::run),
            Self::Lint => return lint::run(run.native_build),
            Self::Unit => {
                let mut cargo = cargo_test::of_workspace(&["--lib", "--bins"]);
                for program in suites::programs(&[Cost::Component, Cost::Native])? {
                    cargo.args(["--test", &program]);
                }
                let tests = cargo_test::run(cargo, run.arguments())?;
                cargo_test::run(cargo_test::of_workspace(&["--doc"]), run.arguments())?;
                return Ok(tests.result());
            }
            Self::BlackBox => {
                prepare::for_black_box_tests(run.permission)?;
                let mut cargo = cargo_test::of_workspace(&[]);
                for program in suites::programs(&[Cost::BlackBox])? {
                    cargo.args(["--test", &program]);
                }
                return Ok(cargo_test::run(cargo, run.arguments())?.result());
            }
            Self::Http2 => {
                let mut cargo = cargo_test::of_workspace(&["--test", "api"]);
                cargo.env("TEST_HTTP", "2");
                return Ok(cargo_test::run(cargo, &AGAIN_IN_HTTP2)?.result());
            }
            Self::Spin => return run.on_spin(),
            Self::Schemathesis => return run.with(schemathesis::ready(), schemathesis::run),
            Self::Clients => return run.with(clients::ready(), clients::run),
            Self::Browser => return run.with(browser::ready(run.permission), browser::run),
        }
        Ok(StepResult::Passed)
    }
}

impl Run<'_> {
    /// Returns the arguments for the tests.
    fn arguments(&self) -> &[&str] {
        self.filter.as_slice()
    }

    /// Runs a step with its programs. Without them the step is left out, unless the command line
    /// names it or asks for the installation of what is missing.
    fn with<T>(
        &self,
        programs: Result<T>,
        step: impl FnOnce(T) -> Result<StepResult>,
    ) -> Result<StepResult> {
        match programs {
            Ok(programs) => step(programs),
            Err(error) if self.asked_for || self.permission == Permission::Granted => Err(error),
            Err(error) => Ok(StepResult::LeftOut(format!("{error:#}"))),
        }
    }

    fn on_spin(&self) -> Result<StepResult> {
        match host::spin() {
            Ok(spin) => {
                eprintln!("with {spin}");
                prepare::for_black_box_tests(self.permission)?;
                let mut cargo = cargo_test::of_workspace(&HOST_SUITES);
                cargo.env("TEST_HOST", "spin");
                Ok(cargo_test::run(cargo, self.arguments())?.result())
            }
            Err(error) if self.asked_for => Err(error),
            Err(error) => Ok(StepResult::LeftOut(format!("{error:#}"))),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let described = self.to_possible_value();
        f.write_str(described.as_ref().map_or("", |value| value.get_name()))
    }
}

impl fmt::Display for StepResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::PassedInPart(rest) => write!(f, "passed, {rest}"),
            Self::LeftOut(reason) => write!(f, "left out: {reason}"),
        }
    }
}
