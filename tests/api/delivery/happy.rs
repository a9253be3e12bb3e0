//! From the 202 to the delivery, with no further call.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use super::{PATIENCE, get_notifications, get_status, settled, statuses};
use crate::support::{
    assert_rows,
    order::{accepted, order, order_to, order_with, post_order},
    shared,
};

#[tokio::test]
async fn an_order_is_delivered_behind_its_202() {
    let host = shared().await;
    let id = accepted(host, &order()).await;
    let status = settled(host, &id).await;
    assert_eq!(
        status["processingStatus"]["status"], "Completed",
        "{status}"
    );
    let path = format!("/order/{id}/notifications/email");
    assert_eq!(
        status["notificationsStatusSummary"],
        json!({ "email": { "links": { "self": path }, "generated": 1, "succeeded": 1 } })
    );
    let document = get_notifications(&id).send(host).await.expect(200).json();
    assert_eq!(document["orderId"], id.as_str());
    assert_eq!(
        (&document["generated"], &document["succeeded"]),
        (&json!(1), &json!(1))
    );
    let [notification] = &document["notifications"].as_array().unwrap()[..] else {
        panic!("{document}")
    };
    assert_eq!(notification["succeeded"], true);
    assert_eq!(
        notification["recipient"],
        json!({ "emailAddress": "someone@example.no" })
    );
    assert_eq!(notification["sendStatus"]["status"], "Delivered");
    assert!(notification["sendStatus"]["description"].is_string());
    assert!(notification["sendStatus"]["lastUpdate"].is_string());
}

#[tokio::test]
async fn each_recipient_has_its_outcome() {
    let host = shared().await;
    let recipients = json!([
        { "emailAddress": "delivered@example.no" },
        { "emailAddress": "accepted@example.no" },
        { "emailAddress": "bounced@example.no" },
        { "emailAddress": "rejected@example.no" },
        { "emailAddress": "suppressed@example.no" },
        { "emailAddress": "invalid@example.no" },
        { "emailAddress": "too-large@example.no" },
        { "organizationNumber": "123456789" },
        { "nationalIdentityNumber": "16069412345" },
    ]);
    let id = accepted(host, &order_to(recipients)).await;
    let status = settled(host, &id).await;
    assert_eq!(
        statuses(host, &id).await,
        [
            "Delivered",
            "Succeeded",
            "Failed_Bounced",
            "Failed",
            "Failed_SupressedRecipient",
            "Failed_InvalidEmailFormat",
            "Failed",
            "Failed_RecipientNotIdentified",
            "Failed_RecipientNotIdentified",
        ]
    );
    let summary = &status["notificationsStatusSummary"]["email"];
    assert_eq!(
        (&summary["generated"], &summary["succeeded"]),
        (&json!(9), &json!(2))
    );
    let document = get_notifications(&id).send(host).await.expect(200).json();
    let recipients = &document["notifications"];
    let rows = [
        (
            7,
            json!({ "emailAddress": "", "organizationNumber": "123456789" }),
        ),
        (
            8,
            json!({ "emailAddress": "", "nationalIdentityNumber": "16069412345" }),
        ),
    ];
    assert_rows(rows.map(|(place, expected)| {
        (
            place.to_string(),
            recipients[place]["recipient"].clone(),
            expected,
        )
    }));
}

#[tokio::test]
async fn hundreds_of_recipients_are_all_sent_to() {
    let host = shared().await;
    let recipients: Vec<_> = (0..500)
        .map(|number| json!({ "emailAddress": format!("{number}@example.no") }))
        .collect();
    let id = accepted(host, &order_to(recipients.into())).await;
    settled(host, &id).await;
    assert_eq!(statuses(host, &id).await, vec!["Delivered"; 500]);
}

/// The sandbox's `slow` recipients take three seconds.
#[tokio::test]
async fn a_slow_recipient_does_not_delay_the_202() {
    const SLOW: Duration = Duration::from_secs(3);
    let host = shared().await;
    let recipients = json!([{ "emailAddress": "slow@example.no" }]);
    let begun = Instant::now();
    let id = accepted(host, &order_to(recipients)).await;
    let answered = begun.elapsed();
    let meanwhile = statuses(host, &id).await;
    assert!(begun.elapsed() < SLOW, "{:?}", begun.elapsed());
    assert!(matches!(&meanwhile[..], [] | [_]), "{meanwhile:?}");
    assert!(!meanwhile.contains(&"Delivered".to_owned()));
    settled(host, &id).await;
    assert!(begun.elapsed() >= SLOW);
    assert_eq!(statuses(host, &id).await, ["Delivered"]);
    eprintln!(
        "202 after {answered:?}, settled after {:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn what_is_transient_is_tried_again_later() {
    let host = shared().await;
    let recipients = json!([{ "emailAddress": "transient-twice@example.no" }]);
    let id = accepted(host, &order_to(recipients)).await;
    let begun = Instant::now();
    while statuses(host, &id).await != ["Failed_TransientError"] {
        assert!(
            begun.elapsed() < PATIENCE,
            "{:?}",
            statuses(host, &id).await
        );
        sleep(Duration::from_millis(20)).await;
    }
    let status = get_status(&id).send(host).await.expect(200).json();
    assert_eq!(status["processingStatus"]["status"], "Processing");
}

#[tokio::test]
async fn the_etag_changes_with_the_status() {
    let host = shared().await;
    let id = accepted(
        host,
        &order_with(json!({ "requestedSendTime": "2099-01-01T00:00:00Z" })),
    )
    .await;
    let before = get_status(&id).send(host).await.expect(200);
    let cancel = crate::support::Call::new("PUT", format!("/order/{id}/cancel"));
    let cancel = cancel.bearer(crate::support::tokens::bearer());
    cancel.send(host).await.expect(200);
    let after = get_status(&id).send(host).await.expect(200);
    assert_ne!(before.header("etag"), after.header("etag"));
}

#[tokio::test]
async fn a_dry_run_is_not_delivered() {
    let host = shared().await;
    let order = order();
    let call = crate::support::post("/order/email?dryRun=true");
    let call = call.bearer(crate::support::tokens::bearer()).json(&order);
    call.send(host).await.expect(200);
    // The reference is nobody's: nothing was stored that could be delivered.
    let id = crate::support::order::order_id(&post_order(&order).send(host).await.expect(202));
    settled(host, &id).await;
}
