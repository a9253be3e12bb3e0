//! 202 is a promise: the order is stored durably, whole, in one write.

use std::sync::Arc;

use local_host::Call as HostCall;
use serde_json::{Value, json};
use test_hosts::{Folder, Host, Launch, reasons::COUNTS};
use test_support::{
    assert_rows, case, get,
    order::{
        LATER, ORDER_EMAIL, accepted, fetch, get_order, order, order_for_later, order_with,
        post_order,
    },
    post, setup, tokens,
};

/// The calls that write to the store.
const WRITES: [HostCall; 7] = [
    HostCall::Set,
    HostCall::SetMany,
    HostCall::Delete,
    HostCall::DeleteMany,
    HostCall::Increment,
    HostCall::CasNew,
    HostCall::CasSwap,
];

#[case]
async fn order_survives_a_restart() {
    let launch = Launch::of(&setup(&[])).on(&Arc::<Folder>::default());
    let first = Host::start(&launch).await;
    let plain = order();
    let full = order_with(json!({
        "contentType": "Html",
        "requestedSendTime": "2030-01-31T08:00:00+01:00",
        "resourceId": "r",
        "recipients": [{ "organizationNumber": "123456789" }],
    }));
    let mut before = Vec::new();
    for order in [plain, full] {
        let id = accepted(&first, &order).await;
        before.push((id.clone(), fetch(&first, &id).await));
    }
    first.stop().await;

    let second = Host::start(&launch).await;
    for (id, order) in before {
        assert_eq!(fetch(&second, &id).await, order);
    }
    accepted(&second, &order()).await;
    second.stop().await;
}

/// Starts a local host, for its counts.
async fn counting() -> Host {
    Host::local(COUNTS, &Launch::of(&setup(&[])), |_| {}).await
}

/// Returns an order for later with these members.
fn later_with(members: Value) -> Value {
    let mut order = order_with(members);
    order["requestedSendTime"] = LATER.into();
    order
}

#[case]
async fn order_is_stored_in_one_write() {
    let host = counting().await;
    // The first order of an instance takes the number of its writer too, and the first of a store
    // finds out how to.
    accepted(&host, &order_for_later()).await;
    let recipients: Vec<_> = (0..100)
        .map(|number| json!({ "emailAddress": format!("{number}@example.no") }))
        .collect();
    let mut rows = Vec::new();
    for (name, order) in [
        ("an order", order_for_later()),
        (
            "an order without a reference",
            later_with(json!({ "sendersReference": null })),
        ),
        (
            "an order to many",
            later_with(json!({ "recipients": recipients })),
        ),
        (
            "an order for another time",
            order_with(json!({ "requestedSendTime": "2030-01-31T08:00:00Z" })),
        ),
    ] {
        host.reset_counts();
        accepted(&host, &order).await;
        let calls = host.calls();
        let writes = WRITES.map(|call| (call, calls.get(call)));
        let expected = WRITES.map(|call| (call, u64::from(call == HostCall::SetMany)));
        rows.push((name, writes, expected));
    }
    assert_rows(rows);
}

#[case]
async fn other_requests_write_nothing() {
    let host = counting().await;
    let id = accepted(&host, &order_for_later()).await;
    let no_creator = tokens::trusted().bearer.claims().scope(tokens::SCOPE);
    let no_creator = tokens::bearer_with(&no_creator);
    let mut rows = Vec::new();
    for (name, call, status) in [
        ("a GET", get_order(&id), 200),
        ("health", get("/health"), 200),
        ("no credentials", post(ORDER_EMAIL).json(&order()), 401),
        (
            "no creator",
            post(ORDER_EMAIL).bearer(no_creator).json(&order()),
            403,
        ),
        (
            "malformed",
            post(ORDER_EMAIL).bearer(tokens::bearer()).json_text("{"),
            400,
        ),
        (
            "invalid",
            post_order(&order_with(json!({ "recipients": [{}] }))),
            400,
        ),
    ] {
        host.reset_counts();
        call.send(&host).await.expect(status);
        let calls = host.calls();
        let writes: u64 = WRITES.into_iter().map(|call| calls.get(call)).sum();
        rows.push((name, writes, 0));
    }
    assert_rows(rows);
}

#[case]
async fn terminated_host_succeeds_and_keeps_its_orders() {
    let launch = Launch::of(&setup(&[])).on(&Arc::<Folder>::default());
    let first = Host::process(&launch).await;
    let id = accepted(&first, &order()).await;
    let before = fetch(&first, &id).await;
    assert!(first.terminate().await, "a success");

    let second = Host::process(&launch).await;
    assert_eq!(fetch(&second, &id).await, before);
    assert!(second.terminate().await, "a success");
}
