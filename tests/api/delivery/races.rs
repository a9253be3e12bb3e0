//! Two calls of the trigger at once.

use std::time::Instant;

use futures::future::join_all;

use super::{KEY, backlog::place_overdue, statuses, stored::Stored, trigger};
use crate::support::{Host, call::Connection, host::setup};

const ORDERS: usize = 1000;

#[tokio::test]
async fn two_triggers_at_once_send_every_notification_once() {
    let folder = tempfile::tempdir().unwrap();
    let setup = setup(&[("trigger_key", KEY)]).on_disk(folder.path());
    let Some(host) = Host::start(&setup).await else {
        return;
    };
    let ids = place_overdue(&host, ORDERS).await;

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
