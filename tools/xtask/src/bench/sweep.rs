//! Measures how cost grows with the number of stored orders and with the number of connections.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{
    Effort, Storage,
    fixtures::Fixtures,
    load::{End, Load, Performance, Request},
    server::MeasuredServer,
    subject::Subject,
};
use crate::progress::Progress;

const STORED: [u64; 4] = [1, 1_000, 10_000, 100_000];
const STORED_QUICK: [u64; 2] = [1, 1_000];
const CONNECTIONS: [u16; 5] = [1, 4, 16, 64, 256];
const CONNECTIONS_QUICK: [u16; 3] = [1, 16, 256];

/// Requests of each kind at each number of stored orders.
const REQUESTS: u64 = 500;
/// Connections of these requests.
const REQUEST_CONNECTIONS: u16 = 4;
/// Connections while orders are stored in between.
const FILL_CONNECTIONS: u16 = 32;

/// The reference of the order that the requests read.
const READ_REFERENCE: &str = "wanted";

/// All measurements on one kind of store.
#[derive(Serialize)]
pub(super) struct Sweep {
    pub(super) store: Storage,
    pub(super) stored: Vec<WithStored>,
    pub(super) connections: Vec<WithConnections>,
}

/// The cost of requests with this many stored orders.
#[derive(Serialize)]
pub(super) struct WithStored {
    pub(super) orders: u64,
    pub(super) requests: BTreeMap<&'static str, Cost>,
}

#[derive(Serialize)]
pub(super) struct Cost {
    #[serde(flatten)]
    pub(super) performance: Performance,
    /// The calls to the host a request, if the host counts them.
    pub(super) calls: Option<f64>,
}

/// The performance of the servers with this many connections.
#[derive(Serialize)]
pub(super) struct WithConnections {
    pub(super) connections: u16,
    pub(super) servers: BTreeMap<Subject, Performance>,
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

fn over_stored(fixtures: &Fixtures, store: Storage, numbers: &[u64]) -> Result<Vec<WithStored>> {
    let server = MeasuredServer::start(fixtures, Subject::Component, store, &[])?;
    let id = place_read_order(fixtures, &server)?;
    let kinds = [
        ("POST /order/email", fixtures.order()),
        ("GET /order/{id}", fixtures.get(format!("/order/{id}"))),
        (
            "GET /order?sendersReference=",
            fixtures.get(format!("/order?sendersReference={READ_REFERENCE}")),
        ),
    ];
    let mut orders = 1;
    let mut measured = Vec::new();
    for &number in numbers {
        let step = Progress::start(format!(
            "With {number} stored orders, store {}",
            store.name()
        ));
        if number > orders {
            let fill = Load::requests(number - orders, FILL_CONNECTIONS);
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
        measured.push(WithStored {
            orders: begin,
            requests,
        });
        step.done();
    }
    Ok(measured)
}

fn cost(fixtures: &Fixtures, server: &MeasuredServer, request: &Request) -> Result<Cost> {
    let counts = fixtures.host.is_local();
    if counts {
        server.reset_counts()?;
    }
    let performance =
        Load::requests(REQUESTS, REQUEST_CONNECTIONS).run(fixtures, server, request)?;
    let calls = if counts {
        let calls: u64 = server.counts()?.calls.values().sum();
        Some(per_request(calls))
    } else {
        None
    };
    Ok(Cost { performance, calls })
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn per_request(count: u64) -> f64 {
    count as f64 / REQUESTS as f64
}

/// Places the order that the requests read, and returns its id.
fn place_read_order(fixtures: &Fixtures, server: &MeasuredServer) -> Result<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Accepted {
        order_id: String,
    }
    let answer = server.send(&fixtures.order_with_reference(READ_REFERENCE))?;
    let accepted: Accepted = serde_json::from_str(&answer).context("the response to an order")?;
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
        let step = Progress::start(format!(
            "With {connections} connections, store {}",
            store.name()
        ));
        let load = Load {
            connections,
            warm_up: effort.warm_up,
            end: End::After(effort.duration),
            pause: Duration::ZERO,
        };
        // Each server starts with an empty store, so that earlier orders do not count.
        let run = |subject| {
            let server = MeasuredServer::start(fixtures, subject, store, &[])?;
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
