//! The machine that it is measured on, and whether it was free for that.

use std::{fs, thread};

use anyhow::Result;
use serde::Serialize;

/// More than this in the last minute, for each core, and others were at work.
const QUIET: f64 = 0.5;

/// What figures depend on.
#[derive(Serialize)]
pub(super) struct Machine {
    pub(super) processor: String,
    pub(super) cores: usize,
    pub(super) kernel: String,
    /// How many tasks ran or waited in the last minute, before it was measured.
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

    /// Whether nothing else of weight ran.
    #[expect(clippy::cast_precision_loss, reason = "a number of cores")]
    pub(super) fn was_quiet(&self) -> bool {
        self.load_average < QUIET * self.cores as f64
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
