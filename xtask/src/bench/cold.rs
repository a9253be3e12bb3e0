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

/// For how long an instance waits for another request, as the hosts' option has it.
const IDLE: &str = "20ms";
/// Long enough that there is none any more.
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
    let requests = if quick { 10 } else { 100 };
    let options = ["--idle-instance-timeout", IDLE];
    let server = Server::start(fixtures, Subject::Component, Storage::Memory, &options)?;
    let median = |request: &Request, pause| -> Result<u64> {
        let load = Load {
            connections: 1,
            warm_up: Duration::ZERO,
            end: End::AfterRequests(requests),
            pause,
        };
        Ok(load.run(fixtures, &server, request)?.microseconds.p50)
    };
    let order = fixtures.order();
    let cold = ColdStart {
        health: median(&fixtures.get("/health".to_owned()), PAUSE)?,
        order: median(&order, PAUSE)?,
        warm_order: median(&order, Duration::ZERO)?,
    };
    step.done();
    Ok(cold)
}
