//! How cost grows: with the number of orders that are stored, and with the number of
//! connections.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{
    Effort, Storage,
    fixtures::Fixtures,
    load::{End, Load, Outcome, Request},
    server::Server,
    subject::Subject,
};
use crate::progress::Step;

const STORED: [u64; 4] = [1, 1_000, 10_000, 100_000];
const STORED_QUICK: [u64; 2] = [1, 1_000];
const CONNECTIONS: [u16; 5] = [1, 4, 16, 64, 256];
const CONNECTIONS_QUICK: [u16; 3] = [1, 16, 256];

/// Requests of each kind at each number of stored orders, and on how many connections.
const REQUESTS: u64 = 500;
const FEW_CONNECTIONS: u16 = 4;
const FILLING_CONNECTIONS: u16 = 32;

/// The reference of the order that is looked for among all others.
const WANTED: &str = "wanted";

/// What came of it on one kind of store.
#[derive(Serialize)]
pub(super) struct Sweep {
    pub(super) store: Storage,
    pub(super) stored: Vec<AmongStored>,
    pub(super) connections: Vec<WithConnections>,
}

/// What requests cost among so many orders.
#[derive(Serialize)]
pub(super) struct AmongStored {
    pub(super) orders: u64,
    pub(super) requests: BTreeMap<&'static str, Cost>,
}

#[derive(Serialize)]
pub(super) struct Cost {
    #[serde(flatten)]
    pub(super) outcome: Outcome,
    /// Calls to the host for each request, where they are counted.
    pub(super) calls: Option<f64>,
}

/// How each server fares with so many connections.
#[derive(Serialize)]
pub(super) struct WithConnections {
    pub(super) connections: u16,
    pub(super) servers: BTreeMap<Subject, Outcome>,
}

pub(super) fn run(
    fixtures: &Fixtures,
    storages: &[Storage],
    effort: Effort,
    quick: bool,
) -> Result<Vec<Sweep>> {
    let (stored, connections) = if quick {
        (&STORED_QUICK[..], &CONNECTIONS_QUICK[..])
    } else {
        (&STORED[..], &CONNECTIONS[..])
    };
    let sweep = |&store: &Storage| {
        Ok(Sweep {
            store,
            stored: over_stored(fixtures, store, stored)?,
            connections: over_connections(fixtures, store, connections, effort)?,
        })
    };
    storages.iter().map(sweep).collect()
}

fn over_stored(fixtures: &Fixtures, store: Storage, numbers: &[u64]) -> Result<Vec<AmongStored>> {
    let server = Server::start(fixtures, Subject::Component, store, &[])?;
    let id = place_wanted(fixtures, &server)?;
    let kinds = [
        ("POST /order/email", fixtures.order()),
        ("GET /order/{id}", fixtures.get(format!("/order/{id}"))),
        (
            "GET /order?sendersReference=",
            fixtures.get(format!("/order?sendersReference={WANTED}")),
        ),
    ];
    let mut orders = 1;
    let mut measured = Vec::new();
    for &number in numbers {
        let step = Step::start(format!("Among {number} orders, store {}", store.name()));
        if number > orders {
            let fill = Load::requests(number - orders, FILLING_CONNECTIONS);
            fill.run(fixtures, &server, &fixtures.order())?;
            orders = number;
        }
        let begin = orders;
        let mut requests = BTreeMap::new();
        for (name, request) in &kinds {
            requests.insert(*name, cost(fixtures, &server, request)?);
            if request.method == "POST" {
                orders += REQUESTS;
            }
        }
        measured.push(AmongStored {
            orders: begin,
            requests,
        });
        step.done();
    }
    Ok(measured)
}

fn cost(fixtures: &Fixtures, server: &Server, request: &Request) -> Result<Cost> {
    let counts = fixtures.host.is_local();
    if counts {
        server.forget()?;
    }
    let outcome = Load::requests(REQUESTS, FEW_CONNECTIONS).run(fixtures, server, request)?;
    let calls = if counts {
        let calls: u64 = server.statistics()?.calls.values().sum();
        Some(per_request(calls))
    } else {
        None
    };
    Ok(Cost { outcome, calls })
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn per_request(count: u64) -> f64 {
    count as f64 / REQUESTS as f64
}

/// Places the order that is looked for; returns its id.
fn place_wanted(fixtures: &Fixtures, server: &Server) -> Result<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Accepted {
        order_id: String,
    }
    let answer = server.send(&fixtures.order_with_reference(WANTED))?;
    let accepted: Accepted =
        serde_json::from_str(&answer).context("the answer to the order that is looked for")?;
    Ok(accepted.order_id)
}

fn over_connections(
    fixtures: &Fixtures,
    store: Storage,
    numbers: &[u16],
    effort: Effort,
) -> Result<Vec<WithConnections>> {
    let mut measured = Vec::new();
    for &connections in numbers {
        let step = Step::start(format!(
            "With {connections} connections, store {}",
            store.name()
        ));
        let load = Load {
            connections,
            warm_up: effort.warm_up,
            end: End::After(effort.duration),
            pause: Duration::ZERO,
        };
        // Each on an empty store: what it has stored with fewer connections shall not count.
        let run = |subject| {
            let server = Server::start(fixtures, subject, store, &[])?;
            Ok((subject, load.run(fixtures, &server, &fixtures.order())?))
        };
        measured.push(WithConnections {
            connections,
            servers: Subject::ALL.into_iter().map(run).collect::<Result<_>>()?,
        });
        step.done();
    }
    Ok(measured)
}
