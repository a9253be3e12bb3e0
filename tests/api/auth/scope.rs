//! Which scopes let a bearer order.

use serde_json::json;
use test_issuer::Claims;

use super::{Credentials, Verdict, verdict};
use crate::support::{
    assert_rows, shared,
    tokens::{ORG, SCOPE, SERVICE_OWNER_SCOPE, bearer_with, trusted},
};

#[tokio::test]
async fn any_one_of_the_required_suffices_and_only_as_a_whole() {
    let host = shared().await;
    let claims = || trusted().bearer.claims().org(ORG);
    let among = format!("openid {SCOPE} altinn:events.publish");
    let good = || Verdict::accepted(ORG);
    let refused = || Verdict::Refused(403);
    let table: [(&str, Claims, Verdict); _] = [
        ("one", claims().scope(SCOPE), good()),
        ("the other", claims().scope(SERVICE_OWNER_SCOPE), good()),
        (
            "both",
            claims().scope(&format!("{SCOPE} {SERVICE_OWNER_SCOPE}")),
            good(),
        ),
        ("among others", claims().scope(&among), good()),
        (
            "among spaces",
            claims().scope(&format!("  x  {SCOPE} ")),
            good(),
        ),
        ("in the plain claim", claims().plain_scope(SCOPE), good()),
        (
            "among others in the plain claim",
            claims().plain_scope(&among),
            good(),
        ),
        (
            "in both claims",
            claims().scope(SCOPE).plain_scope(SCOPE),
            good(),
        ),
        (
            "beside a plain other",
            claims().scope(SCOPE).plain_scope("x"),
            good(),
        ),
        (
            "in the plain claim beside an other",
            claims().scope("x").plain_scope(SCOPE),
            refused(),
        ),
        (
            "in the plain claim beside an empty one",
            claims().scope("").plain_scope(SCOPE),
            refused(),
        ),
        (
            "in the plain claim beside one that is null",
            claims()
                .with("urn:altinn:scope", json!(null))
                .plain_scope(SCOPE),
            refused(),
        ),
        (
            "in the plain claim beside a list",
            claims()
                .with("urn:altinn:scope", json!([]))
                .plain_scope(SCOPE),
            refused(),
        ),
        ("none", claims(), refused()),
        ("empty", claims().scope(""), refused()),
        (
            "in upper case",
            claims().scope(&SCOPE.to_uppercase()),
            refused(),
        ),
        (
            "the beginning of one",
            claims().scope("altinn:notifications"),
            refused(),
        ),
        (
            "longer than one",
            claims().scope(&format!("{SCOPE}.all")),
            refused(),
        ),
        (
            "with a prefix",
            claims().scope(&format!("x{SCOPE}")),
            refused(),
        ),
        (
            "behind a comma",
            claims().scope(&format!("x,{SCOPE}")),
            refused(),
        ),
        ("a wildcard", claims().scope("altinn:*"), refused()),
    ];
    let mut rows = Vec::new();
    for (name, claims, expected) in table {
        let token = bearer_with(&claims);
        rows.push((
            name,
            verdict(host, &Credentials::bearer(token)).await,
            expected,
        ));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn a_claim_of_another_type_never_lets_in() {
    let host = shared().await;
    let mut rows = Vec::new();
    for value in [
        json!([SCOPE]),
        json!({ SCOPE: true }),
        json!(true),
        json!(1),
        json!([[SCOPE]]),
    ] {
        for claim in ["urn:altinn:scope", "scope"] {
            let claims = trusted()
                .bearer
                .claims()
                .org(ORG)
                .with(claim, value.clone());
            let got = verdict(host, &Credentials::bearer(bearer_with(&claims))).await;
            let refused = matches!(got, Verdict::Refused(401 | 403));
            rows.push((format!("{claim} {value}: {got:?}"), refused, true));
        }
    }
    assert_rows(rows);
}
