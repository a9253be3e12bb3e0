//! The erasure of an order's content, and the deletion of the order.
//!
//! An order is erased after a day at the earliest, so these cases run in process alone: there the clock
//! jumps, and a host with real time cannot wait for that.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{
    Host, TRIGGER_KEY, case, clock, get,
    order::{
        accepted, cancel, fetch, get_notifications, get_order, get_status, order_for_later,
        order_to, order_with, post_order, settled, trigger,
    },
    post, tokens,
};

const DAY: Duration = Duration::from_hours(24);

async fn host(content_days: &str, order_days: &str) -> Host {
    Host::with(&[
        ("trigger_key", TRIGGER_KEY),
        ("retain_content_days", content_days),
        ("retain_order_days", order_days),
    ])
    .await
}

/// Lets a day pass, with a run of the trigger at its end.
async fn pass_days(host: &Host, days: usize) {
    for _ in 0..days {
        clock::pass(DAY).await;
        trigger().send(host).await.expect(200);
    }
}

fn secret() -> Value {
    let mut order = order_to(json!([
        { "emailAddress": "secret@example.no" },
        { "nationalIdentityNumber": "16069412345" },
    ]));
    order["subject"] = json!("secret subject");
    order["body"] = json!("secret body");
    order
}

#[case]
async fn content_is_erased_after_its_days() {
    let host = host("2", "5").await;
    let id = accepted(&host, &secret()).await;
    let before = settled(&host, &id).await;
    pass_days(&host, 1).await;
    let registered = fetch(&host, &id).await;
    assert_eq!(registered["emailTemplate"]["body"], "secret body");
    let answer = get_order(&id).send(&host).await;
    let tag = answer.header("etag").unwrap();

    pass_days(&host, 3).await;
    let answer = get_order(&id)
        .header("If-None-Match", tag)
        .send(&host)
        .await
        .expect(200);
    let order = answer.json();
    assert_eq!(order["recipients"], json!([]));
    let template = order["emailTemplate"].as_object().unwrap();
    assert_eq!(
        template.keys().collect::<Vec<_>>(),
        ["contentType", "fromAddress"]
    );
    assert!(order["contentErased"].as_str().unwrap().ends_with('Z'));
    let mut rest = order.clone();
    let mut original = registered;
    for document in [&mut rest, &mut original] {
        let document = document.as_object_mut().unwrap();
        for changed in ["recipients", "emailTemplate", "contentErased"] {
            document.remove(changed);
        }
    }
    assert_eq!(rest, original);

    let status = get_status(&id).send(&host).await.expect(200).json();
    assert_eq!(status, before);
    let answer = get_notifications(&id).send(&host).await.expect(200);
    assert!(!answer.to_string().contains("secret"), "{answer}");
    let notifications = answer.json();
    assert_eq!(notifications["generated"], 2);
    assert_eq!(notifications["succeeded"], 1);
    for notification in notifications["notifications"].as_array().unwrap() {
        assert_eq!(notification["recipient"], json!({}));
    }

    let redelivery = post(format!("/order/{id}/redeliver")).bearer(tokens::bearer());
    redelivery.send(&host).await.expect(409).problem();
}

#[case]
async fn order_is_deleted_after_its_days() {
    let host = host("1", "2").await;
    let members = json!({ "sendersReference": "case-1" });
    let sent = accepted(&host, &order_with(members.clone())).await;
    settled(&host, &sent).await;
    let mut later = order_for_later();
    later["sendersReference"] = json!("case-1");
    let cancelled = accepted(&host, &later).await;
    cancel(&cancelled).send(&host).await.expect(200);
    let waiting = accepted(&host, &later).await;

    pass_days(&host, 5).await;
    for id in [&sent, &cancelled] {
        get_order(id).send(&host).await.expect(404).problem();
        get_status(id).send(&host).await.expect(404).problem();
        get_notifications(id)
            .send(&host)
            .await
            .expect(404)
            .problem();
    }
    get_order(&waiting).send(&host).await.expect(200);
    let list = get("/order?sendersReference=case-1").bearer(tokens::bearer());
    let list = list.send(&host).await.expect(200).json();
    assert_eq!(list["count"], 1);
    assert_eq!(list["orders"][0]["id"], waiting);
}

#[case]
async fn idempotency_key_is_free_after_the_deletion() {
    let host = host("1", "2").await;
    let place = |order: &Value| {
        let call = post_order(order);
        call.header("Idempotency-Key", "key-1")
    };
    let first = order_with(json!({ "subject": "first" }));
    let other = order_with(json!({ "subject": "other" }));
    place(&first).send(&host).await.expect(202);
    place(&other).send(&host).await.expect(422);
    pass_days(&host, 5).await;
    let answer = place(&other).send(&host).await.expect(202);
    assert!(!answer.headers.contains_key("idempotent-replayed"));
}

#[case]
async fn zero_days_are_for_ever() {
    let host = host("0", "0").await;
    let id = accepted(&host, &secret()).await;
    settled(&host, &id).await;
    pass_days(&host, 5).await;
    assert_eq!(
        fetch(&host, &id).await["emailTemplate"]["body"],
        "secret body"
    );
}

#[case]
async fn invalid_days_are_503_once_orders_have_their_age() {
    for (content, order) in [("x", "90"), ("30", "-1")] {
        let host = host(content, order).await;
        let id = accepted(&host, &secret()).await;
        settled(&host, &id).await;
        trigger().send(&host).await.expect(200);
        clock::pass(DAY * 3).await;
        for _ in 0..2 {
            trigger().send(&host).await.expect(503).problem();
        }
        let log = host.log();
        assert_eq!(log.matches("\"variable retain_").count(), 1, "{log}");
        // Nothing is erased or deleted.
        let body = &fetch(&host, &id).await["emailTemplate"]["body"];
        assert_eq!(body, "secret body");
    }
}
