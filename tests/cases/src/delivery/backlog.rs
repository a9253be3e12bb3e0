//! Orders that wait for the trigger.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use test_support::{
    Host,
    order::{PROMPT_SECONDS, order_due_in, order_id, post_order, statuses, trigger},
};
use tokio::time::{Instant, sleep};

/// The seconds that remain for placing the orders. An order that is placed later is sent by the
/// instance that stores it, without the trigger.
const MARGIN: i64 = 5;

/// Places orders that only the trigger sends, and waits until all are due; returns their ids.
pub async fn place_overdue(host: &Host, count: usize) -> Vec<String> {
    const CLIENTS: usize = 8;
    let client = async |number| {
        let mut connection = host.connect().await;
        let mut ids = Vec::new();
        for _ in (number..count).step_by(CLIENTS) {
            let answer = connection.send(post_order(&order_due_in(MARGIN))).await;
            ids.push(order_id(&answer.expect(202)));
        }
        ids
    };
    let ids = join_all((0..CLIENTS).map(client)).await.concat();
    sleep(Duration::from_secs(
        (PROMPT_SECONDS + MARGIN).unsigned_abs() + 1,
    ))
    .await;
    ids
}

/// Calls the trigger until each order has its one email delivered; fails after `limit`.
pub async fn work_off(host: &Host, ids: &[String], limit: Duration) {
    let begun = Instant::now();
    let mut connection = host.connect().await;
    let mut left: BTreeSet<&String> = ids.iter().collect();
    while let Some(id) = left.pop_first() {
        if statuses(host, id).await == ["Delivered"] {
            continue;
        }
        assert!(begun.elapsed() < limit, "{id} is stuck");
        left.insert(id);
        connection.send(trigger()).await.expect(200);
        sleep(Duration::from_millis(500)).await;
    }
}
