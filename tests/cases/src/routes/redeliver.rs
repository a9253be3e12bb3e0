//! `POST /order/{id}/redeliver`

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{
    Call, Host, TRIGGER_KEY, assert_rows, case, clock,
    order::{
        FAMILIES, accepted, await_statuses, cancel, get_notifications, order, order_for_later,
        order_to, settled, statuses, trigger,
    },
    post, tokens,
};
use uuid::Uuid;

fn redeliver(id: &str) -> Call {
    post(format!("/order/{id}/redeliver"))
}

async fn notification_ids(host: &Host, id: &str) -> Vec<Value> {
    let document = get_notifications(id).send(host).await.expect(200).json();
    let notifications = document["notifications"].as_array().unwrap();
    notifications.iter().map(|one| one["id"].clone()).collect()
}

/// Places an order with a notification that has failed, and would succeed now.
async fn place_failed(host: &Host) -> String {
    let recipients = json!([
        { "emailAddress": "transient-twice@example.no" },
        { "emailAddress": "someone@example.no" },
        { "organizationNumber": "123456789" },
    ]);
    let id = accepted(host, &order_to(recipients)).await;
    let rest = ["Delivered", "Failed_RecipientNotIdentified"];
    await_statuses(host, &id, &["Failed_TransientError", rest[0], rest[1]]).await;
    clock::pass(Duration::from_hours(2)).await;
    trigger().send(host).await.expect(200);
    await_statuses(host, &id, &["Failed", rest[0], rest[1]]).await;
    settled(host, &id).await;
    id
}

#[case]
async fn failed_notifications_go_out_again_with_the_same_ids() {
    let variables = [("trigger_key", TRIGGER_KEY), ("give_up_hours", "1")];
    let host = Host::with(&variables).await;
    for family in FAMILIES {
        for credential in [tokens::bearer(), TRIGGER_KEY.to_owned()] {
            let id = place_failed(&host).await;
            let before = notification_ids(&host, &id).await;
            let call = post(format!("{}/{id}/redeliver", family.orders));
            let answer = call.bearer(credential).send(&host).await.expect(200).json();
            let link = format!("{}/{id}/notifications/email", family.orders);
            let summary = &answer["notificationsStatusSummary"]["email"];
            assert_eq!(summary["links"]["self"], link, "{answer}");
            let status = settled(&host, &id).await;
            assert_eq!(status["processingStatus"]["status"], "Completed");
            assert_eq!(
                statuses(&host, &id).await,
                ["Delivered", "Delivered", "Failed_RecipientNotIdentified"]
            );
            assert_eq!(notification_ids(&host, &id).await, before);
        }
    }
}

#[case]
async fn redelivery_without_failures_changes_nothing(host: &Host) {
    let id = accepted(host, &order()).await;
    let before = settled(host, &id).await;
    let call = || redeliver(&id).bearer(tokens::bearer());
    for _ in 0..2 {
        assert_eq!(call().send(host).await.expect(200).json(), before);
    }
}

#[case]
async fn redelivery_of_an_order_that_is_not_completed_is_409(host: &Host) {
    let later = accepted(host, &order_for_later()).await;
    let cancelled = accepted(host, &order_for_later()).await;
    cancel(&cancelled).send(host).await.expect(200);
    let recipients = json!([{ "emailAddress": "transient@example.no" }]);
    let processing = accepted(host, &order_to(recipients)).await;
    await_statuses(host, &processing, &["Failed_TransientError"]).await;
    for id in [later, cancelled, processing] {
        let call = redeliver(&id).bearer(tokens::bearer());
        call.send(host).await.expect(409).problem();
    }
}

#[case]
async fn redelivery_is_for_the_owner_and_the_trigger_key() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let id = accepted(&host, &order()).await;
    settled(&host, &id).await;
    let unknown = Uuid::new_v4().to_string();
    let mut rows = Vec::new();
    for (name, call, status) in [
        ("the owner", redeliver(&id).bearer(tokens::bearer()), 200),
        ("the key", redeliver(&id).bearer(TRIGGER_KEY), 200),
        (
            "another owner",
            redeliver(&id).bearer(tokens::bearer_of(tokens::OTHER_ORG)),
            404,
        ),
        ("no credential", redeliver(&id), 401),
        ("another key", redeliver(&id).bearer("x"), 401),
        (
            "unknown, the owner",
            redeliver(&unknown).bearer(tokens::bearer()),
            404,
        ),
        (
            "unknown, the key",
            redeliver(&unknown).bearer(TRIGGER_KEY),
            404,
        ),
        ("no UUID", redeliver("x").bearer(TRIGGER_KEY), 400),
        (
            "GET",
            Call::new("GET", format!("/order/{id}/redeliver")).bearer(TRIGGER_KEY),
            405,
        ),
    ] {
        rows.push((name, call.send(&host).await.outcome().0, status));
    }
    assert_rows(rows);
}
