//! Calls to the host.

use std::time::Duration;

use local_host::{Call as HostCall, CallCounts};
use serde_json::{Value, json};
use test_hosts::{Host, Launch, reasons::COUNTS};
use test_support::{
    Call, TRIGGER_KEY, assert_rows, case, get,
    order::{
        LATER, ORDER_EMAIL, accepted, get_order, order, order_for_later, order_with, post_order,
        trigger,
    },
    post, setup, tokens,
};
use tokio::time::Instant;

use super::warm_calls;

/// How many variables a configuration consists of.
const VARIABLES: u64 = 12;
/// How many of them a call of the trigger needs.
const TRIGGER_VARIABLES: u64 = 5;

/// Returns the calls that were made, and how often.
fn made(calls: &CallCounts) -> Vec<(HostCall, u64)> {
    let all = HostCall::ALL.map(|call| (call, calls.get(call)));
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// Starts a local host, for its counts.
async fn counting(variables: &[(&str, &str)]) -> Host {
    Host::local(COUNTS, &Launch::of(&setup(variables)), |_| {}).await
}

fn without_reference() -> Value {
    order_with(json!({ "sendersReference": null, "requestedSendTime": LATER }))
}

#[case]
async fn warm_request_makes_the_expected_calls() {
    let host = counting(&[]).await;
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

#[case]
async fn cold_instance_opens_the_store_and_reads_its_configuration() {
    let host = counting(&[]).await;
    accepted(&host, &order_for_later()).await;
    let calls = host.calls();
    // The claims component, which numbers the writer, opens the store too. Beside its reads, the order
    // component reads the token, if another instance has verified it, and the last writer's number.
    assert_eq!(calls.get(HostCall::Open), 2);
    assert_eq!(calls.get(HostCall::SetMany), 1);
    assert_eq!(calls.get(HostCall::VariableGet), VARIABLES);
}

/// How long a configuration is used before it is read again.
const CONFIGURATION_LIFETIME: Duration = Duration::from_secs(2);

#[case]
async fn variables_are_read_every_two_seconds() {
    const REQUESTS: usize = 100;
    let host = counting(&[]).await;
    let begun = Instant::now();
    let mut connection = host.connect().await;
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

/// A new instance reads no other variable for the trigger.
#[case]
async fn trigger_reads_its_keys_every_two_seconds() {
    const CALLS: usize = 20;
    let host = counting(&[("trigger_key", TRIGGER_KEY)]).await;
    let begun = Instant::now();
    let mut connection = host.connect().await;
    for _ in 0..CALLS {
        connection.send(trigger()).await.expect(200);
    }
    let lifetimes = begun.elapsed().as_secs() / CONFIGURATION_LIFETIME.as_secs();
    let read = host.calls().get(HostCall::VariableGet);
    assert!(read >= TRIGGER_VARIABLES, "{read} reads");
    assert!(read <= TRIGGER_VARIABLES * (1 + lifetimes), "{read} reads");
}
