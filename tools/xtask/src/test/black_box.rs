//! The black-box tests, on a host of choice.

use std::{
    collections::BTreeMap,
    fmt,
    io::{BufRead as _, BufReader, IsTerminal as _, Write as _},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use super::steps::Outcome;
use crate::{process, toolchain::cargo_here};

/// What a test says that leaves itself out: `left out: NAME: REASON`.
const LEFT_OUT: &str = "left out: ";
/// The suites whose tests run against a host.
const SUITES: [&str; 2] = ["api", "delivery"];
/// The tests that are run again in HTTP/2: those of what is called, and by whom.
const AGAIN_IN_HTTP2: [&str; 2] = ["routes::", "auth::"];

/// Runs all tests from outside on the local host.
pub(super) fn on_the_local_host(filter: Option<&str>) -> Result<Outcome> {
    let mut cargo = cargo_test(&["--test", "*"]);
    run(cargo.args(after_dashes(filter)))
}

/// Runs those again that concern what is called and by whom, in HTTP/2.
pub(super) fn in_http2() -> Result<Outcome> {
    let mut cargo = cargo_test(&["--test", "api"]);
    run(cargo.arg("--").args(AGAIN_IN_HTTP2).env("TEST_HTTP", "2"))
}

/// Runs those that serve the application on Spin.
pub(super) fn on_spin(filter: Option<&str>) -> Result<Outcome> {
    let suites = SUITES.map(|name| ["--test", name]);
    let mut cargo = cargo_test(suites.as_flattened());
    cargo.env("TEST_HOST", "spin");
    run(cargo.args(after_dashes(filter)))
}

fn after_dashes(filter: Option<&str>) -> impl Iterator<Item = &str> {
    filter.into_iter().flat_map(|filter| ["--", filter])
}

/// Every selection is of the whole workspace: with the same features each
/// dependency is built once, wasmtime above all.
pub(super) fn cargo_test(kind: &[&str]) -> Command {
    let mut cargo = cargo_here();
    cargo.args(["test", "--workspace"]).args(kind);
    cargo
}

/// Runs tests, shows what they print, and sums up which left themselves out.
fn run(cargo: &mut Command) -> Result<Outcome> {
    if std::io::stderr().is_terminal() {
        // Cargo does not see the terminal.
        cargo.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = cargo
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {}", process::shown(cargo)))?;
    let stderr = child.stderr.take().context("it has no standard error")?;
    let mut left_out = LeftOut::default();
    for line in BufReader::new(stderr).split(b'\n') {
        let line = line?;
        let mut terminal = std::io::stderr().lock();
        terminal.write_all(&line)?;
        terminal.write_all(b"\n")?;
        left_out.note(&String::from_utf8_lossy(&line));
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("{} ended with {status}", process::shown(cargo));
    }
    Ok(left_out.outcome())
}

/// The tests that left themselves out, by reason.
#[derive(Default)]
struct LeftOut(BTreeMap<String, usize>);

impl LeftOut {
    fn note(&mut self, line: &str) {
        let report = line.strip_prefix(LEFT_OUT);
        if let Some((_, reason)) = report.and_then(|report| report.split_once(": ")) {
            *self.0.entry(reason.trim_end().to_owned()).or_default() += 1;
        }
    }

    fn outcome(self) -> Outcome {
        if self.0.is_empty() {
            Outcome::Passed
        } else {
            Outcome::Partly(self.to_string())
        }
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count: usize = self.0.values().sum();
        let tests = if count == 1 { "test" } else { "tests" };
        write!(f, "{count} {tests} left out:")?;
        for (reason, count) in &self.0 {
            write!(f, "\n  {count:>4}: {reason}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_that_leave_themselves_out_are_summed_up_by_reason() {
        let mut left_out = LeftOut::default();
        for line in [
            "left out: cost::one: no counts",
            "left out: auth::two: no names: none",
            "left out: cost::three: no counts",
            "test cost::one ... ok",
        ] {
            left_out.note(line);
        }
        assert_eq!(
            left_out.outcome().to_string(),
            "passed, 3 tests left out:\n     2: no counts\n     1: no names: none"
        );
        assert_eq!(LeftOut::default().outcome().to_string(), "passed");
    }
}
