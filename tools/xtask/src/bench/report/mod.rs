//! Reports the results on the terminal, as JSON and as plots.

mod panels;
mod tables;

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};
use serde::Serialize;

use super::{
    Effort, Storage, chart, cold::ColdStart, compare::Comparison, counts::Counts,
    fixtures::Fixtures, machine::Machine, subject::Subject, sweep::Sweep,
};

/// The results of the comparison.
#[derive(Serialize)]
pub(super) struct Results {
    pub(super) host: String,
    pub(super) machine: Machine,
    pub(super) effort: Effort,
    pub(super) component_bytes: u64,
    pub(super) comparisons: Vec<Comparison>,
    pub(super) counts: BTreeMap<Subject, Counts>,
    pub(super) cold: ColdStart,
}

/// The results of the sweep.
#[derive(Serialize)]
struct SweepResults<'a> {
    host: String,
    machine: &'a Machine,
    sweeps: &'a [Sweep],
}

/// Prints and writes the results of the comparison.
pub(super) fn comparison(folder: &Path, results: &Results) -> Result<()> {
    tables::comparison(results);
    write(folder, "results.json", &json(results)?)?;
    let panels: Vec<_> = results
        .comparisons
        .iter()
        .flat_map(panels::of_comparison)
        .collect();
    write(folder, "results.svg", &chart::bars(&panels)?)
}

/// Prints and writes the results of the sweep.
pub(super) fn sweep(
    folder: &Path,
    machine: &Machine,
    fixtures: &Fixtures,
    sweeps: Vec<Sweep>,
) -> Result<()> {
    let results = SweepResults {
        host: fixtures.host.to_string(),
        machine,
        sweeps: &sweeps,
    };
    tables::head(machine, &results.host);
    sweeps.iter().for_each(tables::sweep);
    write(folder, "sweep.json", &json(&results)?)?;
    let panels: Vec<_> = sweeps.iter().flat_map(panels::of_sweep).collect();
    write(folder, "sweep.svg", &chart::lines(&panels)?)
}

impl Storage {
    /// Returns the name on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Memory => "memory",
        }
    }
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(value).context("writing the results as JSON")
}

fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    let path = folder.join(name);
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    eprintln!("wrote {}", path.display());
    Ok(())
}
