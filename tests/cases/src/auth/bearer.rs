//! Verification of bearers.

use std::time::Duration;

use serde_json::json;
use test_issuer::{Algorithm, Header, forge};
use test_support::{
    Host, assert_rows, case, get,
    order::{ORDER_EMAIL, order},
    post,
    tokens::{ORG, OTHER_ORG, bearer, bearer_with, claims_of, trusted},
};
use tokio::time::sleep;

use super::{Credentials, Decision, assert_bearers, decision};

#[case]
async fn bearer_of_each_algorithm_is_accepted(host: &Host) {
    let mut rows = Vec::new();
    for algorithm in Algorithm::ALL {
        let token = trusted()
            .bearer
            .key(algorithm)
            .token(&claims_of(ORG))
            .unwrap();
        let got = decision(host, &Credentials::bearer(token)).await;
        rows.push((algorithm.name(), got, Decision::accepted(ORG)));
    }
    assert_rows(rows);
}

#[case]
async fn scheme_in_any_case_is_accepted(host: &Host) {
    let mut rows = Vec::new();
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let credentials = Credentials::none().authorization(format!("{scheme} {}", bearer()));
        rows.push((
            scheme,
            decision(host, &credentials).await,
            Decision::accepted(ORG),
        ));
    }
    assert_rows(rows);
}

#[case]
async fn times_of_bearer_have_ten_seconds_of_leeway(host: &Host) {
    let refused = || Decision::Refused(401);
    let accepted = || Decision::accepted(ORG);
    let table = [
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
        ("expires in 10 s", claims_of(ORG).expires_in(10), accepted()),
        (
            "valid in an hour",
            claims_of(ORG).not_before_in(3600),
            refused(),
        ),
        // Beyond the leeway also when the host reads the token some seconds later.
        ("valid in 60 s", claims_of(ORG).not_before_in(60), refused()),
        ("valid in 5 s", claims_of(ORG).not_before_in(5), accepted()),
        (
            "valid since a minute",
            claims_of(ORG).not_before_in(-60),
            accepted(),
        ),
        ("without iat", claims_of(ORG).without("iat"), accepted()),
        ("issued in 5 s", claims_of(ORG).issued_in(5), accepted()),
        ("issued in 60 s", claims_of(ORG).issued_in(60), refused()),
    ];
    assert_bearers(host, table).await;

    // Eight of the ten seconds of leeway remain for the call.
    let just_expired = bearer_with(&claims_of(ORG).expires_in(-2));
    post(ORDER_EMAIL)
        .bearer(just_expired)
        .json(&order())
        .send(host)
        .await
        .expect(202);
}

#[case]
async fn bearer_of_another_type_or_with_critical_extensions_is_401(host: &Host) {
    let key = trusted().bearer.key(Algorithm::EdDsa);
    let header = || Header::of(key);
    let refused = || Decision::Refused(401);
    let accepted = || Decision::accepted(ORG);
    let mut rows = Vec::new();
    for (name, header, expected) in [
        ("JWT", header().with("typ", "JWT"), accepted()),
        ("jwt", header().with("typ", "jwt"), accepted()),
        ("at+jwt", header().with("typ", "at+jwt"), accepted()),
        ("AT+JWT", header().with("typ", "AT+JWT"), accepted()),
        ("no type", header().without("typ"), accepted()),
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
        let got = decision(host, &Credentials::bearer(token)).await;
        rows.push((name, got, expected));
    }
    assert_rows(rows);
}

#[case]
async fn bearer_of_an_unknown_issuer_is_401(host: &Host) {
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
            decision(host, &Credentials::bearer(token)).await,
            Decision::Refused(401),
        ));
    }
    assert_rows(rows);
}

#[case]
async fn forged_copy_of_a_verified_bearer_is_401(host: &Host) {
    let valid = bearer();
    let forged = forge::swapped_claims(
        trusted().bearer.key(Algorithm::EdDsa),
        &claims_of(ORG),
        &claims_of(OTHER_ORG),
    )
    .unwrap();
    for _ in 0..5 {
        post(ORDER_EMAIL)
            .bearer(&valid)
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
        get("/order/x").bearer(&valid).send(host).await.expect(400);
        get("/order/x").bearer(&forged).send(host).await.expect(401);
    }
}

#[case]
async fn verified_bearer_is_401_after_it_expires(host: &Host) {
    let expiring = bearer_with(&claims_of(ORG).expires_in(-4));
    let call = || post(ORDER_EMAIL).bearer(&expiring).json(&order());
    call().send(host).await.expect(202);
    // Six of the ten seconds of leeway remain.
    sleep(Duration::from_secs(8)).await;
    call().send(host).await.expect(401).problem();
}
