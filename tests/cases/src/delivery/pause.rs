//! A sender that limits the rate.

use std::time::Duration;

use serde_json::json;
use test_support::{
    Host, TRIGGER_KEY, case,
    order::{
        accepted, await_statuses, order, order_to, processing_status, settled, statuses, trigger,
    },
};
use tokio::time::sleep;

/// A second longer than the pause that the sandbox asks for after a `rate-limited` recipient.
const PAUSE: Duration = Duration::from_secs(6);

#[case]
async fn rate_limit_pauses_every_order() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let recipients = json!([{ "emailAddress": "rate-limited@example.no" }]);
    let limited = accepted(&host, &order_to(recipients)).await;
    await_statuses(&host, &limited, &["New"]).await;

    let other = accepted(&host, &order()).await;
    let run = trigger().send(&host).await.expect(200).json();
    assert_eq!(run, json!({ "due": 0, "processed": 0, "more": false }));
    assert_eq!(processing_status(&host, &other).await, "Registered");

    sleep(PAUSE).await;
    trigger().send(&host).await.expect(200);
    settled(&host, &other).await;
    assert_eq!(statuses(&host, &other).await, ["Delivered"]);
    // The retry delay of the limited order is longer than the pause.
    assert_eq!(processing_status(&host, &limited).await, "Processing");
    host.stop().await;
}
