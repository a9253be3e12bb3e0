//! `test NAME`: runs the tests of a name, and builds as little as that takes.

use std::{
    collections::BTreeSet,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use console::style;

use super::{
    cargo_test::{self, Tests},
    prepare,
    suites::{self, Cost, Suite},
};
use crate::{apt::Permission, build, progress::spent, toolchain::cargo_here};

/// Runs the tests whose names contain `filter`: those of the cheapest suites that have any.
pub(super) fn run(filter: &str, permission: Permission) -> Result<()> {
    let all = suites::all()?;
    for cost in Cost::ALL {
        let mut candidates = Vec::new();
        for suite in all.iter().filter(|suite| suite.cost == cost) {
            if suite.may_contain(filter)? {
                candidates.push(suite);
            }
        }
        if candidates.is_empty() {
            continue;
        }
        eprintln!("\n── {}", style(cost).for_stderr().bold());
        let begun = Instant::now();
        let tests = run_suites(&candidates, cost, filter, permission)?;
        if tests.count > 0 {
            report(cost, &candidates, &tests, begun.elapsed());
            return Ok(());
        }
    }
    bail!("no test has a name that contains {filter:?}");
}

fn run_suites(
    suites: &[&Suite],
    cost: Cost,
    filter: &str,
    permission: Permission,
) -> Result<Tests> {
    if cost == Cost::BlackBox {
        build::all(permission)?;
        prepare::for_black_box_tests(permission)?;
    }
    cargo_test::run(cargo(suites, cost), &[filter])
}

fn cargo(suites: &[&Suite], cost: Cost) -> Command {
    let programs = suites.iter().filter_map(|suite| suite.program.as_deref());
    let programs: Vec<_> = programs.flat_map(|name| ["--test", name]).collect();
    match cost {
        Cost::Component | Cost::Native => {
            let packages: BTreeSet<_> = suites.iter().map(|suite| &suite.package).collect();
            let mut cargo = cargo_here();
            cargo.args(["test", "--tests"]);
            for package in packages {
                cargo.args(["--package", package]);
            }
            cargo
        }
        // With the features and by the compiler that all tests are built with.
        Cost::LocalHost => cargo_test::of_workspace(&["--lib", "--bins"]),
        Cost::BlackBox => cargo_test::of_workspace(&programs),
    }
}

/// Prints which suites had a match.
fn report(cost: Cost, suites: &[&Suite], tests: &Tests, time: Duration) {
    let names = suites.iter().map(|suite| {
        let program = suite.program.as_deref();
        program.unwrap_or(&suite.package)
    });
    let mut names: Vec<_> = names.collect();
    names.dedup();
    let count = tests.count;
    let plural = if count == 1 { "" } else { "s" };
    eprintln!("── summary");
    eprintln!(
        "{cost}: {count} test{plural} in {} ({}), {}",
        spent(time),
        names.join(", "),
        tests.result()
    );
}
