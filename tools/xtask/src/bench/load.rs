//! Putting a server under load, with the load generator as a process of its own.

use std::{collections::BTreeMap, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::{fixtures::Fixtures, server::Server};
use crate::process;

/// The requests of a load.
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
    pub(super) expect: u16,
}

/// How a server is put under load.
#[derive(Clone, Copy)]
pub(super) struct Load {
    pub(super) connections: u16,
    pub(super) warm_up: Duration,
    pub(super) end: End,
    pub(super) pause: Duration,
}

/// When it is over.
#[derive(Clone, Copy)]
pub(super) enum End {
    After(Duration),
    AfterRequests(u64),
}

/// How a server fared.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// Successes.
    pub(super) requests: u64,
    pub(super) failures: BTreeMap<String, u64>,
    /// Successes a second.
    pub(super) rate: f64,
    /// CPU time of the server for each success.
    pub(super) cpu_microseconds: f64,
    /// How long an answer took.
    pub(super) microseconds: Times,
}

/// Quantiles of times.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Times {
    pub(super) least: u64,
    pub(super) p50: u64,
    pub(super) p90: u64,
    pub(super) p99: u64,
    pub(super) most: u64,
}

impl Load {
    /// So many requests, without a break and without a warm-up.
    pub(super) fn requests(count: u64, connections: u16) -> Self {
        Self {
            connections,
            warm_up: Duration::ZERO,
            end: End::AfterRequests(count),
            pause: Duration::ZERO,
        }
    }

    /// Puts a server under it. That a request fails is an error: what was measured then is not
    /// what was asked for.
    pub(super) fn run(
        &self,
        fixtures: &Fixtures,
        server: &Server,
        request: &Request,
    ) -> Result<Outcome> {
        let mut command = Command::new(&fixtures.load);
        command
            .arg(server.address.to_string())
            .args(["--method", request.method, "--path", &request.path])
            .args(["--body", &request.body])
            .args(["--expect", &request.expect.to_string()])
            .args(["--connections", &self.connections.to_string()])
            .args(["--warm-up", &written(self.warm_up)])
            .args(["--pause", &written(self.pause)])
            .args(["--process", &server.id().to_string()]);
        for (name, value) in &request.headers {
            command.args(["--header", &format!("{name}: {value}")]);
        }
        match self.end {
            End::After(time) => command.args(["--duration", &written(time)]),
            End::AfterRequests(count) => command.args(["--requests", &count.to_string()]),
        };
        let said = process::output(&mut command)?;
        let outcome: Outcome = serde_json::from_str(&said).context("what the load says")?;
        ensure!(
            outcome.failures.is_empty() && outcome.requests > 0,
            "{} requests to {} failed: {:?}",
            outcome.failures.values().sum::<u64>(),
            request.path,
            outcome.failures
        );
        Ok(outcome)
    }
}

fn written(time: Duration) -> String {
    humantime::format_duration(time).to_string()
}
