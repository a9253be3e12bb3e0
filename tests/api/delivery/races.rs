//! Two calls of the trigger at once.

use std::time::Instant;

use futures::future::join_all;
use local_host::Storage;
use tokio::time::{Duration, sleep};

use super::{KEY, in_seconds, order_at, statuses, stored::Stored, trigger};
use crate::support::{
    Host,
    call::Connection,
    order::{order_id, post_order},
};

const ORDERS: usize = 1000;

#[tokio::test]
async fn two_triggers_at_once_send_every_notification_once() {
    let folder = tempfile::tempdir().unwrap();
    let adjusted = Host::adjusted(&[("trigger_key", KEY)], |options| {
        options.storage = Storage::Directory(folder.path().to_owned());
    });
    let Some(host) = adjusted.await else { return };
    let ids = place_for_later(&host, ORDERS).await;

    let begun = Instant::now();
    let caller = async |_| {
        let mut connection = Connection::open(&host).await;
        let mut processed = 0;
        loop {
            let run = connection.send(trigger()).await.expect(200).json();
            processed += run["processed"].as_u64().unwrap();
            if run["more"] == false && run["due"] == 0 {
                return processed;
            }
        }
    };
    let processed: u64 = join_all((0..2).map(caller)).await.into_iter().sum();
    eprintln!("{ORDERS} orders by two triggers in {:?}", begun.elapsed());
    assert_eq!(processed, ORDERS as u64);
    let deliveries = Stored::open(folder.path()).deliveries();
    assert_eq!(deliveries.len(), ORDERS);
    assert!(
        deliveries.values().all(|&count| count == 1),
        "{deliveries:?}"
    );
    for id in ids.iter().step_by(100) {
        assert_eq!(statuses(&host, id).await, ["Delivered"]);
    }
    host.stop().await;
}

/// Places orders that are not due yet, and waits until all are.
pub(super) async fn place_for_later(host: &Host, count: usize) -> Vec<String> {
    const CLIENTS: usize = 8;
    // Orders are due a minute ahead of their time.
    let ahead = 60 + 30;
    let begun = Instant::now();
    let time = in_seconds(ahead);
    let client = async |number| {
        let mut connection = Connection::open(host).await;
        let mut ids = Vec::new();
        for _ in (number..count).step_by(CLIENTS) {
            let answer = connection.send(post_order(&order_at(&time))).await;
            ids.push(order_id(&answer.expect(202)));
        }
        ids
    };
    let ids = join_all((0..CLIENTS).map(client)).await.concat();
    let due = Duration::from_secs(31);
    assert!(begun.elapsed() < due, "placing took {:?}", begun.elapsed());
    sleep(due.saturating_sub(begun.elapsed())).await;
    ids
}
