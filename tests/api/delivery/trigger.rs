//! Who may call the trigger.

use super::{KEY, trigger};
use crate::support::{Call, Host, assert_rows, post, tokens};

#[tokio::test]
async fn only_the_key_lets_anybody_in() {
    let Some(host) = Host::with(&[("trigger_key", KEY)]).await else {
        return;
    };
    let call = |path: &str| post(path.to_owned());
    let mut rows = Vec::new();
    for path in [
        "/trigger/pastdueorders",
        "/notifications/api/v1/trigger/pastdueorders",
    ] {
        for (name, call, status) in [
            ("the key", call(path).bearer(KEY), 200),
            (
                "the scheme in another case",
                call(path).header("authorization", format!("bearer {KEY}")),
                200,
            ),
            ("no key", call(path), 401),
            ("another key", call(path).bearer("wrong"), 401),
            (
                "more than the key",
                call(path).bearer(format!("{KEY}x")),
                401,
            ),
            ("less than the key", call(path).bearer(&KEY[1..]), 401),
            ("the key twice", call(path).bearer(KEY).bearer(KEY), 401),
            (
                "another scheme",
                call(path).header("authorization", format!("Basic {KEY}")),
                401,
            ),
            ("a good token", call(path).bearer(tokens::bearer()), 401),
            ("GET", Call::new("GET", path).bearer(KEY), 405),
        ] {
            let answer = call.send(&host).await;
            rows.push((format!("{name}: {path}"), answer.outcome().0, status));
        }
    }
    assert_rows(rows);
}

#[tokio::test]
async fn without_a_key_nobody_is_let_in() {
    let Some(host) = Host::with(&[]).await else {
        return;
    };
    let mut rows = Vec::new();
    for path in ["/trigger/pastdueorders", "/delivery-report/acs"] {
        for (name, call) in [
            ("no key", post(path)),
            ("some key", post(path).bearer("x")),
            ("an empty key", post(path).bearer("")),
        ] {
            let status = call.send(&host).await.outcome().0;
            rows.push((format!("{name}: {path}"), status, 403));
        }
    }
    assert_rows(rows);
}

#[tokio::test]
async fn it_says_what_it_did() {
    let Some(host) = Host::with(&[("trigger_key", KEY)]).await else {
        return;
    };
    let nothing = serde_json::json!({ "due": 0, "processed": 0, "more": false });
    for query in ["", "?sweep=true", "?sweep=1", "?unknown"] {
        let call = post(format!("/trigger/pastdueorders{query}")).bearer(KEY);
        let document = call.send(&host).await.expect(200).json();
        assert_eq!(document, nothing, "{query}");
    }
}
