//! The steps of `test`, each a few programs that must succeed.

use std::{env, fmt};

use anyhow::Result;
use clap::ValueEnum;

use super::{
    black_box::{self, cargo_test},
    browser, dependencies, deploy, lint, redis, schemathesis,
};
use crate::{build, process, project, toolchain::cargo_here, up::host};

/// A step, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Step {
    /// The source is formatted
    Format,
    /// Licenses, origins and advisories of dependencies
    Dependencies,
    /// The components build, and stay within their sizes
    Build,
    /// The files for operators fit the hosts that read them
    Deploy,
    /// No lint complains, for this machine and for the components' target
    Lint,
    /// The tests beside the code
    Unit,
    /// The tests from outside, against the built components in the local host
    BlackBox,
    /// Those of routes and credentials again, in HTTP/2
    Http2,
    /// The tests from outside, against the built components in Spin
    Spin,
    /// Made-up requests, held against the OpenAPI document
    Schemathesis,
    /// The documentation's page in a real browser
    Browser,
}

/// How a step ended that did not fail.
pub(super) enum Outcome {
    Passed,
    /// What ran has passed; why not all of it ran.
    Partly(String),
    /// It could not run here, and need not.
    LeftOut(String),
}

impl Step {
    pub(super) const ALL: [Self; 11] = [
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
        Self::Browser,
    ];

    /// What a person may want to know while it runs.
    pub(super) fn purpose(self) -> String {
        let described = self.to_possible_value();
        let help = described.as_ref().and_then(|value| value.get_help());
        help.map(ToString::to_string).unwrap_or_default()
    }

    /// Whether it runs tests that have names, or what these need.
    pub(super) fn takes_filter(self) -> bool {
        matches!(self, Self::Build | Self::Unit | Self::BlackBox | Self::Spin)
    }

    /// Runs it. A step for which a program is missing is an error only if it is `asked_for`, or in
    /// CI; where there is no Spin, only if it is asked for.
    pub(super) fn run(self, filter: Option<&str>, asked_for: bool) -> Result<Outcome> {
        match self {
            Self::Format => {
                process::run(cargo_here().args(["fmt", "--all", "--check"]))?;
                let mut aside = cargo_here();
                aside.args(["fmt", "--check", "--manifest-path"]);
                process::run(aside.arg(project::native_peer()))?;
            }
            Self::Dependencies => return run_with(dependencies::ready, dependencies::run),
            Self::Build => build::run()?,
            Self::Deploy => {
                return run_with(deploy::ready, |programs| {
                    deploy::run(programs).map(|()| Outcome::Passed)
                });
            }
            Self::Lint => lint::run()?,
            Self::Unit => {
                unit(&["--lib", "--bins"], filter)?;
                unit(&["--doc"], filter)?;
            }
            Self::BlackBox => {
                ready_or_left_out(redis::ready)?;
                return black_box::on_the_local_host(filter);
            }
            Self::Http2 => return black_box::in_http2(),
            Self::Spin => {
                return match host::spin() {
                    Ok(spin) => {
                        eprintln!("with {spin}");
                        black_box::on_spin(filter)
                    }
                    Err(why) if asked_for => Err(why),
                    Err(why) => Ok(Outcome::LeftOut(format!("{why:#}"))),
                };
            }
            Self::Schemathesis => {
                return run_with(schemathesis::ready, |programs| {
                    schemathesis::run(programs).map(|()| Outcome::Passed)
                });
            }
            Self::Browser => {
                return run_with(browser::ready, |programs| {
                    browser::run(programs).map(|()| Outcome::Passed)
                });
            }
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
            Self::Partly(why) => write!(f, "passed, {why}"),
            Self::LeftOut(why) => write!(f, "left out: {why}"),
        }
    }
}

fn unit(kind: &[&str], filter: Option<&str>) -> Result<()> {
    let mut cargo = cargo_test(kind);
    if let Some(filter) = filter {
        cargo.args(["--", filter]);
    }
    process::run(&mut cargo)
}

/// Gets what some tests of a step need. Where it cannot be had these tests leave themselves out, but
/// for CI.
fn ready_or_left_out(ready: fn() -> Result<()>) -> Result<()> {
    match ready() {
        Err(why) if is_ci() => Err(why),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Runs a step with its programs. Where they cannot be had it is left out, but for CI.
fn run_with<T>(ready: fn() -> Result<T>, step: fn(T) -> Result<Outcome>) -> Result<Outcome> {
    match ready() {
        Ok(programs) => step(programs),
        Err(why) if is_ci() => Err(why),
        Err(why) => Ok(Outcome::LeftOut(format!("{why:#}"))),
    }
}

fn is_ci() -> bool {
    env::var("CI").is_ok_and(|ci| ci == "true")
}
