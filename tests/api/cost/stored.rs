//! The cost of finding an order, among few and among many.

use futures_util::future::join_all;
use local_host::CallCounts;
use serde_json::json;
use test_hosts::{Host, Launch, reasons::COUNTS};
use test_support::{
    case, get,
    order::{LATER, ORDER_EMAIL, accepted, get_order, order_for_later, order_with, post_order},
    post, setup, tokens,
};

use super::warm_calls;

const FEW: usize = 10;
const MANY: usize = 100_000;
const CLIENTS: usize = 32;

/// Stores this many orders with unique references.
async fn store(host: &Host, count: usize) {
    let share = count.div_ceil(CLIENTS);
    join_all((0..CLIENTS.min(count)).map(|_| async {
        let token = tokens::bearer();
        let mut connection = host.connect().await;
        for _ in 0..share.min(count) {
            let call = post(ORDER_EMAIL).bearer(&token);
            connection
                .send(call.json(&order_for_later()))
                .await
                .expect(202);
        }
    }))
    .await;
}

#[case]
async fn cost_of_finding_an_order_does_not_depend_on_stored_orders() {
    let host = Host::local(COUNTS, &Launch::of(&setup(&[])), |_| {}).await;
    let reference = "the reference of one order";
    let id = accepted(
        &host,
        &order_with(json!({ "sendersReference": reference, "requestedSendTime": LATER })),
    )
    .await;
    let query = format!("/order?sendersReference={}", reference.replace(' ', "%20"));
    let find = || get(&query).bearer(tokens::bearer());
    let cost = async || -> [CallCounts; 3] {
        [
            warm_calls(&host, find, 200).await,
            warm_calls(&host, || get_order(&id), 200).await,
            warm_calls(&host, || post_order(&order_for_later()), 202).await,
        ]
    };
    store(&host, FEW).await;
    let among_few = cost().await;
    store(&host, MANY).await;
    assert_eq!(cost().await, among_few);

    let found = find().send(&host).await.expect(200).json();
    assert_eq!(found["count"], 1);
}
