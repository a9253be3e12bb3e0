//! `ETag` and `If-None-Match`

use serde_json::json;

use crate::support::{
    Call, assert_rows, get,
    order::{accepted, order_with},
    shared, tokens,
};

#[tokio::test]
async fn what_a_client_has_is_not_sent_again() {
    let host = shared().await;
    let later = order_with(json!({ "requestedSendTime": "2030-01-31T08:00:00Z" }));
    let id = accepted(host, &later).await;
    let mut rows = Vec::new();
    for place in [format!("/order/{id}"), format!("/order/{id}/status")] {
        let call = || get(&place).bearer(tokens::bearer());
        let answer = call().send(host).await.expect(200);
        let tag = answer.header("etag").expect("a tag").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
        for (condition, status) in [
            (tag.clone(), 304),
            (format!("W/{tag}"), 304),
            (format!("\"x\", {tag}"), 304),
            ("*".to_owned(), 304),
            ("\"x\"".to_owned(), 200),
            (tag.replace('"', ""), 200),
        ] {
            let answer = call().header("If-None-Match", &condition).send(host).await;
            let name = format!("{place} {condition}");
            let got = (
                answer.status.as_u16(),
                answer.header("etag").map(str::to_owned),
            );
            rows.push((name, got, (status, Some(tag.clone()))));
        }
    }
    assert_rows(rows);
}

#[tokio::test]
async fn a_changed_status_has_another_tag() {
    let host = shared().await;
    let later = order_with(json!({ "requestedSendTime": "2030-01-31T08:00:00Z" }));
    let id = accepted(host, &later).await;
    let status = || get(format!("/order/{id}/status")).bearer(tokens::bearer());
    let before = status().send(host).await.expect(200);
    let cancel = Call::new("PUT", format!("/order/{id}/cancel")).bearer(tokens::bearer());
    cancel.send(host).await.expect(200);
    let tag = before.header("etag").unwrap();
    status()
        .header("If-None-Match", tag)
        .send(host)
        .await
        .expect(200);
}
