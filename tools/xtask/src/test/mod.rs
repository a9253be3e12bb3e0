//! `test`: runs the project's checks, all of them step by step, or the tests of a name.

mod browser;
mod cargo_test;
mod clients;
mod dependencies;
mod deploy;
mod lint;
mod named;
mod prepare;
mod schemathesis;
mod served;
mod steps;
mod suites;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use console::style;

use self::{
    lint::NativeBuild,
    steps::{Run, Step, StepResult},
};
use crate::{apt::Permission, progress::spent, up::host::HostChoice};

/// What to run.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Run only the tests whose names contain this, such as `cancel` or `auth::remote`.
    ///
    /// The suites are tried from cheap to expensive (in-process, other native packages, the local
    /// host, black-box), and the first that has a match is run. Only what it needs is built, and no
    /// other step runs. With --only or --host, the tests of these steps are run instead.
    #[arg(value_name = "NAME")]
    filter: Option<String>,
    /// Run only this step; repeat it for several
    #[arg(long, value_enum, value_name = "STEP")]
    only: Vec<Step>,
    /// Run the black-box tests on this host alone; by default on both, if there is a Spin
    #[arg(long, value_enum, default_value_t = HostChoice::Auto, conflicts_with = "only")]
    host: HostChoice,
    /// Install missing packages of the system as root (with apt-get), and fail if a step cannot
    /// run.
    ///
    /// The environment variable CI=true does the same. Without it, tests that need a missing
    /// program are left out, and the summary says so.
    #[arg(long)]
    install: bool,
}

/// Runs what the arguments ask for.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    match &arguments.filter {
        Some(name) if arguments.only.is_empty() && arguments.host == HostChoice::Auto => {
            named::run(name, arguments.permission())
        }
        _ => run_steps(arguments),
    }
}

/// Runs the steps in order, stops at the first that fails, and prints a summary.
fn run_steps(arguments: &Arguments) -> Result<()> {
    let steps = arguments.steps();
    let started = Instant::now();
    let mut native_build = if [Step::Build, Step::Lint].iter().all(|s| steps.contains(s)) {
        NativeBuild::start()?
    } else {
        NativeBuild::none()
    };
    let mut results: Vec<(Step, StepResult, Duration)> = Vec::new();
    let mut failure = None;
    for &step in &steps {
        let name = style(step.to_string()).for_stderr().bold();
        eprintln!("\n── {name}: {}", step.purpose());
        let begun = Instant::now();
        let result = if step.needs_components() && lacks_components(&results) {
            Ok(StepResult::LeftOut(
                "the components are not built".to_owned(),
            ))
        } else {
            step.run(&mut Run {
                filter: arguments.filter.as_deref(),
                asked_for: arguments.asks_for(step),
                permission: arguments.permission(),
                native_build: &mut native_build,
            })
        };
        match result {
            Ok(result) => results.push((step, result, begun.elapsed())),
            Err(error) => {
                failure = Some((step, error, begun.elapsed()));
                break;
            }
        }
    }

    eprintln!("\n── summary");
    for (step, result, time) in &results {
        print_line(*step, &result.to_string(), *time);
    }
    let Some((step, error, time)) = failure else {
        eprintln!("all passed in {}", spent(started.elapsed()));
        let is_left_out = |(_, result, _): &_| matches!(result, StepResult::LeftOut(_));
        if arguments.permission() == Permission::Refused && results.iter().any(is_left_out) {
            eprintln!("`cargo xtask test --install` installs missing programs, as root");
        }
        return Ok(());
    };
    print_line(step, "FAILED", time);
    let remaining: Vec<_> = steps[results.len() + 1..]
        .iter()
        .map(Step::to_string)
        .collect();
    if !remaining.is_empty() {
        eprintln!("not run: {}", remaining.join(", "));
    }
    bail!("{step}: {error:#}")
}

/// Returns whether the components were to be built but could not be.
fn lacks_components(results: &[(Step, StepResult, Duration)]) -> bool {
    let mut results = results.iter();
    results
        .any(|(step, result, _)| *step == Step::Build && matches!(result, StepResult::LeftOut(_)))
}

fn print_line(step: Step, result: &str, time: Duration) {
    let head = format!("{:<14} {:>12}  ", step.to_string(), spent(time));
    // Further lines are indented.
    let below = format!("\n{:width$}", "", width = head.len());
    eprintln!("{head}{}", result.replace('\n', &below));
}

impl Arguments {
    fn permission(&self) -> Permission {
        Permission::of_tests(self.install)
    }

    /// Returns whether a step is named, so that it may not be left out.
    fn asks_for(&self, step: Step) -> bool {
        self.only.contains(&step) || (self.host == HostChoice::Spin && step == Step::Spin)
    }

    fn steps(&self) -> Vec<Step> {
        let wanted = |step: &Step| match self.host {
            _ if !self.only.is_empty() => self.only.contains(step),
            HostChoice::Auto => true,
            HostChoice::Local if self.filter.is_some() => {
                matches!(step, Step::Build | Step::BlackBox)
            }
            HostChoice::Local => *step != Step::Spin,
            HostChoice::Spin => matches!(step, Step::Build | Step::Spin),
        };
        Step::ALL.into_iter().filter(wanted).collect()
    }
}
