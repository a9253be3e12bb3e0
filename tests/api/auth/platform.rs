//! Which platform tokens verify.

use serde_json::json;
use test_issuer::{Algorithm, Claims, Header, forge};

use super::{Credentials, Verdict, verdict};
use crate::support::{
    assert_rows, shared,
    tokens::{ORG, SCOPE, bearer, impostors, platform_with, signed_by, trusted},
};

fn claims() -> Claims {
    trusted().platform.claims()
}

#[tokio::test]
async fn of_each_algorithm_by_its_key() {
    let host = shared().await;
    let creator = trusted().platform.name();
    let mut rows = Vec::new();
    for algorithm in Algorithm::ALL {
        let token = trusted().platform.key(algorithm).token(&claims()).unwrap();
        let got = verdict(host, &Credentials::none().platform(token)).await;
        rows.push((algorithm.name(), got, Verdict::accepted(creator)));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn the_creator_is_the_issuer_whatever_else_is_claimed() {
    let host = shared().await;
    let token = platform_with(
        &claims()
            .org("nav")
            .consumer("0192:991825827")
            .with("urn:altinn:app", "app")
            .with("sub", "nav"),
    );
    let got = verdict(host, &Credentials::none().platform(token)).await;
    assert_eq!(got, Verdict::accepted(trusted().platform.name()));
}

#[tokio::test]
async fn times_have_a_leeway_of_ten_seconds() {
    let host = shared().await;
    let refused = || Verdict::Refused(401);
    let good = || Verdict::accepted(trusted().platform.name());
    let mut rows = Vec::new();
    for (name, claims, expected) in [
        ("without exp", claims().without("exp"), refused()),
        (
            "exp a text",
            claims().with("exp", "2100-01-01T00:00:00Z"),
            refused(),
        ),
        ("expired an hour ago", claims().expires_in(-3600), refused()),
        ("expired 15 s ago", claims().expires_in(-15), refused()),
        ("expires in 10 s", claims().expires_in(10), good()),
        ("valid in 60 s", claims().not_before_in(60), refused()),
    ] {
        let token = platform_with(&claims);
        let got = verdict(host, &Credentials::none().platform(token)).await;
        rows.push((name, got, expected));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn no_forgery_and_no_other_issuer() {
    let host = shared().await;
    let key = trusted().platform.key(Algorithm::EdDsa);
    let attacker = impostors().platform.key(Algorithm::EdDsa);
    let as_platform = |claims: Claims| claims.with("iss", trusted().platform.name());
    let mut rows = Vec::new();
    for (name, token) in [
        (
            "a bad signature",
            forge::bad_signature(key, &claims()).unwrap(),
        ),
        (
            "a wrong key",
            forge::wrong_key(key, attacker, &claims()).unwrap(),
        ),
        ("an impostor's key", attacker.token(&claims()).unwrap()),
        (
            "HMAC with the public key",
            forge::hmac_with_public_key(key, &claims()).unwrap(),
        ),
        (
            "a key embedded",
            forge::embedded_key(attacker, &claims()).unwrap(),
        ),
        ("unsigned", forge::unsigned(&claims())),
        (
            "called another algorithm",
            key.token_with(&Header::of(key).with("alg", "ES256"), &claims())
                .unwrap(),
        ),
        ("no issuer", platform_with(&claims().without("iss"))),
        (
            "another issuer",
            platform_with(&claims().with("iss", "nav")),
        ),
        (
            "the issuer in a list",
            platform_with(&claims().with("iss", json!(["ttd"]))),
        ),
        (
            "the issuer in other case",
            platform_with(&claims().with("iss", "TTD")),
        ),
        ("a good bearer", bearer()),
        (
            "a bearer's key with this issuer's name",
            signed_by(
                &trusted().bearer,
                &as_platform(trusted().bearer.claims().scope(SCOPE).org(ORG)),
            ),
        ),
        (
            "this issuer's key with the bearer's name",
            platform_with(&claims().with("iss", trusted().bearer.name())),
        ),
        (
            "with a scheme",
            format!("Bearer {}", platform_with(&claims())),
        ),
        (
            "two in one line",
            format!("{0},{0}", platform_with(&claims())),
        ),
    ] {
        let got = verdict(host, &Credentials::none().platform(token)).await;
        rows.push((name, got, Verdict::Refused(401)));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn is_no_bearer_and_a_bearer_is_none() {
    let host = shared().await;
    let swapped = Credentials::bearer(platform_with(&claims())).platform(bearer());
    assert_eq!(verdict(host, &swapped).await, Verdict::Refused(401));
}
