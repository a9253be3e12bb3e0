//! A sender that takes no more for now.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use super::{KEY, PATIENCE, get_status, settled, statuses, trigger};
use crate::support::{
    Host,
    order::{accepted, order, order_to},
};

/// For how long the sandbox wants to be left alone after a `rate-limited` recipient, and a bit.
const PAUSE: Duration = Duration::from_secs(6);

#[tokio::test]
async fn a_rate_limit_holds_back_every_order() {
    let Some(host) = Host::with(&[("trigger_key", KEY)]).await else {
        return;
    };
    let recipients = json!([{ "emailAddress": "rate-limited@example.no" }]);
    let limited = accepted(&host, &order_to(recipients)).await;
    let begun = std::time::Instant::now();
    while statuses(&host, &limited).await != ["New"] {
        assert!(begun.elapsed() < PATIENCE, "it is not tried");
        sleep(Duration::from_millis(10)).await;
    }

    let other = accepted(&host, &order()).await;
    let run = trigger().send(&host).await.expect(200).json();
    assert_eq!(run, json!({ "due": 0, "processed": 0, "more": false }));
    let status = get_status(&other).send(&host).await.expect(200).json();
    assert_eq!(status["processingStatus"]["status"], "Registered");

    sleep(PAUSE).await;
    trigger().send(&host).await.expect(200);
    settled(&host, &other).await;
    assert_eq!(statuses(&host, &other).await, ["Delivered"]);
    // Its own pause is longer.
    let status = get_status(&limited).send(&host).await.expect(200).json();
    assert_eq!(status["processingStatus"]["status"], "Processing");
    host.stop().await;
}
