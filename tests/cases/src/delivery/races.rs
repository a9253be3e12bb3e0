//! Concurrent calls of the trigger.

use futures_util::future::join_all;
use test_support::{
    Host, TRIGGER_KEY, case, empty_state,
    order::{statuses, trigger},
    setup,
};

use super::place_overdue;

/// More than one run of the trigger takes.
const ORDERS: usize = 300;

#[case]
async fn two_concurrent_triggers_send_every_notification_once() {
    // Each call is an instance's only request, so that the two run in different instances.
    let setup = setup(&[("trigger_key", TRIGGER_KEY)])
        .on(&empty_state())
        .with_requests_per_instance(1);
    let host = Host::start(setup).await;
    let ids = place_overdue(&host, ORDERS).await;

    let caller = async |_| {
        let mut connection = host.connect().await;
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
    assert_eq!(processed, ORDERS as u64);
    let deliveries = host.deliveries();
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
