//! What the local host counts: exact, however noisy the machine is.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

use super::{
    Storage, fixtures::Fixtures, load::Load, server::Server, statistics::median_of_counts,
    subject::Subject,
};
use crate::progress::Step;

const REQUESTS: u64 = 100;
/// What an instance may still need memory for after these, it would need for ever.
const MANY_REQUESTS: u64 = 10_000;
const CONNECTIONS: u16 = 16;

/// What one order takes in an instance that has served one before, its token verified.
#[derive(Serialize)]
pub(super) struct Counts {
    /// Instructions of the guest, in wasmtime's unit.
    pub(super) fuel: u64,
    /// Those of the first order of an instance, an RS256 verification included.
    pub(super) first_fuel: u64,
    /// Calls to the host for each request, where there are any.
    pub(super) calls: BTreeMap<String, f64>,
    /// The most linear memory that one instance has had in [`MANY_REQUESTS`].
    pub(super) linear_memory_bytes: u64,
}

/// Nothing where the host does not count.
pub(super) fn run(fixtures: &Fixtures) -> Result<BTreeMap<Subject, Counts>> {
    if !fixtures.host.is_local() {
        return Ok(BTreeMap::new());
    }
    let step = Step::start("Counting instructions, calls to the host, memory");
    let counts = [Subject::Floor, Subject::Component]
        .into_iter()
        .map(|subject| Ok((subject, count(fixtures, subject)?)))
        .collect::<Result<_>>()?;
    step.done();
    Ok(counts)
}

fn count(fixtures: &Fixtures, subject: Subject) -> Result<Counts> {
    // One instance is to serve them all.
    let options = ["--fuel", "--idle-instance-timeout", "60s"];
    let server = Server::start(fixtures, subject, Storage::Memory, &options)?;
    let order = fixtures.order();
    Load::requests(1, 1).run(fixtures, &server, &order)?;
    server.forget()?;
    Load::requests(REQUESTS, 1).run(fixtures, &server, &order)?;
    let counted = server.statistics()?;

    // What a request has cost is known when the next one comes: the first is the first order's.
    let spent: Vec<u64> = counted.fuel.iter().map(|fuel| fuel.spent).collect();
    let (first, warm) = spent.split_first().unwrap_or((&0, &[]));
    let calls = counted.calls.into_iter().filter(|(_, count)| *count > 0);
    Ok(Counts {
        fuel: median_of_counts(warm),
        first_fuel: *first,
        calls: calls
            .map(|(call, count)| (call, per_request(count)))
            .collect(),
        linear_memory_bytes: memory(fixtures, subject)?,
    })
}

fn memory(fixtures: &Fixtures, subject: Subject) -> Result<u64> {
    let endless = ["--max-instance-reuse-count", "1000000"];
    let server = Server::start(fixtures, subject, Storage::Memory, &endless)?;
    Load::requests(MANY_REQUESTS, CONNECTIONS).run(fixtures, &server, &fixtures.order())?;
    Ok(server.statistics()?.peak_memory)
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn per_request(count: u64) -> f64 {
    count as f64 / REQUESTS as f64
}
