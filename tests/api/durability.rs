//! 202 is a promise: the order is stored durably, whole, in one write; nothing else is.

use local_host::Call as HostCall;
use serde_json::{Value, json};

use crate::support::{
    Host, assert_rows, get,
    order::{
        LATER, ORDER_EMAIL, accepted, fetch, get_order, order, order_for_later, order_with,
        post_order,
    },
    post, tokens,
};

/// The calls that change what is stored.
const WRITES: [HostCall; 7] = [
    HostCall::Set,
    HostCall::SetMany,
    HostCall::Delete,
    HostCall::DeleteMany,
    HostCall::Increment,
    HostCall::CasNew,
    HostCall::CasSwap,
];

#[tokio::test]
async fn an_order_outlives_the_host() {
    let folder = tempfile::tempdir().unwrap();
    let Some(first) = Host::durable(folder.path()).await else {
        return;
    };
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

    let second = Host::durable(folder.path()).await.unwrap();
    for (id, order) in before {
        assert_eq!(fetch(&second, &id).await, order);
    }
    accepted(&second, &order()).await;
    second.stop().await;
}

/// An order for later with these members.
fn later_with(members: Value) -> Value {
    let mut order = order_with(members);
    order["requestedSendTime"] = LATER.into();
    order
}

#[tokio::test]
async fn an_order_is_one_write() {
    let Some(host) = Host::counting(&[]).await else {
        return;
    };
    let recipients: Vec<_> = (0..100)
        .map(|number| json!({ "emailAddress": format!("{number}@example.no") }))
        .collect();
    let mut rows = Vec::new();
    for (name, order) in [
        ("the first order", order_for_later()),
        ("the next order", order_for_later()),
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
        host.reset_calls();
        accepted(&host, &order).await;
        let calls = host.calls();
        let writes = WRITES.map(|call| (call, calls.get(call)));
        let expected = WRITES.map(|call| (call, u64::from(call == HostCall::SetMany)));
        rows.push((name, writes, expected));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn nothing_else_is_written() {
    let Some(host) = Host::counting(&[]).await else {
        return;
    };
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
        host.reset_calls();
        call.send(&host).await.expect(status);
        let calls = host.calls();
        let writes: u64 = WRITES.into_iter().map(|call| calls.get(call)).sum();
        rows.push((name, writes, 0));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn a_terminated_host_ends_well_and_keeps_its_orders() {
    let folder = tempfile::tempdir().unwrap();
    let Some(first) = Host::process(folder.path()).await else {
        return;
    };
    let id = accepted(&first, &order()).await;
    let before = fetch(&first, &id).await;
    assert!(first.terminate().await, "a success");

    let second = Host::process(folder.path()).await.unwrap();
    assert_eq!(fetch(&second, &id).await, before);
    assert!(second.terminate().await, "a success");
}
