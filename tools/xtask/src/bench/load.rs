//! Puts a server under load, by the load generator in a process of its own.

use std::{collections::BTreeMap, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::{fixtures::Fixtures, server::MeasuredServer};
use crate::process;

/// The request that a load repeats.
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
    pub(super) expect: u16,
}

/// How to put a server under load.
#[derive(Clone, Copy)]
pub(super) struct Load {
    pub(super) connections: u16,
    pub(super) warm_up: Duration,
    pub(super) end: End,
    pub(super) pause: Duration,
}

/// When a load ends.
#[derive(Clone, Copy)]
pub(super) enum End {
    After(Duration),
    AfterRequests(u64),
}

/// The performance of a server under a load, as the load generator reports it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Performance {
    /// The number of successful requests.
    pub(super) requests: u64,
    /// The number of failed requests, by error.
    pub(super) failures: BTreeMap<String, u64>,
    /// Successful requests a second.
    pub(super) rate: f64,
    /// The server's CPU time for each successful request.
    pub(super) cpu_microseconds: f64,
    /// The latency of successful requests.
    pub(super) microseconds: Latency,
}

/// Quantiles of latencies.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Latency {
    pub(super) least: u64,
    pub(super) p50: u64,
    pub(super) p90: u64,
    pub(super) p99: u64,
    pub(super) most: u64,
}

impl Load {
    /// Returns a load of so many requests, without pauses and without a warm-up.
    pub(super) fn requests(count: u64, connections: u16) -> Self {
        Self {
            connections,
            warm_up: Duration::ZERO,
            end: End::AfterRequests(count),
            pause: Duration::ZERO,
        }
    }

    /// Puts a server under the load. A failed request is an error, because the server then had a
    /// smaller load than the one to measure.
    pub(super) fn run(
        &self,
        fixtures: &Fixtures,
        server: &MeasuredServer,
        request: &Request,
    ) -> Result<Performance> {
        let mut command = Command::new(&fixtures.load);
        command
            .arg(server.address.to_string())
            .args(["--method", request.method, "--path", &request.path])
            .args(["--body", &request.body])
            .args(["--expect", &request.expect.to_string()])
            .args(["--connections", &self.connections.to_string()])
            .args(["--warm-up", &formatted(self.warm_up)])
            .args(["--pause", &formatted(self.pause)])
            .args(["--process", &server.id().to_string()]);
        for (name, value) in &request.headers {
            command.args(["--header", &format!("{name}: {value}")]);
        }
        match self.end {
            End::After(time) => command.args(["--duration", &formatted(time)]),
            End::AfterRequests(count) => command.args(["--requests", &count.to_string()]),
        };
        let report = process::output(&mut command)?;
        let performance: Performance =
            serde_json::from_str(&report).context("the report of the load generator")?;
        ensure!(
            performance.failures.is_empty() && performance.requests > 0,
            "{} requests to {} failed: {:?}",
            performance.failures.values().sum::<u64>(),
            request.path,
            performance.failures
        );
        Ok(performance)
    }
}

fn formatted(time: Duration) -> String {
    humantime::format_duration(time).to_string()
}
