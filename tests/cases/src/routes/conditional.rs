//! `ETag` and `If-None-Match`

use test_support::{
    Host, assert_rows, case, get,
    order::{accepted, cancel, get_status, order_for_later},
    tokens,
};

#[case]
async fn matching_if_none_match_is_304(host: &Host) {
    let id = accepted(host, &order_for_later()).await;
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

#[case]
async fn status_after_cancel_has_another_etag(host: &Host) {
    let id = accepted(host, &order_for_later()).await;
    let before = get_status(&id).send(host).await.expect(200);
    cancel(&id).send(host).await.expect(200);
    let tag = before.header("etag").unwrap();
    get_status(&id)
        .header("If-None-Match", tag)
        .send(host)
        .await
        .expect(200);
}
