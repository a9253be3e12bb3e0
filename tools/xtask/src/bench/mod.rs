//! `bench`: measures the cost of an order, and compares it with the smallest component that stores
//! something and with a native server.

mod chart;
mod cold;
mod compare;
mod counts;
mod fixtures;
mod load;
mod machine;
mod report;
mod server;
mod statistics;
mod subject;
mod sweep;

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use serde::Serialize;

use self::{fixtures::Fixtures, machine::Machine};
use crate::{project, up::host::HostChoice};

/// What to measure, and how long.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The host of the components: Spin 4.1 or later, or the project's own local host
    #[arg(long, value_enum, default_value_t = HostChoice::Local)]
    host: HostChoice,
    /// Show how cost grows with stored orders and with connections, instead of comparing
    #[arg(long)]
    sweep: bool,
    /// Measure briefly, only to see that everything works; the figures mean nothing
    #[arg(long)]
    quick: bool,
    /// How often each server is measured
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long each measurement takes
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = humantime::parse_duration)]
    duration: Duration,
    /// The number of open connections
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
    /// Where orders are stored; by default on disk and then in memory
    #[arg(long, value_enum)]
    store: Option<Storage>,
    /// The folder for results and plots; it is created if it is missing
    #[arg(long, value_name = "DIR", default_value_os_t = project::target().join("bench"))]
    out: PathBuf,
}

/// Where a server keeps orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Storage {
    /// In the default key-value store, which syncs each write to the disk
    Disk,
    /// In memory
    Memory,
}

/// How long and how often each server is measured.
#[derive(Debug, Clone, Copy, Serialize)]
struct Effort {
    rounds: u32,
    duration: Duration,
    warm_up: Duration,
    connections: u16,
}

/// Measures, prints the results and writes them to files.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let out = std::path::absolute(&arguments.out)?;
    fs::create_dir_all(&out).with_context(|| format!("creating {}", out.display()))?;
    // Before the build, which would raise the load average.
    let machine = Machine::here()?;
    let fixtures = Fixtures::build(arguments.host, out.clone())?;
    let stores = match arguments.store {
        Some(store) => vec![store],
        None => vec![Storage::Disk, Storage::Memory],
    };
    let effort = arguments.effort();
    if arguments.sweep {
        let sweeps = sweep::run(&fixtures, &stores, effort, arguments.quick)?;
        return report::sweep(&out, &machine, &fixtures, sweeps);
    }
    let comparisons = stores
        .into_iter()
        .map(|store| compare::run(&fixtures, store, effort))
        .collect::<Result<_>>()?;
    let results = report::Results {
        host: fixtures.host.to_string(),
        machine,
        effort,
        component_bytes: fixtures::component_bytes()?,
        comparisons,
        counts: counts::run(&fixtures)?,
        cold: cold::run(&fixtures, arguments.quick)?,
    };
    report::comparison(&out, &results)
}

impl Arguments {
    fn effort(&self) -> Effort {
        let effort = Effort {
            rounds: self.rounds,
            duration: self.duration,
            warm_up: Duration::from_secs(1),
            connections: self.connections,
        };
        if !self.quick {
            return effort;
        }
        Effort {
            rounds: effort.rounds.min(2),
            duration: effort.duration.min(Duration::from_secs(1)),
            warm_up: Duration::from_millis(500),
            ..effort
        }
    }
}
