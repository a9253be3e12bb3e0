//! Orders that wait for the trigger, and the trigger that works them off.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use futures::future::join_all;
use tokio::time::sleep;

use super::{in_seconds, order_at, statuses, trigger};
use crate::support::{
    Host,
    call::Connection,
    order::{order_id, post_order},
};

/// Orders are due this long before their send time.
const AHEAD: i64 = 60;
/// How much later than it is placed an order is due, in seconds: nothing follows its 202 then.
const MARGIN: i64 = 5;

/// Places orders that nothing but the trigger sends, and waits until all are due.
pub(super) async fn place_overdue(host: &Host, count: usize) -> Vec<String> {
    const CLIENTS: usize = 8;
    let client = async |number| {
        let mut connection = Connection::open(host).await;
        let mut ids = Vec::new();
        for _ in (number..count).step_by(CLIENTS) {
            let order = order_at(&in_seconds(AHEAD + MARGIN));
            let answer = connection.send(post_order(&order)).await;
            ids.push(order_id(&answer.expect(202)));
        }
        ids
    };
    let ids = join_all((0..CLIENTS).map(client)).await.concat();
    sleep(Duration::from_secs(MARGIN.unsigned_abs() + 1)).await;
    ids
}

/// Calls the trigger until each order has its one email delivered, for as long as `patience`.
pub(super) async fn work_off(host: &Host, ids: &[String], patience: Duration) {
    let begun = Instant::now();
    let mut connection = Connection::open(host).await;
    let mut left: BTreeSet<&String> = ids.iter().collect();
    while let Some(id) = left.pop_first() {
        if statuses(host, id).await == ["Delivered"] {
            continue;
        }
        assert!(begun.elapsed() < patience, "{id} is stuck");
        left.insert(id);
        connection.send(trigger()).await.expect(200);
        sleep(Duration::from_millis(500)).await;
    }
}
