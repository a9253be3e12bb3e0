//! `test`: every check the project has, step by step.

mod black_box;
mod browser;
mod dependencies;
mod deploy;
mod lint;
mod redis;
mod schemathesis;
mod served;
mod steps;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use console::style;

use self::steps::Step;
use crate::{progress::spent, up::host::HostChoice};

/// What to run.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Run only the tests whose names contain this
    filter: Option<String>,
    /// Run only this step; repeat it for several
    #[arg(long, value_enum, value_name = "STEP")]
    only: Vec<Step>,
    /// Run the tests from outside on this host alone; without it on both, if there is a Spin
    #[arg(long, value_enum, default_value_t = HostChoice::Auto, conflicts_with = "only")]
    host: HostChoice,
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
        match step.run(filter, arguments.asks_for(step)) {
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
    let head = format!("{:<14} {:>12}  ", step.to_string(), spent(time));
    // What takes several lines is indented.
    let below = format!("\n{:width$}", "", width = head.len());
    eprintln!("{head}{}", outcome.replace('\n', &below));
}

impl Arguments {
    /// Whether a step is named, so that it may not be left out.
    fn asks_for(&self, step: Step) -> bool {
        self.only.contains(&step) || (self.host == HostChoice::Spin && step == Step::Spin)
    }

    fn steps(&self) -> Vec<Step> {
        let wanted = |step: &Step| {
            if !self.only.is_empty() {
                return self.only.contains(step);
            }
            let filtered = self.filter.is_none() || step.takes_filter();
            match self.host {
                HostChoice::Auto => filtered,
                HostChoice::Local => filtered && *step != Step::Spin,
                HostChoice::Spin => matches!(step, Step::Build | Step::Spin),
            }
        };
        Step::ALL.into_iter().filter(wanted).collect()
    }
}
