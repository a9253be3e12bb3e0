//! Which bearers verify.

use serde_json::json;
use test_issuer::{Algorithm, Header, forge};

use super::{Credentials, Verdict, verdict};
use crate::support::{
    assert_rows, get,
    order::{ORDER_EMAIL, order},
    post, shared,
    tokens::{ORG, SCOPE, bearer, bearer_with, claims_of, trusted},
};

#[tokio::test]
async fn of_each_algorithm_by_its_key() {
    let host = shared().await;
    let mut rows = Vec::new();
    for algorithm in Algorithm::ALL {
        let token = trusted()
            .bearer
            .key(algorithm)
            .token(&claims_of(ORG))
            .unwrap();
        let got = verdict(host, &Credentials::bearer(token)).await;
        rows.push((algorithm.name(), got, Verdict::accepted(ORG)));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn the_scheme_in_any_case() {
    let host = shared().await;
    let mut rows = Vec::new();
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let credentials = Credentials::none().authorization(format!("{scheme} {}", bearer()));
        rows.push((
            scheme,
            verdict(host, &credentials).await,
            Verdict::accepted(ORG),
        ));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn times_have_a_leeway_of_ten_seconds() {
    let host = shared().await;
    let refused = || Verdict::Refused(401);
    let good = || Verdict::accepted(ORG);
    let mut rows = Vec::new();
    for (name, claims, expected) in [
        ("without exp", claims_of(ORG).without("exp"), refused()),
        (
            "exp null",
            claims_of(ORG).with("exp", json!(null)),
            refused(),
        ),
        (
            "exp a text",
            claims_of(ORG).with("exp", "2100-01-01T00:00:00Z"),
            refused(),
        ),
        ("exp negative", claims_of(ORG).with("exp", -1), refused()),
        ("exp 0", claims_of(ORG).with("exp", 0), refused()),
        (
            "expired an hour ago",
            claims_of(ORG).expires_in(-3600),
            refused(),
        ),
        (
            "expired 15 s ago",
            claims_of(ORG).expires_in(-15),
            refused(),
        ),
        ("expires in 10 s", claims_of(ORG).expires_in(10), good()),
        (
            "valid in an hour",
            claims_of(ORG).not_before_in(3600),
            refused(),
        ),
        // Far enough beyond the leeway to be so still when it is read.
        ("valid in 60 s", claims_of(ORG).not_before_in(60), refused()),
        ("valid in 5 s", claims_of(ORG).not_before_in(5), good()),
        (
            "valid since a minute",
            claims_of(ORG).not_before_in(-60),
            good(),
        ),
        ("without iat", claims_of(ORG).without("iat"), good()),
        ("issued in 5 s", claims_of(ORG).issued_in(5), good()),
        ("issued in 60 s", claims_of(ORG).issued_in(60), refused()),
    ] {
        let token = bearer_with(&claims);
        rows.push((
            name,
            verdict(host, &Credentials::bearer(token)).await,
            expected,
        ));
    }
    assert_rows(rows);

    // Two seconds ago leaves eight for the call.
    let just_expired = bearer_with(&claims_of(ORG).expires_in(-2));
    post(ORDER_EMAIL)
        .bearer(just_expired)
        .json(&order())
        .send(host)
        .await
        .expect(202);
}

#[tokio::test]
async fn of_the_type_of_an_access_token_without_critical_extensions() {
    let host = shared().await;
    let key = trusted().bearer.key(Algorithm::EdDsa);
    let header = || Header::of(key);
    let refused = || Verdict::Refused(401);
    let good = || Verdict::accepted(ORG);
    let mut rows = Vec::new();
    for (name, header, expected) in [
        ("JWT", header().with("typ", "JWT"), good()),
        ("jwt", header().with("typ", "jwt"), good()),
        ("at+jwt", header().with("typ", "at+jwt"), good()),
        ("AT+JWT", header().with("typ", "AT+JWT"), good()),
        ("no type", header().without("typ"), good()),
        ("a null type", header().with("typ", json!(null)), refused()),
        ("an empty type", header().with("typ", ""), refused()),
        ("JOSE", header().with("typ", "JOSE"), refused()),
        ("id+jwt", header().with("typ", "id+jwt"), refused()),
        ("dpop+jwt", header().with("typ", "dpop+jwt"), refused()),
        ("logout+jwt", header().with("typ", "logout+jwt"), refused()),
        (
            "a type in a list",
            header().with("typ", json!(["JWT"])),
            refused(),
        ),
        ("empty crit", header().with("crit", json!([])), refused()),
        ("null crit", header().with("crit", json!(null)), refused()),
        ("crit", header().with("crit", json!(["exp"])), refused()),
        (
            "crit with its extension",
            header().with("crit", json!(["b64"])).with("b64", true),
            refused(),
        ),
    ] {
        let token = key.token_with(&header, &claims_of(ORG)).unwrap();
        let got = verdict(host, &Credentials::bearer(token)).await;
        rows.push((name, got, expected));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn only_of_a_configured_issuer() {
    let host = shared().await;
    let name = trusted().bearer.name();
    let mut rows = Vec::new();
    for (case, claims) in [
        ("none", claims_of(ORG).without("iss")),
        ("null", claims_of(ORG).with("iss", json!(null))),
        ("empty", claims_of(ORG).with("iss", "")),
        (
            "another",
            claims_of(ORG).with("iss", "https://unknown.test"),
        ),
        (
            "with a slash",
            claims_of(ORG).with("iss", format!("{name}/")),
        ),
        (
            "in upper case",
            claims_of(ORG).with("iss", name.to_uppercase()),
        ),
        ("in a list", claims_of(ORG).with("iss", json!([name]))),
        (
            "the platform tokens'",
            claims_of(ORG).with("iss", trusted().platform.name()),
        ),
    ] {
        let token = bearer_with(&claims);
        rows.push((
            case,
            verdict(host, &Credentials::bearer(token)).await,
            Verdict::Refused(401),
        ));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn a_verified_token_is_verified_for_what_it_is_each_time() {
    let host = shared().await;
    let good = bearer();
    let forged = forge::swapped_claims(
        trusted().bearer.key(Algorithm::EdDsa),
        &claims_of(ORG),
        &trusted().bearer.claims().scope(SCOPE).org("nav"),
    )
    .unwrap();
    for _ in 0..5 {
        post(ORDER_EMAIL)
            .bearer(&good)
            .json(&order())
            .send(host)
            .await
            .expect(202);
        post(ORDER_EMAIL)
            .bearer(&forged)
            .json(&order())
            .send(host)
            .await
            .expect(401);
        get("/order/x").bearer(&good).send(host).await.expect(400);
        get("/order/x").bearer(&forged).send(host).await.expect(401);
    }
}

#[tokio::test]
async fn a_verified_token_ends_with_its_time() {
    let host = shared().await;
    let expiring = bearer_with(&claims_of(ORG).expires_in(-4));
    let call = || post(ORDER_EMAIL).bearer(&expiring).json(&order());
    call().send(host).await.expect(202);
    // Ten seconds of leeway, of which four are over.
    tokio::time::sleep(std::time::Duration::from_secs(8)).await;
    call().send(host).await.expect(401).problem();
}
