//! The scopes of bearers.

use serde_json::json;
use test_issuer::Claims;
use test_support::{
    Host, assert_rows, case,
    tokens::{ORG, SCOPE, SERVICE_OWNER_SCOPE, bearer_claims, bearer_with},
};

use super::{Credentials, Decision, assert_bearers, decision};

#[case]
async fn scope_of_bearer_must_contain_one_required_scope(host: &Host) {
    let claims = || bearer_claims().org(ORG);
    let among = format!("openid {SCOPE} altinn:events.publish");
    let accepted = || Decision::accepted(ORG);
    let refused = || Decision::Refused(403);
    let table: [(&str, Claims, Decision); _] = [
        ("one", claims().scope(SCOPE), accepted()),
        ("the other", claims().scope(SERVICE_OWNER_SCOPE), accepted()),
        (
            "both",
            claims().scope(&format!("{SCOPE} {SERVICE_OWNER_SCOPE}")),
            accepted(),
        ),
        ("among others", claims().scope(&among), accepted()),
        (
            "among spaces",
            claims().scope(&format!("  x  {SCOPE} ")),
            accepted(),
        ),
        (
            "in the plain claim",
            claims().plain_scope(SCOPE),
            accepted(),
        ),
        (
            "among others in the plain claim",
            claims().plain_scope(&among),
            accepted(),
        ),
        (
            "in both claims",
            claims().scope(SCOPE).plain_scope(SCOPE),
            accepted(),
        ),
        (
            "beside a plain other",
            claims().scope(SCOPE).plain_scope("x"),
            accepted(),
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
    assert_bearers(host, table).await;
}

#[case]
async fn scope_claim_of_another_type_is_refused(host: &Host) {
    let mut rows = Vec::new();
    for value in [
        json!([SCOPE]),
        json!({ SCOPE: true }),
        json!(true),
        json!(1),
        json!([[SCOPE]]),
    ] {
        for claim in ["urn:altinn:scope", "scope"] {
            let claims = bearer_claims().org(ORG).with(claim, value.clone());
            let got = decision(host, &Credentials::bearer(bearer_with(&claims))).await;
            let refused = matches!(got, Decision::Refused(401 | 403));
            rows.push((format!("{claim} {value}: {got:?}"), refused, true));
        }
    }
    assert_rows(rows);
}
