//! `PUT /order/{id}/cancel`

use test_support::{
    Call, Host, assert_rows, case, clock, get,
    order::{FAMILIES, accepted, cancel, get_status, order_at, order_for_later},
    tokens,
};
use uuid::Uuid;

/// Returns the status of an order, and the entity tag of its status document.
async fn status(host: &Host, id: &str) -> (String, String) {
    let answer = get_status(id).send(host).await.expect(200);
    let status = answer.json()["processingStatus"]["status"].clone();
    let tag = answer.header("etag").expect("a tag").to_owned();
    (status.as_str().expect("a status").to_owned(), tag)
}

#[case]
async fn cancel_within_five_minutes_of_send_time_is_409(host: &Host) {
    let mut rows = Vec::new();
    for (minutes, status) in [(4, 409), (7, 200)] {
        let order = order_at(&clock::in_seconds(60 * minutes));
        let id = accepted(host, &order).await;
        let answer = cancel(&id).send(host).await;
        if status == 409 {
            answer.problem();
        }
        rows.push((
            format!("{minutes} minutes ahead"),
            answer.status.as_u16(),
            status,
        ));
    }
    assert_rows(rows);
}

#[case]
async fn cancel_with_another_etag_is_412(host: &Host) {
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

#[case]
async fn cancel_with_the_present_etag_is_200(host: &Host) {
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

#[case]
async fn cancel_with_the_etag_before_cancellation_is_412(host: &Host) {
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

#[case]
async fn cancel_checks_the_owner_before_the_etag(host: &Host) {
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
