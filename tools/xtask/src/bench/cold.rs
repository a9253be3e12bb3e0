//! Measures the latency of the first request of an instance.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use super::{
    Storage,
    fixtures::Fixtures,
    load::{End, Load, Request},
    server::MeasuredServer,
    subject::Subject,
};
use crate::progress::Progress;

/// The pause between two requests.
const PAUSE: Duration = Duration::from_millis(100);
/// The idle timeout with which each request gets a new instance: shorter than the pause.
const NEW_INSTANCES: &str = "20ms";
/// The idle timeout with which all requests get the same instance.
const SAME_INSTANCE: &str = "60s";

/// Median latencies in microseconds.
#[derive(Serialize)]
pub(super) struct ColdStart {
    /// `GET /health` in a new instance.
    pub(super) health: u64,
    /// An order in a new instance, which reads the configuration, verifies the token and opens the
    /// store.
    pub(super) order: u64,
    /// An order in an instance that has served one before.
    pub(super) warm_order: u64,
}

pub(super) fn run(fixtures: &Fixtures, quick: bool) -> Result<ColdStart> {
    let step = Progress::start("Measuring the first requests of new instances");
    let load = Load {
        connections: 1,
        warm_up: Duration::ZERO,
        end: End::AfterRequests(if quick { 10 } else { 100 }),
        pause: PAUSE,
    };
    let median = |idle: &str, request: &Request| -> Result<u64> {
        let options = ["--idle-instance-timeout", idle];
        let server =
            MeasuredServer::start(fixtures, Subject::Component, Storage::Memory, &options)?;
        Ok(load.run(fixtures, &server, request)?.microseconds.p50)
    };
    let order = fixtures.order();
    let cold = ColdStart {
        health: median(NEW_INSTANCES, &fixtures.get("/health".to_owned()))?,
        order: median(NEW_INSTANCES, &order)?,
        warm_order: median(SAME_INSTANCE, &order)?,
    };
    step.done();
    Ok(cold)
}
