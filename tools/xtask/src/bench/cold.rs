//! From no instance to the first answer.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use super::{
    Storage,
    fixtures::Fixtures,
    load::{End, Load, Request},
    server::Server,
    subject::Subject,
};
use crate::progress::Step;

/// For how long an instance waits for another request, as the hosts' option has it: none is left
/// after a pause, or one always is.
const BRIEFLY: &str = "20ms";
const LONG: &str = "60s";
const PAUSE: Duration = Duration::from_millis(100);

/// How long an answer takes, in the middle of many, in microseconds.
#[derive(Serialize)]
pub(super) struct ColdStart {
    /// `GET /health` in a new instance.
    pub(super) health: u64,
    /// An order in a new instance: configuration read, token verified, store opened.
    pub(super) order: u64,
    /// An order in an instance that has served one before.
    pub(super) warm_order: u64,
}

pub(super) fn run(fixtures: &Fixtures, quick: bool) -> Result<ColdStart> {
    let step = Step::start("Measuring the first answers of new instances");
    let load = Load {
        connections: 1,
        warm_up: Duration::ZERO,
        end: End::AfterRequests(if quick { 10 } else { 100 }),
        pause: PAUSE,
    };
    let median = |idle: &str, request: &Request| -> Result<u64> {
        let options = ["--idle-instance-timeout", idle];
        let server = Server::start(fixtures, Subject::Component, Storage::Memory, &options)?;
        Ok(load.run(fixtures, &server, request)?.microseconds.p50)
    };
    let order = fixtures.order();
    let cold = ColdStart {
        health: median(BRIEFLY, &fixtures.get("/health".to_owned()))?,
        order: median(BRIEFLY, &order)?,
        warm_order: median(LONG, &order)?,
    };
    step.done();
    Ok(cold)
}
