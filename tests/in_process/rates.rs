//! A provider that takes 10 emails in any two seconds, and refuses more with `Retry-After: 2`. Only the
//! sender of this process simulates it.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{
    Host, TRIGGER_KEY, case,
    order::{accepted, order_to, processing_status, statuses, trigger},
};
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

/// Returns an order to so many recipients of the provider.
fn order_to_many(recipients: usize) -> Value {
    let address = |n| json!({ "emailAddress": format!("window-{n}@example.no") });
    order_to((0..recipients).map(address).collect())
}

/// Calls the trigger every second until an order is completed; returns how long it took.
async fn complete(host: &Host, id: &str) -> Duration {
    let begun = Instant::now();
    loop {
        trigger().send(host).await.expect(200);
        for _ in 0..20 {
            if processing_status(host, id).await == "Completed" {
                return begun.elapsed();
            }
            sleep(SECOND / 20).await;
        }
    }
}

#[case]
async fn sixty_recipients_take_at_most_twenty_seconds() {
    // With the second setup, another instance serves every request.
    for requests in [None, Some(1)] {
        let mut setup = test_support::setup(&[("trigger_key", TRIGGER_KEY)]);
        setup.requests_per_instance = requests;
        let host = Host::start(setup).await;
        let id = accepted(&host, &order_to_many(60)).await;
        let took = complete(&host, &id).await;
        assert!(took <= 20 * SECOND, "{took:?}");
        let statuses = statuses(&host, &id).await;
        assert_eq!(statuses, vec!["Delivered"; 60], "{}", host.log());
        host.stop().await;
    }
}

#[case]
async fn sixty_orders_take_at_most_a_minute() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let mut ids = Vec::new();
    for _ in 0..60 {
        ids.push(accepted(&host, &order_to_many(1)).await);
    }
    let begun = Instant::now();
    for id in ids {
        complete(&host, &id).await;
    }
    let took = begun.elapsed();
    assert!(took <= 60 * SECOND, "{took:?}");
    host.stop().await;
}

#[case]
async fn six_thousand_recipients_are_not_given_up() {
    let variables = [
        ("trigger_key", TRIGGER_KEY),
        ("give_up_hours", "1"),
        ("max_body_bytes", "1000000"),
    ];
    let host = Host::with(&variables).await;
    let id = accepted(&host, &order_to_many(6_000)).await;
    let begun = Instant::now();
    while processing_status(&host, &id).await != "Completed" {
        for _ in 0..60 {
            trigger().send(&host).await.expect(200);
            sleep(SECOND).await;
        }
    }
    let took = begun.elapsed();
    // The provider takes five a second.
    assert!(took <= 2_400 * SECOND, "{took:?}");
    let statuses = statuses(&host, &id).await;
    assert_eq!(statuses.len(), 6_000);
    assert!(statuses.iter().all(|status| status == "Delivered"));
    host.stop().await;
}
