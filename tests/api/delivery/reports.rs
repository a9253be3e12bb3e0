//! Reports of deliveries from outside.

use serde_json::{Value, json};

use super::{KEY, get_notifications, settled, statuses};
use crate::support::{
    Answer, Host, assert_rows,
    order::{accepted, order_to},
    post,
};

async fn report(host: &Host, body: &Value) -> Answer {
    let call = post("/delivery-report/acs").bearer(KEY).json(body);
    call.send(host).await
}

#[tokio::test]
async fn a_report_changes_what_was_only_accepted() {
    let Some(host) = Host::with(&[("trigger_key", KEY)]).await else {
        return;
    };
    let recipients = json!([
        { "emailAddress": "accepted@example.no" },
        { "emailAddress": "accepted-2@example.no" },
        { "emailAddress": "delivered@example.no" },
    ]);
    let id = accepted(&host, &order_to(recipients)).await;
    let before = settled(&host, &id).await;
    assert_eq!(
        statuses(&host, &id).await,
        ["Succeeded", "Succeeded", "Delivered"]
    );
    let document = get_notifications(&id).send(&host).await.expect(200).json();
    let ids: Vec<_> = (0..3)
        .map(|place| document["notifications"][place]["id"].clone())
        .collect();

    let own = json!({ "notificationId": ids[0], "status": "Delivered" });
    let taken = report(&host, &own).await.expect(200).json();
    assert_eq!(taken, json!({ "received": 1, "changed": 1 }));
    let event = json!([{
        "id": "1",
        "topic": "/subscriptions/x",
        "subject": "sender/noreply@altinn.cloud/message/1",
        "eventType": "Microsoft.Communication.EmailDeliveryReportReceived",
        "eventTime": "2026-06-01T12:00:00Z",
        "dataVersion": "1.0",
        "data": {
            "sender": "noreply@altinn.cloud",
            "recipient": "accepted-2@example.no",
            "messageId": ids[1],
            "status": "Bounced",
            "deliveryAttemptTimestamp": "2026-06-01T12:00:00Z",
        },
    }]);
    let taken = report(&host, &event).await.expect(200).json();
    assert_eq!(taken, json!({ "received": 1, "changed": 1 }));
    assert_eq!(
        statuses(&host, &id).await,
        ["Delivered", "Failed_Bounced", "Delivered"]
    );
    let after = settled(&host, &id).await;
    let succeeded =
        |status: &Value| status["notificationsStatusSummary"]["email"]["succeeded"].clone();
    assert_eq!(
        (succeeded(&before), succeeded(&after)),
        (json!(3), json!(2))
    );
}

#[tokio::test]
async fn a_subscription_is_confirmed() {
    let Some(host) = Host::with(&[("trigger_key", KEY)]).await else {
        return;
    };
    let event = json!([{
        "id": "1",
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "data": { "validationCode": "512d38b6", "validationUrl": "https://example.no" },
    }]);
    let answer = report(&host, &event).await.expect(200).json();
    assert_eq!(answer, json!({ "validationResponse": "512d38b6" }));
}

#[tokio::test]
async fn what_is_no_report_is_refused() {
    let Some(host) = Host::with(&[("trigger_key", KEY)]).await else {
        return;
    };
    let mut rows = Vec::new();
    for (name, body, status) in [
        (
            "nobody's notification",
            json!({ "notificationId": "5f0c1a52-6a0e-8d2f-9c1b-3e7d4a6b8c90", "status": "Delivered" }),
            200,
        ),
        ("no report", json!({}), 400),
        ("no status", json!({ "providerId": "x" }), 400),
        (
            "a status that is none",
            json!({ "providerId": "x", "status": "Sending" }),
            400,
        ),
        ("an empty list", json!([]), 200),
    ] {
        rows.push((name, report(&host, &body).await.outcome().0, status));
    }
    let call = || post("/delivery-report/acs");
    let body = json!({ "providerId": "x", "status": "Delivered" });
    rows.push((
        "no key",
        call().json(&body).send(&host).await.outcome().0,
        401,
    ));
    rows.push((
        "another key",
        call().bearer("x").json(&body).send(&host).await.outcome().0,
        401,
    ));
    rows.push((
        "no JSON",
        call().bearer(KEY).body("x").send(&host).await.outcome().0,
        415,
    ));
    assert_rows(rows);
}
