//! Delivery after the 202, without a call of the trigger.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{
    Host, TRIGGER_KEY, assert_rows, case, clock, get,
    order::{
        accepted, await_statuses, cancel, get_notifications, get_status, order, order_at,
        order_due_in, order_for_later, order_id, order_to, post_order, processing_status, settled,
        statuses, trigger,
    },
    post, tokens,
};
use tokio::time::{Instant, sleep};

#[case]
async fn due_order_is_delivered_after_its_202(host: &Host) {
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

#[case]
async fn each_recipient_gets_its_own_status(host: &Host) {
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

#[case]
async fn five_hundred_recipients_all_get_an_email(host: &Host) {
    let recipients: Vec<_> = (0..500)
        .map(|number| json!({ "emailAddress": format!("{number}@example.no") }))
        .collect();
    let id = accepted(host, &order_to(recipients.into())).await;
    settled(host, &id).await;
    assert_eq!(statuses(host, &id).await, vec!["Delivered"; 500]);
}

/// The sandbox takes three seconds for a `slow` recipient.
#[case]
async fn slow_recipient_does_not_delay_the_202(host: &Host) {
    const SLOW: Duration = Duration::from_secs(3);
    let recipients = json!([{ "emailAddress": "slow@example.no" }]);
    let begun = Instant::now();
    let id = accepted(host, &order_to(recipients)).await;
    await_statuses(host, &id, &["Sending"]).await;
    assert!(begun.elapsed() < SLOW, "{:?}", begun.elapsed());
    settled(host, &id).await;
    assert!(begun.elapsed() >= SLOW, "{:?}", begun.elapsed());
    assert_eq!(statuses(host, &id).await, ["Delivered"]);
}

#[case]
async fn transient_failure_keeps_the_order_in_processing(host: &Host) {
    let recipients = json!([{ "emailAddress": "transient-twice@example.no" }]);
    let id = accepted(host, &order_to(recipients)).await;
    await_statuses(host, &id, &["Failed_TransientError"]).await;
    assert_eq!(processing_status(host, &id).await, "Processing");
}

#[case]
async fn transient_failures_are_retried_until_the_email_is_delivered() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let recipients = json!([{ "emailAddress": "transient-twice@example.no" }]);
    let id = accepted(&host, &order_to(recipients)).await;
    await_statuses(&host, &id, &["Failed_TransientError"]).await;
    // Longer than the delay before each retry.
    for expected in ["Failed_TransientError", "Delivered"] {
        clock::pass(Duration::from_mins(5)).await;
        trigger().send(&host).await.expect(200);
        assert_eq!(statuses(&host, &id).await, [expected]);
    }
    assert_eq!(processing_status(&host, &id).await, "Completed");
}

#[case]
async fn order_is_given_up_two_days_after_its_send_time() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let recipients = json!([{ "emailAddress": "transient@example.no" }]);
    let id = accepted(&host, &order_to(recipients)).await;
    for (hours, status) in [(47, "Processing"), (2, "Completed")] {
        clock::pass(Duration::from_hours(hours)).await;
        trigger().send(&host).await.expect(200);
        assert_eq!(processing_status(&host, &id).await, status);
    }
    assert_eq!(statuses(&host, &id).await, ["Failed"]);
}

#[case]
async fn order_is_given_up_after_the_configured_hours() {
    let variables = [("trigger_key", TRIGGER_KEY), ("give_up_hours", "3")];
    let host = Host::with(&variables).await;
    let recipients = json!([{ "emailAddress": "transient@example.no" }]);
    let id = accepted(&host, &order_to(recipients)).await;
    for (hours, status) in [(2, "Processing"), (2, "Completed")] {
        clock::pass(Duration::from_hours(hours)).await;
        trigger().send(&host).await.expect(200);
        assert_eq!(processing_status(&host, &id).await, status);
    }
    assert_eq!(statuses(&host, &id).await, ["Failed"]);
}

/// The repeats are on other pages of the store.
#[case]
async fn repeated_address_is_notified_once(host: &Host) {
    let mut recipients: Vec<_> = (0..60)
        .map(|number| json!({ "emailAddress": format!("{number}@example.no") }))
        .collect();
    recipients[0] = json!({ "emailAddress": "First@example.no" });
    for place in [1, 25, 59] {
        recipients[place] = json!({ "emailAddress": "FIRST@EXAMPLE.NO" });
    }
    recipients.push(json!({ "organizationNumber": "123456789" }));
    recipients.push(json!({ "organizationNumber": "123456789" }));
    let id = accepted(host, &order_to(recipients.into())).await;
    let status = settled(host, &id).await;
    let document = get_notifications(&id).send(host).await.expect(200).json();
    let notifications = document["notifications"].as_array().unwrap();
    assert_eq!(notifications.len(), 59);
    assert_eq!(
        (&document["generated"], &document["succeeded"]),
        (&json!(59), &json!(57))
    );
    let generated = &status["notificationsStatusSummary"]["email"]["generated"];
    assert_eq!(generated, 59);
    let to = |address: &str| {
        let is_to = |one: &&Value| one["recipient"]["emailAddress"] == address;
        notifications.iter().filter(is_to).count()
    };
    assert_eq!(to("First@example.no"), 1);
    assert_eq!(to("FIRST@EXAMPLE.NO"), 0);
    // Recipients without an address are not merged.
    assert_eq!(to(""), 2);
}

#[case]
async fn order_due_in_a_few_seconds_is_sent_on_time_and_not_before(host: &Host) {
    const SECONDS: i64 = 3;
    let due = clock::in_seconds(SECONDS);
    let begun = Instant::now();
    let id = accepted(host, &order_at(&due)).await;
    while statuses(host, &id).await.is_empty() {
        sleep(Duration::from_millis(50)).await;
        assert!(begun.elapsed() < Duration::from_secs(20), "{id} is stuck");
    }
    let limit = Duration::from_secs(SECONDS.unsigned_abs());
    assert!(begun.elapsed() + Duration::from_millis(500) > limit);
    settled(host, &id).await;
    let document = get_notifications(&id).send(host).await.expect(200).json();
    let sent = document["notifications"][0]["sendStatus"]["lastUpdate"].clone();
    // Both are in UTC, with seconds of two digits.
    assert!(sent.as_str().unwrap()[..19] >= due[..19], "{sent} {due}");
}

#[case]
async fn trigger_sends_nothing_before_its_send_time() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let id = accepted(&host, &order_due_in(8)).await;
    for (seconds, sent) in [(0, 0), (5, 0), (9, 1)] {
        clock::pass(Duration::from_secs(seconds)).await;
        trigger().send(&host).await.expect(200);
        assert_eq!(statuses(&host, &id).await.len(), sent);
    }
}

#[case]
async fn etag_of_status_changes_after_cancel(host: &Host) {
    let id = accepted(host, &order_for_later()).await;
    let before = get_status(&id).send(host).await.expect(200);
    cancel(&id).send(host).await.expect(200);
    let after = get_status(&id).send(host).await.expect(200);
    assert_ne!(before.header("etag"), after.header("etag"));
}

#[case]
async fn dry_run_is_not_delivered(host: &Host) {
    let order = order();
    let call = post("/order/email?dryRun=true").bearer(tokens::bearer());
    call.json(&order).send(host).await.expect(200);
    // The same order, placed: it is the only one with its reference, and has one email.
    let id = order_id(&post_order(&order).send(host).await.expect(202));
    settled(host, &id).await;
    let reference = order["sendersReference"].as_str().unwrap();
    let call = get(format!("/order?sendersReference={reference}")).bearer(tokens::bearer());
    assert_eq!(call.send(host).await.expect(200).json()["count"], 1);
}
