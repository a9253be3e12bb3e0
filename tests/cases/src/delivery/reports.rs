//! `POST /delivery-report/{sender}`

use serde_json::{Value, json};
use test_support::{
    Answer, Host, TRIGGER_KEY, assert_rows, case,
    order::{accepted, get_notifications, order_to, settled, statuses},
    post,
};

async fn report(host: &Host, body: &Value) -> Answer {
    let call = post("/delivery-report/acs").bearer(TRIGGER_KEY).json(body);
    call.send(host).await
}

#[case]
async fn report_changes_the_status_of_an_accepted_notification() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
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
    let result = report(&host, &own).await.expect(200).json();
    assert_eq!(result, json!({ "received": 1, "changed": 1 }));
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
    let result = report(&host, &event).await.expect(200).json();
    assert_eq!(result, json!({ "received": 1, "changed": 1 }));
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

#[case]
async fn event_grid_subscription_is_confirmed() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let event = json!([{
        "id": "1",
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "data": { "validationCode": "512d38b6", "validationUrl": "https://example.no" },
    }]);
    let answer = report(&host, &event).await.expect(200).json();
    assert_eq!(answer, json!({ "validationResponse": "512d38b6" }));
}

#[case]
async fn malformed_report_is_400() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let mut rows = Vec::new();
    for (name, body, status) in [
        (
            "an unknown notification",
            json!({ "notificationId": "5f0c1a52-6a0e-8d2f-9c1b-3e7d4a6b8c90", "status": "Delivered" }),
            200,
        ),
        ("neither id nor status", json!({}), 400),
        ("no status", json!({ "providerId": "x" }), 400),
        (
            "a status that is not final",
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
    assert_rows(rows);
}

#[case]
async fn report_with_wrong_head_is_refused_before_its_body_is_read() {
    let variables = [("trigger_key", TRIGGER_KEY), ("max_body_bytes", "2000")];
    let host = Host::with(&variables).await;
    let report = json!({ "providerId": "x", "status": "Delivered" }).to_string();
    let call = |path: &str, content_type: &str, body: &str| {
        let call = post(path).bearer(TRIGGER_KEY).body(body.to_owned());
        call.header("content-type", content_type)
    };
    let (json, too_large) = ("application/json", "x".repeat(2001));
    let mut rows = Vec::new();
    for (name, call, status) in [
        ("valid", call("/delivery-report/acs", json, &report), 200),
        (
            "another sender",
            call("/Delivery-Report/own/", json, &report),
            200,
        ),
        (
            "no such sender",
            call("/delivery-report/unknown", "text/plain", &too_large),
            404,
        ),
        (
            "no such sender, no key",
            post("/delivery-report/unknown").json_text(report.clone()),
            401,
        ),
        (
            "no media type",
            post("/delivery-report/acs")
                .bearer(TRIGGER_KEY)
                .body(too_large.clone()),
            415,
        ),
        (
            "text",
            call("/delivery-report/acs", "text/plain", &too_large),
            415,
        ),
        (
            "compressed",
            call("/delivery-report/acs", json, &too_large).header("content-encoding", "gzip"),
            415,
        ),
        (
            "too large",
            call("/delivery-report/acs", json, &too_large),
            413,
        ),
        (
            "a cloud event, too large",
            call(
                "/delivery-report/acs",
                "application/cloudevents+json; charset=utf-8",
                &too_large,
            ),
            413,
        ),
        (
            "cloud events, too large",
            call(
                "/delivery-report/acs",
                "application/cloudevents-batch+json",
                &too_large,
            ),
            413,
        ),
    ] {
        rows.push((name, call.send(&host).await.outcome().0, status));
    }
    assert_rows(rows);
    let answer = call("/delivery-report/acs", "text/plain", "x")
        .send(&host)
        .await;
    assert_eq!(
        answer.header("accept-post"),
        Some("application/json, application/cloudevents+json, application/cloudevents-batch+json")
    );
}
