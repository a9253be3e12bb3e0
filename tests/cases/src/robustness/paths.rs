//! Unusual paths and queries, with and without credentials.

use test_support::{
    Call, Host, assert_rows, case,
    order::{ORDER_EMAIL, order},
    tokens,
};

#[case]
async fn malformed_paths_are_4xx(host: &Host) {
    let mut rows = Vec::new();
    for path in [
        "/order/%",
        "/order/%2",
        "/order/%zz",
        "/order/%00",
        "/order/%2F",
        "/order/%2e%2e%2fhealth",
        "/order/..%2fhealth",
        "/order/%5c",
        "/order/%0d%0aX-Injected:%20x",
        "/order/%F0%9F%8E%89",
        "/order/%C0%AF",
        "/order/;x=1",
        "/order/{id}",
        "/order/:id",
        "/order/*",
        "/order/{*rest}",
        "/order/email;x",
        "/order/email%20",
        "/order/email%00",
        "/notifications/api/v1/orders/%ff",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/../../etc/passwd",
        "/./order/email/.",
        "/order/./email",
        "/order/../order/email",
        "/*",
        "/;",
        "/?/order/email",
        "/%2forder%2femail",
    ] {
        for call in [
            Call::new("GET", path),
            Call::new("GET", path).bearer(tokens::bearer()),
            Call::new("POST", path)
                .bearer(tokens::bearer())
                .json(&order()),
        ] {
            let answer = call.send(host).await;
            let status = answer.outcome().0;
            let name = format!("{answer:.100}");
            rows.push((name, (400..500).contains(&status), true));
            assert!(!answer.headers.contains_key("x-injected"), "{answer}");
        }
    }
    assert_rows(rows);
}

#[case]
async fn unrelated_queries_are_ignored(host: &Host) {
    let long = "x=y&".repeat(1000);
    let mut rows = Vec::new();
    for query in [
        "",
        "x",
        "x=%",
        "x=%00",
        "%ff=%zz",
        "a=1&a=2&&&==",
        "?",
        "/order/email/../..",
        &long,
    ] {
        let call = Call::new("POST", format!("{ORDER_EMAIL}?{query}"))
            .bearer(tokens::bearer())
            .json(&order());
        rows.push((query, call.send(host).await.outcome().0, 202));
    }
    assert_rows(rows);
}

#[case]
async fn long_ids_are_400(host: &Host) {
    let mut rows = Vec::new();
    for (length, path) in
        [1000, 10_000, 60_000].map(|length| (length, format!("/order/{}", "x".repeat(length))))
    {
        let answer = Call::new("GET", path)
            .bearer(tokens::bearer())
            .send(host)
            .await;
        rows.push((
            length.to_string(),
            answer.outcome(),
            (400, vec!["id".to_owned()]),
        ));
    }
    assert_rows(rows);
}
