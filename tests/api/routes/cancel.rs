//! `PUT /order/{id}/cancel`

use serde_json::json;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use uuid::Uuid;

use crate::support::{
    Call, Host, assert_rows, get,
    order::{FAMILIES, accepted, order_for_later, order_with},
    shared, tokens,
};

fn cancel(id: &str) -> Call {
    Call::new("PUT", format!("/order/{id}/cancel")).bearer(tokens::bearer())
}

/// The status of an order, and its entity tag.
async fn status(host: &Host, id: &str) -> (String, String) {
    let call = get(format!("/order/{id}/status")).bearer(tokens::bearer());
    let answer = call.send(host).await.expect(200);
    let status = answer.json()["processingStatus"]["status"].clone();
    let tag = answer.header("etag").expect("a tag").to_owned();
    (status.as_str().expect("a status").to_owned(), tag)
}

#[tokio::test]
async fn an_order_can_be_cancelled_until_five_minutes_before_its_send_time() {
    let host = shared().await;
    let mut rows = Vec::new();
    for (ahead, status) in [(Duration::minutes(4), 409), (Duration::minutes(7), 200)] {
        let time = (OffsetDateTime::now_utc() + ahead)
            .format(&Rfc3339)
            .unwrap();
        let id = accepted(host, &order_with(json!({ "requestedSendTime": time }))).await;
        let call = Call::new("PUT", format!("/order/{id}/cancel")).bearer(tokens::bearer());
        let answer = call.send(host).await;
        if status == 409 {
            answer.problem();
        }
        rows.push((format!("{ahead} ahead"), answer.status.as_u16(), status));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn a_status_that_has_changed_is_412_and_nothing_is_done() {
    let host = shared().await;
    let mut rows = Vec::new();
    for (name, condition) in [
        ("another tag", "\"x\"".to_owned()),
        ("a weak tag", "W/{tag}".to_owned()),
        ("no quotes", "{bare}".to_owned()),
        ("nothing", String::new()),
    ] {
        let id = accepted(host, &order_for_later()).await;
        let (_, tag) = status(host, &id).await;
        let condition = condition
            .replace("{tag}", &tag)
            .replace("{bare}", &tag.replace('"', ""));
        let answer = cancel(&id).header("If-Match", condition).send(host).await;
        let outcome = (answer.outcome().0, status(host, &id).await.0);
        rows.push((name, outcome, (412, "Registered".to_owned())));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn a_status_that_is_as_it_was_can_be_cancelled() {
    let host = shared().await;
    let mut rows = Vec::new();
    for condition in ["{tag}", "\"x\", {tag}", "*"] {
        for family in FAMILIES {
            let id = accepted(host, &order_for_later()).await;
            let path = format!("{}/{id}", family.orders);
            let call = get(format!("{path}/status")).bearer(tokens::bearer());
            let before = call.send(host).await.expect(200);
            let tag = before.header("etag").expect("a tag");
            let call = Call::new("PUT", format!("{path}/cancel")).bearer(tokens::bearer());
            let call = call.header("If-Match", condition.replace("{tag}", tag));
            let got = call.send(host).await.status.as_u16();
            rows.push((format!("{path} {condition}"), got, 200));
        }
    }
    assert_rows(rows);
}

#[tokio::test]
async fn of_a_cancelled_order_the_present_status_counts() {
    let host = shared().await;
    let id = accepted(host, &order_for_later()).await;
    let (_, before) = status(host, &id).await;
    let with = |tag: &str| cancel(&id).header("If-Match", tag).send(host);
    with(&before).await.expect(200);
    let (name, after) = status(host, &id).await;
    assert_eq!(name, "Cancelled");
    with(&before).await.expect(412).problem();
    with(&after).await.expect(200);
    with("*").await.expect(200);
    cancel(&id).send(host).await.expect(200);
}

#[tokio::test]
async fn a_condition_is_held_after_all_that_says_whose_order_it_is() {
    let host = shared().await;
    let id = accepted(host, &order_for_later()).await;
    let other = tokens::bearer_of(tokens::OTHER_ORG);
    let call =
        |id: &str| Call::new("PUT", format!("/order/{id}/cancel")).header("If-Match", "\"x\"");
    let unknown = Uuid::new_v4().to_string();
    for (call, expected) in [
        (call(&id), 401),
        (call("x").bearer(tokens::bearer()), 400),
        (call(&unknown).bearer(tokens::bearer()), 404),
        (
            call(&unknown)
                .header("If-Match", "*")
                .bearer(tokens::bearer()),
            404,
        ),
        (call(&id).bearer(other), 404),
    ] {
        call.send(host).await.expect(expected).problem();
    }
}
