//! Standard error that cannot be written.

use serde_json::json;

use crate::support::{App, Service, statuses};

/// Spin's own output may be closed, and a write then fails in the component. A log line is lost;
/// the request that it is about is not.
#[tokio::test]
async fn orders_are_taken_and_delivered_where_nothing_can_be_logged() {
    let service = Service::adjusted(App::default(), &[], |options| {
        options.output.broken = true;
    });
    let service = service.await;
    let order = json!({
        "subject": "subject",
        "body": "body",
        "recipients": [
            { "emailAddress": "kari@example.no" },
            { "emailAddress": "bounced@example.no" },
        ],
    });
    for _ in 0..10 {
        let accepted = service.place(&order).await;
        let id = accepted["orderId"].as_str().unwrap();
        let notifications = service.settled(id).await;
        assert_eq!(statuses(&notifications), ["Delivered", "Failed_Bounced"]);
    }
    service.stop().await;
}
