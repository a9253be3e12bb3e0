//! Describes the machine, and whether it was idle.

use std::{fs, thread};

use anyhow::Result;
use serde::Serialize;

/// The load average a core below which the machine counts as idle.
const IDLE: f64 = 0.5;

/// The machine that the figures depend on.
#[derive(Serialize)]
pub(super) struct Machine {
    pub(super) processor: String,
    pub(super) cores: usize,
    pub(super) kernel: String,
    /// The load average of the last minute before the measurement.
    pub(super) load_average: f64,
}

impl Machine {
    pub(super) fn here() -> Result<Self> {
        let unknown = || "unknown".to_owned();
        Ok(Self {
            processor: processor().unwrap_or_else(unknown),
            cores: thread::available_parallelism()?.get(),
            kernel: kernel().unwrap_or_else(unknown),
            load_average: load_average().unwrap_or(f64::NAN),
        })
    }

    /// Returns whether nothing else kept the machine busy.
    #[expect(clippy::cast_precision_loss, reason = "a number of cores")]
    pub(super) fn was_idle(&self) -> bool {
        self.load_average < IDLE * self.cores as f64
    }
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn kernel() -> Option<String> {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").ok()?;
    Some(format!("Linux {}", release.trim()))
}

fn load_average() -> Option<f64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split_whitespace().next()?.parse().ok()
}
