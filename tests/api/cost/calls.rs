//! Calls to the host: none that does not earn its place.

use std::time::{Duration, Instant};

use local_host::{Call as HostCall, CallCounts};
use serde_json::{Value, json};

use super::warm_calls;
use crate::support::{
    Call, Host, assert_rows,
    call::Connection,
    get,
    host::TRIGGER_KEY,
    order::{
        LATER, ORDER_EMAIL, accepted, get_order, order, order_for_later, order_with, post_order,
    },
    post, tokens,
};

/// The variables that a configuration is made of.
const VARIABLES: u64 = 9;
/// Those of them that a call of the trigger needs.
const TRIGGER_VARIABLES: u64 = 3;

/// The calls that were made, and how often.
fn made(calls: &CallCounts) -> Vec<(HostCall, u64)> {
    let all = HostCall::ALL.map(|call| (call, calls.get(call)));
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn without_reference() -> Value {
    order_with(json!({ "sendersReference": null, "requestedSendTime": LATER }))
}

#[tokio::test]
async fn a_warm_request_makes_these_calls_and_no_others() {
    let Some(host) = Host::counting(&[]).await else {
        return;
    };
    let id = accepted(&host, &order_for_later()).await;
    let path = |rest: &str| format!("/order/{id}{rest}");
    let authorized = |path: &str| get(path).bearer(tokens::bearer());
    let table: [(&str, Box<dyn Fn() -> Call>, u16, _); _] = [
        (
            "an order with a reference",
            Box::new(|| post_order(&order_for_later())),
            202,
            vec![(HostCall::SetMany, 1)],
        ),
        (
            "an order without a reference",
            Box::new(|| post_order(&without_reference())),
            202,
            vec![(HostCall::SetMany, 1)],
        ),
        (
            "an invalid order",
            Box::new(|| post_order(&order_with(json!({ "recipients": [] })))),
            400,
            vec![],
        ),
        (
            "no credentials",
            Box::new(|| post(ORDER_EMAIL).json(&order())),
            401,
            vec![],
        ),
        (
            "the order",
            Box::new(|| get_order(&id)),
            200,
            vec![(HostCall::Get, 1)],
        ),
        (
            "its status",
            Box::new(|| authorized(&path("/status"))),
            200,
            vec![(HostCall::Get, 2)],
        ),
        (
            "an unknown order",
            Box::new(|| get_order("00000000-0000-4000-8000-000000000000")),
            404,
            vec![(HostCall::Get, 1)],
        ),
        ("an unknown path", Box::new(|| get("/x")), 404, vec![]),
    ];
    let mut rows = Vec::new();
    for (name, call, status, expected) in table {
        let calls = warm_calls(&host, call, status).await;
        rows.push((name, made(&calls), expected));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn a_cold_instance_opens_the_store_and_reads_its_configuration() {
    let Some(host) = Host::counting(&[]).await else {
        return;
    };
    accepted(&host, &order_for_later()).await;
    assert_eq!(
        made(&host.calls()),
        [
            (HostCall::Open, 1),
            // Whether another instance has verified the token.
            (HostCall::Get, 1),
            (HostCall::SetMany, 1),
            (HostCall::VariableGet, VARIABLES),
        ]
    );
}

/// For how long the configuration is used before it is read again.
const CONFIGURATION_LIFETIME: Duration = Duration::from_secs(2);

/// A configuration is read once in a while, not once a request.
#[tokio::test]
async fn variables_are_read_every_few_seconds() {
    const REQUESTS: usize = 100;
    let Some(host) = Host::counting(&[]).await else {
        return;
    };
    let begun = Instant::now();
    let mut connection = Connection::open(&host).await;
    for _ in 0..REQUESTS {
        connection
            .send(post_order(&order_for_later()))
            .await
            .expect(202);
    }
    let lifetimes = begun.elapsed().as_secs() / CONFIGURATION_LIFETIME.as_secs();
    let read = host.calls().get(HostCall::VariableGet);
    assert!(read <= VARIABLES * (1 + lifetimes), "{read} reads");
}

/// The trigger key, too, is read once in a while, and a new instance reads no other variable.
#[tokio::test]
async fn a_trigger_reads_its_keys_every_few_seconds() {
    const CALLS: usize = 20;
    let Some(host) = Host::counting(&[("trigger_key", TRIGGER_KEY)]).await else {
        return;
    };
    let begun = Instant::now();
    let mut connection = Connection::open(&host).await;
    for _ in 0..CALLS {
        let call = post("/trigger/pastdueorders").bearer(TRIGGER_KEY);
        connection.send(call).await.expect(200);
    }
    let lifetimes = begun.elapsed().as_secs() / CONFIGURATION_LIFETIME.as_secs();
    let read = host.calls().get(HostCall::VariableGet);
    assert!(read >= TRIGGER_VARIABLES, "{read} reads");
    assert!(read <= TRIGGER_VARIABLES * (1 + lifetimes), "{read} reads");
}
