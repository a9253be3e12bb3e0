//! Who may call the trigger.

use serde_json::json;

use super::KEY;
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

/// The paths that the keys open.
const PATHS: [&str; 2] = ["/trigger/pastdueorders", "/delivery-report/acs"];

const PREVIOUS_KEY: &str = "the-key-before";

/// A call that is well-formed on either path.
fn call(path: &str) -> Call {
    post(path).json(&json!([]))
}

#[tokio::test]
async fn while_the_key_is_rotated_two_are_accepted() {
    let variables = [("trigger_key", KEY), ("trigger_key_previous", PREVIOUS_KEY)];
    let Some(host) = Host::with(&variables).await else {
        return;
    };
    let mut rows = Vec::new();
    for path in PATHS {
        for (name, key, status) in [
            ("the key", KEY, 200),
            ("the previous one", PREVIOUS_KEY, 200),
            ("another one", "another-key", 401),
            ("both", &format!("{KEY}{PREVIOUS_KEY}"), 401),
        ] {
            let got = call(path).bearer(key).send(&host).await.status.as_u16();
            rows.push((format!("{name}: {path}"), got, status));
        }
    }
    assert_rows(rows);
}

#[tokio::test]
async fn without_a_key_nobody_is_let_in() {
    let mut rows = Vec::new();
    for previous in ["", PREVIOUS_KEY] {
        let Some(host) = Host::with(&[("trigger_key_previous", previous)]).await else {
            return;
        };
        for path in PATHS {
            for (name, call) in [
                ("no key", call(path)),
                ("some key", call(path).bearer("x")),
                ("an empty key", call(path).bearer("")),
                ("the previous one", call(path).bearer(previous)),
            ] {
                let status = call.send(&host).await.outcome().0;
                rows.push((format!("{name}: {path}, {previous:?}"), status, 403));
            }
        }
    }
    assert_rows(rows);
}

/// Only a bearer is a credential here (RFC 6750, section 3.1).
#[tokio::test]
async fn an_error_is_named_only_where_a_bearer_was_presented() {
    let Some(host) = Host::with(&[("trigger_key", KEY)]).await else {
        return;
    };
    let basic = |call: Call| call.header("authorization", "Basic dXNlcjpwYXNzd29yZA==");
    let mut rows = Vec::new();
    for path in PATHS {
        for (name, call, named) in [
            ("nothing", call(path), false),
            ("another scheme", basic(call(path)), false),
            ("another scheme twice", basic(basic(call(path))), false),
            (
                "no token",
                call(path).header("authorization", "Bearer"),
                false,
            ),
            ("another key", call(path).bearer("x"), true),
            ("the key twice", call(path).bearer(KEY).bearer(KEY), true),
            (
                "the key beside another scheme",
                basic(call(path).bearer(KEY)),
                true,
            ),
        ] {
            let answer = call.send(&host).await.expect(401);
            answer.problem();
            let challenge = answer.header("www-authenticate").unwrap();
            assert!(challenge.starts_with("Bearer realm="), "{answer}");
            let error = challenge.contains(r#"error="invalid_token""#);
            assert_eq!(error, challenge.contains("error"), "{answer}");
            rows.push((format!("{name}: {path}"), error, named));
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
