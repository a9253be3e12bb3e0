//! `test`: every check the project has, step by step.

mod browser;
mod dependencies;
mod deploy;
mod lint;
mod schemathesis;
mod served;
mod steps;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use console::style;

use self::steps::Step;
use crate::progress::spent;

/// What to run.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Run only the tests whose names contain this
    filter: Option<String>,
    /// Run only this step; repeat it for several
    #[arg(long, value_enum, value_name = "STEP")]
    only: Vec<Step>,
}

/// Runs the steps in order, stops at the first that fails, and sums up.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let filter = arguments.filter.as_deref();
    let steps = arguments.steps();
    let started = Instant::now();
    let mut report = Vec::new();
    let mut failure = None;
    for &step in &steps {
        let name = style(step.to_string()).for_stderr().bold();
        eprintln!("\n── {name}: {}", step.purpose());
        let begun = Instant::now();
        match step.run(filter) {
            Ok(outcome) => report.push((step, outcome, begun.elapsed())),
            Err(error) => {
                failure = Some((step, error, begun.elapsed()));
                break;
            }
        }
    }

    eprintln!("\n── summary");
    for (step, outcome, time) in &report {
        line(*step, &outcome.to_string(), *time);
    }
    let Some((step, error, time)) = failure else {
        eprintln!("all passed in {}", spent(started.elapsed()));
        return Ok(());
    };
    line(step, "FAILED", time);
    let remaining: Vec<_> = steps[report.len() + 1..]
        .iter()
        .map(Step::to_string)
        .collect();
    if !remaining.is_empty() {
        eprintln!("not run: {}", remaining.join(", "));
    }
    bail!("{step}: {error:#}")
}

fn line(step: Step, outcome: &str, time: Duration) {
    eprintln!("{:<14} {:>12}  {outcome}", step.to_string(), spent(time));
}

impl Arguments {
    fn steps(&self) -> Vec<Step> {
        let wanted = |step: &Step| {
            if self.only.is_empty() {
                self.filter.is_none() || step.takes_filter()
            } else {
                self.only.contains(step)
            }
        };
        Step::ALL.into_iter().filter(wanted).collect()
    }
}
