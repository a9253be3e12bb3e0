//! Runs seeds of the simulation.
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a program for a terminal"
)]

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Instant,
};

use clap::Parser;
use simulator::{Outcome, Plant, Provider, run};

/// Runs the application in a deterministic simulation, seed by seed.
#[derive(Parser)]
struct Arguments {
    /// How many seeds to run for each provider.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first seed. With --seeds 1, a seed that failed runs again.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The provider; all if none is named.
    #[arg(long, value_enum)]
    provider: Option<Provider>,
    /// A fault of the host to plant, to see that it is found.
    #[arg(long, value_enum)]
    plant: Option<Plant>,
    /// How many seeds run at the same time.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// How many failures end the run.
    #[arg(long, default_value_t = 1)]
    failures: usize,
    /// Prints the whole trace of a single seed.
    #[arg(long)]
    trace: bool,
    /// How many lines of the trace of a failure are printed.
    #[arg(long, default_value_t = 60)]
    lines: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let providers = match arguments.provider {
        Some(provider) => vec![provider],
        None => Provider::ALL.to_vec(),
    };
    let mut has_failed = false;
    for provider in providers {
        has_failed |= run_provider(&arguments, provider);
    }
    if has_failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// The results of a provider's seeds.
#[derive(Default)]
struct Totals {
    seeds: u64,
    seconds: u64,
    statistics: BTreeMap<&'static str, u64>,
    failures: Vec<(u64, String)>,
}

/// Runs the seeds of a provider; returns whether one failed.
fn run_provider(arguments: &Arguments, provider: Provider) -> bool {
    let begun = Instant::now();
    let next = AtomicU64::new(arguments.seed);
    let end = arguments.seed + arguments.seeds;
    let totals = Mutex::new(Totals::default());
    let is_single = arguments.seeds == 1;
    let work = || {
        loop {
            let seed = next.fetch_add(1, Relaxed);
            let lock = || totals.lock().unwrap_or_else(PoisonError::into_inner);
            if seed >= end || lock().failures.len() >= arguments.failures {
                return;
            }
            let outcome = run(
                provider,
                arguments.plant,
                seed,
                is_single && arguments.trace,
            );
            if is_single && arguments.trace {
                outcome.trace.iter().for_each(|line| println!("{line}"));
            }
            let mut totals = lock();
            totals.seeds += 1;
            totals.seconds += outcome.simulated_seconds;
            for (what, count) in &outcome.statistics {
                *totals.statistics.entry(what).or_default() += count;
            }
            if let Some(violation) = outcome.violation {
                totals.failures.push((seed, violation));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..arguments.jobs {
            scope.spawn(work);
        }
    });
    let totals = totals.into_inner().unwrap_or_else(PoisonError::into_inner);
    let took = begun.elapsed().as_secs_f64();
    println!(
        "{provider:?}: {} seeds, {} failed, {} simulated hours in {took:.0} s, {:?}",
        totals.seeds,
        totals.failures.len(),
        totals.seconds / 3600,
        totals.statistics,
    );
    for (seed, violation) in &totals.failures {
        println!("  seed {seed}: {violation}");
    }
    if let Some((seed, _)) = totals.failures.first()
        && !(is_single && arguments.trace)
    {
        explain(provider, arguments, *seed);
    }
    !totals.failures.is_empty()
}

/// Runs a seed again, and prints the end of its trace.
fn explain(provider: Provider, arguments: &Arguments, seed: u64) {
    let lines = arguments.lines;
    let Outcome {
        trace, violation, ..
    } = run(provider, arguments.plant, seed, true);
    let violation = violation.unwrap_or_else(|| "no violation the second time".to_owned());
    println!("seed {seed} of {provider:?}: {violation}");
    // The lines about the order that the violation names, if there is one, and the last lines.
    let order = violation
        .split(['(', ')'])
        .nth(1)
        .filter(|id| id.len() == 36);
    let about: Vec<_> = trace
        .iter()
        .filter(|line| order.is_some_and(|id| line.contains(id)))
        .collect();
    for line in about.iter().rev().take(lines).rev() {
        println!("  {line}");
    }
    if order.is_none() {
        for line in trace.iter().rev().take(lines).rev() {
            println!("  {line}");
        }
    }
}
