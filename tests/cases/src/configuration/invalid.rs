//! Variables that do not parse: requests that need them get 503, and the log has one line.

use serde_json::{Value, json};
use test_support::{
    Host, TRIGGER_KEY, assert_rows, case, get,
    order::{ORDER_EMAIL, get_order, order, post_order},
    post,
    tokens::{bearer, trusted},
};

#[case]
async fn invalid_variable_is_503_and_logged_once() {
    let bearer = trusted().bearer.configuration();
    let without_keys = json!([{ "issuer": bearer["issuer"] }]).to_string();
    let without_issuer = json!([{ "jwks": bearer["jwks"] }]).to_string();
    let one_key =
        |key: Value| json!([{ "issuer": bearer["issuer"], "jwks": { "keys": [key] } }]).to_string();
    let no_key = json!([{ "issuer": bearer["issuer"], "jwks": { "keys": [] } }]).to_string();
    let symmetric = one_key(json!({ "kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0" }));
    // 171 characters of base64url are 128 bytes: RSA of 1,024 bits.
    let weak = one_key(json!({ "kty": "RSA", "n": "x".repeat(171), "e": "AQAB" }));
    let damaged = one_key(json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" }));
    let mut unknown_algorithm = bearer.clone();
    unknown_algorithm["algorithms"] = json!(["none"]);
    let unknown_algorithm = json!([unknown_algorithm]).to_string();
    let shared_issuer = trusted().bearer_variable();

    let mut rows = Vec::new();
    for (variable, value) in [
        ("bearer_issuers", ""),
        ("bearer_issuers", "{"),
        ("bearer_issuers", "{}"),
        ("bearer_issuers", "null"),
        ("bearer_issuers", "[{}]"),
        ("bearer_issuers", "[1]"),
        ("bearer_issuers", &without_keys),
        ("bearer_issuers", &without_issuer),
        ("bearer_issuers", &no_key),
        ("bearer_issuers", &symmetric),
        ("bearer_issuers", &weak),
        ("bearer_issuers", &damaged),
        ("bearer_issuers", &unknown_algorithm),
        ("platform_issuers", "{"),
        ("platform_issuers", r#"[{"pem":"garbage"}]"#),
        ("platform_issuers", &shared_issuer),
        ("default_from_address", ""),
        ("default_from_address", "nobody"),
        ("from_addresses", "{"),
        ("from_addresses", r#"{"ttd":"nobody"}"#),
        ("give_up_hours", "0"),
        ("give_up_hours", "two"),
        ("send_rate", "fast"),
        ("send_rate", "-1"),
        ("max_body_bytes", ""),
        ("max_body_bytes", "many"),
        ("max_body_bytes", "-1"),
        ("max_body_bytes", "1.5"),
        ("public_base_url", "platform.example.no"),
    ] {
        let host = Host::with(&[(variable, value)]).await;
        let name = format!("{variable} = {value:.60}");
        // Later requests find the configuration cached.
        for _ in 0..3 {
            let answer = post_order(&order()).send(&host).await;
            rows.push((name.clone(), answer.outcome(), (503, Vec::new())));
            assert!(
                value.len() < 3 || !answer.to_string().contains(value),
                "{answer}"
            );
        }
        let unknown = get("/x").send(&host).await.outcome();
        rows.push((
            format!("{name}: an unknown path"),
            unknown,
            (404, Vec::new()),
        ));
        let log = host.log();
        let lines: Vec<_> = log.lines().filter(|line| line.contains(variable)).collect();
        assert_eq!(lines.len(), 1, "{name}: {log}");
        let wrong_method = get(ORDER_EMAIL).send(&host).await.outcome();
        rows.push((
            format!("{name}: a wrong method"),
            wrong_method,
            (405, Vec::new()),
        ));
    }
    assert_rows(rows);
}

#[case]
async fn invalid_issuers_are_503_for_readers() {
    for variable in ["bearer_issuers", "platform_issuers"] {
        let host = Host::with(&[(variable, "{")]).await;
        let id = "0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f10";
        get_order(id).send(&host).await.expect(503).problem();
    }
}

#[case]
async fn invalid_variable_concerns_only_requests_that_need_it() {
    let broken = [
        ("bearer_issuers", "{"),
        ("platform_issuers", "{"),
        ("default_from_address", "nobody"),
        ("from_addresses", "[]"),
        ("give_up_hours", "0"),
        ("send_rate", "fast"),
        ("max_body_bytes", "many"),
        ("public_base_url", "platform.example.no"),
    ];
    let unknown = "/order/0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f10";
    let mut rows = Vec::new();
    for (variable, value) in broken {
        let variables = [(variable, value), ("trigger_key", TRIGGER_KEY)];
        let host = Host::with(&variables).await;
        let (reads, lists) = match variable {
            "bearer_issuers" | "platform_issuers" => (503, 503),
            // A list has links even if it is empty.
            "public_base_url" => (404, 503),
            _ => (404, 200),
        };
        for (name, call, expected) in [
            ("place", post_order(&order()), 503),
            ("read", get(unknown).bearer(bearer()), reads),
            (
                "list",
                get("/order?sendersReference=x").bearer(bearer()),
                lists,
            ),
            (
                "trigger",
                post("/trigger/pastdueorders").bearer(TRIGGER_KEY),
                if ["give_up_hours", "send_rate"].contains(&variable) {
                    503
                } else {
                    200
                },
            ),
            ("health", get("/health"), 200),
        ] {
            let status = call.send(&host).await.status.as_u16();
            rows.push((format!("{variable}: {name}"), status, expected));
        }
        host.stop().await;
    }
    assert_rows(rows);
}

#[case]
async fn unreachable_keys_are_503() {
    // No such host exists.
    let by_url = json!([{ "issuer": trusted().bearer.name(), "jwks_uri": "https://issuer.test/" }]);
    let host = Host::with(&[("bearer_issuers", &by_url.to_string())]).await;
    for _ in 0..3 {
        post_order(&order()).send(&host).await.expect(503).problem();
    }
}
