//! Reads the counts of the local host, which are exact however noisy the machine is.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

use super::{
    Storage, fixtures::Fixtures, load::Load, server::MeasuredServer, statistics::median_of_counts,
    subject::Subject,
};
use crate::progress::Progress;

const REQUESTS: u64 = 100;
/// Enough to show memory that an instance never frees.
const MANY_REQUESTS: u64 = 10_000;
const CONNECTIONS: u16 = 16;

/// The cost of one order in an instance that has served one before and verified its token.
#[derive(Serialize)]
pub(super) struct Counts {
    /// The instructions of the guest, as wasmtime's fuel.
    pub(super) fuel: u64,
    /// The fuel of an instance's first order, the verification of an RS256 token included.
    pub(super) first_fuel: u64,
    /// The calls to the host a request, by name.
    pub(super) calls: BTreeMap<String, f64>,
    /// The peak of an instance's linear memory in [`MANY_REQUESTS`].
    pub(super) linear_memory_bytes: u64,
}

/// Counts for the components. Returns nothing for a host that does not count.
pub(super) fn run(fixtures: &Fixtures) -> Result<BTreeMap<Subject, Counts>> {
    if !fixtures.host.is_local() {
        return Ok(BTreeMap::new());
    }
    let step = Progress::start("Counting instructions, calls to the host, memory");
    let counts = [Subject::Floor, Subject::Component]
        .into_iter()
        .map(|subject| Ok((subject, count(fixtures, subject)?)))
        .collect::<Result<_>>()?;
    step.done();
    Ok(counts)
}

fn count(fixtures: &Fixtures, subject: Subject) -> Result<Counts> {
    // One instance serves all requests.
    let options = ["--fuel", "--idle-instance-timeout", "60s"];
    let server = MeasuredServer::start(fixtures, subject, Storage::Memory, &options)?;
    let order = fixtures.order();
    Load::requests(1, 1).run(fixtures, &server, &order)?;
    server.reset_counts()?;
    Load::requests(REQUESTS, 1).run(fixtures, &server, &order)?;
    let counted = server.counts()?;

    // The host knows the fuel of a request when the next one begins, so the first is that of the
    // first order.
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
    let server = MeasuredServer::start(fixtures, subject, Storage::Memory, &endless)?;
    Load::requests(MANY_REQUESTS, CONNECTIONS).run(fixtures, &server, &fixtures.order())?;
    Ok(server.counts()?.peak_memory)
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn per_request(count: u64) -> f64 {
    count as f64 / REQUESTS as f64
}
