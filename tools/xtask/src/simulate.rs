//! `simulate`: runs seeds of the deterministic simulation.

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::{process, toolchain::cargo_here};

/// Which seeds run.
#[derive(Args)]
pub(crate) struct Arguments {
    /// How many seeds to run for each provider
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first seed; with `--seeds 1` the only one
    #[arg(long)]
    seed: Option<u64>,
    /// The provider of the key-value store; all if none is named
    #[arg(long)]
    provider: Option<Provider>,
    /// How many seeds run at the same time
    #[arg(long, default_value_t = 1)]
    jobs: usize,
}

/// The providers that the simulator knows.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Provider {
    Sqlite,
    Redis,
    Dynamodb,
    Cosmosdb,
    Akamai,
}

/// Builds the simulator, optimized, and runs it on the terminal.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut cargo = cargo_here();
    cargo.args(["run", "--quiet", "--profile", "native"]);
    cargo.args(["--package", "simulator", "--"]);
    cargo.args(["--seeds", &arguments.seeds.to_string()]);
    cargo.args(["--jobs", &arguments.jobs.to_string()]);
    if let Some(seed) = arguments.seed {
        cargo.args(["--seed", &seed.to_string()]);
    }
    if let Some(provider) = arguments.provider.and_then(|one| one.to_possible_value()) {
        cargo.args(["--provider", provider.get_name()]);
    }
    process::run(&mut cargo)
}
