//! `POST /delivery-report/{sender}`

use serde_json::{Value, json};
use test_support::{
    Answer, Call, Host, TRIGGER_KEY, assert_rows, case,
    order::{accepted, get_notifications, order, order_to, settled, statuses},
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
    assert_eq!(result, json!({ "accepted": 1, "ignored": 0 }));
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
    assert_eq!(result, json!({ "accepted": 1, "ignored": 0 }));
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
async fn bounce_after_delivery_makes_the_notification_bounced() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let id = accepted(&host, &order()).await;
    settled(&host, &id).await;
    let document = get_notifications(&id).send(&host).await.expect(200).json();
    let notification = &document["notifications"][0]["id"];
    for (status, expected) in [
        ("Delivered", "Delivered"),
        ("Failed_Bounced", "Failed_Bounced"),
        ("Delivered", "Failed_Bounced"),
    ] {
        let item = json!({ "notificationId": notification, "status": status });
        let result = report(&host, &item).await.expect(200).json();
        assert_eq!(result, json!({ "accepted": 1, "ignored": 0 }));
        assert_eq!(statuses(&host, &id).await, [expected]);
    }
}

#[case]
async fn batch_applies_what_it_understands_and_counts_the_rest() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let recipients = json!([
        { "emailAddress": "accepted@example.no" },
        { "emailAddress": "accepted-2@example.no" },
    ]);
    let id = accepted(&host, &order_to(recipients)).await;
    settled(&host, &id).await;
    let document = get_notifications(&id).send(&host).await.expect(200).json();
    let ids: Vec<_> = (0..2)
        .map(|place| document["notifications"][place]["id"].clone())
        .collect();
    let batch = json!([
        1,
        {},
        { "notificationId": ids[0], "status": "Lost" },
        { "notificationId": ids[0], "status": "Delivered" },
        { "notificationId": "x", "status": "Delivered" },
        { "providerId": "unknown", "status": "Delivered" },
        { "eventType": "Other.Event", "data": {} },
    ]);
    let result = report(&host, &batch).await.expect(200).json();
    assert_eq!(result, json!({ "accepted": 1, "ignored": 6 }));

    let event = |number: usize, status: &str| {
        json!({
            "specversion": "1.0",
            "id": "1",
            "source": "/subscriptions/x",
            "type": "Microsoft.Communication.EmailDeliveryReportReceived",
            "data": { "messageId": ids[number], "status": status },
        })
    };
    let send = |media_type: &str, body: Value| {
        let call = post("/delivery-report/acs").bearer(TRIGGER_KEY);
        let call = call.header("content-type", media_type);
        call.body(body.to_string())
    };
    let one = send("application/cloudevents+json", event(1, "Quarantined"));
    let result = one.send(&host).await.expect(200).json();
    assert_eq!(result, json!({ "accepted": 1, "ignored": 0 }));
    let batch = json!([event(0, "Bounced"), event(1, "OutForDelivery")]);
    let batch = send("application/cloudevents-batch+json; charset=utf-8", batch);
    let result = batch.send(&host).await.expect(200).json();
    assert_eq!(result, json!({ "accepted": 1, "ignored": 1 }));
    assert_eq!(
        statuses(&host, &id).await,
        ["Failed_Bounced", "Failed_Quarantined"]
    );
}

/// HTTP 1.1 Web Hooks for Event Delivery 1.0, section 4.
#[case]
async fn cloud_events_handshake_allows_the_origin(host: &Host) {
    let options = |path: &str| Call::new("OPTIONS", path);
    let origin = "eventgrid.azure.net";
    let call = options("/delivery-report/acs").header("WebHook-Request-Origin", origin);
    let answer = call.send(host).await.expect(204);
    assert_eq!(answer.header("webhook-allowed-origin"), Some(origin));
    assert_eq!(answer.header("webhook-allowed-rate"), Some("*"));
    assert_eq!(answer.header("allow"), Some("POST, OPTIONS"));
    for call in [
        options("/delivery-report/acs"),
        options("/delivery-report/unknown").header("WebHook-Request-Origin", origin),
        options("/order/email").header("WebHook-Request-Origin", origin),
    ] {
        let answer = call.send(host).await.expect(204);
        assert_eq!(answer.header("webhook-allowed-origin"), None, "{answer}");
    }
}

#[case]
async fn body_that_is_no_report_at_all_is_400() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let mut rows = Vec::new();
    for (name, body, status) in [
        (
            "an unknown notification",
            json!({ "notificationId": "5f0c1a52-6a0e-8d2f-9c1b-3e7d4a6b8c90", "status": "Delivered" }),
            200,
        ),
        ("no member of a report", json!({}), 400),
        ("a number", json!(1), 400),
        ("a text", json!("Delivered"), 400),
        ("null", Value::Null, 400),
        ("no status", json!({ "providerId": "x" }), 200),
        (
            "a status that is not final",
            json!({ "providerId": "x", "status": "Sending" }),
            200,
        ),
        ("an empty list", json!([]), 200),
    ] {
        rows.push((name, report(&host, &body).await.outcome().0, status));
    }
    let cut = post("/delivery-report/acs").bearer(TRIGGER_KEY);
    let cut = cut.json_text(r#"[{"providerId":"x""#.to_owned());
    rows.push(("JSON that is cut", cut.send(&host).await.outcome().0, 400));
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
