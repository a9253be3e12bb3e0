//! Runs `cargo test`, shows what the tests print, and counts them.

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, BufRead as _, BufReader, IsTerminal as _, Read, Write},
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context, Result, anyhow, bail};

use super::steps::StepResult;
use crate::{process, toolchain::cargo_with_lints};

/// The prefix of the line of a test that leaves itself out: `left out: NAME: REASON`.
const LEFT_OUT: &str = "left out: ";

/// Returns a `cargo test` of the whole workspace, whichever tests it then selects: with the same
/// packages selected, dependencies have the same features and are built once.
pub(super) fn of_workspace(selection: &[&str]) -> Command {
    let mut cargo = cargo_with_lints();
    cargo.args(["test", "--workspace"]).args(selection);
    cargo
}

/// Runs a `cargo test` with arguments for the tests themselves, and fails if a test fails.
pub(super) fn run(mut cargo: Command, arguments: &[&str]) -> Result<Tests> {
    cargo.arg("--").args(arguments);
    // Neither cargo nor the tests see the terminal through the pipes.
    if io::stderr().is_terminal() {
        cargo.env("CARGO_TERM_COLOR", "always");
    }
    if io::stdout().is_terminal() {
        cargo.args(["--color", "always"]);
    }
    let mut child = cargo
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {}", process::shown(&cargo)))?;
    let stdout = child.stdout.take().context("no standard output")?;
    let stderr = child.stderr.take().context("no standard error")?;
    let mut tests = Tests::default();
    thread::scope(|scope| {
        let mut left_out = LeftOut::default();
        let errors = scope.spawn(move || {
            pass_on(stderr, io::stderr(), |line| left_out.note(line)).map(|()| left_out)
        });
        pass_on(stdout, io::stdout(), |line| tests.note(line))?;
        let errors = errors.join();
        tests.left_out = errors.map_err(|_| anyhow!("reading the errors panicked"))??;
        anyhow::Ok(())
    })?;
    let status = child.wait()?;
    if !status.success() {
        bail!("{} ended with {status}", process::shown(&cargo));
    }
    Ok(tests)
}

/// Copies lines, and notes each.
fn pass_on(from: impl Read, mut to: impl Write, mut note: impl FnMut(&str)) -> io::Result<()> {
    for line in BufReader::new(from).split(b'\n') {
        let mut line = line?;
        line.push(b'\n');
        to.write_all(&line)?;
        note(&String::from_utf8_lossy(&line));
    }
    Ok(())
}

/// The tests of a run that succeeded.
#[derive(Debug, Default)]
pub(super) struct Tests {
    /// The tests that ran, those that left themselves out included.
    pub(super) count: usize,
    left_out: LeftOut,
}

impl Tests {
    /// Counts the tests of one program, which says `running 3 tests` first.
    fn note(&mut self, line: &str) {
        let count = line
            .strip_prefix("running ")
            .and_then(|rest| rest.split_once(" test"))
            .and_then(|(count, _)| count.parse::<usize>().ok());
        self.count += count.unwrap_or_default();
    }

    /// Returns the result of the step that these tests are.
    pub(super) fn result(&self) -> StepResult {
        if self.left_out.0.is_empty() {
            StepResult::Passed
        } else {
            StepResult::PassedInPart(self.left_out.to_string())
        }
    }
}

/// How many tests left themselves out, by reason.
#[derive(Debug, Default)]
struct LeftOut(BTreeMap<String, usize>);

impl LeftOut {
    fn note(&mut self, line: &str) {
        let report = line.strip_prefix(LEFT_OUT);
        if let Some((_, reason)) = report.and_then(|report| report.split_once(": ")) {
            *self.0.entry(reason.trim_end().to_owned()).or_default() += 1;
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
    fn note_of_left_out_tests_sums_them_up_by_reason() {
        let mut tests = Tests::default();
        assert_eq!(tests.result().to_string(), "passed");
        for line in [
            "left out: cost::one: no counts\n",
            "left out: auth::two: no names: none\n",
            "left out: cost::three: no counts\n",
            "test cost::one ... ok\n",
        ] {
            tests.left_out.note(line);
        }
        assert_eq!(
            tests.result().to_string(),
            "passed, 3 tests left out:\n     2: no counts\n     1: no names: none"
        );
    }

    #[test]
    fn note_of_several_programs_counts_all_their_tests() {
        let mut tests = Tests::default();
        for line in ["running 3 tests\n", "test a ... ok\n", "running 1 test\n"] {
            tests.note(line);
        }
        assert_eq!(tests.count, 4);
    }
}
