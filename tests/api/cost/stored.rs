//! Finding orders costs what is found, not what is stored.

use futures::future::join_all;
use local_host::CallCounts;
use serde_json::json;

use super::warm_calls;
use crate::support::{
    Host,
    call::Connection,
    get,
    order::{LATER, accepted, get_order, order_for_later, order_with, post_order},
    tokens,
};

const FEW: usize = 10;
const MANY: usize = 100_000;
const CLIENTS: usize = 32;

/// Stores that many orders, each with a reference of its own.
async fn store(host: &Host, count: usize) {
    let share = count.div_ceil(CLIENTS);
    join_all((0..CLIENTS.min(count)).map(|_| async {
        let token = tokens::bearer();
        let mut connection = Connection::open(host).await;
        for _ in 0..share.min(count) {
            let call = crate::support::post(crate::support::order::ORDER_EMAIL).bearer(&token);
            connection
                .send(call.json(&order_for_later()))
                .await
                .expect(202);
        }
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn finding_an_order_costs_the_same_among_ten_and_among_a_hundred_thousand() {
    let Some(host) = Host::counting(&[]).await else {
        return;
    };
    let reference = "the one that is looked for";
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
