//! Entries of issuers that cannot be used: their tokens get 503, all others work.

use serde_json::{Value, json};
use test_issuer::{Algorithm, Issuer};
use test_support::{
    Host, assert_rows, case,
    order::{ORDER_EMAIL, order, post_order},
    post,
    tokens::{OTHER_ORG, bearer, claims_of, platform, trusted},
};

const OTHER: &str = "https://other.test";

/// Returns a valid bearer of the other issuer.
fn token_of(other: &Issuer) -> String {
    let claims = claims_of(OTHER_ORG).with("iss", other.name());
    other.key(Algorithm::EdDsa).token(&claims).unwrap()
}

#[case]
async fn invalid_issuer_is_503_alone_and_logged_once() {
    let other = Issuer::generate(OTHER).unwrap();
    let with = |members: Value| {
        let mut entry = other.configuration();
        let members = members.as_object().unwrap().clone();
        entry.as_object_mut().unwrap().extend(members);
        entry
    };
    let mut rows = Vec::new();
    for (name, entry) in [
        (
            "an unknown algorithm",
            with(json!({ "algorithms": ["HS256"] })),
        ),
        (
            "an unknown algorithm among others",
            with(json!({ "algorithms": ["EdDSA", "none"] })),
        ),
        ("no algorithm", with(json!({ "algorithms": [] }))),
        ("no audience", with(json!({ "audiences": [] }))),
        ("no key", with(json!({ "jwks": { "keys": [] } }))),
        (
            "no usable key",
            with(json!({ "jwks": { "keys": [{ "kty": "oct", "k": "AA" }] } })),
        ),
        ("an unknown member", with(json!({ "audience": ["x"] }))),
        (
            "a URL that keys are not fetched from",
            json!({ "issuer": OTHER, "jwks_uri": "http://keys.test/" }),
        ),
        (
            "an invalid PEM",
            json!({ "issuer": OTHER, "pem": "garbage" }),
        ),
    ] {
        let issuers = json!([entry, trusted().bearer.configuration()]).to_string();
        let host = Host::with(&[("bearer_issuers", &issuers)]).await;
        for (credential, call, expected) in [
            ("its token", post(ORDER_EMAIL).bearer(token_of(&other)), 503),
            ("another's token", post(ORDER_EMAIL).bearer(bearer()), 202),
            (
                "a platform token",
                post(ORDER_EMAIL).platform(platform()),
                202,
            ),
            (
                "its token and a platform token",
                post(ORDER_EMAIL)
                    .bearer(token_of(&other))
                    .platform(platform()),
                202,
            ),
            ("no token", post(ORDER_EMAIL), 401),
        ] {
            let answer = call.json(&order()).send(&host).await;
            rows.push((
                format!("{name}: {credential}"),
                answer.outcome().0,
                expected,
            ));
        }
        let log = host.log();
        let lines = log.lines().filter(|line| line.contains("cannot be used"));
        let lines: Vec<_> = lines.filter(|line| line.contains(OTHER)).collect();
        assert_eq!(lines.len(), 1, "{name}: {log}");
        assert!(lines[0].contains("bearer_issuers"), "{log}");
        host.stop().await;
    }
    assert_rows(rows);
}

#[case]
async fn issuers_with_a_common_name_or_key_are_503() {
    let bearer_issuer = || trusted().bearer.configuration();
    let platform_issuer = || trusted().platform.configuration();
    let renamed = |mut issuer: Value, name: &str| {
        issuer["issuer"] = name.into();
        issuer
    };
    let other = Issuer::generate(OTHER).unwrap().configuration();
    let mut rows = Vec::new();
    for (name, bearers, platforms, statuses) in [
        (
            "two of one name",
            json!([
                bearer_issuer(),
                renamed(other.clone(), trusted().bearer.name())
            ]),
            json!([platform_issuer()]),
            [503, 202],
        ),
        (
            "two of one key",
            json!([bearer_issuer(), renamed(bearer_issuer(), OTHER)]),
            json!([platform_issuer()]),
            [503, 202],
        ),
        (
            "a name of both kinds",
            json!([bearer_issuer()]),
            json!([
                platform_issuer(),
                renamed(other.clone(), trusted().bearer.name())
            ]),
            [503, 202],
        ),
        (
            "a key of both kinds",
            json!([bearer_issuer(), renamed(platform_issuer(), OTHER)]),
            json!([platform_issuer()]),
            [202, 503],
        ),
        (
            "nothing in common",
            json!([bearer_issuer(), other]),
            json!([platform_issuer()]),
            [202, 202],
        ),
    ] {
        let variables = [
            ("bearer_issuers", &*bearers.to_string()),
            ("platform_issuers", &platforms.to_string()),
        ];
        let host = Host::with(&variables).await;
        let bearer = post_order(&order()).send(&host).await.outcome().0;
        let call = post(ORDER_EMAIL).platform(platform()).json(&order());
        let platform = call.send(&host).await.outcome().0;
        rows.push((name, [bearer, platform], statuses));
        host.stop().await;
    }
    assert_rows(rows);
}
