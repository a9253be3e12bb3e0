//! `POST /trigger/pastdueorders`, and the keys that open it and the delivery reports.

use serde_json::json;
use test_support::{Call, Host, TRIGGER_KEY, assert_rows, case, post, tokens};

#[case]
async fn trigger_without_its_key_is_401() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let call = |path: &str| post(path.to_owned());
    let mut rows = Vec::new();
    for path in [
        "/trigger/pastdueorders",
        "/notifications/api/v1/trigger/pastdueorders",
    ] {
        for (name, call, status) in [
            ("the key", call(path).bearer(TRIGGER_KEY), 200),
            (
                "the scheme in another case",
                call(path).header("authorization", format!("bearer {TRIGGER_KEY}")),
                200,
            ),
            ("no key", call(path), 401),
            ("another key", call(path).bearer("wrong"), 401),
            (
                "more than the key",
                call(path).bearer(format!("{TRIGGER_KEY}x")),
                401,
            ),
            (
                "less than the key",
                call(path).bearer(&TRIGGER_KEY[1..]),
                401,
            ),
            (
                "the key twice",
                call(path).bearer(TRIGGER_KEY).bearer(TRIGGER_KEY),
                401,
            ),
            (
                "another scheme",
                call(path).header("authorization", format!("Basic {TRIGGER_KEY}")),
                401,
            ),
            ("a valid bearer", call(path).bearer(tokens::bearer()), 401),
            ("GET", Call::new("GET", path).bearer(TRIGGER_KEY), 405),
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

/// Returns a call that is well-formed on either path.
fn call(path: &str) -> Call {
    post(path).json(&json!([]))
}

#[case]
async fn previous_trigger_key_is_accepted_during_rotation() {
    let variables = [
        ("trigger_key", TRIGGER_KEY),
        ("trigger_key_previous", PREVIOUS_KEY),
    ];
    let host = Host::with(&variables).await;
    let mut rows = Vec::new();
    for path in PATHS {
        for (name, key, status) in [
            ("the key", TRIGGER_KEY, 200),
            ("the previous one", PREVIOUS_KEY, 200),
            ("another one", "another-key", 401),
            ("both", &format!("{TRIGGER_KEY}{PREVIOUS_KEY}"), 401),
        ] {
            let got = call(path).bearer(key).send(&host).await.status.as_u16();
            rows.push((format!("{name}: {path}"), got, status));
        }
    }
    assert_rows(rows);
}

#[case]
async fn trigger_without_configured_key_is_403() {
    let mut rows = Vec::new();
    for previous in ["", PREVIOUS_KEY] {
        let host = Host::with(&[("trigger_key_previous", previous)]).await;
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
#[case]
async fn challenge_names_an_error_only_for_a_presented_bearer() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let basic = |call: Call| call.header("authorization", "Basic dXNlcjpwYXNzd29yZA==");
    let mut rows = Vec::new();
    for path in PATHS {
        for (name, call, expected) in [
            ("nothing", call(path), false),
            ("another scheme", basic(call(path)), false),
            ("another scheme twice", basic(basic(call(path))), false),
            (
                "no token",
                call(path).header("authorization", "Bearer"),
                false,
            ),
            ("another key", call(path).bearer("x"), true),
            (
                "the key twice",
                call(path).bearer(TRIGGER_KEY).bearer(TRIGGER_KEY),
                true,
            ),
            (
                "the key beside another scheme",
                basic(call(path).bearer(TRIGGER_KEY)),
                true,
            ),
        ] {
            let answer = call.send(&host).await.expect(401);
            answer.problem();
            let challenge = answer.header("www-authenticate").unwrap();
            assert!(challenge.starts_with("Bearer realm="), "{answer}");
            let names_error = challenge.contains(r#"error="invalid_token""#);
            assert_eq!(names_error, challenge.contains("error"), "{answer}");
            rows.push((format!("{name}: {path}"), names_error, expected));
        }
    }
    assert_rows(rows);
}

#[case]
async fn trigger_with_nothing_due_reports_zeros() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let zeros = json!({ "due": 0, "processed": 0, "more": false });
    for query in ["", "?sweep=true", "?sweep=1", "?unknown"] {
        let call = post(format!("/trigger/pastdueorders{query}")).bearer(TRIGGER_KEY);
        let document = call.send(&host).await.expect(200).json();
        assert_eq!(document, zeros, "{query}");
    }
}
