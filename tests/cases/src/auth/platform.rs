//! Verification of platform tokens.

use serde_json::json;
use test_issuer::{Algorithm, Claims, Header, forge};
use test_support::{
    Host, assert_rows, case,
    tokens::{
        ORG, bearer, claims_of, impostors, platform_claims, platform_with, signed_by, trusted,
    },
};

use super::{Credentials, Decision, decision};

#[case]
async fn platform_token_of_each_algorithm_is_accepted(host: &Host) {
    let creator = trusted().platform.name();
    let mut rows = Vec::new();
    for algorithm in Algorithm::ALL {
        let token = trusted()
            .platform
            .key(algorithm)
            .token(&platform_claims())
            .unwrap();
        let got = decision(host, &Credentials::none().platform(token)).await;
        rows.push((algorithm.name(), got, Decision::accepted(creator)));
    }
    assert_rows(rows);
}

#[case]
async fn creator_of_platform_token_is_its_issuer(host: &Host) {
    let token = platform_with(
        &platform_claims()
            .org("nav")
            .consumer("0192:991825827")
            .with("urn:altinn:app", "app")
            .with("sub", "nav"),
    );
    let got = decision(host, &Credentials::none().platform(token)).await;
    assert_eq!(got, Decision::accepted(trusted().platform.name()));
}

#[case]
async fn times_of_platform_token_have_ten_seconds_of_leeway(host: &Host) {
    let refused = || Decision::Refused(401);
    let accepted = || Decision::accepted(trusted().platform.name());
    let mut rows = Vec::new();
    for (name, claims, expected) in [
        ("without exp", platform_claims().without("exp"), refused()),
        (
            "exp a text",
            platform_claims().with("exp", "2100-01-01T00:00:00Z"),
            refused(),
        ),
        (
            "expired an hour ago",
            platform_claims().expires_in(-3600),
            refused(),
        ),
        (
            "expired 15 s ago",
            platform_claims().expires_in(-15),
            refused(),
        ),
        (
            "expires in 10 s",
            platform_claims().expires_in(10),
            accepted(),
        ),
        (
            "valid in 60 s",
            platform_claims().not_before_in(60),
            refused(),
        ),
    ] {
        let token = platform_with(&claims);
        let got = decision(host, &Credentials::none().platform(token)).await;
        rows.push((name, got, expected));
    }
    assert_rows(rows);
}

#[case]
async fn forged_platform_token_is_401(host: &Host) {
    let key = trusted().platform.key(Algorithm::EdDsa);
    let attacker = impostors().platform.key(Algorithm::EdDsa);
    let as_platform = |claims: Claims| claims.with("iss", trusted().platform.name());
    let mut rows = Vec::new();
    for (name, token) in [
        (
            "a bad signature",
            forge::bad_signature(key, &platform_claims()).unwrap(),
        ),
        (
            "a wrong key",
            forge::wrong_key(key, attacker, &platform_claims()).unwrap(),
        ),
        (
            "an impostor's key",
            attacker.token(&platform_claims()).unwrap(),
        ),
        (
            "HMAC with the public key",
            forge::hmac_with_public_key(key, &platform_claims()).unwrap(),
        ),
        (
            "a key embedded",
            forge::embedded_key(attacker, &platform_claims()).unwrap(),
        ),
        ("unsigned", forge::unsigned(&platform_claims())),
        (
            "called another algorithm",
            key.token_with(&Header::of(key).with("alg", "ES256"), &platform_claims())
                .unwrap(),
        ),
        (
            "no issuer",
            platform_with(&platform_claims().without("iss")),
        ),
        (
            "another issuer",
            platform_with(&platform_claims().with("iss", "nav")),
        ),
        (
            "the issuer in a list",
            platform_with(&platform_claims().with("iss", json!(["ttd"]))),
        ),
        (
            "the issuer in other case",
            platform_with(&platform_claims().with("iss", "TTD")),
        ),
        ("a valid bearer", bearer()),
        (
            "a bearer's key with this issuer's name",
            signed_by(&trusted().bearer, &as_platform(claims_of(ORG))),
        ),
        (
            "this issuer's key with the bearer's name",
            platform_with(&platform_claims().with("iss", trusted().bearer.name())),
        ),
        (
            "with a scheme",
            format!("Bearer {}", platform_with(&platform_claims())),
        ),
        (
            "two in one line",
            format!("{0},{0}", platform_with(&platform_claims())),
        ),
    ] {
        let got = decision(host, &Credentials::none().platform(token)).await;
        rows.push((name, got, Decision::Refused(401)));
    }
    assert_rows(rows);
}

#[case]
async fn swapped_bearer_and_platform_token_are_401(host: &Host) {
    let swapped = Credentials::bearer(platform_with(&platform_claims())).platform(bearer());
    assert_eq!(decision(host, &swapped).await, Decision::Refused(401));
}
